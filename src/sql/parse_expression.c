/* Expressions: operators by precedence (Pratt), in the order of Postgres.
 *
 * sql_parse_infix has an expression on its left and takes operators as long as they bind at least
 * as strongly as asked. An operator reads its right side with what binds more strongly than
 * itself, so that equals group to the left; comparisons refuse to chain. A prefix operator that
 * binds loosely (NOT, ~) takes in all that binds more strongly than it wherever it stands:
 * a * ~ b + c is a * (~ (b + c)), as in Postgres.
 *
 *   a + b * c IS NULL AND NOT d = e
 *   ((a + (b * c)) IS NULL) AND (NOT (d = e)) */
#include "sql/parser_internal.h"
#include "sql/sql.h"

struct operator_info {
    const char *spelling;
    enum weir_sql_precedence precedence;
    bool unary;
};
static const struct operator_info operators[WEIR_SQL_OPERATORS_COUNT] = {
#define WEIR_SQL_OPERATOR(symbol, spelling, precedence, unary) \
    {spelling, WEIR_SQL_PRECEDENCE_##precedence, unary},
#include "sql/operators.def"
#undef WEIR_SQL_OPERATOR
};

const char *weir_sql_operator_spelling(enum weir_sql_operator op)
{
    return operators[op].spelling;
}

enum weir_sql_precedence weir_sql_operator_precedence(enum weir_sql_operator op)
{
    return operators[op].precedence;
}

/* ---------------------------------------------------------------- nodes and lists */

struct weir_sql_expr *sql_expr_new(struct sql_parser *p, enum weir_sql_expr_kind kind,
                                   struct weir_position position)
{
    struct weir_sql_expr *expr = sql_alloc(p, sizeof *expr);
    if (!expr || !sql_deepen(p, &expr->depth, position))
        return NULL;
    expr->kind = kind;
    expr->position = position;
    return expr;
}

bool sql_push_expr(struct sql_parser *p, struct weir_sql_exprs *list, struct weir_sql_expr *expr)
{
    if (!expr)
        return false;
    struct weir_sql_expr **slot = sql_push(p, &list->items, &list->count, sizeof list->items[0]);
    if (slot)
        *slot = expr;
    return slot != NULL;
}

bool sql_parse_exprs(struct sql_parser *p, struct weir_sql_exprs *list)
{
    do {
        if (!sql_push_expr(p, list, sql_parse_expr(p)))
            return false;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return !p->failed;
}

/* ---------------------------------------------------------------- prefix operators */

/* The prefix operator that a token is; WEIR_SQL_OPERATORS_COUNT for none. */
static enum weir_sql_operator prefix_operator(const struct sql_token *token)
{
    if (token->kind == SQL_TOKEN_WORD && token->keyword == SQL_KW_NOT)
        return WEIR_SQL_OP_NOT;
    if (token->kind != SQL_TOKEN_OPERATOR)
        return WEIR_SQL_OPERATORS_COUNT;
    switch (token->op) {
    case WEIR_SQL_OP_ADD:
        return WEIR_SQL_OP_PLUS;
    case WEIR_SQL_OP_SUBTRACT:
        return WEIR_SQL_OP_MINUS;
    case WEIR_SQL_OP_REGEX:
        return WEIR_SQL_OP_BIT_NOT;
    default:
        return operators[token->op].unary ? token->op : WEIR_SQL_OPERATORS_COUNT;
    }
}

static enum weir_sql_precedence operand_precedence(enum weir_sql_operator op)
{
    return operators[op].precedence == WEIR_SQL_PRECEDENCE_OTHER ? WEIR_SQL_PRECEDENCE_ADDITIVE
                                                                 : operators[op].precedence;
}

static struct weir_sql_expr *parse_prefix(struct sql_parser *p)
{
    const struct sql_token *token = sql_peek(p);
    enum weir_sql_operator op = prefix_operator(token);
    if (op == WEIR_SQL_OPERATORS_COUNT)
        return sql_parse_primary(p);
    struct weir_position position = token->position;
    sql_advance(p);
    struct weir_sql_expr *operand = sql_parse_operand(p, operand_precedence(op));
    struct weir_sql_expr *expr = operand ? sql_expr_new(p, WEIR_SQL_EXPR_UNARY, position) : NULL;
    if (!expr)
        return NULL;
    expr->unary.op = op;
    expr->unary.operand = operand;
    return expr;
}

/* ---------------------------------------------------------------- operators with words */

/* The operator word here and how it binds; `negated` when NOT stands before it. */
struct infix {
    enum sql_keyword keyword;
    enum weir_sql_precedence precedence;
    bool negated;
};

static struct infix infix_word(struct sql_parser *p)
{
    static const struct {
        enum sql_keyword keyword;
        enum weir_sql_precedence precedence;
    } words[] = {{SQL_KW_AND, WEIR_SQL_PRECEDENCE_AND},
                 {SQL_KW_OR, WEIR_SQL_PRECEDENCE_OR},
                 {SQL_KW_IS, WEIR_SQL_PRECEDENCE_IS},
                 {SQL_KW_ISNULL, WEIR_SQL_PRECEDENCE_IS},
                 {SQL_KW_NOTNULL, WEIR_SQL_PRECEDENCE_IS},
                 {SQL_KW_IN, WEIR_SQL_PRECEDENCE_BETWEEN},
                 {SQL_KW_LIKE, WEIR_SQL_PRECEDENCE_BETWEEN},
                 {SQL_KW_ILIKE, WEIR_SQL_PRECEDENCE_BETWEEN},
                 {SQL_KW_BETWEEN, WEIR_SQL_PRECEDENCE_BETWEEN},
                 {SQL_KW_AT, WEIR_SQL_PRECEDENCE_AT},
                 {SQL_KW_SIMILAR, WEIR_SQL_PRECEDENCE_BETWEEN},
                 {SQL_KW_COLLATE, WEIR_SQL_PRECEDENCE_COLLATE},
                 {SQL_KW_OVERLAPS, WEIR_SQL_PRECEDENCE_OVERLAPS}};
    struct infix none = {SQL_KW_NONE, WEIR_SQL_PRECEDENCE_NONE, false};
    bool negated = sql_word_at(p, 0, SQL_KW_NOT);
    if (!sql_is_at(p, negated, SQL_TOKEN_WORD))
        return none;
    for (size_t i = 0; i < WEIR_COUNT_OF(words); i++) {
        enum sql_keyword keyword = words[i].keyword;
        if (negated && (words[i].precedence != WEIR_SQL_PRECEDENCE_BETWEEN))
            continue;
        if (!(negated ? sql_word_at(p, 1, keyword) : sql_is_word(p, keyword)))
            continue;
        if (keyword == SQL_KW_AT && !sql_word_at(p, 1, SQL_KW_TIME) &&
            !sql_word_at(p, 1, SQL_KW_LOCAL))
            return none;
        if (keyword == SQL_KW_SIMILAR && !sql_word_at(p, negated + 1U, SQL_KW_TO))
            return none;
        return (struct infix){keyword, words[i].precedence, negated};
    }
    return none;
}

/* a AND b AND c is one node with three items; `chain` is the one this level is building. */
static struct weir_sql_expr *parse_logic(struct sql_parser *p, struct weir_sql_expr *left,
                                         struct weir_sql_expr **chain, enum sql_keyword keyword)
{
    enum weir_sql_expr_kind kind = keyword == SQL_KW_AND ? WEIR_SQL_EXPR_AND : WEIR_SQL_EXPR_OR;
    struct weir_position position = sql_peek(p)->position;
    sql_advance(p);
    struct weir_sql_expr *right = sql_parse_operand(
        p, keyword == SQL_KW_AND ? WEIR_SQL_PRECEDENCE_NOT : WEIR_SQL_PRECEDENCE_AND);
    if (!right)
        return NULL;
    if (left == *chain && left->kind == kind) {
        if (left->depth <= right->depth)
            left->depth = right->depth + 1;
        if (p->deepest < left->depth)
            p->deepest = left->depth;
        if (left->depth > WEIR_SQL_DEPTH_MAX)
            return sql_fail(p, WEIR_E_LIMIT, position, "this is nested deeper than %d levels",
                            WEIR_SQL_DEPTH_MAX);
        return sql_push_expr(p, &left->list, right) ? left : NULL;
    }
    struct weir_sql_expr *expr = sql_expr_new(p, kind, position);
    if (!expr || !sql_push_expr(p, &expr->list, left) || !sql_push_expr(p, &expr->list, right))
        return NULL;
    *chain = expr;
    return expr;
}

static struct weir_sql_expr *parse_in(struct sql_parser *p, struct weir_sql_expr *left,
                                      bool negated, struct weir_position position)
{
    struct weir_sql_expr *expr;
    struct sql_parenthesised inside = {0};
    struct weir_sql_exprs items = {0};
    if (sql_query_ahead(p)) {
        if (!sql_parse_parenthesised(p, &inside))
            return NULL;
        if (inside.is_list) /* IN ((SELECT 1), 2) */
            items = inside.expr->list;
        else if (inside.expr && !sql_push_expr(p, &items, inside.expr))
            return NULL;
    } else if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN) || !sql_parse_exprs(p, &items) ||
               !sql_expect(p, SQL_TOKEN_RIGHT_PAREN)) {
        return NULL;
    }
    expr = sql_expr_new(p, inside.query ? WEIR_SQL_EXPR_IN_QUERY : WEIR_SQL_EXPR_IN_LIST, position);
    if (!expr)
        return NULL;
    if (inside.query) {
        expr->in_query.operand = left;
        expr->in_query.query = inside.query;
        expr->in_query.negated = negated;
    } else {
        expr->in_list.operand = left;
        expr->in_list.items = items;
        expr->in_list.negated = negated;
    }
    return expr;
}

static struct weir_sql_expr *parse_between(struct sql_parser *p, struct weir_sql_expr *left,
                                           bool negated, struct weir_position position)
{
    bool symmetric = sql_accept_word(p, SQL_KW_SYMMETRIC);
    if (!symmetric)
        (void)sql_accept_word(p, SQL_KW_ASYMMETRIC);
    struct weir_sql_expr *low = sql_parse_operand(p, WEIR_SQL_PRECEDENCE_OTHER);
    if (!low || !sql_expect_word(p, SQL_KW_AND))
        return NULL;
    struct weir_sql_expr *high = sql_parse_operand(p, WEIR_SQL_PRECEDENCE_OTHER);
    struct weir_sql_expr *expr = high ? sql_expr_new(p, WEIR_SQL_EXPR_BETWEEN, position) : NULL;
    if (!expr)
        return NULL;
    expr->between.operand = left;
    expr->between.low = low;
    expr->between.high = high;
    expr->between.negated = negated;
    expr->between.symmetric = symmetric;
    return expr;
}

static bool quantifier_ahead(struct sql_parser *p)
{
    return sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN) &&
           (sql_word_at(p, 0, SQL_KW_ANY) || sql_word_at(p, 0, SQL_KW_ALL) ||
            sql_word_at(p, 0, SQL_KW_SOME));
}

/* ANY (ARRAY[…]) and ALL (ARRAY[…]) behind LIKE. */
static struct weir_sql_expr *parse_quantified_like(struct sql_parser *p, struct weir_sql_expr *left,
                                                   enum weir_sql_like_kind kind, bool negated,
                                                   struct weir_position position)
{
    bool all = sql_word_at(p, 0, SQL_KW_ALL);
    struct sql_parenthesised inside;
    sql_advance(p);
    if (!sql_parse_parenthesised(p, &inside))
        return NULL;
    if (!inside.expr)
        return sql_fail(p, WEIR_E_SYNTAX, position, "LIKE %s takes an array", all ? "ALL" : "ANY");
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_LIKE, position);
    if (!expr)
        return NULL;
    expr->like.kind = kind;
    expr->like.negated = negated;
    expr->like.any = !all;
    expr->like.all = all;
    expr->like.operand = left;
    expr->like.pattern = inside.expr;
    return expr;
}

static struct weir_sql_expr *parse_like(struct sql_parser *p, struct weir_sql_expr *left,
                                        enum weir_sql_like_kind kind, bool negated,
                                        struct weir_position position)
{
    struct weir_sql_expr *escape = NULL;
    if (kind != WEIR_SQL_SIMILAR && quantifier_ahead(p))
        return parse_quantified_like(p, left, kind, negated, position);
    struct weir_sql_expr *pattern = sql_parse_operand(p, WEIR_SQL_PRECEDENCE_OTHER);
    if (!pattern)
        return NULL;
    if (sql_accept_word(p, SQL_KW_ESCAPE)) {
        escape = sql_parse_operand(p, WEIR_SQL_PRECEDENCE_OTHER);
        if (!escape)
            return NULL;
    }
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_LIKE, position);
    if (!expr)
        return NULL;
    expr->like.kind = kind;
    expr->like.negated = negated;
    expr->like.operand = left;
    expr->like.pattern = pattern;
    expr->like.escape = escape;
    return expr;
}

/* ~~ ~~* !~~ !~~* : LIKE and ILIKE as signs, which bind as other operators do. */
static struct weir_sql_expr *parse_like_sign(struct sql_parser *p, struct weir_sql_expr *left)
{
    struct sql_token token = *sql_peek(p);
    struct weir_slice text = sql_token_text(p, &token);
    bool nocase = text.data[text.size - 1] == '*';
    sql_advance(p);
    if (quantifier_ahead(p))
        return parse_quantified_like(p, left, nocase ? WEIR_SQL_ILIKE : WEIR_SQL_LIKE,
                                     text.data[0] == '!', token.position);
    struct weir_sql_expr *pattern = sql_parse_operand(p, WEIR_SQL_PRECEDENCE_ADDITIVE);
    struct weir_sql_expr *expr =
        pattern ? sql_expr_new(p, WEIR_SQL_EXPR_LIKE, token.position) : NULL;
    if (!expr)
        return NULL;
    expr->like.kind = nocase ? WEIR_SQL_ILIKE : WEIR_SQL_LIKE;
    expr->like.negated = text.data[0] == '!';
    expr->like.operand = left;
    expr->like.pattern = pattern;
    return expr;
}

/* ---------------------------------------------------------------- IS */

static bool parse_is_json(struct sql_parser *p, enum weir_sql_is_kind *kind)
{
    *kind = WEIR_SQL_IS_JSON;
    if (sql_accept_word(p, SQL_KW_OBJECT))
        *kind = WEIR_SQL_IS_JSON_OBJECT;
    else if (sql_accept_word(p, SQL_KW_ARRAY))
        *kind = WEIR_SQL_IS_JSON_ARRAY;
    else if (sql_accept_word(p, SQL_KW_SCALAR))
        *kind = WEIR_SQL_IS_JSON_SCALAR;
    else
        (void)sql_accept_word(p, SQL_KW_VALUE);
    return !p->failed;
}

/* [NFC | NFD | NFKC | NFKD] NORMALIZED */
static bool parse_is_normalized(struct sql_parser *p, struct weir_slice *form)
{
    static const enum sql_keyword forms[] = {SQL_KW_NFC, SQL_KW_NFD, SQL_KW_NFKC, SQL_KW_NFKD};
    *form = weir_slice_from_string("NFC");
    for (size_t i = 0; i < WEIR_COUNT_OF(forms); i++)
        if (sql_word_at(p, 0, forms[i]) && sql_word_at(p, 1, SQL_KW_NORMALIZED)) {
            *form = weir_slice_from_string(sql_keyword_text(forms[i]));
            sql_advance(p);
            break;
        }
    return sql_accept_word(p, SQL_KW_NORMALIZED);
}

/* What is tested, behind IS [NOT]. */
static bool parse_is_what(struct sql_parser *p, enum weir_sql_is_kind *kind,
                          struct weir_slice *form, struct weir_sql_expr **right)
{
    *kind = WEIR_SQL_IS_NULL;
    if (sql_accept_word(p, SQL_KW_NULL))
        return true;
    if (sql_accept_word(p, SQL_KW_TRUE)) {
        *kind = WEIR_SQL_IS_TRUE;
        return true;
    }
    if (sql_accept_word(p, SQL_KW_FALSE)) {
        *kind = WEIR_SQL_IS_FALSE;
        return true;
    }
    if (sql_accept_word(p, SQL_KW_UNKNOWN)) {
        *kind = WEIR_SQL_IS_UNKNOWN;
        return true;
    }
    if (sql_accept_word(p, SQL_KW_DISTINCT)) {
        *kind = WEIR_SQL_IS_DISTINCT_FROM;
        *right = sql_expect_word(p, SQL_KW_FROM)
                     ? sql_parse_operand(p, WEIR_SQL_PRECEDENCE_COMPARISON)
                     : NULL;
        return *right != NULL;
    }
    if (sql_accept_word(p, SQL_KW_JSON))
        return parse_is_json(p, kind);
    *kind = WEIR_SQL_IS_NORMALIZED;
    if (parse_is_normalized(p, form))
        return true;
    return sql_fail_expected(p, "NULL, TRUE, FALSE, UNKNOWN, DISTINCT FROM, JSON or NORMALIZED") !=
           NULL;
}

static struct weir_sql_expr *parse_is(struct sql_parser *p, struct weir_sql_expr *left,
                                      enum sql_keyword keyword, struct weir_position position)
{
    bool negated = keyword == SQL_KW_NOTNULL;
    enum weir_sql_is_kind kind = WEIR_SQL_IS_NULL;
    struct weir_slice form = {0};
    struct weir_sql_expr *right = NULL;
    if (keyword == SQL_KW_IS) {
        negated = sql_accept_word(p, SQL_KW_NOT);
        if (!parse_is_what(p, &kind, &form, &right))
            return NULL;
    }
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_IS, position);
    if (!expr)
        return NULL;
    expr->is.kind = kind;
    expr->is.negated = negated;
    expr->is.operand = left;
    expr->is.right = right;
    if (kind == WEIR_SQL_IS_NORMALIZED)
        expr->is.form = form;
    return expr;
}

/* ---------------------------------------------------------------- the rest of the words */

static struct weir_sql_expr *parse_at(struct sql_parser *p, struct weir_sql_expr *left,
                                      struct weir_position position)
{
    struct weir_sql_expr *zone = NULL;
    if (!sql_accept_word(p, SQL_KW_LOCAL)) {
        if (!sql_expect_word(p, SQL_KW_TIME) || !sql_expect_word(p, SQL_KW_ZONE))
            return NULL;
        zone = sql_parse_operand(p, WEIR_SQL_PRECEDENCE_COLLATE);
        if (!zone)
            return NULL;
    }
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_AT_TIME_ZONE, position);
    if (!expr)
        return NULL;
    expr->at_time_zone.operand = left;
    expr->at_time_zone.zone = zone;
    return expr;
}

static struct weir_sql_expr *parse_collate(struct sql_parser *p, struct weir_sql_expr *left,
                                           struct weir_position position)
{
    struct weir_sql_names collation;
    if (!sql_parse_qualified(p, "a collation", &collation))
        return NULL;
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_COLLATE, position);
    if (!expr)
        return NULL;
    expr->collate.operand = left;
    expr->collate.collation = collation;
    return expr;
}

static struct weir_sql_expr *binary_new(struct sql_parser *p, enum weir_sql_operator op,
                                        struct weir_sql_expr *left, struct weir_sql_expr *right,
                                        struct weir_position position)
{
    struct weir_sql_expr *expr = right ? sql_expr_new(p, WEIR_SQL_EXPR_BINARY, position) : NULL;
    if (!expr)
        return NULL;
    expr->binary.op = op;
    expr->binary.left = left;
    expr->binary.right = right;
    return expr;
}

static struct weir_sql_expr *parse_word_operator(struct sql_parser *p, struct weir_sql_expr *left,
                                                 struct infix infix)
{
    if (infix.negated)
        sql_advance(p);
    struct weir_position position = sql_peek(p)->position;
    sql_advance(p);
    switch (infix.keyword) {
    case SQL_KW_IN:
        return parse_in(p, left, infix.negated, position);
    case SQL_KW_BETWEEN:
        return parse_between(p, left, infix.negated, position);
    case SQL_KW_LIKE:
        return parse_like(p, left, WEIR_SQL_LIKE, infix.negated, position);
    case SQL_KW_ILIKE:
        return parse_like(p, left, WEIR_SQL_ILIKE, infix.negated, position);
    case SQL_KW_SIMILAR:
        sql_advance(p);
        return parse_like(p, left, WEIR_SQL_SIMILAR, infix.negated, position);
    case SQL_KW_AT:
        return parse_at(p, left, position);
    case SQL_KW_COLLATE:
        return parse_collate(p, left, position);
    case SQL_KW_OVERLAPS:
        return binary_new(p, WEIR_SQL_OP_OVERLAPS, left,
                          sql_parse_operand(p, WEIR_SQL_PRECEDENCE_BETWEEN), position);
    default:
        return parse_is(p, left, infix.keyword, position);
    }
}

/* ---------------------------------------------------------------- operators with signs */

/* ANY (…), SOME (…), ALL (…) behind an operator. */
static struct weir_sql_expr *parse_quantified(struct sql_parser *p, struct weir_sql_expr *left,
                                              enum weir_sql_operator op,
                                              struct weir_position position)
{
    bool all = sql_word_at(p, 0, SQL_KW_ALL);
    struct sql_parenthesised inside;
    sql_advance(p);
    if (!sql_parse_parenthesised(p, &inside))
        return NULL;
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_QUANTIFIED, position);
    if (!expr)
        return NULL;
    expr->quantified.operand = left;
    expr->quantified.op = op;
    expr->quantified.all = all;
    expr->quantified.query = inside.query;
    expr->quantified.array = inside.expr;
    return expr;
}

/* OPERATOR(schema.+): the same as +, but binding as other operators do. */
static bool parse_operator_word(struct sql_parser *p, enum weir_sql_operator *op)
{
    sql_advance(p);
    sql_advance(p);
    while (sql_is_name_at(p, 0) && sql_is_at(p, 1, SQL_TOKEN_DOT)) {
        sql_advance(p);
        sql_advance(p);
    }
    if (!sql_is(p, SQL_TOKEN_OPERATOR) || operators[sql_peek(p)->op].unary)
        return sql_fail_expected(p, "an operator") != NULL;
    *op = sql_peek(p)->op;
    sql_advance(p);
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

static struct weir_sql_expr *parse_sign_operator(struct sql_parser *p, struct weir_sql_expr *left,
                                                 enum weir_sql_precedence precedence)
{
    struct weir_position position = sql_peek(p)->position;
    enum weir_sql_operator op = sql_peek(p)->op;
    if (sql_is(p, SQL_TOKEN_OPERATOR))
        sql_advance(p);
    else if (!parse_operator_word(p, &op))
        return NULL;
    struct weir_sql_expr *expr;
    if (quantifier_ahead(p))
        expr = parse_quantified(p, left, op, position);
    else
        expr = binary_new(p, op, left, sql_parse_operand(p, precedence + 1), position);
    if (expr && precedence == WEIR_SQL_PRECEDENCE_COMPARISON && sql_is(p, SQL_TOKEN_OPERATOR) &&
        operators[sql_peek(p)->op].precedence == WEIR_SQL_PRECEDENCE_COMPARISON)
        return sql_fail(p, WEIR_E_SYNTAX, sql_peek(p)->position,
                        "comparisons do not chain; write a < b AND b < c");
    return expr;
}

static struct weir_sql_expr *parse_cast_sign(struct sql_parser *p, struct weir_sql_expr *left)
{
    struct weir_position position = sql_peek(p)->position;
    sql_advance(p);
    struct weir_sql_type *type = sql_parse_type(p);
    struct weir_sql_expr *expr = type ? sql_expr_new(p, WEIR_SQL_EXPR_CAST, position) : NULL;
    if (!expr)
        return NULL;
    expr->cast.operand = left;
    expr->cast.type = type;
    return expr;
}

/* How strongly the sign here binds; NONE when it is no operator between operands. */
static enum weir_sql_precedence sign_precedence(struct sql_parser *p)
{
    const struct sql_token *token = sql_peek(p);
    if (token->kind == SQL_TOKEN_CAST)
        return WEIR_SQL_PRECEDENCE_CAST;
    if (token->kind == SQL_TOKEN_LIKE)
        return WEIR_SQL_PRECEDENCE_OTHER;
    if (token->kind == SQL_TOKEN_OPERATOR && !operators[token->op].unary)
        return operators[token->op].precedence;
    if (sql_word_at(p, 0, SQL_KW_OPERATOR) && sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN))
        return WEIR_SQL_PRECEDENCE_OTHER;
    return WEIR_SQL_PRECEDENCE_NONE;
}

struct weir_sql_expr *sql_parse_infix(struct sql_parser *p, struct weir_sql_expr *left,
                                      enum weir_sql_precedence least)
{
    struct weir_sql_expr *chain = NULL;
    while (left && !p->failed) {
        enum weir_sql_precedence sign = sign_precedence(p);
        if (sign != WEIR_SQL_PRECEDENCE_NONE) {
            if (sign < least)
                break;
            left = sql_is(p, SQL_TOKEN_CAST)   ? parse_cast_sign(p, left)
                   : sql_is(p, SQL_TOKEN_LIKE) ? parse_like_sign(p, left)
                                               : parse_sign_operator(p, left, sign);
            continue;
        }
        struct infix infix = infix_word(p);
        if (infix.keyword == SQL_KW_NONE || infix.precedence < least)
            break;
        if (infix.keyword == SQL_KW_AND || infix.keyword == SQL_KW_OR)
            left = parse_logic(p, left, &chain, infix.keyword);
        else
            left = parse_word_operator(p, left, infix);
    }
    return p->failed ? NULL : left;
}

/* ---------------------------------------------------------------- entries */

static struct weir_sql_expr *parse_from(struct sql_parser *p, enum weir_sql_precedence least,
                                        bool star_allowed)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t outside = sql_scope_begin(p);
    struct weir_sql_expr *expr = parse_prefix(p);
    if (expr && expr->kind == WEIR_SQL_EXPR_STAR) {
        if (!star_allowed)
            expr = sql_fail(p, WEIR_E_SYNTAX, expr->position,
                            "a star stands only in a select list or a call");
    } else {
        expr = sql_parse_infix(p, expr, least);
    }
    sql_scope_end(p, outside);
    sql_leave(p);
    return expr;
}

struct weir_sql_expr *sql_parse_operand(struct sql_parser *p, enum weir_sql_precedence least)
{
    return parse_from(p, least, false);
}

struct weir_sql_expr *sql_parse_expr(struct sql_parser *p)
{
    return parse_from(p, WEIR_SQL_PRECEDENCE_NONE, false);
}

struct weir_sql_expr *sql_parse_expr_or_star(struct sql_parser *p)
{
    return parse_from(p, WEIR_SQL_PRECEDENCE_NONE, true);
}
