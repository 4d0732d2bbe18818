#include "base/memory.h"

#include "test.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

static void budgets_charge_all_ancestors(void)
{
    struct weir_budget job, operator;
    weir_budget_init(&job, "job", 1000, NULL);
    weir_budget_init(&operator, "window", UINT64_MAX, &job);
    EXPECT(weir_budget_charge(&operator, 600));
    EXPECT_INT(job.used_bytes, 600);
    EXPECT(!weir_budget_charge(&operator, 401));
    EXPECT_INT(operator.used_bytes, 600);
    EXPECT_INT(job.used_bytes, 600);
    struct weir_error error;
    EXPECT_INT(weir_budget_error(&operator, & error), WEIR_E_MEMORY_LIMIT);
    EXPECT_STRING(error.message, "job has reached its memory limit of 1000 bytes");
    EXPECT(weir_budget_charge(&operator, 400));
    EXPECT(!weir_budget_charge(&operator, UINT64_MAX));
    weir_budget_release(&operator, 1000);
    EXPECT_INT(job.used_bytes, 0);
    EXPECT(weir_budget_charge(NULL, 5));
    EXPECT_INT(weir_budget_error(NULL, &error), WEIR_E_OUT_OF_MEMORY);
}

static void nth_allocation_fails_once(void)
{
    (void)weir_memory_fail_at(2);
    void *first = weir_malloc(1);
    EXPECT(first != NULL);
    EXPECT(weir_calloc(1, 1) == NULL);
    void *third = weir_realloc(NULL, 8);
    EXPECT(third != NULL);
    EXPECT_INT(weir_memory_fail_at(1), 3);
    EXPECT(weir_malloc_aligned(64) == NULL);
    EXPECT_INT(weir_memory_fail_at(0), 1);
    void *fourth = weir_malloc(0);
    EXPECT(fourth != NULL);
    weir_free(first);
    weir_free(third);
    weir_free(fourth);
    weir_free(NULL);
}

static void calloc_checks_the_product(void)
{
    EXPECT(weir_calloc(SIZE_MAX / 2, 3) == NULL);
    char *zeros = weir_calloc(10, 10);
    for (int i = 0; zeros && i < 100; i++)
        EXPECT_INT(zeros[i], 0);
    weir_free(zeros);
}

static void aligned_memory_is_aligned(void)
{
    const size_t sizes[] = {0, 1, 100, 4096, 5 << 20};
    for (size_t i = 0; i < 5; i++) {
        char *memory = weir_malloc_aligned(sizes[i]);
        EXPECT(memory != NULL);
        EXPECT_INT((uintptr_t)memory % 64, 0);
        if (memory && sizes[i])
            memory[0] = memory[sizes[i] - 1] = 1;
        weir_free_aligned(memory, sizes[i]);
    }
    EXPECT(weir_malloc_aligned(SIZE_MAX) == NULL);
}

static void arena_gives_distinct_aligned_bytes(void)
{
    struct weir_arena arena;
    weir_arena_init(&arena, NULL, 1024);
    EXPECT_INT(weir_arena_size(&arena), 0);
    unsigned char *blocks[500];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 500; i++) {
            size_t size = i % 40, alignment = (size_t)1 << (i % 7);
            blocks[i] = weir_arena_alloc(&arena, size, alignment);
            EXPECT(blocks[i] != NULL);
            EXPECT_INT((uintptr_t)blocks[i] % alignment, 0);
            memset(blocks[i], (int)(i & 255), size);
        }
        for (size_t i = 0; i < 500; i++) {
            for (size_t b = 0; b < i % 40; b++)
                EXPECT_INT(blocks[i][b], i & 255);
        }
        weir_arena_reset(&arena);
    }
    weir_arena_deinit(&arena);
    EXPECT_INT(weir_arena_size(&arena), 0);
}

static void arena_allocates_nothing_after_warm_up(void)
{
    struct weir_arena arena;
    weir_arena_init(&arena, NULL, 1024);
    for (int round = 0; round < 3; round++) {
        (void)weir_memory_fail_at(0);
        for (int i = 0; i < 100; i++)
            EXPECT(weir_arena_alloc(&arena, 50, 8) != NULL);
        if (round)
            EXPECT_INT(weir_memory_fail_at(0), 0);
        weir_arena_reset(&arena);
    }
    weir_arena_deinit(&arena);
}

static void arena_gives_large_chunks_back(void)
{
    struct weir_budget budget;
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    struct weir_arena arena;
    weir_arena_init(&arena, &budget, 1024);
    char *large = weir_arena_alloc(&arena, 100000, 64);
    EXPECT(large != NULL);
    memset(large, 1, 100000);
    char *small = weir_arena_alloc(&arena, 10, 1);
    char *larger = weir_arena_alloc(&arena, 200000, 64);
    char *next = weir_arena_alloc(&arena, 10, 1);
    EXPECT(small && larger && next);
    EXPECT(next > small && next - small < 1024); /* the current chunk stayed in use */
    EXPECT_INT(weir_arena_size(&arena), budget.used_bytes);
    EXPECT(budget.used_bytes > 301000);
    weir_arena_reset(&arena);
    EXPECT_INT(budget.used_bytes, 1024);
    weir_arena_deinit(&arena);
    EXPECT_INT(budget.used_bytes, 0);
}

static void arena_fails_by_budget_and_heap(void)
{
    struct weir_budget budget;
    weir_budget_init(&budget, "test", 2048, NULL);
    struct weir_arena arena;
    weir_arena_init(&arena, &budget, 1024);
    EXPECT(weir_arena_alloc(&arena, 900, 1) != NULL);
    EXPECT(weir_arena_alloc(&arena, 900, 1) != NULL);
    EXPECT(weir_arena_alloc(&arena, 900, 1) == NULL);
    EXPECT(weir_arena_alloc(&arena, 5000, 1) == NULL);
    EXPECT(weir_arena_alloc(&arena, SIZE_MAX - 10, 1) == NULL);
    EXPECT(weir_arena_calloc(&arena, SIZE_MAX / 2, 4) == NULL);
    EXPECT_INT(weir_budget_error(&budget, NULL), WEIR_E_MEMORY_LIMIT);
    weir_arena_deinit(&arena);
    (void)weir_memory_fail_at(1);
    EXPECT(weir_arena_alloc(&arena, 10, 1) == NULL);
    EXPECT_INT(budget.used_bytes, 0);
    EXPECT(weir_arena_alloc(&arena, 10, 1) != NULL);
    (void)weir_memory_fail_at(0);
    weir_arena_deinit(&arena);
}

static void arena_texts(void)
{
    struct weir_arena arena;
    weir_arena_init(&arena, NULL, 0);
    EXPECT_STRING(weir_arena_copy(&arena, weir_slice_make("abcdef", 3)), "abc");
    EXPECT_STRING(weir_arena_copy(&arena, weir_slice_make(NULL, 0)), "");
    EXPECT_STRING(weir_arena_printf(&arena, "%s-%d", "x", 42), "x-42");
    int *numbers = WEIR_ARENA_ARRAY(&arena, int, 100);
    for (int i = 0; i < 100; i++)
        EXPECT_INT(numbers[i], 0);
    EXPECT_INT(weir_arena_size(&arena), 64 * 1024);
    weir_arena_deinit(&arena);
}

static void arena_memory_is_poisoned_when_free(void)
{
#if defined(__SANITIZE_ADDRESS__)
    struct weir_arena arena;
    weir_arena_init(&arena, NULL, 1024);
    char *memory = weir_arena_alloc(&arena, 10, 1);
    EXPECT(!__asan_address_is_poisoned(memory + 9));
    EXPECT(__asan_address_is_poisoned(memory + 10));
    weir_arena_reset(&arena);
    EXPECT(__asan_address_is_poisoned(memory));
    EXPECT(weir_arena_alloc(&arena, 5, 1) == memory);
    EXPECT(!__asan_address_is_poisoned(memory + 4));
    EXPECT(__asan_address_is_poisoned(memory + 5));
    weir_arena_deinit(&arena);
#endif
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(budgets_charge_all_ancestors),
        TEST_CASE(nth_allocation_fails_once),
        TEST_CASE(calloc_checks_the_product),
        TEST_CASE(aligned_memory_is_aligned),
        TEST_CASE(arena_gives_distinct_aligned_bytes),
        TEST_CASE(arena_allocates_nothing_after_warm_up),
        TEST_CASE(arena_gives_large_chunks_back),
        TEST_CASE(arena_fails_by_budget_and_heap),
        TEST_CASE(arena_texts),
        TEST_CASE(arena_memory_is_poisoned_when_free),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
