/* Intervals from text. Contracts: value/interval.h.
 *
 * The usual style is a row of items: signed numbers with units, a clock time, years-months. A
 * number without a unit means days before a clock time, else the lowest field of the qualifier
 * (seconds when there is none). Fractions of a unit spill into the units below: half a month is 15
 * days, half a day 12 hours. ISO 8601 durations have a reader of their own. */
#include "base/checked.h"
#include "value/interval.h"
#include "value/number.h"
#include "value/number_internal.h"
#include "value/rounding_internal.h"

/* What a unit counts in, and how much of it. */
enum base_unit { BASE_MONTHS, BASE_MONTH, BASE_DAYS, BASE_US };

enum unit_index {
    UNIT_MILLENNIUM,
    UNIT_CENTURY,
    UNIT_DECADE,
    UNIT_YEAR,
    UNIT_MONTH,
    UNIT_WEEK,
    UNIT_DAY,
    UNIT_HOUR,
    UNIT_MINUTE,
    UNIT_SECOND,
    UNIT_MS,
    UNIT_US,
    UNIT_COUNT
};

static const struct {
    enum base_unit base;
    int64_t factor;
} units[UNIT_COUNT] = {{BASE_MONTHS, 12000}, {BASE_MONTHS, 1200},   {BASE_MONTHS, 120},
                       {BASE_MONTHS, 12},    {BASE_MONTH, 1},       {BASE_DAYS, 7},
                       {BASE_DAYS, 1},       {BASE_US, 3600000000}, {BASE_US, 60000000},
                       {BASE_US, 1000000},   {BASE_US, 1000},       {BASE_US, 1}};

static const struct {
    const char *name;
    enum unit_index unit;
} names[] = {{"y", UNIT_YEAR},
             {"yr", UNIT_YEAR},
             {"yrs", UNIT_YEAR},
             {"year", UNIT_YEAR},
             {"years", UNIT_YEAR},
             {"mon", UNIT_MONTH},
             {"mons", UNIT_MONTH},
             {"month", UNIT_MONTH},
             {"months", UNIT_MONTH},
             {"w", UNIT_WEEK},
             {"week", UNIT_WEEK},
             {"weeks", UNIT_WEEK},
             {"d", UNIT_DAY},
             {"day", UNIT_DAY},
             {"days", UNIT_DAY},
             {"h", UNIT_HOUR},
             {"hr", UNIT_HOUR},
             {"hrs", UNIT_HOUR},
             {"hour", UNIT_HOUR},
             {"hours", UNIT_HOUR},
             {"m", UNIT_MINUTE},
             {"min", UNIT_MINUTE},
             {"mins", UNIT_MINUTE},
             {"minute", UNIT_MINUTE},
             {"minutes", UNIT_MINUTE},
             {"s", UNIT_SECOND},
             {"sec", UNIT_SECOND},
             {"secs", UNIT_SECOND},
             {"second", UNIT_SECOND},
             {"seconds", UNIT_SECOND},
             {"ms", UNIT_MS},
             {"msec", UNIT_MS},
             {"msecs", UNIT_MS},
             {"msecond", UNIT_MS},
             {"mseconds", UNIT_MS},
             {"millisecond", UNIT_MS},
             {"milliseconds", UNIT_MS},
             {"us", UNIT_US},
             {"usec", UNIT_US},
             {"usecs", UNIT_US},
             {"usecond", UNIT_US},
             {"useconds", UNIT_US},
             {"microsecond", UNIT_US},
             {"microseconds", UNIT_US},
             {"dec", UNIT_DECADE},
             {"decs", UNIT_DECADE},
             {"decade", UNIT_DECADE},
             {"decades", UNIT_DECADE},
             {"c", UNIT_CENTURY},
             {"cent", UNIT_CENTURY},
             {"century", UNIT_CENTURY},
             {"centuries", UNIT_CENTURY},
             {"mil", UNIT_MILLENNIUM},
             {"mils", UNIT_MILLENNIUM},
             {"millennium", UNIT_MILLENNIUM},
             {"millennia", UNIT_MILLENNIUM}};

/* A signed decimal: whole + fraction, both with the sign. */
struct amount {
    int64_t whole;
    double fraction;
};

struct scan {
    const char *at;
    const char *end;
    uint32_t fields;
    uint32_t seen; /* bit per unit */
    struct weir_interval *out;
};

static char peek(const struct scan *scan)
{
    return scan->at < scan->end ? *scan->at : '\0';
}

static bool digit_follows(const struct scan *scan, size_t ahead)
{
    return (size_t)(scan->end - scan->at) > ahead && weir_is_digit(scan->at[ahead]);
}

static void skip_spaces(struct scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == ',' || (*scan->at >= '\t' && *scan->at <= '\r')))
        scan->at++;
}

static bool is_letter(char c)
{
    return (unsigned char)((c | 32) - 'a') < 26;
}

/* ---- adding to the result ---- */

static bool add_us(struct weir_interval *out, int64_t us)
{
    return weir_add_i64(out->us, us, &out->us);
}

/* fraction (below 1 by magnitude) of a unit of factor us. */
static bool add_fraction_us(struct weir_interval *out, double fraction, int64_t factor)
{
    double us = fraction * (double)factor;
    int64_t whole = (int64_t)us;
    double rest = us - (double)whole;
    if (rest > 0.5)
        whole++;
    else if (rest < -0.5)
        whole--;
    return add_us(out, whole);
}

static bool add_fraction_days(struct weir_interval *out, double fraction, int32_t factor)
{
    double days = fraction * factor;
    int32_t whole = (int32_t)days;
    return weir_add_i32(out->days, whole, &out->days) &&
           add_fraction_us(out, days - whole, INT64_C(86400000000));
}

static bool add_whole_i32(int32_t *part, int64_t whole, int64_t factor)
{
    int64_t product, sum;
    if (!weir_mul_i64(whole, factor, &product) || !weir_add_i64(*part, product, &sum) ||
        sum < INT32_MIN || sum > INT32_MAX)
        return false;
    *part = (int32_t)sum;
    return true;
}

/* A second with a fraction says ms and us too. */
#define SECONDS_MASK (1U << UNIT_SECOND | 1U << UNIT_MS | 1U << UNIT_US)

static enum weir_parse add_amount(struct scan *scan, struct amount amount, enum unit_index unit)
{
    struct weir_interval *out = scan->out;
    int64_t factor = units[unit].factor, product;
    bool fits = false;

    uint32_t mask = unit == UNIT_SECOND && amount.fraction != 0 ? SECONDS_MASK : 1U << unit;

    if (scan->seen & mask)
        return WEIR_PARSE_SYNTAX;
    scan->seen |= mask;
    switch (units[unit].base) {
    case BASE_MONTHS:
        fits = add_whole_i32(&out->months, amount.whole, factor) &&
               add_whole_i32(&out->months, (int64_t)weir_rint(amount.fraction * (double)factor), 1);
        break;
    case BASE_MONTH:
        fits = add_whole_i32(&out->months, amount.whole, 1) &&
               add_fraction_days(out, amount.fraction, 30);
        break;
    case BASE_DAYS:
        fits = add_whole_i32(&out->days, amount.whole, factor) &&
               add_fraction_days(out, amount.fraction, (int32_t)factor);
        break;
    case BASE_US:
        fits = weir_mul_i64(amount.whole, factor, &product) && add_us(out, product) &&
               add_fraction_us(out, amount.fraction, factor);
        break;
    }
    return fits ? WEIR_PARSE_OK : WEIR_PARSE_RANGE;
}

/* ---- numbers ---- */

/* [.digits] as a double below 1. */
static double take_fraction(struct scan *scan)
{
    const char *start = scan->at;
    double fraction = 0;
    if (peek(scan) != '.')
        return 0;
    for (scan->at++; digit_follows(scan, 0);)
        scan->at++;
    if (scan->at > start + 1 &&
        weir_number_parse_f64(weir_slice_make(start, (size_t)(scan->at - start)), &fraction) ==
            WEIR_PARSE_SYNTAX)
        fraction = 0;
    return fraction >= 1 ? 0 : fraction;
}

static enum weir_parse take_whole(struct scan *scan, int64_t *out)
{
    const char *start = scan->at;
    while (digit_follows(scan, 0))
        scan->at++;
    if (scan->at == start) { /* .5 */
        *out = 0;
        return peek(scan) == '.' && digit_follows(scan, 1) ? WEIR_PARSE_OK : WEIR_PARSE_SYNTAX;
    }
    return weir_number_parse_i64(weir_slice_make(start, (size_t)(scan->at - start)), out);
}

/* [+-]digits[.digits]; *negative also for -0. */
static enum weir_parse take_amount(struct scan *scan, struct amount *out, bool *negative)
{
    *negative = peek(scan) == '-';
    if (peek(scan) == '-' || peek(scan) == '+')
        scan->at++;
    skip_spaces(scan);
    enum weir_parse result = take_whole(scan, &out->whole);
    if (result != WEIR_PARSE_OK)
        return result;
    out->fraction = take_fraction(scan);
    if (*negative) {
        out->whole = -out->whole;
        out->fraction = -out->fraction;
    }
    return WEIR_PARSE_OK;
}

/* ---- items ---- */

/* The rest of first:minute[:second[.f]]; first has been read, without its sign. */
static enum weir_parse take_clock(struct scan *scan, int64_t first, bool negative)
{
    const uint32_t mask = 1U << UNIT_HOUR | 1U << UNIT_MINUTE | SECONDS_MASK;
    int64_t minute = 0, second = 0, us;
    double fraction = 0;

    if (scan->seen & mask)
        return WEIR_PARSE_SYNTAX;
    scan->seen |= mask;
    scan->at++;
    if (!digit_follows(scan, 0))
        return WEIR_PARSE_SYNTAX;
    if (take_whole(scan, &minute) != WEIR_PARSE_OK)
        return WEIR_PARSE_RANGE;
    bool seconds_follow = peek(scan) == ':';
    if (seconds_follow) {
        scan->at++;
        if (!digit_follows(scan, 0))
            return WEIR_PARSE_SYNTAX;
        if (take_whole(scan, &second) != WEIR_PARSE_OK)
            return WEIR_PARSE_RANGE;
    }
    if (!seconds_follow &&
        (peek(scan) == '.' || scan->fields == (WEIR_INTERVAL_MINUTE | WEIR_INTERVAL_SECOND))) {
        second = minute; /* 1:30.5 is minutes and seconds */
        minute = first;
        first = 0;
    }
    if (peek(scan) == '.')
        fraction = take_fraction(scan);
    if (minute > 59 || second > 60)
        return WEIR_PARSE_RANGE;
    if (!weir_mul_i64(first, 3600000000, &us) ||
        !weir_add_i64(us, minute * 60000000 + second * 1000000 + (int64_t)weir_rint(fraction * 1e6),
                      &us))
        return WEIR_PARSE_RANGE;
    return add_us(scan->out, negative ? -us : us) ? WEIR_PARSE_OK : WEIR_PARSE_RANGE;
}

/* The rest of years-months. */
static enum weir_parse take_months(struct scan *scan, struct amount years, bool negative)
{
    int64_t months;
    if (years.fraction != 0 || (scan->seen & (1U << UNIT_YEAR | 1U << UNIT_MONTH)))
        return WEIR_PARSE_SYNTAX;
    scan->at++;
    if (take_whole(scan, &months) != WEIR_PARSE_OK || months > 11)
        return WEIR_PARSE_RANGE;
    scan->seen |= 1U << UNIT_YEAR | 1U << UNIT_MONTH;
    return add_whole_i32(&scan->out->months, years.whole, 12) &&
                   add_whole_i32(&scan->out->months, negative ? -months : months, 1)
               ? WEIR_PARSE_OK
               : WEIR_PARSE_RANGE;
}

static bool find_unit(struct weir_slice word, enum unit_index *unit)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(names); i++)
        if (weir_slice_equals_ignoring_case(word, weir_slice_from_string(names[i].name))) {
            *unit = names[i].unit;
            return true;
        }
    return false;
}

static struct weir_slice take_word(struct scan *scan)
{
    const char *start = scan->at;
    while (scan->at < scan->end && is_letter(*scan->at))
        scan->at++;
    return weir_slice_make(start, (size_t)(scan->at - start));
}

static enum unit_index default_unit(uint32_t fields)
{
    if (fields == 0 || fields & WEIR_INTERVAL_SECOND)
        return UNIT_SECOND;
    if (fields & WEIR_INTERVAL_MINUTE)
        return UNIT_MINUTE;
    if (fields & WEIR_INTERVAL_HOUR)
        return UNIT_HOUR;
    if (fields & WEIR_INTERVAL_DAY)
        return UNIT_DAY;
    return fields & WEIR_INTERVAL_MONTH ? UNIT_MONTH : UNIT_YEAR;
}

static enum weir_parse negate_all(struct weir_interval *out)
{
    return weir_interval_negate(*out, out) ? WEIR_PARSE_OK : WEIR_PARSE_RANGE;
}

/* One signed number with what belongs to it. A number without a unit is left in *bare; the one
 * before it (had_bare) becomes days when this item is hours or a clock. */
static enum weir_parse take_item(struct scan *scan, struct amount *bare, bool *has_bare)
{
    struct amount amount, days = *bare;
    bool negative, had_bare = *has_bare, takes_days = false;
    enum unit_index unit = UNIT_COUNT;
    enum weir_parse result = take_amount(scan, &amount, &negative);

    *has_bare = false;
    if (result != WEIR_PARSE_OK)
        return result;
    if (peek(scan) == ':' && amount.fraction == 0) {
        takes_days = true;
        result = take_clock(scan, negative ? -amount.whole : amount.whole, negative);
    } else if (peek(scan) == '-' && digit_follows(scan, 1)) {
        result = take_months(scan, amount, negative);
    } else {
        skip_spaces(scan);
        const char *before = scan->at;
        struct weir_slice word = take_word(scan);
        bool ago = weir_slice_equals_ignoring_case(word, weir_slice_from_string("ago"));
        if (word.size == 0 || ago) {
            scan->at = before;
            *bare = amount;
            *has_bare = true;
            skip_spaces(scan);
            if (scan->at < scan->end && !ago) /* not the last item */
                return had_bare ? WEIR_PARSE_SYNTAX : WEIR_PARSE_OK;
            *has_bare = false;
            unit = default_unit(scan->fields);
        } else if (!find_unit(word, &unit)) {
            return WEIR_PARSE_SYNTAX;
        }
        takes_days = unit == UNIT_HOUR;
        result = add_amount(scan, amount, unit);
    }
    if (result == WEIR_PARSE_OK && had_bare)
        result = takes_days ? add_amount(scan, days, UNIT_DAY) : WEIR_PARSE_SYNTAX;
    return result;
}

static enum weir_parse scan_items(struct scan *scan)
{
    struct amount bare = {0, 0};
    bool has_bare = false, any = false;

    skip_spaces(scan);
    if (peek(scan) == '@')
        scan->at++;
    for (skip_spaces(scan); scan->at < scan->end; skip_spaces(scan)) {
        char c = peek(scan);
        if (any && is_letter(c)) {
            struct weir_slice word = take_word(scan);
            skip_spaces(scan);
            if (!weir_slice_equals_ignoring_case(word, weir_slice_from_string("ago")) ||
                scan->at < scan->end || has_bare)
                return WEIR_PARSE_SYNTAX;
            return negate_all(scan->out);
        }
        if (!weir_is_digit(c) && c != '-' && c != '+' && c != '.')
            return WEIR_PARSE_SYNTAX;
        enum weir_parse result = take_item(scan, &bare, &has_bare);
        if (result != WEIR_PARSE_OK)
            return result;
        any = true;
    }
    return any && !has_bare ? WEIR_PARSE_OK : WEIR_PARSE_SYNTAX;
}

/* ---- ISO 8601 ---- */

static bool iso_unit(char letter, bool in_time, enum unit_index *unit)
{
    static const struct {
        char letter;
        bool in_time;
        enum unit_index unit;
    } table[] = {{'Y', false, UNIT_YEAR}, {'M', false, UNIT_MONTH}, {'W', false, UNIT_WEEK},
                 {'D', false, UNIT_DAY},  {'H', true, UNIT_HOUR},   {'M', true, UNIT_MINUTE},
                 {'S', true, UNIT_SECOND}};
    for (size_t i = 0; i < WEIR_COUNT_OF(table); i++)
        if (table[i].letter == letter && table[i].in_time == in_time) {
            *unit = table[i].unit;
            return true;
        }
    return false;
}

/* The alternative format, from the first number without a letter: YYYY-MM-DD or YYYYMMDD, and after
 * T hh:mm:ss or hhmmss. */
static enum weir_parse iso_alternative(struct scan *scan, struct amount first, size_t digits,
                                       bool in_time)
{
    static const enum unit_index date[] = {UNIT_YEAR, UNIT_MONTH, UNIT_DAY};
    static const enum unit_index clock[] = {UNIT_HOUR, UNIT_MINUTE, UNIT_SECOND};
    const enum unit_index *order = in_time ? clock : date;
    char delimiter = in_time ? ':' : '-';
    enum weir_parse result;

    if (digits == (in_time ? 6U : 8U)) { /* basic: no delimiters */
        int64_t v = first.whole;
        struct amount last = {v % 100, first.fraction};
        result = add_amount(scan, (struct amount){v / 10000, 0}, order[0]);
        if (result == WEIR_PARSE_OK)
            result = add_amount(scan, (struct amount){v / 100 % 100, 0}, order[1]);
        return result == WEIR_PARSE_OK ? add_amount(scan, last, order[2]) : result;
    }
    for (int i = 0; i < 3; i++) {
        result = add_amount(scan, first, order[i]);
        if (result != WEIR_PARSE_OK || peek(scan) != delimiter || i == 2)
            return result;
        bool negative;
        scan->at++;
        result = take_amount(scan, &first, &negative);
        if (result != WEIR_PARSE_OK)
            return result;
    }
    return WEIR_PARSE_OK;
}

/* Postgres takes the fraction of an ISO number off the whole double (7.6 leaves
 * 0.5999999999999996), and so do we. */
static double iso_fraction(const char *start, const char *end, struct amount amount)
{
    double value = 0;
    if (amount.fraction == 0 || weir_number_parse_f64(weir_slice_make(start, (size_t)(end - start)),
                                                      &value) != WEIR_PARSE_OK)
        return amount.fraction;
    return value - (double)amount.whole;
}

static enum weir_parse scan_iso(struct scan *scan)
{
    bool in_time = false, any = false;

    for (scan->at++; scan->at < scan->end;) {
        struct amount amount;
        enum unit_index unit;
        bool negative;
        if (peek(scan) == 'T') {
            if (in_time)
                return WEIR_PARSE_SYNTAX;
            in_time = any = true;
            scan->at++;
            continue;
        }
        const char *start = scan->at;
        enum weir_parse result =
            *start == '+' ? WEIR_PARSE_SYNTAX : take_amount(scan, &amount, &negative);
        if (result != WEIR_PARSE_OK)
            return result;
        amount.fraction = iso_fraction(start, scan->at, amount);
        size_t digits = 0;
        for (const char *p = start; p < scan->at && *p != '.'; p++)
            digits += weir_is_digit(*p);
        if (scan->at < scan->end && is_letter(*scan->at) && *scan->at != 'T') {
            if (!iso_unit(*scan->at++, in_time, &unit))
                return WEIR_PARSE_SYNTAX;
            result = add_amount(scan, amount, unit);
        } else {
            result = iso_alternative(scan, amount, digits, in_time);
        }
        if (result != WEIR_PARSE_OK)
            return result;
        any = true;
    }
    return any ? WEIR_PARSE_OK : WEIR_PARSE_SYNTAX;
}

/* ---- the qualifier ---- */

static void cut_us(struct weir_interval *value, int64_t unit)
{
    value->us -= value->us % unit;
}

enum weir_parse weir_interval_qualify(struct weir_interval *value, uint32_t fields, int32_t digits)
{
    static const int64_t powers[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};

    if (fields && !(fields & WEIR_INTERVAL_SECOND)) {
        if (fields & WEIR_INTERVAL_MINUTE)
            cut_us(value, 60000000);
        else if (fields & WEIR_INTERVAL_HOUR)
            cut_us(value, 3600000000);
        else
            value->us = 0;
        if (!(fields & (WEIR_INTERVAL_DAY | WEIR_INTERVAL_HOUR | WEIR_INTERVAL_MINUTE)))
            value->days = 0;
        if (fields == WEIR_INTERVAL_YEAR)
            value->months -= value->months % 12;
    }
    if (digits >= 0 && digits < 6) {
        int64_t unit = powers[digits], half = value->us < 0 ? -unit / 2 : unit / 2;
        if (!weir_add_i64(value->us, half, &value->us))
            return WEIR_PARSE_RANGE;
        cut_us(value, unit);
    }
    return WEIR_PARSE_OK;
}

enum weir_parse weir_interval_parse(struct weir_slice text, uint32_t fields, int32_t digits,
                                    struct weir_interval *out)
{
    struct weir_interval value = {0, 0, 0};
    text = weir_slice_trim(text);
    struct scan scan = {
        .at = text.data, .end = text.data + text.size, .fields = fields, .out = &value};
    enum weir_parse result;

    if (text.size > 1 && text.data[0] == 'P')
        result = scan_iso(&scan);
    else
        result = scan_items(&scan);
    if (result == WEIR_PARSE_OK)
        result = weir_interval_qualify(&value, fields, digits);
    if (result == WEIR_PARSE_OK)
        *out = value;
    return result;
}
