/* The `weir` command: its commands, their options, and what they share.
 *
 * A command gets its parsed options and returns an exit code (docs/errors). Results go to standard
 * output and nothing else ever does. */
#ifndef WEIR_CLI_CLI_H
#define WEIR_CLI_CLI_H

#include "base/buffer.h"
#include "base/status.h"
#include "sys/sys.h"

enum { WEIR_CLI_FILES_MAX = 64, WEIR_CLI_DEFINES_MAX = 64 };

/* Parsed command line of one command. Strings are borrowed from argv. */
struct weir_cli_options {
    const char *arguments[WEIR_CLI_FILES_MAX];
    uint32_t arguments_count;
    const char *defines[WEIR_CLI_DEFINES_MAX]; /* NAME=VALUE */
    uint32_t defines_count;
    const char *file, *format, *parallelism, *progress, *report, *color, *batch_rows;
    const char *events, *only, *seed, *log;
    bool stats, help;
};

struct weir_cli {
    const struct weir_sys *sys;
    const char *program; /* argv[0]'s last part */
    struct weir_file *out, *err;
    bool color; /* on standard error */
    /* Takes away what is drawn over and over (progress line, preview), before a message is
     * printed; NULL: nothing is drawn. */
    void (*undraw)(void *context);
    void *undraw_context;
};

typedef int (*weir_command_fn)(struct weir_cli *cli, const struct weir_cli_options *options);

struct weir_command {
    const char *name;
    char initial; /* of options.def's first column */
    weir_command_fn run;
    const char *usage, *summary, *details;
};
struct weir_flag {
    const char *commands;
    const char *name;
    char letter; /* 0: none */
    const char *value;
    size_t field; /* offset in struct weir_cli_options; defines are a list */
    const char *help;
};
const struct weir_command *weir_cli_commands(size_t *count);
const struct weir_flag *weir_cli_flags(size_t *count);
const struct weir_command *weir_cli_command_find(const char *name);

/* The process: 0 … 255. */
int weir_cli_main(const struct weir_sys *sys, int argc, char **argv);

/* Writes to standard output or error; errors of writing are returned, or ignored for messages. */
WEIR_CHECKED enum weir_status weir_cli_print(struct weir_cli *cli, struct weir_slice text,
                                             struct weir_error *error);
void weir_cli_message(struct weir_cli *cli, const char *format, ...) WEIR_PRINTF(2, 3);
/* Renders an error with its program text (may be empty) and returns the exit code it means. */
int weir_cli_fail(struct weir_cli *cli, const struct weir_error *error, struct weir_slice program);

/* Runs a program as weir run does; file_name (nullable) is what messages call it. */
int weir_cli_run_program(struct weir_cli *cli, const struct weir_cli_options *options,
                         struct weir_slice program, const char *file_name);

#define WEIR_COMMAND(name, initial, function, usage, summary, details) \
    int function(struct weir_cli *cli, const struct weir_cli_options *options);
#include "cli/commands.def"
#undef WEIR_COMMAND

#endif
