/* AGGREGATE: GROUP BY, windows, DISTINCT. See aggregate_internal.h for the parts.
 *
 *     push ─▶ divide among panes ─▶ per pane: groups, then every call's states
 *                                            │ EMIT CHANGES: net changes of the push
 *     watermark ─▶ panes that end by it: their rows (ON CLOSE), then they are recycled
 *     CORRECTED: panes that have ended are emitted, and recycled when the lateness has passed
 *     HOP over plain states: rows go into slices, of which windows are made when they are emitted
 *     end ─▶ what is left, panes by end, groups as first seen
 *
 * Rows of windows that have closed are late: counted and left out, except in a query over bounded
 * input, where windows close at the end only. Tested in tests/unit/exec/test_aggregate.c. */
#include "exec/aggregate_internal.h"

#include "base/checked.h"

static void aggregate_close(void *state)
{
    struct aggregate *aggregate = state;
    aggregate_sessions_destroy(aggregate);
    aggregate_slices_destroy(aggregate);
    aggregate_panes_destroy(aggregate);
    weir_batch_release(aggregate->out);
    weir_arena_deinit(&aggregate->arena);
    weir_arena_deinit(&aggregate->scratch);
    weir_arena_deinit(&aggregate->emit_scratch);
    if (aggregate->room) {
        weir_free(aggregate->room);
        weir_budget_release(aggregate->env.budget, sizeof *aggregate->room);
    }
    exec_state_destroy(&aggregate->env, aggregate, sizeof *aggregate);
}

/* ---- opening ---- */

static bool shares_values(const struct call_plan *a, const struct call_plan *b)
{
    return a->distinct && a->skips_nulls == b->skips_nulls &&
           a->plan->args_count == b->plan->args_count &&
           memcmp(a->plan->args, b->plan->args, a->plan->args_count * sizeof *a->plan->args) == 0;
}

/* count(DISTINCT x), count(DISTINCT x) FILTER (…) …: one table, see update_sharing. Values that are
 * taken back are counted by each call alone. */
static void plan_sharing(struct aggregate *aggregate, uint32_t number)
{
    enum { CALLS_MAX = 64 }; /* a bit each */
    struct call_plan *call = &aggregate->calls[number];
    call->next = AGGREGATE_NONE;
    if (!call->distinct || aggregate->node->inputs[0]->changelog)
        return;
    for (uint32_t c = 0; c < number; c++) {
        uint32_t last = c, followers = 1;
        if (aggregate->calls[c].follows || !shares_values(&aggregate->calls[c], call))
            continue;
        for (; aggregate->calls[last].next != AGGREGATE_NONE; followers++)
            last = aggregate->calls[last].next;
        if (followers == CALLS_MAX)
            continue;
        aggregate->calls[last].next = number;
        call->follows = true;
        return;
    }
}

static bool owns_memory(const struct aggregate *aggregate,
                        const struct weir_plan_aggregate_call *call)
{
    if (!call->aggregate->ops->drop || call->args_count == 0)
        return call->aggregate->ops->drop;
    const struct weir_type *type = aggregate->input_schema->fields[call->args[0]].type;
    return !(call->aggregate->flags & WEIR_AGGREGATE_FIXED_IN_PLACE) || weir_type_is_view(type) ||
           weir_type_is_nested(type);
}

static void plan_call(struct aggregate *aggregate, uint32_t number, uint32_t *offset)
{
    const struct weir_plan_aggregate_call *plan = &aggregate->plan->calls[number];
    struct call_plan *call = &aggregate->calls[number];
    uint32_t flags = plan->aggregate->flags;
    call->plan = plan;
    bool in_sessions = aggregate->plan->window.kind == WEIR_WINDOW_SESSION;
    bool distinct =
        plan->distinct && plan->args_count > 0 && !(flags & WEIR_AGGREGATE_DUPLICATE_FREE);
    call->distinct = distinct && !in_sessions;
    call->owns = owns_memory(aggregate, plan);
    call->dedupes = distinct && in_sessions;
    bool changes = aggregate->node->inputs[0]->changelog || aggregate->by_moment;
    bool asks_order = plan->order_count > 0 || call->dedupes;
    call->ordered = asks_order && !changes;
    call->keeps = changes && (asks_order || !(flags & WEIR_AGGREGATE_RETRACTS));
    if (aggregate->by_moment) /* states are added up again and again */
        call->keeps |= !plan->aggregate->ops->merge || plan->aggregate->ops->drop;
    call->pick = aggregate_kept_pick(plan);
    call->skips_nulls = (call->distinct || call->ordered || call->keeps) && plan->args_count > 0 &&
                        !(flags & WEIR_AGGREGATE_COUNTS_NULLS);
    uint32_t size = call->ordered ? (uint32_t)sizeof(struct ordered_state)
                    : call->keeps ? (uint32_t)sizeof(struct weir_ordered_set)
                                  : plan->state_size;
    uint32_t alignment = size % 16 == 0 ? 16 : 8;
    *offset = (*offset + alignment - 1) & ~(alignment - 1);
    call->offset = *offset;
    *offset += (size + 7) & ~7u;
    aggregate->result_types[number] = plan->type;
    plan_sharing(aggregate, number);
}

static uint32_t columns_needed(const struct weir_plan_aggregate *plan)
{
    uint32_t needed = plan->keys_count + (plan->window.kind == WEIR_WINDOW_SESSION);
    for (uint32_t c = 0; c < plan->calls_count; c++) {
        uint32_t count = plan->calls[c].args_count + plan->calls[c].order_count;
        if (count > needed)
            needed = count;
    }
    return needed;
}

static enum weir_status plan_calls(struct aggregate *aggregate, struct weir_error *error)
{
    const struct weir_plan_aggregate *plan = aggregate->plan;
    struct weir_arena *arena = &aggregate->arena;
    aggregate->calls = WEIR_ARENA_ARRAY(arena, struct call_plan, plan->calls_count);
    aggregate->key_types = WEIR_ARENA_ARRAY(arena, const struct weir_type *, plan->keys_count + 1);
    aggregate->result_types = WEIR_ARENA_ARRAY(arena, const struct weir_type *, plan->calls_count);
    aggregate->columns = WEIR_ARENA_ARRAY(arena, struct weir_column, columns_needed(plan));
    if (!aggregate->calls || !aggregate->key_types || !aggregate->result_types ||
        !aggregate->columns)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t k = 0; k < plan->keys_count; k++)
        aggregate->key_types[k] = aggregate->input_schema->fields[plan->keys[k]].type;
    aggregate->key_types[plan->keys_count] = weir_type_of(WEIR_TYPE_INT64);
    aggregate->group_keys_count = plan->keys_count + (plan->window.kind == WEIR_WINDOW_SESSION);
    aggregate->emits_changes = plan->emit == WEIR_EMIT_CHANGES || plan->emit == WEIR_EMIT_EVERY ||
                               plan->emit == WEIR_EMIT_CORRECTED;
    aggregate->has_header =
        aggregate->emits_changes || aggregate->node->inputs[0]->changelog; /* A2 */
    /* Sessions that nothing closes are forgotten by their keys. */
    bool forgets = aggregate->env.ttl_us > 0 && plan->window.stays_open && aggregate->emits_changes;
    aggregate->by_moment = plan->window.kind == WEIR_WINDOW_SESSION &&
                           (aggregate->node->inputs[0]->changelog || forgets);
    uint32_t offset = aggregate->has_header ? (uint32_t)sizeof(struct group_header) : 0;
    if (aggregate->by_moment)
        offset += (uint32_t)sizeof(struct group_moment);
    for (uint32_t c = 0; c < plan->calls_count; c++)
        plan_call(aggregate, c, &offset);
    aggregate->states_size = offset;
    aggregate->payload_size = offset <= 8 ? offset : (offset + 15) & ~15u;
    aggregate->updates_together = aggregate_updates_together(aggregate);
    return WEIR_OK;
}

static enum weir_status aggregate_init(struct aggregate *aggregate, struct weir_error *error)
{
    struct pane *pane;
    WEIR_TRY(plan_calls(aggregate, error));
    if (!weir_budget_charge(aggregate->env.budget, sizeof *aggregate->room))
        return exec_out_of_memory(&aggregate->env, error);
    aggregate->room = weir_malloc(sizeof *aggregate->room);
    if (!aggregate->room) {
        weir_budget_release(aggregate->env.budget, sizeof *aggregate->room);
        return weir_error_set_out_of_memory(error);
    }
    if (aggregate->plan->window.kind == WEIR_WINDOW_SESSION)
        return aggregate_sessions_create(aggregate, error);
    if (aggregate->plan->window.kind != WEIR_WINDOW_NONE)
        return aggregate_slices_create(aggregate, error);
    return aggregate_pane_open(aggregate, INT64_MIN, INT64_MAX, false, &pane, error);
}

static enum weir_status aggregate_open(const void *description, const struct weir_operator_env *env,
                                       void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct aggregate), state, error));
    struct aggregate *aggregate = *state;
    aggregate->node = description;
    aggregate->plan = &aggregate->node->of.aggregate;
    aggregate->input_schema = &aggregate->node->inputs[0]->schema;
    aggregate->env = *env;
    aggregate->watermark_us = aggregate->out_us = INT64_MIN;
    weir_arena_init(&aggregate->arena, env->budget, 4096);
    weir_arena_init(&aggregate->scratch, env->budget, 0);
    weir_arena_init(&aggregate->emit_scratch, env->budget, 0);
    enum weir_status status = aggregate_init(aggregate, error);
    if (status != WEIR_OK) {
        (void)exec_open_failed(env, status, error);
        aggregate_close(aggregate);
        *state = NULL;
    }
    return status;
}

/* ---- running ---- */

static enum weir_status take_in(struct aggregate *aggregate, const struct weir_batch *batch,
                                struct weir_error *error)
{
    uint32_t segments_count;
    weir_arena_reset(&aggregate->scratch);
    WEIR_TRY(aggregate_divide(aggregate, batch, &segments_count, error));
    if (segments_count > 1 && aggregate->updates_together)
        return aggregate_update_together(aggregate, batch, segments_count, error);
    for (uint32_t s = 0; s < segments_count; s++)
        WEIR_TRY(aggregate_update(aggregate, batch, &aggregate->segments[s], error));
    return WEIR_OK;
}

/* Net changes of all panes. */
static enum weir_flow flush_all(struct aggregate *aggregate, struct weir_output *output,
                                struct weir_error *error)
{
    for (uint32_t i = 0; i <= aggregate->panes_count; i++) {
        struct pane *pane = i < aggregate->panes_count ? aggregate->panes[i] : aggregate->null_pane;
        if (!pane || pane->pending.count == 0)
            continue;
        enum weir_flow flow = aggregate_flush(aggregate, pane, output, error);
        if (flow != WEIR_FLOW_OK)
            return flow;
    }
    return WEIR_FLOW_OK;
}

static enum weir_flow aggregate_push(void *state, uint32_t port, struct weir_batch *batch,
                                     struct weir_output *output, struct weir_error *error)
{
    struct aggregate *aggregate = state;
    (void)port;
    if (!aggregate->flushing && take_in(aggregate, batch, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    if (aggregate->plan->emit != WEIR_EMIT_CHANGES && aggregate->plan->emit != WEIR_EMIT_CORRECTED)
        return WEIR_FLOW_OK;
    enum weir_flow flow = aggregate->sessions ? aggregate_sessions_flush(aggregate, output, error)
                                              : flush_all(aggregate, output, error);
    aggregate->flushing = flow == WEIR_FLOW_YIELD;
    return flow == WEIR_FLOW_OK && aggregate->done ? WEIR_FLOW_DONE : flow;
}

/* The rows of a pane for the first time; what comes after are corrections. */
static enum weir_flow let_out(struct aggregate *aggregate, struct pane *pane,
                              struct weir_output *output, struct weir_error *error)
{
    if (pane->is_out)
        return WEIR_FLOW_OK;
    enum weir_flow flow = aggregate_emit_pane(aggregate, pane, output, error);
    pane->is_out = flow == WEIR_FLOW_OK;
    return flow;
}

/* CORRECTED: the rows of the windows that have ended, which stay open. */
static enum weir_flow let_out_ended(struct aggregate *aggregate, struct weir_output *output,
                                    struct weir_error *error)
{
    enum weir_flow flow = WEIR_FLOW_OK;
    for (uint32_t i = 0; i < aggregate->panes_count && flow == WEIR_FLOW_OK; i++) {
        if (aggregate->panes[i]->end_us > aggregate->out_us)
            break;
        flow = let_out(aggregate, aggregate->panes[i], output, error);
    }
    return flow;
}

static void close_pane(struct aggregate *aggregate, struct pane *pane)
{
    int64_t end_us = pane->end_us;
    bool of_null = pane->of_null;
    aggregate_pane_recycle(aggregate, pane);
    if (!of_null)
        aggregate_slices_release(aggregate, end_us);
}

/* Lets go of the panes that have closed, after emitting what is due. */
static enum weir_flow close_panes(struct aggregate *aggregate, struct weir_output *output,
                                  struct weir_error *error)
{
    if (aggregate->plan->emit == WEIR_EMIT_CORRECTED) {
        enum weir_flow flow = let_out_ended(aggregate, output, error);
        if (flow != WEIR_FLOW_OK)
            return flow;
    }
    while (aggregate->panes_count && aggregate->panes[0]->end_us <= aggregate->watermark_us) {
        struct pane *pane = aggregate->panes[0];
        enum weir_flow flow = aggregate->emits_changes
                                  ? aggregate_flush(aggregate, pane, output, error)
                                  : aggregate_emit_pane(aggregate, pane, output, error);
        if (flow != WEIR_FLOW_OK)
            return flow;
        close_pane(aggregate, pane);
    }
    return WEIR_FLOW_OK;
}

static bool closes_windows(const struct aggregate *aggregate)
{
    const struct weir_plan_window *window = &aggregate->plan->window;
    return window->kind != WEIR_WINDOW_NONE && !window->stays_open;
}

static enum weir_flow aggregate_watermark(void *state, struct weir_event_time watermark,
                                          struct weir_output *output, struct weir_error *error)
{
    struct aggregate *aggregate = state;
    const struct weir_plan_window *window = &aggregate->plan->window;
    bool windowed = window->kind != WEIR_WINDOW_NONE, closes = closes_windows(aggregate);
    aggregate->out_us = watermark.us;
    if (watermark.us != WEIR_EVENT_TIME_MAX.us &&
        !weir_sub_i64(watermark.us, window->lateness_us, &watermark.us))
        watermark = WEIR_EVENT_TIME_MIN;
    if (closes && watermark.us > aggregate->watermark_us)
        aggregate->watermark_us = watermark.us;
    /* Rows that wait for the end would be late behind this watermark. */
    if (windowed && (aggregate->env.bounded_query || aggregate->plan->emit == WEIR_EMIT_FINAL))
        return WEIR_FLOW_OK;
    if (closes) {
        enum weir_flow flow = aggregate->sessions
                                  ? aggregate_sessions_close(aggregate, output, &watermark, error)
                                  : close_panes(aggregate, output, error);
        if (flow != WEIR_FLOW_OK)
            return flow;
        if (aggregate->done)
            return WEIR_FLOW_DONE;
    }
    return output->watermark(output, watermark, error);
}

/* Whether the interval of EMIT EVERY is over; what is late by less than an interval does not put
 * off what follows. While a flush is not through it stays due. */
static bool is_flush_due(struct aggregate *aggregate, struct weir_processing_time now)
{
    const struct weir_plan_aggregate *plan = aggregate->plan;
    if (plan->emit != WEIR_EMIT_EVERY || aggregate->done)
        return false;
    if (aggregate->flushed_us == 0)
        aggregate->flushed_us = now.us;
    int64_t passed = now.us - aggregate->flushed_us;
    int64_t every = plan->emit_every_us > 0 ? plan->emit_every_us : 1;
    if (passed >= every) {
        aggregate->flushed_us += passed / every * every;
        aggregate->flushing = true;
    }
    return aggregate->flushing;
}

static enum weir_flow aggregate_timer(void *state, struct weir_processing_time now,
                                      struct weir_output *output, struct weir_error *error)
{
    struct aggregate *aggregate = state;
    enum weir_flow flow = WEIR_FLOW_OK;
    if (is_flush_due(aggregate, now)) {
        flow = aggregate->sessions ? aggregate_sessions_flush(aggregate, output, error)
                                   : flush_all(aggregate, output, error);
        aggregate->flushing = flow == WEIR_FLOW_YIELD;
    }
    if (flow == WEIR_FLOW_OK && aggregate_forget(aggregate, now, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    return flow;
}

/* The one row of an aggregation over nothing. */
static enum weir_status touch_global(struct aggregate *aggregate, struct weir_error *error)
{
    struct pane *pane = aggregate->panes[0];
    const struct rows one = {.count = 1};
    if (!aggregate_is_global(aggregate) || group_header(pane->single)->emitted ||
        pane->pending.count)
        return WEIR_OK;
    return aggregate_touch(aggregate, pane, &one, error);
}

static enum weir_flow emit_rest(struct aggregate *aggregate, struct weir_output *output,
                                struct weir_error *error)
{
    if (aggregate->sessions)
        return aggregate_sessions_end(aggregate, output, error);
    for (uint32_t i = 0;
         aggregate->plan->emit == WEIR_EMIT_CORRECTED && i <= aggregate->panes_count; i++) {
        struct pane *pane = i < aggregate->panes_count ? aggregate->panes[i] : aggregate->null_pane;
        enum weir_flow flow = pane ? let_out(aggregate, pane, output, error) : WEIR_FLOW_OK;
        if (flow != WEIR_FLOW_OK)
            return flow;
    }
    if (aggregate->emits_changes) {
        if (aggregate->panes_count && touch_global(aggregate, error) != WEIR_OK)
            return exec_failed(&aggregate->env, error);
        enum weir_flow flow = flush_all(aggregate, output, error);
        while (closes_windows(aggregate) && flow == WEIR_FLOW_OK && aggregate->panes_count)
            close_pane(aggregate, aggregate->panes[0]);
        return flow;
    }
    while (aggregate->panes_count || aggregate->null_pane) {
        struct pane *pane = aggregate->panes_count ? aggregate->panes[0] : aggregate->null_pane;
        enum weir_flow flow = aggregate_emit_pane(aggregate, pane, output, error);
        if (flow != WEIR_FLOW_OK)
            return flow;
        close_pane(aggregate, pane);
    }
    return WEIR_FLOW_OK;
}

static enum weir_flow aggregate_end(void *state, struct weir_output *output,
                                    struct weir_error *error)
{
    struct aggregate *aggregate = state;
    enum weir_flow flow = aggregate->done ? WEIR_FLOW_OK : emit_rest(aggregate, output, error);
    return flow == WEIR_FLOW_OK ? output->end(output, error) : flow;
}

static uint64_t aggregate_state_rows(const void *state)
{
    const struct aggregate *aggregate = state;
    uint64_t rows = aggregate_slices_rows(aggregate);
    if (aggregate->sessions)
        rows += aggregate_sessions_rows(aggregate);
    for (uint32_t i = 0; i <= aggregate->panes_count; i++) {
        const struct pane *pane =
            i < aggregate->panes_count ? aggregate->panes[i] : aggregate->null_pane;
        if (!pane)
            continue;
        if (pane->kind != PANE_OF_WINDOW)
            rows += pane->table ? weir_state_table_count(pane->table) : 1;
        for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
            if (pane->distinct[c])
                rows += weir_state_table_count(pane->distinct[c]);
            if (pane->ordered[c].store)
                rows += pane->ordered[c].store->rows_count - pane->ordered[c].dead;
        }
    }
    return rows;
}

const struct weir_operator_type exec_aggregate = {.name = "aggregate",
                                                  .open = aggregate_open,
                                                  .push = aggregate_push,
                                                  .watermark = aggregate_watermark,
                                                  .timer = aggregate_timer,
                                                  .end = aggregate_end,
                                                  .preview = aggregate_preview,
                                                  .state_rows = aggregate_state_rows,
                                                  .close = aggregate_close};
