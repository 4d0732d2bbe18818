/* sum and avg of integers, decimals and intervals: exact sums and a count.
 *
 * Integers of up to 32 bits sum into 64 bits, checked; those of 64 bits and decimals into 192, so
 * that only the result can be out of range, whatever came in between. The count of values (weights
 * added up) tells NULL from 0, and is the divisor of avg. When a 64-bit sum overflows and errors
 * become NULL, the count is set far below zero: that group's result stays NULL. */
#include "kernel/aggregate/aggregate_internal.h"
#include "kernel/type_rules.h"
#include "value/interval.h"

enum { AVG_SCALE_MIN = 16 };
#define COUNT_POISONED INT64_MIN
#define COUNT_IS_POISONED(count) ((count) < INT64_MIN / 2)

struct sum_narrow { /* BIGINT result */
    int64_t sum;
    int64_t count;
};
struct sum_wide { /* 192 bits, two's complement: no sum of 2^63 decimals overflows */
    weir_u128 low;
    int64_t high;
    int64_t count;
};
struct sum_interval {
    int64_t us;
    int64_t months;
    int64_t days;
    int64_t count;
};
AGGREGATE_SIZE(narrow_size, struct sum_narrow)
AGGREGATE_SIZE(wide_size, struct sum_wide)
AGGREGATE_SIZE(interval_size, struct sum_interval)

WEIR_INLINE struct sum_narrow *narrow_of(uint8_t *state)
{
    return (struct sum_narrow *)(void *)state;
}
WEIR_INLINE struct sum_wide *wide_of(uint8_t *state)
{
    return (struct sum_wide *)(void *)state;
}
WEIR_INLINE struct sum_interval *interval_of(uint8_t *state)
{
    return (struct sum_interval *)(void *)state;
}

WEIR_NOINLINE static void overflowed(struct weir_aggregate_call *call, uint32_t lane,
                                     int64_t *count, const char *type)
{
    if (weir_aggregate_fail(call, lane, WEIR_E_OVERFLOW, "sum: %s out of range", type))
        *count = COUNT_POISONED;
}

/* --- integers up to 32 bits ------------------------------------------------------------------ */

WEIR_INLINE void narrow_add(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                            int64_t value, int64_t weight)
{
    struct sum_narrow *sum = narrow_of(state);
    int64_t product = value, next;
    bool bad = weight != 1 && __builtin_mul_overflow(value, weight, &product);
    bad |= __builtin_add_overflow(sum->sum, product, &next);
    sum->count += weight;
    if (WEIR_UNLIKELY(bad))
        overflowed(call, lane, &sum->count, "BIGINT");
    else
        sum->sum = next;
}

/* total is the sum of `count` values: it is far from overflow, adding it need not be. */
static void narrow_add_total(struct weir_aggregate_call *call, int64_t total, int64_t count)
{
    uint8_t *state = call->state + call->state_offset;
    narrow_add(call, state, 0, total, 1);
    narrow_of(state)->count += count - 1;
}

#define NARROW(suffix, type)                                                                   \
    static void narrow_step_##suffix(struct weir_aggregate_call *call, uint8_t *state,         \
                                     uint32_t lane, uint32_t index, int64_t weight)            \
    {                                                                                          \
        narrow_add(call, state, lane, (int64_t)AGGREGATE_VALUE(call, 0, type, index), weight); \
    }                                                                                          \
    static void narrow_update_##suffix(struct weir_aggregate_call *call)                       \
    {                                                                                          \
        if (!aggregate_is_array(call)) {                                                       \
            aggregate_rows(call, narrow_step_##suffix);                                        \
            return;                                                                            \
        }                                                                                      \
        const type *values = call->args[0].values;                                             \
        const uint64_t *validity = call->args[0].validity;                                     \
        const uint32_t count = call->rows_count;                                               \
        int64_t total = 0, present = count;                                                    \
        if (!validity) {                                                                       \
            for (uint32_t i = 0; i < count; i++)                                               \
                total += (int64_t)values[i];                                                   \
        } else {                                                                               \
            for (uint32_t i = 0; i < count; i++)                                               \
                total += (int64_t)values[i] & -(int64_t)weir_bit_get(validity, i);             \
            present = weir_aggregate_bits_count(validity, count);                              \
        }                                                                                      \
        if (present)                                                                           \
            narrow_add_total(call, total, present);                                            \
    }
NARROW(i8, int8_t)
NARROW(i16, int16_t)
NARROW(i32, int32_t)
NARROW(u8, uint8_t)
NARROW(u16, uint16_t)
NARROW(u32, uint32_t)

static void narrow_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct sum_narrow *source = narrow_of(from + call->state_offset);
    struct sum_narrow *target = narrow_of(into + call->state_offset);
    if (COUNT_IS_POISONED(source->count) || COUNT_IS_POISONED(target->count)) {
        target->count = COUNT_POISONED;
    } else if (source->count || source->sum) {
        narrow_add(call, (uint8_t *)target, 0, source->sum, 1);
        target->count += source->count - 1;
    }
    memset(source, 0, sizeof *source);
}

AGGREGATE_COMBINE(narrow_combine, 1, 1)

static void narrow_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    int64_t *values = out->out_values;
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct sum_narrow *sum = AGGREGATE_FINISH_STATE(struct sum_narrow, states, i, offset);
        values[i] = sum->sum;
        if (sum->count <= 0)
            weir_aggregate_put_null(out, i);
    }
}

/* The quotient of an exact sum; within one unit in the last place. */
static double quotient(weir_i128 sum, int64_t count)
{
    weir_i128 limit = (weir_i128)1 << 53;
    if (sum <= limit && sum >= -limit)
        return (double)sum / (double)count;
    return (double)(sum / count) + (double)(sum % count) / (double)count;
}

static void narrow_avg_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    double *values = out->out_values;
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct sum_narrow *sum = AGGREGATE_FINISH_STATE(struct sum_narrow, states, i, offset);
        if (sum->count <= 0)
            weir_aggregate_put_null(out, i);
        else
            values[i] = quotient(sum->sum, sum->count);
    }
}

/* --- 64-bit integers and decimals ------------------------------------------------------------ */

/* sum += low + 2^128 high. */
WEIR_INLINE void wide_add_parts(struct sum_wide *sum, weir_u128 low, int64_t high)
{
    high += __builtin_add_overflow(sum->low, low, &sum->low);
    sum->high += high;
}

WEIR_NOINLINE static void wide_add_product(struct sum_wide *sum, weir_i128 value, int64_t weight)
{
    weir_u128 magnitude = weir_i128_magnitude(value);
    uint64_t times = weight < 0 ? 0 - (uint64_t)weight : (uint64_t)weight;
    weir_u128 first = (weir_u128)(uint64_t)magnitude * times;
    weir_u128 second = (weir_u128)(uint64_t)(magnitude >> 64) * times + (uint64_t)(first >> 64);
    weir_u128 low = second << 64 | (uint64_t)first;
    int64_t high = (int64_t)(second >> 64);
    if ((value < 0) != (weight < 0)) {
        low = 0 - low;
        high = -high - (low != 0);
    }
    wide_add_parts(sum, low, high);
}

WEIR_INLINE void wide_add(struct sum_wide *sum, weir_i128 value, int64_t weight)
{
    sum->count += weight;
    if (WEIR_LIKELY(weight == 1))
        wide_add_parts(sum, (weir_u128)value, value < 0 ? -1 : 0);
    else
        wide_add_product(sum, value, weight);
}

/* False when the sum has more than 38 digits. */
static bool wide_total(const struct sum_wide *sum, weir_i128 *out)
{
    *out = (weir_i128)sum->low;
    return sum->high == (*out < 0 ? -1 : 0) && weir_decimal_fits(*out, WEIR_DECIMAL_PRECISION_MAX);
}

/* Sums of arrays. Words are added by halves, which need no carry: 2^16 of them at most. Those with
 * a sign are shifted by 2^63 first. */
static weir_i128 total_u64(const uint64_t *values, uint32_t count)
{
    uint64_t low = 0, high = 0;
    for (uint32_t i = 0; i < count; i++) {
        low += values[i] & UINT32_MAX;
        high += values[i] >> 32;
    }
    return ((weir_i128)high << 32) + low;
}

static weir_i128 total_i64(const int64_t *values, uint32_t count)
{
    uint64_t low = 0, high = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t shifted = (uint64_t)values[i] ^ UINT64_C(1) << 63;
        low += shifted & UINT32_MAX;
        high += shifted >> 32;
    }
    return ((weir_i128)high << 32) + low - ((weir_i128)count << 63);
}

static weir_i128 total_decimal(const weir_i128 *values, uint32_t count)
{
    weir_i128 total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += values[i];
    return total;
}

/* One group: the sum of at most 2^16 lanes of 64 bits stays below 2^80, of 33 digits below 2^126.
 */
enum { ARRAY_DIGITS_MAX = 33 };
#define WIDE(suffix, type, array_is_safe)                                                   \
    static void wide_step_##suffix(struct weir_aggregate_call *call, uint8_t *state,        \
                                   uint32_t lane, uint32_t index, int64_t weight)           \
    {                                                                                       \
        (void)lane;                                                                         \
        wide_add(wide_of(state), (weir_i128)AGGREGATE_VALUE(call, 0, type, index), weight); \
    }                                                                                       \
    static void wide_update_##suffix(struct weir_aggregate_call *call)                      \
    {                                                                                       \
        if (!(array_is_safe) || !aggregate_is_array(call)) {                                \
            aggregate_rows(call, wide_step_##suffix);                                       \
            return;                                                                         \
        }                                                                                   \
        const type *values = call->args[0].values;                                          \
        const uint64_t *validity = call->args[0].validity;                                  \
        const uint32_t count = call->rows_count;                                            \
        weir_i128 total = 0;                                                                \
        int64_t present = count;                                                            \
        if (!validity) {                                                                    \
            total = total_##suffix(values, count);                                          \
        } else {                                                                            \
            for (uint32_t i = 0; i < count; i++)                                            \
                total += weir_bit_get(validity, i) ? (weir_i128)values[i] : 0;              \
            present = weir_aggregate_bits_count(validity, count);                           \
        }                                                                                   \
        if (!present)                                                                       \
            return;                                                                         \
        struct sum_wide *sum = wide_of(call->state + call->state_offset);                   \
        wide_add(sum, total, 1);                                                            \
        sum->count += present - 1;                                                          \
    }
WIDE(i64, int64_t, true)
WIDE(u64, uint64_t, true)
WIDE(decimal, weir_i128, call->args[0].type->precision <= ARRAY_DIGITS_MAX)

static void wide_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct sum_wide *source = wide_of(from + call->state_offset);
    struct sum_wide *target = wide_of(into + call->state_offset);
    wide_add_parts(target, source->low, source->high);
    target->count += source->count;
    memset(source, 0, sizeof *source);
}

WEIR_INLINE void wide_combine_state(uint8_t *into, const uint8_t *from, bool away)
{
    const struct sum_wide *source = (const struct sum_wide *)(const void *)from;
    struct sum_wide *target = wide_of(into);
    if (away) {
        target->high -=
            source->high + __builtin_sub_overflow(target->low, source->low, &target->low);
        target->count -= source->count;
    } else {
        wide_add_parts(target, source->low, source->high);
        target->count += source->count;
    }
}

static bool wide_combine_rows(uint8_t *const *into, uint8_t *const *from, uint32_t count,
                              size_t offset, bool away)
{
    for (uint32_t i = 0; i < count; i++)
        wide_combine_state(into[i] + offset, from[i] + offset, away);
    return true;
}

static bool wide_combine_block(uint8_t *into, size_t into_step, const uint8_t *from,
                               size_t from_step, uint32_t count, bool away)
{
    for (uint32_t i = 0; i < count; i++)
        wide_combine_state(into + i * into_step, from + i * from_step, away);
    return true;
}

static const struct weir_aggregate_combine wide_combine = {wide_combine_rows, wide_combine_block};

static void wide_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    weir_i128 *values = out->out_values;
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct sum_wide *sum = AGGREGATE_FINISH_STATE(struct sum_wide, states, i, offset);
        bool fits = wide_total(sum, &values[i]);
        if (sum->count <= 0 || !fits)
            weir_aggregate_put_null(out, i);
        if (sum->count > 0 && !fits && !weir_kernel_fail_range(out, i))
            return;
    }
}

/* Of 64-bit integers: 2^63 of them sum to less than 2^127. */
static void wide_avg_double_finish(struct weir_kernel_call *out, uint8_t *const *states,
                                   size_t offset)
{
    double *values = out->out_values;
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct sum_wide *sum = AGGREGATE_FINISH_STATE(struct sum_wide, states, i, offset);
        if (sum->count <= 0)
            weir_aggregate_put_null(out, i);
        else
            values[i] = quotient((weir_i128)sum->low, sum->count);
    }
}

static void avg_decimal_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    const struct weir_type *arg = out->instance, *type = out->out->type;
    weir_i128 *values = out->out_values, total;
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct sum_wide *sum = AGGREGATE_FINISH_STATE(struct sum_wide, states, i, offset);
        if (sum->count <= 0) {
            weir_aggregate_put_null(out, i);
            continue;
        }
        enum weir_arith result = WEIR_ARITH_OVERFLOW;
        if (wide_total(sum, &total))
            result = weir_decimal_div(weir_decimal_make(total, arg->scale),
                                      weir_decimal_make(sum->count, 0), type->scale, &values[i]);
        if (result == WEIR_ARITH_OK && !weir_decimal_fits(values[i], type->precision))
            result = WEIR_ARITH_OVERFLOW;
        if (result != WEIR_ARITH_OK) {
            weir_aggregate_put_null(out, i);
            if (!weir_kernel_fail_range(out, i))
                return;
        }
    }
}

enum weir_status weir_bind_sum_integer(struct weir_function_bind *bind, struct weir_error *error)
{
    bind->result_type = weir_type_decimal(bind->arena, WEIR_DECIMAL_PRECISION_MAX, 0);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

enum weir_status weir_bind_sum_decimal(struct weir_function_bind *bind, struct weir_error *error)
{
    bind->result_type =
        weir_type_decimal(bind->arena, WEIR_DECIMAL_PRECISION_MAX, bind->arg_types[0]->scale);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

enum weir_status weir_bind_avg_decimal(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_type *arg = bind->arg_types[0];
    unsigned scale = arg->scale > AVG_SCALE_MIN ? arg->scale : (unsigned)AVG_SCALE_MIN;
    bind->instance = arg;
    bind->result_type =
        weir_type_decimal_capped(bind->arena, (unsigned)arg->precision - arg->scale + scale, scale);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

/* --- intervals ------------------------------------------------------------------------------- */

static bool add_product(int64_t *sum, int64_t value, int64_t weight)
{
    int64_t product;
    return !__builtin_mul_overflow(value, weight, &product) &&
           !__builtin_add_overflow(*sum, product, sum);
}

static void interval_add(struct weir_aggregate_call *call, struct sum_interval *sum, uint32_t lane,
                         const struct sum_interval *value, int64_t weight)
{
    struct sum_interval next = *sum;
    sum->count += weight;
    if (!add_product(&next.months, value->months, weight) ||
        !add_product(&next.days, value->days, weight) ||
        !add_product(&next.us, value->us, weight)) {
        overflowed(call, lane, &sum->count, "INTERVAL");
        return;
    }
    next.count = sum->count;
    *sum = next;
}

static void interval_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                          uint32_t index, int64_t weight)
{
    const struct weir_interval *value = &AGGREGATE_VALUE(call, 0, struct weir_interval, index);
    const struct sum_interval parts = {value->us, value->months, value->days, 0};
    interval_add(call, interval_of(state), lane, &parts, weight);
}

static void interval_update(struct weir_aggregate_call *call)
{
    aggregate_rows(call, interval_step);
}

static void interval_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct sum_interval *source = interval_of(from + call->state_offset);
    struct sum_interval *target = interval_of(into + call->state_offset);
    if (COUNT_IS_POISONED(source->count) || COUNT_IS_POISONED(target->count)) {
        target->count = COUNT_POISONED;
    } else {
        interval_add(call, target, 0, source, 1);
        target->count += source->count - 1;
    }
    memset(source, 0, sizeof *source);
}

AGGREGATE_COMBINE(interval_combine, 3, 1)

/* False when months or days do not fit. */
static bool interval_total(const struct sum_interval *sum, struct weir_interval *out)
{
    *out = (struct weir_interval){(int32_t)sum->months, (int32_t)sum->days, sum->us};
    return out->months == sum->months && out->days == sum->days;
}

static void interval_finish_as(struct weir_kernel_call *out, uint8_t *const *states, size_t offset,
                               bool average)
{
    struct weir_interval *values = out->out_values;
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct sum_interval *sum =
            AGGREGATE_FINISH_STATE(struct sum_interval, states, i, offset);
        if (sum->count <= 0) {
            weir_aggregate_put_null(out, i);
            continue;
        }
        struct weir_interval total;
        bool ok = interval_total(sum, &total);
        if (ok && average)
            ok = weir_interval_div(total, (double)sum->count, &total) == WEIR_ARITH_OK;
        values[i] = total;
        if (!ok) {
            weir_aggregate_put_null(out, i);
            if (!weir_kernel_fail_range(out, i))
                return;
        }
    }
}

static void interval_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    interval_finish_as(out, states, offset, false);
}

static void interval_avg_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    interval_finish_as(out, states, offset, true);
}

/* --- tables ---------------------------------------------------------------------------------- */

#define NARROW_OPS(suffix)                                                                        \
    const struct weir_aggregate_ops weir_aggregate_sum_##suffix = {                               \
        narrow_size, narrow_update_##suffix, narrow_merge, narrow_finish, NULL, &narrow_combine}; \
    const struct weir_aggregate_ops weir_aggregate_avg_##suffix = {                               \
        narrow_size, narrow_update_##suffix, narrow_merge, narrow_avg_finish,                     \
        NULL,        &narrow_combine};
NARROW_OPS(i8)
NARROW_OPS(i16)
NARROW_OPS(i32)
NARROW_OPS(u8)
NARROW_OPS(u16)
NARROW_OPS(u32)

#define WIDE_OPS(suffix, avg_finish)                                                    \
    const struct weir_aggregate_ops weir_aggregate_sum_##suffix = {                     \
        wide_size, wide_update_##suffix, wide_merge, wide_finish, NULL, &wide_combine}; \
    const struct weir_aggregate_ops weir_aggregate_avg_##suffix = {                     \
        wide_size, wide_update_##suffix, wide_merge, avg_finish, NULL, &wide_combine};
WIDE_OPS(i64, wide_avg_double_finish)
WIDE_OPS(u64, wide_avg_double_finish)
WIDE_OPS(decimal, avg_decimal_finish)

const struct weir_aggregate_ops weir_aggregate_sum_interval = {
    interval_size, interval_update, interval_merge, interval_finish, NULL, &interval_combine};
const struct weir_aggregate_ops weir_aggregate_avg_interval = {
    interval_size, interval_update, interval_merge, interval_avg_finish, NULL, &interval_combine};
