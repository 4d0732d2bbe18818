/* SQL/JSON paths and JSONPath; answers by hand, by Postgres 15 and by RFC 9535. */
#include "../string/function_test.h"

#include "base/hash.h"
#include "kernel/json/path.h"

#define QUERY "jsonb_path_query_array", "jsonb, text"
#define ITEMS "[{\"a\":[{\"b\":null},{\"b\":2}]},{\"a\":{\"b\":3}},{\"b\":5}]"

static const struct function_case query_cases[] = {
    {QUERY, {ITEMS, "$[*].a.b"}, "[null, 2, 3]"},
    {QUERY, {ITEMS, "strict $[*].a.b"}, FAILS(BAD_JSON_PATH)},
    {QUERY, {ITEMS, "$.**.b"}, "[5, null, 2, null, 2, 3, 5]"},
    {QUERY, {ITEMS, "strict $.**.b"}, "[null, 2, 3, 5]"},
    {QUERY, {ITEMS, "$[last - 1 to last].b"}, "[5]"},
    {QUERY, {ITEMS, "$[*] ? (exists(@.a)).a ? (@.b > 2)"}, "[{\"b\": 3}]"},
    {QUERY, {ITEMS, "$[*] ? (@.b == 5 || @.a.b == 3).keyvalue().key"}, "[\"a\", \"b\"]"},
    {QUERY, {"[1,\"2\",3.5]", "$[*] + 1"}, FAILS(BAD_JSON_PATH)},
    {QUERY, {"[1,\"2\",3.5]", "$[*].double()"}, "[1, 2, 3.5]"},
    {QUERY, {"[1,-2.5]", "-$[*]"}, "[-1, 2.5]"},
    {QUERY, {"[1,-2.5]", "$[*].floor()"}, "[1, -3]"},
    {QUERY, {"{}", "7 / 3"}, "[2.3333333333333333]"},
    {QUERY, {"{}", "1 / 0"}, FAILS(BAD_JSON_PATH)},
    {QUERY, {"{}", "-7 % 3"}, "[-1]"},
    {QUERY, {"{}", "99999999999999999999999999999999999999 + 1"}, FAILS(BAD_JSON_PATH)},
    {QUERY, {"[1,[2]]", "$.size()"}, "[2]"},
    {QUERY, {"{\"x y\":1}", "$.\"x y\".type()"}, "[\"number\"]"},
    {QUERY, {"{\"a\":1}", "$.a ? (@ == null)"}, "[]"},
    {QUERY, {"{\"a\":1}", "($.a == \"x\") is unknown"}, "[true]"},
    {QUERY, {"\"ab\\ncd\"", "$ like_regex \"B.C\" flag \"is\""}, "[true]"},
    {QUERY, {"\"ab\\ncd\"", "$ like_regex \"b.c\""}, "[false]"},
    {QUERY, {"[\"abc\",\"x\"]", "$[*] ? (@ starts with \"ab\")"}, "[\"abc\"]"},
    {QUERY,
     {"[\"2020-01-02\",\"2020-01-01 10:00:00\"]",
      "$[*].datetime() ? (@ < \"2020-01-02\".datetime())"},
     "[\"2020-01-01T10:00:00\"]"},
    {QUERY, {"\"10:00:00+01\"", "$.datetime() < \"10:00:00\".datetime()"}, FAILS(BAD_JSON_PATH)},
    {QUERY, {"\"01.02.2020\"", "$.datetime(\"dd.mm.yyyy\")"}, "[\"2020-02-01\"]"},
    {QUERY, {"\"2020\"", "$.datetime(\"x\")"}, FAILS(BAD_ARGUMENT)},
    {QUERY, {"[1]", "$[1.9999999999 - 1]"}, "[1]"},
    {QUERY, {"[1]", "$[\"a\"]"}, FAILS(BAD_JSON_PATH)},
    {QUERY, {"1", "$x"}, FAILS(BAD_JSON_PATH)},
    {"jsonb_path_query_array", "jsonb, text, jsonb", {"1", "$x + $", "{\"x\":2}"}, "[3]"},
    {"jsonb_path_query_array", "jsonb, text, jsonb", {"1", "$", "[]"}, FAILS(BAD_ARGUMENT)},
    {"jsonb_path_query_array",
     "jsonb, text, jsonb, boolean",
     {"[1,\"x\"]", "-$[*]", "{}", "true"},
     "[-1]"},
    {"jsonb_path_query_array_tz",
     "jsonb, text",
     {"\"10:00:00+01\"", "$.datetime() < \"10:00:00\".datetime()"},
     "[true]"},
    {"jsonb_path_query", "jsonb, text", {"[1,{\"a\":2}]", "$[*]"}, "{1,\"{\\\"a\\\": 2}\"}"},
    {"jsonb_path_query_first", "jsonb, text", {"[1,2]", "$[*] ? (@ > 5)"}, SQL_NULL},
    {"jsonb_path_exists", "jsonb, text", {"[1,2]", "$[*] ? (@ > 1)"}, "true"},
    {"jsonb_path_exists", "jsonb, text", {"[1,2]", "strict $.a"}, FAILS(BAD_JSON_PATH)},
    {"@?", "jsonb, text", {"[1,2]", "strict $.a"}, SQL_NULL},
    {"@@", "jsonb, text", {"[1,2]", "$[*] > 1"}, "true"},
    {"@@", "jsonb, text", {"[1,2]", "$[*]"}, SQL_NULL},
    {"jsonb_path_match", "jsonb, text", {"[1,2]", "$[*]"}, FAILS(BAD_JSON_PATH)},
};
static void queries(void)
{
    run_cases(query_cases, WEIR_COUNT_OF(query_cases));
}

/* Paths that are none. */
static void refused(void)
{
    static const char *const paths[] = {
        "",
        "$.",
        "$[",
        "$ ? 1",
        "@",
        "last",
        "$.a b",
        "$.foo()",
        "1a",
        "01",
        "$.a = 1",
        "1 == 2 == 3",
        "!$.a",
        "$$",
        "\"x",
        "\"\\u12\"",
        "$.a /* x",
        "($.a == 1) + 1",
        "$ ? (@.a)",
        "$.**{a}",
        "1 starts with 1",
        "\"\\ud800\"",
        "NULL",
        "$[1 to]",
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(paths); i++) {
        struct function_case one = {QUERY, {"{}", paths[i]}, FAILS(BAD_JSON_PATH)};
        run_cases(&one, 1);
    }
    static const struct function_case others[] = {
        {QUERY, {"{}", "$ like_regex \"(\""}, FAILS(BAD_REGEX)},
        {QUERY, {"{}", "$ like_regex \"a\" flag \"z\""}, FAILS(BAD_JSON_PATH)},
    };
    run_cases(others, WEIR_COUNT_OF(others));
}

/* Depth, size and work are bounded. */
static void limits(void)
{
    static char path[70000], document[4000];
    memset(path, '-', 200);
    path[200] = '1';
    const struct function_case deep = {QUERY, {"{}", path}, FAILS(LIMIT)};
    run_cases(&deep, 1);
    memset(path, ' ', sizeof path - 1);
    path[0] = '$';
    const struct function_case large = {QUERY, {"{}", path}, FAILS(LIMIT)};
    run_cases(&large, 1);
    size_t at = 0;
    document[at++] = '[';
    for (int i = 0; i < 1500; i++) {
        document[at++] = '1';
        document[at++] = i == 1499 ? ']' : ',';
    }
    /* each item compared with all, for each item: 1500 to the third */
    const struct function_case slow = {
        QUERY, {document, "$[*] ? ($[*] ? ($[*] == 2) == 3)"}, FAILS(LIMIT)};
    static char numbers[20000];
    at = 0;
    numbers[at++] = '[';
    for (int i = 0; i < 5000; i++) {
        numbers[at++] = '1';
        numbers[at++] = i == 4999 ? ']' : ',';
    }
    const struct function_case pairs = {QUERY, {numbers, "$[*] > $[*]"}, FAILS(LIMIT)};
    const struct function_case *const costly[] = {&slow, &pairs};
    for (size_t i = 0; i < WEIR_COUNT_OF(costly); i++) {
        struct case_run run = {.test = costly[i], .shape = SHAPE_COLUMNS};
        EXPECT_INT(case_execute(&run), WEIR_E_LIMIT);
        weir_arena_deinit(&run.arena);
    }
}

#define STORE                                                                                 \
    "{\"store\":{\"book\":[{\"t\":\"a\",\"p\":8},{\"t\":\"b\",\"p\":12.5},{\"t\":\"it's\"}]," \
    "\"x-y\":{\"p\":1}}}"
#define EXTRACT "extract_json", "text, text"
static const struct function_case jsonpath_cases[] = {
    {EXTRACT, {STORE, "$.store.book[*].t"}, "{\"\\\"a\\\"\",\"\\\"b\\\"\",\"\\\"it's\\\"\"}"},
    {EXTRACT, {STORE, "$..p"}, "{8,12.5,1}"},
    {EXTRACT, {STORE, "$.store['x-y'].p"}, "{1}"},
    {EXTRACT, {STORE, "$['store'][\"x-y\"]['p']"}, "{1}"},
    {EXTRACT, {STORE, "$.store.book[-2].p"}, "{12.5}"},
    {EXTRACT, {STORE, "$.store.book[0:2].p"}, "{8,12.5}"},
    {EXTRACT, {STORE, "$.store.book[1::-1].p"}, "{12.5,8}"},
    {EXTRACT, {"[0,1,2,3,4,5]", "$[1:-1:2]"}, "{1,3}"},
    {EXTRACT, {"[0,1,2,3,4,5]", "$[-3:]"}, "{3,4,5}"},
    {EXTRACT, {"[0,1,2,3,4,5]", "$[::-2]"}, "{5,3,1}"},
    {EXTRACT, {"[0,1,2,3,4,5]", "$[9:1:-3]"}, "{5,2}"},
    {EXTRACT, {"[0,1,2,3,4,5]", "$[::0]"}, "{}"},
    {EXTRACT, {"[0,1]", "$[-3]"}, "{}"},
    {EXTRACT, {STORE, "$.store.book[1, 0].p"}, "{12.5,8}"},
    {EXTRACT, {STORE, "$.store.book[?@.p > 8].p"}, "{12.5}"},
    {EXTRACT, {STORE, "$.store.book[?(@.p <= 8 || @.t == 'it\\'s')].p"}, "{8}"},
    {EXTRACT, {STORE, "$.store.book[?!@.p].t"}, "{\"\\\"it's\\\"\"}"},
    {EXTRACT, {STORE, "$.store.*.p"}, "{1}"},
    {EXTRACT, {STORE, "$.none"}, "{}"},
    {EXTRACT, {STORE, "$.store.book.t"}, "{}"},
    {EXTRACT, {"{\"a\":1,\"a\":2}", "$.a"}, "{2}"},
    {EXTRACT, {"nope", "$.a"}, SQL_NULL},
    {EXTRACT, {STORE, "store"}, FAILS(BAD_JSON_PATH)},
    {EXTRACT, {STORE, "$.store["}, FAILS(BAD_JSON_PATH)},
    {EXTRACT, {STORE, "$['a"}, FAILS(BAD_JSON_PATH)},
    {EXTRACT, {STORE, "$[?1]"}, FAILS(BAD_JSON_PATH)},
    {EXTRACT, {STORE, "$.a b"}, FAILS(BAD_JSON_PATH)},
    {"extract_json_string", "text, text", {STORE, "$.store.book[2].t"}, "it's"},
    {"extract_json_string", "json, text", {STORE, "$.store.book[0].p"}, SQL_NULL},
    {"json_extract", "jsonb, text", {"{\"a\":[1,{\"b\":2}]}", "$.a[1]"}, "{\"b\": 2}"},
    {"json_extract_string", "text, text", {"{\"a\":\"x\\ty\"}", "$.a"}, "x\ty"},
};
static void jsonpaths(void)
{
    run_cases(jsonpath_cases, WEIR_COUNT_OF(jsonpath_cases));
}

/* Parses the bytes and evaluates what came out. */
static void try_path(struct weir_slice text, bool is_jsonpath, struct weir_arena *arena)
{
    struct weir_path path;
    struct weir_error error;
    void *regexes[8] = {NULL};
    struct weir_path_items found = {0};
    struct weir_kernel_call call = {.args_count = 0};
    weir_arena_reset(arena);
    enum weir_status status = is_jsonpath ? weir_path_parse_jsonpath(text, arena, &path, &error)
                                          : weir_path_parse(text, arena, &path, &error);
    if (status != WEIR_OK || path.regexes_count > WEIR_COUNT_OF(regexes))
        return;
    struct weir_path_run run = {.path = &path,
                                .document = weir_slice_from_string(STORE),
                                .variables = weir_slice_from_string("{\"x\": 1}"),
                                .is_silent = true,
                                .arena = arena,
                                .call = &call,
                                .regexes = regexes};
    (void)!weir_path_execute(&run, &found);
    for (uint32_t i = 0; i < found.count; i++)
        EXPECT(weir_json_validate(found.items[i].text, NULL, NULL));
    for (uint32_t i = 0; i < path.regexes_count; i++)
        weir_regex_scratch_close(regexes[i]);
}

/* Paths with bytes changed, each in memory of just its size: no crash, only JSON comes out. */
static void damaged(void)
{
    static const char *const paths[] = {
        "$.store.book[*] ? (@.p > 8 && @.t like_regex \"^b\" flag \"i\").t",
        "strict $.**{1 to last} ? (exists(@.p) || !(@ == $x)).keyvalue()",
        "$.store.\"x-y\".p + 1 / 3 * -2 % 5 - $x",
        "$[0, 1 to last - 1].datetime(\"HH24:MI\").type()",
        "(1.5e3 == 1500).type() starts with \"\\u0062\\x41\"",
        "$..book[?(@.p < 10 && !@.x || @.t != 'a\\'b')]['t', 0, *, 1:5:2]",
    };
    struct weir_arena arena;
    uint64_t state = 7;
    weir_arena_init(&arena, NULL, 0);
    for (int round = 0; round < 30000; round++) {
        const char *path = paths[(size_t)round % WEIR_COUNT_OF(paths)];
        size_t size = strlen(path);
        char *copy = weir_malloc(size);
        if (!copy)
            break;
        memcpy(copy, path, size);
        for (int i = 0; i < round / 6 % 4; i++) {
            state = weir_hash_u64(state, (uint64_t)round);
            copy[state % size] = "\"\\$@.*[](){}?&|!=<>,-+/%1x\0 "[(state >> 32) % 29];
        }
        size_t cut = round % 5 ? size : state % (size + 1);
        try_path(weir_slice_make(copy + size - cut, cut), round % 2, &arena);
        weir_free(copy);
    }
    weir_arena_deinit(&arena);
}

/* Types and counts of arguments that no function takes: told at planning. */
static const struct function_case planned_cases[] = {
    {"extract_json", "integer, text", {"1", "$"}, FAILS(TYPE_MISMATCH)},
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
    static const struct test_case cases[] = {TEST_CASE(queries), TEST_CASE(refused),
                                             TEST_CASE(limits),  TEST_CASE(jsonpaths),
                                             TEST_CASE(damaged), TEST_CASE(planned)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
