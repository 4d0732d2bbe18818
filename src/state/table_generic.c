/* The GENERIC path: several keys, or one that is not equal by its bits.
 *
 * Probing goes by rounds over the lanes that are still active: each walks its buckets to the next
 * one with its tag (a candidate) or to an empty one (a miss), then all candidates are compared key
 * by key, a loop per type. A mismatch walks on in the next round; nearly all lanes need one round.
 * Misses are inserted one by one, in order of the batch. */
#include "state/table_internal.h"

enum { BUCKETS_AHEAD = 32 };

/* ---- comparing a row with a lane, key by key ---- */

static bool value_equals(const struct table_key *key, const uint8_t *stored, const void *value)
{
    const struct weir_column a = {.type = key->type, .rows_count = 1, .values = stored};
    const struct weir_column b = {.type = key->type, .rows_count = 1, .values = value};
    return weir_column_equals(&a, 0, &b, 0);
}

#define EQUAL_BITS(type)              \
    {                                 \
        type a, b;                    \
        memcpy(&a, stored, sizeof a); \
        memcpy(&b, value, sizeof b);  \
        return a == b;                \
    }
#define EQUAL_FLOATS(type)                   \
    {                                        \
        type a, b;                           \
        memcpy(&a, stored, sizeof a);        \
        memcpy(&b, value, sizeof b);         \
        return a == b || (a != a && b != b); \
    }

/* Of values that are not null. Inlined with a constant class into the loops below. */
WEIR_INLINE bool stored_equals(const struct table_key *key, enum table_key_class key_class,
                               const uint8_t *stored, const void *value)
{
    switch (key_class) {
    case TABLE_KEY_1:
        return *stored == *(const uint8_t *)value;
    case TABLE_KEY_2:
        EQUAL_BITS(uint16_t)
    case TABLE_KEY_4:
        EQUAL_BITS(uint32_t)
    case TABLE_KEY_8:
        EQUAL_BITS(uint64_t)
    case TABLE_KEY_16:
        return memcmp(stored, value, 16) == 0;
    case TABLE_KEY_FLOAT32:
        EQUAL_FLOATS(float)
    case TABLE_KEY_FLOAT64:
        EQUAL_FLOATS(double)
    case TABLE_KEY_VIEW:
    case TABLE_KEY_NESTED:
        return weir_view_equals((const struct weir_view *)(const void *)stored, value);
    case TABLE_KEY_VALUE:
        return value_equals(key, stored, value);
    case TABLE_KEY_NULL:
        return true;
    }
    return false;
}

/* Address of a lane's value in the form rows keep. */
WEIR_INLINE const void *lane_value(const struct table_key *key, const struct weir_column *column,
                                   enum table_key_class key_class, uint32_t lane)
{
    if (key_class == TABLE_KEY_NESTED)
        return &key->nested->views[lane];
    return (const uint8_t *)column->values + (size_t)weir_column_index(column, lane) * key->width;
}

/* Rows that may be the rows of lanes. */
struct candidates {
    uint8_t *rows[WEIR_BATCH_ROWS_MAX];
    uint16_t index[WEIR_BATCH_ROWS_MAX]; /* i of the access */
    uint8_t equal[WEIR_BATCH_ROWS_MAX];
    uint32_t count;
};

WEIR_INLINE void compare_class(const struct table_access *access, uint32_t number,
                               enum table_key_class key_class, struct candidates *candidates)
{
    const struct table_key *key = &access->table->keys[number];
    const struct weir_column *column = &access->keys[number];
    bool nulls = column->validity || key->seen_null || key_class == TABLE_KEY_NULL;
    for (uint32_t c = 0; c < candidates->count; c++) {
        uint32_t lane = table_lane(access, candidates->index[c]);
        const uint8_t *row = candidates->rows[c];
        if (nulls) {
            bool row_null = table_row_is_null(access->table, row, number);
            bool lane_null = weir_column_is_null(column, lane);
            if (row_null || lane_null) {
                candidates->equal[c] &= row_null == lane_null;
                continue;
            }
        }
        candidates->equal[c] &= stored_equals(key, key_class, row + key->offset,
                                              lane_value(key, column, key_class, lane));
    }
}

#define COMPARE_CASE(key_class)                               \
    case key_class:                                           \
        compare_class(access, number, key_class, candidates); \
        break;

static void compare_key(const struct table_access *access, uint32_t number,
                        struct candidates *candidates)
{
    switch (access->table->keys[number].key_class) {
        COMPARE_CASE(TABLE_KEY_1)
        COMPARE_CASE(TABLE_KEY_2)
        COMPARE_CASE(TABLE_KEY_4)
        COMPARE_CASE(TABLE_KEY_8)
        COMPARE_CASE(TABLE_KEY_16)
        COMPARE_CASE(TABLE_KEY_FLOAT32)
        COMPARE_CASE(TABLE_KEY_FLOAT64)
        COMPARE_CASE(TABLE_KEY_VIEW)
        COMPARE_CASE(TABLE_KEY_VALUE)
        COMPARE_CASE(TABLE_KEY_NESTED)
        COMPARE_CASE(TABLE_KEY_NULL)
    }
}

static bool row_equals(const struct table_access *access, const uint8_t *row, uint32_t lane)
{
    const struct weir_state_table *table = access->table;
    for (uint32_t k = 0; k < table->keys_count; k++) {
        const struct table_key *key = &table->keys[k];
        const struct weir_column *column = &access->keys[k];
        bool row_null = table_row_is_null(table, row, k);
        bool lane_null = weir_column_is_null(column, lane);
        if (row_null != lane_null)
            return false;
        if (!row_null && !stored_equals(key, key->key_class, row + key->offset,
                                        lane_value(key, column, key->key_class, lane)))
            return false;
    }
    return true;
}

/* ---- hashes ---- */

static void hash_nested(const struct table_access *access, uint32_t key, bool combine,
                        uint64_t *hashes)
{
    const struct weir_view *views = access->table->keys[key].nested->views;
    for (uint32_t i = 0; i < access->count; i++) {
        struct weir_slice bytes = weir_view_slice(&views[table_lane(access, i)]);
        uint64_t seed = combine ? hashes[i] : access->table->seed;
        hashes[i] = weir_hash_bytes(bytes.data, bytes.size, seed);
    }
}

static void hash_keys(const struct table_access *access, uint64_t *hashes)
{
    const struct weir_state_table *table = access->table;
    if (table->collide) {
        memset(hashes, 0, access->count * sizeof *hashes);
        return;
    }
    for (uint32_t k = 0; k < table->keys_count; k++) {
        if (table->keys[k].nested)
            hash_nested(access, k, k > 0, hashes);
        else
            weir_column_hash(&access->keys[k], access->selection, access->count, table->seed, k > 0,
                             hashes);
    }
}

/* ---- probing ---- */

struct probe {
    uint64_t hashes[WEIR_BATCH_ROWS_MAX];
    uint32_t places[WEIR_BATCH_ROWS_MAX];
    uint16_t active[WEIR_BATCH_ROWS_MAX];
    uint32_t active_count;
    uint64_t misses[WEIR_BATCH_ROWS_MAX / 64];
    struct candidates candidates;
};

static inline uint32_t hash_of(const struct probe *probe, uint32_t i)
{
    return (uint32_t)(probe->hashes[i] >> 32);
}

static void probe_begin(const struct table_access *access, struct probe *probe)
{
    const struct table_buckets *buckets = &access->table->current;
    memset(probe->misses, 0, sizeof probe->misses);
    for (uint32_t i = 0; i < access->count; i++) {
        probe->places[i] = table_home(buckets, hash_of(probe, i));
        probe->active[i] = (uint16_t)i;
    }
    probe->active_count = access->count;
}

/* Walks every active lane to its next candidate, or counts it among the misses. */
static void find_candidates(const struct table_access *access, struct probe *probe)
{
    const struct table_buckets *buckets = &access->table->current;
    struct candidates *candidates = &probe->candidates;
    candidates->count = 0;
    for (uint32_t a = 0; a < probe->active_count; a++) {
        if (a + BUCKETS_AHEAD < probe->active_count)
            __builtin_prefetch(&buckets->slots[probe->places[probe->active[a + BUCKETS_AHEAD]]]);
        uint32_t i = probe->active[a], place = probe->places[i];
        uint64_t tag = table_tag(hash_of(probe, i)), bucket;
        while ((bucket = buckets->slots[place]) >> 48 != tag && bucket)
            place = (place + 1) & buckets->mask;
        probe->places[i] = place;
        if (!bucket) {
            weir_bit_set(probe->misses, i);
            continue;
        }
        candidates->rows[candidates->count] = table_bucket_row(bucket);
        candidates->equal[candidates->count] = 1;
        candidates->index[candidates->count++] = (uint16_t)i;
        __builtin_prefetch(table_bucket_row(bucket), 1);
    }
}

/* Candidates that are equal have their payloads; the others stay active behind their bucket. */
static void settle_candidates(const struct table_access *access, struct probe *probe)
{
    const struct candidates *candidates = &probe->candidates;
    uint32_t mask = access->table->current.mask, active_count = 0;
    for (uint32_t c = 0; c < candidates->count; c++) {
        uint32_t i = candidates->index[c];
        if (candidates->equal[c]) {
            access->payloads[i] = candidates->rows[c] + access->table->payload_offset;
        } else {
            probe->places[i] = (probe->places[i] + 1) & mask;
            probe->active[active_count++] = (uint16_t)i;
        }
    }
    probe->active_count = active_count;
}

static uint8_t *probe_lane(const struct table_access *access, const struct table_buckets *buckets,
                           uint32_t hash, uint32_t lane)
{
    uint64_t tag = table_tag(hash), bucket;
    for (uint32_t place = table_home(buckets, hash); (bucket = buckets->slots[place]);
         place = (place + 1) & buckets->mask)
        if (bucket >> 48 == tag && row_equals(access, table_bucket_row(bucket), lane))
            return table_bucket_row(bucket);
    return NULL;
}

/* What the misses look at in the old array. */
static void prefetch_misses(const struct table_access *access, const struct probe *probe)
{
    uint32_t hashes[WEIR_BATCH_ROWS_MAX], count = 0;
    uint16_t misses[WEIR_BATCH_ROWS_MAX];
    if (access->table->growth != TABLE_MIGRATING)
        return;
    for (uint32_t i = 0; i < access->count; i++) {
        hashes[i] = hash_of(probe, i);
        misses[count] = (uint16_t)i;
        count += weir_bit_get(probe->misses, i);
    }
    table_prefetch_old(access->table, hashes, misses, count);
}

/* ---- inserting ---- */

static enum weir_status store_key(const struct table_access *access, uint32_t number, uint32_t lane,
                                  uint8_t *row, struct weir_error *error)
{
    struct weir_state_table *table = access->table;
    struct table_key *key = &table->keys[number];
    const struct weir_column *column = &access->keys[number];
    uint8_t *to = row + key->offset;
    if (weir_column_is_null(column, lane)) {
        row[table->nulls_offset + number / 8] |= (uint8_t)(1 << (number % 8));
        key->seen_null = true;
        return WEIR_OK;
    }
    const void *value = lane_value(key, column, key->key_class, lane);
    if (key->nested || weir_type_is_view(key->type)) {
        if (!table_text_copy(table, value, (struct weir_view *)(void *)to))
            return table_full(table, error);
        return key->nested ? table_nested_append(access, number, lane, row, error) : WEIR_OK;
    }
    memcpy(to, value, key->width);
    return WEIR_OK;
}

void table_keys_free(struct weir_state_table *table, uint8_t *row)
{
    for (uint32_t k = 0; k < table->keys_count; k++) {
        const struct table_key *key = &table->keys[k];
        if ((key->nested || weir_type_is_view(key->type)) && !table_row_is_null(table, row, k))
            table_text_free(table, (const struct weir_view *)(const void *)(row + key->offset));
    }
}

static enum weir_status insert_lane(const struct table_access *access, uint32_t hash, uint32_t lane,
                                    uint8_t **out, struct weir_error *error)
{
    struct weir_state_table *table = access->table;
    WEIR_TRY(table_buckets_reserve(table, error));
    uint8_t *row = table_row_create(table, hash);
    if (!row)
        return table_full(table, error);
    for (uint32_t k = 0; k < table->keys_count; k++) {
        enum weir_status status = store_key(access, k, lane, row, error);
        if (status != WEIR_OK) {
            table_keys_free(table, row); /* views not yet stored are empty */
            table_row_free(table, row);
            return status;
        }
    }
    table_buckets_enter(table, row);
    *out = row;
    return WEIR_OK;
}

static enum weir_status settle_miss(const struct table_access *access, const struct probe *probe,
                                    uint32_t i, struct weir_error *error)
{
    struct weir_state_table *table = access->table;
    uint32_t lane = table_lane(access, i), hash = hash_of(probe, i);
    uint8_t *row = probe_lane(access, &table->current, hash, lane);
    if (!row && table->growth == TABLE_MIGRATING)
        row = probe_lane(access, &table->other, hash, lane);
    if (!row && access->insert)
        WEIR_TRY(insert_lane(access, hash, lane, &row, error));
    access->payloads[i] = row ? row + table->payload_offset : NULL;
    return WEIR_OK;
}

/* ---- appending ---- */

/* A column of fixed width without nulls. */
static void store_plain(const struct table_access *access, const struct table_key *key,
                        const struct weir_column *column)
{
    const uint8_t *values = column->values;
    for (uint32_t i = 0; i < access->count; i++) {
        const uint8_t *from = values + (size_t)table_lane(access, i) * key->width;
        uint8_t *to = access->payloads[i] - access->table->payload_offset + key->offset;
        if (key->width == 8)
            memcpy(to, from, 8);
        else if (key->width == 4)
            memcpy(to, from, 4);
        else
            memcpy(to, from, key->width);
    }
}

static enum weir_status store_column(const struct table_access *access, uint32_t number,
                                     struct weir_error *error)
{
    const struct table_key *key = &access->table->keys[number];
    const struct weir_column *column = &access->keys[number];
    if (column->encoding == WEIR_FLAT && !column->validity && !key->nested &&
        column->type->kind != WEIR_TYPE_NULL && !weir_type_is_view(key->type)) {
        store_plain(access, key, column);
        return WEIR_OK;
    }
    for (uint32_t i = 0; i < access->count; i++)
        WEIR_TRY(store_key(access, number, table_lane(access, i),
                           access->payloads[i] - access->table->payload_offset, error));
    return WEIR_OK;
}

static void drop_rows(const struct table_access *access, uint32_t count)
{
    for (uint32_t i = count; i-- > 0;) {
        uint8_t *row = access->payloads[i] - access->table->payload_offset;
        table_keys_free(access->table, row); /* views not yet stored are empty */
        table_row_free(access->table, row);
    }
}

/* A row for each lane; none when that fails. */
static enum weir_status append_rows(const struct table_access *access, struct weir_error *error)
{
    struct weir_state_table *table = access->table;
    enum weir_status status = WEIR_OK;
    for (uint32_t i = 0; i < access->count; i++) {
        uint8_t *row = table_row_create(table, 0);
        if (!row) {
            drop_rows(access, i);
            return table_full(table, error);
        }
        access->payloads[i] = row + table->payload_offset;
    }
    for (uint32_t k = 0; k < table->keys_count && status == WEIR_OK; k++)
        status = store_column(access, k, error);
    if (status != WEIR_OK)
        drop_rows(access, access->count);
    return status;
}

enum weir_status table_access_generic(const struct table_access *access, struct weir_error *error)
{
    struct probe probe;
    for (uint32_t k = 0; k < access->table->keys_count; k++)
        if (access->table->keys[k].nested)
            WEIR_TRY(table_nested_prepare(access, k, error));
    if (access->table->append)
        return append_rows(access, error);
    hash_keys(access, probe.hashes);
    probe_begin(access, &probe);
    while (probe.active_count) {
        find_candidates(access, &probe);
        for (uint32_t k = 0; k < access->table->keys_count && probe.candidates.count; k++)
            compare_key(access, k, &probe.candidates);
        settle_candidates(access, &probe);
    }
    prefetch_misses(access, &probe);
    uint32_t words = (uint32_t)weir_validity_words(access->count);
    for (uint32_t w = 0; w < words; w++) {
        for (uint64_t bits = probe.misses[w]; bits; bits &= bits - 1) {
            uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(bits);
            WEIR_TRY(settle_miss(access, &probe, i, error));
        }
    }
    return WEIR_OK;
}
