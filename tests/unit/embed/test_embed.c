/* Engines inside a program: several at once, each on a thread of its own, must neither share what
 * they change nor wait for each other. `make check-tsan` runs this under ThreadSanitizer. */
#include "weir/weir.h"

#include "sys/thread.h"
#include "test.h"

enum { THREADS = 4, ROUNDS = 2, QUERIES_MAX = 16 };

/* Each gives BIGINT columns without nulls. Between them: every format's decoder, time zones,
 * patterns, regular expressions, windows, joins, sorting, sketches, errors in expressions. */
static const char *const queries[] = {
    "SELECT count(*), sum(distance)::BIGINT, max(length(tailnum))::BIGINT"
    " FROM 'examples/data/flights-2013-01.csv.gz' WHERE TRY_CAST(dep_delay AS INT) > 5",
    "SELECT count(*) FROM 'examples/data/access.ndjson'",
    "SELECT f.flight::BIGINT, count(*) FROM 'examples/data/flights-2013-01.csv.gz' f"
    " JOIN 'examples/data/airlines.csv' a ON a.carrier = f.carrier"
    " GROUP BY f.flight ORDER BY 2 DESC, 1 LIMIT 20",
    "SELECT sum(length(regexp_replace(i::TEXT, '(\\d)\\1', 'x', 'g')))::BIGINT"
    " FROM generate_series(1, 20000) AS g(i)",
    "SELECT sum(extract(hour FROM to_timestamp(i * 9999) AT TIME ZONE 'America/New_York'))::BIGINT,"
    " sum(length(to_char(to_timestamp(i * 9999), 'Day DD Month YYYY HH12:MI:SS TZ')))::BIGINT"
    " FROM generate_series(1, 5000) AS g(i)",
    "CREATE TABLE ticks WITH (connector = 'impulse', message_count = '20000',"
    " event_time_interval = '10 ms', event_rate = '1000000000');"
    "SELECT count(*), sum(counter)::BIGINT, count(DISTINCT counter % 7) FROM ticks"
    " GROUP BY hop(INTERVAL '5 seconds', INTERVAL '20 seconds')",
    "SELECT i::BIGINT, sum(i) OVER (ORDER BY i ROWS 3 PRECEDING)::BIGINT,"
    " (('{\"a\":' || i || '}')::JSONB ->> 'a')::BIGINT, approx_count_distinct(i) OVER ()"
    " FROM generate_series(1, 300) AS g(i)",
    "SELECT count(TRY(1 / (i % 5))), sum(length(upper('straße' || i)))::BIGINT"
    " FROM generate_series(1, 9000) AS g(i)",
    "SELECT 1 / (i - 400)::BIGINT FROM generate_series(1, 1000) AS g(i)", /* fails */
    "SELECT nonsense FROM nowhere",                                       /* is wrong */
};

struct answers {
    uint64_t digest[QUERIES_MAX];
    int code[QUERIES_MAX];
    bool left_out[QUERIES_MAX]; /* this build lacks a library for it */
    struct ArrowArray last;     /* handed to another thread */
    bool opened;
};

struct reading {
    uint64_t digest;
    int64_t columns_count;
    struct ArrowArray *last;
};

static int receive_schema(void *context, struct ArrowSchema *schema)
{
    struct reading *reading = context;
    reading->columns_count = schema->n_children;
    return 0;
}

static int receive_rows(void *context, struct ArrowArray *array)
{
    struct reading *reading = context;
    for (int64_t i = 0; i < reading->columns_count; i++) {
        const struct ArrowArray *column = array->children[i];
        const int64_t *values = column->buffers[1];
        for (int64_t row = 0; row < column->length; row++)
            reading->digest = reading->digest * 31 + (uint64_t)values[column->offset + row];
    }
    if (reading->last->release)
        reading->last->release(reading->last);
    *reading->last = *array;
    array->release = NULL;
    return 0;
}

static void ask(struct answers *answers)
{
    struct weir *weir;
    answers->opened = weir_open(&weir) == 0;
    for (size_t i = 0; answers->opened && i < sizeof queries / sizeof *queries; i++) {
        struct reading reading = {.last = &answers->last};
        struct weir_receiver receiver = {receive_schema, receive_rows, &reading};
        answers->code[i] = weir_query(weir, queries[i], &receiver);
        answers->digest[i] = reading.digest;
        answers->left_out[i] = answers->code[i] && strstr(weir_error_text(weir), "this build ");
        if (answers->code[i] == 0 && reading.columns_count == 0)
            answers->code[i] = -1;
    }
    weir_close(weir);
}

static void ask_often(void *context)
{
    struct answers *answers = context;
    for (int i = 0; i < ROUNDS; i++)
        ask(answers);
}

static void let_go(struct answers *answers)
{
    if (answers->last.release)
        answers->last.release(&answers->last);
}

static void engines_side_by_side(void)
{
    struct answers alone = {.opened = false}, together[THREADS];
    struct weir_thread threads[THREADS];
    memset(together, 0, sizeof together);
    ask(&alone);
    EXPECT(alone.opened);
    for (int i = 0; i < THREADS; i++)
        EXPECT_INT(weir_thread_start(&threads[i], "engine", ask_often, &together[i], NULL), 0);
    for (int i = 0; i < THREADS; i++)
        weir_thread_join(&threads[i]);
    for (size_t k = 0; k < sizeof queries / sizeof *queries; k++) {
        EXPECT_INT(alone.code[k], strstr(queries[k], "(i - 400)")                       ? 1
                                  : strstr(queries[k], "nonsense") || alone.left_out[k] ? 2
                                                                                        : 0);
        for (int i = 0; i < THREADS; i++) {
            EXPECT_INT(together[i].code[k], alone.code[k]);
            EXPECT_INT(together[i].digest[k], alone.digest[k]);
        }
    }
    let_go(&alone);
    for (int i = 0; i < THREADS; i++)
        let_go(&together[i]);
}

static void errors_are_told(void)
{
    struct weir *weir;
    EXPECT_INT(weir_open(&weir), 0);
    EXPECT_STRING(weir_error_text(weir), "");
    EXPECT_INT(weir_query(weir, "SELECT 1; SELEC 2;", NULL), 2);
    EXPECT(strstr(weir_error_text(weir), "WEIR-2001") != NULL);
    EXPECT_INT(weir_set(weir, "batch_rowz", "1"), 2);
    EXPECT(strstr(weir_error_text(weir), "batch_rows") != NULL);
    EXPECT_INT(weir_set(weir, "memory_limit", "1 MB"), 0);
    EXPECT_INT(
        weir_query(weir, "SELECT count(DISTINCT i) FROM generate_series(1, 1000000) AS g(i)", NULL),
        3);
    EXPECT(strstr(weir_error_text(weir), "WEIR-7002") != NULL);
    weir_close(weir);
    weir_close(NULL);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(engines_side_by_side),
                                             TEST_CASE(errors_are_told)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
