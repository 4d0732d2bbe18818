/* Rows taken back of a state that has forgotten some. See known_rows.h.
 *
 * Mostly all rows that a batch takes back are in the state, which one search tells. When some are
 * not, they may have come in the same batch: then the sums of all its rows are followed. */
#include "exec/known_rows.h"

struct known_room {
    uint16_t back[WEIR_BATCH_ROWS_MAX]; /* lanes that are taken back */
    uint32_t rows[WEIR_BATCH_ROWS_MAX];
    uint8_t *sums[WEIR_BATCH_ROWS_MAX];
};

void known_rows_deinit(struct known_rows *known, const struct weir_operator_env *env)
{
    weir_state_table_destroy(known->sums);
    if (known->room)
        exec_state_destroy(env, known->room, sizeof *known->room);
    *known = (struct known_rows){0};
}

static enum weir_status make_sums(struct known_rows *known, const struct weir_operator_env *env,
                                  const struct known_lanes *batch, struct weir_error *error)
{
    struct weir_arena arena;
    if (known->sums) {
        weir_state_table_clear(known->sums);
        return WEIR_OK;
    }
    weir_arena_init(&arena, env->budget, 0);
    const struct weir_type **types =
        WEIR_ARENA_ARRAY(&arena, const struct weir_type *, batch->columns_count + 1);
    enum weir_status status = types ? WEIR_OK : exec_out_of_memory(env, error);
    for (uint32_t c = 0; types && c < batch->columns_count; c++)
        types[c] = batch->columns[c].type;
    const struct weir_table_config config = {.key_types = types,
                                             .keys_count = batch->columns_count,
                                             .payload_size = sizeof(int64_t),
                                             .hash_seed = env->hash_seed,
                                             .hash_collide = env->hash_collide,
                                             .isa = env->isa,
                                             .budget = env->budget};
    if (status == WEIR_OK)
        status = weir_state_table_create(&config, &known->sums, error);
    weir_arena_deinit(&arena);
    return status;
}

/* Whether all rows that are taken back are in the state. */
static enum weir_status find_all(struct known_rows *known, struct weir_multimap *map,
                                 const struct known_lanes *batch, bool *all,
                                 struct weir_error *error)
{
    struct known_room *room = known->room;
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        room->back[count] = batch->lanes[i];
        count += batch->weights[batch->lanes[i]] < 0;
    }
    WEIR_TRY(weir_multimap_find_rows(map, batch->columns, room->back, count, room->rows, error));
    *all = true;
    for (uint32_t i = 0; i < count; i++)
        *all &= room->rows[i] != WEIR_MULTIMAP_NONE;
    return WEIR_OK;
}

static int64_t *sum_of(const struct known_room *room, uint32_t i)
{
    return (int64_t *)(void *)room->sums[i];
}

/* The sums as they are in the state. */
static enum weir_status begin_sums(struct known_rows *known, struct weir_multimap *map,
                                   const struct known_lanes *batch, struct weir_error *error)
{
    struct known_room *room = known->room;
    WEIR_TRY(weir_state_table_upsert(known->sums, batch->columns, batch->lanes, batch->count,
                                     room->sums, NULL, error));
    WEIR_TRY(weir_multimap_find_rows(map, batch->columns, batch->lanes, batch->count, room->rows,
                                     error));
    for (uint32_t i = 0; i < batch->count; i++)
        if (room->rows[i] != WEIR_MULTIMAP_NONE)
            *sum_of(room, i) = weir_multimap_weight(map, room->rows[i]);
    return WEIR_OK;
}

enum weir_status known_rows_filter(struct known_rows *known, const struct weir_operator_env *env,
                                   struct weir_multimap *map, struct known_lanes *batch,
                                   struct weir_error *error)
{
    uint32_t kept = 0;
    bool all;
    void *room = known->room;
    if (!room)
        WEIR_TRY(exec_state_create(env, sizeof *known->room, &room, error));
    known->room = room;
    WEIR_TRY(find_all(known, map, batch, &all, error));
    if (all)
        return WEIR_OK;
    WEIR_TRY(make_sums(known, env, batch, error));
    WEIR_TRY(begin_sums(known, map, batch, error));
    for (uint32_t i = 0; i < batch->count; i++) {
        int64_t *sum = sum_of(known->room, i), weight = batch->weights[batch->lanes[i]];
        if (*sum + weight < 0)
            continue;
        *sum += weight;
        batch->lanes[kept++] = batch->lanes[i];
    }
    if (env->unmatched_count)
        *env->unmatched_count += batch->count - kept;
    batch->count = kept;
    return WEIR_OK;
}
