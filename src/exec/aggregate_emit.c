/* Groups to output batches: keys from the state table, the window, the results of calls.
 *
 * What a batch shows must outlive the pane: text keys longer than 12 bytes are copied into the
 * batch, and functions write their results there. */
#include "exec/aggregate_internal.h"

static enum weir_status finish_call(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                                    uint8_t *const *states, uint32_t count,
                                    struct weir_arena *arena, struct weir_column *column,
                                    struct weir_error *error)
{
    const struct call_plan *call = &aggregate->calls[number];
    struct weir_kernel_errors errors = {.null_on_error = aggregate->env.null_on_error,
                                        .error = error};
    void *scratch = NULL;
    struct weir_kernel_call finish = {.rows_count = count,
                                      .selected_count = count,
                                      .out = column,
                                      .arena = arena,
                                      .instance = call->plan->instance,
                                      .scratch = &scratch,
                                      .session = aggregate->env.session,
                                      .errors = &errors};
    uint8_t **made = NULL;
    WEIR_TRY(exec_blank_column(call->plan->type, count, arena, column, &finish.out_values,
                               &finish.validity, error));
    if (call->ordered || call->keeps)
        WEIR_TRY(aggregate_order_make(aggregate, pane, number, states, count, &made, error));
    call->plan->aggregate->ops->finish(&finish, made ? made : states, made ? 0 : call->offset);
    if (made)
        aggregate_order_drop(aggregate, pane, number, made, count);
    if (column->validity && !weir_validity_any_null(column->validity, count))
        column->validity = NULL; /* who reads it need not look */
    return aggregate_check(aggregate, call, NULL, &errors, error);
}

enum weir_status aggregate_finish(struct aggregate *aggregate, struct pane *pane,
                                  uint8_t *const *states, uint32_t count, struct weir_arena *arena,
                                  struct weir_column *columns, struct weir_error *error)
{
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++)
        WEIR_TRY(finish_call(aggregate, pane, c, states, count, arena, &columns[c], error));
    return WEIR_OK;
}

/* A CONSTANT timestamp, in the unit of its type. */
static enum weir_status constant_time(const struct weir_type *type, int64_t us, uint32_t count,
                                      struct weir_arena *arena, struct weir_column *out,
                                      struct weir_error *error)
{
    int64_t *value = weir_arena_alloc(arena, sizeof *value, 64);
    if (!value)
        return weir_budget_error(arena->budget, error);
    bool ns = type->kind == WEIR_TYPE_TIMESTAMP_NS || type->kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    *value = us;
    if (ns && __builtin_mul_overflow(us, (int64_t)1000, value))
        return weir_error_set(error, WEIR_E_TIME_RANGE,
                              "a window's bound does not fit a timestamp of nanoseconds");
    *out = (struct weir_column){
        .type = type, .encoding = WEIR_CONSTANT, .rows_count = count, .values = value};
    return WEIR_OK;
}

/* Windows of their own for each group. */
static enum weir_status show_bounds(const struct weir_type *type, const struct shown_bounds *bounds,
                                    uint32_t count, struct weir_batch *out,
                                    struct weir_column *column, struct weir_error *error)
{
    const int64_t *const values[2] = {bounds->starts, bounds->ends};
    struct weir_column *children = WEIR_ARENA_ARRAY(&out->arena, struct weir_column, 2);
    void *written = NULL;
    uint64_t *validity = NULL;
    if (!children)
        return weir_budget_error(out->arena.budget, error);
    for (int side = 0; side < 2; side++) {
        WEIR_TRY(exec_blank_column(type->children[side], count, &out->arena, &children[side],
                                   &written, &validity, error));
        memcpy(written, values[side], count * sizeof(int64_t));
    }
    WEIR_TRY(exec_blank_column(type, count, &out->arena, column, &written, &validity, error));
    for (uint32_t i = 0; i < count; i++)
        if (bounds->ends[i] == INT64_MAX && bounds->starts[i] == INT64_MAX)
            weir_bit_clear(validity, i);
    children[0].validity = children[1].validity = validity;
    column->children = children;
    column->children_count = 2;
    return WEIR_OK;
}

static enum weir_status show_window(const struct aggregate *aggregate, const struct pane *pane,
                                    const struct shown_bounds *shown, uint32_t count,
                                    struct weir_batch *out, struct weir_error *error)
{
    uint32_t index = aggregate->plan->window_output;
    const struct weir_type *type = aggregate->node->schema.fields[index].type;
    struct weir_column *bounds = WEIR_ARENA_ARRAY(&out->arena, struct weir_column, 2);
    if (!bounds)
        return exec_out_of_memory(&aggregate->env, error);
    if (shown)
        return show_bounds(type, shown, count, out, &out->columns[index], error);
    if (pane->of_null) {
        struct weir_column nulls = weir_column_nulls(type, count);
        return weir_column_flatten(&nulls, &out->arena, &out->columns[index], error);
    }
    WEIR_TRY(
        constant_time(type->children[0], pane->start_us, count, &out->arena, &bounds[0], error));
    WEIR_TRY(constant_time(type->children[1], pane->end_us, count, &out->arena, &bounds[1], error));
    out->columns[index] = (struct weir_column){.type = type,
                                               .encoding = WEIR_FLAT,
                                               .rows_count = count,
                                               .children = bounds,
                                               .children_count = 2};
    return WEIR_OK;
}

enum weir_status aggregate_show_keys(struct aggregate *aggregate, const struct pane *pane,
                                     const struct shown_bounds *bounds, const uint32_t *ids,
                                     uint32_t count, struct weir_batch *out,
                                     struct weir_error *error)
{
    uint32_t window = aggregate->plan->window_output;
    for (uint32_t k = 0; k < aggregate->plan->keys_count; k++) {
        struct weir_column keys;
        uint32_t index = k + (window != AGGREGATE_NONE && k >= window);
        WEIR_TRY(weir_state_table_keys(pane->table, k, ids, count, &out->arena, &keys, error));
        WEIR_TRY(exec_own_column(&keys, count, &out->arena, &out->columns[index], error));
    }
    return window == AGGREGATE_NONE ? WEIR_OK
                                    : show_window(aggregate, pane, bounds, count, out, error);
}

static enum weir_status show_event_time(const struct aggregate *aggregate, const struct pane *pane,
                                        const struct shown_bounds *bounds, uint32_t count,
                                        struct weir_batch *out, struct weir_error *error)
{
    if (!aggregate->node->has_event_time)
        return WEIR_OK;
    int64_t *times = weir_arena_alloc(&out->arena, count * sizeof *times + 1, 64);
    if (!times)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t i = 0; i < count; i++)
        times[i] = (bounds ? bounds->ends[i] : pane->end_us) - 1;
    out->event_times = times;
    return WEIR_OK;
}

/* The next groups of a pane that count rows. */
static uint32_t next_groups(const struct aggregate *aggregate, const struct pane *pane,
                            uint32_t *cursor, uint32_t *ids, uint8_t **states)
{
    uint32_t limit = exec_batch_rows(&aggregate->env);
    if (pane->table) {
        uint32_t count = weir_state_table_scan(pane->table, cursor, ids, limit);
        weir_state_table_payloads(pane->table, ids, count, states);
        return count;
    }
    bool empty = aggregate->has_header && group_header(pane->single)->weight == 0 &&
                 !aggregate_is_global(aggregate);
    if (*cursor || empty)
        return 0;
    *cursor = 1;
    ids[0] = 0;
    states[0] = pane->single;
    return 1;
}

enum weir_status aggregate_show_groups(struct aggregate *aggregate, struct pane *pane,
                                       const struct shown_bounds *bounds, const uint32_t *ids,
                                       uint8_t *const *states, uint32_t count,
                                       struct weir_error *error)
{
    WEIR_TRY(
        weir_batch_renew(&aggregate->out, &aggregate->node->schema, aggregate->env.budget, error));
    struct weir_batch *out = aggregate->out;
    out->rows_count = out->selected_count = count;
    weir_arena_reset(&aggregate->emit_scratch);
    WEIR_TRY(aggregate_show_keys(aggregate, pane, bounds, ids, count, out, error));
    WEIR_TRY(aggregate_finish(aggregate, pane, states, count, &out->arena,
                              out->columns + aggregate_first_result(aggregate), error));
    return show_event_time(aggregate, pane, bounds, count, out, error);
}

enum weir_flow aggregate_emit_pane(struct aggregate *aggregate, struct pane *pane,
                                   struct weir_output *output, struct weir_error *error)
{
    struct pane *groups;
    if (aggregate_slices_fill(aggregate, pane, &groups, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    return aggregate_emit_groups(aggregate, pane, groups, output, error);
}

enum weir_flow aggregate_emit_groups(struct aggregate *aggregate, struct pane *pane,
                                     struct pane *groups, struct weir_output *output,
                                     struct weir_error *error)
{
    struct aggregate_room *room = aggregate->room;
    while (!aggregate->done) {
        uint32_t cursor = pane->cursor;
        uint32_t count = next_groups(aggregate, groups, &cursor, room->ids, room->states);
        if (count == 0)
            break;
        if (aggregate_show_groups(aggregate, groups, NULL, room->ids, room->states, count, error) !=
            WEIR_OK)
            return exec_failed(&aggregate->env, error);
        enum weir_flow flow = output->push(output, aggregate->out, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD)
            return flow;
        for (uint32_t i = 0; aggregate->plan->emit == WEIR_EMIT_CORRECTED && i < count; i++)
            group_header(room->states[i])->emitted = 1;
        pane->cursor = cursor;
        aggregate->done = flow == WEIR_FLOW_DONE;
        if (flow == WEIR_FLOW_FULL)
            return WEIR_FLOW_YIELD;
    }
    return WEIR_FLOW_OK;
}
