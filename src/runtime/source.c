/* Source driver: polling and decoding. Event times and cutting: source_time.c. Bad records:
 * source_bad.c. See source.h for the invariants. */
#include "runtime/source_internal.h"

#include <stdio.h>

/* ---- opening ---- */

static enum weir_status open_connector(struct weir_source_driver *driver, struct weir_error *error)
{
    const struct weir_table *table = driver->scan->table;
    struct weir_connector_table request = {.options = table->options,
                                           .options_count = table->options_count,
                                           .schema = &driver->scan->physical_schema,
                                           .projection = driver->scan->physical,
                                           .key_columns = table->primary_key,
                                           .key_columns_count = table->primary_key_count};
    char *name = weir_arena_printf(&driver->arena, "%.*s", WEIR_SLICE_ARGS(table->name));
    if (!name)
        return weir_budget_error(driver->env->budget, error);
    struct weir_connector_env env = {.sys = driver->env->sys,
                                     .budget = driver->env->budget,
                                     .table_name = name,
                                     .embedder = driver->env->embedder};
    WEIR_TRY(driver->type->open(&request, &env, &driver->source, error));
    WEIR_TRY(driver->type->splits(driver->source, &driver->splits, &driver->splits_count, error));
    driver->states =
        WEIR_ARENA_ARRAY(&driver->arena, struct weir_split_state, driver->splits_count + 1);
    if (!driver->states)
        return weir_budget_error(driver->env->budget, error);
    for (uint32_t i = 0; i < driver->splits_count; i++) {
        driver->states[i].watermark = WEIR_EVENT_TIME_MIN;
        driver->stats->bytes_total_hint += driver->splits[i].size_hint;
    }
    return WEIR_OK;
}

/* Declared columns the program defines by expression are not in the data. */
static struct weir_slice *declared_names(struct weir_source_driver *driver, uint32_t *ordinals,
                                         uint32_t *count)
{
    const struct weir_table *table = driver->scan->table;
    struct weir_slice *names =
        WEIR_ARENA_ARRAY(&driver->arena, struct weir_slice, table->schema.fields_count + 1);
    *count = 0;
    for (uint32_t i = 0; names && i < table->schema.fields_count; i++) {
        ordinals[i] = *count;
        if (!table->generated || !table->generated[i])
            names[(*count)++] = table->schema.fields[i].name;
    }
    return names;
}

static bool is_key_column(const struct weir_table *table, uint32_t column)
{
    for (uint32_t i = 0; i < table->primary_key_count; i++)
        if (table->primary_key[i] == column)
            return true;
    return false;
}

static void describe_fields(const struct weir_plan_scan *scan, const uint32_t *ordinals,
                            struct weir_decode_field *fields)
{
    const struct weir_table *table = scan->table;
    for (uint32_t i = 0; i < scan->physical_count; i++) {
        uint32_t column = scan->physical[i];
        const struct weir_field *field = &table->schema.fields[column];
        fields[i] = (struct weir_decode_field){
            .name = field->name,
            .type = scan->physical_schema.fields[i].type,
            .nullable = field->nullable,
            .is_event_time = column == table->event_time_column,
            .is_key = is_key_column(table, column),
            .ordinal = ordinals[column],
        };
        if (table->paths)
            fields[i].path = table->paths[column];
        if (table->metadata && table->metadata[column].size) {
            fields[i].path = table->metadata[column];
            fields[i].is_metadata = true;
        }
    }
}

/* A decoder for a split that begins, used before or made now: there are as many as splits that are
 * read at once, not as there are files. */
static enum weir_status take_decoder(struct weir_source_driver *driver, uint32_t split,
                                     struct weir_error *error)
{
    void **decoder = &driver->states[split].decoder;
    if (*decoder)
        return WEIR_OK;
    if (driver->idle_decoders_count > 0) {
        *decoder = driver->idle_decoders[--driver->idle_decoders_count];
        return WEIR_OK;
    }
    enum weir_status status = driver->decoder->create(&driver->decoder_config, decoder, error);
    if (*decoder) /* also one that is not whole */
        driver->decoders[driver->decoders_count++] = *decoder;
    return status;
}

static void return_decoder(struct weir_source_driver *driver, uint32_t split)
{
    void **decoder = &driver->states[split].decoder;
    if (!*decoder)
        return;
    driver->decoder->reset(*decoder);
    driver->idle_decoders[driver->idle_decoders_count++] = *decoder;
    *decoder = NULL;
}

static enum weir_status open_decoders(struct weir_source_driver *driver, struct weir_error *error)
{
    const struct weir_plan_scan *scan = driver->scan;
    const struct weir_table *table = scan->table;
    uint32_t declared_count = 0;
    uint32_t *ordinals = WEIR_ARENA_ARRAY(&driver->arena, uint32_t, table->schema.fields_count + 1);
    struct weir_decode_field *fields =
        WEIR_ARENA_ARRAY(&driver->arena, struct weir_decode_field, scan->physical_count + 1);
    struct weir_slice *names = ordinals ? declared_names(driver, ordinals, &declared_count) : NULL;
    driver->decoders = WEIR_ARENA_ARRAY(&driver->arena, void *, driver->splits_count + 1);
    driver->idle_decoders = WEIR_ARENA_ARRAY(&driver->arena, void *, driver->splits_count + 1);
    if (!names || !fields || !driver->decoders || !driver->idle_decoders)
        return weir_budget_error(driver->env->budget, error);
    describe_fields(scan, ordinals, fields);
    driver->format = weir_format_find(table->format);
    if (!driver->format || !driver->format->decoder)
        return weir_error_set(error, WEIR_E_UNKNOWN_FORMAT, "format \"%.*s\" cannot be read",
                              WEIR_SLICE_ARGS(table->format));
    driver->decoder =
        table->op_column ? weir_format_op_column_decoder(driver->format) : driver->format->decoder;
    driver->decoder_config =
        (struct weir_decoder_config){.fields = fields,
                                     .fields_count = scan->physical_count,
                                     .declared_count = declared_count,
                                     .declared_names = names,
                                     .schema = &scan->physical_schema,
                                     .options = table->options,
                                     .options_count = table->options_count,
                                     .budget = driver->env->budget,
                                     .record_size_max = (uint64_t)table->record_size_max,
                                     .isa_limit = driver->env->isa_limit,
                                     .changes = table->upserts     ? WEIR_CHANGES_EVENTS
                                                : table->changelog ? WEIR_CHANGES_WEIGHTS
                                                                   : WEIR_CHANGES_NONE,
                                     .op_optional = table->op_optional};
    /* What is wrong with the options is said before anything is read. */
    return driver->splits_count > 0 ? take_decoder(driver, 0, error) : WEIR_OK;
}

static bool is_event_time(const struct weir_plan_scan *scan, const struct weir_expr *expr)
{
    return scan->event_time && expr->kind != WEIR_EXPR_COLUMN &&
           weir_expr_equals(expr, scan->event_time);
}

/* The projections but those that are the event time, which is computed for all rows before. */
static enum weir_status open_projections(struct weir_source_driver *driver,
                                         struct weir_error *error)
{
    const struct weir_plan_scan *scan = driver->scan;
    uint32_t count = driver->node->schema.fields_count, times = 0;
    const struct weir_expr **exprs =
        WEIR_ARENA_ARRAY(&driver->arena, const struct weir_expr *, (size_t)count + 1);
    driver->computed = WEIR_ARENA_ARRAY(&driver->arena, uint32_t, (size_t)count + 1);
    driver->outputs = WEIR_ARENA_ARRAY(&driver->arena, struct weir_column, (size_t)count + 1);
    if (!exprs || !driver->computed || !driver->outputs)
        return weir_budget_error(driver->env->budget, error);
    for (uint32_t c = 0; c < count; c++) {
        if (is_event_time(scan, scan->projections[c])) {
            driver->computed[count - ++times] = c;
            continue;
        }
        driver->computed[driver->computed_count] = c;
        exprs[driver->computed_count++] = scan->projections[c];
    }
    if (driver->computed_count == 0)
        return WEIR_OK;
    return weir_program_create(exprs, driver->computed_count, &scan->physical_schema,
                               driver->env->budget, &driver->project_program, error);
}

static enum weir_status open_programs(struct weir_source_driver *driver, struct weir_error *error)
{
    const struct weir_plan_scan *scan = driver->scan;
    const struct weir_expr *times[2] = {scan->event_time, scan->watermark};
    struct weir_budget *budget = driver->env->budget;
    if (scan->event_time)
        WEIR_TRY(weir_program_create(times, scan->watermark ? 2 : 1, &scan->physical_schema, budget,
                                     &driver->time_program, error));
    if (scan->predicate)
        WEIR_TRY(weir_program_create(&scan->predicate, 1, &scan->physical_schema, budget,
                                     &driver->filter_program, error));
    return scan->projections ? open_projections(driver, error) : WEIR_OK;
}

static enum weir_status allocate_scratch(struct weir_source_driver *driver,
                                         struct weir_error *error)
{
    struct weir_budget *budget = driver->env->budget;
    driver->selection = WEIR_ARENA_ARRAY(&driver->arena, uint16_t, WEIR_BATCH_ROWS_MAX);
    driver->watermarks = WEIR_ARENA_ARRAY(&driver->arena, int64_t, WEIR_BATCH_ROWS_MAX);
    driver->decoded = weir_batch_create(&driver->scan->physical_schema, budget);
    driver->projected = weir_batch_create(&driver->node->schema, budget);
    driver->cut = weir_batch_create(&driver->node->schema, budget);
    if (!driver->selection || !driver->watermarks || !driver->decoded || !driver->projected ||
        !driver->cut)
        return weir_budget_error(budget, error);
    return WEIR_OK;
}

enum weir_status weir_source_driver_open(struct weir_source_driver *driver,
                                         const struct weir_plan_node *node,
                                         const struct weir_plan *plan,
                                         const struct weir_job_env *env,
                                         struct weir_job_stats *stats, struct weir_output *out,
                                         struct weir_error *error)
{
    *driver = (struct weir_source_driver){.node = node,
                                          .scan = &node->of.scan,
                                          .type = node->of.scan.table->connector->source,
                                          .env = env,
                                          .stats = stats,
                                          .settings = &plan->settings,
                                          .out = out,
                                          .watermark = WEIR_EVENT_TIME_MIN};
    weir_arena_init(&driver->arena, env->budget, 4096);
    weir_buffer_init(&driver->dead_letter_line, env->budget);
    WEIR_TRY(allocate_scratch(driver, error));
    WEIR_TRY(open_connector(driver, error));
    if (driver->type->yield == WEIR_SOURCE_BYTES)
        WEIR_TRY(open_decoders(driver, error));
    WEIR_TRY(open_programs(driver, error));
    driver->started_ns = (int64_t)env->sys->monotonic_ns(env->sys);
    for (uint32_t i = 0; i < driver->splits_count; i++)
        driver->states[i].last_data_ns = driver->started_ns;
    return weir_source_bad_open(driver, error);
}

void weir_source_driver_close(struct weir_source_driver *driver)
{
    for (uint32_t i = 0; driver->states && i < driver->splits_count; i++) {
        weir_shared_release(driver->states[i].owner);
        weir_batch_release(driver->states[i].rest);
    }
    for (uint32_t i = 0; i < driver->decoders_count; i++)
        driver->decoder->destroy(driver->decoders[i]);
    weir_batch_release(driver->cut);
    weir_batch_release(driver->projected);
    weir_batch_release(driver->decoded);
    weir_program_destroy(driver->time_program);
    weir_program_destroy(driver->filter_program);
    weir_program_destroy(driver->project_program);
    if (driver->source)
        driver->type->close(driver->source);
    (void)weir_file_close(driver->dead_letter, NULL);
    weir_buffer_deinit(&driver->dead_letter_line);
    weir_arena_deinit(&driver->arena);
}

/* ---- choosing ---- */

/* When `rate` is set: the time at which the next row may be read. */
static int64_t throttle_until(const struct weir_source_driver *driver)
{
    if (driver->scan->table->rate <= 0)
        return 0;
    double seconds = (double)driver->rows_count / (double)driver->scan->table->rate;
    return driver->started_ns + (int64_t)(seconds * 1e9);
}

uint32_t weir_source_driver_ready(struct weir_source_driver *driver, int64_t now_ns,
                                  int64_t *wakeup_ns)
{
    uint32_t best = UINT32_MAX;
    int64_t until = throttle_until(driver);
    if (until > now_ns) {
        *wakeup_ns = until < *wakeup_ns ? until : *wakeup_ns;
        return UINT32_MAX;
    }
    while (driver->splits_ended_first < driver->splits_count &&
           driver->states[driver->splits_ended_first].ended)
        driver->splits_ended_first++;
    for (uint32_t i = driver->splits_ended_first; i < driver->splits_count; i++) {
        const struct weir_split_state *split = &driver->states[i];
        if (split->ended)
            continue;
        if (split->waiting && split->wakeup_ns > now_ns) {
            *wakeup_ns = split->wakeup_ns < *wakeup_ns ? split->wakeup_ns : *wakeup_ns;
            continue;
        }
        if (best == UINT32_MAX ||
            weir_event_time_before(split->watermark, driver->states[best].watermark))
            best = i;
    }
    return best;
}

/* ---- one step ---- */

static void forget_pending(struct weir_source_driver *driver, struct weir_split_state *split,
                           uint32_t index)
{
    driver->type->consume(driver->source, index, split->polled_size - split->pending.size,
                          split->polled_records);
    weir_shared_release(split->owner);
    split->owner = NULL;
    split->pending = (struct weir_slice){NULL, 0};
    split->polled_size = 0;
    split->polled_records = 0;
}

/* Lets go of what the last step's batches held, so that the source can use its memory again. */
static enum weir_status release_batches(struct weir_source_driver *driver, struct weir_error *error)
{
    struct weir_budget *budget = driver->env->budget;
    WEIR_TRY(weir_batch_renew(&driver->cut, NULL, budget, error));
    WEIR_TRY(weir_batch_renew(&driver->projected, NULL, budget, error));
    return weir_batch_renew(&driver->decoded, NULL, budget, error);
}

static enum weir_flow split_ended(struct weir_source_driver *driver, uint32_t index,
                                  struct weir_error *error)
{
    driver->states[index].ended = true;
    driver->states[index].watermark = WEIR_EVENT_TIME_MAX;
    driver->splits_ended++;
    return_decoder(driver, index);
    return weir_source_time_advance(driver, error);
}

/* The bytes before fresh were copied, by whatever came of them. */
static enum weir_status were_copied(struct weir_source_driver *driver, uint32_t index,
                                    struct weir_slice fresh, char *fresh_to,
                                    struct weir_error *error)
{
    struct weir_split_state *split = &driver->states[index];
    size_t size = split->fresh.size - fresh.size;
    split->fresh = fresh;
    split->fresh_to = fresh_to;
    return size ? driver->type->copied(driver->source, index, size, error) : WEIR_OK;
}

/* For decoders that take no fresh bytes, and when all bytes have to be there. */
static enum weir_status copy_fresh(struct weir_source_driver *driver, uint32_t index,
                                   struct weir_error *error)
{
    struct weir_split_state *split = &driver->states[index];
    struct weir_slice fresh = split->fresh;
    if (fresh.size)
        memcpy(split->fresh_to, fresh.data, fresh.size);
    return were_copied(driver, index, weir_slice_make(NULL, 0), NULL, error);
}

/* Decodes some of what is pending and pushes it. */
static enum weir_flow decode_pending(struct weir_source_driver *driver, uint32_t index,
                                     struct weir_error *error)
{
    struct weir_split_state *split = &driver->states[index];
    struct weir_decode_run run = {.bytes = split->pending,
                                  .end_of_input = split->pending_is_last,
                                  .fresh = split->fresh,
                                  .fresh_to = split->fresh_to,
                                  .rows_max = (uint32_t)driver->settings->batch_rows,
                                  .bad = weir_source_bad_record,
                                  .bad_context = driver};
    if (take_decoder(driver, index, error) != WEIR_OK ||
        weir_batch_renew(&driver->decoded, NULL, driver->env->budget, error) != WEIR_OK ||
        (split->owner && weir_batch_hold(driver->decoded, split->owner, error) != WEIR_OK))
        return WEIR_FLOW_FAILED;
    run.batch = driver->decoded;
    run.batch->origin = split->origin;
    driver->current_split = index;
    enum weir_status status = driver->decoder->decode(split->decoder, &run, error);
    if (were_copied(driver, index, run.fresh, run.fresh_to, error) != WEIR_OK || status != WEIR_OK)
        return WEIR_FLOW_FAILED;
    split->pending.data += run.consumed_size;
    split->pending.size -= run.consumed_size;
    split->origin.offset += run.consumed_size;
    split->origin.record += run.consumed_records;
    split->polled_records += run.consumed_records;
    driver->stats->bytes_in += run.consumed_size;
    enum weir_flow flow = WEIR_FLOW_OK;
    if (driver->decoded->rows_count)
        flow = weir_source_push(driver, index, driver->decoded, error);
    bool want_more_bytes = split->pending.size == 0 || run.consumed_size == 0;
    if (flow == WEIR_FLOW_FAILED || !want_more_bytes)
        return flow;
    bool last = split->pending_is_last;
    if (copy_fresh(driver, index, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    forget_pending(driver, split, index);
    split->ends_behind_rest = last && split->rest;
    if (last && !split->rest && split_ended(driver, index, error) == WEIR_FLOW_FAILED)
        return WEIR_FLOW_FAILED;
    return flow;
}

static enum weir_flow step_rest(struct weir_source_driver *driver, uint32_t index,
                                struct weir_error *error)
{
    struct weir_split_state *split = &driver->states[index];
    enum weir_flow flow = weir_source_push_rest(driver, index, error);
    if (flow == WEIR_FLOW_FAILED || split->rest || !split->ends_behind_rest)
        return flow;
    return split_ended(driver, index, error) == WEIR_FLOW_FAILED ? WEIR_FLOW_FAILED : flow;
}

static enum weir_flow take_poll(struct weir_source_driver *driver, uint32_t index,
                                const struct weir_source_poll *poll, struct weir_error *error)
{
    struct weir_split_state *split = &driver->states[index];
    if (driver->type->yield == WEIR_SOURCE_BATCHES)
        return poll->batch ? weir_source_push(driver, index, poll->batch, error) : WEIR_FLOW_OK;
    split->pending = poll->bytes;
    split->fresh = poll->fresh;
    split->fresh_to = poll->fresh.size ? poll->fresh_to : NULL;
    split->polled_size = poll->bytes.size;
    split->polled_records = 0;
    split->pending_is_last = poll->end_of_split;
    split->origin = poll->origin;
    split->origin.split = index;
    split->owner = poll->owner;
    if (split->owner)
        weir_shared_retain(split->owner);
    if (!driver->decoder->takes_fresh && copy_fresh(driver, index, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    return decode_pending(driver, index, error);
}

enum weir_flow weir_source_driver_step(struct weir_source_driver *driver, uint32_t index,
                                       int64_t now_ns, struct weir_error *error)
{
    struct weir_split_state *split = &driver->states[index];
    struct weir_source_poll poll = {.split = index,
                                    .rows_max = (uint32_t)driver->settings->batch_rows,
                                    .no_wait = driver->no_wait,
                                    .wakeup_ns = INT64_MAX,
                                    .wakeup_fd = -1};
    if (split->rest)
        return step_rest(driver, index, error);
    if (split->pending.size)
        return decode_pending(driver, index, error);
    if (release_batches(driver, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    switch (driver->type->poll(driver->source, &poll, error)) {
    case WEIR_POLL_DATA:
        split->waiting = false;
        split->last_data_ns = now_ns;
        return take_poll(driver, index, &poll, error);
    case WEIR_POLL_WAIT:
        split->waiting = true;
        split->wakeup_ns = poll.wakeup_ns;
        split->wakeup_fd = poll.wakeup_fd;
        return weir_source_time_advance(driver, error);
    case WEIR_POLL_END:
        return split_ended(driver, index, error);
    default:
        return WEIR_FLOW_FAILED;
    }
}

enum weir_flow weir_source_driver_end(struct weir_source_driver *driver, struct weir_error *error)
{
    if (driver->ended)
        return WEIR_FLOW_OK;
    driver->ended = true;
    for (uint32_t i = 0; i < driver->decoders_count && driver->decoder->stats; i++) {
        struct weir_decoder_stats stats = driver->decoder->stats(driver->decoders[i]);
        driver->stats->fast_records += stats.fast_records;
        driver->stats->strict_records += stats.strict_records;
    }
    return driver->out->end(driver->out, error);
}
