/* Sessions per key while rows come: which one a row is in, which ones it makes one, which rows are
 * late. AGGREGATE hangs its groups on them, LATE only asks who is late.
 *
 *     gap 5          rows of one key        1 3      9      16 20
 *                    sessions               |1 … 8)  |9…14)  |16 … 25)
 *     a row at 7 spans 2 gaps               |1 …        14)  |16 … 25)
 *
 * A session is [first row, last row + gap). A table leads from the keys to the chain of their
 * sessions in order of time:
 *
 *     keys ─▶ first session ─▶ next ─▶ …
 *
 * Sessions close at multiples of a granularity, where batches are cut. What has closed stays on as
 * a mark until no row in time can touch it: a row that would is late, as it is when its own stretch
 * of time has closed and no open session holds it.
 *
 *     S1 sessions of a chain do not overlap and ascend; that of rows without time comes last
 *     S2 between batches each OPEN session stands in the timers once
 *     S3 a MERGED session is in no chain; it is free when it is no longer awaited */
#ifndef WEIR_EXEC_SESSION_TRACK_H
#define WEIR_EXEC_SESSION_TRACK_H

#include "exec/exec_internal.h"
#include "plan/physical.h"
#include "state/table.h"
#include "state/timers.h"

#define SESSION_NONE UINT32_MAX

enum session_phase { SESSION_FREE, SESSION_OPEN, SESSION_CLOSED, SESSION_MERGED };

struct session {
    int64_t start_us, end_us;
    uint32_t group; /* the user's; SESSION_NONE while it has none */
    uint32_t key;   /* row of the keys' table */
    uint32_t next;  /* of the chain, plus one; of the free ones */
    uint32_t into;  /* MERGED, within a batch: plus one */
    uint32_t out;   /* the user's: its rows that are out, plus one; 0 when it is new */
    uint8_t phase;
    bool of_null;    /* rows without time: start and end are INT64_MAX */
    bool is_timed;   /* stands in the timers */
    bool is_awaited; /* stands in timers of the user: is not free before they say so */
    bool is_touched; /* the user's */
};

struct session_tracker {
    const struct weir_operator_env *env;
    struct weir_state_table *keys; /* payload: the first of the chain, plus one, in 8 bytes */
    struct weir_timers *timers;
    int64_t gap_us, granularity_us;
    int64_t closed_us; /* what ends by then is closed: a watermark, rounded down */
    struct session *items;
    uint32_t count, capacity, free; /* free: the first, plus one */
    uint32_t live;                  /* of the items */
    /* OPEN ones that have ended, by end, then by start, and how much of that is dealt with */
    uint32_t *due;
    uint32_t due_count, due_capacity, due_at;
    struct weir_arena scratch;
    /* of the batch at hand: rows in time and their sessions, late rows */
    uint16_t lanes[WEIR_BATCH_ROWS_MAX];
    uint32_t of_rows[WEIR_BATCH_ROWS_MAX];
    uint32_t rows_count;
    uint16_t late_lanes[WEIR_BATCH_ROWS_MAX];
    int64_t late_ends[WEIR_BATCH_ROWS_MAX]; /* of what has closed: the first end to be put off */
    uint32_t late_count;
    uint32_t made[WEIR_BATCH_ROWS_MAX]; /* sessions of this batch */
    uint16_t made_lanes[WEIR_BATCH_ROWS_MAX];
    uint32_t made_count;
    uint32_t merged[WEIR_BATCH_ROWS_MAX];
    uint32_t merged_count;
    uint8_t *heads[WEIR_BATCH_ROWS_MAX];
    uint32_t key_ids[WEIR_BATCH_ROWS_MAX];
    int64_t timer_times[WEIR_BATCH_ROWS_MAX];
    uint32_t timer_sessions[WEIR_BATCH_ROWS_MAX];
};

/* env is borrowed for the tracker's life; keys_count types in key_types. */
WEIR_CHECKED enum weir_status session_tracker_create(const struct weir_operator_env *env,
                                                     const struct weir_type *const *key_types,
                                                     uint32_t keys_count,
                                                     const struct weir_plan_window *window,
                                                     struct session_tracker **out,
                                                     struct weir_error *error);
void session_tracker_destroy(struct session_tracker *tracker); /* NULL is fine */

/* Times in us by lane; validity NULL: no nulls. */
struct session_times {
    const int64_t *us;
    const uint64_t *validity;
};
/* Takes a batch in, whose keys are the columns keys. Then session_tracker_settle. */
WEIR_CHECKED enum weir_status session_tracker_place(struct session_tracker *tracker,
                                                    const struct weir_column *keys,
                                                    const struct weir_batch *batch,
                                                    const struct session_times *times,
                                                    struct weir_error *error);
/* Timers for sessions that are new; those that were merged are let go, so of_rows may name
 * sessions that are no more. */
WEIR_CHECKED enum weir_status session_tracker_settle(struct session_tracker *tracker,
                                                     struct weir_error *error);
/* What a session has become by the end of the batch. */
static inline uint32_t session_final(const struct session_tracker *tracker, uint32_t number)
{
    while (tracker->items[number].phase == SESSION_MERGED)
        number = tracker->items[number].into - 1;
    return number;
}

/* The time that has closed, by a watermark. */
void session_tracker_close_until(struct session_tracker *tracker, int64_t watermark_us);
/* Sessions that have ended by then, or with `all` all open ones, become due. */
WEIR_CHECKED enum weir_status session_tracker_collect(struct session_tracker *tracker, bool all,
                                                      struct weir_error *error);
/* The next count of those due are dealt with: they have closed, and are remembered as such. */
WEIR_CHECKED enum weir_status session_tracker_close(struct session_tracker *tracker, uint32_t count,
                                                    struct weir_error *error);
/* The user awaits the session no longer. */
void session_tracker_release(struct session_tracker *tracker, uint32_t number);
/* The input has ended: nothing need be remembered. */
void session_tracker_clear(struct session_tracker *tracker);

/* A larger array of items of `size` bytes, charged to the budget; NULL, and the old one stays, when
 * there is no memory. */
void *session_grow(const struct weir_operator_env *env, void *items, uint32_t *capacity,
                   size_t size);

static inline int64_t session_add(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return b < 0 ? INT64_MIN : INT64_MAX;
}

#endif
