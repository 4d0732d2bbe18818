/* JOIN: rows of two inputs that match. See join_internal.h. */
#include "exec/join_internal.h"

#include "base/checked.h"

/* ---- opening ---- */

static enum weir_status open_side(struct join *join, uint32_t port, struct weir_error *error)
{
    struct join_side *side = &join->sides[port];
    const struct weir_plan_join *plan = join->plan;
    side->plan = &plan->sides[port];
    side->schema = &join->node->inputs[port]->schema;
    side->tracks = side->plan->keep_unmatched || (plan->kind != WEIR_JOIN_PAIRS && port == 0);
    uint32_t extra = 0;
    side->matches_offset = side->expires_offset = JOIN_NONE;
    if (side->tracks)
        side->matches_offset = extra, extra += sizeof(int64_t);
    if (side->plan->expires)
        side->expires_offset = extra, extra += sizeof(int64_t);
    uint32_t columns_count = side->schema->fields_count;
    const struct weir_type **types =
        WEIR_ARENA_ARRAY(&join->arena, const struct weir_type *, columns_count + 1);
    if (!types)
        return exec_out_of_memory(&join->env, error);
    for (uint32_t i = 0; i < columns_count; i++)
        types[i] = side->schema->fields[i].type;
    if (join->node->has_event_time)
        types[columns_count++] = weir_type_of(WEIR_TYPE_INT64);
    struct weir_multimap_config config = {.types = types,
                                          .columns_count = columns_count,
                                          .keys = side->plan->keys,
                                          .keys_count = plan->keys_count,
                                          .extra_size = extra,
                                          .append = !join->node->inputs[port]->changelog,
                                          .hash_seed = join->env.hash_seed,
                                          .hash_collide = join->env.hash_collide,
                                          .isa = join->env.isa,
                                          .budget = join->env.budget};
    WEIR_TRY(weir_multimap_create(&config, &side->rows, error));
    if (side->plan->late)
        WEIR_TRY(weir_program_create(&side->plan->late, 1, side->schema, join->env.budget,
                                     &side->late, error));
    if (!side->plan->expires)
        return WEIR_OK;
    WEIR_TRY(weir_program_create(&side->plan->expires, 1, side->schema, join->env.budget,
                                 &side->expires, error));
    return weir_timers_create(plan->granularity_us, join->env.budget, &side->timers, error);
}

/* Left columns, then right ones: what the condition is over. */
static enum weir_status open_pairs(struct join *join, struct weir_error *error)
{
    const struct weir_schema *left = join->sides[0].schema, *right = join->sides[1].schema;
    uint32_t count = left->fields_count + right->fields_count;
    struct weir_field *fields = WEIR_ARENA_ARRAY(&join->arena, struct weir_field, count + 1);
    join->keys = WEIR_ARENA_ARRAY(&join->arena, struct weir_column, join->plan->keys_count + 1);
    join->stored = WEIR_ARENA_ARRAY(&join->arena, struct weir_column, count + 1);
    join->at = WEIR_ARENA_NEW(&join->arena, struct join_batch);
    join->pairs = WEIR_ARENA_NEW(&join->arena, struct join_pairs);
    if (!fields || !join->keys || !join->stored || !join->at || !join->pairs)
        return exec_out_of_memory(&join->env, error);
    if (left->fields_count)
        memcpy(fields, left->fields, left->fields_count * sizeof *fields);
    if (right->fields_count)
        memcpy(fields + left->fields_count, right->fields, right->fields_count * sizeof *fields);
    join->pair_schema = (struct weir_schema){fields, count};
    join_ttl_open(join);
    if (!join->plan->condition)
        return WEIR_OK;
    return weir_program_create(&join->plan->condition, 1, &join->pair_schema, join->env.budget,
                               &join->condition, error);
}

static void join_close(void *state)
{
    struct join *join = state;
    for (uint32_t port = 0; port < 2; port++) {
        weir_multimap_destroy(join->sides[port].rows);
        weir_timers_destroy(join->sides[port].timers);
        weir_program_destroy(join->sides[port].expires);
        weir_program_destroy(join->sides[port].late);
    }
    join_ttl_close(join);
    weir_program_destroy(join->condition);
    weir_batch_release(join->pair_batch);
    weir_batch_release(join->out);
    weir_arena_deinit(&join->arena);
    weir_arena_deinit(&join->scratch);
    exec_state_destroy(&join->env, join, sizeof *join);
}

static enum weir_status join_open(const void *description, const struct weir_operator_env *env,
                                  void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct join), state, error));
    struct join *join = *state;
    join->node = description;
    join->plan = &join->node->of.join;
    join->env = *env;
    join->watermark_us = INT64_MIN;
    weir_arena_init(&join->arena, env->budget, 0);
    weir_arena_init(&join->scratch, env->budget, 0);
    enum weir_status status = open_side(join, 0, error);
    if (status == WEIR_OK)
        status = open_side(join, 1, error);
    if (status == WEIR_OK)
        status = open_pairs(join, error);
    if (status == WEIR_OK)
        return WEIR_OK;
    (void)exec_open_failed(env, status, error);
    join_close(join);
    *state = NULL;
    return status;
}

/* ---- a batch ---- */

static struct weir_program_run run_of(const struct join *join, struct weir_arena *arena,
                                      const uint16_t *lanes, uint32_t count)
{
    return (struct weir_program_run){.batch = join->at->batch,
                                     .selection = lanes,
                                     .selected_count = count,
                                     .session = join->env.session,
                                     .arena = arena,
                                     .null_on_error = true};
}

/* Whether a time that came out as NULL is out of range. */
static enum weir_status is_out_of_range(struct join *join, struct weir_program *program,
                                        uint16_t lane, bool *out, struct weir_error *error)
{
    struct weir_column column;
    struct weir_program_run run = run_of(join, &join->scratch, &lane, 1);
    WEIR_TRY(weir_program_run(program, &run, &column, error));
    *out = run.nulled_count > 0;
    return WEIR_OK;
}

/* A time of each lane; of a null one `null_time`, of one beyond the range JOIN_AT_END. */
static enum weir_status lane_times(struct join *join, struct weir_program *program,
                                   int64_t null_time, const int64_t **out, struct weir_error *error)
{
    struct weir_batch *batch = join->at->batch;
    struct weir_column column;
    struct weir_program_run run =
        run_of(join, &join->scratch, batch->selection, batch->selected_count);
    WEIR_TRY(weir_program_run(program, &run, &column, error));
    int64_t *times = weir_arena_alloc(&join->scratch, (batch->rows_count + 1) * sizeof *times, 64);
    if (!times)
        return exec_out_of_memory(&join->env, error);
    const int64_t *values = column.values;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint16_t lane = (uint16_t)weir_batch_lane(batch, i);
        bool absent = weir_column_is_null(&column, lane), beyond = false;
        times[lane] = absent ? null_time : values[weir_column_index(&column, lane)];
        if (!absent || run.nulled_count == 0)
            continue;
        WEIR_TRY(is_out_of_range(join, program, lane, &beyond, error));
        if (beyond)
            times[lane] = JOIN_AT_END;
    }
    *out = times;
    return WEIR_OK;
}

/* at->expires, of the sides whose rows do. */
static enum weir_status find_expiry(struct join *join, struct weir_error *error)
{
    const struct join_side *side = &join->sides[join->at->port];
    join->at->expires = NULL;
    if (!side->expires)
        return WEIR_OK;
    return lane_times(join, side->expires,
                      side->plan->null_expires_at_once ? JOIN_NEVER : JOIN_AT_END,
                      &join->at->expires, error);
}

static void count_late(const struct join *join, uint32_t lane, int64_t last_us)
{
    int64_t granularity = join->plan->granularity_us, kept;
    if (!weir_add_i64(exec_round_down(last_us, granularity), granularity - 1, &kept))
        kept = last_us;
    const struct exec_late_row row = {join->watermark_us, 0, last_us, kept};
    exec_count_late(&join->env, join->at->batch, lane, &row);
}

/* at->live: the lanes that are not late. */
static enum weir_status leave_out_late(struct join *join, struct weir_error *error)
{
    struct join_batch *at = join->at;
    const struct join_side *side = &join->sides[at->port];
    const int64_t *late = NULL;
    at->live_count = 0;
    if (side->late && !join->env.bounded_query)
        WEIR_TRY(lane_times(join, side->late, INT64_MAX, &late, error));
    for (uint32_t i = 0; i < at->batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(at->batch, i);
        if (late && late[lane] < join->watermark_us)
            count_late(join, lane, late[lane]);
        else
            at->live[at->live_count++] = (uint16_t)lane;
    }
    return WEIR_OK;
}

/* at->matching: the live lanes without a null that never matches, in a key or as a bound. */
static void leave_out_nulls(struct join *join)
{
    struct join_batch *at = join->at;
    const struct weir_plan_join *plan = join->plan;
    at->matching_count = 0;
    for (uint32_t i = 0; i < at->live_count; i++) {
        at->matching[at->matching_count] = at->live[i];
        at->matching_count += !at->expires || at->expires[at->live[i]] != JOIN_NEVER;
    }
    for (uint32_t k = 0; k < plan->keys_count; k++) {
        const struct weir_column *key = &at->batch->columns[join->sides[at->port].plan->keys[k]];
        join->keys[k] = *key;
        if (plan->null_safe[k] || plan->null_matches || !key->validity)
            continue;
        uint32_t kept = 0;
        for (uint32_t i = 0; i < at->matching_count; i++) {
            at->matching[kept] = at->matching[i];
            kept += !weir_column_is_null(key, at->matching[i]);
        }
        at->matching_count = kept;
    }
}

/* Whether a lane that is unmatched may be emitted for good: it cannot match later. */
static bool is_final(const struct join *join, uint32_t lane)
{
    return join->at->expires && join->at->expires[lane] < join->watermark_us;
}

/* Lanes of the batch that come out alone. */
static enum weir_flow emit_alone(struct join *join, struct weir_output *output,
                                 struct weir_error *error)
{
    struct join_batch *at = join->at;
    const struct weir_plan_join *plan = join->plan;
    bool semi = plan->kind == WEIR_JOIN_SEMI;
    uint32_t count = 0, next = 0;
    if (plan->kind == WEIR_JOIN_PAIRS ? !join->sides[at->port].plan->keep_unmatched : at->port != 0)
        return WEIR_FLOW_OK;
    for (uint32_t i = 0; i < at->live_count; i++) {
        uint32_t lane = at->live[i];
        bool can_match = next < at->matching_count && at->matching[next] == lane;
        next += can_match;
        bool matched = can_match && at->matches[lane] != 0;
        bool now = matched == semi &&
                   (semi || !plan->defer_unmatched || !can_match || is_final(join, lane));
        at->chosen[count] = (uint16_t)lane;
        count += now;
    }
    return count ? join_emit_lanes(join, at->chosen, count, output, error) : WEIR_FLOW_OK;
}

static enum weir_status register_timers(struct join *join, uint32_t count, struct weir_error *error)
{
    struct join_batch *at = join->at;
    struct join_side *side = &join->sides[at->port];
    uint32_t timed = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t expires = at->expires[at->chosen[i]];
        *join_extra(side, at->rows[i], side->expires_offset) = expires;
        at->times[timed] = expires + 1; /* J2 */
        at->timed[timed++] = at->rows[i];
    }
    return weir_timers_register_many(side->timers, at->times, at->timed, timed, error);
}

/* The columns of the batch as its side keeps them: with the event time, where it is passed on. Rows
 * that are equal but for it are not one. */
static enum weir_status stored_columns(struct join *join, const struct weir_column **out,
                                       struct weir_error *error)
{
    const struct weir_batch *batch = join->at->batch;
    uint32_t count = join->sides[join->at->port].schema->fields_count;
    *out = batch->columns;
    if (!join->node->has_event_time)
        return WEIR_OK;
    int64_t *none = NULL;
    if (!batch->event_times) {
        none = weir_arena_alloc(&join->scratch, (batch->rows_count + 1) * sizeof *none, 64);
        if (!none)
            return exec_out_of_memory(&join->env, error);
        for (uint32_t i = 0; i < batch->rows_count; i++)
            none[i] = INT64_MIN;
    }
    if (count)
        memcpy(join->stored, batch->columns, count * sizeof *join->stored);
    join->stored[count] = (struct weir_column){.type = weir_type_of(WEIR_TYPE_INT64),
                                               .encoding = WEIR_FLAT,
                                               .rows_count = batch->rows_count,
                                               .values = none ? none : batch->event_times};
    *out = join->stored;
    return WEIR_OK;
}

/* Adds the lanes that may still match something to the batch's own side. */
static enum weir_status keep_lanes(struct join *join, struct weir_error *error)
{
    struct join_batch *at = join->at;
    struct join_side *side = &join->sides[at->port];
    uint32_t count = 0;
    for (uint32_t i = 0; i < at->matching_count; i++) {
        at->chosen[count] = at->matching[i];
        count += !is_final(join, at->matching[i]);
    }
    const struct weir_column *columns;
    WEIR_TRY(stored_columns(join, &columns, error));
    WEIR_TRY(weir_multimap_add(side->rows, columns, at->chosen, count, at->batch->weights, at->rows,
                               error));
    for (uint32_t i = 0; side->tracks && i < count; i++)
        *join_extra(side, at->rows[i], side->matches_offset) = at->matches[at->chosen[i]];
    WEIR_TRY(join_ttl_touch(join, at->port, at->rows, count, error));
    if (side->timers)
        WEIR_TRY(register_timers(join, count, error));
    if (at->batch->weights)
        weir_multimap_sweep(side->rows, at->rows, count);
    return WEIR_OK;
}

/* updating_ttl: what is taken back of rows that have been forgotten. */
static enum weir_status leave_out_forgotten(struct join *join, struct weir_error *error)
{
    const struct weir_column *columns;
    if (!weir_ttl_is_on(&join->sides[join->at->port].ttl))
        return WEIR_OK;
    leave_out_nulls(join); /* what matches nothing is not kept, and not looked for */
    WEIR_TRY(stored_columns(join, &columns, error));
    return join_ttl_leave_out(join, columns, error);
}

static enum weir_flow join_push(void *state, uint32_t port, struct weir_batch *batch,
                                struct weir_output *output, struct weir_error *error)
{
    struct join *join = state;
    struct join_batch *at = join->at;
    if (join->done)
        return WEIR_FLOW_DONE;
    weir_arena_reset(&join->scratch);
    at->port = port;
    at->batch = batch;
    if (leave_out_late(join, error) != WEIR_OK || find_expiry(join, error) != WEIR_OK ||
        leave_out_forgotten(join, error) != WEIR_OK)
        return exec_failed(&join->env, error);
    leave_out_nulls(join);
    enum weir_flow flow = join_probe(join, output, error);
    if (flow == WEIR_FLOW_OK)
        flow = emit_alone(join, output, error);
    if (flow == WEIR_FLOW_FAILED)
        return exec_failed(&join->env, error);
    join->done = flow == WEIR_FLOW_DONE;
    if (!join->done && keep_lanes(join, error) != WEIR_OK)
        return exec_failed(&join->env, error);
    if (exec_let_go(join->out, error) != WEIR_OK || exec_let_go(join->pair_batch, error) != WEIR_OK)
        return exec_failed(&join->env, error);
    return flow;
}

/* ---- expiry and end ---- */

static bool emits_when_final(const struct join *join, uint32_t port)
{
    return join->plan->defer_unmatched && join->sides[port].tracks &&
           join->plan->kind != WEIR_JOIN_SEMI;
}

/* Of rows, those that are unmatched come out; returns the flow. */
static enum weir_flow emit_unmatched(struct join *join, uint32_t port, const uint32_t *rows,
                                     uint32_t count, struct weir_output *output,
                                     struct weir_error *error)
{
    const struct join_side *side = &join->sides[port];
    uint32_t *chosen = join->pairs->toggled, chosen_count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (*join_extra(side, rows[i], side->matches_offset) == 0)
            chosen[chosen_count++] = rows[i];
    return chosen_count ? join_emit_rows(join, port, chosen, chosen_count, 1, output, error)
                        : WEIR_FLOW_OK;
}

static enum weir_flow expire(struct join *join, uint32_t port, struct weir_output *output,
                             struct weir_error *error)
{
    struct join_side *side = &join->sides[port];
    struct weir_event_time until = {join->watermark_us};
    uint32_t *due = join->pairs->rows, count;
    while ((count = weir_timers_due(side->timers, until, due, WEIR_BATCH_ROWS_MAX)) > 0) {
        uint32_t kept = 0;
        for (uint32_t i = 0; i < count; i++) {
            if (!weir_multimap_has(side->rows, due[i]))
                continue;
            int64_t *expires = join_extra(side, due[i], side->expires_offset);
            if (*expires >= until.us)
                continue;
            *expires = INT64_MAX; /* equal rows are one, with a timer each: it is due once */
            due[kept++] = due[i];
        }
        if (emits_when_final(join, port) && !join->done) {
            enum weir_flow flow = emit_unmatched(join, port, due, kept, output, error);
            if (flow == WEIR_FLOW_FAILED)
                return flow;
            join->done = flow == WEIR_FLOW_DONE;
        }
        for (uint32_t i = 0; i < kept; i++)
            weir_multimap_remove(side->rows, due[i]);
    }
    return WEIR_FLOW_OK;
}

/* Whether rows come out behind the watermark that has let them match. */
static bool may_come_late(const struct join *join)
{
    const struct weir_plan_join *plan = join->plan;
    return plan->kind != WEIR_JOIN_PAIRS || plan->sides[0].keep_unmatched ||
           plan->sides[1].keep_unmatched;
}

static enum weir_flow join_watermark(void *state, struct weir_event_time watermark,
                                     struct weir_output *output, struct weir_error *error)
{
    struct join *join = state;
    int64_t rounded = exec_round_down(watermark.us, join->plan->granularity_us);
    if (rounded > join->watermark_us) {
        join->watermark_us = rounded;
        for (uint32_t port = 0; port < 2; port++)
            if (join->sides[port].timers && expire(join, port, output, error) == WEIR_FLOW_FAILED)
                return exec_failed(&join->env, error);
        if (exec_let_go(join->out, error) != WEIR_OK)
            return exec_failed(&join->env, error);
    }
    /* Rows that wait are let go by the rounded time, and come with times of their own. */
    int64_t reached = may_come_late(join) ? join->watermark_us : watermark.us, passed = reached;
    if (passed != INT64_MAX && !weir_sub_i64(reached, join->plan->delay_us, &passed))
        return WEIR_FLOW_OK;
    return output->watermark(output, (struct weir_event_time){passed}, error);
}

static enum weir_flow join_end(void *state, struct weir_output *output, struct weir_error *error)
{
    struct join *join = state;
    join->watermark_us = INT64_MAX; /* what waits for time has waited for its end, too */
    for (uint32_t port = 0; port < 2; port++)
        if (join->sides[port].timers && expire(join, port, output, error) == WEIR_FLOW_FAILED)
            return exec_failed(&join->env, error);
    for (uint32_t port = 0; port < 2 && !join->done; port++) {
        uint32_t cursor = 0, *rows = join->pairs->rows, count;
        if (!emits_when_final(join, port))
            continue;
        while (!join->done && (count = weir_multimap_scan(join->sides[port].rows, &cursor, rows,
                                                          WEIR_BATCH_ROWS_MAX)) > 0) {
            enum weir_flow flow = emit_unmatched(join, port, rows, count, output, error);
            if (flow == WEIR_FLOW_FAILED)
                return exec_failed(&join->env, error);
            join->done = flow == WEIR_FLOW_DONE;
        }
    }
    if (exec_let_go(join->out, error) != WEIR_OK)
        return exec_failed(&join->env, error);
    return output->end(output, error);
}

static uint64_t join_state_rows(const void *state)
{
    const struct join *join = state;
    return (uint64_t)weir_multimap_count(join->sides[0].rows) +
           weir_multimap_count(join->sides[1].rows);
}

const struct weir_operator_type exec_join = {.name = "join",
                                             .open = join_open,
                                             .push = join_push,
                                             .watermark = join_watermark,
                                             .timer = join_timer,
                                             .end = join_end,
                                             .state_rows = join_state_rows,
                                             .close = join_close};
