/* Expressions as SQL-like text, for EXPLAIN. Parentheses where a reader might need them. */
#include "column/text.h"
#include "expr/expr.h"

static void print(const struct weir_expr *expr, const struct weir_schema *schema,
                  struct weir_buffer *out);

static bool is_symbol(const char *name)
{
    return !((*name >= 'a' && *name <= 'z') || *name == '_');
}

static bool is_suffix(const char *name)
{
    return strncmp(name, "is_", 3) == 0;
}

static bool is_compound(const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_AND || expr->kind == WEIR_EXPR_OR)
        return true;
    return expr->kind == WEIR_EXPR_CALL &&
           ((is_symbol(expr->function->name) && expr->args_count <= 2) ||
            is_suffix(expr->function->name) || strcmp(expr->function->name, "not") == 0);
}

static void print_operand(const struct weir_expr *expr, const struct weir_schema *schema,
                          struct weir_buffer *out)
{
    if (is_compound(expr))
        weir_buffer_append_char(out, '(');
    print(expr, schema, out);
    if (is_compound(expr))
        weir_buffer_append_char(out, ')');
}

static void print_list(const struct weir_expr *expr, const char *separator,
                       const struct weir_schema *schema, struct weir_buffer *out, bool operands)
{
    for (uint32_t i = 0; i < expr->args_count; i++) {
        if (i)
            weir_buffer_append_string(out, separator);
        if (operands)
            print_operand(expr->args[i], schema, out);
        else
            print(expr->args[i], schema, out);
    }
}

enum { PRINTED_MAX = 200 }; /* bytes of a text that a person reads */

/* Where a text is cut for people: in front of a character. */
static size_t cut_at(struct weir_slice text)
{
    size_t at = PRINTED_MAX;
    while (at > 0 && ((unsigned char)text.data[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* 'it''s' */
static void print_quoted(struct weir_slice text, struct weir_buffer *out)
{
    weir_buffer_append_char(out, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\'')
            weir_buffer_append_char(out, '\'');
        weir_buffer_append_char(out, text.data[i]);
    }
    weir_buffer_append_char(out, '\'');
}

/* Whole where it identifies a plan; a long text is cut where a person reads it. */
static void print_constant(const struct weir_expr *expr, bool whole, struct weir_buffer *out)
{
    const struct weir_type *type = expr->type;
    if (weir_column_is_null(&expr->constant, 0)) {
        weir_buffer_append_string(out, "NULL");
        return;
    }
    struct weir_text_options options = {.style = WEIR_TEXT_POSTGRES};
    struct weir_buffer text;
    weir_buffer_init(&text, out->budget);
    weir_column_print(&expr->constant, 0, &options, &text);
    out->failed |= text.failed;
    if (weir_type_is_number(type) || type->kind == WEIR_TYPE_BOOLEAN) {
        weir_buffer_append_slice(out, weir_buffer_slice(&text));
    } else {
        struct weir_slice shown = weir_buffer_slice(&text);
        bool cut = !whole && shown.size > PRINTED_MAX;
        if (cut)
            shown.size = cut_at(shown);
        print_quoted(shown, out);
        if (cut)
            weir_buffer_printf(out, "… (%zu bytes)", text.size);
        if (type->kind != WEIR_TYPE_TEXT) {
            weir_buffer_append_string(out, "::");
            weir_type_print(type, out);
        }
    }
    weir_buffer_deinit(&text);
}

/* is_not_distinct_from → IS NOT DISTINCT FROM */
static void print_keywords(const char *name, struct weir_buffer *out)
{
    for (; *name; name++)
        weir_buffer_append_char(
            out, *name == '_' ? ' ' : (char)(*name >= 'a' && *name <= 'z' ? *name - 32 : *name));
}

static void print_call(const struct weir_expr *expr, const struct weir_schema *schema,
                       struct weir_buffer *out)
{
    const char *name = expr->function->name;
    if (strcmp(name, "cast") == 0) {
        weir_buffer_append_string(out, "CAST(");
        print(expr->args[0], schema, out);
        weir_buffer_append_string(out, " AS ");
        weir_type_print(expr->type, out);
        weir_buffer_append_char(out, ')');
    } else if (strcmp(name, "not") == 0) {
        weir_buffer_append_string(out, "NOT ");
        print_operand(expr->args[0], schema, out);
    } else if (is_suffix(name) && expr->args_count >= 1 && expr->args_count <= 2) {
        print_operand(expr->args[0], schema, out);
        weir_buffer_append_char(out, ' ');
        print_keywords(name, out);
        if (expr->args_count == 2) {
            weir_buffer_append_char(out, ' ');
            print_operand(expr->args[1], schema, out);
        }
    } else if (is_symbol(name) && expr->args_count == 2) {
        print_operand(expr->args[0], schema, out);
        weir_buffer_printf(out, " %s ", name);
        print_operand(expr->args[1], schema, out);
    } else if (is_symbol(name) && expr->args_count == 1) {
        weir_buffer_printf(out, "%s ", name);
        print_operand(expr->args[0], schema, out);
    } else {
        weir_buffer_printf(out, "%s(", name);
        print_list(expr, ", ", schema, out, false);
        weir_buffer_append_char(out, ')');
    }
}

static void print_case(const struct weir_expr *expr, const struct weir_schema *schema,
                       struct weir_buffer *out)
{
    weir_buffer_append_string(out, "CASE");
    for (uint32_t i = 0; i + 1 < expr->args_count; i += 2) {
        weir_buffer_append_string(out, " WHEN ");
        print(expr->args[i], schema, out);
        weir_buffer_append_string(out, " THEN ");
        print(expr->args[i + 1], schema, out);
    }
    weir_buffer_append_string(out, " ELSE ");
    print(expr->args[expr->args_count - 1], schema, out);
    weir_buffer_append_string(out, " END");
}

static void print_field(const struct weir_expr *expr, const struct weir_schema *schema,
                        struct weir_buffer *out)
{
    const struct weir_type *type = expr->args[0]->type;
    weir_buffer_append_char(out, '(');
    print(expr->args[0], schema, out);
    weir_buffer_append_string(out, ").");
    if (type->names)
        weir_buffer_append_slice(out, type->names[expr->index]);
    else
        weir_buffer_printf(out, "f%u", expr->index + 1);
}

static void print(const struct weir_expr *expr, const struct weir_schema *schema,
                  struct weir_buffer *out)
{
    switch (expr->kind) {
    case WEIR_EXPR_COLUMN:
        if (schema && expr->index < schema->fields_count)
            weir_buffer_append_slice(out, schema->fields[expr->index].name);
        else
            weir_buffer_printf(out, "#%u", expr->index);
        break;
    case WEIR_EXPR_CONSTANT:
        print_constant(expr, schema == NULL, out);
        break;
    case WEIR_EXPR_CALL:
        print_call(expr, schema, out);
        break;
    case WEIR_EXPR_AND:
        print_list(expr, " AND ", schema, out, true);
        break;
    case WEIR_EXPR_OR:
        print_list(expr, " OR ", schema, out, true);
        break;
    case WEIR_EXPR_CASE:
        print_case(expr, schema, out);
        break;
    case WEIR_EXPR_COALESCE:
    case WEIR_EXPR_TRY:
        weir_buffer_append_string(out, expr->kind == WEIR_EXPR_TRY ? "TRY(" : "COALESCE(");
        print_list(expr, ", ", schema, out, false);
        weir_buffer_append_char(out, ')');
        break;
    case WEIR_EXPR_FIELD:
        print_field(expr, schema, out);
        break;
    }
}

void weir_expr_print(const struct weir_expr *expr, const struct weir_schema *schema,
                     struct weir_buffer *out)
{
    print(expr, schema, out);
}
