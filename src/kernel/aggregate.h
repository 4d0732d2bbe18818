/* Aggregate functions: state per group, updated a batch at a time.
 *
 * A group's state is a run of bytes inside its row of a state table, zeroed when the group is new
 * (so all-zero bytes must mean "nothing seen"). Row i of a call belongs to the state at
 * states[i] + state_offset; all aggregates of an operator share one `states` vector. When there is
 * one group, states is NULL and `state` is its only state: the loops keep it in registers.
 *
 * aggregates.def: WEIR_AGGREGATE(name, signature, ops, bind, flags, category, summary, example,
 * result) with signatures as in registry.h; the example is a whole query.
 *
 * Order-sensitive aggregates see rows in arrival order; ORDER BY inside the call, DISTINCT and
 * FILTER are done by the operator. WITHIN GROUP (ORDER BY x) passes x as the last argument. */
#ifndef WEIR_KERNEL_AGGREGATE_H
#define WEIR_KERNEL_AGGREGATE_H

#include "kernel/registry.h"

enum weir_aggregate_flag {
    WEIR_AGGREGATE_ORDER_SENSITIVE = 1, /* array_agg, string_agg, first_value … */
    WEIR_AGGREGATE_RETRACTS = 2,        /* update honours negative weights */
    WEIR_AGGREGATE_COUNTS_NULLS = 4,    /* rows whose argument is null are passed too */
    WEIR_AGGREGATE_WITHIN_GROUP = 8,
    WEIR_AGGREGATE_SKETCH = 16, /* approximate within its stated error */
    WEIR_AGGREGATE_FALLIBLE = 32,
    WEIR_AGGREGATE_ALIAS = 64,
    WEIR_AGGREGATE_WEIR = 128,           /* not in Postgres 15 */
    WEIR_AGGREGATE_DUPLICATE_FREE = 256, /* DISTINCT changes nothing (min, max, bool_and …) */
    WEIR_AGGREGATE_FIXED_IN_PLACE = 512  /* states of fixed-width arguments own no memory */
};

struct weir_aggregate_call {
    uint32_t rows_count;            /* rows to add; row i is lane selection[i] */
    const uint16_t *selection;      /* NULL: lane i */
    uint8_t *const *states;         /* per row, the group's row; NULL: one group */
    uint8_t *state;                 /* the one group's row when states is NULL */
    size_t state_offset;            /* of this aggregate in the row; 8-byte aligned (16 when
                                       state_size is a multiple of 16) */
    const struct weir_column *args; /* any encoding; FLAT or CONSTANT for FIXED kinds */
    uint32_t args_count;
    const int64_t *weights;           /* per lane; NULL: +1 */
    struct weir_aggregate_heap *heap; /* where states keep what does not fit */
    const void *instance;
    const struct weir_session *session;
    struct weir_kernel_errors *errors; /* lane numbers are lanes of args */
};

/* Size-classed free lists over an arena: growable arrays that belong to states. Charged to the
 * operator's budget. */
struct weir_aggregate_heap {
    struct weir_arena arena;
    void *free_lists[32]; /* by power of two, from 16 bytes */
};
void weir_aggregate_heap_init(struct weir_aggregate_heap *heap, struct weir_budget *budget);
void weir_aggregate_heap_deinit(struct weir_aggregate_heap *heap);
WEIR_CHECKED void *weir_aggregate_heap_alloc(struct weir_aggregate_heap *heap, size_t size);
void weir_aggregate_heap_free(struct weir_aggregate_heap *heap, void *memory, size_t size);

/* For states that are exact sums: into += from, or -= when away; from stays. False: a sum left its
 * range, and into is of no use any more. */
struct weir_aggregate_combine {
    /* Those at state_offset of the group rows into[i] and from[i] for i < count. */
    bool (*rows)(uint8_t *const *into, uint8_t *const *from, uint32_t count, size_t state_offset,
                 bool away);
    /* Those that lie so many bytes apart; one of zeros in from changes nothing. */
    bool (*block)(uint8_t *into, size_t into_step, const uint8_t *from, size_t from_step,
                  uint32_t count, bool away);
};

struct weir_aggregate_ops {
    uint32_t (*state_size)(const struct weir_function_bind *bind); /* multiple of 8 */
    void (*update)(struct weir_aggregate_call *call);
    /* into += from, then from is as if new; both are groups' rows. For panes and partial results.
     */
    void (*merge)(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from);
    /* Writes lanes [0, count) of out from the group rows; like a kernel: out_values and validity
     * are prepared (all valid), text and nested results take memory from arena. States stay. */
    void (*finish)(struct weir_kernel_call *out, uint8_t *const *states, size_t state_offset);
    /* Gives back what the state holds in the heap; NULL when states hold nothing. */
    void (*drop)(uint8_t *state, struct weir_aggregate_heap *heap);
    /* NULL: states cannot be taken away from each other. */
    const struct weir_aggregate_combine *combine;
};

struct weir_aggregate {
    const char *name;
    const char *signature;
    const struct weir_aggregate_ops *ops;
    weir_function_bind_fn bind;
    uint32_t flags;
    const char *category;
    const char *summary;
    const char *example;
    const char *result;
};

const struct weir_aggregate *weir_aggregates_all(size_t *count);
bool weir_aggregate_exists(struct weir_slice name);

struct weir_aggregate_match {
    const struct weir_aggregate *aggregate;
    const struct weir_type **arg_types;
    const struct weir_type *result_type;
    const void *instance;
    uint32_t state_size;
};
enum weir_within_group {
    WEIR_WITHIN_GROUP_NONE,
    WEIR_WITHIN_GROUP_ASCENDING,
    WEIR_WITHIN_GROUP_DESCENDING
};
/* As weir_function_resolve. count(*) is count with no arguments. */
WEIR_CHECKED enum weir_status
weir_aggregate_resolve(struct weir_slice name, const struct weir_function_arg *args,
                       uint32_t args_count, enum weir_within_group within_group,
                       const struct weir_session *session, struct weir_arena *arena,
                       struct weir_aggregate_match *match, struct weir_error *error);

/* The form of an aggregate for input that takes rows back; type is its first argument's (NULL:
 * none). One without RETRACTS is run over the group's rows by the operator, which keeps them. */
const struct weir_aggregate *weir_aggregate_for_changes(const struct weir_aggregate *aggregate,
                                                        const struct weir_type *type);

#endif
