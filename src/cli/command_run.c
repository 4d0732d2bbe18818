/* weir run, check, explain and sql: programs from files and from the command line. */
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/results.h"
#include "cli/shell.h"
#include "embed/engine.h"
#include "sql/ast.h"

static int fail(struct weir_cli *cli, const struct weir_error *error)
{
    return weir_cli_fail(cli, error, (struct weir_slice){NULL, 0});
}

/* ---- the engine's owner ---- */

static int report(void *context, const struct weir_error *error, struct weir_slice program)
{
    struct weir_cli *cli = context;
    if (error->code == WEIR_E_INTERRUPTED) {
        if (cli->undraw)
            cli->undraw(cli->undraw_context);
        weir_cli_message(cli, "interrupted\n");
        return 128 + cli->sys->stop_signal(cli->sys);
    }
    return weir_cli_fail(context, error, program);
}

static int print(void *context, struct weir_slice text)
{
    struct weir_error error;
    weir_error_clear(&error);
    if (weir_cli_print(context, text, &error) == WEIR_OK || error.code == WEIR_E_CLOSED_PIPE)
        return 0;
    return weir_cli_fail(context, &error, (struct weir_slice){NULL, 0});
}

/* -D NAME=VALUE */
static enum weir_status define(struct weir_engine *engine, const char *text,
                               struct weir_error *error)
{
    const char *equals = strchr(text, '=');
    if (!equals)
        return weir_error_set(error, WEIR_E_USAGE, "-D needs NAME=VALUE, not \"%s\"", text);
    return weir_engine_set(engine, weir_slice_make(text, (size_t)(equals - text)),
                           weir_slice_from_string(equals + 1), error);
}

static enum weir_status set_if_given(struct weir_engine *engine, const char *name,
                                     const char *value, struct weir_error *error)
{
    return value ? weir_engine_set(engine, weir_slice_from_string(name),
                                   weir_slice_from_string(value), error)
                 : WEIR_OK;
}

static enum weir_status open_engine(struct weir_engine *engine, struct weir_cli *cli,
                                    const struct weir_cli_options *options,
                                    enum weir_plan_mode mode, struct weir_error *error)
{
    struct weir_engine_owner owner = {report, print, cli};
    WEIR_TRY(weir_engine_open(engine, cli->sys, owner, mode, NULL, error));
    for (uint32_t i = 0; i < options->defines_count; i++)
        WEIR_TRY(define(engine, options->defines[i], error));
    WEIR_TRY(set_if_given(engine, "parallelism", options->parallelism, error));
    return set_if_given(engine, "batch_rows", options->batch_rows, error);
}

/* ---- programs ---- */

/* Reads a program; "-" is standard input. */
static enum weir_status read_program(struct weir_cli *cli, const char *path,
                                     struct weir_buffer *text, struct weir_error *error)
{
    struct weir_file *file = cli->sys->standard_stream(cli->sys, 0);
    if (strcmp(path, "-") != 0)
        WEIR_TRY(cli->sys->file_open(cli->sys, path, WEIR_OPEN_READ, &file, error));
    enum weir_status status = weir_file_read_all(file, WEIR_SQL_PROGRAM_MAX, text, error);
    (void)weir_file_close(file, NULL);
    return status;
}

/* A program that cannot be read: the command line is wrong, and nothing ran. */
static enum weir_status blame_command_line(struct weir_error *error)
{
    if (error->code == WEIR_E_FILE_NOT_FOUND)
        weir_error_hint(error, "the folder is the one weir was called in");
    if (error->code == WEIR_E_FILE_NOT_FOUND || error->code == WEIR_E_FILE_ACCESS)
        error->code = WEIR_E_USAGE;
    return error->code;
}

/* All files joined into one program; messages name the first. */
static enum weir_status read_programs(struct weir_cli *cli, const struct weir_cli_options *options,
                                      struct weir_buffer *text, struct weir_error *error)
{
    if (options->arguments_count == 0) {
        (void)weir_error_set(error, WEIR_E_USAGE, "no program is named");
        weir_error_hint(error, "name a file of SQL; weir sql \"SELECT …\" asks without one");
        return WEIR_E_USAGE;
    }
    for (uint32_t i = 0; i < options->arguments_count; i++) {
        enum weir_status status = read_program(cli, options->arguments[i], text, error);
        if (status == WEIR_OK)
            continue;
        return blame_command_line(error);
    }
    return WEIR_OK;
}

/* What --stats and --report ask for. */
static int write_reports(struct weir_cli *cli, const struct weir_cli_options *options,
                         const struct weir_engine *engine, int code)
{
    struct weir_slice json = weir_buffer_slice(&engine->report_json);
    struct weir_file *file = NULL;
    struct weir_error error;
    struct weir_slice text = weir_buffer_slice(&engine->report_text);
    if (options->stats && text.size)
        (void)!weir_file_write(cli->err, text.data, text.size, NULL);
    if (!options->report || !engine->has_run)
        return code;
    weir_error_clear(&error);
    bool own = strcmp(options->report, "-") != 0;
    enum weir_status status = WEIR_OK;
    if (own)
        status = cli->sys->file_open(cli->sys, options->report, WEIR_OPEN_WRITE, &file, &error);
    if (status == WEIR_OK)
        status = weir_file_write(own ? file : cli->err, json.data, json.size, &error);
    if (own && file && status == WEIR_OK)
        status = cli->sys->file_close(file, &error);
    else if (own && file)
        (void)cli->sys->file_close(file, NULL);
    return status == WEIR_OK ? code : fail(cli, &error);
}

int weir_cli_run_program(struct weir_cli *cli, const struct weir_cli_options *options,
                         struct weir_slice program, const char *file_name)
{
    struct weir_error error;
    struct weir_engine engine;
    struct weir_results results;
    struct weir_progress progress;
    enum weir_results_format format = WEIR_RESULTS_TABLE;
    int code;
    weir_error_clear(&error);
    if (weir_results_format_parse(cli, options->format, &format, &error) != WEIR_OK)
        return fail(cli, &error);
    weir_progress_init(&progress, cli, options->progress);
    weir_results_init(&results, cli, format, true, &progress);
    if (results.is_terminal && options->progress == NULL)
        weir_results_share_line(&results);
    if (open_engine(&engine, cli, options, WEIR_PLAN_MODE_RUN, &error) == WEIR_OK) {
        engine.receiver = &results.receiver;
        engine.json_rows = options->format && format == WEIR_RESULTS_JSON;
        engine.progress = weir_progress_show;
        engine.progress_context = &progress;
        engine.wants_report = options->stats || options->report;
        code = weir_engine_execute(&engine, program, file_name, WEIR_ENGINE_RUN);
        if (engine.has_run)
            weir_progress_report(&progress, &engine.last_stats,
                                 weir_buffer_slice(&engine.report_late), options->stats);
        code = write_reports(cli, options, &engine, code);
    } else {
        code = fail(cli, &error);
    }
    weir_engine_close(&engine);
    weir_results_deinit(&results);
    return code;
}

int weir_command_run(struct weir_cli *cli, const struct weir_cli_options *options)
{
    struct weir_error error;
    struct weir_buffer text;
    int code;
    weir_error_clear(&error);
    weir_buffer_init(&text, NULL);
    if (read_programs(cli, options, &text, &error) == WEIR_OK)
        code = weir_cli_run_program(cli, options, weir_buffer_slice(&text), options->arguments[0]);
    else
        code = fail(cli, &error);
    weir_buffer_deinit(&text);
    return code;
}

/* --format text|json of check and explain. */
static enum weir_status parse_text_or_json(const struct weir_cli_options *options, bool *json,
                                           struct weir_error *error)
{
    *json = options->format && strcmp(options->format, "json") == 0;
    if (!options->format || *json || strcmp(options->format, "text") == 0)
        return WEIR_OK;
    (void)weir_error_set(error, WEIR_E_USAGE, "no output format \"%s\"", options->format);
    weir_error_hint(error, "it is one of text, json");
    return WEIR_E_USAGE;
}

static int plan_only(struct weir_cli *cli, const struct weir_cli_options *options,
                     struct weir_slice text, const char *file_name, enum weir_plan_mode mode,
                     enum weir_engine_action action, bool json)
{
    struct weir_error error;
    struct weir_engine engine;
    int code;
    weir_error_clear(&error);
    if (open_engine(&engine, cli, options, mode, &error) == WEIR_OK) {
        engine.json_errors = json && action == WEIR_ENGINE_CHECK;
        code = weir_engine_execute(&engine, text, file_name, action);
    } else {
        code = fail(cli, &error);
    }
    weir_engine_close(&engine);
    return code;
}

int weir_command_check(struct weir_cli *cli, const struct weir_cli_options *options)
{
    struct weir_error error;
    struct weir_buffer text;
    bool json = false;
    int code;
    weir_error_clear(&error);
    weir_buffer_init(&text, NULL);
    if (parse_text_or_json(options, &json, &error) != WEIR_OK ||
        read_programs(cli, options, &text, &error) != WEIR_OK)
        code = fail(cli, &error);
    else
        code = plan_only(cli, options, weir_buffer_slice(&text), options->arguments[0],
                         WEIR_PLAN_MODE_RUN, WEIR_ENGINE_CHECK, json);
    weir_buffer_deinit(&text);
    return code;
}

/* An argument with white space is SQL; without, it is a file. */
int weir_command_explain(struct weir_cli *cli, const struct weir_cli_options *options)
{
    struct weir_error error;
    struct weir_buffer text;
    bool json = false;
    int code;
    weir_error_clear(&error);
    weir_buffer_init(&text, NULL);
    const char *argument = options->arguments_count ? options->arguments[0] : "";
    bool is_sql = strpbrk(argument, " \t\n") != NULL;
    if (parse_text_or_json(options, &json, &error) != WEIR_OK ||
        (!is_sql && read_programs(cli, options, &text, &error) != WEIR_OK))
        code = fail(cli, &error);
    else
        code = plan_only(cli, options,
                         is_sql ? weir_slice_from_string(argument) : weir_buffer_slice(&text),
                         is_sql ? NULL : argument, is_sql ? WEIR_PLAN_MODE_SQL : WEIR_PLAN_MODE_RUN,
                         json ? WEIR_ENGINE_EXPLAIN_JSON : WEIR_ENGINE_EXPLAIN, json);
    weir_buffer_deinit(&text);
    return code;
}

int weir_command_sql(struct weir_cli *cli, const struct weir_cli_options *options)
{
    struct weir_error error;
    struct weir_buffer text;
    struct weir_engine engine;
    struct weir_results results;
    struct weir_progress progress;
    enum weir_results_format format = WEIR_RESULTS_TABLE;
    int code;
    weir_error_clear(&error);
    weir_buffer_init(&text, NULL);
    const char *file = options->file;
    bool interactive = !file && options->arguments_count == 0 &&
                       cli->sys->file_is_terminal(cli->sys->standard_stream(cli->sys, 0));
    if (!interactive && !file && options->arguments_count == 0)
        file = "-";
    for (uint32_t i = 0; i < options->arguments_count; i++)
        weir_buffer_printf(&text, "%s%s", i ? " " : "", options->arguments[i]);
    if (text.failed)
        (void)weir_error_set_out_of_memory(&error);
    if (text.failed || (file && read_program(cli, file, &text, &error) != WEIR_OK) ||
        weir_results_format_parse(cli, options->format, &format, &error) != WEIR_OK) {
        weir_buffer_deinit(&text);
        (void)blame_command_line(&error);
        return fail(cli, &error);
    }
    weir_progress_init(&progress, cli, options->progress);
    weir_results_init(&results, cli, format, false, &progress);
    if (open_engine(&engine, cli, options, WEIR_PLAN_MODE_SQL, &error) == WEIR_OK) {
        engine.receiver = &results.receiver;
        engine.json_rows = options->format && format == WEIR_RESULTS_JSON;
        engine.progress = weir_progress_show;
        engine.progress_context = &progress;
        if (interactive) {
            code = weir_shell(&engine, &results, &progress);
        } else {
            code = weir_engine_execute(&engine, weir_buffer_slice(&text), file, WEIR_ENGINE_RUN);
            if (engine.has_run)
                weir_progress_report(&progress, &engine.last_stats,
                                     weir_buffer_slice(&engine.report_late), options->stats);
        }
    } else {
        code = fail(cli, &error);
    }
    weir_engine_close(&engine);
    weir_results_deinit(&results);
    weir_buffer_deinit(&text);
    return code;
}
