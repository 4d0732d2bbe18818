/* Elements by position, sizes, searching: answers are Postgres 15's, or worked out by hand where it
 * has no such function. */
#include "../string/function_test.h"

static const struct function_case position_cases[] = {
    {"array_subscript", "integer[], bigint", {"{10,20,30}", "1"}, "10"},
    {"array_subscript", "integer[], bigint", {"{10,20,30}", "3"}, "30"},
    {"array_subscript", "integer[], bigint", {"{10,20,30}", "0"}, SQL_NULL},
    {"array_subscript", "integer[], bigint", {"{10,20,30}", "4"}, SQL_NULL},
    {"array_subscript", "integer[], bigint", {"{10,20,30}", "-1"}, SQL_NULL},
    {"array_subscript", "integer[], bigint", {"{}", "1"}, SQL_NULL},
    {"array_subscript", "integer[], bigint", {"{NULL}", "1"}, SQL_NULL},
    {"array_subscript", "integer[], bigint", {SQL_NULL, "1"}, SQL_NULL},
    {"array_subscript", "integer[], bigint", {"{1}", SQL_NULL}, SQL_NULL},
    {"array_subscript", "integer[], bigint", {"{1}", "9223372036854775807"}, SQL_NULL},
    {"array_subscript",
     "text[], bigint",
     {"{a,\"more than twelve bytes\"}", "2"},
     "more than twelve bytes"},
    {"array_subscript", "text[], bigint", {"{a,\"more than twelve bytes\"}", "3"}, SQL_NULL},
    {"array_subscript", "boolean[], bigint", {"{t,f}", "2"}, "false"},
    {"array_subscript", "integer[][], bigint", {"{{1,2},{3}}", "2"}, "{3}"},
    {"array_subscript", "integer[][], bigint", {"{{1,2},{3}}", "3"}, SQL_NULL},
    {"array_subscript", "struct<a integer, b text>[], bigint", {"{\"(1,x)\"}", "1"}, "(1,x)"},
    {"array_subscript", "struct<a integer, b text>[], bigint", {"{\"(1,x)\"}", "2"}, SQL_NULL},
    {"element_at", "integer[], bigint", {"{10,20,30}", "-1"}, "30"},
    {"element_at", "integer[], bigint", {"{10,20,30}", "-3"}, "10"},
    {"element_at", "integer[], bigint", {"{10,20,30}", "-4"}, SQL_NULL},
    {"element_at", "integer[], bigint", {"{10,20,30}", "0"}, SQL_NULL},
    {"element_at", "integer[], bigint", {"{1}", "-9223372036854775808"}, SQL_NULL},
};

static const struct function_case slice_cases[] = {
    {"array_section", "integer[], bigint, bigint", {"{1,2,3}", "2", "3"}, "{2,3}"},
    {"array_section", "integer[], bigint, bigint", {"{1,2,3}", "-5", "2"}, "{1,2}"},
    {"array_section", "integer[], bigint, bigint", {"{1,2,3}", "3", "2"}, "{}"},
    {"array_section", "integer[], bigint, bigint", {"{1,NULL}", "2", "9"}, "{NULL}"},
    {"array_section", "integer[], bigint, bigint", {"{1,2,3}", "1", SQL_NULL}, SQL_NULL},
    {"array_section", "integer[], bigint, bigint", {SQL_NULL, "1", "1"}, SQL_NULL},
    {"array_section",
     "integer[][], bigint, bigint, bigint, bigint",
     {"{{1,2,3},{4,5,6},{7,8,9}}", "1", "2", "2", "3"},
     "{{2,3},{5,6}}"},
    {"array_section",
     "integer[][], bigint, bigint, bigint, bigint",
     {"{{1,2},{3,4}}", "1", "2", "5", "6"},
     "{}"},
    {"array_section",
     "integer[][], bigint, bigint, bigint, bigint",
     {"{NULL,{3,4}}", "1", "2", "1", "1"},
     "{NULL,{3}}"},
    {"array_slice", "integer[], bigint, bigint", {"{1,2,3,4}", "-2", "-1"}, "{3,4}"},
    {"array_slice", "integer[], bigint, bigint", {"{1,2,3,4}", "-9", "2"}, "{1,2}"},
    {"array_slice", "integer[], bigint, bigint", {"{1,2,3,4}", "2", "-9"}, "{}"},
    {"array_slice", "integer[], bigint, bigint", {"{1,2,3,4}", "2", "9"}, "{2,3,4}"},
    {"trim_array", "integer[], integer", {"{1,2,3}", "2"}, "{1}"},
    {"trim_array", "integer[], integer", {"{1,2,3}", "0"}, "{1,2,3}"},
    {"trim_array", "integer[], integer", {"{1,2,3}", "3"}, "{}"},
    {"trim_array", "integer[], integer", {"{1,2,3}", "4"}, FAILS(BAD_ARGUMENT)},
    {"trim_array", "integer[], integer", {"{1,2,3}", "-1"}, FAILS(BAD_ARGUMENT)},
    {"trim_array", "integer[][], integer", {"{{1,2},{3,4}}", "1"}, "{{1,2}}"},
    {"array_pop_back", "integer[]", {"{1,2}"}, "{1}"},
    {"array_pop_back", "integer[]", {"{}"}, "{}"},
    {"array_pop_front", "integer[]", {"{1,2}"}, "{2}"},
    {"array_pop_front", "integer[]", {"{}"}, "{}"},
};

static const struct function_case size_cases[] = {
    {"array_ndims", "integer[]", {"{1}"}, "1"},
    {"array_ndims", "integer[]", {"{}"}, SQL_NULL},
    {"array_ndims", "integer[][]", {"{{1,2},{3,4}}"}, "2"},
    {"array_ndims", "integer[][]", {"{{1,2},{3}}"}, "1"},
    {"array_ndims", "integer[][]", {"{{1,2},NULL}"}, "1"},
    {"array_ndims", "integer[][][]", {"{{{1},{2}},{{3},{4}}}"}, "3"},
    {"array_ndims", "integer[][][]", {"{{{1},{2}},{{3},{4,5}}}"}, "2"},
    {"array_dims", "integer[]", {"{1,2}"}, "[1:2]"},
    {"array_dims", "integer[][]", {"{{1,2,3},{4,5,6}}"}, "[1:2][1:3]"},
    {"array_dims", "integer[][][]", {"{{{1}},{{2}},{{3}}}"}, "[1:3][1:1][1:1]"},
    {"array_dims", "integer[]", {"{}"}, SQL_NULL},
    {"array_length", "integer[], integer", {"{1,2,3}", "1"}, "3"},
    {"array_length", "integer[], integer", {"{}", "1"}, SQL_NULL},
    {"array_length", "integer[], integer", {"{1}", "0"}, SQL_NULL},
    {"array_length", "integer[], integer", {"{1}", "2"}, SQL_NULL},
    {"array_length", "integer[][], integer", {"{{1,2,3},{4,5,6}}", "2"}, "3"},
    {"array_length", "integer[][], integer", {"{{1,2,3},{4}}", "2"}, SQL_NULL},
    {"array_length", "integer[][]", {"{{1,2,3},{4}}"}, "2"},
    {"array_length", "integer[]", {"{}"}, "0"},
    {"array_lower", "integer[], integer", {"{7,8}", "1"}, "1"},
    {"array_lower", "integer[], integer", {"{}", "1"}, SQL_NULL},
    {"array_upper", "integer[], integer", {"{7,8}", "1"}, "2"},
    {"array_upper", "integer[], integer", {SQL_NULL, "1"}, SQL_NULL},
    {"cardinality", "integer[]", {"{}"}, "0"},
    {"cardinality", "integer[]", {"{1,NULL}"}, "2"},
    {"cardinality", "integer[][]", {"{{1,2},{3,4}}"}, "4"},
    {"cardinality", "integer[][]", {"{{1,2},NULL,{3}}"}, "3"},
    {"array_empty", "integer[]", {"{}"}, "true"},
    {"array_empty", "integer[]", {"{NULL}"}, "false"},
    {"generate_subscripts", "text[], integer", {"{a,b}", "1"}, "{1,2}"},
    {"generate_subscripts", "text[], integer", {"{a,b}", "2"}, "{}"},
    {"generate_subscripts", "text[], integer, boolean", {"{a,b}", "1", "t"}, "{2,1}"},
};

static const struct function_case search_cases[] = {
    {"array_position", "integer[], integer", {"{1,2,3,2}", "2"}, "2"},
    {"array_position", "integer[], integer", {"{1,2,3,2}", "9"}, SQL_NULL},
    {"array_position", "integer[], integer", {"{1,NULL}", SQL_NULL}, "2"},
    {"array_position", "integer[], integer", {"{1}", SQL_NULL}, SQL_NULL},
    {"array_position", "integer[], integer", {SQL_NULL, "1"}, SQL_NULL},
    {"array_position", "integer[], integer, integer", {"{1,2,3,2}", "2", "3"}, "4"},
    {"array_position", "integer[], integer, integer", {"{1,2,3,2}", "1", "-3"}, "1"},
    {"array_position", "integer[], integer, integer", {"{1}", "1", "9"}, SQL_NULL},
    {"array_position", "integer[], integer, integer", {"{1}", "1", SQL_NULL}, FAILS(BAD_ARGUMENT)},
    {"array_position", "integer[], integer, integer", {"{1}", SQL_NULL, SQL_NULL}, SQL_NULL},
    {"array_position", "double[], double", {"{1,NaN}", "NaN"}, "2"},
    {"array_position", "double[], double", {"{1,0}", "-0"}, "2"},
    {"array_position", "text[], text", {"{é,日本語テキスト}", "日本語テキスト"}, "2"},
    {"array_position", "integer[][], integer[]", {"{{1,2},{3}}", "{3}"}, "2"},
    {"array_positions", "integer[], integer", {"{1,2,1}", "1"}, "{1,3}"},
    {"array_positions", "integer[], integer", {"{1,NULL,NULL}", SQL_NULL}, "{2,3}"},
    {"array_positions", "integer[], integer", {"{}", "1"}, "{}"},
    {"array_positions", "integer[], integer", {SQL_NULL, "1"}, SQL_NULL},
    {"array_has", "integer[], integer", {"{1,NULL}", "1"}, "true"},
    {"array_has", "integer[], integer", {"{1,NULL}", "2"}, "false"},
    {"array_has", "integer[], integer", {"{1,NULL}", SQL_NULL}, SQL_NULL},
    {"@>", "integer[], integer[]", {"{1,4,3}", "{3,1,3}"}, "true"},
    {"@>", "integer[], integer[]", {"{1,4,3}", "{3,2}"}, "false"},
    {"@>", "integer[], integer[]", {"{1}", "{}"}, "true"},
    {"@>", "integer[], integer[]", {"{}", "{}"}, "true"},
    {"@>", "integer[], integer[]", {"{1,NULL}", "{NULL}"}, "false"},
    {"@>", "integer[], integer[]", {"{1,NULL}", "{1}"}, "true"},
    {"@>", "integer[], integer[]", {SQL_NULL, "{1}"}, SQL_NULL},
    {"@>", "integer[][], integer[][]", {"{{1,2},{3,4}}", "{{1,4}}"}, "true"},
    {"@>", "integer[][], integer[][]", {"{{1,2},{3,4}}", "{{1,5}}"}, "false"},
    {"<@", "integer[], integer[]", {"{2,2,7}", "{1,7,4,2,6}"}, "true"},
    {"<@", "integer[], integer[]", {"{2,NULL}", "{2,NULL}"}, "false"},
    {"&&", "integer[], integer[]", {"{1,4,3}", "{2,1}"}, "true"},
    {"&&", "integer[], integer[]", {"{1}", "{}"}, "false"},
    {"&&", "integer[], integer[]", {"{NULL}", "{NULL}"}, "false"},
    {"&&", "double[], double[]", {"{NaN}", "{1,NaN}"}, "true"},
    {"array_has_all", "integer[], integer[]", {"{1,2}", "{NULL,1}"}, "true"},
    {"array_has_all", "integer[], integer[]", {"{1,2}", "{3}"}, "false"},
    {"array_has_any", "integer[], integer[]", {"{1,2}", "{3,2}"}, "true"},
};

static const struct function_case refused_cases[] = {
    {"array_section",
     "integer[], bigint, bigint, bigint, bigint",
     {"{1}", "1", "1", "1", "1"},
     FAILS(TYPE_MISMATCH)},
};

static void elements_by_position(void)
{
    run_cases(position_cases, WEIR_COUNT_OF(position_cases));
}
static void slices(void)
{
    run_cases(slice_cases, WEIR_COUNT_OF(slice_cases));
}
static void sizes(void)
{
    run_cases(size_cases, WEIR_COUNT_OF(size_cases));
}
static void searching(void)
{
    run_cases(search_cases, WEIR_COUNT_OF(search_cases));
}

/* What the types or the number of arguments rule out: the call is refused when it is planned. */
static void refusals(void)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(refused_cases); i++)
        case_run_shape(&refused_cases[i], SHAPE_COLUMNS, false);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(refusals), TEST_CASE(elements_by_position),
                                             TEST_CASE(slices), TEST_CASE(sizes),
                                             TEST_CASE(searching)};
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
