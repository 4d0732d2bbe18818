/* The strict JSON tokenizer. Contracts and invariants: value/json_token.h.
 *
 * A state machine over tokens: the state says what may come next, one bit per level whether the
 * container at hand is an object. Strings are scanned sixteen bytes at a time for the four kinds of
 * byte that need a look: quote, backslash, control, non-ASCII. */
#include "value/json_token.h"
#include "value/number_internal.h"
#include "value/utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum state {
    STATE_VALUE,       /* a value must follow */
    STATE_FIRST_ITEM,  /* after '[': a value or ']' */
    STATE_FIRST_KEY,   /* after '{': a key or '}' */
    STATE_AFTER_VALUE, /* ',' or the end of the container */
    STATE_END,         /* only white space may follow */
    STATE_FAILED
};

const char *weir_json_reason_text(enum weir_json_reason reason)
{
    static const char *const texts[] = {
        [WEIR_JSON_NO_ERROR] = "no error",
        [WEIR_JSON_UNEXPECTED_END] = "the text ends inside the value",
        [WEIR_JSON_UNEXPECTED_BYTE] = "a byte that cannot stand here",
        [WEIR_JSON_BAD_LITERAL] = "neither true, false nor null",
        [WEIR_JSON_BAD_NUMBER] = "a malformed number",
        [WEIR_JSON_BAD_ESCAPE] = "a malformed escape in a string",
        [WEIR_JSON_LONE_SURROGATE] = "half of a surrogate pair in a string",
        [WEIR_JSON_CONTROL_BYTE] = "a control character inside a string",
        [WEIR_JSON_BAD_UTF8] = "invalid UTF-8 in a string",
        [WEIR_JSON_TOO_DEEP] = "nested deeper than 128",
        [WEIR_JSON_TRAILING_BYTES] = "something after the value",
        [WEIR_JSON_NUL_CHARACTER] = "\\u0000 cannot be converted to text",
        [WEIR_JSON_NUMBER_RANGE] = "a number out of range",
        [WEIR_JSON_OUT_OF_MEMORY] = "memory has run out",
    };
    return texts[reason];
}

void weir_json_begin(struct weir_json *json, struct weir_slice text)
{
    *json = (struct weir_json){
        .begin = text.data, .next = text.data, .end = text.data + text.size, .state = STATE_VALUE};
}

static struct weir_json_token fail(struct weir_json *json, const char *at,
                                   enum weir_json_reason reason)
{
    json->state = STATE_FAILED;
    json->error_offset = (size_t)(at - json->begin);
    json->reason =
        at == json->end && reason != WEIR_JSON_TOO_DEEP && reason != WEIR_JSON_LONE_SURROGATE
            ? WEIR_JSON_UNEXPECTED_END
            : reason;
    return (struct weir_json_token){WEIR_JSON_ERROR, 0, {at, 0}};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void skip_spaces(struct weir_json *json)
{
    while (json->next < json->end && is_space(*json->next))
        json->next++;
}

static bool in_object(const struct weir_json *json)
{
    uint32_t level = json->depth - 1;
    return json->objects[level / 64] >> (level % 64) & 1;
}

/* A value is complete: what may follow? */
static void value_done(struct weir_json *json)
{
    json->state = json->depth ? STATE_AFTER_VALUE : STATE_END;
}

/* ---- strings ---- */

/* The first byte from at on that is a quote, a backslash, a control or not ASCII; end if none. */
static const char *find_special(const char *at, const char *end)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1F);
    for (; end - at >= 16; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i found = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
            _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(block, control), block), block));
        int mask = _mm_movemask_epi8(found); /* block itself gives the bytes from 0x80 */
        if (mask)
            return at + __builtin_ctz((unsigned)mask);
    }
#endif
    while (at < end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' &&
           *at != '\\')
        at++;
    return at;
}

/* Four hex digits; false with *at at the first that is none. */
static bool read_hex(const char **at, const char *end, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, ++*at) {
        unsigned char c = *at < end ? (unsigned char)**at : 0;
        unsigned char letter = (unsigned char)((c | 32) - 'a');
        if (weir_is_digit((char)c))
            *out = *out << 4 | (uint32_t)(c - '0');
        else if (letter < 6)
            *out = *out << 4 | (uint32_t)(letter + 10);
        else
            return false;
    }
    return true;
}

/* The escape at `at` (a backslash); NULL after fail(). */
static const char *scan_escape(struct weir_json *json, const char *at, uint32_t *flags)
{
    const char *start = at++;
    uint32_t unit, low;

    *flags |= WEIR_JSON_ESCAPED;
    if (at < json->end && *at != 'u') {
        if (memchr("\"\\/bfnrt", *at, 8))
            return at + 1;
        fail(json, at, WEIR_JSON_BAD_ESCAPE);
        return NULL;
    }
    if (at == json->end || (at++, !read_hex(&at, json->end, &unit))) {
        fail(json, at, WEIR_JSON_BAD_ESCAPE);
        return NULL;
    }
    if (unit == 0)
        *flags |= WEIR_JSON_HAS_NUL;
    if (unit < 0xD800 || unit > 0xDFFF)
        return at;
    if (unit > 0xDBFF || json->end - at < 2 || at[0] != '\\' || at[1] != 'u') {
        fail(json, start, WEIR_JSON_LONE_SURROGATE);
        return NULL;
    }
    at += 2;
    if (!read_hex(&at, json->end, &low)) {
        fail(json, at, WEIR_JSON_BAD_ESCAPE);
        return NULL;
    }
    if (low < 0xDC00 || low > 0xDFFF) {
        fail(json, start, WEIR_JSON_LONE_SURROGATE);
        return NULL;
    }
    return at;
}

/* next is behind the opening quote. */
static struct weir_json_token scan_string(struct weir_json *json, enum weir_json_kind kind)
{
    const char *start = json->next;
    const char *at = start;
    uint32_t flags = 0, code_point;
    size_t used;

    for (;;) {
        at = find_special(at, json->end);
        if (at == json->end)
            return fail(json, at, WEIR_JSON_UNEXPECTED_END);
        if (*at == '"')
            break;
        if (*at == '\\') {
            at = scan_escape(json, at, &flags);
            if (!at)
                return (struct weir_json_token){WEIR_JSON_ERROR, 0, {start, 0}};
        } else if ((unsigned char)*at < 0x20) {
            return fail(json, at, WEIR_JSON_CONTROL_BYTE);
        } else {
            if (!weir_utf8_decode_strict(at, (size_t)(json->end - at), &code_point, &used))
                return fail(json, at, WEIR_JSON_BAD_UTF8);
            at += used;
        }
    }
    json->next = at + 1;
    return (struct weir_json_token){kind, flags, {start, (size_t)(at - start)}};
}

static struct weir_json_token scan_key(struct weir_json *json)
{
    if (json->next == json->end || *json->next != '"')
        return fail(json, json->next, WEIR_JSON_UNEXPECTED_BYTE);
    json->next++;
    struct weir_json_token token = scan_string(json, WEIR_JSON_KEY);
    if (token.kind == WEIR_JSON_ERROR)
        return token;
    skip_spaces(json);
    if (json->next == json->end || *json->next != ':')
        return fail(json, json->next, WEIR_JSON_UNEXPECTED_BYTE);
    json->next++;
    json->state = STATE_VALUE;
    return token;
}

/* ---- scalars ---- */

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && weir_is_digit(*at))
        at++;
    return at;
}

static struct weir_json_token scan_number(struct weir_json *json)
{
    const char *start = json->next;
    const char *end = json->end;
    const char *at = start + (*start == '-');
    uint32_t flags = 0;

    if (at == end || !weir_is_digit(*at))
        return fail(json, at, WEIR_JSON_BAD_NUMBER);
    if (*at == '0') {
        at++;
        if (at < end && weir_is_digit(*at))
            return fail(json, at, WEIR_JSON_BAD_NUMBER);
    } else {
        at = skip_digits(at, end);
    }
    if (at < end && *at == '.') {
        flags = WEIR_JSON_DECIMAL;
        at++;
        if (at == end || !weir_is_digit(*at))
            return fail(json, at, WEIR_JSON_BAD_NUMBER);
        at = skip_digits(at, end);
    }
    if (at < end && (*at | 32) == 'e') {
        flags = WEIR_JSON_DECIMAL;
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        if (at == end || !weir_is_digit(*at))
            return fail(json, at, WEIR_JSON_BAD_NUMBER);
        at = skip_digits(at, end);
    }
    json->next = at;
    value_done(json);
    return (struct weir_json_token){WEIR_JSON_NUMBER, flags, {start, (size_t)(at - start)}};
}

static struct weir_json_token scan_literal(struct weir_json *json, const char *word,
                                           enum weir_json_kind kind)
{
    const char *start = json->next;
    const char *at = start;
    for (; *word; word++, at++)
        if (at == json->end || *at != *word)
            return fail(json, at, WEIR_JSON_BAD_LITERAL);
    json->next = at;
    value_done(json);
    return (struct weir_json_token){kind, 0, {start, (size_t)(at - start)}};
}

/* ---- containers ---- */

static struct weir_json_token open_container(struct weir_json *json, bool object)
{
    if (json->depth == WEIR_JSON_DEPTH_MAX)
        return fail(json, json->next, WEIR_JSON_TOO_DEEP);
    uint64_t bit = UINT64_C(1) << (json->depth % 64);
    uint64_t *word = &json->objects[json->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    json->depth++;
    json->state = object ? STATE_FIRST_KEY : STATE_FIRST_ITEM;
    return (struct weir_json_token){
        object ? WEIR_JSON_OBJECT_BEGIN : WEIR_JSON_ARRAY_BEGIN, 0, {json->next++, 1}};
}

static struct weir_json_token close_container(struct weir_json *json)
{
    enum weir_json_kind kind = in_object(json) ? WEIR_JSON_OBJECT_END : WEIR_JSON_ARRAY_END;
    json->depth--;
    value_done(json);
    return (struct weir_json_token){kind, 0, {json->next++, 1}};
}

static struct weir_json_token scan_value(struct weir_json *json)
{
    if (json->next == json->end)
        return fail(json, json->next, WEIR_JSON_UNEXPECTED_END);
    switch (*json->next) {
    case '"': {
        json->next++;
        struct weir_json_token token = scan_string(json, WEIR_JSON_STRING);
        if (token.kind != WEIR_JSON_ERROR)
            value_done(json);
        return token;
    }
    case '{':
        return open_container(json, true);
    case '[':
        return open_container(json, false);
    case 't':
        return scan_literal(json, "true", WEIR_JSON_TRUE);
    case 'f':
        return scan_literal(json, "false", WEIR_JSON_FALSE);
    case 'n':
        return scan_literal(json, "null", WEIR_JSON_NULL);
    default:
        if (*json->next == '-' || weir_is_digit(*json->next))
            return scan_number(json);
        return fail(json, json->next, WEIR_JSON_UNEXPECTED_BYTE);
    }
}

/* After a value inside a container: its end, or a comma and the next item. */
static struct weir_json_token scan_after_value(struct weir_json *json)
{
    bool object = in_object(json);
    if (json->next == json->end)
        return fail(json, json->next, WEIR_JSON_UNEXPECTED_END);
    if (*json->next == (object ? '}' : ']'))
        return close_container(json);
    if (*json->next != ',')
        return fail(json, json->next, WEIR_JSON_UNEXPECTED_BYTE);
    json->next++;
    skip_spaces(json);
    return object ? scan_key(json) : scan_value(json);
}

struct weir_json_token weir_json_next(struct weir_json *json)
{
    skip_spaces(json);
    switch ((enum state)json->state) {
    case STATE_VALUE:
        return scan_value(json);
    case STATE_FIRST_ITEM:
        if (json->next < json->end && *json->next == ']')
            return close_container(json);
        return scan_value(json);
    case STATE_FIRST_KEY:
        if (json->next < json->end && *json->next == '}')
            return close_container(json);
        return scan_key(json);
    case STATE_AFTER_VALUE:
        return scan_after_value(json);
    case STATE_END:
        if (json->next < json->end)
            return fail(json, json->next, WEIR_JSON_TRAILING_BYTES);
        return (struct weir_json_token){WEIR_JSON_END, 0, {json->next, 0}};
    case STATE_FAILED:
        break;
    }
    return (struct weir_json_token){WEIR_JSON_ERROR, 0, {json->begin + json->error_offset, 0}};
}

bool weir_json_skip(struct weir_json *json, struct weir_json_token first, struct weir_slice *text)
{
    const char *start = first.text.data - (first.kind == WEIR_JSON_STRING);
    if (first.kind == WEIR_JSON_ERROR)
        return false;
    if (first.kind == WEIR_JSON_OBJECT_BEGIN || first.kind == WEIR_JSON_ARRAY_BEGIN) {
        uint32_t outside = json->depth - 1;
        do {
            if (weir_json_next(json).kind == WEIR_JSON_ERROR)
                return false;
        } while (json->depth > outside);
    }
    if (text)
        *text = weir_slice_make(start, (size_t)(json->next - start));
    return true;
}

bool weir_json_validate(struct weir_slice text, size_t *error_offset, enum weir_json_reason *reason)
{
    struct weir_json json;
    struct weir_json_token token;

    weir_json_begin(&json, text);
    do {
        token = weir_json_next(&json);
    } while (token.kind != WEIR_JSON_END && token.kind != WEIR_JSON_ERROR);
    if (error_offset)
        *error_offset = json.error_offset;
    if (reason)
        *reason = json.reason;
    return token.kind == WEIR_JSON_END;
}

/* ---- unescaping ---- */

/* What follows a backslash at *at (behind it); writes to out, returns the size. */
static size_t unescape_one(const char **at, const char *end, char *out)
{
    uint32_t unit, low;
    char c = *(*at)++;

    switch (c) {
    case 'b':
        *out = '\b';
        return 1;
    case 'f':
        *out = '\f';
        return 1;
    case 'n':
        *out = '\n';
        return 1;
    case 'r':
        *out = '\r';
        return 1;
    case 't':
        *out = '\t';
        return 1;
    case 'u':
        break;
    default:
        *out = c;
        return 1;
    }
    if (!read_hex(at, end, &unit))
        return 0;
    if (unit >= 0xD800 && unit <= 0xDBFF && end - *at >= 6) {
        *at += 2;
        if (!read_hex(at, end, &low))
            return 0;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    return weir_utf8_encode(unit, out);
}

size_t weir_json_unescape(struct weir_slice text, char *out)
{
    const char *at = text.data;
    const char *end = at + text.size;
    char *to = out;

    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        size_t run = (size_t)((backslash ? backslash : end) - at);
        memmove(to, at, run);
        to += run;
        at += run;
        if (at < end && ++at < end)
            to += unescape_one(&at, end, to);
    }
    return (size_t)(to - out);
}

bool weir_json_unescape_into(struct weir_json_token token, struct weir_arena *arena,
                             struct weir_slice *out)
{
    *out = token.text;
    if (!(token.flags & WEIR_JSON_ESCAPED))
        return true;
    char *memory = weir_arena_alloc(arena, token.text.size, 1);
    if (!memory)
        return false;
    *out = weir_slice_make(memory, weir_json_unescape(token.text, memory));
    return true;
}
