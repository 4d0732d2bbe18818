/* NORMALIZE: what happened to the rows of a table, by key, as changes that know the old row.
 *
 *     events (weights: enum weir_change_event)      kept: the row of each key
 *     INSERT 7 a                 ─▶  +7 a
 *     UPDATE 7 b                 ─▶  -7 a  +7 b
 *     UPDATE 7 b                 ─▶                  the row is as it was
 *     DELETE 7                   ─▶  -7 b
 *     UPDATE 8 c, DELETE 9       ─▶  +8 c            both counted: keys that were not there
 *     CLEAR                      ─▶  - of every row
 *
 * Of the events of a batch with the same key the last one counts, so that a row that comes and goes
 * within a batch is never seen. A batch is cut at CLEAR. `final`: nothing comes out before the end,
 * then the rows that are left, without weights.
 *
 * updating_ttl: a key without events for so long is forgotten. What is out of it stays; an event
 * that comes later finds no row.
 *
 *   N1 between pushes a key of the map has one row
 *   N2 old rows stay in the map until the batches that take them back are out */
#include "exec/change_list.h"

enum { SEEN_SIZE = 8 };

struct normalize {
    const struct weir_plan_node *node;
    const struct weir_plan_normalize *plan;
    struct weir_operator_env env;
    struct weir_multimap *map;
    struct weir_ttl ttl;           /* of the map's keys */
    struct weir_state_table *seen; /* keys of the batch at hand */
    struct weir_column *keys;
    struct change_list list;
    uint32_t next;   /* live row of the batch at hand */
    bool emitting;   /* the list is on its way out */
    uint32_t cursor; /* of the rows at the end */
    uint8_t **payloads;
    struct lanes {
        uint16_t lanes[WEIR_BATCH_ROWS_MAX]; /* of a stretch without CLEAR */
        uint32_t old_rows[WEIR_BATCH_ROWS_MAX];
        uint32_t ids[WEIR_BATCH_ROWS_MAX];    /* number of the key among those of the batch */
        uint16_t last[WEIR_BATCH_ROWS_MAX];   /* by such a number */
        uint8_t present[WEIR_BATCH_ROWS_MAX]; /* likewise: 0 not met yet, 1 no row, 2 a row */
        uint16_t added[WEIR_BATCH_ROWS_MAX];  /* lanes of new rows */
        uint32_t new_rows[WEIR_BATCH_ROWS_MAX];
        uint32_t touched[WEIR_BATCH_ROWS_MAX]; /* keys */
    } * room;
};

static void normalize_close(void *state)
{
    struct normalize *normalize = state;
    weir_multimap_destroy(normalize->map);
    weir_ttl_deinit(&normalize->ttl);
    weir_state_table_destroy(normalize->seen);
    weir_free(normalize->keys);
    weir_free(normalize->payloads);
    weir_free(normalize->room);
    change_list_deinit(&normalize->list);
    exec_state_destroy(&normalize->env, normalize, sizeof *normalize);
}

static enum weir_status create_tables(struct normalize *normalize, const struct weir_type **types,
                                      struct weir_error *error)
{
    const struct weir_schema *schema = &normalize->node->schema;
    const struct weir_operator_env *env = &normalize->env;
    for (uint32_t c = 0; c < schema->fields_count; c++)
        types[c] = schema->fields[c].type;
    const struct weir_multimap_config map = {.types = types,
                                             .columns_count = schema->fields_count,
                                             .keys = normalize->plan->keys,
                                             .keys_count = normalize->plan->keys_count,
                                             .hash_seed = env->hash_seed,
                                             .hash_collide = env->hash_collide,
                                             .isa = env->isa,
                                             .budget = env->budget};
    WEIR_TRY(weir_multimap_create(&map, &normalize->map, error));
    for (uint32_t k = 0; k < normalize->plan->keys_count; k++)
        types[k] = schema->fields[normalize->plan->keys[k]].type;
    const struct weir_table_config seen = {.key_types = types,
                                           .keys_count = normalize->plan->keys_count,
                                           .payload_size = SEEN_SIZE,
                                           .hash_seed = env->hash_seed,
                                           .hash_collide = env->hash_collide,
                                           .isa = env->isa,
                                           .budget = env->budget};
    return weir_state_table_create(&seen, &normalize->seen, error);
}

static enum weir_status normalize_init(struct normalize *normalize, struct weir_error *error)
{
    uint32_t columns = normalize->node->schema.fields_count;
    normalize->keys = weir_calloc(normalize->plan->keys_count, sizeof *normalize->keys);
    normalize->payloads = weir_malloc(WEIR_BATCH_ROWS_MAX * sizeof *normalize->payloads);
    normalize->room = weir_malloc(sizeof *normalize->room);
    const struct weir_type **types =
        weir_malloc((columns + normalize->plan->keys_count) * sizeof(*types));
    enum weir_status status = WEIR_OK;
    if (!normalize->keys || !normalize->payloads || !normalize->room || !types)
        status = weir_error_set_out_of_memory(error);
    if (status == WEIR_OK)
        status = create_tables(normalize, types, error);
    weir_free(types);
    if (status != WEIR_OK)
        return status;
    if (!normalize->plan->final)
        exec_ttl_init(&normalize->env, &normalize->ttl);
    return change_list_init(&normalize->list, normalize->node, normalize->plan->final,
                            normalize->env.budget, error);
}

static enum weir_status normalize_open(const void *description, const struct weir_operator_env *env,
                                       void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct normalize), state, error));
    struct normalize *normalize = *state;
    normalize->node = description;
    normalize->plan = &normalize->node->of.normalize;
    normalize->env = *env;
    enum weir_status status = normalize_init(normalize, error);
    if (status != WEIR_OK) {
        (void)exec_open_failed(env, status, error);
        normalize_close(normalize);
        *state = NULL;
    }
    return status;
}

/* ---- a stretch of events ---- */

/* Numbers the keys of the lanes. */
static enum weir_status number_keys(struct normalize *normalize, uint32_t count,
                                    struct weir_error *error)
{
    struct lanes *room = normalize->room;
    if (count == 1) {
        room->ids[0] = 0;
        room->present[0] = 0;
        return WEIR_OK;
    }
    weir_state_table_clear(normalize->seen);
    WEIR_TRY(weir_state_table_upsert(normalize->seen, normalize->keys, room->lanes, count,
                                     normalize->payloads, room->ids, error));
    memset(room->present, 0, count);
    return WEIR_OK;
}

/* Finds the last event of each key, and counts those that should have met a row. */
static void follow_events(struct normalize *normalize, const struct weir_batch *batch,
                          uint32_t count)
{
    struct lanes *room = normalize->room;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = room->ids[i];
        int64_t event = weir_batch_weight(batch, room->lanes[i]);
        if (!room->present[id])
            room->present[id] = room->old_rows[i] == WEIR_MULTIMAP_NONE ? 1 : 2;
        if (room->present[id] == 1 && event != WEIR_EVENT_INSERT && normalize->env.unmatched_count)
            ++*normalize->env.unmatched_count;
        room->present[id] = event > 0 ? 2 : 1;
        room->last[id] = (uint16_t)i;
    }
}

static void add_change(struct normalize *normalize, uint32_t old_row, uint32_t new_row)
{
    bool has_old = old_row != WEIR_MULTIMAP_NONE, has_new = new_row != WEIR_MULTIMAP_NONE;
    if (old_row == new_row)
        return; /* as it was, or never there */
    if (normalize->plan->final) {
        if (has_old)
            weir_multimap_remove(normalize->map, old_row);
        return;
    }
    if (has_old)
        change_list_add(&normalize->list, old_row, -1, false);
    if (has_new)
        change_list_add(&normalize->list, new_row, 1, has_old);
}

/* The keys of the rows that are in the map for the first `added` of new_rows. */
static enum weir_status touch_keys(struct normalize *normalize, uint32_t added,
                                   struct weir_error *error)
{
    struct lanes *room = normalize->room;
    if (!weir_ttl_is_on(&normalize->ttl))
        return WEIR_OK;
    for (uint32_t i = 0; i < added; i++)
        room->touched[i] = weir_multimap_key(normalize->map, room->new_rows[i]);
    return weir_ttl_touch(&normalize->ttl, room->touched, added, error);
}

static enum weir_status take_events(struct normalize *normalize, const struct weir_batch *batch,
                                    uint32_t count, struct weir_error *error)
{
    struct lanes *room = normalize->room;
    uint32_t added = 0;
    for (uint32_t k = 0; k < normalize->plan->keys_count; k++)
        normalize->keys[k] = batch->columns[normalize->plan->keys[k]];
    WEIR_TRY(weir_multimap_find(normalize->map, normalize->keys, room->lanes, count, room->old_rows,
                                error));
    WEIR_TRY(number_keys(normalize, count, error));
    follow_events(normalize, batch, count);
    for (uint32_t i = 0; i < count; i++)
        if (room->last[room->ids[i]] == i && weir_batch_weight(batch, room->lanes[i]) > 0)
            room->added[added++] = room->lanes[i];
    WEIR_TRY(weir_multimap_add(normalize->map, batch->columns, room->added, added, NULL,
                               room->new_rows, error));
    WEIR_TRY(touch_keys(normalize, added, error));
    added = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (room->last[room->ids[i]] != i)
            continue;
        bool is_new = weir_batch_weight(batch, room->lanes[i]) > 0;
        add_change(normalize, room->old_rows[i],
                   is_new ? room->new_rows[added++] : WEIR_MULTIMAP_NONE);
    }
    return WEIR_OK;
}

/* Every row goes. */
static void take_clear(struct normalize *normalize)
{
    uint32_t rows[256], cursor = 0, count;
    if (normalize->plan->final) {
        weir_multimap_clear(normalize->map);
        return;
    }
    while ((count = weir_multimap_scan(normalize->map, &cursor, rows, WEIR_COUNT_OF(rows))))
        for (uint32_t i = 0; i < count; i++)
            change_list_add(&normalize->list, rows[i], -1, false);
}

/* The events from normalize->next on, up to a CLEAR or the batch's end; a CLEAR by itself. */
static enum weir_status take_stretch(struct normalize *normalize, const struct weir_batch *batch,
                                     struct weir_error *error)
{
    uint32_t count = 0;
    while (normalize->next < batch->selected_count) {
        uint32_t lane = weir_batch_lane(batch, normalize->next);
        bool is_clear = weir_batch_weight(batch, lane) == WEIR_EVENT_CLEAR;
        if (is_clear && count)
            break;
        normalize->next++;
        if (is_clear) {
            take_clear(normalize);
            return WEIR_OK;
        }
        normalize->room->lanes[count++] = (uint16_t)lane;
    }
    return take_events(normalize, batch, count, error);
}

/* N2: what was taken back goes. */
static void forget_old_rows(struct normalize *normalize)
{
    for (size_t i = 0; i < change_list_count(&normalize->list); i++) {
        const struct change *change = change_list_at(&normalize->list, i);
        if (change->weight < 0)
            weir_multimap_remove(normalize->map, change->row);
    }
    change_list_clear(&normalize->list);
}

static enum weir_flow normalize_push(void *state, uint32_t port, struct weir_batch *batch,
                                     struct weir_output *output, struct weir_error *error)
{
    struct normalize *normalize = state;
    enum weir_flow flow = WEIR_FLOW_OK;
    (void)port;
    while (normalize->emitting || normalize->next < batch->selected_count) {
        if (!normalize->emitting && take_stretch(normalize, batch, error) != WEIR_OK)
            return exec_failed(&normalize->env, error);
        normalize->emitting = true;
        flow = change_list_emit(&normalize->list, normalize->map, normalize->node, &normalize->env,
                                output, error);
        if (flow == WEIR_FLOW_FAILED)
            return exec_failed(&normalize->env, error);
        if (flow == WEIR_FLOW_YIELD)
            return flow;
        normalize->emitting = false;
        forget_old_rows(normalize);
        if (flow == WEIR_FLOW_DONE)
            break;
    }
    normalize->next = 0;
    return flow;
}

static enum weir_flow normalize_watermark(void *state, struct weir_event_time watermark,
                                          struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->watermark(output, watermark, error);
}

static enum weir_flow normalize_timer(void *state, struct weir_processing_time now,
                                      struct weir_output *output, struct weir_error *error)
{
    struct normalize *normalize = state;
    uint32_t cursor = 0, key;
    (void)output, (void)error;
    if (normalize->emitting || !weir_ttl_advance(&normalize->ttl, now)) /* N2 */
        return WEIR_FLOW_OK;
    while (weir_multimap_scan_keys(normalize->map, &cursor, &key, 1) != 0) {
        if (!weir_ttl_is_over(&normalize->ttl, key))
            continue;
        weir_multimap_remove(normalize->map, weir_multimap_first(normalize->map, key)); /* N1 */
        exec_count_expired(&normalize->env, 1);
    }
    return WEIR_FLOW_OK;
}

static enum weir_flow normalize_end(void *state, struct weir_output *output,
                                    struct weir_error *error)
{
    struct normalize *normalize = state;
    uint32_t rows[1024], count = 1;
    enum weir_flow flow = WEIR_FLOW_OK;
    while (normalize->plan->final && count && flow != WEIR_FLOW_DONE) {
        if (normalize->list.next == change_list_count(&normalize->list)) {
            change_list_clear(&normalize->list);
            count =
                weir_multimap_scan(normalize->map, &normalize->cursor, rows, WEIR_COUNT_OF(rows));
            for (uint32_t i = 0; i < count; i++)
                change_list_add(&normalize->list, rows[i], 1, false);
        }
        flow = change_list_emit(&normalize->list, normalize->map, normalize->node, &normalize->env,
                                output, error);
        if (flow == WEIR_FLOW_FAILED)
            return exec_failed(&normalize->env, error);
        if (flow == WEIR_FLOW_YIELD)
            return flow;
    }
    return output->end(output, error);
}

static uint64_t normalize_state_rows(const void *state)
{
    return weir_multimap_count(((const struct normalize *)state)->map);
}

const struct weir_operator_type exec_normalize = {.name = "normalize",
                                                  .open = normalize_open,
                                                  .push = normalize_push,
                                                  .watermark = normalize_watermark,
                                                  .timer = normalize_timer,
                                                  .end = normalize_end,
                                                  .state_rows = normalize_state_rows,
                                                  .close = normalize_close};
