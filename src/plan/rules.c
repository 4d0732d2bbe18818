/* The rules in their order:
 *
 *     fold      constant sub-expressions become values; what keeps no row reads no input
 *     factor    what all sides of an OR say is said once (rules_factor.c)
 *     unshare   projections that cost nothing are not shared (rules_fuse.c)
 *     outer     outer joins whose rows without a match nobody sees are inner (rules_outer.c)
 *     push      predicates move towards the sources (rules_push.c)
 *     order     inner joins: what equalities connect is joined first, few rows before many
 *               (rules_order.c)
 *     fuse      adjacent COMPUTEs become one, those that do nothing go (rules_fuse.c)
 *     fold      again: fusing brings constants together
 *     join      keys and time bounds of joins (rules_join.c)
 *     prune     columns that nobody uses are not made, nor decoded (rules_prune.c)
 *     fuse      again: pruning leaves some COMPUTEs with nothing to do
 *     narrow    fields of structs that nobody uses are not decoded (rules_narrow.c) */
#include "plan/rules_internal.h"

static bool collect(struct plan_binder *b, struct plan_rel *rel, struct plan_list *out)
{
    rel->consumers++;
    if (rel->visit == b->visit)
        return true;
    rel->visit = (uint32_t)b->visit;
    rel->consumers = 1;
    for (uint32_t i = 0; i < rel->inputs_count; i++)
        if (!collect(b, rel->inputs[i], out))
            return false;
    return plan_list_push(b, out, rel);
}

bool plan_rules_collect(struct plan_binder *b, struct plan_rel *const *sinks, uint32_t count,
                        struct plan_list *out)
{
    *out = (struct plan_list){0};
    b->visit = ++b->catalog->visit;
    for (uint32_t i = 0; i < count; i++)
        if (!collect(b, sinks[i], out))
            return false;
    return true;
}

const struct weir_expr *plan_rules_and(struct plan_binder *b, const struct weir_expr *first,
                                       const struct weir_expr *second)
{
    if (!first || !second)
        return first ? first : second;
    uint32_t left = plan_conjuncts(first, NULL, 0), right = plan_conjuncts(second, NULL, 0);
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, left + right);
    if (!args)
        return NULL;
    plan_conjuncts(first, args, left);
    plan_conjuncts(second, args + left, right);
    struct weir_position inlined_at = b->inlined_at;
    b->inlined_at = (struct weir_position){0};
    const struct weir_expr *both = plan_expr_variadic(
        b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), args, left + right, first->position);
    b->inlined_at = inlined_at;
    return both;
}

/* ---------------------------------------------------------------- fold */

static bool fold_expr(struct plan_binder *b, const struct weir_expr **expr)
{
    if (!*expr)
        return true;
    const struct weir_expr *folded;
    if (weir_expr_fold(*expr, false, b->env->session, b->arena, &folded, &b->error) != WEIR_OK)
        return plan_report(b, (*expr)->position);
    *expr = folded;
    return true;
}

static bool is_true(const struct weir_expr *expr)
{
    return expr && expr->kind == WEIR_EXPR_CONSTANT && !plan_expr_is_null(expr) &&
           *(const uint8_t *)expr->constant.values;
}

/* WHERE false: no rows, whatever the input has. (With an event time the input stays, for its
 * watermark closes windows.) */
static bool is_empty(const struct plan_rel *rel)
{
    const struct weir_expr *predicate = rel->of.compute.predicate;
    return predicate && predicate->kind == WEIR_EXPR_CONSTANT && !is_true(predicate) &&
           !rel->event_time_type;
}

static bool become_empty(struct plan_binder *b, struct plan_rel *rel)
{
    struct weir_column *columns = PLAN_ARRAY(b, struct weir_column, rel->fields_count + 1);
    if (!columns)
        return false;
    for (uint32_t i = 0; i < rel->fields_count; i++)
        columns[i] = weir_column_nulls(rel->fields[i].type, 0);
    rel->kind = WEIR_PLAN_VALUES;
    rel->inputs_count = 0;
    rel->of.values = (struct weir_plan_values){.columns = columns};
    return true;
}

static bool fold_compute(struct plan_binder *b, struct plan_rel *rel)
{
    struct weir_plan_compute *compute = &rel->of.compute;
    if (!fold_expr(b, &compute->predicate))
        return false;
    if (is_true(compute->predicate))
        compute->predicate = NULL;
    if (is_empty(rel))
        return become_empty(b, rel);
    if (!compute->projections)
        return true;
    const struct weir_expr **folded =
        PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    if (!folded)
        return false;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        folded[i] = compute->projections[i];
        if (!fold_expr(b, &folded[i]))
            return false;
    }
    compute->projections = folded;
    return true;
}

static bool fold(struct plan_binder *b, struct plan_rel *const *sinks, uint32_t count)
{
    struct plan_list all;
    if (!plan_rules_collect(b, sinks, count, &all))
        return false;
    for (uint32_t i = 0; i < all.count; i++) {
        struct plan_rel *rel = all.items[i];
        if (rel->kind == WEIR_PLAN_COMPUTE && !fold_compute(b, rel))
            return false;
        if (rel->kind == WEIR_PLAN_JOIN && !fold_expr(b, &rel->of.join.condition))
            return false;
    }
    return true;
}

bool plan_optimize(struct plan_binder *b, struct plan_rel **sinks, uint32_t count)
{
    b->inlined_at = (struct weir_position){0};
    return fold(b, sinks, count) && plan_rules_factor(b, sinks, count) &&
           plan_rules_unshare(b, sinks, count) && plan_rules_outer(b, sinks, count) &&
           plan_rules_push(b, sinks, count) && plan_rules_order(b, sinks, count) &&
           plan_rules_fuse(b, sinks, count) && fold(b, sinks, count) &&
           plan_rules_join(b, sinks, count) && plan_rules_prune(b, sinks, count) &&
           plan_rules_fuse(b, sinks, count) && plan_rules_narrow(b, sinks, count);
}
