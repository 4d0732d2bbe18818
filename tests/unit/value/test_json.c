/* JSON: what is valid and where not, tokens, writers; JSONB against Postgres. */
#include "value/json_token.h"
#include "vectors.h"

static struct weir_slice text(const char *string)
{
    return weir_slice_from_string(string);
}

static void accepts(void)
{
    static const char *const good[] = {
        "0",
        "-0",
        "1.5",
        "1e5",
        "1E+5",
        "-1.5e-10",
        "123456789012345678901234567890",
        "true",
        "false",
        "null",
        "\"\"",
        "\"a\"",
        "[]",
        "{}",
        "[1,2,3]",
        " [ 1 , 2 ] ",
        "{\"a\":1}",
        "{ \"a\" : [ { } , [ ] ] }",
        "\"\\u0000\"",
        "\"\\ud83d\\ude00\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"é€😀\"",
        "\t\n\r 1 \t\n\r",
        "{\"a\":1,\"a\":2}",
        "\"\x7f\"",
        "[[[[[[[[[[]]]]]]]]]]",
        "\"a long string that takes more than one block of sixteen bytes\"",
        "1e400",
        "\"\\uFFFF\""};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!weir_json_validate(text(good[i]), NULL, NULL))
            EXPECT_STRING(good[i], "valid");
}

static const struct {
    const char *text;
    size_t offset;
    enum weir_json_reason reason;
} malformed[] = {{"", 0, WEIR_JSON_UNEXPECTED_END},
                 {"  ", 2, WEIR_JSON_UNEXPECTED_END},
                 {"{", 1, WEIR_JSON_UNEXPECTED_END},
                 {"[1", 2, WEIR_JSON_UNEXPECTED_END},
                 {"[1,", 3, WEIR_JSON_UNEXPECTED_END},
                 {"[1,]", 3, WEIR_JSON_UNEXPECTED_BYTE},
                 {"[,1]", 1, WEIR_JSON_UNEXPECTED_BYTE},
                 {"[1 2]", 3, WEIR_JSON_UNEXPECTED_BYTE},
                 {"{\"a\"}", 4, WEIR_JSON_UNEXPECTED_BYTE},
                 {"{\"a\":}", 5, WEIR_JSON_UNEXPECTED_BYTE},
                 {"{\"a\":1,}", 7, WEIR_JSON_UNEXPECTED_BYTE},
                 {"{a:1}", 1, WEIR_JSON_UNEXPECTED_BYTE},
                 {"{1:1}", 1, WEIR_JSON_UNEXPECTED_BYTE},
                 {"[1}", 2, WEIR_JSON_UNEXPECTED_BYTE},
                 {"{\"a\":1]", 6, WEIR_JSON_UNEXPECTED_BYTE},
                 {"]", 0, WEIR_JSON_UNEXPECTED_BYTE},
                 {"'a'", 0, WEIR_JSON_UNEXPECTED_BYTE},
                 {"NaN", 0, WEIR_JSON_UNEXPECTED_BYTE},
                 {"+1", 0, WEIR_JSON_UNEXPECTED_BYTE},
                 {".5", 0, WEIR_JSON_UNEXPECTED_BYTE},
                 {"01", 1, WEIR_JSON_BAD_NUMBER},
                 {"-", 1, WEIR_JSON_UNEXPECTED_END},
                 {"-a", 1, WEIR_JSON_BAD_NUMBER},
                 {"1.", 2, WEIR_JSON_UNEXPECTED_END},
                 {"1.e5", 2, WEIR_JSON_BAD_NUMBER},
                 {"1e", 2, WEIR_JSON_UNEXPECTED_END},
                 {"1e+x", 3, WEIR_JSON_BAD_NUMBER},
                 {"0x10", 1, WEIR_JSON_TRAILING_BYTES},
                 {"1 1", 2, WEIR_JSON_TRAILING_BYTES},
                 {"{}{}", 2, WEIR_JSON_TRAILING_BYTES},
                 {"tru", 3, WEIR_JSON_UNEXPECTED_END},
                 {"trux", 3, WEIR_JSON_BAD_LITERAL},
                 {"nulll", 4, WEIR_JSON_TRAILING_BYTES},
                 {"TRUE", 0, WEIR_JSON_UNEXPECTED_BYTE},
                 {"\"a", 2, WEIR_JSON_UNEXPECTED_END},
                 {"\"\n\"", 1, WEIR_JSON_CONTROL_BYTE},
                 {"\"\x1f\"", 1, WEIR_JSON_CONTROL_BYTE},
                 {"\"\\q\"", 2, WEIR_JSON_BAD_ESCAPE},
                 {"\"\\u12\"", 5, WEIR_JSON_BAD_ESCAPE},
                 {"\"\\u12", 5, WEIR_JSON_UNEXPECTED_END},
                 {"\"\\ud800\"", 1, WEIR_JSON_LONE_SURROGATE},
                 {"\"\\udc00\"", 1, WEIR_JSON_LONE_SURROGATE},
                 {"\"x\\ud800\\ud800\"", 2, WEIR_JSON_LONE_SURROGATE},
                 {"\"\\ud800\\n\"", 1, WEIR_JSON_LONE_SURROGATE},
                 {"\"\xff\"", 1, WEIR_JSON_BAD_UTF8},
                 {"\"\xc0\x80\"", 1, WEIR_JSON_BAD_UTF8},
                 {"\"\xed\xa0\x80\"", 1, WEIR_JSON_BAD_UTF8},
                 {"\"sixteen bytes of text and then\xe2\x82\"", 31, WEIR_JSON_BAD_UTF8},
                 {"\xef\xbb\xbf{}", 0, WEIR_JSON_UNEXPECTED_BYTE},
                 {"/**/1", 0, WEIR_JSON_UNEXPECTED_BYTE},
                 {"\f1", 0, WEIR_JSON_UNEXPECTED_BYTE}};

static void refuses(void)
{
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        size_t offset = 999;
        enum weir_json_reason reason = WEIR_JSON_NO_ERROR;
        if (weir_json_validate(text(malformed[i].text), &offset, &reason) ||
            offset != malformed[i].offset || reason != malformed[i].reason) {
            fprintf(stderr, "«%s»: offset %zu, %s\n", malformed[i].text, offset,
                    weir_json_reason_text(reason));
            EXPECT_INT(reason, malformed[i].reason);
            EXPECT_INT(offset, malformed[i].offset);
        }
    }
    size_t offset;
    EXPECT(!weir_json_validate(weir_slice_make("\"\0\"", 3), &offset, NULL) && offset == 1);
    EXPECT(!weir_json_validate(weir_slice_make("1\0", 2), &offset, NULL) && offset == 1);
}

static void limits_depth(void)
{
    char deep[300];
    size_t offset;
    enum weir_json_reason reason;
    for (size_t depth = 127; depth <= 130; depth++) {
        memset(deep, '[', depth);
        memset(deep + depth, ']', depth);
        bool valid = weir_json_validate(weir_slice_make(deep, 2 * depth), &offset, &reason);
        EXPECT(valid == (depth <= 128));
        if (!valid) {
            EXPECT_INT(reason, WEIR_JSON_TOO_DEEP);
            EXPECT_INT(offset, 128);
        }
    }
}

/* The kinds of all tokens, as letters. */
static void tokenizes(void)
{
    static const char letters[] = "!.{}[]ksntf0";
    struct weir_json json;
    char got[64] = "";
    weir_json_begin(&json, text("{\"a\\n\":[1,2.5,\"x\\u0000\"],\"b\":{\"c\":true,\"d\":null}} "));
    for (int i = 0; i < 40; i++) {
        struct weir_json_token token = weir_json_next(&json);
        got[i] = letters[token.kind];
        if (i == 1)
            EXPECT(token.flags == WEIR_JSON_ESCAPED &&
                   weir_slice_equals_string(token.text, "a\\n"));
        if (i == 3)
            EXPECT(token.flags == 0 && weir_slice_equals_string(token.text, "1"));
        if (i == 4)
            EXPECT_INT(token.flags, WEIR_JSON_DECIMAL);
        if (i == 5)
            EXPECT_INT(token.flags, WEIR_JSON_ESCAPED | WEIR_JSON_HAS_NUL);
        if (token.kind == WEIR_JSON_END)
            break;
    }
    EXPECT_STRING(got, "{k[nns]k{ktk0}}.");
}

static void skips(void)
{
    struct weir_json json;
    struct weir_slice value;
    weir_json_begin(&json, text("{\"a\": [1, {\"b\": 2}] , \"c\": \"s\"}"));
    (void)weir_json_next(&json);
    (void)weir_json_next(&json);
    EXPECT(weir_json_skip(&json, weir_json_next(&json), &value));
    EXPECT_SLICE(value, "[1, {\"b\": 2}]");
    struct weir_slice key = weir_json_next(&json).text;
    EXPECT_SLICE(key, "c");
    EXPECT(weir_json_skip(&json, weir_json_next(&json), &value));
    EXPECT_SLICE(value, "\"s\"");
    EXPECT_INT(weir_json_next(&json).kind, WEIR_JSON_OBJECT_END);
    EXPECT_INT(weir_json_next(&json).kind, WEIR_JSON_END);
    weir_json_begin(&json, text("[1, [2, x]]"));
    EXPECT(!weir_json_skip(&json, weir_json_next(&json), &value));
}

static void unescapes(void)
{
    char out[64];
    struct weir_slice in = text("\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\\ud83d\\ude00z");
    size_t size = weir_json_unescape(in, out);
    EXPECT_SLICE(weir_slice_make(out, size), "\"\\/\b\f\n\r\tAé€😀z");
    EXPECT(size <= in.size);
}

static void writes(void)
{
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    weir_json_write_string(&out, weir_slice_make("a\"b\\c\b\f\n\r\t\0\x1f/é\x7f", 16));
    EXPECT_SLICE(weir_buffer_slice(&out), "\"a\\\"b\\\\c\\b\\f\\n\\r\\t\\u0000\\u001f/é\x7f\"");
    weir_buffer_clear(&out);
    weir_json_write_string(&out, text("a string of more than sixteen bytes, \"quoted\" late on"));
    EXPECT_SLICE(weir_buffer_slice(&out),
                 "\"a string of more than sixteen bytes, \\\"quoted\\\" late on\"");
    weir_buffer_clear(&out);
    weir_json_write_f64(&out, 0.1);
    weir_json_write_f64(&out, __builtin_inf());
    weir_json_write_f64(&out, -1e300);
    EXPECT_SLICE(weir_buffer_slice(&out), "0.1null-1e+300");
    weir_buffer_clear(&out);
    weir_json_write_compact(&out, text(" { \"a b\" : [ 1 , \"x \\\" y\" ] } "));
    EXPECT_SLICE(weir_buffer_slice(&out), "{\"a b\":[1,\"x \\\" y\"]}");
    weir_buffer_deinit(&out);
}

static void agrees_with_postgres_on_jsonb(void)
{
    struct weir_buffer a, b, pretty;
    struct vectors v;
    if (!vectors_open(&v, "jsonb.tsv"))
        return;
    weir_buffer_init(&a, NULL);
    weir_buffer_init(&b, NULL);
    weir_buffer_init(&pretty, NULL);
    while (vectors_next(&v)) {
        weir_buffer_clear(&a);
        weir_buffer_clear(&b);
        weir_buffer_clear(&pretty);
        if (!weir_json_canonicalize(v.fields[0], &a, NULL, NULL) ||
            !weir_json_canonicalize(v.fields[1], &b, NULL, NULL)) {
            vectors_expect(&v, 2, "ERR", 3);
            EXPECT(a.size == 0 || b.size == 0);
            continue;
        }
        struct weir_slice x = weir_buffer_slice(&a), y = weir_buffer_slice(&b);
        vectors_expect(&v, 2, x.data, x.size);
        int order = weir_json_compare(x, y);
        vectors_expect(&v, 3, order < 0 ? "-1" : order ? "1" : "0", order < 0 ? 2 : 1);
        EXPECT_INT(weir_json_compare(y, x), -order);
        if (order == 0)
            EXPECT(weir_json_hash(x, 5) == weir_json_hash(y, 5));
        vectors_expect(&v, 4, weir_json_contains(x, y) ? "t" : "f", 1);
        weir_json_write_pretty(&pretty, x);
        for (size_t i = 0; i < pretty.size; i++)
            if (pretty.data[i] == '\n')
                pretty.data[i] = '~';
        vectors_expect(&v, 5, pretty.data, pretty.size);
    }
    EXPECT(v.lines > 600);
    weir_buffer_deinit(&a);
    weir_buffer_deinit(&b);
    weir_buffer_deinit(&pretty);
}

static void compares_numbers(void)
{
    EXPECT_INT(weir_json_compare_numbers(text("1.50"), text("15e-1")), 0);
    EXPECT_INT(weir_json_compare_numbers(text("-0"), text("0e99")), 0);
    EXPECT_INT(weir_json_compare_numbers(text("1e100"), text("9e99")), 1);
    EXPECT_INT(weir_json_compare_numbers(text("-1e100"), text("1")), -1);
    EXPECT_INT(weir_json_compare_numbers(text("-2"), text("-10")), 1);
    EXPECT_INT(weir_json_compare_numbers(text("0.001"), text("0.0011")), -1);
    EXPECT_INT(weir_json_compare_numbers(text("123456789012345678901234567890.1"),
                                         text("123456789012345678901234567890.2")),
               -1);
}

/* Reads stay inside: every prefix in a heap block of its own size. */
static void stays_inside(void)
{
    const char *whole =
        "{\"key with \\u00e9 and \\ud83d\\ude00\": [1.5e+10, true, false, null, \"é€😀\", "
        "{\"x\": -0.25}], \"long long long long string\": {}}";
    for (size_t size = 0; size <= strlen(whole); size++) {
        char *copy = malloc(size ? size : 1);
        size_t offset;
        memcpy(copy, whole, size);
        EXPECT(weir_json_validate(weir_slice_make(copy, size), &offset, NULL) ==
               (size == strlen(whole)));
        EXPECT(offset <= size);
        free(copy);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(accepts),
                                             TEST_CASE(refuses),
                                             TEST_CASE(limits_depth),
                                             TEST_CASE(tokenizes),
                                             TEST_CASE(skips),
                                             TEST_CASE(unescapes),
                                             TEST_CASE(writes),
                                             TEST_CASE(agrees_with_postgres_on_jsonb),
                                             TEST_CASE(compares_numbers),
                                             TEST_CASE(stays_inside)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
