/* Timers: which rows fall due when, in event time.
 *
 * A timer is a time and a number (a row of a table, say). Times are rounded up to a granularity and
 * kept by buckets in ascending order, 4 bytes a timer; a bucket is due as a whole. Timers are not
 * taken back: who removes a row early ignores its timer when it comes (numbers may have been given
 * to other rows by then, so rows should know their own time). */
#ifndef WEIR_STATE_TIMERS_H
#define WEIR_STATE_TIMERS_H

#include "base/memory.h"
#include "base/time.h"

struct weir_timers;

/* granularity_us >= 1. */
WEIR_CHECKED enum weir_status weir_timers_create(int64_t granularity_us, struct weir_budget *budget,
                                                 struct weir_timers **out,
                                                 struct weir_error *error);
void weir_timers_destroy(struct weir_timers *timers); /* NULL is fine */
WEIR_CHECKED enum weir_status weir_timers_register_many(struct weir_timers *timers,
                                                        const int64_t *times,
                                                        const uint32_t *numbers, uint32_t count,
                                                        struct weir_error *error);
/* Takes out up to max timers whose rounded time is at or before `until`, earliest bucket first, in
 * order of registration within a bucket; 0 when there are none left. */
uint32_t weir_timers_due(struct weir_timers *timers, struct weir_event_time until,
                         uint32_t *numbers, uint32_t max);
uint64_t weir_timers_count(const struct weir_timers *timers);

#endif
