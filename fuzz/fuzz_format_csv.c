/* The CSV decoder against a plain reading of the grammar, character by character, written here.
 *
 * Input: byte 0 picks header, delimiter and quote; byte 1 the rows per batch and the table; byte 2
 * the size of runs; byte 3 the greatest record and whether filler moves the text to the border of
 * what the decoder indexes at a time. The rest is the text. Every instruction set and, for short
 * texts, every size of run must give the reference's records, texts, nulls and codes. Typed columns
 * are compared between ways of reading; good rows, written and read again, must be written the
 * same; what inference says of a text must hold when it is read. */
#include "../tests/unit/format/json_support.h"

#include "value/isa.h"
#include "value/json_token.h"

enum { NAMES_MAX = 4, REFERENCE_FIELDS_MAX = 64, CHUNK = 64 << 10, SHORT = 24 };

struct dialect {
    bool header;
    char delimiter, quote; /* quote 0: none */
    size_t record_size_max;
};

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* ---- the reference ---- */

struct field {
    char *text; /* quotes undone */
    size_t size;
    bool quoted;
};

struct record {
    struct field fields[REFERENCE_FIELDS_MAX];
    uint32_t count;
    bool wrong; /* not CSV */
    bool open;  /* the text ended within quotes */
    size_t end; /* where the next record begins */
};

static void forget(struct record *record)
{
    for (uint32_t i = 0; i < record->count; i++)
        free(record->fields[i].text);
}

static size_t line_end(struct weir_slice text, size_t at)
{
    while (at < text.size && text.data[at] != '\n')
        at++;
    return at < text.size ? at + 1 : text.size;
}

/* The size of the line end at `at`: 1 for LF, 2 for CRLF; a CR may end the text. */
static size_t end_at(struct weir_slice text, size_t at)
{
    if (text.data[at] == '\n')
        return 1;
    if (text.data[at] == '\r' && at + 1 == text.size)
        return 1;
    return text.data[at] == '\r' && text.data[at + 1] == '\n' ? 2 : 0;
}

/* One field from at on; *at is behind it. */
static struct field read_field(const struct dialect *dialect, struct weir_slice text, size_t *at,
                               bool *open)
{
    struct field field = {.text = malloc(text.size - *at + 1)};
    check(field.text != NULL, "memory");
    if (dialect->quote && *at < text.size && text.data[*at] == dialect->quote) {
        field.quoted = true;
        for (++*at;; ++*at) {
            if (*at == text.size) {
                *open = true;
                return field;
            }
            if (text.data[*at] == dialect->quote) {
                ++*at;
                if (*at == text.size || text.data[*at] != dialect->quote)
                    return field;
            }
            field.text[field.size++] = text.data[*at];
        }
    }
    while (*at < text.size && text.data[*at] != dialect->delimiter && text.data[*at] != '\n' &&
           text.data[*at] != '\r')
        field.text[field.size++] = text.data[(*at)++];
    return field;
}

static struct record read_record(const struct dialect *dialect, struct weir_slice text, size_t at)
{
    struct record record = {0};
    for (;;) {
        struct field field = read_field(dialect, text, &at, &record.open);
        check(record.count < REFERENCE_FIELDS_MAX, "too many delimiters");
        record.fields[record.count++] = field;
        if (record.open) {
            record.wrong = true;
            record.end = text.size;
            return record;
        }
        if (at == text.size || end_at(text, at)) {
            record.end = at == text.size ? at : at + end_at(text, at);
            return record;
        }
        if (text.data[at] != dialect->delimiter) {
            record.wrong = true;
            record.end = line_end(text, at);
            return record;
        }
        at++;
    }
}

static bool is_tail(struct weir_slice text, size_t at, uint8_t low, uint8_t high)
{
    return at < text.size && (uint8_t)text.data[at] >= low && (uint8_t)text.data[at] <= high;
}

/* RFC 3629, section 4. */
static bool is_utf8(struct weir_slice text)
{
    for (size_t at = 0; at < text.size;) {
        uint8_t lead = (uint8_t)text.data[at];
        size_t more = lead < 0x80 ? 0 : lead < 0xC2 ? 9 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (more == 9 || lead > 0xF4 || (more && !is_tail(text, at + 1, low, high)))
            return false;
        for (size_t i = 2; i <= more; i++)
            if (!is_tail(text, at + i, 0x80, 0xBF))
                return false;
        at += 1 + more;
    }
    return true;
}

/* ---- what the decoder should say ---- */

static const char *const names[NAMES_MAX] = {"a", "b", "c", "d"};

struct expectation {
    struct weir_buffer rows, bad;
    enum weir_status status;
};

static void expect_row(struct expectation *out, uint64_t number, const struct record *record,
                       const uint32_t *ordinals, uint32_t count)
{
    weir_buffer_printf(&out->rows, "%llu: [", (unsigned long long)number);
    for (uint32_t i = 0; i < count; i++) {
        const struct field *field = &record->fields[ordinals[i]];
        if (i)
            weir_buffer_append_char(&out->rows, ',');
        if (field->size == 0 && !field->quoted)
            weir_buffer_append_string(&out->rows, "null");
        else
            weir_json_write_string(&out->rows, weir_slice_make(field->text, field->size));
    }
    weir_buffer_append_string(&out->rows, "]\n");
}

/* The code of a record, WEIR_OK for a good one, -1 for a blank line; its end moves to where reading
 * goes on. */
static int judge(const struct dialect *dialect, struct weir_slice text, size_t start,
                 struct record *record, uint32_t fields_count)
{
    /* No more of the text than the largest record is looked at: an error beyond it is not seen. */
    if (record->end - start > dialect->record_size_max) {
        record->end = line_end(text, start);
        return WEIR_E_RECORD_TOO_LARGE;
    }
    if (record->wrong)
        return WEIR_E_BAD_CSV;
    struct weir_slice bytes = weir_slice_make(text.data + start, record->end - start);
    if (record->count == 1 && !record->fields[0].quoted && record->fields[0].size == 0)
        return -1;
    if (record->count != fields_count)
        return WEIR_E_FIELD_COUNT;
    return is_utf8(bytes) ? WEIR_OK : WEIR_E_BAD_UTF8;
}

/* Finds the columns in the header; false with out->status when the text cannot be read at all. */
static bool expect_header(const struct dialect *dialect, struct weir_slice text, size_t *at,
                          uint32_t *fields_count, uint32_t *ordinals, uint32_t wanted,
                          struct expectation *out)
{
    while (*at < text.size && end_at(text, *at) &&
           !(text.data[*at] == '\r' && *at + 1 == text.size))
        *at += end_at(text, *at);
    if (*at == text.size)
        return false;
    struct record record = read_record(dialect, text, *at);
    *fields_count = record.count;
    out->status = record.end - *at > dialect->record_size_max ? WEIR_E_RECORD_TOO_LARGE
                  : record.wrong                              ? WEIR_E_BAD_CSV
                                                              : WEIR_OK;
    for (uint32_t i = 0; out->status == WEIR_OK && i < record.count; i++)
        if (!is_utf8(weir_slice_make(record.fields[i].text, record.fields[i].size)))
            out->status = WEIR_E_BAD_UTF8;
    for (uint32_t k = 0; out->status == WEIR_OK && k < wanted; k++) {
        out->status = WEIR_E_UNKNOWN_COLUMN;
        for (uint32_t i = 0; i < record.count && out->status != WEIR_OK; i++)
            if (record.fields[i].size == 1 && record.fields[i].text[0] == names[k][0]) {
                ordinals[k] = i;
                out->status = WEIR_OK;
            }
    }
    *at = record.end;
    forget(&record);
    return out->status == WEIR_OK;
}

static struct expectation expect(const struct dialect *dialect, struct weir_slice text,
                                 uint32_t wanted)
{
    struct expectation out = {0};
    uint32_t ordinals[NAMES_MAX] = {0, 1, 2, 3}, fields_count = wanted;
    size_t at = 0;
    weir_buffer_init(&out.rows, NULL);
    weir_buffer_init(&out.bad, NULL);
    check(weir_buffer_reserve(&out.rows, 1) && weir_buffer_reserve(&out.bad, 1), "memory");
    if (text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0)
        at = 3;
    if (dialect->header &&
        !expect_header(dialect, text, &at, &fields_count, ordinals, wanted, &out))
        return out;
    for (uint64_t number = 0; at < text.size;) {
        struct record record = read_record(dialect, text, at);
        int code = judge(dialect, text, at, &record, fields_count);
        if (code == WEIR_OK)
            expect_row(&out, number, &record, ordinals, wanted);
        else if (code > 0)
            weir_buffer_printf(&out.bad, "%llu %d\n", (unsigned long long)number, code);
        number += code >= 0;
        at = record.end;
        forget(&record);
    }
    return out;
}

/* ---- the decoder's answer ---- */

static void make_table(struct support_table *table, const struct dialect *dialect,
                       const char *texts /* delimiter, NUL, quote, NUL */, uint32_t columns,
                       bool typed)
{
    static const enum weir_type_kind kinds[NAMES_MAX] = {WEIR_TYPE_INT64, WEIR_TYPE_FLOAT64,
                                                         WEIR_TYPE_TIMESTAMP, WEIR_TYPE_BOOLEAN};
    memset(table, 0, sizeof *table);
    table->format = dialect->delimiter == '\t' ? "tsv" : "csv";
    for (uint32_t i = 0; i < columns; i++) {
        support_add(table, names[i], weir_type_of(typed ? kinds[i] : WEIR_TYPE_TEXT));
        table->fields[i].ordinal = i;
    }
    support_option(table, "csv.header", dialect->header ? "true" : "false");
    support_option(table, "csv.delimiter", texts);
    support_option(table, "csv.quote", texts + 2);
}

static void compare(const struct support_result *got, const struct expectation *want)
{
    if (got->status == want->status &&
        (want->status != WEIR_OK ||
         (weir_slice_equals(weir_buffer_slice(&got->rows), weir_buffer_slice(&want->rows)) &&
          weir_slice_equals(weir_buffer_slice(&got->bad), weir_buffer_slice(&want->bad)))))
        return;
    fprintf(stderr, "status %d %s\n%.*s%.*s--- but the reference says %d\n%.*s%.*s",
            (int)got->status, got->error.message, WEIR_SLICE_ARGS(got->rows),
            WEIR_SLICE_ARGS(got->bad), (int)want->status, WEIR_SLICE_ARGS(want->rows),
            WEIR_SLICE_ARGS(want->bad));
    abort();
}

static void check_reference(struct support_table *table, const struct dialect *dialect,
                            struct support_settings settings, struct weir_slice text)
{
    struct expectation want = expect(dialect, text, table->schema.fields_count);
    bool is_short = text.size <= SHORT;
    settings.brief = true;
    for (int isa = 0; isa <= WEIR_ISA_AVX512; isa++) {
        settings.isa = isa;
        for (size_t run = is_short ? 1 : settings.run_size; run <= settings.run_size; run++) {
            struct support_settings now = settings;
            struct support_result got;
            now.run_size = run;
            support_decode(table, &now, text, &got);
            compare(&got, &want);
            support_result_deinit(&got);
        }
    }
    weir_buffer_deinit(&want.rows);
    weir_buffer_deinit(&want.bad);
}

/* Typed columns: in one run by plain C, against the settings on every instruction set. */
static void check_typed(struct support_table *table, struct support_settings settings,
                        struct weir_slice text)
{
    struct support_settings whole = settings;
    struct support_result want, got;
    settings.brief = whole.brief = true;
    whole.isa = WEIR_ISA_SCALAR;
    whole.run_size = text.size;
    whole.rows_max = WEIR_BATCH_ROWS_MAX;
    support_decode(table, &whole, text, &want);
    for (int isa = 0; isa <= WEIR_ISA_AVX512; isa++) {
        settings.isa = isa;
        support_decode(table, &settings, text, &got);
        check(want.status == got.status, "another status");
        check(want.status != WEIR_OK || support_same(&want, &got), "another answer");
        support_result_deinit(&got);
    }
    support_result_deinit(&want);
}

/* ---- writing, inference ---- */

static enum weir_status ignore_bad(void *context, const struct weir_bad_record *record,
                                   struct weir_error *error)
{
    (void)error;
    *(uint32_t *)context |= record->code == WEIR_E_BAD_VALUE;
    return WEIR_OK;
}

/* Reads text and writes its good rows; *bad_values says whether a value was not of its type. */
static enum weir_status rewrite(struct support_table *table, struct weir_slice text,
                                struct weir_buffer *out, uint32_t *bad_values)
{
    const struct weir_format *format = support_format(table);
    struct weir_decoder_config config = {.fields = table->fields,
                                         .fields_count = table->schema.fields_count,
                                         .declared_count = table->schema.fields_count,
                                         .schema = &table->schema,
                                         .options = table->options,
                                         .options_count = table->options_count,
                                         .isa_limit = WEIR_ISA_AVX512};
    struct weir_encoder_config encoder_config = {
        .schema = &table->schema, .options = table->options, .options_count = table->options_count};
    struct weir_batch *batch = weir_batch_create(&table->schema, NULL);
    void *decoder = NULL, *encoder = NULL;
    char *copy = calloc(1, text.size + WEIR_FORMAT_PADDING);
    check(copy && batch && format->decoder->create(&config, &decoder, NULL) == WEIR_OK &&
              format->encoder->create(&encoder_config, &encoder, NULL) == WEIR_OK,
          "creation");
    if (text.size)
        memcpy(copy, text.data, text.size);
    enum weir_status status = WEIR_OK;
    format->encoder->begin(encoder, out);
    for (size_t at = 0; at < text.size && status == WEIR_OK;) {
        struct weir_decode_run run = {.bytes = weir_slice_make(copy + at, text.size - at),
                                      .end_of_input = true,
                                      .rows_max = WEIR_BATCH_ROWS_MAX,
                                      .bad = ignore_bad,
                                      .bad_context = bad_values};
        check(weir_batch_renew(&batch, NULL, NULL, NULL) == WEIR_OK, "memory");
        run.batch = batch;
        status = format->decoder->decode(decoder, &run, NULL);
        check(status != WEIR_OK || (run.consumed_size > 0 &&
                                    format->encoder->encode(encoder, batch, out, NULL) == 0),
              "progress");
        at += run.consumed_size;
    }
    format->decoder->destroy(decoder);
    format->encoder->destroy(encoder);
    weir_batch_release(batch);
    free(copy);
    return status;
}

static void check_round_trip(struct support_table *table, struct weir_slice text)
{
    struct weir_buffer once, twice;
    uint32_t bad = 0;
    weir_buffer_init(&once, NULL);
    weir_buffer_init(&twice, NULL);
    if (rewrite(table, text, &once, &bad) == WEIR_OK) {
        bad = 0;
        check(rewrite(table, weir_buffer_slice(&once), &twice, &bad) == WEIR_OK && !bad,
              "what was written cannot be read");
        check(weir_slice_equals(weir_buffer_slice(&once), weir_buffer_slice(&twice)),
              "what was read back is written differently");
    }
    weir_buffer_deinit(&once);
    weir_buffer_deinit(&twice);
}

static void check_inference(struct support_table *table, struct weir_slice text)
{
    struct weir_inferred_schema inferred;
    struct weir_arena arena;
    struct weir_buffer out;
    uint32_t bad_values = 0;
    weir_arena_init(&arena, NULL, 0);
    weir_buffer_init(&out, NULL);
    if (support_format(table)->infer(text, true, table->options, table->options_count, &arena,
                                     &inferred, NULL) == WEIR_OK &&
        inferred.schema.fields_count <= SUPPORT_COLUMNS_MAX) {
        memset(&table->schema, 0, sizeof table->schema);
        for (uint32_t i = 0; i < inferred.schema.fields_count; i++) {
            support_add(table, "", inferred.schema.fields[i].type);
            table->fields[i].name = table->schema_fields[i].name = inferred.schema.fields[i].name;
            table->fields[i].ordinal = i;
        }
        enum weir_status status = rewrite(table, text, &out, &bad_values);
        check(!bad_values || text.size > 1000, "a value is not of the type that it taught");
        check(status == WEIR_OK, "inference, then an error");
    }
    weir_buffer_deinit(&out);
    weir_arena_deinit(&arena);
}

/* Rows of the table before the text, so that it starts `before` bytes ahead of the border. */
static struct weir_slice add_filler(struct weir_slice text, const struct dialect *dialect,
                                    uint32_t columns, size_t before, char **memory)
{
    size_t size = CHUNK - before;
    char *all = malloc(size + text.size + 1), *to = all;
    check(all != NULL, "memory");
    for (uint32_t i = 0; dialect->header && i < columns; i++) {
        *to++ = names[i][0];
        *to++ = i + 1 < columns ? dialect->delimiter : '\n';
    }
    while (to < all + size) {
        size_t line = (size_t)(all + size - to) < 200 ? (size_t)(all + size - to) : 100;
        memset(to, 'f', line);
        for (uint32_t i = 0; i + 1 < columns; i++)
            to[i] = dialect->delimiter;
        to[line - 1] = '\n';
        to += line;
    }
    memcpy(to, text.data, text.size);
    *memory = all;
    return weir_slice_make(all, size + text.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = ",;\t|", quotes[] = "\"'\"\0";
    if (size < 5 || size > 4096)
        return 0;
    struct dialect dialect = {.header = data[0] & 1,
                              .delimiter = delimiters[data[0] >> 1 & 3],
                              .quote = quotes[data[0] >> 3 & 3],
                              .record_size_max =
                                  data[3] & 1 ? 8u + (data[3] >> 2 & 31) : WEIR_RECORD_SIZE_MAX};
    char texts[4] = {dialect.delimiter, 0, dialect.quote, 0};
    uint32_t columns = 1 + (data[1] >> 6);
    struct weir_slice text = weir_slice_make((const char *)data + 4, size - 4);
    struct support_settings settings = {.rows_max = 1 + (data[1] & 15),
                                        .record_size_max = dialect.record_size_max};
    char *memory = NULL;
    size_t separators = 0;
    for (size_t i = 0; i < text.size; i++)
        separators += text.data[i] == dialect.delimiter;
    if (separators >= REFERENCE_FIELDS_MAX)
        return 0;
    if ((data[3] & 3) == 2) {
        text = add_filler(text, &dialect, columns, 8 + (data[3] >> 2), &memory);
        settings.rows_max = WEIR_BATCH_ROWS_MAX;
    }
    settings.run_size = text.size <= SHORT || memory ? text.size : 1 + (size_t)data[2] * 2;
    struct support_table table;
    make_table(&table, &dialect, texts, columns, data[1] & 16);
    if (data[1] & 16)
        check_typed(&table, settings, text);
    else
        check_reference(&table, &dialect, settings, text);
    if (!memory && dialect.quote && columns > 1)
        check_round_trip(&table, text);
    if (!memory)
        check_inference(&table, text);
    free(memory);
    return 0;
}
