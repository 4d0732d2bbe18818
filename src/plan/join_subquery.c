/* Subqueries in ON.
 *
 *     a JOIN b ON p                     the pairs, filtered by p as in WHERE
 *     a LEFT JOIN b ON a.k = b.k AND b.x = (SELECT max(x) FROM c WHERE c.k = b.k)
 *                                       a subquery over columns of one side is a column of that
 *                                       side, whatever the kind of the join is:
 *                                       a LEFT JOIN (b with its m) b ON a.k = b.k AND b.x = b.m
 *
 *     a LEFT JOIN b ON EXISTS (SELECT 1 FROM c WHERE c.x = a.x AND c.y = b.y)
 *                                       one over both is a value of the pairs (a.x, b.y) that there
 *                                       are, and comes to the side that keeps no rows:
 *                                       a LEFT JOIN (b JOIN values ON b.y = values.y)
 *                                         ON a.x = values.x AND values.exists
 *                                       Every pair of rows finds one value; rows of that side come
 *                                       several times, so that FULL is the LEFT join and the right
 *                                       rows that the RIGHT one leaves alone.
 *
 * Lookup, temporal and ASOF joins take from here what is over their left side: join_by_row.c. */
#include "plan/binder_internal.h"

struct sided {
    struct plan_binder *b;
    struct plan_list *list;
    uint32_t left, right; /* columns of the inputs as they are written */
    uint32_t wide_left;   /* columns of the left input with its subqueries */
};

/* ---- sides ---- */

static unsigned sides_of_subquery(const struct sided *sided, const struct plan_subquery *subquery);

static unsigned sides_of(const struct sided *sided, const struct weir_expr *expr)
{
    unsigned sides = PLAN_ON_NONE;
    if (expr->kind == WEIR_EXPR_COLUMN && plan_is_subquery(expr->index))
        return sides_of_subquery(sided, sided->list->items[expr->index - PLAN_INDEX_SUBQUERY]);
    if (expr->kind == WEIR_EXPR_COLUMN && expr->index < sided->left + sided->right)
        return expr->index < sided->left ? PLAN_ON_LEFT : PLAN_ON_RIGHT;
    for (uint32_t i = 0; i < expr->args_count; i++)
        sides |= sides_of(sided, expr->args[i]);
    return sides;
}

static unsigned sides_of_subquery(const struct sided *sided, const struct plan_subquery *subquery)
{
    uint32_t *columns, count;
    unsigned sides = subquery->over_both ? PLAN_ON_BOTH : PLAN_ON_NONE;
    if (!plan_outer_columns(sided->b, subquery->rel, &columns, &count))
        return PLAN_ON_NONE;
    for (uint32_t i = 0; i < count; i++)
        sides |= columns[i] < sided->left ? PLAN_ON_LEFT : PLAN_ON_RIGHT;
    for (uint32_t k = 0; k < subquery->operands_count; k++)
        sides |= sides_of(sided, subquery->operands[k]);
    return sides;
}

/* ---- attaching ---- */

/* rel's columns behind as many nulls as there are left ones: so they have their numbers in ON. */
static struct plan_rel *behind_nulls(const struct sided *sided, struct plan_rel *rel,
                                     const struct plan_rel *left)
{
    struct plan_binder *b = sided->b;
    uint32_t count = sided->left + sided->right;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    for (uint32_t i = 0; exprs && names && i < count; i++) {
        const struct weir_field *field =
            i < sided->left ? &left->fields[i] : &rel->fields[i - sided->left];
        names[i] = field->name;
        exprs[i] = i < sided->left ? plan_expr_null(b, field->type, rel->position)
                                   : plan_rel_column(b, rel, i - sided->left, rel->position);
    }
    return b->out_of_memory ? NULL
                            : plan_rel_compute(b, rel, NULL, exprs, names, count, rel->position);
}

/* rel with the values of the subqueries of a side behind its columns. */
static struct plan_rel *attach_side(const struct sided *sided, struct plan_rel *rel, unsigned side)
{
    for (uint32_t i = 0; i < sided->list->count; i++) {
        struct plan_subquery *subquery = sided->list->items[i];
        unsigned sides = sides_of_subquery(sided, subquery);
        bool is_right = sides == PLAN_ON_RIGHT;
        subquery->filtered =
            sides == PLAN_ON_BOTH || is_right != (side == PLAN_ON_RIGHT); /* not now */
    }
    rel = plan_attach_subqueries(sided->b, rel, sided->list, true, NULL);
    for (uint32_t i = 0; i < sided->list->count; i++)
        ((struct plan_subquery *)sided->list->items[i])->filtered = false;
    return rel;
}

/* Columns of ON, and of the values of right subqueries, where they are in the wide join. */
static const struct weir_expr *move_column(void *context, const struct weir_expr *expr,
                                           bool *failed)
{
    const struct sided *sided = context;
    if (expr->kind != WEIR_EXPR_COLUMN || expr->index >= PLAN_INDEX_SUBQUERY)
        return NULL;
    uint32_t index =
        expr->index < sided->left ? expr->index : expr->index - sided->left + sided->wide_left;
    const struct weir_expr *made =
        plan_expr_column(sided->b, index, expr->type, expr->nullable, expr->position);
    *failed = made == NULL;
    return made;
}

static bool move_columns(struct sided *sided, const struct weir_expr **expr)
{
    *expr = plan_rewrite(sided->b->arena, *expr, move_column, sided);
    if (!*expr)
        plan_out_of_memory(sided->b);
    return *expr != NULL;
}

/* ---- one side ---- */

/* Both inputs with the values of the subqueries over their columns; what is over both waits. */
static bool attach_sides(struct sided *sided, struct plan_rel **left, struct plan_rel **right,
                         const struct weir_expr **condition)
{
    struct plan_binder *b = sided->b;
    struct plan_rel *shifted = behind_nulls(sided, *right, *left);
    *left = attach_side(sided, *left, PLAN_ON_LEFT);
    shifted = *left && shifted ? attach_side(sided, shifted, PLAN_ON_RIGHT) : NULL;
    if (!shifted)
        return false;
    sided->wide_left = (*left)->fields_count;
    *right = plan_rel_columns(b, shifted, sided->left, 0, shifted->fields_count - sided->left);
    for (uint32_t i = 0; *right && i < sided->list->count; i++) {
        struct plan_subquery *subquery = sided->list->items[i];
        if (sides_of_subquery(sided, subquery) == PLAN_ON_RIGHT &&
            !move_columns(sided, &subquery->value))
            return false;
    }
    if (!*right || !move_columns(sided, condition))
        return false;
    *condition = plan_known_subquery_values(b, sided->list, *condition);
    return *condition != NULL;
}

/* ---- both sides ---- */

/* Column of the wide join that a column of ON is. */
static uint32_t place_of(const struct sided *sided, uint32_t column)
{
    return column < sided->left ? column : column - sided->left + sided->wide_left;
}

static bool is_over_both(const struct sided *sided, const struct plan_subquery *subquery)
{
    return !subquery->value && sides_of_subquery(sided, subquery) == PLAN_ON_BOTH;
}

/* The columns that a subquery goes by. */
static bool mark_used(struct plan_binder *b, struct plan_list *list,
                      const struct plan_subquery *subquery, bool *used, uint32_t count)
{
    uint32_t *outer, outer_count;
    if (!plan_outer_columns(b, subquery->rel, &outer, &outer_count))
        return false;
    for (uint32_t i = 0; i < outer_count; i++)
        if (outer[i] < count)
            used[outer[i]] = true;
    for (uint32_t i = 0; i < subquery->operands_count; i++)
        if (!plan_on_columns(b, list, subquery->operands[i], used, count))
            return false;
    return true;
}

bool plan_on_columns(struct plan_binder *b, struct plan_list *list, const struct weir_expr *expr,
                     bool *used, uint32_t count)
{
    if (expr->kind == WEIR_EXPR_COLUMN && plan_is_subquery(expr->index))
        return mark_used(b, list, list->items[expr->index - PLAN_INDEX_SUBQUERY], used, count);
    if (expr->kind == WEIR_EXPR_COLUMN && expr->index < count)
        used[expr->index] = true;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (!plan_on_columns(b, list, expr->args[i], used, count))
            return false;
    return true;
}

/* used[i]: column i of ON is one that subqueries over both sides go by. */
static bool find_used(const struct sided *sided, bool *used)
{
    for (uint32_t i = 0; i < sided->list->count; i++) {
        const struct plan_subquery *subquery = sided->list->items[i];
        if (is_over_both(sided, subquery) &&
            !mark_used(sided->b, sided->list, subquery, used, sided->left + sided->right))
            return false;
    }
    return true;
}

bool plan_has_subquery(const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return plan_is_subquery(expr->index);
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (plan_has_subquery(expr->args[i]))
            return true;
    return false;
}

/* The conjuncts that say which pairs matter: those before the first subquery, which guard it, and
 * what cannot fail. */
static const struct weir_expr *without_subqueries(struct plan_binder *b,
                                                  const struct weir_expr *condition)
{
    uint32_t count = plan_conjuncts(condition, NULL, 0), kept = 0;
    const struct weir_expr **all = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    bool seen = false;
    if (!all)
        return NULL;
    plan_conjuncts(condition, all, count);
    for (uint32_t i = 0; i < count; i++) {
        bool has = plan_has_subquery(all[i]);
        seen |= has;
        if (!has && !weir_expr_is_volatile(all[i]) && !(seen && weir_expr_is_fallible(all[i])))
            all[kept++] = all[i];
    }
    if (kept == 0)
        return NULL;
    return plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), all, kept,
                              condition->position);
}

/* The different values that pairs have in the columns that are used, with the subqueries' values
 * for them; columns have their numbers in ON, those that are not used are null. */
static struct plan_rel *values_of_pairs(const struct sided *sided, struct plan_rel *left,
                                        struct plan_rel *right, const struct weir_expr *condition,
                                        const bool *used)
{
    struct plan_binder *b = sided->b;
    uint32_t count = sided->left + sided->right, found = 0;
    struct weir_position at = condition->position;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    const struct weir_expr *guard = without_subqueries(b, condition);
    struct plan_rel *pairs =
        plan_rel_join(b, WEIR_JOIN_PAIRS, false, false, left, right, guard, at);
    if (!exprs || !names || !pairs)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        if (used[i]) {
            names[found] = pairs->fields[place_of(sided, i)].name;
            exprs[found++] = plan_rel_column(b, pairs, place_of(sided, i), at);
        }
    struct plan_rel *rel =
        b->out_of_memory ? NULL : plan_rel_compute(b, pairs, NULL, exprs, names, found, at);
    rel = rel ? plan_rel_distinct(b, rel, at) : NULL;
    found = 0;
    for (uint32_t i = 0; rel && i < count; i++) {
        const struct weir_field *field = &pairs->fields[place_of(sided, i)];
        names[i] = field->name;
        exprs[i] =
            used[i] ? plan_rel_column(b, rel, found++, at) : plan_expr_null(b, field->type, at);
    }
    rel = rel && !b->out_of_memory ? plan_rel_compute(b, rel, NULL, exprs, names, count, at) : NULL;
    for (uint32_t i = 0; i < sided->list->count; i++) {
        struct plan_subquery *subquery = sided->list->items[i];
        subquery->filtered = !is_over_both(sided, subquery);
    }
    rel = rel ? plan_attach_subqueries(b, rel, sided->list, true, NULL) : NULL;
    for (uint32_t i = 0; i < sided->list->count; i++)
        ((struct plan_subquery *)sided->list->items[i])->filtered = false;
    return rel;
}

/* A join whose input `side` is joined with the values of pairs: where its columns are. */
struct joined {
    const struct sided *sided;
    uint32_t side;
    uint32_t values; /* first column of the values, of the join */
    uint32_t right;  /* first column of the right input */
};

static const struct weir_expr *over_joined(const struct joined *joined, uint32_t column,
                                           const struct weir_expr *expr, bool *failed)
{
    const struct weir_expr *made =
        plan_expr_column(joined->sided->b, column, expr->type, expr->nullable, expr->position);
    *failed = made == NULL;
    return made;
}

/* A column of the values. */
static const struct weir_expr *place_value(void *context, const struct weir_expr *expr,
                                           bool *failed)
{
    const struct joined *joined = context;
    if (expr->kind != WEIR_EXPR_COLUMN)
        return NULL;
    return over_joined(joined, joined->values + expr->index, expr, failed);
}

/* A column of the wide join, or a subquery. */
static const struct weir_expr *place_joined(void *context, const struct weir_expr *expr,
                                            bool *failed)
{
    struct joined *joined = context;
    const struct sided *sided = joined->sided;
    if (expr->kind != WEIR_EXPR_COLUMN)
        return NULL;
    if (plan_is_subquery(expr->index)) {
        const struct plan_subquery *subquery =
            sided->list->items[expr->index - PLAN_INDEX_SUBQUERY];
        const struct weir_expr *value =
            plan_rewrite(sided->b->arena, subquery->value, place_value, joined);
        *failed = value == NULL;
        return value;
    }
    bool of_right = expr->index >= sided->wide_left;
    return over_joined(joined,
                       of_right ? expr->index - sided->wide_left + joined->right : expr->index,
                       expr, failed);
}

/* The values' columns are those of the rows beside them, for columns of ON in [from, to): rows are
 * at `rows` of the join, values at `values`. */
static const struct weir_expr *same_values(const struct sided *sided, const struct plan_rel *pairs,
                                           const bool *used, const uint32_t range[2], uint32_t rows,
                                           uint32_t values, struct weir_position at)
{
    struct plan_binder *b = sided->b;
    const struct weir_expr **all = PLAN_ARRAY(b, const struct weir_expr *, range[1] - range[0] + 1);
    uint32_t count = 0;
    for (uint32_t i = range[0]; all && i < range[1]; i++) {
        const struct weir_type *type = pairs->fields[i].type;
        const struct weir_expr *row, *value;
        if (!used[i])
            continue;
        row = plan_expr_column(b, rows + i - range[0], type, true, at);
        value = plan_expr_column(b, values + i, type, true, at);
        all[count] = row && value ? plan_compare(b, "is_not_distinct_from", row, value, at) : NULL;
        if (!all[count++])
            return NULL;
    }
    if (!all || count == 0)
        return NULL;
    return plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), all, count, at);
}

static const struct weir_expr *both(struct plan_binder *b, const struct weir_expr *first,
                                    const struct weir_expr *second)
{
    const struct weir_expr *args[2] = {first, second};
    if (!first || !second)
        return NULL;
    return plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), args, 2,
                              second->position);
}

/* left JOIN right of a kind, input `side` joined with the values first: of the rows of that side
 * none may be kept without a match, for there are several of each. */
static struct plan_rel *join_with_values(const struct sided *sided, struct plan_rel *const *inputs,
                                         struct plan_rel *values, const bool *used, uint32_t side,
                                         enum weir_join_kind kind, bool keep,
                                         const struct weir_expr *condition)
{
    struct plan_binder *b = sided->b;
    struct weir_position at = condition->position;
    uint32_t count = inputs[side]->fields_count, columns = sided->left + sided->right;
    const uint32_t ranges[2][2] = {{0, sided->left}, {sided->left, columns}};
    const struct weir_expr *same = same_values(sided, values, used, ranges[side], 0, count, at);
    struct plan_rel *wide =
        same ? plan_rel_join(b, WEIR_JOIN_PAIRS, false, false, inputs[side], values, same, at)
             : NULL;
    if (!wide)
        return NULL;
    uint32_t right = side == 0 ? wide->fields_count : inputs[0]->fields_count;
    struct joined joined = {sided, side, side == 0 ? count : right + count, right};
    same = same_values(sided, values, used, ranges[1 - side], side == 0 ? right : 0, joined.values,
                       at);
    condition = same ? plan_rewrite(b->arena, condition, place_joined, &joined) : NULL;
    condition = both(b, same, condition);
    if (!condition)
        return NULL;
    return plan_rel_join(b, kind, keep && side == 1, keep && side == 0,
                         side == 0 ? wide : inputs[0], side == 0 ? inputs[1] : wide, condition, at);
}

/* ---- the join ---- */

/* What a both-sided subquery has in its operands is attached where it is. */
static void note_operands(const struct sided *sided, const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN && plan_is_subquery(expr->index)) {
        struct plan_subquery *inner = sided->list->items[expr->index - PLAN_INDEX_SUBQUERY];
        inner->over_both = true;
        for (uint32_t k = 0; k < inner->operands_count; k++)
            note_operands(sided, inner->operands[k]);
    }
    for (uint32_t i = 0; i < expr->args_count; i++)
        note_operands(sided, expr->args[i]);
}

static bool any_over_both(const struct sided *sided)
{
    bool any = false;
    for (uint32_t i = 0; i < sided->list->count; i++) {
        const struct plan_subquery *subquery = sided->list->items[i];
        if (!is_over_both(sided, subquery))
            continue;
        any = true;
        for (uint32_t k = 0; k < subquery->operands_count; k++)
            note_operands(sided, subquery->operands[k]);
    }
    return any;
}

/* The unmatched right rows of a FULL join: those of a RIGHT join without the left side's mark. */
static struct plan_rel *unmatched_right(const struct sided *sided, struct plan_rel *const *inputs,
                                        struct plan_rel *values, const bool *used,
                                        const struct weir_expr *condition)
{
    struct plan_binder *b = sided->b;
    struct weir_position at = condition->position;
    uint32_t count = inputs[0]->fields_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    if (!exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = inputs[0]->fields[i].name;
        exprs[i] = plan_rel_column(b, inputs[0], i, at);
    }
    names[count] = weir_slice_from_string("matched");
    exprs[count] = plan_expr_boolean(b, true, at);
    struct plan_rel *marked =
        b->out_of_memory ? NULL : plan_rel_compute(b, inputs[0], NULL, exprs, names, count + 1, at);
    struct plan_rel *const sides[2] = {marked, inputs[1]};
    struct plan_rel *rel =
        marked ? join_with_values(sided, sides, values, used, 0, WEIR_JOIN_PAIRS, true, condition)
               : NULL;
    const struct weir_expr *mark =
        rel ? plan_expr_column(b, count, exprs[count]->type, true, at) : NULL;
    mark = mark ? plan_function(b, "is_null", &mark, 1, at) : NULL;
    rel = mark ? plan_rel_filter(b, rel, mark) : NULL;
    return rel ? plan_rel_columns(b, rel, rel->fields_count - inputs[1]->fields_count, sided->left,
                                  sided->right)
               : NULL;
}

static struct plan_rel *join_over_both(const struct sided *sided, const struct plan_join_kind *kind,
                                       struct plan_rel *left, struct plan_rel *right,
                                       const struct weir_expr *condition)
{
    struct plan_binder *b = sided->b;
    struct plan_rel *const inputs[2] = {left, right};
    bool *used = PLAN_ARRAY(b, bool, sided->left + sided->right + 1);
    if (!used || !find_used(sided, used))
        return NULL;
    struct plan_rel *values = values_of_pairs(sided, left, right, condition, used);
    if (!values)
        return NULL;
    bool only_right = kind->keep_right && !kind->keep_left;
    struct plan_rel *rel = join_with_values(sided, inputs, values, used, only_right ? 0 : 1,
                                            kind->kind, kind->keep_left || only_right, condition);
    if (!rel || kind->kind != WEIR_JOIN_PAIRS)
        return rel ? plan_rel_columns(b, rel, 0, sided->left, 0) : NULL;
    rel = plan_rel_columns(
        b, rel, only_right ? rel->fields_count - right->fields_count : left->fields_count,
        sided->left, sided->right);
    if (!rel || !kind->keep_left || !kind->keep_right)
        return rel;
    struct plan_rel *rest = unmatched_right(sided, inputs, values, used, condition);
    struct plan_list branches = {0};
    if (!rest || !plan_list_push(b, &branches, rel) || !plan_list_push(b, &branches, rest))
        return NULL;
    return plan_rel_union_all(b, &branches, condition->position);
}

/* ---- joins by row ---- */

unsigned plan_on_sides(struct plan_binder *b, struct plan_list *list, const uint32_t counts[2],
                       const struct weir_expr *expr)
{
    const struct sided sided = {.b = b, .list = list, .left = counts[0], .right = counts[1]};
    return sides_of(&sided, expr);
}

/* All subqueries of an expression wait for the pairs. */
static void wait_for_pairs(const struct plan_list *list, const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN && plan_is_subquery(expr->index)) {
        struct plan_subquery *subquery = list->items[expr->index - PLAN_INDEX_SUBQUERY];
        subquery->over_both = true;
        for (uint32_t i = 0; i < subquery->operands_count; i++)
            wait_for_pairs(list, subquery->operands[i]);
    }
    for (uint32_t i = 0; i < expr->args_count; i++)
        wait_for_pairs(list, expr->args[i]);
}

bool plan_split_on(struct plan_binder *b, struct plan_list *list, plan_on_place_fn place,
                   const void *context, const struct weir_expr **condition,
                   const struct weir_expr **above)
{
    struct weir_position at = (*condition)->position;
    uint32_t count = plan_conjuncts(*condition, NULL, 0), kept = 0, moved = 0;
    const struct weir_expr **all = PLAN_ARRAY(b, const struct weir_expr *, 2 * count + 1);
    if (!all)
        return false;
    const struct weir_expr **later = all + count;
    plan_conjuncts(*condition, all, count);
    for (uint32_t i = 0; i < count; i++) {
        enum plan_on_place where = place(context, all[i]);
        bool guarded = moved && weir_expr_is_fallible(all[i]);
        if (where == PLAN_ON_IN_JOIN || (where == PLAN_ON_ANYWHERE && !guarded))
            all[kept++] = all[i];
        else
            later[moved++] = all[i];
    }
    for (uint32_t i = 0; i < moved; i++)
        wait_for_pairs(list, later[i]);
    const struct weir_type *type = weir_type_of(WEIR_TYPE_BOOLEAN);
    *above = moved ? plan_expr_variadic(b, WEIR_EXPR_AND, type, later, moved, at) : NULL;
    *condition = kept ? plan_expr_variadic(b, WEIR_EXPR_AND, type, all, kept, at)
                      : plan_expr_boolean(b, true, at);
    return *condition && (!moved || *above);
}

bool plan_left_subqueries(struct plan_binder *b, struct plan_list *list, struct plan_rel **left,
                          const struct plan_rel *right, const struct weir_expr **condition)
{
    struct sided sided = {
        .b = b, .list = list, .left = (*left)->fields_count, .right = right->fields_count};
    *left = attach_side(&sided, *left, PLAN_ON_LEFT);
    if (!*left)
        return false;
    sided.wide_left = (*left)->fields_count;
    if (!move_columns(&sided, condition))
        return false;
    *condition = plan_known_subquery_values(b, list, *condition);
    return *condition != NULL;
}

/* ---- all other joins ---- */

struct plan_rel *plan_join_subqueries(struct plan_binder *b, struct plan_list *list,
                                      const struct plan_join_kind *kind, struct plan_rel *left,
                                      struct plan_rel *right, const struct weir_expr *condition)
{
    struct sided sided = {
        .b = b, .list = list, .left = left->fields_count, .right = right->fields_count};
    bool over_both = any_over_both(&sided), is_pairs = kind->kind == WEIR_JOIN_PAIRS;
    if (!attach_sides(&sided, &left, &right, &condition))
        return NULL;
    if (over_both)
        return join_over_both(&sided, kind, left, right, condition);
    struct plan_rel *rel = plan_rel_join(b, kind->kind, kind->keep_left, kind->keep_right, left,
                                         right, condition, kind->position);
    return rel ? plan_rel_columns(b, rel, left->fields_count, sided.left,
                                  is_pairs ? sided.right : 0)
               : NULL;
}

struct plan_rel *plan_rel_columns(struct plan_binder *b, struct plan_rel *rel, uint32_t second,
                                  uint32_t first_count, uint32_t second_count)
{
    uint32_t count = first_count + second_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    for (uint32_t i = 0; exprs && names && i < count; i++) {
        uint32_t column = i < first_count ? i : i - first_count + second;
        names[i] = rel->fields[column].name;
        exprs[i] = plan_rel_column(b, rel, column, rel->position);
    }
    return b->out_of_memory ? NULL
                            : plan_rel_compute(b, rel, NULL, exprs, names, count, rel->position);
}
