/* The fast path with AVX-512 (F, BW, DQ, VL, VBMI, VBMI2). */
#include "format/json_internal.h"

#if defined(__x86_64__)

#define JSON_FN \
    __attribute__((target("avx2,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2," \
                          "bmi,bmi2,popcnt")))
#define JSON_KERNELS weir_json_kernels_avx512

#include "format/json_kernels_x86.h"

/* Widens sixteen offsets within the block at a time. */
JSON_FN WEIR_INLINE uint32_t *add_marks(uint32_t offset, uint64_t marks, uint32_t *out)
{
    const __m512i lanes = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m512i packed = _mm512_maskz_compress_epi8(marks, lanes);
    __m512i base = _mm512_set1_epi32((int)offset);
    uint32_t count = (uint32_t)__builtin_popcountll(marks);
    _mm512_storeu_si512(
        out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
    if (WEIR_UNLIKELY(count > 16)) {
        __m128i second = _mm512_extracti32x4_epi32(packed, 1);
        _mm512_storeu_si512(out + 16, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(second)));
        if (count > 32) {
            __m128i third = _mm512_extracti32x4_epi32(packed, 2);
            __m128i fourth = _mm512_extracti32x4_epi32(packed, 3);
            _mm512_storeu_si512(out + 32, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(third)));
            _mm512_storeu_si512(out + 48, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(fourth)));
        }
    }
    return out + count;
}

JSON_FN static void index_chunk(struct json_chunk *chunk)
{
    uint32_t *out = chunk->index, *doubts = chunk->doubts;
    __m512i all = _mm512_setzero_si512();
    const __m512i quote = _mm512_set1_epi8('"'), newline = _mm512_set1_epi8('\n');
    const __m512i slash = _mm512_set1_epi8('\\'), space = _mm512_set1_epi8(0x20);
    for (uint32_t i = 0; i < chunk->size; i += 64) {
        uint64_t valid = chunk->size - i >= 64 ? UINT64_MAX : _bzhi_u64(UINT64_MAX, chunk->size - i);
        __m512i block = _mm512_loadu_si512(chunk->text + i);
        uint64_t newlines = _mm512_cmpeq_epi8_mask(block, newline);
        uint64_t marks = (_mm512_cmpeq_epi8_mask(block, quote) | newlines) & valid;
        uint64_t special = ((_mm512_cmplt_epu8_mask(block, space) & ~newlines) |
                            _mm512_cmpeq_epi8_mask(block, slash)) & valid;
        all = _mm512_or_si512(all, block);
        out = add_marks(i, marks, out);
        if (WEIR_UNLIKELY(special))
            doubts = add_doubts(chunk, i, special, doubts);
    }
    chunk->index_count = (uint32_t)(out - chunk->index);
    chunk->doubts_count = (uint32_t)(doubts - chunk->doubts);
    *doubts = UINT32_MAX;
    /* Bytes after the chunk may raise this for nothing, which only costs a check. */
    chunk->has_non_ascii = _mm512_movepi8_mask(all) != 0;
}

JSON_FN WEIR_INLINE uint32_t piece_differs(const char *bytes, const struct json_piece *piece)
{
    __m256i a = _mm256_maskz_loadu_epi8(piece->mask, bytes);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)piece->bytes);
    return _mm256_cmpneq_epi8_mask(a, b);
}

#include "format/json_kernels_template.h"

#else
typedef int json_kernels_avx512_unused;
#endif
