/* Comparing, searching and suggesting over borrowed bytes.
 *
 * Everything here is pure: no allocation, no locale. Letters fold in ASCII only, because what is
 * folded are keywords, options and units; text values are folded elsewhere, by Unicode.
 *
 * The edit distance is "optimal string alignment": insert, delete, replace and swap of two
 * neighbours cost one each. Three rows of the usual table suffice, since a swap looks back two.
 * Tested in tests/unit/base/test_slice.c. */
#include "base/slice.h"

enum { NAME_SIZE_MAX = 255 };

static unsigned char fold(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

bool weir_slice_equals_ignoring_case(struct weir_slice a, struct weir_slice b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++) {
        if (fold(a.data[i]) != fold(b.data[i]))
            return false;
    }
    return true;
}

int weir_slice_compare(struct weir_slice a, struct weir_slice b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared ? memcmp(a.data, b.data, shared) : 0;
    if (order)
        return order < 0 ? -1 : 1;
    return (a.size > b.size) - (a.size < b.size);
}

size_t weir_slice_find(struct weir_slice haystack, struct weir_slice needle, size_t from)
{
    if (from > haystack.size || needle.size > haystack.size - from)
        return SIZE_MAX;
    if (needle.size == 0)
        return from;
    const char *start = haystack.data + from;
    const char *found = needle.size == 1
                            ? memchr(start, needle.data[0], haystack.size - from)
                            : memmem(start, haystack.size - from, needle.data, needle.size);
    return found ? (size_t)(found - haystack.data) : SIZE_MAX;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct weir_slice weir_slice_trim(struct weir_slice slice)
{
    while (slice.size && is_space(slice.data[slice.size - 1]))
        slice.size--;
    while (slice.size && is_space(slice.data[0])) {
        slice.data++;
        slice.size--;
    }
    return slice;
}

static unsigned min_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Fills row i (of prefix a[0..i]) from the two before it; returns its smallest entry. */
static unsigned edit_row(struct weir_slice a, struct weir_slice b, size_t i,
                         const uint16_t *before_last, const uint16_t *last, uint16_t *row)
{
    unsigned smallest = row[0] = (uint16_t)i;
    unsigned char current = fold(a.data[i - 1]);
    for (size_t j = 1; j <= b.size; j++) {
        unsigned char other = fold(b.data[j - 1]);
        unsigned cost = last[j - 1] + (unsigned)(current != other);
        cost = min_of(cost, min_of(last[j], row[j - 1]) + 1u);
        if (i > 1 && j > 1 && current == fold(b.data[j - 2]) && other == fold(a.data[i - 2]))
            cost = min_of(cost, before_last[j - 2] + 1u);
        row[j] = (uint16_t)cost;
        smallest = min_of(smallest, cost);
    }
    return smallest;
}

unsigned weir_slice_edit_distance(struct weir_slice a, struct weir_slice b, unsigned limit)
{
    size_t difference = a.size > b.size ? a.size - b.size : b.size - a.size;
    if (a.size > NAME_SIZE_MAX || b.size > NAME_SIZE_MAX || difference > limit)
        return limit + 1;
    uint16_t rows[3][NAME_SIZE_MAX + 1];
    for (size_t j = 0; j <= b.size; j++)
        rows[0][j] = (uint16_t)j;
    unsigned last_smallest = 0;
    for (size_t i = 1; i <= a.size; i++) {
        unsigned smallest = edit_row(a, b, i, rows[(i + 1) % 3], rows[(i + 2) % 3], rows[i % 3]);
        /* A swap jumps over one row, so only two hopeless rows in a line are final. */
        if (smallest > limit && last_smallest > limit)
            return limit + 1;
        last_smallest = smallest;
    }
    unsigned distance = rows[a.size % 3][b.size];
    return distance > limit ? limit + 1 : distance;
}

struct weir_slice weir_slice_nearest(struct weir_slice name, const struct weir_slice *candidates,
                                     size_t candidates_count)
{
    struct weir_slice nearest = {NULL, 0};
    unsigned limit = name.size <= 4 ? 1 : name.size <= 8 ? 2 : 3;
    unsigned best = limit + 1;
    for (size_t i = 0; i < candidates_count && best > 0; i++) {
        unsigned distance = weir_slice_edit_distance(name, candidates[i], limit);
        /* Letters are left out more often than put in: "cout" is "count", not "cot". */
        bool closer = distance < best ||
                      (distance == best && best <= limit && candidates[i].size > nearest.size);
        if (closer) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}
