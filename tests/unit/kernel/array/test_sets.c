/* Arrays changed, ordered and taken as sets; one value out of an array; their text. */
#include "../string/function_test.h"

static const struct function_case change_cases[] = {
    {"array_remove", "integer[], integer", {"{1,2,3,2}", "2"}, "{1,3}"},
    {"array_remove", "integer[], integer", {"{1,NULL}", SQL_NULL}, "{1}"},
    {"array_remove", "integer[], integer", {"{2,2}", "2"}, "{}"},
    {"array_remove", "integer[], integer", {SQL_NULL, "2"}, SQL_NULL},
    {"array_replace", "integer[], integer, integer", {"{1,2,5,4}", "5", "3"}, "{1,2,3,4}"},
    {"array_replace", "integer[], integer, integer", {"{1,NULL}", SQL_NULL, "0"}, "{1,0}"},
    {"array_replace", "integer[], integer, integer", {"{1,2}", "2", SQL_NULL}, "{1,NULL}"},
    {"array_replace", "integer[], integer, integer", {SQL_NULL, "2", "1"}, SQL_NULL},
    {"array_reverse", "integer[]", {"{1,2,NULL}"}, "{NULL,2,1}"},
    {"array_reverse", "integer[]", {"{}"}, "{}"},
    {"array_sort", "integer[]", {"{3,NULL,1,2}"}, "{1,2,3,NULL}"},
    {"array_sort", "double[]", {"{NaN,1,-Infinity,NULL}"}, "{-Infinity,1,NaN,NULL}"},
    {"array_sort", "text[]", {"{b,B,é,a}"}, "{B,a,b,é}"},
    {"array_sort", "integer[][]", {"{{2},{1,5},{1}}"}, "{{1},{1,5},{2}}"},
    {"array_sort", "integer[], text", {"{3,NULL,1}", "DESC"}, "{NULL,3,1}"},
    {"array_sort", "integer[], text", {"{3,NULL,1}", "asc"}, "{1,3,NULL}"},
    {"array_sort", "integer[], text", {"{3,NULL,1}", "up"}, FAILS(BAD_ARGUMENT)},
    {"array_sort", "integer[], text, text", {"{3,NULL,1}", "ASC", "NULLS FIRST"}, "{NULL,1,3}"},
    {"array_sort", "integer[], text, text", {"{3,NULL,1}", "DESC", "NULLS LAST"}, "{3,1,NULL}"},
    {"array_sort", "integer[], text, text", {"{NULL,NULL}", "DESC", "NULLS LAST"}, "{NULL,NULL}"},
    {"array_sort", "integer[], text, text", {"{1}", "ASC", "LAST"}, FAILS(BAD_ARGUMENT)},
    {"array_reverse_sort", "integer[]", {"{3,NULL,5}"}, "{NULL,5,3}"},
};

static const struct function_case set_cases[] = {
    {"array_distinct", "integer[]", {"{2,1,2,NULL,1,NULL}"}, "{2,1,NULL}"},
    {"array_distinct", "double[]", {"{0,-0,NaN,NaN}"}, "{0,NaN}"},
    {"array_distinct",
     "text[]",
     {"{a,\"more than twelve bytes\",\"more than twelve bytes\"}"},
     "{a,\"more than twelve bytes\"}"},
    {"array_distinct",
     "integer[]",
     {"{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,1,20}"},
     "{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20}"},
    {"array_distinct", "integer[][]", {"{{1},{2},{1}}"}, "{{1},{2}}"},
    {"array_union", "integer[], integer[]", {"{1,2,2}", "{3,2,NULL}"}, "{1,2,3,NULL}"},
    {"array_union", "integer[], integer[]", {"{}", "{}"}, "{}"},
    {"array_union", "integer[], integer[]", {"{1}", SQL_NULL}, SQL_NULL},
    {"array_intersect", "integer[], integer[]", {"{1,2,2,3}", "{3,2}"}, "{2,3}"},
    {"array_intersect", "integer[], integer[]", {"{1,NULL}", "{NULL}"}, "{NULL}"},
    {"array_intersect", "integer[], integer[]", {"{1}", "{}"}, "{}"},
    {"array_except", "integer[], integer[]", {"{1,2,1,3}", "{3}"}, "{1,2}"},
    {"array_except", "integer[], integer[]", {"{1,NULL}", "{NULL}"}, "{1}"},
    {"array_except", "text[], text[]", {"{a,b}", "{}"}, "{a,b}"},
};

static const struct function_case value_cases[] = {
    {"array_max", "integer[]", {"{1,NULL,3,2}"}, "3"},
    {"array_max", "integer[]", {"{NULL}"}, SQL_NULL},
    {"array_max", "integer[]", {"{}"}, SQL_NULL},
    {"array_max", "double[]", {"{1,NaN}"}, "NaN"},
    {"array_max", "text[]", {"{a,\"more than twelve bytes\"}"}, "more than twelve bytes"},
    {"array_max", "integer[][]", {"{{1},{1,0}}"}, "{1,0}"},
    {"array_min", "integer[]", {"{2,NULL,1}"}, "1"},
    {"array_min", "text[]", {"{}"}, SQL_NULL},
    {"array_sum", "integer[]", {"{2147483647,1,NULL}"}, "2147483648"},
    {"array_sum", "bigint[]", {"{9223372036854775807,1}"}, "9223372036854775808"},
    {"array_sum", "integer[]", {"{}"}, SQL_NULL},
    {"array_sum", "real[]", {"{0.5,0.25}"}, "0.75"},
    {"array_sum", "double[]", {"{1,NaN}"}, "NaN"},
    {"array_sum",
     "decimal[]",
     {"{9999999999999999999999999999,9999999999999999999999999999}"},
     FAILS(OVERFLOW)},
    {"array_avg", "integer[]", {"{1,2,NULL}"}, "1.5"},
    {"array_avg", "double[]", {"{}"}, SQL_NULL},
    {"array_avg", "decimal[]", {"{1.5,2.5}"}, "2"},
};

static const struct function_case text_cases[] = {
    {"array_to_string", "integer[], text", {"{1,2,NULL,5}", ","}, "1,2,5"},
    {"array_to_string", "integer[], text, text", {"{1,NULL,5}", ",", "*"}, "1,*,5"},
    {"array_to_string", "integer[], text, text", {"{1,NULL,5}", ",", SQL_NULL}, "1,5"},
    {"array_to_string", "integer[], text", {"{}", ","}, ""},
    {"array_to_string", "integer[], text", {"{NULL}", ","}, ""},
    {"array_to_string", "integer[], text", {"{1}", SQL_NULL}, SQL_NULL},
    {"array_to_string", "integer[], text", {SQL_NULL, ","}, SQL_NULL},
    {"array_to_string", "boolean[], text", {"{t,f}", " and "}, "t and f"},
    {"array_to_string", "text[], text", {"{a,\"\",b c}", "--"}, "a----b c"},
    {"array_to_string", "text[], text", {"{a,b}", ""}, "ab"},
    {"array_to_string", "integer[][], text, text", {"{{1,NULL},{3,4}}", ",", "-"}, "1,-,3,4"},
    {"array_to_string", "date[], text", {"{2024-02-29,0001-01-01}", "/"}, "2024-02-29/0001-01-01"},
};

static const struct function_case refused_cases[] = {
    {"array_sum", "text[]", {"{a}"}, FAILS(TYPE_MISMATCH)},
};

static void changing(void)
{
    run_cases(change_cases, WEIR_COUNT_OF(change_cases));
}
static void sets(void)
{
    run_cases(set_cases, WEIR_COUNT_OF(set_cases));
}
static void single_values(void)
{
    run_cases(value_cases, WEIR_COUNT_OF(value_cases));
}
static void texts(void)
{
    run_cases(text_cases, WEIR_COUNT_OF(text_cases));
}

/* What the types or the number of arguments rule out: the call is refused when it is planned. */
static void refusals(void)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(refused_cases); i++)
        case_run_shape(&refused_cases[i], SHAPE_COLUMNS, false);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(refusals), TEST_CASE(changing),
                                             TEST_CASE(sets), TEST_CASE(single_values),
                                             TEST_CASE(texts)};
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
