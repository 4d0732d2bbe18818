/* Numbers against libc: strtod and strtof as oracles of reading, printf("%.17g") and read-back of
 * printing, over random bit patterns, random decimals, and hand-picked hard cases. */
#include "test.h"
#include "value/number.h"
#include "value/number_internal.h"
#include "value/power10_table.h"
#include <math.h>
#include <stdlib.h>

static uint64_t random_state = 88172645463325252U;
static uint64_t random_u64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * 0x2545F4914F6CDD1DU;
}

static struct weir_slice text(const char *string)
{
    return weir_slice_from_string(string);
}

static void expect_f64(const char *string)
{
    double got = -1, want = strtod(string, NULL);
    enum weir_parse result = weir_number_parse_f64(text(string), &got);
    if (result == WEIR_PARSE_SYNTAX || memcmp(&got, &want, sizeof got) != 0) {
        fprintf(stderr, "  %s: got %a want %a\n", string, got, want);
        EXPECT(false);
    }
}

static void expect_f32(const char *string)
{
    float got = -1, want = strtof(string, NULL);
    enum weir_parse result = weir_number_parse_f32(text(string), &got);
    if (result == WEIR_PARSE_SYNTAX || memcmp(&got, &want, sizeof got) != 0) {
        fprintf(stderr, "  %s: got %a want %a\n", string, (double)got, (double)want);
        EXPECT(false);
    }
}

static void reads_integers(void)
{
    int64_t i;
    uint64_t u;
    EXPECT(weir_number_parse_i64(text("0"), &i) == WEIR_PARSE_OK && i == 0);
    EXPECT(weir_number_parse_i64(text("+17"), &i) == WEIR_PARSE_OK && i == 17);
    EXPECT(weir_number_parse_i64(text("-9223372036854775808"), &i) == WEIR_PARSE_OK &&
           i == INT64_MIN);
    EXPECT(weir_number_parse_i64(text("9223372036854775807"), &i) == WEIR_PARSE_OK &&
           i == INT64_MAX);
    EXPECT(weir_number_parse_i64(text("000000000000000000000000012"), &i) == WEIR_PARSE_OK &&
           i == 12);
    EXPECT_INT(weir_number_parse_i64(text("9223372036854775808"), &i), WEIR_PARSE_RANGE);
    EXPECT_INT(weir_number_parse_i64(text("-9223372036854775809"), &i), WEIR_PARSE_RANGE);
    EXPECT_INT(weir_number_parse_i64(text("99999999999999999999999"), &i), WEIR_PARSE_RANGE);
    static const char *const bad[] = {
        "",     "+",       "-",         " 1", "1 ",
        "1.0",  "--1",     "12345678x", "x",  "99999999999999999999999x",
        "0x10", "1234567:"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        EXPECT_INT(weir_number_parse_i64(text(bad[k]), &i), WEIR_PARSE_SYNTAX);
    EXPECT(weir_number_parse_u64(text("18446744073709551615"), &u) == WEIR_PARSE_OK &&
           u == UINT64_MAX);
    EXPECT(weir_number_parse_u64(text("-0"), &u) == WEIR_PARSE_OK && u == 0);
    EXPECT_INT(weir_number_parse_u64(text("-1"), &u), WEIR_PARSE_RANGE);
    EXPECT_INT(weir_number_parse_u64(text("18446744073709551616"), &u), WEIR_PARSE_RANGE);
}

static void reads_wide_integers(void)
{
    weir_i128 wide;
    EXPECT(weir_number_parse_i128(text("170141183460469231731687303715884105727"), &wide) ==
               WEIR_PARSE_OK &&
           wide == WEIR_I128_MAX);
    EXPECT(weir_number_parse_i128(text("-170141183460469231731687303715884105728"), &wide) ==
               WEIR_PARSE_OK &&
           wide == WEIR_I128_MIN);
    EXPECT_INT(weir_number_parse_i128(text("170141183460469231731687303715884105728"), &wide),
               WEIR_PARSE_RANGE);
    EXPECT_INT(weir_number_parse_i128(text("1a"), &wide), WEIR_PARSE_SYNTAX);
    EXPECT(weir_number_parse_integral(text("12.0"), &wide) == WEIR_PARSE_OK && wide == 12);
    EXPECT(weir_number_parse_integral(text("1.2e1"), &wide) == WEIR_PARSE_OK && wide == 12);
    EXPECT(weir_number_parse_integral(text("-120e-1"), &wide) == WEIR_PARSE_OK && wide == -12);
    EXPECT(weir_number_parse_integral(text("0e999999999999"), &wide) == WEIR_PARSE_OK && wide == 0);
    EXPECT(weir_number_parse_integral(text("1e20"), &wide) == WEIR_PARSE_OK &&
           wide == (weir_i128)10000000000 * 10000000000);
    EXPECT_INT(weir_number_parse_integral(text("12.5"), &wide), WEIR_PARSE_SYNTAX);
    EXPECT_INT(weir_number_parse_integral(text("1e-1"), &wide), WEIR_PARSE_SYNTAX);
    EXPECT_INT(weir_number_parse_integral(text("1e999999999999999"), &wide), WEIR_PARSE_RANGE);
}

static void prints_integers(void)
{
    char got[64], want[64];
    for (int k = 0; k < 200000; k++) {
        uint64_t v = random_u64() >> (k % 64);
        size_t size = weir_number_print_u64(got, v);
        snprintf(want, sizeof want, "%" PRIu64, v);
        if (size != strlen(want) || memcmp(got, want, size) != 0)
            EXPECT_STRING(want, "printed wrongly");
        size = weir_number_print_i64(got, (int64_t)v);
        snprintf(want, sizeof want, "%" PRId64, (int64_t)v);
        if (size != strlen(want) || memcmp(got, want, size) != 0)
            EXPECT_STRING(want, "printed wrongly");
    }
    EXPECT_SLICE(weir_slice_make(got, weir_number_print_i64(got, INT64_MIN)),
                 "-9223372036854775808");
    EXPECT_SLICE(weir_slice_make(got, weir_number_print_i128(got, WEIR_I128_MIN)),
                 "-170141183460469231731687303715884105728");
    EXPECT_SLICE(weir_slice_make(got, weir_number_print_u128(got, (weir_u128)UINT64_MAX + 1)),
                 "18446744073709551616");
    EXPECT_SLICE(weir_slice_make(got, weir_number_print_u64(got, 0)), "0");
}

static const char *const hard[] = {
    "0",
    "-0",
    "0.0e5",
    "1",
    "-1.5",
    "1e22",
    "1e23",
    "8.41e21",
    "9007199254740993",
    "9007199254740992.999999999999999999999",
    "9007199254740993.00000000000000000001",
    "2.2250738585072011e-308",
    "2.2250738585072012e-308",
    "2.2250738585072014e-308",
    "4.9406564584124654e-324",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "2.47032822920623272088284396434110686182e-324",
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "1.7976931348623159e308",
    "179769313486231580793e289",
    "1e308",
    "1e-308",
    "123456789012345678901234567890",
    "0.1",
    "0.2",
    "0.3",
    "6929495644600919.5",
    "3.4e38",
    "3.4028235677973366e38",
    "7.0064923216240853546186479164495e-46",
    "0.000000000000000000000000000000000000000000000000000000000000000000000000000000001",
    "100000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    "1448997445238699",
    "5e-324",
    "1.00000000000000011102230246251565404236316680908203125",
    "1.00000000000000011102230246251565404236316680908203124",
    "1.00000000000000011102230246251565404236316680908203126",
    ".5",
    "5.",
    "1E+2",
    "00012.500",
    "1e-400",
    "1e400",
    "1e99999999999999999999",
    "0e99999999999999999999",
    "1e-99999999999999999999"};

static void reads_hard_doubles(void)
{
    for (size_t k = 0; k < sizeof hard / sizeof *hard; k++) {
        expect_f64(hard[k]);
        expect_f32(hard[k]);
    }
    double d;
    static const char *const bad[] = {"",   ".",  "+",   "e5",  "1e",  "1e+", "1.2.3", "0x10",
                                      "1 ", " 1", "nan", "inf", "1_0", "1,5", "--1",   "1e5x"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        EXPECT_INT(weir_number_parse_f64(text(bad[k]), &d), WEIR_PARSE_SYNTAX);
    EXPECT_INT(weir_number_parse_f64(text("1e400"), &d), WEIR_PARSE_RANGE);
    EXPECT_INT(weir_number_parse_f64(text("-1e-400"), &d), WEIR_PARSE_RANGE);
    EXPECT_INT(weir_number_parse_f64(text("0e-400"), &d), WEIR_PARSE_OK);
    EXPECT(weir_number_parse_f64_sql(text("-Infinity"), &d) == WEIR_PARSE_OK && d == -INFINITY);
    EXPECT(weir_number_parse_f64_sql(text("INF"), &d) == WEIR_PARSE_OK && d == INFINITY);
    EXPECT(weir_number_parse_f64_sql(text("NaN"), &d) == WEIR_PARSE_OK && d != d);
    EXPECT_INT(weir_number_parse_f64_sql(text("infinit"), &d), WEIR_PARSE_SYNTAX);
    float f;
    EXPECT_INT(weir_number_parse_f32(text("1e-46"), &f), WEIR_PARSE_RANGE);
    EXPECT_INT(weir_number_parse_f32(text("1e39"), &f), WEIR_PARSE_RANGE);
    EXPECT_INT(weir_number_parse_f32(text("3.4028235677973365e38"), &f), WEIR_PARSE_OK);
}

static void reads_many_zeros(void)
{
    static char long_text[3000];
    for (int digits = 700; digits < 2000; digits += 97) {
        memset(long_text, '0', sizeof long_text);
        memcpy(long_text, "9007199254740993.", 17);
        long_text[17 + digits] = '1';
        long_text[18 + digits] = 0;
        expect_f64(long_text);
        memset(long_text, '3', 17);
        long_text[0] = '.';
        expect_f64(long_text);
    }
}

static void reads_random_doubles(void)
{
    char string[64];
    for (int k = 0; k < 300000; k++) {
        uint64_t bits = random_u64();
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        static const char *const formats[] = {"%.17g", "%.16g", "%.15e", "%.18e", "%.25e"};
        snprintf(string, sizeof string, formats[k % 5], value);
        expect_f64(string);
        snprintf(string, sizeof string, "%" PRIu64 "e%d", random_u64() >> (k % 64),
                 (int)(random_u64() % 640) - 340);
        expect_f64(string);
        snprintf(string, sizeof string, "%d.%06d", (int)(random_u64() % 100000),
                 (int)(random_u64() % 1000000));
        expect_f64(string);
    }
}

static void reads_random_floats(void)
{
    char string[64];
    for (int k = 0; k < 200000; k++) {
        uint32_t bits = (uint32_t)random_u64();
        float value, next;
        memcpy(&value, &bits, sizeof value);
        bits++;
        memcpy(&next, &bits, sizeof next);
        if (!isfinite(value) || !isfinite(next))
            continue;
        snprintf(string, sizeof string, "%.9g", (double)value);
        expect_f32(string);
        /* On, just below and just above the midpoint of neighbours. */
        snprintf(string, sizeof string, "%.*e", 12 + k % 20, ((double)value + (double)next) / 2);
        expect_f32(string);
    }
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void prints_shortest_doubles(void)
{
    char got[64], probe[64];
    for (int k = 0; k < 300000; k++) {
        uint64_t bits = random_u64();
        double value, back;
        memcpy(&value, &bits, sizeof value);
        if (k & 1)
            value = (double)(int64_t)(bits >> 20) / pow(10, (double)(k % 12));
        if (!isfinite(value) || value == 0)
            continue;
        size_t size = weir_number_print_f64(got, value);
        got[size] = 0;
        back = strtod(got, NULL);
        if (memcmp(&back, &value, sizeof back) != 0)
            EXPECT_STRING(got, "reads back");
        /* No shorter decimal reads back; among those of its length it is the nearest. */
        struct weir_number_decimal decimal = weir_number_shortest_f64(value);
        int digits = (int)weir_number_digits_u64(decimal.digits);
        EXPECT(decimal.digits % 10 != 0);
        if (digits > 1) {
            snprintf(probe, sizeof probe, "%.*e", digits - 2, value);
            /* An even double also owns its bounds when read, but they are not printed. */
            if (strtod(probe, NULL) == value && (bits_of(value) & 1))
                EXPECT_STRING(got, probe);
        }
        snprintf(probe, sizeof probe, "%.*e", digits - 1, value);
        if (strtod(probe, NULL) != value || strtod(probe, NULL) != back)
            continue;
        char nearest[32];
        snprintf(nearest, sizeof nearest, "%" PRIu64 "e%d", decimal.digits, decimal.exponent10);
        char ours[64];
        snprintf(ours, sizeof ours, "%s%.*e", value < 0 ? "-" : "", digits - 1,
                 strtod(nearest, NULL));
        if (strcmp(ours, probe) != 0)
            EXPECT_STRING(ours, probe);
    }
}

static void prints_shortest_floats(void)
{
    char got[64], probe[64];
    for (int k = 0; k < 300000; k++) {
        uint32_t bits = (uint32_t)random_u64();
        float value, back;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value) || value == 0)
            continue;
        size_t size = weir_number_print_f32(got, value);
        got[size] = 0;
        back = strtof(got, NULL);
        if (memcmp(&back, &value, sizeof back) != 0)
            EXPECT_STRING(got, "reads back");
        struct weir_number_decimal decimal = weir_number_shortest_f32(value);
        int digits = (int)weir_number_digits_u64(decimal.digits);
        if (digits > 1) {
            snprintf(probe, sizeof probe, "%.*e", digits - 2, (double)value);
            if (strtof(probe, NULL) == value && (bits & 1))
                EXPECT_STRING(got, probe);
        }
    }
}

/* The right column is what psql of Postgres 15 prints. */
static void prints_as_postgres(void)
{
    static const struct {
        double value;
        const char *want;
    } cases[] = {{0, "0"},
                 {-0.0, "-0"},
                 {1e15, "1e+15"},
                 {1e14, "100000000000000"},
                 {123456789012345680.0, "1.2345678901234568e+17"},
                 {999999999999999, "999999999999999"},
                 {1e-4, "0.0001"},
                 {1e-5, "1e-05"},
                 {0.00012, "0.00012"},
                 {5e-324, "5e-324"},
                 {1.5e300, "1.5e+300"},
                 {0.1, "0.1"},
                 {1e20, "1e+20"},
                 {100000, "100000"},
                 {123.456, "123.456"},
                 {1e23, "9.999999999999999e+22"},
                 {8.41e21, "8.409999999999999e+21"},
                 {2.2250738585072014e-308, "2.2250738585072014e-308"},
                 {9007199254740992, "9.007199254740992e+15"},
                 {-1.5, "-1.5"},
                 {1.7976931348623157e308, "1.7976931348623157e+308"},
                 {-INFINITY, "-Infinity"},
                 {INFINITY, "Infinity"},
                 {NAN, "NaN"}};
    char out[64];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        EXPECT_SLICE(weir_slice_make(out, weir_number_print_f64(out, cases[k].value)),
                     cases[k].want);
    EXPECT_SLICE(weir_slice_make(out, weir_number_print_f32(out, 1e6F)), "1e+06");
    EXPECT_SLICE(weir_slice_make(out, weir_number_print_f32(out, 999999)), "999999");
    EXPECT_SLICE(weir_slice_make(out, weir_number_print_f32(out, 1234567)), "1.234567e+06");
    EXPECT_SLICE(weir_slice_make(out, weir_number_print_f32(out, 123456.7F)), "123456.7");
    EXPECT_SLICE(weir_slice_make(out, weir_number_print_f32(out, 1e-45F)), "1e-45");
    EXPECT_SLICE(weir_slice_make(out, weir_number_print_f32(out, 16777216)), "1.6777216e+07");
}

/* 10 * 2^-3 or 2^-4 times a row is the next row, give or take its last bit. */
static void power_table_is_consistent(void)
{
    for (int q = WEIR_POWER10_MIN; q < WEIR_POWER10_MAX; q++) {
        struct weir_power10 a = weir_power10_table[q - WEIR_POWER10_MIN];
        struct weir_power10 b = weir_power10_table[q + 1 - WEIR_POWER10_MIN];
        weir_u128 x = weir_u128_make(a.high, a.low);
        weir_u128 y = weir_u128_make(b.high, b.low);
        weir_u128 next = x / 16 * 10 + x % 16 * 10 / 16;
        if (next >> 127 == 0)
            next = x / 8 * 10 + x % 8 * 10 / 8;
        weir_u128 difference = y > next ? y - next : next - y;
        if (q != -1) /* 0.1 rounded down times ten is just below one */
            EXPECT(difference <= 16);
        EXPECT(a.high >> 63 == 1);
    }
    EXPECT(weir_power10_table[-WEIR_POWER10_MIN].high == UINT64_C(1) << 63);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(reads_integers),           TEST_CASE(reads_wide_integers),
        TEST_CASE(prints_integers),          TEST_CASE(reads_hard_doubles),
        TEST_CASE(reads_many_zeros),         TEST_CASE(reads_random_doubles),
        TEST_CASE(reads_random_floats),      TEST_CASE(prints_shortest_doubles),
        TEST_CASE(prints_shortest_floats),   TEST_CASE(prints_as_postgres),
        TEST_CASE(power_table_is_consistent)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
