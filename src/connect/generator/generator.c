/* generator: rows made from a seed. What a column holds follows from its type and its own options;
 * the value of a row depends on seed, column and row number alone, so that the same options give
 * the same rows whatever the batch size, and a position is one number. */
#include "base/hash.h"
#include "connect/sequence.h"

#include <stdio.h>

struct generator_options {
    int64_t rows, seed, event_time_interval_us, start_us;
    double rows_per_second;
};

static const struct weir_option_spec generator_specs[] = {
    {.name = "rows",
     .kind = WEIR_OPTION_INTEGER,
     .offset = offsetof(struct generator_options, rows),
     .fallback = "-1",
     .min = -1,
     .max = INT64_MAX,
     .help = "ends after so many rows; -1 is without end"},
    {.name = "seed",
     .kind = WEIR_OPTION_INTEGER,
     .offset = offsetof(struct generator_options, seed),
     .fallback = "1",
     .help = "another seed, other rows"},
    {.name = "rows_per_second",
     .kind = WEIR_OPTION_NUMBER,
     .offset = offsetof(struct generator_options, rows_per_second),
     .fallback = "0",
     .min = 0,
     .max = INT64_MAX,
     .help = "0 is as fast as possible"},
    {.name = "event_time_interval",
     .kind = WEIR_OPTION_DURATION,
     .offset = offsetof(struct generator_options, event_time_interval_us),
     .fallback = "1 ms",
     .min = 0,
     .max = INT64_MAX,
     .help = "time between two rows in columns that are sequences of timestamps"},
    {.name = "start",
     .kind = WEIR_OPTION_INTEGER,
     .offset = offsetof(struct generator_options, start_us),
     .fallback = "1700000000000000",
     .help = "time of the first row in microseconds since 1970"},
};

enum column_kind { KIND_RANDOM, KIND_SEQUENCE };

struct column_options {
    int64_t kind, start, step, length;
    double min, max, nulls;
    struct weir_slice choices;
};

static const char *const kind_choices[] = {"random", "sequence", NULL};

#define FIELD(field) .offset = offsetof(struct column_options, field)
static const struct weir_option_spec column_specs[] = {
    {.name = "kind",
     .kind = WEIR_OPTION_CHOICE,
     FIELD(kind),
     .choices = kind_choices,
     .help = "timestamps are sequences unless told otherwise, all else is random"},
    {.name = "start",
     .kind = WEIR_OPTION_INTEGER,
     FIELD(start),
     .fallback = "0",
     .help = "first number of a sequence"},
    {.name = "step",
     .kind = WEIR_OPTION_INTEGER,
     FIELD(step),
     .fallback = "1",
     .help = "from one number of a sequence to the next"},
    {.name = "min",
     .kind = WEIR_OPTION_NUMBER,
     FIELD(min),
     .fallback = "0",
     .help = "least random number"},
    {.name = "max",
     .kind = WEIR_OPTION_NUMBER,
     FIELD(max),
     .fallback = "1000",
     .help = "random numbers stay below"},
    {.name = "length",
     .kind = WEIR_OPTION_INTEGER,
     FIELD(length),
     .fallback = "8",
     .min = 0,
     .max = 1000,
     .help = "characters of a random text"},
    {.name = "choices",
     .kind = WEIR_OPTION_TEXT,
     FIELD(choices),
     .help = "texts to choose from, separated by commas"},
    {.name = "nulls",
     .kind = WEIR_OPTION_NUMBER,
     FIELD(nulls),
     .fallback = "0",
     .help = "share of NULLs, 0 to 1"},
};
#undef FIELD

struct generator_column {
    const struct weir_type *type;
    struct column_options options;
    struct weir_slice *choices;
    uint32_t choices_count;
    uint64_t seed;
};

struct generator {
    struct weir_sequence sequence;
    struct weir_arena arena;
    struct weir_budget *budget;
    struct generator_column *columns;
    uint32_t columns_count;
    struct weir_batch *batch;
    struct weir_split split;
};

/* ---- opening ---- */

/* The options "COLUMN.NAME" of one column, without the prefix. */
static enum weir_status read_column_options(struct generator *generator,
                                            const struct weir_connector_table *table,
                                            struct weir_slice name, struct column_options *out,
                                            struct weir_error *error)
{
    struct weir_option *own =
        WEIR_ARENA_ARRAY(&generator->arena, struct weir_option, table->options_count + 1);
    size_t count = 0;
    char what[160];
    if (!own)
        return weir_budget_error(generator->budget, error);
    for (size_t i = 0; i < table->options_count; i++) {
        struct weir_slice option = table->options[i].name;
        if (option.size <= name.size + 1 || option.data[name.size] != '.' ||
            memcmp(option.data, name.data, name.size) != 0)
            continue;
        own[count] = table->options[i];
        own[count++].name =
            weir_slice_make(option.data + name.size + 1, option.size - name.size - 1);
    }
    (void)snprintf(what, sizeof what, "column \"%.*s\"", WEIR_SLICE_ARGS(name));
    return weir_options_parse(column_specs, WEIR_COUNT_OF(column_specs), own, count, 0, what, out,
                              error);
}

static enum weir_status split_choices(struct generator *generator, struct generator_column *column,
                                      struct weir_error *error)
{
    struct weir_slice rest = column->options.choices;
    uint32_t count = 1;
    for (size_t i = 0; i < rest.size; i++)
        count += rest.data[i] == ',';
    column->choices = WEIR_ARENA_ARRAY(&generator->arena, struct weir_slice, count);
    if (!column->choices)
        return weir_budget_error(generator->budget, error);
    while (rest.size) {
        size_t size = 0;
        while (size < rest.size && rest.data[size] != ',')
            size++;
        column->choices[column->choices_count++] = weir_slice_make(rest.data, size);
        size += size < rest.size;
        rest = weir_slice_make(rest.data + size, rest.size - size);
    }
    return WEIR_OK;
}

static bool is_supported(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_BOOLEAN || weir_type_is_integer(type) ||
           type->kind == WEIR_TYPE_FLOAT32 || type->kind == WEIR_TYPE_FLOAT64 ||
           type->kind == WEIR_TYPE_TEXT || type->kind == WEIR_TYPE_TIMESTAMP ||
           type->kind == WEIR_TYPE_TIMESTAMPTZ || type->kind == WEIR_TYPE_DATE;
}

static enum weir_status open_columns(struct generator *generator,
                                     const struct weir_connector_table *table, int64_t seed,
                                     struct weir_error *error)
{
    generator->columns_count = table->schema->fields_count;
    generator->columns =
        WEIR_ARENA_ARRAY(&generator->arena, struct generator_column, generator->columns_count + 1);
    if (!generator->columns)
        return weir_budget_error(generator->budget, error);
    for (uint32_t i = 0; i < generator->columns_count; i++) {
        struct generator_column *column = &generator->columns[i];
        const struct weir_field *field = &table->schema->fields[i];
        column->type = field->type;
        column->seed = weir_hash_bytes(field->name.data, field->name.size, (uint64_t)seed);
        column->options.kind = weir_type_is_timestamp(field->type) ? KIND_SEQUENCE : KIND_RANDOM;
        if (!is_supported(field->type)) {
            (void)weir_error_set(error, WEIR_E_BAD_OPTION,
                                 "generator makes no %s (column \"%.*s\")",
                                 weir_type_name(field->type).text, WEIR_SLICE_ARGS(field->name));
            weir_error_hint(error,
                            "make a number or a text and derive it: GENERATED ALWAYS AS (…)");
            return WEIR_E_BAD_OPTION;
        }
        WEIR_TRY(read_column_options(generator, table, field->name, &column->options, error));
        if (column->options.max < column->options.min) {
            (void)weir_error_set(error, WEIR_E_BAD_OPTION, "column \"%.*s\": max is less than min",
                                 WEIR_SLICE_ARGS(field->name));
            weir_error_hint(error, "random numbers are at least min, and below max");
            return WEIR_E_BAD_OPTION;
        }
        if (column->options.choices.size)
            WEIR_TRY(split_choices(generator, column, error));
    }
    return WEIR_OK;
}

static enum weir_status generator_open(const struct weir_connector_table *table,
                                       const struct weir_connector_env *env, void **source,
                                       struct weir_error *error)
{
    struct generator_options options = {0};
    WEIR_TRY(weir_options_parse(generator_specs, WEIR_COUNT_OF(generator_specs), table->options,
                                table->options_count, WEIR_OPTION_SOURCE, "connector \"generator\"",
                                &options, error));
    struct generator *generator = weir_calloc(1, sizeof *generator);
    if (!generator)
        return weir_error_set_out_of_memory(error);
    *source = generator;
    weir_arena_init(&generator->arena, env->budget, 4096);
    generator->budget = env->budget;
    generator->sequence = (struct weir_sequence){.sys = env->sys,
                                                 .rows_max = options.rows,
                                                 .rate = options.rows_per_second,
                                                 .interval_us = options.event_time_interval_us,
                                                 .start_us = options.start_us};
    generator->split = (struct weir_split){"generator", options.rows >= 0, 0};
    WEIR_TRY(open_columns(generator, table, options.seed, error));
    generator->batch = weir_batch_create(table->schema, env->budget);
    return generator->batch ? WEIR_OK : weir_budget_error(env->budget, error);
}

static enum weir_status generator_splits(void *source, const struct weir_split **splits,
                                         uint32_t *count, struct weir_error *error)
{
    struct generator *generator = source;
    (void)error;
    *splits = &generator->split;
    *count = 1;
    return WEIR_OK;
}

/* ---- values ---- */

static uint64_t draw(const struct generator_column *column, int64_t row, uint64_t salt)
{
    return weir_hash_u64((uint64_t)row, column->seed + salt);
}

/* Uniform in [0, 1). */
static double draw_unit(const struct generator_column *column, int64_t row, uint64_t salt)
{
    return (double)(draw(column, row, salt) >> 11) * 0x1p-53;
}

static int64_t integer_value(const struct generator_column *column, int64_t row)
{
    const struct column_options *options = &column->options;
    if (options->kind == KIND_SEQUENCE)
        return options->start + row * options->step;
    double span = options->max - options->min;
    return (int64_t)(options->min + draw_unit(column, row, 0) * span);
}

static void store_integer(enum weir_type_kind kind, void *lane, int64_t value)
{
    switch (kind) {
    case WEIR_TYPE_INT8:
    case WEIR_TYPE_UINT8:
        *(int8_t *)lane = (int8_t)value;
        break;
    case WEIR_TYPE_INT16:
    case WEIR_TYPE_UINT16:
        *(int16_t *)lane = (int16_t)value;
        break;
    case WEIR_TYPE_INT32:
    case WEIR_TYPE_UINT32:
    case WEIR_TYPE_DATE:
        *(int32_t *)lane = (int32_t)value;
        break;
    default:
        *(int64_t *)lane = value;
        break;
    }
}

static bool store_text(struct generator *generator, const struct generator_column *column,
                       int64_t row, struct weir_view *lane)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    uint64_t bits = 0;
    if (column->choices_count) {
        *lane = weir_view_from_slice(column->choices[draw(column, row, 0) % column->choices_count]);
        return true;
    }
    size_t size = (size_t)column->options.length;
    char *text = weir_arena_alloc(&generator->batch->arena, size + 1, 1);
    if (!text)
        return false;
    for (size_t i = 0; i < size; i++) {
        bits = i % 12 == 0 ? draw(column, row, i) : bits >> 5;
        text[i] = letters[bits & 31];
    }
    *lane = weir_view_make(text, size);
    return true;
}

static bool store_value(struct generator *generator, const struct generator_column *column,
                        int64_t row, void *lane)
{
    switch (column->type->kind) {
    case WEIR_TYPE_BOOLEAN:
        *(uint8_t *)lane = draw(column, row, 0) & 1;
        return true;
    case WEIR_TYPE_FLOAT32:
    case WEIR_TYPE_FLOAT64: {
        double span = column->options.max - column->options.min;
        double value = column->options.kind == KIND_SEQUENCE
                           ? (double)integer_value(column, row)
                           : column->options.min + draw_unit(column, row, 0) * span;
        if (column->type->kind == WEIR_TYPE_FLOAT32)
            *(float *)lane = (float)value;
        else
            *(double *)lane = value;
        return true;
    }
    case WEIR_TYPE_TEXT:
        return store_text(generator, column, row, lane);
    case WEIR_TYPE_TIMESTAMP:
    case WEIR_TYPE_TIMESTAMPTZ:
        *(int64_t *)lane = column->options.kind == KIND_SEQUENCE
                               ? weir_sequence_time_us(&generator->sequence, row)
                               : integer_value(column, row);
        return true;
    default:
        store_integer(column->type->kind, lane, integer_value(column, row));
        return true;
    }
}

static enum weir_status fill_column(struct generator *generator, uint32_t index, uint32_t count,
                                    struct weir_error *error)
{
    const struct generator_column *column = &generator->columns[index];
    struct weir_batch *batch = generator->batch;
    size_t width = weir_type_width(column->type), words = weir_validity_words(count);
    char *values = weir_arena_calloc(&batch->arena, count, width);
    uint64_t *validity = weir_arena_alloc(&batch->arena, sizeof *validity * (words + 1), 64);
    if (!values || !validity)
        return weir_budget_error(generator->budget, error);
    memset(validity, 0xFF, sizeof *validity * words);
    for (uint32_t i = 0; i < count; i++) {
        int64_t row = generator->sequence.next + i;
        if (column->options.nulls > 0 && draw_unit(column, row, 1) < column->options.nulls)
            weir_bit_clear(validity, i);
        else if (!store_value(generator, column, row, values + width * i))
            return weir_budget_error(generator->budget, error);
    }
    batch->columns[index] =
        (struct weir_column){.type = column->type,
                             .encoding = WEIR_FLAT,
                             .rows_count = count,
                             .values = values,
                             .validity = column->options.nulls > 0 ? validity : NULL};
    return WEIR_OK;
}

static enum weir_poll_result generator_poll(void *source, struct weir_source_poll *poll,
                                            struct weir_error *error)
{
    struct generator *generator = source;
    uint32_t count = 0;
    enum weir_poll_result result = weir_sequence_take(&generator->sequence, poll, &count);
    if (result != WEIR_POLL_DATA)
        return result;
    if (weir_batch_renew(&generator->batch, NULL, generator->budget, error) != WEIR_OK)
        return WEIR_POLL_FAILED;
    for (uint32_t i = 0; i < generator->columns_count; i++)
        if (fill_column(generator, i, count, error) != WEIR_OK)
            return WEIR_POLL_FAILED;
    generator->batch->rows_count = generator->batch->selected_count = count;
    generator->batch->origin.record = (uint64_t)generator->sequence.next;
    generator->sequence.next += count;
    poll->batch = generator->batch;
    return WEIR_POLL_DATA;
}

static enum weir_status generator_position(void *source, uint32_t split, struct weir_buffer *out,
                                           struct weir_error *error)
{
    (void)split, (void)error;
    return weir_sequence_position(&((struct generator *)source)->sequence, out);
}

static enum weir_status generator_seek(void *source, uint32_t split, struct weir_slice position,
                                       struct weir_error *error)
{
    (void)split;
    return weir_sequence_seek(&((struct generator *)source)->sequence, position, error);
}

static void generator_close(void *source)
{
    struct generator *generator = source;
    weir_batch_release(generator->batch);
    weir_arena_deinit(&generator->arena);
    weir_free(generator);
}

static bool generator_bounded(const struct weir_option *options, size_t options_count)
{
    for (size_t i = 0; i < options_count; i++)
        if (weir_slice_equals_ignoring_case(options[i].name, weir_slice_from_string("rows")))
            return options[i].value.size && options[i].value.data[0] != '-';
    return false;
}

static const struct weir_source_type generator_source = {
    .yield = WEIR_SOURCE_BATCHES,
    .opens_nothing = true,
    .open = generator_open,
    .splits = generator_splits,
    .poll = generator_poll,
    .position = generator_position,
    .seek = generator_seek,
    .close = generator_close,
};

const struct weir_connector weir_connector_generator = {
    .name = "generator",
    .summary = "rows made from a seed, for trying out and for load",
    .details =
        "Each column is made from its type; options named after the column say more. Columns that\n"
        "are GENERATED ALWAYS AS an expression are computed from the others.\n\n"
        "```sql\n"
        "CREATE TABLE orders (\n"
        "  id BIGINT,\n"
        "  price DOUBLE,\n"
        "  country TEXT,\n"
        "  at TIMESTAMP\n"
        ") WITH (\n"
        "  connector = 'generator', rows = '3', seed = '7',\n"
        "  'id.kind' = 'sequence', 'price.max' = '100', 'country.choices' = 'DE,FR,VN'\n"
        ");\n"
        "SELECT id, country FROM orders;\n"
        "```\n",
    .options = generator_specs,
    .options_count = WEIR_COUNT_OF(generator_specs),
    .options_size = sizeof(struct generator_options),
    .column_options = column_specs,
    .column_options_count = WEIR_COUNT_OF(column_specs),
    .roles = WEIR_ROLE_SOURCE,
    .source = &generator_source,
    .bounded = generator_bounded,
};
