/* Calendar arithmetic. Contracts: value/civil.h.
 *
 * Years are counted from 1 March in cycles of 400 years (146,097 days): within a cycle, year and
 * day of year follow from divisions alone, and month from (5 * day + 2) / 153. */
#include "value/civil.h"

enum {
    DAYS_PER_CYCLE = 146097,
    DAYS_TO_1970 = 719468 /* from 0000-03-01 to 1970-01-01 */
};

int32_t weir_civil_month_days(int64_t year, int32_t month)
{
    if (month == 2)
        return 28 + weir_civil_is_leap(year);
    return 30 + ((month + (month > 7)) & 1);
}

bool weir_civil_is_valid(int64_t year, int32_t month, int32_t day)
{
    return year >= WEIR_CIVIL_YEAR_MIN && year <= WEIR_DATE_YEAR_MAX && month >= 1 && month <= 12 &&
           day >= 1 && day <= weir_civil_month_days(year, month);
}

int32_t weir_civil_to_days(int32_t year, int32_t month, int32_t day)
{
    int32_t from_march = year - (month <= 2);
    int32_t cycle = (from_march >= 0 ? from_march : from_march - 399) / 400;
    int32_t year_of_cycle = from_march - cycle * 400;
    int32_t month_from_march = month > 2 ? month - 3 : month + 9;
    int32_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int32_t day_of_cycle =
        year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    return cycle * DAYS_PER_CYCLE + day_of_cycle - DAYS_TO_1970;
}

struct weir_civil weir_civil_from_days(int32_t days)
{
    int64_t shifted = (int64_t)days + DAYS_TO_1970;
    int64_t cycle = weir_floor_div_i64(shifted, DAYS_PER_CYCLE);
    uint32_t day_of_cycle = (uint32_t)(shifted - cycle * DAYS_PER_CYCLE);
    uint32_t year_of_cycle =
        (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
    uint32_t day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    uint32_t month_from_march = (5 * day_of_year + 2) / 153;
    struct weir_civil civil;

    civil.day = (int32_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    civil.month = (int32_t)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    civil.year = (int32_t)(cycle * 400 + year_of_cycle) + (civil.month <= 2);
    return civil;
}

int32_t weir_civil_weekday(int32_t days)
{
    return (int32_t)weir_floor_mod_i64((int64_t)days + 4, 7); /* 1970-01-01 was a Thursday */
}

int32_t weir_civil_iso_weekday(int32_t days)
{
    return (int32_t)weir_floor_mod_i64((int64_t)days + 3, 7) + 1;
}

int32_t weir_civil_from_iso_week(int32_t year, int32_t week)
{
    /* Week 1 is the one with 4 January in it. */
    int32_t fourth = weir_civil_to_days(year, 1, 4);
    return fourth - (weir_civil_iso_weekday(fourth) - 1) + (week - 1) * 7;
}

struct weir_iso_week weir_civil_iso_week(int32_t days)
{
    /* A week belongs to the year of its Thursday. */
    int32_t thursday = days - weir_civil_iso_weekday(days) + 4;
    int32_t year = weir_civil_from_days(thursday).year;
    int32_t week = (thursday - weir_civil_to_days(year, 1, 1)) / 7 + 1;
    return (struct weir_iso_week){year, week};
}

int32_t weir_civil_day_of_year(int32_t days)
{
    return days - weir_civil_to_days(weir_civil_from_days(days).year, 1, 1) + 1;
}

int32_t weir_civil_century(int32_t year)
{
    return year > 0 ? (year + 99) / 100 : -((100 - year) / 100);
}

int32_t weir_civil_millennium(int32_t year)
{
    return year > 0 ? (year + 999) / 1000 : -((1000 - year) / 1000);
}

int32_t weir_civil_decade(int32_t year)
{
    return year >= 0 ? year / 10 : -((9 - year) / 10);
}

bool weir_civil_add_months(int32_t days, int64_t months, int32_t *out)
{
    struct weir_civil civil = weir_civil_from_days(days);
    int64_t total, year;

    if (__builtin_add_overflow((int64_t)civil.year * 12 + civil.month - 1, months, &total))
        return false;
    year = weir_floor_div_i64(total, 12);
    if (year < WEIR_CIVIL_YEAR_MIN || year > WEIR_CIVIL_YEAR_MAX)
        return false;
    int32_t month = (int32_t)weir_floor_mod_i64(total, 12) + 1;
    int32_t last = weir_civil_month_days(year, month);
    *out = weir_civil_to_days((int32_t)year, month, civil.day < last ? civil.day : last);
    return true;
}

struct weir_clock weir_clock_from_us(int64_t time_us)
{
    struct weir_clock clock;
    clock.us = (int32_t)(time_us % 1000000);
    int32_t seconds = (int32_t)(time_us / 1000000);
    clock.hour = seconds / 3600;
    clock.minute = seconds / 60 % 60;
    clock.second = seconds % 60;
    return clock;
}
