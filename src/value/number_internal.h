/* What the number files share: the parts of a decimal text and the digit-pair table. */
#ifndef WEIR_VALUE_NUMBER_INTERNAL_H
#define WEIR_VALUE_NUMBER_INTERNAL_H

#include "value/number.h"

/* '-012.50e3' is negative, whole "012", fraction "50", exponent 3. */
struct weir_number_text {
    struct weir_slice whole;
    struct weir_slice fraction;
    int64_t exponent; /* as written, held within ±10^12 */
    bool negative;
};

/* False when text is not of the grammar in value/number.h. */
WEIR_CHECKED bool weir_number_scan(struct weir_slice text, struct weir_number_text *out);

/* digits * 10^exponent10 against |value|, exactly: -1, 0, 1. exponent10 within ±400. */
int weir_number_compare_f64(uint64_t digits, int32_t exponent10, double value);

/* "00" "01" … "99" */
extern const char weir_number_pairs[200];

static inline bool weir_is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Eight bytes as they lie in memory, first byte lowest, on any machine. */
static inline uint64_t weir_load_8(const char *data)
{
    uint64_t word;
    memcpy(&word, data, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}
/* All eight bytes are ASCII digits. */
static inline bool weir_is_8_digits(uint64_t word)
{
    return ((word & UINT64_C(0xF0F0F0F0F0F0F0F0)) |
            (((word + UINT64_C(0x0606060606060606)) & UINT64_C(0xF0F0F0F0F0F0F0F0)) >> 4)) ==
           UINT64_C(0x3333333333333333);
}
/* Their value: pairs, then fours, then all, by multiplication. */
static inline uint32_t weir_parse_8_digits(uint64_t word)
{
    word -= UINT64_C(0x3030303030303030);
    word = word * 10 + (word >> 8);
    uint64_t low = (word & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064);
    uint64_t high = (word >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001);
    return (uint32_t)((low + high) >> 32);
}

#endif
