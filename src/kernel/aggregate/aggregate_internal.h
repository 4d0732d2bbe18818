/* What the aggregate functions share: row loops, failing, values kept in states.
 *
 * A row loop walks the rows of a call whose arguments are not null and hands each to a step, an
 * inlined function, as (state, lane, index of the value, weight):
 *
 *     states  [s7] [s2] [s7] …        step(call, s7 + offset, lane 0, index 0, weight 1)
 *     lanes     0    1    2           step(call, s2 + offset, lane 1, index 1, weight 1)
 *
 * It is compiled into three loops: FLAT without nulls, FLAT with nulls, everything else (selection,
 * weights, CONSTANT, DICTIONARY, one group). Aggregates that are asked for often reduce one group
 * in loops of their own before they come here.
 *
 * A value of any type is kept in a state as bytes (struct weir_kept): up to 16 of them in place,
 * more in the call's heap. The encoding is private to a process:
 *
 *     fixed width      the lane                       7 (INTEGER)     07 00 00 00
 *     text and kin     the bytes, alone; inside a     'ab'            61 62
 *                      nested value after a 32-bit size
 *     list, map        32-bit count, elements         {7, NULL}       02 00 00 00  01 07 00 00 00
 * 00 struct           the fields                     (7, NULL)       01 07 00 00 00  00 where an
 * element or field is a byte (0 null, 1 not) and the value.
 *
 * Invariants: (1) all-zero bytes are a state that has seen nothing; (2) only kept and grown bytes
 * are memory that a state owns, and drop gives them back; (3) a step that fails leaves the state
 * as it was, or poisoned so that the result is NULL.
 * Tested in tests/unit/kernel/test_aggregate*.c. Private to kernel/aggregate/. */
#ifndef WEIR_KERNEL_AGGREGATE_INTERNAL_H
#define WEIR_KERNEL_AGGREGATE_INTERNAL_H

#include "base/checked.h"
#include "kernel/kernel_internal.h"

/* --- states and rows ------------------------------------------------------------------------- */

/* Makes `name`, the state_size of a state of fixed type. */
#define AGGREGATE_SIZE(name, state_type)                        \
    static uint32_t name(const struct weir_function_bind *bind) \
    {                                                           \
        (void)bind;                                             \
        return (uint32_t)((sizeof(state_type) + 7) / 8 * 8);    \
    }

/* The state of row i. */
WEIR_INLINE uint8_t *aggregate_state(const struct weir_aggregate_call *call, uint32_t i)
{
    return (call->states ? call->states[i] : call->state) + call->state_offset;
}
WEIR_INLINE uint32_t aggregate_lane(const struct weir_aggregate_call *call, uint32_t i)
{
    return call->selection ? call->selection[i] : i;
}
WEIR_INLINE int64_t aggregate_weight(const struct weir_aggregate_call *call, uint32_t lane)
{
    return call->weights ? call->weights[lane] : 1;
}
/* Where the bytes of a fixed-width lane of argument k are. */
#define AGGREGATE_VALUE(call, k, type, index) (((const type *)(call)->args[k].values)[index])

typedef void (*aggregate_step)(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                               uint32_t index, int64_t weight);

/* Steps through the rows whose argument 0 is not null. */
WEIR_INLINE void aggregate_rows(struct weir_aggregate_call *call, aggregate_step step)
{
    const struct weir_column *column = &call->args[0];
    const uint32_t count = call->rows_count;
    const uint16_t *selection = call->selection;
    uint8_t *const *states = call->states;
    const size_t offset = call->state_offset;
    if (states && column->encoding == WEIR_FLAT && !call->weights &&
        column->type->kind != WEIR_TYPE_NULL) {
        const uint64_t *validity = column->validity;
        if (!validity && !selection) {
            for (uint32_t i = 0; i < count; i++)
                step(call, states[i] + offset, i, i, 1);
        } else if (!validity) {
            for (uint32_t i = 0; i < count; i++)
                step(call, states[i] + offset, selection[i], selection[i], 1);
        } else {
            for (uint32_t i = 0; i < count; i++) {
                uint32_t lane = selection ? selection[i] : i;
                if (weir_bit_get(validity, lane))
                    step(call, states[i] + offset, lane, lane, 1);
            }
        }
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t lane = aggregate_lane(call, i);
        if (!weir_column_is_null(column, lane))
            step(call, aggregate_state(call, i), lane, weir_column_index(column, lane),
                 aggregate_weight(call, lane));
    }
}

/* Steps through the rows where none of the first args_count arguments is null; index is argument
 * 0's. */
WEIR_INLINE void aggregate_rows_all(struct weir_aggregate_call *call, uint32_t args_count,
                                    aggregate_step step)
{
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = aggregate_lane(call, i);
        bool any_null = false;
        for (uint32_t k = 0; k < args_count; k++)
            any_null |= weir_column_is_null(&call->args[k], lane);
        if (!any_null)
            step(call, aggregate_state(call, i), lane, weir_column_index(&call->args[0], lane),
                 aggregate_weight(call, lane));
    }
}

/* One group, all lanes in order, each once: the loops that reduce arrays apply. */
WEIR_INLINE bool aggregate_is_array(const struct weir_aggregate_call *call)
{
    return !call->states && !call->selection && !call->weights &&
           call->args[0].encoding == WEIR_FLAT && call->args[0].type->kind != WEIR_TYPE_NULL;
}
/* Bits set among the first count. */
uint32_t weir_aggregate_bits_count(const uint64_t *bits, uint32_t count);

/* The rows whose argument 0 is null count as nothing; the others weigh this much together. For one
 * group or a CONSTANT argument. */
int64_t weir_aggregate_weights_sum(const struct weir_aggregate_call *call);

/* --- failing --------------------------------------------------------------------------------- */

/* Row of lane fails. True when the job goes on: the caller makes the group's result NULL. */
WEIR_CHECKED bool weir_aggregate_fail(struct weir_aggregate_call *call, uint32_t lane,
                                      enum weir_status code, const char *format, ...)
    WEIR_PRINTF(4, 5);
void weir_aggregate_out_of_memory(struct weir_aggregate_call *call);
/* An update that has failed for good need not go on. */
static inline bool weir_aggregate_failed(const struct weir_aggregate_call *call)
{
    return call->errors->status != WEIR_OK;
}

/* --- results --------------------------------------------------------------------------------- */

/* States of 64-bit numbers that are each a sum: first those that may be below zero, then counts. A
 * count below zero says that there is no sum any more. Returns whether one of the former has left
 * its range; signs gathers whether one of the latter has. */
WEIR_INLINE bool aggregate_combine_state(uint8_t *into, const uint8_t *from, bool away,
                                         const uint32_t sums, const uint32_t counts, int64_t *signs)
{
    const int64_t *source = (const int64_t *)(const void *)from;
    int64_t *target = (int64_t *)(void *)into;
    bool bad = false;
    for (uint32_t w = 0; w < sums; w++)
        bad |= away ? __builtin_sub_overflow(target[w], source[w], &target[w])
                    : __builtin_add_overflow(target[w], source[w], &target[w]);
    for (uint32_t w = sums; w < sums + counts; w++) {
        uint64_t changed =
            (uint64_t)target[w] + (away ? 0 - (uint64_t)source[w] : (uint64_t)source[w]);
        target[w] = (int64_t)changed;
        *signs |= source[w] | target[w]; /* no two counts add up to more than 2^64 */
    }
    return bad;
}

WEIR_INLINE bool aggregate_combine_words(uint8_t *const *into, uint8_t *const *from, uint32_t count,
                                         size_t offset, bool away, const uint32_t sums,
                                         const uint32_t counts)
{
    bool bad = false;
    int64_t signs = 0;
    for (uint32_t i = 0; i < count; i++)
        bad |=
            aggregate_combine_state(into[i] + offset, from[i] + offset, away, sums, counts, &signs);
    return !bad && signs >= 0;
}

WEIR_INLINE bool aggregate_combine_blocks(uint8_t *into, size_t into_step, const uint8_t *from,
                                          size_t from_step, uint32_t count, bool away,
                                          const uint32_t sums, const uint32_t counts)
{
    bool bad = false;
    int64_t signs = 0;
    for (uint32_t i = 0; i < count; i++)
        bad |= aggregate_combine_state(into + i * into_step, from + i * from_step, away, sums,
                                       counts, &signs);
    return !bad && signs >= 0;
}

#define AGGREGATE_COMBINE(name, sums, counts)                                                  \
    static bool name##_rows(uint8_t *const *into, uint8_t *const *from, uint32_t count,        \
                            size_t offset, bool away)                                          \
    {                                                                                          \
        return away ? aggregate_combine_words(into, from, count, offset, true, sums, counts)   \
                    : aggregate_combine_words(into, from, count, offset, false, sums, counts); \
    }                                                                                          \
    static bool name##_block(uint8_t *into, size_t into_step, const uint8_t *from,             \
                             size_t from_step, uint32_t count, bool away)                      \
    {                                                                                          \
        const size_t size = ((sums) + (counts)) * sizeof(int64_t);                             \
        if (into_step == size && from_step == size) /* known steps make vectors */             \
            return away ? aggregate_combine_blocks(into, size, from, size, count, true, sums,  \
                                                   counts)                                     \
                        : aggregate_combine_blocks(into, size, from, size, count, false, sums, \
                                                   counts);                                    \
        return aggregate_combine_blocks(into, into_step, from, from_step, count, away, sums,   \
                                        counts);                                               \
    }                                                                                          \
    static const struct weir_aggregate_combine name = {name##_rows, name##_block};

/* Row of a group in finish. */
#define AGGREGATE_FINISH_STATE(type, states, lane, offset) \
    ((type *)(void *)((states)[lane] + (offset)))

/* Lane becomes NULL, with a zeroed value. */
void weir_aggregate_put_null(struct weir_kernel_call *out, uint32_t lane);
/* A double result into a DOUBLE or REAL lane; `inputs_finite`: an infinity is an overflow. False
 * when the caller should stop. */
WEIR_CHECKED bool weir_aggregate_put_double(struct weir_kernel_call *out, uint32_t lane,
                                            double value, bool inputs_finite);
/* Copies bytes into the arena when they do not fit a view, and stores the view. False: no memory
 * (reported). */
WEIR_CHECKED bool weir_aggregate_put_text(struct weir_kernel_call *out, uint32_t lane,
                                          struct weir_slice bytes);

/* --- values of any type, kept ---------------------------------------------------------------- */

struct weir_kept {
    union {
        uint8_t inlined[16];
        uint8_t *bytes;
    } at;
    uint32_t size;
    uint32_t capacity; /* 0: inlined */
};

static inline struct weir_slice weir_kept_slice(const struct weir_kept *kept)
{
    return weir_slice_make((const char *)(kept->capacity ? kept->at.bytes : kept->at.inlined),
                           kept->size);
}
/* Replaces the bytes; false, and kept as it was, when memory has run out or they exceed 4 GiB. */
WEIR_CHECKED bool weir_kept_set(struct weir_kept *kept, struct weir_slice bytes,
                                struct weir_aggregate_heap *heap);
/* Room for size bytes, to be written by the caller; NULL when memory has run out. The old bytes
 * are gone. */
WEIR_CHECKED uint8_t *weir_kept_reserve(struct weir_kept *kept, size_t size,
                                        struct weir_aggregate_heap *heap);
void weir_kept_drop(struct weir_kept *kept, struct weir_aggregate_heap *heap);
/* Keeps a lane that is not null. */
WEIR_CHECKED bool weir_kept_set_lane(struct weir_kept *kept, const struct weir_column *column,
                                     uint32_t lane, struct weir_aggregate_heap *heap);

/* The encoding of a lane that is not null. */
size_t weir_encoded_size(const struct weir_column *column, uint32_t lane);
uint8_t *weir_encode(const struct weir_column *column, uint32_t lane, uint8_t *out);
/* Appends the value encoded in bytes to builder. */
WEIR_CHECKED enum weir_status weir_decode(struct weir_builder *builder, struct weir_slice bytes);
/* An element: a byte (0 null, 1 not) and the value. decode takes one off the front of bytes. */
size_t weir_element_size(const struct weir_column *column, uint32_t lane);
uint8_t *weir_element_encode(const struct weir_column *column, uint32_t lane, uint8_t *out);
WEIR_CHECKED enum weir_status weir_element_decode(struct weir_builder *builder,
                                                  struct weir_slice *bytes);
/* A value that is not nested, as one lane; text borrows from bytes. */
struct weir_lane {
    _Alignas(16) uint8_t bytes[16];
};
struct weir_lane weir_decode_lane(const struct weir_type *type, struct weir_slice bytes);

/* Writes results of any type: put each lane in order, then end. */
struct weir_value_writer {
    struct weir_kernel_call *out;
    struct weir_builder builder; /* nested types */
    bool is_nested;
    bool failed;
};
void weir_value_writer_begin(struct weir_value_writer *writer, struct weir_kernel_call *out);
void weir_value_writer_put(struct weir_value_writer *writer, uint32_t lane,
                           struct weir_slice encoded);
void weir_value_writer_put_null(struct weir_value_writer *writer, uint32_t lane);
void weir_value_writer_end(struct weir_value_writer *writer);

/* --- bytes that grow ------------------------------------------------------------------------- */

struct weir_grown {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
};
/* Appends room for size bytes and returns it; NULL when memory has run out. */
WEIR_CHECKED uint8_t *weir_grown_append(struct weir_grown *grown, size_t size,
                                        struct weir_aggregate_heap *heap);
void weir_grown_drop(struct weir_grown *grown, struct weir_aggregate_heap *heap);
/* into gets the bytes of from, which is emptied. */
WEIR_CHECKED bool weir_grown_merge(struct weir_grown *into, struct weir_grown *from,
                                   struct weir_aggregate_heap *heap);

/* --- binding --------------------------------------------------------------------------------- */

/* bind: instance is the type of argument 0. */
weir_bind_function weir_bind_aggregate_type;

#endif
