/* Integers from text and to text, and the scanner of decimal texts.
 *
 * Digits are read and written eight at a time, three multiplications per eight. Contracts:
 * value/number.h. */
#include "value/number.h"
#include "base/checked.h"
#include "value/number_internal.h"

const char weir_number_pairs[200] = {
    '0', '0', '0', '1', '0', '2', '0', '3', '0', '4', '0', '5', '0', '6', '0', '7', '0', '8', '0',
    '9', '1', '0', '1', '1', '1', '2', '1', '3', '1', '4', '1', '5', '1', '6', '1', '7', '1', '8',
    '1', '9', '2', '0', '2', '1', '2', '2', '2', '3', '2', '4', '2', '5', '2', '6', '2', '7', '2',
    '8', '2', '9', '3', '0', '3', '1', '3', '2', '3', '3', '3', '4', '3', '5', '3', '6', '3', '7',
    '3', '8', '3', '9', '4', '0', '4', '1', '4', '2', '4', '3', '4', '4', '4', '5', '4', '6', '4',
    '7', '4', '8', '4', '9', '5', '0', '5', '1', '5', '2', '5', '3', '5', '4', '5', '5', '5', '6',
    '5', '7', '5', '8', '5', '9', '6', '0', '6', '1', '6', '2', '6', '3', '6', '4', '6', '5', '6',
    '6', '6', '7', '6', '8', '6', '9', '7', '0', '7', '1', '7', '2', '7', '3', '7', '4', '7', '5',
    '7', '6', '7', '7', '7', '8', '7', '9', '8', '0', '8', '1', '8', '2', '8', '3', '8', '4', '8',
    '5', '8', '6', '8', '7', '8', '8', '8', '9', '9', '0', '9', '1', '9', '2', '9', '3', '9', '4',
    '9', '5', '9', '6', '9', '7', '9', '8', '9', '9'};

/* Takes a sign off the front; what remains goes to *digits. */
static bool take_sign(struct weir_slice text, struct weir_slice *digits)
{
    *digits = text;
    if (!text.size || (text.data[0] != '-' && text.data[0] != '+'))
        return false;
    *digits = weir_slice_make(text.data + 1, text.size - 1);
    return text.data[0] == '-';
}

static enum weir_parse parse_magnitude_64(struct weir_slice digits, uint64_t *out)
{
    const char *at = digits.data;
    const char *end = at + digits.size;
    uint64_t value = 0;

    if (digits.size == 0)
        return WEIR_PARSE_SYNTAX;
    if (digits.size >= 8 && weir_is_8_digits(weir_load_8(at))) {
        value = weir_parse_8_digits(weir_load_8(at));
        at += 8;
        if (end - at >= 8 && weir_is_8_digits(weir_load_8(at))) {
            value = value * 100000000 + weir_parse_8_digits(weir_load_8(at));
            at += 8;
        }
    }
    for (; at < end && weir_is_digit(*at); at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > UINT64_MAX / 10 || value * 10 > UINT64_MAX - digit) {
            while (at < end && weir_is_digit(*at))
                at++;
            return at == end ? WEIR_PARSE_RANGE : WEIR_PARSE_SYNTAX;
        }
        value = value * 10 + digit;
    }
    if (at != end)
        return WEIR_PARSE_SYNTAX;
    *out = value;
    return WEIR_PARSE_OK;
}

enum weir_parse weir_number_parse_i64(struct weir_slice text, int64_t *out)
{
    struct weir_slice digits;
    bool negative = take_sign(text, &digits);
    uint64_t magnitude = 0;
    enum weir_parse result = parse_magnitude_64(digits, &magnitude);

    if (WEIR_UNLIKELY(result != WEIR_PARSE_OK))
        return result;
    if (WEIR_UNLIKELY(magnitude > (uint64_t)INT64_MAX + negative))
        return WEIR_PARSE_RANGE;
    *out = (int64_t)(negative ? 0 - magnitude : magnitude);
    return WEIR_PARSE_OK;
}

enum weir_parse weir_number_parse_u64(struct weir_slice text, uint64_t *out)
{
    struct weir_slice digits;
    bool negative = take_sign(text, &digits);
    uint64_t magnitude = 0;
    enum weir_parse result = parse_magnitude_64(digits, &magnitude);

    if (WEIR_UNLIKELY(result != WEIR_PARSE_OK))
        return result;
    if (negative && magnitude)
        return WEIR_PARSE_RANGE;
    *out = magnitude;
    return WEIR_PARSE_OK;
}

/* *value = *value * 10 + digit; false when it leaves 128 bits. */
static bool push_digit(weir_u128 *value, unsigned digit)
{
    weir_u128 next;
    return !__builtin_mul_overflow(*value, (weir_u128)10, &next) &&
           !__builtin_add_overflow(next, (weir_u128)digit, value);
}

static enum weir_parse finish_i128(weir_u128 magnitude, bool negative, weir_i128 *out)
{
    if (magnitude > (weir_u128)WEIR_I128_MAX + (negative ? 1U : 0U))
        return WEIR_PARSE_RANGE;
    *out = (weir_i128)(negative ? (weir_u128)0 - magnitude : magnitude);
    return WEIR_PARSE_OK;
}

enum weir_parse weir_number_parse_i128(struct weir_slice text, weir_i128 *out)
{
    struct weir_slice digits;
    bool negative = take_sign(text, &digits);
    weir_u128 magnitude = 0;
    bool fits = true;

    if (!digits.size)
        return WEIR_PARSE_SYNTAX;
    for (size_t i = 0; i < digits.size; i++) {
        if (!weir_is_digit(digits.data[i]))
            return WEIR_PARSE_SYNTAX;
        fits = fits && push_digit(&magnitude, (unsigned)(digits.data[i] - '0'));
    }
    return fits ? finish_i128(magnitude, negative, out) : WEIR_PARSE_RANGE;
}

/* Reads [eE][+-]digits from at; NULL when malformed. */
static const char *scan_exponent(const char *at, const char *end, int64_t *exponent)
{
    bool negative = false;
    int64_t value = 0;

    at++;
    if (at < end && (*at == '+' || *at == '-'))
        negative = *at++ == '-';
    if (at == end || !weir_is_digit(*at))
        return NULL;
    for (; at < end && weir_is_digit(*at); at++)
        if (value < INT64_C(100000000000))
            value = value * 10 + (*at - '0');
    *exponent = negative ? -value : value;
    return at;
}

bool weir_number_scan(struct weir_slice text, struct weir_number_text *out)
{
    struct weir_slice rest;
    out->negative = take_sign(text, &rest);
    out->exponent = 0;
    const char *at = rest.data;
    const char *end = at + rest.size;
    const char *start = at;

    while (at < end && weir_is_digit(*at))
        at++;
    out->whole = weir_slice_make(start, (size_t)(at - start));
    out->fraction = weir_slice_make(at, 0);
    if (at < end && *at == '.') {
        start = ++at;
        while (at < end && weir_is_digit(*at))
            at++;
        out->fraction = weir_slice_make(start, (size_t)(at - start));
    }
    if (out->whole.size + out->fraction.size == 0)
        return false;
    if (at < end && (*at == 'e' || *at == 'E')) {
        at = scan_exponent(at, end, &out->exponent);
        if (!at)
            return false;
    }
    return at == end;
}

/* The i-th digit of whole and fraction written together; 0 beyond the end. */
static unsigned digit_at(const struct weir_number_text *number, uint64_t i)
{
    if (i < number->whole.size)
        return (unsigned)(number->whole.data[i] - '0');
    i -= number->whole.size;
    return i < number->fraction.size ? (unsigned)(number->fraction.data[i] - '0') : 0;
}

enum weir_parse weir_number_parse_integral(struct weir_slice text, weir_i128 *out)
{
    struct weir_number_text number;
    if (!weir_number_scan(text, &number))
        return WEIR_PARSE_SYNTAX;

    int64_t point = (int64_t)number.whole.size + number.exponent; /* digits before the point */
    uint64_t written = number.whole.size + number.fraction.size;
    uint64_t whole = point < 0 ? 0 : (uint64_t)point;
    weir_u128 magnitude = 0;
    bool fits = true;

    for (uint64_t i = whole; i < written; i++)
        if (digit_at(&number, i))
            return WEIR_PARSE_SYNTAX;
    for (uint64_t i = 0; i < whole && i < written; i++)
        fits = fits && push_digit(&magnitude, digit_at(&number, i));
    if (magnitude == 0 && fits)
        return finish_i128(0, false, out);
    for (uint64_t i = written; i < whole && fits; i++)
        fits = push_digit(&magnitude, 0);
    return fits ? finish_i128(magnitude, number.negative, out) : WEIR_PARSE_RANGE;
}

unsigned weir_number_digits_u64(uint64_t value)
{
    static const uint64_t powers[20] = {0,
                                        10,
                                        100,
                                        1000,
                                        10000,
                                        100000,
                                        1000000,
                                        10000000,
                                        100000000,
                                        1000000000,
                                        10000000000,
                                        100000000000,
                                        1000000000000,
                                        10000000000000,
                                        100000000000000,
                                        1000000000000000,
                                        10000000000000000,
                                        100000000000000000,
                                        1000000000000000000,
                                        UINT64_C(10000000000000000000)};
    /* 1233 / 4096 is a little above log10(2): bits -> digits, one too few or right. */
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
    unsigned guess = bits * 1233 >> 12;
    return guess + (value >= powers[guess] || guess == 0);
}

/* The eight digits of value, below 10^8, a byte each, the first one lowest: by fours, twos, ones,
 * all at once; the quotients by 100 and 10 are products with 10486 / 2^20 and 103 / 2^10, exact in
 * their range. */
static inline uint64_t spread_8_digits(uint32_t value)
{
    uint64_t fours = value / 10000 | (uint64_t)(value % 10000) << 32;
    uint64_t hundreds = (fours * 10486 >> 20) & UINT64_C(0x0000007F0000007F);
    uint64_t pairs = hundreds | (fours - 100 * hundreds) << 16;
    uint64_t tens = (pairs * 103 >> 10) & UINT64_C(0x000F000F000F000F);
    return tens | (pairs - 10 * tens) << 8;
}

static inline void store_8_digits(char *out, uint64_t digits, unsigned skipped)
{
    uint64_t text = (digits + UINT64_C(0x3030303030303030)) >> (8 * skipped);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    text = __builtin_bswap64(text);
#endif
    memcpy(out, &text, 8);
}

/* Without leading zeros; writes eight bytes in any case. */
static inline size_t print_up_to_8_digits(char *out, uint32_t value)
{
    uint64_t digits = spread_8_digits(value);
    unsigned zeros = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) / 8;
    store_8_digits(out, digits, zeros);
    return 8 - zeros;
}

size_t weir_number_print_u64(char *out, uint64_t value)
{
    const uint64_t unit = 100000000;
    uint64_t high = value / unit;
    if (high == 0)
        return print_up_to_8_digits(out, (uint32_t)value);
    size_t size;
    if (high < unit) {
        size = print_up_to_8_digits(out, (uint32_t)high);
    } else {
        size = print_up_to_8_digits(out, (uint32_t)(high / unit));
        store_8_digits(out + size, spread_8_digits((uint32_t)(high % unit)), 0);
        size += 8;
    }
    store_8_digits(out + size, spread_8_digits((uint32_t)(value % unit)), 0);
    return size + 8;
}

size_t weir_number_print_i64(char *out, int64_t value)
{
    if (value >= 0)
        return weir_number_print_u64(out, (uint64_t)value);
    *out = '-';
    return 1 + weir_number_print_u64(out + 1, 0 - (uint64_t)value);
}

/* Exactly nineteen digits: three, eight, eight. */
static void print_19(char *out, uint64_t value)
{
    const uint64_t unit = 100000000;
    store_8_digits(out, spread_8_digits((uint32_t)(value / (unit * unit))), 5);
    store_8_digits(out + 3, spread_8_digits((uint32_t)(value / unit % unit)), 0);
    store_8_digits(out + 11, spread_8_digits((uint32_t)(value % unit)), 0);
}

size_t weir_number_print_u128(char *out, weir_u128 value)
{
    const uint64_t chunk = UINT64_C(10000000000000000000); /* 10^19 */

    if (value <= UINT64_MAX)
        return weir_number_print_u64(out, (uint64_t)value);
    weir_u128 high = value / chunk;
    size_t size = weir_number_print_u128(out, high);
    print_19(out + size, (uint64_t)(value % chunk));
    return size + 19;
}

size_t weir_number_print_i128(char *out, weir_i128 value)
{
    if (value >= 0)
        return weir_number_print_u128(out, (weir_u128)value);
    *out = '-';
    return 1 + weir_number_print_u128(out + 1, weir_i128_magnitude(value));
}

void weir_number_print_2(char *out, uint32_t value)
{
    memcpy(out, weir_number_pairs + (size_t)value * 2, 2);
}

void weir_number_print_4(char *out, uint32_t value)
{
    weir_number_print_2(out, value / 100);
    weir_number_print_2(out + 2, value % 100);
}
