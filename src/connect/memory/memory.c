/* Reads memory tables batch by batch, without copying fixed-width lanes. */
#include "connect/memory/memory.h"

struct memory_source {
    const struct weir_memory_table *table;
    const struct weir_schema *schema; /* projected */
    const uint32_t *projection;
    struct weir_budget *budget;
    struct weir_batch *whole; /* all columns of the table */
    struct weir_batch *projected;
    struct weir_split split;
    uint32_t part;
    uint64_t row; /* in the part */
    uint64_t given;
};

static const struct weir_memory_table *find_table(const struct weir_memory_tables *tables,
                                                  const char *name)
{
    const struct weir_memory_table *table = tables ? tables->first : NULL;
    while (table && !weir_slice_equals_string(table->name, name))
        table = table->next;
    return table;
}

static enum weir_status memory_open(const struct weir_connector_table *table,
                                    const struct weir_connector_env *env, void **out,
                                    struct weir_error *error)
{
    const struct weir_memory_table *found = find_table(env->embedder, env->table_name);
    if (!found) {
        (void)weir_error_set(error, WEIR_E_UNKNOWN_TABLE,
                             "no rows were given for the memory table \"%s\"", env->table_name);
        weir_error_hint(error, "the embedding program gives them: weir_table_from_arrow");
        return WEIR_E_UNKNOWN_TABLE;
    }
    struct memory_source *source = weir_calloc(1, sizeof *source);
    if (!source)
        return weir_error_set_out_of_memory(error);
    *out = source;
    source->table = found;
    source->schema = table->schema;
    source->projection = table->projection;
    source->budget = env->budget;
    source->split = (struct weir_split){"memory", true, 0};
    source->whole = weir_batch_create(&found->schema, env->budget);
    source->projected = weir_batch_create(table->schema, env->budget);
    return source->whole && source->projected ? WEIR_OK : weir_budget_error(env->budget, error);
}

static enum weir_status memory_splits(void *opaque, const struct weir_split **splits,
                                      uint32_t *count, struct weir_error *error)
{
    struct memory_source *source = opaque;
    (void)error;
    *splits = &source->split;
    *count = 1;
    return WEIR_OK;
}

enum { PAGE_SIZE = 4096, LINE_SIZE = 64, PAGE_LINES_AHEAD = 8 };

/* The processor follows a row of lanes by itself, but not from one page into the next: the pages
 * of the rows behind these are begun here, while these are worked on. */
static void fetch_next(const struct weir_column *column, uint32_t count, uint32_t next_count)
{
    size_t width = weir_type_width(column->type), size = next_count * width;
    if (column->encoding != WEIR_FLAT || !column->values)
        return;
    const char *next = (const char *)column->values + count * width;
    for (size_t at = 0; at < size; at += PAGE_SIZE)
        for (size_t line = 0; line < PAGE_LINES_AHEAD; line++)
            __builtin_prefetch(next + at + line * LINE_SIZE);
}

static enum weir_status fill(struct memory_source *source, struct weir_arrow_import *part,
                             uint32_t count, struct weir_error *error)
{
    uint64_t left = weir_arrow_import_rows(part) - source->row - count;
    WEIR_TRY(weir_batch_renew(&source->projected, NULL, source->budget, error));
    WEIR_TRY(weir_batch_renew(&source->whole, NULL, source->budget, error));
    WEIR_TRY(weir_arrow_import_batch(part, source->row, count, source->whole, error));
    struct weir_batch *batch = source->projected;
    WEIR_TRY(weir_batch_hold(batch, &source->whole->shared, error));
    for (uint32_t i = 0; i < source->schema->fields_count; i++) {
        batch->columns[i] = source->whole->columns[source->projection[i]];
        fetch_next(&batch->columns[i], count, left < count ? (uint32_t)left : count);
    }
    batch->rows_count = batch->selected_count = count;
    batch->origin.record = source->given;
    source->row += count;
    source->given += count;
    return WEIR_OK;
}

static enum weir_poll_result memory_poll(void *opaque, struct weir_source_poll *poll,
                                         struct weir_error *error)
{
    struct memory_source *source = opaque;
    while (source->part < source->table->parts_count) {
        struct weir_arrow_import *part = source->table->parts[source->part];
        uint64_t left = weir_arrow_import_rows(part) - source->row;
        if (left == 0) {
            source->part++;
            source->row = 0;
            continue;
        }
        uint32_t count = left < poll->rows_max ? (uint32_t)left : poll->rows_max;
        if (fill(source, part, count, error) != WEIR_OK)
            return WEIR_POLL_FAILED;
        poll->batch = source->projected;
        return WEIR_POLL_DATA;
    }
    return WEIR_POLL_END;
}

static void memory_close(void *opaque)
{
    struct memory_source *source = opaque;
    weir_batch_release(source->projected);
    weir_batch_release(source->whole);
    weir_free(source);
}

static const struct weir_source_type memory_source = {
    .yield = WEIR_SOURCE_BATCHES,
    .open = memory_open,
    .splits = memory_splits,
    .poll = memory_poll,
    .close = memory_close,
};

const struct weir_connector weir_connector_memory = {
    .name = "memory",
    .summary = "rows that an embedding program holds, as Arrow arrays",
    .details =
        "Used through `include/weir/weir.h`: `weir_table_from_arrow` declares the table and\n"
        "gives its rows. A program run by the command line has none.\n",
    .roles = WEIR_ROLE_SOURCE,
    .source = &memory_source,
};
