/* Growth of byte buffers: by doubling, from 64 bytes, charged to the budget before it happens.
 * Tested in tests/unit/base/test_buffer.c. */
#include "base/buffer.h"
#include "base/checked.h"

#include <stdarg.h>
#include <stdio.h>

enum { CAPACITY_MIN = 64 };

void weir_buffer_init(struct weir_buffer *buffer, struct weir_budget *budget)
{
    *buffer = (struct weir_buffer){NULL, 0, 0, budget, false};
}

void weir_buffer_deinit(struct weir_buffer *buffer)
{
    weir_free(buffer->data);
    weir_budget_release(buffer->budget, buffer->capacity);
    weir_buffer_init(buffer, buffer->budget);
}

static bool fail(struct weir_buffer *buffer)
{
    buffer->failed = true;
    return false;
}

bool weir_buffer_reserve_slow(struct weir_buffer *buffer, size_t extra)
{
    size_t needed;
    if (!weir_add_size(buffer->size, extra, &needed) || needed > SIZE_MAX / 2)
        return fail(buffer);
    size_t capacity = buffer->capacity ? buffer->capacity * 2 : CAPACITY_MIN;
    while (capacity < needed)
        capacity *= 2;
    size_t growth = capacity - buffer->capacity;
    if (!weir_budget_charge(buffer->budget, growth))
        return fail(buffer);
    char *data = weir_realloc(buffer->data, capacity);
    if (!data) {
        weir_budget_release(buffer->budget, growth);
        return fail(buffer);
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void weir_buffer_printf(struct weir_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t room = buffer->capacity - buffer->size;
    int size = vsnprintf(room ? buffer->data + buffer->size : NULL, room, format, arguments);
    if (size < 0) {
        buffer->failed = true;
    } else if ((size_t)size < room) {
        buffer->size += (size_t)size;
    } else if (weir_buffer_reserve(buffer, (size_t)size + 1)) {
        (void)vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
    va_end(arguments);
}
