/* A growable run of bytes, for building text and encoded output. Caller's struct, heap memory.
 * A failed growth sets `failed` and drops the bytes: check once, at the end. */
#ifndef WEIR_BASE_BUFFER_H
#define WEIR_BASE_BUFFER_H

#include "base/compiler.h"
#include "base/memory.h"
#include "base/slice.h"

struct weir_buffer {
    char *data;
    size_t size;
    size_t capacity;
    struct weir_budget *budget; /* borrowed; may be NULL */
    bool failed;
};

void weir_buffer_init(struct weir_buffer *buffer, struct weir_budget *budget);
void weir_buffer_deinit(struct weir_buffer *buffer);
static inline void weir_buffer_clear(struct weir_buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

/* Makes room for extra more bytes; false when memory has run out. */
WEIR_CHECKED bool weir_buffer_reserve_slow(struct weir_buffer *buffer, size_t extra);
WEIR_CHECKED static inline bool weir_buffer_reserve(struct weir_buffer *buffer, size_t extra)
{
    if (WEIR_LIKELY(buffer->capacity - buffer->size >= extra))
        return true;
    return weir_buffer_reserve_slow(buffer, extra);
}

static inline void weir_buffer_append(struct weir_buffer *buffer, const void *bytes, size_t size)
{
    if (WEIR_LIKELY(weir_buffer_reserve(buffer, size)) && size) {
        memcpy(buffer->data + buffer->size, bytes, size);
        buffer->size += size;
    }
}
static inline void weir_buffer_append_slice(struct weir_buffer *buffer, struct weir_slice slice)
{
    weir_buffer_append(buffer, slice.data, slice.size);
}
static inline void weir_buffer_append_string(struct weir_buffer *buffer, const char *string)
{
    weir_buffer_append(buffer, string, strlen(string));
}
static inline void weir_buffer_append_char(struct weir_buffer *buffer, char c)
{
    weir_buffer_append(buffer, &c, 1);
}
void weir_buffer_printf(struct weir_buffer *buffer, const char *format, ...) WEIR_PRINTF(2, 3);
/* Borrows what was appended; that of nothing has an address, too, to which sizes may be added. */
static inline struct weir_slice weir_buffer_slice(const struct weir_buffer *buffer)
{
    return weir_slice_make(buffer->data ? buffer->data : "", buffer->size);
}

#endif
