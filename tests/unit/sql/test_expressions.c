/* How operators group: each expression must be the tree of its fully parenthesised twin. */
#include "sql_test.h"

struct twin {
    const char *loose, *explicit_form;
};

static bool same(const char *a, const char *b)
{
    struct weir_arena arena;
    struct weir_sql_expr *left = NULL, *right = NULL;
    struct weir_error error;
    weir_arena_init(&arena, NULL, 0);
    enum weir_status status =
        weir_sql_parse_expression(weir_slice_from_string(a), &arena, &left, &error);
    if (status == WEIR_OK)
        status = weir_sql_parse_expression(weir_slice_from_string(b), &arena, &right, &error);
    if (status != WEIR_OK) {
        fprintf(stderr, "%s / %s: %u %s\n", a, b, error.position.column, error.message);
        test_failures++;
    }
    bool equal = status == WEIR_OK && weir_sql_equal_expression(left, right);
    weir_arena_deinit(&arena);
    return equal;
}

static void groups_as(const struct twin *twins, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!same(twins[i].loose, twins[i].explicit_form)) {
            fprintf(stderr, "%s\n  is not %s\n", twins[i].loose, twins[i].explicit_form);
            test_failures++;
        }
}

static void arithmetic(void)
{
    static const struct twin twins[] = {
        {"a + b + c", "(a + b) + c"},
        {"a - b - c", "(a - b) - c"},
        {"a + b * c", "a + (b * c)"},
        {"a * b + c", "(a * b) + c"},
        {"a / b % c * d", "((a / b) % c) * d"},
        {"a * b ^ c", "a * (b ^ c)"},
        {"a ^ b ^ c", "(a ^ b) ^ c"},
        {"-a ^ b", "(-a) ^ b"},
        {"-a + b", "(-a) + b"},
        {"- - a", "-(-a)"},
        {"-a::int", "-(a::int)"},
        {"a - -b", "a - (-b)"},
        {"+a * b", "(+a) * b"},
        {"-a[1]", "-(a[1])"},
        {"-a.b", "-(a.b)"},
    };
    groups_as(twins, WEIR_COUNT_OF(twins));
    EXPECT(!same("a - b - c", "a - (b - c)"));
    EXPECT(!same("a + b * c", "(a + b) * c"));
}

static void logic(void)
{
    static const struct twin twins[] = {
        {"a OR b AND c", "a OR (b AND c)"},
        {"a AND b OR c", "(a AND b) OR c"},
        {"NOT a AND b", "(NOT a) AND b"},
        {"NOT a = b", "NOT (a = b)"},
        {"NOT NOT a", "NOT (NOT a)"},
        {"NOT a IS NULL", "NOT (a IS NULL)"},
        {"a = NOT b", "a = (NOT b)"},
        {"a = NOT b = c", "a = (NOT (b = c))"},
        {"a AND NOT b OR c", "(a AND (NOT b)) OR c"},
        {"a OR b AND c OR d", "a OR (b AND c) OR d"},
        {"NOT a BETWEEN 1 AND 2 AND b", "(NOT (a BETWEEN 1 AND 2)) AND b"},
    };
    groups_as(twins, WEIR_COUNT_OF(twins));
    /* A chain is one list; parentheses that group otherwise are kept. */
    EXPECT(!same("a AND b AND c", "a AND (b AND c)"));
    EXPECT(!same("a AND b AND c", "(a AND b) AND c"));
}

static void comparisons(void)
{
    static const struct twin twins[] = {
        {"a = b + c", "a = (b + c)"},
        {"a + b < c", "(a + b) < c"},
        {"a || b = c || d", "(a || b) = (c || d)"},
        {"a < b AND b < c", "(a < b) AND (b < c)"},
        {"a = b IS NULL", "(a = b) IS NULL"},
        {"a IS NULL = b", "(a IS NULL) = b"},
        {"a IS NULL IS NOT NULL", "(a IS NULL) IS NOT NULL"},
        {"a IS DISTINCT FROM b = c", "a IS DISTINCT FROM (b = c)"},
        {"a IS DISTINCT FROM b AND c", "(a IS DISTINCT FROM b) AND c"},
        {"a + b IS NULL", "(a + b) IS NULL"},
        {"a != b", "a <> b"},
        {"a ISNULL", "a IS NULL"},
        {"a NOTNULL", "a IS NOT NULL"},
        {"a = ANY (b) AND c", "(a = ANY (b)) AND c"},
        {"a + 1 = ANY (b)", "(a + 1) = ANY (b)"},
        {"a < SOME (SELECT 1)", "a < ANY (SELECT 1)"},
        {"a || b LIKE c || d", "(a || b) LIKE (c || d)"},
        {"a LIKE b = c", "(a LIKE b) = c"},
        {"a = b LIKE c", "a = (b LIKE c)"},
        {"a LIKE b AND c", "(a LIKE b) AND c"},
        {"a ~~ b", "a LIKE b"},
        {"a !~~* b", "a NOT ILIKE b"},
        {"a ~~ b || c", "(a LIKE b) || c"},
        {"a LIKE b ESCAPE c || d", "a LIKE b ESCAPE (c || d)"},
        {"a BETWEEN b AND c AND d", "(a BETWEEN b AND c) AND d"},
        {"a BETWEEN b + 1 AND c * 2", "a BETWEEN (b + 1) AND (c * 2)"},
        {"a + 1 BETWEEN 2 AND 3", "(a + 1) BETWEEN 2 AND 3"},
        {"a BETWEEN ASYMMETRIC 1 AND 2", "a BETWEEN 1 AND 2"},
        {"a IN (1) = b", "(a IN (1)) = b"},
        {"a + b IN (1, 2)", "(a + b) IN (1, 2)"},
        {"NOT a IN (1)", "NOT (a IN (1))"},
        {"a < b OVERLAPS c", "a < (b OVERLAPS c)"},
    };
    groups_as(twins, WEIR_COUNT_OF(twins));
    EXPECT(!same("NOT a IN (1)", "a NOT IN (1)"));
    EXPECT(!same("a IN ((SELECT 1), 2)", "a IN (((SELECT 1), 2))"));
    EXPECT(same("a IN ((SELECT 1))", "a IN (SELECT 1)"));
}

static void other_operators(void)
{
    static const struct twin twins[] = {
        {"a || b || c", "(a || b) || c"},
        {"a || b + c", "a || (b + c)"},
        {"a -> 'x' -> 'y' ->> 'z'", "((a -> 'x') -> 'y') ->> 'z'"},
        {"a -> 'x' = b", "(a -> 'x') = b"},
        {"a & b | c", "(a & b) | c"},
        {"a << b + 1", "a << (b + 1)"},
        {"~a + b", "~(a + b)"},
        {"~a || b", "(~a) || b"},
        {"~ ~ a", "~(~a)"},
        {"a * ~b + c", "a * (~(b + c))"},
        {"@ -a", "@(-a)"},
        {"|/ a + b", "|/ (a + b)"},
        {"||/ a || b", "(||/ a) || b"},
        {"a OPERATOR(pg_catalog.+) b * c", "a + (b * c)"},
        {"a * b OPERATOR(+) c", "(a * b) + c"},
        {"a ^@ b AND c", "(a ^@ b) AND c"},
        {"a->-1", "a -> (-1)"},
        {"a<-1", "a < (-1)"},
        {"a@>b", "a @> b"},
        {"a?|b", "a ?| b"},
        {"a#>>b", "a #>> b"},
    };
    groups_as(twins, WEIR_COUNT_OF(twins));
}

static void tight_operators(void)
{
    static const struct twin twins[] = {
        {"a::int::text", "(a::int)::text"},
        {"a::int", "CAST(a AS INTEGER)"},
        {"a + b::int", "a + (b::int)"},
        {"a.b::int[1]", "(a.b)::int[]"},
        {"a AT TIME ZONE 'x' + b", "(a AT TIME ZONE 'x') + b"},
        {"a + b AT TIME ZONE 'x'", "a + (b AT TIME ZONE 'x')"},
        {"a AT TIME ZONE 'x' AT TIME ZONE 'y'", "(a AT TIME ZONE 'x') AT TIME ZONE 'y'"},
        {"-a AT TIME ZONE 'x'", "(-a) AT TIME ZONE 'x'"},
        {"a::timestamp AT TIME ZONE 'x'", "(a::timestamp) AT TIME ZONE 'x'"},
        {"a || b COLLATE c", "a || (b COLLATE c)"},
        {"a < b COLLATE \"C\"", "a < (b COLLATE \"C\")"},
        {"-a COLLATE c", "(-a) COLLATE c"},
        {"a[1][2]", "(a[1])[2]"},
        {"f(x).g[1].h", "(((f(x)).g)[1]).h"},
        {"(a.b).c", "(a.b).c"},
        {"CASE WHEN a THEN b END + c", "(CASE WHEN a THEN b END) + c"},
        {"sum(a) OVER w + 1", "(sum(a) OVER w) + 1"},
    };
    groups_as(twins, WEIR_COUNT_OF(twins));
    /* (a.b).c is a field of a column; a.b.c is a name that the binder resolves. */
    EXPECT(!same("(a.b).c", "a.b.c"));
}

static void literals(void)
{
    static const struct twin twins[] = {
        {"1_000", "1000"},
        {"1_0.5_0e1_0", "10.50e10"},
        {"'a' \n 'b'", "'ab'"},
        {"'a' -- comment\n 'b' \n\n 'c'", "'abc'"},
        {"'it''s'", "$$it's$$"},
        {"$tag$a$$b$tag$", "'a$$b'"},
        {"E'a\\tb\\n'", "'a\tb\n'"},
        {"E'\\x41\\102\\u00e9\\U0001F600'", "'AB\xC3\xA9\xF0\x9F\x98\x80'"},
        {"E'\\ud83d\\ude00'", "'\xF0\x9F\x98\x80'"},
        {"E'\\''", "''''"},
        {"E'a''b\\q'", "'a''bq'"},
        {"E'a'\n'\\t'", "'a\t'"},
        {"U&'d\\0061t\\+000061\\\\'", "'data\\'"},
        {"U&'!0041''' UESCAPE '!'", "'A'''"},
        {"U&'!0041'\n'!0042' UESCAPE '!'", "'AB'"},
        {"U&\"d\\0061\"", "da"},
        {"N'x'", "'x'"},
        {"X'AbC'", "x'abc'"},
        {"INTERVAL 5 MINUTE", "INTERVAL '5' minutes"},
        {"INTERVAL -1.5 SECOND", "interval '-1.5' second"},
        {"INTERVAL (3) '1' SECOND", "INTERVAL '1' SECOND(3)"},
        {"TIMESTAMP WITH TIME ZONE 'x'", "timestamptz 'x'"},
        {"TIMESTAMP WITHOUT TIME ZONE 'x'", "timestamp 'x'"},
        {"double precision '1'", "float8 '1'"},
        {"`a b`", "\"a b\""},
        {"\"a\"", "A"},
    };
    groups_as(twins, WEIR_COUNT_OF(twins));
    EXPECT(same("GR\xC3\xB6\xC3\x9F"
                "E",
                "\"gr\xC3\xB6\xC3\x9F"
                "e\""));
    EXPECT(!same("1.0", "1.00"));
    EXPECT(!same("1", "1.0"));
    EXPECT(!same("'a'", "a"));
    EXPECT(!same("\"A\"", "a"));
    EXPECT(!same("INTERVAL '1' DAY", "INTERVAL '1' HOUR"));
}

static void special_calls(void)
{
    static const struct twin twins[] = {
        {"EXTRACT(YEAR FROM x)", "extract('year', x)"},
        {"EXTRACT('epoch' FROM x)", "extract('epoch', x)"},
        {"SUBSTRING(x FROM 2 FOR 3)", "substring(x, 2, 3)"},
        {"SUBSTRING(x FROM 2)", "substring(x, 2)"},
        {"SUBSTRING(x FOR 3)", "substring(x, 1, 3)"},
        {"SUBSTRING(x FOR 3 FROM 2)", "substring(x, 2, 3)"},
        {"SUBSTRING(x SIMILAR 'a' ESCAPE '#')", "substring(x, 'a', '#')"},
        {"POSITION(a || 'x' IN b)", "position(a || 'x', b)"},
        {"POSITION(a IN b || c)", "position(a, b || c)"},
        {"OVERLAY(a PLACING b FROM 1 FOR 2)", "overlay(a, b, 1, 2)"},
        {"TRIM(a)", "btrim(a)"},
        {"TRIM(BOTH FROM a)", "btrim(a)"},
        {"TRIM(BOTH 'x' FROM a)", "btrim(a, 'x')"},
        {"TRIM('x' FROM a)", "btrim(a, 'x')"},
        {"TRIM(LEADING 'x' FROM a)", "ltrim(a, 'x')"},
        {"TRIM(TRAILING a)", "rtrim(a)"},
        {"TRIM(a, 'x')", "btrim(a, 'x')"},
        {"TRIM(both)", "btrim(\"both\")"},
        {"CEIL(x TO DAY)", "ceil(x, 'day')"},
        {"FLOOR(x TO hour)", "floor(x, 'hour')"},
        {"NORMALIZE(x, nfkc)", "normalize(x, 'NFKC')"},
        {"CURRENT_DATE", "current_date()"},
        {"current_timestamp(3)", "CURRENT_TIMESTAMP(3)"},
        {"f(a := 1)", "f(a => 1)"},
        {"f(ALL x)", "f(x)"},
        {"sum(x) FILTER (WHERE a) IGNORE NULLS OVER w",
         "sum(x IGNORE NULLS) FILTER (WHERE a) OVER w"},
        {"MAP['a', 1, 'b', 2]", "MAP {'a': 1, 'b': 2}"},
        {"{'a': 1, b: 2}", "STRUCT(1 AS a, 2 AS b)"},
        {"ARRAY[[1], [2]]", "ARRAY[ARRAY[1], ARRAY[2]]"},
        {"(1, 2)", "ROW(1, 2)"},
        {"map[1]", "\"map\"[1]"},
        {"map[1:2]", "(\"map\")[1:2]"},
    };
    groups_as(twins, WEIR_COUNT_OF(twins));
    EXPECT(!same("TRIM(a)", "\"trim\"(a)"));
    EXPECT(!same("CAST(a AS INT)", "TRY_CAST(a AS INT)"));
    EXPECT(!same("normalize(x, nfc)", "normalize(x, \"nfc\")"));
    EXPECT(!same("count(*)", "count()"));
    EXPECT(!same("count(a)", "count(DISTINCT a)"));
}

static bool same_type(const char *a, const char *b)
{
    struct weir_arena arena;
    struct weir_sql_type *left = NULL, *right = NULL;
    struct weir_error error;
    weir_arena_init(&arena, NULL, 0);
    bool read = weir_sql_parse_type(weir_slice_from_string(a), &arena, &left, &error) == WEIR_OK &&
                weir_sql_parse_type(weir_slice_from_string(b), &arena, &right, &error) == WEIR_OK;
    if (!read)
        fprintf(stderr, "%s / %s: %s\n", a, b, error.message);
    bool equal = read && weir_sql_equal_type(left, right);
    weir_arena_deinit(&arena);
    return equal;
}

static void types(void)
{
    static const struct twin twins[] = {
        {"bool", "BOOLEAN"},
        {"int2", "SMALLINT"},
        {"INT", "integer"},
        {"int8", "BIGINT"},
        {"BIGINT UNSIGNED", "ubigint"},
        {"UNSIGNED INT", "INTEGER UNSIGNED"},
        {"TINYINT UNSIGNED", "utinyint"},
        {"float", "DOUBLE PRECISION"},
        {"float(24)", "REAL"},
        {"float4", "REAL"},
        {"float(25)", "DOUBLE"},
        {"numeric(10, 2)", "DECIMAL(10,2)"},
        {"dec(10)", "DECIMAL(10)"},
        {"varchar", "TEXT"},
        {"string", "TEXT"},
        {"character varying(5)", "VARCHAR(5)"},
        {"character", "CHAR(1)"},
        {"varbinary(10)", "BYTEA"},
        {"timestamp with time zone", "TIMESTAMPTZ"},
        {"timestamp(3) with local time zone", "TIMESTAMPTZ(3)"},
        {"timestamp without time zone", "TIMESTAMP"},
        {"time(0) with time zone", "TIMETZ(0)"},
        {"datetime", "TIMESTAMP"},
        {"int[]", "ARRAY<INT>"},
        {"int[3][]", "ARRAY<ARRAY<INT>>"},
        {"ROW(a INT, b TEXT)", "STRUCT<a INT, b TEXT>"},
        {"STRUCT<a: INT>", "STRUCT<A INT>"},
        {"MAP(TEXT, INT)", "MAP<TEXT, INT>"},
        {"MAP<TEXT,ARRAY<STRUCT<a MAP<INT,INT>>>>", "MAP<TEXT, STRUCT<a MAP<INT, INT>>[]>"},
        {"interval(3)", "INTERVAL(3)"},
        {"interval day to second(3)", "INTERVAL DAY TO SECOND(3)"},
        {"My.Type", "my.type"},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(twins); i++)
        if (!same_type(twins[i].loose, twins[i].explicit_form)) {
            fprintf(stderr, "%s is not %s\n", twins[i].loose, twins[i].explicit_form);
            test_failures++;
        }
    EXPECT(!same_type("VARCHAR(5)", "VARCHAR(6)"));
    EXPECT(!same_type("DECIMAL(5, 0)", "DECIMAL(5)"));
    EXPECT(!same_type("STRUCT<a INT>", "STRUCT<a INT NOT NULL>"));
    EXPECT(!same_type("\"integer\"", "integer"));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(arithmetic),      TEST_CASE(logic),           TEST_CASE(comparisons),
        TEST_CASE(other_operators), TEST_CASE(tight_operators), TEST_CASE(literals),
        TEST_CASE(special_calls),   TEST_CASE(types),
    };
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
