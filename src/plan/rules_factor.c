/* What every side of an OR says is said once, before it:
 *
 *     (a.k = b.k AND a.x = 1) OR (a.k = b.k AND a.x = 2)   ─▶   a.k = b.k AND (a.x = 1 OR a.x = 2)
 *
 * so that a join has its key. It holds for three truth values. What could fail, or gives another
 * value each time, stays. */
#include "plan/rules_internal.h"

enum { SIDES_MAX = 64, TERMS_MAX = 256 };

struct side {
    const struct weir_expr **terms;
    uint32_t count;
};

static bool split(struct plan_binder *b, const struct weir_expr *expr, struct side *side)
{
    side->count = plan_conjuncts(expr, NULL, 0);
    side->terms = PLAN_ARRAY(b, const struct weir_expr *, side->count + 1);
    if (side->terms)
        plan_conjuncts(expr, side->terms, side->count);
    return side->terms != NULL;
}

static bool has(const struct side *side, const struct weir_expr *term)
{
    for (uint32_t i = 0; i < side->count; i++)
        if (weir_expr_equals(side->terms[i], term))
            return true;
    return false;
}

static bool is_common(const struct side *sides, uint32_t count, const struct weir_expr *term)
{
    if (weir_expr_is_fallible(term) || weir_expr_is_volatile(term))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!has(&sides[i], term))
            return false;
    return true;
}

static const struct weir_expr *joined(struct plan_binder *b, enum weir_expr_kind kind,
                                      const struct weir_expr **terms, uint32_t count)
{
    return plan_expr_variadic(b, kind, weir_type_of(WEIR_TYPE_BOOLEAN), terms, count,
                              terms[0]->position);
}

/* The sides without what is common; NULL when nothing is left of one, and so nothing of the OR. */
static const struct weir_expr *rest_of(struct plan_binder *b, struct side *sides, uint32_t count,
                                       const struct side *common)
{
    const struct weir_expr **rests = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    if (!rests)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kept = 0;
        for (uint32_t t = 0; t < sides[i].count; t++)
            if (!has(common, sides[i].terms[t]))
                sides[i].terms[kept++] = sides[i].terms[t];
        if (kept == 0)
            return NULL;
        rests[i] = joined(b, WEIR_EXPR_AND, sides[i].terms, kept);
        if (!rests[i])
            return NULL;
    }
    return joined(b, WEIR_EXPR_OR, rests, count);
}

/* An OR as what its sides share and the rest; other expressions as they are. */
static const struct weir_expr *factor_or(struct plan_binder *b, const struct weir_expr *expr)
{
    struct side *sides = PLAN_ARRAY(b, struct side, expr->args_count + 1);
    struct side common = {0};
    if (!sides)
        return NULL;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (!split(b, expr->args[i], &sides[i]))
            return NULL;
        else if (sides[i].count > TERMS_MAX)
            return expr;
    common.terms = PLAN_ARRAY(b, const struct weir_expr *, sides[0].count + 2);
    for (uint32_t t = 0; common.terms && t < sides[0].count; t++)
        if (!has(&common, sides[0].terms[t]) &&
            is_common(sides, expr->args_count, sides[0].terms[t]))
            common.terms[common.count++] = sides[0].terms[t];
    if (!common.terms || common.count == 0)
        return common.terms ? expr : NULL;
    const struct weir_expr *rest = rest_of(b, sides, expr->args_count, &common);
    if (rest)
        common.terms[common.count++] = rest;
    return b->out_of_memory ? NULL : joined(b, WEIR_EXPR_AND, common.terms, common.count);
}

static bool factor(struct plan_binder *b, const struct weir_expr **condition)
{
    struct side all;
    bool changed = false;
    if (!*condition)
        return true;
    if (!split(b, *condition, &all))
        return false;
    for (uint32_t i = 0; i < all.count; i++) {
        const struct weir_expr *term = all.terms[i];
        if (term->kind == WEIR_EXPR_OR && term->args_count <= SIDES_MAX)
            all.terms[i] = factor_or(b, term);
        if (!all.terms[i])
            return false;
        changed |= all.terms[i] != term;
    }
    if (changed)
        *condition = joined(b, WEIR_EXPR_AND, all.terms, all.count);
    return *condition != NULL;
}

bool plan_rules_factor(struct plan_binder *b, struct plan_rel **sinks, uint32_t count)
{
    struct plan_list all;
    if (!plan_rules_collect(b, sinks, count, &all))
        return false;
    for (uint32_t i = 0; i < all.count; i++) {
        struct plan_rel *rel = all.items[i];
        if ((rel->kind == WEIR_PLAN_COMPUTE && !factor(b, &rel->of.compute.predicate)) ||
            (rel->kind == WEIR_PLAN_JOIN && !factor(b, &rel->of.join.condition)))
            return false;
    }
    return true;
}
