/* Dates and times from numbers, the current time, AT TIME ZONE. */
#include "kernel/time/time_internal.h"

#include <math.h>

static int64_t *out_us(struct weir_kernel_call *call, uint32_t lane)
{
    return &((int64_t *)call->out_values)[lane];
}
static int32_t get_int32(const struct weir_kernel_call *call, uint32_t k, uint32_t lane)
{
    return *WEIR_ARG(call, k, int32_t, lane);
}

/* --- the current time ---------------------------------------------------------------------- */

static void fill_int64(struct weir_kernel_call *call, int64_t us)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t value = us;
        if (call->args_count) {
            int32_t digits = get_int32(call, 0, lane);
            if (digits < 0) {
                if (!weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                      "precision must not be negative"))
                    return;
                continue;
            }
            value = weir_timestamp_round(us, digits < 6 ? (unsigned)digits : 6);
        }
        *out_us(call, lane) = value;
    }
}
static int64_t local_now(const struct weir_kernel_call *call)
{
    struct weir_time_zone zone = weir_time_session_zone(call);
    int64_t local;
    return weir_time_to_local(&zone, weir_time_now(call), &local) ? local : weir_time_now(call);
}

void weir_fn_now(struct weir_kernel_call *call)
{
    fill_int64(call, weir_time_now(call));
}
void weir_fn_localtimestamp(struct weir_kernel_call *call)
{
    fill_int64(call, local_now(call));
}
void weir_fn_localtime(struct weir_kernel_call *call)
{
    fill_int64(call, weir_civil_time_of_us(local_now(call)));
}
void weir_fn_current_date(struct weir_kernel_call *call)
{
    int32_t today = weir_civil_days_of_us(local_now(call));
    WEIR_FOR_LANES(call, lane)
    ((int32_t *)call->out_values)[lane] = today;
}

void weir_fn_isfinite(struct weir_kernel_call *call)
{
    WEIR_FOR_LANES(call, lane)
    ((uint8_t *)call->out_values)[lane] = true;
}

/* --- epoch numbers ------------------------------------------------------------------------- */

void weir_fn_to_timestamp_double(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!(weir_timestamp_from_seconds(*WEIR_ARG(call, 0, double, lane), out_us(call, lane)) &&
          weir_time_is_instant(*out_us(call, lane))) &&
        !weir_kernel_fail_range(call, lane))
        return;
}

static void from_epoch(struct weir_kernel_call *call, enum weir_epoch_unit unit)
{
    int64_t scale = unit == WEIR_EPOCH_S ? 1000000 : unit == WEIR_EPOCH_MS ? 1000 : 1;
    if (unit != WEIR_EPOCH_NS && weir_time_scale(call, 0, scale, 0))
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    if (!(weir_timestamp_from_epoch(*WEIR_ARG(call, 0, int64_t, lane), unit, out_us(call, lane)) &&
          weir_time_is_instant(*out_us(call, lane))) &&
        !weir_kernel_fail_range(call, lane))
        return;
}
void weir_fn_from_seconds(struct weir_kernel_call *call)
{
    from_epoch(call, WEIR_EPOCH_S);
}
void weir_fn_from_millis(struct weir_kernel_call *call)
{
    from_epoch(call, WEIR_EPOCH_MS);
}
void weir_fn_from_micros(struct weir_kernel_call *call)
{
    from_epoch(call, WEIR_EPOCH_US);
}
void weir_fn_from_nanos(struct weir_kernel_call *call)
{
    from_epoch(call, WEIR_EPOCH_NS);
}

static void to_epoch(struct weir_kernel_call *call, enum weir_epoch_unit unit)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!weir_timestamp_to_epoch(*WEIR_ARG(call, 0, int64_t, lane), unit, out_us(call, lane)) &&
        !weir_kernel_fail_range(call, lane))
        return;
}
void weir_fn_epoch_seconds(struct weir_kernel_call *call)
{
    to_epoch(call, WEIR_EPOCH_S);
}
void weir_fn_epoch_ms(struct weir_kernel_call *call)
{
    to_epoch(call, WEIR_EPOCH_MS);
}

/* --- make_… -------------------------------------------------------------------------------- */

/* Negative years are BC; there is no year 0. */
static bool make_days(int32_t year, int32_t month, int32_t day, int32_t *out)
{
    int64_t astronomical = year < 0 ? (int64_t)year + 1 : year;
    if (year == 0 || !weir_civil_is_valid(astronomical, month, day))
        return false;
    *out = weir_civil_to_days((int32_t)astronomical, month, day);
    return *out >= WEIR_DATE_DAYS_MIN;
}
/* 24:00:00 is the greatest; 60 seconds are the next minute. */
static bool make_clock(int32_t hour, int32_t minute, double second, int64_t *out)
{
    if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || !(second >= 0 && second <= 60))
        return false;
    *out = ((int64_t)hour * 60 + minute) * 60000000 + (int64_t)rint(second * 1e6);
    return *out <= WEIR_US_PER_DAY;
}

void weir_fn_make_date(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int32_t year = get_int32(call, 0, lane), month = get_int32(call, 1, lane);
        int32_t day = get_int32(call, 2, lane);
        if (!make_days(year, month, day, &((int32_t *)call->out_values)[lane]) &&
            !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                              "date field value out of range: %d-%02d-%02d", year, month, day))
            return;
    }
}
void weir_fn_make_time(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int32_t hour = get_int32(call, 0, lane), minute = get_int32(call, 1, lane);
        double second = *WEIR_ARG(call, 2, double, lane);
        if (!make_clock(hour, minute, second, out_us(call, lane)) &&
            !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                              "time field value out of range: %d:%02d:%02g", hour, minute, second))
            return;
    }
}

/* The wall clock of the first six arguments. False when the lane fails; *stop: return. */
static bool make_local(struct weir_kernel_call *call, uint32_t lane, int64_t *out, bool *stop)
{
    int32_t days;
    int64_t time;
    *stop = false;
    if (make_days(get_int32(call, 0, lane), get_int32(call, 1, lane), get_int32(call, 2, lane),
                  &days) &&
        make_clock(get_int32(call, 3, lane), get_int32(call, 4, lane),
                   *WEIR_ARG(call, 5, double, lane), &time) &&
        weir_mul_i64(days, WEIR_US_PER_DAY, out) && weir_add_i64(*out, time, out))
        return true;
    *stop =
        !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "date or time field value out of range");
    return false;
}
void weir_fn_make_timestamp(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        bool stop;
        if (!make_local(call, lane, out_us(call, lane), &stop) && stop)
            return;
    }
}
/* A zone by name, or an offset east of Greenwich, which must have its sign. */
static bool find_made_zone(struct weir_kernel_call *call, uint32_t lane,
                           struct weir_time_zone_cache *cache, int64_t *offset_us, bool *stop)
{
    struct weir_slice name = weir_arg_text(call, 6, lane);
    int32_t offset_s = 0;
    char first = name.size ? name.data[0] : 0;
    bool is_signed = first == '+' || first == '-';
    *offset_us = 0;
    if (!is_signed && !(first >= '0' && first <= '9'))
        return weir_time_find_zone(call, lane, name, cache, stop);
    if (is_signed && weir_timezone_parse_offset(name, &offset_s)) {
        *cache = (struct weir_time_zone_cache){0};
        *offset_us = offset_s * INT64_C(1000000);
        return true;
    }
    *stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_TIME_ZONE, "numeric time zone \"%.*s\": %s",
                              (int)(name.size < 64 ? name.size : 64), name.data,
                              is_signed ? "not an offset" : "the sign is missing");
    return false;
}
void weir_fn_make_timestamptz(struct weir_kernel_call *call)
{
    struct weir_time_zone session = weir_time_session_zone(call);
    struct weir_time_zone_cache cache = {0};
    WEIR_FOR_VALID_LANES(call, lane)
    {
        bool stop;
        int64_t local, offset_us = 0;
        bool has_zone = call->args_count > 6;
        if (!make_local(call, lane, &local, &stop) ||
            (has_zone && !find_made_zone(call, lane, &cache, &offset_us, &stop))) {
            if (stop)
                return;
            continue;
        }
        if (!(weir_sub_i64(local, offset_us, &local) &&
              weir_time_to_utc(has_zone ? &cache.zone : &session, local, out_us(call, lane)) &&
              weir_time_is_instant(*out_us(call, lane))) &&
            !weir_kernel_fail_range(call, lane))
            return;
    }
}

static bool make_interval(const struct weir_kernel_call *call, uint32_t lane,
                          struct weir_interval *out)
{
    int64_t part[6] = {0};
    double seconds = 0;
    for (uint32_t k = 0; k < call->args_count && k < 6; k++)
        part[k] = get_int32(call, k, lane);
    if (call->args_count > 6)
        seconds = *WEIR_ARG(call, 6, double, lane);
    int64_t months = part[0] * 12 + part[1], days = part[2] * 7 + part[3];
    double us = rint(seconds * 1e6);
    if (!(us > -9.2e18 && us < 9.2e18))
        return false;
    *out = (struct weir_interval){(int32_t)months, (int32_t)days, 0};
    return months == out->months && days == out->days &&
           weir_add_i64((part[4] * 60 + part[5]) * 60000000, (int64_t)us, &out->us);
}
void weir_fn_make_interval(struct weir_kernel_call *call)
{
    struct weir_interval *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    if (!make_interval(call, lane, &out[lane]) && !weir_kernel_fail_range(call, lane))
        return;
}

/* --- precision of casts --------------------------------------------------------------------- */

/* Half away from zero; the last second of a day rounds up to 24:00:00. */
void weir_fn_time_scale(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t unit = 1, us = *WEIR_ARG(call, 0, int64_t, lane);
        for (int32_t digits = get_int32(call, 1, lane); digits < 6; digits++)
            unit *= 10;
        *out_us(call, lane) = (us + unit / 2) / unit * unit;
    }
}
void weir_fn_interval_scale(struct weir_kernel_call *call)
{
    struct weir_interval *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        out[lane] = *WEIR_ARG(call, 0, struct weir_interval, lane);
        if (weir_interval_qualify(&out[lane], (uint32_t)get_int32(call, 1, lane),
                                  get_int32(call, 2, lane)) != WEIR_PARSE_OK &&
            !weir_kernel_fail_range(call, lane))
            return;
    }
}

/* --- AT TIME ZONE -------------------------------------------------------------------------- */

/* A TIME is taken as of today, in the session's zone. */
static bool shift(struct weir_kernel_call *call, int64_t us, struct weir_time_zone *zone,
                  int64_t *out)
{
    switch (call->args[1].type->kind) {
    case WEIR_TYPE_TIMESTAMP:
        return weir_time_to_utc(zone, us, out);
    case WEIR_TYPE_TIMESTAMPTZ:
        return weir_time_to_local(zone, us, out);
    default: {
        struct weir_time_zone session = weir_time_session_zone(call);
        int64_t now = weir_time_now(call);
        int32_t by =
            weir_time_zone_at(zone, now).offset_s - weir_time_zone_at(&session, now).offset_s;
        *out = weir_time_wrap(us, by * INT64_C(1000000));
        return true;
    }
    }
}

void weir_fn_timezone(struct weir_kernel_call *call)
{
    struct weir_time_zone_cache cache = {0};
    bool is_time = call->args[1].type->kind == WEIR_TYPE_TIME;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        bool stop;
        if (!weir_time_find_zone(call, lane, weir_arg_text(call, 0, lane), &cache, &stop)) {
            if (stop)
                return;
            continue;
        }
        int64_t *out = out_us(call, lane);
        if (!(shift(call, *WEIR_ARG(call, 1, int64_t, lane), &cache.zone, out) &&
              (is_time || weir_time_is_instant(*out))) &&
            !weir_kernel_fail_range(call, lane))
            return;
    }
}

/* The zone as an offset east of Greenwich. */
void weir_fn_timezone_interval(struct weir_kernel_call *call)
{
    bool to_local = call->args[1].type->kind == WEIR_TYPE_TIMESTAMPTZ;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_interval zone = *WEIR_ARG(call, 0, struct weir_interval, lane);
        int64_t us = *WEIR_ARG(call, 1, int64_t, lane), *out = out_us(call, lane);
        if (zone.months || zone.days) {
            if (!weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                  "interval time zone must not include months or days"))
                return;
            continue;
        }
        int64_t by = zone.us - zone.us % 1000000;
        bool ok = to_local ? weir_add_i64(us, by, out) : weir_sub_i64(us, by, out);
        if (!(ok && weir_time_is_instant(*out)) && !weir_kernel_fail_range(call, lane))
            return;
    }
}
