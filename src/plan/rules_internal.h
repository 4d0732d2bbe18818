/* The rules: rewriting relations without changing what they give. Relations are changed in place;
 * a rule never touches what a second consumer sees, but for taking away columns that nobody uses.
 */
#ifndef WEIR_PLAN_RULES_INTERNAL_H
#define WEIR_PLAN_RULES_INTERNAL_H

#include "plan/binder_internal.h"

/* All relations under the sinks, inputs before consumers; counts consumers. */
bool plan_rules_collect(struct plan_binder *b, struct plan_rel *const *sinks, uint32_t count,
                        struct plan_list *out);
const struct weir_expr *plan_rules_and(struct plan_binder *b, const struct weir_expr *first,
                                       const struct weir_expr *second);
bool plan_rules_factor(struct plan_binder *b, struct plan_rel **sinks, uint32_t count);
bool plan_rules_unshare(struct plan_binder *b, struct plan_rel **sinks, uint32_t count);
/* rules_outer.c: outer joins whose rows without a match nobody sees become inner ones. */
bool plan_rules_outer(struct plan_binder *b, struct plan_rel **sinks, uint32_t count);
/* Whether a condition is never true where count columns from first on are null. */
bool plan_rules_rejects_nulls(const struct weir_expr *condition, uint32_t first, uint32_t count);
bool plan_rules_push(struct plan_binder *b, struct plan_rel **sinks, uint32_t count);
bool plan_rules_fuse(struct plan_binder *b, struct plan_rel **sinks, uint32_t count);
/* Which input of a join an expression over its pairs is about: 0, 1, or -1 for both or none. */
int plan_rules_side(const struct plan_rel *join, const struct weir_expr *expr);
/* The expression over that input. */
const struct weir_expr *plan_rules_of_side(struct plan_binder *b, const struct plan_rel *join,
                                           const struct weir_expr *expr, uint32_t side);
/* The last moment of the window that an input's column is or bounds; NULL: it is none. */
const struct weir_expr *plan_rules_last_moment(struct plan_binder *b, const struct plan_rel *input,
                                               uint32_t column);
/* A JOIN with the greatest of its own rows in each window becomes a COMPUTE over *made, an OVER
 * that ranks them; *made is NULL when it is some other join. */
bool plan_rules_argmax(struct plan_binder *b, struct plan_rel *rel, struct plan_rel **made);
/* asof.c: rel, whose keys are found, gets the times of its sides; condition: what is left. */
bool plan_asof_times(struct plan_binder *b, struct plan_rel *rel,
                     const struct weir_expr *condition);
/* lookup.c: a conjunct of rel's condition as a key: an expression over the left input, and a column
 * of the right one; both NULL when it is none. says_all: nothing of it is left to check. */
bool plan_lookup_key(struct plan_binder *b, const struct plan_rel *rel,
                     const struct weir_expr *conjunct, const struct weir_expr **left,
                     const struct weir_expr **right, bool *says_all);
bool plan_lookup_without_key(struct plan_binder *b, const struct plan_rel *rel);
bool plan_rules_join(struct plan_binder *b, struct plan_rel **sinks, uint32_t count);
/* What a relation's rows are thought to be (rules_size.c). */
struct plan_size {
    double rows;
    double base; /* before filters: so many values a column may have */
    bool is_key; /* a column of it that is joined by is thought to repeat no value */
};
#define PLAN_ROWS_UNKNOWN 1e9
struct plan_size plan_rel_size(struct plan_binder *b, struct plan_rel *rel);
/* rules_order.c: no product of inputs that an equality connects, one way or another; few rows
 * before many. */
bool plan_rules_order(struct plan_binder *b, struct plan_rel **sinks, uint32_t count);
bool plan_rules_prune(struct plan_binder *b, struct plan_rel **sinks, uint32_t count);
bool plan_rules_narrow(struct plan_binder *b, struct plan_rel **sinks, uint32_t count);
/* The expression over columns that were narrowed. */
const struct weir_expr *plan_narrow_expr(struct plan_binder *b, const struct weir_expr *expr,
                                         const struct plan_narrowed *columns, uint32_t count);
/* Whether rel, lowered for streaming, takes rows back; after plan_rules_join (physical.c). */
bool plan_streams_changes(struct plan_rel *rel);
/* Whether its rows then come with event times that the watermark is true for. */
bool plan_carries_time(struct plan_rel *rel);
/* An expression over a table's columns, generated ones replaced by what makes them (physical.c). */
const struct weir_expr *plan_inline_generated(struct plan_binder *b, const struct weir_table *table,
                                              const struct weir_expr *expr);

#endif
