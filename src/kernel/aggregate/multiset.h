/* The values of a group, each with how often it occurs: what ordered-set aggregates keep.
 *
 * Entries are appended; when memory would have to grow they are first sorted, and equal ones are
 * joined and what was taken back altogether is removed, so that the size is bounded by the number
 * of distinct values. Types of at most 8 bytes are words, all others blobs (order_key.h). Private
 * to kernel/aggregate/. */
#ifndef WEIR_KERNEL_AGGREGATE_MULTISET_H
#define WEIR_KERNEL_AGGREGATE_MULTISET_H

#include "kernel/aggregate/order_key.h"

struct weir_multiset_word {
    uint64_t word;
    int64_t weight;
};
struct weir_multiset_blob {
    struct weir_blob blob;
    int64_t weight;
};
struct weir_multiset {
    struct weir_grown entries; /* words or blobs */
    uint32_t kind;             /* 0 none yet, then enum below */
    uint32_t sorted;           /* 1: sorted, joined, nothing appended since */
};
enum { WEIR_MULTISET_WORDS = 1, WEIR_MULTISET_BLOBS };

/* Adds a lane that is not null. scratch is for its key. False: no memory. */
WEIR_CHECKED bool weir_multiset_add(struct weir_multiset *set, const struct weir_column *column,
                                    uint32_t lane, int64_t weight, struct weir_buffer *scratch,
                                    struct weir_aggregate_heap *heap);
/* from is empty afterwards. */
WEIR_CHECKED bool weir_multiset_merge(struct weir_multiset *into, struct weir_multiset *from,
                                      struct weir_aggregate_heap *heap);
void weir_multiset_drop(struct weir_multiset *set, struct weir_aggregate_heap *heap);

/* Sorts and joins; entries that come to weight 0 stay, where heap is NULL. Returns the number of
 * values, each counted as often as it occurs. */
int64_t weir_multiset_sort(struct weir_multiset *set, struct weir_aggregate_heap *heap);
/* After sort: entries, and of entry i its weight and its value, encoded (a word's value is put into
 * lane). */
size_t weir_multiset_size(const struct weir_multiset *set);
int64_t weir_multiset_weight(const struct weir_multiset *set, size_t i);
struct weir_slice weir_multiset_value(const struct weir_multiset *set, size_t i,
                                      const struct weir_type *type, struct weir_lane *lane);
/* The entry that holds value number `rank` (from 0) in order. */
size_t weir_multiset_find(const struct weir_multiset *set, int64_t rank);

#endif
