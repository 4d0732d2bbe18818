/* Random columns of every type and encoding, from a fixed seed, for the tests of column/.
 *
 * Values come from small sets that hold the special ones (NaN, both zeros, extremes, texts around
 * the 12-byte limit, texts with NUL and quotes), so that equal lanes and border cases are common.
 */
#ifndef WEIR_TEST_COLUMN_FIXTURES_H
#define WEIR_TEST_COLUMN_FIXTURES_H

#include "../test.h"
#include "column/builder.h"
#include "value/interval.h"
#include "value/utf8.h"

struct rng {
    uint64_t state;
};
static inline uint32_t rng_below(struct rng *rng, uint32_t limit)
{
    rng->state = rng->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((rng->state >> 33) % limit);
}

/* Every type that has no parameters, and some that have. */
struct test_types {
    const struct weir_type *list[48];
    uint32_t count;
};

static inline void types_add(struct test_types *types, const struct weir_type *type)
{
    types->list[types->count++] = type;
}

static inline struct test_types test_types_make(struct weir_arena *arena)
{
    struct test_types types = {.count = 0};
    for (int kind = WEIR_TYPE_BOOLEAN; kind < WEIR_TYPE_LIST; kind++)
        types_add(&types, weir_type_of((enum weir_type_kind)kind));
    const struct weir_type *text = weir_type_of(WEIR_TYPE_TEXT);
    const struct weir_type *bigint = weir_type_of(WEIR_TYPE_INT64);
    types_add(&types, weir_type_decimal(arena, 5, 2));
    types_add(&types, weir_type_list(arena, bigint));
    types_add(&types, weir_type_list(arena, text));
    types_add(&types, weir_type_list(arena, weir_type_of(WEIR_TYPE_BOOLEAN)));
    types_add(&types, weir_type_list(arena, weir_type_list(arena, weir_type_of(WEIR_TYPE_INT16))));
    const struct weir_type *fields[] = {bigint, text, weir_type_of(WEIR_TYPE_BOOLEAN),
                                        weir_type_list(arena, text)};
    const struct weir_slice names[] = {{"a", 1}, {"b c", 3}, {"flag", 4}, {"tags", 4}};
    const struct weir_type *row = weir_type_struct(arena, 4, fields, names);
    types_add(&types, row);
    types_add(&types, weir_type_list(arena, row));
    types_add(&types, weir_type_map(arena, text, bigint));
    types_add(&types, weir_type_map(arena, weir_type_of(WEIR_TYPE_INT32),
                                    weir_type_list(arena, weir_type_of(WEIR_TYPE_FLOAT64))));
    const struct weir_type *pair[] = {row, weir_type_map(arena, text, row)};
    types_add(&types, weir_type_struct(arena, 2, pair, names));
    return types;
}

static const char *const sample_texts[] = {
    "",
    "a",
    "b",
    "ab",
    "a b",
    "NULL",
    "null",
    "x,y",
    "{}",
    "(",
    "q\"uote",
    "back\\slash",
    " lead",
    "exactly12byt",
    "thirteen byte",
    "thirteen bytf",
    "a text that is certainly far, with , and {",
    "größe",
    "a much longer text, and another one of those that do not fit into twelve bytes"};
static const char *const sample_jsonb[] = {"1",
                                           "1.0",
                                           "1.50",
                                           "-2",
                                           "0",
                                           "-0.05",
                                           "120",
                                           "true",
                                           "false",
                                           "null",
                                           "[]",
                                           "{}",
                                           "\"a\"",
                                           "\"ab\"",
                                           "\"line\\nbreak\"",
                                           "[1]",
                                           "[[]]",
                                           "[1, 2]",
                                           "[2]",
                                           "{\"a\": 1}",
                                           "{\"a\": 1.0}",
                                           "{\"b\": 1}",
                                           "{\"a\": 1, \"b\": [true, null]}",
                                           "[\"a\", {\"k\": \"v\"}]",
                                           "1000000000000"};
static const int64_t sample_integers[] = {
    0,      1,     -1,    2,         7,         100,        -128,      127,      255,
    -32768, 32767, 65535, INT32_MIN, INT32_MAX, UINT32_MAX, INT64_MIN, INT64_MAX};
static const double sample_doubles[] = {0.0,
                                        -0.0,
                                        1.0,
                                        -1.0,
                                        1.5,
                                        1e-300,
                                        1e300,
                                        0.1,
                                        __builtin_inf(),
                                        -__builtin_inf(),
                                        __builtin_nan("")};
static const struct weir_interval sample_intervals[] = {
    {0, 0, 0},  {1, 0, 0},        {0, 30, 0}, {0, 1, 0}, {0, 0, INT64_C(86400000000)},
    {0, 0, -1}, {-1, 3, 5000001}, {14, -2, 1}};

static inline void random_scalar(struct rng *rng, const struct weir_type *type, void *lane)
{
    int64_t integer = sample_integers[rng_below(rng, WEIR_COUNT_OF(sample_integers))];
    double number = sample_doubles[rng_below(rng, WEIR_COUNT_OF(sample_doubles))];
    weir_i128 wide = (weir_i128)integer * (rng_below(rng, 2) ? 1 : 1000000007);
    int64_t time = (int64_t)rng_below(rng, 5) * 86399999999 / 4;
    switch (type->kind) {
    case WEIR_TYPE_BOOLEAN:
        *(uint8_t *)lane = (uint8_t)rng_below(rng, 2);
        return;
    case WEIR_TYPE_FLOAT32: {
        float narrow = number == 1e300 || number == 1e-300 ? 3.25f : (float)number;
        memcpy(lane, &narrow, sizeof narrow);
        return;
    }
    case WEIR_TYPE_FLOAT64:
        memcpy(lane, &number, sizeof number);
        return;
    case WEIR_TYPE_DECIMAL:
        if (type->precision == 5)
            wide = wide % 100000;
        memcpy(lane, &wide, sizeof wide);
        return;
    case WEIR_TYPE_DATE:
        *(int32_t *)lane = (int32_t)rng_below(rng, 3) * 9131 - 9000;
        return;
    case WEIR_TYPE_TIME:
        memcpy(lane, &time, sizeof time);
        return;
    case WEIR_TYPE_TIMESTAMP:
    case WEIR_TYPE_TIMESTAMPTZ:
        time = time * 9999 - INT64_C(40000000000000);
        memcpy(lane, &time, sizeof time);
        return;
    case WEIR_TYPE_TIMESTAMP_NS:
    case WEIR_TYPE_TIMESTAMPTZ_NS:
        time = time * 9999 - rng_below(rng, 3);
        memcpy(lane, &time, sizeof time);
        return;
    case WEIR_TYPE_INTERVAL:
        memcpy(lane, &sample_intervals[rng_below(rng, WEIR_COUNT_OF(sample_intervals))], 16);
        return;
    case WEIR_TYPE_UUID:
        memset(lane, (int)rng_below(rng, 3) * 100, 16);
        return;
    case WEIR_TYPE_JSON:
    case WEIR_TYPE_JSONB: {
        const char *text = sample_jsonb[rng_below(rng, WEIR_COUNT_OF(sample_jsonb))];
        *(struct weir_view *)lane = weir_view_make(text, strlen(text));
        return;
    }
    case WEIR_TYPE_TEXT:
    case WEIR_TYPE_BYTEA: {
        const char *text = sample_texts[rng_below(rng, WEIR_COUNT_OF(sample_texts))];
        bool with_nul = type->kind == WEIR_TYPE_BYTEA && rng_below(rng, 4) == 0;
        static const char bytes[] = "a\0\xff\0";
        *(struct weir_view *)lane = with_nul ? weir_view_make(bytes, rng_below(rng, 5))
                                             : weir_view_make(text, strlen(text));
        return;
    }
    default:
        memcpy(lane, &integer, weir_type_width(type));
        return;
    }
}

static inline void append_random(struct weir_builder *builder, struct rng *rng, uint32_t nulls)
{
    const struct weir_type *type = builder->type;
    bool is_null = rng_below(rng, 100) < nulls;
    if (is_null || type->kind == WEIR_TYPE_NULL) {
        EXPECT(weir_builder_append_null(builder, NULL) == WEIR_OK);
    } else if (type->kind == WEIR_TYPE_STRUCT) {
        for (uint32_t i = 0; i < type->children_count; i++)
            append_random(&builder->children[i], rng, nulls);
        EXPECT(weir_builder_end_struct(builder, NULL) == WEIR_OK);
    } else if (type->kind == WEIR_TYPE_LIST) {
        uint32_t first = builder->children[0].rows_count;
        for (uint32_t count = rng_below(rng, 4); count; count--)
            append_random(&builder->children[0], rng, nulls);
        EXPECT(weir_builder_end_list(builder, first, NULL) == WEIR_OK);
    } else if (type->kind == WEIR_TYPE_MAP) {
        struct weir_builder *pairs = &builder->children[0];
        uint32_t first = pairs->rows_count;
        for (uint32_t count = rng_below(rng, 2); count; count--) {
            append_random(&pairs->children[0], rng, 0);
            append_random(&pairs->children[1], rng, nulls);
            EXPECT(weir_builder_end_struct(pairs, NULL) == WEIR_OK);
        }
        EXPECT(weir_builder_end_list(builder, first, NULL) == WEIR_OK);
    } else {
        _Alignas(16) char lane[16] = {0};
        random_scalar(rng, type, lane);
        EXPECT(weir_builder_append_value(builder, lane, NULL) == WEIR_OK);
    }
}

static inline struct weir_column random_flat(struct rng *rng, const struct weir_type *type,
                                             uint32_t rows, uint32_t nulls,
                                             struct weir_arena *arena)
{
    struct weir_builder builder;
    EXPECT(weir_builder_init(&builder, type, arena, NULL) == WEIR_OK);
    for (uint32_t i = 0; i < rows; i++)
        append_random(&builder, rng, nulls);
    return weir_builder_column(&builder);
}

/* Makes a column of one lane speak for rows lanes, its struct children too. */
static inline struct weir_column as_constant(struct weir_column column, uint32_t rows,
                                             struct weir_arena *arena)
{
    column.encoding = WEIR_CONSTANT;
    column.rows_count = rows;
    if (column.type->kind == WEIR_TYPE_STRUCT) {
        struct weir_column *children =
            WEIR_ARENA_ARRAY(arena, struct weir_column, column.children_count);
        for (uint32_t i = 0; i < column.children_count; i++)
            children[i] = as_constant(column.children[i], rows, arena);
        column.children = children;
    }
    return column;
}

static inline struct weir_column random_column(struct rng *rng, const struct weir_type *type,
                                               uint32_t rows, uint32_t nulls,
                                               enum weir_encoding encoding,
                                               struct weir_arena *arena)
{
    if (encoding == WEIR_CONSTANT)
        return as_constant(random_flat(rng, type, 1, nulls, arena), rows, arena);
    if (encoding == WEIR_FLAT || type->kind == WEIR_TYPE_STRUCT)
        return random_flat(rng, type, rows, nulls, arena);
    struct weir_column column;
    do /* the values of a dictionary are never null */
        column = random_flat(rng, type, 5, 0, arena);
    while (column.validity);
    uint32_t *codes = WEIR_ARENA_ARRAY(arena, uint32_t, rows);
    uint64_t *validity = WEIR_ARENA_ARRAY(arena, uint64_t, weir_validity_words(rows));
    for (uint32_t i = 0; i < rows; i++) {
        codes[i] = rng_below(rng, 5);
        if (rng_below(rng, 100) >= nulls)
            weir_bit_set(validity, i);
    }
    column.encoding = WEIR_DICTIONARY;
    column.codes = codes;
    column.values_count = 5;
    column.rows_count = rows;
    column.validity = nulls ? validity : NULL;
    return column;
}

#endif
