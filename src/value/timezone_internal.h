/* The inside of a time zone, shared by the reader of TZif files and the conversions. */
#ifndef WEIR_VALUE_TIMEZONE_INTERNAL_H
#define WEIR_VALUE_TIMEZONE_INTERNAL_H

#include "value/timezone.h"

enum weir_rule_kind {
    WEIR_RULE_JULIAN,   /* Jn: 1..365, 29 February is never counted */
    WEIR_RULE_DAY,      /* n: 0..365, it is */
    WEIR_RULE_MONTH_DAY /* Mm.w.d: the w-th weekday d of month m; w 5 is the last */
};

/* When clocks change, in local time before the change. */
struct weir_rule_date {
    enum weir_rule_kind kind;
    int32_t day; /* of the year, or of the week (0 Sunday) */
    int32_t week;
    int32_t month;
    int32_t time_s; /* may be negative or beyond a day */
};

/* A POSIX TZ string. */
struct weir_timezone_rule {
    struct weir_timezone_info standard;
    struct weir_timezone_info daylight;
    bool has_daylight;
    struct weir_rule_date start; /* of daylight time */
    struct weir_rule_date end;
};

struct weir_timezone {
    struct weir_slice name;
    const int64_t *transitions; /* ascending; transition i begins types[types_at[i]] */
    const uint8_t *types_at;
    size_t transitions_count;
    const struct weir_timezone_info *types; /* [0] holds before the first transition */
    size_t types_count;
    struct weir_timezone_rule rule; /* after the last transition; valid when has_rule */
    bool has_rule;
};

enum weir_rule_result { WEIR_RULE_OK, WEIR_RULE_SYNTAX, WEIR_RULE_NO_MEMORY };
/* Reads a whole POSIX TZ string; abbreviations are copied into the arena. */
enum weir_rule_result weir_timezone_rule_parse(struct weir_arena *arena, struct weir_slice text,
                                               struct weir_timezone_rule *out);
/* [+-]h[hh][:mm[:ss]] from *at on; false when there is none. Up to 167 hours. */
bool weir_timezone_rule_offset(struct weir_slice text, size_t *at, int32_t *seconds);
/* The stretch around utc_s by the rule alone. */
void weir_timezone_rule_at(const struct weir_timezone_rule *rule, int64_t utc_s,
                           struct weir_timezone_cursor *out);

#endif
