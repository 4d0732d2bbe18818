/* The records of a file in memory, found by key: what the file connector looks up in.
 *
 *     hash of a key ─▶ heads: first row ─▶ next row ─▶ …        row = segment, lane
 *
 * It is filled and asked by one thread, with memory of its own budget. */
#ifndef WEIR_CONNECT_FILE_LOOKUP_TABLE_H
#define WEIR_CONNECT_FILE_LOOKUP_TABLE_H

#include "column/builder.h"

enum { WEIR_FILE_SEGMENT_ROWS = 1 << 14 };

struct weir_file_segment {
    struct weir_builder *builders; /* one per column */
    uint32_t rows_count;
};

struct weir_file_table {
    const struct weir_schema *schema;
    const uint32_t *keys;
    uint32_t keys_count;
    struct weir_arena arena; /* of all that follows */
    struct weir_file_segment *segments;
    uint32_t segments_count, segments_capacity, rows_count;
    uint32_t *heads, *next; /* rows plus one; 0: none. Of heads a power of two */
    uint32_t mask;
};

void weir_file_table_init(struct weir_file_table *table, const struct weir_schema *schema,
                          const uint32_t *keys, uint32_t keys_count, struct weir_budget *budget);
void weir_file_table_deinit(struct weir_file_table *table);
/* Copies the rows of a batch. */
WEIR_CHECKED enum weir_status weir_file_table_append(struct weir_file_table *table,
                                                     const struct weir_batch *batch,
                                                     struct weir_error *error);
/* All rows are there: from now on they are found. */
WEIR_CHECKED enum weir_status weir_file_table_index(struct weir_file_table *table,
                                                    struct weir_error *error);
/* Hashes of a batch of keys, for find. */
void weir_file_table_hash(const struct weir_file_table *table, const struct weir_batch *keys,
                          uint64_t *hashes);
/* The first row with the key at a lane, or, given a row, the next one; UINT32_MAX: there is none.
 */
uint32_t weir_file_table_find(const struct weir_file_table *table, const struct weir_batch *keys,
                              uint32_t lane, uint64_t hash, uint32_t after);
/* Appends a row to builders, one per column. */
WEIR_CHECKED enum weir_status weir_file_table_take(const struct weir_file_table *table,
                                                   uint32_t row, struct weir_builder *builders,
                                                   struct weir_error *error);

#endif
