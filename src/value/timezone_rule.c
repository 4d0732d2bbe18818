/* POSIX TZ strings: CET-1CEST,M3.5.0,M10.5.0/3 is one hour east of Greenwich, daylight time from
 * the last Sunday of March, 02:00, to that of October, 03:00 (POSIX.1 8.3; RFC 8536 3.3.1 widens
 * times to -167..167 hours). Offsets in the text count west; here they become east. */
#include "base/checked.h"
#include "value/civil.h"
#include "value/number_internal.h"
#include "value/timezone_internal.h"

static bool is_letter(char c)
{
    return (unsigned char)((c | 32) - 'a') < 26;
}

/* An unsigned number of at most `digits` digits, at most max. */
static bool take_number(struct weir_slice text, size_t *at, int32_t max, int32_t *out)
{
    int32_t value = 0;
    size_t start = *at;
    while (*at < text.size && weir_is_digit(text.data[*at]) && *at - start < 4)
        value = value * 10 + (text.data[(*at)++] - '0');
    *out = value;
    return *at > start && value <= max;
}

static bool take_char(struct weir_slice text, size_t *at, char c)
{
    if (*at >= text.size || text.data[*at] != c)
        return false;
    ++*at;
    return true;
}

bool weir_timezone_rule_offset(struct weir_slice text, size_t *at, int32_t *seconds)
{
    int32_t hours, minutes = 0, rest = 0;
    bool negative = take_char(text, at, '-');

    if (!negative)
        (void)take_char(text, at, '+');
    if (!take_number(text, at, 167, &hours))
        return false;
    if (take_char(text, at, ':')) {
        if (!take_number(text, at, 59, &minutes))
            return false;
        if (take_char(text, at, ':') && !take_number(text, at, 59, &rest))
            return false;
    }
    *seconds = hours * 3600 + minutes * 60 + rest;
    if (negative)
        *seconds = -*seconds;
    return true;
}

/* CET or <+03>; may be empty. */
static bool take_name(struct weir_slice text, size_t *at, struct weir_slice *name)
{
    size_t start = *at;
    if (take_char(text, at, '<')) {
        start = *at;
        while (*at < text.size && text.data[*at] != '>')
            ++*at;
        *name = weir_slice_make(text.data + start, *at - start);
        return take_char(text, at, '>');
    }
    while (*at < text.size && is_letter(text.data[*at]))
        ++*at;
    *name = weir_slice_make(text.data + start, *at - start);
    return true;
}

static bool take_date(struct weir_slice text, size_t *at, struct weir_rule_date *date)
{
    if (take_char(text, at, 'M')) {
        date->kind = WEIR_RULE_MONTH_DAY;
        if (!take_number(text, at, 12, &date->month) || !take_char(text, at, '.') ||
            !take_number(text, at, 5, &date->week) || !take_char(text, at, '.') ||
            !take_number(text, at, 6, &date->day) || date->month < 1 || date->week < 1)
            return false;
    } else if (take_char(text, at, 'J')) {
        date->kind = WEIR_RULE_JULIAN;
        if (!take_number(text, at, 365, &date->day) || date->day < 1)
            return false;
    } else {
        date->kind = WEIR_RULE_DAY;
        if (!take_number(text, at, 365, &date->day))
            return false;
    }
    date->time_s = 2 * 3600;
    return !take_char(text, at, '/') || weir_timezone_rule_offset(text, at, &date->time_s);
}

enum weir_rule_result weir_timezone_rule_parse(struct weir_arena *arena, struct weir_slice text,
                                               struct weir_timezone_rule *out)
{
    size_t at = 0;
    struct weir_slice standard, daylight;
    int32_t west;

    memset(out, 0, sizeof *out);
    if (!take_name(text, &at, &standard) || !weir_timezone_rule_offset(text, &at, &west))
        return WEIR_RULE_SYNTAX;
    out->standard.offset_s = -west;
    out->standard.abbreviation = weir_arena_copy(arena, standard);
    if (!out->standard.abbreviation)
        return WEIR_RULE_NO_MEMORY;
    if (at == text.size)
        return WEIR_RULE_OK;

    out->has_daylight = true;
    out->daylight.is_dst = true;
    if (!take_name(text, &at, &daylight) || daylight.size == 0)
        return WEIR_RULE_SYNTAX;
    out->daylight.offset_s = out->standard.offset_s + 3600;
    if (at < text.size && text.data[at] != ',') {
        if (!weir_timezone_rule_offset(text, &at, &west))
            return WEIR_RULE_SYNTAX;
        out->daylight.offset_s = -west;
    }
    out->daylight.abbreviation = weir_arena_copy(arena, daylight);
    if (!out->daylight.abbreviation)
        return WEIR_RULE_NO_MEMORY;
    if (at == text.size) { /* no dates: those of the United States, as everybody has it */
        out->start = (struct weir_rule_date){WEIR_RULE_MONTH_DAY, 0, 2, 3, 7200};
        out->end = (struct weir_rule_date){WEIR_RULE_MONTH_DAY, 0, 1, 11, 7200};
        return WEIR_RULE_OK;
    }
    if (!take_char(text, &at, ',') || !take_date(text, &at, &out->start) ||
        !take_char(text, &at, ',') || !take_date(text, &at, &out->end) || at != text.size)
        return WEIR_RULE_SYNTAX;
    return WEIR_RULE_OK;
}

/* Local seconds since 1970 of the date in a year. */
static int64_t date_in_year(const struct weir_rule_date *date, int32_t year)
{
    int32_t days = weir_civil_to_days(year, 1, 1);
    if (date->kind == WEIR_RULE_DAY) {
        days += date->day;
    } else if (date->kind == WEIR_RULE_JULIAN) {
        days += date->day - 1 + (weir_civil_is_leap(year) && date->day >= 60);
    } else {
        int32_t first = weir_civil_to_days(year, date->month, 1);
        int32_t day = (date->day - weir_civil_weekday(first) + 7) % 7 + (date->week - 1) * 7;
        while (day >= weir_civil_month_days(year, date->month))
            day -= 7;
        days = first + day;
    }
    return (int64_t)days * 86400 + date->time_s;
}

void weir_timezone_rule_at(const struct weir_timezone_rule *rule, int64_t utc_s,
                           struct weir_timezone_cursor *out)
{
    out->from_s = INT64_MIN;
    out->to_s = INT64_MAX;
    out->info = rule->standard;
    if (!rule->has_daylight)
        return;

    int32_t year = weir_civil_from_days((int32_t)weir_floor_div_i64(utc_s, 86400)).year;
    for (int32_t y = year - 1; y <= year + 1; y++) {
        int64_t start = date_in_year(&rule->start, y) - rule->standard.offset_s;
        int64_t end = date_in_year(&rule->end, y) - rule->daylight.offset_s;
        int64_t changes[2] = {start < end ? start : end, start < end ? end : start};
        for (int i = 0; i < 2; i++) {
            bool to_daylight = (changes[i] == start) == (start != end || i == 0);
            if (changes[i] <= utc_s) {
                out->from_s = changes[i];
                out->info = to_daylight ? rule->daylight : rule->standard;
            } else if (changes[i] < out->to_s) {
                out->to_s = changes[i];
            }
        }
    }
}
