/* Arithmetic of SQL/JSON paths, as Postgres' numeric does it within 38 digits. */
#include "kernel/json/path.h"
#include "value/decimal.h"

static const char *store(struct weir_decimal value, struct weir_arena *arena,
                         struct weir_slice *out)
{
    char *bytes = weir_arena_alloc(arena, WEIR_DECIMAL_SIZE, 1);
    *out = weir_slice_make(bytes, bytes ? weir_decimal_print(bytes, value) : 0);
    return NULL;
}

static const char *parse(struct weir_slice text, struct weir_decimal *out)
{
    return weir_decimal_parse_natural(text, out) == WEIR_PARSE_OK
               ? NULL
               : "a number has more than 38 digits";
}

/* The weight of the first group of four digits that is not zero (units are group 0), and its value.
 */
static int32_t leading_group(struct weir_decimal value, uint32_t *group)
{
    weir_i128 left = value.unscaled < 0 ? -value.unscaled : value.unscaled;
    int32_t digits = (int32_t)weir_decimal_digits(left) - (int32_t)value.scale;
    int32_t weight = digits > 0 ? (digits - 1) / 4 : -((4 - digits) / 4);
    int32_t drop = (int32_t)value.scale + weight * 4; /* digits behind the group */
    *group = 0;
    if (left == 0)
        return 0;
    if (drop >= 0)
        *group = (uint32_t)(left / weir_decimal_pow10((uint32_t)drop));
    else
        *group = (uint32_t)(left * weir_decimal_pow10((uint32_t)-drop));
    return weight;
}

/* As many digits behind the point as give 16 significant ones, at least as many as both sides have:
 * what Postgres chooses, which counts in groups of four digits. */
static uint32_t quotient_scale(struct weir_decimal a, struct weir_decimal b)
{
    uint32_t a_group, b_group;
    int32_t weight = leading_group(a, &a_group) - leading_group(b, &b_group);
    if (a_group <= b_group)
        weight--;
    int32_t scale = 16 - weight * 4;
    if (scale < (int32_t)a.scale)
        scale = (int32_t)a.scale;
    if (scale < (int32_t)b.scale)
        scale = (int32_t)b.scale;
    return scale < WEIR_DECIMAL_PRECISION_MAX ? (uint32_t)scale : WEIR_DECIMAL_PRECISION_MAX;
}

static enum weir_arith divide(struct weir_decimal a, struct weir_decimal b,
                              struct weir_decimal *out)
{
    enum weir_arith result;
    out->scale = quotient_scale(a, b);
    uint32_t least = a.scale > b.scale ? a.scale : b.scale;
    do {
        result = weir_decimal_div(a, b, out->scale, &out->unscaled);
    } while (result == WEIR_ARITH_OVERFLOW && out->scale > least && out->scale--);
    return result;
}

const char *weir_path_arithmetic(enum weir_path_kind kind, struct weir_slice left,
                                 struct weir_slice right, struct weir_arena *arena,
                                 struct weir_slice *out)
{
    struct weir_decimal a, b, value;
    enum weir_arith result;
    const char *failure = parse(left, &a);
    if (!failure)
        failure = parse(right, &b);
    if (failure)
        return failure;
    value.scale = a.scale > b.scale ? a.scale : b.scale;
    switch (kind) {
    case WEIR_PATH_ADD:
        result = weir_decimal_add(a, b, value.scale, &value.unscaled);
        break;
    case WEIR_PATH_SUBTRACT:
        result = weir_decimal_sub(a, b, value.scale, &value.unscaled);
        break;
    case WEIR_PATH_MULTIPLY:
        value.scale = a.scale + b.scale;
        if (value.scale > WEIR_DECIMAL_PRECISION_MAX)
            return "a number has more than 38 digits";
        result = weir_decimal_mul(a, b, value.scale, &value.unscaled);
        break;
    case WEIR_PATH_DIVIDE:
        result = divide(a, b, &value);
        break;
    default:
        result = weir_decimal_mod(a, b, value.scale, &value.unscaled);
        break;
    }
    if (result == WEIR_ARITH_DIVISION_BY_ZERO)
        return "division by zero";
    if (result != WEIR_ARITH_OK)
        return "a number has more than 38 digits";
    return store(value, arena, out);
}

/* The number with its sign turned; zero has none. */
static const char *negate(struct weir_slice number, struct weir_arena *arena,
                          struct weir_slice *out)
{
    bool is_zero = true;
    for (size_t i = 0; i < number.size; i++)
        is_zero &= number.data[i] == '0' || number.data[i] == '.';
    *out = number;
    if (is_zero)
        return NULL;
    if (number.data[0] == '-') {
        *out = weir_slice_from(number, 1);
        return NULL;
    }
    char *bytes = weir_arena_alloc(arena, number.size + 1, 1);
    *out = weir_slice_make(bytes, number.size + 1);
    if (bytes) {
        bytes[0] = '-';
        memcpy(bytes + 1, number.data, number.size);
    }
    return NULL;
}

const char *weir_path_unary(enum weir_path_kind kind, struct weir_slice number,
                            struct weir_arena *arena, struct weir_slice *out)
{
    struct weir_decimal value;
    *out = number;
    if (kind == WEIR_PATH_PLUS || (kind == WEIR_PATH_ABS && number.data[0] != '-'))
        return NULL;
    if (kind == WEIR_PATH_MINUS || kind == WEIR_PATH_ABS)
        return negate(number, arena, out);
    if (!memchr(number.data, '.', number.size))
        return NULL;
    const char *failure = parse(number, &value);
    if (failure)
        return failure;
    return store(kind == WEIR_PATH_FLOOR ? weir_decimal_floor(value) : weir_decimal_ceil(value),
                 arena, out);
}
