/* State tables: making, clearing, looking up, deleting, reading keys back.
 * The layout and its invariants are in table_internal.h; how keys are found in table_word.c,
 * table_text.c and table_generic.c; rows in table_rows.c; buckets in table_buckets.c.
 * Tested in tests/unit/state/test_table.c. */
#include "state/table_internal.h"

#include "base/checked.h"
#include "value/isa.h"

#include <assert.h>

static uint32_t round_up(size_t size, uint32_t alignment)
{
    return (uint32_t)((size + alignment - 1) & ~(size_t)(alignment - 1));
}

static enum table_key_class class_of(const struct weir_type *type)
{
    switch (type->kind) {
    case WEIR_TYPE_FLOAT32:
        return TABLE_KEY_FLOAT32;
    case WEIR_TYPE_FLOAT64:
        return TABLE_KEY_FLOAT64;
    case WEIR_TYPE_INTERVAL:
    case WEIR_TYPE_JSONB:
        return TABLE_KEY_VALUE;
    case WEIR_TYPE_TEXT:
    case WEIR_TYPE_BYTEA:
    case WEIR_TYPE_JSON:
        return TABLE_KEY_VIEW;
    case WEIR_TYPE_LIST:
    case WEIR_TYPE_STRUCT:
    case WEIR_TYPE_MAP:
        return TABLE_KEY_NESTED;
    case WEIR_TYPE_NULL:
        return TABLE_KEY_NULL;
    default:
        break;
    }
    switch (weir_type_width(type)) {
    case 1:
        return TABLE_KEY_1;
    case 2:
        return TABLE_KEY_2;
    case 4:
        return TABLE_KEY_4;
    case 8:
        return TABLE_KEY_8;
    default:
        return TABLE_KEY_16;
    }
}

static uint32_t stored_alignment(enum table_key_class key_class)
{
    switch (key_class) {
    case TABLE_KEY_NULL:
    case TABLE_KEY_1:
        return 1;
    case TABLE_KEY_2:
        return 2;
    case TABLE_KEY_4:
    case TABLE_KEY_FLOAT32:
        return 4;
    default:
        return 8;
    }
}

/* Offsets by falling alignment, so that nothing is lost between keys. */
static void lay_out_keys(struct weir_state_table *table, bool packed)
{
    uint32_t offset = TABLE_HEADER_SIZE;
    for (uint32_t alignment = 8; alignment; alignment /= 2) {
        for (uint32_t k = 0; k < table->keys_count; k++) {
            struct table_key *key = &table->keys[k];
            if (stored_alignment(key->key_class) != alignment)
                continue;
            key->offset = offset;
            offset += key->nested || key->key_class == TABLE_KEY_NESTED
                          ? (uint32_t)sizeof(struct weir_view) + 8
                          : key->width;
        }
    }
    bool in_header = table->append && table->keys_count <= 32; /* in place of the hash */
    table->nulls_offset = in_header ? 0 : offset;
    if (table->mode == TABLE_GENERIC && !in_header)
        offset += (table->keys_count + 7) / 8;
    if (table->mode == TABLE_WORD)
        offset = TABLE_HEADER_SIZE + sizeof(uint64_t);
    uint32_t alignment = table->payload_size > 8 && !packed ? 16 : 8;
    table->payload_offset = round_up(offset, alignment);
    table->row_size = round_up((size_t)table->payload_offset + table->payload_size, alignment);
    table->double_shift = TABLE_FIRST_SHIFT;
    while (((size_t)table->row_size << table->double_shift) < TABLE_CHUNK_BYTES)
        table->double_shift++;
}

static enum table_mode mode_of(const struct weir_state_table *table)
{
    if (table->keys_count == 0)
        return TABLE_SINGLE;
    if (table->keys_count > 1)
        return TABLE_GENERIC;
    switch (table->keys[0].key_class) {
    case TABLE_KEY_1:
    case TABLE_KEY_2:
    case TABLE_KEY_4:
    case TABLE_KEY_8:
        return TABLE_WORD;
    case TABLE_KEY_VIEW:
        return TABLE_TEXT;
    default:
        return TABLE_GENERIC;
    }
}

static size_t table_size(uint32_t keys_count)
{
    return sizeof(struct weir_state_table) + keys_count * sizeof(struct table_key);
}

static enum weir_status set_up(struct weir_state_table *table,
                               const struct weir_table_config *config, struct weir_error *error)
{
    for (uint32_t k = 0; k < config->keys_count; k++) {
        struct table_key *key = &table->keys[k];
        key->type = config->key_types[k];
        key->key_class = class_of(key->type);
        key->width = (uint32_t)weir_type_width(key->type);
    }
    table->mode = table->append ? TABLE_GENERIC : mode_of(table);
    lay_out_keys(table, config->payload_packed);
    for (uint32_t k = 0; k < config->keys_count; k++)
        if (table->keys[k].key_class == TABLE_KEY_NESTED)
            WEIR_TRY(table_nested_create(table, &table->keys[k], error));
    table_dense_init(table, config->like);
    return table_buckets_init(table, error);
}

enum weir_status weir_state_table_create(const struct weir_table_config *config,
                                         struct weir_state_table **out, struct weir_error *error)
{
    size_t size = table_size(config->keys_count);
    *out = NULL;
    if (!weir_budget_charge(config->budget, size))
        return weir_budget_error(config->budget, error);
    struct weir_state_table *table = weir_calloc(1, size);
    if (!table) {
        weir_budget_release(config->budget, size);
        return weir_error_set_out_of_memory(error);
    }
    table->budget = config->budget;
    table->seed = config->hash_seed;
    table->collide = config->hash_collide;
    table->append = config->append;
    table->compact = config->compact;
    table->by_place = config->ids_by_place;
    table->avx512 = config->isa >= WEIR_ISA_AVX512;
    table->keys_count = config->keys_count;
    table->rows_hint = config->rows_hint;
    table->payload_size = config->payload_size;
    table->free_id = table->null_id = TABLE_ID_NONE;
    enum weir_status status = set_up(table, config, error);
    if (status != WEIR_OK)
        weir_state_table_destroy(table);
    else
        *out = table;
    return status;
}

void weir_state_table_destroy(struct weir_state_table *table)
{
    if (!table)
        return;
    for (uint32_t k = 0; k < table->keys_count; k++)
        table_nested_destroy(table, &table->keys[k]);
    table_buckets_deinit(table);
    table_dense_deinit(table);
    table_rows_deinit(table);
    weir_budget_release(table->budget, table_size(table->keys_count));
    weir_free(table);
}

void weir_state_table_clear(struct weir_state_table *table)
{
    table_buckets_clear(table); /* before the rows: it looks at their count */
    table_dense_clear(table);
    table_rows_clear(table);
    for (uint32_t k = 0; k < table->keys_count; k++) {
        table->keys[k].seen_null = false;
        if (table->keys[k].nested)
            table->keys[k].nested->stale = true;
    }
}

uint32_t weir_state_table_count(const struct weir_state_table *table)
{
    return table->live_count;
}

enum weir_status table_full(const struct weir_state_table *table, struct weir_error *error)
{
    if (table->ids_count == table_ids_max(table))
        return weir_error_set(error, WEIR_E_LIMIT, "a state table has more than %u rows",
                              table_ids_max(table));
    return weir_budget_error(table->budget, error);
}

enum weir_status table_null_row(const struct table_access *access, uint8_t **row,
                                struct weir_error *error)
{
    struct weir_state_table *table = access->table;
    *row = table->null_id == TABLE_ID_NONE ? NULL : table_row(table, table->null_id);
    if (*row || !access->insert)
        return WEIR_OK;
    *row = table_row_create(table, 0);
    if (!*row)
        return table_full(table, error);
    table->null_id = table_header(*row)->id;
    return WEIR_OK;
}

static enum weir_status access_single(const struct table_access *access, struct weir_error *error)
{
    struct weir_state_table *table = access->table;
    uint8_t *payload = NULL;
    if (!table->live_count && access->insert && !table_row_create(table, 0))
        return table_full(table, error);
    if (table->live_count)
        payload = table_row(table, 0) + table->payload_offset;
    for (uint32_t i = 0; i < access->count; i++)
        access->payloads[i] = payload;
    return WEIR_OK;
}

static enum weir_status access_rows(const struct table_access *access, uint32_t *ids,
                                    struct weir_error *error)
{
    struct weir_state_table *table = access->table;
    assert(access->count <= WEIR_BATCH_ROWS_MAX);
    if (access->count == 0)
        return WEIR_OK;
    assert(!table->append || access->insert);
    if (!table->append)
        table_buckets_advance(table, access->count);
    if (table->live_count >= table->dense.check_at && access->insert && !table->append)
        table_dense_consider(table);
    enum weir_status status = table->mode == TABLE_WORD      ? table_access_words(access, error)
                              : table->mode == TABLE_TEXT    ? table_access_texts(access, error)
                              : table->mode == TABLE_GENERIC ? table_access_generic(access, error)
                                                             : access_single(access, error);
    if (status != WEIR_OK || !ids)
        return status;
    for (uint32_t i = 0; i < access->count; i++) {
        uint8_t *payload = access->payloads[i];
        ids[i] = payload ? table_payload_id(table, payload) : TABLE_ID_NONE;
    }
    return WEIR_OK;
}

enum weir_status weir_state_table_upsert(struct weir_state_table *table,
                                         const struct weir_column *keys, const uint16_t *selection,
                                         uint32_t count, uint8_t **payloads, uint32_t *ids,
                                         struct weir_error *error)
{
    const struct table_access access = {table, keys, selection, count, payloads, true};
    return access_rows(&access, ids, error);
}

enum weir_status weir_state_table_find(struct weir_state_table *table,
                                       const struct weir_column *keys, const uint16_t *selection,
                                       uint32_t count, uint8_t **payloads, uint32_t *ids,
                                       struct weir_error *error)
{
    const struct table_access access = {table, keys, selection, count, payloads, false};
    return access_rows(&access, ids, error);
}

static void prefetch_bytes(const void *begin, size_t size)
{
    enum { LINE = 64, LINES_MAX = 16 };
    uintptr_t at = (uintptr_t)begin; /* of nothing too */
    for (size_t i = 0; i < size && i < (size_t)LINE * LINES_MAX; i += LINE)
        __builtin_prefetch((const void *)(at + i), 1, 3);
}

void weir_state_table_prefetch(const struct weir_state_table *table, uint32_t step)
{
    if (step == 0)
        prefetch_bytes(table, sizeof *table);
    if (step == 1) {
        prefetch_bytes(table->current.slots, ((size_t)table->current.mask + 1) * sizeof(uint64_t));
        prefetch_bytes(table->chunks, 1);
    }
    if (step == 2 && table->chunks_count)
        prefetch_bytes(table->chunks[0], (size_t)table->ids_count * table->row_size);
}

void weir_state_table_delete(struct weir_state_table *table, uint32_t id)
{
    if (table_id_is_place(table, id)) {
        table_dense_remove(table, id & ~TABLE_PLACE_BIT);
        return;
    }
    uint8_t *row = table_row(table, id);
    assert(id < table->ids_count && table_header(row)->id == id);
    if (table->mode == TABLE_TEXT && id != table->null_id)
        table_text_free(table, (const struct weir_view *)(const void *)(row + TABLE_HEADER_SIZE));
    if (table->mode == TABLE_GENERIC)
        table_keys_free(table, row);
    if (id == table->null_id)
        table->null_id = TABLE_ID_NONE;
    else if (table_is_dense(table, row))
        table_dense_remove(table, table_row_word(row) - table->dense.base);
    else if (table->mode != TABLE_SINGLE && !table->append)
        table_buckets_remove(table, row);
    table_row_free(table, row);
}

bool weir_state_table_has(const struct weir_state_table *table, uint32_t id)
{
    if (table_id_is_place(table, id))
        return weir_bit_get(table->dense.bits, id & ~TABLE_PLACE_BIT);
    return id < table->ids_count && table_header(table_row(table, id))->id == id;
}

uint8_t *weir_state_table_payload(const struct weir_state_table *table, uint32_t id)
{
    if (table_id_is_place(table, id))
        return table_place_payload(&table->dense, id);
    assert(id < table->ids_count);
    return table_payload(table, table_row(table, id));
}

void weir_state_table_payloads(const struct weir_state_table *table, const uint32_t *ids,
                               uint32_t count, uint8_t **payloads)
{
    if (count && table_id_is_place(table, ids[0])) {
        const struct table_dense dense = table->dense;
        for (uint32_t i = 0; i < count; i++)
            payloads[i] = table_place_payload(&dense, ids[i]);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        payloads[i] = table_payload(table, table_row(table, ids[i]));
        __builtin_prefetch(payloads[i], 1);
    }
}

uint32_t weir_state_table_scan(const struct weir_state_table *table, uint32_t *cursor,
                               uint32_t *ids, uint32_t max)
{
    uint32_t count = 0;
    if (table_id_is_place(table, *cursor))
        return table_dense_scan(table, cursor, ids, max);
    if (table->live_count - table->dense.live ==
        table->ids_count) { /* no id is free: no need to look */
        while (*cursor < table->ids_count && count < max)
            ids[count++] = (*cursor)++;
    }
    for (; *cursor < table->ids_count && count < max; (*cursor)++) {
        ids[count] = *cursor;
        count += table_header(table_row(table, *cursor))->id != TABLE_ID_NONE;
    }
    if (count || !table->by_place)
        return count;
    *cursor = TABLE_PLACE_BIT; /* ids of one kind at a time */
    return table_dense_scan(table, cursor, ids, max);
}

/* ---- keys back into columns ---- */

#define COPY_VALUES(type)                \
    for (uint32_t i = 0; i < count; i++) \
    memcpy((type *)values + i, table_row(table, ids[i]) + key->offset, sizeof(type))

static enum weir_status key_values(const struct weir_state_table *table,
                                   const struct table_key *key, const uint32_t *ids, uint32_t count,
                                   void *values)
{
    switch (key->width) {
    case 1:
        COPY_VALUES(uint8_t);
        break;
    case 2:
        COPY_VALUES(uint16_t);
        break;
    case 4:
        COPY_VALUES(uint32_t);
        break;
    case 8:
        COPY_VALUES(uint64_t);
        break;
    case 16:
        COPY_VALUES(struct weir_view);
        break;
    default:
        return WEIR_E_INTERNAL;
    }
    return WEIR_OK;
}

#define COPY_WORDS(type)                 \
    for (uint32_t i = 0; i < count; i++) \
    ((type *)values)[i] = (type)(base + (ids[i] & ~TABLE_PLACE_BIT))

/* Words that are known by their places. */
static void place_values(const struct weir_state_table *table, const uint32_t *ids, uint32_t count,
                         void *values)
{
    const uint64_t base = table->dense.base;
    switch (table->keys[0].width) {
    case 1:
        COPY_WORDS(uint8_t);
        break;
    case 2:
        COPY_WORDS(uint16_t);
        break;
    case 4:
        COPY_WORDS(uint32_t);
        break;
    default:
        COPY_WORDS(uint64_t);
        break;
    }
}

static enum weir_status key_validity(const struct weir_state_table *table, uint32_t key,
                                     const uint32_t *ids, uint32_t count, struct weir_arena *arena,
                                     struct weir_column *out, struct weir_error *error)
{
    uint64_t *validity = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!table_row_is_null(table, table_row(table, ids[i]), key))
            continue;
        if (!validity) {
            size_t bytes = weir_validity_words(count) * sizeof *validity;
            validity = weir_arena_alloc(arena, bytes, 64);
            if (!validity)
                return weir_budget_error(arena->budget, error);
            memset(validity, 0xFF, bytes);
        }
        weir_bit_clear(validity, i);
    }
    out->validity = validity;
    return WEIR_OK;
}

static enum weir_status nested_keys(const struct weir_state_table *table,
                                    const struct table_key *key, const uint32_t *ids,
                                    uint32_t count, struct weir_arena *arena,
                                    struct weir_column *out, struct weir_error *error)
{
    uint32_t number = (uint32_t)(key - table->keys);
    struct weir_column all = weir_builder_column(&key->nested->builder);
    struct weir_column first;
    uint32_t *lanes = weir_arena_alloc(arena, count * sizeof *lanes + 1, 64);
    if (!lanes)
        return weir_budget_error(arena->budget, error);
    if (all.rows_count == 0) { /* nothing but nulls was seen */
        first = weir_column_nulls(key->type, count);
        return weir_column_flatten(&first, arena, out, error);
    }
    for (uint32_t i = 0; i < count; i++)
        lanes[i] = table_row_is_null(table, table_row(table, ids[i]), number)
                       ? 0
                       : table_nested_lane(key, table_row(table, ids[i]));
    WEIR_TRY(weir_column_gather(&all, lanes, count, arena, out, error));
    return key->seen_null ? key_validity(table, number, ids, count, arena, out, error) : WEIR_OK;
}

enum weir_status weir_state_table_keys(const struct weir_state_table *table, uint32_t key,
                                       const uint32_t *ids, uint32_t count,
                                       struct weir_arena *arena, struct weir_column *out,
                                       struct weir_error *error)
{
    const struct table_key *at = &table->keys[key];
    assert(key < table->keys_count);
    if (at->key_class == TABLE_KEY_NULL) {
        *out = weir_column_nulls(at->type, count);
        return WEIR_OK;
    }
    if (at->nested)
        return nested_keys(table, at, ids, count, arena, out, error);
    void *values = weir_arena_alloc(arena, (size_t)count * at->width + 1, 64);
    if (!values)
        return weir_budget_error(arena->budget, error);
    bool are_places = count && table_id_is_place(table, ids[0]);
    *out = (struct weir_column){
        .type = at->type, .encoding = WEIR_FLAT, .rows_count = count, .values = values};
    if (are_places) {
        place_values(table, ids, count, values);
        return WEIR_OK;
    }
    if (key_values(table, at, ids, count, values) != WEIR_OK)
        return weir_error_set(error, WEIR_E_INTERNAL, "a key of %u bytes", at->width);
    if (at->seen_null || table->null_id != TABLE_ID_NONE)
        return key_validity(table, key, ids, count, arena, out, error);
    return WEIR_OK;
}
