/* Event time and processing time as types that cannot be mixed.
 * Both count microseconds since 1970-01-01T00:00:00Z, proleptic Gregorian, no leap seconds. */
#ifndef WEIR_BASE_TIME_H
#define WEIR_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct weir_event_time {
    int64_t us;
};
struct weir_processing_time {
    int64_t us;
};

#define WEIR_EVENT_TIME_MIN \
    ((struct weir_event_time){INT64_MIN}) /* before any row: no watermark yet */
#define WEIR_EVENT_TIME_MAX \
    ((struct weir_event_time){INT64_MAX}) /* end of the split: no more rows */

enum { WEIR_US_PER_MS = 1000, WEIR_US_PER_SECOND = 1000000 };
#define WEIR_US_PER_DAY INT64_C(86400000000)

static inline bool weir_event_time_before(struct weir_event_time a, struct weir_event_time b)
{
    return a.us < b.us;
}
static inline struct weir_event_time weir_event_time_min(struct weir_event_time a,
                                                         struct weir_event_time b)
{
    return a.us < b.us ? a : b;
}

#endif
