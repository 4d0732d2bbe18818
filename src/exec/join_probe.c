/* Matching a batch with the rows of the other side.
 *
 * Lanes are looked up together; then the chain of each is walked, and pairs collect in chunks of a
 * batch. For a chunk: the condition, the matches of both sides, rows over there that are no longer
 * unmatched (taken back), the pairs, rows over there that are unmatched again. So nothing is ever
 * taken back that is not out. */
#include "exec/join_internal.h"

#include <stdlib.h>

/* Where the walk over the other side's rows for one lane stands. */
struct walk {
    uint32_t row;   /* the next one; JOIN_NONE: the chain is at its end */
    bool then_null; /* the chain of the NULL key follows (null_matches) */
    bool all;       /* all rows, by cursor (null_matches, the lane's key is null) */
    uint32_t cursor;
};

static struct join_side *other_side(const struct join *join)
{
    return (struct join_side *)(uintptr_t)&join->sides[1 - join->at->port];
}

/* ---- matches ---- */

static int compare_rows(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

/* Weight with which a pair counts for its lane: 1 when pairs of heavier rows are repeated (J3). */
static int64_t row_weight(const struct join *join, const struct join_side *side, uint32_t row)
{
    bool repeated = !join->node->changelog && join->plan->kind == WEIR_JOIN_PAIRS;
    return repeated ? 1 : weir_multimap_weight(side->rows, row);
}

/* Adds the chunk's pairs to the matches of both sides, and notes rows that became matched or
 * unmatched by them. */
static void count_matches(struct join *join)
{
    struct join_pairs *pairs = join->pairs;
    struct join_batch *at = join->at;
    const struct join_side *own = &join->sides[at->port], *other = other_side(join);
    pairs->toggled_count = 0;
    for (uint32_t i = 0; own->tracks && i < pairs->selected_count; i++) {
        uint32_t pair = pairs->selection[i];
        at->matches[pairs->lanes[pair]] += row_weight(join, other, pairs->rows[pair]);
    }
    for (uint32_t i = 0; other->tracks && i < pairs->selected_count; i++) {
        uint32_t pair = pairs->selection[i], row = pairs->rows[pair];
        int64_t *matches = join_extra(other, row, other->matches_offset), before = *matches;
        *matches += weir_batch_weight(at->batch, pairs->lanes[pair]);
        if ((before == 0) != (*matches == 0))
            pairs->toggled[pairs->toggled_count++] = row;
    }
    /* A row that toggled an even number of times is as it was. */
    qsort(pairs->toggled, pairs->toggled_count, sizeof *pairs->toggled, compare_rows);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < pairs->toggled_count; i++) {
        if (kept && pairs->toggled[kept - 1] == pairs->toggled[i])
            kept--;
        else
            pairs->toggled[kept++] = pairs->toggled[i];
    }
    pairs->toggled_count = kept;
}

/* Rows of the other side that are matched now (or, with matched false, no longer), when that is
 * told at once. */
static enum weir_flow emit_toggled(struct join *join, bool matched, struct weir_output *output,
                                   struct weir_error *error)
{
    const struct weir_plan_join *plan = join->plan;
    const struct join_side *other = other_side(join);
    struct join_pairs *pairs = join->pairs;
    uint32_t port = 1 - join->at->port, count = 0;
    bool semi = plan->kind == WEIR_JOIN_SEMI;
    if (!pairs->toggled_count || (!semi && plan->defer_unmatched))
        return WEIR_FLOW_OK;
    uint32_t *rows = weir_arena_alloc(&join->scratch, pairs->toggled_count * sizeof *rows, 64);
    if (!rows) {
        (void)exec_out_of_memory(&join->env, error);
        return WEIR_FLOW_FAILED;
    }
    for (uint32_t i = 0; i < pairs->toggled_count; i++) {
        rows[count] = pairs->toggled[i];
        count += (*join_extra(other, rows[count], other->matches_offset) != 0) == matched;
    }
    return count ? join_emit_rows(join, port, rows, count, matched == semi ? 1 : -1, output, error)
                 : WEIR_FLOW_OK;
}

/* ---- chunks ---- */

static enum weir_status meet_condition(struct join *join, struct weir_batch *batch,
                                       struct weir_error *error)
{
    struct join_pairs *pairs = join->pairs;
    struct weir_program_run run = {.batch = batch,
                                   .selected_count = pairs->count,
                                   .session = join->env.session,
                                   .arena = &batch->arena,
                                   .null_on_error = join->env.null_on_error};
    WEIR_TRY(weir_program_filter(join->condition, &run, pairs->selection, &pairs->selected_count,
                                 error));
    if (join->env.nulled_count)
        *join->env.nulled_count += run.nulled_count;
    return WEIR_OK;
}

static enum weir_flow flush_pairs(struct join *join, struct weir_output *output,
                                  struct weir_error *error)
{
    struct join_pairs *pairs = join->pairs;
    bool is_output = join->plan->kind == WEIR_JOIN_PAIRS, built = join->condition != NULL;
    /* A step may have more pairs than anybody waits for. */
    if (join->env.interrupted && join->env.interrupted(join->env.interrupted_context)) {
        (void)weir_error_set(error, WEIR_E_INTERRUPTED, "interrupted");
        return WEIR_FLOW_FAILED;
    }
    pairs->selected_count = pairs->count;
    if (built) {
        struct weir_batch **batch = is_output ? &join->out : &join->pair_batch;
        const struct weir_schema *schema = is_output ? &join->node->schema : &join->pair_schema;
        if (join_build_pairs(join, batch, schema, error) != WEIR_OK ||
            meet_condition(join, *batch, error) != WEIR_OK)
            return WEIR_FLOW_FAILED;
    } else {
        for (uint32_t i = 0; i < pairs->count; i++)
            pairs->selection[i] = (uint16_t)i;
    }
    count_matches(join);
    enum weir_flow flow = WEIR_FLOW_OK;
    bool retracts = pairs->toggled_count && !join->plan->defer_unmatched;
    if (is_output && retracts) {
        /* Other batches go out before and after: the pairs are built again in between. */
        flow = emit_toggled(join, true, output, error);
        built = false;
    }
    if (flow == WEIR_FLOW_OK && is_output && pairs->selected_count)
        flow = join_emit_pairs(join, built, output, error);
    if (flow == WEIR_FLOW_OK && !is_output)
        flow = emit_toggled(join, true, output, error);
    if (flow == WEIR_FLOW_OK)
        flow = emit_toggled(join, false, output, error);
    pairs->count = 0;
    return flow;
}

/* ---- the walk ---- */

static uint32_t walk_next(const struct join *join, struct walk *walk)
{
    const struct weir_multimap *rows = other_side(join)->rows;
    uint32_t row = walk->row;
    if (walk->all)
        return weir_multimap_scan(rows, &walk->cursor, &row, 1) ? row : JOIN_NONE;
    if (row == JOIN_NONE && walk->then_null) {
        walk->then_null = false;
        row = join->null_row;
    }
    if (row != JOIN_NONE)
        walk->row = weir_multimap_next(rows, row);
    return row;
}

/* First rows of the lanes' keys, and of the NULL key when that matches all. */
static enum weir_status find_first(struct join *join, struct weir_error *error)
{
    struct join_batch *at = join->at;
    struct weir_multimap *rows = other_side(join)->rows;
    join->null_row = JOIN_NONE;
    if (join->plan->null_matches) {
        struct weir_column null = weir_column_nulls(join->keys[0].type, 1);
        WEIR_TRY(weir_multimap_find(rows, &null, NULL, 1, &join->null_row, error));
    }
    WEIR_TRY(
        weir_multimap_find(rows, join->keys, at->matching, at->matching_count, at->first, error));
    return join_ttl_touch(join, !at->port, at->first, at->matching_count, error);
}

static enum weir_flow probe_lane(struct join *join, uint32_t i, struct weir_output *output,
                                 struct weir_error *error)
{
    struct join_batch *at = join->at;
    struct join_pairs *pairs = join->pairs;
    uint32_t lane = at->matching[i], row, limit = exec_batch_rows(&join->env);
    bool is_null = join->plan->null_matches && weir_column_is_null(&join->keys[0], lane);
    bool repeats = !join->node->changelog && join->plan->kind == WEIR_JOIN_PAIRS;
    struct walk walk = {.row = at->first[i], .then_null = join->plan->null_matches, .all = is_null};
    while ((row = walk_next(join, &walk)) != JOIN_NONE) {
        int64_t times = repeats ? weir_multimap_weight(other_side(join)->rows, row) : 1;
        for (; times > 0; times--) {
            pairs->lanes[pairs->count] = (uint16_t)lane;
            pairs->rows[pairs->count++] = row;
            if (pairs->count < limit)
                continue;
            enum weir_flow flow = flush_pairs(join, output, error);
            if (flow != WEIR_FLOW_OK)
                return flow;
        }
    }
    return WEIR_FLOW_OK;
}

enum weir_flow join_probe(struct join *join, struct weir_output *output, struct weir_error *error)
{
    struct join_batch *at = join->at;
    enum weir_flow flow = WEIR_FLOW_OK;
    memset(at->matches, 0, at->batch->rows_count * sizeof *at->matches);
    join->pairs->count = 0;
    if (weir_multimap_count(other_side(join)->rows) == 0)
        return WEIR_FLOW_OK;
    if (find_first(join, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    for (uint32_t i = 0; i < at->matching_count && flow == WEIR_FLOW_OK; i++)
        flow = probe_lane(join, i, output, error);
    if (flow == WEIR_FLOW_OK && join->pairs->count)
        flow = flush_pairs(join, output, error);
    return flow;
}
