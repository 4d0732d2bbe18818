/* The tree itself: what the binder finds in it, with positions. */
#include "sql_test.h"

static struct weir_sql_statement *only(struct parsed *parsed, const char *text,
                                       enum weir_sql_statement_kind kind)
{
    parse(parsed, text);
    if (!expect_parsed(parsed, text) || !EXPECT_INT(parsed->program->statements_count, 1) ||
        !EXPECT_INT(parsed->program->statements[0]->kind, kind))
        return NULL;
    return parsed->program->statements[0];
}

static void expect_position(struct weir_position position, uint32_t line, uint32_t column,
                            uint32_t length)
{
    EXPECT_INT(position.line, line);
    EXPECT_INT(position.column, column);
    EXPECT_INT(position.length, length);
}

static void create_table(void)
{
    struct parsed parsed;
    struct weir_sql_statement *statement =
        only(&parsed,
             "CREATE TABLE db.Orders (\n"
             "  Id BIGINT NOT NULL PRIMARY KEY,\n"
             "  \"Price\" DECIMAL(12, 2),\n"
             "  part INT METADATA FROM 'partition',\n"
             "  day DATE GENERATED ALWAYS AS (CAST(ts AS DATE)) STORED COMMENT 'c',\n"
             "  ts TIMESTAMP(3) WITH TIME ZONE,\n"
             "  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND,\n"
             "  PRIMARY KEY (Id, day)\n"
             ") WITH (connector = 'kafka', 'json.x' = 5);",
             WEIR_SQL_CREATE_TABLE);
    if (statement) {
        const struct weir_sql_create_table *table = statement->create_table;
        EXPECT_INT(table->name.count, 2);
        EXPECT_SLICE(table->name.items[1].text, "orders");
        EXPECT(table->has_columns && table->has_options && !table->query);
        EXPECT_INT(table->columns_count, 5);
        const struct weir_sql_column *columns = table->columns;
        EXPECT_SLICE(columns[0].name.text, "id");
        EXPECT(columns[0].not_null && columns[0].primary_key && !columns[0].name.quoted);
        EXPECT_INT(columns[0].type->kind, WEIR_SQL_TYPE_BIGINT);
        EXPECT_SLICE(columns[1].name.text, "Price");
        EXPECT(columns[1].name.quoted);
        EXPECT_INT(columns[1].type->precision, 12);
        EXPECT_INT(columns[1].type->scale, 2);
        expect_position(columns[1].name.position, 3, 3, 7);
        expect_position(columns[1].type->position, 3, 11, 7);
        EXPECT(columns[2].has_metadata);
        EXPECT_SLICE(columns[2].metadata, "partition");
        expect_position(columns[2].metadata_position, 4, 26, 11);
        EXPECT_INT(columns[3].generated->kind, WEIR_SQL_EXPR_CAST);
        EXPECT_INT(columns[3].storage, WEIR_SQL_GENERATED_STORED);
        EXPECT_SLICE(columns[3].comment, "c");
        EXPECT_INT(columns[4].type->kind, WEIR_SQL_TYPE_TIMESTAMPTZ);
        EXPECT_INT(columns[4].type->precision, 3);
        EXPECT_SLICE(table->watermark->column.items[0].text, "ts");
        EXPECT_INT(table->watermark->expr->kind, WEIR_SQL_EXPR_BINARY);
        EXPECT_INT(table->watermark->expr->binary.op, WEIR_SQL_OP_SUBTRACT);
        expect_position(table->watermark->expr->position, 7, 26, 1);
        EXPECT(table->has_primary_key);
        EXPECT_INT(table->primary_key.count, 2);
        EXPECT_INT(table->options.count, 2);
        EXPECT_SLICE(table->options.items[1].key, "json.x");
        EXPECT_INT(table->options.items[1].kind, WEIR_SQL_OPTION_NUMBER);
        EXPECT_SLICE(table->options.items[1].value, "5");
        expect_position(table->options.items[1].value_position, 9, 41, 1);
    }
    release(&parsed);
}

static void query(void)
{
    struct parsed parsed;
    struct weir_sql_statement *statement = only(
        &parsed,
        "WITH RECURSIVE c (x) AS (SELECT 1) SELECT DISTINCT a.b AS \"B\", count(*) n, c.* FROM c "
        "LEFT JOIN 'f.json' f ON c.x = f.y WHERE a GROUP BY 1, ROLLUP (a, (b, c)) HAVING b "
        "QUALIFY d ORDER BY 1 DESC NULLS LAST LIMIT 5 OFFSET 2 EMIT EVERY INTERVAL 1 SECOND",
        WEIR_SQL_QUERY);
    if (statement) {
        const struct weir_sql_query *q = statement->query;
        EXPECT(q->recursive);
        EXPECT_INT(q->ctes_count, 1);
        EXPECT_SLICE(q->ctes[0].columns.items[0].text, "x");
        EXPECT_INT(q->body->kind, WEIR_SQL_BODY_SELECT);
        EXPECT_SLICE(q->limit->text, "5");
        EXPECT_SLICE(q->offset->text, "2");
        EXPECT(q->order_by.items[0].descending);
        EXPECT_INT(q->order_by.items[0].nulls, WEIR_SQL_NULLS_LAST);
        EXPECT_INT(q->emit.kind, WEIR_SQL_EMIT_EVERY);
        EXPECT_SLICE(q->emit.interval->typed.text, "1");
        EXPECT_INT(q->emit.interval->typed.type->from, WEIR_SQL_UNIT_SECOND);
        const struct weir_sql_select *s = q->body->select;
        EXPECT(s->distinct && s->distinct_on.count == 0);
        EXPECT_INT(s->items_count, 3);
        EXPECT_INT(s->items[0].expr->name.count, 2);
        expect_position(s->items[0].expr->position, 1, 52, 3);
        EXPECT_SLICE(s->items[0].alias.text, "B");
        EXPECT(s->items[1].expr->call->star);
        EXPECT_SLICE(s->items[1].alias.text, "n");
        EXPECT_INT(s->items[2].expr->kind, WEIR_SQL_EXPR_STAR);
        EXPECT_SLICE(s->items[2].expr->star.qualifier.items[0].text, "c");
        EXPECT_INT(s->from->kind, WEIR_SQL_TABLE_JOIN);
        EXPECT_INT(s->from->join.kind, WEIR_SQL_JOIN_LEFT);
        EXPECT_INT(s->from->join.right->kind, WEIR_SQL_TABLE_FILE);
        EXPECT_SLICE(s->from->join.right->path, "f.json");
        EXPECT_SLICE(s->from->join.right->alias.text, "f");
        EXPECT(s->where && s->having && s->qualify);
        EXPECT_INT(s->group_by_count, 2);
        EXPECT_INT(s->group_by[1].kind, WEIR_SQL_GROUPING_ROLLUP);
        EXPECT_INT(s->group_by[1].items[1].kind, WEIR_SQL_GROUPING_SET);
        EXPECT_INT(s->group_by[1].items[1].exprs.count, 2);
    }
    release(&parsed);
}

static void table_function(void)
{
    struct parsed parsed;
    struct weir_sql_statement *statement =
        only(&parsed,
             "SELECT * FROM SESSION(t PARTITION BY k, ts, gap => INTERVAL '5' MINUTE) AS s, "
             "LATERAL (SELECT 1) CROSS JOIN r FOR SYSTEM_TIME AS OF s.ts",
             WEIR_SQL_QUERY);
    if (statement) {
        const struct weir_sql_table *join = statement->query->body->select->from;
        EXPECT_INT(join->join.kind, WEIR_SQL_JOIN_CROSS);
        const struct weir_sql_table *session = join->join.left;
        EXPECT_INT(session->kind, WEIR_SQL_TABLE_FUNCTION);
        const struct weir_sql_call *call = session->function.call;
        EXPECT_SLICE(call->name.items[0].text, "session");
        EXPECT_INT(call->arguments_count, 3);
        EXPECT_INT(call->arguments[0].partition_by.count, 1);
        EXPECT_SLICE(call->arguments[2].name.text, "gap");
        EXPECT(join->join.right->join.left->lateral);
        EXPECT_INT(join->join.right->join.right->system_time->kind, WEIR_SQL_EXPR_NAME);
    }
    release(&parsed);
}

static void window(void)
{
    struct parsed parsed;
    struct weir_sql_statement *statement = only(
        &parsed,
        "SELECT lag(a) IGNORE NULLS OVER (w PARTITION BY b ORDER BY c RANGE BETWEEN 1 PRECEDING "
        "AND CURRENT ROW EXCLUDE TIES), sum(a) FILTER (WHERE b) OVER v FROM t",
        WEIR_SQL_QUERY);
    if (statement) {
        const struct weir_sql_select *s = statement->query->body->select;
        const struct weir_sql_call *lag = s->items[0].expr->call;
        EXPECT_INT(lag->nulls, WEIR_SQL_NULL_TREATMENT_IGNORE);
        EXPECT_SLICE(lag->over->base.text, "w");
        EXPECT(!lag->over->is_reference);
        EXPECT_INT(lag->over->frame->unit, WEIR_SQL_FRAME_RANGE);
        EXPECT_INT(lag->over->frame->start.kind, WEIR_SQL_BOUND_PRECEDING);
        EXPECT_SLICE(lag->over->frame->start.value->text, "1");
        EXPECT_INT(lag->over->frame->end.kind, WEIR_SQL_BOUND_CURRENT_ROW);
        EXPECT_INT(lag->over->frame->exclude, WEIR_SQL_EXCLUDE_TIES);
        const struct weir_sql_call *sum = s->items[1].expr->call;
        EXPECT(sum->filter != NULL && sum->over->is_reference);
        EXPECT_SLICE(sum->over->base.text, "v");
    }
    release(&parsed);
}

static void statements(void)
{
    struct parsed parsed;
    struct weir_sql_statement *statement =
        only(&parsed, "\n  INSERT INTO t (a, b) SELECT 1, 2 -- end\n ;", WEIR_SQL_INSERT);
    if (statement) {
        EXPECT_SLICE(statement->text, "INSERT INTO t (a, b) SELECT 1, 2");
        expect_position(statement->position, 2, 3, 6);
        EXPECT_INT(statement->position.offset, 3);
        EXPECT_INT(statement->insert->columns.count, 2);
    }
    release(&parsed);
    statement = only(&parsed, "EXPLAIN STATE (FORMAT JSON) SHOW TABLES", WEIR_SQL_EXPLAIN);
    if (statement) {
        EXPECT_INT(statement->explain->form, WEIR_SQL_EXPLAIN_STATE);
        EXPECT(statement->explain->json);
        EXPECT_INT(statement->explain->statement->kind, WEIR_SQL_SHOW);
    }
    release(&parsed);
    statement = only(&parsed,
                     "CREATE FUNCTION f(a INT, TEXT) RETURNS BIGINT LANGUAGE Python STRICT AS $$\n"
                     "def f(): pass$$",
                     WEIR_SQL_CREATE_FUNCTION);
    if (statement) {
        const struct weir_sql_create_function *function = statement->create_function;
        EXPECT_INT(function->arguments_count, 2);
        EXPECT_SLICE(function->arguments[0].name.text, "a");
        EXPECT(function->arguments[1].name.text.data == NULL);
        EXPECT_SLICE(function->language.text, "python");
        EXPECT_SLICE(function->body, "\ndef f(): pass");
        EXPECT(function->strict);
    }
    release(&parsed);
    statement = only(&parsed, "SET a.B = interval '1' day", WEIR_SQL_SET);
    if (statement) {
        EXPECT_SLICE(statement->option->key, "a.b");
        EXPECT_INT(statement->option->kind, WEIR_SQL_OPTION_INTERVAL);
        EXPECT_SLICE(statement->option->value, "1 day");
    }
    release(&parsed);
    statement = only(&parsed, "CREATE TIMELINE t AS x | y ;", WEIR_SQL_CREATE_TIMELINE);
    if (statement)
        EXPECT_SLICE(statement->create_timeline->body, "AS x | y");
    release(&parsed);
}

static void expressions(void)
{
    struct weir_arena arena;
    struct weir_sql_expr *expr;
    weir_arena_init(&arena, NULL, 0);
    EXPECT_INT(
        weir_sql_parse_expression(weir_slice_from_string("a AND b AND NOT c"), &arena, &expr, NULL),
        WEIR_OK);
    EXPECT_INT(expr->kind, WEIR_SQL_EXPR_AND);
    EXPECT_INT(expr->list.count, 3);
    EXPECT_INT(expr->depth, 3);
    EXPECT_INT(weir_sql_parse_expression(weir_slice_from_string("12345678901234567890123"), &arena,
                                         &expr, NULL),
               WEIR_OK);
    EXPECT_INT(expr->kind, WEIR_SQL_EXPR_INTEGER);
    EXPECT_SLICE(expr->text, "12345678901234567890123");
    EXPECT_INT(weir_sql_parse_expression(weir_slice_from_string("x.y.z"), &arena, &expr, NULL),
               WEIR_OK);
    EXPECT_INT(expr->kind, WEIR_SQL_EXPR_NAME);
    EXPECT_INT(expr->name.count, 3);
    EXPECT_INT(expr->position.length, 5);
    weir_arena_deinit(&arena);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(create_table), TEST_CASE(query),      TEST_CASE(table_function),
        TEST_CASE(window),       TEST_CASE(statements), TEST_CASE(expressions),
    };
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
