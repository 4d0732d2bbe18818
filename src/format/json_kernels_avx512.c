/* The fast path with AVX-512 (F, BW, CD, DQ, VL, VBMI, VBMI2). */
#include "format/json_internal.h"
#include "format/json_time.h"

#if defined(__x86_64__)

#define JSON_FN                                                                           \
    __attribute__((                                                                       \
        target("avx2,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2," \
               "bmi,bmi2,popcnt")))
#define JSON_KERNELS weir_json_kernels_avx512
#define JSON_AVX512 1

#include "format/json_kernels_x86.h"

/* Blocks that are looked over for special bytes together; they are rare. */
enum { BLOCKS = 4 };

/* offset + 0, 1, 2 … */
JSON_FN WEIR_INLINE __m512i lanes_from(uint32_t offset)
{
    const __m512i lanes = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    return _mm512_add_epi8(lanes, _mm512_set1_epi8((char)offset));
}

/* Packs the lanes (offsets from base, in 16-bit lanes) of the bits and widens 16 at a time. */
JSON_FN WEIR_INLINE uint16_t *add_marks(__m512i base, __m512i lanes, __mmask64 marks, uint16_t *out)
{
    __m512i packed = _mm512_maskz_compress_epi8(marks, lanes);
    uint32_t count = (uint32_t)__builtin_popcountll(_cvtmask64_u64(marks));
    __m256i low = _mm256_cvtepu8_epi16(_mm512_castsi512_si128(packed));
    low = _mm256_add_epi16(_mm512_castsi512_si256(base), low);
    _mm256_storeu_si256((__m256i *)(void *)out, low);
    if (WEIR_UNLIKELY(count > 16)) {
        __m512i all = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(packed));
        _mm512_storeu_si512(out, _mm512_add_epi16(base, all));
        if (WEIR_UNLIKELY(count > 32)) {
            __m512i high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(packed, 1));
            _mm512_storeu_si512(out + 32, _mm512_add_epi16(base, high));
        }
    }
    return out + count;
}

/* Bytes are classed by a table over their low six bits, of 64 lanes; special are backslashes and
 * control bytes other than newlines:
 *
 *     low bits   lane   equal to the lane   below the lane, and how far
 *     22         22     a quote
 *     0A         0A     a newline
 *     1C         7C                         a backslash (5C): 20, the control byte 1C: 60
 *     n, to 1F   n + 1                      control bytes: 1
 *     others      0                                                                        */
enum { BELOW_SLASH = 0x20 };
struct scan {
    __m512i lanes;
    __m512i below; /* bits that are set in how far bytes are below their lanes */
    __m512i all;   /* bits that are set anywhere */
};

JSON_FN WEIR_INLINE struct scan scan_make(void)
{
    __m512i lanes = _mm512_maskz_mov_epi8(0xFFFFFFFF, lanes_from(1));
    lanes = _mm512_mask_set1_epi8(lanes, UINT64_C(1) << '"', '"');
    lanes = _mm512_mask_set1_epi8(lanes, UINT64_C(1) << '\n', '\n');
    lanes = _mm512_mask_set1_epi8(lanes, UINT64_C(1) << ('\\' % 64), '\\' + BELOW_SLASH);
    return (struct scan){.lanes = lanes, .all = _mm512_setzero_si512()};
}

enum { OR_ALL = 0xFE, FIRST_ALONE = 0x10 }; /* of three operands, as truth tables */

/* Blocks that follow each other, and their lanes. */
struct blocks {
    __m512i bytes[BLOCKS], lanes[BLOCKS];
};

/* Loads them; marks are their quotes and newlines. */
JSON_FN WEIR_INLINE void scan_blocks(struct scan *scan, const char *text, struct blocks *blocks,
                                     uint64_t marks[BLOCKS])
{
    __m512i below[BLOCKS];
    for (uint32_t k = 0; k < BLOCKS; k++) {
        blocks->bytes[k] = _mm512_loadu_si512(text + k * 64);
        blocks->lanes[k] = _mm512_permutexvar_epi8(blocks->bytes[k], scan->lanes);
        marks[k] = _mm512_cmpeq_epi8_mask(blocks->bytes[k], blocks->lanes[k]);
        below[k] = _mm512_subs_epu8(blocks->lanes[k], blocks->bytes[k]);
    }
    scan->below =
        _mm512_or_si512(_mm512_ternarylogic_epi64(below[0], below[1], below[2], OR_ALL), below[3]);
    for (uint32_t k = 0; k < BLOCKS; k += 2)
        scan->all =
            _mm512_ternarylogic_epi64(scan->all, blocks->bytes[k], blocks->bytes[k + 1], OR_ALL);
}

JSON_FN WEIR_INLINE bool any_special(const struct scan *scan)
{
    return _mm512_test_epi64_mask(scan->below, scan->below);
}

/* The marks of a block in which special bytes may be; as weir_json_add_doubts(). */
JSON_FN WEIR_INLINE uint64_t look_closely(const struct scan *scan, uint32_t offset, __m512i block,
                                          uint64_t marks, struct json_doubts *doubts)
{
    uint64_t special = _mm512_cmplt_epu8_mask(block, _mm512_permutexvar_epi8(block, scan->lanes));
    if (!(special | doubts->carry))
        return marks;
    uint64_t slashes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\'));
    uint64_t begins = json_escapes_begin(slashes, doubts->carry);
    uint64_t escaped = begins << 1 | doubts->carry, controls = special & ~(slashes | escaped);
    doubts->carry = begins >> 63;
    if (WEIR_UNLIKELY(controls))
        controls = weir_json_without_line_ends(doubts->text + offset, controls);
    json_doubts_note(doubts, offset, begins | controls);
    __m512i meant = escapes_meant(block);
    uint64_t known = _mm512_test_epi8_mask(meant, meant) & ~_mm512_movepi8_mask(block);
    doubts->others |= (controls | (escaped & ~known)) != 0;
    uint64_t quotes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"'));
    doubts->letters |= (escaped & ~(quotes | slashes)) != 0;
    return marks & ~(escaped & quotes);
}

/* Whether bytes other than quotes and backslashes are escaped in a way that there is not. */
JSON_FN static WEIR_NOINLINE bool any_unknown(const char *text, const uint64_t escaped[BLOCKS])
{
    uint64_t unknown = 0;
    for (uint32_t k = 0; k < BLOCKS; k++) {
        __m512i block = _mm512_loadu_si512(text + k * 64), meant = escapes_meant(block);
        unknown |= escaped[k] & (_mm512_testn_epi8_mask(meant, meant) | _mm512_movepi8_mask(block));
    }
    return unknown != 0;
}

/* The marks of blocks in which backslashes are, most likely: all of them without a branch, since
 * which have some is anyone's guess. False: there are control bytes, or nothing but backslashes,
 * and nothing was done. */
JSON_FN WEIR_INLINE bool take_escapes(const struct blocks *blocks, uint32_t offset,
                                      uint64_t marks[BLOCKS], struct json_doubts *doubts)
{
    const __m512i slash = _mm512_set1_epi8('\\'), quote = _mm512_set1_epi8('"');
    uint64_t *bits = doubts->bits + offset / 64;
    uint64_t odd = 0, others = 0, slashes[BLOCKS], escaped[BLOCKS], carry[BLOCKS + 1];
    carry[0] = doubts->carry;
    for (uint32_t k = 0; k < BLOCKS; k++) {
        slashes[k] = _mm512_cmpeq_epi8_mask(blocks->bytes[k], slash);
        odd |= slashes[k] ^ _mm512_cmplt_epu8_mask(blocks->bytes[k], blocks->lanes[k]);
        /* An odd row of them at the end of a block escapes what follows: known without the block
         * before, unless the block is nothing else. */
        odd |= slashes[k] == UINT64_MAX;
        carry[k + 1] = (uint32_t)__builtin_clzll(~slashes[k] | 1) & 1;
    }
    if (WEIR_UNLIKELY(odd))
        return false;
    for (uint32_t k = 0; k < BLOCKS; k++) {
        uint64_t quotes = _mm512_cmpeq_epi8_mask(blocks->bytes[k], quote);
        bits[k] = json_escapes_begin(slashes[k], carry[k]);
        escaped[k] = bits[k] << 1 | carry[k];
        others |= escaped[k] & ~(quotes | slashes[k]);
        marks[k] &= ~(escaped[k] & quotes);
    }
    if (others) {
        doubts->letters = true;
        doubts->others |= any_unknown(doubts->text + offset, escaped);
    }
    doubts->carry = carry[BLOCKS];
    doubts->first = offset < doubts->first ? offset : doubts->first;
    doubts->end = offset + BLOCKS * 64;
    return true;
}

/* One block of up to 64 bytes, valid has a bit for each, in which special bytes may be. */
JSON_FN static WEIR_NOINLINE uint16_t *index_carefully(uint32_t offset, __m512i block,
                                                       __mmask64 valid, uint16_t *out,
                                                       struct json_doubts *doubts)
{
    __mmask64 newlines = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\n'));
    uint64_t controls = _mm512_cmplt_epu8_mask(block, _mm512_set1_epi8(0x20)) & ~newlines & valid;
    uint64_t slashes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\')) & valid;
    uint64_t marks = (newlines | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"'))) & valid;
    if (controls | slashes | doubts->carry)
        marks = weir_json_add_doubts(doubts, offset, slashes, controls, marks);
    return add_marks(_mm512_set1_epi16((short)offset), lanes_from(0), marks, out);
}

/* The bytes of four blocks that are equal to `byte`: a lane of bits for each block. */
JSON_FN WEIR_INLINE __m256i bytes_equal(const __m512i blocks[BLOCKS], __m512i byte,
                                        uint64_t equal[BLOCKS])
{
    for (uint32_t k = 0; k < BLOCKS; k++)
        equal[k] = _mm512_cmpeq_epi8_mask(blocks[k], byte);
    return _mm256_setr_epi64x((int64_t)equal[0], (int64_t)equal[1], (int64_t)equal[2],
                              (int64_t)equal[3]);
}

/* The escapes in four blocks, as json_escapes_begin() finds them, a lane for each block. False: a
 * quote is escaped, or a block is nothing but backslashes. */
JSON_FN WEIR_INLINE bool note_escapes_of(struct json_doubts *doubts, uint32_t offset)
{
    const __m256i odd = _mm256_set1_epi64x((int64_t)UINT64_C(0xAAAAAAAAAAAAAAAA));
    __m512i blocks[BLOCKS];
    for (uint32_t k = 0; k < BLOCKS; k++)
        blocks[k] = _mm512_loadu_si512(doubts->text + offset + k * 64);
    uint64_t slash_bits[BLOCKS], quote_bits[BLOCKS];
    __m256i slashes = bytes_equal(blocks, _mm512_set1_epi8('\\'), slash_bits);
    __m256i quotes = bytes_equal(blocks, _mm512_set1_epi8('"'), quote_bits);
    /* An odd row of them at the end of a block escapes what follows: known without the block
     * before, unless the block is nothing else. */
    __m256i rows = _mm256_lzcnt_epi64(_mm256_xor_si256(slashes, _mm256_set1_epi64x(-1)));
    __mmask8 bad = _mm256_test_epi64_mask(rows, _mm256_set1_epi64x(64));
    rows = _mm256_and_si256(rows, _mm256_set1_epi64x(1));
    __m256i carry = _mm256_alignr_epi64(rows, _mm256_set1_epi64x((int64_t)doubts->carry), 3);
    __m256i candidates = _mm256_andnot_si256(carry, slashes);
    __m256i ends = _mm256_or_si256(_mm256_slli_epi64(candidates, 1), odd);
    ends = _mm256_xor_si256(_mm256_sub_epi64(ends, candidates), odd);
    __m256i begins = _mm256_and_si256(ends, slashes);
    __m256i escaped = _mm256_or_si256(_mm256_slli_epi64(begins, 1), carry);
    __m256i others = _mm256_ternarylogic_epi64(escaped, quotes, slashes, FIRST_ALONE);
    _mm256_storeu_si256((__m256i *)(void *)(doubts->bits + offset / 64), begins);
    if (_mm256_test_epi64_mask(others, others)) {
        uint64_t apart[BLOCKS];
        _mm256_storeu_si256((__m256i *)(void *)apart, escaped);
        doubts->letters = true;
        doubts->others |= any_unknown(doubts->text + offset, apart);
    }
    doubts->carry = (uint32_t)__builtin_clzll(~slash_bits[BLOCKS - 1] | 1) & 1;
    doubts->first = offset < doubts->first ? offset : doubts->first;
    doubts->end = offset + BLOCKS * 64;
    return (bad | _mm256_test_epi64_mask(escaped, quotes)) == 0;
}

/* Groups of four blocks. */
enum { GROUP_SIZE = BLOCKS * 64, GROUPS_MAX = JSON_CHUNK_SIZE / GROUP_SIZE + 1 };

/* The escapes in the groups with backslashes, of which `special` has a byte each. The same. */
JSON_FN static WEIR_NOINLINE bool note_escapes_in(struct json_doubts *doubts,
                                                  const uint8_t *special, uint32_t count)
{
    uint32_t bad = 0;
    for (uint32_t first = 0; first < count; first += 64) {
        __m512i bytes = _mm512_loadu_si512(special + first);
        uint64_t groups = _mm512_test_epi8_mask(bytes, bytes) | doubts->carry;
        uint64_t all = count - first < 64 ? _bzhi_u64(UINT64_MAX, count - first) : UINT64_MAX;
        for (groups &= all; groups; groups &= groups - 1) {
            uint32_t group = (uint32_t)__builtin_ctzll(groups);
            bad |= !note_escapes_of(doubts, (first + group) * GROUP_SIZE);
            if (WEIR_UNLIKELY(doubts->carry)) /* the next one's first byte is escaped */
                groups |= (groups & (0 - groups)) << 1 & all;
        }
    }
    return !bad;
}

/* The blocks that are left, of which the last one may not be whole. */
JSON_FN WEIR_INLINE void index_rest(struct json_chunk *chunk, struct json_doubts *doubts,
                                    uint32_t i, uint16_t *out, __m512i all)
{
    for (; i < chunk->size; i += 64) {
        uint32_t rest = chunk->size - i;
        doubts->bits[i / 64] = 0;
        __mmask64 valid = rest < 64 ? _bzhi_u64(UINT64_MAX, rest) : UINT64_MAX;
        __m512i block = _mm512_maskz_loadu_epi8(valid, chunk->text + i);
        all = _mm512_or_si512(all, block);
        out = index_carefully(i, block, valid, out, doubts);
    }
    weir_json_end_index(chunk, doubts, out);
    chunk->has_non_ascii = _mm512_movepi8_mask(all) != 0;
}

/* A chunk in which no quote is escaped: what is escaped makes no difference for the index, and is
 * looked at when it is done, without a branch for each group that guesses whether there is
 * something. False: a quote is escaped after all, or there are control bytes. */
JSON_FN static bool index_unquoted(struct json_chunk *chunk)
{
    uint16_t *out = chunk->index;
    struct json_doubts doubts = {
        .text = chunk->text, .bits = chunk->doubt_bits, .first = UINT32_MAX};
    uint8_t special[GROUPS_MAX + 64];
    struct scan scan = scan_make();
    __m512i lanes[BLOCKS], below = _mm512_setzero_si512();
    uint32_t i = 0;
    for (uint32_t k = 0; k < BLOCKS; k++) {
        lanes[k] = lanes_from(k * 64);
        KEPT(lanes[k]);
    }
    for (; i + GROUP_SIZE <= chunk->size; i += GROUP_SIZE) {
        struct blocks blocks;
        uint64_t marks[BLOCKS];
        _mm256_storeu_si256((__m256i *)(void *)(doubts.bits + i / 64), _mm256_setzero_si256());
        scan_blocks(&scan, chunk->text + i, &blocks, marks);
        _mm_prefetch(chunk->ahead + i / 4, _MM_HINT_T1);
        below = _mm512_or_si512(below, scan.below);
        special[i / GROUP_SIZE] = any_special(&scan);
        __m512i base = _mm512_set1_epi16((short)i);
        for (uint32_t k = 0; k < BLOCKS; k++)
            out = add_marks(base, lanes[k], marks[k], out);
    }
    if (_mm512_test_epi8_mask(below, below)) {
        if (_mm512_test_epi8_mask(below, _mm512_set1_epi8((char)~BELOW_SLASH)) ||
            !note_escapes_in(&doubts, special, i / GROUP_SIZE))
            return false;
    }
    index_rest(chunk, &doubts, i, out, scan.all);
    return true;
}

JSON_FN static void index_quoted(struct json_chunk *chunk)
{
    uint16_t *out = chunk->index;
    struct json_doubts doubts = {
        .text = chunk->text, .bits = chunk->doubt_bits, .first = UINT32_MAX};
    uint32_t i = 0;
    struct scan scan = scan_make();
    __m512i lanes[BLOCKS];
    for (uint32_t k = 0; k < BLOCKS; k++) {
        lanes[k] = lanes_from(k * 64);
        KEPT(lanes[k]);
    }
    for (; i + GROUP_SIZE <= chunk->size; i += GROUP_SIZE) {
        const char *text = chunk->text + i;
        struct blocks blocks;
        uint64_t marks[BLOCKS];
        _mm256_storeu_si256((__m256i *)(void *)(doubts.bits + i / 64), _mm256_setzero_si256());
        scan_blocks(&scan, text, &blocks, marks);
        _mm_prefetch(chunk->ahead + i / 4, _MM_HINT_T1);
        if (WEIR_UNLIKELY(any_special(&scan) || doubts.carry) &&
            !take_escapes(&blocks, i, marks, &doubts))
            for (uint32_t k = 0; k < BLOCKS; k++)
                marks[k] = look_closely(&scan, i + k * 64, blocks.bytes[k], marks[k], &doubts);
        __m512i base = _mm512_set1_epi16((short)i);
        for (uint32_t k = 0; k < BLOCKS; k++)
            out = add_marks(base, lanes[k], marks[k], out);
    }
    index_rest(chunk, &doubts, i, out, scan.all);
}

JSON_FN static void index_chunk(struct json_chunk *chunk)
{
    if (WEIR_UNLIKELY(chunk->quoted > 0)) {
        chunk->quoted--;
        index_quoted(chunk);
    } else if (WEIR_LIKELY(index_unquoted(chunk))) {
        chunk->quoted_next /= 2;
    } else {
        chunk->quoted = chunk->quoted_next =
            chunk->quoted_next < JSON_DISTRUST_MAX ? chunk->quoted_next * 2 + 1 : JSON_DISTRUST_MAX;
        index_quoted(chunk);
    }
}

/* As weir_digits_of_8 of value/number_put.h: quotients by 10^4, then by 100, then by 10, of all
 * parts at once. */
JSON_FN WEIR_INLINE __m512i digits_of_8(__m512i values)
{
    __m512i high = _mm512_srli_epi64(_mm512_mul_epu32(values, _mm512_set1_epi64(0xD1B71759)), 45);
    __m512i low = _mm512_sub_epi64(values, _mm512_mul_epu32(high, _mm512_set1_epi64(10000)));
    __m512i fours = _mm512_or_si512(high, _mm512_slli_epi64(low, 32));
    __m512i hundreds = _mm512_srli_epi16(_mm512_mulhi_epu16(fours, _mm512_set1_epi16(5243)), 3);
    __m512i rest = _mm512_sub_epi16(fours, _mm512_mullo_epi16(hundreds, _mm512_set1_epi16(100)));
    __m512i pairs = _mm512_or_si512(hundreds, _mm512_slli_epi32(rest, 16));
    __m512i tens = _mm512_mulhi_epu16(pairs, _mm512_set1_epi16(6554));
    rest = _mm512_sub_epi16(pairs, _mm512_mullo_epi16(tens, _mm512_set1_epi16(10)));
    return _mm512_or_si512(tens, _mm512_slli_epi16(rest, 8));
}

JSON_FN static bool digits(const int64_t *values, uint32_t count, int64_t first,
                           struct json_digits *out)
{
    const __m512i base = _mm512_set1_epi64(first), limit = _mm512_set1_epi64(100000000);
    const __m512i last = _mm512_set1_epi64(first == 0 ? INT64_C(1) << 56 : 1);
    __mmask8 bad = 0;
    for (uint32_t i = 0; i < count; i += 8) {
        __mmask8 valid = (__mmask8)(count - i >= 8 ? 0xFF : (1 << (count - i)) - 1);
        __m512i rest = _mm512_sub_epi64(_mm512_mask_loadu_epi64(base, valid, values + i), base);
        bad |= _mm512_cmpge_epu64_mask(rest, limit);
        __m512i text = digits_of_8(rest);
        /* the lowest bit that is set: in the first byte that is kept */
        __m512i lowest = _mm512_or_si512(text, last);
        lowest = _mm512_and_si512(lowest, _mm512_sub_epi64(_mm512_setzero_si512(), lowest));
        __m512i zeros = _mm512_sub_epi64(_mm512_set1_epi64(63), _mm512_lzcnt_epi64(lowest));
        zeros = _mm512_srli_epi64(zeros, 3); /* bytes */
        text = _mm512_or_si512(text, _mm512_set1_epi8('0'));
        text = _mm512_srlv_epi64(text, _mm512_slli_epi64(zeros, 3));
        _mm512_storeu_si512(out->text + i, text);
        __m128i sizes = _mm512_cvtepi64_epi8(_mm512_sub_epi64(_mm512_set1_epi64(8), zeros));
        _mm_storel_epi64((__m128i *)(void *)(out->size + i), sizes);
    }
    return bad == 0;
}

/* As weir_put_f64 of value/number_put.h does it. */
JSON_FN static bool decimals(const double *values, uint32_t count, struct json_digits *out)
{
    const __m512d scale = _mm512_set1_pd(1e4), half = _mm512_set1_pd(0.5);
    const __m512i limit = _mm512_set1_epi64(100000000);
    __mmask8 bad = 0;
    for (uint32_t i = 0; i < count && !bad; i += 8) {
        __mmask8 valid = (__mmask8)(count - i >= 8 ? 0xFF : (1 << (count - i)) - 1);
        __m512d value = _mm512_maskz_loadu_pd(valid, values + i), magnitude = _mm512_abs_pd(value);
        __m512i scaled = _mm512_cvttpd_epi64(_mm512_add_pd(_mm512_mul_pd(magnitude, scale), half));
        __m512d again = _mm512_div_pd(_mm512_cvtepi64_pd(scaled), scale);
        __mmask8 negative = _mm512_movepi64_mask(_mm512_castpd_si512(value));
        bad |= _mm512_cmp_pd_mask(again, magnitude, _CMP_NEQ_UQ);
        bad |= _mm512_cmpge_epu64_mask(scaled, limit);
        bad |= _mm512_mask_testn_epi64_mask(negative, scaled, scaled);
        _mm512_storeu_si512(out->text + i, digits_of_8(scaled));
        __m128i signs = _mm_maskz_set1_epi8(negative, 1);
        _mm_storel_epi64((__m128i *)(void *)(out->size + i), signs);
    }
    return bad == 0;
}

JSON_FN static bool plain_views(const struct weir_view *views, uint32_t count)
{
    const __m512i places =
        _mm512_broadcast_i32x4(_mm_setr_epi8(-1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    const __m512i quote = _mm512_set1_epi8('"'), slash = _mm512_set1_epi8('\\');
    const __m512i space = _mm512_set1_epi8(' '), most = _mm512_set1_epi32(WEIR_VIEW_INLINE_MAX);
    uint64_t bad = 0;
    for (uint32_t i = 0; i < count; i += 4) {
        __mmask8 valid = (__mmask8)(count - i >= 4 ? 0xFF : (1 << 2 * (count - i)) - 1);
        __m512i four = _mm512_maskz_loadu_epi64(valid, views + i);
        __m512i sizes = _mm512_shuffle_epi8(four, _mm512_set1_epi32(0)); /* of each, in 16 bytes */
        uint64_t inside = _mm512_cmplt_epu8_mask(places, sizes);
        uint64_t special = _mm512_cmpeq_epi8_mask(four, quote) |
                           _mm512_cmpeq_epi8_mask(four, slash) |
                           _mm512_cmplt_epu8_mask(four, space);
        bad |= (special & inside) | (_mm512_cmpgt_epu32_mask(four, most) & 0x1111);
    }
    return bad == 0;
}

#include "format/json_kernels_template.h"

#else
typedef int json_kernels_avx512_unused;
#endif
