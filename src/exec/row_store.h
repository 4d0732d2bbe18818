/* Rows that outlive their batch: what SORT, ORDER BY in aggregates and pending changes collect.
 *
 * Rows are deep copies in segments of 1,024; a row is named by its ref, 0, 1, 2 … in order of
 * appending. Nothing moves, so columns gathered from a store share its text: a batch that shows
 * them holds the store (it is a weir_shared), everybody else copies. */
#ifndef WEIR_EXEC_ROW_STORE_H
#define WEIR_EXEC_ROW_STORE_H

#include "column/builder.h"
#include "flow/operator.h"

enum { ROW_SEGMENT_SHIFT = 10, ROW_SEGMENT_ROWS = 1 << ROW_SEGMENT_SHIFT };

struct row_segment {
    struct weir_column *columns;   /* FLAT, as many lanes as rows were appended */
    uint64_t **validity;           /* writable side; NULL until the first null */
    struct weir_builder *builders; /* nested columns only */
    int64_t *event_times;          /* when the store keeps them */
    int64_t *weights;              /* when a batch had weights */
};

struct row_store {
    struct weir_shared shared;
    struct weir_budget *budget;
    struct weir_arena arena;
    const struct weir_type **types;
    uint32_t columns_count;
    bool with_event_times;
    bool has_weights;
    struct row_segment **segments;
    uint32_t segments_count, segments_capacity;
    uint32_t rows_count;
};

/* One reference is the caller's. types are copied. */
WEIR_CHECKED enum weir_status row_store_create(const struct weir_type *const *types,
                                               uint32_t columns_count, bool with_event_times,
                                               struct weir_budget *budget, struct row_store **out,
                                               struct weir_error *error);
void row_store_release(struct row_store *store); /* NULL is fine */
/* Forgets all rows, keeps memory; nobody may hold the store. */
void row_store_clear(struct row_store *store);

/* What is appended: one column per column of the store, lanes as in a batch. */
struct row_source {
    const struct weir_column *columns;
    const uint16_t *selection; /* NULL: lanes 0 … count */
    uint32_t count;
    const int64_t *event_times; /* per lane; NULL: none */
    const int64_t *weights;     /* per lane; NULL: +1 */
};
/* Rows get refs from store->rows_count on. */
WEIR_CHECKED enum weir_status row_store_append(struct row_store *store,
                                               const struct row_source *source,
                                               struct weir_error *error);

static inline const struct weir_column *row_store_column(const struct row_store *store,
                                                         uint32_t column, uint32_t ref)
{
    return &store->segments[ref >> ROW_SEGMENT_SHIFT]->columns[column];
}
static inline uint32_t row_store_lane(uint32_t ref)
{
    return ref & (ROW_SEGMENT_ROWS - 1);
}
int64_t row_store_weight(const struct row_store *store, uint32_t ref);
int64_t row_store_event_time(const struct row_store *store, uint32_t ref);

/* Column `column` of the rows refs[0 … count) as a FLAT column in arena; text is the store's. */
WEIR_CHECKED enum weir_status row_store_gather(const struct row_store *store, uint32_t column,
                                               const uint32_t *refs, uint32_t count,
                                               struct weir_arena *arena, struct weir_column *out,
                                               struct weir_error *error);
/* Appends the rows refs[0 … count) of from. */
WEIR_CHECKED enum weir_status row_store_copy(struct row_store *store, const struct row_store *from,
                                             const uint32_t *refs, uint32_t count,
                                             struct weir_error *error);

/* By value of one column under an order: -1, 0, 1. */
int row_store_compare(const struct row_store *store, uint32_t column, struct weir_sort_order order,
                      uint32_t a, uint32_t b);
/* By all columns, ascending: the tie of equal sort keys. */
int row_store_compare_rows(const struct row_store *store, uint32_t a, uint32_t b);

/* Sorts refs by less-or-equal, stable; room has count refs. False when env (nullable) says that
 * the query is interrupted: then they are in no order. */
typedef int (*row_compare)(const void *context, uint32_t a, uint32_t b);
bool row_refs_sort(uint32_t *refs, uint32_t count, uint32_t *room, row_compare compare,
                   const void *context, const struct weir_operator_env *env);

#endif
