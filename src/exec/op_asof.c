/* ASOF JOIN: each left row with the right row that is closest in time. See asof_internal.h. */
#include "exec/asof_internal.h"

#include "base/checked.h"

/* ---- opening ---- */

static enum weir_status open_side(struct asof *asof, uint32_t port, struct weir_error *error)
{
    struct asof_side *side = &asof->sides[port];
    const struct weir_plan_join *plan = asof->plan;
    bool of_left = plan->asof_by_right && port == 0, latest = plan->asof == WEIR_ASOF_LATEST;
    side->plan = &plan->sides[port];
    side->schema = &asof->node->inputs[port]->schema;
    const struct weir_type **types =
        WEIR_ARENA_ARRAY(&asof->arena, const struct weir_type *, side->schema->fields_count + 1);
    if (!types)
        return exec_out_of_memory(&asof->env, error);
    for (uint32_t i = 0; i < side->schema->fields_count; i++)
        types[i] = side->schema->fields[i].type;
    struct weir_multimap_config config = {.types = types,
                                          .columns_count = side->schema->fields_count,
                                          .keys = side->plan->keys,
                                          .keys_count = plan->keys_count,
                                          .extra_size = of_left ? sizeof(struct asof_left)
                                                                : sizeof(struct asof_extra),
                                          .append = !of_left || !asof->node->inputs[0]->changelog,
                                          .hash_seed = asof->env.hash_seed,
                                          .hash_collide = asof->env.hash_collide,
                                          .isa = asof->env.isa,
                                          .budget = asof->env.budget};
    WEIR_TRY(weir_multimap_create(&config, &side->rows, error));
    WEIR_TRY(
        weir_program_create(&side->plan->at, 1, side->schema, asof->env.budget, &side->at, error));
    if (!(plan->asof_timed && (port == 1 || latest)) &&
        !(plan->asof_by_right && (port == 0) == latest))
        return WEIR_OK;
    return weir_timers_create(plan->granularity_us, asof->env.budget, &side->timers, error);
}

static void asof_close(void *state)
{
    struct asof *asof = state;
    for (uint32_t port = 0; port < 2; port++) {
        weir_multimap_destroy(asof->sides[port].rows);
        weir_timers_destroy(asof->sides[port].timers);
        weir_program_destroy(asof->sides[port].at);
    }
    asof_ttl_close(asof);
    weir_batch_release(asof->out);
    weir_arena_deinit(&asof->arena);
    weir_arena_deinit(&asof->scratch);
    weir_arena_deinit(&asof->chunk);
    exec_state_destroy(&asof->env, asof, sizeof *asof);
}

static enum weir_status asof_open(const void *description, const struct weir_operator_env *env,
                                  void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct asof), state, error));
    struct asof *asof = *state;
    asof->node = description;
    asof->plan = &asof->node->of.join;
    asof->env = *env;
    asof->watermark_us = INT64_MIN;
    weir_arena_init(&asof->arena, env->budget, 0);
    weir_arena_init(&asof->scratch, env->budget, 0);
    weir_arena_init(&asof->chunk, env->budget, 0);
    asof->keys = WEIR_ARENA_ARRAY(&asof->arena, struct weir_column, asof->plan->keys_count + 1);
    enum weir_status status = asof->keys ? WEIR_OK : exec_out_of_memory(&asof->env, error);
    for (uint32_t port = 0; port < 2 && status == WEIR_OK; port++)
        status = open_side(asof, port, error);
    asof_ttl_open(asof);
    if (status == WEIR_OK)
        return WEIR_OK;
    (void)exec_open_failed(env, status, error);
    asof_close(asof);
    *state = NULL;
    return status;
}

/* ---- a batch ---- */

static enum weir_status times_of(struct asof *asof, uint32_t port, struct weir_batch *batch,
                                 struct weir_column *out, struct weir_error *error)
{
    struct weir_program_run run = {.batch = batch,
                                   .selection = batch->selection,
                                   .selected_count = batch->selected_count,
                                   .session = asof->env.session,
                                   .arena = &asof->scratch,
                                   .null_on_error = asof->env.null_on_error};
    WEIR_TRY(weir_program_run(asof->sides[port].at, &run, out, error));
    if (asof->env.nulled_count)
        *asof->env.nulled_count += run.nulled_count;
    return WEIR_OK;
}

/* Whether a lane's keys can match anything. */
static bool has_keys(const struct asof *asof, uint32_t port, const struct weir_batch *batch,
                     uint32_t lane)
{
    for (uint32_t k = 0; k < asof->plan->keys_count; k++)
        if (!asof->plan->null_safe[k] &&
            weir_column_is_null(&batch->columns[asof->sides[port].plan->keys[k]], lane))
            return false;
    return true;
}

/* The last watermark that a row of this time may come behind. */
static int64_t kept_until(const struct asof *asof, int64_t time_us)
{
    int64_t granularity = asof->plan->granularity_us, kept;
    return weir_add_i64(exec_round_down(time_us, granularity), granularity - 1, &kept) ? kept
                                                                                       : time_us;
}

/* The lanes that are kept, with what is known of them; returns their number. */
static uint32_t choose(struct asof *asof, uint32_t port, const struct weir_batch *batch,
                       const struct weir_column *times, uint16_t *lanes, struct asof_extra *extras)
{
    const int64_t *values = times->values;
    bool keeps_all = asof->sides[port].plan->keep_unmatched;
    bool may_be_late = (asof->plan->asof_timed || (asof->plan->asof_by_right && port == 1)) &&
                       !asof->env.bounded_query;
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        bool absent = weir_column_is_null(times, lane);
        int64_t time = absent ? INT64_MIN : values[weir_column_index(times, lane)];
        if (may_be_late && !absent && time < asof->watermark_us) {
            const struct exec_late_row row = {asof->watermark_us, 0, time, kept_until(asof, time)};
            exec_count_late(&asof->env, batch, lane, &row);
            continue;
        }
        bool is_version = port == 1 && asof->plan->asof_versions;
        bool gone = is_version && weir_batch_weight(batch, lane) < 0;
        bool can_match = !absent && has_keys(asof, port, batch, lane);
        absent |= asof->plan->asof_by_right && !can_match; /* it comes out at once */
        lanes[count] = (uint16_t)lane;
        extras[count] =
            (struct asof_extra){time, is_version ? asof_rank(asof->versions++, gone) : absent};
        count += keeps_all || can_match;
    }
    return count;
}

/* A change counts from its time on. */
static enum weir_status check_versions(const struct weir_batch *batch,
                                       const struct weir_column *times, struct weir_error *error)
{
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        if (!weir_column_is_null(times, lane))
            continue;
        struct weir_origin origin = exec_origin(batch, lane);
        (void)weir_error_set(error, WEIR_E_NULL_EVENT_TIME,
                             "a change without a time is no version: of a %s",
                             weir_batch_weight(batch, lane) == WEIR_EVENT_CLEAR    ? "truncate"
                             : weir_batch_weight(batch, lane) == WEIR_EVENT_DELETE ? "delete"
                                                                                   : "row");
        weir_error_hint(error, "take the time from the envelope: at TIMESTAMP METADATA FROM "
                               "'ts_ms'");
        weir_error_from(error, &origin);
        return WEIR_E_NULL_EVENT_TIME;
    }
    return WEIR_OK;
}

static enum weir_status make_kept(struct asof *asof, const struct weir_batch *batch,
                                  struct asof_kept *kept, struct weir_error *error)
{
    uint32_t most = batch->selected_count + 1;
    kept->lanes = weir_arena_alloc(&asof->scratch, most * sizeof *kept->lanes, 64);
    kept->rows = weir_arena_alloc(&asof->scratch, most * sizeof *kept->rows, 64);
    kept->extras = weir_arena_alloc(&asof->scratch, most * sizeof *kept->extras, 64);
    return kept->lanes && kept->rows && kept->extras ? WEIR_OK
                                                     : exec_out_of_memory(&asof->env, error);
}

/* Timers of the rows that wait for theirs. */
static enum weir_status set_timers(struct asof *asof, uint32_t port, const struct asof_kept *kept,
                                   struct weir_error *error)
{
    uint32_t count = 0, most = kept->count + 1;
    int64_t *due = weir_arena_alloc(&asof->scratch, most * sizeof *due, 64);
    uint32_t *rows = weir_arena_alloc(&asof->scratch, most * sizeof *rows, 64);
    if (!due || !rows)
        return exec_out_of_memory(&asof->env, error);
    for (uint32_t i = 0; i < kept->count; i++) {
        int64_t time = kept->extras[i].time;
        if (time == INT64_MAX || (asof->plan->asof_by_right && time < asof->watermark_us))
            continue;
        due[count] = time + 1; /* A1 */
        rows[count++] = kept->rows[i];
    }
    return weir_timers_register_many(asof->sides[port].timers, due, rows, count, error);
}

static enum weir_status keep(struct asof *asof, uint32_t port, struct weir_batch *batch,
                             struct asof_kept *kept, struct weir_error *error)
{
    struct asof_side *side = &asof->sides[port];
    struct weir_column times;
    WEIR_TRY(make_kept(asof, batch, kept, error));
    WEIR_TRY(times_of(asof, port, batch, &times, error));
    bool is_version = port == 1 && asof->plan->asof_versions;
    if (is_version)
        WEIR_TRY(check_versions(batch, &times, error));
    kept->count = choose(asof, port, batch, &times, kept->lanes, kept->extras);
    if (port == 0)
        WEIR_TRY(asof_changes_leave_out(asof, batch, kept, error));
    WEIR_TRY(weir_multimap_add(side->rows, batch->columns, kept->lanes, kept->count,
                               is_version ? NULL : batch->weights, kept->rows, error));
    WEIR_TRY(asof_ttl_touch(asof, port, kept->rows, kept->count, error));
    for (uint32_t i = 0; i < kept->count; i++)
        *asof_extra(asof, port, kept->rows[i]) = kept->extras[i];
    return side->timers ? set_timers(asof, port, kept, error) : WEIR_OK;
}

static enum weir_flow asof_push(void *state, uint32_t port, struct weir_batch *batch,
                                struct weir_output *output, struct weir_error *error)
{
    struct asof *asof = state;
    struct asof_kept kept;
    if (asof->done)
        return WEIR_FLOW_DONE;
    weir_arena_reset(&asof->scratch);
    if (keep(asof, port, batch, &kept, error) != WEIR_OK)
        return exec_failed(&asof->env, error);
    if (!asof->plan->asof_by_right || port == 1)
        return WEIR_FLOW_OK;
    enum weir_flow flow = asof_changes_take(asof, batch, &kept, output, error);
    if (flow == WEIR_FLOW_FAILED || exec_let_go(asof->out, error) != WEIR_OK)
        return exec_failed(&asof->env, error);
    return flow;
}

/* ---- output ---- */

static enum weir_status put_side(struct asof *asof, uint32_t side, const uint32_t *rows,
                                 uint32_t count, struct weir_error *error)
{
    struct weir_batch *out = asof->out;
    uint32_t first = side == 0 ? 0 : asof->sides[0].schema->fields_count;
    for (uint32_t c = 0; c < asof->sides[side].schema->fields_count; c++) {
        struct weir_column column;
        WEIR_TRY(weir_multimap_gather(asof->sides[side].rows, c, rows, count, &out->arena, &column,
                                      error));
        WEIR_TRY(exec_own_column(&column, count, &out->arena, &out->columns[first + c], error));
    }
    return WEIR_OK;
}

/* The right side's columns; where there is no match, those of some other row, as nulls. */
static enum weir_status put_right(struct asof *asof, uint32_t *rows, uint32_t count,
                                  struct weir_error *error)
{
    struct weir_batch *out = asof->out;
    uint32_t left = asof->sides[0].schema->fields_count, any = ASOF_NONE, missing = 0;
    const struct weir_schema *schema = asof->sides[1].schema;
    size_t words = weir_validity_words(count);
    uint64_t *matched = weir_arena_alloc(&out->arena, (words + 1) * sizeof *matched, 64);
    if (!matched)
        return weir_budget_error(out->arena.budget, error);
    memset(matched, 0, words * sizeof *matched);
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i] == ASOF_NONE) {
            missing++;
        } else {
            any = rows[i];
            weir_bit_set(matched, i);
        }
    }
    for (uint32_t c = 0; any == ASOF_NONE && c < schema->fields_count; c++)
        out->columns[left + c] = weir_column_nulls(schema->fields[c].type, count);
    if (any == ASOF_NONE)
        return WEIR_OK;
    for (uint32_t i = 0; i < count; i++)
        rows[i] = rows[i] == ASOF_NONE ? any : rows[i];
    WEIR_TRY(put_side(asof, 1, rows, count, error));
    for (uint32_t c = 0; missing && c < schema->fields_count; c++) {
        struct weir_column *column = &out->columns[left + c];
        uint64_t *both = matched;
        if (column->validity) {
            both = weir_arena_alloc(&out->arena, (words + 1) * sizeof *both, 64);
            for (size_t w = 0; both && w < words; w++)
                both[w] = matched[w] & column->validity[w];
        }
        if (!both)
            return weir_budget_error(out->arena.budget, error);
        column->validity = both;
    }
    return WEIR_OK;
}

enum weir_status asof_build(struct asof *asof, const struct asof_entry *entries, uint32_t count,
                            struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&asof->out, &asof->node->schema, asof->env.budget, error));
    struct weir_batch *out = asof->out;
    uint32_t *rows = weir_arena_alloc(&out->arena, (count + 1) * sizeof *rows, 64);
    int64_t *times = weir_arena_alloc(&out->arena, (count + 1) * sizeof *times, 64);
    if (!rows || !times)
        return weir_budget_error(out->arena.budget, error);
    out->rows_count = out->selected_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct asof_entry *entry = &entries[i];
        bool latest = asof->plan->asof == WEIR_ASOF_LATEST || entry->match == ASOF_NONE;
        rows[i] = entry->row;
        times[i] = latest ? entry->time : asof_extra(asof, 1, entry->match)->time;
    }
    if (asof->node->has_event_time)
        out->event_times = times;
    WEIR_TRY(put_side(asof, 0, rows, count, error));
    for (uint32_t i = 0; i < count; i++)
        rows[i] = entries[i].match;
    return put_right(asof, rows, count, error);
}

static enum weir_flow send(struct asof *asof, const struct asof_entry *entries, uint32_t count,
                           struct weir_output *output, struct weir_error *error)
{
    if (count == 0)
        return WEIR_FLOW_OK;
    if (asof_build(asof, entries, count, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    enum weir_flow flow = output->push(output, asof->out, error);
    asof->done |= flow == WEIR_FLOW_DONE;
    return flow == WEIR_FLOW_FULL ? WEIR_FLOW_OK : flow;
}

static enum weir_flow emit(struct asof *asof, const struct asof_entries *found,
                           struct weir_output *output, struct weir_error *error)
{
    struct asof_entry chunk[WEIR_BATCH_ROWS_MAX];
    uint32_t filled = 0, limit = exec_batch_rows(&asof->env);
    bool keeps_all = asof->sides[0].plan->keep_unmatched;
    enum weir_flow flow = WEIR_FLOW_OK;
    for (uint32_t i = 0; i < found->count && flow == WEIR_FLOW_OK; i++) {
        const struct asof_entry *entry = &found->items[i];
        int64_t times = weir_multimap_weight(asof->sides[0].rows, entry->row);
        if (entry->match == ASOF_NONE && !keeps_all)
            continue;
        for (; times > 0 && flow == WEIR_FLOW_OK; times--) {
            chunk[filled++] = *entry;
            if (filled < limit)
                continue;
            flow = send(asof, chunk, filled, output, error);
            filled = 0;
        }
    }
    return flow == WEIR_FLOW_OK ? send(asof, chunk, filled, output, error) : flow;
}

/* ---- time ---- */

static enum weir_flow finish(struct asof *asof, struct weir_output *output,
                             struct weir_error *error)
{
    struct asof_entries found = {0};
    if (asof->finished || asof->done)
        return WEIR_FLOW_OK;
    asof->finished = true;
    weir_arena_reset(&asof->scratch);
    if (asof_match(asof, NULL, INT64_MAX, true, &found, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    enum weir_flow flow = asof->plan->asof_by_right ? asof_changes_emit(asof, &found, output, error)
                                                    : emit(asof, &found, output, error);
    for (uint32_t port = 0; port < 2; port++)
        weir_multimap_clear(asof->sides[port].rows);
    return flow;
}

static void remove_left(struct asof *asof, const struct asof_entries *entries)
{
    for (uint32_t i = 0; i < entries->count; i++)
        if (weir_multimap_has(asof->sides[0].rows, entries->items[i].row))
            weir_multimap_remove(asof->sides[0].rows, entries->items[i].row);
}

/* What the watermark decides. */
static enum weir_flow advance(struct asof *asof, struct weir_output *output,
                              struct weir_error *error)
{
    struct asof_rows due[2] = {{0}, {0}};
    struct asof_entries found = {0};
    int64_t until = asof->watermark_us;
    weir_arena_reset(&asof->scratch);
    bool latest = asof->plan->asof == WEIR_ASOF_LATEST;
    if ((latest && asof_due(asof, 0, until, &due[0], error) != WEIR_OK) ||
        asof_due(asof, 1, until, &due[1], error) != WEIR_OK ||
        asof_match(asof, due, until, false, &found, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    enum weir_flow flow = emit(asof, &found, output, error);
    if (flow == WEIR_FLOW_FAILED)
        return flow;
    remove_left(asof, &found);
    return asof_free_right(asof, &due[1], until, error) == WEIR_OK ? flow : WEIR_FLOW_FAILED;
}

static int64_t round_down(int64_t time, int64_t granularity)
{
    if (time == INT64_MAX || time < INT64_MIN + granularity)
        return time;
    return weir_floor_div_i64(time, granularity) * granularity;
}

static enum weir_flow asof_watermark(void *state, struct weir_event_time watermark,
                                     struct weir_output *output, struct weir_error *error)
{
    struct asof *asof = state;
    if (!asof->plan->asof_timed && !asof->plan->asof_by_right)
        return output->watermark(output, watermark, error);
    int64_t rounded = round_down(watermark.us, asof->plan->granularity_us);
    if (rounded <= asof->watermark_us)
        return WEIR_FLOW_OK;
    asof->watermark_us = rounded;
    enum weir_flow flow = WEIR_FLOW_OK;
    if (!asof->done && asof->plan->asof_by_right)
        flow = asof_changes_advance(asof, output, error);
    else if (!asof->done)
        flow = rounded == INT64_MAX ? finish(asof, output, error) : advance(asof, output, error);
    if (flow == WEIR_FLOW_FAILED || exec_let_go(asof->out, error) != WEIR_OK)
        return exec_failed(&asof->env, error);
    if (asof->plan->asof_by_right)
        return WEIR_FLOW_OK; /* left rows come at any time */
    return output->watermark(output, (struct weir_event_time){rounded}, error);
}

static enum weir_flow asof_timer(void *state, struct weir_processing_time now,
                                 struct weir_output *output, struct weir_error *error)
{
    struct asof *asof = state;
    struct asof_entries alone = {0};
    if (asof->done || asof->finished)
        return WEIR_FLOW_OK;
    weir_arena_reset(&asof->scratch);
    if (asof_ttl_forget(asof, now, &alone, error) != WEIR_OK)
        return exec_failed(&asof->env, error);
    enum weir_flow flow = asof->plan->asof_by_right ? asof_changes_emit(asof, &alone, output, error)
                                                    : emit(asof, &alone, output, error);
    remove_left(asof, &alone);
    if (flow == WEIR_FLOW_FAILED || exec_let_go(asof->out, error) != WEIR_OK)
        return exec_failed(&asof->env, error);
    return WEIR_FLOW_OK;
}

static enum weir_flow asof_end(void *state, struct weir_output *output, struct weir_error *error)
{
    struct asof *asof = state;
    if (finish(asof, output, error) == WEIR_FLOW_FAILED || exec_let_go(asof->out, error) != WEIR_OK)
        return exec_failed(&asof->env, error);
    return output->end(output, error);
}

static uint64_t asof_state_rows(const void *state)
{
    const struct asof *asof = state;
    return (uint64_t)weir_multimap_count(asof->sides[0].rows) +
           weir_multimap_count(asof->sides[1].rows);
}

const struct weir_operator_type exec_asof = {.name = "asof join",
                                             .open = asof_open,
                                             .push = asof_push,
                                             .watermark = asof_watermark,
                                             .timer = asof_timer,
                                             .end = asof_end,
                                             .state_rows = asof_state_rows,
                                             .close = asof_close};
