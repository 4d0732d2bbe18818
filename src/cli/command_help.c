/* weir help and version: all from commands.def and options.def. */
#include "cli/cli.h"
#include "embed/engine.h"

static int print_and_free(struct weir_cli *cli, struct weir_buffer *text)
{
    struct weir_error error;
    weir_error_clear(&error);
    enum weir_status status = weir_cli_print(cli, weir_buffer_slice(text), &error);
    weir_buffer_deinit(text);
    return status == WEIR_OK ? 0 : weir_cli_fail(cli, &error, (struct weir_slice){NULL, 0});
}

int weir_command_version(struct weir_cli *cli, const struct weir_cli_options *options)
{
    struct weir_error error;
    struct weir_buffer text;
    enum weir_isa isa;
    (void)options;
    weir_error_clear(&error);
    if (weir_engine_isa(cli->sys, &isa, &error) != WEIR_OK)
        return weir_cli_fail(cli, &error, (struct weir_slice){NULL, 0});
    weir_buffer_init(&text, NULL);
    weir_buffer_printf(&text, "weir %s\ninstruction set: %s\n", WEIR_VERSION, weir_isa_name(isa));
    return print_and_free(cli, &text);
}

/* ---- help ---- */

static void print_overview(struct weir_buffer *out)
{
    size_t count;
    const struct weir_command *commands = weir_cli_commands(&count);
    weir_buffer_append_string(out, "weir: streaming SQL in one small program\n\n"
                                   "usage: weir COMMAND [ARGUMENT]…\n\ncommands:\n");
    for (size_t i = 0; i < count; i++)
        weir_buffer_printf(out, "  %-12s %s\n", commands[i].name, commands[i].summary);
    weir_buffer_append_string(out,
                              "\nweir help COMMAND explains one; weir help man is the man page\n"
                              "\ntry:\n"
                              "  weir sql \"SELECT 1 + 1 AS two\"\n"
                              "  weir sql \"SELECT * FROM 'events.json' LIMIT 5\"\n"
                              "  weir help sql\n");
}

static void print_command(const struct weir_command *command, struct weir_buffer *out)
{
    size_t count;
    const struct weir_flag *flags = weir_cli_flags(&count);
    weir_buffer_printf(out, "weir %s: %s\n\nusage: weir %s %s\n\n", command->name, command->summary,
                       command->name, command->usage);
    if (command->details[0])
        weir_buffer_printf(out, "%s\n", command->details);
    weir_buffer_append_string(out, "options:\n");
    for (size_t i = 0; i < count; i++) {
        if (!strchr(flags[i].commands, command->initial))
            continue;
        char letter[5] = "    ";
        if (flags[i].letter) {
            letter[0] = '-';
            letter[1] = flags[i].letter;
            letter[2] = ',';
        }
        struct weir_buffer name;
        weir_buffer_init(&name, NULL);
        weir_buffer_printf(&name, "--%s%s%s", flags[i].name, flags[i].value ? " " : "",
                           flags[i].value ? flags[i].value : "");
        weir_buffer_printf(out, "  %s%-22.*s %s\n", letter, (int)name.size, name.data,
                           flags[i].help);
        weir_buffer_deinit(&name);
    }
}

/* Text for man(1): its lines as they are. */
static void print_man_lines(struct weir_buffer *out, const char *text)
{
    bool starts = true;
    for (; *text; text++) {
        if (starts && (*text == '.' || *text == '\''))
            weir_buffer_append_string(out, "\\&");
        if (*text == '\\' || *text == '-')
            weir_buffer_append_char(out, '\\');
        weir_buffer_append_char(out, *text);
        starts = *text == '\n';
    }
}

static void print_man_command(struct weir_buffer *out, const struct weir_command *command)
{
    size_t count;
    const struct weir_flag *flags = weir_cli_flags(&count);
    weir_buffer_printf(out, ".SS weir %s ", command->name);
    print_man_lines(out, command->usage);
    weir_buffer_append_char(out, '\n');
    print_man_lines(out, command->summary);
    weir_buffer_append_string(out, ".\n");
    if (command->details[0]) {
        weir_buffer_append_string(out, ".PP\n.nf\n");
        print_man_lines(out, command->details);
        weir_buffer_append_string(out, ".fi\n");
    }
    for (size_t i = 0; i < count; i++) {
        if (!strchr(flags[i].commands, command->initial) || strcmp(flags[i].name, "help") == 0)
            continue;
        weir_buffer_append_string(out, ".TP\n.B ");
        if (flags[i].letter)
            weir_buffer_printf(out, "\\-%c, ", flags[i].letter);
        weir_buffer_append_string(out, "\\-\\-");
        print_man_lines(out, flags[i].name);
        if (flags[i].value)
            weir_buffer_printf(out, " \\fI%s\\fR", flags[i].value);
        weir_buffer_append_char(out, '\n');
        print_man_lines(out, flags[i].help);
        weir_buffer_append_char(out, '\n');
    }
}

/* Everything as a page for man(1). */
static void print_man(struct weir_buffer *out)
{
    size_t count;
    const struct weir_command *commands = weir_cli_commands(&count);
    weir_buffer_append_string(out, ".TH WEIR 1 \"\" \"weir " WEIR_VERSION "\"\n.SH NAME\n"
                                   "weir \\- streaming SQL in one small program\n"
                                   ".SH SYNOPSIS\n.B weir\n.I COMMAND\n[ARGUMENT]...\n"
                                   ".SH COMMANDS\n");
    for (size_t i = 0; i < count; i++)
        print_man_command(out, &commands[i]);
    weir_buffer_append_string(
        out,
        ".SH EXIT STATUS\n"
        "0 done; 1 the job failed while running; 2 the program or the command line is wrong, and\n"
        "nothing ran; 3 stopped by its budget (memory, disk); 128+n ended by signal n.\n"
        ".SH ENVIRONMENT\n"
        ".TP\n.B WEIR_FORMAT, WEIR_PROGRESS, WEIR_LOG, WEIR_COLOR, WEIR_PARALLELISM, "
        "WEIR_BATCH_ROWS\n"
        "what the options of these names are when they are not given.\n"
        ".TP\n.B WEIR_CPU\nscalar, avx2 or avx512: the best instruction set to use.\n"
        ".TP\n.B WEIR_HISTORY\na file that keeps the lines typed into the interactive shell.\n"
        ".TP\n.B WEIR_FAULT\nfaults to inject; see weir fault\\-sites.\n"
        ".TP\n.B NO_COLOR\nno colours.\n");
}

int weir_command_help(struct weir_cli *cli, const struct weir_cli_options *options)
{
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    if (options->arguments_count == 0) {
        print_overview(&out);
        return print_and_free(cli, &out);
    }
    const char *name = options->arguments[0];
    const struct weir_command *command = weir_cli_command_find(name);
    if (command) {
        print_command(command, &out);
        return print_and_free(cli, &out);
    }
    if (strcmp(name, "man") == 0) {
        print_man(&out);
        return print_and_free(cli, &out);
    }
    struct weir_error error;
    struct weir_slice names[32];
    size_t count;
    const struct weir_command *commands = weir_cli_commands(&count);
    for (size_t i = 0; i < count; i++)
        names[i] = weir_slice_from_string(commands[i].name);
    struct weir_slice nearest = weir_slice_nearest(weir_slice_from_string(name), names, count);
    (void)weir_error_set(&error, WEIR_E_UNKNOWN_COMMAND, "no command \"%s\"", name);
    if (nearest.size)
        weir_error_hint(&error, "did you mean \"weir help %.*s\"?", WEIR_SLICE_ARGS(nearest));
    return weir_cli_fail(cli, &error, (struct weir_slice){NULL, 0});
}
