/* The structured log. A line is built in memory of the caller's stack and written by one call,
 * so lines of several threads do not mix. Room for the end of the line (the cut mark, the closing
 * brace, the line feed) is set aside from the start: a field that does not fit is left out whole.
 * Tested in tests/unit/obs/test_log.c. */
#include "obs/log.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static struct weir_log_options process_log; /* file NULL: closed */

static const char *const level_names[] = {"error", "warning", "info", "debug"};

void weir_log_open(const struct weir_log_options *options)
{
    process_log = *options;
}

void weir_log_close(void)
{
    process_log.file = NULL;
}

bool weir_log_is_on(enum weir_log_level level)
{
    return process_log.file && level <= process_log.level;
}

bool weir_log_level_from_name(struct weir_slice name, enum weir_log_level *level)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(level_names); i++) {
        if (weir_slice_equals_ignoring_case(name, weir_slice_from_string(level_names[i]))) {
            *level = (enum weir_log_level)i;
            return true;
        }
    }
    return false;
}

enum { END_SIZE = 16 }; /* ,"cut":true}\n */

struct line {
    char bytes[WEIR_LOG_LINE_MAX];
    size_t size;
    bool full;
    bool json;
};

static void put(struct line *line, const char *bytes, size_t size)
{
    if (line->full || size > sizeof line->bytes - END_SIZE - line->size) {
        line->full = true;
        return;
    }
    memcpy(line->bytes + line->size, bytes, size);
    line->size += size;
}

static void put_string(struct line *line, const char *string)
{
    put(line, string, strlen(string));
}

WEIR_PRINTF(2, 3)
static void put_format(struct line *line, const char *format, ...)
{
    char text[64];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size > 0 && (size_t)size < sizeof text)
        put(line, text, (size_t)size);
}

/* The length of the valid UTF-8 character at text; 0 when it is none. */
static size_t character_size(const unsigned char *text, size_t size)
{
    static const struct {
        unsigned char lead_min, lead_max, second_min, second_max;
        size_t size;
    } forms[] = {
        {0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(forms); i++) {
        if (text[0] < forms[i].lead_min || text[0] > forms[i].lead_max)
            continue;
        if (size < forms[i].size)
            return 0;
        for (size_t at = 1; at < forms[i].size; at++) {
            unsigned char low = at == 1 ? forms[i].second_min : 0x80;
            unsigned char high = at == 1 ? forms[i].second_max : 0xBF;
            if (text[at] < low || text[at] > high)
                return 0;
        }
        return forms[i].size;
    }
    return 0;
}

static void put_quoted(struct line *line, struct weir_slice text)
{
    put_string(line, "\"");
    for (size_t i = 0; i < text.size;) {
        unsigned char byte = (unsigned char)text.data[i];
        size_t size = character_size((const unsigned char *)text.data + i, text.size - i);
        if (size == 0)
            put_string(line, "\xEF\xBF\xBD"); /* the replacement character */
        else if (byte == '"' || byte == '\\')
            put_format(line, "\\%c", byte);
        else if (byte == '\n')
            put_string(line, "\\n");
        else if (byte < 0x20 || byte == 0x7F)
            put_format(line, "\\u%04x", byte);
        else
            put(line, text.data + i, size);
        i += size ? size : 1;
    }
    put_string(line, "\"");
}

/* Words stand bare in key=value lines. */
static bool is_word(struct weir_slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\')
            return false;
    }
    return text.size > 0;
}

static void put_text(struct line *line, struct weir_slice text)
{
    if (!line->json && is_word(text))
        put(line, text.data, text.size);
    else
        put_quoted(line, text);
}

static void put_value(struct line *line, const struct weir_log_field *field)
{
    switch (field->kind) {
    case WEIR_LOG_TEXT:
        put_text(line, field->value.text);
        break;
    case WEIR_LOG_I64:
        put_format(line, "%" PRId64, field->value.i64);
        break;
    case WEIR_LOG_U64:
        put_format(line, "%" PRIu64, field->value.u64);
        break;
    case WEIR_LOG_F64:
        if (isfinite(field->value.f64))
            put_format(line, "%.6g", field->value.f64);
        else
            put_text(line, weir_slice_from_string(isnan(field->value.f64) ? "NaN"
                                                  : field->value.f64 > 0  ? "Infinity"
                                                                          : "-Infinity"));
        break;
    case WEIR_LOG_BOOL:
        put_string(line, field->value.truth ? "true" : "false");
        break;
    }
}

/* A field fits whole or is taken back. */
static void put_field(struct line *line, const struct weir_log_field *field)
{
    size_t before = line->size;
    if (line->json)
        put_string(line, before ? ",\"" : "{\"");
    else if (before)
        put_string(line, " ");
    put_string(line, field->key);
    put_string(line, line->json ? "\":" : "=");
    put_value(line, field);
    if (line->full)
        line->size = before;
}

/* 2026-03-01T12:00:00.123Z. Civil date from days: eras of 400 years, years begin in March. */
static struct weir_slice format_time(struct weir_processing_time time, char *text, size_t capacity)
{
    int64_t ms = time.us / 1000;
    int64_t days = ms / 86400000, in_day = ms % 86400000;
    if (in_day < 0) {
        in_day += 86400000;
        days--;
    }
    int64_t shifted = days + 719468; /* days since 0000-03-01 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* from March */
    int64_t day = day_of_year - (153 * month + 2) / 5 + 1;
    int64_t year = era * 400 + year_of_era + (month >= 10);
    month = month < 10 ? month + 3 : month - 9;
    int size = snprintf(text, capacity, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)year,
                        (int)month, (int)day, (int)(in_day / 3600000), (int)(in_day / 60000 % 60),
                        (int)(in_day / 1000 % 60), (int)(in_day % 1000));
    return weir_slice_make(text, size > 0 && (size_t)size < capacity ? (size_t)size : 0);
}

static void finish(struct line *line)
{
    char *end = line->bytes + line->size;
    const char *text;
    if (line->json)
        text = line->full ? ",\"cut\":true}\n" : "}\n";
    else
        text = line->full ? " cut=true\n" : "\n";
    size_t size = strlen(text);
    memcpy(end, text, size);
    line->size += size;
}

void weir_log_write(enum weir_log_level level, const char *event,
                    const struct weir_log_field *fields, size_t fields_count)
{
    if (!weir_log_is_on(level))
        return;
    struct line line;
    line.size = 0;
    line.full = false;
    line.json = process_log.format == WEIR_LOG_JSON;
    char time[64];
    struct weir_log_field head[] = {
        weir_log_text("time",
                      format_time(process_log.sys->wall_clock(process_log.sys), time, sizeof time)),
        weir_log_string("level", level_names[level]),
        weir_log_string("event", event),
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(head); i++)
        put_field(&line, &head[i]);
    for (size_t i = 0; i < fields_count; i++)
        put_field(&line, &fields[i]);
    finish(&line);
    /* A log that cannot be written has nowhere to say so. */
    enum weir_status ignored = weir_file_write(process_log.file, line.bytes, line.size, NULL);
    (void)ignored;
}

void weir_log_error(enum weir_log_level level, const struct weir_error *error)
{
    char code[16];
    (void)snprintf(code, sizeof code, "WEIR-%04d", (int)error->code);
    struct weir_log_field fields[6];
    size_t count = 0;
    fields[count++] = weir_log_string("code", code);
    if (error->detail[0])
        fields[count++] = weir_log_string("detail", error->detail);
    if (error->source[0]) {
        fields[count++] = weir_log_string("source", error->source);
        fields[count++] = weir_log_u64("record", error->record);
        fields[count++] = weir_log_u64("offset", error->offset);
    }
    if (error->hint[0])
        fields[count++] = weir_log_string("hint", error->hint);
    weir_log_write(level, error->message, fields, count);
}
