/* EXTRACT, date_part, and the short forms year(x), month(x), …
 *
 * A field is computed as a decimal; date_part makes a double of it. The result's scale of EXTRACT
 * is chosen when the call is planned: seconds and epoch 6, milliseconds 3, others 0. */
#include "kernel/time/time_internal.h"
#include "value/decimal.h"

enum { JULIAN_SCALE = 20 };

/* A date-time as its fields are asked for; kinds without a part have zeros there. */
struct moment {
    int64_t local_us; /* wall clock */
    int64_t utc_us;   /* what epoch counts */
    int32_t offset_s;
};

static struct weir_decimal whole(int64_t value)
{
    return weir_decimal_make(value, 0);
}

/* Fields of a time of day. */
static bool clock_field(enum weir_time_field field, int64_t time_us, struct weir_decimal *out)
{
    switch (field) {
    case WEIR_FIELD_MICROSECONDS:
        *out = whole(time_us % 60000000);
        return true;
    case WEIR_FIELD_MILLISECONDS:
        *out = weir_decimal_make(time_us % 60000000, 3);
        return true;
    case WEIR_FIELD_SECOND:
        *out = weir_decimal_make(time_us % 60000000, 6);
        return true;
    case WEIR_FIELD_MINUTE:
        *out = whole(time_us / 60000000 % 60);
        return true;
    case WEIR_FIELD_HOUR:
        *out = whole(time_us / INT64_C(3600000000));
        return true;
    default:
        return false;
    }
}

static int64_t without_year_zero(int64_t year)
{
    return year > 0 ? year : year - 1;
}

/* Fields of a date. */
static bool date_field(enum weir_time_field field, int32_t days, struct weir_decimal *out)
{
    struct weir_civil date = weir_civil_from_days(days);
    switch (field) {
    case WEIR_FIELD_DAY:
        *out = whole(date.day);
        return true;
    case WEIR_FIELD_WEEK:
        *out = whole(weir_civil_iso_week(days).week);
        return true;
    case WEIR_FIELD_MONTH:
        *out = whole(date.month);
        return true;
    case WEIR_FIELD_QUARTER:
        *out = whole(weir_civil_quarter(date.month));
        return true;
    case WEIR_FIELD_YEAR:
        *out = whole(without_year_zero(date.year));
        return true;
    case WEIR_FIELD_DECADE:
        *out = whole(weir_civil_decade(date.year));
        return true;
    case WEIR_FIELD_CENTURY:
        *out = whole(weir_civil_century(date.year));
        return true;
    case WEIR_FIELD_MILLENNIUM:
        *out = whole(weir_civil_millennium(date.year));
        return true;
    case WEIR_FIELD_ISOYEAR:
        *out = whole(without_year_zero(weir_civil_iso_week(days).year));
        return true;
    case WEIR_FIELD_DOW:
        *out = whole(weir_civil_weekday(days));
        return true;
    case WEIR_FIELD_ISODOW:
        *out = whole(weir_civil_iso_weekday(days));
        return true;
    case WEIR_FIELD_DOY:
        *out = whole(weir_civil_day_of_year(days));
        return true;
    default:
        return false;
    }
}

static struct weir_decimal julian(int64_t us)
{
    weir_i128 time = weir_civil_time_of_us(us), day = WEIR_US_PER_DAY;
    weir_i128 days = (weir_i128)weir_civil_days_of_us(us) + WEIR_CIVIL_JULIAN_1970;
    weir_i128 scale = weir_decimal_pow10(JULIAN_SCALE);
    return weir_decimal_make(days * scale + (time * scale + day / 2) / day, JULIAN_SCALE);
}

static bool zone_field(enum weir_time_field field, int32_t offset_s, struct weir_decimal *out)
{
    switch (field) {
    case WEIR_FIELD_TIMEZONE:
        *out = whole(offset_s);
        return true;
    case WEIR_FIELD_TIMEZONE_HOUR:
        *out = whole(offset_s / 3600);
        return true;
    case WEIR_FIELD_TIMEZONE_MINUTE:
        *out = whole(offset_s % 3600 / 60);
        return true;
    default:
        return false;
    }
}

static bool timestamp_field(enum weir_time_field field, const struct moment *at, bool is_zoned,
                            struct weir_decimal *out)
{
    if (field == WEIR_FIELD_EPOCH)
        *out = weir_decimal_make(at->utc_us, 6);
    else if (field == WEIR_FIELD_JULIAN)
        *out = julian(at->local_us);
    else
        return clock_field(field, weir_civil_time_of_us(at->local_us), out) ||
               date_field(field, weir_civil_days_of_us(at->local_us), out) ||
               (is_zoned && zone_field(field, at->offset_s, out));
    return true;
}

/* A year of 365.25 days, a month of 30. */
static struct weir_decimal interval_epoch(struct weir_interval value)
{
    weir_i128 quarter_days = (weir_i128)1461 * (value.months / 12) +
                             (weir_i128)120 * (value.months % 12) + (weir_i128)4 * value.days;
    return weir_decimal_make(quarter_days * (WEIR_US_PER_DAY / 4) + value.us, 6);
}

static bool interval_field(enum weir_time_field field, struct weir_interval value,
                           struct weir_decimal *out)
{
    int32_t years = value.months / 12;
    switch (field) {
    case WEIR_FIELD_EPOCH:
        *out = interval_epoch(value);
        return true;
    case WEIR_FIELD_DAY:
        *out = whole(value.days);
        return true;
    case WEIR_FIELD_MONTH:
        *out = whole(value.months % 12);
        return true;
    case WEIR_FIELD_QUARTER:
        *out = whole(value.months % 12 / 3 + 1);
        return true;
    case WEIR_FIELD_YEAR:
        *out = whole(years);
        return true;
    case WEIR_FIELD_DECADE:
        *out = whole(years / 10);
        return true;
    case WEIR_FIELD_CENTURY:
        *out = whole(years / 100);
        return true;
    case WEIR_FIELD_MILLENNIUM:
        *out = whole(years / 1000);
        return true;
    default:
        return clock_field(field, value.us, out);
    }
}

static bool plain_date_field(enum weir_time_field field, int32_t days, struct weir_decimal *out)
{
    if (field == WEIR_FIELD_EPOCH)
        *out = whole(days * INT64_C(86400));
    else if (field == WEIR_FIELD_JULIAN)
        *out = whole((int64_t)days + WEIR_CIVIL_JULIAN_1970);
    else
        return date_field(field, days, out);
    return true;
}

/* The field of the lane's argument k; false: its type has no such field. */
static bool read_field(const struct weir_kernel_call *call, uint32_t k, uint32_t lane,
                       struct weir_time_zone *zone, enum weir_time_field field,
                       struct weir_decimal *out)
{
    enum weir_type_kind kind = call->args[k].type->kind;
    if (kind == WEIR_TYPE_DATE)
        return plain_date_field(field, *WEIR_ARG(call, k, int32_t, lane), out);
    if (kind == WEIR_TYPE_INTERVAL)
        return interval_field(field, *WEIR_ARG(call, k, struct weir_interval, lane), out);
    int64_t us = *WEIR_ARG(call, k, int64_t, lane);
    if (kind == WEIR_TYPE_TIME) {
        *out = weir_decimal_make(us, 6);
        return field == WEIR_FIELD_EPOCH || clock_field(field, us, out);
    }
    struct moment at = {.local_us = us, .utc_us = us};
    bool is_zoned = kind == WEIR_TYPE_TIMESTAMPTZ;
    if (is_zoned) {
        at.offset_s = weir_time_zone_at(zone, us).offset_s;
        if (!weir_add_i64(us, at.offset_s * INT64_C(1000000), &at.local_us))
            at.local_us = us;
    }
    return timestamp_field(field, &at, is_zoned, out);
}

/* date_part's doubles, computed as Postgres computes them: they are not always those nearest to the
 * decimal. False: the field is a whole number, or not one of the type. */
static bool float_of_clock(enum weir_time_field field, int64_t time_us, double *out)
{
    int64_t second = time_us / 1000000 % 60;
    double fraction = (double)(time_us % 1000000);
    if (field == WEIR_FIELD_SECOND)
        *out = (double)second + fraction / 1e6;
    else if (field == WEIR_FIELD_MILLISECONDS)
        *out = (double)second * 1e3 + fraction / 1e3;
    else
        return false;
    return true;
}
static double float_of_interval(struct weir_interval value)
{
    double out = (double)value.us / 1e6;
    out += 31557600.0 * (value.months / 12);
    out += 2592000.0 * (value.months % 12);
    return out + 86400.0 * value.days;
}
static bool float_field(const struct weir_kernel_call *call, uint32_t lane,
                        struct weir_time_zone *zone, enum weir_time_field field, double *out)
{
    enum weir_type_kind kind = call->args[1].type->kind;
    if (kind == WEIR_TYPE_DATE)
        return false;
    if (kind == WEIR_TYPE_INTERVAL) {
        struct weir_interval value = *WEIR_ARG(call, 1, struct weir_interval, lane);
        if (field != WEIR_FIELD_EPOCH)
            return float_of_clock(field, value.us, out);
        *out = float_of_interval(value);
        return true;
    }
    int64_t us = *WEIR_ARG(call, 1, int64_t, lane), local = us;
    if (field == WEIR_FIELD_EPOCH) {
        *out = (double)us / 1e6;
        return true;
    }
    if (kind == WEIR_TYPE_TIMESTAMPTZ && !weir_time_to_local(zone, us, &local))
        return false;
    int64_t time = kind == WEIR_TYPE_TIME ? us : weir_civil_time_of_us(local);
    if (field != WEIR_FIELD_JULIAN || kind == WEIR_TYPE_TIME)
        return float_of_clock(field, time, out);
    *out = (double)(weir_civil_days_of_us(local) + WEIR_CIVIL_JULIAN_1970);
    *out += ((double)(time / 1000000) + (double)(time % 1000000) / 1e6) / 86400.0;
    return true;
}

/* Stores a decimal as the result's type. False: the kernel returns. */
static bool store_field(struct weir_kernel_call *call, uint32_t lane, struct weir_decimal value)
{
    enum weir_arith result;
    if (call->out->type->kind == WEIR_TYPE_FLOAT64) {
        ((double *)call->out_values)[lane] = weir_decimal_to_f64(value);
        return true;
    }
    if (call->out->type->kind == WEIR_TYPE_INT32) {
        int64_t integer = 0;
        result = weir_decimal_trunc(value, 0, &value);
        if (result == WEIR_ARITH_OK)
            result = weir_decimal_to_i64(value, &integer);
        if (result == WEIR_ARITH_OK && (integer < INT32_MIN || integer > INT32_MAX))
            result = WEIR_ARITH_OVERFLOW;
        ((int32_t *)call->out_values)[lane] = (int32_t)integer;
    } else {
        weir_i128 *out = &((weir_i128 *)call->out_values)[lane];
        result = weir_decimal_rescale(value, call->out->type->scale, out);
    }
    return result == WEIR_ARITH_OK || weir_kernel_fail_arith(call, lane, result, "");
}

/* extract(field, x) and date_part(field, x) */
void weir_fn_extract(struct weir_kernel_call *call)
{
    struct weir_time_zone zone = weir_time_session_zone(call);
    enum weir_time_field field = WEIR_FIELD_UNKNOWN;
    bool is_constant = call->args[0].encoding == WEIR_CONSTANT;
    bool is_float = call->out->type->kind == WEIR_TYPE_FLOAT64;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        if (!is_constant || field == WEIR_FIELD_UNKNOWN)
            field = weir_time_field_find(weir_arg_text(call, 0, lane));
        struct weir_decimal value;
        if (is_float && float_field(call, lane, &zone, field, &((double *)call->out_values)[lane]))
            continue;
        bool go_on = read_field(call, 1, lane, &zone, field, &value)
                         ? store_field(call, lane, value)
                         : weir_time_fail_field(call, lane, weir_arg_text(call, 0, lane),
                                                call->args[1].type);
        if (!go_on)
            return;
    }
}

static uint32_t field_scale(enum weir_time_field field, enum weir_type_kind kind)
{
    switch (field) {
    case WEIR_FIELD_SECOND:
        return 6;
    case WEIR_FIELD_EPOCH:
        return kind == WEIR_TYPE_DATE ? 0 : 6;
    case WEIR_FIELD_MILLISECONDS:
        return 3;
    case WEIR_FIELD_JULIAN:
        return kind == WEIR_TYPE_DATE ? 0 : JULIAN_SCALE;
    default:
        return 0;
    }
}

/* A field that is not constant may be any: scale 6. */
enum weir_status weir_bind_extract(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_column *name = bind->constants[0];
    uint32_t scale = 6;
    if (name && !weir_column_is_null(name, 0)) {
        const struct weir_view *view = name->values;
        scale = field_scale(weir_time_field_find(weir_view_slice(view)), bind->arg_types[1]->kind);
    }
    bind->result_type = weir_type_decimal(bind->arena, WEIR_DECIMAL_PRECISION_MAX, scale);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

/* Postgres takes the date as a timestamp here, and not in EXTRACT. */
enum weir_status weir_bind_date_part_of_date(struct weir_function_bind *bind,
                                             struct weir_error *error)
{
    (void)error;
    bind->arg_types[1] = weir_type_of(WEIR_TYPE_TIMESTAMP);
    return WEIR_OK;
}

static void run_short(struct weir_kernel_call *call, enum weir_time_field field)
{
    struct weir_time_zone zone = weir_time_session_zone(call);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_decimal value = {0};
        bool ok = read_field(call, 0, lane, &zone, field, &value);
        if (ok && !store_field(call, lane, value))
            return;
    }
}
void weir_fn_year(struct weir_kernel_call *call)
{
    run_short(call, WEIR_FIELD_YEAR);
}
void weir_fn_month(struct weir_kernel_call *call)
{
    run_short(call, WEIR_FIELD_MONTH);
}
void weir_fn_day(struct weir_kernel_call *call)
{
    run_short(call, WEIR_FIELD_DAY);
}
void weir_fn_hour(struct weir_kernel_call *call)
{
    run_short(call, WEIR_FIELD_HOUR);
}
void weir_fn_minute(struct weir_kernel_call *call)
{
    run_short(call, WEIR_FIELD_MINUTE);
}
void weir_fn_second(struct weir_kernel_call *call)
{
    run_short(call, WEIR_FIELD_SECOND);
}
