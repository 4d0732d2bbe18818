/* Operators of dates, times, timestamps and intervals.
 *
 * TIMESTAMPTZ ± INTERVAL moves months and days on the wall clock of the session's zone and the rest
 * on the time line; so adding 1 day and adding 24 hours differ when clocks change. */
#include "kernel/time/time_internal.h"

static int64_t get_int64(const struct weir_kernel_call *call, uint32_t k, uint32_t lane)
{
    return *WEIR_ARG(call, k, int64_t, lane);
}
static int32_t get_int32(const struct weir_kernel_call *call, uint32_t k, uint32_t lane)
{
    return *WEIR_ARG(call, k, int32_t, lane);
}
static struct weir_interval get_interval(const struct weir_kernel_call *call, uint32_t k,
                                         uint32_t lane)
{
    return *WEIR_ARG(call, k, struct weir_interval, lane);
}

/* --- DATE ---------------------------------------------------------------------------------- */

static void move_date(struct weir_kernel_call *call, uint32_t date, uint32_t by, bool backwards)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t days = get_int32(call, by, lane);
        days = get_int32(call, date, lane) + (backwards ? -days : days);
        bool ok = days >= WEIR_DATE_DAYS_MIN && days <= WEIR_DATE_DAYS_MAX;
        if (!ok && !weir_kernel_fail_range(call, lane))
            return;
        ((int32_t *)call->out_values)[lane] = ok ? (int32_t)days : 0;
    }
}
void weir_fn_date_plus(struct weir_kernel_call *call)
{
    move_date(call, 0, 1, false);
}
void weir_fn_plus_date(struct weir_kernel_call *call)
{
    move_date(call, 1, 0, false);
}
void weir_fn_date_minus(struct weir_kernel_call *call)
{
    move_date(call, 0, 1, true);
}
void weir_fn_date_between(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    ((int32_t *)call->out_values)[lane] = get_int32(call, 0, lane) - get_int32(call, 1, lane);
}

static void join_date_time(struct weir_kernel_call *call, uint32_t date, uint32_t time)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t us;
        bool ok = weir_mul_i64(get_int32(call, date, lane), WEIR_US_PER_DAY, &us) &&
                  weir_add_i64(us, get_int64(call, time, lane), &us) && weir_time_is_instant(us);
        if (!ok && !weir_kernel_fail_range(call, lane))
            return;
        ((int64_t *)call->out_values)[lane] = ok ? us : 0;
    }
}
void weir_fn_date_plus_time(struct weir_kernel_call *call)
{
    join_date_time(call, 0, 1);
}
void weir_fn_time_plus_date(struct weir_kernel_call *call)
{
    join_date_time(call, 1, 0);
}

/* --- DATE, TIMESTAMP, TIMESTAMPTZ ± INTERVAL ------------------------------------------------ */

/* By one constant without months and days, and no lane beyond what a timestamp holds. Days of
 * TIMESTAMP are 24 hours. */
static bool moved_evenly(struct weir_kernel_call *call, uint32_t from, uint32_t by, bool backwards)
{
    const struct weir_column *column = &call->args[by];
    if (column->encoding != WEIR_CONSTANT || weir_column_is_null(column, 0) ||
        call->args[from].type->kind == WEIR_TYPE_TIMESTAMP_NS ||
        call->args[from].type->kind == WEIR_TYPE_TIMESTAMPTZ_NS)
        return false;
    struct weir_interval value = get_interval(call, by, 0);
    int64_t days = call->args[from].type->kind == WEIR_TYPE_TIMESTAMP ? value.days : 0;
    int64_t us;
    if (value.months || value.days != days || (days < 0 && value.us > 0) ||
        (days > 0 && value.us < 0) || !weir_mul_i64(days, WEIR_US_PER_DAY, &us) ||
        !weir_add_i64(us, value.us, &us) || us == INT64_MIN)
        return false;
    return weir_time_scale(call, from, 1, backwards ? -us : us);
}

static void move_instant(struct weir_kernel_call *call, uint32_t from, uint32_t by, bool backwards)
{
    struct weir_time_zone zone = {0};
    enum weir_type_kind kind = call->args[from].type->kind;
    if (kind != WEIR_TYPE_DATE && moved_evenly(call, from, by, backwards))
        return;
    if (kind == WEIR_TYPE_TIMESTAMPTZ)
        zone = weir_time_session_zone(call);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t us = 0;
        bool ok = true;
        struct weir_interval value = get_interval(call, by, lane);
        if (kind == WEIR_TYPE_DATE)
            ok = weir_mul_i64(get_int32(call, from, lane), WEIR_US_PER_DAY, &us);
        else
            us = get_int64(call, from, lane);
        ok = ok && (!backwards || weir_interval_negate(value, &value)) &&
             weir_time_add(&zone, us, value, &us);
        if (!ok && !weir_kernel_fail_range(call, lane))
            return;
        ((int64_t *)call->out_values)[lane] = ok ? us : 0;
    }
}
void weir_fn_instant_plus(struct weir_kernel_call *call)
{
    move_instant(call, 0, 1, false);
}
void weir_fn_plus_instant(struct weir_kernel_call *call)
{
    move_instant(call, 1, 0, false);
}
void weir_fn_instant_minus(struct weir_kernel_call *call)
{
    move_instant(call, 0, 1, true);
}
void weir_fn_instant_between(struct weir_kernel_call *call)
{
    struct weir_interval *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    if (!weir_interval_between(get_int64(call, 0, lane), get_int64(call, 1, lane), &out[lane]) &&
        !weir_kernel_fail_range(call, lane))
        return;
}

/* age(a, b); age(b) counts to midnight of the current date. */
void weir_fn_age(struct weir_kernel_call *call)
{
    struct weir_interval *out = call->out_values;
    struct weir_time_zone zone = weir_time_session_zone(call), session = zone;
    bool is_zoned = call->args[0].type->kind == WEIR_TYPE_TIMESTAMPTZ;
    if (!is_zoned)
        zone.zone = NULL;
    int64_t today;
    if (!weir_time_to_local(&session, weir_time_now(call), &today))
        today = 0;
    today -= weir_civil_time_of_us(today);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t a, b = today;
        bool ok = weir_time_to_local(&zone, get_int64(call, 0, lane), &a);
        if (call->args_count > 1) {
            ok = ok && weir_time_to_local(&zone, get_int64(call, 1, lane), &b);
        } else {
            b = a;
            a = today;
        }
        if (!(ok && weir_interval_age(a, b, &out[lane])) && !weir_kernel_fail_range(call, lane))
            return;
    }
}

/* --- TIME ---------------------------------------------------------------------------------- */

static void move_time(struct weir_kernel_call *call, uint32_t time, uint32_t by, bool backwards)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t us = get_interval(call, by, lane).us % WEIR_US_PER_DAY;
        ((int64_t *)call->out_values)[lane] =
            weir_time_wrap(get_int64(call, time, lane), backwards ? -us : us);
    }
}
void weir_fn_time_plus(struct weir_kernel_call *call)
{
    move_time(call, 0, 1, false);
}
void weir_fn_plus_time(struct weir_kernel_call *call)
{
    move_time(call, 1, 0, false);
}
void weir_fn_time_minus(struct weir_kernel_call *call)
{
    move_time(call, 0, 1, true);
}
void weir_fn_time_between(struct weir_kernel_call *call)
{
    struct weir_interval *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    out[lane] = (struct weir_interval){.us = get_int64(call, 0, lane) - get_int64(call, 1, lane)};
}

/* --- INTERVAL ------------------------------------------------------------------------------ */

void weir_fn_interval_add(struct weir_kernel_call *call)
{
    struct weir_interval *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    if (!weir_interval_add(get_interval(call, 0, lane), get_interval(call, 1, lane), &out[lane]) &&
        !weir_kernel_fail_range(call, lane))
        return;
}
void weir_fn_interval_subtract(struct weir_kernel_call *call)
{
    struct weir_interval *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    if (!weir_interval_sub(get_interval(call, 0, lane), get_interval(call, 1, lane), &out[lane]) &&
        !weir_kernel_fail_range(call, lane))
        return;
}

typedef bool (*interval_change)(struct weir_interval value, struct weir_interval *out);
static void change_interval(struct weir_kernel_call *call, interval_change change)
{
    struct weir_interval *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    if (!change(get_interval(call, 0, lane), &out[lane]) && !weir_kernel_fail_range(call, lane))
        return;
}
void weir_fn_interval_negate(struct weir_kernel_call *call)
{
    change_interval(call, weir_interval_negate);
}
void weir_fn_justify_hours(struct weir_kernel_call *call)
{
    change_interval(call, weir_interval_justify_hours);
}
void weir_fn_justify_days(struct weir_kernel_call *call)
{
    change_interval(call, weir_interval_justify_days);
}
void weir_fn_justify_interval(struct weir_kernel_call *call)
{
    change_interval(call, weir_interval_justify);
}

typedef enum weir_arith (*interval_scaling)(struct weir_interval value, double factor,
                                            struct weir_interval *out);
static void scale_interval(struct weir_kernel_call *call, uint32_t interval, uint32_t factor,
                           interval_scaling scaling)
{
    struct weir_interval *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        enum weir_arith result = scaling(get_interval(call, interval, lane),
                                         *WEIR_ARG(call, factor, double, lane), &out[lane]);
        if (result != WEIR_ARITH_OK &&
            !weir_kernel_fail_arith(call, lane, result, "interval out of range"))
            return;
    }
}
void weir_fn_interval_multiply(struct weir_kernel_call *call)
{
    scale_interval(call, 0, 1, weir_interval_mul);
}
void weir_fn_multiply_interval(struct weir_kernel_call *call)
{
    scale_interval(call, 1, 0, weir_interval_mul);
}
void weir_fn_interval_divide(struct weir_kernel_call *call)
{
    scale_interval(call, 0, 1, weir_interval_div);
}

/* --- OVERLAPS ------------------------------------------------------------------------------ */

struct range_end {
    int64_t us;
    bool is_null;
};
struct range {
    struct range_end from, to; /* from is null only when both are */
};

/* False: the end is out of range. */
static bool read_range(const struct weir_kernel_call *call, uint32_t k, uint32_t lane,
                       struct weir_time_zone *zone, struct range *out)
{
    out->from.is_null = weir_arg_is_null(call, k, lane);
    out->to.is_null = weir_arg_is_null(call, k + 1, lane);
    out->from.us = out->from.is_null ? 0 : get_int64(call, k, lane);
    bool ok = true;
    if (call->args[k + 1].type->kind != WEIR_TYPE_INTERVAL) {
        out->to.us = out->to.is_null ? 0 : get_int64(call, k + 1, lane);
    } else {
        out->to.is_null |= out->from.is_null;
        struct weir_interval by = {0};
        if (!out->to.is_null)
            by = get_interval(call, k + 1, lane);
        if (call->args[k].type->kind == WEIR_TYPE_TIME)
            out->to.us = weir_time_wrap(out->from.us, by.us);
        else
            ok = weir_time_add(zone, out->from.us, by, &out->to.us);
    }
    if (out->from.is_null || (!out->to.is_null && out->from.us > out->to.us)) {
        struct range_end from = out->from;
        out->from = out->to;
        out->to = from;
    }
    return ok;
}

/* 1, 0, or -1: NULL. Half-open ranges; a range of no length is its start. */
static int overlap(struct range a, struct range b)
{
    if (a.from.is_null || b.from.is_null)
        return -1;
    if (a.from.us == b.from.us)
        return a.to.is_null || b.to.is_null ? -1 : 1;
    if (a.from.us > b.from.us) {
        struct range swapped = a;
        a = b;
        b = swapped;
    }
    if (a.to.is_null)
        return -1;
    if (b.from.us < a.to.us)
        return 1;
    return b.to.is_null ? -1 : 0;
}

void weir_fn_overlaps(struct weir_kernel_call *call)
{
    struct weir_time_zone zone = {0};
    if (call->args[0].type->kind == WEIR_TYPE_TIMESTAMPTZ)
        zone = weir_time_session_zone(call);
    WEIR_FOR_LANES(call, lane)
    {
        struct range a, b;
        if (!read_range(call, 0, lane, &zone, &a) || !read_range(call, 2, lane, &zone, &b)) {
            if (!weir_kernel_fail(call, lane, WEIR_E_OVERFLOW, "timestamp out of range"))
                return;
            continue;
        }
        int answer = overlap(a, b);
        ((uint8_t *)call->out_values)[lane] = answer > 0;
        if (answer < 0)
            weir_kernel_set_null(call, lane);
    }
}
