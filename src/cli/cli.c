/* Command line parsing, dispatch, and messages; see cli.h. */
#include "cli/cli.h"

#include "obs/log.h"
#include "sql/diagnostic.h"
#include "sys/fault.h"

#include <stdarg.h>
#include <stdio.h>

static const struct weir_command commands[] = {
#define WEIR_COMMAND(name, initial, function, usage, summary, details) \
    {name, initial, function, usage, summary, details},
#include "cli/commands.def"
#undef WEIR_COMMAND
};

static const struct weir_flag flags[] = {
#define WEIR_FLAG(commands, name, letter, value, field, help) \
    {commands, name, letter, value, offsetof(struct weir_cli_options, field), help},
#include "cli/options.def"
#undef WEIR_FLAG
};

const struct weir_command *weir_cli_commands(size_t *count)
{
    *count = WEIR_COUNT_OF(commands);
    return commands;
}

const struct weir_flag *weir_cli_flags(size_t *count)
{
    *count = WEIR_COUNT_OF(flags);
    return flags;
}

const struct weir_command *weir_cli_command_find(const char *name)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* ---- output ---- */

enum weir_status weir_cli_print(struct weir_cli *cli, struct weir_slice text,
                                struct weir_error *error)
{
    return text.size ? weir_file_write(cli->out, text.data, text.size, error) : WEIR_OK;
}

void weir_cli_message(struct weir_cli *cli, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (size > 0)
        (void)!weir_file_write(cli->err, text,
                               (size_t)size < sizeof text ? (size_t)size : sizeof text - 1, NULL);
}

int weir_cli_fail(struct weir_cli *cli, const struct weir_error *error, struct weir_slice program)
{
    const struct weir_error_info *info = weir_error_info_get(error->code);
    struct weir_sql_diagnostic_style style = {WEIR_SQL_ERROR, cli->color};
    struct weir_buffer text;
    if (cli->undraw)
        cli->undraw(cli->undraw_context);
    if (error->code == WEIR_E_CLOSED_PIPE) /* weir … | head -1: enough was read */
        return info->exit_code;
    weir_buffer_init(&text, NULL);
    weir_sql_diagnostic_render(&text, error, program, &style);
    if (!text.failed && text.size)
        (void)!weir_file_write(cli->err, text.data, text.size, NULL);
    else
        weir_cli_message(cli, "error WEIR-%d: %s\n", (int)error->code, error->message);
    weir_buffer_deinit(&text);
    return info ? info->exit_code : 1;
}

/* ---- parsing ---- */

static bool flag_applies(const struct weir_flag *flag, const struct weir_command *command)
{
    return strchr(flag->commands, command->initial) != NULL;
}

static const struct weir_flag *find_flag(const struct weir_command *command, struct weir_slice name,
                                         char letter)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(flags); i++) {
        if (!flag_applies(&flags[i], command))
            continue;
        if (letter ? flags[i].letter == letter : weir_slice_equals_string(name, flags[i].name))
            return &flags[i];
    }
    return NULL;
}

static enum weir_status unknown_flag(const struct weir_command *command, struct weir_slice name,
                                     const char *argument, struct weir_error *error)
{
    struct weir_slice candidates[WEIR_COUNT_OF(flags)];
    size_t count = 0;
    for (size_t i = 0; i < WEIR_COUNT_OF(flags); i++)
        if (flag_applies(&flags[i], command))
            candidates[count++] = weir_slice_from_string(flags[i].name);
    (void)weir_error_set(error, WEIR_E_UNKNOWN_FLAG, "weir %s has no option \"%s\"", command->name,
                         argument);
    struct weir_slice nearest = weir_slice_nearest(name, candidates, count);
    if (nearest.size)
        weir_error_hint(error, "did you mean \"--%.*s\"?", WEIR_SLICE_ARGS(nearest));
    else
        weir_error_hint(error, "see weir help %s", command->name);
    return WEIR_E_UNKNOWN_FLAG;
}

static enum weir_status store_flag(const struct weir_flag *flag, const char *value,
                                   struct weir_cli_options *options, struct weir_error *error)
{
    char *field = (char *)options + flag->field;
    if (!flag->value) {
        bool on = true;
        memcpy(field, &on, sizeof on);
        return WEIR_OK;
    }
    if (flag->field != offsetof(struct weir_cli_options, defines)) {
        memcpy(field, &value, sizeof value);
        return WEIR_OK;
    }
    if (options->defines_count == WEIR_CLI_DEFINES_MAX)
        return weir_error_set(error, WEIR_E_USAGE, "more than %d definitions",
                              (int)WEIR_CLI_DEFINES_MAX);
    options->defines[options->defines_count++] = value;
    return WEIR_OK;
}

/* --name, --name=value, --name value, -x, -xvalue, -x value. */
static enum weir_status parse_flag(const struct weir_command *command, int argc, char **argv,
                                   int *index, struct weir_cli_options *options,
                                   struct weir_error *error)
{
    const char *argument = argv[*index];
    bool is_long = argument[1] == '-';
    const char *equals = is_long ? strchr(argument, '=') : NULL;
    struct weir_slice name = {NULL, 0};
    if (is_long)
        name = weir_slice_make(argument + 2,
                               equals ? (size_t)(equals - argument - 2) : strlen(argument + 2));
    const struct weir_flag *flag = find_flag(command, name, is_long ? 0 : argument[1]);
    if (!flag)
        return unknown_flag(command, is_long ? name : weir_slice_from_string(argument + 1),
                            argument, error);
    const char *value = NULL;
    if (flag->value) {
        if (is_long)
            value = equals ? equals + 1 : NULL;
        else
            value = argument[2] ? argument + 2 : NULL;
        if (!value && *index + 1 < argc)
            value = argv[++*index];
        if (!value)
            return weir_error_set(error, WEIR_E_USAGE, "option --%s needs %s", flag->name,
                                  flag->value);
    } else if (equals || (!is_long && argument[2])) {
        return weir_error_set(error, WEIR_E_USAGE, "option --%s takes no value", flag->name);
    }
    return store_flag(flag, value, options, error);
}

/* SQL on the command line may begin with a comment. */
static bool is_sql_comment(const char *argument)
{
    return argument[0] == '-' && argument[1] == '-' && strpbrk(argument, " \n\t") == argument + 2;
}

static enum weir_status parse_arguments(const struct weir_command *command, int argc, char **argv,
                                        struct weir_cli_options *options, struct weir_error *error)
{
    bool flags_end = false;
    for (int i = 2; i < argc; i++) {
        if (!flags_end && strcmp(argv[i], "--") == 0) {
            flags_end = true;
            continue;
        }
        if (!flags_end && argv[i][0] == '-' && argv[i][1] && !is_sql_comment(argv[i])) {
            WEIR_TRY(parse_flag(command, argc, argv, &i, options, error));
            continue;
        }
        if (options->arguments_count == WEIR_CLI_FILES_MAX)
            return weir_error_set(error, WEIR_E_USAGE, "more than %d arguments",
                                  (int)WEIR_CLI_FILES_MAX);
        options->arguments[options->arguments_count++] = argv[i];
    }
    return WEIR_OK;
}

/* WEIR_FORMAT, WEIR_PROGRESS, WEIR_LOG, WEIR_COLOR, WEIR_PARALLELISM, WEIR_BATCH_ROWS: what the
 * command line does not say. */
static void take_environment(const struct weir_sys *sys, const struct weir_command *command,
                             struct weir_cli_options *options)
{
    static const char *const names[][2] = {{"format", "WEIR_FORMAT"},
                                           {"progress", "WEIR_PROGRESS"},
                                           {"log", "WEIR_LOG"},
                                           {"color", "WEIR_COLOR"},
                                           {"batch-rows", "WEIR_BATCH_ROWS"},
                                           {"parallelism", "WEIR_PARALLELISM"}};
    for (size_t i = 0; i < WEIR_COUNT_OF(names); i++) {
        const struct weir_flag *flag = find_flag(command, weir_slice_from_string(names[i][0]), 0);
        const char *value = flag ? sys->environment(sys, names[i][1]) : NULL;
        const char **field = flag ? (const char **)((char *)options + flag->field) : NULL;
        if (value && *value && !*field)
            *field = value;
    }
}

/* ---- dispatch ---- */

/* SQL where a command should stand, or a file of it. */
static bool looks_like_sql(const char *name)
{
    size_t size = strlen(name);
    return strpbrk(name, " \n\t;") || (size > 4 && strcmp(name + size - 4, ".sql") == 0) ||
           weir_slice_equals_ignoring_case(weir_slice_make(name, size),
                                           weir_slice_from_string("select"));
}

static int unknown_command(struct weir_cli *cli, const char *name)
{
    struct weir_error error;
    struct weir_slice candidates[WEIR_COUNT_OF(commands)];
    for (size_t i = 0; i < WEIR_COUNT_OF(commands); i++)
        candidates[i] = weir_slice_from_string(commands[i].name);
    (void)weir_error_set(&error, WEIR_E_UNKNOWN_COMMAND, "no command \"%s\"", name);
    struct weir_slice nearest =
        weir_slice_nearest(weir_slice_from_string(name), candidates, WEIR_COUNT_OF(commands));
    if (looks_like_sql(name))
        weir_error_hint(&error, "weir sql \"SELECT …\" asks, weir run FILE.sql runs a program");
    else if (nearest.size)
        weir_error_hint(&error, "did you mean \"weir %.*s\"?", WEIR_SLICE_ARGS(nearest));
    return weir_cli_fail(cli, &error, (struct weir_slice){NULL, 0});
}

/* What people type by habit: weir --help, weir -V. */
static const char *command_name(const char *argument)
{
    if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)
        return "help";
    if (strcmp(argument, "--version") == 0 || strcmp(argument, "-V") == 0 ||
        strcmp(argument, "-v") == 0)
        return "version";
    return argument;
}

/* WHEN of --color and --progress. */
static enum weir_status check_when(const char *flag, const char *when, const char *other,
                                   struct weir_error *error)
{
    if (!when || strcmp(when, "auto") == 0 || strcmp(when, "always") == 0 ||
        strcmp(when, "never") == 0 || (other && strcmp(when, other) == 0))
        return WEIR_OK;
    (void)weir_error_set(error, WEIR_E_USAGE, "--%s cannot be \"%s\"", flag, when);
    weir_error_hint(error, "it is one of auto, always, never%s%s", other ? ", " : "",
                    other ? other : "");
    return WEIR_E_USAGE;
}

static bool wants_color(const struct weir_cli *cli, const char *when)
{
    if (when && strcmp(when, "always") == 0)
        return true;
    if (when && strcmp(when, "never") == 0)
        return false;
    return cli->sys->file_is_terminal(cli->err) && !cli->sys->environment(cli->sys, "NO_COLOR");
}

/* A job away from a terminal tells of its start, its end and what happens; else warnings alone. */
static enum weir_status open_log(struct weir_cli *cli, const struct weir_command *command,
                                 const char *level, struct weir_error *error)
{
    bool is_job = strcmp(command->name, "run") == 0 && !cli->sys->file_is_terminal(cli->err);
    struct weir_log_options log = {
        .sys = cli->sys, .file = cli->err, .level = is_job ? WEIR_LOG_INFO : WEIR_LOG_WARNING};
    if (level && strcmp(level, "off") == 0)
        return WEIR_OK;
    if (level && !weir_log_level_from_name(weir_slice_from_string(level), &log.level)) {
        (void)weir_error_set(error, WEIR_E_USAGE, "--log cannot be \"%s\"", level);
        weir_error_hint(error, "it is one of off, error, warning, info, debug");
        return WEIR_E_USAGE;
    }
    weir_log_open(&log);
    return WEIR_OK;
}

int weir_cli_main(const struct weir_sys *sys, int argc, char **argv)
{
    struct weir_cli cli = {.sys = sys,
                           .program = "weir",
                           .out = sys->standard_stream(sys, 1),
                           .err = sys->standard_stream(sys, 2)};
    struct weir_cli_options options = {0};
    struct weir_error error;
    struct weir_slice none = {NULL, 0};
    const char *name = argc < 2 ? "help" : command_name(argv[1]);
    weir_error_clear(&error);
    cli.color = wants_color(&cli, NULL);
    const struct weir_command *command = weir_cli_command_find(name);
    if (!command)
        return unknown_command(&cli, name);
    if (weir_fault_arm(sys->environment(sys, "WEIR_FAULT"), &error) != WEIR_OK ||
        parse_arguments(command, argc, argv, &options, &error) != WEIR_OK)
        return weir_cli_fail(&cli, &error, none);
    take_environment(sys, command, &options);
    if (open_log(&cli, command, options.log, &error) != WEIR_OK ||
        check_when("color", options.color, NULL, &error) != WEIR_OK ||
        check_when("progress", options.progress, "watermark", &error) != WEIR_OK ||
        sys->signals_watch(sys, &error) != WEIR_OK)
        return weir_cli_fail(&cli, &error, none);
    cli.color = wants_color(&cli, options.color);
    if (options.help) {
        options.arguments[0] = command->name;
        options.arguments_count = 1;
        return weir_command_help(&cli, &options);
    }
    int code = command->run(&cli, &options);
    weir_log_close();
    return argc < 2 && code == 0 ? 2 : code;
}
