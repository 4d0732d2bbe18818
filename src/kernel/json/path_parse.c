/* The parser of SQL/JSON paths: recursive descent, lowest binding first.
 *
 *     or          and ('||' and)*
 *     and         test ('&&' test)*
 *     test        '!' delimited | sum [comparison sum | starts with … | like_regex … ]
 *     sum         product (('+' | '-') product)*
 *     product     unary (('*' | '/' | '%') unary)*
 *     unary       ('+' | '-') unary | primary accessor*
 *     primary     literal | variable | '$' | '@' | last | '(' or ')' | exists '(' sum ')'
 *
 * Predicates and expressions are told apart by the kind of their node; a predicate becomes an
 * expression by standing in parentheses with an accessor behind. */
#include "kernel/json/path.h"
#include "value/number.h"

enum { NODES_MAX = 1000, DEPTH_MAX = 100 };

struct parser {
    struct weir_slice source;
    size_t at;
    struct weir_path_token token; /* the one to come */
    struct weir_arena *arena;
    struct weir_error *error;
    enum weir_status status;
    uint32_t nodes_count, depth, regexes_count;
    uint32_t filters_depth;    /* @ is allowed */
    uint32_t subscripts_depth; /* last is allowed */
};

typedef struct weir_path_node *node_ptr;

static node_ptr fail(struct parser *p, enum weir_status status, const char *what, size_t offset)
{
    if (p->status == WEIR_OK)
        p->status = weir_error_set(p->error, status, "%s at byte %zu of the JSON path %.*s", what,
                                   offset + 1, (int)(p->source.size < 100 ? p->source.size : 100),
                                   p->source.size ? p->source.data : "");
    return NULL;
}

static node_ptr fail_here(struct parser *p)
{
    return fail(p, WEIR_E_BAD_JSON_PATH,
                p->token.kind == WEIR_PATH_TOKEN_END ? "the path is not complete"
                                                     : "something that cannot stand here",
                p->token.offset);
}

static node_ptr fail_memory(struct parser *p)
{
    if (p->status == WEIR_OK)
        p->status = weir_error_set_out_of_memory(p->error);
    return NULL;
}

static void advance(struct parser *p)
{
    p->token = weir_path_token_next(p->source, &p->at, p->arena);
    if (p->token.out_of_memory) {
        (void)fail_memory(p);
    } else if (p->token.kind == WEIR_PATH_TOKEN_ERROR) {
        char what[80];
        size_t size = p->token.text.size < sizeof what - 1 ? p->token.text.size : sizeof what - 1;
        memcpy(what, p->token.text.data, size);
        what[size] = 0;
        (void)fail(p, WEIR_E_BAD_JSON_PATH, what, p->token.offset);
    }
    if (p->status != WEIR_OK)
        p->token.kind = WEIR_PATH_TOKEN_END;
}

static bool is_sign(const struct parser *p, const char *sign)
{
    return p->token.kind == WEIR_PATH_TOKEN_SIGN && weir_slice_equals_string(p->token.text, sign);
}

static bool accept(struct parser *p, const char *sign)
{
    if (!is_sign(p, sign))
        return false;
    advance(p);
    return true;
}

static bool expect(struct parser *p, const char *sign)
{
    if (accept(p, sign))
        return true;
    (void)fail_here(p);
    return false;
}

/* Words are keywords in any case; null, true and false only in lower case. */
static bool is_keyword(const struct parser *p, const char *word)
{
    return p->token.kind == WEIR_PATH_TOKEN_WORD &&
           weir_slice_equals_ignoring_case(p->token.text, weir_slice_from_string(word));
}

static bool accept_keyword(struct parser *p, const char *word)
{
    if (!is_keyword(p, word))
        return false;
    advance(p);
    return true;
}

static node_ptr new_node(struct parser *p, enum weir_path_kind kind)
{
    if (p->nodes_count++ == NODES_MAX)
        return fail(p, WEIR_E_LIMIT, "more than 1000 nodes", p->token.offset);
    node_ptr node = WEIR_ARENA_NEW(p->arena, struct weir_path_node);
    if (!node)
        return fail_memory(p);
    node->kind = kind;
    return node;
}

static node_ptr new_operator(struct parser *p, enum weir_path_kind kind, node_ptr left,
                             node_ptr right)
{
    node_ptr node = left && right ? new_node(p, kind) : NULL;
    if (node) {
        node->left = left;
        node->right = right;
    }
    return node;
}

/* An operand must be an expression, or must be a predicate. */
static node_ptr check(struct parser *p, node_ptr node, bool predicate)
{
    if (node && (weir_path_is_predicate(node->kind) && !node->next) != predicate)
        return fail_here(p);
    return node;
}

static node_ptr parse_or(struct parser *p);
static node_ptr parse_sum(struct parser *p);

/* --- literals -------------------------------------------------------------------------------- */

static bool keep(struct parser *p, struct weir_buffer *buffer, struct weir_slice *out)
{
    char *bytes = buffer->failed ? NULL : weir_arena_copy(p->arena, weir_buffer_slice(buffer));
    *out = weir_slice_make(bytes, buffer->size);
    weir_buffer_deinit(buffer);
    if (!bytes)
        (void)fail_memory(p);
    return bytes != NULL;
}

/* A number as written, '.5', '1.' and '1e3' included, in canonical digits. */
static node_ptr parse_number(struct parser *p)
{
    struct weir_slice text = p->token.text;
    struct weir_buffer json, canonical;
    enum weir_json_reason reason = WEIR_JSON_OUT_OF_MEMORY;
    size_t offset = p->token.offset;
    node_ptr node = new_node(p, WEIR_PATH_LITERAL);
    weir_buffer_init(&json, NULL);
    weir_buffer_init(&canonical, NULL);
    for (size_t i = 0; i < text.size; i++) {
        bool point = text.data[i] == '.';
        if (point && i == 0)
            weir_buffer_append_char(&json, '0');
        weir_buffer_append_char(&json, text.data[i]);
        if (point && (i + 1 == text.size || text.data[i + 1] < '0' || text.data[i + 1] > '9'))
            json.size -= json.size != 0;
    }
    bool ok = node && !json.failed &&
              weir_json_canonicalize(weir_buffer_slice(&json), &canonical, NULL, &reason);
    weir_buffer_deinit(&json);
    advance(p);
    if (ok)
        return keep(p, &canonical, &node->text) ? node : NULL;
    weir_buffer_deinit(&canonical);
    return reason == WEIR_JSON_OUT_OF_MEMORY
               ? fail_memory(p)
               : fail(p, WEIR_E_BAD_JSON_PATH, "a number out of range", offset);
}

static node_ptr parse_string(struct parser *p)
{
    struct weir_buffer json;
    node_ptr node = new_node(p, WEIR_PATH_LITERAL);
    if (!node)
        return NULL;
    weir_buffer_init(&json, NULL);
    weir_json_write_string(&json, p->token.text);
    bool ok = keep(p, &json, &node->text);
    advance(p);
    return ok ? node : NULL;
}

/* The token's text, copied: it may be a part of the source. */
static bool take_text(struct parser *p, struct weir_slice *out)
{
    char *bytes = weir_arena_copy(p->arena, p->token.text);
    if (!bytes) {
        (void)fail_memory(p);
        return false;
    }
    *out = weir_slice_make(bytes, p->token.text.size);
    advance(p);
    return true;
}

/* --- accessors ------------------------------------------------------------------------------- */

static node_ptr parse_subscripts(struct parser *p)
{
    struct weir_path_subscript list[64];
    uint32_t count = 0;
    node_ptr node = new_node(p, WEIR_PATH_INDEX);
    p->subscripts_depth++;
    do {
        if (count == WEIR_COUNT_OF(list))
            return fail(p, WEIR_E_LIMIT, "more than 64 subscripts", p->token.offset);
        node_ptr from = check(p, parse_sum(p), false), to = NULL;
        if (from && accept_keyword(p, "to"))
            to = check(p, parse_sum(p), false);
        if (p->status != WEIR_OK)
            return NULL;
        list[count++] = (struct weir_path_subscript){from, to};
    } while (accept(p, ","));
    p->subscripts_depth--;
    struct weir_path_subscript *kept =
        WEIR_ARENA_ARRAY(p->arena, struct weir_path_subscript, count);
    if (!kept || !node)
        return fail_memory(p);
    memcpy(kept, list, count * sizeof *list);
    node->subscripts = kept;
    node->subscripts_count = count;
    return expect(p, "]") ? node : NULL;
}

static bool parse_level(struct parser *p, int32_t *out)
{
    int64_t value = WEIR_PATH_LEVEL_LAST;
    if (accept_keyword(p, "last")) {
        *out = WEIR_PATH_LEVEL_LAST;
        return true;
    }
    if (p->token.kind != WEIR_PATH_TOKEN_NUMBER ||
        weir_number_parse_i64(p->token.text, &value) != WEIR_PARSE_OK || value > 1000000) {
        (void)fail_here(p);
        return false;
    }
    *out = (int32_t)value;
    advance(p);
    return true;
}

/* Behind '**'. */
static node_ptr parse_any(struct parser *p)
{
    node_ptr node = new_node(p, WEIR_PATH_ANY);
    if (!node)
        return NULL;
    node->last = WEIR_PATH_LEVEL_LAST;
    if (!accept(p, "{"))
        return node;
    if (!parse_level(p, &node->first))
        return NULL;
    node->last = node->first;
    if (accept_keyword(p, "to") && !parse_level(p, &node->last))
        return NULL;
    return expect(p, "}") ? node : NULL;
}

struct method {
    const char *name;
    enum weir_path_kind kind;
};
static const struct method methods[] = {
    {"type", WEIR_PATH_TYPE},         {"size", WEIR_PATH_SIZE},
    {"double", WEIR_PATH_DOUBLE},     {"ceiling", WEIR_PATH_CEILING},
    {"floor", WEIR_PATH_FLOOR},       {"abs", WEIR_PATH_ABS},
    {"keyvalue", WEIR_PATH_KEYVALUE}, {"datetime", WEIR_PATH_DATETIME},
};

/* node is a KEY, the token '('. */
static node_ptr parse_method(struct parser *p, node_ptr node)
{
    size_t i = 0;
    while (i < WEIR_COUNT_OF(methods) &&
           !weir_slice_equals_ignoring_case(node->text, weir_slice_from_string(methods[i].name)))
        i++;
    if (i == WEIR_COUNT_OF(methods))
        return fail(p, WEIR_E_BAD_JSON_PATH, "an unknown method", p->token.offset);
    node->kind = methods[i].kind;
    node->text = weir_slice_make(NULL, 0);
    advance(p);
    if (node->kind == WEIR_PATH_DATETIME && p->token.kind == WEIR_PATH_TOKEN_STRING &&
        !take_text(p, &node->text))
        return NULL;
    return expect(p, ")") ? node : NULL;
}

/* Behind '.'. */
static node_ptr parse_member(struct parser *p)
{
    if (accept(p, "*"))
        return new_node(p, WEIR_PATH_ANY_KEY);
    if (accept(p, "**"))
        return parse_any(p);
    bool is_word = p->token.kind == WEIR_PATH_TOKEN_WORD;
    if (!is_word && p->token.kind != WEIR_PATH_TOKEN_STRING)
        return fail_here(p);
    node_ptr node = new_node(p, WEIR_PATH_KEY);
    if (!node || !take_text(p, &node->text))
        return NULL;
    return is_word && is_sign(p, "(") ? parse_method(p, node) : node;
}

/* Behind '?'. */
static node_ptr parse_filter(struct parser *p)
{
    node_ptr node = new_node(p, WEIR_PATH_FILTER);
    if (!node || !expect(p, "("))
        return NULL;
    p->filters_depth++;
    node->left = check(p, parse_or(p), true);
    p->filters_depth--;
    return node->left && expect(p, ")") ? node : NULL;
}

static node_ptr parse_accessor(struct parser *p, bool *any)
{
    *any = true;
    if (accept(p, "."))
        return parse_member(p);
    if (accept(p, "?"))
        return parse_filter(p);
    if (accept(p, "[")) {
        if (!accept(p, "*"))
            return parse_subscripts(p);
        return expect(p, "]") ? new_node(p, WEIR_PATH_ANY_INDEX) : NULL;
    }
    *any = false;
    return NULL;
}

static node_ptr parse_accessors(struct parser *p, node_ptr node)
{
    node_ptr tail = node;
    bool any = true;
    while (tail && tail->next)
        tail = tail->next;
    while (node && p->status == WEIR_OK) {
        node_ptr next = parse_accessor(p, &any);
        if (!any)
            break;
        tail->next = next;
        tail = next;
    }
    return p->status == WEIR_OK ? node : NULL;
}

/* --- expressions ----------------------------------------------------------------------------- */

/* Behind '('. */
static node_ptr parse_parentheses(struct parser *p)
{
    node_ptr node = parse_or(p);
    if (!node || !expect(p, ")"))
        return NULL;
    if (weir_path_is_predicate(node->kind) && !node->next && accept_keyword(p, "is")) {
        if (!accept_keyword(p, "unknown"))
            return fail_here(p);
        node_ptr test = new_node(p, WEIR_PATH_IS_UNKNOWN);
        if (test)
            test->left = node;
        return test;
    }
    return parse_accessors(p, node);
}

static node_ptr parse_exists(struct parser *p)
{
    node_ptr node = new_node(p, WEIR_PATH_EXISTS);
    if (!node || !expect(p, "("))
        return NULL;
    node->left = check(p, parse_sum(p), false);
    return node->left && expect(p, ")") ? node : NULL;
}

static node_ptr parse_word(struct parser *p)
{
    static const char *const literals[] = {"null", "true", "false"};
    for (size_t i = 0; i < WEIR_COUNT_OF(literals); i++)
        if (weir_slice_equals_string(p->token.text, literals[i])) {
            node_ptr node = new_node(p, WEIR_PATH_LITERAL);
            if (node)
                node->text = weir_slice_from_string(literals[i]);
            advance(p);
            return node;
        }
    if (is_keyword(p, "last") && p->subscripts_depth == 0)
        return fail(p, WEIR_E_BAD_JSON_PATH, "last outside of subscripts", p->token.offset);
    if (accept_keyword(p, "last"))
        return new_node(p, WEIR_PATH_LAST);
    return fail_here(p);
}

static node_ptr parse_variable(struct parser *p)
{
    node_ptr node = new_node(p, WEIR_PATH_VARIABLE);
    return node && take_text(p, &node->text) ? node : NULL;
}

static node_ptr parse_primary(struct parser *p)
{
    node_ptr node = NULL;
    if (is_sign(p, "@") && p->filters_depth == 0)
        return fail(p, WEIR_E_BAD_JSON_PATH, "@ outside of a filter", p->token.offset);
    if (accept(p, "("))
        return parse_parentheses(p);
    if (accept_keyword(p, "exists"))
        return parse_exists(p);
    if (accept(p, "$"))
        node = new_node(p, WEIR_PATH_ROOT);
    else if (accept(p, "@"))
        node = new_node(p, WEIR_PATH_CURRENT);
    else if (p->token.kind == WEIR_PATH_TOKEN_NUMBER)
        node = parse_number(p);
    else if (p->token.kind == WEIR_PATH_TOKEN_STRING)
        node = parse_string(p);
    else if (p->token.kind == WEIR_PATH_TOKEN_VARIABLE)
        node = parse_variable(p);
    else if (p->token.kind == WEIR_PATH_TOKEN_WORD)
        node = parse_word(p);
    else
        return fail_here(p);
    return parse_accessors(p, node);
}

static node_ptr parse_unary(struct parser *p)
{
    bool minus = is_sign(p, "-");
    node_ptr node;
    if (p->depth == DEPTH_MAX)
        return fail(p, WEIR_E_LIMIT, "more than 100 levels", p->token.offset);
    p->depth++;
    if (accept(p, "+") || accept(p, "-")) {
        node_ptr operand = check(p, parse_unary(p), false);
        node = operand ? new_node(p, minus ? WEIR_PATH_MINUS : WEIR_PATH_PLUS) : NULL;
        if (node)
            node->left = operand;
    } else {
        node = parse_primary(p);
    }
    p->depth--;
    return node;
}

static node_ptr parse_product(struct parser *p)
{
    node_ptr node = parse_unary(p);
    while (node && p->status == WEIR_OK) {
        enum weir_path_kind kind;
        if (is_sign(p, "*"))
            kind = WEIR_PATH_MULTIPLY;
        else if (is_sign(p, "/"))
            kind = WEIR_PATH_DIVIDE;
        else if (is_sign(p, "%"))
            kind = WEIR_PATH_MODULO;
        else
            return node;
        node = check(p, node, false);
        advance(p);
        node = new_operator(p, kind, node, check(p, parse_unary(p), false));
    }
    return NULL;
}

static node_ptr parse_sum(struct parser *p)
{
    node_ptr node = parse_product(p);
    while (node && (is_sign(p, "+") || is_sign(p, "-"))) {
        enum weir_path_kind kind = is_sign(p, "+") ? WEIR_PATH_ADD : WEIR_PATH_SUBTRACT;
        node = check(p, node, false);
        advance(p);
        node = new_operator(p, kind, node, check(p, parse_product(p), false));
    }
    return node;
}

/* --- predicates ------------------------------------------------------------------------------ */

static node_ptr parse_starts_with(struct parser *p, node_ptr left)
{
    if (!accept_keyword(p, "with"))
        return fail_here(p);
    if (p->token.kind == WEIR_PATH_TOKEN_STRING)
        return new_operator(p, WEIR_PATH_STARTS_WITH, left, parse_string(p));
    if (p->token.kind == WEIR_PATH_TOKEN_VARIABLE)
        return new_operator(p, WEIR_PATH_STARTS_WITH, left, parse_variable(p));
    return fail_here(p);
}

/* XQuery's flags in the letters of Postgres' regular expressions; false: one is unknown. */
static bool translate_flags(struct parser *p, struct weir_slice flags, size_t offset,
                            struct weir_slice *out)
{
    static const char *const modes[] = {"p", "n", "", "w", "pi", "ni", "i", "wi"};
    bool i = false, s = false, m = false, q = false, x = false;
    for (size_t k = 0; k < flags.size; k++) {
        char c = flags.data[k];
        i |= c == 'i';
        s |= c == 's';
        m |= c == 'm';
        q |= c == 'q';
        x |= c == 'x';
        if (!c || !strchr("ismqx", c)) {
            (void)fail(p, WEIR_E_BAD_JSON_PATH, "an unknown flag of like_regex", offset);
            return false;
        }
    }
    if (x && !q) {
        (void)fail(p, WEIR_E_BAD_JSON_PATH, "the flag x of like_regex, which is not supported",
                   offset);
        return false;
    }
    *out = weir_slice_from_string(q ? (i ? "qi" : "q") : modes[(unsigned)m + 2u * s + 4u * i]);
    return true;
}

const struct weir_regex_use weir_path_regex_use = {
    .name = "like_regex", .pattern_argument = 1, .flags_argument = 2};

/* Checks the pattern and keeps it translated. */
static bool compile_regex(struct parser *p, node_ptr node)
{
    struct weir_view views[3] = {
        {0}, weir_view_from_slice(node->text), weir_view_from_slice(node->flags)};
    struct weir_column columns[3];
    const struct weir_column *constants[3] = {NULL, &columns[1], &columns[2]};
    for (int i = 0; i < 3; i++)
        columns[i] = (struct weir_column){.type = weir_type_of(WEIR_TYPE_TEXT),
                                          .encoding = WEIR_CONSTANT,
                                          .rows_count = 1,
                                          .values = &views[i]};
    struct weir_function_bind bind = {.constants = constants, .args_count = 3, .arena = p->arena};
    enum weir_status status = weir_regex_bind(&bind, &weir_path_regex_use, p->error);
    node->regex = bind.instance;
    if (status != WEIR_OK)
        p->status = status;
    return status == WEIR_OK;
}

static node_ptr parse_like_regex(struct parser *p, node_ptr left)
{
    struct weir_slice flags = {"", 0};
    node_ptr node = new_node(p, WEIR_PATH_LIKE_REGEX);
    if (!node || p->token.kind != WEIR_PATH_TOKEN_STRING)
        return fail_here(p);
    node->left = left;
    node->regex_index = p->regexes_count++;
    if (!take_text(p, &node->text))
        return NULL;
    size_t offset = p->token.offset;
    if (accept_keyword(p, "flag")) {
        if (p->token.kind != WEIR_PATH_TOKEN_STRING)
            return fail_here(p);
        if (!take_text(p, &flags))
            return NULL;
    }
    return translate_flags(p, flags, offset, &node->flags) && compile_regex(p, node) ? node : NULL;
}

struct comparison {
    const char *sign;
    enum weir_path_kind kind;
};
static const struct comparison comparisons[] = {
    {"==", WEIR_PATH_EQUAL},         {"!=", WEIR_PATH_NOT_EQUAL},  {"<>", WEIR_PATH_NOT_EQUAL},
    {"<", WEIR_PATH_LESS},           {"<=", WEIR_PATH_LESS_EQUAL}, {">", WEIR_PATH_GREATER},
    {">=", WEIR_PATH_GREATER_EQUAL},
};

static node_ptr parse_comparison(struct parser *p, node_ptr left)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(comparisons); i++) {
        if (!is_sign(p, comparisons[i].sign))
            continue;
        left = check(p, left, false);
        advance(p);
        return new_operator(p, comparisons[i].kind, left, check(p, parse_sum(p), false));
    }
    if (is_keyword(p, "starts") && check(p, left, false)) {
        advance(p);
        return parse_starts_with(p, left);
    }
    if (is_keyword(p, "like_regex") && check(p, left, false)) {
        advance(p);
        return parse_like_regex(p, left);
    }
    return p->status == WEIR_OK ? left : NULL;
}

static node_ptr parse_test(struct parser *p)
{
    if (!accept(p, "!")) {
        node_ptr left = parse_sum(p);
        return left ? parse_comparison(p, left) : NULL;
    }
    if (!is_sign(p, "(") && !is_keyword(p, "exists"))
        return fail_here(p);
    node_ptr operand = NULL;
    if (accept_keyword(p, "exists")) {
        operand = parse_exists(p);
    } else if (accept(p, "(")) {
        operand = check(p, parse_or(p), true);
        operand = operand && expect(p, ")") ? operand : NULL;
    }
    node_ptr node = operand ? new_node(p, WEIR_PATH_NOT) : NULL;
    if (node)
        node->left = operand;
    return node;
}

static node_ptr parse_and(struct parser *p)
{
    node_ptr node = parse_test(p);
    while (node && is_sign(p, "&&")) {
        node = check(p, node, true);
        advance(p);
        node = new_operator(p, WEIR_PATH_AND, node, check(p, parse_test(p), true));
    }
    return node;
}

static node_ptr parse_or(struct parser *p)
{
    node_ptr node = parse_and(p);
    while (node && is_sign(p, "||")) {
        node = check(p, node, true);
        advance(p);
        node = new_operator(p, WEIR_PATH_OR, node, check(p, parse_and(p), true));
    }
    return node;
}

enum weir_status weir_path_parse(struct weir_slice text, struct weir_arena *arena,
                                 struct weir_path *out, struct weir_error *error)
{
    struct parser p = {.source = text, .arena = arena, .error = error};
    if (text.size > WEIR_PATH_SIZE_MAX)
        return weir_error_set(error, WEIR_E_LIMIT, "a JSON path has more than 64 KiB");
    *out = (struct weir_path){0};
    advance(&p);
    out->is_strict = is_keyword(&p, "strict");
    if (out->is_strict || is_keyword(&p, "lax"))
        advance(&p);
    out->root = parse_or(&p);
    out->regexes_count = p.regexes_count;
    if (p.status == WEIR_OK && p.token.kind != WEIR_PATH_TOKEN_END)
        (void)fail_here(&p);
    return p.status;
}
