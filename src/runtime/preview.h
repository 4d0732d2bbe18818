/* Looking at a result before it is complete: while a query still reads, what its first operator
 * that keeps rows (an aggregation, a sort) has so far is run through copies of the operators behind
 * it.
 *
 *     SCAN ─▶ … ─▶ AGGREGATE ─▶ COMPUTE ─▶ SORT ─▶ SINK
 *                       │ what it has so far
 *                       └─────▶ COMPUTE' ─▶ SORT' ─▶ the receiver's preview
 *
 * The query itself notices nothing: a preview that fails (its part of memory, an expression over
 * sums that are not complete) ends previews, not the job. Previews take at most a fiftieth of the
 * time that has passed, which the number of rows kept and the time of the one before foretell. */
#ifndef WEIR_RUNTIME_PREVIEW_H
#define WEIR_RUNTIME_PREVIEW_H

#include "runtime/pipeline.h"

enum { WEIR_PREVIEW_OPERATORS_MAX = 8 };

struct weir_preview_link {
    struct weir_output output; /* first: pushes into the operator, or to the receiver */
    struct weir_preview *preview;
    const struct weir_operator_type *type; /* NULL: the receiver */
    struct weir_operator_env env;
    void *state;
    bool done;
};

struct weir_preview {
    const struct weir_sys *sys;
    const struct weir_result_receiver *receiver;                    /* NULL: no previews */
    struct weir_stage *origin;                                      /* whose rows are looked at */
    const struct weir_plan_node *nodes[WEIR_PREVIEW_OPERATORS_MAX]; /* behind it, in order */
    struct weir_preview_link links[WEIR_PREVIEW_OPERATORS_MAX + 1];
    uint32_t count;
    uint64_t ignored; /* what the copies count */
    int64_t last_ns, last_cost_ns, spent_ns;
};

/* Finds out whether the plan has previews and the receiver wants them. */
void weir_preview_init(struct weir_preview *preview, const struct weir_plan *plan,
                       struct weir_pipeline *pipeline, const struct weir_job_env *env);
/* Shows one when it is time; elapsed_ns is since the job's start. True when it did. */
bool weir_preview_show(struct weir_preview *preview, int64_t elapsed_ns);

#endif
