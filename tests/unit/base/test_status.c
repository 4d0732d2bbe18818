#include "base/status.h"

#include "base/memory.h"
#include "test.h"

static void table_is_sorted_and_found(void)
{
    size_t count;
    const struct weir_error_info *all = weir_error_info_all(&count);
    EXPECT(count > 20);
    for (size_t i = 0; i < count; i++) {
        EXPECT(i == 0 || all[i].code > all[i - 1].code);
        EXPECT(weir_error_info_get(all[i].code) == &all[i]);
        EXPECT(all[i].title[0] != '\0');
        EXPECT(all[i].exit_code >= 0 && all[i].exit_code <= 3);
    }
    EXPECT_STRING(weir_error_info_get(WEIR_E_UNKNOWN_COLUMN)->symbol, "UNKNOWN_COLUMN");
    EXPECT_INT(WEIR_E_UNKNOWN_COLUMN, 2003);
    EXPECT(weir_error_info_get(WEIR_OK) == NULL);
    EXPECT(weir_error_info_get((enum weir_status)9999) == NULL);
}

static void set_clears_what_was_there(void)
{
    struct weir_error error;
    weir_error_clear(&error);
    EXPECT_INT(weir_error_set(&error, WEIR_E_IO, "first"), WEIR_E_IO);
    weir_error_hint(&error, "hint %d", 1);
    weir_error_detail(&error, "detail %d", 2);
    weir_error_at(&error, (struct weir_position){7, 14, 5, 99});
    struct weir_origin origin = {"data.json", 3, 41, 1234, NULL};
    weir_error_from(&error, &origin);
    for (int i = 0; i < 6; i++)
        weir_error_frame(&error, "frame %d", i);
    EXPECT_STRING(error.message, "first");
    EXPECT_STRING(error.hint, "hint 1");
    EXPECT_STRING(error.detail, "detail 2");
    EXPECT_STRING(error.source, "data.json");
    EXPECT_INT(error.split, 3);
    EXPECT_INT(error.record, 41);
    EXPECT_INT(error.offset, 1234);
    EXPECT_INT(error.position.column, 14);
    EXPECT_INT(error.frames_count, WEIR_ERROR_FRAMES_MAX);
    EXPECT_STRING(error.frames[3], "frame 3");
    error.flags = WEIR_ERROR_FATAL;

    EXPECT_INT(weir_error_set(&error, WEIR_E_SYNTAX, "again: %s", error.message), WEIR_E_SYNTAX);
    EXPECT_STRING(error.message, "again: first");
    EXPECT_STRING(error.hint, "");
    EXPECT_STRING(error.source, "");
    EXPECT_INT(error.flags, 0);
    EXPECT_INT(error.frames_count, 0);
    EXPECT_INT(error.position.line, 0);
}

static void null_records_are_fine(void)
{
    EXPECT_INT(weir_error_set(NULL, WEIR_E_IO, "x"), WEIR_E_IO);
    EXPECT_INT(weir_error_set_out_of_memory(NULL), WEIR_E_OUT_OF_MEMORY);
    weir_error_hint(NULL, "x");
    weir_error_detail(NULL, "x");
    weir_error_frame(NULL, "x");
    weir_error_at(NULL, (struct weir_position){0});
    weir_error_from(NULL, NULL);
    weir_error_clear(NULL);
}

static void long_texts_are_cut_at_characters(void)
{
    struct weir_error error;
    /* 2, 3 and 4 byte characters, at every phase of the cut. */
    const char *const characters[] = {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t c = 0; c < 3; c++) {
        for (size_t lead = 0; lead < 4; lead++) {
            char text[700] = "";
            memset(text, 'x', lead);
            while (strlen(text) < 600)
                strncat(text, characters[c], 5);
            (void)weir_error_set(&error, WEIR_E_IO, "%s", text);
            size_t size = strlen(error.message);
            EXPECT(size <= 511 && size > 511 - 4);
            EXPECT_INT((size - lead) % strlen(characters[c]), 0);
        }
    }
    char text[700];
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)weir_error_set(&error, WEIR_E_IO, "%s", text);
    EXPECT_INT(strlen(error.message), 511);
}

static void diagnostics_keep_fifty(void)
{
    struct weir_diagnostics diagnostics;
    weir_diagnostics_init(&diagnostics);
    struct weir_error error;
    for (int i = 0; i < 60; i++) {
        (void)weir_error_set(&error, WEIR_E_SYNTAX, "error %d", i);
        EXPECT_INT(weir_diagnostics_add(&diagnostics, &error), WEIR_E_SYNTAX);
    }
    EXPECT_INT(diagnostics.records_count, WEIR_DIAGNOSTICS_MAX);
    EXPECT_INT(diagnostics.total_count, 60);
    EXPECT_STRING(diagnostics.records[49].message, "error 49");
    weir_diagnostics_deinit(&diagnostics);
    EXPECT_INT(diagnostics.records_count, 0);
}

static void diagnostics_survive_lack_of_memory(void)
{
    struct weir_diagnostics diagnostics;
    weir_diagnostics_init(&diagnostics);
    struct weir_error error;
    (void)weir_error_set(&error, WEIR_E_SYNTAX, "x");
    (void)weir_memory_fail_at(2);
    for (int i = 0; i < 3; i++)
        (void)weir_diagnostics_add(&diagnostics, &error);
    (void)weir_memory_fail_at(0);
    EXPECT_INT(diagnostics.total_count, 3);
    EXPECT_INT(diagnostics.records_count, 2);
    weir_diagnostics_deinit(&diagnostics);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(table_is_sorted_and_found), TEST_CASE(set_clears_what_was_there),
        TEST_CASE(null_records_are_fine),     TEST_CASE(long_texts_are_cut_at_characters),
        TEST_CASE(diagnostics_keep_fifty),    TEST_CASE(diagnostics_survive_lack_of_memory),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
