/* The registry of scalar functions, operators and casts. functions.def files are the single source:
 * they make the registry, `weir functions`, the reference page, and a test per example.
 *
 *     WEIR_FUNCTION(name, signature, kernel, bind, flags, category, summary, example, result)
 *     WEIR_FUNCTION("lpad", "(text, integer, text) -> text", weir_fn_lpad, NULL, STRICT|FALLIBLE,
 *                   "string", "pads on the left to a length in characters",
 *                   "lpad('hi', 5, 'xy')", "xyxhi")
 *
 * A signature names SQL types in lower case; `anyelement` (all occurrences meet in one type),
 * `anyarray` (an array of it), `anymap`, `anystruct`, `any` (anything, no coercion); a type that
 * ends in `...` repeats (variadic, at least once). `decimal` takes any precision. A function with
 * several signatures has several entries. Operators are functions named by their symbol; unary ones
 * have one argument. Results: a type, or one of the arguments' type variables; bind may refine it.
 *
 * Resolution follows Postgres 15 chapter 10: exact match, then fewest conversions with preferred
 * types (double precision, text, timestamptz), string literals of unknown type adapting. */
#ifndef WEIR_KERNEL_REGISTRY_H
#define WEIR_KERNEL_REGISTRY_H

#include "kernel/kernel.h"

enum weir_function_flag {
    WEIR_FUNCTION_STRICT = 1,   /* NULL in, NULL out */
    WEIR_FUNCTION_FALLIBLE = 2, /* may raise for some values */
    WEIR_FUNCTION_VOLATILE = 4, /* differs per call (random, clock_timestamp) */
    WEIR_FUNCTION_STABLE = 8,   /* constant within a batch (now, current_date) */
    WEIR_FUNCTION_ALIAS = 16,   /* another name of an entry; not counted, listed under it */
    WEIR_FUNCTION_WEIR = 32,    /* not in Postgres 15: its example is not checked against it */
    WEIR_FUNCTION_HIDDEN = 64   /* made by the binder only (struct field access, array builders) */
};

/* What bind sees and decides. Runs at planning time, once per call site. */
struct weir_function_bind {
    const struct weir_type **arg_types; /* resolved; bind may narrow them (e.g. decimal scale): the
                                           caller casts accordingly */
    const struct weir_column *const
        *constants; /* per argument: one lane when constant, else NULL */
    uint32_t args_count;
    bool descending;                     /* of an aggregate: WITHIN GROUP (ORDER BY … DESC) */
    const struct weir_type *result_type; /* in: by the signature; out: final */
    const void *instance;     /* out: immutable, in arena (compiled pattern, unit, …) */
    struct weir_arena *arena; /* plan lifetime */
    const struct weir_session *session;
};
typedef enum weir_status (*weir_function_bind_fn)(struct weir_function_bind *bind,
                                                  struct weir_error *error);

struct weir_function {
    const char *name;
    const char *signature;
    weir_kernel kernel;
    weir_function_bind_fn bind;   /* NULL: the signature decides */
    void (*close)(void *scratch); /* frees call->scratch; NULL without */
    uint32_t flags;
    const char *category;
    const char *summary;
    const char *example; /* an SQL expression */
    const char *result;  /* its text as printed by WEIR_TEXT_POSTGRES */
};

/* All entries, grouped by category in file order. */
const struct weir_function *weir_functions_all(size_t *count);

struct weir_function_match {
    const struct weir_function *function;
    const struct weir_type **arg_types; /* args_count, what each argument must be cast to */
    const struct weir_type *result_type;
    const void *instance;
};

/* An argument as the resolver sees it. */
struct weir_function_arg {
    const struct weir_type *type;
    bool is_unknown_literal;            /* a quoted literal (or NULL) without a type of its own */
    const struct weir_column *constant; /* one lane when the argument is constant, else NULL */
};

/* Finds the function for a call and runs its bind. UNKNOWN_FUNCTION lists the candidates or the
 * nearest name; AMBIGUOUS_NAME when Postgres would say "is not unique". match lives in arena. */
WEIR_CHECKED enum weir_status
weir_function_resolve(struct weir_slice name, const struct weir_function_arg *args,
                      uint32_t args_count, const struct weir_session *session,
                      struct weir_arena *arena, struct weir_function_match *match,
                      struct weir_error *error);
/* True when any scalar function has this name. */
bool weir_function_exists(struct weir_slice name);

/* Names of a function's arguments and what fills gaps between them: argument_names.def. */
struct weir_argument_names {
    const char *function;
    const char *names;    /* words apart by spaces */
    const char *defaults; /* SQL, apart by spaces, of the last names */
};
const struct weir_argument_names *weir_argument_names_all(size_t *count);

enum weir_cast_context { WEIR_CAST_IMPLICIT, WEIR_CAST_ASSIGNMENT, WEIR_CAST_EXPLICIT };

/* The cast as a one-argument function whose instance carries the target type; NULL function when
 * the types are equal. TYPE_MISMATCH when there is none in this context (Postgres pg_cast rules,
 * plus unsigned types, STRUCT by position, element-wise LIST and MAP). */
WEIR_CHECKED enum weir_status
weir_cast_find(const struct weir_type *from, const struct weir_type *to,
               enum weir_cast_context context, const struct weir_session *session,
               struct weir_arena *arena, struct weir_function_match *match,
               struct weir_error *error);
/* The common type of UNION, CASE, COALESCE, VALUES, ARRAY, IN (Postgres 10.5; SEMANTICS Numbers):
 * NULL when they do not meet. unknown[i] marks untyped literals; may be NULL. */
const struct weir_type *weir_type_common(const struct weir_type *const *types, const bool *unknown,
                                         uint32_t count, struct weir_arena *arena);

#endif
