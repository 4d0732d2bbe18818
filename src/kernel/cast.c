/* Which kernel does a cast, and casts of constants.
 *
 * A cast is a function of one argument named "cast" whose instance says from, to and how. The
 * matrix by kinds is in the cast_*.c files, the rules by context in type_rules.c. */
#include "kernel/cast_internal.h"
#include "kernel/kernel_internal.h"
#include "kernel/type_rules.h"

enum cast_entry {
    CAST_SAME, /* the bytes are already those of the target */
    CAST_NULL,
    CAST_NUMBER,
    CAST_NUMBER_CHECKED,
    CAST_BOOLEAN,
    CAST_TO_TEXT,
    CAST_TO_TEXT_ZONED,
    CAST_TO_TEXT_SHORT,
    CAST_TEXT_LENGTH,
    CAST_FROM_TEXT,
    CAST_FROM_TEXT_ZONED,
    CAST_JSON,
    CAST_FROM_JSON,
    CAST_TO_JSON,
    CAST_TIME,
    CAST_TIME_CHECKED,
    CAST_TIME_ZONED,
    CAST_LIST,
    CAST_STRUCT,
    CAST_MAP
};

#define CAST(kernel, flags)                                                     \
    {                                                                           \
        "cast", "(any) -> any", kernel, NULL, NULL, (flags), "cast", "", "", "" \
    }
enum {
    STRICT = WEIR_FUNCTION_STRICT,
    CHECKED = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_FALLIBLE,
    ZONED = WEIR_FUNCTION_STRICT | WEIR_FUNCTION_FALLIBLE | WEIR_FUNCTION_STABLE
};
static const struct weir_function entries[] = {
    [CAST_SAME] = CAST(weir_cast_same, STRICT),
    [CAST_NULL] = CAST(weir_cast_null, STRICT),
    [CAST_NUMBER] = CAST(weir_cast_number, STRICT),
    [CAST_NUMBER_CHECKED] = CAST(weir_cast_number, CHECKED),
    [CAST_BOOLEAN] = CAST(weir_cast_boolean_number, STRICT),
    [CAST_TO_TEXT] = CAST(weir_cast_to_text, STRICT),
    [CAST_TO_TEXT_ZONED] = CAST(weir_cast_to_text, STRICT | WEIR_FUNCTION_STABLE),
    [CAST_TO_TEXT_SHORT] = CAST(weir_cast_to_text, ZONED),
    [CAST_TEXT_LENGTH] = CAST(weir_cast_text_length, CHECKED),
    [CAST_FROM_TEXT] = CAST(weir_cast_from_text, CHECKED),
    [CAST_FROM_TEXT_ZONED] = CAST(weir_cast_from_text, ZONED),
    [CAST_JSON] = CAST(weir_cast_json, CHECKED),
    [CAST_FROM_JSON] = CAST(weir_cast_from_json, CHECKED),
    [CAST_TO_JSON] = CAST(weir_cast_to_json, CHECKED),
    [CAST_TIME] = CAST(weir_cast_time, STRICT),
    [CAST_TIME_CHECKED] = CAST(weir_cast_time, CHECKED),
    [CAST_TIME_ZONED] = CAST(weir_cast_time, ZONED),
    [CAST_LIST] = CAST(weir_cast_list, CHECKED),
    [CAST_STRUCT] = CAST(weir_cast_struct, CHECKED),
    [CAST_MAP] = CAST(weir_cast_map, CHECKED),
};

static bool is_zoned(const struct weir_type *type)
{
    if (type->kind == WEIR_TYPE_TIMESTAMPTZ || type->kind == WEIR_TYPE_TIMESTAMPTZ_NS)
        return true;
    for (uint32_t i = 0; i < type->children_count; i++)
        if (is_zoned(type->children[i]))
            return true;
    return false;
}

static enum cast_entry text_entry(const struct weir_type *from, const struct weir_type *to)
{
    if (from->kind == WEIR_TYPE_TEXT && to->kind == WEIR_TYPE_TEXT)
        return to->length && (!from->length || to->length < from->length) ? CAST_TEXT_LENGTH
                                                                          : CAST_SAME;
    if (from->kind == WEIR_TYPE_TEXT)
        return is_zoned(to) ? CAST_FROM_TEXT_ZONED : CAST_FROM_TEXT;
    if (to->length)
        return CAST_TO_TEXT_SHORT;
    return is_zoned(from) ? CAST_TO_TEXT_ZONED : CAST_TO_TEXT;
}

static bool is_float(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_FLOAT32 || type->kind == WEIR_TYPE_FLOAT64;
}

/* True when no value of from can be out of to's range. */
static bool number_always_fits(const struct weir_type *from, const struct weir_type *to)
{
    if (weir_type_is_integer(from) && weir_type_is_integer(to))
        return weir_cast_level(from, to) == WEIR_CAST_IMPLICIT;
    if (is_float(to))
        return !(from->kind == WEIR_TYPE_FLOAT64 && to->kind == WEIR_TYPE_FLOAT32);
    if (is_float(from) || to->kind != WEIR_TYPE_DECIMAL)
        return false;
    static const uint8_t digits[] = {3, 5, 10, 19, 3, 5, 10, 20};
    unsigned whole = from->kind == WEIR_TYPE_DECIMAL ? (unsigned)from->precision - from->scale
                                                     : digits[from->kind - WEIR_TYPE_INT8];
    bool rounds_up = from->kind == WEIR_TYPE_DECIMAL && from->scale > to->scale;
    return whole + rounds_up <= (unsigned)to->precision - to->scale;
}

static enum cast_entry time_entry(const struct weir_type *from, const struct weir_type *to)
{
    if (is_zoned(from) != is_zoned(to))
        return CAST_TIME_ZONED;
    if (from->kind == to->kind || from->kind == WEIR_TYPE_TIME ||
        from->kind == WEIR_TYPE_INTERVAL || to->kind == WEIR_TYPE_TIME)
        return CAST_TIME;
    return CAST_TIME_CHECKED;
}

static enum cast_entry scalar_entry(const struct weir_type *from, const struct weir_type *to)
{
    bool from_json = from->kind == WEIR_TYPE_JSON || from->kind == WEIR_TYPE_JSONB;
    bool to_json = to->kind == WEIR_TYPE_JSON || to->kind == WEIR_TYPE_JSONB;
    if (from->kind == WEIR_TYPE_NULL)
        return CAST_NULL;
    if (from->kind == WEIR_TYPE_TEXT || to->kind == WEIR_TYPE_TEXT)
        return text_entry(from, to);
    if (from_json && to_json)
        return from->kind == to->kind ? CAST_SAME : CAST_JSON;
    if (from_json)
        return CAST_FROM_JSON;
    if (to_json)
        return CAST_TO_JSON;
    if (weir_type_is_number(from) && weir_type_is_number(to))
        return number_always_fits(from, to) ? CAST_NUMBER : CAST_NUMBER_CHECKED;
    if (from->kind == WEIR_TYPE_BOOLEAN || to->kind == WEIR_TYPE_BOOLEAN)
        return from->kind == to->kind ? CAST_SAME : CAST_BOOLEAN;
    char category = weir_type_category(from);
    return category == 'D' || category == 'T' ? time_entry(from, to) : CAST_SAME;
}

static enum cast_entry entry_of(const struct weir_type *from, const struct weir_type *to)
{
    if (from->kind == to->kind && from->kind == WEIR_TYPE_LIST)
        return CAST_LIST;
    if (from->kind == to->kind && from->kind == WEIR_TYPE_MAP)
        return CAST_MAP;
    if (from->kind == to->kind && from->kind == WEIR_TYPE_STRUCT)
        return CAST_STRUCT;
    return scalar_entry(from, to);
}

static enum weir_status find_children(struct weir_cast *cast, enum weir_cast_context context,
                                      const struct weir_session *session, struct weir_arena *arena,
                                      struct weir_error *error)
{
    if (!weir_type_is_nested(cast->from) || cast->from->kind != cast->to->kind)
        return WEIR_OK;
    uint32_t count = cast->from->children_count;
    struct weir_function_match *children =
        WEIR_ARENA_ARRAY(arena, struct weir_function_match, count);
    if (!children)
        return weir_error_set_out_of_memory(error);
    for (uint32_t i = 0; i < count; i++)
        WEIR_TRY(weir_cast_find(cast->from->children[i], cast->to->children[i], context, session,
                                arena, &children[i], error));
    cast->children = children;
    return WEIR_OK;
}

static enum weir_status fail_cast(const struct weir_type *from, const struct weir_type *to,
                                  enum weir_cast_context context, struct weir_error *error)
{
    weir_error_set(error, WEIR_E_TYPE_MISMATCH, "%s is not %s %s", weir_type_name(from).text,
                   context == WEIR_CAST_EXPLICIT ? "castable to" : "accepted where the type is",
                   weir_type_name(to).text);
    if (context != WEIR_CAST_EXPLICIT && weir_cast_level(from, to) != WEIR_CAST_NONE)
        weir_error_hint(error, "write CAST(… AS %s)", weir_type_name(to).text);
    return WEIR_E_TYPE_MISMATCH;
}

enum weir_status weir_cast_find(const struct weir_type *from, const struct weir_type *to,
                                enum weir_cast_context context, const struct weir_session *session,
                                struct weir_arena *arena, struct weir_function_match *match,
                                struct weir_error *error)
{
    memset(match, 0, sizeof *match);
    match->result_type = to;
    if (weir_type_equals(from, to))
        return WEIR_OK;
    if (weir_cast_level(from, to) > (unsigned)context)
        return fail_cast(from, to, context, error);
    struct weir_cast *cast = WEIR_ARENA_NEW(arena, struct weir_cast);
    const struct weir_type **arg_types = WEIR_ARENA_ARRAY(arena, const struct weir_type *, 1);
    if (!cast || !arg_types)
        return weir_error_set_out_of_memory(error);
    *cast =
        (struct weir_cast){.from = from, .to = to, .is_explicit = context == WEIR_CAST_EXPLICIT};
    WEIR_TRY(find_children(cast, context, session, arena, error));
    arg_types[0] = from;
    match->function = &entries[entry_of(from, to)];
    match->arg_types = arg_types;
    match->instance = cast;
    return WEIR_OK;
}

const struct weir_column *weir_cast_constant(const struct weir_column *constant,
                                             const struct weir_type *to,
                                             const struct weir_session *session,
                                             struct weir_arena *arena)
{
    if (!constant || weir_column_is_null(constant, 0))
        return NULL;
    if (weir_type_equals(constant->type, to))
        return constant;
    struct weir_function_match match;
    struct weir_column *out = WEIR_ARENA_NEW(arena, struct weir_column);
    if (!out || weir_cast_find(constant->type, to, WEIR_CAST_EXPLICIT, session, arena, &match,
                               NULL) != WEIR_OK)
        return NULL;
    struct weir_kernel_errors errors = {0};
    struct weir_kernel_call call = {.arena = arena, .session = session, .errors = &errors};
    struct weir_kernel_setup setup = {
        .match = &match, .args = constant, .args_count = 1, .rows_count = 1};
    if (!weir_kernel_call_prepare(&call, out, &setup))
        return NULL;
    match.function->kernel(&call);
    if (errors.status != WEIR_OK || weir_column_is_null(out, 0))
        return NULL;
    out->encoding = WEIR_CONSTANT;
    return out;
}

/* The lanes are valid as they stand (TEXT to longer VARCHAR, TIMESTAMP(3) to (6), JSON to JSON). */
void weir_cast_same(struct weir_kernel_call *call)
{
    size_t width = weir_type_width(call->out->type);
    const struct weir_column *arg = &call->args[0];
    if (arg->encoding != WEIR_CONSTANT) {
        memcpy(call->out_values, arg->values, call->rows_count * width);
        return;
    }
    for (uint32_t lane = 0; lane < call->rows_count; lane++)
        memcpy((char *)call->out_values + lane * width, arg->values, width);
}

void weir_cast_null(struct weir_kernel_call *call)
{
    memset(call->validity, 0, weir_validity_words(call->rows_count) * 8);
    if (weir_type_is_nested(call->out->type)) {
        struct weir_builder builder;
        enum weir_status status = weir_builder_init(&builder, call->out->type, call->arena, NULL);
        for (uint32_t lane = 0; status == WEIR_OK && lane < call->rows_count; lane++)
            status = weir_builder_append_null(&builder, NULL);
        struct weir_column built = weir_builder_column(&builder);
        if (status == WEIR_OK)
            weir_kernel_set_nested(call, &built);
        else
            weir_kernel_out_of_memory(call);
    } else {
        memset(call->out_values, 0, call->rows_count * weir_type_width(call->out->type));
    }
}
