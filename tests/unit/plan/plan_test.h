/* Planning in tests: a made-up set of connectors, and texts to compare.
 *
 *     file     source and sink, bounded, append only
 *     stream   source, never ends
 *     changes  sink that takes a changelog
 *
 * kind = 'weights' or 'events' makes a source one of changes; 'pairs' or 'upserts', a sink. */
#ifndef WEIR_PLAN_TEST_H
#define WEIR_PLAN_TEST_H

#include "plan/plan.h"
#include "test.h"

static const struct weir_source_type fake_source = {.yield = WEIR_SOURCE_BYTES};
static const struct weir_sink_type fake_sink = {.takes = WEIR_SINK_BYTES,
                                                .guarantee = WEIR_IDEMPOTENT};
static const struct weir_sink_type fake_changes = {.takes = WEIR_SINK_BYTES,
                                                   .accepts_changelog = true};
static const struct weir_connector fake_file = {.name = "file",
                                                .summary = "a file",
                                                .roles = WEIR_ROLE_SOURCE | WEIR_ROLE_SINK,
                                                .source = &fake_source,
                                                .sink = &fake_sink};
static const struct weir_connector fake_stream = {
    .name = "stream", .summary = "never ends", .roles = WEIR_ROLE_SOURCE, .source = &fake_source};
static const struct weir_connector fake_changelog = {
    .name = "changes", .summary = "takes changes", .roles = WEIR_ROLE_SINK, .sink = &fake_changes};
static const struct weir_connector *const fake_items[] = {&fake_file, &fake_stream,
                                                          &fake_changelog};
static const struct weir_connectors fake_connectors = {.items = fake_items, .count = 3};

static inline enum weir_status fake_resolve(void *context, struct weir_table *table, bool as_source,
                                            struct weir_arena *arena, struct weir_error *error)
{
    uint32_t role = as_source ? WEIR_ROLE_SOURCE : WEIR_ROLE_SINK;
    (void)context;
    if (!(table->connector->roles & role))
        return weir_error_set(error, WEIR_E_TABLE_ROLE, "table \"%.*s\" cannot be %s",
                              WEIR_SLICE_ARGS(table->name), as_source ? "read" : "written");
    table->roles = table->connector->roles;
    table->format = weir_slice_from_string("json");
    table->bounded = strcmp(table->connector->name, "file") == 0;
    table->sink_accepts_changelog = !as_source && table->connector->sink->accepts_changelog;
    for (size_t i = 0; i < table->options_count; i++) {
        if (!weir_slice_equals_string(table->options[i].name, "kind"))
            continue;
        struct weir_slice kind = table->options[i].value;
        table->changelog = weir_slice_equals_string(kind, "weights");
        table->upserts = weir_slice_equals_string(kind, "events");
        table->changelog |= table->upserts;
        table->sink_pairs = weir_slice_equals_string(kind, "pairs");
        table->sink_upserts = weir_slice_equals_string(kind, "upserts");
    }
    if (as_source && table->schema.fields_count == 0) {
        /* "inferred" columns */
        struct weir_field *fields = WEIR_ARENA_ARRAY(arena, struct weir_field, 2);
        if (!fields)
            return weir_error_set_out_of_memory(error);
        fields[0] =
            (struct weir_field){weir_slice_from_string("id"), weir_type_of(WEIR_TYPE_INT64), true};
        fields[1] = (struct weir_field){weir_slice_from_string("at"),
                                        weir_type_of(WEIR_TYPE_TIMESTAMP), true};
        table->schema = (struct weir_schema){fields, 2};
    }
    return WEIR_OK;
}

static inline enum weir_status fake_file_table(void *context, struct weir_slice path,
                                               struct weir_arena *arena, struct weir_table **out,
                                               struct weir_error *error)
{
    struct weir_table *table = WEIR_ARENA_NEW(arena, struct weir_table);
    if (!table)
        return weir_error_set_out_of_memory(error);
    if (weir_slice_equals_string(path, "missing.json"))
        return weir_error_set(error, WEIR_E_FILE_NOT_FOUND, "no file missing.json");
    table->name = path;
    table->connector = &fake_file;
    table->event_time_column = UINT32_MAX;
    *out = table;
    return fake_resolve(context, table, true, arena, error);
}

/* Tables named after their size have it. */
static inline uint64_t fake_rows(void *context, const struct weir_table *table)
{
    (void)context;
    return weir_slice_equals_string(table->name, "few")    ? 10
           : weir_slice_equals_string(table->name, "many") ? 10000000
                                                           : 0;
}

static inline const char *fake_environment(void *context, const char *name)
{
    (void)context;
    return strcmp(name, "DIR") == 0 ? "data" : NULL;
}

struct planning {
    struct weir_catalog *catalog;
    struct weir_arena arena;
    struct weir_buffer out; /* plan, or one line per error */
    struct weir_buffer notes;
    struct weir_planned planned;
    enum weir_plan_mode mode;
    bool ok;
};

static inline void planning_begin(struct planning *p, enum weir_plan_mode mode)
{
    memset(p, 0, sizeof *p);
    p->mode = mode;
    weir_arena_init(&p->arena, NULL, 0);
    weir_buffer_init(&p->out, NULL);
    weir_buffer_init(&p->notes, NULL);
    if (weir_catalog_create(NULL, &p->catalog, NULL) != WEIR_OK)
        p->catalog = NULL;
}

static inline void planning_end(struct planning *p)
{
    weir_catalog_destroy(p->catalog);
    weir_buffer_deinit(&p->out);
    weir_buffer_deinit(&p->notes);
    weir_arena_deinit(&p->arena);
}

static inline void print_diagnostics(const struct weir_diagnostics *diagnostics,
                                     struct weir_buffer *out)
{
    for (uint32_t i = 0; i < diagnostics->records_count; i++) {
        const struct weir_error *error = &diagnostics->records[i];
        const struct weir_error_info *info = weir_error_info_get(error->code);
        weir_buffer_printf(out, "%u:%u+%u %s %s", error->position.line, error->position.column,
                           error->position.length, info ? info->symbol : "?", error->message);
        if (error->hint[0])
            weir_buffer_printf(out, " (%s)", error->hint);
        weir_buffer_append_char(out, '\n');
    }
}

/* Plans a program; p->out has the plan, or the errors. */
static inline void planning_run(struct planning *p, const char *sql)
{
    static const struct weir_session session = {.now = {0}};
    struct weir_plan_env env = {.mode = p->mode,
                                .connectors = &fake_connectors,
                                .session = &session,
                                .table_resolve = fake_resolve,
                                .file_table = fake_file_table,
                                .table_rows = fake_rows,
                                .environment = fake_environment};
    struct weir_diagnostics diagnostics;
    struct weir_sql_program *program = NULL;
    weir_buffer_clear(&p->out);
    weir_buffer_clear(&p->notes);
    weir_diagnostics_init(&diagnostics);
    p->ok = weir_sql_parse(weir_slice_from_string(sql), NULL, &p->arena, &diagnostics, &program) ==
            WEIR_OK;
    if (p->ok)
        p->ok = weir_plan_program(p->catalog, program, &env, &p->arena, &diagnostics, &p->notes,
                                  &p->planned);
    if (!p->ok)
        print_diagnostics(&diagnostics, &p->out);
    else if (p->planned.plan)
        weir_plan_print_text(p->planned.plan, &p->out);
    else
        weir_buffer_append_slice(&p->out, p->planned.text);
    weir_diagnostics_deinit(&diagnostics);
}

/* The tables that most tests use. */
static const char tables_sql[] =
    "CREATE TABLE orders (id BIGINT, customer TEXT, price DOUBLE, amount INT, tags TEXT[],"
    " address STRUCT<city TEXT, zip INT>, at TIMESTAMP, WATERMARK FOR at)"
    " WITH (connector = 'file', path = 'orders.json');"
    "CREATE TABLE events (k TEXT, v INT, ts TIMESTAMP, other TIMESTAMP,"
    " WATERMARK FOR ts) WITH (connector = 'stream');"
    "CREATE TABLE sink (a TEXT, b BIGINT) WITH (connector = 'file');"
    "CREATE TABLE updates (a TEXT, b BIGINT) WITH (connector = 'changes');";

/* Plan (or errors) of a query over those tables, compared. */
static inline void check_plan(enum weir_plan_mode mode, const char *sql, const char *want,
                              const char *file, int line)
{
    struct planning p;
    planning_begin(&p, mode);
    planning_run(&p, tables_sql);
    if (!p.ok) {
        test_failures++;
        fprintf(stderr, "%s:%d: the tables: %.*s\n", file, line, (int)p.out.size, p.out.data);
    }
    planning_run(&p, sql);
    test_text(p.out.data, p.out.size, want, file, line, sql);
    planning_end(&p);
}

#define EXPECT_SQL(sql, want) check_plan(WEIR_PLAN_MODE_SQL, (sql), (want), __FILE__, __LINE__)
#define EXPECT_RUN(sql, want) check_plan(WEIR_PLAN_MODE_RUN, (sql), (want), __FILE__, __LINE__)

#endif
