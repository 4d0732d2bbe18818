/* Predicates towards the sources.
 *
 * push(rel, conjuncts) gives a relation equal to a filter over rel. Conjuncts keep their order: the
 * first ones run first and guard the rest. Rules of what may move:
 *
 *     M1 a volatile conjunct never moves
 *     M2 a fallible conjunct moves only when all before it move too (they may be its guard), and
 *        never below an AGGREGATE or UNNEST
 *     M3 nothing moves into a relation with a second consumer, or below LIMIT */
#include "plan/rules_internal.h"

enum { PUSHED_SIZE_MAX = 1000 };

struct conjuncts {
    const struct weir_expr **items;
    uint32_t count;
};

static struct plan_rel *push(struct plan_binder *b, struct plan_rel *rel,
                             const struct conjuncts *conjuncts);

static bool split(struct plan_binder *b, const struct weir_expr *first,
                  const struct conjuncts *rest, struct conjuncts *out)
{
    uint32_t count = first ? plan_conjuncts(first, NULL, 0) : 0;
    uint32_t more = rest ? rest->count : 0;
    out->items = PLAN_ARRAY(b, const struct weir_expr *, count + more + 1);
    if (!out->items)
        return false;
    if (first)
        plan_conjuncts(first, out->items, count);
    if (more)
        memcpy(out->items + count, rest->items, more * sizeof *out->items);
    out->count = count + more;
    return true;
}

static const struct weir_expr *join_all(struct plan_binder *b, const struct conjuncts *conjuncts)
{
    if (conjuncts->count == 0)
        return NULL;
    return plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), conjuncts->items,
                              conjuncts->count, conjuncts->items[0]->position);
}

static struct plan_rel *wrap(struct plan_binder *b, struct plan_rel *rel,
                             const struct conjuncts *conjuncts)
{
    if (conjuncts->count == 0)
        return rel;
    const struct weir_expr *predicate = join_all(b, conjuncts);
    struct plan_rel *filter = predicate ? plan_rel_filter(b, rel, predicate) : NULL;
    if (filter) {
        filter->consumers = 1;
        filter->settled = true;
    }
    return filter;
}

/* ---------------------------------------------------------------- into each kind */

static bool uses_volatile(const struct weir_expr *expr, const struct plan_rel *rel)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return weir_expr_is_volatile(rel->of.compute.projections[expr->index]);
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (uses_volatile(expr->args[i], rel))
            return true;
    return false;
}

/* Size of the conjunct with the projections in place of columns, up to limit. */
static uint32_t inlined_size(const struct weir_expr *expr, const struct plan_rel *rel,
                             uint32_t limit)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return plan_expr_size(rel->of.compute.projections[expr->index], limit);
    uint32_t size = 1;
    for (uint32_t i = 0; i < expr->args_count && size < limit; i++)
        size += inlined_size(expr->args[i], rel, limit - size);
    return size;
}

static bool may_inline(const struct weir_expr *expr, const struct plan_rel *rel)
{
    return !weir_expr_is_volatile(expr) && !uses_volatile(expr, rel) &&
           inlined_size(expr, rel, PUSHED_SIZE_MAX) < PUSHED_SIZE_MAX;
}

static struct plan_rel *push_compute(struct plan_binder *b, struct plan_rel *rel,
                                     const struct conjuncts *conjuncts)
{
    struct conjuncts below,
        above = {.items = PLAN_ARRAY(b, const struct weir_expr *, conjuncts->count + 1)};
    if (!rel->of.compute.projections) {
        /* A filter over a filter: one list. */
        if (!split(b, rel->of.compute.predicate, conjuncts, &below))
            return NULL;
        return push(b, rel->inputs[0], &below);
    }
    struct conjuncts moved = {.items =
                                  PLAN_ARRAY(b, const struct weir_expr *, conjuncts->count + 1)};
    if (!above.items || !moved.items)
        return NULL;
    for (uint32_t i = 0; i < conjuncts->count; i++) {
        const struct weir_expr *conjunct = conjuncts->items[i];
        bool blocked = above.count && weir_expr_is_fallible(conjunct);
        if (blocked || !may_inline(conjunct, rel)) {
            above.items[above.count++] = conjunct;
            continue;
        }
        conjunct =
            plan_substitute(b->arena, conjunct, rel->of.compute.projections, rel->fields_count);
        if (!conjunct) {
            plan_out_of_memory(b);
            return NULL;
        }
        moved.items[moved.count++] = conjunct;
    }
    if (moved.count) {
        if (!split(b, rel->of.compute.predicate, &moved, &below))
            return NULL;
        rel->of.compute.predicate = NULL;
        rel->inputs[0] = push(b, rel->inputs[0], &below);
        if (!rel->inputs[0])
            return NULL;
    }
    return wrap(b, rel, &above);
}

static struct plan_rel *push_scan(struct plan_binder *b, struct plan_rel *rel,
                                  const struct conjuncts *conjuncts)
{
    /* Volatile ones were kept back by may_move. Columns are those of the table. */
    const struct weir_expr *predicate = join_all(b, conjuncts);
    predicate = predicate ? plan_renumber(b->arena, predicate, rel->of.scan.columns) : NULL;
    if (!predicate) {
        plan_out_of_memory(b);
        return NULL;
    }
    rel->of.scan.predicate = plan_rules_and(b, rel->of.scan.predicate, predicate);
    return rel->of.scan.predicate ? rel : NULL;
}

static struct plan_rel *push_union(struct plan_binder *b, struct plan_rel *rel,
                                   const struct conjuncts *conjuncts)
{
    for (uint32_t i = 0; i < rel->inputs_count; i++) {
        rel->inputs[i] = push(b, rel->inputs[i], conjuncts);
        if (!rel->inputs[i])
            return NULL;
    }
    return rel;
}

/* The output column as a column of the input, when it is passed on unchanged; else PLAN_NONE. */
static uint32_t passed_column(const struct plan_rel *rel, uint32_t column)
{
    if (rel->kind == WEIR_PLAN_UNNEST)
        return column < rel->inputs[0]->fields_count ? column : PLAN_NONE;
    const struct weir_plan_aggregate *aggregate = &rel->of.aggregate.physical;
    bool windowed =
        aggregate->window.kind != WEIR_WINDOW_NONE && aggregate->window_output != PLAN_NONE;
    if (windowed && column == aggregate->window_output)
        return PLAN_NONE;
    if (windowed && column > aggregate->window_output)
        column--;
    return column < aggregate->keys_count ? aggregate->keys[column] : PLAN_NONE;
}

static bool only_passed_columns(const struct weir_expr *expr, const struct plan_rel *rel)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return passed_column(rel, expr->index) != PLAN_NONE;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (!only_passed_columns(expr->args[i], rel))
            return false;
    return true;
}

/* AGGREGATE and UNNEST: what is about keys (or the input's columns) goes below. */
static struct plan_rel *push_below(struct plan_binder *b, struct plan_rel *rel,
                                   const struct conjuncts *conjuncts)
{
    struct conjuncts moved = {.items =
                                  PLAN_ARRAY(b, const struct weir_expr *, conjuncts->count + 1)};
    struct conjuncts above = {.items =
                                  PLAN_ARRAY(b, const struct weir_expr *, conjuncts->count + 1)};
    uint32_t *map = PLAN_ARRAY(b, uint32_t, rel->fields_count + 1);
    if (!moved.items || !above.items || !map)
        return NULL;
    for (uint32_t i = 0; i < rel->fields_count; i++)
        map[i] = passed_column(rel, i);
    for (uint32_t i = 0; i < conjuncts->count; i++) {
        const struct weir_expr *conjunct = conjuncts->items[i];
        bool moves = !weir_expr_is_fallible(conjunct) && !weir_expr_is_volatile(conjunct) &&
                     plan_has_columns(conjunct) && only_passed_columns(conjunct, rel);
        if (!moves) {
            above.items[above.count++] = conjunct;
            continue;
        }
        conjunct = plan_renumber(b->arena, conjunct, map);
        if (!conjunct) {
            plan_out_of_memory(b);
            return NULL;
        }
        moved.items[moved.count++] = conjunct;
    }
    if (moved.count) {
        rel->inputs[0] = push(b, rel->inputs[0], &moved);
        if (!rel->inputs[0])
            return NULL;
    }
    return wrap(b, rel, &above);
}

/* Whether a conjunct of the condition may filter a side before the join: not when the side's rows
 * come out without match too. */
static bool may_filter_side(const struct weir_plan_join *join, uint32_t side)
{
    if (join->kind == WEIR_JOIN_ANTI)
        return side == 1;
    return !join->sides[side].keep_unmatched;
}

/* Takes conjuncts over one side out of the join's own condition, towards that side. */
static bool push_condition(struct plan_binder *b, struct plan_rel *rel)
{
    struct weir_plan_join *join = &rel->of.join;
    struct conjuncts all, kept, moved[2] = {{0}, {0}};
    if (!join->condition || join->null_matches || join->asof || join->lookup)
        return true;
    if (!split(b, join->condition, NULL, &all) || !split(b, join->condition, NULL, &kept) ||
        !split(b, join->condition, NULL, &moved[0]) || !split(b, join->condition, NULL, &moved[1]))
        return false;
    kept.count = moved[0].count = moved[1].count = 0;
    for (uint32_t i = 0; i < all.count; i++) {
        const struct weir_expr *conjunct = all.items[i];
        int side = plan_rules_side(rel, conjunct);
        bool moves = side >= 0 && may_filter_side(join, (uint32_t)side) &&
                     !weir_expr_is_volatile(conjunct) && !weir_expr_is_fallible(conjunct);
        if (!moves) {
            kept.items[kept.count++] = conjunct;
            continue;
        }
        conjunct = plan_rules_of_side(b, rel, conjunct, (uint32_t)side);
        if (!conjunct)
            return false;
        moved[side].items[moved[side].count++] = conjunct;
    }
    for (uint32_t side = 0; side < 2; side++) {
        rel->inputs[side] = push(b, rel->inputs[side], &moved[side]);
        if (!rel->inputs[side])
            return false;
    }
    join->condition = join_all(b, &kept);
    return !b->out_of_memory;
}

/* Where nulls in the place of a whole side are filtered above, they need not come out. */
static void drop_unmatched(struct weir_plan_join *join, const uint32_t counts[2],
                           const struct conjuncts *conjuncts)
{
    for (uint32_t side = 0; side < 2; side++)
        for (uint32_t i = 0; i < conjuncts->count && join->sides[1 - side].keep_unmatched; i++)
            if (plan_rules_rejects_nulls(conjuncts->items[i], side ? counts[0] : 0, counts[side]))
                join->sides[1 - side].keep_unmatched = false;
}

/* Conjuncts above a join: about one side they go there; about both, into the condition of an inner
 * join. */
static struct plan_rel *push_join(struct plan_binder *b, struct plan_rel *rel,
                                  const struct conjuncts *conjuncts)
{
    struct weir_plan_join *join = &rel->of.join;
    struct conjuncts above = {.items =
                                  PLAN_ARRAY(b, const struct weir_expr *, conjuncts->count + 1)};
    const uint32_t counts[2] = {rel->inputs[0]->fields_count, rel->inputs[1]->fields_count};
    drop_unmatched(join, counts, conjuncts);
    bool inner = join->kind == WEIR_JOIN_PAIRS && !join->asof && !join->sides[0].keep_unmatched &&
                 !join->sides[1].keep_unmatched;
    if (!above.items)
        return NULL;
    for (uint32_t i = 0; i < conjuncts->count; i++) {
        const struct weir_expr *conjunct = conjuncts->items[i];
        int side = plan_rules_side(rel, conjunct);
        bool safe = !weir_expr_is_fallible(conjunct);
        struct conjuncts one = {&conjunct, 1};
        /* Above the join, the nulls in place of the side's columns are filtered too. */
        bool to_side = side >= 0 && safe && !join->sides[1 - side].keep_unmatched;
        if (join->lookup && side == 1) /* it is asked by key alone */
            to_side = false;
        if (join->asof) /* which right row is the closest does not depend on what follows */
            to_side = side == 0 && safe;
        if (to_side) {
            conjunct = plan_rules_of_side(b, rel, conjunct, (uint32_t)side);
            rel->inputs[side] = conjunct ? push(b, rel->inputs[side], &one) : NULL;
            if (!rel->inputs[side])
                return NULL;
        } else if (inner && plan_has_columns(conjunct) && (safe || !above.count)) {
            join->condition = plan_rules_and(b, join->condition, conjunct);
            if (b->out_of_memory)
                return NULL;
        } else {
            above.items[above.count++] = conjunct;
        }
    }
    return wrap(b, rel, &above);
}

/* rank <= n, rank < n, rank = n over the only call, a rank: no more than so many rows come out.
 * True when the limit says all that the conjunct does. */
static bool note_limit(struct plan_rel *rel, const struct weir_expr *conjunct)
{
    struct weir_plan_over *over = &rel->of.over;
    uint32_t column = rel->inputs[0]->fields_count;
    if (conjunct->kind != WEIR_EXPR_CALL || conjunct->args_count != 2 || over->calls_count != 1 ||
        over->calls[0].function > WEIR_OVER_DENSE_RANK)
        return false;
    const struct weir_expr *rank = conjunct->args[0], *bound = conjunct->args[1];
    const char *name = conjunct->function->name;
    bool swapped = rank->kind == WEIR_EXPR_CONSTANT;
    if (swapped) {
        rank = conjunct->args[1];
        bound = conjunct->args[0];
    }
    if (rank->kind != WEIR_EXPR_COLUMN || rank->index != column ||
        bound->kind != WEIR_EXPR_CONSTANT || bound->type->kind != WEIR_TYPE_INT64 ||
        plan_expr_is_null(bound))
        return false;
    int64_t limit = *(const int64_t *)bound->constant.values;
    bool equal = strcmp(name, "=") == 0;
    bool below = strcmp(name, swapped ? ">" : "<") == 0;
    if (!equal && !below && strcmp(name, swapped ? ">=" : "<=") != 0)
        return false;
    limit -= below && limit > INT64_MIN;
    limit = limit < 0 ? 0 : limit;
    if (over->limit < 0 || limit < over->limit)
        over->limit = limit;
    return !equal || limit == 1;
}

/* What is about the partition goes below; bounds of a rank become a limit. */
static struct plan_rel *push_over(struct plan_binder *b, struct plan_rel *rel,
                                  const struct conjuncts *conjuncts)
{
    struct weir_plan_over *over = &rel->of.over;
    struct conjuncts moved = {.items =
                                  PLAN_ARRAY(b, const struct weir_expr *, conjuncts->count + 1)};
    struct conjuncts above = {.items =
                                  PLAN_ARRAY(b, const struct weir_expr *, conjuncts->count + 1)};
    bool *used = PLAN_ARRAY(b, bool, rel->fields_count + 1);
    if (!moved.items || !above.items || !used)
        return NULL;
    for (uint32_t i = 0; i < conjuncts->count; i++) {
        const struct weir_expr *conjunct = conjuncts->items[i];
        memset(used, 0, rel->fields_count);
        plan_mark_columns(conjunct, used, rel->fields_count);
        for (uint32_t k = 0; k < over->partition_count; k++)
            used[over->partition[k]] = false;
        bool only_partition = plan_has_columns(conjunct) && !weir_expr_is_fallible(conjunct);
        for (uint32_t c = 0; c < rel->fields_count; c++)
            only_partition &= !used[c];
        if (note_limit(rel, conjunct))
            continue;
        struct conjuncts *list = only_partition ? &moved : &above;
        list->items[list->count++] = conjunct;
    }
    if (moved.count) {
        rel->inputs[0] = push(b, rel->inputs[0], &moved);
        if (!rel->inputs[0])
            return NULL;
    }
    return wrap(b, rel, &above);
}

static struct plan_rel *push_movable(struct plan_binder *b, struct plan_rel *rel,
                                     const struct conjuncts *conjuncts)
{
    switch (rel->kind) {
    case WEIR_PLAN_SCAN:
        return push_scan(b, rel, conjuncts);
    case WEIR_PLAN_COMPUTE:
        return push_compute(b, rel, conjuncts);
    case WEIR_PLAN_UNION:
        return push_union(b, rel, conjuncts);
    case WEIR_PLAN_JOIN:
        return push_join(b, rel, conjuncts);
    case WEIR_PLAN_OVER:
        return push_over(b, rel, conjuncts);
    case WEIR_PLAN_AGGREGATE:
    case WEIR_PLAN_UNNEST:
        return push_below(b, rel, conjuncts);
    case WEIR_PLAN_SORT:
        if (rel->of.sort.limit >= 0 || rel->of.sort.offset)
            return wrap(b, rel, conjuncts);
        rel->inputs[0] = push(b, rel->inputs[0], conjuncts);
        return rel->inputs[0] ? rel : NULL;
    default:
        return wrap(b, rel, conjuncts);
    }
}

static struct plan_rel *push(struct plan_binder *b, struct plan_rel *rel,
                             const struct conjuncts *conjuncts)
{
    if (conjuncts->count == 0)
        return rel;
    if (rel->consumers > 1)
        return wrap(b, rel, conjuncts);
    /* From the first volatile one on, only what cannot fail goes past it (M1, M2). */
    struct conjuncts moved = {.items =
                                  PLAN_ARRAY(b, const struct weir_expr *, conjuncts->count + 1)};
    struct conjuncts above = {.items =
                                  PLAN_ARRAY(b, const struct weir_expr *, conjuncts->count + 1)};
    if (!moved.items || !above.items)
        return NULL;
    for (uint32_t i = 0; i < conjuncts->count; i++) {
        const struct weir_expr *conjunct = conjuncts->items[i];
        bool stays =
            weir_expr_is_volatile(conjunct) || (above.count && weir_expr_is_fallible(conjunct));
        struct conjuncts *list = stays ? &above : &moved;
        list->items[list->count++] = conjunct;
    }
    if (moved.count) {
        rel = push_movable(b, rel, &moved);
        if (!rel)
            return NULL;
    }
    return wrap(b, rel, &above);
}

/* ---------------------------------------------------------------- the walk */

static bool walk(struct plan_binder *b, struct plan_rel *rel)
{
    if (rel->visit == b->visit)
        return true;
    rel->visit = (uint32_t)b->visit;
    if (rel->kind == WEIR_PLAN_COMPUTE && rel->of.compute.predicate && !rel->settled &&
        rel->inputs[0]->consumers == 1 && !weir_expr_is_volatile(rel->of.compute.predicate)) {
        struct conjuncts conjuncts;
        if (!split(b, rel->of.compute.predicate, NULL, &conjuncts))
            return false;
        rel->of.compute.predicate = NULL;
        rel->inputs[0] = push(b, rel->inputs[0], &conjuncts);
        if (!rel->inputs[0])
            return false;
    }
    if (rel->kind == WEIR_PLAN_JOIN && !push_condition(b, rel))
        return false;
    for (uint32_t i = 0; i < rel->inputs_count; i++)
        if (!walk(b, rel->inputs[i]))
            return false;
    return true;
}

bool plan_rules_push(struct plan_binder *b, struct plan_rel **sinks, uint32_t count)
{
    struct plan_list all;
    if (!plan_rules_collect(b, sinks, count, &all))
        return false;
    b->visit = ++b->catalog->visit;
    for (uint32_t i = 0; i < count; i++)
        if (!walk(b, sinks[i]))
            return false;
    return true;
}
