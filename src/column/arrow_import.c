/* Arrow arrays to batches.
 *
 * An import holds one array and the tree of nodes that tells how each part of it lies in memory
 * (arrow_internal.h). A batch takes a range of rows from it: for each node, lanes
 * [first, first + count) become a FLAT column of the batch,
 *
 *     numbers, times in us, decimals, uuids    the array's memory itself, where it is aligned
 *     text                                     new views that point into the array's bytes
 *     everything else                          converted into the batch's arena
 *
 * and the batch keeps the array alive. Of a list's child only the lanes that the range refers to
 * are taken. Dictionaries are converted once, when the import begins; a column over one becomes
 * DICTIONARY, within nested types it is gathered.
 *
 * Nothing foreign is trusted further than the interface forces us to (buffer sizes are not part of
 * it): shapes are checked at the beginning, offsets, codes, UTF-8 and ranges with every batch.
 *
 * Memory: nodes and dictionaries in the import's arena, which lives as long as the array.
 * Tested in tests/unit/column/test_arrow.c and, against pyarrow, probe_arrow.py. */
#include "base/checked.h"
#include "column/arrow_internal.h"
#include "value/interval.h"
#include "value/json_token.h"
#include "value/utf8.h"

#include <assert.h>

/* Rows of one array, so that sizes computed from them cannot overflow. */
#define ROWS_MAX (INT64_C(1) << 48)

struct weir_arrow_import {
    struct weir_shared shared;
    struct ArrowArray array; /* moved here; release is NULL before */
    const struct weir_schema *schema;
    struct weir_arena arena;
    struct weir_arrow_node root;
    enum weir_isa isa;
};

/* One range of lanes on its way into a column. */
struct range {
    const struct weir_arrow_node *node;
    const struct ArrowArray *array;
    int64_t first; /* in the buffers: the array's offset is added */
    uint32_t count;
    bool must_be_flat; /* within nested types */
    enum weir_isa isa;
    struct weir_arena *arena;
    struct weir_error *error;
};

static enum weir_status bad_array(struct weir_error *error, const struct weir_arrow_node *node,
                                  const char *what)
{
    return weir_error_set(error, WEIR_E_BAD_VALUE, "an Arrow array of type %s %s",
                          weir_type_name(node->type).text, what);
}

static enum weir_status out_of_memory(const struct range *range)
{
    return weir_budget_error(range->arena->budget, range->error);
}

/* A new array of the range's lanes; error is set when it is NULL. */
static void *allocate(const struct range *range, size_t width)
{
    return weir_column_lanes_alloc(range->arena, range->count, width, range->error);
}

/* Shapes */

/* Buffers that a storage has at least; *exact when never more. */
static int64_t buffers_wanted(enum weir_arrow_storage storage, bool *exact)
{
    *exact = true;
    switch (storage) {
    case WEIR_ARROW_NULL:
        return 0;
    case WEIR_ARROW_STRUCT:
    case WEIR_ARROW_LIST_FIXED:
        return 1;
    case WEIR_ARROW_BYTES:
    case WEIR_ARROW_LIST_VIEW:
        return 3;
    case WEIR_ARROW_BYTES_VIEW:
        *exact = false;
        return 3;
    default:
        return 2;
    }
}

static enum weir_status check_buffers(const struct weir_arrow_node *node,
                                      const struct ArrowArray *array, struct weir_error *error)
{
    bool exact;
    int64_t wanted = buffers_wanted(node->storage, &exact);
    if (array->n_buffers < wanted || (exact && array->n_buffers != wanted) ||
        (wanted && !array->buffers))
        return bad_array(error, node, "has the wrong number of buffers");
    if (array->length && wanted > 1 && !array->buffers[1])
        return bad_array(error, node, "has no values");
    if (array->length && node->storage == WEIR_ARROW_LIST_VIEW && !array->buffers[2])
        return bad_array(error, node, "has no sizes");
    if (array->n_buffers > 3 && !array->buffers[array->n_buffers - 1])
        return bad_array(error, node, "has no buffer sizes");
    return WEIR_OK;
}

/* Lanes that a child needs whatever the values are. */
static int64_t child_rows_wanted(const struct weir_arrow_node *node, const struct ArrowArray *array)
{
    int64_t rows = array->offset + array->length;
    return node->storage == WEIR_ARROW_STRUCT       ? rows
           : node->storage == WEIR_ARROW_LIST_FIXED ? rows * node->width
                                                    : 0;
}

static enum weir_status check_array(const struct weir_arrow_node *node,
                                    const struct ArrowArray *array, struct weir_error *error)
{
    if (array->length < 0 || array->offset < 0 || array->length > ROWS_MAX ||
        array->offset > ROWS_MAX)
        return bad_array(error, node, "has an impossible length");
    if (node->storage == WEIR_ARROW_LIST_FIXED && node->width &&
        array->offset + array->length > ROWS_MAX / node->width)
        return bad_array(error, node, "has an impossible length");
    WEIR_TRY(check_buffers(node, array, error));
    if (node->storage == WEIR_ARROW_DICTIONARY) {
        if (!array->dictionary || array->dictionary->length > INT32_MAX)
            return bad_array(error, node, "has no dictionary, or one that is too large");
        return check_array(&node->children[0], array->dictionary, error);
    }
    if (array->n_children != node->children_count)
        return bad_array(error, node, "has the wrong number of children");
    for (uint32_t i = 0; i < node->children_count; i++) {
        WEIR_TRY(check_array(&node->children[i], array->children[i], error));
        if (array->children[i]->length < child_rows_wanted(node, array))
            return bad_array(error, node, "has a child with too few rows");
    }
    return WEIR_OK;
}

/* Validity */

/* Bit `index` of a buffer of bytes, least significant first. */
static bool byte_bit(const uint8_t *bytes, int64_t index)
{
    return bytes[index >> 3] >> (index & 7) & 1;
}

/* Bits are read byte by byte: foreign buffers need not be aligned, nor end on a word. */
static enum weir_status take_validity(const struct range *range, const uint64_t **out)
{
    *out = NULL;
    const struct ArrowArray *array = range->array;
    if (array->null_count == 0 || array->n_buffers == 0 || !array->buffers[0])
        return WEIR_OK;
    size_t words = weir_validity_words(range->count);
    uint64_t *bits = weir_column_lanes_alloc(range->arena, words, sizeof *bits, range->error);
    if (!bits)
        return out_of_memory(range);
    const uint8_t *bytes = array->buffers[0];
    bool any_null = false;
    for (size_t w = 0; w < words; w++) {
        uint32_t begin = (uint32_t)w * 64;
        uint32_t size = range->count - begin < 64 ? range->count - begin : 64;
        uint64_t word = 0;
        for (uint32_t i = 0; i < size; i++)
            word |= (uint64_t)byte_bit(bytes, range->first + begin + i) << i;
        bits[w] = word;
        any_null = any_null || word != UINT64_MAX >> (64 - size);
    }
    if (any_null)
        *out = bits;
    return WEIR_OK;
}

static bool is_valid(const struct weir_column *column, uint32_t lane)
{
    return !column->validity || weir_bit_get(column->validity, lane);
}

/* Fixed width */

static const char *lane_bytes(const struct range *range, size_t width)
{
    const char *buffer = range->array->buffers[1]; /* NULL only when the array has no rows */
    return buffer ? buffer + (size_t)range->first * width : NULL;
}

static enum weir_status check_fixed(const struct range *range, const struct weir_column *column)
{
    if (column->type->kind == WEIR_TYPE_TIME) {
        const int64_t *values = column->values;
        for (uint32_t i = 0; i < range->count; i++) {
            if (is_valid(column, i) && (values[i] < 0 || values[i] > WEIR_US_PER_DAY))
                return weir_error_set(range->error, WEIR_E_TIME_RANGE,
                                      "an Arrow array has a time of day outside the day");
        }
    }
    if (column->type->kind == WEIR_TYPE_DECIMAL) {
        for (uint32_t i = 0; i < range->count; i++) {
            weir_i128 value;
            memcpy(&value, (const char *)column->values + (size_t)i * 16, sizeof value);
            if (is_valid(column, i) && !weir_decimal_fits(value, column->type->precision))
                return bad_array(range->error, range->node, "has a value beyond its precision");
        }
    }
    return WEIR_OK;
}

static enum weir_status take_fixed(const struct range *range, struct weir_column *out)
{
    size_t width = range->node->width;
    const char *lanes = lane_bytes(range, width);
    if ((uintptr_t)lanes % width != 0) {
        char *copy = allocate(range, width);
        if (!copy)
            return out_of_memory(range);
        if (range->count)
            memcpy(copy, lanes, range->count * width);
        lanes = copy;
    }
    out->values = lanes;
    return check_fixed(range, out);
}

static enum weir_status take_bits(const struct range *range, struct weir_column *out)
{
    const uint8_t *bytes = range->array->buffers[1];
    uint8_t *values = allocate(range, 1);
    if (!values)
        return out_of_memory(range);
    for (uint32_t i = 0; i < range->count; i++)
        values[i] = byte_bit(bytes, range->first + i);
    out->values = values;
    return WEIR_OK;
}

/* IEEE 754 binary16 to binary32. */
static float widen_half(uint16_t half)
{
    uint32_t sign = (uint32_t)(half >> 15) << 31, exponent = half >> 10 & 31;
    uint32_t fraction = half & 1023, bits;
    if (exponent == 31) {
        bits = sign | UINT32_C(0x7F800000) | fraction << 13;
    } else if (exponent) {
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    } else {
        float small = (float)fraction / 16777216.0f; /* 2^-24 each */
        return sign ? -small : small;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static enum weir_status take_halves(const struct range *range, struct weir_column *out)
{
    const char *lanes = lane_bytes(range, sizeof(uint16_t));
    float *values = allocate(range, sizeof *values);
    if (!values)
        return out_of_memory(range);
    for (uint32_t i = 0; i < range->count; i++) {
        uint16_t half;
        memcpy(&half, lanes + (size_t)i * sizeof half, sizeof half);
        values[i] = widen_half(half);
    }
    out->values = values;
    return WEIR_OK;
}

/* A signed integer of 4 or 8 bytes. */
static int64_t read_signed(const char *lane, uint32_t width)
{
    int32_t narrow;
    int64_t wide;
    if (width == 4) {
        memcpy(&narrow, lane, sizeof narrow);
        return narrow;
    }
    memcpy(&wide, lane, sizeof wide);
    return wide;
}

static enum weir_status take_decimals(const struct range *range, struct weir_column *out)
{
    uint32_t width = range->node->width;
    if (width == 16)
        return take_fixed(range, out);
    const char *lanes = lane_bytes(range, width);
    weir_i128 *values = allocate(range, sizeof *values);
    if (!values)
        return out_of_memory(range);
    for (uint32_t i = 0; i < range->count; i++)
        values[i] = read_signed(lanes + (size_t)i * width, width);
    out->values = values;
    return check_fixed(range, out);
}

static enum weir_status bad_time(const struct range *range)
{
    return weir_error_set(range->error, WEIR_E_TIME_RANGE,
                          "an Arrow array has a time out of the range of %s",
                          weir_type_name(range->node->type).text);
}

/* value * multiplier / divisor, floored; false when it overflows. */
static bool rescale(const struct weir_arrow_node *node, int64_t value, int64_t *out)
{
    if (!weir_mul_i64(value, node->multiplier, out))
        return false;
    *out = weir_floor_div_i64(*out, node->divisor);
    return true;
}

static enum weir_status take_scaled(const struct range *range, struct weir_column *out)
{
    const struct weir_arrow_node *node = range->node;
    const char *lanes = lane_bytes(range, node->width);
    bool is_date = node->type->kind == WEIR_TYPE_DATE;
    void *values = allocate(range, is_date ? sizeof(int32_t) : sizeof(int64_t));
    if (!values)
        return out_of_memory(range);
    for (uint32_t i = 0; i < range->count; i++) {
        int64_t value = 0;
        if (is_valid(out, i) &&
            (!rescale(node, read_signed(lanes + (size_t)i * node->width, node->width), &value) ||
             (is_date && (value < INT32_MIN || value > INT32_MAX))))
            return bad_time(range);
        if (is_date)
            ((int32_t *)values)[i] = (int32_t)value;
        else
            ((int64_t *)values)[i] = value;
    }
    out->values = values;
    return check_fixed(range, out);
}

static bool read_interval(const struct weir_arrow_node *node, const char *lane,
                          struct weir_interval *out)
{
    int32_t parts[2];
    *out = (struct weir_interval){0};
    if (node->storage == WEIR_ARROW_DURATION)
        return rescale(node, read_signed(lane, 8), &out->us);
    if (node->storage == WEIR_ARROW_MONTHS) {
        memcpy(&out->months, lane, sizeof out->months);
        return true;
    }
    memcpy(parts, lane, sizeof parts);
    if (node->storage == WEIR_ARROW_DAYS_MS) {
        out->days = parts[0];
        out->us = (int64_t)parts[1] * 1000;
        return true;
    }
    out->months = parts[0];
    out->days = parts[1];
    out->us = weir_floor_div_i64(read_signed(lane + 8, 8), 1000);
    return true;
}

static enum weir_status take_intervals(const struct range *range, struct weir_column *out)
{
    size_t width = range->node->width;
    const char *lanes = lane_bytes(range, width);
    struct weir_interval *values = allocate(range, sizeof *values);
    if (!values)
        return out_of_memory(range);
    for (uint32_t i = 0; i < range->count; i++) {
        values[i] = (struct weir_interval){0};
        if (is_valid(out, i) && !read_interval(range->node, lanes + i * width, &values[i]))
            return bad_time(range);
    }
    out->values = values;
    return WEIR_OK;
}

/* Text and bytes */

static enum weir_status check_text(const struct range *range, struct weir_slice text)
{
    if (range->node->type->kind == WEIR_TYPE_BYTEA)
        return WEIR_OK;
    if (!weir_utf8_is_valid(range->isa, text.data, text.size))
        return weir_error_set(range->error, WEIR_E_BAD_UTF8,
                              "an Arrow array has text that is not UTF-8");
    if (range->node->type->kind == WEIR_TYPE_JSON && !weir_json_validate(text, NULL, NULL))
        return weir_error_set(range->error, WEIR_E_BAD_JSON,
                              "an Arrow array has text that is not JSON");
    return WEIR_OK;
}

/* True when the text from begin to end is UTF-8 and no lane starts within a character: then every
 * lane is UTF-8, at the price of one look at all of them. */
static bool is_text_at_once(const struct range *range, const struct weir_view *views,
                            struct weir_slice all)
{
    if (range->node->type->kind != WEIR_TYPE_TEXT ||
        !weir_utf8_is_valid(range->isa, all.data, all.size))
        return false;
    for (uint32_t i = 0; i < range->count; i++) {
        if (views[i].size && weir_utf8_is_continuation(*weir_view_slice(&views[i]).data))
            return false;
    }
    return true;
}

static enum weir_status check_texts(const struct range *range, const struct weir_column *column)
{
    const struct weir_view *views = column->values;
    for (uint32_t i = 0; i < range->count; i++) {
        if (is_valid(column, i))
            WEIR_TRY(check_text(range, weir_view_slice(&views[i])));
    }
    return WEIR_OK;
}

/* Offset number i of a BYTES or LIST buffer. */
static int64_t read_offset(const struct range *range, uint32_t i)
{
    return read_signed(lane_bytes(range, range->node->width) + (size_t)i * range->node->width,
                       range->node->width);
}

static enum weir_status take_bytes(const struct range *range, struct weir_column *out)
{
    const char *data = range->array->buffers[2];
    struct weir_view *views = allocate(range, sizeof *views);
    if (!views)
        return out_of_memory(range);
    int64_t begin = range->count ? read_offset(range, 0) : 0, all_begin = begin;
    for (uint32_t i = 0; i < range->count; i++) {
        int64_t end = read_offset(range, i + 1);
        if (begin < 0 || end < begin || end - begin > UINT32_MAX || (end > begin && !data))
            return bad_array(range->error, range->node, "has offsets that do not ascend");
        views[i] = (struct weir_view){0};
        if (is_valid(out, i) && end > begin)
            views[i] = weir_view_make(data + begin, (size_t)(end - begin));
        begin = end;
    }
    out->values = views;
    if (range->node->type->kind == WEIR_TYPE_BYTEA || range->count == 0 || all_begin == begin)
        return WEIR_OK;
    if (is_text_at_once(range, views,
                        weir_slice_make(data + all_begin, (size_t)(begin - all_begin))))
        return WEIR_OK;
    return check_texts(range, out);
}

/* A lane of Arrow's view types; the size tells whether bytes or a place follow. */
struct arrow_view {
    int32_t size;
    union {
        char inlined[12];
        struct {
            char prefix[4];
            int32_t buffer;
            int32_t offset;
        } far;
    } body;
};
static_assert(sizeof(struct arrow_view) == 16, "as Arrow has it");

static bool take_view(const struct ArrowArray *array, const struct arrow_view *in,
                      struct weir_view *out)
{
    if (in->size < 0)
        return false;
    if (in->size <= WEIR_VIEW_INLINE_MAX) {
        *out = weir_view_make(in->body.inlined, (size_t)in->size);
        return true;
    }
    int64_t buffers_count = array->n_buffers - 3;
    int32_t buffer = in->body.far.buffer, offset = in->body.far.offset;
    int64_t size;
    if (buffer < 0 || buffer >= buffers_count || offset < 0)
        return false;
    const char *sizes = array->buffers[array->n_buffers - 1];
    memcpy(&size, sizes + (size_t)buffer * sizeof size, sizeof size);
    if ((int64_t)offset + in->size > size || !array->buffers[2 + buffer])
        return false;
    *out = weir_view_make((const char *)array->buffers[2 + buffer] + offset, (size_t)in->size);
    return true;
}

static enum weir_status take_views(const struct range *range, struct weir_column *out)
{
    const char *lanes = lane_bytes(range, sizeof(struct arrow_view));
    struct weir_view *views = allocate(range, sizeof *views);
    if (!views)
        return out_of_memory(range);
    for (uint32_t i = 0; i < range->count; i++) {
        struct arrow_view lane;
        memcpy(&lane, lanes + (size_t)i * sizeof lane, sizeof lane);
        views[i] = (struct weir_view){0};
        if (is_valid(out, i) && !take_view(range->array, &lane, &views[i]))
            return bad_array(range->error, range->node, "has a view outside its buffers");
    }
    out->values = views;
    return check_texts(range, out);
}

static enum weir_status take_fixed_bytes(const struct range *range, struct weir_column *out)
{
    size_t width = range->node->width;
    const char *lanes = lane_bytes(range, width);
    struct weir_view *views = allocate(range, sizeof *views);
    if (!views)
        return out_of_memory(range);
    for (uint32_t i = 0; i < range->count; i++) {
        views[i] = (struct weir_view){0};
        if (is_valid(out, i))
            views[i] = weir_view_make(lanes + i * width, width);
    }
    out->values = views;
    return WEIR_OK;
}

/* Nested */

static enum weir_status take_range(const struct range *range, struct weir_column *out);

/* Lanes [first, first + count) of a child of the range's array. */
static enum weir_status take_child(const struct range *range, uint32_t index, int64_t first,
                                   uint32_t count, struct weir_column *out)
{
    struct range child = *range;
    child.node = &range->node->children[index];
    child.array = range->array->children[index];
    child.first = child.array->offset + first;
    child.count = count;
    child.must_be_flat = true;
    return take_range(&child, out);
}

/* Where list i lies in the child. */
static void list_place(const struct range *range, uint32_t i, int64_t *offset, int64_t *count)
{
    uint32_t width = range->node->width;
    if (range->node->storage == WEIR_ARROW_LIST_FIXED) {
        *offset = (range->first + i) * width;
        *count = width;
    } else if (range->node->storage == WEIR_ARROW_LIST_VIEW) {
        const char *sizes = (const char *)range->array->buffers[2] + (size_t)range->first * width;
        *offset = read_offset(range, i);
        *count = read_signed(sizes + (size_t)i * width, width);
    } else {
        *offset = read_offset(range, i);
        *count = read_offset(range, i + 1) - *offset;
    }
}

/* Takes the stretch of the child between the first and the last lane that a list names, and makes
 * the entries relative to it. */
static enum weir_status take_lists(const struct range *range, struct weir_column *out)
{
    int64_t child_rows = range->array->children[0]->length;
    int64_t low = INT64_MAX, high = 0, offset, count;
    struct weir_list_entry *entries = allocate(range, sizeof *entries);
    struct weir_column *child = WEIR_ARENA_NEW(range->arena, struct weir_column);
    if (!entries || !child)
        return out_of_memory(range);
    for (uint32_t i = 0; i < range->count; i++) {
        if (!is_valid(out, i))
            continue;
        list_place(range, i, &offset, &count);
        if (offset < 0 || count < 0 || offset > child_rows || count > child_rows - offset)
            return bad_array(range->error, range->node, "has a list outside its child");
        if (count && offset < low)
            low = offset;
        if (count && offset + count > high)
            high = offset + count;
    }
    if (low > high)
        low = high;
    if (high - low > INT32_MAX)
        return weir_error_set(range->error, WEIR_E_LIMIT,
                              "the lists of a batch reach over 2^31 elements");
    for (uint32_t i = 0; i < range->count; i++) {
        entries[i] = (struct weir_list_entry){0};
        if (!is_valid(out, i))
            continue;
        list_place(range, i, &offset, &count);
        if (count)
            entries[i] = (struct weir_list_entry){(uint32_t)(offset - low), (uint32_t)count};
    }
    out->values = entries;
    out->children = child;
    out->children_count = 1;
    WEIR_TRY(take_child(range, 0, low, (uint32_t)(high - low), child));
    return out->type->kind == WEIR_TYPE_MAP
               ? weir_column_sort_maps(out, NULL, range->arena, range->error)
               : WEIR_OK;
}

static enum weir_status take_struct(const struct range *range, struct weir_column *out)
{
    uint32_t count = range->node->children_count;
    struct weir_column *children = WEIR_ARENA_ARRAY(range->arena, struct weir_column, count);
    if (!children)
        return out_of_memory(range);
    for (uint32_t i = 0; i < count; i++)
        WEIR_TRY(take_child(range, i, range->first, range->count, &children[i]));
    out->children = children;
    out->children_count = count;
    return WEIR_OK;
}

/* Dictionaries */

static uint64_t read_index(const char *lane, uint32_t width, bool is_signed)
{
    switch (width) {
    case 1:
        return is_signed ? (uint64_t) * (const int8_t *)lane : *(const uint8_t *)lane;
    case 2: {
        uint16_t index;
        memcpy(&index, lane, sizeof index);
        return is_signed ? (uint64_t)(int16_t)index : index;
    }
    case 4: {
        uint32_t index;
        memcpy(&index, lane, sizeof index);
        return is_signed ? (uint64_t)(int32_t)index : index;
    }
    default: {
        uint64_t index;
        memcpy(&index, lane, sizeof index);
        return index;
    }
    }
}

/* Codes of the range's lanes, 0 where they are null, and the validity of code and value both. */
static enum weir_status take_codes(const struct range *range, struct weir_column *out,
                                   uint32_t **codes_out)
{
    const struct weir_arrow_node *node = range->node;
    const struct weir_column *values = &node->values;
    const char *lanes = lane_bytes(range, node->width);
    size_t words = weir_validity_words(range->count);
    uint32_t *codes = allocate(range, sizeof *codes);
    uint64_t *validity =
        weir_column_lanes_alloc(range->arena, words, sizeof *validity, range->error);
    if (!codes || !validity)
        return out_of_memory(range);
    memset(validity, 0xFF, words * sizeof *validity);
    bool any_null = false;
    for (uint32_t i = 0; i < range->count; i++) {
        codes[i] = 0;
        if (is_valid(out, i)) {
            uint64_t index =
                read_index(lanes + (size_t)i * node->width, node->width, node->is_signed);
            if (index >= values->rows_count)
                return bad_array(range->error, node, "has an index beyond its dictionary");
            codes[i] = (uint32_t)index;
            if (!weir_column_is_null(values, codes[i]))
                continue;
        }
        weir_bit_clear(validity, i);
        any_null = true;
    }
    out->validity = any_null ? validity : NULL;
    *codes_out = codes;
    return WEIR_OK;
}

static enum weir_status take_dictionary(const struct range *range, struct weir_column *out)
{
    const struct weir_column *values = &range->node->values;
    uint32_t *codes = NULL;
    WEIR_TRY(take_codes(range, out, &codes));
    if (values->rows_count == 0) {
        struct weir_column nulls = weir_column_nulls(out->type, range->count);
        return weir_column_flatten(&nulls, range->arena, out, range->error);
    }
    struct weir_column dictionary = *out;
    dictionary.encoding = WEIR_DICTIONARY;
    dictionary.codes = codes;
    dictionary.values = values->values;
    dictionary.values_count = values->rows_count;
    dictionary.children = values->children;
    dictionary.children_count = values->children_count;
    if (out->type->kind == WEIR_TYPE_STRUCT || out->type->kind == WEIR_TYPE_NULL) {
        const uint64_t *validity = out->validity;
        WEIR_TRY(weir_column_gather(values, codes, range->count, range->arena, out, range->error));
        out->validity = validity;
        return WEIR_OK;
    }
    if (range->must_be_flat)
        return weir_column_flatten(&dictionary, range->arena, out, range->error);
    *out = dictionary;
    return WEIR_OK;
}

static enum weir_status take_range(const struct range *range, struct weir_column *out)
{
    *out = (struct weir_column){.type = range->node->type,
                                .encoding = WEIR_FLAT,
                                .rows_count = range->count,
                                .values = weir_column_zeros()};
    WEIR_TRY(take_validity(range, &out->validity));
    if (range->count == 0 && range->node->storage < WEIR_ARROW_LIST)
        return WEIR_OK; /* buffers may be missing */
    switch (range->node->storage) {
    case WEIR_ARROW_NULL:
        return WEIR_OK;
    case WEIR_ARROW_BITS:
        return take_bits(range, out);
    case WEIR_ARROW_FIXED:
        return take_fixed(range, out);
    case WEIR_ARROW_HALF:
        return take_halves(range, out);
    case WEIR_ARROW_DECIMAL:
        return take_decimals(range, out);
    case WEIR_ARROW_SCALED:
        return take_scaled(range, out);
    case WEIR_ARROW_DURATION:
    case WEIR_ARROW_MONTHS:
    case WEIR_ARROW_DAYS_MS:
    case WEIR_ARROW_MONTHS_DAYS_NS:
        return take_intervals(range, out);
    case WEIR_ARROW_BYTES:
        return take_bytes(range, out);
    case WEIR_ARROW_BYTES_VIEW:
        return take_views(range, out);
    case WEIR_ARROW_BYTES_FIXED:
        return take_fixed_bytes(range, out);
    case WEIR_ARROW_LIST:
    case WEIR_ARROW_LIST_VIEW:
    case WEIR_ARROW_LIST_FIXED:
        return take_lists(range, out);
    case WEIR_ARROW_STRUCT:
        return take_struct(range, out);
    case WEIR_ARROW_DICTIONARY:
        return take_dictionary(range, out);
    }
    return WEIR_OK;
}

/* The import */

/* Converts the dictionaries of the tree, innermost first. */
static enum weir_status load_dictionaries(struct weir_arrow_import *import,
                                          struct weir_arrow_node *node,
                                          const struct ArrowArray *array, struct weir_error *error)
{
    bool is_dictionary = node->storage == WEIR_ARROW_DICTIONARY;
    for (uint32_t i = 0; i < node->children_count; i++)
        WEIR_TRY(load_dictionaries(import, &node->children[i],
                                   is_dictionary ? array->dictionary : array->children[i], error));
    if (!is_dictionary)
        return WEIR_OK;
    const struct range range = {.node = &node->children[0],
                                .array = array->dictionary,
                                .first = array->dictionary->offset,
                                .count = (uint32_t)array->dictionary->length,
                                .must_be_flat = true,
                                .isa = import->isa,
                                .arena = &import->arena,
                                .error = error};
    return take_range(&range, &node->values);
}

static void import_destroy(struct weir_shared *shared)
{
    struct weir_arrow_import *import = (struct weir_arrow_import *)shared; /* its first member */
    if (import->array.release)
        import->array.release(&import->array);
    weir_arena_deinit(&import->arena);
    weir_free(import);
}

static enum weir_status check_schema(const struct weir_arrow_node *root,
                                     const struct weir_schema *schema, struct weir_error *error)
{
    if (root->children_count != schema->fields_count)
        return weir_error_set(error, WEIR_E_COLUMN_COUNT,
                              "an Arrow array has %u columns where %u are expected",
                              root->children_count, schema->fields_count);
    for (uint32_t i = 0; i < schema->fields_count; i++) {
        const struct weir_field *field = &schema->fields[i];
        if (!weir_type_same_lanes(root->children[i].type, field->type))
            return weir_error_set(error, WEIR_E_TYPE_MISMATCH,
                                  "Arrow column \"%.*s\" has type %s where %s is expected",
                                  WEIR_SLICE_ARGS(field->name),
                                  weir_type_name(root->children[i].type).text,
                                  weir_type_name(field->type).text);
    }
    return WEIR_OK;
}

static enum weir_status begin(struct weir_arrow_import *import, const struct ArrowSchema *layout,
                              struct weir_error *error)
{
    WEIR_TRY(weir_arrow_node_read(layout, &import->arena, &import->root, error));
    WEIR_TRY(check_schema(&import->root, import->schema, error));
    WEIR_TRY(check_array(&import->root, &import->array, error));
    return load_dictionaries(import, &import->root, &import->array, error);
}

enum weir_status weir_arrow_import_begin(struct ArrowArray *array, const struct ArrowSchema *layout,
                                         const struct weir_schema *schema,
                                         struct weir_arrow_import **out, struct weir_error *error)
{
    *out = NULL;
    struct weir_arrow_import *import = weir_calloc(1, sizeof *import);
    if (!import) {
        if (array->release)
            array->release(array);
        return weir_error_set_out_of_memory(error);
    }
    import->shared = (struct weir_shared){.refs = 1, .destroy = import_destroy};
    import->array = *array;
    array->release = NULL;
    import->schema = schema;
    import->isa = weir_isa_detect(WEIR_ISA_AVX512);
    weir_arena_init(&import->arena, NULL, 0);
    enum weir_status status = begin(import, layout, error);
    if (status != WEIR_OK) {
        weir_arrow_import_release(import);
        return status;
    }
    *out = import;
    return WEIR_OK;
}

uint64_t weir_arrow_import_rows(const struct weir_arrow_import *import)
{
    return (uint64_t)import->array.length;
}

enum weir_status weir_arrow_import_batch(struct weir_arrow_import *import, uint64_t first,
                                         uint32_t count, struct weir_batch *out,
                                         struct weir_error *error)
{
    assert(count <= WEIR_BATCH_ROWS_MAX && first <= weir_arrow_import_rows(import) &&
           count <= weir_arrow_import_rows(import) - first);
    WEIR_TRY(weir_batch_reset(out, import->schema, error));
    WEIR_TRY(weir_batch_hold(out, &import->shared, error));
    for (uint32_t i = 0; i < import->schema->fields_count; i++) {
        const struct ArrowArray *child = import->array.children[i];
        const struct range range = {.node = &import->root.children[i],
                                    .array = child,
                                    .first = child->offset + import->array.offset + (int64_t)first,
                                    .count = count,
                                    .isa = import->isa,
                                    .arena = &out->arena,
                                    .error = error};
        enum weir_status status = take_range(&range, &out->columns[i]);
        if (status != WEIR_OK) {
            weir_error_frame(error, "column \"%.*s\"",
                             WEIR_SLICE_ARGS(import->schema->fields[i].name));
            return status;
        }
        out->columns[i].type = import->schema->fields[i].type;
    }
    out->rows_count = out->selected_count = count;
    return WEIR_OK;
}

void weir_arrow_import_release(struct weir_arrow_import *import)
{
    if (import)
        weir_shared_release(&import->shared);
}
