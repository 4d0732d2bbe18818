/* 256-bit unsigned arithmetic: schoolbook products, Knuth's algorithm D for quotients (TAOCP 2,
 * 4.3.1), with 64-bit limbs. */
#include "value/decimal_internal.h"

int weir_u256_compare(struct weir_u256 a, struct weir_u256 b)
{
    for (int i = 3; i >= 0; i--)
        if (a.limbs[i] != b.limbs[i])
            return a.limbs[i] < b.limbs[i] ? -1 : 1;
    return 0;
}

bool weir_u256_mul_u128(struct weir_u256 a, weir_u128 b, struct weir_u256 *out)
{
    uint64_t factors[2] = {(uint64_t)b, (uint64_t)(b >> 64)};
    uint64_t product[6] = {0};

    for (int j = 0; j < 2; j++) {
        uint64_t carry = 0;
        for (int i = 0; i < 4; i++) {
            weir_u128 sum = (weir_u128)a.limbs[i] * factors[j] + product[i + j] + carry;
            product[i + j] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
        product[j + 4] = carry;
    }
    memcpy(out->limbs, product, sizeof out->limbs);
    return (product[4] | product[5]) == 0;
}

struct weir_u256 weir_u256_mul(weir_u128 a, weir_u128 b)
{
    struct weir_u256 out;
    bool fits = weir_u256_mul_u128(weir_u256_from(a), b, &out);
    (void)fits; /* 128 bits times 128 bits always fit */
    return out;
}

bool weir_u256_add(struct weir_u256 a, struct weir_u256 b, struct weir_u256 *out)
{
    uint64_t carry = 0;
    for (int i = 0; i < 4; i++) {
        weir_u128 sum = (weir_u128)a.limbs[i] + b.limbs[i] + carry;
        out->limbs[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return carry == 0;
}

struct weir_u256 weir_u256_sub(struct weir_u256 a, struct weir_u256 b)
{
    struct weir_u256 out;
    uint64_t borrow = 0;
    for (int i = 0; i < 4; i++) {
        weir_u128 difference = (weir_u128)a.limbs[i] - b.limbs[i] - borrow;
        out.limbs[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return out;
}

static int limbs_count(const uint64_t *limbs, int count)
{
    while (count > 0 && limbs[count - 1] == 0)
        count--;
    return count;
}

/* Divisor of one limb. */
static uint64_t divide_by_limb(struct weir_u256 a, uint64_t b, struct weir_u256 *quotient)
{
    uint64_t rest = 0;
    for (int i = 3; i >= 0; i--) {
        weir_u128 part = weir_u128_make(rest, a.limbs[i]);
        quotient->limbs[i] = (uint64_t)(part / b);
        rest = (uint64_t)(part % b);
    }
    return rest;
}

/* out[0..count] = in[0..count-1] << bits (bits < 64). */
static void shift_left(uint64_t *out, const uint64_t *in, int count, int bits)
{
    out[count] = bits ? in[count - 1] >> (64 - bits) : 0;
    for (int i = count - 1; i > 0; i--)
        out[i] = bits ? in[i] << bits | in[i - 1] >> (64 - bits) : in[i];
    out[0] = in[0] << bits;
}

/* One digit of the quotient: u[0..n] -= q * v[0..n-1]. */
static uint64_t quotient_digit(uint64_t *u, const uint64_t *v, int n)
{
    weir_u128 top = weir_u128_make(u[n], u[n - 1]);
    weir_u128 q = u[n] >= v[n - 1] ? (weir_u128)UINT64_MAX : top / v[n - 1];
    weir_u128 rest = top - q * v[n - 1];

    while (rest <= UINT64_MAX && q * v[n - 2] > weir_u128_make((uint64_t)rest, u[n - 2])) {
        q--;
        rest += v[n - 1];
    }
    uint64_t borrow = 0, carry = 0;
    for (int i = 0; i <= n; i++) {
        weir_u128 part = i < n ? (weir_u128)(uint64_t)q * v[i] + carry : carry;
        carry = (uint64_t)(part >> 64);
        weir_u128 difference = (weir_u128)u[i] - (uint64_t)part - borrow;
        u[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    if (borrow) { /* one too many: add v back */
        q--;
        carry = 0;
        for (int i = 0; i <= n; i++) {
            weir_u128 sum = (weir_u128)u[i] + (i < n ? v[i] : 0) + carry;
            u[i] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
    }
    return (uint64_t)q;
}

static void divide_long(struct weir_u256 a, struct weir_u256 b, int n, struct weir_u256 *quotient,
                        struct weir_u256 *remainder)
{
    uint64_t u[5], v[5];
    int bits = __builtin_clzll(b.limbs[n - 1]);
    int m = limbs_count(a.limbs, 4);

    *quotient = weir_u256_from(0);
    if (m < n) {
        *remainder = a;
        return;
    }
    shift_left(u, a.limbs, m, bits);
    shift_left(v, b.limbs, n, bits);
    for (int j = m - n; j >= 0; j--)
        quotient->limbs[j] = quotient_digit(u + j, v, n);
    *remainder = weir_u256_from(0);
    for (int i = 0; i < n; i++)
        remainder->limbs[i] = bits ? u[i] >> bits | u[i + 1] << (64 - bits) : u[i];
}

void weir_u256_divmod(struct weir_u256 a, struct weir_u256 b, struct weir_u256 *quotient,
                      struct weir_u256 *remainder)
{
    struct weir_u256 q, r;
    int n = limbs_count(b.limbs, 4);

    if (weir_u256_fits_u128(a) && n <= 2) {
        weir_u128 x = weir_u256_low(a), y = weir_u256_low(b);
        q = weir_u256_from(x / y);
        r = weir_u256_from(x % y);
    } else if (n == 1) {
        r = weir_u256_from(divide_by_limb(a, b.limbs[0], &q));
    } else {
        divide_long(a, b, n, &q, &r);
    }
    if (quotient)
        *quotient = q;
    if (remainder)
        *remainder = r;
}

bool weir_u256_div_round(struct weir_u256 a, struct weir_u256 b, weir_u128 *out)
{
    struct weir_u256 quotient, remainder;
    weir_u256_divmod(a, b, &quotient, &remainder);
    if (!weir_u256_fits_u128(quotient) || weir_u256_low(quotient) >= WEIR_DECIMAL_LIMIT)
        return false;
    *out = weir_u256_low(quotient);
    if (weir_u256_compare(remainder, weir_u256_sub(b, remainder)) >= 0)
        ++*out;
    return *out < WEIR_DECIMAL_LIMIT;
}

struct weir_u256 weir_u256_pow10(uint32_t n)
{
    uint32_t half = n / 2;
    return weir_u256_mul((weir_u128)weir_decimal_pow10(half),
                         (weir_u128)weir_decimal_pow10(n - half));
}
