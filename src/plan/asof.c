/* ASOF joins, and temporal ones: each left row with one right row, the closest in time.
 *
 *     l ASOF JOIN r ON l.k = r.k AND l.ts >= r.ts      the latest right row at or before l.ts
 *     l JOIN r FOR SYSTEM_TIME AS OF l.ts ON l.k = r.k the same over versions of r's PRIMARY KEY
 *
 * The condition is equalities and one comparison of times; join_by_row.c sees to all others. It
 * stays whole while subqueries are unnested; then rules_join.c takes the equalities as keys, and
 * the comparison becomes a time of each side. When these are the event times of both inputs the
 * join goes with the watermark. */
#include "plan/rules_internal.h"

/* The comparison as left OP right; false when conjunct is none. */
static bool is_comparison(const struct plan_rel *join, const struct weir_expr *conjunct,
                          enum weir_asof *asof, bool *strict)
{
    static const char *const names[] = {">=", ">", "<=", "<"};
    if (conjunct->kind != WEIR_EXPR_CALL || conjunct->args_count != 2)
        return false;
    for (uint32_t i = 0; i < 4; i++) {
        if (strcmp(conjunct->function->name, names[i]) != 0)
            continue;
        int first = plan_rules_side(join, conjunct->args[0]);
        int second = plan_rules_side(join, conjunct->args[1]);
        bool latest = i < 2;
        if (first < 0 || second < 0 || first == second)
            return false;
        *asof = latest == (first == 0) ? WEIR_ASOF_LATEST : WEIR_ASOF_EARLIEST;
        *strict = i % 2 == 1;
        return true;
    }
    return false;
}

static bool is_equality(const struct plan_rel *join, const struct weir_expr *conjunct)
{
    if (conjunct->kind != WEIR_EXPR_CALL || conjunct->args_count != 2 ||
        (strcmp(conjunct->function->name, "=") != 0 &&
         strcmp(conjunct->function->name, "is_not_distinct_from") != 0))
        return false;
    int first = plan_rules_side(join, conjunct->args[0]);
    int second = plan_rules_side(join, conjunct->args[1]);
    return first >= 0 && second >= 0 && first != second;
}

/* Whether times of the type have an order that 64 bits tell. */
static bool is_ordinal(const struct weir_type *type)
{
    return weir_type_is_timestamp(type) || type->kind == WEIR_TYPE_DATE ||
           (weir_type_is_integer(type) && type->kind != WEIR_TYPE_UINT64);
}

static bool fail(struct plan_binder *b, struct weir_position position, const char *hint,
                 const char *what)
{
    (void)weir_error_set(&b->error, WEIR_E_ASOF_CONDITION, "%s", what);
    if (hint)
        weir_error_hint(&b->error, "%s", hint);
    return plan_report(b, position);
}

static bool is_event_time(const struct plan_rel *join, const struct weir_expr *expr)
{
    uint32_t left = join->inputs[0]->fields_count;
    if (expr->kind != WEIR_EXPR_COLUMN)
        return false;
    const struct plan_rel *input = join->inputs[expr->index >= left];
    uint32_t column = expr->index >= left ? expr->index - left : expr->index;
    bool is_us =
        expr->type->kind == WEIR_TYPE_TIMESTAMP || expr->type->kind == WEIR_TYPE_TIMESTAMPTZ;
    return is_us && input->event_time_type && input->event_time_column == column;
}

bool plan_asof_bind(struct plan_binder *b, struct plan_rel *rel)
{
    struct weir_plan_join *join = &rel->of.join;
    uint32_t count = join->condition ? plan_conjuncts(join->condition, NULL, 0) : 0;
    const struct weir_expr **conjuncts = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    const struct weir_expr *found = NULL;
    if (!conjuncts)
        return false;
    if (count)
        plan_conjuncts(join->condition, conjuncts, count);
    for (uint32_t i = 0; i < count; i++) {
        if (is_equality(rel, conjuncts[i]))
            continue;
        if (found)
            return fail(b, conjuncts[i]->position,
                        "say of the others that they are true: (l.a < r.b) IS TRUE",
                        "an ASOF JOIN compares one time of each side, not several");
        if (!is_comparison(rel, conjuncts[i], &join->asof, &join->asof_strict))
            return plan_refuse(b, conjuncts[i]->position, "this condition of an ASOF JOIN");
        found = conjuncts[i];
    }
    if (!found)
        return fail(b, rel->position, "ON l.key = r.key AND l.time >= r.time",
                    "an ASOF JOIN compares a time of the left side with one of the right side");
    if (!is_ordinal(found->args[0]->type))
        return plan_fail(b, found->position, WEIR_E_TYPE_MISMATCH,
                         "an ASOF JOIN compares times or integers, not %s",
                         weir_type_name(found->args[0]->type).text);
    int right = plan_rules_side(rel, found->args[1]) == 1;
    join->asof_by_right = is_event_time(rel, found->args[right]);
    join->asof_timed = join->asof_by_right && is_event_time(rel, found->args[1 - right]);
    bool latest = join->asof == WEIR_ASOF_LATEST;
    bool tells_time = join->asof_timed && (latest || !join->sides[0].keep_unmatched);
    rel->event_time_type = tells_time ? rel->inputs[!latest]->event_time_type : NULL;
    rel->event_time_column = PLAN_NONE;
    if (tells_time) /* the later one of the two */
        rel->event_time_column =
            latest ? rel->inputs[0]->event_time_column
                   : rel->inputs[0]->fields_count + rel->inputs[1]->event_time_column;
    return true;
}

bool plan_asof_times(struct plan_binder *b, struct plan_rel *rel, const struct weir_expr *condition)
{
    struct weir_plan_join *join = &rel->of.join;
    enum weir_asof asof;
    bool strict;
    if (!condition || !is_comparison(rel, condition, &asof, &strict))
        return plan_refuse(b, rel->position, "this condition of an ASOF JOIN");
    for (uint32_t i = 0; i < 2; i++) {
        const struct weir_expr *time = condition->args[i];
        uint32_t side = (uint32_t)plan_rules_side(rel, time);
        time = plan_rules_of_side(b, rel, time, side);
        if (time && !weir_type_is_timestamp(time->type) && time->type->kind != WEIR_TYPE_INT64)
            time = plan_cast(b, time,
                             weir_type_of(time->type->kind == WEIR_TYPE_DATE ? WEIR_TYPE_TIMESTAMP
                                                                             : WEIR_TYPE_INT64),
                             WEIR_CAST_EXPLICIT, rel->position);
        if (!time)
            return false;
        join->sides[side].at = time;
    }
    if (rel->event_time_type && join->asof == WEIR_ASOF_EARLIEST) /* keys may be columns now */
        rel->event_time_column = rel->inputs[0]->fields_count + rel->inputs[1]->event_time_column;
    join->granularity_us = WEIR_US_PER_SECOND;
    return true;
}

/* ---------------------------------------------------------------- versions */

static bool equates(const struct plan_rel *join, const struct weir_expr *const *conjuncts,
                    uint32_t count, uint32_t column)
{
    uint32_t left = join->inputs[0]->fields_count;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < 2 && is_equality(join, conjuncts[i]); k++)
            if (conjuncts[i]->args[k]->kind == WEIR_EXPR_COLUMN &&
                conjuncts[i]->args[k]->index == column + left)
                return true;
    return false;
}

bool plan_temporal_check(struct plan_binder *b, const struct plan_rel *rel)
{
    const struct plan_rel *right = rel->inputs[1];
    const struct weir_table *table = right->of.scan.table;
    uint32_t count = rel->of.join.condition ? plan_conjuncts(rel->of.join.condition, NULL, 0) : 0;
    const struct weir_expr **conjuncts = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    if (!conjuncts)
        return false;
    if (count)
        plan_conjuncts(rel->of.join.condition, conjuncts, count);
    for (uint32_t k = 0; k < table->primary_key_count; k++)
        if (!equates(rel, conjuncts, count, table->primary_key[k]))
            return fail(b, rel->position, "ON l.key = r.key for each column of its PRIMARY KEY",
                        "a join with versions of a table equates the table's whole PRIMARY KEY");
    return true;
}

struct plan_rel *plan_temporal_versions(struct plan_binder *b, struct plan_rel *right)
{
    const struct weir_table *table = right->kind == WEIR_PLAN_SCAN ? right->of.scan.table : NULL;
    if (!table || !table->upserts || table->event_time_column == PLAN_NONE)
        return right;
    struct plan_rel *made = PLAN_NEW(b, struct plan_rel);
    if (!made)
        return NULL;
    *made = *right; /* for this join alone: elsewhere the table has no event time */
    made->consumers = 0;
    made->of.scan.versions = true;
    made->event_time_column = table->event_time_column;
    made->event_time_type = table->schema.fields[table->event_time_column].type;
    return made;
}

const struct weir_expr *plan_temporal_time(struct plan_binder *b,
                                           const struct weir_sql_table *table,
                                           const struct plan_scope *left_scope,
                                           const struct plan_rel *left,
                                           const struct plan_rel *right)
{
    struct plan_context context = {.scope = left_scope, .clause = "FOR SYSTEM_TIME AS OF"};
    const struct weir_expr *moment = plan_bind(b, &context, table->system_time);
    if (!moment)
        return NULL;
    if (right->kind != WEIR_PLAN_SCAN || !right->of.scan.table->primary_key_count ||
        right->event_time_column == PLAN_NONE || !right->event_time_type) {
        fail(b, table->position,
             "declare both in CREATE TABLE: its rows are versions by event time",
             "FOR SYSTEM_TIME AS OF needs a table with a PRIMARY KEY and WATERMARK FOR a column");
        return NULL;
    }
    const struct weir_expr *version =
        plan_expr_column(b, right->event_time_column + left->fields_count,
                         right->fields[right->event_time_column].type, false, table->position);
    return plan_compare(b, ">=", moment, version, table->position);
}
