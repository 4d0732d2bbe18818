/* Where windows over the event time may be used: they are grouping expressions, whole or by a
 * bound, and above the grouping whatever is made of them. Anywhere else there are no rows they
 * stand for. Tested by tests/suites/errors.py and windows.py. */
#include "plan/binder_internal.h"

bool plan_is_window_call(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_CALL &&
           (expr->function == &plan_function_window || expr->function == &plan_function_hop ||
            expr->function == &plan_function_cumulate || expr->function == &plan_function_session);
}

/* Windows of a column that does not overlap others are plain values: tumble(ts, width). */
static bool uses_windows(const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return expr->index == PLAN_INDEX_EVENT_TIME;
    if (plan_is_window_call(expr) &&
        (expr->function != &plan_function_window || plan_is_proctime_call(expr->args[0])))
        return true;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (uses_windows(expr->args[i]))
            return true;
    return false;
}

/* Whether this bound says which window it is. Windows that grow share their start. */
static bool is_telling_bound(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_FIELD && plan_is_window_call(expr->args[0]) &&
           uses_windows(expr->args[0]) &&
           (expr->index == 1 || expr->args[0]->function != &plan_function_cumulate);
}

const struct weir_expr *plan_window_key(struct plan_binder *b, const struct weir_expr *expr,
                                        struct weir_position position)
{
    if (is_telling_bound(expr))
        return expr->args[0];
    if (plan_is_window_call(expr) || !uses_windows(expr))
        return expr;
    (void)weir_error_set(&b->error, WEIR_E_MISPLACED_WINDOW,
                         "a window over the event time is grouped by as a whole");
    weir_error_hint(&b->error, "compute from it in the select list, or in a query around this one");
    plan_report(b, position);
    return NULL;
}

bool plan_refuse_windows(struct plan_binder *b, const struct weir_expr *expr, uint32_t ordinal)
{
    if (!expr || !uses_windows(expr))
        return true;
    (void)weir_error_set(&b->error, WEIR_E_MISPLACED_WINDOW,
                         "a window over the event time must be a grouping expression");
    if (ordinal)
        weir_error_hint(&b->error, "add GROUP BY %u", ordinal);
    return plan_report(b, expr->position);
}

bool plan_refuse_windows_over(struct plan_binder *b, const struct plan_list *overs)
{
    bool ok = true;
    for (uint32_t i = 0; i < overs->count; i++) {
        const struct plan_over *over = overs->items[i];
        ok &= plan_refuse_windows(b, over->filter, 0);
        for (uint32_t k = 0; k < over->args_count; k++)
            ok &= plan_refuse_windows(b, over->args[k], 0);
        for (uint32_t k = 0; k < over->partition_count; k++)
            ok &= plan_refuse_windows(b, over->partition[k], 0);
        for (uint32_t k = 0; k < over->order_count; k++)
            ok &= plan_refuse_windows(b, over->order[k], 0);
    }
    return ok;
}
