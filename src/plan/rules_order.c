/* The order of inner joins: two inputs that no equality connects are not joined first when one of
 * them is connected with a third.
 *
 *     (a x b) JOIN c ON a.i = c.i AND b.j = c.j     ─▶  (a JOIN c ON a.i = c.i) JOIN b ON b.j = c.j
 *     (a x b) JOIN c ON b.j = c.j                   ─▶  a x (b JOIN c ON b.j = c.j)
 *
 * The pairs are the same, and what is computed with them cannot fail, so that it does not matter
 * which of the conditions is looked at first. */
#include "plan/rules_internal.h"

enum { PART_A = 1, PART_B = 2, PART_C = 4 };

struct ordering {
    struct plan_binder *b;
    struct plan_rel *parts[3];   /* a, b, c */
    const struct plan_rel *left; /* the join of a and b */
    uint32_t *seen;              /* of the join's columns: the one of a, b, c that it is */
    const struct weir_expr **conjuncts;
    uint32_t count;
};

static bool is_plain_inner(const struct plan_rel *rel)
{
    const struct weir_plan_join *join = &rel->of.join;
    return rel->kind == WEIR_PLAN_JOIN && join->kind == WEIR_JOIN_PAIRS && !join->asof &&
           !join->lookup && !join->null_matches && !join->sides[0].keep_unmatched &&
           !join->sides[1].keep_unmatched;
}

/* The parts whose columns an expression uses. */
static unsigned parts_of(const struct ordering *o, const struct weir_expr *expr)
{
    uint32_t a = o->parts[0]->fields_count, b = a + o->parts[1]->fields_count;
    if (expr->kind == WEIR_EXPR_COLUMN)
        return expr->index < a ? PART_A : expr->index < b ? PART_B : PART_C;
    unsigned parts = 0;
    for (uint32_t i = 0; i < expr->args_count; i++)
        parts |= parts_of(o, expr->args[i]);
    return parts;
}

/* Whether an equality connects two parts. */
static bool connects(const struct ordering *o, unsigned first, unsigned second)
{
    for (uint32_t i = 0; i < o->count; i++) {
        const struct weir_expr *conjunct = o->conjuncts[i];
        if (conjunct->kind != WEIR_EXPR_CALL || conjunct->args_count != 2 ||
            (strcmp(conjunct->function->name, "=") != 0 &&
             strcmp(conjunct->function->name, "is_not_distinct_from") != 0))
            continue;
        unsigned left = parts_of(o, conjunct->args[0]), right = parts_of(o, conjunct->args[1]);
        if ((left == first && right == second) || (left == second && right == first))
            return true;
    }
    return false;
}

/* The join that a relation is, or whose columns it shows: what ordering left behind. */
static const struct plan_rel *join_below(const struct plan_rel *rel)
{
    if (rel->kind == WEIR_PLAN_COMPUTE && !rel->of.compute.predicate &&
        rel->of.compute.projections) {
        for (uint32_t i = 0; i < rel->fields_count; i++)
            if (rel->of.compute.projections[i]->kind != WEIR_EXPR_COLUMN)
                return NULL;
        rel = rel->inputs[0];
    }
    return is_plain_inner(rel) ? rel : NULL;
}

static bool see(struct ordering *o, const struct plan_rel *rel)
{
    const struct plan_rel *shown = rel->inputs[0];
    o->seen = PLAN_ARRAY(o->b, uint32_t, rel->fields_count + 1);
    for (uint32_t i = 0; o->seen && i < rel->fields_count; i++) {
        bool of_c = i >= shown->fields_count;
        o->seen[i] = of_c               ? i - shown->fields_count + o->left->fields_count
                     : shown == o->left ? i
                                        : shown->of.compute.projections[i]->index;
    }
    return o->seen != NULL;
}

/* The conjuncts of rel and of the join on its left side, over a's, b's and c's columns. */
static bool collect(struct ordering *o, const struct plan_rel *rel)
{
    const struct weir_expr *own = rel->of.join.condition;
    const struct weir_expr *left = o->left->of.join.condition;
    uint32_t own_count = own ? plan_conjuncts(own, NULL, 0) : 0;
    uint32_t left_count = left ? plan_conjuncts(left, NULL, 0) : 0;
    o->conjuncts = PLAN_ARRAY(o->b, const struct weir_expr *, own_count + left_count + 1);
    if (!o->conjuncts)
        return false;
    if (own_count)
        plan_conjuncts(own, o->conjuncts, own_count);
    for (uint32_t i = 0; i < own_count; i++) {
        o->conjuncts[i] = plan_renumber(o->b->arena, o->conjuncts[i], o->seen);
        if (!o->conjuncts[i]) {
            plan_out_of_memory(o->b);
            return false;
        }
    }
    if (left_count)
        plan_conjuncts(left, o->conjuncts + own_count, left_count);
    o->count = own_count + left_count;
    return true;
}

static bool may_move(const struct ordering *o)
{
    for (uint32_t i = 0; i < o->count; i++)
        if (weir_expr_is_fallible(o->conjuncts[i]) || weir_expr_is_volatile(o->conjuncts[i]))
            return false;
    return true;
}

/* The conjuncts over `parts` alone, or all others, with their columns renumbered. */
static const struct weir_expr *conditions(const struct ordering *o, unsigned parts, bool others,
                                          const uint32_t *map)
{
    const struct weir_expr *all = NULL;
    for (uint32_t i = 0; i < o->count; i++) {
        bool inside = (parts_of(o, o->conjuncts[i]) & ~parts) == 0;
        if (inside == others)
            continue;
        const struct weir_expr *conjunct = plan_renumber(o->b->arena, o->conjuncts[i], map);
        if (!conjunct) {
            plan_out_of_memory(o->b);
            return NULL;
        }
        all = plan_rules_and(o->b, all, conjunct);
    }
    return all;
}

static bool order(struct plan_binder *b, struct plan_rel *rel);

/* (a JOIN c) JOIN b, or a JOIN (b JOIN c); map: from the columns there were to the new ones. */
static struct plan_rel *rebuild(const struct ordering *o, bool with_a, const uint32_t *map,
                                const uint32_t *inner_map, struct weir_position position)
{
    struct plan_binder *b = o->b;
    struct plan_rel *first = o->parts[with_a ? 0 : 1], *rest = o->parts[with_a ? 1 : 0];
    unsigned inner_parts = (with_a ? PART_A : PART_B) | PART_C;
    const struct weir_expr *inside = conditions(o, inner_parts, false, inner_map);
    const struct weir_expr *outside = conditions(o, inner_parts, true, map);
    if (b->out_of_memory)
        return NULL;
    struct plan_rel *inner =
        plan_rel_join(b, WEIR_JOIN_PAIRS, false, false, first, o->parts[2], inside, position);
    if (!inner || !order(b, inner))
        return NULL;
    return with_a ? plan_rel_join(b, WEIR_JOIN_PAIRS, false, false, inner, rest, outside, position)
                  : plan_rel_join(b, WEIR_JOIN_PAIRS, false, false, rest, inner, outside, position);
}

static bool replace(const struct ordering *o, struct plan_rel *rel, bool with_a)
{
    struct plan_binder *b = o->b;
    uint32_t a = o->parts[0]->fields_count, second = o->parts[1]->fields_count;
    uint32_t third = o->parts[2]->fields_count, count = a + second + third;
    uint32_t *map = PLAN_ARRAY(b, uint32_t, count + 1);
    uint32_t *inner_map = PLAN_ARRAY(b, uint32_t, count + 1);
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    struct plan_rel **inputs = PLAN_ARRAY(b, struct plan_rel *, 1);
    if (!map || !inner_map || !exprs || !inputs)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        bool of_b = i >= a && i < a + second, of_c = i >= a + second;
        map[i] = !with_a ? i : of_b ? i + third : of_c ? i - second : i;
        inner_map[i] = with_a ? map[i] : i < a ? i : i - a;
    }
    struct plan_rel *made = rebuild(o, with_a, map, inner_map, rel->position);
    if (!made)
        return false;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        exprs[i] = plan_expr_column(b, map[o->seen[i]], rel->fields[i].type,
                                    rel->fields[i].nullable, rel->position);
        if (!exprs[i])
            return false;
    }
    made->consumers = 1;
    inputs[0] = made;
    rel->kind = WEIR_PLAN_COMPUTE;
    rel->inputs = inputs;
    rel->inputs_count = 1;
    rel->of.compute = (struct weir_plan_compute){.projections = exprs};
    plan_rel_derive(rel);
    return true;
}

static bool order(struct plan_binder *b, struct plan_rel *rel)
{
    const struct plan_rel *left = is_plain_inner(rel) ? join_below(rel->inputs[0]) : NULL;
    if (!left)
        return true;
    /* A condition may bound the times of the two, which frees their rows. */
    if (left->event_time_type && left->of.join.condition)
        return true;
    struct ordering o = {
        .b = b, .parts = {left->inputs[0], left->inputs[1], rel->inputs[1]}, .left = left};
    if (!see(&o, rel) || !collect(&o, rel))
        return false;
    bool with_a = connects(&o, PART_A, PART_C);
    if (connects(&o, PART_A, PART_B) || (!with_a && !connects(&o, PART_B, PART_C)) || !may_move(&o))
        return true;
    return replace(&o, rel, with_a);
}

bool plan_rules_order(struct plan_binder *b, struct plan_rel **sinks, uint32_t count)
{
    struct plan_list all;
    if (!plan_rules_collect(b, sinks, count, &all))
        return false;
    for (uint32_t i = 0; i < all.count; i++)
        if (!order(b, all.items[i]))
            return false;
    return true;
}
