/* Parsing options by table; see options.h. */
#include "base/options.h"

#include "base/checked.h"

#include <stdio.h>

enum { CANDIDATES_MAX = 128 };

/* ---- single values ---- */

static bool parse_digits(struct weir_slice *text, int64_t *out)
{
    size_t i = 0;
    int64_t value = 0;
    for (; i < text->size; i++) {
        char c = text->data[i];
        if (c == '_' && i > 0 && i + 1 < text->size)
            continue;
        if (c < '0' || c > '9')
            break;
        if (!weir_mul_i64(value, 10, &value) || !weir_add_i64(value, c - '0', &value))
            return false;
    }
    if (i == 0)
        return false;
    text->data += i;
    text->size -= i;
    *out = value;
    return true;
}

static bool parse_integer(struct weir_slice text, int64_t *out)
{
    bool negative = text.size && text.data[0] == '-';
    if (text.size && (text.data[0] == '-' || text.data[0] == '+')) {
        text.data++;
        text.size--;
    }
    if (!parse_digits(&text, out) || text.size)
        return false;
    *out = negative ? -*out : *out;
    return true;
}

/* An unsigned decimal with up to nine digits behind the point; *fraction in billionths. */
static bool parse_quantity(struct weir_slice *text, int64_t *whole, int64_t *fraction)
{
    int64_t unit = 100000000;
    *fraction = 0;
    if (!parse_digits(text, whole))
        return false;
    if (!text->size || text->data[0] != '.')
        return true;
    text->data++;
    text->size--;
    size_t digits = 0;
    while (digits < text->size && text->data[digits] >= '0' && text->data[digits] <= '9') {
        *fraction += unit * (text->data[digits] - '0');
        unit /= 10;
        digits++;
    }
    text->data += digits;
    text->size -= digits;
    return digits > 0;
}

struct unit {
    const char *name;
    int64_t size;
};

static const struct unit time_units[] = {
    {"us", 1},
    {"microsecond", 1},
    {"microseconds", 1},
    {"ms", 1000},
    {"millisecond", 1000},
    {"milliseconds", 1000},
    {"s", 1000000},
    {"sec", 1000000},
    {"secs", 1000000},
    {"second", 1000000},
    {"seconds", 1000000},
    {"m", 60000000},
    {"min", 60000000},
    {"mins", 60000000},
    {"minute", 60000000},
    {"minutes", 60000000},
    {"h", 3600000000},
    {"hour", 3600000000},
    {"hours", 3600000000},
    {"d", 86400000000},
    {"day", 86400000000},
    {"days", 86400000000},
    {"w", 604800000000},
    {"week", 604800000000},
    {"weeks", 604800000000},
};
static const struct unit size_units[] = {
    {"", 1},
    {"b", 1},
    {"byte", 1},
    {"bytes", 1},
    {"k", 1 << 10},
    {"kb", 1 << 10},
    {"kib", 1 << 10},
    {"m", 1 << 20},
    {"mb", 1 << 20},
    {"mib", 1 << 20},
    {"g", 1 << 30},
    {"gb", 1 << 30},
    {"gib", 1 << 30},
    {"t", INT64_C(1) << 40},
    {"tb", INT64_C(1) << 40},
    {"tib", INT64_C(1) << 40},
};

static const struct unit *find_unit(const struct unit *units, size_t count, struct weir_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (weir_slice_equals_ignoring_case(name, weir_slice_from_string(units[i].name)))
            return &units[i];
    return NULL;
}

static struct weir_slice take_word(struct weir_slice *text)
{
    size_t size = 0;
    *text = weir_slice_trim(*text);
    while (size < text->size && ((text->data[size] | 32) >= 'a' && (text->data[size] | 32) <= 'z'))
        size++;
    struct weir_slice word = weir_slice_make(text->data, size);
    text->data += size;
    text->size -= size;
    *text = weir_slice_trim(*text);
    return word;
}

/* Quantity times unit, fraction included; false on overflow. */
static bool scale(int64_t whole, int64_t fraction, int64_t unit, int64_t *out)
{
    int64_t a;
    if (!weir_mul_i64(whole, unit, &a))
        return false;
    __extension__ __int128 rest = (__int128)fraction * unit / 1000000000;
    return weir_add_i64(a, (int64_t)rest, out);
}

bool weir_option_parse_duration(struct weir_slice text, int64_t *us)
{
    int64_t total = 0;
    text = weir_slice_trim(text);
    if (weir_slice_equals_ignoring_case(text, weir_slice_from_string("off"))) {
        *us = -1;
        return true;
    }
    if (text.size == 0)
        return false;
    while (text.size) {
        int64_t whole, fraction, part;
        if (!parse_quantity(&text, &whole, &fraction))
            return false;
        struct weir_slice word = take_word(&text);
        const struct unit *unit = find_unit(time_units, WEIR_COUNT_OF(time_units), word);
        if (!unit || !scale(whole, fraction, unit->size, &part) ||
            !weir_add_i64(total, part, &total))
            return false;
    }
    *us = total;
    return true;
}

bool weir_option_parse_size(struct weir_slice text, int64_t *bytes)
{
    int64_t whole, fraction;
    text = weir_slice_trim(text);
    if (!parse_quantity(&text, &whole, &fraction))
        return false;
    struct weir_slice word = take_word(&text);
    const struct unit *unit = find_unit(size_units, WEIR_COUNT_OF(size_units), word);
    return unit && text.size == 0 && scale(whole, fraction, unit->size, bytes);
}

bool weir_option_parse_boolean(struct weir_slice text, bool *out)
{
    static const char *const yes[] = {"true", "on", "yes", "1", "t", "y"};
    static const char *const no[] = {"false", "off", "no", "0", "f", "n"};
    text = weir_slice_trim(text);
    for (size_t i = 0; i < WEIR_COUNT_OF(yes); i++) {
        if (weir_slice_equals_ignoring_case(text, weir_slice_from_string(yes[i])))
            return *out = true, true;
        if (weir_slice_equals_ignoring_case(text, weir_slice_from_string(no[i])))
            return *out = false, true;
    }
    return false;
}

static bool parse_number(struct weir_slice text, double *out)
{
    int64_t whole, fraction;
    bool negative = text.size && text.data[0] == '-';
    if (negative) {
        text.data++;
        text.size--;
    }
    if (!parse_quantity(&text, &whole, &fraction) || text.size)
        return false;
    *out = (double)whole + (double)fraction / 1e9;
    *out = negative ? -*out : *out;
    return true;
}

static bool parse_choice(const char *const *choices, struct weir_slice text, int64_t *out)
{
    for (int64_t i = 0; choices[i]; i++)
        if (weir_slice_equals_ignoring_case(text, weir_slice_from_string(choices[i])))
            return *out = i, true;
    return false;
}

/* ---- one option ---- */

static bool store(const struct weir_option_spec *spec, struct weir_slice text, void *out)
{
    void *field = (char *)out + spec->offset;
    int64_t integer = 0;
    bool ok, bounded = spec->min != 0 || spec->max != 0;
    switch (spec->kind) {
    case WEIR_OPTION_TEXT:
        *(struct weir_slice *)field = text;
        return true;
    case WEIR_OPTION_BOOLEAN:
        return weir_option_parse_boolean(text, field);
    case WEIR_OPTION_NUMBER:
        return parse_number(weir_slice_trim(text), field) &&
               (!bounded ||
                (*(double *)field >= (double)spec->min && *(double *)field <= (double)spec->max));
    case WEIR_OPTION_CHOICE:
        return parse_choice(spec->choices, weir_slice_trim(text), field);
    case WEIR_OPTION_INTEGER:
        ok = parse_integer(weir_slice_trim(text), &integer);
        break;
    case WEIR_OPTION_DURATION:
        ok = weir_option_parse_duration(text, &integer);
        break;
    default:
        ok = weir_option_parse_size(text, &integer);
        break;
    }
    if (!ok || (bounded && (integer < spec->min || integer > spec->max)))
        return false;
    *(int64_t *)field = integer;
    return true;
}

/* "a number of rows such as 1000", for the message of a bad value. */
static void describe_kind(const struct weir_option_spec *spec, char *out, size_t size)
{
    static const char *const texts[] = {
        [WEIR_OPTION_TEXT] = "a text",
        [WEIR_OPTION_BOOLEAN] = "true or false",
        [WEIR_OPTION_INTEGER] = "a whole number",
        [WEIR_OPTION_NUMBER] = "a number",
        [WEIR_OPTION_DURATION] = "a duration such as '10 seconds'",
        [WEIR_OPTION_SIZE] = "a size such as '64 MiB'",
        [WEIR_OPTION_CHOICE] = "one of",
    };
    bool may_be_off =
        spec->kind == WEIR_OPTION_DURATION && (spec->min < 0 || !(spec->min | spec->max));
    int used = snprintf(out, size, "%s%s", texts[spec->kind], may_be_off ? ", or 'off'" : "");
    if (spec->kind == WEIR_OPTION_CHOICE) {
        for (size_t i = 0; spec->choices[i] && used > 0 && (size_t)used < size; i++)
            used += snprintf(out + used, size - (size_t)used, "%s '%s'", i ? "," : "",
                             spec->choices[i]);
    } else if ((spec->min || spec->max) && spec->max != INT64_MAX && used > 0) {
        (void)snprintf(out + used, size - (size_t)used, " from %lld to %lld", (long long)spec->min,
                       (long long)spec->max);
    } else if (spec->min && !may_be_off && used > 0) {
        (void)snprintf(out + used, size - (size_t)used, " from %lld on", (long long)spec->min);
    }
}

static enum weir_status bad_option(const struct weir_option_spec *spec,
                                   const struct weir_option *option, const char *what,
                                   struct weir_error *error)
{
    char expected[160];
    describe_kind(spec, expected, sizeof expected);
    (void)weir_error_set(error, WEIR_E_BAD_OPTION, "option \"%s\" of %s cannot be '%.*s'",
                         spec->name, what, spec->secret ? 3 : (int)option->value.size,
                         spec->secret ? "***" : option->value.data);
    weir_error_hint(error, "it takes %s", expected);
    weir_error_at(error, option->value_position);
    return WEIR_E_BAD_OPTION;
}

bool weir_option_is(const struct weir_option_spec *spec, struct weir_slice name)
{
    return weir_slice_equals_ignoring_case(name, weir_slice_from_string(spec->name)) ||
           (spec->alias &&
            weir_slice_equals_ignoring_case(name, weir_slice_from_string(spec->alias)));
}

enum weir_status weir_options_parse(const struct weir_option_spec *specs, size_t specs_count,
                                    struct weir_option *options, size_t options_count,
                                    uint32_t roles, const char *what, void *out,
                                    struct weir_error *error)
{
    for (size_t i = 0; i < specs_count; i++) {
        const struct weir_option_spec *spec = &specs[i];
        struct weir_option *given = NULL;
        for (size_t k = 0; k < options_count; k++)
            if (weir_option_is(spec, options[k].name))
                given = &options[k];
        if (given) {
            given->used = true;
            if (!store(spec, given->value, out))
                return bad_option(spec, given, what, error);
            continue;
        }
        bool applies = spec->roles == 0 || (spec->roles & roles);
        if (spec->required && applies) {
            (void)weir_error_set(error, WEIR_E_MISSING_OPTION, "%s needs the option \"%s\"", what,
                                 spec->name);
            weir_error_hint(error, "%s = …: %s", spec->name, spec->help ? spec->help : "");
            return WEIR_E_MISSING_OPTION;
        }
        if (spec->fallback && !store(spec, weir_slice_from_string(spec->fallback), out))
            return weir_error_set(error, WEIR_E_INTERNAL, "default of option \"%s\" is bad",
                                  spec->name);
    }
    return WEIR_OK;
}

/* The nearest candidate, or the one whose part behind a point is near ("header", "delimeter" for
 * "csv.header", "csv.delimiter"). */
static struct weir_slice suggest(struct weir_slice name, const struct weir_slice *candidates,
                                 size_t count)
{
    struct weir_slice parts[CANDIDATES_MAX], nearest = weir_slice_nearest(name, candidates, count);
    if (nearest.size)
        return nearest;
    for (size_t i = 0; i < count; i++) {
        const char *point = memchr(candidates[i].data, '.', candidates[i].size);
        size_t begin = point ? (size_t)(point + 1 - candidates[i].data) : 0;
        parts[i] = weir_slice_make(candidates[i].data + begin, candidates[i].size - begin);
    }
    nearest = weir_slice_nearest(name, parts, count);
    for (size_t i = 0; i < count && nearest.size; i++)
        if (parts[i].data == nearest.data)
            return candidates[i];
    return nearest;
}

enum weir_status weir_options_reject_unused(const struct weir_option *options, size_t options_count,
                                            const struct weir_option_spec *const *tables,
                                            const size_t *table_sizes, size_t tables_count,
                                            const char *what, struct weir_error *error)
{
    struct weir_slice candidates[CANDIDATES_MAX];
    size_t count = 0;
    for (size_t t = 0; t < tables_count; t++)
        for (size_t i = 0; i < table_sizes[t] && count < CANDIDATES_MAX; i++)
            candidates[count++] = weir_slice_from_string(tables[t][i].name);
    for (size_t i = 0; i < options_count; i++) {
        if (options[i].used)
            continue;
        struct weir_slice nearest = suggest(options[i].name, candidates, count);
        (void)weir_error_set(error, WEIR_E_UNKNOWN_OPTION, "%s has no option \"%.*s\"", what,
                             WEIR_SLICE_ARGS(options[i].name));
        if (nearest.size)
            weir_error_hint(error, "did you mean \"%.*s\"?", WEIR_SLICE_ARGS(nearest));
        weir_error_at(error, options[i].name_position);
        return WEIR_E_UNKNOWN_OPTION;
    }
    return WEIR_OK;
}
