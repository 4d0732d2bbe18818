/* From decoded rows to what leaves the scan: event times, filter, projection, and the cuts that
 * make lateness independent of the batch size (S2 of source.h).
 *
 * Example, pane 10 s, watermark = event time - 1 s, watermark so far 18 s:
 *     rows  19 s  20 s  21 s | 18 s  25 s        21 s moves the watermark to 20 s, over a border:
 *     the batch is cut after it, the watermark 20 s is sent, and 18 s in the rest is late. */
#include "base/checked.h"
#include "runtime/source_internal.h"

enum { DEFAULT_DELAY_US = WEIR_US_PER_SECOND };

/* ---- times of the rows ---- */

static int64_t to_us(const struct weir_type *type, int64_t value)
{
    bool is_ns = type->kind == WEIR_TYPE_TIMESTAMP_NS || type->kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    return is_ns ? weir_floor_div_i64(value, 1000) : value;
}

static bool is_us(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_TIMESTAMP || type->kind == WEIR_TYPE_TIMESTAMPTZ;
}

/* values, but WEIR_EVENT_TIME_MIN where there is none; without a branch on which those are. */
static void keep_valid(const int64_t *values, const uint64_t *validity, uint32_t count,
                       int64_t *times)
{
    const uint64_t none = (uint64_t)WEIR_EVENT_TIME_MIN.us;
    for (uint32_t begin = 0; begin < count; begin += WEIR_VALIDITY_WORD_BITS) {
        uint32_t end =
            count - begin < WEIR_VALIDITY_WORD_BITS ? count : begin + WEIR_VALIDITY_WORD_BITS;
        uint64_t bits = validity[begin / WEIR_VALIDITY_WORD_BITS];
        for (uint32_t i = begin; i < end; i++, bits >>= 1) {
            uint64_t valid = 0 - (bits & 1);
            times[i] = (int64_t)(((uint64_t)values[i] & valid) | (none & ~valid));
        }
    }
}

/* The column's lanes in us; null lanes are WEIR_EVENT_TIME_MIN. Borrows the lanes when it can. */
static enum weir_status lanes_us(struct weir_source_driver *driver, struct weir_batch *batch,
                                 const struct weir_column *column, const int64_t **out,
                                 struct weir_error *error)
{
    bool any_null =
        column->validity && (column->encoding != WEIR_FLAT ||
                             weir_validity_any_null(column->validity, column->rows_count));
    if (column->encoding == WEIR_FLAT && !any_null && is_us(column->type)) {
        *out = column->values;
        return WEIR_OK;
    }
    int64_t *times = weir_arena_alloc(&batch->arena, sizeof(int64_t) * (batch->rows_count + 1), 8);
    if (!times)
        return weir_budget_error(driver->env->budget, error);
    const int64_t *values = column->values;
    if (column->encoding == WEIR_FLAT && column->validity && is_us(column->type)) {
        keep_valid(values, column->validity, batch->rows_count, times);
        *out = times;
        return WEIR_OK;
    }
    for (uint32_t i = 0; i < batch->rows_count; i++)
        times[i] = weir_column_is_null(column, i)
                       ? WEIR_EVENT_TIME_MIN.us
                       : to_us(column->type, values[weir_column_index(column, i)]);
    *out = times;
    return WEIR_OK;
}

/* Names the first row without an event time. */
static enum weir_status fail_null_time(struct weir_source_driver *driver, uint32_t split,
                                       const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_origin origin = batch->origin;
    uint32_t lane = 0;
    while (batch->event_times[lane] != WEIR_EVENT_TIME_MIN.us)
        lane++;
    origin.source = driver->splits[split].name;
    origin.record += batch->origin_records ? batch->origin_records[lane] : lane;
    driver->stats->bad_records++;
    (void)weir_error_set(error, WEIR_E_NULL_EVENT_TIME, "the event time of a row is null");
    weir_error_from(error, &origin);
    return WEIR_E_NULL_EVENT_TIME;
}

/* Rows without an event time are bad: the job fails at the first, or all are taken out. */
static enum weir_status judge_null_times(struct weir_source_driver *driver, uint32_t split,
                                         struct weir_batch *batch, struct weir_error *error)
{
    uint32_t kept = 0;
    const int64_t *times = batch->event_times;
    for (uint32_t i = 0; i < batch->rows_count; i++) {
        driver->selection[kept] = (uint16_t)i;
        kept += times[i] != WEIR_EVENT_TIME_MIN.us;
    }
    if (kept == batch->rows_count)
        return WEIR_OK;
    if (driver->scan->table->bad_data != WEIR_BAD_DATA_DROP)
        return fail_null_time(driver, split, batch, error);
    driver->stats->bad_records += batch->rows_count - kept;
    uint16_t *selection = weir_arena_alloc(&batch->arena, sizeof(uint16_t) * (kept + 1), 2);
    if (!selection)
        return weir_budget_error(driver->env->budget, error);
    memcpy(selection, driver->selection, sizeof(uint16_t) * kept);
    batch->selection = selection;
    batch->selected_count = kept;
    return WEIR_OK;
}

/* The watermark of each lane into driver->watermarks; given: what the table's expression says, NULL
 * for event time - 1 s. */
static void compute_watermarks(struct weir_source_driver *driver, const struct weir_batch *batch,
                               const int64_t *given)
{
    const int64_t *times = batch->event_times;
    int64_t *watermarks = driver->watermarks;
    int64_t ahead = driver->scan->table->max_future_us, limit;
    if (given)
        memcpy(watermarks, given, sizeof(int64_t) * batch->rows_count);
    for (uint32_t i = 0; !given && i < batch->rows_count; i++)
        watermarks[i] =
            times[i] < INT64_MIN + DEFAULT_DELAY_US ? INT64_MIN : times[i] - DEFAULT_DELAY_US;
    if (ahead > 0 && weir_add_i64(driver->env->session->now.us, ahead, &limit))
        for (uint32_t i = 0; i < batch->rows_count; i++)
            if (times[i] > limit && times[i] != WEIR_EVENT_TIME_MIN.us) {
                watermarks[i] = INT64_MIN;
                driver->stats->future_rows++;
            }
}

/* Sets batch->event_times and, unless nothing can be late, driver->watermarks. */
static enum weir_status compute_times(struct weir_source_driver *driver, uint32_t split,
                                      struct weir_batch *batch, struct weir_error *error)
{
    struct weir_column columns[2];
    struct weir_program_run run = {.batch = batch,
                                   .selected_count = batch->rows_count,
                                   .session = driver->env->session,
                                   .arena = &batch->arena,
                                   .null_on_error = driver->settings->null_on_error};
    WEIR_TRY(weir_program_run(driver->time_program, &run, columns, error));
    driver->stats->nulled_count += run.nulled_count;
    driver->event_times = columns[0];
    WEIR_TRY(lanes_us(driver, batch, &columns[0], &batch->event_times, error));
    if (batch->event_times != columns[0].values)
        WEIR_TRY(judge_null_times(driver, split, batch, error));
    if (driver->env->bounded_query)
        return WEIR_OK;
    const int64_t *given = NULL;
    if (driver->scan->watermark)
        WEIR_TRY(lanes_us(driver, batch, &columns[1], &given, error));
    compute_watermarks(driver, batch, given);
    return WEIR_OK;
}

/* ---- filter and projection ---- */

/* The node's columns into made. */
static enum weir_status project(struct weir_source_driver *driver, const struct weir_batch *batch,
                                struct weir_program_run *run, struct weir_batch *made,
                                struct weir_error *error)
{
    uint32_t count = driver->node->schema.fields_count, c = 0;
    if (!driver->scan->projections) {
        memcpy(made->columns, batch->columns, sizeof *batch->columns * count);
        return WEIR_OK;
    }
    if (driver->project_program)
        WEIR_TRY(weir_program_run(driver->project_program, run, driver->outputs, error));
    for (; c < driver->computed_count; c++)
        made->columns[driver->computed[c]] = driver->outputs[c];
    for (; c < count; c++)
        made->columns[driver->computed[c]] = driver->event_times;
    return WEIR_OK;
}

static enum weir_status filter_and_project(struct weir_source_driver *driver,
                                           struct weir_batch *batch, struct weir_batch **out,
                                           struct weir_error *error)
{
    if (!driver->filter_program && !driver->scan->projections) {
        *out = batch;
        return WEIR_OK;
    }
    WEIR_TRY(weir_batch_renew(&driver->projected, NULL, driver->env->budget, error));
    struct weir_batch *made = driver->projected;
    WEIR_TRY(weir_batch_hold(made, &batch->shared, error));
    struct weir_program_run run = {.batch = batch,
                                   .selection = batch->selection,
                                   .selected_count = batch->selected_count,
                                   .session = driver->env->session,
                                   .arena = &made->arena,
                                   .null_on_error = driver->settings->null_on_error};
    if (driver->filter_program) {
        uint16_t *selection =
            weir_arena_alloc(&made->arena, sizeof(uint16_t) * (batch->rows_count + 64u), 64);
        if (!selection)
            return weir_budget_error(driver->env->budget, error);
        WEIR_TRY(weir_program_filter(driver->filter_program, &run, selection, &run.selected_count,
                                     error));
        run.selection = selection;
    }
    WEIR_TRY(project(driver, batch, &run, made, error));
    driver->stats->nulled_count += run.nulled_count;
    made->rows_count = batch->rows_count;
    made->selection = run.selected_count == batch->rows_count ? NULL : run.selection;
    made->selected_count = run.selected_count;
    made->weights = batch->weights;
    made->event_times = batch->event_times;
    made->origin = batch->origin;
    made->origin_records = batch->origin_records;
    *out = made;
    return WEIR_OK;
}

/* ---- watermarks ---- */

bool weir_source_split_is_idle(const struct weir_source_driver *driver,
                               const struct weir_split_state *split, int64_t now_ns)
{
    int64_t timeout_us = driver->scan->table->idle_timeout_us;
    return split->waiting && timeout_us >= 0 && now_ns - split->last_data_ns > timeout_us * 1000;
}

enum weir_flow weir_source_time_advance(struct weir_source_driver *driver, struct weir_error *error)
{
    struct weir_event_time least = WEIR_EVENT_TIME_MAX;
    bool any_open = false, any_counted = false;
    if (!driver->time_program || driver->env->bounded_query)
        return WEIR_FLOW_OK;
    int64_t now_ns = (int64_t)driver->env->sys->monotonic_ns(driver->env->sys);
    for (uint32_t i = 0; i < driver->splits_count; i++) {
        const struct weir_split_state *split = &driver->states[i];
        if (split->ended)
            continue;
        any_open = true;
        if (weir_source_split_is_idle(driver, split, now_ns))
            continue;
        any_counted = true;
        least = weir_event_time_min(least, split->watermark);
    }
    if ((any_open && !any_counted) || least.us <= driver->watermark.us)
        return WEIR_FLOW_OK; /* S3 */
    driver->watermark = least;
    if (any_open)
        driver->stats->watermark = least;
    return driver->out->watermark(driver->out, least, error);
}

/* ---- cutting ---- */

/* The pane border behind a watermark; none is crossed before the first watermark. */
static int64_t next_border(int64_t watermark, int64_t pane_us)
{
    if (watermark == INT64_MIN)
        return INT64_MIN;
    int64_t border;
    int64_t start = weir_floor_div_i64(watermark, pane_us) * pane_us;
    return weir_add_i64(start, pane_us, &border) ? border : INT64_MAX;
}

/* One past the lane whose watermark crosses a pane border, searching from first; rows_count when
 * none does. Raises *watermark over the lanes passed. */
static uint32_t find_cut(const int64_t *watermarks, uint32_t first, uint32_t rows_count,
                         int64_t pane_us, int64_t *watermark)
{
    int64_t border = next_border(*watermark, pane_us);
    for (uint32_t i = first; i < rows_count; i++) {
        if (watermarks[i] <= *watermark)
            continue;
        *watermark = watermarks[i];
        if (watermarks[i] >= border)
            return i + 1;
    }
    return rows_count;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t greatest(const int64_t *values, uint32_t count)
{
    int64_t results[4] = {INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN};
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (uint32_t k = 0; k < 4; k++)
            results[k] = greater(values[i + k], results[k]);
    for (; i < count; i++)
        results[0] = greater(values[i], results[0]);
    return greater(greater(results[0], results[1]), greater(results[2], results[3]));
}

/* Lanes [first, last) of batch as a batch of its own. */
static enum weir_status make_cut(struct weir_source_driver *driver, struct weir_batch *batch,
                                 uint32_t first, uint32_t last, struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&driver->cut, NULL, driver->env->budget, error));
    struct weir_batch *cut = driver->cut;
    uint16_t *selection = weir_arena_alloc(&cut->arena, sizeof(uint16_t) * (last - first + 1), 2);
    if (!selection)
        return weir_budget_error(driver->env->budget, error);
    WEIR_TRY(weir_batch_hold(cut, &batch->shared, error));
    uint32_t count = 0;
    if (batch->selection) {
        for (uint32_t i = 0; i < batch->selected_count; i++)
            if (batch->selection[i] >= first && batch->selection[i] < last)
                selection[count++] = batch->selection[i];
    } else {
        for (uint32_t lane = first; lane < last; lane++)
            selection[count++] = (uint16_t)lane;
    }
    memcpy(cut->columns, batch->columns, sizeof *cut->columns * driver->node->schema.fields_count);
    cut->rows_count = batch->rows_count;
    cut->selection = selection;
    cut->selected_count = count;
    cut->weights = batch->weights;
    cut->event_times = batch->event_times;
    cut->origin = batch->origin;
    cut->origin_records = batch->origin_records;
    return WEIR_OK;
}

/* Nothing is late: the watermark only says which split to read next, and the last row's time is
 * good enough for that. */
static enum weir_flow push_untimed(struct weir_source_driver *driver,
                                   struct weir_split_state *state, struct weir_batch *batch,
                                   struct weir_error *error)
{
    if (batch->rows_count)
        state->watermark.us =
            greater(state->watermark.us, batch->event_times[batch->rows_count - 1]);
    return batch->selected_count ? driver->out->push(driver->out, batch, error) : WEIR_FLOW_OK;
}

/* Keeps what is behind a border for when it is this split's turn again. */
static enum weir_flow keep_rest(struct weir_source_driver *driver, struct weir_split_state *state,
                                struct weir_batch *batch, const int64_t *watermarks, uint32_t first,
                                struct weir_error *error)
{
    if (!state->rest) {
        size_t size = sizeof *watermarks * batch->rows_count;
        state->rest_watermarks = weir_arena_alloc(&batch->arena, size, sizeof *watermarks);
        if (!state->rest_watermarks) {
            (void)weir_budget_error(driver->env->budget, error);
            return WEIR_FLOW_FAILED;
        }
        memcpy(state->rest_watermarks, watermarks, size);
        state->rest = batch;
        weir_batch_retain(batch);
    }
    state->rest_first = first;
    return WEIR_FLOW_OK;
}

/* Pushes lanes from first on, piece by piece; with other splits around, one piece. */
static enum weir_flow push_pieces(struct weir_source_driver *driver, uint32_t split,
                                  struct weir_batch *batch, const int64_t *watermarks,
                                  uint32_t first, struct weir_error *error)
{
    struct weir_split_state *state = &driver->states[split];
    int64_t pane_us = driver->scan->pane_us;
    int64_t most = first ? INT64_MAX : greatest(watermarks, batch->rows_count); /* not again */
    bool whole = pane_us <= 0 || most < next_border(state->watermark.us, pane_us);
    while (first < batch->rows_count) {
        int64_t watermark = state->watermark.us;
        uint32_t last = batch->rows_count;
        if (whole)
            watermark = greater(most, watermark);
        else
            last = find_cut(watermarks, first, batch->rows_count, pane_us, &watermark);
        struct weir_batch *piece = batch;
        if (last - first < batch->rows_count) {
            if (make_cut(driver, batch, first, last, error) != WEIR_OK)
                return WEIR_FLOW_FAILED;
            piece = driver->cut;
        }
        enum weir_flow flow = WEIR_FLOW_OK;
        if (piece->selected_count)
            flow = driver->out->push(driver->out, piece, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_DONE)
            return flow;
        state->watermark.us = watermark;
        if (weir_source_time_advance(driver, error) == WEIR_FLOW_FAILED)
            return WEIR_FLOW_FAILED;
        first = last;
        if (first < batch->rows_count && !driver->is_alone)
            return keep_rest(driver, state, batch, watermarks, first, error);
    }
    return WEIR_FLOW_OK;
}

/* push_pieces, while the split's marks say what is pushed. */
static enum weir_flow push_marked(struct weir_source_driver *driver, uint32_t split,
                                  struct weir_batch *batch, int64_t *watermarks, uint32_t first,
                                  struct weir_error *error)
{
    struct weir_split_state *state = &driver->states[split];
    state->marks = (struct weir_split_marks){.source = driver->number,
                                             .record = batch->origin.record,
                                             .records = batch->origin_records,
                                             .watermarks = watermarks,
                                             .count = batch->rows_count,
                                             .before_us = state->watermark.us};
    enum weir_flow flow = push_pieces(driver, split, batch, watermarks, first, error);
    state->marks.watermarks = NULL;
    return flow;
}

enum weir_flow weir_source_push_rest(struct weir_source_driver *driver, uint32_t split,
                                     struct weir_error *error)
{
    struct weir_split_state *state = &driver->states[split];
    struct weir_batch *rest = state->rest;
    uint32_t first = state->rest_first;
    enum weir_flow flow = push_marked(driver, split, rest, state->rest_watermarks, first, error);
    if (state->rest_first == first || flow != WEIR_FLOW_OK) { /* nothing was kept again */
        state->rest = NULL;
        weir_batch_release(rest);
    }
    return flow;
}

enum weir_flow weir_source_push(struct weir_source_driver *driver, uint32_t split,
                                struct weir_batch *batch, struct weir_error *error)
{
    struct weir_batch *made = batch;
    driver->rows_count += batch->selected_count;
    driver->states[split].rows_count += batch->selected_count;
    driver->stats->rows_in += batch->selected_count;
    batch->origin.source = driver->splits[split].name;
    batch->origin.split = split;
    batch->origin.marks = &driver->states[split].marks;
    if (driver->time_program && compute_times(driver, split, batch, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    if (filter_and_project(driver, batch, &made, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    if (driver->time_program && batch->rows_count)
        driver->states[split].last_event_time.us = batch->event_times[batch->rows_count - 1];
    if (driver->time_program && driver->env->bounded_query)
        return push_untimed(driver, &driver->states[split], made, error);
    if (driver->time_program)
        return push_marked(driver, split, made, driver->watermarks, 0, error);
    return made->selected_count ? driver->out->push(driver->out, made, error) : WEIR_FLOW_OK;
}
