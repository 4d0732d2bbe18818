#include "base/checked.h"
#include "base/time.h"

#include "test.h"

static void overflow_is_told(void)
{
    int64_t wide;
    int32_t narrow;
    size_t size;
    EXPECT(weir_add_i64(INT64_MAX - 1, 1, &wide));
    EXPECT(wide == INT64_MAX);
    EXPECT(!weir_add_i64(INT64_MAX, 1, &wide));
    EXPECT(!weir_sub_i64(INT64_MIN, 1, &wide));
    EXPECT(!weir_mul_i64(INT64_MIN, -1, &wide));
    EXPECT(!weir_mul_i32(65536, 65536, &narrow));
    EXPECT(weir_mul_i32(-32768, 65536, &narrow));
    EXPECT_INT(narrow, INT32_MIN);
    EXPECT(!weir_sub_size(1, 2, &size));
    EXPECT(!weir_mul_size(SIZE_MAX, 2, &size));
}

static void division_goes_down(void)
{
    for (int64_t a = -20; a <= 20; a++) {
        for (int64_t b = 1; b <= 7; b++) {
            int64_t q = weir_floor_div_i64(a, b), r = weir_floor_mod_i64(a, b);
            EXPECT_INT(q * b + r, a);
            EXPECT(r >= 0 && r < b);
        }
    }
    EXPECT(weir_floor_div_i64(INT64_MIN, 1) == INT64_MIN);
}

static void times_order(void)
{
    EXPECT(weir_event_time_before(WEIR_EVENT_TIME_MIN, WEIR_EVENT_TIME_MAX));
    EXPECT_INT(weir_event_time_min((struct weir_event_time){5}, (struct weir_event_time){3}).us, 3);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(overflow_is_told),
        TEST_CASE(division_goes_down),
        TEST_CASE(times_order),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
