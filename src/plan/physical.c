/* From relations to the physical plan: what is emitted when, what is a changelog, what is shared.
 *
 * A relation is lowered in one of two ways. *Final*: its input ends and only the last answer counts
 * (all of `weir sql` over bounded inputs, and what stands below ORDER BY); aggregates emit once.
 * *Streaming*: windows of the event time emit when they close, other aggregates emit changes.
 *
 *     P1 nodes come after their inputs
 *     P2 two nodes that do the same over the same inputs are one node, unless volatile
 *     P3 an input of SORT is bounded and no changelog; a sink that takes no changelog gets none */
#include "plan/fingerprint_internal.h"
#include "plan/physical_internal.h"
#include "plan/rules_internal.h"

#include "base/checked.h"
#include "base/hash.h"

static const struct weir_plan_node *lower(struct lowering *l, struct plan_rel *rel, bool final);

static bool rel_is_bounded(struct plan_rel *rel)
{
    if (rel->kind == WEIR_PLAN_SCAN)
        return rel->of.scan.table->bounded;
    if (rel->bounded_memo)
        return rel->bounded_memo == 2;
    bool bounded = true;
    for (uint32_t i = 0; i < rel->inputs_count && bounded; i++)
        bounded = rel_is_bounded(rel->inputs[i]);
    rel->bounded_memo = bounded ? 2 : 1;
    return bounded;
}

/* ---------------------------------------------------------------- nodes */

/* Rows of its right input have no time. */
static bool looks_up(const struct plan_rel *rel)
{
    return rel->kind == WEIR_PLAN_JOIN && rel->of.join.lookup;
}

static struct weir_plan_node *new_node(struct lowering *l, const struct plan_rel *rel,
                                       const struct weir_plan_node *const *inputs, uint32_t count)
{
    struct weir_plan_node *node = PLAN_NEW(l->b, struct weir_plan_node);
    if (!node)
        return NULL;
    node->kind = rel->kind;
    node->inputs = inputs;
    node->inputs_count = count;
    node->schema = plan_rel_schema(rel);
    node->bounded = true;
    node->has_event_time = rel->event_time_type != NULL && rel->event_time_required;
    for (uint32_t i = 0; i < count; i++) {
        node->has_event_time &= inputs[i]->has_event_time || (i > 0 && looks_up(rel));
        node->bounded &= inputs[i]->bounded;
        node->changelog |= inputs[i]->changelog;
    }
    return node;
}

/* P2: an equal node made before, else this one, numbered. */
const struct weir_plan_node *plan_finish_node(struct lowering *l, struct weir_plan_node *node)
{
    struct plan_binder *b = l->b;
    struct weir_buffer text;
    struct weir_slice *kept = PLAN_NEW(b, struct weir_slice);
    weir_buffer_init(&text, NULL);
    plan_canonical_node(node, &text);
    bool is_volatile = plan_node_is_volatile(node);
    const struct weir_plan_node *found = NULL;
    uint32_t twins = 0;
    for (uint32_t i = 0; i < l->nodes.count && !text.failed; i++) {
        if (!weir_slice_equals(*(struct weir_slice *)l->texts.items[i], weir_buffer_slice(&text)))
            continue;
        twins++;
        if (!is_volatile)
            found = l->nodes.items[i];
    }
    if (!kept || text.failed || !plan_slice_copy(weir_buffer_slice(&text), b->arena, kept)) {
        plan_out_of_memory(b);
        weir_buffer_deinit(&text);
        return NULL;
    }
    if (!found) {
        weir_buffer_printf(&text, "*%u", twins);
        node->fingerprint = plan_canonical_hash(weir_buffer_slice(&text));
        node->id = l->nodes.count;
        for (uint32_t i = 0; i < node->inputs_count; i++)
            ((struct weir_plan_node *)(uintptr_t)node->inputs[i])->consumers_count++;
        if (!plan_list_push(b, &l->texts, kept) || !plan_list_push(b, &l->nodes, node) ||
            !plan_list_push(b, &l->restless, plan_is_restless(l, node) ? node : NULL))
            node = NULL;
        found = node;
    }
    weir_buffer_deinit(&text);
    return b->out_of_memory ? NULL : found;
}

static const struct weir_plan_node *const *lower_inputs(struct lowering *l, struct plan_rel *rel,
                                                        bool final)
{
    const struct weir_plan_node **inputs =
        PLAN_ARRAY(l->b, const struct weir_plan_node *, rel->inputs_count + 1);
    bool ok = inputs != NULL;
    for (uint32_t i = 0; inputs && i < rel->inputs_count; i++) {
        inputs[i] = lower(l, rel->inputs[i], final);
        ok &= inputs[i] != NULL;
    }
    if (!ok || (rel->kind != WEIR_PLAN_JOIN && rel->kind != WEIR_PLAN_AGGREGATE &&
                rel->kind != WEIR_PLAN_OVER))
        return ok ? inputs : NULL;
    return plan_lower_settled(l, rel, inputs) ? inputs : NULL;
}

/* ---------------------------------------------------------------- SCAN */

static const struct weir_expr *inline_generated(void *context, const struct weir_expr *expr,
                                                bool *failed)
{
    const struct weir_table *table = context;
    (void)failed;
    if (expr->kind != WEIR_EXPR_COLUMN || !table->generated)
        return NULL;
    return table->generated[expr->index];
}

const struct weir_expr *plan_inline_generated(struct plan_binder *b, const struct weir_table *table,
                                              const struct weir_expr *expr)
{
    if (!expr)
        return NULL;
    expr = plan_rewrite(b->arena, expr, inline_generated, (void *)(uintptr_t)table);
    if (!expr)
        plan_out_of_memory(b);
    return expr;
}

static const struct weir_expr *over_physical(struct plan_binder *b, const struct plan_scan *scan,
                                             const struct weir_expr *expr, bool *used)
{
    uint32_t columns = scan->table->schema.fields_count;
    expr = plan_inline_generated(b, scan->table, expr);
    expr = plan_narrow_expr(b, expr, scan->narrowed, columns);
    if (expr)
        plan_mark_columns(expr, used, columns);
    return expr;
}

static const struct weir_expr *table_column(struct plan_binder *b, const struct weir_table *table,
                                            uint32_t column)
{
    const struct weir_field *field = &table->schema.fields[column];
    return plan_expr_column(b, column, field->type, field->nullable, table->position);
}

/* Numbers the physical columns; map: table column to place among them. */
static bool choose_physical(struct plan_binder *b, const struct plan_scan *rel, const bool *used,
                            struct weir_plan_scan *scan, uint32_t *map)
{
    const struct weir_table *table = rel->table;
    uint32_t columns = table->schema.fields_count, count = 0;
    uint32_t *physical = PLAN_ARRAY(b, uint32_t, columns + 1);
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, columns + 1);
    if (!physical || !fields)
        return false;
    for (uint32_t i = 0; i < columns; i++) {
        map[i] = used[i] ? count : PLAN_NONE;
        if (!used[i])
            continue;
        physical[count] = i;
        fields[count] = table->schema.fields[i];
        if (rel->narrowed && rel->narrowed[i].type)
            fields[count].type = rel->narrowed[i].type;
        count++;
    }
    scan->physical = physical;
    scan->physical_count = count;
    scan->physical_schema = (struct weir_schema){fields, count};
    return true;
}

static const struct weir_expr *to_decoded(struct plan_binder *b, const struct weir_expr *expr,
                                          const uint32_t *map)
{
    if (!expr)
        return NULL;
    expr = plan_renumber(b->arena, expr, map);
    if (!expr)
        plan_out_of_memory(b);
    return expr;
}

static const struct weir_plan_node *lower_scan(struct lowering *l, struct plan_rel *rel, bool final)
{
    struct plan_binder *b = l->b;
    const struct weir_table *table = rel->of.scan.table;
    uint32_t columns = table->schema.fields_count;
    bool *used = PLAN_ARRAY(b, bool, columns + 1);
    uint32_t *map = PLAN_ARRAY(b, uint32_t, columns + 1);
    const struct weir_expr **outputs =
        PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    struct weir_plan_node *node = new_node(l, rel, NULL, 0);
    if (!used || !map || !outputs || !node)
        return NULL;
    struct weir_plan_scan *scan = &node->of.scan;
    scan->table = table;
    for (uint32_t i = 0; i < rel->fields_count && !b->out_of_memory; i++)
        outputs[i] =
            over_physical(b, &rel->of.scan, table_column(b, table, rel->of.scan.columns[i]), used);
    if (node->has_event_time) {
        scan->event_time =
            over_physical(b, &rel->of.scan, table_column(b, table, table->event_time_column), used);
        scan->watermark = over_physical(b, &rel->of.scan, table->watermark, used);
    }
    scan->predicate = over_physical(b, &rel->of.scan, rel->of.scan.predicate, used);
    for (uint32_t i = 0; table->upserts && i < table->primary_key_count; i++)
        used[table->primary_key[i]] = true;
    if (b->out_of_memory || !choose_physical(b, &rel->of.scan, used, scan, map))
        return NULL;
    bool plain = rel->fields_count == scan->physical_count;
    for (uint32_t i = 0; i < rel->fields_count && !b->out_of_memory; i++) {
        outputs[i] = to_decoded(b, outputs[i], map);
        plain &= outputs[i] && outputs[i]->kind == WEIR_EXPR_COLUMN && outputs[i]->index == i;
    }
    scan->projections = plain ? NULL : outputs;
    scan->event_time = to_decoded(b, scan->event_time, map);
    scan->watermark = to_decoded(b, scan->watermark, map);
    scan->predicate = to_decoded(b, scan->predicate, map);
    node->bounded = table->bounded;
    scan->versions = rel->of.scan.versions;
    node->changelog = table->changelog && !scan->versions;
    if (b->out_of_memory)
        return NULL;
    return node->changelog ? plan_lower_changes(l, node, map, final) : plan_finish_node(l, node);
}

/* ---------------------------------------------------------------- AGGREGATE */

static enum weir_emit choose_emit(const struct plan_rel *rel, bool final, bool on_attribute)
{
    if (final)
        return WEIR_EMIT_FINAL;
    switch (rel->of.aggregate.emit_kind) {
    case WEIR_SQL_EMIT_CHANGES:
        return WEIR_EMIT_CHANGES;
    case WEIR_SQL_EMIT_EVERY:
        return WEIR_EMIT_EVERY;
    default:
        if (!on_attribute)
            return WEIR_EMIT_CHANGES;
        return rel->of.aggregate.physical.window.corrects ? WEIR_EMIT_CORRECTED
                                                          : WEIR_EMIT_ON_CLOSE;
    }
}

/* DISTINCT, or GROUP BY without aggregates: each key is emitted when it is first seen. */
static bool is_distinct(const struct weir_plan_aggregate *aggregate)
{
    return aggregate->window.kind == WEIR_WINDOW_NONE && aggregate->calls_count == 0 &&
           aggregate->keys_count > 0;
}

/* Over an updating input, calls in the form that can take rows back; rows that a function cannot
 * take back are kept by the operator. Sketches do not know their rows. */
static bool adapt_to_changes(struct plan_binder *b, struct weir_plan_aggregate *aggregate,
                             const struct weir_plan_node *input)
{
    if (!input->changelog)
        return true;
    struct weir_plan_aggregate_call *calls =
        PLAN_ARRAY(b, struct weir_plan_aggregate_call, aggregate->calls_count + 1);
    bool ok = calls != NULL;
    for (uint32_t i = 0; calls && i < aggregate->calls_count; i++) {
        struct weir_plan_aggregate_call *call = &calls[i];
        *call = aggregate->calls[i];
        if (call->aggregate->flags & WEIR_AGGREGATE_SKETCH)
            ok = plan_fail(b, call->position, WEIR_E_SKETCH_RETRACTS,
                           "%s over an updating input: a sketch cannot take rows back",
                           call->aggregate->name);
        const struct weir_aggregate *adapted = weir_aggregate_for_changes(
            call->aggregate, call->args_count ? input->schema.fields[call->args[0]].type : NULL);
        if (adapted != call->aggregate)
            call->state_size = adapted->ops->state_size(NULL);
        call->aggregate = adapted;
    }
    aggregate->calls = calls;
    return ok;
}

/* Sessions of a column come out when their input has ended, if it ends, unless changes are asked
 * for. */
static bool waits_for_end(struct plan_rel *rel)
{
    const struct plan_aggregate *aggregate = &rel->of.aggregate;
    if (aggregate->physical.window.kind != WEIR_WINDOW_SESSION ||
        aggregate->emit_kind == WEIR_SQL_EMIT_CHANGES ||
        aggregate->emit_kind == WEIR_SQL_EMIT_EVERY)
        return false;
    bool on_attribute =
        aggregate->physical.window.time_column == PLAN_NONE && plan_carries_time(rel->inputs[0]);
    return !on_attribute && rel_is_bounded(rel);
}

/* Rows that are taken back, or come when others do, have no event time: windows over them never
 * close, and take the time from a column. */
static bool settle_window(struct plan_binder *b, const struct plan_rel *rel,
                          struct weir_plan_window *window, const struct weir_plan_node *input)
{
    if (window->kind == WEIR_WINDOW_NONE)
        return true;
    if (window->time_column == PLAN_NONE && input->has_event_time && !input->changelog)
        return true;
    window->corrects = false;
    window->lateness_us = 0;
    window->stays_open = true;
    if (window->kind == WEIR_WINDOW_COLUMNS || window->time_column != PLAN_NONE)
        return true;
    window->time_column = rel->of.aggregate.given_time;
    if (window->time_column != PLAN_NONE)
        return true;
    (void)weir_error_set(&b->error, WEIR_E_NO_EVENT_TIME,
                         "the window has no event time to divide: its input is an updating result");
    weir_error_hint(&b->error, window->kind == WEIR_WINDOW_SESSION
                                   ? "name a column: session(column, gap)"
                                   : "name a column: tumble(column, width)");
    return plan_report(b, rel->of.aggregate.position);
}

static const struct weir_plan_node *lower_aggregate(struct lowering *l, struct plan_rel *rel,
                                                    bool final)
{
    struct plan_binder *b = l->b;
    bool waits = !final && waits_for_end(rel);
    const struct weir_plan_node *const *inputs =
        lower_inputs(l, rel, final || (waits && plan_streams_changes(rel->inputs[0])));
    final |= waits;
    struct weir_plan_node *node = inputs ? new_node(l, rel, inputs, 1) : NULL;
    if (!node)
        return NULL;
    struct weir_plan_aggregate *aggregate = &node->of.aggregate;
    *aggregate = rel->of.aggregate.physical;
    if (!settle_window(b, rel, &aggregate->window, inputs[0]))
        return NULL;
    bool on_attribute = aggregate->window.kind != WEIR_WINDOW_NONE &&
                        aggregate->window.time_column == PLAN_NONE && !aggregate->window.stays_open;
    /* Final rows of windows need not wait for the end of the input where the watermark goes on. */
    bool closes = on_attribute && b->env->mode != WEIR_PLAN_MODE_SQL &&
                  choose_emit(rel, false, true) == WEIR_EMIT_ON_CLOSE;
    aggregate->emit = choose_emit(rel, final && !closes, on_attribute);
    aggregate->emit_every_us =
        aggregate->emit == WEIR_EMIT_EVERY ? rel->of.aggregate.emit_every_us : 0;
    enum weir_sql_emit_kind asked = rel->of.aggregate.emit_kind;
    if (!final && !on_attribute &&
        (asked == WEIR_SQL_EMIT_ON_WINDOW_CLOSE || asked == WEIR_SQL_EMIT_AFTER_LATENESS)) {
        plan_fail(b, rel->of.aggregate.position, WEIR_E_NO_EVENT_TIME,
                  "EMIT %s needs a window over the event time",
                  asked == WEIR_SQL_EMIT_ON_WINDOW_CLOSE ? "ON WINDOW CLOSE" : "AFTER LATENESS");
        return NULL;
    }
    if (is_distinct(aggregate) && !final)
        node->changelog = inputs[0]->changelog || aggregate->emit == WEIR_EMIT_EVERY;
    else
        node->changelog =
            aggregate->emit != WEIR_EMIT_ON_CLOSE && aggregate->emit != WEIR_EMIT_FINAL;
    node->has_event_time = rel->event_time_type && !node->changelog && on_attribute;
    if (!adapt_to_changes(b, aggregate, inputs[0]))
        return NULL;
    return plan_finish_node(l, node);
}

/* ---------------------------------------------------------------- the rest */

static const struct weir_expr *first_volatile(const struct weir_plan_compute *compute,
                                              uint32_t count)
{
    if (compute->predicate && weir_expr_is_volatile(compute->predicate))
        return compute->predicate;
    for (uint32_t i = 0; compute->projections && i < count; i++)
        if (weir_expr_is_volatile(compute->projections[i]))
            return compute->projections[i];
    return NULL;
}

/* A bound of a session that rows were not grouped by. */
static const struct weir_expr *session_bound(const struct weir_expr *expr)
{
    if (!expr || (expr->kind == WEIR_EXPR_CALL && (expr->function == &plan_function_session_start ||
                                                   expr->function == &plan_function_session_end)))
        return expr;
    const struct weir_expr *found = NULL;
    for (uint32_t i = 0; i < expr->args_count && !found; i++)
        found = session_bound(expr->args[i]);
    return found;
}

static bool check_sessions(struct plan_binder *b, const struct plan_rel *rel)
{
    const struct weir_plan_compute *compute = &rel->of.compute;
    const struct weir_expr *found = session_bound(compute->predicate);
    for (uint32_t i = 0; compute->projections && i < rel->fields_count && !found; i++)
        found = session_bound(compute->projections[i]);
    if (!found)
        return true;
    (void)weir_error_set(&b->error, WEIR_E_MISPLACED_WINDOW,
                         "the bounds of SESSION(…) are only known of groups");
    weir_error_hint(&b->error, "GROUP BY window_start, window_end and the columns of PARTITION BY");
    return plan_report(b, found->position);
}

/* Rows that may be taken back are known by what is in them. */
static bool leave_numbers_out(struct plan_binder *b, struct weir_plan_compute *compute,
                              uint32_t count)
{
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    for (uint32_t i = 0; exprs && compute->projections && i < count; i++) {
        exprs[i] = plan_without_row_numbers(b, compute->projections[i]);
        if (!exprs[i])
            plan_out_of_memory(b);
    }
    if (compute->projections)
        compute->projections = exprs;
    return !b->out_of_memory;
}

static const struct weir_plan_node *lower_compute(struct lowering *l, struct plan_rel *rel,
                                                  bool final)
{
    if (!check_sessions(l->b, rel))
        return NULL;
    const struct weir_plan_node *const *inputs = lower_inputs(l, rel, final);
    struct weir_plan_node *node = inputs ? new_node(l, rel, inputs, 1) : NULL;
    if (!node)
        return NULL;
    node->ordered = inputs[0]->ordered;
    struct weir_plan_compute *compute = &node->of.compute;
    *compute = rel->of.compute;
    if (node->changelog && !leave_numbers_out(l->b, compute, rel->fields_count))
        return NULL;
    const struct weir_expr *expr =
        node->changelog ? first_volatile(compute, rel->fields_count) : NULL;
    if (expr) {
        plan_fail(l->b, expr->position, WEIR_E_VOLATILE_CHANGELOG,
                  "a volatile function over an updating input gives another value when a row is "
                  "taken back");
        return NULL;
    }
    return plan_finish_node(l, node);
}

/* The first rows by their rank; order may be NULL. */
static struct plan_rel *first_rows(struct lowering *l, struct plan_rel *rel,
                                   const struct weir_plan_sort *order, int64_t limit,
                                   int64_t offset)
{
    struct plan_binder *b = l->b;
    struct plan_over window = {.order_count = order ? order->order_count : 0};
    window.order = PLAN_ARRAY(b, const struct weir_expr *, window.order_count + 1);
    window.order_by = PLAN_ARRAY(b, struct weir_sort_order, window.order_count + 1);
    if (!window.order || !window.order_by)
        return NULL;
    for (uint32_t i = 0; i < window.order_count; i++) {
        window.order[i] = plan_rel_column(b, rel->inputs[0], order->order[i].column, rel->position);
        window.order_by[i] = order->order[i].order;
        if (!window.order[i])
            return NULL;
    }
    struct plan_rel *top = plan_rel_first_rows(b, rel->inputs[0], &window, limit, offset,
                                               rel->with_ties, rel->position);
    if (!top)
        return NULL;
    struct plan_rel *over = top->inputs[0];
    if (!offset) { /* the projection takes the rank away again */
        over->of.over.hides_rank = true;
        over->fields_count--;
        top = over;
    }
    return top;
}

/* Those of what does not end or takes rows back, kept up to date. limit < 0: all from offset on. */
static const struct weir_plan_node *lower_top(struct lowering *l, struct plan_rel *rel,
                                              const struct weir_plan_sort *order, int64_t limit,
                                              int64_t offset)
{
    struct plan_rel *top = first_rows(l, rel, order, limit < 0 ? INT64_MAX : limit, offset);
    return top ? lower(l, top, false) : NULL;
}

static const struct weir_plan_node *lower_sort(struct lowering *l, struct plan_rel *rel);

/* ORDER BY … FETCH … WITH TIES of inputs that end: how many rows there are their ranks say. */
static const struct weir_plan_node *lower_ties(struct lowering *l, struct plan_rel *rel)
{
    const struct weir_plan_sort *sort = &rel->of.sort;
    struct plan_rel *top = first_rows(l, rel, sort, sort->limit, sort->offset);
    struct plan_rel *made = top ? plan_rel_new(l->b, WEIR_PLAN_SORT, top, rel->position) : NULL;
    if (!made)
        return NULL;
    made->of.sort = (struct weir_plan_sort){sort->order, sort->order_count, -1, 0};
    return lower_sort(l, made);
}

static const struct weir_plan_node *lower_sort(struct lowering *l, struct plan_rel *rel)
{
    struct plan_binder *b = l->b;
    if (!rel_is_bounded(rel) && (rel->of.sort.limit >= 0 || rel->of.sort.offset))
        return lower_top(l, rel, &rel->of.sort, rel->of.sort.limit, rel->of.sort.offset);
    if (!rel_is_bounded(rel) && rel->at_end)
        return lower(l, rel->inputs[0], false);
    if (!rel_is_bounded(rel)) {
        plan_fail(b, rel->position, WEIR_E_UNBOUNDED_SORT, "ORDER BY over inputs that do not end");
        return NULL;
    }
    if (rel->with_ties)
        return lower_ties(l, rel);
    const struct weir_plan_node *const *inputs = lower_inputs(l, rel, true);
    struct weir_plan_node *node = inputs ? new_node(l, rel, inputs, 1) : NULL;
    if (!node)
        return NULL;
    node->of.sort = rel->of.sort;
    node->ordered = true;
    return plan_finish_node(l, node);
}

static bool aggregate_streams_changes(struct plan_rel *rel, bool input_changes)
{
    const struct weir_plan_aggregate *aggregate = &rel->of.aggregate.physical;
    bool on_attribute = aggregate->window.kind != WEIR_WINDOW_NONE &&
                        aggregate->window.time_column == PLAN_NONE && !input_changes;
    enum weir_emit emit = choose_emit(rel, false, on_attribute);
    if (waits_for_end(rel))
        return false;
    if (is_distinct(aggregate))
        return input_changes || emit == WEIR_EMIT_EVERY;
    return emit != WEIR_EMIT_ON_CLOSE;
}

/* Unmatched rows can wait for the end of their time, or of the input, when that comes. */
static bool may_wait(const struct weir_plan_join *join, bool final)
{
    if (join->asof || join->lookup)
        return true;
    bool left = join->sides[0].keep_unmatched || join->kind == WEIR_JOIN_ANTI;
    bool right = join->sides[1].keep_unmatched;
    return final || ((!left || join->sides[0].expires) && (!right || join->sides[1].expires));
}

/* The join with its bounds of time only where the watermark is true for the times of both inputs:
 * rows of others come at any time, whatever columns they have. */
static struct weir_plan_join bounded_join(const struct plan_rel *rel, bool timed)
{
    struct weir_plan_join join = rel->of.join;
    if (timed || join.asof || join.lookup)
        return join;
    for (uint32_t side = 0; side < 2; side++) {
        join.sides[side].expires = join.sides[side].late = NULL;
        join.sides[side].null_expires_at_once = false;
    }
    join.delay_us = 0;
    join.granularity_us = 1;
    return join;
}

static bool join_streams_changes(struct plan_rel *rel)
{
    bool timed = plan_carries_time(rel->inputs[0]) && plan_carries_time(rel->inputs[1]);
    const struct weir_plan_join join = bounded_join(rel, timed);
    return !may_wait(&join, false);
}

/* ASOF without event times, or of what is taken back: over what is left in the end. */
static bool asof_waits(struct plan_rel *rel)
{
    const struct weir_plan_join *join = &rel->of.join;
    return rel->kind == WEIR_PLAN_JOIN && join->asof && rel_is_bounded(rel) &&
           (!join->asof_timed || plan_streams_changes(rel->inputs[0]) ||
            plan_streams_changes(rel->inputs[1]));
}

bool plan_carries_time(struct plan_rel *rel)
{
    if (rel->carries_memo)
        return rel->carries_memo == 2;
    bool carries = rel->event_time_type && !plan_streams_changes(rel);
    uint32_t count = rel->kind == WEIR_PLAN_PROCTIME ? 0 : looks_up(rel) ? 1 : rel->inputs_count;
    for (uint32_t i = 0; i < count && carries; i++)
        carries = plan_carries_time(rel->inputs[i]);
    rel->carries_memo = carries ? 2 : 1;
    return carries;
}

bool plan_streams_changes(struct plan_rel *rel)
{
    if (rel->kind == WEIR_PLAN_SCAN)
        return rel->of.scan.table->changelog && !rel->of.scan.versions;
    if (rel->kind == WEIR_PLAN_SORT || rel->kind == WEIR_PLAN_LIMIT || asof_waits(rel))
        return false;
    if (rel->changes_memo)
        return rel->changes_memo == 2;
    bool changes = false;
    for (uint32_t i = 0; i < rel->inputs_count && !changes; i++)
        changes = plan_streams_changes(rel->inputs[i]);
    if (rel->kind == WEIR_PLAN_AGGREGATE)
        changes = aggregate_streams_changes(rel, changes);
    if (rel->kind == WEIR_PLAN_OVER)
        changes |= !rel->of.over.expires || !rel->event_time_type;
    if (rel->kind == WEIR_PLAN_JOIN)
        changes |= join_streams_changes(rel);
    rel->changes_memo = changes ? 2 : 1;
    return changes;
}

static const struct weir_plan_node *lower_limit(struct lowering *l, struct plan_rel *rel,
                                                bool final)
{
    /* Over a bounded updating result: the first rows of its final answer. */
    final |= rel_is_bounded(rel) && plan_streams_changes(rel->inputs[0]);
    const struct weir_plan_node *const *inputs = lower_inputs(l, rel, final);
    if (!inputs || rel->at_end)
        return inputs ? inputs[0] : NULL;
    if (inputs[0]->changelog)
        return lower_top(l, rel, NULL, rel->of.limit.limit, rel->of.limit.offset);
    struct weir_plan_node *node = new_node(l, rel, inputs, 1);
    if (!node)
        return NULL;
    node->of.limit = rel->of.limit;
    node->ordered = inputs[0]->ordered;
    return plan_finish_node(l, node);
}

/* A match is looked for once, when all rows that could be it are there: those of the right side
 * tell when by their event times. */
static bool settle_asof(struct lowering *l, struct plan_rel *rel, struct weir_plan_node *node)
{
    struct weir_plan_join *join = &node->of.join;
    bool right_changes = node->inputs[1]->changelog, waits = asof_waits(rel);
    bool timed = join->asof_timed && !node->inputs[0]->changelog && !right_changes;
    bool by_right = join->asof_by_right && !right_changes;
    join->asof_timed = timed && !waits;
    join->asof_by_right = by_right && !waits && !timed;
    node->has_event_time &= join->asof_timed;
    if (waits || timed || by_right)
        return true;
    (void)weir_error_set(&l->b->error, WEIR_E_ASOF_CONDITION,
                         "an ASOF JOIN of inputs that do not end compares with the right side's "
                         "event time");
    weir_error_hint(&l->b->error, right_changes
                                      ? "an updating result has none: aggregate by a window of the "
                                        "event time, or aggregate after the join"
                                      : "declare WATERMARK FOR the columns that are compared");
    return plan_report(l->b, rel->position);
}

/* See extremes.c. */
static bool may_group_right(struct plan_rel *rel, bool final)
{
    bool timed = plan_carries_time(rel->inputs[0]) && plan_carries_time(rel->inputs[1]);
    const struct weir_plan_join join = bounded_join(rel, timed);
    return (final || plan_streams_changes(rel)) && !join.sides[0].expires && !join.sides[1].expires;
}

static const struct weir_plan_node *lower_join(struct lowering *l, struct plan_rel *rel, bool final)
{
    rel = may_group_right(rel, final) ? plan_join_extremes(l->b, rel) : rel;
    if (!rel)
        return NULL;
    const struct weir_plan_node *const *inputs = lower_inputs(l, rel, final || asof_waits(rel));
    struct weir_plan_node *node = inputs ? new_node(l, rel, inputs, 2) : NULL;
    if (!node)
        return NULL;
    struct weir_plan_join *join = &node->of.join;
    *join = bounded_join(rel, inputs[0]->has_event_time && inputs[1]->has_event_time);
    join->defer_unmatched = may_wait(join, final);
    if (join->asof && !settle_asof(l, rel, node))
        return NULL;
    node->changelog |= !join->defer_unmatched;
    node->has_event_time &= !node->changelog;
    const struct weir_expr *condition = node->changelog ? join->condition : NULL;
    if (condition && weir_expr_is_volatile(condition)) {
        plan_fail(l->b, condition->position, WEIR_E_VOLATILE_CHANGELOG,
                  "a volatile function over an updating input gives another value when a row is "
                  "taken back");
        return NULL;
    }
    return plan_finish_node(l, node);
}

static const struct weir_plan_node *lower_over(struct lowering *l, struct plan_rel *rel, bool final)
{
    const struct weir_plan_node *const *inputs = lower_inputs(l, rel, final);
    struct weir_plan_node *node = inputs ? new_node(l, rel, inputs, 1) : NULL;
    if (!node)
        return NULL;
    struct weir_plan_over *over = &node->of.over;
    *over = rel->of.over;
    bool closes = over->expires && !node->changelog && inputs[0]->has_event_time;
    over->emit = final ? WEIR_EMIT_FINAL : closes ? WEIR_EMIT_ON_CLOSE : WEIR_EMIT_CHANGES;
    if (!closes)
        over->expires = NULL;
    node->changelog |= over->emit == WEIR_EMIT_CHANGES;
    node->has_event_time &= closes;
    return plan_finish_node(l, node);
}

static const struct weir_plan_node *lower_leaf(struct lowering *l, struct plan_rel *rel)
{
    struct weir_plan_node *node = new_node(l, rel, NULL, 0);
    if (!node)
        return NULL;
    node->has_event_time = false;
    if (rel->kind == WEIR_PLAN_VALUES)
        node->of.values = rel->of.values;
    else
        node->of.series = rel->of.series;
    return plan_finish_node(l, node);
}

/* No row is late for a window that stays open; see settle_window(). */
static struct weir_plan_late late_of(const struct plan_rel *rel, const struct weir_plan_node *input)
{
    struct weir_plan_late late = rel->of.late;
    late.window.stays_open |= !input->has_event_time || input->changelog;
    return late;
}

static const struct weir_plan_node *lower_many(struct lowering *l, struct plan_rel *rel, bool final)
{
    const struct weir_plan_node *const *inputs = lower_inputs(l, rel, final);
    struct weir_plan_node *node = inputs ? new_node(l, rel, inputs, rel->inputs_count) : NULL;
    if (!node)
        return NULL;
    if (rel->kind == WEIR_PLAN_UNNEST)
        node->of.unnest = rel->of.unnest;
    else if (rel->kind == WEIR_PLAN_LATE)
        node->of.late = late_of(rel, inputs[0]);
    else if (rel->inputs_count == 1)
        return inputs[0]; /* a memory table with one INSERT */
    for (uint32_t i = 0; i < rel->inputs_count; i++)
        node->has_event_time &= inputs[i]->has_event_time;
    if (rel->kind == WEIR_PLAN_LATE && node->of.late.window.stays_open)
        node->changelog = false; /* there are no rows */
    return plan_finish_node(l, node);
}

static const struct weir_plan_node *lower_proctime(struct lowering *l, struct plan_rel *rel,
                                                   bool final)
{
    const struct weir_plan_node *const *inputs = lower_inputs(l, rel, final);
    struct weir_plan_node *node = inputs ? new_node(l, rel, inputs, 1) : NULL;
    if (!node)
        return NULL;
    if (node->changelog) {
        plan_fail(l->b, rel->position, WEIR_E_VOLATILE_CHANGELOG,
                  "rows of an updating input have no processing time: one that is taken back would "
                  "have another");
        return NULL;
    }
    node->of.proctime = rel->of.proctime;
    node->has_event_time = rel->event_time_required;
    return plan_finish_node(l, node);
}

static const struct weir_plan_node *lower_kind(struct lowering *l, struct plan_rel *rel, bool final)
{
    switch (rel->kind) {
    case WEIR_PLAN_SCAN:
        return lower_scan(l, rel, final);
    case WEIR_PLAN_VALUES:
    case WEIR_PLAN_SERIES:
        return lower_leaf(l, rel);
    case WEIR_PLAN_COMPUTE:
        return lower_compute(l, rel, final);
    case WEIR_PLAN_AGGREGATE:
        return lower_aggregate(l, rel, final);
    case WEIR_PLAN_SORT:
        return lower_sort(l, rel);
    case WEIR_PLAN_LIMIT:
        return lower_limit(l, rel, final);
    case WEIR_PLAN_JOIN:
        return lower_join(l, rel, final);
    case WEIR_PLAN_OVER:
        return lower_over(l, rel, final);
    case WEIR_PLAN_PROCTIME:
        return lower_proctime(l, rel, final);
    case WEIR_PLAN_LATE:
    case WEIR_PLAN_UNNEST:
    case WEIR_PLAN_UNION:
        return lower_many(l, rel, final);
    case WEIR_PLAN_NORMALIZE: /* made here */
    case WEIR_PLAN_NET:
    case WEIR_PLAN_SINK:
        break;
    }
    return NULL;
}

static const struct weir_plan_node *lower(struct lowering *l, struct plan_rel *rel, bool final)
{
    if (rel->refused)
        return NULL; /* reported */
    if (!rel->lowered[final])
        rel->lowered[final] = lower_kind(l, rel, final);
    return rel->lowered[final];
}

/* Whether windows that are corrected are among what makes the rows. */
static bool corrects(const struct weir_plan_node *node)
{
    bool any = node->kind == WEIR_PLAN_AGGREGATE && node->of.aggregate.emit == WEIR_EMIT_CORRECTED;
    for (uint32_t i = 0; i < node->inputs_count && !any; i++)
        any = corrects(node->inputs[i]);
    return any;
}

static const struct weir_plan_node *lower_sink(struct lowering *l, struct plan_rel *rel)
{
    struct plan_binder *b = l->b;
    bool final = b->env->mode == WEIR_PLAN_MODE_SQL && rel_is_bounded(rel);
    const struct weir_plan_node *const *inputs = lower_inputs(l, rel, final);
    struct weir_plan_node *node = inputs ? new_node(l, rel, inputs, 1) : NULL;
    if (!node)
        return NULL;
    const struct weir_table *table = rel->of.sink.table;
    node->of.sink = rel->of.sink;
    node->ordered = inputs[0]->ordered;
    node->has_event_time = inputs[0]->has_event_time;
    node->schema = inputs[0]->schema;
    if (node->changelog && table && !table->sink_accepts_changelog) {
        (void)weir_error_set(&b->error, WEIR_E_APPEND_ONLY_SINK,
                             "the result is updated as it grows, but \"%.*s\" only takes new rows",
                             WEIR_SLICE_ARGS(table->name));
        if (corrects(inputs[0]))
            weir_error_hint(
                &b->error,
                "EMIT AFTER LATENESS gives each window once, when it takes no more rows");
        else
            weir_error_hint(&b->error,
                            "aggregate by a window of the event time, or let the sink write "
                            "changes: format = 'debezium_json', changelog = 'op-column', or a "
                            "PRIMARY KEY");
        plan_report(b, rel->position);
        return NULL;
    }
    if (node->changelog && !plan_lower_net(l, node))
        return NULL;
    return plan_finish_node(l, node);
}

/* ---------------------------------------------------------------- panes */

int64_t plan_window_granularity(const struct weir_plan_window *window)
{
    if (window->kind == WEIR_WINDOW_SESSION)
        return weir_plan_session_granularity_us(window);
    if (window->kind == WEIR_WINDOW_COLUMNS)
        return window->granularity_us;
    int64_t width_us = window->width_months ? WEIR_US_PER_DAY : window->width_us;
    int64_t pane =
        weir_gcd_i64(width_us, window->slide_months ? WEIR_US_PER_DAY : window->slide_us);
    return weir_gcd_i64(pane, window->offset_us);
}

static int64_t own_pane(const struct weir_plan_node *node)
{
    if (node->kind == WEIR_PLAN_JOIN)
        return node->of.join.asof_timed || node->of.join.asof_by_right ||
                       node->of.join.sides[0].expires || node->of.join.sides[1].expires
                   ? node->of.join.granularity_us
                   : 0;
    if (node->kind == WEIR_PLAN_OVER)
        return node->of.over.expires ? node->of.over.granularity_us : 0;
    if (node->kind != WEIR_PLAN_AGGREGATE && node->kind != WEIR_PLAN_LATE)
        return 0;
    const struct weir_plan_window *window =
        node->kind == WEIR_PLAN_LATE ? &node->of.late.window : &node->of.aggregate.window;
    if (window->kind == WEIR_WINDOW_NONE || window->time_column != PLAN_NONE)
        return 0;
    return weir_gcd_i64(plan_window_granularity(window), window->lateness_us);
}

/* Scans cut their batches at the borders of every window above them. */
static bool set_panes(struct lowering *l)
{
    int64_t *panes = PLAN_ARRAY(l->b, int64_t, l->nodes.count + 1);
    if (!panes)
        return false;
    for (uint32_t i = l->nodes.count; i-- > 0;) {
        struct weir_plan_node *node = l->nodes.items[i];
        panes[i] = weir_gcd_i64(panes[i], own_pane(node));
        if (node->kind == WEIR_PLAN_SCAN && node->has_event_time)
            node->of.scan.pane_us = panes[i];
        for (uint32_t k = 0; k < node->inputs_count; k++)
            panes[node->inputs[k]->id] = weir_gcd_i64(panes[node->inputs[k]->id], panes[i]);
    }
    return true;
}

/* ---------------------------------------------------------------- the plan */

const struct weir_plan *plan_lower(struct plan_binder *b, struct plan_rel *const *sinks,
                                   uint32_t count)
{
    struct lowering l = {.b = b};
    uint32_t errors = b->errors_count;
    struct weir_plan *plan = PLAN_NEW(b, struct weir_plan);
    const struct weir_plan_node **roots = PLAN_ARRAY(b, const struct weir_plan_node *, count);
    if (!plan || !roots)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        roots[i] = lower_sink(&l, sinks[i]);
    if (b->errors_count != errors || !set_panes(&l))
        return NULL;
    plan->nodes = (const struct weir_plan_node *const *)(void *)l.nodes.items;
    plan->nodes_count = l.nodes.count;
    plan->sinks = roots;
    plan->sinks_count = count;
    plan->settings = b->catalog->settings;
    for (uint32_t i = 0; i < count; i++)
        plan->fingerprint = weir_hash_combine(plan->fingerprint, roots[i]->fingerprint);
    return plan;
}
