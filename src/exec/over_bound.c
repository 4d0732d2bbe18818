/* Top-N: rows that can never come out are not taken in.
 *
 * With a limit of N over append input a row stays outside when N rows of its partition come before
 * it in ORDER BY: more rows only put it further back. For that the N best values of the first sort
 * column are kept per partition, as integers in the column's order:
 *
 *     ORDER BY price DESC, limit 3      best of partition 7:  ~900, ~850, ~700
 *     a row of 650 (~650 > ~700) is dropped; one of 700 may tie and is kept; 800 takes ~700's place
 *
 * Rows that are null there, or equal to the last value, are always kept: what is behind the limit
 * is found later from the rows themselves. A partition that the map did not know when the batch
 * came learns its values from the rows that were added.
 *
 * Where hardly a row is dropped (the latest row of each key) the next batches are taken in unseen:
 * what is known of a partition then is of fewer rows than it has, and no less true.
 *
 * Memory: 8 N bytes a partition. Tested by tests/suites/changes.py, windows.py, nexmark_queries.py.
 */
#include "exec/over_internal.h"

enum { BOUND_LIMIT_MAX = 32 };
/* Less than one row of so many dropped, in so many batches: so many pass unseen. */
enum { WORTH_ONE_IN = 256, POOR_BATCHES = 8, UNSEEN_BATCHES = 31 };

struct over_bounds {
    uint32_t limit;
    struct weir_buffer bests; /* per partition: how many values there are, then limit of them */
    /* Of the batch at hand. */
    struct weir_column *keys;
    uint32_t *first_rows;
    uint16_t *lanes;  /* those that are taken in */
    int64_t *values;  /* of them */
    bool *is_learned; /* of them: noted before the map took them in */
    uint32_t lanes_count;
    uint32_t poor_batches;   /* one after another */
    uint32_t unseen_batches; /* still to come */
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

enum weir_status over_bounds_create(struct over *over, struct weir_error *error)
{
    const struct weir_plan_over *plan = over->plan;
    bool ranks = plan->calls[0].function == WEIR_OVER_ROW_NUMBER ||
                 plan->calls[0].function == WEIR_OVER_RANK;
    if (!over->forgets || !ranks || plan->limit < 1 || plan->limit > BOUND_LIMIT_MAX ||
        plan->order_count == 0 ||
        !is_ordered_as_integer(over->input_schema->fields[plan->order[0].column].type))
        return WEIR_OK;
    struct weir_arena *arena = &over->arena;
    struct over_bounds *bounds = WEIR_ARENA_NEW(arena, struct over_bounds);
    if (!bounds)
        return exec_out_of_memory(&over->env, error);
    weir_buffer_init(&bounds->bests, over->env.budget);
    over->bounds = bounds;
    bounds->limit = (uint32_t)plan->limit;
    bounds->keys = WEIR_ARENA_ARRAY(arena, struct weir_column, plan->partition_count + 1);
    bounds->first_rows = WEIR_ARENA_ARRAY(arena, uint32_t, WEIR_BATCH_ROWS_MAX);
    bounds->lanes = WEIR_ARENA_ARRAY(arena, uint16_t, WEIR_BATCH_ROWS_MAX);
    bounds->values = WEIR_ARENA_ARRAY(arena, int64_t, WEIR_BATCH_ROWS_MAX);
    bounds->is_learned = WEIR_ARENA_ARRAY(arena, bool, WEIR_BATCH_ROWS_MAX);
    return bounds->keys && bounds->first_rows && bounds->lanes && bounds->values &&
                   bounds->is_learned
               ? WEIR_OK
               : exec_out_of_memory(&over->env, error);
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

/* NULL: nothing is known of the partition. */
static int64_t *bests_of(const struct over_bounds *bounds, uint32_t key)
{
    size_t at = stride(bounds) * key;
    return at < bounds->bests.size ? (int64_t *)(void *)(bounds->bests.data + at) : NULL;
}

static bool is_behind(const struct over_bounds *bounds, const int64_t *bests, int64_t value)
{
    return bests && bests[0] == bounds->limit && value > bests[bounds->limit];
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
    int64_t *bests = over->bounds ? bests_of(over->bounds, key) : NULL;
    if (bests)
        bests[0] = 0;
}

/* ---- a batch ---- */

static int64_t value_of(const struct over *over, const struct weir_column *column, uint32_t lane)
{
    int64_t value = integer_of(column, lane);
    return over->plan->order[0].order.descending ? ~value : value;
}

enum weir_status over_bounds_filter(struct over *over, const struct weir_batch *batch,
                                    const uint16_t **lanes, uint32_t *count,
                                    struct weir_error *error)
{
    struct over_bounds *bounds = over->bounds;
    const struct weir_plan_over *plan = over->plan;
    bounds->lanes_count = 0;
    if (bounds->unseen_batches > 0) {
        bounds->unseen_batches--;
        return WEIR_OK;
    }
    const struct weir_column *column = &batch->columns[plan->order[0].column];
    for (uint32_t k = 0; k < plan->partition_count; k++)
        bounds->keys[k] = batch->columns[plan->partition[k]];
    WEIR_TRY(
        weir_multimap_find(over->rows, bounds->keys, *lanes, *count, bounds->first_rows, error));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *count; i++) {
        uint32_t lane = *lanes ? (*lanes)[i] : i, row = bounds->first_rows[i];
        bool is_null = weir_column_is_null(column, lane);
        int64_t value = is_null ? 0 : value_of(over, column, lane);
        int64_t *bests =
            row == WEIR_MULTIMAP_NONE ? NULL : bests_of(bounds, weir_multimap_key(over->rows, row));
        if (!is_null && is_behind(bounds, bests, value)) {
            uint32_t key = weir_multimap_key(over->rows, row);
            if (weir_ttl_is_on(&over->ttl)) /* seen, if not taken in */
                WEIR_TRY(weir_ttl_touch(&over->ttl, &key, 1, error));
            continue;
        }
        if (!is_null && bests)
            note(bounds, bests, value);
        bounds->lanes[kept] = (uint16_t)lane;
        bounds->values[kept] = value;
        bounds->is_learned[kept++] = is_null || bests;
    }
    bounds->lanes_count = kept;
    bounds->poor_batches = *count - kept < *count / WORTH_ONE_IN ? bounds->poor_batches + 1 : 0;
    if (bounds->poor_batches >= POOR_BATCHES)
        bounds->unseen_batches = UNSEEN_BATCHES;
    *lanes = bounds->lanes;
    *count = kept;
    return WEIR_OK;
}

enum weir_status over_bounds_learn(struct over *over, const uint32_t *keys,
                                   struct weir_error *error)
{
    struct over_bounds *bounds = over->bounds;
    for (uint32_t i = 0; i < bounds->lanes_count; i++) {
        if (bounds->is_learned[i])
            continue;
        size_t size = stride(bounds) * ((size_t)keys[i] + 1), before = bounds->bests.size;
        if (size > before) {
            if (!weir_buffer_reserve(&bounds->bests, size - before))
                return exec_out_of_memory(&over->env, error);
            memset(bounds->bests.data + before, 0, size - before);
            bounds->bests.size = size;
        }
        note(bounds, bests_of(bounds, keys[i]), bounds->values[i]);
    }
    return WEIR_OK;
}
