/* The 128-bit integers under one name each (pedantic mode wants __extension__ at every use). */
#ifndef WEIR_VALUE_INT128_H
#define WEIR_VALUE_INT128_H

#include <stdint.h>

__extension__ typedef __int128 weir_i128;
__extension__ typedef unsigned __int128 weir_u128;

#define WEIR_I128_MAX ((weir_i128)(~(weir_u128)0 >> 1))
#define WEIR_I128_MIN (-WEIR_I128_MAX - 1)

static inline weir_u128 weir_u128_make(uint64_t high, uint64_t low)
{
    return (weir_u128)high << 64 | low;
}
/* |value|, also right for the least value. */
static inline weir_u128 weir_i128_magnitude(weir_i128 value)
{
    return value < 0 ? (weir_u128)0 - (weir_u128)value : (weir_u128)value;
}

#endif
