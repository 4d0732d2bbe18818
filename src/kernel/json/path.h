/* SQL/JSON paths: '$.items[*] ? (@.price > 10).name', as in Postgres 15 section 9.16.2.
 *
 * A path is parsed into nodes. A node is a value, an accessor, an operator or a predicate; `next`
 * is the accessor that goes on from its result:
 *
 *     $.a[0] ? (@.b > 1)      ROOT ─next▶ KEY a ─next▶ INDEX 0 ─next▶ FILTER
 *                                                                     └left▶ GREATER
 *                                                                            ├left▶ CURRENT ▶ KEY b
 *                                                                            └right▶ NUMBER 1
 *
 * Constant paths are parsed at planning. Limits: a path has at most 64 KiB and 1,000 nodes, nests
 * 100 deep, and an evaluation takes at most ten million steps.
 * Private to kernel/json. Tests: tests/unit/kernel/json/test_path.c. */
#ifndef WEIR_KERNEL_JSON_PATH_H
#define WEIR_KERNEL_JSON_PATH_H

#include "kernel/json/json_internal.h"
#include "kernel/string/regex.h"

enum weir_path_kind {
    /* values */
    WEIR_PATH_LITERAL, /* text: canonical JSON of a scalar */
    WEIR_PATH_VARIABLE,
    WEIR_PATH_ROOT,    /* $ */
    WEIR_PATH_CURRENT, /* @ */
    WEIR_PATH_LAST,
    /* accessors */
    WEIR_PATH_KEY,
    WEIR_PATH_ANY_KEY,   /* .* */
    WEIR_PATH_INDEX,     /* [subscripts] */
    WEIR_PATH_ANY_INDEX, /* [*] */
    WEIR_PATH_ANY,       /* .**{first to last} */
    WEIR_PATH_FILTER,    /* ? (left) */
    WEIR_PATH_ANY_CHILD, /* JSONPath [*]: items and members */
    WEIR_PATH_SLICE,     /* JSONPath [first] (step 0) or [first:last:step] */
    WEIR_PATH_UNION,     /* JSONPath [a, b]: left, then its right … */
    WEIR_PATH_TYPE,
    WEIR_PATH_SIZE,
    WEIR_PATH_DOUBLE,
    WEIR_PATH_CEILING,
    WEIR_PATH_FLOOR,
    WEIR_PATH_ABS,
    WEIR_PATH_KEYVALUE,
    WEIR_PATH_DATETIME, /* text: template, data NULL without */
    /* arithmetic */
    WEIR_PATH_ADD,
    WEIR_PATH_SUBTRACT,
    WEIR_PATH_MULTIPLY,
    WEIR_PATH_DIVIDE,
    WEIR_PATH_MODULO,
    WEIR_PATH_PLUS,
    WEIR_PATH_MINUS,
    /* predicates */
    WEIR_PATH_EQUAL,
    WEIR_PATH_NOT_EQUAL,
    WEIR_PATH_LESS,
    WEIR_PATH_LESS_EQUAL,
    WEIR_PATH_GREATER,
    WEIR_PATH_GREATER_EQUAL,
    WEIR_PATH_AND,
    WEIR_PATH_OR,
    WEIR_PATH_NOT,
    WEIR_PATH_IS_UNKNOWN,
    WEIR_PATH_EXISTS,
    WEIR_PATH_STARTS_WITH,
    WEIR_PATH_LIKE_REGEX /* text: pattern; flags: letters of the regular expression functions */
};

enum { WEIR_PATH_LEVEL_LAST = INT32_MAX };

struct weir_path_subscript {
    const struct weir_path_node *from;
    const struct weir_path_node *to; /* NULL: from alone */
};

struct weir_path_node {
    enum weir_path_kind kind;
    struct weir_path_node *next;
    const struct weir_path_node *left, *right;
    struct weir_slice text;  /* keys and names as they are, literals as canonical JSON */
    struct weir_slice flags; /* LIKE_REGEX */
    const struct weir_path_subscript *subscripts;
    uint32_t subscripts_count;
    int32_t first, last;  /* ANY, SLICE */
    int32_t step;         /* SLICE */
    uint32_t regex_index; /* LIKE_REGEX: which one of the path */
    const void *regex;    /* LIKE_REGEX: compiled for kernel/string/regex.h; NULL: not yet */
};

static inline bool weir_path_is_predicate(enum weir_path_kind kind)
{
    return kind >= WEIR_PATH_EQUAL;
}

struct weir_path {
    const struct weir_path_node *root;
    bool is_strict;
    bool is_jsonpath; /* nothing that is missing is a failure */
    uint32_t regexes_count;
};

/* Parses into arena; BAD_JSON_PATH (BAD_REGEX, LIMIT) with the place. The text is not kept. */
WEIR_CHECKED enum weir_status weir_path_parse(struct weir_slice text, struct weir_arena *arena,
                                              struct weir_path *out, struct weir_error *error);

/* The same for JSONPath, jsonpath_parse.c. */
WEIR_CHECKED enum weir_status weir_path_parse_jsonpath(struct weir_slice text,
                                                       struct weir_arena *arena,
                                                       struct weir_path *out,
                                                       struct weir_error *error);
enum { WEIR_PATH_SIZE_MAX = 64 * 1024 };

/* How LIKE_REGEX calls kernel/string/regex.h: (text, pattern, flags). */
extern const struct weir_regex_use weir_path_regex_use;

/* --- tokens ---------------------------------------------------------------------------------- */

enum weir_path_token_kind {
    WEIR_PATH_TOKEN_END,
    WEIR_PATH_TOKEN_SIGN,   /* text: one of . [ ] ( ) { } , $ @ ? * + - / % ! == … && || ** */
    WEIR_PATH_TOKEN_WORD,   /* text: unescaped */
    WEIR_PATH_TOKEN_STRING, /* text: unescaped */
    WEIR_PATH_TOKEN_NUMBER, /* text: as written */
    WEIR_PATH_TOKEN_VARIABLE,
    WEIR_PATH_TOKEN_ERROR /* text: what is wrong */
};
struct weir_path_token {
    enum weir_path_token_kind kind;
    struct weir_slice text;
    size_t offset;
    bool out_of_memory;
};
/* Reads the token at *at and moves on. Escaped text goes to arena. */
struct weir_path_token weir_path_token_next(struct weir_slice source, size_t *at,
                                            struct weir_arena *arena);

/* --- dates and times ------------------------------------------------------------------------- */

enum weir_path_time_kind {
    WEIR_PATH_DATE,
    WEIR_PATH_TIME,
    WEIR_PATH_TIMETZ,
    WEIR_PATH_TIMESTAMP,
    WEIR_PATH_TIMESTAMPTZ
};
struct weir_path_time {
    enum weir_path_time_kind kind;
    int64_t value;    /* DATE: days; others: us of the wall clock */
    int32_t offset_s; /* TIMETZ, TIMESTAMPTZ */
};
const char *weir_path_time_name(enum weir_path_time_kind kind);
enum weir_path_time_result {
    WEIR_PATH_TIME_READ,
    WEIR_PATH_TIME_MISMATCH,
    WEIR_PATH_TIME_BAD_TEMPLATE,
    WEIR_PATH_TIME_MEMORY
};
/* By the template, or by ISO 8601 when its data is NULL. */
WEIR_CHECKED enum weir_path_time_result weir_path_time_parse(struct weir_slice text,
                                                             struct weir_slice format,
                                                             struct weir_arena *arena,
                                                             struct weir_path_time *out);
enum { WEIR_PATH_TIME_SIZE = 64 };
/* As JSON, quotes included. Returns the size. */
size_t weir_path_time_print(char *out, const struct weir_path_time *time);
enum weir_path_time_order {
    WEIR_PATH_TIME_COMPARED,
    WEIR_PATH_TIME_UNRELATED,  /* a date and a time of day */
    WEIR_PATH_TIME_NEEDS_ZONE, /* one has a zone, the other not */
    WEIR_PATH_TIME_RANGE
};
/* use_zone: what has no zone is in timezone (NULL: UTC). */
enum weir_path_time_order weir_path_time_compare(const struct weir_path_time *a,
                                                 const struct weir_path_time *b, bool use_zone,
                                                 const struct weir_timezone *timezone, int *order);

/* --- arithmetic ------------------------------------------------------------------------------ */

/* All over numbers in canonical text; the result is printed into arena. NULL: fine, else what went
 * wrong ("division by zero"); out->data NULL: memory has run out. */
const char *weir_path_arithmetic(enum weir_path_kind kind, struct weir_slice left,
                                 struct weir_slice right, struct weir_arena *arena,
                                 struct weir_slice *out);
/* PLUS, MINUS, ABS, FLOOR, CEILING. */
const char *weir_path_unary(enum weir_path_kind kind, struct weir_slice number,
                            struct weir_arena *arena, struct weir_slice *out);

/* --- evaluation ------------------------------------------------------------------------------ */

/* A value met on the way: canonical JSON, or a date or time (then text is its JSON). */
struct weir_path_item {
    struct weir_slice text;
    const struct weir_path_time *time;
};
struct weir_path_items {
    struct weir_path_item *items;
    uint32_t count, capacity;
};

enum weir_path_result { WEIR_PATH_NOT_FOUND, WEIR_PATH_FOUND, WEIR_PATH_FAILED };

struct weir_path_run {
    /* set by the caller */
    const struct weir_path *path;
    struct weir_slice document;  /* canonical; for JSONPath any */
    struct weir_slice variables; /* canonical object; data NULL: all are null */
    bool is_silent;              /* soft failures are not described */
    bool use_zone;               /* the _tz functions */
    struct weir_arena *arena;    /* for what is made on the way */
    struct weir_kernel_call *call;
    void **regexes; /* one scratch pointer per LIKE_REGEX of the path */
    /* state */
    struct weir_path_item current;
    int64_t innermost_size; /* of the array whose subscripts are computed; -1: none */
    bool ignores_structure, throws;
    uint64_t steps;
    /* a failure that silence does not cover, or a described one; OK: none */
    enum weir_status status;
    char message[200];
};
/* found NULL: only whether there is anything. FAILED with run->status OK: silent. Items may have
 * been found before the failure. */
WEIR_CHECKED enum weir_path_result weir_path_execute(struct weir_path_run *run,
                                                     struct weir_path_items *found);

#endif
