/* ASOF JOIN, shared by its files: each left row with the right row that is closest in time.
 *
 *   op_asof.c      open, push, watermark, end, close
 *   asof_match.c   left rows that are due, their right rows; what is freed
 *   asof_changes.c left rows that come at any time, and are taken back
 *   asof_ttl.c     updating_ttl: keys that are forgotten
 *
 * Both sides keep their rows in multimaps by key, until the watermark says which right row it is:
 *
 *     latest    a left row when the watermark is past its time; of the right rows behind the
 *               watermark, the last one of each key stays, for left rows to come
 *     earliest  a right row when the watermark is past its time: it is the answer for the left
 *               rows that wait before it, and goes
 *
 * Without event times all rows wait for the end. What is due is sorted by key and time and merged
 * with the right rows of the key, so the work is that of sorting, whatever the keys are.
 *
 * Invariants
 *   A1 a timer of a row is registered at its time + 1
 *   A2 right rows have keys that can match and a time; left rows that lack either are kept only
 *      where they come out without match */
#ifndef WEIR_EXEC_ASOF_INTERNAL_H
#define WEIR_EXEC_ASOF_INTERNAL_H

#include "exec/known_rows.h"
#include "state/timers.h"

#define ASOF_NONE UINT32_MAX

/* What the operator knows of a row besides its columns. */
struct asof_extra {
    int64_t time;
    int64_t absent; /* of a left row: 1 when it has no time (asof_by_right: or matches nothing for
                       another reason); of a version: asof_rank */
};

/* The same of a left row with asof_by_right. */
struct asof_left {
    struct asof_extra extra;
    int64_t pending; /* C1 */
};

struct asof_side {
    const struct weir_plan_join_side *plan;
    const struct weir_schema *schema;
    struct weir_multimap *rows;
    struct weir_timers *timers; /* NULL: its rows are not due by time */
    struct weir_ttl ttl;        /* of its keys, where time does not free their last rows */
    struct weir_program *at;
};

/* A left row that is due. */
struct asof_entry {
    int64_t time;
    uint32_t row;
    uint32_t first; /* right row of its key; ASOF_NONE: there is none */
    uint32_t match; /* right row, or ASOF_NONE */
    uint32_t absent;
};

/* Entries or row numbers in scratch memory. */
struct asof_entries {
    struct asof_entry *items;
    uint32_t count, capacity;
};
struct asof_rows {
    uint32_t *items;
    uint32_t count, capacity;
};

struct asof {
    const struct weir_plan_node *node;
    const struct weir_plan_join *plan;
    struct weir_operator_env env;
    struct weir_arena arena;   /* of this structure's arrays */
    struct weir_arena scratch; /* of a call */
    struct weir_arena chunk;   /* of a chunk of rows within a call */
    struct asof_side sides[2];
    struct known_rows known;  /* asof_keeps_left: of the left side */
    struct weir_column *keys; /* keys_count */
    struct weir_batch *out;
    int64_t watermark_us; /* rounded down */
    int64_t versions;     /* that have come, for asof_rank */
    bool done;            /* downstream wants no more */
    bool finished;        /* all that there was has come out */
};

static inline struct asof_extra *asof_extra(const struct asof *asof, uint32_t side, uint32_t row)
{
    return weir_multimap_extra(asof->sides[side].rows, row);
}

static inline struct asof_left *asof_left(const struct asof *asof, uint32_t row)
{
    return weir_multimap_extra(asof->sides[0].rows, row);
}

/* Versions of a table of changes, at the same time: the last one that came counts. It may say that
 * the row has gone. */
static inline int64_t asof_rank(int64_t number, bool gone)
{
    return number * 2 + gone;
}
static inline bool asof_is_gone(const struct asof *asof, uint32_t right_row)
{
    return asof->plan->asof_versions && asof_extra(asof, 1, right_row)->absent % 2;
}

/* Whether left rows stay when they are out, for what is taken back of them to be known. */
static inline bool asof_keeps_left(const struct asof *asof)
{
    return asof->plan->asof_by_right && asof->node->inputs[0]->changelog &&
           weir_ttl_is_on(&asof->sides[0].ttl);
}

/* Left rows whose right row is known now, with it, ordered by time; they stay in the state. due[0],
 * due[1]: the rows of each side whose time has passed; NULL: all left rows are looked at. at_end:
 * no right row follows. */
WEIR_CHECKED enum weir_status asof_match(struct asof *asof, const struct asof_rows *due,
                                         int64_t until, bool at_end, struct asof_entries *out,
                                         struct weir_error *error);
/* Frees the right rows that no left row from `until` on matches. */
WEIR_CHECKED enum weir_status asof_free_right(struct asof *asof, struct asof_rows *due,
                                              int64_t until, struct weir_error *error);
/* A left row without a match as yet. */
WEIR_CHECKED enum weir_status asof_add_left(struct asof *asof, uint32_t row,
                                            struct asof_entries *out, struct weir_error *error);
/* Takes a side's due timers. */
WEIR_CHECKED enum weir_status asof_due(struct asof *asof, uint32_t side, int64_t until,
                                       struct asof_rows *out, struct weir_error *error);

/* Adds a row to a list in scratch memory; false: out of memory. */
bool asof_push_row(struct asof *asof, struct asof_rows *rows, uint32_t row);
/* asof->out becomes the rows of these entries. */
WEIR_CHECKED enum weir_status asof_build(struct asof *asof, const struct asof_entry *entries,
                                         uint32_t count, struct weir_error *error);

/* ---- asof_changes.c: plan->asof_by_right ---- */

/* Lanes of a batch that are kept, what is known of them, and their rows. */
struct asof_kept {
    uint16_t *lanes;
    struct asof_extra *extras;
    uint32_t *rows, count;
};
/* Leaves out the lanes of a left batch that take back what was forgotten. */
WEIR_CHECKED enum weir_status asof_changes_leave_out(struct asof *asof,
                                                     const struct weir_batch *batch,
                                                     struct asof_kept *kept,
                                                     struct weir_error *error);
/* Left lanes have become rows: those whose match is known come out. */
enum weir_flow asof_changes_take(struct asof *asof, const struct weir_batch *batch,
                                 const struct asof_kept *kept, struct weir_output *output,
                                 struct weir_error *error);
/* What the watermark decides. */
enum weir_flow asof_changes_advance(struct asof *asof, struct weir_output *output,
                                    struct weir_error *error);
/* What has not come out of these left rows does; they go, but where asof_keeps_left. */
enum weir_flow asof_changes_emit(struct asof *asof, const struct asof_entries *found,
                                 struct weir_output *output, struct weir_error *error);

/* ---- asof_ttl.c ---- */

void asof_ttl_open(struct asof *asof);
void asof_ttl_close(struct asof *asof);
/* Somebody asked for the keys of these rows of a side; ASOF_NONE: of none. */
WEIR_CHECKED enum weir_status asof_ttl_touch(struct asof *asof, uint32_t side, const uint32_t *rows,
                                             uint32_t count, struct weir_error *error);
/* Forgets right keys; lists the left rows that have waited too long, which stay in the state. */
WEIR_CHECKED enum weir_status asof_ttl_forget(struct asof *asof, struct weir_processing_time now,
                                              struct asof_entries *left, struct weir_error *error);

#endif
