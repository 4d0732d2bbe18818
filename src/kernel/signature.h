/* Signatures of functions and aggregates: "(text, integer...) -> text" taken apart.
 * Private to the registries. */
#ifndef WEIR_KERNEL_SIGNATURE_H
#define WEIR_KERNEL_SIGNATURE_H

#include "column/type.h"

enum weir_param_kind {
    WEIR_PARAM_TYPE,        /* a type by name */
    WEIR_PARAM_ANY,         /* anything, as it is */
    WEIR_PARAM_ANYNONARRAY, /* the same, but no LIST, MAP or STRUCT */
    WEIR_PARAM_ANYELEMENT,  /* all occurrences meet as UNION's columns do */
    WEIR_PARAM_ANYOPERAND,  /* the same as the operands of = do: REAL with another number is DOUBLE
                             */
    WEIR_PARAM_ANYARRAY,    /* LIST of anyelement */
    WEIR_PARAM_ANYMAP,      /* MAP of anykey to anyvalue */
    WEIR_PARAM_ANYKEY,
    WEIR_PARAM_ANYVALUE,
    WEIR_PARAM_ANYSTRUCT
};

struct weir_param {
    enum weir_param_kind kind;
    const struct weir_type *type; /* TYPE only */
};

enum { WEIR_SIGNATURE_PARAMS_MAX = 16 };
struct weir_signature {
    struct weir_param params[WEIR_SIGNATURE_PARAMS_MAX];
    uint32_t params_count;
    bool is_variadic; /* the last parameter repeats */
    struct weir_param result;
};

/* INTERNAL when the text (always one of our own tables) is wrong. Types live in arena. */
WEIR_CHECKED enum weir_status weir_signature_parse(const char *text, struct weir_arena *arena,
                                                   struct weir_signature *out,
                                                   struct weir_error *error);
/* The parameter that takes argument i. */
static inline const struct weir_param *weir_signature_param(const struct weir_signature *signature,
                                                            uint32_t i)
{
    uint32_t last = signature->params_count - 1;
    return &signature->params[i < last ? i : last];
}
static inline bool weir_signature_takes(const struct weir_signature *signature, uint32_t count)
{
    return signature->is_variadic ? count >= signature->params_count
                                  : count == signature->params_count;
}

#endif
