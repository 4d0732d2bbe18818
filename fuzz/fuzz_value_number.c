/* Numbers: what is read is what strtod reads; what is printed reads back the same, for doubles,
 * floats, integers and decimals. Two with a space between them are reckoned with. */
#include "value/decimal.h"
#include "value/number.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void check_double(struct weir_slice text)
{
    char copy[1024], out[WEIR_NUMBER_F64_SIZE];
    double value, again;
    enum weir_parse result = weir_number_parse_f64(text, &value);
    if (result == WEIR_PARSE_SYNTAX || text.size >= sizeof copy)
        return;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    double want = strtod(copy, NULL);
    check(memcmp(&value, &want, sizeof value) == 0);
    if (result != WEIR_PARSE_OK)
        return;
    size_t size = weir_number_print_f64(out, value);
    check(size <= sizeof out);
    check(weir_number_parse_f64(weir_slice_make(out, size), &again) == WEIR_PARSE_OK);
    check(memcmp(&value, &again, sizeof value) == 0);
}

static void check_float(struct weir_slice text)
{
    char copy[1024], out[WEIR_NUMBER_F32_SIZE];
    float value, again;
    enum weir_parse result = weir_number_parse_f32(text, &value);
    if (result == WEIR_PARSE_SYNTAX || text.size >= sizeof copy)
        return;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    float want = strtof(copy, NULL);
    check(memcmp(&value, &want, sizeof value) == 0);
    if (result != WEIR_PARSE_OK)
        return;
    size_t size = weir_number_print_f32(out, value);
    check(weir_number_parse_f32(weir_slice_make(out, size), &again) == WEIR_PARSE_OK);
    check(memcmp(&value, &again, sizeof value) == 0);
}

static void check_decimal(struct weir_slice text)
{
    char out[WEIR_DECIMAL_SIZE];
    struct weir_decimal value, again;
    weir_i128 rounded;
    if (weir_decimal_parse_natural(text, &value) != WEIR_PARSE_OK)
        return;
    check(value.scale <= 38 && weir_decimal_fits(value.unscaled, 38));
    size_t size = weir_decimal_print(out, value);
    check(size <= sizeof out);
    check(weir_decimal_parse_natural(weir_slice_make(out, size), &again) == WEIR_PARSE_OK);
    check(weir_decimal_compare(value, again) == 0 && value.scale == again.scale);
    if (weir_decimal_rescale(value, 10, &rounded) == WEIR_ARITH_OK && value.scale <= 10) {
        weir_i128 parsed = 0;
        check(weir_decimal_parse(text, 38, 10, &parsed) == WEIR_PARSE_OK && parsed == rounded);
    }
    if (value.unscaled != 0 && weir_decimal_div(value, value, 6, &rounded) == WEIR_ARITH_OK)
        check(rounded == 1000000);
}

/* Two numbers, a space between them: what must hold of sums, quotients, remainders, rounding. */
static void check_arithmetic(struct weir_slice text)
{
    struct weir_decimal a, b, whole;
    weir_i128 sum, back, product, quotient, rest;
    size_t space = weir_slice_find(text, weir_slice_from_string(" "), 0);
    if (space == SIZE_MAX ||
        weir_decimal_parse_natural(weir_slice_make(text.data, space), &a) != WEIR_PARSE_OK ||
        weir_decimal_parse_natural(weir_slice_make(text.data + space + 1, text.size - space - 1),
                                   &b) != WEIR_PARSE_OK)
        return;
    uint32_t scale = a.scale > b.scale ? a.scale : b.scale;
    int order = weir_decimal_compare(a, b);
    check(order == -weir_decimal_compare(b, a));
    if (weir_decimal_add(a, b, scale, &sum) == WEIR_ARITH_OK &&
        weir_decimal_sub(weir_decimal_make(sum, scale), b, scale, &back) == WEIR_ARITH_OK)
        check(weir_decimal_compare(weir_decimal_make(back, scale), a) == 0);
    if (weir_decimal_sub(a, b, scale, &sum) == WEIR_ARITH_OK)
        check((sum > 0) - (sum < 0) == order);
    if (a.scale + b.scale <= 38 &&
        weir_decimal_mul(a, b, a.scale + b.scale, &product) == WEIR_ARITH_OK && b.unscaled != 0 &&
        weir_decimal_div(weir_decimal_make(product, a.scale + b.scale), b, a.scale, &back) ==
            WEIR_ARITH_OK)
        check(back == a.unscaled);
    if (weir_decimal_div_trunc(a, b, &quotient) == WEIR_ARITH_OK &&
        weir_decimal_mod(a, b, scale, &rest) == WEIR_ARITH_OK) {
        check(rest == 0 || (rest > 0) == (a.unscaled > 0));
        if (weir_decimal_mul(weir_decimal_make(quotient, 0), b, scale, &product) == WEIR_ARITH_OK &&
            weir_decimal_rescale(a, scale, &sum) == WEIR_ARITH_OK)
            check(product + rest == sum);
    }
    check((b.unscaled == 0) ==
          (weir_decimal_div_trunc(a, b, &quotient) == WEIR_ARITH_DIVISION_BY_ZERO));
    check(weir_decimal_compare(weir_decimal_trim(a), a) == 0);
    check(weir_decimal_compare(weir_decimal_floor(a), a) <= 0);
    check(weir_decimal_compare(weir_decimal_ceil(a), a) >= 0);
    for (int32_t digits = -4; digits < 12; digits += 3)
        if (weir_decimal_trunc(a, digits, &whole) == WEIR_ARITH_OK &&
            weir_decimal_round(whole, digits, &whole) == WEIR_ARITH_OK)
            check(weir_decimal_compare(whole, a) * (a.unscaled < 0 ? -1 : 1) <= 0);
}

/* Decimals, doubles, integers into each other. */
static void check_conversions(struct weir_slice text)
{
    struct weir_decimal value;
    weir_i128 unscaled;
    int64_t whole;
    double want;
    if (weir_decimal_parse_natural(text, &value) != WEIR_PARSE_OK)
        return;
    char out[WEIR_DECIMAL_SIZE];
    size_t size = weir_decimal_print(out, value);
    if (weir_number_parse_f64(weir_slice_make(out, size), &want) == WEIR_PARSE_OK) {
        double got = weir_decimal_to_f64(value);
        check(got == want);
        (void)!weir_decimal_from_f32((float)got, 10, &unscaled);
    }
    if (weir_decimal_to_i64(value, &whole) == WEIR_ARITH_OK &&
        weir_decimal_from_i64(whole, 3, &unscaled) == WEIR_ARITH_OK)
        check(unscaled == (weir_i128)whole * 1000);
}

static void check_integers(struct weir_slice text)
{
    char out[WEIR_NUMBER_I128_SIZE];
    weir_i128 wide, again;
    int64_t narrow;
    if (weir_number_parse_i128(text, &wide) == WEIR_PARSE_OK) {
        size_t size = weir_number_print_i128(out, wide);
        check(weir_number_parse_i128(weir_slice_make(out, size), &again) == WEIR_PARSE_OK);
        check(wide == again);
        enum weir_parse result = weir_number_parse_i64(text, &narrow);
        check(result == (wide < INT64_MIN || wide > INT64_MAX ? WEIR_PARSE_RANGE : WEIR_PARSE_OK));
        check(result != WEIR_PARSE_OK || narrow == wide);
        check(weir_number_parse_integral(text, &again) == WEIR_PARSE_OK && wide == again);
    } else {
        check(weir_number_parse_i64(text, &narrow) != WEIR_PARSE_OK);
    }
}

/* Eight bytes as a double, four as a float: print and read. */
static void check_bits(const uint8_t *data, size_t size)
{
    char out[WEIR_NUMBER_F64_SIZE];
    double value, again;
    if (size < sizeof value)
        return;
    memcpy(&value, data, sizeof value);
    size_t printed = weir_number_print_f64(out, value);
    check(weir_number_parse_f64_sql(weir_slice_make(out, printed), &again) == WEIR_PARSE_OK);
    check(value != value ? again != again : memcmp(&value, &again, sizeof value) == 0);
    weir_i128 unscaled;
    enum weir_arith converted = weir_decimal_from_f64(value, 10, &unscaled);
    check(converted == WEIR_ARITH_OK || converted == WEIR_ARITH_OVERFLOW);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_slice text = weir_slice_make((const char *)data, size);
    check_double(text);
    check_float(text);
    check_decimal(text);
    check_arithmetic(text);
    check_conversions(text);
    check_integers(text);
    check_bits(data, size);
    return 0;
}
