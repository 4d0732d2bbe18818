/* Threads over pthreads. Misuse is a bug: every result that only misuse can give is asserted. */
#include "sys/thread.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

static void must(int result)
{
    assert(result == 0);
    (void)result;
}

static void *thread_main(void *argument)
{
    struct weir_thread *thread = argument;
    thread->run(thread->context);
    return NULL;
}

enum weir_status weir_thread_start(struct weir_thread *thread, const char *name,
                                   void (*run)(void *context), void *context,
                                   struct weir_error *error)
{
    *thread = (struct weir_thread){.run = run, .context = context};
    (void)snprintf(thread->name, sizeof thread->name, "%s", name);
    sigset_t all, before;
    sigfillset(&all);
    must(pthread_sigmask(SIG_SETMASK, &all, &before));
    int result = pthread_create(&thread->handle, NULL, thread_main, thread);
    must(pthread_sigmask(SIG_SETMASK, &before, NULL));
    if (result)
        return weir_error_set(error, WEIR_E_OUT_OF_MEMORY, "cannot start the thread %s: %s", name,
                              result == EAGAIN ? "too many threads" : "not allowed");
    (void)pthread_setname_np(thread->handle, thread->name);
    return WEIR_OK;
}

void weir_thread_join(struct weir_thread *thread)
{
    must(pthread_join(thread->handle, NULL));
}

void weir_thread_bind(uint32_t processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (processor >= CPU_SETSIZE)
        return;
    CPU_SET(processor, &set);
    (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

void weir_mutex_init(struct weir_mutex *mutex)
{
    must(pthread_mutex_init(&mutex->handle, NULL));
}

void weir_mutex_deinit(struct weir_mutex *mutex)
{
    must(pthread_mutex_destroy(&mutex->handle));
}

void weir_mutex_lock(struct weir_mutex *mutex)
{
    must(pthread_mutex_lock(&mutex->handle));
}

void weir_mutex_unlock(struct weir_mutex *mutex)
{
    must(pthread_mutex_unlock(&mutex->handle));
}

void weir_condition_init(struct weir_condition *condition)
{
    pthread_condattr_t attributes;
    must(pthread_condattr_init(&attributes));
    must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
    must(pthread_cond_init(&condition->handle, &attributes));
    must(pthread_condattr_destroy(&attributes));
}

void weir_condition_deinit(struct weir_condition *condition)
{
    must(pthread_cond_destroy(&condition->handle));
}

void weir_condition_wait(struct weir_condition *condition, struct weir_mutex *mutex)
{
    must(pthread_cond_wait(&condition->handle, &mutex->handle));
}

bool weir_condition_wait_for(struct weir_condition *condition, struct weir_mutex *mutex,
                             uint64_t timeout_ns)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    uint64_t ns = (uint64_t)deadline.tv_nsec + timeout_ns % 1000000000u;
    deadline.tv_sec += (time_t)(timeout_ns / 1000000000u + ns / 1000000000u);
    deadline.tv_nsec = (long)(ns % 1000000000u);
    int result = pthread_cond_timedwait(&condition->handle, &mutex->handle, &deadline);
    assert(result == 0 || result == ETIMEDOUT);
    return result == 0;
}

void weir_condition_signal(struct weir_condition *condition)
{
    must(pthread_cond_signal(&condition->handle));
}

void weir_condition_broadcast(struct weir_condition *condition)
{
    must(pthread_cond_broadcast(&condition->handle));
}
