/* weir connectors, functions, formats, errors, fault-sites: reference pages from the tables the
 * code runs on. `--markdown` pages in docs/ are made from the same functions (tools/make_docs.sh).
 */
#include "cli/cli.h"
#include "connect/connectors.h"
#include "format/format.h"
#include "kernel/aggregate.h"
#include "runtime/lookup_options.h"
#include "runtime/tables.h"
#include "sys/fault.h"
#include "value/json_token.h"

#include <stdio.h>
#include <stdlib.h>

static int print_and_free(struct weir_cli *cli, struct weir_buffer *text)
{
    struct weir_error error;
    weir_error_clear(&error);
    enum weir_status status = weir_cli_print(cli, weir_buffer_slice(text), &error);
    weir_buffer_deinit(text);
    return status == WEIR_OK ? 0 : weir_cli_fail(cli, &error, (struct weir_slice){NULL, 0});
}

static int unknown_name(struct weir_cli *cli, enum weir_status code, const char *what,
                        const char *name, const struct weir_slice *candidates, size_t count)
{
    struct weir_error error;
    struct weir_slice nearest = weir_slice_nearest(weir_slice_from_string(name), candidates, count);
    (void)weir_error_set(&error, code, "no %s \"%s\"", what, name);
    if (nearest.size)
        weir_error_hint(&error, "did you mean \"%.*s\"?", WEIR_SLICE_ARGS(nearest));
    int exit_code = weir_cli_fail(cli, &error, (struct weir_slice){NULL, 0});
    return exit_code ? exit_code : 2;
}

/* ---- options ---- */

static void print_option(const struct weir_option_spec *spec, struct weir_buffer *out)
{
    static const char *const kinds[] = {"text",     "boolean", "integer", "number",
                                        "duration", "size",    "choice"};
    weir_buffer_printf(out, "- `%s` (%s", spec->name, kinds[spec->kind]);
    for (size_t i = 0; spec->choices && spec->choices[i]; i++)
        weir_buffer_printf(out, "%s`%s`", i ? ", " : ": ", spec->choices[i]);
    if (spec->required)
        weir_buffer_append_string(out, "; required");
    if (spec->fallback)
        weir_buffer_printf(out, "; default `%s`", spec->fallback);
    if (spec->roles == WEIR_OPTION_SOURCE)
        weir_buffer_append_string(out, "; sources");
    if (spec->roles == WEIR_OPTION_SINK)
        weir_buffer_append_string(out, "; sinks");
    weir_buffer_printf(out, "): %s\n", spec->help ? spec->help : "");
}

static void print_options(const char *title, const struct weir_option_spec *specs, size_t count,
                          struct weir_buffer *out)
{
    if (count == 0)
        return;
    weir_buffer_printf(out, "\n%s\n\n", title);
    for (size_t i = 0; i < count; i++)
        print_option(&specs[i], out);
}

/* ---- connectors and formats ---- */

static void print_connector(const struct weir_connector *connector, struct weir_buffer *out)
{
    static const char *const roles[] = {"",
                                        "source",
                                        "sink",
                                        "source and sink",
                                        "lookup",
                                        "source and lookup",
                                        "sink and lookup",
                                        "source, sink and lookup"};
    weir_buffer_printf(out, "# %s\n\n%s: %s\n\n%s", connector->name, roles[connector->roles & 7],
                       connector->summary, connector->details ? connector->details : "");
    print_options("Options:", connector->options, connector->options_count, out);
    print_options("Options of single columns, written \"COLUMN.NAME\":", connector->column_options,
                  connector->column_options_count, out);
    size_t count;
    const struct weir_option_spec *common = weir_tables_options(&count);
    print_options("Options of every table:", common, count, out);
    if (connector->roles & WEIR_ROLE_LOOKUP) {
        const struct weir_option_spec *lookup = weir_lookup_options(&count);
        print_options("Options of lookups (`type = 'lookup'`):", lookup, count, out);
    }
}

int weir_command_connectors(struct weir_cli *cli, const struct weir_cli_options *options)
{
    const struct weir_connectors *all = weir_connectors_builtin();
    struct weir_slice names[64];
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    for (size_t i = 0; i < all->count; i++) {
        names[i] = weir_slice_from_string(all->items[i]->name);
        if (options->arguments_count == 0)
            weir_buffer_printf(&out, "%-14s %s\n", all->items[i]->name, all->items[i]->summary);
    }
    if (options->arguments_count == 0)
        return print_and_free(cli, &out);
    const struct weir_connector *connector =
        weir_connector_find(all, weir_slice_from_string(options->arguments[0]));
    if (!connector)
        return unknown_name(cli, WEIR_E_UNKNOWN_CONNECTOR, "connector", options->arguments[0],
                            names, all->count);
    print_connector(connector, &out);
    return print_and_free(cli, &out);
}

int weir_command_formats(struct weir_cli *cli, const struct weir_cli_options *options)
{
    size_t count;
    const struct weir_format *const *all = weir_formats_all(&count);
    struct weir_slice names[64];
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    for (size_t i = 0; i < count; i++) {
        names[i] = weir_slice_from_string(all[i]->name);
        if (options->arguments_count == 0)
            weir_buffer_printf(&out, "%-14s %s\n", all[i]->name, all[i]->summary);
    }
    if (options->arguments_count == 0)
        return print_and_free(cli, &out);
    const struct weir_format *format =
        weir_format_find(weir_slice_from_string(options->arguments[0]));
    if (!format)
        return unknown_name(cli, WEIR_E_UNKNOWN_FORMAT, "format", options->arguments[0], names,
                            count);
    weir_buffer_printf(&out, "# %s\n\n%s: %s\n\n%s", format->name,
                       format->decoder && format->encoder ? "read and written"
                       : format->decoder                  ? "read"
                                                          : "written",
                       format->summary, format->details ? format->details : "");
    print_options("Options:", format->options, format->options_count, &out);
    return print_and_free(cli, &out);
}

/* ---- functions ---- */

struct function_page {
    const char *name, *signature, *category, *summary, *example, *result;
    bool is_aggregate;
    bool is_alias;
    bool is_ours; /* not in Postgres 15 */
};

static const struct function_page constructs[] = {
#define WEIR_CONSTRUCT(name, signature, category, summary, example, result, is_ours) \
    {name, signature, category, summary, example, result, false, false, is_ours},
#include "plan/constructs.def"
#undef WEIR_CONSTRUCT
};

static size_t collect_functions(struct function_page **pages)
{
    size_t scalars_count, aggregates_count, count = 0;
    const struct weir_function *scalars = weir_functions_all(&scalars_count);
    const struct weir_aggregate *aggregates = weir_aggregates_all(&aggregates_count);
    *pages = weir_calloc(scalars_count + aggregates_count + WEIR_COUNT_OF(constructs) + 1,
                         sizeof **pages);
    for (size_t i = 0; *pages && i < scalars_count; i++) {
        const struct weir_function *f = &scalars[i];
        if (f->flags & WEIR_FUNCTION_HIDDEN)
            continue;
        (*pages)[count++] = (struct function_page){f->name,
                                                   f->signature,
                                                   f->category,
                                                   f->summary,
                                                   f->example,
                                                   f->result,
                                                   false,
                                                   (f->flags & WEIR_FUNCTION_ALIAS) != 0,
                                                   (f->flags & WEIR_FUNCTION_WEIR) != 0};
    }
    for (size_t i = 0; *pages && i < aggregates_count; i++) {
        const struct weir_aggregate *f = &aggregates[i];
        (*pages)[count++] = (struct function_page){f->name,
                                                   f->signature,
                                                   f->category,
                                                   f->summary,
                                                   f->example,
                                                   f->result,
                                                   true,
                                                   (f->flags & WEIR_AGGREGATE_ALIAS) != 0,
                                                   (f->flags & WEIR_AGGREGATE_WEIR) != 0};
    }
    for (size_t i = 0; *pages && i < WEIR_COUNT_OF(constructs); i++)
        (*pages)[count++] = constructs[i];
    return count;
}

static bool names_equal(const char *a, const char *b)
{
    return weir_slice_equals_ignoring_case(weir_slice_from_string(a), weir_slice_from_string(b));
}

static void list_functions(const struct function_page *pages, size_t count, struct weir_buffer *out)
{
    const char *category = "";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(category, pages[i].category) != 0)
            weir_buffer_printf(out, "%s%s\n", i ? "\n" : "", pages[i].category);
        category = pages[i].category;
        weir_buffer_printf(out, "  %s%s\n      %s\n", pages[i].name, pages[i].signature,
                           pages[i].summary);
    }
}

static void print_member(struct weir_buffer *out, const char *name, const char *value)
{
    weir_buffer_printf(out, "%s\"%s\":", out->size && out->data[out->size - 1] != '{' ? "," : "",
                       name);
    weir_json_write_string(out, weir_slice_from_string(value ? value : ""));
}

/* One JSON object a line, for tools that make documentation and tests. */
static void list_json(const struct function_page *pages, size_t count, struct weir_buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        weir_buffer_append_char(out, '{');
        print_member(out, "name", pages[i].name);
        print_member(out, "signature", pages[i].signature);
        print_member(out, "category", pages[i].category);
        print_member(out, "summary", pages[i].summary);
        print_member(out, "example", pages[i].example);
        print_member(out, "result", pages[i].result);
        weir_buffer_printf(out, ",\"aggregate\":%s,\"alias\":%s,\"postgres\":%s}\n",
                           pages[i].is_aggregate ? "true" : "false",
                           pages[i].is_alias ? "true" : "false",
                           pages[i].is_ours ? "false" : "true");
    }
}

int weir_command_functions(struct weir_cli *cli, const struct weir_cli_options *options)
{
    struct function_page *pages;
    struct weir_buffer out;
    size_t count = collect_functions(&pages);
    bool found = false;
    weir_buffer_init(&out, NULL);
    if (options->arguments_count == 0) {
        if (options->format && strcmp(options->format, "json") == 0)
            list_json(pages, count, &out);
        else
            list_functions(pages, count, &out);
        weir_free(pages);
        return print_and_free(cli, &out);
    }
    for (size_t i = 0; i < count; i++) {
        if (!names_equal(pages[i].name, options->arguments[0]))
            continue;
        found = true;
        weir_buffer_printf(&out, "%s%s\n  %s%s\n", pages[i].name, pages[i].signature,
                           pages[i].summary, pages[i].is_aggregate ? " (aggregate)" : "");
        if (pages[i].example && pages[i].example[0])
            weir_buffer_printf(&out, "  %s\n  → %s\n\n", pages[i].example, pages[i].result);
    }
    struct weir_slice *names = weir_calloc(count + 1, sizeof *names);
    int code = 0;
    for (size_t i = 0; names && i < count; i++)
        names[i] = weir_slice_from_string(pages[i].name);
    if (found)
        code = print_and_free(cli, &out);
    else
        code = unknown_name(cli, WEIR_E_UNKNOWN_FUNCTION, "function", options->arguments[0], names,
                            names ? count : 0);
    weir_free(names);
    weir_free(pages);
    return code;
}

/* ---- job options ---- */

struct job_option {
    const char *name, *fallback, *help;
};
static const struct job_option job_options[] = {
#define WEIR_SETTING(name, kind, field, fallback, minimum, maximum, help) {name, fallback, help},
#define WEIR_SETTING_SPECIAL(name, fallback, help) {name, fallback, help},
#include "plan/settings.def"
#undef WEIR_SETTING
#undef WEIR_SETTING_SPECIAL
};

int weir_command_options(struct weir_cli *cli, const struct weir_cli_options *options)
{
    struct weir_buffer out;
    struct weir_slice names[WEIR_COUNT_OF(job_options)];
    const char *name = options->arguments_count ? options->arguments[0] : NULL;
    weir_buffer_init(&out, NULL);
    for (size_t i = 0; i < WEIR_COUNT_OF(job_options); i++) {
        const struct job_option *option = &job_options[i];
        names[i] = weir_slice_from_string(option->name);
        if (!name)
            weir_buffer_printf(&out, "%-20s %-11s %s\n", option->name, option->fallback,
                               option->help);
        else if (weir_slice_equals_ignoring_case(names[i], weir_slice_from_string(name)))
            weir_buffer_printf(&out, "%s\n  %s\n  default: %s\n  SET %s = '%s';   or -D %s=%s\n",
                               option->name, option->help, option->fallback, option->name,
                               option->fallback, option->name, option->fallback);
    }
    if (out.size)
        return print_and_free(cli, &out);
    return unknown_name(cli, WEIR_E_UNKNOWN_OPTION, "job option", name, names,
                        WEIR_COUNT_OF(job_options));
}

/* ---- errors and fault sites ---- */

int weir_command_errors(struct weir_cli *cli, const struct weir_cli_options *options)
{
    size_t count;
    const struct weir_error_info *all = weir_error_info_all(&count);
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    if (options->arguments_count == 0) {
        for (size_t i = 0; i < count; i++)
            weir_buffer_printf(&out, "WEIR-%d  exit %d  %s\n", (int)all[i].code, all[i].exit_code,
                               all[i].title);
        return print_and_free(cli, &out);
    }
    const char *digits = strpbrk(options->arguments[0], "0123456789");
    long number = digits ? strtol(digits, NULL, 10) : 0;
    const struct weir_error_info *info = weir_error_info_get((enum weir_status)number);
    if (!info)
        return unknown_name(cli, WEIR_E_USAGE, "error code", options->arguments[0], NULL, 0);
    weir_buffer_printf(&out, "WEIR-%d: %s\nexit code %d\n", (int)info->code, info->title,
                       info->exit_code);
    if (info->hint[0])
        weir_buffer_printf(&out, "hint: %s\n", info->hint);
    return print_and_free(cli, &out);
}

int weir_command_fault_sites(struct weir_cli *cli, const struct weir_cli_options *options)
{
    struct weir_buffer out;
    const struct weir_fault_site_info *sites = weir_fault_sites();
    (void)options;
    weir_buffer_init(&out, NULL);
    for (size_t i = 0; i < WEIR_FAULT_SITES_COUNT; i++)
        weir_buffer_printf(&out, "%-30s %s\n", sites[i].name, sites[i].text);
    return print_and_free(cli, &out);
}
