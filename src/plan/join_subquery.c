/* Subqueries in ON.
 *
 *     a JOIN b ON p                     the pairs, filtered by p as in WHERE
 *     a LEFT JOIN b ON a.k = b.k AND b.x = (SELECT max(x) FROM c WHERE c.k = b.k)
 *                                       a subquery over columns of one side is a column of that
 *                                       side, whatever the kind of the join is:
 *                                       a LEFT JOIN (b with its m) b ON a.k = b.k AND b.x = b.m
 *
 * In a join that keeps rows without a match a subquery over columns of both sides is refused. */
#include "plan/binder_internal.h"

enum { ON_NONE = 0, ON_LEFT = 1, ON_RIGHT = 2, ON_BOTH = 3 };

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
    unsigned sides = ON_NONE;
    if (expr->kind == WEIR_EXPR_COLUMN && plan_is_subquery(expr->index))
        return sides_of_subquery(sided, sided->list->items[expr->index - PLAN_INDEX_SUBQUERY]);
    if (expr->kind == WEIR_EXPR_COLUMN && expr->index < sided->left + sided->right)
        return expr->index < sided->left ? ON_LEFT : ON_RIGHT;
    for (uint32_t i = 0; i < expr->args_count; i++)
        sides |= sides_of(sided, expr->args[i]);
    return sides;
}

static unsigned sides_of_subquery(const struct sided *sided, const struct plan_subquery *subquery)
{
    uint32_t *columns, count;
    unsigned sides = ON_NONE;
    if (!plan_outer_columns(sided->b, subquery->rel, &columns, &count))
        return ON_NONE;
    for (uint32_t i = 0; i < count; i++)
        sides |= columns[i] < sided->left ? ON_LEFT : ON_RIGHT;
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
        bool is_right = sides_of_subquery(sided, subquery) == ON_RIGHT;
        subquery->filtered = is_right != (side == ON_RIGHT); /* not now */
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

static bool check_sides(const struct sided *sided)
{
    for (uint32_t i = 0; i < sided->list->count; i++) {
        const struct plan_subquery *subquery = sided->list->items[i];
        if (sides_of_subquery(sided, subquery) == ON_BOTH)
            return plan_refuse(sided->b, subquery->ast->position,
                               "subqueries over columns of both sides in ON of an outer join");
    }
    return !sided->b->out_of_memory;
}

bool plan_join_subqueries(struct plan_binder *b, struct plan_list *list, struct plan_rel **left,
                          struct plan_rel **right, const struct weir_expr **condition)
{
    struct sided sided = {
        .b = b, .list = list, .left = (*left)->fields_count, .right = (*right)->fields_count};
    if (!check_sides(&sided))
        return false;
    struct plan_rel *shifted = behind_nulls(&sided, *right, *left);
    *left = attach_side(&sided, *left, ON_LEFT);
    shifted = *left && shifted ? attach_side(&sided, shifted, ON_RIGHT) : NULL;
    if (!shifted)
        return false;
    sided.wide_left = (*left)->fields_count;
    *right = plan_rel_columns(b, shifted, sided.left, 0, shifted->fields_count - sided.left);
    for (uint32_t i = 0; *right && i < list->count; i++) {
        struct plan_subquery *subquery = list->items[i];
        if (sides_of_subquery(&sided, subquery) == ON_RIGHT &&
            !move_columns(&sided, &subquery->value))
            return false;
    }
    if (!*right || !move_columns(&sided, condition))
        return false;
    *condition = plan_subquery_values(b, list, *condition);
    return *condition != NULL;
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
