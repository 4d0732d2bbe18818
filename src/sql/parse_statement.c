/* Statements: CREATE in its forms, INSERT, bare queries, SET, EXPLAIN, DESCRIBE, SHOW, DROP. */
#include "sql/parser_internal.h"
#include "sql/sql.h"

/* ---------------------------------------------------------------- options */

/* a, a.b, "a.b", 'a.b' */
static bool parse_key(struct sql_parser *p, struct weir_sql_option *option)
{
    option->position = sql_peek(p)->position;
    if (sql_is(p, SQL_TOKEN_STRING)) {
        if (!sql_parse_string(p, &option->key))
            return false;
        return option->key.size != 0 || sql_fail(p, WEIR_E_SYNTAX, option->position,
                                                 "the name of an option is empty") != NULL;
    }
    struct weir_sql_name name;
    if (!sql_parse_name(p, "an option", &name))
        return false;
    option->key = name.text;
    while (sql_accept(p, SQL_TOKEN_DOT)) {
        if (!sql_parse_name(p, "an option", &name))
            return false;
        option->key.data = weir_arena_printf(p->arena, "%.*s.%.*s", WEIR_SLICE_ARGS(option->key),
                                             WEIR_SLICE_ARGS(name.text));
        if (!option->key.data)
            return sql_fail_memory(p) != NULL;
        option->key.size += 1 + name.text.size;
        if (option->key.size > WEIR_SQL_NAME_MAX)
            return sql_fail(p, WEIR_E_LIMIT, option->position,
                            "the name of an option is longer than %d bytes",
                            WEIR_SQL_NAME_MAX) != NULL;
    }
    return !p->failed;
}

/* INTERVAL '5' MINUTE as the text "5 minute". */
static bool parse_interval_value(struct sql_parser *p, struct weir_sql_option *option)
{
    struct weir_sql_expr *expr = sql_parse_operand(p, WEIR_SQL_PRECEDENCE_PRIMARY);
    if (!expr)
        return false;
    option->kind = WEIR_SQL_OPTION_INTERVAL;
    if (expr->kind != WEIR_SQL_EXPR_TYPED)
        return sql_fail(p, WEIR_E_SYNTAX, option->value_position,
                        "the value of an option must be a literal") != NULL;
    option->value = expr->typed.text;
    enum weir_sql_unit from = expr->typed.type->from, to = expr->typed.type->to;
    if (from == WEIR_SQL_UNIT_NONE)
        return true;
    option->value.data = weir_arena_printf(
        p->arena, "%.*s %s%s%s", WEIR_SLICE_ARGS(expr->typed.text), weir_sql_unit_name(from),
        to ? " to " : "", to ? weir_sql_unit_name(to) : "");
    if (!option->value.data)
        return sql_fail_memory(p) != NULL;
    option->value.size = strlen(option->value.data);
    return true;
}

static bool parse_number_value(struct sql_parser *p, struct weir_sql_option *option)
{
    bool negative = sql_is_op(p, WEIR_SQL_OP_SUBTRACT);
    if (negative || sql_is_op(p, WEIR_SQL_OP_ADD))
        sql_advance(p);
    struct sql_token token = *sql_peek(p);
    if (token.kind != SQL_TOKEN_INTEGER && token.kind != SQL_TOKEN_DECIMAL &&
        token.kind != SQL_TOKEN_FLOAT)
        return sql_fail_expected(p, "a number") != NULL;
    option->kind = WEIR_SQL_OPTION_NUMBER;
    sql_advance(p);
    if (!sql_token_number(p, &token, &option->value))
        return false;
    if (!negative)
        return true;
    option->value.data = weir_arena_printf(p->arena, "-%.*s", WEIR_SLICE_ARGS(option->value));
    option->value.size++;
    return option->value.data || sql_fail_memory(p);
}

static bool parse_word_value(struct sql_parser *p, struct weir_sql_option *option, bool words)
{
    if (sql_is_word(p, SQL_KW_TRUE) || sql_is_word(p, SQL_KW_FALSE)) {
        option->kind = WEIR_SQL_OPTION_BOOLEAN;
        option->value = weir_slice_from_string(sql_word_at(p, 0, SQL_KW_TRUE) ? "true" : "false");
        sql_advance(p);
        return true;
    }
    if (words && sql_is_name_at(p, 0)) {
        struct weir_sql_name name;
        bool done = sql_parse_name(p, "a value", &name);
        option->value = name.text;
        return done;
    }
    if (!sql_is_name_at(p, 0))
        return sql_fail_expected(p, "a value") != NULL;
    struct weir_slice word = sql_token_text(p, sql_peek(p));
    sql_fail(p, WEIR_E_SYNTAX, sql_peek(p)->position, "the value of an option must be a literal");
    if (sql_is(p, SQL_TOKEN_WORD))
        weir_error_hint(p->error, "write '%.*s'", WEIR_SLICE_ARGS(word));
    else
        weir_error_hint(p->error, "text is written in single quotes");
    return false;
}

/* A literal; `words` also lets a bare word stand for text, as SET does. */
static bool parse_value(struct sql_parser *p, struct weir_sql_option *option, bool words)
{
    option->value_position = sql_peek(p)->position;
    switch (sql_peek(p)->kind) {
    case SQL_TOKEN_STRING:
        return sql_parse_string(p, &option->value);
    case SQL_TOKEN_WORD:
    case SQL_TOKEN_QUOTED:
        return sql_word_at(p, 0, SQL_KW_INTERVAL) && !sql_is_at(p, 1, SQL_TOKEN_SEMICOLON) &&
                       !sql_is_at(p, 1, SQL_TOKEN_END)
                   ? parse_interval_value(p, option)
                   : parse_word_value(p, option, words);
    default:
        return parse_number_value(p, option);
    }
}

/* ( key = value, … ) */
static bool parse_options(struct sql_parser *p, struct weir_sql_options *options)
{
    if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN))
        return false;
    if (sql_accept(p, SQL_TOKEN_RIGHT_PAREN))
        return true;
    do {
        struct weir_sql_option *option =
            sql_push(p, &options->items, &options->count, sizeof *option);
        if (!option || !parse_key(p, option))
            return false;
        if (!sql_is_op(p, WEIR_SQL_OP_EQUAL))
            return sql_fail_expected(p, "\"=\"") != NULL;
        sql_advance(p);
        if (!parse_value(p, option, false))
            return false;
    } while (sql_accept(p, SQL_TOKEN_COMMA) && !sql_is(p, SQL_TOKEN_RIGHT_PAREN));
    if (!p->failed && !sql_is(p, SQL_TOKEN_RIGHT_PAREN))
        return sql_fail_expected(p, "\",\" or \")\"") != NULL;
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

/* ---------------------------------------------------------------- columns */

static bool fail_twice(struct sql_parser *p, struct weir_position position, const char *what)
{
    return sql_fail(p, WEIR_E_SYNTAX, position, "%s is given twice", what) != NULL;
}

/* NOT ENFORCED: Flink says so of a key that nobody checks, as ours is anyway. */
static bool skip_not_enforced(struct sql_parser *p)
{
    (void)sql_accept_words(p, SQL_KW_NOT, SQL_KW_ENFORCED);
    return !p->failed;
}

/* Behind METADATA: [FROM 'key'] [VIRTUAL] */
static bool parse_metadata(struct sql_parser *p, struct weir_sql_column *column)
{
    if (column->has_metadata)
        return fail_twice(p, p->previous.position, "METADATA");
    column->has_metadata = true;
    column->metadata = column->name.text;
    column->metadata_position = p->previous.position;
    if (sql_accept_word(p, SQL_KW_FROM)) {
        column->metadata_position = sql_peek(p)->position;
        if (!sql_expect_string(p, "the key of the metadata as a string", &column->metadata))
            return false;
    }
    (void)sql_accept_word(p, SQL_KW_VIRTUAL);
    return !p->failed;
}

/* Behind AS: (e) [STORED | VIRTUAL] */
static bool parse_generated(struct sql_parser *p, struct weir_sql_column *column)
{
    if (column->generated)
        return fail_twice(p, p->previous.position, "the expression of the column");
    if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN))
        return false;
    column->generated = sql_parse_expr(p);
    if (!column->generated || !sql_expect(p, SQL_TOKEN_RIGHT_PAREN))
        return false;
    if (sql_accept_word(p, SQL_KW_STORED))
        column->storage = WEIR_SQL_GENERATED_STORED;
    else if (sql_accept_word(p, SQL_KW_VIRTUAL))
        column->storage = WEIR_SQL_GENERATED_VIRTUAL;
    return !p->failed;
}

static bool parse_comment(struct sql_parser *p, bool *has, struct weir_slice *comment)
{
    if (*has)
        return fail_twice(p, p->previous.position, "COMMENT");
    *has = true;
    return sql_expect_string(p, "a comment as a string", comment);
}

/* One constraint; *more tells whether there was one. */
static bool parse_constraint(struct sql_parser *p, struct weir_sql_column *column, bool *more)
{
    *more = true;
    if (sql_accept_words(p, SQL_KW_NOT, SQL_KW_NULL)) {
        column->not_null = true;
        return true;
    }
    if (sql_accept_word(p, SQL_KW_NULL))
        return true;
    if (sql_accept_word(p, SQL_KW_PRIMARY)) {
        column->primary_key = true;
        return sql_expect_word(p, SQL_KW_KEY) && skip_not_enforced(p);
    }
    if (sql_accept_word(p, SQL_KW_METADATA))
        return parse_metadata(p, column);
    if (sql_accept_word(p, SQL_KW_GENERATED))
        return sql_expect_word(p, SQL_KW_ALWAYS) && sql_expect_word(p, SQL_KW_AS) &&
               parse_generated(p, column);
    if (sql_accept_word(p, SQL_KW_AS))
        return parse_generated(p, column);
    if (sql_accept_word(p, SQL_KW_COMMENT))
        return parse_comment(p, &column->has_comment, &column->comment);
    *more = false;
    return !p->failed;
}

static bool parse_column(struct sql_parser *p, struct weir_sql_create_table *table)
{
    struct weir_sql_column *column =
        sql_push(p, &table->columns, &table->columns_count, sizeof *column);
    if (!column || !sql_parse_name(p, "a column", &column->name))
        return false;
    if (sql_is_word(p, SQL_KW_AS)) { /* name AS expr: a computed column without a type */
        sql_advance(p);
        column->generated = sql_parse_expr(p);
        if (!column->generated)
            return false;
    } else {
        column->type = sql_parse_type(p);
        if (!column->type)
            return false;
    }
    for (bool more = true; more;)
        if (!parse_constraint(p, column, &more))
            return false;
    return true;
}

/* Behind WATERMARK FOR: column [AS e] */
static bool parse_watermark(struct sql_parser *p, struct weir_sql_create_table *table,
                            struct weir_position position)
{
    if (table->watermark)
        return fail_twice(p, position, "WATERMARK");
    struct weir_sql_watermark *watermark = sql_alloc(p, sizeof *watermark);
    if (!watermark)
        return false;
    table->watermark = watermark;
    watermark->position = position;
    do {
        struct weir_sql_names *names = &watermark->column;
        struct weir_sql_name *name =
            sql_push(p, &names->items, &names->count, sizeof names->items[0]);
        if (!name || !sql_parse_name(p, "a column", name))
            return false;
    } while (sql_accept(p, SQL_TOKEN_DOT));
    if (!sql_accept_word(p, SQL_KW_AS))
        return !p->failed;
    watermark->expr = sql_parse_expr(p);
    return watermark->expr != NULL;
}

/* Behind PRIMARY KEY: (a, b) */
static bool parse_primary_key(struct sql_parser *p, struct weir_sql_create_table *table,
                              struct weir_position position)
{
    if (table->has_primary_key)
        return fail_twice(p, position, "PRIMARY KEY");
    table->has_primary_key = true;
    table->primary_key_position = position;
    return sql_parse_name_list(p, "a column", &table->primary_key) && skip_not_enforced(p);
}

static bool parse_table_item(struct sql_parser *p, struct weir_sql_create_table *table)
{
    if (sql_is_word(p, SQL_KW_CONSTRAINT) && sql_is_name_at(p, 1) &&
        sql_word_at(p, 2, SQL_KW_PRIMARY)) {
        sql_advance(p);
        sql_advance(p);
    }
    struct weir_position position = sql_peek(p)->position;
    if (sql_is_word(p, SQL_KW_PRIMARY) && sql_word_at(p, 1, SQL_KW_KEY) &&
        sql_is_at(p, 2, SQL_TOKEN_LEFT_PAREN)) {
        sql_advance(p);
        sql_advance(p);
        return parse_primary_key(p, table, position);
    }
    if (sql_accept_words(p, SQL_KW_WATERMARK, SQL_KW_FOR))
        return parse_watermark(p, table, position);
    bool is_watermark = sql_is_word(p, SQL_KW_WATERMARK); /* may be a column's name */
    if (parse_column(p, table))
        return true;
    if (is_watermark && p->error->hint[0] == '\0')
        weir_error_hint(p->error,
                        "a watermark is declared by WATERMARK FOR column [AS expression]");
    return false;
}

static bool parse_table_items(struct sql_parser *p, struct weir_sql_create_table *table)
{
    if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN))
        return false;
    table->has_columns = true;
    do {
        if (!parse_table_item(p, table))
            return false;
    } while (sql_accept(p, SQL_TOKEN_COMMA) && !sql_is(p, SQL_TOKEN_RIGHT_PAREN));
    if (!p->failed && !sql_is(p, SQL_TOKEN_RIGHT_PAREN))
        return sql_fail_expected(p, "\",\" or \")\"") != NULL;
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

/* ---------------------------------------------------------------- CREATE TABLE, CREATE VIEW */

/* What stood between CREATE and the kind of thing. */
struct create_words {
    bool or_replace, temporary;
};

static bool accept_if_not_exists(struct sql_parser *p)
{
    if (!sql_is_word(p, SQL_KW_IF) || !sql_word_at(p, 1, SQL_KW_NOT) ||
        !sql_word_at(p, 2, SQL_KW_EXISTS))
        return false;
    for (int i = 0; i < 3; i++)
        sql_advance(p);
    return true;
}

/* SELECT … [EMIT …] of a statement. */
static struct weir_sql_query *parse_outer_query(struct sql_parser *p)
{
    struct weir_sql_query *query = sql_parse_query(p, false);
    return query && sql_parse_emit(p, query) ? query : NULL;
}

static bool parse_table_clauses(struct sql_parser *p, struct weir_sql_create_table *table)
{
    for (;;) {
        struct weir_position position = sql_peek(p)->position;
        if (sql_accept_word(p, SQL_KW_PARTITIONED)) {
            if (table->partitioned_by.count)
                return fail_twice(p, position, "PARTITIONED BY");
            if (!sql_expect_word(p, SQL_KW_BY) || !sql_expect(p, SQL_TOKEN_LEFT_PAREN) ||
                !sql_parse_exprs(p, &table->partitioned_by) ||
                !sql_expect(p, SQL_TOKEN_RIGHT_PAREN))
                return false;
        } else if (sql_accept_word(p, SQL_KW_COMMENT)) {
            if (!parse_comment(p, &table->has_comment, &table->comment))
                return false;
        } else if (sql_accept_word(p, SQL_KW_WITH)) {
            if (table->has_options)
                return fail_twice(p, position, "WITH");
            table->has_options = true;
            if (!parse_options(p, &table->options))
                return false;
        } else {
            return !p->failed;
        }
    }
}

static bool parse_create_table(struct sql_parser *p, struct create_words words,
                               struct weir_sql_statement *statement)
{
    struct weir_sql_create_table *table = sql_alloc(p, sizeof *table);
    if (!table)
        return false;
    statement->kind = WEIR_SQL_CREATE_TABLE;
    statement->create_table = table;
    table->or_replace = words.or_replace;
    table->temporary = words.temporary;
    table->if_not_exists = accept_if_not_exists(p);
    if (!sql_parse_qualified(p, "a table name", &table->name))
        return false;
    if (sql_is(p, SQL_TOKEN_LEFT_PAREN) && !parse_table_items(p, table))
        return false;
    if (!parse_table_clauses(p, table))
        return false;
    if (sql_accept_word(p, SQL_KW_AS)) {
        table->query = parse_outer_query(p);
        return table->query != NULL;
    }
    if (table->has_columns || table->has_options)
        return !p->failed;
    bool is_like = !p->failed && sql_is_word(p, SQL_KW_LIKE); /* Flink's, Postgres' */
    (void)sql_fail_expected(p, "a column list, WITH (…) or AS");
    if (is_like)
        weir_error_hint(p->error, "columns and options are written again; CREATE TABLE … AS SELECT "
                                  "keeps the rows of a query");
    return false;
}

static bool parse_create_view(struct sql_parser *p, struct create_words words, bool materialized,
                              struct weir_sql_statement *statement)
{
    struct weir_sql_create_view *view = sql_alloc(p, sizeof *view);
    if (!view)
        return false;
    statement->kind = WEIR_SQL_CREATE_VIEW;
    statement->create_view = view;
    view->materialized = materialized;
    view->or_replace = words.or_replace;
    view->temporary = words.temporary;
    view->if_not_exists = accept_if_not_exists(p);
    if (!sql_parse_qualified(p, "a view name", &view->name))
        return false;
    if (sql_is(p, SQL_TOKEN_LEFT_PAREN) && !sql_parse_name_list(p, "a column", &view->columns))
        return false;
    if (materialized && sql_accept_word(p, SQL_KW_WITH) && !parse_options(p, &view->options))
        return false;
    if (!sql_expect_word(p, SQL_KW_AS))
        return false;
    view->query = parse_outer_query(p);
    return view->query != NULL;
}

/* ---------------------------------------------------------------- CREATE FUNCTION, TIMELINE */

/* f([a] T, …): a name is there when what follows it is no comma or parenthesis. */
static bool parse_function_argument(struct sql_parser *p, struct weir_sql_create_function *function)
{
    struct weir_sql_field *argument =
        sql_push(p, &function->arguments, &function->arguments_count, sizeof *argument);
    if (!argument)
        return false;
    bool named = sql_is_name_at(p, 0) && sql_is_name_at(p, 1) &&
                 !sql_word_at(p, 1, SQL_KW_PRECISION) && !sql_word_at(p, 1, SQL_KW_UNSIGNED) &&
                 !sql_word_at(p, 1, SQL_KW_NOT) && !sql_is_spelt(p, 1, "varying");
    bool zoned = (sql_word_at(p, 0, SQL_KW_TIMESTAMP) || sql_word_at(p, 0, SQL_KW_TIME)) &&
                 (sql_word_at(p, 1, SQL_KW_WITH) || sql_word_at(p, 1, SQL_KW_WITHOUT));
    zoned |= sql_word_at(p, 0, SQL_KW_INTERVAL) && sql_unit_at(p, 1) != WEIR_SQL_UNIT_NONE;
    if (named && !zoned && !sql_parse_name(p, "an argument", &argument->name))
        return false;
    argument->type = sql_parse_type(p);
    if (!argument->type)
        return false;
    argument->not_null = sql_accept_words(p, SQL_KW_NOT, SQL_KW_NULL);
    return !p->failed;
}

static bool parse_function_body(struct sql_parser *p, struct weir_sql_create_function *function)
{
    if (function->body.data)
        return fail_twice(p, p->previous.position, "the body");
    function->body_position = sql_peek(p)->position;
    if (!sql_expect_string(p, "the body as a string", &function->body))
        return false;
    if (!sql_accept(p, SQL_TOKEN_COMMA))
        return !p->failed;
    function->has_symbol = true;
    return sql_expect_string(p, "the symbol as a string", &function->symbol);
}

static bool parse_language(struct sql_parser *p, struct weir_sql_create_function *function)
{
    if (function->language.text.data)
        return fail_twice(p, p->previous.position, "LANGUAGE");
    struct sql_token token = *sql_peek(p);
    if (token.kind != SQL_TOKEN_STRING)
        return sql_parse_name(p, "a language", &function->language);
    function->language.position = token.position;
    struct weir_slice text;
    if (!sql_parse_string(p, &text) || !sql_fold(p, text, &function->language.text))
        return false;
    if (text.size == 0 || text.size > WEIR_SQL_NAME_MAX)
        return sql_fail(p, WEIR_E_SYNTAX, token.position, "this is no name of a language") != NULL;
    return true;
}

/* [ON] NULL INPUT behind CALLED and RETURNS NULL. */
static bool parse_null_input(struct sql_parser *p)
{
    return sql_expect_word(p, SQL_KW_ON) && sql_expect_word(p, SQL_KW_NULL) &&
           sql_expect_word(p, SQL_KW_INPUT);
}

/* One clause behind the arguments; *more tells whether there was one. */
static bool parse_function_clause(struct sql_parser *p, struct weir_sql_create_function *function,
                                  bool *more)
{
    *more = true;
    if (sql_accept_words(p, SQL_KW_RETURNS, SQL_KW_NULL)) {
        function->strict = true;
        return parse_null_input(p);
    }
    if (!function->returns && sql_accept_word(p, SQL_KW_RETURNS)) {
        function->returns = sql_parse_type(p);
        return function->returns != NULL;
    }
    if (sql_accept_word(p, SQL_KW_LANGUAGE))
        return parse_language(p, function);
    if (sql_accept_word(p, SQL_KW_AS))
        return parse_function_body(p, function);
    if (sql_accept_word(p, SQL_KW_WITH))
        return parse_options(p, &function->options);
    if (sql_accept_word(p, SQL_KW_CALLED))
        return parse_null_input(p);
    if (sql_accept_word(p, SQL_KW_STRICT))
        function->strict = true;
    else if (sql_accept_word(p, SQL_KW_IMMUTABLE))
        function->volatility = WEIR_SQL_VOLATILITY_IMMUTABLE;
    else if (sql_accept_word(p, SQL_KW_STABLE))
        function->volatility = WEIR_SQL_VOLATILITY_STABLE;
    else if (sql_accept_word(p, SQL_KW_VOLATILE))
        function->volatility = WEIR_SQL_VOLATILITY_VOLATILE;
    else if (sql_is_word(p, SQL_KW_PARALLEL) && sql_is_name_at(p, 1)) {
        sql_advance(p);
        sql_advance(p);
    } else {
        *more = false;
    }
    return !p->failed;
}

static bool parse_create_function(struct sql_parser *p, struct create_words words,
                                  struct weir_sql_statement *statement)
{
    struct weir_sql_create_function *function = sql_alloc(p, sizeof *function);
    if (!function)
        return false;
    statement->kind = WEIR_SQL_CREATE_FUNCTION;
    statement->create_function = function;
    function->or_replace = words.or_replace;
    function->if_not_exists = accept_if_not_exists(p);
    if (!sql_parse_qualified(p, "a function name", &function->name) ||
        !sql_expect(p, SQL_TOKEN_LEFT_PAREN))
        return false;
    if (!sql_is(p, SQL_TOKEN_RIGHT_PAREN)) {
        do {
            if (!parse_function_argument(p, function))
                return false;
        } while (sql_accept(p, SQL_TOKEN_COMMA));
    }
    if (!sql_expect(p, SQL_TOKEN_RIGHT_PAREN))
        return false;
    for (bool more = true; more;)
        if (!parse_function_clause(p, function, &more))
            return false;
    if (!function->returns)
        return sql_fail_expected(p, "RETURNS and a type") != NULL;
    if (!function->language.text.data)
        return sql_fail_expected(p, "LANGUAGE") != NULL;
    if (!function->body.data)
        return sql_fail_expected(p, "AS and the body") != NULL;
    return true;
}

/* Everything up to the semicolon is kept as text. */
static bool parse_create_timeline(struct sql_parser *p, struct create_words words,
                                  struct weir_sql_statement *statement)
{
    struct weir_sql_create_timeline *timeline = sql_alloc(p, sizeof *timeline);
    if (!timeline)
        return false;
    statement->kind = WEIR_SQL_CREATE_TIMELINE;
    statement->create_timeline = timeline;
    timeline->or_replace = words.or_replace;
    if (!sql_parse_qualified(p, "a timeline name", &timeline->name))
        return false;
    timeline->body_position = sql_peek(p)->position;
    size_t start = timeline->body_position.offset, end = start;
    while (!sql_is(p, SQL_TOKEN_SEMICOLON) && !sql_is(p, SQL_TOKEN_END)) {
        if (sql_is(p, SQL_TOKEN_ERROR))
            return sql_fail_expected(p, "the definition of the timeline") != NULL;
        end = sql_peek(p)->position.offset + sql_peek(p)->size;
        sql_advance(p);
    }
    timeline->body = weir_slice_make(p->lexer.text.data + start, end - start);
    if (end == start)
        return sql_fail_expected(p, "the definition of the timeline") != NULL;
    return true;
}

static bool parse_create(struct sql_parser *p, struct weir_sql_statement *statement)
{
    struct create_words words = {0};
    words.or_replace = sql_accept_words(p, SQL_KW_OR, SQL_KW_REPLACE);
    words.temporary = sql_accept_word(p, SQL_KW_TEMPORARY) || sql_accept_word(p, SQL_KW_TEMP);
    if (sql_accept_word(p, SQL_KW_TABLE))
        return parse_create_table(p, words, statement);
    if (sql_accept_word(p, SQL_KW_VIEW))
        return parse_create_view(p, words, false, statement);
    if (sql_accept_word(p, SQL_KW_MATERIALIZED))
        return sql_expect_word(p, SQL_KW_VIEW) && parse_create_view(p, words, true, statement);
    if (!words.temporary && sql_accept_word(p, SQL_KW_FUNCTION))
        return parse_create_function(p, words, statement);
    if (!words.temporary && sql_accept_word(p, SQL_KW_TIMELINE))
        return parse_create_timeline(p, words, statement);
    return sql_fail_expected(
               p, words.temporary ? "TABLE or VIEW"
                                  : "TABLE, VIEW, MATERIALIZED VIEW, FUNCTION or TIMELINE") != NULL;
}

/* ---------------------------------------------------------------- the others */

static bool parse_insert(struct sql_parser *p, struct weir_sql_statement *statement)
{
    struct weir_sql_insert *insert = sql_alloc(p, sizeof *insert);
    if (!insert || !sql_expect_word(p, SQL_KW_INTO))
        return false;
    statement->kind = WEIR_SQL_INSERT;
    statement->insert = insert;
    if (!sql_parse_qualified(p, "a table name", &insert->table))
        return false;
    if (sql_is(p, SQL_TOKEN_LEFT_PAREN) && !sql_query_ahead(p) &&
        !sql_parse_name_list(p, "a column", &insert->columns))
        return false;
    insert->query = parse_outer_query(p);
    return insert->query != NULL;
}

/* SET [SESSION | LOCAL] name = value; SET TIME ZONE value. */
static bool parse_set(struct sql_parser *p, struct weir_sql_statement *statement)
{
    struct weir_sql_option *option = sql_alloc(p, sizeof *option);
    if (!option)
        return false;
    statement->kind = WEIR_SQL_SET;
    statement->option = option;
    if (sql_word_at(p, 0, SQL_KW_LOCAL) && sql_is_name_at(p, 1))
        sql_advance(p);
    option->position = sql_peek(p)->position;
    if (sql_accept_words(p, SQL_KW_TIME, SQL_KW_ZONE)) {
        option->key = weir_slice_from_string("timezone");
        return parse_value(p, option, true);
    }
    if (!parse_key(p, option))
        return false;
    if (sql_is_op(p, WEIR_SQL_OP_EQUAL))
        sql_advance(p);
    else if (!sql_accept_word(p, SQL_KW_TO))
        return sql_fail_expected(p, "\"=\"") != NULL;
    return parse_value(p, option, true);
}

/* (FORMAT JSON | TEXT) */
static bool parse_explain_format(struct sql_parser *p, struct weir_sql_explain *explain)
{
    if (!sql_is(p, SQL_TOKEN_LEFT_PAREN) || !sql_word_at(p, 1, SQL_KW_FORMAT))
        return !p->failed;
    sql_advance(p);
    sql_advance(p);
    explain->json = sql_accept_word(p, SQL_KW_JSON);
    if (!explain->json) {
        if (!sql_is_spelt(p, 0, "text"))
            return sql_fail_expected(p, "JSON or TEXT") != NULL;
        sql_advance(p);
    }
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

static bool parse_explain(struct sql_parser *p, struct weir_sql_statement *statement)
{
    struct weir_sql_explain *explain = sql_alloc(p, sizeof *explain);
    if (!explain)
        return false;
    statement->kind = WEIR_SQL_EXPLAIN;
    statement->explain = explain;
    if (sql_is_spelt(p, 0, "analyze")) {
        sql_advance(p);
        explain->analyze = true;
    }
    if (sql_accept_word(p, SQL_KW_PLAN))
        (void)sql_accept_word(p, SQL_KW_FOR);
    else if (sql_accept_word(p, SQL_KW_WATERMARK))
        explain->form = WEIR_SQL_EXPLAIN_WATERMARK;
    else if (sql_accept_word(p, SQL_KW_STATE))
        explain->form = WEIR_SQL_EXPLAIN_STATE;
    if (!parse_explain_format(p, explain))
        return false;
    if (sql_is_word(p, SQL_KW_EXPLAIN))
        return sql_fail(p, WEIR_E_SYNTAX, sql_peek(p)->position, "EXPLAIN explains itself") != NULL;
    explain->statement = sql_parse_statement(p);
    return explain->statement != NULL;
}

/* 'FILE', as a quoted name of one part. */
static bool parse_file_name(struct sql_parser *p, struct weir_sql_names *names)
{
    struct weir_sql_name *item = WEIR_ARENA_NEW(p->arena, struct weir_sql_name);
    if (!item)
        return sql_fail_memory(p) != NULL;
    item->position = sql_peek(p)->position;
    item->quoted = true;
    if (!sql_parse_string(p, &item->text))
        return false;
    if (item->text.size == 0 || item->text.size > WEIR_SQL_NAME_MAX)
        return sql_fail(p, WEIR_E_SYNTAX, item->position, "this is no name of a file") != NULL;
    *names = (struct weir_sql_names){item, 1};
    return true;
}

static bool parse_describe(struct sql_parser *p, struct weir_sql_statement *statement)
{
    statement->kind = WEIR_SQL_DESCRIBE;
    if (sql_is(p, SQL_TOKEN_STRING))
        return parse_file_name(p, &statement->describe);
    if (sql_word_at(p, 0, SQL_KW_TABLE) && sql_is_name_at(p, 1))
        sql_advance(p);
    return sql_parse_qualified(p, "a table name", &statement->describe);
}

static bool parse_show(struct sql_parser *p, struct weir_sql_statement *statement)
{
    statement->kind = WEIR_SQL_SHOW;
    if (sql_accept_word(p, SQL_KW_TABLES))
        statement->show = WEIR_SQL_SHOW_TABLES;
    else if (sql_accept_word(p, SQL_KW_FUNCTIONS))
        statement->show = WEIR_SQL_SHOW_FUNCTIONS;
    else if (sql_accept_word(p, SQL_KW_CONNECTORS))
        statement->show = WEIR_SQL_SHOW_CONNECTORS;
    else
        return sql_fail_expected(p, "TABLES, FUNCTIONS or CONNECTORS") != NULL;
    return true;
}

static bool parse_drop_kind(struct sql_parser *p, enum weir_sql_drop_kind *kind)
{
    if (sql_accept_word(p, SQL_KW_TABLE))
        *kind = WEIR_SQL_DROP_TABLE;
    else if (sql_accept_word(p, SQL_KW_VIEW))
        *kind = WEIR_SQL_DROP_VIEW;
    else if (sql_accept_word(p, SQL_KW_FUNCTION))
        *kind = WEIR_SQL_DROP_FUNCTION;
    else if (sql_accept_words(p, SQL_KW_MATERIALIZED, SQL_KW_VIEW))
        *kind = WEIR_SQL_DROP_MATERIALIZED_VIEW;
    else
        return sql_fail_expected(p, "TABLE, VIEW, MATERIALIZED VIEW or FUNCTION") != NULL;
    return true;
}

static bool parse_drop(struct sql_parser *p, struct weir_sql_statement *statement)
{
    struct weir_sql_drop *drop = sql_alloc(p, sizeof *drop);
    if (!drop || !parse_drop_kind(p, &drop->kind))
        return false;
    statement->kind = WEIR_SQL_DROP;
    statement->drop = drop;
    drop->if_exists = sql_accept_words(p, SQL_KW_IF, SQL_KW_EXISTS);
    do {
        struct weir_sql_names *name = sql_push(p, &drop->items, &drop->count, sizeof *name);
        if (!name || !sql_parse_qualified(p, "a name", name))
            return false;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return !p->failed;
}

static bool parse_query_statement(struct sql_parser *p, struct weir_sql_statement *statement)
{
    statement->kind = WEIR_SQL_QUERY;
    statement->query = parse_outer_query(p);
    return statement->query != NULL;
}

static bool parse_any(struct sql_parser *p, struct weir_sql_statement *statement)
{
    if (sql_query_starts(p) || sql_query_ahead(p))
        return parse_query_statement(p, statement);
    if (sql_accept_word(p, SQL_KW_CREATE))
        return parse_create(p, statement);
    if (sql_accept_word(p, SQL_KW_INSERT))
        return parse_insert(p, statement);
    if (sql_accept_word(p, SQL_KW_SET))
        return parse_set(p, statement);
    if (sql_accept_word(p, SQL_KW_EXPLAIN))
        return parse_explain(p, statement);
    if (sql_accept_word(p, SQL_KW_DESCRIBE) || sql_accept_word(p, SQL_KW_DESC))
        return parse_describe(p, statement);
    if (sql_accept_word(p, SQL_KW_SHOW))
        return parse_show(p, statement);
    if (sql_accept_word(p, SQL_KW_DROP))
        return parse_drop(p, statement);
    struct weir_slice word = sql_token_text(p, sql_peek(p));
    bool begins_set = weir_slice_equals_ignoring_case(word, weir_slice_from_string("execute")) ||
                      weir_slice_equals_ignoring_case(word, weir_slice_from_string("begin"));
    bool had_failed = p->failed;
    (void)sql_fail_expected(p, "a statement");
    if (begins_set && !had_failed) /* Flink's STATEMENT SET, transactions */
        weir_error_hint(p->error, "all INSERTs of a program are one job: leave out EXECUTE or "
                                  "BEGIN … and END");
    return false;
}

struct weir_sql_statement *sql_parse_statement(struct sql_parser *p)
{
    struct weir_sql_statement *statement = sql_alloc(p, sizeof *statement);
    if (!statement)
        return NULL;
    statement->position = sql_peek(p)->position;
    if (!parse_any(p, statement))
        return NULL;
    size_t start = statement->position.offset;
    size_t end = (size_t)p->previous.position.offset + p->previous.size;
    statement->text = weir_slice_make(p->lexer.text.data + start, end - start);
    return statement;
}
