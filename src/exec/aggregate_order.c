/* ORDER BY inside a call: array_agg(x ORDER BY y).
 *
 * While rows come in, they are only collected: the arguments and the columns of the order go into a
 * store, and each group chains its rows there. When the group's result is wanted its rows are
 * sorted, and the function runs over them from a fresh state:
 *
 *     payload: head ─▶ ref ─▶ ref ─▶ … ─▶ tail        store: | args | order columns |
 *
 * Ties: event time, then the collected columns. Input that takes rows back goes through
 * aggregate_kept.c. */
#include "exec/aggregate_internal.h"

static uint32_t state_stride(const struct call_plan *call)
{
    return (call->plan->state_size + 15) & ~15u;
}

enum weir_status aggregate_order_store(struct aggregate *aggregate, const struct call_plan *call,
                                       bool with_event_times, struct row_store **out,
                                       struct weir_error *error)
{
    const struct weir_plan_aggregate_call *plan = call->plan;
    uint32_t count = plan->args_count + plan->order_count;
    const struct weir_type **types = weir_malloc((count + 1) * sizeof(*types));
    if (!types)
        return weir_error_set_out_of_memory(error);
    for (uint32_t a = 0; a < plan->args_count; a++)
        types[a] = aggregate->input_schema->fields[plan->args[a]].type;
    for (uint32_t o = 0; o < plan->order_count; o++)
        types[plan->args_count + o] = aggregate->input_schema->fields[plan->order[o].column].type;
    enum weir_status status =
        row_store_create(types, count, with_event_times, aggregate->env.budget, out, error);
    weir_free(types);
    return status;
}

static enum weir_status next_reserve(struct aggregate *aggregate, struct ordered_rows *ordered,
                                     uint32_t count, struct weir_error *error)
{
    if (ordered->next_capacity >= count)
        return WEIR_OK;
    uint64_t capacity = ordered->next_capacity ? ordered->next_capacity : 64;
    while (capacity < count)
        capacity *= 2;
    uint64_t more = (capacity - ordered->next_capacity) * sizeof *ordered->next;
    if (!weir_budget_charge(aggregate->env.budget, more))
        return exec_out_of_memory(&aggregate->env, error);
    uint32_t *next = weir_realloc(ordered->next, capacity * sizeof *next);
    if (!next) {
        weir_budget_release(aggregate->env.budget, more);
        return weir_error_set_out_of_memory(error);
    }
    ordered->next = next;
    ordered->next_capacity = (uint32_t)capacity;
    return WEIR_OK;
}

static void chain(struct ordered_rows *ordered, struct ordered_state *state, uint32_t ref)
{
    ordered->next[ref] = 0;
    if (state->tail)
        ordered->next[state->tail - 1] = ref + 1;
    else
        state->head = ref + 1;
    state->tail = ref + 1;
    state->count++;
}

enum weir_status aggregate_order_collect(struct aggregate *aggregate, struct pane *pane,
                                         uint32_t number, const struct weir_batch *batch,
                                         const struct rows *rows, struct weir_error *error)
{
    const struct call_plan *call = &aggregate->calls[number];
    struct ordered_rows *ordered = &pane->ordered[number];
    if (!ordered->store)
        WEIR_TRY(aggregate_order_store(aggregate, call, batch->event_times != NULL, &ordered->store,
                                       error));
    for (uint32_t o = 0; o < call->plan->order_count; o++)
        aggregate->columns[call->plan->args_count + o] =
            batch->columns[call->plan->order[o].column];
    uint32_t first = ordered->store->rows_count;
    const struct row_source source = {.columns = aggregate->columns,
                                      .selection = rows->selection,
                                      .count = rows->count,
                                      .event_times = batch->event_times,
                                      .weights = rows->weights};
    WEIR_TRY(next_reserve(aggregate, ordered, first + rows->count, error));
    WEIR_TRY(row_store_append(ordered->store, &source, error));
    for (uint32_t i = 0; i < rows->count; i++) {
        uint8_t *state = rows->states ? rows->states[i] : pane->single;
        chain(ordered, (struct ordered_state *)(void *)(state + call->offset), first + i);
    }
    return WEIR_OK;
}

void aggregate_order_merge(struct ordered_rows *ordered, uint8_t *into, uint8_t *from)
{
    struct ordered_state *target = (struct ordered_state *)(void *)into;
    struct ordered_state *source = (struct ordered_state *)(void *)from;
    if (source->count == 0)
        return;
    if (target->tail)
        ordered->next[target->tail - 1] = source->head;
    else
        target->head = source->head;
    target->tail = source->tail;
    target->count += source->count;
    *source = (struct ordered_state){0};
}

/* ---- giving back ---- */

enum { COMPACT_ROWS_MIN = 4096, COPY_STEP = 256 };

/* The groups' rows, chain by chain; the chains become what they are in the copy. */
static enum weir_status copy_chains(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                                    struct row_store *store, struct weir_error *error)
{
    struct ordered_rows *ordered = &pane->ordered[number];
    uint32_t ids[COPY_STEP], count, cursor = 0;
    while ((count = weir_state_table_scan(pane->table, &cursor, ids, COPY_STEP)) != 0) {
        for (uint32_t i = 0; i < count; i++) {
            uint8_t *payload = weir_state_table_payload(pane->table, ids[i]);
            struct ordered_state *state = (void *)(payload + aggregate->calls[number].offset);
            uint32_t refs[COPY_STEP], some = 0, first = store->rows_count;
            for (uint32_t at = state->head; at; at = ordered->next[at - 1]) {
                refs[some++] = at - 1;
                if (some < COPY_STEP && ordered->next[at - 1])
                    continue;
                WEIR_TRY(row_store_copy(store, ordered->store, refs, some, error));
                some = 0;
            }
            state->head = state->count ? first + 1 : 0;
            state->tail = state->count ? store->rows_count : 0;
        }
    }
    return WEIR_OK;
}

static uint64_t live_rows(const struct aggregate *aggregate, const struct pane *pane,
                          uint32_t number)
{
    uint32_t ids[COPY_STEP], count, cursor = 0;
    uint64_t rows = 0;
    while ((count = weir_state_table_scan(pane->table, &cursor, ids, COPY_STEP)) != 0)
        for (uint32_t i = 0; i < count; i++) {
            const uint8_t *payload = weir_state_table_payload(pane->table, ids[i]);
            rows += ((const struct ordered_state *)(const void *)(payload +
                                                                  aggregate->calls[number].offset))
                        ->count;
        }
    return rows;
}

/* Chains of a copy are runs: ref, ref + 1, … */
static void chain_runs(struct aggregate *aggregate, struct pane *pane, uint32_t number)
{
    struct ordered_rows *ordered = &pane->ordered[number];
    uint32_t ids[COPY_STEP], count, cursor = 0;
    while ((count = weir_state_table_scan(pane->table, &cursor, ids, COPY_STEP)) != 0)
        for (uint32_t i = 0; i < count; i++) {
            uint8_t *payload = weir_state_table_payload(pane->table, ids[i]);
            const struct ordered_state *state =
                (const void *)(payload + aggregate->calls[number].offset);
            for (uint32_t at = state->head; at && at <= state->tail; at++)
                ordered->next[at - 1] = at == state->tail ? 0 : at + 1;
        }
}

enum weir_status aggregate_order_compact(struct aggregate *aggregate, struct pane *pane,
                                         struct weir_error *error)
{
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        struct ordered_rows *ordered = &pane->ordered[c];
        struct row_store *store = NULL;
        if (ordered->store && weir_state_table_count(pane->table) == 0)
            aggregate_order_clear(ordered);
        if (!ordered->store || ordered->store->rows_count < ordered->compact_at)
            continue;
        uint64_t live = live_rows(aggregate, pane, c);
        ordered->compact_at =
            COMPACT_ROWS_MIN + (live > UINT32_MAX / 4 ? UINT32_MAX / 2 : (uint32_t)live * 2);
        if (ordered->store->rows_count < ordered->compact_at)
            continue;
        WEIR_TRY(aggregate_order_store(aggregate, &aggregate->calls[c],
                                       ordered->store->with_event_times, &store, error));
        enum weir_status status = copy_chains(aggregate, pane, c, store, error);
        if (status != WEIR_OK) {
            row_store_release(store);
            return status;
        }
        row_store_release(ordered->store);
        ordered->store = store;
        chain_runs(aggregate, pane, c);
    }
    return WEIR_OK;
}

/* ---- making the states ---- */

struct ordering {
    const struct row_store *store;
    const struct weir_plan_aggregate_call *plan;
    bool by_row; /* ties by the row only: equal rows stand side by side */
};

static int compare_refs(const void *context, uint32_t a, uint32_t b)
{
    const struct ordering *ordering = context;
    const struct weir_plan_aggregate_call *plan = ordering->plan;
    for (uint32_t o = 0; o < plan->order_count; o++) {
        int order =
            row_store_compare(ordering->store, plan->args_count + o, plan->order[o].order, a, b);
        if (order)
            return order;
    }
    int64_t time_a = row_store_event_time(ordering->store, a);
    int64_t time_b = row_store_event_time(ordering->store, b);
    if (time_a != time_b && !ordering->by_row)
        return time_a < time_b ? -1 : 1;
    return row_store_compare_rows(ordering->store, a, b);
}

uint32_t aggregate_order_dedupe(const struct row_store *store, uint32_t args_count, uint32_t *refs,
                                uint32_t count)
{
    const struct weir_sort_order order = {0};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool same = kept > 0;
        for (uint32_t a = 0; a < args_count && same; a++)
            same = row_store_compare(store, a, order, refs[kept - 1], refs[i]) == 0;
        if (!same)
            refs[kept++] = refs[i];
    }
    return kept;
}

/* Runs the function over sorted rows, a batch at a time. */
enum weir_status aggregate_order_run(struct aggregate *aggregate, struct pane *pane,
                                     uint32_t number, const uint32_t *refs, const int64_t *weights,
                                     uint32_t count, uint8_t *state, struct weir_error *error)
{
    const struct call_plan *call = &aggregate->calls[number];
    uint32_t args_count = call->plan->args_count;
    struct weir_arena *arena = &aggregate->emit_scratch;
    struct weir_column *args = WEIR_ARENA_ARRAY(arena, struct weir_column, args_count);
    if (!args)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t done = 0; done < count; done += WEIR_BATCH_ROWS_MAX) {
        uint32_t some = count - done;
        if (some > WEIR_BATCH_ROWS_MAX)
            some = WEIR_BATCH_ROWS_MAX;
        for (uint32_t a = 0; a < args_count; a++)
            WEIR_TRY(row_store_gather(pane->ordered[number].store, a, refs + done, some, arena,
                                      &args[a], error));
        struct weir_kernel_errors errors = {.null_on_error = aggregate->env.null_on_error,
                                            .error = error};
        struct weir_aggregate_call update = {.rows_count = some,
                                             .state = state,
                                             .args = args,
                                             .args_count = args_count,
                                             .weights = weights ? weights + done : NULL,
                                             .heap = &pane->heap,
                                             .instance = call->plan->instance,
                                             .session = aggregate->env.session,
                                             .errors = &errors};
        call->plan->aggregate->ops->update(&update);
        WEIR_TRY(aggregate_check(aggregate, call, NULL, &errors, error));
    }
    return WEIR_OK;
}

static enum weir_status make_one(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                                 const struct ordered_state *from, uint8_t *state,
                                 struct weir_error *error)
{
    const struct ordered_rows *ordered = &pane->ordered[number];
    struct weir_arena *arena = &aggregate->emit_scratch;
    uint32_t count = (uint32_t)from->count;
    uint32_t *refs = WEIR_ARENA_ARRAY(arena, uint32_t, count);
    uint32_t *room = WEIR_ARENA_ARRAY(arena, uint32_t, count);
    if (!refs || !room)
        return exec_out_of_memory(&aggregate->env, error);
    if (count == 0)
        return WEIR_OK;
    uint32_t at = from->head;
    for (uint32_t i = 0; i < count; i++, at = ordered->next[at - 1])
        refs[i] = at - 1;
    const struct call_plan *call = &aggregate->calls[number];
    const struct ordering ordering = {ordered->store, call->plan, call->dedupes};
    if (!row_refs_sort(refs, count, room, compare_refs, &ordering, &aggregate->env))
        return weir_error_set(error, WEIR_E_INTERRUPTED, "interrupted");
    if (call->dedupes)
        count = aggregate_order_dedupe(ordered->store, call->plan->args_count, refs, count);
    return aggregate_order_run(aggregate, pane, number, refs, NULL, count, state, error);
}

enum weir_status aggregate_order_make(struct aggregate *aggregate, struct pane *pane,
                                      uint32_t number, uint8_t *const *states, uint32_t count,
                                      uint8_t ***made, struct weir_error *error)
{
    const struct call_plan *call = &aggregate->calls[number];
    struct weir_arena *arena = &aggregate->emit_scratch;
    uint32_t stride = state_stride(call);
    uint8_t **out = WEIR_ARENA_ARRAY(arena, uint8_t *, count);
    uint8_t *memory = weir_arena_alloc(arena, (size_t)count * stride + 1, 64);
    if (!out || !memory)
        return exec_out_of_memory(&aggregate->env, error);
    memset(memory, 0, (size_t)count * stride);
    for (uint32_t i = 0; i < count; i++)
        out[i] = memory + (size_t)i * stride;
    *made = out;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *state = states[i] + call->offset;
        enum weir_status status =
            call->keeps
                ? aggregate_kept_make(aggregate, pane, number, states[i], out[i], error)
                : make_one(aggregate, pane, number,
                           (const struct ordered_state *)(const void *)state, out[i], error);
        if (status == WEIR_OK)
            continue;
        aggregate_order_drop(aggregate, pane, number, out, count);
        return status;
    }
    return WEIR_OK;
}

void aggregate_order_drop(struct aggregate *aggregate, struct pane *pane, uint32_t number,
                          uint8_t *const *made, uint32_t count)
{
    const struct weir_aggregate_ops *ops = aggregate->calls[number].plan->aggregate->ops;
    for (uint32_t i = 0; ops->drop && i < count; i++)
        ops->drop(made[i], &pane->heap);
}

void aggregate_order_clear(struct ordered_rows *ordered)
{
    if (ordered->store)
        row_store_clear(ordered->store);
    ordered->dead = 0;
}

void aggregate_order_deinit(struct aggregate *aggregate, struct ordered_rows *ordered)
{
    row_store_release(ordered->store);
    weir_free(ordered->next);
    weir_budget_release(aggregate->env.budget, ordered->next_capacity * sizeof *ordered->next);
}
