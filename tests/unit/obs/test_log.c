/* The log writes into a file handle of the test's own, at a time of the test's own. */
#include "obs/log.h"

#include "test.h"

#include <math.h>
#include <stdlib.h>

static char written[3 * WEIR_LOG_LINE_MAX];
static size_t written_size;
static int64_t clock_us;

static enum weir_status take(struct weir_file *file, const void *bytes, size_t size,
                             struct weir_error *error)
{
    (void)file;
    (void)error;
    memcpy(written + written_size, bytes, size);
    written_size += size;
    return WEIR_OK;
}

static struct weir_processing_time now(const struct weir_sys *sys)
{
    (void)sys;
    return (struct weir_processing_time){clock_us};
}

static const struct weir_sys fake = {.size = sizeof fake, .file_write = take, .wall_clock = now};
static struct weir_file sink = {&fake, "sink"};

static void open_log(enum weir_log_level level, enum weir_log_format format)
{
    struct weir_log_options options = {&fake, &sink, level, format};
    weir_log_open(&options);
    written_size = 0;
    clock_us = INT64_C(1772366400123456); /* 2026-03-01T12:00:00.123456Z */
}

static void expect_written(const char *text)
{
    EXPECT_SLICE(weir_slice_make(written, written_size), text);
    written_size = 0;
}

static void key_value_lines(void)
{
    open_log(WEIR_LOG_INFO, WEIR_LOG_KEY_VALUE);
    weir_log(WEIR_LOG_INFO, "epoch committed", weir_log_u64("epoch", 7), weir_log_i64("lag", -3),
             weir_log_string("state", "st/a"), weir_log_string("text", "a \"b\"\n=\\"),
             weir_log_string("empty", ""), weir_log_f64("rate", 0.25),
             weir_log_f64("bad", (double)NAN), weir_log_bool("ok", true));
    expect_written("time=2026-03-01T12:00:00.123Z level=info event=\"epoch committed\" epoch=7 "
                   "lag=-3 state=st/a text=\"a \\\"b\\\"\\n=\\\\\" empty=\"\" rate=0.25 bad=NaN "
                   "ok=true\n");
    weir_log_event(WEIR_LOG_ERROR, "end");
    expect_written("time=2026-03-01T12:00:00.123Z level=error event=end\n");
}

static void json_lines(void)
{
    open_log(WEIR_LOG_DEBUG, WEIR_LOG_JSON);
    weir_log(WEIR_LOG_DEBUG, "x", weir_log_u64("n", UINT64_MAX),
             weir_log_string("t", "\x01\xC3\xA9\xFF\xED\xA0\x80\xF0\x9F\x98\x80"),
             weir_log_f64("f", (double)-INFINITY), weir_log_bool("b", false));
    expect_written("{\"time\":\"2026-03-01T12:00:00.123Z\",\"level\":\"debug\",\"event\":\"x\","
                   "\"n\":18446744073709551615,\"t\":\"\\u0001\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD"
                   "\xEF\xBF\xBD\xEF\xBF\xBD\xF0\x9F\x98\x80\",\"f\":\"-Infinity\","
                   "\"b\":false}\n");
}

static void levels_filter(void)
{
    open_log(WEIR_LOG_WARNING, WEIR_LOG_KEY_VALUE);
    weir_log_event(WEIR_LOG_INFO, "no");
    expect_written("");
    EXPECT(weir_log_is_on(WEIR_LOG_WARNING) && !weir_log_is_on(WEIR_LOG_INFO));
    weir_log_close();
    weir_log_event(WEIR_LOG_ERROR, "no");
    expect_written("");
    enum weir_log_level level;
    EXPECT(weir_log_level_from_name(weir_slice_from_string("Warning"), &level));
    EXPECT_INT(level, WEIR_LOG_WARNING);
    EXPECT(!weir_log_level_from_name(weir_slice_from_string("loud"), &level));
}

static void long_lines_lose_whole_fields(void)
{
    char text[WEIR_LOG_LINE_MAX + 10];
    memset(text, 'x', sizeof text);
    for (int json = 0; json < 2; json++) {
        /* Every size around the limit: the line ends well, with or without the field. */
        for (size_t size = WEIR_LOG_LINE_MAX - 200; size <= sizeof text; size++) {
            open_log(WEIR_LOG_INFO, json ? WEIR_LOG_JSON : WEIR_LOG_KEY_VALUE);
            weir_log(WEIR_LOG_INFO, "e", weir_log_text("t", weir_slice_make(text, size)),
                     weir_log_u64("n", 5));
            EXPECT(written_size <= WEIR_LOG_LINE_MAX);
            written[written_size] = '\0';
            bool cut = strstr(written, "cut") != NULL;
            bool whole = strstr(written, json ? ",\"n\":5}\n" : " n=5\n") != NULL;
            EXPECT(cut != whole);
            EXPECT(!cut || strstr(written, json ? ",\"cut\":true}\n" : " cut=true\n"));
        }
    }
}

static void errors_are_events(void)
{
    open_log(WEIR_LOG_INFO, WEIR_LOG_KEY_VALUE);
    struct weir_error error;
    (void)weir_error_set(&error, WEIR_E_BAD_JSON, "unexpected end");
    struct weir_origin origin = {"in.json", 0, 41, 1000, NULL};
    weir_error_from(&error, &origin);
    weir_error_hint(&error, "look");
    weir_log_error(WEIR_LOG_WARNING, &error);
    expect_written("time=2026-03-01T12:00:00.123Z level=warning event=\"unexpected end\" "
                   "code=WEIR-3001 source=in.json record=41 offset=1000 hint=look\n");
}

static void dates_of_many_years(void)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } known[] = {
        {0, "time=1970-01-01T00:00:00.000Z"},
        {951782400, "time=2000-02-29T00:00:00.000Z"},
        {951868799, "time=2000-02-29T23:59:59.000Z"},
        {1709251199, "time=2024-02-29T23:59:59.000Z"},
        {4107542400, "time=2100-03-01T00:00:00.000Z"},
        {-1, "time=1969-12-31T23:59:59.000Z"},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(known); i++) {
        open_log(WEIR_LOG_INFO, WEIR_LOG_KEY_VALUE);
        clock_us = known[i].seconds * 1000000;
        weir_log_event(WEIR_LOG_INFO, "e");
        EXPECT_SLICE(weir_slice_make(written, strlen(known[i].text)), known[i].text);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(key_value_lines),   TEST_CASE(json_lines),
        TEST_CASE(levels_filter),     TEST_CASE(long_lines_lose_whole_fields),
        TEST_CASE(errors_are_events), TEST_CASE(dates_of_many_years),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
