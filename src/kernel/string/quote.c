/* quote_ident, quote_literal, quote_nullable, unistr, parse_ident: text as SQL and back. */
#include "kernel/string/quote.h"
#include "kernel/string/string_internal.h"

/* The words of Postgres 15 that are no identifiers everywhere, sorted. */
static const char *const keywords[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
};

static bool is_keyword(struct weir_slice word)
{
    size_t low = 0, high = WEIR_COUNT_OF(keywords);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = weir_slice_compare(word, weir_slice_from_string(keywords[middle]));
        if (order == 0)
            return true;
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool is_bare_identifier(struct weir_slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool is_digit = c >= '0' && c <= '9';
        if (!((c >= 'a' && c <= 'z') || c == '_' || (is_digit && i)))
            return false;
    }
    return name.size && !is_keyword(name);
}

static void append_doubling(struct weir_buffer *out, struct weir_slice text, char quote,
                            bool escape)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == quote || (escape && text.data[i] == '\\'))
            weir_buffer_append_char(out, text.data[i]);
        weir_buffer_append_char(out, text.data[i]);
    }
}

void weir_quote_identifier(struct weir_buffer *out, struct weir_slice name)
{
    if (is_bare_identifier(name)) {
        weir_buffer_append_slice(out, name);
        return;
    }
    weir_buffer_append_char(out, '"');
    append_doubling(out, name, '"', false);
    weir_buffer_append_char(out, '"');
}

void weir_quote_literal(struct weir_buffer *out, struct weir_slice text)
{
    bool has_backslash = text.size && memchr(text.data, '\\', text.size);
    weir_buffer_append_string(out, has_backslash ? "E'" : "'");
    append_doubling(out, text, '\'', true);
    weir_buffer_append_char(out, '\'');
}

/* --- kernels --------------------------------------------------------------------------------- */

typedef void (*quoter)(struct weir_buffer *out, struct weir_slice text);

static void run_quote(struct weir_kernel_call *call, quoter quote)
{
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_buffer_clear(&buffer);
        quote(&buffer, weir_arg_text(call, 0, lane));
        if (!weir_string_store_buffer(call, lane, &buffer))
            break;
    }
    weir_buffer_deinit(&buffer);
}
void weir_fn_quote_ident(struct weir_kernel_call *call)
{
    run_quote(call, weir_quote_identifier);
}
void weir_fn_quote_literal(struct weir_kernel_call *call)
{
    run_quote(call, weir_quote_literal);
}
/* NULL gives the text NULL. */
void weir_fn_quote_nullable(struct weir_kernel_call *call)
{
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    WEIR_FOR_LANES(call, lane)
    {
        weir_buffer_clear(&buffer);
        if (weir_arg_is_null(call, 0, lane))
            weir_buffer_append_string(&buffer, "NULL");
        else
            weir_quote_literal(&buffer, weir_arg_text(call, 0, lane));
        if (!weir_string_store_buffer(call, lane, &buffer))
            break;
    }
    weir_buffer_deinit(&buffer);
}

/* --- unistr ---------------------------------------------------------------------------------- */

static bool read_hex(struct weir_slice text, size_t at, size_t digits, uint32_t *out)
{
    *out = 0;
    if (text.size < at || text.size - at < digits)
        return false;
    for (size_t i = at; i < at + digits; i++) {
        char c = text.data[i], letter = (char)(c | 32);
        uint32_t value;
        if (c >= '0' && c <= '9')
            value = (uint32_t)(c - '0');
        else if (letter >= 'a' && letter <= 'f')
            value = (uint32_t)(letter - 'a' + 10);
        else
            return false;
        *out = *out << 4 | value;
    }
    return true;
}

/* One of \XXXX \uXXXX \+XXXXXX \UXXXXXXXX at `at`; its size, 0 when it is none. */
static size_t read_escape(struct weir_slice text, size_t at, uint32_t *code)
{
    static const struct {
        char letter;
        uint8_t digits;
    } forms[] = {{'u', 4}, {'+', 6}, {'U', 8}};
    if (at + 1 >= text.size || text.data[at] != '\\')
        return 0;
    for (size_t i = 0; i < WEIR_COUNT_OF(forms); i++)
        if (text.data[at + 1] == forms[i].letter)
            return read_hex(text, at + 2, forms[i].digits, code) ? forms[i].digits + 2u : 0;
    return read_hex(text, at + 1, 4, code) ? 5 : 0;
}

static bool is_high_surrogate(uint32_t c)
{
    return c >= 0xD800 && c < 0xDC00;
}

/* The reason of a failure; NULL when all is well. */
static const char *unescape(struct weir_buffer *out, struct weir_slice text)
{
    for (size_t at = 0; at < text.size;) {
        if (text.data[at] != '\\') {
            weir_buffer_append_char(out, text.data[at++]);
            continue;
        }
        if (at + 1 < text.size && text.data[at + 1] == '\\') {
            weir_buffer_append_char(out, '\\');
            at += 2;
            continue;
        }
        uint32_t code, second;
        size_t size = read_escape(text, at, &code);
        if (!size)
            return "invalid Unicode escape";
        at += size;
        if (is_high_surrogate(code)) {
            size = read_escape(text, at, &second);
            if (!size || second < 0xDC00 || second > 0xDFFF)
                return "invalid Unicode surrogate pair";
            at += size;
            code = 0x10000 + ((code & 0x3FF) << 10) + (second & 0x3FF);
        }
        char bytes[WEIR_UTF8_SIZE];
        size_t used = code ? weir_utf8_encode(code, bytes) : 0;
        if (!used)
            return "invalid Unicode code point";
        weir_buffer_append(out, bytes, used);
    }
    return NULL;
}

void weir_fn_unistr(struct weir_kernel_call *call)
{
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_buffer_clear(&buffer);
        const char *failure = unescape(&buffer, weir_arg_text(call, 0, lane));
        bool goes_on = failure ? weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "%s", failure)
                               : weir_string_store_buffer(call, lane, &buffer);
        if (!goes_on)
            break;
    }
    weir_buffer_deinit(&buffer);
}

/* --- parse_ident ----------------------------------------------------------------------------- */

struct identifier_parser {
    struct weir_slice rest;
    struct weir_buffer word; /* of the identifier read last */
    const char *failure;
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static bool is_identifier_start(char c)
{
    char letter = (char)(c | 32);
    return (letter >= 'a' && letter <= 'z') || c == '_' || (unsigned char)c >= 0x80;
}
static bool is_identifier_part(char c)
{
    return is_identifier_start(c) || (c >= '0' && c <= '9') || c == '$';
}

static void skip_space(struct identifier_parser *p)
{
    while (p->rest.size && is_space(*p->rest.data))
        p->rest = weir_slice_from(p->rest, 1);
}

/* Behind the opening quote. */
static bool read_quoted(struct identifier_parser *p)
{
    while (p->rest.size) {
        char c = *p->rest.data;
        p->rest = weir_slice_from(p->rest, 1);
        if (c == '"' && !(p->rest.size && *p->rest.data == '"')) {
            p->failure = p->word.size ? NULL : "quoted identifier must not be empty";
            return !p->failure;
        }
        if (c == '"')
            p->rest = weir_slice_from(p->rest, 1);
        weir_buffer_append_char(&p->word, c);
    }
    p->failure = "string has unclosed double quotes";
    return false;
}

static bool read_identifier(struct identifier_parser *p, bool after_dot)
{
    skip_space(p);
    weir_buffer_clear(&p->word);
    if (p->rest.size && *p->rest.data == '"') {
        p->rest = weir_slice_from(p->rest, 1);
        return read_quoted(p);
    }
    if (!p->rest.size || !is_identifier_start(*p->rest.data)) {
        p->failure = after_dot                              ? "no valid identifier after \".\""
                     : p->rest.size && *p->rest.data == '.' ? "no valid identifier before \".\""
                                                            : "string is not a valid identifier";
        return false;
    }
    while (p->rest.size && is_identifier_part(*p->rest.data)) {
        char c = *p->rest.data;
        weir_buffer_append_char(&p->word, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
        p->rest = weir_slice_from(p->rest, 1);
    }
    return true;
}

static enum weir_string_list_result parse_identifiers(struct weir_kernel_call *call, uint32_t lane,
                                                      struct weir_builder *child, void *context)
{
    struct identifier_parser *p = context;
    bool is_strict = call->args_count < 2 || *WEIR_ARG(call, 1, uint8_t, lane), more = true;
    p->rest = weir_arg_text(call, 0, lane);
    p->failure = NULL;
    for (bool after_dot = false; more && read_identifier(p, after_dot); after_dot = true) {
        enum weir_status status =
            p->word.failed ? WEIR_E_OUT_OF_MEMORY
                           : weir_builder_append_text(child, weir_buffer_slice(&p->word), NULL);
        if (status != WEIR_OK)
            return weir_string_list_status(call, status);
        skip_space(p);
        more = p->rest.size && *p->rest.data == '.';
        if (more)
            p->rest = weir_slice_from(p->rest, 1);
        else if (p->rest.size && is_strict)
            p->failure = "string is not a valid identifier";
    }
    if (!p->failure)
        return WEIR_STRING_LIST_OK;
    struct weir_slice text = weir_arg_text(call, 0, lane);
    return weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "%s: %.*s", p->failure,
                            text.size > 80 ? (int)weir_utf8_offset(text, 40) : (int)text.size,
                            text.data)
               ? WEIR_STRING_LIST_NULL
               : WEIR_STRING_LIST_STOP;
}

void weir_fn_parse_ident(struct weir_kernel_call *call)
{
    struct identifier_parser parser = {0};
    weir_buffer_init(&parser.word, NULL);
    weir_string_build_lists(call, parse_identifiers, &parser);
    weir_buffer_deinit(&parser.word);
}
