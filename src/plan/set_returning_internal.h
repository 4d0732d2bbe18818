/* Functions that make rows: unnest(list), and those that are registered as functions whose result
 * is a list of what they return one by one (json_array_elements, regexp_split_to_table, …). */
#ifndef WEIR_PLAN_SET_RETURNING_INTERNAL_H
#define WEIR_PLAN_SET_RETURNING_INTERNAL_H

#include "plan/binder_internal.h"

bool plan_is_set_returning(struct weir_slice name);
/* The list (or map) whose elements are the rows; NULL after an error. */
const struct weir_expr *plan_set_returning_list(struct plan_binder *b, struct weir_slice name,
                                                const struct weir_expr *const *args, uint32_t count,
                                                struct weir_position position);
/* Of a LIST its elements', of a MAP STRUCT<key, value>. */
const struct weir_type *plan_element_type(struct plan_binder *b, const struct weir_type *list);

#endif
