/* UTF-8: decoding, counting, and the scalar validator. Contracts: value/utf8.h. */
#include "value/utf8.h"
#include "value/utf8_internal.h"

bool weir_utf8_decode_strict(const char *data, size_t size, uint32_t *code_point, size_t *used)
{
    const unsigned char *bytes = (const unsigned char *)data;
    uint32_t lead = bytes[0];

    if (lead < 0x80) {
        *code_point = lead;
        *used = 1;
        return true;
    }
    if (lead < 0xC2 || lead > 0xF4 || size < 2 || (bytes[1] & 0xC0) != 0x80)
        return false;
    uint32_t second = bytes[1] & 0x3FU;
    if (lead < 0xE0) {
        *code_point = (lead & 0x1F) << 6 | second;
        *used = 2;
        return true;
    }
    if (size < 3 || (bytes[2] & 0xC0) != 0x80)
        return false;
    uint32_t third = bytes[2] & 0x3FU;
    if (lead < 0xF0) {
        uint32_t value = (lead & 0xF) << 12 | second << 6 | third;
        *code_point = value;
        *used = 3;
        return value >= 0x800 && (value < 0xD800 || value > 0xDFFF);
    }
    if (size < 4 || (bytes[3] & 0xC0) != 0x80)
        return false;
    uint32_t value = (lead & 7) << 18 | second << 12 | third << 6 | (bytes[3] & 0x3FU);
    *code_point = value;
    *used = 4;
    return value >= 0x10000 && value <= 0x10FFFF;
}

uint32_t weir_utf8_decode(const char *data, size_t size, size_t *used)
{
    uint32_t code_point;
    if (weir_utf8_decode_strict(data, size, &code_point, used))
        return code_point;
    *used = 1;
    return 0xFFFD;
}

size_t weir_utf8_encode(uint32_t code_point, char out[WEIR_UTF8_SIZE])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        if (code_point >= 0xD800 && code_point <= 0xDFFF)
            return 0;
        out[0] = (char)(0xE0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    if (code_point > 0x10FFFF)
        return 0;
    out[0] = (char)(0xF0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}

#define HIGH_BITS UINT64_C(0x8080808080808080)

static uint64_t load_8(const char *data)
{
    uint64_t word;
    memcpy(&word, data, 8);
    return word;
}

size_t weir_utf8_first_invalid_scalar(const char *data, size_t size)
{
    size_t at = 0, used;
    uint32_t code_point;

    while (at < size) {
        if (size - at >= 8 && (load_8(data + at) & HIGH_BITS) == 0) {
            at += 8;
        } else if ((unsigned char)data[at] < 0x80) {
            at++;
        } else {
            if (!weir_utf8_decode_strict(data + at, size - at, &code_point, &used))
                return at;
            at += used;
        }
    }
    return size;
}

bool weir_utf8_is_valid(enum weir_isa isa, const char *data, size_t size)
{
#if defined(__x86_64__)
    if (size >= 32 && isa == WEIR_ISA_AVX512)
        return weir_utf8_is_valid_avx512(data, size);
    if (size >= 32 && isa == WEIR_ISA_AVX2)
        return weir_utf8_is_valid_avx2(data, size);
#endif
    (void)isa;
    return weir_utf8_first_invalid_scalar(data, size) == size;
}

size_t weir_utf8_first_invalid(enum weir_isa isa, const char *data, size_t size)
{
    if (isa != WEIR_ISA_SCALAR && weir_utf8_is_valid(isa, data, size))
        return size;
    return weir_utf8_first_invalid_scalar(data, size);
}

bool weir_utf8_is_ascii(const char *data, size_t size)
{
    unsigned char any = 0;
    size_t at = 0;
    for (; size - at >= 64; at += 64) {
        uint64_t block = 0;
        for (size_t i = 0; i < 64; i += 8)
            block |= load_8(data + at + i);
        if (block & HIGH_BITS)
            return false;
    }
    for (; at < size; at++)
        any |= (unsigned char)data[at];
    return any < 0x80;
}

size_t weir_utf8_count(struct weir_slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += !weir_utf8_is_continuation(text.data[i]);
    return count;
}

size_t weir_utf8_offset(struct weir_slice text, size_t n)
{
    size_t at = 0;
    while (at < text.size) {
        if (n >= 8 && text.size - at >= 8 && (load_8(text.data + at) & HIGH_BITS) == 0) {
            at += 8;
            n -= 8;
            continue;
        }
        if (!weir_utf8_is_continuation(text.data[at]) && n-- == 0)
            return at;
        at++;
    }
    return text.size;
}

size_t weir_utf8_suffix_size(struct weir_slice text, size_t n)
{
    size_t at = text.size;
    while (at > 0 && n > 0) {
        at--;
        if (!weir_utf8_is_continuation(text.data[at]))
            n--;
    }
    return text.size - at;
}
