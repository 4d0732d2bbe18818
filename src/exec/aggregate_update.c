/* A segment of a batch into the states of its groups.
 *
 *     keys ─▶ state table ─▶ states[] ─▶ per call: FILTER ─▶ nulls ─▶ DISTINCT ─▶ update
 *
 * The states vector is made once; each step of a call narrows (selection, states, ids) together,
 * and a call without any of them gets the vectors as they are (functions skip null arguments
 * themselves; only what would be kept is narrowed by them before). DISTINCT counts (group,
 * arguments) in a table of its own and passes a row on when its count leaves zero (weight +1) or
 * returns to it (weight -1). Calls with the same arguments, over rows that are not taken back,
 * share one table, in which each has a bit: the value was counted. */
#include "exec/aggregate_internal.h"

enum weir_status aggregate_check(const struct aggregate *aggregate, const struct call_plan *call,
                                 const struct weir_batch *batch,
                                 const struct weir_kernel_errors *errors, struct weir_error *error)
{
    if (aggregate->env.nulled_count)
        *aggregate->env.nulled_count += errors->nulled_count;
    if (errors->status == WEIR_OK)
        return WEIR_OK;
    if (errors->status == WEIR_E_OUT_OF_MEMORY || errors->status == WEIR_E_MEMORY_LIMIT)
        return exec_out_of_memory(&aggregate->env, error);
    weir_error_at(error, call->plan->position);
    if (batch && batch->origin.source) {
        struct weir_origin origin = exec_origin(batch, errors->lane);
        weir_error_from(error, &origin);
    }
    return errors->status;
}

static uint32_t rows_lane(const struct rows *rows, uint32_t i)
{
    return rows->selection ? rows->selection[i] : i;
}

/* Keeps the rows with room->keep[i]; rows may be in the room already. */
static void narrow(struct aggregate_room *room, struct rows *rows)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        room->call_selection[count] = (uint16_t)rows_lane(rows, i);
        if (rows->states)
            room->call_states[count] = rows->states[i];
        if (rows->ids)
            room->call_ids[count] = rows->ids[i];
        count += room->keep[i];
    }
    rows->selection = room->call_selection;
    rows->states = rows->states ? room->call_states : NULL;
    rows->ids = rows->ids ? room->call_ids : NULL;
    rows->count = count;
}

static void apply_filter(struct aggregate_room *room, const struct weir_column *filter,
                         struct rows *rows)
{
    const uint8_t *values = filter->values;
    for (uint32_t i = 0; i < rows->count; i++) {
        uint32_t lane = rows_lane(rows, i);
        room->keep[i] =
            !weir_column_is_null(filter, lane) && values[weir_column_index(filter, lane)] != 0;
    }
    narrow(room, rows);
}

static void skip_nulls(struct aggregate_room *room, const struct weir_column *arg,
                       struct rows *rows)
{
    if (!arg->validity && arg->type->kind != WEIR_TYPE_NULL)
        return;
    for (uint32_t i = 0; i < rows->count; i++)
        room->keep[i] = !weir_column_is_null(arg, rows_lane(rows, i));
    narrow(room, rows);
}

/* DISTINCT: room->keep and room->weights say which rows make a value appear or vanish. */
static void count_values(struct aggregate_room *room, const struct rows *rows)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        uint32_t lane = rows_lane(rows, i);
        int64_t weight = rows->weights ? rows->weights[lane] : 1;
        int64_t *count = (int64_t *)(void *)room->distinct_states[i];
        bool before = *count > 0;
        *count += weight;
        bool after = *count > 0;
        room->keep[i] = before != after;
        room->weights[lane] = after ? 1 : -1;
    }
}

static void delete_values(struct aggregate_room *room, struct weir_state_table *table,
                          uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        int64_t *seen = (int64_t *)(void *)room->distinct_states[i];
        if (*seen != 0)
            continue;
        *seen = INT64_MAX; /* deleted once, however often it is among the rows */
        weir_state_table_delete(table, room->distinct_ids[i]);
    }
}

/* room->distinct_states: what the table has for the values of rows, in their groups. */
static enum weir_status find_values(struct aggregate *aggregate, struct weir_state_table *table,
                                    uint32_t args_count, const struct rows *rows,
                                    struct weir_error *error)
{
    struct aggregate_room *room = aggregate->room;
    const struct weir_column *keys = aggregate->columns;
    if (rows->states) {
        struct weir_column *with_group =
            WEIR_ARENA_ARRAY(&aggregate->scratch, struct weir_column, args_count + 1);
        if (!with_group)
            return exec_out_of_memory(&aggregate->env, error);
        for (uint32_t i = 0; i < rows->count; i++)
            room->groups[rows_lane(rows, i)] = rows->ids[i];
        with_group[0] = (struct weir_column){.type = weir_type_of(WEIR_TYPE_UINT32),
                                             .encoding = WEIR_FLAT,
                                             .rows_count = WEIR_BATCH_ROWS_MAX,
                                             .values = room->groups};
        memcpy(with_group + 1, aggregate->columns, args_count * sizeof *with_group);
        keys = with_group;
    }
    return weir_state_table_upsert(table, keys, rows->selection, rows->count, room->distinct_states,
                                   room->distinct_ids, error);
}

static enum weir_status apply_distinct(struct aggregate *aggregate, struct weir_state_table *table,
                                       uint32_t args_count, struct rows *rows,
                                       struct weir_error *error)
{
    struct aggregate_room *room = aggregate->room;
    WEIR_TRY(find_values(aggregate, table, args_count, rows, error));
    count_values(room, rows);
    if (rows->weights)
        delete_values(room, table, rows->count);
    narrow(room, rows);
    if (rows->weights)
        rows->weights = room->weights;
    return WEIR_OK;
}

/* Arguments of a call, fit for its function: no dictionaries of fixed-width values. */
static enum weir_status load_args(struct aggregate *aggregate, const struct call_plan *call,
                                  const struct weir_batch *batch, struct weir_error *error)
{
    for (uint32_t a = 0; a < call->plan->args_count; a++) {
        const struct weir_column *column = &batch->columns[call->plan->args[a]];
        if (column->encoding == WEIR_DICTIONARY && !weir_type_is_view(column->type))
            WEIR_TRY(
                weir_column_flatten(column, &aggregate->scratch, &aggregate->columns[a], error));
        else
            aggregate->columns[a] = *column;
    }
    return WEIR_OK;
}

static enum weir_status update_states(struct aggregate *aggregate, struct pane *pane,
                                      const struct call_plan *call, const struct weir_batch *batch,
                                      const struct rows *rows, struct weir_error *error)
{
    struct weir_kernel_errors errors = {.null_on_error = aggregate->env.null_on_error,
                                        .error = error};
    struct weir_aggregate_call update = {.rows_count = rows->count,
                                         .selection = rows->selection,
                                         .states = rows->states,
                                         .state = pane->single,
                                         .state_offset = call->offset,
                                         .args = aggregate->columns,
                                         .args_count = call->plan->args_count,
                                         .weights = rows->weights,
                                         .heap = &pane->heap,
                                         .instance = call->plan->instance,
                                         .session = aggregate->env.session,
                                         .errors = &errors};
    call->plan->aggregate->ops->update(&update);
    return aggregate_check(aggregate, call, batch, &errors, error);
}

/* Rows that have passed a call's FILTER and DISTINCT. */
static enum weir_status pass_on(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                                const struct weir_batch *batch, const struct rows *rows,
                                struct weir_error *error)
{
    const struct call_plan *call = &aggregate->calls[number];
    if (rows->count == 0)
        return WEIR_OK;
    if (call->keeps)
        return aggregate_kept_collect(aggregate, pane, number, batch, rows, error);
    if (call->ordered)
        return aggregate_order_collect(aggregate, pane, number, batch, rows, error);
    return update_states(aggregate, pane, call, batch, rows, error);
}

static enum weir_status update_call(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                                    const struct weir_batch *batch, struct rows rows,
                                    struct weir_error *error)
{
    const struct call_plan *call = &aggregate->calls[number];
    WEIR_TRY(load_args(aggregate, call, batch, error));
    if (call->plan->filter != AGGREGATE_NONE)
        apply_filter(aggregate->room, &batch->columns[call->plan->filter], &rows);
    if (call->skips_nulls)
        skip_nulls(aggregate->room, aggregate->columns, &rows);
    if (rows.count && call->distinct)
        WEIR_TRY(apply_distinct(aggregate, pane->distinct[number], call->plan->args_count, &rows,
                                error));
    return pass_on(aggregate, pane, number, batch, &rows, error);
}

/* ---- calls that share the values of DISTINCT ---- */

static bool passes(const struct call_plan *call, const struct weir_batch *batch, uint32_t lane)
{
    if (call->plan->filter == AGGREGATE_NONE)
        return true;
    const struct weir_column *filter = &batch->columns[call->plan->filter];
    return !weir_column_is_null(filter, lane) &&
           ((const uint8_t *)filter->values)[weir_column_index(filter, lane)] != 0;
}

/* Rows that some of the calls from number on counts. */
static void apply_any_filter(struct aggregate *aggregate, uint32_t number,
                             const struct weir_batch *batch, struct rows *rows)
{
    struct aggregate_room *room = aggregate->room;
    for (uint32_t c = number; c != AGGREGATE_NONE; c = aggregate->calls[c].next)
        if (aggregate->calls[c].plan->filter == AGGREGATE_NONE)
            return;
    memset(room->keep, 0, rows->count);
    for (uint32_t c = number; c != AGGREGATE_NONE; c = aggregate->calls[c].next)
        for (uint32_t i = 0; i < rows->count; i++)
            room->keep[i] |= passes(&aggregate->calls[c], batch, rows_lane(rows, i));
    narrow(room, rows);
}

/* Out of the room that the calls narrow their rows in. */
static enum weir_status set_aside(struct aggregate *aggregate, struct rows *rows,
                                  struct weir_error *error)
{
    struct weir_arena *arena = &aggregate->scratch;
    uint32_t count = rows->count;
    if (rows->selection != aggregate->room->call_selection)
        return WEIR_OK;
    uint16_t *selection = WEIR_ARENA_ARRAY(arena, uint16_t, count + 1);
    uint8_t **states = WEIR_ARENA_ARRAY(arena, uint8_t *, count + 1);
    uint32_t *ids = WEIR_ARENA_ARRAY(arena, uint32_t, count + 1);
    if (!selection || !states || !ids)
        return exec_out_of_memory(&aggregate->env, error);
    memcpy(selection, rows->selection, count * sizeof *selection);
    rows->selection = selection;
    if (rows->states) {
        memcpy(states, rows->states, count * sizeof *states);
        rows->states = states;
    }
    if (rows->ids) {
        memcpy(ids, rows->ids, count * sizeof *ids);
        rows->ids = ids;
    }
    return WEIR_OK;
}

/* Keeps the rows whose value this call, of that bit, has not counted yet. */
static void apply_bit(struct aggregate *aggregate, const struct call_plan *call, uint64_t bit,
                      const struct weir_batch *batch, struct rows *rows)
{
    struct aggregate_room *room = aggregate->room;
    for (uint32_t i = 0; i < rows->count; i++) {
        uint32_t lane = rows_lane(rows, i);
        uint64_t *counted = (uint64_t *)(void *)room->distinct_states[i];
        bool is_first = passes(call, batch, lane) && !(*counted & bit);
        *counted |= is_first ? bit : 0;
        room->keep[i] = is_first;
        room->weights[lane] = 1;
    }
    narrow(room, rows);
    if (rows->weights)
        rows->weights = room->weights;
}

/* A call and those that follow it: each value is looked up once for all. */
static enum weir_status update_sharing(struct aggregate *aggregate, struct pane *pane,
                                       uint32_t number, const struct weir_batch *batch,
                                       struct rows rows, struct weir_error *error)
{
    const struct call_plan *first = &aggregate->calls[number];
    uint64_t bit = 1;
    WEIR_TRY(load_args(aggregate, first, batch, error));
    if (first->skips_nulls)
        skip_nulls(aggregate->room, aggregate->columns, &rows);
    apply_any_filter(aggregate, number, batch, &rows);
    if (rows.count == 0)
        return WEIR_OK;
    WEIR_TRY(set_aside(aggregate, &rows, error));
    WEIR_TRY(find_values(aggregate, pane->distinct[number], first->plan->args_count, &rows, error));
    for (uint32_t c = number; c != AGGREGATE_NONE; c = aggregate->calls[c].next, bit <<= 1) {
        struct rows some = rows;
        if (c != number) /* collecting may have loaded others */
            WEIR_TRY(load_args(aggregate, &aggregate->calls[c], batch, error));
        apply_bit(aggregate, &aggregate->calls[c], bit, batch, &some);
        WEIR_TRY(pass_on(aggregate, pane, c, batch, &some, error));
    }
    return WEIR_OK;
}

static void count_rows(const struct pane *pane, const struct rows *rows)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        uint8_t *state = rows->states ? rows->states[i] : pane->single;
        group_header(state)->weight += rows->weights ? rows->weights[rows_lane(rows, i)] : 1;
    }
}

/* A3, when no changes are emitted. */
static void delete_empty(struct aggregate *aggregate, struct pane *pane, const struct rows *rows)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        struct group_header *header = group_header(rows->states[i]);
        if (header->weight != 0)
            continue;
        aggregate_group_delete(aggregate, pane, rows->ids[i], rows->states[i]);
        header->weight = INT64_MIN; /* deleted once, however often it is among the rows */
    }
}

static enum weir_status find_groups(struct aggregate *aggregate, const struct weir_batch *batch,
                                    const struct segment *segment, struct rows *rows,
                                    struct weir_error *error)
{
    const struct weir_plan_aggregate *plan = aggregate->plan;
    struct aggregate_room *room = aggregate->room;
    bool wants_ids = aggregate->has_header;
    for (uint32_t c = 0; c < plan->calls_count; c++)
        wants_ids |= aggregate->calls[c].distinct;
    *rows = (struct rows){
        .selection = segment->selection, .count = segment->count, .weights = batch->weights};
    if (!segment->pane->table)
        return WEIR_OK;
    if (aggregate->sessions) { /* found when the batch was divided */
        rows->states = room->states;
        rows->ids = room->ids;
        return WEIR_OK;
    }
    for (uint32_t k = 0; k < plan->keys_count; k++)
        aggregate->columns[k] = batch->columns[plan->keys[k]];
    rows->states = room->states;
    rows->ids = wants_ids ? room->ids : NULL;
    return weir_state_table_upsert(segment->pane->table, aggregate->columns, segment->selection,
                                   segment->count, room->states, wants_ids ? room->ids : NULL,
                                   error);
}

enum weir_status aggregate_update(struct aggregate *aggregate, const struct weir_batch *batch,
                                  const struct segment *segment, struct weir_error *error)
{
    struct pane *pane = segment->pane;
    struct rows rows;
    WEIR_TRY(find_groups(aggregate, batch, segment, &rows, error));
    if (aggregate->emits_changes && !aggregate->sessions &&
        (aggregate->plan->emit != WEIR_EMIT_CORRECTED || pane->is_out))
        WEIR_TRY(aggregate_touch(aggregate, pane, &rows, error));
    if (weir_ttl_is_on(&pane->ttl) && rows.ids)
        WEIR_TRY(weir_ttl_touch(&pane->ttl, rows.ids, rows.count, error));
    if (weir_ttl_is_on(&pane->ttl) && rows.ids && rows.weights)
        aggregate_count_known(aggregate, &rows);
    else if (aggregate->has_header)
        count_rows(pane, &rows);
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        const struct call_plan *call = &aggregate->calls[c];
        if (call->distinct && call->next != AGGREGATE_NONE && !call->follows)
            WEIR_TRY(update_sharing(aggregate, pane, c, batch, rows, error));
        else if (!call->follows)
            WEIR_TRY(update_call(aggregate, pane, c, batch, rows, error));
    }
    if (rows.weights && rows.states && aggregate->has_header &&
        (!aggregate->emits_changes || aggregate->by_moment))
        delete_empty(aggregate, pane, &rows);
    return WEIR_OK;
}

/* Rows of many windows at once go to many small tables, which are seldom in the cache: they are
 * fetched while the segments before are worked on. */
static void fetch_ahead(const struct segment *segments, uint32_t count)
{
    enum { STEPS = 3 };
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t ahead = STEPS - step;
        if (ahead < count)
            weir_state_table_prefetch(segments[ahead].pane->table, step);
    }
}

bool aggregate_updates_together(const struct aggregate *aggregate)
{
    const struct weir_plan_aggregate *plan = aggregate->plan;
    bool together = plan->window.kind == WEIR_WINDOW_TUMBLE && plan->keys_count > 0 &&
                    !aggregate->has_header && !aggregate_forgets(aggregate);
    for (uint32_t c = 0; c < plan->calls_count; c++) {
        const struct call_plan *call = &aggregate->calls[c];
        together &= !call->distinct && !call->ordered && !call->keeps && !call->owns;
    }
    return together;
}

enum weir_status aggregate_update_together(struct aggregate *aggregate,
                                           const struct weir_batch *batch, uint32_t segments_count,
                                           struct weir_error *error)
{
    const struct weir_plan_aggregate *plan = aggregate->plan;
    const struct segment *segments = aggregate->segments;
    uint8_t **states = aggregate->room->states;
    struct rows rows = {
        .selection = segments->selection, .states = states, .weights = batch->weights};
    for (uint32_t k = 0; k < plan->keys_count; k++)
        aggregate->columns[k] = batch->columns[plan->keys[k]];
    for (uint32_t s = 0; s < segments_count; s++) {
        fetch_ahead(segments + s, segments_count - s);
        WEIR_TRY(weir_state_table_upsert(segments[s].pane->table, aggregate->columns,
                                         segments[s].selection, segments[s].count,
                                         states + rows.count, NULL, error));
        rows.count += segments[s].count;
    }
    for (uint32_t c = 0; c < plan->calls_count; c++)
        WEIR_TRY(update_call(aggregate, segments->pane, c, batch, rows, error));
    return WEIR_OK;
}
