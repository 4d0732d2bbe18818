/* The timestamp that nearly all data has, read eight bytes at a time:
 *
 *     2013-01-01T05:15:00   2013-01-01 05:15:00.25Z   years 1 to 9999, up to six digits of fraction
 *
 * Everything else (offsets, odd spellings, what is out of range) is left to value/timestamp.h,
 * which gives the same answer for these. Runs of one date are common, so the last date is kept. */
#ifndef WEIR_FORMAT_JSON_TIME_H
#define WEIR_FORMAT_JSON_TIME_H

#include "format/json_internal.h"

/* The last date seen: its ten bytes and its day. Zero-initialise. */
struct json_date_cache {
    uint64_t head;
    uint16_t tail;
    int32_t days;
};

/* Eight bytes that must be digits, but for those where separators (given with '0' elsewhere) stand:
 * the digits' values, zero at the separators. False when something else is there. */
WEIR_INLINE bool json_digits_of(const char *p, uint64_t separators, uint64_t separator_bytes,
                                uint64_t *values)
{
    uint64_t x = json_load_u64(p) ^ separators;
    *values = x;
    return (((x + UINT64_C(0x0606060606060606)) | x) & UINT64_C(0xF0F0F0F0F0F0F0F0)) == 0 &&
           (x & separator_bytes) == 0;
}

/* Byte k of the result is ten times byte k plus byte k + 1. */
WEIR_INLINE uint64_t json_pairs_of(uint64_t values)
{
    return values * 10 + (values >> 8);
}

static WEIR_NOINLINE WEIR_UNUSED bool json_read_date(const char *p, struct json_date_cache *cache)
{
    uint64_t head, tail = (uint64_t)(unsigned char)(p[8] - '0') * 10;
    if (!json_digits_of(p, UINT64_C(0x2D30302D30303030), UINT64_C(0xFF0000FF00000000), &head) ||
        (unsigned char)(p[8] - '0') > 9 || (unsigned char)(p[9] - '0') > 9)
        return false;
    uint64_t pairs = json_pairs_of(head);
    int32_t year = (int32_t)(pairs & 0xFF) * 100 + (int32_t)(pairs >> 16 & 0xFF);
    int32_t month = (int32_t)(pairs >> 40 & 0xFF);
    int32_t day = (int32_t)tail + (p[9] - '0');
    if (year == 0 || !weir_civil_is_valid(year, month, day))
        return false;
    memcpy(&cache->head, p, sizeof cache->head);
    memcpy(&cache->tail, p + 8, sizeof cache->tail);
    cache->days = weir_civil_to_days(year, month, day);
    return true;
}

/* The date at p is in the cache from now on. */
WEIR_INLINE bool json_cache_date(const char *p, struct json_date_cache *cache)
{
    uint64_t head;
    uint16_t tail;
    memcpy(&head, p, sizeof head);
    memcpy(&tail, p + 8, sizeof tail);
    return (head == cache->head && tail == cache->tail) || json_read_date(p, cache);
}

/* Eight digits' values, the most significant in the lowest byte, as an integer: pairs, then fours,
 * then all of them (as in Lemire's "Quickly parsing eight digits", 2018). */
WEIR_INLINE uint32_t json_eight_digits(uint64_t values)
{
    values = (values * 10 + (values >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    values = (values * 100 + (values >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    return (uint32_t)(values * 10000 + (values >> 32));
}

/* The fraction behind the seconds, from its point on; *us is increased. Six digits are moved to the
 * end of a word, those that lack are zeros behind them. */
WEIR_INLINE bool json_read_fraction(const char *p, uint32_t size, int64_t *us)
{
    if (*p != '.' || size < 2 || size > 7)
        return false;
    uint64_t digits = json_load_u64(p + 1) ^ UINT64_C(0x3030303030303030);
    digits &= UINT64_MAX >> (72 - 8 * size);
    *us += json_eight_digits(digits << 16);
    return (((digits + UINT64_C(0x0606060606060606)) | digits) & UINT64_C(0xF0F0F0F0F0F0F0F0)) == 0;
}

/* us since 1970. False: not of this spelling. Reads up to 28 bytes from p. */
WEIR_INLINE bool json_read_timestamp(const char *p, uint32_t size, struct json_date_cache *cache,
                                     int64_t *us)
{
    uint64_t clock;
    if (size < 19)
        return false;
    size -= p[size - 1] == 'Z';
    if (!json_cache_date(p, cache))
        return false;
    if ((p[10] != 'T' && p[10] != ' ') ||
        !json_digits_of(p + 11, UINT64_C(0x30303A30303A3030), UINT64_C(0x0000FF0000FF0000), &clock))
        return false;
    uint64_t pairs = json_pairs_of(clock);
    uint32_t hour = (uint32_t)(pairs & 0xFF), minute = (uint32_t)(pairs >> 24 & 0xFF);
    uint32_t second = (uint32_t)(pairs >> 48 & 0xFF);
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *us = ((int64_t)cache->days * 86400 + (int64_t)(hour * 3600 + minute * 60 + second)) * 1000000;
    return size == 19 || json_read_fraction(p + 19, size - 19, us);
}

#endif
