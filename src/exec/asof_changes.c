/* Left rows that come at any time and may be taken back (asof_by_right): the watermark is that of
 * the right input alone.
 *
 *     left +(k, 10:05)   right watermark 10:00   waits
 *                        right watermark 10:06   out: +(k, 10:05, version of 10:05)
 *     left -(k, 10:05)                           out: -(k, 10:05, version of 10:05), found again
 *
 * Right rows behind the watermark do not change any more and are all kept, so that a left row finds
 * the same one whenever it comes. Left rows go when they are out; with updating_ttl they stay as
 * long as their key, so that what is taken back of a key that was forgotten is known and left out.
 * A right key is asked for whenever a left row of it comes, and so is forgotten no earlier.
 *
 * Invariants
 *   C1 asof_left.pending of a left row is the sum of its weights that are not out
 * Tested in tests/suites/forms.py. */
#include "exec/asof_internal.h"

/* Whether a row's match is known: with all right rows of up to its time. */
static bool is_decided(const struct asof *asof, uint32_t row)
{
    const struct asof_extra *extra = asof_extra(asof, 0, row);
    return asof->watermark_us == INT64_MAX || asof->plan->asof == WEIR_ASOF_EARLIEST ||
           extra->absent || extra->time < asof->watermark_us;
}

enum weir_status asof_changes_leave_out(struct asof *asof, const struct weir_batch *batch,
                                        struct asof_kept *kept, struct weir_error *error)
{
    if (!asof_keeps_left(asof) || !batch->weights)
        return WEIR_OK;
    uint16_t *lanes = weir_arena_alloc(&asof->scratch, (kept->count + 1) * sizeof *lanes, 64);
    if (!lanes)
        return exec_out_of_memory(&asof->env, error);
    memcpy(lanes, kept->lanes, kept->count * sizeof *lanes);
    struct known_lanes known = {batch->columns, asof->sides[0].schema->fields_count, batch->weights,
                                kept->lanes, kept->count};
    WEIR_TRY(known_rows_filter(&asof->known, &asof->env, asof->sides[0].rows, &known, error));
    for (uint32_t i = 0, from = 0; i < known.count; i++, from++) {
        while (lanes[from] != kept->lanes[i])
            from++;
        kept->extras[i] = kept->extras[from];
    }
    kept->count = known.count;
    return WEIR_OK;
}

/* Rows in state that have been out, or sum up to nothing, go. */
static void let_go(struct asof *asof, const struct asof_entries *entries)
{
    struct weir_multimap *rows = asof->sides[0].rows;
    for (uint32_t i = 0; i < entries->count; i++) {
        uint32_t row = entries->items[i].row;
        if (weir_multimap_has(rows, row) &&
            (!asof_keeps_left(asof) || weir_multimap_weight(rows, row) == 0))
            weir_multimap_remove(rows, row);
    }
}

/* Entries to send at once, with their weights. */
struct chunk {
    struct asof_entry entries[WEIR_BATCH_ROWS_MAX];
    int64_t weights[WEIR_BATCH_ROWS_MAX];
    uint32_t count;
};

static enum weir_flow send(struct asof *asof, struct chunk *chunk, struct weir_output *output,
                           struct weir_error *error)
{
    uint32_t count = chunk->count;
    chunk->count = 0;
    if (count == 0)
        return WEIR_FLOW_OK;
    if (asof_build(asof, chunk->entries, count, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    if (asof->node->changelog) {
        int64_t *weights = weir_arena_alloc(&asof->out->arena, (count + 1) * sizeof *weights, 64);
        if (!weights) {
            (void)weir_budget_error(asof->out->arena.budget, error);
            return WEIR_FLOW_FAILED;
        }
        memcpy(weights, chunk->weights, count * sizeof *weights);
        asof->out->weights = weights;
    }
    enum weir_flow flow = output->push(output, asof->out, error);
    asof->done |= flow == WEIR_FLOW_DONE;
    return flow == WEIR_FLOW_FULL ? WEIR_FLOW_OK : flow;
}

static enum weir_flow put(struct asof *asof, struct chunk *chunk, const struct asof_entry *entry,
                          int64_t weight, struct weir_output *output, struct weir_error *error)
{
    chunk->entries[chunk->count] = *entry;
    chunk->weights[chunk->count++] = weight;
    return chunk->count == exec_batch_rows(&asof->env) ? send(asof, chunk, output, error)
                                                       : WEIR_FLOW_OK;
}

/* Entries with a positive (sign 1) or negative weight; an output that is appended to has each row
 * by itself. */
static enum weir_flow emit_sign(struct asof *asof, const struct asof_entries *found, int sign,
                                struct chunk *chunk, struct weir_output *output,
                                struct weir_error *error)
{
    enum weir_flow flow = WEIR_FLOW_OK;
    for (uint32_t i = 0; i < found->count && flow == WEIR_FLOW_OK; i++) {
        const struct asof_entry *entry = &found->items[i];
        struct asof_left *left = asof_left(asof, entry->row);
        int64_t weight = left->pending;
        if (weight * sign <= 0)
            continue;
        left->pending = 0;
        if (entry->match == ASOF_NONE && !asof->sides[0].plan->keep_unmatched)
            continue;
        if (asof->node->changelog)
            flow = put(asof, chunk, entry, weight, output, error);
        for (; !asof->node->changelog && weight > 0 && flow == WEIR_FLOW_OK; weight--)
            flow = put(asof, chunk, entry, 1, output, error);
    }
    return flow;
}

enum weir_flow asof_changes_emit(struct asof *asof, const struct asof_entries *found,
                                 struct weir_output *output, struct weir_error *error)
{
    struct chunk *chunk = weir_arena_alloc(&asof->scratch, sizeof *chunk, 64);
    if (!chunk) {
        (void)exec_out_of_memory(&asof->env, error);
        return WEIR_FLOW_FAILED;
    }
    chunk->count = 0;
    enum weir_flow flow = emit_sign(asof, found, -1, chunk, output, error);
    if (flow == WEIR_FLOW_OK)
        flow = emit_sign(asof, found, 1, chunk, output, error);
    if (flow == WEIR_FLOW_OK)
        flow = send(asof, chunk, output, error);
    let_go(asof, found);
    return flow;
}

/* Matches the left rows in due[0] and those that wait for the right ones in due[1], or all (NULL),
 * and sends them. */
static enum weir_flow match_and_emit(struct asof *asof, const struct asof_rows *due,
                                     struct weir_output *output, struct weir_error *error)
{
    struct asof_entries found = {0};
    bool at_end = asof->watermark_us == INT64_MAX;
    if (asof_match(asof, due, asof->watermark_us, at_end, &found, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    return asof_changes_emit(asof, &found, output, error);
}

enum weir_flow asof_changes_take(struct asof *asof, const struct weir_batch *batch,
                                 const struct asof_kept *kept, struct weir_output *output,
                                 struct weir_error *error)
{
    struct asof_rows due[2] = {{0}, {0}};
    const uint32_t *rows = kept->rows, count = kept->count;
    for (uint32_t i = 0; i < count; i++)
        asof_left(asof, rows[i])->pending += weir_batch_weight(batch, kept->lanes[i]);
    for (uint32_t i = 0; i < count; i++)
        if (is_decided(asof, rows[i]) && !asof_push_row(asof, &due[0], rows[i])) {
            (void)exec_out_of_memory(&asof->env, error);
            return WEIR_FLOW_FAILED;
        }
    enum weir_flow flow = due[0].count ? match_and_emit(asof, due, output, error) : WEIR_FLOW_OK;
    if (batch->weights && flow != WEIR_FLOW_FAILED)
        weir_multimap_sweep(asof->sides[0].rows, rows, count);
    return flow;
}

enum weir_flow asof_changes_advance(struct asof *asof, struct weir_output *output,
                                    struct weir_error *error)
{
    struct asof_rows due[2] = {{0}, {0}};
    uint32_t side = asof->plan->asof == WEIR_ASOF_EARLIEST;
    if (asof->watermark_us == INT64_MAX)
        return match_and_emit(asof, NULL, output, error);
    if (asof_due(asof, side, asof->watermark_us, &due[side], error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    return match_and_emit(asof, due, output, error);
}
