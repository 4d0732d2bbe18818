/* Translation of Postgres' advanced regular expressions into PCRE2 patterns.
 *
 *     '^\m(\w+)\M[[:<:]]{2,3}?'  →  ^\b(?=\w)(\w+)\b(?<=\w)…
 *
 * A recursive descent over alternatives ─ branches ─ quantified atoms, which writes what it reads.
 * It exists because the dialects differ in small things: word escapes, newline modes, \Z, embedded
 * options at the start only, octal escapes and back references, `**` and `a++` being errors,
 * comments and white space of the expanded syntax, classes that Unicode defines and glibc's C.UTF-8
 * does not.
 *
 * Which match is preferred: Postgres' rules (section 9.7.3.5) give every expression a preference
 * for the longest or shortest match as a whole, whatever the order of alternatives. The translator
 * works that preference out; regex.c applies it where PCRE2 might answer differently.
 *
 * Known differences: look-behind must be of fixed length; names of collating elements other than
 * single characters are refused; basic expressions (flags b, e) are refused.
 * Tests: tests/unit/kernel/string/test_regex.c. */
#include "kernel/string/regex_pattern.h"
#include "value/utf8.h"

#include <stdio.h>

enum {
    DEPTH_MAX = 100,
    REPETITIONS_MAX = 255,
    NO_CHARACTER = -1, /* an escape that stands for no single character */
    WHOLE_CLASS = -2   /* a bracket item that is a class */
};

/* Greediness of a part: what Postgres calls its preference. */
enum preference { PREFERENCE_NONE, PREFERENCE_LONGER, PREFERENCE_SHORTER };

struct translator {
    struct weir_slice source;
    size_t at;
    struct weir_buffer *out;
    struct weir_regex_flags flags;
    const char *failure;
    uint32_t groups_count; /* opened */
    uint32_t depth;
    bool in_constraint; /* inside a look-around: groups do not capture */
    bool has_backreference;
    bool has_alternatives;
    bool has_greedy, has_lazy;
};

/* --- flags ----------------------------------------------------------------------------------- */

/* Applies one letter; false when there is no such option. */
static bool apply_option(struct weir_regex_flags *flags, char letter)
{
    switch (letter) {
    case 'i':
        flags->ignore_case = true;
        return true;
    case 'c':
        flags->ignore_case = false;
        return true;
    case 'n':
    case 'm':
        flags->lines_anchor = flags->newline_stops = true;
        return true;
    case 's':
        flags->lines_anchor = flags->newline_stops = false;
        return true;
    case 'p':
        flags->newline_stops = true;
        flags->lines_anchor = false;
        return true;
    case 'w':
        flags->lines_anchor = true;
        flags->newline_stops = false;
        return true;
    case 'x':
        flags->expanded = true;
        return true;
    case 't':
        flags->expanded = false;
        return true;
    case 'q':
        flags->is_literal = true;
        return true;
    default:
        return false;
    }
}

const char *weir_regex_flags_parse(struct weir_slice letters, struct weir_regex_flags *flags)
{
    *flags = (struct weir_regex_flags){0};
    for (size_t i = 0; i < letters.size; i++) {
        char letter = letters.data[i];
        if (letter == 'g')
            flags->is_global = true;
        else if (letter == 'b' || letter == 'e')
            return "basic and extended regular expressions (flags b and e) are not supported";
        else if (!apply_option(flags, letter))
            return "invalid regular expression option: flags are g i c n m s p w x t q";
    }
    return NULL;
}

/* --- reading and writing --------------------------------------------------------------------- */

static bool fail(struct translator *t, const char *failure)
{
    if (!t->failure)
        t->failure = failure;
    return false;
}
static bool is_at_end(const struct translator *t)
{
    return t->at >= t->source.size;
}
static char peek(const struct translator *t, size_t ahead)
{
    return t->at + ahead < t->source.size ? t->source.data[t->at + ahead] : 0;
}
static bool accept(struct translator *t, const char *text)
{
    size_t size = strlen(text);
    if (t->source.size - t->at < size || memcmp(t->source.data + t->at, text, size) != 0)
        return false;
    t->at += size;
    return true;
}
static int32_t take_character(struct translator *t)
{
    size_t used;
    uint32_t c = weir_utf8_decode(t->source.data + t->at, t->source.size - t->at, &used);
    t->at += used;
    return (int32_t)c;
}
static void put(struct translator *t, const char *text)
{
    weir_buffer_append_string(t->out, text);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static bool is_alphanumeric(int32_t c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z' && c < 128);
}

/* The character itself, for use outside and inside of brackets. */
static void put_character(struct translator *t, int32_t c)
{
    char bytes[WEIR_UTF8_SIZE];
    if (c < 32 || c == 127) {
        weir_buffer_printf(t->out, "\\x{%x}", (unsigned)c);
        return;
    }
    if (c < 128 && !is_alphanumeric(c))
        weir_buffer_append_char(t->out, '\\');
    weir_buffer_append(t->out, bytes, weir_utf8_encode((uint32_t)c, bytes));
}

/* --- classes --------------------------------------------------------------------------------- */

/* What goes between brackets. Space and blank leave the no-break spaces out, digits are ASCII, as
 * in glibc's C.UTF-8, which Postgres goes by. */
#define SPACES "\\x{2000}-\\x{2006}\\x{2008}-\\x{200a}\\x{205f}\\x{3000}"
static const struct {
    const char *name;
    const char *members;
} classes[] = {
    {"alnum", "\\p{Alphabetic}\\p{Nd}"},
    {"alpha", "\\p{Alphabetic}"},
    {"ascii", "\\x{0}-\\x{7f}"},
    {"blank", "\\x{9}\\x{20}\\x{1680}" SPACES},
    {"cntrl", "\\p{Cc}"},
    {"digit", "0-9"},
    {"graph", "[:graph:]"},
    {"lower", "\\p{Lowercase}\\x{1c5}\\x{1c8}\\x{1cb}\\x{1f2}"},
    {"print", "[:print:]"},
    {"punct", "\\p{P}\\p{S}\\p{No}\\p{Me}\\p{Co}"},
    {"space", "\\x{9}-\\x{d}\\x{20}\\x{1680}\\x{2028}\\x{2029}" SPACES},
    {"upper", "\\p{Uppercase}\\p{Lt}"},
    {"word", "\\p{Alphabetic}\\p{Nd}_"},
    {"xdigit", "0-9A-Fa-f"},
};

static const char *class_members(const struct translator *t, struct weir_slice name)
{
    if (t->flags.ignore_case &&
        (weir_slice_equals_string(name, "upper") || weir_slice_equals_string(name, "lower")))
        name = weir_slice_from_string("alpha");
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (weir_slice_equals_string(name, classes[i].name))
            return classes[i].members;
    return NULL;
}

/* Members of \d \s \w; NULL for other letters. */
static const char *shorthand_members(const struct translator *t, char letter)
{
    const char *name = letter == 'd'   ? "digit"
                       : letter == 's' ? "space"
                       : letter == 'w' ? "word"
                                       : "";
    return class_members(t, weir_slice_from_string(name));
}

/* --- escapes --------------------------------------------------------------------------------- */

static int digit_value(char c, unsigned base)
{
    char letter = (char)(c | 32);
    int value = is_digit(c) ? c - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : 99;
    return value < (int)base ? value : -1;
}

/* Between least and most digits; NO_CHARACTER when there are too few or the value is no character.
 */
static int32_t read_digits(struct translator *t, unsigned base, unsigned least, unsigned most)
{
    uint64_t value = 0;
    unsigned count = 0;
    for (; count < most && !is_at_end(t) && digit_value(peek(t, 0), base) >= 0; count++, t->at++)
        value = value > 0x10FFFF ? value : value * base + (unsigned)digit_value(peek(t, 0), base);
    return count < least || value > 0x10FFFF ? NO_CHARACTER : (int32_t)value;
}

/* The character an escape stands for, the letter being behind the cursor; NO_CHARACTER after a
 * failure. Classes and constraints are dealt with before. */
static int32_t read_character_escape(struct translator *t, char letter)
{
    int32_t c = NO_CHARACTER;
    switch (letter) {
    case 'a':
        return 7;
    case 'b':
        return 8;
    case 'B':
        return '\\';
    case 'e':
        return 27;
    case 'f':
        return 12;
    case 'n':
        return 10;
    case 'r':
        return 13;
    case 't':
        return 9;
    case 'v':
        return 11;
    case 'c':
        if (!is_at_end(t))
            c = take_character(t) & 31;
        break;
    case 'u':
        c = read_digits(t, 16, 4, 4);
        break;
    case 'U':
        c = read_digits(t, 16, 8, 8);
        break;
    case 'x':
        c = read_digits(t, 16, 1, 255);
        break;
    default:
        if (digit_value(letter, 8) >= 0) {
            t->at--;
            c = read_digits(t, 8, 1, 3);
            if (c > 255) {
                c >>= 3;
                t->at--;
            }
        }
        break;
    }
    if (c >= 0xD800 && c <= 0xDFFF)
        c = NO_CHARACTER;
    if (c == NO_CHARACTER)
        fail(t, "invalid escape \\ sequence");
    return c;
}

/* \1 … : true when it is a back reference, which is written. */
static bool translate_backreference(struct translator *t, bool *is_reference)
{
    size_t begin = t->at;
    uint32_t number = 0;
    while (is_digit(peek(t, 0)) && number < 1000)
        number = number * 10 + (uint32_t)(t->source.data[t->at++] - '0');
    *is_reference = t->at == begin + 1 || (number > 0 && number <= t->groups_count);
    if (!*is_reference) {
        t->at = begin;
        return true;
    }
    if (number == 0 || number > t->groups_count || t->in_constraint)
        return fail(t, "invalid backreference number");
    t->has_backreference = true;
    weir_buffer_printf(t->out, "\\g{%u}", number);
    return true;
}

/* Constraint escapes; NULL for other letters. */
static const char *constraint_escape(const struct translator *t, char letter)
{
    (void)t;
    switch (letter) {
    case 'A':
        return "\\A";
    case 'Z':
        return "\\z";
    case 'm':
        return "\\b(?=\\w)";
    case 'M':
        return "\\b(?<=\\w)";
    case 'y':
        return "\\b";
    case 'Y':
        return "\\B";
    default:
        return NULL;
    }
}

/* Behind a backslash outside of brackets. *is_atom: a quantifier may follow. */
static bool translate_escape(struct translator *t, bool *is_atom)
{
    *is_atom = true;
    if (is_at_end(t))
        return fail(t, "invalid escape \\ sequence");
    char letter = peek(t, 0);
    if (!is_alphanumeric((unsigned char)letter)) {
        put_character(t, take_character(t));
        return true;
    }
    if (letter >= '1' && letter <= '9') {
        bool is_reference;
        if (!translate_backreference(t, &is_reference) || is_reference)
            return !t->failure;
    }
    t->at++;
    const char *text = constraint_escape(t, letter);
    if (text) {
        *is_atom = false;
        put(t, text);
        return true;
    }
    const char *members = shorthand_members(t, (char)(letter | 32));
    if (members) {
        put(t, letter & 32 ? "[" : "[^");
        put(t, members);
        put(t, "]");
        return true;
    }
    int32_t c = read_character_escape(t, letter);
    if (c != NO_CHARACTER)
        put_character(t, c);
    return c != NO_CHARACTER;
}

/* --- brackets -------------------------------------------------------------------------------- */

/* [:name:] [.c.] [=c=] behind the two opening characters. The character, or WHOLE_CLASS. */
static int32_t translate_named(struct translator *t, char kind)
{
    const char end[3] = {kind, ']', 0};
    size_t close = weir_slice_find(t->source, weir_slice_from_string(end), t->at);
    if (close == SIZE_MAX) {
        fail(t, "brackets [] not balanced");
        return NO_CHARACTER;
    }
    struct weir_slice name = weir_slice_make(t->source.data + t->at, close - t->at);
    t->at = close + 2;
    if (kind == ':') {
        const char *members = class_members(t, name);
        if (!members)
            fail(t, "invalid character class");
        else
            put(t, members);
        return members ? WHOLE_CLASS : NO_CHARACTER;
    }
    if (weir_utf8_count(name) != 1) {
        fail(t, "invalid collating element");
        return NO_CHARACTER;
    }
    size_t used;
    return (int32_t)weir_utf8_decode(name.data, name.size, &used);
}

/* The complements of \d \s \w between brackets. */
static const char *complement_members(char letter)
{
    return letter == 'D'   ? "\\x{0}-\\x{2f}\\x{3a}-\\x{10ffff}"
           : letter == 'W' ? "\\W"
           : letter == 'S' ? "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{84}\\x{86}-\\x{167f}"
                             "\\x{1681}-\\x{1fff}\\x{2007}\\x{200b}-\\x{2027}\\x{202a}-\\x{205e}"
                             "\\x{2060}-\\x{2fff}\\x{3001}-\\x{10ffff}"
                           : NULL;
}

static int32_t translate_bracket_escape(struct translator *t)
{
    if (is_at_end(t)) {
        fail(t, "brackets [] not balanced");
        return NO_CHARACTER;
    }
    char letter = peek(t, 0);
    if (!is_alphanumeric((unsigned char)letter))
        return take_character(t);
    t->at++;
    const char *members = letter & 32 ? shorthand_members(t, letter) : complement_members(letter);
    if (members) {
        put(t, members);
        return WHOLE_CLASS;
    }
    if (constraint_escape(t, letter) || (letter >= '1' && letter <= '9')) {
        fail(t, "invalid escape \\ sequence");
        return NO_CHARACTER;
    }
    return read_character_escape(t, letter);
}

/* One member or end of a range: its character (not yet written), WHOLE_CLASS (written) or
 * NO_CHARACTER (failed). */
static int32_t read_member(struct translator *t)
{
    if (is_at_end(t)) {
        fail(t, "brackets [] not balanced");
        return NO_CHARACTER;
    }
    if (peek(t, 0) == '[' && (peek(t, 1) == ':' || peek(t, 1) == '.' || peek(t, 1) == '=')) {
        t->at += 2;
        return translate_named(t, t->source.data[t->at - 1]);
    }
    if (accept(t, "\\"))
        return translate_bracket_escape(t);
    return take_character(t);
}

static bool translate_range(struct translator *t, int32_t first)
{
    t->at++;
    int32_t last = read_member(t);
    if (last == NO_CHARACTER)
        return false;
    if (last == WHOLE_CLASS || last < first)
        return fail(t, "invalid character range");
    put_character(t, first);
    put(t, "-");
    put_character(t, last);
    return true;
}

/* Behind the opening bracket. */
static bool translate_bracket(struct translator *t)
{
    bool negated = accept(t, "^");
    put(t, negated ? "[^" : "[");
    if (negated && t->flags.newline_stops)
        put(t, "\\n");
    for (bool is_first = true;; is_first = false) {
        if (is_at_end(t))
            return fail(t, "brackets [] not balanced");
        if (!is_first && accept(t, "]"))
            break;
        if (!is_first && peek(t, 0) == '-' && peek(t, 1) != ']' && t->at + 1 < t->source.size)
            return fail(t, "invalid character range");
        int32_t c = read_member(t);
        bool is_range = peek(t, 0) == '-' && peek(t, 1) != ']' && t->at + 1 < t->source.size;
        if (c == NO_CHARACTER)
            return false;
        if (c == WHOLE_CLASS && is_range)
            return fail(t, "invalid character range");
        if (c != WHOLE_CLASS && is_range) {
            if (!translate_range(t, c))
                return false;
        } else if (c != WHOLE_CLASS) {
            put_character(t, c);
        }
    }
    put(t, "]");
    return true;
}

/* --- quantifiers ----------------------------------------------------------------------------- */

static bool is_quantifier(const struct translator *t)
{
    char c = peek(t, 0);
    return c == '*' || c == '+' || c == '?' || (c == '{' && is_digit(peek(t, 1)));
}

static bool read_bound(struct translator *t, uint32_t *out)
{
    uint32_t value = 0;
    bool found = false;
    for (; is_digit(peek(t, 0)) && value <= REPETITIONS_MAX; t->at++, found = true)
        value = value * 10 + (uint32_t)(peek(t, 0) - '0');
    *out = value;
    return found && value <= REPETITIONS_MAX;
}

/* {m} {m,} {m,n} behind the brace. */
static bool translate_bounds(struct translator *t, bool *is_fixed)
{
    uint32_t least, most;
    if (!read_bound(t, &least))
        return fail(t, "invalid repetition count(s)");
    weir_buffer_printf(t->out, "{%u", least);
    *is_fixed = !accept(t, ",");
    if (!*is_fixed) {
        put(t, ",");
        if (is_digit(peek(t, 0))) {
            if (!read_bound(t, &most) || most < least)
                return fail(t, "invalid repetition count(s)");
            weir_buffer_printf(t->out, "%u", most);
        }
    }
    if (!accept(t, "}"))
        return fail(t, "invalid repetition count(s)");
    put(t, "}");
    return true;
}

static void skip_filler(struct translator *t);

/* The quantifier behind an atom, if there is one; the preference of the whole comes back. */
static bool translate_quantifier(struct translator *t, enum preference *preference)
{
    skip_filler(t);
    if (!is_quantifier(t))
        return true;
    bool is_fixed = false;
    char sign = t->source.data[t->at++];
    if (sign == '{') {
        if (!translate_bounds(t, &is_fixed))
            return false;
    } else {
        weir_buffer_append_char(t->out, sign);
    }
    bool is_lazy = accept(t, "?");
    if (is_lazy)
        put(t, "?");
    if (!is_fixed) {
        *preference = is_lazy ? PREFERENCE_SHORTER : PREFERENCE_LONGER;
        t->has_lazy |= is_lazy;
        t->has_greedy |= !is_lazy;
    }
    skip_filler(t);
    return is_quantifier(t) ? fail(t, "quantifier operand invalid") : true;
}

/* --- atoms, branches, alternatives ----------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Comments (?#…), and in the expanded syntax white space and # comments. */
static void skip_filler(struct translator *t)
{
    for (;;) {
        if (t->flags.expanded && !is_at_end(t) && is_space(peek(t, 0))) {
            t->at++;
        } else if (t->flags.expanded && peek(t, 0) == '#') {
            while (!is_at_end(t) && peek(t, 0) != '\n')
                t->at++;
        } else if (peek(t, 0) == '(' && peek(t, 1) == '?' && peek(t, 2) == '#') {
            while (!is_at_end(t) && peek(t, 0) != ')')
                t->at++;
            t->at += !is_at_end(t);
        } else {
            return;
        }
    }
}

static bool translate_alternatives(struct translator *t, enum preference *preference);

/* The inside of a group up to its bracket, behind what opens it. */
static bool translate_group_body(struct translator *t, enum preference *preference)
{
    if (++t->depth > DEPTH_MAX)
        return fail(t, "regular expression is nested too deeply");
    if (!translate_alternatives(t, preference))
        return false;
    t->depth--;
    if (!accept(t, ")"))
        return fail(t, "parentheses () not balanced");
    put(t, ")");
    return true;
}

static bool translate_constraint_group(struct translator *t, const char *opening)
{
    bool outer = t->in_constraint;
    enum preference ignored;
    put(t, opening);
    t->in_constraint = true;
    bool ok = translate_group_body(t, &ignored);
    t->in_constraint = outer;
    return ok;
}

/* Behind the opening parenthesis. */
static bool translate_group(struct translator *t, bool *is_atom, enum preference *preference)
{
    static const char *const constraints[] = {"?=", "?!", "?<=", "?<!"};
    static const char *const openings[] = {"(?=", "(?!", "(?<=", "(?<!"};
    for (size_t i = 0; i < 4; i++) {
        if (accept(t, constraints[i])) {
            *is_atom = false;
            return translate_constraint_group(t, openings[i]);
        }
    }
    if (accept(t, "?:")) {
        put(t, "(?:");
    } else if (peek(t, 0) == '?') {
        return fail(t, "quantifier operand invalid");
    } else if (t->in_constraint) {
        put(t, "(?:");
    } else {
        t->groups_count++;
        put(t, "(");
    }
    return translate_group_body(t, preference);
}

/* Whole bracket expressions that are constraints: word beginnings and ends. */
static bool accept_word_bracket(struct translator *t)
{
    if (accept(t, "[[:<:]]"))
        put(t, "\\b(?=\\w)");
    else if (accept(t, "[[:>:]]"))
        put(t, "\\b(?<=\\w)");
    else
        return false;
    return true;
}

/* An atom or constraint. *is_atom: a quantifier may follow. */
static bool translate_atom(struct translator *t, bool *is_atom, enum preference *preference)
{
    *is_atom = true;
    if (is_quantifier(t))
        return fail(t, "quantifier operand invalid");
    if (accept_word_bracket(t)) {
        *is_atom = false;
        return true;
    }
    char c = peek(t, 0);
    if (c == '^' || c == '$') {
        t->at++;
        *is_atom = false;
        put(t, c == '^' ? "^" : "$");
        return true;
    }
    if (accept(t, "("))
        return translate_group(t, is_atom, preference);
    if (accept(t, "["))
        return translate_bracket(t);
    if (accept(t, "\\"))
        return translate_escape(t, is_atom);
    if (accept(t, ".")) {
        put(t, t->flags.newline_stops ? "[^\\n]" : ".");
        return true;
    }
    put_character(t, take_character(t));
    return true;
}

/* Quantified atoms up to | or ). The first that prefers a length decides for the branch. */
static bool translate_branch(struct translator *t, enum preference *preference)
{
    *preference = PREFERENCE_NONE;
    for (skip_filler(t); !is_at_end(t) && peek(t, 0) != '|' && peek(t, 0) != ')'; skip_filler(t)) {
        enum preference own = PREFERENCE_NONE;
        bool is_atom;
        if (!translate_atom(t, &is_atom, &own))
            return false;
        if (is_atom && !translate_quantifier(t, &own))
            return false;
        if (*preference == PREFERENCE_NONE)
            *preference = own;
    }
    return true;
}

static bool translate_alternatives(struct translator *t, enum preference *preference)
{
    if (!translate_branch(t, preference))
        return false;
    while (accept(t, "|")) {
        enum preference own;
        put(t, "|");
        t->has_alternatives |= !t->in_constraint;
        *preference = PREFERENCE_LONGER;
        if (!translate_branch(t, &own))
            return false;
    }
    return true;
}

/* --- the whole ------------------------------------------------------------------------------- */

void weir_regex_pattern_init(struct weir_regex_pattern *pattern)
{
    memset(pattern, 0, sizeof *pattern);
    weir_buffer_init(&pattern->text, NULL);
}
void weir_regex_pattern_deinit(struct weir_regex_pattern *pattern)
{
    weir_buffer_deinit(&pattern->text);
}

/* ***= ***: (?letters) at the very start. */
static bool read_prefixes(struct translator *t)
{
    if (t->flags.is_literal)
        return true;
    if (accept(t, "***=")) {
        t->flags.is_literal = true;
        return true;
    }
    if (!accept(t, "***:") && accept(t, "***"))
        return fail(t, "quantifier operand invalid");
    if (peek(t, 0) != '(' || peek(t, 1) != '?' || !is_alphanumeric((unsigned char)peek(t, 2)) ||
        is_digit(peek(t, 2)))
        return true;
    for (t->at += 2; !is_at_end(t) && peek(t, 0) != ')'; t->at++)
        if (!apply_option(&t->flags, peek(t, 0)))
            return fail(t, "invalid embedded option");
    return accept(t, ")") ? true : fail(t, "invalid embedded option");
}

static void finish(const struct translator *t, enum preference preference,
                   struct weir_regex_pattern *pattern)
{
    pattern->flags = t->flags;
    pattern->groups_count = t->groups_count;
    pattern->has_backreference = t->has_backreference;
    pattern->prefers_shorter = preference == PREFERENCE_SHORTER;
    pattern->is_ambiguous = t->has_alternatives || (t->has_greedy && t->has_lazy);
}

const char *weir_regex_translate(struct weir_slice source, const struct weir_regex_flags *flags,
                                 struct weir_regex_pattern *pattern)
{
    struct translator t = {.source = source, .out = &pattern->text, .flags = *flags};
    enum preference preference = PREFERENCE_NONE;
    weir_buffer_clear(&pattern->text);
    if (!read_prefixes(&t))
        return t.failure;
    if (t.flags.is_literal) {
        while (!is_at_end(&t))
            put_character(&t, take_character(&t));
    } else if (translate_alternatives(&t, &preference) && !is_at_end(&t)) {
        fail(&t, "parentheses () not balanced");
    }
    finish(&t, preference, pattern);
    return t.failure;
}
