/* Bytes as text. Contracts: value/base64.h. */
#include "value/base64.h"
#include "base/checked.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char hex_digits[] = "0123456789abcdef";

enum { MIME_LINE = 76 };

void weir_base64_encode(struct weir_buffer *buffer, struct weir_slice bytes,
                        enum weir_base64_style style)
{
    const char *table = style == WEIR_BASE64_URL ? url_alphabet : alphabet;
    const unsigned char *at = (const unsigned char *)bytes.data;
    size_t rest = bytes.size, column = 0;

    if (bytes.size > SIZE_MAX / 2 || !weir_buffer_reserve(buffer, bytes.size / 3 * 4 + 4))
        return;
    for (; rest > 0; rest -= rest < 3 ? rest : 3) {
        uint32_t group =
            (uint32_t)at[0] << 16 | (rest > 1 ? (uint32_t)at[1] << 8 : 0) | (rest > 2 ? at[2] : 0U);
        char out[5] = {table[group >> 18], table[group >> 12 & 63], table[group >> 6 & 63],
                       table[group & 63], '\n'};
        size_t size = 4;
        if (rest < 3) {
            out[3] = '=';
            if (rest < 2)
                out[2] = '=';
            if (style == WEIR_BASE64_URL)
                size = rest + 1;
        }
        column += 4;
        if (style == WEIR_BASE64_MIME && column == MIME_LINE) {
            size = 5;
            column = 0;
        }
        weir_buffer_append(buffer, out, size);
        at += rest < 3 ? rest : 3;
    }
}

/* 0..63; 64 for '=', 65 for white space, -1 for anything else. */
static int base64_value(char c, bool url)
{
    if ((unsigned char)(c - 'A') < 26)
        return c - 'A';
    if ((unsigned char)(c - 'a') < 26)
        return c - 'a' + 26;
    if ((unsigned char)(c - '0') < 10)
        return c - '0' + 52;
    if (c == (url ? '-' : '+'))
        return 62;
    if (c == (url ? '_' : '/'))
        return 63;
    if (c == '=')
        return 64;
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' ? 65 : -1;
}

/* Puts the buffer back to size; always false. */
static bool undo(struct weir_buffer *buffer, size_t size)
{
    if (!buffer->failed)
        buffer->size = size;
    return false;
}

/* The last group: digits (2 or 3) of it in group. */
static void append_rest(struct weir_buffer *buffer, uint32_t group, int digits)
{
    group <<= 6 * (4 - digits);
    if (digits >= 2)
        weir_buffer_append_char(buffer, (char)(group >> 16));
    if (digits >= 3)
        weir_buffer_append_char(buffer, (char)(group >> 8));
}

bool weir_base64_decode(struct weir_buffer *buffer, struct weir_slice text,
                        enum weir_base64_style style)
{
    bool url = style == WEIR_BASE64_URL;
    size_t before = buffer->size;
    uint32_t group = 0;
    int digits = 0, padding = 0;

    for (size_t i = 0; i < text.size; i++) {
        int value = base64_value(text.data[i], url);
        if (value == 65)
            continue;
        if (value < 0 || (value < 64 && padding) || (value == 64 && digits < 2))
            return undo(buffer, before);
        if (value == 64) {
            padding++;
            continue;
        }
        group = group << 6 | (uint32_t)value;
        if (++digits == 4) {
            char out[3] = {(char)(group >> 16), (char)(group >> 8), (char)group};
            weir_buffer_append(buffer, out, 3);
            digits = 0;
            group = 0;
        }
    }
    if (digits == 1 || (padding && digits + padding != 4) || (digits && !padding && !url))
        return undo(buffer, before);
    append_rest(buffer, group, digits);
    return !buffer->failed;
}

void weir_hex_encode(struct weir_buffer *buffer, struct weir_slice bytes)
{
    if (bytes.size > SIZE_MAX / 2 || !weir_buffer_reserve(buffer, bytes.size * 2))
        return;
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        buffer->data[buffer->size++] = hex_digits[byte >> 4];
        buffer->data[buffer->size++] = hex_digits[byte & 15];
    }
}

static int hex_value(char c)
{
    if ((unsigned char)(c - '0') < 10)
        return c - '0';
    unsigned char letter = (unsigned char)((c | 32) - 'a');
    return letter < 6 ? letter + 10 : -1;
}

bool weir_hex_decode(struct weir_buffer *buffer, struct weir_slice text)
{
    size_t before = buffer->size;
    for (size_t i = 0; i < text.size;) {
        char c = text.data[i];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            i++;
            continue;
        }
        int high = hex_value(c), low = i + 1 < text.size ? hex_value(text.data[i + 1]) : -1;
        if (high < 0 || low < 0)
            return undo(buffer, before);
        weir_buffer_append_char(buffer, (char)(high << 4 | low));
        i += 2;
    }
    return !buffer->failed;
}

void weir_escape_encode(struct weir_buffer *buffer, struct weir_slice bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        if (byte == 0 || byte >= 0x80) {
            char out[4] = {'\\', (char)('0' + (byte >> 6)), (char)('0' + (byte >> 3 & 7)),
                           (char)('0' + (byte & 7))};
            weir_buffer_append(buffer, out, 4);
        } else if (byte == '\\') {
            weir_buffer_append(buffer, "\\\\", 2);
        } else {
            weir_buffer_append_char(buffer, (char)byte);
        }
    }
}

/* A digit of \ooo; the first is at most 3. */
static bool is_octal(char c, char most)
{
    return c >= '0' && c <= most;
}

bool weir_escape_decode(struct weir_buffer *buffer, struct weir_slice text)
{
    size_t before = buffer->size;
    for (size_t i = 0; i < text.size; i++) {
        const char *at = text.data + i;
        size_t rest = text.size - i;
        if (*at != '\\') {
            weir_buffer_append_char(buffer, *at);
        } else if (rest >= 2 && at[1] == '\\') {
            weir_buffer_append_char(buffer, '\\');
            i++;
        } else if (rest >= 4 && is_octal(at[1], '3') && is_octal(at[2], '7') &&
                   is_octal(at[3], '7')) {
            weir_buffer_append_char(
                buffer, (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0')));
            i += 3;
        } else {
            return undo(buffer, before);
        }
    }
    return !buffer->failed;
}

void weir_bytea_print(struct weir_buffer *buffer, struct weir_slice bytes)
{
    weir_buffer_append(buffer, "\\x", 2);
    weir_hex_encode(buffer, bytes);
}

bool weir_bytea_parse(struct weir_buffer *buffer, struct weir_slice text)
{
    if (text.size >= 2 && text.data[0] == '\\' && text.data[1] == 'x')
        return weir_hex_decode(buffer, weir_slice_make(text.data + 2, text.size - 2));
    return weir_escape_decode(buffer, text);
}
