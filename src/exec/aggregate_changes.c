/* Changes of an updating aggregation: for each group touched, the row that was out is taken back
 * and the row that is now is added, unless they are equal.
 *
 *     first touch in a step: note the group; when a row of it is out, keep its results as they are
 *     flush:                 finish the groups again, compare, emit  -old …  +new …
 *
 * EMIT CHANGES flushes with every push, EMIT EVERY with the timer; both at the end. A group whose
 * rows have all been taken back has only an old row, and is deleted when that is out. In a batch
 * all retractions come first; groups are divided so that both halves fit one batch. */
#include "exec/aggregate_internal.h"

static enum weir_status pending_reserve(struct aggregate *aggregate, struct pending *pending,
                                        uint32_t extra, struct weir_error *error)
{
    uint64_t wanted = (uint64_t)pending->count + extra;
    if (wanted <= pending->capacity)
        return WEIR_OK;
    uint64_t capacity = pending->capacity ? pending->capacity : 64;
    while (capacity < wanted)
        capacity *= 2;
    uint64_t more = (capacity - pending->capacity) * 2 * sizeof(uint32_t);
    if (!weir_budget_charge(aggregate->env.budget, more))
        return exec_out_of_memory(&aggregate->env, error);
    uint32_t *ids = weir_realloc(pending->ids, capacity * sizeof *ids);
    if (ids)
        pending->ids = ids;
    uint32_t *refs = ids ? weir_realloc(pending->old_refs, capacity * sizeof *refs) : NULL;
    if (refs)
        pending->old_refs = refs;
    if (!ids || !refs) {
        weir_budget_release(aggregate->env.budget, more);
        return weir_error_set_out_of_memory(error);
    }
    pending->capacity = (uint32_t)capacity;
    return WEIR_OK;
}

void aggregate_pending_clear(struct pending *pending)
{
    pending->count = pending->flushed = 0;
    pending->half = false;
    pending->step++;
    if (pending->step == 0)
        pending->step = 1; /* 2^32 steps: a group untouched for just so long is seen twice */
    if (pending->old)
        row_store_clear(pending->old);
}

void aggregate_pending_deinit(struct aggregate *aggregate, struct pending *pending)
{
    row_store_release(pending->old);
    weir_free(pending->ids);
    weir_free(pending->old_refs);
    weir_budget_release(aggregate->env.budget, pending->capacity * 2 * sizeof(uint32_t));
}

enum weir_status aggregate_keep_results(struct aggregate *aggregate, struct pane *pane,
                                        uint8_t *const *states, uint32_t count,
                                        struct weir_error *error)
{
    uint32_t calls = aggregate->plan->calls_count;
    if (!pane->pending.old)
        WEIR_TRY(row_store_create(aggregate->result_types, calls, false, aggregate->env.budget,
                                  &pane->pending.old, error));
    weir_arena_reset(&aggregate->emit_scratch);
    struct weir_column *columns =
        WEIR_ARENA_ARRAY(&aggregate->emit_scratch, struct weir_column, calls);
    if (!columns)
        return exec_out_of_memory(&aggregate->env, error);
    WEIR_TRY(
        aggregate_finish(aggregate, pane, states, count, &aggregate->emit_scratch, columns, error));
    const struct row_source source = {.columns = columns, .count = count};
    return row_store_append(pane->pending.old, &source, error);
}

enum weir_status aggregate_touch(struct aggregate *aggregate, struct pane *pane,
                                 const struct rows *rows, struct weir_error *error)
{
    struct pending *pending = &pane->pending;
    uint8_t **known = aggregate->room->call_states;
    uint32_t known_count = 0;
    uint32_t old_ref = pending->old ? pending->old->rows_count : 0;
    uint32_t count = rows->states ? rows->count : rows->count > 0;
    WEIR_TRY(pending_reserve(aggregate, pending, count, error));
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *state = rows->states ? rows->states[i] : pane->single;
        struct group_header *header = group_header(state);
        if (header->mark == pending->step)
            continue; /* A4 */
        header->mark = pending->step;
        pending->ids[pending->count] = rows->ids ? rows->ids[i] : 0;
        pending->old_refs[pending->count] = header->emitted ? ++old_ref : 0;
        if (header->emitted)
            known[known_count++] = state;
        pending->count++;
    }
    return known_count ? aggregate_keep_results(aggregate, pane, known, known_count, error)
                       : WEIR_OK;
}

/* ---- flushing ---- */

/* Old and new rows of so many groups fit one batch. */
enum { CHANGE_GROUPS = WEIR_BATCH_ROWS_MAX / 2 };

/* A stretch of the pending groups on its way out. Lanes of `old` and `now` belong to the groups
 * that have an old, a new row. */
struct change {
    uint32_t count;
    uint8_t *states[CHANGE_GROUPS];
    uint32_t ids[CHANGE_GROUPS];
    uint16_t old_lane[CHANGE_GROUPS], new_lane[CHANGE_GROUPS];
    bool has_old[CHANGE_GROUPS], has_new[CHANGE_GROUPS];
    uint32_t old_refs[CHANGE_GROUPS];
    uint8_t *new_states[CHANGE_GROUPS];
    uint32_t old_count, new_count;
    struct weir_column *old, *now;                          /* per call */
    uint16_t retract[CHANGE_GROUPS], insert[CHANGE_GROUPS]; /* lanes of old, now */
    uint32_t retract_count, insert_count;
    uint32_t out_ids[2 * CHANGE_GROUPS];
};

static void load_change(const struct aggregate *aggregate, const struct pane *pane,
                        struct change *change)
{
    const struct pending *pending = &pane->pending;
    uint32_t limit = exec_batch_rows(&aggregate->env) / 2;
    if (limit == 0)
        limit = 1;
    change->count = pending->count - pending->flushed;
    if (change->count > limit)
        change->count = limit;
    change->old_count = change->new_count = 0;
    for (uint32_t i = 0; i < change->count; i++) {
        uint32_t id = pending->ids[pending->flushed + i];
        uint32_t old_ref = pending->old_refs[pending->flushed + i];
        uint8_t *state = pane->table ? weir_state_table_payload(pane->table, id) : pane->single;
        change->ids[i] = id;
        change->states[i] = state;
        change->has_old[i] = old_ref != 0;
        /* Rows that are taken back before they came make a group that nobody sees yet. */
        change->has_new[i] = group_header(state)->weight > 0 || aggregate_is_global(aggregate);
        change->old_lane[i] = (uint16_t)change->old_count;
        change->new_lane[i] = (uint16_t)change->new_count;
        change->old_refs[change->old_count] = old_ref - 1;
        change->new_states[change->new_count] = state;
        change->old_count += change->has_old[i];
        change->new_count += change->has_new[i];
    }
}

static enum weir_status load_results(struct aggregate *aggregate, struct pane *pane,
                                     struct change *change, struct weir_error *error)
{
    uint32_t calls = aggregate->plan->calls_count;
    struct weir_arena *arena = &aggregate->emit_scratch;
    weir_arena_reset(arena);
    change->old = WEIR_ARENA_ARRAY(arena, struct weir_column, calls);
    change->now = WEIR_ARENA_ARRAY(arena, struct weir_column, calls);
    if (!change->old || !change->now)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t c = 0; c < calls && change->old_count; c++)
        WEIR_TRY(row_store_gather(pane->pending.old, c, change->old_refs, change->old_count, arena,
                                  &change->old[c], error));
    if (change->new_count)
        WEIR_TRY(aggregate_finish(aggregate, pane, change->new_states, change->new_count, arena,
                                  change->now, error));
    return WEIR_OK;
}

static bool same_results(const struct aggregate *aggregate, const struct change *change, uint32_t i)
{
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++)
        if (!weir_column_equals(&change->old[c], change->old_lane[i], &change->now[c],
                                change->new_lane[i]))
            return false;
    return true;
}

/* What of the change is not cancelled; ids of the output rows. */
static void net_change(const struct aggregate *aggregate, const struct pane *pane,
                       struct change *change)
{
    uint32_t inserted[CHANGE_GROUPS];
    change->retract_count = change->insert_count = 0;
    for (uint32_t i = 0; i < change->count; i++) {
        if (change->has_old[i] && change->has_new[i] && !pane->pending.half &&
            same_results(aggregate, change, i))
            continue;
        if (change->has_old[i]) {
            change->out_ids[change->retract_count] = change->ids[i];
            change->retract[change->retract_count++] = change->old_lane[i];
        }
        if (change->has_new[i]) {
            inserted[change->insert_count] = change->ids[i];
            change->insert[change->insert_count++] = change->new_lane[i];
        }
    }
    memcpy(change->out_ids + change->retract_count, inserted,
           change->insert_count * sizeof *inserted);
}

static enum weir_status show_results(struct aggregate *aggregate, const struct change *change,
                                     uint32_t call, struct weir_batch *out,
                                     struct weir_error *error)
{
    struct weir_builder builder;
    WEIR_TRY(weir_builder_init(&builder, aggregate->result_types[call], &out->arena, error));
    if (change->retract_count)
        WEIR_TRY(weir_builder_append_lanes(&builder, &change->old[call], change->retract,
                                           change->retract_count, error));
    if (change->insert_count)
        WEIR_TRY(weir_builder_append_lanes(&builder, &change->now[call], change->insert,
                                           change->insert_count, error));
    out->columns[aggregate_first_result(aggregate) + call] = weir_builder_column(&builder);
    return WEIR_OK;
}

static enum weir_status show_change(struct aggregate *aggregate, struct pane *pane,
                                    const struct change *change, struct weir_error *error)
{
    WEIR_TRY(
        weir_batch_renew(&aggregate->out, &aggregate->node->schema, aggregate->env.budget, error));
    struct weir_batch *out = aggregate->out;
    uint32_t count = change->retract_count + change->insert_count;
    out->rows_count = out->selected_count = count;
    WEIR_TRY(aggregate_show_keys(aggregate, pane, NULL, change->out_ids, count, out, error));
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++)
        WEIR_TRY(show_results(aggregate, change, c, out, error));
    if (!aggregate->node->changelog)
        return WEIR_OK;
    int64_t *weights = weir_arena_alloc(&out->arena, count * sizeof *weights + 1, 64);
    if (!weights)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t i = 0; i < count; i++)
        weights[i] = i < change->retract_count ? -1 : 1;
    out->weights = weights;
    return WEIR_OK;
}

/* The groups of the change are as downstream knows them; those without rows go. */
static void settle_change(struct aggregate *aggregate, struct pane *pane,
                          const struct change *change)
{
    for (uint32_t i = 0; i < change->count; i++) {
        struct group_header *header = group_header(change->states[i]);
        header->emitted = change->has_new[i];
        header->mark = 0; /* A4: a touch before the rest is out notes it anew */
        if (!change->has_new[i] && header->weight == 0) /* A3 */
            aggregate_group_delete(aggregate, pane, change->ids[i], change->states[i]);
    }
    pane->pending.flushed += change->count;
    pane->pending.half = false;
}

/* Batches of one row cannot hold both: the retraction goes first, then the insertion. */
static bool cut_in_half(const struct aggregate *aggregate, struct pane *pane, struct change *change)
{
    if (change->retract_count + change->insert_count <= exec_batch_rows(&aggregate->env))
        return false;
    if (!pane->pending.half) {
        change->insert_count = 0;
        return true;
    }
    memmove(change->out_ids, change->out_ids + change->retract_count,
            change->insert_count * sizeof *change->out_ids);
    change->retract_count = 0;
    return false;
}

static enum weir_flow flush_some(struct aggregate *aggregate, struct pane *pane,
                                 struct change *change, struct weir_output *output,
                                 struct weir_error *error)
{
    enum weir_flow flow = WEIR_FLOW_OK;
    load_change(aggregate, pane, change);
    if (load_results(aggregate, pane, change, error) != WEIR_OK)
        return exec_failed(&aggregate->env, error);
    net_change(aggregate, pane, change);
    bool is_half = cut_in_half(aggregate, pane, change);
    if (change->retract_count + change->insert_count) {
        if (show_change(aggregate, pane, change, error) != WEIR_OK)
            return exec_failed(&aggregate->env, error);
        flow = output->push(output, aggregate->out, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD)
            return flow;
    }
    if (is_half)
        pane->pending.half = true;
    else
        settle_change(aggregate, pane, change);
    aggregate->done |= flow == WEIR_FLOW_DONE;
    return flow == WEIR_FLOW_FULL ? WEIR_FLOW_YIELD : WEIR_FLOW_OK;
}

enum weir_flow aggregate_flush(struct aggregate *aggregate, struct pane *pane,
                               struct weir_output *output, struct weir_error *error)
{
    struct change change;
    struct pending *pending = &pane->pending;
    while (pending->flushed < pending->count && !aggregate->done) {
        enum weir_flow flow = flush_some(aggregate, pane, &change, output, error);
        if (flow != WEIR_FLOW_OK)
            return flow;
    }
    aggregate_pending_clear(pending);
    return WEIR_FLOW_OK;
}
