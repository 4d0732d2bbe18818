/* EMIT CHANGES over sessions: while they grow and merge, their rows come out and are taken back.
 *
 *     out: [1 … 8) n=2   [9 … 14) n=1          a row at 7
 *     -[1 … 8) n=2   -[9 … 14) n=1   +[1 … 14) n=4
 *
 * A session knows the bounds that its row went out with. When a batch touches it first, its results
 * are kept as they are; when the batch is in, every session that was touched is taken back as it
 * was, and those that are left are added as they are now, unless nothing has changed. Sessions that
 * close are out already: they only go. Tested in tests/suites/windows.py. */
#include "exec/aggregate_session_internal.h"

/* Sessions of a batch: each row has one, and may make it merge with one more. */
enum { TOUCHED_MAX = 2 * WEIR_BATCH_ROWS_MAX };

/* A session that was touched, as it was. */
struct touched {
    uint32_t number;  /* what has become of it, once settled */
    uint32_t old_ref; /* its results, plus one; 0: it was not out */
    int64_t start_us, end_us;
};

struct session_changes {
    uint32_t step; /* never 0 */
    struct touched touched[TOUCHED_MAX];
    uint32_t touched_count;
    bool is_laid_out;                 /* what follows is known */
    struct touched back[TOUCHED_MAX]; /* rows to take back */
    uint32_t added[TOUCHED_MAX];      /* sessions to add */
    uint32_t back_count, back_at, added_count, added_at;
    /* of a batch on its way */
    uint32_t refs[WEIR_BATCH_ROWS_MAX], ids[WEIR_BATCH_ROWS_MAX];
    uint8_t *states[TOUCHED_MAX];
    int64_t starts[WEIR_BATCH_ROWS_MAX], ends[WEIR_BATCH_ROWS_MAX];
    uint16_t lanes[WEIR_BATCH_ROWS_MAX];
};

enum weir_status session_changes_create(struct aggregate_sessions *sessions,
                                        struct weir_error *error)
{
    void *state;
    if (sessions->aggregate->plan->emit != WEIR_EMIT_CHANGES)
        return WEIR_OK;
    WEIR_TRY(exec_state_create(&sessions->aggregate->env, sizeof(struct session_changes), &state,
                               error));
    sessions->changes = state;
    sessions->changes->step = 1;
    for (uint32_t i = 0; i < WEIR_BATCH_ROWS_MAX; i++)
        sessions->changes->lanes[i] = (uint16_t)i;
    return WEIR_OK;
}

void session_changes_destroy(struct aggregate_sessions *sessions)
{
    if (sessions->changes)
        exec_state_destroy(&sessions->aggregate->env, sessions->changes, sizeof *sessions->changes);
    sessions->changes = NULL;
}

/* ---- while a batch is taken in ---- */

static void touch(struct aggregate_sessions *sessions, uint32_t number, uint32_t *known,
                  uint32_t kept)
{
    struct session_changes *changes = sessions->changes;
    struct session *session = &sessions->items[number];
    if (session->step == changes->step)
        return;
    session->step = changes->step;
    session->rows = 0;
    struct touched *touched = &changes->touched[changes->touched_count++];
    *touched = (struct touched){number, 0, session->out_start_us, session->out_end_us};
    if (!session->is_out)
        return;
    changes->states[(*known)++] = weir_state_table_payload(sessions->pane->table, session->group);
    touched->old_ref = kept + *known;
}

enum weir_status session_changes_note(struct aggregate_sessions *sessions, uint32_t count,
                                      struct weir_error *error)
{
    const struct row_store *old = sessions->pane->pending.old;
    uint32_t known = 0, kept = old ? old->rows_count : 0;
    for (uint32_t i = 0; i < count; i++)
        touch(sessions, sessions->of_rows[i], &known, kept);
    for (uint32_t i = 0; i < sessions->merged_count; i++)
        touch(sessions, sessions->merged[i], &known, kept);
    for (uint32_t done = 0; done < known; done += WEIR_BATCH_ROWS_MAX) {
        uint32_t some = known - done < WEIR_BATCH_ROWS_MAX ? known - done : WEIR_BATCH_ROWS_MAX;
        WEIR_TRY(aggregate_keep_results(sessions->aggregate, sessions->pane,
                                        sessions->changes->states + done, some, error));
    }
    return WEIR_OK;
}

void session_changes_settle(struct aggregate_sessions *sessions)
{
    struct session_changes *changes = sessions->changes;
    for (uint32_t i = 0; i < changes->touched_count; i++)
        changes->touched[i].number = session_final(sessions, changes->touched[i].number);
}

/* ---- what has changed ---- */

/* Nothing but itself was in it, and its bounds are what they were. */
static bool may_be_as_it_was(const struct session *session, const struct touched *touched)
{
    return session->rows == 1 && touched->old_ref && session->is_out &&
           touched->start_us == session->start_us && touched->end_us == session->end_us;
}

/* Whether the results of one session are those that were kept. */
static enum weir_status compare_results(struct aggregate_sessions *sessions,
                                        const struct touched *touched, bool *same,
                                        struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct weir_arena *arena = &aggregate->emit_scratch;
    uint32_t calls = aggregate->plan->calls_count, ref = touched->old_ref - 1;
    const struct session *session = &sessions->items[touched->number];
    uint8_t *state = weir_state_table_payload(sessions->pane->table, session->group);
    weir_arena_reset(arena);
    struct weir_column *now = WEIR_ARENA_ARRAY(arena, struct weir_column, calls + 1);
    if (!now)
        return exec_out_of_memory(&aggregate->env, error);
    WEIR_TRY(aggregate_finish(aggregate, sessions->pane, &state, 1, arena, now, error));
    *same = true;
    for (uint32_t c = 0; c < calls && *same; c++) {
        struct weir_column old;
        WEIR_TRY(row_store_gather(sessions->pane->pending.old, c, &ref, 1, arena, &old, error));
        *same = weir_column_equals(&old, 0, &now[c], 0);
    }
    return WEIR_OK;
}

static enum weir_status lay_out(struct aggregate_sessions *sessions, struct weir_error *error)
{
    struct session_changes *changes = sessions->changes;
    changes->back_count = changes->back_at = changes->added_count = changes->added_at = 0;
    for (uint32_t i = 0; i < changes->touched_count; i++)
        sessions->items[changes->touched[i].number].rows++;
    for (uint32_t i = 0; i < changes->touched_count; i++) {
        const struct touched *touched = &changes->touched[i];
        struct session *session = &sessions->items[touched->number];
        bool same = false;
        if (may_be_as_it_was(session, touched))
            WEIR_TRY(compare_results(sessions, touched, &same, error));
        if (same)
            continue;
        if (touched->old_ref)
            changes->back[changes->back_count++] = *touched;
        if (session->rows)
            changes->added[changes->added_count++] = touched->number;
        session->rows = 0; /* added once */
    }
    changes->is_laid_out = true;
    return WEIR_OK;
}

/* ---- on its way out ---- */

/* The next rows: so many to take back, then so many to add. */
static void load_rows(struct aggregate_sessions *sessions, uint32_t *back, uint32_t *added)
{
    struct session_changes *changes = sessions->changes;
    uint32_t limit = exec_batch_rows(&sessions->aggregate->env);
    *back = changes->back_count - changes->back_at;
    *back = *back < limit ? *back : limit;
    *added = changes->added_count - changes->added_at;
    *added = *added < limit - *back ? *added : limit - *back;
    for (uint32_t i = 0; i < *back; i++) {
        const struct touched *touched = &changes->back[changes->back_at + i];
        changes->ids[i] = sessions->items[touched->number].group; /* of the same keys */
        changes->refs[i] = touched->old_ref - 1;
        changes->starts[i] = touched->start_us;
        changes->ends[i] = touched->end_us;
    }
    for (uint32_t i = 0; i < *added; i++) {
        const struct session *session = &sessions->items[changes->added[changes->added_at + i]];
        changes->ids[*back + i] = session->group;
        changes->starts[*back + i] = session->start_us;
        changes->ends[*back + i] = session->end_us;
    }
    weir_state_table_payloads(sessions->pane->table, changes->ids + *back, *added, changes->states);
}

static enum weir_status show_call(struct aggregate_sessions *sessions, uint32_t call, uint32_t back,
                                  uint32_t added, const struct weir_column *now,
                                  struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct weir_batch *out = aggregate->out;
    struct weir_builder builder;
    struct weir_column old;
    WEIR_TRY(weir_builder_init(&builder, aggregate->result_types[call], &out->arena, error));
    if (back) {
        WEIR_TRY(row_store_gather(sessions->pane->pending.old, call, sessions->changes->refs, back,
                                  &aggregate->emit_scratch, &old, error));
        WEIR_TRY(weir_builder_append_lanes(&builder, &old, sessions->changes->lanes, back, error));
    }
    if (added)
        WEIR_TRY(weir_builder_append_lanes(&builder, &now[call], sessions->changes->lanes, added,
                                           error));
    out->columns[aggregate_first_result(aggregate) + call] = weir_builder_column(&builder);
    return WEIR_OK;
}

static enum weir_status show_rows(struct aggregate_sessions *sessions, uint32_t back,
                                  uint32_t added, struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct session_changes *changes = sessions->changes;
    struct weir_arena *arena = &aggregate->emit_scratch;
    uint32_t calls = aggregate->plan->calls_count, count = back + added;
    const struct shown_bounds bounds = {changes->starts, changes->ends};
    weir_arena_reset(arena);
    struct weir_column *now = WEIR_ARENA_ARRAY(arena, struct weir_column, calls + 1);
    if (!now)
        return exec_out_of_memory(&aggregate->env, error);
    if (added)
        WEIR_TRY(
            aggregate_finish(aggregate, sessions->pane, changes->states, added, arena, now, error));
    WEIR_TRY(
        weir_batch_renew(&aggregate->out, &aggregate->node->schema, aggregate->env.budget, error));
    struct weir_batch *out = aggregate->out;
    out->rows_count = out->selected_count = count;
    WEIR_TRY(
        aggregate_show_keys(aggregate, sessions->pane, &bounds, changes->ids, count, out, error));
    for (uint32_t c = 0; c < calls; c++)
        WEIR_TRY(show_call(sessions, c, back, added, now, error));
    int64_t *weights = weir_arena_alloc(&out->arena, count * sizeof *weights + 1, 64);
    if (!weights)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t i = 0; i < count; i++)
        weights[i] = i < back ? -1 : 1;
    out->weights = weights;
    return WEIR_OK;
}

/* The sessions that were touched are as downstream knows them. */
static void settle(struct aggregate_sessions *sessions)
{
    struct session_changes *changes = sessions->changes;
    for (uint32_t i = 0; i < changes->added_count; i++) {
        struct session *session = &sessions->items[changes->added[i]];
        session->is_out = true;
        session->out_start_us = session->start_us;
        session->out_end_us = session->end_us;
    }
    changes->touched_count = 0;
    changes->is_laid_out = false;
    changes->step = changes->step == UINT32_MAX ? 1 : changes->step + 1;
    aggregate_pending_clear(&sessions->pane->pending);
}

enum weir_flow aggregate_sessions_flush(struct aggregate *aggregate, struct weir_output *output,
                                        struct weir_error *error)
{
    struct aggregate_sessions *sessions = aggregate->sessions;
    struct session_changes *changes = sessions->changes;
    if (!changes->is_laid_out && lay_out(sessions, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    while (!aggregate->done) {
        uint32_t back, added;
        load_rows(sessions, &back, &added);
        if (back + added == 0)
            break;
        if (show_rows(sessions, back, added, error) != WEIR_OK)
            return exec_failed(&aggregate->env, error);
        enum weir_flow flow = output->push(output, aggregate->out, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD)
            return flow;
        changes->back_at += back;
        changes->added_at += added;
        aggregate->done = flow == WEIR_FLOW_DONE;
        if (flow == WEIR_FLOW_FULL)
            return WEIR_FLOW_YIELD;
    }
    settle(sessions);
    return WEIR_FLOW_OK;
}
