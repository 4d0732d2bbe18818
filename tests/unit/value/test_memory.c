/* Fault sweep: whichever allocation fails, each function that allocates says so and leaks nothing.
 */
#include "test.h"
#include "value/base64.h"
#include "value/format_pattern.h"
#include "value/json_token.h"
#include "value/timezone.h"

/* Runs once; true when it succeeded. */
typedef bool (*attempt)(struct weir_arena *arena, struct weir_buffer *buffer);

static void sweep(attempt run)
{
    for (uint64_t n = 1; n < 200; n++) {
        struct weir_arena arena;
        struct weir_buffer buffer;
        weir_arena_init(&arena, NULL, 64);
        weir_buffer_init(&buffer, NULL);
        (void)weir_memory_fail_at(n);
        bool ok = run(&arena, &buffer);
        uint64_t made = weir_memory_fail_at(0);
        weir_arena_deinit(&arena);
        weir_buffer_deinit(&buffer);
        EXPECT(ok == (made < n));
        if (ok)
            return;
    }
    EXPECT(false);
}

static bool canonicalize(struct weir_arena *arena, struct weir_buffer *buffer)
{
    (void)arena;
    enum weir_json_reason reason;
    struct weir_slice text =
        weir_slice_from_string("{\"b\\n\": [1, 2, {\"c\": \"d\\u0041\", \"e\": [[], {}, 1e50]}], "
                               "\"a\": \"a longer text here\"}");
    bool ok = weir_json_canonicalize(text, buffer, NULL, &reason);
    EXPECT(ok || reason == WEIR_JSON_OUT_OF_MEMORY);
    return ok;
}

static bool unescape(struct weir_arena *arena, struct weir_buffer *buffer)
{
    struct weir_json json;
    struct weir_slice out;
    (void)buffer;
    weir_json_begin(&json, weir_slice_from_string("\"a\\nb\""));
    return weir_json_unescape_into(weir_json_next(&json), arena, &out);
}

static bool time_pattern(struct weir_arena *arena, struct weir_buffer *buffer)
{
    const struct weir_time_pattern *pattern;
    struct weir_time_pattern_input input = {0};
    struct weir_error error;
    enum weir_status status = weir_time_pattern_compile(
        arena, weir_slice_from_string("YYYY-MM-DD HH24:MI:SS Day Month"), &pattern, &error);
    if (status != WEIR_OK) {
        EXPECT_INT(status, WEIR_E_OUT_OF_MEMORY);
        return false;
    }
    EXPECT_INT(weir_time_pattern_print(pattern, &input, buffer, &error), 0);
    return !buffer->failed;
}

static bool number_pattern(struct weir_arena *arena, struct weir_buffer *buffer)
{
    const struct weir_number_pattern *pattern;
    struct weir_error error;
    enum weir_status status = weir_number_pattern_compile(
        arena, weir_slice_from_string("FM999,999.99"), &pattern, &error);
    if (status != WEIR_OK) {
        EXPECT_INT(status, WEIR_E_OUT_OF_MEMORY);
        return false;
    }
    EXPECT_INT(weir_number_pattern_print(pattern, weir_decimal_make(12345, 2), buffer, &error), 0);
    return !buffer->failed;
}

static bool zone_rule(struct weir_arena *arena, struct weir_buffer *buffer)
{
    const struct weir_timezone *zone;
    (void)buffer;
    enum weir_status status = weir_timezone_from_posix(
        arena, weir_slice_from_string("CET-1CEST,M3.5.0,M10.5.0/3"), &zone, NULL);
    EXPECT(status == WEIR_OK || status == WEIR_E_OUT_OF_MEMORY);
    return status == WEIR_OK;
}

static bool zone_file(struct weir_arena *arena, struct weir_buffer *buffer)
{
    static char bytes[8192];
    const struct weir_timezone *zone;
    FILE *file = fopen(TEST_DATA_DIR "/Europe_Berlin.tzif", "rb");
    (void)buffer;
    if (!EXPECT(file != NULL))
        return true;
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    enum weir_status status = weir_timezone_from_tzif(
        arena, weir_slice_from_string("Europe/Berlin"), weir_slice_make(bytes, size), &zone, NULL);
    EXPECT(status == WEIR_OK || status == WEIR_E_OUT_OF_MEMORY);
    return status == WEIR_OK;
}

static bool encodings(struct weir_arena *arena, struct weir_buffer *buffer)
{
    (void)arena;
    char bytes[500] = {0};
    weir_base64_encode(buffer, weir_slice_make(bytes, sizeof bytes), WEIR_BASE64_MIME);
    weir_bytea_print(buffer, weir_slice_make(bytes, sizeof bytes));
    weir_escape_encode(buffer, weir_slice_make(bytes, sizeof bytes));
    bool decoded = weir_base64_decode(buffer, weir_slice_from_string("Zm9v"), WEIR_BASE64_PLAIN);
    EXPECT(decoded == !buffer->failed);
    return decoded;
}

static void canonicalize_fails_cleanly(void)
{
    sweep(canonicalize);
}
static void unescape_fails_cleanly(void)
{
    sweep(unescape);
}
static void time_pattern_fails_cleanly(void)
{
    sweep(time_pattern);
}
static void number_pattern_fails_cleanly(void)
{
    sweep(number_pattern);
}
static void zone_rule_fails_cleanly(void)
{
    sweep(zone_rule);
}
static void zone_file_fails_cleanly(void)
{
    sweep(zone_file);
}
static void encodings_fail_cleanly(void)
{
    sweep(encodings);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(canonicalize_fails_cleanly), TEST_CASE(unescape_fails_cleanly),
        TEST_CASE(time_pattern_fails_cleanly), TEST_CASE(number_pattern_fails_cleanly),
        TEST_CASE(zone_rule_fails_cleanly),    TEST_CASE(zone_file_fails_cleanly),
        TEST_CASE(encodings_fail_cleanly)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
