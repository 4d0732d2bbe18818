/* SELECT, from FROM to LIMIT:
 *
 *     FROM ─▶ WHERE ─▶ COMPUTE ─▶ AGGREGATE ─▶ (unnest) ─▶ HAVING, select list ─▶ DISTINCT
 *          ─▶ ORDER BY ─▶ LIMIT
 *
 * All expressions are bound over FROM first; when there is an aggregation they are then rewritten
 * to stand above it (bind_aggregate.c). */
#include "plan/binder_internal.h"
#include "plan/set_returning_internal.h"

/* One SELECT being bound. */
struct select {
    struct plan_binder *b;
    const struct weir_sql_select *ast;
    const struct weir_sql_query *query; /* for ORDER BY and LIMIT; NULL: none */
    struct plan_scope scope;
    struct plan_rel *rel; /* NULL: something failed; binding goes on for other errors */
    struct plan_calls calls;
    struct plan_list unnests;
    struct plan_list subqueries;
    struct plan_list overs;
    const struct weir_expr *qualify;
    const struct weir_expr **distinct_on;
    uint32_t distinct_on_count;
    bool *correlated;
    /* output columns; exprs[i] is NULL when it failed */
    const struct weir_expr **exprs;
    struct weir_slice *names;
    const struct weir_sql_expr **asts; /* NULL for columns of a star */
    struct plan_select_alias *aliases;
    uint32_t count, capacity;
    const struct weir_expr *having;
    struct plan_group_key *keys;
    uint32_t keys_count;
    struct plan_group_key *absent; /* keys of other grouping sets than this one */
    uint32_t absent_count;
    const bool *sets; /* grouping sets: keys_count flags each */
    uint32_t sets_count;
    struct plan_list groupings; /* struct plan_grouping_call * */
    /* ORDER BY: an output column, or an expression of its own */
    struct weir_plan_order *order;
    const struct weir_expr **order_exprs;
    uint32_t order_count;
    bool failed, too_wide;
};

static struct plan_context context_of(struct select *select, const char *clause)
{
    return (struct plan_context){.scope = &select->scope,
                                 .clause = clause,
                                 .subqueries = &select->subqueries,
                                 .correlated = select->correlated};
}

/* Where aggregates and windows may stand. */
static struct plan_context output_context(struct select *select, const char *clause)
{
    struct plan_context context = context_of(select, clause);
    context.calls = &select->calls;
    context.groupings = &select->groupings;
    context.overs = &select->overs;
    context.windows = select->ast->windows;
    context.windows_count = select->ast->windows_count;
    context.window_allowed = true;
    context.aliases = select->aliases;
    context.aliases_count = select->count;
    return context;
}

/* ---------------------------------------------------------------- select list */

static bool grow_output(struct select *select)
{
    struct plan_binder *b = select->b;
    if (select->count < select->capacity)
        return true;
    uint32_t capacity = select->capacity ? select->capacity * 2 : 16;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, capacity);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, capacity);
    const struct weir_sql_expr **asts = PLAN_ARRAY(b, const struct weir_sql_expr *, capacity);
    struct plan_select_alias *aliases = PLAN_ARRAY(b, struct plan_select_alias, capacity);
    if (!exprs || !names || !asts || !aliases)
        return false;
    if (select->count) {
        memcpy(exprs, select->exprs, select->count * sizeof *exprs);
        memcpy(names, select->names, select->count * sizeof *names);
        memcpy(asts, select->asts, select->count * sizeof *asts);
        memcpy(aliases, select->aliases, select->count * sizeof *aliases);
    }
    select->exprs = exprs;
    select->names = names;
    select->asts = asts;
    select->aliases = aliases;
    select->capacity = capacity;
    return true;
}

static void add_output(struct select *select, const struct weir_expr *expr, struct weir_slice name,
                       const struct weir_sql_expr *ast, struct weir_slice alias)
{
    if (select->count == WEIR_COLUMNS_MAX) {
        if (!select->too_wide)
            plan_fail(select->b, select->ast->position, WEIR_E_LIMIT,
                      "a query has at most %d columns", WEIR_COLUMNS_MAX);
        select->failed = select->too_wide = true;
        return;
    }
    if (!grow_output(select))
        return;
    select->exprs[select->count] = expr;
    select->names[select->count] = name;
    select->asts[select->count] = ast;
    select->aliases[select->count] = (struct plan_select_alias){alias, expr};
    select->count++;
}

struct weir_slice plan_column_name(const struct weir_sql_expr *ast)
{
    switch (ast->kind) {
    case WEIR_SQL_EXPR_NAME:
        return ast->name.items[ast->name.count - 1].text;
    case WEIR_SQL_EXPR_CALL:
        return ast->call->name.items[ast->call->name.count - 1].text;
    case WEIR_SQL_EXPR_FIELD:
        return ast->field.name.text;
    case WEIR_SQL_EXPR_CAST:
        return plan_column_name(ast->cast.operand);
    case WEIR_SQL_EXPR_COLLATE:
        return plan_column_name(ast->collate.operand);
    case WEIR_SQL_EXPR_SUBSCRIPT:
        return plan_column_name(ast->subscript.operand);
    case WEIR_SQL_EXPR_SLICE:
        return plan_column_name(ast->slice.operand);
    case WEIR_SQL_EXPR_AT_TIME_ZONE:
        return weir_slice_from_string("timezone");
    case WEIR_SQL_EXPR_CASE:
        return ast->cases.otherwise && ast->cases.otherwise->kind == WEIR_SQL_EXPR_NAME
                   ? plan_column_name(ast->cases.otherwise)
                   : weir_slice_from_string("case");
    case WEIR_SQL_EXPR_EXISTS:
        return weir_slice_from_string("exists");
    case WEIR_SQL_EXPR_ARRAY:
    case WEIR_SQL_EXPR_ARRAY_QUERY:
        return weir_slice_from_string("array");
    case WEIR_SQL_EXPR_ROW:
        return weir_slice_from_string("row");
    case WEIR_SQL_EXPR_STRUCT:
        return weir_slice_from_string("struct");
    case WEIR_SQL_EXPR_MAP:
        return weir_slice_from_string("map");
    case WEIR_SQL_EXPR_QUERY:
        if (ast->query->body->kind == WEIR_SQL_BODY_SELECT &&
            ast->query->body->select->items_count == 1) {
            const struct weir_sql_select_item *item = &ast->query->body->select->items[0];
            return item->alias.text.data ? item->alias.text : plan_column_name(item->expr);
        }
        break;
    default:
        break;
    }
    return weir_slice_from_string("?column?");
}

static bool is_excepted(const struct weir_sql_expr *star, struct weir_slice name)
{
    for (uint32_t i = 0; i < star->star.except.count; i++)
        if (weir_slice_equals(star->star.except.items[i].text, name))
            return true;
    return false;
}

static const struct weir_sql_expr *replacement(const struct weir_sql_expr *star,
                                               struct weir_slice name)
{
    for (uint32_t i = 0; i < star->star.replace.count; i++)
        if (weir_slice_equals(star->star.replace_names.items[i].text, name))
            return star->star.replace.items[i];
    return NULL;
}

static void check_star_names(struct select *select, const struct weir_sql_expr *star,
                             const struct weir_sql_names *names, const char *what)
{
    struct plan_binder *b = select->b;
    for (uint32_t i = 0; i < names->count && !select->scope.open; i++) {
        bool found = false;
        for (uint32_t c = 0; c < select->scope.columns_count; c++)
            found |= weir_slice_equals(select->scope.columns[c].name, names->items[i].text);
        if (found)
            continue;
        (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_COLUMN, "no column \"%.*s\" to %s",
                             WEIR_SLICE_ARGS(names->items[i].text), what);
        struct weir_slice *all = PLAN_ARRAY(b, struct weir_slice, select->scope.columns_count + 1);
        for (uint32_t c = 0; all && c < select->scope.columns_count; c++)
            all[c] = select->scope.columns[c].name;
        if (all)
            plan_hint_nearest(b, names->items[i].text, all, select->scope.columns_count);
        plan_report(b, names->items[i].position);
        select->failed = true;
    }
    (void)star;
}

/* (e).*: the fields of a struct. */
static void expand_struct(struct select *select, const struct weir_sql_expr *star)
{
    struct plan_binder *b = select->b;
    struct plan_context context = output_context(select, "the select list");
    const struct weir_expr *operand = plan_bind(b, &context, star->star.operand);
    if (!operand) {
        select->failed = true;
        return;
    }
    if (operand->type->kind != WEIR_TYPE_STRUCT) {
        select->failed = true;
        plan_fail(b, star->position, WEIR_E_UNKNOWN_FIELD, "%s has no fields to expand",
                  weir_type_name(operand->type).text);
        return;
    }
    for (uint32_t i = 0; i < operand->type->children_count; i++) {
        struct weir_slice name = operand->type->names[i];
        if (!is_excepted(star, name))
            add_output(select, plan_expr_field(b, operand, i, star->position), name, NULL,
                       (struct weir_slice){0});
    }
}

/* The table that t.* names, or PLAN_NONE after an error; a struct column expands too. */
static uint32_t star_table(struct select *select, const struct weir_sql_expr *star)
{
    const struct weir_sql_name *last = &star->star.qualifier.items[star->star.qualifier.count - 1];
    const struct plan_scope *scope = &select->scope;
    for (uint32_t i = 0; i < scope->tables_count; i++)
        if (weir_slice_equals(scope->tables[i].name, last->text) ||
            (scope->tables[i].other.size && weir_slice_equals(scope->tables[i].other, last->text)))
            return i;
    return PLAN_NONE;
}

static void expand_qualified(struct select *select, const struct weir_sql_expr *star,
                             uint32_t *table)
{
    struct plan_binder *b = select->b;
    *table = star_table(select, star);
    if (*table != PLAN_NONE)
        return;
    for (uint32_t c = 0; c < select->scope.columns_count; c++) {
        if (!weir_slice_equals(select->scope.columns[c].name, star->star.qualifier.items[0].text))
            continue;
        struct weir_sql_expr name = {.kind = WEIR_SQL_EXPR_NAME, .position = star->position};
        name.name = star->star.qualifier;
        struct weir_sql_expr operand = *star;
        operand.star.operand = &name;
        operand.star.qualifier.count = 0;
        expand_struct(select, &operand);
        return;
    }
    select->failed = true;
    if (select->scope.open)
        return;
    const struct weir_sql_name *first = &star->star.qualifier.items[0];
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, select->scope.tables_count + 1);
    (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_TABLE, "no table \"%.*s\" in FROM",
                         WEIR_SLICE_ARGS(first->text));
    for (uint32_t i = 0; names && i < select->scope.tables_count; i++)
        names[i] = select->scope.tables[i].name;
    if (names)
        plan_hint_nearest(b, first->text, names, select->scope.tables_count);
    plan_report(b, first->position);
}

static void expand_star(struct select *select, const struct weir_sql_expr *star)
{
    struct plan_binder *b = select->b;
    uint32_t table = PLAN_NONE;
    if (star->star.operand) {
        expand_struct(select, star);
        return;
    }
    if (star->star.qualifier.count) {
        expand_qualified(select, star, &table);
        if (table == PLAN_NONE)
            return;
    } else if (!select->ast->from) {
        plan_fail(b, star->position, WEIR_E_UNKNOWN_TABLE, "* needs a FROM");
        select->failed = true;
        return;
    }
    check_star_names(select, star, &star->star.except, "leave out");
    check_star_names(select, star, &star->star.replace_names, "replace");
    for (uint32_t i = 0; i < select->scope.columns_count; i++) {
        const struct plan_scope_column *column = &select->scope.columns[i];
        if ((table == PLAN_NONE ? column->hidden : column->table != table) ||
            is_excepted(star, column->name))
            continue;
        const struct weir_sql_expr *replaced = replacement(star, column->name);
        const struct weir_expr *expr = NULL;
        if (replaced) {
            struct plan_context context = output_context(select, "the select list");
            expr = plan_bind(b, &context, replaced);
            select->failed |= expr == NULL;
        } else if (!column->poisoned) {
            expr =
                plan_expr_column(b, column->index, column->type, column->nullable, star->position);
        }
        add_output(select, expr, column->name, NULL, (struct weir_slice){0});
    }
}

static void bind_items(struct select *select)
{
    struct plan_binder *b = select->b;
    for (uint32_t i = 0; i < select->ast->items_count; i++) {
        const struct weir_sql_select_item *item = &select->ast->items[i];
        if (item->expr->kind == WEIR_SQL_EXPR_STAR) {
            expand_star(select, item->expr);
            continue;
        }
        struct plan_context context = output_context(select, "the select list");
        context.unnests = &select->unnests;
        const struct weir_expr *expr = plan_bind(b, &context, item->expr);
        select->failed |= expr == NULL;
        struct weir_slice name =
            item->alias.text.data ? item->alias.text : plan_column_name(item->expr);
        add_output(select, expr, name, item->expr, item->alias.text);
    }
}

/* ---------------------------------------------------------------- GROUP BY */

static bool has_calls(const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN && expr->index >= PLAN_INDEX_AGGREGATE &&
        expr->index < PLAN_INDEX_OUTER)
        return true;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (has_calls(expr->args[i]))
            return true;
    return false;
}

static void add_key(struct select *select, const struct weir_expr *expr,
                    struct weir_position position)
{
    struct plan_binder *b = select->b;
    if (!expr) {
        select->failed = true;
        return;
    }
    if (has_calls(expr)) {
        select->failed = true;
        plan_fail(b, position, WEIR_E_MISPLACED_AGGREGATE, "an aggregate cannot stand in GROUP BY");
        return;
    }
    expr = plan_window_key(b, expr, position);
    select->failed |= expr == NULL;
    expr = expr ? plan_expr_decided(b, expr) : NULL;
    if (expr)
        select->keys[select->keys_count++] = (struct plan_group_key){expr, position};
}

static bool scope_has(const struct plan_scope *scope, struct weir_slice name)
{
    for (uint32_t i = 0; i < scope->columns_count; i++)
        if (!scope->columns[i].hidden && weir_slice_equals(scope->columns[i].name, name))
            return true;
    return false;
}

/* The output column that a bare name means, or PLAN_NONE. */
static uint32_t find_alias(const struct select *select, const struct weir_sql_expr *ast)
{
    if (ast->kind != WEIR_SQL_EXPR_NAME || ast->name.count != 1)
        return PLAN_NONE;
    for (uint32_t i = 0; i < select->count; i++)
        if (weir_slice_equals(select->names[i], ast->name.items[0].text))
            return i;
    return PLAN_NONE;
}

static void bind_key(struct select *select, const struct weir_sql_expr *ast)
{
    struct plan_binder *b = select->b;
    uint32_t column;
    if (!plan_ordinal(b, ast, select->count, "GROUP BY", &column)) {
        select->failed = true;
        return;
    }
    /* Postgres: columns of FROM come before names of the select list. */
    if (column == PLAN_NONE && ast->kind == WEIR_SQL_EXPR_NAME && ast->name.count == 1 &&
        !scope_has(&select->scope, ast->name.items[0].text))
        column = find_alias(select, ast);
    if (column != PLAN_NONE) {
        add_key(select, select->exprs[column], ast->position);
        return;
    }
    struct plan_context context = context_of(select, "GROUP BY");
    context.window_allowed = true;
    add_key(select, plan_bind(b, &context, ast), ast->position);
}

static uint32_t count_keys(const struct weir_sql_grouping *items, uint32_t count)
{
    uint32_t keys = 0;
    for (uint32_t i = 0; i < count; i++)
        keys += 1 + items[i].exprs.count + count_keys(items[i].items, items[i].items_count);
    return keys;
}

static void bind_groupings(struct select *select, const struct weir_sql_grouping *items,
                           uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct weir_sql_grouping *item = &items[i];
        if (item->kind == WEIR_SQL_GROUPING_EXPR)
            bind_key(select, item->expr);
        for (uint32_t k = 0; k < item->exprs.count; k++)
            bind_key(select, item->exprs.items[k]);
        bind_groupings(select, item->items, item->items_count);
    }
}

static void bind_group_by(struct select *select)
{
    uint32_t count = count_keys(select->ast->group_by, select->ast->group_by_count);
    select->keys = PLAN_ARRAY(select->b, struct plan_group_key, count + 1);
    if (!select->keys)
        return;
    bind_groupings(select, select->ast->group_by, select->ast->group_by_count);
    if (!select->failed && select->ast->group_by_count)
        select->failed |= !plan_grouping_sets(
            select->b, select->ast->group_by, select->ast->group_by_count, select->keys_count,
            select->ast->group_by_distinct, &select->sets, &select->sets_count);
}

/* ---------------------------------------------------------------- ORDER BY */

static void bind_order(struct select *select)
{
    struct plan_binder *b = select->b;
    const struct weir_sql_orders *orders = select->query ? &select->query->order_by : NULL;
    if (!orders || !orders->count)
        return;
    select->order = PLAN_ARRAY(b, struct weir_plan_order, orders->count);
    select->order_exprs = PLAN_ARRAY(b, const struct weir_expr *, orders->count);
    if (!select->order || !select->order_exprs)
        return;
    select->order_count = orders->count;
    for (uint32_t i = 0; i < orders->count; i++) {
        const struct weir_sql_expr *ast = orders->items[i].expr;
        select->order[i].order = plan_sort_order(&orders->items[i]);
        if (!plan_ordinal(b, ast, select->count, "ORDER BY", &select->order[i].column)) {
            select->failed = true;
            continue;
        }
        if (select->order[i].column == PLAN_NONE)
            select->order[i].column = find_alias(select, ast);
        if (select->order[i].column != PLAN_NONE)
            continue;
        struct plan_context context = output_context(select, "ORDER BY");
        const struct weir_expr *expr = plan_bind(b, &context, ast);
        select->order_exprs[i] = expr ? plan_expr_decided(b, expr) : NULL;
        select->failed |= expr == NULL;
    }
}

/* ---------------------------------------------------------------- building */

/* Rewrites what stands above an aggregation, in place; rewrite gives NULL after an error. */
static void rewrite_above(struct select *select, plan_over_rewrite rewrite, void *context)
{
    struct plan_binder *b = select->b;
    struct {
        const struct weir_expr **exprs;
        uint32_t count;
    } const all[] = {{select->exprs, select->count},
                     {select->order_exprs, select->order_count},
                     {select->distinct_on, select->distinct_on_count},
                     {&select->having, 1},
                     {&select->qualify, 1}};
    for (size_t k = 0; k < WEIR_COUNT_OF(all); k++)
        for (uint32_t i = 0; i < all[k].count; i++) {
            if (!all[k].exprs[i])
                continue;
            all[k].exprs[i] = rewrite(b, context, all[k].exprs[i]);
            select->failed |= all[k].exprs[i] == NULL;
        }
    for (uint32_t i = 0; i < select->unnests.count; i++) {
        const struct weir_expr *list = rewrite(b, context, select->unnests.items[i]);
        select->unnests.items[i] = (void *)(uintptr_t)list;
        select->failed |= list == NULL;
    }
    for (uint32_t i = 0; i < select->overs.count && !select->failed; i++)
        select->failed |= !plan_rewrite_over(b, select->overs.items[i], rewrite, context);
}

/* Values in place of the subqueries in expressions that stand below the aggregation. */
static void take_values_below(struct select *select)
{
    struct plan_binder *b = select->b;
    struct plan_list *list = &select->subqueries;
    for (uint32_t i = 0; i < select->keys_count; i++)
        select->keys[i].expr = plan_subquery_values(b, list, select->keys[i].expr);
    for (uint32_t i = 0; i < select->calls.count; i++) {
        struct plan_call *call = &select->calls.items[i];
        for (uint32_t k = 0; k < call->args_count; k++)
            call->args[k] = plan_subquery_values(b, list, call->args[k]);
        for (uint32_t k = 0; k < call->order_count; k++)
            call->order[k] = plan_subquery_values(b, list, call->order[k]);
        call->filter = plan_subquery_values(b, list, call->filter);
    }
    /* An item that is a key holds the key's subqueries too. */
    for (uint32_t i = 0; i < select->count; i++)
        select->exprs[i] = plan_known_subquery_values(b, list, select->exprs[i]);
    for (uint32_t i = 0; i < select->order_count; i++)
        select->order_exprs[i] = plan_known_subquery_values(b, list, select->order_exprs[i]);
    select->having = plan_known_subquery_values(b, list, select->having);
}

static const struct weir_expr *over_subqueries(struct plan_binder *b, void *context,
                                               const struct weir_expr *expr)
{
    return plan_subquery_values(b, context, expr);
}

static void attach_subqueries(struct select *select, bool below,
                              const struct plan_grouping *grouping)
{
    if (!select->subqueries.count || select->failed)
        return;
    select->rel =
        plan_attach_subqueries(select->b, select->rel, &select->subqueries, below, grouping);
    select->failed |= !select->rel;
    if (select->failed)
        return;
    if (below)
        take_values_below(select);
    else
        rewrite_above(select, over_subqueries, &select->subqueries);
    select->failed |= select->b->out_of_memory;
}

static const struct weir_expr *over_above(struct plan_binder *b, void *context,
                                          const struct weir_expr *expr)
{
    return plan_above_aggregate(b, context, expr);
}

/* Rewrites everything to stand above the aggregation by select->keys. */
static void aggregate_once(struct select *select)
{
    struct plan_binder *b = select->b;
    struct plan_grouping grouping = {.keys = select->keys,
                                     .keys_count = select->keys_count,
                                     .calls = &select->calls,
                                     .scope = &select->scope,
                                     .absent = select->absent,
                                     .absent_count = select->absent_count};
    struct weir_position position = select->ast->position;
    if (select->keys_count)
        position = select->keys[0].position;
    else if (select->calls.count)
        position = select->calls.items[0].position;
    if (!plan_build_aggregate(b, &grouping, select->rel, position)) {
        select->failed = true;
        return;
    }
    select->rel = grouping.rel;
    rewrite_above(select, over_above, &grouping);
    attach_subqueries(select, false, &grouping);
}

/* One grouping set, in which GROUPING is known. */
struct set_values {
    struct select *select;
    const struct plan_group_key *keys; /* all */
    uint32_t keys_count;
    const bool *in_set;
};

static int key_of(const struct set_values *values, const struct weir_expr *expr, bool in_set)
{
    for (uint32_t i = 0; i < values->keys_count; i++)
        if (values->in_set[i] == in_set && weir_expr_equals(expr, values->keys[i].expr))
            return (int)i;
    return -1;
}

static const struct weir_expr *grouping_value(const struct set_values *values, uint32_t number,
                                              bool *failed)
{
    struct plan_binder *b = values->select->b;
    const struct plan_grouping_call *call = values->select->groupings.items[number];
    int32_t bits = 0;
    for (uint32_t i = 0; i < call->args_count; i++) {
        bool grouped = key_of(values, call->args[i], true) >= 0;
        if (!grouped && key_of(values, call->args[i], false) < 0) {
            plan_fail(b, call->args[i]->position, WEIR_E_BAD_GROUPING,
                      "arguments of GROUPING must be expressions of GROUP BY");
            *failed = true;
            return NULL;
        }
        bits = bits * 2 + !grouped;
    }
    const struct weir_expr *made =
        plan_expr_value(b, weir_type_of(WEIR_TYPE_INT32), &bits, call->position);
    *failed = made == NULL;
    return made;
}

static const struct weir_expr *value_in_set(void *context, const struct weir_expr *expr,
                                            bool *failed)
{
    const struct set_values *values = context;
    if (expr->kind == WEIR_EXPR_COLUMN && expr->index >= PLAN_INDEX_GROUPING)
        return grouping_value(values, expr->index - PLAN_INDEX_GROUPING, failed);
    return NULL;
}

static const struct weir_expr *in_set(struct set_values *values, const struct weir_expr *expr)
{
    if (!expr)
        return NULL;
    struct plan_binder *b = values->select->b;
    uint32_t errors = b->errors_count;
    expr = plan_rewrite(b->arena, expr, value_in_set, values);
    if (!expr && b->errors_count == errors)
        plan_out_of_memory(b);
    values->select->failed |= expr == NULL;
    return expr;
}

/* What stands above several grouping sets is made of parts that each set computes: of whole
 * expressions, and of those parts of them that are not above calls with OVER or unnest(…). They
 * are the columns of all sets' rows together. */
struct parts {
    const struct set_values *values; /* of no set */
    const struct weir_expr **items;
    uint32_t count, capacity;
};

static bool is_above_sets(const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return (expr->index >= PLAN_INDEX_UNNEST && expr->index < PLAN_INDEX_OUTER) ||
               expr->index >= PLAN_INDEX_OVER;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (is_above_sets(expr->args[i]))
            return true;
    return false;
}

static const struct weir_expr *add_part(struct plan_binder *b, struct parts *parts,
                                        const struct weir_expr *expr)
{
    uint32_t i = 0;
    expr = plan_expr_decided(b, expr);
    if (!expr)
        return NULL;
    while (i < parts->count && !weir_expr_equals(parts->items[i], expr))
        i++;
    if (i == parts->capacity) {
        uint32_t capacity = i ? 2 * i : 16;
        const struct weir_expr **items = PLAN_ARRAY(b, const struct weir_expr *, capacity);
        if (!items)
            return NULL;
        if (i)
            memcpy(items, parts->items, i * sizeof *items);
        parts->items = items;
        parts->capacity = capacity;
    }
    parts->items[i] = expr;
    parts->count += i == parts->count;
    return plan_expr_column(b, i, expr->type, true, expr->position);
}

static const struct weir_expr *take_part(void *context, const struct weir_expr *expr, bool *failed)
{
    struct parts *parts = context;
    bool is_constant = !plan_has_columns(expr) && key_of(parts->values, expr, false) < 0;
    if (is_constant || (expr->kind == WEIR_EXPR_COLUMN && is_above_sets(expr)))
        return expr;
    if (is_above_sets(expr))
        return NULL;
    const struct weir_expr *made = add_part(parts->values->select->b, parts, expr);
    *failed = made == NULL;
    return made;
}

static const struct weir_expr *of_parts(struct plan_binder *b, void *context,
                                        const struct weir_expr *expr)
{
    const struct weir_expr *made = plan_rewrite(b->arena, expr, take_part, context);
    if (!made)
        plan_out_of_memory(b);
    return made;
}

/* Subqueries of their own for the set: operands (grouping(k) IN (SELECT …)) may name GROUPING. */
static bool subqueries_of_set(struct select *one, struct set_values *set)
{
    void **items = PLAN_ARRAY(one->b, void *, one->subqueries.count + 1);
    for (uint32_t i = 0; items && i < one->subqueries.count; i++) {
        const struct plan_subquery *from = one->subqueries.items[i];
        struct plan_subquery *made = PLAN_NEW(one->b, struct plan_subquery);
        const struct weir_expr **operands =
            PLAN_ARRAY(one->b, const struct weir_expr *, from->operands_count + 1);
        if (!made || !operands)
            break;
        *made = *from;
        made->value = NULL;
        made->operands = operands;
        for (uint32_t k = 0; k < from->operands_count; k++)
            operands[k] = from->below ? from->operands[k] : in_set(set, from->operands[k]);
        items[i] = made;
    }
    one->subqueries.items = items;
    one->failed |= one->b->out_of_memory;
    return !one->failed;
}

/* The rows of one set: the parts as columns. */
static struct plan_rel *aggregate_set(const struct select *select, struct set_values *set,
                                      const struct parts *parts, const struct weir_slice *names)
{
    struct plan_binder *b = select->b;
    struct select one = *select;
    set->select = &one;
    one.keys = PLAN_ARRAY(b, struct plan_group_key, set->keys_count + 1);
    one.absent = PLAN_ARRAY(b, struct plan_group_key, set->keys_count + 1);
    one.exprs = PLAN_ARRAY(b, const struct weir_expr *, parts->count + 1);
    if (!one.keys || !one.absent || !one.exprs)
        return NULL;
    one.keys_count = 0;
    for (uint32_t i = 0; i < set->keys_count; i++) {
        if (set->in_set[i])
            one.keys[one.keys_count++] = set->keys[i];
        else
            one.absent[one.absent_count++] = set->keys[i];
    }
    one.count = parts->count;
    for (uint32_t i = 0; i < parts->count; i++)
        one.exprs[i] = in_set(set, parts->items[i]);
    one.having = in_set(set, select->having);
    one.order_count = one.distinct_on_count = one.unnests.count = one.overs.count = 0;
    one.qualify = NULL;
    if (!one.failed && subqueries_of_set(&one, set))
        aggregate_once(&one);
    return one.failed ? NULL
                      : plan_rel_compute(b, one.rel, one.having, one.exprs, names, one.count,
                                         select->ast->position);
}

/* Several grouping sets: an aggregation for each over the one input, together by UNION ALL. */
static void aggregate_sets(struct select *select)
{
    struct plan_binder *b = select->b;
    const struct weir_expr *having = select->having;
    struct set_values set = {select, select->keys, select->keys_count,
                             PLAN_ARRAY(b, bool, select->keys_count + 1)};
    struct parts parts = {.values = &set};
    struct plan_list branches = {0};
    select->having = NULL; /* each set's own */
    if (set.in_set)
        rewrite_above(select, of_parts, &parts);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, parts.count + 1);
    for (uint32_t i = 0; names && i < parts.count; i++)
        names[i] = weir_slice_from_string("part");
    for (uint32_t i = select->count; names && !select->failed && i-- > 0;)
        if (select->exprs[i]->kind == WEIR_EXPR_COLUMN && select->exprs[i]->index < parts.count)
            names[select->exprs[i]->index] = select->names[i];
    select->having = having;
    for (uint32_t s = 0; s < select->sets_count && !select->failed && !b->out_of_memory; s++) {
        set.in_set = select->sets + (size_t)s * set.keys_count;
        struct plan_rel *rel = aggregate_set(select, &set, &parts, names);
        select->failed |= !rel || !plan_list_push(b, &branches, rel);
    }
    select->having = NULL;
    select->rel = select->failed || b->out_of_memory
                      ? NULL
                      : plan_rel_union_all(b, &branches, select->ast->position);
    select->failed |= select->rel == NULL;
}

static void aggregate(struct select *select)
{
    if (!plan_order_calls(select->b, &select->calls, &select->rel)) {
        select->failed = true;
        return;
    }
    if (select->sets_count > 1 || select->groupings.count)
        aggregate_sets(select);
    else
        aggregate_once(select);
}

struct unnest_lift {
    struct plan_binder *b;
    uint32_t first; /* column of the first list's elements */
};

static const struct weir_expr *lift_unnest(void *context, const struct weir_expr *expr,
                                           bool *failed)
{
    const struct unnest_lift *lift = context;
    if (expr->kind != WEIR_EXPR_COLUMN || expr->index < PLAN_INDEX_UNNEST ||
        expr->index >= PLAN_INDEX_OUTER)
        return NULL;
    const struct weir_expr *made = plan_expr_column(
        lift->b, lift->first + expr->index - PLAN_INDEX_UNNEST, expr->type, true, expr->position);
    *failed = made == NULL;
    return made;
}

/* unnest(…) in the select list: HAVING first, then the lists side by side. */
static void unnest_items(struct select *select)
{
    struct plan_binder *b = select->b;
    struct plan_rel *input = select->rel;
    uint32_t own = input->fields_count, lists = select->unnests.count, count = own + lists;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, count + lists + 1);
    uint32_t *columns = PLAN_ARRAY(b, uint32_t, lists);
    select->failed |= !exprs || !names || !fields || !columns;
    if (select->failed)
        return;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = i < own ? input->fields[i].name : weir_slice_from_string("unnest");
        exprs[i] = i < own ? plan_rel_column(b, input, i, select->ast->position)
                           : select->unnests.items[i - own];
    }
    for (uint32_t i = 0; i < lists; i++)
        columns[i] = own + i;
    struct plan_rel *lower =
        plan_rel_compute(b, input, select->having, exprs, names, count, select->ast->position);
    select->having = NULL;
    struct plan_rel *rel =
        lower ? plan_rel_new(b, WEIR_PLAN_UNNEST, lower, select->ast->position) : NULL;
    if (!rel) {
        select->failed = true;
        return;
    }
    memcpy(fields, lower->fields, count * sizeof *fields);
    for (uint32_t i = 0; i < lists; i++)
        fields[count + i] = (struct weir_field){
            names[own + i], plan_element_type(b, lower->fields[own + i].type), true};
    rel->fields = fields;
    rel->fields_count = count + lists;
    rel->of.unnest = (struct weir_plan_unnest){columns, lists, false, false};
    select->rel = rel;
    struct unnest_lift lift = {b, count};
    for (uint32_t i = 0; i < select->count; i++) {
        select->exprs[i] = plan_rewrite(b->arena, select->exprs[i], lift_unnest, &lift);
        select->failed |= select->exprs[i] == NULL;
    }
}

/* Without a grouping there are no windows. */
static void check_windows(struct select *select)
{
    struct plan_binder *b = select->b;
    bool ok = plan_refuse_windows_over(b, &select->overs);
    for (uint32_t i = 0; i < select->count; i++)
        ok &= plan_refuse_windows(b, select->exprs[i], i + 1);
    for (uint32_t i = 0; i < select->order_count; i++)
        ok &= plan_refuse_windows(b, select->order_exprs[i], 0);
    for (uint32_t i = 0; i < select->distinct_on_count; i++)
        ok &= plan_refuse_windows(b, select->distinct_on[i], 0);
    ok &= plan_refuse_windows(b, select->qualify, 0);
    for (uint32_t i = 0; i < select->unnests.count; i++)
        ok &= plan_refuse_windows(b, select->unnests.items[i], 0);
    select->failed |= !ok;
}

/* The select list, and behind it what ORDER BY needs besides. */
static struct plan_rel *project(struct select *select)
{
    struct plan_binder *b = select->b;
    uint32_t most = select->count + select->order_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, most + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, most + 1);
    if (!exprs || !names)
        return NULL;
    uint32_t count = select->count;
    memcpy(exprs, select->exprs, count * sizeof *exprs);
    memcpy(names, select->names, count * sizeof *names);
    for (uint32_t i = 0; i < select->order_count; i++) {
        const struct weir_expr *expr = select->order_exprs[i];
        uint32_t column = 0;
        if (!expr)
            continue;
        while (column < count && !weir_expr_equals(exprs[column], expr))
            column++;
        if (column == count) {
            exprs[count] = expr;
            names[count++] = weir_slice_from_string("order");
        }
        select->order[i].column = column;
    }
    return plan_rel_compute(b, select->rel, select->having, exprs, names, count,
                            select->ast->position);
}

static struct plan_rel *distinct(struct select *select, struct plan_rel *rel)
{
    if (!select->ast->distinct || select->distinct_on)
        return rel;
    for (uint32_t i = 0; i < select->order_count; i++)
        if (select->order[i].column >= select->count) {
            plan_fail(select->b, select->order_exprs[i]->position, WEIR_E_BAD_ORDINAL,
                      "with DISTINCT, ORDER BY can only use columns of the select list");
            return NULL;
        }
    rel = plan_rel_decide(select->b, rel);
    return rel ? plan_rel_distinct(select->b, rel, select->ast->position) : NULL;
}

static struct plan_rel *sort(struct select *select, struct plan_rel *rel)
{
    if (!select->order_count)
        return rel;
    rel = plan_rel_decide(select->b, rel);
    if (!rel)
        return NULL;
    struct plan_rel *made = plan_rel_new(select->b, WEIR_PLAN_SORT, rel,
                                         select->query->order_by.items[0].expr->position);
    if (made)
        made->of.sort = (struct weir_plan_sort){select->order, select->order_count, -1, 0};
    return made;
}

/* Without the columns that only ORDER BY needed. */
static struct plan_rel *drop_extra(struct select *select, struct plan_rel *rel)
{
    struct plan_binder *b = select->b;
    if (!rel || rel->fields_count == select->count)
        return rel;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, select->count + 1);
    if (!exprs)
        return NULL;
    for (uint32_t i = 0; i < select->count; i++) {
        exprs[i] = plan_rel_column(b, rel, i, select->ast->position);
        if (!exprs[i])
            return NULL;
    }
    return plan_rel_compute(b, rel, NULL, exprs, select->names, select->count,
                            select->ast->position);
}

static const struct weir_expr *over_values(struct plan_binder *b, void *context,
                                           const struct weir_expr *expr)
{
    return plan_over_values(b, context, expr);
}

/* DISTINCT ON: the first row of each group in the order of ORDER BY. */
static struct plan_rel *first_of_each(struct select *select)
{
    struct plan_binder *b = select->b;
    struct plan_over window = {.partition = select->distinct_on,
                               .partition_count = select->distinct_on_count,
                               .order_count = select->order_count};
    window.order = PLAN_ARRAY(b, const struct weir_expr *, select->order_count + 1);
    window.order_by = PLAN_ARRAY(b, struct weir_sort_order, select->order_count + 1);
    if (!window.order || !window.order_by)
        return NULL;
    for (uint32_t i = 0; i < select->order_count; i++) {
        const struct weir_expr *expr = select->order_exprs[i];
        window.order[i] =
            expr ? expr : plan_expr_decided(b, select->exprs[select->order[i].column]);
        window.order_by[i] = select->order[i].order;
        if (!window.order[i])
            return NULL;
    }
    return plan_rel_first_rows(b, select->rel, &window, 1, 0, false, select->ast->position);
}

/* HAVING first, then the calls with OVER, then QUALIFY and DISTINCT ON. */
static void place_overs(struct select *select)
{
    struct plan_binder *b = select->b;
    if (select->having)
        select->rel = plan_rel_filter(b, select->rel, select->having);
    select->having = NULL;
    select->rel = select->rel ? plan_place_overs(b, select->rel, &select->overs) : NULL;
    if (select->rel)
        rewrite_above(select, over_values, &select->overs);
    if (select->rel && select->qualify)
        select->rel = plan_rel_filter(b, select->rel, select->qualify);
    if (select->rel && select->distinct_on && !select->failed)
        select->rel = first_of_each(select);
    select->failed |= !select->rel;
}

/* ---- a subquery of GROUP BY that is written again ---- */

/* The first subquery among the keys that is written like this one; its own number: there is none.
 */
static uint32_t same_in_keys(const struct select *select, uint32_t number)
{
    const struct plan_subquery *subquery = select->subqueries.items[number];
    for (uint32_t i = 0; i < select->subqueries.count && !subquery->below; i++) {
        const struct plan_subquery *key = select->subqueries.items[i];
        if (key->in_key && weir_sql_equal_expression(key->ast, subquery->ast))
            return i;
    }
    return number;
}

static const struct weir_expr *take_key_subquery(void *context, const struct weir_expr *expr,
                                                 bool *failed)
{
    const struct select *select = context;
    if (expr->kind != WEIR_EXPR_COLUMN || !plan_is_subquery(expr->index))
        return NULL;
    uint32_t number = expr->index - PLAN_INDEX_SUBQUERY;
    const struct weir_expr *made =
        plan_expr_column(select->b, PLAN_INDEX_SUBQUERY + same_in_keys(select, number), expr->type,
                         expr->nullable, expr->position);
    *failed = made == NULL;
    return made;
}

static const struct weir_expr *with_key_subqueries(struct plan_binder *b, void *context,
                                                   const struct weir_expr *expr)
{
    const struct weir_expr *made = plan_rewrite(b->arena, expr, take_key_subquery, context);
    if (!made)
        plan_out_of_memory(b);
    return made;
}

/* What stands above the aggregation means the keys' subqueries by its equal ones. */
static void share_key_subqueries(struct select *select)
{
    bool any = false;
    for (uint32_t i = 0; i < select->subqueries.count; i++) {
        struct plan_subquery *subquery = select->subqueries.items[i];
        bool again = same_in_keys(select, i) != i;
        subquery->filtered |= again; /* it is not attached */
        any |= again;
    }
    if (!any)
        return;
    rewrite_above(select, with_key_subqueries, select);
}

static struct plan_rel *build(struct select *select)
{
    struct plan_binder *b = select->b;
    bool aggregates = select->keys_count || select->calls.count || select->having ||
                      select->sets_count || select->groupings.count;
    if (aggregates && !select->sets_count) {
        select->sets = PLAN_ARRAY(b, bool, 1); /* one, without keys */
        select->sets_count = select->sets != NULL;
    }
    for (uint32_t i = 0; i < select->keys_count; i++)
        if (select->keys[i].expr)
            plan_subqueries_below(&select->subqueries, select->keys[i].expr);
    if (aggregates)
        share_key_subqueries(select);
    if (aggregates)
        attach_subqueries(select, true, NULL);
    if (aggregates && !select->failed)
        aggregate(select);
    else
        check_windows(select);
    if (!aggregates) {
        for (uint32_t i = 0; i < select->subqueries.count; i++)
            ((struct plan_subquery *)select->subqueries.items[i])->below = false;
        attach_subqueries(select, false, NULL);
    }
    if (!select->failed && (select->overs.count || select->distinct_on || select->qualify))
        place_overs(select);
    if (!select->failed && select->unnests.count)
        unnest_items(select);
    if (select->failed)
        return NULL;
    struct plan_rel *rel = project(select);
    rel = rel ? distinct(select, rel) : NULL;
    rel = rel ? sort(select, rel) : NULL;
    if (rel && select->query)
        rel = plan_bind_limit(b, rel, select->query, select->scope.outer, select->correlated);
    return drop_extra(select, rel);
}

/* After errors: the columns that can be told, so that outer queries go on. */
static struct plan_rel *poisoned(struct select *select)
{
    struct plan_binder *b = select->b;
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, select->count + 1);
    if (!fields || b->out_of_memory)
        return NULL;
    for (uint32_t i = 0; i < select->count; i++)
        fields[i] = (struct weir_field){select->names[i],
                                        select->exprs[i] ? select->exprs[i]->type : NULL, true};
    if (!select->rel && select->scope.open) {
        /* A star over a table that is unknown may have any columns. */
        for (uint32_t i = 0; i < select->ast->items_count; i++)
            if (select->ast->items[i].expr->kind == WEIR_SQL_EXPR_STAR)
                return NULL;
    }
    return plan_rel_refused(b, fields, select->count, select->ast->position);
}

static void bind_where(struct select *select)
{
    if (!select->ast->where)
        return;
    struct plan_context context = context_of(select, "WHERE");
    const struct weir_expr *predicate =
        plan_condition(select->b, plan_bind(select->b, &context, select->ast->where), "WHERE");
    if (!predicate)
        select->failed = true;
    else if (select->rel)
        select->rel =
            plan_filter_subqueries(select->b, select->rel, &select->subqueries, predicate);
    select->failed |= !select->rel;
}

static void bind_qualify(struct select *select)
{
    if (!select->ast->qualify)
        return;
    struct plan_context context = output_context(select, "QUALIFY");
    context.names_aliases = true;
    select->qualify =
        plan_condition(select->b, plan_bind(select->b, &context, select->ast->qualify), "QUALIFY");
    select->failed |= !select->qualify;
}

/* DISTINCT ON: expressions of the select list by number or name, or others. */
static void bind_distinct_on(struct select *select)
{
    struct plan_binder *b = select->b;
    const struct weir_sql_exprs *on = &select->ast->distinct_on;
    if (!on->count)
        return;
    select->distinct_on = PLAN_ARRAY(b, const struct weir_expr *, on->count);
    select->distinct_on_count = select->distinct_on ? on->count : 0;
    for (uint32_t i = 0; select->distinct_on && i < on->count; i++) {
        uint32_t column;
        if (!plan_ordinal(b, on->items[i], select->count, "DISTINCT ON", &column)) {
            select->failed = true;
            continue;
        }
        if (column == PLAN_NONE)
            column = find_alias(select, on->items[i]);
        struct plan_context context = output_context(select, "DISTINCT ON");
        const struct weir_expr *expr =
            column == PLAN_NONE ? plan_bind(b, &context, on->items[i]) : select->exprs[column];
        select->distinct_on[i] = expr ? plan_expr_decided(b, expr) : NULL;
        select->failed |= !select->distinct_on[i];
    }
    select->failed |= !select->distinct_on;
}

struct plan_rel *plan_bind_select(struct plan_binder *b, const struct weir_sql_select *ast,
                                  const struct weir_sql_query *query,
                                  const struct plan_scope *outer, bool *correlated)
{
    struct select select = {.b = b, .ast = ast, .query = query, .correlated = correlated};
    select.scope.outer = outer;
    select.scope.event_time_column = PLAN_NONE;
    select.rel = ast->from ? plan_bind_from(b, ast->from, &select.scope, correlated)
                           : plan_rel_one_row(b, ast->position);
    select.failed = !select.rel;
    bind_where(&select);
    bind_items(&select);
    bind_group_by(&select);
    if (ast->having) {
        struct plan_context context = output_context(&select, "HAVING");
        select.having = plan_condition(b, plan_bind(b, &context, ast->having), "HAVING");
        select.failed |= !select.having;
    }
    bind_qualify(&select);
    bind_order(&select);
    bind_distinct_on(&select);
    if (b->out_of_memory)
        return NULL;
    struct plan_rel *rel = select.failed ? NULL : build(&select);
    return rel ? rel : poisoned(&select);
}
