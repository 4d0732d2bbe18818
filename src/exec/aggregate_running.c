/* Windows out of slices by adding and taking away: for functions whose states are exact sums
 * (count, sum and avg of numbers that are not floating, bool_and, bool_or).
 *
 *     running  = [0–2] + [2–4] + [4–6] + [6–8] + [8–10]          window 0–10
 *              − [0–2]                             + [10–12]     window 2–12
 *
 * So a window costs what its newest slice and the one that left it have of groups, however many
 * slices and groups it has; and but one table has all of its groups. Their payload is
 *
 *     | states of the calls, as in a slice | how many slices have the group |
 *
 * and a group that no slice has is deleted: keys that disappear are forgotten with their last
 * window. Where a call is count(*), its state says as much, and there is no further number. Rows
 * that come for a slice that has been added take it away first; the next window adds it again. Each
 * slice knows whether it is in (is_running).
 *
 * A sum that leaves its range is no sum any more: then there is no running window from there on,
 * and windows are merged (aggregate_sums.c), which says whose fault it was. */
#include "exec/aggregate_slices_internal.h"

enum { GROUPS_STEP = 512 }; /* pointers to groups that are at hand: the first-level cache's */

uint32_t aggregate_running_count_offset(const struct aggregate *aggregate)
{
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        const struct weir_plan_aggregate_call *call = aggregate->calls[c].plan;
        if (call->args_count == 0 && call->filter == AGGREGATE_NONE &&
            strcmp(call->aggregate->name, "count") == 0)
            return aggregate->calls[c].offset;
    }
    return aggregate->states_size;
}

bool aggregate_running_is_possible(const struct aggregate *aggregate)
{
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++)
        if (!aggregate->calls[c].plan->aggregate->ops->combine)
            return false;
    return true;
}

void aggregate_running_clear(struct aggregate *aggregate)
{
    struct aggregate_slices *slices = aggregate->slices;
    if (slices->running)
        aggregate_pane_clear(aggregate, slices->running);
    for (uint32_t i = 0; i < slices->count; i++)
        slices->items[i]->is_running = false;
}

/* A sum left its range. */
static void stop(struct aggregate *aggregate)
{
    struct aggregate_slices *slices = aggregate->slices;
    aggregate_running_clear(aggregate);
    aggregate_pane_free(aggregate, slices->running);
    slices->running = NULL;
    slices->runs = false;
}

struct combined_groups {
    uint8_t **into;
    uint8_t **from;
    uint32_t count;
    bool away;
    bool ok;   /* no sum has left its range */
    bool gone; /* there are groups that no slice has any more */
};

static int64_t *count_of(const struct aggregate *aggregate, uint8_t *group)
{
    return (int64_t *)(void *)(group + aggregate->slices->count_offset);
}

static void combine(const struct aggregate *aggregate, struct combined_groups *groups)
{
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        const struct call_plan *call = &aggregate->calls[c];
        groups->ok &= call->plan->aggregate->ops->combine->rows(
            groups->into, groups->from, groups->count, call->offset, groups->away);
    }
    int64_t one = groups->away ? -1 : 1;
    bool counts_slices = aggregate->slices->count_offset == aggregate->states_size;
    for (uint32_t i = 0; counts_slices && i < groups->count; i++)
        *count_of(aggregate, groups->into[i]) += one;
    groups->gone = false;
    for (uint32_t i = 0; groups->away && i < groups->count; i++)
        groups->gone |= *count_of(aggregate, groups->into[i]) == 0;
}

/* Forgets those of the rows' groups that no slice has. */
static enum weir_status delete_gone(struct aggregate *aggregate, const struct weir_table_rows *rows,
                                    uint8_t **groups, struct weir_error *error)
{
    struct weir_state_table *table = aggregate->slices->running->table;
    uint32_t *ids = aggregate->room->call_ids;
    if (weir_state_table_match(table, rows, false, groups, ids, error) != WEIR_OK)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t i = 0; i < rows->count; i++)
        if (*count_of(aggregate, groups[i]) == 0)
            weir_state_table_delete(table, ids[i]);
    return WEIR_OK;
}

/* The same for groups that lie side by side. */
static void combine_block(struct aggregate *aggregate, const struct weir_table_block *block,
                          struct combined_groups *groups)
{
    struct weir_state_table *table = aggregate->slices->running->table;
    uint64_t gone = 0;
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        const struct call_plan *call = &aggregate->calls[c];
        groups->ok &= call->plan->aggregate->ops->combine->block(
            block->into + call->offset, block->into_step, block->from + call->offset,
            block->from_step, block->count, groups->away);
    }
    int64_t one = groups->away ? -1 : 1;
    bool counts_slices = aggregate->slices->count_offset == aggregate->states_size;
    for (uint32_t i = 0; counts_slices && i < block->count; i++)
        *count_of(aggregate, block->into + i * block->into_step) +=
            block->groups >> i & 1 ? one : 0;
    for (uint32_t i = 0; groups->away && i < block->count; i++)
        gone |= (uint64_t)(*count_of(aggregate, block->into + i * block->into_step) == 0) << i;
    for (gone &= block->groups; gone; gone &= gone - 1)
        weir_state_table_delete(table, block->first + (uint32_t)__builtin_ctzll(gone));
}

/* Adds a slice to the running window, or takes it away. */
static enum weir_status combine_slice(struct aggregate *aggregate, struct pane *slice, bool away,
                                      bool *ok, struct weir_error *error)
{
    struct aggregate_room *room = aggregate->room;
    struct weir_arena *arena = &aggregate->emit_scratch;
    struct pane *running = aggregate->slices->running;
    struct combined_groups groups = {room->call_states, room->states, 1, away, true, false};
    uint32_t cursor = 0;
    slice->is_running = !away;
    if (!slice->table) {
        groups.into[0] = running->single;
        groups.from[0] = slice->single;
        combine(aggregate, &groups);
        *ok &= groups.ok;
        return WEIR_OK;
    }
    for (;;) {
        struct weir_table_block block;
        if (weir_state_table_block(running->table, slice->table, &cursor, !away, &block)) {
            combine_block(aggregate, &block, &groups);
            continue;
        }
        groups.count = weir_state_table_scan(slice->table, &cursor, room->ids, GROUPS_STEP);
        if (groups.count == 0)
            break;
        const struct weir_table_rows rows = {slice->table, room->ids, groups.count, arena};
        weir_arena_reset(arena);
        weir_state_table_payloads(slice->table, room->ids, groups.count, groups.from);
        if (weir_state_table_match(running->table, &rows, !away, groups.into, NULL, error) !=
            WEIR_OK)
            return exec_out_of_memory(&aggregate->env, error);
        combine(aggregate, &groups);
        if (groups.gone)
            WEIR_TRY(delete_gone(aggregate, &rows, groups.into, error));
    }
    *ok &= groups.ok;
    return WEIR_OK;
}

enum weir_status aggregate_running_leave(struct aggregate *aggregate, struct pane *slice,
                                         struct weir_error *error)
{
    bool ok = true;
    if (!slice->is_running)
        return WEIR_OK;
    WEIR_TRY(combine_slice(aggregate, slice, true, &ok, error));
    if (!ok)
        stop(aggregate);
    return WEIR_OK;
}

/* Whether a window shares slices with the one before it. */
static bool shares_slices(const struct aggregate_slices *slices, struct slice_range range)
{
    for (uint32_t i = range.first; i < range.last; i++)
        if (slices->items[i]->is_running)
            return true;
    return false;
}

enum weir_status aggregate_running_move(struct aggregate *aggregate, struct slice_range range,
                                        bool *ok, struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    *ok = true;
    if (!slices->running)
        WEIR_TRY(aggregate_pane_make(aggregate, PANE_OF_RUNNING_WINDOW, INT64_MIN, INT64_MAX,
                                     &slices->running, error));
    if (!shares_slices(slices, range))
        aggregate_running_clear(aggregate);
    for (uint32_t i = 0; i < slices->count && *ok; i++) {
        struct pane *slice = slices->items[i];
        bool within = i >= range.first && i < range.last;
        if (slice->is_running != within)
            WEIR_TRY(combine_slice(aggregate, slice, !within, ok, error));
    }
    if (!*ok)
        stop(aggregate);
    return WEIR_OK;
}
