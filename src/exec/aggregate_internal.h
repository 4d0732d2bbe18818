/* AGGREGATE, shared by its files.
 *
 *   op_aggregate.c       open, push, watermark, timer, end, close
 *   aggregate_window.c   from times to panes
 *   aggregate_overlap.c  the same for windows that overlap
 *   aggregate_slices.c   those that are made of slices
 *   aggregate_running.c  by adding slices and taking them away
 *   aggregate_sums.c     by merging them
 *   aggregate_columns.c  the same for windows that columns of the rows say
 *   aggregate_session.c  windows that grow: from rows to sessions, from sessions to groups
 *   aggregate_session_moments.c  the same over input that takes rows back
 *   aggregate_session_changes.c  sessions that come out while they change
 *   aggregate_pane.c     panes: their tables, heaps and recycling
 *   aggregate_update.c   a batch into the states: FILTER, nulls, DISTINCT, update
 *   aggregate_order.c    ORDER BY inside calls
 *   aggregate_kept.c     functions that cannot take rows back, over input that does
 *   aggregate_emit.c     groups to output batches
 *   aggregate_changes.c  EMIT CHANGES and EMIT EVERY: net changes of the groups touched; those of
 *                        windows that are corrected
 *   aggregate_ttl.c      updating_ttl: groups that are forgotten
 *   aggregate_preview.c  what would be emitted if the input ended now
 *
 * A pane holds all groups of one window (the one pane of an aggregation without window has no
 * bounds). A group is a row of the pane's state table, whose payload is
 *
 *     | group header, when kept | state of call 0 | state of call 1 | … |
 *
 * at offsets of 8 or 16. Without keys there is no table: the one group is pane->single.
 *
 * Invariants
 *   A1 panes are in ascending order of end, then of start
 *   A2 the header is kept when the input may take rows back or changes are emitted
 *   A3 a group whose header counts no rows is deleted at the end of the push, or, when changes are
 *      emitted, once its last row has been taken back downstream
 *   A4 header.mark equals the pane's step exactly for the groups of its pending list that are not
 *      flushed */
#ifndef WEIR_EXEC_AGGREGATE_INTERNAL_H
#define WEIR_EXEC_AGGREGATE_INTERNAL_H

#include "exec/exec_internal.h"
#include "exec/row_store.h"
#include "exec/window.h"
#include "kernel/ordered_set.h"
#include "state/table.h"
#include "state/ttl.h"

#define AGGREGATE_NONE UINT32_MAX

struct group_header {
    int64_t weight;   /* rows added less rows taken back */
    uint32_t mark;    /* the step that touched it last */
    uint32_t emitted; /* 1: a row of this group is out */
};

/* Behind the header where sessions are made of moments (aggregate_session_moments.c). */
struct group_moment {
    int64_t time_us; /* INT64_MAX: of rows without time */
    uint64_t unused; /* states begin at multiples of 16 */
};

/* State of a call with ORDER BY: a chain of refs in the call's store, each plus one. */
struct ordered_state {
    uint32_t head, tail;
    uint64_t count;
};

/* Which of a group's kept rows the function is given. */
enum kept_pick { KEPT_ALL, KEPT_FIRST, KEPT_LAST, KEPT_ARG_MIN, KEPT_ARG_MAX };

struct call_plan {
    const struct weir_plan_aggregate_call *plan;
    uint32_t offset; /* of its state in the payload */
    bool distinct;   /* values are counted in a table of their own */
    bool owns;       /* its states may own memory: they are dropped */
    bool follows;    /* distinct, by the table of an earlier call over the same arguments */
    uint32_t next;   /* distinct: the next call that follows; AGGREGATE_NONE: there is none */
    bool ordered;    /* rows are collected and given to the function when it finishes */
    bool keeps;      /* likewise, but the input takes rows back: they are kept in order */
    enum kept_pick pick;
    bool dedupes;     /* collected rows with equal arguments count once: DISTINCT in sessions,
                         whose groups merge */
    bool skips_nulls; /* rows whose first argument is null are not even kept */
};

/* Collected rows of a call with ORDER BY: its arguments, then the order's columns. */
struct ordered_rows {
    struct row_store *store;
    uint32_t *next; /* per ref: the group's next ref plus one, or 0 */
    uint32_t next_capacity;
    uint32_t compact_at; /* so many rows are stored before those of groups gone are looked for */
    uint32_t dead;       /* kept: rows of the store that are in no group */
};

/* Groups touched since the last emission of changes. */
struct pending {
    uint32_t step; /* A4; never 0 */
    uint32_t *ids;
    uint32_t *old_refs; /* result before the first touch, in `old`, plus one; 0: none was out */
    uint32_t count, capacity;
    uint32_t flushed;      /* how many are dealt with */
    bool half;             /* batches of one row: the retraction of the next is out already */
    struct row_store *old; /* results of calls */
};

enum pane_kind {
    PANE_OF_GROUPS,
    PANE_OF_WINDOW,         /* whose groups are in slices: it has none of its own */
    PANE_OF_RUNNING_WINDOW, /* groups that know how many slices have them */
    PANE_KINDS_COUNT
};

struct pane {
    enum pane_kind kind;
    int64_t start_us, end_us; /* INT64_MIN, INT64_MAX without window */
    bool of_null;             /* rows whose time is null */
    bool is_filled;           /* PANE_OF_WINDOW: its groups are made */
    bool is_running;          /* a slice that is in the running window */
    bool is_out;              /* CORRECTED: emitted; what comes now are changes */
    struct weir_state_table *table;
    uint8_t *single; /* no keys: the group's payload */
    struct weir_aggregate_heap heap;
    struct weir_state_table **distinct; /* per call; NULL without */
    struct ordered_rows *ordered;       /* per call */
    struct pending pending;
    struct weir_ttl ttl; /* of the groups; on when aggregate_forgets */
    uint32_t cursor;     /* of emission */
    uint32_t batch_rows; /* of the batch at hand, while it is divided */
    uint32_t batch_at;
    struct pane *next_free;
};

/* Rows of the batch at hand that go on: row i is lane selection[i], of group states[i], ids[i]. */
struct rows {
    const uint16_t *selection; /* NULL: lane i */
    uint32_t count;
    uint8_t *const *states; /* NULL: the pane's single group */
    const uint32_t *ids;    /* NULL: not asked for, or single */
    const int64_t *weights; /* per lane; NULL: +1 */
};

/* A part of the batch that falls into one pane. */
struct segment {
    struct pane *pane;
    const uint16_t *selection;
    uint32_t count;
};

/* Room for one batch. */
struct aggregate_room {
    uint8_t *states[WEIR_BATCH_ROWS_MAX]; /* of the segment */
    uint32_t ids[WEIR_BATCH_ROWS_MAX];
    uint8_t *call_states[WEIR_BATCH_ROWS_MAX]; /* of a call's rows */
    uint32_t call_ids[WEIR_BATCH_ROWS_MAX];
    uint16_t call_selection[WEIR_BATCH_ROWS_MAX];
    uint8_t keep[WEIR_BATCH_ROWS_MAX];
    uint32_t groups[WEIR_BATCH_ROWS_MAX]; /* DISTINCT: group id per lane */
    int64_t weights[WEIR_BATCH_ROWS_MAX]; /* DISTINCT: per lane */
    uint8_t *distinct_states[WEIR_BATCH_ROWS_MAX];
    uint32_t distinct_ids[WEIR_BATCH_ROWS_MAX];
    struct pane *panes[WEIR_BATCH_ROWS_MAX]; /* windows: per row */
    uint8_t nth[WEIR_BATCH_ROWS_MAX];        /* windows: per row, of those near each other */
    uint16_t sorted[WEIR_BATCH_ROWS_MAX];
    uint16_t known[WEIR_BATCH_ROWS_MAX]; /* of the segment: rows that a group may count */
    struct segment segments[WEIR_BATCH_ROWS_MAX];
};

struct aggregate {
    const struct weir_plan_node *node;
    const struct weir_plan_aggregate *plan;
    const struct weir_schema *input_schema;
    struct weir_operator_env env;
    struct weir_arena arena;        /* of this structure's arrays */
    struct weir_arena scratch;      /* of a push */
    struct weir_arena emit_scratch; /* of an emission */
    struct aggregate_room *room;
    const struct weir_batch *batch; /* at hand */
    const struct segment *segments; /* of it */
    struct call_plan *calls;
    const struct weir_type **key_types;
    uint32_t group_keys_count; /* of a pane's table: the plan's, and in sessions their number */
    const struct weir_type **result_types;
    struct weir_column *columns; /* keys of the batch at hand; arguments of a call */
    uint32_t states_size;        /* where the last call's state ends, in a payload */
    uint32_t payload_size;
    uint32_t running_size; /* of a running window's payload */
    bool has_header;
    bool updates_together;
    bool emits_changes;
    bool by_moment;      /* sessions over input that takes rows back; a group is of one time */
    struct pane **panes; /* A1; somewhere in panes_memory: the first ones go first */
    uint32_t panes_count;
    struct pane **panes_memory;
    uint32_t panes_capacity;
    struct pane *null_pane;
    struct pane *last_pane; /* of the batch before */
    uint32_t mixed_batches; /* still to come that are taken to hold rows of several windows */
    bool mixed_pair;        /* there were at most two */
    int64_t mixed_start_us; /* of the first of these windows, as the batch before had them */
    struct pane *free_panes[PANE_KINDS_COUNT];
    struct aggregate_sessions *sessions; /* NULL: other windows, or none */
    struct aggregate_slices *slices;     /* NULL: rows go into each of their windows */
    int64_t watermark_us; /* less the lateness: windows that end by then are closed */
    int64_t out_us;       /* CORRECTED: windows that end by then are emitted */
    struct weir_batch *out;
    int64_t flushed_us; /* EVERY: the clock when changes were due last; 0 before the first look */
    bool flushing;      /* the batch has been taken in; its changes are not all out */
    bool done;          /* downstream wants no more */
};

static inline struct group_header *group_header(uint8_t *state)
{
    return (struct group_header *)(void *)state;
}

/* The pane of an aggregation over everything, which has its one row even without input. */
static inline bool aggregate_is_global(const struct aggregate *aggregate)
{
    return aggregate->plan->keys_count == 0 && aggregate->plan->window.kind == WEIR_WINDOW_NONE;
}

/* ---- aggregate_window.c ---- */

/* Times in us by lane; validity NULL: no nulls. */
struct times {
    const int64_t *us;
    const uint64_t *validity;
};

/* A lane of the batch at hand is late for windows that end at first_end_us … last_end_us. */
void aggregate_count_late(struct aggregate *aggregate, uint32_t lane, int64_t first_end_us,
                          int64_t last_end_us);
/* True when no live row's time is null or out of start … end. */
bool aggregate_all_within(int64_t start_us, int64_t end_us, const struct weir_batch *batch,
                          const struct times *times);

/* ---- aggregate_overlap.c ---- */

/* As aggregate_divide, for HOP and CUMULATE: a row may be in several segments. */
WEIR_CHECKED enum weir_status aggregate_divide_overlapping(struct aggregate *aggregate,
                                                           const struct weir_batch *batch,
                                                           const struct times *times,
                                                           uint32_t *segments_count,
                                                           struct weir_error *error);

/* ---- aggregate_slices.c ---- */

/* Sets aggregate->slices where windows can be made of slices. */
WEIR_CHECKED enum weir_status aggregate_slices_create(struct aggregate *aggregate,
                                                      struct weir_error *error);
/* Before aggregate_panes_destroy, which frees the memory. */
void aggregate_slices_destroy(struct aggregate *aggregate);
/* The slice's pane, opened when it is the first row's. first_end_us: where the first of its windows
 * ends. */
WEIR_CHECKED enum weir_status aggregate_slice_open(struct aggregate *aggregate, int64_t slice_us,
                                                   int64_t first_end_us, struct pane **out,
                                                   struct weir_error *error);
/* The slice's pane when it is the one that was opened last and all of its windows are open still;
 * else NULL, and it is to be opened. */
struct pane *aggregate_slice_find(const struct aggregate *aggregate, int64_t slice_us);
/* Rows will go into this slice: what was made of it is void. */
WEIR_CHECKED enum weir_status aggregate_slice_enter(struct aggregate *aggregate, struct pane *slice,
                                                    struct weir_error *error);
/* The slice that is the latest in time, or NULL. */
const struct pane *aggregate_slices_latest(const struct aggregate *aggregate);
/* The groups of a window, to be emitted; they hold until the next call. The pane itself when there
 * are no slices. */
WEIR_CHECKED enum weir_status aggregate_slices_fill(struct aggregate *aggregate, struct pane *pane,
                                                    struct pane **groups, struct weir_error *error);
/* The same by itself, whatever the state of the emission; *groups, when not NULL (also after a
 * failure), is to be freed. */
WEIR_CHECKED enum weir_status aggregate_slices_make(struct aggregate *aggregate,
                                                    const struct pane *pane, struct pane **groups,
                                                    struct weir_error *error);
/* Lets go of the slices of which no window ends after end_us; nothing when there are none. */
void aggregate_slices_release(struct aggregate *aggregate, int64_t end_us);
uint64_t aggregate_slices_rows(const struct aggregate *aggregate);

/* ---- aggregate_columns.c ---- */

/* As aggregate_divide, for COLUMNS. */
WEIR_CHECKED enum weir_status aggregate_divide_by_columns(struct aggregate *aggregate,
                                                          const struct weir_batch *batch,
                                                          uint32_t *segments_count,
                                                          struct weir_error *error);

/* ---- aggregate_session.c ---- */

WEIR_CHECKED enum weir_status aggregate_sessions_create(struct aggregate *aggregate,
                                                        struct weir_error *error);
void aggregate_sessions_destroy(struct aggregate *aggregate);
/* As aggregate_divide; the segment's groups are in room->states and room->ids already. */
WEIR_CHECKED enum weir_status aggregate_sessions_divide(struct aggregate *aggregate,
                                                        const struct weir_batch *batch,
                                                        const struct times *times,
                                                        uint32_t *segments_count,
                                                        struct weir_error *error);
/* Emits and lets go of the sessions that end by the watermark, which is rounded down. OK when all
 * are out; YIELD to be called again. */
enum weir_flow aggregate_sessions_close(struct aggregate *aggregate, struct weir_output *output,
                                        struct weir_event_time *watermark,
                                        struct weir_error *error);
/* Net changes of the sessions that have been touched. OK when all are out; YIELD to be called
 * again. */
enum weir_flow aggregate_sessions_flush(struct aggregate *aggregate, struct weir_output *output,
                                        struct weir_error *error);
enum weir_flow aggregate_sessions_end(struct aggregate *aggregate, struct weir_output *output,
                                      struct weir_error *error);
enum weir_flow aggregate_sessions_preview(struct aggregate *aggregate, struct weir_output *output,
                                          struct weir_error *error);
/* What is remembered besides groups. */
uint64_t aggregate_sessions_rows(const struct aggregate *aggregate);

/* ---- aggregate_window.c ---- */

/* Divides the live rows of batch among panes; late rows are counted and left out. */
WEIR_CHECKED enum weir_status aggregate_divide(struct aggregate *aggregate,
                                               const struct weir_batch *batch,
                                               uint32_t *segments_count, struct weir_error *error);

/* Makes segments of room->panes (per row; NULL: of none), each pane's rows in their order. */
uint32_t aggregate_lay_out_segments(struct aggregate *aggregate, const struct weir_batch *batch);
/* Before panes count their rows of a batch. */
void aggregate_clear_counts(struct aggregate *aggregate);

/* ---- aggregate_pane.c ---- */

/* A pane for [start, end), from the free ones or new; entered into panes (the null pane is not). */
WEIR_CHECKED enum weir_status aggregate_pane_open(struct aggregate *aggregate, int64_t start_us,
                                                  int64_t end_us, bool of_null, struct pane **out,
                                                  struct weir_error *error);
/* The same, of a kind, entered nowhere. */
WEIR_CHECKED enum weir_status aggregate_pane_make(struct aggregate *aggregate, enum pane_kind kind,
                                                  int64_t start_us, int64_t end_us,
                                                  struct pane **out, struct weir_error *error);
/* Forgets a pane's groups. */
void aggregate_pane_clear(struct aggregate *aggregate, struct pane *pane);
/* Clears a pane that is entered nowhere and keeps its memory for the next one. */
void aggregate_pane_free(struct aggregate *aggregate, struct pane *pane);
/* Takes panes[0] (or the null pane) out and keeps its memory for the next one. */
void aggregate_pane_recycle(struct aggregate *aggregate, struct pane *pane);
/* Likewise panes[index]. */
void aggregate_pane_remove(struct aggregate *aggregate, uint32_t index);
void aggregate_panes_destroy(struct aggregate *aggregate);
/* Pane of a window, or NULL. */
struct pane *aggregate_pane_find(const struct aggregate *aggregate, int64_t start_us,
                                 int64_t end_us);
/* Likewise; looks first behind the pane at *hint, and notes the place. */
struct pane *aggregate_pane_find_near(const struct aggregate *aggregate, uint32_t *hint,
                                      int64_t start_us, int64_t end_us);
/* Removes a group that counts no rows. */
void aggregate_group_delete(struct aggregate *aggregate, struct pane *pane, uint32_t id,
                            uint8_t *state);

/* ---- aggregate_update.c ---- */

WEIR_CHECKED enum weir_status aggregate_update(struct aggregate *aggregate,
                                               const struct weir_batch *batch,
                                               const struct segment *segment,
                                               struct weir_error *error);
/* Whether the segments of a batch need nothing of their panes but the groups, so that those can be
 * found first and the functions then see all rows at once. */
bool aggregate_updates_together(const struct aggregate *aggregate);
/* The same for all segments; their selections lie one behind the other. */
WEIR_CHECKED enum weir_status aggregate_update_together(struct aggregate *aggregate,
                                                        const struct weir_batch *batch,
                                                        uint32_t segments_count,
                                                        struct weir_error *error);
/* Moves a failure of a kernel into error: its call's position and, when batch is not NULL, the
 * origin of the lane. Counts what was turned to NULL. */
WEIR_CHECKED enum weir_status aggregate_check(const struct aggregate *aggregate,
                                              const struct call_plan *call,
                                              const struct weir_batch *batch,
                                              const struct weir_kernel_errors *errors,
                                              struct weir_error *error);

/* ---- aggregate_order.c ---- */

WEIR_CHECKED enum weir_status aggregate_order_collect(struct aggregate *aggregate,
                                                      struct pane *pane, uint32_t call,
                                                      const struct weir_batch *batch,
                                                      const struct rows *rows,
                                                      struct weir_error *error);
/* The states a call's function would have had, for the groups of states, made from the collected
 * rows: *made[i], valid until emit_scratch is reset; give them back with aggregate_order_drop. */
WEIR_CHECKED enum weir_status aggregate_order_make(struct aggregate *aggregate, struct pane *pane,
                                                   uint32_t call, uint8_t *const *states,
                                                   uint32_t count, uint8_t ***made,
                                                   struct weir_error *error);
void aggregate_order_drop(struct aggregate *aggregate, struct pane *pane, uint32_t call,
                          uint8_t *const *made, uint32_t count);
/* An empty store for a call's rows: its arguments, then its order's columns. */
WEIR_CHECKED enum weir_status aggregate_order_store(struct aggregate *aggregate,
                                                    const struct call_plan *call,
                                                    bool with_event_times, struct row_store **out,
                                                    struct weir_error *error);
/* Runs the call's function over rows of its store, from the state on; weights may be NULL. */
WEIR_CHECKED enum weir_status aggregate_order_run(struct aggregate *aggregate, struct pane *pane,
                                                  uint32_t call, const uint32_t *refs,
                                                  const int64_t *weights, uint32_t count,
                                                  uint8_t *state, struct weir_error *error);
/* Of rows with equal arguments, which stand side by side, one is left; how many are left then. */
uint32_t aggregate_order_dedupe(const struct row_store *store, uint32_t args_count, uint32_t *refs,
                                uint32_t count);
/* Both are states of the call: into gets the rows of from behind its own, from has none then. */
void aggregate_order_merge(struct ordered_rows *ordered, uint8_t *into, uint8_t *from);
/* Gives back the rows of groups that are gone, when they are most of what is stored. */
WEIR_CHECKED enum weir_status aggregate_order_compact(struct aggregate *aggregate,
                                                      struct pane *pane, struct weir_error *error);
void aggregate_order_clear(struct ordered_rows *ordered);
void aggregate_order_deinit(struct aggregate *aggregate, struct ordered_rows *ordered);

/* ---- aggregate_kept.c ---- */

enum kept_pick aggregate_kept_pick(const struct weir_plan_aggregate_call *call);
WEIR_CHECKED enum weir_status aggregate_kept_collect(struct aggregate *aggregate, struct pane *pane,
                                                     uint32_t call, const struct weir_batch *batch,
                                                     const struct rows *rows,
                                                     struct weir_error *error);
/* The state that the call's function would have had, of the group whose payload is from. */
WEIR_CHECKED enum weir_status aggregate_kept_make(struct aggregate *aggregate, struct pane *pane,
                                                  uint32_t call, const uint8_t *from,
                                                  uint8_t *state, struct weir_error *error);
/* Adds a row that is stored already to another group's set. */
WEIR_CHECKED enum weir_status aggregate_kept_add(struct aggregate *aggregate, struct pane *pane,
                                                 uint32_t call, uint8_t *state,
                                                 const struct weir_ordered_entry *entry,
                                                 struct weir_error *error);
/* Lets go of a group's rows. */
void aggregate_kept_drop(struct aggregate *aggregate, struct pane *pane, uint32_t call,
                         uint8_t *state);

/* ---- aggregate_emit.c ---- */

/* Bounds of each group's window. */
struct shown_bounds {
    const int64_t *starts, *ends; /* INT64_MAX both: of rows without time */
};

/* Results of all calls for count groups: columns[c] in arena. */
WEIR_CHECKED enum weir_status aggregate_finish(struct aggregate *aggregate, struct pane *pane,
                                               uint8_t *const *states, uint32_t count,
                                               struct weir_arena *arena,
                                               struct weir_column *columns,
                                               struct weir_error *error);
/* Key and window columns of output for the groups ids (count of them; ids unused without keys).
 * bounds as below. */
WEIR_CHECKED enum weir_status aggregate_show_keys(struct aggregate *aggregate,
                                                  const struct pane *pane,
                                                  const struct shown_bounds *bounds,
                                                  const uint32_t *ids, uint32_t count,
                                                  struct weir_batch *out, struct weir_error *error);
/* aggregate->out becomes the rows of count groups, whose windows are the pane's unless bounds says
 * otherwise. */
WEIR_CHECKED enum weir_status aggregate_show_groups(struct aggregate *aggregate, struct pane *pane,
                                                    const struct shown_bounds *bounds,
                                                    const uint32_t *ids, uint8_t *const *states,
                                                    uint32_t count, struct weir_error *error);
static inline uint32_t aggregate_first_result(const struct aggregate *aggregate)
{
    return aggregate->plan->keys_count + (aggregate->plan->window_output != AGGREGATE_NONE);
}
/* All groups of a pane, from its cursor on. OK when all are out; YIELD to be called again. */
enum weir_flow aggregate_emit_pane(struct aggregate *aggregate, struct pane *pane,
                                   struct weir_output *output, struct weir_error *error);
/* The same of another pane's groups. */
enum weir_flow aggregate_emit_groups(struct aggregate *aggregate, struct pane *pane,
                                     struct pane *groups, struct weir_output *output,
                                     struct weir_error *error);

/* ---- aggregate_session_ttl.c ---- */

WEIR_CHECKED enum weir_status aggregate_sessions_forget(struct aggregate *aggregate,
                                                        struct weir_processing_time now,
                                                        struct weir_error *error);

/* ---- aggregate_ttl.c ---- */

bool aggregate_forgets(const struct aggregate *aggregate);
/* Counts rows with weights into their groups' headers, and leaves those out that would make a group
 * count fewer than none: the group that they were in has been forgotten. */
void aggregate_count_known(struct aggregate *aggregate, struct rows *rows);
/* Lets go of the groups whose time is over. */
WEIR_CHECKED enum weir_status aggregate_forget(struct aggregate *aggregate,
                                               struct weir_processing_time now,
                                               struct weir_error *error);

/* ---- aggregate_preview.c ---- */

enum weir_flow aggregate_preview(void *state, struct weir_output *output, struct weir_error *error);

/* ---- aggregate_changes.c ---- */

/* Notes the groups of a segment that are touched for the first time in this step, and their
 * results as they are now. */
WEIR_CHECKED enum weir_status aggregate_touch(struct aggregate *aggregate, struct pane *pane,
                                              const struct rows *rows, struct weir_error *error);
/* Results of count groups as they are now, appended to pane->pending.old. */
WEIR_CHECKED enum weir_status aggregate_keep_results(struct aggregate *aggregate, struct pane *pane,
                                                     uint8_t *const *states, uint32_t count,
                                                     struct weir_error *error);
/* Emits the net changes of a pane. OK when all are out; YIELD to be called again. */
enum weir_flow aggregate_flush(struct aggregate *aggregate, struct pane *pane,
                               struct weir_output *output, struct weir_error *error);
void aggregate_pending_clear(struct pending *pending);
void aggregate_pending_deinit(struct aggregate *aggregate, struct pending *pending);

#endif
