/* The compiled form of expressions. Private to expr/.
 *
 * A program is a list of instructions over values. A value is an input column, a constant or the
 * result of one instruction; instructions never overwrite a value except the specials, which fill
 * theirs arm by arm. Each instruction runs under a slot, a list of lanes; slot 0 is what the caller
 * selected, the others are made by NARROW and PARTITION:
 *
 *     b <> 0 AND a / b > 1
 *       v3 = call <> v1 v2            slot 0
 *       v4 = begin, copy v3           slot 0
 *       slot 1 = lanes of slot 0 where v4 is not false; none: go to the end
 *       v5 = call / v0 v1             slot 1
 *       v6 = call > v5 v7             slot 1
 *       v4 = v4 and v6                slot 1
 *
 * Memory: results that are outputs come from the run's arena; the others use the program's buffers,
 * which are shared by values whose lives do not overlap and only ever grow.
 *
 * Invariants: (1) a value computed under a narrowed slot is only used under that slot or one made
 * from it; (2) the arguments of an instruction are computed before it, on no fewer lanes. */
#ifndef WEIR_EXPR_PROGRAM_INTERNAL_H
#define WEIR_EXPR_PROGRAM_INTERNAL_H

#include "column/builder.h"
#include "expr/expr.h"
#include "kernel/compare.h"
#include "kernel/functions.h"

enum weir_op {
    WEIR_OP_CALL,
    WEIR_OP_FIELD,     /* out = field `index` of args[0] */
    WEIR_OP_ALL,       /* out = args[0] AND args[1] AND …, every lane */
    WEIR_OP_ANY,       /* out = args[0] OR … */
    WEIR_OP_BLEND,     /* CASE whose arms are all computed: condition, result, …, else */
    WEIR_OP_BEGIN,     /* out gets memory; its lanes are filled by COPY */
    WEIR_OP_COPY,      /* out = args[0] in the slot's lanes */
    WEIR_OP_FINISH,    /* nested results of COPY are put together */
    WEIR_OP_MERGE_AND, /* out = out AND args[0] in the slot's lanes */
    WEIR_OP_MERGE_OR,
    WEIR_OP_NARROW,    /* to_slot = lanes of slot where args[0] is as `keep`; none: go to target */
    WEIR_OP_PARTITION, /* to_slot = lanes where args[0] is true, rest_slot = the others */
    WEIR_OP_SKIP_IF_NONE, /* slot is empty: go to target */
    WEIR_OP_TRY_BEGIN,
    WEIR_OP_TRY_END
};
enum weir_keep { WEIR_KEEP_NOT_FALSE, WEIR_KEEP_NOT_TRUE, WEIR_KEEP_NULL };

struct weir_instruction {
    enum weir_op op;
    uint32_t slot;
    uint32_t out; /* value */
    const uint32_t *args;
    uint32_t args_count;
    uint32_t index; /* FIELD; COPY into nested: the arm */
    enum weir_keep keep;
    uint32_t to_slot, rest_slot;
    uint32_t target;
    bool is_hoistable;            /* CALL: same result in every run */
    const struct weir_expr *expr; /* CALL: the call */
    void *scratch;                /* CALL: the kernel's */
};

enum weir_value_kind { WEIR_VALUE_INPUT, WEIR_VALUE_CONSTANT, WEIR_VALUE_COMPUTED };
#define WEIR_NO_BUFFER UINT32_MAX
#define WEIR_NO_SLOT UINT32_MAX

struct weir_value {
    enum weir_value_kind kind;
    const struct weir_type *type;
    uint32_t input;                     /* INPUT: column of the batch */
    const struct weir_column *constant; /* CONSTANT, and what a hoisted call gave */
    uint32_t buffer;                    /* COMPUTED, unless an output */
    uint32_t first, last;               /* instructions that define and last use it */
    bool is_output;
    bool is_fixed;       /* CONSTANT, or computed from such alone by immutable functions */
    uint32_t arms_count; /* nested result of COPY: how many arms */
};

/* Memory for the lanes of one value at a time. */
struct weir_register_buffer {
    void *values;
    size_t values_size;
    uint64_t *validity;
    size_t validity_words;
    size_t width;       /* of its values; for choosing */
    uint32_t free_from; /* compile: instruction after which it is free */
};

struct weir_slot {
    const uint16_t *lanes; /* NULL: all rows */
    uint32_t count;
    uint16_t *memory; /* room for WEIR_BATCH_ROWS_MAX lanes; NULL for slot 0 */
    uint32_t memory_count;
};

/* Arms of a nested COPY: which arm each lane takes. */
struct weir_arms {
    uint8_t *source;
    struct weir_column *columns;
};

/* `column op constant` conjuncts that stand first in a filter. */
struct weir_fast_test {
    uint32_t input;
    const void *constant;
    enum weir_type_kind kind;
    enum weir_compare_op op;
};

struct weir_program {
    struct weir_budget *budget;
    struct weir_arena arena; /* instructions, constants, hoisted results */
    struct weir_value *values;
    uint32_t values_count;
    struct weir_instruction *instructions;
    uint32_t instructions_count;
    struct weir_register_buffer *buffers;
    uint32_t buffers_count;
    struct weir_slot *slots;
    uint32_t slots_count;
    const uint32_t *outputs; /* values */
    uint32_t outputs_count;
    uint32_t args_max;

    struct weir_fast_test *fast_tests;
    uint32_t fast_tests_count;
    struct weir_program *rest; /* of the filter after the fast tests; NULL: nothing */

    /* Of the run at hand. */
    struct weir_column *columns; /* per value */
    struct weir_column *flat;    /* per value: its flattened form */
    bool *has_flat;
    struct weir_arms *arms;   /* per value */
    struct weir_column *args; /* args_max: of the call at hand */
    uint8_t *bytes;           /* two runs of bytes_count lanes, for filters */
    uint32_t bytes_count;
    struct weir_program_run *run;
    struct weir_kernel_errors errors;     /* outside TRY */
    struct weir_kernel_errors try_errors; /* inside */
    uint32_t try_depth;
    struct weir_error *error;
};

/* compile.c: fills the program's instructions, values, slots and buffers. */
WEIR_CHECKED enum weir_status weir_program_compile(struct weir_program *program,
                                                   const struct weir_expr *const *exprs,
                                                   uint32_t count, struct weir_error *error);

/* Running; each false on failure, with program->errors.status set. */
bool weir_program_call(struct weir_program *program, struct weir_instruction *instruction);
bool weir_program_field(struct weir_program *program, const struct weir_instruction *instruction);
bool weir_program_all_any(struct weir_program *program, const struct weir_instruction *instruction);
bool weir_program_blend(struct weir_program *program, const struct weir_instruction *instruction);
bool weir_program_begin(struct weir_program *program, const struct weir_instruction *instruction);
bool weir_program_copy(struct weir_program *program, const struct weir_instruction *instruction);
bool weir_program_finish(struct weir_program *program, const struct weir_instruction *instruction);
void weir_program_merge(struct weir_program *program, const struct weir_instruction *instruction);
bool weir_program_narrow(struct weir_program *program, const struct weir_instruction *instruction);
bool weir_program_partition(struct weir_program *program,
                            const struct weir_instruction *instruction);

/* Makes a constant one of rows lanes, with its fields when it is a struct. */
bool weir_program_broadcast(struct weir_program *program, struct weir_column *column,
                            uint32_t rows);
/* Writable FLAT memory for a value's lanes: values (views zeroed) and validity (not initialised).
 */
bool weir_program_prepare(struct weir_program *program, uint32_t value, void **values,
                          uint64_t **validity);
/* The value's column with FLAT or CONSTANT encoding; NULL when memory has run out. */
const struct weir_column *weir_program_flat(struct weir_program *program, uint32_t value);
bool weir_program_out_of_memory(struct weir_program *program);
static inline struct weir_kernel_errors *weir_program_errors(struct weir_program *program)
{
    return program->try_depth ? &program->try_errors : &program->errors;
}
/* validity, or NULL when all of rows_count bits are 1. */
const uint64_t *weir_validity_compact(const uint64_t *validity, uint32_t rows_count);

/* The hardware prefetches within a column; this begins one that is needed soon. */
static inline void weir_prefetch_head(const struct weir_column *column)
{
    enum { BYTES_MAX = 2048, LINE_BYTES = 64 };
    size_t size = column->rows_count * weir_type_width(column->type);
    for (size_t at = 0; column->encoding == WEIR_FLAT && at < size && at < BYTES_MAX;
         at += LINE_BYTES)
        __builtin_prefetch((const char *)column->values + at);
}

/* Lane of a BOOLEAN column: 0, 1, or 2 for NULL. */
static inline unsigned weir_truth(const struct weir_column *column, uint32_t lane)
{
    if (weir_column_is_null(column, lane))
        return 2;
    return ((const uint8_t *)column->values)[weir_column_index(column, lane)] != 0;
}

#endif
