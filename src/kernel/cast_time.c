/* Casts among DATE, TIME, the timestamps and INTERVAL. */
#include "kernel/kernel_internal.h"
#include "value/interval.h"
#include "value/timestamp.h"

/* A value on its way: what all date and time types can be read into and written from. */
struct instant {
    int64_t us;
    int64_t ns; /* set when is_ns */
    bool is_ns;
};

static bool is_zoned(enum weir_type_kind kind)
{
    return kind == WEIR_TYPE_TIMESTAMPTZ || kind == WEIR_TYPE_TIMESTAMPTZ_NS;
}

static bool read_instant(enum weir_type_kind kind, const void *value, struct instant *out)
{
    *out = (struct instant){0};
    switch (kind) {
    case WEIR_TYPE_DATE:
        return !__builtin_mul_overflow((int64_t) * (const int32_t *)value, WEIR_US_PER_DAY,
                                       &out->us);
    case WEIR_TYPE_TIMESTAMP_NS:
    case WEIR_TYPE_TIMESTAMPTZ_NS:
        out->is_ns = true;
        out->ns = *(const int64_t *)value;
        out->us = weir_timestamp_us_of_ns(out->ns);
        return true;
    case WEIR_TYPE_INTERVAL: {
        int64_t us = ((const struct weir_interval *)value)->us;
        out->us = weir_floor_mod_i64(us, WEIR_US_PER_DAY);
        return true;
    }
    default:
        out->us = *(const int64_t *)value;
        return true;
    }
}

/* Wall clock to instant or back, in the session's zone. */
static bool shift_zone(const struct weir_timezone *zone, bool to_zoned,
                       struct weir_timezone_cursor *cursor, struct instant *value)
{
    if (!zone)
        return true;
    int64_t us;
    bool ok = to_zoned ? weir_timezone_to_utc(zone, cursor, value->us, &us)
                       : weir_timezone_to_local(zone, cursor, value->us, &us);
    if (!ok)
        return false;
    value->ns += (int64_t)((uint64_t)(us - value->us) * 1000);
    value->us = us;
    return true;
}

static bool write_instant(const struct weir_type *to, const struct instant *value, void *out)
{
    switch (to->kind) {
    case WEIR_TYPE_DATE:
        *(int32_t *)out = weir_civil_days_of_us(value->us);
        return true;
    case WEIR_TYPE_TIME:
        *(int64_t *)out = weir_civil_time_of_us(value->us);
        return true;
    case WEIR_TYPE_INTERVAL:
        *(struct weir_interval *)out = (struct weir_interval){.us = value->us};
        return true;
    case WEIR_TYPE_TIMESTAMP_NS:
    case WEIR_TYPE_TIMESTAMPTZ_NS:
        if (value->is_ns) {
            *(int64_t *)out = value->ns;
            return true;
        }
        return !__builtin_mul_overflow(value->us, 1000, (int64_t *)out);
    default:
        *(int64_t *)out =
            to->precision < 6 ? weir_timestamp_round(value->us, to->precision) : value->us;
        return true;
    }
}

void weir_cast_time(struct weir_kernel_call *call)
{
    const struct weir_type *from = call->args[0].type, *to = call->out->type;
    size_t in_width = weir_type_width(from), out_width = weir_type_width(to);
    size_t step = call->args[0].encoding == WEIR_CONSTANT ? 0 : in_width;
    const char *in = call->args[0].values;
    char *out = call->out_values;
    const struct weir_timezone *zone = call->session ? call->session->timezone : NULL;
    struct weir_timezone_cursor cursor = {0};
    bool shifts = is_zoned(from->kind) != is_zoned(to->kind);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct instant value;
        bool ok = read_instant(from->kind, in + lane * step, &value);
        if (ok && shifts)
            ok = shift_zone(zone, is_zoned(to->kind), &cursor, &value);
        ok = ok && write_instant(to, &value, out + lane * out_width);
        if (!ok && !weir_kernel_fail(call, lane, WEIR_E_OVERFLOW, "%s out of range",
                                     weir_type_name(to).text))
            return;
    }
}
