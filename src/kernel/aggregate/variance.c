/* variance and standard deviation.
 *
 * Integers and decimals are summed exactly: n, S = sum of x (128 bits) and Q = sum of x^2 (320
 * bits), so that n Q - S^2 is an exact integer whatever the order of rows and whatever is taken
 * back; one division makes it a DOUBLE (Postgres: numeric). Decimals are summed unscaled.
 * REAL and DOUBLE keep S and Q of the differences from the group's first value, as double-doubles
 * (twofold.h): some 106 bits stand against the cancellation in n Q - S^2, where Youngs and Cramer's
 * recurrence, which Postgres uses, has 53; and rows can be taken back. A NaN or an infinity makes
 * the result NaN while it is in the group. */
#include "kernel/aggregate/aggregate_internal.h"
#include "kernel/aggregate/twofold.h"
#include "kernel/type_rules.h"

enum { SQUARE_LIMBS = 5, WIDE_LIMBS = 6 };

struct moments_exact {
    weir_i128 sum;
    int64_t count;
    uint64_t squares[SQUARE_LIMBS]; /* least significant first, two's complement */
};
struct moments_float {
    int64_t count;
    int64_t specials; /* NaN and infinities in the group */
    struct twofold_moments finite;
};

enum statistic { VAR_SAMP, VAR_POP, STDDEV_SAMP, STDDEV_POP };

static bool is_float(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_FLOAT64;
}

static uint32_t moments_size(const struct weir_function_bind *bind)
{
    return is_float(bind->arg_types[0]) ? sizeof(struct moments_float)
                                        : sizeof(struct moments_exact);
}

/* --- exact ----------------------------------------------------------------------------------- */

/* limbs += or -= value. */
static void limbs_add(uint64_t *limbs, unsigned count, const uint64_t *value, unsigned value_count,
                      bool subtract)
{
    uint64_t carry = 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t part = i < value_count ? value[i] : 0, next;
        if (i >= value_count && !carry)
            return;
        if (subtract) {
            bool borrow = __builtin_sub_overflow(limbs[i], part, &next);
            borrow |= __builtin_sub_overflow(next, carry, &limbs[i]);
            carry = borrow;
        } else {
            bool over = __builtin_add_overflow(limbs[i], part, &next);
            over |= __builtin_add_overflow(next, carry, &limbs[i]);
            carry = over;
        }
    }
}

/* out[count + 1] = value[count] * factor. */
static void limbs_scale(uint64_t *out, const uint64_t *value, unsigned count, uint64_t factor)
{
    uint64_t carry = 0;
    for (unsigned i = 0; i < count; i++) {
        weir_u128 product = (weir_u128)value[i] * factor + carry;
        out[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    out[count] = carry;
}

/* out[4] = value^2. */
static void limbs_square(uint64_t *out, weir_u128 value)
{
    uint64_t low = (uint64_t)value, high = (uint64_t)(value >> 64);
    weir_u128 low2 = (weir_u128)low * low, cross = (weir_u128)low * high;
    weir_u128 high2 = (weir_u128)high * high;
    uint64_t twice[3] = {(uint64_t)(cross << 1), (uint64_t)(cross >> 63), (uint64_t)(cross >> 127)};
    out[0] = (uint64_t)low2;
    out[1] = (uint64_t)(low2 >> 64);
    out[2] = (uint64_t)high2;
    out[3] = (uint64_t)(high2 >> 64);
    limbs_add(out + 1, 3, twice, 3, false);
}

/* Nearest double, or its neighbour. */
static double limbs_to_double(const uint64_t *limbs, unsigned count)
{
    while (count && !limbs[count - 1])
        count--;
    double value = 0;
    unsigned least = count > 3 ? count - 3 : 0;
    for (unsigned i = count; i-- > least;)
        value = value * 0x1p64 + (double)limbs[i];
    return ldexp(value, (int)least * 64);
}

static void exact_add(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                      weir_i128 value, int64_t weight)
{
    struct moments_exact *moments = (struct moments_exact *)(void *)state;
    weir_i128 product = value, next;
    bool bad = weight != 1 && __builtin_mul_overflow(value, (weir_i128)weight, &product);
    if (bad || __builtin_add_overflow(moments->sum, product, &next)) {
        if (weir_aggregate_fail(call, lane, WEIR_E_OVERFLOW, "variance: sum out of range"))
            moments->count = INT64_MIN;
        return;
    }
    moments->sum = next;
    moments->count += weight;
    uint64_t square[4], scaled[5];
    weir_u128 magnitude = weir_i128_magnitude(value);
    if (WEIR_LIKELY(magnitude >> 64 == 0)) {
        weir_u128 small = magnitude * magnitude;
        square[0] = (uint64_t)small;
        square[1] = (uint64_t)(small >> 64);
        square[2] = square[3] = 0;
    } else {
        limbs_square(square, magnitude);
    }
    if (weight == 1) {
        limbs_add(moments->squares, SQUARE_LIMBS, square, square[2] || square[3] ? 4 : 2, false);
        return;
    }
    uint64_t times = weight < 0 ? 0 - (uint64_t)weight : (uint64_t)weight;
    limbs_scale(scaled, square, 4, times);
    limbs_add(moments->squares, SQUARE_LIMBS, scaled, 5, weight < 0);
}

static void integer_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                         uint32_t index, int64_t weight)
{
    exact_add(call, state, lane, AGGREGATE_VALUE(call, 0, int64_t, index), weight);
}

static void decimal_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                         uint32_t index, int64_t weight)
{
    exact_add(call, state, lane, AGGREGATE_VALUE(call, 0, weir_i128, index), weight);
}

static void exact_merge(struct weir_aggregate_call *call, struct moments_exact *into,
                        struct moments_exact *from)
{
    bool poisoned = into->count < INT64_MIN / 2 || from->count < INT64_MIN / 2;
    weir_i128 next;
    if (!poisoned && __builtin_add_overflow(into->sum, from->sum, &next))
        poisoned = weir_aggregate_fail(call, 0, WEIR_E_OVERFLOW, "variance: sum out of range");
    else if (!poisoned)
        into->sum = next;
    into->count = poisoned ? INT64_MIN : into->count + from->count;
    limbs_add(into->squares, SQUARE_LIMBS, from->squares, SQUARE_LIMBS, false);
    memset(from, 0, sizeof *from);
}

/* n Q - S^2, as it would be of the scaled values. */
static double exact_spread(const struct moments_exact *moments, unsigned scale)
{
    uint64_t spread[WIDE_LIMBS], square[4];
    limbs_scale(spread, moments->squares, SQUARE_LIMBS, (uint64_t)moments->count);
    limbs_square(square, weir_i128_magnitude(moments->sum));
    limbs_add(spread, WIDE_LIMBS, square, 4, true);
    double value = limbs_to_double(spread, WIDE_LIMBS);
    double power = (double)weir_decimal_pow10(scale);
    return value / power / power;
}

/* --- floats ---------------------------------------------------------------------------------- */

static void float_overflowed(struct weir_aggregate_call *call, struct moments_float *moments,
                             uint32_t lane)
{
    if (weir_aggregate_fail(call, lane, WEIR_E_OVERFLOW, "variance: DOUBLE out of range"))
        moments->count = INT64_MIN;
}

static void float_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                       uint32_t index, int64_t weight)
{
    struct moments_float *moments = (struct moments_float *)(void *)state;
    double value = AGGREGATE_VALUE(call, 0, double, index);
    bool is_first = moments->count == moments->specials;
    moments->count += weight;
    if (!isfinite(value))
        moments->specials += weight;
    else if (!twofold_moments_add(&moments->finite, is_first, value, (double)weight))
        float_overflowed(call, moments, lane);
    if (moments->count == 0)
        memset(moments, 0, sizeof *moments);
}

static void float_merge(struct weir_aggregate_call *call, struct moments_float *into,
                        struct moments_float *from)
{
    int64_t finite_into = into->count - into->specials, finite_from = from->count - from->specials;
    if (into->count < INT64_MIN / 2 || from->count < INT64_MIN / 2) {
        into->count = INT64_MIN;
    } else {
        into->count += from->count;
        into->specials += from->specials;
        if (finite_into == 0)
            into->finite = from->finite;
        else if (finite_from &&
                 !twofold_moments_merge(&into->finite, &from->finite, (double)finite_from))
            float_overflowed(call, into, 0);
    }
    memset(from, 0, sizeof *from);
}

/* --- all ------------------------------------------------------------------------------------- */

static void moments_update(struct weir_aggregate_call *call)
{
    switch (call->args[0].type->kind) {
    case WEIR_TYPE_FLOAT64:
        aggregate_rows(call, float_step);
        return;
    case WEIR_TYPE_DECIMAL:
        aggregate_rows(call, decimal_step);
        return;
    case WEIR_TYPE_INT64:
        aggregate_rows(call, integer_step);
        return;
    default:
        return;
    }
}

static void moments_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    void *target = into + call->state_offset, *source = from + call->state_offset;
    if (is_float(call->instance))
        float_merge(call, target, source);
    else
        exact_merge(call, target, source);
}

/* False: NULL. */
static bool moments_result(const void *state, const struct weir_type *type,
                           enum statistic statistic, double *out)
{
    const struct moments_float *floats = state;
    const struct moments_exact *exact = state;
    bool of_float = is_float(type);
    int64_t count = of_float ? floats->count : exact->count;
    bool is_sample = statistic == VAR_SAMP || statistic == STDDEV_SAMP;
    if (count < (is_sample ? 2 : 1))
        return false;
    double n = (double)count, spread;
    if (of_float)
        spread = floats->specials ? (double)NAN : twofold_moments_spread(&floats->finite, n);
    else
        spread = exact_spread(exact, type->kind == WEIR_TYPE_DECIMAL ? type->scale : 0);
    *out = spread / n / (is_sample ? n - 1 : n);
    if (statistic == STDDEV_SAMP || statistic == STDDEV_POP)
        *out = sqrt(*out);
    return true;
}

static void moments_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset,
                           enum statistic statistic)
{
    for (uint32_t i = 0; i < out->rows_count; i++) {
        double value;
        if (!moments_result(states[i] + offset, out->instance, statistic, &value))
            weir_aggregate_put_null(out, i);
        else if (!weir_aggregate_put_double(out, i, value, true))
            return;
    }
}

#define MOMENTS_OPS(name, statistic)                                                               \
    static void name##_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset) \
    {                                                                                              \
        moments_finish(out, states, offset, statistic);                                            \
    }                                                                                              \
    const struct weir_aggregate_ops weir_aggregate_##name = {                                      \
        moments_size, moments_update, moments_merge, name##_finish, NULL, NULL};
MOMENTS_OPS(var_samp, VAR_SAMP)
MOMENTS_OPS(var_pop, VAR_POP)
MOMENTS_OPS(stddev_samp, STDDEV_SAMP)
MOMENTS_OPS(stddev_pop, STDDEV_POP)

/* Integers come as BIGINT, unsigned 64-bit ones as DECIMAL(20,0), REAL as DOUBLE. */
enum weir_status weir_bind_aggregate_variance(struct weir_function_bind *bind,
                                              struct weir_error *error)
{
    const struct weir_type *type = bind->arg_types[0];
    if (!weir_type_is_number(type))
        return weir_error_set(error, WEIR_E_UNKNOWN_FUNCTION,
                              "variance and standard deviation take numbers, not %s",
                              weir_type_name(type).text);
    if (type->kind == WEIR_TYPE_UINT64)
        type = weir_type_decimal(bind->arena, 20, 0);
    else if (weir_type_is_integer(type))
        type = weir_type_of(WEIR_TYPE_INT64);
    else if (type->kind == WEIR_TYPE_FLOAT32)
        type = weir_type_of(WEIR_TYPE_FLOAT64);
    if (!type)
        return weir_error_set_out_of_memory(error);
    bind->arg_types[0] = type;
    bind->instance = type;
    return WEIR_OK;
}
