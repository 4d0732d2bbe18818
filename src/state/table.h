/* State tables: the keyed rows of an operator, in memory.
 *
 *     hash ─▶ bucket (tag, row id) ─▶ row: | keys | null bits | payload |
 *
 * A row id is dense (0, 1, 2 … in order of first appearance; ids of deleted rows are reused), so
 * results come out in the order in which keys were first seen. Rows live in chunks that never move:
 * growing adds a chunk; the bucket array grows by steps (old and new live side by side and a little
 * is moved with each batch), never by one doubling pause. Text keys longer than 12 bytes are copied
 * into the table's heap.
 *
 * Access is by batches in phases: hash all, prefetch buckets, read buckets and prefetch rows,
 * compare; misses are compacted and inserted afterwards. Snapshots (later) copy a chunk before its
 * first write after a barrier; nothing here stands in their way: rows are reached through
 * weir_table_row only. */
#ifndef WEIR_STATE_TABLE_H
#define WEIR_STATE_TABLE_H

#include "column/builder.h"

struct weir_state_table;

struct weir_table_config {
    const struct weir_type *const *key_types;
    uint32_t keys_count;   /* 0: at most one row */
    uint32_t payload_size; /* bytes per row, zeroed when the row is new; 16-byte aligned, 8-byte
                              when there are no more than 8 */
    bool payload_packed;   /* 8-byte aligned in any case */
    uint64_t hash_seed;
    bool hash_collide; /* test mode: all hashes equal */
    bool append; /* upsert makes a new row each time, equal or not, and find is not called: for
                    rows that are reached by id only */
    uint32_t rows_hint; /* about so many rows are expected; 0: unknown. Memory is not taken ahead,
                           but growing takes larger steps */
    bool compact; /* fewer bytes before speed, for tables that grow large and live long: buckets are
                     filled to three quarters, and arrays over dense words grow in place */
    /* Ids of words that fill a range follow from the words: such rows are scanned in order of key,
     * and their ids hold until the next upsert. For tables that are filled, scanned and cleared. */
    bool ids_by_place;
    int isa; /* enum weir_isa that may be used (what weir_isa_detect said) */
    struct weir_budget *budget;
    /* A table with much the same keys, whose layout for them is taken over; NULL: none is known. */
    const struct weir_state_table *like;
};

/* Rows of a table, for a look into another one. */
struct weir_table_rows {
    const struct weir_state_table *table;
    const uint32_t *ids;
    uint32_t count;
    struct weir_arena *arena; /* for their keys */
};

WEIR_CHECKED enum weir_status weir_state_table_create(const struct weir_table_config *config,
                                                      struct weir_state_table **out,
                                                      struct weir_error *error);
void weir_state_table_destroy(struct weir_state_table *table);
/* Forgets all rows, keeps memory. */
void weir_state_table_clear(struct weir_state_table *table);
uint32_t weir_state_table_count(const struct weir_state_table *table);

/* Finds or inserts the rows of keys: for i < count, lane selection[i] (NULL: lane i) of the key
 * columns goes to payloads[i] (pointer to the row's payload) and, when not NULL, ids[i]. New rows
 * have a zeroed payload. count <= WEIR_BATCH_ROWS_MAX. */
WEIR_CHECKED enum weir_status weir_state_table_upsert(struct weir_state_table *table,
                                                      const struct weir_column *keys,
                                                      const uint16_t *selection, uint32_t count,
                                                      uint8_t **payloads, uint32_t *ids,
                                                      struct weir_error *error);
/* As upsert without inserting: payloads[i] is NULL for a key that is not there. */
WEIR_CHECKED enum weir_status weir_state_table_find(struct weir_state_table *table,
                                                    const struct weir_column *keys,
                                                    const uint16_t *selection, uint32_t count,
                                                    uint8_t **payloads, uint32_t *ids,
                                                    struct weir_error *error);
/* Fetches towards the cache what the next upsert into a small table will look at. Each step needs
 * what the one before has fetched: 0 the table, 1 its buckets and where its rows are, 2 its rows.
 */
void weir_state_table_prefetch(const struct weir_state_table *table, uint32_t step);
/* False for an id that no live row has. */
bool weir_state_table_has(const struct weir_state_table *table, uint32_t id);
/* Removes a row; its id and memory are reused. */
void weir_state_table_delete(struct weir_state_table *table, uint32_t id);
/* The payload of a live row. */
uint8_t *weir_state_table_payload(const struct weir_state_table *table, uint32_t id);
/* The payloads of several. */
void weir_state_table_payloads(const struct weir_state_table *table, const uint32_t *ids,
                               uint32_t count, uint8_t **payloads);
/* As upsert, or as find when insert is false, of the keys that rows of another table have, whose
 * ids are all that one call of scan gave. Both tables have the same key types. found: ids, may be
 * NULL. */
WEIR_CHECKED enum weir_status weir_state_table_match(struct weir_state_table *table,
                                                     const struct weir_table_rows *rows,
                                                     bool insert, uint8_t **payloads,
                                                     uint32_t *found, struct weir_error *error);
/* Rows of two tables that lie side by side in memory: `count` payloads, so many bytes apart. */
struct weir_table_block {
    uint8_t *into, *from;
    size_t into_step, from_step;
    uint32_t count;  /* 64 at most */
    uint64_t groups; /* bits of those that `from` has; the others' payloads are zeros there */
    uint32_t first;  /* id of the first one in `into`; the others' follow */
};
/* The next rows of from that *cursor (as of scan) has come to, if they lie side by side and so do
 * those of the same keys in into; with insert these are made, else they are there. Advances
 * *cursor; false when it is scan's turn. */
WEIR_CHECKED bool weir_state_table_block(struct weir_state_table *into,
                                         const struct weir_state_table *from, uint32_t *cursor,
                                         bool insert, struct weir_table_block *block);
/* Rows in order of id: fills ids with up to max live ids >= *cursor, advances *cursor; 0 at the
 * end. */
uint32_t weir_state_table_scan(const struct weir_state_table *table, uint32_t *cursor,
                               uint32_t *ids, uint32_t max);
/* Key column `key` of the rows ids[0 … count) as a FLAT column; text borrows from the table. */
WEIR_CHECKED enum weir_status weir_state_table_keys(const struct weir_state_table *table,
                                                    uint32_t key, const uint32_t *ids,
                                                    uint32_t count, struct weir_arena *arena,
                                                    struct weir_column *out,
                                                    struct weir_error *error);

#endif
