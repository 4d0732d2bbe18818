/* Windows that overlap, by slices: a row goes into the one slice it is in, and a window is the sum
 * of its slices when it comes out.
 *
 *     hop 10 s by 2 s      rows ─▶ slices  0–2  2–4  4–6  6–8  8–10  10–12 …
 *                                         └────────── 0–10 ──────┘
 *                                              └────────── 2–12 ─────┘
 *
 * So the work per row does not depend on how many windows it is in. Neither does that per window:
 * it comes from two sums, which windows that follow each other share (the two stacks that
 * Tangwongsan et al. begin with in "Low-Latency Sliding-Window Aggregation in Worst-Case Constant
 * Time", 2017):
 *
 *     slices  0–2  2–4  4–6  6–8  8–10 | 10–12  12–14        | the turn: the end of a window
 *             └─────── sums[0] ────────┘
 *                  └──── sums[1] ──────┘
 *                       └── sums[2] ───┘ └──── rest ─────┘   window 4–14 = sums[2] + rest
 *
 * A row that comes for a slice that is in the sums already makes them void: the next window turns
 * anew. Windows of few slices are summed up slice by slice.
 *
 * Windows are entered among the panes when a slice gets its first row, empty, so that they close in
 * their order; a slice is let go of with the last window that it is in. A row that is late for some
 * of its windows counts for those that are still open: the others have come out already.
 *
 * Only for states that are plain bytes (no heap) over input that takes nothing back, emitted once;
 * other aggregations put a row into each window (aggregate_overlap.c). */
#include "exec/aggregate_internal.h"

struct aggregate_slices {
    struct pane **items; /* ascending */
    uint32_t count, capacity;
    struct pane *last;         /* found last */
    int64_t last_first_end_us; /* of its windows */
    /* From each slice before the turn up to it; NULL: for windows that are out. */
    struct pane **sums;
    uint32_t sums_count, sums_capacity;
    struct pane *rest; /* from the turn to rest_end_us; NULL: there are no sums */
    int64_t turn_us, rest_end_us;
};

enum { SLICES_SUMMED_UP = 4 }; /* slices of a window that are no more trouble than the sums */

static bool is_plain(const struct call_plan *call)
{
    const struct weir_aggregate_ops *ops = call->plan->aggregate->ops;
    return !call->ordered && !call->distinct && ops->merge && !ops->drop;
}

enum weir_status aggregate_slices_create(struct aggregate *aggregate, struct weir_error *error)
{
    const struct weir_plan_window *window = &aggregate->plan->window;
    if (window->kind != WEIR_WINDOW_HOP || !window->width_us || aggregate->has_header ||
        window->slide_us >= window->width_us)
        return WEIR_OK;
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++)
        if (!is_plain(&aggregate->calls[c]))
            return WEIR_OK;
    aggregate->slices = WEIR_ARENA_NEW(&aggregate->arena, struct aggregate_slices);
    return aggregate->slices ? WEIR_OK : exec_out_of_memory(&aggregate->env, error);
}

static void drop_sums(struct aggregate *aggregate)
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

void aggregate_slices_destroy(struct aggregate *aggregate)
{
    struct aggregate_slices *slices = aggregate->slices;
    if (!slices)
        return;
    drop_sums(aggregate);
    weir_budget_release(aggregate->env.budget, slices->sums_capacity * sizeof(*slices->sums));
    weir_free(slices->sums);
    for (uint32_t i = 0; i < slices->count; i++)
        aggregate_pane_free(aggregate, slices->items[i]);
    weir_budget_release(aggregate->env.budget, slices->capacity * sizeof(*slices->items));
    weir_free(slices->items);
    aggregate->slices = NULL;
}

uint64_t aggregate_slices_rows(const struct aggregate *aggregate)
{
    uint64_t rows = 0;
    for (uint32_t i = 0; aggregate->slices && i < aggregate->slices->count; i++) {
        const struct pane *slice = aggregate->slices->items[i];
        rows += slice->table ? weir_state_table_count(slice->table) : 1;
    }
    return rows;
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

struct pane *aggregate_slice_enter(struct aggregate *aggregate, int64_t slice_us)
{
    struct aggregate_slices *slices = aggregate->slices;
    if (slices && slices->rest && slice_us < slices->rest_end_us)
        drop_sums(aggregate);
    bool in_use =
        slices && slices->last && slices->last->start_us == slice_us &&
        (slices->last_first_end_us > aggregate->watermark_us || aggregate->env.bounded_query);
    return in_use ? slices->last : NULL;
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
            WEIR_TRY(aggregate_pane_make(aggregate, slice_us, slice_us, &made, error));
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

static bool is_new(const uint8_t *state, uint32_t size)
{
    uint64_t word, any = 0;
    for (uint32_t at = 0; at < size; at += sizeof word) {
        memcpy(&word, state + at, sizeof word);
        any |= word;
    }
    return !any;
}

/* from stays: functions that merge take it away, so they get a copy. */
static enum weir_status merge_group(struct aggregate *aggregate, struct pane *pane, uint8_t *into,
                                    const uint8_t *from, uint8_t *copy, struct weir_error *error)
{
    if (is_new(into, aggregate->payload_size)) {
        memcpy(into, from, aggregate->payload_size);
        return WEIR_OK;
    }
    memcpy(copy, from, aggregate->payload_size);
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        const struct call_plan *call = &aggregate->calls[c];
        struct weir_kernel_errors errors = {.null_on_error = aggregate->env.null_on_error,
                                            .error = error};
        struct weir_aggregate_call merge = {.state_offset = call->offset,
                                            .heap = &pane->heap,
                                            .instance = call->plan->instance,
                                            .session = aggregate->env.session,
                                            .errors = &errors};
        call->plan->aggregate->ops->merge(&merge, into, copy);
        WEIR_TRY(aggregate_check(aggregate, call, NULL, &errors, error));
    }
    return WEIR_OK;
}

static enum weir_status merge_slice(struct aggregate *aggregate, struct pane *pane,
                                    const struct pane *slice, struct weir_error *error)
{
    struct aggregate_room *room = aggregate->room;
    struct weir_arena *arena = &aggregate->emit_scratch;
    uint32_t cursor = 0, count;
    weir_arena_reset(arena);
    uint8_t *copy = weir_arena_alloc(arena, aggregate->payload_size + 16, 64);
    if (!copy)
        return exec_out_of_memory(&aggregate->env, error);
    if (!slice->table)
        return merge_group(aggregate, pane, pane->single, slice->single, copy, error);
    while ((count = weir_state_table_scan(slice->table, &cursor, room->ids, WEIR_BATCH_ROWS_MAX))) {
        for (uint32_t k = 0; k < aggregate->group_keys_count; k++)
            WEIR_TRY(weir_state_table_keys(slice->table, k, room->ids, count, arena,
                                           &aggregate->columns[k], error));
        weir_state_table_payloads(slice->table, room->ids, count, room->states);
        enum weir_status status = weir_state_table_upsert(pane->table, aggregate->columns, NULL,
                                                          count, room->call_states, NULL, error);
        if (status != WEIR_OK)
            return exec_out_of_memory(&aggregate->env, error);
        for (uint32_t i = 0; i < count; i++)
            WEIR_TRY(
                merge_group(aggregate, pane, room->call_states[i], room->states[i], copy, error));
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

/* Sums from each of the window's slices, [first, last), to its end. */
static enum weir_status turn(struct aggregate *aggregate, const struct pane *pane, uint32_t first,
                             uint32_t last, struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    drop_sums(aggregate);
    WEIR_TRY(reserve_sums(aggregate, last - first, error));
    for (uint32_t i = 0; i < last - first; i++)
        slices->sums[i] = NULL;
    slices->sums_count = last - first;
    for (uint32_t i = slices->sums_count; i-- > 0;) {
        const struct pane *slice = slices->items[first + i];
        WEIR_TRY(
            aggregate_pane_make(aggregate, slice->start_us, pane->end_us, &slices->sums[i], error));
        WEIR_TRY(merge_slice(aggregate, slices->sums[i], slice, error));
        if (i + 1 < slices->sums_count)
            WEIR_TRY(merge_slice(aggregate, slices->sums[i], slices->sums[i + 1], error));
    }
    WEIR_TRY(aggregate_pane_make(aggregate, pane->end_us, pane->end_us, &slices->rest, error));
    slices->turn_us = slices->rest_end_us = pane->end_us;
    return WEIR_OK;
}

/* The sum's groups into the window, which has none yet; as they are when no later one has them. */
static enum weir_status take_sum(struct aggregate *aggregate, struct pane *pane, struct pane **sum,
                                 struct weir_error *error)
{
    if ((*sum)->start_us - pane->start_us >= aggregate->plan->window.slide_us)
        return merge_slice(aggregate, pane, *sum, error);
    struct weir_state_table *table = pane->table;
    uint8_t *single = pane->single;
    pane->table = (*sum)->table;
    pane->single = (*sum)->single;
    (*sum)->table = table;
    (*sum)->single = single;
    aggregate_pane_free(aggregate, *sum);
    *sum = NULL;
    return WEIR_OK;
}

/* The window as the sum from its first slice to the turn, and the rest. Windows come in order. */
static enum weir_status fill_from_sums(struct aggregate *aggregate, struct pane *pane,
                                       uint32_t first, uint32_t last, struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    if (!slices->rest || pane->start_us >= slices->turn_us)
        WEIR_TRY(turn(aggregate, pane, first, last, error));
    for (uint32_t i = first; i < last; i++)
        if (slices->items[i]->start_us >= slices->rest_end_us)
            WEIR_TRY(merge_slice(aggregate, slices->rest, slices->items[i], error));
    slices->rest_end_us = pane->end_us;
    uint32_t at = 0;
    for (; at < slices->sums_count; at++) {
        struct pane *sum = slices->sums[at];
        if (sum && sum->start_us >= pane->start_us)
            break;
        if (sum)
            aggregate_pane_free(aggregate, sum);
        slices->sums[at] = NULL;
    }
    if (at < slices->sums_count)
        WEIR_TRY(take_sum(aggregate, pane, &slices->sums[at], error));
    return merge_slice(aggregate, pane, slices->rest, error);
}

enum weir_status aggregate_slices_fill(struct aggregate *aggregate, struct pane *pane,
                                       struct weir_error *error)
{
    struct aggregate_slices *slices = aggregate->slices;
    if (!slices || pane->is_filled || pane->of_null)
        return WEIR_OK;
    uint32_t first = slice_index(slices, pane->start_us), last = first;
    while (last < slices->count && slices->items[last]->start_us < pane->end_us)
        last++;
    if (last - first > SLICES_SUMMED_UP) {
        WEIR_TRY(fill_from_sums(aggregate, pane, first, last, error));
    } else {
        drop_sums(aggregate);
        for (uint32_t i = first; i < last; i++)
            WEIR_TRY(merge_slice(aggregate, pane, slices->items[i], error));
    }
    pane->is_filled = true;
    return WEIR_OK;
}

void aggregate_slices_release(struct aggregate *aggregate, int64_t end_us)
{
    struct aggregate_slices *slices = aggregate->slices;
    uint32_t gone = 0;
    int64_t start, end;
    while (slices && gone < slices->count &&
           exec_window_around(&aggregate->plan->window, slices->items[gone]->start_us, 0, &start,
                              &end) &&
           end <= end_us)
        aggregate_pane_free(aggregate, slices->items[gone++]);
    if (!gone)
        return;
    if (gone == slices->count)
        drop_sums(aggregate);
    memmove(slices->items, slices->items + gone, (slices->count - gone) * sizeof(*slices->items));
    slices->count -= gone;
    slices->last = NULL;
}
