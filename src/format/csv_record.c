/* One CSV record, character by character: the definition of the grammar (csv.h). */
#include "format/csv.h"

#include "value/utf8.h"

struct scan {
    struct weir_csv_dialect dialect;
    const char *bytes;
    size_t size;
    size_t at;
    bool end_of_input;
};

/* Where a bad record is taken to end: behind the next line feed. */
static size_t skip_line(const struct scan *scan, size_t from)
{
    const char *feed = memchr(scan->bytes + from, '\n', scan->size - from);
    return feed ? (size_t)(feed - scan->bytes) + 1 : scan->size;
}

/* The end of the record is at scan->at: LF, CRLF, or the end of the input. */
static bool at_record_end(const struct scan *scan)
{
    if (scan->at == scan->size)
        return true;
    if (scan->bytes[scan->at] == '\n')
        return true;
    return scan->bytes[scan->at] == '\r' &&
           (scan->at + 1 == scan->size || scan->bytes[scan->at + 1] == '\n');
}

/* scan->at is behind the opening quote. INCOMPLETE when the closing one is not in sight. */
static enum weir_csv_result scan_quoted(struct scan *scan, struct weir_csv_field *field)
{
    size_t start = scan->at;
    *field = (struct weir_csv_field){.data = scan->bytes + start, .quoted = true};
    for (;;) {
        const char *quote =
            memchr(scan->bytes + scan->at, scan->dialect.quote, scan->size - scan->at);
        if (!quote)
            return WEIR_CSV_INCOMPLETE;
        scan->at = (size_t)(quote - scan->bytes) + 1;
        if (scan->at == scan->size && !scan->end_of_input)
            return WEIR_CSV_INCOMPLETE; /* the next byte may double it */
        if (scan->at == scan->size || scan->bytes[scan->at] != scan->dialect.quote)
            break;
        field->escaped = true;
        scan->at++;
    }
    field->size = (uint32_t)(scan->at - 1 - start);
    return WEIR_CSV_RECORD;
}

static void scan_plain(struct scan *scan, struct weir_csv_field *field)
{
    size_t start = scan->at;
    while (scan->at < scan->size && scan->bytes[scan->at] != scan->dialect.delimiter &&
           scan->bytes[scan->at] != '\n' && scan->bytes[scan->at] != '\r')
        scan->at++;
    *field =
        (struct weir_csv_field){.data = scan->bytes + start, .size = (uint32_t)(scan->at - start)};
}

/* Steps over LF, CRLF or a CR that ends the input. */
static void take_record_end(struct scan *scan)
{
    if (scan->at < scan->size && scan->bytes[scan->at] == '\r')
        scan->at++;
    if (scan->at < scan->size && scan->bytes[scan->at] == '\n')
        scan->at++;
}

bool weir_csv_is_blank(struct weir_slice record)
{
    size_t size = record.size;
    if (size && record.data[size - 1] == '\n')
        size--;
    return size == 0 || (size == 1 && record.data[0] == '\r');
}

enum weir_csv_result weir_csv_record(struct weir_csv_dialect dialect, struct weir_slice bytes,
                                     bool end_of_input, struct weir_csv_field *fields,
                                     uint32_t fields_max, uint32_t *fields_count, size_t *end,
                                     size_t *fault, const char **reason)
{
    struct scan scan = {dialect, bytes.data, bytes.size, 0, end_of_input};
    struct weir_csv_field ignored;
    uint32_t count = 0;
    for (;;) {
        struct weir_csv_field *field = count < fields_max ? &fields[count] : &ignored;
        size_t start = scan.at;
        if (dialect.quote && scan.at < scan.size && scan.bytes[scan.at] == dialect.quote) {
            scan.at++;
            if (scan_quoted(&scan, field) == WEIR_CSV_INCOMPLETE) {
                *fault = start;
                *reason = "a quoted field has no closing quote";
                *end = scan.size;
                return end_of_input ? WEIR_CSV_BAD : WEIR_CSV_INCOMPLETE;
            }
        } else {
            scan_plain(&scan, field);
        }
        count++;
        if (scan.at < scan.size && scan.bytes[scan.at] == dialect.delimiter) {
            scan.at++;
            continue;
        }
        if (at_record_end(&scan))
            break;
        *fault = scan.at;
        *reason = scan.bytes[scan.at] == '\r'
                      ? "a carriage return outside quotes must be followed by a line feed"
                      : "a closing quote must be followed by a delimiter or the end of the record";
        *end = skip_line(&scan, scan.at);
        bool whole = *end > 0 && scan.bytes[*end - 1] == '\n';
        return whole || end_of_input ? WEIR_CSV_BAD : WEIR_CSV_INCOMPLETE;
    }
    bool has_feed = memchr(scan.bytes + scan.at, '\n', scan.size - scan.at) != NULL;
    if (!has_feed && !end_of_input)
        return WEIR_CSV_INCOMPLETE;
    take_record_end(&scan);
    *fields_count = count;
    *end = scan.at;
    return WEIR_CSV_RECORD;
}

enum weir_status weir_csv_field_text(const struct weir_csv_field *field, char quote,
                                     struct weir_arena *arena, struct weir_slice *out,
                                     struct weir_error *error)
{
    *out = weir_slice_make(field->data, field->size);
    if (!field->escaped)
        return WEIR_OK;
    char *text = weir_arena_alloc(arena, field->size + 1u, 1);
    size_t size = 0;
    if (!text)
        return weir_budget_error(arena->budget, error);
    for (uint32_t i = 0; i < field->size; i++) {
        text[size++] = field->data[i];
        if (field->data[i] == quote)
            i++; /* the second of two */
    }
    *out = weir_slice_make(text, size);
    return WEIR_OK;
}

/* ---- names ---- */

static bool is_among(const struct weir_slice *names, uint32_t count, struct weir_slice name)
{
    for (uint32_t i = 0; i < count; i++)
        if (weir_slice_equals(names[i], name))
            return true;
    return false;
}

/* A name for column i that no other column of the header has. */
static struct weir_slice invent_name(const struct weir_slice *names, uint32_t count, uint32_t i,
                                     struct weir_arena *arena)
{
    char *text = NULL;
    for (uint32_t n = 0; n <= count; n++) {
        if (names[i].size == 0)
            text = n ? weir_arena_printf(arena, "column%u_%u", i + 1, n)
                     : weir_arena_printf(arena, "column%u", i + 1);
        else
            text = weir_arena_printf(arena, "%.*s_%u", WEIR_SLICE_ARGS(names[i]), n + 1);
        if (!text || !is_among(names, count, weir_slice_from_string(text)))
            break;
    }
    return text ? weir_slice_from_string(text) : weir_slice_make(NULL, 0);
}

enum weir_status weir_csv_names(const struct weir_csv_field *header, uint32_t count, char quote,
                                struct weir_arena *arena, struct weir_slice *names,
                                struct weir_error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        WEIR_TRY(weir_csv_field_text(&header[i], quote, arena, &names[i], error));
        if (!weir_utf8_is_valid(WEIR_ISA_SCALAR, names[i].data, names[i].size))
            return weir_error_set(error, WEIR_E_BAD_UTF8,
                                  "the name of column %u in the header is not valid UTF-8", i + 1);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (names[i].size && !is_among(names, i, names[i]))
            continue;
        names[i] = invent_name(names, count, i, arena);
        if (!names[i].size)
            return weir_budget_error(arena->budget, error);
    }
    return WEIR_OK;
}

/* ---- options ---- */

#define FIELD(field) .offset = offsetof(struct weir_csv_options, field)
const struct weir_option_spec weir_csv_specs[] = {
    {.name = "csv.header",
     .kind = WEIR_OPTION_BOOLEAN,
     FIELD(header),
     .fallback = "true",
     .help = "the first record holds the names of the columns"},
    {.name = "csv.delimiter",
     .kind = WEIR_OPTION_TEXT,
     FIELD(delimiter),
     .help = "one character between fields; a comma, and for tsv a tab. Where columns are inferred "
             "it is found out, too, if it is one of , ; | and the tab"},
    {.name = "csv.quote",
     .kind = WEIR_OPTION_TEXT,
     FIELD(quote),
     .fallback = "\"",
     .help = "one character around fields; an empty text switches quoting off"},
    {.name = "csv.null",
     .kind = WEIR_OPTION_TEXT,
     FIELD(null_text),
     .fallback = "",
     .help = "an unquoted field with this text is NULL, as is an empty one"},
};
#undef FIELD
const char weir_csv_delimiters[] = ",;\t|";
const size_t weir_csv_specs_count = WEIR_COUNT_OF(weir_csv_specs);

static enum weir_status bad_character(const char *name, struct weir_slice value,
                                      struct weir_error *error)
{
    return weir_error_set(error, WEIR_E_BAD_OPTION,
                          "option \"%s\" takes one ASCII character, not '%.*s'", name,
                          WEIR_SLICE_ARGS(value));
}

enum weir_status weir_csv_options_read(struct weir_option *options, size_t count,
                                       const char *format_name, struct weir_csv_options *out,
                                       struct weir_csv_dialect *dialect, struct weir_error *error)
{
    bool is_tsv = strcmp(format_name, "tsv") == 0;
    WEIR_TRY(weir_options_parse(weir_csv_specs, WEIR_COUNT_OF(weir_csv_specs), options, count, 0,
                                is_tsv ? "format \"tsv\"" : "format \"csv\"", out, error));
    out->delimiter_given = out->delimiter.size > 0;
    if (!out->delimiter_given)
        out->delimiter = weir_slice_from_string(is_tsv ? "\t" : ",");
    if (weir_slice_equals_string(out->delimiter, "\\t"))
        out->delimiter = weir_slice_from_string("\t");
    if (out->delimiter.size != 1 || (unsigned char)out->delimiter.data[0] >= 0x80 ||
        out->delimiter.data[0] == '\n' || out->delimiter.data[0] == '\r')
        return bad_character("csv.delimiter", out->delimiter, error);
    if (out->quote.size > 1 ||
        (out->quote.size && ((unsigned char)out->quote.data[0] >= 0x80 ||
                             out->quote.data[0] == '\n' || out->quote.data[0] == '\r')))
        return bad_character("csv.quote", out->quote, error);
    dialect->delimiter = out->delimiter.data[0];
    dialect->quote = out->quote.size ? out->quote.data[0] : 0;
    if (dialect->quote == dialect->delimiter)
        return weir_error_set(error, WEIR_E_BAD_OPTION,
                              "csv.quote and csv.delimiter are the same character");
    return WEIR_OK;
}
