/* The error record: filling it, adding to it, and what errors.def says of each code.
 *
 * A record is plain memory of the caller, so reporting works when memory has run out. Texts that
 * do not fit are cut at a character boundary: a message is always valid UTF-8 when its parts are.
 * Tested in tests/unit/base/test_status.c. */
#include "base/status.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>

static const struct weir_error_info error_table[] = {
#define WEIR_ERROR(symbol, number, exit_code, title, hint) \
    {WEIR_E_##symbol, #symbol, exit_code, title, hint},
#include "base/errors.def"
#undef WEIR_ERROR
};

const struct weir_error_info *weir_error_info_get(enum weir_status code)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(error_table); i++) {
        if (error_table[i].code == code)
            return &error_table[i];
    }
    return NULL;
}

const struct weir_error_info *weir_error_info_all(size_t *count)
{
    *count = WEIR_COUNT_OF(error_table);
    return error_table;
}

void weir_error_clear(struct weir_error *error)
{
    if (!error)
        return;
    error->code = WEIR_OK;
    error->flags = 0;
    error->position = (struct weir_position){0, 0, 0, 0};
    error->record = error->offset = 0;
    error->split = 0;
    error->frames_count = 0;
    error->file[0] = error->source[0] = '\0';
    error->message[0] = error->detail[0] = error->hint[0] = '\0';
    for (int i = 0; i < WEIR_ERROR_FRAMES_MAX; i++)
        error->frames[i][0] = '\0';
}

/* Cuts a text that filled its buffer back to the last whole UTF-8 character. */
static void cut_to_character(char *text, size_t size)
{
    size_t start = size;
    while (start > 0 && size - start < 4 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (wanted > 1 && size - (start - 1) < wanted)
        text[start - 1] = '\0';
}

static void format_into(char *target, size_t capacity, const char *format, va_list arguments)
{
    int size = vsnprintf(target, capacity, format, arguments);
    if (size < 0)
        target[0] = '\0';
    else if ((size_t)size >= capacity)
        cut_to_character(target, capacity - 1);
}

enum weir_status weir_error_set(struct weir_error *error, enum weir_status code, const char *format,
                                ...)
{
    if (!error)
        return code;
    /* Formatted apart first: the arguments may point into the record that is being replaced. */
    char message[sizeof error->message];
    va_list arguments;
    va_start(arguments, format);
    format_into(message, sizeof message, format, arguments);
    va_end(arguments);
    weir_error_clear(error);
    error->code = code;
    memcpy(error->message, message, strlen(message) + 1);
    return code;
}

enum weir_status weir_error_set_out_of_memory(struct weir_error *error)
{
    return weir_error_set(error, WEIR_E_OUT_OF_MEMORY, "memory has run out");
}

void weir_error_hint(struct weir_error *error, const char *format, ...)
{
    if (!error)
        return;
    va_list arguments;
    va_start(arguments, format);
    format_into(error->hint, sizeof error->hint, format, arguments);
    va_end(arguments);
}

void weir_error_detail(struct weir_error *error, const char *format, ...)
{
    if (!error)
        return;
    va_list arguments;
    va_start(arguments, format);
    format_into(error->detail, sizeof error->detail, format, arguments);
    va_end(arguments);
}

void weir_error_frame(struct weir_error *error, const char *format, ...)
{
    if (!error || error->frames_count >= WEIR_ERROR_FRAMES_MAX)
        return;
    char *frame = error->frames[error->frames_count++];
    va_list arguments;
    va_start(arguments, format);
    format_into(frame, sizeof error->frames[0], format, arguments);
    va_end(arguments);
}

void weir_error_at(struct weir_error *error, struct weir_position position)
{
    if (error)
        error->position = position;
}

static void copy_text(char *target, size_t capacity, const char *text)
{
    size_t size = strlen(text);
    bool cut = size >= capacity;
    if (cut)
        size = capacity - 1;
    memcpy(target, text, size);
    target[size] = '\0';
    if (cut)
        cut_to_character(target, size);
}

void weir_error_from(struct weir_error *error, const struct weir_origin *origin)
{
    if (!error || !origin)
        return;
    copy_text(error->source, sizeof error->source, origin->source ? origin->source : "");
    error->split = origin->split;
    error->record = origin->record;
    error->offset = origin->offset;
}

void weir_diagnostics_init(struct weir_diagnostics *diagnostics)
{
    *diagnostics = (struct weir_diagnostics){NULL, 0, 0};
}

void weir_diagnostics_deinit(struct weir_diagnostics *diagnostics)
{
    weir_free(diagnostics->records);
    weir_diagnostics_init(diagnostics);
}

/* Records grow by powers of two: a count that is one says the array is full. */
static bool diagnostics_grow(struct weir_diagnostics *diagnostics)
{
    uint32_t count = diagnostics->records_count;
    if (count & (count - 1))
        return true;
    size_t capacity = count ? (size_t)count * 2 : 1;
    struct weir_error *records =
        weir_realloc(diagnostics->records, capacity * sizeof *diagnostics->records);
    if (!records)
        return false;
    diagnostics->records = records;
    return true;
}

enum weir_status weir_diagnostics_add(struct weir_diagnostics *diagnostics,
                                      const struct weir_error *error)
{
    diagnostics->total_count++;
    if (diagnostics->records_count < WEIR_DIAGNOSTICS_MAX && diagnostics_grow(diagnostics))
        diagnostics->records[diagnostics->records_count++] = *error;
    return error->code;
}
