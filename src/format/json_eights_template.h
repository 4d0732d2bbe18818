/* Eight lines of a loop at a time, where the instruction set has it (json_eights_avx512.h); else
 * all go one by one. Part of json_kernels_template.h. A loop asks before each line, and goes on by
 * itself with what is not taken:
 *
 *     for (uint32_t i = 0; lines.entry < lines.last; i++, lines.entry++) {
 *         if (i % 8 == 0 && take_…(loop, &lines, …)) — perhaps all that were left
 *             break;
 */

#ifdef JSON_BUNDLES

/* Whether the next eight lines are worth a try. */
JSON_FN WEIR_INLINE bool eight_begin(const struct loop *loop, const struct lines *lines)
{
    if (lines->last - lines->entry < 8 || lines->end != lines->begin + 1)
        return false;
    if (loop->op->eights_wait == 0)
        return true;
    loop->op->eights_wait--;
    return false;
}

/* They were taken, or not: the more tries are in vain, the fewer are made. */
JSON_FN WEIR_INLINE bool eight_end(const struct loop *loop, struct lines *lines, bool taken)
{
    struct json_op *op = loop->op;
    if (WEIR_UNLIKELY(!taken)) {
        op->eights_shy = (uint8_t)((op->eights_shy * 2 + 1) & JSON_EIGHTS_SHY_MAX);
        op->eights_wait = op->eights_shy;
        return false;
    }
    op->eights_shy /= 2;
    lines->entry += 8;
    const char *end = lines->ahead + (size_t)8 * lines->ahead_step;
    for (const char *p = lines->ahead; p < end; p += JSON_CACHE_LINE)
        __builtin_prefetch(p, 0, 2);
    lines->ahead = end;
    return true;
}

JSON_FN WEIR_INLINE struct eight_spans eight_spans_of(const struct lines *lines)
{
    return eight_spans(lines->entry, lines->begin, (int32_t)lines->size_delta);
}

/* Integers of eight digits, or of more once there were some. */
JSON_FN WEIR_INLINE bool eight_integers(const struct loop *loop, const struct lines *lines,
                                        const struct eight_spans *spans,
                                        const struct eight_numbers *numbers, __m512i *magnitudes)
{
    if (!loop->op->is_wide && eight_longer(numbers, 8))
        loop->op->is_wide = true;
    if (!loop->op->is_wide)
        return eight_short_integers(numbers, magnitudes);
    return (loop->chunk->is_inside || loop->op->begin.ordinal >= 2) &&
           eight_long_integers(lines->text, spans, numbers, magnitudes);
}

/* Whether the eight lines follow each other. Where few do they are not looked at: that would be
 * guessed wrong half of the time. */
JSON_FN WEIR_INLINE bool eight_follow(const struct lines *lines)
{
    return !lines->scattered && lines->entry[7].line - lines->entry[0].line == 7;
}

JSON_FN WEIR_INLINE void eight_store(char *lanes, const struct lines *lines, __m512i values,
                                     uint32_t width)
{
    if (!eight_follow(lines)) {
        eight_scatter(lanes, lines->entry, values, width);
        return;
    }
    void *at = lanes + (size_t)lines->entry->line * width;
    if (width == 8)
        _mm512_storeu_si512(at, values);
    else if (width == 4)
        _mm256_storeu_si256(at, _mm512_cvtepi64_epi32(values));
    else if (width == 2)
        _mm_storeu_si128(at, _mm512_cvtepi64_epi16(values));
    else
        _mm_storel_epi64(at, _mm512_cvtepi64_epi8(values));
}

/* Integers between least and greatest, times scale, to lanes of width bytes. */
JSON_FN WEIR_INLINE bool take_integers(const struct loop *loop, struct lines *lines, char *lanes,
                                       uint32_t width, int64_t least, int64_t greatest,
                                       int64_t scale)
{
    while (eight_begin(loop, lines)) {
        struct eight_spans spans = eight_spans_of(lines);
        struct eight_numbers numbers = eight_numbers(lines->text, &spans);
        __m512i values;
        bool ok = eight_integers(loop, lines, &spans, &numbers, &values);
        if (ok)
            values =
                _mm512_mask_sub_epi64(values, numbers.negative, _mm512_setzero_si512(), values);
        if (ok && least != INT64_MIN)
            ok = (_mm512_cmplt_epi64_mask(values, _mm512_set1_epi64(least)) |
                  _mm512_cmpgt_epi64_mask(values, _mm512_set1_epi64(greatest))) == 0;
        if (ok && scale != 1)
            values = _mm512_mullo_epi64(values, _mm512_set1_epi64(scale));
        if (ok)
            eight_store(lanes, lines, values, width);
        if (!eight_end(loop, lines, ok))
            break;
    }
    return lines->entry == lines->last;
}

/* Doubles: of integers below 10^15, or of up to eight bytes with a point. */
JSON_FN WEIR_INLINE bool take_doubles(const struct loop *loop, struct lines *lines, double *lanes,
                                      bool integral)
{
    const __m512i sign = _mm512_set1_epi64(INT64_MIN);
    while (eight_begin(loop, lines)) {
        struct eight_spans spans = eight_spans_of(lines);
        struct eight_numbers numbers = eight_numbers(lines->text, &spans);
        __m512i values, fraction;
        bool ok;
        if (integral) {
            ok = eight_integers(loop, lines, &spans, &numbers, &values) &&
                 !eight_longer(&numbers, 15);
            values = _mm512_castpd_si512(_mm512_cvtepi64_pd(values));
        } else {
            ok = eight_decimals(&numbers, &values, &fraction);
            values = eight_quotients(values, fraction);
        }
        values = _mm512_mask_or_epi64(values, numbers.negative, values, sign);
        if (ok)
            eight_store((char *)lanes, lines, values, 8);
        if (!eight_end(loop, lines, ok))
            break;
    }
    return lines->entry == lines->last;
}

/* Numbers that nobody reads. */
JSON_FN WEIR_INLINE bool take_checked(const struct loop *loop, struct lines *lines, bool integral,
                                      bool is_signed)
{
    while (eight_begin(loop, lines)) {
        struct eight_spans spans = eight_spans_of(lines);
        struct eight_numbers numbers = eight_numbers(lines->text, &spans);
        __m512i values, fraction;
        bool ok = integral ? eight_integers(loop, lines, &spans, &numbers, &values)
                           : eight_decimals(&numbers, &values, &fraction);
        if (!eight_end(loop, lines, ok && (is_signed || !numbers.negative)))
            break;
    }
    return lines->entry == lines->last;
}

/* Keywords that nobody reads. */
JSON_FN WEIR_INLINE bool take_keywords(const struct loop *loop, struct lines *lines)
{
    while (eight_begin(loop, lines)) {
        struct eight_spans spans = eight_spans_of(lines);
        if (!eight_end(loop, lines, eight_keywords(lines->text, &spans)))
            break;
    }
    return lines->entry == lines->last;
}

/* Texts, from four bytes before them on: only a line's first may begin closer to where memory does.
 */
JSON_FN WEIR_INLINE bool take_texts(const struct loop *loop, struct lines *lines,
                                    struct weir_view *lanes)
{
    if (!loop->chunk->is_inside && loop->op->begin.ordinal < 2)
        return false;
    while (eight_begin(loop, lines)) {
        struct eight_spans spans = eight_spans_of(lines);
        __m512i first = eight_views(lines->text, &spans, false);
        __m512i second = eight_views(lines->text, &spans, true);
        void *at = lanes + lines->entry->line;
        if (eight_follow(lines)) {
            _mm512_storeu_si512(at, first);
            _mm512_storeu_si512((char *)at + sizeof first, second);
        } else {
            eight_scatter_views(lanes, lines->entry, first, second);
        }
        eight_end(loop, lines, true);
    }
    return lines->entry == lines->last;
}

/* ISO-8601 timestamps in us. */
JSON_FN WEIR_INLINE bool take_timestamps(const struct loop *loop, struct lines *lines,
                                         int64_t *lanes, struct json_date_cache *cache)
{
    while (eight_begin(loop, lines)) {
        struct eight_spans spans = eight_spans_of(lines);
        __m512i us;
        bool ok = eight_timestamps(lines->text, &spans, cache, &us);
        if (ok)
            eight_store((char *)lanes, lines, us, 8);
        if (!eight_end(loop, lines, ok))
            break;
    }
    return lines->entry == lines->last;
}

#else

JSON_FN WEIR_INLINE bool take_integers(const struct loop *loop, struct lines *lines, char *lanes,
                                       uint32_t width, int64_t least, int64_t greatest,
                                       int64_t scale)
{
    (void)loop, (void)lines, (void)lanes, (void)width, (void)least, (void)greatest, (void)scale;
    return false;
}
JSON_FN WEIR_INLINE bool take_doubles(const struct loop *loop, struct lines *lines, double *lanes,
                                      bool integral)
{
    (void)loop, (void)lines, (void)lanes, (void)integral;
    return false;
}
JSON_FN WEIR_INLINE bool take_checked(const struct loop *loop, struct lines *lines, bool integral,
                                      bool is_signed)
{
    (void)loop, (void)lines, (void)integral, (void)is_signed;
    return false;
}
JSON_FN WEIR_INLINE bool take_keywords(const struct loop *loop, struct lines *lines)
{
    (void)loop, (void)lines;
    return false;
}
JSON_FN WEIR_INLINE bool take_texts(const struct loop *loop, struct lines *lines,
                                    struct weir_view *lanes)
{
    (void)loop, (void)lines, (void)lanes;
    return false;
}
JSON_FN WEIR_INLINE bool take_timestamps(const struct loop *loop, struct lines *lines,
                                         int64_t *lanes, struct json_date_cache *cache)
{
    (void)loop, (void)lines, (void)lanes, (void)cache;
    return false;
}

#endif
