#include "mini_sql.h"

#include "column/builder.h"
#include "column/text.h"
#include "kernel/signature.h"
#include "value/number.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARGS_MAX = 16 };

void mini_sql_init(struct mini_sql *sql, const struct weir_schema *schema)
{
    memset(sql, 0, sizeof *sql);
    weir_arena_init(&sql->arena, NULL, 0);
    sql->schema = schema;
}

void mini_sql_deinit(struct mini_sql *sql)
{
    weir_arena_deinit(&sql->arena);
}

static const struct weir_expr *syntax(struct mini_sql *sql, const char *what)
{
    if (!sql->error.code)
        weir_error_set(&sql->error, WEIR_E_SYNTAX, "%s at \"%.20s\"", what, sql->next);
    return NULL;
}

static struct weir_expr *new_node(struct mini_sql *sql)
{
    struct weir_expr *expr = WEIR_ARENA_NEW(&sql->arena, struct weir_expr);
    if (!expr)
        abort();
    expr->nullable = true;
    expr->position.line = 1;
    return expr;
}

const struct weir_expr *mini_sql_constant(struct mini_sql *sql, const struct weir_type *type,
                                          const char *text)
{
    struct weir_expr *expr = new_node(sql);
    struct weir_builder builder;
    expr->kind = WEIR_EXPR_CONSTANT;
    expr->type = type;
    if (!text) {
        expr->constant = weir_column_nulls(type, 1);
        return expr;
    }
    char *kept = weir_arena_copy(&sql->arena, weir_slice_from_string(text));
    if (weir_builder_init(&builder, type, &sql->arena, NULL) != WEIR_OK || !kept ||
        weir_text_parse_into(&builder, weir_slice_from_string(kept), NULL, NULL) != WEIR_PARSE_OK)
        return syntax(sql, "bad literal");
    expr->constant = weir_builder_column(&builder);
    expr->constant.encoding = WEIR_CONSTANT;
    return expr;
}

const struct weir_expr *mini_sql_column(struct mini_sql *sql, uint32_t index)
{
    struct weir_expr *expr = new_node(sql);
    expr->kind = WEIR_EXPR_COLUMN;
    expr->index = index;
    expr->type = sql->schema->fields[index].type;
    return expr;
}

const struct weir_expr *mini_sql_node(struct mini_sql *sql, enum weir_expr_kind kind,
                                      const struct weir_type *type,
                                      const struct weir_expr *const *args, uint32_t count)
{
    struct weir_expr *expr = new_node(sql);
    const struct weir_expr **kept =
        WEIR_ARENA_ARRAY(&sql->arena, const struct weir_expr *, count + 1);
    if (!kept)
        abort();
    for (uint32_t i = 0; i < count; i++)
        if (!(kept[i] = args[i]))
            return NULL;
    expr->kind = kind;
    expr->type = type;
    expr->args = kept;
    expr->args_count = count;
    return expr;
}

/* A quoted literal without a type, or NULL. */
static bool is_unknown(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_CONSTANT &&
           (expr->type->kind == WEIR_TYPE_NULL ||
            (expr->type->kind == WEIR_TYPE_TEXT && expr->index == 1));
}

static const struct weir_expr *fold(struct mini_sql *sql, const struct weir_expr *expr)
{
    const struct weir_expr *out = NULL;
    if (expr &&
        weir_expr_fold(expr, false, &sql->session, &sql->arena, &out, &sql->error) != WEIR_OK)
        return NULL;
    return out;
}

const struct weir_expr *mini_sql_cast(struct mini_sql *sql, const struct weir_expr *expr,
                                      const struct weir_type *type, enum weir_cast_context context)
{
    struct weir_function_match match;
    if (!expr)
        return NULL;
    if (expr->type->kind == WEIR_TYPE_NULL && expr->kind == WEIR_EXPR_CONSTANT)
        return mini_sql_constant(sql, type, NULL);
    if (weir_cast_find(expr->type, type, is_unknown(expr) ? WEIR_CAST_EXPLICIT : context,
                       &sql->session, &sql->arena, &match, &sql->error) != WEIR_OK)
        return NULL;
    if (!match.function)
        return expr;
    const struct weir_expr *call = mini_sql_node(sql, WEIR_EXPR_CALL, match.result_type, &expr, 1);
    struct weir_expr *node = new_node(sql);
    *node = *call;
    node->function = match.function;
    node->instance = match.instance;
    return node;
}

const struct weir_expr *mini_sql_call(struct mini_sql *sql, const char *name,
                                      const struct weir_expr *const *args, uint32_t count)
{
    struct weir_function_arg resolver_args[ARGS_MAX] = {0};
    const struct weir_expr *cast[ARGS_MAX];
    struct weir_function_match match;
    for (uint32_t i = 0; i < count; i++) {
        if (!args[i])
            return NULL;
        const struct weir_expr *value = fold(sql, args[i]);
        bool constant = value && value->kind == WEIR_EXPR_CONSTANT;
        resolver_args[i] = (struct weir_function_arg){args[i]->type, is_unknown(args[i]),
                                                      constant ? &value->constant : NULL};
    }
    if (weir_function_resolve(weir_slice_from_string(name), resolver_args, count, &sql->session,
                              &sql->arena, &match, &sql->error) != WEIR_OK)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        cast[i] = mini_sql_cast(sql, args[i], match.arg_types[i], WEIR_CAST_ASSIGNMENT);
    const struct weir_expr *call =
        mini_sql_node(sql, WEIR_EXPR_CALL, match.result_type, cast, count);
    if (!call)
        return NULL;
    struct weir_expr *node = new_node(sql);
    *node = *call;
    node->function = match.function;
    node->instance = match.instance;
    return node;
}

/* --- tokens ---------------------------------------------------------------------------------- */

static void skip_space(struct mini_sql *sql)
{
    while (isspace((unsigned char)*sql->next))
        sql->next++;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool accept_word(struct mini_sql *sql, const char *word)
{
    skip_space(sql);
    size_t size = strlen(word);
    for (size_t i = 0; i < size; i++)
        if (toupper((unsigned char)sql->next[i]) != word[i])
            return false;
    if (is_word(sql->next[size]))
        return false;
    sql->next += size;
    return true;
}

static bool accept(struct mini_sql *sql, const char *token)
{
    skip_space(sql);
    if (strncmp(sql->next, token, strlen(token)) != 0)
        return false;
    sql->next += strlen(token);
    return true;
}

static bool read_name(struct mini_sql *sql, char *out, size_t size)
{
    size_t n = 0;
    skip_space(sql);
    while (is_word(*sql->next) && n + 1 < size)
        out[n++] = (char)tolower((unsigned char)*sql->next++);
    out[n] = 0;
    return n > 0;
}

static bool read_string(struct mini_sql *sql, char *out, size_t size)
{
    size_t n = 0;
    skip_space(sql);
    if (*sql->next != '\'')
        return false;
    for (sql->next++; *sql->next; sql->next++) {
        if (*sql->next == '\'' && *++sql->next != '\'')
            break;
        if (n + 1 < size)
            out[n++] = *sql->next;
    }
    out[n] = 0;
    return true;
}

/* --- types ----------------------------------------------------------------------------------- */

static int read_integer(struct mini_sql *sql)
{
    int value = 0;
    skip_space(sql);
    while (isdigit((unsigned char)*sql->next))
        value = value * 10 + (*sql->next++ - '0');
    return value;
}

static const struct weir_type *parse_type(struct mini_sql *sql)
{
    char name[64], signature[100];
    if (!read_name(sql, name, sizeof name))
        return NULL;
    if (strcmp(name, "double") == 0)
        accept_word(sql, "PRECISION");
    if ((strcmp(name, "tinyint") == 0 || strcmp(name, "smallint") == 0 ||
         strcmp(name, "integer") == 0 || strcmp(name, "bigint") == 0) &&
        accept_word(sql, "UNSIGNED"))
        strcat(name, " unsigned");
    if (strncmp(name, "timestamp", 9) == 0 && accept_word(sql, "WITH"))
        strcpy(name, accept_word(sql, "TIME") && accept_word(sql, "ZONE") ? "timestamptz" : "?");
    int first = -1, second = 0;
    if (accept(sql, "(")) {
        first = read_integer(sql);
        if (accept(sql, ","))
            second = read_integer(sql);
        accept(sql, ")");
    }
    struct weir_signature parsed;
    snprintf(signature, sizeof signature, "() -> %s%s", name, accept(sql, "[]") ? "[]" : "");
    if (weir_signature_parse(signature, &sql->arena, &parsed, &sql->error) != WEIR_OK ||
        parsed.result.kind != WEIR_PARAM_TYPE)
        return NULL;
    const struct weir_type *type = parsed.result.type;
    if (first >= 0 && type->kind == WEIR_TYPE_DECIMAL)
        return weir_type_decimal(&sql->arena, (unsigned)first, (unsigned)second);
    if (first >= 0) {
        struct weir_type *own = WEIR_ARENA_NEW(&sql->arena, struct weir_type);
        *own = *type;
        if (type->kind == WEIR_TYPE_TEXT)
            own->length = (uint32_t)first;
        else
            own->precision = (uint8_t)first;
        return own;
    }
    return type;
}

/* --- expressions ----------------------------------------------------------------------------- */

static const struct weir_expr *parse_or(struct mini_sql *sql);

static const struct weir_expr *parse_number(struct mini_sql *sql)
{
    const char *begin = sql->next;
    bool decimal = false, exponent = false;
    while (isdigit((unsigned char)*sql->next) || *sql->next == '.')
        decimal |= *sql->next++ == '.';
    if ((*sql->next == 'e' || *sql->next == 'E') &&
        (isdigit((unsigned char)sql->next[1]) || sql->next[1] == '-' || sql->next[1] == '+')) {
        exponent = true;
        sql->next += 2;
        while (isdigit((unsigned char)*sql->next))
            sql->next++;
    }
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)(sql->next - begin), begin);
    int64_t value;
    struct weir_slice slice = weir_slice_from_string(text);
    if (exponent)
        return mini_sql_constant(sql, weir_type_of(WEIR_TYPE_FLOAT64), text);
    if (!decimal && weir_number_parse_i64(slice, &value) == WEIR_PARSE_OK)
        return mini_sql_constant(
            sql, weir_type_of(value <= INT32_MAX ? WEIR_TYPE_INT32 : WEIR_TYPE_INT64), text);
    struct weir_decimal parsed;
    if (weir_decimal_parse_natural(slice, &parsed) != WEIR_PARSE_OK)
        return syntax(sql, "bad number");
    uint32_t digits = weir_decimal_digits(parsed.unscaled);
    if (digits < parsed.scale)
        digits = parsed.scale;
    return mini_sql_constant(sql, weir_type_decimal(&sql->arena, digits ? digits : 1, parsed.scale),
                             text);
}

static uint32_t parse_args(struct mini_sql *sql, const struct weir_expr **args, const char *close)
{
    uint32_t count = 0;
    if (accept(sql, close))
        return 0;
    do {
        args[count++] = parse_or(sql);
    } while (count < ARGS_MAX && accept(sql, ","));
    if (!accept(sql, close))
        syntax(sql, "expected a closing bracket");
    return count;
}

/* All arguments from `first` in steps brought to their common type. */
static const struct weir_type *unify(struct mini_sql *sql, const struct weir_expr **args,
                                     uint32_t count, bool (*takes_part)(uint32_t i, uint32_t count))
{
    const struct weir_type *types[ARGS_MAX] = {0};
    bool unknown[ARGS_MAX] = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!args[i])
            return NULL;
        if (takes_part(i, count)) {
            types[n] = args[i]->type;
            unknown[n++] = is_unknown(args[i]);
        }
    }
    const struct weir_type *common = weir_type_common(types, unknown, n, &sql->arena);
    if (!common) {
        syntax(sql, "types do not meet");
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++)
        if (takes_part(i, count))
            args[i] = mini_sql_cast(sql, args[i], common, WEIR_CAST_ASSIGNMENT);
    return common;
}
static bool every(uint32_t i, uint32_t count)
{
    (void)i, (void)count;
    return true;
}
static bool is_case_result(uint32_t i, uint32_t count)
{
    return i == count - 1 || i % 2 == 1;
}

static const struct weir_expr *parse_case(struct mini_sql *sql)
{
    const struct weir_expr *args[ARGS_MAX];
    uint32_t count = 0;
    while (count + 3 < ARGS_MAX && accept_word(sql, "WHEN")) {
        args[count++] = parse_or(sql);
        if (!accept_word(sql, "THEN"))
            return syntax(sql, "expected THEN");
        args[count++] = parse_or(sql);
    }
    if (accept_word(sql, "ELSE"))
        args[count++] = parse_or(sql);
    else
        args[count++] = mini_sql_constant(sql, weir_type_of(WEIR_TYPE_NULL), NULL);
    if (!accept_word(sql, "END"))
        return syntax(sql, "expected END");
    const struct weir_type *type = unify(sql, args, count, is_case_result);
    return type ? mini_sql_node(sql, WEIR_EXPR_CASE, type, args, count) : NULL;
}

static const struct weir_expr *parse_array(struct mini_sql *sql)
{
    const struct weir_expr *args[ARGS_MAX];
    uint32_t count = parse_args(sql, args, "]");
    const struct weir_type *type = unify(sql, args, count, every);
    if (!type)
        return NULL;
    struct weir_expr *expr = new_node(sql);
    struct weir_builder builder;
    expr->kind = WEIR_EXPR_CONSTANT;
    expr->type = weir_type_list(&sql->arena, type);
    enum weir_status status = weir_builder_init(&builder, expr->type, &sql->arena, NULL);
    for (uint32_t i = 0; i < count && status == WEIR_OK; i++) {
        const struct weir_expr *value = fold(sql, args[i]);
        uint16_t lane = 0;
        if (!value || value->kind != WEIR_EXPR_CONSTANT)
            return syntax(sql, "array elements must be constants here");
        status =
            weir_column_is_null(&value->constant, 0)
                ? weir_builder_append_null(&builder.children[0], NULL)
                : weir_builder_append_lanes(&builder.children[0], &value->constant, &lane, 1, NULL);
    }
    if (status != WEIR_OK || weir_builder_end_list(&builder, 0, NULL) != WEIR_OK)
        return syntax(sql, "bad array");
    expr->constant = weir_builder_column(&builder);
    expr->constant.encoding = WEIR_CONSTANT;
    return expr;
}

static const struct weir_expr *parse_named(struct mini_sql *sql)
{
    const struct weir_expr *args[ARGS_MAX];
    char name[64], literal[256];
    if (accept_word(sql, "NULL"))
        return mini_sql_constant(sql, weir_type_of(WEIR_TYPE_NULL), NULL);
    if (accept_word(sql, "TRUE"))
        return mini_sql_constant(sql, weir_type_of(WEIR_TYPE_BOOLEAN), "true");
    if (accept_word(sql, "FALSE"))
        return mini_sql_constant(sql, weir_type_of(WEIR_TYPE_BOOLEAN), "false");
    if (accept_word(sql, "CASE"))
        return parse_case(sql);
    bool is_try = accept_word(sql, "TRY_CAST");
    if (is_try || accept_word(sql, "CAST")) {
        if (!accept(sql, "("))
            return syntax(sql, "expected (");
        const struct weir_expr *value = parse_or(sql);
        const struct weir_type *type = accept_word(sql, "AS") ? parse_type(sql) : NULL;
        if (!value || !type || !accept(sql, ")"))
            return syntax(sql, "bad cast");
        value = mini_sql_cast(sql, value, type, WEIR_CAST_EXPLICIT);
        return is_try ? mini_sql_node(sql, WEIR_EXPR_TRY, type, &value, 1) : value;
    }
    if (accept_word(sql, "ARRAY"))
        return accept(sql, "[") ? parse_array(sql) : syntax(sql, "expected [");
    const char *before = sql->next;
    read_name(sql, name, sizeof name);
    if (accept(sql, "(")) {
        uint32_t count = parse_args(sql, args, ")");
        if (strcmp(name, "try") == 0)
            return args[0] ? mini_sql_node(sql, WEIR_EXPR_TRY, args[0]->type, args, 1) : NULL;
        if (strcmp(name, "coalesce") == 0) {
            const struct weir_type *type = unify(sql, args, count, every);
            return type ? mini_sql_node(sql, WEIR_EXPR_COALESCE, type, args, count) : NULL;
        }
        return mini_sql_call(sql, name, args, count);
    }
    for (uint32_t i = 0; sql->schema && i < sql->schema->fields_count; i++)
        if (weir_slice_equals_string(sql->schema->fields[i].name, name))
            return mini_sql_column(sql, i);
    sql->next = before;
    const struct weir_type *type = parse_type(sql);
    if (type && read_string(sql, literal, sizeof literal))
        return mini_sql_constant(sql, type, literal);
    sql->next = before;
    return syntax(sql, "unknown name");
}

static const struct weir_expr *parse_primary(struct mini_sql *sql)
{
    char literal[1024];
    skip_space(sql);
    if (accept(sql, "(")) {
        const struct weir_expr *inner = parse_or(sql);
        return accept(sql, ")") ? inner : syntax(sql, "expected )");
    }
    if (isdigit((unsigned char)*sql->next) || *sql->next == '.')
        return parse_number(sql);
    if (*sql->next == '\'') {
        read_string(sql, literal, sizeof literal);
        struct weir_expr *expr = new_node(sql);
        const struct weir_expr *constant =
            mini_sql_constant(sql, weir_type_of(WEIR_TYPE_TEXT), literal);
        if (!constant)
            return NULL;
        *expr = *constant;
        expr->index = 1; /* untyped */
        return expr;
    }
    return is_word(*sql->next) ? parse_named(sql) : syntax(sql, "expected a value");
}

static const struct weir_expr *parse_postfix(struct mini_sql *sql)
{
    const struct weir_expr *expr = parse_primary(sql);
    while (expr && accept(sql, "::")) {
        const struct weir_type *type = parse_type(sql);
        if (!type)
            return syntax(sql, "bad type");
        expr = mini_sql_cast(sql, expr, type, WEIR_CAST_EXPLICIT);
    }
    return expr;
}

static const struct weir_expr *parse_power(struct mini_sql *sql);

static const struct weir_expr *parse_unary(struct mini_sql *sql)
{
    static const char *const symbols[] = {"||/", "|/", "-", "+", "@", "~"};
    skip_space(sql);
    for (size_t i = 0; i < WEIR_COUNT_OF(symbols); i++)
        if (accept(sql, symbols[i])) {
            bool is_sign = *symbols[i] == '-' || *symbols[i] == '+';
            const struct weir_expr *arg = is_sign ? parse_unary(sql) : parse_power(sql);
            return arg ? mini_sql_call(sql, symbols[i], &arg, 1) : NULL;
        }
    return parse_postfix(sql);
}

static const struct weir_expr *binary(struct mini_sql *sql, const char *const *symbols,
                                      size_t count,
                                      const struct weir_expr *(*below)(struct mini_sql *))
{
    const struct weir_expr *left = below(sql);
    while (left) {
        const char *found = NULL;
        skip_space(sql);
        for (size_t i = 0; i < count && !found; i++)
            if (strncmp(sql->next, symbols[i], strlen(symbols[i])) == 0)
                found = symbols[i];
        if (!found)
            return left;
        sql->next += strlen(found);
        const struct weir_expr *args[2] = {left, below(sql)};
        left = mini_sql_call(sql, found, args, 2);
    }
    return left;
}

static const struct weir_expr *parse_power(struct mini_sql *sql)
{
    static const char *const symbols[] = {"^"};
    return binary(sql, symbols, 1, parse_unary);
}
static const struct weir_expr *parse_product(struct mini_sql *sql)
{
    static const char *const symbols[] = {"*", "/", "%"};
    return binary(sql, symbols, 3, parse_power);
}
static const struct weir_expr *parse_sum(struct mini_sql *sql)
{
    static const char *const symbols[] = {"+", "-"};
    return binary(sql, symbols, 2, parse_product);
}
static const struct weir_expr *parse_other(struct mini_sql *sql)
{
    static const char *const symbols[] = {"<<", ">>", "&", "||", "|", "#", "~"};
    return binary(sql, symbols, WEIR_COUNT_OF(symbols), parse_sum);
}
static const struct weir_expr *parse_comparison(struct mini_sql *sql)
{
    static const char *const symbols[] = {"<=", ">=", "<>", "!=", "<", ">", "="};
    return binary(sql, symbols, WEIR_COUNT_OF(symbols), parse_other);
}

static const struct weir_expr *parse_is(struct mini_sql *sql)
{
    static const char *const states[] = {"NULL", "TRUE", "FALSE", "UNKNOWN"};
    static const char *const calls[] = {"null", "true", "false", "unknown"};
    const struct weir_expr *left = parse_comparison(sql);
    while (left && accept_word(sql, "IS")) {
        bool negated = accept_word(sql, "NOT");
        char name[40];
        if (accept_word(sql, "DISTINCT")) {
            accept_word(sql, "FROM");
            const struct weir_expr *args[2] = {left, parse_comparison(sql)};
            left =
                mini_sql_call(sql, negated ? "is_not_distinct_from" : "is_distinct_from", args, 2);
            continue;
        }
        size_t i = 0;
        while (i < WEIR_COUNT_OF(states) && !accept_word(sql, states[i]))
            i++;
        if (i == WEIR_COUNT_OF(states))
            return syntax(sql, "bad IS");
        snprintf(name, sizeof name, "is_%s%s", negated ? "not_" : "", calls[i]);
        left = mini_sql_call(sql, name, &left, 1);
    }
    return left;
}

static const struct weir_expr *parse_not(struct mini_sql *sql)
{
    if (!accept_word(sql, "NOT"))
        return parse_is(sql);
    const struct weir_expr *arg = parse_not(sql);
    return arg ? mini_sql_call(sql, "not", &arg, 1) : NULL;
}

static const struct weir_expr *logical(struct mini_sql *sql, const char *word,
                                       enum weir_expr_kind kind,
                                       const struct weir_expr *(*below)(struct mini_sql *))
{
    const struct weir_expr *args[ARGS_MAX];
    const struct weir_type *boolean = weir_type_of(WEIR_TYPE_BOOLEAN);
    uint32_t count = 0;
    do {
        args[count++] = below(sql);
    } while (count < ARGS_MAX && accept_word(sql, word));
    if (count == 1)
        return args[0];
    for (uint32_t i = 0; i < count; i++)
        args[i] = mini_sql_cast(sql, args[i], boolean, WEIR_CAST_ASSIGNMENT);
    return mini_sql_node(sql, kind, boolean, args, count);
}
static const struct weir_expr *parse_and(struct mini_sql *sql)
{
    return logical(sql, "AND", WEIR_EXPR_AND, parse_not);
}
static const struct weir_expr *parse_or(struct mini_sql *sql)
{
    return logical(sql, "OR", WEIR_EXPR_OR, parse_and);
}

const struct weir_expr *mini_sql_parse(struct mini_sql *sql, const char *text)
{
    weir_error_clear(&sql->error);
    sql->text = sql->next = text;
    const struct weir_expr *expr = parse_or(sql);
    skip_space(sql);
    if (expr && *sql->next)
        return syntax(sql, "text left over");
    return expr;
}

enum weir_status mini_sql_evaluate(struct mini_sql *sql, const char *text, char *out, size_t size)
{
    struct weir_column value;
    const struct weir_expr *expr = mini_sql_parse(sql, text);
    snprintf(out, size, "?");
    if (!expr)
        return sql->error.code ? sql->error.code : WEIR_E_INTERNAL;
    enum weir_status status =
        weir_expr_evaluate(expr, &sql->session, &sql->arena, &value, &sql->error);
    if (status != WEIR_OK)
        return status;
    if (weir_column_is_null(&value, 0)) {
        snprintf(out, size, "NULL");
        return WEIR_OK;
    }
    struct weir_buffer buffer;
    struct weir_text_options options = {.style = WEIR_TEXT_POSTGRES};
    weir_buffer_init(&buffer, NULL);
    weir_column_print(&value, 0, &options, &buffer);
    snprintf(out, size, "%.*s", (int)buffer.size, buffer.data ? buffer.data : "");
    weir_buffer_deinit(&buffer);
    return WEIR_OK;
}
