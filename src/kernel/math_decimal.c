/* Mathematical functions of DECIMAL.
 *
 * A column has one scale. Where Postgres gives every value its own (sqrt, ln, exp, power …), the
 * result has Postgres' scale when the arguments are constants, else max(scale of the arguments,
 * 16). */
#include "kernel/kernel_internal.h"
#include "kernel/type_rules.h"
#include "value/decimal.h"

#include <math.h>

enum { FUNCTION_SCALE_MIN = 16 };

static struct weir_decimal arg(const struct weir_kernel_call *call, uint32_t k, uint32_t lane)
{
    return weir_decimal_make(*WEIR_ARG(call, k, weir_i128, lane), call->args[k].type->scale);
}

/* Stores the value at the result's scale; false: stop. */
static bool store(struct weir_kernel_call *call, uint32_t lane, enum weir_arith result,
                  struct weir_decimal value, const char *domain)
{
    weir_i128 *out = &((weir_i128 *)call->out_values)[lane];
    if (result == WEIR_ARITH_OK)
        result = weir_decimal_rescale(value, call->out->type->scale, out);
    if (result == WEIR_ARITH_OK && !weir_decimal_fits(*out, call->out->type->precision))
        result = WEIR_ARITH_OVERFLOW;
    return result == WEIR_ARITH_OK || weir_kernel_fail_arith(call, lane, result, domain);
}

/* --- rounding ------------------------------------------------------------------------------ */

void weir_fn_ceil_decimal(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!store(call, lane, WEIR_ARITH_OK, weir_decimal_ceil(arg(call, 0, lane)), ""))
        return;
}

void weir_fn_floor_decimal(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!store(call, lane, WEIR_ARITH_OK, weir_decimal_floor(arg(call, 0, lane)), ""))
        return;
}

typedef enum weir_arith (*rounding)(struct weir_decimal value, int32_t digits,
                                    struct weir_decimal *out);
static void run_rounding(struct weir_kernel_call *call, rounding round)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_decimal value = {0};
        int32_t digits = call->args_count > 1 ? *WEIR_ARG(call, 1, int32_t, lane) : 0;
        enum weir_arith result = round(arg(call, 0, lane), digits, &value);
        if (!store(call, lane, result, value, ""))
            return;
    }
}
void weir_fn_round_decimal(struct weir_kernel_call *call)
{
    run_rounding(call, weir_decimal_round);
}
void weir_fn_trunc_decimal(struct weir_kernel_call *call)
{
    run_rounding(call, weir_decimal_trunc);
}

void weir_fn_sign_decimal(struct weir_kernel_call *call)
{
    weir_i128 *out = call->out_values;
    WEIR_FOR_LANES(call, lane)
    {
        weir_i128 x = *WEIR_ARG(call, 0, weir_i128, lane);
        out[lane] = x > 0 ? 1 : x < 0 ? -1 : 0;
    }
}

void weir_fn_scale(struct weir_kernel_call *call)
{
    int32_t *out = call->out_values;
    for (uint32_t lane = 0; lane < call->rows_count; lane++)
        out[lane] = call->args[0].type->scale;
}

void weir_fn_min_scale(struct weir_kernel_call *call)
{
    int32_t *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    out[lane] = (int32_t)weir_decimal_trim(arg(call, 0, lane)).scale;
}

void weir_fn_trim_scale(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!store(call, lane, WEIR_ARITH_OK, arg(call, 0, lane), ""))
        return;
}

/* --- roots, logarithms, powers ------------------------------------------------------------- */

static const char no_root[] = "cannot take square root of a negative number";
static const char no_logarithm[] = "cannot take logarithm of zero or a negative number";
static const char no_power[] =
    "zero to a negative power, or a negative number to a non-integer power";

typedef enum weir_arith (*transcendent)(struct weir_decimal value, uint32_t scale, weir_i128 *out);
static void run_transcendent(struct weir_kernel_call *call, transcendent function,
                             const char *domain)
{
    uint32_t scale = call->out->type->scale;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_i128 unscaled = 0;
        enum weir_arith result = function(arg(call, 0, lane), scale, &unscaled);
        if (!store(call, lane, result, weir_decimal_make(unscaled, scale), domain))
            return;
    }
}

void weir_fn_sqrt_decimal(struct weir_kernel_call *call)
{
    run_transcendent(call, weir_decimal_sqrt, no_root);
}
void weir_fn_ln_decimal(struct weir_kernel_call *call)
{
    run_transcendent(call, weir_decimal_ln, no_logarithm);
}
void weir_fn_exp_decimal(struct weir_kernel_call *call)
{
    run_transcendent(call, weir_decimal_exp, "");
}
static enum weir_arith log10_of(struct weir_decimal value, uint32_t scale, weir_i128 *out)
{
    return weir_decimal_log(weir_decimal_make(10, 0), value, scale, out);
}
void weir_fn_log10_decimal(struct weir_kernel_call *call)
{
    run_transcendent(call, log10_of, no_logarithm);
}

typedef enum weir_arith (*transcendent_2)(struct weir_decimal a, struct weir_decimal b,
                                          uint32_t scale, weir_i128 *out);
static void run_transcendent_2(struct weir_kernel_call *call, transcendent_2 function,
                               const char *domain)
{
    uint32_t scale = call->out->type->scale;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_i128 unscaled = 0;
        enum weir_arith result = function(arg(call, 0, lane), arg(call, 1, lane), scale, &unscaled);
        if (!store(call, lane, result, weir_decimal_make(unscaled, scale), domain))
            return;
    }
}
void weir_fn_log_decimal(struct weir_kernel_call *call)
{
    run_transcendent_2(call, weir_decimal_log, no_logarithm);
}
void weir_fn_power_decimal(struct weir_kernel_call *call)
{
    run_transcendent_2(call, weir_decimal_pow, no_power);
}

/* --- divisors, buckets --------------------------------------------------------------------- */

static weir_u128 gcd(weir_u128 a, weir_u128 b)
{
    while (b) {
        weir_u128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Both magnitudes at the result's scale (no less than either's); false when out of range. */
static bool align(struct weir_kernel_call *call, uint32_t lane, weir_u128 *a, weir_u128 *b)
{
    weir_i128 x, y;
    uint32_t scale = call->out->type->scale;
    if (weir_decimal_rescale(arg(call, 0, lane), scale, &x) != WEIR_ARITH_OK ||
        weir_decimal_rescale(arg(call, 1, lane), scale, &y) != WEIR_ARITH_OK)
        return false;
    *a = weir_i128_magnitude(x);
    *b = weir_i128_magnitude(y);
    return true;
}

static void run_divisor(struct weir_kernel_call *call, bool multiple)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_u128 a, b;
        weir_i128 answer = 0;
        bool ok = align(call, lane, &a, &b);
        if (ok && !multiple)
            answer = (weir_i128)gcd(a, b);
        else if (ok && a && b)
            ok = !__builtin_mul_overflow(a / gcd(a, b), b, &answer);
        if (!store(call, lane, ok ? WEIR_ARITH_OK : WEIR_ARITH_OVERFLOW,
                   weir_decimal_make(answer, call->out->type->scale), ""))
            return;
    }
}
void weir_fn_gcd_decimal(struct weir_kernel_call *call)
{
    run_divisor(call, false);
}
void weir_fn_lcm_decimal(struct weir_kernel_call *call)
{
    run_divisor(call, true);
}

/* floor((operand - low) * count / (high - low)) + 1, exact. */
static enum weir_arith bucket_of(struct weir_decimal operand, struct weir_decimal low,
                                 struct weir_decimal high, int32_t count, int64_t *bucket)
{
    bool down = weir_decimal_compare(low, high) > 0;
    int to_low = weir_decimal_compare(operand, low), to_high = weir_decimal_compare(operand, high);
    if (down ? to_low > 0 : to_low < 0) {
        *bucket = 0;
        return WEIR_ARITH_OK;
    }
    if (down ? to_high <= 0 : to_high >= 0) {
        *bucket = (int64_t)count + 1;
        return WEIR_ARITH_OK;
    }
    uint32_t scale = operand.scale > low.scale ? operand.scale : low.scale;
    uint32_t span_scale = low.scale > high.scale ? low.scale : high.scale;
    weir_i128 at, span, scaled, whole;
    enum weir_arith result = down ? weir_decimal_sub(low, operand, scale, &at)
                                  : weir_decimal_sub(operand, low, scale, &at);
    if (result == WEIR_ARITH_OK)
        result = down ? weir_decimal_sub(low, high, span_scale, &span)
                      : weir_decimal_sub(high, low, span_scale, &span);
    if (result == WEIR_ARITH_OK)
        result = weir_decimal_mul(weir_decimal_make(at, scale), weir_decimal_make(count, 0), scale,
                                  &scaled);
    if (result == WEIR_ARITH_OK)
        result = weir_decimal_div_trunc(weir_decimal_make(scaled, scale),
                                        weir_decimal_make(span, span_scale), &whole);
    *bucket = result == WEIR_ARITH_OK ? (int64_t)whole + 1 : 0;
    return result;
}

void weir_fn_width_bucket_decimal(struct weir_kernel_call *call)
{
    int32_t *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int32_t count = *WEIR_ARG(call, 3, int32_t, lane);
        struct weir_decimal low = arg(call, 1, lane), high = arg(call, 2, lane);
        const char *failure = count <= 0 ? "count must be greater than zero"
                              : weir_decimal_compare(low, high) == 0
                                  ? "lower bound cannot equal upper bound"
                                  : NULL;
        int64_t bucket = 0;
        enum weir_arith result =
            failure ? WEIR_ARITH_DOMAIN : bucket_of(arg(call, 0, lane), low, high, count, &bucket);
        if (result == WEIR_ARITH_OK && bucket > INT32_MAX)
            result = WEIR_ARITH_OVERFLOW;
        if (result != WEIR_ARITH_OK && !weir_kernel_fail_arith(call, lane, result, failure))
            return;
        out[lane] = (int32_t)bucket;
    }
}

/* --- result types -------------------------------------------------------------------------- */

static unsigned whole_digits(const struct weir_type *type)
{
    return (unsigned)type->precision - type->scale;
}

static enum weir_status set_result(struct weir_function_bind *bind, unsigned whole, unsigned scale,
                                   struct weir_error *error)
{
    bind->result_type = weir_type_decimal_capped(bind->arena, whole + scale, scale);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

/* ceil, floor, round to a whole number: one digit more for the carry. */
enum weir_status weir_bind_decimal_whole(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_type *type = bind->arg_types[0];
    return set_result(bind, whole_digits(type) + (type->scale > 0), 0, error);
}

enum weir_status weir_bind_decimal_sign(struct weir_function_bind *bind, struct weir_error *error)
{
    return set_result(bind, 1, 0, error);
}

enum weir_status weir_bind_decimal_meet(struct weir_function_bind *bind, struct weir_error *error)
{
    bind->result_type = weir_type_meet(bind->arg_types[0], bind->arg_types[1], bind->arena);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

/* lcm: as wide as there is. */
enum weir_status weir_bind_decimal_lcm(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_type *a = bind->arg_types[0], *b = bind->arg_types[1];
    return set_result(bind, WEIR_DECIMAL_PRECISION_MAX, a->scale > b->scale ? a->scale : b->scale,
                      error);
}

/* round(x, n), trunc(x, n): scale n when n is constant, but no more than there is room for beside
 * the whole digits, unless x has more; else that of x. Integers come as DECIMAL. */
enum weir_status weir_bind_decimal_digits(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_type *type = weir_type_as_decimal(bind->arg_types[0], bind->arena);
    if (!type)
        return weir_error_set_out_of_memory(error);
    bind->arg_types[0] = type;
    int32_t scale = type->scale;
    if (bind->constants[1])
        scale = *(const int32_t *)bind->constants[1]->values;
    int32_t most = WEIR_DECIMAL_PRECISION_MAX - (int32_t)whole_digits(type) - 1;
    most = most < type->scale ? type->scale : most;
    scale = scale > most ? most : scale;
    return set_result(bind, whole_digits(type) + 1, scale > 0 ? (unsigned)scale : 0, error);
}

static bool constant_decimal(const struct weir_function_bind *bind, uint32_t i,
                             struct weir_decimal *out)
{
    const struct weir_column *constant = bind->constants[i];
    if (!constant)
        return false;
    *out = weir_decimal_make(*(const weir_i128 *)constant->values, constant->type->scale);
    return true;
}

enum weir_status weir_bind_trim_scale(struct weir_function_bind *bind, struct weir_error *error)
{
    struct weir_decimal value;
    const struct weir_type *type = bind->arg_types[0];
    bool constant = constant_decimal(bind, 0, &value);
    return set_result(bind, whole_digits(type),
                      constant ? weir_decimal_trim(value).scale : type->scale, error);
}

static enum weir_status set_function_scale(struct weir_function_bind *bind, bool is_constant,
                                           uint32_t scale, struct weir_error *error)
{
    unsigned least = FUNCTION_SCALE_MIN;
    for (uint32_t i = 0; i < bind->args_count; i++)
        least = bind->arg_types[i]->scale > least ? bind->arg_types[i]->scale : least;
    return set_result(bind, WEIR_DECIMAL_PRECISION_MAX, is_constant ? scale : least, error);
}

/* Postgres' rules for the scale of one result: about 16 significant digits, counted from an
 * estimate of the result's size (numeric.c names them NUMERIC_MIN_SIG_DIGITS). */
static uint32_t significant_scale(double result_digits)
{
    int scale = FUNCTION_SCALE_MIN - (int)result_digits;
    return scale < 0                            ? 0
           : scale > WEIR_DECIMAL_PRECISION_MAX ? WEIR_DECIMAL_PRECISION_MAX
                                                : (uint32_t)scale;
}
static uint32_t at_least(uint32_t scale, struct weir_decimal value)
{
    return scale > value.scale ? scale : value.scale;
}

/* Postgres counts in groups of four digits. */
static uint32_t sqrt_scale(struct weir_decimal value)
{
    int digits = (int)weir_decimal_digits(value.unscaled) - (int)value.scale;
    int group = value.unscaled ? (int)floor((digits - 1) / 4.0) : 0;
    return at_least(significant_scale((group + 1) * 4 / 2 - 1), value);
}

/* Decimal digits of ln(x). */
static double ln_digits(struct weir_decimal value)
{
    double x = weir_decimal_to_f64(value), part = x >= 0.9 && x <= 1.1 ? x - 1 : log(x);
    if (x <= 0 || part == 0)
        return 0;
    double digits = log10(fabs(part));
    return x >= 0.9 && x <= 1.1 ? floor(digits) : trunc(digits);
}
static uint32_t ln_scale(struct weir_decimal value)
{
    return at_least(significant_scale(ln_digits(value)), value);
}
static uint32_t log_scale(struct weir_decimal base, struct weir_decimal value)
{
    double digits = ln_digits(value) - ln_digits(base);
    return at_least(at_least(significant_scale(digits), base), value);
}
static uint32_t log10_scale(struct weir_decimal value)
{
    return log_scale(weir_decimal_make(10, 0), value);
}
/* The digits of a result that may be out of range altogether are cut to a few hundred. */
static double clamp(double digits)
{
    return isnan(digits) ? 0 : digits > 1000 ? 1000 : digits < -1000 ? -1000 : digits;
}
static uint32_t exp_scale(struct weir_decimal value)
{
    double digits = clamp(weir_decimal_to_f64(value) * 0.434294481903252);
    return at_least(significant_scale(digits), value);
}
static uint32_t power_scale(struct weir_decimal base, struct weir_decimal exponent)
{
    double x = fabs(weir_decimal_to_f64(base));
    bool whole = weir_decimal_trim(exponent).scale == 0;
    double digits = x > 0 && !whole ? clamp(weir_decimal_to_f64(exponent) * log10(x)) : 0;
    return at_least(at_least(significant_scale(digits), base), exponent);
}

#define BIND_SCALE(name, rule)                                                        \
    enum weir_status name(struct weir_function_bind *bind, struct weir_error *error)  \
    {                                                                                 \
        struct weir_decimal value;                                                    \
        bool constant = constant_decimal(bind, 0, &value);                            \
        return set_function_scale(bind, constant, constant ? rule(value) : 0, error); \
    }
BIND_SCALE(weir_bind_sqrt_decimal, sqrt_scale)
BIND_SCALE(weir_bind_ln_decimal, ln_scale)
BIND_SCALE(weir_bind_exp_decimal, exp_scale)
BIND_SCALE(weir_bind_log10_decimal, log10_scale)

#define BIND_SCALE_2(name, rule)                                                        \
    enum weir_status name(struct weir_function_bind *bind, struct weir_error *error)    \
    {                                                                                   \
        struct weir_decimal a, b;                                                       \
        bool constant = constant_decimal(bind, 0, &a) && constant_decimal(bind, 1, &b); \
        return set_function_scale(bind, constant, constant ? rule(a, b) : 0, error);    \
    }
BIND_SCALE_2(weir_bind_log_decimal, log_scale)
BIND_SCALE_2(weir_bind_power_decimal, power_scale)
