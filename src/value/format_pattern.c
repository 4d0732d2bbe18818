/* Template patterns: splitting into nodes, the keywords of times. Contracts:
 * value/format_pattern.h.
 *
 * A keyword may carry FM (no padding) or TM (names as they are) in front and TH or th behind. Text
 * in double quotes is literal, \" stands for a quote, everything else that is no keyword is a
 * character, punctuation or white space of its own. */
#include "value/format_pattern_internal.h"
#include "value/utf8.h"

const char *const weir_month_names[12] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
const char *const weir_day_names[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
const char *const weir_roman_months[12] = {"I",   "II",   "III", "IV", "V",  "VI",
                                           "VII", "VIII", "IX",  "X",  "XI", "XII"};

#define GREGORIAN WEIR_CONVENTION_GREGORIAN
#define ISO WEIR_CONVENTION_ISO
#define NONE WEIR_CONVENTION_NONE

/* Of names that begin alike, the longer stands first. */
const struct weir_time_keyword weir_time_keywords[] = {
    {"A.D.", WEIR_FIELD_A_D, false, NONE},
    {"A.M.", WEIR_FIELD_A_M, false, NONE},
    {"AD", WEIR_FIELD_AD, false, NONE},
    {"AM", WEIR_FIELD_AM, false, NONE},
    {"B.C.", WEIR_FIELD_A_D, false, NONE},
    {"BC", WEIR_FIELD_AD, false, NONE},
    {"CC", WEIR_FIELD_CC, true, NONE},
    {"DAY", WEIR_FIELD_DAY, false, NONE},
    {"DDD", WEIR_FIELD_DDD, true, GREGORIAN},
    {"DD", WEIR_FIELD_DD, true, GREGORIAN},
    {"DY", WEIR_FIELD_DY, false, NONE},
    {"D", WEIR_FIELD_D, true, GREGORIAN},
    {"FF1", WEIR_FIELD_FF1, false, NONE},
    {"FF2", WEIR_FIELD_FF2, false, NONE},
    {"FF3", WEIR_FIELD_FF3, false, NONE},
    {"FF4", WEIR_FIELD_FF4, false, NONE},
    {"FF5", WEIR_FIELD_FF5, false, NONE},
    {"FF6", WEIR_FIELD_FF6, false, NONE},
    {"FX", WEIR_FIELD_FX, false, NONE},
    {"HH24", WEIR_FIELD_HH24, true, NONE},
    {"HH12", WEIR_FIELD_HH12, true, NONE},
    {"HH", WEIR_FIELD_HH12, true, NONE},
    {"IDDD", WEIR_FIELD_IDDD, true, ISO},
    {"ID", WEIR_FIELD_ID, true, ISO},
    {"IW", WEIR_FIELD_IW, true, ISO},
    {"IYYY", WEIR_FIELD_IYYY, true, ISO},
    {"IYY", WEIR_FIELD_IYY, true, ISO},
    {"IY", WEIR_FIELD_IY, true, ISO},
    {"I", WEIR_FIELD_I, true, ISO},
    {"J", WEIR_FIELD_J, true, NONE},
    {"MI", WEIR_FIELD_MI, true, NONE},
    {"MM", WEIR_FIELD_MM, true, GREGORIAN},
    {"MONTH", WEIR_FIELD_MONTH, false, GREGORIAN},
    {"MON", WEIR_FIELD_MON, false, GREGORIAN},
    {"MS", WEIR_FIELD_MS, true, NONE},
    {"OF", WEIR_FIELD_OF, false, NONE},
    {"P.M.", WEIR_FIELD_A_M, false, NONE},
    {"PM", WEIR_FIELD_AM, false, NONE},
    {"Q", WEIR_FIELD_Q, true, NONE},
    {"RM", WEIR_FIELD_RM, false, GREGORIAN},
    {"SSSSS", WEIR_FIELD_SSSS, true, NONE},
    {"SSSS", WEIR_FIELD_SSSS, true, NONE},
    {"SS", WEIR_FIELD_SS, true, NONE},
    {"TZH", WEIR_FIELD_TZH, false, NONE},
    {"TZM", WEIR_FIELD_TZM, true, NONE},
    {"TZ", WEIR_FIELD_TZ, false, NONE},
    {"US", WEIR_FIELD_US, true, NONE},
    {"WW", WEIR_FIELD_WW, true, GREGORIAN},
    {"W", WEIR_FIELD_W, true, GREGORIAN},
    {"Y,YYY", WEIR_FIELD_Y_YYY, true, GREGORIAN},
    {"YYYY", WEIR_FIELD_YYYY, true, GREGORIAN},
    {"YYY", WEIR_FIELD_YYY, true, GREGORIAN},
    {"YY", WEIR_FIELD_YY, true, GREGORIAN},
    {"Y", WEIR_FIELD_Y, true, GREGORIAN}};

size_t weir_pattern_character_size(struct weir_slice text)
{
    size_t used;
    (void)weir_utf8_decode(text.data, text.size, &used);
    return used;
}

bool weir_pattern_is_separator(char c)
{
    return c > 0x20 && c < 0x7F && (unsigned char)((c | 32) - 'a') >= 26 &&
           (unsigned char)(c - '0') >= 10;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

const char *weir_pattern_ordinal(struct weir_slice digits, bool lower)
{
    static const char *const upper_names[] = {"TH", "ST", "ND", "RD"};
    static const char *const lower_names[] = {"th", "st", "nd", "rd"};
    char last = digits.size ? digits.data[digits.size - 1] : '0';
    size_t index = last >= '1' && last <= '3' ? (size_t)(last - '0') : 0;
    if (digits.size > 1 && digits.data[digits.size - 2] == '1')
        index = 0;
    return lower ? lower_names[index] : upper_names[index];
}

static void set_character(struct weir_pattern_node *node, enum weir_node_kind kind,
                          struct weir_slice text, size_t size)
{
    *node = (struct weir_pattern_node){.kind = (uint8_t)kind, .character_size = (uint8_t)size};
    memcpy(node->character, text.data, size);
}

static struct weir_slice without_prefix(struct weir_slice text, size_t size)
{
    return weir_slice_make(text.data + size, text.size - size);
}

/* The characters of a quoted literal, up to the closing quote or the end. */
static struct weir_slice split_quoted(struct weir_slice rest, struct weir_pattern_node **node)
{
    for (rest = without_prefix(rest, 1); rest.size > 0;) {
        if (*rest.data == '"')
            return without_prefix(rest, 1);
        if (*rest.data == '\\' && rest.size > 1)
            rest = without_prefix(rest, 1);
        size_t size = weir_pattern_character_size(rest);
        set_character((*node)++, WEIR_NODE_CHARACTER, rest, size);
        rest = without_prefix(rest, size);
    }
    return rest;
}

const struct weir_pattern_node *
weir_pattern_split(struct weir_arena *arena, struct weir_slice pattern, bool punctuation,
                   size_t (*next_field)(struct weir_slice text, struct weir_pattern_node *node))
{
    struct weir_pattern_node *nodes =
        WEIR_ARENA_ARRAY(arena, struct weir_pattern_node, pattern.size + 1);
    struct weir_pattern_node *node = nodes;
    struct weir_slice rest = pattern;

    if (!nodes)
        return NULL;
    while (rest.size > 0) {
        size_t size = next_field(rest, node);
        if (size) {
            node += node->kind == WEIR_NODE_FIELD;
            rest = without_prefix(rest, size);
            continue;
        }
        if (*rest.data == '"') {
            rest = split_quoted(rest, &node);
            continue;
        }
        if (*rest.data == '\\' && rest.size > 1 && rest.data[1] == '"')
            rest = without_prefix(rest, 1);
        enum weir_node_kind kind = WEIR_NODE_CHARACTER;
        if (punctuation && weir_pattern_is_separator(*rest.data))
            kind = WEIR_NODE_SEPARATOR;
        else if (is_space(*rest.data))
            kind = WEIR_NODE_SPACE;
        size = weir_pattern_character_size(rest);
        set_character(node++, kind, rest, size);
        rest = without_prefix(rest, size);
    }
    node->kind = WEIR_NODE_END;
    return nodes;
}

static bool starts_with(struct weir_slice text, const char *word)
{
    size_t size = strlen(word);
    return text.size >= size && memcmp(text.data, word, size) == 0;
}

/* How text begins with the (upper-case) word: as it is, in lower case, or capitalised. */
static bool match_word(struct weir_slice text, const char *word, bool capitalised,
                       enum weir_letter_case *letters)
{
    size_t size = strlen(word);
    bool lower = true, mixed = capitalised;

    *letters = WEIR_CASE_UPPER;
    if (text.size < size || starts_with(text, word))
        return text.size >= size;
    for (size_t i = 0; i < size; i++) {
        char c = word[i];
        char small = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        lower = lower && text.data[i] == small;
        mixed = mixed && text.data[i] == (i ? small : c);
    }
    *letters = lower ? WEIR_CASE_LOWER : WEIR_CASE_MIXED;
    return lower || mixed;
}

static bool has_capitalised_form(enum weir_time_field field)
{
    return field == WEIR_FIELD_DAY || field == WEIR_FIELD_DY || field == WEIR_FIELD_MONTH ||
           field == WEIR_FIELD_MON;
}

/* [FM|TM] keyword [TH|SP] */
static size_t next_time_field(struct weir_slice text, struct weir_pattern_node *node)
{
    struct weir_slice rest = text;
    enum weir_letter_case letters;

    *node = (struct weir_pattern_node){.kind = WEIR_NODE_CHARACTER};
    if (starts_with(rest, "FM") || starts_with(rest, "fm"))
        node->fill_mode = true;
    else if (starts_with(rest, "TM") || starts_with(rest, "tm"))
        node->translated = true;
    if (node->fill_mode || node->translated)
        rest = without_prefix(rest, 2);
    for (size_t i = 0; i < WEIR_COUNT_OF(weir_time_keywords); i++) {
        const struct weir_time_keyword *keyword = &weir_time_keywords[i];
        if (!match_word(rest, keyword->name, has_capitalised_form(keyword->field), &letters))
            continue;
        node->kind = WEIR_NODE_FIELD;
        node->field = (uint8_t)i;
        node->letters = (uint8_t)letters;
        rest = without_prefix(rest, strlen(keyword->name));
        if (starts_with(rest, "TH"))
            node->ordinal = true;
        else if (starts_with(rest, "th"))
            node->ordinal = node->ordinal_lower = true;
        if (node->ordinal || starts_with(rest, "SP"))
            rest = without_prefix(rest, 2);
        break;
    }
    return text.size - rest.size;
}

enum weir_status weir_time_pattern_compile(struct weir_arena *arena, struct weir_slice pattern,
                                           const struct weir_time_pattern **out,
                                           struct weir_error *error)
{
    struct weir_time_pattern *compiled = WEIR_ARENA_NEW(arena, struct weir_time_pattern);
    if (!compiled)
        return weir_error_set_out_of_memory(error);
    compiled->nodes = weir_pattern_split(arena, pattern, true, next_time_field);
    if (!compiled->nodes)
        return weir_error_set_out_of_memory(error);
    *out = compiled;
    return WEIR_OK;
}
