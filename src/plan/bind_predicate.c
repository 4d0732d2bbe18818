/* IN lists, BETWEEN, LIKE, IS, and comparisons with ANY and ALL of an array. */
#include "plan/binder_internal.h"

enum { IN_LIST_AS_OR_MAX = 3 }; /* more constants than this are looked up in a set */

static const struct weir_expr *negate(struct plan_binder *b, const struct weir_expr *expr,
                                      bool negated, struct weir_position position)
{
    return expr && negated ? plan_not(b, expr, position) : expr;
}

/* ---------------------------------------------------------------- IN */

static const struct weir_expr *in_as_or(struct plan_binder *b, const struct weir_expr *operand,
                                        const struct weir_expr *const *items, uint32_t count,
                                        struct weir_position position)
{
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, count);
    if (!args)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        args[i] = plan_compare(b, "=", operand, items[i], position);
        if (!args[i])
            return NULL;
    }
    return plan_expr_variadic(b, WEIR_EXPR_OR, weir_type_of(WEIR_TYPE_BOOLEAN), args, count,
                              position);
}

/* All constants and the operand in one type, so that a set can be made; false: use OR. */
static bool can_be_set(struct plan_binder *b, const struct weir_expr *operand,
                       const struct weir_expr *const *items, uint32_t count,
                       const struct weir_type **common)
{
    if (count <= IN_LIST_AS_OR_MAX)
        return false;
    const struct weir_type **types = PLAN_ARRAY(b, const struct weir_type *, count + 1);
    bool *unknown = PLAN_ARRAY(b, bool, count + 1);
    if (!types || !unknown)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (items[i]->kind != WEIR_EXPR_CONSTANT)
            return false;
        types[i] = items[i]->type;
        unknown[i] = plan_expr_is_unknown(items[i]);
    }
    types[count] = operand->type;
    unknown[count] = plan_expr_is_unknown(operand);
    *common = weir_type_common(types, unknown, count + 1, b->arena);
    return *common != NULL;
}

const struct weir_expr *plan_in_list(struct plan_binder *b, const struct weir_expr *operand,
                                     const struct weir_expr **items, uint32_t count, bool negated,
                                     struct weir_position position)
{
    const struct weir_type *common;
    if (!can_be_set(b, operand, items, count, &common))
        return b->out_of_memory
                   ? NULL
                   : negate(b, in_as_or(b, operand, items, count, position), negated, position);
    operand = plan_cast(b, operand, common, WEIR_CAST_ASSIGNMENT, operand->position);
    bool ok = operand != NULL;
    for (uint32_t i = 0; i < count; i++) {
        items[i] = plan_cast(b, items[i], common, WEIR_CAST_ASSIGNMENT, items[i]->position);
        ok &= items[i] != NULL;
    }
    if (!ok)
        return NULL;
    return negate(b, plan_expr_in_set(b, operand, items, count, position), negated, position);
}

/* (a, b) IN ((1, 2), (3, 4)): an OR of row comparisons. */
static const struct weir_expr *in_rows(struct plan_binder *b, struct plan_context *context,
                                       const struct weir_sql_expr *ast)
{
    uint32_t count = ast->in_list.items.count;
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, count);
    if (!args)
        return NULL;
    bool ok = true;
    for (uint32_t i = 0; i < count; i++) {
        struct weir_sql_expr equal = {.kind = WEIR_SQL_EXPR_BINARY, .position = ast->position};
        equal.binary.op = WEIR_SQL_OP_EQUAL;
        equal.binary.left = ast->in_list.operand;
        equal.binary.right = ast->in_list.items.items[i];
        args[i] = plan_bind_operator(b, context, &equal);
        ok &= args[i] != NULL;
    }
    if (!ok)
        return NULL;
    const struct weir_expr *any = plan_expr_variadic(
        b, WEIR_EXPR_OR, weir_type_of(WEIR_TYPE_BOOLEAN), args, count, ast->position);
    return negate(b, any, ast->in_list.negated, ast->position);
}

static const struct weir_expr *bind_in_list(struct plan_binder *b, struct plan_context *context,
                                            const struct weir_sql_expr *ast)
{
    if (ast->in_list.operand->kind == WEIR_SQL_EXPR_ROW)
        return in_rows(b, context, ast);
    uint32_t count = ast->in_list.items.count;
    const struct weir_expr *operand = plan_bind(b, context, ast->in_list.operand);
    const struct weir_expr **items = PLAN_ARRAY(b, const struct weir_expr *, count);
    if (!items)
        return NULL;
    bool ok = operand != NULL;
    for (uint32_t i = 0; i < count; i++) {
        items[i] = plan_bind(b, context, ast->in_list.items.items[i]);
        ok &= items[i] != NULL;
    }
    if (!ok)
        return NULL;
    return plan_in_list(b, operand, items, count, ast->in_list.negated, ast->position);
}

/* ---------------------------------------------------------------- BETWEEN */

static const struct weir_expr *in_range(struct plan_binder *b, const struct weir_expr *operand,
                                        const struct weir_expr *low, const struct weir_expr *high,
                                        struct weir_position position)
{
    const struct weir_expr *args[2] = {plan_compare(b, ">=", operand, low, position),
                                       plan_compare(b, "<=", operand, high, position)};
    if (!args[0] || !args[1])
        return NULL;
    return plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), args, 2, position);
}

static const struct weir_expr *bind_between(struct plan_binder *b, struct plan_context *context,
                                            const struct weir_sql_expr *ast)
{
    const struct weir_expr *operand = plan_bind(b, context, ast->between.operand);
    const struct weir_expr *low = plan_bind(b, context, ast->between.low);
    const struct weir_expr *high = plan_bind(b, context, ast->between.high);
    if (!operand || !low || !high)
        return NULL;
    const struct weir_expr *result = in_range(b, operand, low, high, ast->position);
    if (result && ast->between.symmetric) {
        const struct weir_expr *args[2] = {result, in_range(b, operand, high, low, ast->position)};
        result = args[1] ? plan_expr_variadic(b, WEIR_EXPR_OR, weir_type_of(WEIR_TYPE_BOOLEAN),
                                              args, 2, ast->position)
                         : NULL;
    }
    return negate(b, result, ast->between.negated, ast->position);
}

/* ---------------------------------------------------------------- LIKE */

static const struct weir_expr *bind_like(struct plan_binder *b, struct plan_context *context,
                                         const struct weir_sql_expr *ast);

/* LIKE ANY (ARRAY[a, b]): an OR of LIKE, and ALL an AND. */
static const struct weir_expr *like_each(struct plan_binder *b, struct plan_context *context,
                                         const struct weir_sql_expr *ast)
{
    const struct weir_sql_expr *patterns = ast->like.pattern;
    uint32_t count = patterns->list.count;
    if (patterns->kind != WEIR_SQL_EXPR_ARRAY || count == 0) {
        plan_refuse(b, ast->position, "LIKE ANY and LIKE ALL but over ARRAY[…] with its elements");
        return NULL;
    }
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, count);
    bool ok = args != NULL;
    for (uint32_t i = 0; args && i < count; i++) {
        struct weir_sql_expr one = *ast;
        one.like.any = one.like.all = false;
        one.like.pattern = patterns->list.items[i];
        args[i] = bind_like(b, context, &one);
        ok &= args[i] != NULL;
    }
    return ok ? plan_expr_variadic(b, ast->like.any ? WEIR_EXPR_OR : WEIR_EXPR_AND,
                                   weir_type_of(WEIR_TYPE_BOOLEAN), args, count, ast->position)
              : NULL;
}

static const struct weir_expr *bind_like(struct plan_binder *b, struct plan_context *context,
                                         const struct weir_sql_expr *ast)
{
    if (ast->like.any || ast->like.all)
        return like_each(b, context, ast);
    static const char *const names[] = {
        [WEIR_SQL_LIKE] = "~~", [WEIR_SQL_ILIKE] = "~~*", [WEIR_SQL_SIMILAR] = "similar_to"};
    const struct weir_expr *args[3];
    uint32_t count = ast->like.escape ? 3 : 2;
    args[0] = plan_bind(b, context, ast->like.operand);
    args[1] = plan_bind(b, context, ast->like.pattern);
    args[2] = ast->like.escape ? plan_bind(b, context, ast->like.escape) : NULL;
    if (!args[0] || !args[1] || (ast->like.escape && !args[2]))
        return NULL;
    return negate(b, plan_function(b, names[ast->like.kind], args, count, ast->position),
                  ast->like.negated, ast->position);
}

/* ---------------------------------------------------------------- IS */

static const struct weir_expr *is_call(struct plan_binder *b, const char *name,
                                       const struct weir_expr *operand, bool boolean,
                                       struct weir_position position)
{
    if (boolean)
        operand = plan_condition(b, operand, "IS");
    else if (operand->type->kind != WEIR_TYPE_NULL)
        operand = plan_expr_decided(b, operand);
    return operand ? plan_function(b, name, &operand, 1, position) : NULL;
}

static const struct weir_expr *is_json(struct plan_binder *b, const struct weir_expr *operand,
                                       const char *kind, struct weir_position position)
{
    const struct weir_expr *args[2] = {operand,
                                       plan_expr_text(b, weir_slice_from_string(kind), position)};
    return args[1] ? plan_function(b, "is_json", args, 2, position) : NULL;
}

static const struct weir_expr *is_distinct(struct plan_binder *b, struct plan_context *context,
                                           const struct weir_sql_expr *ast)
{
    const char *op = ast->is.negated ? "is_not_distinct_from" : "is_distinct_from";
    if (plan_are_rows(ast->is.operand, ast->is.right))
        return plan_bind_rows(b, context, op, ast->is.operand, ast->is.right, ast->position);
    const struct weir_expr *operand = plan_bind(b, context, ast->is.operand);
    const struct weir_expr *right = plan_bind(b, context, ast->is.right);
    return operand && right ? plan_compare(b, op, operand, right, ast->position) : NULL;
}

static const struct weir_expr *is_normalized(struct plan_binder *b, const struct weir_sql_expr *ast,
                                             const struct weir_expr *operand)
{
    const struct weir_expr *args[2] = {operand, plan_expr_text(b, ast->is.form, ast->position)};
    return args[1] ? plan_function(b, "is_normalized", args, 2, ast->position) : NULL;
}

static const struct weir_expr *bind_is(struct plan_binder *b, struct plan_context *context,
                                       const struct weir_sql_expr *ast)
{
    if (ast->is.kind == WEIR_SQL_IS_DISTINCT_FROM)
        return is_distinct(b, context, ast);
    const struct weir_expr *operand = plan_bind(b, context, ast->is.operand);
    bool negated = ast->is.negated;
    if (!operand)
        return NULL;
    const struct weir_expr *result = NULL;
    switch (ast->is.kind) {
    case WEIR_SQL_IS_NULL:
        return is_call(b, negated ? "is_not_null" : "is_null", operand, false, ast->position);
    case WEIR_SQL_IS_TRUE:
        return is_call(b, negated ? "is_not_true" : "is_true", operand, true, ast->position);
    case WEIR_SQL_IS_FALSE:
        return is_call(b, negated ? "is_not_false" : "is_false", operand, true, ast->position);
    case WEIR_SQL_IS_UNKNOWN:
        return is_call(b, negated ? "is_not_null" : "is_null", operand, true, ast->position);
    case WEIR_SQL_IS_NORMALIZED:
        result = is_normalized(b, ast, operand);
        break;
    case WEIR_SQL_IS_JSON:
        result = is_json(b, operand, "value", ast->position);
        break;
    case WEIR_SQL_IS_JSON_OBJECT:
        result = is_json(b, operand, "object", ast->position);
        break;
    case WEIR_SQL_IS_JSON_ARRAY:
        result = is_json(b, operand, "array", ast->position);
        break;
    case WEIR_SQL_IS_JSON_SCALAR:
        result = is_json(b, operand, "scalar", ast->position);
        break;
    case WEIR_SQL_IS_DISTINCT_FROM:
        break;
    }
    return negate(b, result, negated, ast->position);
}

/* ---------------------------------------------------------------- ANY, ALL */

static const struct weir_expr *bind_quantified(struct plan_binder *b, struct plan_context *context,
                                               const struct weir_sql_expr *ast)
{
    const struct weir_expr *operand = plan_bind(b, context, ast->quantified.operand);
    const struct weir_expr *array = plan_bind(b, context, ast->quantified.array);
    if (!operand || !array)
        return NULL;
    return plan_expr_quantified(b, ast->quantified.op, ast->quantified.all, operand, array,
                                ast->position);
}

const struct weir_expr *plan_bind_predicate(struct plan_binder *b, struct plan_context *context,
                                            const struct weir_sql_expr *ast)
{
    switch (ast->kind) {
    case WEIR_SQL_EXPR_IN_LIST:
        return bind_in_list(b, context, ast);
    case WEIR_SQL_EXPR_BETWEEN:
        return bind_between(b, context, ast);
    case WEIR_SQL_EXPR_LIKE:
        return bind_like(b, context, ast);
    case WEIR_SQL_EXPR_IS:
        return bind_is(b, context, ast);
    default:
        return bind_quantified(b, context, ast);
    }
}
