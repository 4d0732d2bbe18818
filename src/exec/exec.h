/* Operators: the streaming SQL engine's verbs, one file each.
 *
 *   COMPUTE    op_compute.c    filter, then project; lanes are shared with the input
 *   AGGREGATE  op_aggregate.c  groups in state tables, windows as panes, changes or final results
 *              op_distinct.c   DISTINCT over append input that emits as it goes
 *   SORT       op_sort.c       ORDER BY [LIMIT], at the end of its input
 *   LIMIT      op_limit.c      DONE once satisfied
 *   UNION      op_union.c      UNION ALL
 *   UNNEST     op_unnest.c     rows per list element
 *   NORMALIZE  op_normalize.c  events of rows by key to changes
 *   NET        op_net.c        opposite changes of a step cancel
 *   VALUES     op_values.c     \ no input: everything is emitted by `end`
 *   SERIES     op_series.c     /
 *
 * What they keep to, besides flow/operator.h:
 * - `description` is the plan node; its inputs' schemas are those of the batches pushed.
 * - Batches they make have at most env->batch_rows rows (never more than WEIR_BATCH_ROWS_MAX).
 * - A push is a step: with EMIT CHANGES an AGGREGATE emits the net change of each push.
 * - When downstream answers FULL in the middle of several batches they return YIELD, and go on at
 *   the next call with the same message; without FULL they never yield.
 * - `end` always ends `out`, also after DONE; `open` cleans up after itself when it fails.
 * - Failures carry a frame with env->operator_name. */
#ifndef WEIR_EXEC_EXEC_H
#define WEIR_EXEC_EXEC_H

#include "flow/operator.h"
#include "plan/physical.h"

/* The operator of a node; NULL for SCAN and SINK, which the runtime drives. */
const struct weir_operator_type *weir_exec_operator(const struct weir_plan_node *node);

#endif
