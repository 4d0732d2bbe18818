#include "fixtures.h"

#include "column/text.h"
#include "value/timezone.h"

static struct weir_arena arena;

static void expect_print(const struct weir_column *column, uint32_t lane,
                         const struct weir_text_options *options, const char *want)
{
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    weir_column_print(column, lane, options, &out);
    weir_buffer_append_char(&out, '|'); /* so that there is memory even for nothing */
    out.size--;
    EXPECT_SLICE(out, want);
    weir_buffer_deinit(&out);
}

/* Reads text as a value of type and expects the two spellings of what was read. */
static void expect_forms(const struct weir_type *type, const char *text, const char *postgres,
                         const char *json)
{
    const struct weir_text_options as_postgres = {.style = WEIR_TEXT_POSTGRES};
    const struct weir_text_options as_json = {.style = WEIR_TEXT_JSON};
    struct weir_builder builder;
    EXPECT(weir_builder_init(&builder, type, &arena, NULL) == WEIR_OK);
    enum weir_parse result =
        weir_text_parse_into(&builder, weir_slice_from_string(text), NULL, NULL);
    if (!EXPECT(result == WEIR_PARSE_OK)) {
        fprintf(stderr, "  %s from %s\n", weir_type_name(type).text, text);
        return;
    }
    struct weir_column column = weir_builder_column(&builder);
    EXPECT(weir_column_verify(&column, NULL) == WEIR_OK);
    expect_print(&column, 0, &as_postgres, postgres);
    expect_print(&column, 0, &as_json, json);
}

static void expect_result(const struct weir_type *type, const char *text, enum weir_parse want)
{
    struct weir_builder builder;
    EXPECT(weir_builder_init(&builder, type, &arena, NULL) == WEIR_OK);
    EXPECT(weir_builder_append_null(&builder, NULL) == WEIR_OK);
    enum weir_parse got = weir_text_parse_into(&builder, weir_slice_from_string(text), NULL, NULL);
    if (!EXPECT(got == want))
        fprintf(stderr, "  %s from '%s' is %d\n", weir_type_name(type).text, text, got);
    struct weir_column column = weir_builder_column(&builder);
    EXPECT(weir_column_verify(&column, NULL) == WEIR_OK);
    EXPECT_INT(column.rows_count, want == WEIR_PARSE_OK ? 2 : 1);
}

static const struct weir_type *kind(enum weir_type_kind of)
{
    return weir_type_of(of);
}

static void scalars(void)
{
    static const struct weir_type ms = {.kind = WEIR_TYPE_TIMESTAMP, .precision = 3};
    static const struct weir_type varchar = {.kind = WEIR_TYPE_TEXT, .length = 3};
    expect_forms(kind(WEIR_TYPE_BOOLEAN), " T ", "true", "true");
    expect_forms(kind(WEIR_TYPE_BOOLEAN), "of", "false", "false");
    expect_forms(kind(WEIR_TYPE_INT8), "-128", "-128", "-128");
    expect_forms(kind(WEIR_TYPE_UINT64), "18446744073709551615", "18446744073709551615",
                 "18446744073709551615");
    expect_forms(kind(WEIR_TYPE_INT64), "\t+42 ", "42", "42");
    expect_forms(kind(WEIR_TYPE_FLOAT32), "0.1", "0.1", "0.1");
    expect_forms(kind(WEIR_TYPE_FLOAT64), "1e20", "1e+20", "1e+20");
    expect_forms(kind(WEIR_TYPE_FLOAT64), "nan", "NaN", "\"NaN\"");
    expect_forms(kind(WEIR_TYPE_FLOAT64), "-infinity", "-Infinity", "\"-Infinity\"");
    expect_forms(weir_type_decimal(&arena, 5, 2), "1.005", "1.01", "1.01");
    expect_forms(kind(WEIR_TYPE_TEXT), "a \"b\"\n", "a \"b\"\n", "\"a \\\"b\\\"\\n\"");
    expect_forms(&varchar, "grö  ", "grö", "\"grö\"");
    expect_forms(kind(WEIR_TYPE_BYTEA), "\\x00fF", "\\x00ff", "\"\\\\x00ff\"");
    expect_forms(kind(WEIR_TYPE_DATE), "2024-02-29", "2024-02-29", "\"2024-02-29\"");
    expect_forms(kind(WEIR_TYPE_TIME), "3:04:05.5", "03:04:05.5", "\"03:04:05.5\"");
    expect_forms(kind(WEIR_TYPE_TIMESTAMP), "2024-01-02 03:04:05.25", "2024-01-02 03:04:05.25",
                 "\"2024-01-02T03:04:05.25\"");
    expect_forms(&ms, "2024-01-02T03:04:05.2505", "2024-01-02 03:04:05.251",
                 "\"2024-01-02T03:04:05.251\"");
    expect_forms(kind(WEIR_TYPE_TIMESTAMPTZ), "2024-01-02 03:04:05+02", "2024-01-02 01:04:05+00",
                 "\"2024-01-02T01:04:05Z\"");
    expect_forms(kind(WEIR_TYPE_TIMESTAMP_NS), "2024-01-02 03:04:05.000000001",
                 "2024-01-02 03:04:05.000000001", "\"2024-01-02T03:04:05.000000001\"");
    expect_forms(kind(WEIR_TYPE_TIMESTAMPTZ_NS), "2024-01-02 03:04:05.000000001Z",
                 "2024-01-02 03:04:05.000000001+00", "\"2024-01-02T03:04:05.000000001Z\"");
    expect_forms(kind(WEIR_TYPE_INTERVAL), "1 month -2 days 3 hours", "1 mon -2 days +03:00:00",
                 "\"1 mon -2 days +03:00:00\"");
    expect_forms(kind(WEIR_TYPE_UUID), "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
                 "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                 "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"");
    expect_forms(kind(WEIR_TYPE_JSON), "{\"b\": 1,\n \"a\" : 2}", "{\"b\": 1,\n \"a\" : 2}",
                 "{\"b\":1,\"a\":2}");
    expect_forms(kind(WEIR_TYPE_JSONB), "{\"bb\":1, \"a\":2}", "{\"a\": 2, \"bb\": 1}",
                 "{\"a\": 2, \"bb\": 1}");
}

static void zones(void)
{
    const struct weir_timezone *zone;
    EXPECT(weir_timezone_from_offset(&arena, weir_slice_from_string("+05:30"), 19800, &zone,
                                     NULL) == WEIR_OK);
    const struct weir_text_options options = {.style = WEIR_TEXT_POSTGRES, .timezone = zone};
    static const enum weir_type_kind kinds[] = {WEIR_TYPE_TIMESTAMPTZ, WEIR_TYPE_TIMESTAMPTZ_NS};
    for (int i = 0; i < 2; i++) {
        struct weir_builder builder;
        EXPECT(weir_builder_init(&builder, weir_type_of(kinds[i]), &arena, NULL) == WEIR_OK);
        EXPECT(weir_text_parse_into(&builder, weir_slice_from_string("2024-01-02 05:30:00.5"), zone,
                                    NULL) == WEIR_PARSE_OK);
        struct weir_column column = weir_builder_column(&builder);
        EXPECT_INT(*(const int64_t *)column.values, INT64_C(1704153600500000) * (i ? 1000 : 1));
        expect_print(&column, 0, &options, "2024-01-02 05:30:00.5+05:30");
    }
    static const int64_t ns = INT64_C(1704153600500000001);
    struct weir_column column = {
        .type = weir_type_of(WEIR_TYPE_TIMESTAMPTZ_NS), .rows_count = 1, .values = &ns};
    expect_print(&column, 0, &options, "2024-01-02 05:30:00.500000001+05:30");
}

static void nulls(void)
{
    struct weir_text_options options = {.style = WEIR_TEXT_POSTGRES};
    struct weir_column column = weir_column_nulls(kind(WEIR_TYPE_INT64), 1);
    expect_print(&column, 0, &options, "");
    options.null_text = weir_slice_from_string("\\N");
    expect_print(&column, 0, &options, "\\N");
    options.style = WEIR_TEXT_JSON;
    expect_print(&column, 0, &options, "null");
}

static void bad_scalars(void)
{
    static const struct weir_type varchar = {.kind = WEIR_TYPE_TEXT, .length = 3};
    expect_result(kind(WEIR_TYPE_BOOLEAN), "o", WEIR_PARSE_SYNTAX);
    expect_result(kind(WEIR_TYPE_BOOLEAN), "", WEIR_PARSE_SYNTAX);
    expect_result(kind(WEIR_TYPE_BOOLEAN), "truely", WEIR_PARSE_SYNTAX);
    expect_result(kind(WEIR_TYPE_INT8), "128", WEIR_PARSE_RANGE);
    expect_result(kind(WEIR_TYPE_UINT8), "-1", WEIR_PARSE_RANGE);
    expect_result(kind(WEIR_TYPE_INT32), "1.0", WEIR_PARSE_SYNTAX);
    expect_result(kind(WEIR_TYPE_INT64), "9223372036854775808", WEIR_PARSE_RANGE);
    expect_result(kind(WEIR_TYPE_FLOAT64), "1e400", WEIR_PARSE_RANGE);
    expect_result(weir_type_decimal(&arena, 5, 2), "1000", WEIR_PARSE_RANGE);
    expect_result(&varchar, "abc  ", WEIR_PARSE_OK);
    expect_result(&varchar, "abcd", WEIR_PARSE_RANGE);
    expect_result(kind(WEIR_TYPE_BYTEA), "\\x0", WEIR_PARSE_SYNTAX);
    expect_result(kind(WEIR_TYPE_DATE), "2024-02-30", WEIR_PARSE_RANGE);
    expect_result(kind(WEIR_TYPE_UUID), "a0ee", WEIR_PARSE_SYNTAX);
    expect_result(kind(WEIR_TYPE_JSON), "{", WEIR_PARSE_SYNTAX);
    expect_result(kind(WEIR_TYPE_JSONB), "\"\\u0000\"", WEIR_PARSE_SYNTAX);
}

static const struct weir_type *row_type(void)
{
    const struct weir_type *types[] = {kind(WEIR_TYPE_INT32), kind(WEIR_TYPE_TEXT),
                                       kind(WEIR_TYPE_BOOLEAN)};
    const struct weir_slice names[] = {{"a", 1}, {"b", 1}, {"c", 1}};
    return weir_type_struct(&arena, 3, types, names);
}

static void arrays(void)
{
    const struct weir_type *integers = weir_type_list(&arena, kind(WEIR_TYPE_INT32));
    expect_forms(integers, "{}", "{}", "[]");
    expect_forms(integers, " { 1 , -2,NULL } ", "{1,-2,NULL}", "[1,-2,null]");
    expect_forms(integers, "[1, 2.0, null, \"3\"]", "{1,2,NULL,3}", "[1,2,null,3]");
    expect_forms(weir_type_list(&arena, kind(WEIR_TYPE_BOOLEAN)), "{t,false}", "{t,f}",
                 "[true,false]");
}

static void array_quoting(void)
{
    const struct weir_type *texts = weir_type_list(&arena, kind(WEIR_TYPE_TEXT));
    expect_forms(texts, "{a b , \"x,y\",\"\",\"null\",nUll,\"q\\\"\\\\\",a\\,b, \\ }",
                 "{\"a b\",\"x,y\",\"\",\"null\",NULL,\"q\\\"\\\\\",\"a,b\",\" \"}",
                 "[\"a b\",\"x,y\",\"\",\"null\",null,\"q\\\"\\\\\",\"a,b\",\" \"]");
    expect_forms(weir_type_list(&arena, kind(WEIR_TYPE_TIMESTAMP)), "{2024-01-02 03:04:05}",
                 "{\"2024-01-02 03:04:05\"}", "[\"2024-01-02T03:04:05\"]");
    const struct weir_type *integers = weir_type_list(&arena, kind(WEIR_TYPE_INT32));
    const struct weir_type *matrix = weir_type_list(&arena, integers);
    expect_forms(matrix, "{{1,2},{},NULL,{3}}", "{{1,2},{},NULL,{3}}", "[[1,2],[],null,[3]]");
    expect_forms(matrix, "{\"{1,2}\"}", "{{1,2}}", "[[1,2]]");
    expect_forms(matrix, "[[1],[]]", "{{1},{}}", "[[1],[]]");
}

static void composites(void)
{
    const struct weir_type *row = row_type();
    expect_forms(row, "(1,ab,t)", "(1,ab,t)", "{\"a\":1,\"b\":\"ab\",\"c\":true}");
    expect_forms(row, "(,\"\",)", "(,\"\",)", "{\"a\":null,\"b\":\"\",\"c\":null}");
    expect_forms(row, "(1,\"x,\"\"y\\\\\",f)", "(1,\"x,\"\"y\\\\\",f)",
                 "{\"a\":1,\"b\":\"x,\\\"y\\\\\",\"c\":false}");
    expect_forms(row, "(1,a b,f)", "(1,\"a b\",f)", "{\"a\":1,\"b\":\"a b\",\"c\":false}");
    expect_forms(row, "{\"b\": {\"k\": [1]}, \"x\": [{}], \"a\": 1, \"a\": 2}",
                 "(2,\"{\"\"k\"\": [1]}\",)", "{\"a\":2,\"b\":\"{\\\"k\\\": [1]}\",\"c\":null}");
    const struct weir_type *rows = weir_type_list(&arena, row);
    expect_forms(rows, "{\"(1,\\\"a \\\"\\\"\\\",t)\",NULL}", "{\"(1,\\\"a \\\"\\\"\\\",t)\",NULL}",
                 "[{\"a\":1,\"b\":\"a \\\"\",\"c\":true},null]");
}

static void maps(void)
{
    const struct weir_type *map =
        weir_type_map(&arena, kind(WEIR_TYPE_TEXT), kind(WEIR_TYPE_INT64));
    expect_forms(map, "{}", "{}", "{}");
    expect_forms(map, "{\"a\": 1, \"b c\": null}", "{\"(a,1)\",\"(\\\"b c\\\",)\"}",
                 "{\"a\":1,\"b c\":null}");
    expect_forms(map, "{\"(a,1)\"}", "{\"(a,1)\"}", "{\"a\":1}");
    expect_forms(map, "{\"a\": 1, \"b\": 2, \"a\": 3}", "{\"(a,3)\",\"(b,2)\"}",
                 "{\"a\":3,\"b\":2}");
    expect_forms(weir_type_map(&arena, kind(WEIR_TYPE_INT32), row_type()), "{\"7\": {\"a\": 1}}",
                 "{\"(7,\\\"(1,,)\\\")\"}", "{\"7\":{\"a\":1,\"b\":null,\"c\":null}}");
}

static void bad_nested(void)
{
    const struct weir_type *integers = weir_type_list(&arena, kind(WEIR_TYPE_INT32));
    const struct weir_type *texts = weir_type_list(&arena, kind(WEIR_TYPE_TEXT));
    const struct weir_type *matrix = weir_type_list(&arena, integers);
    const struct weir_type *row = row_type();
    static const char *const arrays_bad[] = {"",      "{",     "{1",    "{1,",   "{1,}",  "{,1}",
                                             "{1}x",  "1",     "{a}",   "[1",    "[1,]",  "[1]x",
                                             "{\"1}", "{1 2}", "{{1}}", "[[1]]", "[true]"};
    for (size_t i = 0; i < WEIR_COUNT_OF(arrays_bad); i++)
        expect_result(integers, arrays_bad[i], WEIR_PARSE_SYNTAX);
    expect_result(integers, "{1,99999999999}", WEIR_PARSE_RANGE);
    expect_result(matrix, "{{1},{2,x}}", WEIR_PARSE_SYNTAX);
    expect_result(texts, "{a\"b}", WEIR_PARSE_SYNTAX);
    expect_result(texts, "{a\\", WEIR_PARSE_SYNTAX);
    expect_result(texts, "[\"\\u0000\"]", WEIR_PARSE_SYNTAX);
    static const char *const rows_bad[] = {
        "",         "()", "(1,2)",          "(1,2,t,4)",  "(1,2,t",   "(x,2,t)",
        "(1,2,t)x", "1",  "{\"a\": \"x\"}", "{\"c\": 1}", "{\"a\": 1"};
    for (size_t i = 0; i < WEIR_COUNT_OF(rows_bad); i++)
        expect_result(row, rows_bad[i], WEIR_PARSE_SYNTAX);
}

/* JSON cannot tell a JSON null from no value, nor bytea from text; Postgres text can do both. */
static void round_trips(void)
{
    struct rng rng = {11};
    struct test_types types = test_types_make(&arena);
    for (uint32_t t = 0; t < types.count; t++) {
        const struct weir_type *type = types.list[t];
        struct weir_column column = random_flat(&rng, type, 80, 0, &arena);
        for (int style = WEIR_TEXT_POSTGRES; style <= WEIR_TEXT_JSON; style++) {
            if (style == WEIR_TEXT_JSON && !weir_type_is_nested(type))
                continue;
            const struct weir_text_options options = {.style = (enum weir_text_style)style};
            struct weir_builder builder;
            EXPECT(weir_builder_init(&builder, type, &arena, NULL) == WEIR_OK);
            for (uint32_t i = 0; i < 80; i++) {
                struct weir_buffer out;
                weir_buffer_init(&out, NULL);
                weir_column_print(&column, i, &options, &out);
                enum weir_parse result =
                    weir_text_parse_into(&builder, weir_buffer_slice(&out), NULL, NULL);
                struct weir_column built = weir_builder_column(&builder);
                if (!EXPECT(result == WEIR_PARSE_OK &&
                            weir_column_equals(&column, i, &built, built.rows_count - 1)))
                    fprintf(stderr, "  %s: %.*s\n", weir_type_name(type).text,
                            WEIR_SLICE_ARGS(weir_buffer_slice(&out)));
                weir_buffer_deinit(&out);
            }
            struct weir_column built = weir_builder_column(&builder);
            EXPECT(weir_column_verify(&built, NULL) == WEIR_OK);
        }
    }
}

/* Reads text with every allocation failing in turn, then prints it likewise. */
static void expect_survival(const struct weir_type *type, const char *text)
{
    const struct weir_text_options options = {.style = WEIR_TEXT_JSON};
    bool done = false;
    for (uint64_t n = 1; !done && n < 200; n++) {
        struct weir_arena heap;
        struct weir_builder builder;
        struct weir_buffer out;
        weir_arena_init(&heap, NULL, 512);
        weir_buffer_init(&out, NULL);
        EXPECT(weir_builder_init(&builder, type, &heap, NULL) == WEIR_OK);
        (void)weir_memory_fail_at(n);
        enum weir_parse result =
            weir_text_parse_into(&builder, weir_slice_from_string(text), NULL, NULL);
        EXPECT(result == WEIR_PARSE_OK || result == WEIR_PARSE_MEMORY);
        if (result == WEIR_PARSE_OK) {
            struct weir_column column = weir_builder_column(&builder);
            weir_column_print(&column, 0, &options, &out);
            done = !out.failed;
        } else {
            EXPECT_INT(builder.rows_count, 0);
        }
        (void)weir_memory_fail_at(0);
        weir_buffer_deinit(&out);
        weir_arena_deinit(&heap);
    }
    EXPECT(done);
}

static void memory_failures(void)
{
    const struct weir_type *rows = weir_type_list(&arena, row_type());
    expect_survival(weir_type_map(&arena, kind(WEIR_TYPE_TEXT), rows),
                    "{\"k\": [{\"a\": 1, \"b\": \"a longer \\n text\"}], \"l\": [], \"k\": []}");
    expect_survival(rows, "{\"(1,\\\"a longer text than that\\\",t)\",NULL}");
    expect_survival(weir_type_list(&arena, kind(WEIR_TYPE_JSONB)),
                    "[{\"b\": [1, 2, 3], \"a\": null}, 17]");
    expect_survival(weir_type_list(&arena, kind(WEIR_TYPE_BYTEA)),
                    "{\\\\x00112233445566778899aabbccddeeff}");
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(scalars),     TEST_CASE(zones),          TEST_CASE(nulls),
        TEST_CASE(bad_scalars), TEST_CASE(arrays),         TEST_CASE(array_quoting),
        TEST_CASE(composites),  TEST_CASE(maps),           TEST_CASE(bad_nested),
        TEST_CASE(round_trips), TEST_CASE(memory_failures)};
    weir_arena_init(&arena, NULL, 0);
    int result = test_main(argc, argv, cases, sizeof cases / sizeof *cases);
    weir_arena_deinit(&arena);
    return result;
}
