/* Types as written to types of columns. Types without parameters are the shared constants. */
#include "plan/binder_internal.h"

static const enum weir_type_kind simple_kinds[] = {
    [WEIR_SQL_TYPE_BOOLEAN] = WEIR_TYPE_BOOLEAN,
    [WEIR_SQL_TYPE_TINYINT] = WEIR_TYPE_INT8,
    [WEIR_SQL_TYPE_SMALLINT] = WEIR_TYPE_INT16,
    [WEIR_SQL_TYPE_INTEGER] = WEIR_TYPE_INT32,
    [WEIR_SQL_TYPE_BIGINT] = WEIR_TYPE_INT64,
    [WEIR_SQL_TYPE_TINYINT_UNSIGNED] = WEIR_TYPE_UINT8,
    [WEIR_SQL_TYPE_SMALLINT_UNSIGNED] = WEIR_TYPE_UINT16,
    [WEIR_SQL_TYPE_INTEGER_UNSIGNED] = WEIR_TYPE_UINT32,
    [WEIR_SQL_TYPE_BIGINT_UNSIGNED] = WEIR_TYPE_UINT64,
    [WEIR_SQL_TYPE_REAL] = WEIR_TYPE_FLOAT32,
    [WEIR_SQL_TYPE_DOUBLE] = WEIR_TYPE_FLOAT64,
    [WEIR_SQL_TYPE_TEXT] = WEIR_TYPE_TEXT,
    [WEIR_SQL_TYPE_BYTEA] = WEIR_TYPE_BYTEA,
    [WEIR_SQL_TYPE_DATE] = WEIR_TYPE_DATE,
    [WEIR_SQL_TYPE_TIME] = WEIR_TYPE_TIME,
    [WEIR_SQL_TYPE_INTERVAL] = WEIR_TYPE_INTERVAL,
    [WEIR_SQL_TYPE_UUID] = WEIR_TYPE_UUID,
    [WEIR_SQL_TYPE_JSON] = WEIR_TYPE_JSON,
    [WEIR_SQL_TYPE_JSONB] = WEIR_TYPE_JSONB,
};

static const struct weir_type *bind_decimal(struct plan_binder *b, const struct weir_sql_type *ast,
                                            struct weir_arena *arena)
{
    if (ast->precision < 0)
        return weir_type_of(WEIR_TYPE_DECIMAL);
    int32_t scale = ast->scale == -1 ? 0 : ast->scale;
    if (ast->precision < 1 || ast->precision > WEIR_DECIMAL_PRECISION_MAX || scale < 0 ||
        scale > ast->precision) {
        plan_fail(b, ast->position, WEIR_E_UNKNOWN_TYPE,
                  "DECIMAL(%d, %d): precision must be 1 to 38 and scale 0 to the precision",
                  ast->precision, scale);
        return NULL;
    }
    return weir_type_decimal(arena, (unsigned)ast->precision, (unsigned)scale);
}

static const struct weir_type *bind_text(struct plan_binder *b, const struct weir_sql_type *ast,
                                         struct weir_arena *arena)
{
    if (ast->precision < 0)
        return weir_type_of(WEIR_TYPE_TEXT);
    if (ast->precision == 0) {
        plan_fail(b, ast->position, WEIR_E_UNKNOWN_TYPE, "a text length must be at least 1");
        return NULL;
    }
    struct weir_type *type = WEIR_ARENA_NEW(arena, struct weir_type);
    if (!type)
        return NULL;
    *type = *weir_type_of(WEIR_TYPE_TEXT);
    type->length = (uint32_t)ast->precision;
    return type;
}

static const struct weir_type *
bind_timestamp(struct plan_binder *b, const struct weir_sql_type *ast, struct weir_arena *arena)
{
    bool zoned = ast->kind == WEIR_SQL_TYPE_TIMESTAMPTZ;
    if (ast->precision > 9) {
        plan_fail(b, ast->position, WEIR_E_UNKNOWN_TYPE,
                  "a timestamp has at most 9 digits of a second");
        return NULL;
    }
    bool ns = ast->precision > 6;
    const struct weir_type *plain =
        weir_type_of(ns      ? zoned ? WEIR_TYPE_TIMESTAMPTZ_NS : WEIR_TYPE_TIMESTAMP_NS
                     : zoned ? WEIR_TYPE_TIMESTAMPTZ
                             : WEIR_TYPE_TIMESTAMP);
    if (ast->precision < 0 || ast->precision == plain->precision)
        return plain;
    struct weir_type *type = WEIR_ARENA_NEW(arena, struct weir_type);
    if (!type)
        return NULL;
    *type = *plain;
    type->precision = (uint8_t)(ns ? 9 : ast->precision);
    return type;
}

static const struct weir_type *bind_struct(struct plan_binder *b, const struct weir_sql_type *ast,
                                           struct weir_arena *arena)
{
    const struct weir_type **types =
        WEIR_ARENA_ARRAY(arena, const struct weir_type *, ast->fields_count);
    struct weir_slice *names = WEIR_ARENA_ARRAY(arena, struct weir_slice, ast->fields_count);
    if (!types || !names)
        return NULL;
    for (uint32_t i = 0; i < ast->fields_count; i++) {
        const struct weir_sql_field *field = &ast->fields[i];
        types[i] = plan_bind_type(b, field->type, arena);
        if (!types[i] || !plan_slice_copy(field->name.text, arena, &names[i]))
            return NULL;
        for (uint32_t k = 0; k < i; k++) {
            if (!weir_slice_equals(names[k], names[i]))
                continue;
            plan_fail(b, field->name.position, WEIR_E_DUPLICATE_NAME,
                      "field \"%.*s\" stands twice in the struct", WEIR_SLICE_ARGS(names[i]));
            return NULL;
        }
    }
    return weir_type_struct(arena, ast->fields_count, types, names);
}

static const struct weir_type *unknown_type(struct plan_binder *b, const struct weir_sql_type *ast)
{
    static const char *const known[] = {
        "boolean",  "bool",  "tinyint", "smallint", "int",     "integer",   "bigint",
        "real",     "float", "double",  "decimal",  "numeric", "text",      "varchar",
        "string",   "char",  "bytea",   "date",     "time",    "timestamp", "timestamptz",
        "interval", "uuid",  "json",    "jsonb",    "array",   "struct",    "map",
        "int2",     "int4",  "int8",    "float4",   "float8",  "unsigned"};
    struct weir_slice names[WEIR_COUNT_OF(known)];
    for (size_t i = 0; i < WEIR_COUNT_OF(known); i++)
        names[i] = weir_slice_from_string(known[i]);
    struct weir_slice name = ast->name.items[ast->name.count - 1].text;
    (void)weir_error_set(&b->error, WEIR_E_UNKNOWN_TYPE, "no type \"%.*s\"", WEIR_SLICE_ARGS(name));
    plan_hint_nearest(b, name, names, WEIR_COUNT_OF(known));
    plan_report(b, ast->position);
    return NULL;
}

static const struct weir_type *bind_map(struct plan_binder *b, const struct weir_sql_type *ast,
                                        struct weir_arena *arena)
{
    const struct weir_type *key = plan_bind_type(b, ast->key, arena);
    const struct weir_type *value = plan_bind_type(b, ast->element, arena);
    return key && value ? weir_type_map(arena, key, value) : NULL;
}

static const struct weir_type *bind_type(struct plan_binder *b, const struct weir_sql_type *ast,
                                         struct weir_arena *arena)
{
    switch (ast->kind) {
    case WEIR_SQL_TYPE_NAMED:
        return unknown_type(b, ast);
    case WEIR_SQL_TYPE_DECIMAL:
        return bind_decimal(b, ast, arena);
    case WEIR_SQL_TYPE_VARCHAR:
    case WEIR_SQL_TYPE_CHAR:
        return bind_text(b, ast, arena);
    case WEIR_SQL_TYPE_TIMESTAMP:
    case WEIR_SQL_TYPE_TIMESTAMPTZ:
        return bind_timestamp(b, ast, arena);
    case WEIR_SQL_TYPE_TIMETZ:
        plan_refuse(b, ast->position, "TIME WITH TIME ZONE");
        return NULL;
    case WEIR_SQL_TYPE_ARRAY: {
        const struct weir_type *element = plan_bind_type(b, ast->element, arena);
        return element ? weir_type_list(arena, element) : NULL;
    }
    case WEIR_SQL_TYPE_STRUCT:
        return bind_struct(b, ast, arena);
    case WEIR_SQL_TYPE_MAP:
        return bind_map(b, ast, arena);
    default:
        return weir_type_of(simple_kinds[ast->kind]);
    }
}

const struct weir_type *plan_bind_type(struct plan_binder *b, const struct weir_sql_type *ast,
                                       struct weir_arena *arena)
{
    uint32_t errors = b->errors_count;
    const struct weir_type *type = bind_type(b, ast, arena);
    if (!type && b->errors_count == errors)
        plan_out_of_memory(b);
    return type;
}
