/* Queries: table expressions, set operations, VALUES, ORDER BY over them. SELECT itself is in
 * bind_select.c, LIMIT in limit.c. */
#include "plan/binder_internal.h"

#include "column/builder.h"

/* ---------------------------------------------------------------- helpers shared with SELECT */

bool plan_ordinal(struct plan_binder *b, const struct weir_sql_expr *ast, uint32_t count,
                  const char *clause, uint32_t *out)
{
    *out = PLAN_NONE;
    if (ast->kind != WEIR_SQL_EXPR_INTEGER)
        return true;
    uint64_t value = 0;
    for (size_t i = 0; i < ast->text.size && value <= count; i++)
        value = value * 10 + (uint64_t)(ast->text.data[i] - '0');
    if (value < 1 || value > count)
        return plan_fail(b, ast->position, WEIR_E_BAD_ORDINAL,
                         "%s %.*s: the select list has %u column%s", clause,
                         WEIR_SLICE_ARGS(ast->text), count, count == 1 ? "" : "s");
    *out = (uint32_t)value - 1;
    return true;
}

struct weir_sort_order plan_sort_order(const struct weir_sql_order *ast)
{
    bool nulls_first =
        ast->nulls == WEIR_SQL_NULLS_DEFAULT ? ast->descending : ast->nulls == WEIR_SQL_NULLS_FIRST;
    return (struct weir_sort_order){ast->descending, nulls_first};
}

/* The projection behind a column, where an undecided literal can still be seen. */
static const struct weir_expr *undecided_literal(const struct plan_rel *rel, uint32_t column)
{
    if (rel->kind != WEIR_PLAN_COMPUTE || !rel->of.compute.projections)
        return NULL;
    const struct weir_expr *expr = rel->of.compute.projections[column];
    return expr && plan_expr_is_unknown(expr) ? expr : NULL;
}

/* Where a column comes from in the text. */
static struct weir_position column_position(const struct plan_rel *rel, uint32_t column,
                                            struct weir_position fallback)
{
    if (rel->kind != WEIR_PLAN_COMPUTE || !rel->of.compute.projections)
        return fallback;
    const struct weir_expr *expr = rel->of.compute.projections[column];
    return expr && expr->position.line ? expr->position : fallback;
}

static const struct weir_expr *coerce_column(struct plan_binder *b, const struct plan_rel *rel,
                                             uint32_t column, const struct weir_type *type,
                                             struct weir_slice name, enum weir_cast_context context,
                                             struct weir_position position)
{
    const struct weir_expr *literal = undecided_literal(rel, column);
    const struct weir_type *from = rel->fields[column].type;
    struct weir_function_match match;
    position = column_position(rel, column, position);
    if (literal)
        return plan_cast(b, literal, type, context, literal->position);
    enum weir_status status =
        weir_cast_find(from, type, context, b->env->session, b->arena, &match, &b->error);
    if (status == WEIR_E_TYPE_MISMATCH) {
        (void)weir_error_set(&b->error, WEIR_E_TYPE_MISMATCH,
                             "column \"%.*s\" is %s and does not take %s", WEIR_SLICE_ARGS(name),
                             weir_type_name(type).text, weir_type_name(from).text);
        if (weir_cast_find(from, type, WEIR_CAST_EXPLICIT, b->env->session, b->arena, &match,
                           NULL) == WEIR_OK)
            weir_error_hint(&b->error, "write CAST(… AS %s)", weir_type_name(type).text);
    }
    if (status != WEIR_OK) {
        plan_report(b, position);
        return NULL;
    }
    const struct weir_expr *expr = plan_rel_column(b, rel, column, position);
    return expr ? plan_cast(b, expr, type, context, position) : NULL;
}

struct plan_rel *plan_rel_coerce(struct plan_binder *b, struct plan_rel *rel,
                                 const struct weir_type *const *types,
                                 const struct weir_slice *names, enum weir_cast_context context,
                                 struct weir_position position)
{
    bool same = true;
    uint32_t count = rel->fields_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    if (!exprs)
        return NULL;
    bool ok = true;
    for (uint32_t i = 0; i < count; i++) {
        same &= weir_type_equals(rel->fields[i].type, types[i]) &&
                weir_slice_equals(rel->fields[i].name, names[i]);
        exprs[i] = coerce_column(b, rel, i, types[i], names[i], context, position);
        ok &= exprs[i] != NULL;
    }
    if (!ok || same)
        return ok ? rel : NULL;
    return plan_rel_compute(b, rel, NULL, exprs, names, count, position);
}

/* ---------------------------------------------------------------- VALUES */

static bool bind_rows(struct plan_binder *b, const struct weir_sql_body *body,
                      struct plan_context *context, const struct weir_expr **cells)
{
    uint32_t width = body->rows.items[0].count;
    bool ok = true;
    for (uint32_t row = 0; row < body->rows.count; row++) {
        const struct weir_sql_exprs *items = &body->rows.items[row];
        if (items->count != width) {
            struct weir_position at = items->count ? items->items[0]->position : body->position;
            ok = plan_fail(b, at, WEIR_E_COLUMN_COUNT,
                           "the rows of VALUES differ: %u and %u columns", width, items->count);
            continue;
        }
        for (uint32_t i = 0; i < width; i++) {
            const struct weir_expr *cell = plan_bind(b, context, items->items[i]);
            cells[(size_t)i * body->rows.count + row] = cell;
            ok &= cell != NULL;
        }
    }
    return ok;
}

/* Evaluates one column of VALUES. A column of untyped literals adopts `expected`. */
static bool values_column(struct plan_binder *b, const struct weir_expr **cells, uint32_t rows,
                          const struct weir_type *expected, struct weir_position position,
                          struct weir_column *out)
{
    bool undecided = true, nulls = true;
    for (uint32_t i = 0; i < rows; i++) {
        undecided &= plan_expr_is_unknown(cells[i]);
        nulls &= plan_expr_is_null(cells[i]);
    }
    if (undecided && expected) {
        for (uint32_t i = 0; i < rows; i++) {
            cells[i] = plan_cast(b, cells[i], expected, WEIR_CAST_ASSIGNMENT, cells[i]->position);
            if (!cells[i])
                return false;
        }
    } else if (!(undecided && nulls) &&
               !plan_meet(b, cells, rows, "a column of VALUES", position)) {
        return false;
    }
    struct weir_builder *builder = PLAN_NEW(b, struct weir_builder);
    if (!builder)
        return false;
    if (weir_builder_init(builder, cells[0]->type, b->arena, &b->error) != WEIR_OK)
        return plan_report(b, position);
    for (uint32_t i = 0; i < rows; i++) {
        struct weir_column value;
        if (!plan_evaluate(b, cells[i], &value))
            return false;
        value.rows_count = 1;
        if (weir_builder_append_lanes(builder, &value, NULL, 1, &b->error) != WEIR_OK)
            return plan_report(b, cells[i]->position);
    }
    *out = weir_builder_column(builder);
    return true;
}

/* Cells that are no constants: of outer columns, or of subqueries, which are attached to one row.
 */
static struct plan_rel *values_of_row(struct plan_binder *b, struct plan_list *subqueries,
                                      const struct weir_expr **cells, uint32_t rows, uint32_t width,
                                      const struct weir_type *const *expected,
                                      struct weir_position position)
{
    struct plan_rel *one = plan_rel_one_row(b, position);
    one = one ? plan_attach_subqueries(b, one, subqueries, true, NULL) : NULL;
    for (size_t i = 0; one && i < (size_t)rows * width; i++) {
        const struct weir_type *type = expected ? expected[i / rows] : NULL;
        cells[i] = plan_subquery_values(b, subqueries, cells[i]);
        if (cells[i] && type && plan_expr_is_unknown(cells[i]))
            cells[i] = plan_cast(b, cells[i], type, WEIR_CAST_ASSIGNMENT, cells[i]->position);
        if (!cells[i])
            return NULL;
    }
    return one ? plan_values_over(b, one, cells, rows, width, position) : NULL;
}

static struct plan_rel *bind_values(struct plan_binder *b, const struct weir_sql_body *body,
                                    const struct plan_scope *outer, bool *correlated)
{
    uint32_t rows = body->rows.count, width = rows ? body->rows.items[0].count : 0;
    const struct weir_type *const *expected = b->expected_count == width ? b->expected : NULL;
    b->expected = NULL; /* for this VALUES, not for those in it */
    struct plan_scope scope = {.outer = outer, .event_time_column = PLAN_NONE};
    struct plan_list subqueries = {0};
    struct plan_context context = {
        .scope = &scope, .clause = "VALUES", .subqueries = &subqueries, .correlated = correlated};
    const struct weir_expr **cells =
        PLAN_ARRAY(b, const struct weir_expr *, (size_t)rows *width + 1);
    struct weir_column *columns = PLAN_ARRAY(b, struct weir_column, width + 1);
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, width + 1);
    if (!cells || !columns || !fields || !bind_rows(b, body, &context, cells))
        return NULL;
    for (size_t i = 0; i < (size_t)rows * width; i++)
        if (plan_has_columns(cells[i]))
            return values_of_row(b, &subqueries, cells, rows, width, expected, body->position);
    for (uint32_t i = 0; i < width; i++) {
        if (!values_column(b, cells + (size_t)i * rows, rows, expected ? expected[i] : NULL,
                           body->position, &columns[i]))
            return NULL;
        char *name = weir_arena_printf(b->arena, "column%u", i + 1);
        if (!name) {
            plan_out_of_memory(b);
            return NULL;
        }
        fields[i] = (struct weir_field){weir_slice_from_string(name), columns[i].type, true};
    }
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_VALUES, NULL, body->position);
    if (!rel || !plan_rel_set_fields(b, rel, fields, width))
        return NULL;
    rel->of.values = (struct weir_plan_values){columns, rows};
    return rel;
}

/* ---------------------------------------------------------------- set operations */

static struct plan_rel *bind_body(struct plan_binder *b, const struct weir_sql_body *body,
                                  const struct plan_scope *outer, bool *correlated);

/* UNION ALL of UNION ALL is one list of branches. */
static bool collect_branches(struct plan_binder *b, const struct weir_sql_body *body,
                             const struct plan_scope *outer, bool *correlated,
                             struct plan_list *branches)
{
    while (body->kind == WEIR_SQL_BODY_QUERY && !body->query->ctes_count &&
           !body->query->order_by.count && !body->query->limit && !body->query->offset)
        body = body->query->body;
    if (body->kind == WEIR_SQL_BODY_SET && body->set.kind == WEIR_SQL_UNION && body->set.all) {
        bool left = collect_branches(b, body->set.left, outer, correlated, branches);
        bool right = collect_branches(b, body->set.right, outer, correlated, branches);
        return left && right;
    }
    struct plan_rel *rel = bind_body(b, body, outer, correlated);
    return rel && plan_list_push(b, branches, rel);
}

/* The columns of all branches in common types, with the first one's names. */
static bool meet_branches(struct plan_binder *b, struct plan_list *branches, const char *what,
                          struct weir_position position)
{
    struct plan_rel *first = branches->items[0];
    uint32_t count = first->fields_count;
    const struct weir_type **common = PLAN_ARRAY(b, const struct weir_type *, count + 1);
    const struct weir_type **types = PLAN_ARRAY(b, const struct weir_type *, branches->count);
    bool *unknown = PLAN_ARRAY(b, bool, branches->count);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    if (!common || !types || !unknown || !names)
        return false;
    for (uint32_t i = 1; i < branches->count; i++) {
        const struct plan_rel *rel = branches->items[i];
        if (rel->fields_count != count)
            return plan_fail(b, position, WEIR_E_COLUMN_COUNT,
                             "the sides of %s have %u and %u columns", what, count,
                             rel->fields_count);
    }
    bool ok = true;
    for (uint32_t c = 0; c < count; c++) {
        bool poisoned = false;
        for (uint32_t i = 0; i < branches->count; i++) {
            struct plan_rel *rel = branches->items[i];
            types[i] = rel->fields[c].type;
            poisoned |= !types[i];
            unknown[i] = undecided_literal(rel, c) != NULL;
        }
        if (poisoned)
            return false;
        names[c] = first->fields[c].name;
        common[c] = weir_type_common(types, unknown, branches->count, b->arena);
        if (!common[c])
            ok = plan_fail(b, position, WEIR_E_TYPE_MISMATCH,
                           "column \"%.*s\" of %s cannot be both %s and %s",
                           WEIR_SLICE_ARGS(names[c]), what, weir_type_name(types[0]).text,
                           weir_type_name(types[branches->count - 1]).text);
    }
    for (uint32_t i = 0; ok && i < branches->count; i++) {
        branches->items[i] =
            plan_rel_coerce(b, branches->items[i], common, names, WEIR_CAST_ASSIGNMENT, position);
        ok = branches->items[i] != NULL;
    }
    return ok;
}

struct plan_rel *plan_rel_union_all(struct plan_binder *b, const struct plan_list *branches,
                                    struct weir_position position)
{
    struct plan_rel *first = branches->items[0];
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_UNION, NULL, position);
    if (!rel || !plan_rel_set_fields(b, rel, first->fields, first->fields_count))
        return NULL;
    rel->inputs = (struct plan_rel **)(void *)branches->items;
    rel->inputs_count = branches->count;
    rel->event_time_type = first->event_time_type;
    rel->event_time_column = first->event_time_column;
    for (uint32_t i = 0; i < branches->count; i++) {
        const struct plan_rel *input = rel->inputs[i];
        for (uint32_t c = 0; c < rel->fields_count; c++)
            rel->fields[c].nullable |= input->fields[c].nullable;
        if (!input->event_time_type)
            rel->event_time_type = NULL;
        if (input->event_time_column != rel->event_time_column)
            rel->event_time_column = PLAN_NONE;
    }
    if (!rel->event_time_type)
        rel->event_time_column = PLAN_NONE;
    return rel;
}

/* INTERSECT and EXCEPT: distinct rows of the left side that are, or are not, on the right one too,
 * nulls being equal. */
static struct plan_rel *filter_by_rows(struct plan_binder *b, const struct plan_list *branches,
                                       bool keep, struct weir_position position)
{
    struct plan_rel *left = plan_rel_decide(b, branches->items[0]);
    struct plan_rel *right = plan_rel_decide(b, branches->items[1]);
    left = left && right ? plan_rel_distinct(b, left, position) : NULL;
    if (!left)
        return NULL;
    uint32_t count = left->fields_count;
    const struct weir_expr **same = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    for (uint32_t i = 0; same && i < count; i++) {
        const struct weir_expr *sides[2] = {
            plan_rel_column(b, left, i, position),
            plan_expr_column(b, count + i, right->fields[i].type, true, position)};
        same[i] = sides[0] && sides[1]
                      ? plan_compare(b, "is_not_distinct_from", sides[0], sides[1], position)
                      : NULL;
        if (!same[i])
            return NULL;
    }
    const struct weir_expr *condition =
        same && count ? plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), same,
                                           count, position)
                      : NULL;
    if (b->out_of_memory)
        return NULL;
    return plan_rel_join(b, keep ? WEIR_JOIN_SEMI : WEIR_JOIN_ANTI, false, false, left, right,
                         condition, position);
}

/* count(column) of a row's copies, less those on the other side or no more than there. */
static const struct weir_expr *copies_left(struct plan_binder *b, const struct plan_rel *counted,
                                           bool keep, struct weir_position position)
{
    uint32_t first = counted->fields_count - 2;
    const struct weir_expr *counts[2] = {plan_rel_column(b, counted, first, position),
                                         plan_rel_column(b, counted, first + 1, position)};
    if (!counts[0] || !counts[1])
        return NULL;
    const struct weir_expr *number = plan_function(b, keep ? "least" : "-", counts, 2, position);
    const struct weir_expr *size =
        number ? plan_cast(b, number, weir_type_of(WEIR_TYPE_INT32), WEIR_CAST_EXPLICIT, position)
               : NULL;
    int32_t zero = 0;
    const struct weir_expr *least[2] = {
        size, plan_expr_value(b, weir_type_of(WEIR_TYPE_INT32), &zero, position)};
    size = least[0] && least[1] ? plan_function(b, "greatest", least, 2, position) : NULL;
    const struct weir_expr *sizes = size ? plan_function(b, "array", &size, 1, position) : NULL;
    const struct weir_expr *fill[2] = {least[1], sizes};
    return sizes ? plan_function(b, "array_fill", fill, 2, position) : NULL;
}

/* A branch with two columns behind: 0 in the one of its side, NULL in the other. */
static struct plan_rel *mark_side(struct plan_binder *b, struct plan_rel *rel, uint32_t side,
                                  struct weir_position position)
{
    uint32_t count = rel->fields_count;
    int32_t zero = 0;
    const struct weir_type *type = weir_type_of(WEIR_TYPE_INT32);
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 2);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 2);
    if (!exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < count + 2; i++) {
        names[i] =
            i < count ? rel->fields[i].name : weir_slice_from_string(i == count ? "left" : "right");
        exprs[i] = i < count           ? plan_rel_column(b, rel, i, position)
                   : i - count == side ? plan_expr_value(b, type, &zero, position)
                                       : plan_expr_null(b, type, position);
        if (!exprs[i])
            return NULL;
    }
    return plan_rel_compute(b, rel, NULL, exprs, names, count + 2, position);
}

/* INTERSECT ALL and EXCEPT ALL: copies are counted on both sides, and come out as often as is left
 * by an UNNEST. */
static struct plan_rel *repeat_rows(struct plan_binder *b, struct plan_list *branches, bool keep,
                                    struct weir_position position)
{
    for (uint32_t side = 0; side < 2; side++) {
        struct plan_rel *rel = plan_rel_decide(b, branches->items[side]);
        branches->items[side] = rel ? mark_side(b, rel, side, position) : NULL;
        if (!branches->items[side])
            return NULL;
    }
    struct plan_rel *both = plan_rel_union_all(b, branches, position);
    if (!both)
        return NULL;
    uint32_t count = both->fields_count - 2;
    struct plan_rel *counted = plan_rel_count_copies(b, both, count, position);
    const struct weir_expr *copies = counted ? copies_left(b, counted, keep, position) : NULL;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, count + 2);
    uint32_t *lists = PLAN_ARRAY(b, uint32_t, 1);
    if (!copies || !exprs || !names || !fields || !lists)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = counted->fields[i].name;
        exprs[i] = plan_rel_column(b, counted, i, position);
    }
    names[count] = weir_slice_from_string("copies");
    exprs[count] = copies;
    struct plan_rel *listed = plan_rel_compute(b, counted, NULL, exprs, names, count + 1, position);
    struct plan_rel *repeated = listed ? plan_rel_new(b, WEIR_PLAN_UNNEST, listed, position) : NULL;
    if (!repeated)
        return NULL;
    memcpy(fields, listed->fields, (count + 1) * sizeof *fields);
    fields[count + 1] = (struct weir_field){names[count], weir_type_of(WEIR_TYPE_INT32), true};
    lists[0] = count;
    repeated->fields = fields;
    repeated->fields_count = count + 2;
    repeated->of.unnest = (struct weir_plan_unnest){lists, 1, false, false};
    return plan_rel_compute(b, repeated, NULL, exprs, names, count, position);
}

static struct plan_rel *bind_set(struct plan_binder *b, const struct weir_sql_body *body,
                                 const struct plan_scope *outer, bool *correlated)
{
    static const char *const names[] = {"UNION", "INTERSECT", "EXCEPT"};
    const char *what = names[body->set.kind];
    struct plan_list branches = {0};
    bool ok;
    if (body->set.kind == WEIR_SQL_UNION && body->set.all) {
        ok = collect_branches(b, body, outer, correlated, &branches);
    } else {
        struct plan_rel *left = bind_body(b, body->set.left, outer, correlated);
        struct plan_rel *right = bind_body(b, body->set.right, outer, correlated);
        ok = left && right && plan_list_push(b, &branches, left) &&
             plan_list_push(b, &branches, right);
    }
    if (!ok || !meet_branches(b, &branches, what, body->position))
        return NULL;
    bool keep = body->set.kind == WEIR_SQL_INTERSECT;
    if (body->set.kind != WEIR_SQL_UNION)
        return body->set.all ? repeat_rows(b, &branches, keep, body->position)
                             : filter_by_rows(b, &branches, keep, body->position);
    struct plan_rel *rel = plan_rel_union_all(b, &branches, body->position);
    return !rel || body->set.all ? rel : plan_rel_distinct(b, rel, body->position);
}

static struct plan_rel *bind_body(struct plan_binder *b, const struct weir_sql_body *body,
                                  const struct plan_scope *outer, bool *correlated)
{
    switch (body->kind) {
    case WEIR_SQL_BODY_SELECT:
        return plan_bind_select(b, body->select, NULL, outer, correlated);
    case WEIR_SQL_BODY_VALUES:
        return bind_values(b, body, outer, correlated);
    case WEIR_SQL_BODY_TABLE:
        return plan_bind_relation(b, &body->table, body->position);
    case WEIR_SQL_BODY_SET:
        return bind_set(b, body, outer, correlated);
    case WEIR_SQL_BODY_QUERY:
        return plan_bind_query(b, body->query, outer, correlated);
    }
    return NULL;
}

/* ---------------------------------------------------------------- queries */

/* ORDER BY over the output of anything but a SELECT: names and ordinals of its columns. */
static struct plan_rel *order_output(struct plan_binder *b, struct plan_rel *rel,
                                     const struct weir_sql_query *query)
{
    const struct weir_sql_orders *orders = &query->order_by;
    struct weir_plan_order *order = PLAN_ARRAY(b, struct weir_plan_order, orders->count + 1);
    struct plan_scope scope = {.event_time_column = PLAN_NONE};
    if (!order || !plan_scope_add_rel(b, &scope, (struct weir_slice){0}, (struct weir_slice){0},
                                      rel, 0, rel->fields_count))
        return NULL;
    struct plan_context context = {.scope = &scope, .clause = "ORDER BY"};
    bool ok = true;
    for (uint32_t i = 0; i < orders->count; i++) {
        const struct weir_sql_expr *ast = orders->items[i].expr;
        order[i].order = plan_sort_order(&orders->items[i]);
        if (!plan_ordinal(b, ast, rel->fields_count, "ORDER BY", &order[i].column)) {
            ok = false;
            continue;
        }
        if (order[i].column != PLAN_NONE)
            continue;
        const struct weir_expr *expr = plan_bind(b, &context, ast);
        if (expr && expr->kind == WEIR_EXPR_COLUMN)
            order[i].column = expr->index;
        else if (expr)
            plan_refuse(b, ast->position, "expressions in the ORDER BY of a set operation");
        ok &= order[i].column != PLAN_NONE;
    }
    if (!ok)
        return NULL;
    struct plan_rel *sort = plan_rel_new(b, WEIR_PLAN_SORT, rel, orders->items[0].expr->position);
    if (sort)
        sort->of.sort = (struct weir_plan_sort){order, orders->count, -1, 0};
    return sort;
}

/* Puts the table expressions in sight, each of those before it. */
static bool declare_ctes(struct plan_binder *b, const struct weir_sql_query *query,
                         const struct plan_scope *outer)
{
    struct plan_cte *made = PLAN_ARRAY(b, struct plan_cte, query->ctes_count + 1);
    if (!made)
        return false;
    for (uint32_t i = 0; i < query->ctes_count; i++) {
        const struct weir_sql_cte *ast = &query->ctes[i];
        for (uint32_t k = 0; k < i; k++)
            if (weir_slice_equals(made[k].name, ast->name.text))
                return plan_fail(b, ast->name.position, WEIR_E_DUPLICATE_NAME,
                                 "\"%.*s\" stands twice in WITH", WEIR_SLICE_ARGS(ast->name.text));
        made[i] = (struct plan_cte){.name = ast->name.text,
                                    .ast = ast,
                                    .outer_ctes = b->ctes,
                                    .outer_scope = outer,
                                    .next = b->ctes};
        b->ctes = &made[i];
    }
    if (query->recursive && query->ctes_count)
        for (uint32_t i = 0; i < query->ctes_count; i++)
            made[i].outer_ctes = b->ctes; /* all of them, itself included */
    return true;
}

/* Those that nothing used are bound for their errors. */
static void check_unused_ctes(struct plan_binder *b, const struct plan_cte *until)
{
    for (const struct plan_cte *cte = b->ctes; cte != until; cte = cte->next) {
        if (cte->bound || b->out_of_memory)
            continue;
        struct weir_sql_name name = {.text = cte->name};
        struct weir_sql_names names = {&name, 1};
        const struct plan_cte *kept = b->ctes;
        b->ctes = cte;
        struct plan_rel *rel = plan_bind_relation(b, &names, cte->ast->name.position);
        (void)rel;
        b->ctes = kept;
    }
}

struct plan_rel *plan_bind_query(struct plan_binder *b, const struct weir_sql_query *query,
                                 const struct plan_scope *outer, bool *correlated)
{
    const struct plan_cte *before = b->ctes;
    if (b->out_of_memory || !declare_ctes(b, query, outer))
        return NULL;
    struct plan_rel *rel;
    if (query->body->kind == WEIR_SQL_BODY_SELECT) {
        rel = plan_bind_select(b, query->body->select, query, outer, correlated);
    } else {
        rel = bind_body(b, query->body, outer, correlated);
        if (rel && query->order_by.count)
            rel = order_output(b, rel, query);
        rel = plan_bind_limit(b, rel, query, outer, correlated);
    }
    check_unused_ctes(b, before);
    b->ctes = before;
    return rel;
}
