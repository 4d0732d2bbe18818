/* Dates, times, timestamps, intervals and time zones from any text: nothing is read beyond it, and
 * what is printed reads back the same. */
#include "value/interval.h"
#include "value/timestamp.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void check_timestamp(struct weir_slice text)
{
    char out[WEIR_TIMESTAMP_SIZE];
    int64_t us, again;
    if (weir_timestamp_parse(text, &us, NULL) == WEIR_PARSE_OK)
        for (int style = 0; style < 3; style++) {
            size_t size = weir_timestamp_print(out, us, (enum weir_timestamp_style)style);
            check(size <= sizeof out);
            check(weir_timestamp_parse(weir_slice_make(out, size), &again, NULL) == WEIR_PARSE_OK);
            check(us == again);
        }
    if (weir_timestamp_parse_ns(text, &us, NULL) == WEIR_PARSE_OK) {
        size_t size = weir_timestamp_print_ns(out, us, WEIR_TIMESTAMP_ISO);
        check(weir_timestamp_parse_ns(weir_slice_make(out, size), &again, NULL) == WEIR_PARSE_OK);
        check(us == again);
    }
}

static void check_date_and_time(struct weir_slice text)
{
    char out[WEIR_TIMESTAMP_SIZE];
    int64_t us, us_again;
    int32_t days, again;
    if (weir_date_parse(text, &days) == WEIR_PARSE_OK) {
        size_t size = weir_date_print(out, days);
        check(weir_date_parse(weir_slice_make(out, size), &again) == WEIR_PARSE_OK);
        check(days == again);
    }
    if (weir_time_parse(text, &us) == WEIR_PARSE_OK) {
        check(us >= 0 && us <= INT64_C(86400000000));
        size_t size = weir_time_print(out, us);
        check(weir_time_parse(weir_slice_make(out, size), &us_again) == WEIR_PARSE_OK);
        check(us == us_again);
    }
}

static void check_interval(struct weir_slice text)
{
    char out[WEIR_INTERVAL_SIZE];
    struct weir_interval value, again;
    if (weir_interval_parse(text, 0, -1, &value) != WEIR_PARSE_OK)
        return;
    size_t size = weir_interval_print(out, value);
    check(size <= sizeof out);
    if (value.us != INT64_MIN) { /* its magnitude is not a number of us */
        check(weir_interval_parse(weir_slice_make(out, size), 0, -1, &again) == WEIR_PARSE_OK);
        check(value.months == again.months && value.days == again.days && value.us == again.us);
    }
    check(weir_interval_print_iso(out, value) <= sizeof out);
    (void)!weir_interval_justify(value, &again);
    (void)!weir_interval_mul(value, 0.3, &again);
}

/* Eight bytes as an instant: units of time, rounding, and what is printed with an offset. */
static void check_instant(struct weir_slice text)
{
    static const int64_t per_second[] = {1, 1000, 1000000, 1000000000};
    char out[WEIR_TIMESTAMP_SIZE];
    int64_t at, us, back;
    if (text.size < sizeof at)
        return;
    memcpy(&at, text.data, sizeof at);
    for (int unit = WEIR_EPOCH_S; unit <= WEIR_EPOCH_NS; unit++) {
        if (weir_timestamp_from_epoch(at, (enum weir_epoch_unit)unit, &us) &&
            weir_timestamp_to_epoch(us, (enum weir_epoch_unit)unit, &back))
            check(unit == WEIR_EPOCH_NS ? back <= at && at - back < 1000 : back == at);
        if (weir_timestamp_ns_from_epoch(at, (enum weir_epoch_unit)unit, &back))
            check(back == at * (1000000000 / per_second[unit]));
    }
    for (unsigned digits = 0; digits < 8; digits++) {
        us = weir_timestamp_round(at, digits);
        check(weir_timestamp_round(us, digits) == us);
        check((us > at ? (uint64_t)us - (uint64_t)at : (uint64_t)at - (uint64_t)us) <= 500000);
    }
    double seconds = (double)at / 1e6;
    if (weir_timestamp_from_seconds(seconds, &us))
        check(us >= WEIR_TIMESTAMP_US_MIN);
    if (at >= WEIR_TIMESTAMP_US_MIN && at < WEIR_TIMESTAMP_US_MAX - INT64_C(86400000000)) {
        int32_t offset = (int32_t)(at % 57599);
        size_t size = weir_timestamp_print_tz(out, at, offset);
        check(size <= sizeof out);
        enum weir_parse result = weir_timestamp_parse_tz(weir_slice_make(out, size), NULL, &us);
        check(result == WEIR_PARSE_OK ? us == at : at < WEIR_TIMESTAMP_US_MIN + 86400000000);
    }
}

static void check_zone(struct weir_arena *arena, struct weir_slice text)
{
    const struct weir_timezone *zone;
    int64_t utc = 0, local = 0;
    if (weir_timezone_from_posix(arena, text, &zone, NULL) != WEIR_OK &&
        weir_timezone_from_tzif(arena, weir_slice_from_string("x"), text, &zone, NULL) != WEIR_OK)
        return;
    for (int64_t at = -3000000000000000; at < 5000000000000000; at += 321000000000000) {
        check(weir_timezone_to_local(zone, NULL, at, &local));
        check(weir_timezone_to_utc(zone, NULL, local, &utc));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_slice text = weir_slice_make((const char *)data, size);
    struct weir_arena arena;
    weir_arena_init(&arena, NULL, 4096);
    check_timestamp(text);
    check_date_and_time(text);
    check_interval(text);
    check_instant(text);
    check_zone(&arena, text);
    weir_arena_deinit(&arena);
    return 0;
}
