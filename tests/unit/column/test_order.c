/* The four forms of equality and order are held against each other on random lanes, and against
 * orders written down by hand. */
#include "fixtures.h"

#include "base/hash.h"
#include "column/text.h"

static struct weir_arena arena;
enum { ROWS = 120 };

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static int key_order(const struct weir_column *column, uint32_t a, uint32_t b,
                     struct weir_sort_order order)
{
    struct weir_buffer x, y;
    weir_buffer_init(&x, NULL);
    weir_buffer_init(&y, NULL);
    weir_column_sort_key(column, a, order, &x);
    weir_column_sort_key(column, b, order, &y);
    size_t common = x.size < y.size ? x.size : y.size;
    int result = sign(memcmp(x.data, y.data, common));
    if (result == 0 && x.size != y.size)
        result = 99; /* a key must never be a prefix of another */
    weir_buffer_deinit(&x);
    weir_buffer_deinit(&y);
    return result;
}

/* What the order of two lanes is to be by their comparison and the direction asked for. */
static int wanted_order(const struct weir_column *column, uint32_t a, uint32_t b,
                        struct weir_sort_order order)
{
    bool null_a = weir_column_is_null(column, a), null_b = weir_column_is_null(column, b);
    if (null_a || null_b)
        return ((int)null_a - (int)null_b) * (order.nulls_first ? -1 : 1);
    int result = weir_column_compare(column, a, column, b);
    return order.descending ? -result : result;
}

static void forms_agree_on(const struct weir_column *column)
{
    static const struct weir_sort_order orders[] = {
        {false, false}, {false, true}, {true, false}, {true, true}};
    uint64_t hashes[ROWS];
    uint32_t wrong = 0, collisions = 0;
    weir_column_hash(column, NULL, ROWS, 42, false, hashes);
    for (uint32_t a = 0; a < ROWS; a++) {
        uint32_t b = (a * 37 + 11) % ROWS, c = (a * 53 + 29) % ROWS;
        int order = weir_column_compare(column, a, column, b);
        wrong += weir_column_equals(column, a, column, b) != (order == 0);
        wrong += weir_column_compare(column, b, column, a) != -order;
        wrong += order == 0 && hashes[a] != hashes[b];
        collisions += order != 0 && hashes[a] == hashes[b];
        if (order <= 0 && weir_column_compare(column, b, column, c) <= 0)
            wrong += weir_column_compare(column, a, column, c) > 0;
        for (uint32_t i = 0; i < 4; i++)
            wrong += key_order(column, a, b, orders[i]) != wanted_order(column, a, b, orders[i]);
    }
    if (!EXPECT(wrong == 0 && collisions == 0))
        fprintf(stderr, "  type %s, encoding %d\n", weir_type_name(column->type).text,
                column->encoding);
}

static void forms_agree(void)
{
    struct rng rng = {7};
    struct test_types types = test_types_make(&arena);
    for (uint32_t t = 0; t < types.count * 3; t++) {
        struct weir_column column =
            random_column(&rng, types.list[t / 3], ROWS, 20, (enum weir_encoding)(t % 3), &arena);
        forms_agree_on(&column);
    }
}

/* The same lanes hash alike whatever their encoding and however they are asked for. */
static void hashes_ignore_encoding(void)
{
    struct rng rng = {8};
    struct test_types types = test_types_make(&arena);
    for (uint32_t t = 0; t < types.count * 3; t++) {
        struct weir_column flat, column = random_column(&rng, types.list[t / 3], ROWS, 20,
                                                        (enum weir_encoding)(t % 3), &arena);
        static const uint16_t selection[] = {0, 3, 64, 119};
        uint64_t a[ROWS], b[ROWS], c[4];
        EXPECT(weir_column_flatten(&column, &arena, &flat, NULL) == WEIR_OK);
        weir_column_hash(&column, NULL, ROWS, 1, false, a);
        weir_column_hash(&flat, NULL, ROWS, 1, false, b);
        EXPECT(memcmp(a, b, sizeof a) == 0);
        weir_column_hash(&column, selection, 4, 1, false, c);
        for (uint32_t i = 0; i < 4; i++)
            EXPECT(c[i] == a[selection[i]]);
        weir_column_hash(&column, NULL, ROWS, 1, true, a);
        weir_column_hash(&flat, NULL, ROWS, 1, true, b);
        EXPECT(memcmp(a, b, sizeof a) == 0);
        weir_column_hash(&flat, NULL, ROWS, 2, false, b);
        EXPECT(memcmp(a, b, sizeof a) != 0);
    }
}

static uint64_t hash_one(enum weir_type_kind kind, const void *value)
{
    struct weir_column column = {.type = weir_type_of(kind), .rows_count = 1, .values = value};
    uint64_t hash;
    weir_column_hash(&column, NULL, 1, 9, false, &hash);
    return hash;
}

static void integers_hash_by_value(void)
{
    static const int8_t i8 = -5;
    static const int16_t i16 = -5;
    static const int32_t i32 = -5;
    static const int64_t i64 = -5;
    static const uint8_t u8 = 200;
    static const uint64_t u64 = 200;
    static const int32_t i200 = 200;
    uint64_t hash = hash_one(WEIR_TYPE_INT64, &i64);
    EXPECT(hash_one(WEIR_TYPE_INT8, &i8) == hash && hash_one(WEIR_TYPE_INT16, &i16) == hash &&
           hash_one(WEIR_TYPE_INT32, &i32) == hash);
    EXPECT(hash_one(WEIR_TYPE_UINT8, &u8) == hash_one(WEIR_TYPE_UINT64, &u64));
    EXPECT(hash_one(WEIR_TYPE_INT32, &i200) == hash_one(WEIR_TYPE_UINT64, &u64));
}

/* Sequential keys must not pile up: low and high bits both spread over 4,096 places. */
static void hashes_spread(void)
{
    enum { KEYS = 1 << 16, PLACES = 4096 };
    static uint32_t low[PLACES], high[PLACES];
    static int64_t keys[2048];
    uint64_t hashes[2048];
    struct weir_column column = {
        .type = weir_type_of(WEIR_TYPE_INT64), .rows_count = 2048, .values = keys};
    for (int64_t key = 0; key < KEYS; key += 2048) {
        for (int64_t i = 0; i < 2048; i++)
            keys[i] = key + i;
        weir_column_hash(&column, NULL, 2048, 12345, false, hashes);
        for (int i = 0; i < 2048; i++) {
            low[hashes[i] % PLACES]++;
            high[hashes[i] >> 52]++;
        }
    }
    uint32_t worst = 0;
    for (int i = 0; i < PLACES; i++) {
        worst = low[i] > worst ? low[i] : worst;
        worst = high[i] > worst ? high[i] : worst;
    }
    EXPECT(worst < 45); /* 16 on average; a Poisson tail reaches about 35 */
}

/* Texts in the ascending order of their type; equal ones share a rank. */
struct ranked {
    const char *text;
    int rank;
};

static void expect_ranks(const struct weir_type *type, const struct ranked *list, uint32_t count)
{
    struct weir_builder builder;
    EXPECT(weir_builder_init(&builder, type, &arena, NULL) == WEIR_OK);
    for (uint32_t i = 0; i < count; i++)
        EXPECT(weir_text_parse_into(&builder, weir_slice_from_string(list[i].text), NULL, NULL) ==
               WEIR_PARSE_OK);
    struct weir_column column = weir_builder_column(&builder);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < count; k++) {
            int want = sign(list[i].rank - list[k].rank);
            bool ok = weir_column_compare(&column, i, &column, k) == want &&
                      key_order(&column, i, k, (struct weir_sort_order){false, false}) == want;
            if (!EXPECT(ok))
                fprintf(stderr, "  %s of %s and %s\n", weir_type_name(type).text, list[i].text,
                        list[k].text);
        }
    }
}

static void orders_by_hand(void)
{
    static const struct ranked doubles[] = {{"-inf", 0}, {"-1e300", 1}, {"-1", 2},
                                            {"-0", 3},   {"0", 3},      {"1e-300", 4},
                                            {"1", 5},    {"inf", 6},    {"nan", 7}};
    static const struct ranked texts[] = {{"", 0},
                                          {"A", 1},
                                          {"a", 2},
                                          {"a ", 3},
                                          {"aa", 4},
                                          {"ab", 5},
                                          {"abcdabcdabcd", 6},
                                          {"abcdabcdabcda", 7},
                                          {"abcdabcdabcdb", 8},
                                          {"ä", 9}};
    static const struct ranked intervals[] = {
        {"-1 day", 0},  {"0", 1},       {"1 us", 2},    {"24:00", 3},  {"1 day", 3},
        {"29 days", 4}, {"1 month", 5}, {"30 days", 5}, {"1 year", 6}, {"360 days", 6}};
    static const struct ranked jsonb[] = {
        {"[]", 0},          {"null", 1},        {"\"\"", 2},        {"\"a\"", 3},
        {"\"ab\"", 4},      {"\"b\"", 5},       {"-10", 6},         {"-9.5", 7},
        {"-0.01", 8},       {"0", 9},           {"0.00", 9},        {"0.001", 10},
        {"0.01", 11},       {"0.1", 12},        {"1", 13},          {"1.0", 13},
        {"1.01", 14},       {"9", 15},          {"10", 16},         {"1e3", 17},
        {"1001", 18},       {"false", 19},      {"true", 20},       {"[null]", 21},
        {"[1]", 22},        {"[[]]", 23},       {"[0, 0]", 24},     {"{}", 25},
        {"{\"a\": 1}", 26}, {"{\"a\": 2}", 27}, {"{\"b\": 0}", 28}, {"{\"a\": 0, \"b\": 0}", 29}};
    static const struct ranked decimals[] = {
        {"-9999999999.5", 0}, {"-0.0000000001", 1}, {"0", 2}, {"0.0000000001", 3}, {"1e20", 4}};
    static const struct ranked lists[] = {{"{}", 0},       {"{1}", 1}, {"{1,1}", 2},
                                          {"{1,NULL}", 3}, {"{2}", 4}, {"{NULL}", 5},
                                          {"{NULL,1}", 6}};
    static const struct ranked bytes[] = {{"\\x", 0},     {"\\x00", 1}, {"\\x0000", 2},
                                          {"\\x0001", 3}, {"\\x01", 4}, {"\\xff", 5},
                                          {"\\xff00", 6}};
    expect_ranks(weir_type_of(WEIR_TYPE_FLOAT64), doubles, WEIR_COUNT_OF(doubles));
    expect_ranks(weir_type_of(WEIR_TYPE_TEXT), texts, WEIR_COUNT_OF(texts));
    expect_ranks(weir_type_of(WEIR_TYPE_INTERVAL), intervals, WEIR_COUNT_OF(intervals));
    expect_ranks(weir_type_of(WEIR_TYPE_JSONB), jsonb, WEIR_COUNT_OF(jsonb));
    expect_ranks(weir_type_of(WEIR_TYPE_DECIMAL), decimals, WEIR_COUNT_OF(decimals));
    expect_ranks(weir_type_of(WEIR_TYPE_BYTEA), bytes, WEIR_COUNT_OF(bytes));
    expect_ranks(weir_type_list(&arena, weir_type_of(WEIR_TYPE_INT32)), lists,
                 WEIR_COUNT_OF(lists));
}

static void joined_keys_sort_by_column(void)
{
    static const char *const rows[][2] = {{"", "b"}, {"a", ""}, {"a", "z"}, {"ab", "a"}};
    struct weir_view first[4], second[4];
    for (int i = 0; i < 4; i++) {
        first[i] = weir_view_make(rows[i][0], strlen(rows[i][0]));
        second[i] = weir_view_make(rows[i][1], strlen(rows[i][1]));
    }
    struct weir_column columns[] = {
        {.type = weir_type_of(WEIR_TYPE_TEXT), .rows_count = 4, .values = first},
        {.type = weir_type_of(WEIR_TYPE_TEXT), .rows_count = 4, .values = second}};
    struct weir_buffer keys[4];
    for (uint32_t i = 0; i < 4; i++) {
        weir_buffer_init(&keys[i], NULL);
        for (int c = 0; c < 2; c++)
            weir_column_sort_key(&columns[c], i, (struct weir_sort_order){c == 1, false}, &keys[i]);
    }
    /* first ascending, second descending: "" , (a,z), (a,""), ab */
    static const int places[] = {0, 2, 1, 3};
    for (int i = 0; i < 3; i++)
        EXPECT(weir_slice_compare(weir_buffer_slice(&keys[places[i]]),
                                  weir_buffer_slice(&keys[places[i + 1]])) < 0);
    for (int i = 0; i < 4; i++)
        weir_buffer_deinit(&keys[i]);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(forms_agree),    TEST_CASE(hashes_ignore_encoding),
        TEST_CASE(hashes_spread),  TEST_CASE(integers_hash_by_value),
        TEST_CASE(orders_by_hand), TEST_CASE(joined_keys_sort_by_column)};
    weir_arena_init(&arena, NULL, 0);
    int result = test_main(argc, argv, cases, sizeof cases / sizeof *cases);
    weir_arena_deinit(&arena);
    return result;
}
