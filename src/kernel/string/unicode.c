/* Simple case mapping and word characters, by binary search in ranges. */
#include "kernel/string/unicode.h"

struct case_range {
    uint32_t first, last;
    uint32_t step; /* first, first + step, … last are mapped */
    int32_t delta;
};
struct code_range {
    uint32_t first, last;
};
#include "kernel/string/unicode_case_tables.h"

static uint32_t map_case(const struct case_range *ranges, size_t count, uint32_t c)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || c < ranges[low].first || (c - ranges[low].first) % ranges[low].step)
        return c;
    return c + (uint32_t)ranges[low].delta;
}

uint32_t weir_unicode_lower(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return map_case(lower_ranges, WEIR_COUNT_OF(lower_ranges), c);
}

uint32_t weir_unicode_upper(uint32_t c)
{
    if (c < 0x80)
        return c >= 'a' && c <= 'z' ? c - 32 : c;
    return map_case(upper_ranges, WEIR_COUNT_OF(upper_ranges), c);
}

bool weir_unicode_is_word(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    size_t low = 0, high = WEIR_COUNT_OF(word_ranges);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c > word_ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < WEIR_COUNT_OF(word_ranges) && c >= word_ranges[low].first;
}
