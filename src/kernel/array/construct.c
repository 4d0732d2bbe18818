/* Arrays made from elements, and elements taken out of them. */
#include "kernel/kernel_internal.h"

/* Lane by lane: one list of the arguments' values. Lanes that are not selected get an empty list.
 */
static enum weir_status build_lists(struct weir_kernel_call *call, struct weir_builder *builder)
{
    struct weir_error *error = call->errors->error;
    WEIR_TRY(weir_builder_init(builder, call->out->type, call->arena, error));
    for (uint32_t lane = 0; lane < call->rows_count; lane++) {
        uint32_t first = builder->children[0].rows_count;
        uint16_t chosen = (uint16_t)lane;
        for (uint32_t k = 0; k < call->args_count; k++)
            WEIR_TRY(weir_builder_append_lanes(&builder->children[0], &call->args[k], &chosen, 1,
                                               error));
        WEIR_TRY(weir_builder_end_list(builder, first, error));
    }
    return WEIR_OK;
}

void weir_fn_array(struct weir_kernel_call *call)
{
    struct weir_builder builder;
    if (build_lists(call, &builder) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    struct weir_column built = weir_builder_column(&builder);
    weir_kernel_set_nested(call, &built);
}

/* The index-th element, from 1; NULL outside, as in Postgres. */
static enum weir_status take_elements(struct weir_kernel_call *call, struct weir_builder *builder)
{
    struct weir_error *error = call->errors->error;
    const struct weir_column *child = &call->args[0].children[0];
    WEIR_TRY(weir_builder_init(builder, call->out->type, call->arena, error));
    for (uint32_t lane = 0; lane < call->rows_count; lane++) {
        int64_t index = 0;
        struct weir_list_entry entry = {0, 0};
        if (weir_bit_get(call->validity, lane)) {
            entry = *WEIR_ARG(call, 0, struct weir_list_entry, lane);
            index = *WEIR_ARG(call, 1, int64_t, lane);
        }
        if (index < 1 || index > (int64_t)entry.count) {
            WEIR_TRY(weir_builder_append_null(builder, error));
            continue;
        }
        uint32_t chosen = entry.offset + (uint32_t)index - 1;
        struct weir_column one;
        WEIR_TRY(weir_column_gather(child, &chosen, 1, call->arena, &one, error));
        WEIR_TRY(weir_builder_append_lanes(builder, &one, NULL, 1, error));
    }
    return WEIR_OK;
}

void weir_fn_array_subscript(struct weir_kernel_call *call)
{
    struct weir_builder builder;
    if (take_elements(call, &builder) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    struct weir_column built = weir_builder_column(&builder);
    if (weir_type_is_nested(call->out->type)) {
        weir_kernel_set_nested(call, &built);
        return;
    }
    memcpy(call->out_values, built.values, weir_type_width(built.type) * call->rows_count);
    weir_validity_and(call->validity, &built, call->rows_count);
}

void weir_fn_cardinality(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    ((int32_t *)call->out_values)[lane] =
        (int32_t)WEIR_ARG(call, 0, struct weir_list_entry, lane)->count;
}
