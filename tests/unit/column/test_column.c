#include "fixtures.h"

static struct weir_arena arena;
enum { ROWS = 150 };

static void expect_lanes(const struct weir_column *column, const uint32_t *lanes, uint32_t first,
                         const struct weir_column *got, uint32_t count)
{
    EXPECT(weir_column_verify(got, NULL) == WEIR_OK);
    EXPECT_INT(got->rows_count, count);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < count; i++)
        wrong += !weir_column_equals(column, lanes ? lanes[i] : first + i, got, i);
    EXPECT_INT(wrong, 0);
}

static void picks(const struct weir_column *column, struct rng *rng)
{
    uint16_t selection[ROWS];
    uint32_t lanes[ROWS * 2], wide[ROWS], count = 0;
    struct weir_column out;
    for (uint32_t i = 0; i < ROWS; i++) {
        if (rng_below(rng, 2)) {
            wide[count] = i;
            selection[count++] = (uint16_t)i;
        }
    }
    EXPECT(weir_column_take(column, selection, count, &arena, &out, NULL) == WEIR_OK);
    EXPECT_INT(out.encoding, column->encoding);
    expect_lanes(column, wide, 0, &out, count);
    EXPECT(weir_column_take(column, NULL, 70, &arena, &out, NULL) == WEIR_OK);
    expect_lanes(column, NULL, 0, &out, 70);
    EXPECT(weir_column_take(column, selection, 0, &arena, &out, NULL) == WEIR_OK);
    for (uint32_t i = 0; i < ROWS * 2; i++)
        lanes[i] = rng_below(rng, ROWS);
    EXPECT(weir_column_gather(column, lanes, ROWS * 2, &arena, &out, NULL) == WEIR_OK);
    expect_lanes(column, lanes, 0, &out, ROWS * 2);
}

static void slices(const struct weir_column *column, struct rng *rng)
{
    struct weir_column out;
    for (int i = 0; i < 5; i++) {
        uint32_t first = i < 3 ? (uint32_t)i * 64 : rng_below(rng, ROWS);
        uint32_t count = rng_below(rng, ROWS - first + 1);
        EXPECT(weir_column_slice(column, first, count, &arena, &out, NULL) == WEIR_OK);
        expect_lanes(column, NULL, first, &out, count);
    }
}

static void every_type_and_encoding(void)
{
    struct rng rng = {1};
    struct test_types types = test_types_make(&arena);
    static const uint32_t nulls[] = {0, 30, 100};
    for (uint32_t t = 0; t < types.count; t++) {
        for (int encoding = WEIR_FLAT; encoding <= WEIR_DICTIONARY; encoding++) {
            for (uint32_t n = 0; n < 3; n++) {
                struct weir_column flat,
                    column = random_column(&rng, types.list[t], ROWS, nulls[n],
                                           (enum weir_encoding)encoding, &arena);
                EXPECT(weir_column_verify(&column, NULL) == WEIR_OK);
                EXPECT(weir_column_flatten(&column, &arena, &flat, NULL) == WEIR_OK);
                EXPECT_INT(flat.encoding, WEIR_FLAT);
                expect_lanes(&column, NULL, 0, &flat, ROWS);
                picks(&column, &rng);
                slices(&column, &rng);
            }
        }
    }
}

static void nulls_of_every_type(void)
{
    struct test_types types = test_types_make(&arena);
    for (uint32_t t = 0; t < types.count; t++) {
        struct weir_column flat, taken, column = weir_column_nulls(types.list[t], 100);
        static const uint16_t selection[] = {3, 99};
        EXPECT(weir_column_verify(&column, NULL) == WEIR_OK);
        EXPECT(weir_column_is_null(&column, 0) && weir_column_is_null(&column, 99));
        EXPECT(weir_column_take(&column, selection, 2, &arena, &taken, NULL) == WEIR_OK);
        EXPECT(weir_column_flatten(&taken, &arena, &flat, NULL) == WEIR_OK);
        EXPECT(weir_column_verify(&flat, NULL) == WEIR_OK);
        EXPECT(weir_column_is_null(&flat, 0) && weir_column_is_null(&flat, 1));
        EXPECT_INT(flat.rows_count, 2);
    }
}

static void views(void)
{
    struct weir_view a = weir_view_make("exactly12byt", 12), b = weir_view_make("", 0);
    EXPECT_SLICE(weir_view_slice(&a), "exactly12byt");
    EXPECT_INT(weir_view_slice(&b).size, 0);
    const char *far = "thirteen byte";
    char copy[] = "thirteen byte";
    struct weir_view c = weir_view_make(far, 13), d = weir_view_make(copy, 13);
    EXPECT(weir_view_slice(&c).data == far);
    EXPECT(weir_view_equals(&c, &d) && !weir_view_equals(&a, &c));
}

/* Breaks one thing of a sound column and expects verify to find it. */
static void expect_broken(struct weir_column column)
{
    struct weir_error error;
    EXPECT(weir_column_verify(&column, &error) == WEIR_E_INTERNAL);
}

static void verify_finds_what_is_broken(void)
{
    static const uint64_t one_null = ~UINT64_C(1);
    _Alignas(16) struct weir_view lanes[3] = {
        weir_view_make("a", 1), weir_view_make("thirteen byte", 13), weir_view_make("b", 1)};
    struct weir_column text = {
        .type = weir_type_of(WEIR_TYPE_TEXT), .rows_count = 3, .values = lanes};
    EXPECT(weir_column_verify(&text, NULL) == WEIR_OK);
    text.validity = &one_null;
    expect_broken(text); /* a null lane has a size */
    text.validity = NULL;
    lanes[0].body.inlined[5] = 'x';
    expect_broken(text);
    lanes[0] = weir_view_make("\xff", 1);
    expect_broken(text);
    lanes[0] = weir_view_make("ok", 2);
    lanes[1].body.far.prefix[0] = 'T';
    expect_broken(text);
    uint32_t codes[] = {0, 3};
    lanes[1] = weir_view_make("c", 1);
    text.encoding = WEIR_DICTIONARY;
    text.codes = codes;
    text.values_count = 3;
    text.rows_count = 2;
    expect_broken(text);
    codes[1] = 2;
    EXPECT(weir_column_verify(&text, NULL) == WEIR_OK);
    static const uint8_t flags[] = {0, 1, 2};
    struct weir_column flag = {
        .type = weir_type_of(WEIR_TYPE_BOOLEAN), .rows_count = 3, .values = flags};
    expect_broken(flag);
    static const _Alignas(8) char unaligned[32] = {0};
    struct weir_column number = {
        .type = weir_type_of(WEIR_TYPE_INT64), .rows_count = 2, .values = unaligned + 1};
    expect_broken(number);
    number.values = NULL;
    expect_broken(number);
}

static void verify_looks_into_children(void)
{
    static const int64_t numbers[] = {1, 2, 3};
    struct weir_column child = {
        .type = weir_type_of(WEIR_TYPE_INT64), .rows_count = 3, .values = numbers};
    struct weir_list_entry entries[] = {{0, 2}, {2, 1}};
    struct weir_column list = {.type = weir_type_list(&arena, child.type),
                               .rows_count = 2,
                               .values = entries,
                               .children = &child,
                               .children_count = 1};
    EXPECT(weir_column_verify(&list, NULL) == WEIR_OK);
    entries[1].count = 2;
    expect_broken(list);
    entries[1].count = 1;
    child.encoding = WEIR_CONSTANT;
    expect_broken(list);
    child.encoding = WEIR_FLAT;
    list.children_count = 0;
    expect_broken(list);
    const struct weir_slice name = {"a", 1};
    struct weir_column row = {.type = weir_type_struct(&arena, 1, &child.type, &name),
                              .rows_count = 3,
                              .children = &child,
                              .children_count = 1};
    EXPECT(weir_column_verify(&row, NULL) == WEIR_OK);
    row.rows_count = 2;
    expect_broken(row);
}

static void memory_failures(void)
{
    struct rng rng = {3};
    struct test_types types = test_types_make(&arena);
    for (uint32_t t = 0; t < types.count; t++) {
        struct weir_column column =
            random_column(&rng, types.list[t], ROWS, 30, (enum weir_encoding)(t % 3), &arena);
        uint32_t lanes[ROWS];
        for (uint32_t i = 0; i < ROWS; i++)
            lanes[i] = ROWS - 1 - i;
        enum weir_status status = WEIR_E_INTERNAL;
        for (uint64_t n = 1; status != WEIR_OK && n < 200; n++) {
            struct weir_arena scratch;
            struct weir_column out, flat;
            struct weir_error error;
            weir_arena_init(&scratch, NULL, 512);
            (void)weir_memory_fail_at(n);
            status = weir_column_gather(&column, lanes, ROWS, &scratch, &out, &error);
            if (status == WEIR_OK)
                status = weir_column_flatten(&out, &scratch, &flat, &error);
            EXPECT(status == WEIR_OK || status == WEIR_E_OUT_OF_MEMORY);
            (void)weir_memory_fail_at(0);
            weir_arena_deinit(&scratch);
        }
        EXPECT(status == WEIR_OK);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(every_type_and_encoding),
                                             TEST_CASE(nulls_of_every_type),
                                             TEST_CASE(views),
                                             TEST_CASE(verify_finds_what_is_broken),
                                             TEST_CASE(verify_looks_into_children),
                                             TEST_CASE(memory_failures)};
    weir_arena_init(&arena, NULL, 0);
    int result = test_main(argc, argv, cases, sizeof cases / sizeof *cases);
    weir_arena_deinit(&arena);
    return result;
}
