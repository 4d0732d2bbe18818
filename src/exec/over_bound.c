/* Top-N: rows that can never come out are not taken in.
 *
 * With a limit of N over append input a row stays outside when N rows of its partition come before
 * it in ORDER BY: more rows only put it further back. For that the N best values of the first sort
 * column are kept per partition, as integers in the column's order:
 *
 *     ORDER BY price DESC, limit 3      best of partition 7:  ~900, ~850, ~700
 *     a row of 650 (~650 > ~700) is dropped; one of 700 may tie and is kept; 800 takes ~700's place
 *
 * All values of a batch are noted before the first row is dropped: where the latest row counts,
 * only the last one of a partition in the batch is kept. Rows that are null there, or equal to the
 * last value, are always kept: what is behind the limit is found later from the rows themselves. So
 * a partition that is new with a batch keeps at least one row of it.
 *
 * Memory: 8 (N + 1) bytes a partition. Tested by tests/suites/changes.py, windows.py,
 * nexmark_queries.py. */
#include "exec/over_internal.h"

enum { BOUND_LIMIT_MAX = 32, PARTITIONS_AHEAD = 16 };

struct over_bounds {
    uint32_t limit;
    struct weir_buffer bests; /* per partition: how many values there are, then limit of them */
    /* Of the batch at hand. */
    uint16_t *lanes; /* those that are taken in */
    int64_t *values; /* of all lanes there were */
};

static bool is_ordered_as_integer(const struct weir_type *type)
{
    switch (type->kind) {
    case WEIR_TYPE_INT16:
    case WEIR_TYPE_INT32:
    case WEIR_TYPE_INT64:
    case WEIR_TYPE_DATE:
    case WEIR_TYPE_FLOAT64:
    case WEIR_TYPE_TIMESTAMP:
    case WEIR_TYPE_TIMESTAMPTZ:
    case WEIR_TYPE_TIMESTAMP_NS:
    case WEIR_TYPE_TIMESTAMPTZ_NS:
        return true;
    default:
        return false;
    }
}

/* -0 is 0; all NaN are one, above infinity. */
static int64_t integer_of_double(double value)
{
    int64_t bits;
    if (value != value)
        return INT64_MAX;
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static int64_t integer_of(const struct weir_column *column, uint32_t lane)
{
    uint32_t at = weir_column_index(column, lane);
    switch (column->type->kind) {
    case WEIR_TYPE_INT16:
        return ((const int16_t *)column->values)[at];
    case WEIR_TYPE_INT32:
    case WEIR_TYPE_DATE:
        return ((const int32_t *)column->values)[at];
    case WEIR_TYPE_FLOAT64:
        return integer_of_double(((const double *)column->values)[at]);
    default:
        return ((const int64_t *)column->values)[at];
    }
}

bool over_order_is_integer(const struct over *over)
{
    const struct weir_plan_over *plan = over->plan;
    return plan->order_count > 0 &&
           is_ordered_as_integer(over->input_schema->fields[plan->order[0].column].type);
}

int64_t over_order_integer(const struct over *over, const struct weir_column *column, uint32_t lane)
{
    int64_t value = integer_of(column, lane);
    return over->plan->order[0].order.descending ? ~value : value;
}

enum weir_status over_bounds_create(struct over *over, struct weir_error *error)
{
    const struct weir_plan_over *plan = over->plan;
    bool ranks = plan->calls[0].function == WEIR_OVER_ROW_NUMBER ||
                 plan->calls[0].function == WEIR_OVER_RANK;
    if (!over->forgets || !ranks || plan->limit < 1 || plan->limit > BOUND_LIMIT_MAX ||
        !over_order_is_integer(over))
        return WEIR_OK;
    struct weir_arena *arena = &over->arena;
    struct over_bounds *bounds = WEIR_ARENA_NEW(arena, struct over_bounds);
    if (!bounds)
        return exec_out_of_memory(&over->env, error);
    weir_buffer_init(&bounds->bests, over->env.budget);
    over->bounds = bounds;
    bounds->limit = (uint32_t)plan->limit;
    bounds->lanes = WEIR_ARENA_ARRAY(arena, uint16_t, WEIR_BATCH_ROWS_MAX);
    bounds->values = WEIR_ARENA_ARRAY(arena, int64_t, WEIR_BATCH_ROWS_MAX);
    return bounds->lanes && bounds->values ? WEIR_OK : exec_out_of_memory(&over->env, error);
}

void over_bounds_destroy(struct over *over)
{
    if (over->bounds)
        weir_buffer_deinit(&over->bounds->bests);
}

/* ---- the best values of a partition ---- */

static size_t stride(const struct over_bounds *bounds)
{
    return sizeof(int64_t) * (1 + bounds->limit);
}

/* Of a partition that the buffer has room for. */
static int64_t *bests_of(const struct over_bounds *bounds, uint32_t key)
{
    return (int64_t *)(void *)(bounds->bests.data + stride(bounds) * key);
}

static bool is_behind(const struct over_bounds *bounds, const int64_t *bests, int64_t value)
{
    return bests[0] == bounds->limit && value > bests[bounds->limit];
}

static void note(const struct over_bounds *bounds, int64_t *bests, int64_t value)
{
    int64_t count = bests[0], *values = bests + 1;
    if (count == bounds->limit && value >= values[count - 1])
        return;
    if (count < bounds->limit)
        bests[0] = ++count;
    int64_t at = count - 1;
    for (; at > 0 && values[at - 1] > value; at--)
        values[at] = values[at - 1];
    values[at] = value;
}

void over_bounds_forget(struct over *over, uint32_t key)
{
    if (over->bounds)
        bests_of(over->bounds, key)[0] = 0;
}

/* ---- a batch ---- */

static enum weir_status make_room(struct over *over, const uint32_t *keys, uint32_t count,
                                  struct weir_error *error)
{
    struct weir_buffer *bests = &over->bounds->bests;
    uint32_t greatest = 0;
    for (uint32_t i = 0; i < count; i++)
        greatest = keys[i] > greatest ? keys[i] : greatest;
    size_t size = stride(over->bounds) * ((size_t)greatest + 1), before = bests->size;
    if (size <= before)
        return WEIR_OK;
    if (!weir_buffer_reserve(bests, size - before))
        return exec_out_of_memory(&over->env, error);
    memset(bests->data + before, 0, size - before);
    bests->size = size;
    return WEIR_OK;
}

static void note_all(const struct over *over, const struct weir_column *column,
                     const uint16_t *lanes, const uint32_t *keys, uint32_t count)
{
    const struct over_bounds *bounds = over->bounds;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t lane = lanes ? lanes[i] : i;
        if (i + PARTITIONS_AHEAD < count)
            __builtin_prefetch(bests_of(bounds, keys[i + PARTITIONS_AHEAD]), 1);
        if (weir_column_is_null(column, lane))
            continue;
        bounds->values[i] = over_order_integer(over, column, lane);
        note(bounds, bests_of(bounds, keys[i]), bounds->values[i]);
    }
}

enum weir_status over_bounds_filter(struct over *over, const struct weir_batch *batch,
                                    const uint16_t **lanes, uint32_t *keys, uint32_t *count,
                                    struct weir_error *error)
{
    struct over_bounds *bounds = over->bounds;
    const struct weir_column *column = &batch->columns[over->plan->order[0].column];
    uint32_t kept = 0;
    WEIR_TRY(make_room(over, keys, *count, error));
    note_all(over, column, *lanes, keys, *count);
    for (uint32_t i = 0; i < *count; i++) {
        uint32_t lane = *lanes ? (*lanes)[i] : i;
        if (!weir_column_is_null(column, lane) &&
            is_behind(bounds, bests_of(bounds, keys[i]), bounds->values[i]))
            continue;
        bounds->lanes[kept] = (uint16_t)lane;
        keys[kept++] = keys[i];
    }
    *lanes = bounds->lanes;
    *count = kept;
    return WEIR_OK;
}
