#include "base/slice.h"

#include "test.h"

static struct weir_slice s(const char *text)
{
    return weir_slice_from_string(text);
}

static void equality_folds_ascii_only(void)
{
    EXPECT(weir_slice_equals_ignoring_case(s("SeLeCt"), s("select")));
    EXPECT(!weir_slice_equals_ignoring_case(s("select"), s("selects")));
    EXPECT(!weir_slice_equals_ignoring_case(s("@"), s("`")));
    EXPECT(!weir_slice_equals_ignoring_case(s("\xC3\x84"), s("\xC3\xA4")));
    EXPECT(weir_slice_equals_ignoring_case(weir_slice_make(NULL, 0), s("")));
}

static void compare_is_unsigned_then_by_length(void)
{
    EXPECT_INT(weir_slice_compare(s("a"), s("b")), -1);
    EXPECT_INT(weir_slice_compare(s("b"), s("a")), 1);
    EXPECT_INT(weir_slice_compare(s("ab"), s("ab")), 0);
    EXPECT_INT(weir_slice_compare(s("ab"), s("abc")), -1);
    EXPECT_INT(weir_slice_compare(s("\xFF"), s("a")), 1);
    EXPECT_INT(weir_slice_compare(weir_slice_make(NULL, 0), s("a")), -1);
    EXPECT_INT(weir_slice_compare(weir_slice_make(NULL, 0), weir_slice_make(NULL, 0)), 0);
}

static void find_starts_where_told(void)
{
    EXPECT_INT(weir_slice_find(s("abcabc"), s("bc"), 0), 1);
    EXPECT_INT(weir_slice_find(s("abcabc"), s("bc"), 2), 4);
    EXPECT(weir_slice_find(s("abcabc"), s("bc"), 5) == SIZE_MAX);
    EXPECT(weir_slice_find(s("abc"), s("abcd"), 0) == SIZE_MAX);
    EXPECT(weir_slice_find(s("abc"), s("a"), 9) == SIZE_MAX);
    EXPECT_INT(weir_slice_find(s("abc"), s(""), 3), 3);
    EXPECT_INT(weir_slice_find(weir_slice_make(NULL, 0), s(""), 0), 0);
}

static void trim_takes_both_ends(void)
{
    EXPECT_SLICE(weir_slice_trim(s(" \t\r\n a b \v\f")), "a b");
    EXPECT_SLICE(weir_slice_trim(s("   ")), "");
    EXPECT_INT(weir_slice_trim(weir_slice_make(NULL, 0)).size, 0);
}

static void distance_counts_edits(void)
{
    EXPECT_INT(weir_slice_edit_distance(s("amout"), s("amount"), 3), 1);
    EXPECT_INT(weir_slice_edit_distance(s("kitten"), s("sitting"), 5), 3);
    EXPECT_INT(weir_slice_edit_distance(s("ab"), s("ba"), 3), 1);
    EXPECT_INT(weir_slice_edit_distance(s("ca"), s("abc"), 3), 3); /* no edits inside a swap */
    EXPECT_INT(weir_slice_edit_distance(s("AMOUNT"), s("amount"), 3), 0);
    EXPECT_INT(weir_slice_edit_distance(s(""), s("abc"), 3), 3);
    EXPECT_INT(weir_slice_edit_distance(s("abc"), s(""), 2), 3);
    EXPECT_INT(weir_slice_edit_distance(s(""), s(""), 2), 0);
    EXPECT_INT(weir_slice_edit_distance(s("abcdef"), s("uvwxyz"), 2), 3);
}

/* The plain recursive definition, for short words. */
static unsigned distance_by_definition(const char *a, size_t i, const char *b, size_t j)
{
    if (i == 0 || j == 0)
        return (unsigned)(i + j);
    unsigned best = distance_by_definition(a, i - 1, b, j - 1) + (a[i - 1] != b[j - 1]);
    unsigned other = distance_by_definition(a, i - 1, b, j) + 1;
    best = other < best ? other : best;
    other = distance_by_definition(a, i, b, j - 1) + 1;
    best = other < best ? other : best;
    if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        other = distance_by_definition(a, i - 2, b, j - 2) + 1;
        best = other < best ? other : best;
    }
    return best;
}

static void distance_equals_its_definition(void)
{
    uint32_t state = 1;
    for (int round = 0; round < 2000; round++) {
        char words[2][5];
        size_t sizes[2];
        for (int w = 0; w < 2; w++) {
            state = state * 1664525u + 1013904223u;
            sizes[w] = (state >> 24) % 6;
            for (size_t i = 0; i < sizes[w]; i++) {
                state = state * 1664525u + 1013904223u;
                words[w][i] = (char)('a' + (state >> 24) % 3);
            }
        }
        unsigned want = distance_by_definition(words[0], sizes[0], words[1], sizes[1]);
        for (unsigned limit = 0; limit < 6; limit++) {
            unsigned got = weir_slice_edit_distance(weir_slice_make(words[0], sizes[0]),
                                                    weir_slice_make(words[1], sizes[1]), limit);
            EXPECT_INT(got, want > limit ? limit + 1 : want);
        }
    }
}

static void long_names_are_never_near(void)
{
    char name[300];
    memset(name, 'a', sizeof name);
    struct weir_slice full = {name, 255}, too_long = {name, 256};
    EXPECT_INT(weir_slice_edit_distance(full, full, 2), 0);
    EXPECT_INT(weir_slice_edit_distance(too_long, too_long, 2), 3);
}

static void nearest_is_what_was_meant(void)
{
    const struct weir_slice names[] = {s("amount"), s("account"), s("id"), s("customer_id")};
    EXPECT_SLICE(weir_slice_nearest(s("amout"), names, 4), "amount");
    EXPECT_SLICE(weir_slice_nearest(s("Amount"), names, 4), "amount");
    EXPECT_SLICE(weir_slice_nearest(s("ip"), names, 4), "id");
    EXPECT_SLICE(weir_slice_nearest(s("custmoer_ids"), names, 4), "customer_id");
    EXPECT_INT(weir_slice_nearest(s("xy"), names, 4).size, 0);
    EXPECT_INT(weir_slice_nearest(s("zzzzzz"), names, 4).size, 0);
    EXPECT_INT(weir_slice_nearest(s("a"), NULL, 0).size, 0);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(equality_folds_ascii_only), TEST_CASE(compare_is_unsigned_then_by_length),
        TEST_CASE(find_starts_where_told),    TEST_CASE(trim_takes_both_ends),
        TEST_CASE(distance_counts_edits),     TEST_CASE(distance_equals_its_definition),
        TEST_CASE(long_names_are_never_near), TEST_CASE(nearest_is_what_was_meant),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
