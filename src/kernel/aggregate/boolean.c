/* bool_and, bool_or (by counts of true and false, so they retract), and bit_and, bit_or, bit_xor
 * over integers of any width. */
#include "kernel/aggregate/aggregate_internal.h"

/* --- booleans -------------------------------------------------------------------------------- */

struct truth {
    int64_t trues;
    int64_t falses;
};
AGGREGATE_SIZE(truth_size, struct truth)

static void truth_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                       uint32_t index, int64_t weight)
{
    (void)lane;
    struct truth *truth = (struct truth *)(void *)state;
    if (AGGREGATE_VALUE(call, 0, uint8_t, index))
        truth->trues += weight;
    else
        truth->falses += weight;
}

static void truth_update(struct weir_aggregate_call *call)
{
    aggregate_rows(call, truth_step);
}

static void truth_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct truth *target = (struct truth *)(void *)(into + call->state_offset);
    struct truth *source = (struct truth *)(void *)(from + call->state_offset);
    target->trues += source->trues;
    target->falses += source->falses;
    *source = (struct truth){0};
}

AGGREGATE_COMBINE(truth_combine, 0, 2)

static void truth_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset,
                         bool all)
{
    uint8_t *values = out->out_values;
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct truth *truth = AGGREGATE_FINISH_STATE(struct truth, states, i, offset);
        if (truth->trues <= 0 && truth->falses <= 0)
            weir_aggregate_put_null(out, i);
        else
            values[i] = all ? truth->falses <= 0 : truth->trues > 0;
    }
}

static void and_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    truth_finish(out, states, offset, true);
}

static void or_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    truth_finish(out, states, offset, false);
}

const struct weir_aggregate_ops weir_aggregate_bool_and = {
    truth_size, truth_update, truth_merge, and_finish, NULL, &truth_combine};
const struct weir_aggregate_ops weir_aggregate_bool_or = {truth_size, truth_update, truth_merge,
                                                          or_finish,  NULL,         &truth_combine};

/* --- bits ------------------------------------------------------------------------------------ */

struct bits {
    uint64_t value;
    int64_t count;
};
AGGREGATE_SIZE(bits_size, struct bits)

WEIR_INLINE struct bits *bits_of(uint8_t *state)
{
    return (struct bits *)(void *)state;
}

static uint64_t bits_load(const struct weir_column *column, uint32_t index)
{
    uint64_t value = 0;
    switch (weir_type_width(column->type)) {
    case 1:
        return ((const uint8_t *)column->values)[index];
    case 2:
        return ((const uint16_t *)column->values)[index];
    case 4:
        return ((const uint32_t *)column->values)[index];
    default:
        memcpy(&value, (const uint64_t *)column->values + index, sizeof value);
        return value;
    }
}

static void and_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                     uint32_t index, int64_t weight)
{
    (void)lane, (void)weight;
    uint64_t value = bits_load(&call->args[0], index);
    struct bits *bits = bits_of(state);
    bits->value = bits->count++ ? bits->value & value : value;
}

static void or_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane, uint32_t index,
                    int64_t weight)
{
    (void)lane, (void)weight;
    bits_of(state)->value |= bits_load(&call->args[0], index);
    bits_of(state)->count++;
}

static void xor_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                     uint32_t index, int64_t weight)
{
    (void)lane;
    if (weight & 1)
        bits_of(state)->value ^= bits_load(&call->args[0], index);
    bits_of(state)->count += weight;
}

static void bit_and_update(struct weir_aggregate_call *call)
{
    aggregate_rows(call, and_step);
}
static void bit_or_update(struct weir_aggregate_call *call)
{
    aggregate_rows(call, or_step);
}
static void bit_xor_update(struct weir_aggregate_call *call)
{
    aggregate_rows(call, xor_step);
}

static void bit_and_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct bits *target = bits_of(into + call->state_offset);
    struct bits *source = bits_of(from + call->state_offset);
    if (source->count && target->count)
        target->value &= source->value;
    else if (source->count)
        target->value = source->value;
    target->count += source->count;
    *source = (struct bits){0};
}

static void bit_or_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct bits *target = bits_of(into + call->state_offset);
    struct bits *source = bits_of(from + call->state_offset);
    target->value |= source->value;
    target->count += source->count;
    *source = (struct bits){0};
}

static void bit_xor_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct bits *target = bits_of(into + call->state_offset);
    struct bits *source = bits_of(from + call->state_offset);
    target->value ^= source->value;
    target->count += source->count;
    *source = (struct bits){0};
}

static void bits_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    size_t width = weir_type_width(out->out->type);
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct bits *bits = AGGREGATE_FINISH_STATE(struct bits, states, i, offset);
        char *lane = (char *)out->out_values + i * width;
        if (bits->count <= 0)
            weir_aggregate_put_null(out, i);
        else if (width == 1)
            *(uint8_t *)lane = (uint8_t)bits->value;
        else if (width == 2)
            *(uint16_t *)(void *)lane = (uint16_t)bits->value;
        else if (width == 4)
            *(uint32_t *)(void *)lane = (uint32_t)bits->value;
        else
            *(uint64_t *)(void *)lane = bits->value;
    }
}

enum weir_status weir_bind_aggregate_bits(struct weir_function_bind *bind, struct weir_error *error)
{
    if (weir_type_is_integer(bind->arg_types[0]))
        return WEIR_OK;
    return weir_error_set(error, WEIR_E_UNKNOWN_FUNCTION, "bit aggregates take integers, not %s",
                          weir_type_name(bind->arg_types[0]).text);
}

const struct weir_aggregate_ops weir_aggregate_bit_and = {
    bits_size, bit_and_update, bit_and_merge, bits_finish, NULL, NULL};
const struct weir_aggregate_ops weir_aggregate_bit_or = {bits_size,   bit_or_update, bit_or_merge,
                                                         bits_finish, NULL,          NULL};
const struct weir_aggregate_ops weir_aggregate_bit_xor = {
    bits_size, bit_xor_update, bit_xor_merge, bits_finish, NULL, NULL};
