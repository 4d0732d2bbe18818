/* Arrays with fewer or other elements, or in another order; arrays as sets.
 *
 * Elements are the same by IS NOT DISTINCT FROM. Sets keep the order of first appearance. Sorting
 * goes by the order of ORDER BY: ascending with NULLs last, descending with NULLs first. */
#include "kernel/array/array_internal.h"

static bool is_same(const struct weir_kernel_call *call, uint32_t k, uint32_t lane, uint32_t e)
{
    return weir_column_equals(weir_arg_elements(call, 0), e, &call->args[k],
                              weir_arg_lane(call, k, lane));
}

/* --- remove, replace ------------------------------------------------------------------------- */

void weir_fn_array_remove(struct weir_kernel_call *call)
{
    struct weir_picks picks;
    if (!weir_picks_begin(&picks, call))
        return;
    WEIR_FOR_LANES(call, lane)
    {
        if (weir_arg_is_null(call, 0, lane)) {
            weir_kernel_set_null(call, lane);
            continue;
        }
        struct weir_list_entry entry = weir_arg_list(call, 0, lane);
        if (!weir_picks_reserve(&picks, lane, entry.count))
            return;
        for (uint32_t i = entry.offset; i < entry.offset + entry.count; i++)
            if (!is_same(call, 1, lane, i))
                weir_picks_add(&picks, i);
        weir_picks_end(&picks, lane);
    }
    weir_picks_finish(&picks, weir_arg_elements(call, 0));
}

static enum weir_array_result replace_lane(struct weir_kernel_call *call, uint32_t lane,
                                           struct weir_builder *child)
{
    if (weir_arg_is_null(call, 0, lane))
        return WEIR_ARRAY_NULL;
    struct weir_list_entry entry = weir_arg_list(call, 0, lane);
    const struct weir_column *elements = weir_arg_elements(call, 0);
    enum weir_status status = WEIR_OK;
    for (uint32_t i = entry.offset; status == WEIR_OK && i < entry.offset + entry.count; i++)
        status = is_same(call, 1, lane, i)
                     ? weir_builder_append_range(child, &call->args[2],
                                                 weir_arg_lane(call, 2, lane), 1, NULL)
                     : weir_builder_append_range(child, elements, i, 1, NULL);
    return weir_array_status(call, status);
}

void weir_fn_array_replace(struct weir_kernel_call *call)
{
    weir_array_build(call, replace_lane);
}

/* --- order ----------------------------------------------------------------------------------- */

static void reverse_lanes(uint32_t *lanes, uint32_t count)
{
    for (uint32_t i = 0; i < count / 2; i++) {
        uint32_t kept = lanes[i];
        lanes[i] = lanes[count - 1 - i];
        lanes[count - 1 - i] = kept;
    }
}

/* Picks all elements of the lane's list. */
static bool pick_all(struct weir_picks *picks, uint32_t lane)
{
    struct weir_list_entry entry = weir_arg_list(picks->call, 0, lane);
    if (!weir_picks_reserve(picks, lane, entry.count))
        return false;
    for (uint32_t i = 0; i < entry.count; i++)
        weir_picks_add(picks, entry.offset + i);
    return true;
}

void weir_fn_array_reverse(struct weir_kernel_call *call)
{
    struct weir_picks picks;
    if (!weir_picks_begin(&picks, call))
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        if (!pick_all(&picks, lane))
            return;
        reverse_lanes(picks.lanes + picks.first, picks.count - picks.first);
        weir_picks_end(&picks, lane);
    }
    weir_picks_finish(&picks, weir_arg_elements(call, 0));
}

/* A word of ORDER BY in argument k; `yes` and `no` are the two it may be. */
static bool read_choice(struct weir_kernel_call *call, uint32_t k, uint32_t lane,
                        const char *const words[2], bool *is_first, bool *stop)
{
    struct weir_slice text = weir_arg_text(call, k, lane);
    *stop = false;
    for (int i = 0; i < 2; i++)
        if (weir_slice_equals_ignoring_case(text, weir_slice_from_string(words[i]))) {
            *is_first = i == 0;
            return true;
        }
    *stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "\"%.*s\" is neither %s nor %s",
                              WEIR_SLICE_ARGS(text), words[0], words[1]);
    return false;
}

static bool read_order(struct weir_kernel_call *call, uint32_t lane, struct weir_sort_order *order,
                       bool *stop)
{
    static const char *const directions[2] = {"DESC", "ASC"};
    static const char *const nulls[2] = {"NULLS FIRST", "NULLS LAST"};
    *stop = false;
    *order = (struct weir_sort_order){0};
    if (call->args_count > 1 && !read_choice(call, 1, lane, directions, &order->descending, stop))
        return false;
    order->nulls_first = order->descending;
    return call->args_count < 3 || read_choice(call, 2, lane, nulls, &order->nulls_first, stop);
}

/* Moves the nulls, which stand at one end, to the other. */
static void place_nulls(const struct weir_column *child, uint32_t *lanes, uint32_t count,
                        bool nulls_first)
{
    uint32_t nulls = 0;
    for (uint32_t i = 0; i < count; i++)
        nulls += weir_column_is_null(child, lanes[i]);
    if (nulls == 0 || nulls == count || weir_column_is_null(child, lanes[0]) == nulls_first)
        return;
    /* Rotation by three reversals. */
    uint32_t left = nulls_first ? count - nulls : nulls;
    reverse_lanes(lanes, left);
    reverse_lanes(lanes + left, count - left);
    reverse_lanes(lanes, count);
}

static void sort_lists(struct weir_kernel_call *call, bool descending)
{
    struct weir_picks picks;
    if (!weir_picks_begin(&picks, call))
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_sort_order order;
        bool stop;
        if (!read_order(call, lane, &order, &stop)) {
            if (stop)
                return;
            continue;
        }
        if (descending)
            order = (struct weir_sort_order){true, true};
        if (!pick_all(&picks, lane))
            return;
        uint32_t *lanes = picks.lanes + picks.first, count = picks.count - picks.first;
        weir_column_sort_lanes(weir_arg_elements(call, 0), lanes, count);
        if (order.descending)
            reverse_lanes(lanes, count);
        place_nulls(weir_arg_elements(call, 0), lanes, count, order.nulls_first);
        weir_picks_end(&picks, lane);
    }
    weir_picks_finish(&picks, weir_arg_elements(call, 0));
}

void weir_fn_array_sort(struct weir_kernel_call *call)
{
    sort_lists(call, false);
}
void weir_fn_array_reverse_sort(struct weir_kernel_call *call)
{
    sort_lists(call, true);
}

/* --- sets ------------------------------------------------------------------------------------ */

void weir_fn_array_distinct(struct weir_kernel_call *call)
{
    struct weir_picks picks;
    struct weir_element_set set;
    if (!weir_picks_begin(&picks, call) || !weir_element_set_begin(&set, call, 0, 0))
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_list_entry entry = weir_arg_list(call, 0, lane);
        if (!weir_picks_reserve(&picks, lane, entry.count) ||
            !weir_element_set_clear(&set, entry.count))
            return;
        for (uint32_t i = entry.offset; i < entry.offset + entry.count; i++)
            if (weir_element_set_add(&set, 0, i))
                weir_picks_add(&picks, i);
        weir_picks_end(&picks, lane);
    }
    weir_picks_finish(&picks, weir_arg_elements(call, 0));
}

/* The different elements of the first array that are (keep) or are not in the second. */
static void compare_sets(struct weir_kernel_call *call, bool keep)
{
    struct weir_picks picks;
    struct weir_element_set other, seen;
    if (!weir_picks_begin(&picks, call) || !weir_element_set_begin(&other, call, 0, 1))
        return;
    seen = other; /* the hashes, not the table */
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_list_entry a = weir_arg_list(call, 0, lane), b = weir_arg_list(call, 1, lane);
        if (!weir_picks_reserve(&picks, lane, a.count) ||
            !weir_element_set_clear(&other, b.count) || !weir_element_set_clear(&seen, a.count))
            return;
        for (uint32_t i = b.offset; i < b.offset + b.count; i++)
            (void)weir_element_set_add(&other, 1, i);
        for (uint32_t i = a.offset; i < a.offset + a.count; i++)
            if (weir_element_set_contains(&other, 0, i) == keep &&
                weir_element_set_add(&seen, 0, i))
                weir_picks_add(&picks, i);
        weir_picks_end(&picks, lane);
    }
    weir_picks_finish(&picks, weir_arg_elements(call, 0));
}

void weir_fn_array_intersect(struct weir_kernel_call *call)
{
    compare_sets(call, true);
}
void weir_fn_array_except(struct weir_kernel_call *call)
{
    compare_sets(call, false);
}

static bool unite_lane(struct weir_kernel_call *call, uint32_t lane, struct weir_element_set *set,
                       struct weir_builder *child)
{
    struct weir_list_entry *out = (struct weir_list_entry *)call->out_values + lane;
    uint32_t first = child->rows_count;
    struct weir_list_entry entries[2] = {weir_arg_list(call, 0, lane),
                                         weir_arg_list(call, 1, lane)};
    if (!weir_element_set_clear(set, entries[0].count + entries[1].count))
        return false;
    for (uint32_t k = 0; k < 2; k++)
        for (uint32_t i = entries[k].offset; i < entries[k].offset + entries[k].count; i++)
            if (weir_element_set_add(set, k, i) &&
                weir_builder_append_range(child, weir_arg_elements(call, k), i, 1, NULL) !=
                    WEIR_OK) {
                weir_kernel_out_of_memory(call);
                return false;
            }
    *out = (struct weir_list_entry){first, child->rows_count - first};
    return true;
}

void weir_fn_array_union(struct weir_kernel_call *call)
{
    struct weir_builder builder;
    struct weir_element_set set;
    memset(call->out_values, 0, call->rows_count * sizeof(struct weir_list_entry));
    if (weir_builder_init(&builder, call->out->type, call->arena, NULL) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    if (!weir_element_set_begin(&set, call, 0, 1))
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    if (!unite_lane(call, lane, &set, &builder.children[0]))
        return;
    struct weir_column built = weir_builder_column(&builder);
    call->out->children = built.children;
    call->out->children_count = 1;
}
