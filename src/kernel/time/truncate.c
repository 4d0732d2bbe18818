/* date_trunc, date_bin, date_diff. */
#include "kernel/time/time_internal.h"

static int64_t floor_to(int64_t value, int64_t step)
{
    return value - weir_floor_mod_i64(value, step);
}

static int64_t clock_step(enum weir_time_field field)
{
    switch (field) {
    case WEIR_FIELD_MICROSECONDS:
        return 1;
    case WEIR_FIELD_MILLISECONDS:
        return 1000;
    case WEIR_FIELD_SECOND:
        return 1000000;
    case WEIR_FIELD_MINUTE:
        return 60000000;
    case WEIR_FIELD_HOUR:
        return INT64_C(3600000000);
    default:
        return WEIR_US_PER_DAY;
    }
}

/* The first year of the decade, century or millennium; there is no year 0, so 1 BC is its end. */
static int32_t period_start(enum weir_time_field field, int32_t year)
{
    if (field == WEIR_FIELD_YEAR)
        return year;
    if (field == WEIR_FIELD_DECADE)
        return (int32_t)floor_to(year, 10);
    int32_t step = field == WEIR_FIELD_CENTURY ? 100 : 1000;
    return (int32_t)floor_to(year - 1, step) + 1;
}

/* False: out of range. */
static bool truncate_date(enum weir_time_field field, int32_t days, int32_t *out)
{
    struct weir_civil date = weir_civil_from_days(days);
    *out = days;
    if (field == WEIR_FIELD_DAY)
        return true;
    if (field == WEIR_FIELD_WEEK) {
        *out = days - (weir_civil_iso_weekday(days) - 1);
        return true;
    }
    if (field == WEIR_FIELD_QUARTER)
        date.month = (date.month - 1) / 3 * 3 + 1;
    else if (field != WEIR_FIELD_MONTH)
        date = (struct weir_civil){period_start(field, date.year), 1, 1};
    if (date.year < WEIR_CIVIL_YEAR_MIN)
        return false;
    *out = weir_civil_to_days(date.year, date.month, 1);
    return true;
}

/* Truncates a wall clock. */
static bool truncate_local(enum weir_time_field field, int64_t us, int64_t *out)
{
    int32_t days;
    if (field <= WEIR_FIELD_HOUR) {
        *out = floor_to(us, clock_step(field));
        return true;
    }
    if (!truncate_date(field, weir_civil_days_of_us(us), &days))
        return false;
    *out = days * WEIR_US_PER_DAY;
    return true;
}

/* Hours and less keep the offset, so that an hour that exists twice stays itself. */
static bool truncate_zoned(enum weir_time_field field, struct weir_time_zone *zone, int64_t us,
                           int64_t *out)
{
    int64_t local;
    if (!weir_time_to_local(zone, us, &local))
        return false;
    int64_t offset = local - us;
    if (!truncate_local(field, local, out))
        return false;
    return field <= WEIR_FIELD_HOUR ? weir_sub_i64(*out, offset, out)
                                    : weir_time_to_utc(zone, *out, out);
}

static bool is_truncatable(enum weir_time_field field)
{
    return field != WEIR_FIELD_UNKNOWN && field <= WEIR_FIELD_MILLENNIUM;
}

/* date_trunc(field, timestamp) and date_trunc(field, timestamptz [, zone]) */
void weir_fn_date_trunc(struct weir_kernel_call *call)
{
    const struct weir_type *type = call->args[1].type;
    struct weir_time_zone session = {0};
    struct weir_time_zone_cache cache = {0};
    if (type->kind == WEIR_TYPE_TIMESTAMPTZ)
        session = weir_time_session_zone(call);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        bool stop = false;
        struct weir_slice name = weir_arg_text(call, 0, lane);
        enum weir_time_field field = weir_time_field_find(name);
        if (!is_truncatable(field)) {
            if (!weir_time_fail_field(call, lane, name, type))
                return;
            continue;
        }
        bool has_zone = call->args_count > 2;
        if (has_zone &&
            !weir_time_find_zone(call, lane, weir_arg_text(call, 2, lane), &cache, &stop)) {
            if (stop)
                return;
            continue;
        }
        int64_t *out = &((int64_t *)call->out_values)[lane];
        if (!(truncate_zoned(field, has_zone ? &cache.zone : &session,
                             *WEIR_ARG(call, 1, int64_t, lane), out) &&
              weir_time_is_instant(*out)) &&
            !weir_kernel_fail_range(call, lane))
            return;
    }
}

static struct weir_interval truncate_interval(enum weir_time_field field,
                                              struct weir_interval value)
{
    int32_t step = field == WEIR_FIELD_QUARTER      ? 3
                   : field == WEIR_FIELD_YEAR       ? 12
                   : field == WEIR_FIELD_DECADE     ? 120
                   : field == WEIR_FIELD_CENTURY    ? 1200
                   : field == WEIR_FIELD_MILLENNIUM ? 12000
                                                    : 1;
    if (field <= WEIR_FIELD_HOUR) {
        value.us -= value.us % clock_step(field);
        return value;
    }
    value.us = 0;
    if (field != WEIR_FIELD_DAY)
        value.days = 0;
    value.months -= value.months % step;
    return value;
}

void weir_fn_date_trunc_interval(struct weir_kernel_call *call)
{
    struct weir_interval *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice name = weir_arg_text(call, 0, lane);
        enum weir_time_field field = weir_time_field_find(name);
        if (!is_truncatable(field) || field == WEIR_FIELD_WEEK) {
            if (!weir_time_fail_field(call, lane, name, call->args[1].type))
                return;
            continue;
        }
        out[lane] = truncate_interval(field, *WEIR_ARG(call, 1, struct weir_interval, lane));
    }
}

/* The start of the bin; NULL message: fine. */
static const char *bin_start(struct weir_interval stride, int64_t source, int64_t origin,
                             int64_t *out)
{
    int64_t step, difference;
    if (stride.months)
        return "timestamps cannot be binned into intervals containing months or years";
    if (!weir_interval_to_us(stride, &step))
        return "interval out of range";
    if (step <= 0)
        return "stride must be greater than zero";
    if (!weir_sub_i64(source, origin, &difference) ||
        !weir_sub_i64(source, weir_floor_mod_i64(difference, step), out) ||
        !weir_time_is_instant(*out))
        return "timestamp out of range";
    return NULL;
}

/* date_bin(stride, source, origin) */
void weir_fn_date_bin(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        const char *failure = bin_start(
            *WEIR_ARG(call, 0, struct weir_interval, lane), *WEIR_ARG(call, 1, int64_t, lane),
            *WEIR_ARG(call, 2, int64_t, lane), &((int64_t *)call->out_values)[lane]);
        if (failure && !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "%s", failure))
            return;
    }
}

/* Which hour, day, week, month, … since some start the wall clock lies in. */
static int64_t period_number(enum weir_time_field field, int64_t us)
{
    int32_t days = weir_civil_days_of_us(us);
    struct weir_civil date = weir_civil_from_days(days);
    switch (field) {
    case WEIR_FIELD_WEEK:
        return weir_floor_div_i64((int64_t)days + 3, 7); /* 1969-12-29 was a Monday */
    case WEIR_FIELD_MONTH:
        return (int64_t)date.year * 12 + date.month;
    case WEIR_FIELD_QUARTER:
        return (int64_t)date.year * 4 + weir_civil_quarter(date.month);
    case WEIR_FIELD_YEAR:
        return date.year;
    case WEIR_FIELD_DECADE:
        return weir_floor_div_i64(date.year, 10);
    case WEIR_FIELD_CENTURY:
        return weir_floor_div_i64((int64_t)date.year - 1, 100);
    case WEIR_FIELD_MILLENNIUM:
        return weir_floor_div_i64((int64_t)date.year - 1, 1000);
    default:
        return weir_floor_div_i64(us, clock_step(field));
    }
}

/* date_diff(field, from, to) */
void weir_fn_date_diff(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice name = weir_arg_text(call, 0, lane);
        enum weir_time_field field = weir_time_field_find(name);
        if (!is_truncatable(field)) {
            if (!weir_time_fail_field(call, lane, name, call->args[1].type))
                return;
            continue;
        }
        int64_t from = period_number(field, *WEIR_ARG(call, 1, int64_t, lane));
        int64_t to = period_number(field, *WEIR_ARG(call, 2, int64_t, lane));
        if (!weir_sub_i64(to, from, &((int64_t *)call->out_values)[lane]) &&
            !weir_kernel_fail_range(call, lane))
            return;
    }
}
