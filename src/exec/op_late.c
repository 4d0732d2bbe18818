/* LATE: rows that come too late for a window, once for each such window, with its bounds and the
 * watermark: what late = 'side:TABLE' asks for.
 *
 *     input ─┬─▶ AGGREGATE by the window, leaves them out
 *            └─▶ LATE, lets only them pass
 *
 * Both see the same rows and watermarks, and decide by the same arithmetic (exec/window.h), so that
 * nothing need be said between them. Which sessions there are depends on the rows before: LATE
 * follows them as AGGREGATE does (exec/session_track.h), and the window of a late row is its own
 * stretch of time. Tested in tests/suites/windows.py. */
#include "base/checked.h"
#include "exec/exec_internal.h"
#include "exec/session_track.h"
#include "exec/window.h"

struct late {
    const struct weir_plan_node *node;
    struct weir_operator_env env;
    struct weir_batch *out;
    int64_t watermark_us;             /* as it came */
    int64_t closed_us;                /* less the lateness: windows that end by then are closed */
    uint32_t next_row;                /* of the batch at hand */
    int64_t next_window;              /* of that row */
    struct session_tracker *sessions; /* NULL: windows of other kinds */
    struct weir_column *keys;         /* sessions: of the batch at hand */
    bool is_placed;                   /* sessions: the batch at hand has been taken in */
    struct weir_arena arena;          /* of the above */
    struct weir_arena scratch;        /* of a push */
    struct weir_column bounds[2];     /* windows of columns: start, end of the batch at hand */
    uint16_t lanes[WEIR_BATCH_ROWS_MAX];
    int64_t starts[WEIR_BATCH_ROWS_MAX], ends[WEIR_BATCH_ROWS_MAX];
};

static void late_close(void *state)
{
    struct late *late = state;
    weir_batch_release(late->out);
    session_tracker_destroy(late->sessions);
    weir_arena_deinit(&late->arena);
    weir_arena_deinit(&late->scratch);
    exec_state_destroy(&late->env, late, sizeof *late);
}

static enum weir_status follow_sessions(struct late *late, struct weir_error *error)
{
    const struct weir_plan_late *plan = &late->node->of.late;
    const struct weir_schema *input = &late->node->inputs[0]->schema;
    const struct weir_type **types =
        WEIR_ARENA_ARRAY(&late->arena, const struct weir_type *, plan->keys_count + 1);
    late->keys = WEIR_ARENA_ARRAY(&late->arena, struct weir_column, plan->keys_count + 1);
    if (!types || !late->keys)
        return exec_out_of_memory(&late->env, error);
    for (uint32_t k = 0; k < plan->keys_count; k++)
        types[k] = input->fields[plan->keys[k]].type;
    return session_tracker_create(&late->env, types, plan->keys_count, &plan->window,
                                  &late->sessions, error);
}

static enum weir_status late_open(const void *description, const struct weir_operator_env *env,
                                  void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct late), state, error));
    struct late *late = *state;
    late->node = description;
    late->env = *env;
    late->watermark_us = late->closed_us = INT64_MIN;
    weir_arena_init(&late->arena, env->budget, 0);
    weir_arena_init(&late->scratch, env->budget, 0);
    if (late->node->of.late.window.kind != WEIR_WINDOW_SESSION)
        return WEIR_OK;
    enum weir_status status = follow_sessions(late, error);
    if (status != WEIR_OK) {
        (void)exec_open_failed(env, status, error);
        late_close(late);
        *state = NULL;
    }
    return status;
}

/* Windows of columns say themselves which one a row is in; NULL: in none that closes. */
static bool window_of_columns(const struct late *late, uint32_t lane, int64_t n, int64_t *start_us,
                              int64_t *end_us)
{
    if (n > 0 || weir_column_is_null(&late->bounds[0], lane) ||
        weir_column_is_null(&late->bounds[1], lane))
        return false;
    *start_us = ((const int64_t *)late->bounds[0].values)[lane];
    *end_us = ((const int64_t *)late->bounds[1].values)[lane];
    return true;
}

/* The next window of a row, from number *n on. */
static bool next_window(const struct late *late, const struct weir_batch *batch, uint32_t lane,
                        int64_t *n, int64_t *start_us, int64_t *end_us)
{
    const struct weir_plan_window *window = &late->node->of.late.window;
    if (window->kind == WEIR_WINDOW_COLUMNS)
        return window_of_columns(late, lane, *n, start_us, end_us);
    int64_t time_us = batch->event_times[lane];
    if (window->kind != WEIR_WINDOW_TUMBLE)
        return exec_window_around(window, exec_window_slice(window, time_us), n, start_us, end_us);
    exec_window_of(window, time_us, start_us, end_us);
    return *n == 0;
}

/* Where the search for late rows stands. */
struct place {
    uint32_t row;
    int64_t window;
};

static uint32_t find_late_of_sessions(struct late *late, const struct weir_batch *batch,
                                      struct place *place)
{
    const struct session_tracker *sessions = late->sessions;
    uint32_t limit = exec_batch_rows(&late->env), count = 0;
    for (; count < limit && place->row < sessions->late_count; place->row++, count++) {
        uint16_t lane = sessions->late_lanes[place->row];
        late->lanes[count] = lane;
        late->starts[count] = batch->event_times[lane];
        late->ends[count] = session_add(batch->event_times[lane], sessions->gap_us);
    }
    return count;
}

/* The next late rows, as many as a batch takes. */
static uint32_t find_late(struct late *late, const struct weir_batch *batch, struct place *place)
{
    uint32_t limit = exec_batch_rows(&late->env), count = 0;
    if (late->sessions)
        return find_late_of_sessions(late, batch, place);
    for (; place->row < batch->selected_count; place->row++, place->window = 0) {
        uint32_t lane = weir_batch_lane(batch, place->row);
        int64_t start, end;
        for (; next_window(late, batch, lane, &place->window, &start, &end); place->window++) {
            if (end > late->closed_us)
                continue;
            if (count == limit)
                return count;
            late->lanes[count] = (uint16_t)lane;
            late->starts[count] = start;
            late->ends[count++] = end;
        }
    }
    return count;
}

static enum weir_status show_times(struct late *late, const int64_t *times, int64_t time,
                                   uint32_t count, uint32_t column, struct weir_error *error)
{
    struct weir_batch *out = late->out;
    const struct weir_type *type = late->node->schema.fields[column].type;
    void *values;
    uint64_t *validity;
    WEIR_TRY(exec_blank_column(type, count, &out->arena, &out->columns[column], &values, &validity,
                               error));
    for (uint32_t i = 0; i < count; i++)
        ((int64_t *)values)[i] = times ? times[i] : time;
    return WEIR_OK;
}

static enum weir_status show_late(struct late *late, struct weir_batch *batch, uint32_t count,
                                  struct weir_error *error)
{
    uint32_t inputs = late->node->inputs[0]->schema.fields_count;
    WEIR_TRY(weir_batch_renew(&late->out, &late->node->schema, late->env.budget, error));
    struct weir_batch *out = late->out;
    WEIR_TRY(weir_batch_hold(out, &batch->shared, error));
    out->rows_count = out->selected_count = count;
    for (uint32_t i = 0; i < inputs; i++)
        WEIR_TRY(weir_column_take(&batch->columns[i], late->lanes, count, &out->arena,
                                  &out->columns[i], error));
    WEIR_TRY(show_times(late, late->starts, 0, count, inputs, error));
    WEIR_TRY(show_times(late, late->ends, 0, count, inputs + 1, error));
    WEIR_TRY(show_times(late, NULL, late->watermark_us, count, inputs + 2, error));
    return exec_pass_lanes(batch, late->lanes, false, out, error);
}

static enum weir_status load_bounds(struct late *late, const struct weir_batch *batch,
                                    struct weir_error *error)
{
    const struct weir_plan_window *window = &late->node->of.late.window;
    if (window->kind != WEIR_WINDOW_COLUMNS)
        return WEIR_OK;
    weir_arena_reset(&late->scratch);
    WEIR_TRY(weir_column_flatten(&batch->columns[window->start_column], &late->scratch,
                                 &late->bounds[0], error));
    return weir_column_flatten(&batch->columns[window->end_column], &late->scratch,
                               &late->bounds[1], error);
}

/* The batch into its sessions. */
static enum weir_status place(struct late *late, const struct weir_batch *batch,
                              struct weir_error *error)
{
    const struct weir_plan_late *plan = &late->node->of.late;
    const struct session_times times = {batch->event_times, NULL};
    if (!late->sessions || late->is_placed || plan->window.stays_open)
        return WEIR_OK;
    for (uint32_t k = 0; k < plan->keys_count; k++)
        late->keys[k] = batch->columns[plan->keys[k]];
    WEIR_TRY(session_tracker_place(late->sessions, late->keys, batch, &times, error));
    late->is_placed = true;
    return session_tracker_settle(late->sessions, error);
}

static enum weir_flow late_push(void *state, uint32_t port, struct weir_batch *batch,
                                struct weir_output *output, struct weir_error *error)
{
    struct late *late = state;
    enum weir_flow flow = WEIR_FLOW_OK;
    (void)port;
    if (load_bounds(late, batch, error) != WEIR_OK || place(late, batch, error) != WEIR_OK)
        return exec_failed(&late->env, error);
    const bool closes = !late->env.bounded_query && !late->node->of.late.window.stays_open;
    while (closes && late->closed_us != INT64_MIN) {
        struct place after = {late->next_row, late->next_window};
        uint32_t count = find_late(late, batch, &after);
        if (count == 0)
            break;
        if (show_late(late, batch, count, error) != WEIR_OK)
            return exec_failed(&late->env, error);
        flow = output->push(output, late->out, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD || flow == WEIR_FLOW_DONE)
            return flow;
        late->next_row = after.row;
        late->next_window = after.window;
        if (flow == WEIR_FLOW_FULL && after.row < batch->selected_count)
            return WEIR_FLOW_YIELD;
    }
    late->next_row = 0;
    late->next_window = 0;
    late->is_placed = false;
    if (exec_let_go(late->out, error) != WEIR_OK)
        return exec_failed(&late->env, error);
    return flow;
}

static enum weir_status close_sessions(struct late *late, struct weir_error *error)
{
    session_tracker_close_until(late->sessions, late->closed_us);
    WEIR_TRY(session_tracker_collect(late->sessions, false, error));
    return session_tracker_close(late->sessions, late->sessions->due_count, error);
}

static enum weir_flow late_watermark(void *state, struct weir_event_time watermark,
                                     struct weir_output *output, struct weir_error *error)
{
    struct late *late = state;
    int64_t closed;
    late->watermark_us = watermark.us;
    if (weir_sub_i64(watermark.us, late->node->of.late.window.lateness_us, &closed) &&
        closed > late->closed_us)
        late->closed_us = closed;
    if (late->sessions && close_sessions(late, error) != WEIR_OK)
        return exec_failed(&late->env, error);
    return output->watermark(output, watermark, error);
}

static enum weir_flow late_end(void *state, struct weir_output *output, struct weir_error *error)
{
    struct late *late = state;
    if (late->sessions)
        session_tracker_clear(late->sessions);
    return output->end(output, error);
}

static uint64_t late_state_rows(const void *state)
{
    const struct late *late = state;
    return late->sessions ? late->sessions->live : 0;
}

const struct weir_operator_type exec_late = {.name = "late",
                                             .open = late_open,
                                             .push = late_push,
                                             .watermark = late_watermark,
                                             .end = late_end,
                                             .state_rows = late_state_rows,
                                             .close = late_close};
