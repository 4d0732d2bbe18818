/* Numbers into text where every nanosecond counts: inline, and without a branch on the count of
 * digits, which in data is anyone's guess.
 *
 *     30517 ─▶ bytes 0 0 0 3 0 5 1 7 ─▶ + '0', shifted past the leading zeros ─▶ one store
 *
 * All functions write at p, return where the text ends, and may scribble on as much as
 * WEIR_NUMBER_PUT_MAX bytes from p. The texts are those of value/number.h.
 * Tested in tests/unit/value/test_number_put.c. */
#ifndef WEIR_VALUE_NUMBER_PUT_H
#define WEIR_VALUE_NUMBER_PUT_H

#include "base/compiler.h"
#include "value/number.h"

#include <math.h>

enum { WEIR_NUMBER_PUT_MAX = 32 };

/* Bytes of a word as they come in memory, lowest first, on any machine. */
WEIR_INLINE void weir_store_8(char *to, uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    memcpy(to, &word, 8);
}

/* The digits of value < 10^8, one a byte, the first one lowest: quotients by 10^4, then by 100,
 * then by 10, of all parts at once. Each multiplier is a reciprocal that is exact in its range. */
WEIR_INLINE uint64_t weir_digits_of_8(uint32_t value)
{
    uint64_t fours = value / 10000 | (uint64_t)(value % 10000) << 32;
    uint64_t hundreds = (fours * 10486 >> 20) & UINT64_C(0x0000007F0000007F);
    uint64_t pairs = hundreds | (fours - hundreds * 100) << 16;
    uint64_t tens = (pairs * 103 >> 10) & UINT64_C(0x000F000F000F000F);
    return tens | (pairs - tens * 10) << 8;
}

#define WEIR_ZERO_DIGITS UINT64_C(0x3030303030303030)

WEIR_INLINE char *weir_put_below_10_8(char *p, uint32_t value)
{
    uint64_t digits = weir_digits_of_8(value);
    /* the last digit counts even when it is zero */
    unsigned zeros = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) / 8;
    weir_store_8(p, (digits | WEIR_ZERO_DIGITS) >> (8 * zeros));
    return p + 8 - zeros;
}

WEIR_INLINE char *weir_put_u64(char *p, uint64_t value)
{
    if (value < 100000000)
        return weir_put_below_10_8(p, (uint32_t)value);
    if (WEIR_UNLIKELY(value >= UINT64_C(10000000000000000)))
        return p + weir_number_print_u64(p, value);
    p = weir_put_below_10_8(p, (uint32_t)(value / 100000000));
    weir_store_8(p, weir_digits_of_8((uint32_t)(value % 100000000)) | WEIR_ZERO_DIGITS);
    return p + 8;
}

WEIR_INLINE char *weir_put_i64(char *p, int64_t value)
{
    *p = '-';
    return weir_put_u64(p + (value < 0), value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* The digits above the last eight that the numbers from first on, 10^8 of them, begin with. Times
 * and identifiers of one file mostly share them. All zero at first. */
struct weir_number_head {
    uint64_t first, text;
    unsigned size;
};

/* False for what has more than sixteen digits. */
WEIR_INLINE bool weir_number_head_set(struct weir_number_head *head, uint64_t value)
{
    if (value >= UINT64_C(10000000000000000))
        return false;
    char text[16];
    uint64_t high = value / 100000000;
    head->first = high * 100000000;
    head->size = (unsigned)(weir_put_below_10_8(text, (uint32_t)high) - text);
    memcpy(&head->text, text, sizeof head->text);
    return true;
}

/* As weir_put_i64; head is kept from number to number. */
WEIR_INLINE char *weir_put_i64_like(char *p, int64_t value, struct weir_number_head *head)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    *p = '-';
    p += value < 0;
    if (magnitude < 100000000)
        return weir_put_below_10_8(p, (uint32_t)magnitude);
    if (WEIR_UNLIKELY(magnitude - head->first >= 100000000) &&
        !weir_number_head_set(head, magnitude))
        return p + weir_number_print_u64(p, magnitude);
    memcpy(p, &head->text, sizeof head->text);
    weir_store_8(p + head->size,
                 weir_digits_of_8((uint32_t)(magnitude - head->first)) | WEIR_ZERO_DIGITS);
    return p + head->size + 8;
}

/* A point and four digits, the first one lowest, without the zeros at the end; nothing for 0. */
WEIR_INLINE char *weir_put_fraction_4(char *p, uint32_t digits)
{
    unsigned zeros = (unsigned)__builtin_clz(digits | 1) / 8;
    weir_store_8(p, '.' | ((uint64_t)digits | (uint32_t)WEIR_ZERO_DIGITS) << 8);
    return digits ? p + 5 - zeros : p;
}

/* Eight digits with a point in their middle: no zeros before, but for one, and none behind. */
WEIR_INLINE char *weir_put_decimal_4(char *p, uint64_t digits)
{
    unsigned zeros = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 24) / 8;
    weir_store_8(p, (digits | WEIR_ZERO_DIGITS) >> (8 * zeros));
    return weir_put_fraction_4(p + 4 - zeros, (uint32_t)(digits >> 32));
}

/* Most doubles in data have at most four decimals. Such a one is the quotient of an integer n <
 * 10^15 and 10^4, both exact; no other decimal of up to 15 digits reads back the same, so n's
 * digits without trailing zeros are the shortest text. */
WEIR_INLINE char *weir_put_f64(char *p, double value)
{
    double magnitude = fabs(value);
    if (WEIR_UNLIKELY(!(magnitude < 1e10 && magnitude >= 1e-4)))
        return p + weir_number_print_f64(p, value);
    uint64_t scaled = (uint64_t)(int64_t)(magnitude * 1e4 + 0.5);
    if ((double)(int64_t)scaled / 1e4 != magnitude)
        return p + weir_number_print_f64(p, value);
    *p = '-';
    p += value < 0;
    if (scaled < 100000000) /* a whole of up to four digits: both parts at once */
        return weir_put_decimal_4(p, weir_digits_of_8((uint32_t)scaled));
    p = weir_put_u64(p, scaled / 10000);
    return weir_put_fraction_4(p, (uint32_t)(weir_digits_of_8((uint32_t)(scaled % 10000)) >> 32));
}

#endif
