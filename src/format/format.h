/* Formats: bytes to batches and back. Pure: no I/O, no clock.
 *
 *     source bytes ─▶ decoder ─▶ batch        batch ─▶ encoder ─▶ bytes for the sink
 *
 * A decoder is made for one projection: the columns that the plan reads, in the order of the batch.
 * It is fed runs of bytes that start at a record boundary and says how far it got; text columns
 * borrow from those bytes, so the caller keeps the bytes alive as long as the batch.
 * Records are judged whole: a malformed record is bad for every projection; types are judged for
 * the columns that are read. Bad records go to the caller's callback and leave no lane.
 *
 * Splitting into records: JSON lines (one value a line; a blank line is no record), CSV (quotes may
 * span lines), raw (one record a line; raw_bytes: by option). */
#ifndef WEIR_FORMAT_FORMAT_H
#define WEIR_FORMAT_FORMAT_H

#include "base/options.h"
#include "column/batch.h"

enum {
    WEIR_FORMAT_PADDING = 64,        /* readable bytes that must follow the bytes given to decode */
    WEIR_RECORD_SIZE_MAX = 16 << 20, /* max_record_size by default */
    WEIR_BAD_RECORD_KEPT_MAX = 64 << 10
};

/* What the rows of a decoded batch say: see batch->weights. */
enum weir_change_mode {
    WEIR_CHANGES_NONE,    /* they are added; no weights */
    WEIR_CHANGES_WEIGHTS, /* weights: rows added (+1) and, whole as they were, taken back (-1) */
    WEIR_CHANGES_EVENTS   /* weights: enum weir_change_event, whose old rows somebody has to find */
};

/* A column to decode. */
struct weir_decode_field {
    struct weir_slice name; /* key or header name, exact */
    const struct weir_type *type;
    bool nullable;
    struct weir_slice path; /* JSON: "$.device.os"; empty: the name */
    bool is_event_time;     /* a null makes the record bad: NULL_EVENT_TIME */
    bool is_key;            /* part of the PRIMARY KEY */
    bool is_metadata;       /* of the record, not of the row: path leads from the record's root */
    uint32_t ordinal;       /* CSV without header: position among the declared columns */
};

struct weir_decoder_config {
    const struct weir_decode_field *fields; /* projected columns, in batch order */
    uint32_t fields_count;
    uint32_t declared_count;                 /* CSV: how many columns the table declares */
    const struct weir_slice *declared_names; /* CSV with header: to check it */
    const struct weir_schema *schema;        /* of the batch: one field per projected column */
    struct weir_option *options;             /* of the table; the format takes those it knows */
    size_t options_count;
    struct weir_budget *budget;
    uint64_t record_size_max;
    int isa_limit;    /* enum weir_isa (value/isa.h): the best instruction set to use */
    bool strict_only; /* never speculate: the plain path, for tests */
    enum weir_change_mode changes;
    bool op_optional; /* of an op column: rows without an operation are inserted */
};

struct weir_bad_record {
    enum weir_status code;
    const char *message;      /* "expected a number, found \"x\"" */
    struct weir_slice column; /* empty when no column is to blame */
    uint64_t record;          /* relative to the first record of the run */
    uint64_t offset;          /* of the record, relative to the run's first byte */
    uint64_t error_offset;    /* of the fault, likewise */
    struct weir_slice bytes;  /* the whole record */
};

struct weir_decode_run {
    struct weir_slice bytes; /* starts at a record; WEIR_FORMAT_PADDING readable bytes follow */
    bool end_of_input;       /* the last record need not be terminated */
    /* In and out: the last fresh.size of the bytes are not there yet. Decoders that take fresh
     * bytes copy them to fresh_to as they get there, in order; what is behind fresh is wanted next
     * and may be prefetched. */
    struct weir_slice fresh;
    char *fresh_to;
    struct weir_batch *batch; /* reset by the caller; filled with up to rows_max rows */
    uint32_t rows_max;        /* 1 … WEIR_BATCH_ROWS_MAX */
    /* Called for each bad record, in order. Not WEIR_OK: decoding stops and returns that. */
    enum weir_status (*bad)(void *context, const struct weir_bad_record *record,
                            struct weir_error *error);
    void *bad_context;
    size_t consumed_size;      /* out: whole records only, except at end_of_input */
    uint64_t consumed_records; /* out: good and bad */
};
/* A record longer than record_size_max whose end is not in sight is reported bad
 * (RECORD_TOO_LARGE) and skipped up to its end, over several runs if need be: consumed_size then
 * covers what was seen of it. The decoder sets batch->columns, rows_count, selected_count and
 * origin_records (when bad records left gaps). */

struct weir_decoder_stats {
    uint64_t fast_records; /* by speculation */
    uint64_t strict_records;
};

struct weir_decoder_ops {
    bool takes_fresh; /* see struct weir_decode_run; others are given bytes that are there */
    /* *decoder, unless it is NULL, is to be destroyed, after a failure, too. */
    enum weir_status (*create)(const struct weir_decoder_config *config, void **decoder,
                               struct weir_error *error);
    enum weir_status (*decode)(void *decoder, struct weir_decode_run *run,
                               struct weir_error *error);
    void (*reset)(void *decoder); /* a new split begins (CSV header, half-skipped record) */
    struct weir_decoder_stats (*stats)(const void *decoder); /* NULL: none */
    void (*destroy)(void *decoder);
};

struct weir_encoder_config {
    const struct weir_schema *schema;
    struct weir_option *options;
    size_t options_count;
    struct weir_budget *budget;
    bool changelog; /* rows have weights: JSON writes "_op" first */
    /* Columns by which a row that goes and the row right behind it are one row that changes. */
    const uint32_t *key_columns;
    uint32_t key_columns_count;
    bool has_key; /* false: no row is another one's successor. True without columns: all are */
};

struct weir_encoder_ops {
    enum weir_status (*create)(const struct weir_encoder_config *config, void **encoder,
                               struct weir_error *error);
    /* What comes before the first record of an output (CSV header); may be NULL. */
    void (*begin)(void *encoder, struct weir_buffer *out);
    /* Appends the batch's live rows; a row of weight n appears |n| times. */
    enum weir_status (*encode)(void *encoder, const struct weir_batch *batch,
                               struct weir_buffer *out, struct weir_error *error);
    void (*destroy)(void *encoder);
};

/* What inference found in a sample. Fields and names in the caller's arena. */
struct weir_inferred_schema {
    struct weir_schema schema;
    const struct weir_option *options; /* found out, too: how the sample is to be read */
    size_t options_count;
};

struct weir_format {
    const char *name;    /* "json" */
    const char *summary; /* for weir formats */
    const char *details; /* Markdown, for weir formats NAME and the docs */
    const struct weir_option_spec *options;
    size_t options_count;
    size_t options_size;                    /* of the struct they fill */
    const struct weir_decoder_ops *decoder; /* NULL: cannot be read */
    const struct weir_encoder_ops *encoder; /* NULL: cannot be written */
    bool is_changes;   /* records say what happens to rows: decoders need a change mode */
    bool has_metadata; /* fields may be is_metadata */
    /* Types from the first records (up to 1,000) of sample, which may end within a record. */
    enum weir_status (*infer)(struct weir_slice sample, bool sample_is_all,
                              struct weir_option *options, size_t options_count,
                              struct weir_arena *arena, struct weir_inferred_schema *out,
                              struct weir_error *error);
};

/* Decodes records of the format that have a field "_op", + or -; NULL when that is not known. */
const struct weir_decoder_ops *weir_format_op_column_decoder(const struct weir_format *format);

/* NULL when unknown. */
const struct weir_format *weir_format_find(struct weir_slice name);
/* True for names of the dialect whose formats this version has not. */
bool weir_format_is_later(struct weir_slice name);
const struct weir_format *const *weir_formats_all(size_t *count);
/* By file name ("x.csv.gz" -> csv), falling back to a look at the sample; never NULL. */
const struct weir_format *weir_format_guess(struct weir_slice file_name, struct weir_slice sample);

#endif
