/* The windows of the plan; see value/window.h. */
#ifndef WEIR_EXEC_WINDOW_H
#define WEIR_EXEC_WINDOW_H

#include "plan/physical.h"

static inline void exec_window_of(const struct weir_plan_window *window, int64_t time_us,
                                  int64_t *start_us, int64_t *end_us)
{
    const struct weir_window shape = weir_plan_window_shape(window);
    weir_window_of(&shape, time_us, start_us, end_us);
}

static inline int64_t exec_window_slice(const struct weir_plan_window *window, int64_t time_us)
{
    const struct weir_window shape = weir_plan_window_shape(window);
    return weir_window_slice(&shape, time_us);
}

static inline int64_t exec_window_slice_width(const struct weir_plan_window *window)
{
    const struct weir_window shape = weir_plan_window_shape(window);
    return weir_window_slice_width(&shape);
}

static inline bool exec_window_around(const struct weir_plan_window *window, int64_t time_us,
                                      int64_t *n, int64_t *start_us, int64_t *end_us)
{
    const struct weir_window shape = weir_plan_window_shape(window);
    return weir_window_around(&shape, time_us, n, start_us, end_us);
}

#endif
