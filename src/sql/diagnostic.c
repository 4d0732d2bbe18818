/* Rendering of errors. The excerpt is cut so that it fits into a line even when a program is one
 * line of a mebibyte: CONTEXT characters before the error and as many behind. */
#include "sql/diagnostic.h"
#include "sql/lexer_internal.h"
#include <stdio.h>

enum { CONTEXT_BEFORE = 60, CONTEXT_LENGTH = 120 };

static const char *const severities[] = {"error", "warning", "note"};

/* ---------------------------------------------------------------- widths */

struct range {
    uint32_t first, last;
};

/* Combining marks and format characters: no columns. */
static const struct range zero_width[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},  {0x064B, 0x065F},
    {0x06D6, 0x06DC}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E},  {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064},  {0x20D0, 0x20FF},
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};

/* East Asian wide and full-width characters, emoji: two columns. */
static const struct range double_width[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
    {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
    {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

static bool in_ranges(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

unsigned weir_sql_character_width(uint32_t character)
{
    if (character < 0x300)
        return 1;
    if (in_ranges(character, zero_width, WEIR_COUNT_OF(zero_width)))
        return 0;
    return in_ranges(character, double_width, WEIR_COUNT_OF(double_width)) ? 2 : 1;
}

/* ---------------------------------------------------------------- the excerpt */

/* The character at *at, moving behind it; U+FFFD for what is not UTF-8. */
static uint32_t next_character(struct weir_slice line, size_t *at, unsigned *size)
{
    struct weir_slice rest = {line.data + *at, line.size - *at};
    struct weir_slice head = {rest.data, rest.size < 4 ? rest.size : 4};
    size_t invalid = sql_text_invalid_at(head);
    if (invalid == 0) {
        *size = 1;
        ++*at;
        return 0xFFFD;
    }
    uint32_t c = sql_character_at(rest, 0, size);
    *at += *size;
    return c;
}

/* The line with this number (from 1), without its end; the last one when there are fewer. */
static struct weir_slice find_line(struct weir_slice text, uint32_t number)
{
    size_t start = 0;
    for (uint32_t line = 1; line < number; line++) {
        const char *end = memchr(text.data + start, '\n', text.size - start);
        if (!end)
            break;
        start = (size_t)(end - text.data) + 1;
    }
    size_t left = text.size - start;
    const char *end = left ? memchr(text.data + start, '\n', left) : NULL;
    struct weir_slice line = {text.data + start, end ? (size_t)(end - text.data) - start : left};
    if (line.size && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

static void append_shown(struct weir_buffer *out, uint32_t c, const char *bytes, unsigned size)
{
    if (c == 0xFFFD && size == 1)
        weir_buffer_append_string(out, "\xEF\xBF\xBD");
    else if (c != '\t' && (c < 0x20 || c == 0x7F))
        weir_buffer_append_char(out, '?');
    else
        weir_buffer_append(out, bytes, size);
}

struct excerpt {
    uint32_t first;      /* the first character shown, from 1 */
    uint32_t begin, end; /* characters underlined: [begin, end) */
};

static struct excerpt excerpt_of(const struct weir_position *position)
{
    uint32_t column = position->column ? position->column : 1;
    uint32_t length = position->length ? position->length : 1;
    struct excerpt excerpt = {.begin = column};
    excerpt.end = length > UINT32_MAX - column ? UINT32_MAX : column + length;
    excerpt.first = column > CONTEXT_BEFORE ? column - CONTEXT_BEFORE : 1;
    return excerpt;
}

static void render_source(struct weir_buffer *out, struct weir_slice line,
                          const struct excerpt *excerpt)
{
    size_t at = 0;
    uint32_t column = 1;
    if (excerpt->first > 1)
        weir_buffer_append_string(out, "…");
    while (at < line.size) {
        unsigned size;
        size_t start = at;
        uint32_t c = next_character(line, &at, &size);
        if (column >= excerpt->first + CONTEXT_LENGTH) {
            weir_buffer_append_string(out, "…");
            break;
        }
        if (column++ >= excerpt->first)
            append_shown(out, c, line.data + start, size);
    }
}

static void append_times(struct weir_buffer *out, char c, unsigned times)
{
    while (times-- > 0)
        weir_buffer_append_char(out, c);
}

static void render_caret(struct weir_buffer *out, struct weir_slice line,
                         const struct excerpt *excerpt)
{
    size_t at = 0;
    uint32_t column = 1;
    bool any = false;
    if (excerpt->first > 1)
        weir_buffer_append_char(out, ' ');
    while (at < line.size && column < excerpt->end && column < excerpt->first + CONTEXT_LENGTH) {
        unsigned size;
        uint32_t c = next_character(line, &at, &size);
        unsigned width = weir_sql_character_width(c);
        if (column >= excerpt->begin) {
            append_times(out, '^', c == '\t' ? 1 : width);
            any = any || width;
        } else if (column >= excerpt->first) {
            append_times(out, c == '\t' ? '\t' : ' ', c == '\t' ? 1 : width);
        }
        column++;
    }
    if (!any)
        weir_buffer_append_char(out, '^');
}

static void paint(struct weir_buffer *out, const struct weir_sql_diagnostic_style *style,
                  const char *escape)
{
    if (style->color)
        weir_buffer_append_string(out, escape);
}

static const char *severity_color(enum weir_sql_severity severity)
{
    return severity == WEIR_SQL_ERROR     ? "\x1b[1;31m"
           : severity == WEIR_SQL_WARNING ? "\x1b[1;33m"
                                          : "\x1b[1;36m";
}

static void render_excerpt(struct weir_buffer *out, const struct weir_error *error,
                           struct weir_slice text, const struct weir_sql_diagnostic_style *style)
{
    struct weir_slice line = find_line(text, error->position.line);
    struct excerpt excerpt = excerpt_of(&error->position);
    char number[16];
    int width = snprintf(number, sizeof number, "%u", error->position.line);
    paint(out, style, "\x1b[34m");
    weir_buffer_printf(out, "  %s | ", number);
    paint(out, style, "\x1b[0m");
    render_source(out, line, &excerpt);
    weir_buffer_append_char(out, '\n');
    paint(out, style, "\x1b[34m");
    weir_buffer_printf(out, "  %*s | ", width, "");
    paint(out, style, "\x1b[0m");
    paint(out, style, severity_color(style->severity));
    render_caret(out, line, &excerpt);
    paint(out, style, "\x1b[0m");
    weir_buffer_append_char(out, '\n');
}

/* ---------------------------------------------------------------- text */

static void render_head(struct weir_buffer *out, const struct weir_error *error,
                        const struct weir_sql_diagnostic_style *style)
{
    paint(out, style, "\x1b[1m");
    if (error->file[0])
        weir_buffer_printf(out, "%s:", error->file);
    if (error->position.line)
        weir_buffer_printf(out, "%u:%u:", error->position.line, error->position.column);
    if (error->file[0] || error->position.line)
        weir_buffer_append_char(out, ' ');
    paint(out, style, "\x1b[0m");
    paint(out, style, severity_color(style->severity));
    weir_buffer_append_string(out, severities[style->severity]);
    if (error->code != WEIR_OK)
        weir_buffer_printf(out, " WEIR-%04d", (int)error->code);
    weir_buffer_append_char(out, ':');
    paint(out, style, "\x1b[0m");
    weir_buffer_printf(out, " %s\n", error->message);
}

static const char *hint_of(const struct weir_error *error)
{
    const struct weir_error_info *info = weir_error_info_get(error->code);
    if (error->hint[0])
        return error->hint;
    return info ? info->hint : "";
}

static void render_line(struct weir_buffer *out, const struct weir_sql_diagnostic_style *style,
                        const char *label, const char *text)
{
    if (!text[0])
        return;
    paint(out, style, "\x1b[1m");
    weir_buffer_printf(out, "  %s: ", label);
    paint(out, style, "\x1b[0m");
    weir_buffer_printf(out, "%s\n", text);
}

void weir_sql_diagnostic_render(struct weir_buffer *out, const struct weir_error *error,
                                struct weir_slice text,
                                const struct weir_sql_diagnostic_style *style)
{
    render_head(out, error, style);
    if (error->position.line && text.size)
        render_excerpt(out, error, text, style);
    if (error->source[0])
        weir_buffer_printf(out, "  in %s, split %u, record %llu, offset %llu\n", error->source,
                           error->split, (unsigned long long)error->record,
                           (unsigned long long)error->offset);
    render_line(out, style, "detail", error->detail);
    for (uint32_t i = 0; i < error->frames_count && i < WEIR_ERROR_FRAMES_MAX; i++)
        render_line(out, style, "while", error->frames[i]);
    render_line(out, style, "hint", hint_of(error));
}

/* ---------------------------------------------------------------- JSON */

static void append_json_string(struct weir_buffer *out, const char *string)
{
    struct weir_slice text = weir_slice_from_string(string);
    weir_buffer_append_char(out, '"');
    for (size_t at = 0; at < text.size;) {
        unsigned size;
        size_t start = at;
        uint32_t c = next_character(text, &at, &size);
        if (c == '"' || c == '\\')
            weir_buffer_printf(out, "\\%c", (char)c);
        else if (c == '\n')
            weir_buffer_append_string(out, "\\n");
        else if (c < 0x20 || c == 0x7F)
            weir_buffer_printf(out, "\\u%04x", c);
        else if (c == 0xFFFD && size == 1)
            weir_buffer_append_string(out, "\\ufffd");
        else
            weir_buffer_append(out, text.data + start, size);
    }
    weir_buffer_append_char(out, '"');
}

static void append_member(struct weir_buffer *out, const char *name, const char *value)
{
    if (!value[0])
        return;
    weir_buffer_printf(out, ",\"%s\":", name);
    append_json_string(out, value);
}

static void append_frames(struct weir_buffer *out, const struct weir_error *error)
{
    for (uint32_t i = 0; i < error->frames_count && i < WEIR_ERROR_FRAMES_MAX; i++) {
        weir_buffer_append_string(out, i ? "," : ",\"frames\":[");
        append_json_string(out, error->frames[i]);
    }
    if (error->frames_count)
        weir_buffer_append_char(out, ']');
}

void weir_sql_diagnostic_render_json(struct weir_buffer *out, const struct weir_error *error,
                                     const struct weir_sql_diagnostic_style *style)
{
    const struct weir_error_info *info = weir_error_info_get(error->code);
    weir_buffer_printf(out, "{\"severity\":\"%s\"", severities[style->severity]);
    if (error->code != WEIR_OK)
        weir_buffer_printf(out, ",\"code\":\"WEIR-%04d\"", (int)error->code);
    append_member(out, "name", info ? info->symbol : "");
    weir_buffer_append_string(out, ",\"message\":");
    append_json_string(out, error->message);
    append_member(out, "file", error->file);
    if (error->position.line)
        weir_buffer_printf(out, ",\"line\":%u,\"column\":%u,\"length\":%u,\"offset\":%u",
                           error->position.line, error->position.column, error->position.length,
                           error->position.offset);
    append_member(out, "detail", error->detail);
    append_member(out, "hint", hint_of(error));
    if (error->source[0]) {
        append_member(out, "source", error->source);
        weir_buffer_printf(out, ",\"split\":%u,\"record\":%llu,\"source_offset\":%llu",
                           error->split, (unsigned long long)error->record,
                           (unsigned long long)error->offset);
    }
    append_frames(out, error);
    if (error->flags & WEIR_ERROR_RETRYABLE)
        weir_buffer_append_string(out, ",\"retryable\":true");
    weir_buffer_append_char(out, '}');
}
