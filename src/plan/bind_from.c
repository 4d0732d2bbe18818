/* FROM: tables, files, derived tables. Joins with UNNEST (comma, CROSS JOIN, [LEFT] JOIN LATERAL …
 * ON TRUE) are unnesting; all others are in bind_join.c. */
#include "plan/binder_internal.h"

/* Table expressions in sight of each other grow by multiplication. */
enum { CTES_AGAIN_MAX = 200 };

/* ---------------------------------------------------------------- one table */

/* The query of a table expression, whose columns have the names it gives. */
static struct plan_rel *bind_cte_query(struct plan_binder *b, struct plan_cte *cte,
                                       const struct plan_scope *outer_scope, bool *correlated,
                                       struct weir_position position)
{
    const struct plan_cte *outer = b->ctes;
    cte->binding = true;
    b->ctes = cte->outer_ctes;
    struct plan_rel *rel = plan_bind_query(b, cte->ast->query, outer_scope, correlated);
    b->ctes = outer;
    cte->binding = false;
    const struct weir_sql_names *columns = &cte->ast->columns;
    if (rel && columns->count > rel->fields_count) {
        plan_fail(b, columns->items[rel->fields_count].position, WEIR_E_COLUMN_COUNT,
                  "\"%.*s\" has %u column%s, %u are named", WEIR_SLICE_ARGS(cte->name),
                  rel->fields_count, rel->fields_count == 1 ? "" : "s", columns->count);
        rel = NULL;
    }
    if (rel && columns->count) {
        /* Renamed in a copy: the query's own relation may be shared. */
        struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, rel->fields_count);
        const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count);
        for (uint32_t i = 0; names && exprs && i < rel->fields_count; i++) {
            names[i] = i < columns->count ? columns->items[i].text : rel->fields[i].name;
            exprs[i] = rel->fields[i].type ? plan_rel_column(b, rel, i, position) : NULL;
        }
        rel = b->out_of_memory
                  ? NULL
                  : plan_rel_compute(b, rel, NULL, exprs, names, rel->fields_count, position);
    }
    return rel;
}

static struct plan_rel *bind_cte(struct plan_binder *b, struct plan_cte *cte,
                                 struct weir_position position)
{
    if (cte->binding) {
        plan_refuse(b, position, "recursive table expressions");
        return NULL;
    }
    if (!cte->bound)
        cte->rel = bind_cte_query(b, cte, cte->outer_scope, &cte->correlated, position);
    cte->bound = true;
    return cte->rel;
}

/* Scopes without columns in place of those between a table expression and where it is used. */
static const struct plan_scope *behind_scopes(struct plan_binder *b, const struct plan_cte *cte,
                                              const struct plan_scope *used_in)
{
    const struct plan_scope *outer = cte->outer_scope;
    for (; used_in && used_in != cte->outer_scope; used_in = used_in->outer) {
        struct plan_scope *between = PLAN_NEW(b, struct plan_scope);
        if (!between)
            return NULL;
        between->outer = outer;
        between->event_time_column = PLAN_NONE;
        outer = between;
    }
    return used_in ? outer : NULL;
}

/* A table expression that uses outer columns is bound for each place that it is used in, as a query
 * in that place that sees only what the table expression sees. */
static struct plan_rel *bind_cte_here(struct plan_binder *b, struct plan_cte *cte,
                                      const struct plan_scope *used_in, bool *correlated,
                                      struct weir_position position)
{
    *correlated = true;
    if (used_in == cte->outer_scope && !cte->taken) {
        cte->taken = true;
        return cte->rel;
    }
    if (++b->ctes_again > CTES_AGAIN_MAX) {
        plan_fail(b, position, WEIR_E_LIMIT,
                  "table expressions that use outer columns are used more than %d times",
                  CTES_AGAIN_MAX);
        return NULL;
    }
    const struct plan_scope *outer = behind_scopes(b, cte, used_in);
    return outer ? bind_cte_query(b, cte, outer, correlated, position) : NULL;
}

/* Whether the scope of a table expression's query is among those around a place. */
static bool sees(const struct plan_cte *cte, const struct plan_scope *used_in)
{
    while (used_in && used_in != cte->outer_scope)
        used_in = used_in->outer;
    return used_in != NULL;
}

static struct plan_cte *find_cte(struct plan_binder *b, const struct weir_sql_names *names)
{
    if (names->count != 1)
        return NULL;
    for (const struct plan_cte *cte = b->ctes; cte; cte = cte->next)
        if (weir_slice_equals(cte->name, names->items[0].text))
            return (struct plan_cte *)(uintptr_t)cte; /* its memo changes, the list does not */
    return NULL;
}

static void unknown_table(struct plan_binder *b, struct weir_slice name,
                          struct weir_position position)
{
    (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_TABLE, "no table or view \"%.*s\"",
                         WEIR_SLICE_ARGS(name));
    struct weir_slice nearest = plan_catalog_nearest(b->catalog, name, false, b->arena);
    for (const struct plan_cte *cte = b->ctes; cte && !nearest.size; cte = cte->next)
        nearest = weir_slice_nearest(name, &cte->name, 1);
    if (nearest.size)
        weir_error_hint(&b->error, "did you mean \"%.*s\"?", WEIR_SLICE_ARGS(nearest));
    else if (weir_slice_find(name, weir_slice_from_string("."), 0) != SIZE_MAX)
        weir_error_hint(&b->error, "a file is named in single quotes: '%.*s'",
                        WEIR_SLICE_ARGS(name));
    plan_report(b, position);
}

static struct weir_position names_position(const struct weir_sql_names *names)
{
    return names->items[names->count - 1].position;
}

struct plan_rel *plan_bind_relation(struct plan_binder *b, const struct weir_sql_names *names,
                                    struct weir_position position)
{
    struct plan_cte *cte = find_cte(b, names);
    struct plan_rel *rel = cte ? bind_cte(b, cte, position) : NULL;
    if (rel && cte->correlated)
        plan_refuse(b, position, "table expressions that use outer columns in this place");
    if (cte)
        return rel;
    struct weir_slice name = plan_entry_name(b, names);
    struct plan_entry *entry = plan_catalog_find(b->catalog, name, false);
    if (!entry) {
        unknown_table(b, name, names_position(names));
        return NULL;
    }
    return plan_bind_entry(b, entry, names_position(names));
}

struct plan_rel *plan_bind_file(struct plan_binder *b, struct weir_slice path,
                                struct weir_position position)
{
    for (uint32_t i = 0; i < b->file_tables.count; i++) {
        struct plan_file_table *known = b->file_tables.items[i];
        if (weir_slice_equals(known->path, path))
            return known->rel;
    }
    struct plan_file_table *file = PLAN_NEW(b, struct plan_file_table);
    if (!file || !plan_slice_copy(path, b->arena, &file->path)) {
        plan_out_of_memory(b);
        return NULL;
    }
    if (!b->env->file_table) {
        plan_refuse(b, position, "files in FROM here");
        return NULL;
    }
    if (b->env->file_table(b->env->context, file->path, b->arena, &file->table, &b->error) !=
        WEIR_OK) {
        plan_report(b, position);
        return NULL;
    }
    file->table->position = position;
    file->rel = plan_rel_scan(b, file->table, position);
    return file->rel && plan_list_push(b, &b->file_tables, file) ? file->rel : NULL;
}

/* 'data/events.json.gz' answers to events. */
static struct weir_slice file_stem(struct weir_slice path)
{
    for (size_t i = path.size; i-- > 0;)
        if (path.data[i] == '/') {
            path = weir_slice_make(path.data + i + 1, path.size - i - 1);
            break;
        }
    size_t dot = weir_slice_find(path, weir_slice_from_string("."), 1);
    return dot == SIZE_MAX ? path : weir_slice_make(path.data, dot);
}

static struct plan_rel *bind_one(struct plan_binder *b, const struct weir_sql_table *table,
                                 const struct plan_scope *scope, bool *correlated,
                                 struct weir_slice *name)
{
    *name = table->alias.text;
    if (table->kind == WEIR_SQL_TABLE_FILE) {
        if (!name->data)
            *name = file_stem(table->path);
        return plan_bind_file(b, table->path, table->position);
    }
    if (table->kind == WEIR_SQL_TABLE_QUERY) {
        return plan_rel_decide(b, plan_bind_query(b, table->query, scope->outer, correlated));
    }
    if (!name->data)
        *name = table->name.items[table->name.count - 1].text;
    if (table->system_time && table != b->join_right)
        plan_refuse(b, table->position, "FOR SYSTEM_TIME AS OF outside of joins");
    struct plan_cte *cte = find_cte(b, &table->name);
    bool in_sight = cte && correlated && sees(cte, scope->outer);
    struct plan_rel *rel = in_sight ? bind_cte(b, cte, table->position)
                                    : plan_bind_relation(b, &table->name, table->position);
    if (rel && in_sight && cte->correlated)
        rel = bind_cte_here(b, cte, scope->outer, correlated, table->position);
    if (rel && plan_is_lookup(rel) && table != b->join_right)
        plan_lookup_alone(b, rel, table->position);
    return rel;
}

/* AS t(a, b): the new columns of the scope, from `first` on, get these names. */
static bool rename_columns(struct plan_binder *b, const struct weir_sql_table *table,
                           struct plan_scope *scope, uint32_t first)
{
    uint32_t count = scope->columns_count - first;
    if (table->alias_types)
        return plan_refuse(b, table->alias_columns.items[0].position,
                           "types in the column list of an alias");
    if (table->alias_columns.count > count)
        return plan_fail(b, table->alias_columns.items[count].position, WEIR_E_COLUMN_COUNT,
                         "\"%.*s\" has %u column%s, %u are named",
                         WEIR_SLICE_ARGS(table->alias.text), count, count == 1 ? "" : "s",
                         table->alias_columns.count);
    for (uint32_t i = 0; i < table->alias_columns.count; i++)
        scope->columns[first + i].name = table->alias_columns.items[i].text;
    return true;
}

/* ---------------------------------------------------------------- joins */

/* Whether an argument of generate_series names a column, as far as arithmetic, casts and calls go.
 */
static bool names_column(const struct weir_sql_expr *expr)
{
    switch (expr->kind) {
    case WEIR_SQL_EXPR_NAME:
    case WEIR_SQL_EXPR_FIELD:
    case WEIR_SQL_EXPR_SUBSCRIPT:
        return true;
    case WEIR_SQL_EXPR_UNARY:
        return names_column(expr->unary.operand);
    case WEIR_SQL_EXPR_BINARY:
        return names_column(expr->binary.left) || names_column(expr->binary.right);
    case WEIR_SQL_EXPR_CAST:
        return names_column(expr->cast.operand);
    case WEIR_SQL_EXPR_CALL:
        for (uint32_t i = 0; i < expr->call->arguments_count; i++)
            if (names_column(expr->call->arguments[i].value))
                return true;
        return false;
    default:
        return false;
    }
}

static bool is_lateral_series(const struct weir_sql_call *call)
{
    for (uint32_t i = 0; i < call->arguments_count; i++)
        if (names_column(call->arguments[i].value))
            return true;
    return false;
}

static bool is_lateral_function(const struct weir_sql_table *table)
{
    if (table->kind != WEIR_SQL_TABLE_FUNCTION)
        return false;
    const struct weir_sql_call *call = table->function.call;
    struct weir_slice name = call->name.items[call->name.count - 1].text;
    return !plan_is_window_name(name) &&
           (!weir_slice_equals_string(name, "generate_series") || is_lateral_series(call));
}

static bool is_true(const struct weir_sql_expr *on)
{
    return !on || (on->kind == WEIR_SQL_EXPR_BOOLEAN && on->boolean);
}

static struct plan_rel *bind_join(struct plan_binder *b, const struct weir_sql_table *table,
                                  struct plan_scope *scope, bool *correlated)
{
    struct plan_rel *left = plan_bind_from(b, table->join.left, scope, correlated);
    const struct weir_sql_table *right = table->join.right;
    enum weir_sql_join_kind kind = table->join.kind;
    bool unnests =
        is_lateral_function(right) && is_true(table->join.on) && !table->join.natural &&
        !table->join.using.count && !table->join.asof &&
        (kind == WEIR_SQL_JOIN_CROSS ||
         (table->join.on && (kind == WEIR_SQL_JOIN_INNER || kind == WEIR_SQL_JOIN_LEFT)));
    if (!unnests)
        return plan_bind_join(b, table, left, scope, correlated);
    uint32_t first = scope->columns_count;
    if (!left) {
        /* Something before failed: only the arguments are looked at. */
        struct plan_rel *nothing = plan_rel_one_row(b, table->position);
        if (nothing)
            plan_bind_table_function(b, right, nothing, scope, false, correlated);
        scope->open = true;
        return NULL;
    }
    struct plan_rel *rel =
        plan_bind_table_function(b, right, left, scope, kind == WEIR_SQL_JOIN_LEFT, correlated);
    if (rel && !rename_columns(b, right, scope, first))
        return NULL;
    return rel;
}

/* ---------------------------------------------------------------- FROM */

struct plan_rel *plan_bind_from(struct plan_binder *b, const struct weir_sql_table *table,
                                struct plan_scope *scope, bool *correlated)
{
    if (table->kind == WEIR_SQL_TABLE_JOIN)
        return bind_join(b, table, scope, correlated);
    uint32_t first = scope->columns_count;
    struct plan_rel *rel;
    if (table->kind == WEIR_SQL_TABLE_FUNCTION) {
        rel = plan_bind_table_function(b, table, NULL, scope, false, correlated);
    } else {
        struct weir_slice name;
        rel = bind_one(b, table, scope, correlated, &name);
        if (rel &&
            !plan_scope_add_rel(b, scope, name, (struct weir_slice){0}, rel, 0, rel->fields_count))
            return NULL;
    }
    if (!rel) {
        scope->open = true;
        return NULL;
    }
    if (!rename_columns(b, table, scope, first)) {
        scope->open = true;
        return NULL;
    }
    return rel;
}
