/* Files, paths and pipes of the real machine, in a directory of their own. */
#include "sys/sys.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static const struct weir_sys *sys;
static struct weir_error error;

static struct weir_file *open_file(const char *path, enum weir_open_mode mode)
{
    struct weir_file *file = NULL;
    EXPECT_INT(sys->file_open(sys, path, mode, &file, &error), WEIR_OK);
    return file;
}

static void put(const char *path, const char *text)
{
    struct weir_file *file = open_file(path, WEIR_OPEN_WRITE);
    EXPECT_INT(weir_file_write(file, text, strlen(text), &error), WEIR_OK);
    EXPECT_INT(weir_file_sync(file, &error), WEIR_OK);
    EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
}

static void expect_content(const char *path, const char *text)
{
    struct weir_file *file = open_file(path, WEIR_OPEN_READ);
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    EXPECT_INT(weir_file_read_all(file, 1000, &buffer, &error), WEIR_OK);
    EXPECT_SLICE(weir_buffer_slice(&buffer), text);
    weir_buffer_deinit(&buffer);
    EXPECT_INT(weir_file_close(file, NULL), WEIR_OK);
}

static void modes_write_what_they_say(void)
{
    put("a.txt", "one");
    expect_content("a.txt", "one");
    put("a.txt", "2");
    expect_content("a.txt", "2");
    struct weir_file *file = open_file("a.txt", WEIR_OPEN_APPEND);
    EXPECT_INT(weir_file_write(file, "+3", 2, &error), WEIR_OK);
    EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
    expect_content("a.txt", "2+3");
    EXPECT_INT(sys->file_open(sys, "a.txt", WEIR_OPEN_EXCLUSIVE, &file, &error),
               WEIR_E_FILE_EXISTS);
    EXPECT(file == NULL);
    EXPECT_STRING(error.message, "cannot write a.txt: file exists");
    file = open_file("new.txt", WEIR_OPEN_EXCLUSIVE);
    EXPECT_INT(sys->file_truncate(file, 5, &error), WEIR_OK);
    EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
    struct weir_file_info info;
    EXPECT_INT(sys->path_info(sys, "new.txt", &info, &error), WEIR_OK);
    EXPECT_INT(info.size, 5);
    EXPECT(info.is_regular && !info.is_directory && info.inode != 0);
    int64_t age = sys->wall_clock(sys).us - info.modified.us;
    EXPECT(age > -2000000 && age < 60000000);
}

static void reads_at_offsets(void)
{
    put("b.txt", "0123456789");
    struct weir_file *file = open_file("b.txt", WEIR_OPEN_READ);
    char bytes[8];
    size_t got;
    EXPECT_INT(weir_file_read_at(file, 4, bytes, 3, &got, &error), WEIR_OK);
    EXPECT_INT(got, 3);
    EXPECT_SLICE(weir_slice_make(bytes, 3), "456");
    EXPECT_INT(weir_file_read_at(file, 8, bytes, 8, &got, &error), WEIR_OK);
    EXPECT_INT(got, 2);
    EXPECT_INT(weir_file_read_at(file, 10, bytes, 8, &got, &error), WEIR_OK);
    EXPECT_INT(got, 0);
    EXPECT_INT(weir_file_read(file, bytes, 4, &got, &error), WEIR_OK);
    EXPECT_SLICE(weir_slice_make(bytes, got), "0123");
    struct weir_file_info info;
    EXPECT_INT(sys->file_info(file, &info, &error), WEIR_OK);
    EXPECT_INT(info.size, 10);
    bool ready = false;
    EXPECT_INT(sys->file_wait(file, 0, &ready, &error), WEIR_OK);
    EXPECT(ready);
    EXPECT(!sys->file_is_terminal(file));
    EXPECT_INT(sys->terminal_size(file).columns, 80);
    EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
}

static void errors_name_the_file_and_the_reason(void)
{
    struct weir_file *file;
    EXPECT_INT(sys->file_open(sys, "missing.txt", WEIR_OPEN_READ, &file, &error),
               WEIR_E_FILE_NOT_FOUND);
    EXPECT_STRING(error.message, "cannot open missing.txt: no such file or directory");
    EXPECT_INT(sys->file_open(sys, ".", WEIR_OPEN_READ, &file, &error), WEIR_E_FILE_ACCESS);
    EXPECT_STRING(error.message, "cannot open .: is a directory");
    EXPECT_INT(sys->file_open(sys, ".", WEIR_OPEN_WRITE, &file, &error), WEIR_E_FILE_ACCESS);
    EXPECT_INT(sys->file_open(sys, "a.txt/b", WEIR_OPEN_WRITE, &file, &error), WEIR_E_FILE_ACCESS);
    EXPECT_INT(sys->path_rename(sys, "missing.txt", "x", &error), WEIR_E_FILE_NOT_FOUND);
    EXPECT_STRING(error.detail, "the new name is x");
    EXPECT_INT(sys->path_unlink(sys, "missing.txt", &error), WEIR_E_FILE_NOT_FOUND);
    struct weir_names names;
    EXPECT_INT(sys->directory_list(sys, "missing", &names, &error), WEIR_E_FILE_NOT_FOUND);
    EXPECT_INT(sys->directory_sync(sys, "missing", &error), WEIR_E_FILE_NOT_FOUND);
    struct weir_library *library;
    EXPECT_INT(sys->library_open(sys, "libnosuch.so", &library, &error), WEIR_E_FILE_NOT_FOUND);
    if (access("/dev/full", W_OK) == 0) {
        file = open_file("/dev/full", WEIR_OPEN_WRITE);
        EXPECT_INT(weir_file_write(file, "x", 1, &error), WEIR_E_DISK_FULL);
        EXPECT_STRING(error.message, "cannot write /dev/full: no space left on device");
        EXPECT_INT(weir_file_sync(file, &error), WEIR_OK);
        EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
    }
}

static void read_all_has_a_limit(void)
{
    put("big.txt", "0123456789");
    struct weir_file *file = open_file("big.txt", WEIR_OPEN_READ);
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    EXPECT_INT(weir_file_read_all(file, 9, &buffer, &error), WEIR_E_LIMIT);
    weir_buffer_deinit(&buffer);
    EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
}

static void directories(void)
{
    EXPECT_INT(sys->directory_make(sys, "dir", &error), WEIR_OK);
    EXPECT_INT(sys->directory_make(sys, "dir", &error), WEIR_OK);
    EXPECT_INT(sys->directory_make(sys, "a.txt", &error), WEIR_E_FILE_EXISTS);
    put("dir/z.json", "");
    put("dir/B.json", "");
    put("dir/a.json", "");
    put("dir/a.csv", "");
    struct weir_names names;
    EXPECT_INT(sys->directory_list(sys, "dir", &names, &error), WEIR_OK);
    EXPECT_INT(names.count, 4);
    EXPECT_STRING(names.items[0], "B.json");
    EXPECT_STRING(names.items[1], "a.csv");
    EXPECT_STRING(names.items[3], "z.json");
    weir_names_deinit(&names);
    EXPECT_INT(sys->glob(sys, "dir/*.json", &names, &error), WEIR_OK);
    EXPECT_INT(names.count, 3);
    EXPECT_STRING(names.items[0], "dir/B.json");
    EXPECT_STRING(names.items[2], "dir/z.json");
    weir_names_deinit(&names);
    EXPECT_INT(sys->glob(sys, "dir/*.xml", &names, &error), WEIR_OK);
    EXPECT_INT(names.count, 0);
    weir_names_deinit(&names);
    EXPECT_INT(sys->path_rename(sys, "dir/a.csv", "dir/b.csv", &error), WEIR_OK);
    EXPECT_INT(sys->directory_sync(sys, "dir", &error), WEIR_OK);
    EXPECT_INT(sys->directory_remove(sys, "dir", &error), WEIR_E_IO);
    EXPECT_INT(sys->glob(sys, "dir/*", &names, &error), WEIR_OK);
    for (size_t i = 0; i < names.count; i++)
        EXPECT_INT(sys->path_unlink(sys, names.items[i], &error), WEIR_OK);
    weir_names_deinit(&names);
    EXPECT_INT(sys->directory_remove(sys, "dir", &error), WEIR_OK);
}

static void locks_exclude(void)
{
    struct weir_file *first = open_file("lock", WEIR_OPEN_WRITE);
    struct weir_file *second = open_file("lock", WEIR_OPEN_WRITE);
    EXPECT_INT(sys->file_lock(first, &error), WEIR_OK);
    EXPECT_INT(sys->file_lock(second, &error), WEIR_E_FILE_ACCESS);
    EXPECT_STRING(error.message, "lock is in use by another process");
    EXPECT_INT(weir_file_close(first, &error), WEIR_OK);
    EXPECT_INT(sys->file_lock(second, &error), WEIR_OK);
    EXPECT_INT(weir_file_close(second, &error), WEIR_OK);
}

/* Every allocation of a call fails in turn; the call says so and leaks nothing. */
static void lack_of_memory_is_told(void)
{
    put("m1.txt", "");
    put("m2.txt", "");
    for (uint64_t n = 1; n < 20; n++) {
        struct weir_file *file;
        struct weir_names names;
        (void)weir_memory_fail_at(n);
        enum weir_status status = sys->file_open(sys, "m1.txt", WEIR_OPEN_READ, &file, &error);
        EXPECT(status == WEIR_OK || status == WEIR_E_OUT_OF_MEMORY);
        (void)weir_file_close(file, NULL);
        (void)weir_memory_fail_at(n);
        status = sys->glob(sys, "m*.txt", &names, &error);
        EXPECT(n > 4 ? status == WEIR_OK : status == WEIR_E_OUT_OF_MEMORY);
        weir_names_deinit(&names);
        (void)weir_memory_fail_at(n);
        status = sys->directory_list(sys, ".", &names, &error);
        EXPECT(n > 1 || status == WEIR_E_OUT_OF_MEMORY);
        if (status == WEIR_OK)
            weir_names_deinit(&names);
        (void)weir_memory_fail_at(0);
    }
}

/* A named pipe gives a file handle over a pipe. */
static void pipes_wait_and_close(void)
{
    EXPECT_INT(sys->signals_watch(sys, &error), WEIR_OK);
    char path[64];
    int ends[2];
    if (!EXPECT(pipe(ends) == 0))
        return;
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    struct weir_file *reader = open_file(path, WEIR_OPEN_READ);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    struct weir_file *writer = open_file(path, WEIR_OPEN_WRITE);
    close(ends[0]);
    close(ends[1]);
    bool ready = true;
    EXPECT_INT(sys->file_wait(reader, 1000000, &ready, &error), WEIR_OK);
    EXPECT(!ready);
    EXPECT_INT(weir_file_write(writer, "hello", 5, &error), WEIR_OK);
    EXPECT_INT(weir_file_sync(writer, &error), WEIR_OK);
    EXPECT_INT(sys->file_wait(reader, 1000000, &ready, &error), WEIR_OK);
    EXPECT(ready);
    char bytes[16];
    size_t got;
    EXPECT_INT(weir_file_read(reader, bytes, sizeof bytes, &got, &error), WEIR_OK);
    EXPECT_SLICE(weir_slice_make(bytes, got), "hello");

    /* A stop signal ends the wait, and a read that would block; data still comes first. */
    EXPECT_INT(sys->stop_signal(sys), 0);
    raise(SIGTERM);
    EXPECT_INT(sys->stop_signal(sys), SIGTERM);
    EXPECT_INT(sys->file_wait(reader, UINT64_MAX, &ready, &error), WEIR_OK);
    EXPECT(!ready);
    EXPECT_INT(weir_file_read(reader, bytes, sizeof bytes, &got, &error), WEIR_E_INTERRUPTED);
    EXPECT_INT(weir_file_write(writer, "x", 1, &error), WEIR_OK);
    EXPECT_INT(weir_file_read(reader, bytes, sizeof bytes, &got, &error), WEIR_OK);
    EXPECT_INT(got, 1);
    EXPECT(sys->sleep_ns(sys, 1000));
    sys->stop_clear(sys);
    EXPECT_INT(sys->stop_signal(sys), 0);
    EXPECT(sys->sleep_ns(sys, 1000));

    EXPECT_INT(weir_file_close(reader, &error), WEIR_OK);
    EXPECT_INT(weir_file_write(writer, "x", 1, &error), WEIR_E_CLOSED_PIPE);
    EXPECT_INT(weir_file_close(writer, &error), WEIR_OK);
}

static void standard_streams_stay_open(void)
{
    for (int i = 0; i < 3; i++) {
        struct weir_file *stream = sys->standard_stream(sys, i);
        EXPECT(stream->sys == sys);
        EXPECT_INT(weir_file_close(stream, &error), WEIR_OK);
        EXPECT(sys->standard_stream(sys, i) == stream);
    }
    EXPECT_STRING(sys->standard_stream(sys, 1)->name, "<stdout>");
    EXPECT_INT(weir_file_close(NULL, NULL), WEIR_OK);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(modes_write_what_they_say),
        TEST_CASE(reads_at_offsets),
        TEST_CASE(errors_name_the_file_and_the_reason),
        TEST_CASE(read_all_has_a_limit),
        TEST_CASE(directories),
        TEST_CASE(locks_exclude),
        TEST_CASE(lack_of_memory_is_told),
        TEST_CASE(pipes_wait_and_close),
        TEST_CASE(standard_streams_stay_open),
    };
    sys = weir_sys_real();
    char directory[] = "/tmp/weir-test-XXXXXX";
    if (!mkdtemp(directory) || chdir(directory))
        return 1;
    int result = test_main(argc, argv, cases, sizeof cases / sizeof *cases);
    struct weir_names names;
    if (sys->directory_list(sys, ".", &names, NULL) == WEIR_OK) {
        for (size_t i = 0; i < names.count; i++)
            (void)sys->path_unlink(sys, names.items[i], NULL);
        weir_names_deinit(&names);
    }
    if (chdir("/") || rmdir(directory))
        return 1;
    return result;
}
