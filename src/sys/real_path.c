/* Paths and directories of the real machine. Lists of names are copied into memory of weir's
 * own and sorted by bytes, so that an input of many files has one order everywhere. */
#include "sys/real_internal.h"

#include "base/memory.h"
#include "sys/fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void real_fill_info(const struct stat *status, struct weir_file_info *info)
{
    *info = (struct weir_file_info){
        .size = (uint64_t)status->st_size,
        .inode = status->st_ino,
        .device = status->st_dev,
        .modified = {status->st_mtim.tv_sec * WEIR_US_PER_SECOND + status->st_mtim.tv_nsec / 1000},
        .is_directory = S_ISDIR(status->st_mode),
        .is_regular = S_ISREG(status->st_mode),
    };
}

enum weir_status real_path_info(const struct weir_sys *sys, const char *path,
                                struct weir_file_info *info, struct weir_error *error)
{
    (void)sys;
    struct stat status;
    if (stat(path, &status))
        return real_error(error, errno, "look at", path);
    real_fill_info(&status, info);
    return WEIR_OK;
}

enum weir_status real_path_rename(const struct weir_sys *sys, const char *from, const char *to,
                                  struct weir_error *error)
{
    (void)sys;
    WEIR_TRY(weir_fault_pass(WEIR_FAULT_IO_RENAME, error));
    if (rename(from, to) == 0)
        return WEIR_OK;
    enum weir_status status = real_error(error, errno, "rename", from);
    weir_error_detail(error, "the new name is %s", to);
    return status;
}

enum weir_status real_path_unlink(const struct weir_sys *sys, const char *path,
                                  struct weir_error *error)
{
    (void)sys;
    return unlink(path) ? real_error(error, errno, "remove", path) : WEIR_OK;
}

enum weir_status real_directory_make(const struct weir_sys *sys, const char *path,
                                     struct weir_error *error)
{
    (void)sys;
    if (mkdir(path, 0777) == 0)
        return WEIR_OK;
    int number = errno;
    struct stat status;
    if (number == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return WEIR_OK;
    return real_error(error, number, "make the directory", path);
}

enum weir_status real_directory_remove(const struct weir_sys *sys, const char *path,
                                       struct weir_error *error)
{
    (void)sys;
    return rmdir(path) ? real_error(error, errno, "remove the directory", path) : WEIR_OK;
}

enum weir_status real_directory_sync(const struct weir_sys *sys, const char *path,
                                     struct weir_error *error)
{
    (void)sys;
    WEIR_TRY(weir_fault_pass(WEIR_FAULT_IO_FSYNC, error));
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return real_error(error, errno, "open the directory", path);
    int result;
    do
        result = fsync(descriptor);
    while (result && errno == EINTR);
    /* Some file systems know no sync of directories; their renames are durable at once. */
    int number = result && errno != EINVAL ? errno : 0;
    close(descriptor);
    return number ? real_error(error, number, "sync the directory", path) : WEIR_OK;
}

/* Appends a copy of name. The list grows by powers of two, as its count tells. */
static bool names_add(struct weir_names *names, const char *name)
{
    if ((names->count & (names->count - 1)) == 0) {
        size_t capacity = names->count ? names->count * 2 : 1;
        char **items = weir_realloc(names->items, capacity * sizeof *items);
        if (!items)
            return false;
        names->items = items;
    }
    size_t size = strlen(name) + 1;
    char *copy = weir_malloc(size);
    if (!copy)
        return false;
    memcpy(copy, name, size);
    names->items[names->count++] = copy;
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum weir_status names_finish(struct weir_names *names, bool complete,
                                     struct weir_error *error)
{
    if (!complete) {
        weir_names_deinit(names);
        return weir_error_set_out_of_memory(error);
    }
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, compare_names);
    return WEIR_OK;
}

enum weir_status real_directory_list(const struct weir_sys *sys, const char *path,
                                     struct weir_names *names, struct weir_error *error)
{
    (void)sys;
    *names = (struct weir_names){NULL, 0};
    DIR *directory = opendir(path);
    if (!directory)
        return real_error(error, errno, "list the directory", path);
    bool complete = true;
    int number = 0;
    while (complete) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (!entry) {
            number = errno;
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            complete = names_add(names, entry->d_name);
    }
    closedir(directory);
    if (number) {
        weir_names_deinit(names);
        return real_error(error, number, "list the directory", path);
    }
    return names_finish(names, complete, error);
}

enum weir_status real_glob(const struct weir_sys *sys, const char *pattern,
                           struct weir_names *paths, struct weir_error *error)
{
    (void)sys;
    *paths = (struct weir_names){NULL, 0};
    glob_t found = {0};
    int result = glob(pattern, GLOB_NOSORT, NULL, &found);
    bool complete = result != GLOB_NOSPACE;
    for (size_t i = 0; result == 0 && complete && i < found.gl_pathc; i++)
        complete = names_add(paths, found.gl_pathv[i]);
    globfree(&found);
    if (result == GLOB_ABORTED)
        return real_error(error, EIO, "match", pattern);
    return names_finish(paths, complete, error);
}
