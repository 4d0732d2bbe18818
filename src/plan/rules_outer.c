/* Outer joins whose rows without a match nobody sees become inner ones.
 *
 *     a LEFT JOIN b ON a.k = b.k WHERE b.v > 3          inner: without a match b.v is null
 *     a FULL JOIN b ON a.k = b.k WHERE a.v = 1          left
 *     (a LEFT JOIN b ON …) JOIN c ON c.k = b.k          the first one inner
 *
 * A column is needed of a relation when no row with a null in it goes further: a filter above is
 * not true then, or a join above finds no match for it. That goes down through what passes columns
 * on. A join that puts nulls in the place of a side, one of whose columns is needed, puts them
 * there for nobody. Then rows may be filtered before it (rules_push.c), it may be ordered among
 * other inner joins, and a stream takes nothing back that it sent out for want of a match.
 *
 * Whether a condition can be true when some columns are null is computed over sets of what an
 * expression may be: null, true, false, or another value. */
#include "plan/rules_internal.h"

enum { MAY_BE_NULL = 1, MAY_BE_TRUE = 2, MAY_BE_FALSE = 4, MAY_BE_VALUE = 8 };

/* Columns first … first + count - 1 are null. */
struct nulls {
    uint32_t first, count;
};

static unsigned may_be(const struct weir_expr *expr, const struct nulls *nulls);

static unsigned anything(const struct weir_expr *expr)
{
    bool is_boolean = expr->type->kind == WEIR_TYPE_BOOLEAN;
    return MAY_BE_NULL | (is_boolean ? MAY_BE_TRUE | MAY_BE_FALSE : MAY_BE_VALUE);
}

static unsigned constant_may_be(const struct weir_expr *expr)
{
    if (plan_expr_is_null(expr))
        return MAY_BE_NULL;
    if (expr->type->kind != WEIR_TYPE_BOOLEAN)
        return MAY_BE_VALUE;
    return *(const uint8_t *)expr->constant.values ? MAY_BE_TRUE : MAY_BE_FALSE;
}

/* AND, OR: decided is what one argument alone decides, other what all of them must be else. */
static unsigned connected_may_be(const struct weir_expr *expr, const struct nulls *nulls,
                                 unsigned decided, unsigned other)
{
    unsigned any = 0, all = other;
    for (uint32_t i = 0; i < expr->args_count; i++) {
        unsigned arg = may_be(expr->args[i], nulls);
        any |= arg;
        all &= arg;
        if (arg == decided)
            return decided;
    }
    return (any & (decided | MAY_BE_NULL)) | all;
}

static unsigned case_may_be(const struct weir_expr *expr, const struct nulls *nulls)
{
    unsigned result = 0;
    for (uint32_t i = 0; i + 1 < expr->args_count; i += 2) {
        unsigned condition = may_be(expr->args[i], nulls);
        if (condition & MAY_BE_TRUE)
            result |= may_be(expr->args[i + 1], nulls);
        if (condition == MAY_BE_TRUE)
            return result;
    }
    return result | may_be(expr->args[expr->args_count - 1], nulls);
}

static unsigned coalesce_may_be(const struct weir_expr *expr, const struct nulls *nulls)
{
    unsigned result = 0;
    for (uint32_t i = 0; i < expr->args_count; i++) {
        unsigned arg = may_be(expr->args[i], nulls);
        result |= arg & ~(unsigned)MAY_BE_NULL;
        if (!(arg & MAY_BE_NULL))
            return result;
    }
    return result | MAY_BE_NULL;
}

/* What an argument may be makes the answer true or false, never null. */
static unsigned test_may_be(unsigned arg, unsigned true_for)
{
    return (arg & true_for ? MAY_BE_TRUE : 0) | (arg & ~true_for ? MAY_BE_FALSE : 0);
}

static unsigned same_may_be(unsigned a, unsigned b, unsigned same, unsigned different)
{
    if (a == MAY_BE_NULL && b == MAY_BE_NULL)
        return same;
    bool never =
        (a == MAY_BE_NULL && !(b & MAY_BE_NULL)) || (b == MAY_BE_NULL && !(a & MAY_BE_NULL));
    return never ? different : MAY_BE_TRUE | MAY_BE_FALSE;
}

static unsigned call_may_be(const struct weir_expr *expr, const struct nulls *nulls)
{
    static const struct {
        const char *name;
        unsigned true_for;
    } tests[] = {{"is_null", MAY_BE_NULL},
                 {"is_unknown", MAY_BE_NULL},
                 {"is_not_null", MAY_BE_TRUE | MAY_BE_FALSE | MAY_BE_VALUE},
                 {"is_not_unknown", MAY_BE_TRUE | MAY_BE_FALSE},
                 {"is_true", MAY_BE_TRUE},
                 {"is_not_true", MAY_BE_FALSE | MAY_BE_NULL},
                 {"is_false", MAY_BE_FALSE},
                 {"is_not_false", MAY_BE_TRUE | MAY_BE_NULL}};
    const char *name = expr->function->name;
    unsigned first = expr->args_count ? may_be(expr->args[0], nulls) : 0;
    for (size_t i = 0; i < WEIR_COUNT_OF(tests) && expr->args_count == 1; i++)
        if (strcmp(name, tests[i].name) == 0)
            return test_may_be(first, tests[i].true_for);
    if (expr->args_count == 2 && strcmp(name, "is_distinct_from") == 0)
        return same_may_be(first, may_be(expr->args[1], nulls), MAY_BE_FALSE, MAY_BE_TRUE);
    if (expr->args_count == 2 && strcmp(name, "is_not_distinct_from") == 0)
        return same_may_be(first, may_be(expr->args[1], nulls), MAY_BE_TRUE, MAY_BE_FALSE);
    if (strcmp(name, "not") == 0)
        return (first & MAY_BE_NULL) | (first & MAY_BE_TRUE ? MAY_BE_FALSE : 0) |
               (first & MAY_BE_FALSE ? MAY_BE_TRUE : 0);
    if (strcmp(name, "in_set") == 0)
        return first == MAY_BE_NULL ? MAY_BE_NULL : anything(expr);
    if (!(expr->function->flags & WEIR_FUNCTION_STRICT))
        return anything(expr);
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (may_be(expr->args[i], nulls) == MAY_BE_NULL)
            return MAY_BE_NULL;
    return anything(expr);
}

static unsigned may_be(const struct weir_expr *expr, const struct nulls *nulls)
{
    switch (expr->kind) {
    case WEIR_EXPR_COLUMN:
        return expr->index - nulls->first < nulls->count ? MAY_BE_NULL : anything(expr);
    case WEIR_EXPR_CONSTANT:
        return constant_may_be(expr);
    case WEIR_EXPR_AND:
        return connected_may_be(expr, nulls, MAY_BE_FALSE, MAY_BE_TRUE);
    case WEIR_EXPR_OR:
        return connected_may_be(expr, nulls, MAY_BE_TRUE, MAY_BE_FALSE);
    case WEIR_EXPR_CASE:
        return case_may_be(expr, nulls);
    case WEIR_EXPR_COALESCE:
        return coalesce_may_be(expr, nulls);
    case WEIR_EXPR_TRY:
        return may_be(expr->args[0], nulls) | MAY_BE_NULL;
    case WEIR_EXPR_FIELD:
        return may_be(expr->args[0], nulls) == MAY_BE_NULL ? MAY_BE_NULL : anything(expr);
    case WEIR_EXPR_CALL:
        return call_may_be(expr, nulls);
    }
    return anything(expr);
}

bool plan_rules_rejects_nulls(const struct weir_expr *condition, uint32_t first, uint32_t count)
{
    struct nulls nulls = {first, count};
    return !weir_expr_is_volatile(condition) && !(may_be(condition, &nulls) & MAY_BE_TRUE);
}

/* ---------------------------------------------------------------- what is needed */

/* needed[i] = true for columns whose nulls the condition rejects; columns of one side only. */
static bool need_of_condition(struct plan_binder *b, const struct weir_expr *condition,
                              uint32_t first, uint32_t count, bool *needed)
{
    bool *used = PLAN_ARRAY(b, bool, first + count + 1);
    if (!used)
        return false;
    if (!condition || weir_expr_is_volatile(condition))
        return true;
    plan_mark_columns(condition, used, first + count);
    for (uint32_t i = first; i < first + count; i++)
        needed[i] |= used[i] && plan_rules_rejects_nulls(condition, i, 1);
    return true;
}

static bool need(struct plan_binder *b, struct plan_rel *rel, const bool *needed);

static bool need_of_compute(struct plan_binder *b, struct plan_rel *rel, const bool *needed)
{
    const struct weir_plan_compute *compute = &rel->of.compute;
    struct plan_rel *input = rel->inputs[0];
    bool *below = PLAN_ARRAY(b, bool, input->fields_count + 1);
    bool *used = PLAN_ARRAY(b, bool, input->fields_count + 1);
    if (!below || !used || !need_of_condition(b, compute->predicate, 0, input->fields_count, below))
        return false;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        if (!needed[i])
            continue;
        if (!compute->projections) {
            below[i] = true;
            continue;
        }
        const struct weir_expr *expr = compute->projections[i];
        memset(used, 0, input->fields_count);
        plan_mark_columns(expr, used, input->fields_count);
        for (uint32_t c = 0; c < input->fields_count; c++) {
            struct nulls nulls = {c, 1};
            below[c] |= used[c] && may_be(expr, &nulls) == MAY_BE_NULL;
        }
    }
    return need(b, input, below);
}

static bool need_of_join(struct plan_binder *b, struct plan_rel *rel, const bool *above)
{
    struct weir_plan_join *join = &rel->of.join;
    uint32_t counts[2] = {rel->inputs[0]->fields_count, rel->inputs[1]->fields_count};
    bool *needed = PLAN_ARRAY(b, bool, counts[0] + counts[1] + 1);
    if (!needed)
        return false;
    memcpy(needed, above, rel->fields_count);
    for (uint32_t side = 0; side < 2; side++) {
        const bool *own = needed + (side ? counts[0] : 0);
        for (uint32_t c = 0; c < counts[side]; c++)
            if (own[c])
                join->sides[1 - side].keep_unmatched = false;
    }
    if (join->asof) /* which right row is the closest does not depend on what follows */
        memset(needed + counts[0], 0, counts[1]);
    for (uint32_t side = 0; side < 2; side++) {
        bool finds = join->kind == WEIR_JOIN_ANTI ? side == 1 : !join->sides[side].keep_unmatched;
        if (finds && !join->null_matches &&
            !need_of_condition(b, join->condition, side ? counts[0] : 0, counts[side], needed))
            return false;
    }
    return need(b, rel->inputs[0], needed) && need(b, rel->inputs[1], needed + counts[0]);
}

/* The input's column that an output column of the relation is; PLAN_NONE: none, or rows without it
 * may not be left out before. */
static uint32_t input_column(const struct plan_rel *rel, uint32_t column)
{
    const struct weir_plan_aggregate *aggregate = &rel->of.aggregate.physical;
    switch (rel->kind) {
    case WEIR_PLAN_AGGREGATE:
        if (aggregate->window.kind != WEIR_WINDOW_NONE)
            return PLAN_NONE;
        return column < aggregate->keys_count ? aggregate->keys[column] : PLAN_NONE;
    case WEIR_PLAN_OVER:
        for (uint32_t i = 0; i < rel->of.over.partition_count; i++)
            if (rel->of.over.partition[i] == column)
                return column;
        return PLAN_NONE;
    case WEIR_PLAN_UNNEST:
        return column < rel->inputs[0]->fields_count ? column : PLAN_NONE;
    case WEIR_PLAN_UNION:
        return column;
    case WEIR_PLAN_SORT:
        return rel->of.sort.limit < 0 && !rel->of.sort.offset ? column : PLAN_NONE;
    default:
        return PLAN_NONE;
    }
}

static bool need(struct plan_binder *b, struct plan_rel *rel, const bool *needed)
{
    if (rel->consumers > 1) { /* what one needs the others may not */
        if (rel->visit == b->visit)
            return true;
        needed = PLAN_ARRAY(b, bool, rel->fields_count + 1);
        if (!needed)
            return false;
    }
    rel->visit = (uint32_t)b->visit;
    if (rel->kind == WEIR_PLAN_COMPUTE)
        return need_of_compute(b, rel, needed);
    if (rel->kind == WEIR_PLAN_JOIN)
        return need_of_join(b, rel, needed);
    for (uint32_t i = 0; i < rel->inputs_count; i++) {
        bool *below = PLAN_ARRAY(b, bool, rel->inputs[i]->fields_count + 1);
        if (!below)
            return false;
        for (uint32_t c = 0; c < rel->fields_count; c++) {
            uint32_t column = needed[c] ? input_column(rel, c) : PLAN_NONE;
            if (column != PLAN_NONE)
                below[column] = true;
        }
        if (!need(b, rel->inputs[i], below))
            return false;
    }
    return true;
}

bool plan_rules_outer(struct plan_binder *b, struct plan_rel **sinks, uint32_t count)
{
    struct plan_list all;
    bool any = false;
    if (!plan_rules_collect(b, sinks, count, &all))
        return false;
    for (uint32_t i = 0; i < all.count && !any; i++) {
        const struct plan_rel *rel = all.items[i];
        any = rel->kind == WEIR_PLAN_JOIN &&
              (rel->of.join.sides[0].keep_unmatched || rel->of.join.sides[1].keep_unmatched);
    }
    if (!any)
        return true;
    b->visit = ++b->catalog->visit;
    for (uint32_t i = 0; i < count; i++) {
        bool *nothing = PLAN_ARRAY(b, bool, sinks[i]->fields_count + 1);
        if (!nothing || !need(b, sinks[i], nothing))
            return false;
    }
    return true;
}
