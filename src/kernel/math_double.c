/* Mathematical functions of DOUBLE: Postgres 15 tables 9.5, 9.7 and 9.8.
 *
 * Each function is one line of a scalar routine; `run` applies it to the lanes that count. A
 * routine that cannot answer names the reason in *failure.
 *
 * The degree versions are exact where the answer is a simple number: sind(30) = 0.5. A quadrant is
 * put together from the two stretches where the radian function, divided by its own value at the
 * stretch's end, gives exactly 1 there (sine on 0…30, cosine on 0…60). */
#include "kernel/kernel_internal.h"

#include <math.h>

static const char out_of_range[] = "input is out of range";
static const char overflow[] = "value out of range: overflow";
static const char underflow[] = "value out of range: underflow";

typedef double (*routine)(double x, const char **failure);
typedef double (*routine_2)(double x, double y, const char **failure);

static bool fail(struct weir_kernel_call *call, uint32_t lane, const char *failure)
{
    enum weir_status code =
        failure == overflow || failure == underflow ? WEIR_E_OVERFLOW : WEIR_E_BAD_ARGUMENT;
    return weir_kernel_fail(call, lane, code, "%s", failure);
}

static void run(struct weir_kernel_call *call, routine function)
{
    double *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        const char *failure = NULL;
        out[lane] = function(*WEIR_ARG(call, 0, double, lane), &failure);
        if (WEIR_UNLIKELY(failure != NULL) && !fail(call, lane, failure))
            return;
    }
}

static void run_2(struct weir_kernel_call *call, routine_2 function)
{
    double *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        const char *failure = NULL;
        out[lane] =
            function(*WEIR_ARG(call, 0, double, lane), *WEIR_ARG(call, 1, double, lane), &failure);
        if (WEIR_UNLIKELY(failure != NULL) && !fail(call, lane, failure))
            return;
    }
}

/* --- rounding, roots, exponentials --------------------------------------------------------- */

static double do_ceil(double x, const char **failure)
{
    (void)failure;
    return ceil(x);
}
static double do_floor(double x, const char **failure)
{
    (void)failure;
    return floor(x);
}
static double do_trunc(double x, const char **failure)
{
    (void)failure;
    return trunc(x);
}
static double do_round(double x, const char **failure)
{
    (void)failure;
    return rint(x);
}
static double do_cbrt(double x, const char **failure)
{
    (void)failure;
    return cbrt(x);
}
static double do_sign(double x, const char **failure)
{
    (void)failure;
    return x > 0 ? 1 : x < 0 ? -1 : 0; /* 0 for NaN too */
}

static double do_sqrt(double x, const char **failure)
{
    if (x < 0)
        *failure = "cannot take square root of a negative number";
    return sqrt(x);
}

static double do_exp(double x, const char **failure)
{
    double r = exp(x);
    if (isinf(r) && !isinf(x))
        *failure = overflow;
    else if (r == 0 && !isinf(x))
        *failure = underflow;
    return r;
}

static bool check_logarithm(double x, const char **failure)
{
    if (x == 0)
        *failure = "cannot take logarithm of zero";
    else if (x < 0)
        *failure = "cannot take logarithm of a negative number";
    return *failure == NULL;
}

static double do_ln(double x, const char **failure)
{
    return check_logarithm(x, failure) ? log(x) : 0;
}
static double do_log10(double x, const char **failure)
{
    return check_logarithm(x, failure) ? log10(x) : 0;
}

static double do_power(double x, double y, const char **failure)
{
    if (isnan(x) || isnan(y))
        return (isnan(y) && x == 1) || (isnan(x) && y == 0) ? 1 : NAN;
    if (x == 0 && y < 0) {
        *failure = "zero raised to a negative power is undefined";
        return 0;
    }
    if (x < 0 && !isinf(y) && floor(y) != y) {
        *failure = "a negative number raised to a non-integer power yields a complex result";
        return 0;
    }
    double r = pow(x, y);
    if (isinf(r) && !isinf(x) && !isinf(y))
        *failure = overflow;
    else if (r == 0 && x != 0 && !isinf(x) && !isinf(y))
        *failure = underflow;
    return r;
}

void weir_fn_ceil_double(struct weir_kernel_call *call)
{
    run(call, do_ceil);
}
void weir_fn_floor_double(struct weir_kernel_call *call)
{
    run(call, do_floor);
}
void weir_fn_trunc_double(struct weir_kernel_call *call)
{
    run(call, do_trunc);
}
void weir_fn_round_double(struct weir_kernel_call *call)
{
    run(call, do_round);
}
void weir_fn_sign_double(struct weir_kernel_call *call)
{
    run(call, do_sign);
}
void weir_fn_sqrt_double(struct weir_kernel_call *call)
{
    run(call, do_sqrt);
}
void weir_fn_cbrt_double(struct weir_kernel_call *call)
{
    run(call, do_cbrt);
}
void weir_fn_exp_double(struct weir_kernel_call *call)
{
    run(call, do_exp);
}
void weir_fn_ln_double(struct weir_kernel_call *call)
{
    run(call, do_ln);
}
void weir_fn_log10_double(struct weir_kernel_call *call)
{
    run(call, do_log10);
}
void weir_fn_power_double(struct weir_kernel_call *call)
{
    run_2(call, do_power);
}

/* --- trigonometry in radians --------------------------------------------------------------- */

#define RADIANS_PER_DEGREE 0.0174532925199432957692

static bool is_angle(double x, const char **failure)
{
    if (isinf(x))
        *failure = out_of_range;
    return !isinf(x);
}
static bool is_ratio(double x, const char **failure)
{
    if (x < -1 || x > 1)
        *failure = out_of_range;
    return *failure == NULL;
}

static double do_sin(double x, const char **failure)
{
    return is_angle(x, failure) ? sin(x) : 0;
}
static double do_cos(double x, const char **failure)
{
    return is_angle(x, failure) ? cos(x) : 0;
}
static double do_tan(double x, const char **failure)
{
    return is_angle(x, failure) ? tan(x) : 0;
}
static double do_cot(double x, const char **failure)
{
    return is_angle(x, failure) ? 1.0 / tan(x) : 0;
}
static double do_asin(double x, const char **failure)
{
    return is_ratio(x, failure) ? asin(x) : 0;
}
static double do_acos(double x, const char **failure)
{
    return is_ratio(x, failure) ? acos(x) : 0;
}
static double do_atan(double x, const char **failure)
{
    (void)failure;
    return atan(x);
}
static double do_atan2(double y, double x, const char **failure)
{
    (void)failure;
    return atan2(y, x);
}

static double do_degrees(double x, const char **failure)
{
    double r = x / RADIANS_PER_DEGREE;
    if (isinf(r) && !isinf(x))
        *failure = overflow;
    return r;
}
static double do_radians(double x, const char **failure)
{
    double r = x * RADIANS_PER_DEGREE;
    if (r == 0 && x != 0)
        *failure = underflow;
    return r;
}

void weir_fn_sin(struct weir_kernel_call *call)
{
    run(call, do_sin);
}
void weir_fn_cos(struct weir_kernel_call *call)
{
    run(call, do_cos);
}
void weir_fn_tan(struct weir_kernel_call *call)
{
    run(call, do_tan);
}
void weir_fn_cot(struct weir_kernel_call *call)
{
    run(call, do_cot);
}
void weir_fn_asin(struct weir_kernel_call *call)
{
    run(call, do_asin);
}
void weir_fn_acos(struct weir_kernel_call *call)
{
    run(call, do_acos);
}
void weir_fn_atan(struct weir_kernel_call *call)
{
    run(call, do_atan);
}
void weir_fn_atan2(struct weir_kernel_call *call)
{
    run_2(call, do_atan2);
}
void weir_fn_degrees(struct weir_kernel_call *call)
{
    run(call, do_degrees);
}
void weir_fn_radians(struct weir_kernel_call *call)
{
    run(call, do_radians);
}

/* --- trigonometry in degrees --------------------------------------------------------------- */

/* Keeps the compiler from working out library calls itself: both sides of a quotient must come
 * from the same library to cancel exactly. */
static double opaque(double x)
{
    volatile double hidden = x;
    return hidden;
}

/* 0 <= x <= 30 and 0 <= x <= 60. */
static double sine_to_30(double x)
{
    return sin(x * RADIANS_PER_DEGREE) / sin(opaque(30) * RADIANS_PER_DEGREE) / 2.0;
}
static double cosine_to_60(double x)
{
    double numerator = 1.0 - cos(x * RADIANS_PER_DEGREE);
    return 1.0 - numerator / (1.0 - cos(opaque(60) * RADIANS_PER_DEGREE)) / 2.0;
}
/* The first quadrant. */
static double sine_to_90(double x)
{
    return x <= 30 ? sine_to_30(x) : cosine_to_60(90 - x);
}
static double cosine_to_90(double x)
{
    return x <= 60 ? cosine_to_60(x) : sine_to_30(90 - x);
}

/* Folds any angle into 0…90; sine and cosine say whether the sign of each turns. */
static double fold_angle(double x, bool *sine_negative, bool *cosine_negative)
{
    x = fmod(x, 360);
    *sine_negative = *cosine_negative = false;
    if (x < 0) {
        x = -x;
        *sine_negative = true;
    }
    if (x > 180) {
        x = 360 - x;
        *sine_negative = !*sine_negative;
    }
    if (x > 90) {
        x = 180 - x;
        *cosine_negative = true;
    }
    return x;
}

static double do_sind(double x, const char **failure)
{
    bool sine_negative, cosine_negative;
    if (isnan(x) || !is_angle(x, failure))
        return x;
    double r = sine_to_90(fold_angle(x, &sine_negative, &cosine_negative));
    return sine_negative ? -r : r;
}
static double do_cosd(double x, const char **failure)
{
    bool sine_negative, cosine_negative;
    if (isnan(x) || !is_angle(x, failure))
        return x;
    double r = cosine_to_90(fold_angle(x, &sine_negative, &cosine_negative));
    return cosine_negative ? -r : r;
}

static double tangent(double x, bool inverse)
{
    bool sine_negative, cosine_negative;
    x = fold_angle(x, &sine_negative, &cosine_negative);
    double at_45 = opaque(45), s = sine_to_90(x), c = cosine_to_90(x), r;
    if (inverse)
        r = c / s / (cosine_to_90(at_45) / sine_to_90(at_45));
    else
        r = s / c / (sine_to_90(at_45) / cosine_to_90(at_45));
    r = sine_negative != cosine_negative ? -r : r;
    return r == 0 ? 0 : r; /* no negative zero */
}
static double do_tand(double x, const char **failure)
{
    return isnan(x) || !is_angle(x, failure) ? x : tangent(x, false);
}
static double do_cotd(double x, const char **failure)
{
    return isnan(x) || !is_angle(x, failure) ? x : tangent(x, true);
}

/* 0 <= x <= 1. */
static double arc_sine(double x)
{
    if (x <= 0.5)
        return asin(x) / asin(opaque(0.5)) * 30.0;
    return 90.0 - acos(x) / acos(opaque(0.5)) * 60.0;
}
static double arc_cosine(double x)
{
    if (x <= 0.5)
        return 90.0 - asin(x) / asin(opaque(0.5)) * 30.0;
    return acos(x) / acos(opaque(0.5)) * 60.0;
}
static double do_asind(double x, const char **failure)
{
    if (isnan(x) || !is_ratio(x, failure))
        return x;
    return x >= 0 ? arc_sine(x) : -arc_sine(-x);
}
static double do_acosd(double x, const char **failure)
{
    if (isnan(x) || !is_ratio(x, failure))
        return x;
    return x >= 0 ? arc_cosine(x) : 90.0 + arc_sine(-x);
}
static double do_atand(double x, const char **failure)
{
    (void)failure;
    return atan(x) / atan(opaque(1)) * 45.0;
}
static double do_atan2d(double y, double x, const char **failure)
{
    (void)failure;
    return atan2(y, x) / atan(opaque(1)) * 45.0;
}

void weir_fn_sind(struct weir_kernel_call *call)
{
    run(call, do_sind);
}
void weir_fn_cosd(struct weir_kernel_call *call)
{
    run(call, do_cosd);
}
void weir_fn_tand(struct weir_kernel_call *call)
{
    run(call, do_tand);
}
void weir_fn_cotd(struct weir_kernel_call *call)
{
    run(call, do_cotd);
}
void weir_fn_asind(struct weir_kernel_call *call)
{
    run(call, do_asind);
}
void weir_fn_acosd(struct weir_kernel_call *call)
{
    run(call, do_acosd);
}
void weir_fn_atand(struct weir_kernel_call *call)
{
    run(call, do_atand);
}
void weir_fn_atan2d(struct weir_kernel_call *call)
{
    run_2(call, do_atan2d);
}

/* --- hyperbolic functions ------------------------------------------------------------------ */

static double do_sinh(double x, const char **failure)
{
    (void)failure;
    return sinh(x);
}
static double do_cosh(double x, const char **failure)
{
    (void)failure;
    return cosh(x);
}
static double do_tanh(double x, const char **failure)
{
    (void)failure;
    return tanh(x);
}
static double do_asinh(double x, const char **failure)
{
    (void)failure;
    return asinh(x);
}
static double do_acosh(double x, const char **failure)
{
    if (x < 1)
        *failure = out_of_range;
    return x < 1 ? 0 : acosh(x);
}
static double do_atanh(double x, const char **failure)
{
    if (!is_ratio(x, failure))
        return 0;
    return x == 1 ? INFINITY : x == -1 ? -INFINITY : atanh(x);
}

void weir_fn_sinh(struct weir_kernel_call *call)
{
    run(call, do_sinh);
}
void weir_fn_cosh(struct weir_kernel_call *call)
{
    run(call, do_cosh);
}
void weir_fn_tanh(struct weir_kernel_call *call)
{
    run(call, do_tanh);
}
void weir_fn_asinh(struct weir_kernel_call *call)
{
    run(call, do_asinh);
}
void weir_fn_acosh(struct weir_kernel_call *call)
{
    run(call, do_acosh);
}
void weir_fn_atanh(struct weir_kernel_call *call)
{
    run(call, do_atanh);
}

/* --- the rest ------------------------------------------------------------------------------ */

void weir_fn_pi(struct weir_kernel_call *call)
{
    double *out = call->out_values;
    for (uint32_t lane = 0; lane < call->rows_count; lane++)
        out[lane] = 3.14159265358979323846;
}

/* Uniform in [0, 1): the upper 53 bits of 64 random ones. */
void weir_fn_random(struct weir_kernel_call *call)
{
    double *out = call->out_values;
    if (!call->session || !call->session->random_fill) {
        if (call->selected_count &&
            weir_kernel_fail(call, call->selection ? call->selection[0] : 0, WEIR_E_BAD_ARGUMENT,
                             "there is no source of randomness here"))
            memset(call->validity, 0, weir_validity_words(call->rows_count) * 8);
        return;
    }
    call->session->random_fill(call->session, out, call->rows_count * sizeof *out);
    for (uint32_t lane = 0; lane < call->rows_count; lane++) {
        uint64_t bits;
        memcpy(&bits, &out[lane], sizeof bits);
        out[lane] = (double)(bits >> 11) * 0x1p-53;
    }
}

/* Rounds to digits after the point (before it when negative), half away from zero as the decimal
 * that the double prints as would be. */
void weir_fn_round_double_digits(struct weir_kernel_call *call)
{
    double *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        double x = *WEIR_ARG(call, 0, double, lane);
        int32_t digits = *WEIR_ARG(call, 1, int32_t, lane);
        out[lane] = x;
        weir_i128 unscaled;
        struct weir_decimal rounded;
        if (!isfinite(x) || digits > 16 || fabs(x) >= 1e17 ||
            weir_decimal_from_f64(x, 20, &unscaled) != WEIR_ARITH_OK ||
            weir_decimal_round(weir_decimal_make(unscaled, 20), digits, &rounded) != WEIR_ARITH_OK)
            continue;
        out[lane] = weir_decimal_to_f64(rounded);
    }
}

static const char *bucket_failure(double low, double high, int32_t count, double operand)
{
    if (count <= 0)
        return "count must be greater than zero";
    if (isnan(operand) || isnan(low) || isnan(high))
        return "operand, lower bound, and upper bound cannot be NaN";
    if (isinf(low) || isinf(high))
        return "lower and upper bounds must be finite";
    return low == high ? "lower bound cannot equal upper bound" : NULL;
}

/* 1-based bucket among count equal ones between low and high (which may run downwards). */
static int64_t bucket_of(double operand, double low, double high, int32_t count)
{
    bool down = low > high;
    if (down ? operand > low : operand < low)
        return 0;
    if (down ? operand <= high : operand >= high)
        return (int64_t)count + 1;
    double span = down ? low - high : high - low;
    double at = down ? low - operand : operand - low;
    double share = isinf(span) ? (down ? low / 2 - operand / 2 : operand / 2 - low / 2) /
                                     (down ? low / 2 - high / 2 : high / 2 - low / 2)
                               : at / span;
    int64_t bucket = (int64_t)((double)count * share);
    return (bucket >= count ? count - 1 : bucket) + 1;
}

void weir_fn_width_bucket_double(struct weir_kernel_call *call)
{
    int32_t *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        double operand = *WEIR_ARG(call, 0, double, lane), low = *WEIR_ARG(call, 1, double, lane);
        double high = *WEIR_ARG(call, 2, double, lane);
        int32_t count = *WEIR_ARG(call, 3, int32_t, lane);
        const char *failure = bucket_failure(low, high, count, operand);
        if (failure) {
            if (!fail(call, lane, failure))
                return;
            continue;
        }
        int64_t bucket = bucket_of(operand, low, high, count);
        if (bucket > INT32_MAX && !weir_kernel_fail_range(call, lane))
            return;
        out[lane] = (int32_t)bucket;
    }
}
