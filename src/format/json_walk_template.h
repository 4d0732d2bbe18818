/* The walk over a chunk: where its lines end, which shape each has, which way each goes. Part of
 * json_kernels_template.h. */

/* Whether the line that begins at start, with its quotes at quotes, of which `left` entries remain,
 * may have the shape: the rest of its bytes may be compared. */
JSON_FN WEIR_INLINE bool resembles(const struct json_chunk *chunk, const struct json_shape *shape,
                                   const uint16_t *quotes, uint32_t left, uint32_t start)
{
    const char *text = chunk->text;
    if ((json_load_u64(text + start) & shape->head_mask) != shape->head ||
        shape->quotes_count >= left)
        return false;
    uint32_t end = quotes[shape->quotes_count];
    const struct json_piece *pieces = shape->pieces;
    return text[end] == '\n' && end + shape->reach <= chunk->size + JSON_PIECE_SIZE &&
           quotes[0] + (uint32_t)pieces->delta == start;
}

/* As it is; by a glance when the chunk may be guessed in and the line is not in doubt, so that it
 * can only be taken for a line of the shape, which prove() sees to. */
JSON_FN WEIR_INLINE bool matches(const struct json_chunk *chunk, const struct json_shape *shape,
                                 const uint16_t *quotes, uint32_t left, uint32_t start,
                                 uint32_t doubt)
{
    if (!resembles(chunk, shape, quotes, left, start))
        return false;
    uint32_t end = quotes[shape->quotes_count];
    return (chunk->guesses & (doubt > end) & (end <= chunk->valid_size)) ||
           pieces_match(chunk->text, quotes, shape->pieces, shape->pieces + shape->pieces_count);
}

/* Any shape but the one that was expected. */
JSON_FN static WEIR_NOINLINE struct json_shape *find_shape(struct json_decoder *decoder,
                                                           const struct json_chunk *chunk,
                                                           const uint16_t *quotes, uint32_t left,
                                                           uint32_t start)
{
    uint32_t candidates = heads_equal(decoder, json_load_u64(chunk->text + start));
    candidates &= (uint32_t)(UINT64_C(1) << decoder->shapes_count) - 1;
    for (; candidates; candidates &= candidates - 1) {
        struct json_shape *shape = decoder->shapes[__builtin_ctz(candidates)];
        const struct json_piece *second = shape->pieces + (shape->pieces_count > 1);
        /* The second piece tells most of those apart that begin alike. */
        if (shape->pieces_count && second->ordinal < left &&
            quotes[0] + (uint32_t)shape->pieces->delta == start &&
            quotes[second->ordinal] + (int64_t)second->delta + JSON_PIECE_SIZE <=
                chunk->size + 64 &&
            pieces_match(chunk->text, quotes, second, second + 1) &&
            matches(chunk, shape, quotes, left, start, 0))
            return shape;
    }
    return NULL;
}

#include "format/json_loose_template.h"

JSON_FN WEIR_INLINE bool is_blank(const char *begin, const char *end)
{
    while (begin < end && (*begin == ' ' || *begin == '\t' || *begin == '\r'))
        begin++;
    return begin == end;
}

/* A line without a shape: every now and then one is left to the strict path, to be learned from. */
JSON_FN WEIR_INLINE bool may_be_loose(struct json_decoder *decoder, struct json_chunk *chunk)
{
    if (decoder->learn_wait > 0) {
        decoder->learn_wait--;
        return true;
    }
    if (chunk->lessons == JSON_SHAPES_MAX)
        return true;
    chunk->lessons++;
    decoder->learn_wait = decoder->learn_interval - 1;
    return false;
}

JSON_FN static void walk(struct json_decoder *decoder, struct json_chunk *chunk)
{
    const uint16_t *index = chunk->index;
    const uint32_t *doubt = chunk->doubts;
    uint32_t fetched = chunk->fetched, due = fetched; /* of chunk->ahead, from its middle on */
    struct json_shape *current = decoder->current;
    uint32_t at = 0, start = 0, line = 0, complete = chunk->index_count;
    while (complete > 0 && chunk->text[index[complete - 1]] != '\n')
        complete--; /* entries of whole lines */
    while (line < chunk->lines_max && at < chunk->index_count) {
        uint32_t left = chunk->index_count - at, last = at, checks = chunk->checks_count;
        struct json_shape *shape = current->successor;
        bool loose = false;
        while (*doubt < start)
            doubt++;
        if (WEIR_UNLIKELY(!matches(chunk, shape, index + at, left, start, *doubt))) {
            shape = NULL;
            if (decoder->shapeless < JSON_SHAPELESS_MAX || line % 8 == 0)
                shape = find_shape(decoder, chunk, index + at, left, start);
            if (shape)
                current->successor = shape;
            decoder->shapeless++;
        }
        if (WEIR_LIKELY(shape != NULL)) {
            decoder->shapeless = 0;
            last += shape->quotes_count;
        } else {
            if (at < complete)
                last += loose_line(decoder, chunk, index + at, start);
            loose = last > at;
            while (last < chunk->index_count && chunk->text[index[last]] != '\n')
                last++;
            if (last == chunk->index_count)
                break;
            if (!loose && is_blank(chunk->text + start, chunk->text + index[last])) {
                at = last + 1;
                start = index[last] + 1;
                continue;
            }
        }
        uint32_t end = index[last];
        uint32_t later = shape ? shape->passes * JSON_PASS_STEP : 0;
        uint32_t size = (end + 1 - start) / 2;
        for (due += size > later ? size - later : 0; fetched < due; fetched += JSON_CACHE_LINE)
            __builtin_prefetch(chunk->ahead + fetched, 0, 2);
        bool plain = *doubt > end && end <= chunk->valid_size;
        chunk->line_first[line] = at;
        if (WEIR_LIKELY(shape && plain)) {
            shape->lines[shape->lines_count++] = (struct json_entry){index + at, line, false};
            current = shape;
        } else if (shape && end <= chunk->valid_size &&
                   weir_json_escapes_valid(chunk, doubt, end)) {
            shape->lines[shape->lines_count++] = (struct json_entry){index + at, line, true};
            shape->any_escapes = true;
            current = shape;
        } else if (loose && plain && may_be_loose(decoder, chunk)) {
            chunk->loose_lines[chunk->loose_count++] = line;
        } else {
            weir_bit_set(chunk->strict_lines, line);
            chunk->any_strict = true;
            chunk->checks_count = checks;
        }
        line++;
        at = last + 1;
        start = end + 1;
    }
    decoder->current = current;
    chunk->lines_count = line;
    chunk->walked = at;
    chunk->fetched = fetched;
}
