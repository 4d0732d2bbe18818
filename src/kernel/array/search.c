/* What is in an array, and where.
 *
 * Positions and removals go by IS NOT DISTINCT FROM: a NULL is found. Containment (@>, <@, && and
 * array_has…) is as =: a NULL is in no array. Lists of lists contain what is at their bottom, as
 * Postgres' arrays of more dimensions do. */
#include "kernel/array/array_internal.h"

/* --- positions ------------------------------------------------------------------------------- */

/* Whether element e is the value of argument k. */
static bool is_wanted(const struct weir_kernel_call *call, uint32_t k, uint32_t lane, uint32_t e)
{
    return weir_column_equals(weir_arg_elements(call, 0), e, &call->args[k],
                              weir_arg_lane(call, k, lane));
}

/* Nothing to find, whatever the position: Postgres does not look at it then. */
static bool is_hopeless(const struct weir_kernel_call *call, uint32_t lane)
{
    struct weir_list_entry entry = weir_arg_list(call, 0, lane);
    if (!weir_arg_is_null(call, 1, lane))
        return entry.count == 0;
    for (uint32_t i = entry.offset; i < entry.offset + entry.count; i++)
        if (weir_column_is_null(weir_arg_elements(call, 0), i))
            return false;
    return true;
}

/* The position from which the lane's search begins. False: the kernel returns. */
static bool search_start(struct weir_kernel_call *call, uint32_t lane, int64_t *start)
{
    *start = 1;
    if (call->args_count < 3)
        return true;
    if (weir_arg_is_null(call, 2, lane))
        return weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                "initial position must not be null");
    *start = *WEIR_ARG(call, 2, int32_t, lane);
    return true;
}

void weir_fn_array_position(struct weir_kernel_call *call)
{
    WEIR_FOR_LANES(call, lane)
    {
        int64_t start, found = 0;
        if (weir_arg_is_null(call, 0, lane) || is_hopeless(call, lane)) {
            weir_kernel_set_null(call, lane);
            continue;
        }
        if (!search_start(call, lane, &start))
            return;
        if (!weir_bit_get(call->validity, lane))
            continue;
        struct weir_list_entry entry = weir_arg_list(call, 0, lane);
        for (int64_t i = start < 1 ? 0 : start - 1; i < (int64_t)entry.count && !found; i++)
            if (is_wanted(call, 1, lane, entry.offset + (uint32_t)i))
                found = i + 1;
        weir_array_set_int32(call, lane, found);
        if (!found)
            weir_kernel_set_null(call, lane);
    }
}

static enum weir_array_result positions_lane(struct weir_kernel_call *call, uint32_t lane,
                                             struct weir_builder *child)
{
    if (weir_arg_is_null(call, 0, lane))
        return WEIR_ARRAY_NULL;
    struct weir_list_entry entry = weir_arg_list(call, 0, lane);
    enum weir_status status = WEIR_OK;
    for (uint32_t i = 0; status == WEIR_OK && i < entry.count; i++) {
        int32_t position = (int32_t)i + 1;
        if (is_wanted(call, 1, lane, entry.offset + i))
            status = weir_builder_append_value(child, &position, NULL);
    }
    return weir_array_status(call, status);
}

void weir_fn_array_positions(struct weir_kernel_call *call)
{
    weir_array_build(call, positions_lane);
}

void weir_fn_array_has(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_list_entry entry = weir_arg_list(call, 0, lane);
        bool found = false;
        for (uint32_t i = 0; i < entry.count && !found; i++)
            found = is_wanted(call, 1, lane, entry.offset + i);
        weir_array_set_boolean(call, lane, found);
    }
}

/* --- containment ----------------------------------------------------------------------------- */

/* The elements of two lists, with those of lists of lists at the bottom. */
struct containment {
    struct weir_kernel_call *call;
    const struct weir_column *leaves[2];
    const uint64_t *hashes[2];
    struct weir_element_set set;
    uint32_t *lanes[2]; /* of the leaves, for the lane at hand */
    uint32_t counts[2], capacities[2];
};

static const struct weir_column *leaf_column(const struct weir_column *elements)
{
    while (elements && elements->type->kind == WEIR_TYPE_LIST)
        elements = elements->children;
    return elements;
}

static bool containment_begin(struct containment *c, struct weir_kernel_call *call)
{
    *c = (struct containment){.call = call};
    for (uint32_t k = 0; k < 2; k++) {
        const struct weir_column *leaves = c->leaves[k] = leaf_column(weir_arg_elements(call, k));
        uint32_t count = leaves ? leaves->rows_count : 0;
        uint64_t *hashes = weir_arena_alloc(call->arena, ((size_t)count + 1) * sizeof *hashes, 8);
        if (!hashes) {
            weir_kernel_out_of_memory(call);
            return false;
        }
        if (count)
            weir_column_hash(leaves, NULL, count, 0, false, hashes);
        c->set.columns[k] = leaves;
        c->set.hashes[k] = hashes;
    }
    c->set.call = call;
    return true;
}

/* Adds the leaves below the entry that are not null; *has_null: there was one. */
static bool collect(struct containment *c, uint32_t k, const struct weir_column *elements,
                    struct weir_list_entry entry, bool *has_null)
{
    bool is_leaf = elements->type->kind != WEIR_TYPE_LIST;
    for (uint32_t i = entry.offset; i < entry.offset + entry.count; i++) {
        if (weir_column_is_null(elements, i)) {
            *has_null |= is_leaf;
            continue;
        }
        if (!is_leaf) {
            if (!collect(c, k, &elements->children[0],
                         ((const struct weir_list_entry *)elements->values)[i], has_null))
                return false;
            continue;
        }
        if (c->counts[k] == c->capacities[k]) {
            uint32_t capacity = c->capacities[k] ? c->capacities[k] * 2 : 64;
            uint32_t *lanes = weir_arena_alloc(c->call->arena, capacity * sizeof *lanes, 4);
            if (!lanes) {
                weir_kernel_out_of_memory(c->call);
                return false;
            }
            if (c->counts[k])
                memcpy(lanes, c->lanes[k], c->counts[k] * sizeof *lanes);
            c->lanes[k] = lanes;
            c->capacities[k] = capacity;
        }
        c->lanes[k][c->counts[k]++] = i;
    }
    return true;
}

/* Whether argument `whole` has every (all) or some element of argument `part`. null_is_missing: a
 * NULL of part is not in whole; else it does not count. */
static bool contain_lane(struct containment *c, uint32_t lane, uint32_t whole, bool all,
                         bool null_is_missing)
{
    struct weir_kernel_call *call = c->call;
    uint32_t part = 1 - whole;
    bool null_in_whole = false, null_in_part = false;
    c->counts[0] = c->counts[1] = 0;
    if (!collect(c, whole, weir_arg_elements(call, whole), weir_arg_list(call, whole, lane),
                 &null_in_whole) ||
        !collect(c, part, weir_arg_elements(call, part), weir_arg_list(call, part, lane),
                 &null_in_part) ||
        !weir_element_set_clear(&c->set, c->counts[whole]))
        return false;
    for (uint32_t i = 0; i < c->counts[whole]; i++)
        (void)weir_element_set_add(&c->set, whole, c->lanes[whole][i]);
    bool result = all && !(null_is_missing && null_in_part);
    for (uint32_t i = 0; i < c->counts[part] && result == all; i++)
        if (weir_element_set_contains(&c->set, part, c->lanes[part][i]) != all)
            result = !all;
    weir_array_set_boolean(call, lane, result);
    return true;
}

static void contain(struct weir_kernel_call *call, uint32_t whole, bool all, bool null_is_missing)
{
    struct containment c;
    if (!containment_begin(&c, call))
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    if (!contain_lane(&c, lane, whole, all, null_is_missing))
        return;
}

void weir_fn_array_contains(struct weir_kernel_call *call)
{
    contain(call, 0, true, true);
}
void weir_fn_array_contained(struct weir_kernel_call *call)
{
    contain(call, 1, true, true);
}
void weir_fn_array_overlap(struct weir_kernel_call *call)
{
    contain(call, 0, false, true);
}
void weir_fn_array_has_all(struct weir_kernel_call *call)
{
    contain(call, 0, true, false);
}
