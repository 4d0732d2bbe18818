/* Files of the real machine, by descriptor.
 *
 * A handle remembers whether it is a regular file: those are never waited for and can be synced;
 * pipes and terminals are polled together with the stop signal before they are read, so that a
 * reader blocked on a silent pipe ends when the program is asked to. Reading, writing, syncing
 * pass the fault sites io.read, io.write and io.fsync, once per call. */
#include "sys/real_internal.h"

#include "base/memory.h"
#include "sys/fault.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct real_file *real(struct weir_file *file)
{
    return (struct real_file *)file;
}

static int open_flags(enum weir_open_mode mode)
{
    switch (mode) {
    case WEIR_OPEN_READ:
        return O_RDONLY;
    case WEIR_OPEN_WRITE:
        return O_WRONLY | O_CREAT | O_TRUNC;
    case WEIR_OPEN_APPEND:
        return O_WRONLY | O_CREAT | O_APPEND;
    case WEIR_OPEN_EXCLUSIVE:
        return O_WRONLY | O_CREAT | O_EXCL;
    }
    return O_RDONLY;
}

/* Finds out what kind of file it is; directories are no files. */
static int classify(struct real_file *file)
{
    struct stat status;
    if (fstat(file->descriptor, &status))
        return errno;
    file->is_regular = S_ISREG(status.st_mode);
    return S_ISDIR(status.st_mode) ? EISDIR : 0;
}

enum weir_status real_file_open(const struct weir_sys *sys, const char *path,
                                enum weir_open_mode mode, struct weir_file **file,
                                struct weir_error *error)
{
    const char *verb = mode == WEIR_OPEN_READ ? "open" : "write";
    *file = NULL;
    size_t name_size = strlen(path) + 1;
    struct real_file *opened = weir_malloc(sizeof *opened + name_size);
    if (!opened)
        return weir_error_set_out_of_memory(error);
    char *name = (char *)(opened + 1);
    memcpy(name, path, name_size);
    *opened = (struct real_file){.base = {sys, name}};
    /* A pipe that nobody writes to is opened at once: reading waits, and can be asked to stop. */
    int flags = open_flags(mode) | O_CLOEXEC | (mode == WEIR_OPEN_READ ? O_NONBLOCK : 0);
    do
        opened->descriptor = open(path, flags, 0666);
    while (opened->descriptor < 0 && errno == EINTR && !real_stop_signal(sys));
    int number = opened->descriptor < 0 ? errno : classify(opened);
    if (number == 0 && mode == WEIR_OPEN_READ && !opened->is_regular)
        (void)fcntl(opened->descriptor, F_SETFL, flags & ~(O_NONBLOCK | O_CLOEXEC));
    if (number == 0) {
        opened->is_input = opened->is_regular && mode == WEIR_OPEN_READ;
        *file = &opened->base;
        return WEIR_OK;
    }
    enum weir_status status =
        number == EINTR
            ? weir_error_set(error, WEIR_E_INTERRUPTED, "interrupted while waiting for %s", path)
            : real_error(error, number, verb, path);
    if (opened->descriptor >= 0)
        close(opened->descriptor);
    weir_free(opened);
    return status;
}

enum weir_status real_file_close(struct weir_file *file, struct weir_error *error)
{
    if (!file || real(file)->is_standard)
        return WEIR_OK;
    enum weir_status status = WEIR_OK;
    real_window_close(real(file));
    /* After EINTR the descriptor is gone all the same. */
    if (close(real(file)->descriptor) && errno != EINTR)
        status = real_error(error, errno, "close", file->name);
    weir_free(real(file));
    return status;
}

/* Waits for what is no regular file. */
static enum weir_status wait_to_read(struct real_file *file, struct weir_error *error)
{
    if (file->is_regular || real_wait(file->descriptor, UINT64_MAX) == REAL_WAKE_READY)
        return WEIR_OK;
    return weir_error_set(error, WEIR_E_INTERRUPTED, "interrupted while waiting for %s",
                          file->base.name);
}

enum weir_status real_file_read(struct weir_file *file, void *bytes, size_t capacity,
                                size_t *size_read, struct weir_error *error)
{
    assert(capacity > 0);
    struct real_file *input = real(file);
    WEIR_TRY(weir_fault_pass(WEIR_FAULT_IO_READ, error));
    for (*size_read = 0;;) {
        WEIR_TRY(wait_to_read(input, error));
        ssize_t got = input->is_input
                          ? pread(input->descriptor, bytes, capacity, (off_t)input->position)
                          : read(input->descriptor, bytes, capacity);
        if (got >= 0) {
            *size_read = (size_t)got;
            break;
        }
        if (errno != EINTR && errno != EAGAIN)
            return real_error(error, errno, "read", file->name);
    }
    input->position += *size_read;
    return WEIR_OK;
}

enum weir_status real_file_read_at(struct weir_file *file, uint64_t offset, void *bytes,
                                   size_t capacity, size_t *size_read, struct weir_error *error)
{
    *size_read = 0;
    WEIR_TRY(weir_fault_pass(WEIR_FAULT_IO_READ, error));
    while (*size_read < capacity) {
        ssize_t got = pread(real(file)->descriptor, (char *)bytes + *size_read,
                            capacity - *size_read, (off_t)(offset + *size_read));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return real_error(error, errno, "read", file->name);
        if (got == 0)
            break;
        *size_read += (size_t)got;
    }
    return WEIR_OK;
}

enum weir_status real_file_write(struct weir_file *file, const void *bytes, size_t size,
                                 struct weir_error *error)
{
    WEIR_TRY(weir_fault_pass(WEIR_FAULT_IO_WRITE, error));
    const char *next = bytes;
    while (size) {
        ssize_t written = write(real(file)->descriptor, next, size);
        if (written >= 0) {
            next += written;
            size -= (size_t)written;
        } else if (errno == EAGAIN) {
            struct pollfd wait = {.fd = real(file)->descriptor, .events = POLLOUT};
            (void)poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return real_error(error, errno, "write", file->name);
        }
    }
    return WEIR_OK;
}

enum weir_status real_file_sync(struct weir_file *file, struct weir_error *error)
{
    if (!real(file)->is_regular)
        return WEIR_OK;
    WEIR_TRY(weir_fault_pass(WEIR_FAULT_IO_FSYNC, error));
    int result;
    do
        result = fdatasync(real(file)->descriptor);
    while (result && errno == EINTR);
    return result ? real_error(error, errno, "sync", file->name) : WEIR_OK;
}

enum weir_status real_file_truncate(struct weir_file *file, uint64_t size, struct weir_error *error)
{
    int result;
    do
        result = ftruncate(real(file)->descriptor, (off_t)size);
    while (result && errno == EINTR);
    return result ? real_error(error, errno, "truncate", file->name) : WEIR_OK;
}

enum weir_status real_file_lock(struct weir_file *file, struct weir_error *error)
{
    int result;
    do
        result = flock(real(file)->descriptor, LOCK_EX | LOCK_NB);
    while (result && errno == EINTR);
    if (result == 0)
        return WEIR_OK;
    if (errno == EWOULDBLOCK)
        return weir_error_set(error, WEIR_E_FILE_ACCESS, "%s is in use by another process",
                              file->name);
    return real_error(error, errno, "lock", file->name);
}

enum weir_status real_file_info(struct weir_file *file, struct weir_file_info *info,
                                struct weir_error *error)
{
    struct stat status;
    if (fstat(real(file)->descriptor, &status))
        return real_error(error, errno, "look at", file->name);
    real_fill_info(&status, info);
    return WEIR_OK;
}

enum weir_status real_file_wait(struct weir_file *file, uint64_t timeout_ns, bool *ready,
                                struct weir_error *error)
{
    (void)error;
    *ready =
        real(file)->is_regular || real_wait(real(file)->descriptor, timeout_ns) == REAL_WAKE_READY;
    return WEIR_OK;
}

bool real_file_is_terminal(struct weir_file *file)
{
    return isatty(real(file)->descriptor) != 0;
}

struct weir_terminal_size real_terminal_size(struct weir_file *file)
{
    struct winsize window = {0};
    struct weir_terminal_size size = {80, 24};
    if (ioctl(real(file)->descriptor, TIOCGWINSZ, &window) == 0 && window.ws_col > 0) {
        size.columns = window.ws_col;
        size.rows = window.ws_row;
    }
    return size;
}

static struct real_file standard_streams[3] = {
    {.base = {NULL, "<stdin>"}, .descriptor = STDIN_FILENO, .is_standard = true},
    {.base = {NULL, "<stdout>"}, .descriptor = STDOUT_FILENO, .is_standard = true},
    {.base = {NULL, "<stderr>"}, .descriptor = STDERR_FILENO, .is_standard = true},
};

static void standard_streams_init(void)
{
    for (int i = 0; i < 3; i++) {
        standard_streams[i].base.sys = weir_sys_real();
        (void)classify(&standard_streams[i]); /* a closed stream says so when it is used */
    }
}

struct weir_file *real_standard_stream(const struct weir_sys *sys, int index)
{
    (void)sys;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    assert(index >= 0 && index < 3);
    pthread_once(&once, standard_streams_init);
    return &standard_streams[index].base;
}

void weir_sys_hold_streams(void)
{
    /* The wrong way round: reading from standard input fails, so does writing to the others. */
    for (int i = 0; i < 3; i++)
        if (fcntl(i, F_GETFD) < 0)
            (void)!open("/dev/null", i == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}
