/* Failing, results, kept values: see aggregate_internal.h. */
#include "kernel/aggregate/aggregate_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

uint32_t weir_aggregate_bits_count(const uint64_t *bits, uint32_t count)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < count / 64; i++)
        total += (uint32_t)__builtin_popcountll(bits[i]);
    if (count % 64)
        total += (uint32_t)__builtin_popcountll(bits[count / 64] << (64 - count % 64));
    return total;
}

int64_t weir_aggregate_weights_sum(const struct weir_aggregate_call *call)
{
    const struct weir_column *column = call->args_count ? &call->args[0] : NULL;
    if (column && column->encoding == WEIR_CONSTANT && weir_column_is_null(column, 0))
        return 0;
    bool has_nulls = column && (column->type->kind == WEIR_TYPE_NULL ||
                                (column->validity && column->encoding != WEIR_CONSTANT));
    if (!has_nulls && !call->weights)
        return call->rows_count;
    if (has_nulls && !call->weights && !call->selection && column->type->kind != WEIR_TYPE_NULL)
        return weir_aggregate_bits_count(column->validity, call->rows_count);
    int64_t total = 0;
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = aggregate_lane(call, i);
        if (!has_nulls || !weir_column_is_null(column, lane))
            total += aggregate_weight(call, lane);
    }
    return total;
}

/* --- failing --------------------------------------------------------------------------------- */

bool weir_aggregate_fail(struct weir_aggregate_call *call, uint32_t lane, enum weir_status code,
                         const char *format, ...)
{
    struct weir_kernel_errors *errors = call->errors;
    if (errors->null_on_error) {
        errors->nulled_count++;
        return true;
    }
    if (errors->status != WEIR_OK && errors->lane <= lane)
        return false;
    char message[sizeof errors->error->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    errors->status = code;
    errors->lane = lane;
    weir_error_set(errors->error, code, "%s", message);
    return false;
}

void weir_aggregate_out_of_memory(struct weir_aggregate_call *call)
{
    struct weir_kernel_errors *errors = call->errors;
    if (errors->status != WEIR_OK)
        return;
    errors->status = weir_budget_error(call->heap->arena.budget, errors->error);
    errors->lane = 0;
}

/* --- results --------------------------------------------------------------------------------- */

void weir_aggregate_put_null(struct weir_kernel_call *out, uint32_t lane)
{
    size_t width = weir_type_width(out->out->type);
    weir_kernel_set_null(out, lane);
    if (width && out->out_values)
        memset((char *)out->out_values + lane * width, 0, width);
}

bool weir_aggregate_put_double(struct weir_kernel_call *out, uint32_t lane, double value,
                               bool inputs_finite)
{
    bool is_real = out->out->type->kind == WEIR_TYPE_FLOAT32;
    if (is_real)
        value = (double)(float)value;
    if (inputs_finite && isinf(value)) {
        weir_aggregate_put_null(out, lane);
        return weir_kernel_fail_range(out, lane);
    }
    if (is_real)
        ((float *)out->out_values)[lane] = (float)value;
    else
        ((double *)out->out_values)[lane] = value;
    return true;
}

bool weir_aggregate_put_text(struct weir_kernel_call *out, uint32_t lane, struct weir_slice bytes)
{
    if (bytes.size > WEIR_STRING_SIZE_MAX) {
        weir_aggregate_put_null(out, lane);
        return weir_kernel_fail(out, lane, WEIR_E_LIMIT, "a result would have more than %d bytes",
                                WEIR_STRING_SIZE_MAX);
    }
    if (bytes.size > WEIR_VIEW_INLINE_MAX) {
        char *copy = weir_arena_alloc(out->arena, bytes.size, 1);
        if (!copy) {
            weir_kernel_out_of_memory(out);
            weir_aggregate_put_null(out, lane);
            return false;
        }
        memcpy(copy, bytes.data, bytes.size);
        bytes.data = copy;
    }
    weir_kernel_set_text(out, lane, bytes.data, bytes.size);
    return true;
}

/* --- encoding -------------------------------------------------------------------------------- */

size_t weir_element_size(const struct weir_column *column, uint32_t lane)
{
    if (weir_column_is_null(column, lane))
        return 1;
    return 1 + weir_encoded_size(column, lane) + (weir_type_is_view(column->type) ? 4 : 0);
}

size_t weir_encoded_size(const struct weir_column *column, uint32_t lane)
{
    uint32_t index = weir_column_index(column, lane);
    if (weir_type_is_view(column->type))
        return ((const struct weir_view *)column->values)[index].size;
    if (!weir_type_is_nested(column->type))
        return weir_type_width(column->type);
    size_t size = 0;
    if (column->type->kind == WEIR_TYPE_STRUCT) {
        for (uint32_t i = 0; i < column->children_count; i++)
            size += weir_element_size(&column->children[i], lane);
        return size;
    }
    struct weir_list_entry entry = ((const struct weir_list_entry *)column->values)[index];
    for (uint32_t i = 0; i < entry.count; i++)
        size += weir_element_size(&column->children[0], entry.offset + i);
    return size + 4;
}

uint8_t *weir_element_encode(const struct weir_column *column, uint32_t lane, uint8_t *out)
{
    bool is_null = weir_column_is_null(column, lane);
    *out++ = !is_null;
    if (is_null)
        return out;
    if (weir_type_is_view(column->type)) {
        uint32_t size = (uint32_t)weir_encoded_size(column, lane);
        memcpy(out, &size, 4);
        out += 4;
    }
    return weir_encode(column, lane, out);
}

uint8_t *weir_encode(const struct weir_column *column, uint32_t lane, uint8_t *out)
{
    uint32_t index = weir_column_index(column, lane);
    if (weir_type_is_view(column->type)) {
        struct weir_slice text =
            weir_view_slice(&((const struct weir_view *)column->values)[index]);
        if (text.size)
            memcpy(out, text.data, text.size);
        return out + text.size;
    }
    if (!weir_type_is_nested(column->type)) {
        size_t width = weir_type_width(column->type);
        if (width)
            memcpy(out, (const char *)column->values + index * width, width);
        return out + width;
    }
    if (column->type->kind == WEIR_TYPE_STRUCT) {
        for (uint32_t i = 0; i < column->children_count; i++)
            out = weir_element_encode(&column->children[i], lane, out);
        return out;
    }
    struct weir_list_entry entry = ((const struct weir_list_entry *)column->values)[index];
    memcpy(out, &entry.count, 4);
    out += 4;
    for (uint32_t i = 0; i < entry.count; i++)
        out = weir_element_encode(&column->children[0], entry.offset + i, out);
    return out;
}

/* Takes size bytes off the front. */
static const char *take(struct weir_slice *bytes, size_t size)
{
    const char *data = bytes->data;
    bytes->data += size;
    bytes->size -= size;
    return data;
}

static uint32_t take_u32(struct weir_slice *bytes)
{
    uint32_t value;
    memcpy(&value, take(bytes, 4), 4);
    return value;
}

static enum weir_status decode_value(struct weir_builder *builder, struct weir_slice *bytes);

enum weir_status weir_element_decode(struct weir_builder *builder, struct weir_slice *bytes)
{
    if (!*take(bytes, 1))
        return weir_builder_append_null(builder, NULL);
    if (weir_type_is_view(builder->type)) {
        uint32_t size = take_u32(bytes);
        return weir_builder_append_text(builder, weir_slice_make(take(bytes, size), size), NULL);
    }
    return decode_value(builder, bytes);
}

static enum weir_status decode_value(struct weir_builder *builder, struct weir_slice *bytes)
{
    const struct weir_type *type = builder->type;
    if (type->kind == WEIR_TYPE_STRUCT) {
        for (uint32_t i = 0; i < type->children_count; i++)
            WEIR_TRY(weir_element_decode(&builder->children[i], bytes));
        return weir_builder_end_struct(builder, NULL);
    }
    if (weir_type_is_nested(type)) {
        uint32_t first = builder->children[0].rows_count;
        for (uint32_t left = take_u32(bytes); left; left--)
            WEIR_TRY(weir_element_decode(&builder->children[0], bytes));
        return weir_builder_end_list(builder, first, NULL);
    }
    if (type->kind == WEIR_TYPE_NULL)
        return weir_builder_append_null(builder, NULL);
    size_t width = weir_type_width(type);
    struct weir_lane lane = weir_decode_lane(type, weir_slice_make(bytes->data, width));
    (void)take(bytes, width);
    return weir_builder_append_value(builder, lane.bytes, NULL);
}

enum weir_status weir_decode(struct weir_builder *builder, struct weir_slice bytes)
{
    if (weir_type_is_view(builder->type))
        return weir_builder_append_text(builder, bytes, NULL);
    return decode_value(builder, &bytes);
}

struct weir_lane weir_decode_lane(const struct weir_type *type, struct weir_slice bytes)
{
    struct weir_lane lane = {{0}};
    if (weir_type_is_view(type)) {
        struct weir_view view = weir_view_from_slice(bytes);
        memcpy(lane.bytes, &view, sizeof view);
    } else if (bytes.size) {
        memcpy(lane.bytes, bytes.data, bytes.size);
    }
    return lane;
}

/* --- kept values ----------------------------------------------------------------------------- */

static size_t round_up_power2(size_t size)
{
    size_t power = 16;
    while (power < size)
        power *= 2;
    return power;
}

uint8_t *weir_kept_reserve(struct weir_kept *kept, size_t size, struct weir_aggregate_heap *heap)
{
    if (size > UINT32_MAX / 2)
        return NULL;
    if (size <= sizeof kept->at.inlined || size <= kept->capacity) {
        kept->size = (uint32_t)size;
        return kept->capacity ? kept->at.bytes : kept->at.inlined;
    }
    size_t capacity = round_up_power2(size);
    uint8_t *bytes = weir_aggregate_heap_alloc(heap, capacity);
    if (!bytes)
        return NULL;
    weir_kept_drop(kept, heap);
    kept->at.bytes = bytes;
    kept->capacity = (uint32_t)capacity;
    kept->size = (uint32_t)size;
    return bytes;
}

bool weir_kept_set(struct weir_kept *kept, struct weir_slice bytes,
                   struct weir_aggregate_heap *heap)
{
    uint8_t *out = weir_kept_reserve(kept, bytes.size, heap);
    if (out && bytes.size)
        memcpy(out, bytes.data, bytes.size);
    return out != NULL;
}

bool weir_kept_set_lane(struct weir_kept *kept, const struct weir_column *column, uint32_t lane,
                        struct weir_aggregate_heap *heap)
{
    uint8_t *out = weir_kept_reserve(kept, weir_encoded_size(column, lane), heap);
    if (out)
        weir_encode(column, lane, out);
    return out != NULL;
}

void weir_kept_drop(struct weir_kept *kept, struct weir_aggregate_heap *heap)
{
    if (kept->capacity)
        weir_aggregate_heap_free(heap, kept->at.bytes, kept->capacity);
    memset(kept, 0, sizeof *kept);
}

/* --- results of any type --------------------------------------------------------------------- */

void weir_value_writer_begin(struct weir_value_writer *writer, struct weir_kernel_call *out)
{
    memset(writer, 0, sizeof *writer);
    writer->out = out;
    writer->is_nested = weir_type_is_nested(out->out->type);
    if (writer->is_nested &&
        weir_builder_init(&writer->builder, out->out->type, out->arena, NULL) != WEIR_OK)
        writer->failed = true;
}

void weir_value_writer_put(struct weir_value_writer *writer, uint32_t lane,
                           struct weir_slice encoded)
{
    const struct weir_type *type = writer->out->out->type;
    if (writer->failed)
        return;
    if (writer->is_nested) {
        writer->failed = weir_decode(&writer->builder, encoded) != WEIR_OK;
    } else if (weir_type_is_view(type)) {
        writer->failed = !weir_aggregate_put_text(writer->out, lane, encoded);
    } else {
        size_t width = weir_type_width(type);
        memcpy((char *)writer->out->out_values + lane * width, encoded.data, width);
    }
}

void weir_value_writer_put_null(struct weir_value_writer *writer, uint32_t lane)
{
    if (writer->failed)
        return;
    if (writer->is_nested)
        writer->failed = weir_builder_append_null(&writer->builder, NULL) != WEIR_OK;
    else
        weir_aggregate_put_null(writer->out, lane);
}

void weir_value_writer_end(struct weir_value_writer *writer)
{
    if (writer->failed) {
        weir_kernel_out_of_memory(writer->out);
        return;
    }
    if (writer->is_nested) {
        struct weir_column built = weir_builder_column(&writer->builder);
        weir_kernel_set_nested(writer->out, &built);
    }
}

/* --- bytes that grow ------------------------------------------------------------------------- */

uint8_t *weir_grown_append(struct weir_grown *grown, size_t size, struct weir_aggregate_heap *heap)
{
    if (WEIR_UNLIKELY(grown->capacity - grown->size < size)) {
        size_t wanted;
        if (!weir_add_size(grown->size, size, &wanted) || wanted > (size_t)1 << 34)
            return NULL;
        size_t capacity = round_up_power2(wanted);
        uint8_t *bytes = weir_aggregate_heap_alloc(heap, capacity);
        if (!bytes)
            return NULL;
        if (grown->size)
            memcpy(bytes, grown->bytes, grown->size);
        weir_aggregate_heap_free(heap, grown->bytes, grown->capacity);
        grown->bytes = bytes;
        grown->capacity = capacity;
    }
    uint8_t *room = grown->bytes + grown->size;
    grown->size += size;
    return room;
}

void weir_grown_drop(struct weir_grown *grown, struct weir_aggregate_heap *heap)
{
    weir_aggregate_heap_free(heap, grown->bytes, grown->capacity);
    memset(grown, 0, sizeof *grown);
}

bool weir_grown_merge(struct weir_grown *into, struct weir_grown *from,
                      struct weir_aggregate_heap *heap)
{
    if (!into->size) {
        struct weir_grown empty = *into;
        *into = *from;
        *from = empty;
    } else if (from->size) {
        uint8_t *room = weir_grown_append(into, from->size, heap);
        if (!room)
            return false;
        memcpy(room, from->bytes, from->size);
    }
    weir_grown_drop(from, heap);
    return true;
}

/* --- binding --------------------------------------------------------------------------------- */

enum weir_status weir_bind_aggregate_type(struct weir_function_bind *bind, struct weir_error *error)
{
    (void)error;
    bind->instance = bind->arg_types[0];
    return WEIR_OK;
}
