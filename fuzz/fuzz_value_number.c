/* Numbers: what is read is what strtod reads; what is printed reads back the same, for doubles,
 * floats, integers and decimals. */
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
    check_integers(text);
    check_bits(data, size);
    return 0;
}
