/* OVER: window functions and Top-N. See over_internal.h. */
#include "exec/over_internal.h"

#include "base/checked.h"

#include <stdlib.h>

/* ---- opening ---- */

static void over_close(void *state)
{
    struct over *over = state;
    over_bounds_destroy(over);
    weir_ttl_deinit(&over->ttl);
    weir_multimap_destroy(over->rows);
    weir_timers_destroy(over->timers);
    weir_program_destroy(over->expires);
    weir_batch_release(over->out);
    weir_arena_deinit(&over->arena);
    weir_arena_deinit(&over->scratch);
    exec_state_destroy(&over->env, over, sizeof *over);
}

static enum weir_status over_init(struct over *over, struct weir_error *error)
{
    uint32_t columns_count = over->input_schema->fields_count;
    const struct weir_type **types =
        WEIR_ARENA_ARRAY(&over->arena, const struct weir_type *, columns_count + 1);
    over->batch_rows = WEIR_ARENA_ARRAY(&over->arena, uint32_t, WEIR_BATCH_ROWS_MAX);
    over->batch_keys = WEIR_ARENA_ARRAY(&over->arena, uint32_t, WEIR_BATCH_ROWS_MAX);
    over->last_moments = WEIR_ARENA_ARRAY(&over->arena, int64_t, WEIR_BATCH_ROWS_MAX);
    over->in_time = WEIR_ARENA_ARRAY(&over->arena, uint16_t, WEIR_BATCH_ROWS_MAX);
    over->seen = WEIR_ARENA_ARRAY(&over->arena, uint32_t, OVER_SEEN_COUNT);
    if (!types || !over->batch_rows || !over->batch_keys || !over->last_moments || !over->in_time ||
        !over->seen)
        return exec_out_of_memory(&over->env, error);
    for (uint32_t i = 0; i < columns_count; i++)
        types[i] = over->input_schema->fields[i].type;
    struct weir_multimap_config config = {.types = types,
                                          .columns_count = columns_count,
                                          .keys = over->plan->partition,
                                          .keys_count = over->plan->partition_count,
                                          .extra_size = sizeof(struct over_row),
                                          .append = !over->node->inputs[0]->changelog,
                                          .hash_seed = over->env.hash_seed,
                                          .hash_collide = over->env.hash_collide,
                                          .isa = over->env.isa,
                                          .budget = over->env.budget};
    WEIR_TRY(weir_multimap_create(&config, &over->rows, error));
    WEIR_TRY(over_bounds_create(over, error));
    if (over->plan->emit == WEIR_EMIT_CHANGES && over->plan->partition_count > 0)
        exec_ttl_init(&over->env, &over->ttl);
    if (over->plan->expires)
        WEIR_TRY(weir_program_create(&over->plan->expires, 1, over->input_schema, over->env.budget,
                                     &over->expires, error));
    if (over->plan->emit != WEIR_EMIT_ON_CLOSE)
        return WEIR_OK;
    return weir_timers_create(1, over->env.budget, &over->timers, error);
}

static enum weir_status over_open(const void *description, const struct weir_operator_env *env,
                                  void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct over), state, error));
    struct over *over = *state;
    over->node = description;
    over->plan = &over->node->of.over;
    over->input_schema = &over->node->inputs[0]->schema;
    over->env = *env;
    over->watermark_us = INT64_MIN;
    over->forgets =
        over->plan->limit >= 0 && over->plan->calls_count == 1 && !over->node->inputs[0]->changelog;
    over->is_top = over_top_applies(over);
    weir_arena_init(&over->arena, env->budget, 0);
    weir_arena_init(&over->scratch, env->budget, 0);
    enum weir_status status = over_init(over, error);
    if (status != WEIR_OK) {
        (void)exec_open_failed(env, status, error);
        over_close(over);
        *state = NULL;
    }
    return status;
}

/* ---- a partition's rows ---- */

/* Rows of a partition, each as often as its weight says: as they are, or as they were before this
 * step. */
static enum weir_status list_rows(struct over *over, uint32_t key, bool before, uint32_t **out,
                                  uint32_t *count, struct weir_error *error)
{
    uint64_t total = 0;
    uint32_t row;
    for (row = weir_multimap_first(over->rows, key); row != WEIR_MULTIMAP_NONE;
         row = weir_multimap_next(over->rows, row)) {
        int64_t weight = weir_multimap_weight(over->rows, row);
        weight -= before ? over_row(over, row)->change : 0;
        total += weight > 0 ? (uint64_t)weight : 0;
    }
    if (total >= UINT32_MAX)
        return weir_error_set(error, WEIR_E_LIMIT, "a partition has more than %u rows",
                              UINT32_MAX - 1);
    *out = WEIR_ARENA_ARRAY(&over->scratch, uint32_t, (size_t)total + 1);
    if (!*out)
        return exec_out_of_memory(&over->env, error);
    *count = 0;
    for (row = weir_multimap_first(over->rows, key); row != WEIR_MULTIMAP_NONE;
         row = weir_multimap_next(over->rows, row)) {
        int64_t weight = weir_multimap_weight(over->rows, row);
        weight -= before ? over_row(over, row)->change : 0;
        for (; weight > 0; weight--)
            (*out)[(*count)++] = row;
    }
    return WEIR_OK;
}

/* Rows within the limit: those are the first ones. */
static uint32_t within_limit(const struct over *over, const struct over_partition *partition)
{
    uint32_t count = partition->count;
    if (over->plan->limit < 0)
        return count;
    const int64_t *ranks = partition->results[0].values;
    uint32_t low = 0, high = count;
    while (low < high) { /* ranks ascend */
        uint32_t middle = low + (high - low) / 2;
        if (ranks[middle] <= over->plan->limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum weir_status make_partition(struct over *over, uint32_t key, bool before,
                                       struct over_partition *partition, uint32_t *shown,
                                       struct weir_error *error)
{
    uint32_t *rows, count = 0;
    *shown = 0;
    WEIR_TRY(list_rows(over, key, before, &rows, &count, error));
    *partition = (struct over_partition){0};
    if (count == 0)
        return WEIR_OK;
    WEIR_TRY(over_sort(over, rows, count, partition, error));
    WEIR_TRY(over_compute(over, partition, error));
    *shown = within_limit(over, partition);
    return WEIR_OK;
}

/* ---- emission ---- */

static const struct weir_column *shown_column(const struct over *over,
                                              const struct over_partition *partition, uint32_t c)
{
    uint32_t inputs = over->input_schema->fields_count;
    return c < inputs ? &partition->columns[c] : &partition->results[c - inputs];
}

static enum weir_status build_rows(struct over *over, const struct over_partition *partition,
                                   const uint32_t *lanes, uint32_t count, int64_t weight,
                                   struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&over->out, &over->node->schema, over->env.budget, error));
    struct weir_batch *out = over->out;
    out->rows_count = out->selected_count = count;
    for (uint32_t c = 0; c < over->node->schema.fields_count; c++) {
        struct weir_column column;
        WEIR_TRY(weir_column_gather(shown_column(over, partition, c), lanes, count, &out->arena,
                                    &column, error));
        WEIR_TRY(exec_own_column(&column, count, &out->arena, &out->columns[c], error));
    }
    int64_t *values = weir_arena_alloc(&out->arena, (count + 1) * sizeof *values, 64);
    if (!values)
        return weir_budget_error(out->arena.budget, error);
    if (over->node->changelog) {
        for (uint32_t i = 0; i < count; i++)
            values[i] = weight;
        out->weights = values;
    } else if (over->node->has_event_time) { /* that of their partition, which is a window's */
        for (uint32_t i = 0; i < count; i++)
            values[i] = over_row(over, partition->rows[lanes[i]])->expires;
        out->event_times = values;
    }
    return WEIR_OK;
}

static enum weir_flow emit_rows(struct over *over, const struct over_partition *partition,
                                const uint32_t *lanes, uint32_t count, int64_t weight,
                                struct weir_output *output, struct weir_error *error)
{
    uint32_t limit = exec_batch_rows(&over->env);
    for (uint32_t at = 0; at < count && !over->done; at += limit) {
        uint32_t some = count - at < limit ? count - at : limit;
        if (build_rows(over, partition, lanes + at, some, weight, error) != WEIR_OK)
            return WEIR_FLOW_FAILED;
        enum weir_flow flow = output->push(output, over->out, error);
        if (flow == WEIR_FLOW_FAILED)
            return flow;
        over->done = flow == WEIR_FLOW_DONE;
    }
    return WEIR_FLOW_OK;
}

/* All rows that come out for a partition. */
static enum weir_flow emit_partition(struct over *over, uint32_t key, struct weir_output *output,
                                     struct weir_error *error)
{
    struct over_partition partition;
    uint32_t shown;
    weir_arena_reset(&over->scratch);
    if (make_partition(over, key, false, &partition, &shown, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    uint32_t *lanes = WEIR_ARENA_ARRAY(&over->scratch, uint32_t, shown + 1);
    if (!lanes) {
        (void)exec_out_of_memory(&over->env, error);
        return WEIR_FLOW_FAILED;
    }
    for (uint32_t i = 0; i < shown; i++)
        lanes[i] = i;
    return emit_rows(over, &partition, lanes, shown, 1, output, error);
}

/* ---- differences ---- */

/* Bytes that are equal exactly when output rows are. */
struct row_key {
    struct weir_slice bytes;
    uint32_t lane;
};

static int compare_keys(const void *a, const void *b)
{
    const struct row_key *x = a, *y = b;
    int compared = weir_slice_compare(x->bytes, y->bytes);
    return compared ? compared : x->lane < y->lane ? -1 : x->lane > y->lane;
}

static enum weir_status make_keys(struct over *over, const struct over_partition *partition,
                                  uint32_t shown, struct row_key **out, struct weir_error *error)
{
    struct weir_buffer bytes;
    struct weir_sort_order order = {false, false};
    size_t *ends = WEIR_ARENA_ARRAY(&over->scratch, size_t, shown + 1);
    *out = WEIR_ARENA_ARRAY(&over->scratch, struct row_key, shown + 1);
    if (!ends || !*out)
        return exec_out_of_memory(&over->env, error);
    weir_buffer_init(&bytes, over->env.budget);
    for (uint32_t i = 0; i < shown; i++) {
        for (uint32_t c = 0; c < over->node->schema.fields_count; c++)
            weir_column_sort_key(shown_column(over, partition, c), i, order, &bytes);
        ends[i] = bytes.size;
    }
    const char *copy =
        bytes.failed ? NULL : weir_arena_copy(&over->scratch, weir_buffer_slice(&bytes));
    weir_buffer_deinit(&bytes);
    if (!copy)
        return exec_out_of_memory(&over->env, error);
    for (uint32_t i = 0; i < shown; i++) {
        size_t begin = i ? ends[i - 1] : 0;
        (*out)[i] = (struct row_key){weir_slice_make(copy + begin, ends[i] - begin), i};
    }
    qsort(*out, shown, sizeof **out, compare_keys);
    return WEIR_OK;
}

static int compare_lanes(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

/* Lanes of a that are not in b, as multisets, in order. */
static uint32_t lanes_only_in(const struct row_key *a, uint32_t a_count, const struct row_key *b,
                              uint32_t b_count, uint32_t *lanes)
{
    uint32_t count = 0, k = 0;
    for (uint32_t i = 0; i < a_count; i++) {
        int compared = 1;
        while (k < b_count && (compared = weir_slice_compare(b[k].bytes, a[i].bytes)) < 0)
            k++;
        if (k < b_count && compared == 0)
            k++;
        else
            lanes[count++] = a[i].lane;
    }
    qsort(lanes, count, sizeof *lanes, compare_lanes);
    return count;
}

/* What a step changed in a partition. */
static enum weir_flow emit_difference(struct over *over, uint32_t key, struct weir_output *output,
                                      struct weir_error *error)
{
    struct over_partition was, is;
    struct row_key *was_keys, *is_keys;
    uint32_t was_shown, is_shown;
    weir_arena_reset(&over->scratch);
    if (make_partition(over, key, true, &was, &was_shown, error) != WEIR_OK ||
        make_partition(over, key, false, &is, &is_shown, error) != WEIR_OK ||
        make_keys(over, &was, was_shown, &was_keys, error) != WEIR_OK ||
        make_keys(over, &is, is_shown, &is_keys, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    uint32_t *lanes = WEIR_ARENA_ARRAY(&over->scratch, uint32_t, (size_t)was_shown + is_shown + 1);
    if (!lanes) {
        (void)exec_out_of_memory(&over->env, error);
        return WEIR_FLOW_FAILED;
    }
    uint32_t count = lanes_only_in(was_keys, was_shown, is_keys, is_shown, lanes);
    enum weir_flow flow = emit_rows(over, &was, lanes, count, -1, output, error);
    if (flow != WEIR_FLOW_OK)
        return flow;
    count = lanes_only_in(is_keys, is_shown, was_keys, was_shown, lanes);
    flow = emit_rows(over, &is, lanes, count, 1, output, error);
    /* O2: what is behind the limit stays there. */
    for (uint32_t i = is_shown; over->forgets && i < is.count; i++)
        if (weir_multimap_has(over->rows, is.rows[i]) &&
            (is_shown == 0 || is.rows[i] != is.rows[is_shown - 1]))
            weir_multimap_remove(over->rows, is.rows[i]);
    return flow;
}

/* ---- a batch ---- */

static void count_late(const struct over *over, const struct weir_batch *batch, uint32_t lane,
                       int64_t last_us)
{
    int64_t granularity = over->plan->granularity_us, kept;
    if (!weir_add_i64(exec_round_down(last_us, granularity), granularity - 1, &kept))
        kept = last_us;
    const struct exec_late_row row = {over->reached_us, 0, last_us, kept};
    exec_count_late(&over->env, batch, lane, &row);
}

/* The last moment of each row's partition, by lane; rows whose time is over are late and left out.
 */
static enum weir_status find_last_moments(struct over *over, const struct weir_batch *batch,
                                          const uint16_t **lanes, uint32_t *count,
                                          struct weir_error *error)
{
    struct weir_column column;
    struct weir_program_run run = {.batch = batch,
                                   .selection = *lanes,
                                   .selected_count = *count,
                                   .session = over->env.session,
                                   .arena = &over->scratch,
                                   .null_on_error = true};
    uint32_t kept = 0;
    WEIR_TRY(weir_program_run(over->expires, &run, &column, error));
    const int64_t *values = column.values;
    for (uint32_t i = 0; i < *count; i++) {
        uint32_t lane = *lanes ? (*lanes)[i] : i;
        int64_t last = weir_column_is_null(&column, lane)
                           ? INT64_MAX
                           : values[weir_column_index(&column, lane)];
        over->last_moments[lane] = last;
        over->in_time[kept] = (uint16_t)lane;
        if (over->timers && !over->env.bounded_query && last < over->watermark_us)
            count_late(over, batch, lane, last);
        else
            kept++;
    }
    *lanes = over->in_time;
    *count = kept;
    return WEIR_OK;
}

static enum weir_status register_timers(struct over *over, const uint16_t *lanes, uint32_t count,
                                        struct weir_error *error)
{
    int64_t *times = WEIR_ARENA_ARRAY(&over->scratch, int64_t, count + 1);
    if (!times)
        return exec_out_of_memory(&over->env, error);
    for (uint32_t i = 0; i < count; i++) {
        int64_t last = over->last_moments[lanes[i]];
        times[i] = last == INT64_MAX ? INT64_MAX : last + 1;
    }
    return weir_timers_register_many(over->timers, times, over->batch_rows, count, error);
}

/* *taken: how many rows there were to take in; batch_rows and batch_keys are theirs. */
static enum weir_status take_in(struct over *over, const struct weir_batch *batch, uint32_t *taken,
                                struct weir_error *error)
{
    const uint16_t *lanes = batch->selection;
    uint32_t count = batch->selected_count;
    weir_arena_reset(&over->scratch);
    if (over->expires)
        WEIR_TRY(find_last_moments(over, batch, &lanes, &count, error));
    *taken = count;
    if (count == 0)
        return WEIR_OK;
    WEIR_TRY(weir_multimap_keys(over->rows, batch->columns, lanes, count, over->batch_keys, error));
    if (weir_ttl_is_on(&over->ttl))
        WEIR_TRY(weir_ttl_touch(&over->ttl, over->batch_keys, count, error));
    if (over->bounds)
        WEIR_TRY(over_bounds_filter(over, batch, &lanes, over->batch_keys, &count, error));
    *taken = count;
    if (count == 0)
        return WEIR_OK;
    WEIR_TRY(weir_multimap_add_to(over->rows, over->batch_keys, batch->columns, lanes, count,
                                  batch->weights, over->batch_rows, error));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t lane = lanes ? lanes[i] : i;
        struct over_row *row = over_row(over, over->batch_rows[i]);
        row->change = over->is_top ? lane + 1 : row->change + weir_batch_weight(batch, lane);
        row->event_time = batch->event_times ? batch->event_times[lane] : INT64_MIN;
        row->expires = over->expires ? over->last_moments[lane] : INT64_MAX;
    }
    return over->timers ? register_timers(over, lanes, count, error) : WEIR_OK;
}

/* Leaves each number where it first stands. */
static uint32_t distinct(struct over *over, uint32_t *numbers, uint32_t count)
{
    uint32_t kept = 0;
    memset(over->seen, 0, OVER_SEEN_COUNT * sizeof *over->seen);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (numbers[i] * UINT32_C(2654435761)) >> OVER_SEEN_SHIFT;
        while (over->seen[at] && over->seen[at] != numbers[i] + 1)
            at = (at + 1) % OVER_SEEN_COUNT;
        if (over->seen[at])
            continue;
        over->seen[at] = numbers[i] + 1;
        numbers[kept++] = numbers[i];
    }
    return kept;
}

/* Rows that are taken back of partitions that have been forgotten: they would wait for ever. */
static void leave_out_unknown(struct over *over, uint32_t taken)
{
    for (uint32_t i = 0; i < taken; i++) {
        uint32_t row = over->batch_rows[i];
        if (!weir_multimap_has(over->rows, row) || weir_multimap_weight(over->rows, row) >= 0)
            continue;
        weir_multimap_remove(over->rows, row);
        if (over->env.unmatched_count)
            ++*over->env.unmatched_count;
    }
}

static enum weir_flow over_push(void *state, uint32_t port, struct weir_batch *batch,
                                struct weir_output *output, struct weir_error *error)
{
    struct over *over = state;
    enum weir_flow flow = WEIR_FLOW_OK;
    (void)port;
    if (over->done)
        return WEIR_FLOW_DONE;
    uint32_t taken = 0;
    if (take_in(over, batch, &taken, error) != WEIR_OK)
        return exec_failed(&over->env, error);
    if (over->plan->emit == WEIR_EMIT_CHANGES) {
        uint32_t keys_count = distinct(over, over->batch_keys, taken);
        if (over->is_top)
            flow = over_top_emit(over, batch, over->batch_keys, keys_count, output, error);
        else
            for (uint32_t k = 0; k < keys_count && flow == WEIR_FLOW_OK; k++)
                flow = emit_difference(over, over->batch_keys[k], output, error);
    }
    if (flow == WEIR_FLOW_FAILED)
        return exec_failed(&over->env, error);
    for (uint32_t i = 0; i < taken; i++) /* O1 */
        if (weir_multimap_has(over->rows, over->batch_rows[i]))
            over_row(over, over->batch_rows[i])->change = 0;
    if (batch->weights && weir_ttl_is_on(&over->ttl))
        leave_out_unknown(over, taken);
    if (batch->weights)
        weir_multimap_sweep(over->rows, over->batch_rows, taken);
    if (exec_let_go(over->out, error) != WEIR_OK)
        return exec_failed(&over->env, error);
    return over->done ? WEIR_FLOW_DONE : WEIR_FLOW_OK;
}

/* ---- time and end ---- */

static void remove_partition(struct over *over, uint32_t key)
{
    over_bounds_forget(over, key);
    uint32_t row = weir_multimap_first(over->rows, key);
    while (row != WEIR_MULTIMAP_NONE) {
        uint32_t next = weir_multimap_next(over->rows, row);
        weir_multimap_remove(over->rows, row);
        row = next;
    }
}

/* The rows of partitions, each once, that come out for good. */
static enum weir_flow emit_partitions(struct over *over, const uint32_t *keys, uint32_t count,
                                      struct weir_output *output, struct weir_error *error)
{
    enum weir_flow flow = WEIR_FLOW_OK;
    if (over->is_top)
        return over_top_emit(over, NULL, keys, count, output, error);
    for (uint32_t i = 0; i < count && !over->done && flow == WEIR_FLOW_OK; i++)
        flow = emit_partition(over, keys[i], output, error);
    return flow;
}

/* Partitions whose time is over come out. All rows of one expire together. */
static enum weir_flow close_partitions(struct over *over, struct weir_output *output,
                                       struct weir_error *error)
{
    struct weir_event_time until = {over->watermark_us};
    uint32_t *due = over->batch_rows, *keys = over->batch_keys, count;
    while ((count = weir_timers_due(over->timers, until, due, WEIR_BATCH_ROWS_MAX)) > 0) {
        uint32_t keys_count = 0;
        for (uint32_t i = 0; i < count; i++)
            if (weir_multimap_has(over->rows, due[i]) && over_row(over, due[i])->expires < until.us)
                keys[keys_count++] = weir_multimap_key(over->rows, due[i]);
        keys_count = distinct(over, keys, keys_count);
        if (emit_partitions(over, keys, keys_count, output, error) == WEIR_FLOW_FAILED)
            return WEIR_FLOW_FAILED;
        for (uint32_t k = 0; k < keys_count; k++)
            remove_partition(over, keys[k]);
    }
    return WEIR_FLOW_OK;
}

/* What has passed is rounded to where batches are cut: lateness does not depend on their size. */
static enum weir_flow over_watermark(void *state, struct weir_event_time watermark,
                                     struct weir_output *output, struct weir_error *error)
{
    struct over *over = state;
    if (!over->timers)
        return output->watermark(output, watermark, error);
    over->reached_us = watermark.us;
    int64_t rounded = exec_round_down(watermark.us, over->plan->granularity_us);
    if (rounded <= over->watermark_us)
        return WEIR_FLOW_OK;
    over->watermark_us = rounded;
    if (close_partitions(over, output, error) == WEIR_FLOW_FAILED)
        return exec_failed(&over->env, error);
    return output->watermark(output, (struct weir_event_time){rounded}, error);
}

static enum weir_flow over_timer(void *state, struct weir_processing_time now,
                                 struct weir_output *output, struct weir_error *error)
{
    struct over *over = state;
    uint32_t cursor = 0, key, rows = weir_multimap_count(over->rows);
    (void)output, (void)error;
    if (!weir_ttl_advance(&over->ttl, now))
        return WEIR_FLOW_OK;
    while (weir_multimap_scan_keys(over->rows, &cursor, &key, 1) != 0)
        if (weir_ttl_is_over(&over->ttl, key))
            remove_partition(over, key);
    exec_count_expired(&over->env, rows - weir_multimap_count(over->rows));
    return WEIR_FLOW_OK;
}

static enum weir_flow over_end(void *state, struct weir_output *output, struct weir_error *error)
{
    struct over *over = state;
    uint32_t cursor = 0, count;
    while (over->plan->emit != WEIR_EMIT_CHANGES && !over->done &&
           (count = weir_multimap_scan_keys(over->rows, &cursor, over->batch_keys,
                                            WEIR_BATCH_ROWS_MAX)) > 0)
        if (emit_partitions(over, over->batch_keys, count, output, error) == WEIR_FLOW_FAILED)
            return exec_failed(&over->env, error);
    if (exec_let_go(over->out, error) != WEIR_OK)
        return exec_failed(&over->env, error);
    return output->end(output, error);
}

static uint64_t over_state_rows(const void *state)
{
    const struct over *over = state;
    return weir_multimap_count(over->rows);
}

const struct weir_operator_type exec_over = {.name = "over",
                                             .open = over_open,
                                             .push = over_push,
                                             .watermark = over_watermark,
                                             .timer = over_timer,
                                             .end = over_end,
                                             .state_rows = over_state_rows,
                                             .close = over_close};
