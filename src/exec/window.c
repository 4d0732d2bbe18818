/* Which windows a time is in.
 *
 * Windows begin at 1970-01-01T00:00Z plus the offset; months count from January 1970. Results
 * beyond the range of int64 stop at its ends. */
#include "exec/window.h"

#include "base/checked.h"
#include "value/civil.h"

static int64_t saturated_add(int64_t a, int64_t b)
{
    int64_t sum;
    if (weir_add_i64(a, b, &sum))
        return sum;
    return b < 0 ? INT64_MIN : INT64_MAX;
}

/* Start of a month, counted from January 1970. */
static int64_t month_start_us(int64_t month)
{
    int64_t year = 1970 + weir_floor_div_i64(month, 12);
    if (year < WEIR_CIVIL_YEAR_MIN)
        return INT64_MIN;
    if (year > WEIR_CIVIL_YEAR_MAX)
        return INT64_MAX;
    return weir_civil_to_days((int32_t)year, (int32_t)weir_floor_mod_i64(month, 12) + 1, 1) *
           WEIR_US_PER_DAY;
}

/* The month that a time is in, counted from January 1970. */
static int64_t month_of(int64_t time_us, int64_t offset_us)
{
    int64_t shifted = saturated_add(time_us, -offset_us);
    struct weir_civil civil = weir_civil_from_days(weir_civil_days_of_us(shifted));
    return ((int64_t)civil.year - 1970) * 12 + civil.month - 1;
}

static void whole_months(const struct weir_plan_window *window, int64_t time_us, int64_t *start_us,
                         int64_t *end_us)
{
    int64_t month = month_of(time_us, window->offset_us);
    int64_t first = weir_floor_div_i64(month, window->width_months) * window->width_months;
    *start_us = saturated_add(month_start_us(first), window->offset_us);
    *end_us = saturated_add(month_start_us(first + window->width_months), window->offset_us);
}

static void month_window(const struct weir_plan_window *window, int64_t time_us, int64_t n,
                         int64_t *start_us, int64_t *end_us)
{
    int64_t month = month_of(time_us, window->offset_us);
    int64_t first = (weir_floor_div_i64(month, window->slide_months) - n) * window->slide_months;
    *start_us = saturated_add(month_start_us(first), window->offset_us);
    *end_us = saturated_add(month_start_us(first + window->width_months), window->offset_us);
}

void exec_window_of(const struct weir_plan_window *window, int64_t time_us, int64_t *start_us,
                    int64_t *end_us)
{
    if (window->width_months) {
        whole_months(window, time_us, start_us, end_us);
        return;
    }
    int64_t offset = weir_floor_mod_i64(window->offset_us, window->width_us);
    int64_t into = weir_floor_mod_i64(time_us, window->width_us) - offset;
    if (into < 0)
        into += window->width_us;
    *start_us = saturated_add(time_us, -into);
    *end_us = saturated_add(time_us, window->width_us - into);
}

/* ---- windows that overlap ---- */

static int64_t greatest_divisor(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int64_t exec_window_slice_width(const struct weir_plan_window *window)
{
    return window->width_months ? 0 : greatest_divisor(window->width_us, window->slide_us);
}

/* CUMULATE: start and end of the step that a time is in, n steps on, within the whole window. */
static void step_around(const struct weir_plan_window *window, int64_t base_us, int64_t time_us,
                        int64_t n, int64_t *start_us, int64_t *end_us)
{
    if (window->slide_months) {
        int64_t month = month_of(time_us, window->offset_us);
        int64_t into = weir_floor_mod_i64(month, window->width_months);
        int64_t first = month - into % window->slide_months + n * window->slide_months;
        *start_us = saturated_add(month_start_us(first), window->offset_us);
        *end_us = saturated_add(month_start_us(first + window->slide_months), window->offset_us);
        return;
    }
    uint64_t into = ((uint64_t)time_us - (uint64_t)base_us) % (uint64_t)window->slide_us;
    int64_t ahead;
    if (!weir_mul_i64(n, window->slide_us, &ahead))
        ahead = INT64_MAX;
    *start_us = saturated_add((int64_t)((uint64_t)time_us - into), ahead);
    *end_us = saturated_add(*start_us, window->slide_us);
}

int64_t exec_window_slice(const struct weir_plan_window *window, int64_t time_us)
{
    if (window->width_months && window->slide_us) {
        int64_t start, end;
        whole_months(window, time_us, &start, &end);
        step_around(window, start, time_us, 0, &start, &end);
        return start;
    }
    if (window->width_months) {
        int64_t start, end;
        struct weir_plan_window month = {
            .kind = WEIR_WINDOW_TUMBLE, .width_months = 1, .offset_us = window->offset_us};
        exec_window_of(&month, time_us, &start, &end);
        return start;
    }
    int64_t width = exec_window_slice_width(window);
    int64_t into = weir_floor_mod_i64(time_us, width);
    into = weir_floor_mod_i64(into - window->offset_us % width, width);
    int64_t start;
    return weir_sub_i64(time_us, into, &start) ? start : INT64_MIN;
}

bool exec_window_around(const struct weir_plan_window *window, int64_t slice_us, int64_t n,
                        int64_t *start_us, int64_t *end_us)
{
    struct weir_plan_window tumble = {.kind = WEIR_WINDOW_TUMBLE, .offset_us = window->offset_us};
    if (window->kind == WEIR_WINDOW_CUMULATE) {
        int64_t last, step_us;
        tumble.width_us = window->width_us;
        tumble.width_months = window->width_months;
        exec_window_of(&tumble, slice_us, start_us, &last);
        step_around(window, *start_us, slice_us, n, &step_us, end_us);
        if (*end_us > last)
            *end_us = last;
        bool is_last_again = n > 0 && step_us >= last;
        return !is_last_again;
    }
    tumble.width_us = window->slide_us;
    tumble.width_months = window->slide_months;
    exec_window_of(&tumble, slice_us, start_us, end_us);
    if (window->width_months) {
        month_window(window, slice_us, n, start_us, end_us);
        return *end_us > slice_us;
    }
    int64_t back;
    if (!weir_mul_i64(n, window->slide_us, &back) || !weir_sub_i64(*start_us, back, start_us) ||
        !weir_add_i64(*start_us, window->width_us, end_us))
        return false;
    return *end_us > slice_us;
}
