/* The TEXT path: one key of bytes, kept as a 16-byte view. Phases as in table_word.c.
 *
 * A view of up to 12 bytes is hashed and compared as two words; only longer ones touch their
 * bytes. A dictionary column looks up each code once per batch. */
#include "state/table_internal.h"

enum { BUCKETS_AHEAD = 32, ROWS_AHEAD = 32, CODES_MAX = 256 };

static inline uint32_t short_hash(uint64_t seed, const struct weir_view *view)
{
    uint64_t head, tail;
    memcpy(&head, view, sizeof head);
    memcpy(&tail, (const char *)view + 8, sizeof tail);
    return (uint32_t)(weir_hash_mum(head ^ seed ^ WEIR_HASH_K0, tail ^ WEIR_HASH_K1) >> 32);
}

static inline uint32_t view_hash(const struct weir_state_table *table, const struct weir_view *view)
{
    if (table->collide)
        return 0;
    if (view->size > WEIR_VIEW_INLINE_MAX)
        return (uint32_t)(weir_hash_bytes(view->body.far.data, view->size, table->seed) >> 32);
    return short_hash(table->seed, view);
}

static inline const struct weir_view *row_view(const uint8_t *row)
{
    return (const struct weir_view *)(const void *)(row + TABLE_HEADER_SIZE);
}

static uint8_t *probe_view(const struct table_buckets *buckets, uint32_t hash,
                           const struct weir_view *view)
{
    uint64_t tag = table_tag(hash);
    for (uint32_t place = table_home(buckets, hash);; place = (place + 1) & buckets->mask) {
        uint64_t bucket = buckets->slots[place];
        if (bucket >> 48 == tag && weir_view_equals(row_view(table_bucket_row(bucket)), view))
            return table_bucket_row(bucket);
        if (bucket == 0)
            return NULL;
    }
}

static enum weir_status view_row(const struct table_access *access, const struct weir_view *view,
                                 uint8_t **row, struct weir_error *error)
{
    struct weir_state_table *table = access->table;
    uint32_t hash = view_hash(table, view);
    *row = probe_view(&table->current, hash, view);
    if (!*row && table->growth == TABLE_MIGRATING)
        *row = probe_view(&table->other, hash, view);
    if (*row || !access->insert)
        return WEIR_OK;
    WEIR_TRY(table_buckets_reserve(table, error));
    *row = table_row_create(table, hash);
    if (!*row)
        return table_full(table, error);
    if (!table_text_copy(table, view, (struct weir_view *)(void *)(*row + TABLE_HEADER_SIZE))) {
        table_row_free(table, *row);
        return table_full(table, error);
    }
    table_buckets_enter(table, *row);
    return WEIR_OK;
}

static enum weir_status lane_row(const struct table_access *access, uint32_t lane, uint8_t **row,
                                 struct weir_error *error)
{
    const struct weir_column *column = access->keys;
    if (weir_column_is_null(column, lane))
        return table_null_row(access, row, error);
    const struct weir_view *views = column->values;
    return view_row(access, &views[weir_column_index(column, lane)], row, error);
}

/* A few codes for many lanes. */
static enum weir_status access_codes(const struct table_access *access, struct weir_error *error)
{
    const struct weir_column *column = access->keys;
    uint8_t *rows[CODES_MAX];
    bool known[CODES_MAX] = {false};
    for (uint32_t i = 0; i < access->count; i++) {
        uint32_t lane = table_lane(access, i);
        uint32_t code = column->encoding == WEIR_CONSTANT ? 0 : column->codes[lane];
        uint8_t *row;
        if (column->validity && weir_column_is_null(column, lane)) {
            WEIR_TRY(table_null_row(access, &row, error));
        } else {
            if (!known[code])
                WEIR_TRY(lane_row(access, lane, &rows[code], error));
            known[code] = true;
            row = rows[code];
        }
        access->payloads[i] = row ? row + access->table->payload_offset : NULL;
    }
    return WEIR_OK;
}

/* What the first pass leaves to be walked. */
struct text_pass {
    uint32_t hashes[WEIR_BATCH_ROWS_MAX];
    uint16_t misses[WEIR_BATCH_ROWS_MAX];
    uint32_t misses_count;
};

static void hash_views(const struct table_access *access, const struct weir_view *views,
                       struct text_pass *pass)
{
    const uint64_t seed = access->table->seed;
    const uint16_t *selection = access->selection;
    uint32_t any_long = access->table->collide;
    for (uint32_t i = 0; i < access->count; i++) {
        const struct weir_view *view = &views[selection ? selection[i] : i];
        any_long |= view->size > WEIR_VIEW_INLINE_MAX;
        pass->hashes[i] = short_hash(seed, view);
    }
    for (uint32_t i = 0; any_long && i < access->count; i++)
        pass->hashes[i] = view_hash(access->table, &views[table_lane(access, i)]);
}

static inline bool is_row_of(const struct weir_column *column, uint32_t lane, uint8_t *row)
{
    const struct weir_view *views = column->values;
    return row && weir_view_equals(row_view(row), &views[lane]) &&
           (!column->validity || weir_bit_get(column->validity, lane));
}

/* Compares the views as words; only those that are longer and begin alike look at their bytes. */
static inline bool views_equal(const struct weir_view *a, const struct weir_view *b)
{
    uint64_t a_words[2], b_words[2];
    memcpy(a_words, a, sizeof a_words);
    memcpy(b_words, b, sizeof b_words);
    if (WEIR_UNLIKELY(a->size > WEIR_VIEW_INLINE_MAX))
        return weir_view_equals(a, b);
    return ((a_words[0] ^ b_words[0]) | (a_words[1] ^ b_words[1])) == 0;
}

/* A table in cache: the home bucket and the one behind it, without a branch that the keys decide.
 */
static void probe_near(const struct table_access *access, struct text_pass *pass)
{
    static const struct {
        uint64_t header, words[2];
    } no_row;
    const struct table_buckets buckets = access->table->current;
    const struct weir_column *column = access->keys;
    const struct weir_view *views = column->values;
    const uint64_t *validity = column->validity;
    const uint16_t *selection = access->selection;
    uint8_t **payloads = access->payloads;
    uint32_t payload_offset = access->table->payload_offset, misses_count = 0;
    for (uint32_t i = 0, count = access->count; i < count; i++) {
        uint32_t lane = selection ? selection[i] : i;
        uint32_t hash = pass->hashes[i], place = table_home(&buckets, hash);
        /* Without its tag a bucket is an address, if the tag is the right one. */
        uint64_t tag = table_tag(hash) << 48, row = buckets.slots[place] ^ tag;
        uint64_t next = buckets.slots[(place + 1) & buckets.mask] ^ tag;
        uint64_t is_home = -(uint64_t)(row <= TABLE_ADDRESS_MASK);
        row = (row & is_home) | (next & ~is_home);
        uint64_t found = -(uint64_t)(row <= TABLE_ADDRESS_MASK);
        row = (row & found) | ((uintptr_t)&no_row & ~found);
        bool hit = found & 1;
        hit &= views_equal(&views[lane], row_view((uint8_t *)(uintptr_t)row));
        if (validity)
            hit &= weir_bit_get(validity, lane);
        payloads[i] = (uint8_t *)(uintptr_t)row + payload_offset;
        pass->misses[misses_count] = (uint16_t)i;
        misses_count += !hit;
    }
    pass->misses_count = misses_count;
}

/* A table beyond the cache, in steps that run ahead of each other (as in table_word.c). */
static void probe_far(const struct table_access *access, struct text_pass *pass)
{
    const struct table_buckets *buckets = &access->table->current;
    uint32_t count = access->count, misses_count = 0;
    uint8_t *rows[WEIR_BATCH_ROWS_MAX];
    for (uint32_t i = 0; i < count + BUCKETS_AHEAD + ROWS_AHEAD; i++) {
        uint32_t walk = i - BUCKETS_AHEAD, compare = walk - ROWS_AHEAD;
        if (i < count)
            __builtin_prefetch(&buckets->slots[table_home(buckets, pass->hashes[i])]);
        if (walk < count) {
            rows[walk] = table_candidate(buckets, pass->hashes[walk]);
            __builtin_prefetch(rows[walk], 1);
        }
        if (compare < count) {
            uint8_t *row = rows[compare];
            bool hit = is_row_of(access->keys, table_lane(access, compare), row);
            access->payloads[compare] = row ? row + access->table->payload_offset : NULL;
            pass->misses[misses_count] = (uint16_t)compare;
            misses_count += !hit;
        }
    }
    pass->misses_count = misses_count;
    table_prefetch_old(access->table, pass->hashes, pass->misses, misses_count);
}

enum weir_status table_access_texts(const struct table_access *access, struct weir_error *error)
{
    const struct weir_column *column = access->keys;
    struct text_pass pass;
    pass.misses_count = 0;
    if (column->encoding == WEIR_CONSTANT ||
        (column->encoding == WEIR_DICTIONARY && column->values_count <= CODES_MAX))
        return access_codes(access, error);
    if (column->encoding == WEIR_FLAT) {
        hash_views(access, column->values, &pass);
        if (table_is_large(access->table))
            probe_far(access, &pass);
        else
            probe_near(access, &pass);
    } else {
        for (uint32_t i = 0; i < access->count; i++)
            pass.misses[pass.misses_count++] = (uint16_t)i;
    }
    for (uint32_t m = 0; m < pass.misses_count; m++) {
        uint32_t i = pass.misses[m];
        uint8_t *row;
        WEIR_TRY(lane_row(access, table_lane(access, i), &row, error));
        access->payloads[i] = row ? row + access->table->payload_offset : NULL;
    }
    return WEIR_OK;
}
