/* Output batches of LOOKUP: the rows of a batch with those of their keys. See lookup_internal.h.
 *
 * Pairs are made in chunks. A left row without any takes its place among them with nulls; one whose
 * pairs all fail the condition comes out at the end of its batch. */
#include "exec/lookup_internal.h"

struct chunk {
    uint16_t lanes[WEIR_BATCH_ROWS_MAX];
    uint32_t rows[WEIR_BATCH_ROWS_MAX]; /* NONE: nulls */
    uint16_t selection[WEIR_BATCH_ROWS_MAX];
    uint32_t count, selected_count;
};

struct emission {
    struct lookup *lookup;
    struct weir_batch *batch;
    struct weir_output *output;
    struct chunk *chunk;
    bool *matched; /* per lane; NULL: nobody asks */
};

/* ---- columns ---- */

/* Rows of the lookup table; NONE is a row of nulls. */
static enum weir_status put_rows(struct lookup *lookup, const struct chunk *chunk,
                                 struct weir_batch *out, uint32_t first, struct weir_error *error)
{
    const struct weir_schema *shown = &lookup->node->inputs[1]->schema;
    size_t words = weir_validity_words(chunk->count);
    uint32_t *rows = weir_arena_alloc(&out->arena, (chunk->count + 1u) * sizeof *rows, 64);
    uint64_t *there = weir_arena_alloc(&out->arena, (words + 1) * sizeof *there, 64);
    uint32_t any = LOOKUP_NONE, missing = 0;
    if (!rows || !there)
        return weir_budget_error(out->arena.budget, error);
    memset(there, 0, words * sizeof *there);
    for (uint32_t i = 0; i < chunk->count; i++) {
        missing += chunk->rows[i] == LOOKUP_NONE;
        any = chunk->rows[i] == LOOKUP_NONE ? any : chunk->rows[i];
        if (chunk->rows[i] != LOOKUP_NONE)
            weir_bit_set(there, i);
    }
    for (uint32_t i = 0; i < chunk->count; i++)
        rows[i] = chunk->rows[i] == LOOKUP_NONE ? any : chunk->rows[i];
    for (uint32_t c = 0; c < shown->fields_count; c++) {
        struct weir_column column, *to = &out->columns[first + c];
        if (any == LOOKUP_NONE) {
            *to = weir_column_nulls(shown->fields[c].type, chunk->count);
            continue;
        }
        WEIR_TRY(weir_state_table_keys(lookup->rows, lookup->columns[c], rows, chunk->count,
                                       &out->arena, &column, error));
        WEIR_TRY(exec_own_column(&column, chunk->count, &out->arena, to, error));
        if (!missing)
            continue;
        uint64_t *both = weir_arena_alloc(&out->arena, (words + 1) * sizeof *both, 64);
        if (!both)
            return weir_budget_error(out->arena.budget, error);
        for (size_t w = 0; w < words; w++)
            both[w] = to->validity ? there[w] & to->validity[w] : there[w];
        to->validity = both;
    }
    return WEIR_OK;
}

static enum weir_status build(struct emission *e, struct weir_batch **to,
                              const struct weir_schema *schema, struct weir_error *error)
{
    struct lookup *lookup = e->lookup;
    const struct chunk *chunk = e->chunk;
    uint32_t left = lookup->node->inputs[0]->schema.fields_count;
    WEIR_TRY(weir_batch_renew(to, schema, lookup->env.budget, error));
    struct weir_batch *out = *to;
    WEIR_TRY(weir_batch_hold(out, &e->batch->shared, error));
    out->rows_count = out->selected_count = chunk->count;
    for (uint32_t c = 0; c < left; c++)
        WEIR_TRY(weir_column_take(&e->batch->columns[c], chunk->lanes, chunk->count, &out->arena,
                                  &out->columns[c], error));
    WEIR_TRY(put_rows(lookup, chunk, out, left, error));
    return exec_pass_lanes(e->batch, chunk->lanes, lookup->node->has_event_time, out, error);
}

/* ---- the condition ---- */

/* Which pairs meet it; those without a row are left as they are. */
static enum weir_status check_pairs(struct emission *e, struct weir_error *error)
{
    struct lookup *lookup = e->lookup;
    struct chunk *chunk = e->chunk;
    uint16_t *passed = chunk->selection;
    chunk->selected_count = chunk->count;
    for (uint32_t i = 0; i < chunk->count; i++)
        passed[i] = (uint16_t)i;
    if (!lookup->condition)
        return WEIR_OK;
    WEIR_TRY(build(e, &lookup->pair_batch, &lookup->pair_schema, error));
    struct weir_column column;
    struct weir_program_run run = {.batch = lookup->pair_batch,
                                   .selected_count = chunk->count,
                                   .session = lookup->env.session,
                                   .arena = &lookup->scratch,
                                   .null_on_error = lookup->env.null_on_error};
    weir_arena_reset(&lookup->scratch);
    WEIR_TRY(weir_program_run(lookup->condition, &run, &column, error));
    if (lookup->env.nulled_count)
        *lookup->env.nulled_count += run.nulled_count;
    const uint8_t *values = column.values;
    chunk->selected_count = 0;
    for (uint32_t i = 0; i < chunk->count; i++) {
        bool meets = chunk->rows[i] == LOOKUP_NONE ||
                     (!weir_column_is_null(&column, i) && values[weir_column_index(&column, i)]);
        passed[chunk->selected_count] = (uint16_t)i;
        chunk->selected_count += meets;
    }
    return WEIR_OK;
}

static enum weir_flow flush(struct emission *e, struct weir_error *error)
{
    struct lookup *lookup = e->lookup;
    struct chunk *chunk = e->chunk;
    if (chunk->count == 0)
        return WEIR_FLOW_OK;
    if (check_pairs(e, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    for (uint32_t i = 0; i < chunk->selected_count; i++) {
        uint32_t pair = chunk->selection[i];
        if (e->matched)
            e->matched[chunk->lanes[pair]] = true;
        chunk->lanes[i] = chunk->lanes[pair];
        chunk->rows[i] = chunk->rows[pair];
    }
    chunk->count = chunk->selected_count;
    enum weir_flow flow = WEIR_FLOW_OK;
    if (chunk->count) {
        if (build(e, &lookup->out, &lookup->node->schema, error) != WEIR_OK)
            return WEIR_FLOW_FAILED;
        flow = e->output->push(e->output, lookup->out, error);
    }
    chunk->count = 0;
    lookup->done |= flow == WEIR_FLOW_DONE;
    return flow == WEIR_FLOW_FULL ? WEIR_FLOW_OK : flow;
}

static enum weir_flow add(struct emission *e, uint32_t lane, uint32_t row, struct weir_error *error)
{
    struct chunk *chunk = e->chunk;
    chunk->lanes[chunk->count] = (uint16_t)lane;
    chunk->rows[chunk->count++] = row;
    return chunk->count < exec_batch_rows(&e->lookup->env) ? WEIR_FLOW_OK : flush(e, error);
}

/* ---- a batch ---- */

static enum weir_flow add_row(struct emission *e, const struct lookup_item *item, uint32_t i,
                              struct weir_error *error)
{
    struct lookup *lookup = e->lookup;
    uint32_t lane = weir_batch_lane(item->batch, i), key = item->keys[i];
    uint32_t row = key == LOOKUP_NONE ? LOOKUP_NONE : lookup_key_of(lookup, key)->first - 1;
    enum weir_flow flow = WEIR_FLOW_OK;
    bool known = true;
    if (lookup->changelog && key != LOOKUP_NONE &&
        lookup_pin(lookup, key, weir_batch_weight(item->batch, lane), &known, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    if (!known) {
        if (e->matched)
            e->matched[lane] = true;
        return WEIR_FLOW_OK;
    }
    if (row == LOOKUP_NONE && lookup->plan->sides[0].keep_unmatched)
        return add(e, lane, LOOKUP_NONE, error);
    for (; row != LOOKUP_NONE && flow == WEIR_FLOW_OK; row = lookup_next_row(lookup, row))
        flow = add(e, lane, row, error);
    return flow;
}

enum weir_flow lookup_emit(struct lookup *lookup, const struct lookup_item *item,
                           struct weir_output *output, struct weir_error *error)
{
    struct chunk chunk = {.count = 0};
    bool matched[WEIR_BATCH_ROWS_MAX];
    bool watches = lookup->condition && lookup->plan->sides[0].keep_unmatched;
    struct emission e = {lookup, item->batch, output, &chunk, watches ? matched : NULL};
    enum weir_flow flow = WEIR_FLOW_OK;
    memset(matched, 0, sizeof matched);
    for (uint32_t i = 0; i < item->batch->selected_count && flow == WEIR_FLOW_OK; i++)
        flow = add_row(&e, item, i, error);
    if (flow == WEIR_FLOW_OK)
        flow = flush(&e, error);
    for (uint32_t i = 0; watches && i < item->batch->selected_count && flow == WEIR_FLOW_OK; i++) {
        uint32_t lane = weir_batch_lane(item->batch, i);
        if (!matched[lane])
            flow = add(&e, lane, LOOKUP_NONE, error);
    }
    return flow == WEIR_FLOW_OK ? flush(&e, error) : flow;
}
