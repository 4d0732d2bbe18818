/* updating_ttl: groups that had no row for so long are forgotten. Their row stays as it is
 * downstream; should the group come again, it begins anew. What is taken back of a group that is
 * not there any more is left out and counted, so that no group counts fewer rows than none.
 *
 *     push: touch the groups of the batch      timer: once in an eighth of the time, look at all
 *
 * Only for results that are updated: windows that close forget by themselves. */
#include "exec/aggregate_internal.h"

enum { SWEEP_STEP = 256 };

bool aggregate_forgets(const struct aggregate *aggregate)
{
    enum weir_emit emit = aggregate->plan->emit;
    const struct weir_plan_window *window = &aggregate->plan->window;
    if (window->kind == WEIR_WINDOW_SESSION)
        return false; /* aggregate_session_ttl.c */
    return aggregate->env.ttl_us > 0 && (emit == WEIR_EMIT_CHANGES || emit == WEIR_EMIT_EVERY) &&
           (window->kind == WEIR_WINDOW_NONE ? aggregate->plan->keys_count > 0
                                             : window->stays_open);
}

void aggregate_count_known(struct aggregate *aggregate, struct rows *rows)
{
    struct aggregate_room *room = aggregate->room;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        uint32_t lane = rows->selection ? rows->selection[i] : i;
        struct group_header *header = group_header(rows->states[i]);
        if (header->weight + rows->weights[lane] < 0) {
            if (aggregate->env.unmatched_count)
                ++*aggregate->env.unmatched_count;
            continue;
        }
        header->weight += rows->weights[lane];
        room->known[kept] = (uint16_t)lane;
        room->states[kept] = rows->states[i];
        room->ids[kept++] = rows->ids[i];
    }
    rows->selection = room->known;
    rows->count = kept;
}

/* ---- sweeping ---- */

/* DISTINCT counts values by the group's id, which will be another's. */
static enum weir_status forget_values(struct aggregate *aggregate, struct weir_state_table *table,
                                      const struct weir_state_table *groups,
                                      struct weir_error *error)
{
    uint32_t ids[SWEEP_STEP], count, cursor = 0;
    while ((count = weir_state_table_scan(table, &cursor, ids, SWEEP_STEP)) != 0) {
        struct weir_column group;
        weir_arena_reset(&aggregate->scratch);
        WEIR_TRY(weir_state_table_keys(table, 0, ids, count, &aggregate->scratch, &group, error));
        for (uint32_t i = 0; i < count; i++)
            if (!weir_state_table_has(groups, ((const uint32_t *)group.values)[i]))
                weir_state_table_delete(table, ids[i]);
    }
    return WEIR_OK;
}

static enum weir_status sweep(struct aggregate *aggregate, struct pane *pane,
                              struct weir_error *error)
{
    uint32_t ids[SWEEP_STEP], count, cursor = 0;
    uint64_t forgotten = 0;
    while ((count = weir_state_table_scan(pane->table, &cursor, ids, SWEEP_STEP)) != 0)
        for (uint32_t i = 0; i < count; i++) {
            uint8_t *state = weir_state_table_payload(pane->table, ids[i]);
            bool waits = group_header(state)->mark == pane->pending.step; /* for EMIT EVERY */
            if (waits || !weir_ttl_is_over(&pane->ttl, ids[i]))
                continue;
            aggregate_group_delete(aggregate, pane, ids[i], state);
            forgotten++;
        }
    exec_count_expired(&aggregate->env, forgotten);
    for (uint32_t c = 0; forgotten && c < aggregate->plan->calls_count; c++)
        if (pane->distinct[c])
            WEIR_TRY(forget_values(aggregate, pane->distinct[c], pane->table, error));
    return WEIR_OK;
}

enum weir_status aggregate_forget(struct aggregate *aggregate, struct weir_processing_time now,
                                  struct weir_error *error)
{
    if (aggregate->sessions)
        return aggregate_sessions_forget(aggregate, now, error);
    if (!aggregate_forgets(aggregate))
        return WEIR_OK;
    for (uint32_t i = 0; i <= aggregate->panes_count; i++) {
        struct pane *pane = i < aggregate->panes_count ? aggregate->panes[i] : aggregate->null_pane;
        if (!pane || !pane->table || !weir_ttl_advance(&pane->ttl, now))
            continue;
        WEIR_TRY(sweep(aggregate, pane, error));
        bool is_window = aggregate->plan->window.kind != WEIR_WINDOW_NONE;
        if (is_window && !pane->of_null && weir_state_table_count(pane->table) == 0)
            aggregate_pane_remove(aggregate, i--);
    }
    return WEIR_OK;
}
