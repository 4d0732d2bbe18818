/* Timers against a naive list of (rounded time, number). */
#include "state/timers.h"

#include "test.h"

enum { TIMERS_MAX = 20000 };

static uint64_t random_state = 88172645463325252u;
static uint64_t random_below(uint64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

static int64_t naive[TIMERS_MAX]; /* rounded time by number; INT64_MIN: gone */

static int64_t rounded(int64_t time, int64_t granularity)
{
    while (time % granularity)
        time++;
    return time;
}

static void take_due(struct weir_timers *timers, int64_t until, uint32_t count)
{
    uint32_t numbers[64], taken;
    int64_t before = INT64_MIN;
    while ((taken = weir_timers_due(timers, (struct weir_event_time){until}, numbers, 64)) > 0)
        for (uint32_t i = 0; i < taken; i++) {
            EXPECT(naive[numbers[i]] <= until && naive[numbers[i]] >= before);
            before = naive[numbers[i]];
            naive[numbers[i]] = INT64_MIN;
        }
    for (uint32_t i = 0; i < count; i++)
        EXPECT(naive[i] == INT64_MIN || naive[i] > until);
}

static void run(int64_t granularity, int64_t spread, int64_t drift)
{
    struct weir_budget budget;
    struct weir_timers *timers;
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    EXPECT_INT(weir_timers_create(granularity, &budget, &timers, NULL), WEIR_OK);
    int64_t base = -1000;
    for (uint32_t count = 0; count < TIMERS_MAX;) {
        int64_t times[50];
        uint32_t numbers[50];
        for (uint32_t i = 0; i < 50; i++, count++) {
            times[i] = base + (int64_t)random_below((uint64_t)spread);
            numbers[i] = count;
            naive[count] = rounded(times[i], granularity);
        }
        EXPECT_INT(weir_timers_register_many(timers, times, numbers, 50, NULL), WEIR_OK);
        base += drift;
        if (count % 500 == 0)
            take_due(timers, base + (int64_t)random_below((uint64_t)spread), count);
    }
    take_due(timers, INT64_MAX, TIMERS_MAX);
    EXPECT_INT(weir_timers_count(timers), 0);
    weir_timers_destroy(timers);
    EXPECT_INT(budget.used_bytes, 0);
}

static void in_order(void)
{
    run(10, 20, 17);
}
static void out_of_order(void)
{
    run(7, 5000, 13);
}
static void granularity_of_one(void)
{
    run(1, 300, 1);
}
static void ends_of_time(void)
{
    struct weir_budget budget;
    struct weir_timers *timers;
    int64_t times[2] = {INT64_MAX - 1, INT64_MIN};
    uint32_t numbers[2] = {1, 2}, due[2];
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    EXPECT_INT(weir_timers_create(1000, &budget, &timers, NULL), WEIR_OK);
    EXPECT_INT(weir_timers_register_many(timers, times, numbers, 2, NULL), WEIR_OK);
    EXPECT_INT(weir_timers_due(timers, (struct weir_event_time){0}, due, 2), 1);
    EXPECT_INT(due[0], 2);
    EXPECT_INT(weir_timers_due(timers, WEIR_EVENT_TIME_MAX, due, 2), 1);
    weir_timers_destroy(timers);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(in_order), TEST_CASE(out_of_order),
                                             TEST_CASE(granularity_of_one),
                                             TEST_CASE(ends_of_time)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
