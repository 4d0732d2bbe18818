/* Large files read through windows: the same bytes as by any other way, and the truth when the file
 * is cut, or grows, while it is read. */
#include "sys/sys.h"

#include "base/memory.h"
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

enum { SIZE = (9 << 20) + 1234, PIECE = 100000 };

static const struct weir_sys *sys;
static struct weir_error error;
static char *content;

static struct weir_file *open_large(void)
{
    struct weir_file *file = NULL;
    EXPECT_INT(sys->file_open(sys, "large", WEIR_OPEN_WRITE, &file, &error), WEIR_OK);
    EXPECT_INT(weir_file_write(file, content, SIZE, &error), WEIR_OK);
    EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
    EXPECT_INT(sys->file_open(sys, "large", WEIR_OPEN_READ, &file, &error), WEIR_OK);
    return file;
}

/* Reads to the end from offset `at` on; returns where that was. */
static size_t read_rest(struct weir_file *file, size_t at, size_t expected_size)
{
    static char piece[PIECE];
    size_t size = 1;
    while (size > 0) {
        EXPECT_INT(weir_file_read(file, piece, PIECE, &size, &error), WEIR_OK);
        EXPECT(at + size <= expected_size);
        EXPECT(memcmp(piece, content + at, size) == 0);
        at += size;
    }
    return at;
}

static void all_bytes_are_read(void)
{
    struct weir_file *file = open_large();
    struct weir_slice view;
    char piece[100];
    size_t at = 0, size;
    for (int i = 0; i < 50; i++) { /* what is viewed and what is read follow each other */
        EXPECT_INT(weir_file_view(file, PIECE, &view, &error), WEIR_OK);
        EXPECT(view.size == PIECE && memcmp(view.data, content + at, PIECE) == 0);
        EXPECT(weir_file_take(file, PIECE));
        EXPECT_INT(weir_file_read(file, piece, sizeof piece, &size, &error), WEIR_OK);
        EXPECT(memcmp(piece, content + at + PIECE, size) == 0);
        at += PIECE + size;
    }
    EXPECT_INT(read_rest(file, at, SIZE), SIZE);
    EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
}

/* The file then ends inside of the window. */
static void a_cut_file_ends_where_it_was_cut(void)
{
    static const size_t sizes[] = {PIECE + 17, PIECE, 4096 * 50 + 1, 4096 * 50, 2000000, 10, 0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct weir_slice view;
        struct weir_file *file = open_large();
        EXPECT_INT(weir_file_view(file, PIECE, &view, &error), WEIR_OK);
        EXPECT_INT(view.size, PIECE);
        EXPECT(weir_file_take(file, PIECE));
        EXPECT_INT(truncate("large", (off_t)sizes[i]), 0);
        size_t end = sizes[i] > PIECE ? sizes[i] : PIECE;
        EXPECT_INT(read_rest(file, PIECE, end), end);
        EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
    }
}

/* The same bytes without a copy, in pieces that end anywhere in what was shown. */
static void what_is_viewed_is_the_file(void)
{
    struct weir_file *file = open_large();
    struct weir_slice view;
    size_t at = 0, pieces = 0;
    for (;; pieces++) {
        EXPECT_INT(weir_file_view(file, 3 * PIECE, &view, &error), WEIR_OK);
        if (view.size == 0)
            break;
        size_t size = view.size > PIECE ? PIECE : view.size;
        EXPECT(at + size <= SIZE && memcmp(view.data, content + at, size) == 0);
        EXPECT(weir_file_take(file, size));
        at += size;
    }
    EXPECT_INT(at, SIZE);
    EXPECT_INT(pieces, SIZE / PIECE + 1);
    EXPECT_INT(read_rest(file, at, SIZE), SIZE);
    EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
}

/* Cut under a view: looking at it goes on without harm, but it cannot be taken. */
static void a_view_of_a_cut_file_is_not_taken(void)
{
    static const size_t sizes[] = {0, 10, PIECE, 4096 * 50, 4096 * 50 + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct weir_file *file = open_large();
        struct weir_slice view;
        EXPECT_INT(weir_file_view(file, SIZE, &view, &error), WEIR_OK);
        EXPECT_INT(view.size, SIZE);
        EXPECT_INT(truncate("large", (off_t)sizes[i]), 0);
        unsigned sum = 0;
        for (size_t k = 0; k < view.size; k++)
            sum += (unsigned char)view.data[k];
        EXPECT(sum > 0 || sizes[i] == 0);
        EXPECT(!weir_file_take(file, SIZE));
        EXPECT_INT(read_rest(file, 0, sizes[i]), sizes[i]);
        EXPECT_INT(weir_file_view(file, SIZE, &view, &error), WEIR_OK);
        EXPECT_INT(view.size, 0);
        EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
    }
}

static void what_is_added_is_read_too(void)
{
    struct weir_file *file = open_large(), *more = NULL;
    EXPECT_INT(truncate("large", SIZE - 1000000), 0);
    EXPECT_INT(read_rest(file, 0, SIZE - 1000000), SIZE - 1000000);
    EXPECT_INT(sys->file_open(sys, "large", WEIR_OPEN_APPEND, &more, &error), WEIR_OK);
    EXPECT_INT(weir_file_write(more, content + SIZE - 1000000, 1000000, &error), WEIR_OK);
    EXPECT_INT(weir_file_close(more, &error), WEIR_OK);
    EXPECT_INT(read_rest(file, SIZE - 1000000, SIZE), SIZE);
    EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(all_bytes_are_read),         TEST_CASE(a_cut_file_ends_where_it_was_cut),
        TEST_CASE(what_is_viewed_is_the_file), TEST_CASE(a_view_of_a_cut_file_is_not_taken),
        TEST_CASE(what_is_added_is_read_too),
    };
    char directory[] = "/tmp/weir-test-XXXXXX";
    sys = weir_sys_real();
    content = weir_malloc(SIZE);
    if (!content || !mkdtemp(directory) || chdir(directory))
        return 1;
    uint64_t random = 1;
    for (size_t i = 0; i < SIZE; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        content[i] = (char)(random >> 56);
    }
    EXPECT_INT(sys->signals_watch(sys, &error), WEIR_OK);
    int result = test_main(argc, argv, cases, sizeof cases / sizeof *cases);
    weir_free(content);
    (void)sys->path_unlink(sys, "large", NULL);
    return chdir("/") || rmdir(directory) ? 1 : result;
}
