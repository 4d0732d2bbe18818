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
        /* Few have as many quotes; the second piece tells most of those apart that begin alike. */
        if (shape->pieces_count && resembles(chunk, shape, quotes, left, start) &&
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

/* Takes the next lines, up to JSON_RUN_LINES, for lines of the shape as long as they seem to be:
 * the places of their ends follow from how many quotes each has, so that no line waits for the one
 * before. Their bytes are compared when prove() does. Returns how many were taken. */
JSON_FN WEIR_INLINE uint32_t take_run(struct json_chunk *chunk, struct json_shape *shape,
                                      uint32_t at, uint32_t start, uint32_t line, uint32_t doubt)
{
    const uint32_t stride = shape->quotes_count + 1;
    const uint64_t head = shape->head, head_mask = shape->head_mask;
    const uint32_t delta = (uint32_t)shape->pieces->delta;
    const uint16_t *quotes = chunk->index + at, *last = chunk->index + chunk->index_count;
    const char *text = chunk->text;
    struct json_entry *entry = shape->lines + shape->lines_count;
    uint32_t room = chunk->lines_max - line, count = 0, bound = chunk->size + JSON_PIECE_SIZE;
    room = room < JSON_RUN_LINES ? room : JSON_RUN_LINES;
    if (!chunk->guesses || bound < shape->reach)
        return 0;
    bound -= shape->reach; /* of the ends */
    bound = bound < chunk->valid_size ? bound : chunk->valid_size;
    if (doubt <= bound)
        bound = doubt - 1;
    for (; count < room && quotes + stride <= last; count++, quotes += stride) {
        uint32_t end = quotes[stride - 1];
        uint64_t different = (json_load_u64(text + start) & head_mask) ^ head;
        different |= (quotes[0] + delta) ^ start;
        different |= (uint64_t)(text[end] ^ '\n');
        if (different | (end > bound))
            break;
        start = end + 1;
        entry[count] = (struct json_entry){quotes, line + count, false};
        chunk->line_first[line + count] = at + count * stride;
    }
    shape->lines_count += count;
    return count;
}

/* How much of chunk->ahead is prefetched, and how much should be. */
struct fetch {
    uint32_t done, due;
};

/* The walk's part of it: `size` bytes for lines, less what passes over them will do. */
JSON_FN WEIR_INLINE void fetch_ahead(const struct json_chunk *chunk, struct fetch *fetch,
                                     uint32_t size, uint32_t passes)
{
    uint32_t later = passes * JSON_PASS_STEP;
    for (fetch->due += size > later ? size - later : 0; fetch->done < fetch->due;
         fetch->done += JSON_CACHE_LINE)
        __builtin_prefetch(chunk->ahead + fetch->done, 0, 2);
}

/* Another shape than expected came after this one. It is what will be expected when that happens
 * twice in a row: few lines between many of another shape do not change what comes after those. */
JSON_FN WEIR_INLINE void note_successor(const struct json_decoder *decoder,
                                        struct json_shape *current, struct json_shape *shape)
{
    if (current->doubted || current->successor == &decoder->none) {
        current->successor = shape;
        current->doubted = false;
    } else {
        current->doubted = true;
    }
}

/* Long, since where each line goes is decided in one place. */
JSON_FN static void walk(struct json_decoder *decoder, struct json_chunk *chunk)
{
    const uint16_t *index = chunk->index;
    const uint32_t *doubt = chunk->doubts;
    struct fetch fetch = {chunk->fetched, chunk->fetched};
    struct json_shape *current = decoder->current;
    uint32_t at = 0, start = 0, line = 0, complete = chunk->index_count;
    bool repeated = false; /* the last two lines with a shape had the same */
    while (complete > 0 && chunk->text[index[complete - 1]] != '\n')
        complete--; /* entries of whole lines */
    while (line < chunk->lines_max && at < complete) {
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
                note_successor(decoder, current, shape);
            decoder->shapeless++;
        } else {
            current->doubted = false;
        }
        if (WEIR_LIKELY(shape != NULL)) {
            decoder->shapeless = 0;
            last += shape->quotes_count;
        } else {
            last += loose_line(decoder, chunk, index + at, start);
            loose = last > at;
            while (chunk->text[index[last]] != '\n')
                last++;
            if (!loose && is_blank(chunk->text + start, chunk->text + index[last])) {
                at = last + 1;
                start = index[last] + 1;
                continue;
            }
        }
        uint32_t end = index[last];
        fetch_ahead(chunk, &fetch, (end + 1 - start) / 4 * 3, shape ? shape->passes : 0);
        bool plain = *doubt > end && end <= chunk->valid_size;
        chunk->line_first[line] = at;
        if (WEIR_LIKELY(shape && plain)) {
            shape->lines[shape->lines_count++] = (struct json_entry){index + at, line, false};
            repeated = shape == current;
            current = shape;
        } else if (shape && end <= chunk->valid_size &&
                   weir_json_escapes_valid(chunk, doubt, end)) {
            shape->lines[shape->lines_count++] = (struct json_entry){index + at, line, true};
            shape->any_escapes = true;
            repeated = shape == current;
            current = shape;
        } else if (loose && plain && !json_any_doubts(chunk, start, end) &&
                   may_be_loose(decoder, chunk)) {
            chunk->loose_lines[chunk->loose_count++] = line;
        } else {
            weir_bit_set(chunk->strict_lines, line);
            chunk->any_strict = true;
            chunk->checks_count = checks;
        }
        line++;
        at = last + 1;
        start = end + 1;
        while (repeated && current->successor == current) {
            uint32_t taken = take_run(chunk, current, at, start, line, *doubt);
            if (taken == 0)
                break;
            at += taken * (current->quotes_count + 1);
            line += taken;
            end = index[at - 1] + 1;
            fetch_ahead(chunk, &fetch, (end - start) / 4 * 3, current->passes * taken);
            start = end;
            if (taken < JSON_RUN_LINES)
                break;
        }
    }
    decoder->current = current;
    chunk->lines_count = line;
    chunk->walked = at;
    chunk->fetched = fetch.done;
}
