/* Tokens of SQL/JSON paths. Words, strings and variables share their escapes:
 *
 *     \b \f \n \r \t \v   \xHH   \uHHHH   \u{H…}   \c for any other c: itself */
#include "kernel/json/path.h"

struct scanner {
    struct weir_slice source;
    size_t at;
    char *out; /* unescaped text, NULL until the first escape */
    size_t out_size;
    size_t begin; /* of the bytes not yet copied */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
static bool is_special(char c)
{
    return c && memchr("?%$.[]{}()|&!=<>@#,*:-+/", c, 24) != NULL;
}
static bool is_word(char c)
{
    return c && !is_special(c) && !is_blank(c) && c != '"';
}
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(const struct weir_slice *source, size_t at)
{
    return at < source->size ? source->data[at] : 0;
}

static struct weir_path_token token_error(const char *what, size_t offset)
{
    return (struct weir_path_token){WEIR_PATH_TOKEN_ERROR, weir_slice_from_string(what), offset,
                                    false};
}

/* --- escapes --------------------------------------------------------------------------------- */

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* min to max hex digits at s->at. */
static bool read_hex(struct scanner *s, uint32_t min, uint32_t max, uint32_t *out)
{
    uint32_t count = 0;
    *out = 0;
    for (; count < max; count++, s->at++) {
        int digit = hex_value(peek(&s->source, s->at));
        if (digit < 0)
            break;
        *out = *out << 4 | (uint32_t)digit;
    }
    return count >= min;
}

/* Behind \u: HHHH or {H…}. */
static bool read_unicode(struct scanner *s, uint32_t *out)
{
    if (peek(&s->source, s->at) != '{')
        return read_hex(s, 4, 4, out);
    s->at++;
    if (!read_hex(s, 1, 6, out) || peek(&s->source, s->at) != '}')
        return false;
    s->at++;
    return true;
}

/* A code point above the BMP may be two \u escapes. */
static const char *read_code_point(struct scanner *s, uint32_t *out)
{
    uint32_t low;
    if (!read_unicode(s, out))
        return "an invalid Unicode escape";
    if (*out < 0xD800 || *out > 0xDFFF)
        return NULL;
    if (*out > 0xDBFF || peek(&s->source, s->at) != '\\' || peek(&s->source, s->at + 1) != 'u')
        return "half of a surrogate pair";
    s->at += 2;
    if (!read_unicode(s, &low) || low < 0xDC00 || low > 0xDFFF)
        return "half of a surrogate pair";
    *out = 0x10000 + ((*out - 0xD800) << 10) + (low - 0xDC00);
    return NULL;
}

/* s->at is behind the backslash. Writes what the escape spells; what is wrong, or NULL. */
static const char *read_escape(struct scanner *s)
{
    static const char letters[] = "bfnrtv", spelled[] = "\b\f\n\r\t\v";
    char c = peek(&s->source, s->at++);
    uint32_t code_point = (unsigned char)c;
    const char *letter = c ? strchr(letters, c) : NULL;
    const char *failure = NULL;
    if (!c)
        return "an unfinished escape";
    if (letter)
        code_point = (unsigned char)spelled[letter - letters];
    else if (c == 'x')
        failure = read_hex(s, 2, 2, &code_point) ? NULL : "an invalid hexadecimal escape";
    else if (c == 'u')
        failure = read_code_point(s, &code_point);
    else if ((unsigned char)c >= 0x80) {
        s->out[s->out_size++] = c; /* the rest of the character follows as it is */
        return NULL;
    }
    if (failure)
        return failure;
    if (!code_point)
        return "\\u0000 cannot be converted to text";
    size_t size = weir_utf8_encode(code_point, s->out + s->out_size);
    s->out_size += size;
    return size ? NULL : "an invalid Unicode escape";
}

static void copy_plain(struct scanner *s)
{
    if (s->out && s->at > s->begin) {
        memcpy(s->out + s->out_size, s->source.data + s->begin, s->at - s->begin);
        s->out_size += s->at - s->begin;
    }
}

/* A run of text that ends before the byte that is no more of it; quoted: behind the quote. */
static struct weir_path_token scan_text(struct scanner *s, struct weir_arena *arena, bool quoted,
                                        enum weir_path_token_kind kind)
{
    struct weir_path_token token = {kind, {NULL, 0}, s->at, false};
    s->begin = s->at;
    for (;;) {
        char c = peek(&s->source, s->at);
        if (c == '\\') {
            if (!s->out) {
                s->out = weir_arena_alloc(arena, s->source.size - s->begin + 4, 1);
                if (!s->out) {
                    token.out_of_memory = true;
                    return token;
                }
            }
            copy_plain(s);
            s->at++;
            const char *failure = read_escape(s);
            if (failure)
                return token_error(failure, s->at - 1);
            s->begin = s->at;
        } else if (quoted ? c == '"' : !is_word(c)) {
            break;
        } else if (!c) {
            return token_error("a string is not closed", token.offset);
        } else {
            s->at++;
        }
    }
    copy_plain(s);
    token.text = s->out ? weir_slice_make(s->out, s->out_size)
                        : weir_slice_make(s->source.data + s->begin, s->at - s->begin);
    s->at += quoted;
    return token;
}

/* --- numbers and signs ----------------------------------------------------------------------- */

static void skip_digits(struct scanner *s)
{
    while (is_digit(peek(&s->source, s->at)))
        s->at++;
}

static struct weir_path_token scan_number(struct scanner *s)
{
    size_t begin = s->at;
    bool leading_zero = peek(&s->source, s->at) == '0' && is_digit(peek(&s->source, s->at + 1));
    skip_digits(s);
    if (peek(&s->source, s->at) == '.') {
        s->at++;
        skip_digits(s);
    }
    if ((peek(&s->source, s->at) | 32) == 'e') {
        s->at++;
        if (peek(&s->source, s->at) == '+' || peek(&s->source, s->at) == '-')
            s->at++;
        if (!is_digit(peek(&s->source, s->at)))
            return token_error("a malformed number", begin);
        skip_digits(s);
    }
    if (leading_zero || is_word(peek(&s->source, s->at)))
        return token_error("a malformed number", begin);
    return (struct weir_path_token){
        WEIR_PATH_TOKEN_NUMBER, {s->source.data + begin, s->at - begin}, begin, false};
}

static struct weir_path_token scan_sign(struct scanner *s)
{
    static const char *const pairs[] = {"==", "!=", "<>", "<=", ">=", "&&", "||", "**"};
    size_t size = 1;
    for (size_t i = 0; i < WEIR_COUNT_OF(pairs); i++)
        if (peek(&s->source, s->at) == pairs[i][0] && peek(&s->source, s->at + 1) == pairs[i][1])
            size = 2;
    struct weir_path_token token = {
        WEIR_PATH_TOKEN_SIGN, {s->source.data + s->at, size}, s->at, false};
    s->at += size;
    return token;
}

/* Over white space and comments; false: a comment is not closed. */
static bool skip_blanks(struct scanner *s)
{
    for (;;) {
        while (is_blank(peek(&s->source, s->at)))
            s->at++;
        if (peek(&s->source, s->at) != '/' || peek(&s->source, s->at + 1) != '*')
            return true;
        size_t end = weir_slice_find(s->source, weir_slice_make("*/", 2), s->at + 2);
        if (end == SIZE_MAX)
            return false;
        s->at = end + 2;
    }
}

static struct weir_path_token scan(struct scanner *s, struct weir_arena *arena)
{
    if (!skip_blanks(s))
        return token_error("a comment is not closed", s->at);
    char c = peek(&s->source, s->at), next = peek(&s->source, s->at + 1);
    if (s->at >= s->source.size)
        return (struct weir_path_token){WEIR_PATH_TOKEN_END, {"", 0}, s->at, false};
    if (is_digit(c) || (c == '.' && is_digit(next)))
        return scan_number(s);
    if (c == '"') {
        s->at++;
        return scan_text(s, arena, true, WEIR_PATH_TOKEN_STRING);
    }
    if (c == '$' && (next == '"' || is_word(next))) {
        s->at += 1 + (next == '"');
        return scan_text(s, arena, next == '"', WEIR_PATH_TOKEN_VARIABLE);
    }
    if (is_word(c))
        return scan_text(s, arena, false, WEIR_PATH_TOKEN_WORD);
    if (!c)
        return token_error("a byte that cannot stand here", s->at);
    return scan_sign(s);
}

struct weir_path_token weir_path_token_next(struct weir_slice source, size_t *at,
                                            struct weir_arena *arena)
{
    struct scanner scanner = {.source = source, .at = *at};
    struct weir_path_token token = scan(&scanner, arena);
    *at = scanner.at;
    return token;
}
