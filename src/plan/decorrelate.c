/* Subqueries that use columns of the enclosing query, made independent of it.
 *
 * Let D be the distinct values of those columns in the enclosing query. A relation R(d) that
 * depends on them becomes one relation with the columns of R and of D, that has the rows of R(d)
 * beside d for every d of D:
 *
 *     what does not depend     R x D; D itself where R is one row without columns
 *     filter, project          over the changed input; outer columns are D's, which are passed on
 *     join                     the sides that depend are changed; two that do are joined by D too
 *     aggregate                by D besides its keys; without keys, D LEFT JOIN it, so that a d
 *                              without rows has its row (counts are 0 there)
 *     union, unnest            of changed inputs
 *
 * What stands above joins it with the enclosing query by D (equal, or both null). Conditions l = r
 * come to rest in the join with D, so that D is no more than a list of keys to look at.
 * (T. Neumann, A. Kemper: Unnesting Arbitrary Queries, BTW 2015.) */
#include "plan/binder_internal.h"

struct dependent {
    struct plan_binder *b;
    struct plan_rel *domain;
    const uint32_t *columns; /* outer column of each of domain's, ascending */
    uint32_t count;
    struct weir_position position;
    struct plan_list *lowered; /* struct plan_rel *: what was, what it became, by turns */
};

/* ---------------------------------------------------------------- who depends */

static bool is_outer(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_COLUMN && expr->index >= PLAN_INDEX_OUTER &&
           expr->index < PLAN_INDEX_SUBQUERY;
}

static bool is_own_outer(const struct weir_expr *expr)
{
    return is_outer(expr) && PLAN_OUTER_LEVEL(expr->index) == 1;
}

typedef bool (*expr_visit)(void *context, const struct weir_expr *expr);

/* True when visit is for an expression in rel's tree. */
static bool any_expr(const struct weir_expr *expr, expr_visit visit, void *context)
{
    if (!expr)
        return false;
    if (visit(context, expr))
        return true;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (any_expr(expr->args[i], visit, context))
            return true;
    return false;
}

static bool any_in_rel(const struct plan_rel *rel, expr_visit visit, void *context)
{
    bool found = false;
    if (rel->kind == WEIR_PLAN_COMPUTE) {
        found = any_expr(rel->of.compute.predicate, visit, context);
        for (uint32_t i = 0; rel->of.compute.projections && i < rel->fields_count && !found; i++)
            found = any_expr(rel->of.compute.projections[i], visit, context);
    }
    if (rel->kind == WEIR_PLAN_JOIN)
        found = any_expr(rel->of.join.condition, visit, context);
    for (uint32_t i = 0; i < rel->inputs_count && !found; i++)
        found = any_in_rel(rel->inputs[i], visit, context);
    return found;
}

static bool visit_own_outer(void *context, const struct weir_expr *expr)
{
    (void)context;
    return is_own_outer(expr);
}

static bool depends(const struct plan_rel *rel)
{
    return any_in_rel(rel, visit_own_outer, NULL);
}

static bool visit_further(void *context, const struct weir_expr *expr)
{
    (void)context;
    return is_outer(expr) && !is_own_outer(expr);
}

bool plan_reaches_further(const struct plan_rel *rel)
{
    return any_in_rel(rel, visit_further, NULL);
}

static bool visit_collect(void *context, const struct weir_expr *expr)
{
    bool *used = context;
    if (is_own_outer(expr))
        used[PLAN_OUTER_COLUMN(expr->index)] = true;
    return false;
}

bool plan_outer_columns(struct plan_binder *b, const struct plan_rel *rel, uint32_t **columns,
                        uint32_t *count)
{
    bool *used = PLAN_ARRAY(b, bool, PLAN_OUTER_COLUMNS_MAX);
    uint32_t found = 0;
    if (!used)
        return false;
    (void)any_in_rel(rel, visit_collect, used);
    for (uint32_t i = 0; i < PLAN_OUTER_COLUMNS_MAX; i++)
        found += used[i];
    *columns = PLAN_ARRAY(b, uint32_t, found + 1);
    *count = 0;
    for (uint32_t i = 0; *columns && i < PLAN_OUTER_COLUMNS_MAX; i++)
        if (used[i])
            (*columns)[(*count)++] = i;
    return *columns != NULL;
}

/* ---------------------------------------------------------------- expressions */

struct replacing {
    const struct dependent *d;
    uint32_t first; /* column of D's first */
};

static const struct weir_expr *replace_outer(void *context, const struct weir_expr *expr,
                                             bool *failed)
{
    const struct replacing *replacing = context;
    const struct dependent *d = replacing->d;
    if (!is_outer(expr))
        return NULL;
    uint32_t index = expr->index - PLAN_OUTER_STEP;
    if (is_own_outer(expr)) {
        uint32_t k = 0;
        while (d->columns[k] != PLAN_OUTER_COLUMN(expr->index))
            k++;
        index = replacing->first + k;
    }
    const struct weir_expr *made = plan_expr_column(d->b, index, expr->type, true, expr->position);
    *failed = made == NULL;
    return made;
}

static bool replace(const struct dependent *d, const struct weir_expr **expr, uint32_t first)
{
    struct replacing replacing = {d, first};
    if (!*expr)
        return true;
    *expr = plan_rewrite(d->b->arena, *expr, replace_outer, &replacing);
    if (!*expr)
        plan_out_of_memory(d->b);
    return *expr != NULL;
}

static bool visit_outer(void *context, const struct weir_expr *expr)
{
    (void)context;
    return is_outer(expr);
}

static struct plan_rel *lower_levels(const struct dependent *d, struct plan_rel *rel);

static bool lower_parts(const struct dependent *d, struct plan_rel *rel)
{
    struct plan_rel **inputs = PLAN_ARRAY(d->b, struct plan_rel *, rel->inputs_count + 1);
    for (uint32_t i = 0; inputs && i < rel->inputs_count; i++) {
        inputs[i] = lower_levels(d, rel->inputs[i]);
        if (!inputs[i])
            return false;
    }
    rel->inputs = inputs;
    if (rel->kind == WEIR_PLAN_JOIN)
        return inputs && replace(d, &rel->of.join.condition, 0);
    if (rel->kind != WEIR_PLAN_COMPUTE)
        return inputs != NULL;
    const struct weir_expr **projections =
        PLAN_ARRAY(d->b, const struct weir_expr *, rel->fields_count + 1);
    if (!inputs || !projections || !replace(d, &rel->of.compute.predicate, 0))
        return false;
    for (uint32_t i = 0; rel->of.compute.projections && i < rel->fields_count; i++) {
        projections[i] = rel->of.compute.projections[i];
        if (!replace(d, &projections[i], 0))
            return false;
    }
    if (rel->of.compute.projections)
        rel->of.compute.projections = projections;
    return true;
}

/* Of what does not depend on this query but on one further out, one level less: a relation of its
 * own, one for all its consumers; the others may stand elsewhere, at another level. */
static struct plan_rel *lower_levels(const struct dependent *d, struct plan_rel *rel)
{
    if (!any_in_rel(rel, visit_outer, NULL))
        return rel;
    for (uint32_t i = 0; i < d->lowered->count; i += 2)
        if (d->lowered->items[i] == rel)
            return d->lowered->items[i + 1];
    struct plan_rel *made = PLAN_NEW(d->b, struct plan_rel);
    if (!made)
        return NULL;
    *made = *rel;
    if (!lower_parts(d, made) || !plan_list_push(d->b, d->lowered, rel) ||
        !plan_list_push(d->b, d->lowered, made))
        return NULL;
    return made;
}

/* first[k] and second[k] for all columns of D: the same row of D. */
static const struct weir_expr *same_domain(const struct dependent *d, uint32_t first,
                                           uint32_t second)
{
    const struct weir_expr **conditions = PLAN_ARRAY(d->b, const struct weir_expr *, d->count + 1);
    for (uint32_t k = 0; conditions && k < d->count; k++) {
        const struct weir_field *field = &d->domain->fields[k];
        const struct weir_expr *left =
            plan_expr_column(d->b, first + k, field->type, true, d->position);
        const struct weir_expr *right =
            plan_expr_column(d->b, second + k, field->type, true, d->position);
        conditions[k] = left && right
                            ? plan_compare(d->b, "is_not_distinct_from", left, right, d->position)
                            : NULL;
        if (!conditions[k])
            return NULL;
    }
    if (!conditions || d->count == 0)
        return conditions ? plan_expr_boolean(d->b, true, d->position) : NULL;
    return plan_expr_variadic(d->b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), conditions,
                              d->count, d->position);
}

/* Columns of rel in the order of `order`. */
static struct plan_rel *reorder(const struct dependent *d, struct plan_rel *rel,
                                const uint32_t *order, uint32_t count)
{
    const struct weir_expr **exprs = PLAN_ARRAY(d->b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(d->b, struct weir_slice, count + 1);
    if (!rel || !exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = rel->fields[order[i]].name;
        exprs[i] = plan_rel_column(d->b, rel, order[i], rel->position);
        if (!exprs[i])
            return NULL;
    }
    return plan_rel_compute(d->b, rel, NULL, exprs, names, count, rel->position);
}

/* ---------------------------------------------------------------- by kind */

static struct plan_rel *depend(const struct dependent *d, struct plan_rel *rel);

static struct plan_rel *depend_nothing(const struct dependent *d, struct plan_rel *rel)
{
    rel = lower_levels(d, rel);
    if (!rel || d->count == 0)
        return rel;
    if (plan_is_one_row(rel))
        return d->domain;
    return plan_rel_join(d->b, WEIR_JOIN_PAIRS, false, false, rel, d->domain, NULL, d->position);
}

static struct plan_rel *depend_compute(const struct dependent *d, struct plan_rel *rel)
{
    uint32_t own = rel->inputs[0]->fields_count, count = rel->fields_count + d->count;
    struct plan_rel *input = depend(d, rel->inputs[0]);
    const struct weir_expr **exprs = PLAN_ARRAY(d->b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(d->b, struct weir_slice, count + 1);
    const struct weir_expr *predicate = rel->of.compute.predicate;
    if (!input || !exprs || !names || !replace(d, &predicate, own))
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        bool is_own = i < rel->fields_count;
        names[i] = is_own ? rel->fields[i].name : d->domain->fields[i - rel->fields_count].name;
        if (is_own && rel->of.compute.projections)
            exprs[i] = rel->of.compute.projections[i];
        else
            exprs[i] = plan_rel_column(d->b, input, is_own ? i : own + i - rel->fields_count,
                                       rel->position);
        if (!exprs[i] || !replace(d, &exprs[i], own))
            return NULL;
    }
    return plan_rel_compute(d->b, input, predicate, exprs, names, count, rel->position);
}

/* The columns of both sides of a join of pairs, each with D behind it, then D once. */
static struct plan_rel *show_pairs(const struct dependent *d, struct plan_rel *made,
                                   const struct weir_plan_join *join, uint32_t left, uint32_t right)
{
    struct plan_binder *b = d->b;
    bool keeps_left = join->sides[0].keep_unmatched, keeps_right = join->sides[1].keep_unmatched;
    uint32_t *order = PLAN_ARRAY(b, uint32_t, left + right + d->count + 1), count = 0;
    if (!order)
        return NULL;
    for (uint32_t i = 0; i < left + right; i++)
        order[count++] = i < left ? i : i + d->count;
    /* Right rows without match have D on their side only. */
    bool from_right = keeps_right && !keeps_left;
    for (uint32_t k = 0; k < d->count; k++)
        order[count++] = from_right ? left + d->count + right + k : left + k;
    struct plan_rel *shown = reorder(d, made, order, count);
    for (uint32_t k = 0; shown && keeps_left && keeps_right && k < d->count; k++) {
        const struct weir_expr *sides[2] = {
            plan_rel_column(b, made, left + k, d->position),
            plan_rel_column(b, made, left + d->count + right + k, d->position)};
        const struct weir_expr **projections =
            (const struct weir_expr **)(uintptr_t)shown->of.compute.projections;
        if (!sides[0] || !sides[1])
            return NULL;
        projections[left + right + k] =
            plan_expr_variadic(b, WEIR_EXPR_COALESCE, sides[0]->type, sides, 2, d->position);
    }
    return shown;
}

/* The rows that are looked up do not depend on anything: D is on the left side alone. */
static struct plan_rel *depend_lookup(const struct dependent *d, struct plan_rel *rel)
{
    struct plan_binder *b = d->b;
    const struct weir_plan_join *join = &rel->of.join;
    uint32_t left = rel->inputs[0]->fields_count, right = rel->inputs[1]->fields_count, count = 0;
    struct plan_rel *input = depend(d, rel->inputs[0]);
    uint32_t *map = PLAN_ARRAY(b, uint32_t, left + right + d->count + 1);
    uint32_t *order = PLAN_ARRAY(b, uint32_t, left + right + d->count + 1);
    const struct weir_expr *condition = join->condition;
    if (!input || !map || !order || (condition && !replace(d, &condition, left + right)))
        return NULL;
    for (uint32_t i = 0; i < left + right; i++)
        map[i] = order[count++] = i < left ? i : i + d->count;
    for (uint32_t k = 0; k < d->count; k++)
        map[left + right + k] = order[count++] = left + k;
    if (condition && !(condition = plan_renumber(b->arena, condition, map))) {
        plan_out_of_memory(b);
        return NULL;
    }
    struct plan_rel *made = plan_rel_join(b, join->kind, join->sides[0].keep_unmatched, false,
                                          input, rel->inputs[1], condition, rel->position);
    if (!made)
        return NULL;
    made->of.join.lookup = true;
    return reorder(d, made, order, count);
}

static struct plan_rel *depend_join(const struct dependent *d, struct plan_rel *rel)
{
    struct plan_binder *b = d->b;
    const struct weir_plan_join *join = &rel->of.join;
    uint32_t left = rel->inputs[0]->fields_count, right = rel->inputs[1]->fields_count;
    uint32_t all = left + right + 2 * d->count;
    bool pairs = join->kind == WEIR_JOIN_PAIRS;
    if (join->lookup)
        return depend_lookup(d, rel);
    /* Both sides with D: simple, and right for every kind; the rules take what is too much away. */
    struct plan_rel *inputs[2] = {depend(d, rel->inputs[0]), depend(d, rel->inputs[1])};
    uint32_t *map = PLAN_ARRAY(b, uint32_t, all + 1);
    const struct weir_expr *condition = join->condition;
    if (!inputs[0] || !inputs[1] || !map)
        return NULL;
    for (uint32_t i = 0; i < left + right; i++)
        map[i] = i < left ? i : i + d->count;
    for (uint32_t i = left + right; i < all; i++)
        map[i] = i;
    if (condition && !replace(d, &condition, left + right))
        return NULL;
    for (uint32_t k = 0; k < d->count; k++)
        map[left + right + k] = left + k; /* D of the left side */
    if (condition) {
        condition = plan_renumber(b->arena, condition, map);
        if (!condition) {
            plan_out_of_memory(b);
            return NULL;
        }
    }
    if (condition && join->null_matches) { /* of one key; D makes it several */
        const struct weir_expr *args[2] = {condition, plan_expr_boolean(b, true, d->position)};
        condition = args[1] ? plan_expr_variadic(b, WEIR_EXPR_COALESCE, condition->type, args, 2,
                                                 d->position)
                            : NULL;
        if (!condition)
            return NULL;
    }
    const struct weir_expr *same = same_domain(d, left, left + d->count + right);
    if (!same)
        return NULL;
    if (condition) {
        const struct weir_expr *both[2] = {same, condition};
        same = plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), both, 2,
                                  d->position);
    }
    struct plan_rel *made =
        plan_rel_join(b, join->kind, join->sides[0].keep_unmatched, join->sides[1].keep_unmatched,
                      inputs[0], inputs[1], same, rel->position);
    if (join->asof_versions) {
        plan_refuse(b, rel->position,
                    "FOR SYSTEM_TIME AS OF tables of changes in subqueries over outer columns");
        return NULL;
    }
    if (made && join->asof) { /* each D by itself, at the end */
        made->of.join.asof = join->asof;
        made->of.join.asof_strict = join->asof_strict;
        made->event_time_type = NULL;
    }
    if (!made || !pairs)
        return made; /* left columns, then D */
    return show_pairs(d, made, join, left, right);
}

/* D LEFT JOIN the aggregation by D, which then gives a row for every row of D; counts are 0. */
static struct plan_rel *with_empty_groups(const struct dependent *d, struct plan_rel *aggregate)
{
    struct plan_binder *b = d->b;
    uint32_t calls = aggregate->fields_count - d->count;
    const struct weir_plan_aggregate *plan = &aggregate->of.aggregate.physical;
    const struct weir_expr *same = same_domain(d, 0, d->count);
    struct plan_rel *join = same ? plan_rel_join(b, WEIR_JOIN_PAIRS, true, false, d->domain,
                                                 aggregate, same, d->position)
                                 : NULL;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, calls + d->count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, calls + d->count + 1);
    if (!join || !exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < calls + d->count; i++) {
        uint32_t column = i < calls ? 2 * d->count + i : i - calls;
        names[i] = join->fields[column].name;
        exprs[i] = plan_rel_column(b, join, column, d->position);
        if (!exprs[i])
            return NULL;
        if (i >= calls || strncmp(plan->calls[i].aggregate->name, "count", 5) != 0)
            continue;
        int64_t zero = 0;
        const struct weir_expr *both[2] = {
            exprs[i], plan_expr_value(b, weir_type_of(WEIR_TYPE_INT64), &zero, d->position)};
        both[1] =
            both[1] ? plan_cast(b, both[1], exprs[i]->type, WEIR_CAST_EXPLICIT, d->position) : NULL;
        if (!both[1])
            return NULL;
        exprs[i] = plan_expr_variadic(b, WEIR_EXPR_COALESCE, exprs[i]->type, both, 2, d->position);
    }
    return plan_rel_compute(b, join, NULL, exprs, names, calls + d->count, d->position);
}

static struct plan_rel *depend_aggregate(const struct dependent *d, struct plan_rel *rel)
{
    struct plan_binder *b = d->b;
    const struct weir_plan_aggregate *before = &rel->of.aggregate.physical;
    bool windowed = before->window.kind != WEIR_WINDOW_NONE;
    uint32_t own = rel->inputs[0]->fields_count, keys_before = before->keys_count;
    struct plan_rel *input = depend(d, rel->inputs[0]);
    struct plan_rel *made =
        input ? plan_rel_new(b, WEIR_PLAN_AGGREGATE, input, rel->position) : NULL;
    uint32_t *keys = PLAN_ARRAY(b, uint32_t, keys_before + d->count + 1);
    uint32_t count = rel->fields_count + d->count;
    uint32_t *order = PLAN_ARRAY(b, uint32_t, count + 1);
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, count + 1);
    if (!made || !keys || !order || !fields)
        return NULL;
    made->of.aggregate = rel->of.aggregate;
    struct weir_plan_aggregate *aggregate = &made->of.aggregate.physical;
    /* D's columns are the first keys, so that everything else keeps its order behind them. */
    for (uint32_t k = 0; k < d->count; k++)
        keys[k] = own + k;
    for (uint32_t k = 0; k < keys_before; k++)
        keys[d->count + k] = before->keys[k];
    aggregate->keys = keys;
    aggregate->keys_count = keys_before + d->count;
    if (aggregate->window_output != PLAN_NONE)
        aggregate->window_output += d->count;
    for (uint32_t i = 0; i < count; i++)
        fields[i] = i < d->count ? d->domain->fields[i] : rel->fields[i - d->count];
    made->fields = fields;
    made->fields_count = count;
    made->event_time_type = NULL;
    made->event_time_column = PLAN_NONE;
    made->window = (struct plan_window_columns){0};
    if (keys_before == 0 && !windowed)
        return with_empty_groups(d, made);
    for (uint32_t i = 0; i < count; i++)
        order[i] = i < rel->fields_count ? i + d->count : i - rel->fields_count;
    return reorder(d, made, order, count);
}

static struct plan_rel *depend_union(const struct dependent *d, struct plan_rel *rel)
{
    struct plan_list branches = {0};
    for (uint32_t i = 0; i < rel->inputs_count; i++) {
        struct plan_rel *input = depend(d, rel->inputs[i]);
        if (!input || !plan_list_push(d->b, &branches, input))
            return NULL;
    }
    return plan_rel_union_all(d->b, &branches, rel->position);
}

/* Input columns, D, elements become input columns, elements, D. */
static struct plan_rel *depend_unnest(const struct dependent *d, struct plan_rel *rel)
{
    struct plan_binder *b = d->b;
    uint32_t own = rel->inputs[0]->fields_count, count = rel->fields_count + d->count;
    struct plan_rel *input = depend(d, rel->inputs[0]);
    struct plan_rel *made = input ? plan_rel_new(b, WEIR_PLAN_UNNEST, input, rel->position) : NULL;
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, count + 1);
    uint32_t *order = PLAN_ARRAY(b, uint32_t, count + 1);
    if (!made || !fields || !order)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        bool is_domain = i >= own && i < own + d->count;
        fields[i] =
            is_domain ? d->domain->fields[i - own] : rel->fields[i < own ? i : i - d->count];
        order[i] = i < own ? i : i < rel->fields_count ? i + d->count : own + i - rel->fields_count;
    }
    made->of.unnest = rel->of.unnest;
    made->fields = fields;
    made->fields_count = count;
    return reorder(d, made, order, count);
}

/* ORDER BY … LIMIT: the first rows for each row of D. */
static struct plan_rel *depend_first(const struct dependent *d, struct plan_rel *below,
                                     const struct weir_plan_sort *sort, int64_t limit,
                                     int64_t offset, bool with_ties)
{
    struct plan_binder *b = d->b;
    uint32_t own = below->fields_count;
    struct plan_rel *input = depend(d, below);
    struct plan_over window = {.partition_count = d->count,
                               .order_count = sort ? sort->order_count : 0};
    window.partition = PLAN_ARRAY(b, const struct weir_expr *, d->count + 1);
    window.order = PLAN_ARRAY(b, const struct weir_expr *, window.order_count + 1);
    window.order_by = PLAN_ARRAY(b, struct weir_sort_order, window.order_count + 1);
    if (!input || !window.partition || !window.order || !window.order_by)
        return NULL;
    for (uint32_t k = 0; k < d->count; k++)
        window.partition[k] = plan_rel_column(b, input, own + k, d->position);
    for (uint32_t i = 0; i < window.order_count; i++) {
        window.order[i] = plan_rel_column(b, input, sort->order[i].column, d->position);
        window.order_by[i] = sort->order[i].order;
    }
    if (b->out_of_memory)
        return NULL;
    return plan_rel_first_rows(b, input, &window, limit < 0 ? INT64_MAX : limit, offset, with_ties,
                               d->position);
}

/* Window functions are computed for each row of D by itself. */
static struct plan_rel *depend_over(const struct dependent *d, struct plan_rel *rel)
{
    struct plan_binder *b = d->b;
    const struct weir_plan_over *over = &rel->of.over;
    uint32_t own = rel->inputs[0]->fields_count, count = rel->fields_count + d->count;
    struct plan_rel *input = depend(d, rel->inputs[0]);
    struct plan_rel *made = input ? plan_rel_new(b, WEIR_PLAN_OVER, input, rel->position) : NULL;
    uint32_t *partition = PLAN_ARRAY(b, uint32_t, over->partition_count + d->count + 1);
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, count + 1);
    uint32_t *order = PLAN_ARRAY(b, uint32_t, count + 1);
    if (!made || !partition || !fields || !order)
        return NULL;
    for (uint32_t i = 0; i < over->partition_count; i++)
        partition[i] = over->partition[i];
    for (uint32_t k = 0; k < d->count; k++)
        partition[over->partition_count + k] = own + k;
    made->of.over = *over;
    made->of.over.partition = partition;
    made->of.over.partition_count = over->partition_count + d->count;
    for (uint32_t i = 0; i < count; i++) {
        bool is_domain = i >= own && i < own + d->count;
        fields[i] =
            is_domain ? d->domain->fields[i - own] : rel->fields[i < own ? i : i - d->count];
        order[i] = i < own ? i : i < rel->fields_count ? i + d->count : own + i - rel->fields_count;
    }
    made->fields = fields;
    made->fields_count = count;
    return reorder(d, made, order, count);
}

static struct plan_rel *depend(const struct dependent *d, struct plan_rel *rel)
{
    if (d->b->out_of_memory)
        return NULL;
    bool by_row = d->count && rel->inputs_count && plan_is_of_one_row(rel);
    if (!depends(rel) && !by_row)
        return depend_nothing(d, rel);
    switch (rel->kind) {
    case WEIR_PLAN_COMPUTE:
        return depend_compute(d, rel);
    case WEIR_PLAN_JOIN:
        return depend_join(d, rel);
    case WEIR_PLAN_AGGREGATE:
        return depend_aggregate(d, rel);
    case WEIR_PLAN_UNION:
        return depend_union(d, rel);
    case WEIR_PLAN_UNNEST:
        return depend_unnest(d, rel);
    case WEIR_PLAN_SORT:
        if (rel->of.sort.limit < 0 && !rel->of.sort.offset)
            return depend(d, rel->inputs[0]); /* order means nothing in a subquery */
        return depend_first(d, rel->inputs[0], &rel->of.sort, rel->of.sort.limit,
                            rel->of.sort.offset, rel->with_ties);
    case WEIR_PLAN_LIMIT:
        if (rel->at_end)
            return depend(d, rel->inputs[0]);
        return depend_first(d, rel->inputs[0], NULL, rel->of.limit.limit, rel->of.limit.offset,
                            false);
    case WEIR_PLAN_OVER:
        return depend_over(d, rel);
    default:
        break;
    }
    plan_refuse(d->b, rel->position, "this kind of subquery over outer columns");
    return NULL;
}

struct plan_rel *plan_decorrelate(struct plan_binder *b, struct plan_rel *rel,
                                  struct plan_rel *domain, const uint32_t *columns, uint32_t count,
                                  struct weir_position position)
{
    struct plan_list lowered = {0};
    struct dependent d = {b, domain, columns, count, position, &lowered};
    return depend(&d, rel);
}
