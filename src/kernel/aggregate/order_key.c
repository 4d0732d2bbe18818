/* Keys that order as their values do: see order_key.h. */
#include "kernel/aggregate/order_key.h"

#include <math.h>

#define SIGN64 (UINT64_C(1) << 63)

bool weir_order_has_word(const struct weir_type *type)
{
    size_t width = weir_type_width(type);
    return width && width <= 8 && !weir_type_is_nested(type);
}

static uint64_t word_of_double(double value)
{
    uint64_t bits;
    if (isnan(value))
        return UINT64_MAX;
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits & SIGN64 ? ~bits : bits | SIGN64;
}

static double double_of_word(uint64_t word)
{
    double value;
    if (word == UINT64_MAX)
        return (double)NAN;
    word = word & SIGN64 ? word & ~SIGN64 : ~word;
    memcpy(&value, &word, sizeof value);
    return value;
}

#define SIGNED_WORD(type) (uint64_t)(int64_t)((const type *)values)[index] ^ SIGN64

uint64_t weir_order_word(const struct weir_column *column, uint32_t index)
{
    const void *values = column->values;
    switch (column->type->kind) {
    case WEIR_TYPE_INT8:
        return SIGNED_WORD(int8_t);
    case WEIR_TYPE_INT16:
        return SIGNED_WORD(int16_t);
    case WEIR_TYPE_INT32:
    case WEIR_TYPE_DATE:
        return SIGNED_WORD(int32_t);
    case WEIR_TYPE_BOOLEAN:
    case WEIR_TYPE_UINT8:
        return ((const uint8_t *)values)[index];
    case WEIR_TYPE_UINT16:
        return ((const uint16_t *)values)[index];
    case WEIR_TYPE_UINT32:
        return ((const uint32_t *)values)[index];
    case WEIR_TYPE_UINT64:
        return ((const uint64_t *)values)[index];
    case WEIR_TYPE_FLOAT32:
        return word_of_double((double)((const float *)values)[index]);
    case WEIR_TYPE_FLOAT64:
        return word_of_double(((const double *)values)[index]);
    default:
        return SIGNED_WORD(int64_t);
    }
}

struct weir_lane weir_order_unword(const struct weir_type *type, uint64_t word)
{
    struct weir_lane lane = {{0}};
    if (type->kind == WEIR_TYPE_FLOAT64) {
        double value = double_of_word(word);
        memcpy(lane.bytes, &value, sizeof value);
    } else if (type->kind == WEIR_TYPE_FLOAT32) {
        float value = (float)double_of_word(word);
        memcpy(lane.bytes, &value, sizeof value);
    } else {
        bool is_unsigned = type->kind == WEIR_TYPE_BOOLEAN ||
                           (type->kind >= WEIR_TYPE_UINT8 && type->kind <= WEIR_TYPE_UINT64);
        uint64_t bits = is_unsigned ? word : word ^ SIGN64;
        switch (weir_type_width(type)) {
        case 1:
            memcpy(lane.bytes, &(uint8_t){(uint8_t)bits}, 1);
            break;
        case 2:
            memcpy(lane.bytes, &(uint16_t){(uint16_t)bits}, 2);
            break;
        case 4:
            memcpy(lane.bytes, &(uint32_t){(uint32_t)bits}, 4);
            break;
        default:
            memcpy(lane.bytes, &bits, 8);
            break;
        }
    }
    return lane;
}

/* --- blobs ----------------------------------------------------------------------------------- */

static bool is_own_key(const struct weir_type *type)
{
    return weir_type_is_view(type) && type->kind != WEIR_TYPE_JSONB;
}

bool weir_order_key(const struct weir_column *column, uint32_t lane, struct weir_buffer *scratch,
                    struct weir_slice *key)
{
    if (is_own_key(column->type)) {
        const struct weir_view *views = column->values;
        *key = weir_view_slice(&views[weir_column_index(column, lane)]);
        return true;
    }
    weir_buffer_clear(scratch);
    weir_column_sort_key(column, lane, (struct weir_sort_order){0}, scratch);
    *key = weir_buffer_slice(scratch);
    return !scratch->failed;
}

bool weir_blob_make(struct weir_blob *blob, const struct weir_column *column, uint32_t lane,
                    struct weir_slice key, struct weir_aggregate_heap *heap)
{
    size_t key_size = is_own_key(column->type) ? 0 : key.size;
    size_t size = key_size + weir_encoded_size(column, lane);
    if (size > UINT32_MAX / 2)
        return false;
    uint8_t *bytes = weir_aggregate_heap_alloc(heap, size);
    if (!bytes)
        return false;
    if (key_size)
        memcpy(bytes, key.data, key_size);
    weir_encode(column, lane, bytes + key_size);
    *blob = (struct weir_blob){bytes, (uint32_t)key_size, (uint32_t)size};
    return true;
}

void weir_blob_drop(struct weir_blob *blob, struct weir_aggregate_heap *heap)
{
    weir_aggregate_heap_free(heap, blob->bytes, blob->size);
    *blob = (struct weir_blob){0};
}
