/* Batches to Arrow arrays.
 *
 * The live rows of each column are made FLAT; then what lies in memory as Arrow wants it is handed
 * over by pointer (numbers, times, decimals, uuids, validity), the rest is translated:
 *
 *     booleans   one byte a lane             → one bit a lane
 *     text       views that hold pointers    → views that name (buffer, offset); the bytes of the
 *                                              long ones are copied into buffers of up to 1 GiB
 *                or, classic,                → offsets and bytes
 *     lists      (offset, count) pairs       → an offsets and a sizes array, same child
 *                or, classic, and for maps,  → offsets and a child without gaps
 *     intervals  us                          → ns
 *
 * Memory: one arena and one reference to the batch, in an owner shared by the array and all its
 * children, since a consumer may move a child away and release it last. The last release may come
 * from another thread, or when the job is over: detach the batch before (weir_shared_detach).
 *
 * Invariants
 *   1. Nothing is published before everything is built: a failure leaves *out zeroed.
 *   2. Every published node holds one reference to the owner.
 * Tested in tests/unit/column/test_arrow.c and, against pyarrow and DuckDB, probe_arrow.py. */
#include "base/checked.h"
#include "column/arrow_internal.h"
#include "value/interval.h"

#include <assert.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "validity words are handed over as Arrow's bit order");

enum { BYTE_BUFFER_SIZE_MAX = 1 << 30 };

struct array_owner {
    struct weir_shared shared;
    struct weir_arena arena;
    struct weir_batch *batch; /* retained */
    bool classic;
};

static void array_owner_destroy(struct weir_shared *shared)
{
    struct array_owner *owner = (struct array_owner *)shared; /* its first member */
    weir_arena_deinit(&owner->arena);
    weir_batch_release(owner->batch);
    weir_free(owner);
}

static void array_release(struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i]->release)
            array->children[i]->release(array->children[i]);
    }
    struct array_owner *owner = array->private_data;
    array->release = NULL;
    weir_shared_release(&owner->shared);
}

static void publish(struct ArrowArray *array, struct array_owner *owner)
{
    for (int64_t i = 0; i < array->n_children; i++)
        publish(array->children[i], owner);
    weir_shared_retain(&owner->shared);
    array->private_data = owner;
    array->release = array_release;
}

/* Building one node */

static enum weir_status out_of_memory(struct weir_error *error)
{
    return weir_error_set_out_of_memory(error);
}

static void *allocate(struct array_owner *owner, size_t count, size_t width)
{
    return weir_column_lanes_alloc(&owner->arena, count, width, NULL);
}

static uint32_t count_nulls(const struct weir_column *column)
{
    uint32_t valid = 0, words = column->rows_count / 64, rest = column->rows_count % 64;
    if (!column->validity)
        return 0;
    for (uint32_t i = 0; i < words; i++)
        valid += (uint32_t)__builtin_popcountll(column->validity[i]);
    if (rest)
        valid +=
            (uint32_t)__builtin_popcountll(column->validity[words] & (UINT64_MAX >> (64 - rest)));
    return column->rows_count - valid;
}

/* An array of column's rows with room for buffers_count buffers, the first being validity. */
static enum weir_status begin_array(struct array_owner *owner, const struct weir_column *column,
                                    size_t buffers_count, struct ArrowArray *out,
                                    struct weir_error *error)
{
    const void **buffers = WEIR_ARENA_ARRAY(&owner->arena, const void *, buffers_count);
    if (!buffers)
        return out_of_memory(error);
    *out = (struct ArrowArray){.length = column->rows_count,
                               .null_count = count_nulls(column),
                               .n_buffers = (int64_t)buffers_count,
                               .buffers = buffers};
    if (buffers_count && out->null_count)
        buffers[0] = column->validity;
    return WEIR_OK;
}

static enum weir_status add_children(struct array_owner *owner, uint32_t count,
                                     struct ArrowArray *out, struct weir_error *error)
{
    struct ArrowArray *children = WEIR_ARENA_ARRAY(&owner->arena, struct ArrowArray, count);
    out->children = WEIR_ARENA_ARRAY(&owner->arena, struct ArrowArray *, count);
    if (!children || !out->children)
        return out_of_memory(error);
    for (uint32_t i = 0; i < count; i++)
        out->children[i] = &children[i];
    out->n_children = count;
    return WEIR_OK;
}

static enum weir_status export_column(struct array_owner *owner, const struct weir_column *column,
                                      struct ArrowArray *out, struct weir_error *error);

/* Scalars */

static enum weir_status export_fixed(struct array_owner *owner, const struct weir_column *column,
                                     struct ArrowArray *out, struct weir_error *error)
{
    WEIR_TRY(begin_array(owner, column, 2, out, error));
    out->buffers[1] = column->values ? column->values : weir_column_zeros();
    return WEIR_OK;
}

static enum weir_status export_booleans(struct array_owner *owner, const struct weir_column *column,
                                        struct ArrowArray *out, struct weir_error *error)
{
    const uint8_t *values = column->values;
    size_t words = weir_validity_words(column->rows_count);
    uint64_t *bits = allocate(owner, words, sizeof *bits);
    if (!bits)
        return out_of_memory(error);
    memset(bits, 0, words * sizeof *bits);
    for (uint32_t i = 0; i < column->rows_count; i++)
        bits[i >> 6] |= (uint64_t)(values[i] & 1) << (i & 63);
    WEIR_TRY(begin_array(owner, column, 2, out, error));
    out->buffers[1] = bits;
    return WEIR_OK;
}

/* A lane of Arrow's month_day_nano interval. */
struct month_day_nano {
    int32_t months;
    int32_t days;
    int64_t ns;
};

static enum weir_status export_intervals(struct array_owner *owner,
                                         const struct weir_column *column, struct ArrowArray *out,
                                         struct weir_error *error)
{
    const struct weir_interval *values = column->values;
    struct month_day_nano *lanes = allocate(owner, column->rows_count, sizeof *lanes);
    if (!lanes)
        return out_of_memory(error);
    for (uint32_t i = 0; i < column->rows_count; i++) {
        lanes[i] = (struct month_day_nano){0};
        if (weir_column_is_null(column, i))
            continue;
        lanes[i].months = values[i].months;
        lanes[i].days = values[i].days;
        if (!weir_mul_i64(values[i].us, 1000, &lanes[i].ns))
            return weir_error_set(error, WEIR_E_TIME_RANGE,
                                  "an interval of %lld microseconds exceeds Arrow's nanoseconds",
                                  (long long)values[i].us);
    }
    WEIR_TRY(begin_array(owner, column, 2, out, error));
    out->buffers[1] = lanes;
    return WEIR_OK;
}

/* Text */

static uint32_t far_size(const struct weir_column *column, uint32_t lane)
{
    const struct weir_view *views = column->values;
    return views[lane].size > WEIR_VIEW_INLINE_MAX && !weir_column_is_null(column, lane)
               ? views[lane].size
               : 0;
}

/* A lane of Arrow's view types when the text is longer than 12 bytes. */
struct arrow_view {
    int32_t size;
    char prefix[4];
    int32_t buffer;
    int32_t offset;
};
static_assert(sizeof(struct arrow_view) == sizeof(struct weir_view), "views keep their size");

/* How the far bytes of a column are dealt out to buffers. */
struct byte_buffers {
    size_t count;
    int64_t *sizes; /* NULL while they are only counted */
    char **data;
};

/* Walks over the far lanes, opening a new buffer when the current one would exceed 1 GiB; fills
 * views[] and copies bytes in the second walk (data set). False when a text exceeds 2 GiB. */
static bool deal_out(const struct weir_column *column, struct byte_buffers *buffers,
                     struct arrow_view *views)
{
    const struct weir_view *values = column->values;
    int64_t used = 0;
    size_t index = 0;
    for (uint32_t i = 0; i < column->rows_count; i++) {
        uint32_t size = far_size(column, i);
        if (size == 0)
            continue;
        if (size > INT32_MAX)
            return false;
        if (used && used + size > BYTE_BUFFER_SIZE_MAX) {
            index++;
            used = 0;
        }
        if (views) {
            const char *bytes = values[i].body.far.data;
            views[i] = (struct arrow_view){(int32_t)size, {0}, (int32_t)index, (int32_t)used};
            memcpy(views[i].prefix, bytes, sizeof views[i].prefix);
            memcpy(buffers->data[index] + used, bytes, size);
        }
        used += size;
        if (buffers->sizes)
            buffers->sizes[index] = used;
    }
    buffers->count = used ? index + 1 : 0;
    return true;
}

static enum weir_status export_views(struct array_owner *owner, const struct weir_column *column,
                                     struct ArrowArray *out, struct weir_error *error)
{
    struct byte_buffers buffers = {0};
    if (!deal_out(column, &buffers, NULL))
        return weir_error_set(error, WEIR_E_LIMIT, "a text exceeds Arrow's 2 GiB");
    WEIR_TRY(begin_array(owner, column, 3 + buffers.count, out, error));
    struct arrow_view *views = allocate(owner, column->rows_count, sizeof *views);
    buffers.sizes = allocate(owner, buffers.count, sizeof *buffers.sizes);
    buffers.data = allocate(owner, buffers.count, sizeof *buffers.data);
    if (!views || !buffers.sizes || !buffers.data)
        return out_of_memory(error);
    for (uint32_t i = 0; i < column->rows_count; i++) {
        if (weir_column_is_null(column, i))
            memset(&views[i], 0, sizeof views[i]);
        else
            memcpy(&views[i], (const struct weir_view *)column->values + i, sizeof views[i]);
    }
    (void)deal_out(column, &buffers, NULL); /* sizes */
    for (size_t i = 0; i < buffers.count; i++) {
        buffers.data[i] = allocate(owner, (size_t)buffers.sizes[i], 1);
        if (!buffers.data[i])
            return out_of_memory(error);
        out->buffers[2 + i] = buffers.data[i];
    }
    (void)deal_out(column, &buffers, views);
    out->buffers[1] = views;
    out->buffers[2 + buffers.count] = buffers.sizes;
    return WEIR_OK;
}

static enum weir_status export_classic_text(struct array_owner *owner,
                                            const struct weir_column *column,
                                            struct ArrowArray *out, struct weir_error *error)
{
    const struct weir_view *views = column->values;
    int32_t *offsets = allocate(owner, (size_t)column->rows_count + 1, sizeof *offsets);
    if (!offsets)
        return out_of_memory(error);
    int64_t size = 0;
    offsets[0] = 0;
    for (uint32_t i = 0; i < column->rows_count; i++) {
        if (!weir_column_is_null(column, i))
            size += views[i].size;
        if (size > INT32_MAX)
            return weir_error_set(error, WEIR_E_LIMIT,
                                  "the text of a column exceeds the 2 GiB of Arrow's utf8");
        offsets[i + 1] = (int32_t)size;
    }
    char *data = allocate(owner, (size_t)size, 1);
    if (!data)
        return out_of_memory(error);
    for (uint32_t i = 0; i < column->rows_count; i++) {
        size_t lane_size = (size_t)(offsets[i + 1] - offsets[i]);
        if (lane_size)
            memcpy(data + offsets[i], weir_view_slice(&views[i]).data, lane_size);
    }
    WEIR_TRY(begin_array(owner, column, 3, out, error));
    out->buffers[1] = offsets;
    out->buffers[2] = data;
    return WEIR_OK;
}

/* Nested */

static enum weir_status export_struct(struct array_owner *owner, const struct weir_column *column,
                                      struct ArrowArray *out, struct weir_error *error)
{
    WEIR_TRY(begin_array(owner, column, 1, out, error));
    WEIR_TRY(add_children(owner, column->children_count, out, error));
    for (uint32_t i = 0; i < column->children_count; i++)
        WEIR_TRY(export_column(owner, &column->children[i], out->children[i], error));
    return WEIR_OK;
}

static enum weir_status export_list_view(struct array_owner *owner,
                                         const struct weir_column *column, struct ArrowArray *out,
                                         struct weir_error *error)
{
    const struct weir_list_entry *entries = column->values;
    int32_t *offsets = allocate(owner, column->rows_count, sizeof *offsets);
    int32_t *sizes = allocate(owner, column->rows_count, sizeof *sizes);
    if (!offsets || !sizes)
        return out_of_memory(error);
    if (column->children[0].rows_count > INT32_MAX)
        return weir_error_set(error, WEIR_E_LIMIT, "a list column has more than 2^31 elements");
    for (uint32_t i = 0; i < column->rows_count; i++) {
        bool is_null = weir_column_is_null(column, i);
        offsets[i] = is_null ? 0 : (int32_t)entries[i].offset;
        sizes[i] = is_null ? 0 : (int32_t)entries[i].count;
    }
    WEIR_TRY(begin_array(owner, column, 3, out, error));
    out->buffers[1] = offsets;
    out->buffers[2] = sizes;
    WEIR_TRY(add_children(owner, 1, out, error));
    return export_column(owner, &column->children[0], out->children[0], error);
}

/* Offsets, and the child's lanes in the order of the lists. */
static enum weir_status export_list(struct array_owner *owner, const struct weir_column *column,
                                    struct ArrowArray *out, struct weir_error *error)
{
    const struct weir_list_entry *entries = column->values;
    int32_t *offsets = allocate(owner, (size_t)column->rows_count + 1, sizeof *offsets);
    if (!offsets)
        return out_of_memory(error);
    int64_t count = 0;
    offsets[0] = 0;
    for (uint32_t i = 0; i < column->rows_count; i++) {
        if (!weir_column_is_null(column, i))
            count += entries[i].count;
        if (count > INT32_MAX)
            return weir_error_set(error, WEIR_E_LIMIT, "a list column has over 2^31 elements");
        offsets[i + 1] = (int32_t)count;
    }
    uint32_t *lanes = allocate(owner, (size_t)count, sizeof *lanes);
    if (!lanes)
        return out_of_memory(error);
    for (uint32_t i = 0; i < column->rows_count; i++) {
        uint32_t first = (uint32_t)offsets[i], end = (uint32_t)offsets[i + 1];
        for (uint32_t k = first; k < end; k++)
            lanes[k] = entries[i].offset + (k - first);
    }
    struct weir_column child;
    WEIR_TRY(weir_column_gather(&column->children[0], lanes, (uint32_t)count, &owner->arena, &child,
                                error));
    WEIR_TRY(begin_array(owner, column, 2, out, error));
    out->buffers[1] = offsets;
    WEIR_TRY(add_children(owner, 1, out, error));
    return export_column(owner, &child, out->children[0], error);
}

static enum weir_status export_null_type(struct array_owner *owner,
                                         const struct weir_column *column, struct ArrowArray *out,
                                         struct weir_error *error)
{
    WEIR_TRY(begin_array(owner, column, 0, out, error));
    out->null_count = out->length;
    return WEIR_OK;
}

static enum weir_status export_column(struct array_owner *owner, const struct weir_column *column,
                                      struct ArrowArray *out, struct weir_error *error)
{
    struct weir_column flat;
    WEIR_TRY(weir_column_flatten(column, &owner->arena, &flat, error));
    switch (flat.type->kind) {
    case WEIR_TYPE_NULL:
        return export_null_type(owner, &flat, out, error);
    case WEIR_TYPE_BOOLEAN:
        return export_booleans(owner, &flat, out, error);
    case WEIR_TYPE_INTERVAL:
        return export_intervals(owner, &flat, out, error);
    case WEIR_TYPE_TEXT:
    case WEIR_TYPE_BYTEA:
    case WEIR_TYPE_JSON:
    case WEIR_TYPE_JSONB:
        return owner->classic ? export_classic_text(owner, &flat, out, error)
                              : export_views(owner, &flat, out, error);
    case WEIR_TYPE_LIST:
        return owner->classic ? export_list(owner, &flat, out, error)
                              : export_list_view(owner, &flat, out, error);
    case WEIR_TYPE_MAP:
        return export_list(owner, &flat, out, error);
    case WEIR_TYPE_STRUCT:
        return export_struct(owner, &flat, out, error);
    default:
        return export_fixed(owner, &flat, out, error);
    }
}

static enum weir_status export_rows(struct array_owner *owner, struct ArrowArray *out,
                                    struct weir_error *error)
{
    const struct weir_batch *batch = owner->batch;
    uint32_t count = batch->schema ? batch->schema->fields_count : 0;
    const void **buffers = WEIR_ARENA_ARRAY(&owner->arena, const void *, 1);
    if (!buffers)
        return out_of_memory(error);
    *out = (struct ArrowArray){.length = batch->selected_count, .n_buffers = 1, .buffers = buffers};
    WEIR_TRY(add_children(owner, count, out, error));
    for (uint32_t i = 0; i < count; i++) {
        struct weir_column live = batch->columns[i];
        if (batch->selection)
            WEIR_TRY(weir_column_take(&batch->columns[i], batch->selection, batch->selected_count,
                                      &owner->arena, &live, error));
        enum weir_status status = export_column(owner, &live, out->children[i], error);
        if (status != WEIR_OK) {
            weir_error_frame(error, "column \"%.*s\"",
                             WEIR_SLICE_ARGS(batch->schema->fields[i].name));
            return status;
        }
    }
    return WEIR_OK;
}

enum weir_status weir_arrow_export_batch(struct weir_batch *batch, bool classic_text,
                                         struct ArrowArray *out, struct weir_error *error)
{
    struct array_owner *owner = weir_calloc(1, sizeof *owner);
    if (!owner)
        return out_of_memory(error);
    owner->shared = (struct weir_shared){.refs = 1, .destroy = array_owner_destroy};
    owner->batch = batch;
    owner->classic = classic_text;
    weir_batch_retain(batch);
    weir_arena_init(&owner->arena, NULL, 0);
    enum weir_status status = export_rows(owner, out, error);
    if (status == WEIR_OK)
        publish(out, owner);
    else
        *out = (struct ArrowArray){0};
    weir_shared_release(&owner->shared);
    return status;
}
