/* Random texts of Nexmark; see text.c. */
#ifndef WEIR_CONNECT_NEXMARK_TEXT_H
#define WEIR_CONNECT_NEXMARK_TEXT_H

#include "connect/nexmark/java_random.h"
#include "connect/nexmark/model.h"

enum { NEXMARK_TEXT_SLACK = 8 }; /* bytes behind a text that may be written over */

/* Room for size bytes and the slack at text->at. False: memory has run out. */
WEIR_CHECKED bool nexmark_text_reserve(struct nexmark_text *text, size_t size);
/* Takes size bytes written at text->at as the text of a lane. */
struct weir_view nexmark_text_take(struct nexmark_text *text, size_t size);

/* 3 to length_max - 1 characters, one in 13 of them special, blanks at both ends cut off; writes at
 * most length_max bytes. Returns the length. */
uint32_t nexmark_text_words(struct java_random *random, int32_t length_max, char special,
                            char *out);
/* A filler that brings a record of size bytes to average_size, give or take a fifth. Takes room
 * itself. */
WEIR_CHECKED bool nexmark_text_filler(struct java_random *random, int64_t size,
                                      int64_t average_size, struct nexmark_text *text,
                                      struct weir_view *out);

#endif
