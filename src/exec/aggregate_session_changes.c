/* Sessions that come out while they may still change: EMIT CHANGES, EMIT EVERY, and those that late
 * rows correct.
 *
 *     out: [1 … 8) n=2   [9 … 14) n=1          a row at 7
 *     -[1 … 8) n=2   -[9 … 14) n=1   +[1 … 14) n=4
 *
 * What is out is known: a list of rows per session (per key, where sessions may shrink and split),
 * with their bounds and, in a store, their results. Sessions that have changed are noted; laying
 * them out makes their rows as they should be now and compares them with those that are out:
 *
 *     touched ─▶ laid out ─▶ rows to take back, rows to add ─▶ batches, what goes back first
 *
 * EMIT CHANGES does that with every batch, EMIT EVERY with the timer, and for a session also before
 * it closes. CORRECTED does it with every batch too, but a session has a row only when it has
 * ended; if a late row makes it go on, the row is taken back until it has ended again. Sessions
 * that close are out as they are: they only go. Tested in tests/suites/sessions.py. */
#include "exec/aggregate_session_internal.h"

enum { BACK, ADDED, SIDES, COMPACT_ROWS_MIN = 4096 };

/* Rows on their way out. */
struct sent {
    struct session_row *rows;
    uint32_t count, capacity, at;
};

struct session_changes {
    struct aggregate_sessions *sessions;
    struct row_store *store; /* results of the rows that are out */
    uint32_t dead;           /* rows of the store that are of none */
    struct session_row *rows;
    uint32_t count, capacity, free, live; /* free: the first, plus one */
    uint32_t *touched;
    uint32_t touched_count, touched_capacity;
    bool is_laid_out; /* `sent` is on its way */
    struct sent sent[SIDES];
    int64_t out_us;              /* CORRECTED: what ends by then has a row */
    struct weir_timers *waiting; /* CORRECTED: for sessions to end; NULL otherwise */
    /* of a batch on its way, or of sessions that are laid out */
    uint32_t keys[WEIR_BATCH_ROWS_MAX], refs[WEIR_BATCH_ROWS_MAX], some[WEIR_BATCH_ROWS_MAX];
    int64_t times[WEIR_BATCH_ROWS_MAX];
    uint8_t *states[WEIR_BATCH_ROWS_MAX];
};

enum weir_status session_changes_create(struct aggregate_sessions *sessions,
                                        struct weir_error *error)
{
    const struct aggregate *aggregate = sessions->aggregate;
    void *state;
    if (!aggregate->emits_changes)
        return WEIR_OK;
    WEIR_TRY(exec_state_create(&aggregate->env, sizeof(struct session_changes), &state, error));
    struct session_changes *changes = sessions->changes = state;
    changes->sessions = sessions;
    changes->out_us = INT64_MIN;
    if (aggregate->plan->emit == WEIR_EMIT_CORRECTED)
        WEIR_TRY(weir_timers_create(sessions->tracker->granularity_us, aggregate->env.budget,
                                    &changes->waiting, error));
    return row_store_create(aggregate->result_types, aggregate->plan->calls_count, false,
                            aggregate->env.budget, &changes->store, error);
}

void session_changes_destroy(struct aggregate_sessions *sessions)
{
    struct session_changes *changes = sessions->changes;
    struct weir_budget *budget = sessions->aggregate->env.budget;
    if (!changes)
        return;
    row_store_release(changes->store);
    weir_timers_destroy(changes->waiting);
    weir_free(changes->rows);
    weir_budget_release(budget, changes->capacity * sizeof *changes->rows);
    weir_free(changes->touched);
    weir_budget_release(budget, changes->touched_capacity * sizeof *changes->touched);
    for (int side = 0; side < SIDES; side++) {
        weir_free(changes->sent[side].rows);
        weir_budget_release(budget, changes->sent[side].capacity * sizeof(struct session_row));
    }
    exec_state_destroy(&sessions->aggregate->env, changes, sizeof *changes);
    sessions->changes = NULL;
}

uint64_t session_changes_rows(const struct session_changes *changes)
{
    return changes->live;
}

/* ---- what is out ---- */

struct session_row *session_changes_row(struct session_changes *changes, uint32_t place)
{
    return &changes->rows[place - 1];
}

static void free_row(struct session_changes *changes, uint32_t place)
{
    changes->rows[place - 1].next = changes->free;
    changes->free = place;
    changes->live--;
}

static enum weir_status new_row(struct session_changes *changes, uint32_t *place,
                                struct weir_error *error)
{
    const struct weir_operator_env *env = &changes->sessions->aggregate->env;
    if (changes->free) {
        *place = changes->free;
        changes->free = changes->rows[*place - 1].next;
    } else {
        if (changes->count == changes->capacity) {
            void *rows =
                session_grow(env, changes->rows, &changes->capacity, sizeof *changes->rows);
            if (!rows)
                return exec_out_of_memory(env, error);
            changes->rows = rows;
        }
        *place = ++changes->count;
    }
    changes->live++;
    return WEIR_OK;
}

static enum weir_status send_row(struct session_changes *changes, int side,
                                 const struct session_row *row, struct weir_error *error)
{
    const struct weir_operator_env *env = &changes->sessions->aggregate->env;
    struct sent *sent = &changes->sent[side];
    if (sent->count == sent->capacity) {
        void *rows = session_grow(env, sent->rows, &sent->capacity, sizeof *sent->rows);
        if (!rows)
            return exec_out_of_memory(env, error);
        sent->rows = rows;
    }
    sent->rows[sent->count++] = *row;
    return WEIR_OK;
}

/* Takes a row of the same bounds, and when asked of the same size, from the list: its place plus
 * one; 0: there is none. */
static uint32_t take(struct session_changes *changes, uint32_t *list, const struct session_row *row,
                     bool with_size)
{
    for (uint32_t *at = list; *at; at = &changes->rows[*at - 1].next) {
        const struct session_row *out = &changes->rows[*at - 1];
        if (out->start_us != row->start_us || out->end_us != row->end_us ||
            (with_size && out->size != row->size))
            continue;
        uint32_t place = *at;
        *at = out->next;
        return place;
    }
    return 0;
}

static void put(struct session_changes *changes, uint32_t *list, uint32_t place)
{
    changes->rows[place - 1].next = *list;
    *list = place;
}

bool session_changes_stay(struct session_changes *changes, const struct session_row *row,
                          uint32_t *old, uint32_t *list)
{
    uint32_t place = take(changes, old, row, true);
    if (place)
        put(changes, list, place);
    return place != 0;
}

enum weir_status session_changes_replace(struct session_changes *changes,
                                         const struct session_row *row, uint32_t *old,
                                         uint32_t *list, struct weir_error *error)
{
    uint32_t place = take(changes, old, row, false);
    if (place &&
        row_store_compare_rows(changes->store, changes->rows[place - 1].ref, row->ref) == 0) {
        changes->rows[place - 1].size = row->size;
        changes->dead++;
        put(changes, list, place);
        return WEIR_OK;
    }
    if (place)
        put(changes, old, place);
    WEIR_TRY(new_row(changes, &place, error));
    changes->rows[place - 1] = *row;
    put(changes, list, place);
    return send_row(changes, ADDED, row, error);
}

enum weir_status session_changes_take_back(struct session_changes *changes, uint32_t *list,
                                           struct weir_error *error)
{
    while (*list) {
        uint32_t place = *list;
        WEIR_TRY(send_row(changes, BACK, &changes->rows[place - 1], error));
        *list = changes->rows[place - 1].next;
        free_row(changes, place);
    }
    return WEIR_OK;
}

void session_changes_forget(struct session_changes *changes, uint32_t *list)
{
    while (*list) {
        uint32_t place = *list;
        *list = changes->rows[place - 1].next;
        free_row(changes, place);
        changes->dead++;
    }
}

enum weir_status session_changes_touch(struct session_changes *changes, uint32_t number,
                                       struct weir_error *error)
{
    const struct weir_operator_env *env = &changes->sessions->aggregate->env;
    if (changes->touched_count == changes->touched_capacity) {
        uint32_t *touched =
            session_grow(env, changes->touched, &changes->touched_capacity, sizeof *touched);
        if (!touched)
            return exec_out_of_memory(env, error);
        changes->touched = touched;
    }
    changes->touched[changes->touched_count++] = number;
    return WEIR_OK;
}

enum weir_status session_changes_keep(struct session_changes *changes, uint8_t *const *states,
                                      uint32_t count, uint32_t *first, struct weir_error *error)
{
    struct aggregate *aggregate = changes->sessions->aggregate;
    struct weir_arena *arena = &aggregate->emit_scratch;
    weir_arena_reset(arena);
    struct weir_column *columns =
        WEIR_ARENA_ARRAY(arena, struct weir_column, aggregate->plan->calls_count + 1);
    if (!columns)
        return exec_out_of_memory(&aggregate->env, error);
    *first = changes->store->rows_count;
    if (count == 0)
        return WEIR_OK;
    WEIR_TRY(
        aggregate_finish(aggregate, changes->sessions->pane, states, count, arena, columns, error));
    const struct row_source source = {.columns = columns, .count = count};
    return row_store_append(changes->store, &source, error);
}

/* ---- sessions that only grow ---- */

static bool has_a_row(const struct session_changes *changes, const struct session *session)
{
    return !changes->waiting || changes->sessions->is_ending || session->end_us <= changes->out_us;
}

/* What has ended by now has a row; what has not is waited for. */
static enum weir_status await(struct session_changes *changes, const uint32_t *numbers,
                              uint32_t count, struct weir_error *error)
{
    struct session_tracker *tracker = changes->sessions->tracker;
    uint32_t waiting = 0;
    for (uint32_t i = 0; changes->waiting && i < count; i++) {
        struct session *session = &tracker->items[numbers[i]];
        if (session->is_awaited || has_a_row(changes, session))
            continue;
        session->is_awaited = true;
        changes->times[waiting] = session->end_us;
        changes->keys[waiting++] = numbers[i];
    }
    return waiting ? weir_timers_register_many(changes->waiting, changes->times, changes->keys,
                                               waiting, error)
                   : WEIR_OK;
}

static enum weir_status lay_out_some(struct session_changes *changes, const uint32_t *numbers,
                                     uint32_t count, struct weir_error *error)
{
    struct aggregate_sessions *sessions = changes->sessions;
    struct session *items = sessions->tracker->items;
    uint32_t shown = 0, ref;
    for (uint32_t i = 0; i < count; i++)
        if (has_a_row(changes, &items[numbers[i]]))
            changes->states[shown++] =
                weir_state_table_payload(sessions->pane->table, items[numbers[i]].group);
    WEIR_TRY(session_changes_keep(changes, changes->states, shown, &ref, error));
    for (uint32_t i = 0; i < count; i++) {
        struct session *session = &items[numbers[i]];
        const struct session_row row = {
            session->start_us, session->end_us, session->key, ref, 0, 0};
        uint32_t old = session->out;
        session->out = 0;
        if (has_a_row(changes, session)) {
            WEIR_TRY(session_changes_replace(changes, &row, &old, &session->out, error));
            ref++;
        }
        WEIR_TRY(session_changes_take_back(changes, &old, error));
    }
    return await(changes, numbers, count, error);
}

/* Sessions that were touched; numbers of those that have been merged since may be others' now. */
static enum weir_status lay_out_sessions(struct session_changes *changes, bool only_closed,
                                         struct weir_error *error)
{
    struct session_tracker *tracker = changes->sessions->tracker;
    uint32_t some = 0, kept = 0;
    for (uint32_t i = 0; i < changes->touched_count; i++) {
        uint32_t number = changes->touched[i];
        struct session *session = &tracker->items[number];
        if (!session->is_touched || session->phase != SESSION_OPEN)
            continue;
        if (only_closed && session->end_us > tracker->closed_us) {
            changes->touched[kept++] = number;
            continue;
        }
        session->is_touched = false;
        changes->some[some++] = number;
        if (some < WEIR_BATCH_ROWS_MAX)
            continue;
        WEIR_TRY(lay_out_some(changes, changes->some, some, error));
        some = 0;
    }
    changes->touched_count = kept;
    return some ? lay_out_some(changes, changes->some, some, error) : WEIR_OK;
}

static enum weir_status ring_ended(struct session_changes *changes, const uint32_t *numbers,
                                   uint32_t count, struct weir_error *error)
{
    struct session_tracker *tracker = changes->sessions->tracker;
    for (uint32_t i = 0; i < count; i++) {
        struct session *session = &tracker->items[numbers[i]];
        bool open = session->phase == SESSION_OPEN;
        session_tracker_release(tracker, numbers[i]);
        if (!open || session->is_touched)
            continue;
        session->is_touched = true;
        WEIR_TRY(session_changes_touch(changes, numbers[i], error));
    }
    return WEIR_OK;
}

enum weir_status session_changes_let_out(struct session_changes *changes, struct weir_error *error)
{
    int64_t granularity = changes->waiting ? changes->sessions->tracker->granularity_us : 1;
    int64_t out = exec_round_down(changes->sessions->aggregate->out_us, granularity);
    uint32_t numbers[WEIR_BATCH_ROWS_MAX], count;
    if (!changes->waiting)
        return WEIR_OK;
    changes->out_us = out > changes->out_us ? out : changes->out_us;
    const struct weir_event_time until = {changes->sessions->is_ending ? INT64_MAX
                                                                       : changes->out_us};
    while ((count = weir_timers_due(changes->waiting, until, numbers, WEIR_BATCH_ROWS_MAX)) != 0)
        WEIR_TRY(ring_ended(changes, numbers, count, error));
    return WEIR_OK;
}

/* ---- on their way out ---- */

/* Key, window and result columns of the rows that are loaded. */
static enum weir_status show_columns(struct session_changes *changes, uint32_t count,
                                     struct weir_error *error)
{
    struct aggregate_sessions *sessions = changes->sessions;
    struct aggregate *aggregate = sessions->aggregate;
    struct weir_batch *out = aggregate->out;
    const struct shown_bounds bounds = {sessions->starts, sessions->ends};
    const struct pane keys = {.table = sessions->tracker ? sessions->tracker->keys
                                                         : session_moments_keys(sessions)};
    WEIR_TRY(aggregate_show_keys(aggregate, &keys, &bounds, changes->keys, count, out, error));
    WEIR_TRY(weir_batch_hold(out, &changes->store->shared, error));
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++)
        WEIR_TRY(row_store_gather(changes->store, c, changes->refs, count, &out->arena,
                                  &out->columns[aggregate_first_result(aggregate) + c], error));
    return WEIR_OK;
}

static uint32_t load_side(struct session_changes *changes, int side, uint32_t at, uint32_t limit)
{
    const struct sent *sent = &changes->sent[side];
    uint32_t count = sent->count - sent->at;
    count = count < limit - at ? count : limit - at;
    for (uint32_t i = 0; i < count; i++) {
        const struct session_row *row = &sent->rows[sent->at + i];
        changes->keys[at + i] = row->key;
        changes->refs[at + i] = row->ref;
        changes->sessions->starts[at + i] = row->start_us;
        changes->sessions->ends[at + i] = row->end_us;
    }
    return count;
}

/* The next rows as a batch: so many to take back, then so many to add. */
static enum weir_status show_rows(struct session_changes *changes, uint32_t *back, uint32_t *added,
                                  struct weir_error *error)
{
    struct aggregate *aggregate = changes->sessions->aggregate;
    uint32_t limit = exec_batch_rows(&aggregate->env);
    *back = load_side(changes, BACK, 0, limit);
    *added = load_side(changes, ADDED, *back, limit);
    uint32_t count = *back + *added;
    if (count == 0)
        return WEIR_OK;
    WEIR_TRY(
        weir_batch_renew(&aggregate->out, &aggregate->node->schema, aggregate->env.budget, error));
    struct weir_batch *out = aggregate->out;
    out->rows_count = out->selected_count = count;
    WEIR_TRY(show_columns(changes, count, error));
    int64_t *weights = weir_arena_alloc(&out->arena, count * sizeof *weights + 1, 64);
    if (!weights)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t i = 0; i < count; i++)
        weights[i] = i < *back ? -1 : 1;
    out->weights = weights;
    return WEIR_OK;
}

/* The rows that are out into a store of their own. */
static enum weir_status compact(struct session_changes *changes, struct row_store *store,
                                struct weir_error *error)
{
    char *is_free = weir_calloc(changes->count + 1, 1);
    if (!is_free)
        return weir_error_set_out_of_memory(error);
    for (uint32_t place = changes->free; place; place = changes->rows[place - 1].next)
        is_free[place - 1] = 1;
    enum weir_status status = WEIR_OK;
    for (uint32_t i = 0; i < changes->count && status == WEIR_OK; i++) {
        uint32_t ref = store->rows_count;
        if (is_free[i])
            continue;
        status = row_store_copy(store, changes->store, &changes->rows[i].ref, 1, error);
        changes->rows[i].ref = ref;
    }
    weir_free(is_free);
    return status;
}

static enum weir_status compact_if_due(struct session_changes *changes, struct weir_error *error)
{
    struct aggregate *aggregate = changes->sessions->aggregate;
    struct row_store *store;
    if (changes->dead < COMPACT_ROWS_MIN || changes->dead < changes->store->rows_count / 2)
        return WEIR_OK;
    WEIR_TRY(row_store_create(aggregate->result_types, aggregate->plan->calls_count, false,
                              aggregate->env.budget, &store, error));
    enum weir_status status = compact(changes, store, error);
    if (status != WEIR_OK) {
        row_store_release(store);
        return status;
    }
    row_store_release(changes->store);
    changes->store = store;
    changes->dead = 0;
    return WEIR_OK;
}

/* Everything that was laid out is downstream. */
static enum weir_status settle(struct session_changes *changes, struct weir_error *error)
{
    changes->dead += changes->sent[BACK].count;
    for (int side = 0; side < SIDES; side++)
        changes->sent[side].count = changes->sent[side].at = 0;
    changes->is_laid_out = false;
    if (changes->sessions->moments)
        session_moments_settle(changes->sessions);
    return compact_if_due(changes, error);
}

static enum weir_status lay_out(struct session_changes *changes, bool only_closed,
                                struct weir_error *error)
{
    if (changes->is_laid_out)
        return WEIR_OK;
    if (changes->sessions->tracker) {
        WEIR_TRY(lay_out_sessions(changes, only_closed, error));
    } else {
        for (uint32_t i = 0; i < changes->touched_count; i++)
            WEIR_TRY(session_moments_lay_out(changes->sessions, changes->touched[i], error));
        changes->touched_count = 0;
    }
    changes->is_laid_out = true;
    return WEIR_OK;
}

enum weir_flow session_changes_flush(struct aggregate_sessions *sessions, bool only_closed,
                                     struct weir_output *output, struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct session_changes *changes = sessions->changes;
    if (lay_out(changes, only_closed, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    while (!aggregate->done) {
        uint32_t back, added;
        if (show_rows(changes, &back, &added, error) != WEIR_OK)
            return exec_failed(&aggregate->env, error);
        if (back + added == 0)
            break;
        enum weir_flow flow = output->push(output, aggregate->out, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD)
            return flow;
        changes->sent[BACK].at += back;
        changes->sent[ADDED].at += added;
        aggregate->done = flow == WEIR_FLOW_DONE;
        if (flow == WEIR_FLOW_FULL)
            return WEIR_FLOW_YIELD;
    }
    if (settle(changes, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    return WEIR_FLOW_OK;
}
