/* Attaching subqueries to the relation of their query, shared by its files. */
#ifndef WEIR_PLAN_ATTACH_INTERNAL_H
#define WEIR_PLAN_ATTACH_INTERNAL_H

#include "plan/binder_internal.h"

/* The relation a subquery is attached to, and what the columns of its query are there. */
struct plan_attaching {
    struct plan_binder *b;
    struct plan_rel *rel;
    const struct plan_grouping *grouping; /* NULL: columns are rel's */
};

/* Operands and columns of a subquery as pairs of one type. */
struct plan_compared {
    const struct weir_expr **left, **right;
};

/* The aggregation of a relation without keys: calls of aggregates over its columns. */
struct plan_summary {
    struct plan_calls calls;
    struct plan_call items[4];
};

/* ---- attach_subquery.c ---- */

/* argument may be NULL: the call has none. */
bool plan_summary_add(struct plan_binder *b, struct plan_summary *summary, const char *name,
                      const struct weir_expr *argument, struct weir_position position);
/* Whether there is a row: true, or NULL. Unlike a count it stays what it is as rows come. */
bool plan_summary_any(struct plan_binder *b, struct plan_summary *summary,
                      struct weir_position position);
struct plan_rel *plan_summarize(struct plan_binder *b, struct plan_summary *summary,
                                struct plan_rel *rel, struct weir_position position);
/* a->rel LEFT JOIN right, which has one row for each row of it at most. awaited: an aggregation
 * without keys has one, which over inputs that do not end may come after rows of a->rel; else they
 * have nulls until then. */
bool plan_attach_columns(struct plan_attaching *a, struct plan_subquery *subquery,
                         struct plan_rel *right, bool awaited, uint32_t *first);
const struct weir_expr *plan_attached_column(const struct plan_attaching *a, uint32_t column,
                                             struct weir_position position);
/* COALESCE(flag, false); NULL of NULL. */
const struct weir_expr *plan_is_set(struct plan_binder *b, const struct weir_expr *flag);

/* ---- quantified.c ---- */

/* The value of IN, ANY or ALL as an expression over a->rel with what it is attached to it for. */
bool plan_attach_quantified(struct plan_attaching *a, struct plan_subquery *subquery);

/* ---- attach_filter.c ---- */

/* NULL when there is nothing, too. */
const struct weir_expr *plan_and_all(struct plan_binder *b, const struct weir_expr **items,
                                     uint32_t count, struct weir_position position);
/* Makes the subquery's relation (or one made from it) independent; *same says that a row of it is
 * for a row of a->rel, its columns standing behind a->rel's; NULL: each is. */
struct plan_rel *plan_attach_independent(const struct plan_attaching *a,
                                         const struct plan_subquery *subquery, struct plan_rel *rel,
                                         const struct weir_expr **same);
/* a->rel SEMI or ANTI JOIN the subquery. */
struct plan_rel *plan_attach_filter(const struct plan_attaching *a,
                                    const struct plan_subquery *subquery, bool anti);
/* The relation without what does not matter to EXISTS and IN: order, and a limit of a row or more.
 */
struct plan_rel *plan_without_order(struct plan_rel *rel, bool exists);
bool plan_compared_make(struct plan_binder *b, const struct plan_subquery *subquery,
                        struct plan_compared *out);
bool plan_compared_add(struct plan_binder *b, const struct plan_subquery *subquery, uint32_t i,
                       const struct weir_expr *operand, const struct weir_expr *column,
                       struct plan_compared *out);
/* The function that compares, "=" and so on. */
const char *plan_subquery_sign(const struct plan_subquery *subquery);

#endif
