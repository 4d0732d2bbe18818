/* Columns to CSV: fields are quoted only when they must be. */
#include "format/csv.h"

#include "column/text.h"

struct csv_encoder {
    struct weir_encoder_config config;
    struct weir_csv_options options;
    struct weir_csv_dialect dialect;
    struct weir_text_options text;
    bool special[256]; /* bytes that make a field need quotes */
};

static enum weir_status create(const struct weir_encoder_config *config, const char *format_name,
                               void **out, struct weir_error *error)
{
    struct csv_encoder *encoder = weir_calloc(1, sizeof *encoder);
    if (!encoder)
        return weir_error_set_out_of_memory(error);
    *out = encoder;
    encoder->config = *config;
    WEIR_TRY(weir_csv_options_read(config->options, config->options_count, format_name,
                                   &encoder->options, &encoder->dialect, error));
    encoder->text = (struct weir_text_options){.style = WEIR_TEXT_POSTGRES,
                                               .null_text = encoder->options.null_text};
    encoder->special['\n'] = encoder->special['\r'] = true;
    encoder->special[(unsigned char)encoder->dialect.delimiter] = true;
    encoder->special[(unsigned char)encoder->dialect.quote] = true;
    return WEIR_OK;
}

static enum weir_status create_csv(const struct weir_encoder_config *config, void **out,
                                   struct weir_error *error)
{
    return create(config, "csv", out, error);
}

static enum weir_status create_tsv(const struct weir_encoder_config *config, void **out,
                                   struct weir_error *error)
{
    return create(config, "tsv", out, error);
}

/* The bytes from start on are a field; puts quotes around it where reading would need them. */
static void quote_from(const struct csv_encoder *encoder, size_t start, struct weir_buffer *out)
{
    size_t size = out->size - start, extra = 2;
    char quote = encoder->dialect.quote;
    bool needed =
        size == 0 || (size == encoder->options.null_text.size &&
                      memcmp(out->data + start, encoder->options.null_text.data, size) == 0);
    needed |= size >= 3 && memcmp(out->data + start, "\xEF\xBB\xBF", 3) == 0;
    for (size_t i = start; i < out->size; i++) {
        needed |= encoder->special[(unsigned char)out->data[i]];
        extra += out->data[i] == quote;
    }
    if (!needed || !quote || !weir_buffer_reserve(out, extra))
        return;
    char *to = out->data + start + size + extra;
    char *from = out->data + start + size;
    *--to = quote;
    while (from > out->data + start) {
        *--to = *--from;
        if (*from == quote)
            *--to = quote;
    }
    *--to = quote;
    out->size += extra;
}

static void begin(void *opaque, struct weir_buffer *out)
{
    const struct csv_encoder *encoder = opaque;
    if (!encoder->options.header)
        return;
    if (encoder->config.changelog)
        weir_buffer_append_string(out, "_op");
    for (uint32_t i = 0; i < encoder->config.schema->fields_count; i++) {
        if (i || encoder->config.changelog)
            weir_buffer_append_char(out, encoder->dialect.delimiter);
        size_t start = out->size;
        weir_buffer_append_slice(out, encoder->config.schema->fields[i].name);
        quote_from(encoder, start, out);
    }
    weir_buffer_append_char(out, '\n');
}

static void write_row(const struct csv_encoder *encoder, const struct weir_batch *batch,
                      uint32_t lane, bool negative, struct weir_buffer *out)
{
    if (encoder->config.changelog)
        weir_buffer_append_char(out, negative ? '-' : '+');
    for (uint32_t i = 0; i < encoder->config.schema->fields_count; i++) {
        if (i || encoder->config.changelog)
            weir_buffer_append_char(out, encoder->dialect.delimiter);
        size_t start = out->size;
        weir_column_print(&batch->columns[i], lane, &encoder->text, out);
        if (!weir_column_is_null(&batch->columns[i], lane))
            quote_from(encoder, start, out);
    }
    weir_buffer_append_char(out, '\n');
}

static enum weir_status encode(void *opaque, const struct weir_batch *batch,
                               struct weir_buffer *out, struct weir_error *error)
{
    const struct csv_encoder *encoder = opaque;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        int64_t weight = weir_batch_weight(batch, lane);
        for (int64_t n = weight < 0 ? -weight : weight; n > 0; n--)
            write_row(encoder, batch, lane, weight < 0, out);
    }
    return out->failed ? weir_budget_error(out->budget, error) : WEIR_OK;
}

const struct weir_encoder_ops weir_csv_encoder = {
    .create = create_csv, .begin = begin, .encode = encode, .destroy = weir_free};
const struct weir_encoder_ops weir_tsv_encoder = {
    .create = create_tsv, .begin = begin, .encode = encode, .destroy = weir_free};
