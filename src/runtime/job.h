/* A job: a plan that runs. Opens sources and sinks, builds pipelines of operators, drives them.
 *
 *     while (sources are left)
 *         pick the split with the lowest watermark ─▶ poll ─▶ decode ─▶ cut ─▶ push ─▶ watermark
 *
 * One step is one source batch drained through the whole plan before the next is polled. */
#ifndef WEIR_RUNTIME_JOB_H
#define WEIR_RUNTIME_JOB_H

#include "plan/physical.h"
#include "sys/sys.h"

/* Receives the rows of bare SELECTs. select: which one, from 0 in program order. */
struct weir_result_receiver {
    enum weir_flow (*begin)(void *context, uint32_t select, const struct weir_plan_node *node,
                            struct weir_error *error);
    enum weir_flow (*batch)(void *context, uint32_t select, struct weir_batch *batch,
                            struct weir_error *error);
    enum weir_flow (*end)(void *context, uint32_t select, struct weir_error *error);
    /* After each step: may redraw. NULL: not wanted. */
    enum weir_status (*step)(void *context, struct weir_error *error);
    /* What the one SELECT's result would be by now, as often as that costs next to nothing: begin,
     * batches (DONE: enough), end. A preview that fails has no end. preview_begin NULL or false:
     * none are wanted. */
    bool (*preview_begin)(void *context);
    enum weir_flow (*preview_batch)(void *context, struct weir_batch *batch);
    void (*preview_end)(void *context);
    void *context;
};

struct weir_job_stats;
struct weir_job_env {
    const struct weir_sys *sys;
    struct weir_session *session; /* the job sets session->now */
    struct weir_budget *budget;
    const struct weir_result_receiver *receiver; /* NULL: the plan has no bare SELECT */
    void *embedder;                              /* handed to connectors */
    bool bounded_query;                          /* weir sql over bounded input */
    uint64_t hash_seed;
    bool hash_collide; /* test mode */
    int isa_limit;
    /* Asked between steps; true ends the job as end of input would (SIGINT, .stop); a bounded query
     * fails with INTERRUPTED, for its answer would be wrong. NULL: never. */
    bool (*should_stop)(void *context);
    /* Told between steps, at most every 100 ms; NULL: not wanted. */
    void (*progress)(void *context, const struct weir_job_stats *stats);
    void *context;
};

struct weir_job_stats {
    uint64_t rows_in, rows_out;
    uint64_t bytes_in;
    uint64_t bad_records;
    uint64_t late_rows;
    uint64_t unmatched_changes;            /* updates and deletes of rows that are not there */
    uint64_t expired_rows;                 /* of state, forgotten by updating_ttl */
    int64_t late_delay_us;                 /* the delay that would have kept all late rows */
    uint64_t future_rows;                  /* beyond max_future: they move no watermark */
    uint64_t unanswered_keys;              /* looked up in vain: no answer counted as no rows */
    uint64_t nulled_count;                 /* expression failures turned to NULL */
    uint64_t fast_records, strict_records; /* of the JSON decoder */
    uint64_t state_rows;
    uint64_t state_bytes;
    uint64_t bytes_total_hint; /* size of all inputs as they lie there, compressed; 0: unknown */
    uint64_t bytes_left_hint;  /* of them, not read yet */
    struct weir_event_time watermark;
    const char *held_by; /* the split that keeps the watermark where it is; NULL: none. Lives as
                            long as the job */
    struct weir_event_time held_event_time; /* of its last row */
    uint64_t held_bytes_left;               /* of it; UINT64_MAX: unknown */
    int64_t elapsed_ns;
};

struct weir_job;
/* Opens everything; nothing has been read from sources but what opening needs. */
WEIR_CHECKED enum weir_status weir_job_create(const struct weir_plan *plan,
                                              const struct weir_job_env *env, struct weir_job **out,
                                              struct weir_error *error);
/* Runs to the end of all sources, to a stop, or to a failure. */
WEIR_CHECKED enum weir_status weir_job_run(struct weir_job *job, struct weir_error *error);
void weir_job_stats(const struct weir_job *job, struct weir_job_stats *stats);
/* Adds what an earlier job counted. */
void weir_job_stats_add(struct weir_job_stats *stats, const struct weir_job_stats *earlier);
void weir_job_destroy(struct weir_job *job);

#endif
