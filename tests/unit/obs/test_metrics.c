#include "obs/metrics.h"

#include "base/memory.h"
#include "test.h"

#include <stdlib.h>

static void buckets_cover_all_values(void)
{
    for (size_t b = 0; b + 1 < WEIR_HISTOGRAM_BUCKETS_COUNT; b++) {
        uint64_t max = weir_histogram_bucket_max(b);
        EXPECT_INT(weir_histogram_bucket(max), b);
        EXPECT_INT(weir_histogram_bucket(max + 1), b + 1);
    }
    EXPECT_INT(weir_histogram_bucket(UINT64_MAX), WEIR_HISTOGRAM_BUCKETS_COUNT - 1);
    EXPECT(weir_histogram_bucket_max(WEIR_HISTOGRAM_BUCKETS_COUNT - 1) == UINT64_MAX);
    EXPECT_INT(weir_histogram_bucket(1000), 111);
    EXPECT_INT(weir_histogram_bucket_max(111), 1023);
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void quantiles_are_near(void)
{
    enum { COUNT = 10000 };
    static struct weir_histogram histogram;
    static uint64_t values[COUNT];
    uint64_t state = 1;
    for (int i = 0; i < COUNT; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        values[i] = (state >> 33) >> (state >> 60);
        weir_histogram_record(&histogram, values[i]);
    }
    qsort(values, COUNT, sizeof *values, compare);
    static const double fractions[] = {0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0};
    for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++) {
        size_t rank = (size_t)(fractions[i] * COUNT + 0.5);
        uint64_t want = values[rank ? rank - 1 : 0];
        uint64_t got = weir_histogram_quantile(&histogram, fractions[i]);
        EXPECT(got >= want && (double)got <= (double)want * 1.0625 + 1);
    }
    EXPECT(weir_histogram_quantile(&histogram, 1.0) == values[COUNT - 1]);
    static struct weir_histogram empty;
    EXPECT_INT(weir_histogram_quantile(&empty, 0.5), 0);
}

static void workers_add_up(void)
{
    struct weir_metrics workers[2], total;
    EXPECT(weir_metrics_init(&total));
    for (int i = 0; i < 2; i++) {
        EXPECT(weir_metrics_init(&workers[i]));
        weir_metrics_count(&workers[i], WEIR_METRIC_ROWS_IN, 10);
        weir_metrics_count(&workers[i], WEIR_METRIC_ROWS_IN, (uint64_t)i);
        weir_metrics_set(&workers[i], WEIR_METRIC_WATERMARK, i ? -5 : 3);
        weir_metrics_set(&workers[i], WEIR_METRIC_LAG, i ? -5 : 3);
        weir_metrics_record(&workers[i], WEIR_METRIC_BATCH_TIME, 7);
        weir_metrics_add_up(&total, &workers[i], i == 0);
    }
    EXPECT_INT(weir_metrics_get(&total, WEIR_METRIC_ROWS_IN), 21);
    EXPECT_INT(weir_metrics_get(&total, WEIR_METRIC_WATERMARK), -5);
    EXPECT_INT(weir_metrics_get(&total, WEIR_METRIC_LAG), 3);
    EXPECT_INT(total.histograms[WEIR_METRIC_BATCH_TIME]->count, 2);
    EXPECT_INT(weir_histogram_quantile(total.histograms[WEIR_METRIC_BATCH_TIME], 0.5), 7);
    weir_metrics_deinit(&workers[0]);
    weir_metrics_deinit(&workers[1]);
    weir_metrics_deinit(&total);
}

static void table_is_whole(void)
{
    for (int i = 0; i < WEIR_METRICS_COUNT; i++) {
        EXPECT(strncmp(weir_metric_infos()[i].name, "weir_", 5) == 0);
        EXPECT(weir_metric_infos()[i].help[0] != '\0');
    }
}

static void lack_of_memory_is_told(void)
{
    struct weir_metrics metrics;
    (void)weir_memory_fail_at(2);
    EXPECT(!weir_metrics_init(&metrics));
    (void)weir_memory_fail_at(0);
    weir_metrics_record(&metrics, WEIR_METRIC_LATENCY, 1); /* off, not broken */
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(buckets_cover_all_values), TEST_CASE(quantiles_are_near),
        TEST_CASE(workers_add_up),           TEST_CASE(table_is_whole),
        TEST_CASE(lack_of_memory_is_told),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
