/* Regular expressions as kernels use them. Private to kernel/string.
 *
 *     bind     weir_regex_bind checks and translates a constant pattern once per call site
 *     kernel   weir_regex_open gives the run of this call: compiled patterns, match memory, kept in
 *              call->scratch between batches
 *     lane     weir_regex_of_lane → weir_regex_search …
 *
 * A search never hangs: matching stops at a limit of steps and memory with BAD_REGEX. */
#ifndef WEIR_KERNEL_STRING_REGEX_H
#define WEIR_KERNEL_STRING_REGEX_H

#include "kernel/string/regex_pattern.h"
#include "kernel/string/string_internal.h"

/* What a call site says about its arguments. Its kernels share it with their bind function. */
struct weir_regex_use {
    const char *name; /* for messages; NULL: an operator */
    uint32_t pattern_argument;
    uint32_t flags_argument;  /* 0: none */
    uint32_t escape_argument; /* SIMILAR: 0: none, backslash */
    bool ignore_case;         /* ~* */
    bool is_similar;          /* an SQL regular expression */
    bool is_substring;        /* … of substring() */
    bool takes_global;        /* the flag g is allowed */
};

/* Translates a constant pattern into bind->instance; BAD_REGEX when it is wrong. */
enum weir_status weir_regex_bind(struct weir_function_bind *bind, const struct weir_regex_use *use,
                                 struct weir_error *error);

struct weir_regex_run; /* one per program slot, or per call */
struct weir_regex;     /* one compiled pattern */

/* NULL: memory has run out, which is recorded. */
WEIR_CHECKED struct weir_regex_run *weir_regex_open(struct weir_kernel_call *call,
                                                    const struct weir_regex_use *use);
/* Ends the call; frees the run when no scratch keeps it. */
void weir_regex_close(struct weir_kernel_call *call, struct weir_regex_run *run);
/* The compiled pattern of the lane; NULL when the lane failed: *stop says whether to return. */
const struct weir_regex *weir_regex_of_lane(struct weir_kernel_call *call, uint32_t lane,
                                            struct weir_regex_run *run, bool *stop);
uint32_t weir_regex_groups_count(const struct weir_regex *regex);
bool weir_regex_is_global(const struct weir_regex *regex);

/* Byte offsets; begin SIZE_MAX: the group took no part. */
struct weir_regex_span {
    size_t begin, end;
};
enum weir_regex_result {
    WEIR_REGEX_FOUND,
    WEIR_REGEX_NOT_FOUND,
    WEIR_REGEX_LANE_FAILED, /* the lane is NULL now */
    WEIR_REGEX_STOP         /* the kernel returns */
};
/* Looks in text at and behind `from`. spans: the whole match and groups 1 … spans_count - 1; a
 * spans_count of 0 asks only whether there is a match. */
enum weir_regex_result weir_regex_search(struct weir_kernel_call *call, uint32_t lane,
                                         struct weir_regex_run *run, const struct weir_regex *regex,
                                         struct weir_slice text, size_t from,
                                         struct weir_regex_span *spans, uint32_t spans_count);
static inline struct weir_slice weir_regex_slice(struct weir_slice text,
                                                 struct weir_regex_span span)
{
    return weir_slice_make(text.data + span.begin, span.end - span.begin);
}
/* Where the search after a match goes on: at its end, a character further when it is empty.
 * SIZE_MAX: past the end. */
size_t weir_regex_next(struct weir_slice text, struct weir_regex_span match);

#endif
