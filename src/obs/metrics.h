/* Metric handles: counters, gauges and histograms, cheap enough for every batch.
 *
 * One struct weir_metrics belongs to one writer (a worker); others may read it at any time.
 * Adding is a plain load and store, without a bus lock; sums over workers are made by the reader
 * with weir_metrics_add_up. Exporters live elsewhere and walk weir_metric_info.
 *
 * Histograms are log-linear: 16 buckets for each power of two, so a value is known to 1/16 (6 %)
 * over the whole range of 64 bits; below 16 exactly. Bucket of v >= 16, with e = position of the
 * highest bit: (e - 3) * 16 + next four bits. v = 1000: e = 9, bits 1111 -> bucket 111, which
 * holds 992 … 1023. */
#ifndef WEIR_OBS_METRICS_H
#define WEIR_OBS_METRICS_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum weir_metric {
#define WEIR_METRIC(symbol, name, kind, help) WEIR_METRIC_##symbol,
#include "obs/metrics.def"
#undef WEIR_METRIC
    WEIR_METRICS_COUNT
};

enum weir_metric_kind { WEIR_METRIC_COUNTER, WEIR_METRIC_GAUGE, WEIR_METRIC_HISTOGRAM };

struct weir_metric_info {
    const char *name;
    enum weir_metric_kind kind;
    const char *help;
};
/* WEIR_METRICS_COUNT entries, indexed by enum weir_metric. */
const struct weir_metric_info *weir_metric_infos(void);

enum { WEIR_HISTOGRAM_BUCKETS_COUNT = 61 * 16 };

struct weir_histogram {
    _Atomic uint64_t counts[WEIR_HISTOGRAM_BUCKETS_COUNT];
    _Atomic uint64_t count;
    _Atomic uint64_t sum; /* wraps */
    _Atomic uint64_t max;
};

/* The writer's own: zero-initialize. */
struct weir_metrics {
    _Atomic uint64_t values[WEIR_METRICS_COUNT];           /* gauges as two's complement */
    struct weir_histogram *histograms[WEIR_METRICS_COUNT]; /* NULL: off, or no histogram */
};

/* Adds to what only this thread writes. */
WEIR_INLINE void weir_metric_raise(_Atomic uint64_t *value, uint64_t amount)
{
    uint64_t now = atomic_load_explicit(value, memory_order_relaxed);
    atomic_store_explicit(value, now + amount, memory_order_relaxed);
}
WEIR_INLINE void weir_metrics_count(struct weir_metrics *metrics, enum weir_metric metric,
                                    uint64_t amount)
{
    weir_metric_raise(&metrics->values[metric], amount);
}
WEIR_INLINE void weir_metrics_set(struct weir_metrics *metrics, enum weir_metric metric,
                                  int64_t value)
{
    atomic_store_explicit(&metrics->values[metric], (uint64_t)value, memory_order_relaxed);
}
WEIR_INLINE uint64_t weir_metrics_get(const struct weir_metrics *metrics, enum weir_metric metric)
{
    return atomic_load_explicit(&metrics->values[metric], memory_order_relaxed);
}

/* Gives the metrics their histograms; false when memory has run out. */
WEIR_CHECKED bool weir_metrics_init(struct weir_metrics *metrics);
void weir_metrics_deinit(struct weir_metrics *metrics);
void weir_metrics_record(struct weir_metrics *metrics, enum weir_metric metric, uint64_t value);
/* total += metrics, metric by metric: counters, gauges and histograms; total is the caller's own.
 * Watermark and lag do not add up: of them the smallest and the greatest are kept. */
void weir_metrics_add_up(struct weir_metrics *total, const struct weir_metrics *metrics,
                         bool first);

void weir_histogram_record(struct weir_histogram *histogram, uint64_t value);
void weir_histogram_add_up(struct weir_histogram *total, const struct weir_histogram *histogram);
/* The smallest value v such that at least fraction (0 … 1) of all values are in buckets up to
 * v's; the upper end of that bucket, at most the maximum seen. 0 when empty. */
uint64_t weir_histogram_quantile(const struct weir_histogram *histogram, double fraction);
/* Bucket of a value, and the greatest value of a bucket. */
size_t weir_histogram_bucket(uint64_t value);
uint64_t weir_histogram_bucket_max(size_t bucket);

#endif
