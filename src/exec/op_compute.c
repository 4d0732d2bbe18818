/* COMPUTE: filter, then project.
 *
 *     input ─▶ predicate ─▶ selection ─▶ projections ─▶ output batch
 *
 * The output shares lanes with the input (it holds the input as an owner), so a filter copies
 * nothing. Only when fewer than one lane in eight is left are the columns that the projections
 * read gathered first: kernels compute whole batches, and what follows is dense again. */
#include "exec/exec_internal.h"

enum { SPARSE_FACTOR = 8, SPARSE_ROWS_MIN = 64 };

struct compute {
    const struct weir_plan_node *node;
    struct weir_operator_env env;
    const struct weir_schema *input_schema;
    struct weir_program *predicate;   /* NULL: all rows */
    struct weir_program *projections; /* NULL: all columns */
    struct weir_batch *out;
    struct weir_batch *dense; /* the gathered input of a sparse selection */
    uint32_t *used;           /* input columns the projections read */
    uint32_t used_count;
    uint16_t *selection;
};

static void compute_close(void *state)
{
    struct compute *compute = state;
    weir_program_destroy(compute->predicate);
    weir_program_destroy(compute->projections);
    weir_batch_release(compute->out);
    weir_batch_release(compute->dense);
    weir_free(compute->used);
    weir_free(compute->selection);
    exec_state_destroy(&compute->env, compute, sizeof *compute);
}

static void mark_columns(const struct weir_expr *expr, bool *used)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        used[expr->index] = true;
    for (uint32_t i = 0; i < expr->args_count; i++)
        mark_columns(expr->args[i], used);
}

static enum weir_status find_used(struct compute *compute, struct weir_error *error)
{
    const struct weir_plan_compute *plan = &compute->node->of.compute;
    uint32_t count = compute->input_schema->fields_count;
    bool *used = weir_calloc(count + 1, sizeof *used);
    compute->used = weir_malloc((count + 1) * sizeof *compute->used);
    if (!used || !compute->used) {
        weir_free(used);
        return weir_error_set_out_of_memory(error);
    }
    for (uint32_t i = 0; i < compute->node->schema.fields_count; i++) {
        if (plan->projections)
            mark_columns(plan->projections[i], used);
        else
            used[i] = true;
    }
    for (uint32_t i = 0; i < count; i++)
        if (used[i])
            compute->used[compute->used_count++] = i;
    weir_free(used);
    return WEIR_OK;
}

static enum weir_status compute_init(struct compute *compute, struct weir_error *error)
{
    const struct weir_plan_compute *plan = &compute->node->of.compute;
    compute->selection = weir_malloc(WEIR_BATCH_ROWS_MAX * sizeof *compute->selection);
    if (!compute->selection)
        return weir_error_set_out_of_memory(error);
    WEIR_TRY(find_used(compute, error));
    if (plan->predicate)
        WEIR_TRY(weir_program_create(&plan->predicate, 1, compute->input_schema,
                                     compute->env.budget, &compute->predicate, error));
    if (plan->projections)
        WEIR_TRY(weir_program_create(plan->projections, compute->node->schema.fields_count,
                                     compute->input_schema, compute->env.budget,
                                     &compute->projections, error));
    return WEIR_OK;
}

static enum weir_status compute_open(const void *description, const struct weir_operator_env *env,
                                     void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct compute), state, error));
    struct compute *compute = *state;
    compute->node = description;
    compute->env = *env;
    compute->input_schema = &compute->node->inputs[0]->schema;
    enum weir_status status = compute_init(compute, error);
    if (status != WEIR_OK) {
        (void)exec_open_failed(env, status, error);
        compute_close(compute);
        *state = NULL;
    }
    return status;
}

static struct weir_program_run run_of(const struct compute *compute, const struct weir_batch *input,
                                      struct weir_arena *arena)
{
    return (struct weir_program_run){.batch = input,
                                     .selection = input->selection,
                                     .selected_count = input->selected_count,
                                     .session = compute->env.session,
                                     .arena = arena,
                                     .null_on_error = compute->env.null_on_error};
}

static void count_nulled(const struct compute *compute, const struct weir_program_run *run)
{
    if (compute->env.nulled_count)
        *compute->env.nulled_count += run->nulled_count;
}

/* The live lanes of input that pass, as out's selection. */
static enum weir_status filter(struct compute *compute, const struct weir_batch *input,
                               struct weir_batch *out, struct weir_error *error)
{
    out->rows_count = input->rows_count;
    out->selection = input->selection;
    out->selected_count = input->selected_count;
    if (!compute->predicate)
        return WEIR_OK;
    struct weir_program_run run = run_of(compute, input, &out->arena);
    uint32_t count;
    WEIR_TRY(weir_program_filter(compute->predicate, &run, compute->selection, &count, error));
    count_nulled(compute, &run);
    if (count == input->selected_count)
        return WEIR_OK;
    uint16_t *selection = weir_arena_alloc(&out->arena, (count + 1) * sizeof *selection, 64);
    if (!selection)
        return exec_out_of_memory(&compute->env, error);
    memcpy(selection, compute->selection, count * sizeof *selection);
    out->selection = selection;
    out->selected_count = count;
    return WEIR_OK;
}

/* Gathers the selected lanes of the columns that are read into compute->dense. */
static enum weir_status gather_dense(struct compute *compute, struct weir_batch *input,
                                     const uint16_t *lanes, uint32_t count,
                                     struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&compute->dense, compute->input_schema, compute->env.budget, error));
    struct weir_batch *dense = compute->dense;
    WEIR_TRY(weir_batch_hold(dense, &input->shared, error));
    dense->rows_count = dense->selected_count = count;
    for (uint32_t i = 0; i < compute->input_schema->fields_count; i++)
        dense->columns[i].rows_count = count;
    for (uint32_t u = 0; u < compute->used_count; u++) {
        uint32_t i = compute->used[u];
        WEIR_TRY(weir_column_take(&input->columns[i], lanes, count, &dense->arena,
                                  &dense->columns[i], error));
    }
    return exec_pass_lanes(input, lanes, true, dense, error);
}

static enum weir_status project(struct compute *compute, struct weir_batch *input,
                                struct weir_batch *out, struct weir_error *error)
{
    if (!compute->projections) {
        memcpy(out->columns, input->columns,
               compute->node->schema.fields_count * sizeof *out->columns);
        return WEIR_OK;
    }
    struct weir_program_run run = run_of(compute, input, &out->arena);
    run.selection = out->selection;
    run.selected_count = out->selected_count;
    WEIR_TRY(weir_program_run(compute->projections, &run, out->columns, error));
    count_nulled(compute, &run);
    return WEIR_OK;
}

/* Fills compute->out; no rows may be left. */
static enum weir_status compute_batch(struct compute *compute, struct weir_batch *input,
                                      struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&compute->out, &compute->node->schema, compute->env.budget, error));
    struct weir_batch *out = compute->out;
    WEIR_TRY(filter(compute, input, out, error));
    if (out->selected_count == 0)
        return WEIR_OK;
    if (out->selection && compute->projections && out->rows_count >= SPARSE_ROWS_MIN &&
        out->selected_count < out->rows_count / SPARSE_FACTOR) {
        WEIR_TRY(gather_dense(compute, input, out->selection, out->selected_count, error));
        input = compute->dense;
        out->selection = NULL;
        out->rows_count = out->selected_count;
    }
    WEIR_TRY(weir_batch_hold(out, &input->shared, error));
    WEIR_TRY(project(compute, input, out, error));
    return exec_pass_lanes(input, NULL, compute->node->has_event_time, out, error);
}

static enum weir_flow compute_push(void *state, uint32_t port, struct weir_batch *batch,
                                   struct weir_output *output, struct weir_error *error)
{
    struct compute *compute = state;
    (void)port;
    if (compute_batch(compute, batch, error) != WEIR_OK)
        return exec_failed(&compute->env, error);
    if (compute->out->selected_count == 0)
        return WEIR_FLOW_OK;
    enum weir_flow flow = output->push(output, compute->out, error);
    if (flow == WEIR_FLOW_FAILED)
        return flow;
    if (exec_let_go(compute->out, error) != WEIR_OK ||
        exec_let_go(compute->dense, error) != WEIR_OK)
        return exec_failed(&compute->env, error);
    return flow;
}

static enum weir_flow compute_watermark(void *state, struct weir_event_time watermark,
                                        struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->watermark(output, watermark, error);
}

static enum weir_flow compute_end(void *state, struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->end(output, error);
}

const struct weir_operator_type exec_compute = {.name = "compute",
                                                .open = compute_open,
                                                .push = compute_push,
                                                .watermark = compute_watermark,
                                                .end = compute_end,
                                                .close = compute_close};
