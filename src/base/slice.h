/* A borrowed run of bytes with its length. Never owns; never assumes a terminating NUL. */
#ifndef WEIR_BASE_SLICE_H
#define WEIR_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct weir_slice {
    const char *data; /* may be NULL only when size is 0 */
    size_t size;      /* bytes */
};

static inline struct weir_slice weir_slice_make(const char *data, size_t size)
{
    return (struct weir_slice){data, size};
}

/* Borrows a NUL-terminated string. */
static inline struct weir_slice weir_slice_from_string(const char *string)
{
    return (struct weir_slice){string, strlen(string)};
}

static inline bool weir_slice_equals(struct weir_slice a, struct weir_slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool weir_slice_equals_string(struct weir_slice a, const char *string)
{
    return weir_slice_equals(a, weir_slice_from_string(string));
}

/* ASCII case-insensitive equality (SQL keywords, option names, units). */
bool weir_slice_equals_ignoring_case(struct weir_slice a, struct weir_slice b);

/* -1, 0, 1 by unsigned bytes, then by length (the C collation). */
int weir_slice_compare(struct weir_slice a, struct weir_slice b);

/* Index of the first occurrence of needle at or after from; SIZE_MAX when absent. */
size_t weir_slice_find(struct weir_slice haystack, struct weir_slice needle, size_t from);

/* The slice without ASCII white space at both ends. */
struct weir_slice weir_slice_trim(struct weir_slice slice);

/* Edit distance (Levenshtein, transposition counts one), ASCII case folded, for "did you mean".
 * Stops early and returns limit + 1 when the distance exceeds limit. Both sizes <= 255. */
unsigned weir_slice_edit_distance(struct weir_slice a, struct weir_slice b, unsigned limit);

/* The candidate nearest to name, or an empty slice when none is near enough to be meant
 * (distance <= 1 for up to 4 bytes, 2 up to 8, 3 beyond); of equally near ones the longest. */
struct weir_slice weir_slice_nearest(struct weir_slice name, const struct weir_slice *candidates,
                                     size_t candidates_count);

/* For printf("%.*s", WEIR_SLICE_ARGS(s)). */
#define WEIR_SLICE_ARGS(slice) (int)(slice).size, ((slice).data ? (slice).data : "")

#endif
