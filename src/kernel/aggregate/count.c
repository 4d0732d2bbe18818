/* count(*), count(x), count_if(x): one 64-bit number a group. */
#include "kernel/aggregate/aggregate_internal.h"

AGGREGATE_SIZE(count_size, int64_t)

WEIR_INLINE int64_t *counter(uint8_t *state)
{
    return (int64_t *)(void *)state;
}

static void count_rows_update(struct weir_aggregate_call *call)
{
    if (!call->states) {
        struct weir_aggregate_call rows = *call;
        rows.args_count = 0;
        *counter(call->state + call->state_offset) += weir_aggregate_weights_sum(&rows);
        return;
    }
    uint8_t *const *states = call->states;
    const size_t offset = call->state_offset;
    if (!call->weights) {
        for (uint32_t i = 0; i < call->rows_count; i++)
            ++*counter(states[i] + offset);
        return;
    }
    for (uint32_t i = 0; i < call->rows_count; i++)
        *counter(states[i] + offset) += call->weights[aggregate_lane(call, i)];
}

static void count_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                       uint32_t index, int64_t weight)
{
    (void)call, (void)lane, (void)index;
    *counter(state) += weight;
}

static void count_update(struct weir_aggregate_call *call)
{
    const struct weir_column *column = &call->args[0];
    if (column->type->kind == WEIR_TYPE_NULL)
        return;
    if (!call->states)
        *counter(call->state + call->state_offset) += weir_aggregate_weights_sum(call);
    else if (!column->validity)
        count_rows_update(call);
    else
        aggregate_rows(call, count_step);
}

static void count_if_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                          uint32_t index, int64_t weight)
{
    (void)lane;
    *counter(state) += AGGREGATE_VALUE(call, 0, uint8_t, index) ? weight : 0;
}

static void count_if_update(struct weir_aggregate_call *call)
{
    if (!aggregate_is_array(call)) {
        aggregate_rows(call, count_if_step);
        return;
    }
    const uint8_t *values = call->args[0].values;
    const uint64_t *validity = call->args[0].validity;
    int64_t total = 0;
    for (uint32_t i = 0; i < call->rows_count; i++)
        total += values[i] & (!validity || weir_bit_get(validity, i));
    *counter(call->state + call->state_offset) += total;
}

static void count_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    int64_t *source = counter(from + call->state_offset);
    *counter(into + call->state_offset) += *source;
    *source = 0;
}

AGGREGATE_COMBINE(count_combine, 0, 1)

static void count_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t state_offset)
{
    int64_t *values = out->out_values;
    for (uint32_t i = 0; i < out->rows_count; i++)
        values[i] = *counter(states[i] + state_offset);
}

const struct weir_aggregate_ops weir_aggregate_count_rows = {
    count_size, count_rows_update, count_merge, count_finish, NULL, &count_combine};
const struct weir_aggregate_ops weir_aggregate_count = {count_size,   count_update, count_merge,
                                                        count_finish, NULL,         &count_combine};
const struct weir_aggregate_ops weir_aggregate_count_if = {
    count_size, count_if_update, count_merge, count_finish, NULL, &count_combine};
