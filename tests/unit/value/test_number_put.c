/* Numbers put inline, against libc and against the shortest-double printer. */
#include "test.h"
#include "value/number_put.h"

static uint64_t random_state = 88172645463325252U;
static uint64_t random_u64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * 0x2545F4914F6CDD1DU;
}

static void expect_i64(int64_t value)
{
    char want[32], got[WEIR_NUMBER_PUT_MAX];
    snprintf(want, sizeof want, "%lld", (long long)value);
    char *end = weir_put_i64(got, value);
    EXPECT_SLICE(weir_slice_make(got, (size_t)(end - got)), want);
    static struct weir_number_head head; /* of whatever came before */
    end = weir_put_i64_like(got, value, &head);
    EXPECT_SLICE(weir_slice_make(got, (size_t)(end - got)), want);
}

static void puts_integers(void)
{
    for (int64_t k = 0; k <= 20000; k++)
        expect_i64(k);
    int64_t power = 1;
    for (int digits = 1; digits <= 18; digits++, power *= 10)
        for (int64_t near = -2; near <= 2; near++) {
            expect_i64(power + near);
            expect_i64(-power + near);
            expect_i64(power * 9 + near);
        }
    expect_i64(INT64_MAX);
    expect_i64(INT64_MIN);
    for (int k = 0; k < 300000; k++)
        expect_i64((int64_t)(random_u64() >> (k % 64)));
    char got[WEIR_NUMBER_PUT_MAX];
    EXPECT_SLICE(weir_slice_make(got, (size_t)(weir_put_u64(got, UINT64_MAX) - got)),
                 "18446744073709551615");
}

/* All digits of every value that has eight. */
static void digits_of_eight(void)
{
    for (uint32_t value = 0; value < 100000000; value += 1 + value / 50000) {
        char want[16], got[8];
        snprintf(want, sizeof want, "%08u", value);
        weir_store_8(got, weir_digits_of_8(value) | WEIR_ZERO_DIGITS);
        EXPECT(memcmp(got, want, 8) == 0);
    }
}

static void expect_f64(double value)
{
    char want[64], got[64];
    want[weir_number_print_f64(want, value)] = 0;
    char *end = weir_put_f64(got, value);
    EXPECT_SLICE(weir_slice_make(got, (size_t)(end - got)), want);
}

static void puts_doubles(void)
{
    static const double cases[] = {
        0,      -0.0,   1,       0.1,    0.0001,       0.00009,
        0.05,   9999,   9999.9,  10000,  9999.9999,    9999.99995,
        -0.25,  -12345, 1e10,    1e15,   9999999999.5, 1e-5,
        247.72, 100.01, 1e300,   5e-324, 12345678.125, 0.3333333333333333,
        1e9,    1e14,   -1e-300, 8e9,    123456.7,     0.1 + 0.2};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        expect_f64(cases[k]);
    static const double scales[] = {1, 10, 100, 1000, 1e4, 1e5, 1e6};
    for (int k = 0; k < 300000; k++) {
        double value = (double)(int64_t)(random_u64() >> (k % 61)) / scales[k % 7];
        expect_f64(k & 1 ? value : -value);
    }
    for (int k = 0; k < 20000; k++)
        expect_f64((double)k / 1e4);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(puts_integers), TEST_CASE(digits_of_eight),
                                             TEST_CASE(puts_doubles)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
