/* Text as SQL: identifiers and literals. Private to kernel/string. */
#ifndef WEIR_KERNEL_STRING_QUOTE_H
#define WEIR_KERNEL_STRING_QUOTE_H

#include "base/buffer.h"

/* As it is when it may stand bare in SQL (lower case, no keyword), else in double quotes. */
void weir_quote_identifier(struct weir_buffer *out, struct weir_slice name);
/* 'text', or E'text' when it has backslashes. */
void weir_quote_literal(struct weir_buffer *out, struct weir_slice text);

#endif
