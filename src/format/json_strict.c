/* The strict path: one line, judged whole to RFC 8259, its values put into lanes.
 *
 *     {"a":1,"x":[1,{"y":2}],"a":2}⏎
 *     a known key: convert the value, mark its leaf seen; "x": nobody reads it, but it is checked;
 *     "a" again: the lane is overwritten, the last value counts
 *
 * The line is walked once with a stack of open containers. A value that does not fit its leaf is
 * only noted, for a later duplicate may replace it, and a grammar error further on goes before it.
 * What was not seen at the end becomes NULL.
 *
 * Strings end where the chunk's index says when the line is known to hold no escape and no
 * control byte (INDEXED); else eight bytes at a time are searched. Both read the same grammar.
 *
 * Invariants
 *   1. No byte after the line's newline decides anything (up to 31 more may be read).
 *   2. A line is good exactly when a strict parser accepts it and it is an object (tested against
 *      Python's in tests/unit/format/json_reference.py, fuzzed in fuzz/fuzz_json_records.c).
 *   3. seen and failed are zero between records.
 *
 * Faults, most important first: ill-formed UTF-8, grammar, a value of the wrong type (the first in
 * the text), a NOT NULL column without a value (the first in the table). */
#include "format/json_internal.h"

#include "value/utf8.h"

#include <stdio.h>

struct frame {
    const struct json_node *node; /* NULL: nobody reads what is inside */
    const char *begin;            /* its bracket */
    uint32_t element;             /* arrays: index of the current element */
    bool is_object;
};

struct strict {
    struct json_decoder *decoder;
    const char *base;
    const uint16_t *quotes; /* INDEXED: entry of the next quote */
    uint32_t row;
    uint32_t depth;
    enum weir_json_reason reason;
    const char *at; /* of the fault */
    bool has_escapes;
    bool out_of_memory;
    struct frame frames[WEIR_JSON_DEPTH_MAX + 1];
};

const char *weir_json_no_object(const char *at)
{
    if (memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        return "a byte order mark is not JSON; a record must be an object";
    if (memcmp(at, "\xFF\xFE", 2) == 0 || memcmp(at, "\xFE\xFF", 2) == 0)
        return "this is UTF-16, JSON is UTF-8; a record must be an object";
    return "a record must be an object";
}

static const char *refuse(struct strict *strict, enum weir_json_reason reason, const char *at)
{
    strict->reason = reason;
    strict->at = at;
    return NULL;
}

/* The byte at p cannot stand there. */
static const char *unexpected(struct strict *strict, const char *p)
{
    return refuse(strict, *p == '\n' ? WEIR_JSON_UNEXPECTED_END : WEIR_JSON_UNEXPECTED_BYTE, p);
}

WEIR_INLINE const char *skip_space(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r')
        p++;
    return p;
}

/* ---- strings ---- */

/* Bytes that end or interrupt a string: quote, backslash, below 0x20. A bit at the top of each. */
WEIR_INLINE uint64_t string_stops(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
            ((word - ones * 0x20) & ~word)) &
           tops;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits at p as a number; -1 when they are not four digits. Reads no further than the
 * first byte that is none. */
static int hex_quad(const char *p)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(p[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* p at a backslash. Returns what follows the escape, or NULL with the reason. */
static const char *escape_end(const char *p, enum weir_json_reason *reason)
{
    char c = p[1];
    *reason = WEIR_JSON_BAD_ESCAPE;
    if (c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' ||
        c == 't')
        return p + 2;
    int unit = c == 'u' ? hex_quad(p + 2) : -1;
    if (unit < 0)
        return NULL;
    if (unit < 0xD800 || unit > 0xDFFF)
        return p + 6;
    *reason = WEIR_JSON_LONE_SURROGATE;
    if (unit > 0xDBFF || p[6] != '\\' || p[7] != 'u')
        return NULL;
    int low = hex_quad(p + 8);
    if (low >= 0xDC00 && low <= 0xDFFF)
        return p + 12;
    if (low < 0)
        *reason = WEIR_JSON_BAD_ESCAPE;
    return NULL;
}

const char *weir_json_escape_end(const char *p)
{
    enum weir_json_reason reason;
    return escape_end(p, &reason);
}

bool weir_json_escapes_valid(const struct json_chunk *chunk, const uint32_t *doubt, uint32_t end)
{
    uint32_t after = 0;
    for (; *doubt < end; doubt++) {
        if (*doubt < after)
            continue; /* the second half of a pair */
        const char *escape = chunk->text + *doubt;
        const char *rest = *escape == '\\' ? weir_json_escape_end(escape) : NULL;
        if (!rest)
            return false;
        after = (uint32_t)(rest - chunk->text);
    }
    return true;
}

uint32_t weir_json_escape_flags(struct weir_slice text)
{
    const char *p = text.data, *end = text.data + text.size;
    uint32_t flags = 0;
    while (p < end && (p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
        flags |= WEIR_JSON_ESCAPED;
        if (end - p >= 6 && memcmp(p, "\\u0000", 6) == 0)
            flags |= WEIR_JSON_HAS_NUL;
        p += 2;
    }
    return flags;
}

/* p at a backslash. Returns what follows the escape. */
static const char *skip_escape(struct strict *strict, const char *p, uint32_t *flags)
{
    enum weir_json_reason reason;
    const char *end = escape_end(p, &reason);
    *flags |= WEIR_JSON_ESCAPED;
    if (!end) /* of a pair, the half that is wrong */
        return refuse(strict, reason,
                      reason == WEIR_JSON_BAD_ESCAPE && hex_quad(p + 2) >= 0 && p[1] == 'u' ? p + 6
                                                                                            : p);
    if (end - p == 6 && memcmp(p + 2, "0000", 4) == 0)
        *flags |= WEIR_JSON_HAS_NUL;
    return end;
}

/* p after the opening quote. Returns the closing one. */
static const char *scan_string(struct strict *strict, const char *p, uint32_t *flags)
{
    for (;;) {
        uint64_t stops = string_stops(json_load_u64(p));
        if (!stops) {
            p += 8;
            continue;
        }
        p += (unsigned)__builtin_ctzll(stops) / 8;
        if (*p == '"')
            return p;
        if (*p != '\\')
            return refuse(strict, *p == '\n' ? WEIR_JSON_UNEXPECTED_END : WEIR_JSON_CONTROL_BYTE,
                          p);
        p = skip_escape(strict, p, flags);
        if (!p)
            return NULL;
    }
}

/* p at the opening quote; *text is what stands between the quotes. Returns what follows. */
WEIR_INLINE const char *read_string(struct strict *strict, const char *p, bool indexed,
                                    struct weir_slice *text, uint32_t *flags)
{
    const char *close;
    if (indexed) {
        close = strict->base + strict->quotes[1];
        strict->quotes += 2;
        if (WEIR_UNLIKELY(*close == '\n'))
            return refuse(strict, WEIR_JSON_UNEXPECTED_END, close);
        if (WEIR_UNLIKELY(strict->has_escapes))
            *flags |= weir_json_escape_flags(weir_slice_make(p + 1, (size_t)(close - p - 1)));
    } else {
        close = scan_string(strict, p + 1, flags);
        if (!close)
            return NULL;
    }
    *text = weir_slice_make(p + 1, (size_t)(close - p - 1));
    return close + 1;
}

/* ---- numbers and keywords ---- */

WEIR_INLINE bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

static const char *bad_number(const char *p, const char **at)
{
    if (at)
        *at = p;
    return NULL;
}

WEIR_INLINE const char *number_end(const char *p, const char **at)
{
    p += *p == '-';
    if (!is_digit(*p))
        return bad_number(p, at);
    if (*p == '0')
        p++;
    else
        while (is_digit(*p))
            p++;
    if (*p == '.') {
        if (!is_digit(*++p))
            return bad_number(p, at);
        while (is_digit(*p))
            p++;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '+' || *p == '-';
        if (!is_digit(*p))
            return bad_number(p, at);
        while (is_digit(*p))
            p++;
    }
    return p;
}

const char *weir_json_number_end(const char *text, const char **at)
{
    return number_end(text, at);
}

/* ---- leaves ---- */

static void forget_below(struct json_decoder *decoder, const struct json_node *node)
{
    for (uint32_t i = 0; i < node->below_count; i++) {
        weir_bit_clear(decoder->seen, node->below[i]);
        weir_bit_clear(decoder->failed, node->below[i]);
    }
}

/* Puts a value into the leaves of node. False only when memory has run out. */
static bool store(struct strict *strict, const struct json_node *node,
                  const struct weir_json_token *token)
{
    struct json_decoder *decoder = strict->decoder;
    for (uint32_t at = node->leaf; at != JSON_NONE;) {
        struct json_leaf *leaf = &decoder->tree.leaves[at];
        enum json_result result = JSON_OK;
        weir_bit_clear(decoder->failed, at);
        if (token->kind == WEIR_JSON_NULL) {
            weir_bit_clear(decoder->seen, at);
            at = leaf->next;
            continue;
        }
        if (leaf->type->kind == WEIR_TYPE_STRUCT)
            result = token->kind == WEIR_JSON_OBJECT_BEGIN ? JSON_OK : JSON_MISMATCH;
        else
            result = weir_json_convert(&decoder->context, leaf->type, token,
                                       leaf->values + (size_t)strict->row * leaf->width);
        if (WEIR_UNLIKELY(result == JSON_MEMORY)) {
            strict->out_of_memory = true;
            return false;
        }
        weir_bit_set(decoder->seen, at);
        if (WEIR_UNLIKELY(result != JSON_OK)) {
            weir_bit_set(decoder->failed, at);
            decoder->failures[at] = (struct json_failure){token->text.data, *token, result};
        }
        at = leaf->next;
    }
    return true;
}

WEIR_INLINE bool store_scalar(struct strict *strict, const struct json_node *node,
                              enum weir_json_kind kind, struct weir_slice text, uint32_t flags)
{
    if (!node)
        return true;
    if (node->below_count)
        forget_below(strict->decoder, node);
    struct weir_json_token token = {.kind = kind, .flags = flags, .text = text};
    return store(strict, node, &token);
}

/* ---- the walk ---- */

static const char *read_keyword(struct strict *strict, const char *p, const struct json_node *node)
{
    static const char *const words[] = {"true", "false", "null"};
    static const enum weir_json_kind kinds[] = {WEIR_JSON_TRUE, WEIR_JSON_FALSE, WEIR_JSON_NULL};
    int which = *p == 't' ? 0 : *p == 'f' ? 1 : 2;
    size_t size = which == 1 ? 5 : 4;
    if (*p != words[which][0])
        return unexpected(strict, p);
    for (size_t i = 0; i < size; i++)
        if (p[i] != words[which][i])
            return refuse(strict, WEIR_JSON_BAD_LITERAL, p);
    return store_scalar(strict, node, kinds[which], weir_slice_make(p, size), 0) ? p + size : NULL;
}

WEIR_INLINE const char *read_scalar(struct strict *strict, const char *p,
                                    const struct json_node *node, bool indexed)
{
    if (*p == '"') {
        struct weir_slice text;
        uint32_t flags = 0;
        p = read_string(strict, p, indexed, &text, &flags);
        return p && store_scalar(strict, node, WEIR_JSON_STRING, text, flags) ? p : NULL;
    }
    if (is_digit(*p) || *p == '-') {
        const char *at = NULL;
        const char *end = number_end(p, &at);
        if (WEIR_UNLIKELY(!end))
            return refuse(strict, *at == '\n' ? WEIR_JSON_UNEXPECTED_END : WEIR_JSON_BAD_NUMBER,
                          at);
        struct weir_slice text = weir_slice_make(p, (size_t)(end - p));
        return store_scalar(strict, node, WEIR_JSON_NUMBER, text, 0) ? end : NULL;
    }
    return read_keyword(strict, p, node);
}

static struct json_node *element_node(const struct json_node *node, uint32_t index)
{
    for (uint32_t i = 0; node && i < node->elements_count; i++)
        if (node->elements[i].index == index)
            return node->elements[i].node;
    return NULL;
}

static const char *push(struct strict *strict, const struct json_node *node, const char *p)
{
    if (strict->depth == WEIR_JSON_DEPTH_MAX)
        return refuse(strict, WEIR_JSON_TOO_DEEP, p);
    if (node && node->below_count && strict->depth)
        forget_below(strict->decoder, node);
    strict->frames[strict->depth++] =
        (struct frame){.node = node, .begin = p, .is_object = *p == '{'};
    return p + 1;
}

/* p after a closing bracket: the container is a value of its own. */
static bool pop(struct strict *strict, const char *p)
{
    struct frame *frame = &strict->frames[--strict->depth];
    if (!frame->node || frame->node->leaf == JSON_NONE)
        return true;
    struct weir_json_token token = {
        .kind = frame->is_object ? WEIR_JSON_OBJECT_BEGIN : WEIR_JSON_ARRAY_BEGIN,
        .text = weir_slice_make(frame->begin, (size_t)(p - frame->begin))};
    return store(strict, frame->node, &token);
}

/* Key and colon at p; returns where the value begins and the node it feeds. */
WEIR_INLINE const char *read_key(struct strict *strict, const char *p,
                                 const struct json_node *parent, bool indexed,
                                 const struct json_node **node)
{
    struct weir_slice key;
    uint32_t flags = 0;
    p = read_string(strict, p, indexed, &key, &flags);
    if (WEIR_UNLIKELY(!p))
        return NULL;
    if (WEIR_UNLIKELY(flags && parent && parent->slots)) {
        char *plain = weir_arena_alloc(strict->decoder->context.arena, key.size + 8, 1);
        if (!plain) {
            strict->out_of_memory = true;
            return NULL;
        }
        key = weir_slice_make(plain, weir_json_unescape(key, plain));
    }
    *node = json_find_child(parent, key.data, key.size);
    p = skip_space(p);
    return *p == ':' ? skip_space(p + 1) : unexpected(strict, p);
}

/* The record from its '{' at p to its '}': a loop over the grammar, with what it is inside of on
 * a stack; longer than others because its states jump to each other. Returns what follows. */
WEIR_INLINE const char *walk(struct strict *strict, const char *p, bool indexed)
{
    const struct json_node *node = strict->decoder->tree.root;
    struct frame *top;
open:
    p = push(strict, node, p);
    if (WEIR_UNLIKELY(!p))
        return NULL;
    top = &strict->frames[strict->depth - 1];
    p = skip_space(p);
    if (*p == (top->is_object ? '}' : ']'))
        goto close;
    if (!top->is_object) {
        node = element_node(top->node, 0);
        goto value;
    }
key:
    if (WEIR_UNLIKELY(*p != '"'))
        return unexpected(strict, p);
    p = read_key(strict, p, top->node, indexed, &node);
    if (WEIR_UNLIKELY(!p))
        return NULL;
value:
    if (*p == '{' || *p == '[')
        goto open;
    p = read_scalar(strict, p, node, indexed);
    if (WEIR_UNLIKELY(!p))
        return NULL;
after:
    p = skip_space(p);
    if (*p == ',') {
        p = skip_space(p + 1);
        if (top->is_object)
            goto key;
        node = element_node(top->node, ++top->element);
        goto value;
    }
    if (WEIR_UNLIKELY(*p != (top->is_object ? '}' : ']')))
        return unexpected(strict, p);
close:
    p++;
    if (WEIR_UNLIKELY(!pop(strict, p)))
        return NULL;
    if (strict->depth == 0)
        return p;
    top = &strict->frames[strict->depth - 1];
    goto after;
}

static WEIR_NOINLINE const char *walk_indexed(struct strict *strict, const char *p)
{
    return walk(strict, p, true);
}
static WEIR_NOINLINE const char *walk_scanning(struct strict *strict, const char *p)
{
    return walk(strict, p, false);
}

/* ---- verdicts ---- */

static void fault_set(struct json_fault *fault, enum weir_status code, const char *at,
                      uint32_t field, const char *message)
{
    fault->code = code;
    fault->at = at;
    fault->field = field;
    snprintf(fault->message, sizeof fault->message, "%s", message);
}

static void fault_grammar(struct strict *strict, struct json_fault *fault)
{
    fault_set(fault, strict->reason == WEIR_JSON_TOO_DEEP ? WEIR_E_TOO_DEEP : WEIR_E_BAD_JSON,
              strict->at, JSON_NONE, weir_json_reason_text(strict->reason));
    if (strict->reason == WEIR_JSON_UNEXPECTED_BYTE && strict->depth == 0)
        fault_set(fault, WEIR_E_BAD_JSON, strict->at, JSON_NONE, weir_json_no_object(strict->at));
}

static const char *name_of_kind(enum weir_type_kind kind)
{
    switch (kind) {
    case WEIR_TYPE_BOOLEAN:
        return "true or false";
    case WEIR_TYPE_INT8:
    case WEIR_TYPE_INT16:
    case WEIR_TYPE_INT32:
    case WEIR_TYPE_INT64:
    case WEIR_TYPE_UINT8:
    case WEIR_TYPE_UINT16:
    case WEIR_TYPE_UINT32:
    case WEIR_TYPE_UINT64:
        return "an integer";
    case WEIR_TYPE_FLOAT32:
    case WEIR_TYPE_FLOAT64:
    case WEIR_TYPE_DECIMAL:
        return "a number";
    case WEIR_TYPE_LIST:
        return "an array";
    case WEIR_TYPE_STRUCT:
    case WEIR_TYPE_MAP:
        return "an object";
    case WEIR_TYPE_TIMESTAMP:
    case WEIR_TYPE_TIMESTAMPTZ:
    case WEIR_TYPE_TIMESTAMP_NS:
    case WEIR_TYPE_TIMESTAMPTZ_NS:
        return "a timestamp";
    case WEIR_TYPE_DATE:
        return "a date";
    case WEIR_TYPE_TIME:
        return "a time of day";
    case WEIR_TYPE_INTERVAL:
        return "an interval";
    case WEIR_TYPE_UUID:
        return "a UUID";
    case WEIR_TYPE_BYTEA:
        return "hexadecimal or base64 text";
    default:
        return "a value that fits";
    }
}

/* The value as it stands in the record, cut to what a message can hold. */
static struct weir_slice shown_value(const struct weir_json_token *token, bool *cut)
{
    struct weir_slice text = token->text;
    if (token->kind == WEIR_JSON_STRING)
        text = weir_slice_make(text.data - 1, text.size + 2);
    *cut = text.size > 60;
    if (*cut) {
        text.size = 60;
        while (text.size && weir_utf8_is_continuation(text.data[text.size]))
            text.size--;
    }
    return text;
}

static void fault_value(struct json_decoder *decoder, uint32_t at, struct json_fault *fault)
{
    const struct json_failure *failure = &decoder->failures[at];
    const struct json_leaf *leaf = &decoder->tree.leaves[at];
    bool cut;
    struct weir_slice value = shown_value(&failure->token, &cut);
    struct weir_type_name type = weir_type_name(leaf->type);
    const char *tail = cut ? "…" : "";
    fault->code = failure->result == JSON_TIME_RANGE ? WEIR_E_TIME_RANGE : WEIR_E_BAD_VALUE;
    fault->at = failure->at;
    fault->field = leaf->field;
    switch (failure->result) {
    case JSON_RANGE:
    case JSON_TIME_RANGE:
        snprintf(fault->message, sizeof fault->message, "%.*s%s is out of range of %.60s",
                 WEIR_SLICE_ARGS(value), tail, type.text);
        return;
    case JSON_TOO_LONG:
        snprintf(fault->message, sizeof fault->message, "%.*s%s is too long for %.60s",
                 WEIR_SLICE_ARGS(value), tail, type.text);
        return;
    case JSON_NUL:
        snprintf(fault->message, sizeof fault->message, "\\u0000 cannot be stored in %.60s",
                 type.text);
        return;
    default:
        snprintf(fault->message, sizeof fault->message, "expected %s, found %.*s%s",
                 name_of_kind(leaf->type->kind), WEIR_SLICE_ARGS(value), tail);
        return;
    }
}

/* The failed leaf whose value comes first in the text. */
static void fault_first_failure(struct json_decoder *decoder, struct json_fault *fault)
{
    uint32_t first = JSON_NONE;
    for (uint32_t at = 0; at < decoder->tree.leaves_count; at++)
        if (weir_bit_get(decoder->failed, at) &&
            (first == JSON_NONE || decoder->failures[at].at < decoder->failures[first].at))
            first = at;
    fault_value(decoder, first, fault);
}

static void clear_marks(struct json_decoder *decoder)
{
    memset(decoder->seen, 0, decoder->words_count * sizeof *decoder->seen);
    memset(decoder->failed, 0, decoder->words_count * sizeof *decoder->failed);
}

/* The record's grammar is fine: are its values? Leaves without one become NULL. */
static bool settle(struct json_decoder *decoder, const struct json_line *line, uint32_t row,
                   struct json_fault *fault)
{
    for (uint32_t w = 0; w < decoder->words_count; w++)
        if (WEIR_UNLIKELY(decoder->failed[w])) {
            fault_first_failure(decoder, fault);
            return false;
        }
    for (uint32_t w = 0; w < decoder->words_count; w++) {
        uint64_t missing = decoder->all[w] & ~decoder->seen[w];
        for (; missing; missing &= missing - 1) {
            uint32_t at = w * 64 + (uint32_t)__builtin_ctzll(missing);
            struct json_leaf *leaf = &decoder->tree.leaves[at];
            if (WEIR_UNLIKELY(!leaf->nullable)) {
                fault_set(fault, leaf->is_event_time ? WEIR_E_NULL_EVENT_TIME : WEIR_E_NULL_VALUE,
                          line->begin, leaf->field,
                          leaf->is_event_time ? "the event time is missing or null"
                                              : "a NOT NULL column has no value");
                return false;
            }
            json_leaf_set_null(leaf, row);
        }
    }
    return true;
}

static bool check_utf8(struct json_decoder *decoder, const struct json_line *line,
                       struct json_fault *fault)
{
    size_t size = (size_t)(line->end - line->begin);
    size_t valid = line->is_utf8 ? size : weir_utf8_first_invalid(decoder->isa, line->begin, size);
    if (valid == size)
        return true;
    fault_set(fault, WEIR_E_BAD_UTF8, line->begin + valid, JSON_NONE, "ill-formed UTF-8");
    return false;
}

/* Goes through the record, by the index when there is one. NULL: refused, or memory ran out. */
static const char *walk_line(struct strict *strict, const struct json_line *line, bool indexed)
{
    strict->quotes = line->quotes;
    strict->depth = 0;
    const char *p = skip_space(line->begin);
    if (*p != '{')
        return unexpected(strict, p);
    p = indexed ? walk_indexed(strict, p) : walk_scanning(strict, p);
    if (!p)
        return NULL;
    p = skip_space(p);
    return p == line->end ? p : refuse(strict, WEIR_JSON_TRAILING_BYTES, p);
}

enum weir_status weir_json_strict_record(struct json_decoder *decoder, const struct json_line *line,
                                         uint32_t row, bool *good, struct json_fault *fault)
{
    *good = false;
    if (!check_utf8(decoder, line, fault))
        return WEIR_OK;
    struct strict strict;
    strict.decoder = decoder;
    strict.base = line->base;
    strict.row = row;
    strict.reason = WEIR_JSON_NO_ERROR;
    strict.has_escapes = line->has_escapes;
    strict.out_of_memory = false;
    const char *p = walk_line(&strict, line, line->quotes != NULL);
    if (!p && line->quotes && !strict.out_of_memory) {
        clear_marks(decoder); /* once more, for the reason as it is always given */
        p = walk_line(&strict, line, false);
    }
    if (p)
        *good = settle(decoder, line, row, fault);
    else if (!strict.out_of_memory)
        fault_grammar(&strict, fault);
    clear_marks(decoder);
    return strict.out_of_memory ? weir_budget_error(decoder->budget, NULL) : WEIR_OK;
}
