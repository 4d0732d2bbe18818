/* What the date and time kernels share: the session's zone, checked arithmetic, fields by name.
 * Private to kernel/time. */
#ifndef WEIR_KERNEL_TIME_TIME_INTERNAL_H
#define WEIR_KERNEL_TIME_TIME_INTERNAL_H

#include "kernel/kernel_internal.h"
#include "value/interval.h"
#include "value/timestamp.h"

/* A zone with its cursor; zone NULL: UTC. */
struct weir_time_zone {
    const struct weir_timezone *zone;
    struct weir_timezone_cursor cursor;
};
static inline struct weir_time_zone weir_time_session_zone(const struct weir_kernel_call *call)
{
    return (struct weir_time_zone){.zone = call->session ? call->session->timezone : NULL};
}
static inline int64_t weir_time_now(const struct weir_kernel_call *call)
{
    return call->session ? call->session->now.us : 0;
}
WEIR_CHECKED bool weir_time_to_local(struct weir_time_zone *zone, int64_t utc, int64_t *local);
WEIR_CHECKED bool weir_time_to_utc(struct weir_time_zone *zone, int64_t local, int64_t *utc);
/* What holds in the zone at the instant. */
struct weir_timezone_info weir_time_zone_at(struct weir_time_zone *zone, int64_t utc);

/* The zone that a text names; the one found last is kept. False when the lane fails: *stop says
 * whether the kernel returns. */
struct weir_time_zone_cache {
    struct weir_slice name;
    struct weir_time_zone zone;
    bool is_known;
};
WEIR_CHECKED bool weir_time_find_zone(struct weir_kernel_call *call, uint32_t lane,
                                      struct weir_slice name, struct weir_time_zone_cache *cache,
                                      bool *stop);

/* Instant + interval. With a zone, months and days move its wall clock and the rest the instant. */
WEIR_CHECKED bool weir_time_add(struct weir_time_zone *zone, int64_t us, struct weir_interval by,
                                int64_t *out);
/* Every lane of argument k, times scale (> 0), plus delta. False, with lanes of no meaning, when
 * the argument is not flat or a lane, null ones included, comes out of range. */
WEIR_CHECKED bool weir_time_scale(struct weir_kernel_call *call, uint32_t k, int64_t scale,
                                  int64_t delta);
/* (us + by) within a day. */
int64_t weir_time_wrap(int64_t us, int64_t by);
static inline bool weir_time_is_instant(int64_t us)
{
    return us >= WEIR_TIMESTAMP_US_MIN;
}

/* --- fields of EXTRACT and date_trunc ------------------------------------------------------- */

enum weir_time_field {
    WEIR_FIELD_UNKNOWN,
    WEIR_FIELD_MICROSECONDS,
    WEIR_FIELD_MILLISECONDS,
    WEIR_FIELD_SECOND,
    WEIR_FIELD_MINUTE,
    WEIR_FIELD_HOUR,
    WEIR_FIELD_DAY,
    WEIR_FIELD_WEEK,
    WEIR_FIELD_MONTH,
    WEIR_FIELD_QUARTER,
    WEIR_FIELD_YEAR,
    WEIR_FIELD_DECADE,
    WEIR_FIELD_CENTURY,
    WEIR_FIELD_MILLENNIUM, /* up to here: what date_trunc takes, from fine to coarse */
    WEIR_FIELD_EPOCH,
    WEIR_FIELD_JULIAN,
    WEIR_FIELD_ISOYEAR,
    WEIR_FIELD_DOW,
    WEIR_FIELD_ISODOW,
    WEIR_FIELD_DOY,
    WEIR_FIELD_TIMEZONE,
    WEIR_FIELD_TIMEZONE_HOUR,
    WEIR_FIELD_TIMEZONE_MINUTE
};
/* Any case, with Postgres' abbreviations and plurals. */
enum weir_time_field weir_time_field_find(struct weir_slice name);
/* The lane fails because the type has no such field, or nothing has. */
WEIR_CHECKED bool weir_time_fail_field(struct weir_kernel_call *call, uint32_t lane,
                                       struct weir_slice name, const struct weir_type *type);

#endif
