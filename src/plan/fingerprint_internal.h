/* The canonical text of a node, and its hash: what makes two sub-plans the same. */
#ifndef WEIR_PLAN_FINGERPRINT_INTERNAL_H
#define WEIR_PLAN_FINGERPRINT_INTERNAL_H

#include "plan/physical.h"

/* Everything the node does, its inputs by their fingerprints; positions left out. */
void plan_canonical_node(const struct weir_plan_node *node, struct weir_buffer *out);
/* Stable over processes and versions of the same text. */
uint64_t plan_canonical_hash(struct weir_slice text);
/* The node, or an expression in it, is volatile: it is the same as no other. */
bool plan_node_is_volatile(const struct weir_plan_node *node);

#endif
