/* What the array kernels share. */
#include "kernel/array/array_internal.h"

/* --- picks ----------------------------------------------------------------------------------- */

bool weir_picks_begin(struct weir_picks *picks, struct weir_kernel_call *call)
{
    *picks = (struct weir_picks){.call = call};
    memset(call->out_values, 0, call->rows_count * sizeof(struct weir_list_entry));
    uint64_t wanted = 0;
    if (call->args_count && call->args[0].type->kind >= WEIR_TYPE_LIST && call->args[0].children)
        wanted = call->args[0].children[0].rows_count;
    return weir_picks_reserve(picks, 0, wanted < 64 ? 64 : wanted);
}

/* A limit of the batch, not of the lane's value: it is no NULL. */
static void fail_batch(struct weir_kernel_call *call, uint32_t lane)
{
    struct weir_kernel_errors *errors = call->errors;
    errors->status = WEIR_E_LIMIT;
    errors->lane = lane;
    (void)weir_error_set(errors->error, WEIR_E_LIMIT,
                         "the arrays of a batch would have more than %d elements",
                         WEIR_ARRAY_BATCH_ELEMENTS_MAX);
}

bool weir_picks_reserve(struct weir_picks *picks, uint32_t lane, uint64_t count)
{
    uint64_t wanted = picks->count + count, capacity = picks->capacity ? picks->capacity : 64;
    if (wanted <= picks->capacity)
        return true;
    if (wanted > WEIR_ARRAY_BATCH_ELEMENTS_MAX) {
        fail_batch(picks->call, lane);
        return false;
    }
    while (capacity < wanted)
        capacity *= 2;
    uint32_t *lanes = weir_arena_alloc(picks->call->arena, capacity * sizeof *lanes, 4);
    if (!lanes) {
        weir_kernel_out_of_memory(picks->call);
        return false;
    }
    if (picks->count)
        memcpy(lanes, picks->lanes, picks->count * sizeof *lanes);
    picks->lanes = lanes;
    picks->capacity = (uint32_t)capacity;
    return true;
}

void weir_picks_end(struct weir_picks *picks, uint32_t lane)
{
    ((struct weir_list_entry *)picks->call->out_values)[lane] =
        (struct weir_list_entry){picks->first, picks->count - picks->first};
    picks->first = picks->count;
}

/* The result's one child is this column. */
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

static void set_no_elements(struct weir_kernel_call *call)
{
    struct weir_builder builder;
    if (weir_builder_init(&builder, call->out->type, call->arena, NULL) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    struct weir_column built = weir_builder_column(&builder);
    set_child(call, &built.children[0]);
}

void weir_picks_finish(struct weir_picks *picks, const struct weir_column *child)
{
    struct weir_column gathered;
    if (!child || picks->count == 0) {
        set_no_elements(picks->call);
        return;
    }
    if (weir_column_gather(child, picks->lanes, picks->count, picks->call->arena, &gathered,
                           NULL) != WEIR_OK) {
        weir_kernel_out_of_memory(picks->call);
        return;
    }
    set_child(picks->call, &gathered);
}

/* --- single elements ------------------------------------------------------------------------- */

uint32_t *weir_array_elements(struct weir_kernel_call *call)
{
    uint32_t *elements =
        weir_arena_alloc(call->arena, (call->rows_count + 1) * sizeof *elements, 4);
    if (!elements) {
        weir_kernel_out_of_memory(call);
        return NULL;
    }
    memset(elements, 0xFF, (call->rows_count + 1) * sizeof *elements);
    return elements;
}

void weir_array_set_column(struct weir_kernel_call *call, const struct weir_column *column)
{
    struct weir_column flat = *column;
    if (column->encoding != WEIR_FLAT &&
        weir_column_flatten(column, call->arena, &flat, NULL) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    if (weir_type_is_nested(call->out->type)) {
        weir_kernel_set_nested(call, &flat);
        return;
    }
    memcpy(call->out_values, flat.values, weir_type_width(flat.type) * call->rows_count);
    weir_validity_and(call->validity, &flat, call->rows_count);
}

/* Lanes that are null have no text. */
static void clear_null_lanes(struct weir_kernel_call *call)
{
    size_t width = weir_type_width(call->out->type);
    for (uint32_t lane = 0; width && lane < call->rows_count; lane++)
        if (!weir_bit_get(call->validity, lane))
            memset((char *)call->out_values + lane * width, 0, width);
}

void weir_array_take(struct weir_kernel_call *call, const struct weir_column *child,
                     uint32_t *elements)
{
    struct weir_column taken = weir_column_nulls(call->out->type, call->rows_count);
    bool is_empty = !child || child->rows_count == 0;
    for (uint32_t lane = 0; lane < call->rows_count; lane++) {
        if (elements[lane] != WEIR_ARRAY_NONE)
            continue;
        weir_kernel_set_null(call, lane);
        elements[lane] = 0;
    }
    if (!is_empty && weir_column_gather(child, elements, call->rows_count, call->arena, &taken,
                                        NULL) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    weir_array_set_column(call, &taken);
    if (weir_type_is_view(call->out->type))
        clear_null_lanes(call);
}

/* --- new elements ---------------------------------------------------------------------------- */

enum weir_array_result weir_array_status(struct weir_kernel_call *call, enum weir_status status)
{
    if (status == WEIR_OK)
        return WEIR_ARRAY_OK;
    weir_kernel_out_of_memory(call);
    return WEIR_ARRAY_STOP;
}

enum weir_array_result weir_array_fail(struct weir_kernel_call *call, uint32_t lane,
                                       enum weir_status code, const char *reason)
{
    return weir_kernel_fail(call, lane, code, "%s", reason) ? WEIR_ARRAY_NULL : WEIR_ARRAY_STOP;
}

enum weir_array_result weir_array_check_count(struct weir_kernel_call *call, uint32_t lane,
                                              uint64_t count)
{
    if (WEIR_LIKELY(count <= WEIR_ARRAY_ELEMENTS_MAX))
        return WEIR_ARRAY_OK;
    return weir_kernel_fail(call, lane, WEIR_E_LIMIT, "an array would have more than %d elements",
                            WEIR_ARRAY_ELEMENTS_MAX)
               ? WEIR_ARRAY_NULL
               : WEIR_ARRAY_STOP;
}

/* Fills the lane's list. False: the kernel returns. */
static bool build_lane(struct weir_kernel_call *call, uint32_t lane, struct weir_builder *child,
                       weir_array_fill fill)
{
    struct weir_list_entry *entry = (struct weir_list_entry *)call->out_values + lane;
    uint32_t first = child->rows_count;
    enum weir_array_result result = fill(call, lane, child);
    if (result == WEIR_ARRAY_OK)
        result = weir_array_check_count(call, lane, child->rows_count - first);
    if (result == WEIR_ARRAY_STOP)
        return false;
    if (child->rows_count > WEIR_ARRAY_BATCH_ELEMENTS_MAX) {
        fail_batch(call, lane);
        return false;
    }
    if (result == WEIR_ARRAY_NULL) {
        weir_builder_truncate(child, first);
        weir_kernel_set_null(call, lane);
    }
    *entry = (struct weir_list_entry){first, child->rows_count - first};
    return true;
}

void weir_array_build(struct weir_kernel_call *call, weir_array_fill fill)
{
    struct weir_builder builder;
    memset(call->out_values, 0, call->rows_count * sizeof(struct weir_list_entry));
    if (weir_builder_init(&builder, call->out->type, call->arena, NULL) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    WEIR_FOR_VALID_LANES(call, lane)
    if (!build_lane(call, lane, &builder.children[0], fill))
        return;
    struct weir_column built = weir_builder_column(&builder);
    set_child(call, &built.children[0]);
}

/* --- sets ------------------------------------------------------------------------------------ */

static const uint64_t *hash_elements(struct weir_kernel_call *call,
                                     const struct weir_column *column)
{
    uint32_t count = column ? column->rows_count : 0;
    uint64_t *hashes = weir_arena_alloc(call->arena, ((size_t)count + 1) * sizeof *hashes, 8);
    if (!hashes)
        weir_kernel_out_of_memory(call);
    else if (count)
        weir_column_hash(column, NULL, count, 0, false, hashes);
    return hashes;
}

bool weir_element_set_begin(struct weir_element_set *set, struct weir_kernel_call *call, uint32_t a,
                            uint32_t b)
{
    *set = (struct weir_element_set){.call = call};
    set->columns[0] = weir_arg_elements(call, a);
    set->columns[1] = weir_arg_elements(call, b);
    set->hashes[0] = hash_elements(call, set->columns[0]);
    set->hashes[1] = a == b ? set->hashes[0] : hash_elements(call, set->columns[1]);
    return set->hashes[0] && set->hashes[1];
}

bool weir_element_set_clear(struct weir_element_set *set, uint32_t count)
{
    uint64_t wanted = 16;
    while (wanted < 2 * (uint64_t)count)
        wanted *= 2;
    if (wanted > set->capacity) {
        set->slots = weir_arena_alloc(set->call->arena, wanted * sizeof *set->slots, 8);
        if (!set->slots) {
            weir_kernel_out_of_memory(set->call);
            return false;
        }
        set->capacity = (uint32_t)wanted;
    }
    set->mask = (uint32_t)wanted - 1;
    memset(set->slots, 0, wanted * sizeof *set->slots);
    return true;
}

/* The slot that holds an equal element, or the free one where it would go. */
static uint32_t find_slot(const struct weir_element_set *set, uint32_t column, uint32_t element)
{
    uint64_t hash = set->hashes[column][element];
    uint32_t at = (uint32_t)hash & set->mask;
    for (; set->slots[at]; at = (at + 1) & set->mask) {
        uint64_t held = set->slots[at] - 1;
        uint32_t other = (uint32_t)(held / 2), of = held & 1;
        if (set->hashes[of][other] == hash &&
            weir_column_equals(set->columns[of], other, set->columns[column], element))
            break;
    }
    return at;
}

bool weir_element_set_add(struct weir_element_set *set, uint32_t column, uint32_t element)
{
    uint32_t at = find_slot(set, column, element);
    if (set->slots[at])
        return false;
    set->slots[at] = (uint64_t)element * 2 + column + 1;
    return true;
}

bool weir_element_set_contains(const struct weir_element_set *set, uint32_t column,
                               uint32_t element)
{
    return set->slots[find_slot(set, column, element)] != 0;
}

/* --- more dimensions ------------------------------------------------------------------------- */

const struct weir_type *weir_array_leaf(const struct weir_type *type, uint32_t *depth)
{
    *depth = 0;
    for (; type->kind == WEIR_TYPE_LIST; type = type->children[0])
        (*depth)++;
    return type;
}
