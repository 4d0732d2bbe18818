/* Declarations of every kernel, bind and close function that functions.def names, made from it.
 * A file that defines kernels includes this header; nothing is declared by hand. */
#ifndef WEIR_KERNEL_FUNCTIONS_H
#define WEIR_KERNEL_FUNCTIONS_H

#include "kernel/aggregate.h"

typedef void weir_kernel_function(struct weir_kernel_call *call);
typedef enum weir_status weir_bind_function(struct weir_function_bind *bind,
                                            struct weir_error *error);
typedef void weir_close_function(void *scratch);

/* An entry without bind says NULL there; while declarations are made that is a name like others. */
#pragma push_macro("NULL")
#undef NULL
#define NULL weir_bind_none
#define WEIR_FUNCTION(name, signature, kernel, bind, flags, category, summary, example, result) \
    weir_kernel_function kernel;                                                                \
    weir_bind_function bind;
#define WEIR_FUNCTION_SCRATCH(name, signature, kernel, bind, close, flags, category, summary, \
                              example, result)                                                \
    weir_kernel_function kernel;                                                              \
    weir_bind_function bind;                                                                  \
    weir_close_function close;
#include "kernel/functions.def"
#undef WEIR_FUNCTION
#define WEIR_AGGREGATE(name, signature, ops, bind, flags, category, summary, example, result) \
    extern const struct weir_aggregate_ops ops;                                               \
    weir_bind_function bind;
#include "kernel/aggregate/aggregates.def"
#undef WEIR_AGGREGATE
#pragma pop_macro("NULL")

/* Whether DECIMAL * DECIMAL gives the same for BIGINTs as for what they are when cast from `from`
 * to `to`: times a factor (CONSTANT) so small that nothing can overflow. */
bool weir_multiply_takes_whole(const struct weir_type *from, const struct weir_type *to,
                               const struct weir_column *factor);

#endif
