/* BYTEA functions and encodings: results are those of Postgres 15. */
#include "function_test.h"

static const struct function_case binary_cases[] = {
    {"||", "bytea, bytea", {"\\x00ff", "\\x"}, "\\x00ff"},
    {"length", "bytea", {"\\x000102"}, "3"},
    {"length", "bytea, text", {"\\xc3a9", "UTF8"}, "1"},
    {"length", "bytea, text", {"\\xc3", "UTF8"}, FAILS(BAD_ARGUMENT)},
    {"bit_count", "bytea", {"\\x1234567890123456789a"}, "32"},
    {"position", "bytea, bytea", {"\\x02", "\\x000102"}, "3"},
    {"position", "bytea, bytea", {"\\x", "\\x00"}, "1"},
    {"substring", "bytea, integer, integer", {"\\x00010203", "2", "2"}, "\\x0102"},
    {"substring", "bytea, integer", {"\\x00010203", "-1"}, "\\x00010203"},
    {"btrim", "bytea, bytea", {"\\x0001ff00", "\\x00"}, "\\x01ff"},
    {"btrim", "bytea, bytea", {"\\xff01ff", "\\xff"}, "\\x01"},
    {"overlay", "bytea, bytea, integer", {"\\x00010203", "\\xffff", "2"}, "\\x00ffff03"},
    {"get_bit", "bytea, bigint", {"\\x1234", "4"}, "1"},
    {"get_bit", "bytea, bigint", {"\\x1234", "16"}, FAILS(BAD_ARGUMENT)},
    {"get_byte", "bytea, integer", {"\\x12ff", "1"}, "255"},
    {"get_byte", "bytea, integer", {"\\x12ff", "-1"}, FAILS(BAD_ARGUMENT)},
    {"set_bit", "bytea, bigint, integer", {"\\x1234", "4", "0"}, "\\x0234"},
    {"set_bit", "bytea, bigint, integer", {"\\x1234", "4", "2"}, FAILS(BAD_ARGUMENT)},
    {"set_byte", "bytea, integer, integer", {"\\x1234", "1", "511"}, "\\x12ff"},
    {"set_byte", "bytea, integer, integer", {"\\x1234", "2", "0"}, FAILS(BAD_ARGUMENT)},
};
static void binary(void)
{
    run_cases(binary_cases, WEIR_COUNT_OF(binary_cases));
}

static const struct function_case encodings_cases[] = {
    {"encode", "bytea, text", {"\\x00415c", "escape"}, "\\000A\\\\"},
    {"encode", "bytea, text", {"\\xdeadbeef", "hex"}, "deadbeef"},
    {"encode",
     "bytea, text",
     {"\\x41414141414141414141414141414141414141414141414141414141414141414141414141414141414141414"
      "1414141414141414141414141414141",
      "base64"},
     "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\nQUFB"},
    {"encode", "bytea, text", {"\\x41", "foo"}, FAILS(BAD_ARGUMENT)},
    {"decode", "text, text", {"deadBEEF", "hex"}, "\\xdeadbeef"},
    {"decode", "text, text", {"YWJj", "base64"}, "\\x616263"},
    {"decode", "text, text", {"YWJ", "base64"}, FAILS(BAD_ARGUMENT)},
    {"decode", "text, text", {"a\\\\b\\001", "escape"}, "\\x615c6201"},
    {"decode", "text, text", {"zz", "hex"}, FAILS(BAD_ARGUMENT)},
    {"convert_from", "bytea, text", {"\\xe9", "latin1"}, "é"},
    {"convert_from", "bytea, text", {"\\xa4", "LATIN9"}, "€"},
    {"convert_from", "bytea, text", {"\\x80", "win1252"}, "€"},
    {"convert_from", "bytea, text", {"\\x81", "win1252"}, FAILS(BAD_ARGUMENT)},
    {"convert_from", "bytea, text", {"\\xff", "UTF8"}, FAILS(BAD_ARGUMENT)},
    {"convert_from", "bytea, text", {"\\x00", "UTF8"}, FAILS(BAD_ARGUMENT)},
    {"convert_to", "text, text", {"é", "iso-8859-1"}, "\\xe9"},
    {"convert_to", "text, text", {"€", "LATIN9"}, "\\xa4"},
    {"convert_to", "text, text", {"€", "LATIN1"}, FAILS(BAD_ARGUMENT)},
    {"convert_to", "text, text", {"¤", "LATIN9"}, FAILS(BAD_ARGUMENT)},
    {"convert_to", "text, text", {"a", "nope"}, FAILS(BAD_ARGUMENT)},
    {"convert", "bytea, text, text", {"\\xc3a9", "UTF8", "LATIN1"}, "\\xe9"},
};
static void encodings(void)
{
    run_cases(encodings_cases, WEIR_COUNT_OF(encodings_cases));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(binary), TEST_CASE(encodings)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
