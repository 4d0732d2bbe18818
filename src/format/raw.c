/* raw_string and raw_bytes: each line is a record, as text or as bytes, in one column. */
#include "format/format.h"
#include "format/formats_internal.h"
#include "value/isa.h"
#include "value/utf8.h"

struct raw_decoder {
    struct weir_decoder_config config;
    enum weir_isa isa;
    bool is_text;
    bool skipping; /* inside a record that is too large */
};

static enum weir_status create(const struct weir_decoder_config *config, void **out, bool is_text,
                               struct weir_error *error)
{
    if (config->declared_count != 1 ||
        (config->fields_count && !weir_type_is_view(config->fields[0].type)))
        return weir_error_set(error, WEIR_E_TYPE_MISMATCH,
                              "a raw format has one column, of type %s",
                              is_text ? "TEXT" : "BYTEA");
    struct raw_decoder *decoder = weir_calloc(1, sizeof *decoder);
    if (!decoder)
        return weir_error_set_out_of_memory(error);
    decoder->config = *config;
    if (decoder->config.record_size_max == 0)
        decoder->config.record_size_max = WEIR_RECORD_SIZE_MAX;
    decoder->is_text = is_text;
    decoder->isa = weir_isa_detect((enum weir_isa)config->isa_limit);
    *out = decoder;
    return WEIR_OK;
}

static enum weir_status create_string(const struct weir_decoder_config *config, void **out,
                                      struct weir_error *error)
{
    return create(config, out, true, error);
}

static enum weir_status create_bytes(const struct weir_decoder_config *config, void **out,
                                     struct weir_error *error)
{
    return create(config, out, false, error);
}

static void reset(void *opaque)
{
    ((struct raw_decoder *)opaque)->skipping = false;
}

struct lines {
    struct raw_decoder *decoder;
    struct weir_decode_run *run;
    struct weir_view *views;
    uint32_t *records;
    uint32_t rows, seen;
    size_t at;
};

static enum weir_status report(struct lines *lines, enum weir_status code, const char *message,
                               size_t start, size_t size, size_t fault, struct weir_error *error)
{
    struct weir_bad_record bad = {.code = code,
                                  .message = message,
                                  .record = lines->seen - 1,
                                  .offset = start,
                                  .error_offset = fault,
                                  .bytes = weir_slice_make(lines->run->bytes.data + start, size)};
    return lines->run->bad(lines->run->bad_context, &bad, error);
}

/* Takes the line [start, start + size). */
static enum weir_status take_line(struct lines *lines, size_t start, size_t size,
                                  struct weir_error *error)
{
    const char *bytes = lines->run->bytes.data + start;
    lines->seen++;
    if (size > lines->decoder->config.record_size_max)
        return report(lines, WEIR_E_RECORD_TOO_LARGE, "the record exceeds max_record_size", start,
                      size, start, error);
    if (lines->decoder->is_text && size && bytes[size - 1] == '\r')
        size--;
    if (lines->decoder->is_text) {
        size_t valid = weir_utf8_first_invalid(lines->decoder->isa, bytes, size);
        if (valid < size)
            return report(lines, WEIR_E_BAD_UTF8, "the bytes are not valid UTF-8", start, size,
                          start + valid, error);
    }
    lines->records[lines->rows] = lines->seen - 1;
    lines->views[lines->rows++] = weir_view_make(bytes, size);
    return WEIR_OK;
}

/* What is left has no line feed. */
static enum weir_status take_rest(struct lines *lines, struct weir_error *error)
{
    struct weir_decode_run *run = lines->run;
    size_t start = lines->at, left = run->bytes.size - start;
    bool too_large = left > lines->decoder->config.record_size_max;
    if (left == 0 || (!run->end_of_input && !too_large))
        return WEIR_OK;
    lines->at = run->bytes.size;
    if (!too_large)
        return take_line(lines, start, left, error);
    lines->seen++;
    lines->decoder->skipping = !run->end_of_input;
    return report(lines, WEIR_E_RECORD_TOO_LARGE, "the record exceeds max_record_size", start, left,
                  start, error);
}

static enum weir_status split_lines(struct lines *lines, struct weir_error *error)
{
    struct weir_slice bytes = lines->run->bytes;
    while (lines->rows < lines->run->rows_max && lines->at < bytes.size) {
        size_t start = lines->at;
        const char *feed = memchr(bytes.data + start, '\n', bytes.size - start);
        if (lines->decoder->skipping) {
            lines->decoder->skipping = !feed && !lines->run->end_of_input;
            lines->at = feed ? (size_t)(feed - bytes.data) + 1 : bytes.size;
            continue;
        }
        if (!feed)
            return take_rest(lines, error);
        lines->at = (size_t)(feed - bytes.data) + 1;
        WEIR_TRY(take_line(lines, start, lines->at - 1 - start, error));
    }
    return WEIR_OK;
}

static enum weir_status decode(void *opaque, struct weir_decode_run *run, struct weir_error *error)
{
    struct raw_decoder *decoder = opaque;
    struct weir_batch *batch = run->batch;
    struct lines lines = {.decoder = decoder, .run = run};
    lines.views = weir_arena_alloc(&batch->arena, sizeof *lines.views * run->rows_max, 64);
    lines.records = weir_arena_alloc(&batch->arena, sizeof *lines.records * run->rows_max, 64);
    if (!lines.views || !lines.records)
        return weir_budget_error(decoder->config.budget, error);
    WEIR_TRY(split_lines(&lines, error));
    if (decoder->config.fields_count)
        batch->columns[0] = (struct weir_column){.type = decoder->config.fields[0].type,
                                                 .encoding = WEIR_FLAT,
                                                 .rows_count = lines.rows,
                                                 .values = lines.views};
    batch->rows_count = batch->selected_count = lines.rows;
    batch->origin_records = lines.rows == lines.seen ? NULL : lines.records;
    run->consumed_size = lines.at;
    run->consumed_records = lines.seen;
    return WEIR_OK;
}

/* ---- writing ---- */

static enum weir_status encoder_create(const struct weir_encoder_config *config, void **out,
                                       struct weir_error *error)
{
    if (config->schema->fields_count != 1 || !weir_type_is_view(config->schema->fields[0].type))
        return weir_error_set(error, WEIR_E_TYPE_MISMATCH,
                              "a raw format has one column, of type TEXT or BYTEA");
    *out = weir_malloc(1);
    return *out ? WEIR_OK : weir_error_set_out_of_memory(error);
}

static enum weir_status encode(void *opaque, const struct weir_batch *batch,
                               struct weir_buffer *out, struct weir_error *error)
{
    const struct weir_column *column = &batch->columns[0];
    (void)opaque;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        const struct weir_view *views = column->values;
        struct weir_slice text = {NULL, 0};
        if (!weir_column_is_null(column, lane))
            text = weir_view_slice(&views[weir_column_index(column, lane)]);
        weir_buffer_append_slice(out, text);
        weir_buffer_append_char(out, '\n');
    }
    return out->failed ? weir_budget_error(out->budget, error) : WEIR_OK;
}

/* ---- the formats ---- */

static enum weir_status infer_as(enum weir_type_kind kind, struct weir_arena *arena,
                                 struct weir_inferred_schema *out, struct weir_error *error)
{
    struct weir_field *field = WEIR_ARENA_NEW(arena, struct weir_field);
    if (!field)
        return weir_error_set_out_of_memory(error);
    *field = (struct weir_field){weir_slice_from_string("value"), weir_type_of(kind), false};
    *out = (struct weir_inferred_schema){.schema = {field, 1}};
    return WEIR_OK;
}

static enum weir_status infer_string(struct weir_slice sample, bool sample_is_all,
                                     struct weir_option *options, size_t options_count,
                                     struct weir_arena *arena, struct weir_inferred_schema *out,
                                     struct weir_error *error)
{
    (void)sample, (void)sample_is_all, (void)options, (void)options_count;
    return infer_as(WEIR_TYPE_TEXT, arena, out, error);
}

static enum weir_status infer_bytes(struct weir_slice sample, bool sample_is_all,
                                    struct weir_option *options, size_t options_count,
                                    struct weir_arena *arena, struct weir_inferred_schema *out,
                                    struct weir_error *error)
{
    (void)sample, (void)sample_is_all, (void)options, (void)options_count;
    return infer_as(WEIR_TYPE_BYTEA, arena, out, error);
}

static const struct weir_decoder_ops string_decoder = {
    .create = create_string, .decode = decode, .reset = reset, .destroy = weir_free};
static const struct weir_decoder_ops bytes_decoder = {
    .create = create_bytes, .decode = decode, .reset = reset, .destroy = weir_free};
static const struct weir_encoder_ops raw_encoder = {
    .create = encoder_create, .encode = encode, .destroy = weir_free};

const struct weir_format weir_format_raw_string = {
    .name = "raw_string",
    .summary = "lines of text, in one TEXT column",
    .details =
        "The column is called `value` unless it is declared. Lines end with LF or CRLF, which\n"
        "are not part of the text; an empty line is an empty text.\n",
    .decoder = &string_decoder,
    .encoder = &raw_encoder,
    .infer = infer_string,
};

const struct weir_format weir_format_raw_bytes = {
    .name = "raw_bytes",
    .summary = "lines of bytes, in one BYTEA column",
    .details =
        "As `raw_string`, but any bytes are accepted and a CR before the line feed is kept.\n",
    .decoder = &bytes_decoder,
    .encoder = &raw_encoder,
    .infer = infer_bytes,
};
