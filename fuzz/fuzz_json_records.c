/* The JSON decoder's paths against each other, and what it reads against what the writer writes.
 *
 * Input: byte 0 picks the table, byte 1 the rows per batch, byte 2 the bytes per run; the rest are
 * the records. The strict path's answer (rows, bad records, offsets, reasons) must be that of the
 * fast path on every instruction set. The good rows, written as JSON and read again, must be
 * written the same. */
#include "../tests/unit/format/json_support.h"

#include "value/isa.h"

static struct weir_arena arena;

/* s STRUCT<id BIGINT, name TEXT, price DOUBLE>. */
static const struct weir_type *struct_type(void)
{
    static struct weir_slice names[3];
    static const struct weir_type *types[3];
    static const char *const texts[] = {"id", "name", "price"};
    static const enum weir_type_kind kinds[] = {WEIR_TYPE_INT64, WEIR_TYPE_TEXT, WEIR_TYPE_FLOAT64};
    for (int i = 0; i < 3; i++) {
        names[i] = weir_slice_from_string(texts[i]);
        types[i] = weir_type_of(kinds[i]);
    }
    return weir_type_struct(&arena, 3, types, names);
}

static void add(struct support_table *table, const char *name, enum weir_type_kind kind)
{
    support_add(table, name, weir_type_of(kind));
}

static void make_table(struct support_table *table, uint8_t which)
{
    memset(table, 0, sizeof *table);
    switch (which % 9) {
    case 0:
        return; /* judged, but nothing is read */
    case 1:
        add(table, "ts", WEIR_TYPE_INT64);
        add(table, "user_id", WEIR_TYPE_TEXT);
        add(table, "event", WEIR_TYPE_TEXT);
        add(table, "price", WEIR_TYPE_FLOAT64);
        add(table, "country", WEIR_TYPE_TEXT);
        break;
    case 2:
        support_add(table, "bid", struct_type());
        support_add_path(table, "os", weir_type_of(WEIR_TYPE_TEXT), "$.bid.name");
        support_add_path(table, "first", weir_type_of(WEIR_TYPE_INT64), "$.l[1]");
        support_add(table, "l", weir_type_list(&arena, weir_type_of(WEIR_TYPE_FLOAT64)));
        break;
    case 3:
        add(table, "a", WEIR_TYPE_JSON);
        add(table, "b", WEIR_TYPE_JSONB);
        support_add(table, "m", weir_type_map(&arena, weir_type_of(WEIR_TYPE_TEXT), struct_type()));
        break;
    case 4:
        add(table, "a", WEIR_TYPE_TIMESTAMP);
        add(table, "b", WEIR_TYPE_DATE);
        add(table, "c", WEIR_TYPE_UUID);
        add(table, "d", WEIR_TYPE_BYTEA);
        add(table, "e", WEIR_TYPE_TIMESTAMPTZ_NS);
        add(table, "t", WEIR_TYPE_TIME);
        break;
    case 5:
        add(table, "a", WEIR_TYPE_INT8);
        add(table, "b", WEIR_TYPE_UINT64);
        add(table, "c", WEIR_TYPE_FLOAT32);
        support_add(table, "d", weir_type_decimal(&arena, 12, 3));
        add(table, "e", WEIR_TYPE_BOOLEAN);
        table->fields[0].nullable = false;
        break;
    case 6:
        add(table, "year", WEIR_TYPE_INT32);
        add(table, "dep_delay", WEIR_TYPE_FLOAT64);
        add(table, "carrier", WEIR_TYPE_TEXT);
        add(table, "time_hour", WEIR_TYPE_TIMESTAMP);
        add(table, "distance", WEIR_TYPE_INT64);
        table->fields[3].is_event_time = true;
        break;
    case 7:
        add(table, "a", WEIR_TYPE_INT16);
        add(table, "b", WEIR_TYPE_UINT8);
        add(table, "c", WEIR_TYPE_UINT16);
        add(table, "d", WEIR_TYPE_UINT32);
        add(table, "e", WEIR_TYPE_INT32);
        add(table, "price", WEIR_TYPE_DECIMAL);
        add(table, "ok", WEIR_TYPE_BOOLEAN);
        add(table, "ts", WEIR_TYPE_TIMESTAMP);
        support_option(table, "json.timestamp_format", "unix_millis");
        break;
    default:
        support_add_path(table, "all", weir_type_of(WEIR_TYPE_JSON), "$");
        add(table, "a_name_that_is_longer_than_thirty_one_bytes", WEIR_TYPE_TEXT);
        add(table, "", WEIR_TYPE_TEXT);
        break;
    }
}

static void check(bool ok, const struct support_result *a, const struct support_result *b)
{
    if (ok)
        return;
    fprintf(stderr, "status %d\n%.*s%.*s--- but status %d\n%.*s%.*s", (int)a->status,
            WEIR_SLICE_ARGS(a->rows), WEIR_SLICE_ARGS(a->bad), (int)b->status,
            WEIR_SLICE_ARGS(b->rows), WEIR_SLICE_ARGS(b->bad));
    abort();
}

/* Inference takes anything; its schema has names and types. */
static void infer(struct weir_slice text)
{
    const struct weir_format *format = weir_format_find(weir_slice_from_string("json"));
    struct weir_inferred_schema schema;
    if (format->infer(text, true, NULL, 0, &arena, &schema, NULL) != WEIR_OK)
        return;
    for (uint32_t i = 0; i < schema.schema.fields_count; i++)
        if (!schema.schema.fields[i].type || !schema.schema.fields[i].nullable)
            abort();
}

/* Decodes text in one run and writes what is good. */
static struct weir_buffer rewrite(struct support_table *table, struct weir_slice text)
{
    const struct weir_format *format = weir_format_find(weir_slice_from_string("json"));
    struct weir_decoder_config config = {.fields = table->fields,
                                         .fields_count = table->schema.fields_count,
                                         .schema = &table->schema,
                                         .options = table->options,
                                         .options_count = table->options_count,
                                         .isa_limit = WEIR_ISA_AVX512};
    struct weir_encoder_config encoder_config = {
        .schema = &table->schema, .options = table->options, .options_count = table->options_count};
    struct weir_batch *batch = weir_batch_create(&table->schema, NULL);
    struct weir_buffer out;
    void *decoder = NULL, *encoder = NULL;
    char *copy = malloc(text.size + WEIR_FORMAT_PADDING);
    weir_buffer_init(&out, NULL);
    if (!copy || !batch || format->decoder->create(&config, &decoder, NULL) != WEIR_OK ||
        format->encoder->create(&encoder_config, &encoder, NULL) != WEIR_OK)
        abort();
    if (text.size)
        memcpy(copy, text.data, text.size);
    memset(copy + text.size, 0, WEIR_FORMAT_PADDING);
    for (size_t at = 0; at < text.size;) {
        struct weir_decode_run run = {.bytes = weir_slice_make(copy + at, text.size - at),
                                      .end_of_input = true,
                                      .rows_max = WEIR_BATCH_ROWS_MAX};
        if (weir_batch_renew(&batch, NULL, NULL, NULL) != WEIR_OK)
            abort();
        run.batch = batch;
        if (format->decoder->decode(decoder, &run, NULL) != WEIR_OK || run.consumed_size == 0 ||
            format->encoder->encode(encoder, batch, &out, NULL) != WEIR_OK)
            abort();
        at += run.consumed_size;
    }
    format->decoder->destroy(decoder);
    format->encoder->destroy(encoder);
    weir_batch_release(batch);
    free(copy);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    weir_arena_init(&arena, NULL, 0);
    struct support_table table;
    struct support_result strict, fast;
    struct weir_slice text = weir_slice_make((const char *)data + 3, size - 3);
    struct support_settings settings = {
        .strict_only = true, .rows_max = WEIR_BATCH_ROWS_MAX, .run_size = size};
    make_table(&table, data[0]);
    support_decode(&table, &settings, text, &strict);
    settings.strict_only = false;
    for (int isa = 0; isa <= WEIR_ISA_AVX512; isa++) {
        settings.isa = isa;
        settings.rows_max = data[1] % 4 ? WEIR_BATCH_ROWS_MAX : 1 + data[1] / 4u;
        settings.run_size = data[2] % 4 ? size : 1 + data[2] * 3u;
        support_decode(&table, &settings, text, &fast);
        check(support_same(&strict, &fast), &strict, &fast);
        support_result_deinit(&fast);
    }
    if (data[0] % 9 != 2 && data[0] % 9 != 8) { /* tables without paths read what they write */
        struct weir_buffer once = rewrite(&table, text);
        struct weir_buffer twice = rewrite(&table, weir_buffer_slice(&once));
        if (!weir_slice_equals(weir_buffer_slice(&once), weir_buffer_slice(&twice)))
            abort();
        weir_buffer_deinit(&once);
        weir_buffer_deinit(&twice);
    }
    infer(text);
    support_result_deinit(&strict);
    weir_arena_deinit(&arena);
    return 0;
}
