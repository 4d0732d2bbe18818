/* Opens and connects operators; see pipeline.h for the rules P1-P3. */
#include "runtime/pipeline.h"

#include "exec/exec.h"

#include <stdio.h>

static enum weir_flow stage_push(struct weir_edge *edge, struct weir_batch *batch,
                                 struct weir_error *error)
{
    struct weir_stage *stage = edge->target;
    enum weir_flow flow;
    if (stage->sink)
        return stage->sink->push(stage->sink, batch, error);
    do {
        flow = stage->type->push(stage->state, edge->port, batch, &stage->output, error);
    } while (flow == WEIR_FLOW_YIELD);
    if (flow == WEIR_FLOW_DONE)
        stage->done = true; /* P3 */
    return flow;
}

/* A bounded query that is stopped fails wherever it emits; operators without input let the job do
 * what it does between steps. */
static enum weir_flow listen(struct weir_stage *stage, struct weir_error *error)
{
    const struct weir_operator_env *env = &stage->env;
    if (env->interrupted && env->interrupted(env->interrupted_context)) {
        (void)weir_error_set(error, WEIR_E_INTERRUPTED, "interrupted");
        return WEIR_FLOW_FAILED;
    }
    if (stage->type && stage->ports_count == 0 && stage->pipeline->tick)
        return stage->pipeline->tick(stage->pipeline->tick_context, error);
    return WEIR_FLOW_OK;
}

/* To every consumer that still wants it; DONE when none does. */
static enum weir_flow output_push(struct weir_output *output, struct weir_batch *batch,
                                  struct weir_error *error)
{
    struct weir_stage *stage = (struct weir_stage *)output;
    bool wanted = false;
    enum weir_flow heard = listen(stage, error);
    if (heard != WEIR_FLOW_OK)
        return heard;
    for (uint32_t i = 0; i < stage->edges_count; i++) {
        struct weir_edge *edge = &stage->edges[i];
        if (edge->done || edge->target->done)
            continue;
        enum weir_flow flow = stage_push(edge, batch, error);
        if (flow == WEIR_FLOW_FAILED)
            return flow;
        edge->done = flow == WEIR_FLOW_DONE;
        wanted |= !edge->done;
    }
    return wanted ? WEIR_FLOW_OK : WEIR_FLOW_DONE;
}

/* Whether an operator goes by the watermark of a port: an ASOF join whose left rows come at any
 * time goes by that of the right ones alone. */
static bool is_heeded(const struct weir_plan_node *node, uint32_t port)
{
    return node->kind != WEIR_PLAN_JOIN || !node->of.join.asof_by_right || port == 1;
}

static enum weir_flow stage_watermark(struct weir_stage *stage, uint32_t port,
                                      struct weir_event_time watermark, struct weir_error *error)
{
    enum weir_flow flow;
    if (watermark.us <= stage->port_watermarks[port].us)
        return WEIR_FLOW_OK;
    stage->port_watermarks[port] = watermark;
    watermark = WEIR_EVENT_TIME_MAX;
    for (uint32_t i = 0; i < stage->ports_count; i++)
        if (is_heeded(stage->node, i))
            watermark = weir_event_time_min(watermark, stage->port_watermarks[i]);
    if (watermark.us <= stage->watermark.us || stage->done)
        return WEIR_FLOW_OK; /* P2 */
    stage->watermark = watermark;
    if (stage->sink)
        return stage->sink->watermark(stage->sink, watermark, error);
    do {
        flow = stage->type->watermark(stage->state, watermark, &stage->output, error);
    } while (flow == WEIR_FLOW_YIELD);
    if (flow == WEIR_FLOW_DONE)
        stage->done = true;
    return flow;
}

static enum weir_flow output_watermark(struct weir_output *output, struct weir_event_time watermark,
                                       struct weir_error *error)
{
    struct weir_stage *stage = (struct weir_stage *)output;
    for (uint32_t i = 0; i < stage->edges_count; i++) {
        struct weir_edge *edge = &stage->edges[i];
        if (stage_watermark(edge->target, edge->port, watermark, error) == WEIR_FLOW_FAILED)
            return WEIR_FLOW_FAILED;
    }
    return WEIR_FLOW_OK;
}

static enum weir_flow stage_end(struct weir_stage *stage, uint32_t port, struct weir_error *error)
{
    enum weir_flow flow;
    stage->ports_ended++;
    if (stage->ports_ended < stage->ports_count)
        return stage_watermark(stage, port, WEIR_EVENT_TIME_MAX, error);
    if (stage->ended)
        return WEIR_FLOW_OK; /* P1 */
    stage->ended = true;
    if (stage->sink)
        return stage->sink->end(stage->sink, error);
    do {
        flow = stage->type->end(stage->state, &stage->output, error);
    } while (flow == WEIR_FLOW_YIELD);
    return flow;
}

static enum weir_flow output_end(struct weir_output *output, struct weir_error *error)
{
    struct weir_stage *stage = (struct weir_stage *)output;
    for (uint32_t i = 0; i < stage->edges_count; i++)
        if (stage_end(stage->edges[i].target, stage->edges[i].port, error) == WEIR_FLOW_FAILED)
            return WEIR_FLOW_FAILED;
    return WEIR_FLOW_OK;
}

static void name_stage(struct weir_stage *stage, const struct weir_plan_node *node)
{
    (void)snprintf(stage->name, sizeof stage->name, "%s #%u", weir_plan_kind_name(node->kind),
                   node->id);
    stage->env.operator_name = stage->name;
}

bool weir_pipeline_reads(const struct weir_plan_node *node)
{
    return node->kind == WEIR_PLAN_SCAN && !node->of.scan.table->is_lookup;
}

/* Rows come as their sources gave them, and watermarks with them. */
static bool is_near_sources(const struct weir_plan_node *node)
{
    for (uint32_t i = 0; i < node->inputs_count; i++) {
        const struct weir_plan_node *input = node->inputs[i];
        bool passes = input->kind == WEIR_PLAN_COMPUTE || input->kind == WEIR_PLAN_UNION ||
                      input->kind == WEIR_PLAN_UNNEST;
        if (input->kind != WEIR_PLAN_SCAN && !(passes && is_near_sources(input)))
            return false;
    }
    return node->inputs_count > 0;
}

static enum weir_status count_late_rows(struct weir_pipeline *pipeline, struct weir_stage *stage,
                                        struct weir_error *error)
{
    stage->env.late = &stage->late;
    stage->late.is_near = is_near_sources(stage->node);
    stage->late.is_spread = stage->node->kind == WEIR_PLAN_AGGREGATE &&
                            stage->node->of.aggregate.window.kind == WEIR_WINDOW_COLUMNS;
    if (!stage->late.is_near || pipeline->sources_count == 0)
        return WEIR_OK;
    stage->late.of_sources =
        WEIR_ARENA_ARRAY(&pipeline->arena, struct weir_late_rows, pipeline->sources_count);
    if (!stage->late.of_sources)
        return weir_error_set_out_of_memory(error);
    memset(stage->late.of_sources, 0, pipeline->sources_count * sizeof *stage->late.of_sources);
    stage->late.sources_count = pipeline->sources_count;
    return WEIR_OK;
}

static enum weir_status stage_init(struct weir_pipeline *pipeline, struct weir_stage *stage,
                                   const struct weir_plan_node *node,
                                   const struct weir_operator_env *env, struct weir_error *error)
{
    stage->node = node;
    stage->pipeline = pipeline;
    stage->output = (struct weir_output){output_push, output_watermark, output_end};
    stage->env = *env;
    name_stage(stage, node);
    weir_budget_init(&stage->budget, stage->name, UINT64_MAX, env->budget);
    stage->env.budget = &stage->budget;
    WEIR_TRY(count_late_rows(pipeline, stage, error));
    stage->watermark = WEIR_EVENT_TIME_MIN;
    stage->ports_count = node->inputs_count;
    stage->port_watermarks =
        WEIR_ARENA_ARRAY(&pipeline->arena, struct weir_event_time, node->inputs_count + 1);
    stage->edges = WEIR_ARENA_ARRAY(&pipeline->arena, struct weir_edge, node->consumers_count + 1);
    if (!stage->port_watermarks || !stage->edges)
        return weir_error_set_out_of_memory(error);
    for (uint32_t port = 0; port < node->inputs_count; port++)
        stage->port_watermarks[port] = WEIR_EVENT_TIME_MIN;
    if (node->kind == WEIR_PLAN_SCAN || node->kind == WEIR_PLAN_SINK)
        return WEIR_OK;
    stage->type = weir_exec_operator(node);
    return stage->type->open(node, &stage->env, &stage->state, error);
}

/* Inputs come before their consumers, so every edge's source is there already. */
static void stage_connect(struct weir_pipeline *pipeline, struct weir_stage *stage)
{
    for (uint32_t port = 0; port < stage->node->inputs_count; port++) {
        struct weir_stage *source = &pipeline->stages[stage->node->inputs[port]->id];
        source->edges[source->edges_count++] = (struct weir_edge){.target = stage, .port = port};
    }
}

enum weir_status weir_pipeline_open(struct weir_pipeline *pipeline, const struct weir_plan *plan,
                                    const struct weir_operator_env *env, struct weir_error *error)
{
    weir_arena_init(&pipeline->arena, env->budget, 0);
    pipeline->sources_count = 0;
    for (uint32_t i = 0; i < plan->nodes_count; i++)
        pipeline->sources_count += weir_pipeline_reads(plan->nodes[i]);
    pipeline->stages_count = 0;
    pipeline->tick = NULL;
    pipeline->stages = WEIR_ARENA_ARRAY(&pipeline->arena, struct weir_stage, plan->nodes_count);
    if (!pipeline->stages)
        return weir_budget_error(env->budget, error);
    for (uint32_t i = 0; i < plan->nodes_count; i++) {
        WEIR_TRY(stage_init(pipeline, &pipeline->stages[i], plan->nodes[i], env, error));
        pipeline->stages_count = i + 1;
        stage_connect(pipeline, &pipeline->stages[i]);
    }
    return WEIR_OK;
}

/* A lookup table gives its join nothing by itself. */
static bool is_lookup(const struct weir_stage *stage)
{
    return stage->node->kind == WEIR_PLAN_SCAN && stage->node->of.scan.table->is_lookup;
}

enum weir_flow weir_pipeline_start(struct weir_pipeline *pipeline, struct weir_error *error)
{
    for (uint32_t i = 0; i < pipeline->stages_count; i++) {
        struct weir_stage *stage = &pipeline->stages[i];
        if (is_lookup(stage) && stage->output.end(&stage->output, error) == WEIR_FLOW_FAILED)
            return WEIR_FLOW_FAILED;
        if (!stage->type || stage->ports_count)
            continue;
        enum weir_flow flow;
        stage->ended = true;
        do {
            flow = stage->type->end(stage->state, &stage->output, error);
        } while (flow == WEIR_FLOW_YIELD);
        if (flow == WEIR_FLOW_FAILED)
            return flow;
    }
    return WEIR_FLOW_OK;
}

bool weir_pipeline_has_timers(const struct weir_pipeline *pipeline)
{
    for (uint32_t i = 0; i < pipeline->stages_count; i++) {
        const struct weir_plan_node *node = pipeline->stages[i].node;
        if (node->kind == WEIR_PLAN_PROCTIME ||
            (node->kind == WEIR_PLAN_AGGREGATE && node->of.aggregate.emit == WEIR_EMIT_EVERY))
            return true;
    }
    return false;
}

enum weir_flow weir_pipeline_timer(struct weir_pipeline *pipeline, struct weir_processing_time now,
                                   struct weir_error *error)
{
    for (uint32_t i = 0; i < pipeline->stages_count; i++) {
        struct weir_stage *stage = &pipeline->stages[i];
        if (!stage->type || !stage->type->timer || stage->ended)
            continue;
        enum weir_flow flow;
        do {
            flow = stage->type->timer(stage->state, now, &stage->output, error);
        } while (flow == WEIR_FLOW_YIELD);
        if (flow == WEIR_FLOW_FAILED)
            return flow;
    }
    return WEIR_FLOW_OK;
}

void weir_pipeline_late(const struct weir_pipeline *pipeline, uint64_t *rows, int64_t *delay_us)
{
    *rows = 0;
    *delay_us = 0;
    for (uint32_t i = 0; i < pipeline->stages_count; i++) {
        const struct weir_late_rows *late = &pipeline->stages[i].late.all;
        *rows += late->count;
        if (late->delay_us > *delay_us)
            *delay_us = late->delay_us;
    }
}

enum weir_pending weir_pipeline_pending(const struct weir_pipeline *pipeline)
{
    enum weir_pending most = WEIR_PENDING_NONE;
    for (uint32_t i = 0; i < pipeline->stages_count; i++) {
        const struct weir_stage *stage = &pipeline->stages[i];
        if (!stage->type || !stage->type->pending)
            continue;
        enum weir_pending pending = stage->type->pending(stage->state);
        most = pending > most ? pending : most;
    }
    return most;
}

enum weir_flow weir_pipeline_poll(struct weir_pipeline *pipeline, int64_t now_ns,
                                  struct weir_error *error)
{
    for (uint32_t i = 0; i < pipeline->stages_count; i++) {
        struct weir_stage *stage = &pipeline->stages[i];
        if (!stage->type || !stage->type->poll)
            continue;
        enum weir_flow flow;
        do {
            flow = stage->type->poll(stage->state, now_ns, &stage->output, error);
        } while (flow == WEIR_FLOW_YIELD);
        if (flow == WEIR_FLOW_FAILED)
            return flow;
    }
    return WEIR_FLOW_OK;
}

uint64_t weir_pipeline_state_rows(const struct weir_pipeline *pipeline)
{
    uint64_t rows = 0;
    for (uint32_t i = 0; i < pipeline->stages_count; i++) {
        const struct weir_stage *stage = &pipeline->stages[i];
        if (stage->type && stage->type->state_rows)
            rows += stage->type->state_rows(stage->state);
    }
    return rows;
}

void weir_pipeline_close(struct weir_pipeline *pipeline)
{
    for (uint32_t i = 0; i < pipeline->stages_count; i++) {
        struct weir_stage *stage = &pipeline->stages[i];
        if (stage->type && stage->state)
            stage->type->close(stage->state);
    }
    weir_arena_deinit(&pipeline->arena);
    pipeline->stages_count = 0;
}
