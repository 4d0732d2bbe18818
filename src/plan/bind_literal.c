/* Literals.
 *
 *     7          INTEGER, else BIGINT, else DECIMAL(38,0), as it fits     adopts a number's type
 *     1.5        DECIMAL with the digits written                          adopts a number's type
 *     1e0        DOUBLE                                                   adopts a number's type
 *     'text'     undecided: becomes what its surroundings want, else TEXT
 *     DATE '…'   a value of that type, or BAD_LITERAL */
#include "plan/binder_internal.h"

#include "value/interval.h"

static const struct weir_expr *as_literal(const struct weir_expr *expr, uint32_t kind)
{
    /* Fresh from plan_expr_value: nobody else has seen it. */
    if (expr)
        ((struct weir_expr *)(uintptr_t)expr)->index = kind;
    return expr;
}

static const struct weir_expr *text_literal(struct plan_binder *b, struct weir_slice text,
                                            struct weir_position position)
{
    return as_literal(plan_expr_text(b, text, position), PLAN_LITERAL_UNKNOWN);
}

/* A number too wide for the integers, or with a point: through the cast from text. */
static const struct weir_expr *number_through_text(struct plan_binder *b, struct weir_slice text,
                                                   bool negative, const struct weir_type *type,
                                                   struct weir_position position)
{
    char *spelled =
        weir_arena_printf(b->arena, "%s%.*s", negative ? "-" : "", WEIR_SLICE_ARGS(text));
    if (!spelled || !type) {
        plan_out_of_memory(b);
        return NULL;
    }
    const struct weir_expr *literal = text_literal(b, weir_slice_from_string(spelled), position);
    if (!literal)
        return NULL;
    const struct weir_expr *value = plan_cast(b, literal, type, WEIR_CAST_EXPLICIT, position);
    return as_literal(value, PLAN_LITERAL_NUMBER);
}

static const struct weir_expr *integer_literal(struct plan_binder *b, struct weir_slice text,
                                               bool negative, struct weir_position position)
{
    uint64_t value = 0;
    bool fits = true;
    for (size_t i = 0; i < text.size && fits; i++) {
        uint64_t digit = (uint64_t)(text.data[i] - '0');
        fits = value <= (UINT64_MAX - digit) / 10;
        value = fits ? value * 10 + digit : value;
    }
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    if (!fits || value > limit)
        return number_through_text(b, text, negative,
                                   weir_type_decimal(b->arena, WEIR_DECIMAL_PRECISION_MAX, 0),
                                   position);
    int64_t wide = negative ? (int64_t)(0 - value) : (int64_t)value;
    int32_t narrow = (int32_t)wide;
    const struct weir_expr *expr =
        narrow == wide ? plan_expr_value(b, weir_type_of(WEIR_TYPE_INT32), &narrow, position)
                       : plan_expr_value(b, weir_type_of(WEIR_TYPE_INT64), &wide, position);
    return as_literal(expr, PLAN_LITERAL_NUMBER);
}

static const struct weir_expr *decimal_literal(struct plan_binder *b, struct weir_slice text,
                                               bool negative, struct weir_position position)
{
    unsigned whole = 0, scale = 0;
    bool point = false, started = false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '.') {
            point = true;
        } else if (point) {
            scale++;
        } else {
            started |= text.data[i] != '0';
            whole += started;
        }
    }
    unsigned max = WEIR_DECIMAL_PRECISION_MAX;
    if (whole > max)
        whole = max;
    if (scale > max - whole)
        scale = max - whole;
    unsigned precision = whole + scale ? whole + scale : 1;
    return number_through_text(b, text, negative, weir_type_decimal(b->arena, precision, scale),
                               position);
}

/* ---------------------------------------------------------------- INTERVAL with fields */

static uint32_t interval_field(enum weir_sql_unit unit)
{
    switch (unit) {
    case WEIR_SQL_UNIT_YEAR:
        return WEIR_INTERVAL_YEAR;
    case WEIR_SQL_UNIT_MONTH:
        return WEIR_INTERVAL_MONTH;
    case WEIR_SQL_UNIT_DAY:
        return WEIR_INTERVAL_DAY;
    case WEIR_SQL_UNIT_HOUR:
        return WEIR_INTERVAL_HOUR;
    case WEIR_SQL_UNIT_MINUTE:
        return WEIR_INTERVAL_MINUTE;
    case WEIR_SQL_UNIT_SECOND:
        return WEIR_INTERVAL_SECOND;
    default:
        return 0;
    }
}

/* The bits from one field to another, greatest first. */
static uint32_t interval_fields(enum weir_sql_unit from, enum weir_sql_unit to)
{
    uint32_t first = interval_field(from), last = to ? interval_field(to) : first;
    uint32_t fields = 0;
    for (uint32_t bit = first; bit && bit <= last; bit <<= 1)
        fields |= bit;
    return fields;
}

static const struct weir_expr *interval_literal(struct plan_binder *b,
                                                const struct weir_sql_expr *ast)
{
    const struct weir_sql_type *type = ast->typed.type;
    struct weir_interval interval;
    enum weir_parse result;
    uint32_t fields = interval_fields(type->from, type->to);
    if (type->from == WEIR_SQL_UNIT_NONE || fields) {
        result = weir_interval_parse(ast->typed.text, fields, type->precision, &interval);
    } else {
        bool quarter = type->from == WEIR_SQL_UNIT_QUARTER;
        const char *unit = quarter                                   ? "month"
                           : type->from == WEIR_SQL_UNIT_WEEK        ? "week"
                           : type->from == WEIR_SQL_UNIT_MILLISECOND ? "millisecond"
                           : type->from == WEIR_SQL_UNIT_MICROSECOND ? "microsecond"
                                                                     : "nanosecond";
        char *spelled =
            weir_arena_printf(b->arena, "%.*s %s", WEIR_SLICE_ARGS(ast->typed.text), unit);
        if (!spelled) {
            plan_out_of_memory(b);
            return NULL;
        }
        result = weir_interval_parse(weir_slice_from_string(spelled), 0, -1, &interval);
        if (result == WEIR_PARSE_OK && quarter &&
            weir_interval_mul(interval, 3, &interval) != WEIR_ARITH_OK)
            result = WEIR_PARSE_RANGE;
    }
    if (result != WEIR_PARSE_OK) {
        (void)weir_error_set(&b->error, WEIR_E_BAD_LITERAL,
                             result == WEIR_PARSE_RANGE ? "interval '%.*s' is out of range"
                                                        : "'%.*s' is not an interval",
                             WEIR_SLICE_ARGS(ast->typed.text));
        weir_error_hint(&b->error, "write it as INTERVAL '1 hour 30 minutes'");
        plan_report(b, ast->position);
        return NULL;
    }
    return plan_expr_value(b, weir_type_of(WEIR_TYPE_INTERVAL), &interval, ast->position);
}

static const struct weir_expr *typed_literal(struct plan_binder *b, const struct weir_sql_expr *ast)
{
    if (ast->typed.type->kind == WEIR_SQL_TYPE_INTERVAL)
        return interval_literal(b, ast);
    const struct weir_type *type = plan_bind_type(b, ast->typed.type, b->arena);
    const struct weir_expr *text = text_literal(b, ast->typed.text, ast->position);
    if (!type || !text)
        return NULL;
    return plan_scale_time(b, plan_cast(b, text, type, WEIR_CAST_EXPLICIT, ast->position),
                           ast->typed.type);
}

static const struct weir_expr *integer_constant(struct plan_binder *b, int32_t value,
                                                struct weir_position position)
{
    return plan_expr_value(b, weir_type_of(WEIR_TYPE_INT32), &value, position);
}

const struct weir_expr *plan_scale_time(struct plan_binder *b, const struct weir_expr *expr,
                                        const struct weir_sql_type *type)
{
    bool is_interval = type->kind == WEIR_SQL_TYPE_INTERVAL;
    bool is_scaled = (type->precision >= 0 && type->precision < 6) ||
                     (is_interval && type->from != WEIR_SQL_UNIT_NONE);
    if (!expr || !is_scaled || (!is_interval && type->kind != WEIR_SQL_TYPE_TIME))
        return expr;
    uint32_t fields = interval_fields(type->from, type->to);
    const struct weir_expr *args[3] = {
        expr, integer_constant(b, is_interval ? (int32_t)fields : type->precision, expr->position),
        is_interval ? integer_constant(b, type->precision, expr->position) : NULL};
    if (!args[1] || (is_interval && !args[2]))
        return NULL;
    return is_interval ? plan_function(b, "interval_scale", args, 3, expr->position)
                       : plan_function(b, "time_scale", args, 2, expr->position);
}

/* ---------------------------------------------------------------- bytes */

static unsigned hex_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

static const struct weir_expr *hex_literal(struct plan_binder *b, const struct weir_sql_expr *ast)
{
    if (ast->text.size % 2) {
        plan_fail(b, ast->position, WEIR_E_BAD_LITERAL, "X'%.*s' has an odd number of digits",
                  WEIR_SLICE_ARGS(ast->text));
        return NULL;
    }
    char *bytes = plan_alloc(b, ast->text.size / 2 + 1, 1);
    if (!bytes)
        return NULL;
    for (size_t i = 0; i + 1 < ast->text.size; i += 2)
        bytes[i / 2] = (char)(hex_digit(ast->text.data[i]) << 4 | hex_digit(ast->text.data[i + 1]));
    struct weir_view view = weir_view_make(bytes, ast->text.size / 2);
    return plan_expr_value(b, weir_type_of(WEIR_TYPE_BYTEA), &view, ast->position);
}

const struct weir_expr *plan_bind_literal(struct plan_binder *b, const struct weir_sql_expr *ast,
                                          bool negative)
{
    switch (ast->kind) {
    case WEIR_SQL_EXPR_NULL:
        return as_literal(plan_expr_null(b, weir_type_of(WEIR_TYPE_NULL), ast->position),
                          PLAN_LITERAL_UNKNOWN);
    case WEIR_SQL_EXPR_BOOLEAN:
        return plan_expr_boolean(b, ast->boolean, ast->position);
    case WEIR_SQL_EXPR_INTEGER:
        return integer_literal(b, ast->text, negative, ast->position);
    case WEIR_SQL_EXPR_DECIMAL:
        return decimal_literal(b, ast->text, negative, ast->position);
    case WEIR_SQL_EXPR_FLOAT:
        return number_through_text(b, ast->text, negative, weir_type_of(WEIR_TYPE_FLOAT64),
                                   ast->position);
    case WEIR_SQL_EXPR_STRING:
        return text_literal(b, ast->text, ast->position);
    case WEIR_SQL_EXPR_HEX:
        return hex_literal(b, ast);
    case WEIR_SQL_EXPR_TYPED:
        return typed_literal(b, ast);
    default:
        plan_refuse(b, ast->position, "bit strings");
        return NULL;
    }
}
