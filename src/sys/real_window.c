/* Large regular files, shown where they lie in memory, a window at a time.
 *
 *     file    ........|=== window, 16 MiB, mapped and populated ===|........
 *                          ^ position: what the next view begins with
 *
 * What is viewed is copied in small pieces by who parses it, so that nothing changes under a
 * parser, but out of memory that can be prefetched while the piece before is worked on: the copy
 * then runs at the speed of the second cache, where read(2) waits for main memory. Decompression,
 * which is safe with any bytes, needs no copy. A new window begins before the old one is used up.
 * Letting go of one empties the processor's table of pages, so that few large windows cost less
 * than many small ones (4 MiB: 3 % more); what all files together have mapped is limited, since it
 * counts as memory.
 *
 * Only what lies in the page cache is mapped: read(2) fetches the rest better, ahead of time and in
 * large pages, and what a window would have shown that is not all there is left to it.
 *
 * Two things must not happen. A file cut while it is mapped raises SIGBUS at the first page behind
 * its new end: the handler puts pages of zeros there, and what was seen is not taken. And zeros
 * behind the end in the last page must not pass as data: the size is looked up again for each piece
 * that is taken. In both cases the file is read with pread(2) from then on, which tells the truth.
 *
 * Threads: a SIGBUS comes to the thread that caused it, whose window does not go away meanwhile. */
#include "sys/fault.h"
#include "sys/real_internal.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    WINDOW_SIZE = 16 << 20,
    WINDOW_SIZE_MIN = 1 << 20, /* smaller ones are left alone while others have the rest */
    WINDOWS_TOTAL = 32 << 20,
    WINDOWS_MAX = 32,
    FILE_SIZE_MIN = 1 << 20, /* mapping less does not pay */
    PAGE_SIZE = 4096,
    FAULT_SIZE = 64 << 10 /* cached pages around one that is touched are mapped with it */
};
#ifndef SYS_cachestat
#define SYS_cachestat 451 /* cachestat(2), since Linux 6.5 */
#endif

static atomic_bool windows_allowed;
static atomic_size_t windows_total; /* bytes mapped */
static struct sigaction previous;   /* what SIGBUS meant before */

/* Where windows are, for the handler. */
static struct guard {
    atomic_uintptr_t begin, end; /* begin 0: free */
    atomic_bool failed;          /* there are zeros where the file was cut */
} guards[WINDOWS_MAX];

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    (void)context;
    uintptr_t at = (uintptr_t)info->si_addr & ~(uintptr_t)(PAGE_SIZE - 1);
    for (uint32_t i = 0; i < WINDOWS_MAX; i++) {
        uintptr_t begin = atomic_load(&guards[i].begin), end = atomic_load(&guards[i].end);
        if (begin == 0 || at < begin || at >= end)
            continue;
        atomic_store(&guards[i].failed, true);
        void *page =
            mmap((void *)at, end - at, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (page != MAP_FAILED)
            return; /* the load is repeated and finds zeros */
    }
    sigaction(number, &previous, NULL); /* not ours: it comes again and is taken as it was */
}

void real_windows_allow(void)
{
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    if (!atomic_load(&windows_allowed) && sigaction(SIGBUS, &action, &previous) == 0)
        atomic_store(&windows_allowed, true);
}

void real_window_close(struct real_file *file)
{
    if (file->window) {
        atomic_store(&file->guard->begin, 0);
        munmap(file->window, file->window_size);
        atomic_fetch_sub_explicit(&windows_total, file->window_size, memory_order_relaxed);
    }
    file->window = NULL;
    file->window_size = 0;
}

static uint64_t size_of(const struct real_file *file)
{
    struct stat status;
    return fstat(file->descriptor, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/* How many of the file's pages in a range are in memory; UINT64_MAX: the system cannot say. */
static uint64_t pages_cached(const struct real_file *file, uint64_t offset, size_t size)
{
    struct {
        uint64_t offset, size;
    } range = {offset, size};
    struct {
        uint64_t cached, dirty, writeback, evicted, recently_evicted;
    } counts = {0};
    long result = syscall(SYS_cachestat, file->descriptor, &range, &counts, 0);
    return result == 0 ? counts.cached : UINT64_MAX;
}

/* All pages of the window are in memory; where the system only tells of a page at a time, those of
 * some, one of them the last. */
static bool is_cached(const struct real_file *file)
{
    uint64_t cached = pages_cached(file, file->window_offset, file->window_size);
    size_t page_size = (size_t)sysconf(_SC_PAGESIZE); /* not 4 KiB everywhere */
    if (cached != UINT64_MAX)
        return cached >= (file->window_size + page_size - 1) / page_size;
    for (size_t i = 0; i <= 4; i++) {
        unsigned char resident = 1;
        size_t page = (file->window_size - 1) / 4 * i & ~(size_t)(PAGE_SIZE - 1);
        if (mincore(file->window + page, 1, &resident) == 0 && !(resident & 1))
            return false;
    }
    return true;
}

/* Has the pages of the window mapped: by touching them, which takes three quarters of the time that
 * MADV_POPULATE_READ does, since that looks at each page once more. Without MADV_SEQUENTIAL, lest a
 * file that is read again and again pass for one that nobody uses. */
static void populate(const struct real_file *file)
{
    for (size_t at = 0; at < file->window_size; at += FAULT_SIZE)
        (void)*(volatile char *)(file->window + at);
}

/* Has the handler watch over a window; NULL: there are too many. */
static struct guard *watch(const char *window, size_t size)
{
    for (uint32_t i = 0; i < WINDOWS_MAX; i++) {
        uintptr_t none = 0;
        if (!atomic_compare_exchange_strong(&guards[i].begin, &none, UINTPTR_MAX))
            continue;
        atomic_store(&guards[i].end, (uintptr_t)window + size);
        atomic_store(&guards[i].failed, false);
        atomic_store(&guards[i].begin, (uintptr_t)window);
        return &guards[i];
    }
    return NULL;
}

/* How large a window may be that would show the rest of a file, taken from what all may have; 0:
 * none. */
static size_t reserve(uint64_t rest)
{
    size_t total = atomic_load_explicit(&windows_total, memory_order_relaxed), size;
    do {
        size = total < WINDOWS_TOTAL ? WINDOWS_TOTAL - total : 0;
        if (size < WINDOW_SIZE_MIN)
            return 0;
        size = size < WINDOW_SIZE ? size & ~(size_t)(WINDOW_SIZE_MIN - 1) : WINDOW_SIZE;
        size = rest < size ? (size_t)rest : size;
    } while (!atomic_compare_exchange_weak_explicit(&windows_total, &total, total + size,
                                                    memory_order_relaxed, memory_order_relaxed));
    return size;
}

/* The window that begins with the page of position. */
static void open_window(struct real_file *file)
{
    uint64_t size = size_of(file), offset = file->position & ~(uint64_t)(FAULT_SIZE - 1);
    real_window_close(file);
    if (size < FILE_SIZE_MIN || file->position >= size)
        return;
    size_t window_size = reserve(size - offset);
    if (window_size == 0)
        return;
    void *window = mmap(NULL, window_size, PROT_READ, MAP_SHARED, file->descriptor, (off_t)offset);
    struct guard *guard = window != MAP_FAILED ? watch(window, window_size) : NULL;
    if (!guard) {
        if (window != MAP_FAILED)
            munmap(window, window_size);
        atomic_fetch_sub_explicit(&windows_total, window_size, memory_order_relaxed);
        file->no_windows = true;
        return;
    }
    file->guard = guard;
    file->window = window;
    file->window_offset = offset;
    file->window_size = window_size;
    if (!is_cached(file)) {
        real_window_close(file);
        file->windows_from = offset + WINDOW_SIZE;
        return;
    }
    populate(file);
}

static struct weir_slice rest_of_window(const struct real_file *file)
{
    uint64_t at = file->position - file->window_offset;
    if (!file->window || at >= file->window_size)
        return weir_slice_make(NULL, 0);
    return weir_slice_make(file->window + at, file->window_size - (size_t)at);
}

/* What the window shows from file->position on, at least size bytes of it if the file has them and
 * may be mapped. */
static struct weir_slice ahead_of(struct real_file *file, size_t size)
{
    if (file->no_windows || file->position < file->windows_from ||
        !atomic_load_explicit(&windows_allowed, memory_order_relaxed))
        return weir_slice_make(NULL, 0);
    struct weir_slice ahead = rest_of_window(file);
    if (ahead.size < size && file->window_offset + file->window_size < size_of(file)) {
        open_window(file);
        ahead = rest_of_window(file);
    }
    return weir_slice_make(ahead.data, ahead.size < size ? ahead.size : size);
}

/* True when the size bytes at file->position that were looked at are the file's. */
static bool is_whole(struct real_file *file, size_t size)
{
    if (file->window && !atomic_load(&file->guard->failed) &&
        size_of(file) >= file->position + size)
        return true;
    real_window_close(file);
    file->no_windows = true;
    return false;
}

enum weir_status real_file_view(struct weir_file *handle, size_t size_max, struct weir_slice *view,
                                struct weir_error *error)
{
    struct real_file *file = (struct real_file *)handle;
    if (!file->is_input)
        return WEIR_OK;
    WEIR_TRY(weir_fault_pass(WEIR_FAULT_IO_READ, error));
    *view = ahead_of(file, size_max);
    return WEIR_OK;
}

bool real_file_take(struct weir_file *handle, size_t size)
{
    struct real_file *file = (struct real_file *)handle;
    if (!is_whole(file, size))
        return false;
    file->position += size;
    return true;
}
