/* to_char, to_date, to_timestamp(text, text), to_number, timeofday: text by template patterns.
 *
 * A constant pattern is compiled when the call is planned; another one once per run of lanes that
 * have the same. */
#include "kernel/string/string_internal.h"
#include "kernel/time/time_internal.h"
#include "value/decimal.h"
#include "value/format_pattern.h"

/* The pattern in use: of times or of numbers. */
struct pattern {
    struct weir_slice text; /* what it was compiled from; set when is_known */
    const struct weir_time_pattern *time;
    const struct weir_number_pattern *number;
    bool is_known;
};

/* Status from value/ as the lane's failure. False: the kernel returns. */
static bool fail_status(struct weir_kernel_call *call, uint32_t lane, enum weir_status status,
                        const struct weir_error *error)
{
    if (status == WEIR_E_OUT_OF_MEMORY) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    return weir_kernel_fail(call, lane, status, "%s", error->message);
}

/* False when the lane fails; *stop: return. */
static bool take_pattern(struct weir_kernel_call *call, uint32_t lane, bool is_time,
                         struct pattern *pattern, bool *stop)
{
    *stop = false;
    if (call->instance) {
        *pattern = *(const struct pattern *)call->instance;
        return true;
    }
    struct weir_slice text = weir_arg_text(call, 1, lane);
    if (pattern->is_known && weir_slice_equals(pattern->text, text))
        return true;
    struct weir_error error = {0};
    pattern->is_known = false;
    enum weir_status status =
        is_time ? weir_time_pattern_compile(call->arena, text, &pattern->time, &error)
                : weir_number_pattern_compile(call->arena, text, &pattern->number, &error);
    if (status != WEIR_OK) {
        *stop = !fail_status(call, lane, status, &error);
        return false;
    }
    pattern->text = text;
    pattern->is_known = true;
    return true;
}

static enum weir_status bind_pattern(struct weir_function_bind *bind, bool is_time,
                                     struct weir_error *error)
{
    const struct weir_column *constant = bind->constants[1];
    if (!constant || weir_column_is_null(constant, 0))
        return WEIR_OK;
    struct pattern *pattern = weir_arena_alloc(bind->arena, sizeof *pattern, _Alignof(max_align_t));
    char *text = NULL;
    struct weir_slice slice = weir_view_slice(constant->values);
    if (pattern)
        text = weir_arena_alloc(bind->arena, slice.size + 1, 1);
    if (!text)
        return weir_error_set_out_of_memory(error);
    if (slice.size)
        memcpy(text, slice.data, slice.size);
    *pattern = (struct pattern){.text = weir_slice_make(text, slice.size), .is_known = true};
    bind->instance = pattern;
    return is_time
               ? weir_time_pattern_compile(bind->arena, pattern->text, &pattern->time, error)
               : weir_number_pattern_compile(bind->arena, pattern->text, &pattern->number, error);
}
enum weir_status weir_bind_time_pattern(struct weir_function_bind *bind, struct weir_error *error)
{
    return bind_pattern(bind, true, error);
}
enum weir_status weir_bind_number_pattern(struct weir_function_bind *bind, struct weir_error *error)
{
    return bind_pattern(bind, false, error);
}

/* Digits behind the point (or behind V) of a number pattern: the scale of to_number. */
static uint32_t fraction_digits(struct weir_slice pattern)
{
    uint32_t digits = 0;
    bool in_quotes = false, in_fraction = false;
    for (size_t i = 0; i < pattern.size; i++) {
        char c = pattern.data[i];
        if (c == '"')
            in_quotes = !in_quotes;
        else if (in_quotes)
            continue;
        else if (c == '.' || c == 'D' || c == 'd' || c == 'V' || c == 'v')
            in_fraction = true;
        else if (in_fraction && (c == '9' || c == '0'))
            digits++;
    }
    return digits < WEIR_DECIMAL_PRECISION_MAX ? digits : WEIR_DECIMAL_PRECISION_MAX;
}
enum weir_status weir_bind_to_number(struct weir_function_bind *bind, struct weir_error *error)
{
    enum { SCALE_OF_ANY = 16 };
    WEIR_TRY(bind_pattern(bind, false, error));
    const struct pattern *pattern = bind->instance;
    uint32_t scale = pattern ? fraction_digits(pattern->text) : SCALE_OF_ANY;
    bind->result_type = weir_type_decimal(bind->arena, WEIR_DECIMAL_PRECISION_MAX, scale);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

/* --- to_char ------------------------------------------------------------------------------- */

static enum weir_status print_instant(const struct weir_kernel_call *call, int64_t us,
                                      struct weir_time_zone *zone,
                                      const struct weir_time_pattern *pattern,
                                      struct weir_buffer *buffer, struct weir_error *error)
{
    struct weir_time_pattern_input input = {.local_us = us};
    if (call->args[0].type->kind == WEIR_TYPE_TIMESTAMPTZ) {
        struct weir_timezone_info info = weir_time_zone_at(zone, us);
        input.has_zone = true;
        input.offset_s = info.offset_s;
        input.zone_name = info.abbreviation;
        if (!weir_add_i64(us, info.offset_s * INT64_C(1000000), &input.local_us))
            return weir_error_set(error, WEIR_E_OVERFLOW, "timestamp out of range");
    }
    return weir_time_pattern_print(pattern, &input, buffer, error);
}

static enum weir_status print_lane(const struct weir_kernel_call *call, uint32_t lane,
                                   struct weir_time_zone *zone, const struct pattern *pattern,
                                   struct weir_buffer *buffer, struct weir_error *error)
{
    const struct weir_type *type = call->args[0].type;
    switch (type->kind) {
    case WEIR_TYPE_INTERVAL:
        return weir_time_pattern_print_interval(
            pattern->time, *WEIR_ARG(call, 0, struct weir_interval, lane), buffer, error);
    case WEIR_TYPE_INT32:
        if (weir_number_pattern_is_scientific(pattern->number)) /* half to even, as Postgres */
            return weir_number_pattern_print_f64(pattern->number, *WEIR_ARG(call, 0, int32_t, lane),
                                                 buffer, error);
        return weir_number_pattern_print(pattern->number,
                                         weir_decimal_make(*WEIR_ARG(call, 0, int32_t, lane), 0),
                                         buffer, error);
    case WEIR_TYPE_INT64:
        return weir_number_pattern_print(pattern->number,
                                         weir_decimal_make(*WEIR_ARG(call, 0, int64_t, lane), 0),
                                         buffer, error);
    case WEIR_TYPE_DECIMAL:
        return weir_number_pattern_print(
            pattern->number, weir_decimal_make(*WEIR_ARG(call, 0, weir_i128, lane), type->scale),
            buffer, error);
    case WEIR_TYPE_FLOAT32:
        return weir_number_pattern_print_f32(pattern->number, *WEIR_ARG(call, 0, float, lane),
                                             buffer, error);
    case WEIR_TYPE_FLOAT64:
        return weir_number_pattern_print_f64(pattern->number, *WEIR_ARG(call, 0, double, lane),
                                             buffer, error);
    default:
        return print_instant(call, *WEIR_ARG(call, 0, int64_t, lane), zone, pattern->time, buffer,
                             error);
    }
}

/* The lane's text; false: the kernel returns. */
static bool to_char_lane(struct weir_kernel_call *call, uint32_t lane, struct weir_time_zone *zone,
                         struct pattern *pattern, struct weir_buffer *buffer)
{
    bool stop, is_time = !weir_type_is_number(call->args[0].type);
    if (!take_pattern(call, lane, is_time, pattern, &stop))
        return !stop;
    if (is_time && pattern->text.size == 0) { /* as Postgres */
        weir_kernel_set_null(call, lane);
        weir_kernel_set_text(call, lane, NULL, 0);
        return true;
    }
    struct weir_error error = {0};
    weir_buffer_clear(buffer);
    enum weir_status status = print_lane(call, lane, zone, pattern, buffer, &error);
    return status == WEIR_OK ? weir_string_store_buffer(call, lane, buffer)
                             : fail_status(call, lane, status, &error);
}

/* Timestamps side by side mostly have the same day or minute: their text is made once. */
static void instants_to_char(struct weir_kernel_call *call, struct pattern *pattern,
                             struct weir_buffer *buffer)
{
    int64_t step = weir_time_pattern_step_us(pattern->time), start = 0;
    struct weir_view *views = call->out_values;
    const struct weir_view *known = NULL;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t us = *WEIR_ARG(call, 0, int64_t, lane);
        if (known && (uint64_t)us - (uint64_t)start < (uint64_t)step) {
            views[lane] = *known;
            continue;
        }
        if (!to_char_lane(call, lane, NULL, pattern, buffer))
            return;
        /* Times of which one may be out of range, or infinite, have no step in common. */
        bool is_known = weir_time_is_instant(us) && weir_bit_get(call->validity, lane);
        known = is_known ? &views[lane] : NULL;
        start = is_known ? weir_floor_div_i64(us, step) * step : 0;
    }
}

void weir_fn_to_char(struct weir_kernel_call *call)
{
    struct weir_time_zone zone = weir_time_session_zone(call);
    struct pattern pattern = {0};
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    if (call->instance && call->args[0].type->kind == WEIR_TYPE_TIMESTAMP) {
        pattern = *(const struct pattern *)call->instance;
        if (pattern.text.size) {
            instants_to_char(call, &pattern, &buffer);
            weir_buffer_deinit(&buffer);
            return;
        }
    }
    WEIR_FOR_VALID_LANES(call, lane)
    if (!to_char_lane(call, lane, &zone, &pattern, &buffer))
        break;
    weir_buffer_deinit(&buffer);
}

/* --- text into times and numbers ------------------------------------------------------------ */

void weir_fn_to_timestamp_text(struct weir_kernel_call *call)
{
    struct weir_time_zone zone = weir_time_session_zone(call);
    struct pattern pattern = {0};
    bool is_date = call->out->type->kind == WEIR_TYPE_DATE;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        bool stop;
        struct weir_error error = {0};
        struct weir_time_pattern_output at;
        if (!take_pattern(call, lane, true, &pattern, &stop)) {
            if (stop)
                return;
            continue;
        }
        enum weir_status status =
            weir_time_pattern_parse(pattern.time, weir_arg_text(call, 0, lane), &at, &error);
        if (status != WEIR_OK) {
            if (!fail_status(call, lane, status, &error))
                return;
            continue;
        }
        if (is_date) {
            ((int32_t *)call->out_values)[lane] = at.days;
            continue;
        }
        int64_t *out = &((int64_t *)call->out_values)[lane];
        bool ok = !at.has_local   ? false
                  : at.has_offset ? weir_sub_i64(at.local_us, at.offset_s * INT64_C(1000000), out)
                                  : weir_time_to_utc(&zone, at.local_us, out);
        if (!(ok && weir_time_is_instant(*out)) && !weir_kernel_fail_range(call, lane))
            return;
    }
}

void weir_fn_to_number(struct weir_kernel_call *call)
{
    weir_i128 *out = call->out_values;
    struct pattern pattern = {0};
    WEIR_FOR_VALID_LANES(call, lane)
    {
        bool stop;
        struct weir_error error = {0};
        struct weir_decimal value;
        if (!take_pattern(call, lane, false, &pattern, &stop)) {
            if (stop)
                return;
            continue;
        }
        enum weir_status status =
            weir_number_pattern_parse(pattern.number, weir_arg_text(call, 0, lane), &value, &error);
        bool go_on = true;
        if (status != WEIR_OK)
            go_on = fail_status(call, lane, status, &error);
        else if (weir_decimal_rescale(value, call->out->type->scale, &out[lane]) != WEIR_ARITH_OK)
            go_on = weir_kernel_fail_range(call, lane);
        if (!go_on)
            return;
    }
}

/* The current time as text. */
void weir_fn_timeofday(struct weir_kernel_call *call)
{
    struct weir_time_zone zone = weir_time_session_zone(call);
    struct weir_timezone_info info = weir_time_zone_at(&zone, weir_time_now(call));
    struct weir_time_pattern_input input = {.local_us = weir_time_now(call) +
                                                        info.offset_s * INT64_C(1000000),
                                            .offset_s = info.offset_s,
                                            .zone_name = info.abbreviation,
                                            .has_zone = true};
    const struct weir_time_pattern *pattern;
    struct weir_error error = {0};
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    enum weir_status status = weir_time_pattern_compile(
        call->arena, weir_slice_from_string("Dy Mon DD HH24:MI:SS.US YYYY TZ"), &pattern, &error);
    if (status == WEIR_OK)
        status = weir_time_pattern_print(pattern, &input, &buffer, &error);
    WEIR_FOR_LANES(call, lane)
    {
        if (!(status == WEIR_OK ? weir_string_store_buffer(call, lane, &buffer)
                                : fail_status(call, lane, status, &error)))
            break;
    }
    weir_buffer_deinit(&buffer);
}
