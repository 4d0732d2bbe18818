/* Interval arithmetic and output. Contracts: value/interval.h. */
#include "value/interval.h"
#include "value/civil.h"
#include "value/number.h"
#include "value/rounding_internal.h"

#define US_PER_DAY INT64_C(86400000000)
enum { DAYS_PER_MONTH = 30 };

/* ---- output ---- */

static char *print_number(char *at, int64_t value)
{
    return at + weir_number_print_i64(at, value);
}

/* " +3 days": the plus sign only after a negative part. */
static char *print_part(char *at, const char *start, int64_t value, const char *unit,
                        bool *after_negative)
{
    size_t size = strlen(unit);
    if (value == 0)
        return at;
    if (at > start)
        *at++ = ' ';
    if (*after_negative && value > 0)
        *at++ = '+';
    at = print_number(at, value);
    *at++ = ' ';
    memcpy(at, unit, size);
    at += size;
    if (value != 1)
        *at++ = 's';
    *after_negative = value < 0;
    return at;
}

/* seconds[.fraction], from us below a minute; padded to two digits when wanted. */
static char *print_seconds(char *at, uint64_t us, bool padded)
{
    uint64_t seconds = us / 1000000, fraction = us % 1000000;
    if (padded || seconds >= 10) {
        weir_number_print_2(at, (uint32_t)seconds);
        at += 2;
    } else {
        *at++ = (char)('0' + seconds);
    }
    if (fraction == 0)
        return at;
    *at++ = '.';
    for (int i = 5; i >= 0; i--, fraction /= 10)
        at[i] = (char)('0' + fraction % 10);
    at += 6;
    while (at[-1] == '0')
        at--;
    return at;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

size_t weir_interval_print(char *out, struct weir_interval value)
{
    char *at = out;
    bool after_negative = false;
    uint64_t us = magnitude(value.us);

    at = print_part(at, out, value.months / 12, "year", &after_negative);
    at = print_part(at, out, value.months % 12, "mon", &after_negative);
    at = print_part(at, out, value.days, "day", &after_negative);
    if (us == 0 && at > out)
        return (size_t)(at - out);
    if (at > out)
        *at++ = ' ';
    if (value.us < 0)
        *at++ = '-';
    else if (after_negative)
        *at++ = '+';
    uint64_t hours = us / 3600000000U;
    if (hours < 10)
        *at++ = '0';
    at = print_number(at, (int64_t)hours);
    *at++ = ':';
    weir_number_print_2(at, (uint32_t)(us / 60000000 % 60));
    at[2] = ':';
    at = print_seconds(at + 3, us % 60000000, true);
    return (size_t)(at - out);
}

static char *print_iso_part(char *at, int64_t value, char unit)
{
    if (value == 0)
        return at;
    at = print_number(at, value);
    *at++ = unit;
    return at;
}

size_t weir_interval_print_iso(char *out, struct weir_interval value)
{
    char *at = out;
    if (value.months == 0 && value.days == 0 && value.us == 0) {
        memcpy(out, "PT0S", 4);
        return 4;
    }
    *at++ = 'P';
    at = print_iso_part(at, value.months / 12, 'Y');
    at = print_iso_part(at, value.months % 12, 'M');
    at = print_iso_part(at, value.days, 'D');
    if (value.us == 0)
        return (size_t)(at - out);
    *at++ = 'T';
    at = print_iso_part(at, value.us / 3600000000, 'H');
    at = print_iso_part(at, value.us / 60000000 % 60, 'M');
    int64_t rest = value.us % 60000000;
    if (rest) {
        if (rest < 0)
            *at++ = '-';
        at = print_seconds(at, magnitude(rest), false);
        *at++ = 'S';
    }
    return (size_t)(at - out);
}

/* ---- arithmetic ---- */

bool weir_interval_add(struct weir_interval a, struct weir_interval b, struct weir_interval *out)
{
    return weir_add_i32(a.months, b.months, &out->months) &&
           weir_add_i32(a.days, b.days, &out->days) && weir_add_i64(a.us, b.us, &out->us);
}

bool weir_interval_sub(struct weir_interval a, struct weir_interval b, struct weir_interval *out)
{
    return weir_sub_i32(a.months, b.months, &out->months) &&
           weir_sub_i32(a.days, b.days, &out->days) && weir_sub_i64(a.us, b.us, &out->us);
}

bool weir_interval_negate(struct weir_interval value, struct weir_interval *out)
{
    return weir_interval_sub((struct weir_interval){0, 0, 0}, value, out);
}

/* To the microsecond, with seconds as the unit. */
static double round_to_us(double seconds)
{
    return weir_rint(seconds * 1e6) / 1e6;
}

static bool to_i32(double value, int32_t *out)
{
    if (!(value >= -2147483648.0 && value <= 2147483647.0))
        return false;
    *out = (int32_t)value;
    return true;
}

static bool to_i64(double value, int64_t *out)
{
    if (!(value >= -0x1p63 && value < 0x1p63))
        return false;
    *out = (int64_t)value;
    return true;
}

/* What mul and div share: parts scaled as doubles, their fractions spilled downwards. */
static enum weir_arith scale_parts(double months, double days, double us, struct weir_interval *out)
{
    int32_t whole_days, carried;

    if (!to_i32(months, &out->months) || !to_i32(days, &whole_days))
        return WEIR_ARITH_OVERFLOW;
    double month_days = round_to_us((months - out->months) * DAYS_PER_MONTH);
    int32_t spilled = (int32_t)month_days; /* below 31 */
    double seconds = round_to_us((days - whole_days + month_days - spilled) * 86400.0);
    carried = (int32_t)(seconds / 86400.0);
    seconds -= carried * 86400.0;
    if (!weir_add_i32(whole_days, carried, &whole_days) ||
        !weir_add_i32(whole_days, spilled, &out->days) ||
        !to_i64(weir_rint(us + seconds * 1e6), &out->us))
        return WEIR_ARITH_OVERFLOW;
    return WEIR_ARITH_OK;
}

enum weir_arith weir_interval_mul(struct weir_interval value, double factor,
                                  struct weir_interval *out)
{
    return scale_parts(value.months * factor, value.days * factor, (double)value.us * factor, out);
}

enum weir_arith weir_interval_div(struct weir_interval value, double divisor,
                                  struct weir_interval *out)
{
    if (divisor == 0)
        return WEIR_ARITH_DIVISION_BY_ZERO;
    return scale_parts(value.months / divisor, value.days / divisor, (double)value.us / divisor,
                       out);
}

/* Moves whole days out of us. */
static bool carry_hours(struct weir_interval *value)
{
    int64_t whole = value->us / US_PER_DAY;
    value->us -= whole * US_PER_DAY;
    return weir_add_i32(value->days, (int32_t)whole, &value->days);
}

/* Moves whole months out of days. */
static bool carry_days(struct weir_interval *value)
{
    int32_t whole = value->days / DAYS_PER_MONTH;
    value->days -= whole * DAYS_PER_MONTH;
    return weir_add_i32(value->months, whole, &value->months);
}

/* Gives days and us the same sign. */
static void align_us(struct weir_interval *value)
{
    if (value->days > 0 && value->us < 0) {
        value->us += US_PER_DAY;
        value->days--;
    } else if (value->days < 0 && value->us > 0) {
        value->us -= US_PER_DAY;
        value->days++;
    }
}

bool weir_interval_justify_hours(struct weir_interval value, struct weir_interval *out)
{
    if (!carry_hours(&value))
        return false;
    align_us(&value);
    *out = value;
    return true;
}

bool weir_interval_justify_days(struct weir_interval value, struct weir_interval *out)
{
    if (!carry_days(&value))
        return false;
    if (value.months > 0 && value.days < 0) {
        value.days += DAYS_PER_MONTH;
        value.months--;
    } else if (value.months < 0 && value.days > 0) {
        value.days -= DAYS_PER_MONTH;
        value.months++;
    }
    *out = value;
    return true;
}

bool weir_interval_justify(struct weir_interval value, struct weir_interval *out)
{
    if ((value.days > 0 && value.us > 0) || (value.days < 0 && value.us < 0))
        if (!carry_days(&value))
            return false;
    if (!carry_hours(&value) || !carry_days(&value))
        return false;
    if (value.months > 0 && (value.days < 0 || (value.days == 0 && value.us < 0))) {
        value.days += DAYS_PER_MONTH;
        value.months--;
    } else if (value.months < 0 && (value.days > 0 || (value.days == 0 && value.us > 0))) {
        value.days -= DAYS_PER_MONTH;
        value.months++;
    }
    align_us(&value);
    *out = value;
    return true;
}

weir_i128 weir_interval_span(struct weir_interval value)
{
    int64_t days = (int64_t)value.months * DAYS_PER_MONTH + value.days;
    return (weir_i128)days * US_PER_DAY + value.us;
}

int weir_interval_compare(struct weir_interval a, struct weir_interval b)
{
    weir_i128 x = weir_interval_span(a), y = weir_interval_span(b);
    return (x > y) - (x < y);
}

bool weir_interval_to_us(struct weir_interval value, int64_t *us)
{
    int64_t days;
    return value.months == 0 && weir_mul_i64(value.days, US_PER_DAY, &days) &&
           weir_add_i64(days, value.us, us);
}

bool weir_interval_add_to_timestamp(int64_t us, struct weir_interval value, int64_t *out)
{
    if (value.months) {
        int32_t days;
        int64_t time = weir_civil_time_of_us(us), base;
        if (!weir_civil_add_months(weir_civil_days_of_us(us), value.months, &days) ||
            days < WEIR_DATE_DAYS_MIN || !weir_mul_i64(days, US_PER_DAY, &base) ||
            !weir_add_i64(base, time, &us))
            return false;
    }
    int64_t days_us;
    return weir_mul_i64(value.days, US_PER_DAY, &days_us) && weir_add_i64(us, days_us, &us) &&
           weir_add_i64(us, value.us, out);
}

bool weir_interval_between(int64_t a_us, int64_t b_us, struct weir_interval *out)
{
    struct weir_interval value = {0, 0, 0};
    return weir_sub_i64(a_us, b_us, &value.us) && weir_interval_justify_hours(value, out);
}

bool weir_interval_age(int64_t a_us, int64_t b_us, struct weir_interval *out)
{
    bool flip = a_us < b_us;
    int64_t late = flip ? b_us : a_us, early = flip ? a_us : b_us;
    struct weir_civil a = weir_civil_from_days(weir_civil_days_of_us(late));
    struct weir_civil b = weir_civil_from_days(weir_civil_days_of_us(early));
    int64_t us = weir_civil_time_of_us(late) - weir_civil_time_of_us(early);
    int32_t days = a.day - b.day;
    int32_t months = (a.year - b.year) * 12 + a.month - b.month;

    if (us < 0) {
        us += US_PER_DAY;
        days--;
    }
    if (days < 0) { /* the earlier date's month lends its days */
        days += weir_civil_month_days(b.year, b.month);
        months--;
    }
    *out = flip ? (struct weir_interval){-months, -days, -us}
                : (struct weir_interval){months, days, us};
    return true;
}
