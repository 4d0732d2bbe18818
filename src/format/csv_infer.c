/* Column names and types from the first records of a CSV sample: the narrowest of BIGINT,
 * DECIMAL(38,0), DOUBLE, BOOLEAN, DATE, TIMESTAMP (with time zone when offsets are written) that
 * takes every value that is not null; else TEXT. And the delimiter, where none is given. */
#include "format/csv.h"

#include "column/text.h"
#include "value/decimal.h"
#include "value/number.h"

enum { SAMPLE_RECORDS = 1000 };

static const enum weir_type_kind candidates[] = {WEIR_TYPE_INT64,     WEIR_TYPE_FLOAT64,
                                                 WEIR_TYPE_BOOLEAN,   WEIR_TYPE_DATE,
                                                 WEIR_TYPE_TIMESTAMP, WEIR_TYPE_TIMESTAMPTZ};
enum { CANDIDATES_COUNT = sizeof candidates / sizeof candidates[0] };

struct guess {
    bool seen;     /* a value that is not null */
    uint32_t fits; /* bit per candidate */
    bool wide;     /* integers of up to 38 digits */
};

/* Postgres reads '2024-01-02' and '10:00+02' in many ways; inference wants the plain ones. */
static bool is_plausible(enum weir_type_kind kind, struct weir_slice text)
{
    bool has_dash = text.size >= 8 && memchr(text.data + 1, '-', text.size - 1) != NULL;
    bool has_colon = memchr(text.data, ':', text.size) != NULL;
    char last = text.data[text.size - 1];
    bool has_zone =
        last == 'Z' ||
        (text.size > 6 && (text.data[text.size - 6] == '+' || text.data[text.size - 3] == '+' ||
                           (has_colon && text.data[text.size - 6] == '-')));
    switch (kind) {
    case WEIR_TYPE_BOOLEAN:
        return text.size >= 4; /* true, false; not 1, t, no */
    case WEIR_TYPE_DATE:
        return has_dash && !has_colon && text.data[0] >= '0' && text.data[0] <= '9';
    case WEIR_TYPE_TIMESTAMP:
        return has_dash && has_colon && !has_zone;
    case WEIR_TYPE_TIMESTAMPTZ:
        return has_dash && has_colon && has_zone;
    case WEIR_TYPE_FLOAT64:
        return (text.data[0] >= '0' && text.data[0] <= '9') || text.data[0] == '-' ||
               text.data[0] == '+' || text.data[0] == '.';
    default:
        return true;
    }
}

static void weigh(struct guess *guess, struct weir_slice text, struct weir_arena *arena)
{
    char lane[32] __attribute__((aligned(16)));
    weir_i128 whole;
    if (!guess->seen) {
        guess->fits = (1u << CANDIDATES_COUNT) - 1;
        guess->wide = true;
    }
    guess->seen = true;
    guess->wide = guess->wide && weir_number_parse_i128(text, &whole) == WEIR_PARSE_OK &&
                  weir_decimal_fits(whole, WEIR_DECIMAL_PRECISION_MAX);
    for (uint32_t i = 0; i < CANDIDATES_COUNT; i++)
        if ((guess->fits >> i & 1) && (!is_plausible(candidates[i], text) ||
                                       weir_text_parse(weir_type_of(candidates[i]), text, NULL,
                                                       arena, lane) != WEIR_PARSE_OK))
            guess->fits &= ~(1u << i);
}

/* NULL when memory runs out. */
static const struct weir_type *decide(const struct guess *guess, struct weir_arena *arena)
{
    if (guess->seen && guess->wide && !(guess->fits & 1)) /* beyond BIGINT */
        return weir_type_decimal(arena, WEIR_DECIMAL_PRECISION_MAX, 0);
    for (uint32_t i = 0; guess->seen && i < CANDIDATES_COUNT; i++)
        if (guess->fits >> i & 1)
            return weir_type_of(candidates[i]);
    return weir_type_of(WEIR_TYPE_TEXT);
}

/* As the decoder will call them. Names outlive the sample. */
static enum weir_status name_fields(const struct weir_csv_options *options,
                                    struct weir_csv_field *header, char quote, uint32_t count,
                                    struct weir_arena *arena, struct weir_field *fields,
                                    struct weir_error *error)
{
    struct weir_slice *names = WEIR_ARENA_ARRAY(arena, struct weir_slice, count);
    if (!names)
        return weir_error_set_out_of_memory(error);
    for (uint32_t i = 0; !options->header && i < count; i++)
        header[i] = (struct weir_csv_field){.data = ""};
    WEIR_TRY(weir_csv_names(header, count, quote, arena, names, error));
    for (uint32_t i = 0; i < count; i++) {
        char *copy = weir_arena_copy(arena, names[i]);
        if (!copy)
            return weir_error_set_out_of_memory(error);
        fields[i].name = weir_slice_make(copy, names[i].size);
        fields[i].nullable = true;
    }
    return WEIR_OK;
}

struct inference {
    struct weir_csv_options options;
    struct weir_csv_dialect dialect;
    struct weir_csv_field *record;
    struct guess *guesses;
    uint32_t count; /* fields of the first record */
};

static enum weir_status weigh_records(struct inference *inference, struct weir_slice sample,
                                      bool sample_is_all, struct weir_arena *arena,
                                      struct weir_error *error)
{
    size_t end, fault;
    const char *reason;
    for (uint32_t n = 0; n < SAMPLE_RECORDS && sample.size; n++) {
        uint32_t count = 0;
        enum weir_csv_result result =
            weir_csv_record(inference->dialect, sample, sample_is_all, inference->record,
                            inference->count, &count, &end, &fault, &reason);
        if (result == WEIR_CSV_INCOMPLETE)
            return WEIR_OK;
        bool skip = result == WEIR_CSV_BAD || /* the decoder's to report */
                    weir_csv_is_blank(weir_slice_make(sample.data, end));
        for (uint32_t i = 0; !skip && count == inference->count && i < count; i++) {
            const struct weir_csv_field *field = &inference->record[i];
            struct weir_slice text;
            WEIR_TRY(weir_csv_field_text(field, inference->dialect.quote, arena, &text, error));
            bool null = !field->quoted &&
                        (text.size == 0 || weir_slice_equals(text, inference->options.null_text));
            if (!null && text.size)
                weigh(&inference->guesses[i], text, arena);
        }
        sample.data += end;
        sample.size -= end;
    }
    return WEIR_OK;
}

/* How many fields each record of the sample has; 0: not all have as many. */
static uint32_t steady_count(struct weir_csv_dialect dialect, struct weir_slice sample,
                             bool sample_is_all)
{
    uint32_t first = 0;
    size_t end, fault;
    const char *reason;
    for (uint32_t n = 0; n < SAMPLE_RECORDS && sample.size; n++) {
        uint32_t count = 0;
        enum weir_csv_result result =
            weir_csv_record(dialect, sample, sample_is_all, NULL, 0, &count, &end, &fault, &reason);
        if (result == WEIR_CSV_INCOMPLETE)
            break;
        if (result == WEIR_CSV_BAD ||
            (first && count != first && !weir_csv_is_blank(weir_slice_make(sample.data, end))))
            return 0;
        first = first ? first : count;
        sample = weir_slice_make(sample.data + end, sample.size - end);
    }
    return first;
}

/* The first delimiter that cuts every record into as many fields, more than one; else as it is. */
static enum weir_status find_delimiter(struct weir_csv_dialect *dialect, struct weir_slice sample,
                                       bool sample_is_all, struct weir_arena *arena,
                                       struct weir_inferred_schema *out, struct weir_error *error)
{
    struct weir_csv_dialect tried = *dialect;
    for (const char *c = weir_csv_delimiters; *c; c++) {
        tried.delimiter = *c;
        if (*c == dialect->quote || steady_count(tried, sample, sample_is_all) <= 1)
            continue;
        struct weir_option *option = WEIR_ARENA_ARRAY(arena, struct weir_option, 1);
        if (!option)
            return weir_error_set_out_of_memory(error);
        option->name = weir_slice_from_string("csv.delimiter");
        option->value = weir_slice_make(c, 1);
        out->options = option;
        out->options_count = 1;
        *dialect = tried;
        return WEIR_OK;
    }
    return WEIR_OK;
}

static enum weir_status infer(struct weir_slice sample, bool sample_is_all,
                              struct weir_option *options, size_t options_count,
                              const char *format_name, struct weir_arena *arena,
                              struct weir_inferred_schema *out, struct weir_error *error)
{
    struct inference inference = {0};
    size_t end = 0, fault;
    const char *reason = "it does not end in sight";
    WEIR_TRY(weir_csv_options_read(options, options_count, format_name, &inference.options,
                                   &inference.dialect, error));
    if (sample.size >= 3 && memcmp(sample.data, "\xEF\xBB\xBF", 3) == 0)
        sample = weir_slice_make(sample.data + 3, sample.size - 3);
    while (sample.size && (sample.data[0] == '\n' ||
                           (sample.data[0] == '\r' && sample.size > 1 && sample.data[1] == '\n')))
        sample = weir_slice_make(sample.data + 1, sample.size - 1); /* blank lines */
    inference.record = WEIR_ARENA_ARRAY(arena, struct weir_csv_field, WEIR_COLUMNS_MAX);
    if (!inference.record)
        return weir_error_set_out_of_memory(error);
    *out = (struct weir_inferred_schema){0};
    if (sample.size == 0)
        return WEIR_OK;
    if (!inference.options.delimiter_given && inference.dialect.delimiter == ',')
        WEIR_TRY(find_delimiter(&inference.dialect, sample, sample_is_all, arena, out, error));
    if (weir_csv_record(inference.dialect, sample, sample_is_all, inference.record,
                        WEIR_COLUMNS_MAX, &inference.count, &end, &fault,
                        &reason) != WEIR_CSV_RECORD ||
        inference.count > WEIR_COLUMNS_MAX)
        return weir_error_set(error, WEIR_E_SCHEMA_INFERENCE, "the first record cannot be read: %s",
                              reason);
    inference.guesses = WEIR_ARENA_ARRAY(arena, struct guess, inference.count);
    struct weir_field *fields = WEIR_ARENA_ARRAY(arena, struct weir_field, inference.count);
    if (!inference.guesses || !fields)
        return weir_error_set_out_of_memory(error);
    WEIR_TRY(name_fields(&inference.options, inference.record, inference.dialect.quote,
                         inference.count, arena, fields, error));
    if (inference.options.header)
        sample = weir_slice_make(sample.data + end, sample.size - end);
    WEIR_TRY(weigh_records(&inference, sample, sample_is_all, arena, error));
    for (uint32_t i = 0; i < inference.count; i++) {
        fields[i].type = decide(&inference.guesses[i], arena);
        if (!fields[i].type)
            return weir_error_set_out_of_memory(error);
    }
    out->schema = (struct weir_schema){fields, inference.count};
    return WEIR_OK;
}

enum weir_status weir_csv_infer(struct weir_slice sample, bool sample_is_all,
                                struct weir_option *options, size_t options_count,
                                struct weir_arena *arena, struct weir_inferred_schema *out,
                                struct weir_error *error)
{
    return infer(sample, sample_is_all, options, options_count, "csv", arena, out, error);
}

enum weir_status weir_tsv_infer(struct weir_slice sample, bool sample_is_all,
                                struct weir_option *options, size_t options_count,
                                struct weir_arena *arena, struct weir_inferred_schema *out,
                                struct weir_error *error)
{
    return infer(sample, sample_is_all, options, options_count, "tsv", arena, out, error);
}
