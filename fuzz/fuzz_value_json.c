/* The JSON tokenizer against a second validator, written as recursive descent straight from the
 * grammar of RFC 8259; then what must hold of any valid text: compacting and canonicalizing keep it
 * valid, canonical text is a fixed point, equal to itself in order, containment and hash. */
#include "value/json_token.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition)
        abort();
}

/* ---- the second validator: a position that moves, SIZE_MAX for "invalid" ---- */

struct text {
    const uint8_t *data;
    size_t size;
};

static int byte_at(struct text text, size_t at)
{
    return at < text.size ? text.data[at] : -1;
}

static size_t white(struct text text, size_t at)
{
    while (byte_at(text, at) == ' ' || byte_at(text, at) == '\t' || byte_at(text, at) == '\n' ||
           byte_at(text, at) == '\r')
        at++;
    return at;
}

static bool in_range(int byte, int low, int high)
{
    return byte >= low && byte <= high;
}

/* Size of the well-formed UTF-8 sequence at `at` (RFC 3629, section 4); 0 when there is none. */
static size_t utf8_sequence(struct text t, size_t at)
{
    int a = byte_at(t, at), b = byte_at(t, at + 1), c = byte_at(t, at + 2), d = byte_at(t, at + 3);
    bool tail_c = in_range(c, 0x80, 0xBF), tail_d = in_range(d, 0x80, 0xBF);
    if (in_range(a, 0x00, 0x7F))
        return 1;
    if (in_range(a, 0xC2, 0xDF))
        return in_range(b, 0x80, 0xBF) ? 2 : 0;
    if (a == 0xE0)
        return in_range(b, 0xA0, 0xBF) && tail_c ? 3 : 0;
    if (a == 0xED)
        return in_range(b, 0x80, 0x9F) && tail_c ? 3 : 0;
    if (in_range(a, 0xE1, 0xEF))
        return in_range(b, 0x80, 0xBF) && tail_c ? 3 : 0;
    if (a == 0xF0)
        return in_range(b, 0x90, 0xBF) && tail_c && tail_d ? 4 : 0;
    if (in_range(a, 0xF1, 0xF3))
        return in_range(b, 0x80, 0xBF) && tail_c && tail_d ? 4 : 0;
    if (a == 0xF4)
        return in_range(b, 0x80, 0x8F) && tail_c && tail_d ? 4 : 0;
    return 0;
}

/* The code unit of \uXXXX at `at`, -1 when malformed. */
static long unit_at(struct text text, size_t at)
{
    long unit = 0;
    if (byte_at(text, at) != '\\' || byte_at(text, at + 1) != 'u')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        int c = byte_at(text, at + i);
        if (in_range(c, '0', '9'))
            unit = unit * 16 + (c - '0');
        else if (in_range(c, 'a', 'f'))
            unit = unit * 16 + (c - 'a' + 10);
        else if (in_range(c, 'A', 'F'))
            unit = unit * 16 + (c - 'A' + 10);
        else
            return -1;
    }
    return unit;
}

static size_t string(struct text text, size_t at)
{
    if (byte_at(text, at++) != '"')
        return SIZE_MAX;
    for (;;) {
        int c = byte_at(text, at);
        if (c == '"')
            return at + 1;
        if (c < 0x20)
            return SIZE_MAX;
        if (c != '\\') {
            size_t size = utf8_sequence(text, at);
            if (!size)
                return SIZE_MAX;
            at += size;
            continue;
        }
        long unit = unit_at(text, at);
        if (unit >= 0xD800 && unit <= 0xDFFF) {
            long low = unit_at(text, at + 6);
            if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
                return SIZE_MAX;
            at += 12;
        } else if (unit >= 0) {
            at += 6;
        } else {
            switch (byte_at(text, at + 1)) {
            case '"':
            case '\\':
            case '/':
            case 'b':
            case 'f':
            case 'n':
            case 'r':
            case 't':
                at += 2;
                break;
            default:
                return SIZE_MAX;
            }
        }
    }
}

static size_t digits(struct text text, size_t at)
{
    size_t start = at;
    while (in_range(byte_at(text, at), '0', '9'))
        at++;
    return at == start ? SIZE_MAX : at;
}

static size_t number(struct text text, size_t at)
{
    at += byte_at(text, at) == '-';
    at = byte_at(text, at) == '0' ? at + 1 : digits(text, at);
    if (at != SIZE_MAX && byte_at(text, at) == '.')
        at = digits(text, at + 1);
    if (at != SIZE_MAX && (byte_at(text, at) == 'e' || byte_at(text, at) == 'E')) {
        at++;
        at += byte_at(text, at) == '+' || byte_at(text, at) == '-';
        at = digits(text, at);
    }
    return at;
}

static size_t word(struct text text, size_t at, const char *expected)
{
    for (; *expected; expected++, at++)
        if (byte_at(text, at) != *expected)
            return SIZE_MAX;
    return at;
}

static size_t value(struct text text, size_t at, int depth);

static size_t members(struct text text, size_t at, int depth, bool object)
{
    char close = object ? '}' : ']';
    if (depth == WEIR_JSON_DEPTH_MAX)
        return SIZE_MAX;
    at = white(text, at + 1);
    if (byte_at(text, at) == close)
        return at + 1;
    for (;;) {
        if (object) {
            at = string(text, white(text, at));
            if (at == SIZE_MAX)
                return at;
            at = white(text, at);
            if (byte_at(text, at++) != ':')
                return SIZE_MAX;
        }
        at = value(text, at, depth + 1);
        if (at == SIZE_MAX)
            return at;
        at = white(text, at);
        if (byte_at(text, at) == close)
            return at + 1;
        if (byte_at(text, at++) != ',')
            return SIZE_MAX;
    }
}

static size_t value(struct text text, size_t at, int depth)
{
    at = white(text, at);
    switch (byte_at(text, at)) {
    case '{':
        return members(text, at, depth, true);
    case '[':
        return members(text, at, depth, false);
    case '"':
        return string(text, at);
    case 't':
        return word(text, at, "true");
    case 'f':
        return word(text, at, "false");
    case 'n':
        return word(text, at, "null");
    default:
        return number(text, at);
    }
}

static bool is_valid(struct text text)
{
    size_t at = value(text, 0, 0);
    return at != SIZE_MAX && white(text, at) == text.size;
}

/* ---- properties ---- */

static void check_canonical(struct weir_slice text)
{
    struct weir_buffer once, twice;
    weir_buffer_init(&once, NULL);
    weir_buffer_init(&twice, NULL);
    weir_json_write_compact(&once, text);
    check(weir_json_validate(weir_buffer_slice(&once), NULL, NULL));
    weir_buffer_clear(&once);
    if (weir_json_canonicalize(text, &once, NULL, NULL)) {
        struct weir_slice canonical = weir_buffer_slice(&once);
        check(weir_json_canonicalize(canonical, &twice, NULL, NULL));
        check(weir_slice_equals(canonical, weir_buffer_slice(&twice)));
        check(weir_json_compare(canonical, canonical) == 0);
        check(weir_json_contains(canonical, canonical));
        weir_buffer_clear(&twice);
        weir_json_write_pretty(&twice, canonical);
        check(weir_json_validate(weir_buffer_slice(&twice), NULL, NULL));
    }
    weir_buffer_deinit(&once);
    weir_buffer_deinit(&twice);
}

static void check_strings(struct weir_slice text)
{
    struct weir_json json;
    struct weir_json_token token;
    struct weir_buffer buffer;

    weir_buffer_init(&buffer, NULL);
    weir_json_begin(&json, text);
    do {
        token = weir_json_next(&json);
        if (token.kind != WEIR_JSON_STRING && token.kind != WEIR_JSON_KEY)
            continue;
        char *plain = malloc(token.text.size + 1);
        check(plain != NULL);
        size_t size = weir_json_unescape(token.text, plain);
        check(size <= token.text.size);
        weir_buffer_clear(&buffer);
        weir_json_write_string(&buffer, weir_slice_make(plain, size));
        check(weir_json_validate(weir_buffer_slice(&buffer), NULL, NULL));
        free(plain);
    } while (token.kind != WEIR_JSON_END && token.kind != WEIR_JSON_ERROR);
    weir_buffer_deinit(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_slice text = weir_slice_make((const char *)data, size);
    size_t offset;
    enum weir_json_reason reason;
    bool valid = weir_json_validate(text, &offset, &reason);

    check(weir_json_reason_text(reason)[0] != '\0');
    check(valid == is_valid((struct text){data, size}));
    check(valid ? reason == WEIR_JSON_NO_ERROR : reason != WEIR_JSON_NO_ERROR && offset <= size);
    if (valid) {
        check_canonical(text);
        check_strings(text);
    }
    return 0;
}
