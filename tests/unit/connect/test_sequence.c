/* Paced sequences: how many rows are due, and positions that are given back. */
#include "connect/sequence.h"

#include "sys/sys.h"
#include "test.h"

static void rows(void)
{
    struct weir_sequence sequence = {.sys = weir_sys_real(), .rows_max = 10};
    struct weir_source_poll poll = {.rows_max = 8};
    uint32_t count = 0;
    EXPECT_INT(weir_sequence_take(&sequence, &poll, &count), WEIR_POLL_DATA);
    EXPECT_INT(count, 8);
    sequence.next = 8;
    EXPECT_INT(weir_sequence_take(&sequence, &poll, &count), WEIR_POLL_DATA);
    EXPECT_INT(count, 2);
    sequence.next = 10;
    EXPECT_INT(weir_sequence_take(&sequence, &poll, &count), WEIR_POLL_END);
}

static void rate(void)
{
    struct weir_sequence sequence = {.sys = weir_sys_real(), .rows_max = -1, .rate = 0.001};
    struct weir_source_poll poll = {.rows_max = 8};
    uint32_t count = 0;
    EXPECT_INT(weir_sequence_take(&sequence, &poll, &count), WEIR_POLL_DATA); /* the first */
    EXPECT_INT(count, 1);
    sequence.next = 1;
    EXPECT_INT(weir_sequence_take(&sequence, &poll, &count), WEIR_POLL_WAIT);
    EXPECT_INT((poll.wakeup_ns - sequence.began_ns) / 1000000000, 1000);
}

static void positions(void)
{
    struct weir_sequence sequence = {.next = 42}, other = {0};
    struct weir_error error;
    struct weir_buffer position;
    weir_buffer_init(&position, NULL);
    EXPECT_INT(weir_sequence_position(&sequence, &position), WEIR_OK);
    EXPECT_INT(weir_sequence_seek(&other, weir_buffer_slice(&position), &error), WEIR_OK);
    EXPECT_INT(other.next, 42);
    EXPECT_INT(
        weir_sequence_seek(&other, weir_slice_make(position.data, position.size - 1), &error),
        WEIR_E_STATE_DAMAGED);
    EXPECT_INT(other.next, 42);
    weir_buffer_deinit(&position);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(rows), TEST_CASE(rate),
                                             TEST_CASE(positions)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
