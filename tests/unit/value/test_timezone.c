/* Time zones: zoneinfo's and Postgres' answers, POSIX rules, names, damaged files. */
#include "value/timezone.h"
#include "vectors.h"

enum { ZONES_MAX = 16 };

struct zones {
    struct weir_arena arena;
    const struct weir_timezone *zones[ZONES_MAX];
    size_t count;
};

static char file_bytes[65536];

static struct weir_slice read_file(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", TEST_DATA_DIR, name);
    FILE *file = fopen(path, "rb");
    if (!EXPECT(file != NULL))
        return weir_slice_make(NULL, 0);
    size_t size = fread(file_bytes, 1, sizeof file_bytes, file);
    fclose(file);
    return weir_slice_make(file_bytes, size);
}

static const struct weir_timezone *zone_of(struct zones *zones, struct weir_slice name)
{
    for (size_t i = 0; i < zones->count; i++)
        if (weir_slice_equals(weir_timezone_name(zones->zones[i]), name))
            return zones->zones[i];
    const struct weir_timezone **out = &zones->zones[zones->count++];
    EXPECT_INT(weir_timezone_from_tzif(&zones->arena, name, read_file(name.data), out, NULL), 0);
    return *out;
}

static void agrees_with_zoneinfo(void)
{
    struct zones zones = {.count = 0};
    struct weir_timezone_cursor cursor = {0};
    const struct weir_timezone *last = NULL;
    struct vectors v;

    weir_arena_init(&zones.arena, NULL, 0);
    if (!vectors_open(&v, "zones.tsv"))
        return;
    while (vectors_next(&v)) {
        const struct weir_timezone *zone = zone_of(&zones, v.fields[0]);
        int64_t instant = strtoll(v.fields[1].data, NULL, 10);
        if (zone != last)
            cursor = (struct weir_timezone_cursor){0};
        last = zone;
        struct weir_timezone_info info = weir_timezone_at(zone, NULL, instant);
        struct weir_timezone_info cached = weir_timezone_at(zone, &cursor, instant);
        char got[16];
        snprintf(got, sizeof got, "%d", info.offset_s);
        vectors_expect(&v, 2, got, strlen(got));
        vectors_expect(&v, 3, info.abbreviation, strlen(info.abbreviation));
        EXPECT(cached.offset_s == info.offset_s && cached.is_dst == info.is_dst);
    }
    EXPECT(v.lines > 500);
    weir_arena_deinit(&zones.arena);
}

static void agrees_with_postgres_on_local_times(void)
{
    struct zones zones = {.count = 0};
    struct vectors v;

    weir_arena_init(&zones.arena, NULL, 0);
    if (!vectors_open(&v, "local.tsv"))
        return;
    while (vectors_next(&v)) {
        const struct weir_timezone *zone = zone_of(&zones, v.fields[0]);
        int64_t utc = 0;
        char got[32];
        EXPECT(
            weir_timezone_to_utc(zone, NULL, strtoll(v.fields[1].data, NULL, 10) * 1000000, &utc));
        snprintf(got, sizeof got, "%" PRId64, utc / 1000000);
        vectors_expect(&v, 2, got, strlen(got));
    }
    EXPECT(v.lines > 500);
    weir_arena_deinit(&zones.arena);
}

static void reads_posix_rules(void)
{
    struct weir_arena arena;
    const struct weir_timezone *zone;
    int64_t out;
    weir_arena_init(&arena, NULL, 0);
    EXPECT_INT(weir_timezone_from_posix(
                   &arena, weir_slice_from_string("CET-1CEST,M3.5.0,M10.5.0/3"), &zone, NULL),
               0);
    EXPECT_INT(weir_timezone_at(zone, NULL, 1711846799).offset_s, 3600); /* 2024-03-31 00:59:59Z */
    EXPECT_INT(weir_timezone_at(zone, NULL, 1711846800).offset_s, 7200);
    EXPECT_STRING(weir_timezone_at(zone, NULL, 1711846800).abbreviation, "CEST");
    EXPECT_INT(weir_timezone_at(zone, NULL, 1729990800).offset_s, 3600); /* 2024-10-27 01:00Z */
    EXPECT(!weir_timezone_is_fixed(zone));
    /* The southern half of the year begins in daylight time. */
    EXPECT_INT(weir_timezone_from_posix(
                   &arena, weir_slice_from_string("AEST-10AEDT,M10.1.0,M4.1.0/3"), &zone, NULL),
               0);
    EXPECT_INT(weir_timezone_at(zone, NULL, 1704067200).offset_s, 39600);
    EXPECT_INT(weir_timezone_at(zone, NULL, 1719792000).offset_s, 36000);
    EXPECT_INT(
        weir_timezone_from_posix(&arena, weir_slice_from_string("<+0330>-3:30"), &zone, NULL), 0);
    EXPECT(weir_timezone_is_fixed(zone));
    EXPECT(weir_timezone_to_local(zone, NULL, 0, &out) && out == INT64_C(12600000000));
    static const char *const bad[] = {"",
                                      "CET",
                                      "CET-1CEST,",
                                      "CET-1CEST,M13.1.0,M3.1.0",
                                      "CET-1CEST,M3.5.0",
                                      "CET-1CEST,M3.5.0,M10.5.0x",
                                      "<+03"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT_INT(weir_timezone_from_posix(&arena, weir_slice_from_string(bad[i]), &zone, NULL),
                   WEIR_E_BAD_TIME_ZONE);
    weir_arena_deinit(&arena);
}

/* Postgres 15: timestamptz '2024-01-01 00:00Z' AT TIME ZONE name, as an offset. */
static void knows_names(void)
{
    static const struct {
        const char *name;
        int32_t offset_s;
    } names[] = {{"+02", -7200}, {"-05:30", 19800},  {"UTC+3", -10800},
                 {"utc", 0},     {"Z", 0},           {"foo3", -10800},
                 {"3", -10800},  {"<+03>-3", 10800}, {"+02:30:15", -9015},
                 {"CEST", 7200}, {"est", -18000},    {"JST", 32400},
                 {"+25", -90000}};
    int32_t offset_s;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        EXPECT(weir_timezone_fixed_offset(weir_slice_from_string(names[i].name), &offset_s));
        EXPECT_INT(offset_s, names[i].offset_s);
    }
    static const char *const unknown[] = {"",        "+0530", "Europe/Berlin",
                                          "EST5EDT", "foo",   "Etc/GMT+5"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        EXPECT(!weir_timezone_fixed_offset(weir_slice_from_string(unknown[i]), &offset_s));
}

static void reads_offsets(void)
{
    static const struct {
        const char *text;
        int32_t offset_s;
    } good[] = {{"Z", 0},         {"+02", 7200},      {"-5", -18000},
                {"+0530", 19800}, {"-05:30", -19800}, {"+05:30:15", 19815},
                {"+530", 19800},  {"-00:00", 0},      {"+15:59", 57540}};
    static const char *const bad[] = {"",     "+",     "02",       "+16", "+05:60",
                                      "+05:", "+1:2:", "+1234567", "+5x"};
    int32_t offset_s;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        EXPECT(weir_timezone_parse_offset(weir_slice_from_string(good[i].text), &offset_s));
        EXPECT_INT(offset_s, good[i].offset_s);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(!weir_timezone_parse_offset(weir_slice_from_string(bad[i]), &offset_s));
}

/* Every truncation and thousands of single-byte changes: an error or a usable zone. */
static void survives_damage(void)
{
    struct weir_arena arena;
    const struct weir_timezone *zone;
    struct weir_slice whole = read_file("Europe_Berlin.tzif");
    weir_arena_init(&arena, NULL, 0);
    for (size_t size = 0; size < whole.size; size++) {
        char *copy = malloc(size ? size : 1);
        memcpy(copy, whole.data, size);
        EXPECT_INT(weir_timezone_from_tzif(&arena, weir_slice_from_string("x"),
                                           weir_slice_make(copy, size), &zone, NULL),
                   WEIR_E_BAD_TIME_ZONE);
        free(copy);
        weir_arena_reset(&arena);
    }
    for (size_t i = 0; i < whole.size; i++) {
        char before = file_bytes[i];
        for (int flip = 1; flip < 256; flip <<= 1) {
            file_bytes[i] = (char)(before ^ flip);
            if (weir_timezone_from_tzif(&arena, weir_slice_from_string("x"), whole, &zone, NULL) ==
                WEIR_OK)
                for (int64_t t = -3000000000; t < 9000000000; t += 700000000)
                    (void)weir_timezone_at(zone, NULL, t);
            weir_arena_reset(&arena);
        }
        file_bytes[i] = before;
    }
    weir_arena_deinit(&arena);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(agrees_with_zoneinfo), TEST_CASE(agrees_with_postgres_on_local_times),
        TEST_CASE(reads_posix_rules),    TEST_CASE(knows_names),
        TEST_CASE(reads_offsets),        TEST_CASE(survives_damage)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
