/* to_timestamp and to_date: text read by a pattern. Contracts: value/format_pattern.h.
 *
 * As in Postgres, a field of digits takes exactly its width when another field of digits follows
 * and as many digits as there are otherwise; white space between fields is free, and one separator
 * of the pattern stands for one of the text or for none, unless FX asks for a fixed shape. */
#include "base/checked.h"
#include "value/format_pattern_internal.h"
#include "value/number_internal.h"

/* What the fields said; 0 is "not said". */
struct said {
    int32_t hour, minute, second, seconds_of_day, ms, us;
    int32_t year, year_width, century, month, day, day_of_year, weekday, week, week_of_month,
        julian;
    int32_t zone_sign, zone_hour, zone_minute;
    int32_t is_bc, is_pm;
    bool twelve_hours;
    enum weir_date_convention convention;
};

struct reader {
    const struct weir_pattern_node *node;
    const char *at;
    const char *end;
    const char *begin;
    int32_t skipped; /* white space passed beyond what the pattern has */
    bool fixed;      /* FX */
    struct said said;
    struct weir_error *error;
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *field_name(const struct reader *reader)
{
    return weir_time_keywords[reader->node->field].name;
}

static enum weir_status bad_value(struct reader *reader, const char *detail)
{
    size_t size = (size_t)(reader->end - reader->at);
    weir_error_set(reader->error, WEIR_E_BAD_ARGUMENT, "invalid value \"%.*s\" for \"%s\"",
                   (int)(size > 40 ? 40 : size), reader->at, field_name(reader));
    weir_error_detail(reader->error, "%s", detail);
    return WEIR_E_BAD_ARGUMENT;
}

static enum weir_status out_of_range(struct reader *reader)
{
    return weir_error_set(
        reader->error, WEIR_E_BAD_ARGUMENT, "date/time field value out of range: \"%.*s\"",
        (int)(reader->end - reader->begin > 80 ? 80 : reader->end - reader->begin), reader->begin);
}

/* A field said twice must say the same. */
static enum weir_status set(struct reader *reader, int32_t *place, int32_t value)
{
    if (*place != 0 && *place != value)
        return weir_error_set(reader->error, WEIR_E_BAD_ARGUMENT,
                              "conflicting values for \"%s\" field in formatting string",
                              field_name(reader));
    *place = value;
    return WEIR_OK;
}

/* The field's digits may run on, because what follows in the pattern is no digit. */
static bool may_run_on(const struct weir_pattern_node *node)
{
    const struct weir_pattern_node *next = node + 1;
    if (node->ordinal || next->kind == WEIR_NODE_END)
        return true;
    if (next->kind == WEIR_NODE_FIELD)
        return !weir_time_keywords[next->field].is_digits;
    return !(next->character_size == 1 && weir_is_digit(next->character[0]));
}

/* [white space][+-]digits, up to limit; false when there is no digit. */
static bool take_integer(struct reader *reader, const char *limit, int64_t *out)
{
    const char *at = reader->at;
    bool negative = false;
    int64_t value = 0;

    while (at < limit && is_space(*at))
        at++;
    if (at < limit && (*at == '-' || *at == '+'))
        negative = *at++ == '-';
    if (at == limit || !weir_is_digit(*at))
        return false;
    for (; at < limit && weir_is_digit(*at); at++)
        if (value < INT64_C(100000000000))
            value = value * 10 + (*at - '0');
    reader->at = at;
    *out = negative ? -value : value;
    return true;
}

/* An integer of width characters (or more, see may_run_on) into *place (nullable); *used counts the
 * characters. */
static enum weir_status read_integer(struct reader *reader, int32_t *place, int32_t width,
                                     int32_t *used)
{
    const char *start = reader->at;
    int64_t value;

    while (reader->at < reader->end && is_space(*reader->at))
        reader->at++;
    if (reader->node->fill_mode || may_run_on(reader->node)) {
        if (!take_integer(reader, reader->end, &value))
            return bad_value(reader, "value must be an integer");
    } else {
        if (reader->end - reader->at < width) {
            weir_error_set(reader->error, WEIR_E_BAD_ARGUMENT,
                           "source string too short for \"%s\" formatting field",
                           field_name(reader));
            weir_error_hint(reader->error,
                            "if the text is not of fixed width, try the FM modifier");
            return WEIR_E_BAD_ARGUMENT;
        }
        const char *field = reader->at;
        if (!take_integer(reader, field + width, &value))
            return bad_value(reader, "value must be an integer");
        if (reader->at < field + width) {
            reader->at = field;
            return bad_value(reader, "the field needs more digits than there are");
        }
    }
    if (value < INT32_MIN || value > INT32_MAX)
        return weir_error_set(reader->error, WEIR_E_BAD_ARGUMENT,
                              "value for \"%s\" in source string is out of range",
                              field_name(reader));
    if (used)
        *used = (int32_t)(reader->at - start);
    return place ? set(reader, place, (int32_t)value) : WEIR_OK;
}

static bool equals_ignoring_case(const char *text, const char *word, size_t size)
{
    return weir_slice_equals_ignoring_case(weir_slice_make(text, size),
                                           weir_slice_make(word, size));
}

/* The index of the first of count words that the text continues with; of each word only the first
 * `most` letters count. */
static enum weir_status read_word(struct reader *reader, const char *const *words, int32_t count,
                                  size_t most, int32_t *index)
{
    for (int32_t i = 0; i < count; i++) {
        size_t size = strlen(words[i]);
        if (size > most)
            size = most;
        if ((size_t)(reader->end - reader->at) >= size &&
            equals_ignoring_case(reader->at, words[i], size)) {
            reader->at += size;
            *index = i;
            return WEIR_OK;
        }
    }
    return bad_value(reader, "the value is none of those allowed for this field");
}

static enum weir_status set_convention(struct reader *reader)
{
    enum weir_date_convention wanted = weir_time_keywords[reader->node->field].convention;
    if (wanted == WEIR_CONVENTION_NONE || reader->said.convention == wanted)
        return WEIR_OK;
    if (reader->said.convention == WEIR_CONVENTION_NONE) {
        reader->said.convention = wanted;
        return WEIR_OK;
    }
    weir_error_set(reader->error, WEIR_E_BAD_ARGUMENT, "invalid combination of date conventions");
    weir_error_hint(reader->error,
                    "do not mix Gregorian and ISO week date conventions in a template");
    return WEIR_E_BAD_ARGUMENT;
}

/* Years of fewer than four digits mean the one nearest to 2020. */
static int32_t complete_year(int32_t year)
{
    if (year < 70)
        return year + 2000;
    if (year < 100)
        return year + 1900;
    if (year < 520)
        return year + 2000;
    return year < 1000 ? year + 1000 : year;
}

static enum weir_status read_year(struct reader *reader, int32_t width)
{
    int32_t used = 0, year = 0;
    WEIR_TRY(read_integer(reader, &year, width, &used));
    if (width < 4 && used < 4)
        year = complete_year(year);
    reader->said.year_width = width;
    return set(reader, &reader->said.year, year);
}

/* Thousands, a comma, three digits. */
static enum weir_status read_year_comma(struct reader *reader)
{
    int64_t thousands, rest;
    const char *limit;
    if (!take_integer(reader, reader->end, &thousands) || reader->at == reader->end ||
        *reader->at != ',')
        return bad_value(reader, "value must have a comma after the thousands");
    reader->at++;
    limit = reader->end - reader->at > 3 ? reader->at + 3 : reader->end;
    if (!take_integer(reader, limit, &rest) || thousands > 1000 || thousands < -1000)
        return bad_value(reader, "value must have three digits after the comma");
    reader->said.year_width = 4;
    return set(reader, &reader->said.year, (int32_t)(thousands * 1000 + rest));
}

/* Digits behind a point: 25 is 0.25. */
static enum weir_status read_fraction(struct reader *reader, int32_t *place, int32_t width,
                                      int32_t digits)
{
    static const int32_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    int32_t used;
    WEIR_TRY(read_integer(reader, place, width, &used));
    if (used < digits &&
        __builtin_mul_overflow(*place, powers[digits - (used > 0 ? used : 1)], place))
        return out_of_range(reader);
    return WEIR_OK;
}

static enum weir_status read_zone_hour(struct reader *reader)
{
    char c = reader->at < reader->end ? *reader->at : '\0';
    if (c == '+' || c == '-' || c == ' ') {
        reader->said.zone_sign = c == '-' ? -1 : 1;
        reader->at++;
    } else {
        /* The minus may have passed for a separator. */
        bool minus = reader->skipped > 0 && reader->at > reader->begin && reader->at[-1] == '-';
        reader->said.zone_sign = minus ? -1 : 1;
    }
    return read_integer(reader, &reader->said.zone_hour, 2, NULL);
}

static enum weir_status read_name(struct reader *reader, enum weir_time_field field)
{
    static const char *const meridian[] = {"am", "pm"};
    static const char *const meridian_dots[] = {"a.m.", "p.m."};
    static const char *const eras[] = {"ad", "bc"};
    static const char *const eras_dots[] = {"a.d.", "b.c."};
    /* Longest first: VIII before VII before V. */
    static const char *const roman[] = {"xii", "xi", "x",  "ix",  "viii", "vii",
                                        "vi",  "v",  "iv", "iii", "ii",   "i"};
    struct said *said = &reader->said;
    int32_t index = 0;

    switch (field) {
    case WEIR_FIELD_A_M:
    case WEIR_FIELD_AM:
        said->twelve_hours = true;
        WEIR_TRY(
            read_word(reader, field == WEIR_FIELD_AM ? meridian : meridian_dots, 2, 9, &index));
        return set(reader, &said->is_pm, index);
    case WEIR_FIELD_A_D:
    case WEIR_FIELD_AD:
        WEIR_TRY(read_word(reader, field == WEIR_FIELD_AD ? eras : eras_dots, 2, 9, &index));
        return set(reader, &said->is_bc, index);
    case WEIR_FIELD_MONTH:
    case WEIR_FIELD_MON:
        WEIR_TRY(read_word(reader, weir_month_names, 12, field == WEIR_FIELD_MON ? 3 : 9, &index));
        return set(reader, &said->month, index + 1);
    case WEIR_FIELD_DAY:
    case WEIR_FIELD_DY:
        WEIR_TRY(read_word(reader, weir_day_names, 7, field == WEIR_FIELD_DY ? 3 : 9, &index));
        return set(reader, &said->weekday, index + 1);
    default:
        WEIR_TRY(read_word(reader, roman, 12, 9, &index));
        return set(reader, &said->month, 12 - index);
    }
}

static enum weir_status read_weekday_iso(struct reader *reader)
{
    int32_t day = 0;
    WEIR_TRY(read_integer(reader, &day, 1, NULL));
    return set(reader, &reader->said.weekday, day >= 7 ? 1 : day + 1);
}

static enum weir_status read_clock_field(struct reader *reader, enum weir_time_field field)
{
    struct said *said = &reader->said;
    switch (field) {
    case WEIR_FIELD_HH12:
        said->twelve_hours = true;
        return read_integer(reader, &said->hour, 2, NULL);
    case WEIR_FIELD_HH24:
        return read_integer(reader, &said->hour, 2, NULL);
    case WEIR_FIELD_MI:
        return read_integer(reader, &said->minute, 2, NULL);
    case WEIR_FIELD_SS:
        return read_integer(reader, &said->second, 2, NULL);
    case WEIR_FIELD_SSSS:
        return read_integer(reader, &said->seconds_of_day, (int32_t)strlen(field_name(reader)),
                            NULL);
    case WEIR_FIELD_MS:
        return read_fraction(reader, &said->ms, 3, 3);
    case WEIR_FIELD_US:
        return read_fraction(reader, &said->us, 6, 6);
    case WEIR_FIELD_TZH:
        return read_zone_hour(reader);
    case WEIR_FIELD_TZM:
        if (!said->zone_sign)
            said->zone_sign = 1;
        return read_integer(reader, &said->zone_minute, 2, NULL);
    case WEIR_FIELD_TZ:
    case WEIR_FIELD_OF:
        return weir_error_set(reader->error, WEIR_E_BAD_ARGUMENT,
                              "formatting field \"%s\" is only supported in to_char",
                              field_name(reader));
    default:
        return read_fraction(reader, &said->us, (int32_t)(field - WEIR_FIELD_FF1) + 1, 6);
    }
}

static enum weir_status read_field(struct reader *reader)
{
    enum weir_time_field field = weir_time_keywords[reader->node->field].field;
    struct said *said = &reader->said;

    switch (field) {
    case WEIR_FIELD_FX:
        reader->fixed = true;
        return WEIR_OK;
    case WEIR_FIELD_A_M:
    case WEIR_FIELD_AM:
    case WEIR_FIELD_A_D:
    case WEIR_FIELD_AD:
    case WEIR_FIELD_MONTH:
    case WEIR_FIELD_MON:
    case WEIR_FIELD_DAY:
    case WEIR_FIELD_DY:
    case WEIR_FIELD_RM:
        return read_name(reader, field);
    case WEIR_FIELD_MM:
        return read_integer(reader, &said->month, 2, NULL);
    case WEIR_FIELD_DDD:
    case WEIR_FIELD_IDDD:
        return read_integer(reader, &said->day_of_year, 3, NULL);
    case WEIR_FIELD_DD:
        return read_integer(reader, &said->day, 2, NULL);
    case WEIR_FIELD_D:
        return read_integer(reader, &said->weekday, 1, NULL);
    case WEIR_FIELD_ID:
        return read_weekday_iso(reader);
    case WEIR_FIELD_WW:
    case WEIR_FIELD_IW:
        return read_integer(reader, &said->week, 2, NULL);
    case WEIR_FIELD_Q: /* which day of the quarter? none: it is read and ignored */
        return read_integer(reader, NULL, 1, NULL);
    case WEIR_FIELD_CC:
        return read_integer(reader, &said->century, 2, NULL);
    case WEIR_FIELD_Y_YYY:
        return read_year_comma(reader);
    case WEIR_FIELD_YYYY:
    case WEIR_FIELD_IYYY:
        return read_year(reader, 4);
    case WEIR_FIELD_YYY:
    case WEIR_FIELD_IYY:
        return read_year(reader, 3);
    case WEIR_FIELD_YY:
    case WEIR_FIELD_IY:
        return read_year(reader, 2);
    case WEIR_FIELD_Y:
    case WEIR_FIELD_I:
        return read_year(reader, 1);
    case WEIR_FIELD_W:
        return read_integer(reader, &said->week_of_month, 1, NULL);
    case WEIR_FIELD_J:
        return read_integer(reader, &said->julian, 1, NULL);
    default:
        return read_clock_field(reader, field);
    }
}

static void skip_character(struct reader *reader)
{
    reader->at += weir_pattern_character_size(
        weir_slice_make(reader->at, (size_t)(reader->end - reader->at)));
}

static void skip_spaces(struct reader *reader)
{
    for (; reader->at < reader->end && is_space(*reader->at); reader->at++)
        reader->skipped++;
}

/* A node that is no field consumes a character, or not (see the head of the file). */
static void pass_literal(struct reader *reader)
{
    bool gap = reader->node->kind != WEIR_NODE_CHARACTER;
    if (reader->fixed) {
        skip_character(reader);
    } else if (gap) {
        reader->skipped--;
        if (is_space(*reader->at) || weir_pattern_is_separator(*reader->at)) {
            reader->at++;
            reader->skipped++;
        }
    } else if (reader->skipped > 0) {
        reader->skipped--;
    } else {
        skip_character(reader);
    }
}

/* The two letters behind a number. */
static void skip_ordinal(struct reader *reader)
{
    enum weir_time_field field = weir_time_keywords[reader->node->field].field;
    bool number = weir_time_keywords[reader->node->field].is_digits ||
                  (field >= WEIR_FIELD_FF1 && field <= WEIR_FIELD_FF6);
    if (!number || field == WEIR_FIELD_TZM)
        return;
    for (int i = 0; i < 2 && reader->node->ordinal && reader->at < reader->end; i++)
        skip_character(reader);
}

static enum weir_status read_all(struct reader *reader, const struct weir_pattern_node *nodes)
{
    for (reader->node = nodes; reader->node->kind != WEIR_NODE_END && reader->at < reader->end;
         reader->node++) {
        bool field = reader->node->kind == WEIR_NODE_FIELD;
        bool fx = field && weir_time_keywords[reader->node->field].field == WEIR_FIELD_FX;
        if (!reader->fixed && !fx && (field || reader->node == nodes)) {
            skip_spaces(reader);
            if (reader->at == reader->end && !field)
                break;
        }
        if (!field) {
            pass_literal(reader);
            continue;
        }
        WEIR_TRY(set_convention(reader));
        WEIR_TRY(read_field(reader));
        skip_ordinal(reader);
        if (!reader->fixed) {
            reader->skipped = 0;
            skip_spaces(reader);
        }
    }
    return WEIR_OK;
}

/* ---- from what was said to an instant ---- */

struct date {
    int64_t year;
    int32_t month, day;
    bool has_year, has_month, has_day;
};

static void place_year(struct said *said, struct date *date)
{
    date->has_year = true;
    if (said->is_bc && said->century && (!said->year || said->year_width <= 2))
        said->century = -said->century;
    if (said->year && !(said->century && said->year_width <= 2)) {
        date->year = said->is_bc ? -(int64_t)said->year : said->year;
        date->year += date->year < 0; /* there is no year 0 in text */
    } else if (said->year) {          /* the last two digits within a century */
        int64_t century = said->century, low = said->year % 100;
        if (low)
            date->year = century >= 0 ? low + (century - 1) * 100 : (century + 1) * 100 - low + 1;
        else
            date->year = century * 100 + (century < 0);
    } else if (said->century) {
        date->year = said->century >= 0 ? ((int64_t)said->century - 1) * 100 + 1
                                        : (int64_t)said->century * 100 + 1;
    } else {
        date->has_year = false;
    }
}

static void set_days(struct date *date, int32_t days)
{
    struct weir_civil civil = weir_civil_from_days(days);
    *date = (struct date){civil.year, civil.month, civil.day, true, true, true};
}

static bool year_in_range(int64_t year)
{
    return year >= WEIR_DATE_YEAR_MIN && year <= WEIR_DATE_YEAR_MAX;
}

/* The day of the year, Gregorian or ISO, where month and day were not given. */
static enum weir_status place_day_of_year(struct reader *reader, struct date *date)
{
    struct said *said = &reader->said;
    if (!date->year && !said->is_bc)
        return weir_error_set(reader->error, WEIR_E_BAD_ARGUMENT,
                              "cannot calculate day of year without year information");
    if (said->convention == WEIR_CONVENTION_ISO) {
        set_days(date, weir_civil_from_iso_week((int32_t)date->year, 1) + said->day_of_year - 1);
        return WEIR_OK;
    }
    int32_t month = 1, rest = said->day_of_year;
    while (month <= 12 && rest > weir_civil_month_days(date->year, month))
        rest -= weir_civil_month_days(date->year, month++);
    if (date->month <= 1)
        date->month = month;
    if (date->day <= 1)
        date->day = rest;
    date->has_month = date->has_day = true;
    return WEIR_OK;
}

static enum weir_status place_date(struct reader *reader, struct date *date)
{
    struct said *said = &reader->said;

    place_year(said, date);
    if (!year_in_range(date->year) || said->day_of_year > 1000000 || said->week > 100000 ||
        said->week < -100000)
        return out_of_range(reader);
    if (said->julian) {
        int64_t days = (int64_t)said->julian - WEIR_CIVIL_JULIAN_1970;
        if (days < WEIR_DATE_DAYS_MIN || days > WEIR_DATE_DAYS_MAX)
            return out_of_range(reader);
        set_days(date, (int32_t)days);
    }
    if (said->week && said->convention == WEIR_CONVENTION_ISO) {
        int32_t monday = weir_civil_from_iso_week((int32_t)date->year, said->week);
        int32_t offset = said->weekday == 0 ? 0 : said->weekday > 1 ? said->weekday - 2 : 6;
        set_days(date, monday + offset);
    } else if (said->week) {
        said->day_of_year = (said->week - 1) * 7 + 1;
    }
    if (said->week_of_month)
        said->day = (int32_t)((uint32_t)(said->week_of_month - 1) * 7 + 1);
    if (said->day) {
        date->day = said->day;
        date->has_day = true;
    }
    if (said->month) {
        date->month = said->month;
        date->has_month = true;
    }
    if (said->day_of_year && (date->month <= 1 || date->day <= 1))
        WEIR_TRY(place_day_of_year(reader, date));
    if ((date->has_month && (date->month < 1 || date->month > 12)) ||
        (date->has_day && (date->day < 1 || date->day > 31)) ||
        (date->has_year && date->has_month && date->has_day &&
         date->day > weir_civil_month_days(date->year, date->month)))
        return out_of_range(reader);
    return WEIR_OK;
}

static enum weir_status place_time(struct reader *reader, int64_t *time_us)
{
    struct said *said = &reader->said;
    int32_t hour = said->seconds_of_day / 3600, minute = said->seconds_of_day / 60 % 60;
    int32_t second = said->seconds_of_day % 60;

    hour = said->hour ? said->hour : hour;
    minute = said->minute ? said->minute : minute;
    second = said->second ? said->second : second;
    if (said->twelve_hours) {
        if (hour < 1 || hour > 12) {
            weir_error_set(reader->error, WEIR_E_BAD_ARGUMENT,
                           "hour \"%d\" is invalid for the 12-hour clock", hour);
            weir_error_hint(reader->error,
                            "use the 24-hour clock, or give an hour between 1 and 12");
            return WEIR_E_BAD_ARGUMENT;
        }
        if (said->is_pm && hour < 12)
            hour += 12;
        else if (!said->is_pm && hour == 12)
            hour = 0;
    }
    int64_t us = (int64_t)said->ms * 1000 + said->us;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || us < 0 ||
        us > 999999)
        return out_of_range(reader);
    *time_us = ((int64_t)hour * 3600 + minute * 60 + second) * 1000000 + us;
    return WEIR_OK;
}

enum weir_status weir_time_pattern_parse(const struct weir_time_pattern *pattern,
                                         struct weir_slice text,
                                         struct weir_time_pattern_output *out,
                                         struct weir_error *error)
{
    struct reader reader = {
        .at = text.data, .begin = text.data, .end = text.data + text.size, .error = error};
    struct date date = {.month = 1, .day = 1};
    struct said *said = &reader.said;
    int64_t time_us = 0, base;

    WEIR_TRY(read_all(&reader, pattern->nodes));
    WEIR_TRY(place_date(&reader, &date));
    WEIR_TRY(place_time(&reader, &time_us));
    if (said->zone_sign && (said->zone_hour < 0 || said->zone_hour > 15 || said->zone_minute < 0 ||
                            said->zone_minute > 59))
        return out_of_range(&reader);
    out->days = weir_civil_to_days((int32_t)date.year, date.month, date.day);
    if (out->days < WEIR_DATE_DAYS_MIN || out->days > WEIR_DATE_DAYS_MAX)
        return out_of_range(&reader);
    out->has_local = weir_mul_i64(out->days, INT64_C(86400000000), &base) &&
                     weir_add_i64(base, time_us, &out->local_us);
    out->has_offset = said->zone_sign != 0;
    out->offset_s = said->zone_sign * (said->zone_hour * 3600 + said->zone_minute * 60);
    return WEIR_OK;
}
