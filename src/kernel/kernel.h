/* Functions over columns: what a kernel is, how it is called, how it fails.
 *
 * A kernel computes one function for the selected lanes of its arguments:
 *
 *     args[0] ──┐                        out->values   written by the kernel
 *     args[1] ──┼─▶ kernel(call) ─▶ out
 *     …       ──┘                        validity      prepared by the caller
 *
 * - Arguments are FLAT or CONSTANT, never DICTIONARY, with the types the function resolved to.
 *   Read lane i with WEIR_ARG: a CONSTANT has step 0.
 * - out is FLAT with call->rows_count lanes; values are allocated by the caller for every kind of
 *   fixed width (view kinds: 16 bytes a lane) and for BOOLEAN; list kinds build children in
 *   call->arena and set out->children. call->out_values and call->validity are the writable sides.
 * - A strict function (WEIR_FUNCTION_STRICT) is given validity = AND of its arguments' and need not
 *   look at nulls: fixed-width kernels compute every lane, text and costly kernels skip lanes that
 *   are not selected or null. A kernel may clear validity bits (result NULL); it must leave such a
 *   lane's view zeroed. Non-strict functions get all-ones validity and read nulls themselves.
 * - Only lanes in the selection may raise an error: weir_kernel_fail. With on_error = 'null' (or
 *   under TRY) the lane becomes NULL and the kernel goes on; otherwise the first failure is kept
 *   and the kernel may return at once.
 * - Kernels take memory only from call->arena (batch lifetime); when it is exhausted they call
 *   weir_kernel_out_of_memory and return. */
#ifndef WEIR_KERNEL_KERNEL_H
#define WEIR_KERNEL_KERNEL_H

#include "base/time.h"
#include "column/batch.h"

struct weir_timezone;
struct weir_loops;

/* What functions may know of the world; one per job, read-only while a batch runs. */
struct weir_session {
    struct weir_processing_time now;      /* now(): of the batch, or of the query's start */
    const struct weir_timezone *timezone; /* the job's zone; NULL: UTC */
    /* Loads a zone by name; NULL and BAD_TIME_ZONE when there is none. The zone is owned by the
     * session. */
    const struct weir_timezone *(*timezone_find)(const struct weir_session *session,
                                                 struct weir_slice name, struct weir_error *error);
    void (*random_fill)(const struct weir_session *session, void *bytes, size_t size);
    const struct weir_loops *loops; /* kernel/loops.h; NULL: the best this processor has */
    void *context;                  /* of the callbacks */
};

/* The error lane of one evaluation. */
struct weir_kernel_errors {
    bool null_on_error;       /* failures become NULL */
    uint64_t nulled_count;    /* how many did */
    enum weir_status status;  /* first failure that ends the job, WEIR_OK if none */
    uint32_t lane;            /* its lane (the lowest seen) */
    struct weir_error *error; /* where its record is written; may be NULL */
};

struct weir_kernel_call {
    uint32_t rows_count;       /* lanes */
    const uint16_t *selection; /* NULL: all lanes */
    uint32_t selected_count;   /* entries in selection, or rows_count */
    const struct weir_column *args;
    uint32_t args_count;
    struct weir_column *out; /* type, encoding, rows_count set; see above */
    void *out_values;        /* = out->values, writable; NULL for nested results */
    uint64_t *validity;      /* = out->validity, writable, never NULL */
    struct weir_arena *arena;
    const void *instance; /* what the function's bind made; NULL without */
    void **scratch;       /* per program slot, NULL at first; freed by function->close */
    const struct weir_session *session;
    struct weir_kernel_errors *errors;
};
typedef void (*weir_kernel)(struct weir_kernel_call *call);

/* Runs the body for each selected lane: WEIR_FOR_LANES(call, lane) { … } */
#define WEIR_FOR_LANES(call, lane)                                                \
    for (uint32_t weir_k = 0, lane;                                               \
         weir_k < (call)->selected_count &&                                       \
         ((lane = (call)->selection ? (call)->selection[weir_k] : weir_k), true); \
         weir_k++)
/* The same, skipping lanes whose result is already null. */
#define WEIR_FOR_VALID_LANES(call, lane) \
    WEIR_FOR_LANES(call, lane)           \
    if (weir_bit_get((call)->validity, lane))

/* Pointer to the lane's value of argument k as `const type *`. */
#define WEIR_ARG(call, k, type, lane)       \
    ((const type *)(call)->args[k].values + \
     ((call)->args[k].encoding == WEIR_CONSTANT ? 0 : (lane)))
static inline struct weir_slice weir_arg_text(const struct weir_kernel_call *call, uint32_t k,
                                              uint32_t lane)
{
    return weir_view_slice(WEIR_ARG(call, k, struct weir_view, lane));
}
static inline bool weir_arg_is_null(const struct weir_kernel_call *call, uint32_t k, uint32_t lane)
{
    return weir_column_is_null(&call->args[k], lane);
}

static inline void weir_kernel_set_null(struct weir_kernel_call *call, uint32_t lane)
{
    weir_bit_clear(call->validity, lane);
}
/* Stores bytes (borrowed: arena, constant or argument memory) as the lane's view. */
static inline void weir_kernel_set_text(struct weir_kernel_call *call, uint32_t lane,
                                        const char *bytes, size_t size)
{
    ((struct weir_view *)call->out_values)[lane] = weir_view_make(bytes, size);
}
/* The lane fails. Returns true when the kernel should go on (the lane is NULL now), false when it
 * should return. message is printf-style. */
WEIR_CHECKED bool weir_kernel_fail(struct weir_kernel_call *call, uint32_t lane,
                                   enum weir_status code, const char *format, ...)
    WEIR_PRINTF(4, 5);
void weir_kernel_out_of_memory(struct weir_kernel_call *call);

#endif
