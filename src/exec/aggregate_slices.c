/* Windows that overlap, by slices: a row goes into the one slice it is in, and a window is the sum
 * of its slices when it comes out.
 *
 *     hop 10 s by 2 s      rows ─▶ slices  0–2  2–4  4–6  6–8  8–10  10–12 …
 *                                         └────────── 0–10 ──────┘
 *                                              └────────── 2–12 ─────┘
 *
 * So the work per row does not depend on how many windows it is in. Neither does that per window:
 * the running window takes a slice away and adds one (aggregate_running.c), or, where states cannot
 * be taken away, two sums are shared by windows that follow each other (aggregate_sums.c).
 *
 * Windows are entered among the panes when a slice gets its first row, empty, so that they close in
 * their order; a slice is let go of with the last window that it is in. A row that is late for some
 * of its windows counts for those that are still open: the others have come out already.
 *
 * Only for states that are plain bytes (no heap) over input that takes nothing back, emitted once;
 * other aggregations put a row into each window (aggregate_overlap.c). */
#include "exec/aggregate_slices_internal.h"

static bool is_plain(const struct call_plan *call)
{
    const struct weir_aggregate_ops *ops = call->plan->aggregate->ops;
    return !call->ordered && !call->distinct && ops->merge && !call->owns;
}

enum weir_status aggregate_slices_create(struct aggregate *aggregate, struct weir_error *error)
{
    const struct weir_plan_window *window = &aggregate->plan->window;
    if (window->kind != WEIR_WINDOW_HOP || !window->width_us || !window->slide_us ||
        aggregate->has_header || window->slide_us >= window->width_us)
        return WEIR_OK;
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++)
        if (!is_plain(&aggregate->calls[c]))
            return WEIR_OK;
    aggregate->slices = WEIR_ARENA_NEW(&aggregate->arena, struct aggregate_slices);
    if (!aggregate->slices)
        return exec_out_of_memory(&aggregate->env, error);
    aggregate->slices->released_us = INT64_MIN;
    aggregate->slices->runs = aggregate_running_is_possible(aggregate);
    aggregate->slices->count_offset = aggregate_running_count_offset(aggregate);
    aggregate->running_size = aggregate->slices->count_offset < aggregate->states_size
                                  ? aggregate->states_size
                                  : aggregate->states_size + (uint32_t)sizeof(int64_t);
    return WEIR_OK;
}

void aggregate_slices_destroy(struct aggregate *aggregate)
{
    struct aggregate_slices *slices = aggregate->slices;
    if (!slices)
        return;
    aggregate_sums_drop(aggregate);
    if (slices->filled)
        aggregate_pane_free(aggregate, slices->filled);
    if (slices->running)
        aggregate_pane_free(aggregate, slices->running);
    weir_budget_release(aggregate->env.budget, slices->sums_capacity * sizeof(*slices->sums));
    weir_free(slices->sums);
    for (uint32_t i = 0; i < slices->count; i++)
        aggregate_pane_free(aggregate, slices->items[i]);
    weir_budget_release(aggregate->env.budget, slices->capacity * sizeof(*slices->items));
    weir_free(slices->items);
    aggregate->slices = NULL;
}

static uint64_t pane_rows(const struct pane *pane)
{
    return !pane ? 0 : pane->table ? weir_state_table_count(pane->table) : 1;
}

uint64_t aggregate_slices_rows(const struct aggregate *aggregate)
{
    const struct aggregate_slices *slices = aggregate->slices;
    if (!slices || !slices->count)
        return 0;
    uint64_t rows = pane_rows(slices->running) + pane_rows(slices->filled);
    for (uint32_t i = 0; i < slices->count; i++)
        rows += pane_rows(slices->items[i]);
    return rows;
}

const struct pane *aggregate_slices_latest(const struct aggregate *aggregate)
{
    const struct aggregate_slices *slices = aggregate->slices;
    return slices->count ? slices->items[slices->count - 1] : NULL;
}

/* ---- finding ---- */

/* Index of the first slice that does not begin before. */
static uint32_t slice_index(const struct aggregate_slices *slices, int64_t start_us)
{
    uint32_t low = 0, high = slices->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (slices->items[middle]->start_us < start_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum weir_status reserve(struct aggregate *aggregate, struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    uint32_t old = slices->capacity, capacity = old ? old * 2 : 16;
    if (slices->count < old)
        return WEIR_OK;
    if (!weir_budget_charge(aggregate->env.budget, (capacity - old) * sizeof(*slices->items)))
        return exec_out_of_memory(&aggregate->env, error);
    struct pane **items = weir_realloc(slices->items, capacity * sizeof(*items));
    if (!items) {
        weir_budget_release(aggregate->env.budget, (capacity - old) * sizeof(*slices->items));
        return weir_error_set_out_of_memory(error);
    }
    slices->items = items;
    slices->capacity = capacity;
    return WEIR_OK;
}

struct pane *aggregate_slice_find(const struct aggregate *aggregate, int64_t slice_us)
{
    const struct aggregate_slices *slices = aggregate->slices;
    bool in_use =
        slices && slices->last && slices->last->start_us == slice_us &&
        (slices->last_first_end_us > aggregate->watermark_us || aggregate->env.bounded_query);
    return in_use ? slices->last : NULL;
}

enum weir_status aggregate_slice_enter(struct aggregate *aggregate, struct pane *slice,
                                       struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    if (slices->rest && slice->start_us < slices->rest_end_us)
        aggregate_sums_drop(aggregate);
    return aggregate_running_leave(aggregate, slice, error);
}

enum weir_status aggregate_slice_open(struct aggregate *aggregate, int64_t slice_us,
                                      int64_t first_end_us, struct pane **out,
                                      struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    slices->last_first_end_us = first_end_us;
    if (!slices->last || slices->last->start_us != slice_us) {
        uint32_t index = slice_index(slices, slice_us);
        if (index == slices->count || slices->items[index]->start_us != slice_us) {
            struct pane *made;
            WEIR_TRY(reserve(aggregate, error));
            WEIR_TRY(
                aggregate_pane_make(aggregate, PANE_OF_GROUPS, slice_us, slice_us, &made, error));
            memmove(&slices->items[index + 1], &slices->items[index],
                    (slices->count - index) * sizeof(*slices->items));
            slices->items[index] = made;
            slices->count++;
        }
        slices->last = slices->items[index];
    }
    *out = slices->last;
    return WEIR_OK;
}

/* ---- a window out of its slices ---- */

static struct slice_range slices_of(const struct aggregate_slices *slices, const struct pane *pane)
{
    struct slice_range range;
    range.first = range.last = slice_index(slices, pane->start_us);
    while (range.last < slices->count && slices->items[range.last]->start_us < pane->end_us)
        range.last++;
    return range;
}

enum weir_status aggregate_slices_fill(struct aggregate *aggregate, struct pane *pane,
                                       struct pane **groups, struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    *groups = pane;
    if (!slices || pane->of_null)
        return WEIR_OK;
    bool runs = slices->runs;
    struct slice_range range = slices_of(slices, pane);
    if (!pane->is_filled && runs)
        WEIR_TRY(aggregate_running_move(aggregate, range, &runs, error));
    if (!pane->is_filled && !runs)
        WEIR_TRY(aggregate_sums_fill(aggregate, pane, range, error));
    if (!pane->is_filled) {
        slices->shown = runs ? slices->running : slices->filled;
        slices->shown->start_us = pane->start_us;
        slices->shown->end_us = pane->end_us;
        aggregate_slices_release(aggregate, slices->released_us);
    }
    pane->is_filled = true;
    *groups = slices->shown;
    return WEIR_OK;
}

enum weir_status aggregate_slices_make(struct aggregate *aggregate, const struct pane *pane,
                                       struct pane **groups, struct weir_error *error)
{
    return aggregate_sums_make(aggregate, pane, slices_of(aggregate->slices, pane), groups, error);
}

/* Those in the running window are let go of when the next one has been made of it. */
static uint32_t releasable(const struct aggregate *aggregate, int64_t end_us)
{
    const struct aggregate_slices *slices = aggregate->slices;
    uint32_t gone = 0;
    int64_t start, end, first = 0;
    while (gone < slices->count &&
           exec_window_around(&aggregate->plan->window, slices->items[gone]->start_us, &first,
                              &start, &end) &&
           end <= end_us)
        gone++;
    for (uint32_t i = 0; gone < slices->count && i < gone; i++)
        if (slices->items[i]->is_running)
            return i;
    return gone;
}

void aggregate_slices_release(struct aggregate *aggregate, int64_t end_us)
{
    struct aggregate_slices *slices = aggregate->slices;
    if (!slices)
        return;
    slices->released_us = end_us;
    uint32_t gone = releasable(aggregate, end_us);
    if (!gone)
        return;
    if (gone == slices->count) {
        aggregate_sums_drop(aggregate);
        aggregate_running_clear(aggregate);
    }
    for (uint32_t i = 0; i < gone; i++)
        aggregate_pane_free(aggregate, slices->items[i]);
    memmove(slices->items, slices->items + gone, (slices->count - gone) * sizeof(*slices->items));
    slices->count -= gone;
    slices->last = NULL;
}
