/* DESCRIBE and SHOW: text tables, columns aligned. */
#include "plan/binder_internal.h"

enum { SHOW_COLUMNS_MAX = 4 };

struct text_table {
    uint32_t columns;
    size_t widths[SHOW_COLUMNS_MAX];
    struct weir_slice *cells; /* row by row; the first row is the heading */
    uint32_t rows, capacity;
};

/* Characters, not bytes: continuation bytes take no room. */
static size_t text_width(struct weir_slice text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.size; i++)
        width += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return width;
}

static bool add_row(struct plan_binder *b, struct text_table *table, const struct weir_slice *cells)
{
    if (table->rows == table->capacity) {
        uint32_t capacity = table->capacity ? table->capacity * 2 : 32;
        struct weir_slice *grown =
            PLAN_ARRAY(b, struct weir_slice, (size_t)capacity * table->columns);
        if (!grown)
            return false;
        if (table->rows)
            memcpy(grown, table->cells, (size_t)table->rows * table->columns * sizeof *grown);
        table->cells = grown;
        table->capacity = capacity;
    }
    for (uint32_t i = 0; i < table->columns; i++) {
        size_t width = text_width(cells[i]);
        if (width > table->widths[i])
            table->widths[i] = width;
        table->cells[(size_t)table->rows * table->columns + i] = cells[i];
    }
    table->rows++;
    return true;
}

static void pad(struct weir_buffer *out, char c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        weir_buffer_append_char(out, c);
}

static void print_table(const struct text_table *table, struct weir_buffer *out)
{
    for (uint32_t row = 0; row < table->rows; row++) {
        for (uint32_t i = 0; i < table->columns; i++) {
            struct weir_slice cell = table->cells[(size_t)row * table->columns + i];
            weir_buffer_append_string(out, i ? "  " : "");
            weir_buffer_append_slice(out, cell);
            if (i + 1 < table->columns)
                pad(out, ' ', table->widths[i] - text_width(cell));
        }
        weir_buffer_append_char(out, '\n');
        for (uint32_t i = 0; row == 0 && i < table->columns; i++) {
            weir_buffer_append_string(out, i ? "  " : "");
            pad(out, '-', table->widths[i]);
        }
        if (row == 0)
            weir_buffer_append_char(out, '\n');
    }
}

/* An object a row; the heading has the keys. */
static void print_objects(const struct text_table *table, struct weir_buffer *out)
{
    for (uint32_t row = 1; row < table->rows; row++) {
        for (uint32_t i = 0; i < table->columns; i++) {
            weir_buffer_append_char(out, i ? ',' : '{');
            weir_plan_json_string(table->cells[i], out);
            weir_buffer_append_char(out, ':');
            weir_plan_json_string(table->cells[(size_t)row * table->columns + i], out);
        }
        weir_buffer_append_string(out, "}\n");
    }
}

static void print_rows(const struct plan_binder *b, const struct text_table *table,
                       struct weir_buffer *out)
{
    (b->env->show_json ? print_objects : print_table)(table, out);
}

static struct weir_slice literal(const char *text)
{
    return weir_slice_from_string(text);
}

/* ---------------------------------------------------------------- DESCRIBE */

static struct weir_slice column_notes(struct plan_binder *b, const struct weir_table *table,
                                      uint32_t column)
{
    struct weir_buffer text;
    struct weir_slice notes = {"", 0};
    if (!table)
        return notes;
    weir_buffer_init(&text, NULL);
    for (uint32_t i = 0; i < table->primary_key_count; i++)
        if (table->primary_key[i] == column)
            weir_buffer_append_string(&text, "primary key");
    if (table->event_time_column == column)
        weir_buffer_append_string(&text, text.size ? ", event time" : "event time");
    if (table->generated && table->generated[column]) {
        weir_buffer_append_string(&text, text.size ? ", generated: " : "generated: ");
        weir_expr_print(table->generated[column], &table->schema, &text);
    }
    if (text.failed || !plan_slice_copy(weir_buffer_slice(&text), b->arena, &notes))
        plan_out_of_memory(b);
    weir_buffer_deinit(&text);
    return notes;
}

bool plan_describe(struct plan_binder *b, const struct weir_sql_names *names,
                   struct weir_buffer *out)
{
    struct weir_slice name = plan_entry_name(b, names);
    struct weir_position position = names->items[names->count - 1].position;
    struct plan_entry *entry = plan_catalog_find(b->catalog, name, false);
    bool is_file = !entry && names->count == 1 && names->items[0].quoted;
    const struct plan_rel *rel =
        is_file ? plan_bind_file(b, name, position) : plan_bind_relation(b, names, position);
    const struct weir_table *table = entry && entry->kind == PLAN_ENTRY_TABLE ? entry->table : NULL;
    if (!rel && (!table || !table->schema.fields_count))
        return false;
    struct weir_schema schema = rel ? plan_rel_schema(rel) : table->schema;
    struct text_table text = {.columns = 4};
    bool ok = add_row(b, &text,
                      (struct weir_slice[]){literal("column"), literal("type"), literal("null"),
                                            literal("notes")});
    for (uint32_t i = 0; ok && i < schema.fields_count; i++) {
        const struct weir_field *field = &schema.fields[i];
        struct weir_slice type = {"", 0};
        if (field->type &&
            !plan_slice_copy(literal(weir_type_name(field->type).text), b->arena, &type))
            plan_out_of_memory(b);
        ok = add_row(b, &text,
                     (struct weir_slice[]){field->name, type,
                                           literal(field->nullable ? "yes" : "no"),
                                           column_notes(b, table, i)});
    }
    if (ok)
        print_rows(b, &text, out);
    return ok;
}

/* ---------------------------------------------------------------- SHOW */

static void show_tables(struct plan_binder *b, struct weir_buffer *out)
{
    struct text_table text = {.columns = 3};
    bool ok = add_row(
        b, &text, (struct weir_slice[]){literal("name"), literal("kind"), literal("connector")});
    for (const struct plan_entry *entry = b->catalog->first; ok && entry; entry = entry->next) {
        if (entry->dropped || entry->kind == PLAN_ENTRY_FUNCTION)
            continue;
        bool is_view = entry->kind == PLAN_ENTRY_VIEW;
        const char *connector =
            is_view || !entry->table->connector ? "" : entry->table->connector->name;
        const char *kind = entry->materialized ? "materialized view"
                           : is_view           ? "view"
                           : entry->is_memory  ? "table in memory"
                                               : "table";
        ok = add_row(b, &text,
                     (struct weir_slice[]){entry->name, literal(kind), literal(connector)});
    }
    print_rows(b, &text, out);
}

static struct weir_slice spelled(struct plan_binder *b, const char *name, const char *signature)
{
    char *text = weir_arena_printf(b->arena, "%s%s", name, signature);
    if (!text)
        plan_out_of_memory(b);
    return literal(text ? text : "");
}

static const struct {
    const char *name, *signature, *category, *summary;
} constructs[] = {
#define WEIR_CONSTRUCT(name, signature, category, summary, example, result, is_ours) \
    {name, signature, category, summary},
#include "plan/constructs.def"
#undef WEIR_CONSTRUCT
};

static void show_functions(struct plan_binder *b, struct weir_buffer *out)
{
    struct text_table text = {.columns = 3};
    size_t count;
    bool ok = add_row(
        b, &text,
        (struct weir_slice[]){literal("function"), literal("category"), literal("summary")});
    const struct weir_function *functions = weir_functions_all(&count);
    for (size_t i = 0; ok && i < count; i++) {
        if (functions[i].flags & WEIR_FUNCTION_HIDDEN)
            continue;
        ok = add_row(b, &text,
                     (struct weir_slice[]){spelled(b, functions[i].name, functions[i].signature),
                                           literal(functions[i].category),
                                           literal(functions[i].summary)});
    }
    const struct weir_aggregate *aggregates = weir_aggregates_all(&count);
    for (size_t i = 0; ok && i < count; i++)
        ok = add_row(b, &text,
                     (struct weir_slice[]){spelled(b, aggregates[i].name, aggregates[i].signature),
                                           literal(aggregates[i].category),
                                           literal(aggregates[i].summary)});
    for (size_t i = 0; ok && i < WEIR_COUNT_OF(constructs); i++)
        ok = add_row(b, &text,
                     (struct weir_slice[]){spelled(b, constructs[i].name, constructs[i].signature),
                                           literal(constructs[i].category),
                                           literal(constructs[i].summary)});
    for (const struct plan_entry *entry = b->catalog->first; ok && entry; entry = entry->next)
        if (entry->kind == PLAN_ENTRY_FUNCTION && !entry->dropped)
            ok = add_row(
                b, &text,
                (struct weir_slice[]){entry->name, literal("user"), literal("CREATE FUNCTION")});
    print_rows(b, &text, out);
}

static void show_connectors(struct plan_binder *b, struct weir_buffer *out)
{
    struct text_table text = {.columns = 3};
    const struct weir_connectors *connectors = b->env->connectors;
    bool ok =
        add_row(b, &text,
                (struct weir_slice[]){literal("connector"), literal("roles"), literal("summary")});
    for (size_t i = 0; ok && i < connectors->count; i++) {
        const struct weir_connector *connector = connectors->items[i];
        bool source = connector->roles & WEIR_ROLE_SOURCE, sink = connector->roles & WEIR_ROLE_SINK;
        const char *roles = source && sink ? "source, sink" : source ? "source" : "sink";
        ok = add_row(b, &text,
                     (struct weir_slice[]){literal(connector->name), literal(roles),
                                           literal(connector->summary)});
    }
    print_rows(b, &text, out);
}

void plan_show(struct plan_binder *b, enum weir_sql_show_kind what, struct weir_buffer *out)
{
    switch (what) {
    case WEIR_SQL_SHOW_TABLES:
        show_tables(b, out);
        break;
    case WEIR_SQL_SHOW_FUNCTIONS:
        show_functions(b, out);
        break;
    case WEIR_SQL_SHOW_CONNECTORS:
        show_connectors(b, out);
        break;
    }
}
