/* What the parts of the real machine's vtable share: the file handle, the error texts and the
 * state of signals. The table itself is put together in real.c. */
#ifndef WEIR_SYS_REAL_INTERNAL_H
#define WEIR_SYS_REAL_INTERNAL_H

#include "sys/sys.h"

struct real_file {
    struct weir_file base;
    int descriptor;
    bool is_regular;
    bool is_standard; /* one of the three, statically allocated */
    bool is_input; /* regular, only read, ours: read at `position`, viewed in windows when large */
    bool no_windows; /* mapping it did not work */
    uint64_t position;
    uint64_t windows_from;  /* up to there it does not pay */
    uint64_t window_offset; /* in the file; a multiple of the page size */
    size_t window_size;
    char *window;        /* NULL: none */
    struct guard *guard; /* of the window: real_window.c */
};

/* real_window.c: large regular files are viewed in memory maps. Only once the process watches
 * signals: a file that is cut while it is mapped raises SIGBUS, which must be ours to take. */
void real_windows_allow(void);
void real_window_close(struct real_file *file);
enum weir_status real_file_view(struct weir_file *file, size_t size_max, struct weir_slice *view,
                                struct weir_error *error);
bool real_file_take(struct weir_file *file, size_t size);

/* Reports "cannot VERB NAME: REASON" with the status that number (an errno) stands for. */
enum weir_status real_error(struct weir_error *error, int number, const char *verb,
                            const char *name);

/* real_file.c */
enum weir_status real_file_open(const struct weir_sys *sys, const char *path,
                                enum weir_open_mode mode, struct weir_file **file,
                                struct weir_error *error);
enum weir_status real_file_close(struct weir_file *file, struct weir_error *error);
enum weir_status real_file_read(struct weir_file *file, void *bytes, size_t capacity,
                                size_t *size_read, struct weir_error *error);
enum weir_status real_file_read_at(struct weir_file *file, uint64_t offset, void *bytes,
                                   size_t capacity, size_t *size_read, struct weir_error *error);
enum weir_status real_file_write(struct weir_file *file, const void *bytes, size_t size,
                                 struct weir_error *error);
enum weir_status real_file_sync(struct weir_file *file, struct weir_error *error);
enum weir_status real_file_truncate(struct weir_file *file, uint64_t size,
                                    struct weir_error *error);
enum weir_status real_file_lock(struct weir_file *file, struct weir_error *error);
enum weir_status real_file_info(struct weir_file *file, struct weir_file_info *info,
                                struct weir_error *error);
enum weir_status real_file_wait(struct weir_file *file, uint64_t timeout_ns, bool *ready,
                                struct weir_error *error);
bool real_file_is_terminal(struct weir_file *file);
struct weir_terminal_size real_terminal_size(struct weir_file *file);
struct weir_file *real_standard_stream(const struct weir_sys *sys, int index);

/* real_path.c */
struct stat;
void real_fill_info(const struct stat *status, struct weir_file_info *info);
enum weir_status real_path_info(const struct weir_sys *sys, const char *path,
                                struct weir_file_info *info, struct weir_error *error);
enum weir_status real_path_rename(const struct weir_sys *sys, const char *from, const char *to,
                                  struct weir_error *error);
enum weir_status real_path_unlink(const struct weir_sys *sys, const char *path,
                                  struct weir_error *error);
enum weir_status real_directory_make(const struct weir_sys *sys, const char *path,
                                     struct weir_error *error);
enum weir_status real_directory_remove(const struct weir_sys *sys, const char *path,
                                       struct weir_error *error);
enum weir_status real_directory_sync(const struct weir_sys *sys, const char *path,
                                     struct weir_error *error);
enum weir_status real_directory_list(const struct weir_sys *sys, const char *path,
                                     struct weir_names *names, struct weir_error *error);
enum weir_status real_glob(const struct weir_sys *sys, const char *pattern,
                           struct weir_names *paths, struct weir_error *error);

/* real_signal.c */
enum weir_status real_signals_watch(const struct weir_sys *sys, struct weir_error *error);
int real_stop_signal(const struct weir_sys *sys);
void real_stop_clear(const struct weir_sys *sys);
bool real_sleep_ns(const struct weir_sys *sys, uint64_t duration_ns);
/* Waits until descriptor (-1: none) can be read, a stop signal comes (or has come), or the time
 * (UINT64_MAX: for ever) is over. */
enum real_wake { REAL_WAKE_READY, REAL_WAKE_STOP, REAL_WAKE_TIMEOUT };
enum real_wake real_wait(int descriptor, uint64_t timeout_ns);

/* real_machine.c */
uint64_t real_memory_limit_bytes(const struct weir_sys *sys);
uint32_t real_processors_count(const struct weir_sys *sys);
struct weir_cpu real_cpu(const struct weir_sys *sys);

#endif
