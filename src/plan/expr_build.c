/* Making bound expressions: constants, casts, calls.
 *
 * Calls of constants are folded as soon as they are made, so that what must be constant (widths,
 * patterns, IN lists) is seen to be. A cast of an undecided literal is evaluated at once: a literal
 * that is no value of its type is an error of the program (BAD_LITERAL), not of the data. */
#include "plan/binder_internal.h"

struct weir_expr *plan_expr_new(struct plan_binder *b, enum weir_expr_kind kind,
                                const struct weir_type *type, struct weir_position position)
{
    struct weir_expr *expr = PLAN_NEW(b, struct weir_expr);
    if (!expr)
        return NULL;
    expr->kind = kind;
    expr->type = type;
    expr->nullable = true;
    expr->position = plan_at(b, position);
    return expr;
}

const struct weir_expr *plan_expr_call(struct plan_binder *b, const struct weir_function *function,
                                       const struct weir_type *type,
                                       const struct weir_expr *const *args, uint32_t args_count,
                                       struct weir_position position)
{
    const struct weir_expr **copy = PLAN_ARRAY(b, const struct weir_expr *, args_count + 1);
    struct weir_expr *call = plan_expr_new(b, WEIR_EXPR_CALL, type, position);
    if (!copy || !call)
        return NULL;
    if (args_count)
        memcpy(copy, args, args_count * sizeof *args);
    call->function = function;
    call->args = copy;
    call->args_count = args_count;
    return call;
}

const struct weir_expr *plan_expr_column(struct plan_binder *b, uint32_t index,
                                         const struct weir_type *type, bool nullable,
                                         struct weir_position position)
{
    struct weir_expr *expr = plan_expr_new(b, WEIR_EXPR_COLUMN, type, position);
    if (!expr)
        return NULL;
    expr->index = index;
    expr->nullable = nullable;
    return expr;
}

const struct weir_expr *plan_expr_constant(struct plan_binder *b, const struct weir_column *column,
                                           struct weir_position position)
{
    struct weir_expr *expr = plan_expr_new(b, WEIR_EXPR_CONSTANT, column->type, position);
    if (!expr)
        return NULL;
    expr->constant = *column;
    expr->constant.encoding = WEIR_CONSTANT;
    expr->constant.rows_count = 1;
    expr->nullable = weir_column_is_null(column, 0);
    return expr;
}

const struct weir_expr *plan_expr_value(struct plan_binder *b, const struct weir_type *type,
                                        const void *lane, struct weir_position position)
{
    size_t width = weir_type_width(type);
    void *copy = weir_arena_alloc(b->arena, width ? width : 1, 16);
    if (!copy) {
        plan_out_of_memory(b);
        return NULL;
    }
    memcpy(copy, lane, width);
    struct weir_column column = {
        .type = type, .encoding = WEIR_CONSTANT, .rows_count = 1, .values = copy};
    return plan_expr_constant(b, &column, position);
}

const struct weir_expr *plan_expr_null(struct plan_binder *b, const struct weir_type *type,
                                       struct weir_position position)
{
    struct weir_column column = weir_column_nulls(type, 1);
    return plan_expr_constant(b, &column, position);
}

const struct weir_expr *plan_expr_boolean(struct plan_binder *b, bool value,
                                          struct weir_position position)
{
    uint8_t lane = value;
    return plan_expr_value(b, weir_type_of(WEIR_TYPE_BOOLEAN), &lane, position);
}

const struct weir_expr *plan_expr_text(struct plan_binder *b, struct weir_slice text,
                                       struct weir_position position)
{
    struct weir_slice copy;
    if (!plan_slice_copy(text, b->arena, &copy)) {
        plan_out_of_memory(b);
        return NULL;
    }
    struct weir_view view = weir_view_from_slice(copy);
    return plan_expr_value(b, weir_type_of(WEIR_TYPE_TEXT), &view, position);
}

const struct weir_expr *plan_expr_variadic(struct plan_binder *b, enum weir_expr_kind kind,
                                           const struct weir_type *type,
                                           const struct weir_expr *const *args, uint32_t count,
                                           struct weir_position position)
{
    if (count == 1 && (kind == WEIR_EXPR_AND || kind == WEIR_EXPR_OR))
        return args[0];
    struct weir_expr *expr = plan_expr_new(b, kind, type, position);
    const struct weir_expr **copy = PLAN_ARRAY(b, const struct weir_expr *, count);
    if (!expr || !copy)
        return NULL;
    memcpy(copy, args, count * sizeof *copy);
    expr->args = copy;
    expr->args_count = count;
    return expr;
}

const struct weir_expr *plan_expr_field(struct plan_binder *b, const struct weir_expr *operand,
                                        uint32_t field, struct weir_position position)
{
    struct weir_expr *expr =
        plan_expr_new(b, WEIR_EXPR_FIELD, operand->type->children[field], position);
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, 1);
    if (!expr || !args)
        return NULL;
    args[0] = operand;
    expr->args = args;
    expr->args_count = 1;
    expr->index = field;
    return expr;
}

bool plan_expr_is_null(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_CONSTANT && weir_column_is_null(&expr->constant, 0);
}

bool plan_expr_is_true(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_CONSTANT && !plan_expr_is_null(expr) &&
           expr->type->kind == WEIR_TYPE_BOOLEAN && *(const uint8_t *)expr->constant.values != 0;
}

bool plan_expr_is_unknown(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_CONSTANT &&
           (expr->index == PLAN_LITERAL_UNKNOWN || expr->type->kind == WEIR_TYPE_NULL);
}

const struct weir_expr *plan_expr_decided(struct plan_binder *b, const struct weir_expr *expr)
{
    if (!plan_expr_is_unknown(expr))
        return expr;
    if (expr->type->kind == WEIR_TYPE_NULL)
        return plan_expr_null(b, weir_type_of(WEIR_TYPE_TEXT), expr->position);
    return plan_expr_constant(b, &expr->constant, expr->position);
}

bool plan_evaluate(struct plan_binder *b, const struct weir_expr *expr, struct weir_column *out)
{
    if (expr->kind == WEIR_EXPR_CONSTANT) {
        *out = expr->constant;
        return true;
    }
    if (weir_expr_evaluate(expr, b->env->session, b->arena, out, &b->error) != WEIR_OK)
        return plan_report(b, expr->position);
    return true;
}

/* ---------------------------------------------------------------- casts */

static const struct weir_expr *cast_call(struct plan_binder *b, const struct weir_expr *expr,
                                         const struct weir_function_match *match,
                                         const struct weir_type *to, struct weir_position position)
{
    struct weir_expr *call = plan_expr_new(b, WEIR_EXPR_CALL, to, position);
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, 1);
    if (!call || !args)
        return NULL;
    args[0] = expr;
    call->args = args;
    call->args_count = 1;
    call->function = match->function;
    call->instance = match->instance;
    call->nullable = expr->nullable;
    return call;
}

/* Folds a call of constants; what fails is left as it is. */
static const struct weir_expr *fold_call(struct plan_binder *b, const struct weir_expr *call)
{
    for (uint32_t i = 0; i < call->args_count; i++)
        if (call->args[i]->kind != WEIR_EXPR_CONSTANT)
            return call;
    const struct weir_expr *folded;
    enum weir_status status =
        weir_expr_fold(call, false, b->env->session, b->arena, &folded, &b->error);
    if (status == WEIR_OK)
        return folded;
    plan_report(b, call->position);
    return NULL;
}

static const struct weir_expr *literal_value(struct plan_binder *b, const struct weir_expr *call,
                                             struct weir_position position)
{
    struct weir_column value;
    if (weir_expr_evaluate(call, b->env->session, b->arena, &value, &b->error) == WEIR_OK)
        return plan_expr_constant(b, &value, position);
    if (b->error.code != WEIR_E_OUT_OF_MEMORY && b->error.code != WEIR_E_MEMORY_LIMIT)
        b->error.code = WEIR_E_BAD_LITERAL;
    b->error.source[0] = '\0';
    b->error.position = (struct weir_position){0};
    plan_report(b, position);
    return NULL;
}

const struct weir_expr *plan_cast(struct plan_binder *b, const struct weir_expr *expr,
                                  const struct weir_type *to, enum weir_cast_context context,
                                  struct weir_position position)
{
    bool unknown = plan_expr_is_unknown(expr);
    if (unknown && plan_expr_is_null(expr))
        return plan_expr_null(b, to, expr->position);
    if (unknown && to->kind == WEIR_TYPE_TEXT && to->length == 0)
        return plan_expr_decided(b, expr);
    if (unknown && to->kind != WEIR_TYPE_TEXT)
        context = WEIR_CAST_EXPLICIT;
    struct weir_function_match match;
    if (weir_cast_find(expr->type, to, context, b->env->session, b->arena, &match, &b->error) !=
        WEIR_OK) {
        plan_report(b, position);
        return NULL;
    }
    if (!match.function)
        return expr;
    const struct weir_expr *call = cast_call(b, expr, &match, to, position);
    if (!call)
        return NULL;
    if (unknown)
        return literal_value(b, call, expr->position);
    return fold_call(b, call);
}

bool plan_meet(struct plan_binder *b, const struct weir_expr **exprs, uint32_t count,
               const char *what, struct weir_position position)
{
    const struct weir_type **types = PLAN_ARRAY(b, const struct weir_type *, count + 1);
    bool *unknown = PLAN_ARRAY(b, bool, count + 1);
    if (!types || !unknown)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        types[i] = exprs[i]->type;
        unknown[i] = plan_expr_is_unknown(exprs[i]);
    }
    const struct weir_type *common = weir_type_common(types, unknown, count, b->arena);
    for (uint32_t i = 1; !common && i < count; i++) {
        /* Name the first two that do not meet. */
        if (weir_type_common(types, unknown, i + 1, b->arena))
            continue;
        return plan_fail(b, exprs[i]->position.line ? exprs[i]->position : position,
                         WEIR_E_TYPE_MISMATCH, "%s cannot have both %s and %s", what,
                         weir_type_name(types[i]).text,
                         weir_type_name(weir_type_common(types, unknown, i, b->arena)).text);
    }
    if (!common)
        return plan_fail(b, position, WEIR_E_TYPE_MISMATCH, "the types of %s do not meet", what);
    for (uint32_t i = 0; i < count; i++) {
        exprs[i] = plan_cast(b, exprs[i], common, WEIR_CAST_ASSIGNMENT, exprs[i]->position);
        if (!exprs[i])
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- calls */

/* Operators whose result is null only when an argument is. */
static bool keeps_not_null(const struct weir_function *function)
{
    static const char *const names[] = {"=", "<>", "<", "<=", ">", ">=", "+", "-", "*"};
    if (!(function->flags & WEIR_FUNCTION_STRICT))
        return false;
    for (size_t i = 0; i < WEIR_COUNT_OF(names); i++)
        if (strcmp(function->name, names[i]) == 0)
            return true;
    return false;
}

static const struct weir_expr *make_call(struct plan_binder *b,
                                         const struct weir_function_match *match,
                                         const struct weir_expr *const *args, uint32_t count,
                                         struct weir_position position)
{
    struct weir_expr *call = plan_expr_new(b, WEIR_EXPR_CALL, match->result_type, position);
    const struct weir_expr **cast = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    if (!call || !cast)
        return NULL;
    bool nullable = false;
    for (uint32_t i = 0; i < count; i++) {
        /* Resolution has seen to it that arguments fit; what bind asks for beyond is its choice. */
        cast[i] =
            plan_cast(b, args[i], match->arg_types[i], WEIR_CAST_ASSIGNMENT, args[i]->position);
        if (!cast[i])
            return NULL;
        nullable |= cast[i]->nullable;
    }
    call->function = match->function;
    call->instance = match->instance;
    call->args = cast;
    call->args_count = count;
    call->nullable = nullable || !keeps_not_null(match->function);
    return fold_call(b, call);
}

const struct weir_expr *plan_function_named(struct plan_binder *b, struct weir_slice name,
                                            const struct weir_expr *const *args, uint32_t count,
                                            struct weir_position position)
{
    struct weir_function_arg *seen = PLAN_ARRAY(b, struct weir_function_arg, count + 1);
    if (!seen)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!args[i])
            return NULL;
        seen[i].type = args[i]->type;
        seen[i].is_unknown_literal = plan_expr_is_unknown(args[i]);
        seen[i].constant = args[i]->kind == WEIR_EXPR_CONSTANT ? &args[i]->constant : NULL;
    }
    struct weir_function_match match = {0};
    if (weir_function_resolve(name, seen, count, b->env->session, b->arena, &match, &b->error) !=
        WEIR_OK) {
        plan_report(b, position);
        return NULL;
    }
    return make_call(b, &match, args, count, position);
}

const struct weir_expr *plan_function(struct plan_binder *b, const char *name,
                                      const struct weir_expr *const *args, uint32_t count,
                                      struct weir_position position)
{
    return plan_function_named(b, weir_slice_from_string(name), args, count, position);
}

const struct weir_expr *plan_condition(struct plan_binder *b, const struct weir_expr *expr,
                                       const char *clause)
{
    if (!expr)
        return NULL;
    if (plan_expr_is_unknown(expr))
        return plan_cast(b, expr, weir_type_of(WEIR_TYPE_BOOLEAN), WEIR_CAST_IMPLICIT,
                         expr->position);
    if (expr->type->kind == WEIR_TYPE_BOOLEAN)
        return expr;
    plan_fail(b, expr->position, WEIR_E_TYPE_MISMATCH, "%s needs a BOOLEAN, this is %s", clause,
              weir_type_name(expr->type).text);
    return NULL;
}

const struct weir_expr *plan_not(struct plan_binder *b, const struct weir_expr *expr,
                                 struct weir_position position)
{
    expr = plan_condition(b, expr, "NOT");
    return expr ? plan_function(b, "not", &expr, 1, position) : NULL;
}
