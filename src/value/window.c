/* Arithmetic of windows; see window.h. */
#include "value/window.h"

#include "base/checked.h"
#include "base/time.h"
#include "value/civil.h"

static int64_t saturated_add(int64_t a, int64_t b)
{
    int64_t sum;
    if (weir_add_i64(a, b, &sum))
        return sum;
    return b < 0 ? INT64_MIN : INT64_MAX;
}

/* ---- months ---- */

/* Start of a month, counted from January 1970. */
static int64_t month_start_us(int64_t month)
{
    int64_t year = 1970 + weir_floor_div_i64(month, 12);
    if (year < WEIR_CIVIL_YEAR_MIN)
        return INT64_MIN;
    if (year > WEIR_CIVIL_YEAR_MAX)
        return INT64_MAX;
    int64_t us;
    if (!weir_mul_i64(
            weir_civil_to_days((int32_t)year, (int32_t)weir_floor_mod_i64(month, 12) + 1, 1),
            WEIR_US_PER_DAY, &us))
        return year > 1970 ? INT64_MAX : INT64_MIN;
    return us;
}

/* The month that a time is in, counted from January 1970. */
static int64_t month_of(int64_t time_us, int64_t offset_us)
{
    int64_t shifted = saturated_add(time_us, offset_us == INT64_MIN ? INT64_MAX : -offset_us);
    struct weir_civil civil = weir_civil_from_days(weir_civil_days_of_us(shifted));
    return ((int64_t)civil.year - 1970) * 12 + civil.month - 1;
}

/* The same plus the window's offset; what stops at an end of time stays there. */
static int64_t shifted_month_us(const struct weir_window *window, int64_t month)
{
    int64_t start = month_start_us(month);
    return start == INT64_MIN || start == INT64_MAX ? start
                                                    : saturated_add(start, window->offset_us);
}

/* The same time of day, months on. */
static int64_t months_later(int64_t time_us, int32_t months)
{
    int32_t days;
    int64_t us;
    if (!weir_civil_add_months(weir_civil_days_of_us(time_us), months, &days) ||
        !weir_mul_i64(days, WEIR_US_PER_DAY, &us))
        return time_us < 0 ? INT64_MIN : INT64_MAX;
    return saturated_add(us, weir_civil_time_of_us(time_us));
}

/* ---- one after the other ---- */

static void of_months(const struct weir_window *window, int32_t months, int64_t time_us,
                      int64_t *start_us, int64_t *end_us)
{
    int64_t month = month_of(time_us, window->offset_us);
    int64_t first = weir_floor_div_i64(month, months) * months;
    *start_us = shifted_month_us(window, first);
    *end_us = shifted_month_us(window, first + months);
}

/* How far a time is into the last multiple of width, plus the offset. */
static int64_t into_multiple(const struct weir_window *window, int64_t width_us, int64_t time_us)
{
    int64_t into =
        weir_floor_mod_i64(time_us, width_us) - weir_floor_mod_i64(window->offset_us, width_us);
    return into < 0 ? into + width_us : into;
}

void weir_window_of(const struct weir_window *window, int64_t time_us, int64_t *start_us,
                    int64_t *end_us)
{
    if (window->width_months) {
        of_months(window, window->width_months, time_us, start_us, end_us);
        return;
    }
    int64_t into = into_multiple(window, window->width_us, time_us);
    *start_us = saturated_add(time_us, -into);
    *end_us = saturated_add(time_us, window->width_us - into);
}

/* ---- over each other ---- */

/* What divides all starts and ends, less the offset. */
int64_t weir_window_slice_width(const struct weir_window *window)
{
    if (window->width_us && window->slide_us)
        return weir_gcd_i64(window->width_us, window->slide_us);
    if (window->cumulates || !(window->width_us | window->slide_us))
        return 0;
    return weir_gcd_i64(window->width_us | window->slide_us, WEIR_US_PER_DAY);
}

/* CUMULATE: start and end of the step that a time is in, n steps on, within the window that begins
 * at base. */
static void step_around(const struct weir_window *window, int64_t base_us, int64_t time_us,
                        int64_t n, int64_t *start_us, int64_t *end_us)
{
    if (window->slide_months) {
        int64_t month = month_of(time_us, window->offset_us);
        int64_t into = weir_floor_mod_i64(month, window->width_months);
        int64_t first = month - into % window->slide_months + n * window->slide_months;
        *start_us = shifted_month_us(window, first);
        *end_us = shifted_month_us(window, first + window->slide_months);
        return;
    }
    uint64_t into = ((uint64_t)time_us - (uint64_t)base_us) % (uint64_t)window->slide_us;
    int64_t ahead;
    if (!weir_mul_i64(n, window->slide_us, &ahead))
        ahead = INT64_MAX;
    *start_us = saturated_add((int64_t)((uint64_t)time_us - into), ahead);
    *end_us = saturated_add(*start_us, window->slide_us);
}

int64_t weir_window_slice(const struct weir_window *window, int64_t time_us)
{
    int64_t start, end, width = weir_window_slice_width(window);
    if (width)
        return weir_sub_i64(time_us, into_multiple(window, width, time_us), &start) ? start
                                                                                    : INT64_MIN;
    if (!window->slide_us) { /* months alone */
        of_months(window, 1, time_us, &start, &end);
        return start;
    }
    weir_window_of(window, time_us, &start, &end);
    step_around(window, start, time_us, 0, &start, &end);
    return start;
}

static bool cumulated(const struct weir_window *window, int64_t time_us, int64_t n,
                      int64_t *start_us, int64_t *end_us)
{
    int64_t last, step_us;
    weir_window_of(window, time_us, start_us, &last);
    step_around(window, *start_us, time_us, n, &step_us, end_us);
    if (*end_us > last)
        *end_us = last;
    return n == 0 || step_us < last;
}

static void hop_by_months(const struct weir_window *window, int64_t time_us, int64_t n,
                          int64_t *start_us, int64_t *end_us)
{
    int64_t month = month_of(time_us, window->offset_us);
    int64_t first = (weir_floor_div_i64(month, window->slide_months) - n) * window->slide_months;
    *start_us = shifted_month_us(window, first);
    *end_us = window->width_months ? shifted_month_us(window, first + window->width_months)
                                   : saturated_add(*start_us, window->width_us);
}

static bool hop(const struct weir_window *window, int64_t time_us, int64_t n, int64_t *start_us,
                int64_t *end_us)
{
    int64_t back, into = into_multiple(window, window->slide_us, time_us);
    if (!weir_mul_i64(n, window->slide_us, &back) || !weir_sub_i64(time_us, into, start_us) ||
        !weir_sub_i64(*start_us, back, start_us))
        return false;
    *end_us = window->width_months ? months_later(*start_us, window->width_months)
                                   : saturated_add(*start_us, window->width_us);
    return true;
}

/* Whether a window that begins earlier may end later, on the last day of a short month: then by
 * less than a day. */
static bool is_uneven(const struct weir_window *window)
{
    return window->width_months && window->slide_us % WEIR_US_PER_DAY != 0;
}

bool weir_window_around(const struct weir_window *window, int64_t time_us, int64_t *n,
                        int64_t *start_us, int64_t *end_us)
{
    if (window->cumulates)
        return cumulated(window, time_us, *n, start_us, end_us);
    for (;; (*n)++) {
        if (window->slide_months)
            hop_by_months(window, time_us, *n, start_us, end_us);
        else if (!hop(window, time_us, *n, start_us, end_us))
            return false;
        if (*n > 0 && *start_us == INT64_MIN) /* of those that stop at the end of time one */
            return false;
        if (*end_us > time_us)
            return true;
        if (!is_uneven(window) || saturated_add(*end_us, WEIR_US_PER_DAY) <= time_us)
            return false;
    }
}
