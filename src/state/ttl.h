/* Time to live: which rows nobody has asked for in so long a time. Processing time, in ticks of an
 * eighth of the time to live, 4 bytes a row:
 *
 *     touch rows 3, 7 at tick 12        ticks: [.. 12 .. 12 ..]
 *     advance to tick 21                a sweep is due; row 3 is over, for 21 - 12 > 8
 *
 * So a row lives for the time to live at least, and for five quarters of it at most. Rows are
 * numbers below 2^32 (ids of a state table, keys of a multimap); who sweeps walks his own table.
 * Tested in tests/unit/state/test_ttl.c. */
#ifndef WEIR_STATE_TTL_H
#define WEIR_STATE_TTL_H

#include "base/memory.h"
#include "base/time.h"

struct weir_ttl {
    int64_t tick_us; /* 0: rows live for ever, and nothing below is used */
    int64_t begin_us;
    uint32_t now; /* tick */
    uint32_t *ticks;
    uint32_t capacity;
    struct weir_budget *budget;
};

/* ttl_us <= 0: for ever. now: the present. */
void weir_ttl_init(struct weir_ttl *ttl, int64_t ttl_us, struct weir_processing_time now,
                   struct weir_budget *budget);
void weir_ttl_deinit(struct weir_ttl *ttl);
static inline bool weir_ttl_is_on(const struct weir_ttl *ttl)
{
    return ttl->tick_us != 0;
}
/* Somebody asked for these rows now. */
WEIR_CHECKED enum weir_status weir_ttl_touch(struct weir_ttl *ttl, const uint32_t *rows,
                                             uint32_t count, struct weir_error *error);
/* True when the rows should be looked through: once a tick. */
bool weir_ttl_advance(struct weir_ttl *ttl, struct weir_processing_time now);
/* Of a row that was touched. */
static inline bool weir_ttl_is_over(const struct weir_ttl *ttl, uint32_t row)
{
    return ttl->now - ttl->ticks[row] > 8;
}

#endif
