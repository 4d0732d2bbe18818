/* Sessions of an AGGREGATE, shared by the files that are about them:
 *
 *   session_track.c              which session a row is in, over input that only appends
 *   aggregate_session.c          groups of those sessions; closing
 *   aggregate_session_moments.c  sessions over input that takes rows back
 *   aggregate_session_changes.c  rows that are out while sessions still change
 *   aggregate_session_ttl.c      updating_ttl: keys that are forgotten */
#ifndef WEIR_EXEC_AGGREGATE_SESSION_INTERNAL_H
#define WEIR_EXEC_AGGREGATE_SESSION_INTERNAL_H

#include "exec/aggregate_internal.h"
#include "exec/session_track.h"

struct session_changes;
struct session_moments;

struct aggregate_sessions {
    struct aggregate *aggregate;
    struct pane *pane;
    struct session_tracker *tracker; /* NULL: rows are taken back, and there are moments */
    struct session_moments *moments;
    struct session_changes *changes; /* NULL: rows come out once, when sessions close */
    int64_t next_number;             /* of a session, in its group's keys */
    bool is_ending;                  /* the input has ended: open sessions come out as they are */
    int64_t times[WEIR_BATCH_ROWS_MAX]; /* per lane: of a batch's numbers or moments */
    int64_t starts[WEIR_BATCH_ROWS_MAX], ends[WEIR_BATCH_ROWS_MAX]; /* of an emission */
};

/* ---- aggregate_session.c ---- */

/* Adds the call's state in one payload to that in another; what it has of the heap goes over. */
WEIR_CHECKED enum weir_status session_merge_call(struct aggregate_sessions *sessions,
                                                 const struct call_plan *call, uint8_t *into,
                                                 uint8_t *from, struct weir_error *error);

/* ---- aggregate_session_changes.c ---- */

/* A row that is out: of a session as it was. */
struct session_row {
    int64_t start_us, end_us;
    uint32_t key;  /* row of the keys' table */
    uint32_t ref;  /* its results */
    uint32_t size; /* the user's: how much was in the session */
    uint32_t next; /* of the same session or key, plus one; of the free ones */
};

/* Sets sessions->changes where the plan wants changes. */
WEIR_CHECKED enum weir_status session_changes_create(struct aggregate_sessions *sessions,
                                                     struct weir_error *error);
void session_changes_destroy(struct aggregate_sessions *sessions);
/* The session has changed, or with moments the sessions of a key; once until it is laid out. */
WEIR_CHECKED enum weir_status session_changes_touch(struct session_changes *changes,
                                                    uint32_t number, struct weir_error *error);
/* Results of count groups as they are now: refs *first … in the store. */
WEIR_CHECKED enum weir_status session_changes_keep(struct session_changes *changes,
                                                   uint8_t *const *states, uint32_t count,
                                                   uint32_t *first, struct weir_error *error);
/* A row of these bounds and this size goes from *old, the rows that are out, to *list, those that
 * stay; false: there is none. */
bool session_changes_stay(struct session_changes *changes, const struct session_row *row,
                          uint32_t *old, uint32_t *list);
/* The row goes out, and to *list; but when *old has one of the same bounds and results, that one
 * stays. */
WEIR_CHECKED enum weir_status session_changes_replace(struct session_changes *changes,
                                                      const struct session_row *row, uint32_t *old,
                                                      uint32_t *list, struct weir_error *error);
struct session_row *session_changes_row(struct session_changes *changes, uint32_t place);
/* All rows of the list are taken back. */
WEIR_CHECKED enum weir_status session_changes_take_back(struct session_changes *changes,
                                                        uint32_t *list, struct weir_error *error);
/* All rows of the list stay out for good. */
void session_changes_forget(struct session_changes *changes, uint32_t *list);
uint64_t session_changes_rows(const struct session_changes *changes);

/* CORRECTED: sessions that have ended by aggregate->out_us come out. */
WEIR_CHECKED enum weir_status session_changes_let_out(struct session_changes *changes,
                                                      struct weir_error *error);
/* What has been touched comes out, or only what has closed. */
enum weir_flow session_changes_flush(struct aggregate_sessions *sessions, bool only_closed,
                                     struct weir_output *output, struct weir_error *error);

/* ---- aggregate_session_moments.c ---- */

enum { RUNS_MAX = 64 };

struct moments_key {
    struct weir_ordered_set moments; /* ids of groups; memory of the pane's heap */
    uint32_t out;                    /* rows that are out, plus one */
    uint32_t is_touched;
};

/* A session that may have a new row. */
struct run {
    int64_t start_us, end_us;
    uint32_t first, count; /* of session_moments.groups */
};

struct session_moments {
    struct weir_state_table *keys; /* payload: struct moments_key */
    int64_t gap_us;
    uint32_t step;    /* never 0; groups with this mark have changed */
    uint32_t *groups; /* of the key at hand, in order of time */
    uint32_t groups_count, groups_capacity;
    uint32_t *laid_out; /* keys, M3 */
    uint32_t laid_out_count, laid_out_capacity;
    struct run runs[RUNS_MAX];
    uint32_t runs_count;
    struct weir_ttl ttl;                 /* of the keys */
    uint8_t *heads[WEIR_BATCH_ROWS_MAX]; /* of the batch at hand */
    uint32_t key_ids[WEIR_BATCH_ROWS_MAX];
    uint16_t lanes[WEIR_BATCH_ROWS_MAX]; /* that are not left out */
};

static inline struct moments_key *session_moments_key(uint8_t *head)
{
    return (struct moments_key *)(void *)head;
}
static inline struct group_moment *session_moment_of(uint8_t *group)
{
    return (struct group_moment *)(void *)(group + sizeof(struct group_header));
}
/* Ids of the key's groups that have rows, in order of time, in moments->groups. */
WEIR_CHECKED enum weir_status session_moments_list(struct aggregate_sessions *sessions,
                                                   const struct moments_key *key,
                                                   struct weir_error *error);

WEIR_CHECKED enum weir_status session_moments_create(struct aggregate_sessions *sessions,
                                                     struct weir_error *error);
void session_moments_destroy(struct aggregate_sessions *sessions);
/* As aggregate_sessions_divide; segment: the rows that are taken in. */
WEIR_CHECKED enum weir_status session_moments_divide(struct aggregate_sessions *sessions,
                                                     const struct weir_batch *batch,
                                                     const struct times *times,
                                                     struct segment *segment,
                                                     struct weir_error *error);
/* What has become of the sessions of a key. */
WEIR_CHECKED enum weir_status session_moments_lay_out(struct aggregate_sessions *sessions,
                                                      uint32_t key, struct weir_error *error);
/* All that was touched has been laid out. */
void session_moments_settle(struct aggregate_sessions *sessions);
struct weir_state_table *session_moments_keys(const struct aggregate_sessions *sessions);

/* ---- aggregate_session_ttl.c ---- */

void session_ttl_open(struct aggregate_sessions *sessions);
/* Somebody asked for the keys of a batch, whose moments are found; what it takes back of keys that
 * were forgotten is left out of the segment. */
WEIR_CHECKED enum weir_status session_ttl_take(struct aggregate_sessions *sessions,
                                               const struct weir_batch *batch,
                                               struct segment *segment, struct weir_error *error);

#endif
