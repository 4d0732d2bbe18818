/* See waker.h. */
#include "runtime/waker.h"

#include "base/memory.h"
#include "sys/thread.h"

struct weir_waker {
    struct weir_mutex mutex;
    struct weir_condition condition;
    bool awake; /* somebody called since the last wait */
};

enum weir_status weir_waker_create(struct weir_waker **out, struct weir_error *error)
{
    struct weir_waker *waker = weir_calloc(1, sizeof *waker);
    *out = waker;
    if (!waker)
        return weir_error_set_out_of_memory(error);
    weir_mutex_init(&waker->mutex);
    weir_condition_init(&waker->condition);
    return WEIR_OK;
}

void weir_waker_destroy(struct weir_waker *waker)
{
    if (!waker)
        return;
    weir_condition_deinit(&waker->condition);
    weir_mutex_deinit(&waker->mutex);
    weir_free(waker);
}

void weir_waker_wake(void *context)
{
    struct weir_waker *waker = context;
    weir_mutex_lock(&waker->mutex);
    waker->awake = true;
    weir_condition_signal(&waker->condition);
    weir_mutex_unlock(&waker->mutex);
}

void weir_waker_wait(struct weir_waker *waker, uint64_t timeout_ns)
{
    weir_mutex_lock(&waker->mutex);
    if (!waker->awake)
        (void)weir_condition_wait_for(&waker->condition, &waker->mutex, timeout_ns);
    waker->awake = false;
    weir_mutex_unlock(&waker->mutex);
}
