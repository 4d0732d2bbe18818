/* The fast path with AVX-512 (F, BW, DQ, VL, VBMI, VBMI2). */
#include "format/json_internal.h"
#include "format/json_time.h"

#if defined(__x86_64__)

#define JSON_FN                                                                             \
    __attribute__((target("avx2,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2," \
                          "bmi,bmi2,popcnt")))
#define JSON_KERNELS weir_json_kernels_avx512
#define JSON_AVX512 1

#include "format/json_kernels_x86.h"

/* Packs the offsets of the bits within the block and widens 32 at a time. */
JSON_FN WEIR_INLINE uint16_t *add_marks(uint32_t offset, uint64_t marks, uint16_t *out)
{
    const __m512i lanes = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m512i packed = _mm512_maskz_compress_epi8(marks, lanes);
    __m512i base = _mm512_set1_epi16((short)offset);
    uint32_t count = (uint32_t)__builtin_popcountll(marks);
    __m512i low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(packed));
    _mm512_storeu_si512(out, _mm512_add_epi16(base, low));
    if (WEIR_UNLIKELY(count > 32)) {
        __m512i high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(packed, 1));
        _mm512_storeu_si512(out + 32, _mm512_add_epi16(base, high));
    }
    return out + count;
}

/* One block of up to 64 bytes: valid has a bit for each. */
JSON_FN WEIR_INLINE uint16_t *index_block(uint32_t offset, __m512i block, __mmask64 valid,
                                          uint16_t *out, struct json_doubts *doubts)
{
    const __m512i quote = _mm512_set1_epi8('"'), newline = _mm512_set1_epi8('\n');
    const __m512i slash = _mm512_set1_epi8('\\'), space = _mm512_set1_epi8(0x20);
    __mmask64 newlines = _mm512_cmpeq_epi8_mask(block, newline);
    __mmask64 marks = _kor_mask64(_mm512_cmpeq_epi8_mask(block, quote), newlines);
    __mmask64 special = _kor_mask64(_kandn_mask64(newlines, _mm512_cmplt_epu8_mask(block, space)),
                                    _mm512_cmpeq_epi8_mask(block, slash));
    marks = _kand_mask64(marks, valid);
    special = _kand_mask64(special, valid);
    if (WEIR_UNLIKELY(!_kortestz_mask64_u8(special, special) || doubts->escaped == offset))
        marks = add_doubts(doubts, offset, special, marks);
    return add_marks(offset, marks, out);
}

JSON_FN static void index_chunk(struct json_chunk *chunk)
{
    uint16_t *out = chunk->index;
    struct json_doubts doubts = {chunk->text, chunk->doubts, UINT32_MAX};
    uint32_t i = 0;
    __m512i all = _mm512_setzero_si512();
    for (; i + 64 <= chunk->size; i += 64) {
        __m512i block = _mm512_loadu_si512(chunk->text + i);
        _mm_prefetch(chunk->ahead + i / 2, _MM_HINT_T1);
        all = _mm512_or_si512(all, block);
        out = index_block(i, block, UINT64_MAX, out, &doubts);
    }
    if (i < chunk->size) {
        __mmask64 valid = _bzhi_u64(UINT64_MAX, chunk->size - i);
        __m512i block = _mm512_maskz_loadu_epi8(valid, chunk->text + i);
        all = _mm512_or_si512(all, block);
        out = index_block(i, block, valid, out, &doubts);
    }
    for (uint32_t k = 0; k < 8; k++)
        out[k] = (uint16_t)chunk->size;
    chunk->index_count = (uint32_t)(out - chunk->index);
    chunk->doubts_count = (uint32_t)(doubts.out - chunk->doubts);
    *doubts.out = UINT32_MAX;
    chunk->has_non_ascii = _mm512_movepi8_mask(all) != 0;
}

#include "format/json_kernels_template.h"

#else
typedef int json_kernels_avx512_unused;
#endif
