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

/* The month that a time is in, counted from January 1970. */
static int64_t month_of(int64_t time, int64_t offset)
{
    int64_t shifted = add_clamped(time, offset == INT64_MIN ? INT64_MAX : -offset);
    struct weir_civil civil = weir_civil_from_days(weir_civil_days_of_us(shifted));
    return ((int64_t)civil.year - 1970) * 12 + civil.month - 1;
}

static struct bounds bounds_of(int64_t time, const struct weir_interval *width, int64_t offset)
{
    int64_t shifted = add_clamped(time, offset == INT64_MIN ? INT64_MAX : -offset);
    if (width->months == 0) {
        int64_t start = add_clamped(shifted - weir_floor_mod_i64(shifted, width->us), offset);
        return (struct bounds){start, add_clamped(start, width->us)};
    }
    int64_t first = weir_floor_div_i64(month_of(time, offset), width->months) * width->months;
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

const struct weir_function plan_function_session = {
    .name = "session",
    .signature = "(timestamp, interval, interval) -> anystruct",
    .kernel = overlapping_kernel,
    .flags = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_HIDDEN,
    .category = "window",
    .summary = "windows that grow while rows come less than a gap apart",
    .example = "",
    .result = ""};

/* Bounds of SESSION(…) in FROM, until they are grouped by; what is left of them is refused. */
const struct weir_function plan_function_session_start = {
    .name = "session_start",
    .signature = "(timestamp, interval, interval) -> timestamp",
    .kernel = overlapping_kernel,
    .flags = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_HIDDEN,
    .category = "window",
    .summary = "start of a session",
    .example = "",
    .result = ""};
const struct weir_function plan_function_session_end = {
    .name = "session_end",
    .signature = "(timestamp, interval, interval) -> timestamp",
    .kernel = overlapping_kernel,
    .flags = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_HIDDEN,
    .category = "window",
    .summary = "end of a session",
    .example = "",
    .result = ""};

/* ---------------------------------------------------------------- all windows of a row */

struct overlap {
    struct weir_interval width, slide;
    int64_t offset;
    bool cumulates;
};

/* The step that a time is in, n steps on: they begin anew with each whole window. */
static struct bounds step_of(const struct overlap *overlap, int64_t time, int64_t n)
{
    const struct weir_interval *slide = &overlap->slide;
    if (slide->months) {
        int64_t month = month_of(time, overlap->offset);
        int64_t into = weir_floor_mod_i64(month, overlap->width.months);
        int64_t first = month - into % slide->months + n * slide->months;
        return (struct bounds){add_clamped(month_start_us(first), overlap->offset),
                               add_clamped(month_start_us(first + slide->months), overlap->offset)};
    }
    int64_t base = bounds_of(time, &overlap->width, overlap->offset).start, ahead;
    uint64_t into = ((uint64_t)time - (uint64_t)base) % (uint64_t)slide->us;
    if (!weir_mul_i64(n, slide->us, &ahead))
        ahead = INT64_MAX;
    int64_t start = add_clamped((int64_t)((uint64_t)time - into), ahead);
    return (struct bounds){start, add_clamped(start, slide->us)};
}

/* The n-th window that holds a time; false when there are no more. */
static bool nth_window(const struct overlap *overlap, int64_t time, int64_t n, struct bounds *out)
{
    if (overlap->cumulates) {
        struct bounds step = step_of(overlap, time, n);
        *out = bounds_of(time, &overlap->width, overlap->offset);
        bool more = step.start < out->end;
        if (step.end < out->end)
            out->end = step.end;
        return more;
    }
    *out = bounds_of(time, &overlap->slide, overlap->offset);
    if (overlap->width.months) {
        int64_t month = month_of(time, overlap->offset);
        int64_t first =
            (weir_floor_div_i64(month, overlap->slide.months) - n) * overlap->slide.months;
        out->start = add_clamped(month_start_us(first), overlap->offset);
        out->end = add_clamped(month_start_us(first + overlap->width.months), overlap->offset);
    } else {
        out->start = add_clamped(out->start, -n * overlap->slide.us);
        out->end = add_clamped(out->start, overlap->width.us);
    }
    return out->end > time;
}

static void windows_of_rows(struct weir_kernel_call *call, bool cumulates)
{
    const struct overlap overlap = {.width = *WEIR_ARG(call, 1, struct weir_interval, 0),
                                    .slide = *WEIR_ARG(call, 3, struct weir_interval, 0),
                                    .offset = WEIR_ARG(call, 2, struct weir_interval, 0)->us,
                                    .cumulates = cumulates};
    const struct weir_type *element = call->out->type->children[0];
    struct weir_list_entry *entries =
        WEIR_ARENA_ARRAY(call->arena, struct weir_list_entry, call->rows_count + 1);
    struct weir_column *children = WEIR_ARENA_ARRAY(call->arena, struct weir_column, 3);
    struct bounds window;
    uint32_t count = 0;
    if (!entries || !children) {
        weir_kernel_out_of_memory(call);
        return;
    }
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t time = *WEIR_ARG(call, 0, int64_t, lane);
        entries[lane].offset = count;
        while (nth_window(&overlap, time, entries[lane].count, &window))
            entries[lane].count++;
        count += entries[lane].count;
    }
    int64_t *values[2];
    for (int i = 0; i < 2; i++)
        values[i] = WEIR_ARENA_ARRAY(call->arena, int64_t, (size_t)count + 1);
    if (!values[0] || !values[1]) {
        weir_kernel_out_of_memory(call);
        return;
    }
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t time = *WEIR_ARG(call, 0, int64_t, lane);
        for (uint32_t n = 0; n < entries[lane].count; n++) {
            (void)nth_window(&overlap, time, n, &window);
            values[0][entries[lane].offset + n] = window.start;
            values[1][entries[lane].offset + n] = window.end;
        }
    }
    children[0] = (struct weir_column){.type = element,
                                       .encoding = WEIR_FLAT,
                                       .rows_count = count,
                                       .children = children + 1,
                                       .children_count = 2};
    for (int i = 0; i < 2; i++)
        children[1 + i] = (struct weir_column){.type = element->children[i],
                                               .encoding = WEIR_FLAT,
                                               .rows_count = count,
                                               .values = values[i]};
    call->out->values = entries;
    call->out->children = children;
    call->out->children_count = 1;
}

static void hops_kernel(struct weir_kernel_call *call)
{
    windows_of_rows(call, false);
}

static void cumulates_kernel(struct weir_kernel_call *call)
{
    windows_of_rows(call, true);
}

const struct weir_function plan_function_hops = {
    .name = "hops",
    .signature = "(timestamp, interval, interval, interval) -> anyarray",
    .kernel = hops_kernel,
    .flags = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_HIDDEN,
    .category = "window",
    .summary = "the windows of a row that begin at every slide",
    .example = "",
    .result = ""};
const struct weir_function plan_function_cumulates = {
    .name = "cumulates",
    .signature = "(timestamp, interval, interval, interval) -> anyarray",
    .kernel = cumulates_kernel,
    .flags = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_HIDDEN,
    .category = "window",
    .summary = "the windows of a row that grow by steps",
    .example = "",
    .result = ""};
