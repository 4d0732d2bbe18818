/* Records with an operation, as `changelog = 'op-column'` writes them, to rows with weights:
 *
 *     {"_op":"+","id":1,"n":2}        +I and +U are other spellings of +, -U and -D of -
 *     -,1,2                           in CSV the operation is the first column
 *
 * WEIGHTS: + adds the row, - takes it back. EVENTS: + replaces the row of its key, - removes it;
 * of such a row only the key counts. The format's own decoder reads the records. */
#include "format/changes_internal.h"
#include "format/csv.h"
#include "format/formats_internal.h"
#include "format/json_internal.h"

struct op_decoder {
    struct weir_arena arena;
    struct weir_budget *budget;
    const struct weir_decoder_ops *ops;
    bool is_csv, has_header;
    struct weir_csv_dialect dialect;
    struct weir_decode_field *fields;
    uint32_t fields_count;
    enum weir_change_mode mode;
    bool optional;
    struct weir_schema inner_schema;
    struct weir_batch *inner_batch;
    void *inner;
    bool header_pending, skipping;
};

struct op_run {
    struct op_decoder *decoder;
    struct weir_decode_run *run;
    struct weir_error *error;
    const struct weir_batch *inner;
    struct change_lanes lanes;
    struct change_faults faults;
    struct change_cursor cursor;
    bool header_pending; /* when the run began */
};

/* ---- making one ---- */

/* The wanted fields, then the operation, which is the first of the declared columns. */
static enum weir_status describe_inner(struct op_decoder *decoder,
                                       const struct weir_decoder_config *config,
                                       struct weir_decoder_config *inner, struct weir_error *error)
{
    uint32_t count = config->fields_count + 1;
    struct weir_arena *arena = &decoder->arena;
    const struct weir_slice name = weir_slice_from_string("_op");
    struct weir_decode_field *fields = WEIR_ARENA_ARRAY(arena, struct weir_decode_field, count);
    struct weir_field *schema = WEIR_ARENA_ARRAY(arena, struct weir_field, count);
    struct weir_slice *names =
        WEIR_ARENA_ARRAY(arena, struct weir_slice, config->declared_count + 1);
    if (!fields || !schema || !names)
        return weir_budget_error(decoder->budget, error);
    for (uint32_t f = 0; f < config->fields_count; f++) {
        fields[f] = config->fields[f];
        fields[f].ordinal++;
        fields[f].nullable |= config->changes == WEIR_CHANGES_EVENTS;
        fields[f].is_event_time &= config->changes != WEIR_CHANGES_EVENTS;
        schema[f] = config->schema->fields[f];
    }
    fields[count - 1] = (struct weir_decode_field){
        .name = name, .type = weir_type_of(WEIR_TYPE_TEXT), .nullable = decoder->optional};
    schema[count - 1] = (struct weir_field){name, fields[count - 1].type, true};
    names[0] = name;
    for (uint32_t i = 0; config->declared_names && i < config->declared_count; i++)
        names[i + 1] = config->declared_names[i];
    decoder->inner_schema = (struct weir_schema){schema, count};
    *inner = *config;
    inner->fields = fields;
    inner->fields_count = count;
    inner->schema = &decoder->inner_schema;
    inner->declared_names = names;
    inner->declared_count = config->declared_count + 1;
    return WEIR_OK;
}

static enum weir_status decoder_init(struct op_decoder *decoder, const char *csv_name,
                                     const struct weir_decoder_config *config,
                                     struct weir_error *error)
{
    struct weir_decoder_config inner;
    decoder->fields =
        WEIR_ARENA_ARRAY(&decoder->arena, struct weir_decode_field, config->fields_count + 1);
    if (!decoder->fields)
        return weir_budget_error(config->budget, error);
    if (config->fields_count)
        memcpy(decoder->fields, config->fields, config->fields_count * sizeof *decoder->fields);
    if (csv_name) {
        struct weir_csv_options options = {0};
        WEIR_TRY(weir_csv_options_read(config->options, config->options_count, csv_name, &options,
                                       &decoder->dialect, error));
        decoder->is_csv = true;
        decoder->has_header = decoder->header_pending = options.header;
    }
    WEIR_TRY(describe_inner(decoder, config, &inner, error));
    decoder->inner_batch = weir_batch_create(&decoder->inner_schema, decoder->budget);
    if (!decoder->inner_batch)
        return weir_budget_error(decoder->budget, error);
    return decoder->ops->create(&inner, &decoder->inner, error);
}

static void op_destroy(void *memory)
{
    struct op_decoder *decoder = memory;
    if (!decoder)
        return;
    weir_batch_release(decoder->inner_batch);
    if (decoder->inner)
        decoder->ops->destroy(decoder->inner);
    weir_arena_deinit(&decoder->arena);
    weir_free(decoder);
}

static enum weir_status create(const struct weir_decoder_ops *ops, const char *csv_name,
                               const struct weir_decoder_config *config, void **out,
                               struct weir_error *error)
{
    struct op_decoder *decoder = weir_calloc(1, sizeof *decoder);
    *out = NULL;
    if (!decoder)
        return weir_error_set_out_of_memory(error);
    decoder->budget = config->budget;
    decoder->ops = ops;
    decoder->fields_count = config->fields_count;
    decoder->mode = config->changes;
    decoder->optional = config->op_optional;
    weir_arena_init(&decoder->arena, config->budget, 4096);
    enum weir_status status = decoder_init(decoder, csv_name, config, error);
    if (status != WEIR_OK) {
        op_destroy(decoder);
        return status;
    }
    *out = decoder;
    return WEIR_OK;
}

static enum weir_status create_json(const struct weir_decoder_config *config, void **out,
                                    struct weir_error *error)
{
    return create(&weir_json_decoder_ops, NULL, config, out, error);
}

static enum weir_status create_csv(const struct weir_decoder_config *config, void **out,
                                   struct weir_error *error)
{
    return create(&weir_csv_decoder, "csv", config, out, error);
}

static enum weir_status create_tsv(const struct weir_decoder_config *config, void **out,
                                   struct weir_error *error)
{
    return create(&weir_tsv_decoder, "tsv", config, out, error);
}

static void op_reset(void *memory)
{
    struct op_decoder *decoder = memory;
    decoder->skipping = false;
    decoder->header_pending = decoder->has_header;
    decoder->ops->reset(decoder->inner);
}

/* ---- faults ---- */

/* The bytes of a CSV record; *at is where they begin. */
static struct weir_slice csv_record(const struct op_run *run, uint64_t wanted, size_t *at)
{
    struct weir_slice bytes = run->run->bytes;
    uint64_t record = 0;
    bool header = run->header_pending;
    *at = run->cursor.at;
    while (*at < bytes.size) {
        struct weir_slice rest = weir_slice_make(bytes.data + *at, bytes.size - *at);
        uint32_t count;
        size_t end = 0, fault;
        const char *reason;
        if (weir_csv_record(run->decoder->dialect, rest, run->run->end_of_input, NULL, 0, &count,
                            &end, &fault, &reason) == WEIR_CSV_INCOMPLETE)
            break;
        rest.size = end;
        bool counts = !weir_csv_is_blank(rest);
        if (counts && !header && record == wanted) {
            while (rest.size &&
                   (rest.data[rest.size - 1] == '\n' || rest.data[rest.size - 1] == '\r'))
                rest.size--;
            return rest;
        }
        *at += end;
        record += counts && !header;
        header &= !counts;
    }
    return weir_slice_make(bytes.data, 0);
}

static enum weir_status refuse(struct op_run *run, uint32_t row, enum weir_status code,
                               struct weir_slice column, const char *message)
{
    uint64_t record = run->inner->origin_records ? run->inner->origin_records[row] : row;
    struct weir_bad_record bad = {
        .code = code, .message = message, .record = record, .column = column};
    size_t at = 0;
    if (run->decoder->is_csv) {
        bad.bytes = csv_record(run, record, &at);
    } else {
        bad.bytes = weir_change_cursor_line(&run->cursor, record);
        at = run->cursor.at;
    }
    bad.offset = bad.error_offset = at;
    return weir_change_fault(&run->faults, &bad, run->error);
}

static enum weir_status inner_bad(void *context, const struct weir_bad_record *record,
                                  struct weir_error *error)
{
    return weir_change_fault(&((struct op_run *)context)->faults, record, error);
}

/* ---- what a record says ---- */

/* 1, -1, or 0: none of the known operations. */
static int sign_of(struct weir_slice op)
{
    char first = op.size ? op.data[0] : 0, second = op.size == 2 ? op.data[1] : 0;
    if (op.size == 1)
        return first == '+' ? 1 : first == '-' ? -1 : 0;
    if (first == '+' && (second == 'I' || second == 'U'))
        return 1;
    return first == '-' && (second == 'U' || second == 'D') ? -1 : 0;
}

/* By key: what must have a value in a row that is added, and in one that is removed. */
static enum weir_status check_nulls(struct op_run *run, uint32_t row, int sign, bool *good)
{
    for (uint32_t f = 0; f < run->decoder->fields_count; f++) {
        const struct weir_decode_field *field = &run->decoder->fields[f];
        bool needed = field->is_key || (sign > 0 && (!field->nullable || field->is_event_time));
        if (!needed || !weir_column_is_null(&run->inner->columns[f], row))
            continue;
        *good = false;
        bool is_time = field->is_event_time && sign > 0;
        return refuse(run, row, is_time ? WEIR_E_NULL_EVENT_TIME : WEIR_E_NULL_VALUE, field->name,
                      is_time ? "the event time is null" : "the column is NOT NULL");
    }
    return WEIR_OK;
}

static enum weir_status take_record(struct op_run *run, uint32_t row)
{
    const struct weir_column *ops = &run->inner->columns[run->decoder->fields_count];
    const struct weir_view *views = ops->values;
    int sign = 1;
    bool good = true;
    if (!weir_column_is_null(ops, row))
        sign = sign_of(weir_view_slice(&views[weir_column_index(ops, row)]));
    if (sign == 0)
        return refuse(run, row, WEIR_E_BAD_CHANGE, weir_slice_from_string("_op"),
                      "it is neither + nor -");
    if (run->decoder->mode == WEIR_CHANGES_EVENTS)
        WEIR_TRY(check_nulls(run, row, sign, &good));
    if (good)
        weir_change_lanes_add(&run->lanes, row, 0, sign);
    return WEIR_OK;
}

static enum weir_status build_batch(struct op_run *run)
{
    struct weir_batch *batch = run->run->batch;
    for (uint32_t f = 0; f < run->decoder->fields_count; f++) {
        const struct weir_column *image = &run->inner->columns[f];
        WEIR_TRY(
            weir_change_column(&image, &run->lanes, &batch->arena, &batch->columns[f], run->error));
    }
    return weir_change_batch(&run->lanes, run->inner, batch, run->error);
}

static enum weir_status op_decode(void *memory, struct weir_decode_run *outer,
                                  struct weir_error *error)
{
    struct op_decoder *decoder = memory;
    struct weir_batch *batch = outer->batch;
    struct op_run run = {.decoder = decoder,
                         .run = outer,
                         .error = error,
                         .faults = {.arena = &batch->arena},
                         .header_pending = decoder->header_pending};
    struct weir_decode_run inner = *outer;
    WEIR_TRY(weir_change_lanes_init(&run.lanes, &batch->arena, error));
    weir_change_cursor_init(&run.cursor, outer->bytes, decoder->skipping);
    WEIR_TRY(weir_batch_renew(&decoder->inner_batch, NULL, decoder->budget, error));
    inner.batch = decoder->inner_batch;
    inner.bad = inner_bad;
    inner.bad_context = &run;
    WEIR_TRY(decoder->ops->decode(decoder->inner, &inner, error));
    run.inner = decoder->inner_batch;
    outer->consumed_size = inner.consumed_size;
    outer->consumed_records = inner.consumed_records;
    decoder->skipping = weir_change_is_skipping(outer, decoder->skipping);
    decoder->header_pending &= outer->consumed_size == 0;
    for (uint32_t row = 0; row < run.inner->rows_count; row++)
        WEIR_TRY(take_record(&run, row));
    WEIR_TRY(weir_change_faults_tell(&run.faults, outer, error));
    WEIR_TRY(weir_batch_hold(batch, &decoder->inner_batch->shared, error));
    return build_batch(&run);
}

static const struct weir_decoder_ops json_ops = {
    .create = create_json, .decode = op_decode, .reset = op_reset, .destroy = op_destroy};
static const struct weir_decoder_ops csv_ops = {
    .create = create_csv, .decode = op_decode, .reset = op_reset, .destroy = op_destroy};
static const struct weir_decoder_ops tsv_ops = {
    .create = create_tsv, .decode = op_decode, .reset = op_reset, .destroy = op_destroy};

const struct weir_decoder_ops *weir_format_op_column_decoder(const struct weir_format *format)
{
    return format == &weir_format_json  ? &json_ops
           : format == &weir_format_csv ? &csv_ops
           : format == &weir_format_tsv ? &tsv_ops
                                        : NULL;
}
