/* The fast path with AVX2. */
#include "format/json_internal.h"
#include "format/json_time.h"

#if defined(__x86_64__)

#define JSON_FN __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define JSON_KERNELS weir_json_kernels_avx2

#include "format/json_kernels_x86.h"

JSON_FN WEIR_INLINE uint64_t join_masks(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                     << 32;
}
JSON_FN WEIR_INLINE uint64_t equal_mask(__m256i low, __m256i high, char byte)
{
    __m256i wanted = _mm256_set1_epi8(byte);
    return join_masks(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted));
}

/* Writes the offsets of the bits, eight at a time; up to seven more entries are scribbled on. */
JSON_FN WEIR_INLINE uint16_t *add_marks(uint32_t offset, uint64_t marks, uint16_t *out)
{
    uint32_t count = (uint32_t)__builtin_popcountll(marks);
    for (uint32_t done = 0; done < count; done += 8)
        for (uint32_t k = 0; k < 8; k++) {
            out[done + k] = (uint16_t)(offset + (uint32_t)_tzcnt_u64(marks));
            marks = _blsr_u64(marks);
        }
    return out + count;
}

JSON_FN static void index_chunk(struct json_chunk *chunk)
{
    uint16_t *out = chunk->index;
    struct json_doubts doubts = {
        .text = chunk->text, .bits = chunk->doubt_bits, .first = UINT32_MAX};
    __m256i all = _mm256_setzero_si256();
    const __m256i space = _mm256_set1_epi8(0x20);
    for (uint32_t i = 0; i < chunk->size; i += 64) {
        const __m256i *block = (const __m256i *)(const void *)(chunk->text + i);
        __m256i low = _mm256_loadu_si256(block), high = _mm256_loadu_si256(block + 1);
        uint64_t valid =
            chunk->size - i >= 64 ? UINT64_MAX : _bzhi_u64(UINT64_MAX, chunk->size - i);
        _mm_prefetch(chunk->ahead + i / 4, _MM_HINT_T1);
        uint64_t newlines = equal_mask(low, high, '\n');
        uint64_t marks = (equal_mask(low, high, '"') | newlines) & valid;
        uint64_t controls = ~join_masks(_mm256_cmpeq_epi8(_mm256_max_epu8(low, space), low),
                                        _mm256_cmpeq_epi8(_mm256_max_epu8(high, space), high));
        uint64_t slashes = equal_mask(low, high, '\\') & valid;
        controls &= ~newlines & valid;
        all = _mm256_or_si256(all, _mm256_or_si256(low, high));
        doubts.bits[i / 64] = 0;
        if (WEIR_UNLIKELY((controls | slashes | doubts.carry) != 0))
            marks = weir_json_add_doubts(&doubts, i, slashes, controls, marks);
        out = add_marks(i, marks, out);
    }
    weir_json_end_index(chunk, &doubts, out);
    /* Bytes after the chunk may raise this for nothing, which only costs a check. */
    chunk->has_non_ascii = _mm256_movemask_epi8(all) != 0;
}

JSON_FN static bool plain_views(const struct weir_view *views, uint32_t count)
{
    const __m128i places = _mm_setr_epi8(-1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1F);
    __m128i bad = _mm_setzero_si128();
    uint32_t longest = 0;
    for (uint32_t i = 0; i < count; i++) {
        __m128i view = _mm_loadu_si128((const __m128i *)(const void *)(views + i));
        uint32_t size = views[i].size;
        longest = size > longest ? size : longest;
        __m128i inside = _mm_andnot_si128(_mm_cmpeq_epi8(places, _mm_set1_epi8(-1)),
                                          _mm_cmpgt_epi8(_mm_set1_epi8((char)size), places));
        __m128i special = _mm_or_si128(_mm_cmpeq_epi8(view, quote), _mm_cmpeq_epi8(view, slash));
        special = _mm_or_si128(special, _mm_cmpeq_epi8(_mm_min_epu8(view, control), view));
        bad = _mm_or_si128(bad, _mm_and_si128(special, inside));
    }
    return _mm_testz_si128(bad, bad) && longest <= WEIR_VIEW_INLINE_MAX;
}

#include "format/json_kernels_template.h"

#else
typedef int json_kernels_avx2_unused;
#endif
