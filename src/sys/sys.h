/* The operating system, behind one vtable: clocks, entropy, files, standard streams, terminal,
 * signals, environment, limits, libraries. No other module calls the OS.
 *
 * Functions take the vtable itself, so that a simulated world can replace the real one in tests:
 * it embeds struct weir_sys as its first member and keeps its state behind it. `size` comes first
 * and the struct only grows at its end. weir_sys_real() is the machine.
 *
 * Conventions of every call: paths are NUL-terminated and relative to the working directory;
 * interrupted calls (EINTR) are repeated and short writes completed inside; a failure fills the
 * error with the object's name and the reason:
 *
 *     no such file                    FILE_NOT_FOUND    no permission, a directory   FILE_ACCESS
 *     exists already                  FILE_EXISTS       disk or quota full           DISK_FULL
 *     reader of a pipe has gone       CLOSED_PIPE       stop signal while waiting    INTERRUPTED
 *     memory                          OUT_OF_MEMORY     anything else                IO
 *
 * Threads: all functions may be called from any thread; one file handle from one thread at a
 * time, but for file_read_at. Threads, mutexes and conditions: sys/thread.h. Fault sites that
 * the file functions pass: sys/fault.h. */
#ifndef WEIR_SYS_SYS_H
#define WEIR_SYS_SYS_H

#include "base/compiler.h"
#include "base/cpu.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/time.h"

struct weir_sys;

/* An open file, pipe, terminal or standard stream. Implementations put their own fields behind. */
struct weir_file {
    const struct weir_sys *sys;
    const char *name; /* as given to open; of the standard streams "<stdin>" and so on */
};

/* A library loaded at run time. */
struct weir_library;

enum weir_open_mode {
    WEIR_OPEN_READ,     /* must exist and not be a directory */
    WEIR_OPEN_WRITE,    /* created, or emptied when it exists */
    WEIR_OPEN_APPEND,   /* created when missing; every write goes to the end */
    WEIR_OPEN_EXCLUSIVE /* for writing; FILE_EXISTS when it exists */
};

struct weir_file_info {
    uint64_t size; /* bytes */
    uint64_t inode;
    uint64_t device;
    struct weir_processing_time modified;
    bool is_directory;
    bool is_regular; /* false for pipes, terminals, devices: their size means nothing */
};

/* A sorted (by bytes) list of names, owned by whoever asked: weir_names_deinit. */
struct weir_names {
    char **items;
    size_t count;
};
void weir_names_deinit(struct weir_names *names);

struct weir_terminal_size {
    uint32_t columns;
    uint32_t rows;
};

struct weir_sys {
    size_t size; /* sizeof(struct weir_sys) at the time the implementation was compiled */

    /* Time. Nanoseconds from some fixed point, never backwards; and the time of day. */
    uint64_t (*monotonic_ns)(const struct weir_sys *sys);
    struct weir_processing_time (*wall_clock)(const struct weir_sys *sys);
    /* Sleeps; false when the first stop signal cut it short. After that one, sleeps are whole. */
    bool (*sleep_ns)(const struct weir_sys *sys, uint64_t duration_ns);

    /* Fills size bytes that nobody can predict. */
    enum weir_status (*entropy)(const struct weir_sys *sys, void *bytes, size_t size,
                                struct weir_error *error);

    /* Files. *file is owned by the caller and ends with file_close. */
    enum weir_status (*file_open)(const struct weir_sys *sys, const char *path,
                                  enum weir_open_mode mode, struct weir_file **file,
                                  struct weir_error *error);
    /* Frees the handle in any case. NULL and standard streams are left alone. */
    enum weir_status (*file_close)(struct weir_file *file, struct weir_error *error);
    /* Reads 1 to size bytes (capacity > 0) at the handle's position; *size_read 0 at the end.
     * A pipe or terminal is waited for; INTERRUPTED when a stop signal comes instead. */
    enum weir_status (*file_read)(struct weir_file *file, void *bytes, size_t capacity,
                                  size_t *size_read, struct weir_error *error);
    /* The same at an offset; the position stays. Less than capacity only at the end. */
    enum weir_status (*file_read_at)(struct weir_file *file, uint64_t offset, void *bytes,
                                     size_t capacity, size_t *size_read, struct weir_error *error);
    /* Writes all bytes, or fails (some may have been written). */
    enum weir_status (*file_write)(struct weir_file *file, const void *bytes, size_t size,
                                   struct weir_error *error);
    /* Data and size are on the disk when it returns. A no-op for what is no regular file. */
    enum weir_status (*file_sync)(struct weir_file *file, struct weir_error *error);
    enum weir_status (*file_truncate)(struct weir_file *file, uint64_t size,
                                      struct weir_error *error);
    /* Locks the file for this handle until it is closed; FILE_ACCESS when another has it. */
    enum weir_status (*file_lock)(struct weir_file *file, struct weir_error *error);
    enum weir_status (*file_info)(struct weir_file *file, struct weir_file_info *info,
                                  struct weir_error *error);
    /* *ready: file_read would not wait (data, or the end). Waits for up to timeout_ns, ended
     * early by a stop signal. Regular files are always ready. */
    enum weir_status (*file_wait)(struct weir_file *file, uint64_t timeout_ns, bool *ready,
                                  struct weir_error *error);
    bool (*file_is_terminal)(struct weir_file *file);
    /* 80 x 24 when the file is no terminal or does not say. */
    struct weir_terminal_size (*terminal_size)(struct weir_file *file);
    /* index 0 input, 1 output, 2 errors; borrowed, never closed. */
    struct weir_file *(*standard_stream)(const struct weir_sys *sys, int index);

    /* Paths. */
    enum weir_status (*path_info)(const struct weir_sys *sys, const char *path,
                                  struct weir_file_info *info, struct weir_error *error);
    enum weir_status (*path_rename)(const struct weir_sys *sys, const char *from, const char *to,
                                    struct weir_error *error);
    /* Removes a file. */
    enum weir_status (*path_unlink)(const struct weir_sys *sys, const char *path,
                                    struct weir_error *error);
    /* Fine when the directory exists already; the parent must. */
    enum weir_status (*directory_make)(const struct weir_sys *sys, const char *path,
                                       struct weir_error *error);
    /* Removes an empty directory. */
    enum weir_status (*directory_remove)(const struct weir_sys *sys, const char *path,
                                         struct weir_error *error);
    /* Names created, renamed and removed in it are on the disk when it returns. */
    enum weir_status (*directory_sync)(const struct weir_sys *sys, const char *path,
                                       struct weir_error *error);
    /* Names in it, without "." and "..". */
    enum weir_status (*directory_list)(const struct weir_sys *sys, const char *path,
                                       struct weir_names *names, struct weir_error *error);
    /* Existing paths that match a shell pattern (*, ?, [a-z]); none is no error. */
    enum weir_status (*glob)(const struct weir_sys *sys, const char *pattern,
                             struct weir_names *paths, struct weir_error *error);

    /* From now on SIGINT and SIGTERM ask to stop instead of ending the process (a second one
     * does end it), and SIGPIPE and SIGXFSZ are ignored: writing says CLOSED_PIPE, DISK_FULL. */
    enum weir_status (*signals_watch)(const struct weir_sys *sys, struct weir_error *error);
    /* Number of the signal that asked to stop; 0: none has. */
    int (*stop_signal)(const struct weir_sys *sys);
    /* Forgets it (the interactive shell goes on after Ctrl-C). */
    void (*stop_clear)(const struct weir_sys *sys);

    /* Borrowed; NULL when unset. */
    const char *(*environment)(const struct weir_sys *sys, const char *name);
    /* What the machine, or the cgroup the process is in, allows. */
    uint64_t (*memory_limit_bytes)(const struct weir_sys *sys);
    uint32_t (*processors_count)(const struct weir_sys *sys);
    /* WEIR_CPU=scalar|avx2|avx512 lowers it. */
    struct weir_cpu (*cpu)(const struct weir_sys *sys);

    /* name as for dlopen: "libisal.so.2", or a path. FILE_NOT_FOUND with the loader's reason
     * when it cannot be loaded. A library stays until it is closed. */
    enum weir_status (*library_open)(const struct weir_sys *sys, const char *name,
                                     struct weir_library **library, struct weir_error *error);
    /* NULL when there is no such symbol. */
    void *(*library_symbol)(struct weir_library *library, const char *name);
    void (*library_close)(struct weir_library *library);

    /* Shows what comes next of the file where it lies in memory, up to size_max bytes of it, until
     * the file is viewed, read or closed again; empty when it does not lie there, or at the end:
     * then there is nothing to take, and file_read tells more. The bytes may change while they are
     * looked at, so that only what is safe with any bytes, and reads each once, may look. What
     * lies behind them comes next, and may be prefetched. */
    enum weir_status (*file_view)(struct weir_file *file, size_t size_max, struct weir_slice *view,
                                  struct weir_error *error);
    /* Moves on by size bytes of what is viewed. False: the file was cut meanwhile; what was seen of
     * them must be thrown away, and the file stands where it stood. */
    bool (*file_take)(struct weir_file *file, size_t size);
};

/* The machine. */
const struct weir_sys *weir_sys_real(void);
/* Takes the places of standard streams that the process was started without (weir … <&-), so that
 * no file that is opened later gets their numbers: using them still fails. For programs of our own,
 * before anything is opened. */
void weir_sys_hold_streams(void);

/* Shorthands for what a handle can do. */
WEIR_CHECKED static inline enum weir_status weir_file_read(struct weir_file *file, void *bytes,
                                                           size_t capacity, size_t *size_read,
                                                           struct weir_error *error)
{
    return file->sys->file_read(file, bytes, capacity, size_read, error);
}
WEIR_CHECKED static inline enum weir_status weir_file_read_at(struct weir_file *file,
                                                              uint64_t offset, void *bytes,
                                                              size_t capacity, size_t *size_read,
                                                              struct weir_error *error)
{
    return file->sys->file_read_at(file, offset, bytes, capacity, size_read, error);
}
WEIR_CHECKED static inline enum weir_status
weir_file_write(struct weir_file *file, const void *bytes, size_t size, struct weir_error *error)
{
    return file->sys->file_write(file, bytes, size, error);
}
WEIR_CHECKED static inline enum weir_status weir_file_sync(struct weir_file *file,
                                                           struct weir_error *error)
{
    return file->sys->file_sync(file, error);
}
WEIR_CHECKED static inline enum weir_status weir_file_view(struct weir_file *file, size_t size_max,
                                                           struct weir_slice *view,
                                                           struct weir_error *error)
{
    const struct weir_sys *sys = file->sys;
    bool knows = sys->size > offsetof(struct weir_sys, file_take) && sys->file_take;
    *view = weir_slice_make(NULL, 0);
    return knows ? sys->file_view(file, size_max, view, error) : WEIR_OK;
}
WEIR_CHECKED static inline bool weir_file_take(struct weir_file *file, size_t size)
{
    return file->sys->file_take(file, size);
}
/* NULL is fine. Check the result when the file was written. */
static inline enum weir_status weir_file_close(struct weir_file *file, struct weir_error *error)
{
    return file ? file->sys->file_close(file, error) : WEIR_OK;
}

/* Whole files, for programs and small configuration: appends what is left of the file to buffer.
 * LIMIT when that is more than limit_bytes. */
struct weir_buffer;
WEIR_CHECKED enum weir_status weir_file_read_all(struct weir_file *file, uint64_t limit_bytes,
                                                 struct weir_buffer *buffer,
                                                 struct weir_error *error);

#endif
