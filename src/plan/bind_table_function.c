/* Table functions in FROM: UNNEST, generate_series, and functions that return lists.
 *
 * They are lateral: their arguments may name columns of the tables before them. Over a table the
 * lists are added as columns (COMPUTE) and unnested side by side:
 *
 *     FROM t, unnest(t.tags) AS u(tag)       UNNEST ← COMPUTE t.*, tags ← t
 *
 * Elements that are structs become a column per field, unless the alias has one column only.
 * Subqueries in arguments are attached to the rows before, or to one row without columns. */
#include "plan/binder_internal.h"
#include "plan/set_returning_internal.h"

static const char *const set_returning[] = {
    "unnest",
    "generate_series",
    "generate_subscripts",
    "json_array_elements",
    "jsonb_array_elements",
    "json_array_elements_text",
    "jsonb_array_elements_text",
    "json_each",
    "jsonb_each",
    "json_each_text",
    "jsonb_each_text",
    "json_object_keys",
    "jsonb_object_keys",
    "jsonb_path_query",
    "jsonb_path_query_tz",
    "json_populate_recordset",
    "jsonb_populate_recordset",
    "regexp_matches",
    "regexp_split_to_table",
    "string_to_table",
};

bool plan_is_set_returning(struct weir_slice name)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(set_returning); i++)
        if (weir_slice_equals_string(name, set_returning[i]))
            return true;
    return false;
}

const struct weir_type *plan_element_type(struct plan_binder *b, const struct weir_type *list)
{
    if (list->kind == WEIR_TYPE_LIST)
        return list->children[0];
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, 2);
    if (!names)
        return NULL;
    names[0] = weir_slice_from_string("key");
    names[1] = weir_slice_from_string("value");
    const struct weir_type *type = weir_type_struct(b->arena, 2, list->children, names);
    if (!type)
        plan_out_of_memory(b);
    return type;
}

const struct weir_expr *plan_set_returning_list(struct plan_binder *b, struct weir_slice name,
                                                const struct weir_expr *const *args, uint32_t count,
                                                struct weir_position position)
{
    bool is_unnest = weir_slice_equals_string(name, "unnest");
    if (!is_unnest && !weir_function_exists(name)) {
        plan_refuse(b, position, "%.*s in this place", WEIR_SLICE_ARGS(name));
        return NULL;
    }
    if (is_unnest && count != 1) {
        plan_fail(b, position, WEIR_E_UNKNOWN_FUNCTION, "unnest takes one array here");
        return NULL;
    }
    const struct weir_expr *list =
        is_unnest ? args[0] : plan_function_named(b, name, args, count, position);
    if (!list || list->type->kind == WEIR_TYPE_LIST || list->type->kind == WEIR_TYPE_MAP)
        return list;
    plan_fail(b, position, WEIR_E_TYPE_MISMATCH, "%.*s needs an array or a map, this is %s",
              WEIR_SLICE_ARGS(name), weir_type_name(list->type).text);
    return NULL;
}

/* ---------------------------------------------------------------- generate_series */

static const struct weir_type *series_type(struct plan_binder *b,
                                           const struct weir_expr *const *args, uint32_t count)
{
    const struct weir_type *types[3];
    bool unknown[3];
    if (count == 3 && args[2]->type->kind == WEIR_TYPE_INTERVAL)
        count = 2;
    for (uint32_t i = 0; i < count; i++) {
        types[i] = args[i]->type;
        unknown[i] = plan_expr_is_unknown(args[i]);
    }
    const struct weir_type *type = weir_type_common(types, unknown, count, b->arena);
    if (!type)
        return NULL;
    switch (type->kind) {
    case WEIR_TYPE_TEXT:
        return weir_type_of(WEIR_TYPE_TIMESTAMP); /* untyped literals */
    case WEIR_TYPE_DATE:
        return weir_type_of(WEIR_TYPE_TIMESTAMPTZ); /* as Postgres */
    case WEIR_TYPE_TIMESTAMP_NS:
        return weir_type_of(WEIR_TYPE_TIMESTAMP);
    case WEIR_TYPE_TIMESTAMPTZ_NS:
        return weir_type_of(WEIR_TYPE_TIMESTAMPTZ);
    case WEIR_TYPE_UINT64:
        return weir_type_decimal(b->arena, WEIR_DECIMAL_PRECISION_MAX, 0);
    default:
        if (weir_type_is_integer(type))
            return weir_type_of(WEIR_TYPE_INT64);
        return type->kind == WEIR_TYPE_DECIMAL || weir_type_is_timestamp(type) ? type : NULL;
    }
}

static bool series_value(struct plan_binder *b, const struct weir_expr *expr,
                         const struct weir_type *type, const char *what, struct weir_column *out)
{
    expr = plan_cast(b, expr, type, WEIR_CAST_ASSIGNMENT, expr->position);
    (void)what;
    return expr && plan_evaluate(b, expr, out);
}

static struct plan_rel *bind_series(struct plan_binder *b, const struct weir_sql_table *table,
                                    const struct weir_expr **args, uint32_t count)
{
    struct weir_position position = table->position;
    if (count < 2 || count > 3) {
        plan_fail(b, position, WEIR_E_UNKNOWN_FUNCTION,
                  "generate_series takes a start, a stop and a step");
        return NULL;
    }
    const struct weir_type *type = series_type(b, args, count);
    if (!type) {
        plan_fail(b, position, WEIR_E_UNKNOWN_FUNCTION,
                  "generate_series counts in integers, decimals or timestamps");
        return NULL;
    }
    bool of_time = weir_type_is_timestamp(type);
    if (of_time && count == 2) {
        plan_fail(b, position, WEIR_E_UNKNOWN_FUNCTION,
                  "generate_series of timestamps needs a step");
        return NULL;
    }
    int32_t one = 1;
    const struct weir_expr *step =
        count == 3 ? args[2] : plan_expr_value(b, weir_type_of(WEIR_TYPE_INT32), &one, position);
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_SERIES, NULL, position);
    struct weir_field fields[2] = {
        {weir_slice_from_string("generate_series"), type, false},
        {weir_slice_from_string("ordinality"), weir_type_of(WEIR_TYPE_INT64), false}};
    bool ordinality = table->function.with_ordinality;
    if (!rel || !step || !plan_rel_set_fields(b, rel, fields, 1 + ordinality))
        return NULL;
    rel->of.series.type = type;
    rel->of.series.with_ordinality = ordinality;
    const struct weir_type *step_type = of_time ? weir_type_of(WEIR_TYPE_INTERVAL) : type;
    bool ok = series_value(b, args[0], type, "start", &rel->of.series.start);
    ok &= series_value(b, args[1], type, "stop", &rel->of.series.stop);
    ok &= series_value(b, step, step_type, "step", &rel->of.series.step);
    if (ok && type->kind == WEIR_TYPE_INT64 && !weir_column_is_null(&rel->of.series.step, 0) &&
        *(const int64_t *)rel->of.series.step.values == 0)
        ok = plan_fail(b, step->position, WEIR_E_BAD_ARGUMENT, "the step of a series cannot be 0");
    return ok ? rel : NULL;
}

/* Postgres counts INTEGERs in INTEGER; the operator counts in BIGINT. */
static struct plan_rel *narrow_series(struct plan_binder *b, struct plan_rel *rel,
                                      const struct weir_expr *const *args, uint32_t count)
{
    if (!rel || rel->of.series.type->kind != WEIR_TYPE_INT64)
        return rel;
    for (uint32_t i = 0; i < count; i++)
        if (args[i]->type->kind == WEIR_TYPE_INT64 || args[i]->type->kind == WEIR_TYPE_UINT32)
            return rel;
    const struct weir_expr *projections[2] = {NULL, NULL};
    struct weir_slice names[2];
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        names[i] = rel->fields[i].name;
        projections[i] = plan_rel_column(b, rel, i, rel->position);
        if (!projections[i])
            return NULL;
    }
    projections[0] = plan_cast(b, projections[0], weir_type_of(WEIR_TYPE_INT32), WEIR_CAST_EXPLICIT,
                               rel->position);
    return projections[0] ? plan_rel_compute(b, rel, NULL, projections, names, rel->fields_count,
                                             rel->position)
                          : NULL;
}

/* ---------------------------------------------------------------- lists */

/* What a function in FROM adds: lists to unnest, or one plain value. */
struct addition {
    const struct weir_expr **exprs;
    struct weir_slice *names;
    uint32_t count;
    bool is_rows; /* to be unnested */
};

static bool collect_addition(struct plan_binder *b, const struct weir_sql_call *call,
                             const struct weir_expr *const *args, struct weir_slice name,
                             struct weir_position position, struct addition *out)
{
    uint32_t count = call->arguments_count;
    bool is_unnest = weir_slice_equals_string(name, "unnest");
    out->count = is_unnest ? count : 1;
    out->exprs = PLAN_ARRAY(b, const struct weir_expr *, out->count + 1);
    out->names = PLAN_ARRAY(b, struct weir_slice, out->count + 1);
    out->is_rows = plan_is_set_returning(name);
    if (!out->exprs || !out->names)
        return false;
    for (uint32_t i = 0; i < out->count; i++) {
        out->names[i] = name;
        if (is_unnest)
            out->exprs[i] = plan_set_returning_list(b, name, &args[i], 1, args[i]->position);
        else if (out->is_rows)
            out->exprs[i] = plan_set_returning_list(b, name, args, count, position);
        else
            out->exprs[i] = plan_function_named(b, name, args, count, position);
        if (!out->exprs[i])
            return false;
    }
    if (is_unnest && count == 0)
        return plan_fail(b, position, WEIR_E_UNKNOWN_FUNCTION, "unnest takes one array at least");
    return true;
}

/* The input with the additions as columns behind its own. */
static struct plan_rel *append_columns(struct plan_binder *b, struct plan_rel *input,
                                       const struct addition *addition,
                                       struct weir_position position)
{
    uint32_t count = input->fields_count + addition->count;
    const struct weir_expr **projections = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    if (!projections || !names)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        bool own = i < input->fields_count;
        names[i] = own ? input->fields[i].name : addition->names[i - input->fields_count];
        projections[i] =
            own ? plan_rel_column(b, input, i, position) : addition->exprs[i - input->fields_count];
        if (!projections[i])
            return NULL;
    }
    return plan_rel_compute(b, input, NULL, projections, names, count, position);
}

static struct plan_rel *unnest(struct plan_binder *b, struct plan_rel *input, uint32_t first,
                               uint32_t lists_count, bool ordinality, bool keep_empty,
                               struct weir_position position)
{
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_UNNEST, input, position);
    uint32_t count = input->fields_count + lists_count + ordinality;
    uint32_t *lists = PLAN_ARRAY(b, uint32_t, lists_count);
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, count);
    if (!rel || !lists || !fields)
        return NULL;
    memcpy(fields, input->fields, input->fields_count * sizeof *fields);
    for (uint32_t i = 0; i < lists_count; i++) {
        lists[i] = first + i;
        fields[input->fields_count + i] =
            (struct weir_field){input->fields[first + i].name,
                                plan_element_type(b, input->fields[first + i].type), true};
    }
    if (ordinality)
        fields[count - 1] = (struct weir_field){weir_slice_from_string("ordinality"),
                                                weir_type_of(WEIR_TYPE_INT64), keep_empty};
    rel->fields = fields;
    rel->fields_count = count;
    rel->of.unnest = (struct weir_plan_unnest){lists, lists_count, ordinality, keep_empty};
    return b->out_of_memory ? NULL : rel;
}

/* Structs become a column per field. The table's columns start at *first. */
static struct plan_rel *expand_structs(struct plan_binder *b, struct plan_rel *rel, uint32_t own,
                                       uint32_t *first, const struct weir_sql_table *table)
{
    uint32_t count = own;
    bool any = false;
    for (uint32_t i = *first; i < rel->fields_count; i++) {
        bool is_struct = rel->fields[i].type->kind == WEIR_TYPE_STRUCT;
        count += is_struct ? rel->fields[i].type->children_count : 1;
        any |= is_struct;
    }
    if (!any || table->alias_columns.count == 1)
        return rel;
    const struct weir_expr **projections = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    if (!projections || !names)
        return NULL;
    uint32_t at = 0;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        if (i >= own && i < *first)
            continue; /* the lists */
        const struct weir_expr *column = plan_rel_column(b, rel, i, table->position);
        bool expand = i >= *first && rel->fields[i].type->kind == WEIR_TYPE_STRUCT;
        uint32_t parts = expand ? rel->fields[i].type->children_count : 1;
        for (uint32_t k = 0; column && k < parts; k++, at++) {
            names[at] = expand ? rel->fields[i].type->names[k] : rel->fields[i].name;
            projections[at] = expand ? plan_expr_field(b, column, k, table->position) : column;
        }
        if (b->out_of_memory)
            return NULL;
    }
    *first = own;
    return plan_rel_compute(b, rel, NULL, projections, names, at, table->position);
}

static struct plan_rel *bind_lists(struct plan_binder *b, const struct weir_sql_table *table,
                                   const struct weir_expr *const *args, struct plan_rel *left,
                                   bool keep_empty, uint32_t *first)
{
    const struct weir_sql_call *call = table->function.call;
    struct weir_slice name = call->name.items[call->name.count - 1].text;
    struct addition addition;
    if (!collect_addition(b, call, args, name, table->position, &addition))
        return NULL;
    uint32_t own = left->fields_count;
    struct plan_rel *rel = append_columns(b, left, &addition, table->position);
    *first = own;
    if (!rel || !addition.is_rows)
        return rel ? expand_structs(b, rel, own, first, table) : NULL;
    rel = unnest(b, rel, own, addition.count, table->function.with_ordinality, keep_empty,
                 table->position);
    *first = own + addition.count;
    return rel ? expand_structs(b, rel, own, first, table) : NULL;
}

/* ---------------------------------------------------------------- in FROM */

static const struct weir_expr **bind_arguments(struct plan_binder *b, struct plan_context *context,
                                               const struct weir_sql_call *call)
{
    const struct weir_expr **args =
        PLAN_ARRAY(b, const struct weir_expr *, call->arguments_count + 1);
    bool ok = args != NULL;
    for (uint32_t i = 0; args && i < call->arguments_count; i++) {
        args[i] = plan_bind(b, context, call->arguments[i].value);
        ok &= args[i] != NULL;
    }
    return ok ? args : NULL;
}

bool plan_is_window_name(struct weir_slice name)
{
    return weir_slice_equals_string(name, "tumble") || weir_slice_equals_string(name, "hop") ||
           weir_slice_equals_string(name, "cumulate") || weir_slice_equals_string(name, "session");
}

static bool any_has_columns(const struct weir_expr *const *args, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (plan_has_columns(args[i]))
            return true;
    return false;
}

static struct plan_rel *add_to_scope(struct plan_binder *b, const struct weir_sql_table *table,
                                     struct plan_rel *rel, struct plan_scope *scope, uint32_t first)
{
    const struct weir_sql_call *call = table->function.call;
    struct weir_slice name = call->name.items[call->name.count - 1].text;
    bool aliased = table->alias.text.data != NULL;
    uint32_t column = scope->columns_count;
    if (!plan_scope_add_rel(b, scope, aliased ? table->alias.text : name, (struct weir_slice){0},
                            rel, first, rel->fields_count - first))
        return NULL;
    /* `unnest(a) AS x` names its column too, when that is the only one. */
    bool single = rel->fields_count - first == 1u + table->function.with_ordinality;
    if (aliased && table->alias_columns.count == 0 && single)
        scope->columns[column].name = table->alias.text;
    return rel;
}

/* Told before its arguments, which may name a table as a window's do. */
static void unknown_table_function(struct plan_binder *b, struct weir_slice name,
                                   struct weir_position position)
{
    static const char *const windows[] = {"tumble", "hop", "cumulate", "session"};
    struct weir_slice names[WEIR_COUNT_OF(windows) + WEIR_COUNT_OF(set_returning)];
    size_t count = 0;
    for (size_t i = 0; i < WEIR_COUNT_OF(windows); i++)
        names[count++] = weir_slice_from_string(windows[i]);
    for (size_t i = 0; i < WEIR_COUNT_OF(set_returning); i++)
        names[count++] = weir_slice_from_string(set_returning[i]);
    (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_FUNCTION, "no table function \"%.*s\"",
                         WEIR_SLICE_ARGS(name));
    plan_hint_nearest(b, name, names, count);
    plan_report(b, position);
}

/* Subqueries in arguments are columns of the rows before, or of one row. */
static bool attach_arguments(struct plan_binder *b, const struct weir_sql_call *call,
                             const struct weir_expr **args, struct plan_list *subqueries,
                             struct plan_rel **left)
{
    struct plan_rel *rel = *left ? *left : plan_rel_one_row(b, call->name.items[0].position);
    rel = rel ? plan_attach_subqueries(b, rel, subqueries, true, NULL) : NULL;
    for (uint32_t i = 0; rel && i < call->arguments_count; i++) {
        args[i] = plan_subquery_values(b, subqueries, args[i]);
        if (!args[i])
            return false;
    }
    *left = rel;
    return rel != NULL;
}

struct plan_rel *plan_bind_table_function(struct plan_binder *b, const struct weir_sql_table *table,
                                          struct plan_rel *left, struct plan_scope *scope,
                                          bool keep_empty, bool *correlated)
{
    const struct weir_sql_call *call = table->function.call;
    struct weir_slice name = call->name.items[call->name.count - 1].text;
    if (plan_is_window_name(name) && !left)
        return plan_bind_window_table(b, table, scope, correlated);
    if (plan_is_window_name(name)) {
        scope->open = true;
        plan_refuse(b, table->position, "%.*s windows of earlier columns", WEIR_SLICE_ARGS(name));
        return NULL;
    }
    if (!plan_is_set_returning(name) && !weir_function_exists(name) &&
        !plan_catalog_find(b->catalog, name, true)) {
        scope->open = true;
        unknown_table_function(b, name, table->position);
        return NULL;
    }
    struct plan_list subqueries = {0};
    struct plan_context context = {
        .scope = scope, .clause = "FROM", .subqueries = &subqueries, .correlated = correlated};
    const struct weir_expr **args = bind_arguments(b, &context, call);
    struct plan_rel *rel = NULL;
    uint32_t first = 0;
    if (args && subqueries.count && !attach_arguments(b, call, args, &subqueries, &left)) {
        scope->open = true;
        return NULL;
    }
    if (args && !left && weir_slice_equals_string(name, "generate_series") &&
        !any_has_columns(args, call->arguments_count)) {
        rel = narrow_series(b, bind_series(b, table, args, call->arguments_count), args,
                            call->arguments_count);
    } else if (args) {
        if (!left)
            left = plan_rel_one_row(b, table->position);
        rel = left ? bind_lists(b, table, args, left, keep_empty, &first) : NULL;
    }
    if (rel)
        return add_to_scope(b, table, rel, scope, first);
    scope->open = true;
    return NULL;
}
