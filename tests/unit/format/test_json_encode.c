/* The JSON writer: every type, nulls, encodings, selections, weights, and that what is written
 * reads back the same. */
#include "format/json_internal.h"
#include "format/json_support.h"
#include "test.h"
#include "value/number_put.h"

#include "value/interval.h"
#include "value/isa.h"

#include <math.h>

static struct weir_arena types_arena;

/* What the batch is written as. */
static struct weir_buffer encode(const struct weir_schema *schema, const struct weir_batch *batch,
                                 struct weir_option *options, size_t options_count, bool changelog)
{
    const struct weir_format *format = weir_format_find(weir_slice_from_string("json"));
    struct weir_encoder_config config = {.schema = schema,
                                         .options = options,
                                         .options_count = options_count,
                                         .changelog = changelog};
    struct weir_buffer out;
    struct weir_error error;
    void *encoder = NULL;
    weir_buffer_init(&out, NULL);
    EXPECT_INT(format->encoder->create(&config, &encoder, &error), WEIR_OK);
    if (encoder)
        EXPECT_INT(format->encoder->encode(encoder, batch, &out, &error), WEIR_OK);
    format->encoder->destroy(encoder);
    return out;
}

/* A column of count flat lanes. */
static struct weir_column flat(const struct weir_type *type, const void *values, uint32_t count)
{
    return (struct weir_column){
        .type = type, .encoding = WEIR_FLAT, .rows_count = count, .values = values};
}

static void expect_written(const struct weir_type *type, const void *values, uint32_t count,
                           const char *wanted, int line)
{
    struct weir_field field = {.name = weir_slice_from_string("v"), .type = type};
    struct weir_schema schema = {.fields = &field, .fields_count = 1};
    struct weir_column column = flat(type, values, count);
    struct weir_batch batch = {
        .schema = &schema, .columns = &column, .rows_count = count, .selected_count = count};
    struct weir_buffer out = encode(&schema, &batch, NULL, 0, false);
    test_text(out.data, out.size, wanted, __FILE__, line, "written");
    weir_buffer_deinit(&out);
}
#define WRITTEN(type, wanted, ...) \
    expect_written((type), (__VA_ARGS__), WEIR_COUNT_OF((__VA_ARGS__)), (wanted), __LINE__)

static const struct weir_type *of(enum weir_type_kind kind)
{
    return weir_type_of(kind);
}

static void writes_numbers(void)
{
    WRITTEN(of(WEIR_TYPE_INT64), "{\"v\":0}\n{\"v\":-9223372036854775808}\n{\"v\":42}\n",
            (const int64_t[]){0, INT64_MIN, 42});
    WRITTEN(of(WEIR_TYPE_INT8), "{\"v\":-128}\n{\"v\":7}\n", (const int8_t[]){-128, 7});
    WRITTEN(of(WEIR_TYPE_INT16), "{\"v\":-32768}\n", (const int16_t[]){INT16_MIN});
    WRITTEN(of(WEIR_TYPE_INT32), "{\"v\":2147483647}\n", (const int32_t[]){INT32_MAX});
    WRITTEN(of(WEIR_TYPE_UINT8), "{\"v\":255}\n", (const uint8_t[]){255});
    WRITTEN(of(WEIR_TYPE_UINT16), "{\"v\":65535}\n", (const uint16_t[]){65535});
    WRITTEN(of(WEIR_TYPE_UINT32), "{\"v\":4294967295}\n", (const uint32_t[]){UINT32_MAX});
    WRITTEN(of(WEIR_TYPE_UINT64), "{\"v\":18446744073709551615}\n", (const uint64_t[]){UINT64_MAX});
    WRITTEN(of(WEIR_TYPE_BOOLEAN), "{\"v\":true}\n{\"v\":false}\n", (const uint8_t[]){1, 0});
    WRITTEN(weir_type_decimal(&types_arena, 38, 2), "{\"v\":12.50}\n{\"v\":-0.05}\n",
            (const weir_i128[]){1250, -5});
    WRITTEN(
        of(WEIR_TYPE_FLOAT64),
        "{\"v\":0}\n{\"v\":-0}\n{\"v\":1}\n{\"v\":12.5}\n{\"v\":-0.0001}\n{\"v\":0.1}\n"
        "{\"v\":9999999999.9999}\n{\"v\":1e-05}\n{\"v\":1e+20}\n{\"v\":3.141592653589793}\n"
        "{\"v\":0.30000000000000004}\n{\"v\":123456.789}\n{\"v\":5e-324}\n"
        "{\"v\":\"NaN\"}\n{\"v\":\"Infinity\"}\n{\"v\":\"-Infinity\"}\n{\"v\":100}\n{\"v\":2.05}\n",
        (const double[]){0, -0.0, 1, 12.5, -0.0001, 0.1, 9999999999.9999, 1e-5, 1e20,
                         3.141592653589793, 0.1 + 0.2, 123456.789, 5e-324, (double)NAN,
                         (double)INFINITY, -(double)INFINITY, 100, 2.05});
    WRITTEN(of(WEIR_TYPE_FLOAT32), "{\"v\":0.1}\n{\"v\":\"NaN\"}\n",
            (const float[]){0.1F, (float)NAN});
}

/* Doubles with few decimals take a short cut: its text must be the shortest, as printf finds it. */
static void short_doubles_are_shortest(void)
{
    uint64_t state = 1;
    for (int i = 0; i < 200000; i++) {
        state = state * UINT64_C(6364136223846793005) + 1;
        double value = (double)(int64_t)((state >> 20) % (i % 2 ? 10000000 : 2000000000)) /
                       (i % 3 == 0   ? 100.0
                        : i % 3 == 1 ? 10000.0
                                     : 97.0);
        struct weir_field field = {.name = weir_slice_from_string("v"),
                                   .type = of(WEIR_TYPE_FLOAT64)};
        struct weir_schema schema = {.fields = &field, .fields_count = 1};
        static struct weir_batch batch;
        static void *encoder;
        static struct weir_buffer out;
        struct weir_column column = flat(field.type, &value, 1);
        const struct weir_format *format = weir_format_find(weir_slice_from_string("json"));
        if (i == 0) {
            struct weir_encoder_config config = {.schema = &schema};
            EXPECT_INT(format->encoder->create(&config, &encoder, NULL), WEIR_OK);
            weir_buffer_init(&out, NULL);
        }
        batch = (struct weir_batch){
            .schema = &schema, .columns = &column, .rows_count = 1, .selected_count = 1};
        weir_buffer_clear(&out);
        EXPECT_INT(format->encoder->encode(encoder, &batch, &out, NULL), WEIR_OK);
        char text[64];
        for (int digits = 1; digits <= 17; digits++) {
            snprintf(text, sizeof text, "%.*g", digits, value);
            if (strtod(text, NULL) == value)
                break;
        }
        out.data[out.size - 2] = '\0';
        if (!EXPECT(strtod(out.data + 5, NULL) == value) ||
            (!strchr(text, 'e') && !EXPECT_STRING(out.data + 5, text)))
            break;
        if (i == 199999) {
            weir_buffer_deinit(&out);
            format->encoder->destroy(encoder);
        }
    }
}

static struct weir_view view(const char *text)
{
    return weir_view_from_slice(weir_slice_from_string(text));
}

static void writes_texts(void)
{
    WRITTEN(of(WEIR_TYPE_TEXT),
            "{\"v\":\"\"}\n{\"v\":\"a\"}\n{\"v\":\"twelve bytes\"}\n{\"v\":\"thirteen byte\"}\n"
            "{\"v\":\"quo\\\"te\"}\n{\"v\":\"\\\\\"}\n{\"v\":\"a longer text with a \\n in it\"}\n"
            "{\"v\":\"\\u0001\\t\\b\\f\\r\"}\n{\"v\":\"é世😀\"}\n{\"v\":\"exactly sixteen!\"}\n"
            "{\"v\":\"the escape is the last byte\\\"\"}\n{\"v\":\"12345678\\\"\"}\n"
            "{\"v\":\"\x7f\"}\n",
            (const struct weir_view[]){
                view(""), view("a"), view("twelve bytes"), view("thirteen byte"), view("quo\"te"),
                view("\\"), view("a longer text with a \n in it"), view("\x01\t\b\f\r"),
                view("é世😀"), view("exactly sixteen!"), view("the escape is the last byte\""),
                view("12345678\""), view("\x7f")});
    WRITTEN(of(WEIR_TYPE_JSON), "{\"v\":{\"a\":[1]}}\n{\"v\":{\"a\":1}}\n",
            (const struct weir_view[]){view("{\"a\":[1]}"), view("{\"a\":\n1}")});
    WRITTEN(of(WEIR_TYPE_BYTEA), "{\"v\":\"\\\\x4100ff\"}\n{\"v\":\"\\\\x\"}\n",
            (const struct weir_view[]){weir_view_make("A\0\xff", 3), view("")});
}

static void writes_times(void)
{
    const int64_t us[] = {INT64_C(1357017300000000), INT64_C(1357017300500000), -1};
    WRITTEN(of(WEIR_TYPE_TIMESTAMP),
            "{\"v\":\"2013-01-01T05:15:00\"}\n{\"v\":\"2013-01-01T05:15:00.5\"}\n"
            "{\"v\":\"1969-12-31T23:59:59.999999\"}\n",
            us);
    WRITTEN(of(WEIR_TYPE_TIMESTAMPTZ), "{\"v\":\"2013-01-01T05:15:00Z\"}\n",
            (const int64_t[]){INT64_C(1357017300000000)});
    WRITTEN(of(WEIR_TYPE_TIMESTAMP_NS), "{\"v\":\"2013-01-01T05:15:00.000000001\"}\n",
            (const int64_t[]){INT64_C(1357017300000000001)});
    WRITTEN(of(WEIR_TYPE_DATE), "{\"v\":\"2013-01-31\"}\n", (const int32_t[]){15736});
    WRITTEN(of(WEIR_TYPE_TIME), "{\"v\":\"05:15:00.25\"}\n",
            (const int64_t[]){INT64_C(18900250000)});
    WRITTEN(of(WEIR_TYPE_INTERVAL), "{\"v\":\"1 year 2 mons 3 days 00:00:04\"}\n",
            (const struct weir_interval[]){{14, 3, 4000000}});
    static const uint8_t uuid[16] = {0xa0, 0xee, 0xbc, 0x99, 0x9c, 0x0b, 0x4e, 0xf8,
                                     0xbb, 0x6d, 0x6b, 0xb9, 0xbd, 0x38, 0x0a, 0x11};
    expect_written(of(WEIR_TYPE_UUID), uuid, 1,
                   "{\"v\":\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"}\n", __LINE__);
}

static void units_and_base64(void)
{
    struct weir_field fields[] = {
        {.name = weir_slice_from_string("t"), .type = of(WEIR_TYPE_TIMESTAMP)},
        {.name = weir_slice_from_string("n"), .type = of(WEIR_TYPE_TIMESTAMP_NS)},
        {.name = weir_slice_from_string("b"), .type = of(WEIR_TYPE_BYTEA)}};
    struct weir_schema schema = {.fields = fields, .fields_count = 3};
    const int64_t us = INT64_C(1357017300123456), ns = INT64_C(1357017300123456789);
    const struct weir_view bytes = view("AB");
    struct weir_column columns[] = {flat(fields[0].type, &us, 1), flat(fields[1].type, &ns, 1),
                                    flat(fields[2].type, &bytes, 1)};
    struct weir_batch batch = {
        .schema = &schema, .columns = columns, .rows_count = 1, .selected_count = 1};
    static const char *const units[][2] = {
        {"unix_millis", "{\"t\":1357017300123,\"n\":1357017300123,\"b\":\"QUI=\"}\n"},
        {"ns", "{\"t\":1357017300123456000,\"n\":1357017300123456789,\"b\":\"QUI=\"}\n"},
        {"s", "{\"t\":1357017300,\"n\":1357017300,\"b\":\"QUI=\"}\n"},
        {"iso", "{\"t\":\"2013-01-01T05:15:00.123456\",\"n\":\"2013-01-01T05:15:00.123456789\","
                "\"b\":\"QUI=\"}\n"}};
    for (size_t i = 0; i < WEIR_COUNT_OF(units); i++) {
        struct weir_option options[] = {{.name = weir_slice_from_string("json.timestamp_format"),
                                         .value = weir_slice_from_string(units[i][0])},
                                        {.name = weir_slice_from_string("json.bytea_format"),
                                         .value = weir_slice_from_string("base64")}};
        struct weir_buffer out = encode(&schema, &batch, options, 2, false);
        EXPECT_SLICE(out, units[i][1]);
        weir_buffer_deinit(&out);
    }
}

static void selections_weights_and_encodings(void)
{
    struct weir_field fields[] = {
        {.name = weir_slice_from_string("a"), .type = of(WEIR_TYPE_INT64)},
        {.name = weir_slice_from_string("k\"ey that is longer than thirty-two bytes"),
         .type = of(WEIR_TYPE_TEXT)},
        {.name = weir_slice_from_string("c"), .type = of(WEIR_TYPE_FLOAT64)}};
    struct weir_schema schema = {.fields = fields, .fields_count = 3};
    const int64_t values[] = {1, 2, 3, 4};
    const uint64_t validity[] = {0xB}; /* lane 2 is null */
    const struct weir_view words[] = {view("yes"), view("a word that needs \"escapes\"")};
    const uint32_t codes[] = {1, 0, 0, 1};
    const double half = 0.5;
    const uint16_t selection[] = {0, 2, 3};
    const int64_t weights[] = {1, 1, -2, 3};
    struct weir_column columns[] = {flat(fields[0].type, values, 4), flat(fields[1].type, words, 4),
                                    flat(fields[2].type, &half, 4)};
    columns[0].validity = validity;
    columns[1].encoding = WEIR_DICTIONARY;
    columns[1].codes = codes;
    columns[1].values_count = 2;
    columns[2].encoding = WEIR_CONSTANT;
    struct weir_batch batch = {.schema = &schema,
                               .columns = columns,
                               .rows_count = 4,
                               .selected_count = 3,
                               .selection = selection,
                               .weights = weights};
    struct weir_buffer out = encode(&schema, &batch, NULL, 0, true);
#define KEY "\"k\\\"ey that is longer than thirty-two bytes\":"
#define LONG "\"a word that needs \\\"escapes\\\"\""
    EXPECT_SLICE(out, "{\"_op\":\"+\",\"a\":1," KEY LONG ",\"c\":0.5}\n"
                      "{\"_op\":\"-\",\"a\":null," KEY "\"yes\",\"c\":0.5}\n"
                      "{\"_op\":\"-\",\"a\":null," KEY "\"yes\",\"c\":0.5}\n"
                      "{\"_op\":\"+\",\"a\":4," KEY LONG ",\"c\":0.5}\n"
                      "{\"_op\":\"+\",\"a\":4," KEY LONG ",\"c\":0.5}\n"
                      "{\"_op\":\"+\",\"a\":4," KEY LONG ",\"c\":0.5}\n");
    weir_buffer_deinit(&out);
    batch.weights = NULL;
    batch.selection = NULL;
    batch.selected_count = 2;
    columns[2] = weir_column_nulls(fields[2].type, 4);
    out = encode(&schema, &batch, NULL, 0, false);
    EXPECT_SLICE(out, "{\"a\":1," KEY LONG ",\"c\":null}\n{\"a\":2," KEY "\"yes\",\"c\":null}\n");
    weir_buffer_deinit(&out);
    schema.fields_count = 0;
    out = encode(&schema, &batch, NULL, 0, false);
    EXPECT_SLICE(out, "{}\n{}\n");
    weir_buffer_deinit(&out);
    out = encode(&schema, &batch, NULL, 0, true);
    EXPECT_SLICE(out, "{\"_op\":\"+\"}\n{\"_op\":\"+\"}\n");
    weir_buffer_deinit(&out);
}

/* What is read is written as it was. */
static void round_trip(void)
{
    static const char text[] =
        "{\"l\":[1,null,3],\"s\":{\"x\":1,\"y\":\"a\"},\"m\":{\"a\":1,\"b\":2},\"t\":\"text\","
        "\"d\":12.50,\"f\":0.1,\"j\":{\"k\":[true,null]},\"ts\":\"2013-01-01T05:15:00.25\",\"b\":"
        "true}\n"
        "{\"l\":null,\"s\":null,\"m\":null,\"t\":null,\"d\":null,\"f\":null,\"j\":null,\"ts\":null,"
        "\"b\":null}\n"
        "{\"l\":[],\"s\":{\"x\":null,\"y\":null},\"m\":{},\"t\":\"\\\"\",\"d\":-0.01,\"f\":1e+300,"
        "\"j\":\"\",\"ts\":\"1969-01-01T00:00:00\",\"b\":false}\n";
    const struct weir_type *pair = weir_type_struct(
        &types_arena, 2, (const struct weir_type *[]){of(WEIR_TYPE_INT64), of(WEIR_TYPE_TEXT)},
        (const struct weir_slice[]){weir_slice_from_string("x"), weir_slice_from_string("y")});
    struct support_table table = {0};
    support_add(&table, "l", weir_type_list(&types_arena, of(WEIR_TYPE_INT64)));
    support_add(&table, "s", pair);
    support_add(&table, "m", weir_type_map(&types_arena, of(WEIR_TYPE_TEXT), of(WEIR_TYPE_INT64)));
    support_add(&table, "t", of(WEIR_TYPE_TEXT));
    support_add(&table, "d", weir_type_decimal(&types_arena, 10, 2));
    support_add(&table, "f", of(WEIR_TYPE_FLOAT64));
    support_add(&table, "j", of(WEIR_TYPE_JSON));
    support_add(&table, "ts", of(WEIR_TYPE_TIMESTAMP));
    support_add(&table, "b", of(WEIR_TYPE_BOOLEAN));
    const struct weir_format *format = weir_format_find(weir_slice_from_string("json"));
    struct weir_decoder_config config = {
        .fields = table.fields, .fields_count = table.schema.fields_count, .schema = &table.schema};
    struct weir_batch *batch = weir_batch_create(&table.schema, NULL);
    char padded[sizeof text + WEIR_FORMAT_PADDING] = {0};
    memcpy(padded, text, sizeof text);
    void *decoder;
    struct weir_decode_run run = {
        .bytes = weir_slice_make(padded, sizeof text - 1), .batch = batch, .rows_max = 10};
    EXPECT_INT(format->decoder->create(&config, &decoder, NULL), WEIR_OK);
    EXPECT_INT(format->decoder->decode(decoder, &run, NULL), WEIR_OK);
    struct weir_buffer out = encode(&table.schema, batch, NULL, 0, false);
    EXPECT_SLICE(out, text);
    weir_buffer_deinit(&out);
    format->decoder->destroy(decoder);
    weir_batch_release(batch);
}

static void survives_failing_allocations(void)
{
    struct weir_field fields[] = {
        {.name = weir_slice_from_string("a"), .type = of(WEIR_TYPE_TEXT)},
        {.name = weir_slice_from_string("b"), .type = of(WEIR_TYPE_TEXT)}};
    struct weir_schema schema = {.fields = fields, .fields_count = 2};
    static struct weir_view views[500];
    for (size_t i = 0; i < WEIR_COUNT_OF(views); i++)
        views[i] = view(i % 2 ? "a text of some length, with an \"escape\"" : "short");
    struct weir_column columns[] = {flat(fields[0].type, views, 500),
                                    flat(fields[1].type, views, 500)};
    columns[1].encoding = WEIR_CONSTANT;
    struct weir_batch batch = {
        .schema = &schema, .columns = columns, .rows_count = 500, .selected_count = 500};
    const struct weir_format *format = weir_format_find(weir_slice_from_string("json"));
    struct weir_encoder_config config = {.schema = &schema};
    for (uint64_t n = 1; n < 100; n++) {
        struct weir_buffer out;
        void *encoder = NULL;
        weir_buffer_init(&out, NULL);
        weir_memory_fail_at(n);
        enum weir_status status = format->encoder->create(&config, &encoder, NULL);
        if (status == WEIR_OK)
            status = format->encoder->encode(encoder, &batch, &out, NULL);
        bool done = weir_memory_fail_at(0) < n;
        EXPECT(status == WEIR_OK ? done : status == WEIR_E_OUT_OF_MEMORY);
        format->encoder->destroy(encoder);
        weir_buffer_deinit(&out);
        if (done)
            return;
    }
    EXPECT(false && "the sweep ends");
}

static void omits_nulls(void)
{
    const struct weir_field fields[] = {{weir_slice_from_string("a"), of(WEIR_TYPE_INT64), true},
                                        {weir_slice_from_string("b"), of(WEIR_TYPE_TEXT), true}};
    struct weir_schema schema = {fields, 2};
    const int64_t numbers[] = {1, 2, 3, 4};
    const struct weir_view texts[] = {view("x"), view(""), view("y"), view("")};
    const uint64_t number_bits = 0x5, text_bits = 0x3; /* rows: 1 x, (none) "", 3, nothing */
    struct weir_column columns[] = {flat(fields[0].type, numbers, 4),
                                    flat(fields[1].type, texts, 4)};
    columns[0].validity = &number_bits;
    columns[1].validity = &text_bits;
    struct weir_batch batch = {
        .schema = &schema, .columns = columns, .rows_count = 4, .selected_count = 4};
    struct weir_option option = {
        weir_slice_from_string("nulls"), weir_slice_from_string("omit"), {0}, {0}, false};
    static const char *const wanted[] = {
        "{\"a\":1,\"b\":\"x\"}\n{\"b\":\"\"}\n{\"a\":3}\n{}\n",
        "{\"_op\":\"+\",\"a\":1,\"b\":\"x\"}\n{\"_op\":\"+\",\"b\":\"\"}\n"
        "{\"_op\":\"+\",\"a\":3}\n{\"_op\":\"+\"}\n"};
    for (int changelog = 0; changelog < 2; changelog++) {
        struct weir_buffer out = encode(&schema, &batch, &option, 1, changelog);
        test_text(out.data, out.size, wanted[changelog], __FILE__, __LINE__, "written");
        weir_buffer_deinit(&out);
    }
}

static uint64_t random_state = 1;
static uint64_t random_below(uint64_t limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (random_state >> 24) % limit;
}

enum { LANES = 100 };

/* Short texts, rarely with something that must be escaped. */
static bool random_texts(struct weir_view *views, uint32_t count)
{
    static const char rare[] = {'"', '\\', '\x1f', '\n', 0};
    static char texts[LANES][16];
    bool plain = true;
    for (uint32_t i = 0; i < count; i++) {
        size_t size = random_below(random_below(60) == 0 ? 15 : 13);
        for (size_t k = 0; k < size; k++)
            texts[i][k] = (char)(' ' + 1 + random_below(200));
        for (size_t k = 0; k < size; k++) {
            if (texts[i][k] == '"' || texts[i][k] == '\\')
                texts[i][k] = ' ';
            if (random_below(3000) == 0) {
                texts[i][k] = rare[random_below(sizeof rare)];
                plain = false;
            }
        }
        plain &= size <= WEIR_VIEW_INLINE_MAX;
        views[i] = weir_view_make(texts[i], size);
        if (size <= WEIR_VIEW_INLINE_MAX && random_below(2)) /* what is behind does not count */
            memset(views[i].body.inlined + size, '"', WEIR_VIEW_INLINE_MAX - size);
    }
    return plain;
}

static void finds_plain_texts(void)
{
    struct weir_view views[LANES];
    for (int round = 0; round < 3000; round++) {
        uint32_t count = (uint32_t)random_below(LANES + 1);
        bool plain = random_texts(views, count);
        for (int isa = WEIR_ISA_SCALAR; isa <= WEIR_ISA_AVX512; isa++) {
            enum weir_isa found;
            const struct json_kernels *kernels = weir_json_kernels_choose(isa, &found);
            EXPECT_INT(kernels->plain_views(views, count), plain);
        }
    }
}

/* Numbers close to each other. */
static int64_t random_numbers(int64_t *values, uint32_t count)
{
    static const int64_t limits[] = {10, 100, 10000, 1000000, 100000000};
    int64_t first = random_below(2) ? 0 : (int64_t)random_below(100000000) * 100000000;
    for (uint32_t i = 0; i < count; i++)
        values[i] =
            first + (int64_t)random_below((uint64_t)limits[random_below(WEIR_COUNT_OF(limits))]);
    return first;
}

static void makes_digits(void)
{
    static struct json_digits digits;
    int64_t values[LANES];
    enum weir_isa isa;
    const struct json_kernels *kernels = weir_json_kernels_choose(WEIR_ISA_AVX512, &isa);
    if (!kernels->digits)
        return;
    for (int round = 0; round < 2000; round++) {
        uint32_t count = 1 + (uint32_t)random_below(LANES);
        int64_t first = random_numbers(values, count);
        EXPECT(kernels->digits(values, count, first, &digits));
        for (uint32_t i = 0; i < count; i++) {
            char wanted[24];
            int size = snprintf(wanted, sizeof wanted, first ? "%08lld" : "%lld",
                                (long long)(values[i] - first));
            EXPECT_INT(digits.size[i], size);
            if (!EXPECT(memcmp(&digits.text[i], wanted, (size_t)size) == 0))
                return;
        }
        uint32_t at = (uint32_t)random_below(count);
        values[at] = random_below(2) ? first - 1 : first + 100000000;
        EXPECT(!kernels->digits(values, count, first, &digits));
    }
}

/* Of up to four decimals, and as many digits before them. */
static double random_decimal(void)
{
    static const int64_t limits[] = {100, 10000, 1000000, 99999999};
    int64_t limit = limits[random_below(WEIR_COUNT_OF(limits))];
    return (double)((int64_t)random_below((uint64_t)limit * 2) - limit) / 1e4;
}

static void makes_decimals(void)
{
    static const double others[] = {NAN, INFINITY, -0.0, 1e4, -123456, 0.00001, 1.0 / 3, 1e300};
    static struct json_digits digits;
    double values[LANES];
    enum weir_isa isa;
    const struct json_kernels *kernels = weir_json_kernels_choose(WEIR_ISA_AVX512, &isa);
    if (!kernels->decimals)
        return;
    for (int round = 0; round < 2000; round++) {
        uint32_t count = 1 + (uint32_t)random_below(LANES);
        for (uint32_t i = 0; i < count; i++)
            values[i] = random_decimal();
        EXPECT(kernels->decimals(values, count, &digits));
        for (uint32_t i = 0; i < count; i++) {
            char wanted[64], text[WEIR_NUMBER_PUT_MAX] = "-";
            int size = snprintf(wanted, sizeof wanted, "%.10g", values[i]);
            char *end = weir_put_decimal_4(text + digits.size[i], digits.text[i]);
            if (!EXPECT_INT(end - text, size) || !EXPECT(memcmp(text, wanted, (size_t)size) == 0))
                return;
        }
        values[random_below(count)] = others[random_below(WEIR_COUNT_OF(others))];
        EXPECT(!kernels->decimals(values, count, &digits));
    }
}

/* Rows that are written together against rows written one by one, as weights make it. */
static void rows_together_are_rows_alone(void)
{
    struct weir_field fields[] = {
        {.name = weir_slice_from_string("i"), .type = of(WEIR_TYPE_INT64)},
        {.name = weir_slice_from_string("t"), .type = of(WEIR_TYPE_TEXT)},
        {.name = weir_slice_from_string("f"), .type = of(WEIR_TYPE_FLOAT64)},
        {.name = weir_slice_from_string("d"), .type = of(WEIR_TYPE_DATE)},
        {.name = weir_slice_from_string("u"), .type = of(WEIR_TYPE_TEXT)}};
    struct weir_schema schema = {.fields = fields, .fields_count = 5};
    int64_t numbers[LANES], weights[LANES];
    struct weir_view texts[LANES], others[LANES];
    double doubles[LANES];
    int32_t days[LANES];
    uint16_t selection[LANES];
    for (int round = 0; round < 2000; round++) {
        uint32_t rows = 1 + (uint32_t)random_below(LANES), selected = 0;
        uint64_t validity[2] = {~(UINT64_C(1) << random_below(64)), ~random_below(8)};
        (void)random_numbers(numbers, rows);
        (void)random_texts(texts, rows);
        for (uint32_t i = 0; i < rows; i++) {
            if (random_below(500) == 0)
                numbers[i] = -numbers[i] / 3;
            doubles[i] = (double)random_below(100000) / 100;
            days[i] = (int32_t)random_below(20000);
            others[i] = view(round % 7 ? "a text that is longer" : "with \"quotes\" in it");
            weights[i] = 1;
            if (round % 3 == 0 || random_below(2))
                selection[selected++] = (uint16_t)i;
        }
        struct weir_column columns[] = {
            flat(fields[0].type, numbers, rows), flat(fields[1].type, texts, rows),
            flat(fields[2].type, doubles, rows), flat(fields[3].type, days, rows),
            flat(fields[4].type, others, rows)};
        columns[random_below(5)].validity = validity;
        struct weir_batch batch = {.schema = &schema,
                                   .columns = columns,
                                   .rows_count = rows,
                                   .selected_count = selected,
                                   .selection = round % 3 ? selection : NULL};
        struct weir_buffer together = encode(&schema, &batch, NULL, 0, false);
        batch.weights = weights;
        struct weir_buffer alone = encode(&schema, &batch, NULL, 0, false);
        bool same = together.size == alone.size &&
                    (alone.size == 0 || memcmp(together.data, alone.data, alone.size) == 0);
        weir_buffer_deinit(&together);
        weir_buffer_deinit(&alone);
        if (!EXPECT(same))
            return;
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(writes_numbers),
                                             TEST_CASE(short_doubles_are_shortest),
                                             TEST_CASE(writes_texts),
                                             TEST_CASE(writes_times),
                                             TEST_CASE(units_and_base64),
                                             TEST_CASE(selections_weights_and_encodings),
                                             TEST_CASE(omits_nulls),
                                             TEST_CASE(finds_plain_texts),
                                             TEST_CASE(makes_digits),
                                             TEST_CASE(makes_decimals),
                                             TEST_CASE(rows_together_are_rows_alone),
                                             TEST_CASE(round_trip),
                                             TEST_CASE(survives_failing_allocations)};
    weir_arena_init(&types_arena, NULL, 0);
    int failed = test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
    weir_arena_deinit(&types_arena);
    return failed;
}
