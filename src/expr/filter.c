/* Filters: the lanes where one BOOLEAN expression is true.
 *
 * A filter often begins with tests of columns against constants. Those run as compare loops into
 * bytes, joined by AND, and one pass turns the bytes into a selection; nothing is materialised as a
 * column. What follows runs as a program under that selection. Both ways give the same lanes. */
#include "expr/program_internal.h"

static bool prepare_bytes(struct weir_program *program, uint32_t rows)
{
    if (program->bytes_count >= rows)
        return true;
    uint32_t room = rows < WEIR_BATCH_ROWS_MAX ? WEIR_BATCH_ROWS_MAX : (rows + 63) & ~63u;
    size_t size = (size_t)room * 2;
    if (program->budget && !weir_budget_charge(program->budget, size))
        return false;
    uint8_t *fresh = weir_malloc_aligned(size);
    if (!fresh) {
        if (program->budget)
            weir_budget_release(program->budget, size);
        return false;
    }
    if (program->bytes) {
        weir_free_aligned(program->bytes, (size_t)program->bytes_count * 2);
        if (program->budget)
            weir_budget_release(program->budget, (size_t)program->bytes_count * 2);
    }
    memset(fresh, 0, size);
    program->bytes = fresh;
    program->bytes_count = room;
    return true;
}

/* Every column the fast tests read is FLAT. */
static bool is_fast(const struct weir_program *program, const struct weir_batch *batch)
{
    for (uint32_t i = 0; i < program->fast_tests_count; i++) {
        const struct weir_column *column = &batch->columns[program->fast_tests[i].input];
        if (column->encoding != WEIR_FLAT || column->type->kind != program->fast_tests[i].kind)
            return false;
    }
    return program->fast_tests_count > 0;
}

/* validity &= that of the columns tested; the word array to use, NULL when nothing is null. */
static const uint64_t *join_validity(const struct weir_program *program,
                                     const struct weir_batch *batch, uint64_t *memory)
{
    const uint64_t *joined = NULL;
    for (uint32_t i = 0; i < program->fast_tests_count; i++) {
        const uint64_t *own = batch->columns[program->fast_tests[i].input].validity;
        if (!own || own == joined)
            continue;
        if (!joined) {
            joined = own;
            continue;
        }
        for (size_t word = 0; word < weir_validity_words(batch->rows_count); word++)
            memory[word] = joined[word] & own[word];
        joined = memory;
    }
    return joined;
}

/* lanes = 1 where all tests hold. */
static void run_tests(const struct weir_program *program, const struct weir_loops *loops,
                      const struct weir_batch *batch, uint8_t *lanes, uint8_t *spare)
{
    for (uint32_t i = 0; i < program->fast_tests_count; i++) {
        const struct weir_fast_test *test = &program->fast_tests[i];
        const void *values = batch->columns[test->input].values;
        if (i + 1 < program->fast_tests_count)
            weir_prefetch_head(&batch->columns[test[1].input]);
        bool is_swapped;
        uint8_t invert;
        weir_loop_compare loop = weir_compare_loop(loops, weir_loop_kind(test->kind), test->op,
                                                   WEIR_LOOP_RIGHT_CONSTANT, &is_swapped, &invert);
        loop(is_swapped ? test->constant : values, is_swapped ? values : test->constant, invert,
             i ? spare : lanes, batch->rows_count);
        if (i)
            loops->and_bytes(lanes, spare, batch->rows_count);
    }
}

/* The lanes of `from` whose byte is set and that are valid. */
static uint32_t keep_selected(const uint8_t *lanes, const uint64_t *validity, const uint16_t *from,
                              uint32_t count, uint16_t *selection)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t lane = from[i];
        selection[kept] = (uint16_t)lane;
        kept += (lanes[lane] != 0) & (validity ? weir_bit_get(validity, lane) : 1);
    }
    return kept;
}

static uint32_t select_from(const struct weir_loops *loops, const struct weir_program_run *run,
                            const uint8_t *lanes, const uint64_t *validity, uint16_t *selection)
{
    if (run->selection)
        return keep_selected(lanes, validity, run->selection, run->selected_count, selection);
    return loops->select(lanes, validity, run->batch->rows_count, selection);
}

/* The true lanes of a computed BOOLEAN column. */
static uint32_t select_true(const struct weir_loops *loops, const struct weir_program_run *run,
                            const struct weir_column *column, uint16_t *selection)
{
    if (column->encoding == WEIR_FLAT && column->type->kind != WEIR_TYPE_NULL)
        return select_from(loops, run, column->values, column->validity, selection);
    uint32_t kept = 0, count = run->selection ? run->selected_count : run->batch->rows_count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t lane = run->selection ? run->selection[i] : i;
        selection[kept] = (uint16_t)lane;
        kept += weir_truth(column, lane) == 1;
    }
    return kept;
}

static enum weir_status filter_plain(struct weir_program *program, struct weir_program_run *run,
                                     uint16_t *selection, uint32_t *count, struct weir_error *error)
{
    struct weir_column column;
    WEIR_TRY(weir_program_run(program, run, &column, error));
    *count = select_true(weir_kernel_loops(run->session), run, &column, selection);
    return WEIR_OK;
}

enum weir_status weir_program_filter(struct weir_program *program, struct weir_program_run *run,
                                     uint16_t *selection, uint32_t *count, struct weir_error *error)
{
    const struct weir_batch *batch = run->batch;
    run->nulled_count = 0;
    *count = 0;
    if ((run->selection ? run->selected_count : batch->rows_count) == 0)
        return WEIR_OK;
    if (!is_fast(program, batch))
        return filter_plain(program, run, selection, count, error);
    uint64_t *words = weir_arena_alloc(run->arena, weir_validity_words(batch->rows_count) * 8, 8);
    if (!words || !prepare_bytes(program, batch->rows_count))
        return weir_budget_error(program->budget, error);
    const struct weir_loops *loops = weir_kernel_loops(run->session);
    run_tests(program, loops, batch, program->bytes, program->bytes + program->bytes_count);
    const uint64_t *validity = join_validity(program, batch, words);
    *count = select_from(loops, run, program->bytes, validity, selection);
    if (!program->rest || *count == 0)
        return WEIR_OK;
    struct weir_program_run rest = *run;
    rest.selection = selection;
    rest.selected_count = *count;
    enum weir_status status = filter_plain(program->rest, &rest, selection, count, error);
    run->nulled_count = rest.nulled_count;
    if (status != WEIR_OK)
        *count = 0;
    return status;
}
