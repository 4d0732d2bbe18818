/* updating_ttl in ASOF joins that go with the watermark: keys that had no row and were not asked
 * for in so long are forgotten, where time does not free their rows:
 *
 *     latest    the last version of a right key: left rows that come later find none
 *     earliest  left rows that wait for a right one: they come out alone, or not at all
 *     by_right  all versions of a right key, and besides left rows that are out */
#include "exec/asof_internal.h"

void asof_ttl_open(struct asof *asof)
{
    bool latest = asof->plan->asof == WEIR_ASOF_LATEST, by_right = asof->plan->asof_by_right;
    if (by_right || (asof->plan->asof_timed && latest))
        exec_ttl_init(&asof->env, &asof->sides[1].ttl);
    if (by_right ? !latest || asof->node->inputs[0]->changelog : asof->plan->asof_timed && !latest)
        exec_ttl_init(&asof->env, &asof->sides[0].ttl);
}

void asof_ttl_close(struct asof *asof)
{
    for (uint32_t side = 0; side < 2; side++)
        weir_ttl_deinit(&asof->sides[side].ttl);
    known_rows_deinit(&asof->known, &asof->env);
}

enum weir_status asof_ttl_touch(struct asof *asof, uint32_t side, const uint32_t *rows,
                                uint32_t count, struct weir_error *error)
{
    struct asof_side *of = &asof->sides[side];
    for (uint32_t i = 0; weir_ttl_is_on(&of->ttl) && i < count; i++) {
        if (rows[i] == ASOF_NONE)
            continue;
        uint32_t key = weir_multimap_key(of->rows, rows[i]);
        WEIR_TRY(weir_ttl_touch(&of->ttl, &key, 1, error));
    }
    return WEIR_OK;
}

/* A left row of a key that is over: listed, when it waits for a right one; gone, when it is out. */
static enum weir_status forget_left(struct asof *asof, uint32_t row, struct asof_entries *left,
                                    struct weir_error *error)
{
    bool is_out = asof->plan->asof_by_right && asof_left(asof, row)->pending == 0;
    if (is_out)
        weir_multimap_remove(asof->sides[0].rows, row);
    bool waits = asof->plan->asof == WEIR_ASOF_EARLIEST && !is_out;
    return waits ? asof_add_left(asof, row, left, error) : WEIR_OK;
}

/* The rows of a key that is over: right ones behind the watermark go. */
static enum weir_status forget_key(struct asof *asof, uint32_t side, uint32_t key,
                                   struct asof_entries *left, struct weir_error *error)
{
    struct weir_multimap *rows = asof->sides[side].rows;
    for (uint32_t row = weir_multimap_first(rows, key), next; row != ASOF_NONE; row = next) {
        next = weir_multimap_next(rows, row);
        if (side == 0)
            WEIR_TRY(forget_left(asof, row, left, error));
        else if (asof_extra(asof, side, row)->time < asof->watermark_us)
            weir_multimap_remove(rows, row);
    }
    return WEIR_OK;
}

enum weir_status asof_ttl_forget(struct asof *asof, struct weir_processing_time now,
                                 struct asof_entries *left, struct weir_error *error)
{
    for (uint32_t side = 0; side < 2; side++) {
        struct asof_side *of = &asof->sides[side];
        uint32_t cursor = 0, key, before = weir_multimap_count(of->rows);
        if (!weir_ttl_advance(&of->ttl, now))
            continue;
        while (weir_multimap_scan_keys(of->rows, &cursor, &key, 1) != 0)
            if (weir_ttl_is_over(&of->ttl, key))
                WEIR_TRY(forget_key(asof, side, key, left, error));
        exec_count_expired(&asof->env, before - weir_multimap_count(of->rows) + left->count);
    }
    return WEIR_OK;
}
