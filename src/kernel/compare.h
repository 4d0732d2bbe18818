/* What programs of expr/ run without a kernel's call: comparisons as loops over raw columns,
 * choices between columns, the joining of validity. */
#ifndef WEIR_KERNEL_COMPARE_H
#define WEIR_KERNEL_COMPARE_H

#include "kernel/kernel.h"
#include "kernel/loops.h"

/* validity &= the column's, for rows_count lanes. */
void weir_validity_and(uint64_t *validity, const struct weir_column *column, uint32_t rows_count);

/* Lane i of the result is lane i of args[source[i]], or NULL for WEIR_CHOOSE_NULL. Any type;
 * non-strict kernels only. source has rows_count entries; unselected ones must be in range. */
enum { WEIR_CHOOSE_NULL = 0xFF };
void weir_kernel_choose(struct weir_kernel_call *call, const uint8_t *source);

/* The loops to use. */
static inline const struct weir_loops *weir_kernel_loops(const struct weir_session *session)
{
    return session && session->loops ? session->loops : weir_loops_best();
}

/* Comparison operators. a op b is less or equal, perhaps with the sides swapped and the answer
 * inverted: a >= b is not (a < b). */
enum weir_compare_op {
    WEIR_COMPARE_EQ,
    WEIR_COMPARE_NE,
    WEIR_COMPARE_LT,
    WEIR_COMPARE_LE,
    WEIR_COMPARE_GT,
    WEIR_COMPARE_GE
};
/* The operator a kernel stands for; -1 when it is none of the six. */
int weir_compare_op_of(weir_kernel kernel);
/* The loop for `column op constant` and its invert argument; is_swapped: pass the constant first.
 */
weir_loop_compare weir_compare_loop(const struct weir_loops *loops, int loop_kind,
                                    enum weir_compare_op op, enum weir_loop_form form,
                                    bool *is_swapped, uint8_t *invert);

#endif
