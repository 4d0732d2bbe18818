/* JSON text from values. Contracts: value/json_token.h. */
#include "value/json_token.h"
#include "value/number.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* The first byte that must be escaped: a quote, a backslash, a control. */
static const char *find_escapable(const char *at, const char *end)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1F);
    for (; end - at >= 16; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i found = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
            _mm_cmpeq_epi8(_mm_min_epu8(block, control), block));
        int mask = _mm_movemask_epi8(found);
        if (mask)
            return at + __builtin_ctz((unsigned)mask);
    }
#endif
    while (at < end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
        at++;
    return at;
}

static void write_escape(struct weir_buffer *buffer, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    if (letters[byte]) {
        char out[2] = {'\\', letters[byte]};
        weir_buffer_append(buffer, out, 2);
    } else {
        char out[6] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
        weir_buffer_append(buffer, out, 6);
    }
}

void weir_json_write_string(struct weir_buffer *buffer, struct weir_slice text)
{
    const char *at = text.data;
    const char *end = at + text.size;

    if (!weir_buffer_reserve(buffer, text.size + 2))
        return;
    weir_buffer_append_char(buffer, '"');
    while (at < end) {
        const char *stop = find_escapable(at, end);
        weir_buffer_append(buffer, at, (size_t)(stop - at));
        at = stop;
        if (at < end)
            write_escape(buffer, (unsigned char)*at++);
    }
    weir_buffer_append_char(buffer, '"');
}

void weir_json_write_f64(struct weir_buffer *buffer, double value)
{
    char text[WEIR_NUMBER_F64_SIZE];
    if (!(value >= -__DBL_MAX__ && value <= __DBL_MAX__))
        weir_buffer_append(buffer, "null", 4);
    else
        weir_buffer_append(buffer, text, weir_number_print_f64(text, value));
}

/* The end of the string whose opening quote is at `at`: behind its closing quote. */
static const char *string_end(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : end;
}

void weir_json_write_compact(struct weir_buffer *buffer, struct weir_slice text)
{
    const char *at = text.data;
    const char *end = at + text.size;
    const char *run = at; /* what has been seen and not yet copied */

    while (at < end) {
        if (*at == '"') {
            at = string_end(at, end);
        } else if (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') {
            weir_buffer_append(buffer, run, (size_t)(at - run));
            run = ++at;
        } else {
            at++;
        }
    }
    weir_buffer_append(buffer, run, (size_t)(end - run));
}

static void new_line(struct weir_buffer *buffer, uint32_t depth)
{
    weir_buffer_append_char(buffer, '\n');
    for (uint32_t i = 0; i < depth; i++)
        weir_buffer_append(buffer, "    ", 4);
}

void weir_json_write_pretty(struct weir_buffer *buffer, struct weir_slice canonical)
{
    struct weir_json json;
    struct weir_json_token token;
    bool first = true, after_key = true; /* the top value needs no new line */

    weir_json_begin(&json, canonical);
    while ((token = weir_json_next(&json)).kind != WEIR_JSON_END && token.kind != WEIR_JSON_ERROR) {
        bool begins = token.kind == WEIR_JSON_OBJECT_BEGIN || token.kind == WEIR_JSON_ARRAY_BEGIN;
        bool ends = token.kind == WEIR_JSON_OBJECT_END || token.kind == WEIR_JSON_ARRAY_END;
        if (!after_key) {
            if (!first && !ends)
                weir_buffer_append_char(buffer, ',');
            new_line(buffer, json.depth - begins);
        }
        if (token.kind == WEIR_JSON_KEY || token.kind == WEIR_JSON_STRING) {
            weir_buffer_append_char(buffer, '"');
            weir_buffer_append_slice(buffer, token.text);
            weir_buffer_append_char(buffer, '"');
        } else {
            weir_buffer_append_slice(buffer, token.text);
        }
        after_key = token.kind == WEIR_JSON_KEY;
        if (after_key)
            weir_buffer_append(buffer, ": ", 2);
        first = begins;
    }
}
