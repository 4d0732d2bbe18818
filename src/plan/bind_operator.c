/* Operators, comparisons of values and of rows.
 *
 * An operator is the function named by its sign. Rows are compared field by field:
 * (a, b) = (c, d) is a = c AND b = d; (a, b) < (c, d) is a < c OR (a = c AND b < d). */
#include "plan/binder_internal.h"

static bool is_number_literal(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_CONSTANT && expr->index == PLAN_LITERAL_NUMBER;
}

/* A number literal beside a REAL is a REAL (SEMANTICS "Numbers"); the registry sees to the rest. */
static const struct weir_expr *adopt(struct plan_binder *b, const struct weir_expr *expr,
                                     const struct weir_expr *other)
{
    if (!is_number_literal(expr) || is_number_literal(other) ||
        other->type->kind != WEIR_TYPE_FLOAT32)
        return expr;
    return plan_cast(b, expr, other->type, WEIR_CAST_ASSIGNMENT, expr->position);
}

static const struct weir_expr *binary(struct plan_binder *b, const char *op,
                                      const struct weir_expr *left, const struct weir_expr *right,
                                      struct weir_position position)
{
    if (!left || !right)
        return NULL;
    const struct weir_expr *args[2] = {adopt(b, left, right), adopt(b, right, left)};
    return plan_function(b, op, args, 2, position);
}

const struct weir_expr *plan_compare(struct plan_binder *b, const char *op,
                                     const struct weir_expr *left, const struct weir_expr *right,
                                     struct weir_position position)
{
    return binary(b, op, left, right, position);
}

/* ---------------------------------------------------------------- rows */

static const struct weir_expr *boolean_junction(struct plan_binder *b, enum weir_expr_kind kind,
                                                const struct weir_expr *left,
                                                const struct weir_expr *right,
                                                struct weir_position position)
{
    if (!left || !right)
        return NULL;
    const struct weir_expr *args[2] = {left, right};
    return plan_expr_variadic(b, kind, weir_type_of(WEIR_TYPE_BOOLEAN), args, 2, position);
}

/* a < c OR (a = c AND rest), from the last field on. */
static const struct weir_expr *rows_ordered(struct plan_binder *b, const char *op,
                                            const struct weir_expr *const *left,
                                            const struct weir_expr *const *right, uint32_t count,
                                            struct weir_position position)
{
    const char *strict = op[0] == '<' ? "<" : ">";
    const struct weir_expr *result =
        plan_compare(b, op, left[count - 1], right[count - 1], position);
    for (uint32_t i = count - 1; result && i-- > 0;) {
        const struct weir_expr *equal = plan_compare(b, "=", left[i], right[i], position);
        const struct weir_expr *less = plan_compare(b, strict, left[i], right[i], position);
        result = boolean_junction(b, WEIR_EXPR_AND, equal, result, position);
        result = boolean_junction(b, WEIR_EXPR_OR, less, result, position);
    }
    return result;
}

static const struct weir_expr *rows_equal(struct plan_binder *b, const char *op,
                                          const struct weir_expr *const *left,
                                          const struct weir_expr *const *right, uint32_t count,
                                          struct weir_position position)
{
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, count);
    if (!args)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        args[i] = plan_compare(b, op, left[i], right[i], position);
        if (!args[i])
            return NULL;
    }
    return plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), args, count,
                              position);
}

const struct weir_expr *plan_compare_rows(struct plan_binder *b, const char *op,
                                          const struct weir_expr *const *left,
                                          const struct weir_expr *const *right, uint32_t count,
                                          struct weir_position position)
{
    bool not_distinct = strcmp(op, "is_not_distinct_from") == 0;
    if (count == 1 && strcmp(op, "<>") == 0)
        return plan_compare(b, op, left[0], right[0], position);
    if (not_distinct || strcmp(op, "=") == 0)
        return rows_equal(b, op, left, right, count, position);
    if (strcmp(op, "<>") == 0 || strcmp(op, "is_distinct_from") == 0) {
        const struct weir_expr *equal = rows_equal(b, op[0] == '<' ? "=" : "is_not_distinct_from",
                                                   left, right, count, position);
        return equal ? plan_not(b, equal, position) : NULL;
    }
    return rows_ordered(b, op, left, right, count, position);
}

static bool row_values(struct plan_binder *b, struct plan_context *context,
                       const struct weir_sql_expr *ast, uint32_t count,
                       const struct weir_expr **values)
{
    bool ok = true;
    if (ast->kind == WEIR_SQL_EXPR_QUERY)
        return plan_bind_row_subquery(b, context, ast, count, values);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = plan_bind(b, context, ast->list.items[i]);
        ok &= values[i] != NULL;
    }
    return ok;
}

bool plan_are_rows(const struct weir_sql_expr *left, const struct weir_sql_expr *right)
{
    bool is_row[2] = {left->kind == WEIR_SQL_EXPR_ROW, right->kind == WEIR_SQL_EXPR_ROW};
    return (is_row[0] && is_row[1]) || (is_row[0] && right->kind == WEIR_SQL_EXPR_QUERY) ||
           (is_row[1] && left->kind == WEIR_SQL_EXPR_QUERY);
}

const struct weir_expr *plan_bind_rows(struct plan_binder *b, struct plan_context *context,
                                       const char *op, const struct weir_sql_expr *left,
                                       const struct weir_sql_expr *right,
                                       struct weir_position position)
{
    const struct weir_sql_expr *sides[2] = {left, right};
    uint32_t counts[2];
    for (int side = 0; side < 2; side++) {
        const struct weir_sql_expr *row =
            sides[side]->kind == WEIR_SQL_EXPR_ROW ? sides[side] : sides[1 - side];
        counts[side] = row->list.count;
    }
    if (counts[0] != counts[1] || counts[0] == 0) {
        plan_fail(b, position, WEIR_E_COLUMN_COUNT, "rows of %u and %u values are compared",
                  counts[0], counts[1]);
        return NULL;
    }
    const struct weir_expr **values[2];
    bool ok = true;
    for (int side = 0; side < 2; side++) {
        values[side] = PLAN_ARRAY(b, const struct weir_expr *, counts[0]);
        ok &= values[side] && row_values(b, context, sides[side], counts[0], values[side]);
    }
    return ok ? plan_compare_rows(b, op, values[0], values[1], counts[0], position) : NULL;
}

static const struct weir_expr *bind_overlaps(struct plan_binder *b, struct plan_context *context,
                                             const struct weir_sql_expr *ast)
{
    const struct weir_sql_expr *sides[2] = {ast->binary.left, ast->binary.right};
    const struct weir_expr *args[4];
    bool ok = true;
    for (int side = 0; side < 2; side++) {
        if (sides[side]->kind != WEIR_SQL_EXPR_ROW || sides[side]->list.count != 2) {
            plan_fail(b, ast->position, WEIR_E_TYPE_MISMATCH,
                      "OVERLAPS needs a pair on both sides: (start, end)");
            return NULL;
        }
        for (int i = 0; i < 2; i++) {
            args[2 * side + i] = plan_bind(b, context, sides[side]->list.items[i]);
            ok &= args[2 * side + i] != NULL;
        }
    }
    return ok ? plan_function(b, "overlaps", args, 4, ast->position) : NULL;
}

/* ---------------------------------------------------------------- dispatch */

static bool is_comparison(enum weir_sql_operator op)
{
    return op >= WEIR_SQL_OP_EQUAL && op <= WEIR_SQL_OP_GREATER_EQUAL;
}

static bool is_minus(const struct weir_sql_expr *ast)
{
    return ast->kind == WEIR_SQL_EXPR_UNARY && ast->unary.op == WEIR_SQL_OP_MINUS;
}

/* The signs in front of a number belong to it, as in Postgres: -2147483648 is an INTEGER and
 * -(-2147483648) a BIGINT. The number below the signs, or NULL for anything else. */
static const struct weir_sql_expr *signed_number(const struct weir_sql_expr *ast, bool *negative)
{
    for (*negative = false; is_minus(ast); ast = ast->unary.operand)
        *negative = !*negative;
    bool is_number = ast->kind == WEIR_SQL_EXPR_INTEGER || ast->kind == WEIR_SQL_EXPR_DECIMAL ||
                     ast->kind == WEIR_SQL_EXPR_FLOAT;
    return is_number ? ast : NULL;
}

static const struct weir_expr *bind_unary(struct plan_binder *b, struct plan_context *context,
                                          const struct weir_sql_expr *ast)
{
    bool negative;
    const struct weir_sql_expr *number = signed_number(ast, &negative);
    if (number)
        return plan_bind_literal(b, number, negative);
    const struct weir_expr *operand = plan_bind(b, context, ast->unary.operand);
    if (!operand)
        return NULL;
    if (ast->unary.op == WEIR_SQL_OP_NOT)
        return plan_not(b, operand, ast->position);
    return plan_function(b, weir_sql_operator_spelling(ast->unary.op), &operand, 1, ast->position);
}

const struct weir_expr *plan_bind_operator(struct plan_binder *b, struct plan_context *context,
                                           const struct weir_sql_expr *ast)
{
    if (ast->kind == WEIR_SQL_EXPR_UNARY)
        return bind_unary(b, context, ast);
    const char *op = weir_sql_operator_spelling(ast->binary.op);
    if (ast->binary.op == WEIR_SQL_OP_OVERLAPS)
        return bind_overlaps(b, context, ast);
    if (is_comparison(ast->binary.op) && plan_are_rows(ast->binary.left, ast->binary.right))
        return plan_bind_rows(b, context, op, ast->binary.left, ast->binary.right, ast->position);
    const struct weir_expr *left = plan_bind(b, context, ast->binary.left);
    const struct weir_expr *right = plan_bind(b, context, ast->binary.right);
    /* Keys are asked of JSONB; Arroyo's programs ask them of JSON. */
    if (op[0] == '?' && left && left->type->kind == WEIR_TYPE_JSON)
        left = plan_cast(b, left, weir_type_of(WEIR_TYPE_JSONB), WEIR_CAST_EXPLICIT,
                         ast->binary.left->position);
    return binary(b, op, left, right, ast->position);
}
