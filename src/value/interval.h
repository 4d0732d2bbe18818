/* INTERVAL: months, days and microseconds, kept apart (a month has no fixed days, a day no fixed
 * hours), with Postgres 15's input styles, output and arithmetic.
 *
 * Compared and hashed by weir_interval_compare's normal form, where a month is 30 days and a day
 * 24 hours: '1 month' = '30 days'. */
#ifndef WEIR_VALUE_INTERVAL_H
#define WEIR_VALUE_INTERVAL_H

#include "base/compiler.h"
#include "base/slice.h"
#include "value/int128.h"
#include "value/parse.h"

enum { WEIR_INTERVAL_SIZE = 96 };

struct weir_interval {
    int32_t months;
    int32_t days;
    int64_t us;
};

/* Bits of a field qualifier (INTERVAL '…' YEAR TO MONTH); 0 means none. */
enum weir_interval_field {
    WEIR_INTERVAL_YEAR = 1,
    WEIR_INTERVAL_MONTH = 2,
    WEIR_INTERVAL_DAY = 4,
    WEIR_INTERVAL_HOUR = 8,
    WEIR_INTERVAL_MINUTE = 16,
    WEIR_INTERVAL_SECOND = 32
};

/* '1 year 2 mons -3 days 04:05:06.5 ago', '1-2', '1 2:03:04', 'P1Y2M3DT4H5M6.5S', 'P0001-02-03T…',
 * '1.5 weeks', '@ 1 minute'. fields: the qualifier's bits (all from the first to the last field),
 * which say what a bare number means and which parts are dropped; digits: 0..6 of the seconds, -1
 * for all. */
WEIR_CHECKED enum weir_parse weir_interval_parse(struct weir_slice text, uint32_t fields,
                                                 int32_t digits, struct weir_interval *out);
/* Drops what lies below the qualifier's lowest field and rounds the seconds; RANGE on overflow. */
WEIR_CHECKED enum weir_parse weir_interval_qualify(struct weir_interval *value, uint32_t fields,
                                                   int32_t digits);
/* '1 year 2 mons 3 days 04:05:06.5' (intervalstyle postgres); '00:00:00' when zero. */
size_t weir_interval_print(char *out, struct weir_interval value);
/* ISO 8601: P1Y2M3DT4H5M6.5S (intervalstyle iso_8601). */
size_t weir_interval_print_iso(char *out, struct weir_interval value);

/* False on overflow of a part. */
WEIR_CHECKED bool weir_interval_add(struct weir_interval a, struct weir_interval b,
                                    struct weir_interval *out);
WEIR_CHECKED bool weir_interval_sub(struct weir_interval a, struct weir_interval b,
                                    struct weir_interval *out);
WEIR_CHECKED bool weir_interval_negate(struct weir_interval value, struct weir_interval *out);
/* Fractions spill downwards: 1 month * 0.5 = 15 days; as Postgres 15. */
WEIR_CHECKED enum weir_arith weir_interval_mul(struct weir_interval value, double factor,
                                               struct weir_interval *out);
WEIR_CHECKED enum weir_arith weir_interval_div(struct weir_interval value, double divisor,
                                               struct weir_interval *out);
WEIR_CHECKED bool weir_interval_justify_hours(struct weir_interval value,
                                              struct weir_interval *out);
WEIR_CHECKED bool weir_interval_justify_days(struct weir_interval value, struct weir_interval *out);
WEIR_CHECKED bool weir_interval_justify(struct weir_interval value, struct weir_interval *out);

/* -1, 0, 1 by the normal form (30-day months, 24-hour days). */
int weir_interval_compare(struct weir_interval a, struct weir_interval b);
/* The normal form in us; equal intervals give equal numbers (hash this). */
weir_i128 weir_interval_span(struct weir_interval value);
/* True, and *us, when the interval is a fixed duration (no months) that fits. */
WEIR_CHECKED bool weir_interval_to_us(struct weir_interval value, int64_t *us);

/* Wall-clock arithmetic: months first (clamped to the month's length), then days, then us.
 * False when out of range. */
WEIR_CHECKED bool weir_interval_add_to_timestamp(int64_t us, struct weir_interval value,
                                                 int64_t *out);
/* a - b of two timestamps: days and us (never months), as Postgres' minus. False on overflow. */
WEIR_CHECKED bool weir_interval_between(int64_t a_us, int64_t b_us, struct weir_interval *out);
/* age(a, b): years, months, days and time by the calendar. */
WEIR_CHECKED bool weir_interval_age(int64_t a_us, int64_t b_us, struct weir_interval *out);

#endif
