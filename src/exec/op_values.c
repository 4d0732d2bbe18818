/* VALUES: rows that the planner computed, emitted by `end` in slices of a batch. */
#include "exec/exec_internal.h"

struct values {
    const struct weir_plan_node *node;
    struct weir_operator_env env;
    struct weir_batch *out;
    uint32_t next; /* row */
    bool done;
};

static enum weir_status values_open(const void *description, const struct weir_operator_env *env,
                                    void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct values), state, error));
    struct values *values = *state;
    values->node = description;
    values->env = *env;
    return WEIR_OK;
}

static enum weir_flow values_push(void *state, uint32_t port, struct weir_batch *batch,
                                  struct weir_output *output, struct weir_error *error)
{
    struct values *values = state;
    (void)port, (void)batch, (void)output;
    (void)weir_error_set(error, WEIR_E_INTERNAL, "VALUES has no input");
    return exec_failed(&values->env, error);
}

static enum weir_flow values_watermark(void *state, struct weir_event_time watermark,
                                       struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->watermark(output, watermark, error);
}

static enum weir_status slice(struct values *values, uint32_t count, struct weir_error *error)
{
    const struct weir_plan_values *plan = &values->node->of.values;
    WEIR_TRY(weir_batch_renew(&values->out, &values->node->schema, values->env.budget, error));
    struct weir_batch *out = values->out;
    out->rows_count = out->selected_count = count;
    for (uint32_t i = 0; i < values->node->schema.fields_count; i++)
        WEIR_TRY(weir_column_slice(&plan->columns[i], values->next, count, &out->arena,
                                   &out->columns[i], error));
    return WEIR_OK;
}

static enum weir_flow values_end(void *state, struct weir_output *output, struct weir_error *error)
{
    struct values *values = state;
    uint32_t rows_count = values->node->of.values.rows_count;
    while (!values->done && values->next < rows_count) {
        uint32_t count = exec_batch_rows(&values->env);
        if (count > rows_count - values->next)
            count = rows_count - values->next;
        if (slice(values, count, error) != WEIR_OK)
            return exec_failed(&values->env, error);
        enum weir_flow flow = output->push(output, values->out, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD)
            return flow;
        values->next += count;
        values->done = flow == WEIR_FLOW_DONE;
        if (flow == WEIR_FLOW_FULL && values->next < rows_count)
            return WEIR_FLOW_YIELD;
    }
    return output->end(output, error);
}

static void values_close(void *state)
{
    struct values *values = state;
    weir_batch_release(values->out);
    exec_state_destroy(&values->env, values, sizeof *values);
}

const struct weir_operator_type exec_values = {.name = "values",
                                               .open = values_open,
                                               .push = values_push,
                                               .watermark = values_watermark,
                                               .end = values_end,
                                               .close = values_close};
