/* NORMALIZE and NET: by hand, and at random against models that know only arrays. Every batch that
 * came out is kept to the end, and the output is full now and then. */
#include "exec_test.h"

enum { KEYS = 6, TEXTS = 4 };
static const char *const texts[TEXTS] = {"a", NULL, "a text that is longer than a view", "b"};

static enum weir_flow machine_timer(struct machine *machine)
{
    do {
        machine->flow = machine->type->timer(machine->state, (struct weir_processing_time){0},
                                             &machine->collector.output, &machine->error);
    } while (machine->flow == WEIR_FLOW_YIELD);
    return machine->flow;
}

static uint64_t unmatched;

/* An operator over changes whose key is k, or nothing. */
static struct weir_plan_node changes_node(enum weir_plan_kind kind, bool final)
{
    static const uint32_t keys[] = {COL_K};
    row_input_init(true);
    struct weir_plan_node node = row_node(kind);
    node.has_event_time = false;
    node.changelog = !final;
    if (kind == WEIR_PLAN_NORMALIZE)
        node.of.normalize = (struct weir_plan_normalize){keys, 1, final};
    else
        node.of.net = (struct weir_plan_net){.keys = keys, .keys_count = 1, .has_key = true};
    return node;
}

static void push_rows(struct machine *machine, const struct row *rows, uint32_t count, bool dead)
{
    struct weir_batch *batch = make_batch(rows, count, true, dead);
    EXPECT(machine_push_batch(machine, 0, batch) != WEIR_FLOW_FAILED);
    weir_batch_release(batch);
}

static struct row event(int64_t k, int64_t v, int64_t weight)
{
    return (struct row){.k = k, .s = "x", .v = v, .weight = weight};
}

static void open_changes(struct machine *machine, const struct weir_plan_node *node,
                         uint32_t batch_rows)
{
    machine_init(machine, batch_rows);
    unmatched = 0;
    machine->env.unmatched_count = &unmatched;
    EXPECT(machine_open(machine, node) == WEIR_OK);
}

static void normalize_by_hand(void)
{
    struct machine machine;
    const struct weir_plan_node node = changes_node(WEIR_PLAN_NORMALIZE, false);
    open_changes(&machine, &node, 100);
    const struct row first[] = {event(7, 1, WEIR_EVENT_INSERT), event(8, 1, WEIR_EVENT_INSERT),
                                event(7, 2, WEIR_EVENT_UPDATE), event(9, 0, WEIR_EVENT_DELETE)};
    push_rows(&machine, first, 4, false);
    expect_sequence(&machine.collector, "8|x|1|f|0 7|x|2|f|0");
    EXPECT_INT(unmatched, 1);
    const struct row second[] = {event(7, 2, WEIR_EVENT_UPDATE), event(8, 3, WEIR_EVENT_UPDATE),
                                 event(5, 1, WEIR_EVENT_UPDATE), event(5, 1, WEIR_EVENT_DELETE)};
    push_rows(&machine, second, 4, true);
    EXPECT_INT(machine.collector.lines_count, 4);
    EXPECT_INT(unmatched, 2);
    const struct row third[] = {event(1, 1, WEIR_EVENT_INSERT), event(0, 0, WEIR_EVENT_CLEAR),
                                event(2, 1, WEIR_EVENT_INSERT)};
    push_rows(&machine, third, 3, false);
    machine_end(&machine);
    expect_sequence(&machine.collector, "8|x|1|f|0 7|x|2|f|0 8|x|1|f|0x-1 8|x|3|f|0 1|x|1|f|0 "
                                        "1|x|1|f|0x-1 7|x|2|f|0x-1 8|x|3|f|0x-1 2|x|1|f|0");
    EXPECT_INT(machine.type->state_rows(machine.state), 1);
    machine_close(&machine);
}

static struct row random_row(void)
{
    return (struct row){.k = random_below(KEYS),
                        .s = texts[random_below(TEXTS)],
                        .v = random_below(3) ? random_below(3) : NULL_NUMBER};
}

/* No line is taken back that is not out. */
static void expect_never_negative(const struct collector *collector)
{
    for (uint32_t i = 0; i < collector->lines_count; i++) {
        int64_t sum = 0;
        for (uint32_t j = 0; j <= i && collector->lines[i].weight < 0; j++)
            if (strcmp(collector->lines[j].text, collector->lines[i].text) == 0)
                sum += collector->lines[j].weight;
        EXPECT(sum >= 0);
    }
}

/* They are as they came; the lines may be sorted now. */
static void let_go_kept(struct collector *collector)
{
    collector_check_kept(collector);
    while (collector->kept_count)
        weir_batch_release(collector->kept[--collector->kept_count]);
}

static void collect_row(struct collector *collector, const struct row *row, int64_t weight)
{
    struct weir_batch *batch = make_batch(row, 1, true, false);
    struct weir_buffer line;
    weir_buffer_init(&line, NULL);
    print_row(batch, 0, &line);
    collect_line(collector, weir_buffer_slice(&line), weight);
    weir_buffer_deinit(&line);
    weir_batch_release(batch);
}

struct setup {
    uint32_t batch_rows, full_every;
    bool collide, final;
};

static void normalize_at_random(struct setup setup)
{
    struct machine machine;
    struct collector want;
    struct row left[KEYS], rows[40];
    bool present[KEYS] = {0};
    uint64_t strangers = 0;
    const struct weir_plan_node node = changes_node(WEIR_PLAN_NORMALIZE, setup.final);
    machine_init(&machine, setup.batch_rows);
    unmatched = 0;
    machine.env.unmatched_count = &unmatched;
    machine.env.hash_collide = setup.collide;
    machine.collector.full_every = setup.full_every;
    machine.collector.retain = true;
    EXPECT(machine_open(&machine, &node) == WEIR_OK);
    for (int step = 0; step < 40; step++) {
        uint32_t count = 1 + random_below(random_below(2) ? 3 : 40);
        for (uint32_t i = 0; i < count; i++) {
            static const int64_t kinds[] = {WEIR_EVENT_INSERT, WEIR_EVENT_UPDATE, WEIR_EVENT_UPDATE,
                                            WEIR_EVENT_DELETE};
            struct row *row = &rows[i];
            *row = random_row();
            row->weight = random_below(50) ? kinds[random_below(4)] : WEIR_EVENT_CLEAR;
            if (row->weight == WEIR_EVENT_CLEAR) {
                memset(present, 0, sizeof present);
                continue;
            }
            strangers += !present[row->k] && row->weight != WEIR_EVENT_INSERT;
            present[row->k] = row->weight > 0;
            left[row->k] = *row;
        }
        push_rows(&machine, rows, count, random_below(2));
    }
    EXPECT(machine_end(&machine) != WEIR_FLOW_FAILED);
    EXPECT_INT(unmatched, strangers);
    expect_never_negative(&machine.collector);
    let_go_kept(&machine.collector);
    EXPECT(machine.collector.rows_max <= (setup.batch_rows < 2 ? 2 : setup.batch_rows));
    collector_init(&want);
    for (uint32_t k = 0; k < KEYS; k++)
        if (present[k])
            collect_row(&want, &left[k], 1);
    expect_lines(&machine.collector, &want, "rows that are left");
    collector_deinit(&want);
    machine_close(&machine);
}

static void normalize_random(void)
{
    static const uint32_t sizes[] = {1, 2, 7, WEIR_BATCH_ROWS_MAX};
    for (uint32_t i = 0; i < 64; i++)
        normalize_at_random((struct setup){sizes[i % 4], i % 3, i / 4 % 2, i / 8 % 2});
}

static void net_by_hand(void)
{
    struct machine machine;
    struct weir_plan_node node = changes_node(WEIR_PLAN_NET, false);
    const struct row first[] = {event(1, 1, 1), event(2, 5, 1), event(1, 1, -1), event(1, 2, 1)};
    const struct row second[] = {event(2, 6, 1), event(1, 2, -1), event(2, 5, -1)};
    for (int latest = 0; latest < 2; latest++) {
        node.of.net.latest = latest;
        open_changes(&machine, &node, 100);
        push_rows(&machine, first, 2, false);
        push_rows(&machine, first + 2, 2, true);
        EXPECT_INT(machine.collector.lines_count, 0);
        machine_timer(&machine);
        machine_timer(&machine);
        push_rows(&machine, second, 3, false);
        machine_end(&machine);
        expect_sequence(&machine.collector,
                        latest ? "1|x|2|f|0 2|x|5|f|0 2|x|6|f|0 1|x|2|f|0x-1"
                               : "1|x|2|f|0 2|x|5|f|0 2|x|5|f|0x-1 2|x|6|f|0 1|x|2|f|0x-1");
        EXPECT_INT(machine.type->state_rows(machine.state), 0);
        machine_close(&machine);
    }
}

/* Several rows of a key: the last one that is left is shown. */
static void net_keeps(void)
{
    struct machine machine;
    struct weir_plan_node node = changes_node(WEIR_PLAN_NET, false);
    const struct row rows[] = {event(1, 1, 1),  event(1, 2, 1),  event(1, 3, 1),
                               event(1, 3, -1), event(1, 1, -1), event(1, 2, -1)};
    node.of.net.keeps = true;
    open_changes(&machine, &node, 1);
    for (uint32_t i = 0; i < 6; i++) {
        push_rows(&machine, &rows[i], 1, false);
        machine_timer(&machine);
    }
    machine_end(&machine);
    expect_sequence(&machine.collector,
                    "1|x|1|f|0 1|x|1|f|0x-1 1|x|2|f|0 1|x|2|f|0x-1 1|x|3|f|0 1|x|3|f|0x-1 "
                    "1|x|2|f|0 1|x|2|f|0x-1");
    EXPECT_INT(machine.type->state_rows(machine.state), 0);
    machine_close(&machine);
}

static void net_at_random(struct setup setup)
{
    struct machine machine;
    struct collector want;
    struct row out[200], rows[30];
    uint32_t out_count = 0;
    struct weir_plan_node node = changes_node(WEIR_PLAN_NET, setup.final);
    node.of.net.final = setup.final;
    node.of.net.has_key = setup.batch_rows != 7;
    node.of.net.keys_count = setup.batch_rows != 7;
    machine_init(&machine, setup.batch_rows);
    machine.env.unmatched_count = &unmatched;
    machine.env.hash_collide = setup.collide;
    machine.collector.full_every = setup.full_every;
    machine.collector.retain = true;
    EXPECT(machine_open(&machine, &node) == WEIR_OK);
    for (int step = 0; step < 60; step++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < 1 + random_below(30); i++) {
            bool goes = out_count && (out_count == 200 || random_below(2));
            uint32_t at = goes ? random_below(out_count) : out_count;
            if (!goes)
                out[out_count++] = random_row();
            rows[count] = out[at];
            rows[count++].weight = goes ? -1 : 1;
            if (goes)
                out[at] = out[--out_count];
        }
        push_rows(&machine, rows, count, random_below(2));
        if (random_below(2))
            EXPECT(machine_timer(&machine) != WEIR_FLOW_FAILED);
    }
    EXPECT(machine_end(&machine) != WEIR_FLOW_FAILED);
    expect_never_negative(&machine.collector);
    let_go_kept(&machine.collector);
    collector_init(&want);
    for (uint32_t i = 0; i < out_count; i++)
        collect_row(&want, &out[i], 1);
    expect_lines(&machine.collector, &want, "sum of the changes");
    collector_deinit(&want);
    machine_close(&machine);
}

static void net_random(void)
{
    static const uint32_t sizes[] = {1, 2, 7, WEIR_BATCH_ROWS_MAX};
    for (uint32_t i = 0; i < 64; i++)
        net_at_random((struct setup){sizes[i % 4], i % 3, i / 4 % 2, i / 8 % 2});
}

/* Each allocation fails in turn: an error, and nothing is lost. */
static void memory(void)
{
    const struct row rows[] = {event(1, 1, 1), event(2, 5, 1), event(1, 1, -1)};
    for (int kind = 0; kind < 4; kind++) {
        const bool final = kind & 1;
        struct weir_plan_node node =
            changes_node(kind & 2 ? WEIR_PLAN_NET : WEIR_PLAN_NORMALIZE, final);
        if (kind & 2)
            node.of.net.final = final, node.of.net.keeps = !final;
        bool failed = true;
        for (uint64_t n = 1; failed && n < 500; n++) {
            struct machine machine;
            struct weir_batch *batch = make_batch(rows, 3, true, false);
            machine_init(&machine, 100);
            machine.env.unmatched_count = &unmatched;
            (void)weir_memory_fail_at(n);
            failed = machine_open(&machine, &node) != WEIR_OK;
            failed = failed || machine_push_batch(&machine, 0, batch) == WEIR_FLOW_FAILED;
            failed = failed || machine_end(&machine) == WEIR_FLOW_FAILED;
            (void)weir_memory_fail_at(0);
            EXPECT(!failed || machine.error.code == WEIR_E_OUT_OF_MEMORY);
            machine_close(&machine);
            weir_batch_release(batch);
        }
        EXPECT(!failed);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(normalize_by_hand), TEST_CASE(normalize_random), TEST_CASE(net_by_hand),
        TEST_CASE(net_keeps),         TEST_CASE(net_random),       TEST_CASE(memory)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
