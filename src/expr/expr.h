/* Bound expressions and the programs compiled from them.
 *
 * The binder makes trees of struct weir_expr; names are resolved, casts are explicit calls, types
 * are final. weir_program_compile turns several trees over one input into one flat program: common
 * sub-expressions run once, constant ones are folded, each instruction is a kernel over a whole
 * batch. AND, OR, CASE, COALESCE and TRY narrow the selection for what they guard, so a fallible
 * expression never runs for a row its guard excludes. */
#ifndef WEIR_EXPR_EXPR_H
#define WEIR_EXPR_EXPR_H

#include "kernel/registry.h"

enum weir_expr_kind {
    WEIR_EXPR_COLUMN,   /* input column */
    WEIR_EXPR_CONSTANT, /* one lane */
    WEIR_EXPR_CALL,     /* scalar function, operator or cast */
    WEIR_EXPR_AND,      /* args: 2 or more; three-valued */
    WEIR_EXPR_OR,
    WEIR_EXPR_CASE, /* args: condition, result, condition, result, …, else (odd count) */
    WEIR_EXPR_COALESCE,
    WEIR_EXPR_TRY,  /* args[0]; failures in it become NULL, uncounted */
    WEIR_EXPR_FIELD /* field `index` of the struct args[0] */
};

struct weir_expr {
    enum weir_expr_kind kind;
    const struct weir_type *type;
    bool nullable;
    struct weir_position position;        /* of the source text, for run-time errors */
    uint32_t index;                       /* COLUMN: input column; FIELD: field */
    struct weir_column constant;          /* CONSTANT: CONSTANT-encoded, rows_count 1 */
    const struct weir_function *function; /* CALL */
    const void *instance;
    const struct weir_expr *const *args;
    uint32_t args_count;
};

/* Deep structural equality, positions ignored; volatile calls are never equal. */
bool weir_expr_equals(const struct weir_expr *a, const struct weir_expr *b);
uint64_t weir_expr_hash(const struct weir_expr *expr);
bool weir_expr_is_volatile(const struct weir_expr *expr);
bool weir_expr_is_fallible(const struct weir_expr *expr);
/* SQL-like text for EXPLAIN; column names from schema, and long texts cut. Without a schema:
 * numbers of columns, and texts whole. */
void weir_expr_print(const struct weir_expr *expr, const struct weir_schema *schema,
                     struct weir_buffer *out);

/* Replaces constant sub-trees by their values (arena: plan). A sub-tree that would fail is left as
 * it is: it may never be reached. Stable functions are folded only when session fixes `now`
 * (fold_stable). */
WEIR_CHECKED enum weir_status weir_expr_fold(const struct weir_expr *expr, bool fold_stable,
                                             const struct weir_session *session,
                                             struct weir_arena *arena, const struct weir_expr **out,
                                             struct weir_error *error);
/* Value of an expression without columns, as one lane (options, LIMIT, VALUES). */
WEIR_CHECKED enum weir_status weir_expr_evaluate(const struct weir_expr *expr,
                                                 const struct weir_session *session,
                                                 struct weir_arena *arena, struct weir_column *out,
                                                 struct weir_error *error);

struct weir_program; /* immutable part + registers: one per worker */

/* Compiles count expressions over batches of input. The program lives on the heap. */
WEIR_CHECKED enum weir_status weir_program_create(const struct weir_expr *const *exprs,
                                                  uint32_t count, const struct weir_schema *input,
                                                  struct weir_budget *budget,
                                                  struct weir_program **out,
                                                  struct weir_error *error);
void weir_program_destroy(struct weir_program *program);

struct weir_program_run {
    const struct weir_batch *batch; /* input */
    const uint16_t *selection;      /* lanes to compute; NULL: all of rows_count */
    uint32_t selected_count;
    const struct weir_session *session;
    struct weir_arena *arena; /* results live here (or in the batch, or the program) */
    bool null_on_error;
    uint64_t nulled_count; /* out: failures turned to NULL */
};
/* Computes all expressions: columns[i] has batch->rows_count lanes, meaningful in selected lanes.
 * A failing row gives the code of the failure; error has the expression's position and the row's
 * origin. */
WEIR_CHECKED enum weir_status weir_program_run(struct weir_program *program,
                                               struct weir_program_run *run,
                                               struct weir_column *columns,
                                               struct weir_error *error);
/* For a program of one BOOLEAN expression: the lanes where it is true, ascending, into selection
 * (room for selected_count); their count. */
WEIR_CHECKED enum weir_status weir_program_filter(struct weir_program *program,
                                                  struct weir_program_run *run, uint16_t *selection,
                                                  uint32_t *count, struct weir_error *error);

#endif
