/* See lookup_table.h. */
#include "connect/file/lookup_table.h"

enum { HASH_SEED = 0x5EED };

void weir_file_table_init(struct weir_file_table *table, const struct weir_schema *schema,
                          const uint32_t *keys, uint32_t keys_count, struct weir_budget *budget)
{
    *table = (struct weir_file_table){.schema = schema, .keys = keys, .keys_count = keys_count};
    weir_arena_init(&table->arena, budget, 0);
}

void weir_file_table_deinit(struct weir_file_table *table)
{
    weir_arena_deinit(&table->arena);
}

/* ---- filling ---- */

static enum weir_status no_memory(const struct weir_file_table *table, struct weir_error *error)
{
    return weir_budget_error(table->arena.budget, error);
}

static enum weir_status add_segment(struct weir_file_table *table, struct weir_error *error)
{
    uint32_t columns = table->schema->fields_count;
    if (table->rows_count >= UINT32_MAX - WEIR_FILE_SEGMENT_ROWS)
        return weir_error_set(error, WEIR_E_LIMIT, "a looked up file has more than %u rows",
                              table->rows_count);
    if (table->segments_count == table->segments_capacity) {
        uint32_t capacity = table->segments_capacity ? table->segments_capacity * 2 : 16;
        struct weir_file_segment *made =
            WEIR_ARENA_ARRAY(&table->arena, struct weir_file_segment, capacity);
        if (!made)
            return no_memory(table, error);
        if (table->segments_count)
            memcpy(made, table->segments, table->segments_count * sizeof *made);
        table->segments = made;
        table->segments_capacity = capacity;
    }
    struct weir_file_segment *segment = &table->segments[table->segments_count];
    segment->builders = WEIR_ARENA_ARRAY(&table->arena, struct weir_builder, columns + 1);
    if (!segment->builders)
        return no_memory(table, error);
    for (uint32_t c = 0; c < columns; c++)
        WEIR_TRY(weir_builder_init(&segment->builders[c], table->schema->fields[c].type,
                                   &table->arena, error));
    table->segments_count++;
    return WEIR_OK;
}

enum weir_status weir_file_table_append(struct weir_file_table *table,
                                        const struct weir_batch *batch, struct weir_error *error)
{
    uint16_t lanes[WEIR_BATCH_ROWS_MAX];
    for (uint32_t i = 0; i < batch->selected_count; i++)
        lanes[i] = (uint16_t)weir_batch_lane(batch, i);
    for (uint32_t done = 0; done < batch->selected_count;) {
        if (table->rows_count == table->segments_count * (uint32_t)WEIR_FILE_SEGMENT_ROWS)
            WEIR_TRY(add_segment(table, error));
        struct weir_file_segment *segment = &table->segments[table->segments_count - 1];
        uint32_t count = batch->selected_count - done;
        uint32_t room = WEIR_FILE_SEGMENT_ROWS - segment->rows_count;
        count = count < room ? count : room;
        for (uint32_t c = 0; c < table->schema->fields_count; c++)
            WEIR_TRY(weir_builder_append_lanes(&segment->builders[c], &batch->columns[c],
                                               lanes + done, count, error));
        segment->rows_count += count;
        table->rows_count += count;
        done += count;
    }
    return WEIR_OK;
}

/* ---- finding ---- */

static struct weir_column column_of(const struct weir_file_table *table, uint32_t row,
                                    uint32_t column)
{
    return weir_builder_column(&table->segments[row / WEIR_FILE_SEGMENT_ROWS].builders[column]);
}

/* Backwards, so that the rows of a key are found in the order of the file. */
static void index_segment(struct weir_file_table *table, uint32_t number, uint64_t *hashes)
{
    uint32_t count = table->segments[number].rows_count;
    uint32_t first = number * WEIR_FILE_SEGMENT_ROWS;
    for (uint32_t k = 0; k < table->keys_count; k++) {
        struct weir_column column = column_of(table, first, table->keys[k]);
        weir_column_hash(&column, NULL, count, HASH_SEED, k > 0, hashes);
    }
    for (uint32_t i = count; i-- > 0;) {
        uint32_t *head = &table->heads[hashes[i] & table->mask];
        table->next[first + i] = *head;
        *head = first + i + 1;
    }
}

enum weir_status weir_file_table_index(struct weir_file_table *table, struct weir_error *error)
{
    uint32_t size = 16;
    while (size < table->rows_count && size < UINT32_C(1) << 31)
        size *= 2;
    table->mask = size - 1;
    table->heads = WEIR_ARENA_ARRAY(&table->arena, uint32_t, size);
    table->next = WEIR_ARENA_ARRAY(&table->arena, uint32_t, (size_t)table->rows_count + 1);
    uint64_t *hashes = WEIR_ARENA_ARRAY(&table->arena, uint64_t, WEIR_FILE_SEGMENT_ROWS);
    if (!table->heads || !table->next || !hashes)
        return no_memory(table, error);
    for (uint32_t number = table->segments_count; number-- > 0;)
        index_segment(table, number, hashes);
    return WEIR_OK;
}

void weir_file_table_hash(const struct weir_file_table *table, const struct weir_batch *keys,
                          uint64_t *hashes)
{
    for (uint32_t k = 0; k < table->keys_count; k++)
        weir_column_hash(&keys->columns[k], NULL, keys->rows_count, HASH_SEED, k > 0, hashes);
}

uint32_t weir_file_table_find(const struct weir_file_table *table, const struct weir_batch *keys,
                              uint32_t lane, uint64_t hash, uint32_t after)
{
    uint32_t next = after == UINT32_MAX ? table->heads[hash & table->mask] : table->next[after];
    for (; next; next = table->next[next - 1]) {
        bool equal = true;
        for (uint32_t k = 0; k < table->keys_count && equal; k++) {
            struct weir_column column = column_of(table, next - 1, table->keys[k]);
            equal = weir_column_equals(&column, (next - 1) % WEIR_FILE_SEGMENT_ROWS,
                                       &keys->columns[k], lane);
        }
        if (equal)
            return next - 1;
    }
    return UINT32_MAX;
}

enum weir_status weir_file_table_take(const struct weir_file_table *table, uint32_t row,
                                      struct weir_builder *builders, struct weir_error *error)
{
    for (uint32_t c = 0; c < table->schema->fields_count; c++) {
        struct weir_column column = column_of(table, row, c);
        WEIR_TRY(weir_builder_append_range(&builders[c], &column, row % WEIR_FILE_SEGMENT_ROWS, 1,
                                           error));
    }
    return WEIR_OK;
}
