/* Documents made and changed; answers by hand and by Postgres 15. */
#include "../string/function_test.h"

static const struct function_case change_cases[] = {
    {"||",
     "jsonb, jsonb",
     {"{\"a\":1,\"bb\":2}", "{\"a\":[],\"c\":3}"},
     "{\"a\": [], \"c\": 3, \"bb\": 2}"},
    {"||", "jsonb, jsonb", {"[1]", "{\"a\":2}"}, "[1, {\"a\": 2}]"},
    {"||", "jsonb, jsonb", {"1", "\"x\""}, "[1, \"x\"]"},
    {"||", "jsonb, jsonb", {"[]", "[]"}, "[]"},
    {"-", "jsonb, text", {"{\"a\":1,\"b\":2}", "a"}, "{\"b\": 2}"},
    {"-", "jsonb, text", {"[\"a\",1,\"a\"]", "a"}, "[1]"},
    {"-", "jsonb, text", {"5", "a"}, FAILS(BAD_ARGUMENT)},
    {"-", "jsonb, text[]", {"{\"a\":1,\"b\":2}", "{b,a,NULL}"}, "{}"},
    {"-", "jsonb, integer", {"[1,2,3]", "-1"}, "[1, 2]"},
    {"-", "jsonb, integer", {"[1,2,3]", "-4"}, "[1, 2, 3]"},
    {"-", "jsonb, integer", {"{}", "0"}, FAILS(BAD_ARGUMENT)},
    {"#-", "jsonb, text[]", {"{\"a\":[1,{\"b\":2}]}", "{a,1,b}"}, "{\"a\": [1, {}]}"},
    {"#-", "jsonb, text[]", {"{\"a\":[1]}", "{a,x}"}, FAILS(BAD_ARGUMENT)},
    {"jsonb_set", "jsonb, text[], jsonb", {"{\"a\":[1]}", "{a,5}", "2"}, "{\"a\": [1, 2]}"},
    {"jsonb_set", "jsonb, text[], jsonb", {"{\"a\":[1]}", "{a,-5}", "2"}, "{\"a\": [2, 1]}"},
    {"jsonb_set", "jsonb, text[], jsonb", {"{\"bb\":1}", "{a}", "[]"}, "{\"a\": [], \"bb\": 1}"},
    {"jsonb_set",
     "jsonb, text[], jsonb, boolean",
     {"{\"b\":1}", "{a}", "[]", "false"},
     "{\"b\": 1}"},
    {"jsonb_set", "jsonb, text[], jsonb", {"{\"b\":1}", "{b,c}", "[]"}, "{\"b\": 1}"},
    {"jsonb_set", "jsonb, text[], jsonb", {"{\"b\":1}", "{NULL}", "[]"}, FAILS(BAD_ARGUMENT)},
    {"jsonb_set", "jsonb, text[], jsonb", {"1", "{a}", "[]"}, FAILS(BAD_ARGUMENT)},
    {"jsonb_insert", "jsonb, text[], jsonb", {"[1,2]", "{1}", "9"}, "[1, 9, 2]"},
    {"jsonb_insert", "jsonb, text[], jsonb, boolean", {"[1,2]", "{1}", "9", "true"}, "[1, 2, 9]"},
    {"jsonb_insert", "jsonb, text[], jsonb", {"{\"a\":1}", "{a}", "9"}, FAILS(BAD_ARGUMENT)},
    {"jsonb_set_lax", "jsonb, text[], jsonb", {"{\"a\":1}", "{a}", SQL_NULL}, "{\"a\": null}"},
    {"jsonb_set_lax",
     "jsonb, text[], jsonb, boolean, text",
     {"{\"a\":1}", "{a}", SQL_NULL, "true", "delete_key"},
     "{}"},
    {"jsonb_set_lax",
     "jsonb, text[], jsonb, boolean, text",
     {"{\"a\":1}", "{a}", SQL_NULL, "true", "return_target"},
     "{\"a\": 1}"},
    {"jsonb_set_lax",
     "jsonb, text[], jsonb, boolean, text",
     {"{\"a\":1}", "{a}", SQL_NULL, "true", "raise_exception"},
     FAILS(BAD_ARGUMENT)},
    {"jsonb_set_lax",
     "jsonb, text[], jsonb, boolean, text",
     {"{}", "{a}", "1", "true", "no"},
     "{\"a\": 1}"},
    {"json_strip_nulls",
     "json",
     {"{ \"a\" : null , \"b\\u0041\" : [ null, {\"c\":null} ] }"},
     "{\"bA\":[null,{}]}"},
    {"jsonb_strip_nulls", "jsonb", {"{\"a\":null,\"b\":1}"}, "{\"b\": 1}"},
    {"jsonb_pretty", "jsonb", {"{\"a\":[]}"}, "{\n    \"a\": [\n    ]\n}"},
};
static void changes(void)
{
    run_cases(change_cases, WEIR_COUNT_OF(change_cases));
}

static const struct function_case make_cases[] = {
    {"to_json", "text", {"a\"b"}, "\"a\\\"b\""},
    {"to_json", "text", {SQL_NULL}, SQL_NULL},
    {"to_json", "double", {"NaN"}, "\"NaN\""},
    {"to_json", "timestamp", {"2020-01-02 03:04:05.6"}, "\"2020-01-02T03:04:05.6\""},
    {"to_json", "timestamptz", {"2020-01-02 03:04:05+01"}, "\"2020-01-02T02:04:05+00:00\""},
    {"to_json", "date", {"0044-03-15 BC"}, "\"0044-03-15 BC\""},
    {"to_json", "timestamp", {"0044-03-15 01:02:03 BC"}, "\"0044-03-15T01:02:03 BC\""},
    {"to_json", "json", {"{\"a\" :1}"}, "{\"a\" :1}"},
    {"to_jsonb", "json", {"{\"b\" :1e2,\"a\":0}"}, "{\"a\": 0, \"b\": 100}"},
    {"to_json", "integer[]", {"{1,NULL}"}, "[1,null]"},
    {"array_to_json", "integer[][], boolean", {"{{1,2},{3,4}}", "true"}, "[[1,2],\n [3,4]]"},
    {"row_to_json", "struct<a integer, b text>", {"(1,)"}, "{\"a\":1,\"b\":null}"},
    {"to_json", "map<integer, boolean>", {"{\"1\":true}"}, "{\"1\":true}"},
    {"json_build_array", "integer, text, boolean", {"1", SQL_NULL, "t"}, "[1, null, true]"},
    {"json_build_object", "integer, text", {"1", "x"}, "{\"1\" : \"x\"}"},
    {"json_build_object", "text, text", {SQL_NULL, "x"}, FAILS(BAD_ARGUMENT)},
    {"jsonb_build_object", "text, integer, text, integer", {"b", "1", "b", "2"}, "{\"b\": 2}"},
    {"json_object", "text[]", {"{a,1,b,NULL}"}, "{\"a\" : \"1\", \"b\" : null}"},
    {"json_object", "text[]", {"{a}"}, FAILS(BAD_ARGUMENT)},
    {"json_object", "text[]", {"{NULL,1}"}, FAILS(BAD_ARGUMENT)},
    {"json_object", "text[][]", {"{{a,1},{b,2}}"}, "{\"a\" : \"1\", \"b\" : \"2\"}"},
    {"json_object", "text[][]", {"{{a,1,2}}"}, FAILS(BAD_ARGUMENT)},
    {"jsonb_object", "text[], text[]", {"{a,b}", "{1,2}"}, "{\"a\": \"1\", \"b\": \"2\"}"},
    {"jsonb_object", "text[], text[]", {"{a,b}", "{1}"}, FAILS(BAD_ARGUMENT)},
    {"json_populate_record",
     "struct<a integer, b text>, json",
     {"(7,base)", "{\"a\":\"1\",\"c\":0}"},
     "(1,base)"},
    {"jsonb_populate_record",
     "struct<a integer, b json>, jsonb",
     {SQL_NULL, "{\"b\":[1]}"},
     "(,[1])"},
    {"json_populate_record", "struct<a integer>, json", {"(1)", SQL_NULL}, "(1)"},
    {"json_populate_record", "struct<a integer>, json", {"(1)", "[]"}, FAILS(BAD_ARGUMENT)},
    {"json_populate_record", "struct<a integer>, json", {"(1)", "{\"a\":\"x\"}"}, FAILS(BAD_CAST)},
    {"json_populate_recordset", "struct<a integer>, json", {"(1)", "[{},{\"a\":2}]"}, "{(1),(2)}"},
    {"json_populate_recordset", "struct<a integer>, json", {"(1)", "[1]"}, FAILS(BAD_ARGUMENT)},
};
static void makes(void)
{
    run_cases(make_cases, WEIR_COUNT_OF(make_cases));
}

static const struct function_case ask_cases[] = {
    {"@>", "jsonb, jsonb", {"[1,[2,3]]", "[[3]]"}, "true"},
    {"@>", "jsonb, jsonb", {"[\"a\"]", "\"a\""}, "true"},
    {"<@", "jsonb, jsonb", {"{\"a\":1}", "{\"a\":1.0,\"b\":2}"}, "true"},
    {"?", "jsonb, text", {"{\"a\\nb\":1}", "a\nb"}, "true"},
    {"?", "jsonb, text", {"[\"b\",[\"a\"]]", "a"}, "false"},
    {"?", "jsonb, text", {"\"a\"", "a"}, "true"},
    {"?|", "jsonb, text[]", {"{\"a\":1}", "{x,NULL,a}"}, "true"},
    {"?|", "jsonb, text[]", {"{\"a\":1}", "{}"}, "false"},
    {"?&", "jsonb, text[]", {"{\"a\":1}", "{a,NULL}"}, "true"},
    {"?&", "jsonb, text[]", {"{\"a\":1}", "{a,b}"}, "false"},
    {"is_json", "text, text", {" [1]", "value"}, "true"},
    {"is_json", "text, text", {"[1]", "object"}, "false"},
    {"is_json", "text, text", {"{\"a\":}", "value"}, "false"},
    {"is_json", "text, text", {"1", "scalar"}, "true"},
    {"is_json", "bytea, text", {"{}", "object"}, "true"},
    {"json_valid", "text", {"01"}, "false"},
};
static void asks(void)
{
    run_cases(ask_cases, WEIR_COUNT_OF(ask_cases));
}

/* A result that nests deeper than 128 is refused, and the limit itself is not. */
static void depth(void)
{
    char deep[300];
    memset(deep, '[', 128);
    memset(deep + 128, ']', 128);
    deep[256] = 0;
    const struct function_case cases[] = {
        {"||", "jsonb, jsonb", {deep, "[]"}, deep},
        {"jsonb_set", "jsonb, text[], jsonb", {"[0]", "{0}", deep}, FAILS(LIMIT)},
        {"json_build_array", "json", {deep}, FAILS(LIMIT)},
        {"jsonb_build_array", "jsonb", {deep}, FAILS(LIMIT)},
    };
    run_cases(cases, WEIR_COUNT_OF(cases));
}

/* Types and counts of arguments that no function takes: told at planning. */
static const struct function_case planned_cases[] = {
    {"is_json", "integer, text", {"1", "value"}, FAILS(TYPE_MISMATCH)},
    {"json_build_object", "text", {"x"}, FAILS(BAD_ARGUMENT)},
    {"json_build_object", "json, text", {"1", "x"}, FAILS(TYPE_MISMATCH)},
};
static void planned(void)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(planned_cases); i++) {
        struct case_run run = {.test = &planned_cases[i], .shape = SHAPE_COLUMNS};
        EXPECT_INT(case_execute(&run), planned_cases[i].status);
        weir_arena_deinit(&run.arena);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(changes), TEST_CASE(makes), TEST_CASE(asks),
                                             TEST_CASE(depth), TEST_CASE(planned)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
