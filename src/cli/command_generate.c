/* weir generate: seeded data into a file. It writes a program, from a source that makes the data to
 * a file, and runs it as weir run would. */
#include "cli/cli.h"

/* The columns of the data, named as examples/nexmark names them. */
static const char columns[] =
    "  person STRUCT<id BIGINT, name TEXT, email_address TEXT, credit_card TEXT, city TEXT,\n"
    "                state TEXT, date_time TIMESTAMP, extra TEXT>,\n"
    "  auction STRUCT<id BIGINT, item_name TEXT, description TEXT, initial_bid BIGINT,\n"
    "                 reserve BIGINT, date_time TIMESTAMP, expires TIMESTAMP, seller BIGINT,\n"
    "                 category BIGINT, extra TEXT>,\n"
    "  bid STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT,\n"
    "             date_time TIMESTAMP, extra TEXT>\n";

struct kind {
    const char *name, *fields;
};
static const struct kind kinds[] = {
    {"person", "person.id, person.name, person.email_address, person.credit_card, person.city, "
               "person.state, person.date_time, person.extra"},
    {"auction", "auction.id, auction.item_name, auction.description, auction.initial_bid, "
                "auction.reserve, auction.date_time, auction.expires, auction.seller, "
                "auction.category, auction.extra"},
    {"bid", "bid.auction, bid.bidder, bid.price, bid.channel, bid.url, bid.date_time, bid.extra"},
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static enum weir_status usage(struct weir_error *error, const char *what, const char *given,
                              const char *hint)
{
    (void)weir_error_set(error, WEIR_E_USAGE, what, given);
    weir_error_hint(error, "%s", hint);
    return WEIR_E_USAGE;
}

static enum weir_status check(const struct weir_cli_options *options, struct weir_error *error)
{
    if (options->arguments_count == 0 || strcmp(options->arguments[0], "nexmark") != 0)
        return usage(error, "there is no data called \"%s\" to generate",
                     options->arguments_count ? options->arguments[0] : "",
                     "weir generate nexmark FILE");
    if (options->arguments_count != 2)
        return usage(error, "%s needs one file to write", "weir generate nexmark",
                     "name it, or - for standard output");
    if (options->only && !find_kind(options->only))
        return usage(error, "no kind of events is called \"%s\"", options->only,
                     "it is one of person, auction, bid");
    if (options->events && strspn(options->events, "0") == strlen(options->events) &&
        strcmp(options->arguments[1], "-") != 0)
        return usage(error, "%s events are without end: they would fill the disk", options->events,
                     "- writes them to standard output; or say how many by --events");
    for (uint32_t i = 0; i < options->defines_count; i++)
        if (!strchr(options->defines[i], '='))
            return usage(error, "--with needs NAME=VALUE, not \"%s\"", options->defines[i],
                         "weir connectors nexmark lists the names");
    return WEIR_OK;
}

/* As a literal of SQL. */
static void append_literal(struct weir_buffer *out, struct weir_slice text)
{
    weir_buffer_append_char(out, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\'')
            weir_buffer_append_char(out, '\'');
        weir_buffer_append_char(out, text.data[i]);
    }
    weir_buffer_append_char(out, '\'');
}

static void append_option(struct weir_buffer *out, const char *name, const char *value)
{
    weir_buffer_printf(out, ", %s = ", name);
    append_literal(out, weir_slice_from_string(value));
}

static bool has_ending(const char *path, const char *ending)
{
    const char *found = strstr(path, ending);
    return found && (found[strlen(ending)] == '\0' || found[strlen(ending)] == '.');
}

static void write_program(const struct weir_cli_options *options, struct weir_buffer *out)
{
    const char *path = options->arguments[1];
    const struct kind *only = options->only ? find_kind(options->only) : NULL;
    weir_buffer_printf(out, "CREATE TABLE nexmark (\n%s) WITH (connector = 'nexmark'", columns);
    append_option(out, "events", options->events ? options->events : "100000");
    if (options->seed)
        append_option(out, "seed", options->seed);
    for (uint32_t i = 0; i < options->defines_count; i++) {
        const char *define = options->defines[i], *equals = strchr(define, '=');
        weir_buffer_append_string(out, ", ");
        append_literal(out, weir_slice_make(define, (size_t)(equals - define)));
        weir_buffer_append_string(out, " = ");
        append_literal(out, weir_slice_from_string(equals + 1));
    }
    weir_buffer_append_string(out, ");\nCREATE TABLE output WITH (connector = 'file'");
    append_option(out, "path", path);
    if (!only || !(has_ending(path, ".csv") || has_ending(path, ".tsv")))
        weir_buffer_append_string(out, ", format = 'json', nulls = 'omit'");
    weir_buffer_append_string(out, ");\nINSERT INTO output SELECT ");
    if (only)
        weir_buffer_printf(out, "%s FROM nexmark WHERE %s IS NOT NULL;\n", only->fields,
                           only->name);
    else
        weir_buffer_append_string(out, "person, auction, bid FROM nexmark;\n");
}

int weir_command_generate(struct weir_cli *cli, const struct weir_cli_options *options)
{
    struct weir_error error;
    struct weir_buffer program;
    struct weir_cli_options job = *options;
    int code;
    weir_error_clear(&error);
    if (check(options, &error) != WEIR_OK)
        return weir_cli_fail(cli, &error, (struct weir_slice){NULL, 0});
    weir_buffer_init(&program, NULL);
    write_program(options, &program);
    job.defines_count = 0; /* they are options of the connector, not of the job */
    if (program.failed) {
        (void)weir_error_set_out_of_memory(&error);
        code = weir_cli_fail(cli, &error, (struct weir_slice){NULL, 0});
    } else {
        code = weir_cli_run_program(cli, &job, weir_buffer_slice(&program), "weir generate");
    }
    weir_buffer_deinit(&program);
    return code;
}
