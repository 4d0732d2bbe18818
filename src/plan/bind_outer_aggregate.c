/* Aggregates of an enclosing query inside a subquery:
 *
 *     SELECT k, (SELECT count(*) FROM b WHERE b.v < sum(a.v)) FROM a GROUP BY k
 *
 * An aggregate belongs to the innermost query whose columns its arguments use. They are bound once
 * for trial, to see; then in the context of that query, where the call is noted like any other. In
 * the subquery it is an outer column, PLAN_OUTER_AGGREGATE + the number of the call. */
#include "plan/binder_internal.h"

static uint32_t nearer(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The nearest query whose column a tree uses: 0 for the own one; PLAN_NONE: it uses none. */
static uint32_t nearest_level(const struct weir_expr *expr)
{
    uint32_t nearest = PLAN_NONE;
    if (expr->kind == WEIR_EXPR_COLUMN)
        return expr->index >= PLAN_INDEX_OUTER && expr->index < PLAN_INDEX_SUBQUERY
                   ? PLAN_OUTER_LEVEL(expr->index)
                   : 0;
    for (uint32_t i = 0; i < expr->args_count; i++)
        nearest = nearer(nearest, nearest_level(expr->args[i]));
    return nearest;
}

/* The same of an expression as it is written, bound for trial. */
static uint32_t level_of(struct plan_binder *b, const struct plan_context *context,
                         const struct weir_sql_expr *ast)
{
    struct plan_context trial = *context;
    struct weir_sql_expr row = {.kind = WEIR_SQL_EXPR_NAME, .position = ast->position};
    if (ast->kind == WEIR_SQL_EXPR_STAR && ast->star.qualifier.count) { /* count(t.*) */
        row.name = ast->star.qualifier;
        ast = &row;
    }
    bool correlated = false, silent = b->silent;
    uint32_t errors = b->errors_count;
    trial.calls = NULL;
    trial.subqueries = trial.groupings = trial.overs = trial.unnests = NULL;
    trial.correlated = &correlated;
    b->silent = b->trial = true;
    const struct weir_expr *expr = plan_bind(b, &trial, ast);
    b->silent = silent;
    b->trial = false;
    b->errors_count = errors;
    return expr ? nearest_level(expr) : 0;
}

uint32_t plan_aggregate_level(struct plan_binder *b, struct plan_context *context,
                              const struct weir_sql_call *call)
{
    uint32_t nearest = PLAN_NONE;
    if (!context->scope || !context->scope->outer || !b->enclosing || call->over)
        return 0;
    for (uint32_t i = 0; i < call->arguments_count && nearest; i++)
        nearest = nearer(nearest, level_of(b, context, call->arguments[i].value));
    for (uint32_t i = 0; i < call->order_by.count && nearest; i++)
        nearest = nearer(nearest, level_of(b, context, call->order_by.items[i].expr));
    for (uint32_t i = 0; i < call->within_group.count && nearest; i++)
        nearest = nearer(nearest, level_of(b, context, call->within_group.items[i].expr));
    if (call->filter && nearest)
        nearest = nearer(nearest, level_of(b, context, call->filter));
    return nearest == PLAN_NONE ? 0 : nearest;
}

/* Where the query `level` further out is being bound; NULL: aggregates cannot stand there. */
static struct plan_context *context_at(const struct plan_binder *b,
                                       const struct plan_context *context, uint32_t level)
{
    const struct plan_scope *scope = context->scope;
    for (; scope && level; level--)
        scope = scope->outer;
    for (const struct plan_enclosing *at = b->enclosing; at; at = at->next)
        if (at->context->scope == scope)
            return at->context;
    return NULL;
}

const struct weir_expr *plan_outer_aggregate(struct plan_binder *b, struct plan_context *context,
                                             const struct weir_sql_expr *ast, uint32_t level)
{
    struct plan_context *owner = context_at(b, context, level);
    struct weir_slice name = ast->call->name.items[ast->call->name.count - 1].text;
    if (!owner) {
        plan_fail(b, ast->position, WEIR_E_MISPLACED_AGGREGATE,
                  "aggregate %.*s of columns of an enclosing query cannot stand here",
                  WEIR_SLICE_ARGS(name));
        return NULL;
    }
    const struct weir_expr *value = plan_bind_aggregate(b, owner, ast);
    if (!value || value->kind != WEIR_EXPR_COLUMN)
        return value;
    if (context->correlated)
        *context->correlated = true;
    uint32_t column = PLAN_OUTER_AGGREGATE + value->index - PLAN_INDEX_AGGREGATE;
    return plan_expr_column(b, PLAN_INDEX_OUTER + (level - 1) * PLAN_OUTER_STEP + column,
                            value->type, true, ast->position);
}
