/* Arithmetic of windows over times in us. */
#ifndef WEIR_EXEC_WINDOW_H
#define WEIR_EXEC_WINDOW_H

#include "plan/physical.h"

/* TUMBLE: the window of a time; start inclusive, end exclusive. */
void exec_window_of(const struct weir_plan_window *window, int64_t time_us, int64_t *start_us,
                    int64_t *end_us);
/* HOP, CUMULATE: the start of the slice that a time is in; the times of one slice are in the same
 * windows. */
int64_t exec_window_slice(const struct weir_plan_window *window, int64_t time_us);
/* Width of the slices; 0 when they are months. */
int64_t exec_window_slice_width(const struct weir_plan_window *window);
/* The n-th window (0: the one that starts last, of cumulate the shortest) that holds a slice; false
 * when there are no more. */
bool exec_window_around(const struct weir_plan_window *window, int64_t slice_us, int64_t n,
                        int64_t *start_us, int64_t *end_us);

#endif
