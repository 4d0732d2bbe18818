/* The unit test harness: a list of named cases, expectations that report and go on.
 *
 *     static void adds(void) { EXPECT_INT(1 + 1, 2); }
 *     int main(int argc, char **argv)
 *     {
 *         static const struct test_case cases[] = {TEST_CASE(adds)};
 *         return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
 *     }
 *
 * Prints one line per failure and closes with `N passed, N failed`. An argument runs only the
 * cases whose names contain it. */
#ifndef WEIR_TEST_H
#define WEIR_TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct test_case {
    const char *name;
    void (*run)(void);
};
#define TEST_CASE(function) {#function, function}

static int test_failures;

static inline bool test_report(bool ok, const char *file, int line, const char *text)
{
    if (!ok) {
        test_failures++;
        fprintf(stderr, "%s:%d: expected %s\n", file, line, text);
    }
    return ok;
}
static inline bool test_int(int64_t got, int64_t want, const char *file, int line, const char *text)
{
    if (got == want)
        return true;
    test_failures++;
    fprintf(stderr, "%s:%d: %s is %" PRId64 ", expected %" PRId64 "\n", file, line, text, got,
            want);
    return false;
}
static inline bool test_text(const char *got, size_t got_size, const char *want, const char *file,
                             int line, const char *text)
{
    if (got_size == strlen(want) && memcmp(got, want, got_size) == 0)
        return true;
    test_failures++;
    fprintf(stderr, "%s:%d: %s is\n  %.*s\nexpected\n  %s\n", file, line, text, (int)got_size,
            got_size ? got : "", want);
    return false;
}

#define EXPECT(condition) test_report((condition), __FILE__, __LINE__, #condition)
#define EXPECT_INT(got, want) test_int((int64_t)(got), (int64_t)(want), __FILE__, __LINE__, #got)
#define EXPECT_STRING(got, want) test_text((got), strlen(got), (want), __FILE__, __LINE__, #got)
#define EXPECT_SLICE(got, want) test_text((got).data, (got).size, (want), __FILE__, __LINE__, #got)

static inline int test_main(int argc, char **argv, const struct test_case *cases, size_t count)
{
    int passed = 0, failed = 0;
    for (size_t i = 0; i < count; i++) {
        if (argc > 1 && !strstr(cases[i].name, argv[1]))
            continue;
        int before = test_failures;
        cases[i].run();
        if (test_failures == before) {
            passed++;
        } else {
            failed++;
            fprintf(stderr, "FAILED %s\n", cases[i].name);
        }
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}

#endif
