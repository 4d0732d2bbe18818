/* Resolves declared tables: which connector, which format, what the common options say; infers the
 * columns of tables declared without. See tables.h. */
#include "runtime/tables.h"

#include "format/format.h"
#include "runtime/lookup_options.h"

#include <stdio.h>

struct common_options {
    struct weir_slice type, format, dead_letter, late, event_time_field, watermark_field, order;
    struct weir_slice connector;
    int64_t bad_data, mode, changelog;
    int64_t rate, idle_timeout, allowed_lateness, max_future, max_record_size;
    bool upsert;
};

static const char *const bad_data_choices[] = {"fail", "drop", NULL};
static const char *const mode_choices[] = {"append", "upsert", NULL};
static const char *const changelog_choices[] = {"none", "op-column", NULL};
enum { MODE_UPSERT = 1, CHANGELOG_OP_COLUMN = 1 };
enum { SPECS_MAX = 24 }; /* tables of options that one table may know */

#define FIELD(field) .offset = offsetof(struct common_options, field)
static const struct weir_option_spec common_specs[] = {
    {.name = "connector", .kind = WEIR_OPTION_TEXT, FIELD(connector), .help = "what the table is"},
    {.name = "type",
     .kind = WEIR_OPTION_TEXT,
     FIELD(type),
     .help = "'source', 'sink' or 'lookup', where use does not tell"},
    {.name = "format",
     .kind = WEIR_OPTION_TEXT,
     FIELD(format),
     .help = "how records are written; guessed from the file name when absent"},
    {.name = "bad_data",
     .kind = WEIR_OPTION_CHOICE,
     FIELD(bad_data),
     .choices = bad_data_choices,
     .fallback = "fail",
     .roles = WEIR_OPTION_SOURCE,
     .help = "what a bad record does: 'fail' ends the job, 'drop' counts it and goes on"},
    {.name = "dead_letter",
     .kind = WEIR_OPTION_TEXT,
     FIELD(dead_letter),
     .roles = WEIR_OPTION_SOURCE,
     .help = "file that receives every bad record as a JSON line"},
    {.name = "rate",
     .kind = WEIR_OPTION_INTEGER,
     FIELD(rate),
     .fallback = "0",
     .min = 0,
     .max = INT64_MAX,
     .roles = WEIR_OPTION_SOURCE,
     .help = "reads at most so many rows a second; 0 is no limit"},
    {.name = "idle_timeout",
     .kind = WEIR_OPTION_DURATION,
     FIELD(idle_timeout),
     .fallback = "30 seconds",
     .roles = WEIR_OPTION_SOURCE,
     .help = "a split silent for so long no longer holds the watermark; 'off' allowed"},
    {.name = "allowed_lateness",
     .kind = WEIR_OPTION_DURATION,
     FIELD(allowed_lateness),
     .fallback = "0 seconds",
     .min = 0,
     .max = INT64_MAX,
     .roles = WEIR_OPTION_SOURCE,
     .help = "how long a closed window waits for late rows"},
    {.name = "late",
     .kind = WEIR_OPTION_TEXT,
     FIELD(late),
     .fallback = "drop",
     .roles = WEIR_OPTION_SOURCE,
     .help =
         "what happens to rows that come behind the watermark when their window is out: 'drop', "
         "'update' (it is corrected for allowed_lateness), 'side:TABLE'; each is counted"},
    {.name = "max_future",
     .kind = WEIR_OPTION_DURATION,
     FIELD(max_future),
     .fallback = "off",
     .roles = WEIR_OPTION_SOURCE,
     .help = "rows further ahead of the clock do not move the watermark"},
    {.name = "changelog",
     .kind = WEIR_OPTION_CHOICE,
     FIELD(changelog),
     .choices = changelog_choices,
     .fallback = "none",
     .help = "'op-column': rows carry `_op`, + when they are added and - when they are taken back; "
             "sources read it (a PRIMARY KEY makes + replace and - remove the row of its key), "
             "updating results are written with it"},
    {.name = "max_record_size",
     .kind = WEIR_OPTION_SIZE,
     FIELD(max_record_size),
     .fallback = "16 MiB",
     .min = 1,
     .max = INT64_C(1) << 31,
     .roles = WEIR_OPTION_SOURCE | WEIR_OPTION_LOOKUP,
     .help = "a longer record is bad"},
    {.name = "event_time_field",
     .kind = WEIR_OPTION_TEXT,
     FIELD(event_time_field),
     .roles = WEIR_OPTION_SOURCE,
     .help = "column that holds the event time"},
    {.name = "watermark_field",
     .kind = WEIR_OPTION_TEXT,
     FIELD(watermark_field),
     .roles = WEIR_OPTION_SOURCE,
     .help = "column that holds the watermark"},
    {.name = "mode",
     .kind = WEIR_OPTION_CHOICE,
     FIELD(mode),
     .choices = mode_choices,
     .fallback = "append",
     .roles = WEIR_OPTION_SINK,
     .help = "'upsert' writes an updating result as rows that replace each other by PRIMARY KEY, "
             "with `_op` + for the row that a key has now and - for one that is gone; the default "
             "of sinks with a PRIMARY KEY"},
    {.name = "upsert",
     .kind = WEIR_OPTION_BOOLEAN,
     FIELD(upsert),
     .fallback = "false",
     .roles = WEIR_OPTION_SOURCE,
     .help = "later rows replace earlier ones by PRIMARY KEY; in JSON `\"_op\":\"-\"` removes one"},
};
#undef FIELD

const struct weir_option_spec *weir_tables_options(size_t *count)
{
    *count = WEIR_COUNT_OF(common_specs);
    return common_specs;
}

const char *weir_tables_environment(void *context, const char *name)
{
    const struct weir_tables *tables = context;
    return tables->sys->environment(tables->sys, name);
}

static const struct weir_option *find_option(const struct weir_table *table, const char *name)
{
    for (size_t i = 0; i < table->options_count; i++)
        if (weir_slice_equals_ignoring_case(table->options[i].name, weir_slice_from_string(name)))
            return &table->options[i];
    return NULL;
}

static bool yields_bytes(const struct weir_connector *connector, bool as_source)
{
    return as_source ? connector->source && connector->source->yield == WEIR_SOURCE_BYTES
                     : connector->sink && connector->sink->takes == WEIR_SINK_BYTES;
}

/* "COLUMN.NAME" where the table has the column and the connector knows the name. */
static bool is_column_option(const struct weir_table *table, struct weir_slice name)
{
    const struct weir_connector *connector = table->connector;
    for (uint32_t f = 0; f < table->schema.fields_count; f++) {
        struct weir_slice column = table->schema.fields[f].name;
        if (name.size <= column.size || name.data[column.size] != '.' ||
            memcmp(name.data, column.data, column.size) != 0)
            continue;
        struct weir_slice rest =
            weir_slice_make(name.data + column.size + 1, name.size - column.size - 1);
        for (size_t i = 0; i < connector->column_options_count; i++)
            if (weir_slice_equals_string(rest, connector->column_options[i].name))
                return true;
    }
    return false;
}

/* Whether the table knows the name; the spelling alone is looked at. */
static bool is_known(const struct weir_option_spec *specs, size_t count, struct weir_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (weir_option_is(&specs[i], name))
            return true;
    return false;
}

/* Names that nobody knows come before values that are wrong and options that are missing: the
 * misspelt one may be what is missing. Where the format is not known, any format's will do. */
static enum weir_status reject_unknown(struct weir_table *table, struct weir_error *error)
{
    char what[160];
    size_t formats_count;
    const struct weir_format *const *formats = weir_formats_all(&formats_count);
    const struct weir_option *named = find_option(table, "format");
    const struct weir_format *format = named ? weir_format_find(named->value) : NULL;
    const struct weir_option_spec *specs[SPECS_MAX] = {common_specs, table->connector->options};
    size_t sizes[SPECS_MAX] = {WEIR_COUNT_OF(common_specs), table->connector->options_count};
    size_t count = 2;
    if (table->is_lookup) {
        specs[count] = weir_lookup_options(&sizes[count]);
        count++;
    }
    if (format) {
        formats = &format;
        formats_count = 1;
    }
    for (size_t i = 0; i < formats_count && count < SPECS_MAX; i++) {
        specs[count] = formats[i]->options;
        sizes[count++] = formats[i]->options_count;
    }
    for (size_t i = 0; i < table->options_count; i++) {
        struct weir_option *option = &table->options[i];
        option->used = is_column_option(table, option->name);
        for (size_t t = 0; t < count && !option->used; t++)
            option->used = is_known(specs[t], sizes[t], option->name);
    }
    (void)snprintf(what, sizeof what, "connector \"%s\"", table->connector->name);
    return weir_options_reject_unused(table->options, table->options_count, specs, sizes, count,
                                      what, error);
}

/* Parses the options with all tables that may know them; what nobody knows is an error. */
static enum weir_status parse_options(struct weir_table *table, const struct weir_format *format,
                                      uint32_t roles, struct common_options *common,
                                      struct weir_arena *arena, struct weir_error *error)
{
    char what[160];
    const struct weir_connector *connector = table->connector;
    const struct weir_option_spec *specs[4] = {common_specs, connector->options};
    size_t counts[4] = {WEIR_COUNT_OF(common_specs), connector->options_count};
    size_t tables_count = 2;
    for (size_t i = 0; i < table->options_count; i++)
        table->options[i].used = false;
    (void)snprintf(what, sizeof what, "table \"%.*s\"", WEIR_SLICE_ARGS(table->name));
    WEIR_TRY(weir_options_parse(common_specs, counts[0], table->options, table->options_count,
                                roles, what, common, error));
    void *connector_out = weir_arena_calloc(arena, 1, connector->options_size + 1);
    if (!connector_out)
        return weir_error_set_out_of_memory(error);
    (void)snprintf(what, sizeof what, "connector \"%s\"", connector->name);
    WEIR_TRY(weir_options_parse(connector->options, connector->options_count, table->options,
                                table->options_count, roles, what, connector_out, error));
    if (format) {
        void *format_out = weir_arena_calloc(arena, 1, format->options_size + 1);
        if (!format_out)
            return weir_error_set_out_of_memory(error);
        char format_what[80];
        (void)snprintf(format_what, sizeof format_what, "format \"%s\"", format->name);
        uint32_t format_roles = table->is_lookup ? roles | WEIR_OPTION_SOURCE : roles;
        WEIR_TRY(weir_options_parse(format->options, format->options_count, table->options,
                                    table->options_count, format_roles, format_what, format_out,
                                    error));
        specs[tables_count] = format->options;
        counts[tables_count++] = format->options_count;
    }
    if (table->is_lookup) {
        specs[tables_count] = weir_lookup_options(&counts[tables_count]);
        tables_count++;
        (void)snprintf(what, sizeof what, "lookup table \"%.*s\"", WEIR_SLICE_ARGS(table->name));
        WEIR_TRY(weir_lookup_options_parse(table->options, table->options_count, what,
                                           &table->lookup, error));
    }
    for (size_t i = 0; i < table->options_count; i++)
        table->options[i].used |= is_column_option(table, table->options[i].name);
    return weir_options_reject_unused(table->options, table->options_count, specs, counts,
                                      tables_count, what, error);
}

/* A source opened only to look at it. */
static enum weir_status open_for_look(const struct weir_tables *tables,
                                      const struct weir_table *table,
                                      const struct weir_schema *schema, void **source,
                                      struct weir_error *error)
{
    const struct weir_source_type *type = table->connector->source;
    struct weir_connector_table request = {
        .options = table->options, .options_count = table->options_count, .schema = schema};
    char name[128];
    (void)snprintf(name, sizeof name, "%.*s", WEIR_SLICE_ARGS(table->name));
    struct weir_connector_env env = {.sys = tables->sys,
                                     .budget = tables->budget,
                                     .table_name = name,
                                     .embedder = tables->embedder};
    return type->open(&request, &env, source, error);
}

/* What options and columns say together, and values that their specs let pass: where nothing comes
 * of opening a source, by opening it. Else it is told when the job begins. */
static enum weir_status judge_source(const struct weir_tables *tables,
                                     const struct weir_table *table, struct weir_arena *arena,
                                     struct weir_error *error)
{
    uint32_t count = table->schema.fields_count;
    struct weir_field *fields = WEIR_ARENA_ARRAY(arena, struct weir_field, count + 1);
    struct weir_schema read = {fields, 0};
    void *source = NULL;
    if (!table->connector->source->opens_nothing)
        return WEIR_OK;
    if (!fields)
        return weir_error_set_out_of_memory(error);
    for (uint32_t i = 0; i < count; i++)
        if (!table->generated || !table->generated[i])
            fields[read.fields_count++] = table->schema.fields[i];
    enum weir_status status = open_for_look(tables, table, &read, &source, error);
    if (source)
        table->connector->source->close(source);
    if (status != WEIR_OK && error && error->position.line == 0)
        weir_error_at(error, table->position);
    return status;
}

static enum weir_status sample_source(const struct weir_tables *tables,
                                      const struct weir_table *table, void **source,
                                      struct weir_slice *sample, bool *is_all,
                                      struct weir_error *error)
{
    WEIR_TRY(open_for_look(tables, table, &table->schema, source, error));
    return table->connector->source->sample(*source, sample, is_all, error);
}

/* What the decoder reads for itself is no column. The fields were made for this schema. */
static void forget_op_column(struct weir_schema *schema)
{
    uint32_t at = weir_schema_find(schema, weir_slice_from_string("_op"));
    struct weir_field *fields = (struct weir_field *)(uintptr_t)schema->fields;
    if (at == UINT32_MAX)
        return;
    memmove(fields + at, fields + at + 1, (schema->fields_count - at - 1) * sizeof *fields);
    schema->fields_count--;
}

static enum weir_status add_options(struct weir_table *table,
                                    const struct weir_inferred_schema *inferred,
                                    struct weir_arena *arena, struct weir_error *error)
{
    size_t count = table->options_count + inferred->options_count;
    struct weir_option *all = WEIR_ARENA_ARRAY(arena, struct weir_option, count);
    if (!all)
        return weir_error_set_out_of_memory(error);
    memcpy(all, table->options, table->options_count * sizeof *all);
    memcpy(all + table->options_count, inferred->options, inferred->options_count * sizeof *all);
    table->options = all;
    table->options_count = count;
    return WEIR_OK;
}

static enum weir_status infer_columns(const struct weir_tables *tables, struct weir_table *table,
                                      const struct weir_format *format, struct weir_slice sample,
                                      bool is_all, struct weir_arena *arena,
                                      struct weir_error *error)
{
    (void)tables;
    struct weir_inferred_schema inferred;
    if (!format->infer)
        return weir_error_set(error, WEIR_E_SCHEMA_INFERENCE,
                              "format \"%s\" says nothing of the columns of \"%.*s\"", format->name,
                              WEIR_SLICE_ARGS(table->name));
    WEIR_TRY(format->infer(sample, is_all, table->options, table->options_count, arena, &inferred,
                           error));
    if (inferred.schema.fields_count == 0)
        return weir_error_set(error, WEIR_E_SCHEMA_INFERENCE,
                              "\"%.*s\" has no records to take the columns from",
                              WEIR_SLICE_ARGS(table->name));
    table->schema = inferred.schema;
    if (inferred.options_count)
        WEIR_TRY(add_options(table, &inferred, arena, error));
    const struct weir_option *changelog = find_option(table, "changelog");
    if (changelog && weir_slice_equals_string(changelog->value, "op-column"))
        forget_op_column(&table->schema);
    return WEIR_OK;
}

static bool all_splits_bounded(const struct weir_source_type *type, void *source)
{
    const struct weir_split *splits;
    uint32_t count;
    if (type->splits(source, &splits, &count, NULL) != WEIR_OK)
        return true; /* the fault is reported when the job opens the source */
    for (uint32_t i = 0; i < count; i++)
        if (!splits[i].bounded)
            return false;
    return true;
}

/* Chooses the format of a table over bytes, looking at the data when nothing else tells; infers
 * the columns where none are declared; finds out whether the input ends. */
static enum weir_status examine_source(const struct weir_tables *tables, struct weir_table *table,
                                       const struct weir_format **format, struct weir_arena *arena,
                                       struct weir_error *error)
{
    const struct weir_source_type *type = table->connector->source;
    const struct weir_option *path = find_option(table, "path");
    struct weir_slice sample = {NULL, 0};
    bool is_all = false;
    void *source = NULL;
    enum weir_status status = WEIR_OK;
    bool look = (!*format || table->schema.fields_count == 0) && type->sample;
    if (look)
        status = sample_source(tables, table, &source, &sample, &is_all, error);
    if (status == WEIR_OK && !*format)
        *format = weir_format_guess(path ? path->value : (struct weir_slice){NULL, 0}, sample);
    if (status == WEIR_OK && table->schema.fields_count == 0)
        status = infer_columns(tables, table, *format, sample, is_all, arena, error);
    if (status == WEIR_OK && source && !table->connector->bounded)
        table->bounded = all_splits_bounded(type, source);
    if (source)
        type->close(source);
    return status;
}

static enum weir_status find_format(const struct weir_option *option,
                                    const struct weir_format **format, struct weir_error *error)
{
    *format = NULL;
    if (!option)
        return WEIR_OK;
    *format = weir_format_find(option->value);
    if (*format)
        return WEIR_OK;
    if (weir_format_is_later(option->value)) {
        (void)weir_error_set(error, WEIR_E_NOT_EXECUTABLE,
                             "this version does not execute format \"%.*s\"",
                             WEIR_SLICE_ARGS(option->value));
        weir_error_at(error, option->value_position);
        return WEIR_E_NOT_EXECUTABLE;
    }
    struct weir_slice names[64];
    size_t count;
    const struct weir_format *const *all = weir_formats_all(&count);
    for (size_t i = 0; i < count && i < WEIR_COUNT_OF(names); i++)
        names[i] = weir_slice_from_string(all[i]->name);
    (void)weir_error_set(error, WEIR_E_UNKNOWN_FORMAT, "no format \"%.*s\"",
                         WEIR_SLICE_ARGS(option->value));
    weir_error_at(error, option->value_position);
    struct weir_slice nearest = weir_slice_nearest(option->value, names, count < 64 ? count : 64);
    if (nearest.size)
        weir_error_hint(error, "did you mean \"%.*s\"?", WEIR_SLICE_ARGS(nearest));
    return WEIR_E_UNKNOWN_FORMAT;
}

static enum weir_status check_role(const struct weir_table *table, bool as_source,
                                   struct weir_error *error)
{
    uint32_t role = !as_source         ? WEIR_ROLE_SINK
                    : table->is_lookup ? WEIR_ROLE_LOOKUP
                                       : WEIR_ROLE_SOURCE;
    if (table->connector->roles & role)
        return WEIR_OK;
    const char *cannot = role == WEIR_ROLE_SINK ? "written" : "read";
    const char *is_no = role == WEIR_ROLE_SINK     ? "sink"
                        : role == WEIR_ROLE_LOOKUP ? "lookup"
                                                   : "source";
    (void)weir_error_set(
        error, WEIR_E_TABLE_ROLE, "table \"%.*s\" cannot be %s: connector \"%s\" is no %s",
        WEIR_SLICE_ARGS(table->name), role == WEIR_ROLE_LOOKUP ? "looked up" : cannot,
        table->connector->name, is_no);
    weir_error_at(error, table->position);
    return WEIR_E_TABLE_ROLE;
}

/* late = 'drop' | 'update' | 'side:TABLE' */
static enum weir_status apply_late(struct weir_table *table, struct weir_slice text,
                                   struct weir_error *error)
{
    struct weir_slice side = weir_slice_from_string("side:");
    const struct weir_option *option = find_option(table, "late");
    table->late = WEIR_LATE_DROP;
    if (weir_slice_equals_string(text, "update"))
        table->late = WEIR_LATE_UPDATE;
    else if (text.size > side.size && memcmp(text.data, side.data, side.size) == 0)
        table->late = WEIR_LATE_SIDE;
    else if (!weir_slice_equals_string(text, "drop")) {
        (void)weir_error_set(error, WEIR_E_BAD_OPTION,
                             "option \"late\" of table \"%.*s\" cannot be '%.*s'",
                             WEIR_SLICE_ARGS(table->name), WEIR_SLICE_ARGS(text));
        weir_error_hint(error, "it takes 'drop', 'update' or 'side:TABLE'");
        weir_error_at(error, option ? option->value_position : table->position);
        return WEIR_E_BAD_OPTION;
    }
    table->late_table = table->late == WEIR_LATE_SIDE
                            ? weir_slice_make(text.data + side.size, text.size - side.size)
                            : (struct weir_slice){NULL, 0};
    if (!weir_slice_equals_ignoring_case(table->late_table, table->name))
        return WEIR_OK;
    (void)weir_error_set(error, WEIR_E_BAD_OPTION, "late rows of \"%.*s\" cannot go to itself",
                         WEIR_SLICE_ARGS(table->name));
    weir_error_hint(error, "declare a table of its own for them");
    weir_error_at(error, option->value_position);
    return WEIR_E_BAD_OPTION;
}

static void apply_common(struct weir_table *table, const struct common_options *common)
{
    table->bad_data = common->bad_data ? WEIR_BAD_DATA_DROP : WEIR_BAD_DATA_FAIL;
    table->dead_letter = common->dead_letter;
    table->idle_timeout_us = common->idle_timeout;
    table->allowed_lateness_us = common->allowed_lateness;
    table->max_future_us = common->max_future;
    table->record_size_max = common->max_record_size;
    table->rate = common->rate;
}

static bool needs_key(const struct weir_table *table, const char *option, struct weir_error *error)
{
    if (table->primary_key_count)
        return false;
    (void)weir_error_set(error, WEIR_E_MISSING_OPTION, "%s needs a PRIMARY KEY in \"%.*s\"", option,
                         WEIR_SLICE_ARGS(table->name));
    weir_error_at(error, table->position);
    weir_error_hint(error, "rows are told apart by it: PRIMARY KEY (id)");
    return true;
}

static enum weir_status no_op_column(const struct weir_table *table,
                                     const struct weir_format *format, struct weir_error *error)
{
    (void)weir_error_set(error, WEIR_E_BAD_OPTION,
                         "changelog = 'op-column' needs format json, csv or tsv, not \"%s\"",
                         format ? format->name : table->connector->name);
    weir_error_at(error, find_option(table, "changelog")->value_position);
    return WEIR_E_BAD_OPTION;
}

static bool has_op_column(const struct weir_format *format)
{
    return format && weir_format_op_column_decoder(format);
}

/* What the records of a source say of rows: see enum weir_change_mode. */
static enum weir_status settle_source_changes(struct weir_table *table,
                                              const struct common_options *common,
                                              const struct weir_format *format,
                                              struct weir_error *error)
{
    bool op_column = common->changelog == CHANGELOG_OP_COLUMN;
    if (op_column && !has_op_column(format))
        return no_op_column(table, format, error);
    if (common->upsert && needs_key(table, "upsert = 'true'", error))
        return WEIR_E_MISSING_OPTION;
    bool has_column =
        op_column || (common->upsert && weir_slice_equals_string(table->format, "json"));
    table->changelog = op_column || common->upsert || (format && format->is_changes);
    table->upserts = table->changelog && table->primary_key_count;
    table->op_column = has_column;
    table->op_optional = has_column && !op_column;
    if (table->metadata && !(format && format->has_metadata && table->upserts)) {
        (void)weir_error_set(error, WEIR_E_BAD_OPTION,
                             "METADATA FROM needs format debezium_json and a PRIMARY KEY in "
                             "\"%.*s\"",
                             WEIR_SLICE_ARGS(table->name));
        weir_error_at(error, table->position);
        return WEIR_E_BAD_OPTION;
    }
    return WEIR_OK;
}

/* A sink understands weights when its connector does, or when its format can write them. A PRIMARY
 * KEY selects upserts where nothing else is said. */
static enum weir_status settle_sink_changes(struct weir_table *table,
                                            const struct common_options *common,
                                            const struct weir_format *format,
                                            struct weir_error *error)
{
    bool op_column = common->changelog == CHANGELOG_OP_COLUMN;
    bool upsert = common->mode == MODE_UPSERT;
    bool keyed = table->primary_key_count && has_op_column(format) && !find_option(table, "mode") &&
                 !find_option(table, "changelog");
    if (op_column && !has_op_column(format))
        return no_op_column(table, format, error);
    if (upsert && needs_key(table, "mode = 'upsert'", error))
        return WEIR_E_MISSING_OPTION;
    table->sink_pairs = format && format->is_changes;
    table->sink_upserts = has_op_column(format) && (upsert || keyed);
    table->sink_accepts_changelog = table->connector->sink->accepts_changelog || op_column ||
                                    table->sink_pairs || table->sink_upserts;
    return WEIR_OK;
}

/* A connector that makes the rows makes the event time too: in the columns that it would have made,
 * and in a list of them that the program declares without saying which one is the time. */
static void take_made_time(struct weir_table *table, bool declared)
{
    if (find_option(table, "event_time_field") ||
        (declared && table->event_time_column != UINT32_MAX))
        return;
    uint32_t column = weir_schema_find(&table->schema, weir_slice_from_string("timestamp"));
    if (column == UINT32_MAX || !weir_type_is_timestamp(table->schema.fields[column].type) ||
        (table->generated && table->generated[column]))
        return;
    table->event_time_column = column;
    ((struct weir_field *)(uintptr_t)&table->schema.fields[column])->nullable = false;
}

enum weir_status weir_tables_resolve(void *context, struct weir_table *table, bool as_source,
                                     struct weir_arena *arena, struct weir_error *error)
{
    const struct weir_tables *tables = context;
    const struct weir_connector *connector = table->connector;
    const struct weir_format *format;
    struct common_options common = {0};
    table->roles = connector->roles;
    WEIR_TRY(check_role(table, as_source, error));
    WEIR_TRY(reject_unknown(table, error));
    WEIR_TRY(find_format(find_option(table, "format"), &format, error));
    table->bounded =
        connector->bounded ? connector->bounded(table->options, table->options_count) : true;
    if (as_source && connector->schema) {
        bool declared = table->schema.fields_count > 0;
        if (!declared)
            WEIR_TRY(connector->schema(table->options, table->options_count, arena, &table->schema,
                                       error));
        take_made_time(table, declared);
    }
    bool bytes = yields_bytes(connector, as_source);
    if (bytes && !as_source && !format) {
        const struct weir_option *path = find_option(table, "path");
        format = weir_format_guess(path ? path->value : (struct weir_slice){NULL, 0},
                                   (struct weir_slice){NULL, 0});
    }
    /* Options first, as far as the format is known: a misspelt one must not look like bad data. */
    uint32_t roles = !as_source         ? WEIR_OPTION_SINK
                     : table->is_lookup ? WEIR_OPTION_LOOKUP
                                        : WEIR_OPTION_SOURCE;
    if (!bytes || format)
        WEIR_TRY(parse_options(table, bytes ? format : NULL, roles, &common, arena, error));
    if (as_source && bytes)
        WEIR_TRY(examine_source(tables, table, &format, arena, error));
    if (bytes)
        WEIR_TRY(parse_options(table, format, roles, &common, arena, error));
    if (bytes)
        table->format = weir_slice_from_string(format->name);
    apply_common(table, &common);
    if (table->is_lookup)
        return WEIR_OK;
    if (as_source) {
        WEIR_TRY(apply_late(table, common.late, error));
        WEIR_TRY(judge_source(tables, table, arena, error));
    }
    return as_source ? settle_source_changes(table, &common, format, error)
                     : settle_sink_changes(table, &common, format, error);
}

/* Rows by bytes, a field taking FIELD_BYTES of text, a compressed one less. */
enum { FIELD_BYTES = 10, COMPRESSED_BYTES = 2 };

static bool is_compressed(const struct weir_table *table, const char *name)
{
    const struct weir_option *option = find_option(table, "compression");
    const char *dot = strrchr(name, '.');
    if (option && !weir_slice_equals_string(option->value, "auto"))
        return !weir_slice_equals_string(option->value, "none");
    return dot && (strcmp(dot, ".gz") == 0 || strcmp(dot, ".zst") == 0);
}

uint64_t weir_tables_rows(void *context, const struct weir_table *table)
{
    const struct weir_source_type *type = table->connector ? table->connector->source : NULL;
    const struct weir_split *splits;
    void *source = NULL;
    uint32_t count = 0;
    uint64_t rows = 0;
    if (!type || !type->sample || table->is_lookup || !table->bounded)
        return 0;
    if (open_for_look(context, table, &table->schema, &source, NULL) == WEIR_OK &&
        type->splits(source, &splits, &count, NULL) == WEIR_OK) {
        uint32_t fields = table->schema.fields_count + 1;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t field = is_compressed(table, splits[i].name) ? COMPRESSED_BYTES : FIELD_BYTES;
            uint64_t one = splits[i].size_hint / (field * fields);
            rows += one ? one : splits[i].size_hint > 0;
        }
    }
    if (source)
        type->close(source);
    return rows;
}

enum weir_status weir_tables_file(void *context, struct weir_slice path, struct weir_arena *arena,
                                  struct weir_table **out, struct weir_error *error)
{
    const struct weir_tables *tables = context;
    const struct weir_connector *file =
        weir_connector_find(tables->connectors, weir_slice_from_string("file"));
    if (!file)
        return weir_error_set(error, WEIR_E_UNKNOWN_CONNECTOR, "there is no connector \"file\"");
    struct weir_table *table = WEIR_ARENA_NEW(arena, struct weir_table);
    struct weir_option *option = WEIR_ARENA_NEW(arena, struct weir_option);
    if (!table || !option)
        return weir_error_set_out_of_memory(error);
    option->name = weir_slice_from_string("path");
    option->value = path;
    table->name = path;
    table->connector = file;
    table->options = option;
    table->options_count = 1;
    table->event_time_column = UINT32_MAX;
    WEIR_TRY(weir_tables_resolve(context, table, true, arena, error));
    *out = table;
    return WEIR_OK;
}
