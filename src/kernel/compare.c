/* Comparison operators over all types, null tests, and the sign of a comparison.
 *
 * Both arguments have one type (the resolver saw to it). Numbers and times take a loop over whole
 * columns; text, DECIMAL and the rest are compared lane by lane. */
#include "kernel/kernel_internal.h"
#include "value/decimal.h"

struct compare_kernel {
    weir_kernel kernel;
    enum weir_compare_op op;
};
static const struct compare_kernel compare_kernels[] = {
    {weir_fn_eq, WEIR_COMPARE_EQ}, {weir_fn_ne, WEIR_COMPARE_NE}, {weir_fn_lt, WEIR_COMPARE_LT},
    {weir_fn_le, WEIR_COMPARE_LE}, {weir_fn_gt, WEIR_COMPARE_GT}, {weir_fn_ge, WEIR_COMPARE_GE},
};

int weir_compare_op_of(weir_kernel kernel)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(compare_kernels); i++)
        if (compare_kernels[i].kernel == kernel)
            return (int)compare_kernels[i].op;
    return -1;
}

/* With the sides swapped a constant changes sides too. */
static enum weir_loop_form mirrored(enum weir_loop_form form)
{
    return form == WEIR_LOOP_RIGHT_CONSTANT  ? WEIR_LOOP_LEFT_CONSTANT
           : form == WEIR_LOOP_LEFT_CONSTANT ? WEIR_LOOP_RIGHT_CONSTANT
                                             : form;
}

weir_loop_compare weir_compare_loop(const struct weir_loops *loops, int loop_kind,
                                    enum weir_compare_op op, enum weir_loop_form form,
                                    bool *is_swapped, uint8_t *invert)
{
    *is_swapped = op == WEIR_COMPARE_GT || op == WEIR_COMPARE_LE;
    *invert = op == WEIR_COMPARE_NE || op == WEIR_COMPARE_LE || op == WEIR_COMPARE_GE;
    if (op == WEIR_COMPARE_EQ || op == WEIR_COMPARE_NE)
        return loops->equal[loop_kind][form];
    return loops->less[loop_kind][*is_swapped ? mirrored(form) : form];
}

static void compare_loop(struct weir_kernel_call *call, int kind, enum weir_compare_op op)
{
    bool is_swapped, constant = weir_kernel_is_constant(call);
    uint8_t invert;
    weir_loop_compare loop = weir_compare_loop(weir_kernel_loops(call->session), kind, op,
                                               weir_kernel_form(call->args), &is_swapped, &invert);
    const void *a = call->args[is_swapped].values, *b = call->args[!is_swapped].values;
    loop(a, b, invert, call->out_values, constant && call->rows_count ? 1 : call->rows_count);
    if (constant)
        weir_kernel_repeat_lane(call);
}

/* Whether a three-way result satisfies the operator. */
static bool satisfies(int order, enum weir_compare_op op)
{
    switch (op) {
    case WEIR_COMPARE_EQ:
        return order == 0;
    case WEIR_COMPARE_NE:
        return order != 0;
    case WEIR_COMPARE_LT:
        return order < 0;
    case WEIR_COMPARE_LE:
        return order <= 0;
    case WEIR_COMPARE_GT:
        return order > 0;
    case WEIR_COMPARE_GE:
        return order >= 0;
    }
    return false;
}

static int compare_decimals(weir_i128 a, uint32_t scale_a, weir_i128 b, uint32_t scale_b)
{
    if (scale_a == scale_b)
        return a < b ? -1 : a > b;
    return weir_decimal_compare(weir_decimal_make(a, scale_a), weir_decimal_make(b, scale_b));
}

static void compare_decimal(struct weir_kernel_call *call, enum weir_compare_op op)
{
    uint8_t *out = call->out_values;
    uint32_t scale_a = call->args[0].type->scale, scale_b = call->args[1].type->scale;
    WEIR_FOR_LANES(call, lane)
    out[lane] = satisfies(compare_decimals(*WEIR_ARG(call, 0, weir_i128, lane), scale_a,
                                           *WEIR_ARG(call, 1, weir_i128, lane), scale_b),
                          op);
}

static int compare_views(const struct weir_view *a, const struct weir_view *b)
{
    return weir_slice_compare(weir_view_slice(a), weir_view_slice(b));
}

static void compare_text(struct weir_kernel_call *call, enum weir_compare_op op)
{
    uint8_t *out = call->out_values;
    bool equality = op == WEIR_COMPARE_EQ || op == WEIR_COMPARE_NE;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        const struct weir_view *a = WEIR_ARG(call, 0, struct weir_view, lane);
        const struct weir_view *b = WEIR_ARG(call, 1, struct weir_view, lane);
        out[lane] = equality ? weir_view_equals(a, b) ^ (op == WEIR_COMPARE_NE)
                             : satisfies(compare_views(a, b), op);
    }
}

/* IS NOT DISTINCT FROM of two lanes that are not null, by the column's own rules. */
static void compare_any(struct weir_kernel_call *call, enum weir_compare_op op)
{
    uint8_t *out = call->out_values;
    const struct weir_column *a = &call->args[0], *b = &call->args[1];
    WEIR_FOR_VALID_LANES(call, lane)
    {
        uint32_t lane_a = a->encoding == WEIR_CONSTANT ? 0 : lane;
        uint32_t lane_b = b->encoding == WEIR_CONSTANT ? 0 : lane;
        out[lane] = satisfies(weir_column_compare(a, lane_a, b, lane_b), op);
    }
}

static void compare(struct weir_kernel_call *call, enum weir_compare_op op)
{
    enum weir_type_kind kind = call->args[0].type->kind;
    int loop_kind = weir_loop_kind(kind);
    if (loop_kind >= 0)
        compare_loop(call, loop_kind, op);
    else if (kind == WEIR_TYPE_DECIMAL)
        compare_decimal(call, op);
    else if (kind == WEIR_TYPE_TEXT || kind == WEIR_TYPE_BYTEA || kind == WEIR_TYPE_JSON)
        compare_text(call, op);
    else
        compare_any(call, op);
}

void weir_fn_eq(struct weir_kernel_call *call)
{
    compare(call, WEIR_COMPARE_EQ);
}
void weir_fn_ne(struct weir_kernel_call *call)
{
    compare(call, WEIR_COMPARE_NE);
}
void weir_fn_lt(struct weir_kernel_call *call)
{
    compare(call, WEIR_COMPARE_LT);
}
void weir_fn_le(struct weir_kernel_call *call)
{
    compare(call, WEIR_COMPARE_LE);
}
void weir_fn_gt(struct weir_kernel_call *call)
{
    compare(call, WEIR_COMPARE_GT);
}
void weir_fn_ge(struct weir_kernel_call *call)
{
    compare(call, WEIR_COMPARE_GE);
}

/* --- nulls --------------------------------------------------------------------------------- */

/* The kernels below are not strict: validity is all ones and stays so. */
static void distinct(struct weir_kernel_call *call, uint8_t when_distinct)
{
    uint8_t *out = call->out_values;
    const struct weir_column *a = &call->args[0], *b = &call->args[1];
    WEIR_FOR_LANES(call, lane)
    {
        bool null_a = weir_arg_is_null(call, 0, lane), null_b = weir_arg_is_null(call, 1, lane);
        bool is_distinct = null_a != null_b;
        if (!null_a && !null_b && a->type->kind == WEIR_TYPE_DECIMAL)
            is_distinct = compare_decimals(*WEIR_ARG(call, 0, weir_i128, lane), a->type->scale,
                                           *WEIR_ARG(call, 1, weir_i128, lane), b->type->scale);
        else if (!null_a && !null_b)
            is_distinct = weir_column_compare(a, a->encoding == WEIR_CONSTANT ? 0 : lane, b,
                                              b->encoding == WEIR_CONSTANT ? 0 : lane) != 0;
        out[lane] = is_distinct == when_distinct;
    }
}

void weir_fn_is_distinct_from(struct weir_kernel_call *call)
{
    distinct(call, 1);
}
void weir_fn_is_not_distinct_from(struct weir_kernel_call *call)
{
    distinct(call, 0);
}

/* Eight bytes that are 1 where the bits are. */
static inline uint64_t bytes_of_bits(uint64_t bits)
{
    uint64_t each = ((bits & 0xFF) * UINT64_C(0x0101010101010101)) & UINT64_C(0x8040201008040201);
    return ((each + UINT64_C(0x7F7F7F7F7F7F7F7F)) >> 7) & UINT64_C(0x0101010101010101);
}

/* out = bit of the argument's validity, or its opposite. */
static void validity_test(struct weir_kernel_call *call, uint8_t when_null)
{
    uint8_t *out = call->out_values;
    const struct weir_column *arg = &call->args[0];
    if (!arg->validity && arg->type->kind != WEIR_TYPE_NULL) {
        memset(out, !when_null, call->rows_count);
        return;
    }
    uint32_t whole = arg->encoding == WEIR_CONSTANT || arg->type->kind == WEIR_TYPE_NULL
                         ? 0
                         : call->rows_count & ~7u;
    for (uint32_t lane = 0; lane < whole; lane += 8) {
        uint64_t bits =
            arg->validity[lane / WEIR_VALIDITY_WORD_BITS] >> (lane % WEIR_VALIDITY_WORD_BITS);
        uint64_t bytes = bytes_of_bits(when_null ? ~bits : bits);
        memcpy(out + lane, &bytes, sizeof bytes);
    }
    for (uint32_t lane = whole; lane < call->rows_count; lane++)
        out[lane] = weir_column_is_null(arg, lane) == when_null;
}

void weir_fn_is_null(struct weir_kernel_call *call)
{
    validity_test(call, 1);
}
void weir_fn_is_not_null(struct weir_kernel_call *call)
{
    validity_test(call, 0);
}

enum truth { FALSE, TRUE, UNKNOWN };
static void truth_test(struct weir_kernel_call *call, enum truth wanted, uint8_t when_wanted)
{
    uint8_t *out = call->out_values;
    WEIR_FOR_LANES(call, lane)
    {
        enum truth truth = weir_arg_is_null(call, 0, lane)     ? UNKNOWN
                           : *WEIR_ARG(call, 0, uint8_t, lane) ? TRUE
                                                               : FALSE;
        out[lane] = (truth == wanted) == when_wanted;
    }
}

void weir_fn_is_true(struct weir_kernel_call *call)
{
    truth_test(call, TRUE, 1);
}
void weir_fn_is_not_true(struct weir_kernel_call *call)
{
    truth_test(call, TRUE, 0);
}
void weir_fn_is_false(struct weir_kernel_call *call)
{
    truth_test(call, FALSE, 1);
}
void weir_fn_is_not_false(struct weir_kernel_call *call)
{
    truth_test(call, FALSE, 0);
}
void weir_fn_is_unknown(struct weir_kernel_call *call)
{
    truth_test(call, UNKNOWN, 1);
}
void weir_fn_is_not_unknown(struct weir_kernel_call *call)
{
    truth_test(call, UNKNOWN, 0);
}

void weir_fn_not(struct weir_kernel_call *call)
{
    uint8_t *out = call->out_values;
    const uint8_t *in = call->args[0].values;
    if (call->args[0].encoding == WEIR_CONSTANT) {
        memset(out, !*in, call->rows_count);
        return;
    }
    for (uint32_t lane = 0; lane < call->rows_count; lane++)
        out[lane] = in[lane] == 0;
}
