/* The file connectors: one implementation under four names. */
#include "connect/file/file_options.h"

static const char *const compression_choices[] = {"auto", "none", "gzip", "zstd", NULL};
static const char *const if_exists_choices[] = {"replace", "append", "error", NULL};

#define FIELD(field) .offset = offsetof(struct weir_file_options, field)
const struct weir_option_spec weir_file_specs[] = {
    {.name = "path",
     .kind = WEIR_OPTION_TEXT,
     FIELD(path),
     .required = true,
     .help =
         "a file, a pattern such as logs/*.json.gz (sources), or - for standard input or output"},
    {.name = "compression",
     .kind = WEIR_OPTION_CHOICE,
     FIELD(compression),
     .choices = compression_choices,
     .fallback = "auto",
     .help = "'auto' tells by the first bytes when reading and by .gz or .zst when writing"},
    {.name = "follow",
     .kind = WEIR_OPTION_BOOLEAN,
     FIELD(follow),
     .fallback = "false",
     .roles = WEIR_OPTION_SOURCE,
     .help = "waits for more at the end of the file, through rotation, like tail -F; for the "
             "file itself, too, where the columns are declared"},
    {.name = "if_exists",
     .kind = WEIR_OPTION_CHOICE,
     FIELD(if_exists),
     .choices = if_exists_choices,
     .fallback = "replace",
     .roles = WEIR_OPTION_SINK,
     .help = "what happens to an output that is there already"},
};
#undef FIELD
const size_t weir_file_specs_count = WEIR_COUNT_OF(weir_file_specs);

static bool file_bounded(const struct weir_option *options, size_t options_count)
{
    bool follow = false;
    for (size_t i = 0; i < options_count; i++)
        if (weir_slice_equals_ignoring_case(options[i].name, weir_slice_from_string("follow")))
            (void)weir_option_parse_boolean(options[i].value, &follow);
    return !follow;
}

const struct weir_connector weir_connector_file = {
    .name = "file",
    .summary = "files, patterns of files, standard input and output",
    .details =
        "Reads NDJSON, CSV, TSV or raw lines, plain or compressed with gzip or zstd. A pattern "
        "reads\n"
        "every file it matches, in order of name; `-` is standard input. A sink is written beside\n"
        "its place and renamed when the job ends well, so that readers never see half a file.\n\n"
        "```sql\n"
        "CREATE TABLE airlines (carrier TEXT, name TEXT)\n"
        "WITH (connector = 'file', path = 'data/airlines.csv');\n"
        "CREATE TABLE loud WITH (connector = 'file', path = 'loud.json', format = 'json');\n"
        "INSERT INTO loud SELECT carrier, upper(name) AS name FROM airlines;\n"
        "```\n\n"
        "As a lookup (`type = 'lookup'`) a file is read into memory and found by key; when it "
        "changes,\nit is read again.\n",
    .options = weir_file_specs,
    .options_count = WEIR_COUNT_OF(weir_file_specs),
    .options_size = sizeof(struct weir_file_options),
    .roles = WEIR_ROLE_SOURCE | WEIR_ROLE_SINK | WEIR_ROLE_LOOKUP,
    .source = &weir_file_source,
    .sink = &weir_file_sink,
    .lookup = &weir_file_lookup,
    .bounded = file_bounded,
};

const struct weir_connector weir_connector_single_file = {
    .name = "single_file",
    .summary = "one file, with Arroyo's name and options",
    .details = "The same as `file`.\n",
    .options = weir_file_specs,
    .options_count = WEIR_COUNT_OF(weir_file_specs),
    .options_size = sizeof(struct weir_file_options),
    .roles = WEIR_ROLE_SOURCE | WEIR_ROLE_SINK | WEIR_ROLE_LOOKUP,
    .source = &weir_file_source,
    .sink = &weir_file_sink,
    .lookup = &weir_file_lookup,
    .bounded = file_bounded,
};

const struct weir_connector weir_connector_filesystem = {
    .name = "filesystem",
    .summary = "files, with Arroyo's name and options",
    .details = "The same as `file`.\n",
    .options = weir_file_specs,
    .options_count = WEIR_COUNT_OF(weir_file_specs),
    .options_size = sizeof(struct weir_file_options),
    .roles = WEIR_ROLE_SOURCE | WEIR_ROLE_SINK | WEIR_ROLE_LOOKUP,
    .source = &weir_file_source,
    .sink = &weir_file_sink,
    .lookup = &weir_file_lookup,
    .bounded = file_bounded,
};

/* ---- stdout ---- */

static enum weir_status stdout_open(const struct weir_connector_table *table,
                                    const struct weir_connector_env *env, void **sink,
                                    struct weir_error *error)
{
    struct weir_option path = {
        weir_slice_from_string("path"), weir_slice_from_string("-"), {0}, {0}, true};
    struct weir_connector_table with_path = *table;
    with_path.options = &path;
    with_path.options_count = 1;
    return weir_file_sink.open(&with_path, env, sink, error);
}

static enum weir_flow stdout_write(void *sink, struct weir_slice bytes, uint64_t rows,
                                   struct weir_error *error)
{
    return weir_file_sink.write_bytes(sink, bytes, rows, error);
}

static enum weir_status stdout_flush(void *sink, struct weir_error *error)
{
    return weir_file_sink.flush(sink, error);
}

static enum weir_status stdout_finish(void *sink, bool success, struct weir_error *error)
{
    return weir_file_sink.finish(sink, success, error);
}

static void stdout_close(void *sink)
{
    weir_file_sink.close(sink);
}

static const struct weir_sink_type stdout_sink = {
    .takes = WEIR_SINK_BYTES,
    .guarantee = WEIR_AT_LEAST_ONCE,
    .open = stdout_open,
    .write_bytes = stdout_write,
    .flush = stdout_flush,
    .finish = stdout_finish,
    .close = stdout_close,
};

const struct weir_connector weir_connector_stdout = {
    .name = "stdout",
    .summary = "standard output, one record a line",
    .details = "```sql\n"
               "CREATE TABLE out WITH (connector = 'stdout', format = 'json');\n"
               "INSERT INTO out SELECT 1 AS one;\n"
               "```\n",
    .options = NULL,
    .options_count = 0,
    .options_size = 0,
    .roles = WEIR_ROLE_SINK,
    .sink = &stdout_sink,
};
