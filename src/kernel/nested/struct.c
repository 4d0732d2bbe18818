/* Structs made from values, and fields taken out of them.
 *
 * A struct column has no lanes of its own: its fields are the arguments' columns. FLAT ones are
 * copied (their lanes only, not the bytes of texts), because a program uses the memory of an
 * argument again once the call is over. */
#include "kernel/array/array_internal.h"

/* --- making ---------------------------------------------------------------------------------- */

/* The column's lanes and validity in the arena. */
static bool own_column(struct weir_kernel_call *call, const struct weir_column *column,
                       struct weir_column *out)
{
    *out = *column;
    out->rows_count = call->rows_count;
    if (column->encoding == WEIR_CONSTANT)
        return true;
    size_t size = weir_type_width(column->type) * call->rows_count;
    size_t words = weir_validity_words(call->rows_count);
    void *values = weir_arena_alloc(call->arena, size ? size : 1, 64);
    uint64_t *validity = column->validity ? weir_arena_alloc(call->arena, words * 8 + 8, 8) : NULL;
    if (!values || (column->validity && !validity)) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    if (size)
        memcpy(values, column->values, size);
    if (validity)
        memcpy(validity, column->validity, words * 8);
    out->values = values;
    out->validity = validity;
    return true;
}

/* Field i is argument first + i * step. */
static void pack_fields(struct weir_kernel_call *call, uint32_t first, uint32_t step)
{
    uint32_t count = call->out->type->children_count;
    struct weir_column *fields = WEIR_ARENA_ARRAY(call->arena, struct weir_column, count + 1);
    if (!fields) {
        weir_kernel_out_of_memory(call);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        if (!own_column(call, &call->args[first + i * step], &fields[i]))
            return;
    call->out->children = fields;
    call->out->children_count = count;
}

void weir_fn_row(struct weir_kernel_call *call)
{
    pack_fields(call, 0, 1);
}
void weir_fn_struct_pack(struct weir_kernel_call *call)
{
    pack_fields(call, 1, 2);
}

static enum weir_status make_type(struct weir_function_bind *bind, uint32_t count,
                                  const struct weir_type *const *types,
                                  const struct weir_slice *names, struct weir_error *error)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (weir_slice_equals(names[i], names[k]))
                return weir_error_set(error, WEIR_E_BAD_ARGUMENT,
                                      "a struct has the field \"%.*s\" twice",
                                      WEIR_SLICE_ARGS(names[i]));
    bind->result_type = weir_type_struct(bind->arena, count, types, names);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

enum weir_status weir_bind_row(struct weir_function_bind *bind, struct weir_error *error)
{
    struct weir_slice *names =
        WEIR_ARENA_ARRAY(bind->arena, struct weir_slice, (size_t)bind->args_count + 1);
    if (!names)
        return weir_error_set_out_of_memory(error);
    for (uint32_t i = 0; i < bind->args_count; i++) {
        char *name = weir_arena_printf(bind->arena, "f%u", i + 1);
        if (!name)
            return weir_error_set_out_of_memory(error);
        names[i] = weir_slice_from_string(name);
    }
    bind->result_type = weir_type_struct(bind->arena, bind->args_count, bind->arg_types, names);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

/* The text of a constant argument, kept with the plan. */
static enum weir_status constant_name(struct weir_function_bind *bind, uint32_t k,
                                      struct weir_slice *name, struct weir_error *error)
{
    const struct weir_column *constant = bind->constants[k];
    if (!constant || constant->type->kind != WEIR_TYPE_TEXT || weir_column_is_null(constant, 0))
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT,
                              "the name of a field must be a constant text");
    struct weir_slice text = weir_view_slice(constant->values);
    char *copy = weir_arena_copy(bind->arena, text);
    if (!copy)
        return weir_error_set_out_of_memory(error);
    *name = weir_slice_make(copy, text.size);
    return WEIR_OK;
}

enum weir_status weir_bind_struct_pack(struct weir_function_bind *bind, struct weir_error *error)
{
    uint32_t count = bind->args_count / 2;
    if (bind->args_count % 2)
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT,
                              "a struct is made of names and values by turns");
    struct weir_slice *names = WEIR_ARENA_ARRAY(bind->arena, struct weir_slice, (size_t)count + 1);
    const struct weir_type **types =
        WEIR_ARENA_ARRAY(bind->arena, const struct weir_type *, (size_t)count + 1);
    if (!names || !types)
        return weir_error_set_out_of_memory(error);
    for (uint32_t i = 0; i < count; i++) {
        WEIR_TRY(constant_name(bind, 2 * i, &names[i], error));
        types[i] = bind->arg_types[2 * i + 1];
    }
    return make_type(bind, count, types, names, error);
}

/* --- taking apart ---------------------------------------------------------------------------- */

/* instance is the index of the field. */
static enum weir_status bind_field(struct weir_function_bind *bind, uint32_t index,
                                   struct weir_error *error)
{
    uint32_t *kept = WEIR_ARENA_NEW(bind->arena, uint32_t);
    if (!kept)
        return weir_error_set_out_of_memory(error);
    *kept = index;
    bind->instance = kept;
    bind->result_type = bind->arg_types[0]->children[index];
    return WEIR_OK;
}

enum weir_status weir_bind_struct_extract(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_type *type = bind->arg_types[0];
    struct weir_slice name;
    WEIR_TRY(constant_name(bind, 1, &name, error));
    for (uint32_t i = 0; i < type->children_count; i++)
        if (weir_slice_equals(type->names[i], name))
            return bind_field(bind, i, error);
    weir_error_set(error, WEIR_E_UNKNOWN_COLUMN, "%s has no field \"%.*s\"",
                   weir_type_name(type).text, WEIR_SLICE_ARGS(name));
    struct weir_slice nearest = weir_slice_nearest(name, type->names, type->children_count);
    if (nearest.size)
        weir_error_hint(error, "did you mean \"%.*s\"?", WEIR_SLICE_ARGS(nearest));
    return WEIR_E_UNKNOWN_COLUMN;
}

enum weir_status weir_bind_struct_extract_at(struct weir_function_bind *bind,
                                             struct weir_error *error)
{
    const struct weir_type *type = bind->arg_types[0];
    const struct weir_column *constant = bind->constants[1];
    if (!constant || weir_column_is_null(constant, 0))
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT,
                              "the number of a field must be a constant");
    int64_t number = *(const int64_t *)constant->values;
    if (number < 1 || number > (int64_t)type->children_count)
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT, "%s has %u fields: no number %lld",
                              weir_type_name(type).text, type->children_count, (long long)number);
    return bind_field(bind, (uint32_t)number - 1, error);
}

void weir_fn_struct_extract(struct weir_kernel_call *call)
{
    const uint32_t *index = call->instance;
    const struct weir_column *whole = &call->args[0];
    struct weir_column field;
    if (whole->children_count == 0) /* a constant NULL */
        field = weir_column_nulls(call->out->type, call->rows_count);
    else
        field = whole->children[*index];
    if (whole->encoding == WEIR_CONSTANT)
        field.encoding = WEIR_CONSTANT;
    field.rows_count = call->rows_count;
    weir_array_set_column(call, &field);
    if (weir_type_is_view(call->out->type))
        for (uint32_t lane = 0; lane < call->rows_count; lane++)
            if (!weir_bit_get(call->validity, lane))
                ((struct weir_view *)call->out_values)[lane] = (struct weir_view){0};
}
