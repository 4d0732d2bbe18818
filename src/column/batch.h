/* A batch: up to 2,048 rows of a relation, immutable once published, shared by reference count.
 *
 * Rows are lanes. A selection names the lanes that are alive, in ascending order, so that a filter
 * copies nothing; every consumer honours it. Weights say how many times each lane was added (+) or
 * taken back (-); NULL means +1 everywhere (an append stream).
 *
 * Memory: columns, selection and weights point into the batch's own arena, or into memory held by
 * its owners (bytes of a source chunk, another batch). A push borrows the batch for the call; who
 * keeps it longer retains it. A producer reuses its batch when nobody retained it
 * (weir_batch_is_exclusive), so the hot path allocates nothing. */
#ifndef WEIR_COLUMN_BATCH_H
#define WEIR_COLUMN_BATCH_H

#include "base/time.h"
#include "column/column.h"

enum { WEIR_BATCH_ROWS_MAX = 2048, WEIR_BATCH_BYTES_MAX = 1 << 20 };

/* Memory shared by reference count: a chunk of a file, an Arrow array, a fetch buffer. */
struct weir_shared {
    uint32_t refs; /* atomic */
    void (*destroy)(struct weir_shared *shared);
    void (*detach)(struct weir_shared *shared); /* NULL: nothing to do */
};
void weir_shared_retain(struct weir_shared *shared);
void weir_shared_release(struct weir_shared *shared); /* NULL is fine */
/* Gives back to their budgets what shared, and all that it holds, were charged: from then on the
 * last release may come at any time, from any thread. To be called on the thread of the budgets,
 * before the job is over. Memory that is used again stays uncharged. */
void weir_shared_detach(struct weir_shared *shared);

/* Weights of a table of changes by key, until the old rows are known (exec/op_normalize.c). */
enum weir_change_event {
    WEIR_EVENT_INSERT = 1,  /* the row, in place of the one of its key if there is one */
    WEIR_EVENT_UPDATE = 2,  /* the same, where there should be one */
    WEIR_EVENT_DELETE = -1, /* the row of this key is gone; only key columns are set */
    WEIR_EVENT_CLEAR = -2   /* all rows are gone; no column is set */
};

struct weir_batch {
    struct weir_shared shared;
    const struct weir_schema *schema; /* borrowed; outlives the batch */
    struct weir_column *columns;      /* schema->fields_count, each of rows_count lanes */
    uint32_t rows_count;              /* lanes */
    uint32_t selected_count;          /* lanes alive; rows_count when selection is NULL */
    const uint16_t *selection;        /* ascending lanes; NULL: all */
    const int64_t *weights;           /* per lane, never 0 in a live lane; NULL: +1 each */
    const int64_t *event_times;       /* per lane, us; NULL: the relation has no event time */
    struct weir_origin origin;        /* of lane 0, when rows map one to one to records */
    const uint32_t *origin_records;   /* per lane: record number less origin.record; NULL: lane i is
                                         record origin.record + i */
    struct weir_arena arena;
    struct weir_shared **owners; /* in the arena */
    uint32_t owners_count, owners_capacity;
};

/* An empty batch of schema with one reference. NULL when memory has run out. */
WEIR_CHECKED struct weir_batch *weir_batch_create(const struct weir_schema *schema,
                                                  struct weir_budget *budget);
static inline void weir_batch_retain(struct weir_batch *batch)
{
    weir_shared_retain(&batch->shared);
}
static inline void weir_batch_release(struct weir_batch *batch)
{
    if (batch)
        weir_shared_release(&batch->shared);
}
/* True when the caller's is the only reference, so that the batch may be reset and refilled. */
bool weir_batch_is_exclusive(const struct weir_batch *batch);
/* Releases owners, resets the arena, sets rows to 0 and allocates `columns` for schema (zeroed:
 * CONSTANT null columns). NULL schema keeps the old one. */
WEIR_CHECKED enum weir_status weir_batch_reset(struct weir_batch *batch,
                                               const struct weir_schema *schema,
                                               struct weir_error *error);
/* The producer's idiom: *batch is reset when exclusive, else released and replaced. */
WEIR_CHECKED enum weir_status weir_batch_renew(struct weir_batch **batch,
                                               const struct weir_schema *schema,
                                               struct weir_budget *budget,
                                               struct weir_error *error);
/* Keeps shared alive as long as the batch (retains it). */
WEIR_CHECKED enum weir_status weir_batch_hold(struct weir_batch *batch, struct weir_shared *shared,
                                              struct weir_error *error);

/* The lane of the i-th live row. */
static inline uint32_t weir_batch_lane(const struct weir_batch *batch, uint32_t i)
{
    return batch->selection ? batch->selection[i] : i;
}
static inline int64_t weir_batch_weight(const struct weir_batch *batch, uint32_t lane)
{
    return batch->weights ? batch->weights[lane] : 1;
}

/* Checks shape, selection, weights and every column. */
enum weir_status weir_batch_verify(const struct weir_batch *batch, struct weir_error *error);

#endif
