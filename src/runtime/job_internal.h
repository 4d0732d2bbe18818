/* A job, for the files that are about it. */
#ifndef WEIR_RUNTIME_JOB_INTERNAL_H
#define WEIR_RUNTIME_JOB_INTERNAL_H

#include "runtime/pipeline.h"
#include "runtime/preview.h"
#include "runtime/sink.h"
#include "runtime/source.h"
#include "runtime/waker.h"

struct weir_job {
    struct weir_job_env env;
    const struct weir_plan *plan;
    struct weir_budget budget;
    struct weir_arena arena;
    struct weir_pipeline pipeline;
    struct weir_preview preview;
    struct weir_source_driver *sources;
    uint32_t sources_count;
    struct weir_sink_driver *sinks;
    uint32_t sinks_count;
    struct weir_job_stats stats;
    int64_t started_ns, last_progress_ns, last_flush_ns, last_rows_ns;
    bool has_timers; /* results may come of time passing */
    struct weir_waker *waker;
    struct weir_connector_env connector_env; /* of lookups */
};

#endif
