/* The calls of OVER.
 *
 * Ranks follow from the peers. What takes a value of another row (LAG, FIRST_VALUE …) finds that
 * row and gathers. Aggregates move with their frame: rows are added at its end and, where the
 * function takes rows back, taken back at its start; else a frame that starts anew is computed
 * anew. */
#include "exec/over_internal.h"

/* How often somebody is asked whether to go on. */
enum { INTERRUPT_ROWS = 1024, INTERRUPT_BLOCKS = 256 };

/* ---- ranks ---- */

static int64_t rank_of(const struct over_partition *partition, enum weir_over_function function,
                       uint32_t i)
{
    switch (function) {
    case WEIR_OVER_ROW_NUMBER:
        return i + 1;
    case WEIR_OVER_RANK:
        return partition->group_start[partition->group[i]] + 1;
    default:
        return partition->group[i] + 1;
    }
}

static void compute_ranks(const struct over_partition *partition, enum weir_over_function function,
                          void *values)
{
    int64_t *ranks = values;
    double *shares = values;
    for (uint32_t i = 0; i < partition->count; i++) {
        if (function == WEIR_OVER_PERCENT_RANK)
            shares[i] = partition->count == 1
                            ? 0
                            : (double)(rank_of(partition, WEIR_OVER_RANK, i) - 1) /
                                  (double)(partition->count - 1);
        else if (function == WEIR_OVER_CUME_DIST)
            shares[i] =
                (double)partition->group_start[partition->group[i] + 1] / (double)partition->count;
        else
            ranks[i] = rank_of(partition, function, i);
    }
}

/* An integer argument of a row; false for null. */
static bool integer_arg(const struct over_partition *partition,
                        const struct weir_plan_over_call *call, uint32_t arg, uint32_t i,
                        int64_t *out)
{
    const struct weir_column *column = &partition->columns[call->args[arg]];
    if (weir_column_is_null(column, i))
        return false;
    *out = ((const int64_t *)column->values)[weir_column_index(column, i)];
    return true;
}

static enum weir_status bad_argument(const struct weir_plan_over_call *call, const char *what,
                                     struct weir_error *error)
{
    (void)weir_error_set(error, WEIR_E_BAD_ARGUMENT, "the argument of %s must be greater than zero",
                         what);
    weir_error_at(error, call->position);
    return WEIR_E_BAD_ARGUMENT;
}

/* Buckets of equal size, the first ones larger by one; the number of buckets is the first row's. */
static enum weir_status compute_ntile(const struct over_partition *partition,
                                      const struct weir_plan_over_call *call, int32_t *values,
                                      uint64_t *validity, struct weir_error *error)
{
    int64_t buckets = 0;
    bool known = integer_arg(partition, call, 0, 0, &buckets);
    if (known && buckets <= 0)
        return bad_argument(call, "ntile", error);
    int64_t size = known ? partition->count / buckets : 0;
    int64_t larger = known ? partition->count % buckets : 0;
    for (uint32_t i = 0; i < partition->count; i++) {
        if (!known)
            weir_bit_clear(validity, i);
        else if (i < larger * (size + 1))
            values[i] = (int32_t)(i / (size + 1) + 1);
        else
            values[i] = (int32_t)(larger + (i - larger * (size + 1)) / size + 1);
    }
    return WEIR_OK;
}

/* ---- values of other rows ---- */

static bool is_excluded(const struct over_partition *partition, const struct weir_plan_frame *frame,
                        uint32_t i, uint32_t other)
{
    bool peer = partition->group[i] == partition->group[other];
    switch (frame->exclude) {
    case WEIR_FRAME_EXCLUDE_CURRENT_ROW:
        return i == other;
    case WEIR_FRAME_EXCLUDE_GROUP:
        return peer;
    case WEIR_FRAME_EXCLUDE_TIES:
        return peer && i != other;
    default:
        return false;
    }
}

static bool counts(const struct over_partition *partition, const struct weir_plan_over_call *call,
                   uint32_t other)
{
    return !call->ignore_nulls || !weir_column_is_null(&partition->columns[call->args[0]], other);
}

/* The row LAG and LEAD take, or OVER_NONE. */
static uint32_t shifted_row(const struct over_partition *partition,
                            const struct weir_plan_over_call *call, uint32_t i, bool *known)
{
    int64_t offset = 1;
    *known = call->args_count < 2 || integer_arg(partition, call, 1, i, &offset);
    if (!*known)
        return OVER_NONE;
    if (call->function == WEIR_OVER_LAG)
        offset = offset == INT64_MIN ? INT64_MAX : -offset;
    if (!call->ignore_nulls || offset == 0) {
        if (offset >= (int64_t)partition->count || offset <= -(int64_t)partition->count)
            return OVER_NONE;
        int64_t row = (int64_t)i + offset;
        return row < 0 || row >= (int64_t)partition->count ? OVER_NONE : (uint32_t)row;
    }
    int64_t step = offset < 0 ? -1 : 1, left = offset < 0 ? -offset : offset;
    for (int64_t row = (int64_t)i + step; row >= 0 && row < (int64_t)partition->count; row += step)
        if (counts(partition, call, (uint32_t)row) && --left == 0)
            return (uint32_t)row;
    return OVER_NONE;
}

static enum weir_status check_interrupted(const struct over *over, struct weir_error *error)
{
    if (!over->env.interrupted || !over->env.interrupted(over->env.interrupted_context))
        return WEIR_OK;
    return weir_error_set(error, WEIR_E_INTERRUPTED, "interrupted");
}

/* The row that FIRST_VALUE, LAST_VALUE and NTH_VALUE take from the frame, or OVER_NONE. */
static enum weir_status framed_row(const struct over *over, const struct over_partition *partition,
                                   const struct weir_plan_over_call *call, uint32_t i,
                                   uint32_t *out, struct weir_error *error)
{
    uint32_t low, high;
    int64_t nth = 1;
    *out = OVER_NONE;
    if (call->function == WEIR_OVER_NTH_VALUE) {
        if (!integer_arg(partition, call, 1, i, &nth))
            return WEIR_OK;
        if (nth <= 0)
            return bad_argument(call, "nth_value", error);
    }
    over_frame(over, partition, &call->frame, i, &low, &high);
    bool last = call->function == WEIR_OVER_LAST_VALUE;
    bool plain = !call->ignore_nulls && call->frame.exclude == WEIR_FRAME_EXCLUDE_NOTHING;
    if (plain) {
        if (last && high > low)
            *out = high - 1;
        else if (!last && nth <= (int64_t)high - (int64_t)low)
            *out = low + (uint32_t)nth - 1;
        return WEIR_OK;
    }
    for (uint32_t k = 0; k < high - low; k++) {
        uint32_t row = last ? high - 1 - k : low + k;
        if (is_excluded(partition, &call->frame, i, row) || !counts(partition, call, row))
            continue;
        if (--nth == 0) {
            *out = row;
            break;
        }
    }
    return WEIR_OK;
}

static enum weir_status append_lane(struct weir_builder *builder, const struct weir_column *column,
                                    uint32_t lane, struct over *over, struct weir_error *error)
{
    struct weir_column one;
    WEIR_TRY(weir_column_gather(column, &lane, 1, &over->scratch, &one, error));
    return weir_builder_append_lanes(builder, &one, NULL, 1, error);
}

static enum weir_status compute_values(struct over *over, struct over_partition *partition,
                                       const struct weir_plan_over_call *call,
                                       struct weir_column *out, struct weir_error *error)
{
    struct weir_builder builder;
    bool shifts = call->function == WEIR_OVER_LAG || call->function == WEIR_OVER_LEAD;
    WEIR_TRY(weir_builder_init(&builder, call->type, &over->scratch, error));
    for (uint32_t i = 0; i < partition->count; i++) {
        uint32_t row;
        bool known = true;
        if (i % INTERRUPT_ROWS == INTERRUPT_ROWS - 1)
            WEIR_TRY(check_interrupted(over, error));
        if (shifts)
            row = shifted_row(partition, call, i, &known);
        else
            WEIR_TRY(framed_row(over, partition, call, i, &row, error));
        if (row != OVER_NONE)
            WEIR_TRY(append_lane(&builder, &partition->columns[call->args[0]], row, over, error));
        else if (shifts && known && call->args_count > 2)
            WEIR_TRY(append_lane(&builder, &partition->columns[call->args[2]], i, over, error));
        else
            WEIR_TRY(weir_builder_append_null(&builder, error));
    }
    *out = weir_builder_column(&builder);
    return WEIR_OK;
}

/* ---- aggregates ---- */

struct running {
    struct over *over;
    const struct over_partition *partition;
    const struct weir_plan_over_call *call;
    struct weir_aggregate_heap heap;
    uint8_t *state;
    struct weir_column *args; /* of a block */
    uint32_t block;           /* whose arguments are loaded; OVER_NONE: none */
    uint16_t *selection;
    int64_t *taken_back; /* OVER_BLOCK_ROWS times -1 */
    uint32_t blocks;     /* worked through since somebody was asked whether to go on */
    struct weir_error *error;
};

static enum weir_status running_check(struct running *running,
                                      const struct weir_kernel_errors *errors)
{
    struct over *over = running->over;
    if (over->env.nulled_count)
        *over->env.nulled_count += errors->nulled_count;
    if (errors->status == WEIR_OK)
        return WEIR_OK;
    if (errors->status == WEIR_E_OUT_OF_MEMORY || errors->status == WEIR_E_MEMORY_LIMIT)
        return exec_out_of_memory(&over->env, running->error);
    weir_error_at(running->error, running->call->position);
    return errors->status;
}

static void running_reset(struct running *running)
{
    const struct weir_aggregate_ops *ops = running->call->aggregate->ops;
    if (ops->drop)
        ops->drop(running->state, &running->heap);
    memset(running->state, 0, running->call->state_size);
}

static enum weir_status load_block(struct running *running, uint32_t block)
{
    const struct over_partition *partition = running->partition;
    uint32_t first = block * OVER_BLOCK_ROWS;
    uint32_t count = partition->count - first;
    if (running->block == block)
        return WEIR_OK;
    if (count > OVER_BLOCK_ROWS)
        count = OVER_BLOCK_ROWS;
    for (uint32_t a = 0; a < running->call->args_count; a++) {
        struct weir_column part;
        WEIR_TRY(weir_column_slice(&partition->columns[running->call->args[a]], first, count,
                                   &running->over->scratch, &part, running->error));
        WEIR_TRY(
            weir_column_flatten(&part, &running->over->scratch, &running->args[a], running->error));
    }
    running->block = block;
    return WEIR_OK;
}

static bool passes_filter(const struct running *running, uint32_t row)
{
    if (running->call->filter == OVER_NONE)
        return true;
    const struct weir_column *filter = &running->partition->columns[running->call->filter];
    return !weir_column_is_null(filter, row) &&
           ((const uint8_t *)filter->values)[weir_column_index(filter, row)];
}

/* Rows [from, to), but those excluded from row i's frame (i OVER_NONE: none), into the state. */
static enum weir_status add_rows(struct running *running, uint32_t from, uint32_t to, bool back,
                                 uint32_t i)
{
    while (from < to) {
        uint32_t block = from / OVER_BLOCK_ROWS, first = block * OVER_BLOCK_ROWS, count = 0;
        for (; from < to && from < first + OVER_BLOCK_ROWS; from++)
            if (passes_filter(running, from) &&
                (i == OVER_NONE ||
                 !is_excluded(running->partition, &running->call->frame, i, from)))
                running->selection[count++] = (uint16_t)(from - first);
        if (count == 0)
            continue;
        WEIR_TRY(load_block(running, block));
        if (++running->blocks % INTERRUPT_BLOCKS == 0)
            WEIR_TRY(check_interrupted(running->over, running->error));
        struct weir_kernel_errors errors = {.null_on_error = running->over->env.null_on_error,
                                            .error = running->error};
        struct weir_aggregate_call update = {.rows_count = count,
                                             .selection = running->selection,
                                             .state = running->state,
                                             .args = running->args,
                                             .args_count = running->call->args_count,
                                             .weights = back ? running->taken_back : NULL,
                                             .heap = &running->heap,
                                             .instance = running->call->instance,
                                             .session = running->over->env.session,
                                             .errors = &errors};
        running->call->aggregate->ops->update(&update);
        WEIR_TRY(running_check(running, &errors));
    }
    return WEIR_OK;
}

static enum weir_status finish_state(struct running *running, struct weir_builder *builder)
{
    struct weir_kernel_errors errors = {.null_on_error = running->over->env.null_on_error,
                                        .error = running->error};
    void *scratch = NULL;
    struct weir_column column;
    struct weir_kernel_call finish = {.rows_count = 1,
                                      .selected_count = 1,
                                      .out = &column,
                                      .arena = &running->over->scratch,
                                      .instance = running->call->instance,
                                      .scratch = &scratch,
                                      .session = running->over->env.session,
                                      .errors = &errors};
    WEIR_TRY(exec_blank_column(running->call->type, 1, &running->over->scratch, &column,
                               &finish.out_values, &finish.validity, running->error));
    running->call->aggregate->ops->finish(&finish, &running->state, 0);
    WEIR_TRY(running_check(running, &errors));
    return weir_builder_append_lanes(builder, &column, NULL, 1, running->error);
}

/* One result per different frame; places[i] is the result of row i. */
static enum weir_status run_frames(struct running *running, struct weir_builder *builder,
                                   uint32_t *places)
{
    const struct over_partition *partition = running->partition;
    const struct weir_plan_over_call *call = running->call;
    bool retracts = call->aggregate->flags & WEIR_AGGREGATE_RETRACTS;
    bool excludes = call->frame.exclude != WEIR_FRAME_EXCLUDE_NOTHING;
    uint32_t low = 0, high = 0;
    for (uint32_t i = 0; i < partition->count; i++) {
        uint32_t next_low, next_high;
        over_frame(running->over, partition, &call->frame, i, &next_low, &next_high);
        if (i > 0 && !excludes && next_low == low && next_high == high) {
            places[i] = places[i - 1];
            continue;
        }
        bool moves = !excludes && next_high >= high && next_low >= low && next_low <= high &&
                     (retracts || next_low == low);
        if (moves) {
            WEIR_TRY(add_rows(running, high, next_high, false, OVER_NONE));
            WEIR_TRY(add_rows(running, low, next_low, true, OVER_NONE));
        } else {
            running_reset(running);
            WEIR_TRY(add_rows(running, next_low, next_high, false, excludes ? i : OVER_NONE));
        }
        low = next_low;
        high = next_high;
        places[i] = builder->rows_count;
        WEIR_TRY(finish_state(running, builder));
    }
    return WEIR_OK;
}

static enum weir_status compute_aggregate(struct over *over, struct over_partition *partition,
                                          const struct weir_plan_over_call *call,
                                          struct weir_column *out, struct weir_error *error)
{
    struct weir_arena *arena = &over->scratch;
    struct weir_builder builder;
    struct running running = {
        .over = over, .partition = partition, .call = call, .block = OVER_NONE, .error = error};
    running.state = weir_arena_alloc(arena, call->state_size + 16, 64);
    running.args = WEIR_ARENA_ARRAY(arena, struct weir_column, call->args_count + 1);
    running.selection = WEIR_ARENA_ARRAY(arena, uint16_t, OVER_BLOCK_ROWS);
    running.taken_back = WEIR_ARENA_ARRAY(arena, int64_t, OVER_BLOCK_ROWS);
    uint32_t *places = WEIR_ARENA_ARRAY(arena, uint32_t, partition->count + 1);
    if (!running.state || !running.args || !running.selection || !running.taken_back || !places)
        return exec_out_of_memory(&over->env, error);
    memset(running.state, 0, call->state_size);
    for (uint32_t i = 0; i < OVER_BLOCK_ROWS; i++)
        running.taken_back[i] = -1;
    WEIR_TRY(weir_builder_init(&builder, call->type, arena, error));
    weir_aggregate_heap_init(&running.heap, over->env.budget);
    enum weir_status status = run_frames(&running, &builder, places);
    weir_aggregate_heap_deinit(&running.heap);
    if (status != WEIR_OK)
        return status;
    struct weir_column results = weir_builder_column(&builder);
    return weir_column_gather(&results, places, partition->count, arena, out, error);
}

/* ---- all calls ---- */

static enum weir_status compute_call(struct over *over, struct over_partition *partition,
                                     const struct weir_plan_over_call *call,
                                     struct weir_column *out, struct weir_error *error)
{
    void *values;
    uint64_t *validity;
    switch (call->function) {
    case WEIR_OVER_AGGREGATE:
        return compute_aggregate(over, partition, call, out, error);
    case WEIR_OVER_LAG:
    case WEIR_OVER_LEAD:
    case WEIR_OVER_FIRST_VALUE:
    case WEIR_OVER_LAST_VALUE:
    case WEIR_OVER_NTH_VALUE:
        return compute_values(over, partition, call, out, error);
    default:
        break;
    }
    WEIR_TRY(exec_blank_column(call->type, partition->count, &over->scratch, out, &values,
                               &validity, error));
    if (call->function == WEIR_OVER_NTILE)
        return compute_ntile(partition, call, values, validity, error);
    compute_ranks(partition, call->function, values);
    return WEIR_OK;
}

enum weir_status over_compute(struct over *over, struct over_partition *partition,
                              struct weir_error *error)
{
    const struct weir_plan_over *plan = over->plan;
    partition->results = WEIR_ARENA_ARRAY(&over->scratch, struct weir_column, plan->calls_count);
    if (!partition->results)
        return exec_out_of_memory(&over->env, error);
    for (uint32_t c = 0; c < plan->calls_count; c++)
        WEIR_TRY(compute_call(over, partition, &plan->calls[c], &partition->results[c], error));
    return WEIR_OK;
}
