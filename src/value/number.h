/* Numbers from text and to text, correctly rounded, independent of any locale.
 *
 * Parsers take the whole slice: no white space, nothing before or after (callers that allow white
 * space trim first, base/slice.h). Grammar: [+-] digits [. digits] [(e|E) [+-] digits], with at
 * least one digit before or after the point; integers are [+-] digits. JSON's narrower grammar is
 * checked by value/json_token.h before a number comes here.
 *
 * How doubles are read: up to 19 significant digits go into a 64-bit integer w with a decimal
 * exponent q. Small cases are exact in one operation (W. D. Clinger, "How to read floating point
 * numbers accurately", PLDI 1990); else w is multiplied by a 128-bit approximation of 5^q (D.
 * Lemire, "Number parsing at a gigabyte per second", 2021, after M. Eisel); what that cannot decide
 * (halfway cases, more than 19 digits) is settled with exact integers of up to some 1,100 bits.
 *
 * How they are printed: the shortest decimal that reads back the same, nearest to the true value
 * (R. Giulietti's Schubfach, "The Schubfach way to render doubles", 2020), laid out as
 * Postgres 15 does: plain from 1e-4 up to below 1e15 (1e6 for REAL), else d.ddde+XX.
 *
 * Tested in tests/unit/value/test_number.c against strtod and printf; fuzz/fuzz_value_number.c. */
#ifndef WEIR_VALUE_NUMBER_H
#define WEIR_VALUE_NUMBER_H

#include "base/compiler.h"
#include "base/slice.h"
#include "value/int128.h"
#include "value/parse.h"

/* Room that a printed number may need. Printers write no terminating NUL. */
enum {
    WEIR_NUMBER_I64_SIZE = 20,
    WEIR_NUMBER_I128_SIZE = 40,
    WEIR_NUMBER_F64_SIZE = 32,
    WEIR_NUMBER_F32_SIZE = 24
};

/* *out is set only on WEIR_PARSE_OK. */
WEIR_CHECKED enum weir_parse weir_number_parse_i64(struct weir_slice text, int64_t *out);
WEIR_CHECKED enum weir_parse weir_number_parse_u64(struct weir_slice text, uint64_t *out);
WEIR_CHECKED enum weir_parse weir_number_parse_i128(struct weir_slice text, weir_i128 *out);

/* An integer column fed from a decimal: 12.0, 1.2e1 and 120e-1 are 12; 12.5 is SYNTAX. */
WEIR_CHECKED enum weir_parse weir_number_parse_integral(struct weir_slice text, weir_i128 *out);

/* Nearest double, ties to even. RANGE when finite text rounds to infinity (*out = ±infinity), as
 * in Postgres also when non-zero text rounds to zero (*out = ±0, which JSON readers may take). */
WEIR_CHECKED enum weir_parse weir_number_parse_f64(struct weir_slice text, double *out);
WEIR_CHECKED enum weir_parse weir_number_parse_f32(struct weir_slice text, float *out);

/* The same, and NaN, Infinity, inf with an optional sign, in any case, as Postgres reads float8. */
WEIR_CHECKED enum weir_parse weir_number_parse_f64_sql(struct weir_slice text, double *out);
WEIR_CHECKED enum weir_parse weir_number_parse_f32_sql(struct weir_slice text, float *out);

/* digits * 10^exponent10, correctly rounded; infinity when too great, 0 when too small. */
double weir_number_f64_from_decimal(uint64_t digits, int32_t exponent10, bool negative);

/* Each writes to out (at least the size above) and returns how many bytes. */
size_t weir_number_print_i64(char *out, int64_t value);
size_t weir_number_print_u64(char *out, uint64_t value);
size_t weir_number_print_i128(char *out, weir_i128 value);
size_t weir_number_print_u128(char *out, weir_u128 value);
/* Postgres text: 0.1, 1e+20, -0, NaN, Infinity. The finite forms are JSON numbers too. */
size_t weir_number_print_f64(char *out, double value);
size_t weir_number_print_f32(char *out, float value);

/* Shortest decimal of a finite, non-zero value: |value| = digits * 10^exponent10, digits without
 * trailing zeros. */
struct weir_number_decimal {
    uint64_t digits;
    int32_t exponent10;
};
struct weir_number_decimal weir_number_shortest_f64(double value);
struct weir_number_decimal weir_number_shortest_f32(float value);

/* Number of decimal digits of value; 1 for 0. */
unsigned weir_number_digits_u64(uint64_t value);

/* Zero-padded: exactly two / four digits. value must fit. */
void weir_number_print_2(char *out, uint32_t value);
void weir_number_print_4(char *out, uint32_t value);

#endif
