/* Inside of the catalog: what the binder sees of it. */
#ifndef WEIR_PLAN_CATALOG_INTERNAL_H
#define WEIR_PLAN_CATALOG_INTERNAL_H

#include "plan/logical_internal.h"
#include "plan/plan.h"

enum plan_entry_kind { PLAN_ENTRY_TABLE, PLAN_ENTRY_VIEW, PLAN_ENTRY_FUNCTION };

/* A query that was declared: the tree of the current program, or one of the catalog's own. */
struct plan_stored_query {
    const struct weir_sql_statement *statement;
    bool owned; /* the tree lives in the catalog's arena */
    struct plan_stored_query *next;
};

struct plan_entry {
    enum plan_entry_kind kind;
    struct weir_slice name;
    struct plan_entry *next; /* in order of declaration */
    struct weir_position position;
    bool dropped;
    bool materialized;
    /* tables */
    struct weir_table *table;
    bool is_memory;                  /* no connector: fed by INSERTs, read by queries */
    bool columns_from_query;         /* CREATE TABLE … AS, or a sink without columns */
    uint32_t resolved_roles;         /* enum weir_connector_role that the connector has checked */
    uint32_t refused_roles;          /* where it said no; reported once */
    struct plan_stored_query *feeds; /* INSERTs into a memory table, in order */
    struct plan_stored_query *feeds_last;
    /* views: statement is CREATE VIEW, or CREATE TABLE … AS of a memory table */
    struct plan_stored_query query;
    struct weir_schema view_schema; /* once bound; in the catalog's arena */
    /* functions */
    const struct weir_sql_create_function *function; /* in the catalog's arena */
    const struct weir_sql_expr *body;
    const struct weir_type **argument_types;
    const struct weir_type *returns;
    /* of the program being planned */
    uint64_t rel_serial; /* rel is of this program when equal to the binder's */
    struct plan_rel *rel;
    bool binding; /* guards against views that use themselves */
    bool failed;  /* its query has errors, reported already */
};

struct weir_catalog {
    struct weir_arena arena;
    struct weir_budget *budget;
    struct plan_entry *first, *last;
    struct weir_settings settings;
    uint64_t settings_fixed; /* bit per setting that the command line has fixed */
    uint64_t serial;         /* of programs planned */
    uint32_t visit;          /* of walks over relations */
};

/* NULL when there is none. */
struct plan_entry *plan_catalog_find(struct weir_catalog *catalog, struct weir_slice name,
                                     bool function);
/* A new entry at the end; name is copied. NULL when memory has run out. */
struct plan_entry *plan_catalog_add(struct weir_catalog *catalog, enum plan_entry_kind kind,
                                    struct weir_slice name, struct weir_position position);
void plan_catalog_drop(struct weir_catalog *catalog, struct plan_entry *entry);
/* The nearest table or view (or function) name; empty when none is near. */
struct weir_slice plan_catalog_nearest(const struct weir_catalog *catalog, struct weir_slice name,
                                       bool function, struct weir_arena *arena);
/* After a program: trees of the program that the catalog must keep are read again into its own
 * arena. failed: declarations with errors, and all INSERTs of the program, are forgotten. */
WEIR_CHECKED enum weir_status plan_catalog_keep(struct weir_catalog *catalog, bool failed,
                                                struct weir_error *error);
/* Deep copies into arena; NULL (or false) when memory has run out. */
const struct weir_type *plan_type_copy(const struct weir_type *type, struct weir_arena *arena);
WEIR_CHECKED bool plan_schema_copy(const struct weir_schema *schema, struct weir_arena *arena,
                                   struct weir_schema *out);
WEIR_CHECKED bool plan_slice_copy(struct weir_slice slice, struct weir_arena *arena,
                                  struct weir_slice *out);

/* settings.c */
void plan_settings_init(struct weir_settings *settings);
const struct weir_option_spec *plan_settings_specs(size_t *count);

/* What a name of another engine is here; NULL: it is none that is known (foreign.c). */
enum plan_foreign { PLAN_FOREIGN_FUNCTION, PLAN_FOREIGN_CONNECTOR, PLAN_FOREIGN_SETTING };
const char *plan_foreign_hint(enum plan_foreign kind, struct weir_slice name);

#endif
