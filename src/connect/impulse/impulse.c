/* impulse: numbered rows at a rate. Columns by name: counter, subtask_index, timestamp.
 * Options are Arroyo's: event_rate, message_count, event_time_interval (nanoseconds there, a
 * duration here). */
#include "connect/sequence.h"
#include "sys/sys.h"

struct impulse_options {
    double event_rate;
    int64_t message_count;
    int64_t event_time_interval_us;
    int64_t start_us;
};

static const struct weir_option_spec impulse_specs[] = {
    {.name = "event_rate",
     .kind = WEIR_OPTION_NUMBER,
     .offset = offsetof(struct impulse_options, event_rate),
     .fallback = "0",
     .min = 0,
     .max = INT64_MAX,
     .help = "rows a second; 0 is as fast as possible"},
    {.name = "message_count",
     .kind = WEIR_OPTION_INTEGER,
     .offset = offsetof(struct impulse_options, message_count),
     .fallback = "-1",
     .min = -1,
     .max = INT64_MAX,
     .help = "ends after so many rows; -1 is without end"},
    {.name = "event_time_interval",
     .kind = WEIR_OPTION_DURATION,
     .offset = offsetof(struct impulse_options, event_time_interval_us),
     .fallback = "0 s",
     .min = 0,
     .max = INT64_MAX,
     .help = "event time between two rows; 0 takes the clock's"},
    {.name = "start",
     .kind = WEIR_OPTION_INTEGER,
     .offset = offsetof(struct impulse_options, start_us),
     .fallback = "0",
     .help = "event time of the first row in microseconds since 1970, with event_time_interval"},
};

enum impulse_column { IMPULSE_COUNTER, IMPULSE_SUBTASK, IMPULSE_TIMESTAMP };

struct impulse {
    struct weir_sequence sequence;
    const struct weir_schema *schema;
    struct weir_batch *batch;
    struct weir_budget *budget;
    struct weir_split split;
};

static enum weir_status impulse_schema(struct weir_option *options, size_t options_count,
                                       struct weir_arena *arena, struct weir_schema *out,
                                       struct weir_error *error)
{
    (void)options, (void)options_count;
    struct weir_field *fields = WEIR_ARENA_ARRAY(arena, struct weir_field, 3);
    if (!fields)
        return weir_error_set_out_of_memory(error);
    fields[0] = (struct weir_field){weir_slice_from_string("counter"),
                                    weir_type_of(WEIR_TYPE_INT64), false};
    fields[1] = (struct weir_field){weir_slice_from_string("subtask_index"),
                                    weir_type_of(WEIR_TYPE_INT64), false};
    fields[2] = (struct weir_field){weir_slice_from_string("timestamp"),
                                    weir_type_of(WEIR_TYPE_TIMESTAMP), false};
    *out = (struct weir_schema){fields, 3};
    return WEIR_OK;
}

static bool is_64_bits(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_INT64 || type->kind == WEIR_TYPE_UINT64 ||
           type->kind == WEIR_TYPE_TIMESTAMP || type->kind == WEIR_TYPE_TIMESTAMPTZ;
}

static enum weir_status check_schema(const struct weir_schema *schema, struct weir_error *error)
{
    for (uint32_t i = 0; i < schema->fields_count; i++) {
        struct weir_slice name = schema->fields[i].name;
        bool known = weir_slice_equals_string(name, "counter") ||
                     weir_slice_equals_string(name, "subtask_index") ||
                     weir_slice_equals_string(name, "timestamp");
        if (!known || !is_64_bits(schema->fields[i].type)) {
            (void)weir_error_set(error, WEIR_E_BAD_OPTION,
                                 "impulse has no column \"%.*s\" of type %s", WEIR_SLICE_ARGS(name),
                                 weir_type_name(schema->fields[i].type).text);
            weir_error_hint(error, "its columns are counter BIGINT, subtask_index BIGINT and "
                                   "timestamp TIMESTAMP");
            return WEIR_E_BAD_OPTION;
        }
    }
    return WEIR_OK;
}

static enum weir_status impulse_open(const struct weir_connector_table *table,
                                     const struct weir_connector_env *env, void **source,
                                     struct weir_error *error)
{
    struct impulse_options options = {0};
    WEIR_TRY(weir_options_parse(impulse_specs, WEIR_COUNT_OF(impulse_specs), table->options,
                                table->options_count, WEIR_OPTION_SOURCE, "connector \"impulse\"",
                                &options, error));
    WEIR_TRY(check_schema(table->schema, error));
    struct impulse *impulse = weir_calloc(1, sizeof *impulse);
    if (!impulse)
        return weir_error_set_out_of_memory(error);
    impulse->sequence = (struct weir_sequence){.sys = env->sys,
                                               .rows_max = options.message_count,
                                               .rate = options.event_rate,
                                               .interval_us = options.event_time_interval_us,
                                               .start_us = options.start_us};
    impulse->schema = table->schema;
    impulse->budget = env->budget;
    impulse->split = (struct weir_split){"impulse", options.message_count >= 0, 0};
    impulse->batch = weir_batch_create(table->schema, env->budget);
    *source = impulse;
    return impulse->batch ? WEIR_OK : weir_budget_error(env->budget, error);
}

static enum weir_status impulse_splits(void *source, const struct weir_split **splits,
                                       uint32_t *count, struct weir_error *error)
{
    struct impulse *impulse = source;
    (void)error;
    *splits = &impulse->split;
    *count = 1;
    return WEIR_OK;
}

static int64_t impulse_value(const struct impulse *impulse, char initial, int64_t counter)
{
    switch (initial) {
    case 'c':
        return counter;
    case 't':
        return weir_sequence_time_us(&impulse->sequence, counter);
    default:
        return 0;
    }
}

static enum weir_status fill_batch(struct impulse *impulse, uint32_t count,
                                   struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&impulse->batch, NULL, impulse->budget, error));
    struct weir_batch *batch = impulse->batch;
    for (uint32_t f = 0; f < impulse->schema->fields_count; f++) {
        int64_t *values = weir_arena_alloc(&batch->arena, sizeof(int64_t) * count, 64);
        if (!values)
            return weir_budget_error(impulse->budget, error);
        char initial = impulse->schema->fields[f].name.data[0];
        for (uint32_t i = 0; i < count; i++)
            values[i] = impulse_value(impulse, initial, impulse->sequence.next + i);
        batch->columns[f] = (struct weir_column){.type = impulse->schema->fields[f].type,
                                                 .encoding = WEIR_FLAT,
                                                 .rows_count = count,
                                                 .values = values};
    }
    batch->rows_count = batch->selected_count = count;
    batch->origin.record = (uint64_t)impulse->sequence.next;
    impulse->sequence.next += count;
    return WEIR_OK;
}

static enum weir_poll_result impulse_poll(void *source, struct weir_source_poll *poll,
                                          struct weir_error *error)
{
    struct impulse *impulse = source;
    uint32_t count = 0;
    enum weir_poll_result result = weir_sequence_take(&impulse->sequence, poll, &count);
    if (result != WEIR_POLL_DATA)
        return result;
    if (fill_batch(impulse, count, error) != WEIR_OK)
        return WEIR_POLL_FAILED;
    poll->batch = impulse->batch;
    return WEIR_POLL_DATA;
}

static enum weir_status impulse_position(void *source, uint32_t split, struct weir_buffer *out,
                                         struct weir_error *error)
{
    struct impulse *impulse = source;
    (void)split, (void)error;
    return weir_sequence_position(&impulse->sequence, out);
}

static enum weir_status impulse_seek(void *source, uint32_t split, struct weir_slice position,
                                     struct weir_error *error)
{
    struct impulse *impulse = source;
    (void)split;
    return weir_sequence_seek(&impulse->sequence, position, error);
}

static void impulse_close(void *source)
{
    struct impulse *impulse = source;
    weir_batch_release(impulse->batch);
    weir_free(impulse);
}

static bool impulse_bounded(const struct weir_option *options, size_t options_count)
{
    for (size_t i = 0; i < options_count; i++)
        if (weir_slice_equals_ignoring_case(options[i].name,
                                            weir_slice_from_string("message_count")))
            return options[i].value.size && options[i].value.data[0] != '-';
    return false;
}

static const struct weir_source_type impulse_source = {
    .yield = WEIR_SOURCE_BATCHES,
    .opens_nothing = true,
    .open = impulse_open,
    .splits = impulse_splits,
    .poll = impulse_poll,
    .position = impulse_position,
    .seek = impulse_seek,
    .close = impulse_close,
};

const struct weir_connector weir_connector_impulse = {
    .name = "impulse",
    .summary = "numbered rows at a rate, for trying things out",
    .details = "Columns `counter BIGINT`, `subtask_index BIGINT` and `timestamp TIMESTAMP`; the "
               "latter is\n"
               "the event time, also where the columns are declared.\n\n"
               "```sql\n"
               "CREATE TABLE ticks WITH (connector = 'impulse', message_count = '3');\n"
               "SELECT counter * 10 AS tens FROM ticks;\n"
               "```\n",
    .options = impulse_specs,
    .options_count = WEIR_COUNT_OF(impulse_specs),
    .options_size = sizeof(struct impulse_options),
    .roles = WEIR_ROLE_SOURCE,
    .source = &impulse_source,
    .schema = impulse_schema,
    .bounded = impulse_bounded,
};
