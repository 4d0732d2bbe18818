/* Joins in FROM: conditions, USING and NATURAL, what names mean above.
 *
 * The relation has all columns of the left input, then those of the right one; its condition is
 * over them. Keys and bounds are found in the condition later, by rules_join.c, when WHERE has had
 * its say too. USING adds merged columns in front, by a projection. */
#include "plan/rules_internal.h"

/* ---------------------------------------------------------------- the relation */

static bool is_nullable_side(const struct weir_plan_join *join, uint32_t side)
{
    return join->sides[1 - side].keep_unmatched;
}

struct plan_rel *plan_rel_join(struct plan_binder *b, enum weir_join_kind kind, bool keep_left,
                               bool keep_right, struct plan_rel *left, struct plan_rel *right,
                               const struct weir_expr *condition, struct weir_position position)
{
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_JOIN, NULL, position);
    struct plan_rel **inputs = PLAN_ARRAY(b, struct plan_rel *, 2);
    uint32_t right_count = kind == WEIR_JOIN_PAIRS ? right->fields_count : 0;
    uint32_t count = left->fields_count + right_count;
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, count + 1);
    if (!rel || !inputs || !fields)
        return NULL;
    struct weir_plan_join *join = &rel->of.join;
    join->kind = kind;
    join->sides[0].keep_unmatched = keep_left;
    join->sides[1].keep_unmatched = keep_right;
    join->condition = condition;
    join->granularity_us = 1;
    inputs[0] = left;
    inputs[1] = right;
    if (left->fields_count)
        memcpy(fields, left->fields, left->fields_count * sizeof *fields);
    if (right_count)
        memcpy(fields + left->fields_count, right->fields, right_count * sizeof *fields);
    for (uint32_t i = 0; i < count; i++)
        fields[i].nullable |= is_nullable_side(join, i >= left->fields_count);
    rel->inputs = inputs;
    rel->inputs_count = 2;
    rel->fields = fields;
    rel->fields_count = count;
    rel->event_time_column = PLAN_NONE;
    if (kind != WEIR_JOIN_PAIRS) {
        rel->event_time_type = left->event_time_type;
        rel->event_time_column = left->event_time_column;
        rel->window = left->window;
    } else if (left->event_time_type && right->event_time_type) {
        rel->event_time_type = left->event_time_type; /* the later one of the two */
    }
    return rel;
}

/* ---------------------------------------------------------------- USING */

struct merged {
    struct weir_slice *names;
    const struct weir_expr **values; /* over the join's columns */
    const struct plan_scope_column **columns[2];
    uint32_t count;
};

static const struct plan_scope_column *find_using(struct plan_binder *b,
                                                  const struct plan_scope *scope,
                                                  struct weir_slice name, const char *side,
                                                  struct weir_position position)
{
    const struct plan_scope_column *found = NULL;
    for (uint32_t c = 0; c < scope->columns_count; c++) {
        if (scope->columns[c].hidden || !weir_slice_equals(scope->columns[c].name, name))
            continue;
        if (found) {
            plan_fail(b, position, WEIR_E_AMBIGUOUS_NAME,
                      "column \"%.*s\" is several times on the %s side of the join",
                      WEIR_SLICE_ARGS(name), side);
            return NULL;
        }
        found = &scope->columns[c];
    }
    if (!found && !scope->open)
        plan_fail(b, position, WEIR_E_UNKNOWN_COLUMN,
                  "no column \"%.*s\" on the %s side of the join", WEIR_SLICE_ARGS(name), side);
    return found;
}

static bool add_merged(struct plan_binder *b, struct merged *merged,
                       const struct plan_scope_column *left, const struct plan_scope_column *right)
{
    merged->columns[0][merged->count] = left;
    merged->columns[1][merged->count] = right;
    merged->names[merged->count++] = left->name;
    return !b->out_of_memory;
}

/* The columns that both sides have by name. */
static bool find_merged(struct plan_binder *b, const struct weir_sql_table *table,
                        const struct plan_scope *left, const struct plan_scope *right,
                        struct merged *merged)
{
    uint32_t most = table->join.natural ? left->columns_count : table->join.using.count;
    bool ok = true;
    merged->names = PLAN_ARRAY(b, struct weir_slice, most + 1);
    merged->values = PLAN_ARRAY(b, const struct weir_expr *, most + 1);
    for (int side = 0; side < 2; side++)
        merged->columns[side] = PLAN_ARRAY(b, const struct plan_scope_column *, most + 1);
    if (b->out_of_memory)
        return false;
    for (uint32_t i = 0; i < table->join.using.count; i++) {
        const struct weir_sql_name *name = &table->join.using.items[i];
        const struct plan_scope_column *l = find_using(b, left, name->text, "left", name->position);
        const struct plan_scope_column *r =
            find_using(b, right, name->text, "right", name->position);
        ok &= l && r && add_merged(b, merged, l, r);
    }
    for (uint32_t i = 0; table->join.natural && i < left->columns_count; i++)
        for (uint32_t k = 0; k < right->columns_count; k++)
            if (!left->columns[i].hidden && !right->columns[k].hidden &&
                weir_slice_equals(left->columns[i].name, right->columns[k].name))
                ok &= add_merged(b, merged, &left->columns[i], &right->columns[k]);
    return ok;
}

static const struct weir_expr *side_column(struct plan_binder *b,
                                           const struct plan_scope_column *column, uint32_t shift,
                                           bool nullable, struct weir_position position)
{
    if (column->poisoned)
        return NULL;
    return plan_expr_column(b, column->index + shift, column->type, column->nullable || nullable,
                            position);
}

/* Equalities of the merged columns, and their values: of the side whose rows are all kept. */
static const struct weir_expr *merge_columns(struct plan_binder *b,
                                             const struct weir_sql_table *table, uint32_t shift,
                                             struct merged *merged)
{
    const struct weir_expr **conditions =
        PLAN_ARRAY(b, const struct weir_expr *, merged->count + 1);
    enum weir_sql_join_kind kind = table->join.kind;
    bool full = kind == WEIR_SQL_JOIN_FULL;
    for (uint32_t i = 0; conditions && i < merged->count; i++) {
        const struct weir_expr *sides[2];
        sides[0] = side_column(b, merged->columns[0][i], 0, full, table->position);
        sides[1] = side_column(b, merged->columns[1][i], shift, full, table->position);
        if (!sides[0] || !sides[1])
            return NULL;
        conditions[i] = plan_compare(b, "=", sides[0], sides[1], table->position);
        if (!conditions[i])
            return NULL;
        merged->values[i] = sides[kind == WEIR_SQL_JOIN_RIGHT];
        if (!full)
            continue;
        if (!plan_meet(b, sides, 2, "USING", table->position))
            return NULL;
        merged->values[i] =
            plan_expr_variadic(b, WEIR_EXPR_COALESCE, sides[0]->type, sides, 2, table->position);
    }
    if (!conditions || b->out_of_memory)
        return NULL;
    if (merged->count == 0)
        return plan_expr_boolean(b, true, table->position);
    return plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), conditions,
                              merged->count, table->position);
}

/* The merged columns in front of all others; these are in scope by their table's name only. */
static struct plan_rel *show_merged(struct plan_binder *b, struct plan_rel *rel,
                                    const struct merged *merged, struct plan_scope *scope)
{
    uint32_t count = merged->count + rel->fields_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    struct plan_scope shown = {.outer = scope->outer, .open = scope->open};
    if (!exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < merged->count; i++) {
        names[i] = merged->names[i];
        exprs[i] = merged->values[i];
    }
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        names[merged->count + i] = rel->fields[i].name;
        exprs[merged->count + i] =
            rel->fields[i].type ? plan_rel_column(b, rel, i, rel->position) : NULL;
    }
    struct plan_rel *made = plan_rel_compute(b, rel, NULL, exprs, names, count, rel->position);
    if (!made || !plan_scope_add_rel(b, &shown, (struct weir_slice){0}, (struct weir_slice){0},
                                     made, 0, merged->count))
        return NULL;
    for (uint32_t c = 0; c < scope->columns_count; c++)
        for (uint32_t i = 0; i < merged->count; i++)
            scope->columns[c].hidden |= weir_slice_equals(scope->columns[c].name, merged->names[i]);
    if (!plan_scope_append(b, &shown, scope, merged->count))
        return NULL;
    *scope = shown;
    return made;
}

/* ---------------------------------------------------------------- binding */

static const struct weir_expr *bind_on(struct plan_binder *b, const struct weir_sql_table *table,
                                       const struct plan_scope *joined,
                                       struct plan_list *subqueries, bool *correlated)
{
    if (!table->join.on)
        return plan_expr_boolean(b, true, table->position);
    struct plan_context context = {
        .scope = joined, .clause = "ON", .subqueries = subqueries, .correlated = correlated};
    return plan_condition(b, plan_bind(b, &context, table->join.on), "ON");
}

static struct plan_join_kind kind_of(const struct weir_sql_table *table)
{
    enum weir_sql_join_kind kind = table->join.kind;
    return (struct plan_join_kind){
        .kind = kind == WEIR_SQL_JOIN_SEMI   ? WEIR_JOIN_SEMI
                : kind == WEIR_SQL_JOIN_ANTI ? WEIR_JOIN_ANTI
                                             : WEIR_JOIN_PAIRS,
        .keep_left = kind == WEIR_SQL_JOIN_LEFT || kind == WEIR_SQL_JOIN_FULL,
        .keep_right = kind == WEIR_SQL_JOIN_RIGHT || kind == WEIR_SQL_JOIN_FULL,
        .position = table->position};
}

static struct plan_rel *join_of_kind(struct plan_binder *b, const struct weir_sql_table *table,
                                     struct plan_rel *left, struct plan_rel *right,
                                     const struct weir_expr *condition)
{
    const struct plan_join_kind kind = kind_of(table);
    if (plan_expr_is_true(condition))
        condition = NULL;
    return plan_rel_join(b, kind.kind, kind.keep_left, kind.keep_right, left, right, condition,
                         table->position);
}

static struct plan_rel *join_inputs(struct plan_binder *b, const struct weir_sql_table *table,
                                    struct plan_rel *left, struct plan_rel **right,
                                    const struct weir_expr *condition, bool depends)
{
    struct plan_rel *rel = NULL;
    if (depends && !plan_lateral(b, table, left, right, &condition, &rel))
        return NULL;
    return rel ? rel : join_of_kind(b, table, left, *right, condition);
}

/* The same where ON has subqueries. */
static struct plan_rel *join_subqueries(struct plan_binder *b, const struct weir_sql_table *table,
                                        struct plan_rel *left, struct plan_rel *right,
                                        const struct weir_expr *condition,
                                        struct plan_list *subqueries, bool depends)
{
    enum weir_sql_join_kind kind = table->join.kind;
    uint32_t left_count = left->fields_count, right_count = right->fields_count;
    if (kind == WEIR_SQL_JOIN_INNER || kind == WEIR_SQL_JOIN_CROSS) {
        const struct weir_expr *all = plan_expr_boolean(b, true, table->position);
        struct plan_rel *pairs = all ? join_inputs(b, table, left, &right, all, depends) : NULL;
        pairs = pairs ? plan_filter_subqueries(b, pairs, subqueries, condition) : NULL;
        return pairs ? plan_rel_columns(b, pairs, left_count, left_count, right_count) : NULL;
    }
    struct plan_rel *applied = NULL;
    if (depends && (!plan_lateral(b, table, left, &right, &condition, &applied) || applied))
        return NULL; /* only what has no condition is applied */
    const struct plan_join_kind outer = kind_of(table);
    bool is_filter = outer.kind != WEIR_JOIN_PAIRS;
    struct plan_rel *rel = plan_join_subqueries(b, subqueries, &outer, left, right, condition);
    return rel ? plan_rel_columns(b, rel, left_count, left_count, is_filter ? 0 : right_count)
               : NULL;
}

static bool is_window(const struct weir_sql_table *table)
{
    const struct weir_sql_call *call = table->function.call;
    return plan_is_window_name(call->name.items[call->name.count - 1].text);
}

/* Whether the right side may use columns of the left one: functions may without LATERAL. */
static bool is_lateral(const struct weir_sql_table *table)
{
    return table->lateral || (table->kind == WEIR_SQL_TABLE_FUNCTION && !is_window(table));
}

static bool keeps_right(const struct weir_sql_table *table)
{
    return table->join.kind == WEIR_SQL_JOIN_RIGHT || table->join.kind == WEIR_SQL_JOIN_FULL;
}

static void mark_nullable(struct plan_scope *scope, const struct plan_rel *rel)
{
    for (uint32_t c = 0; c < scope->columns_count; c++)
        if (scope->columns[c].index < rel->fields_count)
            scope->columns[c].nullable = rel->fields[scope->columns[c].index].nullable;
}

/* Right rows that depend on left ones are found by the columns that they depend on. */
static struct plan_rel *join_by_row(struct plan_binder *b, const struct weir_sql_table *table,
                                    const struct plan_scope *left_scope, struct plan_rel *left,
                                    struct plan_rel *right, const struct weir_expr *condition,
                                    struct plan_list *subqueries, bool depends)
{
    struct plan_rel *applied = NULL;
    if (depends && (!plan_lateral(b, table, left, &right, &condition, &applied) || applied))
        return NULL; /* a row of several matches: nothing is applied */
    return plan_join_by_row(b, table, left_scope, left, right, condition, subqueries);
}

/* False: the kind of the join was refused. */
static bool may_be_temporal(struct plan_binder *b, const struct weir_sql_table *table,
                            bool is_filter)
{
    if (!table->join.asof && !is_filter && !keeps_right(table))
        return true;
    return plan_refuse(b, table->position,
                       "FOR SYSTEM_TIME AS OF in joins that are neither inner nor left");
}

struct plan_rel *plan_bind_join(struct plan_binder *b, const struct weir_sql_table *table,
                                struct plan_rel *left, struct plan_scope *scope, bool *correlated)
{
    const struct weir_sql_table *right_table = table->join.right;
    bool is_filter =
        table->join.kind == WEIR_SQL_JOIN_SEMI || table->join.kind == WEIR_SQL_JOIN_ANTI;
    bool depends = false, refused = false;
    bool may_depend = is_lateral(right_table);
    struct plan_scope right_scope = {.outer = may_depend ? scope : scope->outer,
                                     .event_time_column = PLAN_NONE};
    bool temporal = right_table->system_time != NULL;
    b->join_right = right_table;
    struct plan_rel *right =
        plan_bind_from(b, right_table, &right_scope, may_depend ? &depends : correlated);
    struct plan_scope left_scope = *scope, joined = *scope;
    struct merged merged = {0};
    uint32_t shift = left ? left->fields_count : 0;
    joined.columns_capacity = joined.columns_count; /* appending copies */
    joined.tables_capacity = joined.tables_count;
    if (!plan_scope_append(b, &joined, &right_scope, shift))
        return NULL;
    joined.open |= !left || !right;
    if (depends && right && correlated && plan_reaches_further(right))
        *correlated = true;
    b->join_right = NULL;
    if (temporal && right)
        right = plan_temporal_versions(b, right);
    if (temporal)
        refused = !may_be_temporal(b, table, is_filter);
    bool merges = table->join.natural || table->join.using.count;
    const struct weir_expr *condition = NULL;
    struct plan_list subqueries = {0};
    if (!merges)
        condition = bind_on(b, table, &joined, &subqueries, correlated);
    else if (find_merged(b, table, &left_scope, &right_scope, &merged))
        condition = merge_columns(b, table, shift, &merged);
    *scope = is_filter ? left_scope : joined;
    if (!left || !right || !condition || refused) {
        scope->open = true;
        return NULL;
    }
    struct plan_rel *rel = NULL;
    if (plan_joins_by_row(table, right))
        rel = join_by_row(b, table, &left_scope, left, right, condition, &subqueries, depends);
    else if (subqueries.count)
        rel = join_subqueries(b, table, left, right, condition, &subqueries, depends);
    else
        rel = join_inputs(b, table, left, &right, condition, depends);
    scope->open |= !rel;
    if (!rel)
        return NULL;
    mark_nullable(scope, rel);
    if (merged.count && !is_filter && !(rel = show_merged(b, rel, &merged, scope)))
        return NULL;
    scope->event_time_type = rel->event_time_type;
    scope->event_time_column = rel->event_time_column;
    scope->proctime_place = 0;
    return rel;
}
