#include "fixtures.h"

static struct weir_arena arena;

static void names(void)
{
    const struct weir_type *bigint = weir_type_of(WEIR_TYPE_INT64);
    const struct weir_type *text = weir_type_of(WEIR_TYPE_TEXT);
    const struct weir_type *fields[] = {bigint, text};
    const struct weir_slice field_names[] = {{"a", 1}, {"b \"c\"", 5}};
    EXPECT_STRING(weir_type_name(bigint).text, "BIGINT");
    EXPECT_STRING(weir_type_name(weir_type_of(WEIR_TYPE_UINT8)).text, "TINYINT UNSIGNED");
    EXPECT_STRING(weir_type_name(weir_type_of(WEIR_TYPE_DECIMAL)).text, "DECIMAL(38,10)");
    EXPECT_STRING(weir_type_name(weir_type_decimal(&arena, 12, 2)).text, "DECIMAL(12,2)");
    EXPECT_STRING(weir_type_name(weir_type_of(WEIR_TYPE_TIMESTAMP)).text, "TIMESTAMP");
    EXPECT_STRING(weir_type_name(weir_type_of(WEIR_TYPE_TIMESTAMPTZ)).text,
                  "TIMESTAMP WITH TIME ZONE");
    EXPECT_STRING(weir_type_name(weir_type_of(WEIR_TYPE_TIMESTAMPTZ_NS)).text,
                  "TIMESTAMP(9) WITH TIME ZONE");
    const struct weir_type varchar = {.kind = WEIR_TYPE_TEXT, .length = 5};
    EXPECT_STRING(weir_type_name(&varchar).text, "VARCHAR(5)");
    EXPECT_STRING(weir_type_name(weir_type_list(&arena, weir_type_list(&arena, bigint))).text,
                  "BIGINT[][]");
    EXPECT_STRING(weir_type_name(weir_type_map(&arena, text, bigint)).text, "MAP<TEXT, BIGINT>");
    EXPECT_STRING(weir_type_name(weir_type_struct(&arena, 2, fields, field_names)).text,
                  "STRUCT<a BIGINT, \"b \"\"c\"\"\" TEXT>");
}

static void long_names_are_cut(void)
{
    const struct weir_type *type = weir_type_of(WEIR_TYPE_INT64);
    for (int i = 0; i < 100; i++)
        type = weir_type_list(&arena, type);
    EXPECT_INT(strlen(weir_type_name(type).text), 127);
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    weir_type_print(type, &buffer);
    EXPECT_INT(buffer.size, 206);
    weir_buffer_deinit(&buffer);
}

static void equality(void)
{
    struct test_types a = test_types_make(&arena), b = test_types_make(&arena);
    for (uint32_t i = 0; i < a.count; i++)
        for (uint32_t k = 0; k < b.count; k++)
            EXPECT(weir_type_equals(a.list[i], b.list[k]) == (i == k));
}

static void widths(void)
{
    EXPECT_INT(weir_type_width(weir_type_of(WEIR_TYPE_NULL)), 0);
    EXPECT_INT(weir_type_width(weir_type_of(WEIR_TYPE_BOOLEAN)), 1);
    EXPECT_INT(weir_type_width(weir_type_of(WEIR_TYPE_DATE)), 4);
    EXPECT_INT(weir_type_width(weir_type_of(WEIR_TYPE_TEXT)), sizeof(struct weir_view));
    EXPECT_INT(weir_type_width(weir_type_of(WEIR_TYPE_INTERVAL)), sizeof(struct weir_interval));
    EXPECT_INT(weir_type_width(weir_type_list(&arena, weir_type_of(WEIR_TYPE_INT8))),
               sizeof(struct weir_list_entry));
}

static void schemas(void)
{
    const struct weir_field fields[] = {{{"id", 2}, weir_type_of(WEIR_TYPE_INT64), false},
                                        {{"Name", 4}, weir_type_of(WEIR_TYPE_TEXT), true}};
    const struct weir_schema schema = {fields, 2}, shorter = {fields, 1};
    EXPECT_INT(weir_schema_find(&schema, weir_slice_from_string("Name")), 1);
    EXPECT_INT(weir_schema_find(&schema, weir_slice_from_string("name")), UINT32_MAX);
    EXPECT(weir_schema_equals(&schema, &schema));
    EXPECT(!weir_schema_equals(&schema, &shorter));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(names), TEST_CASE(long_names_are_cut),
                                             TEST_CASE(equality), TEST_CASE(widths),
                                             TEST_CASE(schemas)};
    weir_arena_init(&arena, NULL, 0);
    int result = test_main(argc, argv, cases, sizeof cases / sizeof *cases);
    weir_arena_deinit(&arena);
    return result;
}
