/* Status codes and the error record.
 *
 * Every fallible function returns enum weir_status and takes, last, a nullable pointer to the
 * caller's struct weir_error. The code's number is the public one ("WEIR-2003"); it is stable and
 * lives in errors.def, which also makes the exit codes and the reference page.
 * An error record is plain memory of the caller: no allocation, safe when memory has run out. */
#ifndef WEIR_BASE_STATUS_H
#define WEIR_BASE_STATUS_H

#include "base/compiler.h"
#include "base/slice.h"

enum weir_status {
    WEIR_OK = 0,
#define WEIR_ERROR(symbol, number, exit_code, title, hint) WEIR_E_##symbol = number,
#include "base/errors.def"
#undef WEIR_ERROR
};

enum weir_error_flag {
    WEIR_ERROR_RETRYABLE = 1,     /* the same call may succeed later */
    WEIR_ERROR_FATAL = 2,         /* the job cannot go on */
    WEIR_ERROR_REQUIRES_ABORT = 4 /* the open epoch must be aborted first */
};

enum { WEIR_ERROR_FRAMES_MAX = 4 };

/* Where in a program text an error stands. line and column start at 1; 0 means unknown.
 * column and length count characters (code points), not bytes. */
struct weir_position {
    uint32_t line;
    uint32_t column;
    uint32_t length;
    uint32_t offset; /* byte offset in the program text */
};

/* Where in the data an error stands. */
struct weir_split_marks; /* flow/operator.h */

struct weir_origin {
    const char *source; /* borrowed name of the source (file path, table); NULL: unknown */
    uint32_t split;     /* index of the split */
    uint64_t record;    /* zero-based record number in the split (line for line formats) */
    uint64_t offset;    /* byte offset of the record in the split */
    struct weir_split_marks *marks; /* the split's watermarks while its batch is pushed; borrowed */
};

struct weir_error {
    enum weir_status code;
    uint32_t flags;                /* enum weir_error_flag */
    struct weir_position position; /* in the program text; line 0: none */
    char file[256];                /* program file name, for position */
    char source[256];              /* data source name; empty: none */
    uint64_t record;               /* zero-based; valid when source is set */
    uint64_t offset;
    uint32_t split;
    char message[512]; /* what happened to which object; lower case, no period */
    char detail[256];
    char hint[256];                         /* what to do; empty: the code's own hint applies */
    char frames[WEIR_ERROR_FRAMES_MAX][96]; /* context, innermost first */
    uint32_t frames_count;
};

/* What errors.def says of a code. */
struct weir_error_info {
    enum weir_status code;
    const char *symbol; /* "UNKNOWN_COLUMN" */
    int exit_code;      /* process exit code when this ends the program */
    const char *title;  /* one line for the reference page */
    const char *hint;   /* general advice; "" when there is none */
};

/* NULL for WEIR_OK and for numbers that are no code. */
const struct weir_error_info *weir_error_info_get(enum weir_status code);
/* All codes in order of number; count goes to *count. */
const struct weir_error_info *weir_error_info_all(size_t *count);

/* Each returns code, so that a failing function can `return weir_error_set(error, …)`.
 * error may be NULL. The record is cleared first; message is printf-style. */
enum weir_status weir_error_set(struct weir_error *error, enum weir_status code, const char *format,
                                ...) WEIR_PRINTF(3, 4);
enum weir_status weir_error_set_out_of_memory(struct weir_error *error);

/* Add to a record already set; no-ops on NULL. */
void weir_error_hint(struct weir_error *error, const char *format, ...) WEIR_PRINTF(2, 3);
void weir_error_detail(struct weir_error *error, const char *format, ...) WEIR_PRINTF(2, 3);
void weir_error_frame(struct weir_error *error, const char *format, ...) WEIR_PRINTF(2, 3);
void weir_error_at(struct weir_error *error, struct weir_position position);
void weir_error_from(struct weir_error *error, const struct weir_origin *origin);
void weir_error_clear(struct weir_error *error);

/* Several errors of one run (weir check). Records beyond the limit are only counted. */
enum { WEIR_DIAGNOSTICS_MAX = 50 };
struct weir_diagnostics {
    struct weir_error *records; /* owned */
    uint32_t records_count;
    uint32_t total_count;
};
void weir_diagnostics_init(struct weir_diagnostics *diagnostics);
void weir_diagnostics_deinit(struct weir_diagnostics *diagnostics);
/* Copies error. Returns error->code. */
enum weir_status weir_diagnostics_add(struct weir_diagnostics *diagnostics,
                                      const struct weir_error *error);

/* Propagates a failure: `WEIR_TRY(step(…, error));` */
#define WEIR_TRY(call)                                 \
    do {                                               \
        enum weir_status weir_try_status = (call);     \
        if (WEIR_UNLIKELY(weir_try_status != WEIR_OK)) \
            return weir_try_status;                    \
    } while (0)

#endif
