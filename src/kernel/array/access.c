/* Elements and stretches of arrays by position.
 *
 * Positions begin at 1. Subscripts and slices in brackets are Postgres': what lies outside is NULL,
 * or is cut off. The functions (element_at, array_slice) also count from the end by negative
 * positions, as other engines do. */
#include "kernel/array/array_internal.h"

/* --- one element ----------------------------------------------------------------------------- */

/* from_end: -1 is the last element. */
static void take_positions(struct weir_kernel_call *call, bool from_end)
{
    uint32_t *elements = weir_array_elements(call);
    if (!elements)
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_list_entry entry = weir_arg_list(call, 0, lane);
        int64_t position = *WEIR_ARG(call, 1, int64_t, lane);
        if (from_end && position < 0 && position >= -(int64_t)entry.count)
            position += (int64_t)entry.count + 1;
        if (position >= 1 && position <= (int64_t)entry.count)
            elements[lane] = entry.offset + (uint32_t)position - 1;
    }
    weir_array_take(call, weir_arg_elements(call, 0), elements);
}

void weir_fn_array_subscript(struct weir_kernel_call *call)
{
    take_positions(call, false);
}
void weir_fn_element_at(struct weir_kernel_call *call)
{
    take_positions(call, true);
}

/* --- slices ---------------------------------------------------------------------------------- */

/* Positions first … last of the entry, cut to what there is. */
static struct weir_list_entry cut(struct weir_list_entry entry, int64_t first, int64_t last)
{
    first = first < 1 ? 1 : first;
    last = last > (int64_t)entry.count ? (int64_t)entry.count : last;
    if (first > last)
        return (struct weir_list_entry){0};
    return (struct weir_list_entry){entry.offset + (uint32_t)(first - 1),
                                    (uint32_t)(last - first + 1)};
}

static void keep_slices(struct weir_kernel_call *call,
                        struct weir_list_entry (*slice)(struct weir_kernel_call *call,
                                                        uint32_t lane, bool *stop))
{
    struct weir_picks picks;
    bool stop = false;
    if (!weir_picks_begin(&picks, call))
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_list_entry kept = slice(call, lane, &stop);
        if (stop || !weir_picks_reserve(&picks, lane, kept.count))
            return;
        for (uint32_t i = 0; i < kept.count; i++)
            weir_picks_add(&picks, kept.offset + i);
        weir_picks_end(&picks, lane);
    }
    weir_picks_finish(&picks, weir_arg_elements(call, 0));
}

static int64_t bound(const struct weir_kernel_call *call, uint32_t k, uint32_t lane)
{
    return *WEIR_ARG(call, k, int64_t, lane);
}

/* a[low:high] of one dimension. */
static struct weir_list_entry section(struct weir_kernel_call *call, uint32_t lane, bool *stop)
{
    (void)stop;
    return cut(weir_arg_list(call, 0, lane), bound(call, 1, lane), bound(call, 2, lane));
}

/* a[1:2][2:3] cuts the lists within the lists: bounds of dimension d are arguments 1 + 2d, 2 + 2d.
 */
static enum weir_status append_section(struct weir_kernel_call *call, uint32_t lane,
                                       const struct weir_column *child,
                                       struct weir_list_entry entry, uint32_t argument,
                                       struct weir_builder *out)
{
    entry = cut(entry, bound(call, argument, lane), bound(call, argument + 1, lane));
    if (argument + 2 >= call->args_count)
        return weir_builder_append_range(out, child, entry.offset, entry.count, NULL);
    const struct weir_list_entry *inner = child->values;
    for (uint32_t i = 0; i < entry.count; i++) {
        if (weir_column_is_null(child, entry.offset + i)) {
            WEIR_TRY(weir_builder_append_null(out, NULL));
            continue;
        }
        uint32_t first = out->children[0].rows_count;
        WEIR_TRY(append_section(call, lane, &child->children[0], inner[entry.offset + i],
                                argument + 2, &out->children[0]));
        WEIR_TRY(weir_builder_end_list(out, first, NULL));
    }
    return WEIR_OK;
}

static uint32_t leaves_count(const struct weir_builder *builder)
{
    while (builder->type->kind == WEIR_TYPE_LIST)
        builder = builder->children;
    return builder->rows_count;
}

/* Without an element in any dimension the array is empty, not one of empty arrays. */
static enum weir_array_result section_lane(struct weir_kernel_call *call, uint32_t lane,
                                           struct weir_builder *child)
{
    uint32_t first = child->rows_count, leaves = leaves_count(child);
    enum weir_status status = append_section(call, lane, weir_arg_elements(call, 0),
                                             weir_arg_list(call, 0, lane), 1, child);
    if (leaves_count(child) == leaves)
        weir_builder_truncate(child, first);
    return weir_array_status(call, status);
}

void weir_fn_array_section(struct weir_kernel_call *call)
{
    if (call->args_count == 3)
        keep_slices(call, section);
    else
        weir_array_build(call, section_lane);
}

/* A pair of bounds for each dimension, of which there are no more than the type has. */
enum weir_status weir_bind_array_section(struct weir_function_bind *bind, struct weir_error *error)
{
    uint32_t depth;
    (void)weir_array_leaf(bind->arg_types[0], &depth);
    if ((bind->args_count - 1) / 2 > depth)
        return weir_error_set(error, WEIR_E_TYPE_MISMATCH, "%s has no %u dimensions to cut",
                              weir_type_name(bind->arg_types[0]).text, (bind->args_count - 1) / 2);
    return WEIR_OK;
}

/* array_slice(a, from, to): negative positions count from the end. */
static struct weir_list_entry slice_from_end(struct weir_kernel_call *call, uint32_t lane,
                                             bool *stop)
{
    struct weir_list_entry entry = weir_arg_list(call, 0, lane);
    int64_t from = bound(call, 1, lane), to = bound(call, 2, lane), count = entry.count;
    (void)stop;
    if (from < 0)
        from = from < -count ? 1 : from + count + 1;
    if (to < 0)
        to = to < -count ? 0 : to + count + 1;
    return cut(entry, from, to);
}

void weir_fn_array_slice(struct weir_kernel_call *call)
{
    keep_slices(call, slice_from_end);
}

static struct weir_list_entry without_last(struct weir_kernel_call *call, uint32_t lane, bool *stop)
{
    struct weir_list_entry entry = weir_arg_list(call, 0, lane);
    int32_t count = *WEIR_ARG(call, 1, int32_t, lane);
    if (count >= 0 && (uint32_t)count <= entry.count)
        return cut(entry, 1, (int64_t)entry.count - count);
    *stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                              "number of elements to trim must be between 0 and %u", entry.count);
    return (struct weir_list_entry){0};
}

void weir_fn_trim_array(struct weir_kernel_call *call)
{
    keep_slices(call, without_last);
}

static struct weir_list_entry all_but_last(struct weir_kernel_call *call, uint32_t lane, bool *stop)
{
    struct weir_list_entry entry = weir_arg_list(call, 0, lane);
    (void)stop;
    return cut(entry, 1, (int64_t)entry.count - 1);
}
static struct weir_list_entry all_but_first(struct weir_kernel_call *call, uint32_t lane,
                                            bool *stop)
{
    (void)stop;
    return cut(weir_arg_list(call, 0, lane), 2, INT64_MAX);
}

void weir_fn_array_pop_back(struct weir_kernel_call *call)
{
    keep_slices(call, all_but_last);
}
void weir_fn_array_pop_front(struct weir_kernel_call *call)
{
    keep_slices(call, all_but_first);
}
