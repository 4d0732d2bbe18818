/* Bytes as text: base64 (RFC 4648, and MIME-wrapped as Postgres encode()), hex, Postgres' 'escape'
 * format, and bytea input and output.
 *
 * Encoders append to a buffer (check buffer.failed at the end). Decoders append too, and on bad
 * input leave the buffer as it was and return false. */
#ifndef WEIR_VALUE_BASE64_H
#define WEIR_VALUE_BASE64_H

#include "base/buffer.h"
#include "base/compiler.h"

enum weir_base64_style {
    WEIR_BASE64_PLAIN, /* A–Z a–z 0–9 + / with padding, one line */
    WEIR_BASE64_MIME,  /* the same, a line feed after every 76 characters (Postgres encode) */
    WEIR_BASE64_URL    /* - and _ for + and /, no padding */
};
void weir_base64_encode(struct weir_buffer *buffer, struct weir_slice bytes,
                        enum weir_base64_style style);
/* White space is skipped. PLAIN and MIME decode alike and want padding; URL takes it or not. */
WEIR_CHECKED bool weir_base64_decode(struct weir_buffer *buffer, struct weir_slice text,
                                     enum weir_base64_style style);

/* Lower-case digits; decoding takes both cases and skips white space between pairs. */
void weir_hex_encode(struct weir_buffer *buffer, struct weir_slice bytes);
WEIR_CHECKED bool weir_hex_decode(struct weir_buffer *buffer, struct weir_slice text);

/* encode(…, 'escape'): NUL and bytes from 0x80 as \ooo, backslash doubled. */
void weir_escape_encode(struct weir_buffer *buffer, struct weir_slice bytes);
WEIR_CHECKED bool weir_escape_decode(struct weir_buffer *buffer, struct weir_slice text);

/* bytea text: '\x…' hex out; in: '\x' hex, else the escape format. */
void weir_bytea_print(struct weir_buffer *buffer, struct weir_slice bytes);
WEIR_CHECKED bool weir_bytea_parse(struct weir_buffer *buffer, struct weir_slice text);

#endif
