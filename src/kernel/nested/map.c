/* Maps: made, looked into, taken apart, joined.
 *
 * The pairs of a map ascend by key, each key once (column.h, I6): what is made here is put in that
 * order at the end, and a key is looked up by halving. A NULL key, or a key twice, is an error of
 * the constructors; map_concat keeps the later pair. */
#include "kernel/array/array_internal.h"

/* --- making ---------------------------------------------------------------------------------- */

/* The argument types in bind decide: keys of arg_types[k], values of arg_types[v]. */
static enum weir_status set_map_type(struct weir_function_bind *bind, const struct weir_type *key,
                                     const struct weir_type *value, struct weir_error *error)
{
    bind->result_type = weir_type_map(bind->arena, key, value);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

enum weir_status weir_bind_map_pack(struct weir_function_bind *bind, struct weir_error *error)
{
    if (bind->args_count == 0)
        return set_map_type(bind, weir_type_of(WEIR_TYPE_TEXT), weir_type_of(WEIR_TYPE_TEXT),
                            error);
    if (bind->args_count % 2)
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT,
                              "a map is made of keys and values by turns");
    return set_map_type(bind, bind->arg_types[0], bind->arg_types[1], error);
}

static enum weir_status bind_lists(struct weir_function_bind *bind, struct weir_error *error)
{
    for (uint32_t i = 0; i < 2; i++)
        if (bind->arg_types[i]->kind != WEIR_TYPE_LIST)
            return weir_error_set(error, WEIR_E_TYPE_MISMATCH,
                                  "map needs an array of keys and one of values, not %s",
                                  weir_type_name(bind->arg_types[i]).text);
    return WEIR_OK;
}

enum weir_status weir_bind_map_lists(struct weir_function_bind *bind, struct weir_error *error)
{
    WEIR_TRY(bind_lists(bind, error));
    return set_map_type(bind, bind->arg_types[0]->children[0], bind->arg_types[1]->children[0],
                        error);
}

enum weir_status weir_bind_map_from_entries(struct weir_function_bind *bind,
                                            struct weir_error *error)
{
    const struct weir_type *element = bind->arg_types[0]->children[0];
    if (element->kind != WEIR_TYPE_STRUCT || element->children_count != 2)
        return weir_error_set(error, WEIR_E_TYPE_MISMATCH,
                              "map_from_entries needs an array of structs of two fields, not %s",
                              weir_type_name(bind->arg_types[0]).text);
    return set_map_type(bind, element->children[0], element->children[1], error);
}

/* Takes the built maps, whose pairs are in any order, as the result. */
static void finish_maps(struct weir_kernel_call *call, struct weir_column *built,
                        bool may_repeat_keys)
{
    uint64_t *repeated =
        WEIR_ARENA_ARRAY(call->arena, uint64_t, weir_validity_words(call->rows_count) + 1);
    built->validity = call->validity;
    if (!repeated || weir_column_sort_maps(built, repeated, call->arena, NULL) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    weir_kernel_set_nested(call, built);
    if (may_repeat_keys)
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    if (weir_bit_get(repeated, lane) &&
        !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "a map has a key twice"))
        return;
}

/* The lane's pairs into the struct builder; see weir_array_fill. */
static void build_maps(struct weir_kernel_call *call, weir_array_fill fill, bool may_repeat_keys)
{
    weir_array_build(call, fill);
    if (call->errors->status != WEIR_OK)
        return;
    struct weir_column built = {.type = call->out->type,
                                .rows_count = call->rows_count,
                                .values = call->out_values,
                                .children = call->out->children,
                                .children_count = 1};
    finish_maps(call, &built, may_repeat_keys);
}

static enum weir_array_result null_key(struct weir_kernel_call *call, uint32_t lane)
{
    return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT, "a key of a map cannot be NULL");
}

static enum weir_array_result pack_lane(struct weir_kernel_call *call, uint32_t lane,
                                        struct weir_builder *pairs)
{
    enum weir_status status = WEIR_OK;
    for (uint32_t k = 0; status == WEIR_OK && k < call->args_count; k += 2) {
        if (weir_arg_is_null(call, k, lane))
            return null_key(call, lane);
        for (uint32_t i = 0; status == WEIR_OK && i < 2; i++)
            status = weir_builder_append_range(&pairs->children[i], &call->args[k + i],
                                               weir_arg_lane(call, k + i, lane), 1, NULL);
        if (status == WEIR_OK)
            status = weir_builder_end_struct(pairs, NULL);
    }
    return weir_array_status(call, status);
}

void weir_fn_map_pack(struct weir_kernel_call *call)
{
    build_maps(call, pack_lane, false);
}

/* Pairs of keys[a.offset …] and values[b.offset …]. */
static enum weir_array_result append_pairs(struct weir_kernel_call *call, uint32_t lane,
                                           const struct weir_column *const columns[2],
                                           const struct weir_list_entry entries[2],
                                           struct weir_builder *pairs)
{
    uint32_t count = entries[0].count;
    for (uint32_t i = 0; i < count; i++)
        if (weir_column_is_null(columns[0], entries[0].offset + i))
            return null_key(call, lane);
    enum weir_status status = WEIR_OK;
    for (uint32_t i = 0; i < count && status == WEIR_OK; i++) {
        for (uint32_t k = 0; k < 2 && status == WEIR_OK; k++)
            status = weir_builder_append_range(&pairs->children[k], columns[k],
                                               entries[k].offset + i, 1, NULL);
        if (status == WEIR_OK)
            status = weir_builder_end_struct(pairs, NULL);
    }
    return weir_array_status(call, status);
}

static enum weir_array_result zip_lane(struct weir_kernel_call *call, uint32_t lane,
                                       struct weir_builder *pairs)
{
    const struct weir_column *const columns[2] = {weir_arg_elements(call, 0),
                                                  weir_arg_elements(call, 1)};
    const struct weir_list_entry entries[2] = {weir_arg_list(call, 0, lane),
                                               weir_arg_list(call, 1, lane)};
    if (entries[0].count != entries[1].count)
        return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                               "a map needs as many values as keys");
    return append_pairs(call, lane, columns, entries, pairs);
}

void weir_fn_map_lists(struct weir_kernel_call *call)
{
    build_maps(call, zip_lane, false);
}

static enum weir_array_result entries_lane(struct weir_kernel_call *call, uint32_t lane,
                                           struct weir_builder *pairs)
{
    const struct weir_column *structs = weir_arg_elements(call, 0);
    const struct weir_column *const columns[2] = {&structs->children[0], &structs->children[1]};
    struct weir_list_entry entry = weir_arg_list(call, 0, lane);
    const struct weir_list_entry entries[2] = {entry, entry};
    for (uint32_t i = entry.offset; i < entry.offset + entry.count; i++)
        if (weir_column_is_null(structs, i))
            return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                   "an entry of a map cannot be NULL");
    return append_pairs(call, lane, columns, entries, pairs);
}

void weir_fn_map_from_entries(struct weir_kernel_call *call)
{
    build_maps(call, entries_lane, false);
}

static enum weir_array_result concat_lane(struct weir_kernel_call *call, uint32_t lane,
                                          struct weir_builder *pairs)
{
    bool any = false;
    enum weir_status status = WEIR_OK;
    for (uint32_t k = 0; status == WEIR_OK && k < call->args_count; k++) {
        if (weir_arg_is_null(call, k, lane))
            continue;
        struct weir_list_entry entry = weir_arg_list(call, k, lane);
        any = true;
        status = weir_builder_append_range(pairs, weir_arg_elements(call, k), entry.offset,
                                           entry.count, NULL);
    }
    return status == WEIR_OK && !any ? WEIR_ARRAY_NULL : weir_array_status(call, status);
}

void weir_fn_map_concat(struct weir_kernel_call *call)
{
    build_maps(call, concat_lane, true);
}

/* --- looking up ------------------------------------------------------------------------------ */

/* The pair of argument 0's map that has the key of argument 1; WEIR_ARRAY_NONE: there is none. */
static uint32_t find_key(const struct weir_kernel_call *call, uint32_t lane)
{
    struct weir_list_entry entry = weir_arg_list(call, 0, lane);
    const struct weir_column *keys = &weir_arg_elements(call, 0)->children[0];
    uint32_t low = 0, high = entry.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = weir_column_compare(keys, entry.offset + middle, &call->args[1],
                                        weir_arg_lane(call, 1, lane));
        if (order == 0)
            return entry.offset + middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return WEIR_ARRAY_NONE;
}

/* The values of argument 0's maps as a FLAT column; NULL: there are none, or *stop. */
static const struct weir_column *flat_side(struct weir_kernel_call *call, uint32_t side, bool *stop)
{
    const struct weir_column *pairs = weir_arg_elements(call, 0);
    *stop = false;
    if (!pairs || pairs->children_count != 2)
        return NULL;
    struct weir_column *flat = WEIR_ARENA_NEW(call->arena, struct weir_column);
    if (!flat || weir_column_flatten(&pairs->children[side], call->arena, flat, NULL) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        *stop = true;
        return NULL;
    }
    return flat;
}

void weir_fn_map_subscript(struct weir_kernel_call *call)
{
    bool stop;
    uint32_t *elements = weir_array_elements(call);
    const struct weir_column *values = flat_side(call, 1, &stop);
    if (!elements || stop)
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    elements[lane] = find_key(call, lane);
    weir_array_take(call, values, elements);
}

/* The value in a list of one, or an empty list. */
void weir_fn_map_extract(struct weir_kernel_call *call)
{
    bool stop;
    struct weir_picks picks;
    const struct weir_column *values = flat_side(call, 1, &stop);
    if (stop || !weir_picks_begin(&picks, call))
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        uint32_t found = find_key(call, lane);
        if (!weir_picks_reserve(&picks, lane, 1))
            return;
        if (found != WEIR_ARRAY_NONE)
            weir_picks_add(&picks, found);
        weir_picks_end(&picks, lane);
    }
    weir_picks_finish(&picks, values);
}

void weir_fn_map_contains(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    weir_array_set_boolean(call, lane, find_key(call, lane) != WEIR_ARRAY_NONE);
}

void weir_fn_map_contains_value(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_list_entry entry = weir_arg_list(call, 0, lane);
        const struct weir_column *values = &weir_arg_elements(call, 0)->children[1];
        bool found = false;
        for (uint32_t i = entry.offset; i < entry.offset + entry.count && !found; i++)
            found = weir_column_equals(values, i, &call->args[1], weir_arg_lane(call, 1, lane));
        weir_array_set_boolean(call, lane, found);
    }
}

/* --- taking apart ---------------------------------------------------------------------------- */

/* The maps' entries over another child. */
static void set_entries(struct weir_kernel_call *call, const struct weir_column *child)
{
    struct weir_list_entry *out = call->out_values;
    if (!child) {
        struct weir_picks picks;
        if (weir_picks_begin(&picks, call))
            weir_picks_finish(&picks, NULL);
        return;
    }
    for (uint32_t lane = 0; lane < call->rows_count; lane++)
        out[lane] = weir_bit_get(call->validity, lane) ? weir_arg_list(call, 0, lane)
                                                       : (struct weir_list_entry){0};
    call->out->children = child;
    call->out->children_count = 1;
}

static void take_side(struct weir_kernel_call *call, uint32_t side)
{
    bool stop;
    const struct weir_column *child = flat_side(call, side, &stop);
    if (!stop)
        set_entries(call, child);
}

void weir_fn_map_keys(struct weir_kernel_call *call)
{
    take_side(call, 0);
}
void weir_fn_map_values(struct weir_kernel_call *call)
{
    take_side(call, 1);
}
void weir_fn_map_entries(struct weir_kernel_call *call)
{
    set_entries(call, weir_arg_elements(call, 0));
}

enum weir_status weir_bind_map_keys(struct weir_function_bind *bind, struct weir_error *error)
{
    bind->result_type = weir_type_list(bind->arena, bind->arg_types[0]->children[0]);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}
enum weir_status weir_bind_map_values(struct weir_function_bind *bind, struct weir_error *error)
{
    bind->result_type = weir_type_list(bind->arena, bind->arg_types[0]->children[1]);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}
enum weir_status weir_bind_map_entries(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_type *entry = weir_type_map_entry(bind->arena, bind->arg_types[0]);
    bind->result_type = entry ? weir_type_list(bind->arena, entry) : NULL;
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}
