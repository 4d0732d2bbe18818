/* Strict JSON (RFC 8259): a pull tokenizer, a validator, writers, and JSONB semantics on text.
 *
 * The tokenizer takes nothing beyond the grammar: no trailing commas, comments, NaN, leading zeros,
 * control characters in strings, lone surrogates (\uD800), ill-formed UTF-8, or anything but white
 * space after the value; nesting up to 128. It allocates nothing: one bit per level tells an
 * array from an object. After a token of kind ERROR it stays there.
 *
 *     weir_json_begin(&json, text);
 *     while ((token = weir_json_next(&json)).kind != WEIR_JSON_END && token.kind !=
 * WEIR_JSON_ERROR) …
 *
 * Invariants: (1) no byte outside the text is read; (2) error_offset <= text.size and names the
 * first byte that cannot continue a JSON text; (3) KEY tokens are followed by a value token.
 * Tested against tests/unit/value/test_json.c and a second parser in fuzz/fuzz_value_json.c. */
#ifndef WEIR_VALUE_JSON_TOKEN_H
#define WEIR_VALUE_JSON_TOKEN_H

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/memory.h"
#include "base/slice.h"

enum { WEIR_JSON_DEPTH_MAX = 128 };

enum weir_json_kind {
    WEIR_JSON_ERROR,
    WEIR_JSON_END, /* the value is complete and only white space followed */
    WEIR_JSON_OBJECT_BEGIN,
    WEIR_JSON_OBJECT_END,
    WEIR_JSON_ARRAY_BEGIN,
    WEIR_JSON_ARRAY_END,
    WEIR_JSON_KEY,
    WEIR_JSON_STRING,
    WEIR_JSON_NUMBER,
    WEIR_JSON_TRUE,
    WEIR_JSON_FALSE,
    WEIR_JSON_NULL
};

enum weir_json_reason {
    WEIR_JSON_NO_ERROR = 0,
    WEIR_JSON_UNEXPECTED_END,  /* the text stops inside the value, or is empty */
    WEIR_JSON_UNEXPECTED_BYTE, /* a byte that cannot stand here */
    WEIR_JSON_BAD_LITERAL,     /* not true, false or null */
    WEIR_JSON_BAD_NUMBER,      /* leading zero, no digit after '.', … */
    WEIR_JSON_BAD_ESCAPE,      /* \q, \u12 */
    WEIR_JSON_LONE_SURROGATE,  /* \uD800 without its other half */
    WEIR_JSON_CONTROL_BYTE,    /* a byte below 0x20 in a string */
    WEIR_JSON_BAD_UTF8,
    WEIR_JSON_TOO_DEEP,       /* nested beyond 128 */
    WEIR_JSON_TRAILING_BYTES, /* something after the value */
    WEIR_JSON_NUL_CHARACTER,  /* \u0000 where text cannot hold it (JSONB, unescape into TEXT) */
    WEIR_JSON_NUMBER_RANGE, /* a number too long for JSONB (131072 digits, 16383 after the point) */
    WEIR_JSON_OUT_OF_MEMORY
};
/* "a control character inside a string"; for messages. */
const char *weir_json_reason_text(enum weir_json_reason reason);

enum weir_json_flag {
    WEIR_JSON_ESCAPED = 1, /* string or key: contains a backslash; unescape it */
    WEIR_JSON_HAS_NUL = 2, /* string or key: contains \u0000 */
    WEIR_JSON_DECIMAL = 4  /* number: has a point or an exponent */
};

struct weir_json_token {
    enum weir_json_kind kind;
    uint32_t flags;         /* enum weir_json_flag */
    struct weir_slice text; /* borrowed. Strings and keys: between the quotes, still escaped.
                             * Others: the bytes of the token. */
};

struct weir_json {
    const char *begin;
    const char *next;
    const char *end;
    uint64_t objects[WEIR_JSON_DEPTH_MAX / 64]; /* bit per level: 1 object, 0 array */
    uint32_t depth;
    uint32_t state; /* private */
    size_t error_offset;
    enum weir_json_reason reason;
};

void weir_json_begin(struct weir_json *json, struct weir_slice text);
struct weir_json_token weir_json_next(struct weir_json *json);
/* Having received a value's first token (any but KEY, ENDs), runs to its last; *text (nullable)
 * is the value's bytes from first to last. False on error. */
WEIR_CHECKED bool weir_json_skip(struct weir_json *json, struct weir_json_token first,
                                 struct weir_slice *text);

/* The whole text is one valid JSON value. error_offset and reason are nullable. */
WEIR_CHECKED bool weir_json_validate(struct weir_slice text, size_t *error_offset,
                                     enum weir_json_reason *reason);

/* Turns a string token's text (validated by the tokenizer) into what it spells; never longer than
 * the text. out has room for text.size bytes. Returns the size. \u0000 gives a NUL byte. */
size_t weir_json_unescape(struct weir_slice text, char *out);
/* The same into the arena; a text without escapes is returned as it is. False: memory ran out. */
WEIR_CHECKED bool weir_json_unescape_into(struct weir_json_token token, struct weir_arena *arena,
                                          struct weir_slice *out);

/* Appends "…" with what must be escaped escaped (\" \\ \b \f \n \r \t \u00XX), rest as it is. */
void weir_json_write_string(struct weir_buffer *buffer, struct weir_slice text);
/* The finite double as a JSON number; NaN and infinities as null. */
void weir_json_write_f64(struct weir_buffer *buffer, double value);

/* The JSON with insignificant white space removed; text must be valid. */
void weir_json_write_compact(struct weir_buffer *buffer, struct weir_slice text);

/* JSONB: appends the canonical text as Postgres prints jsonb: keys sorted by length, then bytes,
 * the last of duplicates kept, ", " and ": ", numbers as numeric prints them (1e2 -> 100, 1.50
 * -> 1.50), escapes resolved. False with offset (nullable) and reason when text is not valid JSON,
 * has \u0000, a number beyond Postgres' numeric, or memory runs out; then buffer is as before. */
WEIR_CHECKED bool weir_json_canonicalize(struct weir_slice text, struct weir_buffer *buffer,
                                         size_t *error_offset, enum weir_json_reason *reason);
/* jsonb_pretty(): canonical text in, indented by four spaces out. */
void weir_json_write_pretty(struct weir_buffer *buffer, struct weir_slice canonical);

/* The order of Postgres' jsonb btree over two canonical texts: -1, 0, 1. Object > Array > Boolean >
 * Number > String > Null, longer containers after shorter (and its quirk: an empty top-level array
 * is less than any scalar). Numbers by value. */
int weir_json_compare(struct weir_slice canonical_a, struct weir_slice canonical_b);
/* a @> b over canonical texts. */
bool weir_json_contains(struct weir_slice canonical_a, struct weir_slice canonical_b);
/* Numbers of any length by value: 1.50 = 1.5 = 15e-1. */
int weir_json_compare_numbers(struct weir_slice a, struct weir_slice b);
/* A hash that is equal for canonical texts of equal value (1.0 and 1 differ in text only). */
uint64_t weir_json_hash(struct weir_slice canonical, uint64_t seed);

#endif
