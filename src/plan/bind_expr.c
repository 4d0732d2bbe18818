/* Expressions: one function per kind of syntax, chosen in plan_bind. */
#include "plan/binder_internal.h"

/* Both sides are always bound, so that each one's errors are found. */
static bool bind_two(struct plan_binder *b, struct plan_context *context,
                     const struct weir_sql_expr *left, const struct weir_sql_expr *right,
                     const struct weir_expr **out)
{
    out[0] = plan_bind(b, context, left);
    out[1] = plan_bind(b, context, right);
    return out[0] && out[1];
}

/* ARRAY[…]::T[] casts the elements, as Postgres does: ARRAY[1.5, 'NaN']::float8[] has no DECIMAL.
 */
static const struct weir_expr *bind_cast_operand(struct plan_binder *b,
                                                 struct plan_context *context,
                                                 const struct weir_sql_expr *ast,
                                                 const struct weir_type *type)
{
    if (ast->kind != WEIR_SQL_EXPR_ARRAY || ast->list.count == 0 || type->kind != WEIR_TYPE_LIST)
        return plan_bind(b, context, ast);
    const struct weir_type *element = type->children[0];
    const struct weir_expr **items = PLAN_ARRAY(b, const struct weir_expr *, ast->list.count);
    bool ok = items != NULL;
    for (uint32_t i = 0; items && i < ast->list.count; i++) {
        items[i] = bind_cast_operand(b, context, ast->list.items[i], element);
        if (items[i])
            items[i] = plan_cast(b, items[i], element, WEIR_CAST_EXPLICIT, items[i]->position);
        ok &= items[i] != NULL;
    }
    return ok ? plan_function(b, "array", items, ast->list.count, ast->position) : NULL;
}

static const struct weir_expr *bind_cast(struct plan_binder *b, struct plan_context *context,
                                         const struct weir_sql_expr *ast)
{
    const struct weir_type *type = plan_bind_type(b, ast->cast.type, b->arena);
    const struct weir_expr *operand = type && !ast->cast.try_cast
                                          ? bind_cast_operand(b, context, ast->cast.operand, type)
                                          : plan_bind(b, context, ast->cast.operand);
    if (!operand || !type)
        return NULL;
    bool is_bare_literal = ast->cast.operand->kind == WEIR_SQL_EXPR_STRING && !ast->cast.try_cast;
    if (is_bare_literal && ast->cast.type->kind == WEIR_SQL_TYPE_INTERVAL) {
        struct weir_sql_expr typed = *ast; /* '1'::interval day is INTERVAL '1' DAY */
        typed.kind = WEIR_SQL_EXPR_TYPED;
        typed.typed.type = ast->cast.type;
        typed.typed.text = ast->cast.operand->text;
        return plan_bind_literal(b, &typed, false);
    }
    if (!ast->cast.try_cast)
        return plan_scale_time(b, plan_cast(b, operand, type, WEIR_CAST_EXPLICIT, ast->position),
                               ast->cast.type);
    operand = plan_expr_is_null(operand) ? operand : plan_expr_decided(b, operand);
    if (operand)
        operand = plan_scale_time(b, plan_cast(b, operand, type, WEIR_CAST_EXPLICIT, ast->position),
                                  ast->cast.type);
    if (!operand || !weir_expr_is_fallible(operand))
        return operand;
    return plan_expr_variadic(b, WEIR_EXPR_TRY, operand->type, &operand, 1, ast->position);
}

static const struct weir_expr *bind_junction(struct plan_binder *b, struct plan_context *context,
                                             const struct weir_sql_expr *ast)
{
    bool is_and = ast->kind == WEIR_SQL_EXPR_AND;
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, ast->list.count);
    if (!args)
        return NULL;
    bool ok = true;
    for (uint32_t i = 0; i < ast->list.count; i++) {
        args[i] =
            plan_condition(b, plan_bind(b, context, ast->list.items[i]), is_and ? "AND" : "OR");
        ok &= args[i] != NULL;
    }
    if (!ok)
        return NULL;
    return plan_expr_variadic(b, is_and ? WEIR_EXPR_AND : WEIR_EXPR_OR,
                              weir_type_of(WEIR_TYPE_BOOLEAN), args, ast->list.count,
                              ast->position);
}

/* One condition of CASE: a BOOLEAN, or operand = value. */
static const struct weir_expr *bind_when(struct plan_binder *b, struct plan_context *context,
                                         const struct weir_expr *operand, bool has_operand,
                                         const struct weir_sql_expr *ast)
{
    const struct weir_expr *condition = plan_bind(b, context, ast);
    if (!condition || (has_operand && !operand))
        return NULL;
    if (has_operand)
        return plan_compare(b, "=", operand, condition, ast->position);
    return plan_condition(b, condition, "WHEN");
}

static const struct weir_expr *bind_case(struct plan_binder *b, struct plan_context *context,
                                         const struct weir_sql_expr *ast)
{
    uint32_t whens = ast->cases.whens_count;
    bool has_operand = ast->cases.operand != NULL;
    const struct weir_expr *operand =
        has_operand ? plan_bind(b, context, ast->cases.operand) : NULL;
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, 2 * whens + 1);
    const struct weir_expr **results = PLAN_ARRAY(b, const struct weir_expr *, whens + 1);
    if (!args || !results)
        return NULL;
    bool ok = true;
    for (uint32_t i = 0; i < whens; i++) {
        args[2 * i] = bind_when(b, context, operand, has_operand, ast->cases.whens[i].condition);
        results[i] = plan_bind(b, context, ast->cases.whens[i].result);
        ok &= args[2 * i] && results[i];
    }
    results[whens] = ast->cases.otherwise
                         ? plan_bind(b, context, ast->cases.otherwise)
                         : plan_expr_null(b, weir_type_of(WEIR_TYPE_NULL), ast->position);
    if (!ok || !results[whens] || !plan_meet(b, results, whens + 1, "CASE", ast->position))
        return NULL;
    for (uint32_t i = 0; i < whens; i++)
        args[2 * i + 1] = results[i];
    args[2 * whens] = results[whens];
    return plan_expr_variadic(b, WEIR_EXPR_CASE, results[0]->type, args, 2 * whens + 1,
                              ast->position);
}

static const struct weir_expr *bind_time_zone(struct plan_binder *b, struct plan_context *context,
                                              const struct weir_sql_expr *ast)
{
    const struct weir_expr *args[2];
    args[1] = plan_bind(b, context, ast->at_time_zone.operand);
    args[0] = ast->at_time_zone.zone
                  ? plan_bind(b, context, ast->at_time_zone.zone)
                  : plan_expr_text(b, b->catalog->settings.timezone, ast->position);
    if (!args[0] || !args[1])
        return NULL;
    return plan_function(b, "timezone", args, 2, ast->position);
}

static const struct weir_expr *bind_collate(struct plan_binder *b, struct plan_context *context,
                                            const struct weir_sql_expr *ast)
{
    const struct weir_expr *operand = plan_bind(b, context, ast->collate.operand);
    const struct weir_sql_names *names = &ast->collate.collation;
    struct weir_slice name = names->items[names->count - 1].text;
    if (weir_slice_equals_string(name, "C") || weir_slice_equals_string(name, "POSIX") ||
        weir_slice_equals_string(name, "default") || weir_slice_equals_string(name, "c") ||
        weir_slice_equals_string(name, "ucs_basic"))
        return operand;
    plan_refuse(b, ast->position, "collation \"%.*s\": text is ordered by its bytes (\"C\")",
                WEIR_SLICE_ARGS(name));
    return NULL;
}

static const struct weir_expr *bind_subscript(struct plan_binder *b, struct plan_context *context,
                                              const struct weir_sql_expr *ast)
{
    const struct weir_expr *args[2];
    if (!bind_two(b, context, ast->subscript.operand, ast->subscript.index, args))
        return NULL;
    const char *name = NULL;
    switch (args[0]->type->kind) {
    case WEIR_TYPE_LIST:
        name = "array_subscript";
        break;
    case WEIR_TYPE_MAP:
        name = "map_subscript";
        break;
    case WEIR_TYPE_JSON:
    case WEIR_TYPE_JSONB:
        name = "json_subscript";
        break;
    default:
        plan_fail(b, ast->position, WEIR_E_TYPE_MISMATCH, "%s has no elements to subscript",
                  weir_type_name(args[0]->type).text);
        return NULL;
    }
    return plan_function(b, name, args, 2, ast->position);
}

static const struct weir_expr *slice_bound(struct plan_binder *b, struct plan_context *context,
                                           const struct weir_sql_expr *bound, int64_t missing,
                                           struct weir_position position)
{
    return bound ? plan_bind(b, context, bound)
                 : plan_expr_value(b, weir_type_of(WEIR_TYPE_INT64), &missing, position);
}

/* a[1:2][3:4] cuts two dimensions, as in Postgres: all slices in a row are one call. */
static const struct weir_expr *bind_slice(struct plan_binder *b, struct plan_context *context,
                                          const struct weir_sql_expr *ast)
{
    uint32_t count = 1;
    const struct weir_sql_expr *array = ast;
    for (; array->kind == WEIR_SQL_EXPR_SLICE; array = array->slice.operand)
        count += 2;
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, count);
    if (!args)
        return NULL;
    args[0] = plan_bind(b, context, array);
    bool ok = args[0] != NULL;
    uint32_t at = count;
    for (const struct weir_sql_expr *slice = ast; slice != array; slice = slice->slice.operand) {
        args[--at] = slice_bound(b, context, slice->slice.high, INT64_MAX, slice->position);
        args[--at] = slice_bound(b, context, slice->slice.low, 1, slice->position);
        ok &= args[at] && args[at + 1];
    }
    if (!ok)
        return NULL;
    if (args[0]->type->kind == WEIR_TYPE_LIST)
        return plan_function(b, "array_section", args, count, ast->position);
    plan_fail(b, ast->position, WEIR_E_TYPE_MISMATCH, "%s has no elements to cut out",
              weir_type_name(args[0]->type).text);
    return NULL;
}

static const struct weir_expr *bind_field(struct plan_binder *b, struct plan_context *context,
                                          const struct weir_sql_expr *ast)
{
    const struct weir_expr *operand = plan_bind(b, context, ast->field.operand);
    return operand ? plan_struct_field(b, operand, &ast->field.name) : NULL;
}

static const struct weir_expr *bind_parameter(struct plan_binder *b, struct plan_context *context,
                                              const struct weir_sql_expr *ast)
{
    if (ast->parameter >= 1 && ast->parameter <= context->parameters_count)
        return context->parameters[ast->parameter - 1];
    plan_fail(b, ast->position, WEIR_E_UNKNOWN_COLUMN, "there is no parameter $%u here",
              ast->parameter);
    return NULL;
}

static const struct weir_expr *misplaced_star(struct plan_binder *b,
                                              const struct weir_sql_expr *ast)
{
    plan_fail(b, ast->position, WEIR_E_SYNTAX, "* stands for columns only in a select list");
    return NULL;
}

const struct weir_expr *plan_bind(struct plan_binder *b, struct plan_context *context,
                                  const struct weir_sql_expr *ast)
{
    if (b->out_of_memory)
        return NULL;
    switch (ast->kind) {
    case WEIR_SQL_EXPR_NULL:
    case WEIR_SQL_EXPR_BOOLEAN:
    case WEIR_SQL_EXPR_INTEGER:
    case WEIR_SQL_EXPR_DECIMAL:
    case WEIR_SQL_EXPR_FLOAT:
    case WEIR_SQL_EXPR_STRING:
    case WEIR_SQL_EXPR_BITS:
    case WEIR_SQL_EXPR_HEX:
    case WEIR_SQL_EXPR_TYPED:
        return plan_bind_literal(b, ast, false);
    case WEIR_SQL_EXPR_PARAMETER:
        return bind_parameter(b, context, ast);
    case WEIR_SQL_EXPR_NAME:
        return plan_bind_name(b, context, ast);
    case WEIR_SQL_EXPR_STAR:
        return misplaced_star(b, ast);
    case WEIR_SQL_EXPR_UNARY:
    case WEIR_SQL_EXPR_BINARY:
        return plan_bind_operator(b, context, ast);
    case WEIR_SQL_EXPR_AND:
    case WEIR_SQL_EXPR_OR:
        return bind_junction(b, context, ast);
    case WEIR_SQL_EXPR_CAST:
        return bind_cast(b, context, ast);
    case WEIR_SQL_EXPR_CASE:
        return bind_case(b, context, ast);
    case WEIR_SQL_EXPR_CALL:
        return plan_bind_call(b, context, ast);
    case WEIR_SQL_EXPR_IN_LIST:
    case WEIR_SQL_EXPR_BETWEEN:
    case WEIR_SQL_EXPR_LIKE:
    case WEIR_SQL_EXPR_IS:
        return plan_bind_predicate(b, context, ast);
    case WEIR_SQL_EXPR_IN_QUERY:
    case WEIR_SQL_EXPR_EXISTS:
    case WEIR_SQL_EXPR_QUERY:
    case WEIR_SQL_EXPR_ARRAY_QUERY:
        return plan_bind_subquery(b, context, ast);
    case WEIR_SQL_EXPR_QUANTIFIED:
        return ast->quantified.query ? plan_bind_subquery(b, context, ast)
                                     : plan_bind_predicate(b, context, ast);
    case WEIR_SQL_EXPR_AT_TIME_ZONE:
        return bind_time_zone(b, context, ast);
    case WEIR_SQL_EXPR_COLLATE:
        return bind_collate(b, context, ast);
    case WEIR_SQL_EXPR_SUBSCRIPT:
        return bind_subscript(b, context, ast);
    case WEIR_SQL_EXPR_SLICE:
        return bind_slice(b, context, ast);
    case WEIR_SQL_EXPR_FIELD:
        return bind_field(b, context, ast);
    case WEIR_SQL_EXPR_ROW:
    case WEIR_SQL_EXPR_ARRAY:
    case WEIR_SQL_EXPR_STRUCT:
    case WEIR_SQL_EXPR_MAP:
        return plan_bind_constructor(b, context, ast);
    }
    return NULL;
}
