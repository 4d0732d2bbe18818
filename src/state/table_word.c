/* The WORD path: one key whose equality is that of its bits, at most 8 bytes wide.
 *
 *     words ─▶ hash ─▶ home bucket ─▶ tag equal? ─▶ row's word equal? ─▶ payload
 *                                        no │             no │
 *                                           └── misses ◀─────┘   (indexes, ascending)
 *
 * The first pass looks at two buckets per key when the table is in cache (by AVX-512 gathers where
 * they exist), and prefetches ahead when it is not. Misses are then walked one by one, in order of
 * the batch, so that new keys get their ids in order of first appearance. */
#include "state/table_internal.h"

enum { BUCKETS_AHEAD = 32, ROWS_AHEAD = 32, HASHED_MIN = 64, WORDS_AHEAD = 256 };

static uint8_t *probe_word(const struct table_buckets *buckets, uint32_t hash, uint64_t word)
{
    uint64_t tag = table_tag(hash);
    for (uint32_t place = table_home(buckets, hash);; place = (place + 1) & buckets->mask) {
        uint64_t bucket = buckets->slots[place];
        if (bucket >> 48 == tag && table_row_word(table_bucket_row(bucket)) == word)
            return table_bucket_row(bucket);
        if (bucket == 0)
            return NULL;
    }
}

/* The payload of a dense word; NULL when absent and not inserted. */
static enum weir_status dense_payload(const struct table_access *access, uint64_t word,
                                      uint8_t **payload, struct weir_error *error)
{
    struct weir_state_table *table = access->table;
    struct table_dense *dense = &table->dense;
    uint64_t place = word - dense->base;
    *payload = dense->payloads + place * dense->stride;
    if (weir_bit_get(dense->bits, (uint32_t)place))
        return WEIR_OK;
    *payload = NULL;
    if (!access->insert)
        return WEIR_OK;
    if (table->by_place) {
        *payload = table_dense_insert(table, place, TABLE_ID_NONE);
        return WEIR_OK;
    }
    uint8_t *row = table_row_create_word(table, word);
    if (!row)
        return table_full(table, error);
    *payload = table_dense_insert(table, place, table_header(row)->id);
    return WEIR_OK;
}

static enum weir_status hashed_row(const struct table_access *access, uint64_t word, uint8_t **row,
                                   struct weir_error *error)
{
    struct weir_state_table *table = access->table;
    uint32_t hash = table->collide ? 0 : table_word_hash(table->seed, word);
    *row = probe_word(&table->current, hash, word);
    if (!*row && table->growth == TABLE_MIGRATING)
        *row = probe_word(&table->other, hash, word);
    if (*row || !access->insert)
        return WEIR_OK;
    WEIR_TRY(table_buckets_reserve(table, error));
    *row = table_row_create(table, hash);
    if (!*row)
        return table_full(table, error);
    memcpy(*row + TABLE_HEADER_SIZE, &word, sizeof word);
    table_buckets_enter(table, *row);
    struct table_dense *dense = &table->dense;
    int64_t number = (int64_t)word;
    dense->least = number < dense->least ? number : dense->least;
    dense->greatest = number > dense->greatest ? number : dense->greatest;
    uint64_t place = word - dense->base;
    dense->nearest = place < dense->nearest ? place : dense->nearest;
    return WEIR_OK;
}

static inline uint8_t *payload_of(const struct weir_state_table *table, uint8_t *row)
{
    return row ? row + table->payload_offset : NULL;
}

static inline bool is_in_range(const struct weir_state_table *table, uint64_t word)
{
    return word - table->dense.base < table->dense.size;
}

/* One word by itself. */
static enum weir_status word_payload(const struct table_access *access, uint64_t word,
                                     uint8_t **payload, struct weir_error *error)
{
    uint8_t *row;
    struct table_dense *dense = &access->table->dense;
    uint64_t place = word - dense->base;
    if (place < dense->size ||
        (place < dense->capacity && access->insert && table_dense_extend(access->table, place)))
        return dense_payload(access, word, payload, error);
    WEIR_TRY(hashed_row(access, word, &row, error));
    *payload = payload_of(access->table, row);
    return WEIR_OK;
}

static uint64_t column_word(const struct weir_column *column, uint32_t index, uint32_t width)
{
    uint64_t word = 0;
    memcpy(&word, (const uint8_t *)column->values + (size_t)index * width, width);
    return word;
}

#define WIDEN(type)                              \
    for (uint32_t i = 0; i < access->count; i++) \
    words[i] = ((const type *)column->values)[weir_column_index(column, table_lane(access, i))]

/* The keys as words: the column's own lanes, or widened into room. */
static const uint64_t *load_words(const struct table_access *access, uint64_t *room)
{
    const struct weir_column *column = access->keys;
    uint64_t *words = room;
    uint32_t width = access->table->keys[0].width;
    if (width == 8 && column->encoding == WEIR_FLAT) {
        const uint64_t *values = column->values;
        if (!access->selection)
            return values;
        for (uint32_t i = 0; i < access->count; i++)
            words[i] = values[access->selection[i]];
        return words;
    }
    if (width == 8)
        WIDEN(uint64_t);
    else if (width == 4)
        WIDEN(uint32_t);
    else if (width == 2)
        WIDEN(uint16_t);
    else
        WIDEN(uint8_t);
    return words;
}

/* A table in cache: the home bucket and the one behind it. */
static uint32_t probe_near(const struct table_access *access, const uint64_t *words,
                           uint16_t *misses)
{
    const struct weir_state_table *table = access->table;
    const struct table_buckets buckets = table->current;
    const uint32_t payload_offset = table->payload_offset;
    const uint64_t seed = table->seed;
    uint8_t **payloads = access->payloads;
    uint32_t count = access->count, misses_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t hash = table_word_hash(seed, words[i]);
        uint32_t place = table_home(&buckets, hash);
        uint64_t tag = table_tag(hash), bucket = buckets.slots[place];
        uint64_t next = buckets.slots[(place + 1) & buckets.mask];
        bucket = bucket >> 48 == tag ? bucket : next;
        bool hit = bucket >> 48 == tag && table_row_word(table_bucket_row(bucket)) == words[i];
        payloads[i] = (uint8_t *)(uintptr_t)((bucket & TABLE_ADDRESS_MASK) + payload_offset);
        misses[misses_count] = (uint16_t)i;
        misses_count += !hit;
    }
    return misses_count;
}

/* A table beyond the cache, in three steps that run ahead of each other:
 *   fetch the home bucket ─▶ walk to the bucket with the tag, fetch its row ─▶ compare */
struct far_probe {
    uint32_t hashes[WEIR_BATCH_ROWS_MAX];
    uint8_t *rows[WEIR_BATCH_ROWS_MAX]; /* candidates; NULL: an empty bucket came first */
};

static uint32_t probe_far(const struct table_access *access, const uint64_t *words,
                          uint16_t *misses)
{
    const struct weir_state_table *table = access->table;
    const struct table_buckets *buckets = &table->current;
    struct far_probe probe;
    uint32_t count = access->count, misses_count = 0;
    for (uint32_t i = 0; i < count + BUCKETS_AHEAD + ROWS_AHEAD; i++) {
        uint32_t walk = i - BUCKETS_AHEAD, compare = walk - ROWS_AHEAD;
        if (i < count) {
            probe.hashes[i] = table_word_hash(table->seed, words[i]);
            __builtin_prefetch(&buckets->slots[table_home(buckets, probe.hashes[i])]);
        }
        if (walk < count) {
            probe.rows[walk] = table_candidate(buckets, probe.hashes[walk]);
            __builtin_prefetch(probe.rows[walk], 1);
        }
        if (compare < count) {
            uint8_t *row = probe.rows[compare];
            bool hit = row && table_row_word(row) == words[compare];
            access->payloads[compare] = row ? row + table->payload_offset : NULL;
            misses[misses_count] = (uint16_t)compare;
            misses_count += !hit;
        }
    }
    table_prefetch_old(table, probe.hashes, misses, misses_count);
    return misses_count;
}

/* Dense words: where the payload is follows from the word. Misses are those out of range or new. */
static uint32_t probe_dense(const struct table_access *access, const uint64_t *words,
                            uint16_t *misses)
{
    const struct table_dense dense = access->table->dense;
    uint8_t **payloads = access->payloads;
    uint32_t count = access->count, misses_count = 0;
    bool is_large = dense.size * dense.stride > TABLE_PREFETCH_BYTES;
    for (uint32_t i = 0; i < count; i++) {
        __builtin_prefetch(words + i + WORDS_AHEAD); /* columns in memory, met here first */
        uint64_t place = words[i] - dense.base;
        bool inside = place < dense.size;
        place = inside ? place : 0;
        bool hit = inside && dense.bits[place / 64] >> place % 64 & 1;
        payloads[i] = dense.payloads + place * dense.stride;
        if (is_large)
            __builtin_prefetch(payloads[i], 0,
                               2); /* into the second level: there are more places */
        misses[misses_count] = (uint16_t)i;
        misses_count += !hit;
    }
    for (uint32_t m = 0; is_large && dense.ids && m < misses_count; m++) {
        uint64_t place = words[misses[m]] - dense.base;
        __builtin_prefetch(&dense.ids[place < dense.size ? place : 0], 1);
    }
    return misses_count;
}

static uint32_t probe_homes(const struct table_access *access, const uint64_t *words,
                            uint16_t *misses)
{
    const struct weir_state_table *table = access->table;
    if (table->collide) {
        for (uint32_t i = 0; i < access->count; i++)
            misses[i] = (uint16_t)i;
        return access->count;
    }
    if (table_is_large(table))
        return probe_far(access, words, misses);
#if defined(__x86_64__)
    if (table->avx512) {
        const struct table_word_probe probe = {table->current.slots, table->current.bits,
                                               table->seed, table->payload_offset};
        return table_word_probe_avx512(&probe, words, access->count, access->payloads, misses);
    }
#endif
    return probe_near(access, words, misses);
}

/* New dense words together, as far as the rows of one chunk go; returns how many misses, from the
 * first on, are dealt with. */
static uint32_t insert_dense(const struct table_access *access, const uint64_t *words,
                             const uint16_t *misses, uint32_t misses_count)
{
    struct weir_state_table *table = access->table;
    const struct table_dense dense = table->dense;
    uint8_t *row = NULL;
    uint32_t room = misses_count ? table_rows_run(table, &row) : 0;
    uint32_t id = table->ids_count, made = 0, m = 0;
    for (; m < misses_count && made < room; m++) {
        uint32_t i = misses[m];
        uint64_t place = words[i] - dense.base;
        if (place >= dense.size)
            break;
        uint64_t bit = UINT64_C(1) << place % 64;
        if (dense.bits[place / 64] & bit)
            continue; /* twice in the batch */
        dense.bits[place / 64] |= bit;
        dense.ids[place] = id;
        for (uint32_t k = 0; k < dense.stride; k += 8)
            memset(access->payloads[i] + k, 0, 8);
        *table_header(row) = (struct table_row_header){0, id++};
        memcpy(row + TABLE_HEADER_SIZE, &words[i], sizeof words[i]);
        row += table->row_size;
        made++;
    }
    table_rows_take_run(table, made);
    return m;
}

/* The same without rows: places are taken. */
static uint32_t insert_places(const struct table_access *access, const uint64_t *words,
                              const uint16_t *misses, uint32_t misses_count)
{
    struct weir_state_table *table = access->table;
    const struct table_dense dense = table->dense;
    uint32_t made = 0, m = 0;
    for (; m < misses_count; m++) {
        uint32_t i = misses[m];
        uint64_t place = words[i] - dense.base;
        if (place >= dense.size)
            break;
        uint64_t bit = UINT64_C(1) << place % 64, *bits = &dense.bits[place / 64];
        if (*bits & bit)
            continue; /* twice in the batch */
        table_place_begin(&dense, place);
        *bits |= bit;
        made++;
    }
    table->dense.live += made;
    table->live_count += made;
    return m;
}

/* Misses of the dense words that are out of range, together; what is left are new ones. */
static uint32_t probe_out_of_range(const struct table_access *access, const uint64_t *words,
                                   uint16_t *misses, uint32_t misses_count)
{
    uint64_t room[WEIR_BATCH_ROWS_MAX];
    uint8_t *payloads[WEIR_BATCH_ROWS_MAX];
    uint16_t absent[WEIR_BATCH_ROWS_MAX], outside[WEIR_BATCH_ROWS_MAX], kept[WEIR_BATCH_ROWS_MAX];
    uint32_t outside_count = 0, kept_count = 0, next = 0, at = 0;
    for (uint32_t m = 0; m < misses_count; m++) {
        if (is_in_range(access->table, words[misses[m]]))
            continue;
        outside[outside_count] = misses[m];
        room[outside_count++] = words[misses[m]];
    }
    struct table_access hashed = *access;
    hashed.count = outside_count;
    hashed.payloads = payloads;
    uint32_t absent_count = probe_homes(&hashed, room, absent);
    for (uint32_t m = 0; m < misses_count; m++) { /* in order of the batch */
        bool is_outside = at < outside_count && outside[at] == misses[m];
        bool found = is_outside && !(next < absent_count && absent[next] == at);
        if (found)
            access->payloads[misses[m]] = payloads[at];
        else
            kept[kept_count++] = misses[m];
        next += is_outside && !found;
        at += is_outside;
    }
    memcpy(misses, kept, kept_count * sizeof *misses);
    return kept_count;
}

/* One by one: batches with nulls. */
static enum weir_status access_nullable(const struct table_access *access, struct weir_error *error)
{
    const struct weir_column *column = access->keys;
    uint32_t width = access->table->keys[0].width;
    for (uint32_t i = 0; i < access->count; i++) {
        uint32_t lane = table_lane(access, i);
        uint8_t *row;
        if (weir_column_is_null(column, lane)) {
            WEIR_TRY(table_null_row(access, &row, error));
            access->payloads[i] = payload_of(access->table, row);
        } else {
            uint64_t word = column_word(column, weir_column_index(column, lane), width);
            WEIR_TRY(word_payload(access, word, &access->payloads[i], error));
        }
    }
    return WEIR_OK;
}

static bool has_nulls(const struct table_access *access)
{
    const struct weir_column *column = access->keys;
    uint64_t valid = 1;
    if (!column->validity)
        return false;
    for (uint32_t i = 0; i < access->count; i++) {
        uint32_t lane = column->encoding == WEIR_CONSTANT ? 0 : table_lane(access, i);
        valid &= column->validity[lane / WEIR_VALIDITY_WORD_BITS] >> lane % WEIR_VALIDITY_WORD_BITS;
    }
    return !(valid & 1);
}

enum weir_status table_access_words(const struct table_access *access, struct weir_error *error)
{
    uint64_t room[WEIR_BATCH_ROWS_MAX];
    uint16_t misses[WEIR_BATCH_ROWS_MAX];
    if (has_nulls(access))
        return access_nullable(access, error);
    const uint64_t *words = load_words(access, room);
    uint32_t misses_count;
    if (!access->table->dense.size) {
        misses_count = probe_homes(access, words, misses);
    } else {
        misses_count = probe_dense(access, words, misses);
        if (misses_count > HASHED_MIN && access->table->current.used)
            misses_count = probe_out_of_range(access, words, misses, misses_count);
    }
    uint32_t done = 0;
    if (access->table->dense.size && access->insert)
        done = access->table->by_place ? insert_places(access, words, misses, misses_count)
                                       : insert_dense(access, words, misses, misses_count);
    for (uint32_t m = done; m < misses_count; m++)
        WEIR_TRY(word_payload(access, words[misses[m]], &access->payloads[misses[m]], error));
    return WEIR_OK;
}
