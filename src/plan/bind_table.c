/* CREATE TABLE: columns, generated columns, event time, keys, options.
 *
 * The table lives in the catalog's arena. Its connector checks the options when the table is first
 * used as source or as sink (plan_table_resolve), since only then is its role known; what no
 * statement uses is checked at the end of the program. */
#include "plan/binder_internal.h"

/* ---------------------------------------------------------------- options */

/* Copies value with ${VAR} and ${VAR:-default} replaced. */
static bool expand_variables(struct plan_binder *b, const struct weir_sql_option *option,
                             struct weir_slice *out)
{
    struct weir_slice value = option->value;
    struct weir_buffer text;
    bool ok = true;
    weir_buffer_init(&text, NULL);
    for (size_t i = 0; i < value.size && ok;) {
        size_t start = weir_slice_find(value, weir_slice_from_string("${"), i);
        size_t end = start == SIZE_MAX ? SIZE_MAX
                                       : weir_slice_find(value, weir_slice_from_string("}"), start);
        if (end == SIZE_MAX) {
            weir_buffer_append(&text, value.data + i, value.size - i);
            break;
        }
        weir_buffer_append(&text, value.data + i, start - i);
        struct weir_slice inner = weir_slice_make(value.data + start + 2, end - start - 2);
        size_t split = weir_slice_find(inner, weir_slice_from_string(":-"), 0);
        struct weir_slice name =
            weir_slice_make(inner.data, split == SIZE_MAX ? inner.size : split);
        char *spelled = weir_arena_copy(b->arena, name);
        const char *found =
            spelled && b->env->environment ? b->env->environment(b->env->context, spelled) : NULL;
        if (found && (*found || split == SIZE_MAX))
            weir_buffer_append_string(&text, found);
        else if (split != SIZE_MAX)
            weir_buffer_append(&text, inner.data + split + 2, inner.size - split - 2);
        else
            ok = plan_fail(b, option->value_position, WEIR_E_UNKNOWN_VARIABLE,
                           "environment variable \"%.*s\" is not set", WEIR_SLICE_ARGS(name));
        i = end + 1;
    }
    if (ok &&
        (text.failed || !plan_slice_copy(weir_buffer_slice(&text), &b->catalog->arena, out))) {
        plan_out_of_memory(b);
        ok = false;
    }
    weir_buffer_deinit(&text);
    return ok;
}

static bool copy_options(struct plan_binder *b, const struct weir_sql_options *ast,
                         struct weir_table *table)
{
    struct weir_option *options =
        WEIR_ARENA_ARRAY(&b->catalog->arena, struct weir_option, ast->count + 1);
    bool ok = options != NULL;
    if (!ok)
        plan_out_of_memory(b);
    for (uint32_t i = 0; options && i < ast->count; i++) {
        const struct weir_sql_option *option = &ast->items[i];
        options[i].name_position = option->position;
        options[i].value_position = option->value_position;
        if (!plan_slice_copy(option->key, &b->catalog->arena, &options[i].name)) {
            plan_out_of_memory(b);
            return false;
        }
        for (uint32_t k = 0; k < i; k++)
            if (weir_slice_equals_ignoring_case(options[k].name, options[i].name))
                ok = plan_fail(b, option->position, WEIR_E_DUPLICATE_NAME,
                               "option \"%.*s\" is given twice", WEIR_SLICE_ARGS(option->key));
        ok &= expand_variables(b, option, &options[i].value);
    }
    table->options = options;
    table->options_count = ast->count;
    return ok;
}

static const struct weir_option *find_option(const struct weir_table *table, const char *name)
{
    for (size_t i = 0; i < table->options_count; i++)
        if (weir_slice_equals_ignoring_case(table->options[i].name, weir_slice_from_string(name)))
            return &table->options[i];
    return NULL;
}

/* An option that was meant to be `connector`; NULL: none. */
static const struct weir_option *misspelt_connector(const struct weir_table *table)
{
    const struct weir_slice wanted = weir_slice_from_string("connector");
    for (size_t i = 0; i < table->options_count; i++)
        if (weir_slice_nearest(table->options[i].name, &wanted, 1).size)
            return &table->options[i];
    return NULL;
}

static bool find_connector(struct plan_binder *b, struct weir_table *table)
{
    const struct weir_option *option = find_option(table, "connector");
    const struct weir_connectors *connectors = b->env->connectors;
    if (!option) {
        (void)weir_error_set(&b->error, WEIR_E_MISSING_OPTION,
                             "table \"%.*s\" does not say which connector it uses",
                             WEIR_SLICE_ARGS(table->name));
        const struct weir_option *misspelt = misspelt_connector(table);
        weir_error_hint(&b->error,
                        misspelt
                            ? "did you mean \"connector\"?"
                            : "add connector = 'file', or leave out WITH for a table in memory");
        return plan_report(b, misspelt ? misspelt->name_position : table->position);
    }
    table->connector = weir_connector_find(connectors, option->value);
    if (table->connector)
        return true;
    if (weir_connector_is_later(connectors, option->value))
        return plan_refuse(b, option->value_position, "connector \"%.*s\"",
                           WEIR_SLICE_ARGS(option->value));
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, connectors->count + 1);
    (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_CONNECTOR, "no connector \"%.*s\"",
                         WEIR_SLICE_ARGS(option->value));
    for (size_t i = 0; names && i < connectors->count; i++)
        names[i] = weir_slice_from_string(connectors->items[i]->name);
    const char *foreign = plan_foreign_hint(PLAN_FOREIGN_CONNECTOR, option->value);
    if (foreign)
        weir_error_hint(&b->error, "%s", foreign);
    else if (names)
        plan_hint_nearest(b, option->value, names, connectors->count);
    return plan_report(b, option->value_position);
}

/* ---------------------------------------------------------------- columns */

/* A table's columns as a scope, for expressions over them. */
static bool table_scope(struct plan_binder *b, const struct weir_table *table,
                        struct plan_scope *scope)
{
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_VALUES, NULL, table->position);
    if (!rel || !plan_rel_set_fields(b, rel, table->schema.fields, table->schema.fields_count))
        return false;
    *scope = (struct plan_scope){.event_time_column = PLAN_NONE};
    return plan_scope_add_rel(b, scope, table->name, (struct weir_slice){0}, rel, 0,
                              rel->fields_count);
}

/* METADATA FROM 'source.table': the path of column i in the record. */
static bool bind_metadata(struct plan_binder *b, const struct weir_sql_column *column, uint32_t i,
                          uint32_t columns_count, struct weir_table *table)
{
    struct weir_arena *arena = &b->catalog->arena;
    struct weir_slice *metadata = (struct weir_slice *)(uintptr_t)table->metadata;
    if (!metadata)
        metadata = WEIR_ARENA_ARRAY(arena, struct weir_slice, columns_count + 1);
    char *path = weir_arena_printf(arena, "$.%.*s", WEIR_SLICE_ARGS(column->metadata));
    if (!metadata || !path) {
        plan_out_of_memory(b);
        return false;
    }
    metadata[i] = weir_slice_from_string(path);
    table->metadata = metadata;
    return true;
}

static bool bind_columns(struct plan_binder *b, const struct weir_sql_create_table *ast,
                         struct weir_table *table)
{
    struct weir_arena *arena = &b->catalog->arena;
    struct weir_field *fields = WEIR_ARENA_ARRAY(arena, struct weir_field, ast->columns_count + 1);
    bool ok = true;
    if (!fields) {
        plan_out_of_memory(b);
        return false;
    }
    if (ast->columns_count > WEIR_COLUMNS_MAX)
        return plan_fail(b, table->position, WEIR_E_LIMIT, "a table has at most %d columns",
                         WEIR_COLUMNS_MAX);
    for (uint32_t i = 0; i < ast->columns_count; i++) {
        const struct weir_sql_column *column = &ast->columns[i];
        if (!plan_slice_copy(column->name.text, arena, &fields[i].name)) {
            plan_out_of_memory(b);
            return false;
        }
        for (uint32_t k = 0; k < i; k++)
            if (weir_slice_equals(fields[k].name, fields[i].name))
                ok = plan_fail(b, column->name.position, WEIR_E_DUPLICATE_NAME,
                               "column \"%.*s\" is defined twice",
                               WEIR_SLICE_ARGS(column->name.text));
        if (column->has_metadata)
            ok = bind_metadata(b, column, i, ast->columns_count, table) && ok;
        fields[i].nullable = !column->not_null && !column->primary_key;
        if (column->type)
            fields[i].type = plan_bind_type(b, column->type, arena);
        ok &= fields[i].type || !column->type;
    }
    table->schema = (struct weir_schema){fields, ast->columns_count};
    return ok;
}

/* Generated columns: over the columns before them that are read, those generated earlier inlined.
 */
static bool bind_generated(struct plan_binder *b, const struct weir_sql_create_table *ast,
                           struct weir_table *table)
{
    bool any = false, ok = true;
    struct weir_field *fields = (struct weir_field *)(uintptr_t)table->schema.fields;
    const struct weir_expr **generated =
        WEIR_ARENA_ARRAY(&b->catalog->arena, const struct weir_expr *, ast->columns_count + 1);
    struct plan_scope scope;
    if (!generated) {
        plan_out_of_memory(b);
        return false;
    }
    if (!table_scope(b, table, &scope))
        return false;
    for (uint32_t i = 0; i < ast->columns_count; i++)
        scope.columns[i].hidden = scope.columns[i].poisoned = !fields[i].type;
    for (uint32_t i = 0; i < ast->columns_count; i++) {
        const struct weir_sql_column *column = &ast->columns[i];
        if (!column->generated)
            continue;
        any = true;
        struct plan_context context = {.scope = &scope, .clause = "a generated column"};
        scope.columns[i].hidden = true;
        const struct weir_expr *expr = plan_bind(b, &context, column->generated);
        scope.columns[i].hidden = false;
        if (expr && column->type)
            expr = fields[i].type ? plan_cast(b, expr, fields[i].type, WEIR_CAST_ASSIGNMENT,
                                              column->generated->position)
                                  : NULL; /* the type is wrong, which has been told */
        else if (expr)
            expr = plan_expr_decided(b, expr);
        ok &= expr != NULL;
        if (!expr)
            continue;
        fields[i].type = scope.columns[i].type = expr->type;
        scope.columns[i].poisoned = false;
        scope.columns[i].value = expr;
        generated[i] = expr;
    }
    table->generated = any ? generated : NULL;
    return ok;
}

static uint32_t find_table_column(struct plan_binder *b, const struct weir_table *table,
                                  struct weir_slice name, struct weir_position position)
{
    uint32_t column = weir_schema_find(&table->schema, name);
    if (column != UINT32_MAX)
        return column;
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, table->schema.fields_count + 1);
    (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_COLUMN, "no column \"%.*s\" in \"%.*s\"",
                         WEIR_SLICE_ARGS(name), WEIR_SLICE_ARGS(table->name));
    for (uint32_t i = 0; names && i < table->schema.fields_count; i++)
        names[i] = table->schema.fields[i].name;
    if (names)
        plan_hint_nearest(b, name, names, table->schema.fields_count);
    plan_report(b, position);
    return PLAN_NONE;
}

static bool bind_primary_key(struct plan_binder *b, const struct weir_sql_create_table *ast,
                             struct weir_table *table)
{
    uint32_t count = ast->primary_key.count;
    for (uint32_t i = 0; i < ast->columns_count; i++)
        count += ast->columns[i].primary_key;
    uint32_t *key = WEIR_ARENA_ARRAY(&b->catalog->arena, uint32_t, count + 1);
    if (!key) {
        plan_out_of_memory(b);
        return false;
    }
    struct weir_field *fields = (struct weir_field *)(uintptr_t)table->schema.fields;
    for (uint32_t i = 0; i < ast->columns_count; i++)
        if (ast->columns[i].primary_key)
            key[table->primary_key_count++] = i;
    for (uint32_t i = 0; i < ast->primary_key.count; i++) {
        const struct weir_sql_name *name = &ast->primary_key.items[i];
        uint32_t column = find_table_column(b, table, name->text, name->position);
        if (column == PLAN_NONE)
            return false;
        fields[column].nullable = false;
        key[table->primary_key_count++] = column;
    }
    table->primary_key = key;
    return true;
}

/* ---------------------------------------------------------------- event time */

static bool set_event_time(struct plan_binder *b, struct weir_table *table, uint32_t column,
                           struct weir_position position)
{
    const struct weir_field *field = &table->schema.fields[column];
    if (!field->type)
        return false;
    if (!weir_type_is_timestamp(field->type))
        return plan_fail(b, position, WEIR_E_TYPE_MISMATCH,
                         "event time must be a TIMESTAMP, column \"%.*s\" is %s",
                         WEIR_SLICE_ARGS(field->name), weir_type_name(field->type).text);
    ((struct weir_field *)(uintptr_t)field)->nullable = false;
    table->event_time_column = column;
    return true;
}

static const struct weir_expr *watermark_expr(struct plan_binder *b, const struct weir_table *table,
                                              const struct weir_sql_expr *ast)
{
    struct plan_scope scope;
    if (!table_scope(b, table, &scope))
        return NULL;
    struct plan_context context = {.scope = &scope, .clause = "WATERMARK"};
    const struct weir_expr *expr = plan_bind(b, &context, ast);
    if (!expr || weir_type_is_timestamp(expr->type))
        return expr;
    plan_fail(b, ast->position, WEIR_E_TYPE_MISMATCH, "a watermark must be a TIMESTAMP, this is %s",
              weir_type_name(expr->type).text);
    return NULL;
}

static bool bind_watermark(struct plan_binder *b, const struct weir_sql_create_table *ast,
                           struct weir_table *table)
{
    const struct weir_sql_watermark *watermark = ast->watermark;
    if (watermark->column.count > 1)
        return plan_refuse(b, watermark->column.items[0].position,
                           "WATERMARK FOR a field of a struct");
    const struct weir_sql_name *name = &watermark->column.items[0];
    uint32_t column = find_table_column(b, table, name->text, name->position);
    if (column == PLAN_NONE || !set_event_time(b, table, column, name->position))
        return false;
    if (watermark->expr) {
        table->watermark = watermark_expr(b, table, watermark->expr);
        return table->watermark != NULL;
    }
    return true;
}

/* Arroyo's spelling: event_time_field = 'ts', watermark_field = 'wm'. */
static bool bind_time_options(struct plan_binder *b, struct weir_table *table)
{
    const struct weir_option *time = find_option(table, "event_time_field");
    const struct weir_option *watermark = find_option(table, "watermark_field");
    if (time) {
        uint32_t column = find_table_column(b, table, time->value, time->value_position);
        if (column == PLAN_NONE || !set_event_time(b, table, column, time->value_position))
            return false;
    }
    if (!watermark)
        return true;
    uint32_t column = find_table_column(b, table, watermark->value, watermark->value_position);
    if (column == PLAN_NONE)
        return false;
    const struct weir_field *field = &table->schema.fields[column];
    if (!weir_type_is_timestamp(field->type))
        return plan_fail(b, watermark->value_position, WEIR_E_TYPE_MISMATCH,
                         "a watermark must be a TIMESTAMP, column \"%.*s\" is %s",
                         WEIR_SLICE_ARGS(field->name), weir_type_name(field->type).text);
    table->watermark =
        plan_expr_column(b, column, field->type, field->nullable, watermark->value_position);
    return table->watermark != NULL;
}

/* ---------------------------------------------------------------- CREATE TABLE */

static bool bind_definition(struct plan_binder *b, const struct weir_sql_create_table *ast,
                            struct weir_table *table)
{
    bool ok = bind_columns(b, ast, table);
    if (!table->schema.fields)
        return false;
    ok = bind_generated(b, ast, table) && ok;
    ok = bind_primary_key(b, ast, table) && ok;
    if (ast->has_options)
        ok = copy_options(b, &ast->options, table) && ok;
    if (ast->watermark && ast->columns_count)
        ok = bind_watermark(b, ast, table) && ok;
    if (ast->has_options && ok && table->schema.fields_count)
        ok = bind_time_options(b, table);
    return ok;
}

static bool is_declared_already(struct plan_binder *b, const struct weir_sql_create_table *ast,
                                struct weir_slice name, bool *stop)
{
    struct plan_entry *old = plan_catalog_find(b->catalog, name, false);
    *stop = false;
    if (!old)
        return true;
    if (ast->if_not_exists) {
        *stop = true;
        return true;
    }
    if (ast->or_replace) {
        plan_catalog_drop(b->catalog, old);
        return true;
    }
    return plan_fail(b, ast->name.items[ast->name.count - 1].position, WEIR_E_DUPLICATE_NAME,
                     "\"%.*s\" exists already", WEIR_SLICE_ARGS(name));
}

/* WATERMARK FOR a column that only the data (or the connector) knows of. */
static bool inferred_watermark(struct plan_binder *b, const struct weir_sql_create_table *ast,
                               struct plan_entry *entry)
{
    if (!plan_table_resolve(b, entry, true, entry->position))
        return false;
    struct weir_arena *arena = b->arena;
    b->arena = &b->catalog->arena;
    bool ok = bind_watermark(b, ast, entry->table);
    b->arena = arena;
    return ok;
}

static bool is_lookup(const struct weir_table *table);

bool plan_declare_table(struct plan_binder *b, const struct weir_sql_statement *statement)
{
    const struct weir_sql_create_table *ast = statement->create_table;
    struct weir_slice name = plan_entry_name(b, &ast->name);
    bool stop;
    if (!is_declared_already(b, ast, name, &stop) || stop)
        return stop;
    struct weir_table *table = WEIR_ARENA_NEW(&b->catalog->arena, struct weir_table);
    struct plan_entry *entry = plan_catalog_add(b->catalog, PLAN_ENTRY_TABLE, name,
                                                ast->name.items[ast->name.count - 1].position);
    if (!table || !entry) {
        plan_out_of_memory(b);
        return false;
    }
    entry->table = table;
    table->name = entry->name;
    table->position = entry->position;
    table->event_time_column = UINT32_MAX;
    table->idle_timeout_us = b->catalog->settings.idle_timeout_us;
    table->allowed_lateness_us = b->catalog->settings.allowed_lateness_us;
    table->max_future_us = b->catalog->settings.max_future_us;
    /* Expressions of the table live as long as it does. */
    struct weir_arena *arena = b->arena;
    b->arena = &b->catalog->arena;
    bool ok = bind_definition(b, ast, table);
    b->arena = arena;
    if (table->options && ast->has_options) /* also where a column is wrong: it is told at once */
        ok = find_connector(b, table) && ok;
    table->is_lookup = ok && is_lookup(table);
    entry->is_memory = !ast->has_options;
    entry->columns_from_query = ast->query != NULL;
    if (ast->query && entry->is_memory) {
        entry->kind = PLAN_ENTRY_VIEW; /* CREATE TABLE … AS in memory is a view */
        entry->query = (struct plan_stored_query){.statement = statement};
    } else if (ok && entry->is_memory && table->schema.fields_count == 0) {
        ok = plan_fail(b, table->position, WEIR_E_MISSING_OPTION,
                       "table \"%.*s\" has neither columns nor a connector",
                       WEIR_SLICE_ARGS(table->name));
    }
    if (entry->is_memory)
        table->roles = WEIR_ROLE_SOURCE | WEIR_ROLE_SINK;
    if (ok && ast->watermark && !ast->columns_count)
        ok = inferred_watermark(b, ast, entry);
    entry->failed = !ok;
    return ok;
}

/* ---------------------------------------------------------------- roles */

static struct weir_slice declared_type(const struct weir_table *table)
{
    const struct weir_option *type = find_option(table, "type");
    return type ? type->value : (struct weir_slice){NULL, 0};
}

static bool is_lookup(const struct weir_table *table)
{
    struct weir_slice type = declared_type(table);
    bool only = table->connector && table->connector->roles == WEIR_ROLE_LOOKUP;
    return type.size ? weir_slice_equals_ignoring_case(type, weir_slice_from_string("lookup"))
                     : only;
}

/* Rows of a lookup have no time, and nothing that is computed. */
static bool check_lookup(struct plan_binder *b, struct weir_table *table,
                         struct weir_position position)
{
    for (uint32_t i = 0; table->generated && i < table->schema.fields_count; i++)
        if (table->generated[i])
            return plan_refuse(b, position, "generated columns of lookup tables");
    table->event_time_column = UINT32_MAX;
    table->metadata = NULL; /* Arroyo's METADATA FROM 'key' names what the condition names */
    return true;
}

static bool check_declared_role(struct plan_binder *b, const struct weir_table *table,
                                bool as_source, struct weir_position position)
{
    struct weir_slice type = declared_type(table);
    if (as_source && table->is_lookup)
        return true;
    if (!type.size || weir_slice_equals_ignoring_case(
                          type, weir_slice_from_string(as_source ? "source" : "sink")))
        return true;
    return plan_fail(b, position, WEIR_E_TABLE_ROLE, "table \"%.*s\" is a %.*s and cannot be %s",
                     WEIR_SLICE_ARGS(table->name), WEIR_SLICE_ARGS(type),
                     as_source ? "read" : "written");
}

/* The connector said which columns there are: now the options that name columns can be read. */
static bool late_time_options(struct plan_binder *b, struct weir_table *table, bool had_columns)
{
    if (had_columns || table->event_time_column != UINT32_MAX)
        return true;
    struct weir_arena *arena = b->arena;
    b->arena = &b->catalog->arena;
    bool ok = bind_time_options(b, table);
    b->arena = arena;
    return ok;
}

/* The option that the error is about; options_count when it is about none. */
static size_t option_of_error(const struct weir_table *table, const struct weir_error *error)
{
    bool is_about_one = error->code == WEIR_E_UNKNOWN_OPTION || error->code == WEIR_E_BAD_OPTION ||
                        error->code == WEIR_E_UNKNOWN_FORMAT;
    size_t at = is_about_one ? 0 : table->options_count;
    while (at < table->options_count &&
           memcmp(&table->options[at].name_position, &error->position, sizeof error->position) &&
           memcmp(&table->options[at].value_position, &error->position, sizeof error->position))
        at++;
    return at;
}

/* Without a format the data would be looked at to choose one: any will do. */
static void leave_out(struct weir_table *table, size_t at)
{
    struct weir_slice format = weir_slice_from_string("format");
    struct weir_slice any = weir_slice_from_string("json");
    struct weir_option *option = &table->options[at];
    if (weir_slice_equals_ignoring_case(option->name, format) &&
        !weir_slice_equals(option->value, any)) {
        option->value = any;
        return;
    }
    table->options_count--;
    memmove(table->options + at, table->options + at + 1,
            (table->options_count - at) * sizeof *table->options);
}

/* Tells all faults of the options in one run: one that is told is left out, and the rest is looked
 * at again. What comes of leaving it out is not told: an option that is missing now, or one of the
 * format that was named wrong. */
static bool tell_faults(struct plan_binder *b, struct plan_entry *entry, bool as_source)
{
    struct weir_table *table = entry->table;
    size_t at = option_of_error(table, &b->error);
    bool format_known = b->error.code != WEIR_E_UNKNOWN_FORMAT;
    (void)plan_report(b, table->position);
    while (!b->silent && !b->out_of_memory && at < table->options_count) {
        entry->refused_roles = WEIR_ROLE_SOURCE | WEIR_ROLE_SINK;
        leave_out(table, at);
        if (b->env->table_resolve(b->env->context, table, as_source, &b->catalog->arena,
                                  &b->error) == WEIR_OK)
            break;
        at = option_of_error(table, &b->error);
        bool follows = !format_known && b->error.code == WEIR_E_UNKNOWN_OPTION;
        format_known &= b->error.code != WEIR_E_UNKNOWN_FORMAT;
        if (at < table->options_count && !follows)
            (void)plan_report(b, table->position);
    }
    weir_error_clear(&b->error);
    return false;
}

bool plan_table_resolve(struct plan_binder *b, struct plan_entry *entry, bool as_source,
                        struct weir_position position)
{
    uint32_t role = as_source ? WEIR_ROLE_SOURCE : WEIR_ROLE_SINK;
    struct weir_table *table = entry->table;
    if (entry->failed || entry->refused_roles & role)
        return false;
    if (entry->resolved_roles & role)
        return true;
    if (!check_declared_role(b, table, as_source, position)) {
        entry->refused_roles |= role;
        return false;
    }
    bool had_columns = table->schema.fields_count > 0;
    if (table->is_lookup && !check_lookup(b, table, position)) {
        entry->refused_roles |= role;
        return false;
    }
    if (b->env->table_resolve(b->env->context, table, as_source, &b->catalog->arena, &b->error) !=
        WEIR_OK) {
        entry->refused_roles |= role;
        return tell_faults(b, entry, as_source);
    }
    /* What the table does not say, the job options say. */
    if (!find_option(table, "idle_timeout"))
        table->idle_timeout_us = b->catalog->settings.idle_timeout_us;
    if (!find_option(table, "allowed_lateness"))
        table->allowed_lateness_us = b->catalog->settings.allowed_lateness_us;
    if (!find_option(table, "max_future"))
        table->max_future_us = b->catalog->settings.max_future_us;
    if (as_source && !late_time_options(b, table, had_columns)) {
        entry->refused_roles |= role;
        return false;
    }
    entry->resolved_roles |= role;
    return true;
}

void plan_tables_check(struct plan_binder *b)
{
    for (struct plan_entry *entry = b->catalog->first; entry; entry = entry->next) {
        if (entry->dropped || entry->kind != PLAN_ENTRY_TABLE || entry->is_memory ||
            entry->failed || entry->resolved_roles || entry->refused_roles || b->out_of_memory)
            continue;
        struct weir_slice type = declared_type(entry->table);
        struct weir_slice source = weir_slice_from_string("source");
        bool is_source = weir_slice_equals_ignoring_case(type, source) || entry->table->is_lookup;
        if (type.size || entry->table->is_lookup) {
            plan_table_resolve(b, entry, is_source, entry->position);
            continue;
        }
        /* Either role may fit; the columns are not looked for when nothing reads them. */
        bool can_read = entry->table->connector->roles & WEIR_ROLE_SOURCE &&
                        entry->table->schema.fields_count > 0;
        bool can_write = entry->table->connector->roles & WEIR_ROLE_SINK;
        if (!can_read && !can_write)
            continue;
        b->silent = can_read && can_write;
        uint32_t errors = b->errors_count;
        bool ok = plan_table_resolve(b, entry, can_read, entry->position);
        b->silent = false;
        if (ok || !can_read || !can_write)
            continue;
        b->errors_count = errors;
        entry->refused_roles = 0;
        plan_table_resolve(b, entry, false, entry->position);
    }
}
