/* Joins whose left rows find their right ones each by itself: lookup, temporal and ASOF joins.
 *
 *     lookup      the rows that a store has for a key
 *     temporal    the version that a PRIMARY KEY had at a time
 *     ASOF        of the rows of a key the closest in time
 *
 * What they find by stays in the join, a lookup's other conditions too. The rest of ON is for the
 * pairs:
 *
 *     JOIN                           filters them
 *     LEFT JOIN, temporal            there is one at most: its right columns are NULL where the
 *                                    rest is not true. Conditions of the left side alone are so in
 *                                    an ASOF join, too
 *     LEFT JOIN, lookup              the pairs that it is true for, and left rows without any:
 *
 *         left ─▶ number ─┬─▶ LOOKUP ─▶ filter ─┬───────────▶ UNION
 *                         └───────────────────▶ ANTI ─▶ nulls ─┘
 *
 *     ASOF                           it says what may be found: all pairs by keys and time,
 *                                    filtered, and the closest of them by the left columns that ON
 *                                    uses, by which the left rows find them */
#include "plan/rules_internal.h"

struct by_row {
    struct plan_binder *b;
    const struct weir_sql_table *table;
    struct plan_list *list;            /* ON's subqueries */
    struct plan_rel *left, *right;     /* left may have values of subqueries behind its columns */
    uint32_t counts[2];                /* columns of the inputs that ON knows */
    const struct weir_expr *condition; /* of the join */
    const struct weir_expr *above;     /* of its pairs; NULL: there is none */
    bool *used;                        /* left columns that ON uses */
    struct weir_position at;
};

/* ---- the number of a left row ---- */

/* Left rows that are equal may have different answers, when the store has changed meanwhile. */
static void number_kernel(struct weir_kernel_call *call)
{
    uintptr_t next = (uintptr_t)*call->scratch;
    int64_t *numbers = call->out_values;
    WEIR_FOR_LANES(call, lane)
    numbers[lane] = (int64_t)next++;
    *call->scratch = (void *)next; /* the number itself: there is nothing to free */
}

static const struct weir_function number_function = {.name = "left_row",
                                                     .signature = "() -> bigint",
                                                     .kernel = number_kernel,
                                                     .flags = WEIR_FUNCTION_VOLATILE |
                                                              WEIR_FUNCTION_HIDDEN,
                                                     .category = "subquery",
                                                     .summary = "a number that no other row has",
                                                     .example = "",
                                                     .result = ""};

static const struct weir_expr *without_number(void *context, const struct weir_expr *expr,
                                              bool *failed)
{
    int64_t zero = 0;
    if (expr->kind != WEIR_EXPR_CALL || expr->function != &number_function)
        return NULL;
    const struct weir_expr *made = plan_expr_value(context, expr->type, &zero, expr->position);
    *failed = made == NULL;
    return made;
}

const struct weir_expr *plan_without_row_numbers(struct plan_binder *b,
                                                 const struct weir_expr *expr)
{
    return plan_rewrite(b->arena, expr, without_number, b);
}

/* The left rows with such a number behind their columns. */
static bool number_left(struct by_row *join)
{
    struct plan_binder *b = join->b;
    uint32_t count = join->left->fields_count, all = count + join->right->fields_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    uint32_t *map = PLAN_ARRAY(b, uint32_t, all + 1);
    if (!exprs || !names || !map)
        return false;
    for (uint32_t i = 0; i < all; i++)
        map[i] = i + (i >= count);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = join->left->fields[i].name;
        exprs[i] = plan_rel_column(b, join->left, i, join->at);
    }
    names[count] = weir_slice_from_string("left_row");
    exprs[count] =
        plan_expr_call(b, &number_function, weir_type_of(WEIR_TYPE_INT64), NULL, 0, join->at);
    join->condition = plan_renumber(b->arena, join->condition, map);
    if (!join->condition)
        plan_out_of_memory(b);
    join->left = b->out_of_memory
                     ? NULL
                     : plan_rel_compute(b, join->left, NULL, exprs, names, count + 1, join->at);
    return join->left != NULL;
}

/* ---- which conditions stay ---- */

static bool is_one_of(const struct weir_expr *expr, const char *const *names, size_t count)
{
    for (size_t i = 0; expr->kind == WEIR_EXPR_CALL && expr->args_count == 2 && i < count; i++)
        if (strcmp(expr->function->name, names[i]) == 0)
            return true;
    return false;
}

static bool is_equality(const struct weir_expr *expr)
{
    static const char *const names[] = {"=", "is_not_distinct_from"};
    return is_one_of(expr, names, WEIR_COUNT_OF(names));
}

static unsigned sides_of(const struct by_row *join, const struct weir_expr *expr)
{
    return plan_on_sides(join->b, join->list, join->counts, expr);
}

/* Whether a subquery in expr goes by right columns. */
static bool asks_right(const struct by_row *join, const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN && plan_is_subquery(expr->index))
        return sides_of(join, expr) & PLAN_ON_RIGHT;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (asks_right(join, expr->args[i]))
            return true;
    return false;
}

/* Number of the argument that is of the right side, without subqueries, where the other is of the
 * left one, or of subqueries that do without the right one; -1: there is none. */
static int right_argument(const struct by_row *join, const struct weir_expr *expr)
{
    for (int i = 0; i < 2; i++) {
        const struct weir_expr *right = expr->args[i], *left = expr->args[1 - i];
        unsigned sides = sides_of(join, left);
        bool is_left = sides == PLAN_ON_LEFT || (sides == PLAN_ON_NONE && plan_has_subquery(left));
        if (is_left && sides_of(join, right) == PLAN_ON_RIGHT && !plan_has_subquery(right))
            return i;
    }
    return -1;
}

static enum plan_on_place place_lookup(const void *context, const struct weir_expr *conjunct)
{
    return asks_right(context, conjunct) ? PLAN_ON_ABOVE : PLAN_ON_ANYWHERE;
}

/* Equalities with the columns of the PRIMARY KEY: what else is asked of a version is asked of the
 * one that there was. */
static enum plan_on_place place_temporal(const void *context, const struct weir_expr *conjunct)
{
    const struct by_row *join = context;
    const struct weir_table *table =
        join->right->kind == WEIR_PLAN_SCAN ? join->right->of.scan.table : NULL;
    int right = is_equality(conjunct) ? right_argument(join, conjunct) : -1;
    if (right < 0 || !table || conjunct->args[right]->kind != WEIR_EXPR_COLUMN)
        return PLAN_ON_ABOVE;
    for (uint32_t k = 0; k < table->primary_key_count; k++)
        if (conjunct->args[right]->index == join->counts[0] + table->primary_key[k])
            return PLAN_ON_IN_JOIN;
    return PLAN_ON_ABOVE;
}

/* Equalities and comparisons of both sides. */
static enum plan_on_place place_asof(const void *context, const struct weir_expr *conjunct)
{
    static const char *const names[] = {">=", ">", "<=", "<"};
    const struct by_row *join = context;
    bool compares = is_one_of(conjunct, names, WEIR_COUNT_OF(names));
    bool finds = (is_equality(conjunct) || compares) && right_argument(join, conjunct) >= 0;
    return finds ? PLAN_ON_IN_JOIN : PLAN_ON_ABOVE;
}

static plan_on_place_fn place_of(const struct by_row *join)
{
    if (plan_is_lookup(join->right))
        return place_lookup;
    return join->table->join.right->system_time ? place_temporal : place_asof;
}

/* ---- projections ---- */

static const struct weir_expr *and_all(const struct by_row *join, const struct weir_expr **all,
                                       uint32_t count)
{
    return plan_expr_variadic(join->b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), all, count,
                              join->at);
}

/* The joined rows as ON numbers columns, then those of `last`, which are expressions over rel. */
static struct plan_rel *as_written(const struct by_row *join, struct plan_rel *rel,
                                   const struct weir_expr *last)
{
    struct plan_binder *b = join->b;
    uint32_t count = join->counts[0] + join->counts[1];
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    if (!exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        bool is_right = i >= join->counts[0];
        uint32_t column = is_right ? i - join->counts[0] + join->left->fields_count : i;
        names[i] = rel->fields[column].name;
        exprs[i] = plan_rel_column(b, rel, column, join->at);
    }
    names[count] = weir_slice_from_string("last");
    exprs[count] = last;
    return b->out_of_memory
               ? NULL
               : plan_rel_compute(b, rel, NULL, exprs, names, count + (last != NULL), join->at);
}

/* The first `count` columns of the pairs that meet the rest. */
static struct plan_rel *filter_pairs(const struct by_row *join, struct plan_rel *pairs)
{
    uint32_t count = pairs->fields_count;
    pairs = plan_filter_subqueries(join->b, pairs, join->list, join->above);
    return pairs ? plan_rel_columns(join->b, pairs, 0, count, 0) : NULL;
}

/* The pairs, right columns NULL where the rest is not true. */
static struct plan_rel *blank_pairs(const struct by_row *join, struct plan_rel *pairs)
{
    struct plan_binder *b = join->b;
    uint32_t count = pairs->fields_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    struct plan_rel *rel = plan_attach_subqueries(b, pairs, join->list, true, NULL);
    const struct weir_expr *meets = rel ? plan_subquery_values(b, join->list, join->above) : NULL;
    if (!meets || !exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = pairs->fields[i].name;
        exprs[i] = plan_rel_column(b, rel, i, join->at);
        if (i < join->counts[0] || !exprs[i])
            continue;
        const struct weir_expr *args[3] = {meets, exprs[i],
                                           plan_expr_null(b, exprs[i]->type, join->at)};
        if (args[2])
            exprs[i] = plan_expr_variadic(b, WEIR_EXPR_CASE, exprs[i]->type, args, 3, join->at);
    }
    return b->out_of_memory ? NULL : plan_rel_compute(b, rel, NULL, exprs, names, count, join->at);
}

/* rel's columns that are left columns which ON uses, then all from `from` on. */
static struct plan_rel *used_columns(const struct by_row *join, struct plan_rel *rel, uint32_t from,
                                     uint32_t *used_count)
{
    struct plan_binder *b = join->b;
    uint32_t count = 0;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, rel->fields_count + 1);
    *used_count = 0;
    for (uint32_t i = 0; exprs && names && i < rel->fields_count; i++) {
        bool is_used = i < join->counts[0] && join->used[i];
        if (!is_used && i < from)
            continue;
        *used_count += is_used;
        names[count] = rel->fields[i].name;
        exprs[count++] = plan_rel_column(b, rel, i, join->at);
    }
    return b->out_of_memory ? NULL : plan_rel_compute(b, rel, NULL, exprs, names, count, join->at);
}

/* rel's left columns that ON uses are the first ones of found, which come behind rel's. number:
 * of rel's column that is found's next one; PLAN_NONE: there is none. */
static const struct weir_expr *same_left_row(const struct by_row *join, const struct plan_rel *rel,
                                             const struct plan_rel *found, uint32_t number)
{
    struct plan_binder *b = join->b;
    const struct weir_expr **all = PLAN_ARRAY(b, const struct weir_expr *, join->counts[0] + 2);
    uint32_t count = 0;
    for (uint32_t i = 0; all && i < rel->fields_count; i++) {
        bool is_used = i < join->counts[0] && join->used[i];
        if (!is_used && i != number)
            continue;
        const struct weir_expr *left = plan_rel_column(b, rel, i, join->at);
        const struct weir_expr *right =
            plan_expr_column(b, rel->fields_count + count, found->fields[count].type,
                             found->fields[count].nullable, join->at);
        const char *op = i == number || i == rel->event_time_column ? "=" : "is_not_distinct_from";
        all[count] = left && right ? plan_compare(b, op, left, right, join->at) : NULL;
        if (!all[count++])
            return NULL;
    }
    if (!all || count == 0)
        return NULL;
    return and_all(join, all, count);
}

/* ---- each kind ---- */

/* The pairs that the rest is true for, and the left rows, which have a number last, without any. */
static struct plan_rel *keep_unmatched(const struct by_row *join, struct plan_rel *pairs)
{
    struct plan_binder *b = join->b;
    uint32_t number = join->left->fields_count - 1, count = join->counts[0] + join->counts[1];
    uint32_t used_count;
    pairs = as_written(join, pairs, plan_rel_column(b, pairs, number, join->at));
    pairs = pairs ? filter_pairs(join, pairs) : NULL;
    struct plan_rel *found = pairs ? used_columns(join, pairs, count, &used_count) : NULL;
    const struct weir_expr *same = found ? same_left_row(join, join->left, found, number) : NULL;
    struct plan_rel *rest =
        same ? plan_rel_join(b, WEIR_JOIN_ANTI, false, false, join->left, found, same, join->at)
             : NULL;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    if (!rest || !exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = pairs->fields[i].name;
        exprs[i] = i < join->counts[0] ? plan_rel_column(b, rest, i, join->at)
                                       : plan_expr_null(b, pairs->fields[i].type, join->at);
    }
    struct plan_list branches = {0};
    pairs = plan_rel_columns(b, pairs, 0, count, 0);
    rest = b->out_of_memory ? NULL : plan_rel_compute(b, rest, NULL, exprs, names, count, join->at);
    if (!pairs || !rest || !plan_list_push(b, &branches, pairs) ||
        !plan_list_push(b, &branches, rest))
        return NULL;
    return plan_rel_union_all(b, &branches, join->at);
}

/* The time of the right side that an ASOF join compares, over the join's columns. */
static const struct weir_expr *time_of(const struct by_row *join, const struct plan_rel *rel)
{
    uint32_t count = plan_conjuncts(join->condition, NULL, 0);
    const struct weir_expr **all = PLAN_ARRAY(join->b, const struct weir_expr *, count + 1);
    if (!all)
        return NULL;
    plan_conjuncts(join->condition, all, count);
    for (uint32_t i = 0; i < count; i++)
        if (!is_equality(all[i]))
            return all[i]->args[plan_rules_side(rel, all[i]->args[1]) == 1];
    return NULL;
}

/* Of the pairs that the rest is true for the closest, by what ON uses of the left side. checked:
 * the join without it. */
static struct plan_rel *find_closest(const struct by_row *join, const struct plan_rel *checked,
                                     struct plan_rel *left)
{
    struct plan_binder *b = join->b;
    uint32_t count = join->counts[0] + join->counts[1], used_count;
    struct plan_rel *pairs = plan_rel_join(b, WEIR_JOIN_PAIRS, false, false, join->left,
                                           join->right, join->condition, join->at);
    pairs = pairs ? as_written(join, pairs, time_of(join, checked)) : NULL;
    pairs = pairs ? filter_pairs(join, pairs) : NULL;
    pairs = pairs ? used_columns(join, pairs, join->counts[0], &used_count) : NULL;
    if (!pairs)
        return NULL;
    struct plan_over window = {.partition_count = used_count, .order_count = join->counts[1] + 1};
    window.partition = PLAN_ARRAY(b, const struct weir_expr *, used_count + 1);
    window.order = PLAN_ARRAY(b, const struct weir_expr *, window.order_count);
    window.order_by = PLAN_ARRAY(b, struct weir_sort_order, window.order_count);
    if (!window.partition || !window.order || !window.order_by)
        return NULL;
    for (uint32_t i = 0; i < used_count; i++)
        window.partition[i] = plan_rel_column(b, pairs, i, join->at);
    /* By time, and of those at the same one the least by its values. */
    for (uint32_t i = 0; i < window.order_count; i++)
        window.order[i] =
            plan_rel_column(b, pairs, used_count + (i == 0 ? join->counts[1] : i - 1), join->at);
    window.order_by[0].descending = checked->of.join.asof == WEIR_ASOF_LATEST;
    if (b->out_of_memory)
        return NULL;
    struct plan_rel *found = plan_rel_first_rows(b, pairs, &window, 1, 0, false, join->at);
    const struct weir_expr *same = found ? same_left_row(join, left, found, PLAN_NONE) : NULL;
    bool keeps = join->table->join.kind == WEIR_SQL_JOIN_LEFT;
    struct plan_rel *rel =
        same ? plan_rel_join(b, WEIR_JOIN_PAIRS, keeps, false, left, found, same, join->at) : NULL;
    return rel ? plan_rel_columns(b, rel, left->fields_count + used_count, join->counts[0],
                                  count - join->counts[0])
               : NULL;
}

/* A lookup table answers with the rows of now, whatever word is used for it. */
static bool is_asked_now(const struct by_row *join, const struct plan_scope *left_scope,
                         struct plan_rel *left)
{
    struct plan_context context = {.scope = left_scope, .clause = "FOR SYSTEM_TIME AS OF"};
    const struct weir_sql_expr *time = join->table->join.right->system_time;
    const struct weir_expr *moment = time ? plan_bind(join->b, &context, time) : NULL;
    if (moment && plan_is_proctime(left, moment))
        return true;
    return !time || (moment && plan_lookup_versions(join->b, join->right, time->position));
}

/* The join as the kind it is: false when it was refused. */
static bool settle(const struct by_row *join, struct plan_rel *rel, const struct weir_expr *moment)
{
    bool temporal = join->table->join.right->system_time;
    if (plan_is_lookup(join->right))
        return plan_lookup_join(join->b, join->table, rel);
    if (temporal) {
        if (!moment || !plan_temporal_check(join->b, rel))
            return false;
        rel->of.join.condition = plan_rules_and(join->b, rel->of.join.condition, moment);
        rel->of.join.asof_versions = join->right->of.scan.versions;
    }
    return plan_asof_bind(join->b, rel);
}

static struct plan_rel *join_inputs(const struct by_row *join, bool keeps_left,
                                    const struct weir_expr *moment)
{
    enum weir_sql_join_kind kind = join->table->join.kind;
    enum weir_join_kind filter = kind == WEIR_SQL_JOIN_SEMI   ? WEIR_JOIN_SEMI
                                 : kind == WEIR_SQL_JOIN_ANTI ? WEIR_JOIN_ANTI
                                                              : WEIR_JOIN_PAIRS;
    struct plan_rel *rel =
        plan_rel_join(join->b, filter, keeps_left, false, join->left, join->right,
                      plan_expr_is_true(join->condition) ? NULL : join->condition, join->at);
    return rel && settle(join, rel, moment) ? rel : NULL;
}

/* Conditions of the right side alone that cannot fail filter it. */
static bool filter_right(struct by_row *join)
{
    struct plan_binder *b = join->b;
    uint32_t count = plan_conjuncts(join->above, NULL, 0), kept = 0, moved = 0;
    uint32_t columns = join->counts[0] + join->counts[1];
    const struct weir_expr **all = PLAN_ARRAY(b, const struct weir_expr *, 2 * count + 1);
    uint32_t *map = PLAN_ARRAY(b, uint32_t, columns + 1);
    if (!all || !map)
        return false;
    for (uint32_t i = 0; i < columns; i++)
        map[i] = i - join->counts[0];
    plan_conjuncts(join->above, all, count);
    const struct weir_expr **right = all + count;
    for (uint32_t i = 0; i < count; i++) {
        bool moves = sides_of(join, all[i]) == PLAN_ON_RIGHT && !plan_has_subquery(all[i]) &&
                     !weir_expr_is_fallible(all[i]) && !weir_expr_is_volatile(all[i]);
        if (moves)
            right[moved++] = plan_renumber(b->arena, all[i], map);
        else
            all[kept++] = all[i];
        if (moves && !right[moved - 1]) {
            plan_out_of_memory(b);
            return false;
        }
    }
    if (!moved)
        return true;
    const struct weir_expr *predicate = and_all(join, right, moved);
    join->above = kept ? and_all(join, all, kept) : NULL;
    join->right = predicate ? plan_rel_filter(b, join->right, predicate) : NULL;
    return join->right && (!kept || join->above);
}

/* What ON says of the pairs, where the join itself does not see to it. */
static struct plan_rel *settle_rest(const struct by_row *join, struct plan_rel *rel,
                                    struct plan_rel *left)
{
    bool keeps = join->table->join.kind == WEIR_SQL_JOIN_LEFT;
    bool is_lookup = plan_is_lookup(join->right);
    bool is_asof = !is_lookup && !join->table->join.right->system_time;
    if (is_lookup && keeps)
        return keep_unmatched(join, rel);
    if (is_asof && (sides_of(join, join->above) & PLAN_ON_RIGHT))
        return find_closest(join, rel, left);
    rel = as_written(join, rel, NULL);
    if (!rel)
        return NULL;
    return keeps ? blank_pairs(join, rel) : filter_pairs(join, rel);
}

bool plan_joins_by_row(const struct weir_sql_table *table, const struct plan_rel *right)
{
    return table->join.asof || table->join.right->system_time || plan_is_lookup(right);
}

struct plan_rel *plan_join_by_row(struct plan_binder *b, const struct weir_sql_table *table,
                                  const struct plan_scope *left_scope, struct plan_rel *left,
                                  struct plan_rel *right, const struct weir_expr *condition,
                                  struct plan_list *subqueries)
{
    struct by_row join = {.b = b,
                          .table = table,
                          .list = subqueries,
                          .left = left,
                          .right = right,
                          .counts = {left->fields_count, right->fields_count},
                          .condition = condition,
                          .used = PLAN_ARRAY(b, bool, left->fields_count + 1),
                          .at = table->position};
    bool is_lookup = plan_is_lookup(right), temporal = table->join.right->system_time;
    if (!join.used || !plan_on_columns(b, subqueries, condition, join.used, join.counts[0]) ||
        !plan_split_on(b, subqueries, place_of(&join), &join, &join.condition, &join.above) ||
        (join.above && !is_lookup && !temporal && !filter_right(&join)) ||
        (subqueries->count &&
         !plan_left_subqueries(b, subqueries, &join.left, join.right, &join.condition)))
        return NULL;
    if (is_lookup && !is_asked_now(&join, left_scope, left))
        return NULL;
    bool keeps = table->join.kind == WEIR_SQL_JOIN_LEFT;
    bool numbers = is_lookup && keeps && join.above;
    if (numbers && left->event_time_column != PLAN_NONE)
        join.used[left->event_time_column] = true; /* so that time says when it is decided */
    if (numbers && !number_left(&join))
        return NULL;
    const struct weir_expr *moment =
        temporal && !is_lookup
            ? plan_temporal_time(b, table->join.right, left_scope, join.left, join.right)
            : NULL;
    struct plan_rel *rel = join_inputs(&join, keeps && !numbers, moment);
    if (rel && join.above)
        return settle_rest(&join, rel, left);
    bool widens = rel && rel->fields_count != join.counts[0] + join.counts[1];
    return widens ? as_written(&join, rel, NULL) : rel;
}
