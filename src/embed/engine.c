/* Sessions, planning and running; see engine.h. */
#include "embed/engine.h"

#include "connect/connectors.h"
#include "kernel/loops.h"
#include "obs/log.h"
#include "runtime/report.h"
#include "sql/diagnostic.h"
#include "value/isa.h"
#include "value/timezone.h"

#include <stdio.h>

enum { ZONE_FILE_MAX = 1 << 20 };

/* ---- time zones ---- */

struct weir_zone {
    struct weir_zone *next;
    struct weir_slice name;
    const struct weir_timezone *zone;
};

/* Names become paths below the zone directory: letters, digits and - _ + / only. */
static bool zone_name_is_safe(struct weir_slice name)
{
    if (name.size == 0 || name.size > 64 || name.data[0] == '/')
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '+' || c == '/';
        if (!ok)
            return false;
    }
    return true;
}

static enum weir_status load_zone_file(struct weir_engine *engine, struct weir_slice name,
                                       const struct weir_timezone **out, struct weir_error *error)
{
    char path[128];
    const struct weir_sys *sys = engine->sys;
    struct weir_file *file;
    struct weir_buffer bytes;
    if (!zone_name_is_safe(name) || snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s",
                                             WEIR_SLICE_ARGS(name)) >= (int)sizeof path)
        return weir_error_set(error, WEIR_E_BAD_TIME_ZONE, "no time zone \"%.*s\"",
                              WEIR_SLICE_ARGS(name));
    if (sys->file_open(sys, path, WEIR_OPEN_READ, &file, NULL) != WEIR_OK)
        return weir_error_set(error, WEIR_E_BAD_TIME_ZONE,
                              "no time zone \"%.*s\" in the system's tz database",
                              WEIR_SLICE_ARGS(name));
    weir_buffer_init(&bytes, &engine->budget);
    enum weir_status status = weir_file_read_all(file, ZONE_FILE_MAX, &bytes, error);
    if (status == WEIR_OK)
        status =
            weir_timezone_from_tzif(&engine->zones, name, weir_buffer_slice(&bytes), out, error);
    weir_buffer_deinit(&bytes);
    (void)weir_file_close(file, NULL);
    return status;
}

static enum weir_status load_zone(struct weir_engine *engine, struct weir_slice name,
                                  const struct weir_timezone **out, struct weir_error *error)
{
    int32_t offset_s;
    if (load_zone_file(engine, name, out, error) == WEIR_OK)
        return WEIR_OK;
    if (weir_timezone_fixed_offset(name, &offset_s)) {
        weir_error_clear(error);
        return weir_timezone_from_offset(&engine->zones, name, offset_s, out, error);
    }
    return error ? error->code : WEIR_E_BAD_TIME_ZONE;
}

static const struct weir_timezone *find_zone(const struct weir_session *session,
                                             struct weir_slice name, struct weir_error *error)
{
    struct weir_engine *engine = session->context;
    for (const struct weir_zone *zone = engine->zone_list; zone; zone = zone->next)
        if (weir_slice_equals_ignoring_case(zone->name, name))
            return zone->zone;
    struct weir_zone *zone = WEIR_ARENA_NEW(&engine->zones, struct weir_zone);
    char *copy = weir_arena_copy(&engine->zones, name);
    struct weir_error local;
    if (!zone || !copy) {
        (void)weir_error_set_out_of_memory(error);
        return NULL;
    }
    zone->name = weir_slice_make(copy, name.size);
    if (load_zone(engine, zone->name, &zone->zone, error ? error : &local) != WEIR_OK)
        return NULL;
    zone->next = engine->zone_list;
    engine->zone_list = zone;
    return zone->zone;
}

static void fill_random(const struct weir_session *session, void *bytes, size_t size)
{
    const struct weir_engine *engine = session->context;
    if (engine->sys->entropy(engine->sys, bytes, size, NULL) != WEIR_OK)
        memset(bytes, 0, size);
}

/* ---- opening ---- */

enum weir_status weir_engine_set(struct weir_engine *engine, struct weir_slice name,
                                 struct weir_slice value, struct weir_error *error)
{
    WEIR_TRY(weir_settings_zone(&engine->session, name, value, error));
    return weir_catalog_set(engine->catalog, name, value, true, error);
}

enum weir_status weir_engine_isa(const struct weir_sys *sys, enum weir_isa *out,
                                 struct weir_error *error)
{
    const char *limit = sys->environment(sys, "WEIR_CPU");
    *out = weir_isa_detect(WEIR_ISA_AVX512);
    if (!limit)
        return WEIR_OK;
    for (int isa = WEIR_ISA_SCALAR; isa <= WEIR_ISA_AVX512; isa++) {
        if (strcmp(limit, weir_isa_name((enum weir_isa)isa)) == 0) {
            *out = weir_isa_detect((enum weir_isa)isa);
            return WEIR_OK;
        }
    }
    (void)weir_error_set(error, WEIR_E_USAGE, "WEIR_CPU names no instruction set: \"%s\"", limit);
    weir_error_hint(error, "it is one of scalar, avx2, avx512");
    return WEIR_E_USAGE;
}

enum weir_status weir_engine_open(struct weir_engine *engine, const struct weir_sys *sys,
                                  struct weir_engine_owner owner, enum weir_plan_mode mode,
                                  void *embedder, struct weir_error *error)
{
    enum weir_isa isa;
    *engine = (struct weir_engine){.sys = sys, .owner = owner, .mode = mode};
    weir_budget_init(&engine->budget, "process", UINT64_MAX, NULL);
    weir_arena_init(&engine->zones, &engine->budget, 4096);
    weir_buffer_init(&engine->report_json, &engine->budget);
    weir_buffer_init(&engine->report_text, &engine->budget);
    weir_buffer_init(&engine->report_late, &engine->budget);
    engine->session = (struct weir_session){.now = sys->wall_clock(sys),
                                            .timezone_find = find_zone,
                                            .random_fill = fill_random,
                                            .context = engine};
    engine->tables = (struct weir_tables){.sys = sys,
                                          .connectors = weir_connectors_builtin(),
                                          .budget = &engine->budget,
                                          .embedder = embedder};
    WEIR_TRY(weir_engine_isa(sys, &isa, error));
    engine->isa_limit = isa;
    engine->session.loops = weir_loops_get(isa);
    engine->hash_collide = sys->environment(sys, "WEIR_TEST_HASH_COLLIDE") != NULL;
    WEIR_TRY(sys->entropy(sys, &engine->hash_seed, sizeof engine->hash_seed, error));
    return weir_catalog_create(&engine->budget, &engine->catalog, error);
}

void weir_engine_close(struct weir_engine *engine)
{
    if (engine->catalog)
        weir_catalog_destroy(engine->catalog);
    weir_arena_deinit(&engine->zones);
    weir_buffer_deinit(&engine->report_json);
    weir_buffer_deinit(&engine->report_text);
    weir_buffer_deinit(&engine->report_late);
}

/* ---- executing ---- */

static int report(struct weir_engine *engine, const struct weir_error *error,
                  struct weir_slice program)
{
    return engine->owner.report(engine->owner.context, error, program);
}

/* The record that comes next in the text; those of one place in the order in which they were found.
 * There are few. */
static const struct weir_error *next_record(const struct weir_diagnostics *diagnostics,
                                            const struct weir_error *last)
{
    const struct weir_error *next = NULL;
    for (uint32_t i = 0; i < diagnostics->records_count; i++) {
        const struct weir_error *record = &diagnostics->records[i];
        uint32_t at = record->position.offset;
        if (last && (at < last->position.offset || (at == last->position.offset && record <= last)))
            continue;
        if (!next || at < next->position.offset)
            next = record;
    }
    return next;
}

static int report_all(struct weir_engine *engine, const struct weir_diagnostics *diagnostics,
                      struct weir_slice program)
{
    int code = 0;
    struct weir_sql_diagnostic_style style = {WEIR_SQL_ERROR, false};
    struct weir_buffer json;
    weir_buffer_init(&json, NULL);
    for (const struct weir_error *record = next_record(diagnostics, NULL); record;
         record = next_record(diagnostics, record)) {
        if (engine->json_errors) {
            const struct weir_error_info *info = weir_error_info_get(record->code);
            code = info && code == 0 ? info->exit_code : code;
            weir_sql_diagnostic_render_json(&json, record, &style);
            weir_buffer_append_char(&json, '\n');
            continue;
        }
        int one = report(engine, record, program);
        code = code ? code : one;
    }
    if (json.size)
        (void)engine->owner.print(engine->owner.context, weir_buffer_slice(&json));
    weir_buffer_deinit(&json);
    return code ? code : 2;
}

static bool should_stop(void *context)
{
    const struct weir_engine *engine = context;
    return engine->sys->stop_signal(engine->sys) != 0;
}

static void job_progress(void *context, const struct weir_job_stats *stats)
{
    struct weir_engine *engine = context;
    engine->progress(engine->progress_context, stats);
}

static enum weir_status apply_timezone(struct weir_engine *engine, struct weir_error *error)
{
    struct weir_slice name = weir_catalog_settings(engine->catalog)->timezone;
    engine->session.timezone = NULL;
    if (name.size == 0 || weir_slice_equals_ignoring_case(name, weir_slice_from_string("UTC")))
        return WEIR_OK;
    engine->session.timezone = find_zone(&engine->session, name, error);
    return engine->session.timezone ? WEIR_OK : WEIR_E_BAD_TIME_ZONE;
}

static bool all_bounded(const struct weir_plan *plan)
{
    for (uint32_t i = 0; i < plan->sinks_count; i++)
        if (!plan->sinks[i]->bounded)
            return false;
    return true;
}

static enum weir_flow discard_begin(void *context, uint32_t select,
                                    const struct weir_plan_node *node, struct weir_error *error)
{
    (void)context, (void)select, (void)node, (void)error;
    return WEIR_FLOW_OK;
}

static enum weir_flow discard_batch(void *context, uint32_t select, struct weir_batch *batch,
                                    struct weir_error *error)
{
    (void)context, (void)select, (void)batch, (void)error;
    return WEIR_FLOW_OK;
}

static enum weir_flow discard_end(void *context, uint32_t select, struct weir_error *error)
{
    (void)context, (void)select, (void)error;
    return WEIR_FLOW_OK;
}

static const struct weir_result_receiver discards_rows = {
    .begin = discard_begin, .batch = discard_batch, .end = discard_end};

static void keep_reports(struct weir_engine *engine, const struct weir_job *job)
{
    engine->last_stats.held_by = NULL; /* the job goes */
    weir_buffer_clear(&engine->report_late);
    weir_job_report_late(job, "weir:   ", &engine->report_late);
    if (!engine->wants_report)
        return;
    weir_buffer_clear(&engine->report_json);
    weir_buffer_clear(&engine->report_text);
    weir_job_report_json(job, WEIR_REPORT_ALL, &engine->report_json);
    weir_job_report_text(job, WEIR_REPORT_ALL, &engine->report_text);
}

static void log_start(const struct weir_engine *engine, const struct weir_plan *plan)
{
    weir_log(WEIR_LOG_INFO, "job started",
             weir_log_string("program", engine->file_name ? engine->file_name : "-"),
             weir_log_u64("operators", plan->nodes_count));
}

/* A failure is told by its error besides, where levels do not count. */
static void log_end(const struct weir_engine *engine, const struct weir_job *job,
                    enum weir_status status, const struct weir_error *error)
{
    struct weir_job_stats stats;
    char code[16] = "";
    bool failed = status != WEIR_OK && status != WEIR_E_CLOSED_PIPE;
    bool stopped = engine->sys->stop_signal(engine->sys) != 0;
    if (failed)
        (void)snprintf(code, sizeof code, "WEIR-%d", (int)error->code);
    weir_job_stats(job, &stats);
    weir_log(WEIR_LOG_INFO, "job ended",
             weir_log_string("status", failed    ? code
                                       : stopped ? "stopped"
                                                 : "done"),
             weir_log_u64("rows_in", stats.rows_in), weir_log_u64("rows_out", stats.rows_out),
             weir_log_u64("bytes_in", stats.bytes_in), weir_log_u64("late_rows", stats.late_rows),
             weir_log_u64("bad_records", stats.bad_records),
             weir_log_f64("seconds", (double)stats.elapsed_ns / 1e9));
}

/* analyzed: whose report is wanted in text; NULL: none is. */
static int run_plan(struct weir_engine *engine, const struct weir_plan *plan,
                    struct weir_slice program, const struct weir_planned *analyzed,
                    struct weir_buffer *text)
{
    struct weir_error error;
    struct weir_job *job = NULL;
    weir_error_clear(&error);
    struct weir_job_env env = {.sys = engine->sys,
                               .session = &engine->session,
                               .budget = &engine->budget,
                               .receiver = analyzed ? &discards_rows : engine->receiver,
                               .embedder = engine->tables.embedder,
                               .bounded_query =
                                   engine->mode == WEIR_PLAN_MODE_SQL && all_bounded(plan),
                               .hash_seed = engine->hash_seed,
                               .hash_collide = engine->hash_collide,
                               .isa_limit = engine->isa_limit,
                               .should_stop = should_stop,
                               .progress = engine->progress ? job_progress : NULL,
                               .context = engine};
    enum weir_status status = apply_timezone(engine, &error);
    if (status == WEIR_OK)
        status = weir_job_create(plan, &env, &job, &error);
    if (status == WEIR_OK) {
        struct weir_job_stats earlier = engine->last_stats;
        log_start(engine, plan);
        status = weir_job_run(job, &error);
        log_end(engine, job, status, &error);
        weir_job_stats(job, &engine->last_stats);
        weir_job_stats_add(&engine->last_stats, &earlier);
        engine->has_run = true;
        keep_reports(engine, job);
        if (analyzed && status == WEIR_OK)
            (analyzed->report_json ? weir_job_report_json
                                   : weir_job_report_text)(job, analyzed->report, text);
    }
    weir_job_destroy(job);
    if (status == WEIR_OK || status == WEIR_E_CLOSED_PIPE)
        return 0;
    return report(engine, &error, program);
}

static int print_text(struct weir_engine *engine, struct weir_slice text)
{
    return engine->owner.print(engine->owner.context, text);
}

static int print_plan(struct weir_engine *engine, const struct weir_plan *plan, bool json)
{
    struct weir_buffer text;
    weir_buffer_init(&text, &engine->budget);
    if (json)
        weir_plan_print_json(plan, &text);
    else
        weir_plan_print_text(plan, &text);
    int code = print_text(engine, weir_buffer_slice(&text));
    weir_buffer_deinit(&text);
    return code;
}

/* EXPLAIN ANALYZE: runs, and prints what the run has to tell instead of its rows. */
static int analyze(struct weir_engine *engine, const struct weir_planned *planned,
                   struct weir_slice program)
{
    struct weir_buffer text;
    weir_buffer_init(&text, &engine->budget);
    int code = run_plan(engine, planned->plan, program, planned, &text);
    if (code == 0)
        code = print_text(engine, weir_buffer_slice(&text));
    weir_buffer_deinit(&text);
    return code;
}

static int nothing_to_run(struct weir_engine *engine)
{
    struct weir_error error;
    (void)weir_error_set(&error, WEIR_E_EMPTY_PROGRAM, "the program has nothing to run");
    weir_error_hint(&error, "add an INSERT INTO … SELECT, or a SELECT");
    return report(engine, &error, (struct weir_slice){NULL, 0});
}

static int act(struct weir_engine *engine, const struct weir_planned *planned,
               const struct weir_buffer *notes, struct weir_slice program,
               enum weir_engine_action action)
{
    bool explain = action == WEIR_ENGINE_EXPLAIN || action == WEIR_ENGINE_EXPLAIN_JSON;
    if (action == WEIR_ENGINE_CHECK)
        return print_text(engine, weir_buffer_slice(notes));
    switch (planned->effect) {
    case WEIR_EFFECT_RUN:
        return explain ? print_plan(engine, planned->plan, action == WEIR_ENGINE_EXPLAIN_JSON)
                       : run_plan(engine, planned->plan, program, NULL, NULL);
    case WEIR_EFFECT_ANALYZE:
        return explain ? print_plan(engine, planned->plan, action == WEIR_ENGINE_EXPLAIN_JSON)
                       : analyze(engine, planned, program);
    case WEIR_EFFECT_EXPLAIN:
    case WEIR_EFFECT_SHOW:
        return print_text(engine, planned->text);
    default:
        return engine->mode == WEIR_PLAN_MODE_RUN ? nothing_to_run(engine) : 0;
    }
}

/* Plans and acts on a program, or one statement of it. */
static int execute_program(struct weir_engine *engine, const struct weir_sql_program *program,
                           struct weir_diagnostics *diagnostics, enum weir_engine_action action)
{
    struct weir_arena arena;
    struct weir_buffer notes;
    struct weir_planned planned = {.effect = WEIR_EFFECT_NONE};
    struct weir_plan_env env = {.mode = engine->mode,
                                .connectors = engine->tables.connectors,
                                .session = &engine->session,
                                .table_resolve = weir_tables_resolve,
                                .file_table = weir_tables_file,
                                .table_rows = weir_tables_rows,
                                .environment = weir_tables_environment,
                                .context = &engine->tables,
                                .notes_json = engine->json_errors,
                                .show_json = engine->json_rows};
    int code = 0;
    weir_arena_init(&arena, &engine->budget, 0);
    weir_buffer_init(&notes, &engine->budget);
    engine->session.now = engine->sys->wall_clock(engine->sys);
    bool ok =
        weir_plan_program(engine->catalog, program, &env, &arena, diagnostics, &notes, &planned);
    if (ok && diagnostics->records_count == 0)
        code = act(engine, &planned, &notes, program->text, action);
    weir_buffer_deinit(&notes);
    weir_arena_deinit(&arena);
    return code;
}

/* Statement by statement, each with what was declared before it. */
static int execute_each(struct weir_engine *engine, const struct weir_sql_program *program,
                        struct weir_diagnostics *diagnostics, enum weir_engine_action action)
{
    int code = 0;
    for (uint32_t i = 0; i < program->statements_count && code == 0; i++) {
        struct weir_sql_program one = *program;
        one.statements = &program->statements[i];
        one.statements_count = 1;
        code = execute_program(engine, &one, diagnostics, action);
        if (diagnostics->records_count || should_stop(engine))
            break;
    }
    return code;
}

int weir_engine_execute(struct weir_engine *engine, struct weir_slice text, const char *file_name,
                        enum weir_engine_action action)
{
    struct weir_arena arena;
    struct weir_diagnostics diagnostics;
    struct weir_sql_program *program = NULL;
    int code = 0;
    engine->last_stats = (struct weir_job_stats){0};
    engine->file_name = file_name;
    weir_arena_init(&arena, &engine->budget, 0);
    weir_diagnostics_init(&diagnostics);
    enum weir_status status = weir_sql_parse(text, file_name, &arena, &diagnostics, &program);
    bool each = engine->mode == WEIR_PLAN_MODE_SQL && action == WEIR_ENGINE_RUN;
    if (program && (status == WEIR_OK || action == WEIR_ENGINE_CHECK))
        code = each ? execute_each(engine, program, &diagnostics, action)
                    : execute_program(engine, program, &diagnostics, action);
    if (diagnostics.records_count)
        code = report_all(engine, &diagnostics, program ? program->text : text);
    weir_diagnostics_deinit(&diagnostics);
    weir_arena_deinit(&arena);
    return code;
}
