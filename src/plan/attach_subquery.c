/* Subqueries over tables become joins with the query they stand in.
 *
 *     WHERE EXISTS, IN, = ANY       SEMI join   as conjuncts of their own; what uses outer columns
 *     WHERE NOT EXISTS, NOT IN      ANTI join   only in its filter goes into the join's condition
 *                                               (attach_filter.c)
 *     a scalar anywhere             LEFT join   with the row it gives; two rows are an error
 *     EXISTS as a value             LEFT join   with whether it has rows
 *     IN, ANY, ALL as values        LEFT joins  (quantified.c)
 *
 * NOT IN knows three values: one null on either side and nothing is surely not in the set. */
#include "plan/attach_internal.h"

#include "kernel/compare.h"

/* ---------------------------------------------------------------- one row at most */

static void single_row_kernel(struct weir_kernel_call *call)
{
    uint8_t *source = weir_arena_alloc(call->arena, call->rows_count + 1u, 64);
    if (!source) {
        weir_kernel_out_of_memory(call);
        return;
    }
    memset(source, WEIR_CHOOSE_NULL, call->rows_count);
    WEIR_FOR_LANES(call, lane)
    {
        int64_t count = weir_arg_is_null(call, 0, lane) ? 0 : *WEIR_ARG(call, 0, int64_t, lane);
        if (count == 1)
            source[lane] = 1;
        if (count > 1 && !weir_kernel_fail(call, lane, WEIR_E_SUBQUERY_ROWS,
                                           "a scalar subquery gives one row at most, this gives "
                                           "%lld",
                                           (long long)count))
            return;
    }
    weir_kernel_choose(call, source);
}

static const struct weir_function single_row_function = {
    .name = "single_row",
    .signature = "(bigint, any) -> any",
    .kernel = single_row_kernel,
    .flags = WEIR_FUNCTION_FALLIBLE | WEIR_FUNCTION_HIDDEN,
    .category = "subquery",
    .summary = "the value, when it was of one row",
    .example = "",
    .result = ""};

static const struct weir_expr *single_row(struct plan_binder *b, const struct weir_expr *count,
                                          const struct weir_expr *value,
                                          struct weir_position position)
{
    const struct weir_expr *const args[2] = {count, value};
    return plan_expr_call(b, &single_row_function, value->type, args, 2, position);
}

/* Whether a relation gives one row at most, whatever its input is. */
static bool gives_one_row(const struct plan_rel *rel)
{
    switch (rel->kind) {
    case WEIR_PLAN_AGGREGATE:
        return rel->of.aggregate.physical.keys_count == 0 &&
               rel->of.aggregate.physical.window.kind == WEIR_WINDOW_NONE;
    case WEIR_PLAN_VALUES:
        return rel->of.values.rows_count <= 1;
    case WEIR_PLAN_LIMIT:
        return (rel->of.limit.limit >= 0 && rel->of.limit.limit <= 1) ||
               gives_one_row(rel->inputs[0]);
    case WEIR_PLAN_SORT:
        return (rel->of.sort.limit >= 0 && rel->of.sort.limit <= !rel->with_ties) ||
               gives_one_row(rel->inputs[0]);
    case WEIR_PLAN_COMPUTE:
        return gives_one_row(rel->inputs[0]);
    default:
        return false;
    }
}

bool plan_call_make(struct plan_binder *b, struct plan_call *call, const char *name,
                    const struct weir_expr *argument, struct weir_position position)
{
    struct weir_function_arg arg = {.type = argument ? argument->type : NULL};
    if (weir_aggregate_resolve(weir_slice_from_string(name), &arg, argument != NULL, false,
                               b->env->session, b->arena, &call->match, &b->error) != WEIR_OK)
        return plan_report(b, position);
    call->args = PLAN_ARRAY(b, const struct weir_expr *, 1);
    if (!call->args)
        return false;
    call->args[0] = argument;
    call->args_count = argument != NULL;
    call->position = position;
    return true;
}

bool plan_summary_add(struct plan_binder *b, struct plan_summary *summary, const char *name,
                      const struct weir_expr *argument, struct weir_position position)
{
    summary->calls.items = summary->items;
    return plan_call_make(b, &summary->items[summary->calls.count++], name, argument, position);
}

bool plan_summary_any(struct plan_binder *b, struct plan_summary *summary,
                      struct weir_position position)
{
    const struct weir_expr *always = plan_expr_boolean(b, true, position);
    return always && plan_summary_add(b, summary, "bool_or", always, position);
}

struct plan_rel *plan_summarize(struct plan_binder *b, struct plan_summary *summary,
                                struct plan_rel *rel, struct weir_position position)
{
    struct plan_grouping grouping = {.calls = &summary->calls};
    return plan_build_aggregate(b, &grouping, rel, position) ? grouping.rel : NULL;
}

struct plan_rel *plan_rel_count_copies(struct plan_binder *b, struct plan_rel *input,
                                       uint32_t keys_count, struct weir_position position)
{
    struct plan_calls calls = {0};
    struct plan_group_key *keys = PLAN_ARRAY(b, struct plan_group_key, keys_count + 1);
    calls.items = PLAN_ARRAY(b, struct plan_call, input->fields_count - keys_count + 1);
    if (!keys || !calls.items)
        return NULL;
    for (uint32_t i = 0; i < keys_count; i++)
        keys[i] = (struct plan_group_key){plan_rel_column(b, input, i, position), position};
    for (uint32_t i = keys_count; i < input->fields_count; i++) {
        if (!plan_call_make(b, &calls.items[calls.count++], "count",
                            plan_rel_column(b, input, i, position), position))
            return NULL;
    }
    struct plan_grouping grouping = {.keys = keys, .keys_count = keys_count, .calls = &calls};
    return plan_build_aggregate(b, &grouping, input, position) ? grouping.rel : NULL;
}

/* ---------------------------------------------------------------- values */

bool plan_attach_columns(struct plan_attaching *a, struct plan_subquery *subquery,
                         struct plan_rel *right, bool awaited, uint32_t *first)
{
    const struct weir_expr *same;
    struct plan_rel *made = plan_attach_independent(a, subquery, right, &same);
    if (!made)
        return false;
    /* An aggregation without keys has its row always, if late: nothing is unmatched. */
    bool always = awaited && made == right && right->kind == WEIR_PLAN_AGGREGATE &&
                  right->of.aggregate.physical.keys_count == 0;
    *first = a->rel->fields_count;
    struct plan_rel *join = plan_rel_join(a->b, WEIR_JOIN_PAIRS, !always, false, a->rel, made, same,
                                          subquery->ast->position);
    if (!join)
        return false;
    /* There is a row of `right` whenever one of a->rel is, and it comes no later. */
    join->event_time_type = NULL;
    a->rel = join;
    return true;
}

const struct weir_expr *plan_attached_column(const struct plan_attaching *a, uint32_t column,
                                             struct weir_position position)
{
    return plan_expr_column(a->b, column, a->rel->fields[column].type, true, position);
}

/* A count of all rows, which is 0 while there is none and its row has not come. */
static bool is_total_count(const struct plan_rel *rel)
{
    uint32_t column = 0;
    if (rel->kind == WEIR_PLAN_COMPUTE && !rel->of.compute.predicate &&
        rel->of.compute.projections) {
        const struct weir_expr *expr = rel->of.compute.projections[0];
        if (!expr || expr->kind != WEIR_EXPR_COLUMN)
            return false;
        column = expr->index;
        rel = rel->inputs[0];
    }
    const struct weir_plan_aggregate *plan = &rel->of.aggregate.physical;
    return rel->kind == WEIR_PLAN_AGGREGATE && plan->keys_count == 0 &&
           plan->window.kind == WEIR_WINDOW_NONE && column < plan->calls_count &&
           strcmp(plan->calls[column].aggregate->name, "count") == 0;
}

static const struct weir_expr *or_zero(struct plan_binder *b, const struct weir_expr *count)
{
    int64_t none = 0;
    const struct weir_expr *sides[2] = {
        count, count ? plan_expr_value(b, count->type, &none, count->position) : NULL};
    return sides[1]
               ? plan_expr_variadic(b, WEIR_EXPR_COALESCE, count->type, sides, 2, count->position)
               : NULL;
}

static bool attach_scalar(struct plan_attaching *a, struct plan_subquery *subquery)
{
    struct weir_position at = subquery->ast->position;
    uint32_t first;
    if (gives_one_row(subquery->rel)) {
        if (!plan_attach_columns(a, subquery, subquery->rel, true, &first))
            return false;
        subquery->value = plan_attached_column(a, first, at);
        if (is_total_count(subquery->rel))
            subquery->value = or_zero(a->b, subquery->value);
        return subquery->value != NULL;
    }
    struct plan_summary summary = {0};
    const struct weir_expr *value = plan_rel_column(a->b, subquery->rel, 0, at);
    if (!value || !plan_summary_add(a->b, &summary, "count", NULL, at) ||
        !plan_summary_add(a->b, &summary, "first_value", value, at))
        return false;
    struct plan_rel *right = plan_summarize(a->b, &summary, subquery->rel, at);
    if (!right || !plan_attach_columns(a, subquery, right, true, &first))
        return false;
    const struct weir_expr *count = plan_attached_column(a, first, at);
    value = plan_attached_column(a, first + 1, at);
    subquery->value = count && value ? single_row(a->b, count, value, at) : NULL;
    return subquery->value != NULL;
}

static bool attach_array(struct plan_attaching *a, struct plan_subquery *subquery)
{
    struct weir_position at = subquery->ast->position;
    struct plan_summary summary = {0};
    uint32_t first;
    struct plan_rel *rel = subquery->rel;
    const struct weir_expr *value = plan_rel_column(a->b, rel, 0, at);
    if (!value || !plan_summary_add(a->b, &summary, "array_agg", value, at))
        return false;
    if (!plan_order_calls(a->b, &summary.calls, &rel))
        return false;
    struct plan_rel *right = plan_summarize(a->b, &summary, rel, at);
    if (!right || !plan_attach_columns(a, subquery, right, true, &first))
        return false;
    const struct weir_expr *none = plan_expr_text(a->b, weir_slice_from_string("{}"), at);
    const struct weir_expr *both[2] = {plan_attached_column(a, first, at), none};
    both[1] = both[0] && none ? plan_cast(a->b, none, both[0]->type, WEIR_CAST_EXPLICIT, at) : NULL;
    subquery->value =
        both[1] ? plan_expr_variadic(a->b, WEIR_EXPR_COALESCE, both[0]->type, both, 2, at) : NULL;
    return subquery->value != NULL;
}

const struct weir_expr *plan_is_set(struct plan_binder *b, const struct weir_expr *flag)
{
    const struct weir_expr *sides[2] = {flag,
                                        flag ? plan_expr_boolean(b, false, flag->position) : NULL};
    return sides[1]
               ? plan_expr_variadic(b, WEIR_EXPR_COALESCE, flag->type, sides, 2, flag->position)
               : NULL;
}

static bool attach_exists(struct plan_attaching *a, struct plan_subquery *subquery)
{
    struct weir_position at = subquery->ast->position;
    struct plan_summary summary = {0};
    uint32_t first;
    if (!plan_summary_any(a->b, &summary, at))
        return false;
    struct plan_rel *right =
        plan_summarize(a->b, &summary, plan_without_order(subquery->rel, true), at);
    if (!right || !plan_attach_columns(a, subquery, right, false, &first))
        return false;
    subquery->value = plan_is_set(a->b, plan_attached_column(a, first, at));
    return subquery->value != NULL;
}

static bool attach_value(struct plan_attaching *a, struct plan_subquery *subquery)
{
    switch (subquery->ast->kind) {
    case WEIR_SQL_EXPR_EXISTS:
        return attach_exists(a, subquery);
    case WEIR_SQL_EXPR_QUERY:
        return attach_scalar(a, subquery);
    case WEIR_SQL_EXPR_ARRAY_QUERY:
        return attach_array(a, subquery);
    default:
        return plan_attach_quantified(a, subquery);
    }
}

/* ---------------------------------------------------------------- a query's subqueries */

static const struct weir_expr *take_value(void *context, const struct weir_expr *expr, bool *failed)
{
    const struct plan_list *list = context;
    if (expr->kind != WEIR_EXPR_COLUMN || !plan_is_subquery(expr->index))
        return NULL;
    const struct plan_subquery *subquery = list->items[expr->index - PLAN_INDEX_SUBQUERY];
    *failed = subquery->value == NULL;
    return subquery->value;
}

const struct weir_expr *plan_subquery_values(struct plan_binder *b, struct plan_list *list,
                                             const struct weir_expr *expr)
{
    if (!expr || !list->count)
        return expr;
    expr = plan_rewrite(b->arena, expr, take_value, list);
    if (!expr)
        plan_out_of_memory(b);
    return expr;
}

static const struct weir_expr *take_known_value(void *context, const struct weir_expr *expr,
                                                bool *failed)
{
    const struct plan_list *list = context;
    (void)failed;
    if (expr->kind != WEIR_EXPR_COLUMN || !plan_is_subquery(expr->index))
        return NULL;
    const struct plan_subquery *subquery = list->items[expr->index - PLAN_INDEX_SUBQUERY];
    return subquery->value;
}

const struct weir_expr *plan_known_subquery_values(struct plan_binder *b, struct plan_list *list,
                                                   const struct weir_expr *expr)
{
    if (!expr || !list->count)
        return expr;
    expr = plan_rewrite(b->arena, expr, take_known_value, list);
    if (!expr)
        plan_out_of_memory(b);
    return expr;
}

/* A column of the relation that subqueries are attached to, not of the query's own. */
static const struct weir_expr *mark_attached(void *context, const struct weir_expr *expr,
                                             bool *failed)
{
    struct plan_binder *b = context;
    if (expr->kind != WEIR_EXPR_COLUMN)
        return NULL;
    const struct weir_expr *made = plan_expr_column(b, PLAN_OUTER_ATTACHED + expr->index,
                                                    expr->type, expr->nullable, expr->position);
    *failed = made == NULL;
    return made;
}

struct operand_values {
    struct plan_binder *b;
    const struct plan_list *list;
};

static const struct weir_expr *take_operand_value(void *context, const struct weir_expr *expr,
                                                  bool *failed)
{
    const struct operand_values *values = context;
    const struct weir_expr *value = take_value((void *)(uintptr_t)values->list, expr, failed);
    if (!value)
        return NULL;
    value = plan_rewrite(values->b->arena, value, mark_attached, values->b);
    *failed = value == NULL;
    return value;
}

static const struct weir_expr *values_in_operand(struct plan_binder *b, struct plan_list *list,
                                                 const struct weir_expr *operand)
{
    struct operand_values values = {b, list};
    operand = plan_rewrite(b->arena, operand, take_operand_value, &values);
    if (!operand)
        plan_out_of_memory(b);
    return operand;
}

void plan_subqueries_below(struct plan_list *list, const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN && plan_is_subquery(expr->index)) {
        struct plan_subquery *subquery = list->items[expr->index - PLAN_INDEX_SUBQUERY];
        subquery->below = subquery->in_key = true;
        for (uint32_t k = 0; k < subquery->operands_count; k++)
            if (subquery->operands[k])
                plan_subqueries_below(list, subquery->operands[k]);
    }
    for (uint32_t i = 0; i < expr->args_count; i++)
        plan_subqueries_below(list, expr->args[i]);
}

struct plan_rel *plan_attach_subqueries(struct plan_binder *b, struct plan_rel *rel,
                                        struct plan_list *list, bool below,
                                        const struct plan_grouping *grouping)
{
    struct plan_attaching a = {b, rel, grouping};
    for (uint32_t i = 0; i < list->count; i++) {
        struct plan_subquery *subquery = list->items[i];
        if (subquery->value || subquery->filtered || subquery->below != below)
            continue;
        for (uint32_t k = 0; k < subquery->operands_count; k++) {
            /* A subquery in the operand of another comes first. */
            subquery->operands[k] = values_in_operand(b, list, subquery->operands[k]);
            if (!subquery->operands[k])
                return NULL;
        }
        if (!attach_value(&a, subquery))
            return NULL;
    }
    return a.rel;
}

/* A conjunct that is nothing but a subquery's truth, or its negation. */
static struct plan_subquery *as_filter(const struct plan_list *list, const struct weir_expr *expr,
                                       bool *anti)
{
    bool negated = expr->kind == WEIR_EXPR_CALL && strcmp(expr->function->name, "not") == 0;
    const struct weir_expr *inner = negated ? expr->args[0] : expr;
    if (inner->kind != WEIR_EXPR_COLUMN || !plan_is_subquery(inner->index))
        return NULL;
    struct plan_subquery *subquery = list->items[inner->index - PLAN_INDEX_SUBQUERY];
    bool exists = subquery->ast->kind == WEIR_SQL_EXPR_EXISTS;
    if (!exists && subquery->ast->kind != WEIR_SQL_EXPR_IN_QUERY &&
        subquery->ast->kind != WEIR_SQL_EXPR_QUANTIFIED)
        return NULL;
    *anti = negated != subquery->negated;
    return subquery;
}

static bool operands_have_subquery(const struct plan_subquery *subquery)
{
    for (uint32_t i = 0; i < subquery->operands_count; i++)
        if (plan_has_subquery(subquery->operands[i]))
            return true;
    return false;
}

struct plan_rel *plan_filter_subqueries(struct plan_binder *b, struct plan_rel *rel,
                                        struct plan_list *list, const struct weir_expr *predicate)
{
    uint32_t count = plan_conjuncts(predicate, NULL, 0), first = 0, rest = 0;
    const struct weir_expr **all = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    const struct weir_expr **later = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    if (!all || !later)
        return NULL;
    plan_conjuncts(predicate, all, count);
    /* What stands before the first subquery is filtered first; it may be its guard. */
    while (first < count && !plan_has_subquery(all[first]))
        first++;
    const struct weir_expr *before = plan_and_all(b, all, first, predicate->position);
    rel = before ? plan_rel_filter(b, rel, before) : rel;
    for (uint32_t i = first; rel && i < count; i++) {
        bool anti = false;
        struct plan_subquery *subquery = as_filter(list, all[i], &anti);
        if (!subquery || operands_have_subquery(subquery)) {
            later[rest++] = all[i];
            continue;
        }
        struct plan_attaching a = {b, rel, NULL};
        subquery->filtered = true;
        rel = plan_attach_filter(&a, subquery, anti);
    }
    rel = rel ? plan_attach_subqueries(b, rel, list, true, NULL) : NULL;
    if (!rel || !rest)
        return rel;
    for (uint32_t i = 0; i < rest; i++) {
        later[i] = plan_subquery_values(b, list, later[i]);
        if (!later[i])
            return NULL;
    }
    return plan_rel_filter(b, rel, plan_and_all(b, later, rest, predicate->position));
}
