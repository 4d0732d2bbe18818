/* json_populate_record, json_populate_recordset: members of objects as fields of a STRUCT.
 *
 * A field takes the member of its name as Postgres' input of its type would: strings by what they
 * spell, all else by its JSON text. Fields without a member keep the value of the base. */
#include "column/text.h"
#include "kernel/json/json_internal.h"

/* The value as the child's next lane; false: *result is not OK. */
static enum weir_parse append_field(struct weir_kernel_call *call, struct weir_builder *child,
                                    struct weir_slice value)
{
    enum weir_json_kind kind = weir_json_scan_kind(value);
    enum weir_type_kind type = child->type->kind;
    const struct weir_timezone *zone = call->session ? call->session->timezone : NULL;
    if (kind == WEIR_JSON_NULL)
        return weir_builder_append_null(child, NULL) == WEIR_OK ? WEIR_PARSE_OK : WEIR_PARSE_MEMORY;
    if (kind == WEIR_JSON_STRING && type != WEIR_TYPE_JSON && type != WEIR_TYPE_JSONB) {
        enum weir_json_text result = weir_json_string_text(value, call->arena, &value);
        if (result != WEIR_JSON_TEXT_OK)
            return result == WEIR_JSON_TEXT_NUL ? WEIR_PARSE_SYNTAX : WEIR_PARSE_MEMORY;
    }
    return weir_text_parse_into(child, value, zone, NULL);
}

static bool fail_field(struct weir_kernel_call *call, uint32_t lane, const struct weir_builder *to,
                       uint32_t i, enum weir_parse result)
{
    if (result == WEIR_PARSE_MEMORY) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    return weir_kernel_fail(call, lane, WEIR_E_BAD_CAST, "the member \"%.*s\" is no %s",
                            WEIR_SLICE_ARGS(to->type->names[i]),
                            weir_type_name(to->type->children[i]).text);
}

/* The base's field i, or null. */
static enum weir_parse append_base(struct weir_kernel_call *call, uint32_t lane,
                                   struct weir_builder *child, uint32_t i)
{
    const struct weir_column *base = &call->args[0];
    uint16_t from = base->encoding == WEIR_CONSTANT ? 0 : (uint16_t)lane;
    enum weir_status status =
        weir_column_is_null(base, lane)
            ? weir_builder_append_null(child, NULL)
            : weir_builder_append_lanes(child, &base->children[i], &from, 1, NULL);
    return status == WEIR_OK ? WEIR_PARSE_OK : WEIR_PARSE_MEMORY;
}

/* Appends a struct of the object's members. OK, NULL: the lane failed, STOP. */
static enum weir_string_list_result append_record(struct weir_kernel_call *call, uint32_t lane,
                                                  struct weir_builder *to, struct weir_slice object)
{
    bool unique = weir_json_is_unique(call, 1);
    if (weir_json_scan_kind(object) != WEIR_JSON_OBJECT_BEGIN)
        return weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                "a record is made of an object, not of %s", weir_json_noun(object))
                   ? WEIR_STRING_LIST_NULL
                   : WEIR_STRING_LIST_STOP;
    for (uint32_t i = 0; i < to->type->children_count; i++) {
        struct weir_slice value;
        bool found = weir_json_scan_key(object, to->type->names[i], unique, &value);
        enum weir_parse result = found ? append_field(call, &to->children[i], value)
                                       : append_base(call, lane, &to->children[i], i);
        if (result != WEIR_PARSE_OK)
            return fail_field(call, lane, to, i, result) ? WEIR_STRING_LIST_NULL
                                                         : WEIR_STRING_LIST_STOP;
    }
    return weir_string_list_status(call, weir_builder_end_struct(to, NULL));
}

/* --- one record ------------------------------------------------------------------------------ */

/* The lane of json_populate_record: without a document the base as it is. */
static enum weir_string_list_result populate(struct weir_kernel_call *call, uint32_t lane,
                                             struct weir_builder *to)
{
    const struct weir_column *base = &call->args[0];
    uint16_t from = base->encoding == WEIR_CONSTANT ? 0 : (uint16_t)lane;
    if (!weir_arg_is_null(call, 1, lane))
        return append_record(call, lane, to, weir_json_scan_value(weir_arg_text(call, 1, lane)));
    if (weir_column_is_null(base, lane))
        return WEIR_STRING_LIST_NULL;
    return weir_string_list_status(call, weir_builder_append_lanes(to, base, &from, 1, NULL));
}

void weir_fn_json_populate_record(struct weir_kernel_call *call)
{
    struct weir_builder builder;
    enum weir_status status = weir_builder_init(&builder, call->out->type, call->arena, NULL);
    WEIR_FOR_LANES(call, lane)
    {
        while (status == WEIR_OK && builder.rows_count < lane)
            status = weir_builder_append_null(&builder, NULL);
        if (status != WEIR_OK)
            break;
        enum weir_string_list_result result = populate(call, lane, &builder);
        if (result == WEIR_STRING_LIST_STOP)
            return;
        if (result == WEIR_STRING_LIST_NULL) {
            weir_builder_truncate(&builder, lane);
            status = weir_builder_append_null(&builder, NULL);
        }
    }
    while (status == WEIR_OK && builder.rows_count < call->rows_count)
        status = weir_builder_append_null(&builder, NULL);
    if (status != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    struct weir_column built = weir_builder_column(&builder);
    weir_kernel_set_nested(call, &built);
}

/* --- many ------------------------------------------------------------------------------------ */

enum weir_status weir_bind_json_recordset(struct weir_function_bind *bind, struct weir_error *error)
{
    bind->result_type = weir_type_list(bind->arena, bind->arg_types[0]);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

static enum weir_string_list_result fill_records(struct weir_kernel_call *call, uint32_t lane,
                                                 struct weir_builder *child, void *context)
{
    (void)context;
    if (weir_arg_is_null(call, 1, lane))
        return WEIR_STRING_LIST_NULL;
    struct weir_slice array = weir_json_scan_value(weir_arg_text(call, 1, lane));
    if (weir_json_scan_kind(array) != WEIR_JSON_ARRAY_BEGIN)
        return weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                "records are made of an array of objects, not of %s",
                                weir_json_noun(array))
                   ? WEIR_STRING_LIST_NULL
                   : WEIR_STRING_LIST_STOP;
    struct weir_json_items items;
    struct weir_json_item item;
    enum weir_string_list_result result = WEIR_STRING_LIST_OK;
    weir_json_items_begin(&items, array);
    while (result == WEIR_STRING_LIST_OK && weir_json_items_next(&items, &item))
        result = append_record(call, lane, child, item.value);
    return result;
}
void weir_fn_json_populate_recordset(struct weir_kernel_call *call)
{
    weir_string_build_lists(call, fill_records, NULL);
}
