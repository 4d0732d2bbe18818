/* SQLite's functions, as far as they are used, taken from the library when a program uses it. */
#ifndef WEIR_CONNECT_SQLITE_LIBRARY_H
#define WEIR_CONNECT_SQLITE_LIBRARY_H

#include "column/builder.h"

#include <sqlite3.h>

struct weir_sqlite {
#define WEIR_SQLITE_FUNCTION(name) __typeof__(sqlite3_##name) *name;
#include "connect/sqlite/functions.def"
#undef WEIR_SQLITE_FUNCTION
};

/* value.c: lanes to parameters (numbered from 1), and results to lanes. */
WEIR_CHECKED enum weir_status weir_sqlite_bind(const struct weir_sqlite *sqlite,
                                               sqlite3_stmt *statement, int parameter,
                                               const struct weir_column *column, uint32_t lane,
                                               struct weir_error *error);
/* name: of the column, for messages. BAD_VALUE when the value is not of the builder's type. */
WEIR_CHECKED enum weir_status weir_sqlite_take(const struct weir_sqlite *sqlite,
                                               sqlite3_stmt *statement, int column,
                                               struct weir_slice name, struct weir_builder *to,
                                               struct weir_error *error);

#endif
