/* Subqueries in expressions.
 *
 * What can be computed while planning is: rows of constants become an IN list, a value, a truth.
 * A scalar subquery without FROM is its expression. All else is noted in the context and attached
 * to the query's relation as a join (attach_subquery.c); where there is none it is refused. The one
 * row of (a, b) = (SELECT …) is a struct. */
#include "plan/binder_internal.h"

static const struct weir_expr *lane_constant(struct plan_binder *b,
                                             const struct weir_column *column, uint32_t lane,
                                             struct weir_position position)
{
    struct weir_column one;
    if (weir_column_gather(column, &lane, 1, b->arena, &one, &b->error) != WEIR_OK) {
        plan_report(b, position);
        return NULL;
    }
    return plan_expr_constant(b, &one, position);
}

static const struct weir_expr **lane_constants(struct plan_binder *b,
                                               const struct weir_column *column, uint32_t rows,
                                               struct weir_position position)
{
    const struct weir_expr **items = PLAN_ARRAY(b, const struct weir_expr *, rows + 1);
    for (uint32_t i = 0; items && i < rows; i++) {
        items[i] = lane_constant(b, column, i, position);
        if (!items[i])
            return NULL;
    }
    return items;
}

static const struct weir_expr *scalar(struct plan_binder *b, const struct weir_sql_expr *ast,
                                      const struct plan_rel *rel, const struct weir_column *columns,
                                      uint32_t rows)
{
    if (rows > 1) {
        plan_fail(b, ast->position, WEIR_E_SUBQUERY_ROWS,
                  "a scalar subquery gives one row at most, this gives %u", rows);
        return NULL;
    }
    if (rows == 0)
        return plan_expr_null(b, rel->fields[0].type, ast->position);
    return lane_constant(b, &columns[0], 0, ast->position);
}

/* SELECT expression, nothing else: the expression itself. */
static const struct weir_expr *without_from(const struct plan_rel *rel)
{
    if (rel->kind != WEIR_PLAN_COMPUTE || rel->of.compute.predicate || !rel->of.compute.projections)
        return NULL;
    return plan_is_one_row(rel->inputs[0]) ? rel->of.compute.projections[0] : NULL;
}

static const struct weir_expr *empty_array(struct plan_binder *b, const struct weir_type *element,
                                           struct weir_position position)
{
    struct weir_sql_expr literal = {.kind = WEIR_SQL_EXPR_STRING, .position = position};
    literal.text = weir_slice_from_string("{}");
    const struct weir_expr *text = plan_bind_literal(b, &literal, false);
    const struct weir_type *type = weir_type_list(b->arena, element);
    if (!type)
        plan_out_of_memory(b);
    return text && type ? plan_cast(b, text, type, WEIR_CAST_EXPLICIT, position) : NULL;
}

/* What is compared with the rows of a subquery; NULL: nothing is. */
static const struct weir_sql_expr *operand_of(const struct weir_sql_expr *ast)
{
    return ast->kind == WEIR_SQL_EXPR_IN_QUERY     ? ast->in_query.operand
           : ast->kind == WEIR_SQL_EXPR_QUANTIFIED ? ast->quantified.operand
                                                   : NULL;
}

static const struct weir_expr *over_rows(struct plan_binder *b, struct plan_context *context,
                                         const struct weir_sql_expr *ast,
                                         const struct plan_rel *rel,
                                         const struct weir_column *columns, uint32_t rows)
{
    if (ast->kind == WEIR_SQL_EXPR_EXISTS)
        return plan_expr_boolean(b, rows > 0, ast->position);
    if (ast->kind == WEIR_SQL_EXPR_QUERY)
        return scalar(b, ast, rel, columns, rows);
    const struct weir_expr **items = lane_constants(b, &columns[0], rows, ast->position);
    if (!items)
        return NULL;
    if (ast->kind == WEIR_SQL_EXPR_ARRAY_QUERY)
        return rows ? plan_function(b, "array", items, rows, ast->position)
                    : empty_array(b, rel->fields[0].type, ast->position);
    const struct weir_expr *operand = plan_bind(b, context, operand_of(ast));
    if (!operand)
        return NULL;
    if (ast->kind == WEIR_SQL_EXPR_IN_QUERY) {
        if (rows == 0)
            return plan_expr_boolean(b, ast->in_query.negated, ast->position);
        return plan_in_list(b, operand, items, rows, ast->in_query.negated, ast->position);
    }
    if (rows == 0)
        return plan_expr_boolean(b, ast->quantified.all, ast->position);
    const struct weir_expr *array = plan_function(b, "array", items, rows, ast->position);
    return array ? plan_expr_quantified(b, ast->quantified.op, ast->quantified.all, operand, array,
                                        ast->position)
                 : NULL;
}

static const struct weir_sql_query *query_of(const struct weir_sql_expr *ast)
{
    switch (ast->kind) {
    case WEIR_SQL_EXPR_IN_QUERY:
        return ast->in_query.query;
    case WEIR_SQL_EXPR_QUANTIFIED:
        return ast->quantified.query;
    default:
        return ast->query;
    }
}

static bool has_width(struct plan_binder *b, const struct weir_sql_expr *ast,
                      const struct plan_rel *rel, uint32_t wanted)
{
    if (rel->fields_count == wanted)
        return true;
    return plan_fail(b, ast->position, WEIR_E_BAD_SUBQUERY,
                     "the subquery has %u column%s where %u %s wanted", rel->fields_count,
                     rel->fields_count == 1 ? "" : "s", wanted, wanted == 1 ? "is" : "are");
}

static bool check_width(struct plan_binder *b, const struct weir_sql_expr *ast,
                        const struct plan_rel *rel)
{
    const struct weir_sql_expr *operand = operand_of(ast);
    bool is_row = operand && operand->kind == WEIR_SQL_EXPR_ROW;
    if (ast->kind == WEIR_SQL_EXPR_EXISTS)
        return true;
    return has_width(b, ast, rel, is_row ? operand->list.count : 1);
}

/* op ALL is NOT (the opposite of op ANY). */
static enum plan_comparison opposite(enum plan_comparison comparison)
{
    static const enum plan_comparison opposites[] = {
        [PLAN_COMPARE_EQ] = PLAN_COMPARE_NE, [PLAN_COMPARE_NE] = PLAN_COMPARE_EQ,
        [PLAN_COMPARE_LT] = PLAN_COMPARE_GE, [PLAN_COMPARE_LE] = PLAN_COMPARE_GT,
        [PLAN_COMPARE_GT] = PLAN_COMPARE_LE, [PLAN_COMPARE_GE] = PLAN_COMPARE_LT};
    return opposites[comparison];
}

static enum plan_comparison comparison_of(enum weir_sql_operator op)
{
    switch (op) {
    case WEIR_SQL_OP_NOT_EQUAL:
        return PLAN_COMPARE_NE;
    case WEIR_SQL_OP_LESS:
        return PLAN_COMPARE_LT;
    case WEIR_SQL_OP_LESS_EQUAL:
        return PLAN_COMPARE_LE;
    case WEIR_SQL_OP_GREATER:
        return PLAN_COMPARE_GT;
    case WEIR_SQL_OP_GREATER_EQUAL:
        return PLAN_COMPARE_GE;
    default:
        return PLAN_COMPARE_EQ;
    }
}

/* What is compared with the subquery's columns. */
static bool bind_operands(struct plan_binder *b, struct plan_context *context,
                          const struct weir_sql_expr *ast, struct plan_subquery *subquery)
{
    const struct weir_sql_expr *operand = operand_of(ast);
    if (!operand)
        return true;
    bool is_row = operand->kind == WEIR_SQL_EXPR_ROW;
    uint32_t count = is_row ? operand->list.count : 1;
    subquery->operands = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    subquery->operands_count = count;
    bool ok = subquery->operands != NULL;
    for (uint32_t i = 0; subquery->operands && i < count; i++) {
        subquery->operands[i] = plan_bind(b, context, is_row ? operand->list.items[i] : operand);
        ok &= subquery->operands[i] != NULL;
    }
    return ok;
}

static const struct weir_expr *note(struct plan_binder *b, struct plan_context *context,
                                    const struct weir_sql_expr *ast, struct plan_rel *rel)
{
    struct plan_subquery *subquery = PLAN_NEW(b, struct plan_subquery);
    rel = plan_rel_decide(b, rel);
    if (!subquery || !rel || !bind_operands(b, context, ast, subquery))
        return NULL;
    subquery->ast = ast;
    subquery->scope = context->scope;
    subquery->rel = rel;
    subquery->below = !context->calls || context->in_aggregate;
    subquery->negated = ast->kind == WEIR_SQL_EXPR_IN_QUERY && ast->in_query.negated;
    if (ast->kind == WEIR_SQL_EXPR_QUANTIFIED) {
        subquery->comparison = comparison_of(ast->quantified.op);
        if (ast->quantified.all)
            subquery->comparison = opposite(subquery->comparison);
        subquery->negated = ast->quantified.all;
    }
    const struct weir_type *type = weir_type_of(WEIR_TYPE_BOOLEAN);
    if (ast->kind == WEIR_SQL_EXPR_QUERY)
        type = rel->fields[0].type;
    if (ast->kind == WEIR_SQL_EXPR_ARRAY_QUERY)
        type = weir_type_list(b->arena, rel->fields[0].type);
    uint32_t number = context->subqueries->count;
    if (!type || !plan_list_push(b, context->subqueries, subquery)) {
        plan_out_of_memory(b);
        return NULL;
    }
    return plan_expr_column(b, PLAN_INDEX_SUBQUERY + number, type, true, ast->position);
}

/* The query in a place that its aggregates may belong to. */
static struct plan_rel *bind_query(struct plan_binder *b, struct plan_context *context,
                                   const struct weir_sql_expr *ast, bool *correlated)
{
    if (b->trial)
        return NULL;
    const struct plan_enclosing enclosing = {context, b->enclosing};
    b->enclosing = &enclosing;
    struct plan_rel *rel = plan_bind_query(b, query_of(ast), context->scope, correlated);
    b->enclosing = enclosing.next;
    return rel;
}

static bool columns_are_known(const struct plan_rel *rel)
{
    for (uint32_t i = 0; i < rel->fields_count; i++)
        if (!rel->fields[i].type)
            return false; /* its error was reported */
    return true;
}

/* For what cannot be computed while planning. */
static const struct weir_expr *attach_later(struct plan_binder *b, struct plan_context *context,
                                            const struct weir_sql_expr *ast, struct plan_rel *rel,
                                            bool correlated)
{
    if (!context->subqueries) {
        plan_refuse(b, ast->position, "subqueries over tables in %s",
                    context->clause ? context->clause : "this place");
        return NULL;
    }
    if (correlated && context->correlated && plan_reaches_further(rel))
        *context->correlated = true;
    return note(b, context, ast, rel);
}

/* The columns of a relation as fields of one struct. */
static struct plan_rel *as_structs(struct plan_binder *b, struct plan_rel *rel)
{
    const struct weir_expr **columns = PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count);
    struct weir_slice name = weir_slice_from_string("row");
    rel = columns ? plan_rel_decide(b, rel) : NULL;
    for (uint32_t i = 0; rel && i < rel->fields_count; i++)
        columns[i] = plan_rel_column(b, rel, i, rel->position);
    const struct weir_expr *row =
        rel && !b->out_of_memory
            ? plan_function(b, "row", columns, rel->fields_count, rel->position)
            : NULL;
    return row ? plan_rel_compute(b, rel, NULL, &row, &name, 1, rel->position) : NULL;
}

bool plan_bind_row_subquery(struct plan_binder *b, struct plan_context *context,
                            const struct weir_sql_expr *ast, uint32_t count,
                            const struct weir_expr **values)
{
    bool correlated = false;
    struct plan_rel *rel = bind_query(b, context, ast, &correlated);
    if (!rel || !has_width(b, ast, rel, count) || !columns_are_known(rel))
        return false;
    struct weir_column *columns;
    uint32_t rows, errors = b->errors_count;
    if (!correlated && plan_rel_constant(b, rel, &columns, &rows)) {
        for (uint32_t i = 0; i < count; i++) {
            const struct plan_rel one = {.fields = &rel->fields[i]};
            values[i] = scalar(b, ast, &one, &columns[i], rows);
            if (!values[i])
                return false;
        }
        return true;
    }
    rel = b->errors_count == errors ? as_structs(b, rel) : NULL;
    const struct weir_expr *row = rel ? attach_later(b, context, ast, rel, correlated) : NULL;
    for (uint32_t i = 0; row && i < count; i++) {
        values[i] = plan_expr_field(b, row, i, ast->position);
        if (!values[i])
            return false;
    }
    return row != NULL;
}

const struct weir_expr *plan_bind_subquery(struct plan_binder *b, struct plan_context *context,
                                           const struct weir_sql_expr *ast)
{
    bool correlated = false;
    struct plan_rel *rel = bind_query(b, context, ast, &correlated);
    const struct weir_sql_expr *operand = operand_of(ast);
    bool is_row = operand && operand->kind == WEIR_SQL_EXPR_ROW;
    if (!rel || !check_width(b, ast, rel) || !columns_are_known(rel))
        return NULL;
    if (ast->kind == WEIR_SQL_EXPR_QUERY && !correlated) {
        const struct weir_expr *expr = without_from(rel);
        if (expr)
            return expr;
    }
    struct weir_column *columns;
    uint32_t rows, errors = b->errors_count;
    if (!correlated && !is_row && plan_rel_constant(b, rel, &columns, &rows))
        return over_rows(b, context, ast, rel, columns, rows);
    if (b->errors_count != errors)
        return NULL;
    return attach_later(b, context, ast, rel, correlated);
}
