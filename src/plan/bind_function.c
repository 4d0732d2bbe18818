/* SQL functions: CREATE FUNCTION … LANGUAGE sql, and calls of them, which are inlined.
 *
 *     CREATE FUNCTION net(price DOUBLE, rate DOUBLE) RETURNS DOUBLE LANGUAGE sql
 *     AS $$ SELECT price / (1 + rate) $$
 *
 * The body is one expression, or SELECT with one expression and no FROM. A call binds it with the
 * arguments (cast to the declared types) standing for the names and for $1, $2 …; a STRICT function
 * gives NULL when an argument is. Positions in errors are those of the call. */
#include "plan/binder_internal.h"

static const struct weir_sql_expr *body_of_query(const struct weir_sql_program *program)
{
    if (program->statements_count != 1 || program->statements[0]->kind != WEIR_SQL_QUERY)
        return NULL;
    const struct weir_sql_query *query = program->statements[0]->query;
    if (query->body->kind != WEIR_SQL_BODY_SELECT || query->ctes_count || query->order_by.count ||
        query->limit || query->offset)
        return NULL;
    const struct weir_sql_select *select = query->body->select;
    bool plain = select->items_count == 1 && !select->from && !select->where &&
                 !select->group_by_count && !select->having && !select->distinct &&
                 !select->qualify && select->items[0].expr->kind != WEIR_SQL_EXPR_STAR;
    return plain ? select->items[0].expr : NULL;
}

static bool starts_with_select(struct weir_slice body)
{
    body = weir_slice_trim(body);
    return body.size >= 6 && weir_slice_equals_ignoring_case(weir_slice_make(body.data, 6),
                                                             weir_slice_from_string("select"));
}

static const struct weir_sql_expr *parse_body(struct plan_binder *b,
                                              const struct weir_sql_create_function *function)
{
    struct weir_arena *arena = &b->catalog->arena;
    if (!starts_with_select(function->body)) {
        struct weir_sql_expr *expr = NULL;
        if (weir_sql_parse_expression(function->body, arena, &expr, &b->error) == WEIR_OK)
            return expr;
        b->error.position.line = 0;
        weir_error_frame(&b->error, "in the body of the function");
        plan_report(b, function->body_position);
        return NULL;
    }
    struct weir_sql_program *program = NULL;
    struct weir_diagnostics diagnostics;
    weir_diagnostics_init(&diagnostics);
    enum weir_status status = weir_sql_parse(function->body, NULL, arena, &diagnostics, &program);
    if (status != WEIR_OK && diagnostics.records_count)
        (void)weir_error_set(&b->error, status, "in the body of the function: %s",
                             diagnostics.records[0].message);
    weir_diagnostics_deinit(&diagnostics);
    const struct weir_sql_expr *body = status == WEIR_OK ? body_of_query(program) : NULL;
    if (status == WEIR_OK && !body)
        plan_refuse(b, function->body_position,
                    "SQL functions whose body is more than SELECT expression");
    else if (status != WEIR_OK)
        plan_report(b, function->body_position);
    return body;
}

/* The catalog's own copy of the statement. */
static const struct weir_sql_create_function *keep_tree(struct plan_binder *b,
                                                        const struct weir_sql_statement *statement)
{
    struct weir_sql_program *program = NULL;
    struct weir_diagnostics diagnostics;
    weir_diagnostics_init(&diagnostics);
    enum weir_status status =
        weir_sql_parse(statement->text, NULL, &b->catalog->arena, &diagnostics, &program);
    weir_diagnostics_deinit(&diagnostics);
    if (status == WEIR_OK && program->statements_count == 1)
        return program->statements[0]->create_function;
    plan_out_of_memory(b);
    return NULL;
}

static bool bind_signature(struct plan_binder *b, const struct weir_sql_create_function *function,
                           struct plan_entry *entry)
{
    struct weir_arena *arena = &b->catalog->arena;
    entry->argument_types =
        WEIR_ARENA_ARRAY(arena, const struct weir_type *, function->arguments_count + 1);
    if (!entry->argument_types) {
        plan_out_of_memory(b);
        return false;
    }
    bool ok = true;
    for (uint32_t i = 0; i < function->arguments_count; i++) {
        entry->argument_types[i] = plan_bind_type(b, function->arguments[i].type, arena);
        ok &= entry->argument_types[i] != NULL;
    }
    entry->returns = plan_bind_type(b, function->returns, arena);
    return ok && entry->returns;
}

/* Binds the body once with arguments that are columns, for the errors in it. */
static void check_body(struct plan_binder *b, struct plan_entry *entry,
                       const struct weir_sql_create_function *function)
{
    const struct weir_expr **args =
        PLAN_ARRAY(b, const struct weir_expr *, function->arguments_count + 1);
    if (!args)
        return;
    for (uint32_t i = 0; i < function->arguments_count; i++) {
        args[i] = plan_expr_column(b, i, entry->argument_types[i], true, function->body_position);
        if (!args[i])
            return;
    }
    const struct weir_expr *bound =
        plan_inline_function(b, entry, args, function->arguments_count, function->body_position);
    entry->failed = bound == NULL;
}

bool plan_declare_function(struct plan_binder *b, const struct weir_sql_statement *statement)
{
    const struct weir_sql_create_function *function = statement->create_function;
    struct weir_slice name = plan_entry_name(b, &function->name);
    struct weir_position position = function->name.items[function->name.count - 1].position;
    struct plan_entry *old = plan_catalog_find(b->catalog, name, true);
    if (old && function->if_not_exists)
        return true;
    if (old && !function->or_replace)
        return plan_fail(b, position, WEIR_E_DUPLICATE_NAME, "function \"%.*s\" exists already",
                         WEIR_SLICE_ARGS(name));
    if (!weir_slice_equals_string(function->language.text, "sql"))
        return plan_refuse(b, function->language.position, "functions in LANGUAGE %.*s",
                           WEIR_SLICE_ARGS(function->language.text));
    function = keep_tree(b, statement);
    struct plan_entry draft = {.kind = PLAN_ENTRY_FUNCTION, .name = name, .function = function};
    if (!function || !bind_signature(b, statement->create_function, &draft))
        return false;
    draft.body = parse_body(b, statement->create_function);
    if (!draft.body)
        return false;
    check_body(b, &draft, statement->create_function);
    if (old)
        plan_catalog_drop(b->catalog, old);
    struct plan_entry *entry = plan_catalog_add(b->catalog, PLAN_ENTRY_FUNCTION, name, position);
    if (!entry) {
        plan_out_of_memory(b);
        return false;
    }
    entry->function = function;
    entry->body = draft.body;
    entry->argument_types = draft.argument_types;
    entry->returns = draft.returns;
    entry->failed = draft.failed;
    return !entry->failed;
}

/* ---------------------------------------------------------------- calls */

/* CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE body END. */
static const struct weir_expr *guard_nulls(struct plan_binder *b, const struct weir_expr *body,
                                           const struct weir_expr *const *args, uint32_t count,
                                           struct weir_position position)
{
    const struct weir_expr **tests = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    if (!tests)
        return NULL;
    uint32_t tests_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!args[i]->nullable)
            continue;
        tests[tests_count] = plan_function(b, "is_null", &args[i], 1, position);
        if (!tests[tests_count++])
            return NULL;
    }
    if (tests_count == 0)
        return body;
    const struct weir_expr *parts[3] = {plan_expr_variadic(b, WEIR_EXPR_OR,
                                                           weir_type_of(WEIR_TYPE_BOOLEAN), tests,
                                                           tests_count, position),
                                        plan_expr_null(b, body->type, position), body};
    if (!parts[0] || !parts[1])
        return NULL;
    return plan_expr_variadic(b, WEIR_EXPR_CASE, body->type, parts, 3, position);
}

static const struct weir_expr *bind_body(struct plan_binder *b, struct plan_entry *entry,
                                         const struct weir_expr *const *args, uint32_t count)
{
    struct plan_scope scope = {.event_time_column = PLAN_NONE};
    struct plan_scope_table table = {.count = count};
    scope.tables = &table;
    scope.tables_count = 1;
    for (uint32_t i = 0; i < count; i++) {
        struct plan_scope_column *column = plan_scope_add_column(b, &scope);
        if (!column)
            return NULL;
        column->name = entry->function->arguments[i].name.text;
        column->type = entry->argument_types[i];
        column->value = args[i];
    }
    struct plan_context context = {.scope = &scope,
                                   .clause = "a function body",
                                   .parameters = args,
                                   .parameters_count = count};
    const struct weir_expr *body = plan_bind(b, &context, entry->body);
    if (!body)
        return NULL;
    return plan_cast(b, body, entry->returns, WEIR_CAST_ASSIGNMENT, entry->body->position);
}

const struct weir_expr *plan_inline_function(struct plan_binder *b, struct plan_entry *entry,
                                             const struct weir_expr **args, uint32_t count,
                                             struct weir_position position)
{
    const struct weir_sql_create_function *function = entry->function;
    if (entry->failed)
        return NULL;
    if (count != function->arguments_count) {
        plan_fail(b, position, WEIR_E_UNKNOWN_FUNCTION,
                  "function \"%.*s\" takes %u argument%s, not %u", WEIR_SLICE_ARGS(entry->name),
                  function->arguments_count, function->arguments_count == 1 ? "" : "s", count);
        return NULL;
    }
    if (b->nesting >= PLAN_NESTING_MAX) {
        plan_fail(b, position, WEIR_E_RECURSIVE_VIEW, "function \"%.*s\" calls itself",
                  WEIR_SLICE_ARGS(entry->name));
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        args[i] = plan_cast(b, args[i], entry->argument_types[i], WEIR_CAST_ASSIGNMENT,
                            args[i]->position);
        if (!args[i])
            return NULL;
    }
    struct weir_position outer = b->inlined_at;
    if (!outer.line)
        b->inlined_at = position;
    b->nesting++;
    const struct weir_expr *body = bind_body(b, entry, args, count);
    b->nesting--;
    if (body && function->strict)
        body = guard_nulls(b, body, args, count, position);
    b->inlined_at = outer;
    return body;
}
