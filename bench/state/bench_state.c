/* Rows D and E from inside: what a state table costs, and an aggregation over it.
 *
 *     bench_state [KEYS]     all cardinalities (or one), plain C and the best instruction set side
 * by side
 *
 * Keys are random 64-bit numbers (or texts made of them) of a given cardinality, in memory, in
 * batches of 2,048. `calibration` reads the same keys and adds them up. Every answer is checked:
 * the counts must add up to the rows. Runs are interleaved; the best of five counts. */
#include "exec/exec.h"
#include "kernel/aggregate.h"
#include "state/table.h"
#include "value/isa.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROWS = 8 << 20, RUNS = 5, BATCH = WEIR_BATCH_ROWS_MAX };

static int64_t *keys;
static int64_t *times;
static struct weir_view *texts;
static uint8_t *payloads[BATCH];

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= UINT64_C(0xff51afd7ed558ccd);
    x ^= x >> 33;
    x *= UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

static void make_keys(uint32_t cardinality)
{
    uint64_t state = 88172645463325252u;
    for (uint32_t i = 0; i < ROWS; i++) {
        char text[24];
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        keys[i] = (int64_t)mix(state % cardinality);
        times[i] = (int64_t)i * 10; /* 10 s are a million rows */
        int size = snprintf(text, sizeof text, "k%llx", (unsigned long long)keys[i] % (1ull << 40));
        texts[i] = weir_view_make(text, (size_t)size);
    }
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_state: %s\n", what);
    exit(1);
}

/* ---- the table alone ---- */

static double run_table(bool by_text, int isa)
{
    const struct weir_type *type = weir_type_of(by_text ? WEIR_TYPE_TEXT : WEIR_TYPE_INT64);
    const struct weir_table_config config = {
        .key_types = &type, .keys_count = 1, .payload_size = 16, .hash_seed = 4711, .isa = isa};
    struct weir_state_table *table;
    if (weir_state_table_create(&config, &table, NULL) != WEIR_OK)
        fail("no table");
    double begin = 0;
    for (uint32_t pass = 0; pass < 2; pass++) { /* the second finds all keys there */
        begin = now_ns();
        for (uint32_t i = 0; i < ROWS; i += BATCH) {
            struct weir_column column = {.type = type, .encoding = WEIR_FLAT, .rows_count = BATCH};
            column.values = by_text ? (const void *)(texts + i) : keys + i;
            if (weir_state_table_upsert(table, &column, NULL, BATCH, payloads, NULL, NULL) !=
                WEIR_OK)
                fail("upsert");
            for (uint32_t k = 0; k < BATCH; k++)
                ++*(uint64_t *)(void *)payloads[k];
        }
    }
    double ns = (now_ns() - begin) / ROWS;
    uint64_t sum = 0;
    for (uint32_t id = 0; id < weir_state_table_count(table); id++)
        sum += *(uint64_t *)(void *)weir_state_table_payload(table, id);
    if (sum != 2ull * ROWS)
        fail("wrong counts");
    weir_state_table_destroy(table);
    return ns;
}

/* ---- tumbling count by key ---- */

static uint64_t counted;

static enum weir_flow count_push(struct weir_output *output, struct weir_batch *batch,
                                 struct weir_error *error)
{
    const int64_t *counts = batch->columns[1].values;
    (void)output, (void)error;
    for (uint32_t i = 0; i < batch->rows_count; i++)
        counted += (uint64_t)counts[i];
    return WEIR_FLOW_OK;
}
static enum weir_flow ignore_watermark(struct weir_output *output, struct weir_event_time watermark,
                                       struct weir_error *error)
{
    (void)output, (void)watermark, (void)error;
    return WEIR_FLOW_OK;
}
static enum weir_flow ignore_end(struct weir_output *output, struct weir_error *error)
{
    (void)output, (void)error;
    return WEIR_FLOW_OK;
}

static double run_aggregate(int isa)
{
    struct weir_output output = {count_push, ignore_watermark, ignore_end};
    const struct weir_type *bigint = weir_type_of(WEIR_TYPE_INT64);
    struct weir_field fields[2] = {{weir_slice_from_string("k"), bigint, false},
                                   {weir_slice_from_string("n"), bigint, false}};
    struct weir_plan_node input = {
        .kind = WEIR_PLAN_SCAN, .schema = {fields, 1}, .has_event_time = true};
    const struct weir_plan_node *const inputs[] = {&input};
    static const uint32_t key[] = {0};
    struct weir_arena arena;
    struct weir_aggregate_match match;
    struct weir_session session = {0};
    weir_arena_init(&arena, NULL, 0);
    if (weir_aggregate_resolve(weir_slice_from_string("count"), NULL, 0, false, &session, &arena,
                               &match, NULL) != WEIR_OK)
        fail("no count");
    const struct weir_plan_aggregate_call call = {.aggregate = match.aggregate,
                                                  .instance = match.instance,
                                                  .state_size = match.state_size,
                                                  .type = match.result_type,
                                                  .filter = UINT32_MAX};
    struct weir_plan_node node = {
        .kind = WEIR_PLAN_AGGREGATE, .inputs = inputs, .inputs_count = 1, .schema = {fields, 2}};
    node.of.aggregate =
        (struct weir_plan_aggregate){.keys = key,
                                     .keys_count = 1,
                                     .window_output = UINT32_MAX,
                                     .calls = &call,
                                     .calls_count = 1,
                                     .window = {WEIR_WINDOW_TUMBLE, UINT32_MAX, 10000000, 0, 0}};
    struct weir_operator_env env = {.session = &session, .batch_rows = BATCH, .isa = isa};
    const struct weir_operator_type *type = weir_exec_operator(&node);
    struct weir_batch *batch = weir_batch_create(&input.schema, NULL);
    void *state;
    counted = 0;
    if (!batch || type->open(&node, &env, &state, NULL) != WEIR_OK)
        fail("open");
    double begin = now_ns();
    batch->rows_count = batch->selected_count = BATCH;
    for (uint32_t i = 0; i < ROWS; i += BATCH) {
        batch->columns[0] = (struct weir_column){
            .type = bigint, .encoding = WEIR_FLAT, .rows_count = BATCH, .values = keys + i};
        batch->event_times = times + i;
        if (type->push(state, 0, batch, &output, NULL) != WEIR_FLOW_OK ||
            type->watermark(state, (struct weir_event_time){times[i + BATCH - 1]}, &output, NULL) !=
                WEIR_FLOW_OK)
            fail("push");
    }
    if (type->end(state, &output, NULL) != WEIR_FLOW_OK || counted != ROWS)
        fail("wrong counts");
    double ns = (now_ns() - begin) / ROWS;
    type->close(state);
    weir_batch_release(batch);
    weir_arena_deinit(&arena);
    return ns;
}

static double run_calibration(void)
{
    volatile int64_t sink;
    int64_t sum = 0;
    double begin = now_ns();
    for (uint32_t i = 0; i < ROWS; i++)
        sum += keys[i];
    sink = sum;
    (void)sink;
    return (now_ns() - begin) / ROWS;
}

static void keep_best(double *best, double ns)
{
    if (*best == 0 || ns < *best)
        *best = ns;
}

int main(int argc, char **argv)
{
    static const uint32_t cardinalities[] = {8, 1000, 10000, 100000, 1000000};
    int best_isa = (int)weir_isa_detect(WEIR_ISA_AVX512);
    keys = malloc(ROWS * sizeof *keys);
    times = malloc(ROWS * sizeof *times);
    texts = malloc(ROWS * sizeof *texts);
    if (!keys || !times || !texts)
        fail("no memory");
    printf("ns per row      read   table %-8s   text table   window count %-8s\n",
           weir_isa_name((enum weir_isa)best_isa), weir_isa_name((enum weir_isa)best_isa));
    for (uint32_t c = 0; c < sizeof cardinalities / sizeof *cardinalities; c++) {
        double ns[6] = {0};
        if (argc > 1 && strtoul(argv[1], NULL, 10) != cardinalities[c])
            continue;
        make_keys(cardinalities[c]);
        for (uint32_t run = 0; run < RUNS; run++) {
            keep_best(&ns[0], run_calibration());
            keep_best(&ns[1], run_table(false, WEIR_ISA_SCALAR));
            keep_best(&ns[2], run_table(false, best_isa));
            keep_best(&ns[3], run_table(true, best_isa));
            keep_best(&ns[4], run_aggregate(WEIR_ISA_SCALAR));
            keep_best(&ns[5], run_aggregate(best_isa));
        }
        printf("%8u keys  %5.2f   %5.2f %5.2f      %5.2f        %5.2f %5.2f\n", cardinalities[c],
               ns[0], ns[1], ns[2], ns[3], ns[4], ns[5]);
    }
    return 0;
}
