/* One JSON value into one lane of any type but STRUCT.
 *
 *     into             takes
 *     BOOLEAN          true, false
 *     integers         numbers of integral value (5, 1.0, 1e3) in range, also in quotes
 *     floats           numbers, also in quotes, correctly rounded; "NaN", "Infinity", "-Infinity"
 *     DECIMAL          numbers, also in quotes, rounded to the scale half away from zero
 *     TEXT             text; numbers, booleans, arrays and objects as their JSON text
 *     JSON, JSONB      any value: its text as it stands, or in canonical form
 *     timestamps       ISO-8601 text with any offset or none (then UTC); integers in the unit of
 *                      json.timestamp_format, without one in that of the column's precision
 *     DATE TIME INTERVAL UUID BYTEA   text
 *     LIST, MAP        arrays, objects (checked here, built by json_nested.c)
 *
 * Text is what the string spells: escapes are resolved into the batch's arena, text without escapes
 * is borrowed from the record. Tested in tests/unit/format/test_json_decode.c. */
#include "format/json_internal.h"
#include "format/json_time.h"

#include "value/base64.h"
#include "value/decimal.h"
#include "value/interval.h"
#include "value/number.h"
#include "value/utf8.h"
#include "value/uuid.h"

#include <math.h>

enum json_time_unit weir_json_time_unit(const struct json_options *options)
{
    static const enum json_time_unit units[] = {
        JSON_TIME_ISO, JSON_TIME_ISO, JSON_TIME_S,  JSON_TIME_MS, JSON_TIME_US,
        JSON_TIME_NS,  JSON_TIME_S,   JSON_TIME_MS, JSON_TIME_US, JSON_TIME_NS};
    return units[options->timestamp_format];
}

size_t weir_json_lane_width(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_LIST || type->kind == WEIR_TYPE_MAP ? sizeof(struct weir_slice)
                                                                       : weir_type_width(type);
}

bool weir_json_is_number(struct weir_slice text)
{
    const char *p = text.data, *end = text.data + text.size;
    p += p < end && *p == '-';
    if (p == end || *p < '0' || *p > '9')
        return false;
    bool zero = *p++ == '0';
    while (!zero && p < end && *p >= '0' && *p <= '9')
        p++;
    if (p < end && *p == '.') {
        const char *digits = ++p;
        while (p < end && *p >= '0' && *p <= '9')
            p++;
        if (p == digits)
            return false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        const char *digits = p;
        while (p < end && *p >= '0' && *p <= '9')
            p++;
        if (p == digits)
            return false;
    }
    return p == end;
}

static enum json_result result_of(enum weir_parse parse)
{
    return parse == WEIR_PARSE_OK      ? JSON_OK
           : parse == WEIR_PARSE_RANGE ? JSON_RANGE
                                       : JSON_MISMATCH;
}

static enum json_result time_result_of(enum weir_parse parse)
{
    return parse == WEIR_PARSE_RANGE ? JSON_TIME_RANGE : result_of(parse);
}

static enum json_result to_integer(const struct weir_type *type, struct weir_slice text, void *lane)
{
    weir_i128 value = 0;
    enum json_result result = result_of(weir_number_parse_integral(text, &value));
    if (result != JSON_OK)
        return result;
#define STORE(kind, type, least, greatest)         \
    case kind: {                                   \
        if (value < (least) || value > (greatest)) \
            return JSON_RANGE;                     \
        type narrow = (type)value;                 \
        memcpy(lane, &narrow, sizeof narrow);      \
        return JSON_OK;                            \
    }
    switch (type->kind) {
        STORE(WEIR_TYPE_INT8, int8_t, INT8_MIN, INT8_MAX)
        STORE(WEIR_TYPE_INT16, int16_t, INT16_MIN, INT16_MAX)
        STORE(WEIR_TYPE_INT32, int32_t, INT32_MIN, INT32_MAX)
        STORE(WEIR_TYPE_INT64, int64_t, INT64_MIN, INT64_MAX)
        STORE(WEIR_TYPE_UINT8, uint8_t, 0, UINT8_MAX)
        STORE(WEIR_TYPE_UINT16, uint16_t, 0, UINT16_MAX)
        STORE(WEIR_TYPE_UINT32, uint32_t, 0, UINT32_MAX)
        STORE(WEIR_TYPE_UINT64, uint64_t, 0, UINT64_MAX)
    default:
        return JSON_MISMATCH;
    }
#undef STORE
}

/* NaN and the infinities, which the writer puts in quotes. */
static bool is_special_float(struct weir_slice text, double *out)
{
    if (weir_slice_equals_string(text, "NaN"))
        *out = (double)NAN;
    else if (weir_slice_equals_string(text, "Infinity"))
        *out = (double)INFINITY;
    else if (weir_slice_equals_string(text, "-Infinity"))
        *out = -(double)INFINITY;
    else
        return false;
    return true;
}

static enum json_result to_float(const struct weir_type *type, struct weir_slice text, bool quoted,
                                 void *lane)
{
    double value = 0;
    bool special = quoted && is_special_float(text, &value);
    if (type->kind == WEIR_TYPE_FLOAT32) {
        float narrow = (float)value;
        enum weir_parse parse = special ? WEIR_PARSE_OK : weir_number_parse_f32(text, &narrow);
        if (parse == WEIR_PARSE_SYNTAX)
            return JSON_MISMATCH;
        if (parse == WEIR_PARSE_RANGE && isinf(narrow))
            return JSON_RANGE;
        memcpy(lane, &narrow, sizeof narrow);
        return JSON_OK;
    }
    enum weir_parse parse = special ? WEIR_PARSE_OK : weir_number_parse_f64(text, &value);
    if (parse == WEIR_PARSE_SYNTAX)
        return JSON_MISMATCH;
    if (parse == WEIR_PARSE_RANGE && isinf(value))
        return JSON_RANGE;
    memcpy(lane, &value, sizeof value);
    return JSON_OK;
}

static enum json_result to_number(const struct weir_type *type, struct weir_slice text, bool quoted,
                                  void *lane)
{
    if (type->kind == WEIR_TYPE_FLOAT32 || type->kind == WEIR_TYPE_FLOAT64) {
        double special;
        if (quoted && !weir_json_is_number(text) && !is_special_float(text, &special))
            return JSON_MISMATCH;
        return to_float(type, text, quoted, lane);
    }
    if (quoted && !weir_json_is_number(text))
        return JSON_MISMATCH;
    if (type->kind != WEIR_TYPE_DECIMAL)
        return to_integer(type, text, lane);
    weir_i128 unscaled = 0;
    enum json_result result =
        result_of(weir_decimal_parse(text, type->precision, type->scale, &unscaled));
    if (result == JSON_OK)
        memcpy(lane, &unscaled, sizeof unscaled);
    return result;
}

static enum weir_epoch_unit unit_of(const struct json_options *options,
                                    const struct weir_type *type)
{
    switch (weir_json_time_unit(options)) {
    case JSON_TIME_S:
        return WEIR_EPOCH_S;
    case JSON_TIME_MS:
        return WEIR_EPOCH_MS;
    case JSON_TIME_US:
        return WEIR_EPOCH_US;
    case JSON_TIME_NS:
        return WEIR_EPOCH_NS;
    case JSON_TIME_ISO:
        break;
    }
    if (type->kind == WEIR_TYPE_TIMESTAMP_NS || type->kind == WEIR_TYPE_TIMESTAMPTZ_NS)
        return WEIR_EPOCH_NS;
    return type->precision == 0   ? WEIR_EPOCH_S
           : type->precision <= 3 ? WEIR_EPOCH_MS
                                  : WEIR_EPOCH_US;
}

int64_t weir_json_epoch_scale(const struct json_options *options, const struct weir_type *type)
{
    static const int64_t per_us[] = {1000000, 1000, 1, 0},
                         per_ns[] = {1000000000, 1000000, 1000, 1};
    static const unsigned digits[] = {0, 3, 6, 9};
    if (!weir_type_is_timestamp(type))
        return 0;
    enum weir_epoch_unit unit = unit_of(options, type);
    if (type->kind == WEIR_TYPE_TIMESTAMP_NS || type->kind == WEIR_TYPE_TIMESTAMPTZ_NS)
        return per_ns[unit];
    return digits[unit] <= type->precision ? per_us[unit] : 0;
}

static enum json_result timestamp_from_number(const struct json_options *options,
                                              const struct weir_type *type, struct weir_slice text,
                                              int64_t *value)
{
    weir_i128 wide = 0;
    enum weir_parse parse = weir_number_parse_integral(text, &wide);
    if (parse == WEIR_PARSE_SYNTAX)
        return JSON_MISMATCH;
    if (parse == WEIR_PARSE_RANGE || wide < INT64_MIN || wide > INT64_MAX)
        return JSON_TIME_RANGE;
    bool is_ns = type->kind == WEIR_TYPE_TIMESTAMP_NS || type->kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    enum weir_epoch_unit unit = unit_of(options, type);
    bool fits = is_ns ? weir_timestamp_ns_from_epoch((int64_t)wide, unit, value)
                      : weir_timestamp_from_epoch((int64_t)wide, unit, value);
    return fits && (is_ns || *value >= WEIR_TIMESTAMP_US_MIN) ? JSON_OK : JSON_TIME_RANGE;
}

/* YYYY-MM-DD or YYYYMMDDT at the front: keeps to ISO 8601 what the parser of Postgres' many
 * spellings gets to see. */
static bool looks_iso_date(struct weir_slice text)
{
    size_t digits = 0;
    while (digits < text.size && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    if (digits < text.size && text.data[digits] == '-')
        return digits >= 4;
    return digits == 8 && (text.size == 8 || text.data[8] == 'T');
}

/* From a copy: nothing need follow the text. */
static bool read_timestamp(struct weir_slice text, int64_t *us)
{
    char copy[32] = {0};
    struct json_date_cache cache = {0, 0, 0};
    if (text.size >= sizeof copy)
        return false;
    memcpy(copy, text.data, text.size);
    return json_read_timestamp(copy, (uint32_t)text.size, &cache, us);
}

static enum json_result to_timestamp(const struct json_options *options,
                                     const struct weir_type *type,
                                     const struct weir_json_token *token, void *lane)
{
    int64_t value = 0;
    enum json_result result = JSON_MISMATCH;
    bool is_ns = type->kind == WEIR_TYPE_TIMESTAMP_NS || type->kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    if (token->kind == WEIR_JSON_NUMBER)
        result = timestamp_from_number(options, type, token->text, &value);
    else if (token->kind == WEIR_JSON_STRING && !is_ns && read_timestamp(token->text, &value))
        result = JSON_OK;
    else if (token->kind == WEIR_JSON_STRING && looks_iso_date(token->text))
        result = time_result_of(is_ns ? weir_timestamp_parse_ns(token->text, &value, NULL)
                                      : weir_timestamp_parse(token->text, &value, NULL));
    if (result != JSON_OK)
        return result;
    if (!is_ns && type->precision < 6)
        value = weir_timestamp_round(value, type->precision);
    memcpy(lane, &value, sizeof value);
    return JSON_OK;
}

static enum json_result to_view(struct json_context *context, struct weir_slice text, bool copied,
                                void *lane)
{
    if (!copied && text.size > WEIR_VIEW_INLINE_MAX) {
        char *copy = weir_arena_copy(context->arena, text);
        if (!copy)
            return JSON_MEMORY;
        text.data = copy;
    }
    struct weir_view view = weir_view_from_slice(text);
    memcpy(lane, &view, sizeof view);
    return JSON_OK;
}

/* The bytes of any value as they stand, quotes included. */
static struct weir_slice raw_text(const struct weir_json_token *token)
{
    if (token->kind == WEIR_JSON_STRING)
        return weir_slice_make(token->text.data - 1, token->text.size + 2);
    return token->text;
}

static enum json_result to_text(struct json_context *context, const struct weir_type *type,
                                const struct weir_json_token *token, void *lane)
{
    if (token->flags & WEIR_JSON_HAS_NUL)
        return JSON_NUL;
    struct weir_slice text = token->text;
    if (type->length && text.size > type->length && weir_utf8_count(text) > type->length)
        return JSON_TOO_LONG;
    return to_view(context, text, true, lane);
}

static enum json_result to_bytea(struct json_context *context, struct weir_slice text, void *lane)
{
    weir_buffer_clear(&context->scratch);
    bool ok = context->options.bytea_format == JSON_BYTEA_BASE64
                  ? weir_base64_decode(&context->scratch, text, WEIR_BASE64_PLAIN)
                  : weir_bytea_parse(&context->scratch, text);
    if (context->scratch.failed)
        return JSON_MEMORY;
    return ok ? to_view(context, weir_buffer_slice(&context->scratch), false, lane) : JSON_MISMATCH;
}

static enum json_result to_jsonb(struct json_context *context, const struct weir_json_token *token,
                                 void *lane)
{
    enum weir_json_reason reason = WEIR_JSON_NO_ERROR;
    weir_buffer_clear(&context->scratch);
    if (weir_json_canonicalize(raw_text(token), &context->scratch, NULL, &reason))
        return to_view(context, weir_buffer_slice(&context->scratch), false, lane);
    return reason == WEIR_JSON_OUT_OF_MEMORY   ? JSON_MEMORY
           : reason == WEIR_JSON_NUL_CHARACTER ? JSON_NUL
                                               : JSON_RANGE;
}

/* Types that are written as text only. */
static enum json_result from_string(struct json_context *context, const struct weir_type *type,
                                    struct weir_slice text, void *lane)
{
    int32_t days = 0;
    int64_t us = 0;
    struct weir_interval interval = {0, 0, 0};
    struct weir_uuid uuid;
    enum json_result result;
    switch (type->kind) {
    case WEIR_TYPE_DATE:
        result =
            looks_iso_date(text) ? time_result_of(weir_date_parse(text, &days)) : JSON_MISMATCH;
        memcpy(lane, &days, sizeof days);
        return result;
    case WEIR_TYPE_TIME:
        result = text.size >= 5 && text.data[2] == ':' ? time_result_of(weir_time_parse(text, &us))
                                                       : JSON_MISMATCH;
        memcpy(lane, &us, sizeof us);
        return result;
    case WEIR_TYPE_INTERVAL:
        result = time_result_of(weir_interval_parse(text, 0, -1, &interval));
        memcpy(lane, &interval, sizeof interval);
        return result;
    case WEIR_TYPE_UUID:
        memset(&uuid, 0, sizeof uuid);
        result = result_of(weir_uuid_parse(text, &uuid));
        memcpy(lane, &uuid, sizeof uuid);
        return result;
    case WEIR_TYPE_BYTEA:
        return to_bytea(context, text, lane);
    default:
        return JSON_MISMATCH;
    }
}

static enum json_result to_nested(struct json_context *context, const struct weir_type *type,
                                  const struct weir_json_token *token, void *lane)
{
    enum weir_json_kind wanted =
        type->kind == WEIR_TYPE_LIST ? WEIR_JSON_ARRAY_BEGIN : WEIR_JSON_OBJECT_BEGIN;
    if (token->kind != wanted)
        return JSON_MISMATCH;
    memcpy(lane, &token->text, sizeof token->text);
    return weir_json_nested(context, type, token->text, NULL);
}

static enum json_result convert_plain(struct json_context *context, const struct weir_type *type,
                                      const struct weir_json_token *token, void *lane)
{
    bool is_string = token->kind == WEIR_JSON_STRING;
    if (weir_type_is_number(type))
        return is_string || token->kind == WEIR_JSON_NUMBER
                   ? to_number(type, token->text, is_string, lane)
                   : JSON_MISMATCH;
    if (weir_type_is_timestamp(type))
        return to_timestamp(&context->options, type, token, lane);
    switch (type->kind) {
    case WEIR_TYPE_BOOLEAN:
        *(uint8_t *)lane = token->kind == WEIR_JSON_TRUE;
        return token->kind == WEIR_JSON_TRUE || token->kind == WEIR_JSON_FALSE ? JSON_OK
                                                                               : JSON_MISMATCH;
    case WEIR_TYPE_TEXT:
        return to_text(context, type, token, lane);
    case WEIR_TYPE_NULL:
        return JSON_OK;
    default:
        return is_string ? from_string(context, type, token->text, lane) : JSON_MISMATCH;
    }
}

enum json_result weir_json_convert(struct json_context *context, const struct weir_type *type,
                                   const struct weir_json_token *token, void *lane)
{
    switch (type->kind) {
    case WEIR_TYPE_JSON:
        return to_view(context, raw_text(token), true, lane);
    case WEIR_TYPE_JSONB:
        return to_jsonb(context, token, lane);
    case WEIR_TYPE_LIST:
    case WEIR_TYPE_MAP:
        return to_nested(context, type, token, lane);
    default:
        break;
    }
    if (!(token->flags & WEIR_JSON_ESCAPED))
        return convert_plain(context, type, token, lane);
    struct weir_json_token plain = *token;
    if (!weir_json_unescape_into(*token, context->arena, &plain.text))
        return JSON_MEMORY;
    return convert_plain(context, type, &plain, lane);
}
