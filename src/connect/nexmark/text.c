/* Random texts of Nexmark: words of letters and blanks, and the filler of every event.
 *
 * A filler takes six characters from each 32-bit number r drawn: 'a' + r % 26, then r / 26 goes on
 * in its place. Java's remainder has the sign of the number, so half of the characters lie below
 * 'a' (from 'H' on). Fillers are most of an event's bytes, so sixteen numbers are turned at once by
 * loops that the compiler vectorises. */
#include "connect/nexmark/text.h"

enum { TEXT_CHUNK_SIZE = 1 << 16, NUMBERS_AT_ONCE = 16, LETTERS_PER_NUMBER = 6 };

bool nexmark_text_reserve(struct nexmark_text *text, size_t size)
{
    size += NEXMARK_TEXT_SLACK;
    if ((size_t)(text->end - text->at) >= size)
        return true;
    size_t chunk = size > TEXT_CHUNK_SIZE ? size : TEXT_CHUNK_SIZE;
    text->at = weir_arena_alloc(text->arena, chunk, 8);
    text->end = text->at ? text->at + chunk : NULL;
    return text->at != NULL;
}

struct weir_view nexmark_text_take(struct nexmark_text *text, size_t size)
{
    struct weir_view view = weir_view_make(text->at, size);
    text->at += size;
    return view;
}

uint32_t nexmark_text_words(struct java_random *random, int32_t length_max, char special, char *out)
{
    enum { LENGTH_MIN = 3 };
    uint32_t length = LENGTH_MIN + (uint32_t)java_random_below(random, length_max - LENGTH_MIN);
    for (uint32_t i = 0; i < length; i++)
        out[i] = java_random_below(random, 13) == 0 ? special
                                                    : (char)('a' + java_random_below(random, 26));
    uint32_t first = 0;
    while (length && out[length - 1] == ' ')
        length--;
    while (first < length && out[first] == ' ')
        first++;
    memmove(out, out + first, length - first);
    return length - first;
}

/* Six letters of each number, in the low bytes of its word. */
static void spell(const int32_t *numbers, uint64_t *words)
{
    int32_t rest[NUMBERS_AT_ONCE];
    memcpy(rest, numbers, sizeof rest);
    memset(words, 0, sizeof *words * NUMBERS_AT_ONCE);
    for (unsigned letter = 0; letter < LETTERS_PER_NUMBER; letter++)
        for (unsigned i = 0; i < NUMBERS_AT_ONCE; i++) {
            int32_t next = rest[i] / 26;
            words[i] |= (uint64_t)(uint32_t)('a' + rest[i] - next * 26) << (8 * letter);
            rest[i] = next;
        }
}

static void write_filler(struct java_random *random, char *out, size_t size)
{
    int32_t numbers[NUMBERS_AT_ONCE] = {0};
    uint64_t words[NUMBERS_AT_ONCE];
    size_t left = (size + LETTERS_PER_NUMBER - 1) / LETTERS_PER_NUMBER;
    while (left) {
        size_t count = left < NUMBERS_AT_ONCE ? left : NUMBERS_AT_ONCE;
        for (size_t i = 0; i < count; i++)
            numbers[i] = java_random_word(random);
        spell(numbers, words);
        for (size_t i = 0; i < count; i++, out += LETTERS_PER_NUMBER)
            memcpy(out, &words[i], sizeof words[i]);
        left -= count;
    }
}

bool nexmark_text_filler(struct java_random *random, int64_t size, int64_t average_size,
                         struct nexmark_text *text, struct weir_view *out)
{
    *out = (struct weir_view){0};
    if (size > average_size)
        return true;
    int64_t wanted = average_size - size;
    int32_t spread = (int32_t)((double)wanted * 0.2 + 0.5);
    size_t length = (size_t)(wanted - spread);
    if (spread)
        length += (size_t)java_random_below(random, 2 * spread);
    if (!nexmark_text_reserve(text, length + LETTERS_PER_NUMBER))
        return false;
    write_filler(random, text->at, length);
    *out = nexmark_text_take(text, length);
    return true;
}
