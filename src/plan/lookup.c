/* Joins with lookup tables: rows that are asked for by key, as they are needed.
 *
 *     orders o LEFT JOIN customers c ON c.id = o.customer     customers: type = 'lookup'
 *
 * A lookup table stands on the right side of an inner or left join and nowhere else. Equalities of
 * its columns with anything of the left side are the key, cast to the column's type: what cannot be
 * cast equals no such column. A condition that the key does not say whole stays in the join. */
#include "plan/rules_internal.h"

bool plan_is_lookup(const struct plan_rel *rel)
{
    return rel->kind == WEIR_PLAN_SCAN && rel->of.scan.table->is_lookup;
}

static bool fail(struct plan_binder *b, const struct plan_rel *lookup, const char *what,
                 struct weir_position position)
{
    return plan_fail(b, position, WEIR_E_LOOKUP_USE, "lookup table \"%.*s\" %s",
                     WEIR_SLICE_ARGS(lookup->of.scan.table->name), what);
}

bool plan_lookup_alone(struct plan_binder *b, const struct plan_rel *lookup,
                       struct weir_position position)
{
    return fail(b, lookup, "stands where it is not joined by key", position);
}

bool plan_lookup_versions(struct plan_binder *b, const struct plan_rel *lookup,
                          struct weir_position position)
{
    return fail(b, lookup, "has no versions: it answers with the rows of now", position);
}

bool plan_lookup_join(struct plan_binder *b, const struct weir_sql_table *table,
                      struct plan_rel *rel)
{
    enum weir_sql_join_kind kind = table->join.kind;
    const struct plan_rel *left = rel->inputs[0];
    if (kind != WEIR_SQL_JOIN_INNER && kind != WEIR_SQL_JOIN_LEFT && kind != WEIR_SQL_JOIN_CROSS)
        return fail(b, rel->inputs[1], "joins as INNER or LEFT only", table->position);
    if (table->join.asof)
        return plan_lookup_versions(b, rel->inputs[1], table->position);
    rel->of.join.lookup = true;
    rel->event_time_type = left->event_time_type;
    rel->event_time_column = left->event_time_column;
    rel->window = left->window;
    return true;
}

/* The lookup column that an expression over the right side is, cast or not. */
static const struct weir_expr *as_column(const struct weir_expr *expr, uint32_t left_count)
{
    while (expr->kind == WEIR_EXPR_CALL && expr->args_count == 1 &&
           strcmp(expr->function->name, "cast") == 0)
        expr = expr->args[0];
    bool is_key = expr->kind == WEIR_EXPR_COLUMN && expr->index >= left_count &&
                  !weir_type_is_nested(expr->type);
    return is_key ? expr : NULL;
}

bool plan_lookup_key(struct plan_binder *b, const struct plan_rel *rel,
                     const struct weir_expr *conjunct, const struct weir_expr **left,
                     const struct weir_expr **right, bool *says_all)
{
    uint32_t left_count = rel->inputs[0]->fields_count;
    *left = *right = NULL;
    if (conjunct->kind != WEIR_EXPR_CALL || conjunct->args_count != 2 ||
        strcmp(conjunct->function->name, "=") != 0 || weir_expr_is_volatile(conjunct))
        return true;
    for (uint32_t i = 0; i < 2 && !*left; i++) {
        const struct weir_expr *value = conjunct->args[1 - i];
        if (plan_rules_side(rel, conjunct->args[i]) != 1 || plan_rules_side(rel, value) == 1)
            continue;
        const struct weir_expr *column = as_column(conjunct->args[i], left_count);
        if (!column)
            continue;
        bool exact = weir_type_is_integer(column->type) && weir_type_is_integer(value->type);
        *says_all =
            exact || (column == conjunct->args[i] && weir_type_equals(column->type, value->type));
        if (!weir_type_equals(column->type, value->type)) {
            value = plan_cast(b, value, column->type, WEIR_CAST_EXPLICIT, conjunct->position);
            value = value ? plan_expr_variadic(b, WEIR_EXPR_TRY, value->type, &value, 1,
                                               conjunct->position)
                          : NULL;
        }
        *right = plan_rules_of_side(b, rel, column, 1);
        *left = value;
        if (!*left || !*right)
            return false;
    }
    return true;
}

bool plan_lookup_without_key(struct plan_binder *b, const struct plan_rel *rel)
{
    return fail(b, rel->inputs[1], "is joined without an equality with one of its columns",
                rel->position);
}
