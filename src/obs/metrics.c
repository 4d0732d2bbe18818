/* Metrics: the table of what there is, histograms, and summing over workers.
 * Every field is written by one thread and read by any; relaxed atomics are enough, since no
 * metric says anything about another. Tested in tests/unit/obs/test_metrics.c. */
#include "obs/metrics.h"

#include "base/memory.h"

enum { SUB_BITS = 4, SUB_COUNT = 1 << SUB_BITS };

const struct weir_metric_info *weir_metric_infos(void)
{
    static const struct weir_metric_info infos[] = {
#define WEIR_METRIC(symbol, name, kind, help) {name, WEIR_METRIC_##kind, help},
#include "obs/metrics.def"
#undef WEIR_METRIC
    };
    return infos;
}

bool weir_metrics_init(struct weir_metrics *metrics)
{
    memset(metrics, 0, sizeof *metrics);
    for (int i = 0; i < WEIR_METRICS_COUNT; i++) {
        if (weir_metric_infos()[i].kind != WEIR_METRIC_HISTOGRAM)
            continue;
        metrics->histograms[i] = weir_calloc(1, sizeof(struct weir_histogram));
        if (!metrics->histograms[i]) {
            weir_metrics_deinit(metrics);
            return false;
        }
    }
    return true;
}

void weir_metrics_deinit(struct weir_metrics *metrics)
{
    for (int i = 0; i < WEIR_METRICS_COUNT; i++)
        weir_free(metrics->histograms[i]);
    memset(metrics, 0, sizeof *metrics);
}

void weir_metrics_record(struct weir_metrics *metrics, enum weir_metric metric, uint64_t value)
{
    if (metrics->histograms[metric])
        weir_histogram_record(metrics->histograms[metric], value);
}

static uint64_t combined(enum weir_metric metric, uint64_t total, uint64_t value)
{
    if (metric == WEIR_METRIC_WATERMARK)
        return (int64_t)value < (int64_t)total ? value : total;
    if (metric == WEIR_METRIC_LAG)
        return (int64_t)value > (int64_t)total ? value : total;
    return total + value;
}

void weir_metrics_add_up(struct weir_metrics *total, const struct weir_metrics *metrics, bool first)
{
    for (int i = 0; i < WEIR_METRICS_COUNT; i++) {
        enum weir_metric metric = (enum weir_metric)i;
        uint64_t value = weir_metrics_get(metrics, metric);
        if (!first)
            value = combined(metric, weir_metrics_get(total, metric), value);
        atomic_store_explicit(&total->values[i], value, memory_order_relaxed);
        if (total->histograms[i] && metrics->histograms[i])
            weir_histogram_add_up(total->histograms[i], metrics->histograms[i]);
    }
}

size_t weir_histogram_bucket(uint64_t value)
{
    if (value < SUB_COUNT)
        return (size_t)value;
    unsigned exponent = 63u - (unsigned)__builtin_clzll(value);
    uint64_t sub = value >> (exponent - SUB_BITS) & (SUB_COUNT - 1);
    return (exponent - SUB_BITS + 1) * SUB_COUNT + (size_t)sub;
}

uint64_t weir_histogram_bucket_max(size_t bucket)
{
    if (bucket < SUB_COUNT)
        return bucket;
    unsigned shift = (unsigned)(bucket / SUB_COUNT) - 1;
    uint64_t first = (uint64_t)(SUB_COUNT + bucket % SUB_COUNT) << shift;
    return first + ((UINT64_C(1) << shift) - 1);
}

void weir_histogram_record(struct weir_histogram *histogram, uint64_t value)
{
    weir_metric_raise(&histogram->counts[weir_histogram_bucket(value)], 1);
    weir_metric_raise(&histogram->count, 1);
    weir_metric_raise(&histogram->sum, value);
    if (value > atomic_load_explicit(&histogram->max, memory_order_relaxed))
        atomic_store_explicit(&histogram->max, value, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
}

void weir_histogram_add_up(struct weir_histogram *total, const struct weir_histogram *histogram)
{
    for (size_t i = 0; i < WEIR_HISTOGRAM_BUCKETS_COUNT; i++)
        weir_metric_raise(&total->counts[i], get(&histogram->counts[i]));
    weir_metric_raise(&total->count, get(&histogram->count));
    weir_metric_raise(&total->sum, get(&histogram->sum));
    if (get(&histogram->max) > get(&total->max))
        atomic_store_explicit(&total->max, get(&histogram->max), memory_order_relaxed);
}

uint64_t weir_histogram_quantile(const struct weir_histogram *histogram, double fraction)
{
    uint64_t total = 0;
    for (size_t i = 0; i < WEIR_HISTOGRAM_BUCKETS_COUNT; i++)
        total += get(&histogram->counts[i]);
    if (total == 0)
        return 0;
    double wanted = fraction * (double)total;
    uint64_t max = get(&histogram->max);
    uint64_t seen = 0;
    for (size_t i = 0; i < WEIR_HISTOGRAM_BUCKETS_COUNT; i++) {
        seen += get(&histogram->counts[i]);
        if (seen > 0 && (double)seen >= wanted) {
            uint64_t upper = weir_histogram_bucket_max(i);
            return upper < max ? upper : max;
        }
    }
    return max;
}
