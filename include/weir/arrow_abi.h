/* The Arrow C Data Interface: the two structs through which columns change hands between programs
 * that were never compiled together.
 *
 * Layout and meaning are fixed by the Arrow specification ("The Arrow C data interface"); the
 * guard macro is the one it prescribes, so that this header may meet another one that declares
 * the same structs. In short:
 *
 * - The consumer calls release exactly once, on the struct it holds; release then sets itself to
 *   NULL. A struct whose release is NULL has been released or moved away.
 * - Moving is copying the struct's bytes and setting release of the old place to NULL. Children
 *   may be moved out of a parent and live on by themselves.
 * - All other pointers belong to the producer and live until release. */
#ifndef WEIR_ARROW_ABI_H
#define WEIR_ARROW_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif

#ifdef __cplusplus
}
#endif

#endif
