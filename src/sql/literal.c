/* Taking literals and names out of their tokens: quotes, escapes, continuation lines.
 *
 *   'it''s'            it's                   (plain: the quote doubled)
 *   E'a\tb\x41é'  a<tab>bAé              (escape; the result must be UTF-8 without NUL)
 *   U&'d!0061' UESCAPE '!'   da               (four digits; six after a plus sign)
 *   $tag$ … $tag$      as it stands
 *   'a'                                       (a line feed between two makes them one)
 *   'b'                ab
 *
 * Nothing is copied where the text can be borrowed: a plain string without doubled quotes and a
 * name without capitals are slices of the program. */
#include "base/buffer.h"
#include "sql/parser_internal.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool append_character(struct weir_buffer *out, uint32_t c)
{
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return false;
    char bytes[4];
    unsigned size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    for (unsigned i = size; i-- > 1; c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3F));
    bytes[0] = (char)(leads[size] | c);
    weir_buffer_append(out, bytes, size);
    return true;
}

/* A number of up to `most` (and at least `least`) digits at *i. */
static bool read_digits(struct weir_slice in, size_t *i, unsigned base, unsigned least,
                        unsigned most, uint32_t *value)
{
    unsigned count = 0;
    *value = 0;
    while (count < most && *i < in.size) {
        int digit = hex_digit(in.data[*i]);
        if (digit < 0 || digit >= (int)base)
            break;
        *value = *value * base + (uint32_t)digit;
        ++*i;
        count++;
    }
    return count >= least;
}

/* Joins a low surrogate to the high one before it; *high is 0 when none waits. */
static bool append_unit(struct weir_buffer *out, uint32_t unit, uint32_t *high)
{
    bool is_high = unit >= 0xD800 && unit <= 0xDBFF, is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (*high != 0) {
        uint32_t first = *high;
        *high = 0;
        return is_low &&
               append_character(out, 0x10000 + ((first - 0xD800) << 10) + (unit - 0xDC00));
    }
    if (is_high) {
        *high = unit;
        return true;
    }
    return append_character(out, unit);
}

/* One escape of an E'…' string; *i is behind the backslash. */
static bool decode_escape(struct weir_buffer *out, struct weir_slice in, size_t *i, uint32_t *high)
{
    static const char letters[] = "bfnrtv", meanings[] = "\b\f\n\r\t\v";
    char c = in.data[*i];
    uint32_t value;
    if (c == 'u' || c == 'U') {
        unsigned count = c == 'u' ? 4 : 8;
        ++*i;
        return read_digits(in, i, 16, count, count, &value) && append_unit(out, value, high);
    }
    if (*high)
        return false;
    if (c == 'x' && *i + 1 < in.size && hex_digit(in.data[*i + 1]) >= 0) {
        ++*i;
        (void)read_digits(in, i, 16, 1, 2, &value);
        weir_buffer_append_char(out, (char)value);
        return true;
    }
    if (c >= '0' && c <= '7') {
        (void)read_digits(in, i, 8, 1, 3, &value);
        weir_buffer_append_char(out, (char)value);
        return true;
    }
    const char *letter = c ? strchr(letters, c) : NULL;
    weir_buffer_append_char(out, letter ? meanings[letter - letters] : c);
    ++*i;
    return true;
}

/* The inside of E'…'; false when an escape is wrong. */
static bool decode_escapes(struct weir_buffer *out, struct weir_slice in)
{
    uint32_t high = 0;
    for (size_t i = 0; i < in.size;) {
        char c = in.data[i];
        if (c == '\\' && i + 1 < in.size) {
            i++;
            if (!decode_escape(out, in, &i, &high))
                return false;
            continue;
        }
        if (high)
            return false;
        weir_buffer_append_char(out, c);
        i += c == '\'' && i + 1 < in.size && in.data[i + 1] == '\'' ? 2 : 1;
    }
    return high == 0;
}

/* The inside of U&'…' and U&"…". */
static bool decode_unicode(struct weir_buffer *out, struct weir_slice in, char quote, char escape)
{
    uint32_t high = 0, value;
    for (size_t i = 0; i < in.size;) {
        char c = in.data[i++];
        bool doubled = i < in.size && in.data[i] == c && (c == quote || c == escape);
        if (c == escape && !doubled) {
            bool six = i < in.size && in.data[i] == '+';
            i += six;
            if (!read_digits(in, &i, 16, six ? 6 : 4, six ? 6 : 4, &value) ||
                !append_unit(out, value, &high))
                return false;
            continue;
        }
        if (high)
            return false;
        weir_buffer_append_char(out, c);
        i += doubled;
    }
    return high == 0;
}

static void decode_plain(struct weir_buffer *out, struct weir_slice in, char quote)
{
    for (size_t i = 0; i < in.size; i++) {
        weir_buffer_append_char(out, in.data[i]);
        if (in.data[i] == quote)
            i++;
    }
}

/* What stands between the quotes of a token. */
static struct weir_slice token_inside(const struct sql_parser *p, const struct sql_token *token)
{
    struct weir_slice text = sql_token_text(p, token);
    size_t open = 1;
    if (token->kind == SQL_TOKEN_STRING && token->string == SQL_STRING_DOLLAR) {
        while (text.data[open] != '$')
            open++;
        open++;
        return weir_slice_make(text.data + open, text.size - 2 * open);
    }
    while (text.data[open - 1] != '\'' && text.data[open - 1] != '"' && text.data[open - 1] != '`')
        open++;
    return weir_slice_make(text.data + open, text.size - open - 1);
}

static bool keep(struct sql_parser *p, struct weir_buffer *out, struct weir_slice *text)
{
    char *copy = out->failed ? NULL : weir_arena_copy(p->arena, weir_buffer_slice(out));
    *text = weir_slice_make(copy, out->size);
    return copy != NULL || sql_fail_memory(p) != NULL;
}

/* [UESCAPE 'c'] */
static bool parse_uescape(struct sql_parser *p, char *escape)
{
    *escape = '\\';
    if (!sql_accept_word(p, SQL_KW_UESCAPE))
        return true;
    if (!sql_is(p, SQL_TOKEN_STRING))
        return sql_fail_expected(p, "the escape character as a string") != NULL;
    struct weir_slice inside = token_inside(p, sql_peek(p));
    if (inside.size != 1 || hex_digit(inside.data[0]) >= 0 || inside.data[0] == '+' ||
        (unsigned char)inside.data[0] >= 0x80 || inside.data[0] <= ' ' || inside.data[0] == '"' ||
        inside.data[0] == '\'')
        return sql_fail(p, WEIR_E_SYNTAX, sql_peek(p)->position,
                        "this cannot be the escape character of a string") != NULL;
    *escape = inside.data[0];
    sql_advance(p);
    return true;
}

static bool fail_escape(struct sql_parser *p, const struct sql_token *token)
{
    return sql_fail(p, WEIR_E_SYNTAX, token->position, "an escape does not make a character") !=
           NULL;
}

/* Decodes one token into out. */
static bool decode_token(struct sql_parser *p, const struct sql_token *token,
                         enum sql_string_form form, char escape, struct weir_buffer *out)
{
    struct weir_slice inside = token_inside(p, token);
    char quote = token->kind == SQL_TOKEN_QUOTED ? '"' : '\'';
    if (quote == '"' && form == SQL_STRING_PLAIN)
        quote = sql_token_text(p, token).data[0];
    bool good = true;
    if (form == SQL_STRING_ESCAPE)
        good = decode_escapes(out, inside);
    else if (form == SQL_STRING_UNICODE)
        good = decode_unicode(out, inside, quote, escape);
    else if (form == SQL_STRING_DOLLAR)
        weir_buffer_append_slice(out, inside);
    else
        decode_plain(out, inside, quote);
    if (out->failed)
        return sql_fail_memory(p) != NULL;
    return good || fail_escape(p, token);
}

static bool continues_string(struct sql_parser *p)
{
    const struct sql_token *next = sql_peek(p);
    return next->kind == SQL_TOKEN_STRING && next->newline_before &&
           next->string == SQL_STRING_PLAIN && sql_token_text(p, next).data[0] == '\'';
}

static bool parse_pieces(struct sql_parser *p, struct weir_buffer *out)
{
    const struct sql_token first = *sql_peek(p);
    struct sql_token token = first;
    enum sql_string_form form = token.string;
    /* UESCAPE stands behind the last piece and rules them all: remember where they start. */
    struct sql_parser start = *p;
    char escape = '\\';
    sql_advance(p);
    if (form == SQL_STRING_UNICODE) {
        while (continues_string(p))
            sql_advance(p);
        if (!parse_uescape(p, &escape))
            return false;
    }
    struct sql_parser *reader = form == SQL_STRING_UNICODE ? &start : p;
    if (form == SQL_STRING_UNICODE)
        sql_advance(reader);
    for (;;) {
        if (!decode_token(p, &token, form, escape, out))
            return false;
        if (form == SQL_STRING_DOLLAR || !continues_string(reader))
            break;
        token = *sql_peek(reader);
        sql_advance(reader);
    }
    /* Bytes given by escapes must make up characters: judged once, over the whole. */
    if (form == SQL_STRING_ESCAPE && sql_text_invalid_at(weir_buffer_slice(out)) != SIZE_MAX)
        return fail_escape(p, &first);
    return true;
}

bool sql_parse_string(struct sql_parser *p, struct weir_slice *text)
{
    const struct sql_token *token = sql_peek(p);
    struct weir_slice inside = token_inside(p, token);
    bool as_it_stands = token->string == SQL_STRING_DOLLAR ||
                        (token->string == SQL_STRING_PLAIN &&
                         (!inside.size || !memchr(inside.data, '\'', inside.size)));
    bool dollar = token->string == SQL_STRING_DOLLAR;
    if (as_it_stands) {
        sql_advance(p);
        *text = inside;
        if (dollar || !continues_string(p))
            return true;
    }
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    weir_buffer_append_slice(&out, as_it_stands ? inside : weir_slice_make("", 0));
    bool done = parse_pieces(p, &out) && keep(p, &out, text);
    weir_buffer_deinit(&out);
    return done;
}

bool sql_expect_string(struct sql_parser *p, const char *what, struct weir_slice *text)
{
    if (!sql_is(p, SQL_TOKEN_STRING))
        return sql_fail_expected(p, what) != NULL;
    return sql_parse_string(p, text);
}

bool sql_fold(struct sql_parser *p, struct weir_slice text, struct weir_slice *folded)
{
    *folded = text;
    size_t i = 0;
    while (i < text.size && !(text.data[i] >= 'A' && text.data[i] <= 'Z'))
        i++;
    if (i == text.size)
        return true;
    char *copy = weir_arena_copy(p->arena, text);
    if (!copy)
        return sql_fail_memory(p) != NULL;
    for (; i < text.size; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] - 'A' + 'a');
    folded->data = copy;
    return true;
}

static bool decode_quoted_name(struct sql_parser *p, const struct sql_token *token,
                               struct weir_slice *text)
{
    struct weir_slice inside = token_inside(p, token);
    char quote = sql_token_text(p, token).data[0];
    if (token->string == SQL_STRING_PLAIN &&
        (!inside.size || !memchr(inside.data, quote, inside.size))) {
        *text = inside;
        return true;
    }
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    bool done = decode_token(p, token, token->string, '\\', &out) && keep(p, &out, text);
    weir_buffer_deinit(&out);
    return done;
}

bool sql_token_name(struct sql_parser *p, const struct sql_token *token, struct weir_sql_name *name)
{
    name->position = token->position;
    name->quoted = token->kind == SQL_TOKEN_QUOTED;
    bool done = name->quoted ? decode_quoted_name(p, token, &name->text)
                             : sql_fold(p, sql_token_text(p, token), &name->text);
    if (!done)
        return false;
    if (name->text.size == 0)
        return sql_fail(p, WEIR_E_SYNTAX, token->position, "a quoted name is empty") != NULL;
    if (name->text.size > WEIR_SQL_NAME_MAX)
        return sql_fail(p, WEIR_E_LIMIT, token->position, "a name has %zu bytes; the limit is %d",
                        name->text.size, WEIR_SQL_NAME_MAX) != NULL;
    return true;
}

bool sql_token_number(struct sql_parser *p, const struct sql_token *token, struct weir_slice *text)
{
    *text = sql_token_text(p, token);
    if (!memchr(text->data, '_', text->size))
        return true;
    char *copy = weir_arena_copy(p->arena, *text);
    if (!copy)
        return sql_fail_memory(p) != NULL;
    size_t size = 0;
    for (size_t i = 0; i < text->size; i++)
        if (copy[i] != '_')
            copy[size++] = copy[i];
    *text = weir_slice_make(copy, size);
    return true;
}

bool sql_token_digits(struct sql_parser *p, const struct sql_token *token, struct weir_slice *text)
{
    int base = token->kind == SQL_TOKEN_BITS ? 2 : 16;
    struct weir_slice inside = token_inside(p, token);
    for (size_t i = 0; i < inside.size; i++) {
        int digit = hex_digit(inside.data[i]);
        if (digit < 0 || digit >= base)
            return sql_fail(p, WEIR_E_SYNTAX, token->position, "this has other digits than %s",
                            base == 2 ? "0 and 1" : "hexadecimal ones") != NULL;
    }
    return sql_fold(p, inside, text);
}
