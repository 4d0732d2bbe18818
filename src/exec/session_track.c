/* From rows to sessions: see session_track.h. Tested in tests/suites/sessions.py and
 * tests/sql/windows_session.test. */
#include "exec/session_track.h"

#include "base/checked.h"

#include <stdlib.h>

/* ---- memory ---- */

void *session_grow(const struct weir_operator_env *env, void *items, uint32_t *capacity,
                   size_t size)
{
    uint64_t wanted = *capacity ? (uint64_t)*capacity * 2 : 256;
    uint64_t more = (wanted - *capacity) * size;
    if (wanted > UINT32_MAX / 2 || !weir_budget_charge(env->budget, more))
        return NULL;
    void *grown = weir_realloc(items, wanted * size);
    if (!grown) {
        weir_budget_release(env->budget, more);
        return NULL;
    }
    *capacity = (uint32_t)wanted;
    return grown;
}

static enum weir_status session_new(struct session_tracker *tracker, uint32_t *out,
                                    struct weir_error *error)
{
    tracker->live++;
    if (tracker->free) {
        *out = tracker->free - 1;
        tracker->free = tracker->items[*out].next;
        return WEIR_OK;
    }
    if (tracker->count == tracker->capacity) {
        struct session *items =
            session_grow(tracker->env, tracker->items, &tracker->capacity, sizeof *items);
        if (!items) {
            tracker->live--;
            return exec_out_of_memory(tracker->env, error);
        }
        tracker->items = items;
    }
    *out = tracker->count++;
    return WEIR_OK;
}

static void session_free(struct session_tracker *tracker, uint32_t number)
{
    tracker->items[number] = (struct session){.phase = SESSION_FREE, .next = tracker->free};
    tracker->free = number + 1;
    tracker->live--;
}

enum weir_status session_tracker_create(const struct weir_operator_env *env,
                                        const struct weir_type *const *key_types,
                                        uint32_t keys_count, const struct weir_plan_window *window,
                                        struct session_tracker **out, struct weir_error *error)
{
    const struct weir_table_config config = {.key_types = key_types,
                                             .keys_count = keys_count,
                                             .payload_size = sizeof(uint64_t),
                                             .hash_seed = env->hash_seed,
                                             .hash_collide = env->hash_collide,
                                             .isa = env->isa,
                                             .budget = env->budget};
    void *state;
    WEIR_TRY(exec_state_create(env, sizeof(struct session_tracker), &state, error));
    struct session_tracker *tracker = *out = state;
    tracker->env = env;
    tracker->gap_us = window->width_us;
    tracker->granularity_us = weir_plan_session_granularity_us(window);
    tracker->closed_us = INT64_MIN;
    weir_arena_init(&tracker->scratch, env->budget, 0);
    WEIR_TRY(weir_state_table_create(&config, &tracker->keys, error));
    return weir_timers_create(tracker->granularity_us, env->budget, &tracker->timers, error);
}

void session_tracker_destroy(struct session_tracker *tracker)
{
    if (!tracker)
        return;
    struct weir_budget *budget = tracker->env->budget;
    weir_state_table_destroy(tracker->keys);
    weir_timers_destroy(tracker->timers);
    weir_free(tracker->items);
    weir_budget_release(budget, tracker->capacity * sizeof *tracker->items);
    weir_free(tracker->due);
    weir_budget_release(budget, tracker->due_capacity * sizeof *tracker->due);
    weir_arena_deinit(&tracker->scratch);
    exec_state_destroy(tracker->env, tracker, sizeof *tracker);
}

void session_tracker_clear(struct session_tracker *tracker)
{
    const struct weir_event_time end = WEIR_EVENT_TIME_MAX;
    weir_state_table_clear(tracker->keys);
    while (weir_timers_due(tracker->timers, end, tracker->timer_sessions, WEIR_BATCH_ROWS_MAX))
        continue;
    tracker->count = tracker->free = tracker->live = 0;
    tracker->due_count = tracker->due_at = 0;
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
static void chain_link(struct session_tracker *tracker, uint8_t *head, uint32_t before,
                       uint32_t next)
{
    if (before)
        tracker->items[before - 1].next = next;
    else
        chain_set_first(head, next);
}

static void chain_unlink(struct session_tracker *tracker, uint32_t number)
{
    const struct session *session = &tracker->items[number];
    uint8_t *head = weir_state_table_payload(tracker->keys, session->key);
    uint32_t before = 0;
    for (uint32_t at = chain_first(head); at && at - 1 != number; at = tracker->items[at - 1].next)
        before = at;
    chain_link(tracker, head, before, session->next);
    if (chain_first(head) == 0)
        weir_state_table_delete(tracker->keys, session->key);
}

static enum weir_status chain_insert(struct session_tracker *tracker, uint32_t row, uint16_t lane,
                                     uint32_t before, uint32_t next, const struct session *made,
                                     struct weir_error *error)
{
    uint32_t number = 0;
    WEIR_TRY(session_new(tracker, &number, error));
    tracker->items[number] = *made;
    tracker->items[number].key = tracker->key_ids[row];
    tracker->items[number].group = SESSION_NONE;
    tracker->items[number].next = next;
    chain_link(tracker, tracker->heads[row], before, number + 1);
    tracker->made[tracker->made_count] = number;
    tracker->made_lanes[tracker->made_count++] = lane;
    tracker->of_rows[tracker->rows_count] = number;
    return WEIR_OK;
}

/* ---- rows to sessions ---- */

/* The sessions behind `first` that reach into it become part of it. */
static void absorb(struct session_tracker *tracker, uint32_t first)
{
    struct session *session = &tracker->items[first];
    while (session->next) {
        uint32_t other = session->next - 1;
        struct session *later = &tracker->items[other];
        if (later->start_us >= session->end_us || later->of_null)
            return;
        if (later->end_us > session->end_us)
            session->end_us = later->end_us;
        session->next = later->next;
        later->phase = SESSION_MERGED;
        later->into = first + 1;
        tracker->merged[tracker->merged_count++] = other;
    }
}

/* Puts a row at time_us into its session; *late when it belongs to what has closed. */
static enum weir_status place_row(struct session_tracker *tracker, uint32_t row, uint16_t lane,
                                  int64_t time_us, bool *late, struct weir_error *error)
{
    int64_t end = session_add(time_us, tracker->gap_us);
    uint32_t before = 0, at = chain_first(tracker->heads[row]), touched = 0;
    bool within = false, closed = false;
    int64_t closed_end = INT64_MAX;
    while (at && tracker->items[at - 1].end_us <= time_us) {
        before = at;
        at = tracker->items[at - 1].next;
    }
    for (uint32_t i = at; i && tracker->items[i - 1].start_us < end;
         i = tracker->items[i - 1].next) {
        const struct session *session = &tracker->items[i - 1];
        if (session->of_null)
            break;
        touched = touched ? touched : i;
        if (session->phase == SESSION_CLOSED) {
            closed = true;
            closed_end = session->end_us < closed_end ? session->end_us : closed_end;
        }
        within |= session->start_us <= time_us && time_us < session->end_us;
    }
    *late = closed || (end <= tracker->closed_us && !within);
    if (*late) {
        if (session_add(time_us, tracker->gap_us) < tracker->closed_us)
            closed_end = time_us + 1; /* it may touch one that is not remembered */
        tracker->late_ends[tracker->late_count] = !within && end < closed_end ? end : closed_end;
        return WEIR_OK;
    }
    if (!touched) {
        const struct session made = {time_us, end, .phase = SESSION_OPEN};
        return chain_insert(tracker, row, lane, before, at, &made, error);
    }
    struct session *session = &tracker->items[touched - 1];
    if (time_us < session->start_us)
        session->start_us = time_us;
    if (end > session->end_us) {
        session->end_us = end;
        absorb(tracker, touched - 1);
    }
    tracker->of_rows[tracker->rows_count] = touched - 1;
    return WEIR_OK;
}

/* A row without time: in its key's last session. */
static enum weir_status place_null(struct session_tracker *tracker, uint32_t row, uint16_t lane,
                                   struct weir_error *error)
{
    static const struct session made = {INT64_MAX, INT64_MAX, .phase = SESSION_OPEN,
                                        .of_null = true};
    uint32_t before = 0, at = chain_first(tracker->heads[row]);
    while (at && !tracker->items[at - 1].of_null) {
        before = at;
        at = tracker->items[at - 1].next;
    }
    if (!at)
        return chain_insert(tracker, row, lane, before, 0, &made, error);
    tracker->of_rows[tracker->rows_count] = at - 1;
    return WEIR_OK;
}

/* Keys that have only been seen in late rows are not kept. */
static void forget_keys(struct session_tracker *tracker, const uint32_t *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *head = tracker->heads[rows[i]];
        if (chain_first(head))
            continue;
        chain_set_first(head, SESSION_NONE); /* deleted once, however often it is among them */
        weir_state_table_delete(tracker->keys, tracker->key_ids[rows[i]]);
    }
}

enum weir_status session_tracker_place(struct session_tracker *tracker,
                                       const struct weir_column *keys,
                                       const struct weir_batch *batch,
                                       const struct session_times *times, struct weir_error *error)
{
    uint32_t late_rows[WEIR_BATCH_ROWS_MAX];
    tracker->rows_count = tracker->late_count = tracker->made_count = tracker->merged_count = 0;
    WEIR_TRY(weir_state_table_upsert(tracker->keys, keys, batch->selection, batch->selected_count,
                                     tracker->heads, tracker->key_ids, error));
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint16_t lane = (uint16_t)weir_batch_lane(batch, i);
        bool late = false;
        if (times->validity && !weir_bit_get(times->validity, lane))
            WEIR_TRY(place_null(tracker, i, lane, error));
        else
            WEIR_TRY(place_row(tracker, i, lane, times->us[lane], &late, error));
        if (late) {
            late_rows[tracker->late_count] = i;
            tracker->late_lanes[tracker->late_count++] = lane;
        } else {
            tracker->lanes[tracker->rows_count++] = lane;
        }
    }
    forget_keys(tracker, late_rows, tracker->late_count);
    return WEIR_OK;
}

enum weir_status session_tracker_settle(struct session_tracker *tracker, struct weir_error *error)
{
    uint32_t timed = 0;
    for (uint32_t i = 0; i < tracker->made_count; i++) {
        struct session *session = &tracker->items[tracker->made[i]];
        if (session->phase != SESSION_OPEN || session->of_null)
            continue;
        session->is_timed = true;
        tracker->timer_times[timed] = session->end_us;
        tracker->timer_sessions[timed++] = tracker->made[i];
    }
    for (uint32_t i = 0; i < tracker->merged_count; i++) {
        const struct session *session = &tracker->items[tracker->merged[i]];
        if (!session->is_timed && !session->is_awaited)
            session_free(tracker, tracker->merged[i]); /* S3 */
    }
    return weir_timers_register_many(tracker->timers, tracker->timer_times, tracker->timer_sessions,
                                     timed, error);
}

/* ---- closing ---- */

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

static enum weir_status due_add(struct session_tracker *tracker, uint32_t number,
                                struct weir_error *error)
{
    if (tracker->due_count == tracker->due_capacity) {
        uint32_t *due =
            session_grow(tracker->env, tracker->due, &tracker->due_capacity, sizeof *due);
        if (!due)
            return exec_out_of_memory(tracker->env, error);
        tracker->due = due;
    }
    tracker->due[tracker->due_count++] = number;
    return WEIR_OK;
}

static enum weir_status due_sort(struct session_tracker *tracker, struct weir_error *error)
{
    struct weir_arena *arena = &tracker->scratch;
    weir_arena_reset(arena);
    struct due_session *due = WEIR_ARENA_ARRAY(arena, struct due_session, tracker->due_count + 1);
    if (!due)
        return exec_out_of_memory(tracker->env, error);
    for (uint32_t i = 0; i < tracker->due_count; i++) {
        const struct session *session = &tracker->items[tracker->due[i]];
        due[i] = (struct due_session){session->end_us, session->start_us, tracker->due[i]};
    }
    qsort(due, tracker->due_count, sizeof *due, compare_due);
    for (uint32_t i = 0; i < tracker->due_count; i++)
        tracker->due[i] = due[i].number;
    return WEIR_OK;
}

void session_tracker_release(struct session_tracker *tracker, uint32_t number)
{
    struct session *session = &tracker->items[number];
    session->is_awaited = false;
    if (session->phase == SESSION_MERGED && !session->is_timed)
        session_free(tracker, number);
}

/* A timer: the session has ended, has gone on, or need no longer be remembered. */
static enum weir_status ring(struct session_tracker *tracker, uint32_t number, uint32_t *again,
                             struct weir_error *error)
{
    struct session *session = &tracker->items[number];
    session->is_timed = false;
    if (session->phase == SESSION_OPEN && session->end_us <= tracker->closed_us)
        return due_add(tracker, number, error);
    if (session->phase == SESSION_OPEN) {
        session->is_timed = true;
        tracker->timer_times[*again] = session->end_us;
        tracker->timer_sessions[(*again)++] = number;
        return WEIR_OK;
    }
    if (session->phase == SESSION_CLOSED)
        chain_unlink(tracker, number);
    if (!session->is_awaited)
        session_free(tracker, number);
    return WEIR_OK;
}

static enum weir_status collect_ended(struct session_tracker *tracker, struct weir_error *error)
{
    const struct weir_event_time until = {tracker->closed_us};
    uint32_t numbers[WEIR_BATCH_ROWS_MAX], count;
    while ((count = weir_timers_due(tracker->timers, until, numbers, WEIR_BATCH_ROWS_MAX)) != 0) {
        uint32_t again = 0;
        for (uint32_t i = 0; i < count; i++)
            WEIR_TRY(ring(tracker, numbers[i], &again, error));
        WEIR_TRY(weir_timers_register_many(tracker->timers, tracker->timer_times,
                                           tracker->timer_sessions, again, error));
    }
    return WEIR_OK;
}

enum weir_status session_tracker_collect(struct session_tracker *tracker, bool all,
                                         struct weir_error *error)
{
    tracker->due_count = tracker->due_at = 0;
    if (!all)
        WEIR_TRY(collect_ended(tracker, error));
    for (uint32_t i = 0; all && i < tracker->count; i++)
        if (tracker->items[i].phase == SESSION_OPEN)
            WEIR_TRY(due_add(tracker, i, error));
    return due_sort(tracker, error);
}

void session_tracker_close_until(struct session_tracker *tracker, int64_t watermark_us)
{
    int64_t closed = exec_round_down(watermark_us, tracker->granularity_us);
    if (watermark_us != INT64_MAX && watermark_us < INT64_MIN + tracker->granularity_us)
        closed = INT64_MIN;
    if (closed > tracker->closed_us)
        tracker->closed_us = closed;
}

enum weir_status session_tracker_close(struct session_tracker *tracker, uint32_t count,
                                       struct weir_error *error)
{
    for (uint32_t done = 0; done < count;) {
        uint32_t timed = 0;
        for (; done < count && timed < WEIR_BATCH_ROWS_MAX; done++) {
            uint32_t number = tracker->due[tracker->due_at++];
            struct session *session = &tracker->items[number];
            session->group = SESSION_NONE;
            session->phase = SESSION_CLOSED;
            if (session->of_null)
                continue;
            session->is_timed = true;
            tracker->timer_times[timed] = session_add(session->end_us, tracker->gap_us);
            tracker->timer_sessions[timed++] = number;
        }
        WEIR_TRY(weir_timers_register_many(tracker->timers, tracker->timer_times,
                                           tracker->timer_sessions, timed, error));
    }
    return WEIR_OK;
}
