/* ARRAY[…], ROW(…), STRUCT(…) and MAP[…]: calls of hidden functions.
 *
 *     ARRAY[a, b]          array(a, b)
 *     ROW(a, b)            row(a, b)                    fields f1, f2
 *     STRUCT(a AS x, b)    struct_pack('x', a, 'b', b)  names are constants
 *     MAP['k', v]          map_pack('k', v)             alternating */
#include "plan/binder_internal.h"

#include <stdio.h>

static const struct weir_expr *bind_array(struct plan_binder *b, struct plan_context *context,
                                          const struct weir_sql_expr *ast)
{
    uint32_t count = ast->list.count;
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    if (!args)
        return NULL;
    bool ok = true;
    for (uint32_t i = 0; i < count; i++) {
        args[i] = plan_bind(b, context, ast->list.items[i]);
        ok &= args[i] != NULL;
    }
    if (!ok)
        return NULL;
    bool is_array = ast->kind == WEIR_SQL_EXPR_ARRAY;
    if (is_array && count && !plan_meet(b, args, count, "ARRAY", ast->position))
        return NULL;
    if (is_array && count == 0) {
        /* Untyped, as a quoted literal: '{}' adopts the type it is cast to. */
        struct weir_sql_expr empty = {.kind = WEIR_SQL_EXPR_STRING, .position = ast->position};
        empty.text = weir_slice_from_string("{}");
        return plan_bind_literal(b, &empty, false);
    }
    return plan_function(b, is_array ? "array" : "row", args, count, ast->position);
}

const struct weir_expr *plan_struct_pack(struct plan_binder *b, const struct weir_slice *names,
                                         const struct weir_expr *const *values, uint32_t count,
                                         struct weir_position position)
{
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, 2 * count + 1);
    if (!args)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        args[2 * i] = plan_expr_text(b, names[i], position);
        args[2 * i + 1] = plan_expr_decided(b, values[i]);
        if (!args[2 * i] || !args[2 * i + 1])
            return NULL;
    }
    return plan_function(b, "struct_pack", args, 2 * count, position);
}

static const struct weir_expr *bind_struct(struct plan_binder *b, struct plan_context *context,
                                           const struct weir_sql_expr *ast)
{
    uint32_t count = ast->fields.count;
    const struct weir_expr **values = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    if (!values || !names)
        return NULL;
    bool ok = true;
    for (uint32_t i = 0; i < count; i++) {
        const struct weir_sql_argument *field = &ast->fields.items[i];
        values[i] = plan_bind(b, context, field->value);
        ok &= values[i] != NULL;
        names[i] = field->name.text;
        if (!names[i].data && field->value->kind == WEIR_SQL_EXPR_NAME)
            names[i] = plan_column_name(field->value);
        if (!names[i].data) {
            char *made = weir_arena_printf(b->arena, "f%u", i + 1);
            if (!made)
                plan_out_of_memory(b);
            names[i] = weir_slice_from_string(made ? made : "");
        }
    }
    return ok ? plan_struct_pack(b, names, values, count, ast->position) : NULL;
}

static const struct weir_expr *bind_map(struct plan_binder *b, struct plan_context *context,
                                        const struct weir_sql_expr *ast)
{
    uint32_t count = ast->map.keys.count;
    const struct weir_expr **keys = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    const struct weir_expr **values = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, 2 * count + 1);
    if (!keys || !values || !args)
        return NULL;
    bool ok = true;
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = plan_bind(b, context, ast->map.keys.items[i]);
        values[i] = plan_bind(b, context, ast->map.values.items[i]);
        ok &= keys[i] && values[i];
    }
    if (!ok || (count && (!plan_meet(b, keys, count, "the keys of MAP", ast->position) ||
                          !plan_meet(b, values, count, "the values of MAP", ast->position))))
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        args[2 * i] = keys[i];
        args[2 * i + 1] = values[i];
    }
    return plan_function(b, "map_pack", args, 2 * count, ast->position);
}

const struct weir_expr *plan_bind_constructor(struct plan_binder *b, struct plan_context *context,
                                              const struct weir_sql_expr *ast)
{
    switch (ast->kind) {
    case WEIR_SQL_EXPR_STRUCT:
        return bind_struct(b, context, ast);
    case WEIR_SQL_EXPR_MAP:
        return bind_map(b, context, ast);
    default:
        return bind_array(b, context, ast);
    }
}
