/* Sessions: per key, windows that grow while rows come less than the gap apart.
 *
 * Which session a row is in is found by session_track.c. All groups live in one pane, whose table
 * is keyed by the group's keys and the session's number:
 *
 *     session ─▶ group: row of the pane's table
 *
 * A batch goes in two steps: rows find their sessions, which grow and merge; only then are groups
 * made, the states of merged sessions added up, and every row is given its group. Each OPEN session
 * has one between batches. Sessions come out when they close, unless changes are asked for
 * (aggregate_session_changes.c). */
#include "exec/aggregate_session_internal.h"

enum weir_status aggregate_sessions_create(struct aggregate *aggregate, struct weir_error *error)
{
    void *state;
    WEIR_TRY(exec_state_create(&aggregate->env, sizeof(struct aggregate_sessions), &state, error));
    struct aggregate_sessions *sessions = aggregate->sessions = state;
    sessions->aggregate = aggregate;
    if (aggregate->by_moment)
        WEIR_TRY(session_moments_create(sessions, error));
    else
        WEIR_TRY(session_tracker_create(&aggregate->env, aggregate->key_types,
                                        aggregate->plan->keys_count, &aggregate->plan->window,
                                        &sessions->tracker, error));
    WEIR_TRY(session_changes_create(sessions, error));
    return aggregate_pane_open(aggregate, INT64_MIN, INT64_MAX, false, &sessions->pane, error);
}

void aggregate_sessions_destroy(struct aggregate *aggregate)
{
    struct aggregate_sessions *sessions = aggregate->sessions;
    if (!sessions)
        return;
    session_changes_destroy(sessions);
    session_moments_destroy(sessions);
    session_tracker_destroy(sessions->tracker);
    exec_state_destroy(&aggregate->env, sessions, sizeof *sessions);
    aggregate->sessions = NULL;
}

/* ---- sessions to groups ---- */

enum weir_status session_merge_call(struct aggregate_sessions *sessions,
                                    const struct call_plan *call, uint8_t *into, uint8_t *from,
                                    struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct weir_kernel_errors errors = {.null_on_error = aggregate->env.null_on_error,
                                        .error = error};
    struct weir_aggregate_call merge = {.state_offset = call->offset,
                                        .heap = &sessions->pane->heap,
                                        .instance = call->plan->instance,
                                        .session = aggregate->env.session,
                                        .errors = &errors};
    call->plan->aggregate->ops->merge(&merge, into, from);
    return aggregate_check(aggregate, call, NULL, &errors, error);
}

static enum weir_status merge_groups(struct aggregate_sessions *sessions, uint32_t into,
                                     uint32_t from, struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct pane *pane = sessions->pane;
    uint8_t *target = weir_state_table_payload(pane->table, into);
    uint8_t *source = weir_state_table_payload(pane->table, from);
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        const struct call_plan *call = &aggregate->calls[c];
        if (call->ordered) {
            aggregate_order_merge(&pane->ordered[c], target + call->offset, source + call->offset);
            continue;
        }
        WEIR_TRY(session_merge_call(sessions, call, target, source, error));
    }
    aggregate_group_delete(aggregate, pane, from, source);
    return WEIR_OK;
}

/* Rows of the one that are out are now those of the other. */
static void pass_rows_on(struct aggregate_sessions *sessions, struct session *from,
                         struct session *into)
{
    uint32_t last = from->out;
    if (!last)
        return;
    while (session_changes_row(sessions->changes, last)->next)
        last = session_changes_row(sessions->changes, last)->next;
    session_changes_row(sessions->changes, last)->next = into->out;
    into->out = from->out;
    from->out = 0;
}

static enum weir_status settle_merged(struct aggregate_sessions *sessions, struct weir_error *error)
{
    struct session_tracker *tracker = sessions->tracker;
    for (uint32_t i = 0; i < tracker->merged_count; i++) {
        struct session *from = &tracker->items[tracker->merged[i]];
        struct session *into = &tracker->items[session_final(tracker, tracker->merged[i])];
        uint32_t group = from->group;
        from->group = AGGREGATE_NONE;
        pass_rows_on(sessions, from, into);
        if (group == AGGREGATE_NONE)
            continue;
        if (into->group == AGGREGATE_NONE)
            into->group = group;
        else
            WEIR_TRY(merge_groups(sessions, into->group, group, error));
    }
    return WEIR_OK;
}

/* Groups for the sessions that are new. */
static enum weir_status settle_made(struct aggregate_sessions *sessions, struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct session_tracker *tracker = sessions->tracker;
    struct aggregate_room *room = aggregate->room;
    uint32_t fresh[WEIR_BATCH_ROWS_MAX], count = 0;
    for (uint32_t i = 0; i < tracker->made_count; i++) {
        const struct session *session = &tracker->items[tracker->made[i]];
        if (session->phase != SESSION_OPEN || session->group != AGGREGATE_NONE)
            continue;
        fresh[count] = tracker->made[i];
        sessions->times[tracker->made_lanes[i]] = sessions->next_number++;
        room->call_selection[count++] = tracker->made_lanes[i];
    }
    aggregate->columns[aggregate->plan->keys_count] =
        (struct weir_column){.type = weir_type_of(WEIR_TYPE_INT64),
                             .encoding = WEIR_FLAT,
                             .rows_count = WEIR_BATCH_ROWS_MAX,
                             .values = sessions->times};
    if (count)
        WEIR_TRY(weir_state_table_upsert(sessions->pane->table, aggregate->columns,
                                         room->call_selection, count, room->states, room->ids,
                                         error));
    for (uint32_t i = 0; i < count; i++)
        tracker->items[fresh[i]].group = room->ids[i];
    return WEIR_OK;
}

/* Each row's group; what it is in has changed. */
static enum weir_status settle_rows(struct aggregate_sessions *sessions, struct weir_error *error)
{
    struct session_tracker *tracker = sessions->tracker;
    for (uint32_t i = 0; i < tracker->rows_count; i++) {
        uint32_t number = session_final(tracker, tracker->of_rows[i]);
        struct session *session = &tracker->items[number];
        sessions->aggregate->room->ids[i] = session->group;
        if (!sessions->changes || session->is_touched)
            continue;
        session->is_touched = true;
        WEIR_TRY(session_changes_touch(sessions->changes, number, error));
    }
    return WEIR_OK;
}

/* Sessions close at multiples of the granularity. */
static void count_late(const struct aggregate_sessions *sessions, uint32_t lane, int64_t end_us)
{
    const struct aggregate *aggregate = sessions->aggregate;
    int64_t granularity = sessions->tracker->granularity_us;
    int64_t kept = session_add(exec_round_down(end_us - 1, granularity), granularity - 1);
    const struct exec_late_row row = {aggregate->watermark_us, aggregate->plan->window.lateness_us,
                                      end_us - 1, kept};
    exec_count_late(&aggregate->env, aggregate->batch, lane, &row);
}

enum weir_status aggregate_sessions_divide(struct aggregate *aggregate,
                                           const struct weir_batch *batch,
                                           const struct times *times, uint32_t *segments_count,
                                           struct weir_error *error)
{
    struct aggregate_sessions *sessions = aggregate->sessions;
    struct session_tracker *tracker = sessions->tracker;
    for (uint32_t k = 0; k < aggregate->plan->keys_count; k++)
        aggregate->columns[k] = batch->columns[aggregate->plan->keys[k]];
    if (!tracker)
        return session_moments_divide(sessions, batch, times,
                                      &aggregate->room->segments[(*segments_count)++], error);
    const struct session_times at = {times->us, times->validity};
    WEIR_TRY(session_tracker_place(tracker, aggregate->columns, batch, &at, error));
    for (uint32_t i = 0; i < tracker->late_count; i++)
        count_late(sessions, tracker->late_lanes[i], tracker->late_ends[i]);
    WEIR_TRY(settle_merged(sessions, error));
    WEIR_TRY(settle_made(sessions, error));
    WEIR_TRY(settle_rows(sessions, error));
    WEIR_TRY(session_tracker_settle(tracker, error));
    weir_state_table_payloads(sessions->pane->table, aggregate->room->ids, tracker->rows_count,
                              aggregate->room->states);
    if (tracker->rows_count)
        aggregate->room->segments[(*segments_count)++] =
            (struct segment){sessions->pane, tracker->lanes, tracker->rows_count};
    return WEIR_OK;
}

/* ---- closing ---- */

/* The next of the sessions that are due as a batch. */
static enum weir_status show_due(struct aggregate_sessions *sessions, uint32_t *count,
                                 struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct session_tracker *tracker = sessions->tracker;
    struct aggregate_room *room = aggregate->room;
    uint32_t limit = exec_batch_rows(&aggregate->env);
    uint32_t rest = tracker->due_count - tracker->due_at;
    *count = rest < limit ? rest : limit;
    for (uint32_t i = 0; i < *count; i++) {
        const struct session *session = &tracker->items[tracker->due[tracker->due_at + i]];
        room->ids[i] = session->group;
        sessions->starts[i] = session->start_us;
        sessions->ends[i] = session->end_us;
    }
    weir_state_table_payloads(sessions->pane->table, room->ids, *count, room->states);
    const struct shown_bounds bounds = {sessions->starts, sessions->ends};
    return aggregate_show_groups(aggregate, sessions->pane, &bounds, room->ids, room->states,
                                 *count, error);
}

/* What is out: its groups go, its time is remembered. */
static enum weir_status close_shown(struct aggregate_sessions *sessions, uint32_t count,
                                    struct weir_error *error)
{
    struct session_tracker *tracker = sessions->tracker;
    struct pane *pane = sessions->pane;
    for (uint32_t i = 0; i < count; i++) {
        struct session *session = &tracker->items[tracker->due[tracker->due_at + i]];
        aggregate_group_delete(sessions->aggregate, pane, session->group,
                               weir_state_table_payload(pane->table, session->group));
        if (sessions->changes)
            session_changes_forget(sessions->changes, &session->out);
    }
    return session_tracker_close(tracker, count, error);
}

static enum weir_flow emit_due(struct aggregate_sessions *sessions, bool closes,
                               struct weir_output *output, struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct session_tracker *tracker = sessions->tracker;
    while (tracker->due_at < tracker->due_count && !aggregate->done) {
        uint32_t count;
        if (show_due(sessions, &count, error) != WEIR_OK)
            return exec_failed(&aggregate->env, error);
        enum weir_flow flow = output->push(output, aggregate->out, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD)
            return flow;
        if (!closes)
            tracker->due_at += count;
        else if (close_shown(sessions, count, error) != WEIR_OK)
            return exec_failed(&aggregate->env, error);
        aggregate->done = flow == WEIR_FLOW_DONE;
        if (flow == WEIR_FLOW_FULL)
            return WEIR_FLOW_YIELD;
    }
    return WEIR_FLOW_OK;
}

/* The sessions that are due come out, or are out once their changes are, and close. */
static enum weir_flow close_due(struct aggregate_sessions *sessions, struct weir_output *output,
                                struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct session_tracker *tracker = sessions->tracker;
    if (!sessions->changes)
        return emit_due(sessions, true, output, error);
    bool only_closed = aggregate->plan->emit == WEIR_EMIT_EVERY && !sessions->is_ending;
    enum weir_flow flow = WEIR_FLOW_OK;
    if (!only_closed || tracker->due_at < tracker->due_count)
        flow = session_changes_flush(sessions, only_closed, output, error);
    if (flow != WEIR_FLOW_OK || aggregate->done)
        return flow;
    if (close_shown(sessions, tracker->due_count - tracker->due_at, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    return WEIR_FLOW_OK;
}

static enum weir_flow compact(struct aggregate_sessions *sessions, enum weir_flow flow,
                              struct weir_error *error)
{
    if (flow == WEIR_FLOW_OK &&
        aggregate_order_compact(sessions->aggregate, sessions->pane, error) != WEIR_OK)
        return exec_failed(&sessions->aggregate->env, error);
    return flow;
}

enum weir_flow aggregate_sessions_close(struct aggregate *aggregate, struct weir_output *output,
                                        struct weir_event_time *watermark, struct weir_error *error)
{
    struct aggregate_sessions *sessions = aggregate->sessions;
    struct session_tracker *tracker = sessions->tracker;
    session_tracker_close_until(tracker, watermark->us);
    watermark->us = tracker->closed_us;
    if (sessions->changes && session_changes_let_out(sessions->changes, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    if (tracker->due_at == tracker->due_count &&
        session_tracker_collect(tracker, false, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    return compact(sessions, close_due(sessions, output, error), error);
}

enum weir_flow aggregate_sessions_flush(struct aggregate *aggregate, struct weir_output *output,
                                        struct weir_error *error)
{
    return session_changes_flush(aggregate->sessions, false, output, error);
}

enum weir_flow aggregate_sessions_end(struct aggregate *aggregate, struct weir_output *output,
                                      struct weir_error *error)
{
    struct aggregate_sessions *sessions = aggregate->sessions;
    struct session_tracker *tracker = sessions->tracker;
    if (!tracker)
        return session_changes_flush(sessions, false, output, error);
    if (!sessions->is_ending) {
        sessions->is_ending = true;
        if ((sessions->changes && session_changes_let_out(sessions->changes, error) != WEIR_OK) ||
            session_tracker_collect(tracker, true, error) != WEIR_OK)
            return exec_failed(&aggregate->env, error);
    }
    enum weir_flow flow = close_due(sessions, output, error);
    if (flow == WEIR_FLOW_OK && !aggregate->done)
        session_tracker_clear(tracker);
    return compact(sessions, flow, error);
}

enum weir_flow aggregate_sessions_preview(struct aggregate *aggregate, struct weir_output *output,
                                          struct weir_error *error)
{
    struct aggregate_sessions *sessions = aggregate->sessions;
    struct session_tracker *tracker = sessions->tracker;
    if (session_tracker_collect(tracker, true, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    enum weir_flow flow = emit_due(sessions, false, output, error);
    tracker->due_count = tracker->due_at = 0;
    return flow;
}

uint64_t aggregate_sessions_rows(const struct aggregate *aggregate)
{
    const struct aggregate_sessions *sessions = aggregate->sessions;
    uint64_t rows = sessions->tracker ? sessions->tracker->live : 0;
    return rows + (sessions->changes ? session_changes_rows(sessions->changes) : 0);
}
