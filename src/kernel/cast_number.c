/* Casts among integers, floats, DECIMAL and BOOLEAN. */
#include "kernel/cast_loops.h"
#include "kernel/kernel_internal.h"
#include "value/number.h"

#include <math.h>

static bool out_of_range(struct weir_kernel_call *call, uint32_t lane)
{
    return weir_kernel_fail(call, lane, WEIR_E_OVERFLOW, "%s out of range",
                            weir_type_name(call->out->type).text);
}

/* Neither side is DECIMAL. */
static void cast_plain(struct weir_kernel_call *call)
{
    const struct weir_column *arg = &call->args[0];
    weir_cast_loop loop = weir_cast_loop_get(arg->type->kind, call->out->type->kind);
    size_t in_width = weir_type_width(arg->type), out_width = weir_type_width(call->out->type);
    const char *in = arg->values;
    char *out = call->out_values;
    bool constant = arg->encoding == WEIR_CONSTANT;
    if (!constant) {
        if (!loop(in, out, call->rows_count))
            return;
    }
    WEIR_FOR_LANES(call, lane)
    {
        const void *value = constant ? in : in + lane * in_width;
        if (loop(value, out + lane * out_width, 1) && weir_bit_get(call->validity, lane) &&
            !out_of_range(call, lane))
            return;
    }
}

/* Reads lane as a 128-bit integer; integers only. */
static weir_i128 read_integer(enum weir_type_kind kind, const void *value)
{
    switch (kind) {
    case WEIR_TYPE_INT8:
        return *(const int8_t *)value;
    case WEIR_TYPE_INT16:
        return *(const int16_t *)value;
    case WEIR_TYPE_INT32:
        return *(const int32_t *)value;
    case WEIR_TYPE_INT64:
        return *(const int64_t *)value;
    case WEIR_TYPE_UINT8:
        return *(const uint8_t *)value;
    case WEIR_TYPE_UINT16:
        return *(const uint16_t *)value;
    case WEIR_TYPE_UINT32:
        return *(const uint32_t *)value;
    default:
        return *(const uint64_t *)value;
    }
}

/* False when value does not fit. */
static bool write_integer(enum weir_type_kind kind, weir_i128 value, void *out)
{
    switch (kind) {
    case WEIR_TYPE_INT8:
        return !__builtin_add_overflow(value, 0, (int8_t *)out);
    case WEIR_TYPE_INT16:
        return !__builtin_add_overflow(value, 0, (int16_t *)out);
    case WEIR_TYPE_INT32:
        return !__builtin_add_overflow(value, 0, (int32_t *)out);
    case WEIR_TYPE_INT64:
        return !__builtin_add_overflow(value, 0, (int64_t *)out);
    case WEIR_TYPE_UINT8:
        return !__builtin_add_overflow(value, 0, (uint8_t *)out);
    case WEIR_TYPE_UINT16:
        return !__builtin_add_overflow(value, 0, (uint16_t *)out);
    case WEIR_TYPE_UINT32:
        return !__builtin_add_overflow(value, 0, (uint32_t *)out);
    default:
        return !__builtin_add_overflow(value, 0, (uint64_t *)out);
    }
}

static bool to_decimal(const struct weir_type *from, const struct weir_type *to, const void *value,
                       weir_i128 *out)
{
    enum weir_arith result;
    if (from->kind == WEIR_TYPE_FLOAT64)
        result = weir_decimal_from_f64(*(const double *)value, to->scale, out);
    else if (from->kind == WEIR_TYPE_FLOAT32)
        result = weir_decimal_from_f32(*(const float *)value, to->scale, out);
    else if (from->kind == WEIR_TYPE_DECIMAL)
        result = weir_decimal_rescale(weir_decimal_make(*(const weir_i128 *)value, from->scale),
                                      to->scale, out);
    else
        result = weir_decimal_rescale(weir_decimal_make(read_integer(from->kind, value), 0),
                                      to->scale, out);
    return result == WEIR_ARITH_OK && weir_decimal_fits(*out, to->precision);
}

static float decimal_to_f32(struct weir_decimal value)
{
    char text[WEIR_DECIMAL_SIZE];
    float out = 0;
    size_t size = weir_decimal_print(text, value);
    /* In range: 38 digits are far below the greatest float, and text that rounds to 0 gives 0. */
    enum weir_parse parsed = weir_number_parse_f32(weir_slice_make(text, size), &out);
    return parsed == WEIR_PARSE_SYNTAX ? (float)weir_decimal_to_f64(value) : out;
}

static bool from_decimal(const struct weir_type *from, const struct weir_type *to,
                         const void *value, void *out)
{
    struct weir_decimal decimal = weir_decimal_make(*(const weir_i128 *)value, from->scale);
    weir_i128 whole;
    switch (to->kind) {
    case WEIR_TYPE_FLOAT64:
        *(double *)out = weir_decimal_to_f64(decimal);
        return true;
    case WEIR_TYPE_FLOAT32:
        *(float *)out = decimal_to_f32(decimal);
        return true;
    default:
        return weir_decimal_rescale(decimal, 0, &whole) == WEIR_ARITH_OK &&
               write_integer(to->kind, whole, out);
    }
}

/* BIGINT to a DECIMAL with room for all of them: nothing needs looking at. */
static void cast_widening(struct weir_kernel_call *call)
{
    const int64_t *in = call->args[0].values;
    weir_i128 *out = call->out_values, unit = weir_decimal_pow10(call->out->type->scale);
    WEIR_FOR_LANES(call, lane)
    out[lane] = in[lane] * unit;
}

void weir_cast_number(struct weir_kernel_call *call)
{
    enum { BIGINT_DIGITS = 19 };
    const struct weir_type *from = call->args[0].type, *to = call->out->type;
    if (from->kind != WEIR_TYPE_DECIMAL && to->kind != WEIR_TYPE_DECIMAL) {
        cast_plain(call);
        return;
    }
    if (from->kind == WEIR_TYPE_INT64 && call->args[0].encoding != WEIR_CONSTANT &&
        to->kind == WEIR_TYPE_DECIMAL && to->precision - to->scale >= BIGINT_DIGITS) {
        cast_widening(call);
        return;
    }
    size_t in_width = weir_type_width(from), out_width = weir_type_width(to);
    size_t step = call->args[0].encoding == WEIR_CONSTANT ? 0 : in_width;
    const char *in = call->args[0].values;
    char *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        const void *value = in + lane * step;
        void *slot = out + lane * out_width;
        bool ok = to->kind == WEIR_TYPE_DECIMAL ? to_decimal(from, to, value, slot)
                                                : from_decimal(from, to, value, slot);
        if (!ok && !out_of_range(call, lane))
            return;
    }
}

/* BOOLEAN to an integer (0, 1), or an integer to BOOLEAN (anything but 0 is true). */
void weir_cast_boolean_number(struct weir_kernel_call *call)
{
    enum weir_type_kind from = call->args[0].type->kind, to = call->out->type->kind;
    size_t step = call->args[0].encoding == WEIR_CONSTANT ? 0 : weir_type_width(call->args[0].type);
    size_t out_width = weir_type_width(call->out->type);
    const char *in = call->args[0].values;
    char *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        if (to == WEIR_TYPE_BOOLEAN)
            *(uint8_t *)(out + lane) = read_integer(from, in + lane * step) != 0;
        else
            (void)write_integer(to, *(const uint8_t *)(in + lane * step) != 0,
                                out + lane * out_width);
    }
}
