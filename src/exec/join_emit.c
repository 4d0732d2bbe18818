/* Output batches of JOIN: pairs, and rows of one side alone.
 *
 * Columns of the batch at hand are shared with it or taken by lane; columns of stored rows are
 * copied out of the state, whose text may be given to another row as soon as this one goes. */
#include "exec/join_internal.h"

/* ---- parts ---- */

/* FULL is no reason to stop: what the batch at hand gives has to go out. */
static enum weir_flow send(struct join *join, struct weir_output *output, struct weir_error *error)
{
    enum weir_flow flow = output->push(output, join->out, error);
    return flow == WEIR_FLOW_FULL ? WEIR_FLOW_OK : flow;
}

/* Where the columns of a side begin in a pair. */
static uint32_t first_column(const struct join *join, uint32_t side)
{
    return side == 0 ? 0 : join->sides[0].schema->fields_count;
}

static bool is_shown(const struct join *join, uint32_t side)
{
    return side == 0 || join->plan->kind == WEIR_JOIN_PAIRS;
}

static enum weir_status put_rows(struct join *join, uint32_t side, const uint32_t *rows,
                                 uint32_t count, struct weir_batch *out, struct weir_error *error)
{
    uint32_t first = first_column(join, side);
    for (uint32_t c = 0; c < join->sides[side].schema->fields_count; c++) {
        struct weir_column column;
        WEIR_TRY(weir_multimap_gather(join->sides[side].rows, c, rows, count, &out->arena, &column,
                                      error));
        WEIR_TRY(exec_own_column(&column, count, &out->arena, &out->columns[first + c], error));
    }
    return WEIR_OK;
}

static void put_nulls(struct join *join, uint32_t side, uint32_t count, struct weir_batch *out)
{
    uint32_t first = first_column(join, side);
    if (!is_shown(join, side))
        return;
    for (uint32_t c = 0; c < join->sides[side].schema->fields_count; c++)
        out->columns[first + c] =
            weir_column_nulls(join->sides[side].schema->fields[c].type, count);
}

static enum weir_status new_i64(struct weir_batch *out, uint32_t count, int64_t **values,
                                struct weir_error *error)
{
    *values = weir_arena_alloc(&out->arena, (count + 1) * sizeof **values, 64);
    return *values ? WEIR_OK : weir_budget_error(out->arena.budget, error);
}

/* Event times of stored rows, into an array of out. */
static enum weir_status row_times(const struct join *join, uint32_t side, const uint32_t *rows,
                                  uint32_t count, struct weir_batch *out, int64_t **times,
                                  struct weir_error *error)
{
    struct weir_column column;
    WEIR_TRY(weir_multimap_gather(join->sides[side].rows, join->sides[side].schema->fields_count,
                                  rows, count, &out->arena, &column, error));
    WEIR_TRY(new_i64(out, count, times, error));
    memcpy(*times, column.values, count * sizeof **times);
    return WEIR_OK;
}

/* ---- pairs ---- */

enum weir_status join_build_pairs(struct join *join, struct weir_batch **batch,
                                  const struct weir_schema *schema, struct weir_error *error)
{
    const struct join_pairs *pairs = join->pairs;
    const struct join_batch *at = join->at;
    uint32_t first = first_column(join, at->port);
    WEIR_TRY(weir_batch_renew(batch, schema, join->env.budget, error));
    struct weir_batch *out = *batch;
    WEIR_TRY(weir_batch_hold(out, &at->batch->shared, error));
    out->rows_count = out->selected_count = pairs->count;
    for (uint32_t c = 0; c < join->sides[at->port].schema->fields_count; c++)
        WEIR_TRY(weir_column_take(&at->batch->columns[c], pairs->lanes, pairs->count, &out->arena,
                                  &out->columns[first + c], error));
    return put_rows(join, 1 - at->port, pairs->rows, pairs->count, out, error);
}

static enum weir_status weigh_pairs(struct join *join, struct weir_error *error)
{
    const struct join_pairs *pairs = join->pairs;
    const struct join_batch *at = join->at;
    const struct weir_multimap *rows = join->sides[1 - at->port].rows;
    int64_t *weights;
    if (!join->node->changelog)
        return WEIR_OK; /* J3 */
    WEIR_TRY(new_i64(join->out, pairs->count, &weights, error));
    for (uint32_t i = 0; i < pairs->count; i++)
        weights[i] = weir_batch_weight(at->batch, pairs->lanes[i]) *
                     weir_multimap_weight(rows, pairs->rows[i]);
    join->out->weights = weights;
    return WEIR_OK;
}

static enum weir_status time_pairs(struct join *join, struct weir_error *error)
{
    const struct join_pairs *pairs = join->pairs;
    const struct join_batch *at = join->at;
    int64_t *times;
    if (!join->node->has_event_time)
        return WEIR_OK;
    WEIR_TRY(row_times(join, 1 - at->port, pairs->rows, pairs->count, join->out, &times, error));
    for (uint32_t i = 0; at->batch->event_times && i < pairs->count; i++) {
        int64_t own = at->batch->event_times[pairs->lanes[i]];
        times[i] = own > times[i] ? own : times[i];
    }
    join->out->event_times = times;
    return WEIR_OK;
}

static enum weir_status finish_pairs(struct join *join, bool built, struct weir_error *error)
{
    const struct join_pairs *pairs = join->pairs;
    if (!built)
        WEIR_TRY(join_build_pairs(join, &join->out, &join->node->schema, error));
    struct weir_batch *out = join->out;
    WEIR_TRY(weigh_pairs(join, error));
    WEIR_TRY(time_pairs(join, error));
    if (pairs->selected_count == pairs->count)
        return WEIR_OK;
    uint16_t *selection =
        weir_arena_alloc(&out->arena, (pairs->selected_count + 1u) * sizeof *selection, 64);
    if (!selection)
        return weir_budget_error(out->arena.budget, error);
    memcpy(selection, pairs->selection, pairs->selected_count * sizeof *selection);
    out->selection = selection;
    out->selected_count = pairs->selected_count;
    return WEIR_OK;
}

enum weir_flow join_emit_pairs(struct join *join, bool built, struct weir_output *output,
                               struct weir_error *error)
{
    if (finish_pairs(join, built, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    return send(join, output, error);
}

/* ---- rows and lanes alone ---- */

static enum weir_status build_rows(struct join *join, uint32_t side, const uint32_t *rows,
                                   uint32_t count, int sign, struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&join->out, &join->node->schema, join->env.budget, error));
    struct weir_batch *out = join->out;
    int64_t *values;
    out->rows_count = out->selected_count = count;
    WEIR_TRY(put_rows(join, side, rows, count, out, error));
    put_nulls(join, 1 - side, count, out);
    if (join->node->changelog) {
        WEIR_TRY(new_i64(out, count, &values, error));
        for (uint32_t i = 0; i < count; i++)
            values[i] = sign * weir_multimap_weight(join->sides[side].rows, rows[i]);
        out->weights = values;
    }
    if (join->node->has_event_time) {
        WEIR_TRY(row_times(join, side, rows, count, out, &values, error));
        out->event_times = values;
    }
    return WEIR_OK;
}

static enum weir_flow send_rows(struct join *join, uint32_t side, const uint32_t *rows,
                                uint32_t count, int sign, struct weir_output *output,
                                struct weir_error *error)
{
    if (count == 0)
        return WEIR_FLOW_OK;
    if (build_rows(join, side, rows, count, sign, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    return send(join, output, error);
}

enum weir_flow join_emit_rows(struct join *join, uint32_t side, const uint32_t *rows,
                              uint32_t count, int sign, struct weir_output *output,
                              struct weir_error *error)
{
    uint32_t chunk[WEIR_BATCH_ROWS_MAX], filled = 0, limit = exec_batch_rows(&join->env);
    enum weir_flow flow = WEIR_FLOW_OK;
    for (uint32_t i = 0; i < count; i++) {
        int64_t times = join->node->changelog
                            ? 1
                            : weir_multimap_weight(join->sides[side].rows, rows[i]); /* J3 */
        for (; times > 0 && flow == WEIR_FLOW_OK; times--) {
            chunk[filled++] = rows[i];
            if (filled < limit)
                continue;
            flow = send_rows(join, side, chunk, filled, sign, output, error);
            filled = 0;
        }
    }
    return flow == WEIR_FLOW_OK ? send_rows(join, side, chunk, filled, sign, output, error) : flow;
}

enum weir_flow join_emit_lanes(struct join *join, const uint16_t *lanes, uint32_t count,
                               struct weir_output *output, struct weir_error *error)
{
    const struct join_batch *at = join->at;
    const struct weir_batch *batch = at->batch;
    uint32_t first = first_column(join, at->port);
    if (weir_batch_renew(&join->out, &join->node->schema, join->env.budget, error) != WEIR_OK ||
        weir_batch_hold(join->out, &at->batch->shared, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    struct weir_batch *out = join->out;
    out->rows_count = batch->rows_count;
    for (uint32_t c = 0; c < join->sides[at->port].schema->fields_count; c++)
        out->columns[first + c] = batch->columns[c];
    put_nulls(join, 1 - at->port, batch->rows_count, out);
    if (exec_pass_lanes(batch, NULL, join->node->has_event_time, out, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    uint16_t *selection = weir_arena_alloc(&out->arena, count * sizeof *selection + 1, 64);
    if (!selection) {
        (void)weir_budget_error(out->arena.budget, error);
        return WEIR_FLOW_FAILED;
    }
    memcpy(selection, lanes, count * sizeof *selection);
    out->selection = count == batch->rows_count ? NULL : selection;
    out->selected_count = count;
    return send(join, output, error);
}
