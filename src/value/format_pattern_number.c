/* to_char and to_number of numbers. Contracts: value/format_pattern.h.
 *
 * Printing: the number is first rounded to the places behind the point and written out; then the
 * pattern is walked, each 9 and 0 taking the next digit. Places in front of the number's first
 * digit are blanks, or zeros from the first 0 on; the sign comes just before the first digit,
 * unless S, MI, PL, SG or PR say otherwise. A number with more digits than places prints as #.
 *
 *     to_char(-485.4, '9,999.99')   number "485.40", one leading blank place -> "   -485.40" */
#include "value/format_pattern_internal.h"
#include "value/number.h"
#include "value/number_internal.h"
#include "value/rounding_internal.h"
#include <stdio.h>

/* ---- compiling ---- */

static const struct {
    const char *name;
    enum weir_number_field field;
} keywords[] = {{",", WEIR_NUMBER_COMMA}, {".", WEIR_NUMBER_POINT},   {"0", WEIR_NUMBER_ZERO},
                {"9", WEIR_NUMBER_NINE},  {"B", WEIR_NUMBER_B},       {"C", WEIR_NUMBER_C},
                {"D", WEIR_NUMBER_D},     {"EEEE", WEIR_NUMBER_EEEE}, {"FM", WEIR_NUMBER_FM},
                {"G", WEIR_NUMBER_G},     {"L", WEIR_NUMBER_L},       {"MI", WEIR_NUMBER_MI},
                {"PL", WEIR_NUMBER_PL},   {"PR", WEIR_NUMBER_PR},     {"RN", WEIR_NUMBER_RN},
                {"SG", WEIR_NUMBER_SG},   {"SP", WEIR_NUMBER_SP},     {"S", WEIR_NUMBER_S},
                {"TH", WEIR_NUMBER_TH},   {"V", WEIR_NUMBER_V}};

/* All upper or all lower case. */
static size_t next_number_field(struct weir_slice text, struct weir_pattern_node *node)
{
    *node = (struct weir_pattern_node){.kind = WEIR_NODE_CHARACTER};
    for (size_t i = 0; i < WEIR_COUNT_OF(keywords); i++) {
        size_t size = strlen(keywords[i].name);
        bool upper = text.size >= size, lower = upper;
        for (size_t j = 0; j < size && (upper || lower); j++) {
            char c = keywords[i].name[j];
            upper = upper && text.data[j] == c;
            lower = lower && text.data[j] == (c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
        }
        if (upper || lower) {
            node->kind = WEIR_NODE_FIELD;
            node->field = (uint8_t)keywords[i].field;
            node->letters = upper ? WEIR_CASE_UPPER : WEIR_CASE_LOWER;
            return size;
        }
    }
    return 0;
}

static const char *add_digit_place(struct weir_number_pattern *p, bool zero)
{
    if (p->brackets)
        return zero ? "\"0\" must be ahead of \"PR\"" : "\"9\" must be ahead of \"PR\"";
    if (p->shift && !zero) {
        p->shifted++;
        return NULL;
    }
    if (zero && !p->has_zero && !p->has_point) {
        p->has_zero = true;
        p->zero_start = p->before + 1;
    }
    if (p->has_point)
        p->behind++;
    else
        p->before++;
    if (zero)
        p->zero_end = p->before + p->behind;
    return NULL;
}

static const char *add_sign(struct weir_number_pattern *p, enum weir_number_field field)
{
    if (field == WEIR_NUMBER_PR) {
        if (p->sign || p->plus || p->minus)
            return "cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together";
        p->brackets = true;
        return NULL;
    }
    if (field != WEIR_NUMBER_S) {
        if (p->sign)
            return "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\" together";
        p->plus = p->plus || field != WEIR_NUMBER_MI;
        p->minus = p->minus || field != WEIR_NUMBER_PL;
        return NULL;
    }
    if (p->sign)
        return "cannot use \"S\" twice";
    if (p->plus || p->minus || p->brackets)
        return "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together";
    p->sign = p->has_point ? WEIR_SIGN_BEHIND : WEIR_SIGN_BEFORE;
    if (!p->has_point)
        p->sign_at = p->before;
    return NULL;
}

static const char *add_scientific(struct weir_number_pattern *p)
{
    if (p->scientific)
        return "cannot use \"EEEE\" twice";
    if (p->blank || p->fill_mode || p->sign || p->brackets || p->minus || p->plus || p->roman ||
        p->shift)
        return "\"EEEE\" is incompatible with other formats";
    p->scientific = true;
    return NULL;
}

/* Notes a field in p; the text says what is wrong with it, NULL when nothing. */
static const char *add_field(struct weir_number_pattern *p, enum weir_number_field field)
{
    if (p->scientific && field != WEIR_NUMBER_EEEE)
        return "\"EEEE\" must be the last pattern used";
    switch (field) {
    case WEIR_NUMBER_NINE:
    case WEIR_NUMBER_ZERO:
        return add_digit_place(p, field == WEIR_NUMBER_ZERO);
    case WEIR_NUMBER_B:
        p->blank = p->blank || (p->before == 0 && p->behind == 0 && !p->has_zero);
        return NULL;
    case WEIR_NUMBER_D:
    case WEIR_NUMBER_POINT:
        if (p->has_point)
            return "multiple decimal points";
        if (p->shift)
            return "cannot use \"V\" and decimal point together";
        p->has_point = true;
        return NULL;
    case WEIR_NUMBER_FM:
        p->fill_mode = true;
        return NULL;
    case WEIR_NUMBER_S:
    case WEIR_NUMBER_MI:
    case WEIR_NUMBER_PL:
    case WEIR_NUMBER_SG:
    case WEIR_NUMBER_PR:
        return add_sign(p, field);
    case WEIR_NUMBER_RN:
        p->roman = true;
        return NULL;
    case WEIR_NUMBER_V:
        if (p->has_point)
            return "cannot use \"V\" and decimal point together";
        p->shift = true;
        return NULL;
    case WEIR_NUMBER_EEEE:
        return add_scientific(p);
    default:
        return NULL;
    }
}

enum { PLACES_MAX = 1000 }; /* of digits in a pattern */

enum weir_status weir_number_pattern_compile(struct weir_arena *arena, struct weir_slice pattern,
                                             const struct weir_number_pattern **out,
                                             struct weir_error *error)
{
    struct weir_number_pattern *p = WEIR_ARENA_NEW(arena, struct weir_number_pattern);
    if (!p)
        return weir_error_set_out_of_memory(error);
    p->nodes = weir_pattern_split(arena, pattern, false, next_number_field);
    if (!p->nodes)
        return weir_error_set_out_of_memory(error);
    for (const struct weir_pattern_node *node = p->nodes; node->kind != WEIR_NODE_END; node++) {
        const char *wrong = node->kind == WEIR_NODE_FIELD ? add_field(p, node->field) : NULL;
        if (wrong)
            return weir_error_set(error, WEIR_E_BAD_ARGUMENT, "%s", wrong);
    }
    if (p->before + p->behind + p->shifted > PLACES_MAX)
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT, "the pattern has more than %d digits",
                              PLACES_MAX);
    *out = p;
    return WEIR_OK;
}

/* ---- printing ---- */

/* The walk over the pattern. */
struct printer {
    struct weir_number_pattern pattern; /* a copy: printing adjusts some of it */
    struct weir_buffer *out;
    const char *number;        /* digits[.digits], without sign, NUL-terminated */
    const char *next;          /* the digit that comes next */
    const char *last_relevant; /* FM: the last digit that must show; NULL when all do */
    char sign;                 /* '+' or '-' */
    bool sign_done;
    bool digits_begun; /* the place just written showed a digit, so that a comma may follow */
    int32_t blanks;    /* places in front of the first digit */
    int32_t places;
    int32_t place; /* counts from 0 */
    size_t end;    /* where the output stops; SIZE_MAX: it does not */
};

static void put(struct printer *p, char c)
{
    weir_buffer_append_char(p->out, c);
}

/* 9.9 with 0.1 shows " .1": the lone zero before the point does not print. */
static bool hides_zero(const struct printer *p)
{
    return !p->pattern.has_zero && p->number == p->next && *p->number == '0' &&
           p->pattern.behind != 0;
}

static bool ends_at_point(const struct printer *p)
{
    return p->last_relevant && *p->last_relevant == '.';
}

static void put_sign_before_digit(struct printer *p)
{
    bool zeros_begin = p->pattern.has_zero && p->pattern.zero_start == p->place;
    if (p->sign_done || (p->place < p->blanks && !zeros_begin) ||
        (hides_zero(p) && !ends_at_point(p)))
        return;
    if (p->pattern.sign) {
        if (p->pattern.sign == WEIR_SIGN_BEHIND)
            return;
        put(p, p->sign);
    } else if (p->pattern.brackets) {
        put(p, p->sign == '+' ? ' ' : '<');
    } else if (p->sign == '-') {
        put(p, '-');
    } else if (!p->pattern.fill_mode) {
        put(p, ' ');
    }
    p->sign_done = true;
}

static void put_sign_behind_digits(struct printer *p)
{
    int32_t end = p->places + (p->blanks ? 1 : 0) + (p->pattern.has_point ? 1 : 0);
    if (p->last_relevant && p->last_relevant == p->next)
        end = p->place;
    if (p->place + 1 != end)
        return;
    if (p->sign_done && p->pattern.brackets)
        put(p, p->sign == '+' ? ' ' : '>');
    else if (p->pattern.sign == WEIR_SIGN_BEHIND)
        put(p, p->sign);
}

static void put_digit(struct printer *p, bool is_zero_place)
{
    if (*p->next == '.') {
        /* The point shows, though no digit behind it may: FM9.9 prints 5 as "5." */
        if (!ends_at_point(p) || p->pattern.fill_mode)
            put(p, '.');
    } else if (p->last_relevant && p->next > p->last_relevant && !is_zero_place) {
        /* a trailing zero that FM drops */
    } else if (hides_zero(p)) {
        if (!p->pattern.fill_mode)
            put(p, ' ');
        else if (ends_at_point(p))
            put(p, '0');
    } else if (*p->next) {
        put(p, *p->next);
        p->digits_begun = true;
    } else if (p->end == SIZE_MAX) {
        p->end = p->out->size; /* a place beyond the digits ("99D"): Postgres stops here */
    }
    if (*p->next)
        p->next++;
}

/* A place: 9, 0, or the point. */
static void put_place(struct printer *p, enum weir_number_field field)
{
    if (p->pattern.roman)
        return;
    p->digits_begun = false;
    put_sign_before_digit(p);
    if (p->place < p->blanks && p->pattern.has_zero && p->pattern.zero_start <= p->place) {
        put(p, '0');
        p->digits_begun = true;
    } else if (p->place < p->blanks) {
        if (!p->pattern.fill_mode)
            put(p, ' ');
    } else {
        put_digit(p, field == WEIR_NUMBER_ZERO);
    }
    put_sign_behind_digits(p);
    p->place++;
}

static void put_ordinal(struct printer *p, bool lower)
{
    if (p->pattern.roman || *p->number == '#' || p->sign == '-' || p->pattern.has_point)
        return;
    weir_buffer_append_string(p->out,
                              weir_pattern_ordinal(weir_slice_from_string(p->number), lower));
}

static void put_roman(struct printer *p, bool lower)
{
    size_t size = strlen(p->number);
    for (size_t i = size; i < 15 && !p->pattern.fill_mode; i++)
        put(p, ' ');
    for (size_t i = 0; i < size; i++)
        put(p, lower && p->number[i] != '#' ? (char)(p->number[i] + 32) : p->number[i]);
}

/* c, or a blank; FM drops blanks. */
static void put_or_blank(struct printer *p, bool shown, char c)
{
    if (shown)
        put(p, c);
    else if (!p->pattern.fill_mode)
        put(p, ' ');
}

static void put_field(struct printer *p, const struct weir_pattern_node *node)
{
    bool lower = node->letters == WEIR_CASE_LOWER;
    switch ((enum weir_number_field)node->field) {
    case WEIR_NUMBER_NINE:
    case WEIR_NUMBER_ZERO:
    case WEIR_NUMBER_POINT:
    case WEIR_NUMBER_D:
        put_place(p, node->field);
        break;
    case WEIR_NUMBER_COMMA:
    case WEIR_NUMBER_G:
        put_or_blank(p, p->digits_begun, ',');
        break;
    case WEIR_NUMBER_L:
        put(p, ' '); /* the currency symbol of the C locale */
        break;
    case WEIR_NUMBER_RN:
        put_roman(p, lower);
        break;
    case WEIR_NUMBER_TH:
        put_ordinal(p, lower);
        break;
    case WEIR_NUMBER_MI:
        put_or_blank(p, p->sign == '-', '-');
        break;
    case WEIR_NUMBER_PL:
        put_or_blank(p, p->sign == '+', '+');
        break;
    case WEIR_NUMBER_SG:
        put(p, p->sign);
        break;
    default:
        break;
    }
}

static const char *find_last_relevant(const char *number)
{
    const char *point = strchr(number, '.');
    const char *last = point;
    if (!point)
        return NULL;
    for (const char *at = point + 1; *at; at++)
        if (*at != '0')
            last = at;
    return last;
}

/* FM drops zeros behind the point, but not those that stand on a 0 of the pattern. */
static void plan_fill_mode(struct printer *p)
{
    if (!p->pattern.fill_mode || !p->pattern.has_point)
        return;
    p->last_relevant = find_last_relevant(p->number);
    if (p->last_relevant && p->pattern.zero_end > p->blanks) {
        int64_t last = (int64_t)strlen(p->number) - 1;
        if (last > p->pattern.zero_end - p->blanks)
            last = p->pattern.zero_end - p->blanks;
        if (p->last_relevant < p->number + last)
            p->last_relevant = p->number + last;
    }
}

static void plan_sign(struct printer *p)
{
    struct weir_number_pattern *pattern = &p->pattern;
    if (pattern->plus || pattern->minus) {
        p->sign_done = !(pattern->plus && !pattern->minus);
        return;
    }
    if (p->sign != '-' && pattern->brackets && pattern->fill_mode)
        pattern->brackets = false;
    p->sign_done = p->sign == '+' && pattern->fill_mode && !pattern->sign;
    if (pattern->sign == WEIR_SIGN_BEFORE && pattern->before == pattern->sign_at)
        pattern->sign = WEIR_SIGN_BEHIND;
}

/* number: digits with or without a point, no sign. */
static void print_by_pattern(const struct weir_number_pattern *pattern, const char *number,
                             char sign, int32_t blanks, struct weir_buffer *out)
{
    struct printer p = {.pattern = *pattern,
                        .out = out,
                        .number = number,
                        .next = number,
                        .sign = sign,
                        .end = SIZE_MAX};

    if (p.pattern.zero_start)
        p.pattern.zero_start--;
    if (p.pattern.roman) {
        bool fill_mode = p.pattern.fill_mode;
        p.pattern = (struct weir_number_pattern){
            .nodes = pattern->nodes, .roman = true, .fill_mode = fill_mode};
        blanks = 0;
        p.sign = 0;
    }
    plan_sign(&p);
    p.blanks = blanks;
    p.places = p.pattern.behind + p.pattern.before - 1;
    plan_fill_mode(&p);
    if (!p.sign_done && blanks == 0)
        p.places++;
    for (const struct weir_pattern_node *node = pattern->nodes; node->kind != WEIR_NODE_END;
         node++) {
        if (node->kind == WEIR_NODE_FIELD)
            put_field(&p, node);
        else
            weir_buffer_append(out, node->character, node->character_size);
    }
    if (p.end < out->size)
        out->size = p.end;
}

enum { NUMBER_SIZE = 2048 }; /* digits of the greatest double, and PLACES_MAX */

/* All places as #. */
static void fill_with_hashes(char *out, const struct weir_number_pattern *pattern)
{
    size_t size = (size_t)(pattern->before + pattern->behind + 1);
    memset(out, '#', size);
    out[pattern->before] = '.';
    out[size] = '\0';
}

/* text: [-]digits[.digits], already with pattern->behind digits behind the point. */
static void print_text(struct weir_number_pattern *pattern, char *text, struct weir_buffer *out)
{
    char hashes[PLACES_MAX + 2];
    char sign = *text == '-' ? '-' : '+';
    const char *number = text + (*text == '-');
    size_t whole = strcspn(number, ".");
    int32_t blanks = 0;

    if ((int64_t)whole < pattern->before) {
        blanks = pattern->before - (int32_t)whole;
    } else if ((int64_t)whole > pattern->before) {
        fill_with_hashes(hashes, pattern);
        number = hashes;
    }
    print_by_pattern(pattern, number, sign, blanks, out);
}

static void to_roman(char out[16], int64_t value)
{
    static const char *const parts[4][9] = {
        {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"},
        {"X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"},
        {"C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM"},
        {"M", "MM", "MMM", "", "", "", "", "", ""}};
    static const int64_t units[4] = {1, 10, 100, 1000};
    size_t size = 0;

    if (value < 1 || value > 3999) {
        memset(out, '#', 15);
        out[15] = '\0';
        return;
    }
    for (int i = 3; i >= 0; i--) {
        int64_t digit = value / units[i] % 10;
        if (digit) {
            size_t part = strlen(parts[i][digit - 1]);
            memcpy(out + size, parts[i][digit - 1], part);
            size += part;
        }
    }
    out[size] = '\0';
}

/* NaN and infinities under EEEE. */
static void put_hashes_scientific(const struct weir_number_pattern *pattern,
                                  struct weir_buffer *out)
{
    for (int32_t i = 0; i < pattern->before + pattern->behind + 6; i++)
        weir_buffer_append_char(out, i == 0 ? ' ' : i == pattern->before + 1 ? '.' : '#');
}

/* d.ddde+XX of a decimal, half away from zero. */
static void print_scientific(struct weir_decimal value, int32_t places, struct weir_buffer *out)
{
    char digits[WEIR_NUMBER_I128_SIZE];
    int32_t count = (int32_t)weir_decimal_digits(value.unscaled);
    int32_t exponent = count ? count - 1 - (int32_t)value.scale : 0;
    weir_i128 cut = value.unscaled;

    if (count > places + 1) {
        enum weir_arith result = weir_decimal_rescale(
            weir_decimal_make(value.unscaled, (uint32_t)(count - places - 1)), 0, &cut);
        (void)result; /* fewer digits always fit */
        if ((int32_t)weir_decimal_digits(cut) > places + 1) {
            cut /= 10;
            exponent++;
        }
    }
    size_t size = weir_number_print_u128(digits, weir_i128_magnitude(cut));
    weir_buffer_append_char(out, value.unscaled < 0 ? '-' : ' ');
    weir_buffer_append_char(out, digits[0]);
    if (places > 0)
        weir_buffer_append_char(out, '.');
    for (int32_t i = 1; i <= places; i++)
        weir_buffer_append_char(out, (size_t)i < size ? digits[i] : '0');
    weir_buffer_printf(out, "e%+03d", exponent);
}

/* |value| with `places` digits behind the point, in text; value has a scale of at most 38. */
static size_t write_decimal(char *text, struct weir_decimal value, int32_t places)
{
    struct weir_decimal rounded = value;
    if (weir_decimal_round(value, places, &rounded) != WEIR_ARITH_OK)
        rounded = value; /* 38 nines rounded up: one digit more than there is; left as it is */
    size_t size = weir_decimal_print(text, rounded);
    if (places > (int32_t)rounded.scale) {
        if (rounded.scale == 0)
            text[size++] = '.';
        size_t zeros = (size_t)(places - (int32_t)rounded.scale);
        memset(text + size, '0', zeros);
        size += zeros;
    }
    text[size] = '\0';
    return size;
}

bool weir_number_pattern_is_scientific(const struct weir_number_pattern *pattern)
{
    return pattern->scientific;
}

enum weir_status weir_number_pattern_print(const struct weir_number_pattern *pattern,
                                           struct weir_decimal value, struct weir_buffer *buffer,
                                           struct weir_error *error)
{
    struct weir_number_pattern p = *pattern;
    char text[NUMBER_SIZE];

    if (p.roman) {
        int64_t whole = 0;
        if (weir_decimal_to_i64(value, &whole) != WEIR_ARITH_OK || whole > INT32_MAX ||
            whole < INT32_MIN)
            return weir_error_set(error, WEIR_E_OVERFLOW, "integer out of range");
        to_roman(text, whole);
        print_by_pattern(&p, text, '+', 0, buffer);
        return WEIR_OK;
    }
    if (p.scientific) {
        print_scientific(value, p.behind, buffer);
        return WEIR_OK;
    }
    if (p.shift) {
        weir_i128 unscaled = value.unscaled;
        p.before += p.shifted;
        for (int32_t i = 0; i < p.shifted; i++) {
            if (value.scale)
                value.scale--;
            else if (__builtin_mul_overflow(unscaled, (weir_i128)10, &unscaled) ||
                     !weir_decimal_fits(unscaled, WEIR_DECIMAL_PRECISION_MAX))
                return weir_error_set(error, WEIR_E_OVERFLOW,
                                      "a number shifted by \"V\" has more than 38 digits");
        }
        value.unscaled = unscaled;
    }
    (void)write_decimal(text, value, p.behind);
    print_text(&p, text, buffer);
    return WEIR_OK;
}

/* snprintf's decimal point, whatever the locale, becomes '.'. */
static void write_f64(char *text, const char *format, int32_t places, double value)
{
    (void)snprintf(text, NUMBER_SIZE, format, (int)places, value);
    for (char *at = text; *at; at++)
        if (*at == ',')
            *at = '.';
}

/* How many digits printf gives the whole part of |value|. */
static int32_t whole_digits(char *text, double value)
{
    write_f64(text, "%.*f", 0, value < 0 ? -value : value);
    return (int32_t)strlen(text);
}

static bool wants_ordinal(const struct weir_number_pattern *pattern)
{
    for (const struct weir_pattern_node *node = pattern->nodes; node->kind != WEIR_NODE_END; node++)
        if (node->kind == WEIR_NODE_FIELD && node->field == WEIR_NUMBER_TH)
            return !pattern->has_point;
    return false;
}

static enum weir_status print_f64(const struct weir_number_pattern *pattern, double value,
                                  int32_t digits_max, struct weir_buffer *buffer,
                                  struct weir_error *error)
{
    struct weir_number_pattern p = *pattern;
    char text[NUMBER_SIZE];
    bool finite = value >= -__DBL_MAX__ && value <= __DBL_MAX__;

    if (p.roman) {
        to_roman(text, value > -1 && value < 1e9 ? (int64_t)weir_rint(value) : 0);
        print_by_pattern(&p, text, '+', 0, buffer);
        return WEIR_OK;
    }
    if (value != value && wants_ordinal(pattern))
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT, "\"NaN\" is not a number");
    if (p.scientific && !finite) {
        put_hashes_scientific(&p, buffer);
        return WEIR_OK;
    }
    if (p.scientific) {
        write_f64(text, "%+.*e", p.behind, value);
        if (*text == '+')
            *text = ' ';
        weir_buffer_append_string(buffer, text);
        return WEIR_OK;
    }
    if (p.shift) {
        for (int32_t i = 0; i < p.shifted; i++)
            value *= 10;
        p.before += p.shifted;
        finite = value >= -__DBL_MAX__ && value <= __DBL_MAX__;
    }
    int32_t whole = finite ? whole_digits(text, value) : value != value ? 3 : 8;
    if (whole >= digits_max)
        p.behind = 0;
    else if (whole + p.behind > digits_max)
        p.behind = digits_max - whole;
    write_f64(text, "%.*f", p.behind, value);
    if (!finite) { /* as Postgres spells them */
        const char *name = value != value ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
        memcpy(text, name, strlen(name) + 1);
    }
    print_text(&p, text, buffer);
    return WEIR_OK;
}

enum weir_status weir_number_pattern_print_f64(const struct weir_number_pattern *pattern,
                                               double value, struct weir_buffer *buffer,
                                               struct weir_error *error)
{
    return print_f64(pattern, value, 15, buffer, error);
}

enum weir_status weir_number_pattern_print_f32(const struct weir_number_pattern *pattern,
                                               float value, struct weir_buffer *buffer,
                                               struct weir_error *error)
{
    return print_f64(pattern, (double)value, 6, buffer, error);
}

/* ---- reading ---- */

struct number_reader {
    const struct weir_number_pattern *pattern;
    enum weir_sign_place sign_place;
    const char *at;
    const char *end;
    char digits[PLACES_MAX + 4]; /* digits and a point, as met */
    size_t size;
    char sign; /* ' ' until one is met */
    int32_t before, behind;
    bool has_point;
};

static char current(const struct number_reader *reader)
{
    return reader->at < reader->end ? *reader->at : '\0';
}

static bool take_sign_char(struct number_reader *reader)
{
    char c = current(reader);
    if (c != '-' && c != '+')
        return false;
    reader->sign = c;
    return true;
}

/* The sign in front of the first digit. */
static void read_leading_sign(struct number_reader *reader)
{
    if (reader->sign != ' ' || reader->before + reader->behind > 0)
        return;
    if (reader->pattern->sign && reader->sign_place == WEIR_SIGN_BEFORE) {
        if (take_sign_char(reader))
            reader->at++;
    } else if (current(reader) == '<' && reader->pattern->brackets) {
        reader->sign = '-';
        reader->at++;
    } else if (take_sign_char(reader)) {
        reader->at++;
    }
}

/* A place of the pattern meets the text. Leaves at on what was read (the walk steps over it). */
static void read_place(struct number_reader *reader, enum weir_number_field field)
{
    bool read = false;

    if (current(reader) == ' ')
        reader->at++;
    if (reader->at >= reader->end)
        return;
    if (field == WEIR_NUMBER_NINE || field == WEIR_NUMBER_ZERO)
        read_leading_sign(reader);
    if (reader->at >= reader->end)
        return;
    if (weir_is_digit(*reader->at)) {
        if (reader->has_point && reader->behind == reader->pattern->behind)
            return;
        if (reader->size < PLACES_MAX + 2)
            reader->digits[reader->size++] = *reader->at;
        if (reader->has_point)
            reader->behind++;
        else
            reader->before++;
        read = true;
    } else if (reader->pattern->has_point && !reader->has_point && *reader->at == '.') {
        reader->digits[reader->size++] = '.';
        reader->has_point = read = true;
    }
    if (reader->sign != ' ' || reader->before + reader->behind == 0)
        return;
    /* A sign behind the last digit. */
    if (reader->pattern->sign && read && reader->end - reader->at > 1 &&
        !weir_is_digit(reader->at[1])) {
        reader->at++;
        if (!take_sign_char(reader))
            reader->at--;
    } else if (!read && !reader->pattern->sign &&
               (reader->pattern->plus || reader->pattern->minus)) {
        (void)take_sign_char(reader);
    }
}

/* Passes up to n characters that are no part of a number. */
static void pass_text(struct number_reader *reader, int n)
{
    while (n-- > 0 && reader->at < reader->end && !memchr("0123456789.,+-", *reader->at, 14))
        reader->at += weir_pattern_character_size(
            weir_slice_make(reader->at, (size_t)(reader->end - reader->at)));
}

/* True when the walk has to step over the byte at hand. */
static bool read_field(struct number_reader *reader, enum weir_number_field field)
{
    char c = current(reader);
    switch (field) {
    case WEIR_NUMBER_NINE:
    case WEIR_NUMBER_ZERO:
    case WEIR_NUMBER_POINT:
    case WEIR_NUMBER_D:
        read_place(reader, field);
        return true;
    case WEIR_NUMBER_COMMA:
    case WEIR_NUMBER_G:
        return !reader->pattern->fill_mode && c == ',';
    case WEIR_NUMBER_L:
        pass_text(reader, 1);
        return false;
    case WEIR_NUMBER_TH:
        if (!reader->pattern->has_point && reader->sign != '-')
            pass_text(reader, 2);
        return false;
    case WEIR_NUMBER_MI:
    case WEIR_NUMBER_PL:
    case WEIR_NUMBER_SG:
        if ((c == '-' && field != WEIR_NUMBER_PL) || (c == '+' && field != WEIR_NUMBER_MI)) {
            reader->sign = c;
            return true;
        }
        pass_text(reader, 1);
        return false;
    default:
        return false;
    }
}

static enum weir_status finish_number(struct number_reader *reader, struct weir_decimal *out,
                                      struct weir_error *error)
{
    char text[PLACES_MAX + 8];
    size_t size = reader->size;
    struct weir_decimal value;

    if (size && reader->digits[size - 1] == '.')
        size--;
    text[0] = reader->sign == '-' ? '-' : '+';
    memcpy(text + 1, reader->digits, size);
    switch (weir_decimal_parse_natural(weir_slice_make(text, size + 1), &value)) {
    case WEIR_PARSE_OK:
        break;
    case WEIR_PARSE_RANGE:
        return weir_error_set(error, WEIR_E_OVERFLOW, "the number has more than 38 digits");
    default:
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT,
                              "the text has no number where the pattern has one");
    }
    int64_t whole = (int64_t)weir_decimal_digits(value.unscaled) - (int64_t)value.scale;
    if (whole > reader->pattern->before + reader->pattern->shifted)
        return weir_error_set(error, WEIR_E_OVERFLOW,
                              "the number has more digits than the pattern");
    if (reader->pattern->shift) {
        value.scale += (uint32_t)reader->pattern->shifted;
        if (value.scale > WEIR_DECIMAL_PRECISION_MAX)
            return weir_error_set(error, WEIR_E_OVERFLOW, "the number has more than 38 digits");
    }
    *out = value;
    return WEIR_OK;
}

enum weir_status weir_number_pattern_parse(const struct weir_number_pattern *pattern,
                                           struct weir_slice text, struct weir_decimal *out,
                                           struct weir_error *error)
{
    struct number_reader reader = {.pattern = pattern,
                                   .sign_place = pattern->sign,
                                   .at = text.data,
                                   .end = text.data + text.size,
                                   .sign = ' '};

    if (pattern->roman || pattern->scientific)
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT, "\"%s\" not supported for input",
                              pattern->roman ? "RN" : "EEEE");
    for (const struct weir_pattern_node *node = pattern->nodes;
         node->kind != WEIR_NODE_END && reader.at < reader.end; node++) {
        if (node->kind != WEIR_NODE_FIELD) {
            reader.at += weir_pattern_character_size(
                weir_slice_make(reader.at, (size_t)(reader.end - reader.at)));
        } else if (read_field(&reader, node->field) && reader.at < reader.end) {
            reader.at++;
        }
    }
    return finish_number(&reader, out, error);
}
