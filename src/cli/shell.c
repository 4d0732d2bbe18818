/* The interactive shell: statements may span lines and end with a semicolon; lines that begin with
 * a dot or a backslash are commands of the shell itself.
 *
 * Line editing, history and completion are libedit's when it is there; without it lines are read as
 * they come. Ctrl-C stops the query that runs, or forgets the statement that is being typed. */
#include "cli/shell.h"

#include "kernel/aggregate.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef WEIR_HAVE_EDITLINE
#include <editline/readline.h>
#include <locale.h>
#endif

struct shell {
    struct weir_cli *cli;
    struct weir_engine *engine;
    struct weir_results *results;
    struct weir_progress *progress;
    struct weir_buffer statement;
#ifdef WEIR_HAVE_EDITLINE
    locale_t locale, old_locale;
#endif
    bool timing;
    bool explain;
    bool quit;
    int code;
};

/* ---- names for completion ---- */

static const char *const keywords[] = {"SELECT",
                                       "FROM",
                                       "JOIN",
                                       "LEFT JOIN",
                                       "RIGHT JOIN",
                                       "FULL JOIN",
                                       "CROSS JOIN",
                                       "ASOF JOIN",
                                       "LATERAL",
                                       "ON",
                                       "USING",
                                       "WHERE",
                                       "GROUP BY",
                                       "ORDER BY",
                                       "GROUPING SETS",
                                       "ROLLUP",
                                       "CUBE",
                                       "HAVING",
                                       "QUALIFY",
                                       "OVER",
                                       "PARTITION BY",
                                       "LIMIT",
                                       "OFFSET",
                                       "DISTINCT",
                                       "UNION",
                                       "UNION ALL",
                                       "INTERSECT",
                                       "EXCEPT",
                                       "EXISTS",
                                       "ASC",
                                       "DESC",
                                       "NULLS FIRST",
                                       "NULLS LAST",
                                       "CREATE TABLE",
                                       "CREATE VIEW",
                                       "INSERT INTO",
                                       "VALUES",
                                       "WITH",
                                       "AS",
                                       "AND",
                                       "OR",
                                       "NOT",
                                       "NULL",
                                       "IS",
                                       "IN",
                                       "BETWEEN",
                                       "LIKE",
                                       "ILIKE",
                                       "CASE",
                                       "WHEN",
                                       "THEN",
                                       "ELSE",
                                       "END",
                                       "CAST",
                                       "TRY_CAST",
                                       "INTERVAL",
                                       "TIMESTAMP",
                                       "UNNEST",
                                       "FILTER",
                                       "WITHIN GROUP",
                                       "EXPLAIN",
                                       "DESCRIBE",
                                       "SHOW TABLES",
                                       "SHOW FUNCTIONS",
                                       "SHOW CONNECTORS",
                                       "SET",
                                       "EMIT",
                                       "WATERMARK FOR",
                                       "PRIMARY KEY",
                                       ".help",
                                       ".tables",
                                       ".mode",
                                       ".timing",
                                       ".explain",
                                       ".quit"};

#ifdef WEIR_HAVE_EDITLINE

/* readline's interface has no context argument: the shell that is being typed into. */
static struct shell *active_shell;

static char *copy_for_readline(struct weir_slice text)
{
    char *copy = malloc(text.size + 1); /* readline frees it */
    if (copy) {
        memcpy(copy, text.data, text.size);
        copy[text.size] = 0;
    }
    return copy;
}

static bool starts_with(struct weir_slice text, const char *prefix)
{
    size_t size = strlen(prefix);
    return text.size >= size && weir_slice_equals_ignoring_case(weir_slice_make(text.data, size),
                                                                weir_slice_from_string(prefix));
}

/* The index-th name that could be meant; empty at the end. */
static struct weir_slice candidate(const struct shell *shell, size_t index)
{
    size_t functions_count, aggregates_count;
    const struct weir_function *functions = weir_functions_all(&functions_count);
    const struct weir_aggregate *aggregates = weir_aggregates_all(&aggregates_count);
    if (index < WEIR_COUNT_OF(keywords))
        return weir_slice_from_string(keywords[index]);
    index -= WEIR_COUNT_OF(keywords);
    if (index < functions_count)
        return weir_slice_from_string(functions[index].name);
    index -= functions_count;
    if (index < aggregates_count)
        return weir_slice_from_string(aggregates[index].name);
    index -= aggregates_count;
    for (uint32_t t = 0; t < weir_catalog_count(shell->engine->catalog); t++) {
        struct weir_catalog_entry entry = weir_catalog_get(shell->engine->catalog, t);
        uint32_t fields = entry.schema ? entry.schema->fields_count : 0;
        if (index == 0)
            return entry.name;
        if (index <= fields)
            return entry.schema->fields[index - 1].name;
        index -= fields + 1;
    }
    return (struct weir_slice){NULL, 0};
}

/* Functions of one name are several, and columns of several tables have one name. */
static bool is_listed_before(const struct shell *shell, struct weir_slice name, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (weir_slice_equals_ignoring_case(candidate(shell, i), name))
            return true;
    return false;
}

static char *next_completion(const char *text, int state)
{
    static size_t index;
    index = state == 0 ? 0 : index;
    for (;;) {
        struct weir_slice name = candidate(active_shell, index);
        if (!name.data)
            return NULL;
        index++;
        if (starts_with(name, text) && !is_listed_before(active_shell, name, index - 1))
            return copy_for_readline(name);
    }
}

static char **complete(const char *text, int start, int end)
{
    (void)start, (void)end;
    return rl_completion_matches(text, next_completion);
}

static void editor_open(struct shell *shell)
{
    const char *history = shell->engine->sys->environment(shell->engine->sys, "WEIR_HISTORY");
    active_shell = shell;
    shell->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (shell->locale) /* characters, not bytes, are edited */
        shell->old_locale = uselocale(shell->locale);
    rl_readline_name = "weir";
    rl_attempted_completion_function = complete;
    using_history();
    if (history)
        (void)read_history(history);
}

static void editor_close(struct shell *shell)
{
    const char *history = shell->engine->sys->environment(shell->engine->sys, "WEIR_HISTORY");
    if (history)
        (void)write_history(history);
    if (shell->locale) {
        (void)uselocale(shell->old_locale);
        freelocale(shell->locale);
    }
    active_shell = NULL;
}

/* A line without its line feed, to be freed with free(); NULL at the end of input. */
static char *editor_read(const char *prompt)
{
    return readline(prompt);
}

static void editor_remember(const char *line)
{
    (void)add_history(line);
}

#else

static void editor_open(struct shell *shell)
{
    (void)shell;
}

static void editor_close(struct shell *shell)
{
    (void)shell;
}

static char *editor_read(const char *prompt)
{
    char *line = NULL;
    size_t capacity = 0;
    (void)fputs(prompt, stdout);
    (void)fflush(stdout);
    ssize_t size = getline(&line, &capacity, stdin);
    if (size < 0) {
        free(line);
        return NULL;
    }
    if (size > 0 && line[size - 1] == '\n')
        line[size - 1] = 0;
    return line;
}

static void editor_remember(const char *line)
{
    (void)line;
}

#endif

/* ---- commands of the shell ---- */

static void print(struct shell *shell, const char *text)
{
    (void)!weir_cli_print(shell->cli, weir_slice_from_string(text), NULL);
}

static void run_text(struct shell *shell, struct weir_slice text)
{
    struct weir_engine *engine = shell->engine;
    const struct weir_sys *sys = engine->sys;
    uint64_t start_ns = sys->monotonic_ns(sys);
    engine->has_run = false;
    sys->stop_clear(sys);
    shell->code = weir_engine_execute(engine, text, NULL,
                                      shell->explain ? WEIR_ENGINE_EXPLAIN : WEIR_ENGINE_RUN);
    if (engine->has_run)
        weir_progress_report(shell->progress, &engine->last_stats,
                             weir_buffer_slice(&engine->report_late), false);
    sys->stop_clear(sys);
    if (shell->timing)
        weir_cli_message(shell->cli, "%.3f s\n", (double)(sys->monotonic_ns(sys) - start_ns) / 1e9);
}

static void command_help(struct shell *shell, const char *argument)
{
    (void)argument;
    print(shell, "statements end with ; and may span lines\n"
                 ".tables            tables and views\n"
                 "\\d NAME            columns of one, or of a file\n"
                 ".mode FORMAT       table, json or csv\n"
                 ".timing on|off     how long each statement took\n"
                 ".explain on|off    print plans instead of running them\n"
                 ".help .quit\n"
                 "try: SELECT * FROM 'file.json' LIMIT 5;\n");
}

static void command_tables(struct shell *shell, const char *argument)
{
    (void)argument;
    run_text(shell, weir_slice_from_string("SHOW TABLES"));
}

static void command_describe(struct shell *shell, const char *argument)
{
    char text[600];
    if (!argument[0]) {
        command_tables(shell, argument);
        return;
    }
    bool is_path = argument[0] != '\'' && argument[0] != '"' && strpbrk(argument, "./");
    (void)snprintf(text, sizeof text, is_path ? "DESCRIBE '%s'" : "DESCRIBE %s", argument);
    run_text(shell, weir_slice_from_string(text));
}

static void command_mode(struct shell *shell, const char *argument)
{
    struct weir_error error;
    weir_error_clear(&error);
    if (!argument[0]) {
        print(shell, "table, json or csv\n");
        return;
    }
    if (weir_results_format_parse(shell->cli, argument, &shell->results->format, &error) != WEIR_OK)
        (void)weir_cli_fail(shell->cli, &error, (struct weir_slice){NULL, 0});
    shell->engine->json_rows = shell->results->format == WEIR_RESULTS_JSON;
}

static void set_switch(struct shell *shell, const char *name, const char *argument, bool *on)
{
    char text[64];
    if (!argument[0])
        *on = !*on;
    else if (!weir_option_parse_boolean(weir_slice_from_string(argument), on))
        weir_cli_message(shell->cli, "%s takes on or off\n", name);
    (void)snprintf(text, sizeof text, "%s is %s\n", name, *on ? "on" : "off");
    print(shell, text);
}

static void command_timing(struct shell *shell, const char *argument)
{
    set_switch(shell, "timing", argument, &shell->timing);
}

static void command_explain(struct shell *shell, const char *argument)
{
    set_switch(shell, "explain", argument, &shell->explain);
}

static void command_quit(struct shell *shell, const char *argument)
{
    (void)argument;
    shell->quit = true;
}

static const struct shell_command {
    const char *name;
    void (*run)(struct shell *shell, const char *argument);
} shell_commands[] = {
    {".help", command_help},       {"\\?", command_help},       {".tables", command_tables},
    {"\\d", command_describe},     {"\\dt", command_tables},    {".schema", command_describe},
    {".mode", command_mode},       {".timing", command_timing}, {"\\timing", command_timing},
    {".explain", command_explain}, {".quit", command_quit},     {".exit", command_quit},
    {"\\q", command_quit},         {"exit", command_quit},      {"quit", command_quit},
    {"help", command_help},        {"?", command_help},
};

static void run_command(struct shell *shell, const char *line)
{
    struct weir_slice names[WEIR_COUNT_OF(shell_commands)];
    size_t size = strcspn(line, " \t");
    struct weir_slice word = weir_slice_make(line, size);
    const char *argument = line + size + strspn(line + size, " \t");
    while (word.size > 1 && word.data[word.size - 1] == ';')
        word.size--;
    for (size_t i = 0; i < WEIR_COUNT_OF(shell_commands); i++) {
        names[i] = weir_slice_from_string(shell_commands[i].name);
        if (weir_slice_equals_ignoring_case(word, names[i])) {
            char text[512];
            (void)snprintf(text, sizeof text, "%s", argument);
            for (size_t n = strlen(text); n && (text[n - 1] == ';' || text[n - 1] == ' '); n--)
                text[n - 1] = 0;
            shell_commands[i].run(shell, text);
            return;
        }
    }
    struct weir_slice nearest = weir_slice_nearest(word, names, WEIR_COUNT_OF(names));
    if (nearest.size && word.size > 2)
        weir_cli_message(shell->cli, "no command \"%.*s\"; did you mean \"%.*s\"?\n",
                         WEIR_SLICE_ARGS(word), WEIR_SLICE_ARGS(nearest));
    else
        weir_cli_message(shell->cli, "no command \"%.*s\"; see .help\n", WEIR_SLICE_ARGS(word));
}

/* ---- reading ---- */

/* Where text goes on behind `end`, looked for from `from` on; at its end when there is none. */
static size_t behind(struct weir_slice text, size_t from, const char *end, size_t end_size)
{
    for (size_t i = from; i + end_size <= text.size; i++)
        if (memcmp(text.data + i, end, end_size) == 0)
            return i + end_size;
    return text.size + 1;
}

/* Size of $tag$ at the beginning; 0: there is none. */
static size_t dollar_tag(struct weir_slice text)
{
    if (text.data[0] != '$')
        return 0;
    for (size_t i = 1; i < text.size; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (c == '$')
            return i + 1;
        if (!letter && !(i > 1 && c >= '0' && c <= '9'))
            return 0;
    }
    return 0;
}

/* Behind the quotes, comment or $tag$ body that begins at `at`; `at` itself when none does there,
 * more than the text's size when it is not closed. */
static size_t skip_enclosed(struct weir_slice text, size_t at)
{
    char c = text.data[at], next = at + 1 < text.size ? text.data[at + 1] : 0;
    if (c == '\'' || c == '"')
        return behind(text, at + 1, text.data + at, 1);
    if (c == '-' && next == '-')
        return behind(text, at + 2, "\n", 1);
    if (c == '/' && next == '*')
        return behind(text, at + 2, "*/", 2);
    size_t tag = dollar_tag(weir_slice_make(text.data + at, text.size - at));
    return tag ? behind(text, at + tag, text.data + at, tag) : at;
}

/* True when the text ends with a semicolon that is not inside quotes or a comment. */
static bool is_complete(struct weir_slice text)
{
    bool complete = false;
    for (size_t i = 0; i < text.size;) {
        char c = text.data[i];
        size_t next = skip_enclosed(text, i);
        if (next > text.size)
            return false;
        if (next > i) {
            complete &= c == '-' || c == '/';
            i = next;
            continue;
        }
        if (c == ';')
            complete = true;
        else if (c != ' ' && c != '\t' && c != '\n')
            complete = false;
        i++;
    }
    return complete;
}

/* What people type to get help, or out. */
static bool is_word_of_habit(const char *text)
{
    static const char *const words[] = {"exit", "quit", "help", "?"};
    struct weir_slice word = weir_slice_make(text, strcspn(text, " \t;"));
    for (size_t i = 0; i < WEIR_COUNT_OF(words); i++)
        if (weir_slice_equals_ignoring_case(word, weir_slice_from_string(words[i])) &&
            text[word.size + strspn(text + word.size, " \t;")] == 0)
            return true;
    return false;
}

static void run_statement(struct shell *shell)
{
    run_text(shell, weir_buffer_slice(&shell->statement));
    weir_buffer_clear(&shell->statement);
}

static void take_line(struct shell *shell, const char *line)
{
    bool fresh = shell->statement.size == 0;
    const char *text = line + strspn(line, " \t");
    if (fresh && !text[0])
        return;
    editor_remember(line);
    if (fresh && (text[0] == '.' || text[0] == '\\' || is_word_of_habit(text))) {
        run_command(shell, text);
        return;
    }
    weir_buffer_append_string(&shell->statement, line);
    weir_buffer_append_char(&shell->statement, '\n');
    if (is_complete(weir_buffer_slice(&shell->statement)))
        run_statement(shell);
}

int weir_shell(struct weir_engine *engine, struct weir_results *results,
               struct weir_progress *progress)
{
    struct shell shell = {
        .cli = results->cli, .engine = engine, .results = results, .progress = progress};
    const struct weir_sys *sys = engine->sys;
    weir_buffer_init(&shell.statement, NULL);
    print(&shell, "weir " WEIR_VERSION ": .help for help, .quit to leave\n");
    editor_open(&shell);
    while (!shell.quit) {
        char *line = editor_read(shell.statement.size ? "   …> " : "weir> ");
        if (!line && sys->stop_signal(sys)) {
            sys->stop_clear(sys);
            weir_buffer_clear(&shell.statement);
            print(&shell, "\n");
            continue;
        }
        if (!line) {
            print(&shell, "\n");
            if (shell.statement.size) /* its semicolon is not missed */
                run_statement(&shell);
            break;
        }
        take_line(&shell, line);
        free(line);
    }
    editor_close(&shell);
    weir_buffer_deinit(&shell.statement);
    return 0;
}
