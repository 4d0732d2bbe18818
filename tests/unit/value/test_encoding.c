/* UUIDs, base64, hex, escape and bytea texts; expected values from Postgres 15 and the RFCs. */
#include "test.h"
#include "value/base64.h"
#include "value/uuid.h"

static struct weir_slice text(const char *string)
{
    return weir_slice_from_string(string);
}

static void reads_uuids(void)
{
    static const char *const good[] = {
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",    "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
        "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",  "a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}"};
    static const char *const bad[] = {"",
                                      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
                                      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111",
                                      "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                                      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
                                      "a-0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                                      "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                                      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-"};
    struct weir_uuid value;
    char out[WEIR_UUID_SIZE];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        EXPECT_INT(weir_uuid_parse(text(good[i]), &value), 0);
        EXPECT_SLICE(weir_slice_make(out, weir_uuid_print(out, value)), good[0]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT_INT(weir_uuid_parse(text(bad[i]), &value), WEIR_PARSE_SYNTAX);
}

static void makes_uuids(void)
{
    struct weir_uuid name_space;
    char out[WEIR_UUID_SIZE];
    uint8_t random[16];
    memset(random, 0xFF, sizeof random);
    EXPECT_SLICE(weir_slice_make(out, weir_uuid_print(out, weir_uuid_v4(random))),
                 "ffffffff-ffff-4fff-bfff-ffffffffffff");
    /* RFC 9562, appendix A.4 and A.6 */
    EXPECT_INT(weir_uuid_parse(text("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), &name_space), 0);
    EXPECT_SLICE(weir_slice_make(
                     out, weir_uuid_print(out, weir_uuid_v5(name_space, text("www.example.com")))),
                 "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    static const uint8_t bits[10] = {0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
    EXPECT_SLICE(
        weir_slice_make(out, weir_uuid_print(out, weir_uuid_v7(UINT64_C(0x017F22E279B0), bits))),
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

static void expect_base64(const char *bytes, size_t size, enum weir_base64_style style,
                          const char *want)
{
    struct weir_buffer out, back;
    weir_buffer_init(&out, NULL);
    weir_buffer_init(&back, NULL);
    weir_base64_encode(&out, weir_slice_make(bytes, size), style);
    EXPECT_SLICE(weir_buffer_slice(&out), want);
    EXPECT(weir_base64_decode(&back, weir_buffer_slice(&out), style));
    EXPECT(weir_slice_equals(weir_buffer_slice(&back), weir_slice_make(bytes, size)));
    weir_buffer_deinit(&out);
    weir_buffer_deinit(&back);
}

static void encodes_base64(void)
{
    char many[114];
    memset(many, 0, sizeof many);
    expect_base64("", 0, WEIR_BASE64_PLAIN, "");
    expect_base64("f", 1, WEIR_BASE64_PLAIN, "Zg==");
    expect_base64("fo", 2, WEIR_BASE64_PLAIN, "Zm8=");
    expect_base64("foo", 3, WEIR_BASE64_PLAIN, "Zm9v");
    expect_base64("foobar", 6, WEIR_BASE64_PLAIN, "Zm9vYmFy");
    expect_base64("\xfb\xff\xfe", 3, WEIR_BASE64_PLAIN, "+//+");
    expect_base64("\xfb\xff\xfe", 3, WEIR_BASE64_URL, "-__-");
    expect_base64("f", 1, WEIR_BASE64_URL, "Zg");
    /* Postgres: a line feed behind every 76 characters, the last full line included. */
    expect_base64(many, 57, WEIR_BASE64_MIME,
                  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
    expect_base64(many, 58, WEIR_BASE64_MIME,
                  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                  "AA==");
    static const char *const bad[] = {"Z",        "Zg",   "Zg=",   "Zg===", "=",
                                      "Zg==Zg==", "Z!==", "Zm9v=", "Z=g="};
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    weir_buffer_append(&out, "kept", 4);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(!weir_base64_decode(&out, text(bad[i]), WEIR_BASE64_PLAIN));
    EXPECT_SLICE(weir_buffer_slice(&out), "kept");
    EXPECT(weir_base64_decode(&out, text(" Zm\n9v "), WEIR_BASE64_PLAIN));
    EXPECT_SLICE(weir_buffer_slice(&out), "keptfoo");
    weir_buffer_deinit(&out);
}

static void reads_and_prints_bytea(void)
{
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    weir_bytea_print(&out, weir_slice_make("a\0\\\xff", 4));
    EXPECT_SLICE(weir_buffer_slice(&out), "\\x61005cff");
    weir_buffer_clear(&out);
    weir_escape_encode(&out, weir_slice_make("a\0\\\xff", 4));
    EXPECT_SLICE(weir_buffer_slice(&out), "a\\000\\\\\\377");
    weir_buffer_clear(&out);
    EXPECT(weir_bytea_parse(&out, text("\\x61 005C\nff")));
    EXPECT(weir_slice_equals(weir_buffer_slice(&out), weir_slice_make("a\0\\\xff", 4)));
    weir_buffer_clear(&out);
    EXPECT(weir_bytea_parse(&out, text("a\\000\\\\\\377")));
    EXPECT(weir_slice_equals(weir_buffer_slice(&out), weir_slice_make("a\0\\\xff", 4)));
    weir_buffer_clear(&out);
    static const char *const bad[] = {"\\x6", "\\x6g", "\\x6 1", "\\",
                                      "\\1",  "\\400", "\\08",   "a\\x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(!weir_bytea_parse(&out, text(bad[i])));
    EXPECT_INT(out.size, 0);
    weir_buffer_deinit(&out);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(reads_uuids), TEST_CASE(makes_uuids),
                                             TEST_CASE(encodes_base64),
                                             TEST_CASE(reads_and_prints_bytea)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
