/* SEMI and ANTI joins by an order look at the least or the greatest right row only.
 *
 *     EXISTS (… WHERE r.k = l.k AND r.y > l.x)     l SEMI JOIN m ON m.k = l.k AND m.greatest > l.x
 *     NOT EXISTS (… r.y <> l.x)                    l ANTI JOIN m ON m.least <> l.x OR m.greatest <>
 *                                                  l.x
 *     l.x < ALL (SELECT r.y …)                     l ANTI JOIN m ON COALESCE(m.least <= l.x, true)
 *                                                  OR m.unknown
 *
 * where m is r grouped by k: one row per key, or one row at all, instead of every pair of rows.
 * unknown says that one of the group's y is null, which is what keeps a row out of NOT … ANY; a
 * group without rows has no row in m.
 *
 * m takes rows back whether r does or not, so that this is for joins that do so anyway, and for
 * those of which only the last answer counts. Not where time frees the rows of either side. */
#include "plan/physical_internal.h"
#include "plan/rules_internal.h"

/* A join's condition as l op r, and conjuncts over the left side alone. */
struct order {
    struct plan_binder *b;
    const struct plan_rel *join;
    const struct weir_expr **rest; /* over the left side */
    uint32_t rest_count;
    const struct weir_expr *left, *right; /* over their sides' own columns */
    const char *sign;                     /* as left sign right */
    bool or_unknown;                      /* null is as good as true */
};

bool plan_has_extremes(const struct weir_type *type)
{
    return type->kind > WEIR_TYPE_BOOLEAN && type->kind <= WEIR_TYPE_UUID;
}

static const char *mirrored(const char *sign)
{
    static const char *const signs[] = {"<", "<=", ">", ">=", "<>"};
    static const char *const others[] = {">", ">=", "<", "<=", "<>"};
    for (uint32_t i = 0; i < WEIR_COUNT_OF(signs); i++)
        if (strcmp(sign, signs[i]) == 0)
            return others[i];
    return NULL;
}

static bool take_order(struct order *order, const struct weir_expr *conjunct)
{
    const struct weir_expr *compared = conjunct;
    if (conjunct->kind == WEIR_EXPR_COALESCE && conjunct->args_count == 2 &&
        plan_expr_is_true(conjunct->args[1])) {
        order->or_unknown = true;
        compared = conjunct->args[0];
    }
    if (order->sign || compared->kind != WEIR_EXPR_CALL || compared->args_count != 2)
        return false;
    const struct weir_expr *const *args = compared->args;
    int first = plan_rules_side(order->join, args[0]);
    int second = plan_rules_side(order->join, args[1]);
    const char *other = mirrored(compared->function->name);
    if (!other || first < 0 || second < 0 || first == second ||
        !weir_type_equals(args[0]->type, args[1]->type) || !plan_has_extremes(args[0]->type))
        return false;
    order->sign = first == 0 ? compared->function->name : other;
    order->left = args[first];
    order->right = plan_rules_of_side(order->b, order->join, args[1 - first], 1);
    return order->right != NULL;
}

static bool find_order(struct order *order)
{
    const struct weir_expr *condition = order->join->of.join.condition;
    if (!condition || weir_expr_is_volatile(condition))
        return false;
    uint32_t count = plan_conjuncts(condition, NULL, 0);
    const struct weir_expr **all = PLAN_ARRAY(order->b, const struct weir_expr *, count + 1);
    if (!all)
        return false;
    plan_conjuncts(condition, all, count);
    order->rest = all;
    for (uint32_t i = 0; i < count; i++) {
        if (plan_rules_side(order->join, all[i]) == 0 && !weir_expr_is_fallible(all[i]))
            order->rest[order->rest_count++] = all[i];
        else if (!take_order(order, all[i]))
            return false;
    }
    /* What may fail is guarded by keys and other conjuncts. */
    bool guarded = order->rest_count > 0 || order->join->of.join.keys_count > 0;
    return order->sign && !(guarded && weir_expr_is_fallible(order->right));
}

/* ---------------------------------------------------------------- the right side */

enum { LEAST, GREATEST, UNKNOWN, PARTS_COUNT };

/* r by the join's keys, in the order of the keys; parts[i]: column of a part; PLAN_NONE: not
 * wanted. */
static struct plan_rel *group_right(const struct order *order, uint32_t *parts)
{
    struct plan_binder *b = order->b;
    struct plan_rel *right = order->join->inputs[1];
    const struct weir_plan_join *join = &order->join->of.join;
    struct weir_position at = order->join->position;
    uint32_t keys = join->keys_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, keys + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, keys + 1);
    struct plan_group_key *group_keys = PLAN_ARRAY(b, struct plan_group_key, keys + 1);
    struct plan_calls calls = {.items = PLAN_ARRAY(b, struct plan_call, PARTS_COUNT + 1)};
    if (!exprs || !names || !group_keys || !calls.items)
        return NULL;
    for (uint32_t k = 0; k < keys; k++) {
        exprs[k] = plan_rel_column(b, right, join->sides[1].keys[k], at);
        names[k] = right->fields[join->sides[1].keys[k]].name;
    }
    exprs[keys] = order->right;
    names[keys] = weir_slice_from_string("y");
    struct plan_rel *input = plan_rel_compute(b, right, NULL, exprs, names, keys + 1, at);
    if (!input)
        return NULL;
    input->event_time_type = NULL; /* its windows are keys like others */
    input->event_time_column = PLAN_NONE;
    input->window = (struct plan_window_columns){0};
    for (uint32_t k = 0; k < keys; k++)
        group_keys[k] = (struct plan_group_key){plan_rel_column(b, input, k, at), at};
    const struct weir_expr *value = plan_rel_column(b, input, keys, at);
    const struct weir_expr *is_null = value ? plan_function(b, "is_null", &value, 1, at) : NULL;
    const struct weir_expr *const arguments[PARTS_COUNT] = {value, value, is_null};
    static const char *const functions[PARTS_COUNT] = {"min", "max", "bool_or"};
    bool ok = is_null != NULL;
    for (uint32_t i = 0; ok && i < PARTS_COUNT; i++) {
        if (parts[i] == PLAN_NONE)
            continue;
        parts[i] = calls.count;
        ok = plan_call_make(b, &calls.items[calls.count++], functions[i], arguments[i], at);
    }
    const struct weir_expr *always = plan_expr_boolean(b, true, at);
    ok = ok && always &&
         (keys || plan_call_make(b, &calls.items[calls.count++], "bool_or", always, at));
    struct plan_grouping grouping = {.keys = group_keys, .keys_count = keys, .calls = &calls};
    if (!ok || !plan_build_aggregate(b, &grouping, input, at))
        return NULL;
    grouping.rel->of.aggregate.emit_kind = WEIR_SQL_EMIT_DEFAULT;
    for (uint32_t i = 0; i < PARTS_COUNT; i++)
        parts[i] += parts[i] == PLAN_NONE ? 0 : grouping.first_call;
    if (keys)
        return grouping.rel;
    const struct weir_expr *any =
        plan_rel_column(b, grouping.rel, grouping.first_call + calls.count - 1, at);
    return any ? plan_rel_filter(b, grouping.rel, any) : NULL;
}

/* ---------------------------------------------------------------- the join */

static const struct weir_expr *compare_part(const struct order *order,
                                            const struct plan_rel *grouped, uint32_t part)
{
    struct plan_binder *b = order->b;
    const struct weir_expr *value =
        plan_expr_column(b, order->join->inputs[0]->fields_count + part, grouped->fields[part].type,
                         true, order->join->position);
    return value ? plan_compare(b, order->sign, order->left, value, order->join->position) : NULL;
}

/* or_unknown: COALESCE(compared, true) OR one of the group is null. */
static const struct weir_expr *with_unknown(const struct order *order,
                                            const struct plan_rel *grouped, uint32_t part,
                                            const struct weir_expr *compared)
{
    struct plan_binder *b = order->b;
    struct weir_position at = order->join->position;
    const struct weir_type *boolean = weir_type_of(WEIR_TYPE_BOOLEAN);
    const struct weir_expr *sides[2] = {compared, plan_expr_boolean(b, true, at)};
    if (!sides[1])
        return NULL;
    sides[0] = plan_expr_variadic(b, WEIR_EXPR_COALESCE, boolean, sides, 2, at);
    sides[1] = plan_expr_column(b, order->join->inputs[0]->fields_count + part,
                                grouped->fields[part].type, true, at);
    return sides[0] && sides[1] ? plan_expr_variadic(b, WEIR_EXPR_OR, boolean, sides, 2, at) : NULL;
}

static const struct weir_expr *condition_of(const struct order *order,
                                            const struct plan_rel *grouped, const uint32_t *parts)
{
    struct plan_binder *b = order->b;
    struct weir_position at = order->join->position;
    const struct weir_expr *sides[2];
    uint32_t count = 0;
    for (uint32_t i = LEAST; i <= GREATEST; i++) {
        if (parts[i] == PLAN_NONE)
            continue;
        sides[count] = compare_part(order, grouped, parts[i]);
        if (!sides[count++])
            return NULL;
    }
    const struct weir_expr *met =
        count == 1
            ? sides[0]
            : plan_expr_variadic(b, WEIR_EXPR_OR, weir_type_of(WEIR_TYPE_BOOLEAN), sides, 2, at);
    if (met && order->or_unknown)
        met = with_unknown(order, grouped, parts[UNKNOWN], met);
    if (!met || !order->rest_count)
        return met;
    order->rest[order->rest_count] = met; /* in the conjunct's place */
    return plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), order->rest,
                              order->rest_count + 1, at);
}

struct plan_rel *plan_join_extremes(struct plan_binder *b, struct plan_rel *rel)
{
    const struct weir_plan_join *join = &rel->of.join;
    struct order order = {.b = b, .join = rel};
    if (join->kind == WEIR_JOIN_PAIRS || join->asof || join->lookup || join->null_matches ||
        rel->event_time_type || !find_order(&order))
        return b->out_of_memory ? NULL : rel;
    bool unequal = strcmp(order.sign, "<>") == 0, below = order.sign[0] == '<' && !unequal;
    uint32_t parts[PARTS_COUNT] = {[LEAST] = below ? PLAN_NONE : 0,
                                   [GREATEST] = below || unequal ? 0 : PLAN_NONE,
                                   [UNKNOWN] = order.or_unknown ? 0 : PLAN_NONE};
    struct plan_rel *made = PLAN_NEW(b, struct plan_rel);
    struct plan_rel **inputs = PLAN_ARRAY(b, struct plan_rel *, 2);
    uint32_t *keys = PLAN_ARRAY(b, uint32_t, join->keys_count + 1);
    struct plan_rel *grouped = made && inputs && keys ? group_right(&order, parts) : NULL;
    const struct weir_expr *condition = grouped ? condition_of(&order, grouped, parts) : NULL;
    if (!condition)
        return NULL;
    *made = *rel;
    inputs[0] = rel->inputs[0];
    inputs[1] = grouped;
    for (uint32_t k = 0; k < join->keys_count; k++)
        keys[k] = k;
    made->inputs = inputs;
    made->of.join.condition = condition;
    made->of.join.sides[1].keys = keys;
    return made;
}
