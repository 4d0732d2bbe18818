/* UTF-8 validation 32 and 64 bytes at a time.
 *
 * Every error of UTF-8 shows in two neighbouring bytes, except that a third or fourth byte must
 * continue a sequence. For each byte, three tables of sixteen entries are looked up: by the high
 * half of the byte before, by the low half of the byte before, by the high half of the byte itself.
 * Each bit stands for one error; a bit that survives in all three is that error:
 *
 *     bit                  byte before      this byte
 *     TOO_SHORT            11______         0_______ or 11______
 *     TOO_LONG             0_______         10______
 *     OVERLONG_2           1100000_         10______
 *     OVERLONG_3           11100000         100_____
 *     OVERLONG_4           11110000         1000____
 *     SURROGATE            11101101         101_____
 *     TOO_LARGE            11110100 and up  1001____, 101_____
 *     TOO_LARGE_1000       11110101 and up  1000____   (shares its bit with OVERLONG_4)
 *     TWO_CONTINUATIONS    10______         10______
 *
 * Two continuations in a row are right exactly where the byte two before is 111_____ or the byte
 * three before is 1111____: that is compared by exclusive or. A block of ASCII only needs the block
 * before to have ended between characters. (Idea: Keiser and Lemire, see value/utf8.h.) */
#include "base/compiler.h"
#include "value/utf8_internal.h"
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

enum {
    TOO_SHORT = 1,
    TOO_LONG = 2,
    OVERLONG_3 = 4,
    TOO_LARGE = 8,
    SURROGATE = 16,
    OVERLONG_2 = 32,
    TOO_LARGE_1000 = 64,
    OVERLONG_4 = 64,
    TWO_CONTINUATIONS = 128,
    /* Bits that do not depend on the low half of the byte before. */
    ANY_LOW = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS,
    FROM_F5 = ANY_LOW | TOO_LARGE | TOO_LARGE_1000,
    CONTINUATION = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS
};

static const uint8_t before_high[16] = {TOO_LONG,
                                        TOO_LONG,
                                        TOO_LONG,
                                        TOO_LONG,
                                        TOO_LONG,
                                        TOO_LONG,
                                        TOO_LONG,
                                        TOO_LONG,
                                        TWO_CONTINUATIONS,
                                        TWO_CONTINUATIONS,
                                        TWO_CONTINUATIONS,
                                        TWO_CONTINUATIONS,
                                        TOO_SHORT | OVERLONG_2,
                                        TOO_SHORT,
                                        TOO_SHORT | OVERLONG_3 | SURROGATE,
                                        TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4};
static const uint8_t before_low[16] = {ANY_LOW | OVERLONG_2 | OVERLONG_3 | OVERLONG_4,
                                       ANY_LOW | OVERLONG_2,
                                       ANY_LOW,
                                       ANY_LOW,
                                       ANY_LOW | TOO_LARGE,
                                       FROM_F5,
                                       FROM_F5,
                                       FROM_F5,
                                       FROM_F5,
                                       FROM_F5,
                                       FROM_F5,
                                       FROM_F5,
                                       FROM_F5,
                                       FROM_F5 | SURROGATE,
                                       FROM_F5,
                                       FROM_F5};
static const uint8_t this_high[16] = {TOO_SHORT,
                                      TOO_SHORT,
                                      TOO_SHORT,
                                      TOO_SHORT,
                                      TOO_SHORT,
                                      TOO_SHORT,
                                      TOO_SHORT,
                                      TOO_SHORT,
                                      CONTINUATION | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
                                      CONTINUATION | OVERLONG_3 | TOO_LARGE,
                                      CONTINUATION | SURROGATE | TOO_LARGE,
                                      CONTINUATION | SURROGATE | TOO_LARGE,
                                      TOO_SHORT,
                                      TOO_SHORT,
                                      TOO_SHORT,
                                      TOO_SHORT};

/* ---- 32 bytes ---- */

#define AVX2 __attribute__((target("avx2")))

struct check_32 {
    __m256i error;
    __m256i before;     /* the block before */
    __m256i incomplete; /* non-zero where that block ends inside a character */
};

AVX2 static __m256i table_32(const uint8_t *table)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

/* block moved up by n bytes, filled from the block before. */
#define SHIFTED_32(block, before, n) \
    _mm256_alignr_epi8((block), _mm256_permute2x128_si256((before), (block), 0x21), 16 - (n))

AVX2 static void check_block_32(struct check_32 *state, __m256i block)
{
    const __m256i low_half = _mm256_set1_epi8(0x0F);
    __m256i one = SHIFTED_32(block, state->before, 1);
    __m256i a = _mm256_shuffle_epi8(table_32(before_high),
                                    _mm256_and_si256(_mm256_srli_epi16(one, 4), low_half));
    __m256i b = _mm256_shuffle_epi8(table_32(before_low), _mm256_and_si256(one, low_half));
    __m256i c = _mm256_shuffle_epi8(table_32(this_high),
                                    _mm256_and_si256(_mm256_srli_epi16(block, 4), low_half));
    __m256i special = _mm256_and_si256(_mm256_and_si256(a, b), c);
    __m256i two = SHIFTED_32(block, state->before, 2);
    __m256i three = SHIFTED_32(block, state->before, 3);
    __m256i must = _mm256_or_si256(_mm256_subs_epu8(two, _mm256_set1_epi8((char)(0xE0 - 0x80))),
                                   _mm256_subs_epu8(three, _mm256_set1_epi8((char)(0xF0 - 0x80))));
    must = _mm256_and_si256(must, _mm256_set1_epi8((char)0x80));
    state->error = _mm256_or_si256(state->error, _mm256_xor_si256(must, special));
    /* The last three bytes may not begin a character that is longer than the rest. */
    const __m256i most = _mm256_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                          -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                          -1, (char)0xEF, (char)0xDF, (char)0xBF);
    state->incomplete = _mm256_subs_epu8(block, most);
    state->before = block;
}

AVX2 static __m256i load_32(const char *data)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)data);
}

AVX2 bool weir_utf8_is_valid_avx2(const char *data, size_t size)
{
    struct check_32 state = {_mm256_setzero_si256(), _mm256_setzero_si256(),
                             _mm256_setzero_si256()};
    size_t at = 0;

    while (size - at >= 128) {
        __m256i a = load_32(data + at), b = load_32(data + at + 32);
        __m256i c = load_32(data + at + 64), d = load_32(data + at + 96);
        __m256i any = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
        if (_mm256_movemask_epi8(any) == 0) {
            state.error = _mm256_or_si256(state.error, state.incomplete);
            state.incomplete = _mm256_setzero_si256();
            state.before = d;
        } else {
            check_block_32(&state, a);
            check_block_32(&state, b);
            check_block_32(&state, c);
            check_block_32(&state, d);
        }
        at += 128;
    }
    for (; size - at >= 32; at += 32)
        check_block_32(&state, load_32(data + at));
    if (at < size) {
        char tail[32] = {0};
        memcpy(tail, data + at, size - at);
        check_block_32(&state, load_32(tail));
    }
    state.error = _mm256_or_si256(state.error, state.incomplete);
    return _mm256_testz_si256(state.error, state.error);
}

/* ---- 64 bytes ---- */

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi")))

struct check_64 {
    __m512i error;
    __m512i before;
    __m512i incomplete;
};

AVX512 static __m512i table_64(const uint8_t *table)
{
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)table));
}

#define SHIFTED_64(block, lanes_before, n) _mm512_alignr_epi8((block), (lanes_before), 16 - (n))

AVX512 static void check_block_64(struct check_64 *state, __m512i block)
{
    const __m512i low_half = _mm512_set1_epi8(0x0F);
    /* Each lane's predecessor: the last lane of the block before, then lanes 0, 1, 2. */
    __m512i lanes = _mm512_permutex2var_epi64(state->before,
                                              _mm512_setr_epi64(6, 7, 8, 9, 10, 11, 12, 13), block);
    __m512i one = SHIFTED_64(block, lanes, 1);
    __m512i a = _mm512_shuffle_epi8(table_64(before_high),
                                    _mm512_and_si512(_mm512_srli_epi16(one, 4), low_half));
    __m512i b = _mm512_shuffle_epi8(table_64(before_low), _mm512_and_si512(one, low_half));
    __m512i c = _mm512_shuffle_epi8(table_64(this_high),
                                    _mm512_and_si512(_mm512_srli_epi16(block, 4), low_half));
    __m512i special = _mm512_and_si512(_mm512_and_si512(a, b), c);
    __m512i two = SHIFTED_64(block, lanes, 2);
    __m512i three = SHIFTED_64(block, lanes, 3);
    __m512i must = _mm512_or_si512(_mm512_subs_epu8(two, _mm512_set1_epi8((char)(0xE0 - 0x80))),
                                   _mm512_subs_epu8(three, _mm512_set1_epi8((char)(0xF0 - 0x80))));
    must = _mm512_and_si512(must, _mm512_set1_epi8((char)0x80));
    state->error = _mm512_or_si512(state->error, _mm512_xor_si512(must, special));
    const __m512i most =
        _mm512_set_epi64((long long)UINT64_C(0xBFDFEFFFFFFFFFFF), -1, -1, -1, -1, -1, -1, -1);
    state->incomplete = _mm512_subs_epu8(block, most);
    state->before = block;
}

AVX512 bool weir_utf8_is_valid_avx512(const char *data, size_t size)
{
    struct check_64 state = {_mm512_setzero_si512(), _mm512_setzero_si512(),
                             _mm512_setzero_si512()};
    size_t at = 0;

    while (size - at >= 128) {
        __m512i a = _mm512_loadu_si512(data + at), b = _mm512_loadu_si512(data + at + 64);
        if (_mm512_movepi8_mask(_mm512_or_si512(a, b)) == 0) {
            state.error = _mm512_or_si512(state.error, state.incomplete);
            state.incomplete = _mm512_setzero_si512();
            state.before = b;
        } else {
            check_block_64(&state, a);
            check_block_64(&state, b);
        }
        at += 128;
    }
    for (; at < size; at += 64) {
        size_t rest = size - at;
        __mmask64 mask = rest >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << rest) - 1;
        check_block_64(&state, _mm512_maskz_loadu_epi8(mask, data + at));
    }
    state.error = _mm512_or_si512(state.error, state.incomplete);
    return _mm512_test_epi8_mask(state.error, state.error) == 0;
}

#else
/* Other processors use the scalar validator. */
typedef int weir_utf8_simd_is_empty;
#endif
