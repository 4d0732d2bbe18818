/* Dates and times from text. Contracts: value/timestamp.h.
 *
 * The general reader walks over the text once and sorts what it meets:
 *
 *     "Tue Jan 02 03:04:05.5 2024 CET"
 *      ignored | month | number 2 | time | number 2024 | zone
 *
 * Numbers are kept until the end (or until they make a date), because only then is it known which
 * is the day and which the year. Recursion, tables of formats and backtracking are not needed. */
#include "value/number_internal.h"
#include "value/timestamp.h"

struct number {
    int32_t value;
    int32_t digits;
};

struct scan {
    const char *at;
    const char *end;
    struct weir_timestamp_parts *out;
    struct number numbers[3]; /* of the date, not yet placed */
    int32_t numbers_count;
    int32_t month;      /* by name; 0 when none */
    int32_t sticky;     /* digits beyond the ninth of a fraction were not all zero */
    bool time_only;     /* a bare number is a time */
    bool negative_year; /* -0043-03-15 */
    bool year_first;    /* YYMMDD: the year leads though it has two digits */
    bool before_christ;
    bool iso_time; /* a T stands before the time */
    bool meridian; /* AM or PM was said */
    bool after_noon;
};

static bool is_letter(char c)
{
    return (unsigned char)((c | 32) - 'a') < 26;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool next_is_digit(const struct scan *scan, size_t ahead)
{
    return (size_t)(scan->end - scan->at) > ahead && weir_is_digit(scan->at[ahead]);
}

static char peek(const struct scan *scan)
{
    return scan->at < scan->end ? *scan->at : '\0';
}

/* A run of digits; values beyond nine digits saturate. */
static struct number take_number(struct scan *scan)
{
    struct number number = {0, 0};
    for (; next_is_digit(scan, 0); scan->at++, number.digits++)
        number.value = number.digits < 9 ? number.value * 10 + (*scan->at - '0') : INT32_MAX;
    return number;
}

/* [.digits] into ns, truncated; what is cut off sets sticky. */
static int32_t take_fraction(struct scan *scan)
{
    int32_t ns = 0, digits = 0;
    if (peek(scan) != '.')
        return 0;
    for (scan->at++; next_is_digit(scan, 0); scan->at++) {
        if (digits++ < 9)
            ns = ns * 10 + (*scan->at - '0');
        else
            scan->sticky |= *scan->at != '0';
    }
    for (; digits < 9; digits++)
        ns *= 10;
    return ns;
}

static enum weir_parse set_time(struct scan *scan, int32_t hour, int32_t minute, int32_t second,
                                int32_t ns)
{
    struct weir_timestamp_parts *out = scan->out;
    if (out->has_time)
        return WEIR_PARSE_SYNTAX;
    if (hour > 24 || minute > 59 || second > 60)
        return WEIR_PARSE_RANGE;
    out->has_time = true;
    out->time_us = ((int64_t)hour * 3600 + minute * 60 + second) * 1000000 + ns / 1000;
    out->rest_ns = ns % 1000;
    if (out->time_us > INT64_C(86400000000) ||
        (out->time_us == INT64_C(86400000000) && out->rest_ns))
        return WEIR_PARSE_RANGE;
    return WEIR_PARSE_OK;
}

/* hour:minute[:second[.fraction]]; minute:second.fraction. The hour has been read. */
static enum weir_parse take_time(struct scan *scan, int32_t hour)
{
    scan->at++; /* ':' */
    if (!next_is_digit(scan, 0))
        return WEIR_PARSE_SYNTAX;
    int32_t minute = take_number(scan).value;
    if (peek(scan) == '.')
        return set_time(scan, 0, hour, minute, take_fraction(scan));
    if (peek(scan) != ':')
        return set_time(scan, hour, minute, 0, 0);
    scan->at++;
    if (!next_is_digit(scan, 0))
        return WEIR_PARSE_SYNTAX;
    int32_t second = take_number(scan).value;
    int32_t ns = take_fraction(scan);
    if (peek(scan) == '.' || peek(scan) == ':')
        return WEIR_PARSE_SYNTAX;
    return set_time(scan, hour, minute, second, ns);
}

static enum weir_parse set_days(struct scan *scan, int64_t year, int32_t month, int32_t day)
{
    if (scan->out->has_date)
        return WEIR_PARSE_SYNTAX;
    if (!weir_civil_is_valid(year, month, day))
        return WEIR_PARSE_RANGE;
    scan->out->has_date = true;
    scan->out->days = weir_civil_to_days((int32_t)year, month, day);
    return WEIR_PARSE_OK;
}

/* Places a written year: two digits get a century, BC counts backwards. */
static bool place_year(const struct scan *scan, struct number written, int64_t *year)
{
    *year = written.value;
    if (scan->negative_year) {
        *year = -*year;
        return !scan->before_christ;
    }
    if (*year == 0 && written.digits > 2)
        return scan->iso_time && written.digits == 4 && !scan->before_christ;
    if (scan->before_christ)
        *year = 1 - *year;
    else if (written.digits <= 2)
        *year += *year < 70 ? 2000 : 1900;
    return true;
}

/* The end of the text: what date do the numbers make? */
static enum weir_parse place_numbers(struct scan *scan)
{
    struct number *n = scan->numbers;
    int32_t month = scan->month, day;
    struct number written;
    int64_t year;

    if (month) {
        if (scan->numbers_count != 2)
            return WEIR_PARSE_SYNTAX;
        written = n[0].digits >= 3 ? n[0] : n[1];
        day = n[0].digits >= 3 ? n[1].value : n[0].value;
    } else if (scan->numbers_count == 2 && n[0].digits >= 3 && n[1].digits == 3) {
        if (!place_year(scan, n[0], &year) || n[1].value < 1 ||
            n[1].value > 365 + weir_civil_is_leap(year) || year > WEIR_DATE_YEAR_MAX)
            return WEIR_PARSE_RANGE;
        enum weir_parse result = set_days(scan, year, 1, 1);
        scan->out->days += n[1].value - 1;
        return result;
    } else if (scan->numbers_count == 3) {
        bool year_first = n[0].digits >= 3 || scan->negative_year || scan->year_first;
        written = year_first ? n[0] : n[2];
        month = year_first ? n[1].value : n[0].value;
        day = year_first ? n[2].value : n[1].value;
    } else {
        return scan->numbers_count == 0 ? WEIR_PARSE_OK : WEIR_PARSE_SYNTAX;
    }
    if (!place_year(scan, written, &year))
        return WEIR_PARSE_RANGE;
    return set_days(scan, year, month, day);
}

static bool push_number(struct scan *scan, struct number number)
{
    if (scan->numbers_count >= (scan->month ? 2 : 3) || scan->out->has_date)
        return false;
    scan->numbers[scan->numbers_count++] = number;
    return true;
}

/* ---- words ---- */

enum word_kind {
    WORD_NONE,
    WORD_MONTH,
    WORD_IGNORED,
    WORD_AM,
    WORD_PM,
    WORD_BC,
    WORD_EPOCH,
    WORD_INFINITY,
    WORD_MIDNIGHT
};

static const struct {
    const char *text;
    enum word_kind kind;
    int32_t value;
} words[] = {{"jan", WORD_MONTH, 1},
             {"january", WORD_MONTH, 1},
             {"feb", WORD_MONTH, 2},
             {"february", WORD_MONTH, 2},
             {"mar", WORD_MONTH, 3},
             {"march", WORD_MONTH, 3},
             {"apr", WORD_MONTH, 4},
             {"april", WORD_MONTH, 4},
             {"may", WORD_MONTH, 5},
             {"jun", WORD_MONTH, 6},
             {"june", WORD_MONTH, 6},
             {"jul", WORD_MONTH, 7},
             {"july", WORD_MONTH, 7},
             {"aug", WORD_MONTH, 8},
             {"august", WORD_MONTH, 8},
             {"sep", WORD_MONTH, 9},
             {"sept", WORD_MONTH, 9},
             {"september", WORD_MONTH, 9},
             {"oct", WORD_MONTH, 10},
             {"october", WORD_MONTH, 10},
             {"nov", WORD_MONTH, 11},
             {"november", WORD_MONTH, 11},
             {"dec", WORD_MONTH, 12},
             {"december", WORD_MONTH, 12},
             {"sun", WORD_IGNORED, 0},
             {"sunday", WORD_IGNORED, 0},
             {"mon", WORD_IGNORED, 0},
             {"monday", WORD_IGNORED, 0},
             {"tue", WORD_IGNORED, 0},
             {"tues", WORD_IGNORED, 0},
             {"tuesday", WORD_IGNORED, 0},
             {"wed", WORD_IGNORED, 0},
             {"weds", WORD_IGNORED, 0},
             {"wednesday", WORD_IGNORED, 0},
             {"thu", WORD_IGNORED, 0},
             {"thur", WORD_IGNORED, 0},
             {"thurs", WORD_IGNORED, 0},
             {"thursday", WORD_IGNORED, 0},
             {"fri", WORD_IGNORED, 0},
             {"friday", WORD_IGNORED, 0},
             {"sat", WORD_IGNORED, 0},
             {"saturday", WORD_IGNORED, 0},
             {"at", WORD_IGNORED, 0},
             {"on", WORD_IGNORED, 0},
             {"ad", WORD_IGNORED, 0},
             {"am", WORD_AM, 0},
             {"pm", WORD_PM, 0},
             {"bc", WORD_BC, 0},
             {"epoch", WORD_EPOCH, 0},
             {"infinity", WORD_INFINITY, 0},
             {"allballs", WORD_MIDNIGHT, 0}};

static enum word_kind find_word(struct weir_slice word, int32_t *value)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(words); i++)
        if (weir_slice_equals_ignoring_case(word, weir_slice_from_string(words[i].text))) {
            *value = words[i].value;
            return words[i].kind;
        }
    return WORD_NONE;
}

static bool is_zone_char(char c)
{
    return is_letter(c) || weir_is_digit(c) || c == '/' || c == '_' || c == '+' || c == '-' ||
           c == ':';
}

/* A zone by abbreviation, POSIX offset, or (for the caller to look up) by name. */
static enum weir_parse take_zone(struct scan *scan, const char *start)
{
    struct weir_timestamp_parts *out = scan->out;
    while (scan->at < scan->end && is_zone_char(*scan->at))
        scan->at++;
    struct weir_slice name = weir_slice_make(start, (size_t)(scan->at - start));
    if (out->has_offset || out->zone.size || !(out->has_date || out->has_time || scan->month))
        return WEIR_PARSE_SYNTAX;
    if (weir_timezone_fixed_offset(name, &out->offset_s))
        out->has_offset = true;
    else
        out->zone = name;
    return WEIR_PARSE_OK;
}

static enum weir_parse set_epoch(struct scan *scan)
{
    if (scan->out->has_date || scan->out->has_time || scan->time_only)
        return WEIR_PARSE_SYNTAX;
    scan->out->has_date = scan->out->has_time = scan->out->has_offset = true;
    return WEIR_PARSE_OK;
}

static enum weir_parse set_meridian(struct scan *scan, bool after_noon)
{
    if (scan->meridian)
        return WEIR_PARSE_SYNTAX;
    scan->meridian = true;
    scan->after_noon = after_noon;
    return WEIR_PARSE_OK;
}

/* A Julian day: J2451187. */
static enum weir_parse take_julian(struct scan *scan)
{
    int64_t days = (int64_t)take_number(scan).value - WEIR_CIVIL_JULIAN_1970;
    if (scan->out->has_date)
        return WEIR_PARSE_SYNTAX;
    if (days < WEIR_DATE_DAYS_MIN || days > WEIR_DATE_DAYS_MAX)
        return WEIR_PARSE_RANGE;
    scan->out->has_date = true;
    scan->out->days = (int32_t)days;
    return WEIR_PARSE_OK;
}

static enum weir_parse take_word(struct scan *scan)
{
    const char *start = scan->at;
    int32_t value = 0;

    while (scan->at < scan->end && is_letter(*scan->at))
        scan->at++;
    struct weir_slice word = weir_slice_make(start, (size_t)(scan->at - start));
    if (word.size == 1 && next_is_digit(scan, 0)) {
        if ((*start | 32) == 'j')
            return take_julian(scan);
        if ((*start | 32) == 't') {
            scan->iso_time = true;
            return scan->out->has_date || scan->numbers_count || scan->time_only
                       ? WEIR_PARSE_OK
                       : WEIR_PARSE_SYNTAX;
        }
    }
    switch (find_word(word, &value)) {
    case WORD_MONTH:
        if (scan->month || scan->out->has_date || scan->numbers_count == 3)
            return WEIR_PARSE_SYNTAX;
        scan->month = value;
        if ((peek(scan) == '-' || peek(scan) == '/' || peek(scan) == '.') && next_is_digit(scan, 1))
            scan->at++;
        return WEIR_PARSE_OK;
    case WORD_IGNORED:
        return WEIR_PARSE_OK;
    case WORD_AM:
        return set_meridian(scan, false);
    case WORD_PM:
        return set_meridian(scan, true);
    case WORD_BC:
        if (scan->before_christ)
            return WEIR_PARSE_SYNTAX;
        scan->before_christ = true;
        return WEIR_PARSE_OK;
    case WORD_EPOCH:
        return set_epoch(scan);
    case WORD_INFINITY:
        return WEIR_PARSE_RANGE;
    case WORD_MIDNIGHT:
        return set_time(scan, 0, 0, 0, 0);
    default:
        return take_zone(scan, start);
    }
}

/* ---- numbers ---- */

/* The second and third part of 2024-01-02, 1/8/1999, 5-Jan-2020. The first has been pushed. */
static enum weir_parse take_date_rest(struct scan *scan)
{
    char delimiter = *scan->at;
    while (peek(scan) == delimiter) {
        scan->at++;
        if (is_letter(peek(scan))) {
            const char *start = scan->at;
            int32_t value;
            while (scan->at < scan->end && is_letter(*scan->at))
                scan->at++;
            if (find_word(weir_slice_make(start, (size_t)(scan->at - start)), &value) !=
                    WORD_MONTH ||
                scan->month)
                return WEIR_PARSE_SYNTAX;
            scan->month = value;
        } else if (!next_is_digit(scan, 0) || !push_number(scan, take_number(scan))) {
            return WEIR_PARSE_SYNTAX;
        }
    }
    return WEIR_PARSE_OK;
}

/* Digits without separators: YYYYMMDD or YYMMDD, then HHMMSS or HHMM. */
static enum weir_parse take_compact(struct scan *scan, struct number n)
{
    bool date_known = scan->out->has_date || scan->numbers_count == 3 ||
                      (scan->month && scan->numbers_count == 2) ||
                      (scan->numbers_count == 2 && scan->numbers[1].digits == 3) || scan->time_only;
    if (date_known) {
        if (n.digits == 6)
            return set_time(scan, n.value / 10000, n.value / 100 % 100, n.value % 100,
                            take_fraction(scan));
        if (n.digits == 4)
            return set_time(scan, n.value / 100, n.value % 100, 0, 0);
        return WEIR_PARSE_SYNTAX;
    }
    if ((n.digits == 8 || n.digits == 6) && scan->numbers_count == 0 && !scan->month) {
        scan->numbers[0] = (struct number){n.value / 10000, n.digits - 4};
        scan->numbers[1] = (struct number){n.value / 100 % 100, 2};
        scan->numbers[2] = (struct number){n.value % 100, 2};
        scan->numbers_count = 3;
        scan->year_first = true;
        return WEIR_PARSE_OK;
    }
    return push_number(scan, n) ? WEIR_PARSE_OK : WEIR_PARSE_SYNTAX;
}

static enum weir_parse take_digits(struct scan *scan)
{
    struct number n = take_number(scan);
    char next = peek(scan);
    bool more = scan->end - scan->at > 1;

    if (next == ':')
        return take_time(scan, n.value);
    if (scan->numbers_count == 0 && !scan->out->has_date && more && n.digits < 8 &&
        (next == '-' || next == '/' || (next == '.' && !scan->time_only)) &&
        (next_is_digit(scan, 1) || is_letter(scan->at[1]))) {
        if (!push_number(scan, n))
            return WEIR_PARSE_SYNTAX;
        return take_date_rest(scan);
    }
    return take_compact(scan, n);
}

/* An offset, or the sign of a year at the very beginning. */
static enum weir_parse take_sign(struct scan *scan, bool at_start)
{
    const char *start = scan->at++;
    if (at_start) {
        const char *digits = scan->at;
        struct number year = take_number(scan);
        if (*start == '-' && year.digits >= 4 && peek(scan) == '-') {
            scan->negative_year = true;
            scan->numbers[scan->numbers_count++] = year;
            return take_date_rest(scan);
        }
        scan->at = digits;
        int32_t value;
        return find_word(weir_slice_make(scan->at, (size_t)(scan->end - scan->at)), &value) ==
                       WORD_INFINITY
                   ? WEIR_PARSE_RANGE
                   : WEIR_PARSE_SYNTAX;
    }
    while (scan->at < scan->end && (weir_is_digit(*scan->at) || *scan->at == ':'))
        scan->at++;
    struct weir_slice text = weir_slice_make(start, (size_t)(scan->at - start));
    if (scan->out->has_offset || scan->out->zone.size)
        return WEIR_PARSE_SYNTAX;
    scan->out->has_offset = true;
    return weir_timezone_parse_offset(text, &scan->out->offset_s) ? WEIR_PARSE_OK
                                                                  : WEIR_PARSE_SYNTAX;
}

static enum weir_parse apply_meridian(struct scan *scan)
{
    struct weir_timestamp_parts *out = scan->out;
    const int64_t half = INT64_C(43200000000);
    if (!scan->meridian)
        return WEIR_PARSE_OK;
    if (!out->has_time)
        return WEIR_PARSE_SYNTAX;
    if (out->time_us >= half + INT64_C(3600000000))
        return WEIR_PARSE_RANGE;
    if (scan->after_noon && out->time_us < half)
        out->time_us += half;
    else if (!scan->after_noon && out->time_us >= half)
        out->time_us -= half;
    return WEIR_PARSE_OK;
}

static enum weir_parse scan_all(struct scan *scan)
{
    const char *start = scan->at;
    enum weir_parse result = WEIR_PARSE_OK;

    while (scan->at < scan->end && result == WEIR_PARSE_OK) {
        char c = *scan->at;
        if (is_space(c) || (c == ',' && scan->at > start))
            scan->at++;
        else if (weir_is_digit(c))
            result = take_digits(scan);
        else if (is_letter(c))
            result = take_word(scan);
        else if (c == '+' || c == '-')
            result = take_sign(scan, scan->at == start);
        else
            result = WEIR_PARSE_SYNTAX;
    }
    if (result == WEIR_PARSE_OK)
        result = place_numbers(scan);
    if (result == WEIR_PARSE_OK)
        result = apply_meridian(scan);
    return result;
}

static enum weir_parse parse_general(struct weir_slice text, bool time_only, int32_t *sticky,
                                     struct weir_timestamp_parts *out)
{
    memset(out, 0, sizeof *out);
    text = weir_slice_trim(text);
    struct scan scan = {
        .at = text.data, .end = text.data + text.size, .out = out, .time_only = time_only};
    enum weir_parse result = scan_all(&scan);
    if (result == WEIR_PARSE_OK && !out->has_date && (!out->has_time || !time_only))
        return WEIR_PARSE_SYNTAX;
    if (result == WEIR_PARSE_OK && scan.before_christ && !out->has_date)
        return WEIR_PARSE_SYNTAX;
    *sticky = scan.sticky;
    return result;
}

enum weir_parse weir_timestamp_parse_parts(struct weir_slice text, struct weir_timestamp_parts *out)
{
    int32_t sticky;
    enum weir_parse result = parse_general(text, false, &sticky, out);
    if (result == WEIR_PARSE_SYNTAX)
        result = parse_general(text, true, &sticky, out);
    return result;
}

/* ---- the fixed shape ---- */

/* Digits at the places of '0' in shape are left as 0..9 in *word; false when another byte stands
 * anywhere. */
static bool match_digits(uint64_t *word, uint64_t shape, uint64_t digits_mask)
{
    uint64_t x = *word ^ shape;
    uint64_t high = (x + (UINT64_C(0x0606060606060606) & digits_mask)) | x;
    *word = x;
    return ((high & UINT64_C(0xF0F0F0F0F0F0F0F0)) | (x & ~digits_mask)) == 0;
}

/* Two digits next to each other, low byte first, into the lower's place. */
static uint64_t join_pairs(uint64_t x)
{
    return x * 10 + (x >> 8);
}

struct fixed_shape {
    int32_t days;
    int64_t seconds; /* of the day */
    int32_t ns;
    bool sticky;
    bool has_zulu;
};

/* YYYY-MM-DD[T ]HH:MM:SS[.f+][Z]. False: not that shape or not valid; the general reader decides.
 */
static bool parse_fixed(struct weir_slice text, struct fixed_shape *out)
{
    if (text.size < 19)
        return false;
    const char *at = text.data;
    uint64_t date = weir_load_8(at), time = weir_load_8(at + 8);
    /* "0000-00-" and "00 00:00"; the byte between date and time is looked at by itself. */
    time = (time & ~UINT64_C(0xFF0000)) | UINT64_C(0x200000);
    unsigned date_ok =
        match_digits(&date, UINT64_C(0x2D30302D30303030), UINT64_C(0x00FFFF00FFFFFFFF));
    unsigned time_ok =
        match_digits(&time, UINT64_C(0x30303A3030203030), UINT64_C(0xFFFF00FFFF00FFFF));
    unsigned rest_ok = (at[10] == 'T' || at[10] == ' ') && at[16] == ':' && weir_is_digit(at[17]) &&
                       weir_is_digit(at[18]);
    if (!(date_ok & time_ok & rest_ok))
        return false;
    date = join_pairs(date);
    time = join_pairs(time);
    int32_t year = (int32_t)((date & 0xFF) * 100 + (date >> 16 & 0xFF));
    int32_t month = (int32_t)(date >> 40 & 0xFF), day = (int32_t)(time & 0xFF);
    int32_t hour = (int32_t)(time >> 24 & 0xFF), minute = (int32_t)(time >> 48 & 0xFF);
    int32_t second = (at[17] - '0') * 10 + (at[18] - '0');
    if (year == 0 || month < 1 || month > 12 || day < 1 ||
        (day > 28 && day > weir_civil_month_days(year, month)) || hour > 23 || minute > 59 ||
        second > 59)
        return false;

    struct scan rest = {.at = at + 19, .end = at + text.size};
    out->ns = take_fraction(&rest);
    out->sticky = rest.sticky != 0;
    out->has_zulu = rest.at < rest.end && *rest.at == 'Z';
    if (rest.at + out->has_zulu != rest.end)
        return false;
    out->days = weir_civil_to_days(year, month, day);
    out->seconds = hour * 3600 + minute * 60 + second;
    return true;
}

/* us with its remainder of 0..999 ns: half a us rounds to even, as Postgres' rint. */
static int64_t round_ns(int64_t us, int32_t rest_ns, bool sticky)
{
    if (rest_ns > 500 || (rest_ns == 500 && (sticky || (us & 1))))
        return us + 1;
    return us;
}

/* days and us of the day, less the offset. */
static bool combine(const struct weir_timestamp_parts *parts, int64_t time_us, int64_t *us)
{
    int64_t base;
    if (parts->has_offset)
        time_us -= (int64_t)parts->offset_s * 1000000;
    return !__builtin_mul_overflow((int64_t)parts->days, INT64_C(86400000000), &base) &&
           !__builtin_add_overflow(base, time_us, us) && *us >= WEIR_TIMESTAMP_US_MIN;
}

/* What a timestamp needs: parts with a date and a rounded time. */
static enum weir_parse parse_instant(struct weir_slice text, struct weir_timestamp_parts *parts,
                                     int64_t *time_us)
{
    int32_t sticky;
    enum weir_parse result = parse_general(text, false, &sticky, parts);
    if (result == WEIR_PARSE_OK)
        *time_us = round_ns(parts->time_us, parts->rest_ns, sticky);
    return result;
}

enum weir_parse weir_timestamp_parse(struct weir_slice text, int64_t *us, bool *has_offset)
{
    struct fixed_shape fixed;
    struct weir_timestamp_parts parts;
    int64_t time_us = 0;

    if (WEIR_LIKELY(parse_fixed(text, &fixed))) {
        *us = round_ns((fixed.days * INT64_C(86400) + fixed.seconds) * 1000000 + fixed.ns / 1000,
                       fixed.ns % 1000, fixed.sticky);
        if (has_offset)
            *has_offset = fixed.has_zulu;
        return WEIR_PARSE_OK;
    }
    enum weir_parse result = parse_instant(text, &parts, &time_us);
    if (result != WEIR_PARSE_OK)
        return result;
    if (parts.zone.size)
        return WEIR_PARSE_SYNTAX;
    if (has_offset)
        *has_offset = parts.has_offset;
    return combine(&parts, time_us, us) ? WEIR_PARSE_OK : WEIR_PARSE_RANGE;
}

enum weir_parse weir_timestamp_parse_ns(struct weir_slice text, int64_t *ns, bool *has_offset)
{
    struct fixed_shape fixed;
    struct weir_timestamp_parts parts;
    int64_t us;
    int32_t rest, sticky;

    if (parse_fixed(text, &fixed)) {
        us = (fixed.days * INT64_C(86400) + fixed.seconds) * 1000000 + fixed.ns / 1000;
        rest = fixed.ns % 1000;
        if (has_offset)
            *has_offset = fixed.has_zulu;
    } else {
        enum weir_parse result = parse_general(text, false, &sticky, &parts);
        if (result != WEIR_PARSE_OK)
            return result;
        if (parts.zone.size)
            return WEIR_PARSE_SYNTAX;
        rest = parts.rest_ns;
        if (has_offset)
            *has_offset = parts.has_offset;
        if (!combine(&parts, parts.time_us, &us))
            return WEIR_PARSE_RANGE;
    }
    int64_t shifted = us < 0 ? us + 1 : us; /* so that the least instants do not overflow early */
    int64_t adjust = us < 0 ? rest - 1000 : rest;
    return !__builtin_mul_overflow(shifted, INT64_C(1000), ns) &&
                   !__builtin_add_overflow(*ns, adjust, ns)
               ? WEIR_PARSE_OK
               : WEIR_PARSE_RANGE;
}

enum weir_parse weir_timestamp_parse_tz(struct weir_slice text, const struct weir_timezone *zone,
                                        int64_t *us)
{
    bool has_offset = false;
    enum weir_parse result = weir_timestamp_parse(text, us, &has_offset);
    if (result != WEIR_PARSE_OK || has_offset || !zone)
        return result;
    return weir_timezone_to_utc(zone, NULL, *us, us) ? WEIR_PARSE_OK : WEIR_PARSE_RANGE;
}

enum weir_parse weir_timestamp_parse_named(struct weir_slice text, int64_t *us,
                                           struct weir_slice *zone)
{
    struct weir_timestamp_parts parts;
    int64_t time_us = 0;
    enum weir_parse result = parse_instant(text, &parts, &time_us);
    if (result != WEIR_PARSE_OK)
        return result;
    if (!parts.zone.size || parts.has_offset)
        return WEIR_PARSE_SYNTAX;
    *zone = parts.zone;
    return combine(&parts, time_us, us) ? WEIR_PARSE_OK : WEIR_PARSE_RANGE;
}

enum weir_parse weir_date_parse(struct weir_slice text, int32_t *days)
{
    struct weir_timestamp_parts parts;
    int32_t sticky;

    if (text.size == 10) {
        struct fixed_shape fixed;
        char padded[19];
        memcpy(padded, text.data, 10);
        memcpy(padded + 10, "T00:00:00", 9);
        if (parse_fixed(weir_slice_make(padded, sizeof padded), &fixed)) {
            *days = fixed.days;
            return WEIR_PARSE_OK;
        }
    }
    enum weir_parse result = parse_general(text, false, &sticky, &parts);
    if (result != WEIR_PARSE_OK)
        return result;
    if (parts.zone.size)
        return WEIR_PARSE_SYNTAX;
    *days = parts.days;
    return parts.days < WEIR_DATE_DAYS_MIN ? WEIR_PARSE_RANGE : WEIR_PARSE_OK;
}

enum weir_parse weir_time_parse(struct weir_slice text, int64_t *us)
{
    struct weir_timestamp_parts parts;
    int32_t sticky;
    enum weir_parse result = parse_general(text, true, &sticky, &parts);

    if (result != WEIR_PARSE_OK || !parts.has_time) /* perhaps a date comes first */
        result = parse_general(text, false, &sticky, &parts);
    if (result != WEIR_PARSE_OK)
        return result;
    if (!parts.has_time || parts.zone.size)
        return WEIR_PARSE_SYNTAX;
    *us = round_ns(parts.time_us, parts.rest_ns, sticky);
    return *us > INT64_C(86400000000) ? WEIR_PARSE_RANGE : WEIR_PARSE_OK;
}
