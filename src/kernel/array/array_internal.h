/* What the array kernels share: elements of arguments, results made of picked or new elements,
 * sets of elements, limits. Private to kernel/array and kernel/nested.
 *
 * Most results hold elements that an argument already has, so kernels only note their lanes:
 *
 *     array_reverse    child  a b | c d e     entries (0,2) (2,3)
 *                      picks  b a   e d c     entries (0,2) (2,3)     one gather at the end
 *
 * Results with elements from several arguments are appended to a builder (weir_array_build). */
#ifndef WEIR_KERNEL_ARRAY_ARRAY_INTERNAL_H
#define WEIR_KERNEL_ARRAY_ARRAY_INTERNAL_H

#include "kernel/kernel_internal.h"

/* No function makes an array with more elements (as many as the largest record can hold), nor a
 * batch of arrays with more; LIMIT beyond. */
enum { WEIR_ARRAY_ELEMENTS_MAX = 1 << 23, WEIR_ARRAY_BATCH_ELEMENTS_MAX = 1 << 25 };

/* --- arguments ------------------------------------------------------------------------------- */

/* The lane's list; the lane must be valid. */
static inline struct weir_list_entry weir_arg_list(const struct weir_kernel_call *call, uint32_t k,
                                                   uint32_t lane)
{
    return *WEIR_ARG(call, k, struct weir_list_entry, lane);
}
/* The elements of argument k's lists. Look at them only for a valid lane: a constant NULL has none.
 */
static inline const struct weir_column *weir_arg_elements(const struct weir_kernel_call *call,
                                                          uint32_t k)
{
    return call->args[k].children;
}
/* The lane of args[k] itself that holds its value for lane. */
static inline uint32_t weir_arg_lane(const struct weir_kernel_call *call, uint32_t k, uint32_t lane)
{
    return call->args[k].encoding == WEIR_CONSTANT ? 0 : lane;
}
static inline void weir_array_set_boolean(struct weir_kernel_call *call, uint32_t lane, bool value)
{
    ((uint8_t *)call->out_values)[lane] = value;
}
static inline void weir_array_set_int32(struct weir_kernel_call *call, uint32_t lane, int64_t value)
{
    ((int32_t *)call->out_values)[lane] = (int32_t)value;
}

/* --- results of picked elements -------------------------------------------------------------- */

struct weir_picks {
    struct weir_kernel_call *call;
    uint32_t *lanes; /* of the elements, list after list */
    uint32_t count, capacity;
    uint32_t first; /* of the list being picked */
};

/* Empties every list of the result. False: memory has run out, which is recorded. */
WEIR_CHECKED bool weir_picks_begin(struct weir_picks *picks, struct weir_kernel_call *call);
/* Room for count more picks. False: the kernel returns (memory, or a limit that is recorded). */
WEIR_CHECKED bool weir_picks_reserve(struct weir_picks *picks, uint32_t lane, uint64_t count);
/* After weir_picks_reserve. */
static inline void weir_picks_add(struct weir_picks *picks, uint32_t element)
{
    picks->lanes[picks->count++] = element;
}
/* What was picked since the last end is the lane's list. */
void weir_picks_end(struct weir_picks *picks, uint32_t lane);
/* Takes the picked elements of child (NULL when no lane was valid) as the result's. */
void weir_picks_finish(struct weir_picks *picks, const struct weir_column *child);

/* Lane i of the result is lane elements[i] of child, NULL for WEIR_ARRAY_NONE. elements has
 * rows_count entries and is changed. child may be NULL when all are NONE. */
#define WEIR_ARRAY_NONE UINT32_MAX
void weir_array_take(struct weir_kernel_call *call, const struct weir_column *child,
                     uint32_t *elements);
/* rows_count entries of WEIR_ARRAY_NONE; NULL: memory has run out, which is recorded. */
WEIR_CHECKED uint32_t *weir_array_elements(struct weir_kernel_call *call);
/* The result is this column of rows_count lanes, FLAT or CONSTANT. */
void weir_array_set_column(struct weir_kernel_call *call, const struct weir_column *column);

/* --- results of new elements ----------------------------------------------------------------- */

enum weir_array_result {
    WEIR_ARRAY_OK,
    WEIR_ARRAY_NULL, /* the lane is NULL, or failed and is NULL now */
    WEIR_ARRAY_STOP  /* the kernel returns: a failure or the end of memory is recorded */
};
/* Appends the lane's elements to child. */
typedef enum weir_array_result (*weir_array_fill)(struct weir_kernel_call *call, uint32_t lane,
                                                  struct weir_builder *child);
/* Runs fill for each valid lane and takes what it built as the call's lists. */
void weir_array_build(struct weir_kernel_call *call, weir_array_fill fill);
/* STOP with the memory error when status is not OK. */
enum weir_array_result weir_array_status(struct weir_kernel_call *call, enum weir_status status);
/* The lane fails for a reason; NULL or STOP. */
enum weir_array_result weir_array_fail(struct weir_kernel_call *call, uint32_t lane,
                                       enum weir_status code, const char *reason);
/* OK when a list of count elements may be made; else the lane fails with LIMIT. */
enum weir_array_result weir_array_check_count(struct weir_kernel_call *call, uint32_t lane,
                                              uint64_t count);

/* --- sets of elements ------------------------------------------------------------------------ */

/* A hash set over the elements of up to two columns of one type, by IS NOT DISTINCT FROM. */
struct weir_element_set {
    const struct weir_column *columns[2];
    const uint64_t *hashes[2];
    uint64_t *slots; /* element * 2 + column + 1; 0: free */
    uint32_t mask, capacity;
    struct weir_kernel_call *call;
};

/* Hashes the elements of arguments a and b (b may be the same as a). */
WEIR_CHECKED bool weir_element_set_begin(struct weir_element_set *set,
                                         struct weir_kernel_call *call, uint32_t a, uint32_t b);
/* Empties it and makes room for count elements. */
WEIR_CHECKED bool weir_element_set_clear(struct weir_element_set *set, uint32_t count);
/* True when the element of columns[column] was not in it before. */
bool weir_element_set_add(struct weir_element_set *set, uint32_t column, uint32_t element);
bool weir_element_set_contains(const struct weir_element_set *set, uint32_t column,
                               uint32_t element);

/* --- more dimensions ------------------------------------------------------------------------- */

/* Lists of lists: the type at the bottom, and how many lists are above it. */
const struct weir_type *weir_array_leaf(const struct weir_type *type, uint32_t *depth);

#endif
