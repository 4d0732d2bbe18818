/* The values of one place in eight lines at a time, a 64-bit lane for each. Part of
 * json_kernels_x86.h; needs JSON_FN.
 *
 * A number of up to eight bytes is one word. Its digits are moved to the end of the word (the last
 * one in the highest byte), zeros before them, so that the weights of all lanes agree:
 *
 *     text   1 2 . 5 0 , " q        point   5 of 8 bytes from the end: 2 digits behind it
 *     word   0 0 0 1 2 . 5 0   ->   0 0 0 0 1 2 5 0   ->   1250, 2
 *
 * What has more bytes than a function takes makes it return false, as does anything that is not
 * such a value in even one of the lines: their lines then go one by one. */
#ifndef WEIR_FORMAT_JSON_EIGHTS_AVX512_H
#define WEIR_FORMAT_JSON_EIGHTS_AVX512_H

/* Where eight values begin, counted from the text, and how many bytes they have: less than 65536,
 * or negative when an end lies before its begin. The begins are there twice: what they point to is
 * loaded one by one, which takes half as long as to gather it (AMD Zen 4; about the same on Intel).
 */
struct eight_spans {
    __m256i begin, size;
    uint32_t at[8], end[8];
};

/* Those between quote `ordinal` and the next one: a value begins at its quote (what lies between is
 * in the text's address) and has size_delta bytes more than the quotes are apart. */
JSON_FN WEIR_INLINE struct eight_spans eight_spans(const struct json_entry *entry, uint32_t ordinal,
                                                   int32_t size_delta)
{
    struct eight_spans spans;
    int32_t both[8]; /* quotes that follow each other */
    for (uint32_t i = 0; i < 8; i++) {
        memcpy(&both[i], entry[i].quotes + ordinal, sizeof both[i]);
        spans.at[i] = entry[i].quotes[ordinal];
        spans.end[i] = entry[i].quotes[ordinal + 1] + (uint32_t)size_delta;
    }
    __m256i quotes =
        _mm256_setr_epi32(both[0], both[1], both[2], both[3], both[4], both[5], both[6], both[7]);
    spans.begin = _mm256_and_si256(quotes, _mm256_set1_epi32(0xFFFF));
    spans.size = _mm256_sub_epi32(_mm256_srli_epi32(quotes, 16), spans.begin);
    spans.size = _mm256_add_epi32(spans.size, _mm256_set1_epi32(size_delta));
    return spans;
}

JSON_FN WEIR_INLINE __m512i eight_sizes(const struct eight_spans *spans)
{
    return _mm512_cvtepi32_epi64(spans->size);
}

/* The eight bytes at each of them. */
JSON_FN WEIR_INLINE __m512i eight_words(const char *text, const uint32_t at[8])
{
    return _mm512_setr_epi64(
        (int64_t)json_load_u64(text + at[0]), (int64_t)json_load_u64(text + at[1]),
        (int64_t)json_load_u64(text + at[2]), (int64_t)json_load_u64(text + at[3]),
        (int64_t)json_load_u64(text + at[4]), (int64_t)json_load_u64(text + at[5]),
        (int64_t)json_load_u64(text + at[6]), (int64_t)json_load_u64(text + at[7]));
}

/* Stores eight values to the lanes of their lines. */
JSON_FN WEIR_INLINE void eight_scatter(char *lanes, const struct json_entry *entry, __m512i values,
                                       uint32_t width)
{
    int64_t apart[8];
    _mm512_storeu_si512(apart, values);
    for (uint32_t i = 0; i < 8; i++)
        memcpy(lanes + (size_t)entry[i].line * width, &apart[i], width);
}

/* Numbers from their first digit on. */
struct eight_numbers {
    __m512i size;
    __m512i head;      /* the first eight bytes, less '0' each */
    __mmask8 negative; /* there was a minus before */
    __mmask8 bad;      /* no byte at all, or a zero that a digit follows */
};

JSON_FN WEIR_INLINE struct eight_numbers eight_numbers(const char *text,
                                                       const struct eight_spans *spans)
{
    const __m512i one = _mm512_set1_epi64(1), low_byte = _mm512_set1_epi64(0xFF);
    struct eight_numbers numbers;
    __m512i bytes = eight_words(text, spans->at);
    numbers.negative =
        _mm512_cmpeq_epi64_mask(_mm512_and_si512(bytes, low_byte), _mm512_set1_epi64('-'));
    numbers.size = eight_sizes(spans);
    if (numbers.negative) { /* of a column most have such or none */
        bytes = _mm512_mask_mov_epi64(bytes, numbers.negative, eight_words(text + 1, spans->at));
        numbers.size = _mm512_mask_sub_epi64(numbers.size, numbers.negative, numbers.size, one);
    }
    numbers.head = _mm512_sub_epi8(bytes, _mm512_set1_epi8('0'));
    /* As has_leading_zero(): 00 in the first byte, 0x in the second. */
    numbers.bad = _mm512_testn_epi64_mask(numbers.head, _mm512_set1_epi64(0xF0FF));
    numbers.bad |=
        _mm512_cmpgt_epu64_mask(_mm512_sub_epi64(numbers.size, one), _mm512_set1_epi64(UINT16_MAX));
    return numbers;
}

/* The first `size` (0 … 8) bytes of each lane, moved to its end. */
JSON_FN WEIR_INLINE __m512i eight_ends(__m512i bytes, __m512i size)
{
    __m512i behind = _mm512_sub_epi64(_mm512_set1_epi64(8), size);
    return _mm512_sllv_epi64(bytes, _mm512_slli_epi64(behind, 3));
}

/* Eight digits, the most significant in the lowest byte, as an integer. */
JSON_FN WEIR_INLINE __m512i eight_join(__m512i digits)
{
    __m512i pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010A));
    __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x00010064));
    return _mm512_add_epi64(_mm512_mul_epu32(fours, _mm512_set1_epi64(10000)),
                            _mm512_srli_epi64(fours, 32));
}

JSON_FN WEIR_INLINE bool eight_have_others(__m512i digits)
{
    return _mm512_cmpgt_epu8_mask(digits, _mm512_set1_epi8(9)) != 0;
}

JSON_FN WEIR_INLINE bool eight_longer(const struct eight_numbers *numbers, int64_t size)
{
    return _mm512_cmpgt_epi64_mask(numbers->size, _mm512_set1_epi64(size)) != 0;
}

/* Integers of up to eight digits. */
JSON_FN WEIR_INLINE bool eight_short_integers(const struct eight_numbers *numbers,
                                              __m512i *magnitudes)
{
    if (numbers->bad || eight_longer(numbers, 8))
        return false;
    __m512i digits = eight_ends(numbers->head, numbers->size);
    *magnitudes = eight_join(digits);
    return !eight_have_others(digits);
}

/* Integers of up to sixteen digits. Reads from eight bytes before each one's end on. */
JSON_FN WEIR_INLINE bool eight_long_integers(const char *text, const struct eight_spans *spans,
                                             const struct eight_numbers *numbers,
                                             __m512i *magnitudes)
{
    const __m512i powers =
        _mm512_setr_epi64(100000000, 10, 100, 1000, 10000, 100000, 1000000, 10000000);
    const __m512i eight = _mm512_set1_epi64(8);
    if (numbers->bad || eight_longer(numbers, 16))
        return false;
    /* The first eight, and what follows them: the last eight bytes hold it at their end. */
    __m512i first = _mm512_min_epi64(numbers->size, eight);
    __m512i rest = _mm512_sub_epi64(numbers->size, first);
    __m512i high = eight_ends(numbers->head, first);
    __m512i low = eight_words(text - sizeof(uint64_t), spans->end);
    __m512i before = _mm512_slli_epi64(_mm512_sub_epi64(eight, rest), 3);
    __m512i kept = _mm512_sllv_epi64(_mm512_set1_epi64(-1), before);
    low = _mm512_and_si512(_mm512_sub_epi8(low, _mm512_set1_epi8('0')), kept);
    __m512i power = _mm512_permutexvar_epi64(rest, powers); /* by the lowest three bits */
    __m512i shifted = _mm512_mullo_epi64(eight_join(high), power);
    __mmask8 is_long = _mm512_test_epi64_mask(rest, rest);
    *magnitudes = _mm512_mask_add_epi64(eight_join(high), is_long, shifted, eight_join(low));
    return !eight_have_others(high) && !eight_have_others(low);
}

/* Decimals of up to eight bytes, or integers: the value is magnitude / 10^fraction. */
JSON_FN WEIR_INLINE bool eight_decimals(const struct eight_numbers *numbers, __m512i *magnitudes,
                                        __m512i *fraction)
{
    const __m512i ones = _mm512_set1_epi64(-1), full = _mm512_set1_epi64(64);
    const __m512i point = _mm512_set1_epi8((char)('.' - '0'));
    if (numbers->bad || eight_longer(numbers, 8))
        return false;
    __m512i bytes = eight_ends(numbers->head, numbers->size);
    __m512i points = _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(bytes, point));
    /* Bits behind the last point; 64: there is none, and all bytes stand behind it. */
    __m512i behind = _mm512_lzcnt_epi64(points);
    __m512i after = _mm512_sllv_epi64(ones, _mm512_sub_epi64(full, behind));
    __m512i from_point = _mm512_sllv_epi64(ones, _mm512_sub_epi64(_mm512_set1_epi64(56), behind));
    __m512i whole = _mm512_andnot_si512(_mm512_or_si512(from_point, after), bytes);
    __m512i digits = _mm512_or_si512(_mm512_and_si512(after, bytes), _mm512_slli_epi64(whole, 8));
    __mmask8 has_point = _mm512_test_epi64_mask(points, points);
    *fraction = _mm512_maskz_srli_epi64(has_point, behind, 3);
    *magnitudes = eight_join(digits);
    /* A digit at least on either side of the point. */
    __m512i whole_size = _mm512_sub_epi64(numbers->size, *fraction);
    __mmask8 bad = _mm512_mask_cmplt_epi64_mask(has_point, whole_size, _mm512_set1_epi64(2));
    bad |= _mm512_testn_epi64_mask(behind, behind);
    /* Another point has stayed, and is no digit. */
    return !bad && !eight_have_others(digits);
}

/* The doubles next to magnitude / 10^fraction: exact operands, so the quotient is (Clinger 1990).
 */
JSON_FN WEIR_INLINE __m512i eight_quotients(__m512i magnitudes, __m512i fraction)
{
    const __m512d powers = _mm512_setr_pd(1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7);
    __m512d quotients =
        _mm512_div_pd(_mm512_cvtepi64_pd(magnitudes), _mm512_permutexvar_pd(fraction, powers));
    return _mm512_castpd_si512(quotients);
}

/* Views of four of the texts, from the first or from the fifth on: a size and the bytes behind it
 * up to that size, or, when the text is too long for that, its address in the second word. Texts
 * are loaded from four bytes before their begin on, which is where their views hold them. */
JSON_FN WEIR_INLINE __m512i eight_views(const char *text, const struct eight_spans *spans,
                                        bool second)
{
    _Static_assert(sizeof(struct weir_view) == 16 && WEIR_VIEW_INLINE_MAX == 12,
                   "the size, then the text");
    const uint32_t first = second ? 4 : 0, *at = spans->at + first;
    const __m512i view = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    const __m512i view32 = _mm512_add_epi32(view, _mm512_set1_epi32((int)first));
    const __m512i view8 = _mm512_mullo_epi32(view32, _mm512_set1_epi32(0x01010101));
    const __m512i view64 = _mm512_setr_epi64(first, first, first + 1, first + 1, first + 2,
                                             first + 2, first + 3, first + 3);
    /* How many bytes a text has at least that reaches to this one. */
    const __m512i reach = _mm512_broadcast_i32x4(
        _mm_setr_epi8(-1, -1, -1, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    const __mmask16 size_words = 0x1111;
    const __mmask8 second_words = 0xAA;
    const void *texts[4];
    for (uint32_t i = 0; i < 4; i++)
        texts[i] = text - sizeof(uint32_t) + at[i];
    __m512i words =
        _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu2_m128i(texts[1], texts[0])),
                           _mm256_loadu2_m128i(texts[3], texts[2]), 1);
    __m512i sizes = _mm512_castsi128_si512(_mm256_cvtusepi32_epi8(spans->size));
    sizes = _mm512_permutexvar_epi8(view8, sizes); /* in all bytes of a view; 255: or more */
    words = _mm512_maskz_mov_epi8(_mm512_cmple_epu8_mask(reach, sizes), words);
    words = _mm512_mask_permutexvar_epi32(words, size_words, view32,
                                          _mm512_castsi256_si512(spans->size));
    __mmask8 is_far =
        _mm512_mask_cmpgt_epu64_mask(second_words, sizes, _mm512_set1_epi8(WEIR_VIEW_INLINE_MAX));
    __m512i address = _mm512_add_epi64(_mm512_cvtepu32_epi64(spans->begin),
                                       _mm512_set1_epi64((int64_t)(intptr_t)text));
    return _mm512_mask_permutexvar_epi64(words, is_far, view64, address);
}

/* Stores eight views, four each, to the lanes of their lines. */
JSON_FN WEIR_INLINE void eight_scatter_views(struct weir_view *lanes,
                                             const struct json_entry *entry, __m512i first,
                                             __m512i second)
{
    struct weir_view views[8];
    _mm512_storeu_si512(views, first);
    _mm512_storeu_si512(views + 4, second);
    for (uint32_t i = 0; i < 8; i++)
        lanes[entry[i].line] = views[i];
}

/* Whether all are true, false or null. */
JSON_FN WEIR_INLINE bool eight_keywords(const char *text, const struct eight_spans *spans)
{
    __m512i bytes = eight_words(text, spans->at);
    __m512i size = eight_sizes(spans);
    __m512i words = eight_ends(bytes, size); /* nothing is left when the size has wrapped */
    __mmask8 found = _mm512_cmpeq_epi64_mask(words, _mm512_set1_epi64(0x6575727400000000)) |
                     _mm512_cmpeq_epi64_mask(words, _mm512_set1_epi64(0x6c6c756e00000000)) |
                     _mm512_cmpeq_epi64_mask(words, _mm512_set1_epi64(0x65736c6166000000));
    __mmask8 fits = _mm512_cmple_epu64_mask(size, _mm512_set1_epi64(8));
    return (found & fits) == 0xFF;
}

/* The dates of eight timestamps (their first eight bytes, and the two behind them in the low half
 * of tails) as us since 1970. Nearly always the last one seen. */
JSON_FN WEIR_INLINE bool eight_dates(const char *text, const struct eight_spans *spans,
                                     __m512i heads, __m512i tails, struct json_date_cache *cache,
                                     __m512i *us)
{
    __m512i other = _mm512_xor_si512(heads, _mm512_set1_epi64((int64_t)cache->head));
    __m512i other_tail = _mm512_xor_si512(tails, _mm512_set1_epi64(cache->tail));
    other_tail = _mm512_and_si512(other_tail, _mm512_set1_epi64(0xFFFF));
    other = _mm512_or_si512(other, other_tail);
    *us = _mm512_set1_epi64(cache->days * WEIR_US_PER_DAY);
    uint32_t others = _mm512_test_epi64_mask(other, other);
    if (WEIR_LIKELY(others == 0))
        return true;
    int64_t days_us[8];
    _mm512_storeu_si512(days_us, *us);
    for (; others; others &= others - 1) {
        uint32_t lane = (uint32_t)__builtin_ctz(others);
        if (!json_cache_date(text + spans->at[lane], cache))
            return false;
        days_us[lane] = cache->days * WEIR_US_PER_DAY;
    }
    *us = _mm512_loadu_si512(days_us);
    return true;
}

/* Fractions of seconds of texts longer than 20 bytes, as us; 0 for others. */
JSON_FN WEIR_INLINE bool eight_fractions(const char *text, const struct eight_spans *spans,
                                         __m512i sizes, __m512i seconds, __m512i *us)
{
    const __m512i least = _mm512_set1_epi64(20), low_byte = _mm512_set1_epi64(0xFF);
    __mmask8 is_long = _mm512_cmpgt_epi64_mask(sizes, least);
    __m512i points = _mm512_and_si512(_mm512_srli_epi64(seconds, 24), low_byte);
    __mmask8 bad = _mm512_mask_cmpneq_epi64_mask(is_long, points, _mm512_set1_epi64('.'));
    __m512i size = _mm512_maskz_sub_epi64(is_long, sizes, least);
    __m512i bytes = _mm512_maskz_mov_epi64(is_long, eight_words(text + 20, spans->at));
    __m512i last = _mm512_srli_epi64(eight_ends(bytes, size), 56);
    __mmask8 is_utc = _mm512_mask_cmpeq_epi64_mask(is_long, last, _mm512_set1_epi64('Z'));
    size = _mm512_mask_sub_epi64(size, is_utc, size, _mm512_set1_epi64(1));
    /* A digit at least, six at most; moved behind two zeros, what lacks is zero. */
    bad |= _mm512_mask_cmpgt_epu64_mask(is_long, _mm512_sub_epi64(size, _mm512_set1_epi64(1)),
                                        _mm512_set1_epi64(5));
    __m512i behind = _mm512_slli_epi64(_mm512_sub_epi64(_mm512_set1_epi64(8), size), 3);
    __m512i kept = _mm512_srlv_epi64(_mm512_set1_epi64(-1), behind);
    __m512i digits = _mm512_and_si512(_mm512_xor_si512(bytes, _mm512_set1_epi8('0')), kept);
    *us = eight_join(_mm512_slli_epi64(digits, 16));
    return !bad && !eight_have_others(digits);
}

/* Timestamps of the spelling that json_read_timestamp() takes, as us since 1970. */
JSON_FN WEIR_INLINE bool eight_timestamps(const char *text, const struct eight_spans *spans,
                                          struct json_date_cache *cache, __m512i *us)
{
    const __m512i shortest = _mm512_set1_epi64(19), low_byte = _mm512_set1_epi64(0xFF);
    const __m512i sizes = eight_sizes(spans);
    if (_mm512_cmpgt_epu64_mask(_mm512_sub_epi64(sizes, shortest), _mm512_set1_epi64(8)))
        return false;
    /*  2013-01-  01T05:15  :00.2500Z
     *  0         8         16         */
    __m512i heads = eight_words(text, spans->at);
    __m512i minutes = eight_words(text + 8, spans->at);
    __m512i seconds = eight_words(text + 16, spans->at);
    __m512i dates, fraction = _mm512_setzero_si512();
    if (!eight_dates(text, spans, heads, minutes, cache, &dates))
        return false;
    __m512i between = _mm512_and_si512(_mm512_srli_epi64(minutes, 16), low_byte);
    uint32_t ok = _mm512_cmpeq_epi64_mask(between, _mm512_set1_epi64('T')) |
                  _mm512_cmpeq_epi64_mask(between, _mm512_set1_epi64(' '));
    /* 05:15:00, each byte up to its limit; hours, 10 × tens of minutes, minutes, seconds. */
    __m512i clock = _mm512_or_si512(_mm512_srli_epi64(minutes, 24), _mm512_slli_epi64(seconds, 40));
    clock = _mm512_xor_si512(clock, _mm512_set1_epi64(INT64_C(0x30303A30303A3030)));
    bool bad = _mm512_cmpgt_epu8_mask(clock, _mm512_set1_epi64(INT64_C(0x0905000905000902))) != 0;
    __m512i parts = _mm512_maddubs_epi16(clock, _mm512_set1_epi64(INT64_C(0x010A00010A00010A)));
    bad |= _mm512_cmpgt_epi64_mask(_mm512_and_si512(parts, _mm512_set1_epi64(0xFFFF)),
                                   _mm512_set1_epi64(23)) != 0;
    __m512i sums = _mm512_madd_epi16(parts, _mm512_set1_epi64(INT64_C(0x0001003C003C0E10)));
    sums = _mm512_add_epi64(_mm512_srli_epi64(sums, 32), sums);
    /* Of twenty bytes the last one is a Z; what is longer has a point there. */
    __mmask8 has_more = _mm512_cmpgt_epi64_mask(sizes, _mm512_set1_epi64(20));
    __m512i last = _mm512_and_si512(_mm512_srli_epi64(seconds, 24), low_byte);
    ok &= _mm512_cmpeq_epi64_mask(sizes, shortest) | has_more |
          _mm512_cmpeq_epi64_mask(last, _mm512_set1_epi64('Z'));
    if (has_more)
        bad |= !eight_fractions(text, spans, sizes, seconds, &fraction);
    __m512i clock_us = _mm512_mul_epu32(sums, _mm512_set1_epi64(1000000));
    *us = _mm512_add_epi64(_mm512_add_epi64(dates, clock_us), fraction);
    return ok == 0xFF && !bad;
}

#endif
