/* CSV to columns; csv.h tells how. Invariants:
 *     C1 fields[row * fields_count + k] is projected field k of the row-th record of the batch
 *     C2 a row with a bad value keeps its lane until all columns are converted; then bad lanes are
 *        taken out, and they and the bad records of pass 1 are reported in the order of the run */
#include "format/csv.h"

#include "column/text.h"
#include "value/number.h"
#include "value/timestamp.h"
#include "value/utf8.h"

#include <stdio.h>

enum { RUN_SIZE_MAX = 64 << 10, FIELDS_MAX = WEIR_COLUMNS_MAX, BAD_RECORDS_MAX = 1024 };

struct bad_value {
    enum weir_status code; /* WEIR_OK: the row is good */
    uint32_t column;
};

/* A record that pass 1 refused. */
struct bad_record {
    enum weir_status code;
    uint32_t record;       /* in the run */
    uint32_t fields_found; /* FIELD_COUNT */
    const char *reason;    /* otherwise */
    uint64_t start, end, fault;
};

struct csv_decoder {
    struct weir_decoder_config config;
    struct weir_csv_options options;
    struct weir_csv_dialect dialect;
    enum weir_isa isa;
    const char *format_name;
    struct weir_arena arena;
    uint32_t *ordinals;     /* of each projected field in the record */
    int32_t *wanted;        /* by ordinal: projected field, or -1 */
    uint32_t record_fields; /* in every record; 0: not known yet */
    bool header_pending;
    bool mark_pending;             /* without a header: a byte order mark may come */
    bool skipping;                 /* inside a record that is too large */
    uint32_t *index;               /* RUN_SIZE_MAX + 64 entries */
    struct weir_csv_field *record; /* record_fields entries, of the state machine */
    struct weir_csv_field *fields; /* C1 */
    uint32_t *record_numbers;      /* by row, in the run */
    uint64_t *record_offsets, *record_ends;
    struct bad_value *bad;
    struct bad_record *refused; /* BAD_RECORDS_MAX entries: a batch ends when they are full */
};

/* ---- creation ---- */

static bool allocate(struct csv_decoder *decoder)
{
    struct weir_arena *arena = &decoder->arena;
    uint32_t fields = decoder->config.fields_count;
    decoder->ordinals = WEIR_ARENA_ARRAY(arena, uint32_t, fields + 1u);
    /* The great ones are not zeroed: nothing is read before it is written. */
    decoder->index = weir_arena_alloc(arena, sizeof(uint32_t) * (RUN_SIZE_MAX + 64), 64);
    decoder->fields =
        weir_arena_alloc(arena, sizeof *decoder->fields * (fields * WEIR_BATCH_ROWS_MAX + 1u), 64);
    decoder->record_numbers = WEIR_ARENA_ARRAY(arena, uint32_t, WEIR_BATCH_ROWS_MAX);
    decoder->record_offsets = WEIR_ARENA_ARRAY(arena, uint64_t, WEIR_BATCH_ROWS_MAX);
    decoder->record_ends = WEIR_ARENA_ARRAY(arena, uint64_t, WEIR_BATCH_ROWS_MAX);
    decoder->bad = WEIR_ARENA_ARRAY(arena, struct bad_value, WEIR_BATCH_ROWS_MAX);
    decoder->refused = WEIR_ARENA_ARRAY(arena, struct bad_record, BAD_RECORDS_MAX);
    return decoder->ordinals && decoder->index && decoder->fields && decoder->record_numbers &&
           decoder->record_offsets && decoder->record_ends && decoder->bad && decoder->refused;
}

static enum weir_status set_wanted(struct csv_decoder *decoder)
{
    for (uint32_t i = 0; i < decoder->record_fields; i++)
        decoder->wanted[i] = -1;
    for (uint32_t k = 0; k < decoder->config.fields_count; k++)
        if (decoder->ordinals[k] < decoder->record_fields)
            decoder->wanted[decoder->ordinals[k]] = (int32_t)k;
    return WEIR_OK;
}

/* Fixes how many fields a record has, and which are wanted. */
static enum weir_status set_record_fields(struct csv_decoder *decoder, uint32_t count,
                                          struct weir_error *error)
{
    decoder->record_fields = count;
    decoder->wanted = WEIR_ARENA_ARRAY(&decoder->arena, int32_t, count + 1u);
    decoder->record = WEIR_ARENA_ARRAY(&decoder->arena, struct weir_csv_field, count + 1u);
    if (!decoder->wanted || !decoder->record)
        return weir_budget_error(decoder->config.budget, error);
    return set_wanted(decoder);
}

static enum weir_status create(const struct weir_decoder_config *config, const char *format_name,
                               void **out, struct weir_error *error)
{
    struct csv_decoder *decoder = weir_calloc(1, sizeof *decoder);
    if (!decoder)
        return weir_error_set_out_of_memory(error);
    *out = decoder;
    decoder->config = *config;
    if (decoder->config.record_size_max == 0)
        decoder->config.record_size_max = WEIR_RECORD_SIZE_MAX;
    decoder->format_name = format_name;
    decoder->isa = weir_isa_detect((enum weir_isa)config->isa_limit);
    weir_arena_init(&decoder->arena, config->budget, 0);
    WEIR_TRY(weir_csv_options_read(config->options, config->options_count, format_name,
                                   &decoder->options, &decoder->dialect, error));
    if (!allocate(decoder))
        return weir_budget_error(config->budget, error);
    decoder->header_pending = decoder->options.header;
    decoder->mark_pending = !decoder->options.header;
    for (uint32_t k = 0; k < config->fields_count; k++)
        decoder->ordinals[k] = config->fields[k].ordinal;
    return decoder->header_pending ? WEIR_OK
                                   : set_record_fields(decoder, config->declared_count, error);
}

static enum weir_status create_csv(const struct weir_decoder_config *config, void **out,
                                   struct weir_error *error)
{
    return create(config, "csv", out, error);
}

static enum weir_status create_tsv(const struct weir_decoder_config *config, void **out,
                                   struct weir_error *error)
{
    return create(config, "tsv", out, error);
}

static void destroy(void *opaque)
{
    struct csv_decoder *decoder = opaque;
    weir_arena_deinit(&decoder->arena);
    weir_free(decoder);
}

static void reset(void *opaque)
{
    struct csv_decoder *decoder = opaque;
    decoder->header_pending = decoder->options.header;
    decoder->mark_pending = !decoder->options.header;
    decoder->skipping = false;
}

/* ---- the header ---- */

/* A header of one name that has one of the usual delimiters in it, or 0. */
static char delimiter_meant(const struct weir_slice *names, uint32_t count)
{
    for (const char *c = weir_csv_delimiters; count == 1 && *c; c++)
        if (memchr(names->data, *c, names->size))
            return *c;
    return 0;
}

static enum weir_status find_ordinal(struct csv_decoder *decoder, const struct weir_slice *names,
                                     uint32_t count, uint32_t k, struct weir_error *error)
{
    struct weir_slice wanted = decoder->config.fields[k].name;
    for (uint32_t i = 0; i < count; i++) {
        if (weir_slice_equals(names[i], wanted)) {
            decoder->ordinals[k] = i;
            return WEIR_OK;
        }
    }
    struct weir_slice nearest = weir_slice_nearest(wanted, names, count);
    char delimiter = delimiter_meant(names, count);
    (void)weir_error_set(error, WEIR_E_UNKNOWN_COLUMN, "the header has no column \"%.*s\"",
                         WEIR_SLICE_ARGS(wanted));
    if (delimiter)
        weir_error_hint(error, "it is one name, \"%.*s\": is csv.delimiter = '%s' meant?",
                        WEIR_SLICE_ARGS(names[0]),
                        delimiter == '\t' ? "\\t" : (const char[]){delimiter, 0});
    else if (nearest.size)
        weir_error_hint(error, "it has \"%.*s\"; or set csv.header = 'false'",
                        WEIR_SLICE_ARGS(nearest));
    else
        weir_error_hint(error, "set csv.header = 'false' when the first record is data");
    return WEIR_E_UNKNOWN_COLUMN;
}

static const char byte_order_mark[] = "\xEF\xBB\xBF";
enum { MARK_SIZE = 3 };

static bool begins_with_mark(struct weir_slice bytes)
{
    return bytes.size >= MARK_SIZE && memcmp(bytes.data, byte_order_mark, MARK_SIZE) == 0;
}

/* Steps over a byte order mark at the begin of a split; false when too few bytes are there. */
static bool skip_mark(struct csv_decoder *decoder, const struct weir_decode_run *run, size_t *at)
{
    struct weir_slice bytes = run->bytes;
    if (bytes.size < MARK_SIZE && !run->end_of_input &&
        memcmp(bytes.data, byte_order_mark, bytes.size) == 0)
        return false;
    *at = begins_with_mark(bytes) ? MARK_SIZE : 0;
    decoder->mark_pending = false;
    return true;
}

/* What comes before the header: a byte order mark, as some spreadsheets write, and blank lines. */
static size_t before_header(struct weir_slice bytes)
{
    size_t at = begins_with_mark(bytes) ? MARK_SIZE : 0;
    while (at < bytes.size &&
           (bytes.data[at] == '\n' ||
            (bytes.data[at] == '\r' && at + 1 < bytes.size && bytes.data[at + 1] == '\n')))
        at++;
    return at;
}

static enum weir_status take_header(struct csv_decoder *decoder,
                                    const struct weir_csv_field *fields, uint32_t count,
                                    struct weir_arena *arena, struct weir_error *error)
{
    struct weir_slice *names = weir_arena_calloc(arena, count, sizeof *names);
    if (!names)
        return weir_budget_error(decoder->config.budget, error);
    WEIR_TRY(weir_csv_names(fields, count, decoder->dialect.quote, arena, names, error));
    for (uint32_t k = 0; k < decoder->config.fields_count; k++)
        WEIR_TRY(find_ordinal(decoder, names, count, k, error));
    decoder->header_pending = false;
    return count == decoder->record_fields ? set_wanted(decoder)
                                           : set_record_fields(decoder, count, error);
}

/* arena is for this call. header_pending stays when the header is not whole yet. */
static enum weir_status read_header(struct csv_decoder *decoder, struct weir_decode_run *run,
                                    struct weir_arena *arena, struct weir_error *error)
{
    size_t start = before_header(run->bytes), end, fault = 0;
    struct weir_slice bytes = weir_slice_make(run->bytes.data + start, run->bytes.size - start);
    uint32_t count = 0;
    const char *reason = NULL;
    bool cut = bytes.size > decoder->config.record_size_max;
    if (bytes.size == 0)
        return WEIR_OK;
    if (cut)
        bytes.size = decoder->config.record_size_max;
    struct weir_csv_field *fields = weir_arena_calloc(arena, FIELDS_MAX, sizeof *fields);
    if (!fields)
        return weir_budget_error(decoder->config.budget, error);
    enum weir_csv_result result =
        weir_csv_record(decoder->dialect, bytes, run->end_of_input && !cut, fields, FIELDS_MAX,
                        &count, &end, &fault, &reason);
    if (result == WEIR_CSV_INCOMPLETE && !cut)
        return WEIR_OK;
    if (result == WEIR_CSV_INCOMPLETE)
        return weir_error_set(error, WEIR_E_RECORD_TOO_LARGE, "the header exceeds max_record_size");
    if (result == WEIR_CSV_BAD || count > FIELDS_MAX)
        return weir_error_set(error, WEIR_E_BAD_CSV, "the header cannot be read: %s",
                              reason ? reason : "it has too many columns");
    run->consumed_size = start + end;
    return take_header(decoder, fields, count, arena, error);
}

/* ---- pass 1: records and fields ---- */

struct pass {
    struct csv_decoder *decoder;
    struct weir_decode_run *run;
    struct weir_error *error;
    size_t at; /* start of the next record */
    uint32_t rows;
    uint32_t records;  /* seen, bad ones included */
    uint32_t refused;  /* entries of decoder->refused */
    uint32_t told;     /* of which so many were reported */
    bool utf8_suspect; /* the run is not valid UTF-8 somewhere */
};

static enum weir_status report(struct pass *pass, enum weir_status code, const char *message,
                               struct weir_slice column, uint32_t record, size_t start, size_t end,
                               size_t fault)
{
    const char *bytes = pass->run->bytes.data;
    while (end > start && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r'))
        end--;
    struct weir_bad_record bad = {.code = code,
                                  .message = message,
                                  .column = column,
                                  .record = record,
                                  .offset = start,
                                  .error_offset = fault,
                                  .bytes = weir_slice_make(bytes + start, end - start)};
    return pass->run->bad(pass->run->bad_context, &bad, pass->error);
}

/* Notes the record that ends before pass->at as bad. */
static void refuse(struct pass *pass, enum weir_status code, const char *reason, size_t start,
                   size_t fault)
{
    pass->decoder->refused[pass->refused++] = (struct bad_record){.code = code,
                                                                  .record = pass->records++,
                                                                  .reason = reason,
                                                                  .start = start,
                                                                  .end = pass->at,
                                                                  .fault = fault};
}

static bool is_full(const struct pass *pass)
{
    return pass->rows == pass->run->rows_max || pass->refused == BAD_RECORDS_MAX;
}

static const char too_large[] = "the record exceeds max_record_size";

/* Takes a record whose wanted fields are in fields[]; judges its count and its encoding. */
static void take_record(struct pass *pass, size_t end, uint32_t count)
{
    struct csv_decoder *decoder = pass->decoder;
    size_t start = pass->at;
    pass->at = end;
    if (end - start > decoder->config.record_size_max) {
        refuse(pass, WEIR_E_RECORD_TOO_LARGE, too_large, start, start);
        return;
    }
    if (count != decoder->record_fields) {
        refuse(pass, WEIR_E_FIELD_COUNT, NULL, start, start);
        decoder->refused[pass->refused - 1].fields_found = count;
        return;
    }
    if (pass->utf8_suspect) {
        const char *bytes = pass->run->bytes.data;
        size_t valid = weir_utf8_first_invalid(decoder->isa, bytes + start, end - start);
        if (valid < end - start) {
            refuse(pass, WEIR_E_BAD_UTF8, "the bytes are not valid UTF-8", start, start + valid);
            return;
        }
    }
    decoder->record_numbers[pass->rows] = pass->records++;
    decoder->record_offsets[pass->rows] = start;
    decoder->record_ends[pass->rows] = end;
    pass->rows++;
}

/* Skips the rest of the first line of a record that was too large, perhaps in an earlier run. */
static void skip_rest(struct csv_decoder *decoder, struct pass *pass)
{
    struct weir_slice bytes = pass->run->bytes;
    const char *feed = memchr(bytes.data + pass->at, '\n', bytes.size - pass->at);
    decoder->skipping = !feed && !pass->run->end_of_input;
    pass->at = feed ? (size_t)(feed - bytes.data) + 1 : bytes.size;
}

/* The record at pass->at by the state machine, which sees no more of it than the largest record
 * may have. *done: nothing more can be read from this run. */
static void take_slow(struct pass *pass, bool *done)
{
    struct csv_decoder *decoder = pass->decoder;
    struct weir_slice rest =
        weir_slice_make(pass->run->bytes.data + pass->at, pass->run->bytes.size - pass->at);
    bool cut = rest.size > decoder->config.record_size_max;
    size_t start = pass->at, end = 0, fault = 0;
    uint32_t count = 0;
    const char *reason = NULL;
    if (cut)
        rest.size = decoder->config.record_size_max;
    enum weir_csv_result result =
        weir_csv_record(decoder->dialect, rest, pass->run->end_of_input && !cut, decoder->record,
                        decoder->record_fields, &count, &end, &fault, &reason);
    if (result == WEIR_CSV_INCOMPLETE) {
        *done = !cut;
        if (cut) {
            skip_rest(decoder, pass);
            refuse(pass, WEIR_E_RECORD_TOO_LARGE, too_large, start, start);
        }
        return;
    }
    if (result == WEIR_CSV_BAD) {
        pass->at += end;
        refuse(pass, WEIR_E_BAD_CSV, reason, start, start + fault);
        return;
    }
    if (weir_csv_is_blank(weir_slice_make(rest.data, end))) {
        pass->at += end;
        return;
    }
    struct weir_csv_field *row =
        decoder->fields + (size_t)pass->rows * decoder->config.fields_count;
    for (uint32_t i = 0; i < decoder->record_fields && i < count; i++)
        if (decoder->wanted[i] >= 0)
            row[decoder->wanted[i]] = decoder->record[i];
    take_record(pass, pass->at + end, count);
}

/* The record whose first separator is index[*next], by the index alone; false when it has a quote
 * (nothing is taken). */
static bool take_fast(struct pass *pass, const uint32_t *index, size_t index_count, size_t *next)
{
    struct csv_decoder *decoder = pass->decoder;
    const char *bytes = pass->run->bytes.data;
    struct weir_csv_field *row =
        decoder->fields + (size_t)pass->rows * decoder->config.fields_count;
    size_t start = pass->at, field_start = start, i = *next;
    uint32_t count = 0;
    for (; i < index_count; i++) {
        size_t end = index[i];
        char c = bytes[end];
        if (WEIR_UNLIKELY(c != decoder->dialect.delimiter && c != '\n'))
            return false;
        bool last = c == '\n';
        size_t field_end = end;
        if (last && field_end > field_start && bytes[field_end - 1] == '\r')
            field_end--;
        if (count < decoder->record_fields && decoder->wanted[count] >= 0)
            row[decoder->wanted[count]] = (struct weir_csv_field){
                .data = bytes + field_start, .size = (uint32_t)(field_end - field_start)};
        count++;
        field_start = end + 1;
        if (!last)
            continue;
        *next = i + 1;
        if (count == 1 && weir_csv_is_blank(weir_slice_make(bytes + start, end + 1 - start)))
            pass->at = end + 1;
        else
            take_record(pass, end + 1, count);
        return true;
    }
    return false;
}

static void find_records(struct pass *pass)
{
    struct csv_decoder *decoder = pass->decoder;
    struct weir_slice bytes = pass->run->bytes;
    size_t base = pass->at;
    size_t size = bytes.size - base < RUN_SIZE_MAX ? bytes.size - base : RUN_SIZE_MAX;
    bool stray_return = false; /* then the state machine takes them all */
    size_t count = weir_csv_index(decoder->isa, decoder->dialect, bytes.data + base, size,
                                  decoder->index, &stray_return);
    size_t next = 0;
    bool done = false;
    pass->utf8_suspect = !weir_utf8_is_valid(decoder->isa, bytes.data + base, size);
    for (size_t i = 0; base && i < count; i++)
        decoder->index[i] += (uint32_t)base;
    while (!is_full(pass) && !done && pass->at < base + size) {
        if (stray_return || !take_fast(pass, decoder->index, count, &next)) {
            pass->utf8_suspect = true; /* the record may reach beyond what was checked */
            take_slow(pass, &done);
            while (next < count && decoder->index[next] < pass->at)
                next++;
        }
    }
}

/* ---- pass 2: columns ---- */

/* "" is the empty text in a column that can hold one, elsewhere as good as nothing. */
static bool is_null_text(const struct csv_decoder *decoder, const struct weir_csv_field *field,
                         const struct weir_type *type)
{
    if (field->quoted)
        return field->size == 0 && type->kind != WEIR_TYPE_TEXT && type->kind != WEIR_TYPE_BYTEA;
    return field->size == 0 ||
           (field->size == decoder->options.null_text.size &&
            memcmp(field->data, decoder->options.null_text.data, field->size) == 0);
}

/* Up to eight bytes, digits or digits.digits, without a branch on where the point stands: what is
 * in front of it moves up beside what is behind, and eight digits are joined two by two. Reads
 * eight bytes. False: not one of these.
 *
 *     "12.5" -> ....12.5 -> .....125 -> 00000125 and a fraction of 1 digit */
static bool short_decimal(const char *p, size_t size, double *out)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7, zeros = ones * '0';
    uint64_t word, digits;
    if (size - 1 > 7)
        return false;
    memcpy(&word, p, sizeof word);
    digits = word <<= 64 - 8 * size;
    uint64_t point = word ^ (ones * '.');
    point = ~(((point & ~tops) + ~tops) | point | ~tops); /* the top bit of each point */
    size_t count = size, fraction = 0;
    if (point) {
        uint32_t at = (uint32_t)__builtin_ctzll(point) / 8;
        uint64_t before = (UINT64_C(1) << (8 * at)) - 1;
        digits = (word & ~before & ~(UINT64_C(0xFF) << (8 * at))) | (word & before) << 8;
        count--;
        fraction = 7 - at;
        if ((point & (point - 1)) || fraction == 0 || fraction == count)
            return false;
    }
    digits |= count == 8 ? 0 : zeros & (UINT64_MAX >> (8 * count));
    if (((digits & (ones * 0xF0)) ^ zeros) | (((digits + ones * 6) & (ones * 0xF0)) ^ zeros))
        return false;
    digits = ((digits & (ones * 0x0F)) * 2561 >> 8) & UINT64_C(0x00FF00FF00FF00FF);
    digits = (digits * 6553601 >> 16) & UINT64_C(0x0000FFFF0000FFFF);
    digits = digits * UINT64_C(42949672960001) >> 32;
    *out = (double)digits / powers[fraction];
    return true;
}

static enum weir_parse convert(const struct weir_type *type, struct weir_slice text,
                               struct weir_arena *arena, void *lane)
{
    switch (type->kind) {
    case WEIR_TYPE_INT64: /* the usual spelling first; white space around it is rare */
        if (weir_number_parse_i64(text, lane) == WEIR_PARSE_OK)
            return WEIR_PARSE_OK;
        return weir_text_parse(type, text, NULL, arena, lane);
    case WEIR_TYPE_FLOAT64:
        if (weir_number_parse_f64_sql(text, lane) == WEIR_PARSE_OK)
            return WEIR_PARSE_OK;
        return weir_text_parse(type, text, NULL, arena, lane);
    case WEIR_TYPE_TEXT:
        if (type->length)
            return weir_text_parse(type, text, NULL, arena, lane);
        *(struct weir_view *)lane = weir_view_from_slice(text);
        return WEIR_PARSE_OK;
    default:
        return weir_text_parse(type, text, NULL, arena, lane);
    }
}

static enum weir_status convert_column(struct pass *pass, uint32_t k)
{
    struct csv_decoder *decoder = pass->decoder;
    struct weir_batch *batch = pass->run->batch;
    const struct weir_decode_field *field = &decoder->config.fields[k];
    size_t width = weir_type_width(field->type);
    size_t words = weir_validity_words(pass->rows);
    char *values = weir_arena_alloc(&batch->arena, width * (pass->rows + 1u), 64);
    uint64_t *validity = weir_arena_alloc(&batch->arena, sizeof(uint64_t) * (words + 1), 64);
    bool any_null = false;
    if (!values || !validity)
        return weir_budget_error(decoder->config.budget, pass->error);
    memset(validity, 0xFF, sizeof(uint64_t) * words);
    for (uint32_t row = 0; row < pass->rows; row++) {
        const struct weir_csv_field *raw =
            &decoder->fields[(size_t)row * decoder->config.fields_count + k];
        void *lane = values + width * row;
        struct weir_slice text;
        if (is_null_text(decoder, raw, field->type)) {
            memset(lane, 0, width);
            weir_bit_clear(validity, row);
            any_null = true;
            if ((!field->nullable || field->is_event_time) && decoder->bad[row].code == WEIR_OK)
                decoder->bad[row] = (struct bad_value){
                    field->is_event_time ? WEIR_E_NULL_EVENT_TIME : WEIR_E_NULL_VALUE, k};
            continue;
        }
        if (field->type->kind == WEIR_TYPE_FLOAT64 && !raw->escaped &&
            short_decimal(raw->data, raw->size, lane))
            continue;
        WEIR_TRY(
            weir_csv_field_text(raw, decoder->dialect.quote, &batch->arena, &text, pass->error));
        enum weir_parse result = convert(field->type, text, &batch->arena, lane);
        if (WEIR_LIKELY(result == WEIR_PARSE_OK))
            continue;
        if (result == WEIR_PARSE_MEMORY)
            return weir_budget_error(decoder->config.budget, pass->error);
        memset(lane, 0, width);
        if (decoder->bad[row].code == WEIR_OK)
            decoder->bad[row] = (struct bad_value){WEIR_E_BAD_VALUE, k};
    }
    batch->columns[k] = (struct weir_column){.type = field->type,
                                             .encoding = WEIR_FLAT,
                                             .rows_count = pass->rows,
                                             .values = values,
                                             .validity = any_null ? validity : NULL};
    return WEIR_OK;
}

/* Lists, structs and maps, in Postgres or JSON spelling. */
static enum weir_status convert_nested(struct pass *pass, uint32_t k)
{
    struct csv_decoder *decoder = pass->decoder;
    struct weir_batch *batch = pass->run->batch;
    const struct weir_decode_field *field = &decoder->config.fields[k];
    struct weir_builder builder;
    WEIR_TRY(weir_builder_init(&builder, field->type, &batch->arena, pass->error));
    for (uint32_t row = 0; row < pass->rows; row++) {
        const struct weir_csv_field *raw =
            &decoder->fields[(size_t)row * decoder->config.fields_count + k];
        struct weir_slice text;
        bool null = is_null_text(decoder, raw, field->type);
        if (!null) {
            WEIR_TRY(weir_csv_field_text(raw, decoder->dialect.quote, &batch->arena, &text,
                                         pass->error));
            enum weir_parse result = weir_text_parse_into(&builder, text, NULL, pass->error);
            if (result == WEIR_PARSE_MEMORY)
                return weir_budget_error(decoder->config.budget, pass->error);
            if (result == WEIR_PARSE_OK)
                continue;
        }
        if (decoder->bad[row].code == WEIR_OK && (!null || !field->nullable))
            decoder->bad[row] = (struct bad_value){null ? WEIR_E_NULL_VALUE : WEIR_E_BAD_VALUE, k};
        if (builder.rows_count == row)
            WEIR_TRY(weir_builder_append_null(&builder, pass->error));
    }
    batch->columns[k] = weir_builder_column(&builder);
    return WEIR_OK;
}

static enum weir_status report_bad_value(struct pass *pass, uint32_t row)
{
    struct csv_decoder *decoder = pass->decoder;
    const struct bad_value *bad = &decoder->bad[row];
    const struct weir_decode_field *field = &decoder->config.fields[bad->column];
    const struct weir_csv_field *raw =
        &decoder->fields[(size_t)row * decoder->config.fields_count + bad->column];
    char message[256];
    struct weir_slice text = weir_slice_make(raw->data, raw->size);
    size_t shown = weir_utf8_prefix(text, 40).size; /* up to 160 bytes */
    if (bad->code == WEIR_E_BAD_VALUE)
        (void)snprintf(message, sizeof message, "\"%.*s\" is no %s", (int)shown, raw->data,
                       weir_type_name(field->type).text);
    else
        (void)snprintf(message, sizeof message, "%s",
                       bad->code == WEIR_E_NULL_VALUE ? "a NOT NULL column has no value"
                                                      : "the event time is null");
    return report(pass, bad->code, message, field->name, decoder->record_numbers[row],
                  decoder->record_offsets[row], decoder->record_ends[row],
                  (size_t)(raw->data - pass->run->bytes.data));
}

/* Reports what pass 1 refused of the records before `before`. */
static enum weir_status report_refused(struct pass *pass, uint32_t before)
{
    static const struct weir_slice no_column = {NULL, 0};
    for (; pass->told < pass->refused; pass->told++) {
        const struct bad_record *bad = &pass->decoder->refused[pass->told];
        char counts[64];
        if (bad->record >= before)
            break;
        (void)snprintf(counts, sizeof counts, "expected %u fields, found %u",
                       pass->decoder->record_fields, bad->fields_found);
        WEIR_TRY(report(pass, bad->code, bad->reason ? bad->reason : counts, no_column, bad->record,
                        bad->start, bad->end, bad->fault));
    }
    return WEIR_OK;
}

/* C2: reports rows with bad values, takes their lanes out, and says where lanes come from when they
 * are not one per record. */
static enum weir_status settle_rows(struct pass *pass)
{
    struct csv_decoder *decoder = pass->decoder;
    struct weir_batch *batch = pass->run->batch;
    uint32_t kept = 0;
    bool gaps = false;
    uint16_t *lanes = weir_arena_alloc(&batch->arena, sizeof(uint16_t) * (pass->rows + 1u), 64);
    uint32_t *records = weir_arena_alloc(&batch->arena, sizeof(uint32_t) * (pass->rows + 1u), 64);
    if (!lanes || !records)
        return weir_budget_error(decoder->config.budget, pass->error);
    for (uint32_t row = 0; row < pass->rows; row++) {
        if (decoder->bad[row].code != WEIR_OK) {
            WEIR_TRY(report_refused(pass, decoder->record_numbers[row]));
            WEIR_TRY(report_bad_value(pass, row));
            decoder->bad[row].code = WEIR_OK;
            continue;
        }
        gaps |= decoder->record_numbers[row] != kept;
        records[kept] = decoder->record_numbers[row];
        lanes[kept++] = (uint16_t)row;
    }
    WEIR_TRY(report_refused(pass, UINT32_MAX));
    for (uint32_t k = 0; kept < pass->rows && k < decoder->config.fields_count; k++) {
        struct weir_column taken;
        WEIR_TRY(
            weir_column_take(&batch->columns[k], lanes, kept, &batch->arena, &taken, pass->error));
        batch->columns[k] = taken;
    }
    batch->rows_count = batch->selected_count = kept;
    batch->origin_records = gaps ? records : NULL;
    return WEIR_OK;
}

static enum weir_status decode(void *opaque, struct weir_decode_run *run, struct weir_error *error)
{
    struct csv_decoder *decoder = opaque;
    struct pass pass = {.decoder = decoder, .run = run, .error = error};
    run->consumed_size = 0;
    run->consumed_records = 0;
    if (decoder->header_pending) {
        struct weir_arena arena;
        weir_arena_init(&arena, decoder->config.budget, 0);
        enum weir_status status = read_header(decoder, run, &arena, error);
        weir_arena_deinit(&arena);
        if (status != WEIR_OK)
            return status;
        if (decoder->header_pending) {
            run->consumed_size = run->end_of_input ? run->bytes.size : 0;
            return WEIR_OK;
        }
        pass.at = run->consumed_size;
    }
    if (decoder->mark_pending && !skip_mark(decoder, run, &pass.at))
        return WEIR_OK;
    if (decoder->skipping)
        skip_rest(decoder, &pass);
    for (size_t before = SIZE_MAX;
         pass.at != before && !is_full(&pass) && pass.at < run->bytes.size;) {
        before = pass.at;
        find_records(&pass);
    }
    for (uint32_t k = 0; k < decoder->config.fields_count; k++)
        WEIR_TRY(weir_type_is_nested(decoder->config.fields[k].type) ? convert_nested(&pass, k)
                                                                     : convert_column(&pass, k));
    WEIR_TRY(settle_rows(&pass));
    run->consumed_size = pass.at;
    run->consumed_records = pass.records;
    return WEIR_OK;
}

const struct weir_decoder_ops weir_csv_decoder = {
    .create = create_csv, .decode = decode, .reset = reset, .destroy = destroy};
const struct weir_decoder_ops weir_tsv_decoder = {
    .create = create_tsv, .decode = decode, .reset = reset, .destroy = destroy};
