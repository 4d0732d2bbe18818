/* Ordered sets against an array of weights: numbers and keys under an order of the caller's, in
 * order, backwards and at random, growing and shrinking; and with every allocation failing. */
#include "kernel/ordered_set.h"

#include "test.h"

enum { KEYS = 3000, STEPS = 60000 };

static uint64_t random_state = 88172645463325252u;
static uint64_t random_below(uint64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

static int64_t weights[KEYS];

static int descending(const void *context, uint64_t a, uint64_t b)
{
    EXPECT(context == weights);
    return (a < b) - (a > b);
}
static const struct weir_key_order backwards = {descending, weights};

static uint64_t place_key(bool is_backwards, uint64_t i)
{
    return is_backwards ? KEYS - 1 - i : i;
}

static void verify(const struct weir_ordered_set *set, bool is_backwards)
{
    struct weir_ordered_block block;
    uint64_t at = 0, count = 0, first = KEYS, last = KEYS;
    for (uint32_t cursor = 0; weir_ordered_set_next(set, &cursor, &block);)
        for (uint32_t i = 0; i < block.count; i++, at++, count++) {
            while (at < KEYS && weights[place_key(is_backwards, at)] == 0)
                at++;
            EXPECT(at < KEYS);
            EXPECT_INT((long long)block.entries[i].key, (long long)place_key(is_backwards, at));
            EXPECT_INT(block.entries[i].weight, weights[block.entries[i].key]);
        }
    EXPECT(weir_ordered_set_count(set) == count);
    for (uint64_t i = 0; i < KEYS; i++) {
        uint64_t key = place_key(is_backwards, i);
        EXPECT(weights[key] == 0 || i < at);
        if (weights[key] > 0) {
            first = first == KEYS ? key : first;
            last = key;
        }
    }
    const struct weir_ordered_entry *least = weir_ordered_set_first(set);
    const struct weir_ordered_entry *greatest = weir_ordered_set_last(set);
    EXPECT((least ? least->key : KEYS) == first);
    EXPECT((greatest ? greatest->key : KEYS) == last);
}

static void add(struct weir_ordered_set *set, uint64_t key, int64_t weight, bool is_backwards,
                struct weir_aggregate_heap *heap)
{
    int64_t before = weights[key];
    weights[key] += weight;
    enum weir_ordered_change expected = before == 0         ? WEIR_ORDERED_NEW
                                        : weights[key] == 0 ? WEIR_ORDERED_GONE
                                                            : WEIR_ORDERED_COUNTED;
    EXPECT(weir_ordered_set_add(set, key, weight, is_backwards ? &backwards : NULL, heap) ==
           expected);
}

/* Grows for a while, then shrinks, over and over. */
static void churn(bool is_backwards)
{
    struct weir_budget budget;
    struct weir_aggregate_heap heap;
    struct weir_ordered_set set = {0};
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    weir_aggregate_heap_init(&heap, &budget);
    memset(weights, 0, sizeof weights);
    for (uint32_t step = 0; step < STEPS; step++) {
        bool grows = step / 8000 % 2 == 0;
        uint64_t key = random_below(step % 3 ? KEYS : 40);
        int64_t weight = (int64_t)random_below(3) + 1;
        if (weights[key] != 0 && !grows)
            weight = -weights[key];
        else if (random_below(20) == 0)
            weight = -weight;
        else if (!grows && weights[key] == 0)
            continue;
        add(&set, key, weight, is_backwards, &heap);
        if (step % 997 == 0)
            verify(&set, is_backwards);
    }
    for (uint64_t key = 0; key < KEYS; key++)
        if (weights[key])
            add(&set, key, -weights[key], is_backwards, &heap);
    verify(&set, is_backwards);
    EXPECT(!set.is_many && set.of.one.capacity == 0);
    for (uint64_t key = 0; key < KEYS; key++) /* in order: blocks are filled */
        add(&set, key, 1, is_backwards, &heap);
    verify(&set, is_backwards);
    EXPECT(is_backwards || set.of.many.count <= KEYS / 62);
    weir_ordered_set_drop(&set, &heap);
    EXPECT(weir_ordered_set_count(&set) == 0);
    weir_aggregate_heap_deinit(&heap);
    EXPECT(budget.used_bytes == 0);
}

/* A set that cannot grow is as it was. */
static void starve(uint64_t limit)
{
    struct weir_budget budget;
    struct weir_aggregate_heap heap;
    struct weir_ordered_set set = {0};
    weir_budget_init(&budget, "test", limit, NULL);
    weir_aggregate_heap_init(&heap, &budget);
    memset(weights, 0, sizeof weights);
    for (uint64_t i = 0; i < KEYS; i++) {
        uint64_t key = i * 7 % KEYS;
        if (weir_ordered_set_add(&set, key, 1, NULL, &heap) != WEIR_ORDERED_FAILED)
            weights[key]++;
    }
    verify(&set, false);
    weir_ordered_set_drop(&set, &heap);
    weir_aggregate_heap_deinit(&heap);
}

static void numbers(void)
{
    churn(false);
}

static void own_order(void)
{
    churn(true);
}

static void no_memory(void)
{
    for (uint64_t limit = 4096; limit < 200000; limit += 9999)
        starve(limit);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(numbers), TEST_CASE(own_order),
                                             TEST_CASE(no_memory)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
