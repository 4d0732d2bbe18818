/* java.util.Random: values that a Java virtual machine gives, and the texts of Nexmark. */
#include "connect/nexmark/java_random.h"

#include "test.h"

static void ints(void)
{
    /* new Random(42).nextInt(), three times; the first of new Random(0). */
    struct java_random random = java_random_of(42);
    EXPECT_INT(java_random_word(&random), -1170105035);
    EXPECT_INT(java_random_word(&random), 234785527);
    EXPECT_INT(java_random_word(&random), -1360544799);
    random = java_random_of(0);
    EXPECT_INT(java_random_word(&random), -1155484576);
}

static void bounds(void)
{
    /* new Random(42): nextInt(10) gives 0, 3, 8, 4 */
    struct java_random random = java_random_of(42);
    EXPECT_INT(java_random_below(&random, 10), 0);
    EXPECT_INT(java_random_below(&random, 10), 3);
    EXPECT_INT(java_random_below(&random, 10), 8);
    EXPECT_INT(java_random_below(&random, 10), 4);
    /* A power of two takes the high bits: 0.7275 of 1024, see below. */
    random = java_random_of(42);
    EXPECT_INT(java_random_below(&random, 1024), 745);
    EXPECT_INT(java_random_below(&random, 1), 0);
    /* Half of the draws are rejected above 2^30: it ends, and stays in its bounds. */
    for (int i = 0; i < 1000; i++) {
        int32_t drawn = java_random_below(&random, (1 << 30) + 1);
        EXPECT(drawn >= 0 && drawn <= 1 << 30);
    }
}

static void longs_and_doubles(void)
{
    struct java_random random = java_random_of(42);
    EXPECT_INT(java_random_long(&random), INT64_C(-5025562857975149833));
    random = java_random_of(42);
    EXPECT(java_random_double(&random) == 0.7275636800328681);
    EXPECT(java_random_double(&random) == 0.6832234717598454);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(ints), TEST_CASE(bounds),
                                             TEST_CASE(longs_and_doubles)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
