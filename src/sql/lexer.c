/* Tokens of SQL, in the lexical rules of Postgres.
 *
 * One pass over bytes; every byte is looked at a bounded number of times. The lexer keeps line and
 * column (in characters) as it goes, so that a token's position costs nothing more. Texts are not
 * decoded here: a token is a run of bytes, and literal.c takes out quotes and escapes once the
 * parser wants them.
 *
 * White space is that of Unicode: a no-break space pasted from a page is no surprise. Any other
 * character above ASCII is a letter, as in Postgres, but for typographic quotes, which are always
 * a mistake. `--` runs to the end of the line; comments of slash and star nest. */
#include "sql/lexer_internal.h"

/* ---------------------------------------------------------------- keywords */

struct keyword {
    const char *text;
    unsigned size;
    unsigned uses;
};
static const struct keyword keywords[SQL_KEYWORDS_COUNT] = {
    {"", 0, 0},
#define WEIR_SQL_KEYWORD(symbol, text, uses) {text, sizeof text - 1, uses},
#include "sql/keywords.def"
#undef WEIR_SQL_KEYWORD
};

enum { KEYWORD_SIZE_MAX = 17 };

enum sql_keyword sql_keyword_find(struct weir_slice word)
{
    if (word.size < 2 || word.size > KEYWORD_SIZE_MAX)
        return SQL_KW_NONE;
    char upper[KEYWORD_SIZE_MAX];
    for (size_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    unsigned low = 1, high = SQL_KEYWORDS_COUNT;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        const struct keyword *k = &keywords[middle];
        size_t shorter = k->size < word.size ? k->size : word.size;
        int order = memcmp(upper, k->text, shorter);
        if (order == 0 && word.size == k->size)
            return (enum sql_keyword)middle;
        if (order < 0 || (order == 0 && word.size < k->size))
            high = middle;
        else
            low = middle + 1;
    }
    return SQL_KW_NONE;
}

const char *sql_keyword_text(enum sql_keyword keyword)
{
    return keywords[keyword].text;
}

unsigned sql_keyword_uses(enum sql_keyword keyword)
{
    return keywords[keyword].uses;
}

/* ---------------------------------------------------------------- characters */

/* Bytes of the character that starts with lead; 0 when none does. */
static unsigned character_size(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
}

size_t sql_text_invalid_at(struct weir_slice text)
{
    const unsigned char *s = (const unsigned char *)text.data;
    for (size_t i = 0; i < text.size;) {
        if (s[i] && s[i] < 0x80) {
            i++;
            continue;
        }
        unsigned size = s[i] ? character_size(s[i]) : 0;
        if (size == 0 || size > text.size - i)
            return i;
        for (unsigned k = 1; k < size; k++)
            if ((s[i + k] & 0xC0) != 0x80)
                return i;
        bool overlong = (s[i] == 0xE0 && s[i + 1] < 0xA0) || (s[i] == 0xF0 && s[i + 1] < 0x90);
        bool surrogate = s[i] == 0xED && s[i + 1] > 0x9F;
        bool beyond = s[i] == 0xF4 && s[i + 1] > 0x8F;
        if (overlong || surrogate || beyond)
            return i;
        i += size;
    }
    return SIZE_MAX;
}

uint32_t sql_character_at(struct weir_slice text, size_t offset, unsigned *size)
{
    const unsigned char *s = (const unsigned char *)text.data + offset;
    *size = character_size(s[0]);
    switch (*size) {
    case 2:
        return (uint32_t)(s[0] & 0x1F) << 6 | (s[1] & 0x3F);
    case 3:
        return (uint32_t)(s[0] & 0x0F) << 12 | (uint32_t)(s[1] & 0x3F) << 6 | (s[2] & 0x3F);
    case 4:
        return (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3F) << 12 |
               (uint32_t)(s[2] & 0x3F) << 6 | (s[3] & 0x3F);
    default:
        *size = 1;
        return s[0];
    }
}

static bool is_space_character(uint32_t c)
{
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200B) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

static bool is_typographic_quote(uint32_t c)
{
    return c >= 0x2018 && c <= 0x201F;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}
static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

/* ---------------------------------------------------------------- the cursor */

void sql_lexer_init(struct sql_lexer *lexer, struct weir_slice text)
{
    *lexer = (struct sql_lexer){.text = text, .offset = 0, .line = 1, .column = 1};
}

/* The byte `ahead` bytes on, or -1 at the end. */
static int byte_at(const struct sql_lexer *lexer, uint32_t ahead)
{
    size_t at = (size_t)lexer->offset + ahead;
    return at < lexer->text.size ? (unsigned char)lexer->text.data[at] : -1;
}

static void advance(struct sql_lexer *lexer, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)lexer->text.data[lexer->offset++];
        if (c == '\n') {
            lexer->line++;
            lexer->column = 1;
        } else if ((c & 0xC0) != 0x80) {
            lexer->column++;
        }
    }
}

/* Bytes of a comment of slash and star, the ends included; 0 when it does not end. */
static uint32_t block_comment_size(const struct sql_lexer *lexer)
{
    uint32_t size = 2, nesting = 1;
    while (nesting > 0) {
        int c = byte_at(lexer, size);
        if (c < 0)
            return 0;
        int next = byte_at(lexer, size + 1);
        if (c == '*' && next == '/') {
            nesting--;
            size += 2;
        } else if (c == '/' && next == '*') {
            nesting++;
            size += 2;
        } else {
            size++;
        }
    }
    return size;
}

/* Bytes of one piece of white space or comment here; 0 for none; UINT32_MAX for an open comment. */
static uint32_t blank_size(const struct sql_lexer *lexer)
{
    int c = byte_at(lexer, 0);
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return 1;
    if (c == '-' && byte_at(lexer, 1) == '-') {
        const char *start = lexer->text.data + lexer->offset;
        size_t left = lexer->text.size - lexer->offset;
        const char *end = memchr(start, '\n', left);
        return (uint32_t)(end ? (size_t)(end - start) : left);
    }
    if (c == '/' && byte_at(lexer, 1) == '*') {
        uint32_t size = block_comment_size(lexer);
        return size ? size : UINT32_MAX;
    }
    if (c >= 0x80) {
        unsigned size;
        if (is_space_character(sql_character_at(lexer->text, lexer->offset, &size)))
            return size;
    }
    return 0;
}

/* ---------------------------------------------------------------- tokens */

static uint32_t fail(struct sql_token *token, const char *message)
{
    token->kind = SQL_TOKEN_ERROR;
    token->status = WEIR_E_SYNTAX;
    token->error = message;
    return 1;
}

/* What is not closed swallows the rest of the text: to guess where it was meant to end would only
 * make more errors (and reading it again and again would take time without bound). The error shows
 * the opening sign alone. */
static uint32_t fail_open(const struct sql_lexer *lexer, struct sql_token *token,
                          uint32_t opening_size, const char *message)
{
    fail(token, message);
    token->size = opening_size;
    return (uint32_t)lexer->text.size - lexer->offset;
}

/* Behind the closing quote of a run that starts at `from`, where the quote doubled is the quote
 * itself (and a backslash covers the next byte, if it escapes). 0 when it does not end. */
static uint32_t quoted_end(const struct sql_lexer *lexer, uint32_t from, char quote, bool escapes)
{
    uint32_t size = from;
    for (;;) {
        int c = byte_at(lexer, size);
        if (c < 0)
            return 0;
        if (c == '\\' && escapes && byte_at(lexer, size + 1) >= 0) {
            size += 2;
        } else if (c == quote) {
            if (byte_at(lexer, size + 1) != quote)
                return size + 1;
            size += 2;
        } else {
            size++;
        }
    }
}

static uint32_t lex_string(const struct sql_lexer *lexer, struct sql_token *token,
                           enum sql_token_kind kind, uint32_t prefix, enum sql_string_form form)
{
    uint32_t size = quoted_end(lexer, prefix + 1, '\'', form == SQL_STRING_ESCAPE);
    if (!size)
        return fail_open(lexer, token, prefix + 1, "a string is not closed");
    token->kind = kind;
    token->string = form;
    return size;
}

static uint32_t lex_quoted_name(const struct sql_lexer *lexer, struct sql_token *token,
                                uint32_t prefix, char quote)
{
    uint32_t size = quoted_end(lexer, prefix + 1, quote, false);
    if (!size)
        return fail_open(lexer, token, prefix + 1, "a quoted name is not closed");
    token->kind = SQL_TOKEN_QUOTED;
    token->string = prefix ? SQL_STRING_UNICODE : SQL_STRING_PLAIN;
    return size;
}

/* $1, $$…$$, $tag$…$tag$. */
static uint32_t lex_dollar(const struct sql_lexer *lexer, struct sql_token *token)
{
    uint32_t size = 1;
    if (is_digit(byte_at(lexer, 1))) {
        while (is_digit(byte_at(lexer, size)))
            size++;
        token->kind = SQL_TOKEN_PARAMETER;
        return size;
    }
    while (is_letter(byte_at(lexer, size)) || (size > 1 && is_digit(byte_at(lexer, size))))
        size++;
    if (byte_at(lexer, size) != '$')
        return fail(token, "unexpected character");
    size++;
    const char *start = lexer->text.data + lexer->offset;
    struct weir_slice tag = {start, size};
    struct weir_slice rest = {start + size, lexer->text.size - lexer->offset - size};
    size_t end = weir_slice_find(rest, tag, 0);
    if (end == SIZE_MAX)
        return fail_open(lexer, token, size, "a dollar-quoted string is not closed");
    token->kind = SQL_TOKEN_STRING;
    token->string = SQL_STRING_DOLLAR;
    return size + (uint32_t)end + size;
}

static uint32_t digits_end(const struct sql_lexer *lexer, uint32_t size)
{
    for (;;) {
        if (is_digit(byte_at(lexer, size)))
            size++;
        else if (byte_at(lexer, size) == '_' && is_digit(byte_at(lexer, size + 1)))
            size += 2;
        else
            return size;
    }
}

static uint32_t lex_number(const struct sql_lexer *lexer, struct sql_token *token)
{
    uint32_t size = digits_end(lexer, 0);
    token->kind = SQL_TOKEN_INTEGER;
    if (byte_at(lexer, size) == '.' && byte_at(lexer, size + 1) != '.') {
        token->kind = SQL_TOKEN_DECIMAL;
        size = digits_end(lexer, size + 1);
    }
    int c = byte_at(lexer, size);
    if (c == 'e' || c == 'E') {
        int sign = byte_at(lexer, size + 1);
        uint32_t digits = size + (sign == '+' || sign == '-' ? 2 : 1);
        if (is_digit(byte_at(lexer, digits))) {
            token->kind = SQL_TOKEN_FLOAT;
            size = digits_end(lexer, digits);
        }
    }
    if (is_letter(byte_at(lexer, size))) {
        fail(token, "a number is followed by letters");
        while (is_letter(byte_at(lexer, size)) || is_digit(byte_at(lexer, size)))
            size++;
    }
    return size;
}

static uint32_t lex_word(const struct sql_lexer *lexer, struct sql_token *token)
{
    uint32_t size = 0;
    for (;;) {
        int c = byte_at(lexer, size);
        if (c >= 0x80) {
            unsigned bytes;
            uint32_t character = sql_character_at(lexer->text, lexer->offset + size, &bytes);
            if (is_space_character(character) || is_typographic_quote(character))
                break;
            size += bytes;
        } else if (is_letter(c) || (size && (is_digit(c) || c == '$'))) {
            size++;
        } else {
            break;
        }
    }
    if (size == 0)
        return fail(token, "a typographic quote");
    token->kind = SQL_TOKEN_WORD;
    token->keyword = sql_keyword_find(weir_slice_make(lexer->text.data + lexer->offset, size));
    return size;
}

/* A word, or one of the literals that begin as a word does: E'…' B'…' X'…' U&'…' U&"…". */
static uint32_t lex_word_or_literal(const struct sql_lexer *lexer, struct sql_token *token)
{
    int c = byte_at(lexer, 0) | 0x20;
    if (byte_at(lexer, 1) == '\'') {
        if (c == 'e')
            return lex_string(lexer, token, SQL_TOKEN_STRING, 1, SQL_STRING_ESCAPE);
        if (c == 'b')
            return lex_string(lexer, token, SQL_TOKEN_BITS, 1, SQL_STRING_PLAIN);
        if (c == 'x')
            return lex_string(lexer, token, SQL_TOKEN_HEX, 1, SQL_STRING_PLAIN);
        if (c == 'n')
            return lex_string(lexer, token, SQL_TOKEN_STRING, 1, SQL_STRING_PLAIN);
    }
    if (c == 'u' && byte_at(lexer, 1) == '&') {
        if (byte_at(lexer, 2) == '\'')
            return lex_string(lexer, token, SQL_TOKEN_STRING, 2, SQL_STRING_UNICODE);
        if (byte_at(lexer, 2) == '"')
            return lex_quoted_name(lexer, token, 2, '"');
    }
    return lex_word(lexer, token);
}

struct sign {
    const char *text;
    enum sql_token_kind kind;
    enum weir_sql_operator op;
};
/* Operators in the order of operators.def, then the signs that are none or have two spellings.
 * Where a spelling stands twice the first counts: the operator between operands. */
static const struct sign signs[] = {
#define WEIR_SQL_OPERATOR(symbol, spelling, precedence, unary) \
    {spelling, SQL_TOKEN_OPERATOR, WEIR_SQL_OP_##symbol},
#include "sql/operators.def"
#undef WEIR_SQL_OPERATOR
    {"!=", SQL_TOKEN_OPERATOR, WEIR_SQL_OP_NOT_EQUAL},
    {"==", SQL_TOKEN_OPERATOR, WEIR_SQL_OP_EQUAL}, /* as in programs for Arroyo */
    {"~~", SQL_TOKEN_LIKE, 0},
    {"~~*", SQL_TOKEN_LIKE, 0},
    {"!~~", SQL_TOKEN_LIKE, 0},
    {"!~~*", SQL_TOKEN_LIKE, 0},
    {"(", SQL_TOKEN_LEFT_PAREN, 0},
    {")", SQL_TOKEN_RIGHT_PAREN, 0},
    {"[", SQL_TOKEN_LEFT_BRACKET, 0},
    {"]", SQL_TOKEN_RIGHT_BRACKET, 0},
    {"{", SQL_TOKEN_LEFT_BRACE, 0},
    {"}", SQL_TOKEN_RIGHT_BRACE, 0},
    {",", SQL_TOKEN_COMMA, 0},
    {";", SQL_TOKEN_SEMICOLON, 0},
    {".", SQL_TOKEN_DOT, 0},
    {":", SQL_TOKEN_COLON, 0},
    {"::", SQL_TOKEN_CAST, 0},
    {"=>", SQL_TOKEN_ARROW, 0},
    {":=", SQL_TOKEN_ARROW, 0},
};

static bool starts_with(const struct sql_lexer *lexer, const char *sign)
{
    for (uint32_t i = 0; sign[i]; i++)
        if (byte_at(lexer, i) != (unsigned char)sign[i])
            return false;
    return true;
}

/* The longest sign that stands here. */
static uint32_t lex_sign(const struct sql_lexer *lexer, struct sql_token *token)
{
    uint32_t longest = 0;
    for (size_t i = 0; i < WEIR_COUNT_OF(signs); i++) {
        const struct sign *s = &signs[i];
        uint32_t size = (uint32_t)strlen(s->text);
        if (size > longest && starts_with(lexer, s->text)) {
            longest = size;
            token->kind = s->kind;
            token->op = s->op;
        }
    }
    return longest ? longest : fail(token, "unexpected character");
}

static uint32_t lex_token(const struct sql_lexer *lexer, struct sql_token *token)
{
    int c = byte_at(lexer, 0);
    if (c < 0)
        return 0;
    if (is_letter(c))
        return lex_word_or_literal(lexer, token);
    if (is_digit(c) || (c == '.' && is_digit(byte_at(lexer, 1))))
        return lex_number(lexer, token);
    if (c == '\'')
        return lex_string(lexer, token, SQL_TOKEN_STRING, 0, SQL_STRING_PLAIN);
    if (c == '"' || c == '`')
        return lex_quoted_name(lexer, token, 0, (char)c);
    if (c == '$')
        return lex_dollar(lexer, token);
    return lex_sign(lexer, token);
}

/* Characters of a token, to the end of its first line. */
static uint32_t token_length(const struct sql_lexer *lexer, uint32_t size)
{
    uint32_t length = 0;
    for (uint32_t i = 0; i < size; i++) {
        int c = byte_at(lexer, i);
        if (c == '\n')
            break;
        length += (c & 0xC0) != 0x80;
    }
    return length;
}

void sql_lexer_next(struct sql_lexer *lexer, struct sql_token *token)
{
    *token = (struct sql_token){.kind = SQL_TOKEN_END};
    uint32_t line = lexer->line, blank;
    while ((blank = blank_size(lexer)) != 0 && blank != UINT32_MAX)
        advance(lexer, blank);
    token->newline_before = lexer->line != line;
    token->position = (struct weir_position){lexer->line, lexer->column, 1, lexer->offset};
    uint32_t size = blank == UINT32_MAX ? fail_open(lexer, token, 2, "a comment is not closed")
                                        : lex_token(lexer, token);
    /* An unexpected character is reported whole. */
    while (token->kind == SQL_TOKEN_ERROR && byte_at(lexer, size) >= 0 &&
           (byte_at(lexer, size) & 0xC0) == 0x80)
        size++;
    if (token->size == 0)
        token->size = size;
    token->position.length = token_length(lexer, token->size);
    if (token->position.length == 0)
        token->position.length = 1;
    advance(lexer, size);
}
