/* Replays the fuzz corpus: what parses must print, parse again to an equal tree and print the same
 * text. The folder comes in WEIR_SQL_CORPUS. */
#include "sql_test.h"
#include <dirent.h>
#include <stdlib.h>

enum { FILE_SIZE_MAX = 1 << 20 };

static void round_trip(const struct parsed *first, const char *name)
{
    struct weir_buffer once, twice;
    struct parsed second;
    weir_buffer_init(&once, NULL);
    weir_buffer_init(&twice, NULL);
    weir_sql_print_program(&once, first->program);
    parse_slice(&second, weir_buffer_slice(&once));
    bool same =
        second.status == WEIR_E_LIMIT ||
        (second.status == WEIR_OK && weir_sql_equal_program(first->program, second.program));
    if (same && second.status == WEIR_OK) {
        weir_sql_print_program(&twice, second.program);
        same = weir_slice_equals(weir_buffer_slice(&once), weir_buffer_slice(&twice));
    }
    if (!same)
        fprintf(stderr, "%s does not come back:\n%.*s", name, (int)once.size, once.data);
    EXPECT(same);
    release(&second);
    weir_buffer_deinit(&once);
    weir_buffer_deinit(&twice);
}

static void replay_file(const char *path, const char *name)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(FILE_SIZE_MAX);
    if (EXPECT(file != NULL) && EXPECT(text != NULL)) {
        struct parsed parsed;
        parse_slice(&parsed, weir_slice_make(text, fread(text, 1, FILE_SIZE_MAX, file)));
        EXPECT((parsed.status == WEIR_OK) == (parsed.diagnostics.total_count == 0));
        /* Those that the fuzzer found are named by their digest. */
        bool found = strlen(name) == 40 && strspn(name, "0123456789abcdef") == 40;
        bool hostile = found || strncmp(name, "deep", 4) == 0 || strncmp(name, "long", 4) == 0 ||
                       strncmp(name, "not", 3) == 0 || strncmp(name, "errors", 6) == 0;
        if (!hostile)
            expect_parsed(&parsed, name);
        if (parsed.program)
            round_trip(&parsed, name);
        release(&parsed);
    }
    free(text);
    if (file)
        fclose(file);
}

static void replays_the_corpus(void)
{
    const char *folder = getenv("WEIR_SQL_CORPUS");
    DIR *directory = folder ? opendir(folder) : NULL;
    if (!directory) {
        printf("skipped: WEIR_SQL_CORPUS names no folder\n");
        return;
    }
    int files_count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        replay_file(path, entry->d_name);
        files_count++;
    }
    closedir(directory);
    EXPECT(files_count > 20);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(replays_the_corpus)};
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
