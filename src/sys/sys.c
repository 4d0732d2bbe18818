/* What is built on the vtable alone and therefore works on every implementation of it. */
#include "sys/sys.h"

#include "base/buffer.h"
#include "base/memory.h"

void weir_names_deinit(struct weir_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        weir_free(names->items[i]);
    weir_free(names->items);
    *names = (struct weir_names){NULL, 0};
}

enum weir_status weir_file_read_all(struct weir_file *file, uint64_t limit_bytes,
                                    struct weir_buffer *buffer, struct weir_error *error)
{
    enum { STEP = 64 * 1024 };
    uint64_t total = 0;
    for (;;) {
        if (!weir_buffer_reserve(buffer, STEP))
            return weir_budget_error(buffer->budget, error);
        size_t got;
        WEIR_TRY(weir_file_read(file, buffer->data + buffer->size, buffer->capacity - buffer->size,
                                &got, error));
        if (got == 0)
            return WEIR_OK;
        buffer->size += got;
        total += got;
        if (total > limit_bytes)
            return weir_error_set(error, WEIR_E_LIMIT, "%s is larger than %llu bytes", file->name,
                                  (unsigned long long)limit_bytes);
    }
}
