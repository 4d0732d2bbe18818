/* Syntax errors: where, what was expected, which word was meant. */
#include "sql_test.h"

struct wrong {
    const char *text;
    uint32_t line, column, length;
    const char *message;
    const char *hint; /* NULL: none */
};

static void check_wrong(const struct wrong *wrong)
{
    struct parsed parsed;
    parse(&parsed, wrong->text);
    if (parsed.status != WEIR_E_SYNTAX || parsed.diagnostics.records_count != 1) {
        fprintf(stderr, "%s\n  has %u errors, status %d\n", wrong->text,
                parsed.diagnostics.records_count, (int)parsed.status);
        test_failures++;
    }
    if (parsed.diagnostics.records_count) {
        const struct weir_error *error = &parsed.diagnostics.records[0];
        bool placed = error->position.line == wrong->line &&
                      error->position.column == wrong->column &&
                      error->position.length == wrong->length;
        if (!placed) {
            fprintf(stderr, "%s\n  %u:%u+%u, expected %u:%u+%u\n", wrong->text,
                    error->position.line, error->position.column, error->position.length,
                    wrong->line, wrong->column, wrong->length);
            test_failures++;
        }
        EXPECT_STRING(error->message, wrong->message);
        EXPECT_STRING(error->hint, wrong->hint ? wrong->hint : "");
        EXPECT_STRING(error->file, "test.sql");
        EXPECT_INT(error->code, 2001);
    }
    release(&parsed);
}

static void check_all(const struct wrong *wrongs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_wrong(&wrongs[i]);
}

static void misspelt_keywords(void)
{
    static const struct wrong wrongs[] = {
        {"SELCT 1", 1, 1, 5, "expected a statement, found \"SELCT\"", "did you mean \"SELECT\"?"},
        {"INSRT INTO t SELECT 1", 1, 1, 5, "expected a statement, found \"INSRT\"",
         "did you mean \"INSERT\"?"},
        {"CREAT TABLE t (a INT)", 1, 1, 5, "expected a statement, found \"CREAT\"",
         "did you mean \"CREATE\"?"},
        {"CREATE TABEL t (a INT)", 1, 8, 5,
         "expected TABLE, VIEW, MATERIALIZED VIEW, FUNCTION or TIMELINE, found \"TABEL\"",
         "did you mean \"TABLE\"?"},
        {"SELECT a FORM t", 1, 10, 4, "unexpected \"FORM\"", "did you mean \"FROM\"?"},
        {"SELECT a\nFROM t\nWEHRE b = 1", 3, 1, 5, "unexpected \"WEHRE\"",
         "did you mean \"WHERE\"?"},
        {"SELECT a FROM t GRUOP BY a", 1, 17, 5, "unexpected \"GRUOP\"", "did you mean \"GROUP\"?"},
        {"SELECT a FROM t JION u ON x", 1, 17, 4, "unexpected \"JION\"", "did you mean \"JOIN\"?"},
        {"SELECT a FROM t ORDRE BY a", 1, 17, 5, "unexpected \"ORDRE\"", "did you mean \"ORDER\"?"},
        {"SELECT a FROM t LIMT 5", 1, 17, 4, "unexpected \"LIMT\"", "did you mean \"LIMIT\"?"},
        {"SELECT a FROM t WHERE a LIEK 'x'", 1, 25, 4,
         "expected \";\" or the end of the statement, found \"LIEK\"", "did you mean \"LIKE\"?"},
        {"SELECT a FROM t WHERE a BETWEN 1 AND 2", 1, 25, 6,
         "expected \";\" or the end of the statement, found \"BETWEN\"",
         "did you mean \"BETWEEN\"?"},
        {"SELECT CASE WHEN a THN b END", 1, 20, 3, "expected \"THEN\", found \"THN\"",
         "did you mean \"THEN\"?"},
        {"SELECT CAST(a SA INT)", 1, 15, 2, "expected \"AS\", found \"SA\"",
         "did you mean \"AS\"?"},
        {"INSERT INOT t SELECT 1", 1, 8, 4, "expected \"INTO\", found \"INOT\"",
         "did you mean \"INTO\"?"},
        {"DROP TABEL t", 1, 6, 5,
         "expected TABLE, VIEW, MATERIALIZED VIEW or FUNCTION, found \"TABEL\"",
         "did you mean \"TABLE\"?"},
        {"SHOW TABELS", 1, 6, 6, "expected TABLES, FUNCTIONS or CONNECTORS, found \"TABELS\"",
         "did you mean \"TABLES\"?"},
        {"SELECT 1 FROM t AS x EMIT CHNGES", 1, 27, 6,
         "expected ON WINDOW CLOSE, CHANGES, EVERY or AFTER LATENESS, found \"CHNGES\"",
         "did you mean \"CHANGES\"?"},
        {"CREATE TABLE t (a INT PRIMARI KEY)", 1, 23, 7,
         "expected \",\" or \")\", found \"PRIMARI\"", "did you mean \"PRIMARY\"?"},
        {"CREATE TABLE t (a INT) WIHT (b = 'c')", 1, 24, 4,
         "expected \";\" or the end of the statement, found \"WIHT\"", "did you mean \"WITH\"?"},
    };
    check_all(wrongs, WEIR_COUNT_OF(wrongs));
}

static void what_was_expected(void)
{
    static const struct wrong wrongs[] = {
        {"SELECT", 1, 7, 1, "expected an expression, found the end of the text", NULL},
        {"SELECT ;", 1, 8, 1, "expected an expression, found \";\"", NULL},
        {"SELECT a, FROM t", 1, 11, 4, "expected an expression, found \"FROM\"", NULL},
        {"SELECT a FROM", 1, 14, 1, "expected a table, found the end of the text", NULL},
        {"SELECT a FROM WHERE b", 1, 15, 5, "expected a table, found \"WHERE\"", NULL},
        {"SELECT (1", 1, 10, 1, "expected \")\", found the end of the text", NULL},
        {"SELECT f(1 2)", 1, 12, 1, "expected \")\", found \"2\"", NULL},
        {"SELECT a b c", 1, 12, 1, "expected \";\" or the end of the statement, found \"c\"", NULL},
        {"SELECT 1 +", 1, 11, 1, "expected an expression, found the end of the text", NULL},
        {"SELECT * FROM t WHERE", 1, 22, 1, "expected an expression, found the end of the text",
         NULL},
        {"SELECT 1 UNION 2", 1, 16, 1, "expected a query, found \"2\"", NULL},
        {"SELECT a AS 5", 1, 13, 1, "expected an alias, found \"5\"", NULL},
        {"SELECT * FROM a JOIN b", 1, 23, 1, "expected ON or USING, found the end of the text",
         NULL},
        {"SELECT * FROM a JOIN b WHERE c", 1, 24, 5, "expected ON or USING, found \"WHERE\"", NULL},
        {"SELECT CASE a END", 1, 15, 3, "expected \"WHEN\", found \"END\"", NULL},
        {"SELECT a[1", 1, 11, 1, "expected \"]\", found the end of the text", NULL},
        {"SELECT a IS 5", 1, 13, 1,
         "expected NULL, TRUE, FALSE, UNKNOWN, DISTINCT FROM, JSON or NORMALIZED, found \"5\"",
         NULL},
        {"SELECT a IN 5", 1, 13, 1, "expected \"(\", found \"5\"", NULL},
        {"SELECT a::", 1, 11, 1, "expected a type, found the end of the text", NULL},
        {"SELECT CAST(a AS ARRAY)", 1, 23, 1, "expected \"<\", found \")\"", NULL},
        {"SELECT 'a' 'b'", 1, 12, 3, "expected \";\" or the end of the statement, found 'b'", NULL},
        {"CREATE TABLE", 1, 13, 1, "expected a table name, found the end of the text", NULL},
        {"CREATE TABLE t", 1, 15, 1,
         "expected a column list, WITH (\xE2\x80\xA6) or AS, found the end of the text", NULL},
        {"CREATE TABLE t ()", 1, 17, 1, "expected a column, found \")\"", NULL},
        {"CREATE TABLE t (a)", 1, 18, 1, "expected a type, found \")\"", NULL},
        {"CREATE TABLE t (a NOT NULL)", 1, 19, 3, "expected a type, found \"NOT\"", NULL},
        {"CREATE TABLE t (a INT, , b INT)", 1, 24, 1, "expected a column, found \",\"", NULL},
        {"CREATE TABLE t (a INT b TEXT)", 1, 23, 1, "expected \",\" or \")\", found \"b\"", NULL},
        {"CREATE TABLE t WITH (a)", 1, 23, 1, "expected \"=\", found \")\"", NULL},
        {"CREATE TABLE t WITH (a = )", 1, 26, 1, "expected a number, found \")\"", NULL},
        {"CREATE TABLE t WITH (a = kafka)", 1, 26, 5, "the value of an option must be a literal",
         "write 'kafka'"},
        {"CREATE TABLE t WITH (a = \"kafka\")", 1, 26, 7,
         "the value of an option must be a literal", "text is written in single quotes"},
        {"CREATE TABLE t WITH (a = 'b' c = 'd')", 1, 30, 1, "expected \",\" or \")\", found \"c\"",
         NULL},
        {"CREATE VIEW v", 1, 14, 1, "expected \"AS\", found the end of the text", NULL},
        {"CREATE FUNCTION f() RETURNS INT AS ''", 1, 38, 1,
         "expected LANGUAGE, found the end of the text", NULL},
        {"CREATE FUNCTION f() LANGUAGE c AS ''", 1, 37, 1,
         "expected RETURNS and a type, found the end of the text", NULL},
        {"CREATE FUNCTION f() RETURNS INT LANGUAGE c", 1, 43, 1,
         "expected AS and the body, found the end of the text", NULL},
        {"INSERT INTO t", 1, 14, 1, "expected a query, found the end of the text", NULL},
        {"EXPLAIN", 1, 8, 1, "expected a statement, found the end of the text", NULL},
        {"EXPLAIN (FORMAT XML) SELECT 1", 1, 17, 3, "expected JSON or TEXT, found \"XML\"", NULL},
        {"SET a", 1, 6, 1, "expected \"=\", found the end of the text", NULL},
        {"DESCRIBE", 1, 9, 1, "expected a table name, found the end of the text", NULL},
        {"SELECT 1 EMIT EVERY", 1, 20, 1, "expected an expression, found the end of the text",
         NULL},
        {"SELECT sum(a) OVER (ROWS 1)", 1, 27, 1, "expected PRECEDING or FOLLOWING, found \")\"",
         NULL},
        {"SELECT 'this text is quite a bit longer than what a message shows' x y", 1, 70, 1,
         "expected \";\" or the end of the statement, found \"y\"", NULL},
        {"SELECT x 'this text is quite a bit longer than what a message shows'", 1, 10, 59,
         "expected \";\" or the end of the statement, found 'this text is quite a bit longer than "
         "wh\xE2\x80\xA6",
         NULL},
    };
    check_all(wrongs, WEIR_COUNT_OF(wrongs));
}

static void what_is_wrong(void)
{
    static const struct wrong wrongs[] = {
        {"SELECT a < b < c", 1, 14, 1, "comparisons do not chain; write a < b AND b < c", NULL},
        {"SELECT a = b = c", 1, 14, 1, "comparisons do not chain; write a < b AND b < c", NULL},
        {"SELECT 12abc", 1, 8, 5, "a number is followed by letters: \"12abc\"", NULL},
        {"SELECT 'abc", 1, 8, 1, "a string is not closed", NULL},
        {"SELECT 1;\nSELECT \"abc FROM t", 2, 8, 1, "a quoted name is not closed",
         "text is written in single quotes"},
        {"SELECT /* /* x */ 1", 1, 8, 2, "a comment is not closed", NULL},
        {"SELECT $x$ abc $y$", 1, 8, 3, "a dollar-quoted string is not closed", NULL},
        {"SELECT \"\"", 1, 8, 2, "a quoted name is empty", NULL},
        {"SELECT \\", 1, 8, 1, "unexpected character: \"\\\"", NULL},
        {"SELECT \xE2\x80\x9C"
         "a\xE2\x80\x9D",
         1, 8, 1, "a typographic quote: \"\xE2\x80\x9C\"",
         "write ' around text and \" around names"},
        {"SELECT E'\\u00'", 1, 8, 7, "an escape does not make a character", NULL},
        {"SELECT E'\\xff'", 1, 8, 7, "an escape does not make a character", NULL},
        {"SELECT E'\\ud83d'", 1, 8, 9, "an escape does not make a character", NULL},
        {"SELECT E'\\000'", 1, 8, 7, "an escape does not make a character", NULL},
        {"SELECT U&'\\00'", 1, 8, 7, "an escape does not make a character", NULL},
        {"SELECT U&'a' UESCAPE '+'", 1, 22, 3, "this cannot be the escape character of a string",
         NULL},
        {"SELECT B'012'", 1, 8, 6, "this has other digits than 0 and 1", NULL},
        {"SELECT X'0G'", 1, 8, 5, "this has other digits than hexadecimal ones", NULL},
        {"SELECT $0", 1, 8, 2, "parameters go from $1 to $65535", NULL},
        {"SELECT a + t.*", 1, 12, 1, "a star stands only in a select list or a call", NULL},
        {"SELECT 1 WHERE *", 1, 16, 1, "a star stands only in a select list or a call", NULL},
        {"SELECT MAP['a', 1, 'b']", 1, 8, 3, "MAP[\xE2\x80\xA6] needs a value for every key", NULL},
        {"SELECT INTERVAL '1' DAY TO YEAR", 1, 28, 4,
         "an interval goes from the larger to the smaller unit", NULL},
        {"SELECT sum(a) OVER (ROWS UNBOUNDED FOLLOWING)", 1, 21, 4,
         "a frame cannot start at UNBOUNDED FOLLOWING", NULL},
        {"SELECT sum(a) OVER (ROWS BETWEEN 1 FOLLOWING AND CURRENT ROW)", 1, 21, 4,
         "a frame ends before it starts", NULL},
        {"SELECT * FROM (SELECT 1 EMIT CHANGES)", 1, 25, 4,
         "EMIT stands at the end of the statement, not in a subquery", NULL},
        {"SELECT * FROM a ASOF RIGHT JOIN b ON c", 1, 17, 4,
         "an ASOF JOIN is an inner or a left join", NULL},
        {"SELECT * FROM f() FOR SYSTEM_TIME AS OF t", 1, 19, 3,
         "FOR SYSTEM_TIME AS OF belongs behind the name of a table", NULL},
        {"SELECT * FROM TABLE(t)", 1, 21, 1,
         "TABLE(\xE2\x80\xA6) holds the call of a table function", NULL},
        {"SELECT * FROM f() AS r(a int, b)", 1, 32, 1,
         "either all columns of an alias have a type or none", NULL},
        {"SELECT 1 LIMIT 1 LIMIT 2", 1, 18, 5, "LIMIT is given twice", NULL},
        {"CREATE TABLE t (WATERMARK FOR a, WATERMARK FOR b)", 1, 34, 9, "WATERMARK is given twice",
         NULL},
        {"CREATE TABLE t (a INT, PRIMARY KEY (a), PRIMARY KEY (a))", 1, 41, 7,
         "PRIMARY KEY is given twice", NULL},
        {"CREATE TABLE t WITH () WITH ()", 1, 24, 4, "WITH is given twice", NULL},
        {"EXPLAIN EXPLAIN SELECT 1", 1, 9, 7, "EXPLAIN explains itself", NULL},
        {"SELECT a::float(54)", 1, 16, 1, "FLOAT has from 1 to 53 bits", NULL},
        {"SELECT a::varchar(99999999999)", 1, 19, 11, "this number is too large here", NULL},
    };
    check_all(wrongs, WEIR_COUNT_OF(wrongs));
}

static void columns_count_characters(void)
{
    static const struct wrong wrongs[] = {
        {"SELECT '\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80' 5", 1, 14, 1,
         "expected \";\" or the end of the statement, found \"5\"", NULL},
        {"SELECT 1,\r\n\t\xC3\xA9 5", 2, 4, 1,
         "expected \";\" or the end of the statement, found \"5\"", NULL},
        {"\xEF\xBB\xBFSELCT", 1, 2, 5, "expected a statement, found \"SELCT\"",
         "did you mean \"SELECT\"?"},
    };
    check_all(wrongs, WEIR_COUNT_OF(wrongs));
}

static void several_errors_in_one_run(void)
{
    struct parsed parsed;
    parse(&parsed, "SELECT 1;\nSELCT 2;\nSELECT (3; SELECT 4;\nCREATE TABLE;;\nSELECT 5");
    EXPECT_INT(parsed.status, WEIR_E_SYNTAX);
    EXPECT_INT(parsed.diagnostics.records_count, 3);
    EXPECT_INT(parsed.diagnostics.records[0].position.line, 2);
    EXPECT_INT(parsed.diagnostics.records[1].position.line, 3);
    EXPECT_INT(parsed.diagnostics.records[1].position.column, 10);
    EXPECT_INT(parsed.diagnostics.records[2].position.line, 4);
    if (EXPECT(parsed.program != NULL)) {
        EXPECT_INT(parsed.program->statements_count, 3);
        EXPECT_SLICE(parsed.program->statements[1]->text, "SELECT 4");
        EXPECT_INT(parsed.program->statements[2]->position.line, 5);
    }
    release(&parsed);
}

static void no_utf8(void)
{
    struct parsed parsed;
    parse(&parsed, "SELECT 1;\n-- \xC3\xA9\n  '\xFF'");
    EXPECT_INT(parsed.status, WEIR_E_SYNTAX);
    EXPECT(parsed.program == NULL);
    const struct weir_error *error = parsed.diagnostics.records;
    EXPECT_STRING(error->message, "the program is not UTF-8: byte 0xFF");
    EXPECT_INT(error->position.line, 3);
    EXPECT_INT(error->position.column, 4);
    EXPECT_INT(error->position.offset, 19);
    release(&parsed);
    static const char *const bad[] = {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                      "\xE2\x82", "\x80",         "\xF8\x88\x80\x80\x80"};
    for (size_t i = 0; i < WEIR_COUNT_OF(bad); i++) {
        parse(&parsed, bad[i]);
        EXPECT_INT(parsed.status, WEIR_E_SYNTAX);
        EXPECT(parsed.program == NULL);
        release(&parsed);
    }
    parse_slice(&parsed, weir_slice_make("SELECT \0 1", 10));
    EXPECT_STRING(parsed.diagnostics.records->message, "the program holds a NUL byte");
    release(&parsed);
}

static void parts(void)
{
    struct weir_arena arena;
    struct weir_sql_expr *expr;
    struct weir_sql_type *type;
    struct weir_error error;
    weir_arena_init(&arena, NULL, 0);
    EXPECT_INT(weir_sql_parse_expression(weir_slice_from_string("a +"), &arena, &expr, &error),
               WEIR_E_SYNTAX);
    EXPECT(expr == NULL);
    EXPECT_INT(error.position.column, 4);
    EXPECT_INT(weir_sql_parse_expression(weir_slice_from_string("a b"), &arena, &expr, &error),
               WEIR_E_SYNTAX);
    EXPECT_STRING(error.message, "expected the end of the text, found \"b\"");
    EXPECT_INT(weir_sql_parse_expression(weir_slice_from_string("a"), &arena, &expr, NULL),
               WEIR_OK);
    EXPECT_INT(weir_sql_parse_expression(weir_slice_from_string("("), &arena, &expr, NULL),
               WEIR_E_SYNTAX);
    EXPECT_INT(weir_sql_parse_type(weir_slice_from_string("int x"), &arena, &type, &error),
               WEIR_E_SYNTAX);
    EXPECT_INT(error.position.column, 5);
    EXPECT_INT(weir_sql_parse_type(weir_slice_from_string("int"), &arena, &type, NULL), WEIR_OK);
    weir_arena_deinit(&arena);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(misspelt_keywords),
        TEST_CASE(what_was_expected),
        TEST_CASE(what_is_wrong),
        TEST_CASE(columns_count_characters),
        TEST_CASE(several_errors_in_one_run),
        TEST_CASE(no_utf8),
        TEST_CASE(parts),
    };
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
