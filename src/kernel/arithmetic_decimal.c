/* DECIMAL operators and the precision and scale of their results (SEMANTICS, Numbers).
 *
 *   a + b, a - b   scale max(s1, s2), one more whole digit than the greater
 *   a * b          scale s1 + s2, precision p1 + p2
 *   a / b          scale max(s1, s2, 16)
 *   a % b          scale max(s1, s2)
 * precision is capped at 38, scale at precision; what does not fit then is an overflow. */
#include "kernel/kernel_internal.h"
#include "kernel/type_rules.h"
#include "value/decimal.h"

enum { DIVISION_SCALE_MIN = 16 };

static struct weir_decimal arg(const struct weir_kernel_call *call, uint32_t k, uint32_t lane)
{
    return weir_decimal_make(*WEIR_ARG(call, k, weir_i128, lane), call->args[k].type->scale);
}

typedef enum weir_arith (*decimal_operator)(struct weir_decimal a, struct weir_decimal b,
                                            uint32_t scale, weir_i128 *out);

static void run(struct weir_kernel_call *call, decimal_operator operator)
{
    const struct weir_type *type = call->out->type;
    weir_i128 *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        enum weir_arith result = operator(arg(call, 0, lane), arg(call, 1, lane), type->scale,
                                          &out[lane]);
        if (result == WEIR_ARITH_OK && !weir_decimal_fits(out[lane], type->precision))
            result = WEIR_ARITH_OVERFLOW;
        if (result != WEIR_ARITH_OK && !weir_kernel_fail_arith(call, lane, result, ""))
            return;
    }
}

/* a ± b where all scales are one: plain 128-bit integers. Below 2 * 10^38 what wraps around still
 * lies beyond the limit, on the other side. */
static void run_aligned(struct weir_kernel_call *call, bool subtract)
{
    weir_i128 *out = call->out_values;
    weir_i128 limit = weir_decimal_pow10(call->out->type->precision);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_i128 a = *WEIR_ARG(call, 0, weir_i128, lane), b = *WEIR_ARG(call, 1, weir_i128, lane);
        weir_u128 wrapped = subtract ? (weir_u128)a - (weir_u128)b : (weir_u128)a + (weir_u128)b;
        weir_i128 sum = (weir_i128)wrapped;
        out[lane] = sum;
        if (WEIR_UNLIKELY(sum >= limit || sum <= -limit) && !weir_kernel_fail_range(call, lane))
            return;
    }
}

static bool is_aligned(const struct weir_kernel_call *call)
{
    return call->args[0].type->scale == call->out->type->scale &&
           call->args[1].type->scale == call->out->type->scale;
}

void weir_fn_add_decimal(struct weir_kernel_call *call)
{
    if (is_aligned(call))
        run_aligned(call, false);
    else
        run(call, weir_decimal_add);
}

void weir_fn_subtract_decimal(struct weir_kernel_call *call)
{
    if (is_aligned(call))
        run_aligned(call, true);
    else
        run(call, weir_decimal_sub);
}

bool weir_multiply_takes_whole(const struct weir_type *from, const struct weir_type *to,
                               const struct weir_column *factor)
{
    enum { BIGINT_DIGITS = 19 };
    if (from->kind != WEIR_TYPE_INT64 || to->kind != WEIR_TYPE_DECIMAL || to->scale != 0 ||
        to->precision < BIGINT_DIGITS ||
        to->precision + factor->type->precision > WEIR_DECIMAL_PRECISION_MAX ||
        weir_column_is_null(factor, 0))
        return false;
    weir_i128 value = *(const weir_i128 *)factor->values;
    return value == (int64_t)value;
}

/* BIGINTs that were not made DECIMALs first, times a constant that is one, too. */
static void multiply_whole(struct weir_kernel_call *call, uint32_t whole)
{
    const int64_t *in = call->args[whole].values;
    const size_t step = call->args[whole].encoding != WEIR_CONSTANT;
    const int64_t factor = (int64_t)*WEIR_ARG(call, 1 - whole, weir_i128, 0);
    weir_i128 *out = call->out_values;
    WEIR_FOR_LANES(call, lane)
    out[lane] = (weir_i128)in[lane * step] * factor;
}

void weir_fn_multiply_decimal(struct weir_kernel_call *call)
{
    for (uint32_t k = 0; k < 2; k++)
        if (call->args[k].type->kind == WEIR_TYPE_INT64) {
            multiply_whole(call, k);
            return;
        }
    uint32_t scale = (uint32_t)call->args[0].type->scale + call->args[1].type->scale;
    uint32_t digits = (uint32_t)call->args[0].type->precision + call->args[1].type->precision;
    if (scale != call->out->type->scale || digits > WEIR_DECIMAL_PRECISION_MAX) {
        run(call, weir_decimal_mul);
        return;
    }
    weir_i128 *out = call->out_values; /* digits <= 38: nothing can overflow */
    WEIR_FOR_VALID_LANES(call, lane)
    out[lane] = *WEIR_ARG(call, 0, weir_i128, lane) * *WEIR_ARG(call, 1, weir_i128, lane);
}

void weir_fn_divide_decimal(struct weir_kernel_call *call)
{
    run(call, weir_decimal_div);
}
void weir_fn_modulo_decimal(struct weir_kernel_call *call)
{
    run(call, weir_decimal_mod);
}

static enum weir_arith divide_whole(struct weir_decimal a, struct weir_decimal b, uint32_t scale,
                                    weir_i128 *out)
{
    (void)scale;
    return weir_decimal_div_trunc(a, b, out);
}
void weir_fn_div_decimal(struct weir_kernel_call *call)
{
    run(call, divide_whole);
}

/* --- result types -------------------------------------------------------------------------- */

static unsigned whole_digits(const struct weir_type *type)
{
    return (unsigned)type->precision - type->scale;
}
static unsigned greater(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static enum weir_status set_result(struct weir_function_bind *bind, unsigned whole, unsigned scale,
                                   struct weir_error *error)
{
    bind->result_type = weir_type_decimal_capped(bind->arena, whole + scale, scale);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

enum weir_status weir_bind_decimal_add(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_type *a = bind->arg_types[0], *b = bind->arg_types[1];
    return set_result(bind, greater(whole_digits(a), whole_digits(b)) + 1,
                      greater(a->scale, b->scale), error);
}

enum weir_status weir_bind_decimal_multiply(struct weir_function_bind *bind,
                                            struct weir_error *error)
{
    const struct weir_type *a = bind->arg_types[0], *b = bind->arg_types[1];
    return set_result(bind, whole_digits(a) + whole_digits(b), (unsigned)a->scale + b->scale,
                      error);
}

enum weir_status weir_bind_decimal_divide(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_type *a = bind->arg_types[0], *b = bind->arg_types[1];
    unsigned scale = greater(greater(a->scale, b->scale), DIVISION_SCALE_MIN);
    return set_result(bind, whole_digits(a) + b->scale, scale, error);
}

enum weir_status weir_bind_decimal_modulo(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_type *a = bind->arg_types[0], *b = bind->arg_types[1];
    return set_result(bind, greater(whole_digits(a), whole_digits(b)), greater(a->scale, b->scale),
                      error);
}

enum weir_status weir_bind_decimal_div(struct weir_function_bind *bind, struct weir_error *error)
{
    return set_result(bind, whole_digits(bind->arg_types[0]) + bind->arg_types[1]->scale, 0, error);
}
