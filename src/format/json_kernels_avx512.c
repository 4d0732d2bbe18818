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

/* Packs the offsets of the bits within the block and widens 32 at a time; base: the block's offset.
 */
JSON_FN WEIR_INLINE uint16_t *add_marks(__m512i base, __mmask64 marks, uint16_t *out)
{
    const __m512i lanes = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m512i packed = _mm512_maskz_compress_epi8(marks, lanes);
    uint32_t count = (uint32_t)__builtin_popcountll(_cvtmask64_u64(marks));
    __m512i low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(packed));
    _mm512_storeu_si512(out, _mm512_add_epi16(base, low));
    if (WEIR_UNLIKELY(count > 32)) {
        __m512i high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(packed, 1));
        _mm512_storeu_si512(out + 32, _mm512_add_epi16(base, high));
    }
    return out + count;
}

/* Quotes and newlines. */
JSON_FN WEIR_INLINE __mmask64 marks_of(__m512i block)
{
    return _kor_mask64(_mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"')),
                       _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\n')));
}

/* Looks for special bytes: control bytes other than newlines, and backslashes. By arithmetic, since
 * comparing into masks is what the processor has one unit for. */
struct special {
    __m512i controls; /* 0 … 0x1E: a control byte was there */
    __m512i slashes;  /* 0: a backslash was there */
};

JSON_FN WEIR_INLINE void note_special(struct special *special, __m512i block)
{
    __m512i controls = _mm512_sub_epi8(_mm512_xor_si512(block, _mm512_set1_epi8('\n')),
                                       _mm512_set1_epi8(1)); /* the newline wraps */
    __m512i slashes = _mm512_xor_si512(block, _mm512_set1_epi8('\\'));
    special->controls = _mm512_min_epu8(special->controls, controls);
    special->slashes = _mm512_min_epu8(special->slashes, slashes);
}

JSON_FN WEIR_INLINE bool any_special(const struct special *special)
{
    __mmask64 controls = _mm512_cmple_epu8_mask(special->controls, _mm512_set1_epi8(0x1E));
    __mmask64 slashes = _mm512_testn_epi8_mask(special->slashes, special->slashes);
    return !_kortestz_mask64_u8(controls, slashes);
}

/* One block of up to 64 bytes, valid has a bit for each, in which special bytes may be. */
JSON_FN static WEIR_NOINLINE uint16_t *index_carefully(uint32_t offset, __m512i block,
                                                       __mmask64 valid, uint16_t *out,
                                                       struct json_doubts *doubts)
{
    const __m512i space = _mm512_set1_epi8(0x20);
    __mmask64 newlines = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\n'));
    __mmask64 special = _mm512_cmplt_epu8_mask(block, space) & ~newlines;
    special |= _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\'));
    special &= valid;
    uint64_t marks = marks_of(block) & valid;
    if (special || doubts->escaped == offset)
        marks = add_doubts(doubts, offset, special, marks);
    return add_marks(_mm512_set1_epi16((short)offset), marks, out);
}

/* Blocks that are looked over for special bytes together; they are rare. */
enum { BLOCKS = 4 };

JSON_FN static void index_chunk(struct json_chunk *chunk)
{
    uint16_t *out = chunk->index;
    struct json_doubts doubts = {chunk->text, chunk->doubts, UINT32_MAX};
    uint32_t i = 0;
    __m512i all = _mm512_setzero_si512(), base = all;
    for (; i + BLOCKS * 64 <= chunk->size; i += BLOCKS * 64) {
        __m512i blocks[BLOCKS];
        struct special special = {_mm512_set1_epi8(-1), _mm512_set1_epi8(-1)};
        for (uint32_t k = 0; k < BLOCKS; k++) {
            blocks[k] = _mm512_loadu_si512(chunk->text + i + k * 64);
            all = _mm512_or_si512(all, blocks[k]);
            note_special(&special, blocks[k]);
        }
        _mm_prefetch(chunk->ahead + i / 2, _MM_HINT_T1);
        _mm_prefetch(chunk->ahead + i / 2 + JSON_CACHE_LINE, _MM_HINT_T1);
        if (WEIR_UNLIKELY(any_special(&special) || doubts.escaped == i)) {
            for (uint32_t k = 0; k < BLOCKS; k++)
                out = index_carefully(i + k * 64, blocks[k], UINT64_MAX, out, &doubts);
            base = _mm512_add_epi16(base, _mm512_set1_epi16(BLOCKS * 64));
            continue;
        }
        for (uint32_t k = 0; k < BLOCKS; k++) {
            out = add_marks(base, marks_of(blocks[k]), out);
            base = _mm512_add_epi16(base, _mm512_set1_epi16(64));
        }
    }
    for (; i < chunk->size; i += 64) {
        uint32_t rest = chunk->size - i;
        __mmask64 valid = rest < 64 ? _bzhi_u64(UINT64_MAX, rest) : UINT64_MAX;
        __m512i block = _mm512_maskz_loadu_epi8(valid, chunk->text + i);
        all = _mm512_or_si512(all, block);
        out = index_carefully(i, block, valid, out, &doubts);
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
