/* Element-wise casts: LIST, MAP and STRUCT.
 *
 * Children of lists are first gathered into a dense column of just the elements that selected,
 * valid lanes have, so that the child's kernel runs over lanes that all count:
 *
 *     entries  (5,2) null (0,1)        child  a b c d e f g
 *     gathered (0,2) null (2,1)        dense  f g a          kernel(dense) → new child
 *
 * An element that fails makes the whole value fail: the lane named in the error is the list's. */
#include "kernel/kernel_internal.h"

/* Runs one child's cast over rows_count lanes of child. failed: set to the lanes (of child) that
 * failed, when failures are nulls; NULL entries where nothing failed. False: stop. */
static bool cast_child(struct weir_kernel_call *call, const struct weir_function_match *match,
                       const struct weir_column *child, uint32_t rows_count,
                       struct weir_kernel_errors *errors, struct weir_column *out)
{
    if (!match->function) {
        *out = *child;
        return true;
    }
    struct weir_kernel_call inner = {
        .arena = call->arena, .session = call->session, .errors = errors};
    struct weir_kernel_setup setup = {
        .match = match, .args = child, .args_count = 1, .rows_count = rows_count};
    if (!weir_kernel_call_prepare(&inner, out, &setup)) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    match->function->kernel(&inner);
    return true;
}

/* The list entries of selected lanes, renumbered; *lanes lists the child lanes they take. */
static bool gather_entries(struct weir_kernel_call *call, uint32_t **lanes, uint32_t *lanes_count)
{
    struct weir_list_entry *out = call->out_values;
    uint64_t total = 0;
    memset(out, 0, call->rows_count * sizeof *out);
    WEIR_FOR_VALID_LANES(call, lane)
    total += WEIR_ARG(call, 0, struct weir_list_entry, lane)->count;
    *lanes = total <= UINT32_MAX ? WEIR_ARENA_ARRAY(call->arena, uint32_t, total + 1) : NULL;
    if (!*lanes) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    uint32_t next = 0;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_list_entry entry = *WEIR_ARG(call, 0, struct weir_list_entry, lane);
        out[lane] = (struct weir_list_entry){next, entry.count};
        for (uint32_t i = 0; i < entry.count; i++)
            (*lanes)[next++] = entry.offset + i;
    }
    *lanes_count = next;
    return true;
}

/* The lane whose list holds element; lists are in lane order. */
static uint32_t owner_of(struct weir_kernel_call *call, uint32_t element)
{
    const struct weir_list_entry *entries = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    if (element - entries[lane].offset < entries[lane].count)
        return lane;
    return 0;
}

/* Elements that were valid and no longer are have failed: so have their lists. */
static void null_owners(struct weir_kernel_call *call, const struct weir_column *before,
                        const struct weir_column *after)
{
    struct weir_list_entry *entries = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        bool failed = false;
        for (uint32_t i = 0; i < entries[lane].count; i++) {
            uint32_t element = entries[lane].offset + i;
            failed |= !weir_column_is_null(before, element) && weir_column_is_null(after, element);
        }
        if (failed) {
            weir_kernel_set_null(call, lane);
            entries[lane] = (struct weir_list_entry){0};
            call->errors->nulled_count++;
        }
    }
}

/* Passes a child's failure on; lane is the one of this call it belongs to. */
static void forward_failure(struct weir_kernel_call *call, const struct weir_kernel_errors *inner,
                            uint32_t lane)
{
    if (call->errors->status != WEIR_OK && call->errors->lane <= lane)
        return;
    call->errors->status = inner->status;
    call->errors->lane = lane;
}

static bool cast_elements(struct weir_kernel_call *call, const struct weir_function_match *match,
                          const struct weir_column *dense, struct weir_column *out)
{
    struct weir_kernel_errors errors = {
        .null_on_error = call->errors->null_on_error,
        .error = call->errors->status == WEIR_OK ? call->errors->error : NULL};
    if (!cast_child(call, match, dense, dense->rows_count, &errors, out))
        return false;
    if (errors.status != WEIR_OK) {
        forward_failure(call, &errors, owner_of(call, errors.lane));
        return false;
    }
    if (errors.nulled_count)
        null_owners(call, dense, out);
    return true;
}

static bool gather_child(struct weir_kernel_call *call, struct weir_column *dense)
{
    uint32_t *lanes, count;
    if (!gather_entries(call, &lanes, &count))
        return false;
    if (weir_column_gather(&call->args[0].children[0], lanes, count, call->arena, dense, NULL) !=
        WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    return true;
}

static void set_child(struct weir_kernel_call *call, const struct weir_column *child)
{
    struct weir_column *kept = WEIR_ARENA_NEW(call->arena, struct weir_column);
    if (!kept) {
        weir_kernel_out_of_memory(call);
        return;
    }
    *kept = *child;
    call->out->children = kept;
    call->out->children_count = 1;
}

void weir_cast_list(struct weir_kernel_call *call)
{
    const struct weir_cast *cast = call->instance;
    struct weir_column dense, child;
    if (gather_child(call, &dense) && cast_elements(call, &cast->children[0], &dense, &child))
        set_child(call, &child);
}

/* The keys' new type may have another order (10 is before 9 as a text), and may not tell all of
 * them apart. */
static void order_pairs(struct weir_kernel_call *call)
{
    size_t words = weir_validity_words(call->rows_count);
    uint64_t *repeated = WEIR_ARENA_ARRAY(call->arena, uint64_t, words + 1);
    struct weir_column maps = {.type = call->out->type,
                               .rows_count = call->rows_count,
                               .validity = call->validity,
                               .values = call->out_values,
                               .children = call->out->children,
                               .children_count = call->out->children_count};
    if (!repeated ||
        (maps.children && weir_column_sort_maps(&maps, repeated, call->arena, NULL) != WEIR_OK)) {
        weir_kernel_out_of_memory(call);
        return;
    }
    if (maps.children)
        weir_kernel_set_nested(call, &maps);
    WEIR_FOR_VALID_LANES(call, lane)
    if (weir_bit_get(repeated, lane) &&
        !weir_kernel_fail(call, lane, WEIR_E_BAD_CAST, "two keys of a map become one %s",
                          weir_type_name(call->out->type->children[0]).text))
        return;
}

/* A map's child is STRUCT<key, value>: both are cast over the same gathered lanes. */
void weir_cast_map(struct weir_kernel_call *call)
{
    const struct weir_cast *cast = call->instance;
    struct weir_column dense;
    struct weir_column *fields = WEIR_ARENA_ARRAY(call->arena, struct weir_column, 2);
    const struct weir_type *type = weir_type_map_entry(call->arena, cast->to);
    if (!fields || !type) {
        weir_kernel_out_of_memory(call);
        return;
    }
    if (!gather_child(call, &dense))
        return;
    for (uint32_t i = 0; i < 2; i++)
        if (!cast_elements(call, &cast->children[i], &dense.children[i], &fields[i]))
            return;
    dense.type = type;
    dense.children = fields;
    set_child(call, &dense);
    order_pairs(call);
}

/* One field over the struct's own lanes: its kernel sees this call's selection, less null structs.
 */
static bool cast_field(struct weir_kernel_call *call, uint32_t index, struct weir_column *out)
{
    const struct weir_cast *cast = call->instance;
    const struct weir_function_match *match = &cast->children[index];
    const struct weir_column *field = &call->args[0].children[index];
    if (!match->function) {
        *out = *field;
        return true;
    }
    struct weir_kernel_errors errors = *call->errors;
    uint64_t nulled_before = errors.nulled_count;
    struct weir_kernel_call inner = {
        .arena = call->arena, .session = call->session, .errors = &errors};
    struct weir_kernel_setup setup = {.match = match,
                                      .args = field,
                                      .args_count = 1,
                                      .rows_count = call->rows_count,
                                      .selection = call->selection,
                                      .selected_count = call->selected_count};
    if (!weir_kernel_call_prepare(&inner, out, &setup)) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    for (size_t i = 0; i < weir_validity_words(call->rows_count); i++)
        inner.validity[i] &= call->validity[i];
    match->function->kernel(&inner);
    call->errors->status = errors.status;
    call->errors->lane = errors.lane;
    if (errors.nulled_count > nulled_before)
        WEIR_FOR_VALID_LANES(call, lane)
    if (!weir_column_is_null(field, lane) && weir_column_is_null(out, lane)) {
        weir_kernel_set_null(call, lane);
        call->errors->nulled_count++;
    }
    return errors.status == WEIR_OK;
}

void weir_cast_struct(struct weir_kernel_call *call)
{
    const struct weir_cast *cast = call->instance;
    uint32_t count = cast->from->children_count;
    struct weir_column *fields = WEIR_ARENA_ARRAY(call->arena, struct weir_column, count);
    if (!fields) {
        weir_kernel_out_of_memory(call);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        if (!cast_field(call, i, &fields[i]))
            return;
    call->out->children = fields;
    call->out->children_count = count;
}
