/* A shared library for probe_arrow.py: takes an Arrow table through weir and gives it back.
 *
 * Everything is imported in batches of batch_rows rows, each exported again; out_schema and the
 * arrays out[0 … *out_count) are the result. With keep_every > 1 only every such row is kept, by
 * selection. Nothing of this is part of the program. */
#include "column/arrow.h"

#include <stdio.h>

struct probe {
    uint32_t batch_rows;
    uint32_t keep_every;
    int32_t classic;
};

int32_t weir_arrow_probe(struct ArrowSchema *schema, struct ArrowArray *array,
                         const struct probe *probe, struct ArrowSchema *out_schema,
                         struct ArrowArray *out, uint32_t *out_count, char *message,
                         size_t message_size);

static enum weir_status keep_some(struct weir_batch *batch, uint32_t keep_every)
{
    uint16_t *selection = WEIR_ARENA_ARRAY(&batch->arena, uint16_t, batch->rows_count);
    if (!selection)
        return WEIR_E_OUT_OF_MEMORY;
    batch->selected_count = 0;
    for (uint32_t i = 0; i < batch->rows_count; i += keep_every)
        selection[batch->selected_count++] = (uint16_t)i;
    batch->selection = selection;
    return WEIR_OK;
}

static enum weir_status one_batch(struct weir_arrow_import *import,
                                  const struct weir_schema *schema, const struct probe *probe,
                                  uint64_t first, struct ArrowArray *out, struct weir_error *error)
{
    uint64_t left = weir_arrow_import_rows(import) - first;
    uint32_t count = left < probe->batch_rows ? (uint32_t)left : probe->batch_rows;
    struct weir_batch *batch = weir_batch_create(schema, NULL);
    if (!batch)
        return weir_error_set_out_of_memory(error);
    enum weir_status status = weir_arrow_import_batch(import, first, count, batch, error);
    if (status == WEIR_OK)
        status = weir_batch_verify(batch, error);
    if (status == WEIR_OK && probe->keep_every > 1)
        status = keep_some(batch, probe->keep_every);
    if (status == WEIR_OK)
        status = weir_arrow_export_batch(batch, probe->classic, out, error);
    weir_batch_release(batch);
    return status;
}

/* The batch's schema must outlive the exported arrays only as long as the batch is filled: arrays
 * hold plain memory. Its arena may therefore go at the end. */
static enum weir_status run(struct ArrowSchema *layout, struct ArrowArray *array,
                            const struct probe *probe, struct ArrowSchema *out_schema,
                            struct ArrowArray *out, uint32_t *out_count, struct weir_arena *arena,
                            struct weir_error *error)
{
    struct weir_schema schema;
    struct weir_arrow_import *import;
    WEIR_TRY(weir_arrow_import_schema(layout, arena, &schema, error));
    WEIR_TRY(weir_arrow_import_begin(array, layout, &schema, &import, error));
    enum weir_status status = WEIR_OK;
    for (uint64_t first = 0; status == WEIR_OK && first < weir_arrow_import_rows(import);
         first += probe->batch_rows) {
        status = one_batch(import, &schema, probe, first, &out[*out_count], error);
        *out_count += status == WEIR_OK;
    }
    weir_arrow_import_release(import);
    WEIR_TRY(status);
    return probe->classic ? weir_arrow_export_schema_classic(&schema, out_schema, error)
                          : weir_arrow_export_schema(&schema, out_schema, error);
}

int32_t weir_arrow_probe(struct ArrowSchema *schema, struct ArrowArray *array,
                         const struct probe *probe, struct ArrowSchema *out_schema,
                         struct ArrowArray *out, uint32_t *out_count, char *message,
                         size_t message_size)
{
    struct weir_arena arena;
    struct weir_error error = {0};
    weir_arena_init(&arena, NULL, 0);
    *out_count = 0;
    enum weir_status status = run(schema, array, probe, out_schema, out, out_count, &arena, &error);
    if (status != WEIR_OK)
        (void)snprintf(message, message_size, "%s", error.message);
    if (array->release)
        array->release(array);
    schema->release(schema);
    weir_arena_deinit(&arena);
    return (int32_t)status;
}
