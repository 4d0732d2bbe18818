/* Decimals against data/decimal.tsv, made by Python's decimal module, and against Postgres by hand.
 */
#include "test.h"
#include "value/decimal.h"
#include <stdlib.h>

static struct weir_decimal read_natural(const char *string)
{
    struct weir_decimal out = {0, 0};
    EXPECT_INT(weir_decimal_parse_natural(weir_slice_from_string(string), &out), WEIR_PARSE_OK);
    return out;
}

static enum weir_arith apply(const char *op, struct weir_decimal a, struct weir_decimal b,
                             uint32_t scale, weir_i128 *out)
{
    if (!strcmp(op, "add"))
        return weir_decimal_add(a, b, scale, out);
    if (!strcmp(op, "sub"))
        return weir_decimal_sub(a, b, scale, out);
    if (!strcmp(op, "mul"))
        return weir_decimal_mul(a, b, scale, out);
    if (!strcmp(op, "div"))
        return weir_decimal_div(a, b, scale, out);
    if (!strcmp(op, "mod"))
        return weir_decimal_mod(a, b, scale, out);
    if (!strcmp(op, "quo"))
        return weir_decimal_div_trunc(a, b, out);
    if (!strcmp(op, "rescale"))
        return weir_decimal_rescale(a, scale, out);
    if (!strcmp(op, "sqrt"))
        return weir_decimal_sqrt(a, scale, out);
    if (!strcmp(op, "ln"))
        return weir_decimal_ln(a, scale, out);
    if (!strcmp(op, "log"))
        return weir_decimal_log(a, b, scale, out);
    if (!strcmp(op, "exp"))
        return weir_decimal_exp(a, scale, out);
    return weir_decimal_pow(a, b, scale, out);
}

static void check_line(const char *op, const char *a_text, const char *b_text, uint32_t scale,
                       const char *want)
{
    struct weir_decimal a = read_natural(a_text), b = read_natural(b_text);
    char got[WEIR_DECIMAL_SIZE + 32] = "";
    weir_i128 value = 0;

    if (!strcmp(op, "cmp")) {
        snprintf(got, sizeof got, "%d", weir_decimal_compare(a, b));
    } else if (!strcmp(op, "f64")) {
        double wanted = strtod(want, NULL);
        if (weir_decimal_to_f64(a) != wanted)
            EXPECT_STRING(a_text, want);
        return;
    } else {
        switch (apply(op, a, b, scale, &value)) {
        case WEIR_ARITH_OK:
            got[weir_decimal_print(got, weir_decimal_make(value, scale))] = 0;
            break;
        case WEIR_ARITH_OVERFLOW:
            strcpy(got, "overflow");
            break;
        case WEIR_ARITH_DIVISION_BY_ZERO:
            strcpy(got, "zero");
            break;
        case WEIR_ARITH_DOMAIN:
            strcpy(got, "domain");
            break;
        }
    }
    if (strcmp(got, want) != 0) {
        fprintf(stderr, "%s %s %s at %u:\n", op, a_text, b_text, scale);
        EXPECT_STRING(got, want);
    }
}

static void agrees_with_python(void)
{
    FILE *file = fopen(TEST_DATA_DIR "/decimal.tsv", "r");
    char op[16], a[64], b[64], want[64];
    unsigned scale;
    int lines = 0;

    if (!EXPECT(file != NULL))
        return;
    while (fscanf(file, "%15s %63s %63s %u %63s", op, a, b, &scale, want) == 5) {
        check_line(op, a, b, scale, want);
        lines++;
    }
    fclose(file);
    EXPECT(lines > 2000);
}

static void reads_text(void)
{
    static const struct {
        const char *text;
        uint32_t precision, scale;
        enum weir_parse result;
        const char *want;
    } cases[] = {{"1.005", 10, 2, WEIR_PARSE_OK, "1.01"},
                 {"-1.005", 10, 2, WEIR_PARSE_OK, "-1.01"},
                 {"1.004999", 10, 2, WEIR_PARSE_OK, "1.00"},
                 {"99.995", 4, 2, WEIR_PARSE_RANGE, ""},
                 {"99.994", 4, 2, WEIR_PARSE_OK, "99.99"},
                 {"1e3", 5, 1, WEIR_PARSE_OK, "1000.0"},
                 {"12e-1", 5, 1, WEIR_PARSE_OK, "1.2"},
                 {"5e-3", 5, 2, WEIR_PARSE_OK, "0.01"},
                 {"4e-3", 5, 2, WEIR_PARSE_OK, "0.00"},
                 {"5e-4", 5, 2, WEIR_PARSE_OK, "0.00"},
                 {"-0.00", 5, 2, WEIR_PARSE_OK, "0.00"},
                 {"0e9999999999999", 5, 2, WEIR_PARSE_OK, "0.00"},
                 {"1e-9999999999999", 5, 2, WEIR_PARSE_OK, "0.00"},
                 {"1e38", 38, 0, WEIR_PARSE_RANGE, ""},
                 {"99999999999999999999999999999999999999", 38, 0, WEIR_PARSE_OK,
                  "99999999999999999999999999999999999999"},
                 {"99999999999999999999999999999999999999.5", 38, 0, WEIR_PARSE_RANGE, ""},
                 {"1.", 5, 0, WEIR_PARSE_OK, "1"},
                 {".5", 5, 1, WEIR_PARSE_OK, "0.5"},
                 {"NaN", 5, 1, WEIR_PARSE_SYNTAX, ""},
                 {" 1", 5, 1, WEIR_PARSE_SYNTAX, ""},
                 {"", 5, 1, WEIR_PARSE_SYNTAX, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        weir_i128 value;
        char out[WEIR_DECIMAL_SIZE];
        enum weir_parse result = weir_decimal_parse(weir_slice_from_string(cases[i].text),
                                                    cases[i].precision, cases[i].scale, &value);
        EXPECT_INT(result, cases[i].result);
        if (result == WEIR_PARSE_OK)
            EXPECT_SLICE(weir_slice_make(out, weir_decimal_print(
                                                  out, weir_decimal_make(value, cases[i].scale))),
                         cases[i].want);
    }
}

static void expect_natural(const char *string, const char *want)
{
    char out[WEIR_DECIMAL_SIZE];
    EXPECT_SLICE(weir_slice_make(out, weir_decimal_print(out, read_natural(string))), want);
}

static void reads_natural_scale(void)
{
    expect_natural("1.50", "1.50");
    expect_natural("1e3", "1000");
    expect_natural("1.50e1", "15.0");
    expect_natural("1e-3", "0.001");
    expect_natural("-0.0", "0.0");
    expect_natural("0.00000000000000000000000000000000000000001",
                   "0.00000000000000000000000000000000000000");
    expect_natural("12345678901234567890123456789012345678.5",
                   "12345678901234567890123456789012345679");
    expect_natural("1234567890123456789012345678901234567.85",
                   "1234567890123456789012345678901234567.9");
    expect_natural("9999999999999999999999999999999999999.95",
                   "10000000000000000000000000000000000000");
}

static void rounds(void)
{
    static const struct {
        const char *value;
        int32_t digits;
        const char *rounded, *truncated;
    } cases[] = {{"1.255", 2, "1.26", "1.25"}, {"-1.255", 2, "-1.26", "-1.25"},
                 {"1250", -2, "1300", "1200"}, {"-1250", -2, "-1300", "-1200"},
                 {"1.5", 4, "1.5", "1.5"},     {"49.9", -2, "0", "0"},
                 {"50", -2, "100", "0"},       {"0.5", 0, "1", "0"},
                 {"123.456", -50, "0", "0"},   {"99.99", 1, "100.0", "99.9"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct weir_decimal out;
        char text[WEIR_DECIMAL_SIZE];
        EXPECT_INT(weir_decimal_round(read_natural(cases[i].value), cases[i].digits, &out), 0);
        EXPECT_SLICE(weir_slice_make(text, weir_decimal_print(text, out)), cases[i].rounded);
        EXPECT_INT(weir_decimal_trunc(read_natural(cases[i].value), cases[i].digits, &out), 0);
        EXPECT_SLICE(weir_slice_make(text, weir_decimal_print(text, out)), cases[i].truncated);
    }
    EXPECT(weir_decimal_ceil(read_natural("-1.5")).unscaled == -1);
    EXPECT(weir_decimal_ceil(read_natural("1.01")).unscaled == 2);
    EXPECT(weir_decimal_floor(read_natural("-1.01")).unscaled == -2);
    EXPECT(weir_decimal_floor(read_natural("1.99")).unscaled == 1);
    struct weir_decimal trimmed = weir_decimal_trim(read_natural("1.500"));
    EXPECT(trimmed.unscaled == 15 && trimmed.scale == 1);
}

static void converts(void)
{
    weir_i128 value;
    int64_t whole;
    EXPECT(weir_decimal_from_f64(0.1, 20, &value) == 0 && value == 10000000000000000000U);
    /* Postgres: 123456789.987654321::float8::numeric = 123456789.987654 */
    EXPECT(weir_decimal_from_f64(123456789.987654321, 9, &value) == 0 &&
           value == 123456789987654000);
    /* 2.5 and 0.15 are cut to 15 digits first: 0.15 -> 0.2 at one place. */
    EXPECT(weir_decimal_from_f64(0.15, 1, &value) == 0 && value == 2);
    EXPECT(weir_decimal_from_f64(-1e37, 0, &value) == 0 && value == -weir_decimal_pow10(37));
    EXPECT_INT(weir_decimal_from_f64(1e38, 0, &value), WEIR_ARITH_OVERFLOW);
    EXPECT_INT(weir_decimal_from_f64(__builtin_nan(""), 0, &value), WEIR_ARITH_OVERFLOW);
    EXPECT(weir_decimal_from_f32(1.23456789F, 8, &value) == 0 && value == 123457000);
    EXPECT(weir_decimal_to_i64(read_natural("-2.5"), &whole) == 0 && whole == -3);
    EXPECT_INT(weir_decimal_to_i64(read_natural("9223372036854775807.5"), &whole),
               WEIR_ARITH_OVERFLOW);
    EXPECT(weir_decimal_to_i64(read_natural("9223372036854775807.4"), &whole) == 0 &&
           whole == INT64_MAX);
    EXPECT_INT(weir_decimal_digits(weir_decimal_pow10(37)), 38);
    EXPECT_INT(weir_decimal_digits(weir_decimal_pow10(37) - 1), 37);
    EXPECT_INT(weir_decimal_digits(0), 0);
}

static void refuses_what_has_no_answer(void)
{
    weir_i128 out;
    struct weir_decimal minus = weir_decimal_make(-15, 1), zero = {0, 0}, two = {2, 0};
    EXPECT_INT(weir_decimal_sqrt(minus, 2, &out), WEIR_ARITH_DOMAIN);
    EXPECT_INT(weir_decimal_ln(zero, 2, &out), WEIR_ARITH_DOMAIN);
    EXPECT_INT(weir_decimal_log(weir_decimal_make(10, 1), two, 2, &out),
               WEIR_ARITH_DIVISION_BY_ZERO);
    EXPECT_INT(weir_decimal_pow(zero, minus, 2, &out), WEIR_ARITH_DOMAIN);
    EXPECT_INT(weir_decimal_pow(minus, weir_decimal_make(5, 1), 2, &out), WEIR_ARITH_DOMAIN);
    EXPECT(weir_decimal_pow(weir_decimal_make(5, 1), weir_decimal_make(17, 0), 16, &out) == 0 &&
           out == 76293945313); /* 0.00000762939453125 at 16 places: a tie, away from zero */
    EXPECT(weir_decimal_pow(zero, zero, 2, &out) == 0 && out == 100);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(agrees_with_python),
                                             TEST_CASE(reads_text),
                                             TEST_CASE(reads_natural_scale),
                                             TEST_CASE(rounds),
                                             TEST_CASE(converts),
                                             TEST_CASE(refuses_what_has_no_answer)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
