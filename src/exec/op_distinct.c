/* DISTINCT over append input, as it goes: a row passes when its keys are seen for the first time.
 * The output shares the lanes of the keys with the input, like a filter. */
#include "exec/exec_internal.h"
#include "state/table.h"
#include "state/ttl.h"

enum { SEEN_SIZE = 16 };

struct distinct {
    const struct weir_plan_node *node;
    const struct weir_plan_aggregate *plan;
    struct weir_operator_env env;
    struct weir_state_table *seen;
    struct weir_column *columns;
    uint8_t **payloads;
    uint32_t *ids;
    struct weir_ttl ttl;
    struct weir_batch *out;
};

static void distinct_close(void *state)
{
    struct distinct *distinct = state;
    weir_state_table_destroy(distinct->seen);
    weir_free(distinct->columns);
    weir_free(distinct->payloads);
    weir_free(distinct->ids);
    weir_ttl_deinit(&distinct->ttl);
    weir_batch_release(distinct->out);
    exec_state_destroy(&distinct->env, distinct, sizeof *distinct);
}

static enum weir_status distinct_init(struct distinct *distinct, struct weir_error *error)
{
    uint32_t count = distinct->plan->keys_count;
    const struct weir_schema *input = &distinct->node->inputs[0]->schema;
    distinct->columns = weir_calloc(count, sizeof *distinct->columns);
    distinct->payloads = weir_malloc(WEIR_BATCH_ROWS_MAX * sizeof *distinct->payloads);
    const struct weir_type **types = weir_malloc(count * sizeof(*types));
    distinct->ids = weir_malloc(WEIR_BATCH_ROWS_MAX * sizeof *distinct->ids);
    exec_ttl_init(&distinct->env, &distinct->ttl);
    if (!distinct->columns || !distinct->payloads || !distinct->ids || !types) {
        weir_free(types);
        return weir_error_set_out_of_memory(error);
    }
    for (uint32_t k = 0; k < count; k++)
        types[k] = input->fields[distinct->plan->keys[k]].type;
    const struct weir_table_config config = {.key_types = types,
                                             .keys_count = count,
                                             .payload_size = SEEN_SIZE,
                                             .hash_seed = distinct->env.hash_seed,
                                             .hash_collide = distinct->env.hash_collide,
                                             .isa = distinct->env.isa,
                                             .budget = distinct->env.budget};
    enum weir_status status = weir_state_table_create(&config, &distinct->seen, error);
    weir_free(types);
    return status;
}

static enum weir_status distinct_open(const void *description, const struct weir_operator_env *env,
                                      void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct distinct), state, error));
    struct distinct *distinct = *state;
    distinct->node = description;
    distinct->plan = &distinct->node->of.aggregate;
    distinct->env = *env;
    enum weir_status status = distinct_init(distinct, error);
    if (status != WEIR_OK) {
        (void)exec_open_failed(env, status, error);
        distinct_close(distinct);
        *state = NULL;
    }
    return status;
}

static enum weir_status pass_new(struct distinct *distinct, struct weir_batch *batch,
                                 struct weir_error *error)
{
    WEIR_TRY(
        weir_batch_renew(&distinct->out, &distinct->node->schema, distinct->env.budget, error));
    struct weir_batch *out = distinct->out;
    bool forgets = weir_ttl_is_on(&distinct->ttl);
    uint16_t *selection =
        weir_arena_alloc(&out->arena, (batch->selected_count + 1) * sizeof *selection, 64);
    if (!selection)
        return exec_out_of_memory(&distinct->env, error);
    WEIR_TRY(weir_batch_hold(out, &batch->shared, error));
    out->rows_count = batch->rows_count;
    for (uint32_t k = 0; k < distinct->plan->keys_count; k++)
        distinct->columns[k] = out->columns[k] = batch->columns[distinct->plan->keys[k]];
    WEIR_TRY(weir_state_table_upsert(distinct->seen, distinct->columns, batch->selection,
                                     batch->selected_count, distinct->payloads,
                                     forgets ? distinct->ids : NULL, error));
    if (forgets)
        WEIR_TRY(weir_ttl_touch(&distinct->ttl, distinct->ids, batch->selected_count, error));
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint64_t seen;
        memcpy(&seen, distinct->payloads[i], sizeof seen);
        selection[out->selected_count] = (uint16_t)weir_batch_lane(batch, i);
        out->selected_count += !seen;
        seen = 1;
        memcpy(distinct->payloads[i], &seen, sizeof seen);
    }
    out->selection = selection;
    WEIR_TRY(exec_pass_lanes(batch, NULL, distinct->node->has_event_time, out, error));
    out->weights = NULL; /* a row that was added several times is one */
    return WEIR_OK;
}

static enum weir_flow distinct_push(void *state, uint32_t port, struct weir_batch *batch,
                                    struct weir_output *output, struct weir_error *error)
{
    struct distinct *distinct = state;
    enum weir_flow flow = WEIR_FLOW_OK;
    (void)port;
    if (pass_new(distinct, batch, error) != WEIR_OK)
        return exec_failed(&distinct->env, error);
    if (distinct->out->selected_count)
        flow = output->push(output, distinct->out, error);
    while (flow == WEIR_FLOW_YIELD) /* seen already: the same batch again, here */
        flow = output->push(output, distinct->out, error);
    if (flow != WEIR_FLOW_FAILED && exec_let_go(distinct->out, error) != WEIR_OK)
        return exec_failed(&distinct->env, error);
    return flow;
}

static enum weir_flow distinct_watermark(void *state, struct weir_event_time watermark,
                                         struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->watermark(output, watermark, error);
}

/* updating_ttl: a row that comes again after so long a time is new. */
static enum weir_flow distinct_timer(void *state, struct weir_processing_time now,
                                     struct weir_output *output, struct weir_error *error)
{
    struct distinct *distinct = state;
    uint32_t id, cursor = 0;
    (void)output, (void)error;
    if (!weir_ttl_advance(&distinct->ttl, now))
        return WEIR_FLOW_OK;
    while (weir_state_table_scan(distinct->seen, &cursor, &id, 1) != 0) {
        if (!weir_ttl_is_over(&distinct->ttl, id))
            continue;
        weir_state_table_delete(distinct->seen, id);
        exec_count_expired(&distinct->env, 1);
    }
    return WEIR_FLOW_OK;
}

static enum weir_flow distinct_end(void *state, struct weir_output *output,
                                   struct weir_error *error)
{
    (void)state;
    return output->end(output, error);
}

static uint64_t distinct_state_rows(const void *state)
{
    return weir_state_table_count(((const struct distinct *)state)->seen);
}

const struct weir_operator_type exec_distinct = {.name = "distinct",
                                                 .open = distinct_open,
                                                 .push = distinct_push,
                                                 .watermark = distinct_watermark,
                                                 .timer = distinct_timer,
                                                 .end = distinct_end,
                                                 .state_rows = distinct_state_rows,
                                                 .close = distinct_close};
