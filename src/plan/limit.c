/* LIMIT and OFFSET, also FETCH.
 *
 *     of constants      a number of the SORT below, or a LIMIT
 *     of subqueries     the rows are numbered, and each is compared with the numbers, which are
 *     over tables       columns: OVER row_number() ─▶ JOIN the numbers ─▶ COMPUTE where … ─▶ SORT
 *
 * The latter's order is that of the whole result only where the input ends; over inputs that do not
 * end rows come and go as the numbers change. WITH TIES asks for the rank beside the number: rows
 * from a number on, up to a rank. */
#include "plan/binder_internal.h"

#include "kernel/compare.h"

/* ---------------------------------------------------------------- a number of rows */

static void row_count_kernel(struct weir_kernel_call *call)
{
    uint8_t *source = weir_arena_alloc(call->arena, call->rows_count + 1u, 64);
    if (!source) {
        weir_kernel_out_of_memory(call);
        return;
    }
    memset(source, WEIR_CHOOSE_NULL, call->rows_count);
    WEIR_FOR_LANES(call, lane)
    {
        if (weir_arg_is_null(call, 0, lane))
            continue;
        source[lane] = 0;
        int64_t count = *WEIR_ARG(call, 0, int64_t, lane);
        if (count < 0 && !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                           "LIMIT and OFFSET cannot be negative, this is %lld",
                                           (long long)count))
            return;
    }
    weir_kernel_choose(call, source);
}

static const struct weir_function row_count_function = {
    .name = "row_count",
    .signature = "(bigint) -> bigint",
    .kernel = row_count_kernel,
    .flags = WEIR_FUNCTION_FALLIBLE | WEIR_FUNCTION_HIDDEN,
    .category = "subquery",
    .summary = "the number, when it is one of rows",
    .example = "",
    .result = ""};

/* A row count: a constant, or, with *later, known when the subqueries in it are, or the row of the
 * enclosing query whose columns it names. */
struct row_number {
    int64_t value;
    const struct weir_expr *later;
};

struct row_limits {
    struct row_number limit, offset;
    bool with_ties;
};

/* A BIGINT, not negative; NULL means none. */
static bool bind_count(struct plan_binder *b, struct plan_context *context,
                       const struct weir_sql_expr *ast, const char *clause, int64_t absent,
                       struct row_number *out)
{
    *out = (struct row_number){.value = absent};
    if (!ast)
        return true;
    uint32_t before = context->subqueries->count;
    context->clause = clause;
    const struct weir_expr *expr = plan_bind(b, context, ast);
    if (!expr)
        return false;
    expr = plan_cast(b, expr, weir_type_of(WEIR_TYPE_INT64), WEIR_CAST_ASSIGNMENT, ast->position);
    if (expr && (context->subqueries->count > before || plan_has_columns(expr))) {
        out->later = plan_expr_call(b, &row_count_function, expr->type, &expr, 1, expr->position);
        return out->later != NULL;
    }
    struct weir_column value;
    if (!expr || !plan_evaluate(b, expr, &value))
        return false;
    if (weir_column_is_null(&value, 0))
        return true;
    out->value = *(const int64_t *)value.values;
    if (out->value < 0)
        return plan_fail(b, ast->position, WEIR_E_BAD_LITERAL, "%s cannot be negative", clause);
    return true;
}

/* Ties are of an order, with the last of a number of rows. */
static bool check_ties(struct plan_binder *b, const struct weir_sql_query *query,
                       const struct row_number *limit)
{
    struct weir_position at = query->limit ? query->limit->position : query->position;
    if (!query->order_by.count) {
        (void)weir_error_set(&b->error, WEIR_E_SYNTAX, "WITH TIES needs an ORDER BY");
        weir_error_hint(&b->error, "ROWS ONLY takes any rows");
        return plan_report(b, at);
    }
    return limit->later || limit->value >= 0 ||
           plan_fail(b, at, WEIR_E_BAD_LITERAL, "the number of rows WITH TIES cannot be NULL");
}

/* ---------------------------------------------------------------- of subqueries */

static const struct weir_expr *number_of(struct plan_binder *b, struct plan_list *subqueries,
                                         const struct row_number *count, struct weir_position at)
{
    if (count->later)
        return plan_subquery_values(b, subqueries, count->later);
    const struct weir_type *type = weir_type_of(WEIR_TYPE_INT64);
    return count->value < 0 ? plan_expr_null(b, type, at)
                            : plan_expr_value(b, type, &count->value, at);
}

/* a and b */
static const struct weir_expr *both_of(struct plan_binder *b, const struct weir_expr *a,
                                       const struct weir_expr *other)
{
    const struct weir_expr *both[2] = {a, other};
    return a && other ? plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), both,
                                           2, a->position)
                      : NULL;
}

/* Whether the row is behind the offset and among the limit:
 *
 *     number > start AND COALESCE(last - start <= limit, true)     start = COALESCE(offset, 0)
 *
 * last is the number or, WITH TIES, the rank; a limit of 0 has no last row that others tie with:
 * … AND limit > 0. */
static const struct weir_expr *within(struct plan_binder *b,
                                      const struct weir_expr *const numbers[2],
                                      const struct weir_expr *limit, const struct weir_expr *offset,
                                      struct weir_position at)
{
    const struct weir_type *type = weir_type_of(WEIR_TYPE_INT64);
    int64_t zero = 0;
    const struct weir_expr *none = plan_expr_value(b, type, &zero, at);
    const struct weir_expr *start[2] = {offset, none};
    const struct weir_expr *sides[2] = {numbers[1], NULL};
    if (!none)
        return NULL;
    sides[1] = plan_expr_variadic(b, WEIR_EXPR_COALESCE, type, start, 2, at);
    const struct weir_expr *after =
        sides[1] ? plan_compare(b, ">", numbers[0], sides[1], at) : NULL;
    const struct weir_expr *last = after ? plan_function(b, "-", sides, 2, at) : NULL;
    sides[0] = last ? plan_compare(b, "<=", last, limit, at) : NULL;
    if (sides[0] && numbers[0] != numbers[1])
        sides[0] = both_of(b, sides[0], plan_compare(b, ">", limit, none, at));
    sides[1] = sides[0] ? plan_expr_boolean(b, true, at) : NULL;
    return sides[1] ? both_of(b, after,
                              plan_expr_variadic(b, WEIR_EXPR_COALESCE,
                                                 weir_type_of(WEIR_TYPE_BOOLEAN), sides, 2, at))
                    : NULL;
}

/* rel's rows from a number on and up to another. */
static struct plan_rel *take_numbered(struct plan_binder *b, struct plan_rel *rel,
                                      const struct plan_over *window, struct plan_list *subqueries,
                                      const struct row_limits *limits)
{
    struct weir_position at = window->position;
    uint32_t count = rel->fields_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    const struct weir_expr *numbers[2];
    struct plan_rel *made = plan_rel_numbered(b, rel, window, limits->with_ties, numbers, at);
    made = made ? plan_attach_subqueries(b, made, subqueries, true, NULL) : NULL;
    if (!exprs || !names || !made)
        return NULL;
    const struct weir_expr *last = number_of(b, subqueries, &limits->limit, at);
    const struct weir_expr *first = number_of(b, subqueries, &limits->offset, at);
    const struct weir_expr *chosen = last && first ? within(b, numbers, last, first, at) : NULL;
    for (uint32_t i = 0; chosen && i < count; i++) {
        names[i] = rel->fields[i].name;
        exprs[i] = plan_rel_column(b, made, i, at);
    }
    return chosen && !b->out_of_memory ? plan_rel_compute(b, made, chosen, exprs, names, count, at)
                                       : NULL;
}

static struct plan_rel *limit_later(struct plan_binder *b, struct plan_rel *rel, bool sorted,
                                    struct plan_list *subqueries, const struct row_limits *limits,
                                    struct weir_position at)
{
    const struct weir_plan_sort sort = rel->of.sort;
    struct plan_over window = {.order_count = sorted ? sort.order_count : 0, .position = at};
    rel = plan_rel_decide(b, sorted ? rel->inputs[0] : rel);
    window.order = PLAN_ARRAY(b, const struct weir_expr *, window.order_count + 1);
    window.order_by = PLAN_ARRAY(b, struct weir_sort_order, window.order_count + 1);
    for (uint32_t i = 0; rel && window.order && window.order_by && i < window.order_count; i++) {
        window.order[i] = plan_rel_column(b, rel, sort.order[i].column, at);
        window.order_by[i] = sort.order[i].order;
    }
    if (!rel || b->out_of_memory)
        return NULL;
    rel = take_numbered(b, rel, &window, subqueries, limits);
    struct plan_rel *made =
        rel ? plan_rel_new(b, sorted ? WEIR_PLAN_SORT : WEIR_PLAN_LIMIT, rel, at) : NULL;
    if (!made)
        return NULL;
    if (sorted)
        made->of.sort = (struct weir_plan_sort){sort.order, sort.order_count, -1, 0};
    else
        made->of.limit = (struct weir_plan_limit){-1, 0};
    made->at_end = true;
    return made;
}

/* ---------------------------------------------------------------- the clause */

struct plan_rel *plan_bind_limit(struct plan_binder *b, struct plan_rel *rel,
                                 const struct weir_sql_query *query, const struct plan_scope *outer,
                                 bool *correlated)
{
    if (!query->limit && !query->offset)
        return rel;
    struct plan_scope nothing = {.event_time_column = PLAN_NONE, .outer = outer};
    struct plan_list subqueries = {0};
    struct plan_context context = {
        .scope = &nothing, .subqueries = &subqueries, .correlated = correlated};
    struct row_limits limits = {.with_ties = query->with_ties};
    const struct row_number *limit = &limits.limit, *offset = &limits.offset;
    struct weir_position at = query->limit ? query->limit->position : query->offset->position;
    bool ok = bind_count(b, &context, query->limit, "LIMIT", -1, &limits.limit);
    ok &= bind_count(b, &context, query->offset, "OFFSET", 0, &limits.offset);
    if (query->with_ties)
        ok &= ok && check_ties(b, query, limit);
    if (!ok || !rel)
        return NULL;
    bool sorted = rel->kind == WEIR_PLAN_SORT && query->order_by.count; /* made for this query */
    if (limit->later || offset->later)
        return limit_later(b, rel, sorted, &subqueries, &limits, at);
    if (sorted) {
        rel->of.sort.limit = limit->value;
        rel->of.sort.offset = offset->value;
        rel->with_ties = query->with_ties;
        return rel;
    }
    struct plan_rel *made = plan_rel_new(b, WEIR_PLAN_LIMIT, rel, at);
    if (made)
        made->of.limit = (struct weir_plan_limit){limit->value, offset->value};
    return made;
}
