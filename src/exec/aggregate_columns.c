/* Windows that were made further below: each row says by two columns which one it belongs to. */
#include "exec/aggregate_internal.h"

struct bounds_of_rows {
    struct weir_column columns[2]; /* start, end; FLAT, in us */
};

static enum weir_status load_bounds(struct aggregate *aggregate, const struct weir_batch *batch,
                                    struct bounds_of_rows *bounds, struct weir_error *error)
{
    const uint32_t columns[2] = {aggregate->plan->window.start_column,
                                 aggregate->plan->window.end_column};
    for (uint32_t i = 0; i < 2; i++)
        WEIR_TRY(weir_column_flatten(&batch->columns[columns[i]], &aggregate->scratch,
                                     &bounds->columns[i], error));
    return WEIR_OK;
}

/* The pane of a row, opened when it is the first; NULL when the window has closed. */
static enum weir_status pane_of_lane(struct aggregate *aggregate,
                                     const struct bounds_of_rows *bounds, uint32_t lane,
                                     struct pane **pane, struct weir_error *error)
{
    if (weir_column_is_null(&bounds->columns[0], lane) ||
        weir_column_is_null(&bounds->columns[1], lane)) {
        if (!aggregate->null_pane)
            WEIR_TRY(aggregate_pane_open(aggregate, INT64_MIN, INT64_MAX, true,
                                         &aggregate->null_pane, error));
        *pane = aggregate->null_pane;
        return WEIR_OK;
    }
    int64_t start = ((const int64_t *)bounds->columns[0].values)[lane];
    int64_t end = ((const int64_t *)bounds->columns[1].values)[lane];
    if (*pane && !(*pane)->of_null && (*pane)->start_us == start && (*pane)->end_us == end)
        return WEIR_OK; /* as the row before */
    *pane = NULL;
    if (end <= aggregate->watermark_us && !aggregate->env.bounded_query) {
        aggregate_count_late(aggregate, lane, end, end);
        return WEIR_OK;
    }
    *pane = aggregate_pane_find(aggregate, start, end);
    return *pane ? WEIR_OK : aggregate_pane_open(aggregate, start, end, false, pane, error);
}

enum weir_status aggregate_divide_by_columns(struct aggregate *aggregate,
                                             const struct weir_batch *batch,
                                             uint32_t *segments_count, struct weir_error *error)
{
    struct aggregate_room *room = aggregate->room;
    struct bounds_of_rows bounds;
    struct pane *pane = NULL;
    WEIR_TRY(load_bounds(aggregate, batch, &bounds, error));
    aggregate_clear_counts(aggregate);
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        WEIR_TRY(pane_of_lane(aggregate, &bounds, weir_batch_lane(batch, i), &pane, error));
        room->panes[i] = pane;
        if (pane)
            pane->batch_rows++;
    }
    *segments_count = aggregate_lay_out_segments(aggregate, batch);
    return WEIR_OK;
}
