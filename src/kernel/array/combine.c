/* Arrays with more elements: appended, prepended, joined, flattened, filled up. */
#include "kernel/array/array_internal.h"

/* All elements of argument k's list; a NULL list has none. */
static enum weir_status append_list(struct weir_kernel_call *call, uint32_t k, uint32_t lane,
                                    struct weir_builder *child)
{
    if (weir_arg_is_null(call, k, lane))
        return WEIR_OK;
    struct weir_list_entry entry = weir_arg_list(call, k, lane);
    return weir_builder_append_range(child, weir_arg_elements(call, k), entry.offset, entry.count,
                                     NULL);
}

static enum weir_status append_element(struct weir_kernel_call *call, uint32_t k, uint32_t lane,
                                       struct weir_builder *child)
{
    return weir_builder_append_range(child, &call->args[k], weir_arg_lane(call, k, lane), 1, NULL);
}

static enum weir_array_result append_lane(struct weir_kernel_call *call, uint32_t lane,
                                          struct weir_builder *child)
{
    enum weir_status status = append_list(call, 0, lane, child);
    if (status == WEIR_OK)
        status = append_element(call, 1, lane, child);
    return weir_array_status(call, status);
}

static enum weir_array_result prepend_lane(struct weir_kernel_call *call, uint32_t lane,
                                           struct weir_builder *child)
{
    enum weir_status status = append_element(call, 0, lane, child);
    if (status == WEIR_OK)
        status = append_list(call, 1, lane, child);
    return weir_array_status(call, status);
}

void weir_fn_array_append(struct weir_kernel_call *call)
{
    weir_array_build(call, append_lane);
}
void weir_fn_array_prepend(struct weir_kernel_call *call)
{
    weir_array_build(call, prepend_lane);
}

/* NULL only when all arguments are. */
static enum weir_array_result cat_lane(struct weir_kernel_call *call, uint32_t lane,
                                       struct weir_builder *child)
{
    bool any = false;
    enum weir_status status = WEIR_OK;
    for (uint32_t k = 0; status == WEIR_OK && k < call->args_count; k++) {
        any |= !weir_arg_is_null(call, k, lane);
        status = append_list(call, k, lane, child);
        if (status == WEIR_OK && child->rows_count > WEIR_ARRAY_BATCH_ELEMENTS_MAX)
            break; /* weir_array_build says so */
    }
    return status == WEIR_OK && !any ? WEIR_ARRAY_NULL : weir_array_status(call, status);
}

void weir_fn_array_cat(struct weir_kernel_call *call)
{
    weir_array_build(call, cat_lane);
}

/* One level of lists less; NULL lists have no elements. */
static enum weir_array_result flatten_lane(struct weir_kernel_call *call, uint32_t lane,
                                           struct weir_builder *child)
{
    struct weir_list_entry entry = weir_arg_list(call, 0, lane);
    const struct weir_column *lists = weir_arg_elements(call, 0);
    const struct weir_list_entry *entries = lists->values;
    enum weir_status status = WEIR_OK;
    for (uint32_t i = entry.offset; status == WEIR_OK && i < entry.offset + entry.count; i++)
        if (!weir_column_is_null(lists, i))
            status = weir_builder_append_range(child, &lists->children[0], entries[i].offset,
                                               entries[i].count, NULL);
    return weir_array_status(call, status);
}

enum weir_status weir_bind_flatten(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_type *type = bind->arg_types[0];
    if (type->children[0]->kind != WEIR_TYPE_LIST)
        return weir_error_set(error, WEIR_E_TYPE_MISMATCH,
                              "flatten needs an array of arrays, not %s",
                              weir_type_name(type).text);
    bind->result_type = type->children[0];
    return WEIR_OK;
}

void weir_fn_flatten(struct weir_kernel_call *call)
{
    weir_array_build(call, flatten_lane);
}

/* The first `size` elements, then the filler (argument 2, or NULL) up to that many. */
static enum weir_array_result resize_lane(struct weir_kernel_call *call, uint32_t lane,
                                          struct weir_builder *child)
{
    if (weir_arg_is_null(call, 0, lane) || weir_arg_is_null(call, 1, lane))
        return WEIR_ARRAY_NULL;
    struct weir_list_entry entry = weir_arg_list(call, 0, lane);
    int64_t size = *WEIR_ARG(call, 1, int64_t, lane);
    if (size < 0)
        return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                               "an array cannot have a size below 0");
    enum weir_array_result result = weir_array_check_count(call, lane, (uint64_t)size);
    if (result != WEIR_ARRAY_OK)
        return result;
    uint32_t kept = entry.count < size ? entry.count : (uint32_t)size;
    enum weir_status status =
        weir_builder_append_range(child, weir_arg_elements(call, 0), entry.offset, kept, NULL);
    for (int64_t i = kept; status == WEIR_OK && i < size; i++)
        status = call->args_count > 2 ? append_element(call, 2, lane, child)
                                      : weir_builder_append_null(child, NULL);
    return weir_array_status(call, status);
}

void weir_fn_array_resize(struct weir_kernel_call *call)
{
    weir_array_build(call, resize_lane);
}
