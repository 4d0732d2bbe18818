/* Printing queries and tables. Operands of set operations and right sides of joins are put into
 * parentheses where grouping to the left would change them; the comma is printed as CROSS JOIN. */
#include "sql/print_internal.h"
#include "sql/sql.h"

static void print(struct weir_buffer *out, const char *text)
{
    weir_buffer_append_string(out, text);
}

/* ---------------------------------------------------------------- tables */

static void print_table(struct weir_buffer *out, const struct weir_sql_table *table);

static void print_join(struct weir_buffer *out, const struct weir_sql_table *table)
{
    static const char *const kinds[] = {"JOIN ",       "LEFT JOIN ", "RIGHT JOIN ", "FULL JOIN ",
                                        "CROSS JOIN ", "SEMI JOIN ", "ANTI JOIN "};
    const struct weir_sql_table *right = table->join.right;
    bool parentheses = right->kind == WEIR_SQL_TABLE_JOIN && !right->alias.text.data;
    print_table(out, table->join.left);
    weir_buffer_append_char(out, ' ');
    print(out, table->join.natural ? "NATURAL " : table->join.asof ? "ASOF " : "");
    print(out, kinds[table->join.kind]);
    print(out, parentheses ? "(" : "");
    print_table(out, right);
    print(out, parentheses ? ")" : "");
    if (table->join.on) {
        print(out, " ON ");
        weir_sql_print_expression(out, table->join.on);
    }
    if (table->join.using.count) {
        print(out, " USING ");
        sql_print_name_list(out, &table->join.using);
    }
}

static void print_alias(struct weir_buffer *out, const struct weir_sql_table *table)
{
    if (!table->alias.text.data)
        return;
    print(out, " AS ");
    sql_print_name_for(out, &table->alias, SQL_PRINT_ANY);
    if (table->alias_columns.count && !table->alias_types) {
        sql_print_name_list(out, &table->alias_columns);
        return;
    }
    for (uint32_t i = 0; i < table->alias_columns.count; i++) {
        print(out, i ? ", " : "(");
        sql_print_name_for(out, &table->alias_columns.items[i], SQL_PRINT_ANY);
        weir_buffer_append_char(out, ' ');
        weir_sql_print_type(out, table->alias_types[i]);
    }
    print(out, table->alias_types ? ")" : "");
}

static void print_table(struct weir_buffer *out, const struct weir_sql_table *table)
{
    print(out, table->lateral ? "LATERAL " : "");
    switch (table->kind) {
    case WEIR_SQL_TABLE_NAME:
        sql_print_names(out, &table->name, SQL_PRINT_TABLE);
        break;
    case WEIR_SQL_TABLE_FILE:
        weir_sql_print_string(out, table->path);
        break;
    case WEIR_SQL_TABLE_FUNCTION:
        sql_print_call(out, table->function.call, true);
        print(out, table->function.with_ordinality ? " WITH ORDINALITY" : "");
        break;
    case WEIR_SQL_TABLE_QUERY:
        weir_buffer_append_char(out, '(');
        weir_sql_print_query(out, table->query);
        weir_buffer_append_char(out, ')');
        break;
    case WEIR_SQL_TABLE_JOIN:
        print(out, table->alias.text.data ? "(" : "");
        print_join(out, table);
        print(out, table->alias.text.data ? ")" : "");
        break;
    }
    if (table->system_time) {
        print(out, " FOR SYSTEM_TIME AS OF ");
        weir_sql_print_expression(out, table->system_time);
    }
    print_alias(out, table);
}

/* ---------------------------------------------------------------- SELECT */

static void print_grouping(struct weir_buffer *out, const struct weir_sql_grouping *grouping)
{
    switch (grouping->kind) {
    case WEIR_SQL_GROUPING_EXPR:
        weir_sql_print_expression(out, grouping->expr);
        return;
    case WEIR_SQL_GROUPING_SET:
        weir_buffer_append_char(out, '(');
        sql_print_exprs(out, &grouping->exprs);
        weir_buffer_append_char(out, ')');
        return;
    case WEIR_SQL_GROUPING_ROLLUP:
        print(out, "ROLLUP (");
        break;
    case WEIR_SQL_GROUPING_CUBE:
        print(out, "CUBE (");
        break;
    case WEIR_SQL_GROUPING_SETS:
        print(out, "GROUPING SETS (");
        break;
    }
    for (uint32_t i = 0; i < grouping->items_count; i++) {
        print(out, i ? ", " : "");
        print_grouping(out, &grouping->items[i]);
    }
    weir_buffer_append_char(out, ')');
}

static void print_select_items(struct weir_buffer *out, const struct weir_sql_select *select)
{
    print(out, select->distinct ? "SELECT DISTINCT " : "SELECT ");
    if (select->distinct_on.count) {
        print(out, "ON (");
        sql_print_exprs(out, &select->distinct_on);
        print(out, ") ");
    }
    for (uint32_t i = 0; i < select->items_count; i++) {
        print(out, i ? ", " : "");
        weir_sql_print_expression(out, select->items[i].expr);
        if (select->items[i].alias.text.data) {
            print(out, " AS ");
            sql_print_name_for(out, &select->items[i].alias, SQL_PRINT_ANY);
        }
    }
}

static void print_condition(struct weir_buffer *out, const char *word,
                            const struct weir_sql_expr *expr)
{
    if (!expr)
        return;
    print(out, word);
    weir_sql_print_expression(out, expr);
}

static void print_select(struct weir_buffer *out, const struct weir_sql_select *select)
{
    print_select_items(out, select);
    if (select->from) {
        print(out, " FROM ");
        print_table(out, select->from);
    }
    print_condition(out, " WHERE ", select->where);
    for (uint32_t i = 0; i < select->group_by_count; i++) {
        print(out, i ? ", " : select->group_by_distinct ? " GROUP BY DISTINCT " : " GROUP BY ");
        print_grouping(out, &select->group_by[i]);
    }
    print_condition(out, " HAVING ", select->having);
    for (uint32_t i = 0; i < select->windows_count; i++) {
        print(out, i ? ", " : " WINDOW ");
        sql_print_name_for(out, &select->windows[i].name, SQL_PRINT_ANY);
        print(out, " AS ");
        sql_print_window(out, select->windows[i].window);
    }
    print_condition(out, " QUALIFY ", select->qualify);
}

/* ---------------------------------------------------------------- bodies */

static int set_level(const struct weir_sql_body *body)
{
    if (body->kind != WEIR_SQL_BODY_SET)
        return 3;
    return body->set.kind == WEIR_SQL_INTERSECT ? 2 : 1;
}

static void print_body(struct weir_buffer *out, const struct weir_sql_body *body);

static void print_set_operand(struct weir_buffer *out, const struct weir_sql_body *body, int least)
{
    bool parentheses = set_level(body) < least;
    print(out, parentheses ? "(" : "");
    print_body(out, body);
    print(out, parentheses ? ")" : "");
}

static void print_set(struct weir_buffer *out, const struct weir_sql_body *body)
{
    static const char *const kinds[] = {" UNION ", " INTERSECT ", " EXCEPT "};
    int level = set_level(body);
    print_set_operand(out, body->set.left, level);
    print(out, kinds[body->set.kind]);
    print(out, body->set.all ? "ALL " : "");
    print_set_operand(out, body->set.right, level + 1);
}

static void print_body(struct weir_buffer *out, const struct weir_sql_body *body)
{
    switch (body->kind) {
    case WEIR_SQL_BODY_SELECT:
        print_select(out, body->select);
        break;
    case WEIR_SQL_BODY_VALUES:
        for (uint32_t i = 0; i < body->rows.count; i++) {
            print(out, i ? ", (" : "VALUES (");
            sql_print_exprs(out, &body->rows.items[i]);
            weir_buffer_append_char(out, ')');
        }
        break;
    case WEIR_SQL_BODY_TABLE:
        print(out, "TABLE ");
        sql_print_names(out, &body->table, SQL_PRINT_TABLE);
        break;
    case WEIR_SQL_BODY_SET:
        print_set(out, body);
        break;
    case WEIR_SQL_BODY_QUERY:
        weir_buffer_append_char(out, '(');
        weir_sql_print_query(out, body->query);
        weir_buffer_append_char(out, ')');
        break;
    }
}

/* ---------------------------------------------------------------- the whole */

static void print_with(struct weir_buffer *out, const struct weir_sql_query *query)
{
    for (uint32_t i = 0; i < query->ctes_count; i++) {
        const struct weir_sql_cte *cte = &query->ctes[i];
        print(out, i ? ", " : query->recursive ? "WITH RECURSIVE " : "WITH ");
        sql_print_name_for(out, &cte->name, SQL_PRINT_START);
        if (cte->columns.count) {
            weir_buffer_append_char(out, ' ');
            sql_print_name_list(out, &cte->columns);
        }
        print(out, " AS (");
        weir_sql_print_query(out, cte->query);
        print(out, i + 1 < query->ctes_count ? ")" : ") ");
    }
}

static void print_limits(struct weir_buffer *out, const struct weir_sql_query *query)
{
    if (query->limit && !query->with_ties)
        print_condition(out, " LIMIT ", query->limit);
    print_condition(out, " OFFSET ", query->offset);
    if (query->limit && query->with_ties) {
        bool number = query->limit->kind == WEIR_SQL_EXPR_INTEGER;
        print(out, number ? " FETCH FIRST " : " FETCH FIRST (");
        weir_sql_print_expression(out, query->limit);
        print(out, number ? " ROWS WITH TIES" : ") ROWS WITH TIES");
    }
}

void weir_sql_print_query(struct weir_buffer *buffer, const struct weir_sql_query *query)
{
    print_with(buffer, query);
    print_body(buffer, query->body);
    if (query->order_by.count) {
        print(buffer, " ORDER BY ");
        sql_print_orders(buffer, &query->order_by);
    }
    print_limits(buffer, query);
    switch (query->emit.kind) {
    case WEIR_SQL_EMIT_DEFAULT:
        break;
    case WEIR_SQL_EMIT_ON_WINDOW_CLOSE:
        print(buffer, " EMIT ON WINDOW CLOSE");
        break;
    case WEIR_SQL_EMIT_CHANGES:
        print(buffer, " EMIT CHANGES");
        break;
    case WEIR_SQL_EMIT_EVERY:
        print_condition(buffer, " EMIT EVERY ", query->emit.interval);
        break;
    case WEIR_SQL_EMIT_AFTER_LATENESS:
        print(buffer, " EMIT AFTER LATENESS");
        break;
    }
}
