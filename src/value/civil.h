/* The proleptic Gregorian calendar as arithmetic: days since 1970-01-01 and back.
 *
 * Years are astronomical (year 0 is 1 BC): dates are those of Postgres, 4714-11-24 BC to
 * 5874897-12-31; timestamps reach to the year 294246. Conversion counts days from 1 March, so that
 * the leap day is a year's last (H. Hinnant's "chrono-compatible low-level date algorithms" states
 * the idea). Pure, no tables beyond month lengths, no locale. */
#ifndef WEIR_VALUE_CIVIL_H
#define WEIR_VALUE_CIVIL_H

#include "base/checked.h"
#include "base/compiler.h"

enum {
    WEIR_CIVIL_YEAR_MIN = -9999, /* of instants on their way; what they become is checked */
    WEIR_CIVIL_YEAR_MAX = 294276,
    WEIR_CIVIL_JULIAN_1970 = 2440588, /* Julian day of 1970-01-01, as Postgres counts it */
    WEIR_DATE_YEAR_MIN = -4713,
    WEIR_DATE_YEAR_MAX = 5874897,
    WEIR_DATE_DAYS_MIN = -WEIR_CIVIL_JULIAN_1970, /* 4714-11-24 BC */
    WEIR_DATE_DAYS_MAX = 2145042905               /* 5874897-12-31 */
};

struct weir_civil {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

/* A time of day, or the time part of a timestamp. */
struct weir_clock {
    int32_t hour;   /* 0..23 (24 only as 24:00:00) */
    int32_t minute; /* 0..59 */
    int32_t second; /* 0..59 */
    int32_t us;     /* 0..999999 */
};

struct weir_iso_week {
    int32_t year; /* the ISO year the week belongs to */
    int32_t week; /* 1..53 */
};

static inline bool weir_civil_is_leap(int64_t year)
{
    return (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
}
/* month 1..12. */
int32_t weir_civil_month_days(int64_t year, int32_t month);
/* Month 1..12, day within the month, a year not above those of dates; BC dates may be too early. */
bool weir_civil_is_valid(int64_t year, int32_t month, int32_t day);

/* Any month 1..12 and day (a day beyond the month counts on). */
int32_t weir_civil_to_days(int32_t year, int32_t month, int32_t day);
struct weir_civil weir_civil_from_days(int32_t days);

/* 0 = Sunday … 6 = Saturday; ISO: 1 = Monday … 7 = Sunday. */
int32_t weir_civil_weekday(int32_t days);
int32_t weir_civil_iso_weekday(int32_t days);
struct weir_iso_week weir_civil_iso_week(int32_t days);
/* Days of the Monday that begins ISO week `week` of ISO year `year`. */
int32_t weir_civil_from_iso_week(int32_t year, int32_t week);
int32_t weir_civil_day_of_year(int32_t days); /* 1..366 */
static inline int32_t weir_civil_quarter(int32_t month)
{
    return (month + 2) / 3;
}
/* Postgres: 2000 is century 20, 2001 is 21, year 0 (1 BC) is century -1; no century 0. */
int32_t weir_civil_century(int32_t year);
int32_t weir_civil_millennium(int32_t year);
int32_t weir_civil_decade(int32_t year);

/* Adds months, clamping the day to the month's length (31 January + 1 = 28 or 29 February).
 * False when the year leaves the range. */
WEIR_CHECKED bool weir_civil_add_months(int32_t days, int64_t months, int32_t *out);

/* us since 1970 = days * 86400e6 + time_us, with 0 <= time_us < 86400e6. */
static inline int32_t weir_civil_days_of_us(int64_t us)
{
    return (int32_t)weir_floor_div_i64(us, INT64_C(86400000000));
}
static inline int64_t weir_civil_time_of_us(int64_t us)
{
    return weir_floor_mod_i64(us, INT64_C(86400000000));
}
/* time_us 0..86400e6 (the last is 24:00:00). */
struct weir_clock weir_clock_from_us(int64_t time_us);
static inline int64_t weir_clock_to_us(struct weir_clock clock)
{
    return (((int64_t)clock.hour * 60 + clock.minute) * 60 + clock.second) * 1000000 + clock.us;
}

#endif
