/* Rounding of doubles without the maths library. */
#ifndef WEIR_VALUE_ROUNDING_INTERNAL_H
#define WEIR_VALUE_ROUNDING_INTERNAL_H

/* Nearest integer, ties to even: adding 2^52 leaves no room for a fraction. */
static inline double weir_rint(double value)
{
    const double shift = value < 0 ? -0x1p52 : 0x1p52;
    if (!(value > -0x1p52 && value < 0x1p52))
        return value;                        /* an integer already, or NaN, or infinite */
    volatile double shifted = value + shift; /* volatile: not to be folded into value */
    return shifted - shift;
}

#endif
