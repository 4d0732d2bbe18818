/* UTF-8 (RFC 3629, strict: no overlong forms, no surrogates, nothing above U+10FFFF — what
 * Python's decoder accepts).
 *
 * Validation looks three half-byte tables up per 32 or 64 bytes (J. Keiser and D. Lemire,
 * "Validating UTF-8 in less than one instruction per byte", 2021) with a leap over ASCII; the
 * scalar path is a small automaton. All give the same answer. Character = code point. */
#ifndef WEIR_VALUE_UTF8_H
#define WEIR_VALUE_UTF8_H

#include "base/compiler.h"
#include "base/slice.h"
#include "value/isa.h"

bool weir_utf8_is_valid(enum weir_isa isa, const char *data, size_t size);
/* Offset of the first byte of the first ill-formed sequence; size when all is valid. */
size_t weir_utf8_first_invalid(enum weir_isa isa, const char *data, size_t size);
bool weir_utf8_is_ascii(const char *data, size_t size);

/* The rest takes valid UTF-8 (on other bytes the answer is unspecified but reads stay inside). */
size_t weir_utf8_count(struct weir_slice text);
/* Size in bytes of the first n characters; text.size when it has fewer. */
size_t weir_utf8_offset(struct weir_slice text, size_t n);
/* The first n characters. */
static inline struct weir_slice weir_utf8_prefix(struct weir_slice text, size_t n)
{
    return weir_slice_make(text.data, weir_utf8_offset(text, n));
}
/* Size in bytes of the last n characters. */
size_t weir_utf8_suffix_size(struct weir_slice text, size_t n);

enum { WEIR_UTF8_SIZE = 4 };
/* Decodes one character at data (size >= 1); its bytes go to *used. Strict: U+FFFD with *used = 1
 * for a byte that begins no well-formed sequence. */
uint32_t weir_utf8_decode(const char *data, size_t size, size_t *used);
/* As decode, but false instead of U+FFFD. */
bool weir_utf8_decode_strict(const char *data, size_t size, uint32_t *code_point, size_t *used);
/* Writes up to 4 bytes; 0 when code_point is a surrogate or above U+10FFFF. */
size_t weir_utf8_encode(uint32_t code_point, char out[WEIR_UTF8_SIZE]);

static inline bool weir_utf8_is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

#endif
