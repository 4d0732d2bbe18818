/* Aggregates over many rows: overflow, exactness, retraction, the error of sketches. */
#include "aggregate_run.h"

#include <math.h>
#include <stdlib.h>

static uint64_t random_state;
static uint64_t random_next(void) /* splitmix64 */
{
    uint64_t z = (random_state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}
static double random_unit(void)
{
    return (double)(random_next() >> 11) * 0x1p-53;
}

/* One group of fixed-width rows, fed a batch at a time. */
struct feed {
    struct run run;
    _Alignas(16) uint8_t state[RUN_STATE_MAX];
};

static bool feed_begin(struct feed *feed, const char *name, const char *type, const char *fraction,
                       const char *fraction_type)
{
    run_init(&feed->run);
    memset(feed->state, 0, sizeof feed->state);
    feed->run.args[0] = weir_column_nulls(run_type(&feed->run.arena, type), 1);
    feed->run.args[0].encoding = WEIR_FLAT;
    feed->run.args_count = 1;
    if (fraction) {
        feed->run.args[1] = run_constant(&feed->run.arena, fraction_type, fraction);
        feed->run.args_count = 2;
    }
    return EXPECT(run_resolve(&feed->run, name, false));
}

static void feed_rows(struct feed *feed, const void *values, uint32_t count, const int64_t *weights)
{
    const struct weir_type *type = feed->run.args[0].type;
    struct weir_aggregate_call call = run_call(&feed->run);
    call.state = feed->state;
    for (uint32_t done = 0; done < count; done += RUN_ROWS_MAX) {
        uint32_t some = count - done < RUN_ROWS_MAX ? count - done : RUN_ROWS_MAX;
        feed->run.args[0] =
            (struct weir_column){.type = type,
                                 .encoding = WEIR_FLAT,
                                 .rows_count = some,
                                 .values = (const char *)values + done * weir_type_width(type)};
        feed->run.args[1].rows_count = some;
        call.rows_count = some;
        call.weights = weights ? weights + done : NULL;
        feed->run.match.aggregate->ops->update(&call);
    }
}

static const char *feed_result(struct feed *feed)
{
    uint8_t *state = feed->state;
    if (!run_finish(&feed->run, &state, 1, 0, 0))
        snprintf(feed->run.text, sizeof feed->run.text, "%d", (int)feed->run.errors.status);
    return feed->run.text;
}

static void feed_end(struct feed *feed)
{
    run_drop(&feed->run, feed->state);
    run_deinit(&feed->run);
}

static struct feed feed;

static void sums_overflow(void)
{
    const int32_t two[] = {2};
    const int64_t many[] = {INT64_MAX / 2};
    feed_begin(&feed, "sum", "integer", NULL, NULL);
    feed_rows(&feed, two, 1, many);
    EXPECT_STRING(feed_result(&feed), "9223372036854775806");
    feed_rows(&feed, two, 1, NULL);
    EXPECT_INT(feed.run.errors.status, WEIR_E_OVERFLOW);
    EXPECT_STRING(feed.run.error.message, "sum: BIGINT out of range");
    feed_end(&feed);

    feed_begin(&feed, "sum", "integer", NULL, NULL);
    feed.run.errors.null_on_error = true;
    feed_rows(&feed, two, 1, many);
    feed_rows(&feed, two, 1, NULL);
    feed_rows(&feed, two, 1, NULL);
    EXPECT_STRING(feed_result(&feed), "NULL");
    EXPECT(feed.run.errors.nulled_count > 0);
    feed_end(&feed);

    weir_i128 great[2];
    const int64_t times[] = {INT64_MAX / 2, 1}, back[] = {1 - INT64_MAX / 2, -1};
    great[0] = weir_decimal_pow10(38) - 1;
    great[1] = -1;
    feed_begin(&feed, "sum", "decimal(38,0)", NULL, NULL);
    feed_rows(&feed, great, 2, times);
    feed_rows(&feed, great, 2, back);
    EXPECT_STRING(feed_result(&feed), "99999999999999999999999999999999999999");
    feed_rows(&feed, great, 1, NULL);
    feed_result(&feed);
    EXPECT_INT(feed.run.errors.status, WEIR_E_OVERFLOW);
    feed_end(&feed);

    const double huge[] = {1.7e308, 1.7e308};
    feed_begin(&feed, "sum", "double", NULL, NULL);
    feed_rows(&feed, huge, 2, NULL);
    EXPECT_INT(feed.run.errors.status, WEIR_E_OVERFLOW);
    feed_end(&feed);

    const float great_floats[] = {3e38F, 3e38F};
    feed_begin(&feed, "sum", "real", NULL, NULL);
    feed_rows(&feed, great_floats, 2, NULL);
    feed_result(&feed);
    EXPECT_INT(feed.run.errors.status, WEIR_E_OVERFLOW);
    feed_end(&feed);
}

/* Values of very different size come and go; what stays must be exact. */
static void floats_retract(void)
{
    const double values[] = {1e20, 0.1,  (double)NAN, (double)INFINITY,
                             0.2,  1e20, (double)NAN, (double)INFINITY};
    const int64_t weights[] = {1, 1, 1, 2, 1, -1, -1, -2};
    static const char *const names[] = {"sum", "avg", "var_pop"};
    static const char *const results[] = {"0.30000000000000004", "0.15000000000000002", "0.0025"};
    for (unsigned i = 0; i < 2; i++) {
        feed_begin(&feed, names[i], "double", NULL, NULL);
        feed_rows(&feed, values, 3, weights);
        EXPECT_STRING(feed_result(&feed), "NaN");
        feed_rows(&feed, values + 3, 5, weights + 3);
        EXPECT_STRING(feed_result(&feed), results[i]);
        const int64_t minus[] = {-1, -1};
        const double rest[] = {0.2, 0.1};
        feed_rows(&feed, rest, 2, minus);
        EXPECT_STRING(feed_result(&feed), "NULL");
        feed_end(&feed);
    }
}

static void variance_is_exact(void)
{
    static int64_t values[100000];
    long double mean = 0;
    random_state = 1;
    for (unsigned i = 0; i < 100000; i++) {
        values[i] = INT64_C(1000000000000000) + (int64_t)(random_next() % 1000);
        mean += (long double)(values[i] - INT64_C(1000000000000000));
    }
    mean /= 100000;
    long double squares = 0;
    for (unsigned i = 0; i < 100000; i++) {
        long double difference = (long double)(values[i] - INT64_C(1000000000000000)) - mean;
        squares += difference * difference;
    }
    feed_begin(&feed, "var_samp", "bigint", NULL, NULL);
    feed_rows(&feed, values, 100000, NULL);
    double got = strtod(feed_result(&feed), NULL), want = (double)(squares / 99999);
    EXPECT(fabs(got - want) <= 1e-12 * want);
    feed_end(&feed);

    static double doubles[100000];
    for (unsigned i = 0; i < 100000; i++)
        doubles[i] = (double)values[i];
    feed_begin(&feed, "var_samp", "double", NULL, NULL);
    feed_rows(&feed, doubles, 100000, NULL);
    got = strtod(feed_result(&feed), NULL);
    EXPECT(fabs(got - want) <= 1e-12 * want);
    feed_end(&feed);
}

/* A million doubles in one group: the reduction in lanes against extended precision. */
static void float_sums_are_close(void)
{
    static double values[1000000];
    long double sum = 0, magnitude = 0;
    random_state = 2;
    for (unsigned i = 0; i < 1000000; i++) {
        values[i] = (random_unit() - 0.5) * 1e6;
        sum += (long double)values[i];
        magnitude += fabsl((long double)values[i]);
    }
    feed_begin(&feed, "sum", "double", NULL, NULL);
    feed_rows(&feed, values, 1000000, NULL);
    EXPECT(fabs(strtod(feed_result(&feed), NULL) - (double)sum) <= 1e-12 * (double)magnitude);
    feed_end(&feed);
}

static void distinct_is_near(void)
{
    static int64_t values[20000];
    random_state = 3;
    for (unsigned target = 100; target <= 1000000; target *= 10) {
        feed_begin(&feed, "approx_distinct", "bigint", NULL, NULL);
        for (unsigned done = 0; done < target; done += 10000) {
            unsigned some = target - done < 10000 ? target - done : 10000;
            for (unsigned i = 0; i < some; i++)
                values[i] = values[some + i] = (int64_t)((done + i) * 7);
            feed_rows(&feed, values, some * 2, NULL);
        }
        double got = strtod(feed_result(&feed), NULL), error = fabs(got - target) / target;
        EXPECT(target <= 768 ? error == 0 : error < 3 * 0.0081);
        feed_end(&feed);
    }
}

/* Half the values in each of two states. */
static void distinct_merges(void)
{
    static int64_t values[60000];
    static struct feed other;
    for (unsigned i = 0; i < 60000; i++)
        values[i] = i;
    feed_begin(&feed, "approx_distinct", "bigint", NULL, NULL);
    feed_rows(&feed, values, 40000, NULL);
    double whole = 0;
    feed_begin(&other, "approx_distinct", "bigint", NULL, NULL);
    feed_rows(&other, values, 60000, NULL);
    whole = strtod(feed_result(&other), NULL);
    feed_end(&other);
    _Alignas(16) uint8_t second[RUN_STATE_MAX] = {0};
    struct weir_aggregate_call call = run_call(&feed.run);
    memcpy(second, feed.state, sizeof second);
    memset(feed.state, 0, sizeof feed.state);
    feed_rows(&feed, values + 30000, 30000, NULL);
    call.state_offset = 0;
    feed.run.match.aggregate->ops->merge(&call, feed.state, second);
    EXPECT(strtod(feed_result(&feed), NULL) == whole);
    feed_end(&feed);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void percentiles_are_near(void)
{
    static double values[200000];
    static const char *const fractions[] = {"0",   "0.001", "0.01",  "0.25",
                                            "0.5", "0.9",   "0.999", "1"};
    static const double tolerance[] = {0, 0.0005, 0.002, 0.01, 0.01, 0.01, 0.0005, 0};
    random_state = 4;
    for (unsigned i = 0; i < 200000; i++)
        values[i] = -log(1 - random_unit());
    static double sorted[200000];
    memcpy(sorted, values, sizeof values);
    qsort(sorted, 200000, sizeof *sorted, compare_doubles);
    for (unsigned f = 0; f < 8; f++) {
        feed_begin(&feed, "approx_percentile", "double", fractions[f], "double");
        feed_rows(&feed, values, 200000, NULL);
        double got = strtod(feed_result(&feed), NULL);
        unsigned rank = 0;
        while (rank < 199999 && sorted[rank] < got)
            rank++;
        double error = fabs(rank / 199999.0 - strtod(fractions[f], NULL));
        EXPECT(error <= tolerance[f]);
        feed_end(&feed);
    }
}

/* Value v occurs about 100000 / v times among many that occur once. */
static void frequent_values_are_found(void)
{
    static int64_t values[1000000];
    random_state = 5;
    unsigned count = 0;
    for (unsigned v = 1; v <= 5; v++)
        for (unsigned i = 0; i < 100000 / v; i++)
            values[count++] = v;
    while (count < 1000000)
        values[count++] = (int64_t)(random_next() >> 2) | INT64_C(1) << 60;
    for (unsigned i = count - 1; i > 0; i--) {
        unsigned k = (unsigned)(random_next() % (i + 1));
        int64_t held = values[i];
        values[i] = values[k];
        values[k] = held;
    }
    feed_begin(&feed, "approx_top_k", "bigint", "5", "bigint");
    feed_rows(&feed, values, count, NULL);
    const char *text = feed_result(&feed);
    long previous = 0;
    for (unsigned v = 1; v <= 5; v++) {
        long value = 0, times = 0;
        const char *at = strchr(text, '(');
        EXPECT(at && sscanf(at, "(%ld,%ld)", &value, &times) == 2);
        if (!at)
            break;
        EXPECT_INT(value, v);
        EXPECT(times >= 100000 / (long)v && times <= 100000 / (long)v + 1000000 / 20);
        EXPECT(!previous || times <= previous);
        previous = times;
        text = at + 1;
    }
    feed_end(&feed);
}

/* A window that slides over many values: memory follows what is in it, not what has been. */
static void medians_slide(void)
{
    static double values[4096];
    static int64_t weights[4096];
    feed_begin(&feed, "median", "double", NULL, NULL);
    for (unsigned round = 0; round < 500; round++) {
        for (unsigned i = 0; i < 1000; i++) {
            values[i] = round * 1000.0 + i;
            weights[i] = 1;
            values[1000 + i] = (round - 1) * 1000.0 + i;
            weights[1000 + i] = -1;
        }
        feed_rows(&feed, values, round ? 2000 : 1000, weights);
    }
    EXPECT_STRING(feed_result(&feed), "499499.5");
    EXPECT(weir_arena_size(&feed.run.heap.arena) < 1 << 20);
    feed_end(&feed);
}

static void sorted_of_any_shape(void)
{
    static double values[50000];
    for (unsigned shape = 0; shape < 5; shape++) {
        for (unsigned i = 0; i < 50000; i++)
            values[i] = shape == 0   ? i
                        : shape == 1 ? 50000 - i
                        : shape == 2 ? i % 7
                        : shape == 3 ? (i < 25000 ? i : 50000 - i)
                                     : 1;
        static double sorted[50000];
        memcpy(sorted, values, sizeof values);
        qsort(sorted, 50000, sizeof *sorted, compare_doubles);
        feed_begin(&feed, "median", "double", NULL, NULL);
        feed_rows(&feed, values, 50000, NULL);
        EXPECT(strtod(feed_result(&feed), NULL) == (sorted[24999] + sorted[25000]) / 2);
        feed_end(&feed);
    }
}

static void constants_count_every_row(void)
{
    static struct run run;
    static const char *const names[] = {"count", "sum", "avg", "min", "stddev_pop"};
    static const char *const results[] = {"7", "21", "3", "3", "0"};
    for (unsigned i = 0; i < 5; i++) {
        run_init(&run);
        run.args[0] = run_constant(&run.arena, "integer", "3");
        run.args[0].rows_count = run.rows_count = 7;
        run.args_count = 1;
        if (!EXPECT(run_resolve(&run, names[i], false)))
            continue;
        _Alignas(16) uint8_t row[RUN_STATE_MAX] = {0};
        uint8_t *state = row;
        struct weir_aggregate_call call = run_call(&run);
        call.state = row;
        run.match.aggregate->ops->update(&call);
        run_finish(&run, &state, 1, 0, 0);
        EXPECT_STRING(run.text, results[i]);
        run_drop(&run, row);
        run_deinit(&run);
    }
}

static void rows_are_counted(void)
{
    static struct run run;
    run_init(&run);
    run.rows_count = 5;
    EXPECT(run_resolve(&run, "count", false));
    _Alignas(16) uint8_t rows[2][RUN_STATE_MAX] = {{0}};
    uint8_t *const states[] = {rows[0], rows[1], rows[1], rows[0], rows[1]};
    uint8_t *const both[] = {rows[0], rows[1]};
    const int64_t weights[] = {1, 1, -1, 5, 1};
    struct weir_aggregate_call call = run_call(&run);
    call.states = states;
    call.state_offset = 8;
    run.match.aggregate->ops->update(&call);
    call.weights = weights;
    run.match.aggregate->ops->update(&call);
    run_finish(&run, both, 2, 8, 0);
    EXPECT_STRING(run.text, "8");
    run_finish(&run, both, 2, 8, 1);
    EXPECT_STRING(run.text, "4");
    run_deinit(&run);
}

static void bad_calls_are_refused(void)
{
    static struct run run;
    static const struct {
        const char *name, *type, *constant_type, *constant;
        enum weir_status status;
    } calls[] = {
        {"min", "boolean", NULL, NULL, WEIR_E_UNKNOWN_FUNCTION},
        {"max", "json", NULL, NULL, WEIR_E_UNKNOWN_FUNCTION},
        {"sum", "text", NULL, NULL, WEIR_E_UNKNOWN_FUNCTION},
        {"bit_and", "double", NULL, NULL, WEIR_E_UNKNOWN_FUNCTION},
        {"stddev", "date", NULL, NULL, WEIR_E_UNKNOWN_FUNCTION},
        {"approx_percentile", "double", "double", "1.5", WEIR_E_BAD_ARGUMENT},
        {"approx_top_k", "double", "bigint", "0", WEIR_E_BAD_ARGUMENT},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(calls); i++) {
        run_init(&run);
        run.args[0] = run_column(&run.arena, calls[i].type, "{}");
        run.args_count = 1;
        if (calls[i].constant) {
            run.args[1] = run_constant(&run.arena, calls[i].constant_type, calls[i].constant);
            run.args_count = 2;
        }
        EXPECT(!run_resolve(&run, calls[i].name, false));
        EXPECT_INT(run.error.code, calls[i].status);
        run_deinit(&run);
    }
}

static void null_keys_fail(void)
{
    static struct run run;
    run_init(&run);
    run.args[0] = run_column(&run.arena, "text", "{a,NULL}");
    run.args[1] = run_column(&run.arena, "integer", "{1,2}");
    run.args_count = run.rows_count = 2;
    EXPECT(run_resolve(&run, "json_object_agg", false));
    _Alignas(16) uint8_t row[RUN_STATE_MAX] = {0};
    struct weir_aggregate_call call = run_call(&run);
    call.state = row;
    run.match.aggregate->ops->update(&call);
    EXPECT_INT(run.errors.status, WEIR_E_BAD_ARGUMENT);
    EXPECT_INT(run.errors.lane, 1);
    run_drop(&run, row);
    run_deinit(&run);
}

/* Lists and structs as values: built from JSON-free Postgres text. */
static void nested_values_survive(void)
{
    static struct run run;
    static const struct {
        const char *name, *result;
    } calls[] = {{"min", "{}"},
                 {"max", "{1,NULL}"},
                 {"first_value", "{1,3}"},
                 {"last_value", "{}"},
                 {"any_value", "{1,3}"},
                 {"array_agg", "{{1,3},{1,2},NULL,{1,NULL},{}}"},
                 {"json_agg", "[[1,3], \n [1,2], null, \n [1,null], \n []]"},
                 {"approx_distinct", "4"}};
    for (size_t i = 0; i < WEIR_COUNT_OF(calls); i++) {
        run_init(&run);
        struct weir_builder builder;
        EXPECT(weir_builder_init(&builder, run_type(&run.arena, "integer[]"), &run.arena, NULL) ==
               WEIR_OK);
        static const char *const lists[] = {"{1,3}", "{1,2}", NULL, "{1,NULL}", "{}"};
        for (unsigned k = 0; k < 5; k++) {
            if (lists[k])
                EXPECT(weir_text_parse_into(&builder, weir_slice_from_string(lists[k]), NULL,
                                            NULL) == WEIR_PARSE_OK);
            else
                EXPECT(weir_builder_append_null(&builder, NULL) == WEIR_OK);
        }
        run.args[0] = weir_builder_column(&builder);
        run.args_count = 1;
        run.rows_count = 5;
        if (!EXPECT(run_resolve(&run, calls[i].name, false)))
            continue;
        _Alignas(16) uint8_t row[2][RUN_STATE_MAX] = {{0}};
        uint8_t *state = row[0];
        struct weir_aggregate_call call = run_call(&run);
        call.state = row[1];
        run.match.aggregate->ops->update(&call);
        run.match.aggregate->ops->merge(&call, row[0], row[1]);
        run_finish(&run, &state, 1, 0, 0);
        EXPECT_STRING(run.text, calls[i].result);
        run_drop(&run, row[0]);
        run_deinit(&run);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(sums_overflow),
                                             TEST_CASE(floats_retract),
                                             TEST_CASE(variance_is_exact),
                                             TEST_CASE(float_sums_are_close),
                                             TEST_CASE(distinct_is_near),
                                             TEST_CASE(distinct_merges),
                                             TEST_CASE(percentiles_are_near),
                                             TEST_CASE(frequent_values_are_found),
                                             TEST_CASE(medians_slide),
                                             TEST_CASE(sorted_of_any_shape),
                                             TEST_CASE(constants_count_every_row),
                                             TEST_CASE(rows_are_counted),
                                             TEST_CASE(bad_calls_are_refused),
                                             TEST_CASE(null_keys_fail),
                                             TEST_CASE(nested_values_survive)};
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
