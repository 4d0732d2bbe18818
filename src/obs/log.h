/* The structured log: one line an event, key=value or JSON, written whole by one call.
 *
 *     weir_log(WEIR_LOG_INFO, "epoch committed", weir_log_u64("epoch", 7),
 *              weir_log_string("state", directory));
 *
 *     time=2026-03-01T12:00:00.123Z level=info event="epoch committed" epoch=7 state=st
 *     {"time":"2026-03-01T12:00:00.123Z","level":"info","event":"epoch committed","epoch":7,…}
 *
 * The log is the process's. Until weir_log_open nothing is written. Nothing is allocated; a line
 * longer than WEIR_LOG_LINE_MAX bytes loses its last fields and says so with cut=true.
 * Any thread may log. Secrets are never given to the log: that is up to the caller. */
#ifndef WEIR_OBS_LOG_H
#define WEIR_OBS_LOG_H

#include "base/slice.h"
#include "base/status.h"
#include "sys/sys.h"

enum weir_log_level { WEIR_LOG_ERROR, WEIR_LOG_WARNING, WEIR_LOG_INFO, WEIR_LOG_DEBUG };
enum weir_log_format { WEIR_LOG_KEY_VALUE, WEIR_LOG_JSON };
enum { WEIR_LOG_LINE_MAX = 4096 };

/* Everything is borrowed until weir_log_close. file is usually the standard error stream. */
struct weir_log_options {
    const struct weir_sys *sys;
    struct weir_file *file;
    enum weir_log_level level; /* lines above it are left out */
    enum weir_log_format format;
};
/* Called before other threads log. */
void weir_log_open(const struct weir_log_options *options);
void weir_log_close(void);
bool weir_log_is_on(enum weir_log_level level);
/* "error", "warning", "info", "debug". */
WEIR_CHECKED bool weir_log_level_from_name(struct weir_slice name, enum weir_log_level *level);

struct weir_log_field {
    const char *key; /* a word: letters, digits, _ and . */
    enum { WEIR_LOG_TEXT, WEIR_LOG_I64, WEIR_LOG_U64, WEIR_LOG_F64, WEIR_LOG_BOOL } kind;
    union {
        struct weir_slice text;
        int64_t i64;
        uint64_t u64;
        double f64;
        bool truth;
    } value;
};

static inline struct weir_log_field weir_log_text(const char *key, struct weir_slice text)
{
    return (struct weir_log_field){key, WEIR_LOG_TEXT, {.text = text}};
}
static inline struct weir_log_field weir_log_string(const char *key, const char *string)
{
    return weir_log_text(key, weir_slice_from_string(string));
}
static inline struct weir_log_field weir_log_i64(const char *key, int64_t value)
{
    return (struct weir_log_field){key, WEIR_LOG_I64, {.i64 = value}};
}
static inline struct weir_log_field weir_log_u64(const char *key, uint64_t value)
{
    return (struct weir_log_field){key, WEIR_LOG_U64, {.u64 = value}};
}
static inline struct weir_log_field weir_log_f64(const char *key, double value)
{
    return (struct weir_log_field){key, WEIR_LOG_F64, {.f64 = value}};
}
static inline struct weir_log_field weir_log_bool(const char *key, bool value)
{
    return (struct weir_log_field){key, WEIR_LOG_BOOL, {.truth = value}};
}

void weir_log_write(enum weir_log_level level, const char *event,
                    const struct weir_log_field *fields, size_t fields_count);
/* An event without fields. */
static inline void weir_log_event(enum weir_log_level level, const char *event)
{
    weir_log_write(level, event, NULL, 0);
}
/* The record's code, message, place and hint as an event. */
void weir_log_error(enum weir_log_level level, const struct weir_error *error);

/* An event with one field or more. */
#define weir_log(level, event, ...)                                                \
    weir_log_write((level), (event), (const struct weir_log_field[]){__VA_ARGS__}, \
                   sizeof((const struct weir_log_field[]){__VA_ARGS__}) /          \
                       sizeof(struct weir_log_field))

#endif
