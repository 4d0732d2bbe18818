/* updating_ttl: keys that had no row for so long are forgotten, with the moments of their sessions.
 * The sessions stay as they are downstream; should the key come again, it begins anew. What is
 * taken back of a moment that is not there any more is left out and counted.
 *
 * Only of sessions that nothing else closes: those over input that takes rows back, or of times
 * that are not the event time. Tested in tests/suites/ttl.py. */
#include "exec/aggregate_session_internal.h"

enum { SWEEP_STEP = 256 };

void session_ttl_open(struct aggregate_sessions *sessions)
{
    exec_ttl_init(&sessions->aggregate->env, &sessions->moments->ttl);
}

/* A group that was only made for a row that is left out. */
static void drop_unused(struct aggregate_sessions *sessions, uint8_t *state, uint32_t id)
{
    const struct group_header *header = group_header(state);
    if (header->weight == 0 && header->mark != sessions->moments->step &&
        weir_state_table_has(sessions->pane->table, id))
        weir_state_table_delete(sessions->pane->table, id);
}

/* The lanes whose moments do not count fewer rows than none, one after the other. */
static void leave_out(struct aggregate_sessions *sessions, const struct weir_batch *batch,
                      struct segment *segment)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct aggregate_room *room = aggregate->room;
    struct session_moments *moments = sessions->moments;
    uint32_t kept = 0, left = 0;
    uint8_t **unused = room->distinct_states;
    uint32_t *unused_ids = room->distinct_ids;
    for (uint32_t i = 0; i < segment->count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        struct group_header *header = group_header(room->states[i]);
        int64_t weight = weir_batch_weight(batch, lane);
        if (header->weight + weight < 0) {
            unused[left] = room->states[i];
            unused_ids[left++] = room->ids[i];
            continue;
        }
        header->weight += weight;
        header->mark = moments->step;
        moments->lanes[kept] = (uint16_t)lane;
        moments->heads[kept] = moments->heads[i];
        room->states[kept] = room->states[i];
        room->ids[kept++] = room->ids[i];
    }
    for (uint32_t i = 0; i < kept; i++) /* they are counted with the functions */
        group_header(room->states[i])->weight -= weir_batch_weight(batch, moments->lanes[i]);
    for (uint32_t i = 0; i < left; i++)
        drop_unused(sessions, unused[i], unused_ids[i]);
    if (aggregate->env.unmatched_count)
        *aggregate->env.unmatched_count += left;
    segment->selection = moments->lanes;
    segment->count = kept;
}

enum weir_status session_ttl_take(struct aggregate_sessions *sessions,
                                  const struct weir_batch *batch, struct segment *segment,
                                  struct weir_error *error)
{
    struct session_moments *moments = sessions->moments;
    if (!weir_ttl_is_on(&moments->ttl))
        return WEIR_OK;
    WEIR_TRY(weir_ttl_touch(&moments->ttl, moments->key_ids, segment->count, error));
    if (batch->weights)
        leave_out(sessions, batch, segment);
    return WEIR_OK;
}

/* The key with its moments; rows that are out stay so. */
static enum weir_status forget_key(struct aggregate_sessions *sessions, uint32_t key_id,
                                   uint64_t *forgotten, struct weir_error *error)
{
    struct session_moments *moments = sessions->moments;
    struct pane *pane = sessions->pane;
    struct moments_key *key = session_moments_key(weir_state_table_payload(moments->keys, key_id));
    if (key->is_touched)
        return WEIR_OK; /* it is still to be laid out */
    WEIR_TRY(session_moments_list(sessions, key, error));
    weir_ordered_set_drop(&key->moments, &pane->heap);
    for (uint32_t i = 0; i < moments->groups_count; i++)
        aggregate_group_delete(sessions->aggregate, pane, moments->groups[i],
                               weir_state_table_payload(pane->table, moments->groups[i]));
    *forgotten += moments->groups_count;
    session_changes_forget(sessions->changes, &key->out);
    weir_state_table_delete(moments->keys, key_id);
    return WEIR_OK;
}

enum weir_status aggregate_sessions_forget(struct aggregate *aggregate,
                                           struct weir_processing_time now,
                                           struct weir_error *error)
{
    struct session_moments *moments = aggregate->sessions->moments;
    uint32_t ids[SWEEP_STEP], count, cursor = 0;
    uint64_t forgotten = 0;
    if (!moments || !weir_ttl_advance(&moments->ttl, now))
        return WEIR_OK;
    while ((count = weir_state_table_scan(moments->keys, &cursor, ids, SWEEP_STEP)) != 0)
        for (uint32_t i = 0; i < count; i++)
            if (weir_ttl_is_over(&moments->ttl, ids[i]))
                WEIR_TRY(forget_key(aggregate->sessions, ids[i], &forgotten, error));
    exec_count_expired(&aggregate->env, forgotten);
    return WEIR_OK;
}
