/* Rows by key; see multimap.h. Two state tables: one over the keys, whose payload is the ends of
 * the chain, one over (number of the key, columns that are not keys), whose payload is the link.
 *
 *   M1 a key's chain has at least one row
 *   M2 a row is in the chain of its key when `linked` is 1, which is so between calls
 *
 * Tested in tests/unit/state/test_multimap.c. */
#include "state/multimap.h"

#include "base/checked.h"
#include "state/table_internal.h"

struct chain {
    uint32_t first, last; /* row plus one */
};

struct link {
    uint32_t next, previous; /* row plus one; 0: there is none */
    uint32_t key;            /* its number */
    uint32_t linked;         /* M2; of rows that are appended: the weight, which is more than 0 */
};

/* Of a multiset, whose weights may be anything. */
struct counted {
    struct link link;
    int64_t weight;
};

/* Where a column of the map is kept. */
struct place {
    bool in_key;
    uint32_t column; /* key column of either table */
};

struct room {
    uint8_t *payloads[WEIR_BATCH_ROWS_MAX];
    uint32_t ids[WEIR_BATCH_ROWS_MAX];
    int32_t key_of_lane[WEIR_BATCH_ROWS_MAX];
};

struct weir_multimap {
    struct weir_budget *budget;
    struct weir_arena arena;
    struct weir_state_table *keys, *rows;
    uint32_t columns_count, keys_count;
    bool append;
    bool numbered; /* the table of rows has the key's number among its keys */
    uint32_t link_size;
    const uint32_t *key_columns;
    struct place *places;
    struct weir_column *columns; /* of an access: the keys, or (key number, other columns) */
    struct room *room;
};

static enum weir_status create_tables(struct weir_multimap *map,
                                      const struct weir_multimap_config *config,
                                      struct weir_error *error)
{
    const struct weir_type **types =
        WEIR_ARENA_ARRAY(&map->arena, const struct weir_type *, config->columns_count + 1);
    if (!types)
        return weir_budget_error(config->budget, error);
    for (uint32_t k = 0; k < config->keys_count; k++) {
        types[k] = config->types[config->keys[k]];
        map->places[config->keys[k]] = (struct place){true, k};
    }
    struct weir_table_config table = {.key_types = types,
                                      .keys_count = config->keys_count,
                                      .payload_size = sizeof(struct chain),
                                      .compact = true,
                                      .hash_seed = config->hash_seed,
                                      .hash_collide = config->hash_collide,
                                      .isa = config->isa,
                                      .budget = config->budget};
    WEIR_TRY(weir_state_table_create(&table, &map->keys, error));
    table.append = config->append;
    table.keys_count = 0;
    /* Rows that are only appended are found by their key alone; but a table has columns. */
    map->numbered = !config->append || config->keys_count == config->columns_count;
    if (map->numbered)
        types[table.keys_count++] = weir_type_of(WEIR_TYPE_INT32);
    for (uint32_t c = 0; c < config->columns_count; c++) {
        if (map->places[c].in_key)
            continue;
        map->places[c].column = table.keys_count;
        types[table.keys_count++] = config->types[c];
    }
    map->append = config->append;
    map->link_size = (uint32_t)(config->append ? sizeof(struct link) : sizeof(struct counted));
    table.payload_size = map->link_size + config->extra_size;
    table.payload_packed = true;
    return weir_state_table_create(&table, &map->rows, error);
}

static enum weir_status set_up(struct weir_multimap *map, const struct weir_multimap_config *config,
                               struct weir_error *error)
{
    uint32_t *keys = WEIR_ARENA_ARRAY(&map->arena, uint32_t, config->keys_count + 1);
    map->places = WEIR_ARENA_ARRAY(&map->arena, struct place, config->columns_count + 1);
    map->columns = WEIR_ARENA_ARRAY(&map->arena, struct weir_column, config->columns_count + 1);
    map->room = weir_arena_alloc(&map->arena, sizeof *map->room, 64);
    if (!keys || !map->places || !map->columns || !map->room)
        return weir_budget_error(config->budget, error);
    if (config->keys_count)
        memcpy(keys, config->keys, config->keys_count * sizeof *keys);
    map->key_columns = keys;
    map->columns_count = config->columns_count;
    map->keys_count = config->keys_count;
    return create_tables(map, config, error);
}

enum weir_status weir_multimap_create(const struct weir_multimap_config *config,
                                      struct weir_multimap **out, struct weir_error *error)
{
    struct weir_multimap *map = NULL;
    *out = NULL;
    if (weir_budget_charge(config->budget, sizeof *map)) {
        map = weir_calloc(1, sizeof *map);
        if (!map)
            weir_budget_release(config->budget, sizeof *map);
    }
    if (!map)
        return weir_budget_error(config->budget, error);
    map->budget = config->budget;
    weir_arena_init(&map->arena, config->budget, 0);
    enum weir_status status = set_up(map, config, error);
    if (status != WEIR_OK)
        weir_multimap_destroy(map);
    else
        *out = map;
    return status;
}

void weir_multimap_destroy(struct weir_multimap *map)
{
    if (!map)
        return;
    weir_state_table_destroy(map->keys);
    weir_state_table_destroy(map->rows);
    weir_arena_deinit(&map->arena);
    weir_budget_release(map->budget, sizeof *map);
    weir_free(map);
}

void weir_multimap_clear(struct weir_multimap *map)
{
    weir_state_table_clear(map->keys);
    weir_state_table_clear(map->rows);
}

uint32_t weir_multimap_count(const struct weir_multimap *map)
{
    return weir_state_table_count(map->rows);
}

/* ---- chains ---- */

static struct chain *chain_of(const struct weir_multimap *map, uint32_t key)
{
    return (struct chain *)(void *)weir_state_table_payload(map->keys, key);
}

static inline struct link *link_of(const struct weir_multimap *map, uint32_t row)
{
    const struct weir_state_table *rows = map->rows;
    if (!map->append) /* which is GENERIC: no word is dense */
        return (struct link *)(void *)weir_state_table_payload(rows, row);
    return (struct link *)(void *)(table_row(rows, row) + rows->payload_offset);
}

static int64_t weight_of(const struct weir_multimap *map, const struct link *link)
{
    return map->append ? link->linked : ((const struct counted *)link)->weight;
}

static enum weir_status add_weight(const struct weir_multimap *map, struct link *link,
                                   int64_t weight, struct weir_error *error)
{
    if (!map->append) {
        ((struct counted *)link)->weight += weight;
        return WEIR_OK;
    }
    if (weight < 1 || weight > UINT32_MAX)
        return weir_error_set(error, WEIR_E_LIMIT, "a row is there %lld times", (long long)weight);
    link->linked = (uint32_t)weight;
    return WEIR_OK;
}

static void link_row(struct weir_multimap *map, uint32_t key, uint32_t row, struct link *link)
{
    struct chain *chain = chain_of(map, key);
    link->key = key;
    link->linked = 1; /* M2; or the weight, until it is set */
    link->previous = chain->last;
    if (chain->last)
        link_of(map, chain->last - 1)->next = row + 1;
    else
        chain->first = row + 1;
    chain->last = row + 1;
}

static void unlink_row(struct weir_multimap *map, const struct link *link)
{
    struct chain *chain = chain_of(map, link->key);
    if (link->next)
        link_of(map, link->next - 1)->previous = link->previous;
    else
        chain->last = link->previous;
    if (link->previous)
        link_of(map, link->previous - 1)->next = link->next;
    else
        chain->first = link->next;
    if (!chain->first)
        weir_state_table_delete(map->keys, link->key); /* M1 */
}

void weir_multimap_remove(struct weir_multimap *map, uint32_t row)
{
    unlink_row(map, link_of(map, row));
    weir_state_table_delete(map->rows, row);
}

void weir_multimap_sweep(struct weir_multimap *map, const uint32_t *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!weir_multimap_has(map, rows[i]))
            continue;
        if (weight_of(map, link_of(map, rows[i])) == 0)
            weir_multimap_remove(map, rows[i]);
    }
}

/* ---- access ---- */

/* (key number, other columns): the key of the table of rows. */
static void load_row_columns(struct weir_multimap *map, const struct weir_column *columns,
                             uint32_t lanes)
{
    if (map->numbered)
        map->columns[0] = (struct weir_column){.type = weir_type_of(WEIR_TYPE_INT32),
                                               .encoding = WEIR_FLAT,
                                               .rows_count = lanes,
                                               .values = map->room->key_of_lane};
    for (uint32_t c = 0; c < map->columns_count; c++)
        if (!map->places[c].in_key)
            map->columns[map->places[c].column] = columns[c];
}

enum weir_status weir_multimap_keys(struct weir_multimap *map, const struct weir_column *columns,
                                    const uint16_t *selection, uint32_t count, uint32_t *keys,
                                    struct weir_error *error)
{
    for (uint32_t k = 0; k < map->keys_count; k++)
        map->columns[k] = columns[map->key_columns[k]];
    return weir_state_table_upsert(map->keys, map->columns, selection, count, map->room->payloads,
                                   keys, error);
}

enum weir_status weir_multimap_add_to(struct weir_multimap *map, const uint32_t *keys,
                                      const struct weir_column *columns, const uint16_t *selection,
                                      uint32_t count, const int64_t *weights, uint32_t *rows,
                                      struct weir_error *error)
{
    struct room *room = map->room;
    for (uint32_t i = 0; i < count && map->numbered; i++)
        room->key_of_lane[selection ? selection[i] : i] = (int32_t)keys[i];
    load_row_columns(map, columns, map->columns_count ? columns[0].rows_count : count);
    WEIR_TRY(weir_state_table_upsert(map->rows, map->columns, selection, count, room->payloads,
                                     rows, error));
    for (uint32_t i = 0; i < count; i++) {
        struct link *link = (struct link *)(void *)room->payloads[i];
        if (!link->linked)
            link_row(map, keys[i], rows[i], link);
        WEIR_TRY(add_weight(map, link, weights ? weights[selection ? selection[i] : i] : 1, error));
    }
    return WEIR_OK;
}

enum weir_status weir_multimap_add(struct weir_multimap *map, const struct weir_column *columns,
                                   const uint16_t *selection, uint32_t count,
                                   const int64_t *weights, uint32_t *rows, struct weir_error *error)
{
    WEIR_TRY(weir_multimap_keys(map, columns, selection, count, map->room->ids, error));
    return weir_multimap_add_to(map, map->room->ids, columns, selection, count, weights, rows,
                                error);
}

enum weir_status weir_multimap_find_rows(struct weir_multimap *map,
                                         const struct weir_column *columns,
                                         const uint16_t *selection, uint32_t count, uint32_t *rows,
                                         struct weir_error *error)
{
    struct room *room = map->room;
    for (uint32_t k = 0; k < map->keys_count; k++)
        map->columns[k] = columns[map->key_columns[k]];
    WEIR_TRY(weir_state_table_find(map->keys, map->columns, selection, count, room->payloads,
                                   room->ids, error));
    for (uint32_t i = 0; i < count; i++)
        room->key_of_lane[selection ? selection[i] : i] =
            room->payloads[i] ? (int32_t)room->ids[i] : -1;
    load_row_columns(map, columns, map->columns_count ? columns[0].rows_count : count);
    WEIR_TRY(weir_state_table_find(map->rows, map->columns, selection, count, room->payloads, rows,
                                   error));
    for (uint32_t i = 0; i < count; i++)
        if (!room->payloads[i])
            rows[i] = WEIR_MULTIMAP_NONE;
    return WEIR_OK;
}

enum weir_status weir_multimap_find(struct weir_multimap *map, const struct weir_column *key,
                                    const uint16_t *selection, uint32_t count, uint32_t *rows,
                                    struct weir_error *error)
{
    WEIR_TRY(
        weir_state_table_find(map->keys, key, selection, count, map->room->payloads, NULL, error));
    for (uint32_t i = 0; i < count; i++) {
        const struct chain *chain = (const struct chain *)(const void *)map->room->payloads[i];
        rows[i] = chain ? chain->first - 1 : WEIR_MULTIMAP_NONE;
    }
    return WEIR_OK;
}

uint32_t weir_multimap_next(const struct weir_multimap *map, uint32_t row)
{
    return link_of(map, row)->next - 1; /* 0 - 1 is NONE */
}

uint32_t weir_multimap_key(const struct weir_multimap *map, uint32_t row)
{
    return link_of(map, row)->key;
}

uint32_t weir_multimap_first(const struct weir_multimap *map, uint32_t key)
{
    return chain_of(map, key)->first - 1;
}

uint32_t weir_multimap_scan_keys(const struct weir_multimap *map, uint32_t *cursor, uint32_t *keys,
                                 uint32_t max)
{
    return weir_state_table_scan(map->keys, cursor, keys, max);
}

int64_t weir_multimap_weight(const struct weir_multimap *map, uint32_t row)
{
    return weight_of(map, link_of(map, row));
}

struct weir_multimap_row weir_multimap_row(const struct weir_multimap *map, uint32_t row)
{
    struct link *link = link_of(map, row);
    return (struct weir_multimap_row){.next = link->next - 1,
                                      .weight = weight_of(map, link),
                                      .extra = (char *)link + map->link_size};
}

bool weir_multimap_has(const struct weir_multimap *map, uint32_t row)
{
    return weir_state_table_has(map->rows, row);
}

void *weir_multimap_extra(const struct weir_multimap *map, uint32_t row)
{
    return (char *)link_of(map, row) + map->link_size;
}

uint32_t weir_multimap_scan(const struct weir_multimap *map, uint32_t *cursor, uint32_t *rows,
                            uint32_t max)
{
    return weir_state_table_scan(map->rows, cursor, rows, max);
}

static enum weir_status gather_key(const struct weir_multimap *map, uint32_t column,
                                   const uint32_t *rows, uint32_t count, struct weir_arena *arena,
                                   struct weir_column *out, struct weir_error *error)
{
    uint32_t *keys = weir_arena_alloc(arena, count * sizeof *keys + 1, 64);
    if (!keys)
        return weir_budget_error(arena->budget, error);
    for (uint32_t i = 0; i < count; i++)
        keys[i] = link_of(map, rows[i])->key;
    return weir_state_table_keys(map->keys, column, keys, count, arena, out, error);
}

enum weir_status weir_multimap_gather(const struct weir_multimap *map, uint32_t column,
                                      const uint32_t *rows, uint32_t count,
                                      struct weir_arena *arena, struct weir_column *out,
                                      struct weir_error *error)
{
    const struct place *place = &map->places[column];
    if (place->in_key)
        return gather_key(map, place->column, rows, count, arena, out, error);
    return weir_state_table_keys(map->rows, place->column, rows, count, arena, out, error);
}
