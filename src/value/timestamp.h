/* Dates, times and timestamps from text and to text; epoch numbers.
 *
 * DATE is days since 1970-01-01, TIME is us since midnight (0..86400e6), TIMESTAMP is us since
 * 1970-01-01T00:00:00 (UTC, or the wall clock of a zone-less one), TIMESTAMP(9) the same in ns.
 *
 * Reading has two speeds. The fixed shape YYYY-MM-DD[T ]HH:MM:SS[.f{1,9}][Z] is read eight bytes at
 * a time; everything else goes through a tokenizer that takes what Postgres 15 takes with
 * DateStyle "ISO, MDY": month names, 20240102T030405, 1/8/1999, J2451187, 04:05 PM, BC, day names,
 * offsets, zone abbreviations. 'epoch' is a timestamp; 'now', 'today' and the like are SYNTAX (they
 * are functions here); 'infinity' is RANGE. Fractions beyond the type's digits are rounded as
 * Postgres does (half to even); white space at both ends is allowed. Beyond Postgres, the year 0000
 * before a T is 1 BC, as ISO 8601 has it, so that what is printed in that style is read. */
#ifndef WEIR_VALUE_TIMESTAMP_H
#define WEIR_VALUE_TIMESTAMP_H

#include "base/compiler.h"
#include "base/slice.h"
#include "value/civil.h"
#include "value/parse.h"
#include "value/timezone.h"

enum {
    WEIR_DATE_SIZE = 24,
    WEIR_TIME_SIZE = 16,
    WEIR_TIMESTAMP_SIZE = 48 /* room to print one of any style */
};

/* 4714-11-24 BC, and the last whole second int64 us can hold. */
#define WEIR_TIMESTAMP_US_MIN INT64_C(-210866803200000000)
#define WEIR_TIMESTAMP_US_MAX INT64_C(9223372036854775807)

/* Parts of a date-time text, for callers that need more than one instant. */
struct weir_timestamp_parts {
    int32_t days;           /* valid when has_date */
    int64_t time_us;        /* 0..86400e6; 0 when there is no time */
    int32_t rest_ns;        /* 0..999, below the us, truncated (then time_us is not rounded up) */
    int32_t offset_s;       /* east; valid when has_offset */
    struct weir_slice zone; /* a zone name that needs the tz database; empty when none */
    bool has_date;
    bool has_time;
    bool has_offset;
};
WEIR_CHECKED enum weir_parse weir_timestamp_parse_parts(struct weir_slice text,
                                                        struct weir_timestamp_parts *out);

/* A date; a time part that follows is dropped, as Postgres does. */
WEIR_CHECKED enum weir_parse weir_date_parse(struct weir_slice text, int32_t *days);
/* A time of day; an offset that follows is dropped, as Postgres does. */
WEIR_CHECKED enum weir_parse weir_time_parse(struct weir_slice text, int64_t *us);
/* An instant: with an offset in the text, in UTC; without, the wall clock as it stands.
 * *has_offset (nullable) says which. A bare date is its midnight. Zone names of the tz database
 * are SYNTAX here. */
WEIR_CHECKED enum weir_parse weir_timestamp_parse(struct weir_slice text, int64_t *us,
                                                  bool *has_offset);
/* The same in ns; RANGE outside 1677-09-21 … 2262-04-11. */
WEIR_CHECKED enum weir_parse weir_timestamp_parse_ns(struct weir_slice text, int64_t *ns,
                                                     bool *has_offset);
/* TIMESTAMP WITH TIME ZONE: text without an offset is wall clock in zone (NULL: UTC). */
WEIR_CHECKED enum weir_parse weir_timestamp_parse_tz(struct weir_slice text,
                                                     const struct weir_timezone *zone, int64_t *us);

/* A wall clock with the name of its zone, which borrows text: 2024-01-02 03:04 Europe/Berlin.
 * SYNTAX when there is no such name. */
WEIR_CHECKED enum weir_parse weir_timestamp_parse_named(struct weir_slice text, int64_t *us,
                                                        struct weir_slice *zone);

/* Rounds us to digits (0..6) of a second, half away from zero, as TIMESTAMP(digits) does. */
int64_t weir_timestamp_round(int64_t us, unsigned digits);

enum weir_timestamp_style {
    WEIR_TIMESTAMP_POSTGRES, /* 2024-01-02 03:04:05.5; years before 1 as 0044-03-15 BC */
    WEIR_TIMESTAMP_ISO,      /* 2024-01-02T03:04:05.5 */
    WEIR_TIMESTAMP_ISO_Z     /* 2024-01-02T03:04:05.5Z, for zoned columns */
};

/* Each writes to out (the sizes above) and returns how many bytes. Fractions only when non-zero,
 * without trailing zeros. */
size_t weir_date_print(char *out, int32_t days);
size_t weir_time_print(char *out, int64_t us);
size_t weir_timestamp_print(char *out, int64_t us, enum weir_timestamp_style style);
size_t weir_timestamp_print_ns(char *out, int64_t ns, enum weir_timestamp_style style);
/* Postgres timestamptz text: local wall clock and offset, 2024-01-02 04:04:05.5+01 (also +05:30).
 */
size_t weir_timestamp_print_tz(char *out, int64_t us, int32_t offset_s);

/* Numbers as time since 1970, in a unit. */
enum weir_epoch_unit { WEIR_EPOCH_S, WEIR_EPOCH_MS, WEIR_EPOCH_US, WEIR_EPOCH_NS };
/* To us (ns floors). False when the result leaves int64. */
WEIR_CHECKED bool weir_timestamp_from_epoch(int64_t value, enum weir_epoch_unit unit, int64_t *us);
WEIR_CHECKED bool weir_timestamp_ns_from_epoch(int64_t value, enum weir_epoch_unit unit,
                                               int64_t *ns);
/* From us, floored. False when ns do not fit. */
WEIR_CHECKED bool weir_timestamp_to_epoch(int64_t us, enum weir_epoch_unit unit, int64_t *value);
/* Seconds with fraction (to_timestamp(double)); false for NaN, infinities, out of range. */
WEIR_CHECKED bool weir_timestamp_from_seconds(double seconds, int64_t *us);

static inline int64_t weir_timestamp_us_of_ns(int64_t ns)
{
    return weir_floor_div_i64(ns, 1000);
}

#endif
