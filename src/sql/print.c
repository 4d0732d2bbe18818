/* Printing: names, types and statements in canonical form. See print_expression.c for the rules of
 * parentheses and print_query.c for queries.
 *
 * A name is quoted when it would not be read back as itself: capitals, odd characters, or a word
 * of the grammar in a place where that word means something (keywords.def says where). */
#include "sql/parser_internal.h"
#include "sql/print_internal.h"
#include "sql/sql.h"

static void print(struct weir_buffer *out, const char *text)
{
    weir_buffer_append_string(out, text);
}

/* ---------------------------------------------------------------- names and strings */

static void print_quoted(struct weir_buffer *out, struct weir_slice text, char quote)
{
    weir_buffer_append_char(out, quote);
    for (size_t start = 0; start < text.size;) {
        const char *found = memchr(text.data + start, quote, text.size - start);
        size_t end = found ? (size_t)(found - text.data) + 1 : text.size;
        weir_buffer_append(out, text.data + start, end - start);
        if (found)
            weir_buffer_append_char(out, quote);
        start = end;
    }
    weir_buffer_append_char(out, quote);
}

void weir_sql_print_string(struct weir_buffer *buffer, struct weir_slice text)
{
    print_quoted(buffer, text, '\'');
}

/* The text is one word of the lexer that folds to itself. */
static bool is_plain(struct weir_slice text)
{
    if (text.size == 0 || sql_text_invalid_at(text) != SIZE_MAX)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] >= 'A' && text.data[i] <= 'Z')
            return false;
    struct sql_lexer lexer;
    struct sql_token token;
    sql_lexer_init(&lexer, text);
    sql_lexer_next(&lexer, &token);
    return token.kind == SQL_TOKEN_WORD && token.size == text.size;
}

static void print_name_text(struct weir_buffer *out, struct weir_slice text, unsigned uses)
{
    unsigned word = sql_keyword_uses(sql_keyword_find(text));
    if (is_plain(text) && (word & uses) == 0)
        weir_buffer_append_slice(out, text);
    else
        print_quoted(out, text, '"');
}

void sql_print_name_for(struct weir_buffer *out, const struct weir_sql_name *name, unsigned uses)
{
    print_name_text(out, name->text, uses);
}

void weir_sql_print_name(struct weir_buffer *buffer, struct weir_slice name)
{
    print_name_text(buffer, name, SQL_PRINT_START | SQL_PRINT_TABLE);
}

void sql_print_names(struct weir_buffer *out, const struct weir_sql_names *names, unsigned uses)
{
    for (uint32_t i = 0; i < names->count; i++) {
        if (i)
            weir_buffer_append_char(out, '.');
        sql_print_name_for(out, &names->items[i], i ? SQL_PRINT_ANY : uses);
    }
}

void sql_print_name_list(struct weir_buffer *out, const struct weir_sql_names *names)
{
    weir_buffer_append_char(out, '(');
    for (uint32_t i = 0; i < names->count; i++) {
        print(out, i ? ", " : "");
        /* A query must not seem to follow the parenthesis. */
        sql_print_name_for(out, &names->items[i], SQL_PRINT_EXPR);
    }
    weir_buffer_append_char(out, ')');
}

/* ---------------------------------------------------------------- types */

static const char *type_name(enum weir_sql_type_kind kind)
{
    switch (kind) {
    case WEIR_SQL_TYPE_BOOLEAN:
        return "BOOLEAN";
    case WEIR_SQL_TYPE_TINYINT:
        return "TINYINT";
    case WEIR_SQL_TYPE_SMALLINT:
        return "SMALLINT";
    case WEIR_SQL_TYPE_INTEGER:
        return "INTEGER";
    case WEIR_SQL_TYPE_BIGINT:
        return "BIGINT";
    case WEIR_SQL_TYPE_TINYINT_UNSIGNED:
        return "TINYINT UNSIGNED";
    case WEIR_SQL_TYPE_SMALLINT_UNSIGNED:
        return "SMALLINT UNSIGNED";
    case WEIR_SQL_TYPE_INTEGER_UNSIGNED:
        return "INTEGER UNSIGNED";
    case WEIR_SQL_TYPE_BIGINT_UNSIGNED:
        return "BIGINT UNSIGNED";
    case WEIR_SQL_TYPE_REAL:
        return "REAL";
    case WEIR_SQL_TYPE_DOUBLE:
        return "DOUBLE";
    case WEIR_SQL_TYPE_DECIMAL:
        return "DECIMAL";
    case WEIR_SQL_TYPE_TEXT:
        return "TEXT";
    case WEIR_SQL_TYPE_VARCHAR:
        return "VARCHAR";
    case WEIR_SQL_TYPE_CHAR:
        return "CHAR";
    case WEIR_SQL_TYPE_BYTEA:
        return "BYTEA";
    case WEIR_SQL_TYPE_DATE:
        return "DATE";
    case WEIR_SQL_TYPE_TIME:
    case WEIR_SQL_TYPE_TIMETZ:
        return "TIME";
    case WEIR_SQL_TYPE_TIMESTAMP:
    case WEIR_SQL_TYPE_TIMESTAMPTZ:
        return "TIMESTAMP";
    case WEIR_SQL_TYPE_INTERVAL:
        return "INTERVAL";
    case WEIR_SQL_TYPE_UUID:
        return "UUID";
    case WEIR_SQL_TYPE_JSON:
        return "JSON";
    case WEIR_SQL_TYPE_JSONB:
        return "JSONB";
    default:
        return "";
    }
}

void sql_print_interval_units(struct weir_buffer *out, const struct weir_sql_type *type)
{
    enum weir_sql_unit last = type->to != WEIR_SQL_UNIT_NONE ? type->to : type->from;
    enum weir_sql_unit units[] = {type->from, type->to};
    for (int i = 0; i < 2; i++) {
        if (units[i] == WEIR_SQL_UNIT_NONE)
            break;
        print(out, i ? " TO " : " ");
        for (const char *c = weir_sql_unit_name(units[i]); *c; c++)
            weir_buffer_append_char(out, (char)(*c - 'a' + 'A'));
    }
    if (last == WEIR_SQL_UNIT_SECOND && type->precision >= 0)
        weir_buffer_printf(out, "(%d)", type->precision);
}

/* (p), (p, s): what stands directly behind the name. */
static void print_type_numbers(struct weir_buffer *out, const struct weir_sql_type *type)
{
    enum weir_sql_unit last = type->to != WEIR_SQL_UNIT_NONE ? type->to : type->from;
    bool behind_unit = type->kind == WEIR_SQL_TYPE_INTERVAL && last == WEIR_SQL_UNIT_SECOND;
    if (type->precision < 0 || behind_unit)
        return;
    if (type->scale >= 0)
        weir_buffer_printf(out, "(%d, %d)", type->precision, type->scale);
    else
        weir_buffer_printf(out, "(%d)", type->precision);
}

static void print_type_name(struct weir_buffer *out, const struct weir_sql_type *type)
{
    const struct weir_sql_name *first = &type->name.items[0];
    bool meant = sql_type_is_known(first->text) || sql_keyword_find(first->text) != SQL_KW_NONE;
    if (meant)
        print_quoted(out, first->text, '"');
    else
        sql_print_name_for(out, first, SQL_PRINT_ANY);
    for (uint32_t i = 1; i < type->name.count; i++) {
        weir_buffer_append_char(out, '.');
        sql_print_name_for(out, &type->name.items[i], SQL_PRINT_ANY);
    }
}

static void print_struct_type(struct weir_buffer *out, const struct weir_sql_type *type)
{
    print(out, "STRUCT<");
    for (uint32_t i = 0; i < type->fields_count; i++) {
        print(out, i ? ", " : "");
        sql_print_name_for(out, &type->fields[i].name, SQL_PRINT_ANY);
        weir_buffer_append_char(out, ' ');
        weir_sql_print_type(out, type->fields[i].type);
        print(out, type->fields[i].not_null ? " NOT NULL" : "");
    }
    weir_buffer_append_char(out, '>');
}

void weir_sql_print_type(struct weir_buffer *buffer, const struct weir_sql_type *type)
{
    switch (type->kind) {
    case WEIR_SQL_TYPE_NAMED:
        print_type_name(buffer, type);
        return;
    case WEIR_SQL_TYPE_ARRAY:
        weir_sql_print_type(buffer, type->element);
        print(buffer, "[]");
        return;
    case WEIR_SQL_TYPE_STRUCT:
        print_struct_type(buffer, type);
        return;
    case WEIR_SQL_TYPE_MAP:
        print(buffer, "MAP<");
        weir_sql_print_type(buffer, type->key);
        print(buffer, ", ");
        weir_sql_print_type(buffer, type->element);
        weir_buffer_append_char(buffer, '>');
        return;
    default:
        break;
    }
    print(buffer, type_name(type->kind));
    print_type_numbers(buffer, type);
    if (type->kind == WEIR_SQL_TYPE_INTERVAL)
        sql_print_interval_units(buffer, type);
    if (type->kind == WEIR_SQL_TYPE_TIMETZ || type->kind == WEIR_SQL_TYPE_TIMESTAMPTZ)
        print(buffer, " WITH TIME ZONE");
}

void sql_print_literal_type(struct weir_buffer *out, const struct weir_sql_type *type)
{
    static const char *const unsigned_names[] = {"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"};
    if (type->kind >= WEIR_SQL_TYPE_TINYINT_UNSIGNED && type->kind <= WEIR_SQL_TYPE_BIGINT_UNSIGNED)
        print(out, unsigned_names[type->kind - WEIR_SQL_TYPE_TINYINT_UNSIGNED]);
    else if (type->kind == WEIR_SQL_TYPE_CHAR)
        print(out, "CHAR");
    else if (type->kind == WEIR_SQL_TYPE_INTERVAL) {
        print(out, "INTERVAL");
        print_type_numbers(out, type);
    } else {
        weir_sql_print_type(out, type);
    }
}

/* ---------------------------------------------------------------- options */

/* a.b where every part is a plain name, else 'a.b'. */
static void print_key(struct weir_buffer *out, struct weir_slice key)
{
    bool plain = true;
    for (size_t start = 0; plain && start <= key.size;) {
        const char *dot = start < key.size ? memchr(key.data + start, '.', key.size - start) : NULL;
        size_t end = dot ? (size_t)(dot - key.data) : key.size;
        plain = is_plain(weir_slice_make(key.data + start, end - start)) &&
                end - start <= WEIR_SQL_NAME_MAX;
        start = end + 1;
    }
    if (plain && key.size <= WEIR_SQL_NAME_MAX)
        weir_buffer_append_slice(out, key);
    else
        weir_sql_print_string(out, key);
}

static void print_option(struct weir_buffer *out, const struct weir_sql_option *option)
{
    print_key(out, option->key);
    print(out, option->kind == WEIR_SQL_OPTION_INTERVAL ? " = INTERVAL " : " = ");
    if (option->kind == WEIR_SQL_OPTION_STRING || option->kind == WEIR_SQL_OPTION_INTERVAL)
        weir_sql_print_string(out, option->value);
    else
        weir_buffer_append_slice(out, option->value);
}

static void print_options(struct weir_buffer *out, const struct weir_sql_options *options)
{
    print(out, " WITH (");
    for (uint32_t i = 0; i < options->count; i++) {
        print(out, i ? ", " : "");
        print_option(out, &options->items[i]);
    }
    weir_buffer_append_char(out, ')');
}

/* ---------------------------------------------------------------- CREATE TABLE */

static void print_column(struct weir_buffer *out, const struct weir_sql_column *column)
{
    sql_print_name_for(out, &column->name, SQL_PRINT_START);
    if (column->type) {
        weir_buffer_append_char(out, ' ');
        weir_sql_print_type(out, column->type);
    } else {
        print(out, " AS (");
        weir_sql_print_expression(out, column->generated);
        weir_buffer_append_char(out, ')');
    }
    print(out, column->not_null ? " NOT NULL" : "");
    print(out, column->primary_key ? " PRIMARY KEY" : "");
    if (column->has_metadata) {
        print(out, " METADATA FROM ");
        weir_sql_print_string(out, column->metadata);
    }
    if (column->type && column->generated) {
        print(out, " GENERATED ALWAYS AS (");
        weir_sql_print_expression(out, column->generated);
        weir_buffer_append_char(out, ')');
        print(out, column->storage == WEIR_SQL_GENERATED_STORED    ? " STORED"
                   : column->storage == WEIR_SQL_GENERATED_VIRTUAL ? " VIRTUAL"
                                                                   : "");
    }
    if (column->has_comment) {
        print(out, " COMMENT ");
        weir_sql_print_string(out, column->comment);
    }
}

static void print_table_items(struct weir_buffer *out, const struct weir_sql_create_table *table)
{
    const char *separator = " (";
    for (uint32_t i = 0; i < table->columns_count; i++, separator = ", ") {
        print(out, separator);
        print_column(out, &table->columns[i]);
    }
    if (table->watermark) {
        print(out, separator);
        print(out, "WATERMARK FOR ");
        sql_print_names(out, &table->watermark->column, SQL_PRINT_ANY);
        if (table->watermark->expr) {
            print(out, " AS ");
            weir_sql_print_expression(out, table->watermark->expr);
        }
        separator = ", ";
    }
    if (table->has_primary_key) {
        print(out, separator);
        print(out, "PRIMARY KEY ");
        sql_print_name_list(out, &table->primary_key);
    }
    weir_buffer_append_char(out, ')');
}

static void print_create_table(struct weir_buffer *out, const struct weir_sql_create_table *table)
{
    print(out, table->or_replace ? "CREATE OR REPLACE " : "CREATE ");
    print(out, table->temporary ? "TEMPORARY TABLE " : "TABLE ");
    print(out, table->if_not_exists ? "IF NOT EXISTS " : "");
    sql_print_names(out, &table->name, SQL_PRINT_START);
    if (table->has_columns)
        print_table_items(out, table);
    if (table->partitioned_by.count) {
        print(out, " PARTITIONED BY (");
        sql_print_exprs(out, &table->partitioned_by);
        weir_buffer_append_char(out, ')');
    }
    if (table->has_comment) {
        print(out, " COMMENT ");
        weir_sql_print_string(out, table->comment);
    }
    if (table->has_options)
        print_options(out, &table->options);
    if (table->query) {
        print(out, " AS ");
        weir_sql_print_query(out, table->query);
    }
}

static void print_create_view(struct weir_buffer *out, const struct weir_sql_create_view *view)
{
    print(out, view->or_replace ? "CREATE OR REPLACE " : "CREATE ");
    print(out, view->temporary ? "TEMPORARY " : "");
    print(out, view->materialized ? "MATERIALIZED VIEW " : "VIEW ");
    print(out, view->if_not_exists ? "IF NOT EXISTS " : "");
    sql_print_names(out, &view->name, SQL_PRINT_START);
    if (view->columns.count) {
        weir_buffer_append_char(out, ' ');
        sql_print_name_list(out, &view->columns);
    }
    if (view->options.count)
        print_options(out, &view->options);
    print(out, " AS ");
    weir_sql_print_query(out, view->query);
}

/* ---------------------------------------------------------------- the other statements */

static void print_function_arguments(struct weir_buffer *out,
                                     const struct weir_sql_create_function *function)
{
    weir_buffer_append_char(out, '(');
    for (uint32_t i = 0; i < function->arguments_count; i++) {
        const struct weir_sql_field *argument = &function->arguments[i];
        print(out, i ? ", " : "");
        if (argument->name.text.data) {
            if (sql_type_is_known(argument->name.text))
                print_quoted(out, argument->name.text, '"');
            else
                sql_print_name_for(out, &argument->name, SQL_PRINT_START);
            weir_buffer_append_char(out, ' ');
        }
        weir_sql_print_type(out, argument->type);
        print(out, argument->not_null ? " NOT NULL" : "");
    }
    weir_buffer_append_char(out, ')');
}

static void print_body(struct weir_buffer *out, struct weir_slice body)
{
    bool dollars = body.size && memchr(body.data, '$', body.size) == NULL;
    if (!dollars) {
        weir_sql_print_string(out, body);
        return;
    }
    print(out, "$$");
    weir_buffer_append_slice(out, body);
    print(out, "$$");
}

static void print_create_function(struct weir_buffer *out,
                                  const struct weir_sql_create_function *function)
{
    static const char *const volatility[] = {"", " IMMUTABLE", " STABLE", " VOLATILE"};
    print(out, function->or_replace ? "CREATE OR REPLACE FUNCTION " : "CREATE FUNCTION ");
    print(out, function->if_not_exists ? "IF NOT EXISTS " : "");
    sql_print_names(out, &function->name, SQL_PRINT_START);
    print_function_arguments(out, function);
    print(out, " RETURNS ");
    weir_sql_print_type(out, function->returns);
    print(out, " LANGUAGE ");
    sql_print_name_for(out, &function->language, SQL_PRINT_ANY);
    print(out, volatility[function->volatility]);
    print(out, function->strict ? " STRICT" : "");
    if (function->options.count)
        print_options(out, &function->options);
    print(out, " AS ");
    print_body(out, function->body);
    if (function->has_symbol) {
        print(out, ", ");
        weir_sql_print_string(out, function->symbol);
    }
}

static void print_create_timeline(struct weir_buffer *out,
                                  const struct weir_sql_create_timeline *timeline)
{
    print(out, timeline->or_replace ? "CREATE OR REPLACE TIMELINE " : "CREATE TIMELINE ");
    sql_print_names(out, &timeline->name, SQL_PRINT_START);
    weir_buffer_append_char(out, ' ');
    weir_buffer_append_slice(out, timeline->body);
}

static void print_insert(struct weir_buffer *out, const struct weir_sql_insert *insert)
{
    print(out, "INSERT INTO ");
    sql_print_names(out, &insert->table, SQL_PRINT_START);
    weir_buffer_append_char(out, ' ');
    if (insert->columns.count) {
        sql_print_name_list(out, &insert->columns);
        weir_buffer_append_char(out, ' ');
    }
    weir_sql_print_query(out, insert->query);
}

static void print_explain(struct weir_buffer *out, const struct weir_sql_explain *explain)
{
    static const char *const forms[] = {"", "WATERMARK ", "STATE "};
    print(out, explain->analyze ? "EXPLAIN ANALYZE " : "EXPLAIN ");
    print(out, forms[explain->form]);
    print(out, explain->json ? "(FORMAT JSON) " : "");
    weir_sql_print_statement(out, explain->statement);
}

static void print_drop(struct weir_buffer *out, const struct weir_sql_drop *drop)
{
    static const char *const kinds[] = {"TABLE ", "VIEW ", "MATERIALIZED VIEW ", "FUNCTION "};
    print(out, "DROP ");
    print(out, kinds[drop->kind]);
    print(out, drop->if_exists ? "IF EXISTS " : "");
    for (uint32_t i = 0; i < drop->count; i++) {
        print(out, i ? ", " : "");
        sql_print_names(out, &drop->items[i], SQL_PRINT_START);
    }
}

void weir_sql_print_statement(struct weir_buffer *buffer,
                              const struct weir_sql_statement *statement)
{
    static const char *const shows[] = {"SHOW TABLES", "SHOW FUNCTIONS", "SHOW CONNECTORS"};
    switch (statement->kind) {
    case WEIR_SQL_CREATE_TABLE:
        print_create_table(buffer, statement->create_table);
        break;
    case WEIR_SQL_CREATE_VIEW:
        print_create_view(buffer, statement->create_view);
        break;
    case WEIR_SQL_CREATE_FUNCTION:
        print_create_function(buffer, statement->create_function);
        break;
    case WEIR_SQL_CREATE_TIMELINE:
        print_create_timeline(buffer, statement->create_timeline);
        break;
    case WEIR_SQL_INSERT:
        print_insert(buffer, statement->insert);
        break;
    case WEIR_SQL_QUERY:
        weir_sql_print_query(buffer, statement->query);
        break;
    case WEIR_SQL_SET:
        print(buffer, "SET ");
        print_option(buffer, statement->option);
        break;
    case WEIR_SQL_EXPLAIN:
        print_explain(buffer, statement->explain);
        break;
    case WEIR_SQL_DESCRIBE:
        print(buffer, "DESCRIBE ");
        sql_print_names(buffer, &statement->describe, SQL_PRINT_START);
        break;
    case WEIR_SQL_SHOW:
        print(buffer, shows[statement->show]);
        break;
    case WEIR_SQL_DROP:
        print_drop(buffer, statement->drop);
        break;
    }
}

void weir_sql_print_program(struct weir_buffer *buffer, const struct weir_sql_program *program)
{
    for (uint32_t i = 0; i < program->statements_count; i++) {
        weir_sql_print_statement(buffer, program->statements[i]);
        print(buffer, ";\n");
    }
}
