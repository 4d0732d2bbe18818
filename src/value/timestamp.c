/* Dates, times and timestamps to text; epoch numbers. Contracts: value/timestamp.h. */
#include "value/timestamp.h"
#include "value/number.h"
#include "value/rounding_internal.h"

static char *print_2(char *at, int32_t value)
{
    weir_number_print_2(at, (uint32_t)value);
    return at + 2;
}

/* Four digits at least. */
static char *print_year(char *at, int32_t year)
{
    if (year > 9999)
        return at + weir_number_print_i64(at, year);
    weir_number_print_4(at, (uint32_t)year);
    return at + 4;
}

/* YYYY-MM-DD. ISO years before 1 are 0000, -0001 …; Postgres counts them BC, said by the caller. */
static char *print_date(char *at, struct weir_civil civil, bool iso)
{
    int32_t year = civil.year;
    if (year < 1 && !iso) {
        year = 1 - year;
    } else if (year < 0) {
        *at++ = '-';
        year = -year;
    }
    at = print_year(at, year);
    *at++ = '-';
    at = print_2(at, civil.month);
    *at++ = '-';
    return print_2(at, civil.day);
}

/* .5, .000001; nothing for 0. digits is 6 for us, 9 for ns. */
static char *print_fraction(char *at, int32_t fraction, int32_t digits)
{
    if (fraction == 0)
        return at;
    *at++ = '.';
    char *end = at + digits;
    for (char *p = end; p > at; fraction /= 10)
        *--p = (char)('0' + fraction % 10);
    while (end[-1] == '0')
        end--;
    return end;
}

static char *print_clock(char *at, int32_t second_of_day)
{
    at = print_2(at, second_of_day / 3600);
    *at++ = ':';
    at = print_2(at, second_of_day / 60 % 60);
    *at++ = ':';
    return print_2(at, second_of_day % 60);
}

static char *print_era(char *at, int32_t year)
{
    if (year > 0)
        return at;
    memcpy(at, " BC", 3);
    return at + 3;
}

size_t weir_date_print(char *out, int32_t days)
{
    struct weir_civil civil = weir_civil_from_days(days);
    char *at = print_date(out, civil, false);
    return (size_t)(print_era(at, civil.year) - out);
}

size_t weir_time_print(char *out, int64_t us)
{
    char *at = print_clock(out, (int32_t)(us / 1000000));
    return (size_t)(print_fraction(at, (int32_t)(us % 1000000), 6) - out);
}

/* seconds since 1970, and a fraction of `digits` digits. */
static size_t print_timestamp(char *out, int64_t seconds, int32_t fraction, int32_t digits,
                              enum weir_timestamp_style style)
{
    struct weir_civil civil = weir_civil_from_days((int32_t)weir_floor_div_i64(seconds, 86400));
    bool iso = style != WEIR_TIMESTAMP_POSTGRES;
    char *at = print_date(out, civil, iso);

    *at++ = iso ? 'T' : ' ';
    at = print_clock(at, (int32_t)weir_floor_mod_i64(seconds, 86400));
    at = print_fraction(at, fraction, digits);
    if (style == WEIR_TIMESTAMP_ISO_Z)
        *at++ = 'Z';
    if (!iso)
        at = print_era(at, civil.year);
    return (size_t)(at - out);
}

size_t weir_timestamp_print(char *out, int64_t us, enum weir_timestamp_style style)
{
    return print_timestamp(out, weir_floor_div_i64(us, 1000000),
                           (int32_t)weir_floor_mod_i64(us, 1000000), 6, style);
}

size_t weir_timestamp_print_ns(char *out, int64_t ns, enum weir_timestamp_style style)
{
    return print_timestamp(out, weir_floor_div_i64(ns, 1000000000),
                           (int32_t)weir_floor_mod_i64(ns, 1000000000), 9, style);
}

/* +01, -03:30, +00:19:32 */
static char *print_offset(char *at, int32_t offset_s)
{
    int32_t magnitude = offset_s < 0 ? -offset_s : offset_s;
    *at++ = offset_s < 0 ? '-' : '+';
    at = print_2(at, magnitude / 3600);
    if (magnitude % 3600) {
        *at++ = ':';
        at = print_2(at, magnitude / 60 % 60);
    }
    if (magnitude % 60) {
        *at++ = ':';
        at = print_2(at, magnitude % 60);
    }
    return at;
}

size_t weir_timestamp_print_tz(char *out, int64_t us, int32_t offset_s)
{
    int64_t seconds = weir_floor_div_i64(us, 1000000) + offset_s;
    struct weir_civil civil = weir_civil_from_days((int32_t)weir_floor_div_i64(seconds, 86400));
    char *at = print_date(out, civil, false);

    *at++ = ' ';
    at = print_clock(at, (int32_t)weir_floor_mod_i64(seconds, 86400));
    at = print_fraction(at, (int32_t)weir_floor_mod_i64(us, 1000000), 6);
    at = print_offset(at, offset_s);
    return (size_t)(print_era(at, civil.year) - out);
}

/* ---- numbers ---- */

/* Microseconds from 1970 to 2000, where Postgres counts from. */
#define POSTGRES_EPOCH_US INT64_C(946684800000000)

int64_t weir_timestamp_round(int64_t us, unsigned digits)
{
    static const int64_t units[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    int64_t unit = units[digits > 6 ? 6 : digits];
    int64_t since, rounded;

    /* Half away from Postgres' zero, the year 2000. */
    if (unit == 1 || __builtin_sub_overflow(us, POSTGRES_EPOCH_US, &since))
        return us;
    int64_t rest = since % unit;
    int64_t magnitude = rest < 0 ? -rest : rest;
    rounded = since - rest;
    if (magnitude * 2 >= unit)
        rounded += rest < 0 ? -unit : unit;
    int64_t result;
    return __builtin_add_overflow(rounded, POSTGRES_EPOCH_US, &result) ? us : result;
}

bool weir_timestamp_from_epoch(int64_t value, enum weir_epoch_unit unit, int64_t *us)
{
    switch (unit) {
    case WEIR_EPOCH_S:
        return weir_mul_i64(value, 1000000, us);
    case WEIR_EPOCH_MS:
        return weir_mul_i64(value, 1000, us);
    case WEIR_EPOCH_US:
        *us = value;
        return true;
    default:
        *us = weir_floor_div_i64(value, 1000);
        return true;
    }
}

bool weir_timestamp_ns_from_epoch(int64_t value, enum weir_epoch_unit unit, int64_t *ns)
{
    static const int64_t factors[] = {1000000000, 1000000, 1000, 1};
    return weir_mul_i64(value, factors[unit], ns);
}

bool weir_timestamp_to_epoch(int64_t us, enum weir_epoch_unit unit, int64_t *value)
{
    switch (unit) {
    case WEIR_EPOCH_S:
        *value = weir_floor_div_i64(us, 1000000);
        return true;
    case WEIR_EPOCH_MS:
        *value = weir_floor_div_i64(us, 1000);
        return true;
    case WEIR_EPOCH_US:
        *value = us;
        return true;
    default:
        return weir_mul_i64(us, 1000, value);
    }
}

bool weir_timestamp_from_seconds(double seconds, int64_t *us)
{
    const double limit = 9.2e18;
    double scaled = weir_rint((seconds - 946684800.0) * 1e6);
    if (!(scaled > -limit && scaled < limit))
        return false;
    return weir_add_i64((int64_t)scaled, POSTGRES_EPOCH_US, us) && *us >= WEIR_TIMESTAMP_US_MIN;
}
