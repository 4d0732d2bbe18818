/* Runs a fuzz target over every file of a corpus directory: CORPUS_DIR, or replay DIRECTORY. A
 * crash is the failure it looks for. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    uint8_t *copy = malloc(size ? size : 1); /* its own block, so that ASan sees its end */
    if (!copy)
        return 0;
    memcpy(copy, bytes, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return 1;
}

int main(int argc, char **argv)
{
    int count = 0;
    const char *folder = argc > 1 ? argv[1] : CORPUS_DIR;
    DIR *directory = opendir(folder);
    if (!directory) {
        fprintf(stderr, "no corpus\n");
        return 1;
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[1024];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        count += run_file(path);
    }
    closedir(directory);
    printf("%d passed, %d failed\n", count, count == 0);
    return count == 0;
}
