/* Expressions written as SQL, for tests of kernel/ and expr/: a small parser and binder that need
 * nothing of sql/ or plan/. Enough of the language for the examples of functions.def.
 *
 *     struct mini_sql sql;
 *     mini_sql_init(&sql, &schema);            // NULL: no columns
 *     const struct weir_expr *e = mini_sql_parse(&sql, "abs(a - 3) > 1 AND b IS NULL");
 *
 * On failure parse gives NULL and sql.error says why. */
#ifndef MINI_SQL_H
#define MINI_SQL_H

#include "expr/expr.h"

struct mini_sql {
    struct weir_arena arena;
    const struct weir_schema *schema;
    struct weir_session session;
    struct weir_error error;
    const char *text;
    const char *next;
};

void mini_sql_init(struct mini_sql *sql, const struct weir_schema *schema);
void mini_sql_deinit(struct mini_sql *sql);
const struct weir_expr *mini_sql_parse(struct mini_sql *sql, const char *text);
/* The expression's value as text ("NULL" for null) into out; the status of what failed. */
enum weir_status mini_sql_evaluate(struct mini_sql *sql, const char *text, char *out, size_t size);

/* Building blocks, for generators of expressions. NULL on failure. */
const struct weir_expr *mini_sql_call(struct mini_sql *sql, const char *name,
                                      const struct weir_expr *const *args, uint32_t count);
const struct weir_expr *mini_sql_cast(struct mini_sql *sql, const struct weir_expr *expr,
                                      const struct weir_type *type, enum weir_cast_context context);
const struct weir_expr *mini_sql_node(struct mini_sql *sql, enum weir_expr_kind kind,
                                      const struct weir_type *type,
                                      const struct weir_expr *const *args, uint32_t count);
const struct weir_expr *mini_sql_column(struct mini_sql *sql, uint32_t index);
/* A constant of type, from Postgres text; NULL text: null. */
const struct weir_expr *mini_sql_constant(struct mini_sql *sql, const struct weir_type *type,
                                          const char *text);

#endif
