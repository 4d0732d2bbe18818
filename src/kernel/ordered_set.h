/* Keys in order, each with a weight: what a group keeps to know its least, its greatest, or all its
 * rows in order while rows are taken back.
 *
 *     one block      [3:1] [5:2] [9:1]                          up to 64 entries of 16 bytes
 *     many blocks    [3 5 8 …] [40 41 …] [77 …]                 a directory of blocks, by key
 *
 * A key is a number, or stands for something that the caller's order compares. An entry is found by
 * bisecting the directory, then the block; a full block is divided, neighbours that are less than
 * half full together are joined. An entry whose weight becomes 0 is gone; a weight below 0 (the
 * taking back came first) stays and counts as nothing.
 *
 * Memory is the heap's, from 16 bytes on. All-zero bytes are an empty set.
 * Tested in tests/unit/kernel/test_ordered_set.c. */
#ifndef WEIR_KERNEL_ORDERED_SET_H
#define WEIR_KERNEL_ORDERED_SET_H

#include "kernel/aggregate.h"

struct weir_ordered_entry {
    uint64_t key;
    int64_t weight; /* never 0 */
};

struct weir_ordered_block {
    struct weir_ordered_entry *entries;
    uint32_t count, capacity;
};

struct weir_ordered_set {
    union {
        struct weir_ordered_block one;
        struct {
            struct weir_ordered_block *blocks; /* none is empty */
            uint32_t count, capacity;
        } many;
    } of;
    uint64_t is_many;
};

/* How keys compare; NULL: as numbers. */
struct weir_key_order {
    int (*compare)(const void *context, uint64_t a, uint64_t b);
    const void *context;
};

enum weir_ordered_change {
    WEIR_ORDERED_NEW,     /* the set holds this key now */
    WEIR_ORDERED_COUNTED, /* added to the weight of an equal key, which stays */
    WEIR_ORDERED_GONE,    /* the equal key has left the set */
    WEIR_ORDERED_FAILED   /* no memory; the set is as it was */
};

/* weight is not 0. */
WEIR_CHECKED enum weir_ordered_change weir_ordered_set_add(struct weir_ordered_set *set,
                                                           uint64_t key, int64_t weight,
                                                           const struct weir_key_order *order,
                                                           struct weir_aggregate_heap *heap);

/* The first, the last entry of positive weight; NULL: none. */
const struct weir_ordered_entry *weir_ordered_set_first(const struct weir_ordered_set *set);
const struct weir_ordered_entry *weir_ordered_set_last(const struct weir_ordered_set *set);

/* The entries of block *cursor, which begins at 0, in order; false when there are no more. Keys may
 * be changed to such as compare the same. */
bool weir_ordered_set_next(const struct weir_ordered_set *set, uint32_t *cursor,
                           struct weir_ordered_block *block);
uint64_t weir_ordered_set_count(const struct weir_ordered_set *set);

/* Makes it empty. */
void weir_ordered_set_drop(struct weir_ordered_set *set, struct weir_aggregate_heap *heap);

#endif
