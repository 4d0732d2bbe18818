/* Sessions, shared by the files that are about them: aggregate_session.c says how they work,
 * aggregate_session_changes.c how they come out while they grow. */
#ifndef WEIR_EXEC_AGGREGATE_SESSION_INTERNAL_H
#define WEIR_EXEC_AGGREGATE_SESSION_INTERNAL_H

#include "exec/aggregate_internal.h"
#include "state/timers.h"

enum session_phase { SESSION_FREE, SESSION_OPEN, SESSION_CLOSED, SESSION_MERGED };

struct session {
    int64_t start_us, end_us;
    uint32_t group; /* AGGREGATE_NONE while it has none */
    uint32_t key;   /* row of the keys' table */
    uint32_t next;  /* of the chain, plus one; of the free ones */
    uint32_t into;  /* MERGED, within a batch: plus one */
    uint8_t phase;
    bool of_null; /* rows without time: start and end are INT64_MAX */
    bool timed;   /* stands in the timers */
    bool is_out;  /* changes: a row of it is out, with these bounds */
    int64_t out_start_us, out_end_us;
    uint32_t step; /* changes: that touched it last */
    uint32_t rows; /* changes: of this step, that were out and are in it now */
};

struct session_changes;

struct aggregate_sessions {
    struct aggregate *aggregate;
    struct pane *pane;
    struct weir_state_table *keys; /* payload: the first of the chain, plus one, in 8 bytes */
    struct weir_timers *timers;
    int64_t gap_us, granularity_us;
    int64_t closed_us; /* what ends by then is closed: the watermark, rounded down */
    struct session *items;
    uint32_t count, capacity, free; /* free: the first, plus one */
    int64_t next_number;
    struct session_changes *changes; /* NULL: rows come out when sessions close */
    /* what falls due, in order, and how much of it is out */
    uint32_t *due;
    uint32_t due_count, due_capacity, due_at;
    /* of the batch at hand */
    uint8_t *heads[WEIR_BATCH_ROWS_MAX];
    uint32_t key_ids[WEIR_BATCH_ROWS_MAX];
    uint32_t of_rows[WEIR_BATCH_ROWS_MAX]; /* session of a segment's row */
    uint32_t made[WEIR_BATCH_ROWS_MAX];    /* sessions of this batch */
    uint16_t made_lanes[WEIR_BATCH_ROWS_MAX];
    uint32_t made_count;
    int64_t numbers[WEIR_BATCH_ROWS_MAX]; /* per lane */
    uint32_t merged[WEIR_BATCH_ROWS_MAX];
    uint32_t merged_count;
    int64_t timer_times[WEIR_BATCH_ROWS_MAX];
    uint32_t timer_sessions[WEIR_BATCH_ROWS_MAX];
    int64_t starts[WEIR_BATCH_ROWS_MAX], ends[WEIR_BATCH_ROWS_MAX]; /* of an emission */
};

/* What a session has become by the end of the batch. */
static inline uint32_t session_final(const struct aggregate_sessions *sessions, uint32_t number)
{
    while (sessions->items[number].phase == SESSION_MERGED)
        number = sessions->items[number].into - 1;
    return number;
}

/* ---- aggregate_session_changes.c ---- */

/* Sets sessions->changes where the plan wants changes. */
WEIR_CHECKED enum weir_status session_changes_create(struct aggregate_sessions *sessions,
                                                     struct weir_error *error);
void session_changes_destroy(struct aggregate_sessions *sessions);
/* Once rows have found their sessions (of_rows[0 … count), merged), before groups merge: keeps what
 * is out of those that this batch touches. */
WEIR_CHECKED enum weir_status session_changes_note(struct aggregate_sessions *sessions,
                                                   uint32_t count, struct weir_error *error);
/* Once groups have merged, before numbers of sessions are given again. */
void session_changes_settle(struct aggregate_sessions *sessions);

#endif
