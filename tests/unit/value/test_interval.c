/* Intervals: Postgres' answers to texts and to arithmetic. */
#include "value/interval.h"
#include "value/timestamp.h"
#include "vectors.h"

static struct weir_slice text(const char *string)
{
    return weir_slice_from_string(string);
}

static struct weir_interval read(const char *string)
{
    struct weir_interval out = {0, 0, 0};
    EXPECT_INT(weir_interval_parse(text(string), 0, -1, &out), WEIR_PARSE_OK);
    return out;
}

static void expect(struct weir_interval value, const char *want)
{
    char out[WEIR_INTERVAL_SIZE];
    EXPECT_SLICE(weir_slice_make(out, weir_interval_print(out, value)), want);
}

static void agrees_with_postgres(void)
{
    struct vectors v;
    if (!vectors_open(&v, "intervals.tsv"))
        return;
    while (vectors_next(&v)) {
        struct weir_interval value;
        char out[WEIR_INTERVAL_SIZE] = "ERR";
        size_t size = 3;
        if (weir_interval_parse(v.fields[0], 0, -1, &value) == WEIR_PARSE_OK)
            size = weir_interval_print(out, value);
        vectors_expect(&v, 1, out, size);
    }
    EXPECT(v.lines > 400);
}

static void obeys_qualifiers(void)
{
    enum {
        Y = WEIR_INTERVAL_YEAR,
        MO = WEIR_INTERVAL_MONTH,
        D = WEIR_INTERVAL_DAY,
        H = WEIR_INTERVAL_HOUR,
        MI = WEIR_INTERVAL_MINUTE,
        S = WEIR_INTERVAL_SECOND
    };
    static const struct {
        const char *text;
        uint32_t fields;
        int32_t digits;
        const char *want;
    } cases[] = {{"5", Y, -1, "5 years"},
                 {"5", MO, -1, "5 mons"},
                 {"5", D, -1, "5 days"},
                 {"5", H, -1, "05:00:00"},
                 {"5", MI, -1, "00:05:00"},
                 {"5", S, -1, "00:00:05"},
                 {"5", 0, -1, "00:00:05"},
                 {"1-2", Y | MO, -1, "1 year 2 mons"},
                 {"1 2", D | H, -1, "1 day 02:00:00"},
                 {"1 2:03", D | H | MI, -1, "1 day 02:03:00"},
                 {"2:03", MI | S, -1, "00:02:03"},
                 {"2:03", 0, -1, "02:03:00"},
                 {"1 year 2 mons 3 days 04:05:06.789", Y, -1, "1 year"},
                 {"1 year 2 mons 3 days 04:05:06.789", MO, -1, "1 year 2 mons"},
                 {"1 year 2 mons 3 days 04:05:06.789", D, -1, "1 year 2 mons 3 days"},
                 {"1 year 2 mons 3 days 04:05:06.789", H, -1, "1 year 2 mons 3 days 04:00:00"},
                 {"1 year 2 mons 3 days 04:05:06.789", MI, -1, "1 year 2 mons 3 days 04:05:00"},
                 {"1 year 2 mons 3 days 04:05:06.789", S, 1, "1 year 2 mons 3 days 04:05:06.8"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct weir_interval value = {0, 0, 0};
        EXPECT_INT(
            weir_interval_parse(text(cases[i].text), cases[i].fields, cases[i].digits, &value),
            WEIR_PARSE_OK);
        expect(value, cases[i].want);
    }
}

static void computes(void)
{
    struct weir_interval out;
    EXPECT_INT(weir_interval_mul(read("1 month"), 0.5, &out), 0);
    expect(out, "15 days");
    EXPECT_INT(weir_interval_mul(read("1 year 1 day 01:00"), 0.1, &out), 0);
    expect(out, "1 mon 6 days 02:30:00");
    EXPECT_INT(weir_interval_div(read("1 day"), 7, &out), 0);
    expect(out, "03:25:42.857143");
    EXPECT_INT(weir_interval_div(read("1 year"), 7.3, &out), 0);
    expect(out, "1 mon 19 days 07:33:41.8752");
    EXPECT_INT(weir_interval_mul(read("-1 mon"), 0.7, &out), 0);
    expect(out, "-21 days");
    EXPECT_INT(weir_interval_div(read("1 day"), 0, &out), WEIR_ARITH_DIVISION_BY_ZERO);
    EXPECT_INT(weir_interval_mul(read("1 day"), 1e300, &out), WEIR_ARITH_OVERFLOW);
    EXPECT_INT(weir_interval_mul(read("1 day"), __builtin_nan(""), &out), WEIR_ARITH_OVERFLOW);
    EXPECT(weir_interval_add(read("1 mon 2 days"), read("-1 day 01:00"), &out));
    expect(out, "1 mon 1 day 01:00:00");
    EXPECT(!weir_interval_add((struct weir_interval){INT32_MAX, 0, 0},
                              (struct weir_interval){1, 0, 0}, &out));
    EXPECT(!weir_interval_negate((struct weir_interval){INT32_MIN, 0, 0}, &out));
}

static void justifies(void)
{
    struct weir_interval out;
    EXPECT(weir_interval_justify_hours(read("27:00"), &out));
    expect(out, "1 day 03:00:00");
    EXPECT(weir_interval_justify_days(read("35 days"), &out));
    expect(out, "1 mon 5 days");
    EXPECT(weir_interval_justify(read("1 mon -1 hour"), &out));
    expect(out, "29 days 23:00:00");
    EXPECT(weir_interval_justify(read("-35 days 27:00"), &out));
    expect(out, "-1 mons -3 days -21:00:00");
    EXPECT(weir_interval_justify_hours(read("-1 day 30:00"), &out));
    expect(out, "06:00:00");
    EXPECT(weir_interval_justify_days(read("1 mon -35 days"), &out));
    expect(out, "-5 days");
}

static void compares(void)
{
    EXPECT_INT(weir_interval_compare(read("1 month"), read("30 days")), 0);
    EXPECT_INT(weir_interval_compare(read("1 day"), read("24:00:00")), 0);
    EXPECT_INT(weir_interval_compare(read("1 day"), read("24:00:00.000001")), -1);
    EXPECT_INT(weir_interval_compare(read("1 year"), read("365 days")), -1);
    EXPECT_INT(weir_interval_compare((struct weir_interval){INT32_MAX, INT32_MAX, INT64_MAX},
                                     (struct weir_interval){INT32_MIN, INT32_MIN, INT64_MIN}),
               1);
    int64_t us;
    EXPECT(weir_interval_to_us(read("1 day 00:00:01"), &us) && us == INT64_C(86401000000));
    EXPECT(!weir_interval_to_us(read("1 mon"), &us));
}

static int64_t at(const char *string)
{
    int64_t us = 0;
    EXPECT_INT(weir_timestamp_parse(text(string), &us, NULL), WEIR_PARSE_OK);
    return us;
}

static void measures_time(void)
{
    struct weir_interval out;
    static const struct {
        const char *a, *b, *want;
    } ages[] = {{"2024-03-31", "2024-02-29", "1 mon 2 days"},
                {"2024-03-01", "2023-12-31 12:00", "2 mons 12:00:00"},
                {"2001-04-10", "1957-06-13", "43 years 9 mons 27 days"},
                {"2020-01-31", "2020-02-29", "-29 days"},
                {"2023-12-31 12:00", "2024-03-01", "-2 mons -12:00:00"}};
    for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
        EXPECT(weir_interval_age(at(ages[i].a), at(ages[i].b), &out));
        expect(out, ages[i].want);
    }
    EXPECT(weir_interval_between(at("2024-03-01"), at("2023-12-31 12:00"), &out));
    expect(out, "60 days 12:00:00");
    int64_t us;
    EXPECT(
        weir_interval_add_to_timestamp(at("2024-01-31 10:00"), read("1 mon 1 day -1 hour"), &us));
    EXPECT_INT(us, at("2024-03-01 09:00"));
    EXPECT(!weir_interval_add_to_timestamp(INT64_MAX, read("1 day"), &us));
    EXPECT(!weir_interval_add_to_timestamp(0, (struct weir_interval){INT32_MAX, 0, 0}, &us));
}

static void prints_iso(void)
{
    char out[WEIR_INTERVAL_SIZE];
    EXPECT_SLICE(
        weir_slice_make(out, weir_interval_print_iso(out, read("1 year 2 mons 3 days 04:05:06.5"))),
        "P1Y2M3DT4H5M6.5S");
    EXPECT_SLICE(weir_slice_make(out, weir_interval_print_iso(out, read("0"))), "PT0S");
    EXPECT_SLICE(
        weir_slice_make(out, weir_interval_print_iso(out, read("-1 mon 2 days -00:00:00.5"))),
        "P-1M2DT-0.5S");
    struct weir_interval least = {INT32_MIN, INT32_MIN, INT64_MIN};
    EXPECT(weir_interval_print(out, least) < WEIR_INTERVAL_SIZE);
    EXPECT(weir_interval_print_iso(out, least) < WEIR_INTERVAL_SIZE);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(agrees_with_postgres),
                                             TEST_CASE(obeys_qualifiers),
                                             TEST_CASE(computes),
                                             TEST_CASE(justifies),
                                             TEST_CASE(compares),
                                             TEST_CASE(measures_time),
                                             TEST_CASE(prints_iso)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
