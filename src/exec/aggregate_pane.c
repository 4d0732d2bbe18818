/* Panes: the groups of one window, made once and recycled. */
#include "exec/aggregate_internal.h"

enum { PANES_AHEAD = 6 }; /* fetched before they are asked for one after the other */

static void *charged_calloc(struct aggregate *aggregate, size_t count, size_t size)
{
    if (!weir_budget_charge(aggregate->env.budget, count * size))
        return NULL;
    void *memory = weir_calloc(count, size);
    if (!memory)
        weir_budget_release(aggregate->env.budget, count * size);
    return memory;
}

static void charged_free(struct aggregate *aggregate, void *memory, size_t size)
{
    if (!memory)
        return;
    weir_free(memory);
    weir_budget_release(aggregate->env.budget, size);
}

static uint32_t payload_size(const struct aggregate *aggregate, enum pane_kind kind)
{
    if (kind != PANE_OF_RUNNING_WINDOW)
        return aggregate->payload_size;
    uint32_t size = aggregate->running_size;
    return size <= 8 ? size : (size + 15) & ~15u;
}

static size_t single_size(const struct aggregate *aggregate, enum pane_kind kind)
{
    uint32_t size = payload_size(aggregate, kind);
    return size ? size : 16;
}

static void pane_destroy(struct aggregate *aggregate, struct pane *pane)
{
    uint32_t calls = aggregate->plan->calls_count;
    weir_state_table_destroy(pane->table);
    if (pane->single) {
        weir_free_aligned(pane->single, single_size(aggregate, pane->kind));
        weir_budget_release(aggregate->env.budget, single_size(aggregate, pane->kind));
    }
    for (uint32_t c = 0; pane->distinct && c < calls; c++)
        weir_state_table_destroy(pane->distinct[c]);
    for (uint32_t c = 0; pane->ordered && c < calls; c++)
        aggregate_order_deinit(aggregate, &pane->ordered[c]);
    charged_free(aggregate, pane->distinct, (calls + 1) * sizeof(*pane->distinct));
    charged_free(aggregate, pane->ordered, (calls + 1) * sizeof *pane->ordered);
    aggregate_pending_deinit(aggregate, &pane->pending);
    weir_ttl_deinit(&pane->ttl);
    weir_aggregate_heap_deinit(&pane->heap);
    charged_free(aggregate, pane, sizeof *pane);
}

static enum weir_status create_distinct(struct aggregate *aggregate, struct pane *pane,
                                        uint32_t call, struct weir_error *error)
{
    const struct weir_plan_aggregate_call *plan = aggregate->calls[call].plan;
    const struct weir_type **types = weir_malloc((plan->args_count + 1) * sizeof(*types));
    if (!types)
        return weir_error_set_out_of_memory(error);
    types[0] = weir_type_of(WEIR_TYPE_UINT32); /* the group's id */
    for (uint32_t a = 0; a < plan->args_count; a++)
        types[a + 1] = aggregate->input_schema->fields[plan->args[a]].type;
    bool grouped = aggregate->plan->keys_count > 0;
    const struct weir_table_config config = {.key_types = grouped ? types : types + 1,
                                             .keys_count = plan->args_count + grouped,
                                             .payload_size = sizeof(int64_t),
                                             .hash_seed = aggregate->env.hash_seed,
                                             .hash_collide = aggregate->env.hash_collide,
                                             .isa = aggregate->env.isa,
                                             .budget = aggregate->env.budget};
    enum weir_status status = weir_state_table_create(&config, &pane->distinct[call], error);
    weir_free(types);
    return status;
}

/* Windows tend to have as many groups as the one before. */
static uint32_t groups_expected(const struct aggregate *aggregate)
{
    uint32_t expected = 0;
    const struct pane *slice = aggregate->slices ? aggregate_slices_latest(aggregate) : NULL;
    if (slice && slice->table)
        return weir_state_table_count(slice->table);
    for (uint32_t i = aggregate->panes_count; i > 0 && i + 2 > aggregate->panes_count; i--) {
        const struct pane *pane = aggregate->panes[i - 1];
        if (pane->table && weir_state_table_count(pane->table) > expected)
            expected = weir_state_table_count(pane->table);
    }
    return expected;
}

/* A pane whose keys the next one's will resemble. */
static const struct weir_state_table *groups_like(const struct aggregate *aggregate)
{
    const struct pane *slice = aggregate->slices ? aggregate_slices_latest(aggregate) : NULL;
    if (slice)
        return slice->table;
    return aggregate->panes_count ? aggregate->panes[aggregate->panes_count - 1]->table : NULL;
}

static enum weir_status create_groups(struct aggregate *aggregate, struct pane *pane,
                                      struct weir_error *error)
{
    const struct weir_table_config config = {.key_types = aggregate->key_types,
                                             .keys_count = aggregate->group_keys_count,
                                             .rows_hint = groups_expected(aggregate),
                                             .like = groups_like(aggregate),
                                             .ids_by_place = aggregate->slices != NULL,
                                             .payload_size = payload_size(aggregate, pane->kind),
                                             .hash_seed = aggregate->env.hash_seed,
                                             .hash_collide = aggregate->env.hash_collide,
                                             .isa = aggregate->env.isa,
                                             .budget = aggregate->env.budget};
    if (config.keys_count)
        return weir_state_table_create(&config, &pane->table, error);
    size_t size = single_size(aggregate, pane->kind);
    if (!weir_budget_charge(aggregate->env.budget, size))
        return exec_out_of_memory(&aggregate->env, error);
    pane->single = weir_malloc_aligned(size);
    if (!pane->single) {
        weir_budget_release(aggregate->env.budget, size);
        return weir_error_set_out_of_memory(error);
    }
    return WEIR_OK;
}

static enum weir_status pane_fill(struct aggregate *aggregate, struct pane *pane,
                                  struct weir_error *error)
{
    uint32_t calls = aggregate->plan->calls_count;
    weir_aggregate_heap_init(&pane->heap, aggregate->env.budget);
    pane->distinct = charged_calloc(aggregate, calls + 1, sizeof(*pane->distinct));
    pane->ordered = charged_calloc(aggregate, calls + 1, sizeof *pane->ordered);
    if (!pane->distinct || !pane->ordered)
        return exec_out_of_memory(&aggregate->env, error);
    for (uint32_t c = 0; c < calls; c++)
        if (aggregate->calls[c].distinct && !aggregate->calls[c].follows)
            WEIR_TRY(create_distinct(aggregate, pane, c, error));
    return pane->kind == PANE_OF_WINDOW ? WEIR_OK : create_groups(aggregate, pane, error);
}

static enum weir_status pane_create(struct aggregate *aggregate, enum pane_kind kind,
                                    struct pane **out, struct weir_error *error)
{
    struct pane *pane = charged_calloc(aggregate, 1, sizeof *pane);
    if (!pane)
        return exec_out_of_memory(&aggregate->env, error);
    pane->kind = kind;
    enum weir_status status = pane_fill(aggregate, pane, error);
    if (status != WEIR_OK)
        pane_destroy(aggregate, pane);
    else
        *out = pane;
    return status;
}

static bool is_pane_of(const struct pane *pane, int64_t start_us, int64_t end_us)
{
    return pane->start_us == start_us && pane->end_us == end_us;
}

/* Index of the first pane that is not before a window. */
static uint32_t pane_index(const struct aggregate *aggregate, int64_t start_us, int64_t end_us)
{
    uint32_t low = 0, high = aggregate->panes_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const struct pane *pane = aggregate->panes[middle];
        if (pane->end_us < end_us || (pane->end_us == end_us && pane->start_us < start_us))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct pane *aggregate_pane_find(const struct aggregate *aggregate, int64_t start_us,
                                 int64_t end_us)
{
    uint32_t index = pane_index(aggregate, start_us, end_us);
    bool found =
        index < aggregate->panes_count && is_pane_of(aggregate->panes[index], start_us, end_us);
    return found ? aggregate->panes[index] : NULL;
}

struct pane *aggregate_pane_find_near(const struct aggregate *aggregate, uint32_t *hint,
                                      int64_t start_us, int64_t end_us)
{
    uint32_t next = *hint + 1;
    if (next >= aggregate->panes_count || !is_pane_of(aggregate->panes[next], start_us, end_us))
        next = pane_index(aggregate, start_us, end_us);
    *hint = next;
    if (next + PANES_AHEAD < aggregate->panes_count)
        __builtin_prefetch(aggregate->panes[next + PANES_AHEAD]);
    bool found =
        next < aggregate->panes_count && is_pane_of(aggregate->panes[next], start_us, end_us);
    return found ? aggregate->panes[next] : NULL;
}

/* Room for one more behind the last; what has become free in front is used first. */
static enum weir_status panes_reserve(struct aggregate *aggregate, struct weir_error *error)
{
    uint32_t old = aggregate->panes_capacity, capacity = old ? old * 2 : 8;
    uint32_t in_front = old ? (uint32_t)(aggregate->panes - aggregate->panes_memory) : 0;
    if (in_front + aggregate->panes_count < old)
        return WEIR_OK;
    if (in_front > old / 2) {
        memmove(aggregate->panes_memory, aggregate->panes,
                aggregate->panes_count * sizeof(*aggregate->panes));
        aggregate->panes = aggregate->panes_memory;
        return WEIR_OK;
    }
    struct pane **panes = charged_calloc(aggregate, capacity, sizeof(*panes));
    if (!panes)
        return exec_out_of_memory(&aggregate->env, error);
    if (aggregate->panes_count)
        memcpy(panes, aggregate->panes, aggregate->panes_count * sizeof(*panes));
    charged_free(aggregate, aggregate->panes_memory, old * sizeof(*panes));
    aggregate->panes = aggregate->panes_memory = panes;
    aggregate->panes_capacity = capacity;
    return WEIR_OK;
}

enum weir_status aggregate_pane_make(struct aggregate *aggregate, enum pane_kind kind,
                                     int64_t start_us, int64_t end_us, struct pane **out,
                                     struct weir_error *error)
{
    struct pane *pane = aggregate->free_panes[kind];
    if (pane)
        aggregate->free_panes[kind] = pane->next_free;
    else
        WEIR_TRY(pane_create(aggregate, kind, &pane, error));
    pane->start_us = start_us;
    pane->end_us = end_us;
    pane->of_null = pane->is_out = pane->is_filled = pane->is_running = false;
    weir_ttl_deinit(&pane->ttl);
    if (aggregate_forgets(aggregate))
        exec_ttl_init(&aggregate->env, &pane->ttl);
    pane->cursor = pane->batch_rows = 0;
    if (pane->single)
        memset(pane->single, 0, single_size(aggregate, kind));
    aggregate_pending_clear(&pane->pending);
    *out = pane;
    return WEIR_OK;
}

enum weir_status aggregate_pane_open(struct aggregate *aggregate, int64_t start_us, int64_t end_us,
                                     bool of_null, struct pane **out, struct weir_error *error)
{
    struct pane *pane;
    enum pane_kind kind = aggregate->slices && !of_null ? PANE_OF_WINDOW : PANE_OF_GROUPS;
    WEIR_TRY(panes_reserve(aggregate, error));
    WEIR_TRY(aggregate_pane_make(aggregate, kind, start_us, end_us, &pane, error));
    pane->of_null = of_null;
    *out = pane;
    if (of_null)
        return WEIR_OK;
    uint32_t index = pane_index(aggregate, start_us, end_us);
    memmove(&aggregate->panes[index + 1], &aggregate->panes[index],
            (aggregate->panes_count - index) * sizeof(*aggregate->panes));
    aggregate->panes[index] = pane; /* A1 */
    aggregate->panes_count++;
    return WEIR_OK;
}

void aggregate_pane_clear(struct aggregate *aggregate, struct pane *pane)
{
    if (pane->table)
        weir_state_table_clear(pane->table);
    if (pane->single)
        memset(pane->single, 0, single_size(aggregate, pane->kind));
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        if (pane->distinct[c])
            weir_state_table_clear(pane->distinct[c]);
        aggregate_order_clear(&pane->ordered[c]);
    }
    weir_arena_reset(&pane->heap.arena);
    memset(pane->heap.free_lists, 0, sizeof pane->heap.free_lists);
}

void aggregate_pane_free(struct aggregate *aggregate, struct pane *pane)
{
    aggregate_pane_clear(aggregate, pane);
    pane->next_free = aggregate->free_panes[pane->kind];
    aggregate->free_panes[pane->kind] = pane;
}

void aggregate_pane_recycle(struct aggregate *aggregate, struct pane *pane)
{
    if (pane == aggregate->null_pane) {
        aggregate->null_pane = NULL;
    } else {
        aggregate->panes_count--;
        aggregate->panes++;
    }
    if (pane == aggregate->last_pane)
        aggregate->last_pane = NULL;
    aggregate_pane_free(aggregate, pane);
}

void aggregate_pane_remove(struct aggregate *aggregate, uint32_t index)
{
    struct pane *pane = aggregate->panes[index];
    aggregate->panes_count--;
    memmove(&aggregate->panes[index], &aggregate->panes[index + 1],
            (aggregate->panes_count - index) * sizeof(*aggregate->panes));
    if (pane == aggregate->last_pane)
        aggregate->last_pane = NULL;
    aggregate_pane_free(aggregate, pane);
}

void aggregate_panes_destroy(struct aggregate *aggregate)
{
    for (uint32_t i = 0; i < aggregate->panes_count; i++)
        pane_destroy(aggregate, aggregate->panes[i]);
    if (aggregate->null_pane)
        pane_destroy(aggregate, aggregate->null_pane);
    for (uint32_t kind = 0; kind < PANE_KINDS_COUNT; kind++)
        for (struct pane *pane = aggregate->free_panes[kind], *next; pane; pane = next) {
            next = pane->next_free;
            pane_destroy(aggregate, pane);
        }
    charged_free(aggregate, aggregate->panes_memory,
                 aggregate->panes_capacity * sizeof(*aggregate->panes));
}

void aggregate_group_delete(struct aggregate *aggregate, struct pane *pane, uint32_t id,
                            uint8_t *state)
{
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        const struct call_plan *call = &aggregate->calls[c];
        const struct weir_aggregate_ops *ops = call->plan->aggregate->ops;
        if (call->keeps)
            aggregate_kept_drop(aggregate, pane, c, state);
        else if (ops->drop && !call->ordered)
            ops->drop(state + call->offset, &pane->heap);
    }
    if (pane->table)
        weir_state_table_delete(pane->table, id);
    else
        memset(state, 0, aggregate->payload_size);
}
