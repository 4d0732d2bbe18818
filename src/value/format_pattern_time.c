/* to_char of timestamps and intervals. Contracts: value/format_pattern.h. */
#include "value/format_pattern_internal.h"
#include "value/number.h"

/* The parts a pattern can show. */
struct parts {
    int64_t year; /* astronomical for timestamps */
    int32_t month, day;
    int64_t hour;
    int32_t minute, second, us;
    int32_t weekday;     /* 0 Sunday */
    int64_t day_of_year; /* for intervals: the whole span in days */
    int32_t days;        /* since 1970; timestamps only */
    int32_t offset_s;
    const char *zone_name; /* NULL when there is none */
    bool is_interval;
};

static void append_text(struct weir_buffer *buffer, const char *text, enum weir_letter_case letters,
                        int32_t width)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (letters == WEIR_CASE_UPPER && c >= 'a' && c <= 'z')
            c = (char)(c - 32);
        else if (letters == WEIR_CASE_LOWER && c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        weir_buffer_append_char(buffer, c);
    }
    for (int32_t i = (int32_t)size; i < width; i++)
        weir_buffer_append_char(buffer, ' ');
}

/* Zero-padded to width characters in all (the sign is one of them); then TH if wanted. */
static void append_number(struct weir_buffer *buffer, const struct weir_pattern_node *node,
                          int64_t value, int32_t width)
{
    char digits[WEIR_NUMBER_I64_SIZE];
    bool negative = value < 0;
    size_t size = weir_number_print_u64(digits, negative ? 0 - (uint64_t)value : (uint64_t)value);

    if (negative)
        weir_buffer_append_char(buffer, '-');
    for (int32_t i = (int32_t)size + negative; i < width; i++)
        weir_buffer_append_char(buffer, '0');
    weir_buffer_append(buffer, digits, size);
    if (node->ordinal)
        weir_buffer_append_string(
            buffer, weir_pattern_ordinal(weir_slice_make(digits, size), node->ordinal_lower));
}

/* Padded to width unless FM; a negative value gets one place more for its sign. */
static void append_padded(struct weir_buffer *buffer, const struct weir_pattern_node *node,
                          int64_t value, int32_t width)
{
    append_number(buffer, node, value, node->fill_mode ? 0 : width + (value < 0));
}

static int64_t shown_year(const struct parts *parts, int64_t year)
{
    return parts->is_interval || year > 0 ? year : 1 - year;
}

static void append_name(struct weir_buffer *buffer, const struct weir_pattern_node *node,
                        const char *name, bool full)
{
    char shortened[4] = {name[0], name[1], name[2], 0};
    if (full)
        append_text(buffer, name, node->letters, node->fill_mode || node->translated ? 0 : 9);
    else
        append_text(buffer, shortened, node->letters, 0);
}

static void append_offset_hours(struct weir_buffer *buffer, int32_t offset_s, bool padded)
{
    int32_t magnitude = offset_s < 0 ? -offset_s : offset_s;
    weir_buffer_append_char(buffer, offset_s < 0 ? '-' : '+');
    if (padded && magnitude < 36000)
        weir_buffer_append_char(buffer, '0');
    char digits[WEIR_NUMBER_I64_SIZE];
    weir_buffer_append(buffer, digits, weir_number_print_i64(digits, magnitude / 3600));
}

static void append_offset_minutes(struct weir_buffer *buffer, int32_t offset_s)
{
    char digits[2];
    int32_t magnitude = offset_s < 0 ? -offset_s : offset_s;
    weir_number_print_2(digits, (uint32_t)(magnitude % 3600 / 60));
    weir_buffer_append(buffer, digits, 2);
}

static void append_roman_month(struct weir_buffer *buffer, const struct weir_pattern_node *node,
                               const struct parts *parts)
{
    int32_t month = parts->month;
    if (month == 0 && parts->year == 0)
        return;
    if (month <= 0) /* intervals: whole years show XII, or I before zero; months count back */
        month = month == 0 ? (parts->year > 0 ? 12 : 1) : month + 13;
    append_text(buffer, weir_roman_months[month - 1], node->letters, node->fill_mode ? 0 : 4);
}

static void append_fraction(struct weir_buffer *buffer, const struct weir_pattern_node *node,
                            int32_t us, int32_t digits)
{
    for (int32_t i = digits; i < 6; i++)
        us /= 10;
    append_number(buffer, node, us, digits);
}

/* Y,YYY */
static void append_year_comma(struct weir_buffer *buffer, const struct weir_pattern_node *node,
                              int64_t year)
{
    char text[WEIR_NUMBER_I64_SIZE];
    int64_t rest = year % 1000;
    weir_buffer_append(buffer, text, weir_number_print_i64(text, year / 1000));
    weir_buffer_append_char(buffer, ',');
    append_number(buffer, node, rest, 3);
}

static void append_century(struct weir_buffer *buffer, const struct weir_pattern_node *node,
                           const struct parts *parts)
{
    int64_t century = parts->year / 100;
    if (!parts->is_interval)
        century = parts->year > 0 ? (parts->year - 1) / 100 + 1 : parts->year / 100 - 1;
    append_padded(buffer, node, century, 2);
}

/* Fields that only make sense on a calendar. */
static bool needs_calendar(enum weir_time_field field)
{
    switch (field) {
    case WEIR_FIELD_A_D:
    case WEIR_FIELD_AD:
    case WEIR_FIELD_MONTH:
    case WEIR_FIELD_MON:
    case WEIR_FIELD_DAY:
    case WEIR_FIELD_DY:
    case WEIR_FIELD_D:
    case WEIR_FIELD_ID:
    case WEIR_FIELD_TZ:
    case WEIR_FIELD_TZH:
    case WEIR_FIELD_TZM:
    case WEIR_FIELD_OF:
        return true;
    default:
        return false;
    }
}

static int64_t iso_year(const struct parts *parts)
{
    if (parts->is_interval)
        return parts->year;
    return weir_civil_iso_week(parts->days).year;
}

/* Years, weeks and days. False when the field is none of them. */
static bool append_date_field(struct weir_buffer *buffer, const struct weir_pattern_node *node,
                              enum weir_time_field field, const struct parts *parts)
{
    int64_t year = shown_year(
        parts, field >= WEIR_FIELD_IYYY && field <= WEIR_FIELD_I ? iso_year(parts) : parts->year);
    switch (field) {
    case WEIR_FIELD_CC:
        append_century(buffer, node, parts);
        return true;
    case WEIR_FIELD_Y_YYY:
        append_year_comma(buffer, node, year);
        return true;
    case WEIR_FIELD_YYYY:
    case WEIR_FIELD_IYYY:
        append_padded(buffer, node, year, 4);
        return true;
    case WEIR_FIELD_YYY:
    case WEIR_FIELD_IYY:
        append_padded(buffer, node, year % 1000, 3);
        return true;
    case WEIR_FIELD_YY:
    case WEIR_FIELD_IY:
        append_padded(buffer, node, year % 100, 2);
        return true;
    case WEIR_FIELD_Y:
    case WEIR_FIELD_I:
        append_number(buffer, node, year % 10, 1);
        return true;
    case WEIR_FIELD_Q:
        if (parts->month)
            append_number(buffer, node, (parts->month - 1) / 3 + 1, 0);
        return true;
    case WEIR_FIELD_MM:
        append_padded(buffer, node, parts->month, 2);
        return true;
    case WEIR_FIELD_DDD:
        append_number(buffer, node, parts->day_of_year, node->fill_mode ? 0 : 3);
        return true;
    case WEIR_FIELD_IDDD: {
        int32_t first = weir_civil_from_iso_week(weir_civil_iso_week(parts->days).year, 1);
        append_number(buffer, node, parts->days - first + 1, node->fill_mode ? 0 : 3);
        return true;
    }
    case WEIR_FIELD_DD:
        append_number(buffer, node, parts->day, node->fill_mode ? 0 : 2);
        return true;
    case WEIR_FIELD_D:
        append_number(buffer, node, parts->weekday + 1, 0);
        return true;
    case WEIR_FIELD_ID:
        append_number(buffer, node, parts->weekday ? parts->weekday : 7, 0);
        return true;
    case WEIR_FIELD_WW:
        append_number(buffer, node, (parts->day_of_year - 1) / 7 + 1, node->fill_mode ? 0 : 2);
        return true;
    case WEIR_FIELD_IW:
        append_number(buffer, node, weir_civil_iso_week(parts->days).week, node->fill_mode ? 0 : 2);
        return true;
    case WEIR_FIELD_W:
        append_number(buffer, node, ((int64_t)parts->day - 1) / 7 + 1, 0);
        return true;
    case WEIR_FIELD_J:
        append_number(buffer, node, (int64_t)parts->days + WEIR_CIVIL_JULIAN_1970, 0);
        return true;
    default:
        return false;
    }
}

/* Names, eras and zones. False when the field is none of them. */
static bool append_name_field(struct weir_buffer *buffer, const struct weir_pattern_node *node,
                              enum weir_time_field field, const struct parts *parts)
{
    bool after_noon = parts->hour % 24 >= 12;
    switch (field) {
    case WEIR_FIELD_A_M:
        append_text(buffer, after_noon ? "P.M." : "A.M.", node->letters, 0);
        return true;
    case WEIR_FIELD_AM:
        append_text(buffer, after_noon ? "PM" : "AM", node->letters, 0);
        return true;
    case WEIR_FIELD_A_D:
        append_text(buffer, parts->year <= 0 ? "B.C." : "A.D.", node->letters, 0);
        return true;
    case WEIR_FIELD_AD:
        append_text(buffer, parts->year <= 0 ? "BC" : "AD", node->letters, 0);
        return true;
    case WEIR_FIELD_MONTH:
    case WEIR_FIELD_MON:
        append_name(buffer, node, weir_month_names[parts->month - 1], field == WEIR_FIELD_MONTH);
        return true;
    case WEIR_FIELD_DAY:
    case WEIR_FIELD_DY:
        append_name(buffer, node, weir_day_names[parts->weekday], field == WEIR_FIELD_DAY);
        return true;
    case WEIR_FIELD_RM:
        append_roman_month(buffer, node, parts);
        return true;
    case WEIR_FIELD_TZ:
        if (parts->zone_name)
            append_text(buffer, parts->zone_name,
                        node->letters == WEIR_CASE_LOWER ? WEIR_CASE_LOWER : WEIR_CASE_MIXED, 0);
        return true;
    case WEIR_FIELD_TZH:
        append_offset_hours(buffer, parts->offset_s, true);
        return true;
    case WEIR_FIELD_TZM:
        append_offset_minutes(buffer, parts->offset_s);
        return true;
    case WEIR_FIELD_OF:
        append_offset_hours(buffer, parts->offset_s, !node->fill_mode);
        if (parts->offset_s % 3600) {
            weir_buffer_append_char(buffer, ':');
            append_offset_minutes(buffer, parts->offset_s);
        }
        return true;
    default:
        return false;
    }
}

static void append_clock_field(struct weir_buffer *buffer, const struct weir_pattern_node *node,
                               enum weir_time_field field, const struct parts *parts)
{
    /* Only the sign of the hours widens them. */
    int32_t width = node->fill_mode ? 0 : parts->hour < 0 ? 3 : 2;
    switch (field) {
    case WEIR_FIELD_HH12:
        append_number(buffer, node, parts->hour % 12 == 0 ? 12 : parts->hour % 12, width);
        break;
    case WEIR_FIELD_HH24:
        append_number(buffer, node, parts->hour, width);
        break;
    case WEIR_FIELD_MI:
        append_padded(buffer, node, parts->minute, 2);
        break;
    case WEIR_FIELD_SS:
        append_padded(buffer, node, parts->second, 2);
        break;
    case WEIR_FIELD_SSSS:
        append_number(buffer, node, parts->hour * 3600 + parts->minute * 60 + parts->second, 0);
        break;
    case WEIR_FIELD_MS:
        append_fraction(buffer, node, parts->us, 3);
        break;
    case WEIR_FIELD_US:
        append_fraction(buffer, node, parts->us, 6);
        break;
    default:
        if (field >= WEIR_FIELD_FF1 && field <= WEIR_FIELD_FF6)
            append_fraction(buffer, node, parts->us, (int32_t)(field - WEIR_FIELD_FF1) + 1);
        break; /* FX shows nothing */
    }
}

static enum weir_status print(const struct weir_time_pattern *pattern, const struct parts *parts,
                              struct weir_buffer *buffer, struct weir_error *error)
{
    for (const struct weir_pattern_node *node = pattern->nodes; node->kind != WEIR_NODE_END;
         node++) {
        if (node->kind != WEIR_NODE_FIELD) {
            weir_buffer_append(buffer, node->character, node->character_size);
            continue;
        }
        enum weir_time_field field = weir_time_keywords[node->field].field;
        if (parts->is_interval && needs_calendar(field)) {
            weir_error_set(error, WEIR_E_BAD_ARGUMENT, "%s is no format for an interval",
                           weir_time_keywords[node->field].name);
            weir_error_hint(error, "intervals are not tied to calendar dates");
            return WEIR_E_BAD_ARGUMENT;
        }
        if (!append_date_field(buffer, node, field, parts) &&
            !append_name_field(buffer, node, field, parts))
            append_clock_field(buffer, node, field, parts);
    }
    return WEIR_OK;
}

static int64_t field_step_us(enum weir_time_field field)
{
    switch (field) {
    case WEIR_FIELD_FF1:
    case WEIR_FIELD_FF2:
    case WEIR_FIELD_FF3:
    case WEIR_FIELD_FF4:
    case WEIR_FIELD_FF5:
    case WEIR_FIELD_FF6:
    case WEIR_FIELD_MS:
    case WEIR_FIELD_US:
        return 1;
    case WEIR_FIELD_SS:
    case WEIR_FIELD_SSSS:
        return INT64_C(1000000);
    case WEIR_FIELD_MI:
        return INT64_C(60000000);
    case WEIR_FIELD_HH24:
    case WEIR_FIELD_HH12:
    case WEIR_FIELD_A_M:
    case WEIR_FIELD_AM:
        return INT64_C(3600000000);
    default:
        return INT64_C(86400000000);
    }
}

int64_t weir_time_pattern_step_us(const struct weir_time_pattern *pattern)
{
    int64_t step = INT64_C(86400000000);
    for (const struct weir_pattern_node *node = pattern->nodes; node->kind != WEIR_NODE_END;
         node++) {
        if (node->kind != WEIR_NODE_FIELD)
            continue;
        int64_t one = field_step_us(weir_time_keywords[node->field].field);
        step = one < step ? one : step;
    }
    return step;
}

enum weir_status weir_time_pattern_print(const struct weir_time_pattern *pattern,
                                         const struct weir_time_pattern_input *input,
                                         struct weir_buffer *buffer, struct weir_error *error)
{
    int32_t days = weir_civil_days_of_us(input->local_us);
    struct weir_civil civil = weir_civil_from_days(days);
    struct weir_clock clock = weir_clock_from_us(weir_civil_time_of_us(input->local_us));
    struct parts parts = {.year = civil.year,
                          .month = civil.month,
                          .day = civil.day,
                          .hour = clock.hour,
                          .minute = clock.minute,
                          .second = clock.second,
                          .us = clock.us,
                          .weekday = weir_civil_weekday(days),
                          .day_of_year = weir_civil_day_of_year(days),
                          .days = days};
    if (input->has_zone) {
        parts.offset_s = input->offset_s;
        parts.zone_name = input->zone_name;
    }
    return print(pattern, &parts, buffer, error);
}

/* Weeks and Julian days of an interval are those of its parts read as a date; where they are none,
 * as with months below 1, what Postgres' formula makes of them: divisions cut towards zero. */
static int32_t interval_days(const struct parts *parts)
{
    bool late = parts->month > 2;
    int64_t month = parts->month + (late ? 1 : 13), year = parts->year + (late ? 4800 : 4799);
    int64_t century = year / 100;
    int64_t julian =
        year * 365 - 32167 + year / 4 - century + century / 4 + 7834 * month / 256 + parts->day;
    return (int32_t)(uint32_t)(uint64_t)(julian - WEIR_CIVIL_JULIAN_1970);
}

enum weir_status weir_time_pattern_print_interval(const struct weir_time_pattern *pattern,
                                                  struct weir_interval value,
                                                  struct weir_buffer *buffer,
                                                  struct weir_error *error)
{
    struct parts parts = {.year = value.months / 12,
                          .month = value.months % 12,
                          .day = value.days,
                          .hour = value.us / 3600000000,
                          .minute = (int32_t)(value.us / 60000000 % 60),
                          .second = (int32_t)(value.us / 1000000 % 60),
                          .us = (int32_t)(value.us % 1000000),
                          .day_of_year = (int64_t)value.months * 30 + value.days,
                          .is_interval = true};
    parts.days = interval_days(&parts);
    return print(pattern, &parts, buffer, error);
}
