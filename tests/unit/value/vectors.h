/* Reads data/NAME.tsv line by line into fields; what made each file is said in data/README.md. */
#ifndef WEIR_TEST_VECTORS_H
#define WEIR_TEST_VECTORS_H

#include "base/slice.h"
#include "test.h"
#include <stdlib.h>

enum { VECTOR_FIELDS_MAX = 8 };

struct vectors {
    FILE *file;
    char *line;
    size_t capacity;
    struct weir_slice fields[VECTOR_FIELDS_MAX];
    size_t fields_count;
    int lines;
};

static inline bool vectors_open(struct vectors *vectors, const char *name)
{
    char path[512];
    memset(vectors, 0, sizeof *vectors);
    snprintf(path, sizeof path, "%s/%s", TEST_DATA_DIR, name);
    vectors->file = fopen(path, "r");
    return EXPECT(vectors->file != NULL);
}

/* False at the end, when everything is given back. */
static inline bool vectors_next(struct vectors *vectors)
{
    ssize_t size = getline(&vectors->line, &vectors->capacity, vectors->file);
    if (size < 0) {
        free(vectors->line);
        fclose(vectors->file);
        return false;
    }
    if (size && vectors->line[size - 1] == '\n')
        vectors->line[--size] = '\0';
    vectors->fields_count = 0;
    char *at = vectors->line;
    char *end = at + size;
    for (;;) {
        char *tab = memchr(at, '\t', (size_t)(end - at));
        char *stop = tab && vectors->fields_count < VECTOR_FIELDS_MAX - 1 ? tab : end;
        vectors->fields[vectors->fields_count++] = weir_slice_make(at, (size_t)(stop - at));
        if (stop == end)
            break;
        *stop = '\0'; /* so that a field is a C string as well */
        at = stop + 1;
    }
    vectors->lines++;
    return true;
}

/* The bytes got must be the field; prints the line's first fields when they are not. */
static inline void vectors_expect(const struct vectors *vectors, size_t field, const char *got,
                                  size_t size)
{
    struct weir_slice want = vectors->fields[field];
    if (want.size == size && (size == 0 || memcmp(want.data, got, size) == 0))
        return;
    test_failures++;
    fprintf(stderr, "line %d:", vectors->lines);
    for (size_t i = 0; i < field; i++)
        fprintf(stderr, " «%.*s»", WEIR_SLICE_ARGS(vectors->fields[i]));
    fprintf(stderr, "\n  got  %.*s\n  want %.*s\n", (int)size, size ? got : "",
            WEIR_SLICE_ARGS(want));
}

#endif
