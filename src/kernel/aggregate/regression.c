/* Statistics of pairs: corr, covar_*, regr_*. The arguments are (y, x), as in SQL.
 *
 * One state serves them all: n and the sums of x, y, x^2, y^2, xy, all of differences from the
 * first pair and as double-doubles (see variance.c), from which the centred sums come: Sxy =
 * sum(xy) - sum(x) sum(y) / n, and so on. A NaN or an infinity in either argument makes the result
 * NaN while that row is in the group. */
#include "kernel/aggregate/aggregate_internal.h"
#include "kernel/aggregate/twofold.h"

struct pairs {
    int64_t count;
    int64_t specials;
    struct twofold_moments x;
    struct twofold_moments y;
    struct twofold products; /* of the differences from the shifts */
};
AGGREGATE_SIZE(pairs_size, struct pairs)

static void pairs_overflowed(struct weir_aggregate_call *call, struct pairs *pairs, uint32_t lane)
{
    if (weir_aggregate_fail(call, lane, WEIR_E_OVERFLOW, "regression: DOUBLE out of range"))
        pairs->count = INT64_MIN;
}

static bool pairs_add(struct pairs *pairs, bool is_first, double x, double y, double weight)
{
    struct pairs next = *pairs;
    if (!twofold_moments_add(&next.x, is_first, x, weight) ||
        !twofold_moments_add(&next.y, is_first, y, weight))
        return false;
    if (is_first)
        next.products = (struct twofold){0, 0};
    struct twofold product = twofold_scale(
        twofold_mul(twofold_sum(x, -next.x.shift), twofold_sum(y, -next.y.shift)), weight);
    next.products = twofold_add(next.products, product);
    if (!twofold_is_finite(next.products))
        return false;
    *pairs = next;
    return true;
}

static void pairs_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                       uint32_t index, int64_t weight)
{
    struct pairs *pairs = (struct pairs *)(void *)state;
    double y = AGGREGATE_VALUE(call, 0, double, index);
    double x = AGGREGATE_VALUE(call, 1, double, weir_column_index(&call->args[1], lane));
    bool is_first = pairs->count == pairs->specials;
    pairs->count += weight;
    if (!isfinite(x) || !isfinite(y))
        pairs->specials += weight;
    else if (!pairs_add(pairs, is_first, x, y, (double)weight))
        pairs_overflowed(call, pairs, lane);
    if (pairs->count == 0)
        memset(pairs, 0, sizeof *pairs);
}

static void pairs_update(struct weir_aggregate_call *call)
{
    aggregate_rows_all(call, 2, pairs_step);
}

/* With s and t the shifts of from less those of into,
 * sum (d + s) (e + t) = sum d e + t sum d + s sum e + n s t. */
static bool pairs_join(struct pairs *into, const struct pairs *from, double n)
{
    struct twofold s = twofold_sum(from->x.shift, -into->x.shift);
    struct twofold t = twofold_sum(from->y.shift, -into->y.shift);
    struct twofold moved = twofold_add(from->y.sum, twofold_scale(t, n));
    struct twofold products = twofold_add(
        from->products, twofold_add(twofold_mul(t, from->x.sum), twofold_mul(s, moved)));
    into->products = twofold_add(into->products, products);
    return twofold_moments_merge(&into->x, &from->x, n) &&
           twofold_moments_merge(&into->y, &from->y, n) && twofold_is_finite(into->products);
}

static void pairs_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct pairs *target = (struct pairs *)(void *)(into + call->state_offset);
    struct pairs *source = (struct pairs *)(void *)(from + call->state_offset);
    bool poisoned = target->count < INT64_MIN / 2 || source->count < INT64_MIN / 2;
    int64_t finite_target = target->count - target->specials;
    int64_t finite_source = source->count - source->specials;
    target->count = poisoned ? INT64_MIN : target->count + source->count;
    target->specials += source->specials;
    if (!poisoned && finite_target == 0) {
        target->x = source->x;
        target->y = source->y;
        target->products = source->products;
    } else if (!poisoned && finite_source && !pairs_join(target, source, (double)finite_source)) {
        pairs_overflowed(call, target, 0);
    }
    memset(source, 0, sizeof *source);
}

/* --- results --------------------------------------------------------------------------------- */

struct centred {
    double n, x, y; /* count, sums */
    double xx, yy, xy;
};

static struct centred centred_of(const struct pairs *pairs)
{
    const struct twofold_moments *x = &pairs->x, *y = &pairs->y;
    double n = (double)pairs->count, none = (double)NAN;
    if (pairs->specials)
        return (struct centred){n, none, none, none, none, none};
    double size = sqrt(x->squares.high) * sqrt(y->squares.high);
    struct twofold sum_x = twofold_add(x->sum, twofold_product(x->shift, n));
    struct twofold sum_y = twofold_add(y->sum, twofold_product(y->shift, n));
    return (struct centred){.n = n,
                            .x = sum_x.high,
                            .y = sum_y.high,
                            .xx = twofold_moments_spread(x, n) / n,
                            .yy = twofold_moments_spread(y, n) / n,
                            .xy = twofold_spread(n, x->sum, y->sum, pairs->products, size) / n};
}

/* Each: false for NULL; n >= 1. Formulas and NULLs as SQL:2003 section 10.9 and Postgres 15. */
typedef bool (*pairs_result)(const struct centred *c, double *out);

static bool corr(const struct centred *c, double *out)
{
    *out = c->xy / sqrt(c->xx * c->yy);
    if (*out > 1 || *out < -1)
        *out = *out > 0 ? 1 : -1;
    return c->xx != 0 && c->yy != 0;
}
static bool covar_pop(const struct centred *c, double *out)
{
    *out = c->xy / c->n;
    return true;
}
static bool covar_samp(const struct centred *c, double *out)
{
    *out = c->xy / (c->n - 1);
    return c->n >= 2;
}
static bool regr_avgx(const struct centred *c, double *out)
{
    *out = c->x / c->n;
    return true;
}
static bool regr_avgy(const struct centred *c, double *out)
{
    *out = c->y / c->n;
    return true;
}
static bool regr_intercept(const struct centred *c, double *out)
{
    *out = (c->y - c->x * c->xy / c->xx) / c->n;
    return c->xx != 0;
}
static bool regr_r2(const struct centred *c, double *out)
{
    *out = c->yy == 0 ? 1 : (c->xy * c->xy) / (c->xx * c->yy);
    return c->xx != 0;
}
static bool regr_slope(const struct centred *c, double *out)
{
    *out = c->xy / c->xx;
    return c->xx != 0;
}
static bool regr_sxx(const struct centred *c, double *out)
{
    *out = c->xx;
    return true;
}
static bool regr_sxy(const struct centred *c, double *out)
{
    *out = c->xy;
    return true;
}
static bool regr_syy(const struct centred *c, double *out)
{
    *out = c->yy;
    return true;
}

static void pairs_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset,
                         pairs_result result)
{
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct pairs *pairs = AGGREGATE_FINISH_STATE(struct pairs, states, i, offset);
        double value = 0;
        bool present = pairs->count >= 1;
        if (present) {
            struct centred c = centred_of(pairs);
            present = result(&c, &value);
        }
        if (!present)
            weir_aggregate_put_null(out, i);
        else if (!weir_aggregate_put_double(out, i, value, true))
            return;
    }
}

#define PAIRS_OPS(name)                                                                            \
    static void name##_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset) \
    {                                                                                              \
        pairs_finish(out, states, offset, name);                                                   \
    }                                                                                              \
    const struct weir_aggregate_ops weir_aggregate_##name = {                                      \
        pairs_size, pairs_update, pairs_merge, name##_finish, NULL, NULL};
PAIRS_OPS(corr)
PAIRS_OPS(covar_pop)
PAIRS_OPS(covar_samp)
PAIRS_OPS(regr_avgx)
PAIRS_OPS(regr_avgy)
PAIRS_OPS(regr_intercept)
PAIRS_OPS(regr_r2)
PAIRS_OPS(regr_slope)
PAIRS_OPS(regr_sxx)
PAIRS_OPS(regr_sxy)
PAIRS_OPS(regr_syy)

/* --- regr_count ------------------------------------------------------------------------------ */

AGGREGATE_SIZE(count_size, int64_t)

static void count_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                       uint32_t index, int64_t weight)
{
    (void)call, (void)lane, (void)index;
    *(int64_t *)(void *)state += weight;
}

static void count_update(struct weir_aggregate_call *call)
{
    aggregate_rows_all(call, 2, count_step);
}

static void count_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    int64_t *source = (int64_t *)(void *)(from + call->state_offset);
    *(int64_t *)(void *)(into + call->state_offset) += *source;
    *source = 0;
}

static void count_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    int64_t *values = out->out_values;
    for (uint32_t i = 0; i < out->rows_count; i++)
        values[i] = *AGGREGATE_FINISH_STATE(int64_t, states, i, offset);
}

const struct weir_aggregate_ops weir_aggregate_regr_count = {
    count_size, count_update, count_merge, count_finish, NULL, NULL};

/* --- product --------------------------------------------------------------------------------- */

struct product {
    double value;
    int64_t count;
};
AGGREGATE_SIZE(product_size, struct product)

static void product_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                         uint32_t index, int64_t weight)
{
    struct product *product = (struct product *)(void *)state;
    double value = AGGREGATE_VALUE(call, 0, double, index);
    if (weight != 1) /* a row that comes so often */
        value = pow(value, (double)weight);
    double next = product->count ? product->value * value : value;
    bool overflows = isinf(next) && isfinite(AGGREGATE_VALUE(call, 0, double, index)) &&
                     !(product->count && isinf(product->value));
    if (overflows &&
        weir_aggregate_fail(call, lane, WEIR_E_OVERFLOW, "product: DOUBLE out of range"))
        next = (double)NAN;
    product->value = next;
    product->count++;
}

static void product_update(struct weir_aggregate_call *call)
{
    aggregate_rows(call, product_step);
}

static void product_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct product *target = (struct product *)(void *)(into + call->state_offset);
    struct product *source = (struct product *)(void *)(from + call->state_offset);
    if (source->count)
        target->value = target->count ? target->value * source->value : source->value;
    target->count += source->count;
    memset(source, 0, sizeof *source);
}

static void product_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    double *values = out->out_values;
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct product *product = AGGREGATE_FINISH_STATE(struct product, states, i, offset);
        values[i] = product->value;
        if (!product->count)
            weir_aggregate_put_null(out, i);
    }
}

const struct weir_aggregate_ops weir_aggregate_product = {
    product_size, product_update, product_merge, product_finish, NULL, NULL};
