/* JSONPath (RFC 9535) as nodes of kernel/json/path.h: '$.items[*].name', '$..price',
 * "$['a'][-1]", '$.a[0:2]', '$.items[?@.price > 10 && @.name]'.
 *
 * Such a path is evaluated without unwrapping and ignores what is missing. Not here: the functions
 * of the RFC's filters (length, count, match, search, value). */
#include "kernel/json/path.h"
#include "value/number.h"

enum { NODES_MAX = 1000, DEPTH_MAX = 100 };

struct parser {
    struct weir_slice source;
    size_t at;
    struct weir_arena *arena;
    struct weir_error *error;
    enum weir_status status;
    uint32_t nodes_count, depth;
};
typedef struct weir_path_node *node_ptr;

static node_ptr fail(struct parser *p, const char *what)
{
    if (p->status == WEIR_OK)
        p->status =
            weir_error_set(p->error, WEIR_E_BAD_JSON_PATH, "%s at byte %zu of the JSONPath %.*s",
                           what, p->at + 1, (int)(p->source.size < 100 ? p->source.size : 100),
                           p->source.size ? p->source.data : "");
    return NULL;
}
static node_ptr fail_memory(struct parser *p)
{
    if (p->status == WEIR_OK)
        p->status = weir_error_set_out_of_memory(p->error);
    return NULL;
}

static char peek(const struct parser *p, size_t ahead)
{
    return p->at + ahead < p->source.size ? p->source.data[p->at + ahead] : 0;
}
static void skip_blanks(struct parser *p)
{
    while (peek(p, 0) == ' ' || peek(p, 0) == '\t' || peek(p, 0) == '\n' || peek(p, 0) == '\r')
        p->at++;
}
static bool accept(struct parser *p, const char *sign)
{
    size_t size = strlen(sign);
    if (p->source.size - p->at < size || memcmp(p->source.data + p->at, sign, size) != 0)
        return false;
    p->at += size;
    return true;
}

static node_ptr new_node(struct parser *p, enum weir_path_kind kind)
{
    if (p->nodes_count++ == NODES_MAX)
        return fail(p, "more than 1000 nodes");
    node_ptr node = WEIR_ARENA_NEW(p->arena, struct weir_path_node);
    if (!node)
        return fail_memory(p);
    node->kind = kind;
    return node;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || (unsigned char)c >= 0x80;
}

/* --- strings and numbers --------------------------------------------------------------------- */

/* A quoted string as a JSON string, quotes included: what is escaped in '…' and need not in "…". */
static bool read_string(struct parser *p, struct weir_slice *json)
{
    char quote = peek(p, 0);
    size_t begin = ++p->at, size = 0;
    while (peek(p, 0) != quote) {
        if (p->at >= p->source.size) {
            (void)fail(p, "a string is not closed");
            return false;
        }
        p->at += peek(p, 0) == '\\' && p->at + 1 < p->source.size ? 2 : 1;
    }
    char *out = weir_arena_alloc(p->arena, (p->at - begin) * 2 + 2, 1);
    if (!out) {
        (void)fail_memory(p);
        return false;
    }
    out[size++] = '"';
    for (size_t i = begin; i < p->at; i++) {
        char c = p->source.data[i];
        if (c == '\\' && p->source.data[i + 1] == '\'') {
            out[size++] = p->source.data[++i];
        } else if (c == '\\') {
            out[size++] = c;
            out[size++] = p->source.data[++i];
        } else {
            if (c == '"')
                out[size++] = '\\';
            out[size++] = c;
        }
    }
    out[size++] = '"';
    p->at++;
    *json = weir_slice_make(out, size);
    if (!weir_json_validate(*json, NULL, NULL))
        (void)fail(p, "a malformed string");
    return p->status == WEIR_OK;
}

static node_ptr parse_key(struct parser *p, bool quoted)
{
    struct weir_slice text;
    node_ptr node = new_node(p, WEIR_PATH_KEY);
    if (!node)
        return NULL;
    if (quoted) {
        if (!read_string(p, &text))
            return NULL;
        return weir_json_string_text(text, p->arena, &node->text) == WEIR_JSON_TEXT_OK
                   ? node
                   : fail(p, "a key that cannot be");
    }
    size_t begin = p->at;
    while (is_name(peek(p, 0)))
        p->at++;
    if (p->at == begin)
        return fail(p, "a name is missing");
    text = weir_slice_make(p->source.data + begin, p->at - begin);
    const char *kept = weir_arena_copy(p->arena, text);
    node->text = weir_slice_make(kept, text.size);
    return kept ? node : fail_memory(p);
}

/* An integer; false: there is none. */
static bool read_integer(struct parser *p, int32_t *out)
{
    int64_t value = 0;
    size_t begin = p->at;
    bool minus = accept(p, "-");
    size_t digits = p->at;
    for (; peek(p, 0) >= '0' && peek(p, 0) <= '9' && value <= INT32_MAX; p->at++)
        value = value * 10 + (peek(p, 0) - '0');
    if (p->at == digits || value > INT32_MAX) {
        if (p->at != begin)
            (void)fail(p, "a malformed index");
        return false;
    }
    *out = (int32_t)(minus ? -value : value);
    return true;
}

/* --- segments -------------------------------------------------------------------------------- */

static node_ptr parse_filter_or(struct parser *p);

/* index, or start:end:step with any of them missing. */
static node_ptr parse_slice(struct parser *p)
{
    node_ptr node = new_node(p, WEIR_PATH_SLICE);
    if (!node)
        return NULL;
    bool has_first = read_integer(p, &node->first);
    skip_blanks(p);
    if (!accept(p, ":")) {
        node->last = node->first;
        return has_first ? node : fail(p, "a selector is missing");
    }
    node->step = 1;
    skip_blanks(p);
    bool has_last = read_integer(p, &node->last);
    skip_blanks(p);
    if (accept(p, ":")) {
        skip_blanks(p);
        (void)read_integer(p, &node->step);
    }
    if (!has_first)
        node->first = node->step < 0 ? WEIR_PATH_LEVEL_LAST : 0;
    if (!has_last)
        node->last = node->step < 0 ? INT32_MIN : WEIR_PATH_LEVEL_LAST;
    return node;
}

static node_ptr parse_selector(struct parser *p)
{
    skip_blanks(p);
    if (peek(p, 0) == '\'' || peek(p, 0) == '"')
        return parse_key(p, true);
    if (accept(p, "*"))
        return new_node(p, WEIR_PATH_ANY_CHILD);
    if (!accept(p, "?"))
        return parse_slice(p);
    node_ptr children = new_node(p, WEIR_PATH_ANY_CHILD), filter = new_node(p, WEIR_PATH_FILTER);
    if (!children || !filter)
        return NULL;
    children->next = filter;
    filter->left = parse_filter_or(p);
    return filter->left ? children : NULL;
}

/* Behind '['. Several selectors become a UNION, whose alternatives hang together by `right`. */
static node_ptr parse_bracket(struct parser *p)
{
    node_ptr first = parse_selector(p);
    skip_blanks(p);
    if (!first || accept(p, "]"))
        return p->status == WEIR_OK ? first : NULL;
    node_ptr all = new_node(p, WEIR_PATH_UNION), last = first;
    if (!all)
        return NULL;
    all->left = first;
    while (accept(p, ",")) {
        node_ptr next = parse_selector(p);
        if (!next)
            return NULL;
        last->right = next;
        last = next;
        skip_blanks(p);
    }
    return accept(p, "]") ? all : fail(p, "] is missing");
}

/* One segment; NULL without a failure: there is none. */
static node_ptr parse_segment(struct parser *p)
{
    skip_blanks(p);
    if (accept(p, "[")) {
        return parse_bracket(p);
    }
    if (accept(p, "..")) {
        node_ptr any = new_node(p, WEIR_PATH_ANY);
        if (!any)
            return NULL;
        any->last = WEIR_PATH_LEVEL_LAST;
        any->next = accept(p, "[")   ? parse_bracket(p)
                    : accept(p, "*") ? new_node(p, WEIR_PATH_ANY_CHILD)
                                     : parse_key(p, false);
        return any->next ? any : NULL;
    }
    if (!accept(p, "."))
        return NULL;
    return accept(p, "*") ? new_node(p, WEIR_PATH_ANY_CHILD) : parse_key(p, false);
}

/* $ or @ and its segments. */
static node_ptr parse_query(struct parser *p, enum weir_path_kind kind)
{
    node_ptr node = new_node(p, kind), tail = node, next = node;
    while (next && p->status == WEIR_OK) {
        next = parse_segment(p);
        if (!next)
            break;
        tail->next = next;
        while (tail->next)
            tail = tail->next;
    }
    return p->status == WEIR_OK ? node : NULL;
}

/* --- filters --------------------------------------------------------------------------------- */

static node_ptr parse_literal(struct parser *p)
{
    static const char *const words[] = {"true", "false", "null"};
    node_ptr node = new_node(p, WEIR_PATH_LITERAL);
    if (!node)
        return NULL;
    if (peek(p, 0) == '\'' || peek(p, 0) == '"')
        return read_string(p, &node->text) ? node : NULL;
    for (size_t i = 0; i < WEIR_COUNT_OF(words); i++)
        if (accept(p, words[i])) {
            node->text = weir_slice_from_string(words[i]);
            return node;
        }
    size_t begin = p->at;
    while (peek(p, 0) && strchr("+-.0123456789eE", peek(p, 0)))
        p->at++;
    struct weir_slice number = weir_slice_make(p->source.data + begin, p->at - begin);
    if (!number.size || !weir_json_validate(number, NULL, NULL))
        return fail(p, "a value is missing");
    const char *kept = weir_arena_copy(p->arena, number);
    node->text = weir_slice_make(kept, number.size);
    return kept ? node : fail_memory(p);
}

static node_ptr parse_operand(struct parser *p)
{
    skip_blanks(p);
    if (accept(p, "@"))
        return parse_query(p, WEIR_PATH_CURRENT);
    if (accept(p, "$"))
        return parse_query(p, WEIR_PATH_ROOT);
    return parse_literal(p);
}

struct comparison {
    const char *sign;
    enum weir_path_kind kind;
};
static const struct comparison comparisons[] = {
    {"==", WEIR_PATH_EQUAL}, {"!=", WEIR_PATH_NOT_EQUAL},     {"<=", WEIR_PATH_LESS_EQUAL},
    {"<", WEIR_PATH_LESS},   {">=", WEIR_PATH_GREATER_EQUAL}, {">", WEIR_PATH_GREATER},
};

static node_ptr parse_test(struct parser *p)
{
    node_ptr left = parse_operand(p), node = NULL;
    skip_blanks(p);
    for (size_t i = 0; left && !node && i < WEIR_COUNT_OF(comparisons); i++) {
        if (!accept(p, comparisons[i].sign))
            continue;
        node = new_node(p, comparisons[i].kind);
        if (!node)
            return NULL;
        node->right = parse_operand(p);
        if (!node->right)
            return NULL;
    }
    if (left && !node) {
        if (left->kind == WEIR_PATH_LITERAL)
            return fail(p, "a comparison is missing");
        node = new_node(p, WEIR_PATH_EXISTS);
    }
    if (node)
        node->left = left;
    return node;
}

static node_ptr parse_filter_basic(struct parser *p)
{
    node_ptr node = NULL;
    if (p->depth == DEPTH_MAX)
        return fail(p, "more than 100 levels");
    p->depth++;
    skip_blanks(p);
    if (accept(p, "!")) {
        node_ptr operand = parse_filter_basic(p);
        node = operand ? new_node(p, WEIR_PATH_NOT) : NULL;
        if (node)
            node->left = operand;
    } else if (accept(p, "(")) {
        node = parse_filter_or(p);
        skip_blanks(p);
        if (node && !accept(p, ")"))
            node = fail(p, ") is missing");
    } else {
        node = parse_test(p);
    }
    p->depth--;
    return node;
}

static node_ptr parse_filter_chain(struct parser *p, const char *sign, enum weir_path_kind kind,
                                   node_ptr (*parse_side)(struct parser *p))
{
    node_ptr node = parse_side(p);
    skip_blanks(p);
    while (node && accept(p, sign)) {
        node_ptr right = parse_side(p), both = right ? new_node(p, kind) : NULL;
        if (!both)
            return NULL;
        both->left = node;
        both->right = right;
        node = both;
        skip_blanks(p);
    }
    return node;
}
static node_ptr parse_filter_and(struct parser *p)
{
    return parse_filter_chain(p, "&&", WEIR_PATH_AND, parse_filter_basic);
}
static node_ptr parse_filter_or(struct parser *p)
{
    return parse_filter_chain(p, "||", WEIR_PATH_OR, parse_filter_and);
}

enum weir_status weir_path_parse_jsonpath(struct weir_slice text, struct weir_arena *arena,
                                          struct weir_path *out, struct weir_error *error)
{
    struct parser p = {.source = text, .arena = arena, .error = error};
    *out = (struct weir_path){.is_strict = true, .is_jsonpath = true};
    if (text.size > WEIR_PATH_SIZE_MAX)
        return weir_error_set(error, WEIR_E_LIMIT, "a JSON path has more than 64 KiB");
    skip_blanks(&p);
    if (accept(&p, "$"))
        out->root = parse_query(&p, WEIR_PATH_ROOT);
    else
        (void)fail(&p, "$ is missing");
    skip_blanks(&p);
    if (p.status == WEIR_OK && p.at < text.size)
        (void)fail(&p, "something that cannot stand here");
    return p.status;
}
