/* first_value, last_value, any_value, arg_min, arg_max: one row's value stands for the group.
 *
 * first_value and last_value take the first and last row as they arrive, nulls included; any_value
 * the first that is not null. arg_min(x, y) and arg_max(x, y) take x of the row with the least or
 * greatest y; rows where y is null do not count, x may be null. Of rows with equal y the one with
 * the least x is taken (a null x is greatest), so the answer does not depend on their order. */
#include "kernel/aggregate/order_key.h"

/* --- one value ------------------------------------------------------------------------------- */

struct picked {
    struct weir_kept value;
    uint32_t seen;
    uint32_t is_null;
};
AGGREGATE_SIZE(picked_size, struct picked)

static void picked_set(struct weir_aggregate_call *call, struct picked *picked, uint32_t lane)
{
    bool is_null = weir_column_is_null(&call->args[0], lane);
    if (!is_null && !weir_kept_set_lane(&picked->value, &call->args[0], lane, call->heap)) {
        weir_aggregate_out_of_memory(call);
        return;
    }
    picked->seen = 1;
    picked->is_null = is_null;
}

static void first_update(struct weir_aggregate_call *call)
{
    uint32_t count = call->states || !call->rows_count ? call->rows_count : 1;
    for (uint32_t i = 0; i < count; i++) {
        struct picked *picked = (struct picked *)(void *)aggregate_state(call, i);
        if (!picked->seen)
            picked_set(call, picked, aggregate_lane(call, i));
    }
}

static void last_update(struct weir_aggregate_call *call)
{
    uint32_t first = call->states || !call->rows_count ? 0 : call->rows_count - 1;
    for (uint32_t i = first; i < call->rows_count; i++)
        picked_set(call, (struct picked *)(void *)aggregate_state(call, i),
                   aggregate_lane(call, i));
}

static void any_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                     uint32_t index, int64_t weight)
{
    (void)index, (void)weight;
    struct picked *picked = (struct picked *)(void *)state;
    if (!picked->seen)
        picked_set(call, picked, lane);
}

static void any_update(struct weir_aggregate_call *call)
{
    aggregate_rows(call, any_step);
}

static void picked_swap(struct picked *a, struct picked *b)
{
    struct picked held = *a;
    *a = *b;
    *b = held;
}

static void picked_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    struct picked *picked = (struct picked *)(void *)state;
    weir_kept_drop(&picked->value, heap);
    picked->seen = picked->is_null = 0;
}

static void first_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct picked *target = (struct picked *)(void *)(into + call->state_offset);
    struct picked *source = (struct picked *)(void *)(from + call->state_offset);
    if (!target->seen)
        picked_swap(target, source);
    picked_drop((uint8_t *)source, call->heap);
}

/* What from has seen came after what into has. */
static void last_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct picked *target = (struct picked *)(void *)(into + call->state_offset);
    struct picked *source = (struct picked *)(void *)(from + call->state_offset);
    if (source->seen)
        picked_swap(target, source);
    picked_drop((uint8_t *)source, call->heap);
}

static void picked_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    struct weir_value_writer writer;
    weir_value_writer_begin(&writer, out);
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct picked *picked = AGGREGATE_FINISH_STATE(struct picked, states, i, offset);
        if (picked->seen && !picked->is_null)
            weir_value_writer_put(&writer, i, weir_kept_slice(&picked->value));
        else
            weir_value_writer_put_null(&writer, i);
    }
    weir_value_writer_end(&writer);
}

const struct weir_aggregate_ops weir_aggregate_first_value = {
    picked_size, first_update, first_merge, picked_finish, picked_drop, NULL};
const struct weir_aggregate_ops weir_aggregate_last_value = {picked_size,   last_update, last_merge,
                                                             picked_finish, picked_drop, NULL};
const struct weir_aggregate_ops weir_aggregate_any_value = {picked_size,   any_update,  first_merge,
                                                            picked_finish, picked_drop, NULL};

/* --- the value at the least or greatest ------------------------------------------------------ */

struct arg_best {
    struct picked picked; /* x */
    uint64_t word;        /* y, when it is a word (order_key.h) */
    struct weir_kept key; /* y's key otherwise */
    struct weir_kept tie; /* x's key, when x is not null */
};
AGGREGATE_SIZE(arg_best_size, struct arg_best)

struct arg_row {
    uint32_t lane;
    uint64_t word;
    struct weir_slice key; /* of y */
};

/* y of the row against the state's: less, equal, greater. */
static int compare_y(const struct arg_best *best, const struct arg_row *row, bool is_word)
{
    if (is_word)
        return (row->word > best->word) - (row->word < best->word);
    return weir_slice_compare(row->key, weir_kept_slice(&best->key));
}

/* Nulls are greatest. */
static bool less_x(bool a_is_null, struct weir_slice a, bool b_is_null, struct weir_slice b)
{
    return a_is_null || b_is_null ? !a_is_null && b_is_null : weir_slice_compare(a, b) < 0;
}

static bool arg_replace(struct weir_aggregate_call *call, struct arg_best *best,
                        const struct arg_row *row, struct weir_slice x_key, bool is_word)
{
    if (!is_word && !weir_kept_set(&best->key, row->key, call->heap))
        return false;
    if (!weir_kept_set(&best->tie, x_key, call->heap))
        return false;
    best->word = row->word;
    picked_set(call, &best->picked, row->lane);
    return !weir_aggregate_failed(call);
}

/* scratch: two buffers, for the keys of y and x. */
static bool arg_row(struct weir_aggregate_call *call, struct arg_best *best, uint32_t lane,
                    int wanted, struct weir_buffer *scratch)
{
    const struct weir_column *x = &call->args[0], *y = &call->args[1];
    bool is_word = weir_order_has_word(y->type);
    struct arg_row row = {.lane = lane};
    if (is_word)
        row.word = weir_order_word(y, weir_column_index(y, lane));
    else if (!weir_order_key(y, lane, &scratch[0], &row.key))
        return false;
    int order = best->picked.seen ? compare_y(best, &row, is_word) : wanted;
    if (order != wanted && order != 0)
        return true;
    bool x_is_null = weir_column_is_null(x, lane);
    struct weir_slice x_key = {0};
    if (!x_is_null && !weir_order_key(x, lane, &scratch[1], &x_key))
        return false;
    if (order == 0 && !less_x(x_is_null, x_key, best->picked.is_null, weir_kept_slice(&best->tie)))
        return true;
    return arg_replace(call, best, &row, x_key, is_word);
}

static void arg_update(struct weir_aggregate_call *call, int wanted)
{
    struct weir_buffer scratch[2];
    weir_buffer_init(&scratch[0], call->heap->arena.budget);
    weir_buffer_init(&scratch[1], call->heap->arena.budget);
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = aggregate_lane(call, i);
        struct arg_best *best = (struct arg_best *)(void *)aggregate_state(call, i);
        if (weir_column_is_null(&call->args[1], lane))
            continue;
        if (!arg_row(call, best, lane, wanted, scratch)) {
            weir_aggregate_out_of_memory(call);
            break;
        }
    }
    weir_buffer_deinit(&scratch[1]);
    weir_buffer_deinit(&scratch[0]);
}

static void arg_min_update(struct weir_aggregate_call *call)
{
    arg_update(call, -1);
}
static void arg_max_update(struct weir_aggregate_call *call)
{
    arg_update(call, 1);
}

static void arg_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    struct arg_best *best = (struct arg_best *)(void *)state;
    picked_drop((uint8_t *)&best->picked, heap);
    weir_kept_drop(&best->key, heap);
    weir_kept_drop(&best->tie, heap);
    best->word = 0;
}

/* A state either has a key or a word; the other is 0 in both. */
static void arg_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from, int wanted)
{
    struct arg_best *target = (struct arg_best *)(void *)(into + call->state_offset);
    struct arg_best *source = (struct arg_best *)(void *)(from + call->state_offset);
    bool replaces = source->picked.seen && !target->picked.seen;
    if (source->picked.seen && target->picked.seen) {
        struct arg_row row = {.word = source->word, .key = weir_kept_slice(&source->key)};
        int order = compare_y(target, &row, true);
        if (order == 0)
            order = compare_y(target, &row, false);
        replaces = order == wanted ||
                   (order == 0 && less_x(source->picked.is_null, weir_kept_slice(&source->tie),
                                         target->picked.is_null, weir_kept_slice(&target->tie)));
    }
    if (replaces) {
        struct arg_best held = *target;
        *target = *source;
        *source = held;
    }
    arg_drop((uint8_t *)source, call->heap);
}

static void arg_min_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    arg_merge(call, into, from, -1);
}
static void arg_max_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    arg_merge(call, into, from, 1);
}

const struct weir_aggregate_ops weir_aggregate_arg_min = {
    arg_best_size, arg_min_update, arg_min_merge, picked_finish, arg_drop, NULL};
const struct weir_aggregate_ops weir_aggregate_arg_max = {
    arg_best_size, arg_max_update, arg_max_merge, picked_finish, arg_drop, NULL};
