/* Every example of functions.def that mini_sql understands; casts; operators; errors.
 * With --eval, reads one expression a line and prints its value, for comparison with Postgres. */
#include "mini_sql.h"
#include "test.h"

static void expect_value(const char *text, const char *want)
{
    struct mini_sql sql;
    char got[600];
    mini_sql_init(&sql, NULL);
    enum weir_status status = mini_sql_evaluate(&sql, text, got, sizeof got);
    if (status != WEIR_OK)
        snprintf(got, sizeof got, "error %d: %s", (int)status, sql.error.message);
    test_text(got, strlen(got), want, __FILE__, __LINE__, text);
    mini_sql_deinit(&sql);
}

static void expect_failure(const char *text, enum weir_status want)
{
    struct mini_sql sql;
    char got[600];
    mini_sql_init(&sql, NULL);
    test_int((int64_t)mini_sql_evaluate(&sql, text, got, sizeof got), (int64_t)want, __FILE__,
             __LINE__, text);
    mini_sql_deinit(&sql);
}

static bool is_of_this_test(const struct weir_function *function)
{
    return strcmp(function->category, "math") == 0 ||
           strcmp(function->category, "comparison") == 0 ||
           strcmp(function->category, "conditional") == 0;
}

static void random_bytes(const struct weir_session *session, void *bytes, size_t size)
{
    (void)session;
    memset(bytes, 0x5A, size);
}

static void examples(void)
{
    size_t count, run = 0;
    const struct weir_function *functions = weir_functions_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (!is_of_this_test(&functions[i]))
            continue;
        struct mini_sql sql;
        char got[600], label[300];
        mini_sql_init(&sql, NULL);
        sql.session.random_fill = random_bytes;
        enum weir_status status = mini_sql_evaluate(&sql, functions[i].example, got, sizeof got);
        if (status != WEIR_OK)
            snprintf(got, sizeof got, "error %d: %s", (int)status, sql.error.message);
        else if (strcmp(got, "NULL") == 0 && !*functions[i].result)
            got[0] = 0;
        snprintf(label, sizeof label, "%s", functions[i].example);
        test_text(got, strlen(got), functions[i].result, __FILE__, __LINE__, label);
        mini_sql_deinit(&sql);
        run++;
    }
    EXPECT(run > 200);
}

static void casts(void)
{
    expect_value("CAST(2.5::double precision AS integer)", "2");
    expect_value("CAST(3.5::double precision AS integer)", "4");
    expect_value("CAST(2.5 AS integer)", "3");
    expect_value("CAST(-2.5 AS bigint)", "-3");
    expect_value("CAST('12.345' AS decimal(6,2))", "12.35");
    expect_value("CAST(1e20 AS decimal(30,5))", "100000000000000000000.00000");
    expect_value("'abc'::varchar(2)", "ab");
    expect_value("12345::varchar(3)", "123");
    expect_value("true::integer", "1");
    expect_value("0::boolean", "false");
    expect_value("'yes'::boolean", "true");
    expect_value("'  42 '::integer", "42");
    expect_value("DATE '2024-02-29'::timestamp", "2024-02-29 00:00:00");
    expect_value("TIMESTAMP '2024-02-29 23:59:59.5'::date", "2024-02-29");
    expect_value("TIMESTAMP '2024-02-29 23:59:59.5'::time", "23:59:59.5");
    expect_value("TIMESTAMP '2024-02-29 23:59:59.5'::timestamp(0)", "2024-03-01 00:00:00");
    expect_value("TIME '01:02:03'::interval", "01:02:03");
    expect_value("INTERVAL '26 hours'::time", "02:00:00");
    expect_value("INTERVAL '-1 hour'::time", "23:00:00");
    expect_value("ARRAY[1,2,3]::text[]", "{1,2,3}");
    expect_value("ARRAY['1','2']::integer[]", "{1,2}");
    expect_value("'{1,2,NULL}'::integer[]::text[]", "{1,2,NULL}");
    expect_value("'{\"a\": 1,  \"b\":2}'::json::jsonb", "{\"a\": 1, \"b\": 2}");
    expect_value("'1.5'::jsonb::integer", "2");
    expect_value("'true'::jsonb::boolean", "true");
    expect_value("200::tinyint unsigned", "200");
    expect_value("NULL::integer", "NULL");
    expect_value("TRY_CAST('x' AS integer)", "NULL");
    expect_value("TRY_CAST(ARRAY['1','x'] AS integer[])", "NULL");
    expect_failure("300::tinyint unsigned", WEIR_E_OVERFLOW);
    expect_failure("(-1)::integer unsigned", WEIR_E_OVERFLOW);
    expect_failure("CAST(3000000000 AS integer)", WEIR_E_OVERFLOW);
    expect_failure("CAST('nan'::double precision AS bigint)", WEIR_E_OVERFLOW);
    expect_failure("CAST(1e40 AS real)", WEIR_E_OVERFLOW);
    expect_failure("CAST(1000 AS decimal(4,2))", WEIR_E_OVERFLOW);
    expect_failure("'x'::integer", WEIR_E_BAD_CAST);
    expect_failure("'\"x\"'::jsonb::integer", WEIR_E_BAD_CAST);
    expect_failure("ARRAY['1','x']::integer[]", WEIR_E_BAD_CAST);
    expect_failure("DATE '2024-01-01'::integer", WEIR_E_TYPE_MISMATCH);
}

static void arithmetic_types(void)
{
    expect_value("1 + 1.5", "2.5");
    expect_value("7 / 2", "3");
    expect_value("-7 / 2", "-3");
    expect_value("-7 % 3", "-1");
    expect_value("7.0 / 2", "3.5000000000000000");
    expect_value("1.10 * 2.50", "2.7500");
    expect_value("0.1::real + 0.2::double precision", "0.30000000149011613");
    expect_value("'5' + 1", "6");
    expect_value("2147483647::bigint + 1", "2147483648");
    expect_value("10::bigint unsigned - 3", "7");
    expect_value("10::bigint unsigned + (-3)::bigint", "7");
    expect_value("0.1::real = 0.1", "false");
    expect_value("5::tinyint unsigned = 5", "true");
    expect_value("'NaN'::double precision = 'NaN'::double precision", "true");
    expect_value("'NaN'::double precision > 1e308", "true");
    expect_value("-0.0::double precision = 0", "true");
    expect_value("DATE '2024-01-01' < TIMESTAMP '2024-01-01 00:00:01'", "true");
    expect_value("1 IS DISTINCT FROM NULL", "true");
    expect_value("NULL = NULL", "NULL");
    expect_value("greatest(1, 2.5, 2)", "2.5");
    expect_failure("2147483647 + 1", WEIR_E_OVERFLOW);
    expect_failure("CAST(-2147483648 AS integer) * (-1)", WEIR_E_OVERFLOW);
    expect_failure("9223372036854775807 * 2", WEIR_E_OVERFLOW);
    expect_failure("1 / 0", WEIR_E_DIVISION_BY_ZERO);
    expect_failure("1.0 / 0", WEIR_E_DIVISION_BY_ZERO);
    expect_failure("1e0 / 0", WEIR_E_DIVISION_BY_ZERO);
    expect_failure("1e308 * 10", WEIR_E_OVERFLOW);
    expect_failure("3::bigint unsigned - 10", WEIR_E_OVERFLOW);
    expect_failure("1 + true", WEIR_E_UNKNOWN_FUNCTION);
    expect_failure("1 = 'x'", WEIR_E_BAD_CAST);
    expect_failure("sqrt(-1)", WEIR_E_BAD_ARGUMENT);
    expect_failure("ln(0)", WEIR_E_BAD_ARGUMENT);
}

static void guards(void)
{
    expect_value("CASE WHEN 1 = 0 THEN 1 / 0 ELSE 2 END", "2");
    expect_value("1 = 0 AND 1 / 0 = 1", "false");
    expect_value("coalesce(NULL, 3, 1 / 0)", "3");
    expect_value("if(false, 1 / 0, 5)", "5");
    expect_value("try(1 / 0)", "NULL");
    expect_value("coalesce(try(1 / 0), -1)", "-1");
    expect_value("NULL AND false", "false");
    expect_value("NULL OR true", "true");
    expect_value("NULL AND true", "NULL");
}

static int evaluate_lines(void)
{
    char line[4096], got[4096];
    while (fgets(line, sizeof line, stdin)) {
        struct mini_sql sql;
        line[strcspn(line, "\n")] = 0;
        mini_sql_init(&sql, NULL);
        enum weir_status status = mini_sql_evaluate(&sql, line, got, sizeof got);
        if (status == WEIR_OK)
            printf("%s\n", got);
        else
            printf("ERROR %d %s\n", (int)status, sql.error.message);
        mini_sql_deinit(&sql);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(examples), TEST_CASE(casts),
                                             TEST_CASE(arithmetic_types), TEST_CASE(guards)};
    if (argc > 1 && strcmp(argv[1], "--eval") == 0)
        return evaluate_lines();
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
