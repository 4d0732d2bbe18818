/* Windows by hand, at the ends of time, and against a search through all windows there are. */
#include "test.h"
#include "value/civil.h"
#include "value/window.h"

#define DAY INT64_C(86400000000)

static int64_t at(int32_t year, int32_t month, int32_t day, int64_t hours)
{
    return weir_civil_to_days(year, month, day) * DAY + hours * (DAY / 24);
}

static void expect_around(const struct weir_window *window, int64_t time_us, int64_t n,
                          int64_t start_us, int64_t end_us, int line)
{
    int64_t start = 0, end = 0;
    bool found = weir_window_around(window, time_us, &n, &start, &end);
    if (!EXPECT(found == (end_us != 0)) || (found && !(start == start_us && end == end_us)))
        EXPECT_INT(line, 0);
}
#define AROUND(window, time, n, start, end) expect_around(window, time, n, start, end, __LINE__)

static void days_slide_months(void)
{
    const struct weir_window window = {.width_months = 1, .slide_us = DAY};
    EXPECT(weir_window_slice_width(&window) == DAY);
    EXPECT(weir_window_slice(&window, at(2024, 2, 28, 13)) == at(2024, 2, 28, 0));
    AROUND(&window, at(2024, 2, 28, 13), 0, at(2024, 2, 28, 0), at(2024, 3, 28, 0));
    AROUND(&window, at(2024, 2, 28, 13), 27, at(2024, 2, 1, 0), at(2024, 3, 1, 0));
    AROUND(&window, at(2024, 2, 28, 13), 28, at(2024, 1, 31, 0), at(2024, 2, 29, 0));
    AROUND(&window, at(2024, 2, 28, 13), 30, at(2024, 1, 29, 0), at(2024, 2, 29, 0));
    AROUND(&window, at(2024, 2, 28, 13), 31, 0, 0); /* 28 January: ends on 28 February */
    const struct weir_window hours = {.width_months = 1, .slide_us = DAY / 2};
    /* 30 and 31 January and their noons end on the 29th at 0:00 and 12:00 by turns */
    AROUND(&hours, at(2024, 2, 29, 3), 57, at(2024, 1, 31, 12), at(2024, 2, 29, 12));
    AROUND(&hours, at(2024, 2, 29, 3), 58, at(2024, 1, 30, 12), at(2024, 2, 29, 12));
}

static void months_slide_days(void)
{
    const struct weir_window window = {.width_us = 40 * DAY, .slide_months = 1};
    EXPECT(weir_window_slice_width(&window) == DAY);
    AROUND(&window, at(2024, 3, 5, 1), 0, at(2024, 3, 1, 0), at(2024, 4, 10, 0));
    AROUND(&window, at(2024, 3, 5, 1), 1, at(2024, 2, 1, 0), at(2024, 3, 12, 0));
    AROUND(&window, at(2024, 3, 5, 1), 2, 0, 0);
    const struct weir_window gaps = {.width_us = DAY, .slide_months = 2};
    AROUND(&gaps, at(2024, 3, 1, 23), 0, at(2024, 3, 1, 0), at(2024, 3, 2, 0));
    AROUND(&gaps, at(2024, 3, 2, 0), 0, 0, 0);
    AROUND(&gaps, at(2024, 4, 1, 0), 0, 0, 0);
}

static void offsets(void)
{
    const struct weir_window tumble = {.width_us = 10, .offset_us = 3};
    const struct weir_window months = {.width_months = 3, .offset_us = DAY};
    int64_t start, end;
    weir_window_of(&tumble, 2, &start, &end);
    EXPECT(start == -7 && end == 3);
    weir_window_of(&months, at(2024, 4, 1, 5), &start, &end);
    EXPECT(start == at(2024, 1, 2, 0) && end == at(2024, 4, 2, 0));
    const struct weir_window hop = {.width_us = 10, .slide_us = 4, .offset_us = 1};
    AROUND(&hop, 0, 0, -3, 7);
    AROUND(&hop, 0, 2, 0, 0);
    EXPECT_INT(weir_window_slice_width(&hop), 2);
    EXPECT_INT(weir_window_slice(&hop, 0), -1);
}

static void the_ends_of_time(void)
{
    const struct weir_window windows[] = {{.width_us = DAY},
                                          {.width_months = 1},
                                          {.width_us = 3 * DAY, .slide_us = DAY},
                                          {.width_months = 2, .slide_months = 1},
                                          {.width_months = 1, .slide_us = DAY},
                                          {.width_us = DAY, .slide_months = 1},
                                          {.width_us = 3 * DAY, .slide_us = DAY, .cumulates = true},
                                          {.width_months = 2, .slide_months = 1, .cumulates = true},
                                          {.width_months = 2, .slide_us = DAY, .cumulates = true}};
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX};
    static const int64_t offsets[] = {0, 1, -DAY, 100 * DAY};
    for (size_t i = 0; i < WEIR_COUNT_OF(windows); i++)
        for (size_t t = 0; t < WEIR_COUNT_OF(times); t++)
            for (size_t o = 0; o < WEIR_COUNT_OF(offsets); o++) {
                struct weir_window window = windows[i];
                int64_t start, end, n = 0;
                window.offset_us = offsets[o];
                weir_window_of(&window, times[t], &start, &end);
                EXPECT(window.width_months == 0 || window.width_us == 0);
                if (!(window.slide_us || window.slide_months))
                    continue;
                (void)weir_window_slice(&window, times[t]);
                while (n < 100 && weir_window_around(&window, times[t], &n, &start, &end))
                    n++;
                EXPECT(n < 100);
            }
}

/* All windows of a kind that begin within some years, in order. */
static uint32_t all_windows(const struct weir_window *window, int64_t starts[], int64_t ends[])
{
    uint32_t count = 0;
    for (int64_t n = -4000; n <= 4000; n++) {
        int64_t start = window->offset_us, end;
        int64_t month = n * (window->slide_months ? window->slide_months : 0);
        if (window->slide_months)
            start += at((int32_t)(1970 + weir_floor_div_i64(month, 12)),
                        (int32_t)weir_floor_mod_i64(month, 12) + 1, 1, 0);
        else
            start += n * window->slide_us;
        int32_t days = weir_civil_days_of_us(start);
        if (window->width_months) {
            EXPECT(weir_civil_add_months(days, window->width_months, &days));
            end = days * DAY + weir_civil_time_of_us(start);
        } else {
            end = start + window->width_us;
        }
        starts[count] = start;
        ends[count++] = end;
    }
    return count;
}

static void windows_are_found(void)
{
    static const struct weir_window kinds[] = {
        {.width_us = 10 * DAY, .slide_us = 3 * DAY},   {.width_us = 2 * DAY, .slide_us = 5 * DAY},
        {.width_months = 5, .slide_months = 2},        {.width_months = 1, .slide_months = 4},
        {.width_months = 1, .slide_us = DAY},          {.width_months = 2, .slide_us = 9 * DAY},
        {.width_months = 1, .slide_us = 7 * DAY / 24}, {.width_months = 1, .slide_us = 50 * DAY},
        {.width_us = 45 * DAY, .slide_months = 1},     {.width_us = DAY / 2, .slide_months = 1}};
    static int64_t starts[8001], ends[8001];
    uint64_t state = 7;
    for (size_t k = 0; k < WEIR_COUNT_OF(kinds); k++) {
        const struct weir_window *window = &kinds[k];
        uint32_t count = all_windows(window, starts, ends);
        for (int i = 0; i < 3000; i++) {
            state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
            int64_t time = (int64_t)((state >> 20) % (uint64_t)(1200 * DAY)) - 600 * DAY;
            int64_t n = 0, m = 0, start, end, slice = weir_window_slice(window, time);
            for (uint32_t w = count; w-- > 0;) {
                if (starts[w] > time || ends[w] <= time)
                    continue;
                if (!EXPECT(weir_window_around(window, time, &n, &start, &end) &&
                            start == starts[w] && end == ends[w]) ||
                    !EXPECT(weir_window_around(window, slice, &m, &start, &end) &&
                            start == starts[w] && end == ends[w]))
                    return;
                n++;
                m++;
            }
            EXPECT(!weir_window_around(window, time, &n, &start, &end));
            EXPECT(!weir_window_around(window, slice, &m, &start, &end));
        }
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(days_slide_months), TEST_CASE(months_slide_days), TEST_CASE(offsets),
        TEST_CASE(the_ends_of_time), TEST_CASE(windows_are_found)};
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
