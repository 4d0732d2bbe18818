/* Rows by key, with weights: the state of joins.
 *
 *     key ─▶ | first row | last row |      row ─▶ | weight | next row | previous row | extra |
 *            a state table over the keys           a state table over (key id, other columns)
 *
 * A multiset (without `append`) keeps equal rows once and counts them by weight, so that a row that
 * is taken back is found by its values; a weight that becomes 0 removes the row, and a key without
 * rows goes as well. Negative weights are kept like positive ones: the sum of what was added is
 * what counts.
 *
 * Row numbers stay valid until the row is removed; then they are given again. Rows of a key are in
 * the order in which they were added. */
#ifndef WEIR_STATE_MULTIMAP_H
#define WEIR_STATE_MULTIMAP_H

#include "state/table.h"

#define WEIR_MULTIMAP_NONE UINT32_MAX

struct weir_multimap_config {
    const struct weir_type *const *types; /* of the columns */
    uint32_t columns_count;
    const uint32_t *keys; /* columns that are the key; 0 of them: all rows are of one key */
    uint32_t keys_count;
    uint32_t extra_size; /* bytes per row that are the caller's, zeroed for a new row */
    bool append; /* no row is ever taken back: each is kept by itself, in fewer bytes; weights
                    are positive */
    uint64_t hash_seed;
    bool hash_collide;
    int isa;
    struct weir_budget *budget;
};

struct weir_multimap;

WEIR_CHECKED enum weir_status weir_multimap_create(const struct weir_multimap_config *config,
                                                   struct weir_multimap **out,
                                                   struct weir_error *error);
void weir_multimap_destroy(struct weir_multimap *map); /* NULL is fine */
/* Forgets all rows, keeps memory. */
void weir_multimap_clear(struct weir_multimap *map);
/* Different rows. */
uint32_t weir_multimap_count(const struct weir_multimap *map);

/* Adds weights[lane] (NULL: +1) of the rows selection[0 … count) (NULL: lanes 0 … count) of
 * columns, one column per column of the map. rows[i] is the row's number; a row whose weight is 0
 * afterwards is marked by weir_multimap_weight and stays until weir_multimap_sweep. */
WEIR_CHECKED enum weir_status weir_multimap_add(struct weir_multimap *map,
                                                const struct weir_column *columns,
                                                const uint16_t *selection, uint32_t count,
                                                const int64_t *weights, uint32_t *rows,
                                                struct weir_error *error);
/* weir_multimap_add in two steps: the numbers of the lanes' keys, and rows of those. In between the
 * caller may leave rows out, but not all of a key that had none. */
WEIR_CHECKED enum weir_status weir_multimap_keys(struct weir_multimap *map,
                                                 const struct weir_column *columns,
                                                 const uint16_t *selection, uint32_t count,
                                                 uint32_t *keys, struct weir_error *error);
WEIR_CHECKED enum weir_status weir_multimap_add_to(struct weir_multimap *map, const uint32_t *keys,
                                                   const struct weir_column *columns,
                                                   const uint16_t *selection, uint32_t count,
                                                   const int64_t *weights, uint32_t *rows,
                                                   struct weir_error *error);
/* Removes those of rows[0 … count) that have weight 0; numbers may repeat. */
void weir_multimap_sweep(struct weir_multimap *map, const uint32_t *rows, uint32_t count);
/* Removes a row whatever its weight is. */
void weir_multimap_remove(struct weir_multimap *map, uint32_t row);

/* First rows of the keys of lanes; key: one column per key, in the order of config->keys. */
WEIR_CHECKED enum weir_status weir_multimap_find(struct weir_multimap *map,
                                                 const struct weir_column *key,
                                                 const uint16_t *selection, uint32_t count,
                                                 uint32_t *rows, struct weir_error *error);
/* Numbers of the rows that equal these lanes, WEIR_MULTIMAP_NONE where there is none; not with
 * `append`. columns as for weir_multimap_add. */
WEIR_CHECKED enum weir_status weir_multimap_find_rows(struct weir_multimap *map,
                                                      const struct weir_column *columns,
                                                      const uint16_t *selection, uint32_t count,
                                                      uint32_t *rows, struct weir_error *error);
/* The row after this one, of the same key; WEIR_MULTIMAP_NONE at the end. */
uint32_t weir_multimap_next(const struct weir_multimap *map, uint32_t row);
/* Number of the row's key; keys' numbers are given again when a key has no rows. */
uint32_t weir_multimap_key(const struct weir_multimap *map, uint32_t row);
/* First row of a key by its number. */
uint32_t weir_multimap_first(const struct weir_multimap *map, uint32_t key);
/* Keys in order of number: see weir_state_table_scan. */
uint32_t weir_multimap_scan_keys(const struct weir_multimap *map, uint32_t *cursor, uint32_t *keys,
                                 uint32_t max);
int64_t weir_multimap_weight(const struct weir_multimap *map, uint32_t row);
/* All that is known of a row, at once. */
struct weir_multimap_row {
    uint32_t next; /* as weir_multimap_next */
    int64_t weight;
    void *extra;
};
struct weir_multimap_row weir_multimap_row(const struct weir_multimap *map, uint32_t row);
/* False for a number that is not given at the moment. */
bool weir_multimap_has(const struct weir_multimap *map, uint32_t row);
void *weir_multimap_extra(const struct weir_multimap *map, uint32_t row);
/* All rows in order of number: see weir_state_table_scan. */
uint32_t weir_multimap_scan(const struct weir_multimap *map, uint32_t *cursor, uint32_t *rows,
                            uint32_t max);
/* Column `column` of rows[0 … count) as a FLAT column; text borrows from the map. */
WEIR_CHECKED enum weir_status weir_multimap_gather(const struct weir_multimap *map, uint32_t column,
                                                   const uint32_t *rows, uint32_t count,
                                                   struct weir_arena *arena,
                                                   struct weir_column *out,
                                                   struct weir_error *error);

#endif
