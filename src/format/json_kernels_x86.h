/* What the AVX2 and AVX-512 kernels share: numbers in 16- and 32-byte registers. Needs JSON_FN, and
 * JSON_AVX512 where that is to be had. */
#ifndef WEIR_FORMAT_JSON_KERNELS_X86_H
#define WEIR_FORMAT_JSON_KERNELS_X86_H

#include <immintrin.h>

/* Sixteen bytes at RIGHT_ALIGN + n move n bytes to the end of a register, zeros in front. */
static const char right_align[32] = {
    -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128,
    0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15};

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

/* A zero that another digit follows. What may follow a number ( , } ] and white space) has another
 * upper half than a digit, so that two bytes decide. (Four are loaded: 16-bit constants decode
 * slowly.) */
JSON_FN WEIR_INLINE bool has_leading_zero(const char *p)
{
    uint32_t four;
    memcpy(&four, p, 4);
    return (four & 0xF0FF) == 0x3030;
}

/* Bit per byte of 16, 32 that is no digit; values are bytes less '0'. */
JSON_FN WEIR_INLINE uint32_t others_of_16(__m128i values)
{
#ifdef JSON_AVX512
    return _mm_cmpgt_epu8_mask(values, _mm_set1_epi8(9));
#else
    return (uint32_t)_mm_movemask_epi8(
        _mm_cmpeq_epi8(_mm_max_epu8(values, _mm_set1_epi8(10)), values));
#endif
}
JSON_FN WEIR_INLINE uint32_t others_of_32(const char *p)
{
    __m256i values = _mm256_sub_epi8(_mm256_loadu_si256((const __m256i *)(const void *)p),
                                     _mm256_set1_epi8('0'));
#ifdef JSON_AVX512
    return _mm256_cmpgt_epu8_mask(values, _mm256_set1_epi8(9));
#else
    return (uint32_t)_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(_mm256_max_epu8(values, _mm256_set1_epi8(10)), values));
#endif
}

/* The digits at p are exactly the first size bytes: their count, found in the text, must be the
 * size, and not be 0. */
JSON_FN WEIR_INLINE bool check_digits(const char *p, uint32_t size)
{
    uint32_t others = others_of_32(p);
    return _tzcnt_u32(others) == size && !(others & 1) && !has_leading_zero(p);
}

/* Digits, or digits.digits: the size is where the digits end for the first or second time. */
JSON_FN WEIR_INLINE bool check_decimal(const char *p, uint32_t size)
{
    uint32_t others = others_of_32(p), whole = _tzcnt_u32(others);
    if ((others & 1) || has_leading_zero(p))
        return false;
    if (whole == size)
        return true;
    uint32_t rest = _blsr_u32(others);
    return whole < 31 && p[whole] == '.' && !(rest >> (whole + 1) & 1) && _tzcnt_u32(rest) == size;
}

/* Digits only: the plain integer. */
JSON_FN WEIR_INLINE bool read_digits(const char *p, uint32_t size, uint64_t *digits)
{
    __m128i values =
        _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), _mm_set1_epi8('0'));
    uint32_t others = others_of_16(values) | 0x10000;
    if (WEIR_UNLIKELY(_tzcnt_u32(others) != size || (others & 1) || has_leading_zero(p)))
        return false;
    *digits = join_digits(_mm_shuffle_epi8(
        values, _mm_loadu_si128((const __m128i *)(const void *)(right_align + size))));
    return true;
}

/* 12.50 -> digits 1250, fraction 2. The text is moved to the end of a register, so that the last
 * digit is in lane 15; what stands before the point moves one lane further. */
JSON_FN WEIR_INLINE bool read_decimal(const char *p, uint32_t size, uint64_t *digits,
                                      uint32_t *fraction)
{
    __m128i values =
        _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), _mm_set1_epi8('0'));
    uint32_t others = others_of_16(values) | 0x10000, whole = _tzcnt_u32(others);
    if (WEIR_UNLIKELY((others & 1) || has_leading_zero(p)))
        return false;
    if (whole == size) {
        *fraction = 0;
        *digits = join_digits(_mm_shuffle_epi8(
            values, _mm_loadu_si128((const __m128i *)(const void *)(right_align + size))));
        return true;
    }
    uint32_t rest = _blsr_u32(others);
    if (WEIR_UNLIKELY(whole > 15 || p[whole] != '.' || (rest >> (whole + 1) & 1) ||
                      _tzcnt_u32(rest) != size))
        return false;
    const __m128i lanes = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m128i after = _mm_cmpgt_epi8(lanes, _mm_set1_epi8((char)whole));
    __m128i moved = _mm_blendv_epi8(_mm_slli_si128(values, 1), values, after);
    *fraction = size - whole - 1;
    *digits = join_digits(_mm_shuffle_epi8(
        moved, _mm_loadu_si128((const __m128i *)(const void *)(right_align + size))));
    return true;
}

/* What the line lacks of a piece, joined to what it lacked before. */
JSON_FN WEIR_INLINE __m256i piece_lack(__m256i lack, const char *text, const uint16_t *quotes,
                                       const struct json_piece *piece)
{
    const void *at = text + (quotes[piece->ordinal] + piece->delta);
    const void *bytes = piece->bytes, *mask = piece->mask;
    __m256i different = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)at),
                                         _mm256_loadu_si256((const __m256i *)bytes));
    __m256i counted = _mm256_loadu_si256((const __m256i *)mask);
#ifdef JSON_AVX512
    return _mm256_ternarylogic_epi32(lack, different, counted, 0xF8); /* a | (b & c) */
#else
    return _mm256_or_si256(lack, _mm256_and_si256(different, counted));
#endif
}

/* A line against pieces; nothing may lack. */
JSON_FN WEIR_INLINE bool pieces_match(const char *text, const uint16_t *quotes,
                                      const struct json_piece *piece, const struct json_piece *end)
{
    __m256i lack = _mm256_setzero_si256();
    for (; piece + 1 < end; piece += 2) {
        lack = piece_lack(lack, text, quotes, piece);
        lack = piece_lack(lack, text, quotes, piece + 1);
    }
    if (piece < end)
        lack = piece_lack(lack, text, quotes, piece);
    return _mm256_testz_si256(lack, lack);
}

/* A piece while lines are held against it. */
struct probe {
    __m256i want, lack;
    const char *text; /* shifted by the piece's delta */
    uint32_t ordinal;
};

JSON_FN WEIR_INLINE struct probe probe_begin(const char *text, const struct json_piece *piece)
{
    const void *bytes = piece->bytes;
    return (struct probe){.want = _mm256_loadu_si256((const __m256i *)bytes),
                          .lack = _mm256_setzero_si256(),
                          .text = text + piece->delta,
                          .ordinal = piece->ordinal};
}

JSON_FN WEIR_INLINE void probe_line(struct probe *probe, const uint16_t *quotes)
{
    const void *at = probe->text + quotes[probe->ordinal];
    __m256i bytes = _mm256_loadu_si256((const __m256i *)at);
#ifdef JSON_AVX512
    probe->lack =
        _mm256_ternarylogic_epi32(probe->lack, probe->want, bytes, 0xF6); /* a | (b ^ c) */
#else
    probe->lack = _mm256_or_si256(probe->lack, _mm256_xor_si256(bytes, probe->want));
#endif
}

JSON_FN WEIR_INLINE bool probe_ends_well(const struct probe *probe, const struct json_piece *piece)
{
    const void *mask = piece->mask;
    return _mm256_testz_si256(probe->lack, _mm256_loadu_si256((const __m256i *)mask));
}

/* Four pieces against all lines of a shape. */
JSON_FN WEIR_INLINE bool lines_have(const char *text, const struct json_shape *shape,
                                    const struct json_piece *const pieces[4],
                                    struct json_ahead ahead)
{
    const struct json_entry *entry = shape->lines, *last = entry + shape->lines_count;
    struct probe a = probe_begin(text, pieces[0]), b = probe_begin(text, pieces[1]);
    struct probe c = probe_begin(text, pieces[2]), d = probe_begin(text, pieces[3]);
    for (; entry < last; entry++) {
        const uint16_t *quotes = entry->quotes;
        __builtin_prefetch(ahead.at, 0, 2);
        ahead.at += ahead.step;
        probe_line(&a, quotes);
        probe_line(&b, quotes);
        probe_line(&c, quotes);
        probe_line(&d, quotes);
    }
    return probe_ends_well(&a, pieces[0]) && probe_ends_well(&b, pieces[1]) &&
           probe_ends_well(&c, pieces[2]) && probe_ends_well(&d, pieces[3]);
}

/* All lines against all pieces, by fours, the last one as often as need be: what they want stays in
 * registers. */
JSON_FN static WEIR_NOINLINE bool lines_match(struct json_chunk *chunk,
                                              const struct json_shape *shape)
{
    const struct json_piece *piece = shape->pieces, *last = piece + shape->pieces_count - 1;
    for (; piece <= last; piece += 4) {
        uint32_t rest = (uint32_t)(last - piece);
        const struct json_piece *four[4] = {piece, piece + (rest < 1 ? rest : 1),
                                            piece + (rest < 2 ? rest : 2),
                                            piece + (rest < 3 ? rest : 3)};
        if (!lines_have(chunk->text, shape, four, json_pass_ahead(chunk, shape->lines_count)))
            return false;
    }
    return true;
}

#ifdef JSON_AVX512
/* What a backslash and each of these bytes stand for; 0: they are no escape of two bytes, if the
 * byte is below 128. */
JSON_FN WEIR_INLINE __m512i escapes_meant(__m512i bytes)
{
    const void *low = weir_json_escapes, *high = weir_json_escapes + 64;
    return _mm512_permutex2var_epi8(_mm512_loadu_si512(low), bytes, _mm512_loadu_si512(high));
}

/* Copies up to 64 bytes of a text without the backslashes at `begins`, and what is escaped as what
 * it means (same: as it is). Returns the end of what was written; 64 bytes may be. */
JSON_FN WEIR_INLINE char *unescape(char *to, const char *from, uint32_t size, uint64_t begins,
                                   uint64_t escaped, bool same)
{
    const void *at = from;
    __m512i bytes = _mm512_loadu_si512(at);
    uint64_t kept = _bzhi_u64(~begins, size);
    if (!same)
        bytes = _mm512_mask_mov_epi8(bytes, escaped, escapes_meant(bytes));
    void *out = to;
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(kept, bytes));
    return to + __builtin_popcountll(kept);
}

/* Keeps a constant in its register: compilers would make it anew each time, by the one unit that
 * comparing, packing and widening wait for. */
#define KEPT(vector) __asm__("" : "+v"(vector))

#define JSON_BUNDLES 1

/* What numbers are held against, a register each. */
struct short_numbers {
    __m512i null, ones, minus, low_byte, zero, leading_zero, nine;
    __m256i one, four;
};

JSON_FN WEIR_INLINE struct short_numbers short_numbers(void)
{
    struct short_numbers held = {
        .null = _mm512_set1_epi32(0x6c6c756e),
        .ones = _mm512_set1_epi8('1'), /* as good a value, of the same size */
        .minus = _mm512_set1_epi32('-'),
        .low_byte = _mm512_set1_epi32(0xFF),
        .zero = _mm512_set1_epi8('0'),
        .leading_zero = _mm512_set1_epi32(0xF0FF), /* 00 in the first byte, 0x in the second */
        .nine = _mm512_set1_epi8(9),
        .one = _mm256_set1_epi16(1),
        .four = _mm256_set1_epi16(4)};
    KEPT(held.null);
    KEPT(held.ones);
    KEPT(held.minus);
    KEPT(held.low_byte);
    KEPT(held.zero);
    KEPT(held.leading_zero);
    KEPT(held.nine);
    KEPT(held.one);
    KEPT(held.four);
    return held;
}

/* Sixteen numbers by their first four bytes: of up to four, digits only, behind a sign perhaps, no
 * zero in front of others. A bit is set for each that is not so. */
JSON_FN WEIR_INLINE uint64_t bad_short_numbers(const struct short_numbers *held, __m512i bytes,
                                               __m256i sizes)
{
    __mmask16 is_null = _mm512_cmpeq_epi32_mask(bytes, held->null);
    bytes = _mm512_mask_mov_epi32(bytes, is_null, held->ones);
    __mmask16 negative =
        _mm512_testn_epi32_mask(_mm512_xor_si512(bytes, held->minus), held->low_byte);
    bytes = _mm512_mask_srli_epi32(bytes, negative, bytes, 8);
    sizes = _mm256_mask_sub_epi16(sizes, negative, sizes, held->one);
    __m512i digits = _mm512_sub_epi8(bytes, held->zero);
    __mmask16 bad = _mm512_testn_epi32_mask(digits, held->leading_zero);
    bad |= _mm256_cmpge_epu16_mask(_mm256_sub_epi16(sizes, held->one), held->four);
    __m256i behind = _mm256_slli_epi16(_mm256_sub_epi16(held->four, sizes), 3); /* bits */
    digits = _mm512_sllv_epi32(digits, _mm512_cvtepu16_epi32(behind));
    return _mm512_cmpgt_epu8_mask(digits, held->nine) | bad;
}

/* Eight of up to eight bytes. */
JSON_FN WEIR_INLINE uint64_t bad_numbers(const char *text, __m128i at, __m128i sizes)
{
    const __m512i one = _mm512_set1_epi64(1), eight = _mm512_set1_epi64(8);
    const __m512i low_byte = _mm512_set1_epi64(0xFF), minus = _mm512_set1_epi64('-');
    __m512i bytes = _mm512_i32gather_epi64(_mm256_cvtepu16_epi32(at), text, 1);
    __m512i size = _mm512_cvtepu16_epi64(sizes);
    __mmask8 negative = _mm512_testn_epi64_mask(_mm512_xor_si512(bytes, minus), low_byte);
    bytes = _mm512_mask_srli_epi64(bytes, negative, bytes, 8);
    size = _mm512_mask_sub_epi64(size, negative, size, one);
    __m512i digits = _mm512_sub_epi8(bytes, _mm512_set1_epi8('0'));
    __m512i behind = _mm512_slli_epi64(_mm512_sub_epi64(eight, size), 3);
    __mmask64 others =
        _mm512_cmpgt_epu8_mask(_mm512_sllv_epi64(digits, behind), _mm512_set1_epi8(9));
    __mmask8 zero =
        _mm512_mask_testn_epi64_mask(_mm512_cmpgt_epu64_mask(size, one), digits, low_byte);
    __mmask8 wrong_size = _mm512_cmpge_epu64_mask(_mm512_sub_epi64(size, one), eight);
    return others | (uint64_t)(zero | wrong_size);
}

/* Where the bundle's numbers stand in a line, and how long they are, in 16 bits each. */
struct bundle_spans {
    __m256i begins, sizes;
};

JSON_FN WEIR_INLINE struct bundle_spans bundle_spans(const uint16_t *quotes,
                                                     const struct json_bundle *bundle)
{
    __m512i low = _mm512_loadu_si512(quotes), high = _mm512_loadu_si512(quotes + 32);
    __m512i at = _mm512_permutex2var_epi16(low, _mm512_loadu_si512(bundle->places), high);
    at = _mm512_add_epi16(at, _mm512_loadu_si512(bundle->deltas));
    __m256i begins = _mm512_castsi512_si256(at);
    return (struct bundle_spans){begins,
                                 _mm256_sub_epi16(_mm512_extracti64x4_epi64(at, 1), begins)};
}

JSON_FN WEIR_INLINE bool bundle_matches_short(const char *text, const uint16_t *quotes,
                                              const struct json_bundle *bundle)
{
    const struct short_numbers held = short_numbers();
    struct bundle_spans spans = bundle_spans(quotes, bundle);
    __m512i bytes = _mm512_i32gather_epi32(_mm512_cvtepu16_epi32(spans.begins), text, 1);
    return bad_short_numbers(&held, bytes, spans.sizes) == 0;
}

JSON_FN WEIR_INLINE uint32_t window_begin(const uint16_t *quotes, const struct json_window *window)
{
    return (uint32_t)quotes[window->place] + window->delta;
}

/* A bundle while lines are held against it. */
struct near_bundle {
    struct short_numbers numbers;
    __m512i places, deltas, window_places;
    __m512i spread, first_bytes; /* each offset's low byte four times; what is added to them */
    __m256i window_deltas, greatest;
    const struct json_window *windows;
    uint32_t windows_count;
};

JSON_FN WEIR_INLINE struct near_bundle near_bundle(const struct json_bundle *bundle)
{
    const void *deltas = bundle->window_deltas;
    struct near_bundle held = {
        .numbers = short_numbers(),
        .places = _mm512_loadu_si512(bundle->places),
        .deltas = _mm512_loadu_si512(bundle->deltas),
        .window_places = _mm512_loadu_si512(bundle->window_places),
        .spread = _mm512_set_epi8(30, 30, 30, 30, 28, 28, 28, 28, 26, 26, 26, 26, 24, 24, 24, 24,
                                  22, 22, 22, 22, 20, 20, 20, 20, 18, 18, 18, 18, 16, 16, 16, 16,
                                  14, 14, 14, 14, 12, 12, 12, 12, 10, 10, 10, 10, 8, 8, 8, 8, 6, 6,
                                  6, 6, 4, 4, 4, 4, 2, 2, 2, 2, 0, 0, 0, 0),
        .first_bytes = _mm512_set1_epi32(0x03020100),
        .window_deltas = _mm256_loadu_si256((const __m256i *)deltas),
        .greatest = _mm256_set1_epi16(JSON_WINDOW_SIZE - (int)sizeof(int)),
        .windows = bundle->windows,
        .windows_count = bundle->windows_count};
    KEPT(held.places);
    KEPT(held.deltas);
    KEPT(held.window_places);
    KEPT(held.spread);
    KEPT(held.first_bytes);
    KEPT(held.window_deltas);
    KEPT(held.greatest);
    return held;
}

/* The same by windows, which are held in registers: to gather the bytes from memory takes longer.
 * False also when a number is not in its window (*outside). */
JSON_FN WEIR_INLINE bool bundle_matches_near(const char *text, const uint16_t *quotes,
                                             const struct near_bundle *held, bool *outside)
{
    __m512i low = _mm512_loadu_si512(quotes), high = _mm512_loadu_si512(quotes + 32);
    __m512i at = _mm512_permutex2var_epi16(low, held->places, high);
    __m512i from = _mm512_permutex2var_epi16(low, held->window_places, high);
    __m256i offsets = _mm512_castsi512_si256(_mm512_sub_epi16(at, from));
    offsets = _mm256_add_epi16(offsets, held->window_deltas);
    at = _mm512_add_epi16(at, held->deltas);
    __m256i sizes = _mm256_sub_epi16(_mm512_extracti64x4_epi64(at, 1), _mm512_castsi512_si256(at));
    __mmask16 beyond = _mm256_cmpgt_epu16_mask(offsets, held->greatest);
    __m512i bytes = _mm512_permutexvar_epi8(held->spread, _mm512_castsi256_si512(offsets));
    bytes = _mm512_add_epi8(bytes, held->first_bytes);
    for (uint32_t i = 0; i < held->windows_count; i++) {
        const char *window = text + window_begin(quotes, &held->windows[i]);
        bytes = _mm512_mask2_permutex2var_epi8(_mm512_loadu_si512(window), bytes,
                                               held->windows[i].bytes,
                                               _mm512_loadu_si512(window + JSON_WINDOW_SIZE / 2));
    }
    *outside = beyond != 0;
    return (bad_short_numbers(&held->numbers, bytes, sizes) | beyond) == 0;
}

/* The first of a shape's lines whose last window reaches beyond what may be read. */
JSON_FN WEIR_INLINE const struct json_entry *windows_end(const struct json_chunk *chunk,
                                                         const struct json_shape *shape,
                                                         const struct json_bundle *bundle)
{
    const struct json_entry *last = shape->lines + shape->lines_count;
    if (bundle->windows_count == 0 || bundle->far_chunks > 0)
        return shape->lines;
    const struct json_window *window = &bundle->windows[bundle->windows_count - 1];
    while (last > shape->lines && window_begin(last[-1].quotes, window) + JSON_WINDOW_SIZE >
                                      chunk->size + WEIR_FORMAT_PADDING)
        last--;
    return last;
}

JSON_FN WEIR_INLINE bool bundle_matches(const char *text, const uint16_t *quotes,
                                        const struct json_bundle *bundle)
{
    struct bundle_spans spans = bundle_spans(quotes, bundle);
    uint64_t bad = bad_numbers(text, _mm256_castsi256_si128(spans.begins),
                               _mm256_castsi256_si128(spans.sizes));
    if (bundle->count > 8)
        bad |= bad_numbers(text, _mm256_extracti128_si256(spans.begins, 1),
                           _mm256_extracti128_si256(spans.sizes, 1));
    return bad == 0;
}

#include "format/json_eights_avx512.h"
#endif

/* Sixteen bytes at INLINE_MASK + 12 - n keep the first n of the 12 bytes of an inlined view. */
static const char inline_mask[32] = {-1, -1, -1, -1, -1, -1, -1, -1,
                                     -1, -1, -1, -1, -1, -1, -1, -1};

/* A view without a branch on the size: the text moves behind the size, then is cut, or its end
 * replaced by the pointer. */
JSON_FN WEIR_INLINE void store_view(struct weir_view *lane, const char *p, uint32_t size)
{
    uint32_t kept = size < WEIR_VIEW_INLINE_MAX ? size : WEIR_VIEW_INLINE_MAX;
    const void *mask = inline_mask + (WEIR_VIEW_INLINE_MAX - kept);
    __m128i text = _mm_slli_si128(_mm_loadu_si128((const __m128i *)(const void *)p), 4);
    text = _mm_and_si128(text, _mm_loadu_si128((const __m128i *)mask));
    __m128i view = _mm_insert_epi32(text, (int)size, 0);
#ifdef JSON_AVX512
    const __m128i most = _mm_setr_epi32(WEIR_VIEW_INLINE_MAX, -1, -1, -1);
    __mmask8 is_far = _kshiftli_mask8(_mm_cmpgt_epu32_mask(view, most), 1);
    view = _mm_mask_set1_epi64(view, is_far, (int64_t)(intptr_t)p);
#else
    __m128i far = _mm_insert_epi64(view, (int64_t)(intptr_t)p, 1);
    __m128i is_far = _mm_set1_epi64x(-(int64_t)(size > WEIR_VIEW_INLINE_MAX));
    view = _mm_blendv_epi8(view, far, is_far);
#endif
    _mm_storeu_si128((__m128i *)(void *)lane, view);
}

/* Which shapes a line that begins with word may have. */
JSON_FN WEIR_INLINE uint32_t heads_equal(const struct json_decoder *decoder, uint64_t word)
{
    uint32_t equal = 0;
#ifdef JSON_AVX512
    __m512i wanted = _mm512_set1_epi64((int64_t)word);
    for (uint32_t i = 0; i < JSON_SHAPES_MAX; i += 8) {
        __m512i counted = _mm512_and_si512(wanted, _mm512_loadu_si512(decoder->head_masks + i));
        equal |= (uint32_t)_mm512_cmpeq_epi64_mask(counted, _mm512_loadu_si512(decoder->heads + i))
                 << i;
    }
#else
    __m256i wanted = _mm256_set1_epi64x((int64_t)word);
    for (uint32_t i = 0; i < JSON_SHAPES_MAX; i += 4) {
        const void *masks = decoder->head_masks + i, *heads = decoder->heads + i;
        __m256i counted = _mm256_and_si256(wanted, _mm256_loadu_si256((const __m256i *)masks));
        __m256i same = _mm256_cmpeq_epi64(counted, _mm256_loadu_si256((const __m256i *)heads));
        equal |= (uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(same)) << i;
    }
#endif
    return equal;
}

struct key {
    uint64_t head, tail;
};

/* Without branches; reads up to 8 bytes before p. Keys from 32 bytes on match no name. */
JSON_FN WEIR_INLINE struct key load_key(const char *p, uint32_t size)
{
    uint64_t tail = json_load_u64(p + size - 8), none = 0;
    return (struct key){_bzhi_u64(json_load_u64(p), size * 8), size > 8 ? tail : none};
}

/* A number without exponent, or true, false, null; up to 32 bytes. */
JSON_FN WEIR_INLINE bool check_scalar(const char *p, uint32_t size)
{
    uint64_t kept = _bzhi_u64(json_load_u64(p), size * 8);
    uint32_t keyword = (uint32_t)(kept == UINT64_C(0x65757274)) +
                       (uint32_t)(kept == UINT64_C(0x6c6c756e)) +
                       (uint32_t)(kept == UINT64_C(0x65736c6166));
    keyword &= (uint32_t)(size < 8);
    uint32_t negative = json_is_minus(p);
    p += negative;
    size -= negative;
    uint32_t inside = _bzhi_u32(UINT32_MAX, size), others = others_of_32(p) & inside;
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)p);
    uint32_t points =
        (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('.'))) & inside;
    uint32_t bad = (others ^ points) | (points & (points - 1)) | (points & 1) |
                   (points >> ((size - 1) & 31) & 1) | (uint32_t)has_leading_zero(p) |
                   (uint32_t)(size - 1 >= 32);
    return (keyword | (uint32_t)(bad == 0)) != 0;
}

JSON_FN WEIR_INLINE void zero_words(uint64_t *words, uint32_t count)
{
#ifdef JSON_AVX512
    for (; count >= 8; count -= 8, words += 8)
        _mm512_storeu_si512(words, _mm512_setzero_si512());
    _mm512_mask_storeu_epi64(words, (__mmask8)((1U << count) - 1), _mm512_setzero_si512());
#else
    for (; count >= 4; count -= 4, words += 4)
        _mm256_storeu_si256((__m256i *)(void *)words, _mm256_setzero_si256());
    memset(words, 0, count * sizeof *words);
#endif
}

#endif
