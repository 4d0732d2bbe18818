/* Windows that overlap: hop and cumulate. A row belongs to several panes.
 *
 *     hop 10 s by 4 s:       |— 0 … 10 —|                     slices: 0 2 4 6 8 10 …
 *                                |— 4 … 14 —|                 rows of one slice belong to the same
 *                                    |— 8 … 18 —|             windows
 *
 * Batches are divided into slices (the greatest common divisor of width and slide), and each slice
 * goes into the panes of all windows around it, or, where windows are sums of slices, into its own
 * (aggregate_slices.c). A row is late only for the windows that have closed. */
#include "exec/aggregate_internal.h"

#include <stdlib.h>

struct slice_row {
    int64_t slice_us;
    uint16_t lane;
    uint16_t number; /* in the batch: equal slices keep their order */
};

/* Rows of the batch one after the other in one slice. */
struct slice_run {
    int64_t slice_us;
    uint32_t first, count;
};

struct segments {
    struct segment *items;
    uint32_t count, capacity;
};

/* ---- segments ---- */

static enum weir_status add_segment(struct aggregate *aggregate, struct segments *segments,
                                    struct pane *pane, const uint16_t *selection, uint32_t count,
                                    struct weir_error *error)
{
    if (segments->count == segments->capacity) {
        uint32_t capacity = segments->capacity ? segments->capacity * 2 : 64;
        struct segment *items = WEIR_ARENA_ARRAY(&aggregate->scratch, struct segment, capacity);
        if (!items)
            return exec_out_of_memory(&aggregate->env, error);
        if (segments->count)
            memcpy(items, segments->items, segments->count * sizeof *items);
        segments->items = items;
        segments->capacity = capacity;
    }
    segments->items[segments->count++] = (struct segment){pane, selection, count};
    return WEIR_OK;
}

/* The rows of one slice into all of its windows. */
static enum weir_status add_slice(struct aggregate *aggregate, struct segments *segments,
                                  int64_t slice_us, const uint16_t *selection, uint32_t count,
                                  struct weir_error *error)
{
    const struct weir_plan_window *window = &aggregate->plan->window;
    int64_t start, end, latest_closed = INT64_MIN, first_end = INT64_MAX;
    struct pane *slice = aggregate_slice_find(aggregate, slice_us);
    if (slice) {
        WEIR_TRY(aggregate_slice_enter(aggregate, slice, error));
        return add_segment(aggregate, segments, slice, selection, count, error);
    }
    bool open = false;
    for (int64_t n = 0; exec_window_around(window, slice_us, &n, &start, &end); n++) {
        first_end = end < first_end ? end : first_end;
        if (end <= aggregate->watermark_us && !aggregate->env.bounded_query) {
            latest_closed = end > latest_closed ? end : latest_closed;
            continue;
        }
        struct pane *pane = aggregate_pane_find(aggregate, start, end);
        if (!pane)
            WEIR_TRY(aggregate_pane_open(aggregate, start, end, false, &pane, error));
        open = true;
        if (!aggregate->slices)
            WEIR_TRY(add_segment(aggregate, segments, pane, selection, count, error));
    }
    if (aggregate->slices && open) {
        WEIR_TRY(aggregate_slice_open(aggregate, slice_us, first_end, &slice, error));
        WEIR_TRY(aggregate_slice_enter(aggregate, slice, error));
        WEIR_TRY(add_segment(aggregate, segments, slice, selection, count, error));
    }
    for (uint32_t i = 0; latest_closed != INT64_MIN && i < count; i++)
        aggregate_count_late(aggregate, selection ? selection[i] : i, first_end, latest_closed);
    return WEIR_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const struct slice_row *x = a, *y = b;
    if (x->slice_us != y->slice_us)
        return x->slice_us < y->slice_us ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static enum weir_status add_nulls(struct aggregate *aggregate, struct segments *segments,
                                  const uint16_t *selection, uint32_t count,
                                  struct weir_error *error)
{
    if (count == 0)
        return WEIR_OK;
    if (!aggregate->null_pane)
        WEIR_TRY(aggregate_pane_open(aggregate, INT64_MIN, INT64_MAX, true, &aggregate->null_pane,
                                     error));
    return add_segment(aggregate, segments, aggregate->null_pane, selection, count, error);
}

enum { RUNS_MAX = 16 };

/* Rows that come slice by slice, in few of them: pieces of the batch as they stand. False: they do
 * not. */
static bool find_runs(const struct weir_plan_window *window, const struct weir_batch *batch,
                      const struct times *times, struct slice_run runs[RUNS_MAX],
                      uint32_t *runs_count)
{
    const int64_t width = exec_window_slice_width(window);
    uint32_t count = batch->selected_count, at = 0, found = 0;
    if (!width || times->validity)
        return false;
    for (; at < count && found < RUNS_MAX; found++) {
        int64_t slice = exec_window_slice(window, times->us[weir_batch_lane(batch, at)]);
        if (slice == INT64_MIN || (found && slice <= runs[found - 1].slice_us))
            return false;
        uint32_t first = at;
        int64_t end = (int64_t)((uint64_t)slice + (uint64_t)width);
        if (found == 0 && aggregate_all_within(slice, end, batch, times))
            at = count;
        while (at < count &&
               (uint64_t)times->us[weir_batch_lane(batch, at)] - (uint64_t)slice < (uint64_t)width)
            at++;
        runs[found] = (struct slice_run){slice, first, at - first};
    }
    *runs_count = found;
    return at == count;
}

static enum weir_status add_runs(struct aggregate *aggregate, struct segments *segments,
                                 const struct weir_batch *batch, const struct slice_run *runs,
                                 uint32_t runs_count, struct weir_error *error)
{
    const uint16_t *lanes = batch->selection;
    if (!lanes && runs_count > 1) {
        uint16_t *all = aggregate->room->sorted;
        for (uint32_t i = 0; i < batch->selected_count; i++)
            all[i] = (uint16_t)i;
        lanes = all;
    }
    for (uint32_t r = 0; r < runs_count; r++)
        WEIR_TRY(add_slice(aggregate, segments, runs[r].slice_us,
                           lanes ? lanes + runs[r].first : NULL, runs[r].count, error));
    return WEIR_OK;
}

/* Rows in any order, with or without a time. */
static enum weir_status add_rows(struct aggregate *aggregate, struct segments *segments,
                                 const struct weir_batch *batch, const struct times *times,
                                 struct weir_error *error)
{
    struct weir_arena *arena = &aggregate->scratch;
    uint32_t count = batch->selected_count, timed = 0, nulls = 0;
    struct slice_row *rows = WEIR_ARENA_ARRAY(arena, struct slice_row, count + 1);
    uint16_t *lanes = WEIR_ARENA_ARRAY(arena, uint16_t, count + 1);
    uint16_t *null_lanes = WEIR_ARENA_ARRAY(arena, uint16_t, count + 1);
    bool sorted = true;
    if (!rows || !lanes || !null_lanes)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        if (times->validity && !weir_bit_get(times->validity, lane)) {
            null_lanes[nulls++] = (uint16_t)lane;
            continue;
        }
        int64_t slice = exec_window_slice(&aggregate->plan->window, times->us[lane]);
        sorted &= timed == 0 || rows[timed - 1].slice_us <= slice;
        rows[timed] = (struct slice_row){slice, (uint16_t)lane, (uint16_t)timed};
        timed++;
    }
    if (!sorted)
        qsort(rows, timed, sizeof *rows, compare_rows);
    for (uint32_t i = 0; i < timed; i++)
        lanes[i] = rows[i].lane;
    for (uint32_t first = 0, last; first < timed; first = last) {
        for (last = first + 1; last < timed && rows[last].slice_us == rows[first].slice_us;)
            last++;
        WEIR_TRY(add_slice(aggregate, segments, rows[first].slice_us, lanes + first, last - first,
                           error));
    }
    return add_nulls(aggregate, segments, null_lanes, nulls, error);
}

enum weir_status aggregate_divide_overlapping(struct aggregate *aggregate,
                                              const struct weir_batch *batch,
                                              const struct times *times, uint32_t *segments_count,
                                              struct weir_error *error)
{
    struct segments segments = {0};
    struct slice_run runs[RUNS_MAX];
    uint32_t runs_count;
    if (find_runs(&aggregate->plan->window, batch, times, runs, &runs_count))
        WEIR_TRY(add_runs(aggregate, &segments, batch, runs, runs_count, error));
    else
        WEIR_TRY(add_rows(aggregate, &segments, batch, times, error));
    aggregate->segments = segments.items;
    *segments_count = segments.count;
    return WEIR_OK;
}
