/* TZif files (RFC 8536): a 32-bit block for old readers, then, from version 2 on, a 64-bit block
 * and a footer line with a POSIX TZ rule.
 *
 *     "TZif" version reserved[15] isutcnt isstdcnt leapcnt timecnt typecnt charcnt   (each 4 bytes)
 *     timecnt times, timecnt type indices, typecnt * {utoff 4, isdst 1, abbreviation index 1},
 *     charcnt bytes of abbreviations, leapcnt leap seconds, isstdcnt, isutcnt bytes
 *
 * Big-endian. Every count is checked against the file's size before anything is read. */
#include "value/timezone_internal.h"

enum { HEADER_SIZE = 44, TYPE_SIZE = 6 };

struct counts {
    size_t isut, isstd, leap, time, type, chars;
    char version;
};

static uint32_t read_u32(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t read_time(const char *at, size_t width)
{
    if (width == 4)
        return (int32_t)read_u32(at);
    return (int64_t)((uint64_t)read_u32(at) << 32 | read_u32(at + 4));
}

static bool read_header(struct weir_slice bytes, struct counts *out)
{
    if (bytes.size < HEADER_SIZE || memcmp(bytes.data, "TZif", 4) != 0)
        return false;
    out->version = bytes.data[4];
    out->isut = read_u32(bytes.data + 20);
    out->isstd = read_u32(bytes.data + 24);
    out->leap = read_u32(bytes.data + 28);
    out->time = read_u32(bytes.data + 32);
    out->type = read_u32(bytes.data + 36);
    out->chars = read_u32(bytes.data + 40);
    return out->type > 0 && out->type <= 256 && out->chars > 0 && out->chars <= 65536 &&
           out->time <= 65536 && out->leap <= 65536 && out->isut <= 256 && out->isstd <= 256;
}

static size_t block_size(const struct counts *counts, size_t width)
{
    return HEADER_SIZE + counts->time * (width + 1) + counts->type * TYPE_SIZE + counts->chars +
           counts->leap * (width + 4) + counts->isstd + counts->isut;
}

/* Reads the block at bytes.data (its size has been checked) into zone. */
static enum weir_rule_result read_block(struct weir_arena *arena, struct weir_slice bytes,
                                        const struct counts *counts, size_t width,
                                        struct weir_timezone *zone)
{
    const char *times = bytes.data + HEADER_SIZE;
    const char *indices = times + counts->time * width;
    const char *types_at = indices + counts->time;
    const char *chars = types_at + counts->type * TYPE_SIZE;
    int64_t *transitions = WEIR_ARENA_ARRAY(arena, int64_t, counts->time + 1);
    uint8_t *type_indices = WEIR_ARENA_ARRAY(arena, uint8_t, counts->time + 1);
    struct weir_timezone_info *types =
        WEIR_ARENA_ARRAY(arena, struct weir_timezone_info, counts->type);
    char *names = weir_arena_copy(arena, weir_slice_make(chars, counts->chars));

    if (!transitions || !type_indices || !types || !names)
        return WEIR_RULE_NO_MEMORY;
    for (size_t i = 0; i < counts->time; i++) {
        transitions[i] = read_time(times + i * width, width);
        type_indices[i] = (uint8_t)indices[i];
        if (type_indices[i] >= counts->type || (i && transitions[i] <= transitions[i - 1]))
            return WEIR_RULE_SYNTAX;
    }
    for (size_t i = 0; i < counts->type; i++) {
        const char *at = types_at + i * TYPE_SIZE;
        size_t name = (unsigned char)at[5];
        types[i].offset_s = (int32_t)read_u32(at);
        types[i].is_dst = at[4] != 0;
        if (name >= counts->chars || types[i].offset_s < -100000 || types[i].offset_s > 100000)
            return WEIR_RULE_SYNTAX;
        types[i].abbreviation = names + name; /* the copy ends in a NUL of its own */
    }
    zone->transitions = transitions;
    zone->transitions_count = counts->time;
    zone->types_at = type_indices;
    zone->types = types;
    zone->types_count = counts->type;
    return WEIR_RULE_OK;
}

/* The rule between the line feeds after the 64-bit block; an empty one means: none. */
static enum weir_rule_result read_footer(struct weir_arena *arena, struct weir_slice footer,
                                         struct weir_timezone *zone)
{
    if (footer.size < 2 || footer.data[0] != '\n')
        return WEIR_RULE_SYNTAX;
    size_t end = weir_slice_find(footer, weir_slice_from_string("\n"), 1);
    if (end == SIZE_MAX)
        return WEIR_RULE_SYNTAX;
    if (end == 1)
        return WEIR_RULE_OK;
    zone->has_rule = true;
    return weir_timezone_rule_parse(arena, weir_slice_make(footer.data + 1, end - 1), &zone->rule);
}

static enum weir_rule_result read_file(struct weir_arena *arena, struct weir_slice bytes,
                                       struct weir_timezone *zone)
{
    struct counts counts;
    if (!read_header(bytes, &counts) || block_size(&counts, 4) > bytes.size)
        return WEIR_RULE_SYNTAX;
    if (counts.version < '2')
        return read_block(arena, bytes, &counts, 4, zone);

    size_t skip = block_size(&counts, 4);
    bytes = weir_slice_make(bytes.data + skip, bytes.size - skip);
    if (!read_header(bytes, &counts) || block_size(&counts, 8) > bytes.size)
        return WEIR_RULE_SYNTAX;
    enum weir_rule_result result = read_block(arena, bytes, &counts, 8, zone);
    if (result != WEIR_RULE_OK)
        return result;
    skip = block_size(&counts, 8);
    return read_footer(arena, weir_slice_make(bytes.data + skip, bytes.size - skip), zone);
}

enum weir_status weir_timezone_from_tzif(struct weir_arena *arena, struct weir_slice name,
                                         struct weir_slice bytes, const struct weir_timezone **out,
                                         struct weir_error *error)
{
    struct weir_timezone *zone = WEIR_ARENA_NEW(arena, struct weir_timezone);
    char *copy = weir_arena_copy(arena, name);

    if (!zone || !copy)
        return weir_error_set_out_of_memory(error);
    zone->name = weir_slice_make(copy, name.size);
    switch (read_file(arena, bytes, zone)) {
    case WEIR_RULE_OK:
        *out = zone;
        return WEIR_OK;
    case WEIR_RULE_NO_MEMORY:
        return weir_error_set_out_of_memory(error);
    default:
        return weir_error_set(error, WEIR_E_BAD_TIME_ZONE, "the data of time zone %.*s is damaged",
                              WEIR_SLICE_ARGS(name));
    }
}
