/* SORT: ORDER BY [LIMIT OFFSET], emitted at the end of the input.
 *
 * Rows are collected in a store; beside it stands an entry per row:
 *
 *     | first 16 bytes of the normalised sort key, as two numbers | ref | whole |
 *
 * `whole`: the key has no further bytes, so equal numbers mean equal keys. Entries are merge
 * sorted; only equal beginnings look at the rows. Ties: event time, then the whole row, then
 * arrival.
 *
 * With LIMIT n OFFSET m only n + m rows can matter. When more than twice that many (at least 4,096
 * more) are there, they are sorted, the first n + m are copied to a new store, and the last of them
 * becomes the threshold beyond which rows are not collected at all: memory stays bounded.
 *
 * Input with weights is netted at the end: equal rows stand side by side, their weights are summed,
 * and the row is emitted as often as is left. No row may be given up before, so LIMIT then keeps
 * all. Tested in tests/unit/exec/test_sort.c. */
#include "exec/exec_internal.h"
#include "exec/row_store.h"

#include <assert.h>

enum {
    KEY_WORDS = 2,
    KEY_SIZE = KEY_WORDS * 8,
    SLACK_ROWS = 4096,
    ENTRIES_FIRST = 1024,
    INTERRUPT_ENTRIES = 1 << 16
};

struct entry {
    uint64_t key[KEY_WORDS];
    uint32_t ref;
    uint32_t whole;
};

struct sort {
    const struct weir_plan_node *node;
    struct weir_operator_env env;
    const struct weir_schema *schema;
    struct row_store *store;
    struct entry *entries;
    size_t entries_count, entries_capacity;
    uint64_t keep; /* rows that matter: offset + limit; UINT64_MAX: all */
    bool has_threshold;
    struct entry threshold;
    struct weir_buffer key;
    struct weir_arena scratch;
    struct weir_batch *out;
    uint16_t *selection;
    /* emission */
    bool sorted, done;
    size_t next;    /* entry */
    int64_t copies; /* of it, already emitted or skipped */
    uint64_t to_skip, to_emit;
};

static void sort_close(void *state)
{
    struct sort *sort = state;
    row_store_release(sort->store);
    weir_free(sort->entries);
    weir_budget_release(sort->env.budget, sort->entries_capacity * sizeof *sort->entries);
    weir_buffer_deinit(&sort->key);
    weir_arena_deinit(&sort->scratch);
    weir_batch_release(sort->out);
    weir_free(sort->selection);
    exec_state_destroy(&sort->env, sort, sizeof *sort);
}

static enum weir_status store_create(struct sort *sort, struct row_store **out,
                                     struct weir_error *error)
{
    uint32_t count = sort->schema->fields_count;
    const struct weir_type **types = weir_malloc((count + 1) * sizeof(*types));
    if (!types)
        return weir_error_set_out_of_memory(error);
    for (uint32_t i = 0; i < count; i++)
        types[i] = sort->schema->fields[i].type;
    enum weir_status status = row_store_create(types, count, sort->node->inputs[0]->has_event_time,
                                               sort->env.budget, out, error);
    weir_free(types);
    return status;
}

static enum weir_status sort_open(const void *description, const struct weir_operator_env *env,
                                  void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct sort), state, error));
    struct sort *sort = *state;
    sort->node = description;
    sort->env = *env;
    sort->schema = &sort->node->inputs[0]->schema;
    const struct weir_plan_sort *plan = &sort->node->of.sort;
    sort->to_skip = plan->offset > 0 ? (uint64_t)plan->offset : 0;
    sort->to_emit = plan->limit < 0 ? UINT64_MAX : (uint64_t)plan->limit;
    sort->keep = UINT64_MAX;
    if (plan->limit >= 0)
        sort->keep = sort->to_skip + sort->to_emit; /* both below 2^63 */
    weir_buffer_init(&sort->key, env->budget);
    weir_arena_init(&sort->scratch, env->budget, 0);
    sort->selection = weir_malloc(WEIR_BATCH_ROWS_MAX * sizeof *sort->selection);
    enum weir_status status = sort->selection ? store_create(sort, &sort->store, error)
                                              : weir_error_set_out_of_memory(error);
    if (status != WEIR_OK) {
        (void)exec_open_failed(env, status, error);
        sort_close(sort);
        *state = NULL;
    }
    return status;
}

/* ---- order ---- */

static int compare_words(const struct entry *a, const struct entry *b)
{
    for (int w = 0; w < KEY_WORDS; w++)
        if (a->key[w] != b->key[w])
            return a->key[w] < b->key[w] ? -1 : 1;
    return 0;
}

static int compare_entries(const struct sort *sort, const struct entry *a, const struct entry *b)
{
    const struct weir_plan_sort *plan = &sort->node->of.sort;
    int order = compare_words(a, b);
    if (order)
        return order;
    for (uint32_t i = 0; i < plan->order_count && !(a->whole && b->whole) && !order; i++)
        order = row_store_compare(sort->store, plan->order[i].column, plan->order[i].order, a->ref,
                                  b->ref);
    if (order)
        return order;
    int64_t time_a = row_store_event_time(sort->store, a->ref);
    int64_t time_b = row_store_event_time(sort->store, b->ref);
    if (time_a != time_b && !sort->store->has_weights)
        return time_a < time_b ? -1 : 1;
    order = row_store_compare_rows(sort->store, a->ref, b->ref);
    if (order)
        return order;
    return (a->ref > b->ref) - (a->ref < b->ref);
}

static bool is_interrupted(const struct sort *sort)
{
    return sort->env.interrupted && sort->env.interrupted(sort->env.interrupted_context);
}

/* False when interrupted. */
static bool merge(const struct sort *sort, const struct entry *from, size_t middle, size_t end,
                  struct entry *to)
{
    size_t a = 0, b = middle;
    for (size_t i = 0; i < end; i++) {
        bool take_a = b >= end || (a < middle && compare_entries(sort, &from[a], &from[b]) <= 0);
        to[i] = take_a ? from[a++] : from[b++];
        if (i % INTERRUPT_ENTRIES == INTERRUPT_ENTRIES - 1 && is_interrupted(sort))
            return false;
    }
    return true;
}

/* Merges runs of doubling width, to and fro; where the result is: NULL when interrupted. */
static struct entry *merge_runs(const struct sort *sort, struct entry *from, struct entry *to,
                                size_t count)
{
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t at = 0; at < count; at += 2 * width) {
            size_t end = count - at < 2 * width ? count - at : 2 * width;
            if (!merge(sort, from + at, end < width ? end : width, end, to + at))
                return NULL;
        }
        struct entry *swap = from;
        from = to;
        to = swap;
        if (count >= INTERRUPT_ENTRIES && is_interrupted(sort))
            return NULL;
    }
    return from;
}

static enum weir_status sort_entries(struct sort *sort, struct weir_error *error)
{
    size_t count = sort->entries_count, size = count * sizeof *sort->entries;
    if (!weir_budget_charge(sort->env.budget, size))
        return exec_out_of_memory(&sort->env, error);
    struct entry *room = weir_malloc(size);
    if (!room) {
        weir_budget_release(sort->env.budget, size);
        return weir_error_set_out_of_memory(error);
    }
    struct entry *sorted = merge_runs(sort, sort->entries, room, count);
    if (sorted && sorted != sort->entries)
        memcpy(sort->entries, sorted, size);
    weir_free(room);
    weir_budget_release(sort->env.budget, size);
    return sorted ? WEIR_OK : weir_error_set(error, WEIR_E_INTERRUPTED, "interrupted");
}

/* ---- collecting ---- */

static enum weir_status entries_reserve(struct sort *sort, size_t extra, struct weir_error *error)
{
    if (sort->entries_capacity - sort->entries_count >= extra)
        return WEIR_OK;
    size_t capacity = sort->entries_capacity ? sort->entries_capacity * 2 : ENTRIES_FIRST;
    while (capacity - sort->entries_count < extra)
        capacity *= 2;
    size_t more = (capacity - sort->entries_capacity) * sizeof *sort->entries;
    if (!weir_budget_charge(sort->env.budget, more))
        return exec_out_of_memory(&sort->env, error);
    struct entry *entries = weir_realloc(sort->entries, capacity * sizeof *entries);
    if (!entries) {
        weir_budget_release(sort->env.budget, more);
        return weir_error_set_out_of_memory(error);
    }
    sort->entries = entries;
    sort->entries_capacity = capacity;
    return WEIR_OK;
}

static uint64_t big_endian_word(const char *bytes)
{
    uint64_t word = 0;
    for (int i = 0; i < 8; i++)
        word = word << 8 | (uint8_t)bytes[i];
    return word;
}

/* The entry of a lane, without its ref. */
static enum weir_status make_entry(struct sort *sort, const struct weir_batch *batch, uint32_t lane,
                                   struct entry *entry, struct weir_error *error)
{
    const struct weir_plan_sort *plan = &sort->node->of.sort;
    char bytes[KEY_SIZE] = {0};
    weir_buffer_clear(&sort->key);
    for (uint32_t i = 0; i < plan->order_count && sort->key.size < KEY_SIZE; i++)
        weir_column_sort_key(&batch->columns[plan->order[i].column], lane, plan->order[i].order,
                             &sort->key);
    if (sort->key.failed)
        return exec_out_of_memory(&sort->env, error);
    /* A key of just 16 bytes may go on with columns that were not looked at: not whole. */
    entry->whole = sort->key.size < KEY_SIZE;
    if (sort->key.size)
        memcpy(bytes, sort->key.data, sort->key.size < KEY_SIZE ? sort->key.size : KEY_SIZE);
    for (int w = 0; w < KEY_WORDS; w++)
        entry->key[w] = big_endian_word(bytes + w * 8);
    return WEIR_OK;
}

static enum weir_status collect(struct sort *sort, const struct weir_batch *batch,
                                struct weir_error *error)
{
    uint32_t count = 0;
    WEIR_TRY(entries_reserve(sort, batch->selected_count, error));
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        struct entry *entry = &sort->entries[sort->entries_count];
        WEIR_TRY(make_entry(sort, batch, lane, entry, error));
        if (sort->has_threshold && compare_words(entry, &sort->threshold) > 0)
            continue;
        entry->ref = sort->store->rows_count + count;
        sort->entries_count++;
        sort->selection[count++] = (uint16_t)lane;
    }
    const struct row_source source = {.columns = batch->columns,
                                      .selection = sort->selection,
                                      .count = count,
                                      .event_times = batch->event_times,
                                      .weights = batch->weights};
    return row_store_append(sort->store, &source, error);
}

/* Keeps the first rows only. */
static enum weir_status prune(struct sort *sort, struct weir_error *error)
{
    struct row_store *fresh;
    uint32_t refs[ROW_SEGMENT_ROWS];
    WEIR_TRY(sort_entries(sort, error));
    WEIR_TRY(store_create(sort, &fresh, error));
    size_t keep = (size_t)sort->keep;
    enum weir_status status = WEIR_OK;
    for (size_t at = 0; at < keep && status == WEIR_OK; at += ROW_SEGMENT_ROWS) {
        uint32_t count = keep - at < ROW_SEGMENT_ROWS ? (uint32_t)(keep - at) : ROW_SEGMENT_ROWS;
        for (uint32_t i = 0; i < count; i++)
            refs[i] = sort->entries[at + i].ref;
        status = row_store_copy(fresh, sort->store, refs, count, error);
    }
    if (status != WEIR_OK) {
        row_store_release(fresh);
        return status;
    }
    for (size_t i = 0; i < keep; i++)
        sort->entries[i].ref = (uint32_t)i;
    row_store_release(sort->store);
    sort->store = fresh;
    sort->entries_count = keep;
    sort->has_threshold = keep > 0;
    if (keep)
        sort->threshold = sort->entries[keep - 1];
    return WEIR_OK;
}

static bool should_prune(const struct sort *sort)
{
    if (sort->keep >= UINT32_MAX / 4 || sort->store->has_weights ||
        sort->node->inputs[0]->changelog)
        return false;
    size_t slack = sort->keep < SLACK_ROWS ? SLACK_ROWS : (size_t)sort->keep;
    return sort->entries_count >= (size_t)sort->keep + slack;
}

static enum weir_flow sort_push(void *state, uint32_t port, struct weir_batch *batch,
                                struct weir_output *output, struct weir_error *error)
{
    struct sort *sort = state;
    (void)port, (void)output;
    if (sort->keep == 0)
        return WEIR_FLOW_DONE;
    if (collect(sort, batch, error) != WEIR_OK)
        return exec_failed(&sort->env, error);
    if (should_prune(sort) && prune(sort, error) != WEIR_OK)
        return exec_failed(&sort->env, error);
    return WEIR_FLOW_OK;
}

/* Rows come at the end: an event time of theirs would be late. */
static enum weir_flow sort_watermark(void *state, struct weir_event_time watermark,
                                     struct weir_output *output, struct weir_error *error)
{
    (void)state, (void)watermark, (void)output, (void)error;
    return WEIR_FLOW_OK;
}

/* ---- emitting ---- */

/* Turns the sorted entries of weighted input into entries of distinct rows; the sum of a row's
 * weights goes where its key was. */
static void net_weights(struct sort *sort)
{
    size_t kept = 0;
    for (size_t i = 0; i < sort->entries_count;) {
        struct entry entry = sort->entries[i];
        int64_t sum = 0;
        size_t end = i;
        for (; end < sort->entries_count; end++) {
            uint32_t ref = sort->entries[end].ref;
            if (ref != entry.ref && row_store_compare_rows(sort->store, entry.ref, ref))
                break;
            sum += row_store_weight(sort->store, ref);
        }
        i = end;
        if (sum <= 0)
            continue;
        entry.key[0] = (uint64_t)sum;
        sort->entries[kept++] = entry;
    }
    sort->entries_count = kept;
}

static uint64_t copies_of(const struct sort *sort, size_t entry)
{
    return sort->store->has_weights ? sort->entries[entry].key[0] : 1;
}

/* The next refs to emit, each as often as its weight says; where the following ones begin goes to
 * *next and *copies. */
static uint32_t next_refs(const struct sort *sort, uint32_t *refs, size_t *next, int64_t *copies)
{
    uint64_t limit = exec_batch_rows(&sort->env);
    uint32_t count = 0;
    if (limit > sort->to_emit)
        limit = sort->to_emit;
    *next = sort->next;
    *copies = sort->copies;
    while (count < limit && *next < sort->entries_count) {
        refs[count++] = sort->entries[*next].ref;
        if ((uint64_t)++ * copies == copies_of(sort, *next)) {
            ++*next;
            *copies = 0;
        }
    }
    return count;
}

static void skip_offset(struct sort *sort)
{
    while (sort->to_skip && sort->next < sort->entries_count) {
        uint64_t copies = copies_of(sort, sort->next) - (uint64_t)sort->copies;
        if (copies > sort->to_skip) {
            sort->copies += (int64_t)sort->to_skip;
            sort->to_skip = 0;
            return;
        }
        sort->to_skip -= copies;
        sort->copies = 0;
        sort->next++;
    }
}

static enum weir_status show_rows(struct sort *sort, const uint32_t *refs, uint32_t count,
                                  struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&sort->out, &sort->node->schema, sort->env.budget, error));
    struct weir_batch *out = sort->out;
    WEIR_TRY(weir_batch_hold(out, &sort->store->shared, error));
    out->rows_count = out->selected_count = count;
    for (uint32_t c = 0; c < sort->schema->fields_count; c++)
        WEIR_TRY(
            row_store_gather(sort->store, c, refs, count, &out->arena, &out->columns[c], error));
    if (!sort->node->has_event_time || !sort->store->with_event_times)
        return WEIR_OK;
    int64_t *times = weir_arena_alloc(&out->arena, count * sizeof *times, 64);
    if (!times)
        return exec_out_of_memory(&sort->env, error);
    for (uint32_t i = 0; i < count; i++)
        times[i] = row_store_event_time(sort->store, refs[i]);
    out->event_times = times;
    return WEIR_OK;
}

static enum weir_flow emit_rows(struct sort *sort, struct weir_output *output,
                                struct weir_error *error)
{
    uint32_t refs[WEIR_BATCH_ROWS_MAX];
    while (!sort->done && sort->to_emit && sort->next < sort->entries_count) {
        size_t next;
        int64_t copies;
        uint32_t count = next_refs(sort, refs, &next, &copies);
        if (show_rows(sort, refs, count, error) != WEIR_OK)
            return exec_failed(&sort->env, error);
        enum weir_flow flow = output->push(output, sort->out, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD)
            return flow;
        sort->next = next;
        sort->copies = copies;
        if (sort->to_emit != UINT64_MAX)
            sort->to_emit -= count;
        sort->done = flow == WEIR_FLOW_DONE;
        if (flow == WEIR_FLOW_FULL && sort->to_emit && sort->next < sort->entries_count)
            return WEIR_FLOW_YIELD;
    }
    return WEIR_FLOW_OK;
}

static enum weir_flow sort_end(void *state, struct weir_output *output, struct weir_error *error)
{
    struct sort *sort = state;
    if (!sort->sorted && sort->entries_count) {
        if (sort_entries(sort, error) != WEIR_OK)
            return exec_failed(&sort->env, error);
        if (sort->store->has_weights)
            net_weights(sort);
    }
    if (!sort->sorted)
        skip_offset(sort);
    sort->sorted = true;
    enum weir_flow flow = emit_rows(sort, output, error);
    return flow == WEIR_FLOW_OK ? output->end(output, error) : flow;
}

/* What is there so far, in order. Emission begins at the first entry again afterwards. */
static enum weir_flow sort_preview(void *state, struct weir_output *output,
                                   struct weir_error *error)
{
    struct sort *sort = state;
    if (sort->entries_count == 0 || sort->store->has_weights)
        return WEIR_FLOW_OK;
    if (sort_entries(sort, error) != WEIR_OK)
        return exec_failed(&sort->env, error);
    uint64_t to_skip = sort->to_skip, to_emit = sort->to_emit;
    skip_offset(sort);
    enum weir_flow flow = emit_rows(sort, output, error);
    sort->to_skip = to_skip;
    sort->to_emit = to_emit;
    sort->next = 0;
    sort->copies = 0;
    sort->done = false;
    return flow;
}

static uint64_t sort_state_rows(const void *state)
{
    return ((const struct sort *)state)->entries_count;
}

const struct weir_operator_type exec_sort = {.name = "sort",
                                             .open = sort_open,
                                             .push = sort_push,
                                             .watermark = sort_watermark,
                                             .end = sort_end,
                                             .preview = sort_preview,
                                             .state_rows = sort_state_rows,
                                             .close = sort_close};
