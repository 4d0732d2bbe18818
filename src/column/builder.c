/* Builders: columns that grow.
 *
 * Arrays double inside the heap arena (16 lanes at first); the old ones stay there until it is
 * reset, so that what was built before a growth remains valid. A list's child grows beside it:
 *
 *     {1,2}, NULL, {3}    entries  (0,2) (2,0) (2,1)    child  1 2 3    validity 101
 *
 * Entries follow each other without gaps, which lets weir_builder_truncate find the child's
 * length from the last entry. The child builders and the columns that weir_builder_column shows
 * them as are one allocation: n builders, then n columns.
 *
 * Memory: everything is in the heap, text bytes included (deep copies).
 *
 * Invariants
 *   1. validity, once there, has a bit for each of `capacity` lanes; those of built lanes are set.
 *   2. The children of a struct have its rows_count lanes whenever no row is half built.
 * Tested in tests/unit/column/test_builder.c. */
#include "column/builder.h"
#include "column/column_internal.h"

#include <assert.h>

enum { CAPACITY_FIRST = 16 };

static uint32_t children_count_of(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_STRUCT                                ? type->children_count
           : type->kind == WEIR_TYPE_LIST || type->kind == WEIR_TYPE_MAP ? 1
                                                                         : 0;
}

static enum weir_status out_of_memory(const struct weir_builder *builder, struct weir_error *error)
{
    return weir_budget_error(builder->heap->budget, error);
}

enum weir_status weir_builder_init(struct weir_builder *builder, const struct weir_type *type,
                                   struct weir_arena *heap, struct weir_error *error)
{
    *builder = (struct weir_builder){.type = type, .heap = heap};
    uint32_t count = children_count_of(type);
    if (count == 0)
        return WEIR_OK;
    size_t each = sizeof(struct weir_builder) + sizeof(struct weir_column);
    struct weir_builder *children = weir_arena_calloc(heap, count, each);
    if (!children)
        return out_of_memory(builder, error);
    builder->children = children;
    if (type->kind == WEIR_TYPE_MAP) {
        const struct weir_type *entry = weir_type_map_entry(heap, type);
        return entry ? weir_builder_init(&children[0], entry, heap, error)
                     : out_of_memory(builder, error);
    }
    for (uint32_t i = 0; i < count; i++)
        WEIR_TRY(weir_builder_init(&children[i], type->children[i], heap, error));
    return WEIR_OK;
}

/* Moves values and validity to arrays of capacity lanes. */
static enum weir_status grow(struct weir_builder *builder, uint32_t capacity,
                             struct weir_error *error)
{
    size_t width = weir_type_width(builder->type);
    void *values = builder->values;
    if (width) {
        values = weir_column_lanes_alloc(builder->heap, capacity, width, error);
        if (!values)
            return out_of_memory(builder, NULL);
        if (builder->rows_count)
            memcpy(values, builder->values, builder->rows_count * width);
    }
    if (builder->validity) {
        size_t words = weir_validity_words(capacity);
        uint64_t *validity = weir_column_lanes_alloc(builder->heap, words, sizeof *validity, error);
        if (!validity)
            return out_of_memory(builder, NULL);
        memset(validity, 0xFF, words * sizeof *validity);
        memcpy(validity, builder->validity,
               weir_validity_words(builder->rows_count) * sizeof *validity);
        builder->validity = validity;
    }
    builder->values = values;
    builder->capacity = capacity;
    return WEIR_OK;
}

/* Room for extra more lanes. */
WEIR_CHECKED static enum weir_status reserve(struct weir_builder *builder, uint32_t extra,
                                             struct weir_error *error)
{
    if (WEIR_LIKELY(builder->capacity - builder->rows_count >= extra))
        return WEIR_OK;
    uint64_t wanted = (uint64_t)builder->rows_count + extra;
    uint64_t capacity = builder->capacity ? builder->capacity : CAPACITY_FIRST;
    while (capacity < wanted)
        capacity *= 2;
    if (capacity > UINT32_MAX / 2)
        return weir_error_set(error, WEIR_E_LIMIT, "a column grows beyond %u values",
                              UINT32_MAX / 2);
    return grow(builder, (uint32_t)capacity, error);
}

/* Makes sure there are validity bits. Call after reserve. */
WEIR_CHECKED static enum weir_status need_validity(struct weir_builder *builder,
                                                   struct weir_error *error)
{
    if (builder->validity)
        return WEIR_OK;
    size_t words = weir_validity_words(builder->capacity);
    builder->validity =
        weir_column_lanes_alloc(builder->heap, words, sizeof *builder->validity, error);
    if (!builder->validity)
        return out_of_memory(builder, NULL);
    memset(builder->validity, 0xFF, words * sizeof *builder->validity);
    return WEIR_OK;
}

static void *lane_at(const struct weir_builder *builder, uint32_t lane)
{
    return (char *)builder->values + lane * weir_type_width(builder->type);
}

/* Counts the lane just written in as a valid one. */
static void finish_valid(struct weir_builder *builder)
{
    if (builder->validity)
        weir_bit_set(builder->validity, builder->rows_count);
    builder->rows_count++;
}

void weir_builder_truncate(struct weir_builder *builder, uint32_t rows_count)
{
    builder->rows_count = rows_count;
    if (builder->type->kind == WEIR_TYPE_STRUCT) {
        for (uint32_t i = 0; i < builder->type->children_count; i++)
            weir_builder_truncate(&builder->children[i], rows_count);
    } else if (builder->children) {
        const struct weir_list_entry *entries = builder->values;
        const struct weir_list_entry *last = rows_count ? &entries[rows_count - 1] : NULL;
        weir_builder_truncate(&builder->children[0], last ? last->offset + last->count : 0);
    }
}

void weir_builder_clear(struct weir_builder *builder)
{
    weir_builder_truncate(builder, 0);
}

/* Single values */

enum weir_status weir_builder_append_null(struct weir_builder *builder, struct weir_error *error)
{
    WEIR_TRY(reserve(builder, 1, error));
    WEIR_TRY(need_validity(builder, error));
    size_t width = weir_type_width(builder->type);
    if (width)
        memset(lane_at(builder, builder->rows_count), 0, width);
    if (builder->type->kind == WEIR_TYPE_STRUCT) {
        for (uint32_t i = 0; i < builder->type->children_count; i++) {
            enum weir_status status = weir_builder_append_null(&builder->children[i], error);
            if (status != WEIR_OK) {
                weir_builder_truncate(builder, builder->rows_count);
                return status;
            }
        }
    } else if (builder->children) {
        ((struct weir_list_entry *)builder->values)[builder->rows_count].offset =
            builder->children[0].rows_count;
    }
    weir_bit_clear(builder->validity, builder->rows_count);
    builder->rows_count++;
    return WEIR_OK;
}

/* A view of the bytes that owns them (through the heap). */
WEIR_CHECKED static enum weir_status copy_view(struct weir_builder *builder,
                                               struct weir_slice bytes, struct weir_view *out,
                                               struct weir_error *error)
{
    if (bytes.size > WEIR_VIEW_INLINE_MAX) {
        if (bytes.size > UINT32_MAX)
            return weir_error_set(error, WEIR_E_LIMIT, "a text exceeds 4 GiB");
        char *copy = weir_arena_alloc(builder->heap, bytes.size, 1);
        if (!copy)
            return out_of_memory(builder, error);
        memcpy(copy, bytes.data, bytes.size);
        bytes.data = copy;
    }
    *out = weir_view_from_slice(bytes);
    return WEIR_OK;
}

enum weir_status weir_builder_append_text(struct weir_builder *builder, struct weir_slice bytes,
                                          struct weir_error *error)
{
    assert(weir_type_is_view(builder->type));
    WEIR_TRY(reserve(builder, 1, error));
    WEIR_TRY(copy_view(builder, bytes, lane_at(builder, builder->rows_count), error));
    finish_valid(builder);
    return WEIR_OK;
}

enum weir_status weir_builder_append_value(struct weir_builder *builder, const void *value,
                                           struct weir_error *error)
{
    assert(!weir_type_is_nested(builder->type) && builder->type->kind != WEIR_TYPE_NULL);
    if (weir_type_is_view(builder->type))
        return weir_builder_append_text(builder, weir_view_slice(value), error);
    WEIR_TRY(reserve(builder, 1, error));
    memcpy(lane_at(builder, builder->rows_count), value, weir_type_width(builder->type));
    finish_valid(builder);
    return WEIR_OK;
}

enum weir_status weir_builder_end_list(struct weir_builder *builder, uint32_t first_child_lane,
                                       struct weir_error *error)
{
    const struct weir_builder *child = &builder->children[0];
    assert(first_child_lane <= child->rows_count);
    WEIR_TRY(reserve(builder, 1, error));
    struct weir_list_entry *entries = builder->values;
    entries[builder->rows_count] =
        (struct weir_list_entry){first_child_lane, child->rows_count - first_child_lane};
    finish_valid(builder);
    return WEIR_OK;
}

enum weir_status weir_builder_end_struct(struct weir_builder *builder, struct weir_error *error)
{
    assert(builder->type->kind == WEIR_TYPE_STRUCT);
    for (uint32_t i = 0; i < builder->type->children_count; i++)
        assert(builder->children[i].rows_count == builder->rows_count + 1);
    WEIR_TRY(reserve(builder, 1, error));
    finish_valid(builder);
    return WEIR_OK;
}

/* Lanes of other columns */

/* Lanes selection[0 … count), or first … first + count when selection is NULL. */
struct source_lanes {
    const struct weir_column *column;
    const uint16_t *selection;
    uint32_t first;
    uint32_t count;
};

static uint32_t source_lane(const struct source_lanes *source, uint32_t i)
{
    return source->selection ? source->selection[i] : source->first + i;
}

static enum weir_status append_range(struct weir_builder *builder,
                                     const struct source_lanes *source, struct weir_error *error);

static void copy_fixed(struct weir_builder *builder, const struct source_lanes *source)
{
    const struct weir_column *column = source->column;
    size_t width = weir_type_width(builder->type);
    char *out = lane_at(builder, builder->rows_count);
    const char *in = column->values;
    if (column->encoding == WEIR_FLAT && !source->selection) {
        memcpy(out, in + source->first * width, source->count * width);
        return;
    }
    for (uint32_t i = 0; i < source->count; i++) {
        uint32_t lane = source_lane(source, i);
        if (column->encoding == WEIR_DICTIONARY && weir_column_is_null(column, lane))
            memset(out + i * width, 0, width);
        else
            memcpy(out + i * width, in + weir_column_index(column, lane) * width, width);
    }
}

static enum weir_status copy_views(struct weir_builder *builder, const struct source_lanes *source,
                                   struct weir_error *error)
{
    const struct weir_view *in = source->column->values;
    struct weir_view *out = lane_at(builder, builder->rows_count);
    for (uint32_t i = 0; i < source->count; i++) {
        uint32_t lane = source_lane(source, i);
        out[i] = (struct weir_view){0};
        if (!weir_column_is_null(source->column, lane))
            WEIR_TRY(copy_view(builder,
                               weir_view_slice(&in[weir_column_index(source->column, lane)]),
                               &out[i], error));
    }
    return WEIR_OK;
}

static enum weir_status copy_lists(struct weir_builder *builder, const struct source_lanes *source,
                                   struct weir_error *error)
{
    const struct weir_list_entry *in = source->column->values;
    struct weir_list_entry *out = lane_at(builder, builder->rows_count);
    struct weir_builder *child = &builder->children[0];
    for (uint32_t i = 0; i < source->count; i++) {
        uint32_t lane = source_lane(source, i);
        out[i] = (struct weir_list_entry){child->rows_count, 0};
        if (weir_column_is_null(source->column, lane))
            continue;
        struct weir_list_entry entry = in[weir_column_index(source->column, lane)];
        const struct source_lanes elements = {&source->column->children[0], NULL, entry.offset,
                                              entry.count};
        WEIR_TRY(append_range(child, &elements, error));
        out[i].count = entry.count;
    }
    return WEIR_OK;
}

static enum weir_status copy_fields(struct weir_builder *builder, const struct source_lanes *source,
                                    struct weir_error *error)
{
    for (uint32_t i = 0; i < builder->type->children_count; i++) {
        struct weir_column nulls;
        struct source_lanes field = *source;
        if (source->column->children_count == 0) {
            nulls = weir_column_nulls(builder->type->children[i], source->column->rows_count);
            field.column = &nulls;
        } else {
            field.column = &source->column->children[i];
        }
        WEIR_TRY(append_range(&builder->children[i], &field, error));
    }
    return WEIR_OK;
}

static enum weir_status copy_validity(struct weir_builder *builder,
                                      const struct source_lanes *source, struct weir_error *error)
{
    const struct weir_column *column = source->column;
    if (!column->validity && column->type->kind != WEIR_TYPE_NULL && !builder->validity)
        return WEIR_OK;
    WEIR_TRY(need_validity(builder, error));
    for (uint32_t i = 0; i < source->count; i++) {
        if (weir_column_is_null(column, source_lane(source, i)))
            weir_bit_clear(builder->validity, builder->rows_count + i);
        else
            weir_bit_set(builder->validity, builder->rows_count + i);
    }
    return WEIR_OK;
}

static enum weir_status append_range(struct weir_builder *builder,
                                     const struct source_lanes *source, struct weir_error *error)
{
    if (source->count == 0)
        return WEIR_OK;
    if (source->column->type->kind == WEIR_TYPE_NULL && builder->type->kind != WEIR_TYPE_NULL) {
        for (uint32_t i = 0; i < source->count; i++)
            WEIR_TRY(weir_builder_append_null(builder, error));
        return WEIR_OK;
    }
    assert(builder->type->kind == source->column->type->kind);
    WEIR_TRY(reserve(builder, source->count, error));
    WEIR_TRY(copy_validity(builder, source, error));
    if (weir_type_is_view(builder->type))
        WEIR_TRY(copy_views(builder, source, error));
    else if (builder->type->kind == WEIR_TYPE_STRUCT)
        WEIR_TRY(copy_fields(builder, source, error));
    else if (weir_type_is_nested(builder->type))
        WEIR_TRY(copy_lists(builder, source, error));
    else if (builder->type->kind != WEIR_TYPE_NULL)
        copy_fixed(builder, source);
    builder->rows_count += source->count;
    return WEIR_OK;
}

static enum weir_status append_whole(struct weir_builder *builder,
                                     const struct source_lanes *source, struct weir_error *error)
{
    uint32_t rows_count = builder->rows_count;
    enum weir_status status = append_range(builder, source, error);
    if (status != WEIR_OK)
        weir_builder_truncate(builder, rows_count);
    return status;
}

enum weir_status weir_builder_append_lanes(struct weir_builder *builder,
                                           const struct weir_column *column,
                                           const uint16_t *selection, uint32_t count,
                                           struct weir_error *error)
{
    return append_whole(builder, &(struct source_lanes){column, selection, 0, count}, error);
}

enum weir_status weir_builder_append_range(struct weir_builder *builder,
                                           const struct weir_column *column, uint32_t first,
                                           uint32_t count, struct weir_error *error)
{
    return append_whole(builder, &(struct source_lanes){column, NULL, first, count}, error);
}

struct weir_column weir_builder_column(const struct weir_builder *builder)
{
    struct weir_column column = {.type = builder->type,
                                 .encoding = WEIR_FLAT,
                                 .rows_count = builder->rows_count,
                                 .validity = builder->validity,
                                 .values = builder->values ? builder->values : weir_column_zeros()};
    uint32_t count = children_count_of(builder->type);
    if (count) {
        struct weir_column *children = (struct weir_column *)(void *)(builder->children + count);
        for (uint32_t i = 0; i < count; i++)
            children[i] = weir_builder_column(&builder->children[i]);
        column.children = children;
        column.children_count = count;
    }
    return column;
}
