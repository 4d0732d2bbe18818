/* Threads, mutexes and conditions. Waiting time counts on the monotonic clock.
 * Misuse (unlocking what is not locked, joining twice) is a bug and ends the program. */
#ifndef WEIR_SYS_THREAD_H
#define WEIR_SYS_THREAD_H

#include "base/compiler.h"
#include "base/status.h"

#include <pthread.h>

struct weir_thread {
    pthread_t handle;
    void (*run)(void *context);
    void *context;
    char name[16]; /* shown by ps and debuggers */
};

/* The caller keeps *thread in place until weir_thread_join. context is borrowed. The new thread
 * takes no signals: stop requests go to the threads that were there before. */
WEIR_CHECKED enum weir_status weir_thread_start(struct weir_thread *thread, const char *name,
                                                void (*run)(void *context), void *context,
                                                struct weir_error *error);
void weir_thread_join(struct weir_thread *thread);
/* Binds the calling thread to a processor, by index; a wish, not a promise. */
void weir_thread_bind(uint32_t processor);

struct weir_mutex {
    pthread_mutex_t handle;
};
void weir_mutex_init(struct weir_mutex *mutex);
void weir_mutex_deinit(struct weir_mutex *mutex);
void weir_mutex_lock(struct weir_mutex *mutex);
void weir_mutex_unlock(struct weir_mutex *mutex);

struct weir_condition {
    pthread_cond_t handle;
};
void weir_condition_init(struct weir_condition *condition);
void weir_condition_deinit(struct weir_condition *condition);
/* The mutex is held by the caller, and again on return. May wake without reason: loop. */
void weir_condition_wait(struct weir_condition *condition, struct weir_mutex *mutex);
/* False when timeout_ns passed without a signal. */
bool weir_condition_wait_for(struct weir_condition *condition, struct weir_mutex *mutex,
                             uint64_t timeout_ns);
void weir_condition_signal(struct weir_condition *condition);
void weir_condition_broadcast(struct weir_condition *condition);

#endif
