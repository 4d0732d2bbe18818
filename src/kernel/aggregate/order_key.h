/* Values as keys that order as the values do: 64-bit words where they fit, bytes elsewhere.
 *
 *     INTEGER -2    80000000 00000000 - 2  (sign bit flipped)   a word
 *     DOUBLE 1.5    bits, flipped so that they sort             a word; NaN greatest, -0 is 0
 *     TEXT 'ab'     61 62                                       a blob: the value is its own key
 *     others        sort key, then the encoded value            a blob
 *
 * Private to kernel/aggregate/. */
#ifndef WEIR_KERNEL_AGGREGATE_ORDER_KEY_H
#define WEIR_KERNEL_AGGREGATE_ORDER_KEY_H

#include "kernel/aggregate/aggregate_internal.h"

/* --- words ----------------------------------------------------------------------------------- */

/* Kinds of at most 8 bytes: every integer, float and time. */
bool weir_order_has_word(const struct weir_type *type);
/* The word of a value that is not null. */
uint64_t weir_order_word(const struct weir_column *column, uint32_t index);
/* The value of a word, as a lane of type. */
struct weir_lane weir_order_unword(const struct weir_type *type, uint64_t word);

/* --- blobs ----------------------------------------------------------------------------------- */

struct weir_blob {
    uint8_t *bytes;    /* in the heap: key, then value */
    uint32_t key_size; /* 0: the value is the key */
    uint32_t size;
};

static inline struct weir_slice weir_blob_key(const struct weir_blob *blob)
{
    return weir_slice_make((const char *)blob->bytes, blob->key_size ? blob->key_size : blob->size);
}
static inline struct weir_slice weir_blob_value(const struct weir_blob *blob)
{
    return weir_slice_make((const char *)blob->bytes + blob->key_size, blob->size - blob->key_size);
}
/* The key of a lane that is not null; text borrows from the column, others are written to scratch
 * (cleared first). False: no memory. */
WEIR_CHECKED bool weir_order_key(const struct weir_column *column, uint32_t lane,
                                 struct weir_buffer *scratch, struct weir_slice *key);
/* The lane whose key that is, as a blob. */
WEIR_CHECKED bool weir_blob_make(struct weir_blob *blob, const struct weir_column *column,
                                 uint32_t lane, struct weir_slice key,
                                 struct weir_aggregate_heap *heap);
void weir_blob_drop(struct weir_blob *blob, struct weir_aggregate_heap *heap);

/* --- sorting --------------------------------------------------------------------------------- */

/* Defines static void name(type *items, size_t count): quicksort with the median of three, small
 * parts by insertion, and heapsort where the parts shrink too slowly; no memory, not stable. */
#define WEIR_SORT(name, type, less)                                                       \
    static void name##_sift(type *items, size_t root, size_t count)                       \
    {                                                                                     \
        for (size_t child; (child = 2 * root + 1) < count; root = child) {                \
            if (child + 1 < count && less(&items[child], &items[child + 1]))              \
                child++;                                                                  \
            if (!less(&items[root], &items[child]))                                       \
                return;                                                                   \
            type held = items[root];                                                      \
            items[root] = items[child];                                                   \
            items[child] = held;                                                          \
        }                                                                                 \
    }                                                                                     \
    static void name##_heap(type *items, size_t count)                                    \
    {                                                                                     \
        for (size_t i = count / 2; i-- > 0;)                                              \
            name##_sift(items, i, count);                                                 \
        for (size_t i = count; i-- > 1;) {                                                \
            type held = items[0];                                                         \
            items[0] = items[i];                                                          \
            items[i] = held;                                                              \
            name##_sift(items, 0, i);                                                     \
        }                                                                                 \
    }                                                                                     \
    static void name##_insertion(type *items, size_t count)                               \
    {                                                                                     \
        for (size_t i = 1; i < count; i++) {                                              \
            type held = items[i];                                                         \
            size_t at = i;                                                                \
            for (; at && less(&held, &items[at - 1]); at--)                               \
                items[at] = items[at - 1];                                                \
            items[at] = held;                                                             \
        }                                                                                 \
    }                                                                                     \
    static const type *name##_median(const type *a, const type *b, const type *c)         \
    {                                                                                     \
        if (less(a, b))                                                                   \
            return less(b, c) ? b : less(a, c) ? c : a;                                   \
        return less(a, c) ? a : less(b, c) ? c : b;                                       \
    }                                                                                     \
    static void name(type *items, size_t count)                                           \
    {                                                                                     \
        unsigned depth = count ? 2 * (64 - (unsigned)__builtin_clzll(count)) : 0;         \
        while (count > 24) {                                                              \
            if (depth-- == 0) {                                                           \
                name##_heap(items, count);                                                \
                return;                                                                   \
            }                                                                             \
            type pivot = *name##_median(&items[0], &items[count / 2], &items[count - 1]); \
            size_t low = 0, high = count - 1;                                             \
            for (;; low++, high--) {                                                      \
                while (less(&items[low], &pivot))                                         \
                    low++;                                                                \
                while (less(&pivot, &items[high]))                                        \
                    high--;                                                               \
                if (low >= high)                                                          \
                    break;                                                                \
                type held = items[low];                                                   \
                items[low] = items[high];                                                 \
                items[high] = held;                                                       \
            }                                                                             \
            size_t split = high + 1;                                                      \
            if (split < count - split) {                                                  \
                name(items, split);                                                       \
                items += split;                                                           \
                count -= split;                                                           \
            } else {                                                                      \
                name(items + split, count - split);                                       \
                count = split;                                                            \
            }                                                                             \
        }                                                                                 \
        name##_insertion(items, count);                                                   \
    }

#endif
