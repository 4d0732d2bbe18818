/* The operators of a plan, opened and connected.
 *
 * Every node gets an output that calls its consumers directly, in plan order. The pipeline does for
 * all operators what none should do for itself: it combines watermarks over input ports by minimum,
 * counts ended ports, stops pushing to an operator that is DONE, and repeats a call that YIELDs.
 *
 *     P1 an operator's `end` runs once, when every port has ended
 *     P2 a watermark reaches an operator only when the minimum over its ports advances
 *     P3 after DONE an operator sees no more batches; `end` still runs */
#ifndef WEIR_RUNTIME_PIPELINE_H
#define WEIR_RUNTIME_PIPELINE_H

#include "flow/operator.h"
#include "runtime/job.h"

struct weir_stage;

/* A port of a consumer. */
struct weir_edge {
    struct weir_stage *target;
    uint32_t port;
    bool done; /* the target wants no more batches from here */
};

/* One node of the plan at work. Sources and sinks have no operator: their driver stands in. */
struct weir_stage {
    struct weir_output output; /* first: what the operator is given as `out` */
    const struct weir_plan_node *node;
    const struct weir_operator_type *type; /* NULL: a source, or a sink */
    void *state;
    struct weir_operator_env env;
    struct weir_budget budget;
    char name[64];
    struct weir_edge *edges;
    uint32_t edges_count;
    struct weir_output *sink; /* a SINK node: the sink driver's end of the chain */
    struct weir_event_time *port_watermarks;
    uint32_t ports_count, ports_ended;
    struct weir_event_time watermark; /* last one forwarded */
    bool done, ended;
    struct weir_late_counts late;
    struct weir_pipeline *pipeline;
};

struct weir_pipeline {
    struct weir_arena arena;
    struct weir_stage *stages; /* one per plan node */
    uint32_t stages_count;
    uint32_t sources_count; /* scans that the job reads, in order of their nodes */
    /* Called before a batch of an operator without input (SERIES) goes on, so that the job is not
     * deaf while one emits: OK, DONE (no more are wanted) or FAILED. NULL: not wanted. */
    enum weir_flow (*tick)(void *context, struct weir_error *error);
    void *tick_context;
};

/* A scan that the job reads itself: lookups read theirs. */
bool weir_pipeline_reads(const struct weir_plan_node *node);
/* Opens all operators. Sinks are attached by the caller afterwards (stage->sink). */
WEIR_CHECKED enum weir_status weir_pipeline_open(struct weir_pipeline *pipeline,
                                                 const struct weir_plan *plan,
                                                 const struct weir_operator_env *env,
                                                 struct weir_error *error);
/* Runs the operators that have no input (VALUES, SERIES): they emit and end. */
enum weir_flow weir_pipeline_start(struct weir_pipeline *pipeline, struct weir_error *error);
/* Processing-time timers of all operators that have one. */
enum weir_flow weir_pipeline_timer(struct weir_pipeline *pipeline, struct weir_processing_time now,
                                   struct weir_error *error);
/* Operators that others work for: see weir_operator_type's poll. */
enum weir_flow weir_pipeline_poll(struct weir_pipeline *pipeline, int64_t now_ns,
                                  struct weir_error *error);
enum weir_pending weir_pipeline_pending(const struct weir_pipeline *pipeline);
/* Whether results come of time passing, without any row. */
bool weir_pipeline_has_timers(const struct weir_pipeline *pipeline);
/* Rows that were late for any operator, and the delay that would have kept them all. */
void weir_pipeline_late(const struct weir_pipeline *pipeline, uint64_t *rows, int64_t *delay_us);
uint64_t weir_pipeline_state_rows(const struct weir_pipeline *pipeline);
void weir_pipeline_close(struct weir_pipeline *pipeline);

#endif
