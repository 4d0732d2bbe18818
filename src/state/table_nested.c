/* Keys of nested types (LIST, STRUCT, MAP).
 *
 * Two forms are kept: the sort key's bytes, which are equal exactly when the values are, for
 * hashing and comparing; and the value as it was first seen, in a builder whose lane the row knows.
 * Deleted rows leave their lane behind; when more than half is dead the builder is made anew in the
 * other of two arenas. */
#include "state/table_internal.h"

enum { COMPACT_FROM = 1024, ARENA_CHUNK_SIZE = 16 << 10 };

enum weir_status table_nested_create(struct weir_state_table *table, struct table_key *key,
                                     struct weir_error *error)
{
    struct table_nested *nested = table_alloc(table, sizeof *nested);
    if (!nested)
        return weir_budget_error(table->budget, error);
    memset(nested, 0, sizeof *nested);
    weir_arena_init(&nested->arenas[0], table->budget, ARENA_CHUNK_SIZE);
    weir_arena_init(&nested->arenas[1], table->budget, ARENA_CHUNK_SIZE);
    weir_buffer_init(&nested->bytes, table->budget);
    key->nested = nested;
    nested->views = table_alloc(table, WEIR_BATCH_ROWS_MAX * sizeof *nested->views);
    if (!nested->views)
        return weir_budget_error(table->budget, error);
    return weir_builder_init(&nested->builder, key->type, &nested->arenas[0], error);
}

void table_nested_destroy(struct weir_state_table *table, struct table_key *key)
{
    struct table_nested *nested = key->nested;
    if (!nested)
        return;
    weir_buffer_deinit(&nested->bytes);
    weir_arena_deinit(&nested->arenas[0]);
    weir_arena_deinit(&nested->arenas[1]);
    table_free(table, nested->views, WEIR_BATCH_ROWS_MAX * sizeof *nested->views);
    table_free(table, nested, sizeof *nested);
    key->nested = NULL;
}

uint32_t table_nested_lane(const struct table_key *key, const uint8_t *row)
{
    uint32_t lane;
    memcpy(&lane, row + key->offset + sizeof(struct weir_view), sizeof lane);
    return lane;
}

static void set_lane(const struct table_key *key, uint8_t *row, uint32_t lane)
{
    memcpy(row + key->offset + sizeof(struct weir_view), &lane, sizeof lane);
}

enum weir_status table_nested_append(const struct table_access *access, uint32_t key, uint32_t lane,
                                     uint8_t *row, struct weir_error *error)
{
    struct table_key *at = &access->table->keys[key];
    uint16_t selection = (uint16_t)lane;
    set_lane(at, row, at->nested->builder.rows_count);
    return weir_builder_append_lanes(&at->nested->builder, &access->keys[key], &selection, 1,
                                     error);
}

/* Appends the values of the rows ids[0 … count) to builder. */
static enum weir_status copy_values(struct weir_state_table *table, struct table_key *key,
                                    const uint32_t *ids, uint32_t count,
                                    struct weir_builder *builder, struct weir_error *error)
{
    uint32_t lanes[WEIR_BATCH_ROWS_MAX];
    struct weir_arena scratch;
    struct weir_column all = weir_builder_column(&key->nested->builder), some;
    for (uint32_t i = 0; i < count; i++)
        lanes[i] = table_nested_lane(key, table_row(table, ids[i]));
    weir_arena_init(&scratch, table->budget, 0);
    enum weir_status status = weir_column_gather(&all, lanes, count, &scratch, &some, error);
    if (status == WEIR_OK)
        status = weir_builder_append_lanes(builder, &some, NULL, count, error);
    weir_arena_deinit(&scratch);
    return status;
}

static enum weir_status compact(struct weir_state_table *table, struct table_key *key,
                                struct weir_error *error)
{
    struct table_nested *nested = key->nested;
    struct weir_arena *arena = &nested->arenas[!nested->active];
    uint32_t ids[WEIR_BATCH_ROWS_MAX], cursor = 0, count, lane = 0;
    struct weir_builder builder;
    weir_arena_reset(arena);
    WEIR_TRY(weir_builder_init(&builder, key->type, arena, error));
    while ((count = weir_state_table_scan(table, &cursor, ids, WEIR_BATCH_ROWS_MAX)) > 0)
        WEIR_TRY(copy_values(table, key, ids, count, &builder, error));
    cursor = 0;
    while ((count = weir_state_table_scan(table, &cursor, ids, WEIR_BATCH_ROWS_MAX)) > 0)
        for (uint32_t i = 0; i < count; i++)
            set_lane(key, table_row(table, ids[i]), lane++);
    weir_arena_reset(&nested->arenas[nested->active]);
    nested->active = !nested->active;
    nested->builder = builder;
    return WEIR_OK;
}

enum weir_status table_nested_prepare(const struct table_access *access, uint32_t key,
                                      struct weir_error *error)
{
    struct table_key *at = &access->table->keys[key];
    struct table_nested *nested = at->nested;
    const struct weir_column *column = &access->keys[key];
    const struct weir_sort_order order = {false, false};
    size_t starts[WEIR_BATCH_ROWS_MAX + 1];
    if (nested->stale) {
        weir_arena_reset(&nested->arenas[nested->active]);
        WEIR_TRY(
            weir_builder_init(&nested->builder, at->type, &nested->arenas[nested->active], error));
        nested->stale = false;
    }
    if (nested->builder.rows_count > 2 * (uint64_t)access->table->live_count + COMPACT_FROM)
        WEIR_TRY(compact(access->table, at, error));
    weir_buffer_clear(&nested->bytes);
    for (uint32_t i = 0; i < access->count; i++) {
        starts[i] = nested->bytes.size;
        weir_column_sort_key(column, table_lane(access, i), order, &nested->bytes);
    }
    starts[access->count] = nested->bytes.size;
    if (nested->bytes.failed)
        return weir_budget_error(access->table->budget, error);
    for (uint32_t i = 0; i < access->count; i++)
        nested->views[table_lane(access, i)] =
            weir_view_make(nested->bytes.data + starts[i], starts[i + 1] - starts[i]);
    return WEIR_OK;
}
