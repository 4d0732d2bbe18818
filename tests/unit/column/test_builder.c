#include "fixtures.h"

static struct weir_arena arena;

static void expect_same(const struct weir_column *a, uint32_t first_a, const struct weir_column *b,
                        uint32_t first_b, uint32_t count)
{
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < count; i++)
        wrong += !weir_column_equals(a, first_a + i, b, first_b + i);
    EXPECT_INT(wrong, 0);
}

static void appends_lanes_of_every_type(void)
{
    struct rng rng = {5};
    struct test_types types = test_types_make(&arena);
    for (uint32_t t = 0; t < types.count * 3; t++) {
        const struct weir_type *type = types.list[t / 3];
        struct weir_column column =
            random_column(&rng, type, 100, 25, (enum weir_encoding)(t % 3), &arena);
        struct weir_builder builder;
        static const uint16_t selection[] = {0, 7, 8, 63, 64, 99};
        EXPECT(weir_builder_init(&builder, type, &arena, NULL) == WEIR_OK);
        EXPECT(weir_builder_append_lanes(&builder, &column, NULL, 100, NULL) == WEIR_OK);
        EXPECT(weir_builder_append_lanes(&builder, &column, selection, 6, NULL) == WEIR_OK);
        EXPECT(weir_builder_append_null(&builder, NULL) == WEIR_OK);
        struct weir_column built = weir_builder_column(&builder);
        EXPECT(weir_column_verify(&built, NULL) == WEIR_OK);
        EXPECT_INT(built.rows_count, 107);
        expect_same(&column, 0, &built, 0, 100);
        for (uint32_t i = 0; i < 6; i++)
            expect_same(&column, selection[i], &built, 100 + i, 1);
        EXPECT(weir_column_is_null(&built, 106));
        weir_builder_truncate(&builder, 50);
        EXPECT(weir_builder_append_lanes(&builder, &column, NULL, 20, NULL) == WEIR_OK);
        built = weir_builder_column(&builder);
        EXPECT(weir_column_verify(&built, NULL) == WEIR_OK);
        expect_same(&column, 0, &built, 0, 50);
        expect_same(&column, 0, &built, 50, 20);
        weir_builder_clear(&builder);
        EXPECT_INT(weir_builder_column(&builder).rows_count, 0);
    }
}

static void copies_are_deep(void)
{
    char text[] = "more than twelve bytes";
    struct weir_view view = weir_view_make(text, sizeof text - 1);
    struct weir_builder builder;
    EXPECT(weir_builder_init(&builder, weir_type_of(WEIR_TYPE_TEXT), &arena, NULL) == WEIR_OK);
    EXPECT(weir_builder_append_value(&builder, &view, NULL) == WEIR_OK);
    EXPECT(weir_builder_append_text(&builder, weir_slice_from_string("short"), NULL) == WEIR_OK);
    memset(text, '?', sizeof text);
    struct weir_column built = weir_builder_column(&builder);
    const struct weir_view *views = built.values;
    EXPECT_SLICE(weir_view_slice(&views[0]), "more than twelve bytes");
    EXPECT_SLICE(weir_view_slice(&views[1]), "short");
    EXPECT(built.validity == NULL);
}

static void appends_nulls_of_the_null_type(void)
{
    struct test_types types = test_types_make(&arena);
    for (uint32_t t = 0; t < types.count; t++) {
        struct weir_column nulls = weir_column_nulls(weir_type_of(WEIR_TYPE_NULL), 3);
        struct weir_builder builder;
        EXPECT(weir_builder_init(&builder, types.list[t], &arena, NULL) == WEIR_OK);
        EXPECT(weir_builder_append_lanes(&builder, &nulls, NULL, 3, NULL) == WEIR_OK);
        struct weir_column typed = weir_column_nulls(types.list[t], 3);
        EXPECT(weir_builder_append_lanes(&builder, &typed, NULL, 3, NULL) == WEIR_OK);
        struct weir_column built = weir_builder_column(&builder);
        EXPECT(weir_column_verify(&built, NULL) == WEIR_OK);
        for (uint32_t i = 0; i < 6; i++)
            EXPECT(weir_column_is_null(&built, i));
    }
}

static void memory_failures(void)
{
    struct rng rng = {6};
    struct test_types types = test_types_make(&arena);
    for (uint32_t t = 0; t < types.count; t++) {
        struct weir_column column = random_flat(&rng, types.list[t], 60, 25, &arena);
        enum weir_status status = WEIR_E_INTERNAL;
        for (uint64_t n = 1; status != WEIR_OK && n < 300; n++) {
            struct weir_arena heap;
            struct weir_builder builder;
            struct weir_error error;
            weir_arena_init(&heap, NULL, 512);
            (void)weir_memory_fail_at(n);
            status = weir_builder_init(&builder, types.list[t], &heap, &error);
            for (int round = 0; status == WEIR_OK && round < 3; round++) {
                uint32_t before = builder.rows_count;
                status = weir_builder_append_lanes(&builder, &column, NULL, 60, &error);
                if (status != WEIR_OK) { /* once more: the builder is as it was */
                    EXPECT_INT(builder.rows_count, before);
                    EXPECT(weir_builder_append_lanes(&builder, &column, NULL, 60, &error) ==
                           WEIR_OK);
                    struct weir_column built = weir_builder_column(&builder);
                    EXPECT(weir_column_verify(&built, NULL) == WEIR_OK);
                    expect_same(&column, 0, &built, before, 60);
                }
            }
            EXPECT(status == WEIR_OK || status == WEIR_E_OUT_OF_MEMORY);
            (void)weir_memory_fail_at(0);
            weir_arena_deinit(&heap);
        }
        EXPECT(status == WEIR_OK);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(appends_lanes_of_every_type), TEST_CASE(copies_are_deep),
        TEST_CASE(appends_nulls_of_the_null_type), TEST_CASE(memory_failures)};
    weir_arena_init(&arena, NULL, 0);
    int result = test_main(argc, argv, cases, sizeof cases / sizeof *cases);
    weir_arena_deinit(&arena);
    return result;
}
