/* Overload resolution shared by functions and aggregates. Private to kernel/. */
#ifndef WEIR_KERNEL_RESOLVE_H
#define WEIR_KERNEL_RESOLVE_H

#include "kernel/registry.h"
#include "kernel/signature.h"

/* A table whose entries begin with `const char *name; const char *signature;`. */
struct weir_resolve_table {
    const void *entries;
    size_t entry_size;
    size_t entries_count;
    const char *noun;                       /* "function", "aggregate" */
    bool (*is_eligible)(const void *entry); /* NULL: all are */
};

struct weir_resolve_call {
    struct weir_slice name;
    const struct weir_function_arg *args;
    uint32_t args_count;
    const struct weir_session *session;
    struct weir_arena *arena;
};

struct weir_resolution {
    size_t index; /* of the entry */
    const struct weir_type **arg_types;
    const struct weir_type *result_type;
    const struct weir_column **constants; /* cast to arg_types; NULL where there is none */
};

WEIR_CHECKED enum weir_status weir_resolve(const struct weir_resolve_table *table,
                                           const struct weir_resolve_call *call,
                                           struct weir_resolution *out, struct weir_error *error);
bool weir_resolve_name_exists(const struct weir_resolve_table *table, struct weir_slice name);

#endif
