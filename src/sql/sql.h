/* The SQL front end: text to syntax tree (ast.h) and back.
 *
 * Knows no columns, connectors or functions: it reads what DIALECT allows and leaves all meaning
 * to plan/. Pure: no I/O, no global state; any number of threads, each with an arena of its own. */
#ifndef WEIR_SQL_H
#define WEIR_SQL_H

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "sql/ast.h"

/* Reads a whole program: statements separated by semicolons.
 *
 * text (borrowed for the call; copied into the arena) is UTF-8. file_name is for messages; NULL
 * leaves it out. Every syntax error goes to diagnostics (required); after one, reading goes on
 * behind the next semicolon. *out, in the arena, holds the statements without errors, so that
 * the binder can look at those too; it is NULL only when memory ran out or the text is no program
 * at all (too long, not UTF-8).
 * Returns the code of the first error: SYNTAX, LIMIT, OUT_OF_MEMORY or MEMORY_LIMIT. */
WEIR_CHECKED enum weir_status weir_sql_parse(struct weir_slice text, const char *file_name,
                                             struct weir_arena *arena,
                                             struct weir_diagnostics *diagnostics,
                                             struct weir_sql_program **out);

/* One expression, the whole of text (options that hold SQL, bodies of SQL functions). */
WEIR_CHECKED enum weir_status weir_sql_parse_expression(struct weir_slice text,
                                                        struct weir_arena *arena,
                                                        struct weir_sql_expr **out,
                                                        struct weir_error *error);
/* One type, the whole of text. */
WEIR_CHECKED enum weir_status weir_sql_parse_type(struct weir_slice text, struct weir_arena *arena,
                                                  struct weir_sql_type **out,
                                                  struct weir_error *error);

/* Print in canonical form, on one line: keywords in capitals, parentheses only where needed, names
 * quoted only where needed. Parsing the result gives an equal tree. buffer->failed tells of memory.
 * A statement is printed without semicolon, a program with one and a line feed after each. */
void weir_sql_print_program(struct weir_buffer *buffer, const struct weir_sql_program *program);
void weir_sql_print_statement(struct weir_buffer *buffer,
                              const struct weir_sql_statement *statement);
void weir_sql_print_query(struct weir_buffer *buffer, const struct weir_sql_query *query);
void weir_sql_print_expression(struct weir_buffer *buffer, const struct weir_sql_expr *expr);
void weir_sql_print_type(struct weir_buffer *buffer, const struct weir_sql_type *type);
/* An identifier as it must be written to be read back (quoted if needed). */
void weir_sql_print_name(struct weir_buffer *buffer, struct weir_slice name);
/* A string literal: quotes doubled. */
void weir_sql_print_string(struct weir_buffer *buffer, struct weir_slice text);

/* True when both mean the same text but for positions and needless quotes. NULL equals NULL. */
bool weir_sql_equal_program(const struct weir_sql_program *a, const struct weir_sql_program *b);
bool weir_sql_equal_statement(const struct weir_sql_statement *a,
                              const struct weir_sql_statement *b);
bool weir_sql_equal_query(const struct weir_sql_query *a, const struct weir_sql_query *b);
bool weir_sql_equal_expression(const struct weir_sql_expr *a, const struct weir_sql_expr *b);
bool weir_sql_equal_type(const struct weir_sql_type *a, const struct weir_sql_type *b);

/* "+", "->>", "NOT". */
const char *weir_sql_operator_spelling(enum weir_sql_operator op);
enum weir_sql_precedence weir_sql_operator_precedence(enum weir_sql_operator op);
/* "minute"; "" for NONE. */
const char *weir_sql_unit_name(enum weir_sql_unit unit);

#endif
