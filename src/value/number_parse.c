/* Doubles and floats from text, correctly rounded.
 *
 *     "12.5e-1" -> digits w = 125, exponent q = -2 -> 1.25
 *
 * 1. exact:    w < 2^53 and |q| <= 22: one multiplication or division of exact doubles.
 * 2. product:  w * 5^q from the 128-bit table; the bits that matter are right unless the product is
 *              so near a boundary that the table's error decides (about one in 2^60), or subnormal.
 * 3. exact comparison with big integers: start from the estimate of 2, move to the neighbour until
 *              the text lies within half a unit. At most a step or two.
 *
 * Text with more than 19 significant digits runs 2 with w and w + 1; equal answers are the answer.
 * Floats are rounded from the double, except when that double is exactly between two floats: then
 * the text itself is compared with it. */
#include "value/number.h"
#include "value/number_internal.h"
#include "value/power10_table.h"

enum {
    LIMBS_MAX = 100,        /* 6,400 bits: 800 digits times 2^1,100, or 2^64 times 10^1,200 */
    DIGITS_KEPT = 800,      /* a midpoint of doubles has at most 767 significant digits */
    EXPONENT_TOO_LOW = -400 /* 0.ddd * 10^-400 is 0 */
};

/* A decimal text brought to 0.d1 d2 d3 … * 10^point with d1 != 0. */
struct decimal {
    struct weir_number_text text;
    size_t first;  /* index of d1 among whole and fraction digits */
    size_t count;  /* digits from d1 to the last non-zero one */
    int64_t point; /* see above */
};

static char digit_of(const struct weir_number_text *text, size_t i)
{
    return i < text->whole.size ? text->whole.data[i] : text->fraction.data[i - text->whole.size];
}

static void decimal_make(struct decimal *decimal, const struct weir_number_text *text)
{
    size_t size = text->whole.size + text->fraction.size;
    size_t first = 0;

    while (first < size && digit_of(text, first) == '0')
        first++;
    while (size > first && digit_of(text, size - 1) == '0')
        size--;
    decimal->text = *text;
    decimal->first = first;
    decimal->count = size - first;
    decimal->point = (int64_t)text->whole.size - (int64_t)first + text->exponent;
}

/* The first 19 digits (or all) as an integer; its value is w * 10^*exponent. */
static uint64_t decimal_head(const struct decimal *decimal, int64_t *exponent)
{
    size_t count = decimal->count < 19 ? decimal->count : 19;
    uint64_t w = 0;
    for (size_t i = 0; i < count; i++)
        w = w * 10 + (uint64_t)(digit_of(&decimal->text, decimal->first + i) - '0');
    *exponent = decimal->point - (int64_t)count;
    return w;
}

/* ---- big integers: little-endian limbs ---- */

struct big {
    uint64_t limbs[LIMBS_MAX];
    size_t count; /* no leading zero limb; 0 for zero */
};

static void big_set(struct big *big, uint64_t value)
{
    big->limbs[0] = value;
    big->count = value != 0;
}

static void big_mul_add(struct big *big, uint64_t factor, uint64_t addend)
{
    uint64_t carry = addend;
    for (size_t i = 0; i < big->count; i++) {
        weir_u128 product = (weir_u128)big->limbs[i] * factor + carry;
        big->limbs[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    if (carry && big->count < LIMBS_MAX)
        big->limbs[big->count++] = carry;
}

static void big_mul_pow10(struct big *big, uint64_t exponent)
{
    for (; exponent >= 19; exponent -= 19)
        big_mul_add(big, UINT64_C(10000000000000000000), 0);
    for (; exponent > 0; exponent--)
        big_mul_add(big, 10, 0);
}

static void big_shift_left(struct big *big, unsigned bits)
{
    size_t words = bits / 64;
    if (big->count == 0 || big->count + words >= LIMBS_MAX)
        return;
    memmove(big->limbs + words, big->limbs, big->count * sizeof *big->limbs);
    memset(big->limbs, 0, words * sizeof *big->limbs);
    big->count += words;
    if (bits % 64)
        big_mul_add(big, UINT64_C(1) << bits % 64, 0);
}

static int big_compare(const struct big *a, const struct big *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (size_t i = a->count; i-- > 0;)
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    return 0;
}

/* The decimal against m * 2^k: -1, 0, 1. The point lies within ±400, k within ±1,100. */
static int decimal_compare(const struct decimal *decimal, uint64_t m, int k)
{
    struct big left, right;
    size_t count = decimal->count < DIGITS_KEPT ? decimal->count : DIGITS_KEPT;
    int64_t exponent = decimal->point - (int64_t)count;

    big_set(&left, 0);
    for (size_t i = 0; i < count; i++)
        big_mul_add(&left, 10, (uint64_t)(digit_of(&decimal->text, decimal->first + i) - '0'));
    if (count < decimal->count) { /* what was cut off is not zero: one more digit says so */
        big_mul_add(&left, 10, 1);
        exponent--;
    }
    big_set(&right, m);
    if (exponent >= 0)
        big_mul_pow10(&left, (uint64_t)exponent);
    else
        big_mul_pow10(&right, (uint64_t)-exponent);
    if (k >= 0)
        big_shift_left(&right, (unsigned)k);
    else
        big_shift_left(&left, (unsigned)-k);
    return big_compare(&left, &right);
}

/* ---- doubles ---- */

static double double_of_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t bits_of_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

#define INFINITY_BITS UINT64_C(0x7FF0000000000000)
#define MANTISSA_BITS UINT64_C(0x000FFFFFFFFFFFFF)

/* floor(log2(10^q)) for |q| < 1,200. */
static int log2_pow10(int q)
{
    return (q * 217706) >> 16; /* 217706 / 65536 is log2(10) closely enough */
}

/* w * 10^q to 128 bits, rounded down: high word with its top bit possibly at 62. The error is below
 * one unit of the low word's product with w, unless *exact_enough is false. */
static weir_u128 product(uint64_t w, int q, bool *exact_enough)
{
    struct weir_power10 power = weir_power10_table[q - WEIR_POWER10_MIN];
    weir_u128 high = (weir_u128)w * power.high;
    *exact_enough = true;
    if (((uint64_t)(high >> 64) & 0x1FF) == 0x1FF && (uint64_t)high + w < w) {
        weir_u128 low = (weir_u128)w * power.low;
        weir_u128 sum = high + (uint64_t)(low >> 64);
        if (((uint64_t)(sum >> 64) & 0x1FF) == 0x1FF && (uint64_t)sum + 1 == 0 &&
            (uint64_t)low + w < w)
            *exact_enough = false;
        return sum;
    }
    return high;
}

/* Step 2: the bits of the nearest double to w * 10^q. False when undecided. w != 0. */
static bool nearest_by_product(uint64_t w, int64_t q, uint64_t *bits)
{
    if (q < WEIR_POWER10_MIN || q > WEIR_POWER10_MAX)
        return false;
    int shift = __builtin_clzll(w);
    bool exact_enough;
    weir_u128 x = product(w << shift, (int)q, &exact_enough);
    uint64_t high = (uint64_t)(x >> 64);
    int top = (int)(high >> 63);
    uint64_t mantissa = high >> (top + 9); /* 54 bits */
    int64_t exponent = log2_pow10((int)q) + 64 + 1023 - shift - (top ^ 1);

    if (!exact_enough)
        return false;
    if ((uint64_t)x == 0 && (high & 0x1FF) == 0 && (mantissa & 3) == 1)
        return false; /* perhaps exactly halfway */
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >> 53) {
        mantissa >>= 1;
        exponent++;
    }
    if (exponent < 1 || exponent > 2046)
        return false;
    *bits = (uint64_t)exponent << 52 | (mantissa & MANTISSA_BITS);
    return true;
}

/* A double at most a few units away from w * 10^q, for step 3 to begin with. */
static uint64_t estimate(uint64_t w, int64_t q)
{
    if (q > WEIR_POWER10_MAX)
        return INFINITY_BITS - 1;
    if (q < WEIR_POWER10_MIN)
        return 0;
    int shift = __builtin_clzll(w);
    struct weir_power10 power = weir_power10_table[q - WEIR_POWER10_MIN];
    uint64_t high = (uint64_t)((weir_u128)(w << shift) * power.high >> 64);
    int top = (int)(high >> 63);
    uint64_t mantissa = high >> (top + 10); /* 53 bits */
    int64_t exponent = log2_pow10((int)q) + 64 + 1023 - shift - (top ^ 1);

    if (exponent > 2046)
        return INFINITY_BITS - 1;
    if (exponent >= 1)
        return (uint64_t)exponent << 52 | (mantissa & MANTISSA_BITS);
    return exponent < -60 ? 0 : mantissa >> (1 - exponent);
}

/* The midpoint between the double of bits and the next one up, as m * 2^*k. */
static uint64_t midpoint_above(uint64_t bits, int *k)
{
    uint64_t exponent = bits >> 52;
    uint64_t mantissa = bits & MANTISSA_BITS;
    if (exponent)
        mantissa |= UINT64_C(1) << 52;
    *k = (int)(exponent ? exponent : 1) - 1075 - 1;
    return mantissa * 2 + 1;
}

/* Step 3. Past the greatest double, bits of infinity come out. */
static uint64_t nearest_by_comparison(const struct decimal *decimal)
{
    int64_t q;
    uint64_t w = decimal_head(decimal, &q);
    uint64_t bits = estimate(w, q);
    int k;

    while (bits < INFINITY_BITS) {
        uint64_t m = midpoint_above(bits, &k);
        int order = decimal_compare(decimal, m, k);
        if (order < 0 || (order == 0 && (bits & 1) == 0))
            break;
        bits++;
    }
    while (bits > 0) {
        uint64_t m = midpoint_above(bits - 1, &k);
        int order = decimal_compare(decimal, m, k);
        if (order > 0 || (order == 0 && (bits & 1) == 0))
            break;
        bits--;
    }
    return bits;
}

static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Step 1. */
static bool nearest_exactly(uint64_t w, int64_t q, double *out)
{
    if (w >> 53 || q < -22 || q > 22)
        return false;
    *out = q < 0 ? (double)w / exact_powers[-q] : (double)w * exact_powers[q];
    return true;
}

/* The magnitude of the nearest double. */
static double nearest(const struct weir_number_text *text)
{
    struct decimal decimal;
    uint64_t bits, bits_next;
    int64_t q;
    double value;

    decimal_make(&decimal, text);
    if (decimal.count == 0 || decimal.point < EXPONENT_TOO_LOW)
        return 0;
    if (decimal.point > 310)
        return double_of_bits(INFINITY_BITS);
    uint64_t w = decimal_head(&decimal, &q);
    if (decimal.count <= 19) {
        if (nearest_exactly(w, q, &value))
            return value;
        if (nearest_by_product(w, q, &bits))
            return double_of_bits(bits);
    } else if (nearest_by_product(w, q, &bits) && nearest_by_product(w + 1, q, &bits_next) &&
               bits == bits_next) {
        return double_of_bits(bits);
    }
    return double_of_bits(nearest_by_comparison(&decimal));
}

/* The common shape, digits[.digits] with at most 19 digits and no exponent, in one pass.
 * False when it is another shape. */
static bool read_plain(const char *at, const char *end, uint64_t *w, int *q)
{
    const char *start = at;
    uint64_t value = 0;

    while (at < end && weir_is_digit(*at))
        value = value * 10 + (uint64_t)(*at++ - '0');
    size_t count = (size_t)(at - start);
    *q = 0;
    if (at < end && *at == '.') {
        const char *point = ++at;
        while (end - at >= 8 && weir_is_8_digits(weir_load_8(at))) {
            value = value * 100000000 + weir_parse_8_digits(weir_load_8(at));
            at += 8;
        }
        while (at < end && weir_is_digit(*at))
            value = value * 10 + (uint64_t)(*at++ - '0');
        if (at - point > 19)
            return false;
        *q = (int)(point - at);
        count += (size_t)(at - point);
    }
    *w = value;
    return at == end && count > 0 && count <= 19;
}

static double with_sign(double value, bool negative)
{
    return negative ? -value : value;
}

enum weir_parse weir_number_parse_f64(struct weir_slice text, double *out)
{
    const char *at = text.data;
    const char *end = at + text.size;
    bool negative = text.size && *at == '-';
    struct weir_number_text number;
    uint64_t w, bits;
    double value;
    int q;

    if (text.size && (*at == '-' || *at == '+'))
        at++;
    if (WEIR_LIKELY(read_plain(at, end, &w, &q))) {
        if (!nearest_exactly(w, q, &value)) {
            if (w == 0 || !nearest_by_product(w, q, &bits))
                goto general;
            value = double_of_bits(bits);
        }
        *out = with_sign(value, negative);
        return WEIR_PARSE_OK;
    }
general:
    if (!weir_number_scan(text, &number))
        return WEIR_PARSE_SYNTAX;
    value = nearest(&number);
    *out = with_sign(value, number.negative);
    if (bits_of_double(value) == INFINITY_BITS)
        return WEIR_PARSE_RANGE;
    if (value == 0) {
        struct decimal decimal;
        decimal_make(&decimal, &number);
        return decimal.count ? WEIR_PARSE_RANGE : WEIR_PARSE_OK;
    }
    return WEIR_PARSE_OK;
}

double weir_number_f64_from_decimal(uint64_t digits, int32_t exponent10, bool negative)
{
    uint64_t bits;
    double value;
    if (digits == 0)
        return with_sign(0, negative);
    if (nearest_exactly(digits, exponent10, &value))
        return with_sign(value, negative);
    if (nearest_by_product(digits, exponent10, &bits))
        return with_sign(double_of_bits(bits), negative);

    char text[24];
    struct weir_number_text number = {.negative = negative, .exponent = exponent10};
    number.whole = weir_slice_make(text, weir_number_print_u64(text, digits));
    number.fraction = weir_slice_make(text + number.whole.size, 0);
    return with_sign(nearest(&number), negative);
}

int weir_number_compare_f64(uint64_t digits, int32_t exponent10, double value)
{
    char text[24];
    struct decimal decimal;
    struct weir_number_text number = {.exponent = exponent10};
    uint64_t bits = bits_of_double(value) & (INFINITY_BITS | MANTISSA_BITS);
    uint64_t exponent = bits >> 52;

    number.whole = weir_slice_make(text, weir_number_print_u64(text, digits));
    number.fraction = weir_slice_make(text + number.whole.size, 0);
    decimal_make(&decimal, &number);
    if (exponent == 0)
        return decimal_compare(&decimal, bits, -1074);
    return decimal_compare(&decimal, (bits & MANTISSA_BITS) | UINT64_C(1) << 52,
                           (int)exponent - 1075);
}

/* ---- floats ---- */

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The float nearest to the text whose nearest double is d (both magnitudes). */
static float nearest_float(const struct weir_number_text *number, double d)
{
    float f = (float)d; /* to nearest, ties to even: wrong only when d is itself a rounded tie */
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    if ((double)f == d)
        return f;
    uint32_t low = (double)f < d ? bits : bits - 1; /* low < d < low + 1 unit */
    double below = (double)float_of_bits(low);
    double above = low + 1 == 0x7F800000U ? 0x1p128 : (double)float_of_bits(low + 1);
    if (d - below != above - d)
        return f;

    struct decimal decimal;
    decimal_make(&decimal, number);
    uint64_t d_bits = bits_of_double(d); /* a normal double: floats' midpoints are */
    int order = decimal_compare(&decimal, (d_bits & MANTISSA_BITS) | UINT64_C(1) << 52,
                                (int)(d_bits >> 52) - 1075);
    if (order == 0)
        return f;
    return float_of_bits(order < 0 ? low : low + 1);
}

enum weir_parse weir_number_parse_f32(struct weir_slice text, float *out)
{
    struct weir_number_text number;
    struct decimal decimal;

    if (!weir_number_scan(text, &number))
        return WEIR_PARSE_SYNTAX;
    decimal_make(&decimal, &number);
    float value = nearest_float(&number, nearest(&number));
    *out = number.negative ? -value : value;
    if (value > 0x1.fffffep127F || (value == 0 && decimal.count))
        return WEIR_PARSE_RANGE;
    return WEIR_PARSE_OK;
}

/* ---- SQL's names for the special values ---- */

static bool parse_special(struct weir_slice text, double *out)
{
    bool negative = text.size && text.data[0] == '-';
    bool sign = text.size && (text.data[0] == '-' || text.data[0] == '+');
    struct weir_slice name = weir_slice_make(text.data + sign, text.size - sign);

    if (weir_slice_equals_ignoring_case(name, weir_slice_from_string("nan")))
        *out = __builtin_nan("");
    else if (weir_slice_equals_ignoring_case(name, weir_slice_from_string("infinity")) ||
             weir_slice_equals_ignoring_case(name, weir_slice_from_string("inf")))
        *out = with_sign(double_of_bits(INFINITY_BITS), negative);
    else
        return false;
    return true;
}

enum weir_parse weir_number_parse_f64_sql(struct weir_slice text, double *out)
{
    enum weir_parse result = weir_number_parse_f64(text, out);
    if (result == WEIR_PARSE_SYNTAX && parse_special(text, out))
        return WEIR_PARSE_OK;
    return result;
}

enum weir_parse weir_number_parse_f32_sql(struct weir_slice text, float *out)
{
    double special;
    enum weir_parse result = weir_number_parse_f32(text, out);
    if (result != WEIR_PARSE_SYNTAX || !parse_special(text, &special))
        return result;
    *out = (float)special;
    return WEIR_PARSE_OK;
}
