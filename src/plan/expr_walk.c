/* Walking, renumbering and rewriting bound expressions. Trees are immutable: what changes is
 * copied, what does not is shared. */
#include "plan/binder_internal.h"

static const struct weir_expr *rewrite_args(struct weir_arena *arena, const struct weir_expr *expr,
                                            plan_rewrite_fn visit, void *context)
{
    const struct weir_expr **args = NULL;
    for (uint32_t i = 0; i < expr->args_count; i++) {
        const struct weir_expr *arg = plan_rewrite(arena, expr->args[i], visit, context);
        if (!arg)
            return NULL;
        if (arg != expr->args[i] && !args) {
            args = WEIR_ARENA_ARRAY(arena, const struct weir_expr *, expr->args_count);
            if (!args)
                return NULL;
            memcpy(args, expr->args, expr->args_count * sizeof *args);
        }
        if (args)
            args[i] = arg;
    }
    if (!args)
        return expr;
    struct weir_expr *copy = WEIR_ARENA_NEW(arena, struct weir_expr);
    if (!copy)
        return NULL;
    *copy = *expr;
    copy->args = args;
    return copy;
}

const struct weir_expr *plan_rewrite(struct weir_arena *arena, const struct weir_expr *expr,
                                     plan_rewrite_fn visit, void *context)
{
    bool failed = false;
    const struct weir_expr *replaced = visit(context, expr, &failed);
    if (failed)
        return NULL;
    if (replaced)
        return replaced;
    return expr->args_count ? rewrite_args(arena, expr, visit, context) : expr;
}

struct substitution {
    const struct weir_expr *const *values;
    uint32_t count;
};

static const struct weir_expr *substitute_column(void *context, const struct weir_expr *expr,
                                                 bool *failed)
{
    const struct substitution *substitution = context;
    (void)failed;
    if (expr->kind == WEIR_EXPR_COLUMN && expr->index < substitution->count)
        return substitution->values[expr->index];
    return NULL;
}

const struct weir_expr *plan_substitute(struct weir_arena *arena, const struct weir_expr *expr,
                                        const struct weir_expr *const *values, uint32_t count)
{
    struct substitution substitution = {values, count};
    return plan_rewrite(arena, expr, substitute_column, &substitution);
}

struct renumbering {
    struct weir_arena *arena;
    const uint32_t *map;
};

static const struct weir_expr *renumber_column(void *context, const struct weir_expr *expr,
                                               bool *failed)
{
    const struct renumbering *renumbering = context;
    if (expr->kind != WEIR_EXPR_COLUMN || renumbering->map[expr->index] == expr->index)
        return NULL;
    struct weir_expr *copy = WEIR_ARENA_NEW(renumbering->arena, struct weir_expr);
    if (!copy) {
        *failed = true;
        return NULL;
    }
    *copy = *expr;
    copy->index = renumbering->map[expr->index];
    return copy;
}

const struct weir_expr *plan_renumber(struct weir_arena *arena, const struct weir_expr *expr,
                                      const uint32_t *map)
{
    struct renumbering renumbering = {arena, map};
    return plan_rewrite(arena, expr, renumber_column, &renumbering);
}

void plan_mark_columns(const struct weir_expr *expr, bool *used, uint32_t count)
{
    if (expr->kind == WEIR_EXPR_COLUMN && expr->index < count)
        used[expr->index] = true;
    for (uint32_t i = 0; i < expr->args_count; i++)
        plan_mark_columns(expr->args[i], used, count);
}

void plan_count_columns(const struct weir_expr *expr, uint32_t *uses, uint32_t count)
{
    if (expr->kind == WEIR_EXPR_COLUMN && expr->index < count && uses[expr->index] < UINT32_MAX)
        uses[expr->index]++;
    for (uint32_t i = 0; i < expr->args_count; i++)
        plan_count_columns(expr->args[i], uses, count);
}

uint32_t plan_expr_size(const struct weir_expr *expr, uint32_t limit)
{
    uint32_t size = 1;
    for (uint32_t i = 0; i < expr->args_count && size < limit; i++)
        size += plan_expr_size(expr->args[i], limit - size);
    return size < limit ? size : limit;
}

bool plan_has_columns(const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return true;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (plan_has_columns(expr->args[i]))
            return true;
    return false;
}

uint32_t plan_conjuncts(const struct weir_expr *expr, const struct weir_expr **out, uint32_t max)
{
    if (expr->kind != WEIR_EXPR_AND) {
        if (max)
            out[0] = expr;
        return 1;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < expr->args_count; i++)
        count += plan_conjuncts(expr->args[i], count < max ? out + count : NULL,
                                count < max ? max - count : 0);
    return count;
}
