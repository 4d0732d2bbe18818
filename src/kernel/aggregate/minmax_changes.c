/* min and max over values that are taken back again, for types of at most 8 bytes: the group's
 * values as words in order (order_key.h), each with its weight (kernel/ordered_set.h). One value
 * takes 16 bytes, and what min and max ask for is the first or the last. Other types are kept as
 * rows by the operator (exec/aggregate_kept.c). */
#include "kernel/aggregate/order_key.h"
#include "kernel/functions.h"
#include "kernel/ordered_set.h"

AGGREGATE_SIZE(values_size, struct weir_ordered_set)

static struct weir_ordered_set *set_of(uint8_t *state)
{
    return (struct weir_ordered_set *)(void *)state;
}

static void values_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                        uint32_t index, int64_t weight)
{
    (void)lane;
    if (weight == 0)
        return;
    uint64_t word = weir_order_word(&call->args[0], index);
    if (weir_ordered_set_add(set_of(state), word, weight, NULL, call->heap) == WEIR_ORDERED_FAILED)
        weir_aggregate_out_of_memory(call);
}

static void values_update(struct weir_aggregate_call *call)
{
    aggregate_rows(call, values_step);
}

static void values_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct weir_ordered_set *target = set_of(into + call->state_offset);
    struct weir_ordered_set *source = set_of(from + call->state_offset);
    struct weir_ordered_block block;
    for (uint32_t cursor = 0; weir_ordered_set_next(source, &cursor, &block);)
        for (uint32_t i = 0; i < block.count; i++)
            if (weir_ordered_set_add(target, block.entries[i].key, block.entries[i].weight, NULL,
                                     call->heap) == WEIR_ORDERED_FAILED) {
                weir_aggregate_out_of_memory(call);
                return;
            }
    weir_ordered_set_drop(source, call->heap);
}

static void values_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset,
                          bool is_max)
{
    size_t width = weir_type_width(out->out->type);
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct weir_ordered_set *set =
            AGGREGATE_FINISH_STATE(struct weir_ordered_set, states, i, offset);
        const struct weir_ordered_entry *entry =
            is_max ? weir_ordered_set_last(set) : weir_ordered_set_first(set);
        if (!entry) {
            weir_aggregate_put_null(out, i);
            continue;
        }
        struct weir_lane value = weir_order_unword(out->out->type, entry->key);
        memcpy((uint8_t *)out->out_values + i * width, value.bytes, width);
    }
}

static void least_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    values_finish(out, states, offset, false);
}

static void greatest_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    values_finish(out, states, offset, true);
}

static void values_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    weir_ordered_set_drop(set_of(state), heap);
}

static const struct weir_aggregate_ops least_ops = {values_size,  values_update, values_merge,
                                                    least_finish, values_drop,   NULL};
static const struct weir_aggregate_ops greatest_ops = {values_size,     values_update, values_merge,
                                                       greatest_finish, values_drop,   NULL};
static const struct weir_aggregate least = {.name = "min",
                                            .ops = &least_ops,
                                            .flags = WEIR_AGGREGATE_RETRACTS |
                                                     WEIR_AGGREGATE_DUPLICATE_FREE};
static const struct weir_aggregate greatest = {.name = "max",
                                               .ops = &greatest_ops,
                                               .flags = WEIR_AGGREGATE_RETRACTS |
                                                        WEIR_AGGREGATE_DUPLICATE_FREE};

const struct weir_aggregate *weir_aggregate_for_changes(const struct weir_aggregate *aggregate,
                                                        const struct weir_type *type)
{
    if (!type || !weir_order_has_word(type))
        return aggregate;
    if (aggregate->ops == &weir_aggregate_min)
        return &least;
    return aggregate->ops == &weir_aggregate_max ? &greatest : aggregate;
}
