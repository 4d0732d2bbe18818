/* Arrays made: constructors, joins, series, and the limits on their size. */
#include "../string/function_test.h"

static const struct function_case construct_cases[] = {
    {"array", "integer, integer", {"1", "2"}, "{1,2}"},
    {"array", "integer, integer", {"1", SQL_NULL}, "{1,NULL}"},
    {"array", "text, text", {"a", "more than twelve bytes"}, "{a,\"more than twelve bytes\"}"},
    {"array", "integer[], integer[]", {"{1,2}", "{}"}, "{{1,2},{}}"},
    {"array_fill", "integer, integer[]", {"7", "{3}"}, "{7,7,7}"},
    {"array_fill", "integer, integer[]", {SQL_NULL, "{2}"}, "{NULL,NULL}"},
    {"array_fill", "integer, integer[]", {"7", "{0}"}, "{}"},
    {"array_fill", "integer, integer[]", {"7", "{}"}, "{}"},
    {"array_fill", "integer, integer[]", {"7", "{-1}"}, FAILS(BAD_ARGUMENT)},
    {"array_fill", "integer, integer[]", {"7", "{NULL}"}, FAILS(BAD_ARGUMENT)},
    {"array_fill", "integer, integer[]", {"7", SQL_NULL}, FAILS(BAD_ARGUMENT)},
    {"array_fill", "integer, integer[]", {"7", "{8388609}"}, FAILS(LIMIT)},
    {"array_fill", "integer, integer[]", {"7", "{2147483647}"}, FAILS(LIMIT)},
    {"array_fill", "integer[], integer[]", {"{1,2}", "{2}"}, "{{1,2},{1,2}}"},
    {"array_fill", "integer, integer[], integer[]", {"7", "{2}", "{1}"}, "{7,7}"},
    {"array_fill", "integer, integer[], integer[]", {"7", "{2}", "{2}"}, FAILS(BAD_ARGUMENT)},
    {"array_fill", "integer, integer[], integer[]", {"7", "{2}", "{1,1}"}, FAILS(BAD_ARGUMENT)},
    {"array_resize", "integer[], bigint", {"{1,2,3}", "2"}, "{1,2}"},
    {"array_resize", "integer[], bigint", {"{1}", "3"}, "{1,NULL,NULL}"},
    {"array_resize", "integer[], bigint, integer", {"{1}", "3", "9"}, "{1,9,9}"},
    {"array_resize", "integer[], bigint", {"{1}", "-1"}, FAILS(BAD_ARGUMENT)},
    {"array_resize", "integer[], bigint", {"{1}", "9000000000"}, FAILS(LIMIT)},
    {"array_resize", "integer[], bigint", {SQL_NULL, "1"}, SQL_NULL},
};

static const struct function_case join_cases[] = {
    {"array_append", "integer[], integer", {"{1,2}", "3"}, "{1,2,3}"},
    {"array_append", "integer[], integer", {"{}", SQL_NULL}, "{NULL}"},
    {"array_append", "integer[], integer", {SQL_NULL, "1"}, "{1}"},
    {"array_append", "integer[][], integer[]", {"{{1,2}}", "{3,4}"}, "{{1,2},{3,4}}"},
    {"array_prepend", "integer, integer[]", {"1", "{2,3}"}, "{1,2,3}"},
    {"array_prepend",
     "text, text[]",
     {"more than twelve bytes", SQL_NULL},
     "{\"more than twelve bytes\"}"},
    {"array_cat", "integer[], integer[]", {"{1}", "{2,3}"}, "{1,2,3}"},
    {"array_cat", "integer[], integer[]", {"{1}", SQL_NULL}, "{1}"},
    {"array_cat", "integer[], integer[]", {SQL_NULL, SQL_NULL}, SQL_NULL},
    {"array_cat", "integer[][], integer[]", {"{{1,2}}", "{3,4}"}, "{{1,2},{3,4}}"},
    {"||", "integer[], integer[]", {"{1}", "{2}"}, "{1,2}"},
    {"||", "integer[], integer", {"{1}", "2"}, "{1,2}"},
    {"||", "integer, integer[]", {"1", "{2}"}, "{1,2}"},
    {"array_concat", "integer[], integer[], integer[]", {"{1}", SQL_NULL, "{2}"}, "{1,2}"},
    {"flatten", "integer[][]", {"{{1,2},NULL,{3,NULL}}"}, "{1,2,3,NULL}"},
    {"flatten", "integer[][][]", {"{{{1},{2}},{{3}}}"}, "{{1},{2},{3}}"},
    {"flatten", "integer[][]", {"{}"}, "{}"},
};

static const struct function_case series_cases[] = {
    {"range", "bigint", {"3"}, "{0,1,2}"},
    {"range", "bigint", {"0"}, "{}"},
    {"range", "bigint", {"-2"}, "{}"},
    {"range", "bigint, bigint", {"2", "5"}, "{2,3,4}"},
    {"range", "bigint, bigint", {"2", "2"}, "{}"},
    {"range", "bigint, bigint, bigint", {"5", "0", "-2"}, "{5,3,1}"},
    {"range", "bigint, bigint, bigint", {"0", "6", "3"}, "{0,3}"},
    {"range", "bigint, bigint, bigint", {"1", "2", "0"}, FAILS(BAD_ARGUMENT)},
    {"range", "bigint", {"9223372036854775807"}, FAILS(LIMIT)},
    {"generate_series", "integer, integer", {"2", "4"}, "{2,3,4}"},
    {"generate_series", "integer, integer", {"4", "2"}, "{}"},
    {"generate_series",
     "integer, integer",
     {"2147483646", "2147483647"},
     "{2147483646,2147483647}"},
    {"generate_series", "integer, integer, integer", {"5", "1", "-2"}, "{5,3,1}"},
    {"generate_series", "integer, integer, integer", {"1", "5", "-2"}, "{}"},
    {"generate_series", "integer, integer, integer", {"1", "1", "0"}, FAILS(BAD_ARGUMENT)},
    {"generate_series",
     "bigint, bigint",
     {"9223372036854775806", "9223372036854775807"},
     "{9223372036854775806,9223372036854775807}"},
    {"generate_series",
     "bigint, bigint, bigint",
     {"-9223372036854775808", "9223372036854775807", "9223372036854775807"},
     "{-9223372036854775808,-1,9223372036854775806}"},
    {"generate_series", "bigint, bigint", {"1", SQL_NULL}, SQL_NULL},
    {"generate_series",
     "decimal, decimal, decimal",
     {"1.1", "4", "1.3"},
     "{1.1000000000,2.4000000000,3.7000000000}"},
    {"generate_series", "decimal, decimal, decimal", {"1", "2", "0"}, FAILS(BAD_ARGUMENT)},
    {"generate_series",
     "timestamp, timestamp, interval",
     {"2024-01-31 00:00:00", "2024-04-30 00:00:00", "1 month"},
     "{\"2024-01-31 00:00:00\",\"2024-02-29 00:00:00\",\"2024-03-29 00:00:00\",\"2024-04-29 "
     "00:00:00\"}"},
    {"generate_series",
     "timestamp, timestamp, interval",
     {"2024-01-02 00:00:00", "2024-01-01 00:00:00", "-1 day"},
     "{\"2024-01-02 00:00:00\",\"2024-01-01 00:00:00\"}"},
    {"generate_series",
     "timestamp, timestamp, interval",
     {"2024-01-01 00:00:00", "2024-01-02 00:00:00", "0 days"},
     FAILS(BAD_ARGUMENT)},
    {"generate_series",
     "timestamp, timestamp, interval",
     {"0001-01-01 00:00:00", "9999-01-01 00:00:00", "1 second"},
     FAILS(LIMIT)},
};

static const struct function_case compare_cases[] = {
    {"=", "integer[], integer[]", {"{1,NULL}", "{1,NULL}"}, "true"},
    {"<", "integer[], integer[]", {"{1,2}", "{1,2,0}"}, "true"},
    {"<", "integer[], integer[]", {"{1,NULL}", "{1,2}"}, "false"},
    {">", "integer[], integer[]", {"{2}", "{1,9}"}, "true"},
    {"<=", "text[], text[]", {"{}", "{a}"}, "true"},
    {"=", "double[], double[]", {"{NaN,0}", "{NaN,-0}"}, "true"},
    {"<>", "integer[][], integer[][]", {"{{1},{2}}", "{{1},{3}}"}, "true"},
    {"is_distinct_from", "integer[], integer[]", {"{1}", SQL_NULL}, "true"},
};

static const struct function_case refused_cases[] = {
    {"flatten", "integer[]", {"{1}"}, FAILS(TYPE_MISMATCH)},
};

static void constructors(void)
{
    run_cases(construct_cases, WEIR_COUNT_OF(construct_cases));
}
static void joins(void)
{
    run_cases(join_cases, WEIR_COUNT_OF(join_cases));
}
static void series(void)
{
    run_cases(series_cases, WEIR_COUNT_OF(series_cases));
}
static void comparisons(void)
{
    run_cases(compare_cases, WEIR_COUNT_OF(compare_cases));
}

/* What the types or the number of arguments rule out: the call is refused when it is planned. */
static void refusals(void)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(refused_cases); i++)
        case_run_shape(&refused_cases[i], SHAPE_COLUMNS, false);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(refusals), TEST_CASE(constructors),
                                             TEST_CASE(joins), TEST_CASE(series),
                                             TEST_CASE(comparisons)};
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
