/* Windows: tumble(…), hop(…) and cumulate(…) as expressions, TUMBLE(…) as a table, and their
 * widths.
 *
 *     tumble(width)               over the event-time attribute; only as a grouping expression
 *     tumble(ts, width)           over a column; grouped by it, or computed per row
 *     hop(slide, width)           windows that overlap: only as grouping expressions
 *     cumulate(step, width)
 *     session(gap)                windows that end when no row comes for so long, per key
 *     TUMBLE(t, ts, width)        t's columns with window_start and window_end
 *     HOP(t, ts, slide, width)    the same for every window that a row is in
 *     CUMULATE(t, ts, step, width)
 *     SESSION(t PARTITION BY k, ts, gap)   bounds that are known once rows are grouped by them
 *
 * Windows begin at 1970-01-01T00:00Z, those of whole weeks on Monday 1970-01-05 (SEMANTICS
 * "Windows"): their offset is four days. */
#include "plan/binder_internal.h"

#include "base/checked.h"
#include "value/interval.h"

enum { DAYS_TO_MONDAY = 4 };
#define US_PER_WEEK (7 * WEIR_US_PER_DAY)

const struct weir_expr *plan_expr_interval(struct plan_binder *b, struct plan_width width,
                                           struct weir_position position)
{
    struct weir_interval interval = {.months = width.months, .us = width.us};
    return plan_expr_value(b, weir_type_of(WEIR_TYPE_INTERVAL), &interval, position);
}

/* A constant interval as months or us. */
static bool to_width(struct plan_binder *b, const struct weir_expr *expr, const char *what,
                     bool positive, struct plan_width *out)
{
    if (expr->kind != WEIR_EXPR_CONSTANT)
        return plan_fail(b, expr->position, WEIR_E_NOT_CONSTANT, "%s must be a constant", what);
    if (plan_expr_is_null(expr))
        return plan_fail(b, expr->position, WEIR_E_BAD_LITERAL, "%s cannot be NULL", what);
    struct weir_interval interval = *(const struct weir_interval *)expr->constant.values;
    bool has_months = interval.months != 0;
    int64_t days_us, us;
    if (has_months && (interval.days || interval.us))
        return plan_fail_hint(b, expr->position, WEIR_E_BAD_LITERAL,
                              "write INTERVAL '1 month' or INTERVAL '30 days'",
                              "%s is either months or a duration, not both", what);
    if (!weir_mul_i64(interval.days, WEIR_US_PER_DAY, &days_us) ||
        !weir_add_i64(days_us, interval.us, &us))
        return plan_fail(b, expr->position, WEIR_E_BAD_LITERAL, "%s is out of range", what);
    *out = (struct plan_width){.us = has_months ? 0 : us, .months = interval.months};
    if (positive && out->us <= 0 && out->months <= 0)
        return plan_fail_hint(b, expr->position, WEIR_E_BAD_LITERAL,
                              "write it as INTERVAL '10 seconds'", "%s must be more than nothing",
                              what);
    return true;
}

static bool bound_width(struct plan_binder *b, const struct weir_expr *expr, const char *what,
                        bool positive, struct plan_width *out)
{
    if (!expr)
        return false;
    const struct weir_type *interval = weir_type_of(WEIR_TYPE_INTERVAL);
    if (!plan_expr_is_unknown(expr) && expr->type->kind != WEIR_TYPE_INTERVAL)
        return plan_fail(b, expr->position, WEIR_E_TYPE_MISMATCH, "%s must be an INTERVAL, not %s",
                         what, weir_type_name(expr->type).text);
    expr = plan_cast(b, expr, interval, WEIR_CAST_IMPLICIT, expr->position);
    return expr && to_width(b, expr, what, positive, out);
}

bool plan_bind_width(struct plan_binder *b, struct plan_context *context,
                     const struct weir_sql_expr *ast, const char *what, bool positive,
                     struct plan_width *out)
{
    return bound_width(b, plan_bind(b, context, ast), what, positive, out);
}

/* The offset of whole-week windows, reduced to the width. */
static int64_t window_offset(struct plan_width width, int64_t offset_us)
{
    if (width.us && width.us % US_PER_WEEK == 0)
        offset_us = weir_floor_mod_i64(offset_us, width.us) + DAYS_TO_MONDAY * WEIR_US_PER_DAY;
    return width.us ? weir_floor_mod_i64(offset_us, width.us) : offset_us;
}

static bool is_zoned(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_TIMESTAMPTZ || type->kind == WEIR_TYPE_TIMESTAMPTZ_NS;
}

const struct weir_type *plan_window_type(struct plan_binder *b, const struct weir_type *time)
{
    const struct weir_type **types = PLAN_ARRAY(b, const struct weir_type *, 2);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, 2);
    if (!types || !names)
        return NULL;
    types[0] = types[1] =
        weir_type_of(is_zoned(time) ? WEIR_TYPE_TIMESTAMPTZ : WEIR_TYPE_TIMESTAMP);
    names[0] = weir_slice_from_string("start");
    names[1] = weir_slice_from_string("end");
    const struct weir_type *type = weir_type_struct(b->arena, 2, types, names);
    if (!type)
        plan_out_of_memory(b);
    return type;
}

/* The time argument of a window in microseconds: TIMESTAMP or TIMESTAMPTZ. */
static const struct weir_expr *window_time(struct plan_binder *b, const struct weir_expr *time)
{
    if (plan_expr_is_unknown(time) || time->type->kind == WEIR_TYPE_DATE)
        return plan_cast(b, time, weir_type_of(WEIR_TYPE_TIMESTAMP), WEIR_CAST_IMPLICIT,
                         time->position);
    if (!weir_type_is_timestamp(time->type)) {
        plan_fail(b, time->position, WEIR_E_TYPE_MISMATCH,
                  "a window needs a TIMESTAMP to divide, this is %s",
                  weir_type_name(time->type).text);
        return NULL;
    }
    if (time->type->kind == WEIR_TYPE_TIMESTAMP || time->type->kind == WEIR_TYPE_TIMESTAMPTZ)
        return time;
    return plan_cast(
        b, time, weir_type_of(is_zoned(time->type) ? WEIR_TYPE_TIMESTAMPTZ : WEIR_TYPE_TIMESTAMP),
        WEIR_CAST_IMPLICIT, time->position);
}

static const struct weir_expr *window_call(struct plan_binder *b,
                                           const struct weir_function *function,
                                           const struct weir_expr *time, struct plan_width width,
                                           int64_t offset_us, struct weir_position position)
{
    const struct weir_type *type = plan_window_type(b, time->type);
    if (!type)
        return NULL;
    if (function != &plan_function_window && function != &plan_function_session)
        type = type->children[0];
    struct weir_expr *call = plan_expr_new(b, WEIR_EXPR_CALL, type, position);
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, 3);
    if (!call || !args)
        return NULL;
    args[0] = time;
    args[1] = plan_expr_interval(b, width, position);
    args[2] = plan_expr_interval(b, (struct plan_width){.us = offset_us}, position);
    if (!args[1] || !args[2])
        return NULL;
    call->function = function;
    call->args = args;
    call->args_count = 3;
    call->nullable = time->nullable;
    return call;
}

/* ---------------------------------------------------------------- tumble(…) */

static const struct weir_expr *attribute(struct plan_binder *b, struct plan_context *context,
                                         struct weir_position position)
{
    const struct plan_scope *scope = context->scope;
    if (scope && scope->event_time_type)
        return plan_expr_column(b, PLAN_INDEX_EVENT_TIME, scope->event_time_type, false, position);
    if (scope && !scope->open)
        plan_fail(b, position, WEIR_E_NO_EVENT_TIME,
                  "a window without a time column needs an event time, and FROM has none");
    return NULL;
}

const struct weir_expr *plan_bind_row_time(struct plan_binder *b, struct plan_context *context,
                                           const struct weir_sql_expr *ast)
{
    const struct plan_scope *scope = context->scope;
    if (ast->call->arguments_count) {
        plan_fail(b, ast->position, WEIR_E_UNKNOWN_FUNCTION, "row_time takes no arguments");
        return NULL;
    }
    if (scope && scope->event_time_type && scope->event_time_column != PLAN_NONE)
        return plan_expr_column(b, scope->event_time_column, scope->event_time_type, false,
                                ast->position);
    if (scope && !scope->open)
        plan_fail_hint(b, ast->position, WEIR_E_NO_EVENT_TIME,
                       "row_time() is the column that WATERMARK FOR names; of a window it is "
                       "window_end - INTERVAL '1 microsecond'",
                       "FROM has no column that is its event time");
    return NULL;
}

/* Which bound arguments are what. */
struct tumble_arguments {
    const struct weir_expr *time, *width, *offset;
};

static bool tumble_arguments(struct plan_binder *b, struct plan_context *context,
                             const struct weir_sql_expr *ast, struct tumble_arguments *out)
{
    const struct weir_sql_call *call = ast->call;
    const struct weir_expr *args[3] = {NULL, NULL, NULL};
    bool ok = true;
    if (call->arguments_count < 1 || call->arguments_count > 3)
        return plan_fail(b, ast->position, WEIR_E_UNKNOWN_FUNCTION,
                         "tumble takes a width, or a time column and a width, and an offset");
    for (uint32_t i = 0; i < call->arguments_count; i++) {
        args[i] = plan_bind(b, context, call->arguments[i].value);
        ok &= args[i] != NULL;
    }
    if (!ok)
        return false;
    bool implicit = call->arguments_count == 1 ||
                    (call->arguments_count == 2 && args[0]->type->kind == WEIR_TYPE_INTERVAL);
    *out = implicit ? (struct tumble_arguments){NULL, args[0], args[1]}
                    : (struct tumble_arguments){args[0], args[1], args[2]};
    return true;
}

static bool may_stand_here(struct plan_binder *b, const struct plan_context *context,
                           struct weir_position position)
{
    return context->window_allowed ||
           plan_fail_hint(b, position, WEIR_E_MISPLACED_WINDOW,
                          "group by it; a query around that one can filter by its bounds",
                          "a window cannot stand in %s",
                          context->clause ? context->clause : "this place");
}

/* What the window divides: a column, or the attribute; the column that is the attribute and the
 * attribute itself are one window. */
static const struct weir_expr *divided_time(struct plan_binder *b, struct plan_context *context,
                                            const struct weir_expr *given,
                                            struct weir_position position)
{
    const struct weir_expr *time = given ? window_time(b, given) : attribute(b, context, position);
    if (time && time->kind == WEIR_EXPR_COLUMN && context->scope->event_time_type &&
        time->index == context->scope->event_time_column)
        time = plan_expr_column(b, PLAN_INDEX_EVENT_TIME, time->type, false, time->position);
    /* What proctime() filled in this step is what it says now. */
    if (time && time->kind == WEIR_EXPR_COLUMN && time->index < PLAN_INDEX_AGGREGATE &&
        time->index + 1 == context->scope->proctime_place)
        time = plan_function(b, "proctime", NULL, 0, time->position);
    return time;
}

static bool bound_offset(struct plan_binder *b, const struct weir_expr *expr,
                         struct weir_position position, struct plan_width *offset)
{
    *offset = (struct plan_width){0, 0};
    if (!expr)
        return true;
    if (!bound_width(b, expr, "the offset of a window", false, offset))
        return false;
    return !offset->months ||
           plan_fail_hint(b, position, WEIR_E_BAD_LITERAL, "write days: INTERVAL '30 days'",
                          "the offset of a window is a duration");
}

const struct weir_expr *plan_bind_tumble(struct plan_binder *b, struct plan_context *context,
                                         const struct weir_sql_expr *ast)
{
    struct tumble_arguments arguments = {NULL, NULL, NULL};
    struct plan_width width, offset;
    if (!may_stand_here(b, context, ast->position) ||
        !tumble_arguments(b, context, ast, &arguments))
        return NULL;
    bool ok = bound_width(b, arguments.width, "the width of a window", true, &width);
    ok &= bound_offset(b, arguments.offset, ast->position, &offset);
    const struct weir_expr *time = divided_time(b, context, arguments.time, ast->position);
    if (!ok || !time)
        return NULL;
    return window_call(b, &plan_function_window, time, width, window_offset(width, offset.us),
                       ast->position);
}

/* ---------------------------------------------------------------- hop(…), cumulate(…) */

enum { WINDOWS_PER_ROW_MAX = 100000, DAYS_OF_MONTH_MIN = 28 };

/* hop(slide, width), hop(ts, slide, width), each with an offset behind; cumulate the same. */
static bool overlap_arguments(struct plan_binder *b, struct plan_context *context,
                              const struct weir_sql_expr *ast, const char *name,
                              const struct weir_expr **out)
{
    const struct weir_sql_call *call = ast->call;
    const struct weir_expr *args[4] = {NULL, NULL, NULL, NULL};
    bool ok = true;
    if (call->arguments_count < 2 || call->arguments_count > 4)
        return plan_fail(b, ast->position, WEIR_E_UNKNOWN_FUNCTION,
                         "%s takes %s and a width, perhaps a time column before them and an offset "
                         "behind",
                         name, strcmp(name, "hop") == 0 ? "a slide" : "a step");
    for (uint32_t i = 0; i < call->arguments_count; i++) {
        args[i] = plan_bind(b, context, call->arguments[i].value);
        ok &= args[i] != NULL;
    }
    if (!ok)
        return false;
    bool implicit = call->arguments_count == 2 || args[0]->type->kind == WEIR_TYPE_INTERVAL;
    for (uint32_t i = 0; i < 4; i++)
        out[i] = implicit ? (i == 0 ? NULL : args[i - 1]) : args[i];
    return true;
}

static int64_t at_least_us(struct plan_width width)
{
    int64_t us;
    if (!width.months)
        return width.us;
    return weir_mul_i64((int64_t)width.months * DAYS_OF_MONTH_MIN, WEIR_US_PER_DAY, &us)
               ? us
               : INT64_MAX;
}

static bool fits(struct plan_binder *b, struct plan_width width, struct plan_width slide, bool hops,
                 struct weir_position position)
{
    if (!hops && slide.months && !width.months)
        return plan_fail(b, position, WEIR_E_BAD_LITERAL, "steps of months need a width of months");
    /* Of months and a duration: months have at least so many days. */
    int64_t width_us = at_least_us(width), slide_us = at_least_us(slide);
    int64_t many = width.months && slide.months ? width.months / slide.months : width_us / slide_us;
    if (many > WINDOWS_PER_ROW_MAX)
        return plan_fail_hint(b, position, WEIR_E_LIMIT, "make the slide longer",
                              "a row would be in more than %d windows", WINDOWS_PER_ROW_MAX);
    return hops || (slide.months ? slide.months <= width.months : slide.us <= width_us) ||
           plan_fail_hint(b, position, WEIR_E_BAD_LITERAL,
                          "the step comes first: CUMULATE(step, width)",
                          "the step is larger than the width");
}

static const struct weir_expr *bind_overlapping(struct plan_binder *b, struct plan_context *context,
                                                const struct weir_sql_expr *ast,
                                                const struct weir_function *function)
{
    const struct weir_expr *args[4];
    struct plan_width slide, width, offset;
    bool hops = function == &plan_function_hop;
    if (!may_stand_here(b, context, ast->position) ||
        !overlap_arguments(b, context, ast, function->name, args))
        return NULL;
    bool ok = bound_width(b, args[1], hops ? "the slide of a window" : "the step of a window", true,
                          &slide);
    ok &= bound_width(b, args[2], "the width of a window", true, &width);
    ok &= bound_offset(b, args[3], ast->position, &offset);
    const struct weir_expr *time = divided_time(b, context, args[0], ast->position);
    if (!ok || !time || !fits(b, width, slide, hops, ast->position))
        return NULL;
    int64_t offset_us = hops ? window_offset(slide, offset.us) : window_offset(width, offset.us);
    struct weir_expr *call = (struct weir_expr *)(uintptr_t)window_call(
        b, &plan_function_window, time, width, offset_us, ast->position);
    const struct weir_expr **all = PLAN_ARRAY(b, const struct weir_expr *, 4);
    if (!call || !all)
        return NULL;
    memcpy(all, call->args, 3 * sizeof *all);
    all[3] = plan_expr_interval(b, slide, ast->position);
    call->function = function;
    call->args = all;
    call->args_count = 4;
    return all[3] ? call : NULL;
}

const struct weir_expr *plan_bind_hop(struct plan_binder *b, struct plan_context *context,
                                      const struct weir_sql_expr *ast)
{
    return bind_overlapping(b, context, ast, &plan_function_hop);
}

const struct weir_expr *plan_bind_cumulate(struct plan_binder *b, struct plan_context *context,
                                           const struct weir_sql_expr *ast)
{
    return bind_overlapping(b, context, ast, &plan_function_cumulate);
}

/* session(gap), session(ts, gap) */
const struct weir_expr *plan_bind_session(struct plan_binder *b, struct plan_context *context,
                                          const struct weir_sql_expr *ast)
{
    const struct weir_sql_call *call = ast->call;
    const struct weir_expr *args[2] = {NULL, NULL};
    struct plan_width gap;
    bool ok = true;
    if (!may_stand_here(b, context, ast->position))
        return NULL;
    if (call->arguments_count < 1 || call->arguments_count > 2) {
        plan_fail(b, ast->position, WEIR_E_UNKNOWN_FUNCTION,
                  "session takes a gap, or a time column and a gap");
        return NULL;
    }
    for (uint32_t i = 0; i < call->arguments_count; i++) {
        args[i] = plan_bind(b, context, call->arguments[i].value);
        ok &= args[i] != NULL;
    }
    bool implicit = call->arguments_count == 1;
    if (!ok || !bound_width(b, args[implicit ? 0 : 1], "the gap of a session", true, &gap))
        return NULL;
    if (gap.months) {
        plan_fail_hint(b, ast->position, WEIR_E_BAD_LITERAL, "write days: INTERVAL '30 days'",
                       "the gap of a session is a duration");
        return NULL;
    }
    const struct weir_expr *time =
        divided_time(b, context, implicit ? NULL : args[0], ast->position);
    return time ? window_call(b, &plan_function_session, time, gap, 0, ast->position) : NULL;
}

/* ---------------------------------------------------------------- windows in FROM */

enum {
    ARGUMENT_DATA,
    ARGUMENT_TIME,
    ARGUMENT_SLIDE,
    ARGUMENT_SIZE,
    ARGUMENT_OFFSET,
    ARGUMENTS_COUNT
};

/* Sorts the arguments by name (DATA, TIMECOL, SLIDE or STEP, SIZE, OFFSET) or place. */
static bool table_arguments(struct plan_binder *b, const struct weir_sql_table *table, bool slides,
                            const struct weir_sql_argument **out)
{
    static const char *const names[] = {"data", "timecol", "slide", "size", "offset"};
    const struct weir_sql_call *call = table->function.call;
    const char *what = slides ? "a table, a time column, a slide, a width and an offset"
                              : "a table, a time column, a width and an offset";
    for (uint32_t i = 0; i < call->arguments_count; i++) {
        const struct weir_sql_argument *argument = &call->arguments[i];
        uint32_t place = slides || i < ARGUMENT_SLIDE ? i : i + 1;
        if (argument->name.text.data) {
            for (place = 0; place < ARGUMENTS_COUNT; place++)
                if (weir_slice_equals_string(argument->name.text, names[place]))
                    break;
            if (weir_slice_equals_string(argument->name.text, "step"))
                place = ARGUMENT_SLIDE;
            if (weir_slice_equals_string(argument->name.text, "gap"))
                place = ARGUMENT_SIZE;
        }
        if (place >= ARGUMENTS_COUNT || out[place] || (place == ARGUMENT_SLIDE && !slides))
            return plan_fail(b, argument->value->position, WEIR_E_UNKNOWN_FUNCTION,
                             "a window table takes %s", what);
        out[place] = argument;
    }
    if (!out[ARGUMENT_DATA] || !out[ARGUMENT_TIME] || !out[ARGUMENT_SIZE] ||
        (slides && !out[ARGUMENT_SLIDE]))
        return plan_fail(b, table->position, WEIR_E_UNKNOWN_FUNCTION, "a window table takes %s",
                         what);
    return true;
}

/* The table argument as an item of FROM. */
static bool data_table(struct plan_binder *b, const struct weir_sql_expr *data,
                       struct weir_sql_table *out)
{
    *out = (struct weir_sql_table){.position = data->position};
    switch (data->kind) {
    case WEIR_SQL_EXPR_NAME:
        out->kind = WEIR_SQL_TABLE_NAME;
        out->name = data->name;
        return true;
    case WEIR_SQL_EXPR_QUERY:
        out->kind = WEIR_SQL_TABLE_QUERY;
        out->query = data->query;
        return true;
    case WEIR_SQL_EXPR_STRING:
        out->kind = WEIR_SQL_TABLE_FILE;
        out->path = data->text;
        return true;
    default:
        return plan_fail(b, data->position, WEIR_E_UNKNOWN_TABLE,
                         "a window table needs the name of a table here");
    }
}

static const struct weir_sql_expr *described(const struct weir_sql_expr *time)
{
    if (time->kind == WEIR_SQL_EXPR_CALL && time->call->arguments_count == 1 &&
        weir_slice_equals_string(time->call->name.items[0].text, "descriptor"))
        return time->call->arguments[0].value;
    return time;
}

static struct plan_rel *add_bounds(struct plan_binder *b, struct plan_rel *rel,
                                   const struct weir_expr *time, struct plan_width width,
                                   int64_t offset_us, struct weir_position position)
{
    uint32_t count = rel->fields_count + 2;
    const struct weir_expr **projections = PLAN_ARRAY(b, const struct weir_expr *, count);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count);
    if (!projections || !names)
        return NULL;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        names[i] = rel->fields[i].name;
        projections[i] = plan_rel_column(b, rel, i, position);
        if (!projections[i])
            return NULL;
    }
    names[count - 2] = weir_slice_from_string("window_start");
    names[count - 1] = weir_slice_from_string("window_end");
    projections[count - 2] =
        window_call(b, &plan_function_window_start, time, width, offset_us, position);
    projections[count - 1] =
        window_call(b, &plan_function_window_end, time, width, offset_us, position);
    if (!projections[count - 2] || !projections[count - 1])
        return NULL;
    bool on_attribute = rel->event_time_type && time->kind == WEIR_EXPR_COLUMN &&
                        time->index == rel->event_time_column;
    struct plan_rel *made = plan_rel_compute(b, rel, NULL, projections, names, count, position);
    if (made && on_attribute)
        made->window = (struct plan_window_columns){.present = true,
                                                    .width_us = width.us,
                                                    .width_months = width.months,
                                                    .offset_us = offset_us,
                                                    .start_column = count - 2,
                                                    .end_column = count - 1,
                                                    .struct_column = PLAN_NONE};
    return made;
}

/* The columns that sessions are by. */
static bool session_keys(struct plan_binder *b, struct plan_context *context,
                         const struct weir_sql_exprs *asts, struct plan_window_columns *window)
{
    bool ok = true;
    if (asts->count > PLAN_SESSION_KEYS_MAX)
        return plan_fail(b, asts->items[0]->position, WEIR_E_LIMIT,
                         "sessions are partitioned by %d columns at most", PLAN_SESSION_KEYS_MAX);
    for (uint32_t i = 0; ok && i < asts->count; i++) {
        const struct weir_expr *key = plan_bind(b, context, asts->items[i]);
        ok = key != NULL;
        if (ok && key->kind != WEIR_EXPR_COLUMN)
            ok = plan_fail(b, key->position, WEIR_E_BAD_GROUPING,
                           "sessions are partitioned by columns");
        else if (ok)
            window->session_keys[i] = key->index;
    }
    window->session_keys_count = asts->count;
    return ok;
}

/* The columns, and what stands for the bounds of the row's session. */
static struct plan_rel *add_session(struct plan_binder *b, struct plan_context *context,
                                    struct plan_rel *rel, const struct weir_expr *time,
                                    struct plan_width gap, const struct weir_sql_exprs *partition,
                                    struct weir_position position)
{
    const struct weir_plan_window session = {.kind = WEIR_WINDOW_SESSION, .width_us = gap.us};
    bool on_attribute = rel->event_time_type && time->kind == WEIR_EXPR_COLUMN &&
                        time->index == rel->event_time_column;
    if (gap.months) {
        plan_fail_hint(b, position, WEIR_E_BAD_LITERAL, "write days: INTERVAL '30 days'",
                       "the gap of a session is a duration");
        return NULL;
    }
    if (!on_attribute) {
        (void)weir_error_set(&b->error, WEIR_E_NO_EVENT_TIME,
                             "SESSION in FROM divides the event time, and this column is not it");
        weir_error_hint(&b->error,
                        "declare it with WATERMARK FOR, or GROUP BY session(column, gap)");
        plan_report(b, time->position);
        return NULL;
    }
    struct plan_window_columns window = {.present = true,
                                         .given = true,
                                         .is_session = true,
                                         .granularity_us = plan_window_granularity(&session),
                                         .width_us = gap.us,
                                         .start_column = rel->fields_count,
                                         .end_column = rel->fields_count + 1,
                                         .struct_column = PLAN_NONE};
    uint32_t count = rel->fields_count + 2;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count);
    if (!exprs || !names || !session_keys(b, context, partition, &window))
        return NULL;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        names[i] = rel->fields[i].name;
        exprs[i] = plan_rel_column(b, rel, i, position);
    }
    names[count - 2] = weir_slice_from_string("window_start");
    names[count - 1] = weir_slice_from_string("window_end");
    exprs[count - 2] = window_call(b, &plan_function_session_start, time, gap, 0, position);
    exprs[count - 1] = window_call(b, &plan_function_session_end, time, gap, 0, position);
    if (b->out_of_memory)
        return NULL;
    struct plan_rel *made = plan_rel_compute(b, rel, NULL, exprs, names, count, position);
    if (made)
        made->window = window;
    return made;
}

/* The columns, repeated for every window that a row is in, and the window's bounds. */
static struct plan_rel *add_windows(struct plan_binder *b, struct plan_rel *rel,
                                    const struct weir_expr *windows,
                                    const struct weir_plan_window *window,
                                    struct weir_position position)
{
    uint32_t own = rel->fields_count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, own + 2);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, own + 2);
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, own + 2);
    uint32_t *lists = PLAN_ARRAY(b, uint32_t, 1);
    if (!exprs || !names || !fields || !lists)
        return NULL;
    for (uint32_t i = 0; i < own; i++) {
        names[i] = rel->fields[i].name;
        exprs[i] = plan_rel_column(b, rel, i, position);
    }
    names[own] = weir_slice_from_string("windows");
    exprs[own] = windows;
    struct plan_rel *listed = plan_rel_compute(b, rel, NULL, exprs, names, own + 1, position);
    struct plan_rel *made = listed ? plan_rel_new(b, WEIR_PLAN_UNNEST, listed, position) : NULL;
    if (!made)
        return NULL;
    memcpy(fields, listed->fields, (own + 1) * sizeof *fields);
    const struct weir_type *bounds = windows->type->children[0];
    fields[own + 1] = (struct weir_field){weir_slice_from_string("window"), bounds, true};
    lists[0] = own;
    made->of.unnest = (struct weir_plan_unnest){lists, 1, false, false};
    made->fields = fields;
    made->fields_count = own + 2;
    const struct weir_expr *element = plan_expr_column(b, own + 1, bounds, true, position);
    for (uint32_t i = 0; element && i < own; i++)
        exprs[i] = plan_rel_column(b, made, i, position);
    names[own] = weir_slice_from_string("window_start");
    names[own + 1] = weir_slice_from_string("window_end");
    bool on_attribute = rel->event_time_type && windows->args[0]->kind == WEIR_EXPR_COLUMN &&
                        windows->args[0]->index == rel->event_time_column;
    exprs[own] = element ? plan_expr_field(b, element, 0, position) : NULL;
    exprs[own + 1] = element ? plan_expr_field(b, element, 1, position) : NULL;
    if (!exprs[own] || !exprs[own + 1])
        return NULL;
    struct plan_rel *shown = plan_rel_compute(b, made, NULL, exprs, names, own + 2, position);
    if (shown && on_attribute)
        shown->window =
            (struct plan_window_columns){.present = true,
                                         .given = true,
                                         .one_tells = window->kind == WEIR_WINDOW_HOP,
                                         .granularity_us = plan_window_granularity(window),
                                         .width_us = window->width_us,
                                         .width_months = window->width_months,
                                         .start_column = own,
                                         .end_column = own + 1,
                                         .struct_column = PLAN_NONE};
    return shown;
}

/* What stands for the windows of HOP and CUMULATE: a list. */
static const struct weir_expr *windows_of(struct plan_binder *b, const struct weir_expr *time,
                                          struct plan_width width, struct plan_width slide,
                                          struct plan_width offset, bool hops,
                                          struct weir_position position)
{
    if (!fits(b, width, slide, hops, position))
        return NULL;
    int64_t offset_us = hops ? window_offset(slide, offset.us) : window_offset(width, offset.us);
    struct weir_expr *call = (struct weir_expr *)(uintptr_t)window_call(
        b, &plan_function_window, time, width, offset_us, position);
    const struct weir_expr **all = PLAN_ARRAY(b, const struct weir_expr *, 4);
    if (!call || !all)
        return NULL;
    memcpy(all, call->args, 3 * sizeof *all);
    all[3] = plan_expr_interval(b, slide, position);
    call->function = hops ? &plan_function_hops : &plan_function_cumulates;
    call->type = weir_type_list(b->arena, call->type);
    call->args = all;
    call->args_count = 4;
    if (!call->type)
        plan_out_of_memory(b);
    return all[3] && call->type ? call : NULL;
}

struct plan_rel *plan_bind_window_table(struct plan_binder *b, const struct weir_sql_table *table,
                                        struct plan_scope *scope, bool *correlated)
{
    const struct weir_sql_argument *arguments[ARGUMENTS_COUNT] = {NULL};
    const struct weir_sql_call *call = table->function.call;
    struct weir_slice kind = call->name.items[call->name.count - 1].text;
    bool tumbles = weir_slice_equals_string(kind, "tumble");
    bool hops = weir_slice_equals_string(kind, "hop");
    bool is_session = weir_slice_equals_string(kind, "session");
    struct weir_sql_table data;
    scope->open = true; /* until it is known better */
    if (!table_arguments(b, table, !tumbles && !is_session, arguments) ||
        !data_table(b, arguments[ARGUMENT_DATA]->value, &data))
        return NULL;
    struct plan_scope inner = {.outer = scope->outer, .event_time_column = PLAN_NONE};
    struct plan_rel *rel = plan_bind_from(b, &data, &inner, correlated);
    struct plan_context context = {.scope = &inner, .clause = "a window table"};
    struct plan_width width, slide = {0, 0}, offset = {0, 0};
    const struct weir_expr *time =
        plan_bind(b, &context, described(arguments[ARGUMENT_TIME]->value));
    bool ok = plan_bind_width(b, &context, arguments[ARGUMENT_SIZE]->value,
                              is_session ? "the gap of a session" : "the width of a window", true,
                              &width);
    if (arguments[ARGUMENT_SLIDE])
        ok &=
            plan_bind_width(b, &context, arguments[ARGUMENT_SLIDE]->value,
                            hops ? "the slide of a window" : "the step of a window", true, &slide);
    if (arguments[ARGUMENT_OFFSET])
        ok &= plan_bind_width(b, &context, arguments[ARGUMENT_OFFSET]->value,
                              "the offset of a window", false, &offset);
    time = time ? window_time(b, time) : NULL;
    if (!rel || !ok || !time)
        return NULL;
    if (time->kind == WEIR_EXPR_COLUMN && plan_is_proctime(rel, time)) {
        rel = plan_rel_proctime(b, rel, time->index, table->position);
        if (!rel)
            return NULL;
    }
    if (is_session) {
        rel = add_session(b, &context, rel, time, width, &arguments[ARGUMENT_DATA]->partition_by,
                          table->position);
    } else if (tumbles) {
        rel = add_bounds(b, rel, time, width, window_offset(width, offset.us), table->position);
    } else {
        const struct weir_expr *windows =
            windows_of(b, time, width, slide, offset, hops, table->position);
        const struct weir_plan_window window = {
            .kind = hops ? WEIR_WINDOW_HOP : WEIR_WINDOW_CUMULATE,
            .width_us = width.us,
            .width_months = width.months,
            .slide_us = slide.us,
            .slide_months = slide.months,
            .offset_us = hops ? window_offset(slide, offset.us) : window_offset(width, offset.us)};
        rel = windows ? add_windows(b, rel, windows, &window, table->position) : NULL;
    }
    struct weir_slice own = inner.tables_count ? inner.tables[0].name : (struct weir_slice){0};
    struct weir_slice name = table->alias.text.data ? table->alias.text : own;
    scope->open = rel == NULL;
    if (!rel || !plan_scope_add_rel(b, scope, name, own, rel, 0, rel->fields_count))
        return NULL;
    return rel;
}
