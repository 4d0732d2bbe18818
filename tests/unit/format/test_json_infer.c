/* Inference of JSON schemas, and the guess of formats by name and content. */
#include "format/format.h"
#include "test.h"

static void expect_schema(const char *sample, const char *wanted, bool unstructured, int line)
{
    struct weir_arena arena;
    struct weir_buffer text;
    struct weir_error error;
    struct weir_inferred_schema inferred;
    struct weir_option option = {.name = weir_slice_from_string("json.unstructured"),
                                 .value = weir_slice_from_string("true")};
    weir_arena_init(&arena, NULL, 0);
    weir_buffer_init(&text, NULL);
    const struct weir_format *format = weir_format_find(weir_slice_from_string("json"));
    enum weir_status status = format->infer(weir_slice_from_string(sample), true, &option,
                                            unstructured, &arena, &inferred, &error);
    if (status != WEIR_OK)
        weir_buffer_printf(&text, "WEIR-%d", (int)status);
    for (uint32_t i = 0; status == WEIR_OK && i < inferred.schema.fields_count; i++) {
        const struct weir_field *field = &inferred.schema.fields[i];
        weir_buffer_printf(&text, "%s%.*s %s%s", i ? ", " : "", WEIR_SLICE_ARGS(field->name),
                           weir_type_name(field->type).text, field->nullable ? "" : " NOT NULL");
    }
    test_text(text.data, text.size, wanted, __FILE__, line, sample);
    weir_buffer_deinit(&text);
    weir_arena_deinit(&arena);
}
#define SCHEMA(sample, wanted) expect_schema((sample), (wanted), false, __LINE__)

static void scalars(void)
{
    SCHEMA("{\"a\":1,\"b\":1.5,\"c\":true,\"d\":\"x\",\"e\":null}\n",
           "a BIGINT, b DOUBLE, c BOOLEAN, d TEXT, e TEXT");
    SCHEMA("{\"a\":1}\n{\"a\":2.5}\n", "a DOUBLE");
    SCHEMA("{\"a\":9223372036854775808}\n", "a DECIMAL(38,0)");
    SCHEMA("{\"a\":9223372036854775807}\n{\"a\":-9223372036854775809}\n", "a DECIMAL(38,0)");
    SCHEMA("{\"a\":123456789012345678901234567890123456789}\n", "a DOUBLE");
    SCHEMA("{\"a\":9223372036854775808}\n{\"a\":0.5}\n", "a DOUBLE");
    SCHEMA("{\"a\":1e400}\n", "a TEXT");
    SCHEMA("{\"a\":1e400}\n{\"a\":1}\n", "a JSON");
    SCHEMA("{\"a\":1e3}\n", "a DOUBLE");
    SCHEMA("{\"a\":null}\n{\"a\":3}\n", "a BIGINT");
    SCHEMA("{\"a\":1}\n{\"a\":\"x\"}\n", "a JSON");
    SCHEMA("{\"a\":true}\n{\"a\":0}\n", "a JSON");
}

static void times(void)
{
    SCHEMA("{\"a\":\"2013-01-01T05:00:00\",\"b\":\"2013-01-01T05:00:00Z\",\"c\":\"2013-01-01\"}\n",
           "a TIMESTAMP, b TIMESTAMP WITH TIME ZONE, c DATE");
    SCHEMA("{\"a\":\"2013-01-01T05:00:00\"}\n{\"a\":\"2013-01-01T05:00:00+01:00\"}\n",
           "a TIMESTAMP");
    SCHEMA("{\"a\":\"2013-01-01T05:00:00\"}\n{\"a\":\"soon\"}\n", "a TEXT");
    SCHEMA("{\"a\":\"2013-01-01\"}\n{\"a\":\"2013-01-01T05:00:00\"}\n", "a TEXT");
    SCHEMA("{\"a\":\"2013-13-01\"}\n", "a TEXT");
    SCHEMA("{\"a\":\"2013-01-01 Monday, a text\"}\n", "a TEXT");
}

static void nested(void)
{
    SCHEMA("{\"s\":{\"x\":1,\"y\":\"a\"},\"l\":[1,2.5],\"e\":[],\"o\":{}}\n",
           "s STRUCT<x BIGINT, y TEXT>, l DOUBLE[], e JSON, o JSON");
    SCHEMA("{\"s\":{\"x\":1}}\n{\"s\":{\"y\":2,\"x\":0.5}}\n{\"s\":null}\n",
           "s STRUCT<x DOUBLE, y BIGINT>");
    SCHEMA("{\"l\":[{\"a\":1},{\"b\":2}]}\n", "l STRUCT<a BIGINT, b BIGINT>[]");
    SCHEMA("{\"l\":[1,\"x\"]}\n", "l JSON[]");
    SCHEMA("{\"s\":{\"x\":1}}\n{\"s\":[1]}\n", "s JSON");
}

static void order_and_keys(void)
{
    SCHEMA("{\"b\":1,\"a\":2}\n{\"c\":3,\"a\":4}\n", "b BIGINT, a BIGINT, c BIGINT");
    SCHEMA("{\"\\u0061\":1,\"a\":2.5}\n", "a DOUBLE");
    SCHEMA("not json\n\n{\"a\":1}\n[1]\n{\"a\":}\n", "a BIGINT");
    SCHEMA("{\"a\":1}\n{\"b\":", "a BIGINT");
    SCHEMA("", "WEIR-2028");
    SCHEMA("{}\n", "WEIR-2028");
    SCHEMA("a,b\n1,2\n", "WEIR-2028");
    expect_schema("{\"a\":1}\n", "value JSON", true, __LINE__);
}

static const char *guess(const char *name, const char *sample)
{
    return weir_format_guess(weir_slice_from_string(name), weir_slice_from_string(sample))->name;
}

static void formats(void)
{
    size_t count;
    const struct weir_format *const *all = weir_formats_all(&count);
    for (size_t i = 0; i < count; i++)
        EXPECT(weir_format_find(weir_slice_from_string(all[i]->name)) == all[i]);
    EXPECT(weir_format_find(weir_slice_from_string("JSON")) == all[0]);
    EXPECT(weir_format_find(weir_slice_from_string("nothing")) == NULL);
    EXPECT_STRING(guess("x.json", ""), "json");
    EXPECT_STRING(guess("dir.csv/x.ndjson.gz", ""), "json");
    EXPECT_STRING(guess("X.JSONL.zst", ""), "json");
    EXPECT_STRING(guess("-", " {\"a\":1}"), "json");
    EXPECT_STRING(guess("", ""), "json");
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(scalars), TEST_CASE(times),
                                             TEST_CASE(nested), TEST_CASE(order_and_keys),
                                             TEST_CASE(formats)};
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
