/* UUIDs. Contracts: value/uuid.h. Version 5 brings its own SHA-1 (RFC 3174), which serves naming
 * only, not security. */
#include "value/uuid.h"

static int hex_value(char c)
{
    if ((unsigned char)(c - '0') < 10)
        return c - '0';
    unsigned char letter = (unsigned char)((c | 32) - 'a');
    return letter < 6 ? letter + 10 : -1;
}

enum weir_parse weir_uuid_parse(struct weir_slice text, struct weir_uuid *out)
{
    const char *at = text.data;
    const char *end = at + text.size;
    bool braces = text.size && *at == '{';
    struct weir_uuid value;

    at += braces;
    for (int i = 0; i < WEIR_UUID_BYTES; i++) {
        if (end - at < 2)
            return WEIR_PARSE_SYNTAX;
        int high = hex_value(at[0]), low = hex_value(at[1]);
        if (high < 0 || low < 0)
            return WEIR_PARSE_SYNTAX;
        value.bytes[i] = (uint8_t)(high << 4 | low);
        at += 2;
        if (i % 2 == 1 && i < WEIR_UUID_BYTES - 1 && at < end && *at == '-')
            at++;
    }
    if (braces && (at == end || *at++ != '}'))
        return WEIR_PARSE_SYNTAX;
    if (at != end)
        return WEIR_PARSE_SYNTAX;
    *out = value;
    return WEIR_PARSE_OK;
}

size_t weir_uuid_print(char out[WEIR_UUID_SIZE], struct weir_uuid value)
{
    static const char digits[] = "0123456789abcdef";
    char *at = out;
    for (int i = 0; i < WEIR_UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[value.bytes[i] >> 4];
        *at++ = digits[value.bytes[i] & 15];
    }
    return WEIR_UUID_SIZE;
}

static void set_version(struct weir_uuid *value, unsigned version)
{
    value->bytes[6] = (uint8_t)((value->bytes[6] & 0x0F) | version << 4);
    value->bytes[8] = (uint8_t)((value->bytes[8] & 0x3F) | 0x80);
}

struct weir_uuid weir_uuid_v4(const uint8_t random[16])
{
    struct weir_uuid value;
    memcpy(value.bytes, random, sizeof value.bytes);
    set_version(&value, 4);
    return value;
}

struct weir_uuid weir_uuid_v7(uint64_t unix_ms, const uint8_t random[10])
{
    struct weir_uuid value;
    for (int i = 0; i < 6; i++)
        value.bytes[i] = (uint8_t)(unix_ms >> (40 - 8 * i));
    memcpy(value.bytes + 6, random, 10);
    set_version(&value, 7);
    return value;
}

/* ---- SHA-1 ---- */

struct sha1 {
    uint32_t state[5];
    uint8_t block[64];
    uint64_t size;
};

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static void sha1_block(uint32_t state[5], const uint8_t block[64])
{
    uint32_t w[80];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++) {
        uint32_t f, k;
        if (i < 20) {
            f = (b & c) | (~b & d);
            k = 0x5A827999;
        } else if (i < 40) {
            f = b ^ c ^ d;
            k = 0x6ED9EBA1;
        } else if (i < 60) {
            f = (b & c) | (b & d) | (c & d);
            k = 0x8F1BBCDC;
        } else {
            f = b ^ c ^ d;
            k = 0xCA62C1D6;
        }
        uint32_t next = rotate(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

static void sha1_add(struct sha1 *sha, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        sha->block[sha->size++ % 64] = bytes[i];
        if (sha->size % 64 == 0)
            sha1_block(sha->state, sha->block);
    }
}

struct weir_uuid weir_uuid_v5(struct weir_uuid name_space, struct weir_slice name)
{
    struct sha1 sha = {.state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0}};
    struct weir_uuid value;
    uint8_t length[8];

    sha1_add(&sha, name_space.bytes, sizeof name_space.bytes);
    sha1_add(&sha, name.data, name.size);
    uint64_t bits = sha.size * 8;
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha1_add(&sha, "\x80", 1);
    while (sha.size % 64 != 56)
        sha1_add(&sha, "", 1);
    sha1_add(&sha, length, 8);
    for (int i = 0; i < WEIR_UUID_BYTES; i++)
        value.bytes[i] = (uint8_t)(sha.state[i / 4] >> (24 - 8 * (i % 4)));
    set_version(&value, 5);
    return value;
}
