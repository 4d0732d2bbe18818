/* Queries: SELECT with its clauses, set operations, VALUES, WITH, ORDER BY, LIMIT, EMIT.
 *
 * INTERSECT binds more strongly than UNION and EXCEPT, which group to the left. Parentheses that
 * change nothing leave no trace: (SELECT 1) is SELECT 1, while (SELECT 1 LIMIT 1) as an operand
 * stays a query of its own. */
#include "sql/parser_internal.h"
#include "sql/sql.h"

/* ---------------------------------------------------------------- select list */

static bool parse_except(struct sql_parser *p, struct weir_sql_names *names)
{
    if (sql_is(p, SQL_TOKEN_LEFT_PAREN))
        return sql_parse_name_list(p, "a column", names);
    struct weir_sql_name *name = sql_push(p, &names->items, &names->count, sizeof names->items[0]);
    return name && sql_parse_name(p, "a column", name);
}

/* (e AS a, …) behind REPLACE. */
static bool parse_replace(struct sql_parser *p, struct weir_sql_expr *star)
{
    if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN))
        return false;
    do {
        if (!sql_push_expr(p, &star->star.replace, sql_parse_expr(p)) ||
            !sql_expect_word(p, SQL_KW_AS))
            return false;
        struct weir_sql_names *names = &star->star.replace_names;
        struct weir_sql_name *name =
            sql_push(p, &names->items, &names->count, sizeof names->items[0]);
        if (!name || !sql_parse_name(p, "a column", name))
            return false;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

/* [EXCEPT (…)] [REPLACE (…)] behind a star. EXCEPT before a query is the set operation. */
static bool parse_star_tail(struct sql_parser *p, struct weir_sql_expr *star)
{
    bool except = sql_word_at(p, 0, SQL_KW_EXCEPT) && sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN) &&
                  !sql_query_ahead_at(p, 1);
    bool exclude = sql_word_at(p, 0, SQL_KW_EXCLUDE) &&
                   (sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN) || sql_is_name_at(p, 1));
    if (except || exclude) {
        sql_advance(p);
        if (!parse_except(p, &star->star.except))
            return false;
    }
    if (!sql_word_at(p, 0, SQL_KW_REPLACE) || !sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN))
        return !p->failed;
    sql_advance(p);
    uint32_t depth = p->deepest;
    if (!parse_replace(p, star))
        return false;
    if (p->deepest > depth && !sql_deepen(p, &star->depth, star->position))
        return false;
    return true;
}

static bool parse_select_items(struct sql_parser *p, struct weir_sql_select *select)
{
    do {
        struct weir_sql_expr *expr = sql_parse_expr_or_star(p);
        struct weir_sql_name alias = {0};
        if (!expr)
            return false;
        bool star = expr->kind == WEIR_SQL_EXPR_STAR;
        if (star ? !parse_star_tail(p, expr) : !sql_parse_alias(p, false, &alias))
            return false;
        struct weir_sql_select_item *item =
            sql_push(p, &select->items, &select->items_count, sizeof *item);
        if (!item)
            return false;
        item->expr = expr;
        item->alias = alias;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return !p->failed;
}

/* [ALL | DISTINCT [ON (…)]]; either word is a column when nothing to select follows. */
static bool parse_distinct(struct sql_parser *p, struct weir_sql_select *select)
{
    bool distinct = sql_is_word(p, SQL_KW_DISTINCT), all = sql_is_word(p, SQL_KW_ALL);
    if ((!distinct && !all) || sql_is_at(p, 1, SQL_TOKEN_COMMA) || sql_is_at(p, 1, SQL_TOKEN_DOT) ||
        sql_word_at(p, 1, SQL_KW_FROM))
        return !p->failed;
    sql_advance(p);
    select->distinct = distinct;
    if (!distinct || !sql_word_at(p, 0, SQL_KW_ON))
        return !p->failed;
    sql_advance(p);
    return sql_expect(p, SQL_TOKEN_LEFT_PAREN) && sql_parse_exprs(p, &select->distinct_on) &&
           sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

/* ---------------------------------------------------------------- GROUP BY */

static bool parse_grouping(struct sql_parser *p, struct weir_sql_grouping *grouping);

/* ( item, … ) of ROLLUP, CUBE and GROUPING SETS. */
static bool parse_groupings(struct sql_parser *p, struct weir_sql_grouping *grouping)
{
    if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN))
        return false;
    do {
        struct weir_sql_grouping item = {0};
        if (!parse_grouping(p, &item))
            return false;
        struct weir_sql_grouping *slot =
            sql_push(p, &grouping->items, &grouping->items_count, sizeof *slot);
        if (!slot)
            return false;
        *slot = item;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

/* An expression, or (a, b) as a set of them. */
static bool parse_grouping_expr(struct sql_parser *p, struct weir_sql_grouping *grouping)
{
    bool parentheses = sql_is(p, SQL_TOKEN_LEFT_PAREN);
    if (parentheses && sql_is_at(p, 1, SQL_TOKEN_RIGHT_PAREN)) {
        sql_advance(p);
        sql_advance(p);
        grouping->kind = WEIR_SQL_GROUPING_SET;
        return true;
    }
    grouping->kind = WEIR_SQL_GROUPING_EXPR;
    grouping->expr = sql_parse_expr(p);
    if (!grouping->expr)
        return false;
    if (parentheses && grouping->expr->kind == WEIR_SQL_EXPR_ROW) {
        grouping->kind = WEIR_SQL_GROUPING_SET;
        grouping->exprs = grouping->expr->list;
        grouping->expr = NULL;
    }
    return true;
}

static bool parse_grouping(struct sql_parser *p, struct weir_sql_grouping *grouping)
{
    if (!sql_enter(p))
        return false;
    uint32_t outside = sql_scope_begin(p);
    bool call = sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN), done;
    grouping->position = sql_peek(p)->position;
    if (call && sql_is_word(p, SQL_KW_ROLLUP)) {
        grouping->kind = WEIR_SQL_GROUPING_ROLLUP;
    } else if (call && sql_is_word(p, SQL_KW_CUBE)) {
        grouping->kind = WEIR_SQL_GROUPING_CUBE;
    } else if (sql_is_word(p, SQL_KW_GROUPING) && sql_word_at(p, 1, SQL_KW_SETS)) {
        grouping->kind = WEIR_SQL_GROUPING_SETS;
        sql_advance(p);
    } else {
        call = false;
        grouping->kind = WEIR_SQL_GROUPING_EXPR;
    }
    if (grouping->kind == WEIR_SQL_GROUPING_EXPR) {
        done = parse_grouping_expr(p, grouping);
    } else {
        sql_advance(p);
        done = parse_groupings(p, grouping);
    }
    done = done && sql_deepen(p, &grouping->depth, grouping->position);
    sql_scope_end(p, outside);
    sql_leave(p);
    return done;
}

static bool parse_group_by(struct sql_parser *p, struct weir_sql_select *select)
{
    if (!sql_accept_words(p, SQL_KW_GROUP, SQL_KW_BY))
        return !p->failed;
    if (sql_accept_word(p, SQL_KW_DISTINCT))
        select->group_by_distinct = true;
    else
        (void)sql_accept_word(p, SQL_KW_ALL);
    do {
        struct weir_sql_grouping grouping = {0};
        if (!parse_grouping(p, &grouping))
            return false;
        struct weir_sql_grouping *slot =
            sql_push(p, &select->group_by, &select->group_by_count, sizeof *slot);
        if (!slot)
            return false;
        *slot = grouping;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return !p->failed;
}

/* ---------------------------------------------------------------- SELECT */

static bool parse_windows(struct sql_parser *p, struct weir_sql_select *select)
{
    if (select->windows_count || !sql_is_word(p, SQL_KW_WINDOW) || !sql_is_name_at(p, 1) ||
        !sql_word_at(p, 2, SQL_KW_AS))
        return !p->failed;
    sql_advance(p);
    do {
        struct weir_sql_named_window named = {0};
        if (!sql_parse_name(p, "a window", &named.name) || !sql_expect_word(p, SQL_KW_AS) ||
            !(named.window = sql_parse_window(p)))
            return false;
        struct weir_sql_named_window *slot =
            sql_push(p, &select->windows, &select->windows_count, sizeof *slot);
        if (!slot)
            return false;
        *slot = named;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return !p->failed;
}

/* WORD expression, if the word stands here. */
static bool parse_condition(struct sql_parser *p, enum sql_keyword keyword,
                            struct weir_sql_expr **expr)
{
    if (*expr || !sql_accept_word(p, keyword))
        return !p->failed;
    *expr = sql_parse_expr(p);
    return *expr != NULL;
}

static struct weir_sql_select *parse_select(struct sql_parser *p)
{
    struct weir_sql_select *select = sql_alloc(p, sizeof *select);
    if (!select)
        return NULL;
    select->position = sql_peek(p)->position;
    sql_advance(p);
    if (!parse_distinct(p, select) || !parse_select_items(p, select))
        return NULL;
    if (sql_accept_word(p, SQL_KW_FROM) && !(select->from = sql_parse_from(p)))
        return NULL;
    if (!parse_condition(p, SQL_KW_WHERE, &select->where) || !parse_group_by(p, select) ||
        !parse_condition(p, SQL_KW_HAVING, &select->having) ||
        !parse_condition(p, SQL_KW_QUALIFY, &select->qualify) || !parse_windows(p, select) ||
        !parse_condition(p, SQL_KW_QUALIFY, &select->qualify))
        return NULL;
    return select;
}

/* ---------------------------------------------------------------- bodies */

static struct weir_sql_body *body_new(struct sql_parser *p, enum weir_sql_body_kind kind,
                                      struct weir_position position)
{
    struct weir_sql_body *body = sql_alloc(p, sizeof *body);
    if (!body || !sql_deepen(p, &body->depth, position))
        return NULL;
    body->kind = kind;
    body->position = position;
    return body;
}

/* VALUES (…), (…) */
static struct weir_sql_body *parse_values(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_sql_exprs *rows = NULL;
    uint32_t count = 0;
    sql_advance(p);
    do {
        struct weir_sql_exprs row = {0};
        if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN) || !sql_parse_exprs(p, &row) ||
            !sql_expect(p, SQL_TOKEN_RIGHT_PAREN))
            return NULL;
        struct weir_sql_exprs *slot = sql_push(p, &rows, &count, sizeof *slot);
        if (!slot)
            return NULL;
        *slot = row;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    struct weir_sql_body *body = body_new(p, WEIR_SQL_BODY_VALUES, position);
    if (!body)
        return NULL;
    body->rows.items = rows;
    body->rows.count = count;
    return body;
}

/* A query in parentheses as an operand; one with nothing but a body is that body. */
static struct weir_sql_body *body_of_query(struct sql_parser *p, struct weir_sql_query *query)
{
    if (!query)
        return NULL;
    bool plain =
        query->ctes_count == 0 && query->order_by.count == 0 && !query->limit && !query->offset;
    if (plain)
        return query->body;
    struct weir_sql_body *body = body_new(p, WEIR_SQL_BODY_QUERY, query->position);
    if (body)
        body->query = query;
    return body;
}

static struct weir_sql_body *parse_table_body(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_sql_names table;
    sql_advance(p);
    if (!sql_parse_qualified(p, "a table", &table))
        return NULL;
    struct weir_sql_body *body = body_new(p, WEIR_SQL_BODY_TABLE, position);
    if (body)
        body->table = table;
    return body;
}

static struct weir_sql_body *parse_select_body(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_sql_select *select = parse_select(p);
    struct weir_sql_body *body = select ? body_new(p, WEIR_SQL_BODY_SELECT, position) : NULL;
    if (body)
        body->select = select;
    return body;
}

static struct weir_sql_body *parse_body_operand(struct sql_parser *p)
{
    if (sql_is(p, SQL_TOKEN_LEFT_PAREN)) {
        sql_advance(p);
        struct weir_sql_query *query = sql_parse_query(p, true);
        if (!query || !sql_expect(p, SQL_TOKEN_RIGHT_PAREN))
            return NULL;
        return body_of_query(p, query);
    }
    if (sql_is_word(p, SQL_KW_SELECT))
        return parse_select_body(p);
    if (sql_is_word(p, SQL_KW_VALUES) && sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN))
        return parse_values(p);
    if (sql_is_word(p, SQL_KW_TABLE) && sql_is_name_at(p, 1))
        return parse_table_body(p);
    return sql_fail_expected(p, "a query");
}

enum { SET_UNION_LEVEL = 1, SET_INTERSECT_LEVEL = 2 };

/* The level of the set operation here; 0 for none. */
static int set_level(struct sql_parser *p)
{
    if (sql_is_word(p, SQL_KW_INTERSECT))
        return SET_INTERSECT_LEVEL;
    return sql_is_word(p, SQL_KW_UNION) || sql_is_word(p, SQL_KW_EXCEPT) ? SET_UNION_LEVEL : 0;
}

static struct weir_sql_body *parse_body(struct sql_parser *p, int least);

/* Set operations of at least this level behind left. */
static struct weir_sql_body *parse_body_rest(struct sql_parser *p, struct weir_sql_body *left,
                                             int least)
{
    int level;
    while (left && !p->failed && (level = set_level(p)) != 0 && level >= least) {
        struct sql_token word = *sql_peek(p);
        sql_advance(p);
        bool all = sql_accept_word(p, SQL_KW_ALL);
        if (!all)
            (void)sql_accept_word(p, SQL_KW_DISTINCT);
        struct weir_sql_body *right = parse_body(p, level + 1);
        struct weir_sql_body *body = right ? body_new(p, WEIR_SQL_BODY_SET, word.position) : NULL;
        if (!body)
            return NULL;
        body->set.kind = word.keyword == SQL_KW_INTERSECT ? WEIR_SQL_INTERSECT
                         : word.keyword == SQL_KW_UNION   ? WEIR_SQL_UNION
                                                          : WEIR_SQL_EXCEPT;
        body->set.all = all;
        body->set.left = left;
        body->set.right = right;
        left = body;
    }
    return p->failed ? NULL : left;
}

static struct weir_sql_body *parse_body(struct sql_parser *p, int least)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t outside = sql_scope_begin(p);
    struct weir_sql_body *body = parse_body_rest(p, parse_body_operand(p), least);
    sql_scope_end(p, outside);
    sql_leave(p);
    return body;
}

/* ---------------------------------------------------------------- ORDER BY, LIMIT */

static bool fail_twice(struct sql_parser *p, const char *what)
{
    return sql_fail(p, WEIR_E_SYNTAX, sql_peek(p)->position, "%s is given twice", what) != NULL;
}

/* Behind FETCH: FIRST | NEXT [n] ROW | ROWS ONLY | WITH TIES. */
static bool parse_fetch(struct sql_parser *p, struct weir_sql_query *query)
{
    if (!sql_accept_word(p, SQL_KW_FIRST) && !sql_accept_word(p, SQL_KW_NEXT))
        return sql_fail_expected(p, "FIRST or NEXT") != NULL;
    if (sql_word_at(p, 0, SQL_KW_ROW) || sql_word_at(p, 0, SQL_KW_ROWS)) {
        query->limit = sql_expr_new(p, WEIR_SQL_EXPR_INTEGER, sql_peek(p)->position);
        if (query->limit)
            query->limit->text = weir_slice_from_string("1");
    } else {
        query->limit = sql_parse_expr(p);
    }
    if (!query->limit)
        return false;
    if (!sql_accept_word(p, SQL_KW_ROWS) && !sql_expect_word(p, SQL_KW_ROW))
        return false;
    query->with_ties = sql_accept_words(p, SQL_KW_WITH, SQL_KW_TIES);
    return query->with_ties || sql_expect_word(p, SQL_KW_ONLY);
}

static bool parse_offset(struct sql_parser *p, struct weir_sql_query *query)
{
    query->offset = sql_parse_expr(p);
    if (!query->offset)
        return false;
    if (!sql_accept_word(p, SQL_KW_ROWS))
        (void)sql_accept_word(p, SQL_KW_ROW);
    return !p->failed;
}

static bool parse_limit(struct sql_parser *p, struct weir_sql_query *query)
{
    bool all = sql_word_at(p, 0, SQL_KW_ALL);
    if (all) {
        sql_advance(p);
        return true;
    }
    query->limit = sql_parse_expr(p);
    return query->limit != NULL;
}

/* LIMIT, FETCH and OFFSET in any order, each once. */
static bool parse_limits(struct sql_parser *p, struct weir_sql_query *query)
{
    bool limited = false, offset = false;
    while (!p->failed) {
        bool fetch = sql_is_word(p, SQL_KW_FETCH);
        if (fetch || sql_is_word(p, SQL_KW_LIMIT)) {
            if (limited)
                return fail_twice(p, "LIMIT");
            limited = true;
            sql_advance(p);
            if (fetch ? !parse_fetch(p, query) : !parse_limit(p, query))
                return false;
        } else if (sql_is_word(p, SQL_KW_OFFSET)) {
            if (offset)
                return fail_twice(p, "OFFSET");
            offset = true;
            sql_advance(p);
            if (!parse_offset(p, query))
                return false;
        } else {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- the whole */

static bool parse_cte(struct sql_parser *p, struct weir_sql_query *query)
{
    struct weir_sql_cte cte = {0};
    if (!sql_parse_name(p, "a name", &cte.name))
        return false;
    if (sql_is(p, SQL_TOKEN_LEFT_PAREN) && !sql_parse_name_list(p, "a column", &cte.columns))
        return false;
    if (!sql_expect_word(p, SQL_KW_AS))
        return false;
    /* Postgres: AS [NOT] MATERIALIZED; a hint that changes no answer. */
    if (sql_word_at(p, 0, SQL_KW_NOT) && sql_word_at(p, 1, SQL_KW_MATERIALIZED))
        sql_advance(p);
    (void)sql_accept_word(p, SQL_KW_MATERIALIZED);
    if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN) || !(cte.query = sql_parse_query(p, true)) ||
        !sql_expect(p, SQL_TOKEN_RIGHT_PAREN))
        return false;
    struct weir_sql_cte *slot = sql_push(p, &query->ctes, &query->ctes_count, sizeof *slot);
    if (slot)
        *slot = cte;
    return slot != NULL;
}

static bool parse_with(struct sql_parser *p, struct weir_sql_query *query)
{
    if (!sql_is_word(p, SQL_KW_WITH) || !sql_is_name_at(p, 1))
        return !p->failed;
    sql_advance(p);
    if (sql_word_at(p, 0, SQL_KW_RECURSIVE) && sql_is_name_at(p, 1) &&
        !sql_word_at(p, 1, SQL_KW_AS)) {
        sql_advance(p);
        query->recursive = true;
    }
    do {
        if (!parse_cte(p, query))
            return false;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return !p->failed;
}

/* ORDER BY and LIMIT behind the body. */
static bool parse_query_tail(struct sql_parser *p, struct weir_sql_query *query)
{
    if (sql_accept_words(p, SQL_KW_ORDER, SQL_KW_BY) && !sql_parse_orders(p, &query->order_by))
        return false;
    return parse_limits(p, query) && sql_deepen(p, &query->depth, query->position);
}

/* A query that only wraps another one is that other one. */
static struct weir_sql_query *unwrap(struct weir_sql_query *query)
{
    bool plain = query->ctes_count == 0 && query->order_by.count == 0 && !query->limit &&
                 !query->offset && query->body->kind == WEIR_SQL_BODY_QUERY;
    return plain ? query->body->query : query;
}

struct weir_sql_query *sql_parse_query(struct sql_parser *p, bool nested)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t outside = sql_scope_begin(p);
    struct weir_sql_query *query = sql_alloc(p, sizeof *query);
    if (!query)
        return NULL;
    query->position = sql_peek(p)->position;
    if (!parse_with(p, query))
        return NULL;
    query->body = parse_body(p, SET_UNION_LEVEL);
    if (!query->body || !parse_query_tail(p, query))
        return NULL;
    if (nested && sql_emit_ahead(p))
        return sql_fail(p, WEIR_E_SYNTAX, sql_peek(p)->position,
                        "EMIT stands at the end of the statement, not in a subquery");
    sql_scope_end(p, outside);
    sql_leave(p);
    return unwrap(query);
}

bool sql_query_continues(struct sql_parser *p)
{
    return set_level(p) != 0 || sql_is_word(p, SQL_KW_LIMIT) || sql_is_word(p, SQL_KW_OFFSET) ||
           sql_is_word(p, SQL_KW_FETCH) ||
           (sql_is_word(p, SQL_KW_ORDER) && sql_word_at(p, 1, SQL_KW_BY));
}

struct weir_sql_query *sql_parse_query_rest(struct sql_parser *p, struct weir_sql_query *first)
{
    if (!sql_query_continues(p))
        return p->failed ? NULL : first;
    struct weir_sql_query *query = sql_alloc(p, sizeof *query);
    if (!query)
        return NULL;
    query->position = first->position;
    query->body = parse_body_rest(p, body_of_query(p, first), SET_UNION_LEVEL);
    if (!query->body || !parse_query_tail(p, query))
        return NULL;
    return query;
}

bool sql_parse_emit(struct sql_parser *p, struct weir_sql_query *query)
{
    struct weir_sql_emit *emit = &query->emit;
    emit->position = sql_peek(p)->position;
    if (!sql_accept_word(p, SQL_KW_EMIT))
        return !p->failed;
    if (sql_accept_word(p, SQL_KW_CHANGES)) {
        emit->kind = WEIR_SQL_EMIT_CHANGES;
        return true;
    }
    if (sql_accept_word(p, SQL_KW_ON)) {
        emit->kind = WEIR_SQL_EMIT_ON_WINDOW_CLOSE;
        return sql_expect_word(p, SQL_KW_WINDOW) && sql_expect_word(p, SQL_KW_CLOSE);
    }
    if (sql_accept_word(p, SQL_KW_AFTER)) {
        emit->kind = WEIR_SQL_EMIT_AFTER_LATENESS;
        return sql_expect_word(p, SQL_KW_LATENESS);
    }
    if (!sql_accept_word(p, SQL_KW_EVERY))
        return sql_fail_expected(p, "ON WINDOW CLOSE, CHANGES, EVERY or AFTER LATENESS") != NULL;
    emit->kind = WEIR_SQL_EMIT_EVERY;
    emit->interval = sql_parse_expr(p);
    return emit->interval != NULL;
}
