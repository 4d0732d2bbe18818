/* Sessions over input that takes rows back, so that they shrink, split and vanish too.
 *
 *     gap 5     rows of one key   1 3 3   7        sessions  |1 … 12)
 *     the row at 3 goes, twice    1       7                  |1 … 6)  |7 … 12)
 *
 * The rows of a key that have the same time are a moment, which is a group of the pane's table, by
 * the keys and the time. A second table leads from the keys to their moments in order of time:
 *
 *     keys ─▶ ordered set of moments ─▶ group: row of the pane's table
 *
 * A batch goes into its moments, and notes the keys. When such a key is laid out, its moments are
 * walked: where one is a gap or more behind the one before, a session ends. Those whose moments and
 * bounds are what they were stay as they are; for the others the states of their moments are added
 * up anew, which costs as much as they have moments.
 *
 *     M1 a moment is in its key's set, with that weight, as long as its rows do not add up to none
 *     M2 sizes of sessions are their moments: one that went shows by the size, one that came or
 *        changed by its mark
 *     M3 keys without moments and without rows that are out are let go when all is laid out
 *
 * Tested in tests/suites/sessions.py. */
#include "exec/aggregate_session_internal.h"

enum weir_status session_moments_create(struct aggregate_sessions *sessions,
                                        struct weir_error *error)
{
    const struct aggregate *aggregate = sessions->aggregate;
    const struct weir_operator_env *env = &aggregate->env;
    const struct weir_table_config config = {.key_types = aggregate->key_types,
                                             .keys_count = aggregate->plan->keys_count,
                                             .payload_size = sizeof(struct moments_key),
                                             .hash_seed = env->hash_seed,
                                             .hash_collide = env->hash_collide,
                                             .isa = env->isa,
                                             .budget = env->budget};
    void *state;
    WEIR_TRY(exec_state_create(env, sizeof(struct session_moments), &state, error));
    sessions->moments = state;
    sessions->moments->gap_us = aggregate->plan->window.width_us;
    sessions->moments->step = 1;
    session_ttl_open(sessions);
    return weir_state_table_create(&config, &sessions->moments->keys, error);
}

void session_moments_destroy(struct aggregate_sessions *sessions)
{
    struct session_moments *moments = sessions->moments;
    struct weir_budget *budget = sessions->aggregate->env.budget;
    if (!moments)
        return;
    weir_state_table_destroy(moments->keys);
    weir_ttl_deinit(&moments->ttl);
    weir_free(moments->groups);
    weir_budget_release(budget, moments->groups_capacity * sizeof *moments->groups);
    weir_free(moments->laid_out);
    weir_budget_release(budget, moments->laid_out_capacity * sizeof *moments->laid_out);
    exec_state_destroy(&sessions->aggregate->env, moments, sizeof *moments);
    sessions->moments = NULL;
}

struct weir_state_table *session_moments_keys(const struct aggregate_sessions *sessions)
{
    return sessions->moments->keys;
}

/* ---- rows to moments ---- */

static int compare_moments(const void *context, uint64_t a, uint64_t b)
{
    const struct weir_state_table *table = context;
    int64_t left = session_moment_of(weir_state_table_payload(table, (uint32_t)a))->time_us;
    int64_t right = session_moment_of(weir_state_table_payload(table, (uint32_t)b))->time_us;
    return left < right ? -1 : left > right;
}

/* M1 */
static enum weir_status count_row(struct aggregate_sessions *sessions, struct moments_key *key,
                                  uint32_t group, int64_t weight, struct weir_error *error)
{
    const struct weir_key_order order = {compare_moments, sessions->pane->table};
    if (weir_ordered_set_add(&key->moments, group, weight, &order, &sessions->pane->heap) ==
        WEIR_ORDERED_FAILED)
        return exec_out_of_memory(&sessions->aggregate->env, error);
    return WEIR_OK;
}

/* The groups of a batch's rows, by the keys that are in aggregate->columns and the time. */
static enum weir_status find_moments(struct aggregate_sessions *sessions,
                                     const struct weir_batch *batch, const struct times *times,
                                     struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct aggregate_room *room = aggregate->room;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        bool null = times->validity && !weir_bit_get(times->validity, lane);
        sessions->times[lane] = null ? INT64_MAX : times->us[lane];
    }
    aggregate->columns[aggregate->plan->keys_count] =
        (struct weir_column){.type = weir_type_of(WEIR_TYPE_INT64),
                             .encoding = WEIR_FLAT,
                             .rows_count = WEIR_BATCH_ROWS_MAX,
                             .values = sessions->times};
    WEIR_TRY(weir_state_table_upsert(sessions->pane->table, aggregate->columns, batch->selection,
                                     batch->selected_count, room->states, room->ids, error));
    for (uint32_t i = 0; i < batch->selected_count; i++)
        session_moment_of(room->states[i])->time_us = sessions->times[weir_batch_lane(batch, i)];
    return WEIR_OK;
}

enum weir_status session_moments_divide(struct aggregate_sessions *sessions,
                                        const struct weir_batch *batch, const struct times *times,
                                        struct segment *segment, struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct session_moments *moments = sessions->moments;
    *segment = (struct segment){sessions->pane, batch->selection, batch->selected_count};
    WEIR_TRY(weir_state_table_upsert(moments->keys, aggregate->columns, batch->selection,
                                     batch->selected_count, moments->heads, moments->key_ids,
                                     error));
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        struct moments_key *key = session_moments_key(moments->heads[i]);
        if (!key->is_touched)
            WEIR_TRY(session_changes_touch(sessions->changes, moments->key_ids[i], error));
        key->is_touched = true;
    }
    WEIR_TRY(find_moments(sessions, batch, times, error));
    WEIR_TRY(session_ttl_take(sessions, batch, segment, error));
    for (uint32_t i = 0; i < segment->count; i++) {
        uint32_t lane = segment->selection ? segment->selection[i] : i;
        group_header(aggregate->room->states[i])->mark = moments->step;
        WEIR_TRY(count_row(sessions, session_moments_key(moments->heads[i]),
                           aggregate->room->ids[i], weir_batch_weight(batch, lane), error));
    }
    return WEIR_OK;
}

/* ---- moments to sessions ---- */

/* Room for one more. */
static enum weir_status reserve(struct aggregate_sessions *sessions, uint32_t **items,
                                uint32_t count, uint32_t *capacity, struct weir_error *error)
{
    if (count < *capacity)
        return WEIR_OK;
    uint32_t *grown = session_grow(&sessions->aggregate->env, *items, capacity, sizeof *grown);
    if (!grown)
        return exec_out_of_memory(&sessions->aggregate->env, error);
    *items = grown;
    return WEIR_OK;
}

enum weir_status session_moments_list(struct aggregate_sessions *sessions,
                                      const struct moments_key *key, struct weir_error *error)
{
    struct session_moments *moments = sessions->moments;
    struct weir_ordered_block block;
    moments->groups_count = 0;
    for (uint32_t cursor = 0; weir_ordered_set_next(&key->moments, &cursor, &block);)
        for (uint32_t i = 0; i < block.count; i++) {
            if (block.entries[i].weight < 0)
                continue; /* what was taken back is still to come */
            WEIR_TRY(reserve(sessions, &moments->groups, moments->groups_count,
                             &moments->groups_capacity, error));
            moments->groups[moments->groups_count++] = (uint32_t)block.entries[i].key;
        }
    return WEIR_OK;
}

/* The rows of one group's set into another's. */
static enum weir_status add_kept(struct aggregate_sessions *sessions, uint32_t number,
                                 uint8_t *into, const uint8_t *from, struct weir_error *error)
{
    uint32_t offset = sessions->aggregate->calls[number].offset;
    const struct weir_ordered_set *set = (const void *)(from + offset);
    struct weir_ordered_block block;
    for (uint32_t cursor = 0; weir_ordered_set_next(set, &cursor, &block);)
        for (uint32_t i = 0; i < block.count; i++)
            WEIR_TRY(aggregate_kept_add(sessions->aggregate, sessions->pane, number, into,
                                        &block.entries[i], error));
    return WEIR_OK;
}

/* from stays: functions that merge take it away, so they get a copy. */
static enum weir_status add_group(struct aggregate_sessions *sessions, uint8_t *into,
                                  const uint8_t *from, uint8_t *copy, struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    memcpy(copy, from, aggregate->payload_size);
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        const struct call_plan *call = &aggregate->calls[c];
        if (call->keeps)
            WEIR_TRY(add_kept(sessions, c, into, from, error));
        else
            WEIR_TRY(session_merge_call(sessions, call, into, copy, error));
    }
    return WEIR_OK;
}

static enum weir_status add_run(struct aggregate_sessions *sessions, const struct run *run,
                                uint8_t *into, uint8_t *copy, struct weir_error *error)
{
    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t group = sessions->moments->groups[run->first + i];
        const uint8_t *from = weir_state_table_payload(sessions->pane->table, group);
        WEIR_TRY(add_group(sessions, into, from, copy, error));
    }
    return WEIR_OK;
}

static void drop_sums(struct aggregate_sessions *sessions, uint8_t *const *sums, uint32_t count)
{
    const struct aggregate *aggregate = sessions->aggregate;
    for (uint32_t c = 0; c < aggregate->plan->calls_count; c++) {
        if (!aggregate->calls[c].keeps)
            continue; /* the others have nothing in the heap */
        for (uint32_t i = 0; i < count; i++)
            weir_ordered_set_drop((void *)(sums[i] + aggregate->calls[c].offset),
                                  &sessions->pane->heap);
    }
}

/* Results of the runs, from *ref on. */
static enum weir_status keep_runs(struct aggregate_sessions *sessions, uint32_t *ref,
                                  struct weir_error *error)
{
    struct aggregate *aggregate = sessions->aggregate;
    struct session_moments *moments = sessions->moments;
    uint32_t size = aggregate->payload_size, count = moments->runs_count;
    uint8_t *sums[RUNS_MAX];
    weir_arena_reset(&aggregate->scratch);
    uint8_t *memory = weir_arena_alloc(&aggregate->scratch, (size_t)size * (count + 1), 64);
    if (!memory)
        return exec_out_of_memory(&aggregate->env, error);
    memset(memory, 0, (size_t)size * (count + 1));
    enum weir_status status = WEIR_OK;
    for (uint32_t i = 0; i < count; i++)
        sums[i] = memory + (size_t)size * (i + 1);
    for (uint32_t i = 0; i < count && status == WEIR_OK; i++)
        status = add_run(sessions, &moments->runs[i], sums[i], memory, error);
    if (status == WEIR_OK)
        status = session_changes_keep(sessions->changes, sums, count, ref, error);
    drop_sums(sessions, sums, count);
    return status;
}

/* The rows of the runs, in place of those of *old with the same bounds, go to *out. */
static enum weir_status replace_runs(struct aggregate_sessions *sessions, uint32_t key_id,
                                     uint32_t *old, uint32_t *out, struct weir_error *error)
{
    struct session_changes *changes = sessions->changes;
    struct session_moments *moments = sessions->moments;
    uint32_t ref = 0;
    if (moments->runs_count)
        WEIR_TRY(keep_runs(sessions, &ref, error));
    for (uint32_t i = 0; i < moments->runs_count; i++) {
        const struct run *run = &moments->runs[i];
        const struct session_row row = {run->start_us, run->end_us, key_id, ref + i, run->count, 0};
        WEIR_TRY(session_changes_replace(changes, &row, old, out, error));
    }
    moments->runs_count = 0;
    return WEIR_OK;
}

/* One past the run of moments that begins at first; *marked: some of it has changed. */
static uint32_t run_end(const struct aggregate_sessions *sessions, uint32_t first, struct run *run,
                        bool *marked)
{
    const struct session_moments *moments = sessions->moments;
    const struct weir_state_table *table = sessions->pane->table;
    uint32_t at = first;
    *marked = false;
    for (; at < moments->groups_count; at++) {
        uint8_t *group = weir_state_table_payload(table, moments->groups[at]);
        int64_t time = session_moment_of(group)->time_us;
        if (at == first)
            run->start_us = time;
        else if (time >= run->end_us || time == INT64_MAX)
            break;
        run->end_us = session_add(time, moments->gap_us);
        *marked |= group_header(group)->mark == moments->step;
    }
    run->first = first;
    run->count = at - first;
    return at;
}

enum weir_status session_moments_lay_out(struct aggregate_sessions *sessions, uint32_t key_id,
                                         struct weir_error *error)
{
    struct session_changes *changes = sessions->changes;
    struct session_moments *moments = sessions->moments;
    struct moments_key *key = session_moments_key(weir_state_table_payload(moments->keys, key_id));
    uint32_t out = 0;
    WEIR_TRY(reserve(sessions, &moments->laid_out, moments->laid_out_count,
                     &moments->laid_out_capacity, error));
    moments->laid_out[moments->laid_out_count++] = key_id;
    WEIR_TRY(session_moments_list(sessions, key, error));
    for (uint32_t at = 0; at < moments->groups_count;) {
        struct run run;
        bool marked;
        at = run_end(sessions, at, &run, &marked);
        const struct session_row row = {run.start_us, run.end_us, key_id, 0, run.count, 0};
        if (!marked && session_changes_stay(changes, &row, &key->out, &out))
            continue; /* M2 */
        moments->runs[moments->runs_count++] = run;
        if (moments->runs_count == RUNS_MAX)
            WEIR_TRY(replace_runs(sessions, key_id, &key->out, &out, error));
    }
    WEIR_TRY(replace_runs(sessions, key_id, &key->out, &out, error));
    WEIR_TRY(session_changes_take_back(changes, &key->out, error));
    key->out = out;
    return WEIR_OK;
}

void session_moments_settle(struct aggregate_sessions *sessions)
{
    struct session_moments *moments = sessions->moments;
    for (uint32_t i = 0; i < moments->laid_out_count; i++) {
        uint32_t key_id = moments->laid_out[i];
        struct moments_key *key =
            session_moments_key(weir_state_table_payload(moments->keys, key_id));
        key->is_touched = false;
        if (key->out == 0 && weir_ordered_set_count(&key->moments) == 0) {
            weir_ordered_set_drop(&key->moments, &sessions->pane->heap);
            weir_state_table_delete(moments->keys, key_id); /* M3 */
        }
    }
    moments->laid_out_count = 0;
    moments->step = moments->step == UINT32_MAX ? 1 : moments->step + 1;
}
