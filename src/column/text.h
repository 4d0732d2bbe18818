/* Lanes to text and back, in the spellings of Postgres and of JSON. One implementation for casts,
 * CSV, JSON, the table printer and error messages. */
#ifndef WEIR_COLUMN_TEXT_H
#define WEIR_COLUMN_TEXT_H

#include "column/builder.h"
#include "value/parse.h"

enum weir_text_style {
    /* What Postgres 15 prints: ISO dates, true/false, {1,2}, (a,b). */
    WEIR_TEXT_POSTGRES,
    /* A JSON value: quoted and escaped where needed, NULL as null, timestamps ISO-8601 with T (Z
     * when zoned), NaN and infinities as strings, decimals exact, BYTEA as "\\x…", lists as arrays,
     * structs and maps as objects. */
    WEIR_TEXT_JSON
};

struct weir_timezone;
struct weir_text_options {
    enum weir_text_style style;
    const struct weir_timezone *timezone; /* for TIMESTAMPTZ in POSTGRES style; NULL: UTC */
    struct weir_slice null_text;          /* POSTGRES style: what NULL prints as (default empty) */
};

/* Appends the lane's text to out. Never fails but by memory (out->failed). */
void weir_column_print(const struct weir_column *column, uint32_t lane,
                       const struct weir_text_options *options, struct weir_buffer *out);

/* Reads Postgres input syntax for one value of type into lane (weir_type_width bytes). Not for
 * nested types. TEXT/BYTEA/JSON views may borrow from text or take bytes from arena; JSON is
 * validated, JSONB canonicalised, VARCHAR(n) longer than n is RANGE. Decimals round to the scale.
 * Surrounding white space is allowed where Postgres allows it.
 * text for TEXT must be valid UTF-8 already. */
enum weir_parse weir_text_parse(const struct weir_type *type, struct weir_slice text,
                                const struct weir_timezone *timezone, struct weir_arena *arena,
                                void *lane);
/* The same appended to a builder, nested types included ('{1,2}', '(a,b)' and JSON arrays/objects).
 * When it does not parse, the builder is as before. error is set only when memory ran out. */
enum weir_parse weir_text_parse_into(struct weir_builder *builder, struct weir_slice text,
                                     const struct weir_timezone *timezone,
                                     struct weir_error *error);

#endif
