/* LATERAL: what stands in FROM and uses columns of the tables before it.
 *
 * What is made from one row alone (expressions, UNNEST, UNION ALL of such) is computed in the left
 * rows themselves, changes, times and all:
 *
 *     t, LATERAL (SELECT a + b AS c)        a projection of t
 *     t, LATERAL (VALUES (a), (b)) AS v(x)  UNION ALL of projections of t
 *
 * Everything else is made independent of the left side (decorrelate.c) and joined with it by the
 * columns it used; LIMIT gives the first rows for each of their values. */
#include "plan/binder_internal.h"

/* Exactly one row for each left one. */
static bool gives_a_row(const struct plan_rel *rel)
{
    while (rel->kind == WEIR_PLAN_COMPUTE && !rel->of.compute.predicate)
        rel = rel->inputs[0];
    return plan_is_one_row(rel);
}

/* rel's columns from `first` on, then those before. */
static struct plan_rel *rotate(struct plan_binder *b, struct plan_rel *rel, uint32_t first,
                               const struct weir_expr *condition, struct weir_position position)
{
    uint32_t count = rel->fields_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    if (!exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t from = (first + i) % count;
        names[i] = rel->fields[from].name;
        exprs[i] = plan_rel_column(b, rel, from, position);
        if (!exprs[i])
            return NULL;
    }
    rel = plan_rel_compute(b, rel, NULL, exprs, names, count, position);
    return rel && condition ? plan_rel_filter(b, rel, condition) : rel;
}

static struct plan_rel *apply(struct plan_binder *b, struct plan_rel *left, struct plan_rel *right,
                              const struct weir_expr *condition, struct weir_position position)
{
    uint32_t count = left->fields_count;
    uint32_t *columns = PLAN_ARRAY(b, uint32_t, count + 1);
    for (uint32_t i = 0; columns && i < count; i++)
        columns[i] = i;
    struct plan_rel *made =
        columns ? plan_decorrelate(b, right, left, columns, count, position) : NULL;
    return made ? rotate(b, made, right->fields_count, condition, position) : NULL;
}

/* The distinct values of some columns. */
static struct plan_rel *domain_of(struct plan_binder *b, struct plan_rel *rel,
                                  const uint32_t *columns, uint32_t count,
                                  struct weir_position position)
{
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    if (!exprs || !names)
        return NULL;
    for (uint32_t k = 0; k < count; k++) {
        names[k] = rel->fields[columns[k]].name;
        exprs[k] = plan_rel_column(b, rel, columns[k], position);
        if (!exprs[k])
            return NULL;
    }
    rel = plan_rel_compute(b, rel, NULL, exprs, names, count, position);
    return rel ? plan_rel_distinct(b, rel, position) : NULL;
}

/* And the columns of left are those of right's last ones. */
static const struct weir_expr *and_same(struct plan_binder *b, const struct plan_rel *left,
                                        const struct plan_rel *right, const uint32_t *columns,
                                        uint32_t count, const struct weir_expr *condition)
{
    const struct weir_expr **all = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    uint32_t first = left->fields_count + right->fields_count - count;
    struct weir_position position = right->position;
    for (uint32_t k = 0; all && k < count; k++) {
        const struct weir_type *type = left->fields[columns[k]].type;
        const struct weir_expr *sides[2] = {plan_expr_column(b, columns[k], type, true, position),
                                            plan_expr_column(b, first + k, type, true, position)};
        all[k] = sides[0] && sides[1]
                     ? plan_compare(b, "is_not_distinct_from", sides[0], sides[1], position)
                     : NULL;
        if (!all[k])
            return NULL;
    }
    if (!all)
        return NULL;
    all[count] = condition;
    return plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), all, count + 1,
                              position);
}

struct plan_rel *plan_values_over(struct plan_binder *b, struct plan_rel *one,
                                  const struct weir_expr **cells, uint32_t rows, uint32_t width,
                                  struct weir_position position)
{
    struct plan_list branches = {0};
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, width + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, width + 1);
    if (!exprs || !names)
        return NULL;
    for (uint32_t c = 0; c < width; c++) {
        char *name = weir_arena_printf(b->arena, "column%u", c + 1);
        if (!name) {
            plan_out_of_memory(b);
            return NULL;
        }
        names[c] = weir_slice_from_string(name);
        if (!plan_meet(b, cells + (size_t)c * rows, rows, "a column of VALUES", position))
            return NULL;
    }
    for (uint32_t row = 0; row < rows; row++) {
        for (uint32_t c = 0; c < width; c++)
            exprs[c] = cells[(size_t)c * rows + row];
        struct plan_rel *rel = plan_rel_compute(b, one, NULL, exprs, names, width, position);
        if (!rel || !plan_list_push(b, &branches, rel))
            return NULL;
    }
    return rows == 1 ? branches.items[0] : plan_rel_union_all(b, &branches, position);
}

bool plan_lateral(struct plan_binder *b, const struct weir_sql_table *table, struct plan_rel *left,
                  struct plan_rel **right, const struct weir_expr **condition,
                  struct plan_rel **applied)
{
    enum weir_sql_join_kind kind = table->join.kind;
    struct weir_position position = table->join.right->position;
    bool is_true = plan_expr_is_true(*condition);
    bool inner = kind == WEIR_SQL_JOIN_INNER || kind == WEIR_SQL_JOIN_CROSS;
    *applied = NULL;
    if (kind == WEIR_SQL_JOIN_RIGHT || kind == WEIR_SQL_JOIN_FULL)
        return plan_fail(
            b, position, WEIR_E_BAD_SUBQUERY,
            "the right side of a RIGHT or FULL join cannot use the left one's columns");
    for (uint32_t i = 0; i < left->fields_count; i++)
        if (!left->fields[i].type)
            return false;          /* its error was reported */
    bool each = !table->join.asof; /* ASOF: the columns are keys, one row of several matches */
    if (each && ((inner && plan_is_of_one_row(*right)) ||
                 (kind == WEIR_SQL_JOIN_LEFT && is_true && gives_a_row(*right)))) {
        *applied = apply(b, left, *right, is_true ? NULL : *condition, position);
        return *applied != NULL;
    }
    uint32_t *columns, count;
    if (!plan_outer_columns(b, *right, &columns, &count))
        return false;
    struct plan_rel *domain = count ? domain_of(b, left, columns, count, position) : NULL;
    if (count && !domain)
        return false;
    *right = plan_decorrelate(b, *right, domain, columns, count, position);
    *condition = *right ? and_same(b, left, *right, columns, count, *condition) : NULL;
    return *condition != NULL;
}
