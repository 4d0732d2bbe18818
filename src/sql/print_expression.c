/* Printing expressions with as few parentheses as reading them back allows.
 *
 * An operand is put into parentheses when it binds less strongly than its place asks for; the
 * places ask for what the parser reads there (parse_expression.c). Casts are printed as CAST(…),
 * rows as ROW(…), LIKE signs as words: one spelling for each thing. */
#include "sql/print_internal.h"
#include "sql/sql.h"

static void print(struct weir_buffer *out, const char *text)
{
    weir_buffer_append_string(out, text);
}

static enum weir_sql_precedence expr_precedence(const struct weir_sql_expr *expr)
{
    switch (expr->kind) {
    case WEIR_SQL_EXPR_OR:
        return WEIR_SQL_PRECEDENCE_OR;
    case WEIR_SQL_EXPR_AND:
        return WEIR_SQL_PRECEDENCE_AND;
    case WEIR_SQL_EXPR_UNARY:
        return weir_sql_operator_precedence(expr->unary.op);
    case WEIR_SQL_EXPR_BINARY:
        return weir_sql_operator_precedence(expr->binary.op);
    case WEIR_SQL_EXPR_QUANTIFIED:
        return weir_sql_operator_precedence(expr->quantified.op);
    case WEIR_SQL_EXPR_IS:
        return WEIR_SQL_PRECEDENCE_IS;
    case WEIR_SQL_EXPR_IN_LIST:
    case WEIR_SQL_EXPR_IN_QUERY:
    case WEIR_SQL_EXPR_BETWEEN:
    case WEIR_SQL_EXPR_LIKE:
        return WEIR_SQL_PRECEDENCE_BETWEEN;
    case WEIR_SQL_EXPR_AT_TIME_ZONE:
        return WEIR_SQL_PRECEDENCE_AT;
    case WEIR_SQL_EXPR_COLLATE:
        return WEIR_SQL_PRECEDENCE_COLLATE;
    default:
        return WEIR_SQL_PRECEDENCE_PRIMARY;
    }
}

void sql_print_operand(struct weir_buffer *out, const struct weir_sql_expr *expr,
                       enum weir_sql_precedence least)
{
    bool parentheses = expr_precedence(expr) < least;
    print(out, parentheses ? "(" : "");
    weir_sql_print_expression(out, expr);
    print(out, parentheses ? ")" : "");
}

void sql_print_exprs(struct weir_buffer *out, const struct weir_sql_exprs *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        print(out, i ? ", " : "");
        weir_sql_print_expression(out, list->items[i]);
    }
}

static void print_enclosed(struct weir_buffer *out, const char *open,
                           const struct weir_sql_exprs *list, const char *close)
{
    print(out, open);
    sql_print_exprs(out, list);
    print(out, close);
}

static void print_subquery(struct weir_buffer *out, const char *open,
                           const struct weir_sql_query *query)
{
    print(out, open);
    weir_sql_print_query(out, query);
    weir_buffer_append_char(out, ')');
}

/* ---------------------------------------------------------------- windows and calls */

void sql_print_orders(struct weir_buffer *out, const struct weir_sql_orders *orders)
{
    for (uint32_t i = 0; i < orders->count; i++) {
        const struct weir_sql_order *item = &orders->items[i];
        print(out, i ? ", " : "");
        weir_sql_print_expression(out, item->expr);
        print(out, item->descending ? " DESC" : "");
        print(out, item->nulls == WEIR_SQL_NULLS_FIRST  ? " NULLS FIRST"
                   : item->nulls == WEIR_SQL_NULLS_LAST ? " NULLS LAST"
                                                        : "");
    }
}

static void print_bound(struct weir_buffer *out, const struct weir_sql_bound *bound)
{
    static const char *const texts[] = {"UNBOUNDED PRECEDING", " PRECEDING", "CURRENT ROW",
                                        " FOLLOWING", "UNBOUNDED FOLLOWING"};
    if (bound->value)
        weir_sql_print_expression(out, bound->value);
    print(out, texts[bound->kind]);
}

static void print_frame(struct weir_buffer *out, const struct weir_sql_frame *frame)
{
    static const char *const units[] = {"ROWS BETWEEN ", "RANGE BETWEEN ", "GROUPS BETWEEN "};
    static const char *const excludes[] = {"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP",
                                           " EXCLUDE TIES"};
    print(out, units[frame->unit]);
    print_bound(out, &frame->start);
    print(out, " AND ");
    print_bound(out, &frame->end);
    print(out, excludes[frame->exclude]);
}

void sql_print_window(struct weir_buffer *out, const struct weir_sql_window *window)
{
    const char *separator = "";
    weir_buffer_append_char(out, '(');
    if (window->base.text.data) {
        sql_print_name_for(out, &window->base, SQL_PRINT_START);
        separator = " ";
    }
    if (window->partition_by.count) {
        print(out, separator);
        print_enclosed(out, "PARTITION BY ", &window->partition_by, "");
        separator = " ";
    }
    if (window->order_by.count) {
        print(out, separator);
        print(out, "ORDER BY ");
        sql_print_orders(out, &window->order_by);
        separator = " ";
    }
    if (window->frame) {
        print(out, separator);
        print_frame(out, window->frame);
    }
    weir_buffer_append_char(out, ')');
}

static void print_argument(struct weir_buffer *out, const struct weir_sql_argument *argument,
                           enum weir_sql_precedence least)
{
    if (argument->name.text.data) {
        sql_print_name_for(out, &argument->name, SQL_PRINT_ANY);
        print(out, " => ");
    }
    if (argument->is_table)
        print(out, "TABLE ");
    sql_print_operand(out, argument->value, least);
    if (argument->partition_by.count == 0)
        return;
    bool several = argument->partition_by.count > 1;
    print_enclosed(out, several ? " PARTITION BY (" : " PARTITION BY ", &argument->partition_by,
                   several ? ")" : "");
}

static bool is_plain_argument(const struct weir_sql_argument *argument)
{
    return !argument->name.text.data && !argument->is_table && argument->partition_by.count == 0 &&
           argument->value->kind != WEIR_SQL_EXPR_STAR;
}

/* A function that the parser reads by rules of its own: can this call be written so? */
static bool fits_special_syntax(const struct weir_sql_call *call, enum sql_keyword keyword)
{
    if (call->arguments_count == 0 || call->star || call->distinct || call->order_by.count ||
        !is_plain_argument(&call->arguments[0]))
        return false;
    if (keyword == SQL_KW_EXTRACT)
        return call->arguments_count == 2 && is_plain_argument(&call->arguments[1]);
    return true;
}

static bool has_special_syntax(enum sql_keyword keyword)
{
    switch (keyword) {
    case SQL_KW_CEIL:
    case SQL_KW_CEILING:
    case SQL_KW_EXTRACT:
    case SQL_KW_FLOOR:
    case SQL_KW_NORMALIZE:
    case SQL_KW_OVERLAY:
    case SQL_KW_POSITION:
    case SQL_KW_SUBSTRING:
        return true;
    default:
        return false;
    }
}

/* current_date and its like, written without parentheses. */
static bool is_bare_call(const struct weir_sql_call *call)
{
    if (call->name.count != 1 || call->arguments_count || call->star || call->distinct ||
        call->order_by.count || call->within_group.count || call->filter || call->nulls ||
        call->over)
        return false;
    switch (sql_keyword_find(call->name.items[0].text)) {
    case SQL_KW_CURRENT_CATALOG:
    case SQL_KW_CURRENT_DATE:
    case SQL_KW_CURRENT_ROLE:
    case SQL_KW_CURRENT_SCHEMA:
    case SQL_KW_CURRENT_TIME:
    case SQL_KW_CURRENT_TIMESTAMP:
    case SQL_KW_CURRENT_USER:
    case SQL_KW_LOCALTIME:
    case SQL_KW_LOCALTIMESTAMP:
    case SQL_KW_SESSION_USER: {
        struct weir_slice text = call->name.items[0].text;
        for (size_t i = 0; i < text.size; i++)
            if (text.data[i] >= 'A' && text.data[i] <= 'Z')
                return false; /* "CURRENT_DATE"() is another function */
        return true;
    }
    default:
        return false;
    }
}

static void print_call_name(struct weir_buffer *out, const struct weir_sql_call *call)
{
    enum sql_keyword keyword = sql_keyword_find(call->name.items[0].text);
    unsigned uses = call->name.count > 1 ? SQL_PRINT_TABLE : SQL_USE_RESERVED | SQL_USE_CALL;
    if (call->name.count > 1 || !has_special_syntax(keyword) ||
        fits_special_syntax(call, keyword)) {
        sql_print_names(out, &call->name, uses);
        return;
    }
    struct weir_slice text = call->name.items[0].text;
    weir_buffer_printf(out, "\"%.*s\"", WEIR_SLICE_ARGS(text));
}

static void print_call_inside(struct weir_buffer *out, const struct weir_sql_call *call)
{
    bool position = sql_keyword_find(call->name.items[0].text) == SQL_KW_POSITION;
    print(out, call->distinct ? "DISTINCT " : "");
    print(out, call->star ? "*" : "");
    for (uint32_t i = 0; i < call->arguments_count; i++) {
        print(out, i ? ", " : "");
        /* POSITION(a IN b): an IN of the first argument must not be taken for that one. */
        print_argument(out, &call->arguments[i],
                       position && i == 0 ? WEIR_SQL_PRECEDENCE_OTHER : WEIR_SQL_PRECEDENCE_NONE);
    }
    if (call->order_by.count) {
        print(out, " ORDER BY ");
        sql_print_orders(out, &call->order_by);
    }
}

void sql_print_call(struct weir_buffer *out, const struct weir_sql_call *call, bool in_from)
{
    static const char *const treatments[] = {"", " RESPECT NULLS", " IGNORE NULLS"};
    if (!in_from && is_bare_call(call)) {
        weir_buffer_append_slice(out, call->name.items[0].text);
        return;
    }
    print_call_name(out, call);
    weir_buffer_append_char(out, '(');
    print_call_inside(out, call);
    weir_buffer_append_char(out, ')');
    if (call->within_group.count) {
        print(out, " WITHIN GROUP (ORDER BY ");
        sql_print_orders(out, &call->within_group);
        weir_buffer_append_char(out, ')');
    }
    if (call->filter) {
        print(out, " FILTER (WHERE ");
        weir_sql_print_expression(out, call->filter);
        weir_buffer_append_char(out, ')');
    }
    print(out, treatments[call->nulls]);
    if (!call->over)
        return;
    print(out, " OVER ");
    if (call->over->is_reference)
        sql_print_name_for(out, &call->over->base, SQL_PRINT_START);
    else
        sql_print_window(out, call->over);
}

/* ---------------------------------------------------------------- operators */

static void print_unary(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    enum weir_sql_operator op = expr->unary.op;
    enum weir_sql_precedence precedence = weir_sql_operator_precedence(op);
    bool sign = precedence == WEIR_SQL_PRECEDENCE_SIGN;
    print(out, weir_sql_operator_spelling(op));
    /* Two signs in a row would be a comment. */
    print(out, sign && expr->unary.operand->kind != WEIR_SQL_EXPR_UNARY ? "" : " ");
    sql_print_operand(out, expr->unary.operand,
                      precedence == WEIR_SQL_PRECEDENCE_OTHER ? WEIR_SQL_PRECEDENCE_ADDITIVE
                                                              : precedence);
}

static void print_binary(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    enum weir_sql_precedence precedence = weir_sql_operator_precedence(expr->binary.op);
    bool chains = precedence != WEIR_SQL_PRECEDENCE_COMPARISON;
    sql_print_operand(out, expr->binary.left, chains ? precedence : precedence + 1);
    weir_buffer_append_char(out, ' ');
    print(out, weir_sql_operator_spelling(expr->binary.op));
    weir_buffer_append_char(out, ' ');
    sql_print_operand(out, expr->binary.right, precedence + 1);
}

static void print_logic(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    bool is_and = expr->kind == WEIR_SQL_EXPR_AND;
    for (uint32_t i = 0; i < expr->list.count; i++) {
        print(out, i == 0 ? "" : is_and ? " AND " : " OR ");
        sql_print_operand(out, expr->list.items[i],
                          is_and ? WEIR_SQL_PRECEDENCE_NOT : WEIR_SQL_PRECEDENCE_AND);
    }
}

static void print_quantified(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    enum weir_sql_precedence precedence = weir_sql_operator_precedence(expr->quantified.op);
    bool chains = precedence != WEIR_SQL_PRECEDENCE_COMPARISON;
    sql_print_operand(out, expr->quantified.operand, chains ? precedence : precedence + 1);
    weir_buffer_append_char(out, ' ');
    print(out, weir_sql_operator_spelling(expr->quantified.op));
    print(out, expr->quantified.all ? " ALL (" : " ANY (");
    if (expr->quantified.query)
        weir_sql_print_query(out, expr->quantified.query);
    else
        weir_sql_print_expression(out, expr->quantified.array);
    weir_buffer_append_char(out, ')');
}

static void print_between(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    sql_print_operand(out, expr->between.operand, WEIR_SQL_PRECEDENCE_BETWEEN);
    print(out, expr->between.negated ? " NOT BETWEEN " : " BETWEEN ");
    print(out, expr->between.symmetric ? "SYMMETRIC " : "");
    sql_print_operand(out, expr->between.low, WEIR_SQL_PRECEDENCE_OTHER);
    print(out, " AND ");
    sql_print_operand(out, expr->between.high, WEIR_SQL_PRECEDENCE_OTHER);
}

static void print_like(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    static const char *const kinds[] = {"LIKE ", "ILIKE ", "SIMILAR TO "};
    sql_print_operand(out, expr->like.operand, WEIR_SQL_PRECEDENCE_BETWEEN);
    print(out, expr->like.negated ? " NOT " : " ");
    print(out, kinds[expr->like.kind]);
    if (expr->like.any || expr->like.all) {
        print(out, expr->like.any ? "ANY (" : "ALL (");
        sql_print_operand(out, expr->like.pattern, WEIR_SQL_PRECEDENCE_NONE);
        print(out, ")");
        return;
    }
    sql_print_operand(out, expr->like.pattern, WEIR_SQL_PRECEDENCE_OTHER);
    if (expr->like.escape) {
        print(out, " ESCAPE ");
        sql_print_operand(out, expr->like.escape, WEIR_SQL_PRECEDENCE_OTHER);
    }
}

static void print_is(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    static const char *const kinds[] = {"NULL",           "TRUE",       "FALSE", "UNKNOWN",
                                        "DISTINCT FROM ", "NORMALIZED", "JSON",  "JSON OBJECT",
                                        "JSON ARRAY",     "JSON SCALAR"};
    sql_print_operand(out, expr->is.operand, WEIR_SQL_PRECEDENCE_IS);
    print(out, expr->is.negated ? " IS NOT " : " IS ");
    if (expr->is.kind == WEIR_SQL_IS_NORMALIZED) {
        weir_buffer_append_slice(out, expr->is.form);
        weir_buffer_append_char(out, ' ');
    }
    print(out, kinds[expr->is.kind]);
    if (expr->is.kind == WEIR_SQL_IS_DISTINCT_FROM)
        sql_print_operand(out, expr->is.right, WEIR_SQL_PRECEDENCE_COMPARISON);
}

static void print_in(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    if (expr->kind == WEIR_SQL_EXPR_IN_LIST) {
        sql_print_operand(out, expr->in_list.operand, WEIR_SQL_PRECEDENCE_BETWEEN);
        print_enclosed(out, expr->in_list.negated ? " NOT IN (" : " IN (", &expr->in_list.items,
                       ")");
        return;
    }
    sql_print_operand(out, expr->in_query.operand, WEIR_SQL_PRECEDENCE_BETWEEN);
    print_subquery(out, expr->in_query.negated ? " NOT IN (" : " IN (", expr->in_query.query);
}

static void print_at_time_zone(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    sql_print_operand(out, expr->at_time_zone.operand, WEIR_SQL_PRECEDENCE_AT);
    if (!expr->at_time_zone.zone) {
        print(out, " AT LOCAL");
        return;
    }
    print(out, " AT TIME ZONE ");
    sql_print_operand(out, expr->at_time_zone.zone, WEIR_SQL_PRECEDENCE_COLLATE);
}

/* ---------------------------------------------------------------- behind primaries */

/* The operand of [ ] or .name, in parentheses unless it may stand there alone. */
static void print_base(struct weir_buffer *out, const struct weir_sql_expr *expr, bool field)
{
    bool alone;
    switch (expr->kind) {
    case WEIR_SQL_EXPR_CALL:
        alone = !field || !is_bare_call(expr->call);
        break;
    case WEIR_SQL_EXPR_SUBSCRIPT:
    case WEIR_SQL_EXPR_SLICE:
    case WEIR_SQL_EXPR_FIELD:
        alone = true;
        break;
    case WEIR_SQL_EXPR_NAME:
    case WEIR_SQL_EXPR_ARRAY:
        alone = !field;
        break;
    default:
        alone = false;
    }
    print(out, alone ? "" : "(");
    weir_sql_print_expression(out, expr);
    print(out, alone ? "" : ")");
}

static void print_subscript(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    bool slice = expr->kind == WEIR_SQL_EXPR_SLICE;
    print_base(out, slice ? expr->slice.operand : expr->subscript.operand, false);
    weir_buffer_append_char(out, '[');
    if (!slice) {
        weir_sql_print_expression(out, expr->subscript.index);
    } else {
        if (expr->slice.low)
            weir_sql_print_expression(out, expr->slice.low);
        weir_buffer_append_char(out, ':');
        if (expr->slice.high)
            weir_sql_print_expression(out, expr->slice.high);
    }
    weir_buffer_append_char(out, ']');
}

static void print_star(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    if (expr->star.operand) {
        print_base(out, expr->star.operand, true);
        weir_buffer_append_char(out, '.');
    } else if (expr->star.qualifier.count) {
        sql_print_names(out, &expr->star.qualifier, SQL_PRINT_EXPR);
        weir_buffer_append_char(out, '.');
    }
    weir_buffer_append_char(out, '*');
    if (expr->star.except.count) {
        print(out, " EXCEPT ");
        sql_print_name_list(out, &expr->star.except);
    }
    for (uint32_t i = 0; i < expr->star.replace.count; i++) {
        print(out, i ? ", " : " REPLACE (");
        weir_sql_print_expression(out, expr->star.replace.items[i]);
        print(out, " AS ");
        sql_print_name_for(out, &expr->star.replace_names.items[i], SQL_PRINT_ANY);
    }
    print(out, expr->star.replace.count ? ")" : "");
}

/* ---------------------------------------------------------------- the others */

static void print_typed(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    sql_print_literal_type(out, expr->typed.type);
    weir_buffer_append_char(out, ' ');
    weir_sql_print_string(out, expr->typed.text);
    if (expr->typed.type->kind == WEIR_SQL_TYPE_INTERVAL)
        sql_print_interval_units(out, expr->typed.type);
}

static void print_case(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    print(out, "CASE");
    if (expr->cases.operand) {
        weir_buffer_append_char(out, ' ');
        weir_sql_print_expression(out, expr->cases.operand);
    }
    for (uint32_t i = 0; i < expr->cases.whens_count; i++) {
        print(out, " WHEN ");
        weir_sql_print_expression(out, expr->cases.whens[i].condition);
        print(out, " THEN ");
        weir_sql_print_expression(out, expr->cases.whens[i].result);
    }
    if (expr->cases.otherwise) {
        print(out, " ELSE ");
        weir_sql_print_expression(out, expr->cases.otherwise);
    }
    print(out, " END");
}

static void print_struct(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    print(out, "STRUCT(");
    for (uint32_t i = 0; i < expr->fields.count; i++) {
        const struct weir_sql_argument *item = &expr->fields.items[i];
        print(out, i ? ", " : "");
        weir_sql_print_expression(out, item->value);
        if (item->name.text.data) {
            print(out, " AS ");
            sql_print_name_for(out, &item->name, SQL_PRINT_ANY);
        }
    }
    weir_buffer_append_char(out, ')');
}

static void print_map(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    print(out, "MAP {");
    for (uint32_t i = 0; i < expr->map.keys.count; i++) {
        print(out, i ? ", " : "");
        weir_sql_print_expression(out, expr->map.keys.items[i]);
        print(out, ": ");
        weir_sql_print_expression(out, expr->map.values.items[i]);
    }
    weir_buffer_append_char(out, '}');
}

static void print_cast(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    print(out, expr->cast.try_cast ? "TRY_CAST(" : "CAST(");
    weir_sql_print_expression(out, expr->cast.operand);
    print(out, " AS ");
    weir_sql_print_type(out, expr->cast.type);
    weir_buffer_append_char(out, ')');
}

static void print_collate(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    sql_print_operand(out, expr->collate.operand, WEIR_SQL_PRECEDENCE_COLLATE);
    print(out, " COLLATE ");
    sql_print_names(out, &expr->collate.collation, SQL_PRINT_EXPR);
}

static void print_marked(struct weir_buffer *out, const char *mark, struct weir_slice text)
{
    print(out, mark);
    weir_buffer_append_slice(out, text);
    weir_buffer_append_char(out, '\'');
}

/* Literals, names and what is made of lists; false when expr is none of them. */
static bool print_simple(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    switch (expr->kind) {
    case WEIR_SQL_EXPR_NULL:
        print(out, "NULL");
        return true;
    case WEIR_SQL_EXPR_BOOLEAN:
        print(out, expr->boolean ? "TRUE" : "FALSE");
        return true;
    case WEIR_SQL_EXPR_INTEGER:
    case WEIR_SQL_EXPR_DECIMAL:
    case WEIR_SQL_EXPR_FLOAT:
        weir_buffer_append_slice(out, expr->text);
        return true;
    case WEIR_SQL_EXPR_STRING:
        weir_sql_print_string(out, expr->text);
        return true;
    case WEIR_SQL_EXPR_BITS:
        print_marked(out, "B'", expr->text);
        return true;
    case WEIR_SQL_EXPR_HEX:
        print_marked(out, "X'", expr->text);
        return true;
    case WEIR_SQL_EXPR_PARAMETER:
        weir_buffer_printf(out, "$%u", expr->parameter);
        return true;
    case WEIR_SQL_EXPR_NAME:
        sql_print_names(out, &expr->name, SQL_PRINT_EXPR);
        return true;
    case WEIR_SQL_EXPR_EXISTS:
        print_subquery(out, "EXISTS (", expr->query);
        return true;
    case WEIR_SQL_EXPR_QUERY:
        print_subquery(out, "(", expr->query);
        return true;
    case WEIR_SQL_EXPR_ARRAY_QUERY:
        print_subquery(out, "ARRAY(", expr->query);
        return true;
    case WEIR_SQL_EXPR_ROW:
        print_enclosed(out, "ROW(", &expr->list, ")");
        return true;
    case WEIR_SQL_EXPR_ARRAY:
        print_enclosed(out, "ARRAY[", &expr->list, "]");
        return true;
    default:
        return false;
    }
}

static void print_compound(struct weir_buffer *out, const struct weir_sql_expr *expr)
{
    switch (expr->kind) {
    case WEIR_SQL_EXPR_TYPED:
        print_typed(out, expr);
        break;
    case WEIR_SQL_EXPR_STAR:
        print_star(out, expr);
        break;
    case WEIR_SQL_EXPR_UNARY:
        print_unary(out, expr);
        break;
    case WEIR_SQL_EXPR_BINARY:
        print_binary(out, expr);
        break;
    case WEIR_SQL_EXPR_AND:
    case WEIR_SQL_EXPR_OR:
        print_logic(out, expr);
        break;
    case WEIR_SQL_EXPR_CAST:
        print_cast(out, expr);
        break;
    case WEIR_SQL_EXPR_CASE:
        print_case(out, expr);
        break;
    case WEIR_SQL_EXPR_CALL:
        sql_print_call(out, expr->call, false);
        break;
    case WEIR_SQL_EXPR_IN_LIST:
    case WEIR_SQL_EXPR_IN_QUERY:
        print_in(out, expr);
        break;
    case WEIR_SQL_EXPR_QUANTIFIED:
        print_quantified(out, expr);
        break;
    case WEIR_SQL_EXPR_BETWEEN:
        print_between(out, expr);
        break;
    case WEIR_SQL_EXPR_LIKE:
        print_like(out, expr);
        break;
    case WEIR_SQL_EXPR_IS:
        print_is(out, expr);
        break;
    case WEIR_SQL_EXPR_AT_TIME_ZONE:
        print_at_time_zone(out, expr);
        break;
    case WEIR_SQL_EXPR_COLLATE:
        print_collate(out, expr);
        break;
    case WEIR_SQL_EXPR_SUBSCRIPT:
    case WEIR_SQL_EXPR_SLICE:
        print_subscript(out, expr);
        break;
    case WEIR_SQL_EXPR_FIELD:
        print_base(out, expr->field.operand, true);
        weir_buffer_append_char(out, '.');
        sql_print_name_for(out, &expr->field.name, SQL_PRINT_ANY);
        break;
    case WEIR_SQL_EXPR_STRUCT:
        print_struct(out, expr);
        break;
    default:
        print_map(out, expr);
        break;
    }
}

void weir_sql_print_expression(struct weir_buffer *buffer, const struct weir_sql_expr *expr)
{
    if (!print_simple(buffer, expr))
        print_compound(buffer, expr);
}
