/* Regular expressions: results are those of Postgres 15; and patterns that must not take long. */
#include "function_test.h"

static const struct function_case matching_cases[] = {
    {"~", "text, text", {"thomas", "t.*ma"}, "true"},
    {"~", "text, text", {"abc", "^b"}, "false"},
    {"~", "text, text", {"a\nb", "^b"}, "false"},
    {"~", "text, text", {"a\nb", "(?n)^b"}, "true"},
    {"~", "text, text", {"a\nb", "a.b"}, "true"},
    {"~", "text, text", {"a\nb", "(?n)a.b"}, "false"},
    {"~", "text, text", {"a\nb", "(?p)a.b"}, "false"},
    {"~", "text, text", {"a\nb", "(?w)^b"}, "true"},
    {"~", "text, text", {"a\nb", "(?n)a[^x]b"}, "false"},
    {"~", "text, text", {"abc", "(?i)B"}, "true"},
    {"~", "text, text", {"aBc", "(?c)b"}, "false"},
    {"~", "text, text", {"ab", "(?x)a b # c"}, "true"},
    {"~", "text, text", {"foo bar", "\\mbar\\M"}, "true"},
    {"~", "text, text", {"foobar", "\\mbar"}, "false"},
    {"~", "text, text", {"foo bar", "foo\\y"}, "true"},
    {"~", "text, text", {"foo", "o\\Y"}, "true"},
    {"~", "text, text", {"foo bar", "[[:<:]]bar[[:>:]]"}, "true"},
    {"~", "text, text", {"a.b", "***=a.b"}, "true"},
    {"~", "text, text", {"axb", "***=a.b"}, "false"},
    {"~", "text, text", {"abab", "^(ab)\\1$"}, "true"},
    {"~", "text, text", {"abc", "^(ab)\\1$"}, "false"},
    {"~", "text, text", {"a1", "\\d"}, "true"},
    {"~", "text, text", {"٣", "\\d"}, "false"},
    {"~", "text, text", {"é", "^\\w$"}, "true"},
    {"~", "text, text", {"日", "[[:alpha:]]"}, "true"},
    {"~", "text, text", {"a-b", "[a\\-]-"}, "true"},
    {"~", "text, text", {"]", "[]]"}, "true"},
    {"~", "text, text", {"^", "[\\^]"}, "true"},
    {"~", "text, text", {"x", "[^]x]"}, "false"},
    {"~", "text, text", {"\t", "\\t"}, "true"},
    {"~", "text, text", {"A", "\\x41"}, "true"},
    {"~", "text, text", {"A", "\\u0041"}, "true"},
    {"~", "text, text", {"A", "\\101"}, "true"},
    {"~", "text, text", {"ab", "a(?=b)"}, "true"},
    {"~", "text, text", {"ac", "a(?!b)"}, "true"},
    {"~", "text, text", {"ab", "(?<=a)b"}, "true"},
    {"~", "text, text", {"ab", "(?<!a)b"}, "false"},
    {"~", "text, text", {"a", "\\Aa\\Z"}, "true"},
    {"~", "text, text", {"a\n", "a$"}, "false"},
    {"~", "text, text", {"{", "{"}, "true"},
    {"~", "text, text", {"a{,1}", "a{,1}"}, "true"},
    {"~", "text, text", {"aaa", "^a{2,3}$"}, "true"},
    {"~", "text, text", {"b", "[a-c]"}, "true"},
    {"~", "text, text", {"é", "[à-ÿ]"}, "true"},
    {"~", "text, text", {" ", "\\s"}, "true"},
    {"~", "text, text", {"a", "\\S"}, "true"},
    {"~", "text, text", {"a", "[\\D]"}, "true"},
    {"~", "text, text", {"\\", "\\B"}, "true"},
    {"~", "text, text", {"ab", "a(?#comment)b"}, "true"},
    {"~", "text, text", {"", "^$"}, "true"},
    {"~", "text, text", {"ab", "a|"}, "true"},
    {"~", "text, text", {"a+b", "a\\+b"}, "true"},
    {"~", "text, text", {"ABC", "(?iq)bc"}, "true"},
    {"~", "text, text", {"İ", "[[:upper:]]"}, "true"},
    {"~*", "text, text", {"ABC", "b"}, "true"},
    {"!~", "text, text", {"abc", "b"}, "false"},
    {"!~*", "text, text", {"ABC", "b"}, "false"},
    {"~", "text, text", {"a", SQL_NULL}, SQL_NULL},
    {"regexp_like", "text, text, text", {"ABC", "b", "i"}, "true"},
};
static void matching(void)
{
    run_cases(matching_cases, WEIR_COUNT_OF(matching_cases));
}

static const struct function_case refusing_cases[] = {
    {"~", "text, text", {"a", "("}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "a)"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "[a"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "a**"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "a{2,1}"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "a{256}"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "*a"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "a|*"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "(?z)a"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "(?=a)*"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "\\2"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "[b-a]"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "[[:foo:]]"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "\\q"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "[a-\\d]"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "(?P<n>a)"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "a{1"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "a++"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", "\\"}, FAILS(BAD_REGEX)},
    {"~", "text, text", {"a", " (?x)b"}, FAILS(BAD_REGEX)},
    {"regexp_like", "text, text, text", {"a", "a", "g"}, FAILS(BAD_REGEX)},
    {"regexp_like", "text, text, text", {"a", "a", "y"}, FAILS(BAD_REGEX)},
};
static void refusing(void)
{
    run_cases(refusing_cases, WEIR_COUNT_OF(refusing_cases));
}

static const struct function_case preferring_cases[] = {
    {"substring", "text, text", {"foobar", "o(.)b"}, "o"},
    {"substring", "text, text", {"foobar", "foo|foobar"}, "foobar"},
    {"substring", "text, text", {"XY1234Z", "Y*([0-9]{1,3})"}, "123"},
    {"substring", "text, text", {"XY1234Z", "Y*?([0-9]{1,3})"}, "1"},
    {"substring", "text, text", {"foobar", "(x)?bar"}, SQL_NULL},
    {"substring", "text, text", {"foobar", "z"}, SQL_NULL},
    {"substring", "text, text", {"abcd", "(?:a|ab)(?:c|bcd)?"}, "abcd"},
    {"substring", "text, text", {"xaay", "x(a|aa)+?"}, "a"},
    {"regexp_match", "text, text", {"abc01234xyz", "(.*)(\\d+)(.*)"}, "{abc0123,4,xyz}"},
    {"regexp_match", "text, text", {"abc01234xyz", "(.*?)(\\d+)(.*)"}, "{abc,0,\"\"}"},
    {"regexp_match", "text, text", {"abc01234xyz", "(?:(.*?)(\\d+)(.*)){1,1}"}, "{abc,01234,xyz}"},
    {"regexp_match", "text, text", {"abcd", "(a|ab)(c|bcd)?"}, "{a,bcd}"},
    {"regexp_match", "text, text", {"abc", "x"}, SQL_NULL},
    {"regexp_match", "text, text", {"abc", "b"}, "{b}"},
    {"regexp_match", "text, text", {"ab", "(a)|(b)"}, "{a,NULL}"},
};
static void preferring(void)
{
    run_cases(preferring_cases, WEIR_COUNT_OF(preferring_cases));
}

static const struct function_case replacing_cases[] = {
    {"regexp_replace", "text, text, text", {"foobarbaz", "b..", "X"}, "fooXbaz"},
    {"regexp_replace",
     "text, text, text, text",
     {"foobarbaz", "b(..)", "[\\1]", "g"},
     "foo[ar][az]"},
    {"regexp_replace", "text, text, text, text", {"abc", "x*", "-", "g"}, "-a-b-c-"},
    {"regexp_replace", "text, text, text, text", {"baaac", "a*", "X", "g"}, "XbXXcX"},
    {"regexp_replace", "text, text, text, text", {"aé日", "", "|", "g"}, "|a|é|日|"},
    {"regexp_replace", "text, text, text", {"ab", "(a)(x)?", "<\\2\\1\\&\\\\\\q>"}, "<aa\\\\q>b"},
    {"regexp_replace", "text, text, text, integer", {"aaaa", "a", "X", "3"}, "aaXa"},
    {"regexp_replace", "text, text, text, integer, integer", {"aaaa", "a", "X", "1", "3"}, "aaXa"},
    {"regexp_replace", "text, text, text, integer, integer", {"aaaa", "a", "X", "2", "0"}, "aXXX"},
    {"regexp_replace",
     "text, text, text, integer, integer, text",
     {"aAaA", "a", "X", "1", "2", "i"},
     "aXaA"},
    {"regexp_replace", "text, text, text, integer", {"aaaa", "a", "X", "0"}, FAILS(BAD_ARGUMENT)},
    {"regexp_replace", "text, text, text, integer", {"aaaa", "a", "X", "9"}, "aaaa"},
    {"regexp_replace", "text, text, text", {"abc", "z", "X"}, "abc"},
};
static void replacing(void)
{
    run_cases(replacing_cases, WEIR_COUNT_OF(replacing_cases));
}

static const struct function_case finding_cases[] = {
    {"regexp_count", "text, text", {"123456789012", "\\d\\d\\d"}, "4"},
    {"regexp_count", "text, text, integer", {"aaa", "a", "3"}, "1"},
    {"regexp_count", "text, text, integer", {"aaa", "", "2"}, "3"},
    {"regexp_count", "text, text, integer", {"aaa", "a", "9"}, "0"},
    {"regexp_count", "text, text, integer", {"aaa", "a", "0"}, FAILS(BAD_ARGUMENT)},
    {"regexp_count", "text, text, integer, text", {"ABAB", "b", "1", "i"}, "2"},
    {"regexp_instr", "text, text", {"日本abc", "b"}, "4"},
    {"regexp_instr", "text, text, integer, integer, integer", {"ababab", "b", "1", "2", "1"}, "5"},
    {"regexp_instr",
     "text, text, integer, integer, integer, text, integer",
     {"ABCDEF", "c(.)(..)", "1", "1", "0", "i", "2"},
     "5"},
    {"regexp_instr",
     "text, text, integer, integer, integer, text, integer",
     {"ABCDEF", "c(.)(..)", "1", "1", "0", "i", "3"},
     "0"},
    {"regexp_instr",
     "text, text, integer, integer, integer",
     {"ab", "b", "1", "1", "2"},
     FAILS(BAD_ARGUMENT)},
    {"regexp_instr", "text, text, integer, integer", {"ab", "b", "1", "0"}, FAILS(BAD_ARGUMENT)},
    {"regexp_substr", "text, text", {"日本abc", "[b-z]+"}, "bc"},
    {"regexp_substr", "text, text, integer, integer", {"a1b2", "\\d", "1", "2"}, "2"},
    {"regexp_substr",
     "text, text, integer, integer, text, integer",
     {"ABCDEF", "c(.)(..)", "1", "1", "i", "2"},
     "EF"},
    {"regexp_substr", "text, text, integer, integer", {"a1b2", "\\d", "1", "3"}, SQL_NULL},
};
static void finding(void)
{
    run_cases(finding_cases, WEIR_COUNT_OF(finding_cases));
}

static const struct function_case splitting_cases[] = {
    {"regexp_split_to_array", "text, text", {"a1b22c", "\\d"}, "{a,b,\"\",c}"},
    {"regexp_split_to_array", "text, text", {"abc", ""}, "{a,b,c}"},
    {"regexp_split_to_array", "text, text", {"abc", "x"}, "{abc}"},
    {"regexp_split_to_array", "text, text", {"", "x"}, "{\"\"}"},
    {"regexp_split_to_array", "text, text", {"xabcx", "x"}, "{\"\",abc,\"\"}"},
    {"regexp_split_to_array", "text, text", {"aé日", "\\s*"}, "{a,é,日}"},
    {"regexp_split_to_array", "text, text, text", {"aXbxc", "x", "i"}, "{a,b,c}"},
    {"regexp_matches", "text, text", {"foobarbaz", "ba."}, "{{bar}}"},
    {"regexp_matches", "text, text, text", {"foobarbaz", "b(a)(.)", "g"}, "{{a,r},{a,z}}"},
    {"regexp_matches", "text, text", {"foo", "x"}, "{}"},
};
static void splitting(void)
{
    run_cases(splitting_cases, WEIR_COUNT_OF(splitting_cases));
}

static const struct function_case costly_cases[] = {
    {"~", "text, text", {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^(a+)+$"}, "false"},
    {"regexp_match",
     "text, text",
     {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^(a+)+$"},
     SQL_NULL},
};

static const char *repeated(struct weir_arena *arena, char c, size_t count, const char *end)
{
    char *text = weir_arena_alloc(arena, count + strlen(end) + 1, 1);
    if (!text)
        return "";
    memset(text, c, count);
    memcpy(text + count, end, strlen(end) + 1);
    return text;
}

/* Long texts, where each place costs little and all together would cost hours. */
static void long_texts(void)
{
    struct weir_arena arena;
    weir_arena_init(&arena, NULL, 0);
    const char *text = repeated(&arena, 'a', 300000, ""),
               *ended = repeated(&arena, 'x', 300000, "z");
    const struct function_case cases[] = {
        {"~", "text, text", {text, "a.*[bc]"}, "false"},
        {"regexp_substr", "text, text", {text, "a.*[bc]"}, SQL_NULL},
        {"regexp_substr", "text, text", {ended, "x.*y|z"}, "z"},
        {"regexp_count", "text, text", {text, "a{3}"}, "100000"},
        {"regexp_count", "text, text", {ended, "xx|z"}, "150001"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int shape = 0; shape < SHAPES_COUNT; shape++)
            case_run_shape(&cases[i], (enum case_shape)shape, false);
    weir_arena_deinit(&arena);
}

static void costly(void)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(costly_cases); i++)
        case_run_shape(&costly_cases[i], SHAPE_COLUMNS, false);
}

/* Nothing finds these in time: they are errors. */
static void too_costly(void)
{
    static const struct function_case cases[] = {
        {"regexp_match",
         "text, text",
         {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "^(a|aa|aaa)*(a?){40}a{40}$"},
         FAILS(BAD_REGEX)},
        {"~",
         "text, text",
         {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabc", "^(a+)+\\1c$"},
         FAILS(BAD_REGEX)},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(cases); i++)
        case_run_shape(&cases[i], SHAPE_COLUMNS, false);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(matching),  TEST_CASE(refusing),   TEST_CASE(preferring),
        TEST_CASE(replacing), TEST_CASE(finding),    TEST_CASE(splitting),
        TEST_CASE(costly),    TEST_CASE(long_texts), TEST_CASE(too_costly)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
