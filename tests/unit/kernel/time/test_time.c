/* Dates and times: what Postgres 15 answers in a session whose zone is EST5EDT (by the POSIX rule
 * below), constants and columns alike. */
#include "../string/function_test.h"
#include "value/timezone.h"

static struct weir_arena zones;
static const struct weir_timezone *new_york;

static const struct weir_timezone *find_zone(const struct weir_session *session,
                                             struct weir_slice name, struct weir_error *error)
{
    const struct weir_timezone *zone = NULL;
    int32_t offset_s;
    (void)session;
    if (!weir_timezone_fixed_offset(name, &offset_s) ||
        weir_timezone_from_offset(&zones, name, offset_s, &zone, error) != WEIR_OK)
        return NULL;
    return zone;
}
static void set_session(struct weir_session *session)
{
    session->timezone = new_york;
    session->timezone_find = find_zone;
}

static const struct function_case moving_cases[] = {
    {"+", "date, integer", {"2001-09-28", "7"}, "2001-10-05"},
    {"+", "date, integer", {"5874897-12-31", "1"}, FAILS(OVERFLOW)},
    {"-", "date, integer", {"4714-11-24 BC", "1"}, FAILS(OVERFLOW)},
    {"-", "date, date", {"2001-10-01", "2001-09-28"}, "3"},
    {"+", "date, time", {"2001-09-28", "03:00"}, "2001-09-28 03:00:00"},
    {"+", "timestamp, interval", {"2001-01-31 00:00:00", "1 month"}, "2001-02-28 00:00:00"},
    {"+", "timestamp, interval", {"2000-02-29 12:00:00", "1 year"}, "2001-02-28 12:00:00"},
    {"-", "timestamp, interval", {"2024-03-31 00:00:00", "1 month 1 day"}, "2024-02-28 00:00:00"},
    {"+", "timestamp, interval", {"2024-01-01 00:00:00", "300000 years"}, FAILS(OVERFLOW)},
    {"-",
     "timestamp, timestamp",
     {"2001-09-29 03:00:00", "2001-07-27 12:00:00"},
     "63 days 15:00:00"},
    {"+", "timestamptz, interval", {"2024-03-10 06:30:00+00", "1 day"}, "2024-03-11 01:30:00-04"},
    {"+",
     "timestamptz, interval",
     {"2024-03-10 06:30:00+00", "24 hours"},
     "2024-03-11 02:30:00-04"},
    {"-", "timestamptz, interval", {"2024-11-04 06:30:00+00", "1 day"}, "2024-11-03 01:30:00-05"},
    {"+", "time, interval", {"23:00", "3 hours"}, "02:00:00"},
    {"-", "time, interval", {"01:00", "-25:00:00"}, "02:00:00"},
    {"-", "time, time", {"05:00", "08:00:00.5"}, "-03:00:00.5"},
    {"*", "interval, double", {"1 month", "1.5"}, "1 mon 15 days"},
    {"*", "interval, double", {"1 day", "NaN"}, FAILS(OVERFLOW)},
    {"/", "interval, double", {"1 hour", "0"}, FAILS(DIVISION_BY_ZERO)},
    {"/", "interval, double", {"1 mon 1 day", "3"}, "10 days 08:00:00"},
    {"+", "interval, interval", {"1 day", "-1 month"}, "-1 mons +1 day"},
    {"-", "interval", {"1 day -02:03:04"}, "-1 days +02:03:04"},
};
static void moving(void)
{
    run_cases(moving_cases, WEIR_COUNT_OF(moving_cases));
}

static const struct function_case fields_cases[] = {
    {"extract", "text, timestamp", {"second", "2001-02-16 20:38:40.12"}, "40.120000"},
    {"extract", "text, timestamp", {"week", "2005-01-01 00:00:00"}, "53"},
    {"extract", "text, timestamp", {"isoyear", "2005-01-01 00:00:00"}, "2004"},
    {"extract", "text, timestamp", {"century", "2000-12-16 12:21:13"}, "20"},
    {"extract", "text, timestamp", {"millennium", "2001-02-16 20:38:40"}, "3"},
    {"extract", "text, timestamp", {"decade", "0001-12-31 00:00:00 BC"}, "0"},
    {"extract", "text, timestamp", {"dow", "2001-02-18 00:00:00"}, "0"},
    {"extract", "text, timestamp", {"isodow", "2001-02-18 20:38:40"}, "7"},
    {"extract", "text, timestamp", {"doy", "2000-12-31 20:38:40"}, "366"},
    {"extract", "text, timestamp", {"year", "0044-03-15 00:00:00 BC"}, "-44"},
    {"extract", "text, timestamp", {"timezone", "2001-02-18 00:00:00"}, FAILS(BAD_ARGUMENT)},
    {"extract", "text, timestamp", {"foo", "2001-02-18 00:00:00"}, FAILS(BAD_ARGUMENT)},
    {"extract", "text, timestamptz", {"timezone", "2024-07-01 00:00:00+00"}, "-14400"},
    {"extract", "text, timestamptz", {"timezone_hour", "2024-01-01 00:00:00+00"}, "-5"},
    {"extract", "text, timestamptz", {"day", "2024-07-01 00:00:00+00"}, "30"},
    {"extract", "text, timestamptz", {"epoch", "1969-12-31 23:59:59.5+00"}, "-0.500000"},
    {"extract", "text, date", {"julian", "2006-01-01"}, "2453737"},
    {"extract", "text, date", {"epoch", "1969-12-31"}, "-86400"},
    {"extract", "text, date", {"hour", "2001-02-16"}, FAILS(BAD_ARGUMENT)},
    {"extract", "text, time", {"milliseconds", "17:12:28.5"}, "28500.000"},
    {"extract", "text, time", {"day", "17:12:28"}, FAILS(BAD_ARGUMENT)},
    {"extract", "text, interval", {"quarter", "-2 months"}, "1"},
    {"extract", "text, interval", {"hour", "40 days 1 hour"}, "1"},
    {"extract", "text, interval", {"epoch", "1 year 1 mon 1 day 00:00:01"}, "34236001.000000"},
    {"extract", "text, interval", {"dow", "1 day"}, FAILS(BAD_ARGUMENT)},
};
/* The scale of EXTRACT follows from its field, which SQL always knows. */
static void fields(void)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(fields_cases); i++) {
        case_run_shape(&fields_cases[i], SHAPE_CONSTANTS, false);
        case_sweep(&fields_cases[i], SHAPE_CONSTANTS);
    }
}

static const struct function_case float_fields_cases[] = {
    {"date_part", "text, timestamp", {"second", "2001-02-16 20:38:40.12"}, "40.12"},
    {"date_part", "text, interval", {"epoch", "15 months 23:29:09.155402"}, "39418149.155402005"},
    {"date_part", "text, timestamp", {"epoch", "1404-07-01 18:50:44.759027"}, "-17845506555.24097"},
    {"date_part", "text, timestamp", {"julian", "2000-01-01 06:00:00"}, "2451545.25"},
};
static void float_fields(void)
{
    run_cases(float_fields_cases, WEIR_COUNT_OF(float_fields_cases));
}

static const struct function_case truncating_cases[] = {
    {"date_trunc", "text, timestamp", {"hour", "2001-02-16 20:38:40"}, "2001-02-16 20:00:00"},
    {"date_trunc", "text, timestamp", {"week", "2001-02-18 20:38:40"}, "2001-02-12 00:00:00"},
    {"date_trunc", "text, timestamp", {"century", "2000-02-16 20:38:40"}, "1901-01-01 00:00:00"},
    {"date_trunc",
     "text, timestamp",
     {"millennium", "0044-03-15 00:00:00 BC"},
     "1000-01-01 00:00:00 BC"},
    {"date_trunc", "text, timestamp", {"quarter", "2001-12-16 20:38:40"}, "2001-10-01 00:00:00"},
    {"date_trunc", "text, timestamp", {"epoch", "2001-12-16 20:38:40"}, FAILS(BAD_ARGUMENT)},
    {"date_trunc",
     "text, timestamp",
     {"milliseconds", "1969-12-31 23:59:59.999999"},
     "1969-12-31 23:59:59.999"},
    {"date_trunc",
     "text, timestamptz",
     {"day", "2024-03-10 12:00:00+00"},
     "2024-03-10 00:00:00-05"},
    {"date_trunc",
     "text, timestamptz",
     {"hour", "2024-11-03 05:30:00+00"},
     "2024-11-03 01:00:00-04"},
    {"date_trunc",
     "text, timestamptz",
     {"hour", "2024-11-03 06:30:00+00"},
     "2024-11-03 01:00:00-05"},
    {"date_trunc", "text, interval", {"hour", "2 days 03:40:00"}, "2 days 03:00:00"},
    {"date_trunc", "text, interval", {"month", "-1 year -2 months -3 days"}, "-1 years -2 mons"},
    {"date_trunc", "text, interval", {"week", "1 day"}, FAILS(BAD_ARGUMENT)},
    {"date_bin",
     "interval, timestamp, timestamp",
     {"15 minutes", "2001-02-16 20:38:40", "2001-02-16 20:05:00"},
     "2001-02-16 20:35:00"},
    {"date_bin",
     "interval, timestamp, timestamp",
     {"7 days", "1969-12-31 00:00:00", "1970-01-01 00:00:00"},
     "1969-12-25 00:00:00"},
    {"date_bin",
     "interval, timestamp, timestamp",
     {"1 month", "2001-02-16 20:38:40", "2001-01-01 00:00:00"},
     FAILS(BAD_ARGUMENT)},
    {"date_bin",
     "interval, timestamp, timestamp",
     {"0", "2001-02-16 20:38:40", "2001-01-01 00:00:00"},
     FAILS(BAD_ARGUMENT)},
};
static void truncating(void)
{
    run_cases(truncating_cases, WEIR_COUNT_OF(truncating_cases));
}

static const struct function_case making_cases[] = {
    {"make_date", "integer, integer, integer", {"2024", "2", "29"}, "2024-02-29"},
    {"make_date", "integer, integer, integer", {"2023", "2", "29"}, FAILS(BAD_ARGUMENT)},
    {"make_date", "integer, integer, integer", {"0", "1", "1"}, FAILS(BAD_ARGUMENT)},
    {"make_date", "integer, integer, integer", {"-44", "3", "15"}, "0044-03-15 BC"},
    {"make_date", "integer, integer, integer", {"5874897", "12", "31"}, "5874897-12-31"},
    {"make_date", "integer, integer, integer", {"-4714", "11", "23"}, FAILS(BAD_ARGUMENT)},
    {"make_time", "integer, integer, double", {"8", "15", "23.5"}, "08:15:23.5"},
    {"make_time", "integer, integer, double", {"24", "0", "0"}, "24:00:00"},
    {"make_time", "integer, integer, double", {"24", "0", "0.1"}, FAILS(BAD_ARGUMENT)},
    {"make_time", "integer, integer, double", {"23", "59", "60"}, "24:00:00"},
    {"make_timestamp",
     "integer, integer, integer, integer, integer, double",
     {"2013", "7", "15", "8", "15", "23.5"},
     "2013-07-15 08:15:23.5"},
    {"make_timestamp",
     "integer, integer, integer, integer, integer, double",
     {"2013", "13", "15", "8", "15", "23.5"},
     FAILS(BAD_ARGUMENT)},
    {"make_timestamptz",
     "integer, integer, integer, integer, integer, double",
     {"2024", "3", "10", "2", "30", "0"},
     "2024-03-10 03:30:00-04"},
    {"make_timestamptz",
     "integer, integer, integer, integer, integer, double",
     {"2024", "11", "3", "1", "30", "0"},
     "2024-11-03 01:30:00-05"},
    {"make_timestamptz",
     "integer, integer, integer, integer, integer, double, text",
     {"2024", "1", "1", "0", "0", "0", "+02"},
     "2023-12-31 17:00:00-05"},
    {"make_timestamptz",
     "integer, integer, integer, integer, integer, double, text",
     {"2024", "1", "1", "0", "0", "0", "2"},
     FAILS(BAD_TIME_ZONE)},
    {"make_interval",
     "integer, integer, integer, integer, integer, integer, double",
     {"1", "2", "3", "4", "5", "6", "7.5"},
     "1 year 2 mons 25 days 05:06:07.5"},
    {"make_interval",
     "integer, integer, integer, integer, integer, integer, double",
     {"0", "0", "0", "0", "0", "0", "NaN"},
     FAILS(OVERFLOW)},
};
static void making(void)
{
    run_cases(making_cases, WEIR_COUNT_OF(making_cases));
}

static const struct function_case spans_cases[] = {
    {"age",
     "timestamp, timestamp",
     {"2001-04-10 00:00:00", "1957-06-13 00:00:00"},
     "43 years 9 mons 27 days"},
    {"age",
     "timestamp, timestamp",
     {"2024-02-29 00:00:00", "2024-03-31 00:00:00"},
     "-1 mons -2 days"},
    {"age",
     "timestamptz, timestamptz",
     {"2024-03-11 04:00:00+00", "2024-03-09 05:00:00+00"},
     "2 days"},
    {"justify_days", "interval", {"35 days"}, "1 mon 5 days"},
    {"justify_hours", "interval", {"27 hours"}, "1 day 03:00:00"},
    {"justify_interval", "interval", {"1 mon -1 hour"}, "29 days 23:00:00"},
    {"justify_interval", "interval", {"-1 mon 40 days"}, "10 days"},
    {"isfinite", "interval", {"4 hours"}, "true"},
    {"overlaps",
     "timestamp, interval, timestamp, timestamp",
     {"2001-10-29 00:00:00", "2 days", "2001-10-30 00:00:00", "2001-10-31 00:00:00"},
     "true"},
    {"overlaps", "time, time, time, time", {"08:00", "09:00", "09:00", "10:00"}, "false"},
    {"overlaps",
     "timestamp, timestamp, timestamp, timestamp",
     {"2001-01-02", "2001-01-01", "2001-01-01", "2001-01-03"},
     "true"},
};
static void spans(void)
{
    run_cases(spans_cases, WEIR_COUNT_OF(spans_cases));
}

static const struct function_case shifting_cases[] = {
    {"timezone", "text, timestamp", {"EST", "2001-02-16 20:38:40"}, "2001-02-16 20:38:40-05"},
    {"timezone", "text, timestamptz", {"PST", "2001-02-16 20:38:40+00"}, "2001-02-16 12:38:40"},
    {"timezone", "text, timestamp", {"+03", "2001-02-16 20:38:40"}, "2001-02-16 18:38:40-05"},
    {"timezone",
     "text, timestamp",
     {"Nowhere/At_All", "2001-02-16 20:38:40"},
     FAILS(BAD_TIME_ZONE)},
    {"timezone",
     "interval, timestamp",
     {"02:00:00", "2001-02-16 20:38:40"},
     "2001-02-16 13:38:40-05"},
    {"timezone",
     "interval, timestamptz",
     {"-05:30:00", "2001-02-16 20:38:40+00"},
     "2001-02-16 15:08:40"},
    {"timezone", "interval, timestamp", {"1 day", "2001-02-16 20:38:40"}, FAILS(BAD_ARGUMENT)},
    {"to_timestamp", "double", {"1284352323.355"}, "2010-09-13 00:32:03.355-04"},
    {"to_timestamp", "double", {"NaN"}, FAILS(OVERFLOW)},
    {"to_timestamp", "double", {"1e18"}, FAILS(OVERFLOW)},
};
static void shifting(void)
{
    run_cases(shifting_cases, WEIR_COUNT_OF(shifting_cases));
}

static const struct function_case patterns_cases[] = {
    {"to_char", "timestamp, text", {"2002-04-20 17:31:12.66", "HH12:MI:SS MS"}, "05:31:12 660"},
    {"to_char",
     "timestamp, text",
     {"2002-04-20 17:31:12.66", "FMDay, FMDD Month YYYY Q W WW IW DDD J"},
     "Saturday, 20 April     2002 2 3 16 16 110 2452385"},
    {"to_char",
     "timestamptz, text",
     {"2002-04-20 17:31:12+00", "HH24 TZH:TZM OF"},
     "13 -04:00 -04"},
    {"to_char", "interval, text", {"15:02:12", "HH24:MI:SS"}, "15:02:12"},
    {"to_char", "interval, text", {"-12 months", "RM"}, "I   "},
    {"to_char", "integer, text", {"-125", "999S"}, "125-"},
    {"to_char", "integer, text", {"485", "FMRN"}, "CDLXXXV"},
    {"to_char", "integer, text", {"25", "EEEE"}, " 2e+01"},
    {"to_char", "double, text", {"-0.1", "FM9.99"}, "-.1"},
    {"to_char", "double, text", {"NaN", "999th"}, FAILS(BAD_ARGUMENT)},
    {"to_char", "bigint, text", {"1234567", "9G999G999"}, " 1,234,567"},
    {"to_date", "text, text", {"05 Dec 2000", "DD Mon YYYY"}, "2000-12-05"},
    {"to_date", "text, text", {"2024-02-30", "YYYY-MM-DD"}, FAILS(BAD_ARGUMENT)},
    {"to_date", "text, text", {"2006-W02-3", "IYYY-\"W\"IW-ID"}, "2006-01-11"},
    {"to_date", "text, text", {"2451187", "YYYY"}, "2451187-01-01"},
    {"to_timestamp",
     "text, text",
     {"2024-03-10 02:30:00", "YYYY-MM-DD HH24:MI:SS"},
     "2024-03-10 03:30:00-04"},
    {"to_timestamp", "text, text", {"13 PM", "HH12 PM"}, FAILS(BAD_ARGUMENT)},
    {"to_timestamp",
     "text, text",
     {"2024-01-02 03:04:05 +05:30", "YYYY-MM-DD HH24:MI:SS TZH:TZM"},
     "2024-01-01 16:34:05-05"},
};
static void patterns(void)
{
    run_cases(patterns_cases, WEIR_COUNT_OF(patterns_cases));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(moving), TEST_CASE(fields), TEST_CASE(float_fields), TEST_CASE(truncating),
        TEST_CASE(making), TEST_CASE(spans),  TEST_CASE(shifting),     TEST_CASE(patterns)};
    weir_arena_init(&zones, NULL, 0);
    if (weir_timezone_from_posix(&zones, weir_slice_from_string("EST5EDT,M3.2.0,M11.1.0"),
                                 &new_york, NULL) != WEIR_OK)
        return 1;
    case_set_session = set_session;
    int result = test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
    weir_arena_deinit(&zones);
    return result;
}
