/* Statements: a program becomes declarations in the catalog and one plan of all its sinks.
 *
 *     pass 1   CREATE, SET and DROP in order; queries are put aside
 *     pass 2   views, INSERTs, SELECTs, EXPLAIN, SHOW in order, over everything declared
 *
 * so that an INSERT may feed an in-memory table that a statement before it reads. DROP and the
 * replacement of a name first finish what was put aside. Planning goes on after errors, statement
 * by statement. */
#include "plan/binder_internal.h"

#include "value/interval.h"

struct pending {
    const struct weir_sql_statement **items;
    uint32_t count;
};

struct program {
    struct plan_binder *b;
    struct weir_session *session; /* the binder's own */
    struct pending pending;
    struct weir_buffer text; /* of EXPLAIN, DESCRIBE, SHOW */
    enum weir_statement_effect effect;
    const struct weir_sql_explain *analyze; /* the last EXPLAIN ANALYZE */
    bool analyzes_all;                      /* they ask for different parts: the job tells all */
};

struct weir_slice plan_entry_name(struct plan_binder *b, const struct weir_sql_names *names)
{
    const struct weir_sql_name *last = &names->items[names->count - 1];
    if (names->count == 1 ||
        (names->count == 2 && weir_slice_equals_string(names->items[0].text, "public")))
        return last->text;
    struct weir_buffer text;
    struct weir_slice out = last->text;
    weir_buffer_init(&text, NULL);
    for (uint32_t i = 0; i < names->count; i++) {
        weir_buffer_append_string(&text, i ? "." : "");
        weir_buffer_append_slice(&text, names->items[i].text);
    }
    if (text.failed || !plan_slice_copy(weir_buffer_slice(&text), b->arena, &out))
        plan_out_of_memory(b);
    weir_buffer_deinit(&text);
    return out;
}

/* ---------------------------------------------------------------- relations of entries */

static const struct weir_sql_query *entry_query(const struct plan_entry *entry)
{
    const struct weir_sql_statement *statement = entry->query.statement;
    return statement->kind == WEIR_SQL_CREATE_TABLE ? statement->create_table->query
                                                    : statement->create_view->query;
}

/* CREATE VIEW v (a, b) AS …: the names of the columns. */
static struct plan_rel *rename_view(struct plan_binder *b, const struct plan_entry *entry,
                                    struct plan_rel *rel)
{
    const struct weir_sql_statement *statement = entry->query.statement;
    if (!rel || statement->kind == WEIR_SQL_CREATE_TABLE)
        return rel;
    const struct weir_sql_names *columns = &statement->create_view->columns;
    if (!columns->count)
        return rel;
    if (columns->count > rel->fields_count) {
        plan_fail(b, columns->items[rel->fields_count].position, WEIR_E_COLUMN_COUNT,
                  "view \"%.*s\" has %u column%s, %u are named", WEIR_SLICE_ARGS(entry->name),
                  rel->fields_count, rel->fields_count == 1 ? "" : "s", columns->count);
        return NULL;
    }
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, rel->fields_count + 1);
    if (!exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        names[i] = i < columns->count ? columns->items[i].text : rel->fields[i].name;
        exprs[i] = rel->fields[i].type ? plan_rel_column(b, rel, i, entry->position) : NULL;
    }
    return plan_rel_compute(b, rel, NULL, exprs, names, rel->fields_count, entry->position);
}

static void keep_view_schema(struct plan_binder *b, struct plan_entry *entry,
                             const struct plan_rel *rel)
{
    for (uint32_t i = 0; i < rel->fields_count; i++)
        if (!rel->fields[i].type)
            return;
    struct weir_schema schema = plan_rel_schema(rel);
    if (!plan_schema_copy(&schema, &b->catalog->arena, &entry->view_schema))
        plan_out_of_memory(b);
}

static struct plan_rel *bind_view(struct plan_binder *b, struct plan_entry *entry)
{
    /* The statement around it is none of a view's business. */
    const struct plan_cte *ctes = b->ctes;
    const struct weir_sql_emit *emit = b->emit;
    const struct weir_type *const *expected = b->expected;
    const struct weir_sql_query *query = entry_query(entry);
    bool correlated = false;
    uint32_t errors = b->errors_count;
    b->ctes = NULL;
    b->emit = query->emit.kind ? &query->emit : NULL;
    b->expected = NULL;
    struct plan_rel *rel = plan_bind_query(b, query, NULL, &correlated);
    rel = rename_view(b, entry, plan_rel_decide(b, rel));
    b->ctes = ctes;
    b->emit = emit;
    b->expected = expected;
    entry->failed = b->errors_count != errors;
    if (rel)
        keep_view_schema(b, entry, rel);
    return rel;
}

/* WATERMARK FOR of a table in memory: the rows come with the event time of what they are made of,
 * and nothing here would make another. */
static struct plan_rel *check_memory_time(struct plan_binder *b, const struct weir_table *table,
                                          struct plan_rel *rel)
{
    bool is_theirs = rel->event_time_type && rel->event_time_column == table->event_time_column;
    if (table->event_time_column == UINT32_MAX || (is_theirs && !table->watermark))
        return rel;
    plan_refuse(b, table->position, "WATERMARK FOR a table in memory whose rows have another %s",
                is_theirs ? "watermark" : "event time, or none");
    return NULL;
}

/* An in-memory table: what all INSERTs into it give. */
static struct plan_rel *bind_memory(struct plan_binder *b, struct plan_entry *entry)
{
    struct plan_list branches = {0};
    for (struct plan_stored_query *feed = entry->feeds; feed; feed = feed->next) {
        struct plan_rel *rel = plan_bind_insert(b, feed->statement->insert, entry);
        if (!rel || !plan_list_push(b, &branches, rel))
            return NULL;
    }
    const struct weir_table *table = entry->table;
    struct plan_rel *rel =
        plan_rel_new(b, branches.count ? WEIR_PLAN_UNION : WEIR_PLAN_VALUES, NULL, entry->position);
    if (!rel || !plan_rel_set_fields(b, rel, table->schema.fields, table->schema.fields_count))
        return NULL;
    rel->inputs = (struct plan_rel **)(void *)branches.items;
    rel->inputs_count = branches.count;
    if (!branches.count) {
        struct weir_column *columns = PLAN_ARRAY(b, struct weir_column, rel->fields_count + 1);
        for (uint32_t i = 0; columns && i < rel->fields_count; i++)
            columns[i] = weir_column_nulls(rel->fields[i].type, 0);
        rel->of.values.columns = columns;
        return columns ? rel : NULL;
    }
    const struct plan_rel *first = rel->inputs[0];
    rel->event_time_type = first->event_time_type;
    rel->event_time_column = first->event_time_column;
    for (uint32_t i = 1; i < branches.count; i++) {
        if (!rel->inputs[i]->event_time_type)
            rel->event_time_type = NULL;
        if (rel->inputs[i]->event_time_column != rel->event_time_column)
            rel->event_time_column = PLAN_NONE;
    }
    if (!rel->event_time_type)
        rel->event_time_column = PLAN_NONE;
    return check_memory_time(b, table, rel);
}

/* A dead letter that is called like a table was meant to be one. */
static bool check_dead_letter(struct plan_binder *b, const struct weir_table *table,
                              struct weir_position position)
{
    struct weir_slice path = table->dead_letter;
    if (path.size == 0 || !plan_catalog_find(b->catalog, path, false))
        return true;
    (void)weir_error_set(&b->error, WEIR_E_BAD_OPTION,
                         "dead_letter = '%.*s' names a table; bad records go to files",
                         WEIR_SLICE_ARGS(path));
    weir_error_hint(&b->error, "give a path, such as '%.*s.ndjson', and read it as a table",
                    WEIR_SLICE_ARGS(path));
    return plan_report(b, position);
}

static struct plan_rel *bind_source(struct plan_binder *b, struct plan_entry *entry,
                                    struct weir_position position)
{
    if (!plan_table_resolve(b, entry, true, position) ||
        !check_dead_letter(b, entry->table, position))
        return NULL;
    if (entry->table->schema.fields_count == 0) {
        plan_fail(b, position, WEIR_E_SCHEMA_INFERENCE,
                  "the columns of table \"%.*s\" are not known", WEIR_SLICE_ARGS(entry->name));
        return NULL;
    }
    return plan_rel_scan(b, entry->table, position);
}

struct plan_rel *plan_bind_entry(struct plan_binder *b, struct plan_entry *entry,
                                 struct weir_position position)
{
    if (entry->rel_serial == b->serial)
        return entry->rel;
    if (entry->binding || b->nesting >= PLAN_NESTING_MAX) {
        plan_fail(b, position, WEIR_E_RECURSIVE_VIEW, "\"%.*s\" is made of itself",
                  WEIR_SLICE_ARGS(entry->name));
        return NULL;
    }
    if (entry->failed && entry->kind == PLAN_ENTRY_TABLE)
        return NULL;
    struct weir_position inlined_at = b->inlined_at;
    b->inlined_at = (struct weir_position){0};
    entry->binding = true;
    b->nesting++;
    struct plan_rel *rel = entry->kind == PLAN_ENTRY_VIEW ? bind_view(b, entry)
                           : entry->is_memory             ? bind_memory(b, entry)
                                                          : bind_source(b, entry, position);
    b->nesting--;
    entry->binding = false;
    b->inlined_at = inlined_at;
    entry->rel = rel;
    entry->rel_serial = b->serial;
    return rel;
}

/* ---------------------------------------------------------------- INSERT */

/* Which query column feeds each table column, PLAN_NONE for none. */
static bool insert_targets(struct plan_binder *b, const struct weir_sql_insert *insert,
                           const struct weir_table *table, uint32_t *sources, uint32_t *count)
{
    uint32_t columns = table->schema.fields_count, next = 0;
    bool ok = true;
    for (uint32_t i = 0; i < columns; i++) {
        bool generated = table->generated && table->generated[i];
        sources[i] = insert->columns.count || generated ? PLAN_NONE : next++;
    }
    *count = insert->columns.count ? insert->columns.count : next;
    for (uint32_t i = 0; i < insert->columns.count; i++) {
        const struct weir_sql_name *name = &insert->columns.items[i];
        uint32_t column = weir_schema_find(&table->schema, name->text);
        if (column == UINT32_MAX) {
            struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, columns + 1);
            (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_COLUMN, "no column \"%.*s\" in \"%.*s\"",
                                 WEIR_SLICE_ARGS(name->text), WEIR_SLICE_ARGS(table->name));
            for (uint32_t c = 0; names && c < columns; c++)
                names[c] = table->schema.fields[c].name;
            if (names)
                plan_hint_nearest(b, name->text, names, columns);
            ok = plan_report(b, name->position);
        } else if (sources[column] != PLAN_NONE) {
            ok = plan_fail(b, name->position, WEIR_E_DUPLICATE_NAME,
                           "column \"%.*s\" is given twice", WEIR_SLICE_ARGS(name->text));
        } else if (table->generated && table->generated[column]) {
            ok = plan_fail(b, name->position, WEIR_E_TYPE_MISMATCH,
                           "column \"%.*s\" is generated and cannot be written",
                           WEIR_SLICE_ARGS(name->text));
        } else {
            sources[column] = i;
        }
    }
    return ok;
}

static bool is_key(const struct weir_table *table, uint32_t column)
{
    for (uint32_t i = 0; i < table->primary_key_count; i++)
        if (table->primary_key[i] == column)
            return true;
    return false;
}

/* A value for a NOT NULL column fails when it is NULL. A key may be NULL in changes, which find
 * their row by it, and an event time is judged with the event time. */
static const struct weir_expr *not_null(struct plan_binder *b, const struct weir_table *table,
                                        uint32_t column, const struct weir_expr *value)
{
    const struct weir_field *field = &table->schema.fields[column];
    if (!value || !value->nullable || field->nullable || column == table->event_time_column ||
        is_key(table, column))
        return value;
    const struct weir_expr *args[2] = {value, plan_expr_text(b, field->name, value->position)};
    return args[1] ? plan_function_named(b, weir_slice_from_string("not_null"), args, 2,
                                         value->position)
                   : NULL;
}

/* The query's columns in the order and types of the table's. */
static struct plan_rel *arrange(struct plan_binder *b, struct plan_rel *rel,
                                const struct weir_table *table, const uint32_t *sources,
                                struct weir_position position)
{
    uint32_t columns = table->schema.fields_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, columns + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, columns + 1);
    if (!exprs || !names)
        return NULL;
    bool plain = columns == rel->fields_count;
    for (uint32_t i = 0; i < columns; i++) {
        const struct weir_field *field = &table->schema.fields[i];
        names[i] = field->name;
        bool generated = table->generated && table->generated[i];
        if (sources[i] != PLAN_NONE)
            exprs[i] = plan_rel_column(b, rel, sources[i], position);
        else if (!generated)
            exprs[i] = plan_expr_null(b, field->type, position);
        const struct weir_expr *value = exprs[i];
        exprs[i] = generated ? value : not_null(b, table, i, value);
        plain &= sources[i] == i && exprs[i] == value;
        if (value && !exprs[i])
            return NULL;
    }
    for (uint32_t i = 0; i < columns; i++) {
        if (sources[i] != PLAN_NONE || !table->generated || !table->generated[i])
            continue;
        exprs[i] = plan_substitute(b->arena, table->generated[i], exprs, columns);
        if (!exprs[i])
            plan_out_of_memory(b);
    }
    if (b->out_of_memory)
        return NULL;
    return plain ? rel : plan_rel_compute(b, rel, NULL, exprs, names, columns, position);
}

static struct plan_rel *bind_into(struct plan_binder *b, const struct weir_sql_insert *insert,
                                  const struct weir_table *table)
{
    uint32_t columns = table->schema.fields_count, count = 0;
    struct weir_position position = insert->table.items[insert->table.count - 1].position;
    uint32_t *sources = PLAN_ARRAY(b, uint32_t, columns + 1);
    const struct weir_type **types = PLAN_ARRAY(b, const struct weir_type *, columns + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, columns + 1);
    if (!sources || !types || !names)
        return NULL;
    bool ok = insert_targets(b, insert, table, sources, &count);
    for (uint32_t i = 0; i < columns; i++) {
        if (sources[i] == PLAN_NONE)
            continue;
        types[sources[i]] = table->schema.fields[i].type;
        names[sources[i]] = table->schema.fields[i].name;
    }
    bool correlated = false;
    bool is_values = insert->query->body->kind == WEIR_SQL_BODY_VALUES;
    b->expected = ok && is_values ? types : NULL;
    b->expected_count = count;
    struct plan_rel *rel = plan_bind_query(b, insert->query, NULL, &correlated);
    b->expected = NULL;
    if (!rel || !ok)
        return NULL;
    if (rel->fields_count != count) {
        (void)weir_error_set(
            &b->error, WEIR_E_COLUMN_COUNT, "\"%.*s\" takes %u column%s, the query has %u",
            WEIR_SLICE_ARGS(table->name), count, count == 1 ? "" : "s", rel->fields_count);
        plan_report(b, position);
        return NULL;
    }
    for (uint32_t i = 0; i < rel->fields_count; i++)
        if (!rel->fields[i].type)
            return NULL;
    rel = plan_rel_coerce(b, rel, types, names, WEIR_CAST_ASSIGNMENT, position);
    return rel ? arrange(b, rel, table, sources, position) : NULL;
}

/* A sink without columns takes those of its first INSERT. */
static struct plan_rel *bind_first(struct plan_binder *b, const struct weir_sql_query *query,
                                   struct weir_table *table)
{
    bool correlated = false;
    struct plan_rel *rel = plan_rel_decide(b, plan_bind_query(b, query, NULL, &correlated));
    if (!rel)
        return NULL;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        if (!rel->fields[i].type)
            return NULL;
        for (uint32_t k = 0; k < i; k++)
            if (weir_slice_equals(rel->fields[i].name, rel->fields[k].name)) {
                plan_fail(b, query->position, WEIR_E_DUPLICATE_NAME,
                          "table \"%.*s\" would have two columns \"%.*s\"",
                          WEIR_SLICE_ARGS(table->name), WEIR_SLICE_ARGS(rel->fields[i].name));
                return NULL;
            }
    }
    struct weir_schema schema = plan_rel_schema(rel);
    if (!plan_schema_copy(&schema, &b->catalog->arena, &table->schema)) {
        plan_out_of_memory(b);
        return NULL;
    }
    /* Nothing is declared: another INSERT may have NULLs where this one has none. */
    for (uint32_t i = 0; i < table->schema.fields_count; i++)
        ((struct weir_field *)(uintptr_t)table->schema.fields)[i].nullable = true;
    return rel;
}

struct plan_rel *plan_bind_insert(struct plan_binder *b, const struct weir_sql_insert *insert,
                                  struct plan_entry *entry)
{
    if (entry->table->schema.fields_count)
        return bind_into(b, insert, entry->table);
    if (insert->columns.count) {
        plan_fail(b, insert->columns.items[0].position, WEIR_E_UNKNOWN_COLUMN,
                  "table \"%.*s\" has no columns of its own to name", WEIR_SLICE_ARGS(entry->name));
        return NULL;
    }
    return bind_first(b, insert->query, entry->table);
}

/* ---------------------------------------------------------------- statements with a sink */

static bool set_emit(struct plan_binder *b, const struct weir_sql_query *query)
{
    b->emit = query->emit.kind == WEIR_SQL_EMIT_DEFAULT ? NULL : &query->emit;
    b->emit_every_us = 0;
    if (query->emit.kind != WEIR_SQL_EMIT_EVERY)
        return true;
    struct plan_scope nothing = {.event_time_column = PLAN_NONE};
    struct plan_context context = {.scope = &nothing, .clause = "EMIT EVERY"};
    struct plan_width width;
    if (!plan_bind_width(b, &context, query->emit.interval, "the interval of EMIT EVERY", true,
                         &width))
        return false;
    if (width.months)
        return plan_fail_hint(b, query->emit.position, WEIR_E_BAD_LITERAL,
                              "write days: INTERVAL '30 days'",
                              "the interval of EMIT EVERY is a duration");
    b->emit_every_us = width.us;
    return true;
}

/* Several INSERTs into one table are one: what it gets is all of them. */
static bool add_to_sink(struct plan_binder *b, struct plan_rel *input,
                        const struct weir_table *table, struct weir_position position)
{
    for (uint32_t i = 0; table && i < b->sinks.count; i++) {
        struct plan_rel *sink = b->sinks.items[i];
        struct plan_list branches = {0};
        if (sink->of.sink.table != table)
            continue;
        struct plan_rel *all =
            plan_list_push(b, &branches, sink->inputs[0]) && plan_list_push(b, &branches, input)
                ? plan_rel_union_all(b, &branches, position)
                : NULL;
        if (all) {
            sink->inputs[0] = all;
            sink->event_time_type = all->event_time_type;
            sink->event_time_column = all->event_time_column;
        }
        return true;
    }
    return false;
}

static void add_sink(struct plan_binder *b, struct plan_rel *input, const struct weir_table *table,
                     struct weir_position position)
{
    if (!input || add_to_sink(b, input, table, position))
        return;
    struct plan_rel *sink = plan_rel_new(b, WEIR_PLAN_SINK, input, position);
    if (!sink)
        return;
    sink->of.sink.table = table;
    bool pushed = plan_list_push(b, &b->sinks, sink);
    (void)pushed;
}

/* The table's columns from those of the late rows with the same names; all of them when it has none
 * of its own. */
static struct plan_rel *bind_late(struct plan_binder *b, struct plan_rel *rel,
                                  struct weir_table *table)
{
    uint32_t columns = table->schema.fields_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, columns + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, columns + 1);
    const struct weir_type **types = PLAN_ARRAY(b, const struct weir_type *, columns + 1);
    struct weir_schema schema = plan_rel_schema(rel);
    if (!exprs || !names || !types)
        return NULL;
    if (columns == 0) {
        if (plan_schema_copy(&schema, &b->catalog->arena, &table->schema))
            return rel;
        plan_out_of_memory(b);
        return NULL;
    }
    for (uint32_t i = 0; i < columns; i++) {
        names[i] = table->schema.fields[i].name;
        types[i] = table->schema.fields[i].type;
        uint32_t column = weir_schema_find(&schema, names[i]);
        if (column == UINT32_MAX) {
            plan_fail(b, table->position, WEIR_E_UNKNOWN_COLUMN,
                      "late rows have no column \"%.*s\" for table \"%.*s\"",
                      WEIR_SLICE_ARGS(names[i]), WEIR_SLICE_ARGS(table->name));
            return NULL;
        }
        exprs[i] = plan_rel_column(b, rel, column, table->position);
    }
    rel = plan_rel_compute(b, rel, NULL, exprs, names, columns, table->position);
    return rel ? plan_rel_coerce(b, rel, types, names, WEIR_CAST_ASSIGNMENT, table->position)
               : NULL;
}

/* No such table to take the late rows of another one: told where that says so. */
static void no_late_table(struct plan_binder *b, const struct weir_table *source)
{
    struct weir_position position = source->position;
    for (size_t i = 0; i < source->options_count; i++)
        if (weir_slice_equals_ignoring_case(source->options[i].name,
                                            weir_slice_from_string("late")))
            position = source->options[i].value_position;
    (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_TABLE,
                         "no table \"%.*s\" for late rows of \"%.*s\"",
                         WEIR_SLICE_ARGS(source->late_table), WEIR_SLICE_ARGS(source->name));
    struct weir_slice nearest =
        plan_catalog_nearest(b->catalog, source->late_table, false, b->arena);
    if (nearest.size && !weir_slice_equals(nearest, source->name))
        weir_error_hint(&b->error, "did you mean \"%.*s\"?", WEIR_SLICE_ARGS(nearest));
    else
        weir_error_hint(&b->error, "declare it: CREATE TABLE %.*s WITH (connector = …)",
                        WEIR_SLICE_ARGS(source->late_table));
    plan_report(b, position);
}

/* Sinks for what the statement's windows leave out. */
static void add_late_sinks(struct plan_binder *b, struct weir_position position)
{
    for (uint32_t i = 0; i < b->late.count; i++) {
        const struct plan_late_rows *late = b->late.items[i];
        struct plan_entry *entry = plan_catalog_find(b->catalog, late->source->late_table, false);
        if (!entry || entry->kind == PLAN_ENTRY_VIEW || entry->is_memory)
            no_late_table(b, late->source);
        else if (plan_table_resolve(b, entry, false, entry->position))
            add_sink(b, bind_late(b, late->rel, entry->table), entry->table, position);
    }
    b->late.count = 0;
}

static void plan_query(struct plan_binder *b, const struct weir_sql_query *query)
{
    bool correlated = false;
    if (!set_emit(b, query))
        return;
    struct plan_rel *rel = plan_rel_decide(b, plan_bind_query(b, query, NULL, &correlated));
    add_sink(b, rel, NULL, query->position);
    add_late_sinks(b, query->position);
    b->emit = NULL;
}

static struct plan_entry *find_target(struct plan_binder *b, const struct weir_sql_names *names)
{
    struct weir_slice name = plan_entry_name(b, names);
    struct weir_position position = names->items[names->count - 1].position;
    struct plan_entry *entry = plan_catalog_find(b->catalog, name, false);
    if (!entry) {
        (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_TABLE, "no table \"%.*s\" to insert into",
                             WEIR_SLICE_ARGS(name));
        struct weir_slice nearest = plan_catalog_nearest(b->catalog, name, false, b->arena);
        if (nearest.size)
            weir_error_hint(&b->error, "did you mean \"%.*s\"?", WEIR_SLICE_ARGS(nearest));
        plan_report(b, position);
        return NULL;
    }
    if (entry->kind == PLAN_ENTRY_VIEW) {
        plan_fail(b, position, WEIR_E_TABLE_ROLE, "\"%.*s\" is a view and cannot be written",
                  WEIR_SLICE_ARGS(name));
        return NULL;
    }
    return entry;
}

static void plan_insert(struct plan_binder *b, const struct weir_sql_insert *insert)
{
    struct plan_entry *entry = find_target(b, &insert->table);
    struct weir_position position = insert->table.items[insert->table.count - 1].position;
    if (!set_emit(b, insert->query))
        return;
    if (!entry || (!entry->is_memory && !plan_table_resolve(b, entry, false, position))) {
        /* The query's own errors are worth telling too. */
        bool correlated = false;
        struct plan_rel *rel = plan_bind_query(b, insert->query, NULL, &correlated);
        (void)rel;
    } else if (entry->is_memory) {
        struct plan_rel *rel = plan_bind_entry(b, entry, position);
        (void)rel; /* binds all its INSERTs */
    } else {
        add_sink(b, plan_bind_insert(b, insert, entry), entry->table, position);
    }
    add_late_sinks(b, position);
    b->emit = NULL;
}

static void plan_create_as(struct plan_binder *b, const struct weir_sql_create_table *create)
{
    struct plan_entry *entry =
        plan_catalog_find(b->catalog, plan_entry_name(b, &create->name), false);
    struct weir_position position = create->name.items[create->name.count - 1].position;
    if (!entry || !set_emit(b, create->query))
        return;
    if (entry->kind == PLAN_ENTRY_VIEW) {
        struct plan_rel *rel = plan_bind_entry(b, entry, position);
        (void)rel;
    } else if (!entry->failed && plan_table_resolve(b, entry, false, position)) {
        struct weir_sql_insert insert = {.table = create->name, .query = create->query};
        add_sink(b, plan_bind_insert(b, &insert, entry), entry->table, position);
    }
    add_late_sinks(b, position);
    b->emit = NULL;
}

/* ---------------------------------------------------------------- EXPLAIN */

static void print_explain(struct program *program, const struct weir_sql_explain *explain,
                          const struct weir_plan *plan)
{
    switch (explain->form) {
    case WEIR_SQL_EXPLAIN_WATERMARK:
        (explain->json ? plan_print_watermarks_json : plan_print_watermarks)(plan, &program->text);
        break;
    case WEIR_SQL_EXPLAIN_STATE:
        (explain->json ? plan_print_state_json : plan_print_state)(plan, &program->text);
        break;
    default:
        (explain->json ? weir_plan_print_json : weir_plan_print_text)(plan, &program->text);
        break;
    }
}

static void plan_statement(struct program *program, const struct weir_sql_statement *statement);

static void plan_explain(struct program *program, const struct weir_sql_explain *explain)
{
    struct plan_binder *b = program->b;
    struct plan_list sinks = b->sinks;
    uint32_t errors = b->errors_count;
    if (explain->analyze) { /* it is run like any other */
        program->analyzes_all |= program->analyze && program->analyze->form != explain->form;
        program->analyze = explain;
        plan_statement(program, explain->statement);
        return;
    }
    program->effect = WEIR_EFFECT_EXPLAIN;
    b->sinks = (struct plan_list){0};
    /* Relations of its own: the rules change them in place. */
    b->serial = ++b->catalog->serial;
    b->file_tables.count = 0;
    plan_statement(program, explain->statement);
    if (b->errors_count == errors && b->sinks.count) {
        struct plan_rel **rels = (struct plan_rel **)(void *)b->sinks.items;
        const struct weir_plan *plan =
            plan_optimize(b, rels, b->sinks.count) ? plan_lower(b, rels, b->sinks.count) : NULL;
        if (plan)
            print_explain(program, explain, plan);
    }
    b->sinks = sinks;
    b->serial = ++b->catalog->serial;
    b->file_tables.count = 0;
}

/* ---------------------------------------------------------------- passes */

static void plan_statement(struct program *program, const struct weir_sql_statement *statement)
{
    struct plan_binder *b = program->b;
    switch (statement->kind) {
    case WEIR_SQL_QUERY:
        plan_query(b, statement->query);
        break;
    case WEIR_SQL_INSERT:
        plan_insert(b, statement->insert);
        break;
    case WEIR_SQL_CREATE_TABLE:
        if (statement->create_table->query)
            plan_create_as(b, statement->create_table);
        break;
    case WEIR_SQL_CREATE_VIEW: {
        struct plan_entry *entry =
            plan_catalog_find(b->catalog, plan_entry_name(b, &statement->create_view->name), false);
        if (entry && entry->kind == PLAN_ENTRY_VIEW && entry->query.statement == statement) {
            struct plan_rel *rel = plan_bind_entry(b, entry, entry->position);
            (void)rel;
        }
        break;
    }
    case WEIR_SQL_EXPLAIN:
        plan_explain(program, statement->explain);
        break;
    case WEIR_SQL_DESCRIBE:
        program->effect = WEIR_EFFECT_SHOW;
        (void)plan_describe(b, &statement->describe, &program->text);
        break;
    case WEIR_SQL_SHOW:
        program->effect = WEIR_EFFECT_SHOW;
        plan_show(b, statement->show, &program->text);
        break;
    default:
        break;
    }
}

/* Constants are computed in the zone that the settings name. */
static void settle_timezone(struct plan_binder *b, struct weir_session *session)
{
    struct weir_slice name = b->catalog->settings.timezone;
    session->timezone = NULL;
    if (!session->timezone_find || !name.size ||
        weir_slice_equals_ignoring_case(name, weir_slice_from_string("UTC")))
        return;
    session->timezone = session->timezone_find(session, name, &b->error);
    if (!session->timezone)
        plan_report(b, (struct weir_position){0});
}

static void flush(struct program *program)
{
    settle_timezone(program->b, program->session);
    for (uint32_t i = 0; i < program->pending.count && !program->b->out_of_memory; i++)
        plan_statement(program, program->pending.items[i]);
    program->pending.count = 0;
}

static void declare_view(struct plan_binder *b, const struct weir_sql_statement *statement)
{
    const struct weir_sql_create_view *view = statement->create_view;
    struct weir_slice name = plan_entry_name(b, &view->name);
    struct weir_position position = view->name.items[view->name.count - 1].position;
    struct plan_entry *old = plan_catalog_find(b->catalog, name, false);
    if (old && view->if_not_exists)
        return;
    if (old && !view->or_replace) {
        plan_fail(b, position, WEIR_E_DUPLICATE_NAME, "\"%.*s\" exists already",
                  WEIR_SLICE_ARGS(name));
        return;
    }
    if (old)
        plan_catalog_drop(b->catalog, old);
    struct plan_entry *entry = plan_catalog_add(b->catalog, PLAN_ENTRY_VIEW, name, position);
    if (!entry) {
        plan_out_of_memory(b);
        return;
    }
    entry->materialized = view->materialized;
    entry->query = (struct plan_stored_query){.statement = statement};
}

static void drop_one(struct plan_binder *b, const struct weir_sql_drop *drop,
                     const struct weir_sql_names *names)
{
    static const char *const nouns[] = {"table", "view", "materialized view", "function"};
    struct weir_slice name = plan_entry_name(b, names);
    bool is_function = drop->kind == WEIR_SQL_DROP_FUNCTION;
    bool wants_view = drop->kind != WEIR_SQL_DROP_TABLE && !is_function;
    struct plan_entry *entry = plan_catalog_find(b->catalog, name, is_function);
    bool is_view = entry && entry->kind == PLAN_ENTRY_VIEW &&
                   entry->query.statement->kind == WEIR_SQL_CREATE_VIEW;
    if (entry && (is_function || is_view == wants_view)) {
        plan_catalog_drop(b->catalog, entry);
        return;
    }
    if (drop->if_exists && !entry)
        return;
    (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_TABLE, "no %s \"%.*s\"", nouns[drop->kind],
                         WEIR_SLICE_ARGS(name));
    struct weir_slice nearest = plan_catalog_nearest(b->catalog, name, is_function, b->arena);
    if (entry)
        weir_error_hint(&b->error, "\"%.*s\" is a %s", WEIR_SLICE_ARGS(name),
                        is_view ? "view" : "table");
    else if (nearest.size)
        weir_error_hint(&b->error, "did you mean \"%.*s\"?", WEIR_SLICE_ARGS(nearest));
    plan_report(b, names->items[names->count - 1].position);
}

static void apply_setting(struct program *program, const struct weir_sql_option *option)
{
    struct plan_binder *b = program->b;
    enum weir_status status =
        weir_settings_zone(program->session, option->key, option->value, &b->error);
    if (status == WEIR_OK)
        status = weir_catalog_set(b->catalog, option->key, option->value, false, &b->error);
    if (status == WEIR_OK)
        return;
    b->error.position = (struct weir_position){0};
    plan_report(b, status == WEIR_E_UNKNOWN_OPTION ? option->position : option->value_position);
}

/* INSERTs into in-memory tables are kept: the table is what they give. */
static void add_feed(struct plan_binder *b, const struct weir_sql_statement *statement)
{
    const struct weir_sql_insert *insert = statement->insert;
    struct plan_entry *entry =
        plan_catalog_find(b->catalog, plan_entry_name(b, &insert->table), false);
    if (!entry || entry->kind != PLAN_ENTRY_TABLE || !entry->is_memory)
        return;
    struct plan_stored_query *feed = WEIR_ARENA_NEW(&b->catalog->arena, struct plan_stored_query);
    if (!feed) {
        plan_out_of_memory(b);
        return;
    }
    feed->statement = statement;
    if (entry->feeds_last)
        entry->feeds_last->next = feed;
    else
        entry->feeds = feed;
    entry->feeds_last = feed;
}

static bool replaces(struct plan_binder *b, const struct weir_sql_statement *statement)
{
    const struct weir_sql_names *names = NULL;
    if (statement->kind == WEIR_SQL_DROP)
        return true;
    if (statement->kind == WEIR_SQL_CREATE_TABLE && statement->create_table->or_replace)
        names = &statement->create_table->name;
    if (statement->kind == WEIR_SQL_CREATE_VIEW && statement->create_view->or_replace)
        names = &statement->create_view->name;
    if (statement->kind == WEIR_SQL_CREATE_FUNCTION && statement->create_function->or_replace)
        return true;
    return names && plan_catalog_find(b->catalog, plan_entry_name(b, names), false);
}

static void declare(struct program *program, const struct weir_sql_statement *statement)
{
    struct plan_binder *b = program->b;
    if (replaces(b, statement))
        flush(program);
    bool put_aside = false;
    switch (statement->kind) {
    case WEIR_SQL_CREATE_TABLE:
        put_aside = plan_declare_table(b, statement) && statement->create_table->query;
        break;
    case WEIR_SQL_CREATE_VIEW:
        declare_view(b, statement);
        put_aside = true;
        break;
    case WEIR_SQL_CREATE_FUNCTION:
        (void)plan_declare_function(b, statement);
        break;
    case WEIR_SQL_CREATE_TIMELINE:
        plan_refuse(b, statement->position, "CREATE TIMELINE");
        break;
    case WEIR_SQL_SET:
        apply_setting(program, statement->option);
        break;
    case WEIR_SQL_DROP:
        for (uint32_t i = 0; i < statement->drop->count; i++)
            drop_one(b, statement->drop, &statement->drop->items[i]);
        break;
    case WEIR_SQL_INSERT:
        add_feed(b, statement);
        put_aside = true;
        break;
    default:
        put_aside = true;
        break;
    }
    if (put_aside)
        program->pending.items[program->pending.count++] = statement;
}

static bool finish_text(struct program *program, struct weir_planned *out)
{
    struct plan_binder *b = program->b;
    bool ok = !program->text.failed &&
              plan_slice_copy(weir_buffer_slice(&program->text), b->arena, &out->text);
    if (!ok)
        plan_out_of_memory(b);
    return ok;
}

static void plan_sinks(struct plan_binder *b, struct weir_planned *out)
{
    struct plan_rel **rels = (struct plan_rel **)(void *)b->sinks.items;
    if (!b->sinks.count || !plan_optimize(b, rels, b->sinks.count))
        return;
    out->plan = plan_lower(b, rels, b->sinks.count);
    if (out->plan) {
        out->effect = WEIR_EFFECT_RUN;
        plan_write_notes(b, out->plan);
    }
}

bool weir_plan_program(struct weir_catalog *catalog, const struct weir_sql_program *ast,
                       const struct weir_plan_env *env, struct weir_arena *arena,
                       struct weir_diagnostics *diagnostics, struct weir_buffer *notes,
                       struct weir_planned *out)
{
    struct weir_session session = env->session ? *env->session : (struct weir_session){0};
    struct weir_plan_env own_env = *env;
    own_env.session = &session;
    struct plan_binder binder = {.catalog = catalog,
                                 .env = &own_env,
                                 .arena = arena,
                                 .diagnostics = diagnostics,
                                 .notes = notes,
                                 .program = ast,
                                 .serial = ++catalog->serial};
    struct program program = {.b = &binder, .session = &session, .effect = WEIR_EFFECT_NONE};
    *out = (struct weir_planned){.effect = WEIR_EFFECT_NONE};
    weir_buffer_init(&program.text, arena->budget);
    program.pending.items =
        PLAN_ARRAY(&binder, const struct weir_sql_statement *, ast->statements_count + 1);
    for (uint32_t i = 0; program.pending.items && i < ast->statements_count; i++)
        declare(&program, ast->statements[i]);
    flush(&program);
    if (!binder.out_of_memory)
        plan_tables_check(&binder);
    out->effect = program.effect;
    if (binder.errors_count == 0)
        plan_sinks(&binder, out);
    if (program.analyze && out->effect == WEIR_EFFECT_RUN) {
        static const enum weir_plan_report reports[] = {WEIR_REPORT_ALL, WEIR_REPORT_WATERMARK,
                                                        WEIR_REPORT_STATE};
        out->effect = WEIR_EFFECT_ANALYZE;
        out->report = program.analyzes_all ? WEIR_REPORT_ALL : reports[program.analyze->form];
        out->report_json = program.analyze->json;
    }
    if (!binder.out_of_memory &&
        plan_catalog_keep(catalog, binder.errors_count > 0, &binder.error) != WEIR_OK)
        plan_report(&binder, (struct weir_position){0});
    if (!binder.out_of_memory && program.text.size)
        (void)finish_text(&program, out);
    weir_buffer_deinit(&program.text);
    if (binder.errors_count)
        *out = (struct weir_planned){.effect = WEIR_EFFECT_NONE};
    return binder.errors_count == 0;
}
