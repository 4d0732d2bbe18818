/* Postgres' regular expressions as PCRE2 patterns. Private to kernel/string. */
#ifndef WEIR_KERNEL_STRING_REGEX_PATTERN_H
#define WEIR_KERNEL_STRING_REGEX_PATTERN_H

#include "base/buffer.h"

/* Options: letters of the flags argument, then those embedded in the pattern. */
struct weir_regex_flags {
    bool is_global;     /* g */
    bool ignore_case;   /* i, c */
    bool lines_anchor;  /* ^ and $ at line ends: n m w */
    bool newline_stops; /* . and [^…] leave newlines alone: n m p */
    bool expanded;      /* x */
    bool is_literal;    /* q, ***= */
};

/* Reads the letters; the text of a failure, or NULL. unknown: the letter that is none. */
const char *weir_regex_flags_parse(struct weir_slice letters, struct weir_regex_flags *flags);

struct weir_regex_pattern {
    struct weir_buffer text; /* for PCRE2, in the modes UTF, UCP, DOTALL, ALT_CIRCUMFLEX */
    struct weir_regex_flags flags;
    uint32_t groups_count; /* capturing ones */
    bool has_backreference;
    bool prefers_shorter; /* of all matches that begin leftmost Postgres wants the shortest, else
                             the longest … */
    bool is_ambiguous;    /* … and PCRE2, which goes by the order of alternatives, may differ */
};

void weir_regex_pattern_init(struct weir_regex_pattern *pattern);
void weir_regex_pattern_deinit(struct weir_regex_pattern *pattern);
/* Translates an advanced regular expression (Postgres 15 section 9.7.3). Gives the text of a
 * failure, or NULL; pattern->text.failed when memory has run out. */
const char *weir_regex_translate(struct weir_slice source, const struct weir_regex_flags *flags,
                                 struct weir_regex_pattern *pattern);
/* Translates an SQL regular expression (SIMILAR TO, section 9.7.2). escape: empty or one character.
 * is_substring: the form of substring(… SIMILAR … ESCAPE …), whose wanted part is group 1. */
const char *weir_regex_translate_similar(struct weir_slice source, struct weir_slice escape,
                                         bool is_substring, struct weir_regex_pattern *pattern);

#endif
