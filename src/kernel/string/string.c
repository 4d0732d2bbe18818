/* What the text and binary kernels share. */
#include "kernel/string/string_internal.h"

char *weir_string_reserve(struct weir_kernel_call *call, size_t size)
{
    char *bytes = weir_arena_alloc(call->arena, size ? size : 1, 1);
    if (!bytes)
        weir_kernel_out_of_memory(call);
    return bytes;
}

void weir_string_commit(struct weir_kernel_call *call, uint32_t lane, char *bytes, size_t reserved,
                        size_t used)
{
    weir_kernel_set_text(call, lane, bytes, used);
    if (call->arena->next == bytes + reserved)
        call->arena->next = used <= WEIR_VIEW_INLINE_MAX ? bytes : bytes + used;
}

bool weir_string_store(struct weir_kernel_call *call, uint32_t lane, struct weir_slice bytes)
{
    if (bytes.size > WEIR_VIEW_INLINE_MAX) {
        char *kept = weir_string_reserve(call, bytes.size);
        if (!kept)
            return false;
        memcpy(kept, bytes.data, bytes.size);
        bytes.data = kept;
    }
    weir_kernel_set_text(call, lane, bytes.data, bytes.size);
    return true;
}

bool weir_string_store_buffer(struct weir_kernel_call *call, uint32_t lane,
                              const struct weir_buffer *buffer)
{
    if (buffer->failed) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    return weir_string_store(call, lane, weir_buffer_slice(buffer));
}

bool weir_string_is_too_large(struct weir_kernel_call *call, uint32_t lane, uint64_t size,
                              bool *stop)
{
    *stop = false;
    if (WEIR_LIKELY(size <= WEIR_STRING_SIZE_MAX))
        return false;
    *stop = !weir_kernel_fail(call, lane, WEIR_E_LIMIT, "a result would have more than %d bytes",
                              WEIR_STRING_SIZE_MAX);
    return true;
}

/* --- lists ----------------------------------------------------------------------------------- */

enum weir_string_list_result weir_string_list_status(struct weir_kernel_call *call,
                                                     enum weir_status status)
{
    if (status == WEIR_OK)
        return WEIR_STRING_LIST_OK;
    weir_kernel_out_of_memory(call);
    return WEIR_STRING_LIST_STOP;
}

static enum weir_status append_list(struct weir_kernel_call *call, uint32_t lane,
                                    struct weir_builder *builder, weir_string_list_fill fill,
                                    void *context, bool *stop)
{
    uint32_t first = builder->children[0].rows_count;
    enum weir_string_list_result result = fill(call, lane, &builder->children[0], context);
    *stop = result == WEIR_STRING_LIST_STOP;
    if (result == WEIR_STRING_LIST_OK)
        return weir_builder_end_list(builder, first, NULL);
    weir_builder_truncate(&builder->children[0], first);
    return weir_builder_append_null(builder, NULL);
}

void weir_string_build_lists(struct weir_kernel_call *call, weir_string_list_fill fill,
                             void *context)
{
    struct weir_builder builder;
    enum weir_status status = weir_builder_init(&builder, call->out->type, call->arena, NULL);
    bool stop = false;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        while (status == WEIR_OK && builder.rows_count < lane)
            status = weir_builder_append_null(&builder, NULL);
        if (status == WEIR_OK)
            status = append_list(call, lane, &builder, fill, context, &stop);
        if (status != WEIR_OK || stop)
            break;
    }
    while (status == WEIR_OK && builder.rows_count < call->rows_count)
        status = weir_builder_append_null(&builder, NULL);
    if (status != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    struct weir_column built = weir_builder_column(&builder);
    weir_kernel_set_nested(call, &built);
}

/* Arguments as their types' output functions write them: a boolean is t or f there. */
enum weir_status weir_bind_outputs(struct weir_function_bind *bind, struct weir_error *error)
{
    (void)error;
    for (uint32_t i = 0; i < bind->args_count; i++)
        if (bind->arg_types[i]->kind != WEIR_TYPE_BOOLEAN)
            bind->arg_types[i] = weir_type_of(WEIR_TYPE_TEXT);
    return WEIR_OK;
}

struct weir_slice weir_arg_output(const struct weir_kernel_call *call, uint32_t k, uint32_t lane)
{
    if (call->args[k].type->kind != WEIR_TYPE_BOOLEAN)
        return weir_arg_text(call, k, lane);
    return weir_slice_from_string(*WEIR_ARG(call, k, uint8_t, lane) ? "t" : "f");
}

enum weir_status weir_bind_texts(struct weir_function_bind *bind, struct weir_error *error)
{
    (void)error;
    for (uint32_t i = 0; i < bind->args_count; i++)
        bind->arg_types[i] = weir_type_of(WEIR_TYPE_TEXT);
    return WEIR_OK;
}
