/* raw_string and raw_bytes against a plain splitting into lines, in runs of any size.
 *
 * Input: byte 0 picks the format and the rows per batch, byte 1 the greatest record, byte 2 the
 * size of runs. */
#include "../tests/unit/format/json_support.h"

#include "value/isa.h"
#include "value/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct answer {
    struct weir_buffer rows, bad;
};

/* A line of bytes as the column prints it. */
static void print_line(struct support_table *table, struct weir_slice line, struct weir_buffer *out)
{
    static const struct weir_text_options style = {.style = WEIR_TEXT_JSON};
    struct weir_view view = weir_view_make(line.data, line.size);
    struct weir_column column = {
        .type = table->fields[0].type, .encoding = WEIR_FLAT, .rows_count = 1, .values = &view};
    weir_column_print(&column, 0, &style, out);
}

static void expect(struct support_table *table, struct weir_slice text, uint64_t size_max,
                   struct answer *out)
{
    bool is_text = table->fields[0].type->kind == WEIR_TYPE_TEXT;
    unsigned long long record = 0;
    for (size_t at = 0, end; at < text.size; at = end + 1, record++) {
        for (end = at; end < text.size && text.data[end] != '\n';)
            end++;
        size_t size = end - at;
        if (size > size_max) {
            weir_buffer_printf(&out->bad, "%llu %d\n", record, (int)WEIR_E_RECORD_TOO_LARGE);
            continue;
        }
        if (is_text && size && text.data[end - 1] == '\r')
            size--;
        if (is_text && !weir_utf8_is_valid(WEIR_ISA_SCALAR, text.data + at, size)) {
            weir_buffer_printf(&out->bad, "%llu %d\n", record, (int)WEIR_E_BAD_UTF8);
            continue;
        }
        weir_buffer_printf(&out->rows, "%llu: [", record);
        print_line(table, weir_slice_make(text.data + at, size), &out->rows);
        weir_buffer_append_string(&out->rows, "]\n");
    }
}

/* What is written has a line feed behind each text, and nothing else. */
static void check_writing(struct support_table *table, struct weir_slice text)
{
    const struct weir_format *format = support_format(table);
    struct weir_encoder_config config = {.schema = &table->schema};
    struct weir_batch *batch = weir_batch_create(&table->schema, NULL);
    struct weir_view view = weir_view_make(text.data, text.size);
    struct weir_buffer out;
    void *encoder = NULL;
    weir_buffer_init(&out, NULL);
    if (!batch || format->encoder->create(&config, &encoder, NULL) != WEIR_OK)
        abort();
    batch->columns[0] = (struct weir_column){
        .type = table->fields[0].type, .encoding = WEIR_FLAT, .rows_count = 1, .values = &view};
    batch->rows_count = batch->selected_count = 1;
    if (format->encoder->encode(encoder, batch, &out, NULL) != WEIR_OK ||
        out.size != text.size + 1 || out.data[text.size] != '\n' ||
        (text.size && memcmp(out.data, text.data, text.size) != 0))
        abort();
    format->encoder->destroy(encoder);
    weir_batch_release(batch);
    weir_buffer_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct support_table table = {0};
    struct answer want;
    if (size < 4 || size > 4096)
        return 0;
    struct weir_slice text = weir_slice_make((const char *)data + 3, size - 3);
    table.format = data[0] & 1 ? "raw_string" : "raw_bytes";
    support_add(&table, "value", weir_type_of(data[0] & 1 ? WEIR_TYPE_TEXT : WEIR_TYPE_BYTEA));
    struct support_settings settings = {.rows_max = 1 + (data[0] >> 4),
                                        .record_size_max = data[1] & 1 ? data[1] : 1 << 20,
                                        .run_size = 1 + data[2],
                                        .brief = true};
    weir_buffer_init(&want.rows, NULL);
    weir_buffer_init(&want.bad, NULL);
    expect(&table, text, settings.record_size_max, &want);
    for (int isa = 0; isa <= WEIR_ISA_AVX512; isa++) {
        struct support_result got;
        settings.isa = isa;
        support_decode(&table, &settings, text, &got);
        if (got.status != WEIR_OK ||
            !weir_slice_equals(weir_buffer_slice(&got.rows), weir_buffer_slice(&want.rows)) ||
            !weir_slice_equals(weir_buffer_slice(&got.bad), weir_buffer_slice(&want.bad))) {
            fprintf(stderr, "%.*s%.*s--- but wanted\n%.*s%.*s", WEIR_SLICE_ARGS(got.rows),
                    WEIR_SLICE_ARGS(got.bad), WEIR_SLICE_ARGS(want.rows),
                    WEIR_SLICE_ARGS(want.bad));
            abort();
        }
        support_result_deinit(&got);
    }
    weir_buffer_deinit(&want.rows);
    weir_buffer_deinit(&want.bad);
    check_writing(&table, text);
    return 0;
}
