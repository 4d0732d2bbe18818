/* Double-double arithmetic: a number as high + low, |low| <= half a unit of high; some 106 bits.
 * Knuth's TwoSum and Dekker's product (T. J. Dekker, "A floating-point technique for extending the
 * available precision", 1971), without fused operations, so the same bits come out everywhere.
 * Private to kernel/aggregate/. */
#ifndef WEIR_KERNEL_AGGREGATE_TWOFOLD_H
#define WEIR_KERNEL_AGGREGATE_TWOFOLD_H

#include "base/compiler.h"

#include <math.h>
#include <stdbool.h>

struct twofold {
    double high;
    double low;
};

/* a + b exactly. */
WEIR_INLINE struct twofold twofold_sum(double a, double b)
{
    double sum = a + b, part = sum - a;
    return (struct twofold){sum, (a - (sum - part)) + (b - part)};
}

/* a * b exactly, but for values near the ends of the range, where low is 0. */
WEIR_INLINE struct twofold twofold_product(double a, double b)
{
    const double splitter = 134217729.0; /* 2^27 + 1 */
    double product = a * b;
    if (WEIR_UNLIKELY(!(fabs(a) < 0x1p990 && fabs(b) < 0x1p990 && fabs(product) > 0x1p-960)))
        return (struct twofold){product, 0};
    double a_scaled = a * splitter, b_scaled = b * splitter;
    double a_high = a_scaled - (a_scaled - a), b_high = b_scaled - (b_scaled - b);
    double a_low = a - a_high, b_low = b - b_high;
    double error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    return (struct twofold){product, error};
}

WEIR_INLINE struct twofold twofold_add(struct twofold a, struct twofold b)
{
    struct twofold sum = twofold_sum(a.high, b.high);
    double low = sum.low + (a.low + b.low), high = sum.high + low;
    return (struct twofold){high, low - (high - sum.high)};
}

WEIR_INLINE struct twofold twofold_negate(struct twofold a)
{
    return (struct twofold){-a.high, -a.low};
}

WEIR_INLINE struct twofold twofold_mul(struct twofold a, struct twofold b)
{
    struct twofold product = twofold_product(a.high, b.high);
    double low = product.low + (a.high * b.low + a.low * b.high), high = product.high + low;
    return (struct twofold){high, low - (high - product.high)};
}

/* a * b of a double-double and a double. */
WEIR_INLINE struct twofold twofold_scale(struct twofold a, double b)
{
    return twofold_mul(a, (struct twofold){b, 0});
}

WEIR_INLINE bool twofold_is_finite(struct twofold a)
{
    return isfinite(a.high) && isfinite(a.low);
}

/* --- sums about a shift ------------------------------------------------------------------ */

/* Of d = x - shift, where shift is the first x seen: sums of d and d^2. */
struct twofold_moments {
    double shift;
    struct twofold sum;
    struct twofold squares;
};

/* Adds x as often as weight says; is_first: nothing is in it yet. False, and unchanged, when a sum
 * would not be finite. */
static inline bool twofold_moments_add(struct twofold_moments *moments, bool is_first, double x,
                                       double weight)
{
    if (is_first)
        *moments = (struct twofold_moments){.shift = x};
    struct twofold difference = twofold_sum(x, -moments->shift);
    struct twofold square = twofold_mul(difference, difference);
    if (weight != 1) {
        difference = twofold_scale(difference, weight);
        square = twofold_scale(square, weight);
    }
    struct twofold sum = twofold_add(moments->sum, difference);
    struct twofold squares = twofold_add(moments->squares, square);
    if (!twofold_is_finite(sum) || !twofold_is_finite(squares))
        return false;
    moments->sum = sum;
    moments->squares = squares;
    return true;
}

/* into += from, which holds n values; with s = from's shift less into's,
 * sum (d + s) = sum d + n s and sum (d + s)^2 = sum d^2 + 2 s sum d + n s^2. */
static inline bool twofold_moments_merge(struct twofold_moments *into,
                                         const struct twofold_moments *from, double n)
{
    struct twofold s = twofold_sum(from->shift, -into->shift);
    struct twofold sum = twofold_add(from->sum, twofold_scale(s, n));
    struct twofold cross = twofold_add(from->sum, sum); /* 2 sum d + n s */
    struct twofold squares = twofold_add(from->squares, twofold_mul(s, cross));
    sum = twofold_add(into->sum, sum);
    squares = twofold_add(into->squares, squares);
    if (!twofold_is_finite(sum) || !twofold_is_finite(squares))
        return false;
    into->sum = sum;
    into->squares = squares;
    return true;
}

/* n * products - a * b, which is n^2 times a covariance. What rounding alone may have made of
 * `size`, the magnitude of the products, is 0. */
static inline double twofold_spread(double n, struct twofold a, struct twofold b,
                                    struct twofold products, double size)
{
    struct twofold spread =
        twofold_add(twofold_scale(products, n), twofold_negate(twofold_mul(a, b)));
    double value = spread.high + spread.low;
    return fabs(value) <= fabs(size) * n * 0x1p-98 ? 0 : value;
}
/* n^2 times the variance of the n values. */
static inline double twofold_moments_spread(const struct twofold_moments *moments, double n)
{
    return twofold_spread(n, moments->sum, moments->sum, moments->squares, moments->squares.high);
}

#endif
