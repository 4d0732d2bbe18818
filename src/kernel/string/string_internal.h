/* What the text and binary kernels share: results in the arena, lists of texts, checked sizes.
 * Private to kernel/string, kernel/hash and kernel/json. */
#ifndef WEIR_KERNEL_STRING_STRING_INTERNAL_H
#define WEIR_KERNEL_STRING_STRING_INTERNAL_H

#include "kernel/kernel_internal.h"
#include "value/utf8.h"

/* Room for a result of up to size bytes; NULL: memory has run out, which is recorded. */
WEIR_CHECKED char *weir_string_reserve(struct weir_kernel_call *call, size_t size);
/* The lane's value is the first `used` of the `reserved` bytes; the rest goes back to the arena. */
void weir_string_commit(struct weir_kernel_call *call, uint32_t lane, char *bytes, size_t reserved,
                        size_t used);
/* The lane's value is a copy of the bytes. False: memory has run out, which is recorded. */
WEIR_CHECKED bool weir_string_store(struct weir_kernel_call *call, uint32_t lane,
                                    struct weir_slice bytes);
/* The same from a buffer that may have failed. */
WEIR_CHECKED bool weir_string_store_buffer(struct weir_kernel_call *call, uint32_t lane,
                                           const struct weir_buffer *buffer);
/* False when the size is fine; else the lane fails with LIMIT, and *stop says to return. */
WEIR_CHECKED bool weir_string_is_too_large(struct weir_kernel_call *call, uint32_t lane,
                                           uint64_t size, bool *stop);

static inline int32_t weir_arg_int32(const struct weir_kernel_call *call, uint32_t k, uint32_t lane)
{
    return *WEIR_ARG(call, k, int32_t, lane);
}
static inline void weir_string_set_int32(struct weir_kernel_call *call, uint32_t lane,
                                         int32_t value)
{
    ((int32_t *)call->out_values)[lane] = value;
}
static inline void weir_string_set_boolean(struct weir_kernel_call *call, uint32_t lane, bool value)
{
    ((uint8_t *)call->out_values)[lane] = value;
}
static inline struct weir_slice weir_slice_from(struct weir_slice slice, size_t offset)
{
    return weir_slice_make(slice.data + offset, slice.size - offset);
}

/* --- results that are lists ------------------------------------------------------------------ */

enum weir_string_list_result {
    WEIR_STRING_LIST_OK,
    WEIR_STRING_LIST_NULL, /* the lane is NULL, or failed and is NULL now */
    WEIR_STRING_LIST_STOP  /* the kernel returns: a failure or the end of memory is recorded */
};
/* Appends the lane's elements to the list's child builder. */
typedef enum weir_string_list_result (*weir_string_list_fill)(struct weir_kernel_call *call,
                                                              uint32_t lane,
                                                              struct weir_builder *child,
                                                              void *context);
/* Runs fill for each valid lane and takes what it built as the call's result. */
void weir_string_build_lists(struct weir_kernel_call *call, weir_string_list_fill fill,
                             void *context);
/* STOP with the memory error when status is not OK. */
enum weir_string_list_result weir_string_list_status(struct weir_kernel_call *call,
                                                     enum weir_status status);

/* Every argument becomes TEXT: for parameters that take any type as text. */
weir_bind_function weir_bind_texts;
weir_bind_function weir_bind_outputs;
/* An argument that weir_bind_outputs left as it is. */
struct weir_slice weir_arg_output(const struct weir_kernel_call *call, uint32_t k, uint32_t lane);

#endif
