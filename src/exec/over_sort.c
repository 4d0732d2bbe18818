/* Order, peers and frames of a partition. */
#include "exec/over_internal.h"
#include "exec/row_store.h"

/* ---- order ---- */

struct ordering {
    const struct over *over;
    const struct weir_column *columns; /* as the rows came */
    const int64_t *event_times;
};

static int compare_values(const struct weir_column *column, struct weir_sort_order order,
                          uint32_t a, uint32_t b)
{
    bool null_a = weir_column_is_null(column, a), null_b = weir_column_is_null(column, b);
    if (null_a || null_b)
        return null_a == null_b ? 0 : null_a == order.nulls_first ? -1 : 1;
    int compared = weir_column_compare(column, a, column, b);
    return order.descending ? -compared : compared;
}

int over_compare_order(const struct over *over, const struct weir_column *columns, uint32_t a,
                       uint32_t b)
{
    const struct weir_plan_over *plan = over->plan;
    for (uint32_t k = 0; k < plan->order_count; k++) {
        int compared = compare_values(&columns[plan->order[k].column], plan->order[k].order, a, b);
        if (compared)
            return compared;
    }
    return 0;
}

int over_compare_columns(const struct over *over, const struct weir_column *columns, uint32_t a,
                         uint32_t b)
{
    for (uint32_t c = 0; c < over->input_schema->fields_count; c++) {
        int compared = weir_column_compare(&columns[c], a, &columns[c], b);
        if (compared)
            return compared;
    }
    return 0;
}

static int compare_rows(const void *context, uint32_t a, uint32_t b)
{
    const struct ordering *ordering = context;
    int compared = over_compare_order(ordering->over, ordering->columns, a, b);
    if (compared)
        return compared;
    if (ordering->event_times && ordering->event_times[a] != ordering->event_times[b])
        return ordering->event_times[a] < ordering->event_times[b] ? -1 : 1;
    return over_compare_columns(ordering->over, ordering->columns, a, b);
}

static enum weir_status gather_columns(struct over *over, const uint32_t *rows, uint32_t count,
                                       struct weir_column *columns, struct weir_error *error)
{
    for (uint32_t c = 0; c < over->input_schema->fields_count; c++)
        WEIR_TRY(
            weir_multimap_gather(over->rows, c, rows, count, &over->scratch, &columns[c], error));
    return WEIR_OK;
}

static enum weir_status event_times_of(struct over *over, const uint32_t *rows, uint32_t count,
                                       const int64_t **out, struct weir_error *error)
{
    *out = NULL;
    if (!over->node->inputs[0]->has_event_time)
        return WEIR_OK;
    int64_t *times = WEIR_ARENA_ARRAY(&over->scratch, int64_t, count + 1);
    if (!times)
        return exec_out_of_memory(&over->env, error);
    for (uint32_t i = 0; i < count; i++)
        times[i] = over_row(over, rows[i])->event_time;
    *out = times;
    return WEIR_OK;
}

/* Peers are equal by ORDER BY; without one all rows are. */
static enum weir_status find_peers(struct over *over, struct over_partition *partition,
                                   struct weir_error *error)
{
    uint32_t count = partition->count;
    partition->group = WEIR_ARENA_ARRAY(&over->scratch, uint32_t, count + 1);
    partition->group_start = WEIR_ARENA_ARRAY(&over->scratch, uint32_t, count + 2);
    if (!partition->group || !partition->group_start)
        return exec_out_of_memory(&over->env, error);
    partition->groups_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || over_compare_order(over, partition->columns, i - 1, i) != 0)
            partition->group_start[partition->groups_count++] = i;
        partition->group[i] = partition->groups_count - 1;
    }
    partition->group_start[partition->groups_count] = count;
    return WEIR_OK;
}

enum weir_status over_sort(struct over *over, const uint32_t *rows, uint32_t count,
                           struct over_partition *partition, struct weir_error *error)
{
    struct weir_arena *arena = &over->scratch;
    uint32_t columns_count = over->input_schema->fields_count;
    uint32_t *refs = WEIR_ARENA_ARRAY(arena, uint32_t, count + 1);
    uint32_t *room = WEIR_ARENA_ARRAY(arena, uint32_t, count + 1);
    uint32_t *sorted = WEIR_ARENA_ARRAY(arena, uint32_t, count + 1);
    struct weir_column *columns = WEIR_ARENA_ARRAY(arena, struct weir_column, columns_count + 1);
    *partition = (struct over_partition){.count = count, .columns = columns};
    if (!refs || !room || !sorted || !columns)
        return exec_out_of_memory(&over->env, error);
    WEIR_TRY(gather_columns(over, rows, count, columns, error));
    struct ordering ordering = {over, columns, NULL};
    WEIR_TRY(event_times_of(over, rows, count, &ordering.event_times, error));
    for (uint32_t i = 0; i < count; i++)
        refs[i] = i;
    if (!row_refs_sort(refs, count, room, compare_rows, &ordering, &over->env))
        return weir_error_set(error, WEIR_E_INTERRUPTED, "interrupted");
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = rows[refs[i]];
    partition->rows = sorted;
    for (uint32_t c = 0; c < columns_count; c++) {
        struct weir_column column = columns[c];
        WEIR_TRY(weir_column_gather(&column, refs, count, arena, &columns[c], error));
    }
    WEIR_TRY(event_times_of(over, sorted, count, &partition->event_times, error));
    return find_peers(over, partition, error);
}

/* ---- frames ---- */

static uint32_t plus(uint32_t row, int64_t count, uint32_t most)
{
    return count >= (int64_t)most - (int64_t)row ? most : row + (uint32_t)count;
}

static uint32_t minus(uint32_t row, int64_t count)
{
    return count >= (int64_t)row ? 0 : row - (uint32_t)count;
}

/* First row that is not before row i's limit (or, with after, that is behind it). */
static uint32_t range_edge(const struct over *over, const struct over_partition *partition,
                           uint32_t limit_column, uint32_t i, bool after)
{
    const struct weir_plan_order *by = &over->plan->order[0];
    const struct weir_column *values = &partition->columns[by->column];
    const struct weir_column *limits = &partition->columns[limit_column];
    uint32_t low = 0, high = partition->count;
    if (weir_column_is_null(limits, i)) { /* a null's frame are the nulls */
        uint32_t group = partition->group[i];
        return partition->group_start[group + after];
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int compared; /* of the row with the limit */
        if (weir_column_is_null(values, middle))
            compared = by->order.nulls_first ? -1 : 1;
        else
            compared = weir_column_compare(values, middle, limits, i);
        if (by->order.descending && !weir_column_is_null(values, middle))
            compared = -compared;
        if (compared < 0 || (after && compared == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t rows_edge(const struct over_partition *partition,
                          const struct weir_frame_bound *bound, uint32_t i, bool end)
{
    uint32_t count = partition->count;
    switch (bound->kind) {
    case WEIR_FRAME_UNBOUNDED_PRECEDING:
        return 0;
    case WEIR_FRAME_PRECEDING:
        return end ? minus(i + 1, bound->count) : minus(i, bound->count);
    case WEIR_FRAME_CURRENT_ROW:
        return i + end;
    case WEIR_FRAME_FOLLOWING:
        return end ? plus(i + 1, bound->count, count) : plus(i, bound->count, count);
    case WEIR_FRAME_UNBOUNDED_FOLLOWING:
        break;
    }
    return count;
}

static uint32_t groups_edge(const struct over_partition *partition,
                            const struct weir_frame_bound *bound, uint32_t i, bool end)
{
    uint32_t group = partition->group[i], last = partition->groups_count;
    switch (bound->kind) {
    case WEIR_FRAME_UNBOUNDED_PRECEDING:
        return 0;
    case WEIR_FRAME_PRECEDING:
        return partition
            ->group_start[end ? minus(group + 1, bound->count) : minus(group, bound->count)];
    case WEIR_FRAME_CURRENT_ROW:
        return partition->group_start[group + end];
    case WEIR_FRAME_FOLLOWING:
        return partition->group_start[end ? plus(group + 1, bound->count, last)
                                          : plus(group, bound->count, last)];
    case WEIR_FRAME_UNBOUNDED_FOLLOWING:
        break;
    }
    return partition->count;
}

static uint32_t frame_edge(const struct over *over, const struct over_partition *partition,
                           enum weir_frame_unit unit, const struct weir_frame_bound *bound,
                           uint32_t i, bool end)
{
    bool by_value = bound->kind == WEIR_FRAME_PRECEDING || bound->kind == WEIR_FRAME_FOLLOWING;
    if (unit == WEIR_FRAME_ROWS)
        return rows_edge(partition, bound, i, end);
    if (unit == WEIR_FRAME_RANGE && by_value)
        return range_edge(over, partition, bound->limit_column, i, end);
    return groups_edge(partition, bound, i, end);
}

void over_frame(const struct over *over, const struct over_partition *partition,
                const struct weir_plan_frame *frame, uint32_t row, uint32_t *low, uint32_t *high)
{
    *low = frame_edge(over, partition, frame->unit, &frame->start, row, false);
    *high = frame_edge(over, partition, frame->unit, &frame->end, row, true);
    if (*high < *low)
        *high = *low;
}
