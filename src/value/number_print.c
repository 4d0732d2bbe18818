/* Doubles and floats to text: the shortest decimal that reads back the same.
 *
 * Schubfach in one paragraph: let the value be c * 2^q. Its rounding interval runs from the
 * midpoint below to the midpoint above. Scale by 10^-k, with k chosen so that the interval is
 * between 1 and 10 units wide; then the interval holds at least one integer, and at most one
 * multiple of ten. If a multiple of ten lies inside, it is the (unique) shorter decimal; else the
 * integer next to the value is the answer. Three 64x128-bit products, rounded to odd, decide all
 * comparisons exactly.
 *
 * Bounds are excluded even where a reader that rounds ties to even would accept them, because
 * Postgres does so: 1e23 lies exactly on a bound and prints as 9.999999999999999e+22. */
#include "value/number.h"
#include "value/number_internal.h"
#include "value/power10_table.h"

/* floor(log10(2^q)), floor(log10(3/4 * 2^q)), floor(log2(10^k)) for the ranges of doubles. */
static int log10_pow2(int q)
{
    return (int)((int64_t)q * 1262611 >> 22);
}
static int log10_three_quarters_pow2(int q)
{
    return (int)(((int64_t)q * 1262611 - 524031) >> 22);
}
static int log2_pow10(int k)
{
    return (int)((int64_t)k * 1741647 >> 19);
}

/* The top 64 bits above 2^64 of g * x, with the lowest bit set when anything was cut off. */
static uint64_t round_to_odd(weir_u128 g, uint64_t x)
{
    weir_u128 low = (weir_u128)(uint64_t)g * x;
    weir_u128 high = (weir_u128)(uint64_t)(g >> 64) * x + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

struct binary {
    uint64_t c; /* value = c * 2^q */
    int q;
    bool lower_is_closer; /* c is a power of two: the neighbour below is half as far */
};

static struct weir_number_decimal shortest(struct binary value)
{
    uint64_t lower = 4 * value.c - 2 + value.lower_is_closer;
    int k = value.lower_is_closer ? log10_three_quarters_pow2(value.q) : log10_pow2(value.q);
    int h = value.q + log2_pow10(-k) + 1;
    struct weir_power10 power = weir_power10_table[-k - WEIR_POWER10_MIN];
    weir_u128 g = weir_u128_make(power.high, power.low) + 1; /* rounded up */
    uint64_t below = round_to_odd(g, lower << h);
    uint64_t middle = round_to_odd(g, (4 * value.c) << h);
    uint64_t above = round_to_odd(g, (4 * value.c + 2) << h);
    uint64_t s = middle / 4;

    /* In quarters: below < 4x < above, bounds themselves excluded. */
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool down_inside = below < 40 * tens;
        bool up_inside = 40 * tens + 40 < above;
        if (down_inside != up_inside)
            return (struct weir_number_decimal){tens + up_inside, k + 1};
    }
    bool down_inside = below < 4 * s;
    bool up_inside = 4 * s + 4 < above;
    if (down_inside != up_inside)
        return (struct weir_number_decimal){s + up_inside, k};
    uint64_t half = 4 * s + 2;
    bool up = middle > half || (middle == half && (s & 1));
    return (struct weir_number_decimal){s + up, k};
}

/* Eight zeros at once, then four, two, one: digits have at most seventeen. */
static struct weir_number_decimal without_zeros(struct weir_number_decimal decimal)
{
    if (decimal.digits % 100000000 == 0 && decimal.digits) {
        decimal.digits /= 100000000;
        decimal.exponent10 += 8;
    }
    if (decimal.digits % 10000 == 0 && decimal.digits) {
        decimal.digits /= 10000;
        decimal.exponent10 += 4;
    }
    while (decimal.digits % 100 == 0 && decimal.digits) {
        decimal.digits /= 100;
        decimal.exponent10 += 2;
    }
    if (decimal.digits % 10 == 0 && decimal.digits) {
        decimal.digits /= 10;
        decimal.exponent10++;
    }
    return decimal;
}

struct weir_number_decimal weir_number_shortest_f64(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t mantissa = bits & UINT64_C(0x000FFFFFFFFFFFFF);
    int exponent = (int)(bits >> 52 & 0x7FF);
    struct binary binary = {mantissa, -1074, false};

    if (exponent) {
        binary.c = mantissa | UINT64_C(1) << 52;
        binary.q = exponent - 1075;
        binary.lower_is_closer = mantissa == 0 && exponent > 1;
    }
    /* Integers below 2^53 are their own shortest form. */
    if (binary.q <= 0 && binary.q > -53 && (binary.c & ((UINT64_C(1) << -binary.q) - 1)) == 0)
        return without_zeros((struct weir_number_decimal){binary.c >> -binary.q, 0});
    return without_zeros(shortest(binary));
}

struct weir_number_decimal weir_number_shortest_f32(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t mantissa = bits & 0x007FFFFFU;
    int exponent = (int)(bits >> 23 & 0xFF);
    struct binary binary = {mantissa, -149, false};

    if (exponent) {
        binary.c = mantissa | 0x00800000U;
        binary.q = exponent - 150;
        binary.lower_is_closer = mantissa == 0 && exponent > 1;
    }
    if (binary.q <= 0 && binary.q > -24 && (binary.c & ((UINT64_C(1) << -binary.q) - 1)) == 0)
        return without_zeros((struct weir_number_decimal){binary.c >> -binary.q, 0});
    return without_zeros(shortest(binary));
}

/* d.ddde+XX; digits has count digits. */
static size_t print_scientific(char *out, const char *digits, unsigned count, int exponent)
{
    char *at = out;
    *at++ = digits[0];
    if (count > 1) {
        *at++ = '.';
        memcpy(at, digits + 1, count - 1);
        at += count - 1;
    }
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    unsigned magnitude = (unsigned)(exponent < 0 ? -exponent : exponent);
    if (magnitude >= 100) {
        *at++ = (char)('0' + magnitude / 100);
        magnitude %= 100;
    }
    weir_number_print_2(at, magnitude);
    return (size_t)(at + 2 - out);
}

/* Lays digits * 10^exponent10 out; plain when the first digit's exponent is in -4 … limit - 1. */
static size_t print_decimal(char *out, struct weir_number_decimal decimal, int limit)
{
    char digits[24];
    unsigned count = (unsigned)weir_number_print_u64(digits, decimal.digits);
    int exponent = decimal.exponent10 + (int)count - 1; /* of the first digit */

    if (exponent < -4 || exponent >= limit)
        return print_scientific(out, digits, count, exponent);
    if (exponent < 0) {
        size_t zeros = (size_t)(-exponent - 1);
        memcpy(out, "0.0000", 6);
        memcpy(out + 2 + zeros, digits, count);
        return 2 + zeros + count;
    }
    size_t whole = (size_t)exponent + 1;
    if (count <= whole) {
        memcpy(out, digits, count);
        memset(out + count, '0', whole - count);
        return whole;
    }
    memcpy(out, digits, whole);
    out[whole] = '.';
    memcpy(out + whole + 1, digits + whole, count - whole);
    return count + 1;
}

static size_t print_text(char *out, const char *text)
{
    size_t size = strlen(text);
    memcpy(out, text, size);
    return size;
}

size_t weir_number_print_f64(char *out, double value)
{
    if (value != value)
        return print_text(out, "NaN");
    if (value > __DBL_MAX__)
        return print_text(out, "Infinity");
    if (value < -__DBL_MAX__)
        return print_text(out, "-Infinity");
    if (value == 0)
        return print_text(out, __builtin_signbit(value) ? "-0" : "0");
    size_t sign = value < 0;
    *out = '-';
    return sign + print_decimal(out + sign, weir_number_shortest_f64(value), 15);
}

size_t weir_number_print_f32(char *out, float value)
{
    if (value != value || value > __FLT_MAX__ || value < -__FLT_MAX__ || value == 0)
        return weir_number_print_f64(out, (double)value);
    size_t sign = value < 0;
    *out = '-';
    return sign + print_decimal(out + sign, weir_number_shortest_f32(value), 6);
}
