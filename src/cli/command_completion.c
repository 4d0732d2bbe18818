/* weir completion: scripts for bash, zsh and fish from commands.def, options.def and the tables of
 * connectors, formats, functions and job options. They complete commands, options, the values of
 * options that take one of a few words, and the names that a command's page is about; else files.
 */
#include "cli/cli.h"
#include "connect/connectors.h"
#include "format/format.h"
#include "kernel/aggregate.h"
#include "kernel/registry.h"

/* What an option takes, by the command's initial. */
static const struct {
    const char *commands, *flag, *words;
} flag_words[] = {
    {"rs", "format", "table json csv"},
    {"cef", "format", "text json"},
    {"rsceg", "color", "auto always never"},
    {"rsg", "progress", "auto always never watermark"},
    {"rs", "log", "off error warning info debug"},
    {"g", "only", "person auction bid"},
};

/* NULL: anything. */
static const char *words_of(const struct weir_flag *flag, const struct weir_command *command)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(flag_words); i++)
        if (strcmp(flag_words[i].flag, flag->name) == 0 &&
            strchr(flag_words[i].commands, command->initial))
            return flag_words[i].words;
    return NULL;
}

/* ---- names that a command takes ---- */

static void add_word(struct weir_buffer *out, const char *word)
{
    weir_buffer_append_char(out, ' ');
    weir_buffer_append_string(out, word);
}

static void add_command_names(struct weir_buffer *out)
{
    size_t count;
    const struct weir_command *commands = weir_cli_commands(&count);
    for (size_t i = 0; i < count; i++)
        add_word(out, commands[i].name);
}

static void add_connector_names(struct weir_buffer *out)
{
    const struct weir_connectors *all = weir_connectors_builtin();
    for (size_t i = 0; i < all->count; i++)
        add_word(out, all->items[i]->name);
}

static void add_format_names(struct weir_buffer *out)
{
    size_t count;
    const struct weir_format *const *all = weir_formats_all(&count);
    for (size_t i = 0; i < count; i++)
        add_word(out, all[i]->name);
}

static void add_option_names(struct weir_buffer *out)
{
    static const char *const names[] = {
#define WEIR_SETTING(name, kind, field, fallback, minimum, maximum, help) name,
#define WEIR_SETTING_SPECIAL(name, fallback, help) name,
#include "plan/settings.def"
#undef WEIR_SETTING
#undef WEIR_SETTING_SPECIAL
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(names); i++)
        add_word(out, names[i]);
}

/* Operators are functions too, but no words. */
static bool is_word(const char *name)
{
    for (; *name; name++)
        if (!(*name >= 'a' && *name <= 'z') && !(*name >= '0' && *name <= '9') && *name != '_')
            return false;
    return true;
}

static void add_construct_names(struct weir_buffer *out)
{
#define WEIR_CONSTRUCT(name, signature, category, summary, example, result, is_ours) \
    add_word(out, name);
#include "plan/constructs.def"
#undef WEIR_CONSTRUCT
}

/* Signatures of one name stand together in the tables. */
static void add_function_names(struct weir_buffer *out)
{
    size_t scalars_count, aggregates_count;
    const struct weir_function *scalars = weir_functions_all(&scalars_count);
    const struct weir_aggregate *aggregates = weir_aggregates_all(&aggregates_count);
    const char *last = "";
    for (size_t i = 0; i < scalars_count; i++) {
        const char *name = scalars[i].name;
        if (!(scalars[i].flags & WEIR_FUNCTION_HIDDEN) && strcmp(name, last) && is_word(name))
            add_word(out, last = name);
    }
    for (size_t i = 0; i < aggregates_count; i++) {
        const char *name = aggregates[i].name;
        if (strcmp(name, last) && is_word(name))
            add_word(out, last = name);
    }
    add_construct_names(out);
}

static void add_shell_names(struct weir_buffer *out)
{
    weir_buffer_append_string(out, " bash zsh fish");
}
static void add_generator_names(struct weir_buffer *out)
{
    weir_buffer_append_string(out, " nexmark");
}

/* What names a command takes; NULL: files. */
static void (*names_of(const struct weir_command *command))(struct weir_buffer *out)
{
    static const struct {
        const char *command;
        void (*add)(struct weir_buffer *out);
    } all[] = {{"connectors", add_connector_names}, {"formats", add_format_names},
               {"functions", add_function_names},   {"options", add_option_names},
               {"help", add_command_names},         {"completion", add_shell_names},
               {"generate", add_generator_names}};
    for (size_t i = 0; i < WEIR_COUNT_OF(all); i++)
        if (strcmp(all[i].command, command->name) == 0)
            return all[i].add;
    return NULL;
}

static bool takes_files(const struct weir_command *command)
{
    return strchr("rsceg", command->initial) != NULL;
}

/* The words that may follow a command: its options and its names. */
static void add_words(const struct weir_command *command, struct weir_buffer *out)
{
    size_t count;
    const struct weir_flag *flags = weir_cli_flags(&count);
    void (*add_names)(struct weir_buffer *) = names_of(command);
    for (size_t i = 0; i < count; i++)
        if (strchr(flags[i].commands, command->initial))
            weir_buffer_printf(out, " --%s", flags[i].name);
    if (add_names)
        add_names(out);
}

/* "sql --format"|"sql -o") and what completes the values, for each option that has some; of bash
 * and zsh. */
static void print_values(const struct weir_command *command, const char *complete, const char *end,
                         struct weir_buffer *out)
{
    size_t count;
    const struct weir_flag *flags = weir_cli_flags(&count);
    for (size_t i = 0; i < count; i++) {
        bool applies = strchr(flags[i].commands, command->initial) != NULL;
        const char *words = applies ? words_of(&flags[i], command) : NULL;
        if (!words)
            continue;
        weir_buffer_printf(out, "  \"%s --%s\"", command->name, flags[i].name);
        if (flags[i].letter)
            weir_buffer_printf(out, "|\"%s -%c\"", command->name, flags[i].letter);
        weir_buffer_printf(out, ") %s%s%s; return ;;\n", complete, words, end);
    }
}

/* ---- bash ---- */

static void print_bash(struct weir_buffer *out)
{
    size_t count;
    const struct weir_command *commands = weir_cli_commands(&count);
    weir_buffer_append_string(
        out, "_weir() {\n"
             "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
             "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
             "    COMPREPLY=($(compgen -W \"");
    add_command_names(out);
    weir_buffer_append_string(out, "\" -- \"$word\"))\n    return\n  fi\n"
                                   "  if [ \"$word\" = = ]; then word=\"\"\n" /* --format= */
                                   "  elif [ \"$before\" = = ]; then "
                                   "before=\"${COMP_WORDS[COMP_CWORD-2]}\"; fi\n"
                                   "  case \"${COMP_WORDS[1]} $before\" in\n");
    for (size_t i = 0; i < count; i++)
        print_values(&commands[i], "COMPREPLY=($(compgen -W \"", "\" -- \"$word\"))", out);
    weir_buffer_append_string(out, "  esac\n  case \"${COMP_WORDS[1]}\" in\n");
    for (size_t i = 0; i < count; i++) {
        weir_buffer_printf(out, "  %s) COMPREPLY=($(compgen %s-W \"", commands[i].name,
                           takes_files(&commands[i]) ? "-f " : "");
        add_words(&commands[i], out);
        weir_buffer_append_string(out, "\" -- \"$word\")) ;;\n");
    }
    weir_buffer_append_string(out, "  esac\n}\ncomplete -o filenames -F _weir weir\n");
}

/* ---- zsh ---- */

static void print_zsh(struct weir_buffer *out)
{
    size_t count;
    const struct weir_command *commands = weir_cli_commands(&count);
    weir_buffer_append_string(out, "#compdef weir\n_weir() {\n  if (( CURRENT == 2 )); then\n"
                                   "    compadd --");
    add_command_names(out);
    weir_buffer_append_string(out, "\n    return\n  fi\n"
                                   "  case \"$words[2] $words[CURRENT-1]\" in\n");
    for (size_t i = 0; i < count; i++)
        print_values(&commands[i], "compadd -- ", "", out);
    weir_buffer_append_string(out, "  esac\n  case \"$words[2]\" in\n");
    for (size_t i = 0; i < count; i++) {
        weir_buffer_printf(out, "  %s) compadd --", commands[i].name);
        add_words(&commands[i], out);
        weir_buffer_append_string(out, takes_files(&commands[i]) ? "; _files ;;\n" : " ;;\n");
    }
    weir_buffer_append_string(out, "  esac\n}\n_weir \"$@\"\n");
}

/* ---- fish ---- */

static void print_fish_flag(const struct weir_command *command, const struct weir_flag *flag,
                            struct weir_buffer *out)
{
    const char *words = words_of(flag, command);
    weir_buffer_printf(out, "complete -c weir -n '__fish_seen_subcommand_from %s' -l %s",
                       command->name, flag->name);
    if (flag->letter)
        weir_buffer_printf(out, " -s %c", flag->letter);
    if (words)
        weir_buffer_printf(out, " -x -a '%s'", words);
    else if (flag->value)
        weir_buffer_append_string(out, " -r");
    weir_buffer_printf(out, " -d '%s'\n", flag->help);
}

static void print_fish(struct weir_buffer *out)
{
    size_t commands_count, flags_count;
    const struct weir_command *commands = weir_cli_commands(&commands_count);
    const struct weir_flag *flags = weir_cli_flags(&flags_count);
    for (size_t i = 0; i < commands_count; i++)
        weir_buffer_printf(out, "complete -c weir -n __fish_use_subcommand -a %s -d '%s'\n",
                           commands[i].name, commands[i].summary);
    for (size_t i = 0; i < commands_count; i++) {
        void (*add_names)(struct weir_buffer *) = names_of(&commands[i]);
        for (size_t f = 0; f < flags_count; f++)
            if (strchr(flags[f].commands, commands[i].initial))
                print_fish_flag(&commands[i], &flags[f], out);
        if (!add_names)
            continue;
        weir_buffer_printf(out, "complete -c weir -n '__fish_seen_subcommand_from %s' %s-a '",
                           commands[i].name, takes_files(&commands[i]) ? "" : "-f ");
        add_names(out);
        weir_buffer_append_string(out, "'\n");
    }
}

int weir_command_completion(struct weir_cli *cli, const struct weir_cli_options *options)
{
    struct weir_error error;
    struct weir_buffer out;
    const char *shell = options->arguments_count ? options->arguments[0] : "";
    weir_error_clear(&error);
    weir_buffer_init(&out, NULL);
    if (strcmp(shell, "bash") == 0)
        print_bash(&out);
    else if (strcmp(shell, "zsh") == 0)
        print_zsh(&out);
    else if (strcmp(shell, "fish") == 0)
        print_fish(&out);
    enum weir_status status = WEIR_E_USAGE;
    if (out.size)
        status = weir_cli_print(cli, weir_buffer_slice(&out), &error);
    else if (shell[0])
        (void)weir_error_set(&error, WEIR_E_USAGE, "no completion for \"%s\"", shell);
    else
        (void)weir_error_set(&error, WEIR_E_USAGE, "no shell is named");
    if (!out.size)
        weir_error_hint(&error, "weir completion bash, zsh or fish");
    weir_buffer_deinit(&out);
    return status == WEIR_OK ? 0 : weir_cli_fail(cli, &error, (struct weir_slice){NULL, 0});
}
