/* Lanes, faults and lines of records for the decoders of changes; see changes_internal.h. */
#include "format/changes_internal.h"

#include "column/builder.h"

#include <stdlib.h>

/* ---- lanes ---- */

enum weir_status weir_change_lanes_init(struct change_lanes *lanes, struct weir_arena *arena,
                                        struct weir_error *error)
{
    lanes->count = 0;
    lanes->records = weir_arena_alloc(arena, WEIR_BATCH_ROWS_MAX * sizeof *lanes->records, 64);
    lanes->images = weir_arena_alloc(arena, WEIR_BATCH_ROWS_MAX * sizeof *lanes->images, 64);
    lanes->weights = weir_arena_alloc(arena, WEIR_BATCH_ROWS_MAX * sizeof *lanes->weights, 64);
    if (!lanes->records || !lanes->images || !lanes->weights)
        return weir_budget_error(arena->budget, error);
    return WEIR_OK;
}

/* All lanes are the records of one image as they stand. */
static bool is_plain(const struct change_lanes *lanes, uint32_t rows_count)
{
    bool plain = lanes->count == rows_count;
    for (uint32_t i = 0; i < lanes->count && plain; i++)
        plain = lanes->records[i] == i && lanes->images[i] == lanes->images[0] &&
                lanes->images[i] != CHANGE_NO_IMAGE;
    return plain;
}

static enum weir_status build_nested(const struct weir_column *const *images,
                                     const struct change_lanes *lanes, const struct weir_type *type,
                                     struct weir_arena *arena, struct weir_column *out,
                                     struct weir_error *error)
{
    struct weir_builder builder;
    WEIR_TRY(weir_builder_init(&builder, type, arena, error));
    for (uint32_t i = 0; i < lanes->count; i++) {
        if (lanes->images[i] == CHANGE_NO_IMAGE)
            WEIR_TRY(weir_builder_append_null(&builder, error));
        else
            WEIR_TRY(weir_builder_append_range(&builder, images[lanes->images[i]],
                                               lanes->records[i], 1, error));
    }
    *out = weir_builder_column(&builder);
    return WEIR_OK;
}

WEIR_INLINE void copy_lanes(const struct weir_column *const *images,
                            const struct change_lanes *lanes, size_t width, char *values)
{
    for (uint32_t i = 0; i < lanes->count; i++) {
        const struct weir_column *from =
            lanes->images[i] == CHANGE_NO_IMAGE ? NULL : images[lanes->images[i]];
        if (from && from->values)
            memcpy(values + i * width,
                   (const char *)from->values + weir_column_index(from, lanes->records[i]) * width,
                   width);
        else
            memset(values + i * width, 0, width);
    }
}

enum weir_status weir_change_column(const struct weir_column *const *images,
                                    const struct change_lanes *lanes, struct weir_arena *arena,
                                    struct weir_column *out, struct weir_error *error)
{
    const struct weir_type *type = images[0]->type;
    uint32_t count = lanes->count;
    if (is_plain(lanes, images[0]->rows_count)) {
        if (count)
            *out = *images[lanes->images[0]];
        return WEIR_OK;
    }
    if (type->kind == WEIR_TYPE_NULL) {
        *out = weir_column_nulls(type, count);
        return WEIR_OK;
    }
    if (weir_type_is_nested(type))
        return build_nested(images, lanes, type, arena, out, error);
    size_t width = weir_type_width(type), words = weir_validity_words(count);
    char *values = weir_arena_alloc(arena, count * width + 1, 64);
    uint64_t *validity = weir_arena_alloc(arena, (words + 1) * sizeof *validity, 64);
    if (!values || !validity)
        return weir_budget_error(arena->budget, error);
    switch (width) {
    case 16:
        copy_lanes(images, lanes, 16, values);
        break;
    case 8:
        copy_lanes(images, lanes, 8, values);
        break;
    case 4:
        copy_lanes(images, lanes, 4, values);
        break;
    default:
        copy_lanes(images, lanes, width, values);
        break;
    }
    memset(validity, 0, words * sizeof *validity);
    for (uint32_t i = 0; i < count; i++)
        if (lanes->images[i] != CHANGE_NO_IMAGE &&
            !weir_column_is_null(images[lanes->images[i]], lanes->records[i]))
            weir_bit_set(validity, i);
    *out = (struct weir_column){.type = type,
                                .encoding = WEIR_FLAT,
                                .rows_count = count,
                                .validity = validity,
                                .values = values};
    return WEIR_OK;
}

enum weir_status weir_change_batch(const struct change_lanes *lanes, const struct weir_batch *inner,
                                   struct weir_batch *batch, struct weir_error *error)
{
    uint32_t *records =
        weir_arena_alloc(&batch->arena, (lanes->count + 1) * sizeof *records, sizeof *records);
    if (!records)
        return weir_budget_error(batch->arena.budget, error);
    for (uint32_t i = 0; i < lanes->count; i++)
        records[i] =
            inner->origin_records ? inner->origin_records[lanes->records[i]] : lanes->records[i];
    batch->origin_records = records;
    batch->weights = lanes->weights;
    batch->selection = NULL;
    batch->rows_count = batch->selected_count = lanes->count;
    return WEIR_OK;
}

/* ---- faults ---- */

enum weir_status weir_change_fault(struct change_faults *faults,
                                   const struct weir_bad_record *record, struct weir_error *error)
{
    if (faults->count == faults->capacity) {
        uint32_t capacity = faults->capacity ? faults->capacity * 2 : 16;
        struct weir_bad_record *grown =
            WEIR_ARENA_ARRAY(faults->arena, struct weir_bad_record, capacity);
        if (!grown)
            return weir_budget_error(faults->arena->budget, error);
        if (faults->count)
            memcpy(grown, faults->items, faults->count * sizeof *grown);
        faults->items = grown;
        faults->capacity = capacity;
    }
    const char *message = weir_arena_copy(faults->arena, weir_slice_from_string(record->message));
    if (!message)
        return weir_budget_error(faults->arena->budget, error);
    faults->items[faults->count] = *record;
    faults->items[faults->count++].message = message;
    return WEIR_OK;
}

static int by_record(const void *left, const void *right)
{
    const struct weir_bad_record *a = left, *b = right;
    return a->record < b->record ? -1 : a->record > b->record;
}

enum weir_status weir_change_faults_tell(struct change_faults *faults, struct weir_decode_run *run,
                                         struct weir_error *error)
{
    if (faults->count == 0 || !run->bad)
        return WEIR_OK;
    qsort(faults->items, faults->count, sizeof *faults->items, by_record);
    for (uint32_t i = 0; i < faults->count; i++)
        WEIR_TRY(run->bad(run->bad_context, &faults->items[i], error));
    return WEIR_OK;
}

/* ---- lines ---- */

bool weir_change_is_skipping(const struct weir_decode_run *run, bool before)
{
    if (run->consumed_size == 0)
        return before && !run->end_of_input;
    return !run->end_of_input && run->consumed_size == run->bytes.size &&
           run->bytes.data[run->consumed_size - 1] != '\n';
}

void weir_change_cursor_init(struct change_cursor *cursor, struct weir_slice bytes, bool skipping)
{
    *cursor = (struct change_cursor){.bytes = bytes};
    const char *feed = skipping && bytes.size ? memchr(bytes.data, '\n', bytes.size) : NULL;
    if (feed)
        cursor->at = (size_t)(feed - bytes.data) + 1;
}

static bool is_blank(struct weir_slice line)
{
    size_t at = 0;
    while (at < line.size &&
           (line.data[at] == ' ' || line.data[at] == '\t' || line.data[at] == '\r'))
        at++;
    return at == line.size;
}

struct weir_slice weir_change_cursor_line(struct change_cursor *cursor, uint64_t record)
{
    while (cursor->at < cursor->bytes.size) {
        const char *begin = cursor->bytes.data + cursor->at;
        size_t left = cursor->bytes.size - cursor->at;
        const char *feed = memchr(begin, '\n', left);
        struct weir_slice line = weir_slice_make(begin, feed ? (size_t)(feed - begin) : left);
        bool counts = !is_blank(line);
        if (counts && cursor->record == record) {
            line.size -= line.data[line.size - 1] == '\r';
            return line;
        }
        cursor->at += line.size + (feed != NULL);
        cursor->record += counts;
    }
    return weir_slice_make(NULL, 0);
}
