/* Time zones: names without files, and conversions. Contracts: value/timezone.h.
 *
 * A zone is a row of stretches of constant offset. To go from a local time to UTC, look at the
 * stretch that holds one day before (no offset changes by more than a day) and at the one after it:
 * the local time belongs to the former, to the latter, to both (clocks set back: take the latter),
 * or to none (clocks set forward: read it with the former's offset). */
#include "base/checked.h"
#include "value/number_internal.h"
#include "value/timezone_abbreviations.h"
#include "value/timezone_internal.h"

struct weir_slice weir_timezone_name(const struct weir_timezone *zone)
{
    return zone->name;
}

bool weir_timezone_is_fixed(const struct weir_timezone *zone)
{
    return zone->transitions_count == 0 && !(zone->has_rule && zone->rule.has_daylight);
}

/* An empty zone with its name, or NULL. */
static struct weir_timezone *new_zone(struct weir_arena *arena, struct weir_slice name)
{
    struct weir_timezone *zone = WEIR_ARENA_NEW(arena, struct weir_timezone);
    char *copy = weir_arena_copy(arena, name);
    if (!zone || !copy)
        return NULL;
    zone->name = weir_slice_make(copy, name.size);
    return zone;
}

enum weir_status weir_timezone_from_offset(struct weir_arena *arena, struct weir_slice name,
                                           int32_t offset_s, const struct weir_timezone **out,
                                           struct weir_error *error)
{
    struct weir_timezone *zone = new_zone(arena, name);
    if (!zone)
        return weir_error_set_out_of_memory(error);
    zone->has_rule = true;
    zone->rule.standard.offset_s = offset_s;
    zone->rule.standard.abbreviation = zone->name.data;
    *out = zone;
    return WEIR_OK;
}

enum weir_status weir_timezone_from_posix(struct weir_arena *arena, struct weir_slice rule,
                                          const struct weir_timezone **out,
                                          struct weir_error *error)
{
    struct weir_timezone *zone = new_zone(arena, rule);
    if (!zone)
        return weir_error_set_out_of_memory(error);
    zone->has_rule = true;
    switch (weir_timezone_rule_parse(arena, rule, &zone->rule)) {
    case WEIR_RULE_OK:
        *out = zone;
        return WEIR_OK;
    case WEIR_RULE_NO_MEMORY:
        return weir_error_set_out_of_memory(error);
    default:
        return weir_error_set(error, WEIR_E_BAD_TIME_ZONE, "time zone %.*s not recognized",
                              WEIR_SLICE_ARGS(rule));
    }
}

/* ---- names ---- */

static char upper(char c)
{
    return (unsigned char)(c - 'a') < 26 ? (char)(c - 32) : c;
}

bool weir_timezone_abbreviation(struct weir_slice name, int32_t *offset_s, bool *is_dst)
{
    char key[8] = {0};
    size_t low = 0, high = WEIR_COUNT_OF(weir_abbreviations);

    if (name.size == 0 || name.size >= sizeof key)
        return false;
    for (size_t i = 0; i < name.size; i++)
        key[i] = upper(name.data[i]);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(weir_abbreviations[middle].name, key);
        if (order == 0) {
            *offset_s = weir_abbreviations[middle].offset_s;
            *is_dst = weir_abbreviations[middle].is_dst;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Letters (or none, or <…>), then a POSIX offset to the end. */
static bool posix_offset(struct weir_slice name, int32_t *offset_s)
{
    size_t at = 0;
    int32_t west;

    if (name.size && name.data[0] == '<') {
        at = weir_slice_find(name, weir_slice_from_string(">"), 1);
        if (at == SIZE_MAX)
            return false;
        at++;
    }
    while (at < name.size && (unsigned char)(upper(name.data[at]) - 'A') < 26)
        at++;
    if (!weir_timezone_rule_offset(name, &at, &west) || at != name.size)
        return false;
    *offset_s = -west;
    return true;
}

bool weir_timezone_fixed_offset(struct weir_slice name, int32_t *offset_s)
{
    bool is_dst;
    return weir_timezone_abbreviation(name, offset_s, &is_dst) || posix_offset(name, offset_s);
}

/* :m or :mm at text.data[*at], below 60. */
static bool colon_part(struct weir_slice text, size_t *at, int32_t *out)
{
    size_t start = ++*at;
    while (*at < text.size && weir_is_digit(text.data[*at]) && *at - start < 2)
        *out = *out * 10 + (text.data[(*at)++] - '0');
    return *at > start && *out < 60;
}

bool weir_timezone_parse_offset(struct weir_slice text, int32_t *offset_s)
{
    int32_t hours = 0, minutes = 0, seconds = 0;
    size_t at = 1;

    if (text.size == 1 && (text.data[0] | 32) == 'z') {
        *offset_s = 0;
        return true;
    }
    if (text.size < 2 || (text.data[0] != '+' && text.data[0] != '-'))
        return false;
    while (at < text.size && weir_is_digit(text.data[at]))
        at++;
    size_t digits = at - 1;
    if (digits < 1 || digits > 6)
        return false;
    int32_t value = 0;
    for (size_t i = 1; i <= digits; i++)
        value = value * 10 + (text.data[i] - '0');
    hours = digits <= 2 ? value : digits <= 4 ? value / 100 : value / 10000;
    minutes = digits <= 2 ? 0 : digits <= 4 ? value % 100 : value / 100 % 100;
    seconds = digits <= 4 ? 0 : value % 100;
    if (digits <= 2 && at < text.size && text.data[at] == ':' &&
        (!colon_part(text, &at, &minutes) ||
         (at < text.size && text.data[at] == ':' && !colon_part(text, &at, &seconds))))
        return false;
    int32_t total = hours * 3600 + minutes * 60 + seconds;
    *offset_s = text.data[0] == '-' ? -total : total;
    return at == text.size && hours <= 15 && minutes < 60 && seconds < 60;
}

/* ---- conversions ---- */

/* The stretch of constant offset around utc_s. */
static void stretch_at(const struct weir_timezone *zone, int64_t utc_s,
                       struct weir_timezone_cursor *out)
{
    size_t count = zone->transitions_count;
    size_t low = 0, high = count;

    while (low < high) { /* low: how many transitions are <= utc_s */
        size_t middle = (low + high) / 2;
        if (zone->transitions[middle] <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count && zone->has_rule) {
        weir_timezone_rule_at(&zone->rule, utc_s, out);
        if (count && out->from_s < zone->transitions[count - 1])
            out->from_s = zone->transitions[count - 1];
        return;
    }
    out->from_s = low ? zone->transitions[low - 1] : INT64_MIN;
    out->to_s = low < count ? zone->transitions[low] : INT64_MAX;
    out->info = zone->types[low ? zone->types_at[low - 1] : 0];
}

/* stretch_at through the cursor. */
static struct weir_timezone_cursor find(const struct weir_timezone *zone,
                                        struct weir_timezone_cursor *cursor, int64_t utc_s)
{
    struct weir_timezone_cursor stretch;
    if (cursor && cursor->from_s <= utc_s && utc_s < cursor->to_s)
        return *cursor;
    stretch_at(zone, utc_s, &stretch);
    if (cursor)
        *cursor = stretch;
    return stretch;
}

struct weir_timezone_info weir_timezone_at(const struct weir_timezone *zone,
                                           struct weir_timezone_cursor *cursor, int64_t utc_s)
{
    return find(zone, cursor, utc_s).info;
}

bool weir_timezone_to_local(const struct weir_timezone *zone, struct weir_timezone_cursor *cursor,
                            int64_t utc_us, int64_t *local_us)
{
    struct weir_timezone_info info =
        weir_timezone_at(zone, cursor, weir_floor_div_i64(utc_us, 1000000));
    return weir_add_i64(utc_us, (int64_t)info.offset_s * 1000000, local_us);
}

bool weir_timezone_to_utc(const struct weir_timezone *zone, struct weir_timezone_cursor *cursor,
                          int64_t local_us, int64_t *utc_us)
{
    int64_t local_s = weir_floor_div_i64(local_us, 1000000);
    struct weir_timezone_cursor before = find(zone, cursor, local_s - 86400);
    int32_t offset = before.info.offset_s;

    if (before.to_s != INT64_MAX && before.to_s <= local_s + 86400) {
        struct weir_timezone_cursor after;
        stretch_at(zone, before.to_s, &after);
        int64_t by_before = local_s - before.info.offset_s;
        int64_t by_after = local_s - after.info.offset_s;
        bool both_before = by_before < before.to_s && by_after < before.to_s;
        bool both_after = by_before > before.to_s && by_after >= before.to_s;
        if (both_after || (!both_before && by_before <= by_after))
            offset = after.info.offset_s;
    }
    return weir_sub_i64(local_us, (int64_t)offset * 1000000, utc_us);
}
