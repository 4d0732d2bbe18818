/* The real machine: its vtable, and the calls that are one line each.
 * Files are in real_file.c, paths in real_path.c, signals and waiting in real_signal.c, limits
 * and the processor in real_machine.c. Tested in tests/unit/sys/. */
#include "sys/real_internal.h"

#include "base/memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static enum weir_status status_of(int number)
{
    switch (number) {
    case ENOENT:
        return WEIR_E_FILE_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EISDIR:
    case ENOTDIR:
    case EROFS:
    case ELOOP:
    case ENAMETOOLONG:
    case ETXTBSY:
    case EWOULDBLOCK:
        return WEIR_E_FILE_ACCESS;
    case EEXIST:
        return WEIR_E_FILE_EXISTS;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: /* beyond `ulimit -f`, too */
        return WEIR_E_DISK_FULL;
    case EPIPE:
        return WEIR_E_CLOSED_PIPE;
    case ENOMEM:
        return WEIR_E_OUT_OF_MEMORY;
    default:
        return WEIR_E_IO;
    }
}

enum weir_status real_error(struct weir_error *error, int number, const char *verb,
                            const char *name)
{
    char space[128];
    char reason[128];
    const char *text = strerror_r(number, space, sizeof space);
    size_t size = strnlen(text, sizeof reason - 1);
    memcpy(reason, text, size);
    reason[size] = '\0';
    if (size > 1 && reason[0] >= 'A' && reason[0] <= 'Z' && reason[1] >= 'a')
        reason[0] = (char)(reason[0] + ('a' - 'A'));
    return weir_error_set(error, status_of(number), "cannot %s %s: %s", verb, name, reason);
}

static uint64_t real_monotonic_ns(const struct weir_sys *sys)
{
    (void)sys;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct weir_processing_time real_wall_clock(const struct weir_sys *sys)
{
    (void)sys;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (struct weir_processing_time){now.tv_sec * WEIR_US_PER_SECOND + now.tv_nsec / 1000};
}

static enum weir_status real_entropy(const struct weir_sys *sys, void *bytes, size_t size,
                                     struct weir_error *error)
{
    (void)sys;
    char *next = bytes;
    while (size) {
        ssize_t got = getrandom(next, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return real_error(error, errno, "read", "the system's entropy");
        next += got;
        size -= (size_t)got;
    }
    return WEIR_OK;
}

static const char *real_environment(const struct weir_sys *sys, const char *name)
{
    (void)sys;
    return getenv(name);
}

/* A library's handle is the loader's own. */
static enum weir_status real_library_open(const struct weir_sys *sys, const char *name,
                                          struct weir_library **library, struct weir_error *error)
{
    (void)sys;
    *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (*library)
        return WEIR_OK;
    const char *reason = dlerror();
    return weir_error_set(error, WEIR_E_FILE_NOT_FOUND, "cannot load the library %s: %s", name,
                          reason ? reason : "no reason given");
}

static void *real_library_symbol(struct weir_library *library, const char *name)
{
    return dlsym(library, name);
}

static void real_library_close(struct weir_library *library)
{
    if (library)
        dlclose(library);
}

const struct weir_sys *weir_sys_real(void)
{
    static const struct weir_sys real = {
        .size = sizeof(struct weir_sys),
        .monotonic_ns = real_monotonic_ns,
        .wall_clock = real_wall_clock,
        .sleep_ns = real_sleep_ns,
        .entropy = real_entropy,
        .file_open = real_file_open,
        .file_close = real_file_close,
        .file_read = real_file_read,
        .file_read_at = real_file_read_at,
        .file_write = real_file_write,
        .file_sync = real_file_sync,
        .file_truncate = real_file_truncate,
        .file_lock = real_file_lock,
        .file_info = real_file_info,
        .file_wait = real_file_wait,
        .file_is_terminal = real_file_is_terminal,
        .terminal_size = real_terminal_size,
        .standard_stream = real_standard_stream,
        .path_info = real_path_info,
        .path_rename = real_path_rename,
        .path_unlink = real_path_unlink,
        .directory_make = real_directory_make,
        .directory_remove = real_directory_remove,
        .directory_sync = real_directory_sync,
        .directory_list = real_directory_list,
        .glob = real_glob,
        .signals_watch = real_signals_watch,
        .stop_signal = real_stop_signal,
        .stop_clear = real_stop_clear,
        .environment = real_environment,
        .memory_limit_bytes = real_memory_limit_bytes,
        .processors_count = real_processors_count,
        .cpu = real_cpu,
        .library_open = real_library_open,
        .library_symbol = real_library_symbol,
        .library_close = real_library_close,
        .file_view = real_file_view,
        .file_take = real_file_take,
    };
    return &real;
}
