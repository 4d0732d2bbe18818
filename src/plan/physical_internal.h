/* Shared by the files that make the physical plan. Private to src/plan. */
#ifndef WEIR_PLAN_PHYSICAL_INTERNAL_H
#define WEIR_PLAN_PHYSICAL_INTERNAL_H

#include "plan/binder_internal.h"

struct lowering {
    struct plan_binder *b;
    struct plan_list nodes;    /* struct weir_plan_node * */
    struct plan_list texts;    /* struct weir_slice *, canonical, per node */
    struct plan_list restless; /* per node: NULL, or itself (plan_is_restless) */
};

/* Numbers the node and fingerprints it; gives an equal one that was made before instead. NULL: out
 * of memory. */
const struct weir_plan_node *plan_finish_node(struct lowering *l, struct weir_plan_node *node);

/* ---- physical_changes.c ---- */

/* What stands for the scan of a table of changes, given the scan as it would be of plain rows; map:
 * table column to decoded column. final: only the rows that are left at the end count. */
const struct weir_plan_node *plan_lower_changes(struct lowering *l, struct weir_plan_node *scan,
                                                const uint32_t *map, bool final);
/* Whether the node's rows may come and go many times within a step. */
bool plan_is_restless(const struct lowering *l, const struct weir_plan_node *node);
/* Puts a NET before those inputs of rel, lowered, whose rows come and go within a step, where each
 * of these changes would make many. False: out of memory. */
bool plan_lower_settled(struct lowering *l, const struct plan_rel *rel,
                        const struct weir_plan_node **inputs);
/* Finds the key of a sink of changes and puts a NET before it, where it is needed. False: out of
 * memory. */
bool plan_lower_net(struct lowering *l, struct weir_plan_node *sink);

/* ---- extremes.c ---- */

/* rel, a join, or one that gives the same, whose right side is one row per key; NULL: an error was
 * reported. */
struct plan_rel *plan_join_extremes(struct plan_binder *b, struct plan_rel *rel);

/* ---- unique_key.c ---- */

/* Columns of the node's output no two rows of which agree in (NULLs are equal), at any time between
 * steps; *keys in the binder's arena. False: none are known. */
bool plan_unique_key(struct plan_binder *b, const struct weir_plan_node *node,
                     const uint32_t **keys, uint32_t *count);

#endif
