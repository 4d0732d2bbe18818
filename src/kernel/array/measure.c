/* Sizes of arrays.
 *
 * Postgres' arrays are boxes; a list of lists is one as far as its lists have the same length:
 *
 *     {{1,2},{3,4}}    dimensions 2 and 2        {{1,2},{3}}    one dimension, of 2 lists
 *
 * An empty array has no dimensions: its lengths and bounds are NULL. */
#include "kernel/array/array_internal.h"

enum { DIMENSIONS_MAX = 64 };

/* The one length of all lists of child in [first, first + count); 0: they differ, or are empty or
 * null. */
static uint32_t common_length(const struct weir_column *child, uint32_t first, uint32_t count)
{
    const struct weir_list_entry *entries = child->values;
    for (uint32_t i = first; i < first + count; i++)
        if (weir_column_is_null(child, i) || entries[i].count != entries[first].count)
            return 0;
    return count ? entries[first].count : 0;
}

static uint32_t measure_inner(const struct weir_column *child, struct weir_list_entry entry,
                              uint32_t lengths[DIMENSIONS_MAX], uint32_t depth);

/* The least number of dimensions below that all lists of the range have in common. */
static uint32_t measure_lists(const struct weir_column *child, struct weir_list_entry entry,
                              uint32_t lengths[DIMENSIONS_MAX], uint32_t depth)
{
    const struct weir_list_entry *entries = child->values;
    uint32_t other[DIMENSIONS_MAX];
    uint32_t dims = measure_inner(&child->children[0], entries[entry.offset], lengths, depth);
    for (uint32_t i = 1; i < entry.count; i++) {
        uint32_t same = depth;
        uint32_t found =
            measure_inner(&child->children[0], entries[entry.offset + i], other, depth);
        while (same < dims && same < found && lengths[same] == other[same])
            same++;
        dims = same;
    }
    return dims;
}

/* lengths[depth …] of a list's elements; returns the number of dimensions known then. */
static uint32_t measure_inner(const struct weir_column *child, struct weir_list_entry entry,
                              uint32_t lengths[DIMENSIONS_MAX], uint32_t depth)
{
    lengths[depth++] = entry.count;
    if (child->type->kind != WEIR_TYPE_LIST || depth == DIMENSIONS_MAX ||
        common_length(child, entry.offset, entry.count) == 0)
        return depth;
    return measure_lists(child, entry, lengths, depth);
}

/* The lengths of the lane's dimensions; returns how many there are. */
static uint32_t measure(const struct weir_kernel_call *call, uint32_t lane,
                        uint32_t lengths[DIMENSIONS_MAX])
{
    struct weir_list_entry entry = weir_arg_list(call, 0, lane);
    return entry.count ? measure_inner(weir_arg_elements(call, 0), entry, lengths, 0) : 0;
}

void weir_fn_array_ndims(struct weir_kernel_call *call)
{
    uint32_t lengths[DIMENSIONS_MAX];
    WEIR_FOR_VALID_LANES(call, lane)
    {
        uint32_t dims = measure(call, lane, lengths);
        weir_array_set_int32(call, lane, dims);
        if (dims == 0)
            weir_kernel_set_null(call, lane);
    }
}

/* The length of the dimension that argument 1 names, 0 when there is none. */
static uint32_t dimension_length(const struct weir_kernel_call *call, uint32_t lane)
{
    uint32_t lengths[DIMENSIONS_MAX];
    int32_t dimension = *WEIR_ARG(call, 1, int32_t, lane);
    if (dimension == 1)
        return weir_arg_list(call, 0, lane).count;
    uint32_t dims = measure(call, lane, lengths);
    return dimension >= 1 && (uint32_t)dimension <= dims ? lengths[dimension - 1] : 0;
}

void weir_fn_array_length(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        uint32_t length = dimension_length(call, lane);
        weir_array_set_int32(call, lane, length);
        if (length == 0)
            weir_kernel_set_null(call, lane);
    }
}

void weir_fn_array_lower(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_array_set_int32(call, lane, 1);
        if (dimension_length(call, lane) == 0)
            weir_kernel_set_null(call, lane);
    }
}

void weir_fn_array_dims(struct weir_kernel_call *call)
{
    uint32_t lengths[DIMENSIONS_MAX];
    WEIR_FOR_VALID_LANES(call, lane)
    {
        uint32_t dims = measure(call, lane, lengths);
        struct weir_buffer text;
        weir_buffer_init(&text, NULL);
        for (uint32_t i = 0; i < dims; i++)
            weir_buffer_printf(&text, "[1:%u]", lengths[i]);
        struct weir_slice made = weir_buffer_slice(&text);
        const char *kept = text.failed ? NULL : weir_arena_copy(call->arena, made);
        weir_buffer_deinit(&text);
        if (!kept) {
            weir_kernel_out_of_memory(call);
            return;
        }
        weir_kernel_set_text(call, lane, kept, made.size);
        if (dims == 0)
            weir_kernel_set_null(call, lane);
    }
}

/* The number of elements, of lists of lists those at the bottom. */
static uint64_t count_leaves(const struct weir_column *child, struct weir_list_entry entry)
{
    if (child->type->kind != WEIR_TYPE_LIST)
        return entry.count;
    const struct weir_list_entry *entries = child->values;
    uint64_t total = 0;
    for (uint32_t i = entry.offset; i < entry.offset + entry.count; i++)
        if (!weir_column_is_null(child, i))
            total += count_leaves(&child->children[0], entries[i]);
    return total;
}

void weir_fn_cardinality(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    weir_array_set_int32(
        call, lane,
        (int64_t)count_leaves(weir_arg_elements(call, 0), weir_arg_list(call, 0, lane)));
}

/* How many elements or pairs there are, lists counting as one. */
void weir_fn_list_length(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    weir_array_set_int32(call, lane, weir_arg_list(call, 0, lane).count);
}

void weir_fn_list_is_empty(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    weir_array_set_boolean(call, lane, weir_arg_list(call, 0, lane).count == 0);
}

/* 1 … length of the dimension, as a list. */
static void fill_subscripts(struct weir_kernel_call *call, bool is_reverse_given)
{
    struct weir_builder numbers;
    struct weir_picks picks;
    uint32_t longest = 0;
    enum weir_status status =
        weir_builder_init(&numbers, call->out->type->children[0], call->arena, NULL);
    if (!weir_picks_begin(&picks, call))
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        uint32_t length = dimension_length(call, lane);
        bool reverse = is_reverse_given && *WEIR_ARG(call, 2, uint8_t, lane);
        if (!weir_picks_reserve(&picks, lane, length))
            return;
        for (uint32_t i = 0; i < length; i++)
            weir_picks_add(&picks, reverse ? length - 1 - i : i);
        weir_picks_end(&picks, lane);
        longest = length > longest ? length : longest;
    }
    for (int32_t number = 1; status == WEIR_OK && number <= (int32_t)longest; number++)
        status = weir_builder_append_value(&numbers, &number, NULL);
    if (status != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    struct weir_column column = weir_builder_column(&numbers);
    weir_picks_finish(&picks, &column);
}

void weir_fn_generate_subscripts(struct weir_kernel_call *call)
{
    fill_subscripts(call, call->args_count > 2);
}
