/* LOOKUP: a join whose right rows are asked for by key. See lookup_internal.h. */
#include "exec/lookup_internal.h"

enum { ITEMS_MAX = 64 }; /* batches that wait: then the job reads no more */

/* ---- opening ---- */

static enum weir_status open_condition(struct lookup *lookup, struct weir_error *error)
{
    const struct weir_schema *left = &lookup->node->inputs[0]->schema;
    const struct weir_schema *right = &lookup->node->inputs[1]->schema;
    uint32_t count = left->fields_count + right->fields_count;
    struct weir_field *fields = WEIR_ARENA_ARRAY(&lookup->arena, struct weir_field, count + 1);
    if (!fields)
        return exec_out_of_memory(&lookup->env, error);
    for (uint32_t i = 0; i < count; i++)
        fields[i] =
            i < left->fields_count ? left->fields[i] : right->fields[i - left->fields_count];
    lookup->pair_schema = (struct weir_schema){fields, count};
    if (!lookup->plan->condition)
        return WEIR_OK;
    return weir_program_create(&lookup->plan->condition, 1, &lookup->pair_schema,
                               lookup->env.budget, &lookup->condition, error);
}

static enum weir_status open_connection(struct lookup *lookup, struct weir_error *error)
{
    const struct weir_table *table = lookup->scan->table;
    uint32_t columns = lookup->scan->physical_count;
    struct weir_slice *paths = WEIR_ARENA_ARRAY(&lookup->arena, struct weir_slice, columns + 1);
    lookup->table_name = weir_arena_copy(&lookup->arena, table->name);
    if (!paths || !lookup->table_name)
        return exec_out_of_memory(&lookup->env, error);
    for (uint32_t c = 0; table->paths && c < columns; c++)
        paths[c] = table->paths[lookup->scan->physical[c]];
    struct weir_connector_table request = {.options = table->options,
                                           .options_count = table->options_count,
                                           .schema = &lookup->scan->physical_schema,
                                           .projection = lookup->scan->physical,
                                           .key_columns = lookup->key_columns,
                                           .key_columns_count = lookup->plan->keys_count,
                                           .format = table->format,
                                           .paths = table->paths ? paths : NULL,
                                           .declared = &table->schema,
                                           .record_size_max = (uint64_t)table->record_size_max};
    struct weir_connector_env env = *lookup->env.connector_env;
    env.table_name = lookup->table_name;
    env.budget = lookup->env.budget;
    return lookup->type->open(&request, lookup->settings, &env, &lookup->connection, error);
}

static void free_items(struct lookup *lookup)
{
    for (struct lookup_item *item = lookup->first, *next; item; item = next) {
        next = item->next;
        weir_batch_release(item->batch);
        exec_state_destroy(&lookup->env, item->keys, item->keys_size);
        exec_state_destroy(&lookup->env, item, sizeof *item);
    }
    lookup->first = lookup->last = NULL;
    lookup->items_count = 0;
}

static void lookup_close(void *state)
{
    struct lookup *lookup = state;
    if (lookup->connection)
        lookup->type->close(lookup->connection);
    free_items(lookup);
    for (uint32_t i = 0; i < lookup->requests_count; i++)
        weir_batch_release(lookup->requests[i]->batch);
    weir_ttl_deinit(&lookup->ttl);
    weir_state_table_destroy(lookup->keys);
    weir_state_table_destroy(lookup->rows);
    weir_program_destroy(lookup->condition);
    weir_batch_release(lookup->pair_batch);
    weir_batch_release(lookup->out);
    weir_budget_release(lookup->env.budget, (uint64_t)lookup->kept_capacity * sizeof *lookup->kept);
    weir_free(lookup->kept);
    weir_arena_deinit(&lookup->arena);
    weir_arena_deinit(&lookup->scratch);
    exec_state_destroy(&lookup->env, lookup, sizeof *lookup);
}

static enum weir_status lookup_open(const void *description, const struct weir_operator_env *env,
                                    void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct lookup), state, error));
    struct lookup *lookup = *state;
    lookup->node = description;
    lookup->plan = &lookup->node->of.join;
    lookup->scan = &lookup->node->inputs[1]->of.scan;
    lookup->settings = &lookup->scan->table->lookup;
    lookup->type = lookup->scan->table->connector->lookup;
    lookup->env = *env;
    lookup->changelog = lookup->node->inputs[0]->changelog;
    if (lookup->changelog)
        exec_ttl_init(env, &lookup->ttl);
    weir_arena_init(&lookup->arena, env->budget, 0);
    weir_arena_init(&lookup->scratch, env->budget, 0);
    enum weir_status status = lookup_cache_open(lookup, error);
    if (status == WEIR_OK)
        status = open_condition(lookup, error);
    if (status == WEIR_OK)
        status = open_connection(lookup, error);
    if (status == WEIR_OK)
        return WEIR_OK;
    (void)exec_open_failed(env, status, error);
    lookup_close(lookup);
    *state = NULL;
    return status;
}

/* ---- what comes ---- */

static struct lookup_item *add_item(struct lookup *lookup, enum lookup_kind kind)
{
    void *made;
    if (exec_state_create(&lookup->env, sizeof(struct lookup_item), &made, NULL) != WEIR_OK)
        return NULL;
    struct lookup_item *item = made;
    item->kind = kind;
    if (lookup->last)
        lookup->last->next = item;
    else
        lookup->first = item;
    lookup->last = item;
    return item;
}

/* The selected rows whose keys have no null: their places among the selected ones. */
static uint32_t with_keys(const struct lookup *lookup, const struct weir_batch *batch,
                          uint16_t *lanes, uint32_t *places)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        bool null = false;
        for (uint32_t k = 0; k < lookup->plan->keys_count; k++)
            null |= weir_column_is_null(&batch->columns[lookup->plan->sides[0].keys[k]], lane);
        lanes[count] = (uint16_t)lane;
        places[count] = i;
        count += !null;
    }
    return count;
}

/* The keys of an item's rows; those that are not known are asked for. */
static enum weir_status find_keys(struct lookup *lookup, struct lookup_item *item,
                                  struct weir_error *error)
{
    uint16_t lanes[WEIR_BATCH_ROWS_MAX];
    uint32_t places[WEIR_BATCH_ROWS_MAX], ids[WEIR_BATCH_ROWS_MAX];
    uint8_t *payloads[WEIR_BATCH_ROWS_MAX];
    uint32_t count = with_keys(lookup, item->batch, lanes, places);
    struct weir_column *keys =
        WEIR_ARENA_ARRAY(&lookup->scratch, struct weir_column, lookup->plan->keys_count + 1);
    if (!keys)
        return exec_out_of_memory(&lookup->env, error);
    for (uint32_t k = 0; k < lookup->plan->keys_count; k++)
        keys[k] = item->batch->columns[lookup->plan->sides[0].keys[k]];
    for (uint32_t i = 0; i < item->batch->selected_count; i++)
        item->keys[i] = LOOKUP_NONE;
    if (count == 0)
        return WEIR_OK;
    WEIR_TRY(weir_state_table_upsert(lookup->keys, keys, lanes, count, payloads, ids, error));
    for (uint32_t i = 0; i < count; i++) {
        item->keys[places[i]] = ids[i];
        if (lookup_use(lookup, ids[i]))
            WEIR_TRY(lookup_ask(lookup, ids[i], error));
    }
    return WEIR_OK;
}

static enum weir_status keep(struct lookup *lookup, struct weir_batch *batch,
                             struct weir_error *error)
{
    struct lookup_item *item = add_item(lookup, LOOKUP_BATCH);
    void *keys = NULL;
    if (!item)
        return exec_out_of_memory(&lookup->env, error);
    size_t size = ((size_t)batch->selected_count + 1) * sizeof *item->keys;
    WEIR_TRY(exec_state_create(&lookup->env, size, &keys, error));
    item->keys = keys;
    item->keys_size = size;
    item->batch = batch;
    weir_batch_retain(batch);
    lookup->items_count++;
    weir_arena_reset(&lookup->scratch);
    WEIR_TRY(find_keys(lookup, item, error));
    return lookup_send(lookup, error);
}

/* ---- what goes ---- */

static bool is_complete(const struct lookup *lookup, struct lookup_item *item)
{
    for (; item->asked < item->batch->selected_count; item->asked++) {
        uint32_t key = item->keys[item->asked];
        if (key != LOOKUP_NONE && lookup_key_of(lookup, key)->status != LOOKUP_KNOWN)
            return false;
    }
    return true;
}

static void remove_item(struct lookup *lookup, struct lookup_item *item, struct lookup_item *before)
{
    if (before)
        before->next = item->next;
    else
        lookup->first = item->next;
    if (lookup->last == item)
        lookup->last = before;
    for (uint32_t i = 0; item->batch && i < item->batch->selected_count; i++)
        if (item->keys[i] != LOOKUP_NONE)
            lookup_release(lookup, item->keys[i]);
    lookup->items_count -= item->kind == LOOKUP_BATCH;
    weir_batch_release(item->batch);
    exec_state_destroy(&lookup->env, item->keys, item->keys_size);
    exec_state_destroy(&lookup->env, item, sizeof *item);
}

/* What is due, up to the first watermark that is not (L1). */
static enum weir_flow emit(struct lookup *lookup, struct weir_output *output,
                           struct weir_error *error)
{
    struct lookup_item *before = NULL;
    enum weir_flow flow = WEIR_FLOW_OK;
    for (struct lookup_item *item = lookup->first, *next; item; item = next) {
        next = item->next;
        if (item->kind == LOOKUP_WATERMARK) {
            if (before)
                return WEIR_FLOW_OK;
            flow = output->watermark(output, item->watermark, error);
        } else if (!is_complete(lookup, item)) {
            if (lookup->settings->ordered || lookup->changelog)
                return WEIR_FLOW_OK;
            before = item;
            continue;
        } else if (!lookup->done) {
            flow = lookup_emit(lookup, item, output, error);
        }
        remove_item(lookup, item, before);
        if (flow == WEIR_FLOW_FAILED)
            return flow;
    }
    return WEIR_FLOW_OK;
}

static enum weir_flow advance(struct lookup *lookup, struct weir_output *output,
                              struct weir_error *error)
{
    if (emit(lookup, output, error) == WEIR_FLOW_FAILED)
        return WEIR_FLOW_FAILED;
    lookup_trim(lookup);
    if (exec_let_go(lookup->out, error) != WEIR_OK ||
        exec_let_go(lookup->pair_batch, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    if (!lookup->ended || lookup->out_ended || (lookup->first && !lookup->done))
        return WEIR_FLOW_OK;
    lookup->out_ended = true;
    return output->end(output, error);
}

static enum weir_flow answer(struct lookup *lookup, enum weir_flow flow, struct weir_error *error)
{
    if (flow == WEIR_FLOW_FAILED)
        return exec_failed(&lookup->env, error);
    return lookup->done ? WEIR_FLOW_DONE : WEIR_FLOW_OK;
}

static enum weir_flow lookup_push(void *state, uint32_t port, struct weir_batch *batch,
                                  struct weir_output *output, struct weir_error *error)
{
    struct lookup *lookup = state;
    (void)port;
    if (lookup->done)
        return WEIR_FLOW_DONE;
    if (keep(lookup, batch, error) != WEIR_OK)
        return exec_failed(&lookup->env, error);
    return answer(lookup, advance(lookup, output, error), error);
}

static enum weir_flow lookup_watermark(void *state, struct weir_event_time watermark,
                                       struct weir_output *output, struct weir_error *error)
{
    struct lookup *lookup = state;
    struct lookup_item *item = lookup->last;
    if (!lookup->first)
        return output->watermark(output, watermark, error);
    if (item->kind != LOOKUP_WATERMARK)
        item = add_item(lookup, LOOKUP_WATERMARK);
    if (!item) {
        (void)exec_out_of_memory(&lookup->env, error);
        return exec_failed(&lookup->env, error);
    }
    item->watermark = watermark;
    return WEIR_FLOW_OK;
}

static enum weir_flow lookup_end(void *state, struct weir_output *output, struct weir_error *error)
{
    struct lookup *lookup = state;
    lookup->ended = true;
    return answer(lookup, advance(lookup, output, error), error);
}

static enum weir_flow lookup_poll(void *state, int64_t now_ns, struct weir_output *output,
                                  struct weir_error *error)
{
    struct lookup *lookup = state;
    lookup->now_ns = now_ns;
    if (lookup_receive(lookup, error) != WEIR_OK)
        return exec_failed(&lookup->env, error);
    enum weir_flow flow = advance(lookup, output, error);
    if (flow != WEIR_FLOW_FAILED && lookup_send(lookup, error) != WEIR_OK)
        flow = WEIR_FLOW_FAILED;
    return answer(lookup, flow, error);
}

static enum weir_flow lookup_timer(void *state, struct weir_processing_time now,
                                   struct weir_output *output, struct weir_error *error)
{
    struct lookup *lookup = state;
    (void)output;
    return lookup_unpin_silent(lookup, now, error) == WEIR_OK ? WEIR_FLOW_OK
                                                              : exec_failed(&lookup->env, error);
}

static enum weir_pending lookup_pending(const void *state)
{
    const struct lookup *lookup = state;
    if (lookup->done || !lookup->first)
        return WEIR_PENDING_NONE;
    bool full = lookup->items_count >= ITEMS_MAX || lookup->queued > lookup->settings->concurrency;
    return full ? WEIR_PENDING_FULL : WEIR_PENDING_SOME;
}

static uint64_t lookup_state_rows(const void *state)
{
    const struct lookup *lookup = state;
    return weir_state_table_count(lookup->keys) + (uint64_t)weir_state_table_count(lookup->rows);
}

const struct weir_operator_type exec_lookup = {.name = "lookup",
                                               .open = lookup_open,
                                               .push = lookup_push,
                                               .watermark = lookup_watermark,
                                               .end = lookup_end,
                                               .timer = lookup_timer,
                                               .poll = lookup_poll,
                                               .pending = lookup_pending,
                                               .state_rows = lookup_state_rows,
                                               .close = lookup_close};
