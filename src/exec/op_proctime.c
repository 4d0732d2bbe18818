/* PROCTIME: a column that proctime() filled becomes the event time of its rows, and the clock their
 * watermark; so windows over processing time are windows like any other.
 *
 *     batch of 10:00:07 ─▶ event times 10:00:07        (one step has one time)
 *     timer at 10:00:10 ─▶ watermark 10:00:10          rows to come are not earlier
 *
 * The job's clock does not go back, and it sets the time of a step before its timers run, so that
 * no row is late. Watermarks of the event time that the input had end here. Tested in
 * tests/unit/exec/test_operators.c and tests/suites/windows.py. */
#include "exec/exec_internal.h"

struct proctime {
    const struct weir_plan_node *node;
    struct weir_operator_env env;
    struct weir_batch *out;
    int64_t watermark_us;
};

static void proctime_close(void *state)
{
    struct proctime *proctime = state;
    weir_batch_release(proctime->out);
    exec_state_destroy(&proctime->env, proctime, sizeof *proctime);
}

static enum weir_status proctime_open(const void *description, const struct weir_operator_env *env,
                                      void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct proctime), state, error));
    struct proctime *proctime = *state;
    proctime->node = description;
    proctime->env = *env;
    proctime->watermark_us = INT64_MIN;
    return WEIR_OK;
}

static enum weir_status show(struct proctime *proctime, struct weir_batch *batch,
                             struct weir_error *error)
{
    const struct weir_column *times = &batch->columns[proctime->node->of.proctime.column];
    struct weir_column flat = *times;
    WEIR_TRY(
        weir_batch_renew(&proctime->out, &proctime->node->schema, proctime->env.budget, error));
    struct weir_batch *out = proctime->out;
    WEIR_TRY(weir_batch_hold(out, &batch->shared, error));
    if (times->encoding != WEIR_FLAT)
        WEIR_TRY(weir_column_flatten(times, &out->arena, &flat, error));
    memcpy(out->columns, batch->columns,
           proctime->node->schema.fields_count * sizeof *out->columns);
    out->rows_count = batch->rows_count;
    out->selection = batch->selection;
    out->selected_count = batch->selected_count;
    out->event_times = flat.values;
    out->origin = batch->origin;
    out->origin_records = batch->origin_records;
    return WEIR_OK;
}

static enum weir_flow proctime_push(void *state, uint32_t port, struct weir_batch *batch,
                                    struct weir_output *output, struct weir_error *error)
{
    struct proctime *proctime = state;
    (void)port;
    if (show(proctime, batch, error) != WEIR_OK)
        return exec_failed(&proctime->env, error);
    enum weir_flow flow = output->push(output, proctime->out, error);
    if (flow != WEIR_FLOW_YIELD && exec_let_go(proctime->out, error) != WEIR_OK)
        return exec_failed(&proctime->env, error);
    return flow;
}

static enum weir_flow proctime_watermark(void *state, struct weir_event_time watermark,
                                         struct weir_output *output, struct weir_error *error)
{
    (void)state, (void)watermark, (void)output, (void)error;
    return WEIR_FLOW_OK;
}

static enum weir_flow proctime_timer(void *state, struct weir_processing_time now,
                                     struct weir_output *output, struct weir_error *error)
{
    struct proctime *proctime = state;
    if (proctime->env.bounded_query || now.us <= proctime->watermark_us)
        return WEIR_FLOW_OK;
    proctime->watermark_us = now.us;
    return output->watermark(output, (struct weir_event_time){now.us}, error);
}

static enum weir_flow proctime_end(void *state, struct weir_output *output,
                                   struct weir_error *error)
{
    (void)state;
    return output->end(output, error);
}

const struct weir_operator_type exec_proctime = {.name = "proctime",
                                                 .open = proctime_open,
                                                 .push = proctime_push,
                                                 .watermark = proctime_watermark,
                                                 .timer = proctime_timer,
                                                 .end = proctime_end,
                                                 .close = proctime_close};
