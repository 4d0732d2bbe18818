/* Time zones: TZif data (RFC 8536, versions 1 to 4, with the POSIX rule of the footer for the
 * years beyond the table), fixed offsets, abbreviations. Bytes in; finding files is the caller's.
 *
 * Offsets are seconds east of UTC (Postgres' and ISO 8601's sign). Immutable once made: share it
 * between threads. For runs of near times pass a cursor, which remembers the last stretch between
 * two transitions: then a conversion is two compares and an addition.
 *
 * Local times that exist twice (clocks set back) mean the standard-time (later) instant; those that
 * never exist (clocks set forward) are read with the offset before the change, which moves them
 * forward past the gap. Both as Postgres 15. */
#ifndef WEIR_VALUE_TIMEZONE_H
#define WEIR_VALUE_TIMEZONE_H

#include "base/memory.h"

enum { WEIR_TIMEZONE_OFFSET_MAX = 15 * 3600 + 59 * 60 + 59 }; /* ±15:59:59, as Postgres */

struct weir_timezone; /* opaque; lives in the arena it was made in */

/* What holds at an instant. */
struct weir_timezone_info {
    int32_t offset_s;
    bool is_dst;
    const char *abbreviation; /* borrowed from the zone; NUL-terminated, e.g. "CEST" */
};

/* Zero-initialise; belongs to one zone and one thread. */
struct weir_timezone_cursor {
    int64_t from_s; /* seconds since 1970, inclusive */
    int64_t to_s;   /* exclusive; from == to: empty */
    struct weir_timezone_info info;
};

/* Copies what it needs out of bytes. BAD_TIME_ZONE when the data is damaged. */
enum weir_status weir_timezone_from_tzif(struct weir_arena *arena, struct weir_slice name,
                                         struct weir_slice bytes, const struct weir_timezone **out,
                                         struct weir_error *error);
/* A zone without transitions. */
enum weir_status weir_timezone_from_offset(struct weir_arena *arena, struct weir_slice name,
                                           int32_t offset_s, const struct weir_timezone **out,
                                           struct weir_error *error);
/* A POSIX TZ rule such as CET-1CEST,M3.5.0,M10.5.0/3; BAD_TIME_ZONE when it is none. */
enum weir_status weir_timezone_from_posix(struct weir_arena *arena, struct weir_slice rule,
                                          const struct weir_timezone **out,
                                          struct weir_error *error);

struct weir_slice weir_timezone_name(const struct weir_timezone *zone);
bool weir_timezone_is_fixed(const struct weir_timezone *zone);

/* Names that need no file: the default abbreviations of Postgres (UTC, EST, CEST, JST …, any case)
 * and POSIX forms, whose sign counts WEST, as in Postgres' AT TIME ZONE: 'UTC+3' and '+3' are
 * three hours behind Greenwich, '<+03>-3' three ahead. False when the name is none of them (then
 * try the tz database, then weir_timezone_from_posix). */
bool weir_timezone_fixed_offset(struct weir_slice name, int32_t *offset_s);
/* Only the abbreviations. */
bool weir_timezone_abbreviation(struct weir_slice name, int32_t *offset_s, bool *is_dst);
/* An ISO 8601 offset as it stands in a timestamp: Z, ±h, ±hh, ±hhmm, ±hh:mm, ±hh:mm:ss. */
bool weir_timezone_parse_offset(struct weir_slice text, int32_t *offset_s);

/* cursor may be NULL. */
struct weir_timezone_info weir_timezone_at(const struct weir_timezone *zone,
                                           struct weir_timezone_cursor *cursor, int64_t utc_s);
/* Local wall-clock us of a UTC instant, and back. False when the result leaves int64. */
WEIR_CHECKED bool weir_timezone_to_local(const struct weir_timezone *zone,
                                         struct weir_timezone_cursor *cursor, int64_t utc_us,
                                         int64_t *local_us);
WEIR_CHECKED bool weir_timezone_to_utc(const struct weir_timezone *zone,
                                       struct weir_timezone_cursor *cursor, int64_t local_us,
                                       int64_t *utc_us);

#endif
