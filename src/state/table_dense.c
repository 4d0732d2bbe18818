/* Dense words: rows found by their word alone.
 *
 * Identifiers, dictionary codes and small numbers fill a range well. Over such a range payloads
 * stand in an array by word, so that an access is one address computed and one cache line, without
 * a hash, a bucket, a tag or a comparison; a bit per word says whether there is a row.
 *
 *     word - base = place ─▶ bit: is there a row?    ─▶ payload     rows themselves (word, id) are
 *                        └─▶ id, when it is asked for               appended as ever, in order of
 *                                                                   first appearance
 *
 * Whether the words seen so far fill their range is looked at when their number has doubled, at the
 * beginning of a call, since payloads move then: the arrays may then
 * have 96 bytes for each row there is. Words out of range are in buckets as ever. Nothing fails
 * when there is no memory for it.
 *
 * Keys in a row are the common case of state that grows large. Compact tables take addresses for
 * 512 MiB once they have some thousand rows, and then places are added behind the last one as words
 * come that need them: nothing is copied, however large they become.
 *
 * Tables whose ids are by place have no rows for dense words, and no ids of their own: payload and
 * bit are all there is of a row, and what is scanned is the bits.
 *
 *     D1 a live row whose word is in range has its bit, its id and its payload in the arrays, and
 * is in no bucket
 *     D2 by_place: among 64 places (as of a word of bits) of which some have a row, the payloads of
 * the others are zeros; so sums over all 64 need not look at bits (table_match.c)
 *
 * Tested in tests/unit/state/test_table.c. */
#include "state/table_internal.h"

#include <assert.h>

enum {
    CHECK_FIRST = 256,
    BYTES_PER_ROW = 96,
    ROOM_DIVISOR = 8, /* an eighth of the range is left free on either side */
    PLACES_MAX = 1 << 22,
    STRIDE_MAX = 64,
    WHOLE_FROM = 24, /* of 64 places; fewer are looked for one by one */
    /* Of compact tables: */
    COMPACT_BYTES_PER_ROW = 32, /* not more than buckets would have */
    RESERVE_FROM = 1 << 14,     /* places: from here on the arrays grow in place, */
    RESERVED_BYTES = 512 << 20, /* up to so many bytes */
    ROOM_LEAST = 4 * WEIR_BATCH_ROWS_MAX
};

static size_t words_of(uint64_t size)
{
    return (size_t)(size + 63) / 64;
}

static size_t payloads_bytes(const struct table_dense *dense, uint64_t size)
{
    return words_of(size) * 64 * dense->stride;
}

static size_t arrays_bytes(const struct table_dense *dense, uint64_t size)
{
    return (size_t)size * dense->place_size + words_of(size) * sizeof *dense->bits;
}

static void free_arrays(struct weir_state_table *table, struct table_dense *dense)
{
    weir_free_aligned(dense->payloads, payloads_bytes(dense, dense->capacity));
    weir_free_aligned(dense->ids, (size_t)dense->capacity * sizeof *dense->ids);
    weir_free_aligned(dense->bits, words_of(dense->capacity) * sizeof *dense->bits);
    weir_budget_release(table->budget, arrays_bytes(dense, dense->size));
    dense->payloads = NULL;
    dense->ids = NULL;
    dense->bits = NULL;
    dense->size = dense->capacity = 0;
}

/* Compact tables that are no longer small get addresses for all places that they will have: memory
 * is there only for those that are written. */
static uint64_t capacity_for(const struct weir_state_table *table, const struct table_dense *dense,
                             uint64_t size)
{
    uint64_t most = (uint64_t)RESERVED_BYTES / dense->place_size;
    return table->compact && size >= RESERVE_FROM && most > size ? most : size;
}

static bool alloc_arrays(struct weir_state_table *table, struct table_dense *dense, uint64_t base,
                         uint64_t size)
{
    dense->base = base;
    dense->payloads = NULL;
    dense->ids = NULL;
    dense->bits = NULL;
    dense->size = dense->capacity = 0;
    dense->nearest = UINT64_MAX;
    if (!weir_budget_charge(table->budget, arrays_bytes(dense, size)))
        return false;
    dense->size = size;
    dense->capacity = capacity_for(table, dense, size);
    dense->payloads = weir_malloc_aligned(payloads_bytes(dense, dense->capacity));
    if (!table->by_place)
        dense->ids = weir_malloc_aligned((size_t)dense->capacity * sizeof *dense->ids);
    dense->bits = weir_malloc_aligned(words_of(dense->capacity) * sizeof *dense->bits);
    if (dense->payloads && (dense->ids || table->by_place) && dense->bits) {
        memset(dense->bits, 0, words_of(size) * sizeof *dense->bits);
        dense->least = (int64_t)base; /* the next arrays are over these too */
        dense->greatest = (int64_t)(base + size - 1);
        return true;
    }
    free_arrays(table, dense);
    return false;
}

void table_dense_init(struct weir_state_table *table, const struct weir_state_table *like)
{
    struct table_dense *dense = &table->dense;
    uint32_t alignment = table->payload_size > 8 ? 16 : 8;
    dense->stride = (table->payload_size + alignment - 1) & ~(alignment - 1);
    dense->stride = dense->stride ? dense->stride : 8;
    dense->place_size = dense->stride + (table->by_place ? 0 : (uint32_t)sizeof *dense->ids);
    dense->least = INT64_MAX;
    dense->greatest = INT64_MIN;
    bool never = table->collide || table->mode != TABLE_WORD || dense->stride > STRIDE_MAX;
    dense->check_at = never ? UINT32_MAX : CHECK_FIRST;
    if (never || !like || like->mode != TABLE_WORD || !like->dense.size)
        return;
    (void)alloc_arrays(table, dense, like->dense.base, like->dense.size);
}

void table_dense_deinit(struct weir_state_table *table)
{
    free_arrays(table, &table->dense);
}

void table_dense_clear(struct weir_state_table *table)
{
    struct table_dense *dense = &table->dense;
    bool is_unused = table->by_place && dense->live == 0 && table->live_count > 0;
    dense->live = 0;
    dense->nearest = UINT64_MAX;
    if (is_unused) { /* keys have moved on, to another range perhaps */
        free_arrays(table, dense);
        dense->least = INT64_MAX;
        dense->greatest = INT64_MIN;
        dense->check_at = dense->check_at == UINT32_MAX ? UINT32_MAX : CHECK_FIRST;
    }
    if (dense->bits)
        memset(table->dense.bits, 0, words_of(table->dense.size) * sizeof *table->dense.bits);
}

/* Whether there are rows enough for arrays of so many places. */
static bool fills(const struct weir_state_table *table, uint64_t places)
{
    uint64_t each = table->compact && places > RESERVE_FROM ? COMPACT_BYTES_PER_ROW : BYTES_PER_ROW;
    return places * table->dense.place_size < (uint64_t)table->live_count * each;
}

uint8_t *table_dense_insert(struct weir_state_table *table, uint64_t place, uint32_t id)
{
    struct table_dense *dense = &table->dense;
    uint8_t *payload = dense->payloads + place * dense->stride;
    if (table->by_place) {
        table_place_begin(dense, place);
        dense->live++;
        table->live_count++;
    } else {
        for (uint32_t i = 0; i < dense->stride; i += 8)
            memset(payload + i, 0, 8); /* by words: strides are short */
        dense->ids[place] = id;
    }
    weir_bit_set(dense->bits, (uint32_t)place);
    return payload;
}

void table_dense_remove(struct weir_state_table *table, uint64_t place)
{
    weir_bit_clear(table->dense.bits, (uint32_t)place);
    if (table->by_place) {
        memset(table->dense.payloads + place * table->dense.stride, 0, table->dense.stride);
        table->dense.live--;
        table->live_count--;
    }
}

/* Places of the bits of a word, at most max; *bits keeps the others. */
static uint32_t scan_single(uint64_t *bits, uint32_t first, uint32_t *ids, uint32_t max)
{
    uint32_t count = 0;
    for (; *bits && count < max; *bits &= *bits - 1)
        ids[count++] = first + (uint32_t)__builtin_ctzll(*bits);
    return count;
}

/* The same without a branch for each, for 64 places that most are there of. ids has room for 64. */
static uint32_t scan_whole(uint64_t bits, uint32_t first, uint32_t *ids)
{
    uint32_t count = 0;
    if (bits == UINT64_MAX) {
        for (uint32_t i = 0; i < 64; i++)
            ids[i] = first + i;
        return 64;
    }
    for (uint32_t i = 0; i < 64; i++) {
        ids[count] = first + i;
        count += bits >> i & 1;
    }
    return count;
}

uint32_t table_dense_scan(const struct weir_state_table *table, uint32_t *cursor, uint32_t *ids,
                          uint32_t max)
{
    const struct table_dense *dense = &table->dense;
    uint32_t place = *cursor & ~TABLE_PLACE_BIT, count = 0;
    while (place < dense->size && count < max) {
        uint32_t first = place & ~63u;
        uint64_t bits = dense->bits[place / 64] & UINT64_MAX << place % 64;
        if (max - count >= 64 && __builtin_popcountll(bits) >= WHOLE_FROM) {
            count += scan_whole(bits, first | TABLE_PLACE_BIT, ids + count);
            place = first + 64;
            continue;
        }
        count += scan_single(&bits, first | TABLE_PLACE_BIT, ids + count, max - count);
        place = bits ? first + (uint32_t)__builtin_ctzll(bits) : first + 64;
    }
    *cursor = place | TABLE_PLACE_BIT;
    return count;
}

/* by_place: what the arrays hold into wider ones. */
static void move_places(const struct table_dense *from, const struct table_dense *made)
{
    for (uint64_t word = 0; word < words_of(from->size); word++)
        for (uint64_t rest = from->bits[word]; rest; rest &= rest - 1) {
            uint64_t place = word * 64 + (uint64_t)__builtin_ctzll(rest);
            uint64_t to = place + (from->base - made->base);
            table_place_begin(made, to);
            memcpy(made->payloads + to * made->stride, from->payloads + place * from->stride,
                   from->stride);
            weir_bit_set(made->bits, (uint32_t)to);
        }
}

/* by_place: rows that have become places; the NULL key's stays, as the first. */
static void drop_rows(struct weir_state_table *table)
{
    uint8_t kept[STRIDE_MAX];
    bool has_null = table->null_id != TABLE_ID_NONE;
    if (has_null)
        memcpy(kept, table_row(table, table->null_id) + table->payload_offset, table->payload_size);
    table->dense.live = table->live_count - has_null;
    table->live_count = table->dense.live;
    table->ids_count = 0;
    table->free_id = table->null_id = TABLE_ID_NONE;
    if (!has_null)
        return;
    uint8_t *row = table_row_create(table, 0);
    assert(row); /* there is a chunk already */
    table->null_id = row_id(row);
    memcpy(row + table->payload_offset, kept, table->payload_size);
}

/* Every live row into arrays over all words seen; the buckets are empty then. */
static void widen(struct weir_state_table *table, uint64_t range)
{
    struct table_dense made = table->dense;
    uint64_t room = range / ROOM_DIVISOR;
    uint64_t base = (uint64_t)made.least - room; /* of words: it may wrap around */
    uint64_t size = range + 2 * room;
    if (table->by_place) { /* tables differ by whole words of bits: table_match.c */
        size = (size + base % 64 + 63) / 64 * 64;
        base -= base % 64;
    }
    if (!alloc_arrays(table, &made, base, size))
        return;
    if (table->by_place)
        move_places(&table->dense, &made);
    for (uint32_t id = 0; id < table->ids_count; id++) {
        uint8_t *row = table_row(table, id);
        if (table_header(row)->id == TABLE_ID_NONE || id == table->null_id)
            continue;
        uint64_t place = table_row_word(row) - base;
        if (table->by_place)
            table_place_begin(&made, place);
        memcpy(made.payloads + place * made.stride, table_payload(table, row), table->payload_size);
        if (made.ids)
            made.ids[place] = id;
        weir_bit_set(made.bits, (uint32_t)place);
    }
    free_arrays(table, &table->dense);
    table->dense = made;
    table_buckets_clear(table);
    if (table->by_place)
        drop_rows(table);
}

bool table_dense_extend(struct weir_state_table *table, uint64_t place)
{
    struct table_dense *dense = &table->dense;
    uint64_t room = place / ROOM_DIVISOR;
    uint64_t size = place + 1 + (room < ROOM_LEAST ? ROOM_LEAST : room);
    if (size > dense->capacity)
        size = dense->capacity;
    if (size > dense->nearest)
        size = dense->nearest;
    if (place >= size || !fills(table, size) ||
        !weir_budget_charge(table->budget,
                            arrays_bytes(dense, size) - arrays_bytes(dense, dense->size)))
        return false;
    size_t words = words_of(dense->size);
    memset(dense->bits + words, 0, (words_of(size) - words) * sizeof *dense->bits);
    dense->size = size;
    dense->greatest = (int64_t)(dense->base + size - 1);
    return true;
}

void table_dense_consider(struct weir_state_table *table)
{
    struct table_dense *dense = &table->dense;
    dense->check_at = table->live_count < UINT32_MAX / 2 ? table->live_count * 2 : UINT32_MAX;
    uint64_t range = (uint64_t)dense->greatest - (uint64_t)dense->least;
    bool covered = dense->size && (uint64_t)dense->least - dense->base < dense->size &&
                   (uint64_t)dense->greatest - dense->base < dense->size;
    uint64_t most = table->compact ? RESERVE_FROM * 2 : PLACES_MAX / 2;
    if (!covered && range < most && fills(table, range))
        widen(table, range + 1);
    if (dense->capacity > dense->size)
        dense->check_at = UINT32_MAX; /* it grows in place */
}
