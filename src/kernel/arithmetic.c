/* + - * / % and signs over integers and floats. DECIMAL is in arithmetic_decimal.c. */
#include "kernel/kernel_internal.h"

#include <math.h>

/* --- one lane, exactly: run only where a loop suspects a failure ----------------------------- */

#define EXACT_INTEGER(type)                                                   \
    {                                                                         \
        type x = *(const type *)a, y = *(const type *)b, r;                   \
        bool over = op == WEIR_LOOP_ADD   ? __builtin_add_overflow(x, y, &r)  \
                    : op == WEIR_LOOP_SUB ? __builtin_sub_overflow(x, y, &r)  \
                                          : __builtin_mul_overflow(x, y, &r); \
        return over ? WEIR_ARITH_OVERFLOW : WEIR_ARITH_OK;                    \
    }

static enum weir_arith exact_float(double x, double y, double r, enum weir_loop_arithmetic op)
{
    if (op == WEIR_LOOP_DIV && y == 0 && !isnan(x))
        return WEIR_ARITH_DIVISION_BY_ZERO;
    if (isinf(r) && !isinf(x) && !isinf(y))
        return WEIR_ARITH_OVERFLOW;
    bool underflow =
        r == 0 && x != 0 && ((op == WEIR_LOOP_MUL && y != 0) || (op == WEIR_LOOP_DIV && !isinf(y)));
    return underflow ? WEIR_ARITH_OVERFLOW : WEIR_ARITH_OK;
}

static enum weir_arith exact(enum weir_type_kind kind, enum weir_loop_arithmetic op, const void *a,
                             const void *b, const void *result)
{
    switch (kind) {
    case WEIR_TYPE_INT8:
        EXACT_INTEGER(int8_t)
    case WEIR_TYPE_INT16:
        EXACT_INTEGER(int16_t)
    case WEIR_TYPE_INT32:
        EXACT_INTEGER(int32_t)
    case WEIR_TYPE_INT64:
        EXACT_INTEGER(int64_t)
    case WEIR_TYPE_UINT8:
        EXACT_INTEGER(uint8_t)
    case WEIR_TYPE_UINT16:
        EXACT_INTEGER(uint16_t)
    case WEIR_TYPE_UINT32:
        EXACT_INTEGER(uint32_t)
    case WEIR_TYPE_UINT64:
        EXACT_INTEGER(uint64_t)
    case WEIR_TYPE_FLOAT32:
        return exact_float((double)*(const float *)a, (double)*(const float *)b,
                           (double)*(const float *)result, op);
    default:
        return exact_float(*(const double *)a, *(const double *)b, *(const double *)result, op);
    }
}

static void report_failures(struct weir_kernel_call *call, enum weir_loop_arithmetic op)
{
    enum weir_type_kind kind = call->out->type->kind;
    size_t width = weir_type_width(call->out->type);
    size_t step_a = call->args[0].encoding == WEIR_CONSTANT ? 0 : width;
    size_t step_b = call->args[1].encoding == WEIR_CONSTANT ? 0 : width;
    const char *a = call->args[0].values, *b = call->args[1].values, *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        enum weir_arith result =
            exact(kind, op, a + lane * step_a, b + lane * step_b, out + lane * width);
        if (result != WEIR_ARITH_OK && !weir_kernel_fail_arith(call, lane, result, ""))
            return;
    }
}

static void compute(struct weir_kernel_call *call, enum weir_loop_arithmetic op)
{
    int kind = weir_loop_kind(call->out->type->kind);
    bool constant = weir_kernel_is_constant(call);
    weir_loop_compute loop =
        weir_kernel_loops(call->session)->compute[op][kind][weir_kernel_form(call->args)];
    uint32_t count = constant && call->rows_count ? 1 : call->rows_count;
    bool suspicious = loop(call->args[0].values, call->args[1].values, call->out_values, count);
    if (constant)
        weir_kernel_repeat_lane(call);
    if (suspicious)
        report_failures(call, op);
}

void weir_fn_add(struct weir_kernel_call *call)
{
    compute(call, WEIR_LOOP_ADD);
}
void weir_fn_subtract(struct weir_kernel_call *call)
{
    compute(call, WEIR_LOOP_SUB);
}
void weir_fn_multiply(struct weir_kernel_call *call)
{
    compute(call, WEIR_LOOP_MUL);
}
void weir_fn_divide_float(struct weir_kernel_call *call)
{
    compute(call, WEIR_LOOP_DIV);
}

/* --- integer division ---------------------------------------------------------------------- */

/* Lanes that are not wanted divide by 1. The quotient of the least value and -1 overflows; its
 * remainder is 0. */
#define DIVIDE(name, type, minus_one_case)                                                \
    static void name(struct weir_kernel_call *call, bool remainder)                       \
    {                                                                                     \
        type *out = call->out_values;                                                     \
        WEIR_FOR_VALID_LANES(call, lane)                                                  \
        {                                                                                 \
            type x = *WEIR_ARG(call, 0, type, lane), y = *WEIR_ARG(call, 1, type, lane);  \
            out[lane] = 0;                                                                \
            if (WEIR_UNLIKELY(y == 0)) {                                                  \
                if (!weir_kernel_fail_arith(call, lane, WEIR_ARITH_DIVISION_BY_ZERO, "")) \
                    return;                                                               \
                continue;                                                                 \
            }                                                                             \
            minus_one_case out[lane] = (type)(remainder ? x % y : x / y);                 \
        }                                                                                 \
    }
#define MINUS_ONE(type)                                                \
    if (WEIR_UNLIKELY(y == -1)) {                                      \
        type negated;                                                  \
        bool over = __builtin_sub_overflow((type)0, x, &negated);      \
        if (!remainder)                                                \
            out[lane] = negated;                                       \
        if (over && !remainder && !weir_kernel_fail_range(call, lane)) \
            return;                                                    \
        continue;                                                      \
    }
DIVIDE(divide_i8, int8_t, MINUS_ONE(int8_t))
DIVIDE(divide_i16, int16_t, MINUS_ONE(int16_t))
DIVIDE(divide_i32, int32_t, MINUS_ONE(int32_t))
DIVIDE(divide_i64, int64_t, MINUS_ONE(int64_t))
DIVIDE(divide_u8, uint8_t, )
DIVIDE(divide_u16, uint16_t, )
DIVIDE(divide_u32, uint32_t, )
DIVIDE(divide_u64, uint64_t, )

/* A constant divisor d > 1 by a product (Granlund, Montgomery 1994, figure 4.1): with l the bits of
 * d - 1 and m = floor(2^64 (2^l - d) / d) + 1, n / d = (h + (n - h) / 2) / 2^(l - 1), where h is
 * the upper half of m n, for every n < 2^64. Every lane is computed; none can fail. */
static bool divide_i64_by_constant(struct weir_kernel_call *call, bool remainder)
{
    const struct weir_column *column = &call->args[0], *divisor = &call->args[1];
    if (column->encoding != WEIR_FLAT || divisor->encoding != WEIR_CONSTANT ||
        weir_column_is_null(divisor, 0) || *(const int64_t *)divisor->values < 2 ||
        call->selected_count < call->rows_count / 2)
        return false;
    const int64_t *values = column->values;
    int64_t *out = call->out_values, d = *(const int64_t *)divisor->values;
    unsigned bits = 64 - (unsigned)__builtin_clzll((uint64_t)d - 1);
    uint64_t excess = (UINT64_C(1) << bits) - (uint64_t)d;
    uint64_t multiplier = (uint64_t)(((weir_u128)excess << 64) / (uint64_t)d) + 1;
    for (uint32_t lane = 0; lane < call->rows_count; lane++) {
        uint64_t x = (uint64_t)values[lane], sign = 0 - (x >> 63);
        uint64_t magnitude = (x ^ sign) - sign;
        uint64_t high = (uint64_t)((weir_u128)multiplier * magnitude >> 64);
        uint64_t quotient = (high + (magnitude - high) / 2) >> (bits - 1);
        uint64_t result = remainder ? magnitude - quotient * (uint64_t)d : quotient;
        out[lane] = (int64_t)((result ^ sign) - sign);
    }
    return true;
}

static void divide(struct weir_kernel_call *call, bool remainder)
{
    switch (call->out->type->kind) {
    case WEIR_TYPE_INT8:
        divide_i8(call, remainder);
        break;
    case WEIR_TYPE_INT16:
        divide_i16(call, remainder);
        break;
    case WEIR_TYPE_INT32:
        divide_i32(call, remainder);
        break;
    case WEIR_TYPE_INT64:
        if (!divide_i64_by_constant(call, remainder))
            divide_i64(call, remainder);
        break;
    case WEIR_TYPE_UINT8:
        divide_u8(call, remainder);
        break;
    case WEIR_TYPE_UINT16:
        divide_u16(call, remainder);
        break;
    case WEIR_TYPE_UINT32:
        divide_u32(call, remainder);
        break;
    default:
        divide_u64(call, remainder);
        break;
    }
}

void weir_fn_divide_integer(struct weir_kernel_call *call)
{
    divide(call, false);
}
void weir_fn_modulo_integer(struct weir_kernel_call *call)
{
    divide(call, true);
}

/* --- signs --------------------------------------------------------------------------------- */

/* abs and unary minus: the least signed value has no opposite. */
#define NEGATE_INTEGER(name, type)                                      \
    static void name(struct weir_kernel_call *call, bool only_negative) \
    {                                                                   \
        type *out = call->out_values;                                   \
        WEIR_FOR_VALID_LANES(call, lane)                                \
        {                                                               \
            type x = *WEIR_ARG(call, 0, type, lane);                    \
            out[lane] = x;                                              \
            if (only_negative && x >= 0)                                \
                continue;                                               \
            if (__builtin_sub_overflow((type)0, x, &out[lane]) &&       \
                !weir_kernel_fail_range(call, lane))                    \
                return;                                                 \
        }                                                               \
    }
NEGATE_INTEGER(negate_i16, int16_t)
NEGATE_INTEGER(negate_i32, int32_t)
NEGATE_INTEGER(negate_i64, int64_t)

static void negate(struct weir_kernel_call *call, bool only_negative)
{
    switch (call->out->type->kind) {
    case WEIR_TYPE_INT16:
        negate_i16(call, only_negative);
        return;
    case WEIR_TYPE_INT32:
        negate_i32(call, only_negative);
        return;
    case WEIR_TYPE_INT64:
        negate_i64(call, only_negative);
        return;
    default:
        break;
    }
    if (call->out->type->kind == WEIR_TYPE_FLOAT32) {
        float *out = call->out_values;
        WEIR_FOR_LANES(call, lane)
        {
            float x = *WEIR_ARG(call, 0, float, lane);
            out[lane] = only_negative ? fabsf(x) : -x;
        }
    } else if (call->out->type->kind == WEIR_TYPE_FLOAT64) {
        double *out = call->out_values;
        WEIR_FOR_LANES(call, lane)
        {
            double x = *WEIR_ARG(call, 0, double, lane);
            out[lane] = only_negative ? fabs(x) : -x;
        }
    } else {
        weir_i128 *out = call->out_values;
        WEIR_FOR_LANES(call, lane)
        {
            weir_i128 x = *WEIR_ARG(call, 0, weir_i128, lane);
            out[lane] = only_negative && x >= 0 ? x : (weir_i128)(0 - (weir_u128)x);
        }
    }
}

void weir_fn_negate(struct weir_kernel_call *call)
{
    negate(call, false);
}
void weir_fn_abs(struct weir_kernel_call *call)
{
    negate(call, true);
}
void weir_fn_identity(struct weir_kernel_call *call)
{
    weir_cast_same(call);
}

/* REAL beside another float: both sides become the result's type. */
enum weir_status weir_bind_widen(struct weir_function_bind *bind, struct weir_error *error)
{
    (void)error;
    for (uint32_t i = 0; i < bind->args_count; i++)
        bind->arg_types[i] = bind->result_type;
    return WEIR_OK;
}
