/* A join with the greatest (or least) of its own rows in each window is a rank.
 *
 *     SELECT b.* FROM TUMBLE(bid, …) b
 *     JOIN (SELECT window_start, window_end, max(price) AS price FROM TUMBLE(bid, …) GROUP BY 1, 2)
 * m ON b.window_start = m.window_start AND b.window_end = m.window_end AND b.price = m.price
 *
 *     JOIN ─┬─ L                          COMPUTE   m's columns from b's
 *           └─ AGGREGATE max(price) ─ L      OVER   rank() by the window, order price DESC; first 1
 *                                              L    where price is not null, as is each key
 *
 * So the rows of a window are not kept to be joined, only those that may be the greatest. Both
 * sides must be the same rows: what either does down to the relation (or table) that they share is
 * spelled out over it and compared. Rows of the rank have the event time of their window's end, as
 * the join's. */
#include "plan/rules_internal.h"

enum { STEPS_MAX = 64, PREDICATES_MAX = 32 };

/* A relation over what it is made of: each column as an expression, and what rows must fulfil. */
struct view {
    const struct plan_rel *base;
    const struct weir_table *table; /* when the base is a scan: columns are the table's */
    const struct weir_expr **columns;
    uint32_t count;
    const struct weir_expr *predicates[PREDICATES_MAX];
    uint32_t predicates_count;
    bool fits;
};

static bool substitute_all(struct plan_binder *b, struct view *view,
                           const struct weir_expr *const *values, uint32_t count)
{
    for (uint32_t i = 0; i < view->count + view->predicates_count; i++) {
        const struct weir_expr **expr =
            i < view->count ? &view->columns[i] : &view->predicates[i - view->count];
        *expr = plan_substitute(b->arena, *expr, values, count);
        if (!*expr)
            return plan_out_of_memory(b), false;
    }
    return true;
}

static bool any_volatile(const struct view *view)
{
    bool found = false;
    for (uint32_t i = 0; i < view->count; i++)
        found |= weir_expr_is_volatile(view->columns[i]);
    for (uint32_t i = 0; i < view->predicates_count; i++)
        found |= weir_expr_is_volatile(view->predicates[i]);
    return found;
}

static void add_predicate(struct view *view, const struct weir_expr *predicate)
{
    if (!predicate)
        return;
    uint32_t room = PREDICATES_MAX - view->predicates_count;
    uint32_t count = plan_conjuncts(predicate, view->predicates + view->predicates_count, room);
    view->fits &= count <= room;
    view->predicates_count += count <= room ? count : room;
}

/* One COMPUTE further down. False: memory has run out. */
static bool pass_compute(struct plan_binder *b, struct view *view)
{
    const struct weir_plan_compute *compute = &view->base->of.compute;
    const struct plan_rel *rel = view->base;
    for (uint32_t i = 0; compute->projections && i < rel->fields_count; i++)
        view->fits &= compute->projections[i] != NULL;
    if (view->fits && compute->projections &&
        !substitute_all(b, view, compute->projections, rel->fields_count))
        return false;
    add_predicate(view, compute->predicate);
    view->base = rel->inputs[0];
    return true;
}

static bool pass_scan(struct plan_binder *b, struct view *view)
{
    const struct plan_rel *rel = view->base;
    const struct weir_table *table = rel->of.scan.table;
    const struct weir_expr **values =
        PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    for (uint32_t i = 0; values && i < rel->fields_count; i++) {
        const struct weir_field *field = &table->schema.fields[rel->of.scan.columns[i]];
        values[i] = plan_expr_column(b, rel->of.scan.columns[i], field->type, field->nullable,
                                     rel->position);
        if (!values[i])
            return false;
    }
    if (!values || !substitute_all(b, view, values, rel->fields_count))
        return false;
    add_predicate(view, rel->of.scan.predicate);
    view->table = table;
    return true;
}

/* Down to an AGGREGATE, or to a table, or to whatever else is not passed. */
static bool spell_out(struct plan_binder *b, const struct plan_rel *rel, struct view *view)
{
    *view = (struct view){.base = rel, .count = rel->fields_count, .fits = true};
    view->columns = PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    for (uint32_t i = 0; view->columns && i < rel->fields_count; i++)
        view->columns[i] = plan_rel_column(b, (struct plan_rel *)(uintptr_t)rel, i, rel->position);
    if (!view->columns || b->out_of_memory)
        return false;
    for (uint32_t steps = 0; view->base->kind == WEIR_PLAN_COMPUTE && view->fits; steps++) {
        view->fits &= steps < STEPS_MAX;
        if (view->fits && !pass_compute(b, view))
            return false;
    }
    if (view->fits && view->base->kind == WEIR_PLAN_SCAN && !pass_scan(b, view))
        return false;
    view->fits &= !any_volatile(view);
    return true;
}

static bool same_rows(const struct view *a, const struct view *b)
{
    bool same = a->fits && b->fits && a->predicates_count == b->predicates_count &&
                (a->table ? a->table == b->table : a->base == b->base);
    for (uint32_t i = 0; same && i < a->predicates_count; i++)
        same = weir_expr_equals(a->predicates[i], b->predicates[i]);
    return same;
}

/* ---- what the keys of the join are ---- */

struct argmax {
    struct plan_binder *b;
    struct plan_rel *rel; /* the JOIN */
    uint32_t rows_side;   /* the input that is kept; the other one is the AGGREGATE's */
    struct view rows, groups, members; /* the rows; the AGGREGATE's columns; what it aggregates */
    bool has_start, has_end;           /* of the window are among the keys */
    uint32_t value;                    /* key that is the greatest; PLAN_NONE */
    bool descending;
};

/* Bound 0 or 1 of the group's window against a column of the rows. */
static bool is_bound(const struct argmax *a, uint32_t bound, uint32_t column)
{
    const struct weir_plan_window *window = &a->groups.base->of.aggregate.physical.window;
    const struct plan_rel *rows = a->rel->inputs[a->rows_side];
    if (window->kind == WEIR_WINDOW_COLUMNS)
        return weir_expr_equals(
            a->members.columns[bound ? window->end_column : window->start_column],
            a->rows.columns[column]);
    return window->kind == WEIR_WINDOW_TUMBLE && rows->window.present && !rows->window.given &&
           column == (bound ? rows->window.end_column : rows->window.start_column) &&
           rows->window.width_us == window->width_us &&
           rows->window.width_months == window->width_months &&
           rows->window.offset_us == window->offset_us;
}

static bool take_call(struct argmax *a, uint32_t key, uint32_t number, uint32_t column)
{
    const struct weir_plan_aggregate *aggregate = &a->groups.base->of.aggregate.physical;
    const struct weir_plan_aggregate_call *call = &aggregate->calls[number];
    bool is_max = strcmp(call->aggregate->name, "max") == 0;
    if ((!is_max && strcmp(call->aggregate->name, "min") != 0) || call->args_count != 1 ||
        call->filter != PLAN_NONE || a->value != PLAN_NONE ||
        !weir_expr_equals(a->members.columns[call->args[0]], a->rows.columns[column]))
        return false;
    a->value = key;
    a->descending = is_max;
    return true;
}

/* Key k joins the rows with what of their group? False: with something else. */
static bool take_key(struct argmax *a, uint32_t k)
{
    const struct weir_plan_join *join = &a->rel->of.join;
    const struct weir_plan_aggregate *aggregate = &a->groups.base->of.aggregate.physical;
    uint32_t column = join->sides[a->rows_side].keys[k];
    const struct weir_expr *expr = a->groups.columns[join->sides[!a->rows_side].keys[k]];
    uint32_t window = aggregate->window_output;
    if (expr->kind == WEIR_EXPR_FIELD && expr->args[0]->kind == WEIR_EXPR_COLUMN &&
        expr->args[0]->index == window && expr->index < 2) {
        *(expr->index ? &a->has_end : &a->has_start) = true;
        return is_bound(a, expr->index, column);
    }
    if (expr->kind != WEIR_EXPR_COLUMN || expr->index == window)
        return false;
    uint32_t index = expr->index - (window != PLAN_NONE && expr->index > window);
    if (index >= aggregate->keys_count)
        return !join->null_safe[k] && take_call(a, k, index - aggregate->keys_count, column);
    return weir_expr_equals(a->members.columns[aggregate->keys[index]], a->rows.columns[column]);
}

/* Every key of the group must be joined by, or rows would meet other groups. */
static bool covers_keys(const struct argmax *a)
{
    const struct weir_plan_join *join = &a->rel->of.join;
    const struct weir_plan_aggregate *aggregate = &a->groups.base->of.aggregate.physical;
    uint32_t window = aggregate->window_output;
    for (uint32_t i = 0; i < aggregate->keys_count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < join->keys_count; k++) {
            const struct weir_expr *expr = a->groups.columns[join->sides[!a->rows_side].keys[k]];
            uint32_t place = i + (window != PLAN_NONE && i >= window);
            found |= expr->kind == WEIR_EXPR_COLUMN && expr->index == place;
        }
        if (!found)
            return false;
    }
    return true;
}

/* The key by which a column of the groups is known from the rows; PLAN_NONE: none. */
static uint32_t key_of(const struct argmax *a, uint32_t column)
{
    const struct weir_plan_join *join = &a->rel->of.join;
    for (uint32_t k = 0; k < join->keys_count; k++)
        if (join->sides[!a->rows_side].keys[k] == column)
            return k;
    return PLAN_NONE;
}

/* False: it is some other join (or memory has run out). */
static bool find_argmax(struct argmax *a)
{
    const struct weir_plan_join *join = &a->rel->of.join;
    const struct plan_rel *groups = a->rel->inputs[!a->rows_side];
    a->value = PLAN_NONE;
    if (!spell_out(a->b, groups, &a->groups) || !a->groups.fits ||
        a->groups.base->kind != WEIR_PLAN_AGGREGATE || a->groups.predicates_count)
        return false;
    const struct plan_aggregate *aggregate = &a->groups.base->of.aggregate;
    const struct weir_plan_window *window = &aggregate->physical.window;
    if (window->kind == WEIR_WINDOW_NONE || window->time_column != PLAN_NONE ||
        window->lateness_us || aggregate->emit_kind != WEIR_SQL_EMIT_DEFAULT ||
        !spell_out(a->b, a->groups.base->inputs[0], &a->members) ||
        !spell_out(a->b, a->rel->inputs[a->rows_side], &a->rows) ||
        !same_rows(&a->members, &a->rows))
        return false;
    for (uint32_t k = 0; k < join->keys_count; k++)
        if (!take_key(a, k))
            return false;
    for (uint32_t i = 0; i < groups->fields_count; i++)
        if (key_of(a, i) == PLAN_NONE)
            return false;
    return a->value != PLAN_NONE && a->has_start && a->has_end && covers_keys(a);
}

/* ---- the rank ---- */

static struct plan_rel *make_rank(struct argmax *a)
{
    struct plan_binder *b = a->b;
    const struct weir_plan_join *join = &a->rel->of.join;
    struct plan_rel *rows = a->rel->inputs[a->rows_side];
    struct weir_position at = a->rel->position;
    struct plan_over over = {.partition = PLAN_ARRAY(b, const struct weir_expr *, join->keys_count),
                             .order = PLAN_ARRAY(b, const struct weir_expr *, 1),
                             .order_by = PLAN_ARRAY(b, struct weir_sort_order, 1),
                             .order_count = 1};
    uint32_t value = join->sides[a->rows_side].keys[a->value];
    if (!over.partition || !over.order || !over.order_by)
        return NULL;
    for (uint32_t k = 0; rows && k < join->keys_count; k++) { /* nulls do not join */
        uint32_t key = join->sides[a->rows_side].keys[k];
        if (join->null_safe[k] || !rows->fields[key].nullable)
            continue;
        const struct weir_expr *column = plan_rel_column(b, rows, key, at);
        const struct weir_expr *known =
            column ? plan_function(b, "is_not_null", &column, 1, at) : NULL;
        rows = known ? plan_rel_filter(b, rows, known) : NULL;
    }
    for (uint32_t k = 0; rows && k < join->keys_count; k++)
        if (k != a->value)
            over.partition[over.partition_count++] =
                plan_rel_column(b, rows, join->sides[a->rows_side].keys[k], at);
    over.order[0] = rows ? plan_rel_column(b, rows, value, at) : NULL;
    over.order_by[0] = (struct weir_sort_order){a->descending, a->descending};
    if (b->out_of_memory || !over.order[0])
        return NULL;
    return plan_rel_first_peers(b, rows, &over, at);
}

bool plan_rules_argmax(struct plan_binder *b, struct plan_rel *rel, struct plan_rel **made)
{
    const struct weir_plan_join *join = &rel->of.join;
    struct argmax a = {.b = b, .rel = rel};
    *made = NULL;
    if (join->kind != WEIR_JOIN_PAIRS || join->asof || join->lookup ||
        join->sides[0].keep_unmatched || join->sides[1].keep_unmatched || join->condition ||
        join->keys_count < 3)
        return true;
    bool found = false;
    for (uint32_t side = 0; side < 2 && !found; side++) {
        a = (struct argmax){.b = b, .rel = rel, .rows_side = side};
        found = find_argmax(&a);
    }
    struct plan_rel *rank = found ? make_rank(&a) : NULL;
    if (!rank)
        return !b->out_of_memory;
    const struct weir_expr **columns =
        PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    struct plan_rel **inputs = PLAN_ARRAY(b, struct plan_rel *, 1);
    if (!columns || !inputs)
        return false;
    uint32_t left = rel->inputs[0]->fields_count;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        bool is_left = i < left, is_rows = is_left == (a.rows_side == 0);
        uint32_t own = is_left ? i : i - left;
        uint32_t column = is_rows ? own : join->sides[a.rows_side].keys[key_of(&a, own)];
        columns[i] = plan_rel_column(b, rank, column, rel->position);
        if (!columns[i])
            return false;
    }
    inputs[0] = rank;
    rel->kind = WEIR_PLAN_COMPUTE;
    rel->inputs = inputs;
    rel->inputs_count = 1;
    rel->of.compute = (struct weir_plan_compute){.projections = columns};
    rel->event_time_column = PLAN_NONE;
    *made = rank;
    return true;
}
