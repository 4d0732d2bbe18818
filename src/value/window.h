/* Which windows a time is in: TUMBLE, HOP and CUMULATE over times in us.
 *
 *     TUMBLE     |-----|-----|-----|      HOP  |--------|        CUMULATE  |--|        |--|
 *                                                 |--------|               |-----|     |-----|
 *                                                    |--------|            |--------|  |--------|
 *
 * Windows begin at 1970-01-01T00:00Z plus the offset, months at the first of a month plus the
 * offset (counted from January 1970); starts are inclusive, ends exclusive. Of HOP, months may
 * slide by us, and then end as many months on (31 January + 1 month: 28 February), and us by
 * months. Results beyond the range of int64 stop at its ends.
 *
 * Tested in tests/unit/value/test_window.c and against Python and DuckDB in
 * tests/suites/windows.py. */
#ifndef WEIR_VALUE_WINDOW_H
#define WEIR_VALUE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct weir_window {
    int64_t width_us; /* exactly one of width_us and width_months is not 0 */
    int32_t width_months;
    int64_t slide_us; /* of HOP; CUMULATE: the step; TUMBLE: both 0, else one is not. CUMULATE by
                         us: us */
    int32_t slide_months;
    int64_t offset_us;
    bool cumulates;
};

/* TUMBLE: the window of a time. */
void weir_window_of(const struct weir_window *window, int64_t time_us, int64_t *start_us,
                    int64_t *end_us);
/* HOP, CUMULATE: the start of the slice that a time is in; the times of one slice are in the same
 * windows. */
int64_t weir_window_slice(const struct weir_window *window, int64_t time_us);
/* Width of the slices; 0 when they differ. */
int64_t weir_window_slice_width(const struct weir_window *window);
/* HOP, CUMULATE: the next window that holds a time, from number *n on, which becomes its number;
 * false when there are no more. 0 is the window that starts last, of CUMULATE the shortest:
 *
 *     for (int64_t n = 0; weir_window_around(window, time_us, &n, &start_us, &end_us); n++) */
bool weir_window_around(const struct weir_window *window, int64_t time_us, int64_t *n,
                        int64_t *start_us, int64_t *end_us);

#endif
