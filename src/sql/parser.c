/* The parser's vocabulary and its entry points: tokens, failures, lists, names, recovery.
 *
 * One statement is read at a time. When it fails, the tokens up to the next semicolon are skipped
 * and reading goes on, so that one run reports the errors of all statements.
 *
 * Misspelt keywords. Every keyword that was looked for at the current token and did not stand
 * there is remembered in a bit set; when the statement fails at a word, the nearest of them is the
 * hint. A misspelt clause (FROM t WEHRE a > 1) is first taken for an alias and fails one word
 * later: therefore the set at the last alias is kept too, and the error moves there. */
#include "sql/parser_internal.h"
#include "sql/sql.h"
#include <stdarg.h>
#include <stdio.h>

/* ---------------------------------------------------------------- failing */

static void copy_error_text(struct sql_parser *p, enum weir_status code,
                            struct weir_position position, const char *message)
{
    weir_error_set(p->error, code, "%s", message);
    weir_error_at(p->error, position);
    p->failed = true;
}

void *sql_fail(struct sql_parser *p, enum weir_status code, struct weir_position position,
               const char *format, ...)
{
    if (p->failed)
        return NULL;
    char message[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    copy_error_text(p, code, position, message);
    return NULL;
}

void *sql_fail_memory(struct sql_parser *p)
{
    if (p->failed)
        return NULL;
    p->failed = true;
    (void)weir_budget_error(p->arena->budget, p->error);
    return NULL;
}

/* Text of at most 40 bytes, cut between characters. */
static struct weir_slice shorten(struct weir_slice text)
{
    size_t size = 0;
    while (size < text.size && size < 40 && text.data[size] != '\n')
        size++;
    while (size < text.size && size > 0 && (text.data[size] & 0xC0) == 0x80)
        size--;
    return weir_slice_make(text.data, size);
}

static void describe_token(struct sql_parser *p, const struct sql_token *token, char *out,
                           size_t out_size)
{
    if (token->kind == SQL_TOKEN_END) {
        snprintf(out, out_size, "the end of the text");
        return;
    }
    struct weir_slice text = sql_token_text(p, token), shown = shorten(text);
    const char *dots = shown.size < text.size ? "…" : "";
    bool quoted = token->kind == SQL_TOKEN_STRING || token->kind == SQL_TOKEN_QUOTED;
    snprintf(out, out_size, quoted ? "%.*s%s" : "\"%.*s%s\"", WEIR_SLICE_ARGS(shown), dots);
}

/* The keyword of the set that word was perhaps meant to be; NONE if none is near. */
static enum sql_keyword nearest_keyword(const uint64_t *set, struct weir_slice word)
{
    struct weir_slice candidates[SQL_KEYWORDS_COUNT];
    size_t count = 0;
    for (unsigned k = 1; k < SQL_KEYWORDS_COUNT; k++) {
        const char *text = sql_keyword_text((enum sql_keyword)k);
        if (set[k / 64] >> (k % 64) & 1)
            candidates[count++] = weir_slice_from_string(text);
    }
    if (word.size > WEIR_SQL_NAME_MAX || word.size < 2)
        return SQL_KW_NONE;
    return sql_keyword_find(weir_slice_nearest(word, candidates, count));
}

/* What the lexer has against a token. */
static void *fail_lexical(struct sql_parser *p, const struct sql_token *token)
{
    char found[64];
    describe_token(p, token, found, sizeof found);
    bool open = strstr(token->error, "not closed") != NULL;
    if (open || token->error[0] == 'e')
        sql_fail(p, token->status, token->position, "%s", token->error);
    else
        sql_fail(p, token->status, token->position, "%s: %s", token->error, found);
    if (strstr(token->error, "typographic"))
        weir_error_hint(p->error, "write ' around text and \" around names");
    else if (open && sql_token_text(p, token).data[0] == '"')
        weir_error_hint(p->error, "text is written in single quotes");
    return NULL;
}

static bool follows_alias(const struct sql_parser *p, const struct sql_token *token)
{
    return p->alias.size != 0 && p->previous.position.offset == p->alias.position.offset &&
           token->position.offset > p->alias.position.offset;
}

void *sql_fail_expected(struct sql_parser *p, const char *what)
{
    if (p->failed)
        return NULL;
    const struct sql_token *token = sql_peek(p);
    if (token->kind == SQL_TOKEN_ERROR)
        return fail_lexical(p, token);
    char found[64];
    if (follows_alias(p, token)) {
        enum sql_keyword meant = nearest_keyword(p->alias_expected, sql_token_text(p, &p->alias));
        if (meant != SQL_KW_NONE) {
            describe_token(p, &p->alias, found, sizeof found);
            sql_fail(p, WEIR_E_SYNTAX, p->alias.position, "unexpected %s", found);
            weir_error_hint(p->error, "did you mean \"%s\"?", sql_keyword_text(meant));
            return NULL;
        }
    }
    describe_token(p, token, found, sizeof found);
    sql_fail(p, WEIR_E_SYNTAX, token->position, "expected %s, found %s", what, found);
    if (token->kind == SQL_TOKEN_WORD && token->keyword == SQL_KW_NONE) {
        enum sql_keyword meant = nearest_keyword(p->expected, sql_token_text(p, token));
        if (meant != SQL_KW_NONE)
            weir_error_hint(p->error, "did you mean \"%s\"?", sql_keyword_text(meant));
    }
    return NULL;
}

/* ---------------------------------------------------------------- tokens */

const struct sql_token *sql_peek_at(struct sql_parser *p, unsigned ahead)
{
    while (p->tokens_count <= ahead)
        sql_lexer_next(&p->lexer, &p->tokens[p->tokens_count++]);
    return &p->tokens[ahead];
}

const struct sql_token *sql_peek(struct sql_parser *p)
{
    return sql_peek_at(p, 0);
}

void sql_advance(struct sql_parser *p)
{
    p->previous = *sql_peek(p);
    p->tokens_count--;
    memmove(p->tokens, p->tokens + 1, p->tokens_count * sizeof p->tokens[0]);
    memset(p->expected, 0, sizeof p->expected);
}

bool sql_is(struct sql_parser *p, enum sql_token_kind kind)
{
    return sql_peek(p)->kind == kind;
}

bool sql_is_at(struct sql_parser *p, unsigned ahead, enum sql_token_kind kind)
{
    return sql_peek_at(p, ahead)->kind == kind;
}

bool sql_word_at(struct sql_parser *p, unsigned ahead, enum sql_keyword keyword)
{
    const struct sql_token *token = sql_peek_at(p, ahead);
    return token->kind == SQL_TOKEN_WORD && token->keyword == keyword;
}

bool sql_is_word(struct sql_parser *p, enum sql_keyword keyword)
{
    if (sql_word_at(p, 0, keyword))
        return true;
    p->expected[keyword / 64] |= UINT64_C(1) << (keyword % 64);
    return false;
}

bool sql_is_op(struct sql_parser *p, enum weir_sql_operator op)
{
    return sql_is(p, SQL_TOKEN_OPERATOR) && p->tokens[0].op == op;
}

bool sql_is_name_at(struct sql_parser *p, unsigned ahead)
{
    enum sql_token_kind kind = sql_peek_at(p, ahead)->kind;
    return kind == SQL_TOKEN_WORD || kind == SQL_TOKEN_QUOTED;
}

bool sql_accept(struct sql_parser *p, enum sql_token_kind kind)
{
    if (p->failed || !sql_is(p, kind))
        return false;
    sql_advance(p);
    return true;
}

bool sql_accept_word(struct sql_parser *p, enum sql_keyword keyword)
{
    if (p->failed || !sql_is_word(p, keyword))
        return false;
    sql_advance(p);
    return true;
}

bool sql_accept_words(struct sql_parser *p, enum sql_keyword first, enum sql_keyword second)
{
    if (p->failed || !sql_is_word(p, first) || !sql_word_at(p, 1, second))
        return false;
    sql_advance(p);
    sql_advance(p);
    return true;
}

bool sql_expect(struct sql_parser *p, enum sql_token_kind kind)
{
    static const char *const names[SQL_TOKENS_COUNT] = {
        [SQL_TOKEN_LEFT_PAREN] = "\"(\"",   [SQL_TOKEN_RIGHT_PAREN] = "\")\"",
        [SQL_TOKEN_LEFT_BRACKET] = "\"[\"", [SQL_TOKEN_RIGHT_BRACKET] = "\"]\"",
        [SQL_TOKEN_RIGHT_BRACE] = "\"}\"",  [SQL_TOKEN_COMMA] = "\",\"",
        [SQL_TOKEN_COLON] = "\":\"",        [SQL_TOKEN_DOT] = "\".\"",
    };
    if (sql_accept(p, kind))
        return true;
    return sql_fail_expected(p, names[kind] ? names[kind] : "something else") != NULL;
}

bool sql_expect_word(struct sql_parser *p, enum sql_keyword keyword)
{
    if (sql_accept_word(p, keyword))
        return true;
    char what[32];
    snprintf(what, sizeof what, "\"%s\"", sql_keyword_text(keyword));
    return sql_fail_expected(p, what) != NULL;
}

struct weir_slice sql_token_text(const struct sql_parser *p, const struct sql_token *token)
{
    return weir_slice_make(p->lexer.text.data + token->position.offset, token->size);
}

bool sql_is_spelt(struct sql_parser *p, unsigned ahead, const char *text)
{
    const struct sql_token *token = sql_peek_at(p, ahead);
    return token->kind == SQL_TOKEN_WORD &&
           weir_slice_equals_ignoring_case(sql_token_text(p, token), weir_slice_from_string(text));
}

/* ---------------------------------------------------------------- depth, memory */

static bool fail_depth(struct sql_parser *p, struct weir_position position)
{
    return sql_fail(p, WEIR_E_LIMIT, position, "this is nested deeper than %d levels",
                    WEIR_SQL_DEPTH_MAX) != NULL;
}

bool sql_enter(struct sql_parser *p)
{
    if (p->failed)
        return false;
    if (p->nesting >= WEIR_SQL_DEPTH_MAX)
        return fail_depth(p, sql_peek(p)->position);
    p->nesting++;
    return true;
}

bool sql_deepen(struct sql_parser *p, uint32_t *depth, struct weir_position position)
{
    if (p->failed)
        return false;
    *depth = ++p->deepest;
    return *depth <= WEIR_SQL_DEPTH_MAX || fail_depth(p, position);
}

void *sql_alloc(struct sql_parser *p, size_t size)
{
    if (p->failed)
        return NULL;
    void *memory = weir_arena_calloc(p->arena, 1, size);
    return memory ? memory : sql_fail_memory(p);
}

void *sql_push(struct sql_parser *p, void *items_pointer, uint32_t *count, size_t item_size)
{
    if (p->failed)
        return NULL;
    char *items;
    memcpy(&items, items_pointer, sizeof items);
    bool full = *count == 0 || (*count >= 4 && (*count & (*count - 1)) == 0);
    if (full) {
        char *larger = weir_arena_calloc(p->arena, *count ? (size_t)*count * 2 : 4, item_size);
        if (!larger)
            return sql_fail_memory(p);
        if (*count)
            memcpy(larger, items, *count * item_size);
        items = larger;
        memcpy(items_pointer, &items, sizeof items);
    }
    return items + item_size * (*count)++;
}

/* ---------------------------------------------------------------- names */

bool sql_parse_name(struct sql_parser *p, const char *what, struct weir_sql_name *name)
{
    if (p->failed)
        return false;
    if (!sql_is_name_at(p, 0))
        return sql_fail_expected(p, what) != NULL;
    struct sql_token token = *sql_peek(p);
    sql_advance(p);
    return sql_token_name(p, &token, name);
}

static bool push_name(struct sql_parser *p, const char *what, struct weir_sql_names *names)
{
    struct weir_sql_name *name = sql_push(p, &names->items, &names->count, sizeof names->items[0]);
    return name && sql_parse_name(p, what, name);
}

bool sql_parse_qualified(struct sql_parser *p, const char *what, struct weir_sql_names *names)
{
    *names = (struct weir_sql_names){0};
    if (sql_is_reserved(p))
        return sql_fail_expected(p, what) != NULL;
    do {
        if (!push_name(p, what, names))
            return false;
    } while (sql_accept(p, SQL_TOKEN_DOT));
    return !p->failed;
}

bool sql_parse_name_list(struct sql_parser *p, const char *what, struct weir_sql_names *names)
{
    *names = (struct weir_sql_names){0};
    if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN))
        return false;
    do {
        if (!push_name(p, what, names))
            return false;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

/* ---------------------------------------------------------------- looking ahead */

/* SELECT; VALUES (; WITH name; TABLE name. */
static bool starts_query(const struct sql_token *token, const struct sql_token *next)
{
    bool name_follows = next->kind == SQL_TOKEN_WORD || next->kind == SQL_TOKEN_QUOTED;
    if (token->kind != SQL_TOKEN_WORD)
        return false;
    switch (token->keyword) {
    case SQL_KW_SELECT:
        return true;
    case SQL_KW_VALUES:
        return next->kind == SQL_TOKEN_LEFT_PAREN;
    case SQL_KW_WITH:
    case SQL_KW_TABLE:
        return name_follows;
    default:
        return false;
    }
}

bool sql_query_starts(struct sql_parser *p)
{
    (void)sql_is_word(p, SQL_KW_SELECT);
    (void)sql_is_word(p, SQL_KW_VALUES);
    (void)sql_is_word(p, SQL_KW_WITH);
    (void)sql_peek_at(p, 1);
    return starts_query(&p->tokens[0], &p->tokens[1]);
}

bool sql_query_ahead(struct sql_parser *p)
{
    return sql_query_ahead_at(p, 0);
}

bool sql_query_ahead_at(struct sql_parser *p, unsigned ahead)
{
    if (p->failed || !sql_is_at(p, ahead, SQL_TOKEN_LEFT_PAREN))
        return false;
    size_t here = sql_peek_at(p, ahead)->position.offset;
    if (p->run_start <= here && here < p->run_end)
        return p->run_is_query;
    struct sql_lexer scout;
    sql_lexer_init(&scout, p->lexer.text);
    scout.offset = (uint32_t)here;
    struct sql_token token, next;
    do
        sql_lexer_next(&scout, &token);
    while (token.kind == SQL_TOKEN_LEFT_PAREN);
    p->run_start = here;
    p->run_end = token.position.offset;
    sql_lexer_next(&scout, &next);
    p->run_is_query = starts_query(&token, &next);
    return p->run_is_query;
}

bool sql_is_reserved(struct sql_parser *p)
{
    const struct sql_token *token = sql_peek_at(p, 1);
    bool by_follows = token->kind == SQL_TOKEN_WORD && token->keyword == SQL_KW_BY;
    token = sql_peek(p);
    if (token->kind != SQL_TOKEN_WORD || token->keyword == SQL_KW_NONE)
        return false;
    if (token->keyword == SQL_KW_GROUP || token->keyword == SQL_KW_ORDER)
        return by_follows;
    return (sql_keyword_uses(token->keyword) & SQL_USE_RESERVED) != 0;
}

bool sql_emit_ahead(struct sql_parser *p)
{
    return sql_is_word(p, SQL_KW_EMIT) &&
           (sql_word_at(p, 1, SQL_KW_ON) || sql_word_at(p, 1, SQL_KW_CHANGES) ||
            sql_word_at(p, 1, SQL_KW_EVERY) || sql_word_at(p, 1, SQL_KW_AFTER));
}

static bool is_join_modifier(enum sql_keyword keyword)
{
    switch (keyword) {
    case SQL_KW_NATURAL:
    case SQL_KW_INNER:
    case SQL_KW_LEFT:
    case SQL_KW_RIGHT:
    case SQL_KW_FULL:
    case SQL_KW_OUTER:
    case SQL_KW_CROSS:
    case SQL_KW_SEMI:
    case SQL_KW_ANTI:
    case SQL_KW_ASOF:
        return true;
    default:
        return false;
    }
}

bool sql_join_ahead(struct sql_parser *p)
{
    unsigned ahead = 0;
    while (ahead + 1 < SQL_LOOKAHEAD_MAX && sql_is_at(p, ahead, SQL_TOKEN_WORD) &&
           is_join_modifier(p->tokens[ahead].keyword))
        ahead++;
    if (ahead == 0)
        return sql_is_word(p, SQL_KW_JOIN);
    return sql_word_at(p, ahead, SQL_KW_JOIN);
}

/* A word that goes on with the query rather than naming what stands before it. */
static bool begins_clause(struct sql_parser *p, enum sql_keyword keyword, bool of_table)
{
    switch (keyword) {
    case SQL_KW_LIMIT:
    case SQL_KW_OFFSET:
    case SQL_KW_FETCH:
        return true;
    case SQL_KW_WINDOW:
        return sql_is_name_at(p, 1) && sql_word_at(p, 2, SQL_KW_AS);
    case SQL_KW_EMIT:
        return sql_emit_ahead(p);
    case SQL_KW_FOR:
        return sql_word_at(p, 1, SQL_KW_SYSTEM_TIME);
    case SQL_KW_WITH:
        return sql_word_at(p, 1, SQL_KW_ORDINALITY);
    case SQL_KW_USING:
        return of_table && sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN);
    case SQL_KW_SIMILAR:
        return sql_word_at(p, 1, SQL_KW_TO);
    case SQL_KW_AT:
        return sql_word_at(p, 1, SQL_KW_TIME);
    case SQL_KW_NOT:
    case SQL_KW_COLLATE:
        return !of_table;
    default:
        return of_table && is_join_modifier(keyword) && sql_join_ahead(p);
    }
}

static void remember_clauses(struct sql_parser *p, bool of_table)
{
    static const enum sql_keyword clauses[] = {
        SQL_KW_FROM,   SQL_KW_WHERE, SQL_KW_GROUP, SQL_KW_HAVING,    SQL_KW_ORDER,
        SQL_KW_LIMIT,  SQL_KW_UNION, SQL_KW_JOIN,  SQL_KW_INTERSECT, SQL_KW_EXCEPT,
        SQL_KW_OFFSET, SQL_KW_FETCH, SQL_KW_EMIT,  SQL_KW_WINDOW,    SQL_KW_QUALIFY};
    for (size_t i = of_table ? 1 : 0; i < WEIR_COUNT_OF(clauses); i++)
        (void)sql_is_word(p, clauses[i]);
    static const enum sql_keyword joins[] = {SQL_KW_LEFT,  SQL_KW_RIGHT, SQL_KW_FULL,
                                             SQL_KW_INNER, SQL_KW_CROSS, SQL_KW_NATURAL,
                                             SQL_KW_ON,    SQL_KW_USING, SQL_KW_ASOF};
    for (size_t i = 0; of_table && i < WEIR_COUNT_OF(joins); i++)
        (void)sql_is_word(p, joins[i]);
}

bool sql_parse_alias(struct sql_parser *p, bool of_table, struct weir_sql_name *alias)
{
    if (sql_accept_word(p, SQL_KW_AS))
        return sql_parse_name(p, "an alias", alias);
    if (p->failed)
        return false;
    remember_clauses(p, of_table);
    if (!sql_is_name_at(p, 0))
        return true;
    struct sql_token token = *sql_peek(p);
    if (token.kind == SQL_TOKEN_WORD &&
        (sql_is_reserved(p) || begins_clause(p, token.keyword, of_table)))
        return true;
    p->alias = token;
    memcpy(p->alias_expected, p->expected, sizeof p->expected);
    sql_advance(p);
    return sql_token_name(p, &token, alias);
}

/* ---------------------------------------------------------------- entry points */

static void parser_init(struct sql_parser *p, struct weir_slice text, struct weir_arena *arena,
                        struct weir_error *error)
{
    memset(p, 0, sizeof *p);
    sql_lexer_init(&p->lexer, text);
    p->arena = arena;
    p->error = error;
}

/* Line, column and offset of a byte of the text. */
static struct weir_position position_of(struct weir_slice text, size_t offset)
{
    struct weir_position position = {1, 1, 1, (uint32_t)offset};
    for (size_t i = 0; i < offset; i++) {
        if (text.data[i] == '\n') {
            position.line++;
            position.column = 1;
        } else if ((text.data[i] & 0xC0) != 0x80) {
            position.column++;
        }
    }
    return position;
}

static enum weir_status check_text(struct weir_slice text, struct weir_error *error)
{
    if (text.size > WEIR_SQL_PROGRAM_MAX)
        return weir_error_set(error, WEIR_E_LIMIT, "the program has %zu bytes; the limit is %d",
                              text.size, WEIR_SQL_PROGRAM_MAX);
    size_t invalid = sql_text_invalid_at(text);
    if (invalid == SIZE_MAX)
        return WEIR_OK;
    unsigned byte = (unsigned char)text.data[invalid];
    if (byte == 0)
        weir_error_set(error, WEIR_E_SYNTAX, "the program holds a NUL byte");
    else
        weir_error_set(error, WEIR_E_SYNTAX, "the program is not UTF-8: byte 0x%02X", byte);
    weir_error_at(error, position_of(text, invalid));
    return WEIR_E_SYNTAX;
}

static enum weir_status report(struct weir_diagnostics *diagnostics, struct weir_error *error,
                               const char *file_name)
{
    if (file_name)
        snprintf(error->file, sizeof error->file, "%s", file_name);
    return weir_diagnostics_add(diagnostics, error);
}

static void skip_statement(struct sql_parser *p)
{
    while (!sql_is(p, SQL_TOKEN_SEMICOLON) && !sql_is(p, SQL_TOKEN_END))
        sql_advance(p);
    p->failed = false;
    p->nesting = 0;
    p->deepest = 0;
}

static bool parse_one(struct sql_parser *p, struct weir_sql_program *program)
{
    p->deepest = 0;
    struct weir_sql_statement *statement = sql_parse_statement(p);
    if (statement && !sql_is(p, SQL_TOKEN_SEMICOLON) && !sql_is(p, SQL_TOKEN_END))
        return sql_fail_expected(p, "\";\" or the end of the statement") != NULL;
    struct weir_sql_statement **slot =
        statement ? sql_push(p, &program->statements, &program->statements_count,
                             sizeof program->statements[0])
                  : NULL;
    if (slot)
        *slot = statement;
    return slot != NULL;
}

static bool is_memory(enum weir_status status)
{
    return status == WEIR_E_OUT_OF_MEMORY || status == WEIR_E_MEMORY_LIMIT;
}

static enum weir_status parse_statements(struct sql_parser *p, struct weir_sql_program *program,
                                         const char *file_name,
                                         struct weir_diagnostics *diagnostics)
{
    enum weir_status first = WEIR_OK;
    for (;;) {
        while (sql_accept(p, SQL_TOKEN_SEMICOLON))
            continue;
        if (sql_is(p, SQL_TOKEN_END))
            return first;
        if (parse_one(p, program))
            continue;
        enum weir_status status = report(diagnostics, p->error, file_name);
        if (is_memory(status))
            return status;
        if (first == WEIR_OK)
            first = status;
        skip_statement(p);
    }
}

enum weir_status weir_sql_parse(struct weir_slice text, const char *file_name,
                                struct weir_arena *arena, struct weir_diagnostics *diagnostics,
                                struct weir_sql_program **out)
{
    struct weir_error error;
    weir_error_clear(&error);
    *out = NULL;
    if (check_text(text, &error) != WEIR_OK)
        return report(diagnostics, &error, file_name);
    struct sql_parser p;
    parser_init(&p, text, arena, &error);
    struct weir_sql_program *program = sql_alloc(&p, sizeof *program);
    char *copy = program ? weir_arena_copy(arena, text) : NULL;
    if (!copy) {
        (void)sql_fail_memory(&p);
        return report(diagnostics, &error, file_name);
    }
    program->text = weir_slice_make(copy, text.size);
    if (file_name) {
        struct weir_slice name = weir_slice_from_string(file_name);
        program->file_name = weir_slice_make(weir_arena_copy(arena, name), name.size);
        if (!program->file_name.data)
            return report(diagnostics, (sql_fail_memory(&p), &error), file_name);
    }
    p.lexer.text = program->text;
    enum weir_status status = parse_statements(&p, program, file_name, diagnostics);
    *out = is_memory(status) ? NULL : program;
    return status;
}

/* Prepares for one thing that must be the whole of text. */
static enum weir_status begin_part(struct sql_parser *p, struct weir_slice text,
                                   struct weir_arena *arena, struct weir_error *error)
{
    weir_error_clear(error);
    enum weir_status status = check_text(text, error);
    if (status != WEIR_OK)
        return status;
    char *copy = weir_arena_copy(arena, text);
    if (!copy)
        return weir_budget_error(arena->budget, error);
    parser_init(p, weir_slice_make(copy, text.size), arena, error);
    return WEIR_OK;
}

static enum weir_status end_part(struct sql_parser *p, struct weir_error *error)
{
    if (!p->failed && !sql_is(p, SQL_TOKEN_END))
        (void)sql_fail_expected(p, "the end of the text");
    enum weir_status status = p->failed ? p->error->code : WEIR_OK;
    if (error && error != p->error)
        *error = *p->error;
    return status;
}

enum weir_status weir_sql_parse_expression(struct weir_slice text, struct weir_arena *arena,
                                           struct weir_sql_expr **out, struct weir_error *error)
{
    struct weir_error own;
    struct sql_parser p;
    *out = NULL;
    WEIR_TRY(begin_part(&p, text, arena, error ? error : &own));
    struct weir_sql_expr *expr = sql_parse_expr(&p);
    enum weir_status status = end_part(&p, error);
    *out = status == WEIR_OK ? expr : NULL;
    return status;
}

enum weir_status weir_sql_parse_type(struct weir_slice text, struct weir_arena *arena,
                                     struct weir_sql_type **out, struct weir_error *error)
{
    struct weir_error own;
    struct sql_parser p;
    *out = NULL;
    WEIR_TRY(begin_part(&p, text, arena, error ? error : &own));
    struct weir_sql_type *type = sql_parse_type(&p);
    enum weir_status status = end_part(&p, error);
    *out = status == WEIR_OK ? type : NULL;
    return status;
}
