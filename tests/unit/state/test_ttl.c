/* Rows that are touched at random times, against the time of each. */
#include "state/ttl.h"

#include "test.h"

enum { ROWS = 500, STEPS = 20000, TTL_US = 80000 };

static uint64_t random_state = 88172645463325252u;
static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state % limit);
}

static void rows_live_for_the_time(void)
{
    static int64_t touched[ROWS]; /* 0: not there */
    struct weir_budget budget;
    struct weir_ttl ttl;
    int64_t now = 1000;
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    weir_ttl_init(&ttl, TTL_US, (struct weir_processing_time){now}, &budget);
    EXPECT(weir_ttl_is_on(&ttl) && !weir_ttl_advance(&ttl, (struct weir_processing_time){now}));
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t rows[3] = {random_below(ROWS), random_below(ROWS), random_below(ROWS / 10)};
        now += random_below(step % 100 ? 300 : 50000);
        bool is_due = weir_ttl_advance(&ttl, (struct weir_processing_time){now});
        for (uint32_t i = 0; is_due && i < ROWS; i++) {
            if (!touched[i])
                continue;
            bool is_over = weir_ttl_is_over(&ttl, i);
            EXPECT(is_over || now - touched[i] < TTL_US / 4 * 5);
            EXPECT(!is_over || now - touched[i] >= TTL_US);
            touched[i] = is_over ? 0 : touched[i];
        }
        EXPECT_INT(weir_ttl_touch(&ttl, rows, 3, NULL), WEIR_OK);
        for (uint32_t i = 0; i < 3; i++)
            touched[rows[i]] = now;
    }
    weir_ttl_deinit(&ttl);
    EXPECT_INT((long long)budget.used_bytes, 0);
}

static void off_and_out_of_memory(void)
{
    struct weir_budget budget;
    struct weir_ttl ttl;
    uint32_t row = 1000;
    weir_budget_init(&budget, "test", 100, NULL);
    weir_ttl_init(&ttl, -1, (struct weir_processing_time){5}, &budget);
    EXPECT(!weir_ttl_is_on(&ttl) && !weir_ttl_advance(&ttl, (struct weir_processing_time){500}));
    weir_ttl_init(&ttl, 1, (struct weir_processing_time){5}, &budget);
    EXPECT(weir_ttl_touch(&ttl, &row, 1, NULL) == WEIR_E_MEMORY_LIMIT);
    EXPECT(!weir_ttl_advance(&ttl, (struct weir_processing_time){4}));
    EXPECT(weir_ttl_advance(&ttl, (struct weir_processing_time){INT64_MAX}));
    weir_ttl_deinit(&ttl);
    EXPECT_INT((long long)budget.used_bytes, 0);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(rows_live_for_the_time),
                                             TEST_CASE(off_and_out_of_memory)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
