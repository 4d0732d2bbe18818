/* DECIMAL(p <= 38, s): an unscaled 128-bit integer and a scale; value = unscaled / 10^scale.
 *
 * 12.50 with scale 2 is {1250, 2}. |unscaled| < 10^38 always (38 nines is the greatest); scale is
 * 0..38. All rounding is half away from zero, as Postgres numeric. Results that need more than 38
 * digits are WEIR_ARITH_OVERFLOW; intermediate products and quotients use 256 bits, so nothing
 * overflows early. Columns keep the scale in their type: use the functions with the struct and
 * store .unscaled. Tested against Postgres and Python's decimal. */
#ifndef WEIR_VALUE_DECIMAL_H
#define WEIR_VALUE_DECIMAL_H

#include "base/compiler.h"
#include "base/slice.h"
#include "value/int128.h"
#include "value/parse.h"

enum {
    WEIR_DECIMAL_PRECISION_MAX = 38,
    WEIR_DECIMAL_SIZE = 48 /* room to print: sign, 39 digits, point */
};

struct weir_decimal {
    weir_i128 unscaled;
    uint32_t scale;
};

static inline struct weir_decimal weir_decimal_make(weir_i128 unscaled, uint32_t scale)
{
    return (struct weir_decimal){unscaled, scale};
}

/* 10^n, n <= 38. */
weir_i128 weir_decimal_pow10(uint32_t n);
/* Decimal digits of |unscaled|; 0 for 0. */
uint32_t weir_decimal_digits(weir_i128 unscaled);
/* |unscaled| < 10^precision. */
bool weir_decimal_fits(weir_i128 unscaled, uint32_t precision);

/* Text into DECIMAL(precision, scale), rounded; RANGE when it needs more digits. Grammar as
 * value/number.h (exponents included). NaN and Infinity are SYNTAX. */
WEIR_CHECKED enum weir_parse weir_decimal_parse(struct weir_slice text, uint32_t precision,
                                                uint32_t scale, weir_i128 *out);
/* Text with the scale it is written in ('1.50' -> {150, 2}, '1e3' -> {1000, 0}); digits beyond 38
 * are rounded off the fraction; RANGE when the integer part alone exceeds 38. For literals. */
WEIR_CHECKED enum weir_parse weir_decimal_parse_natural(struct weir_slice text,
                                                        struct weir_decimal *out);
/* All scale digits are printed ('1.50'). Returns the size. */
size_t weir_decimal_print(char *out, struct weir_decimal value);
/* The same value with the least scale (trim_scale): 1.50 -> 1.5. */
struct weir_decimal weir_decimal_trim(struct weir_decimal value);

WEIR_CHECKED enum weir_arith weir_decimal_rescale(struct weir_decimal value, uint32_t scale,
                                                  weir_i128 *out);

/* out is at the given scale, rounded once. Sums and products are exact when scale is
 * max(s1, s2) and s1 + s2. mod takes the sign of a (as %), at any scale >= max(s1, s2). */
WEIR_CHECKED enum weir_arith weir_decimal_add(struct weir_decimal a, struct weir_decimal b,
                                              uint32_t scale, weir_i128 *out);
WEIR_CHECKED enum weir_arith weir_decimal_sub(struct weir_decimal a, struct weir_decimal b,
                                              uint32_t scale, weir_i128 *out);
WEIR_CHECKED enum weir_arith weir_decimal_mul(struct weir_decimal a, struct weir_decimal b,
                                              uint32_t scale, weir_i128 *out);
WEIR_CHECKED enum weir_arith weir_decimal_div(struct weir_decimal a, struct weir_decimal b,
                                              uint32_t scale, weir_i128 *out);
WEIR_CHECKED enum weir_arith weir_decimal_mod(struct weir_decimal a, struct weir_decimal b,
                                              uint32_t scale, weir_i128 *out);
/* Integer quotient towards zero (Postgres div()), at scale 0. */
WEIR_CHECKED enum weir_arith weir_decimal_div_trunc(struct weir_decimal a, struct weir_decimal b,
                                                    weir_i128 *out);

/* -1, 0, 1 by value, whatever the scales. */
int weir_decimal_compare(struct weir_decimal a, struct weir_decimal b);

/* round/trunc to digits after the point; digits may be negative (round(1250, -2) = 1300). The
 * result's scale is max(digits, 0), capped by the value's own; ceil and floor have scale 0. */
WEIR_CHECKED enum weir_arith weir_decimal_round(struct weir_decimal value, int32_t digits,
                                                struct weir_decimal *out);
WEIR_CHECKED enum weir_arith weir_decimal_trunc(struct weir_decimal value, int32_t digits,
                                                struct weir_decimal *out);
struct weir_decimal weir_decimal_ceil(struct weir_decimal value);
struct weir_decimal weir_decimal_floor(struct weir_decimal value);

/* Nearest double (one rounding). */
double weir_decimal_to_f64(struct weir_decimal value);
/* As Postgres: the shortest decimal of the double (15 significant digits for float8, 6 for float4
 * as Postgres casts), then rounded to the scale. OVERFLOW for NaN, infinities, too many digits. */
WEIR_CHECKED enum weir_arith weir_decimal_from_f64(double value, uint32_t scale, weir_i128 *out);
WEIR_CHECKED enum weir_arith weir_decimal_from_f32(float value, uint32_t scale, weir_i128 *out);
/* Rounded half away from zero to an integer. */
WEIR_CHECKED enum weir_arith weir_decimal_to_i64(struct weir_decimal value, int64_t *out);
WEIR_CHECKED enum weir_arith weir_decimal_from_i64(int64_t value, uint32_t scale, weir_i128 *out);

/* To the given scale, correct to the last digit. DOMAIN: sqrt of a negative, ln/log of <= 0, 0 to a
 * negative power, a negative number to a fractional power. */
WEIR_CHECKED enum weir_arith weir_decimal_sqrt(struct weir_decimal value, uint32_t scale,
                                               weir_i128 *out);
WEIR_CHECKED enum weir_arith weir_decimal_ln(struct weir_decimal value, uint32_t scale,
                                             weir_i128 *out);
WEIR_CHECKED enum weir_arith weir_decimal_log(struct weir_decimal base, struct weir_decimal value,
                                              uint32_t scale, weir_i128 *out);
WEIR_CHECKED enum weir_arith weir_decimal_exp(struct weir_decimal value, uint32_t scale,
                                              weir_i128 *out);
WEIR_CHECKED enum weir_arith weir_decimal_pow(struct weir_decimal base,
                                              struct weir_decimal exponent, uint32_t scale,
                                              weir_i128 *out);

#endif
