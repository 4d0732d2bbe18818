/* The JSON decoder: what values become, which records are bad and why, batches and runs. Every
 * case is decoded on both paths and all instruction sets, in small and large runs; all must agree
 * before the answer is compared with the one written here. */
#include "format/json_support.h"
#include "test.h"

#include "value/isa.h"

static struct weir_arena types_arena;

/* The one answer of all ways to decode text, rows then bad records; reported when they differ. */
static void expect_decoded(struct support_table *table, const char *text, size_t size,
                           const char *rows, const char *bad, int line)
{
    static const struct support_settings ways[] = {
        {.isa = WEIR_ISA_SCALAR, .strict_only = true, .rows_max = 2048, .run_size = 1 << 20},
        {.isa = WEIR_ISA_SCALAR, .rows_max = 2048, .run_size = 1 << 20},
        {.isa = WEIR_ISA_AVX2, .rows_max = 2048, .run_size = 1 << 20},
        {.isa = WEIR_ISA_AVX512, .rows_max = 2048, .run_size = 1 << 20},
        {.isa = WEIR_ISA_AVX512, .rows_max = 1, .run_size = 1 << 20},
        {.isa = WEIR_ISA_AVX512, .rows_max = 3, .run_size = 7}};
    struct support_result first;
    support_decode(table, &ways[0], weir_slice_make(text, size), &first);
    test_int(first.status, WEIR_OK, __FILE__, line, "status");
    if (first.status != WEIR_OK)
        fprintf(stderr, "  %s\n", first.error.message);
    for (size_t i = 1; i < WEIR_COUNT_OF(ways); i++) {
        struct support_result other;
        support_decode(table, &ways[i], weir_slice_make(text, size), &other);
        if (!support_same(&first, &other)) {
            test_report(false, __FILE__, line, "all ways agree");
            fprintf(stderr, "way %zu, status %d:\n%.*s%.*sagainst\n%.*s%.*s", i, (int)other.status,
                    WEIR_SLICE_ARGS(other.rows), WEIR_SLICE_ARGS(other.bad),
                    WEIR_SLICE_ARGS(first.rows), WEIR_SLICE_ARGS(first.bad));
        }
        support_result_deinit(&other);
    }
    test_text(first.rows.data ? first.rows.data : "", first.rows.size, rows, __FILE__, line,
              "rows");
    test_text(first.bad.data ? first.bad.data : "", first.bad.size, bad, __FILE__, line,
              "bad records");
    support_result_deinit(&first);
}
#define DECODED(table, text, rows, bad) \
    expect_decoded((table), (text), sizeof(text) - 1, (rows), (bad), __LINE__)

static const struct weir_type *of(enum weir_type_kind kind)
{
    return weir_type_of(kind);
}

static void reads_the_plain_case(void)
{
    struct support_table table = {0};
    support_add(&table, "id", of(WEIR_TYPE_INT64));
    support_add(&table, "name", of(WEIR_TYPE_TEXT));
    support_add(&table, "price", of(WEIR_TYPE_FLOAT64));
    DECODED(&table,
            "{\"id\":1,\"name\":\"a\",\"price\":1.5,\"more\":[1,2]}\n"
            "{\"id\":2,\"name\":\"longer than twelve bytes\",\"price\":2}\n"
            "{\"id\":3,\"name\":\"\",\"price\":-0.25}\n"
            "{\"id\":-4,\"name\":null,\"price\":null}\n"
            "{}\n",
            "0: [1,\"a\",1.5]\n1: [2,\"longer than twelve bytes\",2]\n2: [3,\"\",-0.25]\n"
            "3: [-4,null,null]\n4: [null,null,null]\n",
            "");
}

static void takes_any_line_end(void)
{
    struct support_table table = {0};
    support_add(&table, "a", of(WEIR_TYPE_INT64));
    DECODED(&table, "{\"a\":1}\r\n\r\n  \t\n\n{\"a\":2}\r\n{\"a\":3}", "0: [1]\n1: [2]\n2: [3]\n",
            "");
    DECODED(&table, "", "", "");
    DECODED(&table, "\n\n", "", "");
    DECODED(&table, "  ", "", "");
    DECODED(&table, " { \"a\" : 7 } \n\t{\"a\":8}\t\r\n", "0: [7]\n1: [8]\n", "");
}

static void many_lines_of_one_shape(void)
{
    struct support_table table = {0};
    struct weir_buffer text, rows;
    weir_buffer_init(&text, NULL);
    weir_buffer_init(&rows, NULL);
    support_add(&table, "k", of(WEIR_TYPE_TEXT));
    support_add_path(&table, "x", of(WEIR_TYPE_INT64), "$.o.x");
    support_add(&table, "d", weir_type_decimal(&types_arena, 12, 3));
    support_add(&table, "b", of(WEIR_TYPE_BOOLEAN));
    for (int i = 0; i < 5000; i++) {
        weir_buffer_printf(&text,
                           "{\"k\":\"key%d\",\"o\":{\"x\":%d,\"y\":%d.5},\"d\":%d.25,\"b\":%s}\n",
                           i, i * 7, i, i, i % 3 ? "true" : "false");
        weir_buffer_printf(&rows, "%d: [\"key%d\",%d,%d.250,%s]\n", i, i, i * 7, i,
                           i % 3 ? "true" : "false");
    }
    weir_buffer_append_char(&rows, '\0');
    expect_decoded(&table, text.data, text.size, rows.data, "", __LINE__);
    weir_buffer_deinit(&text);
    weir_buffer_deinit(&rows);
}

/* Escapes in a known layout: everywhere a block of the index can be cut. */
static void escapes_in_many_lines(void)
{
    struct support_table table = {0};
    struct weir_buffer text, rows;
    weir_buffer_init(&text, NULL);
    weir_buffer_init(&rows, NULL);
    support_add(&table, "t", of(WEIR_TYPE_TEXT));
    support_add(&table, "n", of(WEIR_TYPE_INT64));
    for (int i = 0; i < 3000; i++) {
        int pad = i % 131;
        weir_buffer_printf(&text, "{\"u\":\"%*s\\\"\\\\\",\"t\":\"%s\",\"n\":%d}\n", pad, "x",
                           i % 3 == 0   ? "a\\\"b\\\\"
                           : i % 3 == 1 ? "plain"
                                        : "\\ud83d\\ude00\\/",
                           i);
        weir_buffer_printf(&rows, "%d: [\"%s\",%d]\n", i,
                           i % 3 == 0   ? "a\\\"b\\\\"
                           : i % 3 == 1 ? "plain"
                                        : "😀/",
                           i);
    }
    weir_buffer_append_char(&rows, '\0');
    expect_decoded(&table, text.data, text.size, rows.data, "", __LINE__);
    weir_buffer_deinit(&text);
    weir_buffer_deinit(&rows);
}

/* A brace alone on its line is a record of its own, and a bad one. */
static void braces_alone(void)
{
    struct support_table table = {0};
    struct weir_buffer text, rows, bad;
    weir_buffer_init(&text, NULL);
    weir_buffer_init(&rows, NULL);
    weir_buffer_init(&bad, NULL);
    support_add(&table, "a", of(WEIR_TYPE_INT64));
    for (int i = 0; i < 900; i++) {
        int kind = i % 3;
        weir_buffer_printf(&text,
                           kind == 0   ? "{\n"
                           : kind == 1 ? "{\"b%d\":1,\"a\":2}\n"
                                       : "{\"c%d\":{\n",
                           i);
        if (kind == 1)
            weir_buffer_printf(&rows, "%d: [2]\n", i);
        else
            weir_buffer_printf(&bad, "%d 3001 +%zu : the text ends inside the value [{%.*s]\n", i,
                               kind ? strlen("{\"c\":{") + (i > 99  ? 3u
                                                            : i > 9 ? 2u
                                                                    : 1u)
                                    : 1u,
                               kind ? (int)(strlen("\"c\":{") + (i > 99  ? 3
                                                                 : i > 9 ? 2
                                                                         : 1))
                                    : 0,
                               kind ? text.data + text.size - 1 - strlen("\"c\":{") -
                                          (i > 99  ? 3u
                                           : i > 9 ? 2u
                                                   : 1u)
                                    : "");
    }
    weir_buffer_append_char(&rows, '\0');
    weir_buffer_append_char(&bad, '\0');
    expect_decoded(&table, text.data, text.size, rows.data, bad.data, __LINE__);
    weir_buffer_deinit(&text);
    weir_buffer_deinit(&rows);
    weir_buffer_deinit(&bad);
}

static void integers(void)
{
    struct support_table table = {0};
    support_add(&table, "a", of(WEIR_TYPE_INT64));
    DECODED(
        &table,
        "{\"a\":9223372036854775807}\n{\"a\":-9223372036854775808}\n{\"a\":9223372036854775808}\n"
        "{\"a\":1.0}\n{\"a\":1e3}\n{\"a\":120e-1}\n{\"a\":1.5}\n{\"a\":-0}\n{\"a\":\"42\"}\n"
        "{\"a\":\" 42\"}\n{\"a\":\"+42\"}\n{\"a\":\"\"}\n{\"a\":true}\n{\"a\":[1]}\n{\"a\":{}}\n"
        "{\"a\":1234567890123456}\n{\"a\":12345678901234567}\n{\"a\":\"\\u0034\"}\n"
        "{\"a\":1e400}\n{\"a\":0.0}\n",
        "0: [9223372036854775807]\n1: [-9223372036854775808]\n3: [1]\n4: [1000]\n5: [12]\n7: [0]\n"
        "8: [42]\n15: [1234567890123456]\n16: [12345678901234567]\n17: [4]\n19: [0]\n",
        "2 3004 +5 a: 9223372036854775808 is out of range of BIGINT "
        "[{\"a\":9223372036854775808}]\n"
        "6 3004 +5 a: expected an integer, found 1.5 [{\"a\":1.5}]\n"
        "9 3004 +6 a: expected an integer, found \" 42\" [{\"a\":\" 42\"}]\n"
        "10 3004 +6 a: expected an integer, found \"+42\" [{\"a\":\"+42\"}]\n"
        "11 3004 +6 a: expected an integer, found \"\" [{\"a\":\"\"}]\n"
        "12 3004 +5 a: expected an integer, found true [{\"a\":true}]\n"
        "13 3004 +5 a: expected an integer, found [1] [{\"a\":[1]}]\n"
        "14 3004 +5 a: expected an integer, found {} [{\"a\":{}}]\n"
        "18 3004 +5 a: 1e400 is out of range of BIGINT [{\"a\":1e400}]\n");
}

static void narrow_integers(void)
{
    static const struct {
        enum weir_type_kind kind;
        const char *least, *greatest, *below, *above;
    } kinds[] = {{WEIR_TYPE_INT8, "-128", "127", "-129", "128"},
                 {WEIR_TYPE_INT16, "-32768", "32767", "-32769", "32768"},
                 {WEIR_TYPE_INT32, "-2147483648", "2147483647", "-2147483649", "2147483648"},
                 {WEIR_TYPE_UINT8, "0", "255", "-1", "256"},
                 {WEIR_TYPE_UINT16, "0", "65535", "-1", "65536"},
                 {WEIR_TYPE_UINT32, "0", "4294967295", "-1", "4294967296"},
                 {WEIR_TYPE_UINT64, "0", "18446744073709551615", "-1", "18446744073709551616"}};
    for (size_t i = 0; i < WEIR_COUNT_OF(kinds); i++) {
        struct support_table table = {0};
        struct support_result result;
        struct support_settings settings = {
            .isa = WEIR_ISA_AVX512, .rows_max = 2048, .run_size = 1 << 20, .brief = true};
        char text[512], rows[512];
        support_add(&table, "a", of(kinds[i].kind));
        snprintf(text, sizeof text,
                 "{\"a\":1}\n{\"a\":%s}\n{\"a\":%s}\n{\"a\":%s}\n{\"a\":%s}\n{\"a\":null}\n",
                 kinds[i].least, kinds[i].greatest, kinds[i].below, kinds[i].above);
        snprintf(rows, sizeof rows, "0: [1]\n1: [%s]\n2: [%s]\n5: [null]\n", kinds[i].least,
                 kinds[i].greatest);
        support_decode(&table, &settings, weir_slice_from_string(text), &result);
        EXPECT_SLICE(result.rows, rows);
        EXPECT_SLICE(result.bad, "3 3004\n4 3004\n");
        support_result_deinit(&result);
    }
}

static void floats_and_decimals(void)
{
    struct support_table table = {0};
    support_add(&table, "f", of(WEIR_TYPE_FLOAT64));
    DECODED(
        &table,
        "{\"f\":0.1}\n{\"f\":1e308}\n{\"f\":1e309}\n{\"f\":1e-400}\n{\"f\":-0}\n{\"f\":-0.0}\n"
        "{\"f\":123456789012345678901234567890}\n{\"f\":\"2.5\"}\n{\"f\":\"NaN\"}\n"
        "{\"f\":\"-Infinity\"}\n{\"f\":\"nan\"}\n{\"f\":9007199254740993}\n"
        "{\"f\":0.1000000000000000055511151231257827}\n{\"f\":2.2250738585072014e-308}\n"
        "{\"f\":\"0x10\"}\n{\"f\":NaN}\n",
        "0: [0.1]\n1: [1e+308]\n3: [0]\n4: [-0]\n5: [-0]\n6: [1.2345678901234568e+29]\n7: [2.5]\n"
        "8: [\"NaN\"]\n9: [\"-Infinity\"]\n11: [9.007199254740992e+15]\n12: [0.1]\n"
        "13: [2.2250738585072014e-308]\n",
        "2 3004 +5 f: 1e309 is out of range of DOUBLE [{\"f\":1e309}]\n"
        "10 3004 +6 f: expected a number, found \"nan\" [{\"f\":\"nan\"}]\n"
        "14 3004 +6 f: expected a number, found \"0x10\" [{\"f\":\"0x10\"}]\n"
        "15 3001 +5 : a byte that cannot stand here [{\"f\":NaN}]\n");
    struct support_table decimals = {0};
    support_add(&decimals, "d", weir_type_decimal(&types_arena, 5, 2));
    DECODED(&decimals,
            "{\"d\":1.25}\n{\"d\":1}\n{\"d\":-999.99}\n{\"d\":999.994}\n{\"d\":999.995}\n"
            "{\"d\":1000}\n{\"d\":\"0.5\"}\n{\"d\":1.005}\n{\"d\":1e2}\n{\"d\":-0.005}\n",
            "0: [1.25]\n1: [1.00]\n2: [-999.99]\n3: [999.99]\n6: [0.50]\n7: [1.01]\n8: [100.00]\n"
            "9: [-0.01]\n",
            "4 3004 +5 d: 999.995 is out of range of DECIMAL(5,2) [{\"d\":999.995}]\n"
            "5 3004 +5 d: 1000 is out of range of DECIMAL(5,2) [{\"d\":1000}]\n");
}

static void texts(void)
{
    struct support_table table = {0};
    support_add(&table, "t", of(WEIR_TYPE_TEXT));
    DECODED(
        &table,
        "{\"t\":\"a\\n\\\"\\\\\\/\\b\\f\\r\\t\"}\n{\"t\":\"\\u00e9\\u4e16\\ud83d\\ude00\"}\n"
        "{\"t\":\"é世😀\"}\n{\"t\":1.50}\n{\"t\":true}\n{\"t\":[1, {\"x\":null}]}\n"
        "{\"t\":{\"a\":\"\\u0041\"}}\n{\"t\":\"\\u0000\"}\n{\"t\":\"\\ud800\"}\n"
        "{\"t\":\"\\udc00\\ud800\"}\n{\"t\":\"twelve bytes\"}\n{\"t\":\"thirteen byte\"}\n",
        "0: [\"a\\n\\\"\\\\/\\b\\f\\r\\t\"]\n1: [\"é世😀\"]\n2: [\"é世😀\"]\n3: [\"1.50\"]\n"
        "4: [\"true\"]\n5: [\"[1, {\\\"x\\\":null}]\"]\n6: [\"{\\\"a\\\":\\\"\\\\u0041\\\"}\"]\n"
        "10: [\"twelve bytes\"]\n11: [\"thirteen byte\"]\n",
        "7 3004 +6 t: \\u0000 cannot be stored in TEXT [{\"t\":\"\\u0000\"}]\n"
        "8 3001 +6 : half of a surrogate pair in a string [{\"t\":\"\\ud800\"}]\n"
        "9 3001 +6 : half of a surrogate pair in a string [{\"t\":\"\\udc00\\ud800\"}]\n");
    struct support_table limited = {0};
    struct weir_type varchar = *of(WEIR_TYPE_TEXT);
    varchar.length = 3;
    support_add(&limited, "t", &varchar);
    DECODED(&limited, "{\"t\":\"abc\"}\n{\"t\":\"世世世\"}\n{\"t\":\"abcd\"}\n",
            "0: [\"abc\"]\n1: [\"世世世\"]\n",
            "2 3004 +6 t: \"abcd\" is too long for VARCHAR(3) [{\"t\":\"abcd\"}]\n");
}

static void times(void)
{
    struct support_table table = {0};
    support_add(&table, "t", of(WEIR_TYPE_TIMESTAMP));
    DECODED(
        &table,
        "{\"t\":\"2013-01-01T05:15:00\"}\n{\"t\":\"2013-01-01 05:15:00.5\"}\n"
        "{\"t\":\"2013-01-01T05:15:00+02:00\"}\n{\"t\":\"2013-01-01T05:15:00Z\"}\n"
        "{\"t\":\"2013-01-01\"}\n{\"t\":1700000000000000}\n{\"t\":1.7e15}\n{\"t\":1.5}\n"
        "{\"t\":\"yesterday\"}\n{\"t\":\"1/8/"
        "1999\"}\n{\"t\":\"2013-13-01T00:00:00\"}\n{\"t\":true}\n"
        "{\"t\":-1}\n{\"t\":1e30}\n",
        "0: [\"2013-01-01T05:15:00\"]\n1: [\"2013-01-01T05:15:00.5\"]\n"
        "2: [\"2013-01-01T03:15:00\"]\n3: [\"2013-01-01T05:15:00\"]\n4: [\"2013-01-01T00:00:00\"]\n"
        "5: [\"2023-11-14T22:13:20\"]\n6: [\"2023-11-14T22:13:20\"]\n"
        "12: [\"1969-12-31T23:59:59.999999\"]\n",
        "7 3004 +5 t: expected a timestamp, found 1.5 [{\"t\":1.5}]\n"
        "8 3004 +6 t: expected a timestamp, found \"yesterday\" [{\"t\":\"yesterday\"}]\n"
        "9 3004 +6 t: expected a timestamp, found \"1/8/1999\" [{\"t\":\"1/8/1999\"}]\n"
        "10 3011 +6 t: \"2013-13-01T00:00:00\" is out of range of TIMESTAMP "
        "[{\"t\":\"2013-13-01T00:00:00\"}]\n"
        "11 3004 +5 t: expected a timestamp, found true [{\"t\":true}]\n"
        "13 3011 +5 t: 1e30 is out of range of TIMESTAMP [{\"t\":1e30}]\n");
}

static void time_units(void)
{
    struct support_table table = {0};
    struct weir_type seconds = *of(WEIR_TYPE_TIMESTAMP), millis = seconds;
    seconds.precision = 0;
    millis.precision = 3;
    support_add_path(&table, "s", &seconds, "$.a");
    support_add_path(&table, "m", &millis, "$.b");
    support_add_path(&table, "u", of(WEIR_TYPE_TIMESTAMPTZ), "$.c");
    support_add_path(&table, "n", of(WEIR_TYPE_TIMESTAMP_NS), "$.d");
    DECODED(
        &table,
        "{\"a\":1700000000,\"b\":1700000000123,\"c\":1700000000123456,\"d\":1700000000123456789}\n"
        "{\"a\":\"2023-11-14T22:13:20.6\",\"b\":\"2023-11-14T22:13:20.1236\",\"c\":null,"
        "\"d\":\"2023-11-14T22:13:20.123456789Z\"}\n",
        "0: [\"2023-11-14T22:13:20\",\"2023-11-14T22:13:20.123\",\"2023-11-14T22:13:20.123456Z\","
        "\"2023-11-14T22:13:20.123456789\"]\n"
        "1: [\"2023-11-14T22:13:21\",\"2023-11-14T22:13:20.124\",null,"
        "\"2023-11-14T22:13:20.123456789\"]\n",
        "");
    static const char *const units[][2] = {{"s", "1700000000"},
                                           {"unix_millis", "1700000000000"},
                                           {"us", "1700000000000000"},
                                           {"unix_nanos", "1700000000000000000"}};
    for (size_t i = 0; i < WEIR_COUNT_OF(units); i++) {
        struct support_table one = {0};
        char text[64];
        support_add(&one, "t", of(WEIR_TYPE_TIMESTAMP));
        support_option(&one, i % 2 ? "json.timestamp_format" : "timestamp_format", units[i][0]);
        snprintf(text, sizeof text, "{\"t\":%s}\n{\"t\":%s}\n", units[i][1], units[i][1]);
        expect_decoded(&one, text, strlen(text),
                       "0: [\"2023-11-14T22:13:20\"]\n1: [\"2023-11-14T22:13:20\"]\n", "",
                       __LINE__);
    }
}

static void other_scalars(void)
{
    struct support_table table = {0};
    support_add(&table, "b", of(WEIR_TYPE_BOOLEAN));
    support_add(&table, "d", of(WEIR_TYPE_DATE));
    support_add(&table, "t", of(WEIR_TYPE_TIME));
    support_add(&table, "u", of(WEIR_TYPE_UUID));
    support_add(&table, "x", of(WEIR_TYPE_BYTEA));
    support_add(&table, "f", of(WEIR_TYPE_FLOAT32));
    DECODED(&table,
            "{\"b\":true,\"d\":\"2013-01-31\",\"t\":\"05:15:00.25\","
            "\"u\":\"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\",\"x\":\"\\\\x4142\",\"f\":0.1}\n"
            "{\"b\":false,\"d\":null}\n{\"b\":\"true\"}\n{\"b\":1}\n{\"d\":\"2013-02-30\"}\n"
            "{\"d\":1}\n{\"t\":\"25:00\"}\n{\"u\":\"x\"}\n{\"f\":1e39}\n",
            "0: [true,\"2013-01-31\",\"05:15:00.25\",\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\","
            "\"\\\\x4142\",0.1]\n1: [false,null,null,null,null,null]\n",
            "2 3004 +6 b: expected true or false, found \"true\" [{\"b\":\"true\"}]\n"
            "3 3004 +5 b: expected true or false, found 1 [{\"b\":1}]\n"
            "4 3011 +6 d: \"2013-02-30\" is out of range of DATE [{\"d\":\"2013-02-30\"}]\n"
            "5 3004 +5 d: expected a date, found 1 [{\"d\":1}]\n"
            "6 3011 +6 t: \"25:00\" is out of range of TIME [{\"t\":\"25:00\"}]\n"
            "7 3004 +6 u: expected a UUID, found \"x\" [{\"u\":\"x\"}]\n"
            "8 3004 +5 f: 1e39 is out of range of REAL [{\"f\":1e39}]\n");
    struct support_table base64 = {0};
    support_add(&base64, "x", of(WEIR_TYPE_BYTEA));
    support_option(&base64, "json.bytea_format", "base64");
    DECODED(&base64, "{\"x\":\"QUI=\"}\n{\"x\":\"QUIgbG9uZ2VyIHRoYW4gdHdlbHZl\"}\n",
            "0: [\"\\\\x4142\"]\n1: [\"\\\\x4142206c6f6e676572207468616e207477656c7665\"]\n", "");
}

static void json_columns(void)
{
    struct support_table table = {0};
    support_add(&table, "j", of(WEIR_TYPE_JSON));
    support_add(&table, "k", of(WEIR_TYPE_JSONB));
    DECODED(&table,
            "{\"j\":{\"b\": 1, \"a\":[ ]},\"k\":{\"b\": 1, \"a\":[ "
            "]}}\n{\"j\":\"x\\u0041\",\"k\":\"x\"}\n"
            "{\"j\":null,\"k\":1.50}\n{\"j\":12,\"k\":true}\n",
            "0: [{\"b\": 1, \"a\":[ ]},{\"a\": [], \"b\": 1}]\n1: [\"x\\u0041\",\"x\"]\n"
            "2: [null,1.50]\n3: [12,true]\n",
            "");
    struct support_table whole = {0};
    support_add(&whole, "value", of(WEIR_TYPE_JSON));
    support_option(&whole, "json.unstructured", "true");
    DECODED(&whole, " {\"a\":1} \n{\"b\":[2]}\n[1]\n", "0: [{\"a\":1}]\n1: [{\"b\":[2]}]\n",
            "2 3001 +0 : a record must be an object [[1]]\n");
}

static void nested_columns(void)
{
    const struct weir_type *bigint = of(WEIR_TYPE_INT64), *text = of(WEIR_TYPE_TEXT);
    const struct weir_type *pair = weir_type_struct(
        &types_arena, 2, (const struct weir_type *[]){bigint, text},
        (const struct weir_slice[]){weir_slice_from_string("x"), weir_slice_from_string("y")});
    struct support_table table = {0};
    support_add(&table, "l", weir_type_list(&types_arena, bigint));
    support_add(&table, "s", pair);
    support_add(&table, "m", weir_type_map(&types_arena, text, bigint));
    support_add(&table, "ls", weir_type_list(&types_arena, pair));
    DECODED(
        &table,
        "{\"l\":[1,null,3],\"s\":{\"x\":1,\"y\":\"a\",\"z\":0},\"m\":{\"a\":1,\"b\":2,\"a\":3},"
        "\"ls\":[{\"x\":1},{\"y\":\"q\",\"x\":2},null]}\n"
        "{\"l\":[],\"s\":{},\"m\":{},\"ls\":[]}\n{}\n{\"s\":null}\n"
        "{\"l\":[1,\"x\"]}\n{\"l\":5}\n{\"s\":[1]}\n{\"s\":{\"x\":\"q\"}}\n{\"m\":{\"a\":true}}\n"
        "{\"ls\":[[]]}\n{\"l\":[7]}\n",
        "0: [[1,null,3],{\"x\":1,\"y\":\"a\"},{\"a\":3,\"b\":2},"
        "[{\"x\":1,\"y\":null},{\"x\":2,\"y\":\"q\"},null]]\n"
        "1: [[],{\"x\":null,\"y\":null},{},[]]\n2: [null,null,null,null]\n"
        "3: [null,null,null,null]\n10: [[7],null,null,null]\n",
        "4 3004 +5 l: expected an array, found [1,\"x\"] [{\"l\":[1,\"x\"]}]\n"
        "5 3004 +5 l: expected an array, found 5 [{\"l\":5}]\n"
        "6 3004 +5 s: expected an object, found [1] [{\"s\":[1]}]\n"
        "7 3004 +11 s: expected an integer, found \"q\" [{\"s\":{\"x\":\"q\"}}]\n"
        "8 3004 +5 m: expected an object, found {\"a\":true} [{\"m\":{\"a\":true}}]\n"
        "9 3004 +6 ls: expected an array, found [[]] [{\"ls\":[[]]}]\n");
}

static void paths(void)
{
    struct support_table table = {0};
    support_add_path(&table, "os", of(WEIR_TYPE_TEXT), "$.device.os");
    support_add_path(&table, "second", of(WEIR_TYPE_INT64), "$.list[1]");
    support_add_path(&table, "odd", of(WEIR_TYPE_INT64), "$['a b'][\"c.d\"]");
    support_add_path(&table, "deep", of(WEIR_TYPE_INT64), "$.list[2].x");
    DECODED(&table,
            "{\"device\":{\"os\":\"linux\",\"v\":1},\"list\":[1,2,{\"x\":3}],\"a b\":{\"c.d\":4}}\n"
            "{\"device\":{\"v\":1},\"list\":[1],\"a b\":null}\n{\"device\":5,\"list\":{\"1\":2}}\n"
            "{\"device\":{\"os\":\"a\"},\"device\":{}}\n{\"device\":{\"os\":\"a\"},\"device\":1}\n"
            "{\"device\":{},\"device\":{\"os\":\"b\"}}\n{\"list\":[7,8],\"list\":[9]}\n",
            "0: [\"linux\",2,4,3]\n1: [null,null,null,null]\n2: [null,null,null,null]\n"
            "3: [null,null,null,null]\n4: [null,null,null,null]\n5: [\"b\",null,null,null]\n"
            "6: [null,null,null,null]\n",
            "");
    static const char *const wrong[] = {"device", "$.",    "$x",   "$.a[", "$.a[x]",
                                        "$['a'",  "$.a[1", "$..a", ""};
    for (size_t i = 0; i + 1 < WEIR_COUNT_OF(wrong); i++) {
        struct support_table bad = {0};
        struct support_result result;
        struct support_settings settings = {.rows_max = 1, .run_size = 1};
        support_add_path(&bad, "c", of(WEIR_TYPE_TEXT), wrong[i]);
        support_decode(&bad, &settings, weir_slice_from_string("{}"), &result);
        EXPECT_INT(result.status, WEIR_E_BAD_OPTION);
        support_result_deinit(&result);
    }
}

static void keys(void)
{
    struct support_table table = {0};
    support_add(&table, "a", of(WEIR_TYPE_INT64));
    support_add(&table, "é", of(WEIR_TYPE_INT64));
    support_add(&table, "a_key_longer_than_sixteen_bytes", of(WEIR_TYPE_INT64));
    support_add(&table, "", of(WEIR_TYPE_INT64));
    DECODED(
        &table,
        "{\"\\u0061\":1,\"\\u00e9\":2,\"a_key_longer_than_sixteen_bytes\":3,\"\":4}\n"
        "{\"a_key_longer_than_sixteen_bytez\":3,\"a_kez_longer_than_sixteen_bytes\":1,\"é\":5}\n"
        "{\"a\":1,\"a\":2}\n{\"a\":\"x\",\"a\":2}\n{\"a\":2,\"a\":\"x\"}\n{\"a\":1,\"a\":null}\n"
        "{\"a\":null,\"\\u0061\":3}\n{\"A\":1}\n{\"a\\u0000\":1}\n",
        "0: [1,2,3,4]\n1: [null,5,null,null]\n2: [2,null,null,null]\n3: [2,null,null,null]\n"
        "5: [null,null,null,null]\n6: [3,null,null,null]\n7: [null,null,null,null]\n"
        "8: [null,null,null,null]\n",
        "4 3004 +12 a: expected an integer, found \"x\" [{\"a\":2,\"a\":\"x\"}]\n");
}

static void required_columns(void)
{
    struct support_table table = {0};
    support_add(&table, "a", of(WEIR_TYPE_INT64));
    support_add(&table, "t", of(WEIR_TYPE_TIMESTAMP));
    table.fields[0].nullable = false;
    table.fields[1].is_event_time = true;
    DECODED(&table,
            "{\"a\":1,\"t\":1}\n{\"t\":1}\n{\"a\":null,\"t\":1}\n{\"a\":1}\n{\"a\":2,\"t\":2}\n",
            "0: [1,\"1970-01-01T00:00:00.000001\"]\n4: [2,\"1970-01-01T00:00:00.000002\"]\n",
            "1 3005 +0 a: a NOT NULL column has no value [{\"t\":1}]\n"
            "2 3005 +0 a: a NOT NULL column has no value [{\"a\":null,\"t\":1}]\n"
            "3 3006 +0 t: the event time is missing or null [{\"a\":1}]\n");
}

static void bad_records_leave_no_lane(void)
{
    struct support_table table = {0};
    struct weir_buffer text, rows, bad;
    weir_buffer_init(&text, NULL);
    weir_buffer_init(&rows, NULL);
    weir_buffer_init(&bad, NULL);
    support_add(&table, "a", of(WEIR_TYPE_INT64));
    support_add(&table, "t", of(WEIR_TYPE_TEXT));
    for (int i = 0; i < 3000; i++) {
        bool broken = i % 7 == 3, type = i % 11 == 5;
        weir_buffer_printf(&text, "{\"a\":%s%d,\"t\":%s%s}\n", type ? "\"x\"" : "", type ? 0 : i,
                           i % 5 ? "\"text\"" : "null", broken ? "," : "");
        if (type || broken) /* neither "x"0 nor a comma at the end is JSON */
            weir_buffer_printf(&bad, "%d 3001\n", i);
        else
            weir_buffer_printf(&rows, "%d: [%d,%s]\n", i, i, i % 5 ? "\"text\"" : "null");
    }
    for (int isa = 0; isa < 3; isa++) {
        struct support_settings settings = {
            .isa = isa, .rows_max = 500, .run_size = 10000, .brief = true};
        struct support_result result;
        support_decode(&table, &settings, weir_buffer_slice(&text), &result);
        EXPECT(weir_slice_equals(weir_buffer_slice(&result.rows), weir_buffer_slice(&rows)));
        EXPECT(weir_slice_equals(weir_buffer_slice(&result.bad), weir_buffer_slice(&bad)));
        support_result_deinit(&result);
    }
    weir_buffer_deinit(&text);
    weir_buffer_deinit(&rows);
    weir_buffer_deinit(&bad);
}

static void long_records(void)
{
    struct support_table table = {0};
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    support_add(&table, "a", of(WEIR_TYPE_INT64));
    weir_buffer_append_string(&text, "{\"a\":1}\n{\"pad\":\"");
    for (int i = 0; i < 200000; i++)
        weir_buffer_append_char(&text, 'p');
    weir_buffer_append_string(&text, "\",\"a\":2}\n{\"a\":3}\n");
    static const size_t run_sizes[] = {64, 5000, 1 << 20};
    for (size_t i = 0; i < WEIR_COUNT_OF(run_sizes); i++)
        for (int strict = 0; strict < 2; strict++) {
            struct support_settings settings = {.isa = WEIR_ISA_AVX512,
                                                .strict_only = strict,
                                                .rows_max = 100,
                                                .run_size = run_sizes[i],
                                                .brief = true};
            struct support_result result;
            support_decode(&table, &settings, weir_buffer_slice(&text), &result);
            EXPECT_SLICE(result.rows, "0: [1]\n1: [2]\n2: [3]\n");
            support_result_deinit(&result);
            settings.record_size_max = 100000;
            support_decode(&table, &settings, weir_buffer_slice(&text), &result);
            EXPECT_SLICE(result.rows, "0: [1]\n2: [3]\n");
            EXPECT_SLICE(result.bad, "1 3007\n");
            EXPECT_INT(result.consumed, text.size);
            support_result_deinit(&result);
            settings.record_size_max = 6; /* each of them */
            support_decode(&table, &settings, weir_buffer_slice(&text), &result);
            EXPECT_SLICE(result.rows, "");
            EXPECT_SLICE(result.bad, "0 3007\n1 3007\n2 3007\n");
            support_result_deinit(&result);
        }
    weir_buffer_deinit(&text);
}

static void depth(void)
{
    struct support_table table = {0};
    support_add(&table, "z", of(WEIR_TYPE_INT64));
    for (int deep = 126; deep <= 130; deep++) {
        char text[600];
        size_t size = (size_t)snprintf(text, sizeof text, "{\"z\":1,\"a\":");
        for (int i = 1; i < deep; i++)
            text[size++] = '[';
        for (int i = 1; i < deep; i++)
            text[size++] = ']';
        size += (size_t)snprintf(text + size, sizeof text - size, "}\n");
        struct support_settings settings = {.rows_max = 9, .run_size = 999, .brief = true};
        struct support_result result;
        support_decode(&table, &settings, weir_slice_make(text, size), &result);
        EXPECT_SLICE(result.rows, deep <= 128 ? "0: [1]\n" : "");
        EXPECT_SLICE(result.bad, deep <= 128 ? "" : "0 3008\n");
        support_result_deinit(&result);
    }
}

static void no_columns(void)
{
    struct support_table table = {0};
    DECODED(&table, "{\"a\":1}\n{\"a\":01}\n{\"a\":2}\n", "0: []\n2: []\n",
            "1 3001 +6 : a byte that cannot stand here [{\"a\":01}]\n");
}

static enum weir_status stop_at_bad(void *context, const struct weir_bad_record *record,
                                    struct weir_error *error)
{
    (void)context;
    return weir_error_set(error, record->code, "stopped");
}

static void the_callback_can_stop(void)
{
    struct support_table table = {0};
    support_add(&table, "a", of(WEIR_TYPE_INT64));
    struct weir_decoder_config config = {
        .fields = table.fields, .fields_count = 1, .schema = &table.schema};
    const struct weir_format *format = weir_format_find(weir_slice_from_string("json"));
    struct weir_batch *batch = weir_batch_create(&table.schema, NULL);
    struct weir_error error;
    void *decoder;
    char text[128] = "{\"a\":1}\n{\"a\":x}\n";
    struct weir_decode_run run = {
        .bytes = weir_slice_make(text, 16), .batch = batch, .rows_max = 10, .bad = stop_at_bad};
    EXPECT_INT(format->decoder->create(&config, &decoder, &error), WEIR_OK);
    EXPECT_INT(format->decoder->decode(decoder, &run, &error), WEIR_E_BAD_JSON);
    format->decoder->destroy(decoder);
    weir_batch_release(batch);
}

static void survives_failing_allocations(void)
{
    struct support_table table = {0};
    support_add(&table, "l", weir_type_list(&types_arena, of(WEIR_TYPE_TEXT)));
    support_add(&table, "t", of(WEIR_TYPE_TEXT));
    support_add(&table, "j", of(WEIR_TYPE_JSONB));
    support_add_path(&table, "p", of(WEIR_TYPE_INT64), "$.a.b[3]");
    static const char text[] =
        "{\"l\":[\"a\",\"longer than twelve\"],\"t\":\"es\\u0063aped and "
        "longer\",\"j\":{\"b\":1}}\n"
        "{\"t\":\"x\"}\n{\"t\":\"y\"}\n{\"t\":\"y\",\"a\":{\"b\":[0,1,2,3]}}\n{\"t\":1";
    struct support_settings settings = {.isa = WEIR_ISA_AVX512, .rows_max = 9, .run_size = 999};
    for (uint64_t n = 1; n < 500; n++) {
        struct support_result result;
        weir_memory_fail_at(n);
        support_decode(&table, &settings, weir_slice_make(text, sizeof text - 1), &result);
        bool done = weir_memory_fail_at(0) < n;
        bool failed =
            result.status == WEIR_E_OUT_OF_MEMORY || result.rows.failed || result.bad.failed;
        if (!failed)
            EXPECT_INT(result.status, WEIR_OK);
        support_result_deinit(&result);
        if (done)
            return;
    }
    EXPECT(false && "the sweep ends");
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(reads_the_plain_case),
                                             TEST_CASE(takes_any_line_end),
                                             TEST_CASE(many_lines_of_one_shape),
                                             TEST_CASE(escapes_in_many_lines),
                                             TEST_CASE(braces_alone),
                                             TEST_CASE(integers),
                                             TEST_CASE(narrow_integers),
                                             TEST_CASE(floats_and_decimals),
                                             TEST_CASE(texts),
                                             TEST_CASE(times),
                                             TEST_CASE(time_units),
                                             TEST_CASE(other_scalars),
                                             TEST_CASE(json_columns),
                                             TEST_CASE(nested_columns),
                                             TEST_CASE(paths),
                                             TEST_CASE(keys),
                                             TEST_CASE(required_columns),
                                             TEST_CASE(bad_records_leave_no_lane),
                                             TEST_CASE(long_records),
                                             TEST_CASE(depth),
                                             TEST_CASE(no_columns),
                                             TEST_CASE(the_callback_can_stop),
                                             TEST_CASE(survives_failing_allocations)};
    weir_arena_init(&types_arena, NULL, 0);
    int failed = test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
    weir_arena_deinit(&types_arena);
    return failed;
}
