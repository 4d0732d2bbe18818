/* Values out of documents, documents as lists; answers by hand and by Postgres 15. */
#include "../string/function_test.h"

#define DOCUMENT \
    "{\"a\":{\"b\":[10,20,{\"c\":\"x\\ny\"}]},\"n\":null,\"t\":true,\"f\":1.50,\"a\\u0062\":7}"

static const struct function_case operators_cases[] = {
    {"->", "json, text", {DOCUMENT, "n"}, "null"},
    {"->", "json, text", {DOCUMENT, "ab"}, "7"},
    {"->", "json, text", {DOCUMENT, "zz"}, SQL_NULL},
    {"->", "json, text", {"{\"a\":1,\"a\":{\"z\" : 2}}", "a"}, "{\"z\" : 2}"},
    {"->", "jsonb, text", {"{\"a\":1,\"a\":{\"z\" : 2}}", "a"}, "{\"z\": 2}"},
    {"->", "json, text", {"[1]", "0"}, SQL_NULL},
    {"->", "json, integer", {" [ 1 , [ 2 ] ] ", "-1"}, "[ 2 ]"},
    {"->", "json, integer", {"[1]", "-2"}, SQL_NULL},
    {"->", "json, integer", {"5", "0"}, SQL_NULL},
    {"->", "jsonb, integer", {"5", "0"}, "5"},
    {"->", "jsonb, integer", {"5", "1"}, SQL_NULL},
    {"->", "text, text", {"{\"a\": [1]}", "a"}, "[1]"},
    {"->", "text, text", {"{\"a\": [1]", "a"}, SQL_NULL},
    {"->>", "json, text", {DOCUMENT, "n"}, SQL_NULL},
    {"->>", "json, text", {DOCUMENT, "f"}, "1.50"},
    {"->>",
     "json, text",
     {"{\"a\":\"\\u00e9\\ud83d\\ude00 longer than inline\"}", "a"},
     "é😀 longer than inline"},
    {"->>", "json, text", {"{\"a\":\"x\\u0000y\"}", "a"}, FAILS(BAD_CAST)},
    {"->>", "json, text", {"{\"b\":\"x\\u0000y\",\"a\":1}", "a"}, "1"},
    {"->>", "text, integer", {"[\"a\\\\b\"]", "0"}, "a\\b"},
    {"#>", "json, text[]", {DOCUMENT, "{a,b,2}"}, "{\"c\":\"x\\ny\"}"},
    {"#>", "json, text[]", {DOCUMENT, "{}"}, DOCUMENT},
    {"#>", "json, text[]", {DOCUMENT, "{a,NULL}"}, SQL_NULL},
    {"#>>", "json, text[]", {DOCUMENT, "{a,b,-1,c}"}, "x\ny"},
    {"#>>", "jsonb, text[]", {DOCUMENT, "{a,b,+1}"}, "20"},
    {"#>>", "jsonb, text[]", {DOCUMENT, "{a,b,1x}"}, SQL_NULL},
    {"json_subscript", "jsonb, text", {"[1,2]", "1"}, "2"},
    {"json_subscript", "jsonb, bigint", {"{\"1\":5}", "1"}, "5"},
    {"json_extract_path", "json, text, text", {"{\"a\":[1,2]}", "a", "1"}, "2"},
    {"jsonb_extract_path_text", "jsonb, text, text", {"{\"a\":[1,\"2\"]}", "a", "1"}, "2"},
    {"jsonb_extract_path_text", "jsonb, text", {"{\"a\":1}", SQL_NULL}, SQL_NULL},
};
static void operators(void)
{
    run_cases(operators_cases, WEIR_COUNT_OF(operators_cases));
}

static const struct function_case get_cases[] = {
    {"json_get", "text, text, text", {DOCUMENT, "a", "b"}, "[10,20,{\"c\":\"x\\ny\"}]"},
    {"json_get", "text, text", {"not json", "a"}, SQL_NULL},
    {"json_get_json", "json, text, text, integer", {DOCUMENT, "a", "b", "0"}, "10"},
    {"json_get_str", "text, text, text, integer, text", {DOCUMENT, "a", "b", "2", "c"}, "x\ny"},
    {"json_get_str", "text, text", {DOCUMENT, "f"}, SQL_NULL},
    {"json_get_int", "text, text, text, bigint", {DOCUMENT, "a", "b", "1"}, "20"},
    {"json_get_int", "text, text", {DOCUMENT, "f"}, SQL_NULL},
    {"json_get_int", "text, text", {"{\"a\":9223372036854775808}", "a"}, SQL_NULL},
    {"json_get_int", "text, text", {"{\"a\":\"1\"}", "a"}, SQL_NULL},
    {"json_get_float", "jsonb, text", {"{\"f\":1.5}", "f"}, "1.5"},
    {"json_get_float", "text, text", {"{\"f\":3}", "f"}, "3"},
    {"json_get_bool", "text, text", {DOCUMENT, "t"}, "true"},
    {"json_get_bool", "text, text", {DOCUMENT, "n"}, SQL_NULL},
    {"json_get_array", "text, text", {"{\"a\":[1,\"x\",[2]]}", "a"}, "{1,\"\\\"x\\\"\",[2]}"},
    {"json_get_array", "text, text", {DOCUMENT, "a"}, SQL_NULL},
    {"json_as_text", "text, text", {DOCUMENT, "n"}, SQL_NULL},
    {"json_contains", "text, text", {DOCUMENT, "n"}, "true"},
    {"json_contains", "text, text, text", {DOCUMENT, "n", "x"}, "false"},
    {"json_contains", "text, text", {"{", "n"}, "false"},
    {"json_length", "text", {"[1,[2,3]]"}, "2"},
    {"json_length", "text, text", {DOCUMENT, "a"}, "1"},
    {"json_length", "text, text", {DOCUMENT, "f"}, SQL_NULL},
    {"json_type", "json, text", {DOCUMENT, "f"}, "number"},
};
static void get(void)
{
    run_cases(get_cases, WEIR_COUNT_OF(get_cases));
}

static const struct function_case lists_cases[] = {
    {"json_typeof", "json", {" \"x\""}, "string"},
    {"jsonb_typeof", "jsonb", {"null"}, "null"},
    {"json_array_length", "json", {"[]"}, "0"},
    {"jsonb_array_length", "jsonb", {"[1,[2,3],{}]"}, "3"},
    {"json_array_length", "json", {"{}"}, FAILS(BAD_ARGUMENT)},
    {"json_array_length", "text", {"[1,]"}, FAILS(BAD_CAST)},
    {"json_array_elements", "json", {"[1, {\"a\":2}]"}, "{1,\"{\\\"a\\\":2}\"}"},
    {"json_array_elements", "json", {"5"}, FAILS(BAD_ARGUMENT)},
    {"jsonb_array_elements_text", "jsonb", {"[null,\"a\",1]"}, "{NULL,a,1}"},
    {"json_each", "json", {"{\"a\":1,\"a\":null}"}, "{\"(a,1)\",\"(a,null)\"}"},
    {"jsonb_each_text", "jsonb", {"{\"b\":null,\"a\":\"x\"}"}, "{\"(a,x)\",\"(b,)\"}"},
    {"json_each", "json", {"[]"}, FAILS(BAD_ARGUMENT)},
    {"json_object_keys", "json", {"{\"b\":1,\"a\":2,\"b\":3}"}, "{b,a,b}"},
    {"json_object_keys", "json", {"{\"\\u0000\":1}"}, FAILS(BAD_CAST)},
    {"jsonb_object_keys", "jsonb", {"[]"}, FAILS(BAD_ARGUMENT)},
};
static void lists(void)
{
    run_cases(lists_cases, WEIR_COUNT_OF(lists_cases));
}

/* Types and counts of arguments that no function takes: told at planning. */
static const struct function_case planned_cases[] = {
    {"json_get_int", "text, date", {"{}", "2020-01-01"}, FAILS(TYPE_MISMATCH)},
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
    static const struct test_case cases[] = {TEST_CASE(operators), TEST_CASE(get), TEST_CASE(lists),
                                             TEST_CASE(planned)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
