/* The engine as a whole: session, catalog, connectors, and the way from a text to a finished job.
 * The command line (cli/) and the embedding interface (include/weir/weir.h) are both made on it. */
#ifndef WEIR_EMBED_ENGINE_H
#define WEIR_EMBED_ENGINE_H

#include "plan/plan.h"
#include "runtime/job.h"
#include "runtime/tables.h"
#include "value/isa.h"

/* Where messages and texts go. */
struct weir_engine_owner {
    /* Tells of an error; program (may be empty) is the text its position is in. Returns the exit
     * code that it means. */
    int (*report)(void *context, const struct weir_error *error, struct weir_slice program);
    /* Prints a plan, a description or a list. Returns 0 or an exit code. */
    int (*print)(void *context, struct weir_slice text);
    void *context;
};

struct weir_engine {
    const struct weir_sys *sys;
    struct weir_engine_owner owner;
    struct weir_budget budget;
    struct weir_arena zones; /* time zones loaded so far; lives as long as the engine */
    struct weir_zone *zone_list;
    struct weir_session session;
    struct weir_tables tables;
    struct weir_catalog *catalog;
    enum weir_plan_mode mode;
    uint64_t hash_seed;
    int isa_limit;
    bool hash_collide;
    bool json_errors; /* --format json of check */
    bool json_rows;   /* of DESCRIBE and SHOW */
    const struct weir_result_receiver *receiver;
    void (*progress)(void *context, const struct weir_job_stats *stats);
    void *progress_context;
    struct weir_job_stats last_stats; /* of the jobs of the last execute, summed */
    const char *file_name;            /* of the program that is executed; may be NULL */
    bool has_run;
    bool wants_report; /* fills the reports of the last job (runtime/report.h) */
    struct weir_buffer report_json, report_text;
    struct weir_buffer report_late; /* of the last job whatever is wanted */
};

/* The instruction set of the kernels: the best there is, or what WEIR_CPU lowers it to. USAGE when
 * that names none. */
WEIR_CHECKED enum weir_status weir_engine_isa(const struct weir_sys *sys, enum weir_isa *out,
                                              struct weir_error *error);

/* embedder is handed to connectors (connect/memory); may be NULL. Close it also after a failure. */
WEIR_CHECKED enum weir_status weir_engine_open(struct weir_engine *engine,
                                               const struct weir_sys *sys,
                                               struct weir_engine_owner owner,
                                               enum weir_plan_mode mode, void *embedder,
                                               struct weir_error *error);
void weir_engine_close(struct weir_engine *engine);

enum weir_engine_action {
    WEIR_ENGINE_RUN,
    WEIR_ENGINE_CHECK,
    WEIR_ENGINE_EXPLAIN,
    WEIR_ENGINE_EXPLAIN_JSON
};

/* A job option, as by -D: it wins over SET in the program. */
WEIR_CHECKED enum weir_status weir_engine_set(struct weir_engine *engine, struct weir_slice name,
                                              struct weir_slice value, struct weir_error *error);

/* Parses, plans and runs (or only checks, or explains) the statements of text. Reports all errors
 * to the owner; returns the exit code. In SQL mode statements run one after the other, each SELECT
 * with what was declared before it; in RUN mode the text is one program. */
int weir_engine_execute(struct weir_engine *engine, struct weir_slice text, const char *file_name,
                        enum weir_engine_action action);

#endif
