/* SHA-224, SHA-256, SHA-384 and SHA-512 (FIPS 180-4).
 *
 * A message is padded to whole blocks with a one bit, zeros and its length in bits, and each block
 * is stirred into eight words of state. The 32-bit and the 64-bit algorithm differ in their word,
 * block and rotations only; the round constants of the former are the upper halves of the latter's.
 * Tests: the standard's vectors, tests/unit/kernel/hash/test_hash.c. */
#include "kernel/hash/hash_internal.h"

/* Fraction bits of the cube roots of the first 80 primes. */
static const uint64_t round_constants[80] = {
    UINT64_C(0x428A2F98D728AE22), UINT64_C(0x7137449123EF65CD), UINT64_C(0xB5C0FBCFEC4D3B2F),
    UINT64_C(0xE9B5DBA58189DBBC), UINT64_C(0x3956C25BF348B538), UINT64_C(0x59F111F1B605D019),
    UINT64_C(0x923F82A4AF194F9B), UINT64_C(0xAB1C5ED5DA6D8118), UINT64_C(0xD807AA98A3030242),
    UINT64_C(0x12835B0145706FBE), UINT64_C(0x243185BE4EE4B28C), UINT64_C(0x550C7DC3D5FFB4E2),
    UINT64_C(0x72BE5D74F27B896F), UINT64_C(0x80DEB1FE3B1696B1), UINT64_C(0x9BDC06A725C71235),
    UINT64_C(0xC19BF174CF692694), UINT64_C(0xE49B69C19EF14AD2), UINT64_C(0xEFBE4786384F25E3),
    UINT64_C(0x0FC19DC68B8CD5B5), UINT64_C(0x240CA1CC77AC9C65), UINT64_C(0x2DE92C6F592B0275),
    UINT64_C(0x4A7484AA6EA6E483), UINT64_C(0x5CB0A9DCBD41FBD4), UINT64_C(0x76F988DA831153B5),
    UINT64_C(0x983E5152EE66DFAB), UINT64_C(0xA831C66D2DB43210), UINT64_C(0xB00327C898FB213F),
    UINT64_C(0xBF597FC7BEEF0EE4), UINT64_C(0xC6E00BF33DA88FC2), UINT64_C(0xD5A79147930AA725),
    UINT64_C(0x06CA6351E003826F), UINT64_C(0x142929670A0E6E70), UINT64_C(0x27B70A8546D22FFC),
    UINT64_C(0x2E1B21385C26C926), UINT64_C(0x4D2C6DFC5AC42AED), UINT64_C(0x53380D139D95B3DF),
    UINT64_C(0x650A73548BAF63DE), UINT64_C(0x766A0ABB3C77B2A8), UINT64_C(0x81C2C92E47EDAEE6),
    UINT64_C(0x92722C851482353B), UINT64_C(0xA2BFE8A14CF10364), UINT64_C(0xA81A664BBC423001),
    UINT64_C(0xC24B8B70D0F89791), UINT64_C(0xC76C51A30654BE30), UINT64_C(0xD192E819D6EF5218),
    UINT64_C(0xD69906245565A910), UINT64_C(0xF40E35855771202A), UINT64_C(0x106AA07032BBD1B8),
    UINT64_C(0x19A4C116B8D2D0C8), UINT64_C(0x1E376C085141AB53), UINT64_C(0x2748774CDF8EEB99),
    UINT64_C(0x34B0BCB5E19B48A8), UINT64_C(0x391C0CB3C5C95A63), UINT64_C(0x4ED8AA4AE3418ACB),
    UINT64_C(0x5B9CCA4F7763E373), UINT64_C(0x682E6FF3D6B2B8A3), UINT64_C(0x748F82EE5DEFB2FC),
    UINT64_C(0x78A5636F43172F60), UINT64_C(0x84C87814A1F0AB72), UINT64_C(0x8CC702081A6439EC),
    UINT64_C(0x90BEFFFA23631E28), UINT64_C(0xA4506CEBDE82BDE9), UINT64_C(0xBEF9A3F7B2C67915),
    UINT64_C(0xC67178F2E372532B), UINT64_C(0xCA273ECEEA26619C), UINT64_C(0xD186B8C721C0C207),
    UINT64_C(0xEADA7DD6CDE0EB1E), UINT64_C(0xF57D4F7FEE6ED178), UINT64_C(0x06F067AA72176FBA),
    UINT64_C(0x0A637DC5A2C898A6), UINT64_C(0x113F9804BEF90DAE), UINT64_C(0x1B710B35131C471B),
    UINT64_C(0x28DB77F523047D84), UINT64_C(0x32CAAB7B40C72493), UINT64_C(0x3C9EBE0A15C9BEBC),
    UINT64_C(0x431D67C49C100D4C), UINT64_C(0x4CC5D4BECB3E42B6), UINT64_C(0x597F299CFC657E2A),
    UINT64_C(0x5FCB6FAB3AD6FAEC), UINT64_C(0x6C44198C4A475817),
};

/* Fraction bits of square roots: of the first 8 primes, and of the 9th to 16th. */
static const uint64_t roots_first[8] = {
    UINT64_C(0x6A09E667F3BCC908), UINT64_C(0xBB67AE8584CAA73B), UINT64_C(0x3C6EF372FE94F82B),
    UINT64_C(0xA54FF53A5F1D36F1), UINT64_C(0x510E527FADE682D1), UINT64_C(0x9B05688C2B3E6C1F),
    UINT64_C(0x1F83D9ABFB41BD6B), UINT64_C(0x5BE0CD19137E2179),
};
static const uint64_t roots_second[8] = {
    UINT64_C(0xCBBB9D5DC1059ED8), UINT64_C(0x629A292A367CD507), UINT64_C(0x9159015A3070DD17),
    UINT64_C(0x152FECD8F70E5939), UINT64_C(0x67332667FFC00B31), UINT64_C(0x8EB44A8768581511),
    UINT64_C(0xDB0C2E0D64F98FA7), UINT64_C(0x47B5481DBEFA4FA4),
};

static uint32_t rotate_32(uint32_t x, unsigned by)
{
    return x >> by | x << (32 - by);
}
static uint64_t rotate_64(uint64_t x, unsigned by)
{
    return x >> by | x << (64 - by);
}
static uint64_t read_big(const unsigned char *bytes, unsigned size)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < size; i++)
        word = word << 8 | bytes[i];
    return word;
}
static void write_big(unsigned char *bytes, uint64_t word, unsigned size)
{
    for (unsigned i = size; i-- > 0; word >>= 8)
        bytes[i] = (unsigned char)word;
}

enum { ROUNDS_32 = 64, ROUNDS_64 = 80, BLOCK_32 = 64, BLOCK_64 = 128 };

static void stir_32(uint64_t state[8], const unsigned char block[BLOCK_32])
{
    uint32_t w[ROUNDS_32], s[8];
    for (unsigned i = 0; i < 16; i++)
        w[i] = (uint32_t)read_big(block + 4 * i, 4);
    for (unsigned i = 16; i < ROUNDS_32; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotate_32(a, 7) ^ rotate_32(a, 18) ^ a >> 3) + w[i - 7] +
               (rotate_32(b, 17) ^ rotate_32(b, 19) ^ b >> 10);
    }
    for (unsigned i = 0; i < 8; i++)
        s[i] = (uint32_t)state[i];
    for (unsigned i = 0; i < ROUNDS_32; i++) {
        uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        uint32_t first = s[7] + (rotate_32(s[4], 6) ^ rotate_32(s[4], 11) ^ rotate_32(s[4], 25)) +
                         choice + (uint32_t)(round_constants[i] >> 32) + w[i];
        uint32_t second =
            (rotate_32(s[0], 2) ^ rotate_32(s[0], 13) ^ rotate_32(s[0], 22)) + majority;
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += first;
        s[0] = first + second;
    }
    for (unsigned i = 0; i < 8; i++)
        state[i] = (uint32_t)(state[i] + s[i]);
}

static void stir_64(uint64_t state[8], const unsigned char block[BLOCK_64])
{
    uint64_t w[ROUNDS_64], s[8];
    for (unsigned i = 0; i < 16; i++)
        w[i] = read_big(block + 8 * i, 8);
    for (unsigned i = 16; i < ROUNDS_64; i++) {
        uint64_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotate_64(a, 1) ^ rotate_64(a, 8) ^ a >> 7) + w[i - 7] +
               (rotate_64(b, 19) ^ rotate_64(b, 61) ^ b >> 6);
    }
    memcpy(s, state, sizeof s);
    for (unsigned i = 0; i < ROUNDS_64; i++) {
        uint64_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint64_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        uint64_t first = s[7] + (rotate_64(s[4], 14) ^ rotate_64(s[4], 18) ^ rotate_64(s[4], 41)) +
                         choice + round_constants[i] + w[i];
        uint64_t second =
            (rotate_64(s[0], 28) ^ rotate_64(s[0], 34) ^ rotate_64(s[0], 39)) + majority;
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += first;
        s[0] = first + second;
    }
    for (unsigned i = 0; i < 8; i++)
        state[i] += s[i];
}

static void set_initial(uint64_t state[8], enum weir_sha2 kind)
{
    const uint64_t *roots = kind == WEIR_SHA224 || kind == WEIR_SHA384 ? roots_second : roots_first;
    for (unsigned i = 0; i < 8; i++)
        state[i] = kind == WEIR_SHA224   ? (uint32_t)roots[i]
                   : kind == WEIR_SHA256 ? roots[i] >> 32
                                         : roots[i];
}

void weir_sha2(enum weir_sha2 kind, const void *data, size_t size, unsigned char *out)
{
    bool is_wide = kind == WEIR_SHA384 || kind == WEIR_SHA512;
    size_t block_size = is_wide ? BLOCK_64 : BLOCK_32, length_size = is_wide ? 16 : 8;
    void (*stir)(uint64_t state[8], const unsigned char *block) = is_wide ? stir_64 : stir_32;
    const unsigned char *bytes = data;
    uint64_t state[8];
    set_initial(state, kind);
    size_t whole = size / block_size * block_size, rest = size - whole;
    for (size_t at = 0; at < whole; at += block_size)
        stir(state, bytes + at);
    unsigned char tail[2 * BLOCK_64] = {0};
    if (rest)
        memcpy(tail, bytes + whole, rest);
    tail[rest] = 0x80;
    size_t tail_size = rest + 1 + length_size <= block_size ? block_size : 2 * block_size;
    write_big(tail + tail_size - 8, (uint64_t)size << 3, 8);
    for (size_t at = 0; at < tail_size; at += block_size)
        stir(state, tail + at);
    unsigned char words[64];
    unsigned width = is_wide ? 8 : 4;
    for (unsigned i = 0; i < 8; i++)
        write_big(words + i * width, state[i], width);
    memcpy(out, words, weir_sha2_size(kind));
}
