/* What a job has to tell of its run: time by split, late rows by table and window, state by
 * operator. As text, a line each; or as one JSON object.
 *
 *     t (file): event time at, watermark at - 1 second
 *       data/a.csv: 1200 rows, last event 2024-05-01 10:00:07, watermark 10:00:06, 4096 bytes left,
 * holds the watermark late: 3 rows of t missed tumble 10 seconds of event time, … AGGREGATE #2 by
 * k, tumble …: freed when …; 0 rows now, 81920 bytes at most */
#ifndef WEIR_RUNTIME_REPORT_H
#define WEIR_RUNTIME_REPORT_H

#include "plan/plan.h"
#include "runtime/job.h"

/* After the run, or during it. A failing allocation marks the buffer. */
void weir_job_report_text(const struct weir_job *job, enum weir_plan_report part,
                          struct weir_buffer *out);
/* A line for each window, or join, that rows were too late for, with `before` in front. */
void weir_job_report_late(const struct weir_job *job, const char *before, struct weir_buffer *out);
/* Sets stats->held_… */
void weir_job_report_holder(const struct weir_job *job, struct weir_job_stats *stats);
void weir_job_report_json(const struct weir_job *job, enum weir_plan_report part,
                          struct weir_buffer *out);

#endif
