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

/* n * products - sum_x * sum_y, which is n^2 times a covariance. What the rounding of the products
 * alone could have made is 0: `size` is their magnitude (the sum of x^2 or like it). */
static inline double twofold_spread(double n, struct twofold sum_x, struct twofold sum_y,
                                    struct twofold products, double size)
{
    struct twofold spread = twofold_add(twofold_scale(products, n),
                                        twofold_negate(twofold_mul(sum_x, sum_y)));
    double value = spread.high + spread.low;
    return fabs(value) <= fabs(size) * n * 0x1p-98 ? 0 : value;
}

#endif
