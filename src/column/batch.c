/* Batches: creation, reuse, ownership, checking.
 *
 * A batch and its arena are one lifetime. Whoever produces batches keeps one and renews it:
 *
 *     exclusive  → owners released, arena reset (chunks kept), columns allocated anew
 *     retained   → the reference is dropped, a new batch takes its place
 *
 * so that a chain in which nobody keeps a batch allocates nothing after its first round. The
 * arena's chunk is 256 KiB, room for a good dozen arrays of 2,048 16-byte lanes.
 *
 * Threads: the count is atomic, everything else belongs to the thread that fills the batch until
 * it is published, and to all readers after. The last release may happen on any thread; the
 * budget of the batch, if any, must belong to that thread: else detach it first.
 *
 * Invariants
 *   1. owners[0 … owners_count) hold one reference each.
 *   2. After a failed reset the batch is empty (no rows, no columns) but may be reset again.
 * Tested in tests/unit/column/test_batch.c. */
#include "column/batch.h"
#include "column/column_internal.h"

#include <assert.h>

enum { BATCH_CHUNK_SIZE = 256 * 1024, OWNERS_FIRST = 4 };

void weir_shared_retain(struct weir_shared *shared)
{
    uint32_t before = __atomic_fetch_add(&shared->refs, 1, __ATOMIC_RELAXED);
    assert(before > 0 && before < UINT32_MAX);
    (void)before;
}

void weir_shared_release(struct weir_shared *shared)
{
    if (!shared)
        return;
    uint32_t before = __atomic_fetch_sub(&shared->refs, 1, __ATOMIC_ACQ_REL);
    assert(before > 0);
    if (before == 1)
        shared->destroy(shared);
}

void weir_shared_detach(struct weir_shared *shared)
{
    if (shared->detach)
        shared->detach(shared);
}

static void release_owners(struct weir_batch *batch)
{
    for (uint32_t i = 0; i < batch->owners_count; i++)
        weir_shared_release(batch->owners[i]);
    batch->owners = NULL;
    batch->owners_count = batch->owners_capacity = 0;
}

static void batch_destroy(struct weir_shared *shared)
{
    struct weir_batch *batch = (struct weir_batch *)shared; /* its first member */
    release_owners(batch);
    weir_arena_deinit(&batch->arena);
    weir_free(batch);
}

static void batch_detach(struct weir_shared *shared)
{
    struct weir_batch *batch = (struct weir_batch *)shared;
    weir_arena_detach(&batch->arena);
    for (uint32_t i = 0; i < batch->owners_count; i++)
        weir_shared_detach(batch->owners[i]);
}

/* Columns for the schema, all null. */
static enum weir_status allocate_columns(struct weir_batch *batch, struct weir_error *error)
{
    uint32_t count = batch->schema ? batch->schema->fields_count : 0;
    struct weir_column *columns = WEIR_ARENA_ARRAY(&batch->arena, struct weir_column, count);
    if (!columns)
        return weir_budget_error(batch->arena.budget, error);
    for (uint32_t i = 0; i < count; i++)
        columns[i] = weir_column_nulls(batch->schema->fields[i].type, 0);
    batch->columns = columns;
    return WEIR_OK;
}

struct weir_batch *weir_batch_create(const struct weir_schema *schema, struct weir_budget *budget)
{
    struct weir_batch *batch = weir_calloc(1, sizeof *batch);
    if (!batch)
        return NULL;
    batch->shared =
        (struct weir_shared){.refs = 1, .destroy = batch_destroy, .detach = batch_detach};
    batch->schema = schema;
    weir_arena_init(&batch->arena, budget, BATCH_CHUNK_SIZE);
    if (allocate_columns(batch, NULL) != WEIR_OK) {
        weir_batch_release(batch);
        return NULL;
    }
    return batch;
}

bool weir_batch_is_exclusive(const struct weir_batch *batch)
{
    return __atomic_load_n(&batch->shared.refs, __ATOMIC_ACQUIRE) == 1;
}

enum weir_status weir_batch_reset(struct weir_batch *batch, const struct weir_schema *schema,
                                  struct weir_error *error)
{
    assert(weir_batch_is_exclusive(batch));
    release_owners(batch);
    weir_arena_reset(&batch->arena);
    if (schema)
        batch->schema = schema;
    batch->columns = NULL;
    batch->rows_count = batch->selected_count = 0;
    batch->selection = NULL;
    batch->weights = batch->event_times = NULL;
    batch->origin = (struct weir_origin){0};
    batch->origin_records = NULL;
    return allocate_columns(batch, error);
}

enum weir_status weir_batch_renew(struct weir_batch **batch, const struct weir_schema *schema,
                                  struct weir_budget *budget, struct weir_error *error)
{
    if (*batch && weir_batch_is_exclusive(*batch))
        return weir_batch_reset(*batch, schema, error);
    if (*batch && !schema)
        schema = (*batch)->schema;
    weir_batch_release(*batch);
    *batch = weir_batch_create(schema, budget);
    return *batch ? WEIR_OK : weir_budget_error(budget, error);
}

enum weir_status weir_batch_hold(struct weir_batch *batch, struct weir_shared *shared,
                                 struct weir_error *error)
{
    uint32_t count = batch->owners_count;
    if (count && batch->owners[count - 1] == shared)
        return WEIR_OK; /* column after column of one owner */
    if (count == batch->owners_capacity) {
        uint32_t capacity = count ? count * 2 : OWNERS_FIRST;
        struct weir_shared **owners =
            WEIR_ARENA_ARRAY(&batch->arena, struct weir_shared *, capacity);
        if (!owners)
            return weir_budget_error(batch->arena.budget, error);
        if (count)
            memcpy(owners, batch->owners, count * sizeof(*owners));
        batch->owners = owners;
        batch->owners_capacity = capacity;
    }
    weir_shared_retain(shared);
    batch->owners[batch->owners_count++] = shared;
    return WEIR_OK;
}

/* Checking */

static enum weir_status verify_selection(const struct weir_batch *batch, struct weir_error *error)
{
    if (!batch->selection) {
        if (batch->selected_count != batch->rows_count)
            return weir_error_set(error, WEIR_E_INTERNAL,
                                  "a batch of %u lanes without selection says %u are alive",
                                  batch->rows_count, batch->selected_count);
        return WEIR_OK;
    }
    if (batch->selected_count > batch->rows_count)
        return weir_error_set(error, WEIR_E_INTERNAL, "a batch of %u lanes has %u selected",
                              batch->rows_count, batch->selected_count);
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        if (batch->selection[i] >= batch->rows_count ||
            (i && batch->selection[i] <= batch->selection[i - 1]))
            return weir_error_set(error, WEIR_E_INTERNAL,
                                  "the selection of a batch is not ascending within its lanes");
    }
    return WEIR_OK;
}

enum weir_status weir_batch_verify(const struct weir_batch *batch, struct weir_error *error)
{
    if (batch->rows_count > WEIR_BATCH_ROWS_MAX)
        return weir_error_set(error, WEIR_E_INTERNAL, "a batch has %u lanes", batch->rows_count);
    WEIR_TRY(verify_selection(batch, error));
    for (uint32_t i = 0; batch->weights && i < batch->selected_count; i++) {
        if (batch->weights[weir_batch_lane(batch, i)] == 0)
            return weir_error_set(error, WEIR_E_INTERNAL, "a live lane of a batch has weight 0");
    }
    uint32_t count = batch->schema ? batch->schema->fields_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct weir_column *column = &batch->columns[i];
        const struct weir_field *field = &batch->schema->fields[i];
        enum weir_status status = WEIR_OK;
        if (!column->type || !weir_type_same_lanes(column->type, field->type))
            status = weir_error_set(error, WEIR_E_INTERNAL, "a column has another type than %s",
                                    weir_type_name(field->type).text);
        else if (column->rows_count != batch->rows_count)
            status = weir_error_set(error, WEIR_E_INTERNAL, "a column has %u lanes, its batch %u",
                                    column->rows_count, batch->rows_count);
        else
            status = weir_column_verify(column, error);
        if (status != WEIR_OK) {
            weir_error_frame(error, "column %u \"%.*s\"", i, WEIR_SLICE_ARGS(field->name));
            return status;
        }
    }
    return WEIR_OK;
}
