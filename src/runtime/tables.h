/* What a declared table means: its connector, its format, and the options common to all tables.
 * Implements the planner's callbacks (plan/plan.h). */
#ifndef WEIR_RUNTIME_TABLES_H
#define WEIR_RUNTIME_TABLES_H

#include "plan/plan.h"
#include "sys/sys.h"

struct weir_tables {
    const struct weir_sys *sys;
    const struct weir_connectors *connectors;
    struct weir_budget *budget;
    void *embedder;
};

/* struct weir_plan_env callbacks; context is a struct weir_tables. */
WEIR_CHECKED enum weir_status weir_tables_resolve(void *context, struct weir_table *table,
                                                  bool as_source, struct weir_arena *arena,
                                                  struct weir_error *error);
WEIR_CHECKED enum weir_status weir_tables_file(void *context, struct weir_slice path,
                                               struct weir_arena *arena, struct weir_table **out,
                                               struct weir_error *error);
uint64_t weir_tables_rows(void *context, const struct weir_table *table);
const char *weir_tables_environment(void *context, const char *name);

/* The options common to tables, for the reference page. */
const struct weir_option_spec *weir_tables_options(size_t *count);

#endif
