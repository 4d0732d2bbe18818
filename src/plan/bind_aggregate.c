/* Aggregation: finding the calls, planning COMPUTE → AGGREGATE → COMPUTE, and saying what a
 * query's expressions are above it.
 *
 *     SELECT k + 1, sum(a * b) / count(*) FROM t GROUP BY k
 *
 *     COMPUTE    k + 1, #sum / #count          plan_above_aggregate
 *     AGGREGATE  by k: sum(p), count(*)        plan_build_aggregate
 *     COMPUTE    k, a * b AS p                 left out when all are plain columns
 *
 * While the expressions are bound, call n is column PLAN_INDEX_AGGREGATE + n; equal calls are one.
 * A tumbling window among the keys (tumble(…), or columns that are bounds of one) becomes the
 * window of the AGGREGATE; its bounds are fields of the window's struct. */
#include "plan/binder_internal.h"
#include "plan/rules_internal.h"

#include "value/interval.h"

/* ---------------------------------------------------------------- calls */

static bool same_call(const struct plan_call *a, const struct plan_call *b)
{
    if (a->match.aggregate != b->match.aggregate || a->args_count != b->args_count ||
        a->distinct != b->distinct || a->descending != b->descending ||
        a->order_count != b->order_count || (a->filter == NULL) != (b->filter == NULL) ||
        (a->filter && !weir_expr_equals(a->filter, b->filter)))
        return false;
    for (uint32_t i = 0; i < a->args_count; i++)
        if (!weir_expr_equals(a->args[i], b->args[i]))
            return false;
    for (uint32_t i = 0; i < a->order_count; i++)
        if (!weir_expr_equals(a->order[i], b->order[i]) ||
            a->order_by[i].descending != b->order_by[i].descending ||
            a->order_by[i].nulls_first != b->order_by[i].nulls_first)
            return false;
    return true;
}

/* The column that stands for the call. */
static const struct weir_expr *add_call(struct plan_binder *b, struct plan_calls *calls,
                                        const struct plan_call *call)
{
    uint32_t index = 0;
    while (index < calls->count && !same_call(&calls->items[index], call))
        index++;
    if (index == calls->count && calls->count == calls->capacity) {
        uint32_t capacity = calls->capacity ? calls->capacity * 2 : 8;
        struct plan_call *items = PLAN_ARRAY(b, struct plan_call, capacity);
        if (!items)
            return NULL;
        if (calls->count)
            memcpy(items, calls->items, calls->count * sizeof *items);
        calls->items = items;
        calls->capacity = capacity;
    }
    if (index == calls->count)
        calls->items[calls->count++] = *call;
    bool nullable = strcmp(call->match.aggregate->name, "count") != 0;
    return plan_expr_column(b, PLAN_INDEX_AGGREGATE + index, call->match.result_type, nullable,
                            call->position);
}

static bool bind_call_arguments(struct plan_binder *b, struct plan_context *context,
                                const struct weir_sql_call *ast, struct plan_call *call)
{
    uint32_t within = ast->within_group.count;
    call->args = PLAN_ARRAY(b, const struct weir_expr *, ast->arguments_count + within + 1);
    if (!call->args)
        return false;
    bool ok = true;
    for (uint32_t i = 0; i < ast->arguments_count; i++) {
        const struct weir_sql_expr *value = ast->arguments[i].value;
        if (value->kind == WEIR_SQL_EXPR_STAR && ast->arguments_count == 1)
            return true; /* count(t.*) */
        call->args[i] = plan_bind(b, context, value);
        ok &= call->args[i] != NULL;
    }
    call->args_count = ast->arguments_count;
    for (uint32_t i = 0; i < within; i++) {
        call->args[call->args_count] = plan_bind(b, context, ast->within_group.items[i].expr);
        ok &= call->args[call->args_count++] != NULL;
    }
    return ok;
}

static bool resolve_call(struct plan_binder *b, const struct weir_sql_expr *ast,
                         struct plan_call *call)
{
    struct weir_slice name = ast->call->name.items[ast->call->name.count - 1].text;
    struct weir_function_arg *seen = PLAN_ARRAY(b, struct weir_function_arg, call->args_count + 1);
    if (!seen)
        return false;
    for (uint32_t i = 0; i < call->args_count; i++) {
        seen[i].type = call->args[i]->type;
        seen[i].is_unknown_literal = plan_expr_is_unknown(call->args[i]);
        seen[i].constant =
            call->args[i]->kind == WEIR_EXPR_CONSTANT ? &call->args[i]->constant : NULL;
    }
    const struct weir_sql_orders *within = &ast->call->within_group;
    call->descending = within->count > 0 && within->items[0].descending;
    if (weir_aggregate_resolve(name, seen, call->args_count,
                               call->descending    ? WEIR_WITHIN_GROUP_DESCENDING
                               : within->count > 0 ? WEIR_WITHIN_GROUP_ASCENDING
                                                   : WEIR_WITHIN_GROUP_NONE,
                               b->env->session, b->arena, &call->match, &b->error) != WEIR_OK)
        return plan_report(b, ast->position);
    bool ok = true;
    for (uint32_t i = 0; i < call->args_count; i++) {
        call->args[i] = plan_cast(b, call->args[i], call->match.arg_types[i], WEIR_CAST_IMPLICIT,
                                  call->args[i]->position);
        ok &= call->args[i] != NULL;
    }
    return ok;
}

static bool bind_call_order(struct plan_binder *b, struct plan_context *context,
                            const struct weir_sql_call *ast, struct plan_call *call)
{
    call->order = PLAN_ARRAY(b, const struct weir_expr *, ast->order_by.count + 1);
    call->order_by = PLAN_ARRAY(b, struct weir_sort_order, ast->order_by.count + 1);
    if (!call->order || !call->order_by)
        return false;
    bool ok = true;
    for (uint32_t i = 0; i < ast->order_by.count; i++) {
        const struct weir_expr *expr = plan_bind(b, context, ast->order_by.items[i].expr);
        call->order[i] = expr ? plan_expr_decided(b, expr) : NULL;
        call->order_by[i] = plan_sort_order(&ast->order_by.items[i]);
        ok &= call->order[i] != NULL;
    }
    call->order_count = ast->order_by.count;
    return ok;
}

/* IGNORE NULLS is a filter on the first argument. */
static bool ignore_nulls(struct plan_binder *b, struct plan_call *call)
{
    const struct weir_expr *args[2];
    uint32_t count = 0;
    if (call->args_count == 0)
        return true;
    if (call->filter)
        args[count++] = call->filter;
    args[count] = plan_function(b, "is_not_null", &call->args[0], 1, call->position);
    if (!args[count++])
        return false;
    call->filter = plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), args,
                                      count, call->position);
    return call->filter != NULL;
}

static bool may_stand_here(struct plan_binder *b, struct plan_context *context,
                           const struct weir_sql_expr *ast)
{
    struct weir_slice name = ast->call->name.items[ast->call->name.count - 1].text;
    if (context->in_aggregate)
        return plan_fail(b, ast->position, WEIR_E_MISPLACED_AGGREGATE,
                         "aggregate %.*s stands inside another aggregate", WEIR_SLICE_ARGS(name));
    if (context->calls)
        return true;
    (void)weir_error_set(&b->error, WEIR_E_MISPLACED_AGGREGATE, "aggregate %.*s cannot stand in %s",
                         WEIR_SLICE_ARGS(name), context->clause ? context->clause : "this place");
    if (context->clause && strcmp(context->clause, "WHERE") == 0)
        weir_error_hint(&b->error, "conditions on aggregates go into HAVING");
    return plan_report(b, ast->position);
}

bool plan_resolve_aggregate(struct plan_binder *b, struct plan_context *context,
                            const struct weir_sql_expr *ast, struct plan_call *call)
{
    bool ok = bind_call_arguments(b, context, ast->call, call);
    ok &= bind_call_order(b, context, ast->call, call);
    if (ast->call->filter) {
        struct plan_context filter = *context;
        filter.clause = "FILTER";
        call->filter = plan_condition(b, plan_bind(b, &filter, ast->call->filter), "FILTER");
        ok &= call->filter != NULL;
    }
    return ok && resolve_call(b, ast, call);
}

const struct weir_expr *plan_bind_aggregate(struct plan_binder *b, struct plan_context *context,
                                            const struct weir_sql_expr *ast)
{
    const struct weir_sql_call *call_ast = ast->call;
    struct plan_call call = {.position = plan_at(b, ast->position)};
    uint32_t level = plan_aggregate_level(b, context, call_ast);
    if (level)
        return plan_outer_aggregate(b, context, ast, level);
    if (!may_stand_here(b, context, ast))
        return NULL;
    struct plan_context inner = *context;
    inner.in_aggregate = true;
    inner.unnests = NULL;
    inner.clause = "an aggregate";
    inner.window_allowed = false;
    if (!plan_resolve_aggregate(b, &inner, ast, &call))
        return NULL;
    uint32_t flags = call.match.aggregate->flags;
    call.distinct = call_ast->distinct && !(flags & WEIR_AGGREGATE_DUPLICATE_FREE);
    if (!(flags & WEIR_AGGREGATE_ORDER_SENSITIVE))
        call.order_count = 0;
    if (call_ast->nulls == WEIR_SQL_NULL_TREATMENT_IGNORE && !ignore_nulls(b, &call))
        return NULL;
    return add_call(b, context->calls, &call);
}

/* ---------------------------------------------------------------- below: what the keys need */

/* Expressions computed below the AGGREGATE, each once. */
struct below {
    const struct weir_expr **items;
    uint32_t count;
};

static uint32_t below_add(struct below *below, const struct weir_expr *expr)
{
    for (uint32_t i = 0; i < below->count; i++)
        if (weir_expr_equals(below->items[i], expr))
            return i;
    below->items[below->count] = expr;
    return below->count++;
}

/* A column that is a window, or a bound of one, of the input's event time. */
static bool is_window_column(const struct plan_rel *input, const struct weir_expr *key)
{
    const struct plan_window_columns *columns = &input->window;
    return key->kind == WEIR_EXPR_COLUMN && columns->present && input->event_time_type &&
           (key->index == columns->start_column || key->index == columns->end_column ||
            key->index == columns->struct_column);
}

/* (w).start or (w).end of a column that is a window of the input's event time, where one bound
 * tells which one it is: the rows of a group are those of the window. */
static bool tells_window(const struct plan_rel *input, const struct weir_expr *key)
{
    const struct plan_window_columns *columns = &input->window;
    return key->kind == WEIR_EXPR_FIELD && key->args[0]->kind == WEIR_EXPR_COLUMN &&
           columns->present && input->event_time_type && columns->struct_column != PLAN_NONE &&
           key->args[0]->index == columns->struct_column && (!columns->given || columns->one_tells);
}

/* Keys by a bound become keys by their window, whose bounds can be shown. */
static void widen_keys(struct plan_grouping *grouping, const struct plan_rel *input)
{
    for (uint32_t i = 0; i < grouping->keys_count; i++)
        if (tells_window(input, grouping->keys[i].expr))
            grouping->keys[i].expr = grouping->keys[i].expr->args[0];
}

/* Whether the keys say which window a row is in, when only columns know. */
static bool keys_tell_window(const struct plan_rel *input, const struct plan_grouping *grouping)
{
    const struct plan_window_columns *columns = &input->window;
    bool has_start = false, has_end = false;
    for (uint32_t i = 0; i < grouping->keys_count; i++) {
        const struct weir_expr *key = grouping->keys[i].expr;
        if (!is_window_column(input, key))
            continue;
        has_start |= key->index != columns->end_column;
        has_end |= key->index != columns->start_column;
    }
    bool known = columns->struct_column != PLAN_NONE ||
                 (columns->start_column != PLAN_NONE && columns->end_column != PLAN_NONE);
    return known && (columns->one_tells ? has_start || has_end : has_start && has_end);
}

/* Sessions in FROM are grouped by what they are partitioned by, and by nothing else. */
static bool check_session_keys(struct plan_binder *b, const struct plan_rel *input,
                               const struct plan_grouping *grouping)
{
    const struct plan_window_columns *columns = &input->window;
    uint32_t found = 0;
    bool same = true;
    for (uint32_t i = 0; i < grouping->keys_count; i++) {
        const struct weir_expr *key = grouping->keys[i].expr;
        bool is_key = false;
        for (uint32_t k = 0; k < columns->session_keys_count; k++)
            if (key->kind == WEIR_EXPR_COLUMN && key->index == columns->session_keys[k]) {
                is_key = true;
                found |= UINT32_C(1) << k;
            }
        same &= is_key || is_window_column(input, key);
    }
    if (same && found == (UINT32_C(1) << columns->session_keys_count) - 1)
        return true;
    return plan_fail(
        b, grouping->keys[0].position, WEIR_E_BAD_GROUPING,
        "rows of SESSION(…) are grouped by window_start, window_end and the columns of "
        "its PARTITION BY");
}

/* The bounds of a window that columns say. */
static bool add_bounds(struct plan_binder *b, const struct plan_rel *input, struct below *below,
                       struct weir_plan_window *window)
{
    const struct plan_window_columns *columns = &input->window;
    const uint32_t own[2] = {columns->start_column, columns->end_column};
    uint32_t *const made[2] = {&window->start_column, &window->end_column};
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t column = own[i] != PLAN_NONE ? own[i] : columns->struct_column;
        const struct weir_expr *bound = plan_rel_column(b, input, column, input->position);
        if (bound && own[i] == PLAN_NONE)
            bound = plan_expr_field(b, bound, i, input->position);
        if (!bound)
            return false;
        *made[i] = below_add(below, bound);
    }
    return true;
}

/* A time that is in the same window as the event time, where a column says one. */
static bool add_given_time(struct plan_binder *b, const struct plan_rel *input, struct below *below,
                           const struct weir_plan_window *window, uint32_t *column)
{
    const struct plan_window_columns *bounds = &input->window;
    struct weir_position position = input->position;
    const struct weir_expr *time = NULL;
    *column = PLAN_NONE;
    if (window->kind == WEIR_WINDOW_NONE || window->kind == WEIR_WINDOW_COLUMNS ||
        window->time_column != PLAN_NONE)
        return true;
    if (input->event_time_column != PLAN_NONE)
        time = plan_rel_column(b, input, input->event_time_column, position);
    else if (window->kind == WEIR_WINDOW_SESSION)
        return true; /* it needs the time itself */
    else if (bounds->present && bounds->start_column != PLAN_NONE)
        time = plan_rel_column(b, input, bounds->start_column, position);
    else if (bounds->present && bounds->struct_column != PLAN_NONE)
        time = plan_rel_column(b, input, bounds->struct_column, position);
    else if (bounds->present && bounds->end_column != PLAN_NONE)
        time = plan_rules_last_moment(b, input, bounds->end_column);
    if (time && time->type->kind == WEIR_TYPE_STRUCT)
        time = plan_expr_field(b, time, 0, position);
    if (time)
        *column = below_add(below, time);
    return !b->out_of_memory;
}

/* What window a key is: its description, and the time it divides (NULL: the attribute). */
static bool window_of_key(const struct plan_rel *input, const struct weir_expr *key,
                          struct weir_plan_window *window, const struct weir_expr **time)
{
    *window = (struct weir_plan_window){.kind = WEIR_WINDOW_TUMBLE, .time_column = PLAN_NONE};
    *time = NULL;
    if (plan_is_window_call(key)) {
        struct weir_interval width = *(const struct weir_interval *)key->args[1]->constant.values;
        struct weir_interval offset = *(const struct weir_interval *)key->args[2]->constant.values;
        window->width_us = width.us;
        window->width_months = width.months;
        window->offset_us = offset.us;
        if (key->function == &plan_function_session) {
            window->kind = WEIR_WINDOW_SESSION;
        } else if (key->function != &plan_function_window) {
            struct weir_interval slide =
                *(const struct weir_interval *)key->args[3]->constant.values;
            bool hops = key->function == &plan_function_hop;
            window->kind = hops ? WEIR_WINDOW_HOP : WEIR_WINDOW_CUMULATE;
            window->slide_us = slide.us;
            window->slide_months = slide.months;
        }
        bool implicit =
            key->args[0]->kind == WEIR_EXPR_COLUMN && key->args[0]->index == PLAN_INDEX_EVENT_TIME;
        *time = implicit ? NULL : key->args[0];
        return true;
    }
    const struct plan_window_columns *columns = &input->window;
    if (!is_window_column(input, key))
        return false;
    if (columns->given) {
        window->kind = columns->is_session ? WEIR_WINDOW_SESSION : WEIR_WINDOW_COLUMNS;
        window->granularity_us = columns->granularity_us;
    }
    window->width_us = columns->width_us;
    window->width_months = columns->width_months;
    window->offset_us = columns->offset_us;
    return true;
}

static bool same_window(const struct weir_plan_window *a, const struct weir_plan_window *b)
{
    return a->kind == b->kind && a->slide_us == b->slide_us && a->slide_months == b->slide_months &&
           a->width_us == b->width_us && a->width_months == b->width_months &&
           a->offset_us == b->offset_us && a->time_column == b->time_column;
}

/* Whether a key is another window than the one that columns of the input are: then those are keys
 * like others. */
static bool divides_anew(const struct plan_rel *input, const struct plan_grouping *grouping)
{
    struct weir_plan_window call, column;
    const struct weir_expr *time;
    for (uint32_t i = 0; i < grouping->keys_count; i++) {
        if (!plan_is_window_call(grouping->keys[i].expr))
            continue;
        bool given = window_of_key(input, grouping->keys[i].expr, &call, &time) && time;
        for (uint32_t k = 0; k < grouping->keys_count; k++)
            if (is_window_column(input, grouping->keys[k].expr) &&
                window_of_key(input, grouping->keys[k].expr, &column, &time) &&
                (given || !same_window(&call, &column)))
                return true;
    }
    return false;
}

static bool refuse_second_window(struct plan_binder *b, struct weir_position position)
{
    (void)weir_error_set(&b->error, WEIR_E_NOT_EXECUTABLE,
                         "this version does not execute grouping by several windows");
    weir_error_hint(&b->error, "date_bin(width, column, TIMESTAMP '1970-01-01') divides time as a "
                               "tumbling window does, and may stand beside one");
    return plan_report(b, position);
}

/* The keys: plain ones into below, window ones into the description. */
static bool sort_keys(struct plan_binder *b, struct plan_grouping *grouping,
                      const struct plan_rel *input, struct below *below,
                      struct weir_plan_aggregate *aggregate, uint32_t *keys)
{
    bool told = (!input->window.given || keys_tell_window(input, grouping)) &&
                !divides_anew(input, grouping);
    if (told && input->window.is_session && !check_session_keys(b, input, grouping))
        return false;
    for (uint32_t i = 0; i < grouping->keys_count; i++) {
        const struct weir_expr *key = grouping->keys[i].expr;
        struct weir_plan_window window;
        const struct weir_expr *time;
        grouping->key_columns[i] = PLAN_NONE;
        if ((told || !is_window_column(input, key)) && window_of_key(input, key, &window, &time)) {
            if (time)
                window.time_column = below_add(below, time);
            if (aggregate->window.kind && !same_window(&aggregate->window, &window))
                return refuse_second_window(b, grouping->keys[i].position);
            if (!aggregate->window.kind)
                aggregate->window_output = aggregate->keys_count;
            if (window.kind == WEIR_WINDOW_COLUMNS && !add_bounds(b, input, below, &window))
                return false;
            aggregate->window = window;
            if (plan_is_window_call(key))
                grouping->window_key = i;
            continue;
        }
        uint32_t column = below_add(below, key);
        uint32_t place = 0;
        while (place < aggregate->keys_count && keys[place] != column)
            place++;
        if (place == aggregate->keys_count)
            keys[aggregate->keys_count++] = column;
        grouping->key_columns[i] = place;
    }
    /* Columns behind the window move up by one. */
    for (uint32_t i = 0; i < grouping->keys_count; i++)
        if (aggregate->window.kind && grouping->key_columns[i] != PLAN_NONE &&
            grouping->key_columns[i] >= aggregate->window_output)
            grouping->key_columns[i]++;
    return true;
}

static bool describe_calls(struct plan_binder *b, const struct plan_calls *calls,
                           struct below *below, struct weir_plan_aggregate *aggregate)
{
    struct weir_plan_aggregate_call *out =
        PLAN_ARRAY(b, struct weir_plan_aggregate_call, calls->count + 1);
    if (!out)
        return false;
    for (uint32_t i = 0; i < calls->count; i++) {
        const struct plan_call *call = &calls->items[i];
        uint32_t *args = PLAN_ARRAY(b, uint32_t, call->args_count + 1);
        struct weir_plan_order *order =
            PLAN_ARRAY(b, struct weir_plan_order, call->order_count + 1);
        if (!args || !order)
            return false;
        for (uint32_t k = 0; k < call->args_count; k++)
            args[k] = below_add(below, call->args[k]);
        for (uint32_t k = 0; k < call->order_count; k++)
            order[k] =
                (struct weir_plan_order){below_add(below, call->order[k]), call->order_by[k]};
        out[i] = (struct weir_plan_aggregate_call){
            .aggregate = call->match.aggregate,
            .instance = call->match.instance,
            .state_size = call->match.state_size,
            .type = call->match.result_type,
            .args = args,
            .args_count = call->args_count,
            .distinct = call->distinct,
            .descending = call->descending,
            .filter = call->filter ? below_add(below, call->filter) : PLAN_NONE,
            .order = order,
            .order_count = call->order_count,
            .position = call->position,
        };
    }
    aggregate->calls = out;
    aggregate->calls_count = calls->count;
    return true;
}

static struct weir_slice expr_name(struct plan_binder *b, const struct plan_rel *input,
                                   const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN && expr->index < input->fields_count)
        return input->fields[expr->index].name;
    struct weir_buffer text;
    struct weir_schema schema = plan_rel_schema(input);
    struct weir_slice name = {"", 0};
    weir_buffer_init(&text, NULL);
    weir_expr_print(expr, &schema, &text);
    if (text.failed || !plan_slice_copy(weir_buffer_slice(&text), b->arena, &name))
        plan_out_of_memory(b);
    weir_buffer_deinit(&text);
    return name;
}

/* The COMPUTE below, unless all it would do is choose columns: then their numbers are used. */
static struct plan_rel *place_below(struct plan_binder *b, struct plan_rel *input,
                                    const struct below *below, uint32_t *numbers,
                                    struct weir_position position)
{
    bool plain = true;
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, below->count + 1);
    if (!names)
        return NULL;
    for (uint32_t i = 0; i < below->count; i++) {
        plain &= below->items[i]->kind == WEIR_EXPR_COLUMN &&
                 below->items[i]->index < input->fields_count;
        names[i] = expr_name(b, input, below->items[i]);
    }
    for (uint32_t i = 0; i < below->count; i++)
        numbers[i] = plain ? below->items[i]->index : i;
    if (plain)
        return input;
    return plan_rel_compute(b, input, NULL, below->items, names, below->count, position);
}

static void renumber(struct weir_plan_aggregate *aggregate, uint32_t *keys, const uint32_t *numbers)
{
    for (uint32_t i = 0; i < aggregate->keys_count; i++)
        keys[i] = numbers[keys[i]];
    if (aggregate->window.time_column != PLAN_NONE && aggregate->window.kind)
        aggregate->window.time_column = numbers[aggregate->window.time_column];
    if (aggregate->window.kind == WEIR_WINDOW_COLUMNS) {
        aggregate->window.start_column = numbers[aggregate->window.start_column];
        aggregate->window.end_column = numbers[aggregate->window.end_column];
    }
    for (uint32_t i = 0; i < aggregate->calls_count; i++) {
        /* Made by describe_calls just now; nobody else has seen them. */
        struct weir_plan_aggregate_call *call =
            (struct weir_plan_aggregate_call *)(uintptr_t)&aggregate->calls[i];
        uint32_t *args = (uint32_t *)(uintptr_t)call->args;
        struct weir_plan_order *order = (struct weir_plan_order *)(uintptr_t)call->order;
        for (uint32_t k = 0; k < call->args_count; k++)
            args[k] = numbers[args[k]];
        for (uint32_t k = 0; k < call->order_count; k++)
            order[k].column = numbers[order[k].column];
        if (call->filter != PLAN_NONE)
            call->filter = numbers[call->filter];
    }
}

/* ---------------------------------------------------------------- the AGGREGATE */

static struct weir_slice call_name(struct plan_binder *b, const struct plan_rel *rel,
                                   const struct weir_plan_aggregate_call *call)
{
    struct weir_buffer text;
    struct weir_slice name = {"", 0};
    weir_buffer_init(&text, NULL);
    weir_buffer_printf(&text, "%s(%s", call->aggregate->name, call->distinct ? "DISTINCT " : "");
    for (uint32_t i = 0; i < call->args_count; i++) {
        weir_buffer_append_string(&text, i ? ", " : "");
        weir_buffer_append_slice(&text, rel->fields[call->args[i]].name);
    }
    weir_buffer_append_string(&text, call->args_count ? ")" : "*)");
    if (text.failed || !plan_slice_copy(weir_buffer_slice(&text), b->arena, &name))
        plan_out_of_memory(b);
    weir_buffer_deinit(&text);
    return name;
}

static bool output_fields(struct plan_binder *b, struct plan_rel *rel, const struct plan_rel *input,
                          const struct weir_type *window_type)
{
    const struct weir_plan_aggregate *aggregate = &rel->of.aggregate.physical;
    bool windowed = aggregate->window.kind != WEIR_WINDOW_NONE;
    uint32_t count = aggregate->keys_count + windowed + aggregate->calls_count;
    rel->fields = PLAN_ARRAY(b, struct weir_field, count + 1);
    if (!rel->fields)
        return false;
    rel->fields_count = count;
    uint32_t at = 0;
    for (uint32_t i = 0; i <= aggregate->keys_count; i++) {
        if (windowed && i == aggregate->window_output)
            rel->fields[at++] = (struct weir_field){weir_slice_from_string("window"), window_type,
                                                    aggregate->window.time_column != PLAN_NONE};
        if (i < aggregate->keys_count)
            rel->fields[at++] = input->fields[aggregate->keys[i]];
    }
    for (uint32_t i = 0; i < aggregate->calls_count; i++) {
        const struct weir_plan_aggregate_call *call = &aggregate->calls[i];
        rel->fields[at++] = (struct weir_field){call_name(b, input, call), call->type,
                                                strcmp(call->aggregate->name, "count") != 0};
    }
    return !b->out_of_memory;
}

/* The result of windows of the attribute has an event time: its window's end less 1 us. */
static void output_event_time(struct plan_rel *rel, const struct plan_rel *input,
                              const struct weir_type *window_type, bool closes)
{
    const struct weir_plan_aggregate *aggregate = &rel->of.aggregate.physical;
    rel->event_time_type = NULL;
    rel->event_time_column = PLAN_NONE;
    rel->window = (struct plan_window_columns){0};
    if (aggregate->window.kind == WEIR_WINDOW_NONE || aggregate->window.time_column != PLAN_NONE ||
        !closes || !input->event_time_type)
        return;
    rel->event_time_type = window_type->children[0];
    bool given = aggregate->window.kind != WEIR_WINDOW_TUMBLE;
    bool one_tells = aggregate->window.kind == WEIR_WINDOW_HOP ||
                     (aggregate->window.kind == WEIR_WINDOW_COLUMNS && input->window.one_tells);
    rel->window = (struct plan_window_columns){
        .present = true,
        .given = given,
        .one_tells = given && one_tells,
        .granularity_us = given ? plan_window_granularity(&aggregate->window) : 0,
        .width_us = aggregate->window.width_us,
        .width_months = aggregate->window.width_months,
        .offset_us = aggregate->window.offset_us,
        .start_column = PLAN_NONE,
        .end_column = PLAN_NONE,
        .struct_column = aggregate->window_output};
}

/* A window over the event time takes over what its sources say of late rows. */
static bool set_lateness(struct plan_binder *b, struct plan_rel *input,
                         struct weir_plan_window *window, struct weir_position position)
{
    struct plan_lateness lateness = plan_rel_lateness(input);
    if (window->kind == WEIR_WINDOW_NONE || window->time_column != PLAN_NONE || !lateness.table)
        return true;
    if (lateness.conflict)
        return plan_fail(b, position, WEIR_E_LATENESS_CONFLICT,
                         "tables that treat late rows differently meet in one window");
    if (lateness.table->late == WEIR_LATE_SIDE && window->kind == WEIR_WINDOW_COLUMNS &&
        (input->window.start_column == PLAN_NONE || input->window.end_column == PLAN_NONE))
        return plan_refuse(b, position,
                           "late = 'side:TABLE' for windows without window_start and window_end");
    window->lateness_us = lateness.table->allowed_lateness_us;
    window->corrects = lateness.table->late == WEIR_LATE_UPDATE && window->lateness_us > 0 &&
                       !(b->emit && b->emit->kind == WEIR_SQL_EMIT_AFTER_LATENESS);
    return true;
}

static const struct weir_type *window_type_of(struct plan_binder *b, const struct plan_rel *input,
                                              const struct weir_plan_window *window)
{
    if (window->kind == WEIR_WINDOW_NONE)
        return NULL;
    return plan_window_type(b, window->time_column == PLAN_NONE
                                   ? input->event_time_type
                                   : input->fields[window->time_column].type);
}

/* Whether windows of this kind over such columns may be those that the columns tell. */
static bool answers_to(const struct plan_window_columns *columns, enum weir_window_kind kind)
{
    if (kind == WEIR_WINDOW_TUMBLE)
        return !columns->given;
    return columns->given &&
           kind == (columns->is_session ? WEIR_WINDOW_SESSION : WEIR_WINDOW_COLUMNS);
}

bool plan_build_aggregate(struct plan_binder *b, struct plan_grouping *grouping,
                          struct plan_rel *input, struct weir_position position)
{
    uint32_t most = grouping->keys_count + 4; /* a window of columns has two, another its time */
    for (uint32_t i = 0; i < grouping->calls->count; i++)
        most += grouping->calls->items[i].args_count + grouping->calls->items[i].order_count + 1;
    widen_keys(grouping, input);
    struct below below = {.items = PLAN_ARRAY(b, const struct weir_expr *, most)};
    uint32_t *keys = PLAN_ARRAY(b, uint32_t, grouping->keys_count + 1);
    uint32_t *numbers = PLAN_ARRAY(b, uint32_t, most);
    grouping->key_columns = PLAN_ARRAY(b, uint32_t, grouping->keys_count + 1);
    if (!below.items || !keys || !numbers || !grouping->key_columns)
        return false;
    struct weir_plan_aggregate aggregate = {
        .keys = keys, .window_output = PLAN_NONE, .window.time_column = PLAN_NONE};
    grouping->window_key = PLAN_NONE;
    uint32_t given_time;
    if (!sort_keys(b, grouping, input, &below, &aggregate, keys) ||
        !describe_calls(b, grouping->calls, &below, &aggregate) ||
        !add_given_time(b, input, &below, &aggregate.window, &given_time))
        return false;
    bool over_proctime = aggregate.window.kind != WEIR_WINDOW_NONE &&
                         aggregate.window.time_column != PLAN_NONE &&
                         plan_is_proctime(input, below.items[aggregate.window.time_column]);
    const struct plan_window_columns bounds =
        over_proctime ? (struct plan_window_columns){0} : input->window;
    struct plan_rel *lower = place_below(b, input, &below, numbers, position);
    if (!lower)
        return false;
    const struct weir_expr **key_exprs =
        PLAN_ARRAY(b, const struct weir_expr *, aggregate.keys_count + 1);
    if (!key_exprs)
        return false;
    for (uint32_t i = 0; i < aggregate.keys_count; i++)
        key_exprs[i] = below.items[keys[i]];
    renumber(&aggregate, keys, numbers);
    if (over_proctime) {
        lower = plan_rel_proctime(b, lower, aggregate.window.time_column, position);
        aggregate.window.time_column = given_time = PLAN_NONE;
    }
    if (!lower || !set_lateness(b, over_proctime ? lower : input, &aggregate.window, position))
        return false;
    const struct plan_late_window late = {&aggregate.window, key_exprs, aggregate.keys_count};
    if (!over_proctime && !plan_add_late_rows(b, input, &late, position)) /* the clock has none */
        return false;
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_AGGREGATE, lower, position);
    if (!rel)
        return false;
    const struct weir_type *window_type = window_type_of(b, lower, &aggregate.window);
    rel->of.aggregate.physical = aggregate;
    rel->of.aggregate.given_time = given_time == PLAN_NONE ? PLAN_NONE : numbers[given_time];
    rel->of.aggregate.position = position;
    rel->of.aggregate.emit_kind = b->emit ? b->emit->kind : WEIR_SQL_EMIT_DEFAULT;
    rel->of.aggregate.emit_every_us = b->emit_every_us;
    bool closes = rel->of.aggregate.emit_kind != WEIR_SQL_EMIT_CHANGES &&
                  rel->of.aggregate.emit_kind != WEIR_SQL_EMIT_EVERY && !aggregate.window.corrects;
    if (!output_fields(b, rel, lower, window_type))
        return false;
    output_event_time(rel, lower, window_type, closes);
    bool windowed = aggregate.window.kind != WEIR_WINDOW_NONE;
    bool by_columns = windowed && bounds.present && aggregate.window.time_column == PLAN_NONE &&
                      answers_to(&bounds, aggregate.window.kind) &&
                      bounds.width_us == aggregate.window.width_us &&
                      bounds.width_months == aggregate.window.width_months &&
                      (bounds.given || bounds.offset_us == aggregate.window.offset_us);
    grouping->rel = rel;
    grouping->window_column = aggregate.window_output;
    grouping->first_call = aggregate.keys_count + windowed;
    grouping->start_input = by_columns ? bounds.start_column : PLAN_NONE;
    grouping->end_input = by_columns ? bounds.end_column : PLAN_NONE;
    grouping->struct_input = by_columns ? bounds.struct_column : PLAN_NONE;
    return true;
}

/* ---------------------------------------------------------------- above */

struct lift {
    struct plan_binder *b;
    const struct plan_grouping *grouping;
};

static const struct weir_expr *lifted_column(struct plan_binder *b,
                                             const struct plan_grouping *grouping, uint32_t column,
                                             const struct weir_expr *expr)
{
    const struct weir_field *field = &grouping->rel->fields[column];
    return plan_expr_column(b, column, field->type, field->nullable, expr->position);
}

/* A bound of the window: a field of its struct. */
static const struct weir_expr *lifted_bound(struct plan_binder *b,
                                            const struct plan_grouping *grouping, uint32_t field,
                                            const struct weir_expr *expr)
{
    const struct weir_expr *window = lifted_column(b, grouping, grouping->window_column, expr);
    return window ? plan_expr_field(b, window, field, expr->position) : NULL;
}

static void ungrouped(struct plan_binder *b, const struct plan_grouping *grouping,
                      const struct weir_expr *expr)
{
    struct weir_slice name = {"", 0};
    const struct plan_scope *scope = grouping->scope;
    for (uint32_t i = 0; scope && i < scope->columns_count; i++) {
        if (scope->columns[i].index != expr->index)
            continue;
        name = scope->columns[i].name;
        break;
    }
    plan_fail(b, expr->position, WEIR_E_BAD_GROUPING,
              "column \"%.*s\" is neither in GROUP BY nor in an aggregate", WEIR_SLICE_ARGS(name));
}

static const struct weir_expr *lift_expr(void *context, const struct weir_expr *expr, bool *failed)
{
    struct lift *lift = context;
    struct plan_binder *b = lift->b;
    const struct plan_grouping *grouping = lift->grouping;
    const struct weir_expr *made = NULL;
    bool is_column = expr->kind == WEIR_EXPR_COLUMN;
    uint32_t index = is_column ? expr->index : PLAN_NONE;
    if (is_column && index >= PLAN_INDEX_UNNEST)
        return expr;
    if (is_column && index >= PLAN_INDEX_AGGREGATE) {
        made =
            lifted_column(b, grouping, grouping->first_call + index - PLAN_INDEX_AGGREGATE, expr);
    } else if (index != PLAN_NONE && index == grouping->start_input) {
        made = lifted_bound(b, grouping, 0, expr);
    } else if (index != PLAN_NONE && index == grouping->end_input) {
        made = lifted_bound(b, grouping, 1, expr);
    } else if (index != PLAN_NONE && index == grouping->struct_input) {
        made = lifted_column(b, grouping, grouping->window_column, expr);
    } else {
        for (uint32_t i = 0; i < grouping->keys_count && !made; i++) {
            if (!weir_expr_equals(expr, grouping->keys[i].expr))
                continue;
            bool is_window = grouping->key_columns[i] == PLAN_NONE;
            made = lifted_column(
                b, grouping, is_window ? grouping->window_column : grouping->key_columns[i], expr);
            *failed = made == NULL;
        }
        for (uint32_t i = 0; i < grouping->absent_count && !made && !*failed; i++) {
            if (weir_expr_equals(expr, grouping->absent[i].expr))
                made = plan_expr_null(b, expr->type, expr->position);
        }
        if (made || *failed || !is_column)
            return made;
        if (index == PLAN_INDEX_EVENT_TIME)
            plan_fail(b, expr->position, WEIR_E_MISPLACED_WINDOW,
                      "this window is not among the grouping expressions");
        else
            ungrouped(b, grouping, expr);
    }
    *failed = made == NULL;
    return made;
}

const struct weir_expr *plan_above_aggregate(struct plan_binder *b,
                                             const struct plan_grouping *grouping,
                                             const struct weir_expr *expr)
{
    struct lift lift = {b, grouping};
    uint32_t errors = b->errors_count;
    const struct weir_expr *lifted = plan_rewrite(b->arena, expr, lift_expr, &lift);
    if (!lifted && b->errors_count == errors)
        plan_out_of_memory(b);
    return lifted;
}
