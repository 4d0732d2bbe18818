/* Errors as people and programs read them. */
#include "sql/diagnostic.h"
#include "sql_test.h"

static const struct weir_sql_diagnostic_style plain = {.severity = WEIR_SQL_ERROR};

static void expect_rendered(const struct weir_error *error, const char *text, const char *want)
{
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    weir_sql_diagnostic_render(&out, error, weir_slice_from_string(text), &plain);
    EXPECT_SLICE(weir_buffer_slice(&out), want);
    weir_buffer_deinit(&out);
}

static struct weir_error unknown_column(uint32_t line, uint32_t column, uint32_t length)
{
    struct weir_error error;
    weir_error_clear(&error);
    weir_error_set(&error, WEIR_E_UNKNOWN_COLUMN, "no column \"amout\" in \"orders\"");
    weir_error_at(&error, (struct weir_position){line, column, length, 0});
    weir_error_hint(&error, "did you mean \"amount\"?");
    snprintf(error.file, sizeof error.file, "orders.sql");
    return error;
}

/* The example of the CLI reference, to the letter. */
static void the_documented_form(void)
{
    struct weir_error error = unknown_column(7, 14, 5);
    expect_rendered(&error, "\n\n\n\n\n\n  SELECT sum(amout) FROM orders\nx",
                    "orders.sql:7:14: error WEIR-2003: no column \"amout\" in \"orders\"\n"
                    "  7 |   SELECT sum(amout) FROM orders\n"
                    "    |              ^^^^^\n"
                    "  hint: did you mean \"amount\"?\n");
}

static void widths(void)
{
    struct weir_error error = unknown_column(12, 4, 2);
    const char *head = "orders.sql:12:4: error WEIR-2003: no column \"amout\" in \"orders\"\n";
    static const struct {
        const char *line, *caret;
    } cases[] = {
        {"\tab cd", "\t  ^^"},                                  /* tabs stay */
        {"\xE6\x97\xA5\xE6\x9C\xAC x\xE8\xAA\x9E", "     ^^^"}, /* two columns each */
        {"e\xCC\x81 ab", "  ^^"},                               /* a combining accent: none */
        {"\xF0\x9F\x98\x80 \xC3\xA9\xE6\x97\xA5y", "    ^^^"},  /* wide under the caret */
        {"abc", "   ^"},                                        /* behind the end */
        {"", "^"},
        {"ab\r", "  ^"},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(cases); i++) {
        char text[200], want[400];
        size_t size = strlen(cases[i].line);
        bool carriage = size && cases[i].line[size - 1] == '\r';
        snprintf(text, sizeof text, "\n\n\n\n\n\n\n\n\n\n\n%s\n", cases[i].line);
        snprintf(want, sizeof want, "%s  12 | %.*s\n     | %s\n  hint: did you mean \"amount\"?\n",
                 head, (int)(size - carriage), cases[i].line, cases[i].caret);
        expect_rendered(&error, text, want);
    }
    EXPECT_INT(weir_sql_character_width('a'), 1);
    EXPECT_INT(weir_sql_character_width(0x301), 0);
    EXPECT_INT(weir_sql_character_width(0x65E5), 2);
    EXPECT_INT(weir_sql_character_width(0x1F600), 2);
}

static void long_lines_are_cut(void)
{
    struct weir_error error = unknown_column(1, 501, 5);
    char text[1001], want[1000], before[61], behind[61];
    memset(text, 'a', 1000);
    memcpy(text + 500, "amout", 5);
    text[1000] = 0;
    memset(before, 'a', 60);
    before[60] = 0;
    memset(behind, 'a', 55);
    behind[55] = 0;
    snprintf(want, sizeof want,
             "orders.sql:1:501: error WEIR-2003: no column \"amout\" in \"orders\"\n"
             "  1 | \xE2\x80\xA6%samout%s\xE2\x80\xA6\n    | %61s^^^^^\n"
             "  hint: did you mean \"amount\"?\n",
             before, behind, "");
    expect_rendered(&error, text, want);
}

static void without_a_place(void)
{
    struct weir_error error;
    weir_error_clear(&error);
    weir_error_set(&error, WEIR_E_BAD_JSON, "a string is not closed");
    weir_error_detail(&error, "at byte 7");
    weir_error_from(&error, &(struct weir_origin){"in.json", 2, 11, 420, NULL});
    weir_error_frame(&error, "reading \"orders\"");
    expect_rendered(&error, "",
                    "error WEIR-3001: a string is not closed\n"
                    "  in in.json, split 2, record 11, offset 420\n"
                    "  detail: at byte 7\n"
                    "  while: reading \"orders\"\n"
                    "  hint: bad_data = 'drop' skips and counts such records\n");
    /* A position outside of the text must not be followed. */
    error = unknown_column(99, 99, 99);
    expect_rendered(&error, "ab",
                    "orders.sql:99:99: error WEIR-2003: no column \"amout\" in \"orders\"\n"
                    "  99 | \xE2\x80\xA6\n     |  ^\n"
                    "  hint: did you mean \"amount\"?\n");
}

static void hostile_text(void)
{
    struct weir_error error = unknown_column(1, 4, 1);
    expect_rendered(&error,
                    "a\x1b\xFF"
                    "b",
                    "orders.sql:1:4: error WEIR-2003: no column \"amout\" in \"orders\"\n"
                    "  1 | a?\xEF\xBF\xBD"
                    "b\n    |    ^\n"
                    "  hint: did you mean \"amount\"?\n");
}

static void color(void)
{
    struct weir_error error = unknown_column(1, 1, 2);
    struct weir_buffer out;
    static const struct weir_sql_diagnostic_style colored = {.severity = WEIR_SQL_WARNING,
                                                             .color = true};
    weir_buffer_init(&out, NULL);
    weir_sql_diagnostic_render(&out, &error, weir_slice_from_string("ab"), &colored);
    EXPECT_SLICE(weir_buffer_slice(&out),
                 "\x1b[1morders.sql:1:1: \x1b[0m\x1b[1;33mwarning WEIR-2003:\x1b[0m no column "
                 "\"amout\" in \"orders\"\n"
                 "\x1b[34m  1 | \x1b[0mab\n"
                 "\x1b[34m    | \x1b[0m\x1b[1;33m^^\x1b[0m\n"
                 "\x1b[1m  hint: \x1b[0mdid you mean \"amount\"?\n");
    weir_buffer_deinit(&out);
}

static void json(void)
{
    struct weir_error error = unknown_column(7, 14, 5);
    error.position.offset = 93;
    error.flags = WEIR_ERROR_RETRYABLE;
    snprintf(error.detail, sizeof error.detail, "a\\b\n\x01\xFF");
    weir_error_frame(&error, "x");
    weir_error_frame(&error, "y");
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    weir_sql_diagnostic_render_json(&out, &error, &plain);
    EXPECT_SLICE(
        weir_buffer_slice(&out),
        "{\"severity\":\"error\",\"code\":\"WEIR-2003\",\"name\":\"UNKNOWN_COLUMN\","
        "\"message\":\"no column \\\"amout\\\" in \\\"orders\\\"\",\"file\":\"orders.sql\","
        "\"line\":7,\"column\":14,\"length\":5,\"offset\":93,"
        "\"detail\":\"a\\\\b\\n\\u0001\\ufffd\",\"hint\":\"did you mean \\\"amount\\\"?\","
        "\"frames\":[\"x\",\"y\"],\"retryable\":true}");
    weir_buffer_clear(&out);
    weir_error_clear(&error);
    weir_error_set(&error, WEIR_E_BAD_JSON, "m");
    weir_error_from(&error, &(struct weir_origin){"in.json", 2, 11, 420, NULL});
    weir_sql_diagnostic_render_json(&out, &error, &plain);
    EXPECT_SLICE(weir_buffer_slice(&out),
                 "{\"severity\":\"error\",\"code\":\"WEIR-3001\",\"name\":\"BAD_JSON\",\"message\":"
                 "\"m\",\"hint\":\"bad_data = 'drop' skips and counts such records\",\"source\":"
                 "\"in.json\",\"split\":2,\"record\":11,\"source_offset\":420}");
    weir_buffer_deinit(&out);
}

/* From a program to the screen. */
static void of_a_program(void)
{
    struct parsed parsed;
    const char *text = "SELECT a\n\tFORM t;\n";
    parse(&parsed, text);
    EXPECT_INT(parsed.diagnostics.records_count, 1);
    expect_rendered(parsed.diagnostics.records, text,
                    "test.sql:2:2: error WEIR-2001: unexpected \"FORM\"\n"
                    "  2 | \tFORM t;\n"
                    "    | \t^^^^\n"
                    "  hint: did you mean \"FROM\"?\n");
    release(&parsed);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(the_documented_form),
        TEST_CASE(widths),
        TEST_CASE(long_lines_are_cut),
        TEST_CASE(without_a_place),
        TEST_CASE(hostile_text),
        TEST_CASE(color),
        TEST_CASE(json),
        TEST_CASE(of_a_program),
    };
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
