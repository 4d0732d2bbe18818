/* Files looked up by key: a file is read whole into memory (lookup_table.h) when it is asked for
 * the first time, and again when it has changed since. One thread reads and answers.
 *
 * The thread's memory has a budget of its own, with as much room as the job had when it began; what
 * it holds is charged to the job's when an answer is taken. */
#include "connect/file/lookup_table.h"
#include "connect/file/reader.h"
#include "connect/lookup_pool.h"

#include "format/format.h"
#include "value/isa.h"

enum { BLOCK_SIZE = 256 << 10 };

struct file_lookup {
    struct weir_arena arena;
    const struct weir_sys *sys;
    struct weir_file_options options;
    char *path;
    const struct weir_connector_table *table; /* a copy */
    const struct weir_format *format;
    struct weir_decode_field *fields;
    struct weir_slice *names;
    uint64_t room_bytes;
    struct weir_lookup_pool *pool;
    struct weir_budget *budget; /* the job's */
    uint64_t charged_bytes;
    atomic_uint_fast64_t held_bytes; /* by the thread */
};

struct file_worker {
    struct file_lookup *lookup;
    struct weir_budget budget;
    struct weir_file_table rows;
    struct weir_file_info info; /* of what was read */
    bool loaded;
};

/* ---- reading ---- */

struct reading {
    struct file_worker *worker;
    struct weir_file_reader reader;
    void *decoder;
    struct weir_batch *batch;
    char *block;
    size_t capacity, start, end;
    bool ended;
    uint64_t record, offset;
};

static enum weir_status bad_record(void *context, const struct weir_bad_record *bad,
                                   struct weir_error *error)
{
    struct reading *reading = context;
    struct weir_origin origin = {.source = reading->worker->lookup->path,
                                 .record = reading->record + bad->record,
                                 .offset = reading->offset + bad->offset};
    if (bad->column.size)
        (void)weir_error_set(error, bad->code, "column \"%.*s\": %s", WEIR_SLICE_ARGS(bad->column),
                             bad->message);
    else
        (void)weir_error_set(error, bad->code, "%s", bad->message);
    weir_error_from(error, &origin);
    return bad->code;
}

/* Reads behind what is left of the block, which moves to its front and grows when it is full. */
static enum weir_status read_more(struct reading *reading, struct weir_error *error)
{
    size_t left = reading->end - reading->start, size;
    memmove(reading->block, reading->block + reading->start, left);
    reading->start = 0;
    reading->end = left;
    if (reading->capacity - left < BLOCK_SIZE / 2) {
        char *grown = weir_realloc(reading->block, reading->capacity * 2 + WEIR_FORMAT_PADDING);
        if (!grown)
            return weir_error_set_out_of_memory(error);
        reading->block = grown;
        reading->capacity *= 2;
    }
    WEIR_TRY(weir_file_reader_read(&reading->reader, reading->block + left,
                                   reading->capacity - left, &size, error));
    reading->end += size;
    reading->ended = size == 0;
    memset(reading->block + reading->end, 0, WEIR_FORMAT_PADDING);
    return WEIR_OK;
}

/* All records of the block that are whole. */
static enum weir_status decode_block(struct reading *reading, struct weir_error *error)
{
    struct file_lookup *lookup = reading->worker->lookup;
    for (bool more = true; more;) {
        WEIR_TRY(weir_batch_renew(&reading->batch, lookup->table->schema, NULL, error));
        struct weir_decode_run run = {.bytes = weir_slice_make(reading->block + reading->start,
                                                               reading->end - reading->start),
                                      .end_of_input = reading->ended,
                                      .batch = reading->batch,
                                      .rows_max = WEIR_BATCH_ROWS_MAX,
                                      .bad = bad_record,
                                      .bad_context = reading};
        WEIR_TRY(lookup->format->decoder->decode(reading->decoder, &run, error));
        WEIR_TRY(weir_file_table_append(&reading->worker->rows, reading->batch, error));
        reading->start += run.consumed_size;
        reading->offset += run.consumed_size;
        reading->record += run.consumed_records;
        more = run.consumed_size > 0 && reading->start < reading->end;
    }
    return WEIR_OK;
}

static enum weir_status read_all(struct reading *reading, struct weir_error *error)
{
    struct file_lookup *lookup = reading->worker->lookup;
    reading->block = weir_malloc(BLOCK_SIZE + WEIR_FORMAT_PADDING);
    reading->capacity = BLOCK_SIZE;
    if (!reading->block)
        return weir_error_set_out_of_memory(error);
    const struct weir_connector_table *table = lookup->table;
    struct weir_decoder_config config = {.fields = lookup->fields,
                                         .fields_count = table->schema->fields_count,
                                         .declared_count = table->declared->fields_count,
                                         .declared_names = lookup->names,
                                         .schema = table->schema,
                                         .options = table->options,
                                         .options_count = table->options_count,
                                         .record_size_max = table->record_size_max,
                                         .isa_limit = WEIR_ISA_AVX512};
    WEIR_TRY(lookup->format->decoder->create(&config, &reading->decoder, error));
    while (!reading->ended && !weir_lookup_pool_stopping(lookup->pool)) {
        WEIR_TRY(read_more(reading, error));
        WEIR_TRY(decode_block(reading, error));
    }
    return weir_file_table_index(&reading->worker->rows, error);
}

static enum weir_status load(struct file_worker *worker, struct weir_error *error)
{
    struct file_lookup *lookup = worker->lookup;
    const struct weir_connector_table *table = lookup->table;
    struct reading reading = {.worker = worker};
    weir_file_table_deinit(&worker->rows);
    weir_file_table_init(&worker->rows, table->schema, table->key_columns, table->key_columns_count,
                         &worker->budget);
    weir_file_reader_init(&reading.reader, lookup->sys, lookup->path, &lookup->options);
    enum weir_status status = read_all(&reading, error);
    weir_file_reader_deinit(&reading.reader);
    if (reading.decoder)
        lookup->format->decoder->destroy(reading.decoder);
    weir_batch_release(reading.batch);
    weir_free(reading.block);
    atomic_store(&lookup->held_bytes, worker->budget.used_bytes);
    return status;
}

/* ---- answering ---- */

static bool has_changed(const struct weir_file_info *a, const struct weir_file_info *b)
{
    return a->size != b->size || a->inode != b->inode || a->device != b->device ||
           a->modified.us != b->modified.us;
}

/* The file may be in the middle of being replaced: then it is worth another try. */
static enum weir_status bring_up_to_date(struct file_worker *worker, struct weir_error *error)
{
    struct file_lookup *lookup = worker->lookup;
    struct weir_file_info info;
    enum weir_status status = lookup->sys->path_info(lookup->sys, lookup->path, &info, error);
    if (status == WEIR_OK && worker->loaded && !has_changed(&info, &worker->info))
        return WEIR_OK;
    worker->loaded = false;
    if (status == WEIR_OK)
        status = load(worker, error);
    worker->info = info;
    worker->loaded = status == WEIR_OK;
    if (error && (status == WEIR_E_FILE_NOT_FOUND || status == WEIR_E_FILE_CHANGED))
        error->flags |= WEIR_ERROR_RETRYABLE;
    return status;
}

static enum weir_status worker_answer(void *opaque, const struct weir_batch *keys,
                                      struct weir_lookup_rows *rows, struct weir_error *error)
{
    struct file_worker *worker = opaque;
    uint64_t hashes[WEIR_BATCH_ROWS_MAX];
    WEIR_TRY(bring_up_to_date(worker, error));
    weir_file_table_hash(&worker->rows, keys, hashes);
    for (uint32_t lane = 0; lane < keys->rows_count; lane++) {
        uint32_t row = UINT32_MAX;
        while ((row = weir_file_table_find(&worker->rows, keys, lane, hashes[lane], row)) !=
               UINT32_MAX) {
            WEIR_TRY(weir_file_table_take(&worker->rows, row, rows->builders, error));
            WEIR_TRY(weir_lookup_rows_add(rows, lane, error));
        }
    }
    return WEIR_OK;
}

static void worker_close(void *opaque)
{
    struct file_worker *worker = opaque;
    weir_file_table_deinit(&worker->rows);
    weir_free(worker);
}

static enum weir_status worker_open(void *context, void **out, struct weir_error *error)
{
    struct file_lookup *lookup = context;
    struct file_worker *worker = weir_calloc(1, sizeof *worker);
    if (!worker)
        return weir_error_set_out_of_memory(error);
    worker->lookup = lookup;
    weir_budget_init(&worker->budget, "lookup file", lookup->room_bytes, NULL);
    weir_file_table_init(&worker->rows, lookup->table->schema, lookup->table->key_columns,
                         lookup->table->key_columns_count, &worker->budget);
    *out = worker;
    return WEIR_OK;
}

static const struct weir_lookup_worker_type worker_type = {
    .name = "weir-file", .open = worker_open, .answer = worker_answer, .close = worker_close};

/* ---- the contract ---- */

/* As far as all budgets above allow. */
static uint64_t room_of(const struct weir_budget *budget)
{
    uint64_t room = UINT64_MAX;
    for (; budget; budget = budget->parent)
        if (budget->limit_bytes - budget->used_bytes < room)
            room = budget->limit_bytes - budget->used_bytes;
    return room;
}

static enum weir_status describe(struct file_lookup *lookup, struct weir_error *error)
{
    const struct weir_connector_table *table = lookup->table;
    uint32_t count = table->schema->fields_count, declared = table->declared->fields_count;
    lookup->fields = WEIR_ARENA_ARRAY(&lookup->arena, struct weir_decode_field, count + 1);
    lookup->names = WEIR_ARENA_ARRAY(&lookup->arena, struct weir_slice, declared + 1);
    if (!lookup->fields || !lookup->names)
        return weir_error_set_out_of_memory(error);
    for (uint32_t i = 0; i < declared; i++)
        lookup->names[i] = table->declared->fields[i].name;
    for (uint32_t i = 0; i < count; i++) {
        lookup->fields[i] =
            (struct weir_decode_field){.name = table->schema->fields[i].name,
                                       .type = table->schema->fields[i].type,
                                       .nullable = table->schema->fields[i].nullable,
                                       .ordinal = table->projection[i]};
        if (table->paths)
            lookup->fields[i].path = table->paths[i];
    }
    return WEIR_OK;
}

static enum weir_status check_path(const struct file_lookup *lookup, struct weir_error *error)
{
    struct weir_file_info info;
    WEIR_TRY(lookup->sys->path_info(lookup->sys, lookup->path, &info, error));
    if (info.is_regular)
        return WEIR_OK;
    return weir_error_set(error, WEIR_E_FILE_ACCESS, "\"%s\" is no regular file to look up in",
                          lookup->path);
}

static enum weir_status open_lookup(struct file_lookup *lookup,
                                    const struct weir_connector_table *table,
                                    const struct weir_connector_env *env, struct weir_error *error)
{
    struct weir_connector_table *copy = WEIR_ARENA_NEW(&lookup->arena, struct weir_connector_table);
    if (!copy)
        return weir_error_set_out_of_memory(error);
    *copy = *table;
    lookup->table = copy;
    WEIR_TRY(weir_options_parse(weir_file_specs, weir_file_specs_count, table->options,
                                table->options_count, WEIR_OPTION_LOOKUP, "connector \"file\"",
                                &lookup->options, error));
    lookup->path = weir_arena_copy(&lookup->arena, lookup->options.path);
    if (!lookup->path)
        return weir_error_set_out_of_memory(error);
    WEIR_TRY(check_path(lookup, error));
    lookup->format = weir_format_find(table->format);
    if (!lookup->format || !lookup->format->decoder || lookup->format->is_changes)
        return weir_error_set(error, WEIR_E_UNKNOWN_FORMAT,
                              "format \"%.*s\" cannot be looked up in",
                              WEIR_SLICE_ARGS(table->format));
    WEIR_TRY(describe(lookup, error));
    return weir_lookup_pool_create(&worker_type, lookup, 1, table->schema, env, &lookup->pool,
                                   error);
}

static void file_close(void *state)
{
    struct file_lookup *lookup = state;
    weir_lookup_pool_destroy(lookup->pool);
    weir_budget_release(lookup->budget, lookup->charged_bytes);
    weir_arena_deinit(&lookup->arena);
    weir_free(lookup);
}

static enum weir_status file_open(const struct weir_connector_table *table,
                                  const struct weir_lookup_settings *settings,
                                  const struct weir_connector_env *env, void **out,
                                  struct weir_error *error)
{
    struct file_lookup *lookup = weir_calloc(1, sizeof *lookup);
    (void)settings;
    *out = NULL;
    if (!lookup)
        return weir_error_set_out_of_memory(error);
    weir_arena_init(&lookup->arena, NULL, 4096);
    lookup->sys = env->sys;
    lookup->budget = env->budget;
    lookup->room_bytes = room_of(env->budget);
    atomic_init(&lookup->held_bytes, 0);
    enum weir_status status = open_lookup(lookup, table, env, error);
    if (status == WEIR_OK)
        *out = lookup;
    else
        file_close(lookup);
    return status;
}

static enum weir_status file_get_many(void *state, uint64_t request, struct weir_batch *keys,
                                      struct weir_error *error)
{
    struct file_lookup *lookup = state;
    return weir_lookup_pool_ask(lookup->pool, request, keys, error);
}

static enum weir_poll_result file_done(void *state, struct weir_lookup_answer *answer,
                                       struct weir_error *error)
{
    struct file_lookup *lookup = state;
    enum weir_poll_result result = weir_lookup_pool_done(lookup->pool, answer, error);
    uint64_t held = atomic_load(&lookup->held_bytes);
    if (held == lookup->charged_bytes)
        return result;
    weir_budget_release(lookup->budget, lookup->charged_bytes);
    lookup->charged_bytes = 0;
    if (!weir_budget_charge(lookup->budget, held)) {
        answer->rows = NULL;
        (void)weir_budget_error(lookup->budget, error);
        return result == WEIR_POLL_WAIT ? WEIR_POLL_WAIT : WEIR_POLL_FAILED;
    }
    lookup->charged_bytes = held;
    return result;
}

const struct weir_lookup_type weir_file_lookup = {
    .open = file_open, .get_many = file_get_many, .done = file_done, .close = file_close};
