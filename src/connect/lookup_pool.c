/* See lookup_pool.h. Requests wait in one list, answers in another, both under one mutex; workers
 * are woken one by one. Tested through tests/suites/lookups.py. */
#include "connect/lookup_pool.h"

#include "sys/thread.h"

struct request {
    struct request *next;
    uint64_t number;
    const struct weir_batch *keys;
    struct weir_lookup_rows rows;
    struct weir_error error;
};

struct queue {
    struct request *first, *last;
};

struct weir_lookup_pool {
    const struct weir_lookup_worker_type *type;
    void *context;
    const struct weir_schema *schema;
    struct weir_connector_env env;
    struct weir_thread *threads;
    uint32_t threads_count, threads_max, idle_count, asked_count;
    struct weir_mutex mutex;
    struct weir_condition condition;
    struct queue asked, answered;
    struct request *given;         /* what done answered with */
    struct weir_lookup_part *part; /* of it */
    atomic_bool stopping;
};

static void push(struct queue *queue, struct request *request)
{
    request->next = NULL;
    if (queue->last)
        queue->last->next = request;
    else
        queue->first = request;
    queue->last = request;
}

static struct request *pop(struct queue *queue)
{
    struct request *request = queue->first;
    if (request) {
        queue->first = request->next;
        queue->last = queue->first ? queue->last : NULL;
    }
    return request;
}

/* ---- rows ---- */

static void rows_free(struct weir_lookup_rows *rows)
{
    for (struct weir_lookup_part *part = rows->first, *next; part; part = next) {
        next = part->next;
        weir_batch_release(part->batch);
        weir_free(part);
    }
    weir_free(rows->builders);
    *rows = (struct weir_lookup_rows){.schema = rows->schema};
}

/* The last part is complete. */
static void close_part(struct weir_lookup_rows *rows)
{
    struct weir_batch *batch = rows->last->batch;
    uint32_t count = rows->schema->fields_count ? rows->builders[0].rows_count : 0;
    for (uint32_t c = 0; c < rows->schema->fields_count; c++)
        batch->columns[c] = weir_builder_column(&rows->builders[c]);
    batch->rows_count = batch->selected_count = count;
}

static enum weir_status open_part(struct weir_lookup_rows *rows, struct weir_error *error)
{
    uint32_t columns = rows->schema->fields_count;
    struct weir_lookup_part *part = weir_calloc(1, sizeof *part);
    if (!rows->builders)
        rows->builders = weir_calloc(columns + 1, sizeof *rows->builders);
    if (part)
        part->batch = weir_batch_create(rows->schema, NULL);
    if (!part || !part->batch || !rows->builders) {
        if (part && part->batch)
            weir_batch_release(part->batch);
        weir_free(part);
        return weir_error_set_out_of_memory(error);
    }
    if (rows->last)
        rows->last->next = part;
    else
        rows->first = part;
    rows->last = part;
    WEIR_TRY(weir_batch_reset(part->batch, rows->schema, error));
    for (uint32_t c = 0; c < columns; c++)
        WEIR_TRY(weir_builder_init(&rows->builders[c], rows->schema->fields[c].type,
                                   &part->batch->arena, error));
    return WEIR_OK;
}

enum weir_status weir_lookup_rows_add(struct weir_lookup_rows *rows, uint32_t lane,
                                      struct weir_error *error)
{
    uint32_t count = rows->builders[0].rows_count;
    rows->last->lanes[count - 1] = (uint16_t)lane;
    if (++rows->total > WEIR_LOOKUP_ROWS_MAX)
        return weir_error_set(error, WEIR_E_LOOKUP_FAILED, "a request found more than %d rows",
                              WEIR_LOOKUP_ROWS_MAX);
    if (count < WEIR_BATCH_ROWS_MAX)
        return WEIR_OK;
    close_part(rows);
    return open_part(rows, error);
}

/* ---- workers ---- */

static void work_on(struct weir_lookup_pool *pool, void *worker, enum weir_status opened,
                    const struct weir_error *open_error, struct request *request)
{
    weir_error_clear(&request->error);
    request->rows = (struct weir_lookup_rows){.schema = pool->schema};
    if (opened != WEIR_OK) {
        request->error = *open_error;
        return;
    }
    enum weir_status status = open_part(&request->rows, &request->error);
    if (status == WEIR_OK)
        status = pool->type->answer(worker, request->keys, &request->rows, &request->error);
    if (status == WEIR_OK)
        close_part(&request->rows);
    else
        rows_free(&request->rows);
}

static void worker_main(void *context)
{
    struct weir_lookup_pool *pool = context;
    struct weir_error error;
    void *worker = NULL;
    enum weir_status opened = WEIR_E_INTERNAL;
    weir_mutex_lock(&pool->mutex);
    while (!atomic_load(&pool->stopping)) {
        struct request *request = pop(&pool->asked);
        pool->asked_count -= request != NULL;
        if (!request) {
            pool->idle_count++;
            weir_condition_wait(&pool->condition, &pool->mutex);
            pool->idle_count--;
            continue;
        }
        weir_mutex_unlock(&pool->mutex);
        if (!worker) { /* again, when it failed before */
            weir_error_clear(&error);
            opened = pool->type->open(pool->context, &worker, &error);
        }
        work_on(pool, worker, opened, &error, request);
        weir_mutex_lock(&pool->mutex);
        push(&pool->answered, request);
        if (pool->env.wake)
            pool->env.wake(pool->env.wake_context);
    }
    weir_mutex_unlock(&pool->mutex);
    if (worker)
        pool->type->close(worker);
}

/* ---- the job's side ---- */

enum weir_status weir_lookup_pool_create(const struct weir_lookup_worker_type *type, void *context,
                                         uint32_t threads_count, const struct weir_schema *schema,
                                         const struct weir_connector_env *env,
                                         struct weir_lookup_pool **out, struct weir_error *error)
{
    struct weir_lookup_pool *pool = weir_calloc(1, sizeof *pool);
    *out = NULL;
    if (pool)
        pool->threads = weir_calloc(threads_count, sizeof *pool->threads);
    if (!pool || !pool->threads) {
        weir_free(pool);
        return weir_error_set_out_of_memory(error);
    }
    pool->type = type;
    pool->context = context;
    pool->schema = schema;
    pool->env = *env;
    pool->threads_max = threads_count;
    atomic_init(&pool->stopping, false);
    weir_mutex_init(&pool->mutex);
    weir_condition_init(&pool->condition);
    *out = pool;
    return WEIR_OK;
}

static void request_free(struct request *request)
{
    if (request)
        rows_free(&request->rows);
    weir_free(request);
}

void weir_lookup_pool_destroy(struct weir_lookup_pool *pool)
{
    if (!pool)
        return;
    weir_mutex_lock(&pool->mutex);
    atomic_store(&pool->stopping, true);
    weir_condition_broadcast(&pool->condition);
    weir_mutex_unlock(&pool->mutex);
    for (uint32_t i = 0; i < pool->threads_count; i++)
        weir_thread_join(&pool->threads[i]);
    for (struct request *request; (request = pop(&pool->asked));)
        request_free(request);
    for (struct request *request; (request = pop(&pool->answered));)
        request_free(request);
    request_free(pool->given);
    weir_condition_deinit(&pool->condition);
    weir_mutex_deinit(&pool->mutex);
    weir_free(pool->threads);
    weir_free(pool);
}

bool weir_lookup_pool_stopping(const struct weir_lookup_pool *pool)
{
    return atomic_load(&pool->stopping);
}

enum weir_status weir_lookup_pool_ask(struct weir_lookup_pool *pool, uint64_t number,
                                      const struct weir_batch *keys, struct weir_error *error)
{
    struct request *request = weir_calloc(1, sizeof *request);
    if (!request)
        return weir_error_set_out_of_memory(error);
    request->number = number;
    request->keys = keys;
    request->rows.schema = pool->schema;
    weir_mutex_lock(&pool->mutex);
    push(&pool->asked, request);
    bool more = ++pool->asked_count > pool->idle_count && pool->threads_count < pool->threads_max;
    weir_condition_signal(&pool->condition);
    weir_mutex_unlock(&pool->mutex);
    if (!more)
        return WEIR_OK;
    enum weir_status status = weir_thread_start(&pool->threads[pool->threads_count],
                                                pool->type->name, worker_main, pool, error);
    if (status == WEIR_OK)
        pool->threads_count++;
    else if (pool->threads_count) /* those that are there do it */
        status = WEIR_OK;
    return status;
}

enum weir_poll_result weir_lookup_pool_done(struct weir_lookup_pool *pool,
                                            struct weir_lookup_answer *answer,
                                            struct weir_error *error)
{
    if (!pool->part || !(pool->part = pool->part->next)) {
        request_free(pool->given);
        weir_mutex_lock(&pool->mutex);
        pool->given = pop(&pool->answered);
        weir_mutex_unlock(&pool->mutex);
        if (!pool->given)
            return WEIR_POLL_WAIT;
        pool->part = pool->given->rows.first;
    }
    *answer = (struct weir_lookup_answer){.request = pool->given->number};
    if (!pool->part) {
        *error = pool->given->error;
        return WEIR_POLL_FAILED;
    }
    answer->rows = pool->part->batch;
    answer->lanes = pool->part->lanes;
    answer->more = pool->part->next != NULL;
    return WEIR_POLL_DATA;
}
