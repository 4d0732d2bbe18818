#include "sys/thread.h"

#include "sys/sys.h"
#include "test.h"

enum { THREADS = 4, ROUNDS = 2000 };

struct shared {
    struct weir_mutex mutex;
    struct weir_condition condition;
    int count;
    bool open;
};

static void count_up(void *context)
{
    struct shared *shared = context;
    weir_thread_bind(0);
    weir_mutex_lock(&shared->mutex);
    while (!shared->open)
        weir_condition_wait(&shared->condition, &shared->mutex);
    weir_mutex_unlock(&shared->mutex);
    for (int i = 0; i < ROUNDS; i++) {
        weir_mutex_lock(&shared->mutex);
        shared->count++;
        weir_mutex_unlock(&shared->mutex);
    }
}

static void threads_share_under_a_mutex(void)
{
    struct shared shared = {.count = 0, .open = false};
    weir_mutex_init(&shared.mutex);
    weir_condition_init(&shared.condition);
    struct weir_thread threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        EXPECT_INT(
            weir_thread_start(&threads[i], "a-name-that-is-too-long", count_up, &shared, NULL),
            WEIR_OK);
    weir_mutex_lock(&shared.mutex);
    shared.open = true;
    weir_condition_broadcast(&shared.condition);
    weir_mutex_unlock(&shared.mutex);
    for (int i = 0; i < THREADS; i++)
        weir_thread_join(&threads[i]);
    EXPECT_INT(shared.count, THREADS * ROUNDS);
    weir_condition_deinit(&shared.condition);
    weir_mutex_deinit(&shared.mutex);
}

static void waiting_has_an_end(void)
{
    const struct weir_sys *sys = weir_sys_real();
    struct weir_mutex mutex;
    struct weir_condition condition;
    weir_mutex_init(&mutex);
    weir_condition_init(&condition);
    weir_mutex_lock(&mutex);
    uint64_t begin = sys->monotonic_ns(sys);
    while (weir_condition_wait_for(&condition, &mutex, 5000000))
        continue;
    EXPECT(sys->monotonic_ns(sys) - begin >= 5000000);
    weir_condition_signal(&condition);
    weir_mutex_unlock(&mutex);
    weir_condition_deinit(&condition);
    weir_mutex_deinit(&mutex);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(threads_share_under_a_mutex),
        TEST_CASE(waiting_has_an_end),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
