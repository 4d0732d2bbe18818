/* COMPUTE over COMPUTE becomes one COMPUTE; a COMPUTE that does nothing goes; LIMIT moves below a
 * projection.
 *
 * Two are not fused when that would compute something costly twice, something volatile more often
 * or not at all, or when the expression would grow beyond FUSED_SIZE_MAX. Within one COMPUTE equal
 * expressions run once, so only what both the predicate and the projections use counts as twice. */
#include "plan/rules_internal.h"

enum { FUSED_SIZE_MAX = 5000 };

static bool is_trivial(const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_FIELD)
        return is_trivial(expr->args[0]);
    return expr->kind == WEIR_EXPR_COLUMN || expr->kind == WEIR_EXPR_CONSTANT;
}

/* More than arithmetic over fixed-width values. */
static bool is_costly(const struct weir_expr *expr)
{
    if (is_trivial(expr))
        return false;
    if (weir_type_is_view(expr->type) || weir_type_is_nested(expr->type))
        return true;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (weir_type_is_view(expr->args[i]->type) || is_costly(expr->args[i]))
            return true;
    return false;
}

static uint32_t fused_size(const struct weir_expr *expr, const struct plan_rel *inner,
                           uint32_t limit)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return plan_expr_size(inner->of.compute.projections[expr->index], limit);
    uint32_t size = 1;
    for (uint32_t i = 0; i < expr->args_count && size < limit; i++)
        size += fused_size(expr->args[i], inner, limit - size);
    return size;
}

static bool may_fuse(struct plan_binder *b, const struct plan_rel *outer,
                     const struct plan_rel *inner)
{
    uint32_t count = inner->fields_count;
    uint32_t *in_predicate = PLAN_ARRAY(b, uint32_t, count + 1);
    uint32_t *in_projections = PLAN_ARRAY(b, uint32_t, count + 1);
    if (!in_predicate || !in_projections)
        return false;
    uint32_t size = 0;
    if (outer->of.compute.predicate) {
        plan_count_columns(outer->of.compute.predicate, in_predicate, count);
        size += fused_size(outer->of.compute.predicate, inner, FUSED_SIZE_MAX);
    }
    for (uint32_t i = 0; i < outer->fields_count && size < FUSED_SIZE_MAX; i++) {
        plan_count_columns(outer->of.compute.projections[i], in_projections, count);
        size += fused_size(outer->of.compute.projections[i], inner, FUSED_SIZE_MAX - size);
    }
    if (size >= FUSED_SIZE_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct weir_expr *expr = inner->of.compute.projections[i];
        if (weir_expr_is_volatile(expr))
            return false;
        if (in_predicate[i] && in_projections[i] && is_costly(expr))
            return false;
    }
    return true;
}

static bool fuse_projections(struct plan_binder *b, struct plan_rel *outer, struct plan_rel *inner)
{
    const struct weir_expr *const *values = inner->of.compute.projections;
    const struct weir_expr **fused =
        PLAN_ARRAY(b, const struct weir_expr *, outer->fields_count + 1);
    if (!fused)
        return false;
    for (uint32_t i = 0; i < outer->fields_count; i++) {
        fused[i] = plan_substitute(b->arena, outer->of.compute.projections[i], values,
                                   inner->fields_count);
        if (!fused[i]) {
            plan_out_of_memory(b);
            return false;
        }
    }
    const struct weir_expr *predicate = outer->of.compute.predicate;
    if (predicate)
        predicate = plan_substitute(b->arena, predicate, values, inner->fields_count);
    outer->of.compute.predicate = plan_rules_and(b, inner->of.compute.predicate, predicate);
    outer->of.compute.projections = fused;
    outer->inputs[0] = inner->inputs[0];
    return !b->out_of_memory;
}

/* One step; *changed when it did something. */
static bool fuse_step(struct plan_binder *b, struct plan_rel *rel, bool *changed)
{
    struct plan_rel *inner = rel->inputs[0];
    *changed = false;
    if (inner->kind != WEIR_PLAN_COMPUTE || inner->consumers > 1)
        return true;
    if (!inner->of.compute.projections) {
        rel->of.compute.predicate =
            plan_rules_and(b, inner->of.compute.predicate, rel->of.compute.predicate);
        rel->inputs[0] = inner->inputs[0];
        *changed = true;
        return !b->out_of_memory;
    }
    if (!rel->of.compute.projections)
        return true; /* a filter that could not be pushed into it */
    if (!may_fuse(b, rel, inner))
        return !b->out_of_memory;
    *changed = true;
    return fuse_projections(b, rel, inner);
}

static bool is_identity(const struct plan_rel *rel)
{
    if (rel->kind != WEIR_PLAN_COMPUTE || rel->of.compute.predicate)
        return false;
    if (!rel->of.compute.projections)
        return true;
    if (rel->fields_count != rel->inputs[0]->fields_count)
        return false;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        const struct weir_expr *expr = rel->of.compute.projections[i];
        if (expr->kind != WEIR_EXPR_COLUMN || expr->index != i)
            return false;
    }
    return true;
}

/* The input in place of a COMPUTE that does nothing, or only renames; else rel. What stands above
 * UNION and AGGREGATE sees their names, not those of their inputs. */
static struct plan_rel *without_identity(struct plan_binder *b, const struct plan_rel *parent,
                                         struct plan_rel *rel)
{
    if (!is_identity(rel))
        return rel;
    struct plan_rel *input = rel->inputs[0];
    bool same = true;
    for (uint32_t i = 0; i < rel->fields_count; i++)
        same &= weir_slice_equals(rel->fields[i].name, input->fields[i].name);
    bool names_count = parent->kind != WEIR_PLAN_UNION && parent->kind != WEIR_PLAN_AGGREGATE;
    bool may_rename = input->consumers == 1 && input->kind != WEIR_PLAN_SCAN;
    if (!same && !may_rename && names_count)
        return rel;
    if (!same && may_rename) {
        struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, rel->fields_count + 1);
        if (!fields)
            return rel;
        for (uint32_t i = 0; i < rel->fields_count; i++) {
            fields[i] = input->fields[i];
            fields[i].name = rel->fields[i].name;
        }
        input->fields = fields;
    }
    /* The input takes over rel's consumers. */
    input->consumers += rel->consumers - 1;
    return input;
}

/* LIMIT over a projection is the projection over LIMIT. */
static struct plan_rel *sink_limit(struct plan_rel *rel)
{
    struct plan_rel *compute = rel->inputs[0];
    if (rel->kind != WEIR_PLAN_LIMIT || compute->kind != WEIR_PLAN_COMPUTE ||
        compute->consumers > 1 || rel->consumers > 1 || compute->of.compute.predicate ||
        !compute->of.compute.projections)
        return rel;
    for (uint32_t i = 0; i < compute->fields_count; i++)
        if (weir_expr_is_volatile(compute->of.compute.projections[i]))
            return rel;
    rel->inputs[0] = compute->inputs[0];
    rel->fields = rel->inputs[0]->fields;
    rel->fields_count = rel->inputs[0]->fields_count;
    compute->inputs[0] = rel;
    return compute;
}

/* A shared COMPUTE that only chooses columns is no work worth sharing: each consumer gets its own,
 * so that predicates and fusing pass through. */
static bool is_cheap_choice(const struct plan_rel *rel)
{
    if (rel->kind != WEIR_PLAN_COMPUTE || rel->consumers < 2 || rel->of.compute.predicate ||
        !rel->of.compute.projections)
        return false;
    for (uint32_t i = 0; i < rel->fields_count; i++)
        if (!is_trivial(rel->of.compute.projections[i]))
            return false;
    return true;
}

bool plan_rules_unshare(struct plan_binder *b, struct plan_rel **sinks, uint32_t count)
{
    struct plan_list all;
    if (!plan_rules_collect(b, sinks, count, &all))
        return false;
    for (uint32_t i = all.count; i-- > 0;) {
        struct plan_rel *rel = all.items[i];
        for (uint32_t k = 0; k < rel->inputs_count; k++) {
            struct plan_rel *input = rel->inputs[k];
            if (!is_cheap_choice(input))
                continue;
            struct plan_rel *copy = PLAN_NEW(b, struct plan_rel);
            struct plan_rel **inputs = PLAN_ARRAY(b, struct plan_rel *, 1);
            if (!copy || !inputs)
                return false;
            *copy = *input;
            inputs[0] = input->inputs[0];
            inputs[0]->consumers++;
            copy->inputs = inputs;
            copy->consumers = 1;
            input->consumers--;
            rel->inputs[k] = copy;
        }
    }
    return true;
}

static bool rewrite(struct plan_binder *b, struct plan_rel *rel)
{
    if (rel->visit == b->visit)
        return true;
    rel->visit = (uint32_t)b->visit;
    for (uint32_t i = 0; i < rel->inputs_count; i++) {
        if (!rewrite(b, rel->inputs[i]))
            return false;
        rel->inputs[i] = without_identity(b, rel, rel->inputs[i]);
        if (rel->inputs[i]->kind == WEIR_PLAN_LIMIT)
            rel->inputs[i] = sink_limit(rel->inputs[i]);
    }
    bool changed = rel->kind == WEIR_PLAN_COMPUTE;
    while (changed) {
        if (!fuse_step(b, rel, &changed))
            return false;
        if (changed)
            rel->inputs[0] = without_identity(b, rel, rel->inputs[0]);
    }
    return !b->out_of_memory;
}

bool plan_rules_fuse(struct plan_binder *b, struct plan_rel **sinks, uint32_t count)
{
    struct plan_list all;
    if (!plan_rules_collect(b, sinks, count, &all))
        return false;
    b->visit = ++b->catalog->visit;
    for (uint32_t i = 0; i < count; i++)
        if (!rewrite(b, sinks[i]))
            return false;
    return true;
}
