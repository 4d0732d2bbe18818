/* Questions about expression trees: equality, hash, volatility, fallibility. */
#include "expr/expr.h"
#include "base/hash.h"

enum { HASH_SEED = 0x5EED };

static bool is_volatile_call(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_CALL && (expr->function->flags & WEIR_FUNCTION_VOLATILE);
}

static bool head_equals(const struct weir_expr *a, const struct weir_expr *b)
{
    if (a->kind != b->kind || a->args_count != b->args_count || !weir_type_equals(a->type, b->type))
        return false;
    switch (a->kind) {
    case WEIR_EXPR_COLUMN:
    case WEIR_EXPR_FIELD:
        return a->index == b->index;
    case WEIR_EXPR_CONSTANT: {
        bool null_a = weir_column_is_null(&a->constant, 0);
        bool null_b = weir_column_is_null(&b->constant, 0);
        return null_a || null_b ? null_a == null_b
                                : weir_column_equals(&a->constant, 0, &b->constant, 0);
    }
    case WEIR_EXPR_CALL:
        return a->function == b->function && !is_volatile_call(a);
    default:
        return true;
    }
}

/* -0 and 0, 1.0 and 1 in JSON text: equal values that print differently are different constants. */
static bool constant_is_same(const struct weir_expr *a, const struct weir_expr *b)
{
    if (a->kind != WEIR_EXPR_CONSTANT || weir_column_is_null(&a->constant, 0) ||
        weir_type_is_nested(a->type))
        return true;
    if (weir_type_is_view(a->type))
        return weir_view_equals(a->constant.values, b->constant.values);
    return memcmp(a->constant.values, b->constant.values, weir_type_width(a->type)) == 0;
}

bool weir_expr_equals(const struct weir_expr *a, const struct weir_expr *b)
{
    if (a == b && !weir_expr_is_volatile(a))
        return true;
    if (!head_equals(a, b) || !constant_is_same(a, b))
        return false;
    for (uint32_t i = 0; i < a->args_count; i++)
        if (!weir_expr_equals(a->args[i], b->args[i]))
            return false;
    return true;
}

uint64_t weir_expr_hash(const struct weir_expr *expr)
{
    uint64_t hash = weir_hash_u64((uint64_t)expr->kind, HASH_SEED);
    hash = weir_hash_combine(hash, (uint64_t)expr->type->kind);
    if (expr->kind == WEIR_EXPR_COLUMN || expr->kind == WEIR_EXPR_FIELD)
        hash = weir_hash_combine(hash, expr->index);
    if (expr->kind == WEIR_EXPR_CALL)
        hash = weir_hash_combine(hash, (uint64_t)(uintptr_t)expr->function);
    if (expr->kind == WEIR_EXPR_CONSTANT) {
        uint64_t value = WEIR_HASH_NULL;
        if (!weir_column_is_null(&expr->constant, 0))
            weir_column_hash(&expr->constant, NULL, 1, HASH_SEED, false, &value);
        hash = weir_hash_combine(hash, value);
    }
    for (uint32_t i = 0; i < expr->args_count; i++)
        hash = weir_hash_combine(hash, weir_expr_hash(expr->args[i]));
    return hash;
}

bool weir_expr_is_volatile(const struct weir_expr *expr)
{
    if (is_volatile_call(expr))
        return true;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (weir_expr_is_volatile(expr->args[i]))
            return true;
    return false;
}

/* What TRY holds cannot fail. */
bool weir_expr_is_fallible(const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_TRY)
        return false;
    if (expr->kind == WEIR_EXPR_CALL && (expr->function->flags & WEIR_FUNCTION_FALLIBLE))
        return true;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (weir_expr_is_fallible(expr->args[i]))
            return true;
    return false;
}
