/* Printing of parts, shared by the print files (private to sql/). */
#ifndef WEIR_SQL_PRINT_INTERNAL_H
#define WEIR_SQL_PRINT_INTERNAL_H

#include "base/buffer.h"
#include "sql/ast.h"
#include "sql/lexer_internal.h"

/* A name where words with one of these uses (enum sql_keyword_use) must be quoted; 0 where any
 * word may stand: behind a dot, behind AS, in a list of columns. */
void sql_print_name_for(struct weir_buffer *out, const struct weir_sql_name *name, unsigned uses);
/* a.b.c; uses count for the first part. */
void sql_print_names(struct weir_buffer *out, const struct weir_sql_names *names, unsigned uses);
/* (a, b) */
void sql_print_name_list(struct weir_buffer *out, const struct weir_sql_names *names);
/* Where an expression may stand. */
enum {
    SQL_PRINT_EXPR = SQL_USE_RESERVED | SQL_USE_NAME,
    SQL_PRINT_ANY = 0,
    SQL_PRINT_TABLE = SQL_USE_RESERVED | SQL_USE_NAME | SQL_USE_TABLE,
    SQL_PRINT_START = SQL_USE_RESERVED | SQL_USE_NAME | SQL_USE_START
};

/* In parentheses when it binds less strongly than least. */
void sql_print_operand(struct weir_buffer *out, const struct weir_sql_expr *expr,
                       enum weir_sql_precedence least);
/* a, b, c */
void sql_print_exprs(struct weir_buffer *out, const struct weir_sql_exprs *list);
void sql_print_orders(struct weir_buffer *out, const struct weir_sql_orders *orders);
/* in_from: a table function, which is never written without parentheses. */
void sql_print_call(struct weir_buffer *out, const struct weir_sql_call *call, bool in_from);
/* ( … ) */
void sql_print_window(struct weir_buffer *out, const struct weir_sql_window *window);
/* " DAY TO SECOND(3)", or nothing. */
void sql_print_interval_units(struct weir_buffer *out, const struct weir_sql_type *type);
/* The name of a type in front of a string literal. */
void sql_print_literal_type(struct weir_buffer *out, const struct weir_sql_type *type);

#endif
