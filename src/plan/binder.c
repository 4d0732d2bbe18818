/* Memory, errors and notes of the binder. */
#include "plan/binder_internal.h"

#include <stdarg.h>
#include <stdio.h>

void plan_out_of_memory(struct plan_binder *b)
{
    if (b->out_of_memory)
        return;
    b->out_of_memory = true;
    b->errors_count++;
    (void)weir_budget_error(b->arena->budget, &b->error);
    enum weir_status status = weir_diagnostics_add(b->diagnostics, &b->error);
    (void)status;
}

void *plan_alloc(struct plan_binder *b, size_t count, size_t size)
{
    void *memory = weir_arena_calloc(b->arena, count, size);
    if (!memory)
        plan_out_of_memory(b);
    return memory;
}

bool plan_list_push(struct plan_binder *b, struct plan_list *list, void *item)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity ? list->capacity * 2 : 8;
        void **items = PLAN_ARRAY(b, void *, capacity);
        if (!items)
            return false;
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return true;
}

struct weir_position plan_at(const struct plan_binder *b, struct weir_position position)
{
    return b->inlined_at.line ? b->inlined_at : position;
}

bool plan_report(struct plan_binder *b, struct weir_position at)
{
    if (b->error.code == WEIR_E_OUT_OF_MEMORY || b->error.code == WEIR_E_MEMORY_LIMIT) {
        plan_out_of_memory(b);
        return false;
    }
    if (b->inlined_at.line && !b->silent)
        weir_error_frame(&b->error, "in the body of a function called here");
    if (b->error.position.line == 0 || b->inlined_at.line)
        weir_error_at(&b->error, plan_at(b, at));
    if (b->program && b->program->file_name.size && !b->error.file[0])
        (void)snprintf(b->error.file, sizeof b->error.file, "%.*s",
                       WEIR_SLICE_ARGS(b->program->file_name));
    b->errors_count++;
    if (!b->silent) {
        enum weir_status status = weir_diagnostics_add(b->diagnostics, &b->error);
        (void)status;
    }
    weir_error_clear(&b->error);
    return false;
}

static void set_error(struct plan_binder *b, enum weir_status code, const char *format,
                      va_list arguments)
{
    char message[sizeof b->error.message];
    (void)vsnprintf(message, sizeof message, format, arguments);
    (void)weir_error_set(&b->error, code, "%s", message);
}

bool plan_fail(struct plan_binder *b, struct weir_position at, enum weir_status code,
               const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_error(b, code, format, arguments);
    va_end(arguments);
    return plan_report(b, at);
}

bool plan_fail_hint(struct plan_binder *b, struct weir_position at, enum weir_status code,
                    const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_error(b, code, format, arguments);
    va_end(arguments);
    weir_error_hint(&b->error, "%s", hint);
    return plan_report(b, at);
}

bool plan_refuse(struct plan_binder *b, struct weir_position at, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    (void)weir_error_set(&b->error, WEIR_E_NOT_EXECUTABLE, "this version does not execute %s",
                         what);
    return plan_report(b, at);
}

void plan_hint_nearest(struct plan_binder *b, struct weir_slice name,
                       const struct weir_slice *names, size_t count)
{
    struct weir_slice nearest = weir_slice_nearest(name, names, count);
    if (nearest.size)
        weir_error_hint(&b->error, "did you mean \"%.*s\"?", WEIR_SLICE_ARGS(nearest));
}

void plan_note(struct plan_binder *b, const char *format, ...)
{
    if (!b->notes)
        return;
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    weir_buffer_append_string(b->notes, text);
    weir_buffer_append_char(b->notes, '\n');
}
