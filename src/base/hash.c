/* Hash of byte runs, and CRC-32C.
 *
 * Bytes are read as little-endian words and folded with the 64x64->128 multiplication of hash.h:
 * up to 16 bytes by two words that may overlap, longer runs 16 bytes a step in three lanes that
 * do not wait for each other. The length goes in at the end, so that "ab" + "c" and "a" + "bc"
 * part as column pairs do. Part of the partition hash version 1: its results must never change,
 * which tests/unit/base/test_hash.c holds by known answers.
 *
 * CRC-32C uses the processor's instruction where there is one (SSE 4.2, ARMv8 CRC: one word in
 * three cycles), chosen at run time; elsewhere a table of 16 entries, two steps a byte. */
#include "base/hash.h"

#include <stdbool.h>

#if defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#endif

static uint64_t read_u64(const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static uint64_t read_u32(const unsigned char *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

#define LANE_1 UINT64_C(0xA24BAED4963EE407)
#define LANE_2 UINT64_C(0x9FB21C651E98DF25)

static uint64_t finish(uint64_t a, uint64_t b, uint64_t hash, size_t size)
{
    uint64_t mixed = weir_hash_mum(a ^ WEIR_HASH_K1, b ^ hash);
    return weir_hash_mum(mixed ^ WEIR_HASH_K0, (uint64_t)size ^ WEIR_HASH_K1);
}

static uint64_t hash_long(const unsigned char *p, size_t size, uint64_t hash)
{
    size_t left = size;
    if (left > 48) {
        uint64_t lane_1 = hash, lane_2 = hash;
        do {
            hash = weir_hash_mum(read_u64(p) ^ WEIR_HASH_K1, read_u64(p + 8) ^ hash);
            lane_1 = weir_hash_mum(read_u64(p + 16) ^ LANE_1, read_u64(p + 24) ^ lane_1);
            lane_2 = weir_hash_mum(read_u64(p + 32) ^ LANE_2, read_u64(p + 40) ^ lane_2);
            p += 48;
            left -= 48;
        } while (left > 48);
        hash ^= lane_1 ^ lane_2;
    }
    while (left > 16) {
        hash = weir_hash_mum(read_u64(p) ^ WEIR_HASH_K1, read_u64(p + 8) ^ hash);
        p += 16;
        left -= 16;
    }
    /* The last 16 bytes, which may overlap those of the step before. */
    return finish(read_u64(p + left - 16), read_u64(p + left - 8), hash, size);
}

uint64_t weir_hash_bytes(const void *data, size_t size, uint64_t seed)
{
    const unsigned char *p = data;
    uint64_t hash = weir_hash_mum(seed ^ WEIR_HASH_K0, WEIR_HASH_K1);
    if (size > 16)
        return hash_long(p, size, hash);
    uint64_t a = 0, b = 0;
    if (size >= 8) {
        a = read_u64(p);
        b = read_u64(p + size - 8);
    } else if (size >= 4) {
        a = read_u32(p);
        b = read_u32(p + size - 4);
    } else if (size > 0) {
        a = (uint64_t)p[0] << 16 | (uint64_t)p[size >> 1] << 8 | p[size - 1];
    }
    return finish(a, b, hash, size);
}

/* CRC-32C, reflected polynomial 0x82F63B78: the remainders of the 16 half bytes. */
static uint32_t crc32c_table(uint32_t crc, const unsigned char *p, size_t size)
{
    static const uint32_t remainders[16] = {0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1,
                                            0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
                                            0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9,
                                            0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75};
    for (; size; size--, p++) {
        crc ^= *p;
        crc = crc >> 4 ^ remainders[crc & 15];
        crc = crc >> 4 ^ remainders[crc & 15];
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
crc32c_hardware(uint32_t crc, const unsigned char *p, size_t size)
{
    uint64_t wide = crc;
    for (; size >= 8; size -= 8, p += 8)
        wide = __builtin_ia32_crc32di(wide, read_u64(p));
    crc = (uint32_t)wide;
    for (; size; size--, p++)
        crc = __builtin_ia32_crc32qi(crc, *p);
    return crc;
}
static bool has_crc32c(void)
{
    return __builtin_cpu_supports("sse4.2");
}
#elif defined(__aarch64__)
__attribute__((target("+crc"))) static uint32_t crc32c_hardware(uint32_t crc,
                                                                const unsigned char *p, size_t size)
{
    for (; size >= 8; size -= 8, p += 8)
        crc = __crc32cd(crc, read_u64(p));
    for (; size; size--, p++)
        crc = __crc32cb(crc, *p);
    return crc;
}
static bool has_crc32c(void)
{
    return (getauxval(AT_HWCAP) & (1UL << 7)) != 0; /* HWCAP_CRC32 */
}
#else
static uint32_t crc32c_hardware(uint32_t crc, const unsigned char *p, size_t size)
{
    return crc32c_table(crc, p, size);
}
static bool has_crc32c(void)
{
    return false;
}
#endif

uint32_t weir_crc32c(uint32_t crc, const void *data, size_t size)
{
    crc = ~crc;
    crc = has_crc32c() ? crc32c_hardware(crc, data, size) : crc32c_table(crc, data, size);
    return ~crc;
}
