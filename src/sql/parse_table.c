/* FROM: tables, files, table functions, derived tables, joins.
 *
 * Joins group to the left and bind more strongly than the comma, which is a cross join. The words
 * of a join (LEFT, NATURAL, ASOF …) are such only if they lead to JOIN: FROM a left, b right names
 * two aliases. A parenthesis may open a query, a join, or a query whose result is joined; as with
 * expressions it is read once and what it was is known behind it. */
#include "sql/parser_internal.h"
#include "sql/sql.h"

static struct weir_sql_table *parse_joined(struct sql_parser *p);
static struct weir_sql_table *parse_join_rest(struct sql_parser *p, struct weir_sql_table *left);
static struct weir_sql_table *parse_table_tail(struct sql_parser *p, struct weir_sql_table *table);

static struct weir_sql_table *table_new(struct sql_parser *p, enum weir_sql_table_kind kind,
                                        struct weir_position position)
{
    struct weir_sql_table *table = sql_alloc(p, sizeof *table);
    if (!table || !sql_deepen(p, &table->depth, position))
        return NULL;
    table->kind = kind;
    table->position = position;
    return table;
}

/* ---------------------------------------------------------------- aliases */

/* (a, b) or (a INT, b TEXT) behind an alias. */
static bool parse_alias_columns(struct sql_parser *p, struct weir_sql_table *table)
{
    uint32_t types_count = 0;
    sql_advance(p);
    do {
        struct weir_sql_names *columns = &table->alias_columns;
        struct weir_sql_name *name =
            sql_push(p, &columns->items, &columns->count, sizeof columns->items[0]);
        if (!name || !sql_parse_name(p, "a column", name))
            return false;
        if (sql_is(p, SQL_TOKEN_COMMA) || sql_is(p, SQL_TOKEN_RIGHT_PAREN))
            continue;
        struct weir_sql_type *type = sql_parse_type(p);
        struct weir_sql_type **slot =
            type ? sql_push(p, &table->alias_types, &types_count, sizeof *slot) : NULL;
        if (!slot)
            return false;
        *slot = type;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    if (types_count != 0 && types_count != table->alias_columns.count)
        return sql_fail(p, WEIR_E_SYNTAX, sql_peek(p)->position,
                        "either all columns of an alias have a type or none") != NULL;
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

/* FOR SYSTEM_TIME AS OF e */
static bool parse_system_time(struct sql_parser *p, struct weir_sql_table *table)
{
    if (table->system_time || !sql_is_word(p, SQL_KW_FOR) || !sql_word_at(p, 1, SQL_KW_SYSTEM_TIME))
        return !p->failed;
    struct weir_position position = sql_peek(p)->position;
    sql_advance(p);
    sql_advance(p);
    if (!sql_expect_word(p, SQL_KW_AS) || !sql_expect_word(p, SQL_KW_OF))
        return false;
    if (table->kind != WEIR_SQL_TABLE_NAME)
        return sql_fail(p, WEIR_E_SYNTAX, position,
                        "FOR SYSTEM_TIME AS OF belongs behind the name of a table") != NULL;
    table->system_time = sql_parse_expr(p);
    return table->system_time != NULL;
}

static struct weir_sql_table *parse_table_tail(struct sql_parser *p, struct weir_sql_table *table)
{
    if (!table)
        return NULL;
    if (table->kind == WEIR_SQL_TABLE_FUNCTION)
        table->function.with_ordinality = sql_accept_words(p, SQL_KW_WITH, SQL_KW_ORDINALITY);
    if (!parse_system_time(p, table) || !sql_parse_alias(p, true, &table->alias))
        return NULL;
    if (table->alias.text.data && sql_is(p, SQL_TOKEN_LEFT_PAREN) && !parse_alias_columns(p, table))
        return NULL;
    if (!parse_system_time(p, table))
        return NULL;
    bool deeper = table->system_time || table->alias_types;
    return deeper && !sql_deepen(p, &table->depth, table->position) ? NULL : table;
}

/* ---------------------------------------------------------------- single tables */

static struct weir_sql_table *parse_named(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_sql_names name;
    if (!sql_parse_qualified(p, "a table", &name))
        return NULL;
    if (!sql_is(p, SQL_TOKEN_LEFT_PAREN)) {
        struct weir_sql_table *table = table_new(p, WEIR_SQL_TABLE_NAME, position);
        if (table)
            table->name = name;
        return table;
    }
    struct weir_sql_call *call = sql_parse_call(p, &name);
    struct weir_sql_table *table = call ? table_new(p, WEIR_SQL_TABLE_FUNCTION, position) : NULL;
    if (table)
        table->function.call = call;
    return table;
}

/* TABLE(f(…)): the same as f(…). */
static struct weir_sql_table *parse_table_word(struct sql_parser *p)
{
    sql_advance(p);
    sql_advance(p);
    struct weir_position position = sql_peek(p)->position;
    struct weir_sql_table *table = parse_named(p);
    if (!table)
        return NULL;
    if (table->kind != WEIR_SQL_TABLE_FUNCTION)
        return sql_fail(p, WEIR_E_SYNTAX, position, "TABLE(…) holds the call of a table function");
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN) ? table : NULL;
}

static struct weir_sql_table *parse_file(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_slice path;
    if (!sql_parse_string(p, &path))
        return NULL;
    struct weir_sql_table *table = table_new(p, WEIR_SQL_TABLE_FILE, position);
    if (table)
        table->path = path;
    return table;
}

static struct weir_sql_table *query_table_new(struct sql_parser *p, struct weir_sql_query *query,
                                              struct weir_position position)
{
    struct weir_sql_table *table = query ? table_new(p, WEIR_SQL_TABLE_QUERY, position) : NULL;
    if (table)
        table->query = query;
    return table;
}

/* What a parenthesis held: a query, or tables. */
struct held {
    struct weir_sql_query *query;
    struct weir_sql_table *table;
};

static bool parse_held(struct sql_parser *p, struct held *held);

/* Behind ( where further parentheses lead to a query: it may be an operand or be joined. */
static bool parse_held_nested(struct sql_parser *p, struct held *held)
{
    struct weir_position position = sql_peek(p)->position;
    struct held inner;
    if (!parse_held(p, &inner))
        return false;
    if (inner.query && (sql_is(p, SQL_TOKEN_RIGHT_PAREN) || sql_query_continues(p))) {
        held->query = sql_parse_query_rest(p, inner.query);
        return held->query && sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
    }
    struct weir_sql_table *table = inner.table;
    if (inner.query)
        table = query_table_new(p, inner.query, position);
    if (inner.query || (table->kind == WEIR_SQL_TABLE_JOIN && !table->alias.text.data))
        table = parse_table_tail(p, table);
    held->table = parse_join_rest(p, table);
    return held->table && sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

static bool parse_held(struct sql_parser *p, struct held *held)
{
    *held = (struct held){0};
    if (!sql_enter(p))
        return false;
    bool query = sql_query_ahead(p), done;
    sql_advance(p);
    if (query && sql_is(p, SQL_TOKEN_LEFT_PAREN)) {
        done = parse_held_nested(p, held);
    } else if (query) {
        held->query = sql_parse_query(p, true);
        done = held->query && sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
    } else {
        held->table = parse_joined(p);
        done = held->table && sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
    }
    sql_leave(p);
    return done;
}

/* A parenthesis. What it held may be given an alias, unless it has one or is a single table. */
static struct weir_sql_table *parse_parentheses(struct sql_parser *p, bool lateral)
{
    struct weir_position position = sql_peek(p)->position;
    struct held held;
    if (!parse_held(p, &held))
        return NULL;
    if (held.query) {
        struct weir_sql_table *table = query_table_new(p, held.query, position);
        if (table)
            table->lateral = lateral;
        return parse_table_tail(p, table);
    }
    if (lateral)
        return sql_fail(p, WEIR_E_SYNTAX, position,
                        "LATERAL stands before a subquery or a table function");
    bool open = held.table->kind == WEIR_SQL_TABLE_JOIN && !held.table->alias.text.data;
    return open ? parse_table_tail(p, held.table) : held.table;
}

/* LATERAL is a name unless a parenthesis or a call follows. */
static bool lateral_ahead(struct sql_parser *p)
{
    return sql_is_word(p, SQL_KW_LATERAL) &&
           (sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN) ||
            (sql_is_name_at(p, 1) &&
             (sql_is_at(p, 2, SQL_TOKEN_LEFT_PAREN) || sql_is_at(p, 2, SQL_TOKEN_DOT))));
}

static struct weir_sql_table *parse_single(struct sql_parser *p)
{
    struct weir_sql_table *table;
    bool lateral = lateral_ahead(p);
    if (lateral)
        sql_advance(p);
    if (sql_is(p, SQL_TOKEN_LEFT_PAREN))
        return parse_parentheses(p, lateral);
    if (sql_is(p, SQL_TOKEN_STRING))
        table = parse_file(p);
    else if (sql_is_word(p, SQL_KW_TABLE) && sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN))
        table = parse_table_word(p);
    else if (sql_is_name_at(p, 0) && !sql_join_ahead(p))
        table = parse_named(p);
    else
        table = sql_fail_expected(p, "a table");
    if (table && lateral)
        table->lateral = true;
    return parse_table_tail(p, table);
}

/* ---------------------------------------------------------------- joins */

/* The words before JOIN and what they make of it. */
struct join_words {
    struct weir_position position;
    enum weir_sql_join_kind kind;
    bool natural, asof;
};

static bool accept_join_side(struct sql_parser *p, struct join_words *words)
{
    static const struct {
        enum sql_keyword keyword;
        enum weir_sql_join_kind kind;
    } sides[] = {{SQL_KW_LEFT, WEIR_SQL_JOIN_LEFT},
                 {SQL_KW_RIGHT, WEIR_SQL_JOIN_RIGHT},
                 {SQL_KW_FULL, WEIR_SQL_JOIN_FULL}};
    for (size_t i = 0; i < WEIR_COUNT_OF(sides); i++)
        if (sql_accept_word(p, sides[i].keyword)) {
            words->kind = sides[i].kind;
            (void)sql_accept_word(p, SQL_KW_OUTER);
            return true;
        }
    return false;
}

/* [NATURAL] [ASOF] [INNER | LEFT | RIGHT | FULL [OUTER] | CROSS | [LEFT] SEMI | ANTI] [ASOF] JOIN
 */
static bool parse_join_words(struct sql_parser *p, struct join_words *words)
{
    *words = (struct join_words){.position = sql_peek(p)->position};
    words->natural = sql_accept_word(p, SQL_KW_NATURAL);
    words->asof = sql_accept_word(p, SQL_KW_ASOF);
    bool side = accept_join_side(p, words);
    bool left = side && words->kind == WEIR_SQL_JOIN_LEFT;
    if ((!side || left) && sql_accept_word(p, SQL_KW_SEMI))
        words->kind = WEIR_SQL_JOIN_SEMI;
    else if ((!side || left) && sql_accept_word(p, SQL_KW_ANTI))
        words->kind = WEIR_SQL_JOIN_ANTI;
    else if (!side && sql_accept_word(p, SQL_KW_CROSS))
        words->kind = WEIR_SQL_JOIN_CROSS;
    else if (!side)
        (void)sql_accept_word(p, SQL_KW_INNER);
    if (!words->asof)
        words->asof = sql_accept_word(p, SQL_KW_ASOF);
    if (words->asof && (words->natural ||
                        (words->kind != WEIR_SQL_JOIN_INNER && words->kind != WEIR_SQL_JOIN_LEFT)))
        return sql_fail(p, WEIR_E_SYNTAX, words->position,
                        "an ASOF JOIN is an inner or a left join") != NULL;
    if (words->natural && words->kind == WEIR_SQL_JOIN_CROSS)
        return sql_fail(p, WEIR_E_SYNTAX, words->position,
                        "a join is NATURAL or CROSS, not both") != NULL;
    struct weir_position join = sql_peek(p)->position;
    if (!sql_expect_word(p, SQL_KW_JOIN))
        return false;
    words->position = join;
    return true;
}

static struct weir_sql_table *join_new(struct sql_parser *p, const struct join_words *words,
                                       struct weir_sql_table *left, struct weir_sql_table *right)
{
    struct weir_sql_table *table = table_new(p, WEIR_SQL_TABLE_JOIN, words->position);
    if (!table)
        return NULL;
    table->join.kind = words->kind;
    table->join.natural = words->natural;
    table->join.asof = words->asof;
    table->join.left = left;
    table->join.right = right;
    return table;
}

/* The right side: one table, or further joins whose conditions come before this one's
 * (a JOIN b JOIN c ON … ON …). */
static struct weir_sql_table *parse_join_right(struct sql_parser *p, bool conditional)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t outside = sql_scope_begin(p);
    struct weir_sql_table *right = parse_single(p);
    if (conditional && right && sql_join_ahead(p))
        right = parse_join_rest(p, right);
    sql_scope_end(p, outside);
    sql_leave(p);
    return right;
}

static struct weir_sql_table *parse_one_join(struct sql_parser *p, struct weir_sql_table *left)
{
    struct join_words words;
    if (!parse_join_words(p, &words))
        return NULL;
    bool conditional = !words.natural && words.kind != WEIR_SQL_JOIN_CROSS;
    struct weir_sql_table *right = parse_join_right(p, conditional);
    if (!right)
        return NULL;
    struct weir_sql_expr *on = NULL;
    struct weir_sql_names using = {0};
    if (conditional) {
        if (sql_accept_word(p, SQL_KW_ON)) {
            on = sql_parse_expr(p);
            if (!on)
                return NULL;
        } else if (!sql_accept_word(p, SQL_KW_USING)) {
            return sql_fail_expected(p, "ON or USING");
        } else if (!sql_parse_name_list(p, "a column", &using)) {
            return NULL;
        }
    }
    struct weir_sql_table *join = join_new(p, &words, left, right);
    if (!join)
        return NULL;
    join->join.on = on;
    join->join.using = using;
    return join;
}

static struct weir_sql_table *parse_join_rest(struct sql_parser *p, struct weir_sql_table *left)
{
    while (left && !p->failed && sql_join_ahead(p))
        left = parse_one_join(p, left);
    return p->failed ? NULL : left;
}

/* A table with the joins behind it. */
static struct weir_sql_table *parse_joined(struct sql_parser *p)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t outside = sql_scope_begin(p);
    struct weir_sql_table *table = parse_join_rest(p, parse_single(p));
    sql_scope_end(p, outside);
    sql_leave(p);
    return table;
}

struct weir_sql_table *sql_parse_from(struct sql_parser *p)
{
    uint32_t outside = sql_scope_begin(p);
    struct weir_sql_table *left = parse_joined(p);
    while (left && sql_is(p, SQL_TOKEN_COMMA)) {
        struct join_words words = {.position = sql_peek(p)->position, .kind = WEIR_SQL_JOIN_CROSS};
        sql_advance(p);
        struct weir_sql_table *right = parse_joined(p);
        left = right ? join_new(p, &words, left, right) : NULL;
    }
    sql_scope_end(p, outside);
    return p->failed ? NULL : left;
}
