/* Aggregates over a query with ORDER BY take its rows in that order.
 *
 *     SELECT string_agg(x, ',') FROM (SELECT x FROM t WHERE … ORDER BY y DESC) AS q
 *     SELECT ARRAY(SELECT x FROM t WHERE t.k = u.k ORDER BY y DESC) FROM u
 *
 * The order becomes that of each call, as if string_agg(x, ',' ORDER BY y DESC) had been written:
 * joins that make a subquery independent of its query, and changes of rows, do not keep rows in
 * order. Columns that only the order needs are shown again; the SORT goes, but not if it has a
 * LIMIT. */
#include "plan/binder_internal.h"

/* The order of a relation's rows. */
struct order {
    const struct weir_sort_order *by;
    uint32_t *columns; /* of the relation */
    uint32_t count;
};

static bool needs_order(const struct plan_call *call)
{
    return (call->match.aggregate->flags & WEIR_AGGREGATE_ORDER_SENSITIVE) && !call->distinct &&
           call->order_count == 0;
}

static struct plan_rel *take_sort(struct plan_binder *b, struct plan_rel *rel, struct order *order)
{
    const struct weir_plan_sort *sort = &rel->of.sort;
    struct weir_sort_order *by = PLAN_ARRAY(b, struct weir_sort_order, sort->order_count + 1);
    order->columns = PLAN_ARRAY(b, uint32_t, sort->order_count + 1);
    if (!by || !order->columns)
        return NULL;
    for (uint32_t i = 0; i < sort->order_count; i++) {
        by[i] = sort->order[i].order;
        order->columns[i] = sort->order[i].column;
    }
    order->by = by;
    order->count = sort->order_count;
    return sort->limit < 0 && !sort->offset ? rel->inputs[0] : rel;
}

static uint32_t find_column(const struct weir_expr *const *exprs, uint32_t count, uint32_t column)
{
    for (uint32_t i = 0; i < count; i++)
        if (exprs[i] && exprs[i]->kind == WEIR_EXPR_COLUMN && exprs[i]->index == column)
            return i;
    return PLAN_NONE;
}

/* The COMPUTE over input, with the columns of the order behind its own. */
static struct plan_rel *show_order(struct plan_binder *b, const struct plan_rel *rel,
                                   struct plan_rel *input, struct order *order)
{
    uint32_t count = rel->fields_count, most = count + order->count + 1;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, most);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, most);
    if (!exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = rel->fields[i].name;
        exprs[i] = rel->of.compute.projections ? rel->of.compute.projections[i]
                                               : plan_rel_column(b, input, i, rel->position);
    }
    for (uint32_t i = 0; i < order->count; i++) {
        uint32_t column = order->columns[i];
        order->columns[i] = find_column(exprs, count, column);
        if (order->columns[i] != PLAN_NONE)
            continue;
        names[count] = input->fields[column].name;
        exprs[count] = plan_rel_column(b, input, column, rel->position);
        order->columns[i] = count++;
    }
    return b->out_of_memory ? NULL
                            : plan_rel_compute(b, input, rel->of.compute.predicate, exprs, names,
                                               count, rel->position);
}

/* rel with its order in sight; rel itself where it has none, NULL without memory. */
static struct plan_rel *take_order(struct plan_binder *b, struct plan_rel *rel, struct order *order)
{
    if (rel->kind == WEIR_PLAN_SORT)
        return take_sort(b, rel, order);
    if (rel->kind != WEIR_PLAN_COMPUTE)
        return rel;
    struct plan_rel *input = take_order(b, rel->inputs[0], order);
    if (!input || !order->count)
        return input ? rel : NULL;
    return show_order(b, rel, input, order);
}

bool plan_order_calls(struct plan_binder *b, struct plan_calls *calls, struct plan_rel **rel)
{
    struct order order = {0};
    bool any = false;
    for (uint32_t i = 0; i < calls->count; i++)
        any |= needs_order(&calls->items[i]);
    struct plan_rel *made = any ? take_order(b, *rel, &order) : *rel;
    if (!made)
        return false;
    *rel = made;
    for (uint32_t i = 0; order.count && i < calls->count; i++) {
        struct plan_call *call = &calls->items[i];
        if (!needs_order(call))
            continue;
        call->order = PLAN_ARRAY(b, const struct weir_expr *, order.count);
        call->order_by = PLAN_ARRAY(b, struct weir_sort_order, order.count);
        if (!call->order || !call->order_by)
            return false;
        for (uint32_t k = 0; k < order.count; k++) {
            call->order[k] = plan_rel_column(b, made, order.columns[k], call->position);
            call->order_by[k] = order.by[k];
        }
        if (b->out_of_memory)
            return false;
        call->order_count = order.count;
    }
    return true;
}
