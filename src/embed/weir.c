/* The embedding interface of include/weir/weir.h, on the engine. */
#include "weir/weir.h"

#include "connect/memory/memory.h"
#include "embed/engine.h"
#include "sql/diagnostic.h"

struct weir {
    struct weir_engine engine;
    struct weir_memory_tables tables;
    struct weir_arena arena; /* tables, schemas, names */
    struct weir_buffer text; /* of the last error */
    const struct weir_receiver *receiver;
    struct weir_result_receiver results;
};

/* ---- the engine's owner ---- */

static int report(void *context, const struct weir_error *error, struct weir_slice program)
{
    struct weir *weir = context;
    const struct weir_error_info *info = weir_error_info_get(error->code);
    struct weir_sql_diagnostic_style style = {WEIR_SQL_ERROR, false};
    weir_sql_diagnostic_render(&weir->text, error, program, &style);
    int code = info ? info->exit_code : 1;
    return code ? code : 1;
}

static int print(void *context, struct weir_slice text)
{
    (void)context, (void)text;
    return 0; /* plans and lists have no receiver here */
}

static int fail(struct weir *weir, const struct weir_error *error)
{
    return report(weir, error, (struct weir_slice){NULL, 0});
}

/* ---- rows ---- */

static enum weir_flow stopped(struct weir_error *error)
{
    (void)weir_error_set(error, WEIR_E_INTERRUPTED, "the receiver ended the query");
    return WEIR_FLOW_FAILED;
}

static enum weir_flow receive_begin(void *context, uint32_t select,
                                    const struct weir_plan_node *node, struct weir_error *error)
{
    struct weir *weir = context;
    struct ArrowSchema schema = {0};
    (void)select;
    if (!weir->receiver || !weir->receiver->schema)
        return WEIR_FLOW_OK;
    if (weir_arrow_export_schema(&node->schema, &schema, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    int stop = weir->receiver->schema(weir->receiver->context, &schema);
    if (schema.release)
        schema.release(&schema);
    return stop ? stopped(error) : WEIR_FLOW_OK;
}

static enum weir_flow receive_batch(void *context, uint32_t select, struct weir_batch *batch,
                                    struct weir_error *error)
{
    struct weir *weir = context;
    struct ArrowArray array = {0};
    (void)select;
    if (!weir->receiver || !weir->receiver->rows)
        return WEIR_FLOW_OK;
    weir_shared_detach(&batch->shared); /* the receiver releases it when it likes */
    if (weir_arrow_export_batch(batch, true, &array, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    return weir->receiver->rows(weir->receiver->context, &array) ? stopped(error) : WEIR_FLOW_OK;
}

static enum weir_flow receive_end(void *context, uint32_t select, struct weir_error *error)
{
    (void)context, (void)select, (void)error;
    return WEIR_FLOW_OK;
}

/* ---- the interface ---- */

int weir_open(struct weir **out)
{
    struct weir *weir = weir_calloc(1, sizeof *weir);
    struct weir_error error;
    *out = NULL;
    if (!weir)
        return 3;
    weir_arena_init(&weir->arena, NULL, 4096);
    weir_buffer_init(&weir->text, NULL);
    weir->results = (struct weir_result_receiver){
        .begin = receive_begin, .batch = receive_batch, .end = receive_end, .context = weir};
    struct weir_engine_owner owner = {report, print, weir};
    if (weir_engine_open(&weir->engine, weir_sys_real(), owner, WEIR_PLAN_MODE_SQL, &weir->tables,
                         &error) != WEIR_OK) {
        weir_close(weir);
        return 3;
    }
    weir->engine.receiver = &weir->results;
    *out = weir;
    return 0;
}

void weir_close(struct weir *weir)
{
    if (!weir)
        return;
    weir_engine_close(&weir->engine);
    for (struct weir_memory_table *table = weir->tables.first; table; table = table->next)
        for (uint32_t i = 0; i < table->parts_count; i++)
            weir_arrow_import_release(table->parts[i]);
    weir_buffer_deinit(&weir->text);
    weir_arena_deinit(&weir->arena);
    weir_free(weir);
}

int weir_set(struct weir *weir, const char *name, const char *value)
{
    struct weir_error error;
    weir_error_clear(&error);
    weir_buffer_clear(&weir->text);
    enum weir_status status = weir_engine_set(&weir->engine, weir_slice_from_string(name),
                                              weir_slice_from_string(value), &error);
    return status == WEIR_OK ? 0 : fail(weir, &error);
}

static enum weir_status import_table(struct weir *weir, const char *name,
                                     const struct ArrowSchema *schema, struct ArrowArray *arrays,
                                     int arrays_count, struct weir_memory_table **out,
                                     struct weir_error *error)
{
    struct weir_memory_table *table = WEIR_ARENA_NEW(&weir->arena, struct weir_memory_table);
    char *copy = weir_arena_copy(&weir->arena, weir_slice_from_string(name));
    if (!table || !copy)
        return weir_error_set_out_of_memory(error);
    table->name = weir_slice_from_string(copy);
    table->parts =
        WEIR_ARENA_ARRAY(&weir->arena, struct weir_arrow_import *, (size_t)arrays_count + 1);
    if (!table->parts)
        return weir_error_set_out_of_memory(error);
    table->next = weir->tables.first;
    weir->tables.first = table;
    WEIR_TRY(weir_arrow_import_schema(schema, &weir->arena, &table->schema, error));
    for (int i = 0; i < arrays_count; i++) {
        WEIR_TRY(weir_arrow_import_begin(&arrays[i], schema, &table->schema,
                                         &table->parts[table->parts_count], error));
        table->parts_count++;
    }
    *out = table;
    return WEIR_OK;
}

static void declare_table(const struct weir_memory_table *table, const char *event_time,
                          struct weir_buffer *sql)
{
    weir_buffer_append_string(sql, "CREATE TABLE ");
    weir_sql_print_name(sql, table->name);
    weir_buffer_append_string(sql, " (");
    for (uint32_t i = 0; i < table->schema.fields_count; i++) {
        weir_buffer_append_string(sql, i ? ", " : "");
        weir_sql_print_name(sql, table->schema.fields[i].name);
        weir_buffer_append_char(sql, ' ');
        weir_type_print(table->schema.fields[i].type, sql);
        if (!table->schema.fields[i].nullable)
            weir_buffer_append_string(sql, " NOT NULL");
    }
    if (event_time) {
        weir_buffer_append_string(sql, ", WATERMARK FOR ");
        weir_sql_print_name(sql, weir_slice_from_string(event_time));
    }
    weir_buffer_append_string(sql, ") WITH (connector = 'memory')");
}

int weir_table_from_arrow(struct weir *weir, const char *name, const struct ArrowSchema *schema,
                          struct ArrowArray *arrays, int arrays_count, const char *event_time)
{
    struct weir_error error;
    struct weir_memory_table *table = NULL;
    struct weir_buffer sql;
    weir_error_clear(&error);
    weir_buffer_clear(&weir->text);
    if (import_table(weir, name, schema, arrays, arrays_count, &table, &error) != WEIR_OK)
        return fail(weir, &error);
    weir_buffer_init(&sql, NULL);
    declare_table(table, event_time, &sql);
    int code = sql.failed ? 3
                          : weir_engine_execute(&weir->engine, weir_buffer_slice(&sql), NULL,
                                                WEIR_ENGINE_RUN);
    weir_buffer_deinit(&sql);
    return code;
}

int weir_query(struct weir *weir, const char *sql, const struct weir_receiver *receiver)
{
    weir_buffer_clear(&weir->text);
    weir->receiver = receiver;
    int code =
        weir_engine_execute(&weir->engine, weir_slice_from_string(sql), NULL, WEIR_ENGINE_RUN);
    weir->receiver = NULL;
    return code;
}

struct weir_query_stats weir_last_stats(const struct weir *weir)
{
    const struct weir_job_stats *stats = &weir->engine.last_stats;
    return (struct weir_query_stats){stats->rows_in, stats->rows_out, stats->bytes_in,
                                     (double)stats->elapsed_ns / 1e9};
}

const char *weir_error_text(const struct weir *weir)
{
    struct weir *writable = (struct weir *)(uintptr_t)weir; /* only to end the text */
    weir_buffer_append_char(&writable->text, 0);
    if (writable->text.failed)
        return "out of memory";
    writable->text.size--;
    return weir->text.data;
}
