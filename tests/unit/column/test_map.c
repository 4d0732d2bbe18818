/* Lanes put in order, and maps in their one form. */
#include "column/text.h"
#include "fixtures.h"

static struct weir_arena arena;

static struct weir_column integers(const int32_t *values, uint32_t count, uint64_t nulls)
{
    struct weir_builder builder;
    EXPECT(weir_builder_init(&builder, weir_type_of(WEIR_TYPE_INT32), &arena, NULL) == WEIR_OK);
    for (uint32_t i = 0; i < count; i++)
        EXPECT((nulls >> i & 1 ? weir_builder_append_null(&builder, NULL)
                               : weir_builder_append_value(&builder, &values[i], NULL)) == WEIR_OK);
    return weir_builder_column(&builder);
}

static void sorts_by_value_then_lane(void)
{
    static const int32_t values[] = {5, -1, 5, 0, 9, -1, 0};
    struct weir_column column = integers(values, 7, 1 << 3);
    uint32_t lanes[] = {0, 1, 2, 3, 4, 5, 6};
    static const uint32_t want[] = {1, 5, 6, 0, 2, 4, 3}; /* the null last */
    weir_column_sort_lanes(&column, lanes, 7);
    for (int i = 0; i < 7; i++)
        EXPECT_INT(lanes[i], want[i]);
    weir_column_sort_lanes(&column, lanes, 0);
    weir_column_sort_lanes(&column, lanes, 1);
    EXPECT_INT(lanes[0], 1);
}

static void sorts_many(void)
{
    struct rng rng = {11};
    struct weir_column column =
        random_column(&rng, weir_type_of(WEIR_TYPE_FLOAT64), 1000, 10, WEIR_FLAT, &arena);
    uint32_t lanes[1000], wrong = 0;
    for (uint32_t i = 0; i < 1000; i++)
        lanes[i] = 999 - i;
    weir_column_sort_lanes(&column, lanes, 1000);
    for (uint32_t i = 1; i < 1000; i++) {
        int order = weir_column_compare(&column, lanes[i - 1], &column, lanes[i]);
        wrong += order > 0 || (order == 0 && lanes[i - 1] >= lanes[i]);
    }
    EXPECT_INT(wrong, 0);
}

/* Appends the pair to the map that is being built. */
static void append_pair(struct weir_builder *maps, int32_t key, int32_t value)
{
    struct weir_builder *pairs = &maps->children[0];
    EXPECT(weir_builder_append_value(&pairs->children[0], &key, NULL) == WEIR_OK);
    EXPECT(weir_builder_append_value(&pairs->children[1], &value, NULL) == WEIR_OK);
    EXPECT(weir_builder_end_struct(pairs, NULL) == WEIR_OK);
}

static void expect_text(const struct weir_column *column, uint32_t lane, const char *want)
{
    struct weir_text_options options = {.style = WEIR_TEXT_JSON};
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    weir_column_print(column, lane, &options, &text);
    EXPECT_SLICE(weir_buffer_slice(&text), want);
    weir_buffer_deinit(&text);
}

static const struct weir_type *map_type(void)
{
    const struct weir_type *integer = weir_type_of(WEIR_TYPE_INT32);
    return weir_type_map(&arena, integer, integer);
}

static void builder_ends_maps_in_order(void)
{
    struct weir_builder maps;
    uint32_t replaced;
    EXPECT(weir_builder_init(&maps, map_type(), &arena, NULL) == WEIR_OK);
    append_pair(&maps, 3, 1);
    append_pair(&maps, 1, 2);
    append_pair(&maps, 3, 4);
    EXPECT(weir_builder_end_map(&maps, 0, &replaced, NULL) == WEIR_OK);
    EXPECT_INT(replaced, 1);
    EXPECT(weir_builder_append_null(&maps, NULL) == WEIR_OK);
    append_pair(&maps, 1, 2);
    append_pair(&maps, 3, 4);
    EXPECT(weir_builder_end_map(&maps, 2, &replaced, NULL) == WEIR_OK);
    EXPECT_INT(replaced, 0);
    EXPECT(weir_builder_end_map(&maps, 4, &replaced, NULL) == WEIR_OK);
    struct weir_column column = weir_builder_column(&maps);
    EXPECT(weir_column_verify(&column, NULL) == WEIR_OK);
    expect_text(&column, 0, "{\"1\":2,\"3\":4}");
    expect_text(&column, 3, "{}");
    EXPECT(weir_column_equals(&column, 0, &column, 2));
}

static void columns_are_put_in_order(void)
{
    struct weir_builder maps;
    uint64_t replaced = 0;
    EXPECT(weir_builder_init(&maps, map_type(), &arena, NULL) == WEIR_OK);
    append_pair(&maps, 1, 0);
    append_pair(&maps, 2, 0);
    EXPECT(weir_builder_end_list(&maps, 0, NULL) == WEIR_OK);
    EXPECT(weir_builder_append_null(&maps, NULL) == WEIR_OK);
    append_pair(&maps, 7, 1);
    append_pair(&maps, 7, 2);
    append_pair(&maps, -7, 3);
    EXPECT(weir_builder_end_list(&maps, 2, NULL) == WEIR_OK);
    struct weir_column column = weir_builder_column(&maps);
    EXPECT(weir_column_verify(&column, NULL) != WEIR_OK);
    EXPECT(weir_column_sort_maps(&column, &replaced, &arena, NULL) == WEIR_OK);
    EXPECT(weir_column_verify(&column, NULL) == WEIR_OK);
    EXPECT_INT(replaced, 1 << 2);
    expect_text(&column, 0, "{\"1\":0,\"2\":0}");
    expect_text(&column, 2, "{\"-7\":3,\"7\":2}");
    EXPECT(weir_column_is_null(&column, 1));
    const void *values = column.values;
    EXPECT(weir_column_sort_maps(&column, &replaced, &arena, NULL) == WEIR_OK);
    EXPECT(column.values == values);
}

static void null_keys_are_found(void)
{
    struct weir_builder maps;
    int32_t value = 0;
    EXPECT(weir_builder_init(&maps, map_type(), &arena, NULL) == WEIR_OK);
    EXPECT(weir_builder_append_null(&maps.children[0].children[0], NULL) == WEIR_OK);
    EXPECT(weir_builder_append_value(&maps.children[0].children[1], &value, NULL) == WEIR_OK);
    EXPECT(weir_builder_end_struct(&maps.children[0], NULL) == WEIR_OK);
    EXPECT(weir_builder_end_list(&maps, 0, NULL) == WEIR_OK);
    struct weir_column column = weir_builder_column(&maps);
    EXPECT(weir_column_verify(&column, NULL) != WEIR_OK);
}

int main(int argc, char **argv)
{
    weir_arena_init(&arena, NULL, 0);
    static const struct test_case cases[] = {
        TEST_CASE(sorts_by_value_then_lane),   TEST_CASE(sorts_many),
        TEST_CASE(builder_ends_maps_in_order), TEST_CASE(columns_are_put_in_order),
        TEST_CASE(null_keys_are_found),
    };
    int failed = test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
    weir_arena_deinit(&arena);
    return failed;
}
