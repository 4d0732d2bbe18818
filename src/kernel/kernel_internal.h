/* What kernels share: results taken from an argument, constant arguments, failures.
 * For files of kernel/ and its groups. */
#ifndef WEIR_KERNEL_KERNEL_INTERNAL_H
#define WEIR_KERNEL_KERNEL_INTERNAL_H

#include "column/builder.h"
#include "kernel/cast_internal.h"
#include "kernel/compare.h"
#include "kernel/functions.h"
#include "kernel/loops.h"

/* No function or aggregate makes a text larger than this, in bytes; LIMIT beyond. */
enum { WEIR_STRING_SIZE_MAX = 256 * 1024 * 1024 };

/* Takes a FLAT column of rows_count lanes (a builder's) as the result: children are borrowed,
 * list entries copied, its nulls added to the call's. */
void weir_kernel_set_nested(struct weir_kernel_call *call, const struct weir_column *built);

/* The form for two arguments; both constant counts as VECTORS (of one lane). */
static inline enum weir_loop_form weir_kernel_form(const struct weir_column *args)
{
    bool a = args[0].encoding == WEIR_CONSTANT, b = args[1].encoding == WEIR_CONSTANT;
    return a == b ? WEIR_LOOP_VECTORS : b ? WEIR_LOOP_RIGHT_CONSTANT : WEIR_LOOP_LEFT_CONSTANT;
}
/* Both arguments constant: only lane 0 is computed, this copies it to the others. */
void weir_kernel_repeat_lane(struct weir_kernel_call *call);
static inline bool weir_kernel_is_constant(const struct weir_kernel_call *call)
{
    for (uint32_t i = 0; i < call->args_count; i++)
        if (call->args[i].encoding != WEIR_CONSTANT)
            return false;
    return true;
}

/* The lane fails as OVERFLOW of the result's type. */
bool weir_kernel_fail_range(struct weir_kernel_call *call, uint32_t lane);
/* The same for what value/ computes: overflow, division by zero, or domain (`domain` says it). */
bool weir_kernel_fail_arith(struct weir_kernel_call *call, uint32_t lane, enum weir_arith result,
                            const char *domain);

#endif
