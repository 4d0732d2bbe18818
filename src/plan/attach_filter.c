/* Subqueries as SEMI and ANTI joins, and what makes any subquery independent of the query it stands
 * in: see attach_subquery.c. */
#include "plan/attach_internal.h"

/* ---------------------------------------------------------------- outer columns */

/* Column `column` of the enclosing query, over what it has become. */
static const struct weir_expr *outer_value(const struct plan_attaching *a, uint32_t column,
                                           const struct weir_type *type,
                                           struct weir_position position)
{
    if (column >= PLAN_OUTER_ATTACHED) {
        column -= PLAN_OUTER_ATTACHED;
        return plan_expr_column(a->b, column, a->rel->fields[column].type, true, position);
    }
    if (column >= PLAN_OUTER_AGGREGATE && !a->grouping) {
        plan_fail(a->b, position, WEIR_E_MISPLACED_AGGREGATE,
                  "an aggregate of the query that is grouped cannot stand in its GROUP BY");
        return NULL;
    }
    if (column >= PLAN_OUTER_AGGREGATE)
        column += PLAN_INDEX_AGGREGATE - PLAN_OUTER_AGGREGATE;
    const struct weir_expr *value = plan_expr_column(a->b, column, type, true, position);
    return value && a->grouping ? plan_above_aggregate(a->b, a->grouping, value) : value;
}

/* Puts the enclosing query's columns where a subquery's condition names them; own columns move up
 * behind the attached relation's. */
struct placing {
    const struct plan_attaching *a;
    uint32_t shift;
};

static const struct weir_expr *place_column(void *context, const struct weir_expr *expr,
                                            bool *failed)
{
    const struct placing *placing = context;
    const struct weir_expr *made;
    if (expr->kind != WEIR_EXPR_COLUMN)
        return NULL;
    if (expr->index < PLAN_INDEX_OUTER)
        made = plan_expr_column(placing->a->b, expr->index + placing->shift, expr->type,
                                expr->nullable, expr->position);
    else if (PLAN_OUTER_LEVEL(expr->index) == 1)
        made = outer_value(placing->a, PLAN_OUTER_COLUMN(expr->index), expr->type, expr->position);
    else
        made = plan_expr_column(placing->a->b, expr->index - PLAN_OUTER_STEP, expr->type, true,
                                expr->position);
    *failed = made == NULL;
    return made;
}

static const struct weir_expr *place(const struct plan_attaching *a, const struct weir_expr *expr,
                                     uint32_t shift)
{
    struct placing placing = {a, shift};
    uint32_t errors = a->b->errors_count;
    expr = plan_rewrite(a->b->arena, expr, place_column, &placing);
    if (!expr && a->b->errors_count == errors)
        plan_out_of_memory(a->b);
    return expr;
}

/* The distinct values of outer columns that a subquery uses, as a relation. */
static struct plan_rel *domain_of(const struct plan_attaching *a,
                                  const struct plan_subquery *subquery, const uint32_t *columns,
                                  uint32_t count, const struct weir_expr **values)
{
    struct plan_binder *b = a->b;
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    for (uint32_t k = 0; names && k < count; k++) {
        const struct plan_scope_column *column = NULL;
        for (uint32_t c = 0; c < subquery->scope->columns_count; c++)
            if (subquery->scope->columns[c].index == columns[k])
                column = &subquery->scope->columns[c];
        names[k] = column ? column->name : weir_slice_from_string("outer");
        values[k] = outer_value(a, columns[k], column ? column->type : weir_type_of(WEIR_TYPE_NULL),
                                subquery->ast->position);
        if (!values[k])
            return NULL;
    }
    struct plan_rel *rel =
        names ? plan_rel_compute(b, a->rel, NULL, values, names, count, subquery->ast->position)
              : NULL;
    return rel ? plan_rel_distinct(b, rel, subquery->ast->position) : NULL;
}

const struct weir_expr *plan_and_all(struct plan_binder *b, const struct weir_expr **items,
                                     uint32_t count, struct weir_position position)
{
    if (count == 0)
        return NULL;
    return plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), items, count,
                              position);
}

/* Makes the subquery's relation (or one made from it) independent; same[k] says that a row of it is
 * for a row of a->rel, its columns standing behind a->rel's. */
struct plan_rel *plan_attach_independent(const struct plan_attaching *a,
                                         const struct plan_subquery *subquery, struct plan_rel *rel,
                                         const struct weir_expr **same)
{
    struct plan_binder *b = a->b;
    uint32_t *columns, count;
    *same = NULL;
    if (!plan_outer_columns(b, rel, &columns, &count))
        return NULL;
    const struct weir_expr **values = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    const struct weir_expr **conditions = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct plan_rel *domain =
        count && values ? domain_of(a, subquery, columns, count, values) : NULL;
    if (!values || !conditions || (count && !domain))
        return NULL;
    uint32_t own = rel->fields_count;
    struct plan_rel *made =
        plan_decorrelate(b, rel, domain, columns, count, subquery->ast->position);
    for (uint32_t k = 0; made && k < count; k++) {
        const struct weir_expr *column =
            plan_expr_column(b, a->rel->fields_count + own + k, made->fields[own + k].type, true,
                             subquery->ast->position);
        conditions[k] = column ? plan_compare(b, "is_not_distinct_from", values[k], column,
                                              subquery->ast->position)
                               : NULL;
        if (!conditions[k])
            return NULL;
    }
    *same = plan_and_all(b, conditions, count, subquery->ast->position);
    return made;
}

/* ---------------------------------------------------------------- SEMI and ANTI */

/* A subquery as filters over a relation that uses no outer columns, when it is one. */
struct pulled {
    struct plan_rel *input;
    const struct weir_expr **conjuncts; /* over input and outer columns */
    uint32_t count;
    const struct weir_expr *const *outputs; /* over input; NULL: its columns */
};

/* Neither order nor a limit of at least one row matters to EXISTS and IN. */
struct plan_rel *plan_without_order(struct plan_rel *rel, bool exists)
{
    while ((rel->kind == WEIR_PLAN_SORT && rel->of.sort.limit < 0 && !rel->of.sort.offset) ||
           (exists && rel->kind == WEIR_PLAN_LIMIT && rel->of.limit.limit != 0 &&
            rel->of.limit.offset == 0) ||
           (exists && rel->kind == WEIR_PLAN_COMPUTE && !rel->of.compute.predicate))
        rel = rel->inputs[0];
    return rel;
}

/* Columns of this query's or of one further out. */
static bool uses_outer(struct plan_binder *b, const struct plan_rel *rel)
{
    uint32_t *columns, count = 0;
    return plan_reaches_further(rel) || (plan_outer_columns(b, rel, &columns, &count) && count > 0);
}

static bool expr_uses_outer(const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return expr->index >= PLAN_INDEX_OUTER;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (expr_uses_outer(expr->args[i]))
            return true;
    return false;
}

static bool pull_up(struct plan_binder *b, struct plan_rel *rel, bool exists, struct pulled *out)
{
    const struct weir_expr *const *outputs = NULL;
    *out = (struct pulled){0};
    if (rel->kind == WEIR_PLAN_COMPUTE && rel->of.compute.projections && !exists &&
        !rel->of.compute.predicate) {
        outputs = rel->of.compute.projections;
        for (uint32_t i = 0; i < rel->fields_count; i++)
            if (!outputs[i] || expr_uses_outer(outputs[i]))
                return false;
        rel = rel->inputs[0];
    }
    out->outputs = outputs;
    out->input = rel;
    if (rel->kind != WEIR_PLAN_COMPUTE || rel->of.compute.projections)
        return !uses_outer(b, rel);
    out->count = plan_conjuncts(rel->of.compute.predicate, NULL, 0);
    out->conjuncts = PLAN_ARRAY(b, const struct weir_expr *, out->count + 1);
    if (!out->conjuncts)
        return false;
    plan_conjuncts(rel->of.compute.predicate, out->conjuncts, out->count);
    out->input = rel->inputs[0];
    return !uses_outer(b, out->input);
}

bool plan_compared_make(struct plan_binder *b, const struct plan_subquery *subquery,
                        struct plan_compared *out)
{
    out->left = PLAN_ARRAY(b, const struct weir_expr *, subquery->operands_count + 1);
    out->right = PLAN_ARRAY(b, const struct weir_expr *, subquery->operands_count + 1);
    return out->left && out->right;
}

bool plan_compared_add(struct plan_binder *b, const struct plan_subquery *subquery, uint32_t i,
                       const struct weir_expr *operand, const struct weir_expr *column,
                       struct plan_compared *out)
{
    const struct weir_expr *sides[2] = {operand, column};
    if (!operand || !column || !plan_meet(b, sides, 2, "IN", subquery->ast->position))
        return false;
    out->left[i] = sides[0];
    out->right[i] = sides[1];
    return true;
}

/* operand op column for the columns of the subquery: of equal rows each by itself. */
static bool compare_operands(const struct plan_attaching *a, const struct plan_subquery *subquery,
                             const char *op, const struct weir_expr *const *columns,
                             const struct weir_expr **out, uint32_t *out_count)
{
    struct plan_binder *b = a->b;
    struct plan_compared compared;
    struct weir_position at = subquery->ast->position;
    uint32_t count = subquery->operands_count;
    if (!plan_compared_make(b, subquery, &compared))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct weir_expr *operand = subquery->operands[i];
        if (a->grouping)
            operand = plan_above_aggregate(b, a->grouping, operand);
        if (!plan_compared_add(b, subquery, i, operand, columns[i], &compared))
            return false;
    }
    bool each = subquery->comparison == PLAN_COMPARE_EQ;
    *out_count = each ? count : count > 0;
    for (uint32_t i = 0; i < *out_count; i++) {
        out[i] = each ? plan_compare(b, op, compared.left[i], compared.right[i], at)
                      : plan_compare_rows(b, op, compared.left, compared.right, count, at);
        if (!out[i])
            return false;
    }
    return true;
}

/* x = y, or one of them is null: what keeps a row out of NOT IN. */
static const struct weir_expr *maybe_equal(struct plan_binder *b, const struct weir_expr *equal)
{
    const struct weir_expr *args[2] = {equal, plan_expr_boolean(b, true, equal->position)};
    return args[1] ? plan_expr_variadic(b, WEIR_EXPR_COALESCE, weir_type_of(WEIR_TYPE_BOOLEAN),
                                        args, 2, equal->position)
                   : NULL;
}

const char *plan_subquery_sign(const struct plan_subquery *subquery)
{
    static const char *const names[] = {"=", "<>", "<", "<=", ">", ">="};
    return names[subquery->comparison];
}

static bool has_column(const struct weir_expr *expr)
{
    bool found = expr->kind == WEIR_EXPR_COLUMN;
    for (uint32_t i = 0; i < expr->args_count && !found; i++)
        found = has_column(expr->args[i]);
    return found;
}

/* Joins a->rel with right; condition may be NULL; columns of right used by IN. */
static struct plan_rel *filter_join(const struct plan_attaching *a,
                                    const struct plan_subquery *subquery, bool anti,
                                    struct plan_rel *right, const struct weir_expr **conditions,
                                    uint32_t count, const struct weir_expr *const *columns)
{
    struct plan_binder *b = a->b;
    const struct weir_expr **all =
        PLAN_ARRAY(b, const struct weir_expr *, count + subquery->operands_count + 1);
    if (!all)
        return NULL;
    if (count)
        memcpy(all, conditions, count * sizeof *all);
    uint32_t compared = 0;
    if (!compare_operands(a, subquery, plan_subquery_sign(subquery), columns, all + count,
                          &compared))
        return NULL;
    bool nullable = false;
    for (uint32_t i = 0; i < subquery->operands_count; i++)
        nullable |= subquery->operands[i]->nullable || columns[i]->nullable;
    bool by_key = anti && nullable && count == 0 && subquery->operands_count == 1 &&
                  subquery->comparison == PLAN_COMPARE_EQ && has_column(subquery->operands[0]) &&
                  has_column(columns[0]);
    for (uint32_t i = 0; anti && nullable && !by_key && i < compared; i++) {
        all[count + i] = maybe_equal(b, all[count + i]);
        if (!all[count + i])
            return NULL;
    }
    struct plan_rel *made = plan_rel_join(
        b, anti ? WEIR_JOIN_ANTI : WEIR_JOIN_SEMI, false, false, a->rel, right,
        plan_and_all(b, all, count + compared, subquery->ast->position), subquery->ast->position);
    if (made)
        made->of.join.null_matches = by_key;
    return made;
}

/* The subquery's rows behind a->rel's, columns as expressions over both. */
static const struct weir_expr **columns_of(const struct plan_attaching *a,
                                           const struct plan_rel *right, uint32_t count,
                                           struct weir_position position)
{
    const struct weir_expr **columns = PLAN_ARRAY(a->b, const struct weir_expr *, count + 1);
    for (uint32_t i = 0; columns && i < count; i++) {
        columns[i] = plan_expr_column(a->b, a->rel->fields_count + i, right->fields[i].type,
                                      right->fields[i].nullable, position);
        if (!columns[i])
            return NULL;
    }
    return columns;
}

/* Conjuncts that use outer columns go into the join, the others stay with the subquery. */
static struct plan_rel *filter_pulled(const struct plan_attaching *a,
                                      const struct plan_subquery *subquery, bool anti,
                                      struct pulled *pulled)
{
    struct plan_binder *b = a->b;
    uint32_t shift = a->rel->fields_count, stay = 0, go = 0;
    const struct weir_expr **staying = PLAN_ARRAY(b, const struct weir_expr *, pulled->count + 1);
    const struct weir_expr **going = PLAN_ARRAY(b, const struct weir_expr *, pulled->count + 1);
    const struct weir_expr **columns =
        PLAN_ARRAY(b, const struct weir_expr *, subquery->operands_count + 1);
    if (!staying || !going || !columns)
        return NULL;
    for (uint32_t i = 0; i < pulled->count; i++) {
        if (!expr_uses_outer(pulled->conjuncts[i])) {
            staying[stay++] = pulled->conjuncts[i];
            continue;
        }
        going[go] = place(a, pulled->conjuncts[i], shift);
        if (!going[go++])
            return NULL;
    }
    for (uint32_t i = 0; i < subquery->operands_count; i++) {
        columns[i] = pulled->outputs
                         ? pulled->outputs[i]
                         : plan_rel_column(b, pulled->input, i, subquery->ast->position);
        columns[i] = columns[i] ? place(a, columns[i], shift) : NULL;
        if (!columns[i])
            return NULL;
    }
    struct plan_rel *right = pulled->input;
    if (stay) {
        right = plan_rel_filter(b, right, plan_and_all(b, staying, stay, subquery->ast->position));
        if (!right)
            return NULL;
    }
    return filter_join(a, subquery, anti, right, going, go, columns);
}

struct plan_rel *plan_attach_filter(const struct plan_attaching *a,
                                    const struct plan_subquery *subquery, bool anti)
{
    bool exists = subquery->ast->kind == WEIR_SQL_EXPR_EXISTS;
    struct plan_rel *rel = plan_without_order(subquery->rel, exists);
    struct pulled pulled;
    if (pull_up(a->b, rel, exists, &pulled))
        return filter_pulled(a, subquery, anti, &pulled);
    const struct weir_expr *same;
    struct plan_rel *right = plan_attach_independent(a, subquery, rel, &same);
    if (!right)
        return NULL;
    const struct weir_expr **columns =
        columns_of(a, right, subquery->operands_count, subquery->ast->position);
    return columns ? filter_join(a, subquery, anti, right, &same, same != NULL, columns) : NULL;
}
