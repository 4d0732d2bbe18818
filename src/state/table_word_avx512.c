/* Two buckets of eight keys at a time, by gathers: the AVX-512 form of probe_near in table_word.c.
 * Hash, tag and compare are the same arithmetic; tests compare the two. */
#include "state/table_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw")))

AVX512 static inline __m512i hash_words(__m512i words, uint64_t seed)
{
    const __m512i k1 = _mm512_set1_epi64((long long)WEIR_HASH_K1);
    const __m512i k0 = _mm512_set1_epi64((long long)WEIR_HASH_K0);
    words = _mm512_xor_si512(words, _mm512_set1_epi64((long long)seed));
    words = _mm512_xor_si512(words, _mm512_srli_epi64(words, 32));
    words = _mm512_mullo_epi64(words, k1);
    words = _mm512_xor_si512(words, _mm512_srli_epi64(words, 32));
    words = _mm512_mullo_epi64(words, k0);
    return _mm512_srli_epi64(words, 32);
}

AVX512 uint32_t table_word_probe_avx512(const struct table_word_probe *probe, const uint64_t *words,
                                        uint32_t count, uint8_t **payloads, uint16_t *misses)
{
    const __m512i tag_low = _mm512_set1_epi64(0x7FFF), tag_high = _mm512_set1_epi64(0x8000);
    const __m512i address = _mm512_set1_epi64((long long)TABLE_ADDRESS_MASK);
    const __m512i key_offset = _mm512_set1_epi64(TABLE_HEADER_SIZE);
    const __m512i payload_offset = _mm512_set1_epi64(probe->payload_offset);
    const __m512i one = _mm512_set1_epi64(1);
    const __m512i mask = _mm512_set1_epi64((long long)((UINT64_C(1) << probe->bits) - 1));
    const __m128i shift = _mm_cvtsi32_si128((int)(32 - probe->bits));
    uint32_t misses_count = 0;
    for (uint32_t i = 0; i < count; i += 8) {
        uint32_t rest = count - i;
        __mmask8 live = (__mmask8)(rest >= 8 ? 0xFFu : (1u << rest) - 1u);
        __m512i keys = _mm512_maskz_loadu_epi64(live, words + i);
        __m512i hash = hash_words(keys, probe->seed);
        __m512i place = _mm512_srl_epi64(hash, shift);
        __m512i bucket = _mm512_i64gather_epi64(place, probe->slots, 8);
        __m512i tag = _mm512_or_si512(_mm512_and_si512(hash, tag_low), tag_high);
        __mmask8 same = _mm512_mask_cmpeq_epi64_mask(live, _mm512_srli_epi64(bucket, 48), tag);
        __mmask8 other = (__mmask8)(live & ~(uint32_t)same);
        if (other) { /* the bucket behind */
            place = _mm512_and_si512(_mm512_add_epi64(place, one), mask);
            bucket = _mm512_mask_i64gather_epi64(bucket, other, place, probe->slots, 8);
            same = _mm512_mask_cmpeq_epi64_mask(live, _mm512_srli_epi64(bucket, 48), tag);
        }
        __m512i row = _mm512_and_si512(bucket, address);
        __m512i stored =
            _mm512_mask_i64gather_epi64(keys, same, _mm512_add_epi64(row, key_offset), NULL, 1);
        __mmask8 hit = _mm512_mask_cmpeq_epi64_mask(same, stored, keys);
        _mm512_mask_storeu_epi64(payloads + i, live, _mm512_add_epi64(row, payload_offset));
        uint32_t missed = (uint32_t)live & ~(uint32_t)hit;
        while (missed) {
            misses[misses_count++] = (uint16_t)(i + (uint32_t)__builtin_ctz(missed));
            missed &= missed - 1;
        }
    }
    return misses_count;
}

#endif
