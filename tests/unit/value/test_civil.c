/* The calendar against counting days one by one. */
#include "test.h"
#include "value/civil.h"

static void counts_every_day(void)
{
    int32_t days = weir_civil_to_days(-801, 1, 1);
    int32_t weekday = weir_civil_weekday(days);
    for (int32_t year = -801; year <= 2801; year++) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        int32_t of_year = 1;
        static const int32_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        for (int32_t month = 1; month <= 12; month++)
            for (int32_t day = 1; day <= lengths[month - 1] + (leap && month == 2);
                 day++, days++, of_year++, weekday = (weekday + 1) % 7) {
                struct weir_civil civil = weir_civil_from_days(days);
                if (civil.year != year || civil.month != month || civil.day != day ||
                    weir_civil_to_days(year, month, day) != days ||
                    weir_civil_weekday(days) != weekday ||
                    weir_civil_iso_weekday(days) != (weekday ? weekday : 7) ||
                    weir_civil_day_of_year(days) != of_year ||
                    !weir_civil_is_valid(year, month, day)) {
                    EXPECT_INT(days, -1);
                    return;
                }
            }
    }
    EXPECT_INT(weir_civil_to_days(1970, 1, 1), 0);
    EXPECT_INT(weir_civil_weekday(0), 4);
}

static void knows_its_limits(void)
{
    EXPECT_INT(weir_civil_to_days(WEIR_DATE_YEAR_MIN, 11, 24), WEIR_DATE_DAYS_MIN);
    EXPECT_INT(weir_civil_to_days(WEIR_DATE_YEAR_MAX, 12, 31), WEIR_DATE_DAYS_MAX);
    EXPECT(!weir_civil_is_valid(2023, 2, 29));
    EXPECT(!weir_civil_is_valid(2023, 4, 31));
    EXPECT(!weir_civil_is_valid(2023, 0, 1));
    EXPECT(!weir_civil_is_valid(2023, 13, 1));
    EXPECT(!weir_civil_is_valid(WEIR_DATE_YEAR_MAX + 1, 1, 1));
    EXPECT(weir_civil_is_valid(2000, 2, 29) && !weir_civil_is_valid(1900, 2, 29));
}

static void counts_iso_weeks(void)
{
    static const struct {
        int32_t year, month, day, iso_year, week;
    } cases[] = {{2024, 12, 30, 2025, 1}, {2021, 1, 3, 2020, 53},   {2005, 1, 1, 2004, 53},
                 {2005, 1, 2, 2004, 53},  {2005, 12, 31, 2005, 52}, {2007, 1, 1, 2007, 1},
                 {2008, 12, 29, 2009, 1}, {2010, 1, 3, 2009, 53},   {1970, 1, 1, 1970, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int32_t days = weir_civil_to_days(cases[i].year, cases[i].month, cases[i].day);
        struct weir_iso_week week = weir_civil_iso_week(days);
        EXPECT_INT(week.year, cases[i].iso_year);
        EXPECT_INT(week.week, cases[i].week);
        int32_t monday = weir_civil_from_iso_week(week.year, week.week);
        EXPECT(monday <= days && days < monday + 7);
        EXPECT_INT(weir_civil_iso_weekday(monday), 1);
    }
}

static void counts_centuries(void)
{
    EXPECT_INT(weir_civil_century(2000), 20);
    EXPECT_INT(weir_civil_century(2001), 21);
    EXPECT_INT(weir_civil_century(1), 1);
    EXPECT_INT(weir_civil_century(0), -1);
    EXPECT_INT(weir_civil_century(-99), -1);
    EXPECT_INT(weir_civil_century(-100), -2);
    EXPECT_INT(weir_civil_millennium(2000), 2);
    EXPECT_INT(weir_civil_millennium(2001), 3);
    EXPECT_INT(weir_civil_millennium(0), -1);
    EXPECT_INT(weir_civil_decade(1999), 199);
    EXPECT_INT(weir_civil_decade(-1), -1);
    EXPECT_INT(weir_civil_decade(-10), -1);
    EXPECT_INT(weir_civil_decade(-11), -2);
}

static void adds_months(void)
{
    int32_t out;
    EXPECT(weir_civil_add_months(weir_civil_to_days(2024, 1, 31), 1, &out) &&
           out == weir_civil_to_days(2024, 2, 29));
    EXPECT(weir_civil_add_months(weir_civil_to_days(2023, 1, 31), 1, &out) &&
           out == weir_civil_to_days(2023, 2, 28));
    EXPECT(weir_civil_add_months(weir_civil_to_days(2024, 3, 31), -1, &out) &&
           out == weir_civil_to_days(2024, 2, 29));
    EXPECT(weir_civil_add_months(weir_civil_to_days(2024, 1, 15), -25, &out) &&
           out == weir_civil_to_days(2021, 12, 15));
    EXPECT(!weir_civil_add_months(0, INT64_MAX, &out));
    EXPECT(!weir_civil_add_months(0, INT64_MIN, &out));
    EXPECT(!weir_civil_add_months(0, 12 * 300000, &out));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(counts_every_day), TEST_CASE(knows_its_limits), TEST_CASE(counts_iso_weeks),
        TEST_CASE(counts_centuries), TEST_CASE(adds_months)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
