/* Calls: the few that are syntax in disguise, user functions, aggregates, the registry. */
#include "plan/bind_arguments_internal.h"
#include "plan/set_returning_internal.h"
#include "value/number.h"

typedef const struct weir_expr *(*special_fn)(struct plan_binder *b, struct plan_context *context,
                                              const struct weir_sql_expr *ast);

/* Binds all arguments, by place; NULL when one failed. */
static const struct weir_expr **bind_arguments(struct plan_binder *b, struct plan_context *context,
                                               const struct weir_sql_call *call)
{
    uint32_t count;
    return plan_bind_arguments(b, context, call, NULL, &count);
}

static bool check_count(struct plan_binder *b, const struct weir_sql_expr *ast, uint32_t min,
                        uint32_t max)
{
    uint32_t count = ast->call->arguments_count;
    if (count >= min && count <= max)
        return true;
    struct weir_slice name = ast->call->name.items[ast->call->name.count - 1].text;
    return plan_fail(b, ast->position, WEIR_E_UNKNOWN_FUNCTION,
                     min == max ? "%.*s takes %u argument%s, not %u"
                                : "%.*s takes at least %u argument%s, not %u",
                     WEIR_SLICE_ARGS(name), min, min == 1 ? "" : "s", count);
}

static const struct weir_expr *bind_coalesce(struct plan_binder *b, struct plan_context *context,
                                             const struct weir_sql_expr *ast)
{
    const struct weir_expr **args = bind_arguments(b, context, ast->call);
    uint32_t count = ast->call->arguments_count;
    if (!args || !check_count(b, ast, 1, UINT32_MAX) ||
        !plan_meet(b, args, count, "COALESCE", ast->position))
        return NULL;
    return plan_expr_variadic(b, WEIR_EXPR_COALESCE, args[0]->type, args, count, ast->position);
}

static const struct weir_expr *bind_try(struct plan_binder *b, struct plan_context *context,
                                        const struct weir_sql_expr *ast)
{
    const struct weir_expr **args = bind_arguments(b, context, ast->call);
    if (!args || !check_count(b, ast, 1, 1))
        return NULL;
    if (!weir_expr_is_fallible(args[0]))
        return args[0];
    return plan_expr_variadic(b, WEIR_EXPR_TRY, args[0]->type, args, 1, ast->position);
}

/* struct_pack(a := 1) is STRUCT(1 AS a). */
static const struct weir_expr *bind_struct_pack(struct plan_binder *b, struct plan_context *context,
                                                const struct weir_sql_expr *ast)
{
    struct weir_sql_expr made = {.kind = WEIR_SQL_EXPR_STRUCT, .position = ast->position};
    made.fields.items = ast->call->arguments;
    made.fields.count = ast->call->arguments_count;
    if (!check_count(b, ast, 1, UINT32_MAX))
        return NULL;
    return plan_bind_constructor(b, context, &made);
}

/* make_array(a, b) is ARRAY[a, b]. */
static const struct weir_expr *bind_make_array(struct plan_binder *b, struct plan_context *context,
                                               const struct weir_sql_expr *ast)
{
    const struct weir_sql_call *call = ast->call;
    struct weir_sql_expr made = {.kind = WEIR_SQL_EXPR_ARRAY, .position = ast->position};
    made.list.items = PLAN_ARRAY(b, struct weir_sql_expr *, call->arguments_count + 1);
    made.list.count = call->arguments_count;
    for (uint32_t i = 0; made.list.items && i < call->arguments_count; i++)
        made.list.items[i] = call->arguments[i].value;
    return made.list.items ? plan_bind_constructor(b, context, &made) : NULL;
}

/* Digits are seconds since 1970, as in Postgres, where a literal has no type of its own. */
static bool is_number(const struct weir_expr *expr)
{
    double value;
    if (!plan_expr_is_unknown(expr) || weir_column_is_null(&expr->constant, 0))
        return plan_expr_is_unknown(expr);
    const struct weir_view *text = expr->constant.values;
    return weir_number_parse_f64(weir_slice_trim(weir_view_slice(text)), &value) == WEIR_PARSE_OK;
}

/* Of one text, to_timestamp and to_date are casts, as in DataFusion. */
static const struct weir_expr *bind_to_time(struct plan_binder *b, struct plan_context *context,
                                            const struct weir_sql_expr *ast,
                                            enum weir_type_kind kind)
{
    uint32_t count;
    struct weir_slice name = ast->call->name.items[ast->call->name.count - 1].text;
    const struct weir_expr **args = plan_bind_arguments(b, context, ast->call, NULL, &count);
    if (!args)
        return NULL;
    if (count != 1 || args[0]->type->kind != WEIR_TYPE_TEXT || is_number(args[0]))
        return plan_function_named(b, name, args, count, ast->position);
    return plan_cast(b, args[0], weir_type_of(kind), WEIR_CAST_EXPLICIT, ast->position);
}
static const struct weir_expr *bind_to_timestamp(struct plan_binder *b,
                                                 struct plan_context *context,
                                                 const struct weir_sql_expr *ast)
{
    return bind_to_time(b, context, ast, WEIR_TYPE_TIMESTAMP);
}
static const struct weir_expr *bind_to_date(struct plan_binder *b, struct plan_context *context,
                                            const struct weir_sql_expr *ast)
{
    return bind_to_time(b, context, ast, WEIR_TYPE_DATE);
}

static const struct weir_expr *bind_grouping(struct plan_binder *b, struct plan_context *context,
                                             const struct weir_sql_expr *ast)
{
    struct plan_context inner = *context;
    inner.calls = NULL;
    const struct weir_expr **args = bind_arguments(b, &inner, ast->call);
    if (!args)
        return NULL;
    if (!context->groupings || context->in_aggregate) {
        plan_fail(b, ast->position, WEIR_E_MISPLACED_AGGREGATE, "GROUPING cannot stand in %s",
                  context->clause ? context->clause : "this place");
        return NULL;
    }
    if (ast->call->arguments_count == 0 || ast->call->arguments_count > 31) {
        plan_fail(b, ast->position, WEIR_E_BAD_ARGUMENT, "GROUPING takes 1 to 31 arguments");
        return NULL;
    }
    struct plan_grouping_call *call = PLAN_NEW(b, struct plan_grouping_call);
    if (!call || !plan_list_push(b, context->groupings, call))
        return NULL;
    *call = (struct plan_grouping_call){args, ast->call->arguments_count, ast->position};
    return plan_expr_column(b, PLAN_INDEX_GROUPING + context->groupings->count - 1,
                            weir_type_of(WEIR_TYPE_INT32), false, ast->position);
}

/* A set-returning function in a select list: its elements become rows. */
static const struct weir_expr *bind_set_returning(struct plan_binder *b,
                                                  struct plan_context *context,
                                                  const struct weir_sql_expr *ast,
                                                  struct weir_slice name)
{
    if (!context->unnests) {
        plan_fail(b, ast->position, WEIR_E_TYPE_MISMATCH, "%.*s makes rows, which %s cannot take",
                  WEIR_SLICE_ARGS(name), context->clause ? context->clause : "an expression");
        return NULL;
    }
    uint32_t count;
    const struct weir_expr **args = plan_bind_arguments(b, context, ast->call, NULL, &count);
    if (!args)
        return NULL;
    const struct weir_expr *list = plan_set_returning_list(b, name, args, count, ast->position);
    if (!list || !plan_list_push(b, context->unnests, (void *)(uintptr_t)list))
        return NULL;
    return plan_expr_column(b, PLAN_INDEX_UNNEST + context->unnests->count - 1,
                            plan_element_type(b, list->type), true, ast->position);
}

static const struct {
    const char *name;
    special_fn bind;
} specials[] = {
    {"coalesce", bind_coalesce},     {"try", bind_try},
    {"tumble", plan_bind_tumble},    {"hop", plan_bind_hop},
    {"session", plan_bind_session},  {"cumulate", plan_bind_cumulate},
    {"grouping", bind_grouping},     {"struct_pack", bind_struct_pack},
    {"make_array", bind_make_array}, {"to_timestamp", bind_to_timestamp},
    {"to_date", bind_to_date},       {"row_time", plan_bind_row_time},
};

enum { SPECIALS_COUNT = WEIR_COUNT_OF(specials) };

static special_fn find_special(struct weir_slice name)
{
    for (size_t i = 0; i < SPECIALS_COUNT; i++)
        if (weir_slice_equals_string(name, specials[i].name))
            return specials[i].bind;
    return NULL;
}

static bool is_plain(const struct weir_sql_call *call)
{
    return !call->star && !call->distinct && !call->order_by.count && !call->within_group.count &&
           !call->filter && call->nulls == WEIR_SQL_NULL_TREATMENT_DEFAULT;
}

/* Names the nearest function, aggregate or user function. */
static void unknown_function(struct plan_binder *b, struct weir_slice name,
                             struct weir_position position)
{
    size_t functions_count, aggregates_count;
    const struct weir_function *functions = weir_functions_all(&functions_count);
    const struct weir_aggregate *aggregates = weir_aggregates_all(&aggregates_count);
    struct weir_slice *names =
        PLAN_ARRAY(b, struct weir_slice, functions_count + aggregates_count + SPECIALS_COUNT + 1);
    if (!names)
        return;
    size_t count = 0;
    for (size_t i = 0; i < functions_count; i++)
        if (!(functions[i].flags & WEIR_FUNCTION_HIDDEN) && functions[i].name[0] >= 'a')
            names[count++] = weir_slice_from_string(functions[i].name);
    for (size_t i = 0; i < aggregates_count; i++)
        names[count++] = weir_slice_from_string(aggregates[i].name);
    for (size_t i = 0; i < SPECIALS_COUNT; i++)
        names[count++] = weir_slice_from_string(specials[i].name);
    names[count] = plan_catalog_nearest(b->catalog, name, true, b->arena);
    count += names[count].size > 0;
    (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_FUNCTION, "no function \"%.*s\"",
                         WEIR_SLICE_ARGS(name));
    const char *foreign = plan_foreign_hint(PLAN_FOREIGN_FUNCTION, name);
    if (foreign)
        weir_error_hint(&b->error, "%s", foreign);
    else
        plan_hint_nearest(b, name, names, count);
    plan_report(b, position);
}

const struct weir_expr *plan_bind_call(struct plan_binder *b, struct plan_context *context,
                                       const struct weir_sql_expr *ast)
{
    const struct weir_sql_call *call = ast->call;
    struct weir_slice name = call->name.items[call->name.count - 1].text;
    if (call->over)
        return plan_bind_over(b, context, ast);
    struct plan_entry *entry = plan_catalog_find(b->catalog, name, true);
    special_fn special = entry ? NULL : find_special(name);
    if (special && is_plain(call))
        return special(b, context, ast);
    if (!entry && weir_aggregate_exists(name))
        return plan_bind_aggregate(b, context, ast);
    if (!entry && !weir_function_exists(name) && plan_is_over_function(name)) {
        plan_fail(b, ast->position, WEIR_E_MISPLACED_WINDOW, "%.*s needs OVER (…)",
                  WEIR_SLICE_ARGS(name));
        return NULL;
    }
    if (!entry && !weir_function_exists(name) && !plan_is_set_returning(name)) {
        const struct weir_expr **args = call->star ? NULL : bind_arguments(b, context, call);
        (void)args; /* for the errors in them */
        unknown_function(b, name, ast->position);
        return NULL;
    }
    if (!is_plain(call)) {
        plan_fail(b, ast->position, WEIR_E_UNKNOWN_FUNCTION,
                  "\"%.*s\" is not an aggregate: no *, DISTINCT, ORDER BY or FILTER",
                  WEIR_SLICE_ARGS(name));
        return NULL;
    }
    if (!entry && plan_is_set_returning(name))
        return bind_set_returning(b, context, ast, name);
    uint32_t count;
    const struct weir_expr **args = plan_bind_arguments(b, context, call, entry, &count);
    if (!args)
        return NULL;
    return entry ? plan_inline_function(b, entry, args, count, ast->position)
                 : plan_function_named(b, name, args, count, ast->position);
}
