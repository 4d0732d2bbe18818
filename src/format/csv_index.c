/* Finds delimiters, line feeds and quotes, 64 bytes at a time, and whether a CR stands alone. */
#include "format/csv.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static uint32_t *emit(uint64_t mask, uint32_t base, uint32_t *out)
{
    while (mask) {
        *out++ = base + (uint32_t)__builtin_ctzll(mask);
        mask &= mask - 1;
    }
    return out;
}

static size_t index_tail(struct weir_csv_dialect dialect, const char *bytes, size_t from,
                         size_t size, uint32_t *out, bool *stray_return)
{
    size_t count = 0;
    for (size_t i = from; i < size; i++) {
        char c = bytes[i];
        if (c == '\r' && (i + 1 == size || bytes[i + 1] != '\n'))
            *stray_return = true;
        if (c == '\n' || c == dialect.delimiter || (dialect.quote && c == dialect.quote))
            out[count++] = (uint32_t)i;
    }
    return count;
}

#if defined(__x86_64__)

/* By the masks of CR and LF in the 64 bytes at i; the byte behind them is looked at. */
static bool has_stray(uint64_t returns, uint64_t feeds, const char *bytes, size_t i, size_t size)
{
    uint64_t last = returns >> 63;
    return (returns & ~(feeds >> 1) & ~(UINT64_C(1) << 63)) != 0 ||
           (last && (i + 64 == size || bytes[i + 64] != '\n'));
}

__attribute__((target("avx2,bmi"))) static size_t index_avx2(struct weir_csv_dialect dialect,
                                                             const char *bytes, size_t size,
                                                             uint32_t *out, bool *stray_return)
{
    const __m256i delimiter = _mm256_set1_epi8(dialect.delimiter);
    const __m256i quote = _mm256_set1_epi8(dialect.quote ? dialect.quote : '\n');
    const __m256i feed = _mm256_set1_epi8('\n');
    const __m256i carriage = _mm256_set1_epi8('\r');
    uint32_t *next = out;
    size_t i = 0;
    for (; i + 64 <= size; i += 64) {
        uint64_t mask = 0, feeds = 0, returns = 0;
        for (int half = 0; half < 2; half++) {
            __m256i block =
                _mm256_loadu_si256((const __m256i *)(const void *)(bytes + i + 32 * half));
            __m256i at_feed = _mm256_cmpeq_epi8(block, feed);
            __m256i at_return = _mm256_cmpeq_epi8(block, carriage);
            __m256i hit =
                _mm256_or_si256(_mm256_cmpeq_epi8(block, delimiter),
                                _mm256_or_si256(_mm256_cmpeq_epi8(block, quote), at_feed));
            mask |= (uint64_t)(uint32_t)_mm256_movemask_epi8(hit) << (32 * half);
            feeds |= (uint64_t)(uint32_t)_mm256_movemask_epi8(at_feed) << (32 * half);
            returns |= (uint64_t)(uint32_t)_mm256_movemask_epi8(at_return) << (32 * half);
        }
        if (WEIR_UNLIKELY(returns != 0))
            *stray_return |= has_stray(returns, feeds, bytes, i, size);
        next = emit(mask, (uint32_t)i, next);
    }
    next += index_tail(dialect, bytes, i, size, next, stray_return);
    return (size_t)(next - out);
}

__attribute__((target("avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi"))) static size_t
index_avx512(struct weir_csv_dialect dialect, const char *bytes, size_t size, uint32_t *out,
             bool *stray_return)
{
    static const char iota[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                  16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                  32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                  48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const __m512i delimiter = _mm512_set1_epi8(dialect.delimiter);
    const __m512i quote = _mm512_set1_epi8(dialect.quote ? dialect.quote : '\n');
    const __m512i feed = _mm512_set1_epi8('\n');
    const __m512i carriage = _mm512_set1_epi8('\r');
    const __m512i numbers = _mm512_loadu_si512(iota);
    uint32_t *next = out;
    size_t i = 0;
    for (; i + 64 <= size; i += 64) {
        __m512i block = _mm512_loadu_si512(bytes + i);
        uint64_t feeds = _mm512_cmpeq_epi8_mask(block, feed);
        uint64_t returns = _mm512_cmpeq_epi8_mask(block, carriage);
        uint64_t mask =
            _mm512_cmpeq_epi8_mask(block, delimiter) | _mm512_cmpeq_epi8_mask(block, quote) | feeds;
        if (WEIR_UNLIKELY(returns != 0))
            *stray_return |= has_stray(returns, feeds, bytes, i, size);
        __m512i packed = _mm512_maskz_compress_epi8(mask, numbers);
        __m512i base = _mm512_set1_epi32((int)i);
        unsigned count = (unsigned)__builtin_popcountll(mask);
        for (unsigned k = 0; k < count; k += 16) {
            __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed));
            _mm512_storeu_si512(next + k, _mm512_add_epi32(base, wide));
            packed = _mm512_shuffle_i64x2(packed, packed, 0x39);
        }
        next += count;
    }
    next += index_tail(dialect, bytes, i, size, next, stray_return);
    return (size_t)(next - out);
}

#endif

size_t weir_csv_index(enum weir_isa isa, struct weir_csv_dialect dialect, const char *bytes,
                      size_t size, uint32_t *out, bool *stray_return)
{
    *stray_return = false;
#if defined(__x86_64__)
    if (isa == WEIR_ISA_AVX512 && __builtin_cpu_supports("avx512vbmi2"))
        return index_avx512(dialect, bytes, size, out, stray_return);
    if (isa >= WEIR_ISA_AVX2)
        return index_avx2(dialect, bytes, size, out, stray_return);
#endif
    (void)isa;
    return index_tail(dialect, bytes, 0, size, out, stray_return);
}
