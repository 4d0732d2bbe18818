/* A job from opening to end report; see job.h. */
#include "runtime/job.h"

#include "runtime/job_internal.h"
#include "runtime/report.h"
#include "value/isa.h"

enum {
    PROGRESS_INTERVAL_NS = 100 * 1000 * 1000,
    FLUSH_INTERVAL_NS = 50 * 1000 * 1000,
    STOP_CHECK_INTERVAL_NS = 100 * 1000 * 1000,
    SHOWN_WITHIN_NS = 200 * 1000 * 1000,   /* receivers show rows within this */
    PENDING_INTERVAL_NS = 10 * 1000 * 1000 /* deadlines and repetitions of lookups are looked at */
};

static int64_t job_now_ns(const struct weir_job *job)
{
    return (int64_t)job->env.sys->monotonic_ns(job->env.sys);
}

/* ---- opening ---- */

static enum weir_status open_sinks(struct weir_job *job, struct weir_error *error)
{
    uint32_t selects_count = 0;
    job->sinks = WEIR_ARENA_ARRAY(&job->arena, struct weir_sink_driver, job->plan->sinks_count + 1);
    if (!job->sinks)
        return weir_budget_error(&job->budget, error);
    for (uint32_t i = 0; i < job->plan->sinks_count; i++) {
        const struct weir_plan_node *node = job->plan->sinks[i];
        uint32_t select = node->of.sink.table ? 0 : selects_count++;
        job->sinks_count = i + 1;
        WEIR_TRY(weir_sink_driver_open(&job->sinks[i], node, select, &job->env, error));
        job->pipeline.stages[node->id].sink = &job->sinks[i].output;
    }
    return WEIR_OK;
}

static enum weir_status open_sources(struct weir_job *job, struct weir_error *error)
{
    job->sources =
        WEIR_ARENA_ARRAY(&job->arena, struct weir_source_driver, job->plan->nodes_count + 1);
    if (!job->sources)
        return weir_budget_error(&job->budget, error);
    uint32_t splits_count = 0;
    for (uint32_t i = 0; i < job->plan->nodes_count; i++) {
        const struct weir_plan_node *node = job->plan->nodes[i];
        if (!weir_pipeline_reads(node))
            continue;
        struct weir_source_driver *source = &job->sources[job->sources_count++];
        enum weir_status status =
            weir_source_driver_open(source, node, job->plan, &job->env, &job->stats,
                                    &job->pipeline.stages[i].output, error);
        if (status == WEIR_E_MEMORY_LIMIT)
            weir_error_frame(error, "%s", job->pipeline.stages[i].name);
        WEIR_TRY(status);
        source->number = job->sources_count - 1;
        splits_count += source->splits_count;
    }
    for (uint32_t i = 0; i < job->sources_count; i++)
        job->sources[i].is_alone = splits_count <= 1;
    job->has_timers = weir_pipeline_has_timers(&job->pipeline);
    return WEIR_OK;
}

static bool should_stop(const struct weir_job *job)
{
    return job->env.should_stop && job->env.should_stop(job->env.context);
}

static bool is_interrupted(void *context)
{
    const struct weir_job *job = context;
    return job->env.bounded_query && should_stop(job);
}

static enum weir_flow tick(void *context, struct weir_error *error);

static enum weir_status job_open(struct weir_job *job, struct weir_error *error)
{
    WEIR_TRY(weir_waker_create(&job->waker, error));
    job->connector_env = (struct weir_connector_env){.sys = job->env.sys,
                                                     .budget = &job->budget,
                                                     .embedder = job->env.embedder,
                                                     .wake = weir_waker_wake,
                                                     .wake_context = job->waker};
    struct weir_operator_env env = {
        .session = job->env.session,
        .budget = &job->budget,
        .batch_rows = (uint32_t)job->plan->settings.batch_rows,
        .hash_seed = job->env.hash_seed,
        .hash_collide = job->env.hash_collide,
        .null_on_error = job->plan->settings.null_on_error,
        .nulled_count = &job->stats.nulled_count,
        .unmatched_count = &job->stats.unmatched_changes,
        .ttl_us = job->env.bounded_query ? -1 : job->plan->settings.updating_ttl_us,
        .expired_count = &job->stats.expired_rows,
        .unanswered_count = &job->stats.unanswered_keys,
        .connector_env = &job->connector_env,
        .isa = (int)weir_isa_detect((enum weir_isa)job->env.isa_limit),
        .bounded_query = job->env.bounded_query,
        .interrupted = is_interrupted,
        .interrupted_context = job};
    WEIR_TRY(weir_pipeline_open(&job->pipeline, job->plan, &env, error));
    WEIR_TRY(open_sources(job, error)); /* before sinks: a missing input leaves no empty output */
    WEIR_TRY(open_sinks(job, error));
    job->pipeline.tick = tick;
    job->pipeline.tick_context = job;
    weir_preview_init(&job->preview, job->plan, &job->pipeline, &job->env);
    return WEIR_OK;
}

enum weir_status weir_job_create(const struct weir_plan *plan, const struct weir_job_env *env,
                                 struct weir_job **out, struct weir_error *error)
{
    struct weir_job *job = weir_calloc(1, sizeof *job);
    *out = NULL;
    if (!job)
        return weir_error_set_out_of_memory(error);
    job->plan = plan;
    job->env = *env;
    int64_t limit = plan->settings.memory_limit;
    uint64_t machine = env->sys->memory_limit_bytes(env->sys);
    weir_budget_init(&job->budget, "job", limit > 0 ? (uint64_t)limit : machine / 4 * 3,
                     env->budget);
    job->env.budget = &job->budget;
    weir_arena_init(&job->arena, &job->budget, 4096);
    job->stats.watermark = WEIR_EVENT_TIME_MIN;
    job->started_ns = job_now_ns(job);
    job->env.session->now = env->sys->wall_clock(env->sys);
    enum weir_status status = job_open(job, error);
    if (status != WEIR_OK) {
        weir_job_destroy(job);
        return status;
    }
    *out = job;
    return WEIR_OK;
}

/* ---- running ---- */

/* The source and split to read next: the lowest watermark over all inputs of the job. */
static struct weir_source_driver *choose(struct weir_job *job, int64_t now_ns, uint32_t *split,
                                         int64_t *wakeup_ns)
{
    struct weir_source_driver *best = NULL;
    for (uint32_t i = 0; i < job->sources_count; i++) {
        struct weir_source_driver *source = &job->sources[i];
        if (source->ended)
            continue;
        uint32_t index = weir_source_driver_ready(source, now_ns, wakeup_ns);
        if (index == UINT32_MAX)
            continue;
        if (!best || weir_event_time_before(source->states[index].watermark,
                                            best->states[*split].watermark)) {
            best = source;
            *split = index;
        }
    }
    return best;
}

static bool all_ended(const struct weir_job *job)
{
    for (uint32_t i = 0; i < job->sources_count; i++)
        if (!job->sources[i].ended)
            return false;
    return true;
}

static enum weir_status flush_sinks(struct weir_job *job, struct weir_error *error)
{
    for (uint32_t i = 0; i < job->sinks_count; i++)
        WEIR_TRY(weir_sink_driver_flush(&job->sinks[i], error));
    return WEIR_OK;
}

static enum weir_status end_sources(struct weir_job *job, bool only_finished,
                                    struct weir_error *error)
{
    for (uint32_t i = 0; i < job->sources_count; i++) {
        struct weir_source_driver *source = &job->sources[i];
        if (only_finished && source->splits_ended < source->splits_count)
            continue;
        if (weir_source_driver_end(source, error) == WEIR_FLOW_FAILED)
            return error ? error->code : WEIR_E_INTERNAL;
    }
    return WEIR_OK;
}

/* Processing time, which does not go back when the machine's clock is set. */
static void set_clock(struct weir_job *job)
{
    struct weir_processing_time now = job->env.sys->wall_clock(job->env.sys);
    if (now.us > job->env.session->now.us)
        job->env.session->now = now;
}

/* What happens between steps: progress, flushes, timers, redrawing. */
static enum weir_status between_steps(struct weir_job *job, int64_t now_ns,
                                      struct weir_error *error)
{
    const struct weir_result_receiver *receiver = job->env.receiver;
    if (!job->env.bounded_query) /* whose now() is its start */
        set_clock(job);
    if (receiver && receiver->step)
        WEIR_TRY(receiver->step(receiver->context, error));
    if (weir_pipeline_poll(&job->pipeline, now_ns, error) == WEIR_FLOW_FAILED ||
        weir_pipeline_timer(&job->pipeline, job->env.session->now, error) == WEIR_FLOW_FAILED)
        return error ? error->code : WEIR_E_INTERNAL;
    if (now_ns - job->last_flush_ns >= FLUSH_INTERVAL_NS) {
        job->last_flush_ns = now_ns;
        WEIR_TRY(flush_sinks(job, error));
    }
    bool shown = weir_preview_show(&job->preview, now_ns - job->started_ns);
    if (job->env.progress && (shown || now_ns - job->last_progress_ns >= PROGRESS_INTERVAL_NS)) {
        struct weir_job_stats stats;
        job->last_progress_ns = now_ns;
        weir_job_stats(job, &stats);
        job->env.progress(job->env.context, &stats);
    }
    return WEIR_OK;
}

static enum weir_flow tick(void *context, struct weir_error *error)
{
    struct weir_job *job = context;
    if (between_steps(job, job_now_ns(job), error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    return should_stop(job) ? WEIR_FLOW_DONE : WEIR_FLOW_OK;
}

static enum weir_status wait_for_input(struct weir_job *job, int64_t now_ns, int64_t wakeup_ns,
                                       struct weir_error *error)
{
    WEIR_TRY(flush_sinks(job, error));
    job->last_flush_ns = now_ns;
    int64_t longest = now_ns + STOP_CHECK_INTERVAL_NS;
    int64_t until = wakeup_ns < longest ? wakeup_ns : longest;
    if (weir_pipeline_pending(&job->pipeline) != WEIR_PENDING_NONE) {
        int64_t soon = now_ns + PENDING_INTERVAL_NS;
        until = until < soon ? until : soon;
        if (until > now_ns)
            weir_waker_wait(job->waker, (uint64_t)(until - now_ns));
        return WEIR_OK;
    }
    if (until > now_ns)
        (void)job->env.sys->sleep_ns(job->env.sys, (uint64_t)(until - now_ns));
    return WEIR_OK;
}

/* True when no sink wants more rows, so that reading on would be in vain. */
static enum weir_status run_step(struct weir_job *job, bool *idle, struct weir_error *error)
{
    uint32_t split = 0;
    int64_t now_ns = job_now_ns(job), wakeup_ns = INT64_MAX;
    enum weir_pending pending = weir_pipeline_pending(&job->pipeline);
    struct weir_source_driver *source =
        pending == WEIR_PENDING_FULL ? NULL : choose(job, now_ns, &split, &wakeup_ns);
    *idle = !source;
    if (!source) {
        WEIR_TRY(end_sources(job, true, error));
        if (all_ended(job))
            return WEIR_OK;
        WEIR_TRY(wait_for_input(job, now_ns, wakeup_ns, error));
    } else {
        uint64_t rows_before = job->stats.rows_in;
        /* A pipe that is silent must not hold back other inputs, what the clock brings about,
         * answers, nor results that are not shown yet. */
        source->no_wait = !source->is_alone || job->has_timers || pending != WEIR_PENDING_NONE ||
                          now_ns - job->last_rows_ns < SHOWN_WITHIN_NS;
        enum weir_flow flow = weir_source_driver_step(source, split, now_ns, error);
        if (job->stats.rows_in != rows_before)
            job->last_rows_ns = now_ns;
        if (flow == WEIR_FLOW_FAILED)
            return error && error->code ? error->code : WEIR_E_INTERNAL;
        if (flow == WEIR_FLOW_DONE && weir_source_driver_end(source, error) == WEIR_FLOW_FAILED)
            return error && error->code ? error->code : WEIR_E_INTERNAL;
    }
    return between_steps(job, now_ns, error);
}

/* All inputs have ended: what lookups owe still comes. */
static enum weir_status wait_for_pending(struct weir_job *job, struct weir_error *error)
{
    while (weir_pipeline_pending(&job->pipeline) != WEIR_PENDING_NONE) {
        int64_t now_ns = job_now_ns(job);
        WEIR_TRY(wait_for_input(job, now_ns, INT64_MAX, error));
        WEIR_TRY(between_steps(job, job_now_ns(job), error));
        if (is_interrupted(job))
            return weir_error_set(error, WEIR_E_INTERRUPTED, "interrupted");
    }
    return WEIR_OK;
}

static enum weir_status run_to_end(struct weir_job *job, struct weir_error *error)
{
    bool idle = false;
    /* A first look at the clock, for those that are given deadlines. */
    if (weir_pipeline_poll(&job->pipeline, job_now_ns(job), error) == WEIR_FLOW_FAILED ||
        weir_pipeline_start(&job->pipeline, error) == WEIR_FLOW_FAILED)
        return error && error->code ? error->code : WEIR_E_INTERNAL;
    while (!all_ended(job)) {
        WEIR_TRY(run_step(job, &idle, error));
        if (should_stop(job))
            break;
    }
    if (is_interrupted(job))
        return weir_error_set(error, WEIR_E_INTERRUPTED, "interrupted");
    WEIR_TRY(end_sources(job, false, error));
    return wait_for_pending(job, error);
}

static enum weir_status finish_sinks(struct weir_job *job, bool success, struct weir_error *error)
{
    enum weir_status first = WEIR_OK;
    for (uint32_t i = 0; i < job->sinks_count; i++) {
        enum weir_status status =
            weir_sink_driver_finish(&job->sinks[i], success, first == WEIR_OK ? error : NULL);
        first = first == WEIR_OK ? status : first;
    }
    return first;
}

/* Whoever came last to a full budget is named; where that is no operator, the one that keeps most.
 */
static void name_the_greatest(const struct weir_job *job, struct weir_error *error)
{
    const struct weir_stage *greatest = NULL;
    for (uint32_t i = 0; i < job->pipeline.stages_count; i++) {
        const struct weir_stage *stage = &job->pipeline.stages[i];
        if (!greatest || stage->budget.used_bytes > greatest->budget.used_bytes)
            greatest = stage;
    }
    if (error->code == WEIR_E_MEMORY_LIMIT && error->frames_count == 0 && greatest)
        weir_error_frame(error, "%s keeps %llu bytes", greatest->name,
                         (unsigned long long)greatest->budget.used_bytes);
}

enum weir_status weir_job_run(struct weir_job *job, struct weir_error *error)
{
    struct weir_error local;
    if (!error)
        error = &local;
    weir_error_clear(error);
    enum weir_status status = run_to_end(job, error);
    name_the_greatest(job, error);
    enum weir_status finish =
        finish_sinks(job, status == WEIR_OK, status == WEIR_OK ? error : NULL);
    return status != WEIR_OK ? status : finish;
}

static uint64_t bytes_left(const struct weir_source_driver *source)
{
    uint64_t left = 0;
    for (uint32_t i = 0; source->type->lag && i < source->splits_count; i++) {
        uint64_t lag = source->type->lag(source->source, i);
        if (lag != UINT64_MAX && source->splits[i].size_hint)
            left += lag;
    }
    return left;
}

void weir_job_stats(const struct weir_job *job, struct weir_job_stats *stats)
{
    *stats = job->stats;
    for (uint32_t i = 0; i < job->sources_count; i++)
        stats->bytes_left_hint += bytes_left(&job->sources[i]);
    for (uint32_t i = 0; i < job->sinks_count; i++)
        stats->rows_out += job->sinks[i].rows_count;
    weir_pipeline_late(&job->pipeline, &stats->late_rows, &stats->late_delay_us);
    stats->state_rows = weir_pipeline_state_rows(&job->pipeline);
    stats->state_bytes = job->budget.used_bytes;
    stats->elapsed_ns = job_now_ns(job) - job->started_ns;
    weir_job_report_holder(job, stats);
}

void weir_job_stats_add(struct weir_job_stats *stats, const struct weir_job_stats *earlier)
{
    stats->rows_in += earlier->rows_in;
    stats->rows_out += earlier->rows_out;
    stats->bytes_in += earlier->bytes_in;
    stats->bad_records += earlier->bad_records;
    stats->late_rows += earlier->late_rows;
    stats->unmatched_changes += earlier->unmatched_changes;
    stats->expired_rows += earlier->expired_rows;
    if (earlier->late_delay_us > stats->late_delay_us)
        stats->late_delay_us = earlier->late_delay_us;
    stats->future_rows += earlier->future_rows;
    stats->nulled_count += earlier->nulled_count;
    stats->unanswered_keys += earlier->unanswered_keys;
    stats->fast_records += earlier->fast_records;
    stats->strict_records += earlier->strict_records;
    stats->elapsed_ns += earlier->elapsed_ns;
}

void weir_job_destroy(struct weir_job *job)
{
    if (!job)
        return;
    for (uint32_t i = 0; i < job->sources_count; i++)
        weir_source_driver_close(&job->sources[i]);
    weir_pipeline_close(&job->pipeline);
    for (uint32_t i = 0; i < job->sinks_count; i++)
        weir_sink_driver_close(&job->sinks[i]);
    weir_arena_deinit(&job->arena);
    weir_waker_destroy(job->waker);
    weir_free(job);
}
