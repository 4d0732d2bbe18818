/* The JSON writer: batches to JSON lines, one object a row.
 *
 *     {"_op":"+","id":7,"at":"2013-01-01T05:15:00","fare":12.5}⏎
 *     └ changelogs only    └ what stands before each value is prepared once: ,"at":
 *
 * Columns keep their order. NULL is null; NaN and infinities are texts; decimals have all digits of
 * their scale; timestamps are ISO 8601 (or numbers, by json.timestamp_format); BYTEA is "\\x41" or
 * base64. A row of weight n is written |n| times.
 *
 * Room for the fixed parts of some rows is made at once; only texts ask again. Constant and
 * dictionary columns are written once per value and batch, then copied. Short texts of a batch are
 * looked over together for what needs an escape; long ones go eight bytes at a time until one does.
 *
 * Tested in tests/unit/format/test_json_encode.c; round trips in fuzz/fuzz_json_records.c. */
#include "format/json_internal.h"

#include "column/text.h"
#include "format/json_put.h"
#include "value/base64.h"

enum {
    STORE_SLACK = 32, /* bytes that stores may scribble on beyond what they write */
    ROOM_SIZE = 4096, /* made at once, unless a row takes more */
    ROWS_STEP_MAX = 16,
    DIGITS_ROWS_MIN = 8
};

/* A column of the schema. */
struct target {
    char *prefix; /* ,"name": (or {"name": for the first), STORE_SLACK bytes beyond */
    uint32_t prefix_size;
    const struct weir_type *type;
};

/* How the values of a column are written. The first six: flat columns of what most data is; the
 * digits of integers that are close to each other are made together, as are those of short
 * decimals, and plain texts are inlined, all of them, and need no escapes. */
enum writer {
    WRITE_DIGITS,
    WRITE_DECIMALS,
    WRITE_INT64,
    WRITE_FLOAT64,
    WRITE_TEXT,
    WRITE_PLAIN_TEXT,
    WRITE_RENDERED,
    WRITE_ANY
};

/* A column of the batch at hand. */
struct source {
    const struct weir_column *column;
    const uint64_t *validity; /* of the first six writers; NULL: none is null */
    const void *values;
    const struct weir_slice *rendered; /* its values as text, when they repeat */
    struct weir_number_head head;      /* WRITE_INT64, WRITE_DIGITS */
    struct json_digits *digits;        /* WRITE_DIGITS: what follows the head; WRITE_DECIMALS */
    enum writer writer;
};

struct json_encoder {
    struct json_options options;
    struct weir_arena arena; /* lifetime of the encoder */
    struct weir_arena batch; /* of one call */
    struct weir_budget *budget;
    struct target *targets;
    uint32_t targets_count;
    const struct json_kernels *kernels;
    bool changelog;
    size_t row_size;    /* all fixed parts of a row */
    uint32_t rows_step; /* rows that room is made for at once */
    size_t room;        /* theirs */
};

static enum weir_status out_of_memory(const struct json_encoder *encoder, struct weir_error *error)
{
    return weir_budget_error(encoder->budget, error);
}

/* ---- texts ---- */

/* A bit at the top of each byte that must be escaped: quote, backslash, below 0x20. */
WEIR_INLINE uint64_t escapes_in(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
            ((word - ones * 0x20) & ~word)) &
           tops;
}

/* Copies text when nothing in it needs an escape; false otherwise. size > 8; writes 8 at a time. */
static bool copy_plain(char *to, const char *from, size_t size)
{
    uint64_t found = 0, word;
    for (size_t i = 0; i + 8 < size; i += 8) {
        memcpy(&word, from + i, 8);
        memcpy(to + i, &word, 8);
        found |= escapes_in(word);
    }
    memcpy(&word, from + size - 8, 8);
    memcpy(to + size - 8, &word, 8);
    return (found | escapes_in(word)) == 0;
}

typedef uint8_t view_bytes __attribute__((vector_size(16)));
typedef uint64_t view_words __attribute__((vector_size(16)));

/* The bytes of an inlined view likewise: those from the fourth on, as many as its size says. */
WEIR_INLINE bool copy_inlined(char *to, const struct weir_view *view)
{
    const view_bytes places = {255, 255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    view_bytes bytes;
    view_words words;
    uint64_t head;
    uint32_t tail;
    memcpy(&bytes, view, sizeof bytes);
    memcpy(&head, view->body.inlined, 8);
    memcpy(&tail, view->body.inlined + 8, 4);
    memcpy(to, &head, 8);
    memcpy(to + 8, &tail, 4);
    view_bytes found = (view_bytes)((bytes == '"') | (bytes == '\\') | (bytes < 0x20)) &
                       (view_bytes)(places < (uint8_t)view->size);
    memcpy(&words, &found, sizeof words);
    return (words[0] | words[1]) == 0;
}

static void write_text(struct weir_buffer *out, const struct weir_view *view, size_t room)
{
    if (!weir_buffer_reserve(out, (size_t)view->size + 2 + STORE_SLACK + room))
        return;
    char *p = out->data + out->size;
    *p = '"';
    bool plain = view->size <= WEIR_VIEW_INLINE_MAX
                     ? copy_inlined(p + 1, view)
                     : copy_plain(p + 1, view->body.far.data, view->size);
    if (WEIR_LIKELY(plain)) {
        p[view->size + 1] = '"';
        out->size += (size_t)view->size + 2;
        return;
    }
    weir_json_write_string(out, weir_view_slice(view));
    if (!weir_buffer_reserve(out, room))
        return;
}

/* JSON as it stands, but on one line. */
static void write_json(struct weir_buffer *out, struct weir_slice text, size_t room)
{
    if (text.size && (memchr(text.data, '\n', text.size) || memchr(text.data, '\r', text.size)))
        weir_json_write_compact(out, text);
    else
        weir_buffer_append_slice(out, text);
    if (!weir_buffer_reserve(out, room))
        return;
}

static void write_bytea(const struct json_encoder *encoder, struct weir_buffer *out,
                        struct weir_slice bytes)
{
    if (encoder->options.bytea_format == JSON_BYTEA_BASE64) {
        weir_buffer_append_char(out, '"');
        weir_base64_encode(out, bytes, WEIR_BASE64_PLAIN);
    } else {
        weir_buffer_append_string(out, "\"\\\\x");
        weir_hex_encode(out, bytes);
    }
    weir_buffer_append_char(out, '"');
    if (!weir_buffer_reserve(out, encoder->room))
        return;
}

/* Lists, structs, maps, intervals. */
static void write_other(struct weir_buffer *out, const struct weir_column *column, uint32_t lane,
                        size_t room)
{
    static const struct weir_text_options style = {.style = WEIR_TEXT_JSON};
    size_t begin = out->size;
    weir_column_print(column, lane, &style, out);
    if (!out->failed && memchr(out->data + begin, '\n', out->size - begin)) {
        /* JSON within it came with line breaks; only white space can hold them. */
        for (size_t i = begin; i < out->size; i++)
            if (out->data[i] == '\n' || out->data[i] == '\r')
                out->data[i] = ' ';
    }
    if (!weir_buffer_reserve(out, room))
        return;
}

/* ---- rows ---- */

/* The value of a lane; out has room for some rows before and after. */
WEIR_INLINE void write_value(const struct json_encoder *encoder, const struct weir_column *column,
                             uint32_t lane, struct weir_buffer *out)
{
    char *p = out->data + out->size;
    if (weir_column_is_null(column, lane)) {
        memcpy(p, "null", 4);
        out->size += 4;
        return;
    }
    uint32_t at = weir_column_index(column, lane);
    if (put_bounded(&encoder->options, &p, column->type, column->values, at)) {
        out->size = (size_t)(p - out->data);
        return;
    }
    const struct weir_view *views = column->values; /* NULL in structs */
    switch (column->type->kind) {
    case WEIR_TYPE_TEXT:
        write_text(out, &views[at], encoder->room);
        break;
    case WEIR_TYPE_JSON:
    case WEIR_TYPE_JSONB:
        write_json(out, weir_view_slice(&views[at]), encoder->room);
        break;
    case WEIR_TYPE_BYTEA:
        write_bytea(encoder, out, weir_view_slice(&views[at]));
        break;
    default:
        write_other(out, column, lane, encoder->room);
        break;
    }
}

static void write_rendered(const struct json_encoder *encoder, const struct source *source,
                           uint32_t lane, struct weir_buffer *out)
{
    const struct weir_column *column = source->column;
    if (weir_column_is_null(column, lane)) {
        weir_buffer_append(out, "null", 4);
        return;
    }
    struct weir_slice text = source->rendered[weir_column_index(column, lane)];
    if (weir_buffer_reserve(out, text.size + encoder->room))
        weir_buffer_append_slice(out, text);
}

WEIR_INLINE char *put_prefix(char *p, const struct target *target)
{
    memcpy(p, target->prefix, STORE_SLACK);
    if (WEIR_UNLIKELY(target->prefix_size > STORE_SLACK))
        memcpy(p + STORE_SLACK, target->prefix + STORE_SLACK, target->prefix_size - STORE_SLACK);
    return p + target->prefix_size;
}

/* True and *p moved when the value of the lane is of those that most are. */
WEIR_INLINE bool put_common(struct source *source, uint32_t lane, char **p)
{
    if (source->validity && !weir_bit_get(source->validity, lane)) {
        *p = put_text(*p, "null", 4);
        return true;
    }
    switch (source->writer) {
    case WRITE_DIGITS:
        memcpy(*p, &source->head.text, 8);
        *p += source->head.size;
        weir_store_8(*p, source->digits->text[lane]);
        *p += source->digits->size[lane];
        return true;
    case WRITE_DECIMALS:
        **p = '-';
        *p = weir_put_decimal_4(*p + source->digits->size[lane], source->digits->text[lane]);
        return true;
    case WRITE_INT64:
        *p = weir_put_i64_like(*p, ((const int64_t *)source->values)[lane], &source->head);
        return true;
    case WRITE_FLOAT64:
        *p = put_f64(*p, ((const double *)source->values)[lane]);
        return true;
    case WRITE_PLAIN_TEXT: {
        const struct weir_view *view = (const struct weir_view *)source->values + lane;
        uint64_t head;
        uint32_t tail;
        memcpy(&head, view->body.inlined, 8);
        memcpy(&tail, view->body.inlined + 8, 4);
        **p = '"';
        memcpy(*p + 1, &head, 8);
        memcpy(*p + 9, &tail, 4);
        (*p)[view->size + 1] = '"';
        *p += view->size + 2;
        return true;
    }
    case WRITE_TEXT: {
        const struct weir_view *view = (const struct weir_view *)source->values + lane;
        if (view->size > WEIR_VIEW_INLINE_MAX || !copy_inlined(*p + 1, view))
            return false;
        **p = '"';
        (*p)[view->size + 1] = '"';
        *p += view->size + 2;
        return true;
    }
    default:
        return false;
    }
}

/* The value of a lane at p, within out; where it ends. The rest of the row has its room. */
WEIR_INLINE char *put_value(const struct json_encoder *encoder, struct source *source,
                            uint32_t lane, char *p, struct weir_buffer *out)
{
    if (WEIR_LIKELY(put_common(source, lane, &p)))
        return p;
    out->size = (size_t)(p - out->data);
    if (source->writer == WRITE_RENDERED)
        write_rendered(encoder, source, lane, out);
    else
        write_value(encoder, source->column, lane, out);
    return out->data + out->size;
}

/* The columns that are not null. Their prefixes but for the first byte, which says what came
 * before. */
static char *put_present(const struct json_encoder *encoder, struct source *columns, uint32_t lane,
                         char *p, struct weir_buffer *out)
{
    bool any = encoder->changelog;
    for (uint32_t i = 0; i < encoder->targets_count && !out->failed; i++) {
        if (weir_column_is_null(columns[i].column, lane))
            continue;
        char *begin = p;
        p = put_prefix(p, &encoder->targets[i]);
        *begin = any ? ',' : '{';
        any = true;
        p = put_value(encoder, &columns[i], lane, p, out);
    }
    return any ? p : put_text(p, "{", 1);
}

/* One row as an object with its newline; nothing, and out->failed, when memory has run out. */
static void write_row(const struct json_encoder *encoder, struct source *columns, uint32_t lane,
                      int64_t weight, struct weir_buffer *out)
{
    if (!weir_buffer_reserve(out, encoder->room))
        return;
    char *p = out->data + out->size;
    if (encoder->changelog)
        p = put_text(p, weight < 0 ? "{\"_op\":\"-\"" : "{\"_op\":\"+\"", 10);
    else if (encoder->targets_count == 0)
        p = put_text(p, "{", 1);
    uint32_t written = encoder->targets_count;
    if (WEIR_UNLIKELY(encoder->options.nulls == JSON_NULLS_OMIT) && written) {
        p = put_present(encoder, columns, lane, p, out);
        written = 0;
    }
    for (uint32_t i = 0; i < written && !out->failed; i++) {
        p = put_prefix(p, &encoder->targets[i]);
        p = put_value(encoder, &columns[i], lane, p, out);
    }
    if (WEIR_UNLIKELY(out->failed))
        return;
    p = put_text(p, "}\n", 2);
    out->size = (size_t)(p - out->data);
}

/* The live rows of a batch without weights, all columns of each. False when memory has run out. */
static bool write_rows(const struct json_encoder *encoder, struct source *columns,
                       const struct weir_batch *batch, struct weir_buffer *out)
{
    const uint32_t rows = batch->selected_count, targets = encoder->targets_count;
    const struct target *target = encoder->targets;
    for (uint32_t row = 0, end = 0; row < rows;) {
        if (!weir_buffer_reserve(out, encoder->room))
            return false;
        char *p = out->data + out->size;
        end = rows - end < encoder->rows_step ? rows : end + encoder->rows_step;
        for (; row < end; row++) {
            uint32_t lane = weir_batch_lane(batch, row);
            for (uint32_t i = 0; i < targets; i++) {
                p = put_prefix(p, &target[i]);
                p = put_value(encoder, &columns[i], lane, p, out);
                if (WEIR_UNLIKELY(out->failed))
                    return false;
            }
            p = put_text(p, "}\n", 2);
        }
        out->size = (size_t)(p - out->data);
    }
    return true;
}

/* Writes the values of a constant or dictionary column once. Nothing when that does not pay. */
static bool render(struct json_encoder *encoder, struct source *source, uint32_t rows)
{
    const struct weir_column *column = source->column;
    uint32_t count = column->encoding == WEIR_CONSTANT ? 1 : column->values_count;
    if (count > rows || column->type->kind == WEIR_TYPE_NULL ||
        (column->encoding == WEIR_CONSTANT && weir_column_is_null(column, 0)))
        return true;
    struct weir_slice *values = WEIR_ARENA_ARRAY(&encoder->batch, struct weir_slice, count);
    struct weir_buffer text;
    struct weir_column entries = *column;
    bool ok = values != NULL;
    if (column->encoding == WEIR_DICTIONARY)
        entries = (struct weir_column){.type = column->type,
                                       .rows_count = count,
                                       .values = column->values,
                                       .children = column->children,
                                       .children_count = column->children_count};
    weir_buffer_init(&text, encoder->budget);
    for (uint32_t i = 0; i < count && ok; i++) {
        weir_buffer_clear(&text);
        ok = weir_buffer_reserve(&text, encoder->room);
        if (ok)
            write_value(encoder, &entries, i, &text);
        const char *copy =
            ok && !text.failed ? weir_arena_copy(&encoder->batch, weir_buffer_slice(&text)) : NULL;
        ok = copy != NULL;
        if (ok)
            values[i] = weir_slice_make(copy, text.size);
    }
    weir_buffer_deinit(&text);
    source->rendered = values;
    source->writer = WRITE_RENDERED;
    return ok;
}

/* Whether the integers differ in their last eight digits only, which are then made here. */
static bool make_digits(struct json_encoder *encoder, struct source *source, uint32_t lane)
{
    const int64_t *values = source->values, value = values[lane];
    struct weir_number_head *head = &source->head;
    if (!encoder->kernels->digits || source->column->rows_count > WEIR_BATCH_ROWS_MAX ||
        value < 0 || (value >= 100000000 && !weir_number_head_set(head, (uint64_t)value)))
        return false;
    source->digits = weir_arena_alloc(&encoder->batch, sizeof *source->digits, 64);
    return source->digits && encoder->kernels->digits(values, source->column->rows_count,
                                                      (int64_t)head->first, source->digits);
}

/* Whether the doubles are short decimals, whose digits are then made here. */
static bool make_decimals(struct json_encoder *encoder, struct source *source)
{
    uint32_t count = source->column->rows_count;
    if (!encoder->kernels->decimals || count > WEIR_BATCH_ROWS_MAX)
        return false;
    source->digits = weir_arena_alloc(&encoder->batch, sizeof *source->digits, 64);
    return source->digits && encoder->kernels->decimals(source->values, count, source->digits);
}

/* How the column is written in this batch; false when memory has run out. */
static bool choose_writer(struct json_encoder *encoder, struct source *source,
                          const struct weir_batch *batch)
{
    const uint32_t rows = batch->selected_count;
    const struct weir_column *column = source->column;
    enum weir_type_kind kind = column->type->kind;
    source->writer = WRITE_ANY;
    if (column->encoding != WEIR_FLAT)
        return render(encoder, source, rows);
    source->writer = kind == WEIR_TYPE_INT64     ? WRITE_INT64
                     : kind == WEIR_TYPE_FLOAT64 ? WRITE_FLOAT64
                     : kind == WEIR_TYPE_TEXT    ? WRITE_TEXT
                                                 : WRITE_ANY;
    if (source->writer != WRITE_ANY) {
        source->validity = column->validity;
        source->values = column->values;
    }
    if (source->writer == WRITE_INT64 && rows >= DIGITS_ROWS_MIN &&
        make_digits(encoder, source, weir_batch_lane(batch, 0)))
        source->writer = WRITE_DIGITS;
    if (source->writer == WRITE_FLOAT64 && rows >= DIGITS_ROWS_MIN &&
        make_decimals(encoder, source))
        source->writer = WRITE_DECIMALS;
    if (source->writer == WRITE_TEXT &&
        encoder->kernels->plain_views(column->values, column->rows_count))
        source->writer = WRITE_PLAIN_TEXT;
    return true;
}

static enum weir_status json_encode(void *memory, const struct weir_batch *batch,
                                    struct weir_buffer *out, struct weir_error *error)
{
    struct json_encoder *encoder = memory;
    weir_arena_reset(&encoder->batch);
    struct source *columns =
        WEIR_ARENA_ARRAY(&encoder->batch, struct source, encoder->targets_count + 1);
    if (!columns)
        return out_of_memory(encoder, error);
    for (uint32_t i = 0; i < encoder->targets_count; i++) {
        columns[i].column = &batch->columns[i];
        if (!choose_writer(encoder, &columns[i], batch))
            return out_of_memory(encoder, error);
    }
    if (!batch->weights && !encoder->changelog && encoder->targets_count > 0 &&
        encoder->options.nulls == JSON_NULLS_WRITE)
        return write_rows(encoder, columns, batch, out) ? WEIR_OK : out_of_memory(encoder, error);
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        int64_t weight = weir_batch_weight(batch, lane);
        uint64_t times = weight < 0 ? (uint64_t)0 - (uint64_t)weight : (uint64_t)weight;
        size_t begin = out->size;
        write_row(encoder, columns, lane, weight, out);
        size_t size = out->size - begin;
        for (uint64_t k = 1; k < times && weir_buffer_reserve(out, size); k++)
            weir_buffer_append(out, out->data + begin, size);
        if (WEIR_UNLIKELY(out->failed))
            return out_of_memory(encoder, error);
    }
    return WEIR_OK;
}

/* ---- making one ---- */

static bool prepare_target(struct json_encoder *encoder, uint32_t at,
                           const struct weir_field *field)
{
    struct weir_buffer text;
    struct target *target = &encoder->targets[at];
    weir_buffer_init(&text, encoder->budget);
    weir_buffer_append_char(&text, at == 0 && !encoder->changelog ? '{' : ',');
    weir_json_write_string(&text, field->name);
    weir_buffer_append_char(&text, ':');
    target->type = field->type;
    target->prefix_size = (uint32_t)text.size;
    target->prefix =
        text.failed ? NULL : WEIR_ARENA_ARRAY(&encoder->arena, char, text.size + STORE_SLACK);
    if (target->prefix)
        memcpy(target->prefix, text.data, text.size);
    weir_buffer_deinit(&text);
    encoder->row_size += target->prefix_size + JSON_PUT_MAX;
    return target->prefix != NULL;
}

static void json_encoder_destroy(void *memory)
{
    struct json_encoder *encoder = memory;
    if (!encoder)
        return;
    weir_arena_deinit(&encoder->arena);
    weir_arena_deinit(&encoder->batch);
    weir_free(encoder);
}

static enum weir_status encoder_init(struct json_encoder *encoder,
                                     const struct weir_encoder_config *config,
                                     struct weir_error *error)
{
    WEIR_TRY(weir_options_parse(weir_json_option_specs, weir_json_option_specs_count,
                                config->options, config->options_count, WEIR_OPTION_SINK,
                                "format \"json\"", &encoder->options, error));
    encoder->targets_count = config->schema->fields_count;
    encoder->targets = WEIR_ARENA_ARRAY(&encoder->arena, struct target, encoder->targets_count + 1);
    if (!encoder->targets)
        return out_of_memory(encoder, error);
    encoder->row_size = 16 + STORE_SLACK;
    for (uint32_t i = 0; i < encoder->targets_count; i++)
        if (!prepare_target(encoder, i, &config->schema->fields[i]))
            return out_of_memory(encoder, error);
    size_t rows = ROOM_SIZE / encoder->row_size;
    encoder->rows_step = rows < 1 ? 1 : rows < ROWS_STEP_MAX ? (uint32_t)rows : ROWS_STEP_MAX;
    encoder->room = encoder->rows_step * encoder->row_size;
    return WEIR_OK;
}

static enum weir_status json_encoder_create(const struct weir_encoder_config *config, void **out,
                                            struct weir_error *error)
{
    struct json_encoder *encoder = weir_calloc(1, sizeof *encoder);
    enum weir_isa isa;
    *out = NULL;
    if (!encoder)
        return weir_error_set_out_of_memory(error);
    encoder->budget = config->budget;
    encoder->changelog = config->changelog;
    encoder->kernels = weir_json_kernels_choose(WEIR_ISA_AVX512, &isa);
    weir_arena_init(&encoder->arena, config->budget, 4096);
    weir_arena_init(&encoder->batch, config->budget, 4096);
    enum weir_status status = encoder_init(encoder, config, error);
    if (status != WEIR_OK) {
        json_encoder_destroy(encoder);
        return status;
    }
    *out = encoder;
    return WEIR_OK;
}

const struct weir_encoder_ops weir_json_encoder_ops = {
    .create = json_encoder_create, .encode = json_encode, .destroy = json_encoder_destroy};
