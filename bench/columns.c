/* Rows D, E, F, G, O: columns in memory through the embedding interface. Makes the data, runs the
 * query several times, prints `ns CPU_NS_PER_ROW` and `answer …` for the comparison with the peer.
 *
 *     columns tumble KEYS ROWS       tumbling 10 s count by key
 *     columns hop KEYS ROWS SLIDE    the same of 60 s by SLIDE s
 *     columns late KEYS ROWS SECONDS tumbling 10 s count and sum by key behind a watermark 5 s
 * late, over rows that come up to SECONDS after their time; the answer is checked here, by counting
 *     columns filter ROWS            filter + project over three numeric columns
 *     columns read ROWS              merely reading the three columns */
#include "weir/weir.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { RUNS = 5, COLUMNS = 3 };

/* ClickHouse's intHash64, so that both sides have the same keys. */
static uint64_t mix(uint64_t x)
{
    x ^= UINT64_C(0x4CF2D2BAAE6DA887);
    x ^= x >> 33;
    x *= UINT64_C(0xff51afd7ed558ccd);
    x ^= x >> 33;
    x *= UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

static double cpu_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

static void release_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static void release_array(struct ArrowArray *array)
{
    array->release = NULL;
}

static struct ArrowSchema child_schemas[COLUMNS];
static struct ArrowSchema *schema_pointers[COLUMNS];
static struct ArrowArray child_arrays[COLUMNS];
static struct ArrowArray *array_pointers[COLUMNS];
static const void *buffers[COLUMNS][2];
static const void *no_validity[1];

static void describe(const char *const *names, const char *const *formats, void **columns,
                     int count, int64_t rows, struct ArrowSchema *schema, struct ArrowArray *array)
{
    for (int i = 0; i < count; i++) {
        child_schemas[i] =
            (struct ArrowSchema){.format = formats[i], .name = names[i], .release = release_schema};
        schema_pointers[i] = &child_schemas[i];
        buffers[i][1] = columns[i];
        child_arrays[i] = (struct ArrowArray){
            .length = rows, .n_buffers = 2, .buffers = buffers[i], .release = release_array};
        array_pointers[i] = &child_arrays[i];
    }
    *schema = (struct ArrowSchema){.format = "+s",
                                   .name = "",
                                   .n_children = count,
                                   .children = schema_pointers,
                                   .release = release_schema};
    *array = (struct ArrowArray){.length = rows,
                                 .n_buffers = 1,
                                 .buffers = no_validity,
                                 .n_children = count,
                                 .children = array_pointers,
                                 .release = release_array};
}

static int64_t answer[4];

static int take_rows(void *context, struct ArrowArray *array)
{
    (void)context;
    for (int64_t c = 0; c < array->n_children && c < 4; c++)
        answer[c] = ((const int64_t *)array->children[c]->buffers[1])[array->children[c]->offset];
    array->release(array);
    return 0;
}

static double best_of(struct weir *weir, const char *sql, int64_t rows)
{
    struct weir_receiver receiver = {.rows = take_rows};
    double best = 1e18;
    for (int run = 0; run < RUNS; run++) {
        double before = cpu_ns();
        if (weir_query(weir, sql, &receiver) != 0) {
            fprintf(stderr, "%s\n", weir_error_text(weir));
            exit(1);
        }
        double took = (cpu_ns() - before) / (double)rows;
        best = took < best ? took : best;
    }
    return best;
}

static void *column(int64_t rows)
{
    void *memory = NULL;
    if (posix_memalign(&memory, 64, (size_t)rows * 8))
        exit(1);
    return memory;
}

/* slide_s: 0 for windows of 10 s that do not overlap. */
static void windows(struct weir *weir, uint64_t keys, int64_t rows, int slide_s)
{
    char window[96], sql[320];
    static const char *const names[] = {"ts", "k"}, *const formats[] = {"tsu:", "l"};
    void *columns[2] = {column(rows), column(rows)};
    struct ArrowSchema schema;
    struct ArrowArray array;
    for (int64_t i = 0; i < rows; i++) {
        ((int64_t *)columns[0])[i] = INT64_C(1700000000000000) + i * 3;
        ((uint64_t *)columns[1])[i] = mix((uint64_t)i) % keys;
    }
    describe(names, formats, columns, 2, rows, &schema, &array);
    if (weir_table_from_arrow(weir, "t", &schema, &array, 1, "ts") != 0) {
        fprintf(stderr, "%s\n", weir_error_text(weir));
        exit(1);
    }
    if (slide_s)
        snprintf(window, sizeof window, "hop(INTERVAL '%d seconds', INTERVAL '60 seconds')",
                 slide_s);
    else
        snprintf(window, sizeof window, "tumble(INTERVAL '10 seconds')");
    snprintf(sql, sizeof sql,
             "SELECT count(*) AS groups, sum(c)::BIGINT AS rows, max(c) AS most FROM "
             "(SELECT k, %s AS w, count(*) AS c FROM t GROUP BY k, w)",
             window);
    double ns = best_of(weir, sql, rows);
    printf("ns %.3f\nanswer %lld %lld %lld\n", ns, (long long)answer[0], (long long)answer[1],
           (long long)answer[2]);
}

enum { STEP_US = 3, WINDOW_US = 10000000, SLOT_US = 1000 };

/* ts and k of each row, in the order in which rows come that are up to delay_us late, evenly: by
 * millisecond of arrival, and in one by time. */
static void arrive(int64_t *ts, int64_t *k, uint64_t keys, int64_t rows, int64_t delay_us)
{
    int64_t slots = (rows * STEP_US + delay_us) / SLOT_US + 2;
    int64_t *places = calloc((size_t)slots, sizeof *places);
    if (!places)
        exit(1);
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < rows; i++) {
            int64_t late = delay_us ? (int64_t)(mix((uint64_t)~i) % (uint64_t)delay_us) : 0;
            int64_t slot = (i * STEP_US + late) / SLOT_US;
            if (pass == 0) {
                places[slot + 1]++;
                continue;
            }
            int64_t place = places[slot]++;
            ts[place] = INT64_C(1700000000000000) + i * STEP_US;
            k[place] = (int64_t)(mix((uint64_t)i) % keys);
        }
        for (int64_t slot = 1; pass == 0 && slot < slots; slot++)
            places[slot] += places[slot - 1];
    }
    free(places);
}

/* The answer by counting: groups, their rows squared, sums times keys, the greatest sum. */
static void count_windows(const int64_t *ts, const int64_t *k, uint64_t keys, int64_t rows,
                          int64_t out[4])
{
    int64_t windows = rows * STEP_US / WINDOW_US + 2, first = INT64_C(1700000000000000) / WINDOW_US;
    int64_t *counts = calloc((size_t)windows * keys, sizeof *counts);
    int64_t *sums = calloc((size_t)windows * keys, sizeof *sums);
    if (!counts || !sums)
        exit(1);
    for (int64_t i = 0; i < rows; i++) {
        size_t group = (size_t)(ts[i] / WINDOW_US - first) * keys + (size_t)k[i];
        counts[group]++;
        sums[group] += ts[i] % 1000;
    }
    memset(out, 0, 4 * sizeof *out);
    for (size_t group = 0; group < (size_t)windows * keys; group++) {
        out[0] += counts[group] > 0;
        out[1] += counts[group] * counts[group];
        out[2] += sums[group] * (int64_t)(group % keys + 1);
        out[3] = sums[group] > out[3] ? sums[group] : out[3];
    }
    free(counts);
    free(sums);
}

static void disorder(struct weir *weir, uint64_t keys, int64_t rows, int seconds)
{
    static const char *const names[] = {"ts", "k", "v"}, *const formats[] = {"tsu:", "l", "l"};
    void *columns[3] = {column(rows), column(rows), column(rows)};
    struct ArrowSchema schema;
    struct ArrowArray array;
    int64_t expected[4];
    arrive(columns[0], columns[1], keys, rows, seconds * INT64_C(1000000));
    for (int64_t i = 0; i < rows; i++)
        ((int64_t *)columns[2])[i] = ((int64_t *)columns[0])[i] % 1000;
    count_windows(columns[0], columns[1], keys, rows, expected);
    describe(names, formats, columns, 3, rows, &schema, &array);
    /* Given first, then declared anew with a watermark that waits. */
    if (weir_table_from_arrow(weir, "t", &schema, &array, 1, NULL) != 0 ||
        weir_query(weir,
                   "DROP TABLE t; CREATE TABLE t (ts TIMESTAMP, k BIGINT, v BIGINT, WATERMARK FOR "
                   "ts AS ts - INTERVAL '5 seconds') WITH (connector = 'memory')",
                   NULL) != 0) {
        fprintf(stderr, "%s\n", weir_error_text(weir));
        exit(1);
    }
    double ns = best_of(
        weir,
        "SELECT count(*), sum(c * c)::BIGINT, sum(s * (k + 1))::BIGINT, max(s)::BIGINT FROM "
        "(SELECT k, tumble(INTERVAL '10 seconds') AS w, count(*) AS c, sum(v)::BIGINT AS s FROM t "
        "GROUP BY k, w)",
        rows);
    if (memcmp(answer, expected, sizeof expected) != 0) {
        fprintf(stderr, "answer %lld %lld %lld %lld, should be %lld %lld %lld %lld\n",
                (long long)answer[0], (long long)answer[1], (long long)answer[2],
                (long long)answer[3], (long long)expected[0], (long long)expected[1],
                (long long)expected[2], (long long)expected[3]);
        exit(1);
    }
    printf("ns %.3f\n", ns);
}

static void filter(struct weir *weir, int64_t rows)
{
    static const char *const names[] = {"a", "b", "c"}, *const formats[] = {"l", "l", "l"};
    void *columns[3] = {column(rows), column(rows), column(rows)};
    struct ArrowSchema schema;
    struct ArrowArray array;
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < 3; c++)
            ((int64_t *)columns[c])[i] = (int64_t)(mix((uint64_t)i * 3 + (uint64_t)c) % 1000);
    describe(names, formats, columns, 3, rows, &schema, &array);
    if (weir_table_from_arrow(weir, "t", &schema, &array, 1, NULL) != 0 ||
        weir_query(weir, "CREATE TABLE hole WITH (connector = 'blackhole')", NULL) != 0) {
        fprintf(stderr, "%s\n", weir_error_text(weir));
        exit(1);
    }
    double ns = best_of(
        weir, "INSERT INTO hole SELECT a + b AS x, c * 2 AS y FROM t WHERE a < 500 AND c >= 100",
        rows);
    best_of(weir,
            "SELECT count(*), sum(x)::BIGINT, sum(y)::BIGINT FROM (SELECT a + b AS x, c * 2 AS y "
            "FROM t "
            "WHERE a < 500 AND c >= 100)",
            rows);
    double read_ns = 1e18;
    volatile int64_t sink = 0;
    for (int run = 0; run < RUNS; run++) {
        double before = cpu_ns();
        int64_t sum = 0;
        for (int c = 0; c < 3; c++)
            for (int64_t i = 0; i < rows; i++)
                sum += ((const int64_t *)columns[c])[i];
        sink = sum;
        double took = (cpu_ns() - before) / (double)rows;
        read_ns = took < read_ns ? took : read_ns;
    }
    (void)sink;
    printf("ns %.3f\nread %.3f\nanswer %lld %lld %lld\n", ns, read_ns, (long long)answer[0],
           (long long)answer[1], (long long)answer[2]);
}

int main(int argc, char **argv)
{
    struct weir *weir;
    if (argc < 3 || weir_open(&weir) != 0)
        return 2;
    if (strcmp(argv[1], "tumble") == 0 && argc == 4)
        windows(weir, strtoull(argv[2], NULL, 10), strtoll(argv[3], NULL, 10), 0);
    else if (strcmp(argv[1], "hop") == 0 && argc == 5)
        windows(weir, strtoull(argv[2], NULL, 10), strtoll(argv[3], NULL, 10), atoi(argv[4]));
    else if (strcmp(argv[1], "late") == 0 && argc == 5)
        disorder(weir, strtoull(argv[2], NULL, 10), strtoll(argv[3], NULL, 10), atoi(argv[4]));
    else if (strcmp(argv[1], "filter") == 0)
        filter(weir, strtoll(argv[2], NULL, 10));
    weir_close(weir);
    return 0;
}
