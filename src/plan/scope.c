/* Names in sight: tables and columns of FROM, and what a qualified name means.
 *
 *     a.b.c    table a, column b, field c        if there is a table a with a column b
 *              column a, field b, field c        otherwise
 *     t        column t, else the whole row of table t as a struct
 *
 * A name found only in an enclosing query makes the subquery correlated. */
#include "plan/binder_internal.h"

struct plan_scope_column *plan_scope_add_column(struct plan_binder *b, struct plan_scope *scope)
{
    if (scope->columns_count == scope->columns_capacity) {
        uint32_t capacity = scope->columns_capacity ? scope->columns_capacity * 2 : 16;
        struct plan_scope_column *columns = PLAN_ARRAY(b, struct plan_scope_column, capacity);
        if (!columns)
            return NULL;
        if (scope->columns_count)
            memcpy(columns, scope->columns, scope->columns_count * sizeof *columns);
        scope->columns = columns;
        scope->columns_capacity = capacity;
    }
    struct plan_scope_column *column = &scope->columns[scope->columns_count++];
    *column = (struct plan_scope_column){0};
    return column;
}

static struct plan_scope_table *add_table(struct plan_binder *b, struct plan_scope *scope)
{
    if (scope->tables_count == scope->tables_capacity) {
        uint32_t capacity = scope->tables_capacity ? scope->tables_capacity * 2 : 4;
        struct plan_scope_table *tables = PLAN_ARRAY(b, struct plan_scope_table, capacity);
        if (!tables)
            return NULL;
        if (scope->tables_count)
            memcpy(tables, scope->tables, scope->tables_count * sizeof *tables);
        scope->tables = tables;
        scope->tables_capacity = capacity;
    }
    return &scope->tables[scope->tables_count++];
}

bool plan_scope_add_rel(struct plan_binder *b, struct plan_scope *scope, struct weir_slice name,
                        struct weir_slice other, const struct plan_rel *rel, uint32_t first,
                        uint32_t count)
{
    struct plan_scope_table *table = add_table(b, scope);
    if (!table)
        return false;
    *table = (struct plan_scope_table){name, other, scope->columns_count, count};
    for (uint32_t i = 0; i < count; i++) {
        struct plan_scope_column *column = plan_scope_add_column(b, scope);
        if (!column)
            return false;
        const struct weir_field *field = &rel->fields[first + i];
        column->name = field->name;
        column->type = field->type;
        column->nullable = field->nullable;
        column->index = first + i;
        column->table = scope->tables_count - 1;
        column->poisoned = field->type == NULL;
    }
    scope->event_time_type = rel->event_time_type;
    scope->event_time_column = rel->event_time_column;
    scope->proctime_place = rel->proctime_column + 1;
    return true;
}

bool plan_scope_append(struct plan_binder *b, struct plan_scope *scope,
                       const struct plan_scope *from, uint32_t shift)
{
    uint32_t tables = scope->tables_count, columns = scope->columns_count;
    for (uint32_t i = 0; i < from->tables_count; i++) {
        struct plan_scope_table *table = add_table(b, scope);
        if (!table)
            return false;
        *table = from->tables[i];
        table->first += columns;
    }
    for (uint32_t i = 0; i < from->columns_count; i++) {
        struct plan_scope_column *column = plan_scope_add_column(b, scope);
        if (!column)
            return false;
        *column = from->columns[i];
        column->index += shift;
        column->table += tables;
    }
    scope->open |= from->open;
    return true;
}

/* ---------------------------------------------------------------- look-up */

enum { FOUND_NONE, FOUND_ONE, FOUND_MANY };

static bool table_answers(const struct plan_scope_table *table, struct weir_slice name)
{
    return name.size && (weir_slice_equals(table->name, name) ||
                         (table->other.size && weir_slice_equals(table->other, name)));
}

static uint32_t find_table(const struct plan_scope *scope, struct weir_slice name, uint32_t *count)
{
    uint32_t found = PLAN_NONE;
    *count = 0;
    for (uint32_t i = 0; i < scope->tables_count; i++) {
        if (!table_answers(&scope->tables[i], name))
            continue;
        if (found == PLAN_NONE)
            found = i;
        ++*count;
    }
    return found;
}

static int find_column(const struct plan_scope *scope, struct weir_slice name, uint32_t table,
                       const struct plan_scope_column **out)
{
    int found = FOUND_NONE;
    for (uint32_t i = 0; i < scope->columns_count; i++) {
        const struct plan_scope_column *column = &scope->columns[i];
        if ((table == PLAN_NONE ? column->hidden : column->table != table) ||
            !weir_slice_equals(column->name, name))
            continue;
        if (found == FOUND_ONE)
            return FOUND_MANY;
        found = FOUND_ONE;
        *out = column;
    }
    return found;
}

static const struct weir_expr *column_expr(struct plan_binder *b, struct plan_context *context,
                                           const struct plan_scope_column *column, uint32_t outer,
                                           struct weir_position position)
{
    if (column->poisoned)
        return NULL;
    if (column->value)
        return column->value;
    if (!outer)
        return plan_expr_column(b, column->index, column->type, column->nullable, position);
    if (context->correlated)
        *context->correlated = true;
    return plan_expr_column(b, PLAN_INDEX_OUTER + (outer - 1) * PLAN_OUTER_STEP + column->index,
                            column->type, true, position);
}

/* The rest of a name: fields of structs. */
static const struct weir_expr *fields_of(struct plan_binder *b, const struct weir_expr *expr,
                                         const struct weir_sql_names *name, uint32_t from)
{
    for (uint32_t i = from; expr && i < name->count; i++)
        expr = plan_struct_field(b, expr, &name->items[i]);
    return expr;
}

static const struct weir_expr *whole_row(struct plan_binder *b, struct plan_context *context,
                                         const struct plan_scope *scope, uint32_t index,
                                         uint32_t outer, struct weir_position position)
{
    const struct plan_scope_table *table = &scope->tables[index];
    const struct weir_expr **values = PLAN_ARRAY(b, const struct weir_expr *, table->count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, table->count + 1);
    if (!values || !names)
        return NULL;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct plan_scope_column *column = &scope->columns[table->first + i];
        names[i] = column->name;
        values[i] = column_expr(b, context, column, outer, position);
        if (!values[i])
            return NULL;
    }
    return plan_struct_pack(b, names, values, table->count, position);
}

static void ambiguous(struct plan_binder *b, const struct plan_scope *scope, struct weir_slice name,
                      struct weir_position position)
{
    (void)weir_error_set(&b->error, WEIR_E_AMBIGUOUS_NAME, "column \"%.*s\" is in several tables",
                         WEIR_SLICE_ARGS(name));
    for (uint32_t i = 0; i < scope->columns_count; i++) {
        const struct plan_scope_column *column = &scope->columns[i];
        struct weir_slice table = scope->tables[column->table].name;
        if (!column->hidden && table.size && weir_slice_equals(column->name, name)) {
            weir_error_hint(&b->error, "write %.*s.%.*s", WEIR_SLICE_ARGS(table),
                            WEIR_SLICE_ARGS(name));
            break;
        }
    }
    plan_report(b, position);
}

/* x.y where x is a column without fields here, but a table of a query further out. */
static bool is_outer_table(const struct plan_scope *scope, const struct plan_scope_column *column,
                           const struct weir_sql_names *name)
{
    if (name->count < 2 || !column->type || column->type->kind == WEIR_TYPE_STRUCT)
        return false;
    for (scope = scope->outer; scope; scope = scope->outer) {
        uint32_t found;
        if (find_table(scope, name->items[0].text, &found) != PLAN_NONE)
            return true;
    }
    return false;
}

/* One scope. *done when the name was found there, rightly or not. */
static const struct weir_expr *resolve_in(struct plan_binder *b, struct plan_context *context,
                                          const struct plan_scope *scope, uint32_t outer,
                                          const struct weir_sql_names *name,
                                          struct weir_position position, bool *done)
{
    const struct plan_scope_column *column = NULL;
    struct weir_slice first = name->items[0].text;
    uint32_t tables_found;
    uint32_t table = find_table(scope, first, &tables_found);
    *done = true;
    if (name->count > 1 && tables_found > 1) {
        plan_fail(b, name->items[0].position, WEIR_E_AMBIGUOUS_NAME,
                  "table \"%.*s\" stands several times in FROM", WEIR_SLICE_ARGS(first));
        return NULL;
    }
    if (name->count > 1 && table != PLAN_NONE &&
        find_column(scope, name->items[1].text, table, &column) == FOUND_ONE)
        return fields_of(b, column_expr(b, context, column, outer, position), name, 2);
    int found = find_column(scope, first, PLAN_NONE, &column);
    if (found == FOUND_MANY) {
        ambiguous(b, scope, first, position);
        return NULL;
    }
    if (found == FOUND_ONE && !is_outer_table(scope, column, name))
        return fields_of(b, column_expr(b, context, column, outer, position), name, 1);
    if (name->count == 1 && tables_found == 1)
        return whole_row(b, context, scope, table, outer, position);
    *done = false;
    return NULL;
}

/* ---------------------------------------------------------------- errors */

/* No name is near: what there is. */
static void tell_columns(struct plan_binder *b, const struct weir_slice *names, size_t count)
{
    enum { SHOWN_MAX = 8 };
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    for (size_t i = 0; i < count && i < SHOWN_MAX; i++)
        weir_buffer_printf(&text, "%s%.*s", i ? ", " : "", WEIR_SLICE_ARGS(names[i]));
    if (!text.failed)
        weir_error_detail(&b->error, "there is %.*s%s", (int)text.size, text.data,
                          count > SHOWN_MAX ? ", …" : "");
    weir_buffer_deinit(&text);
}

static void hint_columns(struct plan_binder *b, const struct plan_scope *scope,
                         struct weir_slice name, uint32_t table)
{
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, scope->columns_count + 1);
    if (!names)
        return;
    size_t count = 0;
    for (uint32_t i = 0; i < scope->columns_count; i++)
        if (table == PLAN_NONE || scope->columns[i].table == table)
            names[count++] = scope->columns[i].name;
    plan_hint_nearest(b, name, names, count);
    if (b->error.hint[0] == 0 && count)
        tell_columns(b, names, count);
}

static void unknown_column(struct plan_binder *b, const struct plan_scope *scope,
                           const struct weir_sql_names *name, struct weir_position position)
{
    uint32_t tables_found;
    struct weir_slice first = name->items[0].text;
    uint32_t table = find_table(scope, first, &tables_found);
    if (name->count > 1 && table == PLAN_NONE) {
        struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, scope->tables_count + 1);
        if (!names)
            return;
        for (uint32_t i = 0; i < scope->tables_count; i++)
            names[i] = scope->tables[i].name;
        (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_COLUMN,
                             "no table or struct column \"%.*s\" here", WEIR_SLICE_ARGS(first));
        plan_hint_nearest(b, first, names, scope->tables_count);
        weir_error_at(&b->error, name->items[0].position);
    } else if (name->count > 1 || scope->tables_count == 1) {
        struct weir_slice missing = name->items[name->count > 1].text;
        uint32_t owner = name->count > 1 ? table : 0;
        struct weir_slice owner_name = scope->tables[owner].name;
        (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_COLUMN,
                             owner_name.size ? "no column \"%.*s\" in \"%.*s\""
                                             : "no column \"%.*s\"",
                             WEIR_SLICE_ARGS(missing), WEIR_SLICE_ARGS(owner_name));
        hint_columns(b, scope, missing, owner);
        weir_error_at(&b->error, name->count > 1 ? name->items[1].position : position);
    } else {
        (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_COLUMN, "no column \"%.*s\"%s",
                             WEIR_SLICE_ARGS(first),
                             scope->tables_count ? " in any table of FROM" : ": there is no FROM");
        hint_columns(b, scope, first, PLAN_NONE);
        weir_error_at(&b->error, position);
    }
    plan_report(b, position);
}

/* A column of the select list before this one, as in `tumble(…) AS window, window.start`, or any
 * one where the clause knows them all. */
static const struct weir_expr *earlier_alias(struct plan_binder *b, struct plan_context *context,
                                             const struct weir_sql_names *name, bool *done)
{
    bool may = name->count > 1 || context->names_aliases;
    for (uint32_t i = 0; may && i < context->aliases_count; i++) {
        const struct plan_select_alias *alias = &context->aliases[i];
        if (!alias->name.size || !weir_slice_equals(alias->name, name->items[0].text))
            continue;
        *done = true;
        return alias->expr ? fields_of(b, alias->expr, name, 1) : NULL;
    }
    return NULL;
}

const struct weir_expr *plan_bind_name(struct plan_binder *b, struct plan_context *context,
                                       const struct weir_sql_expr *ast)
{
    bool done = false;
    bool open = false;
    uint32_t outer = 0; /* queries further out */
    for (const struct plan_scope *scope = context->scope; scope; scope = scope->outer) {
        const struct weir_expr *expr =
            resolve_in(b, context, scope, outer, &ast->name, ast->position, &done);
        if (done)
            return expr;
        open |= scope->open;
        outer++;
    }
    const struct weir_expr *expr = earlier_alias(b, context, &ast->name, &done);
    if (done || open || b->out_of_memory)
        return expr;
    static const struct plan_scope nothing = {0};
    unknown_column(b, context->scope ? context->scope : &nothing, &ast->name, ast->position);
    return NULL;
}

const struct weir_expr *plan_struct_field(struct plan_binder *b, const struct weir_expr *operand,
                                          const struct weir_sql_name *name)
{
    const struct weir_type *type = operand->type;
    if (type->kind != WEIR_TYPE_STRUCT) {
        plan_fail(b, name->position, WEIR_E_UNKNOWN_FIELD,
                  "no field \"%.*s\": the value is %s, not a struct", WEIR_SLICE_ARGS(name->text),
                  weir_type_name(type).text);
        return NULL;
    }
    for (uint32_t i = 0; i < type->children_count; i++)
        if (weir_slice_equals(type->names[i], name->text))
            return plan_expr_field(b, operand, i, name->position);
    (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_FIELD, "no field \"%.*s\" in %s",
                         WEIR_SLICE_ARGS(name->text), weir_type_name(type).text);
    plan_hint_nearest(b, name->text, type->names, type->children_count);
    plan_report(b, name->position);
    return NULL;
}
