/* SORT against qsort over the same rows. */
#include "exec_test.h"

static const char *const words[] = {
    "", "a", "ab", "abc", "the same long prefix 1", "the same long prefix 2", "zz", NULL};

static void random_rows(struct row *rows, uint32_t count, bool weights)
{
    for (uint32_t i = 0; i < count; i++) {
        rows[i] = (struct row){.k = random_below(5) ? (int64_t)random_below(20) - 10 : NULL_NUMBER,
                               .s = words[random_below(8)],
                               .v = random_below(9) ? (int64_t)random_below(1000) : NULL_NUMBER,
                               .b = random_below(2),
                               .t = random_below(50),
                               .weight = 1};
        if (weights && i && random_below(3) == 0) { /* takes an earlier row back */
            uint32_t from = random_below(i);
            if (rows[from].weight == 1) {
                rows[i] = rows[from];
                rows[i].weight = -1;
                rows[from].weight = 2; /* marked: taken back once */
            }
        }
    }
    for (uint32_t i = 0; i < count; i++)
        if (rows[i].weight == 2)
            rows[i].weight = 1;
}

/* The reference order: what the test says, then event time (updating input has none), then the
 * whole row. */
static const struct weir_plan_sort *reference_plan;
static bool reference_has_times;

static int compare_numbers(int64_t a, int64_t b, struct weir_sort_order order)
{
    if (a == NULL_NUMBER || b == NULL_NUMBER) {
        int nulls = (a == NULL_NUMBER) - (b == NULL_NUMBER);
        return order.nulls_first ? -nulls : nulls;
    }
    int compared = (a > b) - (a < b);
    return order.descending ? -compared : compared;
}

static int compare_texts(const char *a, const char *b, struct weir_sort_order order)
{
    if (!a || !b) {
        int nulls = !a - !b;
        return order.nulls_first ? -nulls : nulls;
    }
    int compared = strcmp(a, b);
    compared = (compared > 0) - (compared < 0);
    return order.descending ? -compared : compared;
}

static int compare_column(const struct row *a, const struct row *b, uint32_t column,
                          struct weir_sort_order order)
{
    switch (column) {
    case COL_K:
        return compare_numbers(a->k, b->k, order);
    case COL_S:
        return compare_texts(a->s, b->s, order);
    case COL_V:
        return compare_numbers(a->v, b->v, order);
    case COL_B:
        return compare_numbers(a->b, b->b, order);
    default:
        return compare_numbers(a->t, b->t, order);
    }
}

static int reference_compare(const void *x, const void *y)
{
    const struct row *a = x, *b = y;
    int order = 0;
    for (uint32_t i = 0; i < reference_plan->order_count && !order; i++)
        order =
            compare_column(a, b, reference_plan->order[i].column, reference_plan->order[i].order);
    if (!order && reference_has_times)
        order = compare_numbers(a->t, b->t, (struct weir_sort_order){false, false});
    for (uint32_t c = 0; c < ROW_COLUMNS && !order; c++)
        order = compare_column(a, b, c, (struct weir_sort_order){false, false});
    return order;
}

static void row_line(const struct row *row, char *out, size_t size)
{
    char k[32] = "NULL", v[32] = "NULL";
    if (row->k != NULL_NUMBER)
        snprintf(k, sizeof k, "%lld", (long long)row->k);
    if (row->v != NULL_NUMBER)
        snprintf(v, sizeof v, "%lld", (long long)row->v);
    snprintf(out, size, "%s|%s|%s|%c|%lld", k, row->s ? row->s : "NULL", v, row->b ? 't' : 'f',
             (long long)row->t);
}

/* Applies the retractions: removes pairs of equal rows. */
static uint32_t net_rows(struct row *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].weight != -1)
            continue;
        for (uint32_t j = 0; j < i; j++) {
            struct row other = rows[j];
            if (other.weight == 1 && other.k == rows[i].k && other.v == rows[i].v &&
                other.b == rows[i].b && other.t == rows[i].t && other.s == rows[i].s) {
                rows[i].weight = rows[j].weight = 0;
                break;
            }
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (rows[i].weight)
            rows[kept++] = rows[i];
    return kept;
}

static void check_order(struct machine *machine, struct row *rows, uint32_t count,
                        const struct weir_plan_sort *plan)
{
    struct collector *collector = &machine->collector;
    char line[160];
    count = net_rows(rows, count);
    reference_plan = plan;
    qsort(rows, count, sizeof *rows, reference_compare);
    uint32_t from = plan->offset < count ? (uint32_t)plan->offset : count;
    uint32_t to =
        plan->limit < 0 || plan->limit > count - from ? count : from + (uint32_t)plan->limit;
    EXPECT_INT(collector->lines_count, to - from);
    for (uint32_t i = from; i < to && i - from < collector->lines_count; i++) {
        row_line(&rows[i], line, sizeof line);
        if (strcmp(line, collector->lines[i - from].text) != 0) {
            EXPECT_STRING(collector->lines[i - from].text, line);
            return;
        }
    }
}

static void run_sort(const struct weir_plan_sort *plan, uint32_t count, uint32_t batch_rows,
                     bool weights, uint32_t full_every)
{
    struct row *rows = calloc(count, sizeof *rows);
    struct machine machine;
    row_input_init(weights);
    reference_has_times = !weights;
    struct weir_plan_node node = row_node(WEIR_PLAN_SORT);
    node.of.sort = *plan;
    machine_init(&machine, batch_rows);
    machine.collector.retain = true;
    machine.collector.full_every = full_every;
    random_rows(rows, count, weights);
    EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
    for (uint32_t done = 0; done < count;) {
        uint32_t some = 1 + random_below(900);
        if (some > count - done)
            some = count - done;
        struct weir_batch *batch = make_batch(rows + done, some, weights, random_below(2));
        EXPECT(machine_push_batch(&machine, 0, batch) != WEIR_FLOW_FAILED);
        weir_batch_release(batch);
        done += some;
    }
    EXPECT_INT(machine_end(&machine), WEIR_FLOW_OK);
    EXPECT_INT(machine.collector.ends, 1);
    EXPECT(machine.collector.rows_max <= batch_rows);
    check_order(&machine, rows, count, plan);
    machine_close(&machine);
    free(rows);
}

static const struct weir_plan_order orders[] = {{COL_K, {false, false}}, {COL_S, {true, true}},
                                                {COL_V, {false, true}},  {COL_S, {false, false}},
                                                {COL_K, {true, false}},  {COL_V, {true, true}}};

static void all_rows(void)
{
    for (uint32_t first = 0; first < 6; first++)
        for (uint32_t n = 0; n <= 6 - first && n <= 3; n++) {
            struct weir_plan_sort plan = {orders + first, n, -1, 0};
            run_sort(&plan, 3000, 2048, false, 0);
            run_sort(&plan, 100, 1, false, 3);
        }
}

static void first_rows(void)
{
    static const int64_t limits[] = {0, 1, 10, 3000, 30000};
    for (uint32_t l = 0; l < 5; l++)
        for (uint32_t first = 0; first < 5; first++) {
            struct weir_plan_sort plan = {orders + first, 2, limits[l], 0};
            run_sort(&plan, 15000, 1000, false, 0);
            plan.offset = 7;
            run_sort(&plan, 15000, 7, false, 2);
        }
}

static void rows_taken_back(void)
{
    for (uint32_t first = 0; first < 5; first++) {
        struct weir_plan_sort plan = {orders + first, 2, -1, 0};
        run_sort(&plan, 2000, 2048, true, 0);
        plan.limit = 50;
        plan.offset = 3;
        run_sort(&plan, 2000, 8, true, 0);
    }
}

/* A top list over many rows needs memory for few. */
static void top_list_is_bounded(void)
{
    struct machine machine;
    row_input_init(false);
    struct weir_plan_node node = row_node(WEIR_PLAN_SORT);
    node.of.sort = (struct weir_plan_sort){orders, 2, 10, 0};
    static struct row rows[2000];
    machine_init(&machine, 2048);
    EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
    for (uint32_t b = 0; b < 60; b++) {
        random_rows(rows, 2000, false);
        struct weir_batch *batch = make_batch(rows, 2000, false, false);
        machine_push_batch(&machine, 0, batch);
        weir_batch_release(batch);
    }
    EXPECT(machine.budget.peak_bytes < 3 << 20);
    EXPECT(machine.type->state_rows(machine.state) < 7000);
    machine_end(&machine);
    EXPECT_INT(machine.collector.lines_count, 10);
    machine_close(&machine);
}

static void allocation_sweep(void)
{
    struct weir_plan_sort plan = {orders, 2, 20, 0};
    static struct row rows[2000];
    row_input_init(false);
    struct weir_plan_node node = row_node(WEIR_PLAN_SORT);
    node.of.sort = plan;
    random_rows(rows, 2000, false);
    struct weir_batch *batch = make_batch(rows, 2000, false, false);
    bool failed = true;
    for (uint64_t n = 1; failed; n++) {
        struct machine machine;
        machine_init(&machine, 64);
        (void)weir_memory_fail_at(n);
        failed = machine_open(&machine, &node) != WEIR_OK;
        for (int i = 0; i < 4 && !failed; i++)
            failed = machine_push_batch(&machine, 0, batch) == WEIR_FLOW_FAILED;
        if (!failed)
            failed = machine_end(&machine) == WEIR_FLOW_FAILED;
        (void)weir_memory_fail_at(0);
        if (failed)
            EXPECT_INT(machine.error.code, WEIR_E_OUT_OF_MEMORY);
        machine_close(&machine);
    }
    weir_batch_release(batch);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(all_rows), TEST_CASE(first_rows), TEST_CASE(rows_taken_back),
        TEST_CASE(top_list_is_bounded), TEST_CASE(allocation_sweep)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
