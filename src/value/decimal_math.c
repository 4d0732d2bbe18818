/* Roots, logarithms, exponentials and powers of decimals, correct to the last digit.
 *
 * Fixed-point numbers of 512 bits, 384 of them after the point (115 decimal digits), carry the
 * computation; the at most 38 digits asked for are rounded from it once. Working errors stay below
 * 2^-230 units of the last digit, so a rounding could go wrong only for a value that near to a tie;
 * values that are exact ties (0.5^17 at 16 places) are recognised by a margin of 2^-200.
 *
 *     ln x  = ln m + b ln 2 - s ln 10, x = u / 10^s, u = m * 2^b, 1 <= m < 2;
 *             ln m = 2 artanh((m - 1) / (m + 1)), at most 120 terms
 *     exp x = 2^k * exp r, r = x - k ln 2 in [0, ln 2); Taylor on r / 2^12, squared twelve times
 *     b ^ e = exp(e ln b); log_b x = ln x / ln b; square roots by integers */
#include "value/decimal.h"
#include "value/decimal_internal.h"

enum { LIMBS = 8, FRACTION_LIMBS = 6, HALVINGS = 12 };

struct fixed {
    uint64_t limbs[LIMBS]; /* least significant first; value * 2^384 */
};

struct signed_fixed {
    struct fixed magnitude;
    bool negative;
};

static const struct fixed ln_2 = {{UINT64_C(0x559552FB4AFA1B10), UINT64_C(0xE7B876206DEBAC98),
                                   UINT64_C(0x8A0D175B8BAAFA2B), UINT64_C(0x40F343267298B62D),
                                   UINT64_C(0xC9E3B39803F2F6AF), UINT64_C(0xB17217F7D1CF79AB),
                                   UINT64_C(0x0000000000000000), 0}};
static const struct fixed ln_10 = {{UINT64_C(0x31C32F00B17C35A0), UINT64_C(0x58BC0B5EC6A04173),
                                    UINT64_C(0x0F187A0807C0B5CA), UINT64_C(0x8A3FB3E76977E43A),
                                    UINT64_C(0xA95B58AE0B4C28A3), UINT64_C(0x4D763776AAA2B05B),
                                    UINT64_C(0x0000000000000002), 0}};

static struct fixed fixed_from_integer(weir_u128 value)
{
    struct fixed out = {{0}};
    out.limbs[FRACTION_LIMBS] = (uint64_t)value;
    out.limbs[FRACTION_LIMBS + 1] = (uint64_t)(value >> 64);
    return out;
}

static weir_u128 fixed_integer(const struct fixed *a)
{
    return weir_u128_make(a->limbs[FRACTION_LIMBS + 1], a->limbs[FRACTION_LIMBS]);
}

static bool fixed_is_zero(const struct fixed *a)
{
    uint64_t any = 0;
    for (int i = 0; i < LIMBS; i++)
        any |= a->limbs[i];
    return any == 0;
}

static int fixed_compare(const struct fixed *a, const struct fixed *b)
{
    for (int i = LIMBS - 1; i >= 0; i--)
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    return 0;
}

static void fixed_add(struct fixed *a, const struct fixed *b)
{
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        weir_u128 sum = (weir_u128)a->limbs[i] + b->limbs[i] + carry;
        a->limbs[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
}

/* a >= b. */
static void fixed_sub(struct fixed *a, const struct fixed *b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
        weir_u128 difference = (weir_u128)a->limbs[i] - b->limbs[i] - borrow;
        a->limbs[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
}

/* a * factor; what leaves the top is lost. */
static void fixed_mul_small(struct fixed *a, uint64_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        weir_u128 product = (weir_u128)a->limbs[i] * factor + carry;
        a->limbs[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
}

static void limbs_div_small(uint64_t *limbs, int count, uint64_t divisor)
{
    uint64_t rest = 0;
    for (int i = count - 1; i >= 0; i--) {
        weir_u128 part = weir_u128_make(rest, limbs[i]);
        limbs[i] = (uint64_t)(part / divisor);
        rest = (uint64_t)(part % divisor);
    }
}

static struct fixed fixed_mul(const struct fixed *a, const struct fixed *b)
{
    uint64_t product[2 * LIMBS] = {0};
    struct fixed out;

    for (int j = 0; j < LIMBS; j++) {
        uint64_t carry = 0;
        if (b->limbs[j] == 0)
            continue;
        for (int i = 0; i < LIMBS; i++) {
            weir_u128 sum = (weir_u128)a->limbs[i] * b->limbs[j] + product[i + j] + carry;
            product[i + j] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
        product[j + LIMBS] = carry;
    }
    memcpy(out.limbs, product + FRACTION_LIMBS, sizeof out.limbs);
    return out;
}

static void fixed_shift_right(struct fixed *a, unsigned bits)
{
    unsigned words = bits / 64, rest = bits % 64;
    for (unsigned i = 0; i < LIMBS; i++) {
        uint64_t low = i + words < LIMBS ? a->limbs[i + words] : 0;
        uint64_t high = i + words + 1 < LIMBS ? a->limbs[i + words + 1] : 0;
        a->limbs[i] = rest ? low >> rest | high << (64 - rest) : low;
    }
}

static void fixed_shift_left(struct fixed *a, unsigned bits)
{
    unsigned words = bits / 64, rest = bits % 64;
    for (unsigned i = LIMBS; i-- > 0;) {
        uint64_t high = i >= words ? a->limbs[i - words] : 0;
        uint64_t low = i >= words + 1 ? a->limbs[i - words - 1] : 0;
        a->limbs[i] = rest ? high << rest | low >> (64 - rest) : high;
    }
}

/* a / b bit by bit; b != 0 and below 2^127. False when the quotient has more than 128 whole bits.
 */
static bool fixed_div(const struct fixed *a, const struct fixed *b, struct fixed *out)
{
    struct fixed rest = {{0}};
    const int steps = 64 * (LIMBS + FRACTION_LIMBS);

    memset(out, 0, sizeof *out);
    for (int step = 0; step < steps; step++) {
        int bit = 64 * LIMBS - 1 - step; /* of a, from the top; zeros follow its end */
        if (out->limbs[LIMBS - 1] >> 63)
            return false;
        fixed_shift_left(out, 1);
        fixed_shift_left(&rest, 1);
        if (bit >= 0)
            rest.limbs[0] |= a->limbs[bit / 64] >> (bit % 64) & 1;
        if (fixed_compare(&rest, b) >= 0) {
            fixed_sub(&rest, b);
            out->limbs[0] |= 1;
        }
    }
    return true;
}

static struct signed_fixed signed_add(struct signed_fixed a, struct signed_fixed b)
{
    if (a.negative == b.negative) {
        fixed_add(&a.magnitude, &b.magnitude);
        return a;
    }
    if (fixed_compare(&a.magnitude, &b.magnitude) >= 0) {
        fixed_sub(&a.magnitude, &b.magnitude);
        return a;
    }
    fixed_sub(&b.magnitude, &a.magnitude);
    return b;
}

/* |value| as a fixed-point number. */
static struct fixed fixed_from_decimal(struct weir_decimal value)
{
    weir_u128 magnitude = weir_i128_magnitude(value.unscaled);
    weir_u128 power = (weir_u128)weir_decimal_pow10(value.scale);
    struct fixed out = fixed_from_integer(magnitude / power);
    weir_u128 rest = magnitude % power;

    for (int i = FRACTION_LIMBS - 1; i >= 0; i--) {
        struct weir_u256 shifted = {{0, (uint64_t)rest, (uint64_t)(rest >> 64), 0}};
        struct weir_u256 quotient, remainder;
        weir_u256_divmod(shifted, weir_u256_from(power), &quotient, &remainder);
        out.limbs[i] = quotient.limbs[0];
        rest = weir_u256_low(remainder);
    }
    return out;
}

/* Rounds to scale places. */
static enum weir_arith fixed_to_decimal(struct fixed value, bool negative, uint32_t scale,
                                        weir_i128 *out)
{
    weir_u128 whole = fixed_integer(&value);
    for (uint32_t i = 0; i < scale; i++) {
        if (whole >= WEIR_DECIMAL_LIMIT / 10)
            return WEIR_ARITH_OVERFLOW;
        value.limbs[FRACTION_LIMBS] = value.limbs[FRACTION_LIMBS + 1] = 0;
        fixed_mul_small(&value, 10);
        whole = whole * 10 + value.limbs[FRACTION_LIMBS];
    }
    if (whole >= WEIR_DECIMAL_LIMIT)
        return WEIR_ARITH_OVERFLOW;
    struct fixed margin = {{0, 0, UINT64_C(1) << 56}}; /* 2^-200 */
    value.limbs[FRACTION_LIMBS] = value.limbs[FRACTION_LIMBS + 1] = 0;
    fixed_add(&value, &margin);
    whole += value.limbs[FRACTION_LIMBS] + (value.limbs[FRACTION_LIMBS - 1] >> 63);
    if (whole >= WEIR_DECIMAL_LIMIT)
        return WEIR_ARITH_OVERFLOW;
    *out = negative ? -(weir_i128)whole : (weir_i128)whole;
    return WEIR_ARITH_OK;
}

static int bit_width(weir_u128 value)
{
    uint64_t high = (uint64_t)(value >> 64);
    if (high)
        return 128 - __builtin_clzll(high);
    return value ? 64 - __builtin_clzll((uint64_t)value) : 0;
}

/* ln m for 1 <= m < 2. */
static struct fixed ln_mantissa(struct fixed m)
{
    struct fixed one = fixed_from_integer(1);
    struct fixed sum = m, z;

    fixed_add(&sum, &one);
    fixed_sub(&m, &one);
    bool fits = fixed_div(&m, &sum, &z);
    (void)fits; /* less than 1/3 */
    struct fixed z2 = fixed_mul(&z, &z);
    struct fixed total = z, power = z;
    for (uint64_t n = 3;; n += 2) {
        power = fixed_mul(&power, &z2);
        struct fixed term = power;
        limbs_div_small(term.limbs, LIMBS, n);
        if (fixed_is_zero(&term))
            break;
        fixed_add(&total, &term);
    }
    fixed_shift_left(&total, 1);
    return total;
}

/* value > 0. */
static struct signed_fixed ln_fixed(struct weir_decimal value)
{
    weir_u128 u = (weir_u128)value.unscaled;
    int b = bit_width(u) - 1;
    struct fixed m = fixed_from_integer(u);

    fixed_shift_right(&m, (unsigned)b);
    struct signed_fixed result = {ln_mantissa(m), false};
    struct signed_fixed part = {ln_2, false};
    fixed_mul_small(&part.magnitude, (uint64_t)b);
    result = signed_add(result, part);
    part = (struct signed_fixed){ln_10, true};
    fixed_mul_small(&part.magnitude, value.scale);
    return signed_add(result, part);
}

/* e^x to scale places. */
static enum weir_arith exp_to_decimal(struct signed_fixed x, bool negative, uint32_t scale,
                                      weir_i128 *out)
{
    *out = 0;
    if (fixed_integer(&x.magnitude) >= 89) /* e^89 > 10^38, e^-89 < 0.5 * 10^-38 */
        return x.negative ? WEIR_ARITH_OK : WEIR_ARITH_OVERFLOW;

    /* r = x - k ln 2 in [0, ln 2). */
    struct fixed r = {{0}}, multiple = {{0}};
    unsigned k = 0;
    if (x.negative) {
        for (; fixed_compare(&multiple, &x.magnitude) < 0; k++)
            fixed_add(&multiple, &ln_2);
        r = multiple;
        fixed_sub(&r, &x.magnitude);
    } else {
        for (r = x.magnitude; fixed_compare(&r, &ln_2) >= 0; k++)
            fixed_sub(&r, &ln_2);
    }
    fixed_shift_right(&r, HALVINGS);
    struct fixed total = fixed_from_integer(1), term = total;
    for (uint64_t n = 1; !fixed_is_zero(&term); n++) {
        term = fixed_mul(&term, &r);
        limbs_div_small(term.limbs, LIMBS, n);
        fixed_add(&total, &term);
    }
    for (int i = 0; i < HALVINGS; i++)
        total = fixed_mul(&total, &total);
    if (x.negative)
        fixed_shift_right(&total, k);
    else if (k > 126)
        return WEIR_ARITH_OVERFLOW;
    else
        fixed_shift_left(&total, k);
    return fixed_to_decimal(total, negative, scale, out);
}

enum weir_arith weir_decimal_exp(struct weir_decimal value, uint32_t scale, weir_i128 *out)
{
    struct signed_fixed x = {fixed_from_decimal(value), value.unscaled < 0};
    return exp_to_decimal(x, false, scale, out);
}

enum weir_arith weir_decimal_ln(struct weir_decimal value, uint32_t scale, weir_i128 *out)
{
    if (value.unscaled <= 0)
        return WEIR_ARITH_DOMAIN;
    struct signed_fixed result = ln_fixed(value);
    return fixed_to_decimal(result.magnitude, result.negative, scale, out);
}

enum weir_arith weir_decimal_log(struct weir_decimal base, struct weir_decimal value,
                                 uint32_t scale, weir_i128 *out)
{
    struct fixed quotient;
    if (base.unscaled <= 0 || value.unscaled <= 0)
        return WEIR_ARITH_DOMAIN;
    if (base.unscaled == weir_decimal_pow10(base.scale))
        return WEIR_ARITH_DIVISION_BY_ZERO;
    struct signed_fixed a = ln_fixed(value), b = ln_fixed(base);
    if (!fixed_div(&a.magnitude, &b.magnitude, &quotient))
        return WEIR_ARITH_OVERFLOW;
    return fixed_to_decimal(quotient, a.negative != b.negative, scale, out);
}

/* x * |e|, both far below 2^128 in the end: computed on ten limbs, then divided by e's power. */
static bool mul_decimal(const struct fixed *x, struct weir_decimal e, struct fixed *out)
{
    uint64_t product[LIMBS + 2] = {0};
    weir_u128 magnitude = weir_i128_magnitude(e.unscaled);

    for (int j = 0; j < 2; j++) {
        uint64_t factor = j ? (uint64_t)(magnitude >> 64) : (uint64_t)magnitude;
        uint64_t carry = 0;
        for (int i = 0; i < LIMBS; i++) {
            weir_u128 sum = (weir_u128)x->limbs[i] * factor + product[i + j] + carry;
            product[i + j] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
        product[LIMBS + j] = carry;
    }
    uint32_t first = e.scale > 19 ? 19 : e.scale;
    limbs_div_small(product, LIMBS + 2, (uint64_t)weir_decimal_pow10(first));
    limbs_div_small(product, LIMBS + 2, (uint64_t)weir_decimal_pow10(e.scale - first));
    memcpy(out->limbs, product, sizeof out->limbs);
    return (product[LIMBS] | product[LIMBS + 1]) == 0;
}

enum weir_arith weir_decimal_pow(struct weir_decimal base, struct weir_decimal exponent,
                                 uint32_t scale, weir_i128 *out)
{
    weir_i128 power = weir_decimal_pow10(exponent.scale);
    bool integral = exponent.unscaled % power == 0;
    bool negative = base.unscaled < 0;

    if (exponent.unscaled == 0)
        return weir_decimal_rescale(weir_decimal_make(1, 0), scale, out);
    if (base.unscaled == 0) {
        *out = 0;
        return exponent.unscaled < 0 ? WEIR_ARITH_DOMAIN : WEIR_ARITH_OK;
    }
    if (negative && !integral)
        return WEIR_ARITH_DOMAIN;
    base.unscaled = negative ? -base.unscaled : base.unscaled;
    negative = negative && (exponent.unscaled / power) % 2 != 0;

    struct signed_fixed x = ln_fixed(base);
    bool falls = x.negative != (exponent.unscaled < 0);
    if (!mul_decimal(&x.magnitude, exponent, &x.magnitude)) {
        *out = 0;
        return falls ? WEIR_ARITH_OK : WEIR_ARITH_OVERFLOW;
    }
    x.negative = falls;
    return exp_to_decimal(x, negative, scale, out);
}

/* floor(sqrt(n)), and n less its square. */
static weir_u128 integer_root(struct weir_u256 n, struct weir_u256 *rest)
{
    weir_u128 root = 0;
    struct weir_u256 square = weir_u256_from(0);
    for (int bit = 127; bit >= 0; bit--) {
        weir_u128 candidate = root | (weir_u128)1 << bit;
        struct weir_u256 product = weir_u256_mul(candidate, candidate);
        if (weir_u256_compare(product, n) <= 0) {
            root = candidate;
            square = product;
        }
    }
    *rest = weir_u256_sub(n, square);
    return root;
}

enum weir_arith weir_decimal_sqrt(struct weir_decimal value, uint32_t scale, weir_i128 *out)
{
    /* The root at a scale fine enough that the radicand is an integer, then rounded down to scale;
     * what is lost below that finer scale is non-zero or not, which decides a tie. */
    uint32_t fine = scale * 2 >= value.scale ? scale : (value.scale + 1) / 2;
    uint32_t up = fine * 2 - value.scale;
    struct weir_u256 radicand, rest;

    if (value.unscaled < 0)
        return WEIR_ARITH_DOMAIN;
    radicand =
        weir_u256_mul((weir_u128)value.unscaled, (weir_u128)weir_decimal_pow10(up > 38 ? 38 : up));
    if (up > 38 && !weir_u256_mul_u128(radicand, (weir_u128)weir_decimal_pow10(up - 38), &radicand))
        return WEIR_ARITH_OVERFLOW;
    weir_u128 root = integer_root(radicand, &rest);
    if (fine == scale) { /* (root + 1/2)^2 = root^2 + root + 1/4 */
        root += weir_u256_compare(rest, weir_u256_from(root)) > 0;
    } else {
        weir_u128 power = (weir_u128)weir_decimal_pow10(fine - scale);
        weir_u128 left = root % power;
        root = root / power + (left >= power / 2);
    }
    if (root >= WEIR_DECIMAL_LIMIT)
        return WEIR_ARITH_OVERFLOW;
    *out = (weir_i128)root;
    return WEIR_ARITH_OK;
}
