/* LIKE and SIMILAR TO: results are those of Postgres 15. */
#include "function_test.h"

static const struct function_case like_cases[] = {
    {"~~", "text, text", {"abc", "abc"}, "true"},
    {"~~", "text, text", {"abc", "a%"}, "true"},
    {"~~", "text, text", {"abc", "%c"}, "true"},
    {"~~", "text, text", {"abc", "%b%"}, "true"},
    {"~~", "text, text", {"abc", "%"}, "true"},
    {"~~", "text, text", {"", "%"}, "true"},
    {"~~", "text, text", {"", "_"}, "false"},
    {"~~", "text, text", {"日本é", "___"}, "true"},
    {"~~", "text, text", {"日本é", "_本_"}, "true"},
    {"~~", "text, text", {"aXbXc", "a%X%c"}, "true"},
    {"~~", "text, text", {"aab", "%ab"}, "true"},
    {"~~", "text, text", {"abab", "ab%ab"}, "true"},
    {"~~", "text, text", {"ab", "ab%ab"}, "false"},
    {"~~", "text, text", {"a%c", "a\\%c"}, "true"},
    {"~~", "text, text", {"abc", "a\\%c"}, "false"},
    {"~~", "text, text", {"a\\c", "a\\\\c"}, "true"},
    {"~~", "text, text", {"mississippi", "%is%_p%i"}, "true"},
    {"~~", "text, text", {"aaa", "%a_a%"}, "true"},
    {"~~", "text, text", {"aa", "%a_a%"}, "false"},
    {"~~", "text, text", {"é", "%_"}, "true"},
    {"~~", "text, text", {"abc", "%%b%%"}, "true"},
    {"~~", "text, text", {"a_c", "a\\_c"}, "true"},
    {"~~", "text, text", {"ab", "a_%_"}, "false"},
    {"~~", "text, text", {"", ""}, "true"},
    {"!~~", "text, text", {"abc", "a%"}, "false"},
    {"~~*", "text, text", {"ABC", "a_C"}, "true"},
    {"~~*", "text, text", {"ÉCOLE", "é%"}, "true"},
    {"!~~*", "text, text", {"ABC", "%D%"}, "true"},
    {"~~", "text, text, text", {"a%c", "a#%c", "#"}, "true"},
    {"~~", "text, text, text", {"a\\c", "a\\c", ""}, "true"},
    {"~~*", "text, text, text", {"A%", "axX%", "x"}, "false"},
    {"~~*", "text, text, text", {"A%", "aX%", "X"}, "true"},
    {"~~", "text, text", {"abc", "abc\\"}, "false"},
    {"~~", "text, text", {"abcd", "abc\\"}, FAILS(BAD_ARGUMENT)},
    {"!~~", "text, text", {"abcd", "%b\\"}, FAILS(BAD_ARGUMENT)},
    {"~~", "text, text", {"", "%\\"}, "false"},
    {"~~", "text, text, text", {"abc", "a", "xx"}, FAILS(BAD_ARGUMENT)},
    {"~~", "text, text", {SQL_NULL, "a"}, SQL_NULL},
};
static void like(void)
{
    run_cases(like_cases, WEIR_COUNT_OF(like_cases));
}

static const struct function_case similar_cases[] = {
    {"similar_to", "text, text", {"abc", "%(b|d)%"}, "true"},
    {"similar_to", "text, text", {"abc", "(b|c)%"}, "false"},
    {"similar_to", "text, text", {"a.c", "a.c"}, "true"},
    {"similar_to", "text, text", {"axc", "a.c"}, "false"},
    {"similar_to", "text, text", {"aab", "a{2}b"}, "true"},
    {"similar_to", "text, text", {"a%", "a\\%"}, "true"},
    {"similar_to", "text, text, text", {"a_", "a#_", "#"}, "true"},
    {"similar_to", "text, text", {"a]", "a[]]"}, "true"},
    {"similar_to", "text, text", {"b", "[^a-c]"}, "false"},
    {"similar_to", "text, text", {"a1", "_[[:digit:]]"}, "true"},
    {"similar_to", "text, text", {"a", "a**"}, FAILS(BAD_REGEX)},
    {"similar_to", "text, text", {"a", "(a"}, FAILS(BAD_REGEX)},
    {"substring", "text, text, text", {"foobar", "%#\"o_b#\"%", "#"}, "oob"},
    {"substring", "text, text, text", {"foobar", "#\"o_b#\"%", "#"}, SQL_NULL},
    {"substring", "text, text, text", {"aaaa", "%#\"a+#\"%", "#"}, "aaaa"},
    {"substring", "text, text, text", {"foobar", "%#\"o_b%", "#"}, "oobar"},
    {"substring", "text, text, text", {"foobar", "foo%", "#"}, "foobar"},
};
static void similar(void)
{
    run_cases(similar_cases, WEIR_COUNT_OF(similar_cases));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(like), TEST_CASE(similar)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
