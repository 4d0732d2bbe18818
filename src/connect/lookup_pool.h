/* Look-ups that block, on threads of their own: the asynchronous contract of flow/connector.h for
 * connectors whose library, or whose disk, makes the caller wait.
 *
 *     job's thread ── get_many ─▶ asked ─▶ worker 1 … n ─▶ answered ── done ─▶ job's thread
 *
 * A worker answers one request at a time with rows in a batch of its own memory, which is charged
 * to no budget: budgets belong to the job's thread, and what an answer may hold is bounded by the
 * keys that are asked for. A key batch is read, never retained, by a worker. */
#ifndef WEIR_CONNECT_LOOKUP_POOL_H
#define WEIR_CONNECT_LOOKUP_POOL_H

#include "column/builder.h"
#include "flow/connector.h"

#include <stdatomic.h>

struct weir_lookup_pool;
struct weir_lookup_rows;

/* What a worker does; each has a state of its own. */
struct weir_lookup_worker_type {
    const char *name; /* of the threads */
    enum weir_status (*open)(void *context, void **worker, struct weir_error *error);
    /* Adds the rows of the keys to rows, or fails; WEIR_ERROR_RETRYABLE when the same may succeed
     * later. */
    enum weir_status (*answer)(void *worker, const struct weir_batch *keys,
                               struct weir_lookup_rows *rows, struct weir_error *error);
    void (*close)(void *worker); /* NULL is not given */
};

enum { WEIR_LOOKUP_ROWS_MAX = 1 << 20 }; /* of a request */

/* Rows as they are found, in batches. */
struct weir_lookup_part {
    struct weir_lookup_part *next;
    struct weir_batch *batch;
    uint16_t lanes[WEIR_BATCH_ROWS_MAX];
};
struct weir_lookup_rows {
    const struct weir_schema *schema;
    struct weir_lookup_part *first, *last;
    struct weir_builder *builders; /* one per column, of the last part: append a lane to each … */
    uint32_t total;
};
/* … and say that the row is complete: of key lane `lane`. LOOKUP_FAILED beyond ROWS_MAX. */
WEIR_CHECKED enum weir_status weir_lookup_rows_add(struct weir_lookup_rows *rows, uint32_t lane,
                                                   struct weir_error *error);

/* schema and context outlive the pool. A thread starts when the first request comes. */
WEIR_CHECKED enum weir_status weir_lookup_pool_create(const struct weir_lookup_worker_type *type,
                                                      void *context, uint32_t threads_count,
                                                      const struct weir_schema *schema,
                                                      const struct weir_connector_env *env,
                                                      struct weir_lookup_pool **out,
                                                      struct weir_error *error);
/* Waits for the workers: they look at weir_lookup_pool_stopping while they wait for others. */
void weir_lookup_pool_destroy(struct weir_lookup_pool *pool);
/* From any thread. */
bool weir_lookup_pool_stopping(const struct weir_lookup_pool *pool);

WEIR_CHECKED enum weir_status weir_lookup_pool_ask(struct weir_lookup_pool *pool, uint64_t request,
                                                   const struct weir_batch *keys,
                                                   struct weir_error *error);
enum weir_poll_result weir_lookup_pool_done(struct weir_lookup_pool *pool,
                                            struct weir_lookup_answer *answer,
                                            struct weir_error *error);

#endif
