/* Bit operators on integers: & | # ~ << >>. Shift counts are taken modulo the width, as the
 * processors Postgres runs on do. */
#include "kernel/kernel_internal.h"

enum bit_op { BIT_AND, BIT_OR, BIT_XOR };

/* Every lane is computed. */
static void combine(struct weir_kernel_call *call, enum bit_op op)
{
    size_t width = weir_type_width(call->out->type);
    size_t step_a = call->args[0].encoding == WEIR_CONSTANT ? 0 : width;
    size_t step_b = call->args[1].encoding == WEIR_CONSTANT ? 0 : width;
    const char *a = call->args[0].values, *b = call->args[1].values;
    char *out = call->out_values;
    for (uint32_t lane = 0; lane < call->rows_count; lane++) {
        uint64_t x = 0, y = 0;
        memcpy(&x, a + lane * step_a, width);
        memcpy(&y, b + lane * step_b, width);
        x = op == BIT_AND ? x & y : op == BIT_OR ? x | y : x ^ y;
        memcpy(out + lane * width, &x, width);
    }
}

void weir_fn_bit_and(struct weir_kernel_call *call)
{
    combine(call, BIT_AND);
}
void weir_fn_bit_or(struct weir_kernel_call *call)
{
    combine(call, BIT_OR);
}
void weir_fn_bit_xor(struct weir_kernel_call *call)
{
    combine(call, BIT_XOR);
}

void weir_fn_bit_not(struct weir_kernel_call *call)
{
    size_t width = weir_type_width(call->out->type);
    size_t step = call->args[0].encoding == WEIR_CONSTANT ? 0 : width;
    const char *in = call->args[0].values;
    char *out = call->out_values;
    for (uint32_t lane = 0; lane < call->rows_count; lane++) {
        uint64_t x = 0;
        memcpy(&x, in + lane * step, width);
        x = ~x;
        memcpy(out + lane * width, &x, width);
    }
}

/* SMALLINT shifts as INTEGER does and is cut, so its counts go up to 31. */
static int64_t shift(enum weir_type_kind kind, int64_t value, int32_t count, bool left)
{
    unsigned bits = kind == WEIR_TYPE_INT64 ? 64 : 32;
    unsigned by = (unsigned)count & (bits - 1);
    return left ? (int64_t)((uint64_t)value << by) : value >> by;
}

static void shift_lanes(struct weir_kernel_call *call, bool left)
{
    enum weir_type_kind kind = call->out->type->kind;
    for (uint32_t lane = 0; lane < call->rows_count; lane++) {
        int32_t count = *WEIR_ARG(call, 1, int32_t, lane);
        if (kind == WEIR_TYPE_INT16)
            ((int16_t *)call->out_values)[lane] =
                (int16_t)shift(kind, *WEIR_ARG(call, 0, int16_t, lane), count, left);
        else if (kind == WEIR_TYPE_INT32)
            ((int32_t *)call->out_values)[lane] =
                (int32_t)shift(kind, *WEIR_ARG(call, 0, int32_t, lane), count, left);
        else
            ((int64_t *)call->out_values)[lane] =
                shift(kind, *WEIR_ARG(call, 0, int64_t, lane), count, left);
    }
}

void weir_fn_shift_left(struct weir_kernel_call *call)
{
    shift_lanes(call, true);
}
void weir_fn_shift_right(struct weir_kernel_call *call)
{
    shift_lanes(call, false);
}
