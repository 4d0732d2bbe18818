/* array_agg: the values of a group in order of arrival, nulls included.
 *
 * The state is the encoded elements one after the other (aggregate_internal.h) and their number. */
#include "kernel/aggregate/aggregate_internal.h"

struct collected {
    struct weir_grown elements;
    uint64_t count;
};
AGGREGATE_SIZE(collected_size, struct collected)

static bool collect_lane(struct collected *collected, const struct weir_column *column,
                         uint32_t lane, struct weir_aggregate_heap *heap)
{
    uint8_t *room = weir_grown_append(&collected->elements, weir_element_size(column, lane), heap);
    if (!room)
        return false;
    weir_element_encode(column, lane, room);
    collected->count++;
    return true;
}

static void collect_update(struct weir_aggregate_call *call)
{
    const struct weir_column *column = &call->args[0];
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = aggregate_lane(call, i);
        struct collected *collected = (struct collected *)(void *)aggregate_state(call, i);
        for (int64_t times = aggregate_weight(call, lane); times > 0; times--) {
            if (!collect_lane(collected, column, lane, call->heap)) {
                weir_aggregate_out_of_memory(call);
                return;
            }
        }
    }
}

static void collect_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct collected *target = (struct collected *)(void *)(into + call->state_offset);
    struct collected *source = (struct collected *)(void *)(from + call->state_offset);
    if (!weir_grown_merge(&target->elements, &source->elements, call->heap)) {
        weir_aggregate_out_of_memory(call);
        return;
    }
    target->count += source->count;
    source->count = 0;
}

static enum weir_status collect_list(struct weir_builder *builder,
                                     const struct collected *collected)
{
    struct weir_builder *elements = &builder->children[0];
    uint32_t first = elements->rows_count;
    struct weir_slice bytes =
        weir_slice_make((const char *)collected->elements.bytes, collected->elements.size);
    for (uint64_t i = 0; i < collected->count; i++)
        WEIR_TRY(weir_element_decode(elements, &bytes));
    return weir_builder_end_list(builder, first, NULL);
}

static void collect_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    struct weir_value_writer writer;
    weir_value_writer_begin(&writer, out);
    for (uint32_t i = 0; i < out->rows_count && !writer.failed; i++) {
        const struct collected *collected =
            AGGREGATE_FINISH_STATE(struct collected, states, i, offset);
        if (collected->count == 0)
            weir_value_writer_put_null(&writer, i);
        else
            writer.failed = collect_list(&writer.builder, collected) != WEIR_OK;
    }
    weir_value_writer_end(&writer);
}

static void collect_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    struct collected *collected = (struct collected *)(void *)state;
    weir_grown_drop(&collected->elements, heap);
    collected->count = 0;
}

const struct weir_aggregate_ops weir_aggregate_array_agg = {
    collected_size, collect_update, collect_merge, collect_finish, collect_drop, NULL};
