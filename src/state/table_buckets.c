/* Bucket arrays of a state table: entering, removing, and growing without a pause.
 *
 * Linear probing from the home bucket. Arrays up to 1 MiB are replaced at once. Beyond that a call
 * with n rows clears 1024·n bytes of the next array (ZEROING), and once that is done enters 8·n
 * rows of the old one into it, by ascending id (MIGRATING): rows are read in sequence, only the new
 * buckets are touched at random. The old array is filled to half when growth begins, so both
 * phases are long over before the new one is.
 *
 * Removal leaves a tombstone unless the next bucket is empty; tombstones count as used and vanish
 * with the next replacement, which keeps the size when most of the used buckets are tombstones. */
#include "state/table_internal.h"

#include <assert.h>

static uint32_t used_limit(const struct weir_state_table *table, uint32_t bits)
{
    if (bits <= TABLE_BITS_SPARSE)
        return UINT32_C(1) << (bits - 2);
    if (table->compact && bits >= TABLE_BITS_COMPACT)
        return UINT32_C(3) << (bits - 2);
    return UINT32_C(1) << (bits - 1);
}

static size_t slots_bytes(uint32_t bits)
{
    return sizeof(uint64_t) << bits;
}

static bool buckets_alloc(struct weir_state_table *table, uint32_t bits,
                          struct table_buckets *buckets)
{
    uint64_t *slots = table_alloc(table, slots_bytes(bits));
    if (!slots)
        return false;
    *buckets = (struct table_buckets){.slots = slots,
                                      .bytes_allocated = slots_bytes(bits),
                                      .bits = bits,
                                      .mask = (uint32_t)((UINT64_C(1) << bits) - 1)};
    return true;
}

static void buckets_free(struct weir_state_table *table, struct table_buckets *buckets)
{
    table_free(table, buckets->slots, buckets->bytes_allocated);
    *buckets = (struct table_buckets){0};
}

enum weir_status table_buckets_init(struct weir_state_table *table, struct weir_error *error)
{
    if (!buckets_alloc(table, TABLE_BITS_FIRST, &table->current))
        return weir_budget_error(table->budget, error);
    memset(table->current.slots, 0, slots_bytes(TABLE_BITS_FIRST));
    return WEIR_OK;
}

void table_buckets_deinit(struct weir_state_table *table)
{
    buckets_free(table, &table->current);
    buckets_free(table, &table->other);
}

/* A table that was once much larger keeps its memory but uses (and clears) only part of it. */
void table_buckets_clear(struct weir_state_table *table)
{
    struct table_buckets *current = &table->current;
    buckets_free(table, &table->other);
    table->growth = TABLE_IDLE;
    if (current->used)
        memset(current->slots, 0, slots_bytes(current->bits));
    while (current->bits > TABLE_BITS_SPARSE && table->live_count < current->mask / 16) {
        current->mask >>= 1;
        current->bits--;
    }
    current->used = 0;
}

static void slot_enter(struct table_buckets *buckets, uint8_t *row, uint32_t hash)
{
    uint32_t place = table_home(buckets, hash);
    while (buckets->slots[place] > TABLE_TOMBSTONE)
        place = (place + 1) & buckets->mask;
    buckets->used += buckets->slots[place] == 0;
    buckets->slots[place] = (uint64_t)(uintptr_t)row | table_tag(hash) << 48;
}

/* Enters the live rows of ids [move_next, to). */
static void move_rows(struct weir_state_table *table, uint32_t to)
{
    enum { AHEAD = 16 };
    for (uint32_t id = table->move_next; id < to; id++) {
        if (to - id > AHEAD) {
            struct table_row_header *next = table_header(table_row(table, id + AHEAD));
            if (next->id != TABLE_ID_NONE)
                __builtin_prefetch(&table->current.slots[table_home(&table->current, next->hash)],
                                   1);
        }
        uint8_t *row = table_row(table, id);
        struct table_row_header header = *table_header(row);
        if (header.id != TABLE_ID_NONE && id != table->null_id && !table_is_dense(table, row))
            slot_enter(&table->current, row, header.hash);
    }
    table->move_next = to;
    if (to == table->move_end) {
        buckets_free(table, &table->other);
        table->growth = TABLE_IDLE;
    }
}

static void migration_begin(struct weir_state_table *table)
{
    struct table_buckets old = table->current;
    table->current = table->other;
    table->other = old;
    table->growth = TABLE_MIGRATING;
    table->move_next = 0;
    table->move_end = table->ids_count;
}

static void zero_slots(struct weir_state_table *table, size_t bytes)
{
    size_t rest = slots_bytes(table->other.bits) - table->zeroed_bytes;
    if (bytes > rest)
        bytes = rest;
    memset((char *)table->other.slots + table->zeroed_bytes, 0, bytes);
    table->zeroed_bytes += bytes;
    if (bytes == rest)
        migration_begin(table);
}

static void growth_finish(struct weir_state_table *table)
{
    if (table->growth == TABLE_ZEROING)
        zero_slots(table, SIZE_MAX);
    if (table->growth == TABLE_MIGRATING)
        move_rows(table, table->move_end);
}

void table_buckets_advance(struct weir_state_table *table, uint32_t rows_count)
{
    if (WEIR_LIKELY(table->growth == TABLE_IDLE))
        return;
    if (table->growth == TABLE_ZEROING) {
        zero_slots(table, (size_t)rows_count * TABLE_ZERO_PER_ROW);
        return;
    }
    uint64_t to = (uint64_t)table->move_next + (uint64_t)rows_count * TABLE_MOVE_PER_ROW;
    move_rows(table, to < table->move_end ? (uint32_t)to : table->move_end);
}

static uint32_t next_bits(const struct weir_state_table *table)
{
    uint32_t bits = table->current.bits;
    if (table->live_count < used_limit(table, bits) / 2)
        return bits; /* tombstones */
    if (table->rows_hint > used_limit(table, bits + 1) && bits + 3 <= TABLE_BITS_MAX)
        return used_limit(table, bits + 2) >= table->rows_hint ? bits + 2 : bits + 3;
    if (bits + 2 <= TABLE_BITS_SPARSE)
        return bits + 2;
    return bits < TABLE_BITS_MAX ? bits + 1 : bits;
}

enum weir_status table_buckets_reserve(struct weir_state_table *table, struct weir_error *error)
{
    struct table_buckets *current = &table->current;
    uint32_t limit = used_limit(table, current->bits);
    if (WEIR_LIKELY(current->used < limit))
        return WEIR_OK;
    if (table->growth != TABLE_IDLE) {
        if (current->used < limit + limit / 4)
            return WEIR_OK;
        growth_finish(table); /* a call of many new keys; current may be the new array now */
        return table_buckets_reserve(table, error);
    }
    uint32_t bits = next_bits(table);
    if (bits == current->bits && table->live_count >= limit / 2)
        return table_full(table, error);
    if (!buckets_alloc(table, bits, &table->other))
        return weir_budget_error(table->budget, error);
    table->growth = TABLE_ZEROING;
    table->zeroed_bytes = 0;
    if (slots_bytes(bits) <= TABLE_AT_ONCE_BYTES)
        growth_finish(table);
    return WEIR_OK;
}

void table_buckets_enter(struct weir_state_table *table, uint8_t *row)
{
    slot_enter(&table->current, row, table_header(row)->hash);
}

static bool slot_remove(struct table_buckets *buckets, const uint8_t *row, uint32_t hash)
{
    uint32_t place = table_home(buckets, hash);
    uint64_t bucket = (uint64_t)(uintptr_t)row | table_tag(hash) << 48;
    while (buckets->slots[place] != bucket) {
        if (buckets->slots[place] == 0)
            return false;
        place = (place + 1) & buckets->mask;
    }
    bool last = buckets->slots[(place + 1) & buckets->mask] == 0;
    buckets->slots[place] = last ? 0 : TABLE_TOMBSTONE;
    buckets->used -= last;
    return true;
}

void table_buckets_remove(struct weir_state_table *table, uint8_t *row)
{
    uint32_t hash = table_header(row)->hash;
    bool found = slot_remove(&table->current, row, hash);
    if (table->growth == TABLE_MIGRATING)
        found |= slot_remove(&table->other, row, hash);
    assert(found); /* T1 */
    (void)found;
}

void table_prefetch_old(const struct weir_state_table *table, const uint32_t *hashes,
                        const uint16_t *misses, uint32_t misses_count)
{
    const struct table_buckets *old = &table->other;
    if (table->growth != TABLE_MIGRATING)
        return;
    for (uint32_t m = 0; m < misses_count; m++)
        __builtin_prefetch(&old->slots[table_home(old, hashes[misses[m]])]);
    for (uint32_t m = 0; m < misses_count; m++)
        __builtin_prefetch(table_candidate(old, hashes[misses[m]]), 1);
}

bool table_is_large(const struct weir_state_table *table)
{
    return slots_bytes(table->current.bits) + (size_t)table->ids_count * table->row_size >
           TABLE_PREFETCH_BYTES;
}
