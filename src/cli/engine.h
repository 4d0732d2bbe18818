/* What every command that plans or runs SQL needs: session, catalog, connectors, and the way from a
 * text to a finished job. */
#ifndef WEIR_CLI_ENGINE_H
#define WEIR_CLI_ENGINE_H

#include "cli/cli.h"
#include "plan/plan.h"
#include "runtime/job.h"
#include "runtime/tables.h"

struct weir_engine {
    struct weir_cli *cli;
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
    bool json_errors;          /* --format json of check */
    bool interrupted_is_error; /* the shell: Ctrl-C ends the query */
    const struct weir_result_receiver *receiver;
    void (*progress)(void *context, const struct weir_job_stats *stats);
    void *progress_context;
    struct weir_job_stats last_stats; /* of the last job that ran */
    bool has_run;
};

WEIR_CHECKED enum weir_status weir_engine_open(struct weir_engine *engine, struct weir_cli *cli,
                                               const struct weir_cli_options *options,
                                               enum weir_plan_mode mode,
                                               struct weir_error *error);
void weir_engine_close(struct weir_engine *engine);

enum weir_engine_action { WEIR_ENGINE_RUN, WEIR_ENGINE_CHECK, WEIR_ENGINE_EXPLAIN,
                          WEIR_ENGINE_EXPLAIN_JSON };

/* Parses, plans and runs (or only checks, or explains) the statements of text. Reports all errors
 * itself; returns the exit code. In SQL mode statements run one after the other, each SELECT with
 * what was declared before it; in RUN mode the text is one program. */
int weir_engine_execute(struct weir_engine *engine, struct weir_slice text, const char *file_name,
                        enum weir_engine_action action);

#endif
