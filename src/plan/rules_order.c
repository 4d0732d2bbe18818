/* The order of inner joins.
 *
 * A tree of plain inner joins is a set of inputs and of conditions between them:
 *
 *     (a x b) JOIN c ON a.i = c.i AND b.j = c.j     ─▶  (a JOIN c ON a.i = c.i) JOIN b ON b.j = c.j
 *     (a x b) JOIN c ON b.j = c.j                   ─▶  a x (b JOIN c ON b.j = c.j)
 *     (big JOIN large) JOIN few                     ─▶  (big JOIN few) JOIN large
 *
 * Of all pairs of inputs those that an equality connects are joined first, and of these the two
 * that are thought to give the fewest rows; what was joined is an input from then on. Where sizes
 * are not known (rules_size.c) all are taken for equal, and the order is the written one. The tree
 * is replaced when it had a product where none is needed, or by one with clearly fewer rows
 * between.
 *
 * The pairs are the same in any order. A condition that can fail is looked at in the last join,
 * after all others: for no pair that it was not looked at before. Inputs whose event times a
 * condition bounds are joined before others, since that frees their rows. */
#include "plan/rules_internal.h"

#include <math.h>

enum { INPUTS_MAX = 32, TREES_MAX = 2 * INPUTS_MAX };

#define CLEARLY_FEWER 0.8
#define REPEATED 0.8 /* so large a power of an input's rows are different keys */
#define OTHERS_KEEP (1.0 / 3)

struct conjunct {
    const struct weir_expr *expr; /* over all inputs' columns, side by side */
    uint32_t inputs;              /* that it uses, a bit for each */
    uint32_t sides[2];            /* an equality: those of either side; 0: it is none */
    bool bounds_time;             /* of two inputs with event times */
    bool may_fail;                /* all others guard it */
    bool is_first;                /* in the condition of its join, */
    uint32_t home;                /* which joins these inputs */
};

struct input {
    struct plan_rel *rel;
    uint32_t first; /* its columns among all */
    struct plan_size size;
};

/* Inputs joined so far. */
struct tree {
    uint32_t inputs;
    uint32_t parts[2]; /* trees; of one input: parts[0] is its number */
    double rows;
};

struct ordering {
    struct plan_binder *b;
    struct input inputs[INPUTS_MAX];
    uint32_t inputs_count, columns_count;
    struct conjunct *conjuncts;
    uint32_t conjuncts_count, conjuncts_capacity;
    struct tree trees[TREES_MAX];
    uint32_t trees_count;
    struct plan_rel *joins[INPUTS_MAX]; /* whose inputs these are */
    uint32_t joins_count;
    /* Of the trees: rows of all but inputs and the last one; products; joins that time bounds. */
    double cost;
    uint32_t products, bounded;
    bool bounds_time;
};

/* ---------------------------------------------------------------- the inputs */

static bool is_plain_inner(const struct plan_rel *rel)
{
    const struct weir_plan_join *join = &rel->of.join;
    if (rel->kind != WEIR_PLAN_JOIN || join->kind != WEIR_JOIN_PAIRS || join->asof ||
        join->lookup || join->null_matches || join->sides[0].keep_unmatched ||
        join->sides[1].keep_unmatched)
        return false;
    /* Joins with the row of a subquery have given up their event time. */
    return rel->event_time_type || !rel->inputs[0]->event_time_type ||
           !rel->inputs[1]->event_time_type;
}

static bool shows_columns(const struct plan_rel *rel)
{
    if (rel->kind != WEIR_PLAN_COMPUTE || rel->of.compute.predicate ||
        !rel->of.compute.projections || rel->consumers > 1)
        return false;
    for (uint32_t i = 0; i < rel->fields_count; i++)
        if (!rel->of.compute.projections[i] ||
            rel->of.compute.projections[i]->kind != WEIR_EXPR_COLUMN)
            return false;
    return true;
}

static bool add_conjuncts(struct ordering *o, const struct weir_expr *condition,
                          const uint32_t *columns, uint32_t inputs)
{
    uint32_t count = condition ? plan_conjuncts(condition, NULL, 0) : 0;
    uint32_t all = o->conjuncts_count + count;
    const struct weir_expr **exprs = PLAN_ARRAY(o->b, const struct weir_expr *, count + 1);
    struct conjunct *conjuncts = PLAN_ARRAY(o->b, struct conjunct, all + 1);
    if (!exprs || !conjuncts)
        return false;
    if (o->conjuncts_count)
        memcpy(conjuncts, o->conjuncts, o->conjuncts_count * sizeof *conjuncts);
    if (count)
        plan_conjuncts(condition, exprs, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct weir_expr *expr = plan_renumber(o->b->arena, exprs[i], columns);
        if (!expr) {
            plan_out_of_memory(o->b);
            return false;
        }
        conjuncts[o->conjuncts_count++] =
            (struct conjunct){.expr = expr, .is_first = i == 0, .home = inputs};
    }
    o->conjuncts = conjuncts;
    return true;
}

static uint32_t add_tree(struct ordering *o, uint32_t first, uint32_t second, uint32_t inputs)
{
    o->trees[o->trees_count] = (struct tree){.inputs = inputs, .parts = {first, second}};
    return o->trees_count++;
}

static bool add_input(struct ordering *o, struct plan_rel *rel, uint32_t *columns, uint32_t *tree)
{
    uint32_t number = o->inputs_count++;
    o->inputs[number] = (struct input){.rel = rel, .first = o->columns_count};
    for (uint32_t i = 0; i < rel->fields_count; i++)
        columns[i] = o->columns_count++;
    *tree = add_tree(o, number, PLAN_NONE, UINT32_C(1) << number);
    return true;
}

/* Adds the inputs and conditions of what rel joins; columns[i] is rel's column i among all, *tree
 * the tree that rel is. room: how many inputs may be added. */
static bool flatten(struct ordering *o, struct plan_rel *rel, bool is_top, uint32_t room,
                    uint32_t *columns, uint32_t *tree)
{
    if (!is_top && shows_columns(rel) && is_plain_inner(rel->inputs[0])) {
        uint32_t *below = PLAN_ARRAY(o->b, uint32_t, rel->inputs[0]->fields_count + 1);
        if (!below || !flatten(o, rel->inputs[0], false, room, below, tree))
            return false;
        for (uint32_t i = 0; i < rel->fields_count; i++)
            columns[i] = below[rel->of.compute.projections[i]->index];
        return true;
    }
    if (room < 2 || !is_plain_inner(rel) || (!is_top && rel->consumers > 1))
        return add_input(o, rel, columns, tree);
    uint32_t left = rel->inputs[0]->fields_count, parts[2], before = o->inputs_count;
    o->joins[o->joins_count++] = rel;
    if (!flatten(o, rel->inputs[0], false, room - 1, columns, &parts[0]))
        return false;
    room -= o->inputs_count - before;
    if (!flatten(o, rel->inputs[1], false, room, columns + left, &parts[1]))
        return false;
    uint32_t inputs = o->trees[parts[0]].inputs | o->trees[parts[1]].inputs;
    *tree = add_tree(o, parts[0], parts[1], inputs);
    return add_conjuncts(o, rel->of.join.condition, columns, inputs);
}

/* ---------------------------------------------------------------- the conditions */

static uint32_t inputs_of(const struct ordering *o, const struct weir_expr *expr)
{
    uint32_t inputs = 0;
    if (expr->kind == WEIR_EXPR_COLUMN) {
        uint32_t number = o->inputs_count - 1;
        while (o->inputs[number].first > expr->index ||
               o->inputs[number].rel->fields_count <= expr->index - o->inputs[number].first)
            number--;
        return UINT32_C(1) << number;
    }
    for (uint32_t i = 0; i < expr->args_count; i++)
        inputs |= inputs_of(o, expr->args[i]);
    return inputs;
}

static bool is_call(const struct weir_expr *expr, const char *const *names)
{
    if (expr->kind != WEIR_EXPR_CALL || expr->args_count != 2)
        return false;
    while (*names && strcmp(expr->function->name, *names) != 0)
        names++;
    return *names != NULL;
}

static bool all_timed(const struct ordering *o, uint32_t inputs)
{
    for (uint32_t i = 0; i < o->inputs_count; i++)
        if (inputs & UINT32_C(1) << i && !o->inputs[i].rel->event_time_type)
            return false;
    return true;
}

static bool tells_time(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_TIMESTAMP || type->kind == WEIR_TYPE_TIMESTAMPTZ ||
           type->kind == WEIR_TYPE_STRUCT;
}

/* False: a condition may not be moved. */
static bool understand(struct ordering *o)
{
    static const char *const equal[] = {"=", "is_not_distinct_from", NULL};
    static const char *const compare[] = {"=", "is_not_distinct_from", "<", "<=", ">", ">=", NULL};
    for (uint32_t i = 0; i < o->conjuncts_count; i++) {
        struct conjunct *conjunct = &o->conjuncts[i];
        const struct weir_expr *expr = conjunct->expr;
        if (weir_expr_is_volatile(expr))
            return false;
        conjunct->may_fail = weir_expr_is_fallible(expr);
        conjunct->inputs = inputs_of(o, expr);
        if (!is_call(expr, compare))
            continue;
        uint32_t left = inputs_of(o, expr->args[0]), right = inputs_of(o, expr->args[1]);
        bool apart = left && right && !(left & right);
        conjunct->bounds_time =
            apart && tells_time(expr->args[0]->type) && all_timed(o, left | right);
        o->bounds_time |= conjunct->bounds_time;
        if (conjunct->bounds_time && conjunct->may_fail)
            return false; /* it bounds nothing in the last join */
        if (apart && is_call(expr, equal) && (!conjunct->may_fail || conjunct->is_first)) {
            conjunct->sides[0] = left;
            conjunct->sides[1] = right;
        }
    }
    return true;
}

static bool is_within(uint32_t inputs, uint32_t all)
{
    return (inputs & ~all) == 0;
}

/* Whether an equality has its sides in two trees. */
static bool connects(const struct conjunct *conjunct, uint32_t first, uint32_t second)
{
    return conjunct->sides[0] &&
           ((is_within(conjunct->sides[0], first) && is_within(conjunct->sides[1], second)) ||
            (is_within(conjunct->sides[1], first) && is_within(conjunct->sides[0], second)));
}

/* Whether a condition becomes one when two trees are joined. */
static bool is_between(const struct conjunct *conjunct, uint32_t first, uint32_t second)
{
    if (conjunct->may_fail)
        return (first | second) == conjunct->home;
    return is_within(conjunct->inputs, first | second) && !is_within(conjunct->inputs, first) &&
           !is_within(conjunct->inputs, second);
}

/* How many different values a side of an equality has, in an input or in a tree of several. */
static double different_values(const struct ordering *o, uint32_t inputs, double rows)
{
    for (uint32_t i = 0; i < o->inputs_count; i++)
        if (inputs == UINT32_C(1) << i) {
            const struct plan_size *size = &o->inputs[i].size;
            return size->is_key ? size->base : pow(size->base, REPEATED);
        }
    return pow(rows, REPEATED);
}

struct pairing {
    bool connected, bounded;
    double rows;
};

static struct pairing pair_of(const struct ordering *o, uint32_t first, uint32_t second)
{
    const struct tree *left = &o->trees[first], *right = &o->trees[second];
    struct pairing pair = {.rows = left->rows * right->rows};
    double keys = 1;
    for (uint32_t i = 0; i < o->conjuncts_count; i++) {
        const struct conjunct *conjunct = &o->conjuncts[i];
        if (!is_between(conjunct, left->inputs, right->inputs))
            continue;
        pair.bounded |= conjunct->bounds_time && all_timed(o, left->inputs | right->inputs);
        if (!connects(conjunct, left->inputs, right->inputs)) {
            pair.rows *= OTHERS_KEEP;
            continue;
        }
        double values[2];
        for (int side = 0; side < 2; side++)
            values[side] = different_values(
                o, conjunct->sides[side],
                is_within(conjunct->sides[side], left->inputs) ? left->rows : right->rows);
        double fewer = fmax(fmin(values[0], values[1]), 1);
        if (pair.connected)
            pair.rows *= OTHERS_KEEP;
        keys = fmax(keys, fewer);
        pair.connected = true;
    }
    pair.rows = fmax(pair.rows / keys, 1);
    return pair;
}

/* ---------------------------------------------------------------- the written tree, the best one
 */

static void find_sizes(struct ordering *o)
{
    for (uint32_t i = 0; i < o->inputs_count; i++) {
        o->inputs[i].size = plan_rel_size(o->b, o->inputs[i].rel);
        if (o->bounds_time) /* what matters is what time frees */
            o->inputs[i].size = (struct plan_size){PLAN_ROWS_UNKNOWN, PLAN_ROWS_UNKNOWN, false};
    }
}

static void take(struct ordering *o, struct tree *tree, const struct pairing *pair, bool is_last)
{
    tree->rows = pair->rows;
    o->products += !pair->connected;
    o->bounded += pair->bounded;
    o->cost += is_last ? 0 : pair->rows;
}

/* Fills in what is thought of the trees up to `count`; false: a time bound stands alone. */
static bool judge(struct ordering *o, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct tree *tree = &o->trees[i];
        if (tree->parts[1] == PLAN_NONE) {
            tree->rows = fmax(o->inputs[tree->parts[0]].size.rows, 1);
            continue;
        }
        struct pairing pair = pair_of(o, tree->parts[0], tree->parts[1]);
        if (pair.bounded && !pair.connected)
            return false;
        take(o, tree, &pair, i + 1 == count);
    }
    return true;
}

static bool is_better(const struct pairing *pair, const struct pairing *than)
{
    if (pair->connected != than->connected)
        return pair->connected;
    if (pair->bounded != than->bounded)
        return pair->bounded;
    return pair->rows < than->rows;
}

/* Joins the two of the live trees that are best joined; of equals, those that were written first.
 */
static void join_two(struct ordering *o, uint32_t *live, uint32_t count)
{
    uint32_t first = 0, second = 1;
    struct pairing best = pair_of(o, live[0], live[1]);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i + 1; k < count; k++) {
            struct pairing pair = pair_of(o, live[i], live[k]);
            if (is_better(&pair, &best)) {
                best = pair;
                first = i;
                second = k;
            }
        }
    uint32_t made = add_tree(o, live[first], live[second],
                             o->trees[live[first]].inputs | o->trees[live[second]].inputs);
    take(o, &o->trees[made], &best, count == 2);
    live[first] = made;
    memmove(&live[second], &live[second + 1], (count - second - 1) * sizeof *live);
}

/* Whether there is a better tree than the written one; it is the last one then. */
static bool find_better(struct ordering *o)
{
    uint32_t live[INPUTS_MAX], count = 0, written = o->trees_count;
    struct tree of_inputs[INPUTS_MAX];
    if (!judge(o, written))
        return false;
    double cost = o->cost;
    uint32_t products = o->products, bounded = o->bounded;
    for (uint32_t i = 0; i < o->conjuncts_count; i++)
        if (o->conjuncts[i].may_fail)
            o->conjuncts[i].sides[0] = 0; /* it will be no key */
    for (uint32_t i = 0; i < written; i++)
        if (o->trees[i].parts[1] == PLAN_NONE)
            of_inputs[count++] = o->trees[i];
    o->trees_count = o->products = o->bounded = 0;
    o->cost = 0;
    for (uint32_t i = 0; i < count; i++) {
        o->trees[i] = of_inputs[i];
        live[i] = o->trees_count++;
    }
    for (; count > 1; count--)
        join_two(o, live, count);
    if (o->products != products || o->bounded != bounded)
        return o->products < products || (o->products == products && o->bounded > bounded);
    return o->cost < cost * CLEARLY_FEWER;
}

/* ---------------------------------------------------------------- rebuilding */

/* Whether a join of two trees looks at a condition, before those that may fail or among them. */
static bool is_of(const struct ordering *o, const struct conjunct *conjunct,
                  const struct tree *tree, bool may_fail)
{
    bool is_last = is_within(UINT32_MAX >> (32 - o->inputs_count), tree->inputs);
    bool is_alone = (conjunct->inputs & (conjunct->inputs - 1)) == 0;
    if (conjunct->may_fail != may_fail)
        return false;
    if (may_fail || is_alone) /* what is about one input alone was not looked at earlier */
        return is_last;
    return is_between(conjunct, o->trees[tree->parts[0]].inputs, o->trees[tree->parts[1]].inputs);
}

/* The conditions that a join of two trees decides, over its columns. */
static const struct weir_expr *condition_of(const struct ordering *o, const struct tree *tree,
                                            const uint32_t *map)
{
    const struct weir_expr *all = NULL;
    for (uint32_t i = 0; i < 2 * o->conjuncts_count; i++) {
        const struct conjunct *conjunct = &o->conjuncts[i % o->conjuncts_count];
        if (!is_of(o, conjunct, tree, i >= o->conjuncts_count))
            continue;
        const struct weir_expr *expr = plan_renumber(o->b->arena, conjunct->expr, map);
        if (!expr) {
            plan_out_of_memory(o->b);
            return NULL;
        }
        all = plan_rules_and(o->b, all, expr);
    }
    return all;
}

/* The tree as a relation; columns[i]: which of all its column i is. */
static struct plan_rel *build(const struct ordering *o, uint32_t number, uint32_t *columns,
                              struct weir_position position)
{
    const struct tree *tree = &o->trees[number];
    if (tree->parts[1] == PLAN_NONE) {
        const struct input *input = &o->inputs[tree->parts[0]];
        for (uint32_t i = 0; i < input->rel->fields_count; i++)
            columns[i] = input->first + i;
        return input->rel;
    }
    struct plan_rel *left = build(o, tree->parts[0], columns, position);
    struct plan_rel *right =
        left ? build(o, tree->parts[1], columns + left->fields_count, position) : NULL;
    uint32_t *map = PLAN_ARRAY(o->b, uint32_t, o->columns_count + 1);
    if (!right || !map)
        return NULL;
    for (uint32_t i = 0; i < left->fields_count + right->fields_count; i++)
        map[columns[i]] = i;
    const struct weir_expr *condition = condition_of(o, tree, map);
    if (o->b->out_of_memory)
        return NULL;
    struct plan_rel *made =
        plan_rel_join(o->b, WEIR_JOIN_PAIRS, false, false, left, right, condition, position);
    if (made)
        made->consumers = 1;
    return made;
}

/* rel becomes a projection of the tree to the columns that it has. */
static bool replace(const struct ordering *o, struct plan_rel *rel, const uint32_t *shown)
{
    struct plan_binder *b = o->b;
    uint32_t *columns = PLAN_ARRAY(b, uint32_t, o->columns_count + 1);
    uint32_t *map = PLAN_ARRAY(b, uint32_t, o->columns_count + 1);
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    struct plan_rel **inputs = PLAN_ARRAY(b, struct plan_rel *, 1);
    if (!columns || !map || !exprs || !inputs)
        return false;
    struct plan_rel *made = build(o, o->trees_count - 1, columns, rel->position);
    if (!made)
        return false;
    for (uint32_t i = 0; i < made->fields_count; i++)
        map[columns[i]] = i;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        exprs[i] = plan_expr_column(b, map[shown[i]], rel->fields[i].type, rel->fields[i].nullable,
                                    rel->position);
        if (!exprs[i])
            return false;
    }
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
    if (rel->settled || !is_plain_inner(rel))
        return true;
    struct ordering *o = PLAN_NEW(b, struct ordering);
    uint32_t *shown = PLAN_ARRAY(b, uint32_t, rel->fields_count + 1), tree;
    if (!o || !shown)
        return false;
    o->b = b;
    if (!flatten(o, rel, true, INPUTS_MAX, shown, &tree))
        return false;
    if (o->inputs_count < 3 || !understand(o))
        return true;
    for (uint32_t i = 0; i < o->joins_count; i++)
        o->joins[i]->settled = true;
    find_sizes(o);
    return !find_better(o) || replace(o, rel, shown);
}

bool plan_rules_order(struct plan_binder *b, struct plan_rel **sinks, uint32_t count)
{
    struct plan_list all;
    if (!plan_rules_collect(b, sinks, count, &all))
        return false;
    /* Those above first: what they join is ordered with them. */
    for (uint32_t i = all.count; i > 0; i--)
        if (!order(b, all.items[i - 1]))
            return false;
    return true;
}
