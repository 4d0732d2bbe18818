/* Structs, rows and maps: answers worked out by hand. Maps are printed in the order of their keys.
 */
#include "../string/function_test.h"

static const struct function_case struct_cases[] = {
    {"row", "integer, text", {"1", "a b"}, "(1,\"a b\")"},
    {"row", "integer, text", {SQL_NULL, ""}, "(,\"\")"},
    {"row", "integer[], integer", {"{1,2}", "3"}, "(\"{1,2}\",3)"},
    {"row",
     "map<text, integer>, text",
     {"{\"k\": 1}", "more than twelve bytes"},
     "(\"{\"\"(k,1)\"\"}\",\"more than twelve bytes\")"},
    {"=", "struct<a integer, b text>, struct<a integer, b text>", {"(1,x)", "(1,x)"}, "true"},
    {"<", "struct<a integer, b text>, struct<a integer, b text>", {"(1,x)", "(1,y)"}, "true"},
    {"<", "struct<a integer, b text>, struct<a integer, b text>", {"(1,)", "(1,y)"}, "false"},
    {"=", "struct<a integer>, struct<b integer>", {"(1)", "(1)"}, "true"},
};

static const struct function_case map_cases[] = {
    {"map_pack", "text, integer, text, integer", {"b", "1", "a", "2"}, "{\"(a,2)\",\"(b,1)\"}"},
    {"map_pack", "text, integer", {"b", SQL_NULL}, "{\"(b,)\"}"},
    {"map_pack", "text, integer, text, integer", {"b", "1", "b", "2"}, FAILS(BAD_ARGUMENT)},
    {"map_pack", "text, integer", {SQL_NULL, "1"}, FAILS(BAD_ARGUMENT)},
    {"map_pack", "double, text, double, text", {"0", "x", "-0", "y"}, FAILS(BAD_ARGUMENT)},
    {"map", "text[], integer[]", {"{b,a}", "{1,2}"}, "{\"(a,2)\",\"(b,1)\"}"},
    {"map", "text[], integer[]", {"{}", "{}"}, "{}"},
    {"map", "text[], integer[]", {"{b,a}", "{1}"}, FAILS(BAD_ARGUMENT)},
    {"map", "text[], integer[]", {"{b,NULL}", "{1,2}"}, FAILS(BAD_ARGUMENT)},
    {"map", "text[], integer[]", {"{b,b}", "{1,2}"}, FAILS(BAD_ARGUMENT)},
    {"map", "text[], integer[]", {SQL_NULL, "{1,2}"}, SQL_NULL},
    {"map_from_entries",
     "struct<k text, v integer>[]",
     {"{\"(b,1)\",\"(a,2)\"}"},
     "{\"(a,2)\",\"(b,1)\"}"},
    {"map_from_entries", "struct<k text, v integer>[]", {"{NULL}"}, FAILS(BAD_ARGUMENT)},
    {"map_from_entries", "struct<k text, v integer>[]", {"{\"(,1)\"}"}, FAILS(BAD_ARGUMENT)},
    {"map_concat",
     "map<text, integer>, map<text, integer>",
     {"{\"b\": 1, \"a\": 2}", "{\"a\": 3}"},
     "{\"(a,3)\",\"(b,1)\"}"},
    {"map_concat", "map<text, integer>, map<text, integer>", {"{}", SQL_NULL}, "{}"},
    {"map_concat", "map<text, integer>, map<text, integer>", {SQL_NULL, SQL_NULL}, SQL_NULL},
    {"map_subscript", "map<text, integer>, text", {"{\"c\": 3, \"a\": 1, \"b\": 2}", "b"}, "2"},
    {"map_subscript", "map<text, integer>, text", {"{\"c\": 3, \"a\": 1}", "b"}, SQL_NULL},
    {"map_subscript", "map<text, integer>, text", {"{}", "b"}, SQL_NULL},
    {"map_subscript", "map<text, integer>, text", {"{\"b\": null}", "b"}, SQL_NULL},
    {"map_subscript", "map<text, integer>, text", {"{\"b\": 1}", SQL_NULL}, SQL_NULL},
    {"map_subscript",
     "map<text, text>, text",
     {"{\"b\": \"more than twelve bytes\"}", "b"},
     "more than twelve bytes"},
    {"map_subscript", "map<integer, text>, integer", {"{\"10\": \"x\", \"9\": \"y\"}", "9"}, "y"},
    {"map_subscript", "map<text, integer[]>, text", {"{\"b\": [1,2]}", "b"}, "{1,2}"},
    {"map_subscript", "map<text, integer[]>, text", {"{\"b\": [1,2]}", "c"}, SQL_NULL},
    {"map_extract", "map<text, integer>, text", {"{\"b\": 1}", "b"}, "{1}"},
    {"map_extract", "map<text, integer>, text", {"{\"b\": 1}", "c"}, "{}"},
    {"map_contains", "map<text, integer>, text", {"{\"b\": null}", "b"}, "true"},
    {"map_contains", "map<text, integer>, text", {"{\"b\": null}", "a"}, "false"},
    {"map_contains_value", "map<text, integer>, integer", {"{\"b\": 1}", "1"}, "true"},
    {"map_contains_value", "map<text, integer>, integer", {"{\"b\": 1}", "2"}, "false"},
    {"map_keys", "map<text, integer>", {"{\"b\": 1, \"a\": 2}"}, "{a,b}"},
    {"map_values", "map<text, integer>", {"{\"b\": 1, \"a\": null}"}, "{NULL,1}"},
    {"map_entries", "map<text, integer>", {"{\"b\": 1, \"a\": 2}"}, "{\"(a,2)\",\"(b,1)\"}"},
    {"map_keys", "map<text, integer>", {"{}"}, "{}"},
    {"map_keys", "map<text, integer>", {SQL_NULL}, SQL_NULL},
    {"cardinality", "map<text, integer>", {"{\"b\": 1, \"a\": 2}"}, "2"},
    {"=",
     "map<text, integer>, map<text, integer>",
     {"{\"b\": 1, \"a\": 2}", "{\"a\": 2, \"b\": 1}"},
     "true"},
    {"<>", "map<text, integer>, map<text, integer>", {"{\"b\": 1}", "{\"b\": 2}"}, "true"},
};

static const struct function_case refused_cases[] = {
    {"map", "text, integer[]", {"a", "{1}"}, FAILS(TYPE_MISMATCH)},
    {"map_from_entries", "integer[]", {"{1}"}, FAILS(TYPE_MISMATCH)},
    {"map_pack", "text, integer, text", {"a", "1", "b"}, FAILS(BAD_ARGUMENT)},
};

static void structs(void)
{
    run_cases(struct_cases, WEIR_COUNT_OF(struct_cases));
}
static void maps(void)
{
    run_cases(map_cases, WEIR_COUNT_OF(map_cases));
}

/* The call's resolution, whose failure is that of bind. */
static enum weir_status resolve(const char *name, const struct weir_function_arg *args,
                                uint32_t count, const struct weir_type **result)
{
    struct weir_arena arena;
    struct weir_function_match match;
    weir_arena_init(&arena, NULL, 0);
    enum weir_status status = weir_function_resolve(weir_slice_from_string(name), args, count, NULL,
                                                    &arena, &match, NULL);
    static struct weir_type_name text;
    if (status == WEIR_OK) {
        text = weir_type_name(match.result_type);
        EXPECT_STRING(text.text, "STRUCT<a INTEGER, b TEXT>");
    }
    *result = NULL;
    weir_arena_deinit(&arena);
    return status;
}

/* One lane of text as a constant. */
static struct weir_column text_constant(struct weir_view *view, const char *text)
{
    *view = weir_view_from_slice(weir_slice_from_string(text));
    return (struct weir_column){.type = weir_type_of(WEIR_TYPE_TEXT),
                                .encoding = WEIR_CONSTANT,
                                .rows_count = 1,
                                .values = view};
}

static void struct_names_are_constants(void)
{
    struct weir_view views[2];
    struct weir_column a = text_constant(&views[0], "a"), b = text_constant(&views[1], "b");
    const struct weir_type *integer = weir_type_of(WEIR_TYPE_INT32), *result;
    const struct weir_type *text = weir_type_of(WEIR_TYPE_TEXT);
    struct weir_function_arg args[4] = {
        {text, false, &a}, {integer, false, NULL}, {text, false, &b}, {text, false, NULL}};
    EXPECT_INT(resolve("named_struct", args, 4, &result), WEIR_OK);
    EXPECT_INT(resolve("named_struct", args, 3, &result), WEIR_E_BAD_ARGUMENT);
    args[2].constant = &a;
    EXPECT_INT(resolve("named_struct", args, 4, &result), WEIR_E_BAD_ARGUMENT); /* twice */
    args[2].constant = NULL;
    EXPECT_INT(resolve("named_struct", args, 4, &result), WEIR_E_BAD_ARGUMENT);
}

static void a_literal_is_no_map(void)
{
    const struct weir_type *result;
    struct weir_function_arg unknown = {weir_type_of(WEIR_TYPE_TEXT), true, NULL};
    EXPECT_INT(resolve("map_keys", &unknown, 1, &result), WEIR_E_UNKNOWN_FUNCTION);
    EXPECT_INT(
        resolve("struct_extract", (struct weir_function_arg[2]){unknown, unknown}, 2, &result),
        WEIR_E_UNKNOWN_FUNCTION);
}

/* What the types or the number of arguments rule out: the call is refused when it is planned. */
static void refusals(void)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(refused_cases); i++)
        case_run_shape(&refused_cases[i], SHAPE_COLUMNS, false);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(refusals), TEST_CASE(structs),
                                             TEST_CASE(maps), TEST_CASE(struct_names_are_constants),
                                             TEST_CASE(a_literal_is_no_map)};
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
