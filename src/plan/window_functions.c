/* Bounds of tumbling windows as functions of a row: (time, width, offset).
 *
 *     start = floor((time - offset) / width) * width + offset        widths in us
 *     start = the first day of month m * floor(month(time) / m)      widths in months
 *
 * Width and offset are constants made by the binder, so that equal windows are equal expressions.
 * Results beyond the range of int64 stop at its ends. */
#include "plan/binder_internal.h"

#include "value/civil.h"
#include "value/interval.h"

struct bounds {
    int64_t start, end;
};

static int64_t add_clamped(int64_t a, int64_t b)
{
    int64_t sum;
    return weir_add_i64(a, b, &sum) ? sum : b < 0 ? INT64_MIN : INT64_MAX;
}

static int64_t month_start_us(int64_t months)
{
    int64_t year = 1970 + weir_floor_div_i64(months, 12);
    if (year > WEIR_CIVIL_YEAR_MAX)
        return INT64_MAX;
    if (year < WEIR_CIVIL_YEAR_MIN)
        return INT64_MIN;
    int32_t month = (int32_t)weir_floor_mod_i64(months, 12) + 1;
    int64_t us;
    if (!weir_mul_i64(weir_civil_to_days((int32_t)year, month, 1), WEIR_US_PER_DAY, &us))
        return year > 0 ? INT64_MAX : INT64_MIN;
    return us;
}

static struct bounds bounds_of(int64_t time, const struct weir_interval *width, int64_t offset)
{
    int64_t shifted = add_clamped(time, offset == INT64_MIN ? INT64_MAX : -offset);
    if (width->months == 0) {
        int64_t start = add_clamped(shifted - weir_floor_mod_i64(shifted, width->us), offset);
        return (struct bounds){start, add_clamped(start, width->us)};
    }
    struct weir_civil civil = weir_civil_from_days(weir_civil_days_of_us(shifted));
    int64_t months = ((int64_t)civil.year - 1970) * 12 + civil.month - 1;
    int64_t first = weir_floor_div_i64(months, width->months) * width->months;
    return (struct bounds){add_clamped(month_start_us(first), offset),
                           add_clamped(month_start_us(first + width->months), offset)};
}

static void write_bounds(const struct weir_kernel_call *call, int64_t *starts, int64_t *ends)
{
    const struct weir_interval *width = WEIR_ARG(call, 1, struct weir_interval, 0);
    const struct weir_interval *offset = WEIR_ARG(call, 2, struct weir_interval, 0);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct bounds bounds = bounds_of(*WEIR_ARG(call, 0, int64_t, lane), width, offset->us);
        if (starts)
            starts[lane] = bounds.start;
        if (ends)
            ends[lane] = bounds.end;
    }
}

static void window_start_kernel(struct weir_kernel_call *call)
{
    write_bounds(call, call->out_values, NULL);
}

static void window_end_kernel(struct weir_kernel_call *call)
{
    write_bounds(call, NULL, call->out_values);
}

static void window_kernel(struct weir_kernel_call *call)
{
    struct weir_column *children = WEIR_ARENA_ARRAY(call->arena, struct weir_column, 2);
    int64_t *values[2];
    for (int i = 0; i < 2; i++)
        values[i] = WEIR_ARENA_ARRAY(call->arena, int64_t, (size_t)call->rows_count + 1);
    if (!children || !values[0] || !values[1]) {
        weir_kernel_out_of_memory(call);
        return;
    }
    write_bounds(call, values[0], values[1]);
    for (int i = 0; i < 2; i++)
        children[i] = (struct weir_column){.type = call->out->type->children[i],
                                           .encoding = WEIR_FLAT,
                                           .rows_count = call->rows_count,
                                           .validity = call->validity,
                                           .values = values[i]};
    call->out->children = children;
    call->out->children_count = 2;
}

const struct weir_function plan_function_window_start = {
    .name = "window_start",
    .signature = "(timestamp, interval, interval) -> timestamp",
    .kernel = window_start_kernel,
    .flags = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_HIDDEN,
    .category = "window",
    .summary = "start of a tumbling window",
    .example = "",
    .result = ""};
const struct weir_function plan_function_window_end = {
    .name = "window_end",
    .signature = "(timestamp, interval, interval) -> timestamp",
    .kernel = window_end_kernel,
    .flags = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_HIDDEN,
    .category = "window",
    .summary = "end of a tumbling window",
    .example = "",
    .result = ""};
const struct weir_function plan_function_window = {
    .name = "tumble",
    .signature = "(timestamp, interval, interval) -> anystruct",
    .kernel = window_kernel,
    .flags = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_HIDDEN,
    .category = "window",
    .summary = "bounds of a tumbling window",
    .example = "",
    .result = ""};

/* Never run: what is left of them outside of GROUP BY is an error of the program. */
static void overlapping_kernel(struct weir_kernel_call *call)
{
    (void)call;
}

const struct weir_function plan_function_hop = {
    .name = "hop",
    .signature = "(timestamp, interval, interval, interval) -> anystruct",
    .kernel = overlapping_kernel,
    .flags = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_HIDDEN,
    .category = "window",
    .summary = "windows that begin at every slide",
    .example = "",
    .result = ""};
const struct weir_function plan_function_cumulate = {
    .name = "cumulate",
    .signature = "(timestamp, interval, interval, interval) -> anystruct",
    .kernel = overlapping_kernel,
    .flags = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_HIDDEN,
    .category = "window",
    .summary = "windows that grow by steps",
    .example = "",
    .result = ""};
