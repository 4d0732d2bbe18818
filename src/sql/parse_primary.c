/* What operators stand between: literals, names, parentheses, subqueries, constructors, CASE, and
 * what hangs on behind them ([1], .field, .*).
 *
 * Words decide by what follows them: `interval` is a name unless a string or a number with a unit
 * comes behind it, `array` unless a bracket does, and so on. Only the words that could not be told
 * from the next clause (FROM, WHERE, AND …; keywords.def) are never names.
 *
 * Parentheses are read once, without trying: (SELECT …) may turn out to be a scalar subquery, the
 * first operand of an expression or the first operand of a UNION only behind its closing
 * parenthesis, so sql_parse_parenthesised returns either a query or an expression. */
#include "sql/parser_internal.h"
#include "sql/sql.h"

/* ---------------------------------------------------------------- literals */

static struct weir_sql_expr *parse_text_literal(struct sql_parser *p)
{
    struct sql_token token = *sql_peek(p);
    enum weir_sql_expr_kind kind = WEIR_SQL_EXPR_STRING;
    struct weir_slice text;
    bool done;
    switch (token.kind) {
    case SQL_TOKEN_STRING:
        done = sql_parse_string(p, &text);
        break;
    case SQL_TOKEN_BITS:
    case SQL_TOKEN_HEX:
        kind = token.kind == SQL_TOKEN_BITS ? WEIR_SQL_EXPR_BITS : WEIR_SQL_EXPR_HEX;
        done = sql_token_digits(p, &token, &text);
        sql_advance(p);
        break;
    default:
        kind = token.kind == SQL_TOKEN_INTEGER   ? WEIR_SQL_EXPR_INTEGER
               : token.kind == SQL_TOKEN_DECIMAL ? WEIR_SQL_EXPR_DECIMAL
                                                 : WEIR_SQL_EXPR_FLOAT;
        done = sql_token_number(p, &token, &text);
        sql_advance(p);
        break;
    }
    struct weir_sql_expr *expr = done ? sql_expr_new(p, kind, token.position) : NULL;
    if (expr)
        expr->text = text;
    return expr;
}

static struct weir_sql_expr *parse_parameter(struct sql_parser *p)
{
    struct sql_token token = *sql_peek(p);
    struct weir_slice digits = sql_token_text(p, &token);
    uint32_t value = 0;
    for (size_t i = 1; i < digits.size && value <= UINT16_MAX; i++)
        value = value * 10 + (uint32_t)(digits.data[i] - '0');
    if (value == 0 || value > UINT16_MAX)
        return sql_fail(p, WEIR_E_SYNTAX, token.position, "parameters go from $1 to $65535");
    sql_advance(p);
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_PARAMETER, token.position);
    if (expr)
        expr->parameter = value;
    return expr;
}

static struct weir_sql_expr *typed_new(struct sql_parser *p, struct weir_sql_type *type,
                                       struct weir_slice text, struct weir_position position)
{
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_TYPED, position);
    if (!expr)
        return NULL;
    expr->typed.type = type;
    expr->typed.text = text;
    return expr;
}

/* DATE '…', TIMESTAMP(3) WITH TIME ZONE '…'. */
static struct weir_sql_expr *parse_typed_literal(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_slice text;
    struct weir_sql_type *type = sql_parse_type(p);
    if (!type || !sql_expect_string(p, "a literal", &text))
        return NULL;
    return typed_new(p, type, text, position);
}

/* INTERVAL 5 MINUTE, INTERVAL -1.5 SECOND: the number's tokens; 0 when it is none. */
static unsigned interval_number_ahead(struct sql_parser *p)
{
    bool sign = sql_is_at(p, 1, SQL_TOKEN_OPERATOR) &&
                (p->tokens[1].op == WEIR_SQL_OP_SUBTRACT || p->tokens[1].op == WEIR_SQL_OP_ADD);
    unsigned number = sign ? 2 : 1;
    if (!sql_is_at(p, number, SQL_TOKEN_INTEGER) && !sql_is_at(p, number, SQL_TOKEN_DECIMAL))
        return 0;
    return sql_unit_at(p, number + 1) != WEIR_SQL_UNIT_NONE ? number : 0;
}

static bool interval_ahead(struct sql_parser *p)
{
    if (sql_is_at(p, 1, SQL_TOKEN_STRING) || interval_number_ahead(p))
        return true;
    return sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN) && sql_is_at(p, 2, SQL_TOKEN_INTEGER) &&
           sql_is_at(p, 3, SQL_TOKEN_RIGHT_PAREN) && sql_is_at(p, 4, SQL_TOKEN_STRING);
}

static bool parse_interval_number(struct sql_parser *p, unsigned number, struct weir_slice *text)
{
    bool negative = number == 2 && sql_peek(p)->op == WEIR_SQL_OP_SUBTRACT;
    if (number == 2)
        sql_advance(p);
    struct sql_token token = *sql_peek(p);
    sql_advance(p);
    if (!sql_token_number(p, &token, text))
        return false;
    if (!negative)
        return true;
    text->data = weir_arena_printf(p->arena, "-%.*s", WEIR_SLICE_ARGS(*text));
    text->size++;
    return text->data || sql_fail_memory(p);
}

static struct weir_sql_expr *parse_interval(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    unsigned number = interval_number_ahead(p);
    struct weir_slice text;
    struct weir_sql_type *type = sql_alloc(p, sizeof *type);
    if (!type)
        return NULL;
    *type = (struct weir_sql_type){.kind = WEIR_SQL_TYPE_INTERVAL,
                                   .depth = 1,
                                   .position = position,
                                   .precision = -1,
                                   .scale = -1};
    sql_advance(p);
    if (sql_accept(p, SQL_TOKEN_LEFT_PAREN) &&
        (!sql_parse_count(p, &type->precision) || !sql_expect(p, SQL_TOKEN_RIGHT_PAREN)))
        return NULL;
    bool done = number ? parse_interval_number(p, number, &text) : sql_parse_string(p, &text);
    if (!done || !sql_parse_interval_units(p, type))
        return NULL;
    return typed_new(p, type, text, position);
}

/* ---------------------------------------------------------------- parentheses */

static struct weir_sql_expr *query_expr_new(struct sql_parser *p, enum weir_sql_expr_kind kind,
                                            struct weir_sql_query *query,
                                            struct weir_position position)
{
    struct weir_sql_expr *expr = query ? sql_expr_new(p, kind, position) : NULL;
    if (expr)
        expr->query = query;
    return expr;
}

static struct weir_sql_expr *list_expr_new(struct sql_parser *p, enum weir_sql_expr_kind kind,
                                           const struct weir_sql_exprs *list,
                                           struct weir_position position)
{
    struct weir_sql_expr *expr = sql_expr_new(p, kind, position);
    if (expr)
        expr->list = *list;
    return expr;
}

/* first [, …] )  where first has been read already. */
static bool finish_expr(struct sql_parser *p, struct weir_sql_expr *first,
                        struct weir_position position, struct sql_parenthesised *out)
{
    out->expr = first;
    if (first && first->kind == WEIR_SQL_EXPR_STAR)
        return sql_fail(p, WEIR_E_SYNTAX, first->position,
                        "a star stands only in a select list or a call") != NULL;
    if (!first)
        return false;
    if (sql_is(p, SQL_TOKEN_COMMA)) {
        struct weir_sql_exprs list = {0};
        if (!sql_push_expr(p, &list, first))
            return false;
        sql_advance(p);
        if (!sql_parse_exprs(p, &list))
            return false;
        out->is_list = true;
        out->expr = list_expr_new(p, WEIR_SQL_EXPR_ROW, &list, position);
    }
    return out->expr && sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

/* Behind ( where further parentheses lead to a query. */
static bool parse_nested(struct sql_parser *p, struct weir_position position,
                         struct sql_parenthesised *out)
{
    struct sql_parenthesised inner;
    if (!sql_enter(p))
        return false;
    bool done = sql_parse_parenthesised(p, &inner);
    sql_leave(p);
    if (!done)
        return false;
    if (inner.query && (sql_is(p, SQL_TOKEN_RIGHT_PAREN) || sql_query_continues(p))) {
        out->query = sql_parse_query_rest(p, inner.query);
        return out->query && sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
    }
    struct weir_sql_expr *first =
        inner.query ? query_expr_new(p, WEIR_SQL_EXPR_QUERY, inner.query, position) : inner.expr;
    first = sql_parse_infix(p, sql_parse_postfix(p, first), WEIR_SQL_PRECEDENCE_NONE);
    return finish_expr(p, first, position, out);
}

bool sql_parse_parenthesised(struct sql_parser *p, struct sql_parenthesised *out)
{
    *out = (struct sql_parenthesised){0};
    if (p->failed)
        return false;
    bool query = sql_query_ahead(p);
    struct weir_position position = sql_peek(p)->position;
    if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN))
        return false;
    if (!query)
        return finish_expr(p, sql_parse_expr(p), position, out);
    if (sql_is(p, SQL_TOKEN_LEFT_PAREN))
        return parse_nested(p, position, out);
    out->query = sql_parse_query(p, true);
    return out->query && sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

static struct weir_sql_expr *parse_parentheses(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct sql_parenthesised inside;
    if (!sql_parse_parenthesised(p, &inside))
        return NULL;
    if (inside.query)
        return query_expr_new(p, WEIR_SQL_EXPR_QUERY, inside.query, position);
    return inside.expr;
}

/* ---------------------------------------------------------------- constructors */

/* (SELECT …) behind EXISTS and ARRAY. */
static struct weir_sql_expr *parse_query_operand(struct sql_parser *p, enum weir_sql_expr_kind kind)
{
    struct weir_position position = sql_peek(p)->position;
    struct sql_parenthesised inside;
    sql_advance(p);
    struct weir_position start = sql_peek(p)->position;
    if (!sql_parse_parenthesised(p, &inside))
        return NULL;
    if (!inside.query)
        return sql_fail(p, WEIR_E_SYNTAX, start, "expected a query, found an expression");
    return query_expr_new(p, kind, inside.query, position);
}

static struct weir_sql_expr *parse_row(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_sql_exprs list = {0};
    sql_advance(p);
    sql_advance(p);
    if (!sql_is(p, SQL_TOKEN_RIGHT_PAREN) && !sql_parse_exprs(p, &list))
        return NULL;
    if (!sql_expect(p, SQL_TOKEN_RIGHT_PAREN))
        return NULL;
    return list_expr_new(p, WEIR_SQL_EXPR_ROW, &list, position);
}

/* [a, [b, c]], behind ARRAY or by itself. */
static struct weir_sql_expr *parse_array_items(struct sql_parser *p, struct weir_position position)
{
    struct weir_sql_exprs list = {0};
    if (!sql_enter(p) || !sql_expect(p, SQL_TOKEN_LEFT_BRACKET))
        return NULL;
    uint32_t outside = sql_scope_begin(p);
    if (!sql_is(p, SQL_TOKEN_RIGHT_BRACKET)) {
        do {
            if (!sql_push_expr(p, &list, sql_parse_expr(p)))
                return NULL;
        } while (sql_accept(p, SQL_TOKEN_COMMA));
    }
    if (!sql_expect(p, SQL_TOKEN_RIGHT_BRACKET))
        return NULL;
    struct weir_sql_expr *expr = list_expr_new(p, WEIR_SQL_EXPR_ARRAY, &list, position);
    sql_scope_end(p, outside);
    sql_leave(p);
    return expr;
}

static struct weir_sql_expr *struct_new(struct sql_parser *p, struct weir_sql_argument *items,
                                        uint32_t count, struct weir_position position)
{
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_STRUCT, position);
    if (!expr)
        return NULL;
    expr->fields.items = items;
    expr->fields.count = count;
    return expr;
}

/* STRUCT(a, b AS x) */
static struct weir_sql_expr *parse_struct(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_sql_argument *items = NULL;
    uint32_t count = 0;
    sql_advance(p);
    sql_advance(p);
    if (!sql_is(p, SQL_TOKEN_RIGHT_PAREN)) {
        do {
            struct weir_sql_argument *item = sql_push(p, &items, &count, sizeof *items);
            uint32_t index = count - 1;
            struct weir_sql_expr *value = item ? sql_parse_expr(p) : NULL;
            if (!value)
                return NULL;
            items[index].value = value;
            if (sql_accept_word(p, SQL_KW_AS) &&
                !sql_parse_name(p, "a field name", &items[index].name))
                return NULL;
        } while (sql_accept(p, SQL_TOKEN_COMMA));
    }
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN) ? struct_new(p, items, count, position) : NULL;
}

static bool parse_field_key(struct sql_parser *p, struct weir_sql_name *name)
{
    if (!sql_is(p, SQL_TOKEN_STRING))
        return sql_parse_name(p, "a field name", name);
    struct sql_token token = *sql_peek(p);
    name->position = token.position;
    name->quoted = true;
    if (!sql_parse_string(p, &name->text))
        return false;
    if (name->text.size == 0 || name->text.size > WEIR_SQL_NAME_MAX)
        return sql_fail(p, name->text.size ? WEIR_E_LIMIT : WEIR_E_SYNTAX, token.position,
                        "a field name has from 1 to %d bytes", WEIR_SQL_NAME_MAX) != NULL;
    return true;
}

/* {'x': a, y: b} */
static struct weir_sql_expr *parse_struct_braces(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_sql_argument *items = NULL;
    uint32_t count = 0;
    sql_advance(p);
    if (!sql_is(p, SQL_TOKEN_RIGHT_BRACE)) {
        do {
            struct weir_sql_argument *item = sql_push(p, &items, &count, sizeof *items);
            uint32_t index = count - 1;
            if (!item || !parse_field_key(p, &item->name) || !sql_expect(p, SQL_TOKEN_COLON))
                return NULL;
            struct weir_sql_expr *value = sql_parse_expr(p);
            if (!value)
                return NULL;
            items[index].value = value;
        } while (sql_accept(p, SQL_TOKEN_COMMA));
    }
    return sql_expect(p, SQL_TOKEN_RIGHT_BRACE) ? struct_new(p, items, count, position) : NULL;
}

static struct weir_sql_expr *map_new(struct sql_parser *p, const struct weir_sql_exprs *keys,
                                     const struct weir_sql_exprs *values,
                                     struct weir_position position)
{
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_MAP, position);
    if (!expr)
        return NULL;
    expr->map.keys = *keys;
    expr->map.values = *values;
    return expr;
}

/* Behind MAP {: key: value, … } */
static struct weir_sql_expr *parse_map_braces(struct sql_parser *p, struct weir_position position)
{
    struct weir_sql_exprs keys = {0}, values = {0};
    if (!sql_is(p, SQL_TOKEN_RIGHT_BRACE)) {
        do {
            if (!sql_push_expr(p, &keys, sql_parse_expr(p)) || !sql_expect(p, SQL_TOKEN_COLON) ||
                !sql_push_expr(p, &values, sql_parse_expr(p)))
                return NULL;
        } while (sql_accept(p, SQL_TOKEN_COMMA));
    }
    return sql_expect(p, SQL_TOKEN_RIGHT_BRACE) ? map_new(p, &keys, &values, position) : NULL;
}

/* ---------------------------------------------------------------- names */

static struct weir_sql_expr *name_expr_new(struct sql_parser *p, const struct sql_token *token)
{
    struct weir_sql_names names = {0};
    struct weir_sql_name *name = sql_push(p, &names.items, &names.count, sizeof names.items[0]);
    struct weir_sql_expr *expr = name && sql_token_name(p, token, name)
                                     ? sql_expr_new(p, WEIR_SQL_EXPR_NAME, token->position)
                                     : NULL;
    if (expr)
        expr->name = names;
    return expr;
}

/* [low:high] or [index] behind operand; the opening bracket has been read, and index if given. */
static struct weir_sql_expr *finish_subscript(struct sql_parser *p, struct weir_sql_expr *operand,
                                              struct weir_sql_expr *low,
                                              struct weir_position position)
{
    struct weir_sql_expr *high = NULL;
    bool slice = sql_accept(p, SQL_TOKEN_COLON);
    if (slice && !sql_is(p, SQL_TOKEN_RIGHT_BRACKET)) {
        high = sql_parse_expr(p);
        if (!high)
            return NULL;
    }
    if (!sql_expect(p, SQL_TOKEN_RIGHT_BRACKET))
        return NULL;
    struct weir_sql_expr *expr =
        sql_expr_new(p, slice ? WEIR_SQL_EXPR_SLICE : WEIR_SQL_EXPR_SUBSCRIPT, position);
    if (!expr)
        return NULL;
    if (slice) {
        expr->slice.operand = operand;
        expr->slice.low = low;
        expr->slice.high = high;
    } else {
        expr->subscript.operand = operand;
        expr->subscript.index = low;
    }
    return expr;
}

static struct weir_sql_expr *parse_subscript(struct sql_parser *p, struct weir_sql_expr *operand)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_sql_expr *low = NULL;
    sql_advance(p);
    if (!sql_is(p, SQL_TOKEN_COLON)) {
        low = sql_parse_expr(p);
        if (!low)
            return NULL;
    }
    return finish_subscript(p, operand, low, position);
}

/* MAP[k, v, …]; or the column map with a subscript, which has one item or a colon. */
static struct weir_sql_expr *parse_map_brackets(struct sql_parser *p, const struct sql_token *word)
{
    struct weir_sql_exprs keys = {0}, values = {0};
    struct weir_position bracket = sql_peek(p)->position;
    sql_advance(p);
    if (sql_accept(p, SQL_TOKEN_RIGHT_BRACKET))
        return map_new(p, &keys, &values, word->position);
    struct weir_sql_expr *first = NULL;
    if (!sql_is(p, SQL_TOKEN_COLON)) {
        first = sql_parse_expr(p);
        if (!first)
            return NULL;
    }
    if (!sql_is(p, SQL_TOKEN_COMMA)) {
        struct weir_sql_expr *name = name_expr_new(p, word);
        return name ? sql_parse_postfix(p, finish_subscript(p, name, first, bracket)) : NULL;
    }
    if (!sql_push_expr(p, &keys, first))
        return NULL;
    while (sql_accept(p, SQL_TOKEN_COMMA)) {
        struct weir_sql_exprs *list = keys.count > values.count ? &values : &keys;
        if (!sql_push_expr(p, list, sql_parse_expr(p)))
            return NULL;
    }
    if (keys.count != values.count)
        return sql_fail(p, WEIR_E_SYNTAX, word->position, "MAP[…] needs a value for every key");
    return sql_expect(p, SQL_TOKEN_RIGHT_BRACKET) ? map_new(p, &keys, &values, word->position)
                                                  : NULL;
}

static struct weir_sql_expr *parse_map(struct sql_parser *p)
{
    struct sql_token word = *sql_peek(p);
    sql_advance(p);
    if (sql_is(p, SQL_TOKEN_LEFT_BRACKET))
        return parse_map_brackets(p, &word);
    sql_advance(p);
    return parse_map_braces(p, word.position);
}

static struct weir_sql_expr *star_new(struct sql_parser *p, const struct weir_sql_names *qualifier,
                                      struct weir_sql_expr *operand, struct weir_position position)
{
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_STAR, position);
    if (!expr)
        return NULL;
    if (qualifier)
        expr->star.qualifier = *qualifier;
    expr->star.operand = operand;
    return expr;
}

/* .name behind an expression that is no plain name. */
static struct weir_sql_expr *parse_field(struct sql_parser *p, struct weir_sql_expr *operand)
{
    struct weir_position position = sql_peek_at(p, 1)->position;
    sql_advance(p);
    if (sql_is_op(p, WEIR_SQL_OP_MULTIPLY)) {
        sql_advance(p);
        return star_new(p, NULL, operand, position);
    }
    struct weir_sql_name name;
    if (!sql_parse_name(p, "a field name", &name))
        return NULL;
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_FIELD, position);
    if (!expr)
        return NULL;
    expr->field.operand = operand;
    expr->field.name = name;
    return expr;
}

struct weir_sql_expr *sql_parse_postfix(struct sql_parser *p, struct weir_sql_expr *expr)
{
    while (expr && expr->kind != WEIR_SQL_EXPR_STAR && !p->failed) {
        if (sql_is(p, SQL_TOKEN_LEFT_BRACKET))
            expr = parse_subscript(p, expr);
        else if (sql_is(p, SQL_TOKEN_DOT))
            expr = parse_field(p, expr);
        else
            break;
    }
    return p->failed ? NULL : expr;
}

/* a, a.b.c, a.b.*, a.b(…). */
static struct weir_sql_expr *parse_name_or_call(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_sql_names names = {0};
    do {
        if (names.count > 0 && sql_is_op(p, WEIR_SQL_OP_MULTIPLY)) {
            sql_advance(p);
            return star_new(p, &names, NULL, position);
        }
        struct weir_sql_name *name = sql_push(p, &names.items, &names.count, sizeof names.items[0]);
        if (!name || !sql_parse_name(p, "a name", name))
            return NULL;
    } while (sql_accept(p, SQL_TOKEN_DOT));
    const struct weir_sql_name *last = &names.items[names.count - 1];
    if (names.count > 1 && last->position.line == position.line)
        position.length = last->position.column + last->position.length - position.column;
    if (sql_is(p, SQL_TOKEN_LEFT_PAREN)) {
        struct weir_sql_call *call = sql_parse_call(p, &names);
        struct weir_sql_expr *expr = call ? sql_expr_new(p, WEIR_SQL_EXPR_CALL, position) : NULL;
        if (expr)
            expr->call = call;
        return expr;
    }
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_NAME, position);
    if (expr)
        expr->name = names;
    return expr;
}

/* ---------------------------------------------------------------- CASE and CAST */

static struct weir_sql_expr *parse_case(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    struct weir_sql_expr *operand = NULL, *otherwise = NULL;
    struct weir_sql_when *whens = NULL;
    uint32_t count = 0;
    sql_advance(p);
    if (!sql_is_word(p, SQL_KW_WHEN)) {
        operand = sql_parse_expr(p);
        if (!operand || !sql_is_word(p, SQL_KW_WHEN))
            return sql_fail_expected(p, "\"WHEN\"");
    }
    while (sql_accept_word(p, SQL_KW_WHEN)) {
        struct weir_sql_when *when = sql_push(p, &whens, &count, sizeof *whens);
        if (!when)
            return NULL;
        struct weir_sql_expr *condition = sql_parse_expr(p);
        if (!condition || !sql_expect_word(p, SQL_KW_THEN))
            return NULL;
        struct weir_sql_expr *result = sql_parse_expr(p);
        if (!result)
            return NULL;
        whens[count - 1] = (struct weir_sql_when){condition, result};
    }
    if (sql_accept_word(p, SQL_KW_ELSE)) {
        otherwise = sql_parse_expr(p);
        if (!otherwise)
            return NULL;
    }
    if (!sql_expect_word(p, SQL_KW_END))
        return NULL;
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_CASE, position);
    if (!expr)
        return NULL;
    expr->cases.operand = operand;
    expr->cases.whens = whens;
    expr->cases.whens_count = count;
    expr->cases.otherwise = otherwise;
    return expr;
}

/* CAST(x AS t), TRY_CAST(x AS t) */
static struct weir_sql_expr *parse_cast(struct sql_parser *p)
{
    struct weir_position position = sql_peek(p)->position;
    bool try_cast = sql_word_at(p, 0, SQL_KW_TRY_CAST);
    sql_advance(p);
    sql_advance(p);
    struct weir_sql_expr *operand = sql_parse_expr(p);
    if (!operand || !sql_expect_word(p, SQL_KW_AS))
        return NULL;
    struct weir_sql_type *type = sql_parse_type(p);
    if (!type || !sql_expect(p, SQL_TOKEN_RIGHT_PAREN))
        return NULL;
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_CAST, position);
    if (!expr)
        return NULL;
    expr->cast.operand = operand;
    expr->cast.type = type;
    expr->cast.try_cast = try_cast;
    return expr;
}

/* ---------------------------------------------------------------- words */

static struct weir_sql_expr *parse_constant(struct sql_parser *p)
{
    struct sql_token token = *sql_peek(p);
    sql_advance(p);
    struct weir_sql_expr *expr =
        sql_expr_new(p, token.keyword == SQL_KW_NULL ? WEIR_SQL_EXPR_NULL : WEIR_SQL_EXPR_BOOLEAN,
                     token.position);
    if (expr && expr->kind == WEIR_SQL_EXPR_BOOLEAN)
        expr->boolean = token.keyword == SQL_KW_TRUE;
    return expr;
}

/* CASE alone, as in SELECT case FROM t, is a name. */
static bool case_is_name(struct sql_parser *p)
{
    switch (sql_peek_at(p, 1)->kind) {
    case SQL_TOKEN_COMMA:
    case SQL_TOKEN_RIGHT_PAREN:
    case SQL_TOKEN_SEMICOLON:
    case SQL_TOKEN_DOT:
    case SQL_TOKEN_CAST:
    case SQL_TOKEN_END:
        return true;
    case SQL_TOKEN_OPERATOR:
        return p->tokens[1].op == WEIR_SQL_OP_EQUAL;
    default:
        return sql_word_at(p, 1, SQL_KW_FROM) || sql_word_at(p, 1, SQL_KW_AS);
    }
}

/* EXISTS (query), ARRAY (query); a plain call when something else stands in the parentheses. */
static struct weir_sql_expr *parse_word_of_query(struct sql_parser *p, enum weir_sql_expr_kind kind)
{
    return sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN) && sql_query_ahead_at(p, 1)
               ? parse_query_operand(p, kind)
               : parse_name_or_call(p);
}

static struct weir_sql_expr *parse_word(struct sql_parser *p)
{
    bool call = sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN);
    bool bracket = sql_is_at(p, 1, SQL_TOKEN_LEFT_BRACKET);
    struct sql_token token = *sql_peek(p);
    switch (token.keyword) {
    case SQL_KW_NULL:
    case SQL_KW_TRUE:
    case SQL_KW_FALSE:
        return parse_constant(p);
    case SQL_KW_CASE:
        return case_is_name(p) ? parse_name_or_call(p) : parse_case(p);
    case SQL_KW_CAST:
    case SQL_KW_TRY_CAST:
        return call ? parse_cast(p) : parse_name_or_call(p);
    case SQL_KW_INTERVAL:
        return interval_ahead(p) ? parse_interval(p) : parse_name_or_call(p);
    case SQL_KW_ROW:
        return call ? parse_row(p) : parse_name_or_call(p);
    case SQL_KW_STRUCT:
        return call ? parse_struct(p) : parse_name_or_call(p);
    case SQL_KW_MAP:
        return bracket || sql_is_at(p, 1, SQL_TOKEN_LEFT_BRACE) ? parse_map(p)
                                                                : parse_name_or_call(p);
    case SQL_KW_EXISTS:
        return parse_word_of_query(p, WEIR_SQL_EXPR_EXISTS);
    case SQL_KW_ARRAY:
        if (!bracket)
            return parse_word_of_query(p, WEIR_SQL_EXPR_ARRAY_QUERY);
        sql_advance(p);
        return parse_array_items(p, token.position);
    default:
        break;
    }
    if (sql_typed_literal_ahead(p))
        return parse_typed_literal(p);
    if (sql_special_call_ahead(p))
        return sql_parse_special_call(p);
    return parse_name_or_call(p);
}

static struct weir_sql_expr *parse_primary_head(struct sql_parser *p)
{
    switch (sql_peek(p)->kind) {
    case SQL_TOKEN_STRING:
    case SQL_TOKEN_BITS:
    case SQL_TOKEN_HEX:
    case SQL_TOKEN_INTEGER:
    case SQL_TOKEN_DECIMAL:
    case SQL_TOKEN_FLOAT:
        return parse_text_literal(p);
    case SQL_TOKEN_PARAMETER:
        return parse_parameter(p);
    case SQL_TOKEN_LEFT_PAREN:
        return parse_parentheses(p);
    case SQL_TOKEN_LEFT_BRACKET:
        return parse_array_items(p, sql_peek(p)->position);
    case SQL_TOKEN_LEFT_BRACE:
        return parse_struct_braces(p);
    case SQL_TOKEN_QUOTED:
        return parse_name_or_call(p);
    case SQL_TOKEN_WORD:
        return sql_is_reserved(p) ? sql_fail_expected(p, "an expression") : parse_word(p);
    case SQL_TOKEN_OPERATOR:
        if (sql_is_op(p, WEIR_SQL_OP_MULTIPLY)) {
            struct weir_position position = sql_peek(p)->position;
            sql_advance(p);
            return star_new(p, NULL, NULL, position);
        }
        return sql_fail_expected(p, "an expression");
    default:
        return sql_fail_expected(p, "an expression");
    }
}

struct weir_sql_expr *sql_parse_primary(struct sql_parser *p)
{
    struct weir_sql_expr *expr = parse_primary_head(p);
    return sql_parse_postfix(p, expr);
}
