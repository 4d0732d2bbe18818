/* CSV and TSV: RFC 4180, read strictly and written canonically.
 *
 * Reading, in two passes over what is in cache:
 *
 *     1. index   every delimiter, line feed and quote of the run (SIMD), then record by record the
 *                start and end of the fields that are wanted
 *     2. convert column by column, a tight loop per type
 *
 * A record without quotes is cut by the index alone; one with a quote goes through the state
 * machine of csv_record.c, which knows doubled quotes, quotes over several lines, and what is
 * wrong. The state machine is the definition; both are tested to agree.
 *
 * Grammar: a field that begins with a quote is quoted: it ends at the next quote that is not
 * doubled, which a delimiter or the end of the record must follow. A quote elsewhere is itself.
 * Records end with LF or CRLF; a CR elsewhere outside quotes is wrong; a blank line is no record.
 * A record longer than max_record_size is bad, and reading goes on at the line behind its first:
 * what is read is the same however the input is cut into runs.
 *
 * This is Python's csv with strict=True fed line by line, but for three things that are wrong here:
 * bytes that are not UTF-8, records with another number of fields, and CRs before a CRLF. */
#ifndef WEIR_FORMAT_CSV_H
#define WEIR_FORMAT_CSV_H

#include "format/format.h"
#include "value/isa.h"

struct weir_csv_options {
    bool header;
    struct weir_slice delimiter;
    bool delimiter_given;
    struct weir_slice quote;
    struct weir_slice null_text;
};

extern const struct weir_option_spec weir_csv_specs[];
extern const size_t weir_csv_specs_count;

/* Those that are tried where none is given, in this order. */
extern const char weir_csv_delimiters[];

/* A field of a record in the run. */
struct weir_csv_field {
    const char *data;
    uint32_t size;
    bool quoted;  /* had quotes: data points behind the first */
    bool escaped; /* has doubled quotes inside */
};

struct weir_csv_dialect {
    char delimiter;
    char quote; /* 0: no quoting */
};

/* Positions of delimiter, line feed and quote in bytes, ascending; out has room for size + 64
 * entries. Returns their count. *stray_return: some CR has no LF behind it within bytes.
 * csv_index.c; the same on every isa. */
size_t weir_csv_index(enum weir_isa isa, struct weir_csv_dialect dialect, const char *bytes,
                      size_t size, uint32_t *out, bool *stray_return);

enum weir_csv_result {
    WEIR_CSV_RECORD,     /* a whole record; *end is one past its line feed */
    WEIR_CSV_INCOMPLETE, /* more bytes are needed */
    WEIR_CSV_BAD         /* *end is past the line feed where reading can go on; *reason says why */
};
/* Whether a record of these bytes, its end included, is a blank line. */
bool weir_csv_is_blank(struct weir_slice record);
/* The state machine: the fields of the record at bytes (size > 0), up to fields_max stored, all
 * counted. *fault is the offset of what is wrong. csv_record.c. */
enum weir_csv_result weir_csv_record(struct weir_csv_dialect dialect, struct weir_slice bytes,
                                     bool end_of_input, struct weir_csv_field *fields,
                                     uint32_t fields_max, uint32_t *fields_count, size_t *end,
                                     size_t *fault, const char **reason);
/* The text of a field; doubled quotes are undone into arena. */
WEIR_CHECKED enum weir_status weir_csv_field_text(const struct weir_csv_field *field, char quote,
                                                  struct weir_arena *arena, struct weir_slice *out,
                                                  struct weir_error *error);
/* What the columns of a header are called: an empty name is columnN by its place from 1, the second
 * of equal names NAME_1 (or the next number that no column has). BAD_UTF8. */
WEIR_CHECKED enum weir_status weir_csv_names(const struct weir_csv_field *header, uint32_t count,
                                             char quote, struct weir_arena *arena,
                                             struct weir_slice *names, struct weir_error *error);
/* Reads the options into a dialect; TSV's delimiter is a tab. */
WEIR_CHECKED enum weir_status weir_csv_options_read(struct weir_option *options, size_t count,
                                                    const char *format_name,
                                                    struct weir_csv_options *out,
                                                    struct weir_csv_dialect *dialect,
                                                    struct weir_error *error);

/* csv_infer.c, csv_decoder.c, csv_encoder.c */
enum weir_status weir_csv_infer(struct weir_slice sample, bool sample_is_all,
                                struct weir_option *options, size_t options_count,
                                struct weir_arena *arena, struct weir_inferred_schema *out,
                                struct weir_error *error);
enum weir_status weir_tsv_infer(struct weir_slice sample, bool sample_is_all,
                                struct weir_option *options, size_t options_count,
                                struct weir_arena *arena, struct weir_inferred_schema *out,
                                struct weir_error *error);
extern const struct weir_decoder_ops weir_csv_decoder, weir_tsv_decoder;
extern const struct weir_encoder_ops weir_csv_encoder, weir_tsv_encoder;

#endif
