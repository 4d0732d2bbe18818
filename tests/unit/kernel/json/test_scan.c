/* Walking through JSON: right on valid text, inside its bounds on any. */
#include "test.h"

#include "base/hash.h"
#include "base/memory.h"
#include "value/json_scan.h"

static struct weir_slice slice(const char *text)
{
    return weir_slice_from_string(text);
}

static void items(void)
{
    struct weir_json_items items;
    struct weir_json_item item;
    weir_json_items_begin(&items, slice("{ \"a\\\"]\" : [1, \"}\"] , \"b\":{}}"));
    EXPECT(weir_json_items_next(&items, &item));
    EXPECT_SLICE(item.key, "a\\\"]");
    EXPECT_SLICE(item.value, "[1, \"}\"]");
    EXPECT(weir_json_items_next(&items, &item));
    EXPECT_SLICE(item.value, "{}");
    EXPECT(!weir_json_items_next(&items, &item));
    EXPECT(!weir_json_items_next(&items, &item));
    EXPECT_INT(weir_json_items_count(slice("[ ]")), 0);
    EXPECT_INT(weir_json_items_count(slice("[1,[2,3],{\"a\":4}]")), 3);
    EXPECT_INT(weir_json_items_count(slice("5")), 0);
}

static void spelling(void)
{
    EXPECT(weir_json_spells(slice("a\\u00e9\\ud83d\\ude00\\n"), slice("aé😀\n")));
    EXPECT(!weir_json_spells(slice("\\n"), slice("\\n")));
    EXPECT(!weir_json_spells(slice("ab"), slice("a")));
    EXPECT(!weir_json_spells(slice("a\\t"), slice("a\tb")));
    EXPECT(weir_json_spells(slice(""), slice("")));
    EXPECT_INT(weir_json_compare_keys(slice("b"), slice("aa")), -1);
    EXPECT_INT(weir_json_compare_keys(slice("a\\n"), slice("ab")), -1);
    EXPECT_INT(weir_json_compare_strings(slice("b"), slice("aa")), 1);
    EXPECT_INT(weir_json_compare_strings(slice("a\\\""), slice("a\\\"")), 0);
    EXPECT_INT(weir_json_scan_depth(slice("[{\"[\":[]},1]")), 3);
    EXPECT_INT(weir_json_scan_depth(slice("\"[\"")), 0);
}

static void walk(struct weir_slice text, uint32_t depth)
{
    struct weir_json_items items;
    struct weir_json_item item;
    weir_json_items_begin(&items, text);
    while (weir_json_items_next(&items, &item)) {
        EXPECT(item.value.data >= text.data &&
               item.value.data + item.value.size <= text.data + text.size);
        (void)weir_json_spells(item.key, slice("aé"));
        (void)weir_json_compare_keys(item.key, slice("b\\n"));
        if (depth < 8)
            walk(item.value, depth + 1);
    }
}

/* Damaged text, each in memory of just its size: nothing outside is read, and it ends. */
static void damaged(void)
{
    static const char source[] =
        "{\"a\\u00e9\":[1,{\"b\\\\\":\"\\ud83d\\ude00\"},null],\"c\":-1.5e3}";
    uint64_t state = 1;
    for (int round = 0; round < 20000; round++) {
        size_t size = (size_t)round % sizeof source;
        char *copy = weir_malloc(size);
        if (!copy)
            return;
        memcpy(copy, source, size);
        for (int i = 0; size && i < round % 4; i++) {
            state = weir_hash_u64(state, (uint64_t)round);
            copy[state % size] = "\"\\{}[],:u\0 1"[(state >> 32) % 12];
        }
        struct weir_slice text = weir_slice_make(copy, size), value;
        walk(weir_json_scan_value(text), 0);
        (void)weir_json_scan_depth(text);
        (void)weir_json_scan_key(text, slice("c"), false, &value);
        (void)weir_json_scan_index(text, -1, &value);
        weir_free(copy);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(items), TEST_CASE(spelling),
                                             TEST_CASE(damaged)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
