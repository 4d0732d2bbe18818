/* OVER, shared by its files.
 *
 *   op_over.c       rows by partition; what comes out when
 *   over_sort.c     a partition's rows in order, peers, frames
 *   over_compute.c  the calls
 *   over_bound.c    Top-N: rows that need not be taken in
 *   over_top.c      Top-N over append input: many partitions at once
 *
 * Rows are kept in a multimap by partition. To know what comes out for a partition its rows are put
 * in order and all calls are computed; with EMIT CHANGES that is done for the rows as they were and
 * as they are now, and the difference comes out. So the cost of a change is that of its partition;
 * a limit (Top-N) over append input forgets the rows that can never come out and keeps it small.
 *
 * Invariants
 *   O1 between calls the `change` of every row is 0
 *   O2 with a limit over append input only rows within it are kept */
#ifndef WEIR_EXEC_OVER_INTERNAL_H
#define WEIR_EXEC_OVER_INTERNAL_H

#include "exec/exec_internal.h"
#include "state/multimap.h"
#include "state/timers.h"

#define OVER_NONE UINT32_MAX

enum { OVER_BLOCK_ROWS = WEIR_BATCH_ROWS_MAX }; /* aggregates see partitions in blocks */

/* A set of the partitions of a batch, at most half full. */
enum { OVER_SEEN_SHIFT = 20, OVER_SEEN_COUNT = 1 << (32 - OVER_SEEN_SHIFT) };
_Static_assert(OVER_SEEN_COUNT >= 2 * WEIR_BATCH_ROWS_MAX, "the set of partitions is too small");

/* Kept with each row. */
struct over_row {
    int64_t change; /* of its weight, in this step; for over_top_emit: its lane in the batch, plus
                       one */
    int64_t event_time;
    int64_t expires; /* the last moment of its partition; INT64_MAX: none is known */
};

struct over {
    const struct weir_plan_node *node;
    const struct weir_plan_over *plan;
    const struct weir_schema *input_schema;
    struct weir_operator_env env;
    struct weir_arena arena;   /* of this structure's arrays */
    struct weir_arena scratch; /* of a partition */
    struct weir_multimap *rows;
    struct weir_timers *timers; /* ON_CLOSE */
    struct weir_program *expires;
    struct weir_batch *out;
    uint32_t *batch_rows; /* WEIR_BATCH_ROWS_MAX: numbers of the batch's rows */
    uint32_t *batch_keys;
    uint32_t *seen;             /* OVER_SEEN_COUNT: partitions of the batch, plus one */
    int64_t *last_moments;      /* of the batch, per lane: of its partition */
    uint16_t *in_time;          /* of the batch: lanes that are not late */
    int64_t watermark_us;       /* rounded down, by which partitions close */
    int64_t reached_us;         /* as it came */
    struct weir_ttl ttl;        /* of partitions that have keys and are updated */
    struct over_bounds *bounds; /* NULL: all rows are taken in */
    bool forgets;               /* O2 */
    bool is_top;                /* rows come out by over_top_emit */
    bool done;
};

/* The rows of a partition, in order. */
struct over_partition {
    uint32_t count;
    const uint32_t *rows;        /* numbers in the multimap; repeated by weight */
    struct weir_column *columns; /* input columns, count lanes */
    const int64_t *event_times;  /* NULL: none */
    uint32_t *group;             /* per row: number of its group of peers */
    uint32_t *group_start;       /* per group, and count at the end */
    uint32_t groups_count;
    struct weir_column *results; /* per call */
};

static inline struct over_row *over_row(const struct over *over, uint32_t row)
{
    return (struct over_row *)weir_multimap_extra(over->rows, row);
}

/* ---- over_sort.c ---- */

/* Puts rows[0 … count) in order and fills all but the results. Memory: scratch. */
WEIR_CHECKED enum weir_status over_sort(struct over *over, const uint32_t *rows, uint32_t count,
                                        struct over_partition *partition, struct weir_error *error);
/* Order of two lanes by ORDER BY, and by all columns. */
int over_compare_order(const struct over *over, const struct weir_column *columns, uint32_t a,
                       uint32_t b);
int over_compare_columns(const struct over *over, const struct weir_column *columns, uint32_t a,
                         uint32_t b);
/* The frame of a row: [*low, *high). */
void over_frame(const struct over *over, const struct over_partition *partition,
                const struct weir_plan_frame *frame, uint32_t row, uint32_t *low, uint32_t *high);

/* ---- over_bound.c ---- */

/* Sets over->bounds where the plan allows it; over->forgets is known. */
WEIR_CHECKED enum weir_status over_bounds_create(struct over *over, struct weir_error *error);
void over_bounds_destroy(struct over *over);
/* Leaves of a batch's lanes those that are to be taken in; keys: their partitions. lanes live until
 * the next call. */
WEIR_CHECKED enum weir_status over_bounds_filter(struct over *over, const struct weir_batch *batch,
                                                 const uint16_t **lanes, uint32_t *keys,
                                                 uint32_t *count, struct weir_error *error);
/* A partition goes: its number will be another's. */
void over_bounds_forget(struct over *over, uint32_t key);

/* Whether the first column of ORDER BY has values that order as integers do, and these: its own
 * when it is descending, too. Not for lanes that are null. */
bool over_order_is_integer(const struct over *over);
int64_t over_order_integer(const struct over *over, const struct weir_column *column,
                           uint32_t lane);

/* ---- over_top.c ---- */

/* Whether is_top is to be; over->forgets is known. */
bool over_top_applies(const struct over *over);
/* What this step, which took in batch, changed in the partitions keys[0 … keys_count); rows behind
 * the limit are forgotten (O2). Or, when batch is NULL, what comes out of them as they close: their
 * rows within the limit. Nothing more comes out when over->done. */
enum weir_flow over_top_emit(struct over *over, struct weir_batch *batch, const uint32_t *keys,
                             uint32_t keys_count, struct weir_output *output,
                             struct weir_error *error);

/* ---- over_compute.c ---- */

/* Fills partition->results. */
WEIR_CHECKED enum weir_status over_compute(struct over *over, struct over_partition *partition,
                                           struct weir_error *error);

#endif
