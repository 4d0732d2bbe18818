/* UNION ALL: batches of any port pass through. When column names (or the event time) differ from
 * the node's, the batch is shown under the node's schema; lanes are shared. */
#include "exec/exec_internal.h"

struct union_all {
    const struct weir_plan_node *node;
    struct weir_operator_env env;
    struct weir_batch *out;
};

static enum weir_status union_open(const void *description, const struct weir_operator_env *env,
                                   void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct union_all), state, error));
    struct union_all *all = *state;
    all->node = description;
    all->env = *env;
    return WEIR_OK;
}

static enum weir_status show(struct union_all *all, struct weir_batch *batch,
                             struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&all->out, &all->node->schema, all->env.budget, error));
    struct weir_batch *out = all->out;
    WEIR_TRY(weir_batch_hold(out, &batch->shared, error));
    memcpy(out->columns, batch->columns, all->node->schema.fields_count * sizeof *out->columns);
    out->rows_count = batch->rows_count;
    out->selected_count = batch->selected_count;
    out->selection = batch->selection;
    return exec_pass_lanes(batch, NULL, all->node->has_event_time, out, error);
}

static enum weir_flow union_push(void *state, uint32_t port, struct weir_batch *batch,
                                 struct weir_output *output, struct weir_error *error)
{
    struct union_all *all = state;
    (void)port;
    if (weir_schema_equals(batch->schema, &all->node->schema) &&
        (all->node->has_event_time || !batch->event_times))
        return output->push(output, batch, error);
    if (show(all, batch, error) != WEIR_OK)
        return exec_failed(&all->env, error);
    enum weir_flow flow = output->push(output, all->out, error);
    if (flow != WEIR_FLOW_FAILED && exec_let_go(all->out, error) != WEIR_OK)
        return exec_failed(&all->env, error);
    return flow;
}

static enum weir_flow union_watermark(void *state, struct weir_event_time watermark,
                                      struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->watermark(output, watermark, error);
}

static enum weir_flow union_end(void *state, struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->end(output, error);
}

static void union_close(void *state)
{
    struct union_all *all = state;
    weir_batch_release(all->out);
    exec_state_destroy(&all->env, all, sizeof *all);
}

const struct weir_operator_type exec_union = {.name = "union",
                                              .open = union_open,
                                              .push = union_push,
                                              .watermark = union_watermark,
                                              .end = union_end,
                                              .close = union_close};
