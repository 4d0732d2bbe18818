#include "base/hash.h"

#include "test.h"

#include <stdlib.h>

static void crc32c_known_answers(void)
{
    /* RFC 3720, appendix B.4. */
    unsigned char bytes[32];
    memset(bytes, 0, sizeof bytes);
    EXPECT_INT(weir_crc32c(0, bytes, 32), 0x8A9136AA);
    memset(bytes, 0xFF, sizeof bytes);
    EXPECT_INT(weir_crc32c(0, bytes, 32), 0x62A8AB43);
    for (int i = 0; i < 32; i++)
        bytes[i] = (unsigned char)i;
    EXPECT_INT(weir_crc32c(0, bytes, 32), 0x46DD794E);
    for (int i = 0; i < 32; i++)
        bytes[i] = (unsigned char)(31 - i);
    EXPECT_INT(weir_crc32c(0, bytes, 32), 0x113FDB5C);
    EXPECT_INT(weir_crc32c(0, "123456789", 9), 0xE3069283);
    EXPECT_INT(weir_crc32c(0, NULL, 0), 0);
}

static uint32_t crc32c_by_bits(const unsigned char *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
    }
    return ~crc;
}

static void crc32c_equals_its_definition_in_pieces(void)
{
    unsigned char bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37 + 11);
    for (size_t size = 0; size <= 100; size++) {
        uint32_t want = crc32c_by_bits(bytes + 1, size);
        EXPECT_INT(weir_crc32c(0, bytes + 1, size), want);
        for (size_t cut = 0; cut <= size; cut += 7)
            EXPECT_INT(weir_crc32c(weir_crc32c(0, bytes + 1, cut), bytes + 1 + cut, size - cut),
                       want);
    }
}

/* The partition hash is on disks: these answers are part of its version 1. They were taken from
 * an independent implementation of the description in hash.c (big integers). */
static void partition_hash_is_fixed(void)
{
    static const struct {
        size_t size;
        uint64_t seed, hash;
    } known[] = {
        {0, 0, UINT64_C(0x964CD17551550F38)},      {0, 12345, UINT64_C(0xDFC7788EEBC70CE8)},
        {1, 0, UINT64_C(0xBE1E894A50E90C56)},      {2, 0, UINT64_C(0x18818ABA1A50B5CA)},
        {3, 0, UINT64_C(0xB363C90A5E38A2A4)},      {3, 12345, UINT64_C(0x9AE88D2225A0F534)},
        {4, 0, UINT64_C(0x4833343955445273)},      {7, 0, UINT64_C(0xB288E49C4A0DD9B3)},
        {8, 0, UINT64_C(0xF21AD18597480A98)},      {9, 0, UINT64_C(0x4361BCFF0E526F24)},
        {9, 12345, UINT64_C(0x4E2236C99EE1B1CA)},  {16, 0, UINT64_C(0x71D98A482205BC44)},
        {17, 0, UINT64_C(0x5C1CA4A63484995C)},     {31, 0, UINT64_C(0x5D5E0251B8812CC3)},
        {32, 0, UINT64_C(0x21815680E13323C5)},     {33, 0, UINT64_C(0x1A92EA95F6097FEA)},
        {33, 12345, UINT64_C(0x09323F9846FE8F73)}, {48, 0, UINT64_C(0x468FE39664E1C3A6)},
        {48, 12345, UINT64_C(0x6B27373C41096128)}, {49, 0, UINT64_C(0xB1BA6807441FDDFA)},
        {96, 0, UINT64_C(0x09E4E11E09825528)},     {96, 12345, UINT64_C(0xBD84648FAD3BE0DB)},
        {97, 0, UINT64_C(0x0E98997B02CCF7BC)},     {100, 0, UINT64_C(0x9EE1771DAEA5B726)},
        {200, 0, UINT64_C(0x26378B673ECF227F)},    {256, 0, UINT64_C(0x464E523AB92065DF)},
    };
    unsigned char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7 + 3);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        EXPECT(weir_hash_bytes(bytes, known[i].size, known[i].seed) == known[i].hash);
    EXPECT_INT(WEIR_PARTITION_HASH_VERSION, 1);
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static size_t duplicates(uint64_t *hashes, size_t count)
{
    size_t found = 0;
    qsort(hashes, count, sizeof *hashes, compare_u64);
    for (size_t i = 1; i < count; i++)
        found += hashes[i] == hashes[i - 1];
    return found;
}

static void similar_inputs_part(void)
{
    enum { COUNT = 100000 };
    uint64_t *hashes = malloc(COUNT * sizeof *hashes);
    char text[32];
    for (int i = 0; i < COUNT; i++) {
        int size = snprintf(text, sizeof text, "customer-%d", i);
        hashes[i] = weir_hash_bytes(text, (size_t)size, 0);
    }
    EXPECT_INT(duplicates(hashes, COUNT), 0);
    for (uint64_t i = 0; i < COUNT; i++)
        hashes[i] = weir_hash_u64(i << 32, 1);
    EXPECT_INT(duplicates(hashes, COUNT), 0);
    /* Runs of zero bytes differ by their length alone. */
    static const char zeros[256];
    for (size_t size = 0; size < 256; size++)
        hashes[size] = weir_hash_bytes(zeros, size, 0);
    EXPECT_INT(duplicates(hashes, 256), 0);
    free(hashes);
}

static void every_bit_flips_half(void)
{
    unsigned char bytes[64];
    for (size_t size = 1; size <= 64; size += 3) {
        for (size_t i = 0; i < size; i++)
            bytes[i] = (unsigned char)(i * 91 + size);
        uint64_t plain = weir_hash_bytes(bytes, size, 42);
        int total = 0;
        for (size_t bit = 0; bit < size * 8; bit++) {
            bytes[bit / 8] ^= (unsigned char)(1u << (bit % 8));
            total += __builtin_popcountll(plain ^ weir_hash_bytes(bytes, size, 42));
            bytes[bit / 8] ^= (unsigned char)(1u << (bit % 8));
        }
        double mean = (double)total / ((double)size * 8);
        EXPECT(mean > 27 && mean < 37);
    }
}

static void key_groups_fill_evenly(void)
{
    int counts[WEIR_KEY_GROUPS_COUNT] = {0};
    for (uint64_t i = 0; i < 100 * WEIR_KEY_GROUPS_COUNT; i++)
        counts[weir_hash_bytes(&i, sizeof i, 0) % WEIR_KEY_GROUPS_COUNT]++;
    for (int i = 0; i < WEIR_KEY_GROUPS_COUNT; i++)
        EXPECT(counts[i] > 40 && counts[i] < 180);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(crc32c_known_answers),    TEST_CASE(crc32c_equals_its_definition_in_pieces),
        TEST_CASE(partition_hash_is_fixed), TEST_CASE(similar_inputs_part),
        TEST_CASE(every_bit_flips_half),    TEST_CASE(key_groups_fill_evenly),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
