/* The inside of a state table, shared by the files of this module.
 *
 * Row:     | hash u32 | id u32 | key values | null bits | pad | payload | pad |
 * Bucket:  | tag: 1 and 15 bits of the hash | 48 bits: address of the row |, 0 when empty
 *
 * A bucket holds the row's address, not its id: one load fewer per probe, and the vector path can
 * follow it with a gather. The tag's top bit is always set, so neither an empty bucket nor a
 * tombstone (1) has a tag that matches. The home bucket is the top bits of the 32-bit hash, the tag
 * its low bits; the hash is kept in the row, so that moving to a larger array never looks at keys.
 *
 * Key paths:
 *   WORD     one key of at most 8 bytes that is equal when its bits are: kept as a 64-bit word
 *   TEXT     one key of bytes (TEXT, BYTEA, JSON): kept as a 16-byte view
 *   GENERIC  everything else: values at fixed offsets, a null bit per key
 *   SINGLE   no keys: at most one row
 * WORD and TEXT have no null bits: the row of the NULL key is remembered by its id and is in no
 * bucket.
 *
 * Dense words: while the words of WORD fill a range well their payloads are in an array over it and
 * their rows in no bucket (table_dense.c).
 *
 * Growth of the bucket array (up to 1 MiB at once, beyond by steps with every call):
 *   IDLE ─▶ ZEROING (the next array is cleared; inserts still go to the current one)
 *        ─▶ MIGRATING (next is current; rows are entered by ascending id; probes ask both) ─▶ IDLE
 *
 * Invariants
 *   T1 a live row other than the NULL row is dense, or in `current`, or, while MIGRATING, in `old`
 *   T2 a live row's id is its position; a dead row's id is ID_NONE and its hash the next free id
 *   T3 ids are not reused while MIGRATING, so that no row is entered twice */
#ifndef WEIR_STATE_TABLE_INTERNAL_H
#define WEIR_STATE_TABLE_INTERNAL_H

#include "state/table.h"

#include "base/hash.h"

#define TABLE_ID_NONE UINT32_MAX
#define TABLE_PLACE_BIT (UINT32_C(1) << 31) /* by_place: of the ids of dense words */

enum {
    TABLE_HEADER_SIZE = 8,       /* the single key of WORD and TEXT follows */
    TABLE_FIRST_SHIFT = 4,       /* the first chunk has 16 rows */
    TABLE_CHUNK_BYTES = 4 << 20, /* chunks double until they have this: huge pages from there on */
    TABLE_BITS_FIRST = 6,        /* buckets of a new table: 64 */
    TABLE_BITS_MAX = 31,
    TABLE_BITS_SPARSE = 15,  /* up to here a quarter of the buckets is used, beyond half, */
    TABLE_BITS_COMPACT = 18, /* from here on three quarters in compact tables */
    TABLE_AT_ONCE_BYTES = 1 << 20,
    TABLE_ZERO_PER_ROW = 1024,        /* bytes of the next array cleared per looked-up row */
    TABLE_MOVE_PER_ROW = 8,           /* rows entered into the new array per looked-up row */
    TABLE_PREFETCH_BYTES = 512 << 10, /* buckets and rows beyond this are prefetched */
    TABLE_TEXT_CLASSES = 112,
    TABLE_TEXT_STEPS = 3
};

#define TABLE_ADDRESS_MASK UINT64_C(0xFFFFFFFFFFFF)
#define TABLE_TOMBSTONE UINT64_C(1)

enum table_mode { TABLE_SINGLE, TABLE_WORD, TABLE_TEXT, TABLE_GENERIC };

enum table_key_class {
    TABLE_KEY_1,
    TABLE_KEY_2,
    TABLE_KEY_4,
    TABLE_KEY_8,
    TABLE_KEY_16,
    TABLE_KEY_FLOAT32,
    TABLE_KEY_FLOAT64,
    TABLE_KEY_VIEW,
    TABLE_KEY_VALUE,  /* compared by weir_column_equals: INTERVAL, JSONB */
    TABLE_KEY_NESTED, /* a view of the memcmp form, then the lane in nested->builder */
    TABLE_KEY_NULL
};

/* Nested keys: rows keep the sort key (equal exactly when the values are) to be compared, and the
 * values as they were first seen in a builder. */
struct table_nested {
    struct weir_arena arenas[2]; /* of the builder; the other one is for compaction */
    uint32_t active;
    bool stale; /* the table was cleared: begin anew */
    struct weir_builder builder;
    struct weir_buffer bytes; /* sort keys of the batch at hand */
    struct weir_view *views;  /* per lane of the batch at hand */
};

struct table_key {
    const struct weir_type *type;
    enum table_key_class key_class;
    uint32_t offset; /* in the row */
    uint32_t width;  /* of the value */
    bool seen_null;
    struct table_nested *nested;
};

struct table_buckets {
    uint64_t *slots;
    size_t bytes_allocated;
    uint32_t bits;
    uint32_t mask;
    uint32_t used; /* not empty, tombstones included */
};

/* Payloads by word - base; size 0: nothing is dense. */
struct table_dense {
    uint64_t base, size;
    uint64_t capacity; /* places there is address space for; `size` of them are charged */
    uint64_t nearest;  /* no row in the buckets has a word - base below it, if not below size */
    uint8_t *payloads;
    uint32_t *ids;
    uint64_t *bits;          /* of places that have a row */
    uint32_t stride;         /* of payloads */
    uint32_t place_size;     /* bytes of payload and id */
    uint32_t check_at;       /* live rows at which the range is looked at again */
    int64_t least, greatest; /* of all words that were inserted; -1 is near 0 */
    uint32_t live;           /* by_place: bits that are set */
};

enum table_growth { TABLE_IDLE, TABLE_ZEROING, TABLE_MIGRATING };

/* Long texts: size classes of freed pieces over arenas, whose chunks are the larger the more texts
 * there are: what grows large lies in huge pages. */
struct table_text_heap {
    struct weir_arena arenas[TABLE_TEXT_STEPS];
    size_t bytes; /* taken from them */
    void *free_lists[TABLE_TEXT_CLASSES];
};

struct table_row_header {
    uint32_t hash;
    uint32_t id;
};

struct weir_state_table {
    struct weir_budget *budget;
    uint64_t seed;
    bool collide;
    bool avx512;
    bool append;   /* no buckets are used; GENERIC; null bits in place of the hash */
    bool by_place; /* dense words have no rows: their place is their id */
    bool compact;
    enum table_mode mode;
    uint32_t keys_count;
    uint32_t rows_hint;
    uint32_t payload_size;
    uint32_t payload_offset;
    uint32_t nulls_offset; /* GENERIC */
    uint32_t row_size;

    struct table_buckets current;
    struct table_buckets other; /* ZEROING: the next array; MIGRATING: the old one */
    enum table_growth growth;
    size_t zeroed_bytes;          /* ZEROING */
    uint32_t move_next, move_end; /* MIGRATING: ids */

    uint8_t **chunks;
    uint32_t chunks_count, chunks_capacity;
    uint32_t double_shift; /* chunks double until they have 2^double_shift rows */
    uint32_t ids_count;    /* ids given so far */
    uint32_t live_count;
    uint32_t free_id;
    uint32_t null_id; /* WORD, TEXT: the row of the NULL key */

    struct table_dense dense;
    struct table_text_heap *text_heap; /* made with the first long text */
    struct table_key keys[];
};

/* ---- rows ---- */

static inline struct table_row_header *table_header(uint8_t *row)
{
    return (struct table_row_header *)(void *)row;
}

static inline uint32_t row_id(const uint8_t *row)
{
    struct table_row_header header;
    memcpy(&header, row, sizeof header);
    return header.id;
}

/* The word of a row of WORD. */
static inline uint64_t table_row_word(const uint8_t *row)
{
    uint64_t word;
    memcpy(&word, row + TABLE_HEADER_SIZE, sizeof word);
    return word;
}

/* So many ids there can be. */
static inline uint32_t table_ids_max(const struct weir_state_table *table)
{
    return table->by_place ? TABLE_PLACE_BIT : TABLE_ID_NONE - 1;
}

/* Address of row id (given before). */
static inline uint8_t *table_row(const struct weir_state_table *table, uint32_t id)
{
    uint64_t place = (uint64_t)id + (UINT64_C(1) << TABLE_FIRST_SHIFT);
    uint32_t shift = table->double_shift;
    uint32_t chunk, offset;
    if (place >> (shift + 1) == 0) {
        uint32_t bit = 31 - (uint32_t)__builtin_clz((uint32_t)place);
        chunk = bit - TABLE_FIRST_SHIFT;
        offset = (uint32_t)place - (UINT32_C(1) << bit);
    } else {
        uint64_t rest = place - (UINT64_C(1) << (shift + 1));
        chunk = shift - TABLE_FIRST_SHIFT + 1 + (uint32_t)(rest >> shift);
        offset = (uint32_t)(rest & ((UINT64_C(1) << shift) - 1));
    }
    return table->chunks[chunk] + (size_t)offset * table->row_size;
}

static inline bool table_row_is_null(const struct weir_state_table *table, const uint8_t *row,
                                     uint32_t key)
{
    if (table->mode != TABLE_GENERIC) {
        struct table_row_header header;
        memcpy(&header, row, sizeof header);
        return header.id == table->null_id;
    }
    return row[table->nulls_offset + key / 8] >> (key % 8) & 1;
}

/* Memory charged to the table's budget; NULL when there is none. */
WEIR_CHECKED void *table_alloc(struct weir_state_table *table, size_t size);
void table_free(struct weir_state_table *table, void *memory, size_t size);

/* A new row with hash, zeroed payload and id; keys are the caller's. NULL: no memory (or no id). */
WEIR_CHECKED uint8_t *table_row_create(struct weir_state_table *table, uint32_t hash);
/* So many rows at *row follow each other in memory and have the next ids, from ids_count on; 0:
 * make rows one by one. They are made by writing them and taking them. */
uint32_t table_rows_run(struct weir_state_table *table, uint8_t **row);
void table_rows_take_run(struct weir_state_table *table, uint32_t count);
/* A row of WORD whose payload is elsewhere. */
uint8_t *table_row_create_word(struct weir_state_table *table, uint64_t word);
void table_row_free(struct weir_state_table *table, uint8_t *row);
void table_rows_clear(struct weir_state_table *table);
void table_rows_deinit(struct weir_state_table *table);

/* Copies a view's bytes when they are longer than 12. */
WEIR_CHECKED bool table_text_copy(struct weir_state_table *table, const struct weir_view *from,
                                  struct weir_view *to);
void table_text_free(struct weir_state_table *table, const struct weir_view *view);

/* ---- buckets ---- */

static inline uint64_t table_tag(uint32_t hash)
{
    return (hash & 0x7FFF) | 0x8000;
}
static inline uint8_t *table_bucket_row(uint64_t bucket)
{
    return (uint8_t *)(uintptr_t)(bucket & TABLE_ADDRESS_MASK);
}
static inline uint32_t table_home(const struct table_buckets *buckets, uint32_t hash)
{
    return hash >> (32 - buckets->bits);
}

/* The row of the first bucket from home on with the hash's tag; NULL when an empty one is first. */
static inline uint8_t *table_candidate(const struct table_buckets *buckets, uint32_t hash)
{
    uint64_t tag = table_tag(hash), bucket;
    uint32_t place = table_home(buckets, hash);
    while ((bucket = buckets->slots[place]) >> 48 != tag && bucket)
        place = (place + 1) & buckets->mask;
    return table_bucket_row(bucket);
}

WEIR_CHECKED enum weir_status table_buckets_init(struct weir_state_table *table,
                                                 struct weir_error *error);
void table_buckets_deinit(struct weir_state_table *table);
void table_buckets_clear(struct weir_state_table *table);
/* The share of growing that a call with rows_count rows does. */
void table_buckets_advance(struct weir_state_table *table, uint32_t rows_count);
/* Makes room for one more, before its row is made. */
WEIR_CHECKED enum weir_status table_buckets_reserve(struct weir_state_table *table,
                                                    struct weir_error *error);
void table_buckets_enter(struct weir_state_table *table, uint8_t *row);
void table_buckets_remove(struct weir_state_table *table, uint8_t *row);
/* MIGRATING: fetches what the rows hashes[misses[…]] will look at in the old array. */
void table_prefetch_old(const struct weir_state_table *table, const uint32_t *hashes,
                        const uint16_t *misses, uint32_t misses_count);
/* True when probing should prefetch. */
bool table_is_large(const struct weir_state_table *table);

/* ---- access ---- */

struct table_access {
    struct weir_state_table *table;
    const struct weir_column *keys;
    const uint16_t *selection;
    uint32_t count;
    uint8_t **payloads;
    bool insert;
};

static inline uint32_t table_lane(const struct table_access *access, uint32_t i)
{
    return access->selection ? access->selection[i] : i;
}

WEIR_CHECKED enum weir_status table_access_words(const struct table_access *access,
                                                 struct weir_error *error);
WEIR_CHECKED enum weir_status table_access_texts(const struct table_access *access,
                                                 struct weir_error *error);
WEIR_CHECKED enum weir_status table_access_generic(const struct table_access *access,
                                                   struct weir_error *error);
/* No memory, or no id left. */
enum weir_status table_full(const struct weir_state_table *table, struct weir_error *error);
/* The row of the NULL key (WORD, TEXT). *row is NULL when absent and not inserted. */
WEIR_CHECKED enum weir_status table_null_row(const struct table_access *access, uint8_t **row,
                                             struct weir_error *error);

static inline uint32_t table_word_hash(uint64_t seed, uint64_t word)
{
    word ^= seed;
    word ^= word >> 32;
    word *= WEIR_HASH_K1;
    word ^= word >> 32;
    word *= WEIR_HASH_K0;
    return (uint32_t)(word >> 32);
}

/* ---- dense words (table_dense.c) ---- */

void table_dense_init(struct weir_state_table *table, const struct weir_state_table *like);
void table_dense_deinit(struct weir_state_table *table);
void table_dense_clear(struct weir_state_table *table);
/* Between calls, when live_count has come to check_at. Payloads may move. */
void table_dense_consider(struct weir_state_table *table);
/* Makes the places up to this one, which is below the capacity; false: its word goes into the
 * buckets. Payloads stay where they are. */
bool table_dense_extend(struct weir_state_table *table, uint64_t place);
/* by_place: before the bit of a new place is set. D2: the payloads next to it are zeros. */
static inline void table_place_begin(const struct table_dense *dense, uint64_t place)
{
    if (dense->bits[place / 64] == 0)
        memset(dense->payloads + (place & ~UINT64_C(63)) * dense->stride, 0,
               (size_t)64 * dense->stride);
}
/* The zeroed payload of a new row. by_place: there is no row, and id is not used. */
uint8_t *table_dense_insert(struct weir_state_table *table, uint64_t place, uint32_t id);
void table_dense_remove(struct weir_state_table *table, uint64_t place);
/* Ids of the places from *cursor (an id) on that have a row, at most max; advances *cursor. */
uint32_t table_dense_scan(const struct weir_state_table *table, uint32_t *cursor, uint32_t *ids,
                          uint32_t max);

/* An id of a dense word that has no row. */
static inline bool table_id_is_place(const struct weir_state_table *table, uint32_t id)
{
    return table->by_place && id & TABLE_PLACE_BIT;
}

static inline uint8_t *table_place_payload(const struct table_dense *dense, uint32_t id)
{
    return dense->payloads + (uint64_t)(id & ~TABLE_PLACE_BIT) * dense->stride;
}

/* Whether a row of WORD (not the NULL row) is among the dense ones, by D1. */
static inline bool table_is_dense(const struct weir_state_table *table, const uint8_t *row)
{
    uint64_t word;
    if (!table->dense.size)
        return false;
    memcpy(&word, row + TABLE_HEADER_SIZE, sizeof word);
    return word - table->dense.base < table->dense.size && row_id(row) != table->null_id;
}

static inline uint8_t *table_payload(const struct weir_state_table *table, uint8_t *row)
{
    uint64_t word;
    if (!table_is_dense(table, row))
        return row + table->payload_offset;
    memcpy(&word, row + TABLE_HEADER_SIZE, sizeof word);
    return table->dense.payloads + (word - table->dense.base) * table->dense.stride;
}

/* The row of a payload. */
static inline uint32_t table_payload_id(const struct weir_state_table *table, uint8_t *payload)
{
    const struct table_dense *dense = &table->dense;
    size_t offset = (size_t)(payload - dense->payloads);
    if (dense->size && payload >= dense->payloads && offset < dense->size * dense->stride) {
        uint32_t place = (uint32_t)(offset / dense->stride);
        return table->by_place ? place | TABLE_PLACE_BIT : dense->ids[place];
    }
    return table_header(payload - table->payload_offset)->id;
}

/* ---- the vector path of WORD (table_word_avx512.c) ---- */

struct table_word_probe {
    const uint64_t *slots;
    uint32_t bits;
    uint64_t seed;
    uint32_t payload_offset;
};
/* payloads[i] of the words whose row is in the home bucket or the one behind; the others' indexes,
 * ascending, go to misses; their count is returned. */
uint32_t table_word_probe_avx512(const struct table_word_probe *probe, const uint64_t *words,
                                 uint32_t count, uint8_t **payloads, uint16_t *misses);

/* ---- generic keys ---- */

WEIR_CHECKED enum weir_status table_nested_create(struct weir_state_table *table,
                                                  struct table_key *key, struct weir_error *error);
void table_nested_destroy(struct weir_state_table *table, struct table_key *key);
/* Sort keys of the selected lanes into nested->views. */
WEIR_CHECKED enum weir_status table_nested_prepare(const struct table_access *access, uint32_t key,
                                                   struct weir_error *error);
/* The lane's value into the builder, its place into the row. */
WEIR_CHECKED enum weir_status table_nested_append(const struct table_access *access, uint32_t key,
                                                  uint32_t lane, uint8_t *row,
                                                  struct weir_error *error);
uint32_t table_nested_lane(const struct table_key *key, const uint8_t *row);
/* Gives back the texts of a row's keys. */
void table_keys_free(struct weir_state_table *table, uint8_t *row);

#endif
