/* The fast path, once per instruction set. Included by json_kernels_*.c, which first define
 *
 *     JSON_FN                 attribute of every function here (the target)
 *     JSON_KERNELS            name of the table that is made
 *     index_chunk             the index of a chunk
 *     pieces_match            a line against a shape
 *     lines_match             all lines of a shape against it
 *     bundle_matches          short integers that nobody reads, when JSON_BUNDLES
 *     read_digits, check_digits    up to 16, 32 digits as an integer
 *     read_decimal, check_decimal  the same with a point: an integer and a count of fraction digits
 *     store_view              a text into a lane
 *     heads_equal             which shapes begin with these eight bytes, a bit each
 *     load_key                the first and last eight bytes of a key
 *     check_scalar            a number or keyword, without branches
 *     zero_words              memset to 0 of mostly few words
 *
 * How a chunk goes: index_chunk finds quotes and newlines; walk goes over the lines, guesses the
 * shape of each by its first bytes and its number of quotes, and gives it a row; then values goes
 * over each shape's pieces and ops, and for each of them over the lines that have the shape, so
 * that every loop is about one place and one type:
 *
 *     op {number, leaf 2, from quote 3 + 2 to quote 4 - 1}:
 *         for each line l: q = index + line_first[l];  lane[row + l] = number(q[3] + 2, q[4] - 1)
 *
 * A line that a kernel cannot judge is marked strict; nothing that was stored for it matters, for
 * the strict path stores all of its lanes again. */

struct loop {
    struct json_decoder *decoder;
    struct json_chunk *chunk;
    const struct json_shape *shape;
    struct json_op *op;
    struct json_leaf *leaf; /* NULL: nobody reads the value */
    const char *ahead;      /* prefetched while the loop runs: so many bytes per line */
    uint32_t ahead_step;
};

enum { SCATTERED_PART = 16 };

struct span {
    const char *begin;
    uint32_t size;
};

/* What the loops use, by value: kept in registers, whatever is stored in between. */
struct lines {
    const char *text; /* of the chunk, shifted by the begin's delta */
    uint32_t begin, end;
    uint32_t size_delta;
    const struct json_entry *entry, *last;
    bool scattered; /* among many lines of other shapes */
    const char *ahead;
    uint32_t ahead_step;
    uint16_t *others; /* numbers of the entries that a loop leaves over */
    uint32_t others_count;
};

JSON_FN WEIR_INLINE bool are_scattered(const struct json_shape *shape)
{
    uint32_t count = shape->lines_count;
    uint32_t among = shape->lines[count - 1].line - shape->lines[0].line + 1;
    return among - count > count / SCATTERED_PART;
}

JSON_FN WEIR_INLINE struct lines lines_of(const struct loop *loop)
{
    const struct json_op *op = loop->op;
    return (struct lines){.text = loop->chunk->text + op->begin.delta,
                          .begin = op->begin.ordinal,
                          .end = op->end.ordinal,
                          .size_delta = (uint32_t)(op->end.delta - op->begin.delta),
                          .entry = loop->shape->lines,
                          .last = loop->shape->lines + loop->shape->lines_count,
                          .scattered = are_scattered(loop->shape),
                          .ahead = loop->ahead,
                          .ahead_step = loop->ahead_step,
                          .others = loop->chunk->others};
}

/* A size that wraps (begin after end) is too large for every kernel. */
JSON_FN WEIR_INLINE struct span span_of(struct lines *lines)
{
    __builtin_prefetch(lines->ahead, 0, 2);
    lines->ahead += lines->ahead_step;
    const uint16_t *quotes = lines->entry->quotes;
    uint32_t begin = quotes[lines->begin];
    return (struct span){lines->text + begin, quotes[lines->end] - begin + lines->size_delta};
}

/* Leaves the entry over. Nothing is called from within the loops: their registers are their own. */
JSON_FN WEIR_INLINE void leave_over(struct lines *lines, const struct loop *loop)
{
    lines->others[lines->others_count++] = (uint16_t)(lines->entry - loop->shape->lines);
}

JSON_FN static WEIR_NOINLINE void give_up(const struct loop *loop, uint32_t line)
{
    weir_bit_set(loop->chunk->strict_lines, line);
    loop->chunk->any_strict = true;
    loop->chunk->any_redo = true;
}

#include "format/json_eights_template.h"

/* ---- scalars ---- */

JSON_FN WEIR_INLINE bool is_null(struct span span)
{
    return span.size == 4 && memcmp(span.begin, "null", 4) == 0;
}

/* true, false or null. As a sum, lest the compiler branch on which: that would be guessed wrong. */
JSON_FN WEIR_INLINE bool is_keyword(struct span span)
{
    uint64_t word = json_load_u64(span.begin);
    uint64_t kept = word & (UINT64_MAX >> (8 * ((8 - span.size) & 7)));
    uint32_t equal = (uint32_t)(kept == UINT64_C(0x65757274)) +
                     (uint32_t)(kept == UINT64_C(0x6c6c756e)) +
                     (uint32_t)(kept == UINT64_C(0x65736c6166));
    return equal & (uint32_t)(span.size < 8);
}

JSON_FN WEIR_INLINE bool is_number(struct span span)
{
    uint32_t negative = json_is_minus(span.begin);
    return check_decimal(span.begin + negative, span.size - negative);
}

/* A value that is not of the kind that was learned: null, or a number of another make. */
JSON_FN static void scalar_other(const struct loop *loop, uint32_t line, struct span span)
{
    if (*span.begin == '-' && !loop->op->is_signed)
        loop->op->is_signed = true;
    else if (!is_keyword(span))
        loop->op->integral = false;
    if (loop->leaf && loop->leaf->nullable && is_null(span))
        json_leaf_set_null(loop->leaf, loop->chunk->row + line);
    else if (!loop->leaf && (is_keyword(span) || is_number(span)))
        return;
    else if ((int32_t)span.size <= 0 ||
             !weir_json_scalar_slow(loop->decoder, loop->op->leaf, loop->chunk->row + line,
                                    span.begin, span.begin + span.size))
        give_up(loop, line);
}

/* What a loop left over. */
JSON_FN static WEIR_NOINLINE void finish_others(const struct loop *loop, uint32_t count)
{
    struct lines lines = lines_of(loop);
    for (uint32_t i = 0; i < count; i++) {
        lines.entry = loop->shape->lines + lines.others[i];
        scalar_other(loop, lines.entry->line, span_of(&lines));
    }
}

JSON_FN WEIR_INLINE void check_scalars(const struct loop *loop, bool integral, bool is_signed)
{
    struct lines lines = lines_of(loop);
    for (uint32_t i = 0; lines.entry < lines.last; i++, lines.entry++) {
        if (i % 8 == 0 && take_checked(loop, &lines, integral, is_signed))
            break;
        struct span span = span_of(&lines);
        uint32_t negative = is_signed ? json_is_minus(span.begin) : 0;
        bool ok = integral ? check_digits(span.begin + negative, span.size - negative)
                           : check_decimal(span.begin + negative, span.size - negative);
        if (WEIR_UNLIKELY(!ok))
            leave_over(&lines, loop);
    }
    finish_others(loop, lines.others_count);
}

/* Each variant by itself: a branch less per value, and registers for its own loop. */
JSON_FN static WEIR_NOINLINE void check_unsigned(const struct loop *loop)
{
    check_scalars(loop, true, false);
}
JSON_FN static WEIR_NOINLINE void check_signed(const struct loop *loop)
{
    check_scalars(loop, true, true);
}
JSON_FN static WEIR_NOINLINE void check_decimals(const struct loop *loop)
{
    check_scalars(loop, false, true);
}

JSON_FN static WEIR_NOINLINE void check_keywords(const struct loop *loop)
{
    struct lines lines = lines_of(loop);
    for (uint32_t i = 0; lines.entry < lines.last; i++, lines.entry++) {
        if (i % 8 == 0 && take_keywords(loop, &lines))
            break;
        struct span span = span_of(&lines);
        if (WEIR_UNLIKELY(!is_keyword(span)))
            leave_over(&lines, loop);
    }
    finish_others(loop, lines.others_count);
}

JSON_FN static WEIR_NOINLINE void read_booleans(const struct loop *loop)
{
    uint8_t *lanes = (uint8_t *)loop->leaf->values + loop->chunk->row;
    struct lines lines = lines_of(loop);
    for (; lines.entry < lines.last; lines.entry++) {
        struct span span = span_of(&lines);
        if (WEIR_LIKELY(is_keyword(span)) && *span.begin != 'n')
            lanes[lines.entry->line] = *span.begin == 't';
        else
            leave_over(&lines, loop);
    }
    finish_others(loop, lines.others_count);
}

/* Integers between least and greatest, times scale, into lanes of width bytes. */
JSON_FN WEIR_INLINE void read_integers(const struct loop *loop, uint32_t width, int64_t least,
                                       int64_t greatest, int64_t scale)
{
    bool is_signed = loop->op->is_signed;
    char *lanes = loop->leaf->values + (size_t)loop->chunk->row * width;
    struct lines lines = lines_of(loop);
    for (uint32_t i = 0; lines.entry < lines.last; i++, lines.entry++) {
        if (i % 8 == 0 && take_integers(loop, &lines, lanes, width, least, greatest, scale))
            break;
        struct span span = span_of(&lines);
        uint32_t negative = is_signed ? json_is_minus(span.begin) : 0;
        uint64_t digits;
        bool ok = read_digits(span.begin + negative, span.size - negative, &digits);
        int64_t value = negative ? -(int64_t)digits : (int64_t)digits;
        if (WEIR_LIKELY(ok) && value >= least && value <= greatest) {
            value *= scale;
            memcpy(lanes + (size_t)lines.entry->line * width, &value, width);
        } else {
            leave_over(&lines, loop);
        }
    }
    finish_others(loop, lines.others_count);
}

JSON_FN static WEIR_NOINLINE void read_int64(const struct loop *loop)
{
    read_integers(loop, 8, INT64_MIN, INT64_MAX, 1);
}

JSON_FN static WEIR_NOINLINE void read_narrow_integers(const struct loop *loop)
{
    switch (loop->leaf->type->kind) {
    case WEIR_TYPE_INT8:
        read_integers(loop, 1, INT8_MIN, INT8_MAX, 1);
        break;
    case WEIR_TYPE_INT16:
        read_integers(loop, 2, INT16_MIN, INT16_MAX, 1);
        break;
    case WEIR_TYPE_INT32:
        read_integers(loop, 4, INT32_MIN, INT32_MAX, 1);
        break;
    case WEIR_TYPE_UINT8:
        read_integers(loop, 1, 0, UINT8_MAX, 1);
        break;
    case WEIR_TYPE_UINT16:
        read_integers(loop, 2, 0, UINT16_MAX, 1);
        break;
    case WEIR_TYPE_UINT32:
        read_integers(loop, 4, 0, UINT32_MAX, 1);
        break;
    default:
        read_integers(loop, 8, 0, INT64_MAX, 1);
        break;
    }
}

/* Integers in an epoch unit no finer than the column. Bounds keep the products, in us, within
 * reach of every later step (about 285 years; what is beyond goes the careful way). */
JSON_FN static WEIR_NOINLINE void read_timestamps(const struct loop *loop)
{
    int64_t scale = loop->leaf->epoch_scale;
    bool is_ns = loop->leaf->type->kind == WEIR_TYPE_TIMESTAMP_NS ||
                 loop->leaf->type->kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    int64_t bound = (is_ns ? INT64_C(9000000000000000000) : INT64_C(9000000000000000)) / scale;
    read_integers(loop, 8, -bound, bound, scale);
}

/* Exact when both operands are, so that the quotient is the nearest double (Clinger 1990). */
JSON_FN WEIR_INLINE bool read_double(const char *p, uint32_t size, double *value)
{
    static const double powers[] = {1,   1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                    1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
    uint32_t negative = json_is_minus(p), fraction;
    uint64_t digits;
    if (!read_decimal(p + negative, size - negative, &digits, &fraction) || digits > UINT64_C(1)
                                                                                         << 53)
        return false;
    double magnitude = (double)(int64_t)digits / powers[fraction];
    uint64_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    bits |= (uint64_t)negative << 63;
    memcpy(value, &bits, sizeof bits);
    return true;
}

/* The same for integers below 10^15. */
JSON_FN WEIR_INLINE bool read_whole_double(const char *p, uint32_t size, double *value)
{
    uint32_t negative = json_is_minus(p);
    uint64_t digits, bits;
    if (size > 15 || !read_digits(p + negative, size - negative, &digits))
        return false;
    double magnitude = (double)(int64_t)digits;
    memcpy(&bits, &magnitude, sizeof bits);
    bits |= (uint64_t)negative << 63;
    memcpy(value, &bits, sizeof bits);
    return true;
}

JSON_FN WEIR_INLINE void read_doubles_as(const struct loop *loop, bool integral)
{
    double *lanes = (double *)(void *)loop->leaf->values + loop->chunk->row;
    struct lines lines = lines_of(loop);
    for (uint32_t i = 0; lines.entry < lines.last; i++, lines.entry++) {
        if (i % 8 == 0 && take_doubles(loop, &lines, lanes, integral))
            break;
        struct span span = span_of(&lines);
        double value;
        if (WEIR_LIKELY(integral ? read_whole_double(span.begin, span.size, &value)
                                 : read_double(span.begin, span.size, &value)))
            lanes[lines.entry->line] = value;
        else
            leave_over(&lines, loop);
    }
    finish_others(loop, lines.others_count);
}

/* Integers are read as such for as long as no fraction is met. */
JSON_FN static WEIR_NOINLINE void read_whole_doubles(const struct loop *loop)
{
    read_doubles_as(loop, true);
}
JSON_FN static WEIR_NOINLINE void read_doubles(const struct loop *loop)
{
    read_doubles_as(loop, false);
}

JSON_FN static WEIR_NOINLINE void read_decimals(const struct loop *loop)
{
    static const uint64_t powers[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    const struct weir_type *type = loop->leaf->type;
    weir_i128 *lanes = (weir_i128 *)(void *)loop->leaf->values + loop->chunk->row;
    struct lines lines = lines_of(loop);
    weir_i128 limit = 1;
    for (uint32_t i = 0; i < type->precision; i++)
        limit *= 10;
    for (; lines.entry < lines.last; lines.entry++) {
        struct span span = span_of(&lines);
        uint32_t negative = json_is_minus(span.begin), fraction;
        uint64_t digits;
        bool ok = read_decimal(span.begin + negative, span.size - negative, &digits, &fraction);
        uint32_t shift = type->scale - fraction; /* wraps when the scale is smaller */
        weir_i128 value =
            ok && shift < WEIR_COUNT_OF(powers) ? (weir_i128)digits * powers[shift] : limit;
        if (WEIR_LIKELY(value < limit))
            lanes[lines.entry->line] = negative ? -value : value;
        else
            leave_over(&lines, loop);
    }
    finish_others(loop, lines.others_count);
}

JSON_FN static WEIR_NOINLINE void read_other_scalars(const struct loop *loop)
{
    struct lines lines = lines_of(loop);
    for (; lines.entry < lines.last; lines.entry++)
        scalar_other(loop, lines.entry->line, span_of(&lines));
}

/* ---- texts and the rest ---- */

JSON_FN static WEIR_NOINLINE void read_texts(const struct loop *loop)
{
    struct weir_view *lanes = (struct weir_view *)(void *)loop->leaf->values + loop->chunk->row;
    struct lines lines = lines_of(loop);
    for (uint32_t i = 0; lines.entry < lines.last; i++, lines.entry++) {
        if (i % 8 == 0 && take_texts(loop, &lines, lanes))
            break;
        struct span span = span_of(&lines);
        store_view(&lanes[lines.entry->line], span.begin, span.size);
    }
}

JSON_FN static void string_other(const struct loop *loop, uint32_t line, struct span span)
{
    if (!weir_json_string_slow(loop->decoder, loop->op->leaf, loop->chunk->row + line, span.begin,
                               span.begin + span.size))
        give_up(loop, line);
}

/* ISO-8601 timestamps in us; TIMESTAMP(0) and (3) round, which the careful way does. */
JSON_FN static WEIR_NOINLINE void read_timestamp_texts(const struct loop *loop)
{
    int64_t *lanes = (int64_t *)(void *)loop->leaf->values + loop->chunk->row;
    struct json_date_cache cache = {0, 0, 0};
    struct lines lines = lines_of(loop);
    for (uint32_t i = 0; lines.entry < lines.last; i++, lines.entry++) {
        if (i % 8 == 0 && take_timestamps(loop, &lines, lanes, &cache))
            break;
        struct span span = span_of(&lines);
        int64_t us;
        if (WEIR_LIKELY(json_read_timestamp(span.begin, span.size, &cache, &us)))
            lanes[lines.entry->line] = us;
        else
            leave_over(&lines, loop);
    }
    for (uint32_t i = 0; i < lines.others_count; i++) {
        lines.entry = loop->shape->lines + lines.others[i];
        string_other(loop, lines.entry->line, span_of(&lines));
    }
}

JSON_FN static WEIR_NOINLINE void read_other_strings(const struct loop *loop)
{
    struct lines lines = lines_of(loop);
    for (; lines.entry < lines.last; lines.entry++)
        string_other(loop, lines.entry->line, span_of(&lines));
}

JSON_FN static WEIR_NOINLINE void read_objects(const struct loop *loop)
{
    struct lines lines = lines_of(loop);
    for (; lines.entry < lines.last; lines.entry++) {
        struct span span = span_of(&lines);
        if (WEIR_UNLIKELY(!weir_json_object_slow(loop->decoder, loop->op->leaf,
                                                 loop->chunk->row + lines.entry->line, span.begin,
                                                 span.begin + span.size)))
            give_up(loop, lines.entry->line);
    }
}

/* The shape's lines as ranges, once for all the values that they lack. Returns how many. */
JSON_FN static uint32_t find_runs(const struct json_chunk *chunk, const struct json_shape *shape)
{
    const struct json_entry *entry = shape->lines, *last = entry + shape->lines_count;
    uint32_t runs = 0;
    while (entry < last) {
        uint32_t first = entry->line, count = 1;
        while (entry + count + 8 <= last && entry[count + 7].line == first + count + 7)
            count += 8;
        while (entry + count < last && entry[count].line == first + count)
            count++;
        chunk->runs[runs++] = (struct json_lines){(uint16_t)first, (uint16_t)count};
        entry += count;
    }
    return runs;
}

JSON_FN static WEIR_NOINLINE void set_nulls(const struct loop *loop, uint32_t runs_count)
{
    const struct json_lines *runs = loop->chunk->runs;
    struct json_leaf *leaf = loop->leaf;
    leaf->has_nulls = true;
    for (uint32_t i = 0; i < runs_count; i++) {
        uint32_t row = loop->chunk->row + runs[i].first;
        weir_bits_clear(leaf->validity, row, runs[i].count);
        if (leaf->values && leaf->width == 8)
            zero_words((uint64_t *)(void *)leaf->values + row, runs[i].count);
        else if (leaf->values)
            memset(leaf->values + (size_t)row * leaf->width, 0,
                   (size_t)runs[i].count * leaf->width);
    }
}

JSON_FN static void run_numbers(const struct loop *loop)
{
    if (!loop->leaf && !loop->op->integral)
        check_decimals(loop);
    else if (!loop->leaf && loop->op->is_signed)
        check_signed(loop);
    else if (!loop->leaf)
        check_unsigned(loop);
    else if (loop->leaf->type->kind == WEIR_TYPE_INT64)
        read_int64(loop);
    else if (weir_type_is_integer(loop->leaf->type))
        read_narrow_integers(loop);
    else if (loop->leaf->type->kind == WEIR_TYPE_FLOAT64 && loop->op->integral)
        read_whole_doubles(loop);
    else if (loop->leaf->type->kind == WEIR_TYPE_FLOAT64)
        read_doubles(loop);
    else if (loop->leaf->type->kind == WEIR_TYPE_DECIMAL)
        read_decimals(loop);
    else if (loop->leaf->epoch_scale)
        read_timestamps(loop);
    else
        read_other_scalars(loop);
}

JSON_FN static void run_keywords(const struct loop *loop)
{
    if (!loop->leaf)
        check_keywords(loop);
    else if (loop->leaf->type->kind == WEIR_TYPE_BOOLEAN)
        read_booleans(loop);
    else if (loop->leaf->type->kind == WEIR_TYPE_STRUCT)
        read_other_scalars(loop);
    else
        run_numbers(loop); /* it was null */
}

#ifndef JSON_AVX512
JSON_FN WEIR_INLINE char *unescape(char *to, const char *from, uint32_t size, uint64_t begins,
                                   uint64_t escaped, bool same)
{
    (void)same;
    for (uint32_t i = 0; i < size; i++)
        if (!(begins >> i & 1))
            *to++ = escaped >> i & 1 ? weir_json_escapes[(unsigned char)from[i]] : from[i];
    return to;
}
#endif

/* The next 64 bytes of a text with plain escapes, from byte i on; *carry: the first is escaped. */
JSON_FN WEIR_INLINE char *unescape_block(const struct loop *loop, struct span span, uint64_t i,
                                         char *to, uint64_t *carry, bool same)
{
    uint32_t begin = (uint32_t)(span.begin - loop->chunk->text), size = 0;
    if (i < span.size)
        size = span.size - i < 64 ? span.size - (uint32_t)i : 64;
    uint64_t begins = json_doubts_at(loop->chunk, begin + (uint32_t)i);
    to = unescape(to, span.begin + i, size, begins, begins << 1 | *carry, same);
    *carry = begins >> 63;
    return to;
}

/* A text with plain escapes, in memory of its own. Most are short: the first two blocks are taken
 * together, also when there is but one, lest their number be guessed wrong. *shorter: there were
 * escapes. False: memory is short. */
JSON_FN WEIR_INLINE bool store_unescaped(const struct loop *loop, struct weir_view *lane,
                                         struct span span, bool same, bool *shorter)
{
    const uint32_t begin = (uint32_t)(span.begin - loop->chunk->text);
    char *memory = weir_arena_alloc(loop->decoder->context.arena, span.size + 128, 1), *to = memory;
    uint64_t i = 0, carry = 0;
    if (!memory)
        return false;
    if (begin + 64 <= loop->chunk->size)
        for (; i < 128; i += 64)
            to = unescape_block(loop, span, i, to, &carry, same);
    for (; i < span.size; i += 64)
        to = unescape_block(loop, span, i, to, &carry, same);
    *shorter = (size_t)(to - memory) != span.size;
    store_view(lane, memory, (uint32_t)(to - memory));
    return true;
}

JSON_FN WEIR_INLINE void note_escapes(const struct loop *loop, uint32_t escaped)
{
    loop->op->escapes_usual = escaped > loop->shape->lines_count / 2;
}

/* The texts with plain escapes, which another loop has taken as they stand: once more. */
JSON_FN static WEIR_NOINLINE void read_escaped(const struct loop *loop)
{
    struct weir_view *lanes = (struct weir_view *)(void *)loop->leaf->values + loop->chunk->row;
    uint32_t doubts_begin = loop->chunk->doubts_begin, doubts_end = loop->chunk->doubts_end;
    struct lines lines = lines_of(loop);
    uint32_t escaped = 0;
    for (; lines.entry < lines.last; lines.entry++) {
        struct span span = span_of(&lines);
        uint32_t begin = (uint32_t)(span.begin - loop->chunk->text);
        bool shorter = false;
        if (begin + span.size <= doubts_begin)
            continue;
        if (begin >= doubts_end)
            break;
        if (json_any_doubts(loop->chunk, begin, begin + span.size) &&
            !store_unescaped(loop, lanes + lines.entry->line, span, false, &shorter))
            give_up(loop, lines.entry->line);
        escaped += shorter;
    }
    note_escapes(loop, escaped);
}

/* Texts most of which have plain escapes: none is asked. */
JSON_FN WEIR_INLINE void read_all_escaped(const struct loop *loop, bool same)
{
    struct weir_view *lanes = (struct weir_view *)(void *)loop->leaf->values + loop->chunk->row;
    struct lines lines = lines_of(loop);
    uint32_t escaped = 0;
    for (; lines.entry < lines.last; lines.entry++) {
        bool shorter = false;
        if (!store_unescaped(loop, lanes + lines.entry->line, span_of(&lines), same, &shorter))
            give_up(loop, lines.entry->line);
        escaped += shorter;
    }
    note_escapes(loop, escaped);
}

JSON_FN static WEIR_NOINLINE void read_same_escaped(const struct loop *loop)
{
    read_all_escaped(loop, true);
}
JSON_FN static WEIR_NOINLINE void read_plain_escaped(const struct loop *loop)
{
    read_all_escaped(loop, false);
}

/* The same for texts with any escapes, in a chunk that lists them. */
JSON_FN static WEIR_NOINLINE void read_escaped_slow(const struct loop *loop)
{
    struct lines lines = lines_of(loop);
    for (; lines.entry < lines.last; lines.entry++) {
        struct span span = span_of(&lines);
        uint32_t begin = (uint32_t)(span.begin - loop->chunk->text);
        if (lines.entry->has_escapes && json_any_doubts(loop->chunk, begin, begin + span.size))
            string_other(loop, lines.entry->line, span);
    }
}

JSON_FN static void run_texts(const struct loop *loop)
{
    const struct json_chunk *chunk = loop->chunk;
    bool any_plain = chunk->any_doubts && chunk->plain_escapes;
    if (any_plain && loop->op->escapes_usual) {
        if (chunk->same_escapes)
            read_same_escaped(loop);
        else
            read_plain_escaped(loop);
        return;
    }
    read_texts(loop);
    if (any_plain)
        read_escaped(loop);
    else if (loop->shape->any_escapes)
        read_escaped_slow(loop);
}

JSON_FN static void run_strings(const struct loop *loop)
{
    if (!loop->leaf)
        return;
    const struct weir_type *type = loop->leaf->type;
    if (type->kind == WEIR_TYPE_TEXT && type->length == 0)
        run_texts(loop);
    else if ((type->kind == WEIR_TYPE_TIMESTAMP || type->kind == WEIR_TYPE_TIMESTAMPTZ) &&
             type->precision == 6)
        read_timestamp_texts(loop);
    else
        read_other_strings(loop);
}

#ifdef JSON_BUNDLES
/* Chunks to come in which it is done another way, when most lines missed this one. */
JSON_FN WEIR_INLINE void note_misses(uint32_t *chunks, uint32_t misses, uint32_t lines)
{
    if (*chunks > 0)
        (*chunks)--;
    else if (misses > JSON_BUNDLE_NUMBERS + lines / 4)
        *chunks = JSON_DISTRUST_MAX;
}

JSON_FN static WEIR_NOINLINE void check_bundle(struct loop *loop, struct json_bundle *bundle)
{
    const char *text = loop->chunk->text;
    const struct json_entry *entry = loop->shape->lines, *last = entry + loop->shape->lines_count;
    const struct json_entry *near_end = windows_end(loop->chunk, loop->shape, bundle);
    uint16_t *others = loop->chunk->others;
    uint32_t others_count = 0, far = 0, misses = 0;
    const bool is_wide = bundle->wide_chunks > 0;
    const struct near_bundle near = near_bundle(bundle);
    for (const char *ahead = loop->ahead; entry < last; entry++, ahead += loop->ahead_step) {
        __builtin_prefetch(ahead, 0, 2);
        if (WEIR_LIKELY(!is_wide)) {
            bool outside = true;
            if (WEIR_LIKELY(entry < near_end) &&
                bundle_matches_near(text, entry->quotes, &near, &outside))
                continue;
            if (outside && bundle_matches_short(text, entry->quotes, bundle)) {
                far++;
                continue;
            }
            misses++;
        }
        if (WEIR_UNLIKELY(!bundle_matches(text, entry->quotes, bundle)))
            others[others_count++] = (uint16_t)(entry - loop->shape->lines);
    }
    note_misses(&bundle->far_chunks, far, loop->shape->lines_count);
    note_misses(&bundle->wide_chunks, misses, loop->shape->lines_count);
    loop->leaf = NULL;
    for (uint32_t i = 0; i < bundle->count && others_count; i++) {
        loop->op = &loop->shape->ops[bundle->ops[i]];
        finish_others(loop, others_count);
    }
}
#endif

JSON_FN static bool prove(const struct json_decoder *decoder, struct json_chunk *chunk)
{
    for (uint32_t i = 0; i < decoder->shapes_count; i++)
        if (decoder->shapes[i]->lines_count && !lines_match(chunk, decoder->shapes[i]))
            return false;
    return true;
}

JSON_FN static void begin_pass(struct loop *loop)
{
    struct json_ahead ahead = json_pass_ahead(loop->chunk, loop->shape->lines_count);
    loop->ahead = ahead.at;
    loop->ahead_step = ahead.step;
}

JSON_FN static void values(struct json_decoder *decoder, struct json_chunk *chunk,
                           struct json_shape *shape)
{
    struct loop loop = {.decoder = decoder, .chunk = chunk, .shape = shape};
    uint32_t runs_count = 0;
#ifdef JSON_BUNDLES
    for (uint32_t i = 0; i < shape->bundles_count; i++) {
        begin_pass(&loop);
        check_bundle(&loop, &shape->bundles[i]);
    }
#endif
    for (uint32_t i = 0; i < shape->ops_count; i++) {
        loop.op = &shape->ops[i];
#ifdef JSON_BUNDLES
        if (loop.op->bundled)
            continue;
#endif
        if (json_op_passes(loop.op))
            begin_pass(&loop);
        loop.leaf = loop.op->leaf == JSON_NONE ? NULL : &decoder->tree.leaves[loop.op->leaf];
        switch (loop.op->kind) {
        case JSON_OP_NUMBER:
            run_numbers(&loop);
            break;
        case JSON_OP_KEYWORD:
            run_keywords(&loop);
            break;
        case JSON_OP_STRING:
            run_strings(&loop);
            break;
        case JSON_OP_OBJECT:
            read_objects(&loop);
            break;
        default:
            if (runs_count == 0)
                runs_count = find_runs(chunk, shape);
            set_nulls(&loop, runs_count);
            break;
        }
    }
}

#include "format/json_walk_template.h"

#ifndef JSON_AVX512
#define digits NULL
#define decimals NULL
#endif

const struct json_kernels JSON_KERNELS = {index_chunk,  walk,        prove,  values,
                                          loose_values, plain_views, digits, decimals};
