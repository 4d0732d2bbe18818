/* DECIMAL arithmetic. Contracts: value/decimal.h.
 *
 * Every operation is: form the exact result as a sign and a 256-bit magnitude over a power of ten,
 * round once (half away from zero), check 38 digits. Where 128 bits suffice, which is nearly
 * always, the 256-bit path is not entered. */
#include "value/decimal.h"
#include "base/checked.h"
#include "value/decimal_internal.h"
#include "value/number.h"
#include "value/number_internal.h"

#define POW(high, low) (weir_i128)((weir_u128)UINT64_C(high) << 64 | UINT64_C(low))
static const weir_i128 powers[39] = {
    POW(0x0, 0x0000000000000001),
    POW(0x0, 0x000000000000000A),
    POW(0x0, 0x0000000000000064),
    POW(0x0, 0x00000000000003E8),
    POW(0x0, 0x0000000000002710),
    POW(0x0, 0x00000000000186A0),
    POW(0x0, 0x00000000000F4240),
    POW(0x0, 0x0000000000989680),
    POW(0x0, 0x0000000005F5E100),
    POW(0x0, 0x000000003B9ACA00),
    POW(0x0, 0x00000002540BE400),
    POW(0x0, 0x000000174876E800),
    POW(0x0, 0x000000E8D4A51000),
    POW(0x0, 0x000009184E72A000),
    POW(0x0, 0x00005AF3107A4000),
    POW(0x0, 0x00038D7EA4C68000),
    POW(0x0, 0x002386F26FC10000),
    POW(0x0, 0x016345785D8A0000),
    POW(0x0, 0x0DE0B6B3A7640000),
    POW(0x0, 0x8AC7230489E80000),
    POW(0x5, 0x6BC75E2D63100000),
    POW(0x36, 0x35C9ADC5DEA00000),
    POW(0x21E, 0x19E0C9BAB2400000),
    POW(0x152D, 0x02C7E14AF6800000),
    POW(0xD3C2, 0x1BCECCEDA1000000),
    POW(0x84595, 0x161401484A000000),
    POW(0x52B7D2, 0xDCC80CD2E4000000),
    POW(0x33B2E3C, 0x9FD0803CE8000000),
    POW(0x204FCE5E, 0x3E25026110000000),
    POW(0x1431E0FAE, 0x6D7217CAA0000000),
    POW(0xC9F2C9CD0, 0x4674EDEA40000000),
    POW(0x7E37BE2022, 0xC0914B2680000000),
    POW(0x4EE2D6D415B, 0x85ACEF8100000000),
    POW(0x314DC6448D93, 0x38C15B0A00000000),
    POW(0x1ED09BEAD87C0, 0x378D8E6400000000),
    POW(0x13426172C74D82, 0x2B878FE800000000),
    POW(0xC097CE7BC90715, 0xB34B9F1000000000),
    POW(0x785EE10D5DA46D9, 0x00F436A000000000),
    POW(0x4B3B4CA85A86C47A, 0x098A224000000000),
};

weir_i128 weir_decimal_pow10(uint32_t n)
{
    return powers[n];
}

uint32_t weir_decimal_digits(weir_i128 unscaled)
{
    weir_u128 magnitude = weir_i128_magnitude(unscaled);
    if (magnitude <= UINT64_MAX)
        return magnitude ? weir_number_digits_u64((uint64_t)magnitude) : 0;
    uint32_t n = 19;
    while (n < 39 && magnitude >= (weir_u128)powers[n])
        n++;
    return n;
}

bool weir_decimal_fits(weir_i128 unscaled, uint32_t precision)
{
    return weir_i128_magnitude(unscaled) < (weir_u128)powers[precision];
}

/* Gives the magnitude its sign. */
static enum weir_arith finish(weir_u128 magnitude, bool negative, weir_i128 *out)
{
    *out = negative ? -(weir_i128)magnitude : (weir_i128)magnitude;
    return WEIR_ARITH_OK;
}

/* magnitude * 10^(to - from), rounded; from may be up to 76. */
static enum weir_arith rescale_wide(struct weir_u256 magnitude, bool negative, uint32_t from,
                                    uint32_t to, weir_i128 *out)
{
    weir_u128 result;
    if (to >= from) {
        if (!weir_u256_mul_u128(magnitude, (weir_u128)powers[to - from], &magnitude) ||
            !weir_u256_fits_u128(magnitude) || weir_u256_low(magnitude) >= WEIR_DECIMAL_LIMIT)
            return WEIR_ARITH_OVERFLOW;
        return finish(weir_u256_low(magnitude), negative, out);
    }
    if (!weir_u256_div_round(magnitude, weir_u256_pow10(from - to), &result))
        return WEIR_ARITH_OVERFLOW;
    return finish(result, negative, out);
}

/* value / 10^n rounded half away from zero. */
static weir_i128 shrink(weir_i128 value, uint32_t n)
{
    weir_i128 power = powers[n];
    weir_i128 quotient = value / power;
    weir_i128 rest = value % power;
    if (rest < 0)
        return quotient - (-rest >= power - -rest);
    return quotient + (rest >= power - rest);
}

enum weir_arith weir_decimal_rescale(struct weir_decimal value, uint32_t scale, weir_i128 *out)
{
    weir_i128 result = value.unscaled;
    if (scale < value.scale)
        result = shrink(result, value.scale - scale);
    else if (scale > value.scale && !weir_mul_i128(result, powers[scale - value.scale], &result))
        return WEIR_ARITH_OVERFLOW;
    if (!weir_decimal_fits(result, 38))
        return WEIR_ARITH_OVERFLOW;
    *out = result;
    return WEIR_ARITH_OK;
}

/* ---- text ---- */

/* Digit i of whole and fraction together; 0 outside. */
static unsigned digit_at(const struct weir_number_text *text, int64_t i)
{
    if (i < 0 || i >= (int64_t)(text->whole.size + text->fraction.size))
        return 0;
    size_t at = (size_t)i;
    return (unsigned)((at < text->whole.size ? text->whole.data[at]
                                             : text->fraction.data[at - text->whole.size]) -
                      '0');
}

/* Index of the first digit that is not 0; the digits' count when there is none. */
static int64_t first_digit(const struct weir_number_text *text)
{
    int64_t size = (int64_t)(text->whole.size + text->fraction.size);
    int64_t i = 0;
    while (i < size && digit_at(text, i) == 0)
        i++;
    return i;
}

/* The digits up to scale places after the point, rounded. */
static enum weir_parse collect(const struct weir_number_text *text, uint32_t precision,
                               uint32_t scale, weir_i128 *out)
{
    int64_t first = first_digit(text);
    int64_t end = (int64_t)text->whole.size + text->exponent + (int64_t)scale;
    weir_u128 magnitude = 0;

    if (first == (int64_t)(text->whole.size + text->fraction.size))
        end = first; /* zero */
    if (end - first > 38)
        return WEIR_PARSE_RANGE;
    for (int64_t i = first; i < end; i++)
        magnitude = magnitude * 10 + digit_at(text, i);
    if (end >= first && digit_at(text, end) >= 5)
        magnitude++;
    if (magnitude >= (weir_u128)powers[precision])
        return WEIR_PARSE_RANGE;
    *out = text->negative ? -(weir_i128)magnitude : (weir_i128)magnitude;
    return WEIR_PARSE_OK;
}

enum weir_parse weir_decimal_parse(struct weir_slice text, uint32_t precision, uint32_t scale,
                                   weir_i128 *out)
{
    struct weir_number_text number;
    if (!weir_number_scan(text, &number))
        return WEIR_PARSE_SYNTAX;
    return collect(&number, precision, scale, out);
}

enum weir_parse weir_decimal_parse_natural(struct weir_slice text, struct weir_decimal *out)
{
    struct weir_number_text number;
    if (!weir_number_scan(text, &number))
        return WEIR_PARSE_SYNTAX;

    int64_t written = (int64_t)number.fraction.size - number.exponent;
    int64_t whole = (int64_t)number.whole.size + number.exponent - first_digit(&number);
    int64_t room = whole < 0 ? 38 : 38 - whole;
    int64_t scale = written < 0 ? 0 : written;

    if (scale > room)
        scale = room < 0 ? 0 : room;
    enum weir_parse result = collect(&number, 38, (uint32_t)scale, &out->unscaled);
    if (result == WEIR_PARSE_RANGE && scale > 0) /* 99…9.9 rounded up by one digit */
        result = collect(&number, 38, (uint32_t)--scale, &out->unscaled);
    out->scale = (uint32_t)scale;
    return result;
}

size_t weir_decimal_print(char *out, struct weir_decimal value)
{
    char digits[WEIR_NUMBER_I128_SIZE];
    char *at = out;
    size_t size = weir_number_print_u128(digits, weir_i128_magnitude(value.unscaled));

    if (value.unscaled < 0)
        *at++ = '-';
    if (size <= value.scale) {
        size_t zeros = value.scale - size;
        memcpy(at, "0.", 2);
        memset(at + 2, '0', zeros);
        memcpy(at + 2 + zeros, digits, size);
        return (size_t)(at - out) + 2 + value.scale;
    }
    size_t whole = size - value.scale;
    memcpy(at, digits, whole);
    at += whole;
    if (value.scale) {
        *at++ = '.';
        memcpy(at, digits + whole, value.scale);
        at += value.scale;
    }
    return (size_t)(at - out);
}

struct weir_decimal weir_decimal_trim(struct weir_decimal value)
{
    if (value.unscaled == 0)
        return weir_decimal_make(0, 0);
    while (value.scale && value.unscaled % 10 == 0) {
        value.unscaled /= 10;
        value.scale--;
    }
    return value;
}

/* ---- arithmetic ---- */

/* a + b by magnitudes over 256 bits, at scale max(s1, s2) before rounding. */
static enum weir_arith add_wide(struct weir_decimal a, struct weir_decimal b, uint32_t scale,
                                weir_i128 *out)
{
    uint32_t common = a.scale > b.scale ? a.scale : b.scale;
    bool negative = a.unscaled < 0;
    struct weir_u256 x =
        weir_u256_mul(weir_i128_magnitude(a.unscaled), (weir_u128)powers[common - a.scale]);
    struct weir_u256 y =
        weir_u256_mul(weir_i128_magnitude(b.unscaled), (weir_u128)powers[common - b.scale]);

    if (negative == (b.unscaled < 0)) {
        if (!weir_u256_add(x, y, &x))
            return WEIR_ARITH_OVERFLOW;
    } else if (weir_u256_compare(x, y) >= 0) {
        x = weir_u256_sub(x, y);
    } else {
        x = weir_u256_sub(y, x);
        negative = !negative;
    }
    return rescale_wide(x, negative, common, scale, out);
}

enum weir_arith weir_decimal_add(struct weir_decimal a, struct weir_decimal b, uint32_t scale,
                                 weir_i128 *out)
{
    weir_i128 x = a.unscaled, y = b.unscaled, sum;
    uint32_t common = a.scale > b.scale ? a.scale : b.scale;

    if (WEIR_LIKELY((a.scale == common || weir_mul_i128(x, powers[common - a.scale], &x)) &&
                    (b.scale == common || weir_mul_i128(y, powers[common - b.scale], &y)) &&
                    weir_add_i128(x, y, &sum)) &&
        (scale == common || scale < common)) {
        if (scale < common)
            sum = shrink(sum, common - scale);
        if (!weir_decimal_fits(sum, 38))
            return WEIR_ARITH_OVERFLOW;
        *out = sum;
        return WEIR_ARITH_OK;
    }
    return add_wide(a, b, scale, out);
}

enum weir_arith weir_decimal_sub(struct weir_decimal a, struct weir_decimal b, uint32_t scale,
                                 weir_i128 *out)
{
    b.unscaled = -b.unscaled;
    return weir_decimal_add(a, b, scale, out);
}

enum weir_arith weir_decimal_mul(struct weir_decimal a, struct weir_decimal b, uint32_t scale,
                                 weir_i128 *out)
{
    uint32_t exact = a.scale + b.scale;
    weir_i128 product;

    if (WEIR_LIKELY(weir_mul_i128(a.unscaled, b.unscaled, &product)) && scale <= exact &&
        exact - scale <= 38) {
        if (scale < exact)
            product = shrink(product, exact - scale);
        if (!weir_decimal_fits(product, 38))
            return WEIR_ARITH_OVERFLOW;
        *out = product;
        return WEIR_ARITH_OK;
    }
    return rescale_wide(
        weir_u256_mul(weir_i128_magnitude(a.unscaled), weir_i128_magnitude(b.unscaled)),
        (a.unscaled < 0) != (b.unscaled < 0), exact, scale, out);
}

/* The magnitudes whose quotient is a / b * 10^scale. False when the numerator leaves 256 bits,
 * which means a result of more than 38 digits. */
static bool division_terms(struct weir_decimal a, struct weir_decimal b, uint32_t scale,
                           struct weir_u256 *numerator, struct weir_u256 *denominator)
{
    weir_u128 x = weir_i128_magnitude(a.unscaled);
    weir_u128 y = weir_i128_magnitude(b.unscaled);
    uint32_t up = scale + b.scale;

    *numerator = weir_u256_from(x);
    *denominator = weir_u256_from(y);
    if (up < a.scale) {
        *denominator = weir_u256_mul(y, (weir_u128)powers[a.scale - up]);
        return true;
    }
    up -= a.scale;
    uint32_t first = up > 38 ? 38 : up;
    *numerator = weir_u256_mul(x, (weir_u128)powers[first]);
    return weir_u256_mul_u128(*numerator, (weir_u128)powers[up - first], numerator);
}

enum weir_arith weir_decimal_div(struct weir_decimal a, struct weir_decimal b, uint32_t scale,
                                 weir_i128 *out)
{
    struct weir_u256 numerator, denominator;
    weir_u128 result;

    if (b.unscaled == 0)
        return WEIR_ARITH_DIVISION_BY_ZERO;
    if (!division_terms(a, b, scale, &numerator, &denominator) ||
        !weir_u256_div_round(numerator, denominator, &result))
        return WEIR_ARITH_OVERFLOW;
    return finish(result, (a.unscaled < 0) != (b.unscaled < 0), out);
}

enum weir_arith weir_decimal_div_trunc(struct weir_decimal a, struct weir_decimal b, weir_i128 *out)
{
    struct weir_u256 numerator, denominator, quotient;

    if (b.unscaled == 0)
        return WEIR_ARITH_DIVISION_BY_ZERO;
    if (!division_terms(a, b, 0, &numerator, &denominator))
        return WEIR_ARITH_OVERFLOW;
    weir_u256_divmod(numerator, denominator, &quotient, NULL);
    if (!weir_u256_fits_u128(quotient) || weir_u256_low(quotient) >= WEIR_DECIMAL_LIMIT)
        return WEIR_ARITH_OVERFLOW;
    return finish(weir_u256_low(quotient), (a.unscaled < 0) != (b.unscaled < 0), out);
}

enum weir_arith weir_decimal_mod(struct weir_decimal a, struct weir_decimal b, uint32_t scale,
                                 weir_i128 *out)
{
    uint32_t common = a.scale > b.scale ? a.scale : b.scale;
    struct weir_u256 rest;

    if (b.unscaled == 0)
        return WEIR_ARITH_DIVISION_BY_ZERO;
    weir_u256_divmod(
        weir_u256_mul(weir_i128_magnitude(a.unscaled), (weir_u128)powers[common - a.scale]),
        weir_u256_mul(weir_i128_magnitude(b.unscaled), (weir_u128)powers[common - b.scale]), NULL,
        &rest);
    return rescale_wide(rest, a.unscaled < 0, common, scale, out);
}

int weir_decimal_compare(struct weir_decimal a, struct weir_decimal b)
{
    if (a.scale == b.scale || (a.unscaled < 0) != (b.unscaled < 0))
        return (a.unscaled > b.unscaled) - (a.unscaled < b.unscaled);
    uint32_t common = a.scale > b.scale ? a.scale : b.scale;
    int order = weir_u256_compare(
        weir_u256_mul(weir_i128_magnitude(a.unscaled), (weir_u128)powers[common - a.scale]),
        weir_u256_mul(weir_i128_magnitude(b.unscaled), (weir_u128)powers[common - b.scale]));
    return a.unscaled < 0 ? -order : order;
}

/* ---- rounding ---- */

/* What round and trunc share: *drop digits are to go; then *back zeros come back before the
 * point. False when nothing changes (digits >= scale). */
static bool rounding_plan(struct weir_decimal value, int32_t digits, uint32_t *drop, uint32_t *back)
{
    if (digits >= 0 && (uint32_t)digits >= value.scale)
        return false;
    int64_t places = (int64_t)value.scale - digits;
    *drop = places > 39 ? 39 : (uint32_t)places;
    *back = digits < 0 ? (uint32_t)(digits < -39 ? 39 : -digits) : 0;
    return true;
}

enum weir_arith weir_decimal_round(struct weir_decimal value, int32_t digits,
                                   struct weir_decimal *out)
{
    uint32_t drop, back;
    *out = value;
    if (!rounding_plan(value, digits, &drop, &back))
        return WEIR_ARITH_OK;
    weir_i128 rounded = drop > 38 ? 0 : shrink(value.unscaled, drop);
    out->scale = digits < 0 ? 0 : (uint32_t)digits;
    out->unscaled = 0;
    if (rounded == 0)
        return WEIR_ARITH_OK;
    if (!weir_mul_i128(rounded, powers[back], &out->unscaled) ||
        !weir_decimal_fits(out->unscaled, 38))
        return WEIR_ARITH_OVERFLOW;
    return WEIR_ARITH_OK;
}

enum weir_arith weir_decimal_trunc(struct weir_decimal value, int32_t digits,
                                   struct weir_decimal *out)
{
    uint32_t drop, back;
    *out = value;
    if (!rounding_plan(value, digits, &drop, &back))
        return WEIR_ARITH_OK;
    weir_i128 cut = drop > 38 ? 0 : value.unscaled / powers[drop];
    out->scale = digits < 0 ? 0 : (uint32_t)digits;
    out->unscaled = cut ? cut * powers[back] : 0; /* never greater than before */
    return WEIR_ARITH_OK;
}

struct weir_decimal weir_decimal_ceil(struct weir_decimal value)
{
    weir_i128 power = powers[value.scale];
    return weir_decimal_make(value.unscaled / power + (value.unscaled % power > 0), 0);
}

struct weir_decimal weir_decimal_floor(struct weir_decimal value)
{
    weir_i128 power = powers[value.scale];
    return weir_decimal_make(value.unscaled / power - (value.unscaled % power < 0), 0);
}

/* ---- other numbers ---- */

double weir_decimal_to_f64(struct weir_decimal value)
{
    weir_u128 magnitude = weir_i128_magnitude(value.unscaled);
    bool negative = value.unscaled < 0;
    char text[WEIR_DECIMAL_SIZE];
    double result = 0;

    if (magnitude <= UINT64_MAX)
        return magnitude == 0 ? 0
                              : weir_number_f64_from_decimal((uint64_t)magnitude,
                                                             -(int32_t)value.scale, negative);
    size_t size = weir_decimal_print(text, value);
    enum weir_parse parsed = weir_number_parse_f64(weir_slice_make(text, size), &result);
    (void)parsed; /* a decimal is never out of a double's range */
    return result;
}

/* decimal cut to `keep` significant digits, by the exact value of v (ties to even). */
static struct weir_number_decimal cut_digits(struct weir_number_decimal decimal, unsigned keep,
                                             double v)
{
    unsigned count = weir_number_digits_u64(decimal.digits);
    if (count <= keep)
        return decimal;
    uint64_t power = (uint64_t)powers[count - keep];
    uint64_t head = decimal.digits / power, rest = decimal.digits % power;
    bool up = rest > power / 2;
    if (rest == power / 2) {
        int order = weir_number_compare_f64(decimal.digits, decimal.exponent10, v);
        up = order < 0 || (order == 0 && (head & 1));
    }
    return (struct weir_number_decimal){head + up, decimal.exponent10 + (int)(count - keep)};
}

static enum weir_arith from_shortest(struct weir_number_decimal decimal, bool negative,
                                     uint32_t scale, weir_i128 *out)
{
    int64_t shift = (int64_t)decimal.exponent10 + (int64_t)scale;
    weir_i128 value = (weir_i128)decimal.digits;

    if (shift < 0)
        value = shift < -38 ? 0 : shrink(value, (uint32_t)-shift);
    else if (shift > 38 || !weir_mul_i128(value, powers[shift], &value))
        return WEIR_ARITH_OVERFLOW;
    if (!weir_decimal_fits(value, 38))
        return WEIR_ARITH_OVERFLOW;
    *out = negative ? -value : value;
    return WEIR_ARITH_OK;
}

enum weir_arith weir_decimal_from_f64(double value, uint32_t scale, weir_i128 *out)
{
    if (!(value >= -__DBL_MAX__ && value <= __DBL_MAX__))
        return WEIR_ARITH_OVERFLOW;
    if (value == 0)
        return finish(0, false, out);
    return from_shortest(cut_digits(weir_number_shortest_f64(value), 15, value), value < 0, scale,
                         out);
}

enum weir_arith weir_decimal_from_f32(float value, uint32_t scale, weir_i128 *out)
{
    if (!(value >= -__FLT_MAX__ && value <= __FLT_MAX__))
        return WEIR_ARITH_OVERFLOW;
    if (value == 0)
        return finish(0, false, out);
    return from_shortest(cut_digits(weir_number_shortest_f32(value), 6, (double)value), value < 0,
                         scale, out);
}

enum weir_arith weir_decimal_to_i64(struct weir_decimal value, int64_t *out)
{
    weir_i128 whole = value.scale ? shrink(value.unscaled, value.scale) : value.unscaled;
    if (whole < INT64_MIN || whole > INT64_MAX)
        return WEIR_ARITH_OVERFLOW;
    *out = (int64_t)whole;
    return WEIR_ARITH_OK;
}

enum weir_arith weir_decimal_from_i64(int64_t value, uint32_t scale, weir_i128 *out)
{
    return weir_decimal_rescale(weir_decimal_make(value, 0), scale, out);
}
