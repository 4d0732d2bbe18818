/* Lanes to text, in the spelling of Postgres and as JSON values.
 *
 * Nested Postgres text is made inside out: the inner value is appended to the output as if it
 * stood alone, then looked at, and quoted in place when the outer syntax needs it:
 *
 *     {a,          →  {a,b c       →  {a,"b c"            array: " and \ by a backslash
 *     (1,          →  (1,x"y       →  (1,"x""y"           composite: " and \ doubled
 *
 * so that no second buffer is needed however deep the type is. A MAP is printed as the array of
 * (key,value) composites that it is in memory; as JSON it is an object whose keys are the key
 * lanes' Postgres text.
 *
 * Reading back is in text_parse.c. Tested in tests/unit/column/test_text.c. */
#include "column/text.h"
#include "value/base64.h"
#include "value/decimal.h"
#include "value/interval.h"
#include "value/json_token.h"
#include "value/number.h"
#include "value/timestamp.h"
#include "value/timezone.h"
#include "value/uuid.h"

#include <assert.h>

enum { SCALAR_TEXT_SIZE = 128 };
static_assert((int)SCALAR_TEXT_SIZE >= (int)WEIR_INTERVAL_SIZE, "an interval fits");

#define VALUE(type, column, index) (((const type *)(column)->values)[index])

static void print_postgres(const struct weir_column *column, uint32_t lane,
                           const struct weir_text_options *options, bool inner,
                           struct weir_buffer *out);
static void print_json(const struct weir_column *column, uint32_t lane,
                       const struct weir_text_options *options, struct weir_buffer *out);

/* Scalars that look alike in both styles. */

static size_t print_integer(const struct weir_column *column, uint32_t index, char *out)
{
    switch (column->type->kind) {
    case WEIR_TYPE_INT8:
        return weir_number_print_i64(out, VALUE(int8_t, column, index));
    case WEIR_TYPE_INT16:
        return weir_number_print_i64(out, VALUE(int16_t, column, index));
    case WEIR_TYPE_INT32:
        return weir_number_print_i64(out, VALUE(int32_t, column, index));
    case WEIR_TYPE_INT64:
        return weir_number_print_i64(out, VALUE(int64_t, column, index));
    case WEIR_TYPE_UINT8:
        return weir_number_print_u64(out, VALUE(uint8_t, column, index));
    case WEIR_TYPE_UINT16:
        return weir_number_print_u64(out, VALUE(uint16_t, column, index));
    case WEIR_TYPE_UINT32:
        return weir_number_print_u64(out, VALUE(uint32_t, column, index));
    default:
        return weir_number_print_u64(out, VALUE(uint64_t, column, index));
    }
}

static size_t print_decimal(const struct weir_column *column, uint32_t index, char *out)
{
    weir_i128 unscaled;
    memcpy(&unscaled, (const char *)column->values + (size_t)index * 16, sizeof unscaled);
    return weir_decimal_print(out, weir_decimal_make(unscaled, column->type->scale));
}

/* +02, -05:30, +00:19:32. */
static size_t print_offset(char *out, int32_t offset_s)
{
    uint32_t left = offset_s < 0 ? (uint32_t)-offset_s : (uint32_t)offset_s;
    size_t size = 0;
    out[size++] = offset_s < 0 ? '-' : '+';
    weir_number_print_2(out + size, left / 3600);
    size += 2;
    if (left % 3600) {
        out[size++] = ':';
        weir_number_print_2(out + size, left / 60 % 60);
        size += 2;
    }
    if (left % 60) {
        out[size++] = ':';
        weir_number_print_2(out + size, left % 60);
        size += 2;
    }
    return size;
}

/* Zoned text of an instant in us, or in ns when us does not tell it all. */
static size_t print_zoned(char *out, int64_t value, bool is_ns, const struct weir_timezone *zone)
{
    int64_t us = is_ns ? weir_timestamp_us_of_ns(value) : value;
    int32_t offset_s = 0;
    if (zone)
        offset_s =
            weir_timezone_at(zone, NULL, weir_floor_div_i64(us, WEIR_US_PER_SECOND)).offset_s;
    int64_t local_ns;
    if (is_ns && value % 1000 &&
        !__builtin_add_overflow(value, INT64_C(1000000000) * offset_s, &local_ns)) {
        size_t size = weir_timestamp_print_ns(out, local_ns, WEIR_TIMESTAMP_POSTGRES);
        return size + print_offset(out + size, offset_s);
    }
    return weir_timestamp_print_tz(out, us, offset_s);
}

static size_t print_timestamp(const struct weir_column *column, uint32_t index,
                              const struct weir_text_options *options, char *out)
{
    int64_t value = VALUE(int64_t, column, index);
    enum weir_type_kind kind = column->type->kind;
    bool is_ns = kind == WEIR_TYPE_TIMESTAMP_NS || kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    bool is_zoned = kind == WEIR_TYPE_TIMESTAMPTZ || kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    if (is_zoned && options->style == WEIR_TEXT_POSTGRES)
        return print_zoned(out, value, is_ns, options->timezone);
    enum weir_timestamp_style style = options->style == WEIR_TEXT_POSTGRES ? WEIR_TIMESTAMP_POSTGRES
                                      : is_zoned                           ? WEIR_TIMESTAMP_ISO_Z
                                                                           : WEIR_TIMESTAMP_ISO;
    return is_ns ? weir_timestamp_print_ns(out, value, style)
                 : weir_timestamp_print(out, value, style);
}

static size_t print_uuid(const struct weir_column *column, uint32_t index, char *out)
{
    struct weir_uuid uuid;
    memcpy(&uuid, (const char *)column->values + (size_t)index * 16, sizeof uuid);
    return weir_uuid_print(out, uuid);
}

/* Writes a scalar of fixed width, other than BOOLEAN, to out (SCALAR_TEXT_SIZE). */
static size_t print_fixed(const struct weir_column *column, uint32_t index,
                          const struct weir_text_options *options, char *out)
{
    switch (column->type->kind) {
    case WEIR_TYPE_FLOAT32:
        return weir_number_print_f32(out, VALUE(float, column, index));
    case WEIR_TYPE_FLOAT64:
        return weir_number_print_f64(out, VALUE(double, column, index));
    case WEIR_TYPE_DECIMAL:
        return print_decimal(column, index, out);
    case WEIR_TYPE_DATE:
        return weir_date_print(out, VALUE(int32_t, column, index));
    case WEIR_TYPE_TIME:
        return weir_time_print(out, VALUE(int64_t, column, index));
    case WEIR_TYPE_TIMESTAMP:
    case WEIR_TYPE_TIMESTAMPTZ:
    case WEIR_TYPE_TIMESTAMP_NS:
    case WEIR_TYPE_TIMESTAMPTZ_NS:
        return print_timestamp(column, index, options, out);
    case WEIR_TYPE_INTERVAL:
        return weir_interval_print(out, VALUE(struct weir_interval, column, index));
    case WEIR_TYPE_UUID:
        return print_uuid(column, index, out);
    default:
        return print_integer(column, index, out);
    }
}

static void append_fixed(const struct weir_column *column, uint32_t index,
                         const struct weir_text_options *options, struct weir_buffer *out)
{
    if (weir_buffer_reserve(out, SCALAR_TEXT_SIZE))
        out->size += print_fixed(column, index, options, out->data + out->size);
}

/* Postgres */

static bool is_array_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool needs_quotes(struct weir_slice text, const char *special)
{
    if (text.size == 0)
        return true;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '"' || c == '\\' || is_array_space(c) || (c && strchr(special, c)))
            return true;
    }
    return false;
}

/* Puts quotes around the text from begin on, and `escape` before each " and \ ('"' means doubling
 * the character itself). */
static void quote_from(struct weir_buffer *out, size_t begin, char escape)
{
    size_t old_size = out->size, extra = 2;
    for (size_t i = begin; i < old_size; i++)
        extra += out->data[i] == '"' || out->data[i] == '\\';
    if (out->failed || !weir_buffer_reserve(out, extra))
        return;
    size_t write = old_size + extra;
    out->size = write;
    out->data[--write] = '"';
    for (size_t i = old_size; i-- > begin;) {
        char c = out->data[i];
        out->data[--write] = c;
        if (c == '"' || c == '\\')
            out->data[--write] = escape == '"' ? c : escape;
    }
    out->data[begin] = '"';
}

static bool is_array_like(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_LIST || type->kind == WEIR_TYPE_MAP;
}

static void print_array(const struct weir_column *column, uint32_t index,
                        const struct weir_text_options *options, struct weir_buffer *out)
{
    struct weir_list_entry entry = VALUE(struct weir_list_entry, column, index);
    weir_buffer_append_char(out, '{');
    for (uint32_t i = 0; i < entry.count; i++) {
        const struct weir_column *child = &column->children[0];
        if (i)
            weir_buffer_append_char(out, ',');
        if (weir_column_is_null(child, entry.offset + i)) {
            weir_buffer_append_string(out, "NULL");
            continue;
        }
        size_t begin = out->size;
        print_postgres(child, entry.offset + i, options, true, out);
        if (is_array_like(child->type) || out->failed)
            continue;
        struct weir_slice text = weir_slice_make(out->data + begin, out->size - begin);
        if (needs_quotes(text, "{},") ||
            weir_slice_equals_ignoring_case(text, weir_slice_from_string("null")))
            quote_from(out, begin, '\\');
    }
    weir_buffer_append_char(out, '}');
}

static void print_composite(const struct weir_column *column, uint32_t lane,
                            const struct weir_text_options *options, struct weir_buffer *out)
{
    weir_buffer_append_char(out, '(');
    for (uint32_t i = 0; i < column->children_count; i++) {
        if (i)
            weir_buffer_append_char(out, ',');
        if (weir_column_is_null(&column->children[i], lane))
            continue;
        size_t begin = out->size;
        print_postgres(&column->children[i], lane, options, true, out);
        if (!out->failed &&
            needs_quotes(weir_slice_make(out->data + begin, out->size - begin), "(),"))
            quote_from(out, begin, '"');
    }
    weir_buffer_append_char(out, ')');
}

/* inner: within an array or composite, where Postgres prints booleans as t and f. */
static void print_postgres(const struct weir_column *column, uint32_t lane,
                           const struct weir_text_options *options, bool inner,
                           struct weir_buffer *out)
{
    uint32_t index = weir_column_index(column, lane);
    switch (column->type->kind) {
    case WEIR_TYPE_BOOLEAN: {
        bool value = VALUE(uint8_t, column, index);
        weir_buffer_append_string(out, inner ? (value ? "t" : "f") : value ? "true" : "false");
        return;
    }
    case WEIR_TYPE_TEXT:
    case WEIR_TYPE_JSON:
    case WEIR_TYPE_JSONB:
        weir_buffer_append_slice(out, weir_view_slice(&VALUE(struct weir_view, column, index)));
        return;
    case WEIR_TYPE_BYTEA:
        weir_bytea_print(out, weir_view_slice(&VALUE(struct weir_view, column, index)));
        return;
    case WEIR_TYPE_LIST:
    case WEIR_TYPE_MAP:
        print_array(column, index, options, out);
        return;
    case WEIR_TYPE_STRUCT:
        print_composite(column, lane, options, out);
        return;
    default:
        append_fixed(column, index, options, out);
        return;
    }
}

/* JSON */

/* JSON text as it stands, but on one line (a record of JSON lines may contain it). */
static void print_json_text(struct weir_slice text, struct weir_buffer *out)
{
    if (text.size && (memchr(text.data, '\n', text.size) || memchr(text.data, '\r', text.size)))
        weir_json_write_compact(out, text);
    else
        weir_buffer_append_slice(out, text);
}

static void print_json_list(const struct weir_column *column, uint32_t index,
                            const struct weir_text_options *options, struct weir_buffer *out)
{
    struct weir_list_entry entry = VALUE(struct weir_list_entry, column, index);
    weir_buffer_append_char(out, '[');
    for (uint32_t i = 0; i < entry.count; i++) {
        if (i)
            weir_buffer_append_char(out, ',');
        print_json(&column->children[0], entry.offset + i, options, out);
    }
    weir_buffer_append_char(out, ']');
}

static void print_json_struct(const struct weir_column *column, uint32_t lane,
                              const struct weir_text_options *options, struct weir_buffer *out)
{
    weir_buffer_append_char(out, '{');
    for (uint32_t i = 0; i < column->children_count; i++) {
        if (i)
            weir_buffer_append_char(out, ',');
        weir_json_write_string(out, column->type->names[i]);
        weir_buffer_append_char(out, ':');
        print_json(&column->children[i], lane, options, out);
    }
    weir_buffer_append_char(out, '}');
}

/* A map's key as the JSON string of its Postgres text. */
static void print_json_key(const struct weir_column *keys, uint32_t lane,
                           const struct weir_text_options *options, struct weir_buffer *out)
{
    struct weir_text_options plain = *options;
    struct weir_buffer text;
    plain.style = WEIR_TEXT_POSTGRES;
    weir_buffer_init(&text, out->budget);
    if (!weir_column_is_null(keys, lane))
        print_postgres(keys, lane, &plain, false, &text);
    weir_json_write_string(out, weir_buffer_slice(&text));
    if (text.failed)
        out->failed = true;
    weir_buffer_deinit(&text);
}

static void print_json_map(const struct weir_column *column, uint32_t index,
                           const struct weir_text_options *options, struct weir_buffer *out)
{
    struct weir_list_entry entry = VALUE(struct weir_list_entry, column, index);
    const struct weir_column *pairs = &column->children[0];
    weir_buffer_append_char(out, '{');
    for (uint32_t i = 0; i < entry.count; i++) {
        if (i)
            weir_buffer_append_char(out, ',');
        print_json_key(&pairs->children[0], entry.offset + i, options, out);
        weir_buffer_append_char(out, ':');
        print_json(&pairs->children[1], entry.offset + i, options, out);
    }
    weir_buffer_append_char(out, '}');
}

/* NaN and the infinities are strings, since JSON has no such numbers. */
static void print_json_float(const struct weir_column *column, uint32_t index,
                             const struct weir_text_options *options, struct weir_buffer *out)
{
    double value = column->type->kind == WEIR_TYPE_FLOAT32 ? (double)VALUE(float, column, index)
                                                           : VALUE(double, column, index);
    bool is_finite = value - value == 0;
    if (!is_finite)
        weir_buffer_append_char(out, '"');
    append_fixed(column, index, options, out);
    if (!is_finite)
        weir_buffer_append_char(out, '"');
}

static void print_json_bytea(struct weir_slice bytes, struct weir_buffer *out)
{
    weir_buffer_append_string(out, "\"\\\\x");
    weir_hex_encode(out, bytes);
    weir_buffer_append_char(out, '"');
}

static void print_json(const struct weir_column *column, uint32_t lane,
                       const struct weir_text_options *options, struct weir_buffer *out)
{
    if (weir_column_is_null(column, lane)) {
        weir_buffer_append_string(out, "null");
        return;
    }
    uint32_t index = weir_column_index(column, lane);
    switch (column->type->kind) {
    case WEIR_TYPE_BOOLEAN:
        weir_buffer_append_string(out, VALUE(uint8_t, column, index) ? "true" : "false");
        return;
    case WEIR_TYPE_TEXT:
        weir_json_write_string(out, weir_view_slice(&VALUE(struct weir_view, column, index)));
        return;
    case WEIR_TYPE_JSON:
    case WEIR_TYPE_JSONB:
        print_json_text(weir_view_slice(&VALUE(struct weir_view, column, index)), out);
        return;
    case WEIR_TYPE_BYTEA:
        print_json_bytea(weir_view_slice(&VALUE(struct weir_view, column, index)), out);
        return;
    case WEIR_TYPE_LIST:
        print_json_list(column, index, options, out);
        return;
    case WEIR_TYPE_STRUCT:
        print_json_struct(column, lane, options, out);
        return;
    case WEIR_TYPE_MAP:
        print_json_map(column, index, options, out);
        return;
    case WEIR_TYPE_FLOAT32:
    case WEIR_TYPE_FLOAT64:
        print_json_float(column, index, options, out);
        return;
    default:
        break;
    }
    bool quoted = !weir_type_is_number(column->type);
    if (quoted)
        weir_buffer_append_char(out, '"');
    append_fixed(column, index, options, out);
    if (quoted)
        weir_buffer_append_char(out, '"');
}

void weir_column_print(const struct weir_column *column, uint32_t lane,
                       const struct weir_text_options *options, struct weir_buffer *out)
{
    if (options->style == WEIR_TEXT_JSON)
        print_json(column, lane, options, out);
    else if (weir_column_is_null(column, lane))
        weir_buffer_append_slice(out, options->null_text);
    else
        print_postgres(column, lane, options, false, out);
}
