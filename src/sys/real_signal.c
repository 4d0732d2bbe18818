/* Signals, and waiting that a stop signal ends.
 *
 * The handler of SIGINT and SIGTERM notes the signal's number and makes an eventfd readable;
 * whoever waits polls that descriptor beside its own, so it wakes in whatever thread it is. The
 * descriptor stays readable: a stop cannot be missed by one who starts waiting later. A second
 * signal restores the default and raises itself, which ends the process with 128 + n.
 *
 * The state is the process's, as signals are. */
#include "sys/real_internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static atomic_int stop_number;          /* 0: not asked to stop */
static atomic_int stop_descriptor = -1; /* -1: signals are not watched */

static void on_stop(int number)
{
    int saved = errno;
    int none = 0;
    if (atomic_compare_exchange_strong(&stop_number, &none, number)) {
        uint64_t one = 1;
        ssize_t ignored = write(atomic_load(&stop_descriptor), &one, sizeof one);
        (void)ignored;
    } else {
        signal(number, SIG_DFL);
        raise(number); /* pending until this handler returns */
    }
    errno = saved;
}

enum weir_status real_signals_watch(const struct weir_sys *sys, struct weir_error *error)
{
    (void)sys;
    if (atomic_load(&stop_descriptor) < 0) {
        int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (descriptor < 0)
            return real_error(error, errno, "watch", "signals");
        atomic_store(&stop_descriptor, descriptor);
    }
    struct sigaction action = {.sa_handler = on_stop};
    sigemptyset(&action.sa_mask);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    if (sigaction(SIGINT, &action, NULL) || sigaction(SIGTERM, &action, NULL) ||
        sigaction(SIGPIPE, &ignore, NULL) || sigaction(SIGXFSZ, &ignore, NULL))
        return real_error(error, errno, "watch", "signals");
    real_windows_allow();
    return WEIR_OK;
}

int real_stop_signal(const struct weir_sys *sys)
{
    (void)sys;
    return atomic_load_explicit(&stop_number, memory_order_relaxed);
}

void real_stop_clear(const struct weir_sys *sys)
{
    (void)sys;
    uint64_t count;
    int descriptor = atomic_load(&stop_descriptor);
    if (descriptor >= 0 && read(descriptor, &count, sizeof count) < 0) {
        /* Nothing to drain: no signal came. */
    }
    atomic_store(&stop_number, 0);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The time left until deadline (UINT64_MAX: never) as ppoll wants it. */
static const struct timespec *time_left(uint64_t deadline_ns, struct timespec *left)
{
    if (deadline_ns == UINT64_MAX)
        return NULL;
    uint64_t now = now_ns();
    uint64_t rest = deadline_ns > now ? deadline_ns - now : 0;
    left->tv_sec = (time_t)(rest / 1000000000u);
    left->tv_nsec = (long)(rest % 1000000000u);
    return left;
}

static uint64_t deadline_after(uint64_t timeout_ns)
{
    uint64_t deadline;
    if (__builtin_add_overflow(now_ns(), timeout_ns, &deadline))
        return UINT64_MAX;
    return deadline;
}

enum real_wake real_wait(int descriptor, uint64_t timeout_ns)
{
    uint64_t deadline = timeout_ns == UINT64_MAX ? UINT64_MAX : deadline_after(timeout_ns);
    /* poll passes over negative descriptors. */
    struct pollfd waits[2] = {{.fd = descriptor, .events = POLLIN},
                              {.fd = atomic_load(&stop_descriptor), .events = POLLIN}};
    for (;;) {
        struct timespec left;
        int count = ppoll(waits, 2, time_left(deadline, &left), NULL);
        if (count > 0 && waits[0].revents)
            return REAL_WAKE_READY;
        if (count > 0 && waits[1].revents)
            return REAL_WAKE_STOP;
        if (count == 0)
            return REAL_WAKE_TIMEOUT;
        if (count < 0 && errno != EINTR)
            return REAL_WAKE_READY; /* let the read itself say what is wrong */
    }
}

bool real_sleep_ns(const struct weir_sys *sys, uint64_t duration_ns)
{
    (void)sys;
    if (real_stop_signal(sys) == 0 && atomic_load(&stop_descriptor) >= 0)
        return real_wait(-1, duration_ns) != REAL_WAKE_STOP;
    struct timespec left = {(time_t)(duration_ns / 1000000000u), (long)(duration_ns % 1000000000u)};
    while (nanosleep(&left, &left) && errno == EINTR)
        continue;
    return true;
}
