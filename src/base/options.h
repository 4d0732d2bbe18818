/* Options of connectors, formats and commands: one table makes the parser, the documentation and
 * the errors.
 *
 * A table is a static array of specs, usually from an options.def. Parsing fills a plain struct by
 * offset:
 *     struct file_options { struct weir_slice path; int64_t rate; bool follow; };
 *     static const struct weir_option_spec specs[] = {
 *         {.name = "path", .kind = WEIR_OPTION_TEXT, .offset = offsetof(struct file_options, path),
 *          .roles = WEIR_OPTION_SOURCE, .required = true, .help = "file or glob"}, …};
 * Field types by kind: TEXT struct weir_slice; BOOLEAN bool; INTEGER, DURATION (us), SIZE (bytes),
 * and CHOICE (index into choices) int64_t; NUMBER double. */
#ifndef WEIR_BASE_OPTIONS_H
#define WEIR_BASE_OPTIONS_H

#include "base/memory.h"
#include "base/status.h"

enum weir_option_kind {
    WEIR_OPTION_TEXT,
    WEIR_OPTION_BOOLEAN, /* true/false, on/off, yes/no, 1/0 */
    WEIR_OPTION_INTEGER, /* with _ allowed between digits */
    WEIR_OPTION_NUMBER,
    WEIR_OPTION_DURATION, /* '10 seconds', '1 minute 30 s', '500ms', 'off' (= -1) */
    WEIR_OPTION_SIZE,     /* 1048576, '64MiB', '1 GB' */
    WEIR_OPTION_CHOICE
};

enum weir_option_role { WEIR_OPTION_SOURCE = 1, WEIR_OPTION_SINK = 2, WEIR_OPTION_LOOKUP = 4 };

struct weir_option_spec {
    const char *name;
    enum weir_option_kind kind;
    size_t offset;  /* of the field in the struct that is filled */
    uint32_t roles; /* enum weir_option_role; 0: all */
    bool required;
    bool secret;                /* never printed */
    const char *fallback;       /* default as text; NULL: the field stays as it was (zero) */
    const char *const *choices; /* CHOICE: NULL-terminated */
    int64_t min, max;           /* inclusive; both 0: no bounds */
    const char *alias;          /* another accepted name (Arroyo's); NULL: none */
    const char *help;           /* one sentence, lower case, no period */
};

/* One `key = value` of a program. */
struct weir_option {
    struct weir_slice name;
    struct weir_slice value; /* the literal's text; for DURATION also an INTERVAL literal's body */
    struct weir_position name_position, value_position;
    bool used; /* set by weir_options_parse when some table knew it */
};

/* Whether the name, or the other name, of the option is this one; case is ignored. */
bool weir_option_is(const struct weir_option_spec *spec, struct weir_slice name);
/* Fills out from the options that specs knows (marking them used), applies defaults, reports the
 * first bad or missing one (BAD_OPTION, MISSING_OPTION) with its position. what names the owner in
 * messages ("connector \"file\""). Text values are borrowed. roles is the role in which it is used.
 */
WEIR_CHECKED enum weir_status weir_options_parse(const struct weir_option_spec *specs,
                                                 size_t specs_count, struct weir_option *options,
                                                 size_t options_count, uint32_t roles,
                                                 const char *what, void *out,
                                                 struct weir_error *error);
/* UNKNOWN_OPTION for the first option not marked used, naming the nearest of the tables given. */
WEIR_CHECKED enum weir_status
weir_options_reject_unused(const struct weir_option *options, size_t options_count,
                           const struct weir_option_spec *const *tables, const size_t *table_sizes,
                           size_t tables_count, const char *what, struct weir_error *error);

/* Single values, for SET and the command line. */
bool weir_option_parse_duration(struct weir_slice text, int64_t *us);
bool weir_option_parse_size(struct weir_slice text, int64_t *bytes);
bool weir_option_parse_boolean(struct weir_slice text, bool *out);

#endif
