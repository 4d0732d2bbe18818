/* Arithmetic that says when it overflows. Sizes that depend on input are computed with these. */
#ifndef WEIR_BASE_CHECKED_H
#define WEIR_BASE_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEIR_CHECKED_FUNCTIONS(suffix, type)                        \
    static inline bool weir_add_##suffix(type a, type b, type *out) \
    {                                                               \
        return !__builtin_add_overflow(a, b, out);                  \
    }                                                               \
    static inline bool weir_sub_##suffix(type a, type b, type *out) \
    {                                                               \
        return !__builtin_sub_overflow(a, b, out);                  \
    }                                                               \
    static inline bool weir_mul_##suffix(type a, type b, type *out) \
    {                                                               \
        return !__builtin_mul_overflow(a, b, out);                  \
    }

/* Each: true and *out set, or false when the result does not fit. */
WEIR_CHECKED_FUNCTIONS(size, size_t)
WEIR_CHECKED_FUNCTIONS(i32, int32_t)
WEIR_CHECKED_FUNCTIONS(i64, int64_t)
__extension__ typedef __int128 weir_i128;
WEIR_CHECKED_FUNCTIONS(i128, weir_i128)

/* Quotient and remainder towards minus infinity; b > 0. */
static inline int64_t weir_floor_div_i64(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - (a % b < 0);
}
static inline int64_t weir_floor_mod_i64(int64_t a, int64_t b)
{
    int64_t r = a % b;
    return r < 0 ? r + b : r;
}

/* The upper half of the product. */
static inline uint64_t weir_mul_high_u64(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)(product >> 64);
}

/* The greatest common divisor; of 0 and x it is x. */
static inline uint64_t weir_gcd_u64(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}
/* Of magnitudes; neither is INT64_MIN. */
static inline int64_t weir_gcd_i64(int64_t a, int64_t b)
{
    return (int64_t)weir_gcd_u64((uint64_t)(a < 0 ? -a : a), (uint64_t)(b < 0 ? -b : b));
}

#endif
