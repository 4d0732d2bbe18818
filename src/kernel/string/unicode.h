/* Unicode 14.0 as text functions need it: simple case mapping, word characters, normal forms.
 *
 * Simple mapping means one character to one character ("ß" stays "ß"), so that lengths in
 * characters do not change. Tables are made by make_unicode_tables.py; about 75 KiB in all. */
#ifndef WEIR_KERNEL_STRING_UNICODE_H
#define WEIR_KERNEL_STRING_UNICODE_H

#include "base/buffer.h"

uint32_t weir_unicode_lower(uint32_t code_point);
uint32_t weir_unicode_upper(uint32_t code_point);
/* Alphabetic characters and decimal digits. */
bool weir_unicode_is_word(uint32_t code_point);

enum weir_normal_form { WEIR_NFC, WEIR_NFD, WEIR_NFKC, WEIR_NFKD };
/* NFC, NFD, NFKC, NFKD in any case; false for other names. */
WEIR_CHECKED bool weir_normal_form_parse(struct weir_slice name, enum weir_normal_form *out);
/* True when a glance shows that valid UTF-8 text is in the form; false says nothing. */
bool weir_unicode_is_surely_normal(struct weir_slice text, enum weir_normal_form form);

/* Working memory of weir_unicode_normalize, to be kept from call to call. */
struct weir_normalizer {
    struct weir_buffer points; /* uint32_t code points */
    struct weir_buffer text;   /* the result */
};
void weir_normalizer_init(struct weir_normalizer *normalizer);
void weir_normalizer_deinit(struct weir_normalizer *normalizer);
/* The text in the form (UAX #15), borrowed from the normalizer until its next call. False when
 * memory has run out. */
WEIR_CHECKED bool weir_unicode_normalize(struct weir_normalizer *normalizer, struct weir_slice text,
                                         enum weir_normal_form form, struct weir_slice *out);

#endif
