/* Unsigned 256-bit integers, for the intermediates of decimal arithmetic. */
#ifndef WEIR_VALUE_DECIMAL_INTERNAL_H
#define WEIR_VALUE_DECIMAL_INTERNAL_H

#include "value/decimal.h"

struct weir_u256 {
    uint64_t limbs[4]; /* least significant first */
};

static inline struct weir_u256 weir_u256_from(weir_u128 value)
{
    return (struct weir_u256){{(uint64_t)value, (uint64_t)(value >> 64), 0, 0}};
}
static inline bool weir_u256_fits_u128(struct weir_u256 a)
{
    return (a.limbs[2] | a.limbs[3]) == 0;
}
static inline weir_u128 weir_u256_low(struct weir_u256 a)
{
    return weir_u128_make(a.limbs[1], a.limbs[0]);
}
int weir_u256_compare(struct weir_u256 a, struct weir_u256 b);
struct weir_u256 weir_u256_mul(weir_u128 a, weir_u128 b);
/* False when the product leaves 256 bits. */
bool weir_u256_mul_u128(struct weir_u256 a, weir_u128 b, struct weir_u256 *out);
/* False on carry out of 256 bits. */
bool weir_u256_add(struct weir_u256 a, struct weir_u256 b, struct weir_u256 *out);
/* a >= b. */
struct weir_u256 weir_u256_sub(struct weir_u256 a, struct weir_u256 b);
/* b != 0; either result may be NULL. */
void weir_u256_divmod(struct weir_u256 a, struct weir_u256 b, struct weir_u256 *quotient,
                      struct weir_u256 *remainder);
/* a / b rounded half up; false when it exceeds 38 digits. b != 0. */
bool weir_u256_div_round(struct weir_u256 a, struct weir_u256 b, weir_u128 *out);
/* 10^n, n <= 76. */
struct weir_u256 weir_u256_pow10(uint32_t n);

/* 10^38. */
#define WEIR_DECIMAL_LIMIT ((weir_u128)weir_decimal_pow10(38))

#endif
