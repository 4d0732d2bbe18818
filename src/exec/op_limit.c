/* LIMIT and OFFSET without an order: skips the first rows, lets the next ones pass, then is DONE.
 * A row of weight n counts as n rows. Input that takes rows back has no first rows; the planner
 * orders such input first. */
#include "exec/exec_internal.h"

struct limit {
    const struct weir_plan_node *node;
    struct weir_operator_env env;
    struct weir_batch *out;
    uint64_t to_skip;
    uint64_t to_pass; /* UINT64_MAX: no limit */
};

static enum weir_status limit_open(const void *description, const struct weir_operator_env *env,
                                   void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct limit), state, error));
    struct limit *limit = *state;
    limit->node = description;
    limit->env = *env;
    const struct weir_plan_limit *plan = &limit->node->of.limit;
    limit->to_skip = plan->offset > 0 ? (uint64_t)plan->offset : 0;
    limit->to_pass = plan->limit < 0 ? UINT64_MAX : (uint64_t)plan->limit;
    return WEIR_OK;
}

/* Of weight copies, how many pass now. */
static uint64_t pass_copies(struct limit *limit, uint64_t weight)
{
    uint64_t skipped = weight < limit->to_skip ? weight : limit->to_skip;
    limit->to_skip -= skipped;
    weight -= skipped;
    if (limit->to_pass == UINT64_MAX)
        return weight;
    if (weight > limit->to_pass)
        weight = limit->to_pass;
    limit->to_pass -= weight;
    return weight;
}

static enum weir_status refuse_retraction(struct weir_error *error)
{
    return weir_error_set(error, WEIR_E_INTERNAL, "LIMIT was given a row that is taken back");
}

/* Lanes that pass, with their weights, in limit->out. */
static enum weir_status cut(struct limit *limit, struct weir_batch *batch, struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&limit->out, &limit->node->schema, limit->env.budget, error));
    struct weir_batch *out = limit->out;
    WEIR_TRY(weir_batch_hold(out, &batch->shared, error));
    memcpy(out->columns, batch->columns, limit->node->schema.fields_count * sizeof *out->columns);
    out->rows_count = batch->rows_count;
    WEIR_TRY(exec_pass_lanes(batch, NULL, limit->node->has_event_time, out, error));
    uint16_t *selection =
        weir_arena_alloc(&out->arena, (batch->selected_count + 1) * sizeof *selection, 64);
    int64_t *weights = NULL;
    if (batch->weights)
        weights = weir_arena_alloc(&out->arena, (batch->rows_count + 1) * sizeof *weights, 64);
    if (!selection || (batch->weights && !weights))
        return exec_out_of_memory(&limit->env, error);
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        int64_t weight = weir_batch_weight(batch, lane);
        if (weight < 0)
            return refuse_retraction(error);
        uint64_t passed = pass_copies(limit, (uint64_t)weight);
        if (passed == 0)
            continue;
        if (weights)
            weights[lane] = (int64_t)passed;
        selection[out->selected_count++] = (uint16_t)lane;
    }
    out->selection = selection;
    out->weights = weights;
    return WEIR_OK;
}

static enum weir_flow limit_push(void *state, uint32_t port, struct weir_batch *batch,
                                 struct weir_output *output, struct weir_error *error)
{
    struct limit *limit = state;
    enum weir_flow flow = WEIR_FLOW_OK;
    (void)port;
    if (limit->to_pass == 0)
        return WEIR_FLOW_DONE;
    if (cut(limit, batch, error) != WEIR_OK)
        return exec_failed(&limit->env, error);
    if (limit->out->selected_count)
        flow = output->push(output, limit->out, error);
    while (flow == WEIR_FLOW_YIELD) /* counted already: the same batch again, here */
        flow = output->push(output, limit->out, error);
    if (flow == WEIR_FLOW_FAILED)
        return flow;
    if (exec_let_go(limit->out, error) != WEIR_OK)
        return exec_failed(&limit->env, error);
    return limit->to_pass == 0 ? WEIR_FLOW_DONE : flow;
}

static enum weir_flow limit_watermark(void *state, struct weir_event_time watermark,
                                      struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->watermark(output, watermark, error);
}

static enum weir_flow limit_end(void *state, struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->end(output, error);
}

static void limit_close(void *state)
{
    struct limit *limit = state;
    weir_batch_release(limit->out);
    exec_state_destroy(&limit->env, limit, sizeof *limit);
}

const struct weir_operator_type exec_limit = {.name = "limit",
                                              .open = limit_open,
                                              .push = limit_push,
                                              .watermark = limit_watermark,
                                              .end = limit_end,
                                              .close = limit_close};
