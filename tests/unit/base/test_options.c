#include "base/options.h"

#include "test.h"

static struct weir_slice s(const char *text)
{
    return weir_slice_from_string(text);
}

static int64_t duration(const char *text)
{
    int64_t us = INT64_MIN;
    return weir_option_parse_duration(s(text), &us) ? us : INT64_MIN;
}

static int64_t size_of(const char *text)
{
    int64_t bytes = INT64_MIN;
    return weir_option_parse_size(s(text), &bytes) ? bytes : INT64_MIN;
}

static void durations(void)
{
    EXPECT_INT(duration("10 seconds"), 10000000);
    EXPECT_INT(duration(" 1 minute 30 s "), 90000000);
    EXPECT_INT(duration("500ms"), 500000);
    EXPECT_INT(duration("1.5 Hours"), INT64_C(5400000000));
    EXPECT_INT(duration("0.000001s"), 1);
    EXPECT_INT(duration("2d"), INT64_C(172800000000));
    EXPECT_INT(duration("off"), -1);
    static const char *const bad[] = {"",      " ",
                                      "10",    "seconds",
                                      "-1 s",  "1 fortnight",
                                      "1 s x", "9223372036854775807 s",
                                      "1. s",  "99999999999999999999 us"};
    for (size_t i = 0; i < WEIR_COUNT_OF(bad); i++)
        EXPECT(duration(bad[i]) == INT64_MIN);
}

static void sizes(void)
{
    EXPECT_INT(size_of("1048576"), 1048576);
    EXPECT_INT(size_of("64MiB"), 64 << 20);
    EXPECT_INT(size_of("1 GB"), 1 << 30);
    EXPECT_INT(size_of("1.5k"), 1536);
    EXPECT_INT(size_of("1_000 bytes"), 1000);
    EXPECT(size_of("9999999 TB") == INT64_MIN);
    EXPECT(size_of("1 apple") == INT64_MIN);
    EXPECT(size_of("") == INT64_MIN);
}

static void booleans(void)
{
    bool value = false;
    EXPECT(weir_option_parse_boolean(s("Yes"), &value) && value);
    EXPECT(weir_option_parse_boolean(s("off"), &value) && !value);
    EXPECT(!weir_option_parse_boolean(s("maybe"), &value));
}

struct settings {
    struct weir_slice path;
    int64_t rate, wait, buffer, mode;
    double share;
    bool follow;
};

static const char *const modes[] = {"append", "upsert", NULL};
static const struct weir_option_spec specs[] = {
    {.name = "path",
     .kind = WEIR_OPTION_TEXT,
     .offset = offsetof(struct settings, path),
     .required = true,
     .help = "file or glob"},
    {.name = "rate",
     .kind = WEIR_OPTION_INTEGER,
     .offset = offsetof(struct settings, rate),
     .fallback = "100",
     .min = 1,
     .max = 1000,
     .alias = "events_per_second"},
    {.name = "wait",
     .kind = WEIR_OPTION_DURATION,
     .offset = offsetof(struct settings, wait),
     .fallback = "1 second"},
    {.name = "buffer", .kind = WEIR_OPTION_SIZE, .offset = offsetof(struct settings, buffer)},
    {.name = "mode",
     .kind = WEIR_OPTION_CHOICE,
     .offset = offsetof(struct settings, mode),
     .choices = modes},
    {.name = "share", .kind = WEIR_OPTION_NUMBER, .offset = offsetof(struct settings, share)},
    {.name = "follow", .kind = WEIR_OPTION_BOOLEAN, .offset = offsetof(struct settings, follow)},
    {.name = "password",
     .kind = WEIR_OPTION_INTEGER,
     .offset = offsetof(struct settings, rate),
     .secret = true,
     .roles = WEIR_OPTION_SINK,
     .required = true},
};

static enum weir_status parse(struct weir_option *options, size_t count, uint32_t roles,
                              struct settings *settings, struct weir_error *error)
{
    memset(settings, 0, sizeof *settings);
    return weir_options_parse(specs, WEIR_COUNT_OF(specs), options, count, roles, "table \"t\"",
                              settings, error);
}

static void fields_are_filled(void)
{
    struct settings settings;
    struct weir_error error;
    struct weir_option options[] = {
        {.name = s("PATH"), .value = s("a*.json")},
        {.name = s("events_per_second"), .value = s("1_000")},
        {.name = s("mode"), .value = s("Upsert")},
        {.name = s("share"), .value = s("-0.25")},
        {.name = s("follow"), .value = s("true")},
        {.name = s("buffer"), .value = s("1 KiB")},
    };
    EXPECT_INT(parse(options, 6, WEIR_OPTION_SOURCE, &settings, &error), WEIR_OK);
    EXPECT_SLICE(settings.path, "a*.json");
    EXPECT_INT(settings.rate, 1000);
    EXPECT_INT(settings.wait, 1000000);
    EXPECT_INT(settings.buffer, 1024);
    EXPECT_INT(settings.mode, 1);
    EXPECT(settings.share == -0.25);
    EXPECT(settings.follow);
    const struct weir_option_spec *tables[] = {specs};
    size_t sizes_of_tables[] = {WEIR_COUNT_OF(specs)};
    EXPECT_INT(weir_options_reject_unused(options, 6, tables, sizes_of_tables, 1, "t", &error),
               WEIR_OK);
}

static void what_is_wrong_is_told(void)
{
    struct settings settings;
    struct weir_error error;
    struct weir_option options[] = {
        {.name = s("path"), .value = s("x")},
        {.name = s("rate"), .value = s("0"), .value_position = {3, 4, 1, 9}},
    };
    EXPECT_INT(parse(options, 2, WEIR_OPTION_SOURCE, &settings, &error), WEIR_E_BAD_OPTION);
    EXPECT_STRING(error.message, "option \"rate\" of table \"t\" cannot be '0'");
    EXPECT_STRING(error.hint, "it takes a whole number from 1 to 1000");
    EXPECT_INT(error.position.line, 3);

    EXPECT_INT(parse(NULL, 0, WEIR_OPTION_SOURCE, &settings, &error), WEIR_E_MISSING_OPTION);
    EXPECT_STRING(error.message, "table \"t\" needs the option \"path\"");

    options[1] = (struct weir_option){.name = s("mode"), .value = s("delete")};
    EXPECT_INT(parse(options, 2, WEIR_OPTION_SOURCE, &settings, &error), WEIR_E_BAD_OPTION);
    EXPECT_STRING(error.hint, "it takes one of 'append', 'upsert'");

    options[1] = (struct weir_option){.name = s("password"), .value = s("hunter2")};
    EXPECT_INT(parse(options, 2, WEIR_OPTION_SINK, &settings, &error), WEIR_E_BAD_OPTION);
    EXPECT(strstr(error.message, "hunter2") == NULL);
    EXPECT_INT(parse(options, 1, WEIR_OPTION_SINK, &settings, &error), WEIR_E_MISSING_OPTION);
}

static void unknown_ones_get_a_suggestion(void)
{
    struct weir_error error;
    struct weir_option options[] = {
        {.name = s("path"), .used = true},
        {.name = s("pasword"), .name_position = {2, 1, 7, 20}},
    };
    const struct weir_option_spec *tables[] = {specs};
    size_t sizes_of_tables[] = {WEIR_COUNT_OF(specs)};
    EXPECT_INT(
        weir_options_reject_unused(options, 2, tables, sizes_of_tables, 1, "table \"t\"", &error),
        WEIR_E_UNKNOWN_OPTION);
    EXPECT_STRING(error.message, "table \"t\" has no option \"pasword\"");
    EXPECT_STRING(error.hint, "did you mean \"password\"?");
    EXPECT_INT(error.position.line, 2);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(durations),
        TEST_CASE(sizes),
        TEST_CASE(booleans),
        TEST_CASE(fields_are_filled),
        TEST_CASE(what_is_wrong_is_told),
        TEST_CASE(unknown_ones_get_a_suggestion),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
