/* JSON values of bounded size, for the writer: each function writes at p and returns where the
 * value ends. At most JSON_PUT_MAX bytes are touched. */
#ifndef WEIR_FORMAT_JSON_PUT_H
#define WEIR_FORMAT_JSON_PUT_H

#include "format/json_internal.h"

#include "value/decimal.h"
#include "value/number_put.h"
#include "value/uuid.h"

enum { JSON_PUT_MAX = 72 }; /* the longest decimal, quoted */

static inline char *put_text(char *p, const char *text, size_t size)
{
    memcpy(p, text, size);
    return p + size;
}

/* NaN and infinities, which JSON has no numbers for. */
static inline char *put_not_finite(char *p, double value)
{
    return value != value ? put_text(p, "\"NaN\"", 5)
           : value > 0    ? put_text(p, "\"Infinity\"", 10)
                          : put_text(p, "\"-Infinity\"", 11);
}

WEIR_INLINE char *put_f64(char *p, double value)
{
    return WEIR_LIKELY(isfinite(value)) ? weir_put_f64(p, value) : put_not_finite(p, value);
}

static inline char *put_f32(char *p, float value)
{
    if (!isfinite(value))
        return put_not_finite(p, (double)value);
    return p + weir_number_print_f32(p, value);
}

static inline char *put_timestamp(const struct json_options *options, char *p,
                                  enum weir_type_kind kind, int64_t value)
{
    static const enum weir_epoch_unit units[] = {WEIR_EPOCH_S, WEIR_EPOCH_S, WEIR_EPOCH_MS,
                                                 WEIR_EPOCH_US, WEIR_EPOCH_NS};
    bool is_ns = kind == WEIR_TYPE_TIMESTAMP_NS || kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    bool zoned = kind == WEIR_TYPE_TIMESTAMPTZ || kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    enum json_time_unit unit = weir_json_time_unit(options);
    enum weir_timestamp_style style = zoned ? WEIR_TIMESTAMP_ISO_Z : WEIR_TIMESTAMP_ISO;
    int64_t number = value;
    if (unit != JSON_TIME_ISO &&
        ((is_ns && unit == JSON_TIME_NS) ||
         weir_timestamp_to_epoch(is_ns ? weir_timestamp_us_of_ns(value) : value, units[unit],
                                 &number)))
        return p + weir_number_print_i64(p, number);
    *p++ = '"';
    p += is_ns ? weir_timestamp_print_ns(p, value, style) : weir_timestamp_print(p, value, style);
    *p++ = '"';
    return p;
}

static inline char *put_quoted_date(char *p, int32_t days)
{
    *p++ = '"';
    p += weir_date_print(p, days);
    *p++ = '"';
    return p;
}

static inline char *put_quoted_time(char *p, int64_t us)
{
    *p++ = '"';
    p += weir_time_print(p, us);
    *p++ = '"';
    return p;
}

static inline char *put_decimal(char *p, const struct weir_type *type, const void *lane)
{
    weir_i128 unscaled;
    memcpy(&unscaled, lane, sizeof unscaled);
    return p + weir_decimal_print(p, weir_decimal_make(unscaled, type->scale));
}

static inline char *put_uuid(char *p, const void *lane)
{
    struct weir_uuid uuid;
    memcpy(&uuid, lane, sizeof uuid);
    *p++ = '"';
    p += weir_uuid_print(p, uuid);
    *p++ = '"';
    return p;
}

/* True and *p moved when the value's kind has a bounded text. */
WEIR_INLINE bool put_bounded(const struct json_options *options, char **p,
                             const struct weir_type *type, const void *values, uint32_t at)
{
    switch (type->kind) {
    case WEIR_TYPE_BOOLEAN:
        *p = ((const uint8_t *)values)[at] ? put_text(*p, "true", 4) : put_text(*p, "false", 5);
        return true;
    case WEIR_TYPE_INT8:
        *p = weir_put_i64(*p, ((const int8_t *)values)[at]);
        return true;
    case WEIR_TYPE_INT16:
        *p = weir_put_i64(*p, ((const int16_t *)values)[at]);
        return true;
    case WEIR_TYPE_INT32:
        *p = weir_put_i64(*p, ((const int32_t *)values)[at]);
        return true;
    case WEIR_TYPE_INT64:
        *p = weir_put_i64(*p, ((const int64_t *)values)[at]);
        return true;
    case WEIR_TYPE_UINT8:
        *p = weir_put_u64(*p, ((const uint8_t *)values)[at]);
        return true;
    case WEIR_TYPE_UINT16:
        *p = weir_put_u64(*p, ((const uint16_t *)values)[at]);
        return true;
    case WEIR_TYPE_UINT32:
        *p = weir_put_u64(*p, ((const uint32_t *)values)[at]);
        return true;
    case WEIR_TYPE_UINT64:
        *p = weir_put_u64(*p, ((const uint64_t *)values)[at]);
        return true;
    case WEIR_TYPE_FLOAT32:
        *p = put_f32(*p, ((const float *)values)[at]);
        return true;
    case WEIR_TYPE_FLOAT64:
        *p = put_f64(*p, ((const double *)values)[at]);
        return true;
    case WEIR_TYPE_DECIMAL:
        *p = put_decimal(*p, type, (const char *)values + (size_t)at * 16);
        return true;
    case WEIR_TYPE_DATE:
        *p = put_quoted_date(*p, ((const int32_t *)values)[at]);
        return true;
    case WEIR_TYPE_TIME:
        *p = put_quoted_time(*p, ((const int64_t *)values)[at]);
        return true;
    case WEIR_TYPE_TIMESTAMP:
    case WEIR_TYPE_TIMESTAMPTZ:
    case WEIR_TYPE_TIMESTAMP_NS:
    case WEIR_TYPE_TIMESTAMPTZ_NS:
        *p = put_timestamp(options, *p, type->kind, ((const int64_t *)values)[at]);
        return true;
    case WEIR_TYPE_UUID:
        *p = put_uuid(*p, (const char *)values + (size_t)at * WEIR_UUID_BYTES);
        return true;
    default:
        return false;
    }
}

#endif
