/* What makes the rows of a node unique: the columns of GROUP BY, a PRIMARY KEY, and what is left of
 * them above. A sink of changes tells an update from a delete and an insert by it. */
#include "plan/physical_internal.h"

/* Room for count columns in *keys. */
static uint32_t *new_key(struct plan_binder *b, uint32_t count, const uint32_t **keys)
{
    uint32_t *made = PLAN_ARRAY(b, uint32_t, count + 1);
    *keys = made;
    return made;
}

static bool first_columns(struct plan_binder *b, uint32_t count, const uint32_t **keys,
                          uint32_t *keys_count)
{
    uint32_t *made = new_key(b, count, keys);
    for (uint32_t i = 0; made && i < count; i++)
        made[i] = i;
    *keys_count = count;
    return made != NULL;
}

/* keys, columns of the input, as columns of the output of projections (NULL: the same). */
static bool project_key(struct plan_binder *b, const struct weir_expr *const *projections,
                        uint32_t projections_count, const uint32_t **keys, uint32_t count)
{
    const uint32_t *before = *keys;
    if (!projections)
        return true;
    uint32_t *made = new_key(b, count, keys);
    for (uint32_t k = 0; made && k < count; k++) {
        uint32_t at = 0;
        while (at < projections_count &&
               (projections[at]->kind != WEIR_EXPR_COLUMN || projections[at]->index != before[k]))
            at++;
        if (at == projections_count)
            return false;
        made[k] = at;
    }
    return made != NULL;
}

static bool scan_key(struct plan_binder *b, const struct weir_plan_node *node,
                     const uint32_t **keys, uint32_t *count)
{
    const struct weir_plan_scan *scan = &node->of.scan;
    const struct weir_table *table = scan->table;
    uint32_t *made = new_key(b, table->primary_key_count, keys);
    if (!made || table->primary_key_count == 0 || table->changelog)
        return false;
    for (uint32_t k = 0; k < table->primary_key_count; k++) {
        uint32_t at = 0;
        while (at < scan->physical_count && scan->physical[at] != table->primary_key[k])
            at++;
        if (at == scan->physical_count)
            return false;
        made[k] = at;
    }
    *count = table->primary_key_count;
    return project_key(b, scan->projections, node->schema.fields_count, keys, *count);
}

static bool contains(const uint32_t *columns, uint32_t count, uint32_t column)
{
    for (uint32_t i = 0; i < count; i++)
        if (columns[i] == column)
            return true;
    return false;
}

/* Each row of the other side matches at most one of this one: the join's keys hold its key. */
static bool matches_one(const struct weir_plan_join *join, uint32_t side, const uint32_t *keys,
                        uint32_t count)
{
    for (uint32_t k = 0; k < count; k++)
        if (!contains(join->sides[side].keys, join->keys_count, keys[k]))
            return false;
    return join->kind == WEIR_JOIN_PAIRS && !join->sides[side].keep_unmatched;
}

static bool join_key(struct plan_binder *b, const struct weir_plan_node *node,
                     const uint32_t **keys, uint32_t *count)
{
    const struct weir_plan_join *join = &node->of.join;
    const uint32_t *left, *right;
    uint32_t left_count, right_count, left_fields = node->inputs[0]->schema.fields_count;
    if (!plan_unique_key(b, node->inputs[0], &left, &left_count))
        return false;
    *keys = left;
    *count = left_count;
    if (join->kind != WEIR_JOIN_PAIRS || join->asof)
        return true;
    if (join->lookup)
        return false; /* what it answers with is its own affair */
    if (!plan_unique_key(b, node->inputs[1], &right, &right_count))
        return false;
    if (matches_one(join, 1, right, right_count))
        return true;
    bool left_is_one = matches_one(join, 0, left, left_count);
    uint32_t *made = new_key(b, left_count + right_count, keys);
    *count = 0;
    for (uint32_t k = 0; made && !left_is_one && k < left_count; k++)
        made[(*count)++] = left[k];
    for (uint32_t k = 0; made && k < right_count; k++)
        made[(*count)++] = left_fields + right[k];
    return made != NULL;
}

bool plan_unique_key(struct plan_binder *b, const struct weir_plan_node *node,
                     const uint32_t **keys, uint32_t *count)
{
    const struct weir_plan_aggregate *aggregate = &node->of.aggregate;
    switch (node->kind) {
    case WEIR_PLAN_SCAN:
        return scan_key(b, node, keys, count);
    case WEIR_PLAN_COMPUTE:
        return plan_unique_key(b, node->inputs[0], keys, count) &&
               project_key(b, node->of.compute.projections, node->schema.fields_count, keys,
                           *count);
    case WEIR_PLAN_AGGREGATE:
        if (aggregate->window.kind != WEIR_WINDOW_NONE && aggregate->window_output == PLAN_NONE)
            return false;
        return first_columns(
            b, aggregate->keys_count + (aggregate->window.kind != WEIR_WINDOW_NONE), keys, count);
    case WEIR_PLAN_NORMALIZE:
        *keys = node->of.normalize.keys;
        *count = node->of.normalize.keys_count;
        return true;
    case WEIR_PLAN_OVER:
        if (node->of.over.limit == 1 && node->of.over.calls[0].function == WEIR_OVER_ROW_NUMBER) {
            *keys = node->of.over.partition;
            *count = node->of.over.partition_count;
            return true;
        }
        return plan_unique_key(b, node->inputs[0], keys, count);
    case WEIR_PLAN_NET:
        return plan_unique_key(b, node->inputs[0], keys, count);
    case WEIR_PLAN_JOIN:
        return join_key(b, node, keys, count);
    default:
        return false;
    }
}
