/* Calls over input that takes rows back, whose function cannot: the rows of each group are kept, in
 * order and with their weights, and the function runs over them when its result is wanted.
 *
 *     payload: ordered set of refs ─▶ store: | args | order columns |    (kernel/ordered_set.h)
 *
 * Rows are in the order that the call asks for, then by their values: rows that change have no
 * order of arrival. Equal rows are one entry. Functions that look at the first or the last row
 * alone (min, first_value, arg_max …) are given that one; so only what shows a whole group costs as
 * much as the group has rows.
 *
 * A row that joins an equal one, or leaves, stays in the store until most of it is such rows; then
 * the store is written anew. Ties and memory as in aggregate_order.c. */
#include "exec/aggregate_internal.h"

enum { COMPACT_ROWS_MIN = 4096, COPY_STEP = 256 };

/* ---- what a call keeps ---- */

static const struct named_pick {
    const char *name;
    enum kept_pick pick;
    bool in_any_order; /* the answer does not depend on the order that a call asks for */
} picks[] = {
    {"min", KEPT_FIRST, true},          {"max", KEPT_LAST, true},
    {"first_value", KEPT_FIRST, false}, {"last_value", KEPT_LAST, false},
    {"any_value", KEPT_FIRST, false},   {"arg_min", KEPT_ARG_MIN, true},
    {"min_by", KEPT_ARG_MIN, true},     {"arg_max", KEPT_ARG_MAX, true},
    {"max_by", KEPT_ARG_MAX, true},
};

enum kept_pick aggregate_kept_pick(const struct weir_plan_aggregate_call *call)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(picks); i++)
        if (strcmp(call->aggregate->name, picks[i].name) == 0)
            return picks[i].in_any_order && call->order_count ? KEPT_ALL : picks[i].pick;
    return KEPT_ALL;
}

/* ---- order ---- */

struct kept_order {
    const struct row_store *store;
    const struct call_plan *call;
};

static int compare_column(const struct kept_order *order, uint32_t column, bool descending,
                          uint32_t a, uint32_t b)
{
    const struct weir_sort_order by = {.descending = descending, .nulls_first = false};
    return row_store_compare(order->store, column, by, a, b);
}

static int compare_kept(const void *context, uint64_t a, uint64_t b)
{
    const struct kept_order *order = context;
    const struct weir_plan_aggregate_call *plan = order->call->plan;
    uint32_t left = (uint32_t)a, right = (uint32_t)b;
    int comparison = 0;
    if (order->call->pick >= KEPT_ARG_MIN)
        comparison = compare_column(order, 1, order->call->pick == KEPT_ARG_MAX, left, right);
    for (uint32_t o = 0; o < plan->order_count && !comparison; o++)
        comparison = row_store_compare(order->store, plan->args_count + o, plan->order[o].order,
                                       left, right);
    return comparison ? comparison : row_store_compare_rows(order->store, left, right);
}

static struct weir_ordered_set *set_of(const struct call_plan *call, uint8_t *state)
{
    return (struct weir_ordered_set *)(void *)(state + call->offset);
}

/* ---- taking in ---- */

static enum weir_status keep_row(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                                 uint8_t *state, uint32_t ref, struct weir_error *error)
{
    const struct call_plan *call = &aggregate->calls[number];
    struct ordered_rows *kept = &pane->ordered[number];
    const struct kept_order rows = {kept->store, call};
    const struct weir_key_order order = {compare_kept, &rows};
    int64_t weight = row_store_weight(kept->store, ref);
    if (weight == 0) {
        kept->dead++;
        return WEIR_OK;
    }
    switch (weir_ordered_set_add(set_of(call, state), ref, weight, &order, &pane->heap)) {
    case WEIR_ORDERED_FAILED:
        return exec_out_of_memory(&aggregate->env, error);
    case WEIR_ORDERED_COUNTED:
        kept->dead++;
        break;
    case WEIR_ORDERED_GONE:
        kept->dead += 2;
        break;
    case WEIR_ORDERED_NEW:
        break;
    }
    return WEIR_OK;
}

enum weir_status aggregate_kept_add(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                                    uint8_t *state, const struct weir_ordered_entry *entry,
                                    struct weir_error *error)
{
    const struct call_plan *call = &aggregate->calls[number];
    const struct kept_order rows = {pane->ordered[number].store, call};
    const struct weir_key_order order = {compare_kept, &rows};
    if (weir_ordered_set_add(set_of(call, state), entry->key, entry->weight, &order, &pane->heap) ==
        WEIR_ORDERED_FAILED)
        return exec_out_of_memory(&aggregate->env, error);
    return WEIR_OK;
}

static enum weir_status compact(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                                struct weir_error *error);

enum weir_status aggregate_kept_collect(struct aggregate *aggregate, struct pane *pane,
                                        uint32_t number, const struct weir_batch *batch,
                                        const struct rows *rows, struct weir_error *error)
{
    const struct call_plan *call = &aggregate->calls[number];
    struct ordered_rows *kept = &pane->ordered[number];
    if (!kept->store)
        WEIR_TRY(aggregate_order_store(aggregate, call, false, &kept->store, error));
    for (uint32_t o = 0; o < call->plan->order_count; o++)
        aggregate->columns[call->plan->args_count + o] =
            batch->columns[call->plan->order[o].column];
    const struct row_source source = {.columns = aggregate->columns,
                                      .selection = rows->selection,
                                      .count = rows->count,
                                      .weights = rows->weights};
    uint32_t first = kept->store->rows_count;
    WEIR_TRY(row_store_append(kept->store, &source, error));
    for (uint32_t i = 0; i < rows->count; i++)
        WEIR_TRY(keep_row(aggregate, pane, number, rows->states ? rows->states[i] : pane->single,
                          first + i, error));
    if (kept->dead < COMPACT_ROWS_MIN || kept->dead < kept->store->rows_count / 2)
        return WEIR_OK;
    return compact(aggregate, pane, number, error);
}

/* ---- giving back ---- */

/* The rows of one group into another store; its refs become theirs. */
static enum weir_status copy_group(const struct call_plan *call, uint8_t *state,
                                   const struct row_store *from, struct row_store *store,
                                   struct weir_error *error)
{
    struct weir_ordered_block block;
    for (uint32_t cursor = 0; weir_ordered_set_next(set_of(call, state), &cursor, &block);) {
        for (uint32_t done = 0; done < block.count; done += COPY_STEP) {
            uint32_t refs[COPY_STEP], some = block.count - done, first = store->rows_count;
            if (some > COPY_STEP)
                some = COPY_STEP;
            for (uint32_t i = 0; i < some; i++)
                refs[i] = (uint32_t)block.entries[done + i].key;
            WEIR_TRY(row_store_copy(store, from, refs, some, error));
            for (uint32_t i = 0; i < some; i++)
                block.entries[done + i].key = first + i;
        }
    }
    return WEIR_OK;
}

static enum weir_status copy_groups(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                                    struct row_store *store, struct weir_error *error)
{
    const struct call_plan *call = &aggregate->calls[number];
    const struct row_store *from = pane->ordered[number].store;
    uint32_t ids[COPY_STEP], count, cursor = 0;
    if (!pane->table)
        return copy_group(call, pane->single, from, store, error);
    while ((count = weir_state_table_scan(pane->table, &cursor, ids, COPY_STEP)) != 0)
        for (uint32_t i = 0; i < count; i++)
            WEIR_TRY(copy_group(call, weir_state_table_payload(pane->table, ids[i]), from, store,
                                error));
    return WEIR_OK;
}

static enum weir_status compact(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                                struct weir_error *error)
{
    struct ordered_rows *kept = &pane->ordered[number];
    struct row_store *store;
    WEIR_TRY(aggregate_order_store(aggregate, &aggregate->calls[number], false, &store, error));
    enum weir_status status = copy_groups(aggregate, pane, number, store, error);
    if (status != WEIR_OK) {
        row_store_release(store);
        return status;
    }
    row_store_release(kept->store);
    kept->store = store;
    kept->dead = 0;
    return WEIR_OK;
}

void aggregate_kept_drop(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                         uint8_t *state)
{
    struct weir_ordered_set *set = set_of(&aggregate->calls[number], state);
    pane->ordered[number].dead += (uint32_t)weir_ordered_set_count(set);
    weir_ordered_set_drop(set, &pane->heap);
}

/* ---- making the states ---- */

struct picked_rows {
    uint32_t *refs;
    int64_t *weights;
    uint32_t count;
};

static void pick_one(const struct weir_ordered_entry *entry, struct picked_rows *rows)
{
    if (!entry)
        return;
    rows->refs[0] = (uint32_t)entry->key;
    rows->weights[0] = 1;
    rows->count = 1;
}

static void pick_all(const struct weir_ordered_set *set, struct picked_rows *rows)
{
    struct weir_ordered_block block;
    for (uint32_t cursor = 0; weir_ordered_set_next(set, &cursor, &block);)
        for (uint32_t i = 0; i < block.count; i++) {
            if (block.entries[i].weight <= 0)
                continue; /* what was taken back is still to come */
            rows->refs[rows->count] = (uint32_t)block.entries[i].key;
            rows->weights[rows->count++] = block.entries[i].weight;
        }
}

/* DISTINCT: rows with equal arguments stand side by side. */
static void leave_one_of_each(const struct row_store *store, uint32_t args_count,
                              struct picked_rows *rows)
{
    rows->count = aggregate_order_dedupe(store, args_count, rows->refs, rows->count);
    for (uint32_t i = 0; i < rows->count; i++)
        rows->weights[i] = 1;
}

enum weir_status aggregate_kept_make(struct aggregate *aggregate, struct pane *pane,
                                     uint32_t number, const uint8_t *from, uint8_t *state,
                                     struct weir_error *error)
{
    const struct call_plan *call = &aggregate->calls[number];
    const struct weir_ordered_set *set = (const void *)(from + call->offset);
    struct weir_arena *arena = &aggregate->emit_scratch;
    uint64_t most = call->pick == KEPT_ALL ? weir_ordered_set_count(set) : 1;
    struct picked_rows rows = {.refs = WEIR_ARENA_ARRAY(arena, uint32_t, most),
                               .weights = WEIR_ARENA_ARRAY(arena, int64_t, most)};
    if (!rows.refs || !rows.weights)
        return exec_out_of_memory(&aggregate->env, error);
    if (call->pick == KEPT_ALL) {
        pick_all(set, &rows);
        if (call->dedupes)
            leave_one_of_each(pane->ordered[number].store, call->plan->args_count, &rows);
    } else if (call->pick == KEPT_LAST)
        pick_one(weir_ordered_set_last(set), &rows);
    else
        pick_one(weir_ordered_set_first(set), &rows);
    if (rows.count == 0)
        return WEIR_OK;
    return aggregate_order_run(aggregate, pane, number, rows.refs, rows.weights, rows.count, state,
                               error);
}
