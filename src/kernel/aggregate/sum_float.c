/* sum and avg of REAL and DOUBLE.
 *
 * Append input is added as it comes: one group in 8 lanes that are then added pairwise, many groups
 * row by row, so the bits depend on nothing but the order of rows. REAL is summed in double.
 * Weighted input is summed in a double-double (twofold.h),
 * so that what is added and taken back leaves nothing behind: an operator whose input may retract
 * passes weights with every batch. NaN and infinities never enter the sum; they are counted apart,
 * so they can be taken back too. A group whose count falls to 0 starts anew.
 *
 * Invariant: high is finite always. So high + x is not finite only when x is special or the sum
 * overflows, and one test per row finds both. */
#include "kernel/aggregate/aggregate_internal.h"
#include "kernel/aggregate/twofold.h"

#include <float.h>
#include <math.h>

struct float_specials {
    int64_t nan;
    int64_t positive;
    int64_t negative;
};
struct float_sum {
    double high;
    int64_t count;
    double low;
    struct float_specials *specials; /* in the heap; NULL: none seen */
};
AGGREGATE_SIZE(float_size, struct float_sum)
#define COUNT_POISONED INT64_MIN
#define COUNT_IS_POISONED(count) ((count) < INT64_MIN / 2)

WEIR_INLINE struct float_sum *float_of(uint8_t *state)
{
    return (struct float_sum *)(void *)state;
}

static void specials_drop(struct float_sum *sum, struct weir_aggregate_heap *heap)
{
    weir_aggregate_heap_free(heap, sum->specials, sizeof *sum->specials);
    sum->specials = NULL;
}

static struct float_specials *specials_of(struct weir_aggregate_call *call, struct float_sum *sum)
{
    if (!sum->specials) {
        sum->specials = weir_aggregate_heap_alloc(call->heap, sizeof *sum->specials);
        if (sum->specials)
            memset(sum->specials, 0, sizeof *sum->specials);
        else
            weir_aggregate_out_of_memory(call);
    }
    return sum->specials;
}

WEIR_NOINLINE static void add_special(struct weir_aggregate_call *call, struct float_sum *sum,
                                      double value, int64_t weight)
{
    struct float_specials *specials = specials_of(call, sum);
    if (!specials)
        return;
    if (isnan(value))
        specials->nan += weight;
    else if (value > 0)
        specials->positive += weight;
    else
        specials->negative += weight;
}

/* high + value was not finite. */
WEIR_NOINLINE static void add_unusual(struct weir_aggregate_call *call, struct float_sum *sum,
                                      uint32_t lane, double value, int64_t weight)
{
    if (!isfinite(value))
        add_special(call, sum, value, weight);
    else if (weir_aggregate_fail(call, lane, WEIR_E_OVERFLOW, "sum: DOUBLE out of range"))
        sum->count = COUNT_POISONED;
}

/* sum += value. False, and nothing added, when that is not finite. */
static bool add_exactly(struct float_sum *sum, struct twofold value)
{
    struct twofold next = twofold_add((struct twofold){sum->high, sum->low}, value);
    if (!twofold_is_finite(next))
        return false;
    sum->high = next.high;
    sum->low = next.low;
    return true;
}

static void add_weighted(struct weir_aggregate_call *call, struct float_sum *sum, uint32_t lane,
                         double value, int64_t weight)
{
    sum->count += weight;
    if (!isfinite(value)) {
        add_special(call, sum, value, weight);
    } else {
        if (!add_exactly(sum, twofold_product(value, (double)weight)))
            add_unusual(call, sum, lane, value, weight);
    }
    if (sum->count == 0) {
        sum->high = sum->low = 0;
        specials_drop(sum, call->heap);
    }
}

WEIR_INLINE void float_add(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                           double value)
{
    struct float_sum *sum = float_of(state);
    double next = sum->high + value;
    sum->count++;
    if (WEIR_LIKELY(fabs(next) <= DBL_MAX))
        sum->high = next;
    else
        add_unusual(call, sum, lane, value, 1);
}

/* Adds what one group's lanes came to; false when it is not finite and nothing was added. */
static bool add_total(struct weir_aggregate_call *call, const double *lanes, int64_t count)
{
    struct float_sum *sum = float_of(call->state + call->state_offset);
    double total = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
                   ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
    double next = sum->high + total;
    if (!isfinite(next))
        return false;
    sum->high = next;
    sum->count += count;
    return true;
}

#define FLOAT_SUM(suffix, type)                                                                  \
    static void float_step_##suffix(struct weir_aggregate_call *call, uint8_t *state,            \
                                    uint32_t lane, uint32_t index, int64_t weight)               \
    {                                                                                            \
        (void)weight;                                                                            \
        float_add(call, state, lane, (double)AGGREGATE_VALUE(call, 0, type, index));             \
    }                                                                                            \
    static void float_weighted_##suffix(struct weir_aggregate_call *call, uint8_t *state,        \
                                        uint32_t lane, uint32_t index, int64_t weight)           \
    {                                                                                            \
        add_weighted(call, float_of(state), lane, (double)AGGREGATE_VALUE(call, 0, type, index), \
                     weight);                                                                    \
    }                                                                                            \
    static bool float_array_##suffix(struct weir_aggregate_call *call)                           \
    {                                                                                            \
        const type *values = call->args[0].values;                                               \
        const uint64_t *validity = call->args[0].validity;                                       \
        const uint32_t count = call->rows_count, blocks = count & ~7U;                           \
        double lanes[8] = {0};                                                                   \
        int64_t present = count;                                                                 \
        if (!validity) {                                                                         \
            for (uint32_t i = 0; i < blocks; i += 8)                                             \
                for (uint32_t k = 0; k < 8; k++)                                                 \
                    lanes[k] += (double)values[i + k];                                           \
            for (uint32_t i = blocks; i < count; i++)                                            \
                lanes[i - blocks] += (double)values[i];                                          \
        } else {                                                                                 \
            for (uint32_t i = 0; i < count; i++)                                                 \
                lanes[i & 7] += weir_bit_get(validity, i) ? (double)values[i] : 0.0;             \
            present = weir_aggregate_bits_count(validity, count);                                \
        }                                                                                        \
        return add_total(call, lanes, present);                                                  \
    }                                                                                            \
    static void float_update_##suffix(struct weir_aggregate_call *call)                          \
    {                                                                                            \
        if (call->weights)                                                                       \
            aggregate_rows(call, float_weighted_##suffix);                                       \
        else if (!aggregate_is_array(call) || !float_array_##suffix(call))                       \
            aggregate_rows(call, float_step_##suffix);                                           \
    }
FLOAT_SUM(f32, float)
FLOAT_SUM(f64, double)

static void float_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct float_sum *source = float_of(from + call->state_offset);
    struct float_sum *target = float_of(into + call->state_offset);
    bool poisoned = COUNT_IS_POISONED(source->count) || COUNT_IS_POISONED(target->count);
    target->count += source->count;
    if (source->specials) {
        struct float_specials *specials = specials_of(call, target);
        if (!specials)
            return;
        specials->nan += source->specials->nan;
        specials->positive += source->specials->positive;
        specials->negative += source->specials->negative;
    }
    if (!poisoned && !add_exactly(target, (struct twofold){source->high, source->low}))
        add_unusual(call, target, 0, source->high, 1);
    if (poisoned)
        target->count = COUNT_POISONED;
    specials_drop(source, call->heap);
    memset(source, 0, sizeof *source);
}

/* NaN, an infinity, or the finite sum. */
static double float_total(const struct float_sum *sum, bool *is_finite)
{
    const struct float_specials *specials = sum->specials;
    *is_finite = false;
    if (specials && (specials->nan || (specials->positive && specials->negative)))
        return (double)NAN;
    if (specials && specials->positive)
        return (double)INFINITY;
    if (specials && specials->negative)
        return -(double)INFINITY;
    *is_finite = true;
    return sum->high + sum->low;
}

static void float_finish_as(struct weir_kernel_call *out, uint8_t *const *states, size_t offset,
                            bool average)
{
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct float_sum *sum = AGGREGATE_FINISH_STATE(struct float_sum, states, i, offset);
        if (sum->count <= 0) {
            weir_aggregate_put_null(out, i);
            continue;
        }
        bool is_finite;
        double total = float_total(sum, &is_finite);
        if (average)
            total /= (double)sum->count;
        if (!weir_aggregate_put_double(out, i, total, is_finite))
            return;
    }
}

static void float_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    float_finish_as(out, states, offset, false);
}

static void float_avg_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    float_finish_as(out, states, offset, true);
}

static void float_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    specials_drop(float_of(state), heap);
}

#define FLOAT_OPS(suffix)                                                                \
    const struct weir_aggregate_ops weir_aggregate_sum_##suffix = {                      \
        float_size, float_update_##suffix, float_merge, float_finish, float_drop, NULL}; \
    const struct weir_aggregate_ops weir_aggregate_avg_##suffix = {                      \
        float_size, float_update_##suffix, float_merge, float_avg_finish, float_drop, NULL};
FLOAT_OPS(f32)
FLOAT_OPS(f64)
