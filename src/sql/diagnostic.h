/* Errors for people and for programs: an error record with the line of text it is about.
 *
 *     orders.sql:7:14: error WEIR-2003: no column "amout" in "orders"
 *       7 |   SELECT sum(amout) FROM orders
 *         |              ^^^^^
 *       hint: did you mean "amount"?
 *
 * Pure text; the caller decides where it goes and whether colours suit the place. */
#ifndef WEIR_SQL_DIAGNOSTIC_H
#define WEIR_SQL_DIAGNOSTIC_H

#include "base/buffer.h"
#include "base/status.h"

enum weir_sql_severity { WEIR_SQL_ERROR, WEIR_SQL_WARNING, WEIR_SQL_NOTE };

struct weir_sql_diagnostic_style {
    enum weir_sql_severity severity;
    bool color; /* ANSI escapes */
};

/* Appends error in lines, each with a line feed. text (borrowed) is the program that the position
 * is in; empty when there is none, which leaves out the excerpt. The position may lie outside of
 * the text: the caret then stands at the end. A place in the data (error->source) is named too.
 * Where the record has no hint, that of its code (errors.def) is given.
 * Tabs are kept in front of the caret, wide characters count two columns, combining ones none; of
 * long lines the part around the caret is shown. Control characters are shown as '?'. */
void weir_sql_diagnostic_render(struct weir_buffer *out, const struct weir_error *error,
                                struct weir_slice text,
                                const struct weir_sql_diagnostic_style *style);

/* Appends one JSON object on one line, without line feed:
 * {"severity":"error","code":"WEIR-2003","name":"UNKNOWN_COLUMN","message":…,"file":…,"line":7,
 *  "column":14,"length":5,"offset":93,"detail":…,"hint":…,"source":…,"split":0,"record":11,
 *  "source_offset":42,"frames":[…],"retryable":true}
 * Members that say nothing are left out. */
void weir_sql_diagnostic_render_json(struct weir_buffer *out, const struct weir_error *error,
                                     const struct weir_sql_diagnostic_style *style);

/* Columns a character takes on a terminal: 0, 1 or 2. */
unsigned weir_sql_character_width(uint32_t character);

#endif
