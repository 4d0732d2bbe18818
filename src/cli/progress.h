/* What a job says of itself on standard error: one line that is rewritten on a terminal, and the
 * report at its end. */
#ifndef WEIR_CLI_PROGRESS_H
#define WEIR_CLI_PROGRESS_H

#include "cli/cli.h"
#include "runtime/job.h"

struct weir_progress {
    struct weir_cli *cli;
    bool enabled;      /* the line */
    bool tells_holder; /* what holds the watermark */
    bool shown;        /* something stands on the line now */
    uint64_t last_rows;
    int64_t last_ns;
    double rows_per_second;
};

/* when: "auto" (NULL), "always", "never", "watermark". */
void weir_progress_init(struct weir_progress *progress, struct weir_cli *cli, const char *when);
/* struct weir_job_env callback; context is the progress. */
void weir_progress_show(void *context, const struct weir_job_stats *stats);
/* Takes the line away, so that something else can be printed. */
void weir_progress_clear(struct weir_progress *progress);
/* The end report: always when verbose, else only what a user must know (bad and late rows).
 * late: lines about the late rows. */
void weir_progress_report(struct weir_progress *progress, const struct weir_job_stats *stats,
                          struct weir_slice late, bool verbose);

#endif
