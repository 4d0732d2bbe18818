/* Text functions: results are those of Postgres 15, where it has the function. */
#include "function_test.h"

static const struct function_case joining_cases[] = {
    {"||", "text, text", {"a", "b"}, "ab"},
    {"||", "text, text", {"", "é"}, "é"},
    {"||", "text, text", {"123456789012", "3"}, "1234567890123"},
    {"||", "text, text", {"a", SQL_NULL}, SQL_NULL},
    {"concat", "text, text, text", {"a", SQL_NULL, "c"}, "ac"},
    {"concat", "text", {SQL_NULL}, ""},
    {"concat_ws", "text, text, text, text", {",", "a", SQL_NULL, ""}, "a,"},
    {"concat_ws", "text, text", {SQL_NULL, "a"}, SQL_NULL},
    {"repeat", "text, integer", {"ab", "3"}, "ababab"},
    {"repeat", "text, integer", {"ab", "0"}, ""},
    {"repeat", "text, integer", {"ab", "-1"}, ""},
    {"repeat", "text, integer", {"", "2147483647"}, ""},
    {"repeat", "text, integer", {"ab", "2147483647"}, FAILS(LIMIT)},
    {"lpad", "text, integer", {"hi", "5"}, "   hi"},
    {"lpad", "text, integer, text", {"hi", "7", "éx"}, "éxéxéhi"},
    {"lpad", "text, integer, text", {"hi", "1", "x"}, "h"},
    {"lpad", "text, integer, text", {"hi", "5", ""}, "hi"},
    {"lpad", "text, integer", {"hi", "-3"}, ""},
    {"lpad", "text, integer, text", {"é", "4", "日本"}, "日本日é"},
    {"rpad", "text, integer, text", {"hi", "7", "éx"}, "hiéxéxé"},
    {"rpad", "text, integer", {"hi", "0"}, ""},
    {"lpad", "text, integer", {"x", "2000000000"}, FAILS(LIMIT)},
};
static void joining(void)
{
    run_cases(joining_cases, WEIR_COUNT_OF(joining_cases));
}

static const struct function_case measuring_cases[] = {
    {"length", "text", {"日本é"}, "3"},
    {"length", "text", {""}, "0"},
    {"octet_length", "text", {"日本é"}, "8"},
    {"bit_length", "text", {"ab"}, "16"},
    {"ascii", "text", {"é"}, "233"},
    {"ascii", "text", {""}, "0"},
    {"ascii", "text", {"日本"}, "26085"},
    {"chr", "integer", {"8364"}, "€"},
    {"chr", "integer", {"0"}, FAILS(BAD_ARGUMENT)},
    {"chr", "integer", {"-5"}, FAILS(BAD_ARGUMENT)},
    {"chr", "integer", {"1114112"}, FAILS(BAD_ARGUMENT)},
    {"chr", "integer", {"55296"}, FAILS(BAD_ARGUMENT)},
    {"position", "text, text", {"é", "日é"}, "2"},
    {"position", "text, text", {"", "abc"}, "1"},
    {"position", "text, text", {"x", "abc"}, "0"},
    {"strpos", "text, text", {"日é本", "本"}, "3"},
    {"strpos", "text, text", {"", ""}, "1"},
    {"starts_with", "text, text", {"abc", "ab"}, "true"},
    {"starts_with", "text, text", {"a", "ab"}, "false"},
    {"^@", "text, text", {"abc", ""}, "true"},
    {"ends_with", "text, text", {"abc", "bc"}, "true"},
    {"ends_with", "text, text", {"c", "bc"}, "false"},
    {"contains", "text, text", {"abc", "b"}, "true"},
    {"contains", "text, text", {"abc", "x"}, "false"},
    {"contains", "text, text", {"", ""}, "true"},
    {"find_in_set", "text, text", {"c", "a,b,c"}, "3"},
    {"find_in_set", "text, text", {"x", "a,b"}, "0"},
    {"find_in_set", "text, text", {"", "a,,b"}, "2"},
    {"find_in_set", "text, text", {"a", ""}, "0"},
    {"to_hex", "integer", {"-1"}, "ffffffff"},
    {"to_hex", "integer", {"0"}, "0"},
    {"to_hex", "bigint", {"-9223372036854775808"}, "8000000000000000"},
};
static void measuring(void)
{
    run_cases(measuring_cases, WEIR_COUNT_OF(measuring_cases));
}

static const struct function_case parts_cases[] = {
    {"substring", "text, integer", {"日本é語", "2"}, "本é語"},
    {"substring", "text, integer", {"abc", "-5"}, "abc"},
    {"substring", "text, integer", {"abc", "9"}, ""},
    {"substring", "text, integer, integer", {"日本é語", "2", "2"}, "本é"},
    {"substring", "text, integer, integer", {"hello", "-1", "4"}, "he"},
    {"substring", "text, integer, integer", {"hello", "2", "2147483647"}, "ello"},
    {"substring", "text, integer, integer", {"hello", "-2147483648", "2147483647"}, ""},
    {"substring", "text, integer, integer", {"hello", "2", "-1"}, FAILS(BAD_ARGUMENT)},
    {"substring",
     "text, integer, integer",
     {"a long text of many letters", "3", "20"},
     "long text of many le"},
    {"left", "text, integer", {"日本é", "2"}, "日本"},
    {"left", "text, integer", {"日本é", "-1"}, "日本"},
    {"left", "text, integer", {"abc", "-9"}, ""},
    {"left", "text, integer", {"abc", "9"}, "abc"},
    {"right", "text, integer", {"日本é", "2"}, "本é"},
    {"right", "text, integer", {"日本é", "-1"}, "本é"},
    {"right", "text, integer", {"abc", "-9"}, ""},
    {"split_part", "text, text, integer", {"a,b,c", ",", "2"}, "b"},
    {"split_part", "text, text, integer", {"a,b,c", ",", "-1"}, "c"},
    {"split_part", "text, text, integer", {"a,b,c", ",", "-3"}, "a"},
    {"split_part", "text, text, integer", {"a,b,c", ",", "-4"}, ""},
    {"split_part", "text, text, integer", {"a,b,c", ",", "9"}, ""},
    {"split_part", "text, text, integer", {"https://a.example/b/c?d=e/f", "/", "4"}, "b"},
    {"split_part", "text, text, integer", {"https://a.example/b/c?d=e/f", "/", "2"}, ""},
    {"split_part", "text, text, integer", {"https://a.example/b/c?d=e/f", "/", "6"}, "f"},
    {"split_part", "text, text, integer", {"https://a.example/b/c?d=e/f", "/", "7"}, ""},
    {"split_part", "text, text, integer", {"abcdefg,h", ",", "2"}, "h"},
    {"split_part", "text, text, integer", {"abcdefgh,", ",", "2"}, ""},
    {"split_part", "text, text, integer", {"abcdefgh", ",", "1"}, "abcdefgh"},
    {"split_part", "text, text, integer", {"日,本,é,-,+", ",", "4"}, "-"},
    {"split_part", "text, text, integer", {"abc", "", "1"}, "abc"},
    {"split_part", "text, text, integer", {"abc", "", "-1"}, "abc"},
    {"split_part", "text, text, integer", {"aaaa", "aa", "-2"}, ""},
    {"split_part", "text, text, integer", {"a--b---c", "--", "-1"}, "-c"},
    {"split_part", "text, text, integer", {"a", "b", "0"}, FAILS(BAD_ARGUMENT)},
    {"split_part", "text, text, integer", {"abc", "x", "-1"}, "abc"},
    {"substring_index", "text, text, bigint", {"a.b.c", ".", "2"}, "a.b"},
    {"substring_index", "text, text, bigint", {"a.b.c", ".", "-1"}, "c"},
    {"substring_index", "text, text, bigint", {"a.b.c", ".", "9"}, "a.b.c"},
    {"substring_index", "text, text, bigint", {"a.b.c", ".", "0"}, ""},
    {"overlay", "text, text, integer", {"日本é語", "X", "2"}, "日Xé語"},
    {"overlay", "text, text, integer, integer", {"hello", "X", "2", "0"}, "hXello"},
    {"overlay", "text, text, integer, integer", {"hello", "X", "2", "-3"}, "hXhello"},
    {"overlay", "text, text, integer", {"hello", "abc", "9"}, "helloabc"},
    {"overlay", "text, text, integer", {"hello", "abc", "0"}, FAILS(BAD_ARGUMENT)},
    {"overlay",
     "text, text, integer, integer",
     {"hello", "abc", "2", "2147483647"},
     FAILS(OVERFLOW)},
    {"btrim", "text", {"  a b  "}, "a b"},
    {"btrim", "text, text", {"xyaxy", "yx"}, "a"},
    {"btrim", "text, text", {"éaé日", "日é"}, "a"},
    {"ltrim", "text, text", {"éaé", "é"}, "aé"},
    {"rtrim", "text, text", {"éaé", "é"}, "éa"},
    {"rtrim", "text, text", {"aaa", "a"}, ""},
    {"btrim", "text, text", {"abc", ""}, "abc"},
    {"ltrim", "text", {"\ta"}, "\ta"},
};
static void parts(void)
{
    run_cases(parts_cases, WEIR_COUNT_OF(parts_cases));
}

static const struct function_case changing_cases[] = {
    {"lower", "text", {"ÀÉ日ΑΒABCxyzİ"}, "àé日αβabcxyzi"},
    {"upper", "text", {"àß日αβabcıſ"}, "Àß日ΑΒABCIS"},
    {"upper", "text", {"plain ascii text"}, "PLAIN ASCII TEXT"},
    {"initcap", "text", {"hELLO wÖRLD-élan 3rd o'neil"}, "Hello Wörld-Élan 3rd O'Neil"},
    {"replace", "text, text, text", {"abcabc", "b", "éé"}, "aéécaééc"},
    {"replace", "text, text, text", {"aaa", "aa", ""}, "a"},
    {"replace", "text, text, text", {"abc", "", "x"}, "abc"},
    {"replace", "text, text, text", {"", "a", "x"}, ""},
    {"translate", "text, text, text", {"12345", "143", "ax"}, "a2x5"},
    {"translate", "text, text, text", {"日本é", "é日", "e"}, "本e"},
    {"translate", "text, text, text", {"aab", "aa", "xy"}, "xxb"},
    {"translate", "text, text, text", {"abc", "", "x"}, "abc"},
    {"reverse", "text", {"日é1"}, "1é日"},
    {"reverse", "text", {""}, ""},
    {"quote_ident", "text", {"abc"}, "abc"},
    {"quote_ident", "text", {"select"}, "\"select\""},
    {"quote_ident", "text", {"a\"B"}, "\"a\"\"B\""},
    {"quote_ident", "text", {""}, "\"\""},
    {"quote_literal", "text", {"it's"}, "'it''s'"},
    {"quote_literal", "text", {"a\\b"}, "E'a\\\\b'"},
    {"quote_nullable", "text", {SQL_NULL}, "NULL"},
    {"unistr", "text", {"d\\0061t\\+000061\\\\"}, "data\\"},
    {"unistr", "text", {"\\d83d\\de00"}, "😀"},
    {"unistr", "text", {"\\d83d"}, FAILS(BAD_ARGUMENT)},
    {"unistr", "text", {"\\x"}, FAILS(BAD_ARGUMENT)},
    {"unistr", "text", {"\\0000"}, FAILS(BAD_ARGUMENT)},
    {"levenshtein", "text, text", {"kitten", "sitting"}, "3"},
    {"levenshtein", "text, text", {"日本", "日x本"}, "1"},
    {"levenshtein", "text, text, integer, integer, integer", {"ab", "cb", "1", "1", "5"}, "2"},
    {"levenshtein_less_equal", "text, text, integer", {"abc", "xyzw", "2"}, "3"},
    {"soundex", "text", {"Robert"}, "R163"},
    {"soundex", "text", {"Ashcraft"}, "A226"},
    {"soundex", "text", {"1"}, ""},
    {"difference", "text, text", {"Anne", "Ann"}, "4"},
};
static void changing(void)
{
    run_cases(changing_cases, WEIR_COUNT_OF(changing_cases));
}

static const struct function_case lists_cases[] = {
    {"string_to_array", "text, text", {"a,b,,c", ","}, "{a,b,\"\",c}"},
    {"string_to_array", "text, text", {"aé日", SQL_NULL}, "{a,é,日}"},
    {"string_to_array", "text, text", {"a,b", ""}, "{\"a,b\"}"},
    {"string_to_array", "text, text", {"", ","}, "{}"},
    {"string_to_array", "text, text", {SQL_NULL, ","}, SQL_NULL},
    {"string_to_array", "text, text, text", {"a,b,c", ",", "b"}, "{a,NULL,c}"},
    {"string_to_array", "text, text, text", {"a,b", ",", SQL_NULL}, "{a,b}"},
    {"parse_ident", "text", {"A.b"}, "{a,b}"},
    {"parse_ident", "text", {"\"A\"\"x\" . y"}, "{\"A\\\"x\",y}"},
    {"parse_ident", "text", {"a b"}, FAILS(BAD_ARGUMENT)},
    {"parse_ident", "text", {"a."}, FAILS(BAD_ARGUMENT)},
    {"parse_ident", "text", {"\"a"}, FAILS(BAD_ARGUMENT)},
    {"parse_ident", "text", {"\"\""}, FAILS(BAD_ARGUMENT)},
    {"parse_ident", "text, boolean", {"a b", "false"}, "{a}"},
};
static void lists(void)
{
    run_cases(lists_cases, WEIR_COUNT_OF(lists_cases));
}

static const struct function_case formatting_cases[] = {
    {"format", "text", {"100%%"}, "100%"},
    {"format", "text, text, text", {"%s %I %L", "x", "y z"}, FAILS(BAD_ARGUMENT)},
    {"format", "text, text, text, text", {"%s %I %L", "x", "y z", "it's"}, "x \"y z\" 'it''s'"},
    {"format", "text, text", {"%-5s|%5s", "a"}, FAILS(BAD_ARGUMENT)},
    {"format", "text, text, text", {"%-5s|%5s", "a", "é"}, "a    |    é"},
    {"format", "text, text, text", {"%2$s %1$s", "a", "b"}, "b a"},
    {"format", "text, text, text", {"%*s", "4", "b"}, "   b"},
    {"format", "text, text, text", {"%*s|", "-4", "b"}, "b   |"},
    {"format", "text, text, text", {"%2$*1$s", "4", "b"}, "   b"},
    {"format", "text, text", {"%L %1$s|", SQL_NULL}, "NULL |"},
    {"format", "text, text", {"%I", SQL_NULL}, FAILS(BAD_ARGUMENT)},
    {"format", "text, text", {"%z", "a"}, FAILS(BAD_ARGUMENT)},
    {"format", "text, text", {"%", "a"}, FAILS(BAD_ARGUMENT)},
    {"format", "text, text", {"%0$s", "a"}, FAILS(BAD_ARGUMENT)},
    {"format", "text, text", {SQL_NULL, "a"}, SQL_NULL},
    {"format", "text, text, text", {"%*s", "x", "b"}, FAILS(BAD_ARGUMENT)},
};
static void formatting(void)
{
    run_cases(formatting_cases, WEIR_COUNT_OF(formatting_cases));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(joining), TEST_CASE(measuring),
                                             TEST_CASE(parts),   TEST_CASE(changing),
                                             TEST_CASE(lists),   TEST_CASE(formatting)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
