/* The operators without state tables: compute, limit, union, values, series, unnest, distinct. */
#include "exec_test.h"

#include "value/interval.h"

static struct row simple_row(int64_t k, const char *s)
{
    return (struct row){.k = k, .s = s, .v = k * 10, .b = k % 2 == 0, .t = k * 100, .weight = 1};
}

static void push_rows(struct machine *machine, uint32_t port, const struct row *rows,
                      uint32_t count, bool weights)
{
    struct weir_batch *batch = make_batch(rows, count, weights, false);
    machine_push_batch(machine, port, batch);
    weir_batch_release(batch);
}

/* k, s of the rows where b holds. */
static void compute_filters_and_projects(void)
{
    row_input_init(false);
    struct weir_plan_node node = row_node(WEIR_PLAN_COMPUTE);
    static const struct weir_expr predicate = {.kind = WEIR_EXPR_COLUMN, .index = COL_B};
    static const struct weir_expr first = {.kind = WEIR_EXPR_COLUMN, .index = COL_S};
    static const struct weir_expr second = {.kind = WEIR_EXPR_COLUMN, .index = COL_K};
    struct weir_expr typed[3] = {predicate, first, second};
    typed[0].type = weir_type_of(WEIR_TYPE_BOOLEAN);
    typed[1].type = weir_type_of(WEIR_TYPE_TEXT);
    typed[2].type = weir_type_of(WEIR_TYPE_INT64);
    const struct weir_expr *const projections[2] = {&typed[1], &typed[2]};
    struct weir_field fields[2] = {row_fields[COL_S], row_fields[COL_K]};
    node.schema = (struct weir_schema){fields, 2};
    node.of.compute.predicate = &typed[0];
    node.of.compute.projections = projections;
    for (uint32_t sparse = 0; sparse < 2; sparse++) {
        struct machine machine;
        struct row rows[200];
        machine_init(&machine, 2048);
        machine.collector.retain = true;
        EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
        for (int64_t i = 0; i < 200; i++) {
            rows[i] = simple_row(i, i == 50 ? "a text longer than twelve" : "x");
            rows[i].b = sparse ? i == 50 || i == 51 : i < 4;
        }
        push_rows(&machine, 0, rows, sparse ? 200 : 5, false);
        expect_sequence(&machine.collector,
                        sparse ? "a text longer than twelve|50 x|51" : "x|0 x|1 x|2 x|3");
        EXPECT_INT(machine.collector.last_event_time, sparse ? 5100 : 300);
        machine_end(&machine);
        EXPECT_INT(machine.collector.ends, 1);
        machine_close(&machine);
    }
}

static void limit_skips_and_stops(void)
{
    row_input_init(false);
    struct weir_plan_node node = row_node(WEIR_PLAN_LIMIT);
    node.schema.fields_count = 1;
    node.of.limit = (struct weir_plan_limit){.limit = 4, .offset = 3};
    struct machine machine;
    struct row rows[5];
    machine_init(&machine, 2048);
    EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
    for (int64_t i = 0; i < 5; i++)
        rows[i] = simple_row(i, "x");
    push_rows(&machine, 0, rows, 5, false);
    EXPECT_INT(machine.flow, WEIR_FLOW_OK);
    rows[0].weight = 3;
    push_rows(&machine, 0, rows, 5, true);
    EXPECT_INT(machine.flow, WEIR_FLOW_DONE);
    push_rows(&machine, 0, rows, 5, true);
    EXPECT_INT(machine.flow, WEIR_FLOW_DONE);
    expect_sequence(&machine.collector, "3 4 0x2");
    EXPECT_INT(machine_end(&machine), WEIR_FLOW_OK);
    EXPECT_INT(machine.collector.ends, 1);
    machine_close(&machine);
}

static void union_passes_all_ports(void)
{
    row_input_init(false);
    struct weir_plan_node node = row_node(WEIR_PLAN_UNION);
    struct weir_field fields[ROW_COLUMNS];
    node.inputs_count = 2;
    for (int renamed = 0; renamed < 2; renamed++) {
        memcpy(fields, row_fields, sizeof fields);
        if (renamed)
            fields[0].name = weir_slice_from_string("other");
        node.schema.fields = fields;
        struct machine machine;
        machine_init(&machine, 2048);
        EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
        struct row row = simple_row(1, "a");
        push_rows(&machine, 0, &row, 1, false);
        row = simple_row(2, "b");
        row.weight = -1;
        push_rows(&machine, 1, &row, 1, true);
        expect_sequence(&machine.collector, "1|a|10|f|100 2|b|20|t|200x-1");
        machine_watermark(&machine, 77);
        EXPECT_INT(machine.collector.watermark, 77);
        machine_close(&machine);
    }
}

static void processing_time_is_the_clock(void)
{
    row_input_init(false);
    struct weir_plan_node node = row_node(WEIR_PLAN_PROCTIME);
    node.has_event_time = true;
    node.of.proctime.column = COL_V; /* any 64 bits serve as a time */
    struct machine machine;
    machine_init(&machine, 2048);
    EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
    struct row row = simple_row(1, "a");
    push_rows(&machine, 0, &row, 1, false);
    expect_sequence(&machine.collector, "1|a|10|f|100");
    EXPECT_INT(machine.collector.last_event_time, 10);
    machine_watermark(&machine, 77); /* of the input's own event time */
    EXPECT_INT(machine.collector.watermark, INT64_MIN);
    static const int64_t clock[][2] = {{15, 15}, {14, 15}, {15, 15}, {16, 16}};
    for (size_t i = 0; i < WEIR_COUNT_OF(clock); i++) {
        EXPECT(machine.type->timer(machine.state, (struct weir_processing_time){clock[i][0]},
                                   &machine.collector.output, &machine.error) == WEIR_FLOW_OK);
        EXPECT_INT(machine.collector.watermark, clock[i][1]);
    }
    machine_end(&machine);
    EXPECT_INT(machine.collector.ends, 1);
    machine_close(&machine);
}

static void values_come_in_slices(void)
{
    int64_t numbers[150];
    struct weir_field field = {weir_slice_from_string("n"), weir_type_of(WEIR_TYPE_INT64), false};
    struct weir_column column = {
        .type = field.type, .encoding = WEIR_FLAT, .rows_count = 150, .values = numbers};
    struct weir_plan_node node = {
        .kind = WEIR_PLAN_VALUES, .schema = {&field, 1}, .of.values = {&column, 150}};
    for (int64_t i = 0; i < 150; i++)
        numbers[i] = i;
    for (uint32_t full = 0; full < 2; full++) {
        struct machine machine;
        machine_init(&machine, 64);
        machine.collector.full_every = full;
        EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
        EXPECT_INT(machine_end(&machine), WEIR_FLOW_OK);
        EXPECT_INT(machine.collector.lines_count, 150);
        EXPECT_INT(machine.collector.rows_max, 64);
        EXPECT_INT(machine.collector.ends, 1);
        EXPECT_STRING(machine.collector.lines[149].text, "149");
        machine_close(&machine);
    }
    struct machine machine;
    machine_init(&machine, 7);
    machine.collector.done_after = 10;
    EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
    EXPECT_INT(machine_end(&machine), WEIR_FLOW_OK);
    EXPECT_INT(machine.collector.lines_count, 14);
    EXPECT_INT(machine.collector.ends, 1);
    machine_close(&machine);
}

static struct weir_column one(const struct weir_type *type, const void *value)
{
    return (struct weir_column){
        .type = type, .encoding = WEIR_CONSTANT, .rows_count = 1, .values = value};
}

static void run_series(const struct weir_type *type, const void *start, const void *stop,
                       const struct weir_type *step_type, const void *step, uint32_t batch_rows,
                       const char *want)
{
    struct weir_field fields[2] = {
        {weir_slice_from_string("n"), type, false},
        {weir_slice_from_string("o"), weir_type_of(WEIR_TYPE_INT64), false}};
    struct weir_plan_node node = {.kind = WEIR_PLAN_SERIES, .schema = {fields, 2}};
    node.of.series = (struct weir_plan_series){type, one(type, start), one(type, stop),
                                               one(step_type, step), true};
    struct machine machine;
    machine_init(&machine, batch_rows);
    EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
    EXPECT_INT(machine_end(&machine), WEIR_FLOW_OK);
    expect_sequence(&machine.collector, want);
    EXPECT_INT(machine.collector.ends, 1);
    machine_close(&machine);
}

static void series_of_every_type(void)
{
    const struct weir_type *bigint = weir_type_of(WEIR_TYPE_INT64);
    const struct weir_type *timestamp = weir_type_of(WEIR_TYPE_TIMESTAMP);
    const struct weir_type *interval = weir_type_of(WEIR_TYPE_INTERVAL);
    const struct weir_type *decimal = weir_type_of(WEIR_TYPE_DECIMAL);
    int64_t a = 1, b = 9, step = 3, down = -4, day = 86400000000;
    run_series(bigint, &a, &b, bigint, &step, 2, "1|1 4|2 7|3");
    run_series(bigint, &b, &a, bigint, &down, 1, "9|1 5|2 1|3");
    run_series(bigint, &b, &a, bigint, &step, 5, "");
    int64_t near_end = INT64_MAX - 1, end = INT64_MAX;
    run_series(bigint, &near_end, &end, bigint, &step, 5, "9223372036854775806|1");
    int64_t start = 30 * day, stop = 30 * day + 61 * day; /* 1970-01-31 .. 1970-04-02 */
    struct weir_interval month = {1, 0, 0}, hours = {0, 0, 20 * 24 * INT64_C(3600000000)};
    run_series(timestamp, &start, &stop, interval, &month, 5,
               "2592000000000|1 5011200000000|2 7430400000000|3");
    run_series(timestamp, &start, &stop, interval, &hours, 5,
               "2592000000000|1 4320000000000|2 6048000000000|3 7776000000000|4");
    _Alignas(16) int64_t wide[3][2] = {{15, 0}, {40, 0}, {10, 0}};
    run_series(decimal, wide[0], wide[1], decimal, wide[2], 5, "15|1 25|2 35|3");
}

static void series_needs_a_step(void)
{
    int64_t a = 1, zero = 0;
    const struct weir_type *bigint = weir_type_of(WEIR_TYPE_INT64);
    struct weir_field field = {weir_slice_from_string("n"), bigint, false};
    struct weir_plan_node node = {.kind = WEIR_PLAN_SERIES, .schema = {&field, 1}};
    node.of.series = (struct weir_plan_series){bigint, one(bigint, &a), one(bigint, &a),
                                               one(bigint, &zero), false};
    struct machine machine;
    machine_init(&machine, 8);
    EXPECT_INT(machine_open(&machine, &node), WEIR_E_BAD_ARGUMENT);
    EXPECT(machine.state == NULL && machine.error.frames_count == 1);
    machine_close(&machine);
}

/* Two lists side by side: {1,2,3} {} NULL {4} and {a} {b,c} {d} NULL. */
static struct weir_batch *list_batch(const struct weir_schema *schema)
{
    struct weir_batch *batch = weir_batch_create(schema, NULL);
    struct weir_builder builders[3];
    static const int64_t numbers[] = {1, 2, 3, 4};
    for (uint32_t i = 0; i < 3; i++)
        (void)!weir_builder_init(&builders[i], schema->fields[i].type, &batch->arena, NULL);
    uint32_t used = 0;
    for (int64_t i = 0; i < 4; i++)
        (void)!weir_builder_append_value(&builders[0], &i, NULL);
    static const uint32_t sizes[] = {3, 0, 0, 1};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t first = builders[1].children[0].rows_count;
        if (i == 2) {
            (void)!weir_builder_append_null(&builders[1], NULL);
            continue;
        }
        for (uint32_t n = 0; n < sizes[i]; n++)
            (void)!weir_builder_append_value(&builders[1].children[0], &numbers[used++], NULL);
        (void)!weir_builder_end_list(&builders[1], first, NULL);
    }
    static const char *const texts[] = {"a", "bc a text longer than twelve", "d", NULL};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t first = builders[2].children[0].rows_count;
        if (!texts[i]) {
            (void)!weir_builder_append_null(&builders[2], NULL);
            continue;
        }
        (void)!weir_builder_append_text(&builders[2].children[0], weir_slice_from_string(texts[i]),
                                        NULL);
        (void)!weir_builder_end_list(&builders[2], first, NULL);
    }
    for (uint32_t i = 0; i < 3; i++)
        batch->columns[i] = weir_builder_column(&builders[i]);
    batch->rows_count = batch->selected_count = 4;
    return batch;
}

static void unnest_side_by_side(void)
{
    struct weir_arena arena;
    weir_arena_init(&arena, NULL, 0);
    const struct weir_type *bigint = weir_type_of(WEIR_TYPE_INT64);
    const struct weir_type *text = weir_type_of(WEIR_TYPE_TEXT);
    const struct weir_type *numbers = weir_type_list(&arena, bigint);
    const struct weir_type *texts = weir_type_list(&arena, text);
    struct weir_slice name = weir_slice_from_string("c");
    struct weir_field fields[6] = {{name, bigint, true}, {name, numbers, true},
                                   {name, texts, true},  {name, bigint, true},
                                   {name, text, true},   {name, bigint, true}};
    struct weir_schema input_schema = {fields, 3};
    struct weir_plan_node input = {.kind = WEIR_PLAN_SCAN, .schema = input_schema};
    const struct weir_plan_node *const inputs[] = {&input};
    static const uint32_t both[] = {1, 2}, first_only[] = {1};
    for (uint32_t batch_rows = 1; batch_rows <= 4; batch_rows++) {
        struct weir_plan_node node = {
            .kind = WEIR_PLAN_UNNEST, .inputs = inputs, .inputs_count = 1, .schema = {fields, 6}};
        node.of.unnest = (struct weir_plan_unnest){both, 2, true, false};
        struct machine machine;
        struct weir_batch *batch = list_batch(&input_schema);
        machine_init(&machine, batch_rows);
        machine.collector.retain = true;
        machine.collector.full_every = batch_rows == 3;
        EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
        machine_push_batch(&machine, 0, batch);
        expect_sequence(&machine.collector,
                        "0|{1,2,3}|{a}|1|a|1 0|{1,2,3}|{a}|2|NULL|2 0|{1,2,3}|{a}|3|NULL|3 "
                        "1|{}|{bc a text longer than twelve}|NULL|bc a text longer than twelve|1 "
                        "2|NULL|{d}|NULL|d|1 3|{4}|NULL|4|NULL|1");
        EXPECT(machine.collector.rows_max <= batch_rows);
        machine_close(&machine);
        weir_batch_release(batch);

        fields[4].type = bigint; /* output: three columns, one element, ordinality */
        node.schema.fields_count = 5;
        node.of.unnest = (struct weir_plan_unnest){first_only, 1, true, true};
        batch = list_batch(&input_schema);
        machine_init(&machine, batch_rows);
        EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
        machine_push_batch(&machine, 0, batch);
        EXPECT_INT(machine.collector.lines_count, 6);
        EXPECT_STRING(machine.collector.lines[2].text, "0|{1,2,3}|{a}|3|3");
        EXPECT_STRING(machine.collector.lines[3].text,
                      "1|{}|{bc a text longer than twelve}|NULL|NULL");
        EXPECT_STRING(machine.collector.lines[5].text, "3|{4}|NULL|4|1");
        machine_close(&machine);
        weir_batch_release(batch);
        fields[4].type = text;
    }
    weir_arena_deinit(&arena);
}

static void distinct_as_it_goes(void)
{
    row_input_init(false);
    static const uint32_t keys[] = {COL_K, COL_S};
    struct weir_plan_node node = row_node(WEIR_PLAN_AGGREGATE);
    node.schema.fields_count = 2;
    node.of.aggregate = (struct weir_plan_aggregate){
        .keys = keys, .keys_count = 2, .window_output = UINT32_MAX, .emit = WEIR_EMIT_CHANGES};
    struct machine machine;
    struct row rows[4] = {simple_row(1, "a"), simple_row(2, "b"), simple_row(1, "a"),
                          simple_row(1, NULL)};
    machine_init(&machine, 2048);
    machine.collector.retain = true;
    EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
    EXPECT_STRING(machine.type->name, "distinct");
    push_rows(&machine, 0, rows, 4, false);
    rows[0].k = NULL_NUMBER;
    rows[1].s = NULL;
    push_rows(&machine, 0, rows, 4, false);
    push_rows(&machine, 0, rows, 4, false);
    expect_sequence(&machine.collector, "1|a 2|b 1|NULL NULL|a 2|NULL");
    EXPECT_INT(machine.type->state_rows(machine.state), 5);
    machine_close(&machine);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(compute_filters_and_projects), TEST_CASE(limit_skips_and_stops),
        TEST_CASE(union_passes_all_ports),       TEST_CASE(values_come_in_slices),
        TEST_CASE(series_of_every_type),         TEST_CASE(series_needs_a_step),
        TEST_CASE(processing_time_is_the_clock), TEST_CASE(unnest_side_by_side),
        TEST_CASE(distinct_as_it_goes)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
