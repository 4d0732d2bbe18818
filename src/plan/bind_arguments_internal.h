/* Arguments of calls, by place and by name. Private to plan/. */
#ifndef WEIR_PLAN_BIND_ARGUMENTS_INTERNAL_H
#define WEIR_PLAN_BIND_ARGUMENTS_INTERNAL_H

#include "plan/binder_internal.h"

/* The arguments of a call, put in order when they are given by name (entry: of a user function).
 * Goes on after errors; NULL when one failed. */
const struct weir_expr **plan_bind_arguments(struct plan_binder *b, struct plan_context *context,
                                             const struct weir_sql_call *call,
                                             const struct plan_entry *entry, uint32_t *count);

#endif
