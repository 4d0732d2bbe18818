/* Debezium's envelopes to rows with weights. The JSON decoder reads them, by paths:
 *
 *     {"before":{…},"after":{…},"op":"u",…}                      $.op  $.before.x  $.after.x
 *     {"schema":{…},"payload":{"before":{…},"after":{…},…}}      $.payload.op …
 *
 * Every record has columns for both forms; a payload that is there decides. What a record says:
 *
 *     op      needs           WEIGHTS                 EVENTS
 *     c, r    after           +after                  INSERT after
 *     u       after           -before (needed)        DELETE before, when its key is another
 *                             +after                  UPDATE after
 *     d       before          -before                 DELETE before (its key is enough)
 *     t                       bad                     CLEAR
 *     m                       nothing: a message of the database's log is no change of a row
 *
 * null, and a payload that is null, are tombstones: the record before them said what there is to
 * say. Everything else is bad. Inner columns are numbered as enum inner_column says. */
#include "format/changes_internal.h"
#include "format/debezium_internal.h"

enum { BEFORE, AFTER, IMAGES = 4, WRAPPED = 2 /* images of the second form begin here */ };
enum inner_column {
    INNER_OP,
    INNER_WRAPPED_OP,
    INNER_PAYLOAD,                      /* STRUCT<>: whether it is there */
    INNER_IMAGE,                        /* STRUCT<> for each image, likewise */
    INNER_FIELDS = INNER_IMAGE + IMAGES /* field f of image i: INNER_FIELDS + f * IMAGES + i */
};
static const char *const image_paths[IMAGES] = {"$.before", "$.after", "$.payload.before",
                                                "$.payload.after"};

struct debezium_decoder {
    struct weir_arena arena;
    struct weir_budget *budget;
    struct weir_decode_field *fields; /* those that are wanted */
    uint32_t fields_count;
    enum weir_change_mode mode;
    struct weir_schema inner_schema;
    struct weir_batch *inner_batch;
    void *inner;
    bool skipping; /* a record that is too long */
};

/* One call of decode. */
struct debezium_run {
    struct debezium_decoder *decoder;
    struct weir_decode_run *run;
    struct weir_error *error;
    const struct weir_batch *inner;
    struct change_lanes lanes;
    struct change_faults faults;
    struct change_cursor cursor;
};

/* ---- making one ---- */

/* The path to a key of an object: $.after.name, or $.after["a name"]. */
static bool path_to_key(struct weir_arena *arena, const char *object, struct weir_slice name,
                        struct weir_slice *path)
{
    bool plain = name.size > 0, has_double = false, has_single = false;
    for (size_t i = 0; i < name.size; i++) {
        plain &= name.data[i] != '.' && name.data[i] != '[';
        has_double |= name.data[i] == '"';
        has_single |= name.data[i] == '\'';
    }
    const char *quote = has_double ? "'" : "\"";
    const char *text = plain ? weir_arena_printf(arena, "%s.%.*s", object, WEIR_SLICE_ARGS(name))
                             : weir_arena_printf(arena, "%s[%s%.*s%s]", object, quote,
                                                 WEIR_SLICE_ARGS(name), quote);
    *path = weir_slice_from_string(text ? text : "");
    return text && (plain || !has_double || !has_single);
}

static bool path_below(struct weir_arena *arena, const char *object, struct weir_slice below,
                       struct weir_slice *path)
{
    const char *text =
        below.size ? weir_arena_printf(arena, "%s%.*s", object, (int)below.size - 1, below.data + 1)
                   : NULL;
    *path = weir_slice_from_string(text ? text : "");
    return text != NULL;
}

static enum weir_status make_paths(struct debezium_decoder *decoder,
                                   const struct weir_decode_field *field,
                                   struct weir_decode_field *inner, struct weir_error *error)
{
    for (uint32_t i = 0; i < IMAGES; i++) {
        bool ok;
        if (field->is_metadata)
            ok = path_below(&decoder->arena, i < WRAPPED ? "$" : "$.payload", field->path,
                            &inner[i].path);
        else if (field->path.size)
            ok = path_below(&decoder->arena, image_paths[i], field->path, &inner[i].path);
        else
            ok = path_to_key(&decoder->arena, image_paths[i], field->name, &inner[i].path);
        if (!ok && !inner[i].path.size)
            return weir_budget_error(decoder->budget, error);
        if (!ok)
            return weir_error_set(error, WEIR_E_BAD_OPTION,
                                  "column \"%.*s\" has both kinds of quotes in its name",
                                  WEIR_SLICE_ARGS(field->name));
        inner[i].name = field->name;
        inner[i].type = field->type;
    }
    return WEIR_OK;
}

static enum weir_status describe_inner(struct debezium_decoder *decoder,
                                       struct weir_decode_field *inner, struct weir_error *error)
{
    const struct weir_type *text = weir_type_of(WEIR_TYPE_TEXT);
    const struct weir_type *object = weir_type_struct(&decoder->arena, 0, NULL, NULL);
    if (!object)
        return weir_budget_error(decoder->budget, error);
    struct weir_slice op = weir_slice_from_string("op");
    inner[INNER_OP] = (struct weir_decode_field){
        .name = op, .type = text, .path = weir_slice_from_string("$.op")};
    inner[INNER_WRAPPED_OP] = (struct weir_decode_field){
        .name = op, .type = text, .path = weir_slice_from_string("$.payload.op")};
    inner[INNER_PAYLOAD] = (struct weir_decode_field){.name = weir_slice_from_string("payload"),
                                                      .type = object,
                                                      .path = weir_slice_from_string("$.payload")};
    for (uint32_t i = 0; i < IMAGES; i++)
        inner[INNER_IMAGE + i] = (struct weir_decode_field){
            .name = weir_slice_from_string(i % 2 == BEFORE ? "before" : "after"),
            .type = object,
            .path = weir_slice_from_string(image_paths[i])};
    for (uint32_t f = 0; f < decoder->fields_count; f++)
        WEIR_TRY(
            make_paths(decoder, &decoder->fields[f], &inner[INNER_FIELDS + f * IMAGES], error));
    return WEIR_OK;
}

static enum weir_status create_inner(struct debezium_decoder *decoder,
                                     const struct weir_decoder_config *config,
                                     struct weir_error *error)
{
    uint32_t count = INNER_FIELDS + decoder->fields_count * IMAGES;
    struct weir_decode_field *inner =
        WEIR_ARENA_ARRAY(&decoder->arena, struct weir_decode_field, count);
    struct weir_field *fields = WEIR_ARENA_ARRAY(&decoder->arena, struct weir_field, count);
    if (!inner || !fields)
        return weir_budget_error(decoder->budget, error);
    WEIR_TRY(describe_inner(decoder, inner, error));
    for (uint32_t i = 0; i < count; i++) {
        inner[i].nullable = true;
        fields[i] = (struct weir_field){inner[i].name, inner[i].type, true};
    }
    decoder->inner_schema = (struct weir_schema){fields, count};
    struct weir_decoder_config wanted = *config;
    wanted.fields = inner;
    wanted.fields_count = count;
    wanted.schema = &decoder->inner_schema;
    decoder->inner_batch = weir_batch_create(&decoder->inner_schema, decoder->budget);
    if (!decoder->inner_batch)
        return weir_budget_error(decoder->budget, error);
    return weir_json_decoder_ops.create(&wanted, &decoder->inner, error);
}

static void debezium_destroy(void *memory)
{
    struct debezium_decoder *decoder = memory;
    if (!decoder)
        return;
    weir_batch_release(decoder->inner_batch);
    if (decoder->inner)
        weir_json_decoder_ops.destroy(decoder->inner);
    weir_arena_deinit(&decoder->arena);
    weir_free(decoder);
}

static enum weir_status debezium_create(const struct weir_decoder_config *config, void **out,
                                        struct weir_error *error)
{
    struct debezium_decoder *decoder = weir_calloc(1, sizeof *decoder);
    *out = NULL;
    if (!decoder)
        return weir_error_set_out_of_memory(error);
    decoder->budget = config->budget;
    decoder->fields_count = config->fields_count;
    decoder->mode = config->changes;
    weir_arena_init(&decoder->arena, config->budget, 4096);
    decoder->fields =
        WEIR_ARENA_ARRAY(&decoder->arena, struct weir_decode_field, config->fields_count + 1);
    enum weir_status status = WEIR_OK;
    if (!decoder->fields)
        status = weir_budget_error(config->budget, error);
    else if (config->fields_count)
        memcpy(decoder->fields, config->fields, config->fields_count * sizeof *decoder->fields);
    if (status == WEIR_OK)
        status = create_inner(decoder, config, error);
    if (status != WEIR_OK) {
        debezium_destroy(decoder);
        return status;
    }
    *out = decoder;
    return WEIR_OK;
}

static void debezium_reset(void *memory)
{
    struct debezium_decoder *decoder = memory;
    decoder->skipping = false;
    weir_json_decoder_ops.reset(decoder->inner);
}

static struct weir_decoder_stats debezium_stats(const void *memory)
{
    return weir_json_decoder_ops.stats(((const struct debezium_decoder *)memory)->inner);
}

/* ---- what a record says ---- */

static bool is_there(const struct debezium_run *run, uint32_t column, uint32_t row)
{
    return !weir_column_is_null(&run->inner->columns[column], row);
}

static const struct weir_column *field_column(const struct debezium_run *run, uint32_t field,
                                              uint32_t image)
{
    return &run->inner->columns[INNER_FIELDS + field * IMAGES + image];
}

static uint64_t record_of(const struct debezium_run *run, uint32_t row)
{
    return run->inner->origin_records ? run->inner->origin_records[row] : row;
}

/* The record is bad. column: whose fault it is; NULL: nobody's. */
static enum weir_status refuse(struct debezium_run *run, uint32_t row, enum weir_status code,
                               const struct weir_slice *column, const char *message)
{
    uint64_t record = record_of(run, row);
    struct weir_slice line = weir_change_cursor_line(&run->cursor, record);
    struct weir_bad_record bad = {.code = code,
                                  .message = message,
                                  .record = record,
                                  .offset = run->cursor.at,
                                  .error_offset = run->cursor.at,
                                  .bytes = line};
    if (column)
        bad.column = *column;
    return weir_change_fault(&run->faults, &bad, run->error);
}

/* The columns of an image that must have a value have one; keys_only: those of the key. */
static enum weir_status check_nulls(struct debezium_run *run, uint32_t row, uint32_t image,
                                    bool keys_only, bool *good)
{
    const struct debezium_decoder *decoder = run->decoder;
    for (uint32_t f = 0; f < decoder->fields_count; f++) {
        const struct weir_decode_field *field = &decoder->fields[f];
        bool needed = keys_only ? field->is_key : !field->nullable || field->is_event_time;
        if (!needed || !weir_column_is_null(field_column(run, f, image), row))
            continue;
        *good = false;
        return refuse(run, row,
                      field->is_event_time && !keys_only ? WEIR_E_NULL_EVENT_TIME
                                                         : WEIR_E_NULL_VALUE,
                      &field->name,
                      field->is_event_time && !keys_only ? "the event time is null"
                                                         : "the column is NOT NULL");
    }
    return WEIR_OK;
}

static enum weir_status take_image(struct debezium_run *run, uint32_t row, uint32_t image,
                                   int64_t weight)
{
    bool good = true;
    WEIR_TRY(check_nulls(run, row, image,
                         weight == WEIR_EVENT_DELETE && run->decoder->mode == WEIR_CHANGES_EVENTS,
                         &good));
    if (good)
        weir_change_lanes_add(&run->lanes, row, (uint8_t)image, weight);
    return WEIR_OK;
}

static enum weir_status take_insert(struct debezium_run *run, uint32_t row, uint32_t form)
{
    if (!is_there(run, INNER_IMAGE + form + AFTER, row))
        return refuse(run, row, WEIR_E_BAD_CHANGE, NULL, "a new row without \"after\"");
    return take_image(run, row, form + AFTER, WEIR_EVENT_INSERT);
}

/* Whether before names another row than after. What it leaves out says nothing. */
static bool changes_key(const struct debezium_run *run, uint32_t row, uint32_t form)
{
    bool other = false;
    for (uint32_t f = 0; f < run->decoder->fields_count; f++) {
        if (!run->decoder->fields[f].is_key)
            continue;
        const struct weir_column *before = field_column(run, f, form + BEFORE);
        const struct weir_column *after = field_column(run, f, form + AFTER);
        if (weir_column_is_null(before, row))
            return false;
        other |= !weir_column_equals(before, row, after, row);
    }
    return other;
}

static enum weir_status take_update(struct debezium_run *run, uint32_t row, uint32_t form)
{
    bool has_before = is_there(run, INNER_IMAGE + form + BEFORE, row), good = true;
    bool events = run->decoder->mode == WEIR_CHANGES_EVENTS, moves;
    if (!is_there(run, INNER_IMAGE + form + AFTER, row))
        return refuse(run, row, WEIR_E_BAD_CHANGE, NULL, "an update without \"after\"");
    if (!has_before && !events)
        return refuse(run, row, WEIR_E_BAD_CHANGE, NULL,
                      "an update without \"before\": only with a PRIMARY KEY can the old row be "
                      "found");
    WEIR_TRY(check_nulls(run, row, form + AFTER, false, &good));
    if (good && !events)
        WEIR_TRY(check_nulls(run, row, form + BEFORE, false, &good));
    if (!good)
        return WEIR_OK;
    moves = has_before && (!events || changes_key(run, row, form));
    if (moves) /* there should be nothing where it goes to */
        weir_change_lanes_add(&run->lanes, row, (uint8_t)(form + BEFORE), WEIR_EVENT_DELETE);
    weir_change_lanes_add(&run->lanes, row, (uint8_t)(form + AFTER),
                          moves ? WEIR_EVENT_INSERT : WEIR_EVENT_UPDATE);
    return WEIR_OK;
}

static enum weir_status take_delete(struct debezium_run *run, uint32_t row, uint32_t form)
{
    if (!is_there(run, INNER_IMAGE + form + BEFORE, row))
        return refuse(run, row, WEIR_E_BAD_CHANGE, NULL, "a delete without \"before\"");
    return take_image(run, row, form + BEFORE, WEIR_EVENT_DELETE);
}

static enum weir_status take_truncate(struct debezium_run *run, uint32_t row)
{
    if (run->decoder->mode != WEIR_CHANGES_EVENTS)
        return refuse(run, row, WEIR_E_BAD_CHANGE, NULL,
                      "a truncate: only with a PRIMARY KEY can the old rows be found");
    weir_change_lanes_add(&run->lanes, row, CHANGE_NO_IMAGE, WEIR_EVENT_CLEAR);
    return WEIR_OK;
}

/* A record without an operation: {"payload":null} is a tombstone. */
static enum weir_status take_nothing(struct debezium_run *run, uint32_t row)
{
    struct weir_slice line = weir_change_cursor_line(&run->cursor, record_of(run, row));
    struct weir_slice payload;
    if (weir_json_scan_key(weir_json_scan_value(line), weir_slice_from_string("payload"), false,
                           &payload) &&
        weir_json_scan_kind(payload) == WEIR_JSON_NULL)
        return WEIR_OK;
    return refuse(run, row, WEIR_E_BAD_CHANGE, NULL, "there is no \"op\"");
}

static enum weir_status take_record(struct debezium_run *run, uint32_t row)
{
    uint32_t form = is_there(run, INNER_PAYLOAD, row) ? WRAPPED : 0;
    const struct weir_column *ops = &run->inner->columns[form ? INNER_WRAPPED_OP : INNER_OP];
    if (weir_column_is_null(ops, row))
        return form ? refuse(run, row, WEIR_E_BAD_CHANGE, NULL, "there is no \"op\"")
                    : take_nothing(run, row);
    const struct weir_view *view =
        (const struct weir_view *)ops->values + weir_column_index(ops, row);
    struct weir_slice op = weir_view_slice(view);
    switch (op.size == 1 ? op.data[0] : 0) {
    case 'c':
    case 'r':
        return take_insert(run, row, form);
    case 'u':
        return take_update(run, row, form);
    case 'd':
        return take_delete(run, row, form);
    case 't':
        return take_truncate(run, row);
    case 'm':
        return WEIR_OK;
    default:
        return refuse(run, row, WEIR_E_BAD_CHANGE, NULL, "\"op\" is none of c, r, u, d, t and m");
    }
}

/* ---- runs ---- */

/* The inner decoder knows no null records. */
static bool is_tombstone(struct weir_slice record)
{
    return weir_slice_equals_string(weir_slice_trim(record), "null");
}

static enum weir_status inner_bad(void *context, const struct weir_bad_record *record,
                                  struct weir_error *error)
{
    struct debezium_run *run = context;
    return is_tombstone(record->bytes) ? WEIR_OK : weir_change_fault(&run->faults, record, error);
}

static enum weir_status decode_inner(struct debezium_run *run, struct weir_decode_run *inner)
{
    struct debezium_decoder *decoder = run->decoder;
    WEIR_TRY(weir_batch_renew(&decoder->inner_batch, NULL, decoder->budget, run->error));
    *inner = *run->run;
    inner->batch = decoder->inner_batch;
    inner->rows_max = run->run->rows_max < 2 ? 1 : run->run->rows_max / 2; /* an update is two */
    inner->bad = inner_bad;
    inner->bad_context = run;
    WEIR_TRY(weir_json_decoder_ops.decode(decoder->inner, inner, run->error));
    run->inner = decoder->inner_batch;
    return WEIR_OK;
}

static enum weir_status build_columns(struct debezium_run *run)
{
    struct weir_batch *batch = run->run->batch;
    const struct weir_column *images[IMAGES];
    for (uint32_t f = 0; f < run->decoder->fields_count; f++) {
        for (uint32_t i = 0; i < IMAGES; i++)
            images[i] = field_column(run, f, i);
        WEIR_TRY(
            weir_change_column(images, &run->lanes, &batch->arena, &batch->columns[f], run->error));
    }
    return weir_change_batch(&run->lanes, run->inner, batch, run->error);
}

static enum weir_status debezium_decode(void *memory, struct weir_decode_run *outer,
                                        struct weir_error *error)
{
    struct debezium_decoder *decoder = memory;
    struct weir_batch *batch = outer->batch;
    struct debezium_run run = {
        .decoder = decoder, .run = outer, .error = error, .faults = {.arena = &batch->arena}};
    struct weir_decode_run inner;
    WEIR_TRY(weir_change_lanes_init(&run.lanes, &batch->arena, error));
    weir_change_cursor_init(&run.cursor, outer->bytes, decoder->skipping);
    WEIR_TRY(decode_inner(&run, &inner));
    outer->consumed_size = inner.consumed_size;
    outer->consumed_records = inner.consumed_records;
    decoder->skipping = weir_change_is_skipping(outer, decoder->skipping);
    for (uint32_t row = 0; row < run.inner->rows_count; row++)
        WEIR_TRY(take_record(&run, row));
    WEIR_TRY(weir_change_faults_tell(&run.faults, outer, error));
    WEIR_TRY(weir_batch_hold(batch, &decoder->inner_batch->shared, error));
    return build_columns(&run);
}

const struct weir_decoder_ops weir_debezium_decoder_ops = {.create = debezium_create,
                                                           .decode = debezium_decode,
                                                           .reset = debezium_reset,
                                                           .stats = debezium_stats,
                                                           .destroy = debezium_destroy};
