/* NET: the changes of a step, summed. A row that was added and taken back is not seen; what goes of
 * a key comes right before what comes of it.
 *
 *     one step's input          by key k               latest
 *     +(k1,1) -(k1,1) +(k1,2)   +(k1,2)                +(k1,2)
 *     -(k2,5) +(k2,6)           -(k2,5) +(k2,6)        +(k2,6)
 *
 * A step ends with the timer, which is called between steps, or with the input. Rows of a key are a
 * chain in a multimap, which is empty between steps. Two kinds keep their rows:
 *
 *     keeps   the key is the user's, and several rows may have it: the last one of them is shown
 *     final   nothing comes out before the end; then the rows that are left, each as often as it is
 *
 * updating_ttl, with `keeps`: a key without changes for so long is forgotten. What is out of it
 * stays; what is taken back of it later is left out and counted.
 *
 *   E1 between steps the row of a key that is shown, if any, is marked
 *   E2 rows stay in the map until the batches that take them back are out */
#include "exec/change_list.h"
#include "exec/known_rows.h"

struct net {
    const struct weir_plan_node *node;
    const struct weir_plan_net *plan;
    struct weir_operator_env env;
    struct weir_multimap *map; /* extra: uint64_t, E1 */
    uint32_t *rows;            /* of the batch at hand */
    struct change_list list;
    struct weir_buffer touched; /* keeps: uint32_t, keys of this step */
    struct weir_buffer marks;   /* keeps: a byte per key, 1 when it is touched */
    struct weir_ttl ttl;        /* keeps: of the keys */
    struct known_rows known;
    uint16_t *lanes; /* WEIR_BATCH_ROWS_MAX: of the batch at hand */
    bool emitting;
    uint32_t cursor; /* of the rows at the end */
};

static void net_close(void *state)
{
    struct net *net = state;
    weir_multimap_destroy(net->map);
    weir_ttl_deinit(&net->ttl);
    known_rows_deinit(&net->known, &net->env);
    weir_free(net->rows);
    weir_free(net->lanes);
    weir_buffer_deinit(&net->touched);
    weir_buffer_deinit(&net->marks);
    change_list_deinit(&net->list);
    exec_state_destroy(&net->env, net, sizeof *net);
}

static enum weir_status net_init(struct net *net, struct weir_error *error)
{
    const struct weir_schema *schema = &net->node->schema;
    const struct weir_type **types = weir_malloc((schema->fields_count + 1) * sizeof(*types));
    weir_buffer_init(&net->touched, net->env.budget);
    weir_buffer_init(&net->marks, net->env.budget);
    net->rows = weir_malloc(WEIR_BATCH_ROWS_MAX * sizeof *net->rows);
    net->lanes = weir_malloc(WEIR_BATCH_ROWS_MAX * sizeof *net->lanes);
    if (!types || !net->rows || !net->lanes) {
        weir_free(types);
        return weir_error_set_out_of_memory(error);
    }
    for (uint32_t c = 0; c < schema->fields_count; c++)
        types[c] = schema->fields[c].type;
    const struct weir_multimap_config map = {.types = types,
                                             .columns_count = schema->fields_count,
                                             .keys = net->plan->keys,
                                             .keys_count = net->plan->keys_count,
                                             .extra_size = sizeof(uint64_t),
                                             .hash_seed = net->env.hash_seed,
                                             .hash_collide = net->env.hash_collide,
                                             .isa = net->env.isa,
                                             .budget = net->env.budget};
    enum weir_status status = weir_multimap_create(&map, &net->map, error);
    weir_free(types);
    if (status != WEIR_OK)
        return status;
    if (net->plan->keeps && !net->plan->final)
        exec_ttl_init(&net->env, &net->ttl);
    return change_list_init(&net->list, net->node, net->plan->final, net->env.budget, error);
}

static enum weir_status net_open(const void *description, const struct weir_operator_env *env,
                                 void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct net), state, error));
    struct net *net = *state;
    net->node = description;
    net->plan = &net->node->of.net;
    net->env = *env;
    enum weir_status status = net_init(net, error);
    if (status != WEIR_OK) {
        (void)exec_open_failed(env, status, error);
        net_close(net);
        *state = NULL;
    }
    return status;
}

/* ---- taking changes in ---- */

static enum weir_status touch_keys(struct net *net, uint32_t count, struct weir_error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t key = weir_multimap_key(net->map, net->rows[i]);
        while (net->marks.size <= key && !net->marks.failed)
            weir_buffer_append_char(&net->marks, 0);
        if (net->marks.failed)
            return exec_out_of_memory(&net->env, error);
        if (net->marks.data[key])
            continue;
        net->marks.data[key] = 1;
        weir_buffer_append(&net->touched, &key, sizeof key);
        if (weir_ttl_is_on(&net->ttl))
            WEIR_TRY(weir_ttl_touch(&net->ttl, &key, 1, error));
    }
    return net->touched.failed ? exec_out_of_memory(&net->env, error) : WEIR_OK;
}

/* The batch's rows, but for those taken back that nobody knows any more: lanes[0 … count). */
static enum weir_status choose_lanes(struct net *net, const struct weir_batch *batch,
                                     const uint16_t **lanes, uint32_t *count,
                                     struct weir_error *error)
{
    *lanes = batch->selection;
    *count = batch->selected_count;
    if (!weir_ttl_is_on(&net->ttl) || !batch->weights)
        return WEIR_OK;
    for (uint32_t i = 0; i < *count; i++)
        net->lanes[i] = (uint16_t)weir_batch_lane(batch, i);
    struct known_lanes known = {batch->columns, net->node->schema.fields_count, batch->weights,
                                net->lanes, *count};
    WEIR_TRY(known_rows_filter(&net->known, &net->env, net->map, &known, error));
    *lanes = net->lanes;
    *count = known.count;
    return WEIR_OK;
}

static enum weir_flow net_push(void *state, uint32_t port, struct weir_batch *batch,
                               struct weir_output *output, struct weir_error *error)
{
    struct net *net = state;
    (void)port, (void)output;
    const uint16_t *lanes;
    uint32_t count;
    if (choose_lanes(net, batch, &lanes, &count, error) != WEIR_OK ||
        weir_multimap_add(net->map, batch->columns, lanes, count, batch->weights, net->rows,
                          error) != WEIR_OK)
        return exec_failed(&net->env, error);
    if (net->plan->final)
        weir_multimap_sweep(net->map, net->rows, count);
    if (net->plan->keeps && touch_keys(net, count, error) != WEIR_OK)
        return exec_failed(&net->env, error);
    return WEIR_FLOW_OK;
}

/* ---- a step's changes ---- */

/* The next row of the chain, from row on, whose weight has the sign. */
static uint32_t next_of_sign(const struct net *net, uint32_t row, bool negative)
{
    for (; row != WEIR_MULTIMAP_NONE; row = weir_multimap_next(net->map, row)) {
        int64_t weight = weir_multimap_weight(net->map, row);
        if (negative ? weight < 0 : weight > 0)
            break;
    }
    return row;
}

/* The rows of a chain that go, then those that come; side by side where there is one of each. */
static void list_chain(struct net *net, uint32_t first)
{
    uint32_t gone = next_of_sign(net, first, true), come = next_of_sign(net, first, false);
    bool is_pair = net->plan->has_key && gone != WEIR_MULTIMAP_NONE && come != WEIR_MULTIMAP_NONE;
    bool skips = is_pair && net->plan->latest;
    while (gone != WEIR_MULTIMAP_NONE) {
        if (!skips)
            change_list_add(&net->list, gone, weir_multimap_weight(net->map, gone), false);
        gone = next_of_sign(net, weir_multimap_next(net->map, gone), true);
    }
    for (bool joined = is_pair && !skips; come != WEIR_MULTIMAP_NONE; joined = false) {
        change_list_add(&net->list, come, weir_multimap_weight(net->map, come), joined);
        come = next_of_sign(net, weir_multimap_next(net->map, come), false);
    }
}

static void list_step(struct net *net)
{
    uint32_t keys[256], cursor = 0, count;
    while ((count = weir_multimap_scan_keys(net->map, &cursor, keys, WEIR_COUNT_OF(keys))))
        for (uint32_t i = 0; i < count; i++)
            list_chain(net, weir_multimap_first(net->map, keys[i]));
}

static bool *shown_mark(const struct net *net, uint32_t row)
{
    return weir_multimap_extra(net->map, row);
}

/* The row that a key shows goes when it is no longer the last one. */
static void list_kept_key(struct net *net, uint32_t key)
{
    uint32_t shown = WEIR_MULTIMAP_NONE, last = WEIR_MULTIMAP_NONE;
    for (uint32_t row = weir_multimap_first(net->map, key); row != WEIR_MULTIMAP_NONE;
         row = weir_multimap_next(net->map, row)) {
        if (*shown_mark(net, row))
            shown = row;
        if (weir_multimap_weight(net->map, row) > 0)
            last = row;
    }
    if (shown == last)
        return;
    bool goes = shown != WEIR_MULTIMAP_NONE;
    if (goes)
        *shown_mark(net, shown) = false;
    if (last != WEIR_MULTIMAP_NONE)
        *shown_mark(net, last) = true;
    bool tells = goes && (!net->plan->latest || last == WEIR_MULTIMAP_NONE);
    if (tells)
        change_list_add(&net->list, shown, -1, false);
    if (last != WEIR_MULTIMAP_NONE)
        change_list_add(&net->list, last, 1, tells);
}

static uint32_t touched_key(const struct net *net, size_t i)
{
    uint32_t key;
    memcpy(&key, net->touched.data + i * sizeof key, sizeof key);
    return key;
}

static void list_kept(struct net *net)
{
    for (size_t i = 0; i < net->touched.size / sizeof(uint32_t); i++)
        list_kept_key(net, touched_key(net, i));
}

/* E2: rows that came and went go. */
static void sweep_kept(struct net *net)
{
    for (size_t i = 0; i < net->touched.size / sizeof(uint32_t); i++) {
        uint32_t key = touched_key(net, i), row = weir_multimap_first(net->map, key);
        net->marks.data[key] = 0;
        while (row != WEIR_MULTIMAP_NONE) {
            uint32_t next = weir_multimap_next(net->map, row);
            weir_multimap_sweep(net->map, &row, 1);
            row = next;
        }
    }
    weir_buffer_clear(&net->touched);
}

static enum weir_flow flush(struct net *net, struct weir_output *output, struct weir_error *error)
{
    if (!net->emitting && net->plan->keeps)
        list_kept(net);
    else if (!net->emitting)
        list_step(net);
    net->emitting = true;
    enum weir_flow flow =
        change_list_emit(&net->list, net->map, net->node, &net->env, output, error);
    if (flow == WEIR_FLOW_FAILED)
        return exec_failed(&net->env, error);
    if (flow == WEIR_FLOW_YIELD)
        return flow;
    net->emitting = false;
    change_list_clear(&net->list);
    if (net->plan->keeps)
        sweep_kept(net);
    else
        weir_multimap_clear(net->map);
    return flow;
}

/* Between steps: no row of the map waits to come out. */
static void forget_keys(struct net *net, struct weir_processing_time now)
{
    uint32_t cursor = 0, key, before = weir_multimap_count(net->map);
    if (!weir_ttl_advance(&net->ttl, now))
        return;
    while (weir_multimap_scan_keys(net->map, &cursor, &key, 1) != 0) {
        if (!weir_ttl_is_over(&net->ttl, key))
            continue;
        uint32_t row = weir_multimap_first(net->map, key), next;
        for (; row != WEIR_MULTIMAP_NONE; row = next) {
            next = weir_multimap_next(net->map, row);
            weir_multimap_remove(net->map, row);
        }
    }
    exec_count_expired(&net->env, before - weir_multimap_count(net->map));
}

static enum weir_flow net_timer(void *state, struct weir_processing_time now,
                                struct weir_output *output, struct weir_error *error)
{
    struct net *net = state;
    bool any = net->plan->keeps ? net->touched.size > 0 : weir_multimap_count(net->map) > 0;
    enum weir_flow flow = net->plan->final || !any ? WEIR_FLOW_OK : flush(net, output, error);
    if (!net->emitting && flow != WEIR_FLOW_FAILED)
        forget_keys(net, now);
    return flow;
}

static enum weir_flow net_watermark(void *state, struct weir_event_time watermark,
                                    struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->watermark(output, watermark, error);
}

/* ---- the end ---- */

/* Some rows for the list; those taken back more often than added are none, and counted. False: no
 * rows are left. */
static bool list_final(struct net *net)
{
    uint32_t rows[1024];
    uint32_t count = weir_multimap_scan(net->map, &net->cursor, rows, WEIR_COUNT_OF(rows));
    change_list_clear(&net->list);
    for (uint32_t i = 0; i < count; i++) {
        int64_t weight = weir_multimap_weight(net->map, rows[i]);
        if (weight > 0)
            change_list_add(&net->list, rows[i], weight, false);
        else if (net->env.unmatched_count)
            *net->env.unmatched_count += (uint64_t)0 - (uint64_t)weight;
    }
    return count > 0;
}

static enum weir_flow end_final(struct net *net, struct weir_output *output,
                                struct weir_error *error)
{
    enum weir_flow flow = WEIR_FLOW_OK;
    while (flow != WEIR_FLOW_DONE) {
        if (net->list.next == change_list_count(&net->list) && !list_final(net))
            break;
        flow = change_list_emit(&net->list, net->map, net->node, &net->env, output, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD)
            return flow;
    }
    return flow;
}

static enum weir_flow net_end(void *state, struct weir_output *output, struct weir_error *error)
{
    struct net *net = state;
    enum weir_flow flow =
        net->plan->final ? end_final(net, output, error) : flush(net, output, error);
    if (flow == WEIR_FLOW_FAILED)
        return net->plan->final ? exec_failed(&net->env, error) : flow;
    return flow == WEIR_FLOW_YIELD ? flow : output->end(output, error);
}

static uint64_t net_state_rows(const void *state)
{
    return weir_multimap_count(((const struct net *)state)->map);
}

const struct weir_operator_type exec_net = {.name = "net",
                                            .open = net_open,
                                            .push = net_push,
                                            .watermark = net_watermark,
                                            .timer = net_timer,
                                            .end = net_end,
                                            .state_rows = net_state_rows,
                                            .close = net_close};
