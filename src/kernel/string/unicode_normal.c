/* The four normal forms of Unicode Standard Annex #15.
 *
 *     "é" (U+00E9)  ──decompose──▶  e U+0301  ──order marks──▶  …  ──compose──▶  U+00E9
 *
 * Decomposition follows the table level by level until nothing decomposes, marks are put in the
 * order of their combining classes, and for NFC and NFKC neighbours compose again. Hangul syllables
 * are computed (The Unicode Standard, section 3.12).
 * Tests: tests/unit/kernel/string/test_unicode.c. */
#include "kernel/string/unicode.h"
#include "value/utf8.h"

struct composition {
    uint32_t first, second, composed;
};
struct combining_range {
    uint32_t first : 24;
    uint32_t : 0;
    uint32_t last : 24;
    uint32_t class : 8;
};
#include "kernel/string/unicode_composition_tables.h"
#include "kernel/string/unicode_decomposition_tables.h"

enum {
    HANGUL_SYLLABLES = 0xAC00,
    HANGUL_LEADS = 0x1100,
    HANGUL_VOWELS = 0x1161,
    HANGUL_TRAILS = 0x11A7,
    HANGUL_LEADS_COUNT = 19,
    HANGUL_VOWELS_COUNT = 21,
    HANGUL_TRAILS_COUNT = 28,
    HANGUL_COUNT = HANGUL_LEADS_COUNT * HANGUL_VOWELS_COUNT * HANGUL_TRAILS_COUNT
};

#define COMPATIBILITY_BIT (UINT32_C(1) << 31)

bool weir_normal_form_parse(struct weir_slice name, enum weir_normal_form *out)
{
    static const char *const names[] = {
        [WEIR_NFC] = "NFC", [WEIR_NFD] = "NFD", [WEIR_NFKC] = "NFKC", [WEIR_NFKD] = "NFKD"};
    for (size_t i = 0; i < WEIR_COUNT_OF(names); i++) {
        if (weir_slice_equals_ignoring_case(name, weir_slice_from_string(names[i]))) {
            *out = (enum weir_normal_form)i;
            return true;
        }
    }
    return false;
}

/* ASCII is normal in every form; nothing below U+0300 (bytes below 0xCC) changes in NFC. */
bool weir_unicode_is_surely_normal(struct weir_slice text, enum weir_normal_form form)
{
    unsigned char greatest = 0, limit = form == WEIR_NFC ? 0xCC : 0x80;
    for (size_t i = 0; i < text.size; i++)
        greatest = (unsigned char)text.data[i] > greatest ? (unsigned char)text.data[i] : greatest;
    return greatest < limit;
}

void weir_normalizer_init(struct weir_normalizer *normalizer)
{
    weir_buffer_init(&normalizer->points, NULL);
    weir_buffer_init(&normalizer->text, NULL);
}
void weir_normalizer_deinit(struct weir_normalizer *normalizer)
{
    weir_buffer_deinit(&normalizer->points);
    weir_buffer_deinit(&normalizer->text);
}

static unsigned combining_class(uint32_t c)
{
    size_t low = 0, high = WEIR_COUNT_OF(combining_ranges);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c > combining_ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < WEIR_COUNT_OF(combining_ranges) && c >= combining_ranges[low].first;
    return found ? combining_ranges[low].class : 0;
}

static void append_point(struct weir_buffer *points, uint32_t c)
{
    weir_buffer_append(points, &c, sizeof c);
}

static void decompose_hangul(struct weir_buffer *points, uint32_t index)
{
    append_point(points, HANGUL_LEADS + index / (HANGUL_VOWELS_COUNT * HANGUL_TRAILS_COUNT));
    append_point(points, HANGUL_VOWELS + index / HANGUL_TRAILS_COUNT % HANGUL_VOWELS_COUNT);
    if (index % HANGUL_TRAILS_COUNT)
        append_point(points, HANGUL_TRAILS + index % HANGUL_TRAILS_COUNT);
}

/* Index into the decomposition tables; SIZE_MAX when the form leaves c as it is. */
static size_t find_decomposition(uint32_t c, bool compatible)
{
    size_t low = 0, high = WEIR_COUNT_OF(decomposition_keys);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c > (decomposition_keys[middle] & ~COMPATIBILITY_BIT))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == WEIR_COUNT_OF(decomposition_keys))
        return SIZE_MAX;
    uint32_t key = decomposition_keys[low];
    bool applies = compatible || !(key & COMPATIBILITY_BIT);
    return (key & ~COMPATIBILITY_BIT) == c && applies ? low : SIZE_MAX;
}

/* Levels are few (4 at most in the tables), so recursion is shallow. */
static void decompose(struct weir_buffer *points, uint32_t c, bool compatible)
{
    if (c < 0xA0) {
        append_point(points, c);
        return;
    }
    if (c >= HANGUL_SYLLABLES && c < HANGUL_SYLLABLES + HANGUL_COUNT) {
        decompose_hangul(points, c - HANGUL_SYLLABLES);
        return;
    }
    size_t found = find_decomposition(c, compatible);
    if (found == SIZE_MAX) {
        append_point(points, c);
        return;
    }
    uint32_t place = decomposition_places[found];
    const char *bytes = (const char *)decomposition_pool + (place & 0xFFFF);
    size_t size = place >> 16, used;
    for (size_t at = 0; at < size; at += used)
        decompose(points, weir_utf8_decode(bytes + at, size - at, &used), compatible);
}

/* Sorts a short run of marks by class, stably. */
static void order_short_run(uint32_t *points, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t c = points[i];
        unsigned class = combining_class(c);
        size_t at = i;
        for (; at && combining_class(points[at - 1]) > class; at--)
            points[at] = points[at - 1];
        points[at] = c;
    }
}

/* The same for any length, by one scan of a copy per class: a hostile text of nothing but marks
 * must not take quadratic time. */
static void order_long_run(uint32_t *points, const uint32_t *copy, size_t count)
{
    size_t out = 0;
    for (unsigned class = 1; class < 256 && out < count; class ++)
        for (size_t i = 0; i < count; i++)
            if (combining_class(copy[i]) == class)
                points[out++] = copy[i];
}

enum { SHORT_RUN = 64 };

/* Sorts each run of marks. The copy of a long run is put behind the end of the buffer. */
static bool order_marks(struct weir_buffer *points)
{
    size_t count = points->size / sizeof(uint32_t);
    for (size_t begin = 0, end; begin < count; begin = end + 1) {
        uint32_t *array = (uint32_t *)(void *)points->data;
        for (end = begin; end < count && combining_class(array[end]); end++)
            continue;
        size_t run = end - begin;
        if (run <= SHORT_RUN) {
            order_short_run(array + begin, run);
            continue;
        }
        if (!weir_buffer_reserve(points, run * sizeof *array))
            return false;
        array = (uint32_t *)(void *)points->data;
        memcpy(array + count, array + begin, run * sizeof *array);
        order_long_run(array + begin, array + count, run);
    }
    return true;
}

/* The character that two compose to; 0: none. */
static uint32_t compose_pair(uint32_t first, uint32_t second)
{
    uint32_t lead = first - HANGUL_LEADS, vowel = second - HANGUL_VOWELS;
    if (lead < HANGUL_LEADS_COUNT && vowel < HANGUL_VOWELS_COUNT)
        return HANGUL_SYLLABLES + (lead * HANGUL_VOWELS_COUNT + vowel) * HANGUL_TRAILS_COUNT;
    uint32_t syllable = first - HANGUL_SYLLABLES, trail = second - HANGUL_TRAILS;
    if (syllable < HANGUL_COUNT && syllable % HANGUL_TRAILS_COUNT == 0 && trail &&
        trail < HANGUL_TRAILS_COUNT)
        return first + trail;
    size_t low = 0, high = WEIR_COUNT_OF(composition_pairs);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct composition *pair = &composition_pairs[middle];
        if (first > pair->first || (first == pair->first && second > pair->second))
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < WEIR_COUNT_OF(composition_pairs) && composition_pairs[low].first == first &&
                 composition_pairs[low].second == second;
    return found ? composition_pairs[low].composed : 0;
}

/* In place; gives the new count. A mark is blocked from its starter by one of the same or a higher
 * class between them. */
static size_t compose(uint32_t *points, size_t count)
{
    size_t starter = SIZE_MAX, out = 0;
    unsigned last_class = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t c = points[i];
        unsigned class = combining_class(c);
        bool is_next = starter != SIZE_MAX && starter + 1 == out;
        bool reaches = starter != SIZE_MAX && (is_next || (last_class < class));
        uint32_t composed = reaches ? compose_pair(points[starter], c) : 0;
        if (composed) {
            points[starter] = composed;
            continue;
        }
        if (!class)
            starter = out;
        last_class = class;
        points[out++] = c;
    }
    return out;
}

bool weir_unicode_normalize(struct weir_normalizer *normalizer, struct weir_slice text,
                            enum weir_normal_form form, struct weir_slice *out)
{
    *out = text;
    if (weir_unicode_is_surely_normal(text, form))
        return true;
    struct weir_buffer *points = &normalizer->points, *result = &normalizer->text;
    weir_buffer_clear(points);
    weir_buffer_clear(result);
    size_t used;
    for (size_t at = 0; at < text.size; at += used)
        decompose(points, weir_utf8_decode(text.data + at, text.size - at, &used),
                  form == WEIR_NFKC || form == WEIR_NFKD);
    if (points->failed || !order_marks(points))
        return false;
    uint32_t *array = (uint32_t *)(void *)points->data;
    size_t count = points->size / sizeof *array;
    if (form == WEIR_NFC || form == WEIR_NFKC)
        count = compose(array, count);
    for (size_t i = 0; i < count; i++) {
        char bytes[WEIR_UTF8_SIZE];
        weir_buffer_append(result, bytes, weir_utf8_encode(array[i], bytes));
    }
    *out = weir_buffer_slice(result);
    return !result->failed;
}
