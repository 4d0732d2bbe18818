/* Stepping over valid JSON. Contracts: value/json_scan.h. */
#include "value/json_scan.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *skip_spaces(const char *at, const char *end)
{
    while (at < end && is_space(*at))
        at++;
    return at;
}

/* The first quote or backslash from at on; end if there is none. */
static const char *find_quote(const char *at, const char *end)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    for (; end - at >= 16; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
        int mask = _mm_movemask_epi8(
            _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)));
        if (mask)
            return at + __builtin_ctz((unsigned)mask);
    }
#endif
    while (at < end && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* at is behind the opening quote; gives the closing one, or end. */
static const char *string_end(const char *at, const char *end)
{
    for (;;) {
        at = find_quote(at, end);
        if (at == end || *at == '"')
            return at;
        at = end - at > 2 ? at + 2 : end;
    }
}

/* The first quote or bracket: [ and ] differ from { and } in one bit. */
static const char *find_structure(const char *at, const char *end)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), bit = _mm_set1_epi8(0x20);
    const __m128i opening = _mm_set1_epi8('{'), closing = _mm_set1_epi8('}');
    for (; end - at >= 16; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i folded = _mm_or_si128(block, bit);
        __m128i found = _mm_or_si128(
            _mm_cmpeq_epi8(block, quote),
            _mm_or_si128(_mm_cmpeq_epi8(folded, opening), _mm_cmpeq_epi8(folded, closing)));
        int mask = _mm_movemask_epi8(found);
        if (mask)
            return at + __builtin_ctz((unsigned)mask);
    }
#endif
    while (at < end && *at != '"' && (*at | 0x20) != '{' && (*at | 0x20) != '}')
        at++;
    return at;
}

/* How far brackets have been matched. */
struct nesting {
    const char *at;
    uint32_t depth;
    bool in_string;
};

/* Byte by byte to stop, or some bytes beyond in an escape. True: at is behind the partner of the
 * first bracket. */
static bool step_bytes(struct nesting *n, const char *stop, const char *end)
{
    for (; n->at < stop; n->at++) {
        char c = *n->at;
        if (n->in_string) {
            n->in_string = c != '"';
            if (c == '\\' && n->at + 1 < end)
                n->at++;
        } else if (c == '"') {
            n->in_string = true;
        } else if ((c | 0x20) == '{') {
            n->depth++;
        } else if ((c | 0x20) == '}' && --n->depth == 0) {
            n->at++;
            return true;
        }
    }
    return false;
}

#if defined(__SSE2__)
static unsigned equal_mask(__m128i block, char byte)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(byte)));
}

/* Sixteen bytes at a time: bytes within strings are those behind an odd number of quotes, of the
 * brackets outside only the counts matter. False: these sixteen need a closer look. */
static bool step_block(struct nesting *n)
{
    __m128i block = _mm_loadu_si128((const __m128i *)(const void *)n->at);
    __m128i folded = _mm_or_si128(block, _mm_set1_epi8(0x20));
    unsigned inside = equal_mask(block, '"');
    inside ^= inside << 1;
    inside ^= inside << 2;
    inside ^= inside << 4;
    inside ^= inside << 8;
    inside = (n->in_string ? ~inside : inside) & 0xFFFF;
    unsigned opening = equal_mask(folded, '{') & ~inside;
    unsigned closing = equal_mask(folded, '}') & ~inside;
    if (equal_mask(block, '\\'))
        return false;
    if (opening | closing) {
        unsigned closed = (unsigned)__builtin_popcount(closing);
        if (closed >= n->depth)
            return false;
        n->depth += (unsigned)__builtin_popcount(opening) - closed;
    }
    n->in_string = inside >> 15;
    n->at += 16;
    return true;
}
#endif

/* at is at an opening bracket; gives the byte behind its partner. */
static const char *container_end(const char *at, const char *end)
{
    struct nesting n = {.at = at + 1, .depth = 1};
#if defined(__SSE2__)
    while (end - n.at >= 16)
        if (!step_block(&n) && step_bytes(&n, n.at + 16, end))
            return n.at;
#endif
    (void)step_bytes(&n, end, end);
    return n.at < end ? n.at : end;
}

/* at is at the first byte of a value; gives the byte behind its last. */
static const char *value_end(const char *at, const char *end)
{
    if (at == end)
        return end;
    if (*at == '"') {
        at = string_end(at + 1, end);
        return at == end ? end : at + 1;
    }
    if (*at == '{' || *at == '[')
        return container_end(at, end);
    while (at < end && *at != ',' && *at != ']' && *at != '}' && !is_space(*at))
        at++;
    return at;
}

enum weir_json_kind weir_json_scan_kind(struct weir_slice value)
{
    if (!value.size)
        return WEIR_JSON_ERROR;
    switch (value.data[0]) {
    case '{':
        return WEIR_JSON_OBJECT_BEGIN;
    case '[':
        return WEIR_JSON_ARRAY_BEGIN;
    case '"':
        return WEIR_JSON_STRING;
    case 't':
        return WEIR_JSON_TRUE;
    case 'f':
        return WEIR_JSON_FALSE;
    case 'n':
        return WEIR_JSON_NULL;
    default:
        return WEIR_JSON_NUMBER;
    }
}

struct weir_slice weir_json_scan_value(struct weir_slice text)
{
    if (!text.size)
        return text;
    const char *end = text.data + text.size;
    const char *begin = skip_spaces(text.data, end);
    return weir_slice_make(begin, (size_t)(value_end(begin, end) - begin));
}

/* --- items ----------------------------------------------------------------------------------- */

void weir_json_items_begin(struct weir_json_items *items, struct weir_slice container)
{
    enum weir_json_kind kind = weir_json_scan_kind(container);
    bool is_container = kind == WEIR_JSON_OBJECT_BEGIN || kind == WEIR_JSON_ARRAY_BEGIN;
    items->is_object = kind == WEIR_JSON_OBJECT_BEGIN;
    items->next = container.data ? container.data : "";
    items->end = items->next + container.size;
    if (is_container)
        items->next++;
    else
        items->next = items->end;
}

bool weir_json_items_next(struct weir_json_items *items, struct weir_json_item *item)
{
    const char *end = items->end;
    const char *at = skip_spaces(items->next, end);
    if (at < end && *at == ',')
        at = skip_spaces(at + 1, end);
    if (at == end || *at == ']' || *at == '}') {
        items->next = end;
        return false;
    }
    item->key = weir_slice_make(at, 0);
    if (items->is_object) {
        const char *close = string_end(at + 1, end);
        item->key = weir_slice_make(at + 1, (size_t)(close - at - 1));
        at = close < end ? skip_spaces(close + 1, end) : end;
        if (at < end && *at == ':')
            at = skip_spaces(at + 1, end);
    }
    const char *behind = value_end(at, end);
    item->value = weir_slice_make(at, (size_t)(behind - at));
    items->next = behind;
    return at < end;
}

uint32_t weir_json_items_count(struct weir_slice container)
{
    struct weir_json_items items;
    struct weir_json_item item;
    uint32_t count = 0;
    weir_json_items_begin(&items, container);
    while (weir_json_items_next(&items, &item))
        count++;
    return count;
}

bool weir_json_scan_key(struct weir_slice object, struct weir_slice key, bool unique,
                        struct weir_slice *value)
{
    struct weir_json_items items;
    struct weir_json_item item;
    bool found = false;
    weir_json_items_begin(&items, object);
    if (!items.is_object)
        return false;
    while (weir_json_items_next(&items, &item)) {
        if (!weir_json_spells(item.key, key))
            continue;
        *value = item.value;
        found = true;
        if (unique)
            break;
    }
    return found;
}

bool weir_json_scan_index(struct weir_slice array, int64_t index, struct weir_slice *value)
{
    struct weir_json_items items;
    struct weir_json_item item;
    if (weir_json_scan_kind(array) != WEIR_JSON_ARRAY_BEGIN)
        return false;
    if (index < 0)
        index += weir_json_items_count(array);
    if (index < 0)
        return false;
    weir_json_items_begin(&items, array);
    while (weir_json_items_next(&items, &item)) {
        if (index-- == 0) {
            *value = item.value;
            return true;
        }
    }
    return false;
}

/* --- strings --------------------------------------------------------------------------------- */

/* Bytes of the escape at the beginning: \n, \u0041, or a surrogate pair. */
static size_t escape_size(struct weir_slice text)
{
    size_t size = text.size > 1 && text.data[1] == 'u' ? 6 : 2;
    if (size == 6 && text.size >= 12 && (text.data[2] | 32) == 'd' && text.data[6] == '\\' &&
        memchr("89abAB", text.data[3], 6))
        size = 12;
    return size < text.size ? size : text.size;
}

bool weir_json_spells(struct weir_slice escaped, struct weir_slice text)
{
    if (escaped.size < text.size)
        return false;
    if (escaped.size == text.size && (!text.size || !memcmp(escaped.data, text.data, text.size)))
        return !weir_json_has_escape(escaped);
    if (!weir_json_has_escape(escaped))
        return false;
    while (escaped.size) {
        char out[12];
        size_t from = 1, size = 1;
        out[0] = escaped.data[0];
        if (out[0] == '\\') {
            from = escape_size(escaped);
            if (from < 2)
                return false;
            size = weir_json_unescape(weir_slice_make(escaped.data, from), out);
        }
        if (size > text.size || memcmp(text.data, out, size) != 0)
            return false;
        text = weir_slice_make(text.data + size, text.size - size);
        escaped = weir_slice_make(escaped.data + from, escaped.size - from);
    }
    return text.size == 0;
}

/* The size of what a canonical string spells: its escapes are single bytes. */
static size_t spelled_size(struct weir_slice text)
{
    size_t size = 0;
    for (size_t i = 0; i < text.size; size++)
        i += text.data[i] != '\\' ? 1 : i + 1 < text.size && text.data[i + 1] == 'u' ? 6 : 2;
    return size;
}

static int spelled_byte(struct weir_slice *text)
{
    char out[12];
    size_t size = 1;
    out[0] = text->data[0];
    if (out[0] == '\\') {
        size = escape_size(*text);
        if (size > 1)
            (void)weir_json_unescape(weir_slice_make(text->data, size), out);
    }
    *text = weir_slice_make(text->data + size, text->size - size);
    return (unsigned char)out[0];
}

int weir_json_compare_strings(struct weir_slice a, struct weir_slice b)
{
    while (a.size && b.size) {
        int difference = spelled_byte(&a) - spelled_byte(&b);
        if (difference)
            return difference < 0 ? -1 : 1;
    }
    return (a.size != 0) - (b.size != 0);
}

int weir_json_compare_keys(struct weir_slice a, struct weir_slice b)
{
    size_t a_size = spelled_size(a), b_size = spelled_size(b);
    if (a_size != b_size)
        return a_size < b_size ? -1 : 1;
    return weir_json_compare_strings(a, b);
}

uint32_t weir_json_scan_depth(struct weir_slice value)
{
    const char *at = value.data, *end = value.size ? value.data + value.size : value.data;
    uint32_t depth = 0, deepest = 0;
    for (; at < end; at = at < end ? find_structure(at + 1, end) : end) {
        if (*at == '"')
            at = string_end(at + 1, end);
        else if ((*at | 0x20) == '{')
            deepest = ++depth > deepest ? depth : deepest;
        else if ((*at | 0x20) == '}' && depth)
            depth--;
    }
    return deepest;
}
