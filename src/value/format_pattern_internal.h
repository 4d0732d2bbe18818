/* Compiled template patterns: a list of nodes. */
#ifndef WEIR_VALUE_FORMAT_PATTERN_INTERNAL_H
#define WEIR_VALUE_FORMAT_PATTERN_INTERNAL_H

#include "value/format_pattern.h"

enum weir_node_kind {
    WEIR_NODE_FIELD,     /* a keyword */
    WEIR_NODE_CHARACTER, /* one literal character */
    WEIR_NODE_SEPARATOR, /* punctuation outside quotes */
    WEIR_NODE_SPACE,
    WEIR_NODE_END
};

enum weir_letter_case { WEIR_CASE_UPPER, WEIR_CASE_LOWER, WEIR_CASE_MIXED };

struct weir_pattern_node {
    uint8_t kind;           /* enum weir_node_kind */
    uint8_t field;          /* index of the keyword's table */
    uint8_t letters;        /* enum weir_letter_case: how the keyword was written */
    bool fill_mode;         /* FM */
    bool translated;        /* TM: names without padding */
    bool ordinal;           /* TH */
    bool ordinal_lower;     /* th */
    uint8_t character_size; /* bytes of character */
    char character[4];
};

enum weir_time_field {
    WEIR_FIELD_A_D,
    WEIR_FIELD_A_M,
    WEIR_FIELD_AD,
    WEIR_FIELD_AM,
    WEIR_FIELD_CC,
    WEIR_FIELD_DAY,
    WEIR_FIELD_DDD,
    WEIR_FIELD_DD,
    WEIR_FIELD_DY,
    WEIR_FIELD_D,
    WEIR_FIELD_FF1,
    WEIR_FIELD_FF2,
    WEIR_FIELD_FF3,
    WEIR_FIELD_FF4,
    WEIR_FIELD_FF5,
    WEIR_FIELD_FF6,
    WEIR_FIELD_FX,
    WEIR_FIELD_HH24,
    WEIR_FIELD_HH12,
    WEIR_FIELD_IDDD,
    WEIR_FIELD_ID,
    WEIR_FIELD_IW,
    WEIR_FIELD_IYYY,
    WEIR_FIELD_IYY,
    WEIR_FIELD_IY,
    WEIR_FIELD_I,
    WEIR_FIELD_J,
    WEIR_FIELD_MI,
    WEIR_FIELD_MM,
    WEIR_FIELD_MONTH,
    WEIR_FIELD_MON,
    WEIR_FIELD_MS,
    WEIR_FIELD_OF,
    WEIR_FIELD_Q,
    WEIR_FIELD_RM,
    WEIR_FIELD_SSSS,
    WEIR_FIELD_SS,
    WEIR_FIELD_TZH,
    WEIR_FIELD_TZM,
    WEIR_FIELD_TZ,
    WEIR_FIELD_US,
    WEIR_FIELD_WW,
    WEIR_FIELD_W,
    WEIR_FIELD_Y_YYY,
    WEIR_FIELD_YYYY,
    WEIR_FIELD_YYY,
    WEIR_FIELD_YY,
    WEIR_FIELD_Y
};

enum weir_date_convention { WEIR_CONVENTION_NONE, WEIR_CONVENTION_GREGORIAN, WEIR_CONVENTION_ISO };

struct weir_time_keyword {
    const char *name;
    enum weir_time_field field;
    bool is_digits; /* its text is digits, so that neighbours must keep to their widths */
    enum weir_date_convention convention;
};
extern const struct weir_time_keyword weir_time_keywords[];

struct weir_time_pattern {
    const struct weir_pattern_node *nodes; /* ended by WEIR_NODE_END; .field indexes the table */
};

enum weir_number_field {
    WEIR_NUMBER_COMMA,
    WEIR_NUMBER_POINT,
    WEIR_NUMBER_ZERO,
    WEIR_NUMBER_NINE,
    WEIR_NUMBER_B,
    WEIR_NUMBER_C,
    WEIR_NUMBER_D,
    WEIR_NUMBER_EEEE,
    WEIR_NUMBER_FM,
    WEIR_NUMBER_G,
    WEIR_NUMBER_L,
    WEIR_NUMBER_MI,
    WEIR_NUMBER_PL,
    WEIR_NUMBER_PR,
    WEIR_NUMBER_RN,
    WEIR_NUMBER_SG,
    WEIR_NUMBER_SP,
    WEIR_NUMBER_S,
    WEIR_NUMBER_TH,
    WEIR_NUMBER_V
};

/* Where S puts the sign. */
enum weir_sign_place { WEIR_SIGN_NONE, WEIR_SIGN_BEFORE, WEIR_SIGN_BEHIND };

struct weir_number_pattern {
    const struct weir_pattern_node *nodes; /* .field is enum weir_number_field */
    int32_t before;                        /* digit places before the point */
    int32_t behind;                        /* and behind it */
    int32_t shifted;                       /* digit places behind V */
    int32_t zero_start;                    /* place of the first 0, from 1; 0 when none */
    int32_t zero_end;                      /* place of the last */
    int32_t sign_at;                       /* digit places in front of S */
    enum weir_sign_place sign;
    bool has_point, has_zero, blank, fill_mode, plus, minus, brackets, roman, shift, scientific;
};

/* Splits pattern into nodes. next_field reads a keyword (with prefixes and suffixes) at text and
 * returns its size, or 0. punctuation: tell separators from characters. NULL: memory ran out. */
const struct weir_pattern_node *
weir_pattern_split(struct weir_arena *arena, struct weir_slice pattern, bool punctuation,
                   size_t (*next_field)(struct weir_slice text, struct weir_pattern_node *node));

/* Size of text's first character, at least 1 and never beyond its end. text is not empty. */
size_t weir_pattern_character_size(struct weir_slice text);
bool weir_pattern_is_separator(char c);
/* "st", "nd", "rd", "th" for a number printed in digits. */
const char *weir_pattern_ordinal(struct weir_slice digits, bool lower);

extern const char *const weir_month_names[12];
extern const char *const weir_day_names[7]; /* Sunday first */
extern const char *const weir_roman_months[12];

#endif
