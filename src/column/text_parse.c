/* Text to lanes: Postgres input syntax for every type, JSON for the nested ones.
 *
 * Scalars go to the parsers of value/. Nested types are read by recursive descent over the type,
 * so the type's depth bounds the recursion, whatever the text:
 *
 *     LIST, MAP   {1,"a b",NULL,{…}}   array literal        or   […]  / {"k": v}  JSON
 *     STRUCT      (1,"a ""b""",)       composite literal    or   {"f": v}         JSON
 *
 * The text of an element is unquoted into a scratch buffer and read as a value of the child type.
 * JSON follows the rules for JSON records: unknown keys are passed over, missing ones are null,
 * the last of duplicate keys counts, numbers may stand in quotes, 1.0 fills an integer.
 *
 * A value that does not parse leaves the builder as it was (weir_builder_truncate).
 * TEXT must come as valid UTF-8: readers check whole records at once, not value by value.
 *
 * Tested in tests/unit/column/test_text.c. */
#include "column/text.h"
#include "value/base64.h"
#include "value/decimal.h"
#include "value/interval.h"
#include "value/json_token.h"
#include "value/number.h"
#include "value/timestamp.h"
#include "value/timezone.h"
#include "value/utf8.h"
#include "value/uuid.h"

#include <assert.h>

#define PARSE_TRY(call)                                       \
    do {                                                      \
        enum weir_parse parse_try_result = (call);            \
        if (WEIR_UNLIKELY(parse_try_result != WEIR_PARSE_OK)) \
            return parse_try_result;                          \
    } while (0)

/* Scalars */

/* Any non-empty beginning of the words that names one of them only, in any case. */
static enum weir_parse parse_boolean(struct weir_slice text, uint8_t *out)
{
    static const struct {
        const char *word;
        size_t size_min;
        uint8_t value;
    } words[] = {{"true", 1, 1}, {"false", 1, 0}, {"yes", 1, 1}, {"no", 1, 0},
                 {"on", 2, 1},   {"off", 2, 0},   {"1", 1, 1},   {"0", 1, 0}};
    text = weir_slice_trim(text);
    for (size_t i = 0; i < WEIR_COUNT_OF(words); i++) {
        struct weir_slice word = weir_slice_from_string(words[i].word);
        if (text.size < words[i].size_min || text.size > word.size)
            continue;
        word.size = text.size;
        if (weir_slice_equals_ignoring_case(text, word)) {
            *out = words[i].value;
            return WEIR_PARSE_OK;
        }
    }
    return WEIR_PARSE_SYNTAX;
}

#define STORE_CASE(symbol, type, least, greatest)                        \
    case WEIR_TYPE_##symbol:                                             \
        if (value < (weir_i128)(least) || value > (weir_i128)(greatest)) \
            return WEIR_PARSE_RANGE;                                     \
        *(type *)lane = (type)value;                                     \
        return WEIR_PARSE_OK;

static enum weir_parse store_integer(enum weir_type_kind kind, weir_i128 value, void *lane)
{
    switch (kind) {
        STORE_CASE(INT8, int8_t, INT8_MIN, INT8_MAX)
        STORE_CASE(INT16, int16_t, INT16_MIN, INT16_MAX)
        STORE_CASE(INT32, int32_t, INT32_MIN, INT32_MAX)
        STORE_CASE(INT64, int64_t, INT64_MIN, INT64_MAX)
        STORE_CASE(UINT8, uint8_t, 0, UINT8_MAX)
        STORE_CASE(UINT16, uint16_t, 0, UINT16_MAX)
        STORE_CASE(UINT32, uint32_t, 0, UINT32_MAX)
        STORE_CASE(UINT64, uint64_t, 0, UINT64_MAX)
    default:
        assert(false && "an integer kind");
        return WEIR_PARSE_SYNTAX;
    }
}

static enum weir_parse parse_integer(enum weir_type_kind kind, struct weir_slice text, void *lane)
{
    text = weir_slice_trim(text);
    if (kind == WEIR_TYPE_UINT64) {
        uint64_t value;
        PARSE_TRY(weir_number_parse_u64(text, &value));
        return store_integer(kind, (weir_i128)value, lane);
    }
    int64_t value;
    PARSE_TRY(weir_number_parse_i64(text, &value));
    return store_integer(kind, value, lane);
}

static enum weir_parse parse_decimal(const struct weir_type *type, struct weir_slice text,
                                     void *lane)
{
    weir_i128 unscaled;
    PARSE_TRY(weir_decimal_parse(weir_slice_trim(text), type->precision, type->scale, &unscaled));
    memcpy(lane, &unscaled, sizeof unscaled);
    return WEIR_PARSE_OK;
}

static enum weir_parse parse_timestamp(const struct weir_type *type, struct weir_slice text,
                                       const struct weir_timezone *zone, int64_t *lane)
{
    if (type->kind == WEIR_TYPE_TIMESTAMPTZ)
        PARSE_TRY(weir_timestamp_parse_tz(text, zone, lane));
    else
        PARSE_TRY(weir_timestamp_parse(text, lane, NULL));
    if (type->precision < 6)
        *lane = weir_timestamp_round(*lane, type->precision);
    return WEIR_PARSE_OK;
}

static enum weir_parse parse_timestamp_ns(const struct weir_type *type, struct weir_slice text,
                                          const struct weir_timezone *zone, int64_t *lane)
{
    bool has_offset;
    int64_t ns;
    PARSE_TRY(weir_timestamp_parse_ns(text, &ns, &has_offset));
    if (type->kind == WEIR_TYPE_TIMESTAMPTZ_NS && !has_offset && zone) {
        int64_t us, local_us = weir_timestamp_us_of_ns(ns), rest_ns = ns - local_us * 1000;
        if (!weir_timezone_to_utc(zone, NULL, local_us, &us) || !weir_mul_i64(us, 1000, &ns) ||
            !weir_add_i64(ns, rest_ns, &ns))
            return WEIR_PARSE_RANGE;
    }
    *lane = ns;
    return WEIR_PARSE_OK;
}

/* VARCHAR(n): blanks beyond n characters are cut off, anything else is too long. */
static enum weir_parse parse_text(const struct weir_type *type, struct weir_slice text,
                                  struct weir_view *lane)
{
    if (type->length && text.size > type->length) {
        size_t limit = weir_utf8_offset(text, type->length);
        for (size_t i = limit; i < text.size; i++) {
            if (text.data[i] != ' ')
                return WEIR_PARSE_RANGE;
        }
        text.size = limit;
    }
    if (text.size > UINT32_MAX)
        return WEIR_PARSE_RANGE;
    *lane = weir_view_from_slice(text);
    return WEIR_PARSE_OK;
}

/* The bytes of buffer as a view, long ones copied into the arena. */
static enum weir_parse keep_bytes(const struct weir_buffer *buffer, struct weir_arena *arena,
                                  struct weir_view *lane)
{
    struct weir_slice bytes = weir_buffer_slice(buffer);
    if (bytes.size > UINT32_MAX)
        return WEIR_PARSE_RANGE;
    if (bytes.size > WEIR_VIEW_INLINE_MAX && !(bytes.data = weir_arena_copy(arena, bytes)))
        return WEIR_PARSE_MEMORY;
    *lane = weir_view_from_slice(bytes);
    return WEIR_PARSE_OK;
}

static enum weir_parse parse_bytea(struct weir_slice text, struct weir_arena *arena,
                                   struct weir_view *lane)
{
    struct weir_buffer bytes;
    weir_buffer_init(&bytes, arena->budget);
    bool ok = weir_bytea_parse(&bytes, text);
    enum weir_parse result = bytes.failed ? WEIR_PARSE_MEMORY
                             : ok         ? keep_bytes(&bytes, arena, lane)
                                          : WEIR_PARSE_SYNTAX;
    weir_buffer_deinit(&bytes);
    return result;
}

static enum weir_parse parse_json(struct weir_slice text, struct weir_view *lane)
{
    if (!weir_json_validate(text, NULL, NULL))
        return WEIR_PARSE_SYNTAX;
    if (text.size > UINT32_MAX)
        return WEIR_PARSE_RANGE;
    *lane = weir_view_from_slice(text);
    return WEIR_PARSE_OK;
}

static enum weir_parse parse_jsonb(struct weir_slice text, struct weir_arena *arena,
                                   struct weir_view *lane)
{
    struct weir_buffer canonical;
    enum weir_json_reason reason = WEIR_JSON_NO_ERROR;
    weir_buffer_init(&canonical, arena->budget);
    bool ok = weir_json_canonicalize(text, &canonical, NULL, &reason);
    enum weir_parse result = canonical.failed || reason == WEIR_JSON_OUT_OF_MEMORY
                                 ? WEIR_PARSE_MEMORY
                             : ok ? keep_bytes(&canonical, arena, lane)
                             : reason == WEIR_JSON_NUMBER_RANGE ? WEIR_PARSE_RANGE
                                                                : WEIR_PARSE_SYNTAX;
    weir_buffer_deinit(&canonical);
    return result;
}

static enum weir_parse parse_uuid(struct weir_slice text, void *lane)
{
    struct weir_uuid uuid;
    PARSE_TRY(weir_uuid_parse(text, &uuid));
    memcpy(lane, &uuid, sizeof uuid);
    return WEIR_PARSE_OK;
}

enum weir_parse weir_text_parse(const struct weir_type *type, struct weir_slice text,
                                const struct weir_timezone *timezone, struct weir_arena *arena,
                                void *lane)
{
    switch (type->kind) {
    case WEIR_TYPE_BOOLEAN:
        return parse_boolean(text, lane);
    case WEIR_TYPE_FLOAT32:
        return weir_number_parse_f32_sql(weir_slice_trim(text), lane);
    case WEIR_TYPE_FLOAT64:
        return weir_number_parse_f64_sql(weir_slice_trim(text), lane);
    case WEIR_TYPE_DECIMAL:
        return parse_decimal(type, text, lane);
    case WEIR_TYPE_TEXT:
        return parse_text(type, text, lane);
    case WEIR_TYPE_BYTEA:
        return parse_bytea(text, arena, lane);
    case WEIR_TYPE_DATE:
        return weir_date_parse(text, lane);
    case WEIR_TYPE_TIME:
        return weir_time_parse(text, lane);
    case WEIR_TYPE_TIMESTAMP:
    case WEIR_TYPE_TIMESTAMPTZ:
        return parse_timestamp(type, text, timezone, lane);
    case WEIR_TYPE_TIMESTAMP_NS:
    case WEIR_TYPE_TIMESTAMPTZ_NS:
        return parse_timestamp_ns(type, text, timezone, lane);
    case WEIR_TYPE_INTERVAL:
        return weir_interval_parse(weir_slice_trim(text), 0, -1, lane);
    case WEIR_TYPE_UUID:
        return parse_uuid(text, lane);
    case WEIR_TYPE_JSON:
        return parse_json(text, lane);
    case WEIR_TYPE_JSONB:
        return parse_jsonb(text, arena, lane);
    case WEIR_TYPE_NULL:
    case WEIR_TYPE_LIST:
    case WEIR_TYPE_STRUCT:
    case WEIR_TYPE_MAP:
    case WEIR_TYPE_KINDS_COUNT:
        return WEIR_PARSE_SYNTAX;
    default:
        return parse_integer(type->kind, text, lane);
    }
}

/* Into builders */

struct reader {
    const struct weir_timezone *timezone;
    struct weir_error *error;
};

/* What a builder's failure is to a parser: a column may also become too large. */
static enum weir_parse built(enum weir_status status)
{
    return status == WEIR_OK        ? WEIR_PARSE_OK
           : status == WEIR_E_LIMIT ? WEIR_PARSE_RANGE
                                    : WEIR_PARSE_MEMORY;
}

static enum weir_parse read_text(const struct reader *reader, struct weir_builder *builder,
                                 struct weir_slice text);
static enum weir_parse read_json(const struct reader *reader, struct weir_builder *builder,
                                 struct weir_json *json, struct weir_json_token token);

static enum weir_parse out_of_memory(const struct reader *reader,
                                     const struct weir_builder *builder)
{
    (void)weir_budget_error(builder->heap->budget, reader->error);
    return WEIR_PARSE_MEMORY;
}

static enum weir_parse read_scalar(const struct reader *reader, struct weir_builder *builder,
                                   struct weir_slice text)
{
    _Alignas(16) char lane[16] = {0};
    enum weir_parse result =
        weir_text_parse(builder->type, text, reader->timezone, builder->heap, lane);
    if (result == WEIR_PARSE_MEMORY)
        return out_of_memory(reader, builder);
    if (result != WEIR_PARSE_OK)
        return result;
    return built(weir_builder_append_value(builder, lane, reader->error));
}

/* Array and composite literals */

struct cursor {
    const char *next;
    const char *end;
};

static void skip_space(struct cursor *cursor)
{
    while (cursor->next < cursor->end &&
           (*cursor->next == ' ' || (*cursor->next >= '\t' && *cursor->next <= '\r')))
        cursor->next++;
}

/* Steps over c when it is next. */
static bool accept(struct cursor *cursor, char c)
{
    if (cursor->next >= cursor->end || *cursor->next != c)
        return false;
    cursor->next++;
    return true;
}

/* "…" of an array literal, into scratch. */
static enum weir_parse unquote_element(struct cursor *cursor, struct weir_buffer *scratch)
{
    cursor->next++;
    while (cursor->next < cursor->end) {
        char c = *cursor->next++;
        if (c == '"')
            return WEIR_PARSE_OK;
        if (c == '\\') {
            if (cursor->next == cursor->end)
                break;
            c = *cursor->next++;
        }
        weir_buffer_append_char(scratch, c);
    }
    return WEIR_PARSE_SYNTAX;
}

/* Up to , or }, into scratch, without the blanks at its end. *is_null for a bare NULL. */
static enum weir_parse take_bare_element(struct cursor *cursor, struct weir_buffer *scratch,
                                         bool *is_null)
{
    size_t size = 0; /* up to the last character that is no blank */
    bool escaped = false;
    for (; cursor->next < cursor->end && *cursor->next != ',' && *cursor->next != '}';
         cursor->next++) {
        char c = *cursor->next;
        if (c == '"' || c == '{')
            return WEIR_PARSE_SYNTAX;
        bool is_blank = c == ' ' || (c >= '\t' && c <= '\r');
        if (c == '\\') {
            if (++cursor->next == cursor->end)
                return WEIR_PARSE_SYNTAX;
            c = *cursor->next;
            escaped = true;
            is_blank = false;
        }
        weir_buffer_append_char(scratch, c);
        if (!is_blank)
            size = scratch->size;
    }
    if (scratch->failed)
        return WEIR_PARSE_OK; /* the caller looks at that */
    scratch->size = size;
    *is_null = !escaped && weir_slice_equals_ignoring_case(weir_buffer_slice(scratch),
                                                           weir_slice_from_string("null"));
    return size ? WEIR_PARSE_OK : WEIR_PARSE_SYNTAX;
}

static enum weir_parse read_array(const struct reader *reader, struct weir_builder *builder,
                                  struct cursor *cursor, struct weir_buffer *scratch);

static enum weir_parse read_element(const struct reader *reader, struct weir_builder *child,
                                    struct cursor *cursor, struct weir_buffer *scratch)
{
    bool is_null = false;
    bool array_like = child->type->kind == WEIR_TYPE_LIST || child->type->kind == WEIR_TYPE_MAP;
    if (array_like && cursor->next < cursor->end && *cursor->next == '{')
        return read_array(reader, child, cursor, scratch);
    weir_buffer_clear(scratch);
    if (cursor->next < cursor->end && *cursor->next == '"')
        PARSE_TRY(unquote_element(cursor, scratch));
    else
        PARSE_TRY(take_bare_element(cursor, scratch, &is_null));
    if (scratch->failed)
        return out_of_memory(reader, child);
    if (is_null)
        return built(weir_builder_append_null(child, reader->error));
    return read_text(reader, child, weir_buffer_slice(scratch));
}

/* A map's keys are there, and each once. */
static enum weir_parse end_literal_map(const struct reader *reader, struct weir_builder *builder,
                                       uint32_t first)
{
    struct weir_column pairs = weir_builder_column(&builder->children[0]);
    uint32_t replaced = 0;
    for (uint32_t i = first; i < pairs.rows_count; i++) {
        if (weir_column_is_null(&pairs, i) || weir_column_is_null(&pairs.children[0], i))
            return WEIR_PARSE_SYNTAX;
    }
    PARSE_TRY(built(weir_builder_end_map(builder, first, &replaced, reader->error)));
    return replaced ? WEIR_PARSE_SYNTAX : WEIR_PARSE_OK;
}

/* {…} at the cursor. The scratch buffer is free between elements. */
static enum weir_parse read_array(const struct reader *reader, struct weir_builder *builder,
                                  struct cursor *cursor, struct weir_buffer *scratch)
{
    struct weir_builder *child = &builder->children[0];
    uint32_t first = child->rows_count;
    if (!accept(cursor, '{'))
        return WEIR_PARSE_SYNTAX;
    skip_space(cursor);
    if (!accept(cursor, '}')) {
        do {
            skip_space(cursor);
            PARSE_TRY(read_element(reader, child, cursor, scratch));
            skip_space(cursor);
        } while (accept(cursor, ','));
        if (!accept(cursor, '}'))
            return WEIR_PARSE_SYNTAX;
    }
    return builder->type->kind == WEIR_TYPE_MAP
               ? end_literal_map(reader, builder, first)
               : built(weir_builder_end_list(builder, first, reader->error));
}

/* One field of a composite literal up to , or ), into scratch; *is_null when it is empty. */
static enum weir_parse take_field(struct cursor *cursor, struct weir_buffer *scratch, bool *is_null)
{
    bool quoted = false;
    weir_buffer_clear(scratch);
    *is_null = cursor->next < cursor->end && (*cursor->next == ',' || *cursor->next == ')');
    for (; cursor->next < cursor->end; cursor->next++) {
        char c = *cursor->next;
        if (!quoted && (c == ',' || c == ')'))
            return WEIR_PARSE_OK;
        bool doubled =
            c == '"' && quoted && cursor->next + 1 < cursor->end && cursor->next[1] == '"';
        if (c == '\\' || doubled) {
            if (++cursor->next == cursor->end)
                return WEIR_PARSE_SYNTAX;
            weir_buffer_append_char(scratch, *cursor->next);
        } else if (c == '"') {
            quoted = !quoted;
        } else {
            weir_buffer_append_char(scratch, c);
        }
    }
    return WEIR_PARSE_SYNTAX;
}

static enum weir_parse read_composite(const struct reader *reader, struct weir_builder *builder,
                                      struct cursor *cursor, struct weir_buffer *scratch)
{
    if (!accept(cursor, '('))
        return WEIR_PARSE_SYNTAX;
    for (uint32_t i = 0; i < builder->type->children_count; i++) {
        bool is_null;
        if (i && !accept(cursor, ','))
            return WEIR_PARSE_SYNTAX;
        PARSE_TRY(take_field(cursor, scratch, &is_null));
        if (scratch->failed)
            return out_of_memory(reader, builder);
        struct weir_builder *child = &builder->children[i];
        if (is_null)
            PARSE_TRY(built(weir_builder_append_null(child, reader->error)));
        else
            PARSE_TRY(read_text(reader, child, weir_buffer_slice(scratch)));
    }
    if (!accept(cursor, ')'))
        return WEIR_PARSE_SYNTAX;
    return built(weir_builder_end_struct(builder, reader->error));
}

static enum weir_parse read_literal(const struct reader *reader, struct weir_builder *builder,
                                    struct weir_slice text)
{
    struct cursor cursor = {text.data, text.data + text.size};
    struct weir_buffer scratch;
    weir_buffer_init(&scratch, builder->heap->budget);
    enum weir_parse result = builder->type->kind == WEIR_TYPE_STRUCT
                                 ? read_composite(reader, builder, &cursor, &scratch)
                                 : read_array(reader, builder, &cursor, &scratch);
    weir_buffer_deinit(&scratch);
    return result == WEIR_PARSE_OK && cursor.next != cursor.end ? WEIR_PARSE_SYNTAX : result;
}

/* JSON */

/* The JSON text of the value that begins with token. */
static enum weir_parse skip_json(struct weir_json *json, struct weir_json_token token,
                                 struct weir_slice *text)
{
    return weir_json_skip(json, token, text) ? WEIR_PARSE_OK : WEIR_PARSE_SYNTAX;
}

static enum weir_parse read_json_string(const struct reader *reader, struct weir_builder *builder,
                                        struct weir_json_token token)
{
    struct weir_slice text;
    if (token.flags & WEIR_JSON_HAS_NUL)
        return WEIR_PARSE_SYNTAX;
    if (!weir_json_unescape_into(token, builder->heap, &text))
        return out_of_memory(reader, builder);
    return read_text(reader, builder, text);
}

static enum weir_parse read_json_number(const struct reader *reader, struct weir_builder *builder,
                                        struct weir_json_token token)
{
    const struct weir_type *type = builder->type;
    bool is_epoch = weir_type_is_timestamp(type);
    if (!is_epoch && !weir_type_is_integer(type))
        return weir_type_is_number(type) ? read_scalar(reader, builder, token.text)
                                         : WEIR_PARSE_SYNTAX;
    _Alignas(16) char lane[16];
    weir_i128 value;
    PARSE_TRY(weir_number_parse_integral(token.text, &value));
    PARSE_TRY(store_integer(is_epoch ? WEIR_TYPE_INT64 : type->kind, value, lane));
    return built(weir_builder_append_value(builder, lane, reader->error));
}

static enum weir_parse read_json_scalar(const struct reader *reader, struct weir_builder *builder,
                                        struct weir_json *json, struct weir_json_token token)
{
    enum weir_type_kind kind = builder->type->kind;
    struct weir_slice text;
    bool is_json = kind == WEIR_TYPE_JSON || kind == WEIR_TYPE_JSONB;
    if (is_json || (kind == WEIR_TYPE_TEXT && token.kind != WEIR_JSON_STRING)) {
        PARSE_TRY(skip_json(json, token, &text));
        return read_scalar(reader, builder, text);
    }
    if (token.kind == WEIR_JSON_STRING)
        return read_json_string(reader, builder, token);
    if (token.kind == WEIR_JSON_NUMBER)
        return read_json_number(reader, builder, token);
    if (kind == WEIR_TYPE_BOOLEAN &&
        (token.kind == WEIR_JSON_TRUE || token.kind == WEIR_JSON_FALSE)) {
        uint8_t value = token.kind == WEIR_JSON_TRUE;
        return built(weir_builder_append_value(builder, &value, reader->error));
    }
    return WEIR_PARSE_SYNTAX;
}

static enum weir_parse read_json_list(const struct reader *reader, struct weir_builder *builder,
                                      struct weir_json *json)
{
    struct weir_builder *child = &builder->children[0];
    uint32_t first = child->rows_count;
    for (;;) {
        struct weir_json_token token = weir_json_next(json);
        if (token.kind == WEIR_JSON_ARRAY_END)
            return built(weir_builder_end_list(builder, first, reader->error));
        PARSE_TRY(read_json(reader, child, json, token));
    }
}

static uint32_t find_field(const struct weir_type *type, struct weir_slice name)
{
    for (uint32_t i = 0; i < type->children_count; i++) {
        if (weir_slice_equals(type->names[i], name))
            return i;
    }
    return UINT32_MAX;
}

static enum weir_parse read_json_struct(const struct reader *reader, struct weir_builder *builder,
                                        struct weir_json *json)
{
    struct weir_json_token token;
    uint32_t row = builder->rows_count;
    while ((token = weir_json_next(json)).kind == WEIR_JSON_KEY) {
        struct weir_slice name;
        if (!weir_json_unescape_into(token, builder->heap, &name))
            return out_of_memory(reader, builder);
        uint32_t field = find_field(builder->type, name);
        token = weir_json_next(json);
        if (field == UINT32_MAX) {
            PARSE_TRY(skip_json(json, token, NULL));
            continue;
        }
        weir_builder_truncate(&builder->children[field], row); /* an earlier one of that name */
        PARSE_TRY(read_json(reader, &builder->children[field], json, token));
    }
    if (token.kind != WEIR_JSON_OBJECT_END)
        return WEIR_PARSE_SYNTAX;
    for (uint32_t i = 0; i < builder->type->children_count; i++) {
        if (builder->children[i].rows_count == row)
            PARSE_TRY(built(weir_builder_append_null(&builder->children[i], reader->error)));
    }
    return built(weir_builder_end_struct(builder, reader->error));
}

static enum weir_parse read_json_map(const struct reader *reader, struct weir_builder *builder,
                                     struct weir_json *json)
{
    struct weir_builder *pairs = &builder->children[0];
    uint32_t first = pairs->rows_count;
    uint32_t replaced;
    struct weir_json_token token;
    while ((token = weir_json_next(json)).kind == WEIR_JSON_KEY) {
        PARSE_TRY(read_json_string(reader, &pairs->children[0], token));
        PARSE_TRY(read_json(reader, &pairs->children[1], json, weir_json_next(json)));
        PARSE_TRY(built(weir_builder_end_struct(pairs, reader->error)));
    }
    if (token.kind != WEIR_JSON_OBJECT_END)
        return WEIR_PARSE_SYNTAX;
    return built(weir_builder_end_map(builder, first, &replaced, reader->error));
}

static enum weir_parse read_json(const struct reader *reader, struct weir_builder *builder,
                                 struct weir_json *json, struct weir_json_token token)
{
    if (token.kind == WEIR_JSON_NULL && builder->type->kind != WEIR_TYPE_NULL)
        return built(weir_builder_append_null(builder, reader->error));
    switch (builder->type->kind) {
    case WEIR_TYPE_LIST:
        return token.kind == WEIR_JSON_ARRAY_BEGIN ? read_json_list(reader, builder, json)
                                                   : WEIR_PARSE_SYNTAX;
    case WEIR_TYPE_STRUCT:
        return token.kind == WEIR_JSON_OBJECT_BEGIN ? read_json_struct(reader, builder, json)
                                                    : WEIR_PARSE_SYNTAX;
    case WEIR_TYPE_MAP:
        return token.kind == WEIR_JSON_OBJECT_BEGIN ? read_json_map(reader, builder, json)
                                                    : WEIR_PARSE_SYNTAX;
    case WEIR_TYPE_NULL:
        return token.kind == WEIR_JSON_NULL
                   ? built(weir_builder_append_null(builder, reader->error))
                   : WEIR_PARSE_SYNTAX;
    default:
        return read_json_scalar(reader, builder, json, token);
    }
}

static enum weir_parse read_json_document(const struct reader *reader, struct weir_builder *builder,
                                          struct weir_slice text)
{
    struct weir_json json;
    weir_json_begin(&json, text);
    PARSE_TRY(read_json(reader, builder, &json, weir_json_next(&json)));
    return weir_json_next(&json).kind == WEIR_JSON_END ? WEIR_PARSE_OK : WEIR_PARSE_SYNTAX;
}

/* Whether nested text is JSON: by its first byte, and where { begins both, by being valid. */
static bool looks_like_json(const struct weir_type *type, struct weir_slice text)
{
    if (text.size == 0)
        return false;
    if (type->kind == WEIR_TYPE_MAP)
        return text.data[0] == '{' && weir_json_validate(text, NULL, NULL);
    return text.data[0] == (type->kind == WEIR_TYPE_STRUCT ? '{' : '[');
}

static enum weir_parse read_text(const struct reader *reader, struct weir_builder *builder,
                                 struct weir_slice text)
{
    if (!weir_type_is_nested(builder->type))
        return read_scalar(reader, builder, text);
    text = weir_slice_trim(text);
    return looks_like_json(builder->type, text) ? read_json_document(reader, builder, text)
                                                : read_literal(reader, builder, text);
}

enum weir_parse weir_text_parse_into(struct weir_builder *builder, struct weir_slice text,
                                     const struct weir_timezone *timezone, struct weir_error *error)
{
    const struct reader reader = {timezone, error};
    uint32_t rows_count = builder->rows_count;
    enum weir_parse result = read_text(&reader, builder, text);
    if (result != WEIR_PARSE_OK)
        weir_builder_truncate(builder, rows_count);
    return result;
}
