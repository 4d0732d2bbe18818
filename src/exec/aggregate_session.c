/* Sessions: per key, windows that grow while rows come less than the gap apart.
 *
 *     gap 5          rows of one key        1 3      9      16 20
 *                    sessions               |1 … 8)  |9…14)  |16 … 25)
 *     a row at 7 spans 2 gaps               |1 …        14)  |16 … 25)
 *
 * A session is [first row, last row + gap). All groups live in one pane, whose table is keyed by
 * the group's keys and the session's number; a second table leads from the keys to the chain of
 * their sessions in order of time:
 *
 *     keys ─▶ first session ─▶ next ─▶ …          session ─▶ group: row of the pane's table
 *
 * A batch goes in two steps: rows find their sessions, which grow and merge; only then are groups
 * made, the states of merged sessions added up, and every row is given its group.
 *
 * Sessions close at multiples of a granularity, where batches are cut. What has closed stays on as
 * a mark until no row in time can touch it: a row that would is late, as it is when its own stretch
 * of time has closed and no open session holds it.
 *
 *     S1 sessions of a chain do not overlap and ascend; that of rows without time comes last
 *     S2 between batches each OPEN session has a group and stands in the timers once
 *     S3 a MERGED session is in no chain; it is free when its timer comes */
#include "exec/aggregate_session_internal.h"

#include "base/checked.h"

#include <stdlib.h>

static int64_t saturated_add(int64_t a, int64_t b)
{
    int64_t sum;
    return weir_add_i64(a, b, &sum) ? sum : b < 0 ? INT64_MIN : INT64_MAX;
}

/* ---- memory ---- */

/* A larger array of items of `size` bytes; the old one when there is no memory. */
static void *grow(struct aggregate *aggregate, void *items, uint32_t *capacity, size_t size)
{
    uint64_t wanted = *capacity ? (uint64_t)*capacity * 2 : 256;
    uint64_t more = (wanted - *capacity) * size;
    if (wanted > UINT32_MAX / 2 || !weir_budget_charge(aggregate->env.budget, more))
        return NULL;
    void *grown = weir_realloc(items, wanted * size);
    if (!grown) {
        weir_budget_release(aggregate->env.budget, more);
        return NULL;
    }
    *capacity = (uint32_t)wanted;
    return grown;
}

static enum weir_status session_new(struct aggregate_sessions *sessions, uint32_t *out,
                                    struct weir_error *error)
{
    if (sessions->free) {
        *out = sessions->free - 1;
        sessions->free = sessions->items[*out].next;
        return WEIR_OK;
    }
    if (sessions->count == sessions->capacity) {
        struct session *items =
            grow(sessions->aggregate, sessions->items, &sessions->capacity, sizeof *items);
        if (!items)
            return exec_out_of_memory(&sessions->aggregate->env, error);
        sessions->items = items;
    }
    *out = sessions->count++;
    return WEIR_OK;
}

static void session_free(struct aggregate_sessions *sessions, uint32_t number)
{
    sessions->items[number] = (struct session){.phase = SESSION_FREE, .next = sessions->free};
    sessions->free = number + 1;
}

enum weir_status aggregate_sessions_create(struct aggregate *aggregate, struct weir_error *error)
{
    const struct weir_table_config config = {.key_types = aggregate->key_types,
                                             .keys_count = aggregate->plan->keys_count,
                                             .payload_size = sizeof(uint64_t),
                                             .hash_seed = aggregate->env.hash_seed,
                                             .hash_collide = aggregate->env.hash_collide,
                                             .isa = aggregate->env.isa,
                                             .budget = aggregate->env.budget};
    void *state;
    WEIR_TRY(exec_state_create(&aggregate->env, sizeof(struct aggregate_sessions), &state, error));
    struct aggregate_sessions *sessions = aggregate->sessions = state;
    sessions->aggregate = aggregate;
    sessions->gap_us = aggregate->plan->window.width_us;
    sessions->granularity_us = weir_plan_session_granularity_us(&aggregate->plan->window);
    sessions->closed_us = INT64_MIN;
    WEIR_TRY(weir_state_table_create(&config, &sessions->keys, error));
    WEIR_TRY(weir_timers_create(sessions->granularity_us, aggregate->env.budget, &sessions->timers,
                                error));
    WEIR_TRY(session_changes_create(sessions, error));
    return aggregate_pane_open(aggregate, INT64_MIN, INT64_MAX, false, &sessions->pane, error);
}

void aggregate_sessions_destroy(struct aggregate *aggregate)
{
    struct aggregate_sessions *sessions = aggregate->sessions;
    struct weir_budget *budget = aggregate->env.budget;
    if (!sessions)
        return;
    session_changes_destroy(sessions);
    weir_state_table_destroy(sessions->keys);
    weir_timers_destroy(sessions->timers);
    weir_free(sessions->items);
    weir_budget_release(budget, sessions->capacity * sizeof *sessions->items);
    weir_free(sessions->due);
    weir_budget_release(budget, sessions->due_capacity * sizeof *sessions->due);
    exec_state_destroy(&aggregate->env, sessions, sizeof *sessions);
    aggregate->sessions = NULL;
}

/* ---- chains ---- */

static uint32_t chain_first(const uint8_t *head)
{
    uint64_t first;
    memcpy(&first, head, sizeof first);
    return (uint32_t)first;
}

static void chain_set_first(uint8_t *head, uint32_t first)
{
    uint64_t wide = first;
    memcpy(head, &wide, sizeof wide);
}

/* Where a chain points to the session behind `before` (plus one; 0: to its first). */
static void chain_link(struct aggregate_sessions *sessions, uint8_t *head, uint32_t before,
                       uint32_t next)
{
    if (before)
        sessions->items[before - 1].next = next;
    else
        chain_set_first(head, next);
}

static void chain_unlink(struct aggregate_sessions *sessions, uint32_t number)
{
    const struct session *session = &sessions->items[number];
    uint8_t *head = weir_state_table_payload(sessions->keys, session->key);
    uint32_t before = 0;
    for (uint32_t at = chain_first(head); at && at - 1 != number; at = sessions->items[at - 1].next)
        before = at;
    chain_link(sessions, head, before, session->next);
    if (chain_first(head) == 0)
        weir_state_table_delete(sessions->keys, session->key);
}

static enum weir_status chain_insert(struct aggregate_sessions *sessions, uint32_t row,
                                     uint16_t lane, uint32_t before, uint32_t next,
                                     const struct session *made, struct weir_error *error)
{
    uint32_t number = 0;
    WEIR_TRY(session_new(sessions, &number, error));
    sessions->items[number] = *made;
    sessions->items[number].key = sessions->key_ids[row];
    sessions->items[number].group = AGGREGATE_NONE;
    sessions->items[number].next = next;
    chain_link(sessions, sessions->heads[row], before, number + 1);
    sessions->made[sessions->made_count] = number;
    sessions->made_lanes[sessions->made_count++] = lane;
    sessions->of_rows[row] = number;
    return WEIR_OK;
}

/* ---- rows to sessions ---- */

/* The sessions behind `first` that reach into it become part of it. */
static void absorb(struct aggregate_sessions *sessions, uint32_t first)
{
    struct session *session = &sessions->items[first];
    while (session->next) {
        uint32_t other = session->next - 1;
        struct session *later = &sessions->items[other];
        if (later->start_us >= session->end_us || later->of_null)
            return;
        if (later->end_us > session->end_us)
            session->end_us = later->end_us;
        session->next = later->next;
        later->phase = SESSION_MERGED;
        later->into = first + 1;
        sessions->merged[sessions->merged_count++] = other;
    }
}

/* Puts a row at time_us into its session; *late when it belongs to what has closed. */
static enum weir_status place_row(struct aggregate_sessions *sessions, uint32_t row, uint16_t lane,
                                  int64_t time_us, bool *late, struct weir_error *error)
{
    int64_t end = saturated_add(time_us, sessions->gap_us);
    uint32_t before = 0, at = chain_first(sessions->heads[row]), touched = 0;
    bool within = false, closed = false;
    while (at && sessions->items[at - 1].end_us <= time_us) {
        before = at;
        at = sessions->items[at - 1].next;
    }
    for (uint32_t i = at; i && sessions->items[i - 1].start_us < end;
         i = sessions->items[i - 1].next) {
        const struct session *session = &sessions->items[i - 1];
        if (session->of_null)
            break;
        touched = touched ? touched : i;
        closed |= session->phase == SESSION_CLOSED;
        within |= session->start_us <= time_us && time_us < session->end_us;
    }
    *late = closed || (end <= sessions->closed_us && !within);
    if (*late)
        return WEIR_OK;
    if (!touched) {
        const struct session made = {time_us, end, .phase = SESSION_OPEN};
        return chain_insert(sessions, row, lane, before, at, &made, error);
    }
    struct session *session = &sessions->items[touched - 1];
    if (time_us < session->start_us)
        session->start_us = time_us;
    if (end > session->end_us) {
        session->end_us = end;
        absorb(sessions, touched - 1);
    }
    sessions->of_rows[row] = touched - 1;
    return WEIR_OK;
}

/* A row without time: in its key's last session. */
static enum weir_status place_null(struct aggregate_sessions *sessions, uint32_t row, uint16_t lane,
                                   struct weir_error *error)
{
    static const struct session made = {INT64_MAX, INT64_MAX, .phase = SESSION_OPEN,
                                        .of_null = true};
    uint32_t before = 0, at = chain_first(sessions->heads[row]);
    while (at && !sessions->items[at - 1].of_null) {
        before = at;
        at = sessions->items[at - 1].next;
    }
    if (!at)
        return chain_insert(sessions, row, lane, before, 0, &made, error);
    sessions->of_rows[row] = at - 1;
    return WEIR_OK;
}

/* Keys that have only been seen in late rows are not kept. */
static void forget_keys(struct aggregate_sessions *sessions, const uint32_t *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *head = sessions->heads[rows[i]];
        if (chain_first(head))
            continue;
        chain_set_first(head, AGGREGATE_NONE); /* deleted once, however often it is among them */
        weir_state_table_delete(sessions->keys, sessions->key_ids[rows[i]]);
    }
}

static enum weir_status find_chains(struct aggregate_sessions *sessions,
                                    const struct weir_batch *batch, struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    for (uint32_t k = 0; k < aggregate->plan->keys_count; k++)
        aggregate->columns[k] = batch->columns[aggregate->plan->keys[k]];
    return weir_state_table_upsert(sessions->keys, aggregate->columns, batch->selection,
                                   batch->selected_count, sessions->heads, sessions->key_ids,
                                   error);
}

/* Gives each row its session; those in time are room->sorted[0 … *count). */
static enum weir_status place_rows(struct aggregate_sessions *sessions,
                                   const struct weir_batch *batch, const struct times *times,
                                   uint32_t *count, struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    uint32_t late_rows[WEIR_BATCH_ROWS_MAX], late_count = 0;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint16_t lane = (uint16_t)weir_batch_lane(batch, i);
        bool late = false;
        if (times->validity && !weir_bit_get(times->validity, lane))
            WEIR_TRY(place_null(sessions, i, lane, error));
        else
            WEIR_TRY(place_row(sessions, i, lane, times->us[lane], &late, error));
        if (late) {
            aggregate_count_late(aggregate, saturated_add(times->us[lane], sessions->gap_us));
            late_rows[late_count++] = i;
            continue;
        }
        aggregate->room->sorted[*count] = lane;
        sessions->of_rows[(*count)++] = sessions->of_rows[i];
    }
    forget_keys(sessions, late_rows, late_count);
    return WEIR_OK;
}

/* ---- sessions to groups ---- */

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
        struct weir_kernel_errors errors = {.null_on_error = aggregate->env.null_on_error,
                                            .error = error};
        struct weir_aggregate_call merge = {.state_offset = call->offset,
                                            .heap = &pane->heap,
                                            .instance = call->plan->instance,
                                            .session = aggregate->env.session,
                                            .errors = &errors};
        call->plan->aggregate->ops->merge(&merge, target, source);
        WEIR_TRY(aggregate_check(aggregate, call, NULL, &errors, error));
    }
    aggregate_group_delete(aggregate, pane, from, source);
    return WEIR_OK;
}

static enum weir_status settle_merged(struct aggregate_sessions *sessions, struct weir_error *error)
{
    for (uint32_t i = 0; i < sessions->merged_count; i++) {
        struct session *from = &sessions->items[sessions->merged[i]];
        struct session *into = &sessions->items[session_final(sessions, sessions->merged[i])];
        uint32_t group = from->group;
        from->group = AGGREGATE_NONE;
        if (group == AGGREGATE_NONE)
            continue;
        if (into->group == AGGREGATE_NONE)
            into->group = group;
        else
            WEIR_TRY(merge_groups(sessions, into->group, group, error));
    }
    return WEIR_OK;
}

/* Groups for the sessions that are new, and their timers. */
static enum weir_status settle_made(struct aggregate_sessions *sessions, struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct aggregate_room *room = aggregate->room;
    uint32_t keys = aggregate->plan->keys_count, count = 0, timed = 0;
    uint32_t fresh[WEIR_BATCH_ROWS_MAX];
    for (uint32_t i = 0; i < sessions->made_count; i++) {
        uint32_t number = sessions->made[i];
        struct session *session = &sessions->items[number];
        if (session->phase != SESSION_OPEN)
            continue;
        if (!session->of_null) {
            session->timed = true;
            sessions->timer_times[timed] = session->end_us;
            sessions->timer_sessions[timed++] = number;
        }
        if (session->group != AGGREGATE_NONE)
            continue;
        fresh[count] = number;
        sessions->numbers[sessions->made_lanes[i]] = sessions->next_number++;
        room->call_selection[count++] = sessions->made_lanes[i];
    }
    aggregate->columns[keys] = (struct weir_column){.type = weir_type_of(WEIR_TYPE_INT64),
                                                    .encoding = WEIR_FLAT,
                                                    .rows_count = WEIR_BATCH_ROWS_MAX,
                                                    .values = sessions->numbers};
    if (count)
        WEIR_TRY(weir_state_table_upsert(sessions->pane->table, aggregate->columns,
                                         room->call_selection, count, room->states, room->ids,
                                         error));
    for (uint32_t i = 0; i < count; i++)
        sessions->items[fresh[i]].group = room->ids[i];
    return weir_timers_register_many(sessions->timers, sessions->timer_times,
                                     sessions->timer_sessions, timed, error);
}

enum weir_status aggregate_sessions_divide(struct aggregate *aggregate,
                                           const struct weir_batch *batch,
                                           const struct times *times, uint32_t *segments_count,
                                           struct weir_error *error)
{
    struct aggregate_sessions *sessions = aggregate->sessions;
    uint32_t count = 0;
    sessions->made_count = sessions->merged_count = 0;
    WEIR_TRY(find_chains(sessions, batch, error));
    WEIR_TRY(place_rows(sessions, batch, times, &count, error));
    if (sessions->changes)
        WEIR_TRY(session_changes_note(sessions, count, error));
    WEIR_TRY(settle_merged(sessions, error));
    WEIR_TRY(settle_made(sessions, error));
    for (uint32_t i = 0; i < count; i++) {
        const struct session *session =
            &sessions->items[session_final(sessions, sessions->of_rows[i])];
        aggregate->room->ids[i] = session->group;
    }
    if (sessions->changes)
        session_changes_settle(sessions);
    for (uint32_t i = 0; i < sessions->merged_count; i++)
        if (!sessions->items[sessions->merged[i]].timed)
            session_free(sessions, sessions->merged[i]);
    weir_state_table_payloads(sessions->pane->table, aggregate->room->ids, count,
                              aggregate->room->states);
    if (count)
        aggregate->room->segments[(*segments_count)++] =
            (struct segment){sessions->pane, aggregate->room->sorted, count};
    return WEIR_OK;
}

/* ---- closing ---- */

/* Open sessions by end, then by start. */
struct due_session {
    int64_t end_us, start_us;
    uint32_t number;
};

static int compare_due(const void *a, const void *b)
{
    const struct due_session *x = a, *y = b;
    if (x->end_us != y->end_us)
        return x->end_us < y->end_us ? -1 : 1;
    if (x->start_us != y->start_us)
        return x->start_us < y->start_us ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static enum weir_status due_add(struct aggregate_sessions *sessions, uint32_t number,
                                struct weir_error *error)
{
    if (sessions->due_count == sessions->due_capacity) {
        uint32_t *due =
            grow(sessions->aggregate, sessions->due, &sessions->due_capacity, sizeof *due);
        if (!due)
            return exec_out_of_memory(&sessions->aggregate->env, error);
        sessions->due = due;
    }
    sessions->due[sessions->due_count++] = number;
    return WEIR_OK;
}

static enum weir_status due_sort(struct aggregate_sessions *sessions, struct weir_error *error)
{
    struct weir_arena *arena = &sessions->aggregate->scratch;
    weir_arena_reset(arena);
    struct due_session *due = WEIR_ARENA_ARRAY(arena, struct due_session, sessions->due_count + 1);
    if (!due)
        return exec_out_of_memory(&sessions->aggregate->env, error);
    for (uint32_t i = 0; i < sessions->due_count; i++) {
        const struct session *session = &sessions->items[sessions->due[i]];
        due[i] = (struct due_session){session->end_us, session->start_us, sessions->due[i]};
    }
    qsort(due, sessions->due_count, sizeof *due, compare_due);
    for (uint32_t i = 0; i < sessions->due_count; i++)
        sessions->due[i] = due[i].number;
    sessions->due_at = 0;
    return WEIR_OK;
}

/* A timer: the session has ended, has gone on, or need no longer be remembered. */
static enum weir_status ring(struct aggregate_sessions *sessions, uint32_t number, uint32_t *again,
                             struct weir_error *error)
{
    struct session *session = &sessions->items[number];
    session->timed = false;
    if (session->phase == SESSION_OPEN && session->end_us <= sessions->closed_us)
        return due_add(sessions, number, error);
    if (session->phase == SESSION_OPEN) {
        session->timed = true;
        sessions->timer_times[*again] = session->end_us;
        sessions->timer_sessions[(*again)++] = number;
        return WEIR_OK;
    }
    if (session->phase == SESSION_CLOSED)
        chain_unlink(sessions, number);
    session_free(sessions, number);
    return WEIR_OK;
}

static enum weir_status collect_due(struct aggregate_sessions *sessions, struct weir_error *error)
{
    const struct weir_event_time until = {sessions->closed_us};
    uint32_t numbers[WEIR_BATCH_ROWS_MAX], count;
    sessions->due_count = sessions->due_at = 0;
    while ((count = weir_timers_due(sessions->timers, until, numbers, WEIR_BATCH_ROWS_MAX)) != 0) {
        uint32_t again = 0;
        for (uint32_t i = 0; i < count; i++)
            WEIR_TRY(ring(sessions, numbers[i], &again, error));
        WEIR_TRY(weir_timers_register_many(sessions->timers, sessions->timer_times,
                                           sessions->timer_sessions, again, error));
    }
    return due_sort(sessions, error);
}

/* The next of the sessions that are due as a batch. */
static enum weir_status show_due(struct aggregate_sessions *sessions, uint32_t *count,
                                 struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct aggregate_room *room = aggregate->room;
    uint32_t limit = exec_batch_rows(&aggregate->env);
    uint32_t rest = sessions->due_count - sessions->due_at;
    *count = rest < limit ? rest : limit;
    for (uint32_t i = 0; i < *count; i++) {
        const struct session *session = &sessions->items[sessions->due[sessions->due_at + i]];
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
    struct pane *pane = sessions->pane;
    uint32_t timed = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = sessions->due[sessions->due_at + i];
        struct session *session = &sessions->items[number];
        aggregate_group_delete(sessions->aggregate, pane, session->group,
                               weir_state_table_payload(pane->table, session->group));
        session->group = AGGREGATE_NONE;
        session->phase = SESSION_CLOSED;
        if (sessions->closed_us == INT64_MIN || session->of_null)
            continue; /* the end: nothing comes any more */
        session->timed = true;
        sessions->timer_times[timed] = saturated_add(session->end_us, sessions->gap_us);
        sessions->timer_sessions[timed++] = number;
    }
    sessions->due_at += count;
    return weir_timers_register_many(sessions->timers, sessions->timer_times,
                                     sessions->timer_sessions, timed, error);
}

static enum weir_flow emit_due(struct aggregate_sessions *sessions, bool closes,
                               struct weir_output *output, struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    while (sessions->changes && closes &&
           sessions->due_at < sessions->due_count) { /* they are out */
        uint32_t rest = sessions->due_count - sessions->due_at;
        if (close_shown(sessions, rest < WEIR_BATCH_ROWS_MAX ? rest : WEIR_BATCH_ROWS_MAX, error) !=
            WEIR_OK)
            return exec_failed(&aggregate->env, error);
    }
    while (sessions->due_at < sessions->due_count && !aggregate->done) {
        uint32_t count;
        if (show_due(sessions, &count, error) != WEIR_OK)
            return exec_failed(&aggregate->env, error);
        enum weir_flow flow = output->push(output, aggregate->out, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD)
            return flow;
        if (!closes)
            sessions->due_at += count;
        else if (close_shown(sessions, count, error) != WEIR_OK)
            return exec_failed(&aggregate->env, error);
        aggregate->done = flow == WEIR_FLOW_DONE;
        if (flow == WEIR_FLOW_FULL)
            return WEIR_FLOW_YIELD;
    }
    return WEIR_FLOW_OK;
}

enum weir_flow aggregate_sessions_close(struct aggregate *aggregate, struct weir_output *output,
                                        struct weir_event_time *watermark, struct weir_error *error)
{
    struct aggregate_sessions *sessions = aggregate->sessions;
    int64_t granularity = sessions->granularity_us;
    int64_t closed = watermark->us;
    if (closed != INT64_MAX)
        closed = closed < INT64_MIN + granularity
                     ? INT64_MIN
                     : weir_floor_div_i64(closed, granularity) * granularity;
    if (closed > sessions->closed_us)
        sessions->closed_us = closed;
    watermark->us = sessions->closed_us;
    if (sessions->due_at == sessions->due_count && collect_due(sessions, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    enum weir_flow flow = emit_due(sessions, true, output, error);
    if (flow == WEIR_FLOW_OK &&
        aggregate_order_compact(aggregate, sessions->pane, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    return flow;
}

static enum weir_status collect_all(struct aggregate_sessions *sessions, struct weir_error *error)
{
    sessions->due_count = sessions->due_at = 0;
    for (uint32_t i = 0; i < sessions->count; i++)
        if (sessions->items[i].phase == SESSION_OPEN)
            WEIR_TRY(due_add(sessions, i, error));
    return due_sort(sessions, error);
}

enum weir_flow aggregate_sessions_end(struct aggregate *aggregate, struct weir_output *output,
                                      struct weir_error *error)
{
    struct aggregate_sessions *sessions = aggregate->sessions;
    if (sessions->due_at == sessions->due_count && collect_all(sessions, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    sessions->closed_us = INT64_MIN;
    enum weir_flow flow = emit_due(sessions, true, output, error);
    if (flow == WEIR_FLOW_OK &&
        aggregate_order_compact(aggregate, sessions->pane, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    return flow;
}

enum weir_flow aggregate_sessions_preview(struct aggregate *aggregate, struct weir_output *output,
                                          struct weir_error *error)
{
    struct aggregate_sessions *sessions = aggregate->sessions;
    if (collect_all(sessions, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    enum weir_flow flow = emit_due(sessions, false, output, error);
    sessions->due_count = sessions->due_at = 0;
    return flow;
}
