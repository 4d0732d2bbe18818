/* Unicode: normal forms as Postgres 15 gives them, case mapping, hostile runs of marks. */
#include "kernel/string/unicode.h"
#include "value/utf8.h"

#include "function_test.h"

static const struct function_case normal_forms_cases[] = {
    {"normalize", "text, text", {"é", "NFC"}, "é"},
    {"normalize", "text, text", {"é", "NFC"}, "é"},
    {"normalize", "text, text", {"ﬁ½", "NFC"}, "ﬁ½"},
    {"normalize", "text, text", {"각", "NFC"}, "각"},
    {"normalize", "text, text", {"각", "NFC"}, "각"},
    {"normalize", "text, text", {"ạ́", "NFC"}, "ạ́"},
    {"normalize", "text, text", {"ạ́", "NFC"}, "ạ́"},
    {"normalize", "text, text", {"̈́", "NFC"}, "̈́"},
    {"normalize", "text, text", {"क़", "NFC"}, "क़"},
    {"normalize", "text, text", {"ẛ̣", "NFC"}, "ẛ̣"},
    {"normalize", "text, text", {"plain", "NFC"}, "plain"},
    {"normalize", "text, text", {"é", "NFD"}, "é"},
    {"normalize", "text, text", {"é", "NFD"}, "é"},
    {"normalize", "text, text", {"ﬁ½", "NFD"}, "ﬁ½"},
    {"normalize", "text, text", {"각", "NFD"}, "각"},
    {"normalize", "text, text", {"각", "NFD"}, "각"},
    {"normalize", "text, text", {"ạ́", "NFD"}, "ạ́"},
    {"normalize", "text, text", {"ạ́", "NFD"}, "ạ́"},
    {"normalize", "text, text", {"̈́", "NFD"}, "̈́"},
    {"normalize", "text, text", {"क़", "NFD"}, "क़"},
    {"normalize", "text, text", {"ẛ̣", "NFD"}, "ẛ̣"},
    {"normalize", "text, text", {"plain", "NFD"}, "plain"},
    {"normalize", "text, text", {"é", "NFKC"}, "é"},
    {"normalize", "text, text", {"é", "NFKC"}, "é"},
    {"normalize", "text, text", {"ﬁ½", "NFKC"}, "fi1⁄2"},
    {"normalize", "text, text", {"각", "NFKC"}, "각"},
    {"normalize", "text, text", {"각", "NFKC"}, "각"},
    {"normalize", "text, text", {"ạ́", "NFKC"}, "ạ́"},
    {"normalize", "text, text", {"ạ́", "NFKC"}, "ạ́"},
    {"normalize", "text, text", {"̈́", "NFKC"}, "̈́"},
    {"normalize", "text, text", {"क़", "NFKC"}, "क़"},
    {"normalize", "text, text", {"ẛ̣", "NFKC"}, "ṩ"},
    {"normalize", "text, text", {"plain", "NFKC"}, "plain"},
    {"normalize", "text, text", {"é", "NFKD"}, "é"},
    {"normalize", "text, text", {"é", "NFKD"}, "é"},
    {"normalize", "text, text", {"ﬁ½", "NFKD"}, "fi1⁄2"},
    {"normalize", "text, text", {"각", "NFKD"}, "각"},
    {"normalize", "text, text", {"각", "NFKD"}, "각"},
    {"normalize", "text, text", {"ạ́", "NFKD"}, "ạ́"},
    {"normalize", "text, text", {"ạ́", "NFKD"}, "ạ́"},
    {"normalize", "text, text", {"̈́", "NFKD"}, "̈́"},
    {"normalize", "text, text", {"क़", "NFKD"}, "क़"},
    {"normalize", "text, text", {"ẛ̣", "NFKD"}, "ṩ"},
    {"normalize", "text, text", {"plain", "NFKD"}, "plain"},
    {"normalize", "text", {"é"}, "é"},
    {"normalize", "text, text", {"é", "NFX"}, FAILS(BAD_ARGUMENT)},
    {"is_normalized", "text, text", {"é", "NFC"}, "true"},
    {"is_normalized", "text, text", {"é", "NFD"}, "false"},
    {"is_normalized", "text, text", {"é", "NFC"}, "false"},
};
static void normal_forms(void)
{
    run_cases(normal_forms_cases, WEIR_COUNT_OF(normal_forms_cases));
}

static void case_mapping(void)
{
    EXPECT_INT(weir_unicode_upper(0xDF), 0xDF);
    EXPECT_INT(weir_unicode_lower(0x130), 'i');
    EXPECT_INT(weir_unicode_upper(0x1FB3), 0x1FBC);
    EXPECT_INT(weir_unicode_lower(0x1E9E), 0xDF);
    EXPECT_INT(weir_unicode_upper(0x1C5), 0x1C4);
    EXPECT_INT(weir_unicode_upper(0x10FFFF), 0x10FFFF);
    for (uint32_t c = 0; c < 0x11000; c++) {
        uint32_t lower = weir_unicode_lower(c), upper = weir_unicode_upper(c);
        char bytes[WEIR_UTF8_SIZE];
        size_t size = weir_utf8_encode(c, bytes);
        /* what case.c and like.c reserve */
        if (size && (weir_utf8_encode(lower, bytes) > size + size / 2 ||
                     weir_utf8_encode(upper, bytes) > size + size / 2))
            EXPECT(false && "a mapping grows too much");
    }
    EXPECT(weir_unicode_is_word(0xE9) && !weir_unicode_is_word(0x301) && weir_unicode_is_word('7'));
    EXPECT(!weir_unicode_is_word('_') && !weir_unicode_is_word(0x20AC));
}

/* 100,000 marks in descending order of class: ordered in no time. */
static void many_marks(void)
{
    struct weir_normalizer normalizer;
    struct weir_buffer text;
    struct weir_slice out;
    weir_normalizer_init(&normalizer);
    weir_buffer_init(&text, NULL);
    weir_buffer_append_string(&text, "a");
    for (int i = 0; i < 100000; i++)
        weir_buffer_append_string(&text, i % 2 ? "\xCC\xA3" : "\xCC\x81");
    EXPECT(weir_unicode_normalize(&normalizer, weir_buffer_slice(&text), WEIR_NFD, &out));
    EXPECT_INT(out.size, text.size);
    EXPECT(memcmp(out.data, "a\xCC\xA3\xCC\xA3", 5) == 0);
    EXPECT(memcmp(out.data + out.size - 4, "\xCC\x81\xCC\x81", 4) == 0);
    weir_buffer_deinit(&text);
    weir_normalizer_deinit(&normalizer);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(normal_forms), TEST_CASE(case_mapping),
                                             TEST_CASE(many_marks)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
