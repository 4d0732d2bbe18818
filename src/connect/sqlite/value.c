/* Values between lanes and SQLite, which has integers, doubles, texts and blobs. All other types
 * travel as the text that Postgres would print. */
#include "column/text.h"
#include "connect/sqlite/library.h"
#include "value/isa.h"
#include "value/utf8.h"

static enum weir_status bound(int result, struct weir_error *error)
{
    return result == SQLITE_OK
               ? WEIR_OK
               : weir_error_set(error, WEIR_E_LOOKUP_FAILED, "SQLite takes no such value");
}

static enum weir_status bind_as_text(const struct weir_sqlite *sqlite, sqlite3_stmt *statement,
                                     int parameter, const struct weir_column *column, uint32_t lane,
                                     struct weir_error *error)
{
    struct weir_text_options options = {.style = WEIR_TEXT_POSTGRES};
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    weir_column_print(column, lane, &options, &text);
    if (text.failed) {
        weir_buffer_deinit(&text);
        return weir_error_set_out_of_memory(error);
    }
    struct weir_slice bytes = weir_buffer_slice(&text);
    int result =
        sqlite->bind_text(statement, parameter, bytes.data, (int)bytes.size, SQLITE_TRANSIENT);
    weir_buffer_deinit(&text);
    return bound(result, error);
}

#define CASE_INTEGER(kind, type)                   \
    case kind:                                     \
        *out = ((const type *)column->values)[at]; \
        return true;

/* What SQLite stores as an integer. */
static bool as_integer(const struct weir_column *column, uint32_t at, int64_t *out)
{
    switch (column->type->kind) {
        CASE_INTEGER(WEIR_TYPE_BOOLEAN, uint8_t)
        CASE_INTEGER(WEIR_TYPE_INT8, int8_t)
        CASE_INTEGER(WEIR_TYPE_INT16, int16_t)
        CASE_INTEGER(WEIR_TYPE_INT32, int32_t)
        CASE_INTEGER(WEIR_TYPE_INT64, int64_t)
        CASE_INTEGER(WEIR_TYPE_UINT8, uint8_t)
        CASE_INTEGER(WEIR_TYPE_UINT16, uint16_t)
        CASE_INTEGER(WEIR_TYPE_UINT32, uint32_t)
    default:
        return false;
    }
}

enum weir_status weir_sqlite_bind(const struct weir_sqlite *sqlite, sqlite3_stmt *statement,
                                  int parameter, const struct weir_column *column, uint32_t lane,
                                  struct weir_error *error)
{
    uint32_t at = weir_column_index(column, lane);
    int64_t integer;
    if (as_integer(column, at, &integer))
        return bound(sqlite->bind_int64(statement, parameter, integer), error);
    if (column->type->kind == WEIR_TYPE_FLOAT64)
        return bound(
            sqlite->bind_double(statement, parameter, ((const double *)column->values)[at]), error);
    if (column->type->kind != WEIR_TYPE_BYTEA)
        return bind_as_text(sqlite, statement, parameter, column, lane, error);
    struct weir_slice bytes = weir_view_slice((const struct weir_view *)column->values + at);
    return bound(
        sqlite->bind_blob(statement, parameter, bytes.data, (int)bytes.size, SQLITE_TRANSIENT),
        error);
}

/* ---- results ---- */

static enum weir_status bad_value(const struct weir_sqlite *sqlite, sqlite3_stmt *statement,
                                  int column, struct weir_slice name, const struct weir_type *type,
                                  struct weir_error *error)
{
    const unsigned char *text = sqlite->column_text(statement, column);
    (void)weir_error_set(error, WEIR_E_BAD_VALUE, "column \"%.*s\" has '%.60s' for %s",
                         WEIR_SLICE_ARGS(name), text ? (const char *)text : "",
                         weir_type_name(type).text);
    weir_error_hint(error, "declare the column as it is over there, TEXT if need be");
    return WEIR_E_BAD_VALUE;
}

enum weir_status weir_sqlite_take(const struct weir_sqlite *sqlite, sqlite3_stmt *statement,
                                  int column, struct weir_slice name, struct weir_builder *to,
                                  struct weir_error *error)
{
    int stored = sqlite->column_type(statement, column);
    enum weir_type_kind wanted = to->type->kind;
    if (stored == SQLITE_NULL)
        return weir_builder_append_null(to, error);
    if (wanted == WEIR_TYPE_INT64 && stored == SQLITE_INTEGER) {
        int64_t value = sqlite->column_int64(statement, column);
        return weir_builder_append_value(to, &value, error);
    }
    if (wanted == WEIR_TYPE_FLOAT64 && (stored == SQLITE_INTEGER || stored == SQLITE_FLOAT)) {
        double value = sqlite->column_double(statement, column);
        return weir_builder_append_value(to, &value, error);
    }
    const void *bytes = stored == SQLITE_BLOB ? sqlite->column_blob(statement, column)
                                              : sqlite->column_text(statement, column);
    struct weir_slice text =
        weir_slice_make(bytes, (size_t)sqlite->column_bytes(statement, column));
    if (wanted == WEIR_TYPE_BYTEA)
        return weir_builder_append_text(to, text, error);
    if (stored == SQLITE_BLOB || !weir_utf8_is_valid(WEIR_ISA_SCALAR, text.data, text.size))
        return weir_error_set(error, WEIR_E_BAD_VALUE, "column \"%.*s\" has bytes for %s",
                              WEIR_SLICE_ARGS(name), weir_type_name(to->type).text);
    weir_error_clear(error);
    if (weir_text_parse_into(to, text, NULL, error) == WEIR_PARSE_OK)
        return WEIR_OK;
    return error->code ? error->code : bad_value(sqlite, statement, column, name, to->type, error);
}
