/* Multimaps against a naive list of rows: two key columns (BIGINT, TEXT) or none, a BIGINT and a
 * TEXT column besides, nulls everywhere, random weights. */
#include "state/multimap.h"

#include "test.h"

#define EXPECT_OK(call) EXPECT_INT((call), WEIR_OK)

enum { VALUES = 5, STEPS = 400 };

static uint64_t random_state = 88172645463325252u;
static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state % limit);
}

/* Row of small numbers; 0 is NULL, text is a long one made from the number. */
struct naive {
    uint32_t values[4];
    int64_t weight;
};
static struct naive naive_rows[VALUES * VALUES * VALUES * VALUES];
static char texts[VALUES][40];

static uint32_t naive_index(const uint32_t *values)
{
    return ((values[0] * VALUES + values[1]) * VALUES + values[2]) * VALUES + values[3];
}

struct lanes {
    int64_t numbers[2][WEIR_BATCH_ROWS_MAX];
    struct weir_view views[2][WEIR_BATCH_ROWS_MAX];
    uint64_t validity[4][WEIR_BATCH_ROWS_MAX / 64];
    uint32_t values[WEIR_BATCH_ROWS_MAX][4];
    int64_t weights[WEIR_BATCH_ROWS_MAX];
    struct weir_column columns[4];
};

/* Columns: number, text, number, text. */
static void make_lanes(struct lanes *lanes, uint32_t count)
{
    memset(lanes->validity, 0xFF, sizeof lanes->validity);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t c = 0; c < 4; c++) {
            uint32_t value = lanes->values[i][c] = random_below(VALUES);
            if (value == 0)
                weir_bit_clear(lanes->validity[c], i);
            if (c % 2)
                lanes->views[c / 2][i] = value ? weir_view_make(texts[value], strlen(texts[value]))
                                               : (struct weir_view){0};
            else
                lanes->numbers[c / 2][i] = value;
        }
        lanes->weights[i] = (int64_t)random_below(5) - 2;
        lanes->weights[i] += lanes->weights[i] == 0;
    }
    for (uint32_t c = 0; c < 4; c++)
        lanes->columns[c] = (struct weir_column){
            .type = weir_type_of(c % 2 ? WEIR_TYPE_TEXT : WEIR_TYPE_INT64),
            .encoding = WEIR_FLAT,
            .rows_count = count,
            .validity = lanes->validity[c],
            .values = c % 2 ? (const void *)lanes->views[c / 2] : lanes->numbers[c / 2]};
}

static uint32_t value_of(const struct weir_column *column, uint32_t lane)
{
    if (weir_column_is_null(column, lane))
        return 0;
    if (column->type->kind == WEIR_TYPE_INT64)
        return (uint32_t)((const int64_t *)column->values)[lane];
    struct weir_slice text = weir_view_slice(&((const struct weir_view *)column->values)[lane]);
    return (uint32_t)(text.data[text.size - 1] - '0');
}

/* The map's rows with their weights are the naive ones. */
static void compare(struct weir_multimap *map, struct weir_arena *arena)
{
    uint32_t cursor = 0, rows[64], count, live = 0, seen = 0;
    while ((count = weir_multimap_scan(map, &cursor, rows, 64)) > 0) {
        struct weir_column columns[4];
        for (uint32_t c = 0; c < 4; c++)
            EXPECT_OK(weir_multimap_gather(map, c, rows, count, arena, &columns[c], NULL));
        for (uint32_t i = 0; i < count; i++) {
            uint32_t values[4];
            for (uint32_t c = 0; c < 4; c++)
                values[c] = value_of(&columns[c], i);
            EXPECT_INT(weir_multimap_weight(map, rows[i]), naive_rows[naive_index(values)].weight);
            EXPECT(weir_multimap_has(map, rows[i]));
        }
        seen += count;
    }
    for (uint32_t i = 0; i < VALUES * VALUES * VALUES * VALUES; i++)
        live += naive_rows[i].weight != 0;
    EXPECT_INT(seen, live);
    EXPECT_INT(weir_multimap_count(map), live);
    weir_arena_reset(arena);
}

/* The chains of the lanes' keys: as many rows, with the right sum of weights. */
static void probe(struct weir_multimap *map, const struct lanes *lanes, uint32_t keys_count,
                  uint32_t count)
{
    static uint32_t rows[WEIR_BATCH_ROWS_MAX];
    EXPECT_OK(weir_multimap_find(map, lanes->columns, NULL, count, rows, NULL));
    for (uint32_t i = 0; i < count; i++) {
        int64_t sum = 0, expected = 0;
        uint32_t length = 0, expected_length = 0;
        for (uint32_t row = rows[i]; row != WEIR_MULTIMAP_NONE;
             row = weir_multimap_next(map, row)) {
            sum += weir_multimap_weight(map, row);
            length++;
        }
        for (uint32_t n = 0; n < VALUES * VALUES * VALUES * VALUES; n++) {
            bool same = true;
            uint32_t rest = n / (VALUES * VALUES);
            if (keys_count)
                same = rest == lanes->values[i][0] * VALUES + lanes->values[i][1];
            if (!same || !naive_rows[n].weight)
                continue;
            expected += naive_rows[n].weight;
            expected_length++;
        }
        EXPECT_INT(sum, expected);
        EXPECT_INT(length, expected_length);
    }
}

static void run(uint32_t keys_count, bool collide)
{
    static struct lanes lanes;
    static uint32_t rows[WEIR_BATCH_ROWS_MAX];
    static const uint32_t keys[2] = {0, 1};
    struct weir_budget budget;
    struct weir_arena arena;
    struct weir_multimap *map;
    const struct weir_type *types[4];
    memset(naive_rows, 0, sizeof naive_rows);
    for (uint32_t c = 0; c < 4; c++)
        types[c] = weir_type_of(c % 2 ? WEIR_TYPE_TEXT : WEIR_TYPE_INT64);
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    weir_arena_init(&arena, &budget, 0);
    struct weir_multimap_config config = {.types = types,
                                          .columns_count = 4,
                                          .keys = keys,
                                          .keys_count = keys_count,
                                          .extra_size = 8,
                                          .hash_seed = 17,
                                          .hash_collide = collide,
                                          .budget = &budget};
    EXPECT_OK(weir_multimap_create(&config, &map, NULL));
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t count = 1 + random_below(60);
        make_lanes(&lanes, count);
        EXPECT_OK(weir_multimap_add(map, lanes.columns, NULL, count, lanes.weights, rows, NULL));
        weir_multimap_sweep(map, rows, count);
        for (uint32_t i = 0; i < count; i++)
            naive_rows[naive_index(lanes.values[i])].weight += lanes.weights[i];
        compare(map, &arena);
        if (step % 50 == 0)
            probe(map, &lanes, keys_count, count);
    }
    weir_multimap_destroy(map);
    weir_arena_deinit(&arena);
    EXPECT_INT((int64_t)budget.used_bytes, 0);
}

static void two_keys(void)
{
    run(2, false);
}
static void two_keys_colliding(void)
{
    run(2, true);
}
static void no_keys(void)
{
    run(0, false);
}

/* Rows that are never taken back: equal ones stay apart, each can go by itself. */
static void appended(void)
{
    const struct weir_type *types[] = {weir_type_of(WEIR_TYPE_INT64), weir_type_of(WEIR_TYPE_TEXT),
                                       weir_type_of(WEIR_TYPE_INT64)};
    const uint32_t keys[] = {0};
    struct weir_multimap_config config = {
        .types = types, .columns_count = 3, .keys = keys, .keys_count = 1, .append = true};
    struct weir_multimap *map = NULL;
    struct weir_error error;
    EXPECT_OK(weir_multimap_create(&config, &map, &error));
    const int64_t numbers[] = {7, 7, 8, 7}, others[] = {1, 1, 2, 3};
    struct weir_view views[4];
    for (unsigned i = 0; i < 4; i++)
        views[i] = weir_view_make("a text that is not inlined", i == 3 ? 26 : 5);
    const uint64_t valid = 0xB; /* the third text is null */
    struct weir_column columns[] = {
        {.type = types[0], .rows_count = 4, .values = numbers},
        {.type = types[1], .rows_count = 4, .values = views, .validity = &valid},
        {.type = types[2], .rows_count = 4, .values = others}};
    uint32_t rows[4], first = 0;
    EXPECT_OK(weir_multimap_add(map, columns, NULL, 4, NULL, rows, &error));
    EXPECT_INT(weir_multimap_count(map), 4);
    EXPECT(rows[0] != rows[1]);
    EXPECT_OK(weir_multimap_find(map, columns, NULL, 1, &first, &error));
    EXPECT_INT(first, rows[0]);
    EXPECT_INT(weir_multimap_next(map, rows[0]), rows[1]);
    EXPECT_INT(weir_multimap_next(map, rows[1]), rows[3]);
    struct weir_arena arena;
    struct weir_column out;
    weir_arena_init(&arena, NULL, 0);
    EXPECT_OK(weir_multimap_gather(map, 1, rows, 4, &arena, &out, &error));
    EXPECT(weir_column_is_null(&out, 2) && !weir_column_is_null(&out, 3));
    EXPECT_INT(((const struct weir_view *)out.values)[3].size, 26);
    weir_multimap_remove(map, rows[0]);
    weir_multimap_remove(map, rows[2]);
    EXPECT_INT(weir_multimap_count(map), 2);
    EXPECT_OK(weir_multimap_find(map, columns, NULL, 1, &first, &error));
    EXPECT_INT(first, rows[1]);
    EXPECT_OK(weir_multimap_add(map, columns, NULL, 4, NULL, rows, &error)); /* ids given again */
    EXPECT_INT(weir_multimap_count(map), 6);
    weir_arena_deinit(&arena);
    weir_multimap_destroy(map);
}

/* Keys first, then rows of them, some left out. */
static void in_two_steps(void)
{
    const struct weir_type *types[] = {weir_type_of(WEIR_TYPE_INT64),
                                       weir_type_of(WEIR_TYPE_INT64)};
    const uint32_t key_columns[] = {0};
    struct weir_multimap_config config = {.types = types,
                                          .columns_count = 2,
                                          .keys = key_columns,
                                          .keys_count = 1,
                                          .extra_size = 8,
                                          .append = true};
    struct weir_multimap *map = NULL;
    struct weir_error error;
    EXPECT_OK(weir_multimap_create(&config, &map, &error));
    const int64_t numbers[] = {7, 8, 7, 8}, others[] = {1, 2, 3, 4}, weights[] = {9, 9, 9, 2};
    const struct weir_column columns[] = {{.type = types[0], .rows_count = 4, .values = numbers},
                                          {.type = types[1], .rows_count = 4, .values = others}};
    uint32_t keys[4], rows[2];
    EXPECT_OK(weir_multimap_keys(map, columns, NULL, 4, keys, &error));
    EXPECT(keys[0] == keys[2] && keys[1] == keys[3] && keys[0] != keys[1]);
    const uint16_t lanes[] = {0, 3};
    const uint32_t kept[] = {keys[0], keys[3]};
    EXPECT_OK(weir_multimap_add_to(map, kept, columns, lanes, 2, weights, rows, &error));
    EXPECT_INT(weir_multimap_count(map), 2);
    for (uint32_t i = 0; i < 2; i++) {
        struct weir_multimap_row row = weir_multimap_row(map, rows[i]);
        EXPECT_INT(weir_multimap_first(map, kept[i]), rows[i]);
        EXPECT_INT(weir_multimap_key(map, rows[i]), kept[i]);
        EXPECT_INT(row.next, WEIR_MULTIMAP_NONE);
        EXPECT_INT(row.weight, weights[lanes[i]]);
        EXPECT(row.extra == weir_multimap_extra(map, rows[i]));
    }
    weir_multimap_destroy(map);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(appended), TEST_CASE(in_two_steps),
                                             TEST_CASE(two_keys), TEST_CASE(two_keys_colliding),
                                             TEST_CASE(no_keys)};
    for (uint32_t i = 0; i < VALUES; i++)
        (void)snprintf(texts[i], sizeof texts[i], "a text of more than twelve bytes %u", i);
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
