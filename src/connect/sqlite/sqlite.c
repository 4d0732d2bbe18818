/* SQLite databases: rows of a table (or view) by key.
 *
 * Every worker has a connection of its own and one prepared statement,
 *
 *     SELECT "id", "name" FROM "customers" WHERE "id" = ?
 *
 * run for each key of a request, all within one read transaction. A database that is locked by a
 * writer is a failure for the moment. The library is loaded when a program uses it. */
#include "connect/lookup_pool.h"
#include "connect/sqlite/library.h"

#include "sys/sys.h"

enum { BUSY_WAITS_MAX = 20, BUSY_WAIT_NS = 5 * 1000 * 1000, STEPS_BETWEEN_LOOKS = 20000 };

struct sqlite_options {
    struct weir_slice path, table;
};

struct sqlite_lookup {
    struct weir_arena arena;
    const struct weir_sys *sys;
    struct weir_library *library;
    struct weir_sqlite functions;
    struct sqlite_options options;
    char *path, *statement;
    const struct weir_schema *schema;
    struct weir_lookup_pool *pool;
};

struct connection {
    struct sqlite_lookup *lookup;
    const struct weir_sqlite *sqlite;
    sqlite3 *database;
    sqlite3_stmt *statement;
};

#define FIELD(field) .offset = offsetof(struct sqlite_options, field)
static const struct weir_option_spec specs[] = {
    {.name = "path",
     .kind = WEIR_OPTION_TEXT,
     FIELD(path),
     .required = true,
     .help = "the database, a file"},
    {.name = "table",
     .kind = WEIR_OPTION_TEXT,
     FIELD(table),
     .required = true,
     .help = "its table or view"},
};
#undef FIELD

/* ---- opening ---- */

static enum weir_status no_function(const char *name, struct weir_error *error)
{
    return weir_error_set(error, WEIR_E_FILE_NOT_FOUND, "libsqlite3 has no sqlite3_%s", name);
}

static enum weir_status load_library(struct sqlite_lookup *lookup, struct weir_error *error)
{
    WEIR_TRY(lookup->sys->library_open(lookup->sys, "libsqlite3.so.0", &lookup->library, error));
    void *symbol;
#define WEIR_SQLITE_FUNCTION(name)                                           \
    symbol = lookup->sys->library_symbol(lookup->library, "sqlite3_" #name); \
    if (!symbol)                                                             \
        return no_function(#name, error);                                    \
    memcpy(&lookup->functions.name, &symbol, sizeof symbol);
#include "connect/sqlite/functions.def"
#undef WEIR_SQLITE_FUNCTION
    return WEIR_OK;
}

static void append_name(struct weir_buffer *out, struct weir_slice name)
{
    weir_buffer_append_char(out, '"');
    for (size_t i = 0; i < name.size; i++) {
        weir_buffer_append_char(out, name.data[i]);
        if (name.data[i] == '"')
            weir_buffer_append_char(out, '"');
    }
    weir_buffer_append_char(out, '"');
}

/* With the table's name: a quoted name alone may be a text to SQLite. */
static void append_column(const struct sqlite_lookup *lookup, struct weir_buffer *out,
                          struct weir_slice name)
{
    append_name(out, lookup->options.table);
    weir_buffer_append_char(out, '.');
    append_name(out, name);
}

static enum weir_status write_statement(struct sqlite_lookup *lookup,
                                        const struct weir_connector_table *table,
                                        struct weir_error *error)
{
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    weir_buffer_append_string(&text, "SELECT ");
    for (uint32_t c = 0; c < table->schema->fields_count; c++) {
        weir_buffer_append_string(&text, c ? ", " : "");
        append_column(lookup, &text, table->schema->fields[c].name);
    }
    weir_buffer_append_string(&text, " FROM ");
    append_name(&text, lookup->options.table);
    for (uint32_t k = 0; k < table->key_columns_count; k++) {
        weir_buffer_append_string(&text, k ? " AND " : " WHERE ");
        append_column(lookup, &text, table->schema->fields[table->key_columns[k]].name);
        weir_buffer_append_string(&text, " = ?");
    }
    if (!text.failed)
        lookup->statement = weir_arena_copy(&lookup->arena, weir_buffer_slice(&text));
    weir_buffer_deinit(&text);
    return lookup->statement ? WEIR_OK : weir_error_set_out_of_memory(error);
}

/* ---- a connection ---- */

static int wait_while_busy(void *context, int waits)
{
    struct connection *connection = context;
    const struct weir_sys *sys = connection->lookup->sys;
    if (waits >= BUSY_WAITS_MAX || !connection->lookup->pool ||
        weir_lookup_pool_stopping(connection->lookup->pool))
        return 0;
    (void)sys->sleep_ns(sys, BUSY_WAIT_NS);
    return 1;
}

static int look_whether_stopping(void *context)
{
    const struct connection *connection = context;
    return connection->lookup->pool && weir_lookup_pool_stopping(connection->lookup->pool);
}

static enum weir_status failed(const struct connection *connection, int result,
                               struct weir_error *error)
{
    const char *message =
        connection->database ? connection->sqlite->errmsg(connection->database) : "no memory";
    (void)weir_error_set(error, WEIR_E_LOOKUP_FAILED, "%s: %s", connection->lookup->path, message);
    if (error && ((result & 0xFF) == SQLITE_BUSY || (result & 0xFF) == SQLITE_LOCKED))
        error->flags |= WEIR_ERROR_RETRYABLE;
    return WEIR_E_LOOKUP_FAILED;
}

static void connection_close(void *worker)
{
    struct connection *connection = worker;
    if (connection->statement)
        connection->sqlite->finalize(connection->statement);
    if (connection->database)
        connection->sqlite->close(connection->database);
    weir_free(connection);
}

static enum weir_status connection_open(void *context, void **out, struct weir_error *error)
{
    struct sqlite_lookup *lookup = context;
    struct connection *connection = weir_calloc(1, sizeof *connection);
    if (!connection)
        return weir_error_set_out_of_memory(error);
    connection->lookup = lookup;
    connection->sqlite = &lookup->functions;
    const struct weir_sqlite *sqlite = connection->sqlite;
    int result = sqlite->open_v2(lookup->path, &connection->database,
                                 SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (result == SQLITE_OK) {
        sqlite->busy_handler(connection->database, wait_while_busy, connection);
        sqlite->progress_handler(connection->database, STEPS_BETWEEN_LOOKS, look_whether_stopping,
                                 connection);
        result = sqlite->prepare_v2(connection->database, lookup->statement, -1,
                                    &connection->statement, NULL);
    }
    if (result == SQLITE_OK) {
        *out = connection;
        return WEIR_OK;
    }
    enum weir_status status = failed(connection, result, error);
    connection_close(connection);
    return status;
}

/* ---- answering ---- */

static enum weir_status take_row(struct connection *connection, uint32_t lane,
                                 struct weir_lookup_rows *rows, struct weir_error *error)
{
    const struct weir_schema *schema = connection->lookup->schema;
    for (uint32_t c = 0; c < schema->fields_count; c++)
        WEIR_TRY(weir_sqlite_take(connection->sqlite, connection->statement, (int)c,
                                  schema->fields[c].name, &rows->builders[c], error));
    return weir_lookup_rows_add(rows, lane, error);
}

static enum weir_status answer_key(struct connection *connection, const struct weir_batch *keys,
                                   uint32_t lane, struct weir_lookup_rows *rows,
                                   struct weir_error *error)
{
    const struct weir_sqlite *sqlite = connection->sqlite;
    for (uint32_t k = 0; k < keys->schema->fields_count; k++)
        WEIR_TRY(weir_sqlite_bind(sqlite, connection->statement, (int)k + 1, &keys->columns[k],
                                  lane, error));
    int result;
    while ((result = sqlite->step(connection->statement)) == SQLITE_ROW)
        WEIR_TRY(take_row(connection, lane, rows, error));
    if (result != SQLITE_DONE)
        return failed(connection, result, error);
    sqlite->reset(connection->statement);
    return WEIR_OK;
}

static enum weir_status connection_answer(void *worker, const struct weir_batch *keys,
                                          struct weir_lookup_rows *rows, struct weir_error *error)
{
    struct connection *connection = worker;
    const struct weir_sqlite *sqlite = connection->sqlite;
    int result = sqlite->exec(connection->database, "BEGIN", NULL, NULL, NULL);
    if (result != SQLITE_OK)
        return failed(connection, result, error);
    enum weir_status status = WEIR_OK;
    for (uint32_t lane = 0; lane < keys->rows_count && status == WEIR_OK; lane++)
        status = answer_key(connection, keys, lane, rows, error);
    sqlite->reset(connection->statement);
    (void)sqlite->exec(connection->database, "COMMIT", NULL, NULL, NULL);
    return status;
}

static const struct weir_lookup_worker_type worker_type = {.name = "weir-sqlite",
                                                           .open = connection_open,
                                                           .answer = connection_answer,
                                                           .close = connection_close};

/* ---- the contract ---- */

static void sqlite_close(void *state)
{
    struct sqlite_lookup *lookup = state;
    weir_lookup_pool_destroy(lookup->pool);
    if (lookup->library)
        lookup->sys->library_close(lookup->library);
    weir_arena_deinit(&lookup->arena);
    weir_free(lookup);
}

/* What is wrong with the table is said before the job begins; a locked database is for later. */
static enum weir_status try_connection(struct sqlite_lookup *lookup, struct weir_error *error)
{
    struct weir_error local;
    void *connection = NULL;
    if (connection_open(lookup, &connection, &local) == WEIR_OK) {
        connection_close(connection);
        return WEIR_OK;
    }
    if (local.flags & WEIR_ERROR_RETRYABLE)
        return WEIR_OK;
    if (error)
        *error = local;
    return local.code;
}

static enum weir_status open_lookup(struct sqlite_lookup *lookup,
                                    const struct weir_connector_table *table,
                                    const struct weir_lookup_settings *settings,
                                    const struct weir_connector_env *env, struct weir_error *error)
{
    struct weir_file_info info;
    WEIR_TRY(weir_options_parse(specs, WEIR_COUNT_OF(specs), table->options, table->options_count,
                                WEIR_OPTION_LOOKUP, "connector \"sqlite\"", &lookup->options,
                                error));
    lookup->path = weir_arena_copy(&lookup->arena, lookup->options.path);
    if (!lookup->path)
        return weir_error_set_out_of_memory(error);
    WEIR_TRY(env->sys->path_info(env->sys, lookup->path, &info, error));
    WEIR_TRY(write_statement(lookup, table, error));
    WEIR_TRY(load_library(lookup, error));
    WEIR_TRY(try_connection(lookup, error));
    return weir_lookup_pool_create(&worker_type, lookup, settings->concurrency, table->schema, env,
                                   &lookup->pool, error);
}

static enum weir_status sqlite_open(const struct weir_connector_table *table,
                                    const struct weir_lookup_settings *settings,
                                    const struct weir_connector_env *env, void **out,
                                    struct weir_error *error)
{
    struct sqlite_lookup *lookup = weir_calloc(1, sizeof *lookup);
    *out = NULL;
    if (!lookup)
        return weir_error_set_out_of_memory(error);
    weir_arena_init(&lookup->arena, NULL, 4096);
    lookup->sys = env->sys;
    lookup->schema = table->schema;
    enum weir_status status = open_lookup(lookup, table, settings, env, error);
    if (status == WEIR_OK)
        *out = lookup;
    else
        sqlite_close(lookup);
    return status;
}

static enum weir_status sqlite_get_many(void *state, uint64_t request, struct weir_batch *keys,
                                        struct weir_error *error)
{
    struct sqlite_lookup *lookup = state;
    return weir_lookup_pool_ask(lookup->pool, request, keys, error);
}

static enum weir_poll_result sqlite_done(void *state, struct weir_lookup_answer *answer,
                                         struct weir_error *error)
{
    struct sqlite_lookup *lookup = state;
    return weir_lookup_pool_done(lookup->pool, answer, error);
}

static const struct weir_lookup_type lookup_type = {
    .open = sqlite_open, .get_many = sqlite_get_many, .done = sqlite_done, .close = sqlite_close};

const struct weir_connector weir_connector_sqlite = {
    .name = "sqlite",
    .summary = "tables of SQLite databases",
    .details =
        "Looks rows up by key. Columns are declared; integers, doubles, texts and blobs are taken "
        "as\n"
        "they are, other types are read from their text. A locked database is tried again.\n\n"
        "```sql\n"
        "CREATE TABLE customers (id BIGINT, name TEXT, PRIMARY KEY (id))\n"
        "WITH (connector = 'sqlite', path = 'shop.db', table = 'customers');\n"
        "CREATE TABLE orders (customer BIGINT, amount DOUBLE)\n"
        "WITH (connector = 'file', path = 'orders.csv', format = 'csv');\n"
        "EXPLAIN SELECT o.amount, c.name FROM orders o LEFT JOIN customers c ON c.id = "
        "o.customer;\n"
        "```\n",
    .options = specs,
    .options_count = WEIR_COUNT_OF(specs),
    .options_size = sizeof(struct sqlite_options),
    .roles = WEIR_ROLE_LOOKUP,
    .lookup = &lookup_type,
};
