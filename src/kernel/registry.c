/* The table of scalar functions, made from functions.def, and lookup by call. */
#include "kernel/registry.h"
#include "kernel/functions.h"
#include "kernel/resolve.h"

#define STRICT WEIR_FUNCTION_STRICT
#define FALLIBLE WEIR_FUNCTION_FALLIBLE
#define VOLATILE WEIR_FUNCTION_VOLATILE
#define STABLE WEIR_FUNCTION_STABLE
#define ALIAS WEIR_FUNCTION_ALIAS
#define WEIR WEIR_FUNCTION_WEIR
#define HIDDEN WEIR_FUNCTION_HIDDEN

static const struct weir_function functions[] = {
#define WEIR_FUNCTION(name, signature, kernel, bind, flags, category, summary, example, result) \
    {name, signature, kernel, bind, NULL, (flags), category, summary, example, result},
#define WEIR_FUNCTION_SCRATCH(name, signature, kernel, bind, close, flags, category, summary, \
                              example, result)                                                \
    {name, signature, kernel, bind, close, (flags), category, summary, example, result},
#include "kernel/functions.def"
#undef WEIR_FUNCTION
};

static const struct weir_resolve_table table = {
    .entries = functions,
    .entry_size = sizeof functions[0],
    .entries_count = WEIR_COUNT_OF(functions),
    .noun = "function",
};

const struct weir_function *weir_functions_all(size_t *count)
{
    *count = WEIR_COUNT_OF(functions);
    return functions;
}

static const struct weir_argument_names argument_names[] = {
#define WEIR_ARGUMENT_NAMES(function, names, defaults) {function, names, defaults},
#include "kernel/argument_names.def"
#undef WEIR_ARGUMENT_NAMES
};

const struct weir_argument_names *weir_argument_names_all(size_t *count)
{
    *count = WEIR_COUNT_OF(argument_names);
    return argument_names;
}

bool weir_function_exists(struct weir_slice name)
{
    return weir_resolve_name_exists(&table, name);
}

enum weir_status weir_function_resolve(struct weir_slice name, const struct weir_function_arg *args,
                                       uint32_t args_count, const struct weir_session *session,
                                       struct weir_arena *arena, struct weir_function_match *match,
                                       struct weir_error *error)
{
    struct weir_resolve_call call = {name, args, args_count, session, arena};
    struct weir_resolution found;
    WEIR_TRY(weir_resolve(&table, &call, &found, error));
    const struct weir_function *function = &functions[found.index];
    struct weir_function_bind bind = {
        .arg_types = found.arg_types,
        .constants = found.constants,
        .args_count = args_count,
        .result_type = found.result_type,
        .arena = arena,
        .session = session,
    };
    if (function->bind)
        WEIR_TRY(function->bind(&bind, error));
    *match =
        (struct weir_function_match){function, bind.arg_types, bind.result_type, bind.instance};
    return WEIR_OK;
}
