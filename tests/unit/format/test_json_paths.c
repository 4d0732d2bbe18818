/* The fast path against the strict one: records made from grammars and then mutated, decoded in
 * every way there is; the answers must be the same byte for byte. The plain test runs for some
 * seconds; fuzz/fuzz_json_records.c is the same without end. */
#include "format/json_support.h"
#include "test.h"

#include "value/isa.h"

#include <time.h>

static struct weir_arena types_arena;

struct random {
    uint64_t state;
};
static uint32_t next(struct random *random, uint32_t below)
{
    random->state = random->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((random->state >> 33) % below);
}

/* ---- records ---- */

static const char *const keys[] = {
    "id",     "name", "price", "qty",        "ok",
    "nested", "x",    "y",     "event_time", "a_rather_long_key_it_is",
    "t",      "list", "",      "é",          "session"};
static const char *const scalars[] = {"0",
                                      "1",
                                      "-1",
                                      "12345",
                                      "1.5",
                                      "-0.25",
                                      "1e3",
                                      "1E-2",
                                      "true",
                                      "false",
                                      "null",
                                      "1234567890123456",
                                      "12345678901234567890",
                                      "0.1000000000000000055",
                                      "1700000000000",
                                      "-0",
                                      "100",
                                      "9007199254740993",
                                      "3.14159265358979",
                                      "99999999.99"};
static const char *const texts[] = {"",
                                    "a",
                                    "text",
                                    "twelve bytes",
                                    "thirteen byte",
                                    "a text that is longer than thirty-two bytes, to be sure",
                                    "é世😀",
                                    "2013-01-01T05:15:00Z",
                                    "12",
                                    "1.5",
                                    "{\\\"a\\\":1}",
                                    "back\\\\slash",
                                    "\\u00e9",
                                    "\\ud83d\\ude00",
                                    "tab\\t",
                                    "a:b,c}d",
                                    "{[",
                                    "17:0123"};
static const char *const bad_values[] = {"01",
                                         "1.",
                                         ".5",
                                         "-",
                                         "+1",
                                         "tru",
                                         "nul",
                                         "True",
                                         "NaN",
                                         "1e",
                                         "1e+",
                                         "--1",
                                         "1.2.3",
                                         "0x10",
                                         "1 2",
                                         "'a'",
                                         "\"a",
                                         "a\"",
                                         "\"\t\"",
                                         "\"\\x\"",
                                         "\"\\ud800\"",
                                         "\"\xff\"",
                                         "\"\xc0\x80\"",
                                         "[1,]",
                                         "[,1]",
                                         "{\"a\"}",
                                         "{\"a\":}",
                                         "{,}",
                                         "[",
                                         "]",
                                         "{",
                                         "}",
                                         "",
                                         "\"\\u12\""};

static void put_scalar(struct random *random, struct weir_buffer *out)
{
    if (next(random, 3) == 0)
        weir_buffer_printf(out, "%d", (int)next(random, 1000) - 100);
    else if (next(random, 3) == 0)
        weir_buffer_printf(out, "%u.%02u", next(random, 1000), next(random, 100));
    else
        weir_buffer_append_string(out, scalars[next(random, WEIR_COUNT_OF(scalars))]);
}

/* Mostly a spelling that the fast path takes, of the same date. */
static void put_time(struct random *random, struct weir_buffer *out, uint32_t odd_of)
{
    static const char *const odd[] = {"2013-02-29T05:15:00",   "2012-02-29T24:00:00Z",
                                      "0001-01-01 23:59:59.9", "2013-01-01T05:15:00+01:00",
                                      "2013-01-01T05:15:60",   "2013-01-01t05:15:00z"};
    if (next(random, odd_of) == 0)
        weir_buffer_printf(out, "\"%s\"", odd[next(random, WEIR_COUNT_OF(odd))]);
    else
        weir_buffer_printf(out, "\"2013-01-0%uT%02u:%02u:%02u%s\"", 1 + next(random, 4) / 3,
                           next(random, 24), next(random, 60), next(random, 60),
                           next(random, 3) ? "Z" : ".250");
}

static void put_object(struct random *random, struct weir_buffer *out, const char *gap,
                       uint32_t depth, bool wild);

static void put_value(struct random *random, struct weir_buffer *out, const char *gap,
                      uint32_t depth, bool wild)
{
    uint32_t kind = next(random, wild ? 12 : 10);
    if (kind < 4) {
        put_scalar(random, out);
    } else if (kind < 8 || depth > 3) {
        weir_buffer_append_char(out, '"');
        weir_buffer_append_string(out,
                                  texts[next(random, next(random, 4) ? 9 : WEIR_COUNT_OF(texts))]);
        weir_buffer_append_char(out, '"');
    } else if (kind == 8) {
        put_object(random, out, gap, depth + 1, wild);
    } else if (kind == 9) {
        weir_buffer_append_char(out, '[');
        for (uint32_t i = next(random, 3); i > 0; i--) {
            put_value(random, out, gap, depth + 1, false);
            if (i > 1)
                weir_buffer_append_char(out, ',');
        }
        weir_buffer_append_char(out, ']');
    } else {
        weir_buffer_append_string(out, bad_values[next(random, WEIR_COUNT_OF(bad_values))]);
    }
}

static void put_object(struct random *random, struct weir_buffer *out, const char *gap,
                       uint32_t depth, bool wild)
{
    uint32_t count = next(random, 8);
    weir_buffer_append_char(out, '{');
    for (uint32_t i = 0; i < count; i++) {
        weir_buffer_printf(out, "%s\"%s\":%s", i ? "," : "",
                           keys[next(random, WEIR_COUNT_OF(keys))], gap);
        if (i + 1 < count && *gap)
            weir_buffer_append_string(out, "");
        put_value(random, out, gap, depth, wild);
        if (*gap && i + 1 < count && next(random, 20) == 0)
            weir_buffer_append_char(out, ' ');
    }
    weir_buffer_append_char(out, '}');
}

/* The same keys in the same order with other values, the bread of the fast path: layout picks
 * which. Some layouts have nested objects, blanks, or their keys shuffled. One number in odd_of is
 * of another kind. */
static void put_shaped(struct random *random, struct weir_buffer *out, uint32_t layout,
                       uint32_t odd_of)
{
    const char *colon = layout & 1 ? ": " : ":", *comma = layout & 1 ? ", " : ",";
    static const char *const fields[] = {"id", "name", "price", "qty", "ok", "event_time", "t"};
    uint32_t order[7], count = 3 + layout % 5;
    for (uint32_t i = 0; i < 7; i++)
        order[i] = (i * (1 + layout % 6) + layout) % 7;
    if (layout % 3 == 2)
        for (uint32_t i = 6; i > 0; i--) {
            uint32_t k = next(random, i + 1), swap = order[i];
            order[i] = order[k];
            order[k] = swap;
        }
    weir_buffer_append_string(out, layout % 4 == 3 ? "{\"nested\":{" : "{");
    for (uint32_t i = 0; i < count; i++) {
        weir_buffer_printf(out, "%s\"%s\"%s", i ? comma : "", fields[order[i]], colon);
        switch (order[i]) {
        case 1:
            weir_buffer_printf(out, "\"%s\"", texts[next(random, 10)]);
            break;
        case 2:
            weir_buffer_printf(out, "%s%u.%u", next(random, 5) ? "" : "-", next(random, 500),
                               next(random, 100));
            break;
        case 4:
            weir_buffer_append_string(out, next(random, 2) ? "true" : "false");
            break;
        default:
            if (order[i] == 5 && layout % 2)
                put_time(random, out, odd_of);
            else if (next(random, odd_of) == 0)
                put_scalar(random, out);
            else
                weir_buffer_printf(out, "%u", next(random, 100000) >> next(random, 17));
        }
    }
    weir_buffer_append_string(out, layout % 4 == 3 ? "},\"x\":1}" : "}");
}

/* A few bytes changed, taken away or put in. */
static void mutate(struct random *random, struct weir_buffer *text, size_t begin)
{
    static const char bytes[] = "\"\"\"{}[]:,,\\\\ntu0123456789.-+eE \t\r\x01\x80\xc3\xa9\xff/";
    for (uint32_t i = 1 + next(random, 3); i > 0 && text->size > begin; i--) {
        size_t at = begin + next(random, (uint32_t)(text->size - begin));
        char byte = bytes[next(random, sizeof bytes - 1)];
        switch (next(random, 4)) {
        case 0:
            text->data[at] = byte;
            break;
        case 1:
            memmove(text->data + at, text->data + at + 1, text->size - at - 1);
            text->size--;
            break;
        case 2:
            weir_buffer_append_char(text, ' ');
            memmove(text->data + at + 1, text->data + at, text->size - at - 1);
            text->data[at] = byte;
            break;
        default:
            text->data[at] = text->data[begin + next(random, (uint32_t)(text->size - begin))];
            break;
        }
    }
}

static void put_lines(struct random *random, struct weir_buffer *text)
{
    uint32_t lines = 1 + next(random, next(random, 8) ? 120 : 1500), layouts[3];
    uint32_t bad_of = next(random, 4) ? 40 : 4, at = 0;
    bool steady = next(random, 2); /* long runs of one layout */
    for (uint32_t i = 0; i < 3; i++)
        layouts[i] = next(random, 100);
    for (uint32_t i = 0; i < lines; i++) {
        size_t begin = text->size;
        if (!steady || next(random, 30) == 0)
            at = next(random, 3);
        if (next(random, steady ? 50 : 10) == 0)
            put_object(random, text, next(random, 2) ? "" : " ", 0, next(random, 3) == 0);
        else
            put_shaped(random, text, layouts[at], steady ? 60 : 10);
        if (next(random, bad_of) == 0)
            mutate(random, text, begin);
        if (next(random, 30) == 0)
            weir_buffer_append_char(text, '\r');
        if (i + 1 < lines || next(random, 4))
            weir_buffer_append_char(text, '\n');
        if (next(random, 50) == 0)
            weir_buffer_append_string(text, next(random, 2) ? "\n" : "  \r\n");
    }
}

/* ---- tables ---- */

static const struct weir_type *random_type(struct random *random)
{
    static const enum weir_type_kind kinds[] = {
        WEIR_TYPE_INT64,  WEIR_TYPE_INT64,   WEIR_TYPE_FLOAT64,       WEIR_TYPE_TEXT,
        WEIR_TYPE_TEXT,   WEIR_TYPE_BOOLEAN, WEIR_TYPE_TIMESTAMP,     WEIR_TYPE_INT16,
        WEIR_TYPE_UINT32, WEIR_TYPE_DECIMAL, WEIR_TYPE_JSON,          WEIR_TYPE_FLOAT32,
        WEIR_TYPE_UINT64, WEIR_TYPE_JSONB,   WEIR_TYPE_TIMESTAMPTZ_NS};
    return weir_type_of(kinds[next(random, WEIR_COUNT_OF(kinds))]);
}

static const struct weir_type *nested_type(struct random *random)
{
    static struct weir_slice names[3];
    names[0] = weir_slice_from_string("id");
    names[1] = weir_slice_from_string("name");
    names[2] = weir_slice_from_string("price");
    const struct weir_type *fields[] = {random_type(random), random_type(random),
                                        weir_type_of(WEIR_TYPE_FLOAT64)};
    switch (next(random, 3)) {
    case 0:
        return weir_type_list(&types_arena, random_type(random));
    case 1:
        return weir_type_map(&types_arena, weir_type_of(WEIR_TYPE_TEXT), random_type(random));
    default: {
        const struct weir_type **kept = WEIR_ARENA_ARRAY(&types_arena, const struct weir_type *, 3);
        memcpy(kept, fields, sizeof fields);
        return weir_type_struct(&types_arena, 3, kept, names);
    }
    }
}

static void random_table(struct random *random, struct support_table *table)
{
    static const char *const paths[] = {"$.nested.id", "$.nested.x", "$.list[0]", "$.list[1].x",
                                        "$.nested",    "$.x.y",      "$",         "$.nested.price"};
    uint32_t count = next(random, 7);
    memset(table, 0, sizeof *table);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t how = next(random, 12);
        if (how < 8)
            support_add(table, keys[next(random, WEIR_COUNT_OF(keys))], random_type(random));
        else if (how < 10)
            support_add_path(table, "path", random_type(random),
                             paths[next(random, WEIR_COUNT_OF(paths))]);
        else
            support_add(table, keys[5 + next(random, 7)], nested_type(random));
        table->fields[i].nullable = next(random, 12) != 0;
    }
    if (next(random, 2))
        support_add(table, "event_time",
                    weir_type_of(next(random, 2) ? WEIR_TYPE_TIMESTAMP : WEIR_TYPE_TIMESTAMPTZ));
}

/* ---- the comparison ---- */

/* The first line in which two texts differ. */
static void show_difference(struct weir_slice a, struct weir_slice b)
{
    size_t line = 0, at = 0;
    while (at < a.size && at < b.size && a.data[at] == b.data[at])
        if (a.data[at++] == '\n')
            line = at;
    if (at == a.size && at == b.size)
        return;
    fprintf(stderr, "strict: %.*s\nfast:   %.*s\n",
            (int)(line < a.size ? strcspn(a.data + line, "\n") : 0), a.data + line,
            (int)(line < b.size ? strcspn(b.data + line, "\n") : 0), b.data + line);
}

static bool compare_ways(struct support_table *table, struct weir_slice text, struct random *random)
{
    struct support_settings strict = {
        .isa = WEIR_ISA_SCALAR, .strict_only = true, .rows_max = 2048, .run_size = 1 << 20};
    struct support_result wanted;
    bool same = true;
    support_decode(table, &strict, text, &wanted);
    for (int isa = 0; isa <= WEIR_ISA_AVX512 && same; isa++) {
        struct support_settings fast = {.isa = isa,
                                        .rows_max = next(random, 3) ? 2048 : 1 + next(random, 20),
                                        .run_size =
                                            next(random, 3) ? 1 << 20 : 1 + next(random, 3000)};
        struct support_result got;
        support_decode(table, &fast, text, &got);
        same = support_same(&wanted, &got);
        if (!same) {
            fprintf(stderr, "isa %d, rows_max %u, run_size %zu, status %d %s\n", isa, fast.rows_max,
                    fast.run_size, (int)got.status, got.error.message);
            show_difference(weir_buffer_slice(&wanted.rows), weir_buffer_slice(&got.rows));
            show_difference(weir_buffer_slice(&wanted.bad), weir_buffer_slice(&got.bad));
        }
        support_result_deinit(&got);
    }
    support_result_deinit(&wanted);
    return same;
}

/* WEIR_TEST_SECONDS prolongs it, WEIR_TEST_SEED chooses where it begins. */
static void all_ways_agree(void)
{
    const char *seconds = getenv("WEIR_TEST_SECONDS"), *seed = getenv("WEIR_TEST_SEED");
    clock_t until = clock() + CLOCKS_PER_SEC * (seconds ? strtol(seconds, NULL, 10) : 3);
    uint64_t begin = seed ? strtoull(seed, NULL, 10) : 1;
    for (uint64_t round = begin; clock() < until; round++) {
        struct random random = {round * UINT64_C(0x9E3779B97F4A7C15)};
        struct weir_buffer text;
        struct support_table table;
        weir_buffer_init(&text, NULL);
        random_table(&random, &table);
        put_lines(&random, &text);
        bool same = compare_ways(&table, weir_buffer_slice(&text), &random);
        if (!same) {
            fprintf(stderr, "WEIR_TEST_SEED=%llu\n", (unsigned long long)round);
            for (uint32_t i = 0; i < table.schema.fields_count; i++)
                fprintf(stderr, "column %.*s %s %.*s\n", WEIR_SLICE_ARGS(table.fields[i].name),
                        weir_type_name(table.fields[i].type).text,
                        WEIR_SLICE_ARGS(table.fields[i].path));
        }
        weir_buffer_deinit(&text);
        weir_arena_reset(&types_arena);
        if (!EXPECT(same))
            return;
    }
}

/* That it is the fast path which is compared: most lines of ordinary files take it. */
static void ordinary_lines_are_fast(void)
{
    struct support_table table = {0};
    struct weir_buffer text;
    struct random random = {7};
    weir_buffer_init(&text, NULL);
    support_add(&table, "id", weir_type_of(WEIR_TYPE_INT64));
    support_add(&table, "name", weir_type_of(WEIR_TYPE_TEXT));
    support_add_path(&table, "n", weir_type_of(WEIR_TYPE_INT64), "$.nested.t");
    for (uint32_t i = 0; i < 20000; i++) {
        static const uint32_t layouts[] = {4, 7, 13, 9};
        put_shaped(&random, &text, layouts[i % 50 < 46 ? 0 : i % 4], 10);
        weir_buffer_append_char(&text, '\n');
    }
    for (int isa = 0; isa <= WEIR_ISA_AVX512; isa++) {
        struct support_settings settings = {.isa = isa, .rows_max = 2048, .run_size = 1 << 18};
        struct support_result result;
        support_decode(&table, &settings, weir_buffer_slice(&text), &result);
        EXPECT_INT(result.status, WEIR_OK);
        EXPECT(result.stats.fast_records > result.stats.strict_records * 10);
        support_result_deinit(&result);
    }
    weir_buffer_deinit(&text);
}

/* One line after another has an odd value where fifteen others have a plain one: what is taken
 * together must still be judged one by one. */
static void odd_ones_are_found(const char *key, enum weir_type_kind kind, const char *plain,
                               const char *const *odd, size_t odd_count)
{
    struct support_table table = {0};
    struct random random = {3};
    support_add(&table, key, weir_type_of(kind));
    support_add(&table, "n", weir_type_of(WEIR_TYPE_INT64));
    for (size_t o = 0; o < odd_count; o++) {
        struct weir_buffer text;
        weir_buffer_init(&text, NULL);
        /* The first 32 teach the shape. */
        for (int i = 0; i < 32 * 17; i++)
            weir_buffer_printf(&text, "{\"%s\":\"%s\",\"n\":%d}\n", key,
                               i >= 32 && i % 32 == i / 32 ? odd[o] : plain, 100 + i);
        if (!EXPECT(compare_ways(&table, weir_buffer_slice(&text), &random)))
            fprintf(stderr, "%s\n", odd[o]);
        weir_buffer_deinit(&text);
    }
}

static void odd_timestamps_are_found(void)
{
    static const char *const odd[] = {"2013-01-01T05:15:00",
                                      "2013-01-01 05:15:00Z",
                                      "2013-01-01T05:15:00.1",
                                      "2013-01-01T05:15:00.12Z",
                                      "2013-01-01T05:15:00.123456",
                                      "2013-01-01T05:15:00.123456Z",
                                      "2013-01-01T05:15:00.1234567",
                                      "2013-01-01T05:15:00.123456789Z",
                                      "2013-01-01T05:15:00.",
                                      "2013-01-01T05:15:00.Z",
                                      "2013-01-01T05:15:00Z1",
                                      "2013-01-01T05:15:001",
                                      "2013-01-01T05:15:00.1a",
                                      "2013-01-01T05:15:00,1",
                                      "2013-01-01T23:59:59Z",
                                      "2013-01-01T24:00:00Z",
                                      "2013-01-01T25:00:00Z",
                                      "2013-01-01T29:00:00Z",
                                      "2013-01-01T30:00:00Z",
                                      "2013-01-01T05:59:00Z",
                                      "2013-01-01T05:60:00Z",
                                      "2013-01-01T05:15:59Z",
                                      "2013-01-01T05:15:60Z",
                                      "2013-01-01T05:15:61Z",
                                      "2013-01-01T0a:15:00Z",
                                      "2013-01-01T05:1a:00Z",
                                      "2013-01-01T05:15:0aZ",
                                      "2013-01-01T05.15:00Z",
                                      "2013-01-01T05:15.00Z",
                                      "2013-01-01x05:15:00Z",
                                      "2013-01-01t05:15:00z",
                                      "2013-01-01T05:15:00z",
                                      "2013-01-01T05:15:00+01:00",
                                      "2013-01-01T05:15:00-08",
                                      "2013-01-31T05:15:00Z",
                                      "2013-01-32T05:15:00Z",
                                      "2013-02-29T05:15:00Z",
                                      "2012-02-29T05:15:00Z",
                                      "2013-13-01T05:15:00Z",
                                      "2013-00-01T05:15:00Z",
                                      "2013-01-00T05:15:00Z",
                                      "0000-01-01T05:15:00Z",
                                      "0001-01-01T00:00:00Z",
                                      "9999-12-31T23:59:59.999999Z",
                                      "1969-12-31T23:59:59Z",
                                      "2014-01-01T05:15:00Z",
                                      "2013-11-01T05:15:00Z",
                                      "2013-01-11T05:15:00Z",
                                      "2013/01/01T05:15:00Z",
                                      "2o13-01-01T05:15:00Z",
                                      "2013-01-01",
                                      "2013-01-01T05:15",
                                      "",
                                      "now",
                                      " 2013-01-01T05:15:00Z",
                                      "2013-01-01T05:15:00Z ",
                                      "2013-01-01T\\u00305:15:00Z"};
    odd_ones_are_found("t", WEIR_TYPE_TIMESTAMP, "2013-01-01T05:15:00Z", odd, WEIR_COUNT_OF(odd));
    odd_ones_are_found("t", WEIR_TYPE_TIMESTAMPTZ, "2013-01-01 05:15:00.25", odd,
                       WEIR_COUNT_OF(odd));
}

static void odd_escapes_are_found(void)
{
    static char long_row[151]; /* nothing but backslashes, more than two blocks of them */
    memset(long_row, '\\', sizeof long_row - 1);
    const char *const odd[] = {
        "",
        "plain",
        "\\n",
        "a\\tb",
        "\\/",
        "\\\"",
        "\\\\\\\"",
        "\\u00e9",
        "\\ud83d",
        "\\x",
        "\\",
        "\\\\\\",
        long_row,
        long_row + 1,
        long_row + 2,
        "tab\tbed",
        "\x01",
        "é世😀\\\\",
        "\xff\\\\",
        "fifty bytes and more of a text that goes on beyond one block of sixty-four \\\\ and \\\" "
        "beyond the second of them, too, which ends with the hundred and twenty-eighth \\\\ byte"};
    odd_ones_are_found("name", WEIR_TYPE_TEXT, "back\\\\slash", odd, WEIR_COUNT_OF(odd));
    odd_ones_are_found("name", WEIR_TYPE_TEXT, "new\\nline \\\"quoted\\\"", odd,
                       WEIR_COUNT_OF(odd));
    odd_ones_are_found("name", WEIR_TYPE_TEXT, "none", odd, WEIR_COUNT_OF(odd));
}

/* A single escape in a whole chunk, at the borders of blocks and of groups of blocks: lines have
 * 512 bytes, and so chunks begin with a group. */
static void lone_escapes_are_found(void)
{
    static char many[134]; /* more than two blocks of backslashes; the text ends with them */
    memset(many, '\\', sizeof many - 1);
    const char *const escapes[] = {many,    many + 1, "\\n",     "\\\\", "\\\"",        "\\/",
                                   "\\x",   "\\",     "\\u00e9", "\\é",  "\\\\\\\\\\t", "\\\\\\\"",
                                   "\\\\é", "\\\\\"", "\t",      "\\\n", "\\ud83d"};
    struct support_table table = {0};
    struct random random = {9};
    support_add(&table, "name", weir_type_of(WEIR_TYPE_TEXT));
    support_add(&table, "n", weir_type_of(WEIR_TYPE_INT64));
    for (uint32_t round = 0; round < 30 * WEIR_COUNT_OF(escapes); round++) {
        const char *escape = escapes[round / 30];
        uint32_t at = (round % 2 ? 245 : 180) + round % 30 / 2;
        struct weir_buffer text;
        weir_buffer_init(&text, NULL);
        for (uint32_t line = 1; line <= 60; line++) {
            weir_buffer_printf(&text, "{\"n\":%u,\"name\":\"", 100 + line);
            while (text.size % 512 < at)
                weir_buffer_append_char(&text, 'n');
            if (line == 50)
                weir_buffer_append_string(&text, escape);
            while (text.size % 512 < 509 && (line != 50 || strlen(escape) < 100))
                weir_buffer_append_char(&text, 'n');
            weir_buffer_append_string(&text, "\"}\n");
        }
        if (!EXPECT(compare_ways(&table, weir_buffer_slice(&text), &random)))
            fprintf(stderr, "%s at %u\n", escape, at);
        weir_buffer_deinit(&text);
    }
}

/* Short numbers that nobody reads are checked together, wherever in the line they stand: each is
 * odd in its turn. The text among them has up to so many bytes, and so moves the others. */
static void put_numbers(struct random *random, struct weir_buffer *out, uint32_t odd_at,
                        const char *odd, uint32_t text_size)
{
    static const char *const plain[] = {"7", "2013", "-12", "0", "515", "-999", "null", "10"};
    weir_buffer_append_string(out, "{");
    for (uint32_t i = 0; i < 19; i++) {
        const char *number = i == odd_at ? odd : plain[next(random, WEIR_COUNT_OF(plain))];
        weir_buffer_printf(out, "\"number_%u\":%s,", i, number);
        if (i % 7 == 5) {
            weir_buffer_printf(out, "\"text_%u\":\"", i);
            for (uint32_t size = next(random, text_size); size > 0; size--)
                weir_buffer_append_char(out, 'x');
            weir_buffer_append_string(out, "\",");
        }
    }
    weir_buffer_append_string(out, "\"last\":1}\n");
}

static void odd_numbers_are_found(void)
{
    static const char *const odd[] = {
        "01",       "00",    "-01",   "-0",  "-",     "--1",      "1-",  "+1",        "1.5",
        "1e5",      ".5",    "5.",    "12a", "a",     "true",     "nul", "nil1",      "nulll",
        "12345",    "-1234", "01234", "",    " 1",    "1 ",       "1,2", "1,\"a\":2", "[1]",
        "12345678", "{}",    "1/",    "1:",  "\"1\"", "123456789"};
    static const uint32_t text_sizes[] = {1, 12, 60, 300};
    struct support_table table = {0};
    struct random random = {5};
    support_add(&table, "text_5", weir_type_of(WEIR_TYPE_TEXT));
    support_add(&table, "number_11", weir_type_of(WEIR_TYPE_INT64));
    for (size_t o = 0; o < WEIR_COUNT_OF(odd) * WEIR_COUNT_OF(text_sizes); o++) {
        struct weir_buffer text;
        weir_buffer_init(&text, NULL);
        for (uint32_t i = 0; i < 300; i++)
            put_numbers(&random, &text, i > 20 && i % 3 == 0 ? i / 3 % 19 : 19,
                        odd[o / WEIR_COUNT_OF(text_sizes)],
                        text_sizes[o % WEIR_COUNT_OF(text_sizes)]);
        if (!EXPECT(compare_ways(&table, weir_buffer_slice(&text), &random)))
            fprintf(stderr, "%s\n", odd[o / WEIR_COUNT_OF(text_sizes)]);
        weir_buffer_deinit(&text);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(all_ways_agree),        TEST_CASE(odd_timestamps_are_found),
        TEST_CASE(odd_escapes_are_found), TEST_CASE(lone_escapes_are_found),
        TEST_CASE(odd_numbers_are_found), TEST_CASE(ordinary_lines_are_fast)};
    weir_arena_init(&types_arena, NULL, 0);
    int failed = test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
    weir_arena_deinit(&types_arena);
    return failed;
}
