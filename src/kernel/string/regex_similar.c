/* SQL regular expressions (SIMILAR TO, Postgres 15 section 9.7.2) as PCRE2 patterns.
 *
 *     %  any characters      _  one      | * + ? {m,n} ( ) [ ]  as in POSIX, everything else
 * literal
 *
 * The whole text must match. In substring(text SIMILAR 'a#"b#"c' ESCAPE '#') the wanted part stands
 * between two separators (with one, behind it); what precedes it is as short as can be, and what it
 * takes itself as long. */
#include "kernel/string/regex_pattern.h"
#include "value/utf8.h"

enum { PARTS_MAX = 3, GROUPS_DEPTH_MAX = 100 };

struct similar {
    struct weir_slice source;
    struct weir_slice escape; /* empty: none */
    size_t at;
    struct weir_buffer *out;
    uint32_t separators_count;
    uint32_t depth;
    bool is_substring;
    bool is_quantified; /* the last thing written was a quantifier */
};

static void put(struct similar *s, const char *text)
{
    weir_buffer_append_string(s->out, text);
}

static void put_literal(struct similar *s, struct weir_slice character)
{
    char c = *character.data;
    bool is_plain =
        (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    if (!is_plain && (unsigned char)c >= 32)
        weir_buffer_append_char(s->out, '\\');
    weir_buffer_append_slice(s->out, character);
}

static struct weir_slice take(struct similar *s)
{
    struct weir_slice rest = weir_slice_make(s->source.data + s->at, s->source.size - s->at);
    struct weir_slice character = weir_utf8_prefix(rest, 1);
    s->at += character.size;
    return character;
}
static bool is_at_end(const struct similar *s)
{
    return s->at >= s->source.size;
}
static bool is_escape(const struct similar *s, struct weir_slice character)
{
    return s->escape.size && weir_slice_equals(s->escape, character);
}

/* A separator: the end of the first or second part. */
static const char *translate_separator(struct similar *s)
{
    if (!s->is_substring)
        return NULL; /* outside of substring it means nothing */
    if (s->depth)
        return "parentheses () not balanced";
    if (++s->separators_count >= PARTS_MAX)
        return "SQL regular expression may not contain more than two escape-double-quote "
               "separators";
    put(s, s->separators_count == 1 ? ")(" : ")(?:");
    return NULL;
}

/* [ … ] as it stands, with escapes for what PCRE2 reads differently. */
static const char *translate_bracket(struct similar *s)
{
    put(s, "[");
    bool is_first = true;
    if (!is_at_end(s) && s->source.data[s->at] == '^') {
        s->at++;
        put(s, "^");
    }
    for (; !is_at_end(s); is_first = false) {
        struct weir_slice c = take(s);
        if (*c.data == ']' && !is_first) {
            put(s, "]");
            return NULL;
        }
        if (is_escape(s, c) && !is_at_end(s)) {
            put_literal(s, take(s));
            continue;
        }
        struct weir_slice rest = weir_slice_make(s->source.data + s->at, s->source.size - s->at);
        size_t end = *c.data == '[' && rest.size && *rest.data == ':'
                         ? weir_slice_find(rest, weir_slice_make(":]", 2), 1)
                         : SIZE_MAX;
        if (end != SIZE_MAX) {
            put(s, "[");
            weir_buffer_append(s->out, rest.data, end + 2);
            s->at += end + 2;
        } else if (*c.data == '-' && !is_first) {
            put(s, "-");
        } else {
            put_literal(s, c);
        }
    }
    return "brackets [] not balanced";
}

static bool is_bound(const struct similar *s)
{
    return !is_at_end(s) && s->source.data[s->at] >= '0' && s->source.data[s->at] <= '9';
}

/* A quantifier, whose sign has been taken. */
static const char *translate_quantifier(struct similar *s, char sign)
{
    if (s->is_quantified)
        return "quantifier operand invalid";
    weir_buffer_append_char(s->out, sign);
    if (sign == '{') {
        while (!is_at_end(s) && s->source.data[s->at] != '}') {
            char c = s->source.data[s->at++];
            if (!((c >= '0' && c <= '9') || c == ','))
                return "invalid repetition count(s)";
            weir_buffer_append_char(s->out, c);
        }
        if (is_at_end(s))
            return "invalid repetition count(s)";
        s->at++;
        put(s, "}");
    }
    if (s->is_substring && s->separators_count == 0)
        put(s, "?");
    s->is_quantified = true;
    return NULL;
}

static const char *translate_sign(struct similar *s, struct weir_slice character)
{
    char c = *character.data;
    switch (c) {
    case '%':
        put(s, s->is_substring && s->separators_count == 0 ? ".*?" : ".*");
        return NULL;
    case '_':
        put(s, ".");
        return NULL;
    case '(':
        put(s, "(?:");
        return ++s->depth > GROUPS_DEPTH_MAX ? "regular expression is nested too deeply" : NULL;
    case ')':
        put(s, ")");
        return s->depth-- == 0 ? "parentheses () not balanced" : NULL;
    case '|':
        put(s, "|");
        return NULL;
    case '[':
        return translate_bracket(s);
    default:
        put_literal(s, character);
        return NULL;
    }
}

static const char *translate_body(struct similar *s)
{
    bool can_be_quantified = false;
    while (!is_at_end(s)) {
        const char *failure;
        struct weir_slice c = take(s);
        char sign = c.size == 1 ? *c.data : 0;
        if (is_escape(s, c)) {
            if (is_at_end(s))
                return "invalid escape \\ sequence";
            c = take(s);
            bool is_separator = *c.data == '"' && s->is_substring;
            failure = is_separator ? translate_separator(s) : (put_literal(s, c), NULL);
            can_be_quantified = !is_separator;
            s->is_quantified = false;
        } else if (sign == '*' || sign == '+' || sign == '?' || (sign == '{' && is_bound(s))) {
            if (!can_be_quantified)
                return "quantifier operand invalid";
            failure = translate_quantifier(s, sign);
        } else {
            failure = translate_sign(s, c);
            can_be_quantified = sign != '(' && sign != '|';
            s->is_quantified = sign == '%';
        }
        if (failure)
            return failure;
    }
    return s->depth ? "parentheses () not balanced" : NULL;
}

const char *weir_regex_translate_similar(struct weir_slice source, struct weir_slice escape,
                                         bool is_substring, struct weir_regex_pattern *pattern)
{
    struct similar s = {
        .source = source, .escape = escape, .out = &pattern->text, .is_substring = is_substring};
    weir_buffer_clear(&pattern->text);
    pattern->flags = (struct weir_regex_flags){0};
    pattern->has_backreference = pattern->prefers_shorter = pattern->is_ambiguous = false;
    put(&s, "\\A(?:");
    const char *failure = translate_body(&s);
    put(&s, ")\\z");
    pattern->groups_count = s.separators_count ? 1 : 0;
    return failure;
}
