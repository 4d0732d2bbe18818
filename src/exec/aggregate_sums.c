/* Windows out of slices by merging: for functions whose states cannot be taken away again.
 *
 * The work per window does not depend on how many slices it has: it comes from two sums, which
 * windows that follow each other share (the two stacks that Tangwongsan et al. begin with in
 * "Low-Latency Sliding-Window Aggregation in Worst-Case Constant Time", 2017):
 *
 *     slices  0–2  2–4  4–6  6–8  8–10 | 10–12  12–14        | the turn: the end of a window
 *             └─────── sums[0] ────────┘
 *                  └──── sums[1] ──────┘
 *                       └── sums[2] ───┘ └──── rest ─────┘   window 4–14 = sums[2] + rest
 *
 * A row that comes for a slice that is in the sums already makes them void: the next window turns
 * anew. Windows of few slices are summed up slice by slice. */
#include "exec/aggregate_slices_internal.h"

enum { SLICES_SUMMED_UP = 4 }; /* slices of a window that are no more trouble than the sums */

void aggregate_sums_drop(struct aggregate *aggregate)
{
    struct aggregate_slices *slices = aggregate->slices;
    for (uint32_t i = 0; i < slices->sums_count; i++)
        if (slices->sums[i])
            aggregate_pane_free(aggregate, slices->sums[i]);
    if (slices->rest)
        aggregate_pane_free(aggregate, slices->rest);
    slices->sums_count = 0;
    slices->rest = NULL;
}

/* ---- merging ---- */

static bool is_new(const uint8_t *state, uint32_t size)
{
    uint64_t word, any = 0;
    for (uint32_t at = 0; at < size; at += sizeof word) {
        memcpy(&word, state + at, sizeof word);
        any |= word;
    }
    return !any;
}

struct merged_groups {
    uint8_t **into;
    uint8_t **from;
    uint32_t count;
};

/* Groups that are new become copies; the others, in front then, are still to be merged. */
static void copy_new(const struct aggregate *aggregate, struct merged_groups *groups)
{
    const uint32_t size = aggregate->payload_size;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < groups->count; i++) {
        if (is_new(groups->into[i], size)) {
            memcpy(groups->into[i], groups->from[i], size);
            continue;
        }
        groups->into[kept] = groups->into[i];
        groups->from[kept++] = groups->from[i];
    }
    groups->count = kept;
}

/* from stays: functions that merge take it away, so they get copies. */
static enum weir_status merge_groups(struct aggregate *aggregate, struct pane *pane,
                                     struct merged_groups *groups, struct weir_error *error)
{
    const uint32_t size = aggregate->payload_size;
    copy_new(aggregate, groups);
    if (groups->count == 0)
        return WEIR_OK;
    uint8_t *copies = weir_arena_alloc(&aggregate->emit_scratch, (size_t)groups->count * size, 64);
    if (!copies)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t i = 0; i < groups->count; i++)
        memcpy(copies + (size_t)i * size, groups->from[i], size);
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        const struct call_plan *call = &aggregate->calls[c];
        struct weir_kernel_errors errors = {.null_on_error = aggregate->env.null_on_error,
                                            .error = error};
        struct weir_aggregate_call merge = {.state_offset = call->offset,
                                            .heap = &pane->heap,
                                            .instance = call->plan->instance,
                                            .session = aggregate->env.session,
                                            .errors = &errors};
        for (uint32_t i = 0; i < groups->count && errors.status == WEIR_OK; i++)
            call->plan->aggregate->ops->merge(&merge, groups->into[i], copies + (size_t)i * size);
        WEIR_TRY(aggregate_check(aggregate, call, NULL, &errors, error));
    }
    return WEIR_OK;
}

static enum weir_status merge_slice(struct aggregate *aggregate, struct pane *pane,
                                    const struct pane *slice, struct weir_error *error)
{
    struct aggregate_room *room = aggregate->room;
    struct weir_arena *arena = &aggregate->emit_scratch;
    struct merged_groups groups = {room->call_states, room->states, 1};
    uint32_t cursor = 0;
    weir_arena_reset(arena);
    if (!slice->table) {
        groups.into[0] = pane->single;
        groups.from[0] = slice->single;
        return merge_groups(aggregate, pane, &groups, error);
    }
    while ((groups.count =
                weir_state_table_scan(slice->table, &cursor, room->ids, WEIR_BATCH_ROWS_MAX))) {
        const struct weir_table_rows rows = {slice->table, room->ids, groups.count, arena};
        weir_arena_reset(arena);
        weir_state_table_payloads(slice->table, room->ids, groups.count, groups.from);
        if (weir_state_table_match(pane->table, &rows, true, groups.into, NULL, error) != WEIR_OK)
            return exec_out_of_memory(&aggregate->env, error);
        WEIR_TRY(merge_groups(aggregate, pane, &groups, error));
    }
    return WEIR_OK;
}

static enum weir_status reserve_sums(struct aggregate *aggregate, uint32_t count,
                                     struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    uint32_t old = slices->sums_capacity;
    if (count <= old)
        return WEIR_OK;
    if (!weir_budget_charge(aggregate->env.budget, (count - old) * sizeof(*slices->sums)))
        return exec_out_of_memory(&aggregate->env, error);
    struct pane **sums = weir_realloc(slices->sums, count * sizeof(*sums));
    if (!sums) {
        weir_budget_release(aggregate->env.budget, (count - old) * sizeof(*slices->sums));
        return weir_error_set_out_of_memory(error);
    }
    slices->sums = sums;
    slices->sums_capacity = count;
    return WEIR_OK;
}

/* Sums from each of the window's slices to its end. */
static enum weir_status turn(struct aggregate *aggregate, const struct pane *pane,
                             struct slice_range range, struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    aggregate_sums_drop(aggregate);
    WEIR_TRY(reserve_sums(aggregate, range.last - range.first, error));
    for (uint32_t i = 0; i < range.last - range.first; i++)
        slices->sums[i] = NULL;
    slices->sums_count = range.last - range.first;
    for (uint32_t i = slices->sums_count; i-- > 0;) {
        const struct pane *slice = slices->items[range.first + i];
        WEIR_TRY(aggregate_pane_make(aggregate, PANE_OF_GROUPS, slice->start_us, pane->end_us,
                                     &slices->sums[i], error));
        WEIR_TRY(merge_slice(aggregate, slices->sums[i], slice, error));
        if (i + 1 < slices->sums_count)
            WEIR_TRY(merge_slice(aggregate, slices->sums[i], slices->sums[i + 1], error));
    }
    WEIR_TRY(aggregate_pane_make(aggregate, PANE_OF_GROUPS, pane->end_us, pane->end_us,
                                 &slices->rest, error));
    slices->turn_us = slices->rest_end_us = pane->end_us;
    return WEIR_OK;
}

/* The sum's groups for a window; the sum itself when no later one has it. */
static enum weir_status take_sum(struct aggregate *aggregate, const struct pane *window,
                                 struct pane **sum, struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    if ((*sum)->start_us - window->start_us >= aggregate->plan->window.slide_us) {
        WEIR_TRY(aggregate_pane_make(aggregate, PANE_OF_GROUPS, window->start_us, window->end_us,
                                     &slices->filled, error));
        return merge_slice(aggregate, slices->filled, *sum, error);
    }
    slices->filled = *sum;
    *sum = NULL;
    return WEIR_OK;
}

/* The window as the sum from its first slice to the turn, and the rest. Windows come in order. */
static enum weir_status fill_from_sums(struct aggregate *aggregate, const struct pane *window,
                                       struct slice_range range, struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    if (!slices->rest || window->start_us >= slices->turn_us)
        WEIR_TRY(turn(aggregate, window, range, error));
    for (uint32_t i = range.first; i < range.last; i++)
        if (slices->items[i]->start_us >= slices->rest_end_us)
            WEIR_TRY(merge_slice(aggregate, slices->rest, slices->items[i], error));
    slices->rest_end_us = window->end_us;
    uint32_t at = 0;
    for (; at < slices->sums_count; at++) {
        struct pane *sum = slices->sums[at];
        if (sum && sum->start_us >= window->start_us)
            break;
        if (sum)
            aggregate_pane_free(aggregate, sum);
        slices->sums[at] = NULL;
    }
    if (at == slices->sums_count)
        return aggregate_sums_make(aggregate, window, range, &slices->filled, error);
    WEIR_TRY(take_sum(aggregate, window, &slices->sums[at], error));
    return merge_slice(aggregate, slices->filled, slices->rest, error);
}

enum weir_status aggregate_sums_make(struct aggregate *aggregate, const struct pane *window,
                                     struct slice_range range, struct pane **out,
                                     struct weir_error *error)
{
    enum weir_status status = aggregate_pane_make(aggregate, PANE_OF_GROUPS, window->start_us,
                                                  window->end_us, out, error);
    for (uint32_t i = range.first; i < range.last && status == WEIR_OK; i++)
        status = merge_slice(aggregate, *out, aggregate->slices->items[i], error);
    return status;
}

enum weir_status aggregate_sums_fill(struct aggregate *aggregate, const struct pane *window,
                                     struct slice_range range, struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    if (slices->filled)
        aggregate_pane_free(aggregate, slices->filled);
    slices->filled = NULL;
    if (range.last - range.first > SLICES_SUMMED_UP) {
        WEIR_TRY(fill_from_sums(aggregate, window, range, error));
    } else {
        aggregate_sums_drop(aggregate);
        WEIR_TRY(aggregate_sums_make(aggregate, window, range, &slices->filled, error));
    }
    slices->filled->start_us = window->start_us;
    slices->filled->end_us = window->end_us;
    return WEIR_OK;
}
