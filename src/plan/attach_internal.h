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
