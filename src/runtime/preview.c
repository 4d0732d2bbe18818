/* Previews of results; see preview.h. */
#include "runtime/preview.h"

#include "exec/exec.h"

enum {
    FIRST_NS = 300 * 1000 * 1000,
    INTERVAL_NS = 200 * 1000 * 1000,
    ROW_COST_NS = 300, /* of the first preview, until its cost is known */
    SHARE = 50         /* previews take at most 1 / SHARE of the time */
};

/* ---- finding the chain ---- */

/* Keeps its rows until its input ends, and can show them. */
static bool keeps_rows(const struct weir_stage *stage, bool bounded_query)
{
    const struct weir_plan_node *node = stage->node;
    if (!stage->type || !stage->type->preview || node->changelog)
        return false;
    if (node->kind != WEIR_PLAN_AGGREGATE)
        return true;
    enum weir_emit emit = node->of.aggregate.emit;
    return emit == WEIR_EMIT_FINAL || (emit == WEIR_EMIT_ON_CLOSE && bounded_query);
}

/* The plan's bare SELECT; NULL when there is none, or several. */
static const struct weir_plan_node *only_select(const struct weir_plan *plan)
{
    const struct weir_plan_node *found = NULL;
    for (uint32_t i = 0; i < plan->sinks_count; i++) {
        if (plan->sinks[i]->of.sink.table)
            continue;
        if (found)
            return NULL;
        found = plan->sinks[i];
    }
    return found;
}

/* From the sink towards the sources: the last operator on the way that keeps rows. */
static void find_origin(struct weir_preview *preview, struct weir_pipeline *pipeline,
                        const struct weir_plan_node *sink, bool bounded_query)
{
    const struct weir_plan_node *behind[WEIR_PREVIEW_OPERATORS_MAX + 1];
    uint32_t behind_count = 0;
    for (const struct weir_plan_node *node = sink; node->inputs_count == 1;) {
        node = node->inputs[0];
        struct weir_stage *stage = &pipeline->stages[node->id];
        if (keeps_rows(stage, bounded_query)) {
            preview->origin = stage;
            preview->count = behind_count;
            for (uint32_t i = 0; i < behind_count; i++)
                preview->nodes[i] = behind[behind_count - 1 - i];
        }
        if (behind_count == WEIR_PREVIEW_OPERATORS_MAX || !stage->type)
            return;
        behind[behind_count++] = node;
    }
}

void weir_preview_init(struct weir_preview *preview, const struct weir_plan *plan,
                       struct weir_pipeline *pipeline, const struct weir_job_env *env)
{
    const struct weir_plan_node *sink = only_select(plan);
    *preview = (struct weir_preview){.sys = env->sys};
    if (!env->receiver || !env->receiver->preview_begin || !sink || sink->changelog)
        return;
    find_origin(preview, pipeline, sink, env->bounded_query);
    if (preview->origin)
        preview->receiver = env->receiver;
}

/* ---- the copies ---- */

static enum weir_flow link_push(struct weir_output *output, struct weir_batch *batch,
                                struct weir_error *error)
{
    struct weir_preview_link *link = (struct weir_preview_link *)output;
    enum weir_flow flow;
    if (link->done)
        return WEIR_FLOW_DONE;
    do {
        if (!link->type)
            flow = link->preview->receiver->preview_batch(link->preview->receiver->context, batch);
        else
            flow = link->type->push(link->state, 0, batch, &link[1].output, error);
    } while (flow == WEIR_FLOW_YIELD);
    link->done = flow == WEIR_FLOW_DONE;
    return flow;
}

static enum weir_flow link_watermark(struct weir_output *output, struct weir_event_time watermark,
                                     struct weir_error *error)
{
    (void)output, (void)watermark, (void)error;
    return WEIR_FLOW_OK;
}

static enum weir_flow link_end(struct weir_output *output, struct weir_error *error)
{
    struct weir_preview_link *link = (struct weir_preview_link *)output;
    enum weir_flow flow = WEIR_FLOW_OK;
    if (!link->type)
        return flow;
    do {
        flow = link->type->end(link->state, &link[1].output, error);
    } while (flow == WEIR_FLOW_YIELD);
    return flow;
}

static enum weir_status open_links(struct weir_preview *preview, struct weir_error *error)
{
    for (uint32_t i = 0; i <= preview->count; i++) {
        struct weir_preview_link *link = &preview->links[i];
        *link = (struct weir_preview_link){.output = {link_push, link_watermark, link_end},
                                           .preview = preview,
                                           .env = preview->origin->env};
        if (i == preview->count)
            return WEIR_OK;
        link->env.nulled_count = &preview->ignored;
        link->env.late = NULL;
        link->env.bounded_query = true;
        link->type = weir_exec_operator(preview->nodes[i]);
        WEIR_TRY(link->type->open(preview->nodes[i], &link->env, &link->state, error));
    }
    return WEIR_OK;
}

static void close_links(struct weir_preview *preview)
{
    for (uint32_t i = 0; i < preview->count; i++) {
        if (preview->links[i].state)
            preview->links[i].type->close(preview->links[i].state);
        preview->links[i].state = NULL;
        preview->links[i].type = NULL;
    }
}

static bool run(struct weir_preview *preview)
{
    struct weir_error error;
    struct weir_output *out = &preview->links[0].output;
    weir_error_clear(&error);
    enum weir_flow flow = WEIR_FLOW_FAILED;
    if (open_links(preview, &error) == WEIR_OK)
        flow = preview->origin->type->preview(preview->origin->state, out, &error);
    if (flow != WEIR_FLOW_FAILED)
        flow = out->end(out, &error);
    close_links(preview);
    return flow != WEIR_FLOW_FAILED;
}

/* ---- when ---- */

static bool is_time(const struct weir_preview *preview, int64_t elapsed_ns)
{
    if (elapsed_ns < FIRST_NS || elapsed_ns - preview->last_ns < INTERVAL_NS)
        return false;
    const struct weir_stage *origin = preview->origin;
    uint64_t rows = origin->type->state_rows ? origin->type->state_rows(origin->state) : 0;
    int64_t cost_ns = (int64_t)(rows * ROW_COST_NS);
    if (cost_ns < preview->last_cost_ns)
        cost_ns = preview->last_cost_ns;
    return preview->spent_ns + cost_ns < elapsed_ns / SHARE;
}

bool weir_preview_show(struct weir_preview *preview, int64_t elapsed_ns)
{
    if (!preview->receiver || preview->origin->ended || preview->origin->done ||
        !is_time(preview, elapsed_ns))
        return false;
    const struct weir_result_receiver *receiver = preview->receiver;
    uint64_t begin_ns = preview->sys->monotonic_ns(preview->sys);
    if (receiver->preview_begin(receiver->context) && run(preview))
        receiver->preview_end(receiver->context);
    else
        preview->receiver = NULL;
    preview->last_cost_ns = (int64_t)(preview->sys->monotonic_ns(preview->sys) - begin_ns);
    preview->spent_ns += preview->last_cost_ns;
    preview->last_ns = elapsed_ns;
    return preview->receiver != NULL;
}
