/* The cast kernels and what they share. Private to kernel/. */
#ifndef WEIR_KERNEL_CAST_INTERNAL_H
#define WEIR_KERNEL_CAST_INTERNAL_H

#include "kernel/functions.h"

/* What a cast kernel finds in call->instance. */
struct weir_cast {
    const struct weir_type *from;
    const struct weir_type *to;
    bool is_explicit; /* VARCHAR(n): cut what is longer, instead of failing */
    const struct weir_function_match *children; /* nested: per child; function NULL: as it is */
};

weir_kernel_function weir_cast_integer_narrow, weir_cast_number, weir_cast_decimal,
    weir_cast_boolean_number, weir_cast_to_text, weir_cast_text_length, weir_cast_from_text,
    weir_cast_json, weir_cast_from_json, weir_cast_to_json, weir_cast_time, weir_cast_list,
    weir_cast_struct, weir_cast_map, weir_cast_null, weir_cast_same;

/* The constant as one lane of type to (itself when it is of that type); NULL when it is NULL or
 * cannot be cast. */
const struct weir_column *weir_cast_constant(const struct weir_column *constant,
                                             const struct weir_type *to,
                                             const struct weir_session *session,
                                             struct weir_arena *arena);

/* Prepares a call of a kernel on its own (one match, given arguments): out and validity come from
 * call->arena. */
struct weir_kernel_setup {
    const struct weir_function_match *match;
    const struct weir_column *args;
    uint32_t args_count;
    uint32_t rows_count;
    const uint16_t *selection;
    uint32_t selected_count;
};
WEIR_CHECKED bool weir_kernel_call_prepare(struct weir_kernel_call *call, struct weir_column *out,
                                           const struct weir_kernel_setup *setup);

#endif
