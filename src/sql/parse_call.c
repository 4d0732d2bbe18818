/* Calls: plain, with syntax of their own, aggregates and window functions.
 *
 *   f(DISTINCT a, b => 1 ORDER BY c) WITHIN GROUP (ORDER BY d) FILTER (WHERE e) IGNORE NULLS OVER w
 *
 * Functions with words between their arguments (EXTRACT, TRIM, …) become plain calls; ast.h lists
 * the forms. Their comma forms are accepted as well. */
#include "sql/parser_internal.h"
#include "sql/sql.h"

/* ---------------------------------------------------------------- ORDER BY, windows */

bool sql_parse_orders(struct sql_parser *p, struct weir_sql_orders *orders)
{
    do {
        struct weir_sql_order *item =
            sql_push(p, &orders->items, &orders->count, sizeof orders->items[0]);
        struct weir_sql_expr *expr = item ? sql_parse_expr(p) : NULL;
        if (!expr)
            return false;
        item = &orders->items[orders->count - 1];
        item->expr = expr;
        if (sql_accept_word(p, SQL_KW_DESC))
            item->descending = true;
        else
            (void)sql_accept_word(p, SQL_KW_ASC);
        if (!sql_accept_word(p, SQL_KW_NULLS))
            continue;
        if (sql_accept_word(p, SQL_KW_FIRST))
            item->nulls = WEIR_SQL_NULLS_FIRST;
        else if (sql_expect_word(p, SQL_KW_LAST))
            item->nulls = WEIR_SQL_NULLS_LAST;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return !p->failed;
}

static bool parse_bound(struct sql_parser *p, struct weir_sql_bound *bound)
{
    bool unbounded = sql_word_at(p, 0, SQL_KW_UNBOUNDED) &&
                     (sql_word_at(p, 1, SQL_KW_PRECEDING) || sql_word_at(p, 1, SQL_KW_FOLLOWING));
    if (sql_accept_words(p, SQL_KW_CURRENT, SQL_KW_ROW)) {
        bound->kind = WEIR_SQL_BOUND_CURRENT_ROW;
        return true;
    }
    if (unbounded) {
        sql_advance(p);
    } else {
        bound->value = sql_parse_expr(p);
        if (!bound->value)
            return false;
    }
    if (sql_accept_word(p, SQL_KW_PRECEDING))
        bound->kind = unbounded ? WEIR_SQL_BOUND_UNBOUNDED_PRECEDING : WEIR_SQL_BOUND_PRECEDING;
    else if (sql_accept_word(p, SQL_KW_FOLLOWING))
        bound->kind = unbounded ? WEIR_SQL_BOUND_UNBOUNDED_FOLLOWING : WEIR_SQL_BOUND_FOLLOWING;
    else
        return sql_fail_expected(p, "PRECEDING or FOLLOWING") != NULL;
    return true;
}

static bool parse_exclude(struct sql_parser *p, enum weir_sql_exclude *exclude)
{
    if (!sql_accept_word(p, SQL_KW_EXCLUDE))
        return !p->failed;
    if (sql_accept_words(p, SQL_KW_CURRENT, SQL_KW_ROW))
        *exclude = WEIR_SQL_EXCLUDE_CURRENT_ROW;
    else if (sql_accept_word(p, SQL_KW_GROUP))
        *exclude = WEIR_SQL_EXCLUDE_GROUP;
    else if (sql_accept_word(p, SQL_KW_TIES))
        *exclude = WEIR_SQL_EXCLUDE_TIES;
    else if (sql_accept_words(p, SQL_KW_NO, SQL_KW_OTHERS))
        *exclude = WEIR_SQL_EXCLUDE_NO_OTHERS;
    else
        return sql_fail_expected(p, "CURRENT ROW, GROUP, TIES or NO OTHERS") != NULL;
    return true;
}

static bool check_frame(struct sql_parser *p, const struct weir_sql_frame *frame)
{
    if (frame->start.kind == WEIR_SQL_BOUND_UNBOUNDED_FOLLOWING)
        return sql_fail(p, WEIR_E_SYNTAX, frame->position,
                        "a frame cannot start at UNBOUNDED FOLLOWING") != NULL;
    if (frame->end.kind == WEIR_SQL_BOUND_UNBOUNDED_PRECEDING)
        return sql_fail(p, WEIR_E_SYNTAX, frame->position,
                        "a frame cannot end at UNBOUNDED PRECEDING") != NULL;
    if (frame->end.kind < frame->start.kind)
        return sql_fail(p, WEIR_E_SYNTAX, frame->position, "a frame ends before it starts") != NULL;
    return true;
}

static bool frame_ahead(struct sql_parser *p)
{
    bool unit = sql_is_word(p, SQL_KW_ROWS) || sql_is_word(p, SQL_KW_RANGE) ||
                sql_is_word(p, SQL_KW_GROUPS);
    return unit && !sql_is_at(p, 1, SQL_TOKEN_RIGHT_PAREN) && !sql_word_at(p, 1, SQL_KW_PARTITION);
}

static struct weir_sql_frame *parse_frame(struct sql_parser *p)
{
    struct weir_sql_frame *frame = sql_alloc(p, sizeof *frame);
    if (!frame)
        return NULL;
    frame->position = sql_peek(p)->position;
    frame->unit = sql_word_at(p, 0, SQL_KW_ROWS)    ? WEIR_SQL_FRAME_ROWS
                  : sql_word_at(p, 0, SQL_KW_RANGE) ? WEIR_SQL_FRAME_RANGE
                                                    : WEIR_SQL_FRAME_GROUPS;
    sql_advance(p);
    frame->end.kind = WEIR_SQL_BOUND_CURRENT_ROW;
    if (sql_accept_word(p, SQL_KW_BETWEEN)) {
        /* The bound's own expression must leave the AND alone. */
        if (!parse_bound(p, &frame->start) || !sql_expect_word(p, SQL_KW_AND) ||
            !parse_bound(p, &frame->end))
            return NULL;
    } else if (!parse_bound(p, &frame->start)) {
        return NULL;
    }
    if (!parse_exclude(p, &frame->exclude) || !check_frame(p, frame))
        return NULL;
    return frame;
}

/* PARTITION BY, ORDER BY and a frame stand here rather than the name of a window. */
static bool window_clause_ahead(struct sql_parser *p)
{
    return (sql_word_at(p, 1, SQL_KW_BY) &&
            (sql_is_word(p, SQL_KW_PARTITION) || sql_is_word(p, SQL_KW_ORDER))) ||
           frame_ahead(p);
}

/* ( [name] [PARTITION BY …] [ORDER BY …] [frame] ) */
struct weir_sql_window *sql_parse_window(struct sql_parser *p)
{
    struct weir_sql_window *window = sql_alloc(p, sizeof *window);
    if (!window)
        return NULL;
    window->position = sql_peek(p)->position;
    if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN))
        return NULL;
    if (sql_is_name_at(p, 0) && !window_clause_ahead(p) &&
        !sql_parse_name(p, "a window", &window->base))
        return NULL;
    if (sql_accept_words(p, SQL_KW_PARTITION, SQL_KW_BY) &&
        !sql_parse_exprs(p, &window->partition_by))
        return NULL;
    if (sql_accept_words(p, SQL_KW_ORDER, SQL_KW_BY) && !sql_parse_orders(p, &window->order_by))
        return NULL;
    if (!p->failed && frame_ahead(p) && !(window->frame = parse_frame(p)))
        return NULL;
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN) ? window : NULL;
}

/* Behind OVER. */
static struct weir_sql_window *parse_over(struct sql_parser *p)
{
    if (sql_is(p, SQL_TOKEN_LEFT_PAREN))
        return sql_parse_window(p);
    struct weir_sql_window *window = sql_alloc(p, sizeof *window);
    if (!window)
        return NULL;
    window->position = sql_peek(p)->position;
    window->is_reference = true;
    return sql_parse_name(p, "a window", &window->base) ? window : NULL;
}

/* ---------------------------------------------------------------- arguments */

/* PARTITION BY k, or PARTITION BY (a, b): behind the table of a table function. */
static bool parse_table_partition(struct sql_parser *p, struct weir_sql_exprs *keys)
{
    bool parentheses = sql_is(p, SQL_TOKEN_LEFT_PAREN);
    struct weir_sql_expr *key = sql_parse_expr(p);
    if (key && parentheses && key->kind == WEIR_SQL_EXPR_ROW) {
        *keys = key->list;
        return true;
    }
    return sql_push_expr(p, keys, key);
}

/* TABLE t: a name standing for a table. */
static struct weir_sql_expr *parse_table_argument(struct sql_parser *p)
{
    struct weir_sql_names names;
    sql_advance(p);
    struct weir_position position = sql_peek(p)->position;
    uint32_t outside = sql_scope_begin(p);
    struct weir_sql_expr *expr = sql_parse_qualified(p, "a table", &names)
                                     ? sql_expr_new(p, WEIR_SQL_EXPR_NAME, position)
                                     : NULL;
    sql_scope_end(p, outside);
    if (expr)
        expr->name = names;
    return expr;
}

static bool parse_argument(struct sql_parser *p, struct weir_sql_argument *argument)
{
    if (sql_is_name_at(p, 0) && sql_is_at(p, 1, SQL_TOKEN_ARROW)) {
        if (!sql_parse_name(p, "an argument", &argument->name))
            return false;
        sql_advance(p);
    }
    argument->is_table = sql_word_at(p, 0, SQL_KW_TABLE) && sql_is_name_at(p, 1);
    argument->value = argument->is_table ? parse_table_argument(p) : sql_parse_expr_or_star(p);
    if (!argument->value)
        return false;
    if (sql_accept_words(p, SQL_KW_PARTITION, SQL_KW_BY))
        return parse_table_partition(p, &argument->partition_by);
    return !p->failed;
}

static bool push_argument(struct sql_parser *p, struct weir_sql_call *call,
                          struct weir_sql_expr *value)
{
    if (!value)
        return false;
    struct weir_sql_argument *argument =
        sql_push(p, &call->arguments, &call->arguments_count, sizeof call->arguments[0]);
    if (argument)
        argument->value = value;
    return argument != NULL;
}

static bool parse_arguments(struct sql_parser *p, struct weir_sql_call *call)
{
    do {
        struct weir_sql_argument argument = {0};
        if (!parse_argument(p, &argument))
            return false;
        struct weir_sql_argument *slot =
            sql_push(p, &call->arguments, &call->arguments_count, sizeof call->arguments[0]);
        if (!slot)
            return false;
        *slot = argument;
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return !p->failed;
}

/* IGNORE NULLS, RESPECT NULLS: inside or behind the parentheses. */
static void accept_null_treatment(struct sql_parser *p, struct weir_sql_call *call)
{
    if (sql_accept_words(p, SQL_KW_IGNORE, SQL_KW_NULLS))
        call->nulls = WEIR_SQL_NULL_TREATMENT_IGNORE;
    else if (sql_accept_words(p, SQL_KW_RESPECT, SQL_KW_NULLS))
        call->nulls = WEIR_SQL_NULL_TREATMENT_RESPECT;
}

/* DISTINCT and ALL are names when nothing to which they belong follows. */
static bool set_quantifier_ahead(struct sql_parser *p, enum sql_keyword keyword)
{
    return sql_is_word(p, keyword) && !sql_is_at(p, 1, SQL_TOKEN_RIGHT_PAREN) &&
           !sql_is_at(p, 1, SQL_TOKEN_COMMA) && !sql_is_at(p, 1, SQL_TOKEN_DOT);
}

/* What stands between the parentheses. */
static bool parse_call_inside(struct sql_parser *p, struct weir_sql_call *call)
{
    if (sql_is(p, SQL_TOKEN_RIGHT_PAREN))
        return true;
    if (sql_is_op(p, WEIR_SQL_OP_MULTIPLY) && sql_is_at(p, 1, SQL_TOKEN_RIGHT_PAREN)) {
        sql_advance(p);
        call->star = true;
        return true;
    }
    if (set_quantifier_ahead(p, SQL_KW_DISTINCT)) {
        sql_advance(p);
        call->distinct = true;
    } else if (set_quantifier_ahead(p, SQL_KW_ALL)) {
        sql_advance(p);
    }
    if (!parse_arguments(p, call))
        return false;
    accept_null_treatment(p, call);
    if (sql_accept_words(p, SQL_KW_ORDER, SQL_KW_BY) && !sql_parse_orders(p, &call->order_by))
        return false;
    accept_null_treatment(p, call);
    return !p->failed;
}

/* ---------------------------------------------------------------- behind the parentheses */

static bool parse_within_group(struct sql_parser *p, struct weir_sql_call *call)
{
    if (!sql_accept_words(p, SQL_KW_WITHIN, SQL_KW_GROUP))
        return !p->failed;
    return sql_expect(p, SQL_TOKEN_LEFT_PAREN) && sql_expect_word(p, SQL_KW_ORDER) &&
           sql_expect_word(p, SQL_KW_BY) && sql_parse_orders(p, &call->within_group) &&
           sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

static bool parse_filter(struct sql_parser *p, struct weir_sql_call *call)
{
    if (!sql_is_word(p, SQL_KW_FILTER) || !sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN))
        return !p->failed;
    sql_advance(p);
    sql_advance(p);
    if (!sql_expect_word(p, SQL_KW_WHERE))
        return false;
    call->filter = sql_parse_expr(p);
    return call->filter && sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

static bool over_ahead(struct sql_parser *p)
{
    return sql_is_word(p, SQL_KW_OVER) &&
           (sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN) ||
            (sql_is_name_at(p, 1) && !sql_word_at(p, 1, SQL_KW_FROM)));
}

static bool parse_call_tail(struct sql_parser *p, struct weir_sql_call *call)
{
    if (!parse_within_group(p, call) || !parse_filter(p, call))
        return false;
    accept_null_treatment(p, call);
    if (p->failed || !over_ahead(p))
        return !p->failed;
    sql_advance(p);
    call->over = parse_over(p);
    return call->over != NULL;
}

struct weir_sql_call *sql_parse_call(struct sql_parser *p, const struct weir_sql_names *name)
{
    struct weir_sql_call *call = sql_alloc(p, sizeof *call);
    if (!call)
        return NULL;
    call->name = *name;
    if (!sql_expect(p, SQL_TOKEN_LEFT_PAREN) || !parse_call_inside(p, call) ||
        !sql_expect(p, SQL_TOKEN_RIGHT_PAREN) || !parse_call_tail(p, call))
        return NULL;
    return call;
}

/* ---------------------------------------------------------------- syntax of their own */

bool sql_special_call_ahead(struct sql_parser *p)
{
    if (!sql_is(p, SQL_TOKEN_WORD))
        return false;
    switch (sql_peek(p)->keyword) {
    case SQL_KW_CURRENT_CATALOG:
    case SQL_KW_CURRENT_DATE:
    case SQL_KW_CURRENT_ROLE:
    case SQL_KW_CURRENT_SCHEMA:
    case SQL_KW_CURRENT_TIME:
    case SQL_KW_CURRENT_TIMESTAMP:
    case SQL_KW_CURRENT_USER:
    case SQL_KW_LOCALTIME:
    case SQL_KW_LOCALTIMESTAMP:
    case SQL_KW_SESSION_USER:
        return !sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN) && !sql_is_at(p, 1, SQL_TOKEN_DOT);
    case SQL_KW_CEIL:
    case SQL_KW_CEILING:
    case SQL_KW_EXTRACT:
    case SQL_KW_FLOOR:
    case SQL_KW_NORMALIZE:
    case SQL_KW_OVERLAY:
    case SQL_KW_POSITION:
    case SQL_KW_SUBSTRING:
    case SQL_KW_TRIM:
        return sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN);
    default:
        return false;
    }
}

/* A word as a string literal: the field of EXTRACT, the unit of CEIL, a normal form. */
static struct weir_sql_expr *parse_word_as_string(struct sql_parser *p, bool upper)
{
    struct sql_token token = *sql_peek(p);
    struct weir_sql_name name;
    if (!sql_parse_name(p, "a word", &name))
        return NULL;
    uint32_t outside = sql_scope_begin(p);
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_STRING, token.position);
    sql_scope_end(p, outside);
    if (expr)
        expr->text = upper ? weir_slice_from_string(sql_keyword_text(token.keyword)) : name.text;
    return expr;
}

static bool parse_extract(struct sql_parser *p, struct weir_sql_call *call)
{
    bool special = sql_word_at(p, 1, SQL_KW_FROM);
    if (special && sql_is_name_at(p, 0)) {
        if (!push_argument(p, call, parse_word_as_string(p, false)))
            return false;
    } else if (!push_argument(p, call, sql_parse_expr(p))) {
        return false;
    }
    if (!sql_accept_word(p, SQL_KW_FROM) && !sql_accept(p, SQL_TOKEN_COMMA))
        return sql_fail_expected(p, "\"FROM\"") != NULL;
    return push_argument(p, call, sql_parse_expr(p));
}

static struct weir_sql_expr *integer_new(struct sql_parser *p, struct weir_position position)
{
    uint32_t outside = sql_scope_begin(p);
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_INTEGER, position);
    sql_scope_end(p, outside);
    if (expr)
        expr->text = weir_slice_from_string("1");
    return expr;
}

/* Further arguments behind a comma. */
static bool parse_more_arguments(struct sql_parser *p, struct weir_sql_call *call)
{
    return !sql_accept(p, SQL_TOKEN_COMMA) ? !p->failed : parse_arguments(p, call);
}

static bool parse_substring(struct sql_parser *p, struct weir_sql_call *call)
{
    if (!push_argument(p, call, sql_parse_expr(p)))
        return false;
    struct weir_position position = sql_peek(p)->position;
    if (sql_accept_word(p, SQL_KW_SIMILAR))
        return push_argument(p, call, sql_parse_expr(p)) && sql_expect_word(p, SQL_KW_ESCAPE) &&
               push_argument(p, call, sql_parse_expr(p));
    if (sql_accept_word(p, SQL_KW_FROM)) {
        if (!push_argument(p, call, sql_parse_expr(p)))
            return false;
        return !sql_accept_word(p, SQL_KW_FOR) ? !p->failed
                                               : push_argument(p, call, sql_parse_expr(p));
    }
    if (!sql_accept_word(p, SQL_KW_FOR))
        return parse_more_arguments(p, call);
    struct weir_sql_expr *size = sql_parse_expr(p);
    struct weir_sql_expr *from =
        size && sql_accept_word(p, SQL_KW_FROM) ? sql_parse_expr(p) : integer_new(p, position);
    return push_argument(p, call, from) && push_argument(p, call, size);
}

static bool parse_position(struct sql_parser *p, struct weir_sql_call *call)
{
    /* What is sought must leave IN alone: it is read without it, then perhaps continued. */
    struct weir_sql_expr *sought = sql_parse_operand(p, WEIR_SQL_PRECEDENCE_OTHER);
    if (sql_accept_word(p, SQL_KW_IN))
        return push_argument(p, call, sought) && push_argument(p, call, sql_parse_expr(p));
    sought = sql_parse_infix(p, sought, WEIR_SQL_PRECEDENCE_NONE);
    return push_argument(p, call, sought) && parse_more_arguments(p, call);
}

static bool parse_overlay(struct sql_parser *p, struct weir_sql_call *call)
{
    if (!push_argument(p, call, sql_parse_expr(p)))
        return false;
    if (!sql_accept_word(p, SQL_KW_PLACING))
        return parse_more_arguments(p, call);
    if (!push_argument(p, call, sql_parse_expr(p)) || !sql_expect_word(p, SQL_KW_FROM) ||
        !push_argument(p, call, sql_parse_expr(p)))
        return false;
    return !sql_accept_word(p, SQL_KW_FOR) ? !p->failed : push_argument(p, call, sql_parse_expr(p));
}

/* The word is one of TRIM's and not a column of that name. */
static bool accept_trim_side(struct sql_parser *p, enum sql_keyword side)
{
    if (sql_is_at(p, 1, SQL_TOKEN_RIGHT_PAREN) || sql_is_at(p, 1, SQL_TOKEN_COMMA) ||
        sql_is_at(p, 1, SQL_TOKEN_DOT))
        return false;
    return sql_accept_word(p, side);
}

/* TRIM([BOTH | LEADING | TRAILING] [characters] [FROM] text) */
static bool parse_trim(struct sql_parser *p, struct weir_sql_call *call)
{
    const char *name = "btrim";
    if (accept_trim_side(p, SQL_KW_LEADING))
        name = "ltrim";
    else if (accept_trim_side(p, SQL_KW_TRAILING))
        name = "rtrim";
    else
        (void)accept_trim_side(p, SQL_KW_BOTH);
    call->name.items[0].text = weir_slice_from_string(name);
    struct weir_sql_expr *characters = NULL;
    if (!sql_accept_word(p, SQL_KW_FROM)) {
        characters = sql_parse_expr(p);
        if (!characters)
            return false;
        if (!sql_accept_word(p, SQL_KW_FROM))
            return push_argument(p, call, characters) && parse_more_arguments(p, call);
    }
    if (!push_argument(p, call, sql_parse_expr(p)))
        return false;
    return characters ? push_argument(p, call, characters) : parse_more_arguments(p, call);
}

/* CEIL(x TO day) */
static bool parse_rounding(struct sql_parser *p, struct weir_sql_call *call)
{
    if (!push_argument(p, call, sql_parse_expr(p)))
        return false;
    if (!sql_accept_word(p, SQL_KW_TO))
        return parse_more_arguments(p, call);
    return push_argument(p, call, parse_word_as_string(p, false));
}

/* NORMALIZE(x [, NFC]) */
static bool parse_normalize(struct sql_parser *p, struct weir_sql_call *call)
{
    if (!push_argument(p, call, sql_parse_expr(p)))
        return false;
    if (!sql_is(p, SQL_TOKEN_COMMA))
        return true;
    const struct sql_token *form = sql_peek_at(p, 1);
    bool word = form->kind == SQL_TOKEN_WORD &&
                (form->keyword == SQL_KW_NFC || form->keyword == SQL_KW_NFD ||
                 form->keyword == SQL_KW_NFKC || form->keyword == SQL_KW_NFKD);
    sql_advance(p);
    return word ? push_argument(p, call, parse_word_as_string(p, true)) : parse_arguments(p, call);
}

static bool parse_special_inside(struct sql_parser *p, enum sql_keyword keyword,
                                 struct weir_sql_call *call)
{
    switch (keyword) {
    case SQL_KW_EXTRACT:
        return parse_extract(p, call);
    case SQL_KW_SUBSTRING:
        return parse_substring(p, call);
    case SQL_KW_POSITION:
        return parse_position(p, call);
    case SQL_KW_OVERLAY:
        return parse_overlay(p, call);
    case SQL_KW_TRIM:
        return parse_trim(p, call);
    case SQL_KW_NORMALIZE:
        return parse_normalize(p, call);
    default:
        return parse_rounding(p, call);
    }
}

struct weir_sql_expr *sql_parse_special_call(struct sql_parser *p)
{
    struct sql_token token = *sql_peek(p);
    struct weir_sql_call *call = sql_alloc(p, sizeof *call);
    struct weir_sql_name *name =
        call ? sql_push(p, &call->name.items, &call->name.count, sizeof *name) : NULL;
    if (!name || !sql_parse_name(p, "a function", name))
        return NULL;
    if (sql_accept(p, SQL_TOKEN_LEFT_PAREN)) {
        if (!parse_special_inside(p, token.keyword, call) ||
            !sql_expect(p, SQL_TOKEN_RIGHT_PAREN) || !parse_call_tail(p, call))
            return NULL;
    }
    struct weir_sql_expr *expr = sql_expr_new(p, WEIR_SQL_EXPR_CALL, token.position);
    if (expr)
        expr->call = call;
    return expr;
}
