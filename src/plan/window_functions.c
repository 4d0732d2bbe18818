/* Windows as functions of a row: (time, width, offset), with a slide or step behind.
 *
 * All but the time are constants made by the binder, so that equal windows are equal expressions.
 * What they mean: value/window.h. */
#include "plan/binder_internal.h"

#include "value/interval.h"
#include "value/window.h"

/* slide: NULL for TUMBLE. */
static struct weir_window window_of_call(const struct weir_kernel_call *call,
                                         const struct weir_interval *slide, bool cumulates)
{
    const struct weir_interval *width = WEIR_ARG(call, 1, struct weir_interval, 0);
    return (struct weir_window){.width_us = width->us,
                                .width_months = width->months,
                                .slide_us = slide ? slide->us : 0,
                                .slide_months = slide ? slide->months : 0,
                                .offset_us = WEIR_ARG(call, 2, struct weir_interval, 0)->us,
                                .cumulates = cumulates};
}

static void write_bounds(const struct weir_kernel_call *call, int64_t *starts, int64_t *ends)
{
    const struct weir_window window = window_of_call(call, NULL, false);
    int64_t start, end;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_window_of(&window, *WEIR_ARG(call, 0, int64_t, lane), &start, &end);
        if (starts)
            starts[lane] = start;
        if (ends)
            ends[lane] = end;
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

static void windows_of_rows(struct weir_kernel_call *call, bool cumulates)
{
    const struct weir_window window =
        window_of_call(call, WEIR_ARG(call, 3, struct weir_interval, 0), cumulates);
    const struct weir_type *element = call->out->type->children[0];
    struct weir_list_entry *entries =
        WEIR_ARENA_ARRAY(call->arena, struct weir_list_entry, call->rows_count + 1);
    struct weir_column *children = WEIR_ARENA_ARRAY(call->arena, struct weir_column, 3);
    int64_t start, end;
    uint32_t count = 0;
    if (!entries || !children) {
        weir_kernel_out_of_memory(call);
        return;
    }
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t time = *WEIR_ARG(call, 0, int64_t, lane);
        entries[lane].offset = count;
        for (int64_t n = 0; weir_window_around(&window, time, &n, &start, &end); n++)
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
        uint32_t at = entries[lane].offset;
        for (int64_t n = 0; weir_window_around(&window, time, &n, &start, &end); n++, at++) {
            values[0][at] = start;
            values[1][at] = end;
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
