/* JOIN, shared by its files.
 *
 *   op_join.c      open, push, watermark, end, close
 *   join_probe.c   rows of a batch against the rows of the other side, in chunks of pairs
 *   join_emit.c    output batches
 *   join_ttl.c     updating_ttl: keys that are forgotten
 *
 * Each side keeps its rows in a multimap by key. A batch of one side is matched with the rows of
 * the other, then added to its own: that is A x dB + dA x B + dA x dB, whichever comes first, and
 * weights multiply. Sides whose unmatched rows matter (outer, semi and anti joins) keep for each
 * row the sum of the weights that match it; a row is unmatched while that is 0.
 *
 * Invariants
 *   J1 between calls, `matches` of a row is the weight of the other side's rows that match it and
 *      are kept, or, once such a row has expired, were kept
 *   J2 a row that expires is registered with its side's timers at expires + 1
 *   J3 an append output has no weights: a pair of a row with weight n comes out n times */
#ifndef WEIR_EXEC_JOIN_INTERNAL_H
#define WEIR_EXEC_JOIN_INTERNAL_H

#include "exec/known_rows.h"
#include "state/timers.h"

#define JOIN_NONE UINT32_MAX
/* Times of expiry: of a row that matches nothing, and of one that may match up to the end. */
#define JOIN_NEVER INT64_MIN
#define JOIN_AT_END (INT64_MAX - 1)

struct join_side {
    const struct weir_plan_join_side *plan;
    const struct weir_schema *schema;
    struct weir_multimap *rows;   /* of the columns, and the event time where it is passed on */
    struct weir_timers *timers;   /* NULL: rows do not expire */
    struct weir_program *expires; /* NULL with plan->expires */
    struct weir_program *late;
    struct weir_ttl ttl; /* of its keys, where time does not free its rows */
    struct known_rows known;
    bool tracks; /* rows know their matches */
    /* Of a row's extra bytes; JOIN_NONE: not kept. */
    uint32_t matches_offset, expires_offset;
};

/* Pairs of the chunk at hand. */
struct join_pairs {
    uint16_t lanes[WEIR_BATCH_ROWS_MAX];     /* of the batch */
    uint32_t rows[WEIR_BATCH_ROWS_MAX];      /* of the other side */
    uint16_t selection[WEIR_BATCH_ROWS_MAX]; /* those that meet the condition */
    uint32_t toggled[WEIR_BATCH_ROWS_MAX];   /* rows of the other side, maybe several times */
    uint32_t count, selected_count, toggled_count;
};

/* The batch at hand. */
struct join_batch {
    uint32_t port;
    struct weir_batch *batch;
    const int64_t *expires;                 /* per lane; NULL: rows are kept */
    uint16_t live[WEIR_BATCH_ROWS_MAX];     /* lanes that are not late */
    uint16_t matching[WEIR_BATCH_ROWS_MAX]; /* of these, those whose key can match */
    uint32_t live_count, matching_count;
    uint32_t first[WEIR_BATCH_ROWS_MAX];  /* per matching: first row of the other side */
    int64_t matches[WEIR_BATCH_ROWS_MAX]; /* per lane */
    uint16_t chosen[WEIR_BATCH_ROWS_MAX]; /* lanes for an output batch */
    uint32_t rows[WEIR_BATCH_ROWS_MAX];   /* numbers in the own side */
    int64_t times[WEIR_BATCH_ROWS_MAX];   /* for the timers */
    uint32_t timed[WEIR_BATCH_ROWS_MAX];
};

struct join {
    const struct weir_plan_node *node;
    const struct weir_plan_join *plan;
    struct weir_operator_env env;
    struct weir_arena arena;   /* of this structure's arrays */
    struct weir_arena scratch; /* of a push */
    struct join_side sides[2];
    struct weir_schema pair_schema; /* left columns, then right ones */
    struct weir_program *condition;
    struct weir_column *keys;   /* keys_count: of the batch at hand */
    struct weir_column *stored; /* its columns and its event times */
    struct join_batch *at;
    struct join_pairs *pairs;
    struct weir_batch *pair_batch; /* for the condition, when the output is not the pair */
    struct weir_batch *out;
    int64_t watermark_us; /* rounded down */
    uint32_t null_row;    /* null_matches: first row of the NULL key of the other side */
    bool done;            /* downstream wants no more */
};

static inline int64_t *join_extra(const struct join_side *side, uint32_t row, uint32_t offset)
{
    return (int64_t *)(void *)((char *)weir_multimap_extra(side->rows, row) + offset);
}

/* ---- join_probe.c ---- */

/* Matches the lanes at->matching with the other side: emits pairs and what becomes matched or
 * unmatched over there; fills at->matches. */
enum weir_flow join_probe(struct join *join, struct weir_output *output, struct weir_error *error);

/* ---- join_ttl.c ---- */

void join_ttl_open(struct join *join);
void join_ttl_close(struct join *join);
/* Somebody asked for the keys of these rows of a side; JOIN_NONE: of none. */
WEIR_CHECKED enum weir_status join_ttl_touch(struct join *join, uint32_t port, const uint32_t *rows,
                                             uint32_t count, struct weir_error *error);
/* Leaves out the lanes, of at->matching, that take back what the side has forgotten; columns as it
 * keeps them. */
WEIR_CHECKED enum weir_status
join_ttl_leave_out(struct join *join, const struct weir_column *columns, struct weir_error *error);
enum weir_flow join_timer(void *state, struct weir_processing_time now, struct weir_output *output,
                          struct weir_error *error);

/* ---- join_emit.c ---- */

/* The pairs that meet the condition, from join->pairs; out is the batch that was built for it, or
 * is built now. */
WEIR_CHECKED enum weir_status join_build_pairs(struct join *join, struct weir_batch **batch,
                                               const struct weir_schema *schema,
                                               struct weir_error *error);
enum weir_flow join_emit_pairs(struct join *join, bool built, struct weir_output *output,
                               struct weir_error *error);
/* Rows of a side, alone: weight times sign, nulls for the other side. */
enum weir_flow join_emit_rows(struct join *join, uint32_t side, const uint32_t *rows,
                              uint32_t count, int sign, struct weir_output *output,
                              struct weir_error *error);
/* Lanes of the batch at hand, alone. */
enum weir_flow join_emit_lanes(struct join *join, const uint16_t *lanes, uint32_t count,
                               struct weir_output *output, struct weir_error *error);

#endif
