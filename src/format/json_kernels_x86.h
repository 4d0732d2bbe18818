/* What the AVX2 and AVX-512 kernels share: numbers in 16- and 32-byte registers. Needs JSON_FN. */
#include <immintrin.h>

/* Sixteen bytes at RIGHT_ALIGN + n move n bytes to the end of a register, zeros in front. */
static const char right_align[32] = {-128, -128, -128, -128, -128, -128, -128, -128,
                                     -128, -128, -128, -128, -128, -128, -128, -128,
                                     0,    1,    2,    3,    4,    5,    6,    7,
                                     8,    9,    10,   11,   12,   13,   14,   15};

/* Sixteen values 0..9, most significant first, as one integer. */
JSON_FN WEIR_INLINE uint64_t join_digits(__m128i digits)
{
    const __m128i tens = _mm_set1_epi16(0x010A), hundreds = _mm_set1_epi32(0x00010064);
    const __m128i ten_thousands = _mm_set1_epi32(0x00012710);
    __m128i pairs = _mm_maddubs_epi16(digits, tens);
    __m128i quads = _mm_madd_epi16(pairs, hundreds);
    quads = _mm_packus_epi32(quads, quads);
    uint64_t halves = (uint64_t)_mm_cvtsi128_si64(_mm_madd_epi16(quads, ten_thousands));
    return (halves & UINT32_MAX) * 100000000 + (halves >> 32);
}

/* 12.50 -> digits 1250, fraction 2. The text is moved to the end of a register, so that the last
 * digit is in lane 15; what stands before the point moves one lane further. */
JSON_FN WEIR_INLINE bool read_decimal(const char *p, uint64_t size, uint64_t *digits,
                                      uint32_t *fraction)
{
    if (WEIR_UNLIKELY(size - 1 >= 16))
        return false;
    const __m128i lanes = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m128i bytes = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)p),
                                 _mm_set1_epi8('0'));
    bytes = _mm_shuffle_epi8(
        bytes, _mm_loadu_si128((const __m128i *)(const void *)(right_align + size)));
    uint32_t others = (uint32_t)_mm_movemask_epi8(
        _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(10)), bytes));
    uint32_t points =
        (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)('.' - '0'))));
    uint32_t first = 16 - (uint32_t)size;
    uint32_t zero_led = (uint32_t)((*p == '0') & (size > 1)) & ~(points >> (first + 1));
    uint32_t bad = (others ^ points) | (points & (points - 1)) | (points & 0x8000) |
                   (points >> first & 1) | (zero_led & 1);
    uint32_t point = (uint32_t)__builtin_ctz(points | 0x8000);
    *fraction = 15 - point;
    __m128i upto = _mm_cmpgt_epi8(_mm_set1_epi8((char)(points ? point + 1 : 0)), lanes);
    *digits = join_digits(_mm_blendv_epi8(bytes, _mm_slli_si128(bytes, 1), upto));
    return bad == 0;
}

JSON_FN WEIR_INLINE bool check_decimal(const char *p, uint64_t size)
{
    if (WEIR_UNLIKELY(size - 1 >= 32))
        return false;
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i values = _mm256_sub_epi8(bytes, _mm256_set1_epi8('0'));
    uint32_t inside = _bzhi_u32(UINT32_MAX, (uint32_t)size);
    uint32_t others = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(
                          _mm256_max_epu8(values, _mm256_set1_epi8(10)), values)) & inside;
    uint32_t points = (uint32_t)_mm256_movemask_epi8(
                          _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('.'))) & inside;
    uint32_t zero_led = (uint32_t)((*p == '0') & (size > 1)) & ~(points >> 1);
    uint32_t bad = (others ^ points) | (points & (points - 1)) | (points & 1) |
                   (points >> (size - 1)) | (zero_led & 1);
    return bad == 0;
}

/* Controls and backslashes; a carriage return before a newline is none. */
static WEIR_NOINLINE uint32_t *add_doubts(const struct json_chunk *chunk, uint32_t offset,
                                          uint64_t special, uint32_t *out)
{
    for (; special; special &= special - 1) {
        uint32_t at = offset + (uint32_t)__builtin_ctzll(special);
        if (chunk->text[at] != '\r' || chunk->text[at + 1] != '\n')
            *out++ = at;
    }
    return out;
}
