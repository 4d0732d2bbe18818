/* Rows of one table looked for in another one with the same key types. Where both are dense a place
 * here is a place there but for the difference of their bases; otherwise their keys are made into
 * columns. Tested in tests/unit/state/test_table.c. */
#include "state/table_internal.h"

/* What a place of rows is less than the table's (modulo 2^32), if all are within its range. */
static bool places_match(const struct weir_state_table *table, const struct weir_table_rows *rows,
                         uint32_t *apart)
{
    if (!table->by_place || !table->dense.size || !table_id_is_place(rows->table, rows->ids[0]))
        return false;
    uint64_t difference = rows->table->dense.base - table->dense.base;
    uint64_t first = (rows->ids[0] & ~TABLE_PLACE_BIT) + difference;
    uint64_t last = (rows->ids[rows->count - 1] & ~TABLE_PLACE_BIT) + difference;
    *apart = (uint32_t)difference; /* ids ascend, so all are between these two */
    return first < table->dense.size && last < table->dense.size;
}

/* The bits of a word of places within [first, last]. */
static uint64_t bits_within(uint32_t word, uint32_t first, uint32_t last)
{
    uint64_t bits = UINT64_MAX;
    if (word == first / 64)
        bits &= UINT64_MAX << first % 64;
    if (word == last / 64)
        bits &= UINT64_MAX >> (63 - last % 64);
    return bits;
}

/* Makes the places that a scan of other has given, from first to last, and that are not here; true
 * when there were any. Without insert it only looks. A place there plus apart is the one here. */
static bool places_missing(struct weir_state_table *table, const struct table_dense *other,
                           uint32_t first, uint32_t last, uint32_t apart, bool insert)
{
    uint64_t any = 0;
    const uint64_t *here = table->dense.bits + (first + apart) / 64;
    for (uint32_t word = first / 64; word <= last / 64; word++) {
        uint64_t theirs = other->bits[word] & bits_within(word, first, last);
        uint64_t missing = theirs & ~here[word - first / 64];
        any |= missing;
        for (; insert && missing; missing &= missing - 1) {
            uint32_t place = word * 64 + (uint32_t)__builtin_ctzll(missing) + apart;
            (void)table_dense_insert(table, place, TABLE_ID_NONE);
        }
    }
    return any;
}

static void match_places(struct weir_state_table *table, const struct weir_table_rows *rows,
                         uint32_t apart, bool insert, uint8_t **payloads)
{
    const struct table_dense dense = table->dense;
    const uint32_t *ids = rows->ids;
    uint32_t first = ids[0] & ~TABLE_PLACE_BIT, last = ids[rows->count - 1] & ~TABLE_PLACE_BIT;
    for (uint32_t i = 0; i < rows->count; i++)
        payloads[i] = table_place_payload(&dense, ids[i] + apart);
    bool missing = places_missing(table, &rows->table->dense, first, last, apart, insert);
    for (uint32_t i = 0; missing && !insert && i < rows->count; i++)
        if (!weir_bit_get(dense.bits, (ids[i] + apart) & ~TABLE_PLACE_BIT))
            payloads[i] = NULL;
}

enum weir_status weir_state_table_match(struct weir_state_table *table,
                                        const struct weir_table_rows *rows, bool insert,
                                        uint8_t **payloads, uint32_t *found,
                                        struct weir_error *error)
{
    uint32_t apart = 0;
    if (rows->count == 0)
        return WEIR_OK;
    if (places_match(table, rows, &apart)) {
        match_places(table, rows, apart, insert, payloads);
        for (uint32_t i = 0; found && i < rows->count; i++)
            found[i] = payloads[i] ? (rows->ids[i] + apart) | TABLE_PLACE_BIT : TABLE_ID_NONE;
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

/* ---- side by side ---- */

enum { BLOCK = 64, FULL_ENOUGH = 8 /* places for each row: fewer are looked for one by one */ };

/* The first block of from at or after place that has rows; false: there is none. */
static bool next_rows(const struct table_dense *from, uint64_t *place)
{
    for (; *place < from->size; *place += BLOCK)
        if (from->bits[*place / BLOCK])
            return true;
    return false;
}

bool weir_state_table_block(struct weir_state_table *into, const struct weir_state_table *from,
                            uint32_t *cursor, bool insert, struct weir_table_block *block)
{
    const struct table_dense *theirs = &from->dense, *ours = &into->dense;
    bool at_places = *cursor & TABLE_PLACE_BIT || *cursor >= from->ids_count;
    uint64_t place = *cursor & TABLE_PLACE_BIT ? *cursor & ~TABLE_PLACE_BIT : 0;
    if (!into->by_place || !from->by_place || !at_places || place % BLOCK ||
        theirs->live < theirs->size / FULL_ENOUGH || !next_rows(theirs, &place))
        return false;
    uint64_t here = theirs->base + place - ours->base;
    if (here >= ours->size || ours->size - here < BLOCK)
        return false;
    uint64_t rows = theirs->bits[place / BLOCK], missing = rows & ~ours->bits[here / BLOCK];
    if (missing && !insert)
        return false;
    if (missing) {
        uint32_t count = (uint32_t)__builtin_popcountll(missing);
        table_place_begin(ours, here);
        ours->bits[here / BLOCK] |= rows;
        into->dense.live += count;
        into->live_count += count;
    }
    *cursor = (uint32_t)(place + BLOCK) | TABLE_PLACE_BIT;
    *block = (struct weir_table_block){.into = ours->payloads + here * ours->stride,
                                       .from = theirs->payloads + place * theirs->stride,
                                       .into_step = ours->stride,
                                       .from_step = theirs->stride,
                                       .count = BLOCK,
                                       .groups = rows,
                                       .first = (uint32_t)here | TABLE_PLACE_BIT};
    return true;
}
