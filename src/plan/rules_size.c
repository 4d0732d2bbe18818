/* How many rows a relation has, as far as planning knows: rough, for the order of joins alone.
 *
 * Rows of constants are counted, files estimated by their bytes; all other inputs are as large as
 * anything may be. A filter leaves a tenth for each equality, a third for what else it says. */
#include "plan/rules_internal.h"

#include <math.h>

#define EQUALITY_KEEPS 0.1
#define CONDITION_KEEPS (1.0 / 3)

static bool is_equality(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_CALL && strcmp(expr->function->name, "=") == 0;
}

static double kept_by(struct plan_binder *b, const struct weir_expr *predicate)
{
    uint32_t count = predicate ? plan_conjuncts(predicate, NULL, 0) : 0;
    const struct weir_expr **all = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    double kept = 1;
    if (all && count)
        plan_conjuncts(predicate, all, count);
    for (uint32_t i = 0; all && i < count; i++)
        kept *= is_equality(all[i]) ? EQUALITY_KEEPS : CONDITION_KEEPS;
    return kept;
}

static struct plan_size of_table(struct plan_binder *b, const struct plan_scan *scan)
{
    double rows = PLAN_ROWS_UNKNOWN;
    if (b->env->table_rows) {
        uint64_t known = b->env->table_rows(b->env->context, scan->table);
        rows = known ? (double)known : rows;
    }
    bool is_key = scan->table->primary_key_count == 1;
    return (struct plan_size){rows * kept_by(b, scan->predicate), rows, is_key};
}

/* Few rows that are given choose among the rows of the other side, more than they are chosen. */
static struct plan_size of_constants(double rows)
{
    return (struct plan_size){rows, rows < 1 / EQUALITY_KEEPS ? 1 / EQUALITY_KEEPS : rows, true};
}

static double series_rows(const struct weir_plan_series *series)
{
    if (series->type->kind != WEIR_TYPE_INT64 || weir_column_is_null(&series->start, 0) ||
        weir_column_is_null(&series->stop, 0) || weir_column_is_null(&series->step, 0))
        return PLAN_ROWS_UNKNOWN;
    double start = (double)*(const int64_t *)series->start.values;
    double stop = (double)*(const int64_t *)series->stop.values;
    double step = (double)*(const int64_t *)series->step.values;
    double rows = step != 0 ? floor((stop - start) / step) + 1 : 0;
    return rows > 0 ? rows : 0;
}

static struct plan_size of_join(struct plan_binder *b, struct plan_rel *rel)
{
    struct plan_size left = plan_rel_size(b, rel->inputs[0]);
    struct plan_size right = plan_rel_size(b, rel->inputs[1]);
    if (rel->of.join.kind != WEIR_JOIN_PAIRS || rel->of.join.lookup || rel->of.join.asof ||
        left.rows >= right.rows)
        return left;
    return right;
}

static struct plan_size at_most(struct plan_size size, double most)
{
    if (size.rows > most)
        size.rows = most;
    return size;
}

static struct plan_size of_inputs(struct plan_binder *b, struct plan_rel *rel)
{
    struct plan_size size = {0};
    for (uint32_t i = 0; i < rel->inputs_count; i++) {
        struct plan_size one = plan_rel_size(b, rel->inputs[i]);
        size.rows += one.rows;
        size.base += one.base;
    }
    return size;
}

static struct plan_size size_of(struct plan_binder *b, struct plan_rel *rel)
{
    struct plan_size size;
    switch (rel->kind) {
    case WEIR_PLAN_SCAN:
        return of_table(b, &rel->of.scan);
    case WEIR_PLAN_VALUES:
        return of_constants(rel->of.values.rows_count);
    case WEIR_PLAN_SERIES:
        return of_constants(series_rows(&rel->of.series));
    case WEIR_PLAN_JOIN:
        return of_join(b, rel);
    case WEIR_PLAN_COMPUTE:
        size = plan_rel_size(b, rel->inputs[0]);
        size.rows *= kept_by(b, rel->of.compute.predicate);
        return size;
    case WEIR_PLAN_AGGREGATE:
        if (rel->of.aggregate.physical.keys_count == 0 &&
            rel->of.aggregate.physical.window.kind == WEIR_WINDOW_NONE)
            return of_constants(1);
        size = of_inputs(b, rel);
        size.is_key = rel->of.aggregate.physical.keys_count == 1;
        return size;
    case WEIR_PLAN_SORT:
        size = of_inputs(b, rel);
        return rel->of.sort.limit < 0 || rel->with_ties ? size
                                                        : at_most(size, (double)rel->of.sort.limit);
    case WEIR_PLAN_LIMIT:
        size = of_inputs(b, rel);
        return rel->of.limit.limit < 0 ? size : at_most(size, (double)rel->of.limit.limit);
    default:
        return of_inputs(b, rel);
    }
}

struct plan_size plan_rel_size(struct plan_binder *b, struct plan_rel *rel)
{
    if (rel->size)
        return *rel->size;
    struct plan_size *size = PLAN_NEW(b, struct plan_size);
    if (!size)
        return (struct plan_size){0};
    *size = size_of(b, rel);
    rel->size = size;
    return *size;
}
