/* Every aggregate over small inputs, each run in all the ways an operator may call it: one group
 * and many, with selection, weights, retractions, as constants, in halves that are merged, and with
 * every allocation failing in turn. All must give the result that Postgres gives. */
#include "aggregate_run.h"

#include <math.h>
#include <stdlib.h>

struct aggregate_case {
    const char *name;
    bool within_group;
    const char *types[RUN_ARGS_MAX];
    const char *values[RUN_ARGS_MAX];
    int constant;
    const char *result;
};
static const struct aggregate_case aggregate_cases[] = {
#define CASE(name, within, type0, values0, type1, values1, constant, result) \
    {name, within, {type0, type1}, {values0, values1}, constant, result},
#include "aggregate_cases.def"
#undef CASE
};

static const struct aggregate_case *current;

/* Doubles may differ from Postgres' in the last digit: there, rounding errors add up. */
static bool is_close(const struct run *run)
{
    if (run->match.result_type->kind != WEIR_TYPE_FLOAT64 || strcmp(run->text, "NULL") == 0)
        return false;
    double got = strtod(run->text, NULL), want = strtod(current->result, NULL);
    return fabs(got - want) <= 4e-16 * fabs(want);
}

static void expect_result(struct run *run, const char *how)
{
    bool same = strcmp(run->text, current->result) == 0 || is_close(run);
    if (same && run->errors.status == WEIR_OK)
        return;
    test_failures++;
    fprintf(stderr, "%s(%s %s, %s %s), %s: %s, expected %s %s\n", current->name, current->types[0],
            current->values[0], current->types[1], current->values[1], how, run->text,
            current->result, run->errors.status ? run->error.message : "");
}

static bool begin(struct run *run)
{
    run_init(run);
    for (int i = 0; i < RUN_ARGS_MAX && current->types[i][0]; i++, run->args_count++) {
        run->args[i] = i == current->constant
                           ? run_constant(&run->arena, current->types[i], current->values[i])
                           : run_column(&run->arena, current->types[i], current->values[i]);
        if (i != current->constant)
            run->rows_count = run->args[i].rows_count;
    }
    for (uint32_t i = 0; i < run->args_count; i++)
        if (run->args[i].encoding == WEIR_CONSTANT)
            run->args[i].rows_count = run->rows_count;
    if (run_resolve(run, current->name, current->within_group))
        return true;
    test_failures++;
    fprintf(stderr, "%s(%s, %s): %s\n", current->name, current->types[0], current->types[1],
            run->error.message);
    run_deinit(run);
    return false;
}

struct rows_buffer {
    _Alignas(16) uint8_t row[4][RUN_STATE_MAX + 16];
};

static uint32_t flags_of(const struct run *run)
{
    return run->match.aggregate->flags;
}

static void one_group(struct run *run, const int64_t *weights, const char *how)
{
    struct rows_buffer rows = {{{0}}};
    struct weir_aggregate_call call = run_call(run);
    call.state = rows.row[0];
    call.state_offset = 16;
    call.weights = weights;
    run->match.aggregate->ops->update(&call);
    uint8_t *state = rows.row[0];
    run_finish(run, &state, 1, 16, 0);
    expect_result(run, how);
    run_finish(run, &state, 1, 16, 0);
    expect_result(run, "finished twice");
    run_drop(run, rows.row[0] + 16);
}

/* Only every other lane counts: lane 2 i is row i, odd lanes are other rows of the same. */
static void selected(struct run *run, bool grouped)
{
    struct rows_buffer rows = {{{0}}};
    struct weir_column spread[RUN_ARGS_MAX];
    uint32_t *lanes = WEIR_ARENA_ARRAY(&run->arena, uint32_t, run->rows_count * 2 + 1);
    uint16_t *selection = WEIR_ARENA_ARRAY(&run->arena, uint16_t, run->rows_count + 1);
    uint8_t **states = WEIR_ARENA_ARRAY(&run->arena, uint8_t *, run->rows_count + 1);
    for (uint32_t i = 0; i < run->rows_count; i++) {
        lanes[2 * i] = i;
        lanes[2 * i + 1] = run->rows_count - 1 - i;
        selection[i] = (uint16_t)(2 * i);
        states[i] = rows.row[1];
    }
    struct weir_aggregate_call call = run_call(run);
    for (uint32_t k = 0; k < run->args_count; k++)
        EXPECT(weir_column_gather(&run->args[k], lanes, run->rows_count * 2, &run->arena,
                                  &spread[k], NULL) == WEIR_OK);
    call.args = spread;
    call.selection = selection;
    call.states = grouped ? states : NULL;
    call.state = rows.row[1];
    run->match.aggregate->ops->update(&call);
    uint8_t *state = rows.row[1];
    run_finish(run, &state, 1, 0, 0);
    expect_result(run, grouped ? "selection, groups" : "selection, one group");
    run_drop(run, rows.row[1]);
}

/* Three groups; the rows of ours are in order, each row stands in another group too. */
static void grouped(struct run *run, bool with_weights)
{
    struct rows_buffer rows = {{{0}}};
    struct weir_column twice[RUN_ARGS_MAX];
    uint32_t count = run->rows_count * 2;
    uint32_t *lanes = WEIR_ARENA_ARRAY(&run->arena, uint32_t, count + 1);
    uint8_t **states = WEIR_ARENA_ARRAY(&run->arena, uint8_t *, count + 1);
    int64_t *weights = WEIR_ARENA_ARRAY(&run->arena, int64_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        bool ours = i % 2;
        lanes[i] = ours ? i / 2 : run->rows_count - 1 - i / 2;
        states[i] = rows.row[ours ? 1 : i / 2 % 2 * 2];
        weights[i] = 1;
    }
    for (uint32_t k = 0; k < run->args_count; k++)
        EXPECT(weir_column_gather(&run->args[k], lanes, count, &run->arena, &twice[k], NULL) ==
               WEIR_OK);
    struct weir_aggregate_call call = run_call(run);
    call.args = twice;
    call.rows_count = count;
    call.states = states;
    call.state_offset = 16;
    call.weights = with_weights ? weights : NULL;
    run->match.aggregate->ops->update(&call);
    uint8_t *all[] = {rows.row[0], rows.row[1], rows.row[2], rows.row[3]};
    run_finish(run, all, 4, 16, 1);
    expect_result(run, with_weights ? "groups with weights" : "groups");
    for (unsigned i = 0; i < 4; i++)
        run_drop(run, rows.row[i] + 16);
}

/* The first `split` rows in one state, the others in a second; then the second goes into the first.
 */
static void merged(struct run *run, uint32_t split)
{
    struct rows_buffer rows = {{{0}}};
    struct weir_column part[RUN_ARGS_MAX];
    struct weir_aggregate_call call = run_call(run);
    call.args = part;
    call.state_offset = 8;
    for (unsigned half = 0; half < 2; half++) {
        uint32_t first = half ? split : 0, count = half ? run->rows_count - split : split;
        for (uint32_t k = 0; k < run->args_count; k++)
            EXPECT(weir_column_slice(&run->args[k], first, count, &run->arena, &part[k], NULL) ==
                   WEIR_OK);
        call.rows_count = count;
        call.state = rows.row[half] + 8; /* state_size 16 k wants the state at 16 */
        run->match.aggregate->ops->update(&call);
    }
    run->match.aggregate->ops->merge(&call, rows.row[0] + 8, rows.row[1] + 8);
    uint8_t *state = rows.row[0] + 8;
    run_finish(run, &state, 1, 8, 0);
    expect_result(run, "merged");
    struct rows_buffer zero = {{{0}}};
    EXPECT(memcmp(rows.row[1], zero.row[1], 8) == 0);
    /* What was merged is as new: an empty state again. */
    run->match.aggregate->ops->merge(&call, rows.row[0] + 8, rows.row[1] + 8);
    run_finish(run, &state, 1, 8, 0);
    expect_result(run, "merged with nothing");
    run_drop(run, rows.row[0] + 16);
    run_drop(run, rows.row[1] + 16);
}

/* All rows once more, and away again: before, after, and in between. */
static void retracted(struct run *run, bool by_group)
{
    struct rows_buffer rows = {{{0}}};
    struct weir_column thrice[RUN_ARGS_MAX];
    uint32_t count = run->rows_count * 3;
    uint32_t *lanes = WEIR_ARENA_ARRAY(&run->arena, uint32_t, count + 1);
    int64_t *weights = WEIR_ARENA_ARRAY(&run->arena, int64_t, count + 1);
    uint8_t **states = WEIR_ARENA_ARRAY(&run->arena, uint8_t *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t phase = i / run->rows_count;
        lanes[i] = i % run->rows_count;
        weights[i] = phase == 0 ? 3 : phase == 1 ? -3 : 1;
        states[i] = rows.row[0];
    }
    for (uint32_t k = 0; k < run->args_count; k++)
        EXPECT(weir_column_gather(&run->args[k], lanes, count, &run->arena, &thrice[k], NULL) ==
               WEIR_OK);
    struct weir_aggregate_call call = run_call(run);
    call.args = thrice;
    call.rows_count = count;
    call.weights = weights;
    call.state = rows.row[0];
    call.states = by_group ? states : NULL;
    run->match.aggregate->ops->update(&call);
    uint8_t *state = rows.row[0];
    run_finish(run, &state, 1, 0, 0);
    expect_result(run, "retracted");
    run_drop(run, rows.row[0]);
}

/* Views through a dictionary whose values stand in reverse. */
static void through_dictionary(struct run *run)
{
    struct rows_buffer rows = {{{0}}};
    struct weir_column args[RUN_ARGS_MAX];
    memcpy(args, run->args, sizeof args);
    for (uint32_t k = 0; k < run->args_count; k++) {
        struct weir_column *column = &args[k];
        if (!weir_type_is_view(column->type) || column->encoding != WEIR_FLAT)
            continue;
        uint32_t count = column->rows_count;
        uint32_t *codes = WEIR_ARENA_ARRAY(&run->arena, uint32_t, count + 1);
        struct weir_view *values = WEIR_ARENA_ARRAY(&run->arena, struct weir_view, count + 1);
        for (uint32_t i = 0; i < count; i++) {
            codes[i] = count - 1 - i;
            values[count - 1 - i] = ((const struct weir_view *)column->values)[i];
        }
        column->encoding = WEIR_DICTIONARY;
        column->codes = codes;
        column->values = values;
        column->values_count = count;
    }
    struct weir_aggregate_call call = run_call(run);
    call.args = args;
    call.state = rows.row[0];
    run->match.aggregate->ops->update(&call);
    uint8_t *state = rows.row[0];
    run_finish(run, &state, 1, 0, 0);
    expect_result(run, "dictionary");
    run_drop(run, rows.row[0]);
}

static void run_all(struct run *run)
{
    int64_t ones[RUN_ROWS_MAX];
    for (uint32_t i = 0; i < RUN_ROWS_MAX; i++)
        ones[i] = 1;
    one_group(run, NULL, "one group");
    one_group(run, ones, "weights of 1");
    if (run->rows_count) {
        selected(run, false);
        selected(run, true);
        grouped(run, false);
        grouped(run, true);
        if (flags_of(run) & WEIR_AGGREGATE_RETRACTS) {
            retracted(run, false);
            retracted(run, true);
        }
    }
    for (uint32_t split = 0; split <= run->rows_count; split++)
        merged(run, split);
    through_dictionary(run);
}

static void all_cases(void)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(aggregate_cases); i++) {
        static struct run run;
        current = &aggregate_cases[i];
        if (begin(&run)) {
            run_all(&run);
            run_deinit(&run);
        }
    }
}

/* Two updates, merge and finish with the n-th allocation failing (0: none): a status, or the right
 * result. */
static bool survives(struct run *run, uint64_t n)
{
    struct rows_buffer rows = {{{0}}};
    struct weir_aggregate_call call = run_call(run);
    memset(&run->errors, 0, sizeof run->errors);
    run->errors.error = &run->error;
    weir_aggregate_heap_deinit(&run->heap);
    weir_aggregate_heap_init(&run->heap, NULL);
    struct weir_arena arena = run->arena;
    weir_arena_init(&run->arena, NULL, 64);
    weir_memory_fail_at(n);
    uint8_t *state = rows.row[0];
    bool ok = true;
    for (unsigned half = 0; half < 2 && ok; half++) {
        call.state = rows.row[half];
        run->match.aggregate->ops->update(&call);
        ok = run->errors.status == WEIR_OK;
    }
    if (ok)
        run->match.aggregate->ops->merge(&call, rows.row[0], rows.row[1]);
    ok = ok && run->errors.status == WEIR_OK && run_finish(run, &state, 1, 0, 0);
    if (!ok && n && run->errors.status != WEIR_OK)
        EXPECT_INT(run->errors.status, WEIR_E_OUT_OF_MEMORY);
    weir_memory_fail_at(0);
    run_drop(run, rows.row[0]);
    run_drop(run, rows.row[1]);
    weir_arena_deinit(&run->arena);
    run->arena = arena;
    return ok;
}

static void allocations_fail(void)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(aggregate_cases); i++) {
        static struct run run;
        static char expected[sizeof run.text];
        current = &aggregate_cases[i];
        if (!begin(&run))
            continue;
        if (survives(&run, 0)) {
            memcpy(expected, run.text, sizeof expected);
            uint64_t n = 1;
            while (n < 1000 && !survives(&run, n))
                n++;
            EXPECT(n < 1000);
            EXPECT_STRING(run.text, expected);
        }
        run_deinit(&run);
    }
}

/* An entry without a case here is an entry without a test. */
static void every_entry_has_a_case(void)
{
    size_t count;
    const struct weir_aggregate *all = weir_aggregates_all(&count);
    for (size_t i = 0; i < count; i++) {
        bool found = strcmp(all[i].signature, "() -> bigint") == 0;
        for (size_t k = 0; k < WEIR_COUNT_OF(aggregate_cases); k++)
            found |= strcmp(aggregate_cases[k].name, all[i].name) == 0;
        if (!found && !(all[i].flags & WEIR_AGGREGATE_ALIAS)) {
            test_failures++;
            fprintf(stderr, "no case for %s\n", all[i].name);
        }
        EXPECT(all[i].example && strncmp(all[i].example, "SELECT ", 7) == 0 && all[i].result);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(all_cases), TEST_CASE(allocations_fail),
                                             TEST_CASE(every_entry_has_a_case)};
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
