/* Rows of one table looked for in another one with the same key types. Where both are dense a place
 * here is a place there but for the difference of their bases; otherwise their keys are made into
 * columns. Tested in tests/unit/state/test_table.c. */
#include "state/table_internal.h"

/* The distance from places of rows to those of the table, if all are within its range. */
static bool places_match(const struct weir_state_table *table, const struct weir_table_rows *rows,
                         uint32_t *shift)
{
    if (!table->by_place || !table->dense.size || !table_id_is_place(rows->table, rows->ids[0]))
        return false;
    uint64_t apart = rows->table->dense.base - table->dense.base;
    uint64_t first = (rows->ids[0] & ~TABLE_PLACE_BIT) + apart;
    uint64_t last = (rows->ids[rows->count - 1] & ~TABLE_PLACE_BIT) + apart;
    *shift = (uint32_t)apart; /* ids ascend, so all are between these two */
    return first < table->dense.size && last < table->dense.size;
}

static uint32_t places_present(const struct table_dense *dense, const uint32_t *ids, uint32_t count,
                               uint32_t shift)
{
    uint32_t present = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = (ids[i] + shift) & ~TABLE_PLACE_BIT;
        present += dense->bits[place / 64] >> place % 64 & 1;
    }
    return present;
}

static void match_places(struct weir_state_table *table, const struct weir_table_rows *rows,
                         uint32_t shift, bool insert, uint8_t **payloads)
{
    const struct table_dense dense = table->dense;
    const uint32_t *ids = rows->ids;
    for (uint32_t i = 0; i < rows->count; i++)
        payloads[i] = table_place_payload(&dense, ids[i] + shift);
    if (places_present(&dense, ids, rows->count, shift) == rows->count)
        return;
    for (uint32_t i = 0; i < rows->count; i++) {
        uint32_t place = (ids[i] + shift) & ~TABLE_PLACE_BIT;
        if (weir_bit_get(dense.bits, place))
            continue;
        payloads[i] = insert ? table_dense_insert(table, place, TABLE_ID_NONE) : NULL;
    }
}

enum weir_status weir_state_table_match(struct weir_state_table *table,
                                        const struct weir_table_rows *rows, bool insert,
                                        uint8_t **payloads, uint32_t *found,
                                        struct weir_error *error)
{
    uint32_t shift = 0;
    if (rows->count == 0)
        return WEIR_OK;
    if (places_match(table, rows, &shift)) {
        match_places(table, rows, shift, insert, payloads);
        for (uint32_t i = 0; found && i < rows->count; i++)
            found[i] = payloads[i] ? (rows->ids[i] + shift) | TABLE_PLACE_BIT : TABLE_ID_NONE;
        return WEIR_OK;
    }
    struct weir_column *keys =
        WEIR_ARENA_ARRAY(rows->arena, struct weir_column, table->keys_count + 1);
    if (!keys)
        return weir_budget_error(rows->arena->budget, error);
    for (uint32_t k = 0; k < table->keys_count; k++)
        WEIR_TRY(weir_state_table_keys(rows->table, k, rows->ids, rows->count, rows->arena,
                                       &keys[k], error));
    return insert ? weir_state_table_upsert(table, keys, NULL, rows->count, payloads, found, error)
                  : weir_state_table_find(table, keys, NULL, rows->count, payloads, found, error);
}
