/* .datetime() of SQL/JSON paths: dates and times read, printed and compared.
 *
 * Without a template the text is yyyy-mm-dd, hh24:mi:ss[.f] with or without an offset +hh[:mm], or
 * both with a space or a T between. A template says by its fields which kind comes out. */
#include "kernel/json/path.h"
#include "value/format_pattern.h"
#include "value/number.h"
#include "value/timestamp.h"

const char *weir_path_time_name(enum weir_path_time_kind kind)
{
    static const char *const names[] = {"date", "time without time zone", "time with time zone",
                                        "timestamp without time zone", "timestamp with time zone"};
    return names[kind];
}

/* --- ISO 8601 -------------------------------------------------------------------------------- */

struct reader {
    const char *at;
    const char *end;
};

/* One to max digits, no more of them behind. */
static bool read_digits(struct reader *r, uint32_t max, int64_t *out)
{
    uint32_t count = 0;
    *out = 0;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++, count++) {
        if (count == max)
            return false;
        *out = *out * 10 + (*r->at - '0');
    }
    return count != 0;
}

static bool read_sign(struct reader *r, char sign)
{
    if (r->at == r->end || *r->at != sign)
        return false;
    r->at++;
    return true;
}

static bool read_date(struct reader *r, int64_t *days)
{
    int64_t year, month, day;
    if (!read_digits(r, 4, &year) || !read_sign(r, '-') || !read_digits(r, 2, &month) ||
        !read_sign(r, '-') || !read_digits(r, 2, &day) || !year || month > 12 ||
        !weir_civil_is_valid(year, (int32_t)month, (int32_t)day))
        return false;
    *days = weir_civil_to_days((int32_t)year, (int32_t)month, (int32_t)day);
    return true;
}

static bool read_time(struct reader *r, int64_t *us)
{
    int64_t hour, minute, second, fraction = 0;
    if (!read_digits(r, 2, &hour) || !read_sign(r, ':') || !read_digits(r, 2, &minute) ||
        !read_sign(r, ':') || !read_digits(r, 2, &second) || hour > 23 || minute > 59 ||
        second > 59)
        return false;
    if (read_sign(r, '.')) {
        const char *begin = r->at;
        if (!read_digits(r, 6, &fraction))
            return false;
        for (long digits = r->at - begin; digits < 6; digits++)
            fraction *= 10;
    }
    *us = ((hour * 60 + minute) * 60 + second) * WEIR_US_PER_SECOND + fraction;
    return true;
}

/* +hh or +hh:mm, white space in front. */
static bool read_offset(struct reader *r, int32_t *offset_s)
{
    int64_t hours, minutes = 0;
    while (r->at < r->end && *r->at == ' ')
        r->at++;
    bool minus = r->at < r->end && *r->at == '-';
    if (!read_sign(r, '+') && !read_sign(r, '-'))
        return false;
    if (!read_digits(r, 2, &hours) || hours > 15)
        return false;
    if (read_sign(r, ':') && (!read_digits(r, 2, &minutes) || minutes > 59))
        return false;
    *offset_s = (int32_t)(hours * 3600 + minutes * 60) * (minus ? -1 : 1);
    return true;
}

static bool parse_iso(struct weir_slice text, struct weir_path_time *out)
{
    struct reader r = {text.data, text.data + text.size};
    int64_t days = 0, us = 0;
    while (r.at < r.end && *r.at == ' ')
        r.at++;
    struct reader start = r;
    bool has_date = read_date(&r, &days);
    *out = (struct weir_path_time){.kind = WEIR_PATH_DATE, .value = days};
    if (!has_date)
        r = start;
    else if (r.at == r.end)
        return true;
    else if (*r.at == 'T')
        r.at++;
    else if (*r.at != ' ')
        return false;
    while (has_date && r.at < r.end && *r.at == ' ')
        r.at++;
    if (!read_time(&r, &us))
        return false;
    out->kind = has_date ? WEIR_PATH_TIMESTAMP : WEIR_PATH_TIME;
    out->value = days * WEIR_US_PER_DAY + us;
    if (r.at == r.end)
        return true;
    out->kind = has_date ? WEIR_PATH_TIMESTAMPTZ : WEIR_PATH_TIMETZ;
    return read_offset(&r, &out->offset_s) && r.at == r.end;
}

/* --- templates ------------------------------------------------------------------------------- */

/* Whether the template has one of the fields, quoted text left out. */
static bool has_field(struct weir_slice format, const char *const *fields, size_t count)
{
    bool quoted = false;
    for (size_t i = 0; i < format.size; i++) {
        quoted ^= format.data[i] == '"';
        for (size_t k = 0; k < count && !quoted; k++) {
            size_t size = strlen(fields[k]);
            if (format.size - i >= size &&
                weir_slice_equals_ignoring_case(weir_slice_make(format.data + i, size),
                                                weir_slice_make(fields[k], size)))
                return true;
        }
    }
    return false;
}

static enum weir_path_time_result parse_template(struct weir_slice text, struct weir_slice format,
                                                 struct weir_arena *arena,
                                                 struct weir_path_time *out)
{
    static const char *const dates[] = {"Y", "DD", "MM", "MON", "J", "WW", "IW", "CC", "RM", "Q"};
    static const char *const times[] = {"HH", "MI", "SS", "MS", "US", "FF"};
    static const char *const zones[] = {"TZ", "OF"};
    const struct weir_time_pattern *pattern;
    struct weir_time_pattern_output read;
    bool has_date = has_field(format, dates, WEIR_COUNT_OF(dates));
    bool has_time = has_field(format, times, WEIR_COUNT_OF(times));
    bool has_zone = has_field(format, zones, WEIR_COUNT_OF(zones));
    if ((!has_date && !has_time) || (has_zone && !has_time))
        return WEIR_PATH_TIME_BAD_TEMPLATE;
    enum weir_status status = weir_time_pattern_compile(arena, format, &pattern, NULL);
    if (status != WEIR_OK)
        return status == WEIR_E_BAD_ARGUMENT ? WEIR_PATH_TIME_BAD_TEMPLATE : WEIR_PATH_TIME_MEMORY;
    if (weir_time_pattern_parse(pattern, text, &read, NULL) != WEIR_OK)
        return WEIR_PATH_TIME_MISMATCH;
    int64_t days = weir_floor_div_i64(read.local_us, WEIR_US_PER_DAY);
    *out = (struct weir_path_time){.value = read.local_us,
                                   .offset_s = read.has_offset ? read.offset_s : 0};
    if (has_date && !has_time) {
        out->kind = WEIR_PATH_DATE;
        out->value = days;
    } else if (has_date) {
        out->kind = has_zone ? WEIR_PATH_TIMESTAMPTZ : WEIR_PATH_TIMESTAMP;
    } else {
        out->kind = has_zone ? WEIR_PATH_TIMETZ : WEIR_PATH_TIME;
        out->value = read.local_us - days * WEIR_US_PER_DAY;
    }
    return WEIR_PATH_TIME_READ;
}

enum weir_path_time_result weir_path_time_parse(struct weir_slice text, struct weir_slice format,
                                                struct weir_arena *arena,
                                                struct weir_path_time *out)
{
    if (format.data)
        return parse_template(text, format, arena, out);
    return parse_iso(text, out) ? WEIR_PATH_TIME_READ : WEIR_PATH_TIME_MISMATCH;
}

/* --- printing and comparing ------------------------------------------------------------------ */

size_t weir_path_time_print(char *out, const struct weir_path_time *time)
{
    size_t size = 0;
    out[size++] = '"';
    if (time->kind == WEIR_PATH_DATE)
        size += weir_date_print(out + size, (int32_t)time->value);
    else if (time->kind == WEIR_PATH_TIME || time->kind == WEIR_PATH_TIMETZ)
        size += weir_time_print(out + size, time->value);
    else
        size += weir_timestamp_print(out + size, time->value, WEIR_TIMESTAMP_ISO);
    if (time->kind == WEIR_PATH_TIMETZ || time->kind == WEIR_PATH_TIMESTAMPTZ) {
        int32_t offset = time->offset_s;
        uint32_t minutes = (uint32_t)(offset < 0 ? -offset : offset) / 60;
        out[size++] = offset < 0 ? '-' : '+';
        weir_number_print_2(out + size, minutes / 60);
        out[size + 2] = ':';
        weir_number_print_2(out + size + 3, minutes % 60);
        size += 5;
    }
    out[size++] = '"';
    return size;
}

static int64_t in_utc(const struct weir_path_time *time)
{
    return time->value - (int64_t)time->offset_s * WEIR_US_PER_SECOND;
}

static bool is_zoned(enum weir_path_time_kind kind)
{
    return kind == WEIR_PATH_TIMETZ || kind == WEIR_PATH_TIMESTAMPTZ;
}
static bool is_of_day(enum weir_path_time_kind kind)
{
    return kind == WEIR_PATH_TIME || kind == WEIR_PATH_TIMETZ;
}

/* Without a zone: the wall clock of timezone. */
static bool to_instant(const struct weir_path_time *time, const struct weir_timezone *timezone,
                       int64_t *out)
{
    int64_t local = time->value;
    if (time->kind == WEIR_PATH_DATE && __builtin_mul_overflow(local, WEIR_US_PER_DAY, &local))
        return false;
    if (is_zoned(time->kind)) {
        *out = in_utc(time);
        return true;
    }
    *out = local;
    if (!timezone)
        return true;
    if (!is_of_day(time->kind))
        return weir_timezone_to_utc(timezone, NULL, local, out);
    *out = local - (int64_t)weir_timezone_at(timezone, NULL, 0).offset_s * WEIR_US_PER_SECOND;
    return true;
}

enum weir_path_time_order weir_path_time_compare(const struct weir_path_time *a,
                                                 const struct weir_path_time *b, bool use_zone,
                                                 const struct weir_timezone *timezone, int *order)
{
    int64_t x, y;
    if (is_of_day(a->kind) != is_of_day(b->kind))
        return WEIR_PATH_TIME_UNRELATED;
    if (is_zoned(a->kind) != is_zoned(b->kind) && !use_zone)
        return WEIR_PATH_TIME_NEEDS_ZONE;
    if (!is_zoned(a->kind) && !is_zoned(b->kind))
        timezone = NULL;
    if (!to_instant(a, timezone, &x) || !to_instant(b, timezone, &y))
        return WEIR_PATH_TIME_RANGE;
    *order = (x > y) - (x < y);
    if (*order == 0 && a->kind == WEIR_PATH_TIMETZ && b->kind == WEIR_PATH_TIMETZ)
        *order = (a->offset_s < b->offset_s) - (a->offset_s > b->offset_s);
    return WEIR_PATH_TIME_COMPARED;
}
