/* The fast path in plain C, for processors without AVX2: eight bytes at a time. */
#include "format/json_internal.h"

#define JSON_FN
#define JSON_KERNELS weir_json_kernels_scalar

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

/* The top bit of each byte of word that is zero; exact, without borrows between bytes. */
WEIR_INLINE uint64_t zero_bytes(uint64_t word)
{
    return ~(((word & ~TOPS) + ~TOPS) | word | ~TOPS);
}

/* Controls and backslashes at offset …; a carriage return before a newline is none. */
static uint32_t *add_doubts(const struct json_chunk *chunk, uint32_t offset, uint64_t tops,
                            uint32_t *out)
{
    for (; tops; tops &= tops - 1) {
        uint32_t at = offset + (uint32_t)__builtin_ctzll(tops) / 8;
        if (chunk->text[at] != '\r' || chunk->text[at + 1] != '\n')
            *out++ = at;
    }
    return out;
}

static void index_chunk(struct json_chunk *chunk)
{
    uint32_t *out = chunk->index, *doubts = chunk->doubts;
    uint64_t non_ascii = 0;
    for (uint32_t i = 0; i < chunk->size; i += 8) {
        uint64_t word = json_load_u64(chunk->text + i);
        uint64_t valid = chunk->size - i >= 8 ? UINT64_MAX
                                              : UINT64_MAX >> (64 - 8 * (chunk->size - i));
        uint64_t newlines = zero_bytes(word ^ (ONES * '\n'));
        uint64_t marks = (zero_bytes(word ^ (ONES * '"')) | newlines) & valid;
        uint64_t low = zero_bytes(word & (ONES * 0xE0)) & ~newlines;
        uint64_t special = (low | zero_bytes(word ^ (ONES * '\\'))) & valid;
        non_ascii |= word & valid;
        for (; marks; marks &= marks - 1)
            *out++ = i + (uint32_t)__builtin_ctzll(marks) / 8;
        if (WEIR_UNLIKELY(special))
            doubts = add_doubts(chunk, i, special, doubts);
    }
    chunk->index_count = (uint32_t)(out - chunk->index);
    chunk->doubts_count = (uint32_t)(doubts - chunk->doubts);
    *doubts = UINT32_MAX;
    chunk->has_non_ascii = (non_ascii & TOPS) != 0;
}

WEIR_INLINE uint32_t piece_differs(const char *bytes, const struct json_piece *piece)
{
    uint32_t size = (uint32_t)__builtin_popcount(piece->mask);
    return (uint32_t)(memcmp(bytes, piece->bytes, size) != 0);
}

WEIR_INLINE bool read_decimal(const char *p, uint64_t size, uint64_t *digits, uint32_t *fraction)
{
    uint64_t value = 0;
    uint32_t after = 0, point = 0;
    bool ok = size - 1 < 16 && p[size - 1] != '.' && *p != '.' &&
              (size == 1 || *p != '0' || p[1] == '.');
    for (uint64_t i = 0; ok && i < size; i++) {
        unsigned digit = (unsigned char)(p[i] - '0');
        if (digit <= 9) {
            value = value * 10 + digit;
            after += point;
        } else {
            ok = p[i] == '.' && !point;
            point = 1;
        }
    }
    *digits = value;
    *fraction = after;
    return ok;
}

WEIR_INLINE bool check_decimal(const char *p, uint64_t size)
{
    uint64_t digits;
    uint32_t fraction;
    return read_decimal(p, size, &digits, &fraction);
}

#include "format/json_kernels_template.h"
