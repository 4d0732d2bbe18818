/* The heap of aggregate states: blocks are reused by size class, aligned, and charged. */
#include "kernel/aggregate.h"
#include "test.h"

static void reuses_blocks(void)
{
    struct weir_aggregate_heap heap;
    struct weir_budget budget;
    weir_budget_init(&budget, "test", 1 << 20, NULL);
    weir_aggregate_heap_init(&heap, &budget);
    void *first = weir_aggregate_heap_alloc(&heap, 100);
    void *second = weir_aggregate_heap_alloc(&heap, 128);
    EXPECT(first && second && first != second);
    EXPECT(((uintptr_t)first & 15) == 0 && ((uintptr_t)second & 15) == 0);
    memset(first, 1, 128);
    weir_aggregate_heap_free(&heap, first, 100);
    EXPECT(weir_aggregate_heap_alloc(&heap, 65) == first);
    EXPECT(weir_aggregate_heap_alloc(&heap, 64) != second);
    EXPECT(budget.used_bytes > 0);
    weir_aggregate_heap_free(&heap, NULL, 10);
    weir_aggregate_heap_deinit(&heap);
    EXPECT_INT(budget.used_bytes, 0);
}

static void respects_the_budget(void)
{
    struct weir_aggregate_heap heap;
    struct weir_budget budget;
    weir_budget_init(&budget, "test", 1 << 20, NULL);
    weir_aggregate_heap_init(&heap, &budget);
    EXPECT(weir_aggregate_heap_alloc(&heap, 16 << 20) == NULL);
    EXPECT(weir_aggregate_heap_alloc(&heap, 1) != NULL);
    weir_aggregate_heap_deinit(&heap);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(reuses_blocks),
                                             TEST_CASE(respects_the_budget)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
