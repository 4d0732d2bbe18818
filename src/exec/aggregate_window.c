/* From times to panes: tumbling windows of a duration or of months.
 *
 * Windows begin at 1970-01-01T00:00Z plus the offset; months count from January 1970. Most batches
 * fall into the pane of the one before, which a single pass over the times shows; only then is
 * nothing done per row. Rows in order of time are cut at the window borders; others are sorted by
 * pane, in order, by counting. */
#include "exec/aggregate_internal.h"

#include "base/checked.h"

enum { TIMES_AHEAD = 256 };

static enum weir_status to_us(struct aggregate *aggregate, const struct weir_column *column,
                              struct times *times, struct weir_error *error)
{
    const int64_t *ns = column->values;
    int64_t *us = weir_arena_alloc(&aggregate->scratch, column->rows_count * sizeof *us + 1, 64);
    if (!us)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t i = 0; i < column->rows_count; i++)
        us[i] = weir_floor_div_i64(ns[i], 1000);
    times->us = us;
    return WEIR_OK;
}

static enum weir_status load_times(struct aggregate *aggregate, const struct weir_batch *batch,
                                   struct times *times, struct weir_error *error)
{
    uint32_t index = aggregate->plan->window.time_column;
    struct weir_column flat;
    if (index == AGGREGATE_NONE) {
        *times = (struct times){batch->event_times, NULL};
        return batch->event_times ? WEIR_OK
                                  : weir_error_set(error, WEIR_E_INTERNAL,
                                                   "a window over rows without event time");
    }
    const struct weir_column *column = &batch->columns[index];
    if (!weir_type_is_timestamp(column->type))
        return weir_error_set(error, WEIR_E_INTERNAL, "a window over a column of type %s",
                              weir_type_name(column->type).text);
    WEIR_TRY(weir_column_flatten(column, &aggregate->scratch, &flat, error));
    *times = (struct times){flat.values, flat.validity};
    if (flat.validity && !weir_validity_any_null(flat.validity, flat.rows_count))
        times->validity = NULL;
    if (column->type->kind == WEIR_TYPE_TIMESTAMP_NS ||
        column->type->kind == WEIR_TYPE_TIMESTAMPTZ_NS)
        return to_us(aggregate, &flat, times, error);
    return WEIR_OK;
}

/* Columns in memory are often met here first. */
bool aggregate_all_within(int64_t start_us, int64_t end_us, const struct weir_batch *batch,
                          const struct times *times)
{
    uint64_t start = (uint64_t)start_us, width = (uint64_t)end_us - start, outside = 0;
    if (times->validity)
        return false;
    if (batch->selection) {
        for (uint32_t i = 0; i < batch->selected_count; i++)
            outside |= (uint64_t)times->us[batch->selection[i]] - start >= width;
    } else {
        for (uint32_t i = 0; i < batch->rows_count; i++) {
            if (i % 8 == 0)
                __builtin_prefetch(times->us + i + TIMES_AHEAD);
            outside |= (uint64_t)times->us[i] - start >= width;
        }
    }
    return !outside;
}

static bool all_in_pane(const struct pane *pane, const struct weir_batch *batch,
                        const struct times *times)
{
    return pane && aggregate_all_within(pane->start_us, pane->end_us, batch, times);
}

void aggregate_count_late(struct aggregate *aggregate, uint32_t lane, int64_t first_end_us,
                          int64_t last_end_us)
{
    const struct exec_late_row row = {.watermark_us = aggregate->watermark_us,
                                      .behind_us = aggregate->plan->window.lateness_us,
                                      .last_us = last_end_us - 1,
                                      .kept_us = first_end_us - 1};
    exec_count_late(&aggregate->env, aggregate->batch, lane, &row);
}

/* The pane of a time, opened when it is the first; NULL when the window has closed. */
static enum weir_status pane_of_time(struct aggregate *aggregate, int64_t time_us, uint32_t lane,
                                     struct pane **pane, struct weir_error *error)
{
    int64_t start, end;
    exec_window_of(&aggregate->plan->window, time_us, &start, &end);
    if (end <= aggregate->watermark_us && !aggregate->env.bounded_query) {
        aggregate_count_late(aggregate, lane, end, end);
        *pane = NULL;
        return WEIR_OK;
    }
    *pane = aggregate_pane_find(aggregate, start, end);
    return *pane ? WEIR_OK : aggregate_pane_open(aggregate, start, end, false, pane, error);
}

static enum weir_status pane_of_lane(struct aggregate *aggregate, const struct times *times,
                                     uint32_t lane, struct pane **pane, struct weir_error *error)
{
    if (times->validity && !weir_bit_get(times->validity, lane)) {
        if (!aggregate->null_pane)
            WEIR_TRY(aggregate_pane_open(aggregate, INT64_MIN, INT64_MAX, true,
                                         &aggregate->null_pane, error));
        *pane = aggregate->null_pane;
        return WEIR_OK;
    }
    int64_t time_us = times->us[lane];
    if (*pane && !(*pane)->of_null && time_us >= (*pane)->start_us && time_us < (*pane)->end_us)
        return WEIR_OK; /* as the row before */
    return pane_of_time(aggregate, time_us, lane, pane, error);
}

void aggregate_clear_counts(struct aggregate *aggregate)
{
    for (uint32_t i = 0; i < aggregate->panes_count; i++)
        aggregate->panes[i]->batch_rows = 0;
    if (aggregate->null_pane)
        aggregate->null_pane->batch_rows = 0;
}

uint32_t aggregate_lay_out_segments(struct aggregate *aggregate, const struct weir_batch *batch)
{
    struct aggregate_room *room = aggregate->room;
    uint32_t count = 0, at = 0;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        struct pane *pane = room->panes[i];
        if (!pane || pane->batch_rows == 0)
            continue;
        room->segments[count++] = (struct segment){pane, room->sorted + at, pane->batch_rows};
        pane->batch_at = at;
        at += pane->batch_rows;
        pane->batch_rows = 0;
    }
    for (uint32_t i = 0; i < batch->selected_count; i++)
        if (room->panes[i])
            room->sorted[room->panes[i]->batch_at++] = (uint16_t)weir_batch_lane(batch, i);
    return count;
}

static enum weir_status divide_rows(struct aggregate *aggregate, const struct weir_batch *batch,
                                    const struct times *times, uint32_t *segments_count,
                                    struct weir_error *error)
{
    struct aggregate_room *room = aggregate->room;
    struct pane *pane = NULL;
    aggregate_clear_counts(aggregate);
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        WEIR_TRY(pane_of_lane(aggregate, times, weir_batch_lane(batch, i), &pane, error));
        room->panes[i] = pane;
        if (pane)
            pane->batch_rows++;
    }
    *segments_count = aggregate_lay_out_segments(aggregate, batch);
    return WEIR_OK;
}

enum { NEAR_COUNT = 64, NEAR_BEFORE = 16, NEAR_BITS_MAX = 56, NEAR_PARTS = 4 };

/* Windows of equal width side by side; which one a row belongs to is computed without a branch,
 * since rows that go to and fro between hours make branches guess wrong. Rows that follow each
 * other often have the same window, whose count would wait for itself: four parts of the batch are
 * gone through side by side, each with counts of its own. */
struct near {
    int64_t start_us, width_us; /* of the first */
    uint32_t counts[NEAR_PARTS][NEAR_COUNT];
};

/* The window of time_us and those after it, `before` others come first. False: they have no equal
 * width, or the arithmetic does not hold for it. */
static bool near_init(struct near *near, const struct aggregate *aggregate, int64_t time_us,
                      int64_t before)
{
    int64_t width = aggregate->plan->window.width_us, start, end;
    exec_window_of(&aggregate->plan->window, time_us, &start, &end);
    *near = (struct near){.width_us = width};
    return width > 1 /* else the inverse is 2^64 */ && (uint64_t)width >> NEAR_BITS_MAX == 0 &&
           (uint64_t)end - (uint64_t)start == (uint64_t)width &&
           weir_sub_i64(start, before * width, &near->start_us);
}

/* Notes which window is whose and counts the rows of each. The product with the inverse, which is
 * rounded up, may be one too many next to a border. False: some row is in none of the windows. */
static bool near_count(struct near *near, const struct weir_batch *batch, const struct times *times,
                       uint8_t *nth)
{
    uint64_t start = (uint64_t)near->start_us, width = (uint64_t)near->width_us;
    uint64_t inverse = UINT64_MAX / width + 1, beyond = 0;
    uint32_t count = batch->selected_count, size = count / NEAR_PARTS;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t into = (uint64_t)times->us[weir_batch_lane(batch, i)] - start;
        uint64_t n = weir_mul_high_u64(into, inverse);
        n -= into < n * width;
        beyond |= n;
        nth[i] = (uint8_t)n;
    }
    if (beyond >= NEAR_COUNT)
        return false;
    for (uint32_t i = 0; i < size; i++)
        for (uint32_t part = 0; part < NEAR_PARTS; part++)
            near->counts[part][nth[part * size + i]]++;
    for (uint32_t i = size * NEAR_PARTS; i < count; i++)
        near->counts[NEAR_PARTS - 1][nth[i]]++;
    return true;
}

static uint32_t near_rows(const struct near *near, uint32_t n)
{
    uint32_t count = 0;
    for (uint32_t part = 0; part < NEAR_PARTS; part++)
        count += near->counts[part][n];
    return count;
}

static int64_t least_time(const struct weir_batch *batch, const struct times *times)
{
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        int64_t time_us = times->us[weir_batch_lane(batch, i)];
        least = time_us < least ? time_us : least;
    }
    return least;
}

/* The rows are taken to lie around the first one, else from the earliest one on. False: they lie
 * too far apart, or some are late. */
static bool near_find(struct aggregate *aggregate, const struct weir_batch *batch,
                      const struct times *times, struct near *near)
{
    uint8_t *nth = aggregate->room->nth;
    int64_t first_us = times->us[weir_batch_lane(batch, 0)];
    uint32_t n = 0;
    if (!(near_init(near, aggregate, first_us, NEAR_BEFORE) &&
          near_count(near, batch, times, nth)) &&
        !(near_init(near, aggregate, least_time(batch, times), 0) &&
          near_count(near, batch, times, nth)))
        return false;
    while (near_rows(near, n) == 0)
        n++;
    return near->start_us + (int64_t)(n + 1) * near->width_us > aggregate->watermark_us ||
           aggregate->env.bounded_query;
}

static enum weir_status divide_near(struct aggregate *aggregate, const struct weir_batch *batch,
                                    const struct near *near, uint32_t *segments_count,
                                    struct weir_error *error)
{
    struct aggregate_room *room = aggregate->room;
    uint32_t places[NEAR_PARTS][NEAR_COUNT], at = 0, hint = 0;
    for (uint32_t n = 0; n < NEAR_COUNT; n++) {
        int64_t start = near->start_us + (int64_t)n * near->width_us;
        uint32_t count = near_rows(near, n);
        if (count == 0)
            continue;
        struct pane *pane =
            aggregate_pane_find_near(aggregate, &hint, start, start + near->width_us);
        if (!pane)
            WEIR_TRY(
                aggregate_pane_open(aggregate, start, start + near->width_us, false, &pane, error));
        room->segments[(*segments_count)++] = (struct segment){pane, room->sorted + at, count};
        for (uint32_t part = 0; part < NEAR_PARTS; part++) {
            places[part][n] = at;
            at += near->counts[part][n];
        }
    }
    uint32_t count = batch->selected_count, size = count / NEAR_PARTS;
    for (uint32_t i = 0; i < size; i++)
        for (uint32_t part = 0; part < NEAR_PARTS; part++) {
            uint32_t row = part * size + i;
            room->sorted[places[part][room->nth[row]]++] = (uint16_t)weir_batch_lane(batch, row);
        }
    for (uint32_t i = size * NEAR_PARTS; i < count; i++)
        room->sorted[places[NEAR_PARTS - 1][room->nth[i]]++] = (uint16_t)weir_batch_lane(batch, i);
    return WEIR_OK;
}

/* Whether all rows lie in the two windows from start_us on; how many in the second. */
static bool pair_count(int64_t start_us, int64_t width_us, const struct weir_batch *batch,
                       const struct times *times, uint32_t *second)
{
    uint64_t start = (uint64_t)start_us, width = (uint64_t)width_us, outside = 0, count = 0;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint64_t into = (uint64_t)times->us[weir_batch_lane(batch, i)] - start;
        outside |= into >= 2 * width;
        count += into >= width;
    }
    *second = (uint32_t)count;
    return !outside;
}

/* Rows that come a little late go to and fro between two windows, the same ones as in the batch
 * before: no segments when they do not. */
static enum weir_status divide_pair(struct aggregate *aggregate, const struct weir_batch *batch,
                                    const struct times *times, uint32_t *segments_count,
                                    struct weir_error *error)
{
    int64_t width = aggregate->plan->window.width_us, first = aggregate->mixed_start_us;
    struct aggregate_room *room = aggregate->room;
    uint32_t count = batch->selected_count, second, hint = 0;
    bool late = first + width <= aggregate->watermark_us && !aggregate->env.bounded_query;
    if (late || !pair_count(first, width, batch, times, &second))
        return WEIR_OK;
    uint32_t counts[2] = {count - second, second}, places[2] = {0, count - second};
    for (uint32_t n = 0; n < 2; n++) {
        if (counts[n] == 0)
            continue;
        int64_t start = first + (int64_t)n * width;
        struct pane *pane = aggregate_pane_find_near(aggregate, &hint, start, start + width);
        if (!pane)
            WEIR_TRY(aggregate_pane_open(aggregate, start, start + width, false, &pane, error));
        room->segments[(*segments_count)++] =
            (struct segment){pane, room->sorted + places[n], counts[n]};
    }
    /* Without a branch, since none could guess. */
    uint16_t *sorted = room->sorted;
    for (uint32_t i = 0, low = 0, high = counts[0]; i < count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        bool is_second = times->us[lane] >= first + width;
        sorted[is_second ? high : low] = (uint16_t)lane;
        high += is_second;
        low += !is_second;
    }
    return WEIR_OK;
}

/* One past the rows from first on whose times lie in the pane. */
static uint32_t run_end(const struct pane *pane, const struct times *times, const uint16_t *lanes,
                        uint32_t first, uint32_t count)
{
    uint64_t start = (uint64_t)pane->start_us, width = (uint64_t)pane->end_us - start;
    while (first < count && (uint64_t)times->us[lanes[first]] - start < width)
        first++;
    return first;
}

enum { RUNS_MAX = 3 };

/* Rows that come in order of their windows, of few of them: pieces of the batch as they stand.
 * Otherwise no segments: rows go to and fro, are late, or cross many borders. */
static enum weir_status divide_runs(struct aggregate *aggregate, const struct weir_batch *batch,
                                    const struct times *times, uint32_t *segments_count,
                                    struct weir_error *error)
{
    struct aggregate_room *room = aggregate->room;
    const uint16_t *lanes = batch->selection ? batch->selection : room->sorted;
    uint32_t first = 0, count = batch->selected_count, runs = 0;
    int64_t start, end, before = INT64_MIN;
    for (uint32_t i = 0; !batch->selection && i < count; i++)
        room->sorted[i] = (uint16_t)i;
    for (; first < count && runs < RUNS_MAX; runs++) {
        exec_window_of(&aggregate->plan->window, times->us[lanes[first]], &start, &end);
        bool late = end <= aggregate->watermark_us && !aggregate->env.bounded_query;
        if (late || (runs && start <= before))
            return WEIR_OK;
        before = start;
        struct pane *pane = aggregate_pane_find(aggregate, start, end);
        if (!pane)
            WEIR_TRY(aggregate_pane_open(aggregate, start, end, false, &pane, error));
        uint32_t last = run_end(pane, times, lanes, first, count);
        room->segments[runs] = (struct segment){pane, lanes + first, last - first};
        first = last;
    }
    *segments_count = first == count ? runs : 0;
    return WEIR_OK;
}

/* Where windows have mixed in a batch they are taken to do so in the next ones. */
enum { MIXED_BATCHES = 15 };

/* Rows of several windows. */
static enum weir_status divide(struct aggregate *aggregate, const struct weir_batch *batch,
                               const struct times *times, uint32_t *segments_count,
                               struct weir_error *error)
{
    struct near near;
    if (!times->validity && aggregate->mixed_batches == 0)
        WEIR_TRY(divide_runs(aggregate, batch, times, segments_count, error));
    if (!times->validity && aggregate->mixed_batches && aggregate->mixed_pair)
        WEIR_TRY(divide_pair(aggregate, batch, times, segments_count, error));
    if (*segments_count) {
        aggregate->mixed_batches -= aggregate->mixed_batches > 0;
        return WEIR_OK;
    }
    if (!times->validity && near_find(aggregate, batch, times, &near)) {
        aggregate->mixed_batches =
            aggregate->mixed_batches ? aggregate->mixed_batches - 1 : MIXED_BATCHES;
        WEIR_TRY(divide_near(aggregate, batch, &near, segments_count, error));
        aggregate->mixed_start_us = aggregate->room->segments[0].pane->start_us;
        aggregate->mixed_pair = *segments_count <= 2;
        return WEIR_OK;
    }
    aggregate->mixed_batches = 0;
    return divide_rows(aggregate, batch, times, segments_count, error);
}

enum weir_status aggregate_divide(struct aggregate *aggregate, const struct weir_batch *batch,
                                  uint32_t *segments_count, struct weir_error *error)
{
    struct times times = {NULL, NULL};
    *segments_count = 0;
    aggregate->batch = batch;
    aggregate->segments = aggregate->room->segments;
    if (batch->selected_count == 0)
        return WEIR_OK;
    struct segment whole = {NULL, batch->selection, batch->selected_count};
    if (aggregate->plan->window.kind == WEIR_WINDOW_NONE) {
        whole.pane = aggregate->panes[0];
        aggregate->room->segments[(*segments_count)++] = whole;
        return WEIR_OK;
    }
    if (aggregate->plan->window.kind == WEIR_WINDOW_COLUMNS)
        return aggregate_divide_by_columns(aggregate, batch, segments_count, error);
    WEIR_TRY(load_times(aggregate, batch, &times, error));
    if (aggregate->sessions)
        return aggregate_sessions_divide(aggregate, batch, &times, segments_count, error);
    if (aggregate->plan->window.kind != WEIR_WINDOW_TUMBLE)
        return aggregate_divide_overlapping(aggregate, batch, &times, segments_count, error);
    if (aggregate->mixed_batches)
        return divide(aggregate, batch, &times, segments_count, error);
    if (!all_in_pane(aggregate->last_pane, batch, &times)) {
        uint32_t lane = weir_batch_lane(batch, batch->selected_count - 1);
        int64_t start, end;
        exec_window_of(&aggregate->plan->window, times.us[lane], &start, &end);
        aggregate->last_pane = aggregate_pane_find(aggregate, start, end);
        if (!all_in_pane(aggregate->last_pane, batch, &times))
            return divide(aggregate, batch, &times, segments_count, error);
    }
    whole.pane = aggregate->last_pane;
    aggregate->room->segments[(*segments_count)++] = whole;
    return WEIR_OK;
}
