/* Window functions: f(…) OVER (…), QUALIFY, DISTINCT ON.
 *
 * While expressions are bound, call n is column PLAN_INDEX_OVER + n. Then calls with the same
 * partition and order become one OVER node each, over a projection that adds what they need:
 *
 *     SELECT a, sum(b + c) OVER (PARTITION BY d % 2 ORDER BY e) FROM t
 *
 *     OVER       by p order e: sum(x)
 *     COMPUTE    a … e, b + c AS x, d % 2 AS p
 *
 * RANGE with a distance adds the order value less (or plus) the distance as a column, which the
 * operator compares with. */
#include "plan/binder_internal.h"

/* ---------------------------------------------------------------- the window */

/* OVER w, OVER (w ORDER BY …): what the definition says together with the one it builds on. */
struct definition {
    const struct weir_sql_exprs *partition_by;
    const struct weir_sql_orders *order_by;
    const struct weir_sql_frame *frame;
};

static const struct weir_sql_window *find_window(struct plan_binder *b,
                                                 const struct plan_context *context,
                                                 const struct weir_sql_name *name)
{
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, context->windows_count + 1);
    for (uint32_t i = 0; names && i < context->windows_count; i++) {
        names[i] = context->windows[i].name.text;
        if (weir_slice_equals(names[i], name->text))
            return context->windows[i].window;
    }
    (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_TABLE, "no window \"%.*s\"",
                         WEIR_SLICE_ARGS(name->text));
    if (names)
        plan_hint_nearest(b, name->text, names, context->windows_count);
    plan_report(b, name->position);
    return NULL;
}

static bool define(struct plan_binder *b, const struct plan_context *context,
                   const struct weir_sql_window *window, uint32_t depth, struct definition *out)
{
    *out = (struct definition){&window->partition_by, &window->order_by, window->frame};
    if (!window->base.text.data)
        return true;
    struct definition base;
    const struct weir_sql_window *found = find_window(b, context, &window->base);
    if (!found)
        return false;
    if (depth > context->windows_count)
        return plan_fail(b, window->position, WEIR_E_MISPLACED_WINDOW,
                         "window \"%.*s\" builds on itself", WEIR_SLICE_ARGS(window->base.text));
    if (!define(b, context, found, depth + 1, &base))
        return false;
    if (!window->is_reference && window->partition_by.count)
        return plan_fail(b, window->position, WEIR_E_MISPLACED_WINDOW,
                         "a window that builds on another takes its PARTITION BY");
    out->partition_by = base.partition_by;
    if (!window->order_by.count)
        out->order_by = base.order_by;
    if (window->is_reference)
        out->frame = base.frame;
    return true;
}

static bool bind_partition(struct plan_binder *b, struct plan_context *context,
                           const struct definition *definition, struct plan_over *over)
{
    uint32_t count = definition->partition_by->count;
    bool ok = true;
    over->partition = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    for (uint32_t i = 0; over->partition && i < count; i++) {
        const struct weir_expr *expr = plan_bind(b, context, definition->partition_by->items[i]);
        over->partition[i] = expr ? plan_expr_decided(b, expr) : NULL;
        ok &= over->partition[i] != NULL;
    }
    over->partition_count = count;
    return ok && over->partition;
}

static bool bind_order(struct plan_binder *b, struct plan_context *context,
                       const struct definition *definition, struct plan_over *over)
{
    uint32_t count = definition->order_by->count;
    bool ok = true;
    over->order = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    over->order_by = PLAN_ARRAY(b, struct weir_sort_order, count + 1);
    for (uint32_t i = 0; over->order && over->order_by && i < count; i++) {
        const struct weir_sql_order *item = &definition->order_by->items[i];
        const struct weir_expr *expr = plan_bind(b, context, item->expr);
        over->order[i] = expr ? plan_expr_decided(b, expr) : NULL;
        over->order_by[i] = plan_sort_order(item);
        ok &= over->order[i] != NULL;
    }
    over->order_count = count;
    return ok && over->order && over->order_by;
}

/* ---------------------------------------------------------------- the frame */

static bool bind_count_bound(struct plan_binder *b, const struct weir_expr *value,
                             struct weir_frame_bound *out)
{
    struct weir_column column;
    value =
        plan_cast(b, value, weir_type_of(WEIR_TYPE_INT64), WEIR_CAST_ASSIGNMENT, value->position);
    if (!value || !plan_evaluate(b, value, &column))
        return false;
    if (weir_column_is_null(&column, 0) || *(const int64_t *)column.values < 0)
        return plan_fail(b, value->position, WEIR_E_BAD_ARGUMENT,
                         "the distance of a frame must not be negative or null");
    out->count = *(const int64_t *)column.values;
    return true;
}

static bool is_negative(struct plan_binder *b, const struct weir_expr *value)
{
    struct weir_column column;
    const struct weir_expr *zero =
        plan_function(b, "-", (const struct weir_expr *const[]){value, value}, 2, value->position);
    const struct weir_expr *less = zero ? plan_compare(b, "<", value, zero, value->position) : NULL;
    if (!less || !plan_evaluate(b, less, &column))
        return true;
    if (!weir_column_is_null(&column, 0) && !*(const uint8_t *)column.values)
        return false;
    plan_fail(b, value->position, WEIR_E_BAD_ARGUMENT,
              "the distance of a frame must not be negative or null");
    return true;
}

/* The order value less or plus the distance; the order's type becomes that of the result. */
static bool bind_value_bound(struct plan_binder *b, const struct weir_expr *value, bool preceding,
                             struct plan_over *over, const struct weir_expr **limit)
{
    if (over->order_count != 1)
        return plan_fail(b, value->position, WEIR_E_MISPLACED_WINDOW,
                         "RANGE with a distance needs one ORDER BY expression");
    bool minus = preceding != over->order_by[0].descending;
    const struct weir_expr *args[2] = {over->order[0], value};
    *limit = plan_function(b, minus ? "-" : "+", args, 2, value->position);
    if (!*limit || is_negative(b, plan_expr_decided(b, value)))
        return false;
    if (weir_type_equals((*limit)->type, over->order[0]->type))
        return true;
    over->order[0] =
        plan_cast(b, over->order[0], (*limit)->type, WEIR_CAST_EXPLICIT, over->order[0]->position);
    return over->order[0] != NULL;
}

static bool bind_bound(struct plan_binder *b, struct plan_context *context,
                       const struct weir_sql_bound *ast, struct plan_over *over,
                       struct weir_frame_bound *out, const struct weir_expr **limit)
{
    out->kind = (enum weir_frame_bound_kind)ast->kind;
    out->limit_column = PLAN_NONE;
    if (!ast->value)
        return true;
    const struct weir_expr *value = plan_bind(b, context, ast->value);
    if (!value)
        return false;
    if (plan_has_columns(value)) {
        plan_refuse(b, value->position, "frame distances that differ by row");
        return false;
    }
    if (over->frame.unit != WEIR_FRAME_RANGE)
        return bind_count_bound(b, value, out);
    return bind_value_bound(b, value, ast->kind == WEIR_SQL_BOUND_PRECEDING, over, limit);
}

static bool bind_frame(struct plan_binder *b, struct plan_context *context,
                       const struct weir_sql_frame *ast, struct plan_over *over)
{
    over->frame = (struct weir_plan_frame){
        .unit = WEIR_FRAME_RANGE,
        .start = {.kind = WEIR_FRAME_UNBOUNDED_PRECEDING, .limit_column = PLAN_NONE},
        .end = {.kind = WEIR_FRAME_CURRENT_ROW, .limit_column = PLAN_NONE}};
    if (!ast)
        return true;
    over->frame.unit = (enum weir_frame_unit)ast->unit;
    over->frame.exclude = (enum weir_frame_exclude)ast->exclude;
    bool backwards = ast->start.kind > ast->end.kind ||
                     ast->start.kind == WEIR_SQL_BOUND_UNBOUNDED_FOLLOWING ||
                     ast->end.kind == WEIR_SQL_BOUND_UNBOUNDED_PRECEDING;
    if (backwards)
        return plan_fail(b, ast->position, WEIR_E_MISPLACED_WINDOW,
                         "the frame ends before it starts");
    if (ast->unit == WEIR_SQL_FRAME_GROUPS && !over->order_count)
        return plan_fail(b, ast->position, WEIR_E_MISPLACED_WINDOW, "GROUPS needs ORDER BY");
    return bind_bound(b, context, &ast->start, over, &over->frame.start, &over->start_limit) &&
           bind_bound(b, context, &ast->end, over, &over->frame.end, &over->end_limit);
}

/* ---------------------------------------------------------------- the function */

static const struct {
    const char *name;
    enum weir_over_function function;
    uint8_t args_min, args_max;
    enum weir_type_kind type; /* of the result; WEIR_TYPE_NULL: of the first argument */
} functions[] = {
    {"row_number", WEIR_OVER_ROW_NUMBER, 0, 0, WEIR_TYPE_INT64},
    {"rank", WEIR_OVER_RANK, 0, 0, WEIR_TYPE_INT64},
    {"dense_rank", WEIR_OVER_DENSE_RANK, 0, 0, WEIR_TYPE_INT64},
    {"percent_rank", WEIR_OVER_PERCENT_RANK, 0, 0, WEIR_TYPE_FLOAT64},
    {"cume_dist", WEIR_OVER_CUME_DIST, 0, 0, WEIR_TYPE_FLOAT64},
    {"ntile", WEIR_OVER_NTILE, 1, 1, WEIR_TYPE_INT32},
    {"lag", WEIR_OVER_LAG, 1, 3, WEIR_TYPE_NULL},
    {"lead", WEIR_OVER_LEAD, 1, 3, WEIR_TYPE_NULL},
    {"first_value", WEIR_OVER_FIRST_VALUE, 1, 1, WEIR_TYPE_NULL},
    {"last_value", WEIR_OVER_LAST_VALUE, 1, 1, WEIR_TYPE_NULL},
    {"nth_value", WEIR_OVER_NTH_VALUE, 2, 2, WEIR_TYPE_NULL},
};

bool plan_is_over_function(struct weir_slice name)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(functions); i++)
        if (weir_slice_equals_string(name, functions[i].name))
            return true;
    return false;
}

static bool bind_window_function(struct plan_binder *b, struct plan_context *context,
                                 const struct weir_sql_expr *ast, size_t number,
                                 struct plan_over *over)
{
    const struct weir_sql_call *call = ast->call;
    uint32_t count = call->arguments_count;
    bool ok = true;
    over->function = functions[number].function;
    if (count < functions[number].args_min || count > functions[number].args_max || call->star)
        return plan_fail(b, ast->position, WEIR_E_BAD_ARGUMENT, "%s takes %u to %u arguments",
                         functions[number].name, functions[number].args_min,
                         functions[number].args_max);
    if (call->filter || call->distinct || call->order_by.count)
        return plan_fail(b, ast->position, WEIR_E_BAD_ARGUMENT,
                         "%s is no aggregate: no DISTINCT, ORDER BY or FILTER",
                         functions[number].name);
    over->args = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    over->args_count = count;
    for (uint32_t i = 0; over->args && i < count; i++) {
        const struct weir_expr *arg = plan_bind(b, context, call->arguments[i].value);
        bool is_number = over->function == WEIR_OVER_NTILE || i == 1;
        if (arg && i < 2)
            arg = plan_expr_decided(b, arg);
        if (arg && is_number)
            arg = plan_cast(b, arg, weir_type_of(WEIR_TYPE_INT64), WEIR_CAST_ASSIGNMENT,
                            arg->position);
        over->args[i] = arg;
        ok &= arg != NULL;
    }
    if (!ok || !over->args)
        return false;
    if (count == 3) {
        const struct weir_expr *both[2] = {over->args[0], over->args[2]};
        if (!plan_meet(b, both, 2, functions[number].name, ast->position))
            return false;
        over->args[0] = both[0];
        over->args[2] = both[1];
    }
    over->type = functions[number].type == WEIR_TYPE_NULL ? over->args[0]->type
                                                          : weir_type_of(functions[number].type);
    over->ignore_nulls = call->nulls == WEIR_SQL_NULL_TREATMENT_IGNORE;
    return true;
}

static bool bind_aggregate_function(struct plan_binder *b, struct plan_context *context,
                                    const struct weir_sql_expr *ast, struct plan_over *over)
{
    struct plan_call call = {.position = plan_at(b, ast->position)};
    if (ast->call->distinct || ast->call->order_by.count)
        return plan_refuse(b, ast->position, "DISTINCT and ORDER BY in a call with OVER");
    if (!plan_resolve_aggregate(b, context, ast, &call))
        return false;
    over->function = WEIR_OVER_AGGREGATE;
    over->match = call.match;
    over->args = call.args;
    over->args_count = call.args_count;
    over->filter = call.filter;
    over->type = call.match.result_type;
    return true;
}

static bool bind_function(struct plan_binder *b, struct plan_context *context,
                          const struct weir_sql_expr *ast, struct plan_over *over)
{
    struct weir_slice name = ast->call->name.items[ast->call->name.count - 1].text;
    for (size_t i = 0; i < WEIR_COUNT_OF(functions); i++)
        if (weir_slice_equals_string(name, functions[i].name))
            return bind_window_function(b, context, ast, i, over);
    if (weir_aggregate_exists(name))
        return bind_aggregate_function(b, context, ast, over);
    return plan_fail(b, ast->position, WEIR_E_UNKNOWN_FUNCTION,
                     "\"%.*s\" is neither a window function nor an aggregate",
                     WEIR_SLICE_ARGS(name));
}

const struct weir_expr *plan_bind_over(struct plan_binder *b, struct plan_context *context,
                                       const struct weir_sql_expr *ast)
{
    struct plan_over *over = PLAN_NEW(b, struct plan_over);
    struct definition definition;
    if (!over)
        return NULL;
    if (!context->overs || context->in_aggregate) {
        (void)weir_error_set(&b->error, WEIR_E_MISPLACED_WINDOW,
                             "a window function cannot stand in %s",
                             context->clause ? context->clause : "this place");
        weir_error_hint(&b->error, "filter by it with QUALIFY, or in a query around this one");
        plan_report(b, ast->position);
        return NULL;
    }
    struct plan_context inner = *context;
    inner.overs = NULL;
    inner.unnests = NULL;
    inner.clause = "a window function";
    over->position = plan_at(b, ast->position);
    bool ok = bind_function(b, &inner, ast, over);
    ok &= define(b, context, ast->call->over, 0, &definition);
    if (!ok || !bind_partition(b, &inner, &definition, over) ||
        !bind_order(b, &inner, &definition, over) || !bind_frame(b, &inner, definition.frame, over))
        return NULL;
    if (!plan_list_push(b, context->overs, over))
        return NULL;
    return plan_expr_column(b, PLAN_INDEX_OVER + context->overs->count - 1, over->type, true,
                            ast->position);
}

/* ---------------------------------------------------------------- the nodes */

bool plan_rewrite_over(struct plan_binder *b, struct plan_over *over, plan_over_rewrite rewrite,
                       void *context)
{
    const struct weir_expr **singles[] = {&over->filter, &over->start_limit, &over->end_limit};
    const struct weir_expr **lists[] = {over->args, over->partition, over->order};
    uint32_t counts[] = {over->args_count, over->partition_count, over->order_count};
    for (size_t i = 0; i < WEIR_COUNT_OF(singles); i++)
        if (*singles[i] && !(*singles[i] = rewrite(b, context, *singles[i])))
            return false;
    for (size_t i = 0; i < WEIR_COUNT_OF(lists); i++)
        for (uint32_t k = 0; k < counts[i]; k++)
            if (!(lists[i][k] = rewrite(b, context, lists[i][k])))
                return false;
    return true;
}

static bool same_exprs(const struct weir_expr **a, uint32_t a_count, const struct weir_expr **b,
                       uint32_t b_count)
{
    if (a_count != b_count)
        return false;
    for (uint32_t i = 0; i < a_count; i++)
        if (!weir_expr_equals(a[i], b[i]))
            return false;
    return true;
}

static bool same_window(const struct plan_over *a, const struct plan_over *b)
{
    if (!same_exprs(a->partition, a->partition_count, b->partition, b->partition_count) ||
        !same_exprs(a->order, a->order_count, b->order, b->order_count))
        return false;
    for (uint32_t i = 0; i < a->order_count; i++)
        if (a->order_by[i].descending != b->order_by[i].descending ||
            a->order_by[i].nulls_first != b->order_by[i].nulls_first)
            return false;
    return true;
}

/* Columns the OVER reads: the input's, and behind them expressions, each once. */
struct below {
    struct plan_binder *b;
    struct plan_rel *input;
    const struct weir_expr **exprs;
    struct weir_slice *names;
    uint32_t count;
};

static uint32_t below_add(struct below *below, const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN && expr->index < below->input->fields_count)
        return expr->index;
    uint32_t i = below->input->fields_count;
    while (i < below->count && !weir_expr_equals(below->exprs[i], expr))
        i++;
    if (i == below->count) {
        below->exprs[below->count] = expr;
        below->names[below->count++] = weir_slice_from_string("over");
    }
    return i;
}

static bool below_init(struct plan_binder *b, struct plan_rel *input, uint32_t most,
                       struct below *below)
{
    uint32_t own = input->fields_count;
    *below = (struct below){b, input, PLAN_ARRAY(b, const struct weir_expr *, own + most + 1),
                            PLAN_ARRAY(b, struct weir_slice, own + most + 1), own};
    for (uint32_t i = 0; below->exprs && below->names && i < own; i++) {
        below->exprs[i] = plan_rel_column(b, input, i, input->position);
        below->names[i] = input->fields[i].name;
    }
    return !b->out_of_memory;
}

static bool describe_call(struct below *below, const struct plan_over *over,
                          struct weir_plan_over_call *out)
{
    uint32_t *args = PLAN_ARRAY(below->b, uint32_t, over->args_count + 1);
    if (!args)
        return false;
    for (uint32_t i = 0; i < over->args_count; i++)
        args[i] = below_add(below, over->args[i]);
    *out = (struct weir_plan_over_call){.function = over->function,
                                        .type = over->type,
                                        .args = args,
                                        .args_count = over->args_count,
                                        .ignore_nulls = over->ignore_nulls,
                                        .frame = over->frame,
                                        .aggregate = over->match.aggregate,
                                        .instance = over->match.instance,
                                        .state_size = over->match.state_size,
                                        .filter = PLAN_NONE,
                                        .position = over->position};
    if (over->filter)
        out->filter = below_add(below, over->filter);
    if (over->start_limit)
        out->frame.start.limit_column = below_add(below, over->start_limit);
    if (over->end_limit)
        out->frame.end.limit_column = below_add(below, over->end_limit);
    return true;
}

/* One node for calls with the window of `first`. */
/* A partition by the window of its input is complete when the window is. */
static bool partition_is_window(const struct plan_rel *input, const uint32_t *partition,
                                uint32_t count)
{
    bool is_window = false;
    for (uint32_t i = 0; i < count; i++)
        is_window |= plan_rel_tells_window(input, partition[i]);
    return is_window;
}

static struct plan_rel *over_node(struct plan_binder *b, struct plan_rel *input,
                                  struct plan_over **same, uint32_t count)
{
    const struct plan_over *first = same[0];
    uint32_t most = first->partition_count + first->order_count;
    for (uint32_t i = 0; i < count; i++)
        most += same[i]->args_count + 3;
    struct below below;
    uint32_t *partition = PLAN_ARRAY(b, uint32_t, first->partition_count + 1);
    struct weir_plan_order *order = PLAN_ARRAY(b, struct weir_plan_order, first->order_count + 1);
    struct weir_plan_over_call *calls = PLAN_ARRAY(b, struct weir_plan_over_call, count);
    if (!partition || !order || !calls || !below_init(b, input, most, &below))
        return NULL;
    for (uint32_t i = 0; i < first->partition_count; i++)
        partition[i] = below_add(&below, first->partition[i]);
    for (uint32_t i = 0; i < first->order_count; i++)
        order[i] = (struct weir_plan_order){below_add(&below, first->order[i]), first->order_by[i]};
    for (uint32_t i = 0; i < count; i++)
        if (!describe_call(&below, same[i], &calls[i]))
            return NULL;
    if (below.count > input->fields_count)
        input = plan_rel_compute(b, input, NULL, below.exprs, below.names, below.count,
                                 first->position);
    struct plan_rel *rel = input ? plan_rel_new(b, WEIR_PLAN_OVER, input, first->position) : NULL;
    struct weir_field *fields =
        rel ? PLAN_ARRAY(b, struct weir_field, input->fields_count + count + 1) : NULL;
    if (!fields)
        return NULL;
    memcpy(fields, input->fields, input->fields_count * sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[input->fields_count + i] =
            (struct weir_field){weir_slice_from_string("over"), same[i]->type, true};
        same[i]->value =
            plan_expr_column(b, input->fields_count + i, same[i]->type, true, same[i]->position);
        if (!same[i]->value)
            return NULL;
    }
    rel->fields = fields;
    rel->fields_count = input->fields_count + count;
    if (partition_is_window(input, partition, first->partition_count)) {
        rel->event_time_column = PLAN_NONE; /* rows get that of their window, whose end less 1 us */
    } else {
        rel->event_time_type = NULL;
        rel->event_time_column = PLAN_NONE;
    }
    rel->of.over = (struct weir_plan_over){.partition = partition,
                                           .partition_count = first->partition_count,
                                           .order = order,
                                           .order_count = first->order_count,
                                           .calls = calls,
                                           .calls_count = count,
                                           .limit = -1};
    return rel;
}

struct plan_rel *plan_place_overs(struct plan_binder *b, struct plan_rel *rel,
                                  struct plan_list *overs)
{
    struct plan_over **same = PLAN_ARRAY(b, struct plan_over *, overs->count + 1);
    for (uint32_t i = 0; rel && same && i < overs->count; i++) {
        struct plan_over *first = overs->items[i];
        uint32_t count = 0;
        if (first->value)
            continue;
        for (uint32_t k = i; k < overs->count; k++) {
            struct plan_over *over = overs->items[k];
            if (!over->value && same_window(first, over))
                same[count++] = over;
        }
        rel = over_node(b, rel, same, count);
    }
    return same ? rel : NULL;
}

static const struct weir_expr *take_value(void *context, const struct weir_expr *expr, bool *failed)
{
    const struct plan_list *overs = context;
    if (expr->kind != WEIR_EXPR_COLUMN || expr->index < PLAN_INDEX_OVER)
        return NULL;
    const struct plan_over *over = overs->items[expr->index - PLAN_INDEX_OVER];
    *failed = over->value == NULL;
    return over->value;
}

const struct weir_expr *plan_over_values(struct plan_binder *b, struct plan_list *overs,
                                         const struct weir_expr *expr)
{
    if (!expr || !overs->count)
        return expr;
    expr = plan_rewrite(b->arena, expr, take_value, overs);
    if (!expr)
        plan_out_of_memory(b);
    return expr;
}

/* A call of row_number() or rank() over the window. */
static struct plan_over ranking(const struct plan_over *window, enum weir_over_function function,
                                struct weir_position position)
{
    struct plan_over call = *window;
    call.function = function;
    call.type = weir_type_of(WEIR_TYPE_INT64);
    call.position = position;
    call.value = NULL;
    return call;
}

struct plan_rel *plan_rel_first_peers(struct plan_binder *b, struct plan_rel *rel,
                                      const struct plan_over *window, struct weir_position position)
{
    struct plan_over rank = ranking(window, WEIR_OVER_RANK, position);
    struct plan_over *same = &rank;
    struct plan_rel *made = over_node(b, rel, &same, 1);
    if (!made)
        return NULL;
    made->of.over.limit = 1;
    made->of.over.hides_rank = true;
    made->fields_count--;
    return made;
}

struct plan_rel *plan_rel_numbered(struct plan_binder *b, struct plan_rel *rel,
                                   const struct plan_over *window, bool with_ties,
                                   const struct weir_expr *numbers[2],
                                   struct weir_position position)
{
    struct plan_over number = ranking(window, WEIR_OVER_ROW_NUMBER, position);
    struct plan_over rank = ranking(window, WEIR_OVER_RANK, position);
    struct plan_over *same[2] = {&number, &rank};
    struct plan_rel *made = over_node(b, rel, same, with_ties ? 2 : 1);
    numbers[0] = number.value;
    numbers[1] = with_ties ? rank.value : number.value;
    return made;
}

struct plan_rel *plan_rel_first_rows(struct plan_binder *b, struct plan_rel *rel,
                                     const struct plan_over *window, int64_t limit, int64_t offset,
                                     bool with_ties, struct weir_position position)
{
    struct plan_over number = ranking(window, WEIR_OVER_ROW_NUMBER, position);
    struct plan_over rank = ranking(window, WEIR_OVER_RANK, position);
    /* With ties rows up to a rank, but from a number on. */
    struct plan_over *same[2] = {with_ties ? &rank : &number, &number};
    uint32_t count = rel->fields_count;
    struct plan_rel *made = over_node(b, rel, same, with_ties && offset ? 2 : 1);
    if (!made)
        return NULL;
    int64_t last;
    if (limit == 0 || __builtin_add_overflow(limit, offset, &last))
        last = limit == 0 ? 0 : INT64_MAX;
    made->of.over.limit = last;
    const struct weir_expr *bound = plan_expr_value(b, number.type, &offset, position);
    const struct weir_expr *behind =
        offset && bound ? plan_compare(b, ">", number.value, bound, position) : NULL;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    if ((offset && !behind) || !exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = rel->fields[i].name;
        exprs[i] = plan_rel_column(b, made, i, position);
    }
    return plan_rel_compute(b, made, behind, exprs, names, count, position);
}
