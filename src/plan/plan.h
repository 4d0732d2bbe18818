/* From SQL to a physical plan: catalog, binder, rules.
 *
 * The catalog holds tables, views, functions and settings across the statements of a program or a
 * shell. Planning a program adds its declarations to the catalog and makes one plan of all its
 * INSERTs and bare SELECTs. Every problem is reported, with position, caret and nearest name. */
#ifndef WEIR_PLAN_PLAN_H
#define WEIR_PLAN_PLAN_H

#include "plan/physical.h"
#include "sql/sql.h"

enum weir_plan_mode {
    WEIR_PLAN_MODE_SQL, /* weir sql: over bounded inputs the final answer, nothing is late */
    WEIR_PLAN_MODE_RUN  /* weir run: streams; updating results are changelogs */
};

/* What planning needs from outside. The callbacks are implemented by runtime/ (tables.h). */
struct weir_plan_env {
    enum weir_plan_mode mode;
    const struct weir_connectors *connectors;
    const struct weir_session *session;
    /* Checks the options of a table against its connector and format, and fills in what they say:
     * format, bounded, roles, common options (bad_data, …). When table->schema has no columns and
     * the table is used as a source, infers them into arena. */
    enum weir_status (*table_resolve)(void *context, struct weir_table *table, bool as_source,
                                      struct weir_arena *arena, struct weir_error *error);
    /* A file named in FROM: makes a table over it. */
    enum weir_status (*file_table)(void *context, struct weir_slice path, struct weir_arena *arena,
                                   struct weir_table **out, struct weir_error *error);
    /* About how many rows a source has; 0: that is not known. NULL: of no table. */
    uint64_t (*table_rows)(void *context, const struct weir_table *table);
    const char *(*environment)(void *context, const char *name); /* ${VAR}; NULL: not set */
    void *context;
    bool notes_json; /* notes are objects of JSON, one per line */
    bool show_json;  /* rows of DESCRIBE and SHOW are */
};

struct weir_catalog;
WEIR_CHECKED enum weir_status weir_catalog_create(struct weir_budget *budget,
                                                  struct weir_catalog **out,
                                                  struct weir_error *error);
void weir_catalog_destroy(struct weir_catalog *catalog);
/* BAD_OPTION when the setting is the time zone and the session finds none of that name. */
WEIR_CHECKED enum weir_status weir_settings_zone(const struct weir_session *session,
                                                 struct weir_slice name, struct weir_slice value,
                                                 struct weir_error *error);
/* SET / -D. UNKNOWN_OPTION with the nearest, BAD_OPTION. */
WEIR_CHECKED enum weir_status weir_catalog_set(struct weir_catalog *catalog, struct weir_slice name,
                                               struct weir_slice value, bool from_command_line,
                                               struct weir_error *error);
/* For \d, .tables and completion. Tables and views in order of declaration. */
struct weir_catalog_entry {
    struct weir_slice name;
    bool is_view;
    const struct weir_table *table;   /* NULL for views */
    const struct weir_schema *schema; /* of either */
};
uint32_t weir_catalog_count(const struct weir_catalog *catalog);
struct weir_catalog_entry weir_catalog_get(const struct weir_catalog *catalog, uint32_t index);
const struct weir_settings *weir_catalog_settings(const struct weir_catalog *catalog);

/* What a planned program asks for besides running its plan. */
enum weir_statement_effect {
    WEIR_EFFECT_NONE,    /* declarations and settings only */
    WEIR_EFFECT_RUN,     /* plan is set */
    WEIR_EFFECT_EXPLAIN, /* text is set */
    WEIR_EFFECT_ANALYZE, /* plan is set: to be run for what its report says */
    WEIR_EFFECT_SHOW     /* text is set: DESCRIBE, SHOW */
};
/* What EXPLAIN ANALYZE tells of a run: everything, or a part. */
enum weir_plan_report { WEIR_REPORT_ALL, WEIR_REPORT_WATERMARK, WEIR_REPORT_STATE };
struct weir_planned {
    enum weir_statement_effect effect;
    const struct weir_plan *plan; /* in the arena given to weir_plan_program */
    struct weir_slice text;       /* in the same arena */
    enum weir_plan_report report; /* ANALYZE */
    bool report_json;
};

/* Plans all statements of a parsed program. False when diagnostics got an error (warnings such as
 * unbounded state are in notes, one per line). */
WEIR_CHECKED bool weir_plan_program(struct weir_catalog *catalog,
                                    const struct weir_sql_program *program,
                                    const struct weir_plan_env *env, struct weir_arena *arena,
                                    struct weir_diagnostics *diagnostics, struct weir_buffer *notes,
                                    struct weir_planned *out);

#endif
