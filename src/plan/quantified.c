/* IN, ANY and ALL as values: true, false, or unknown.
 *
 *     x = ANY S      a LEFT JOIN the different values of S on equality says what is true; whether S
 *                    has a row and whether one is null say what is unknown
 *     x < ANY S      compared with the greatest of S, x > ANY S with the least, x <> ANY S with
 *                    both; the same two flags
 *     else           every row of S with every operand: rows of several columns that may be null,
 *                    types without an order, operands that may fail
 *
 * op ALL has become NOT (the opposite op ANY). Flags, unlike counts, stay what they are while rows
 * come and go, and so does what is joined with them. */
#include "plan/attach_internal.h"

/* ---------------------------------------------------------------- by pairs */

/* Operands stand inside the subquery now: one level further in. */
static const struct weir_expr *push_level(void *context, const struct weir_expr *expr, bool *failed)
{
    struct plan_binder *b = context;
    if (expr->kind != WEIR_EXPR_COLUMN)
        return NULL;
    uint32_t index = expr->index + PLAN_OUTER_STEP;
    if (expr->index < PLAN_OUTER_COLUMNS_MAX)
        index = PLAN_INDEX_OUTER + expr->index;
    else if (expr->index < PLAN_INDEX_OUTER)
        index = PLAN_INDEX_OUTER + PLAN_OUTER_AGGREGATE + expr->index - PLAN_INDEX_AGGREGATE;
    const struct weir_expr *made = plan_expr_column(b, index, expr->type, true, expr->position);
    *failed = made == NULL;
    return made;
}

/* The comparisons of a row with the operands, in one column. */
static struct plan_rel *compared(struct plan_attaching *a, const struct plan_subquery *subquery,
                                 struct plan_rel *rel)
{
    struct plan_binder *b = a->b;
    struct weir_position at = subquery->ast->position;
    struct plan_compared compared;
    if (!plan_compared_make(b, subquery, &compared))
        return NULL;
    for (uint32_t i = 0; i < subquery->operands_count; i++)
        if (!plan_compared_add(b, subquery, i,
                               plan_rewrite(b->arena, subquery->operands[i], push_level, b),
                               plan_rel_column(b, rel, i, at), &compared))
            return NULL;
    const struct weir_expr *all = plan_compare_rows(b, plan_subquery_sign(subquery), compared.left,
                                                    compared.right, subquery->operands_count, at);
    struct weir_slice name = weir_slice_from_string("matches");
    return all ? plan_rel_compute(b, rel, NULL, &all, &name, 1, at) : NULL;
}

/* CASE WHEN matched THEN true WHEN unknown THEN NULL ELSE false END */
static const struct weir_expr *three_valued(struct plan_binder *b, const struct weir_expr *matched,
                                            const struct weir_expr *unknown,
                                            struct weir_position at)
{
    const struct weir_expr *args[5] = {matched, plan_expr_boolean(b, true, at), unknown,
                                       plan_expr_null(b, weir_type_of(WEIR_TYPE_BOOLEAN), at),
                                       plan_expr_boolean(b, false, at)};
    for (int i = 0; i < 5; i++)
        if (!args[i])
            return NULL;
    return plan_expr_variadic(b, WEIR_EXPR_CASE, weir_type_of(WEIR_TYPE_BOOLEAN), args, 5, at);
}

static const struct weir_expr *by_pairs(struct plan_attaching *a, struct plan_subquery *subquery)
{
    struct plan_binder *b = a->b;
    struct weir_position at = subquery->ast->position;
    struct plan_summary summary = {0};
    uint32_t first;
    struct plan_rel *rel = compared(a, subquery, plan_without_order(subquery->rel, false));
    const struct weir_expr *matches = rel ? plan_rel_column(b, rel, 0, at) : NULL;
    const struct weir_expr *unknown = matches ? plan_function(b, "is_null", &matches, 1, at) : NULL;
    if (!unknown || !plan_summary_add(b, &summary, "bool_or", matches, at) ||
        !plan_summary_add(b, &summary, "bool_or", unknown, at))
        return NULL;
    struct plan_rel *right = plan_summarize(b, &summary, rel, at);
    if (!right || !plan_attach_columns(a, subquery, right, false, &first))
        return NULL;
    return three_valued(b, plan_is_set(b, plan_attached_column(a, first, at)),
                        plan_is_set(b, plan_attached_column(a, first + 1, at)), at);
}

/* ---------------------------------------------------------------- once per row */

/* Operands over a->rel, and the subquery's columns of the same types. */
static bool meet(const struct plan_attaching *a, const struct plan_subquery *subquery,
                 const struct plan_rel *rel, struct plan_compared *out)
{
    if (!plan_compared_make(a->b, subquery, out))
        return false;
    for (uint32_t i = 0; i < subquery->operands_count; i++) {
        const struct weir_expr *operand = subquery->operands[i];
        operand = a->grouping ? plan_above_aggregate(a->b, a->grouping, operand) : operand;
        if (!plan_compared_add(a->b, subquery, i, operand,
                               plan_rel_column(a->b, rel, i, subquery->ast->position), out))
            return false;
    }
    return true;
}

/* The flags of a set beside its least and greatest value, as columns of a->rel. */
struct flags {
    const struct weir_expr *any, *unknown; /* false where there is no row */
};

/* Attaches the calls in `summary`, over column 0 of rel, and the flags behind them. */
static bool attach_flags(struct plan_attaching *a, struct plan_subquery *subquery,
                         struct plan_summary *summary, struct plan_rel *rel, uint32_t *first,
                         struct flags *flags)
{
    struct plan_binder *b = a->b;
    struct weir_position at = subquery->ast->position;
    const struct weir_expr *value = plan_rel_column(b, rel, 0, at);
    const struct weir_expr *is_null = value ? plan_function(b, "is_null", &value, 1, at) : NULL;
    uint32_t before = summary->calls.count;
    if (!is_null || !plan_summary_add(b, summary, "bool_or", is_null, at) ||
        !plan_summary_any(b, summary, at))
        return false;
    struct plan_rel *right = plan_summarize(b, summary, rel, at);
    if (!right || !plan_attach_columns(a, subquery, right, false, first))
        return false;
    flags->unknown = plan_is_set(b, plan_attached_column(a, *first + before, at));
    flags->any = plan_is_set(b, plan_attached_column(a, *first + before + 1, at));
    return flags->unknown && flags->any;
}

static struct plan_rel *shown(struct plan_attaching *a, struct plan_rel *rel,
                              const struct weir_expr *const *columns, uint32_t count,
                              struct weir_position at)
{
    struct weir_slice *names = PLAN_ARRAY(a->b, struct weir_slice, count + 1);
    for (uint32_t i = 0; names && i < count; i++)
        names[i] = weir_slice_from_string("y");
    return names ? plan_rel_compute(a->b, rel, NULL, columns, names, count, at) : NULL;
}

/* any AND (x op least [OR x op greatest] OR CASE WHEN unknown THEN NULL ELSE false END) */
static const struct weir_expr *by_order(struct plan_attaching *a, struct plan_subquery *subquery,
                                        const struct plan_compared *compared, struct plan_rel *rel)
{
    struct plan_binder *b = a->b;
    struct weir_position at = subquery->ast->position;
    const struct weir_type *boolean = weir_type_of(WEIR_TYPE_BOOLEAN);
    enum plan_comparison sign = subquery->comparison;
    struct plan_summary summary = {0};
    struct flags flags;
    uint32_t first;
    rel = shown(a, rel, compared->right, 1, at);
    const struct weir_expr *y = rel ? plan_rel_column(b, rel, 0, at) : NULL;
    bool least = sign != PLAN_COMPARE_LT && sign != PLAN_COMPARE_LE;
    bool greatest = sign != PLAN_COMPARE_GT && sign != PLAN_COMPARE_GE;
    if (!y || (least && !plan_summary_add(b, &summary, "min", y, at)) ||
        (greatest && !plan_summary_add(b, &summary, "max", y, at)) ||
        !attach_flags(a, subquery, &summary, rel, &first, &flags))
        return NULL;
    const struct weir_expr *parts[3], *both[2] = {flags.any, NULL};
    uint32_t count = 0;
    for (; count < (uint32_t)least + greatest; count++) {
        const struct weir_expr *extreme = plan_attached_column(a, first + count, at);
        parts[count] =
            extreme ? plan_compare(b, plan_subquery_sign(subquery), compared->left[0], extreme, at)
                    : NULL;
        if (!parts[count])
            return NULL;
    }
    const struct weir_expr *never = plan_expr_boolean(b, false, at);
    parts[count++] = never ? three_valued(b, never, flags.unknown, at) : NULL;
    if (!parts[count - 1])
        return NULL;
    both[1] = plan_expr_variadic(b, WEIR_EXPR_OR, boolean, parts, count, at);
    return both[1] ? plan_expr_variadic(b, WEIR_EXPR_AND, boolean, both, 2, at) : NULL;
}

/* a->rel LEFT JOIN the different rows of rel, by equality. first: column of those. */
static bool attach_equal(struct plan_attaching *a, const struct plan_subquery *subquery,
                         const struct plan_compared *compared, struct plan_rel *rel,
                         uint32_t *first)
{
    struct plan_binder *b = a->b;
    struct weir_position at = subquery->ast->position;
    uint32_t count = subquery->operands_count, known = 0;
    const struct weir_expr **conditions = PLAN_ARRAY(b, const struct weir_expr *, count + 2);
    const struct weir_expr *same;
    rel = plan_rel_distinct(b, rel, at);
    struct plan_rel *right = rel ? plan_attach_independent(a, subquery, rel, &same) : NULL;
    if (!conditions || !right)
        return false;
    *first = a->rel->fields_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct weir_expr *y =
            plan_expr_column(b, *first + i, right->fields[i].type, true, at);
        conditions[known] = y ? plan_compare(b, "=", compared->left[i], y, at) : NULL;
        if (!conditions[known++])
            return false;
    }
    if (same)
        conditions[known++] = same;
    struct plan_rel *join = plan_rel_join(b, WEIR_JOIN_PAIRS, true, false, a->rel, right,
                                          plan_and_all(b, conditions, known, at), at);
    if (!join)
        return false;
    join->event_time_type = NULL; /* each row of a->rel is there once, as it comes */
    a->rel = join;
    return true;
}

/* CASE WHEN there is an equal row THEN true WHEN any AND (unknown OR x IS NULL) THEN NULL ELSE
 * false END */
static const struct weir_expr *by_equality(struct plan_attaching *a, struct plan_subquery *subquery,
                                           const struct plan_compared *compared,
                                           struct plan_rel *rel, bool nullable)
{
    struct plan_binder *b = a->b;
    struct weir_position at = subquery->ast->position;
    const struct weir_type *boolean = weir_type_of(WEIR_TYPE_BOOLEAN);
    struct plan_summary summary = {0};
    struct flags flags = {0};
    uint32_t first, flags_first;
    rel = shown(a, rel, compared->right, subquery->operands_count, at);
    if (!rel || (nullable && !attach_flags(a, subquery, &summary, rel, &flags_first, &flags)) ||
        !attach_equal(a, subquery, compared, rel, &first))
        return NULL;
    const struct weir_expr *y = plan_attached_column(a, first, at);
    const struct weir_expr *matched = y ? plan_function(b, "is_not_null", &y, 1, at) : NULL;
    if (!matched || !nullable)
        return matched;
    const struct weir_expr *either[2] = {flags.unknown,
                                         plan_function(b, "is_null", &compared->left[0], 1, at)};
    const struct weir_expr *both[2] = {flags.any, NULL};
    if (!either[1])
        return NULL;
    both[1] = plan_expr_variadic(b, WEIR_EXPR_OR, boolean, either, 2, at);
    return both[1] ? three_valued(b, matched,
                                  plan_expr_variadic(b, WEIR_EXPR_AND, boolean, both, 2, at), at)
                   : NULL;
}

/* ---------------------------------------------------------------- which */

/* Another subquery's value stands in the operand. */
static bool uses_attached(const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return expr->index >= PLAN_OUTER_ATTACHED && expr->index < PLAN_OUTER_COLUMNS_MAX;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (uses_attached(expr->args[i]))
            return true;
    return false;
}

/* Only pairs of rows tell what may fail. */
static bool needs_pairs(const struct plan_subquery *subquery)
{
    for (uint32_t i = 0; i < subquery->operands_count; i++)
        if (uses_attached(subquery->operands[i]) || weir_expr_is_fallible(subquery->operands[i]))
            return true;
    return false;
}

static const struct weir_expr *value_of(struct plan_attaching *a, struct plan_subquery *subquery)
{
    struct plan_rel *rel = plan_without_order(subquery->rel, false);
    bool single = subquery->operands_count == 1, nullable = false;
    struct plan_compared compared;
    if (needs_pairs(subquery))
        return by_pairs(a, subquery);
    if (!meet(a, subquery, rel, &compared))
        return NULL;
    bool fallible = false; /* the conversions to one type */
    for (uint32_t i = 0; i < subquery->operands_count; i++) {
        nullable |= compared.left[i]->nullable || compared.right[i]->nullable;
        fallible |=
            weir_expr_is_fallible(compared.left[i]) || weir_expr_is_fallible(compared.right[i]);
    }
    if (fallible)
        return by_pairs(a, subquery);
    if (subquery->comparison == PLAN_COMPARE_EQ)
        return single || !nullable ? by_equality(a, subquery, &compared, rel, nullable)
                                   : by_pairs(a, subquery);
    return single && plan_has_extremes(compared.left[0]->type)
               ? by_order(a, subquery, &compared, rel)
               : by_pairs(a, subquery);
}

bool plan_attach_quantified(struct plan_attaching *a, struct plan_subquery *subquery)
{
    const struct weir_expr *value = value_of(a, subquery);
    subquery->value =
        value && subquery->negated ? plan_not(a->b, value, subquery->ast->position) : value;
    return subquery->value != NULL;
}
