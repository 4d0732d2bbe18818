/* Questions about documents: @> <@ ? ?| ?&, IS JSON, json_valid. */
#include "kernel/json/json_internal.h"

void weir_fn_jsonb_contains(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_string_set_boolean(
            call, lane,
            weir_json_contains(weir_arg_text(call, 0, lane), weir_arg_text(call, 1, lane)));
    }
}
void weir_fn_jsonb_contained(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_string_set_boolean(
            call, lane,
            weir_json_contains(weir_arg_text(call, 1, lane), weir_arg_text(call, 0, lane)));
    }
}

/* --- keys ------------------------------------------------------------------------------------ */

static bool is_string(struct weir_slice value, struct weir_slice text)
{
    return weir_json_scan_kind(value) == WEIR_JSON_STRING &&
           weir_json_spells(weir_json_inside(value), text);
}

/* A key of the object, a string item of the array, or the string itself. */
static bool has_key(struct weir_slice document, struct weir_slice key)
{
    struct weir_json_items items;
    struct weir_json_item item;
    struct weir_slice value;
    switch (weir_json_scan_kind(document)) {
    case WEIR_JSON_OBJECT_BEGIN:
        return weir_json_scan_key(document, key, true, &value);
    case WEIR_JSON_ARRAY_BEGIN:
        weir_json_items_begin(&items, document);
        while (weir_json_items_next(&items, &item))
            if (is_string(item.value, key))
                return true;
        return false;
    default:
        return is_string(document, key);
    }
}

void weir_fn_jsonb_has_key(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_string_set_boolean(
            call, lane, has_key(weir_arg_text(call, 0, lane), weir_arg_text(call, 1, lane)));
    }
}

/* wanted: the answer of one key that decides: true for ?|, false for ?&. NULL keys do not count. */
static void has_keys(struct weir_kernel_call *call, bool wanted)
{
    const struct weir_column *keys = &call->args[1].children[0];
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_list_entry entry = *WEIR_ARG(call, 1, struct weir_list_entry, lane);
        struct weir_slice document = weir_arg_text(call, 0, lane);
        bool decided = false;
        for (uint32_t i = 0; i < entry.count && !decided; i++) {
            uint32_t element = entry.offset + i;
            const struct weir_view *key = (const struct weir_view *)keys->values + element;
            decided = !weir_column_is_null(keys, element) &&
                      has_key(document, weir_view_slice(key)) == wanted;
        }
        weir_string_set_boolean(call, lane, decided == wanted);
    }
}
void weir_fn_jsonb_has_any_key(struct weir_kernel_call *call)
{
    has_keys(call, true);
}
void weir_fn_jsonb_has_all_keys(struct weir_kernel_call *call)
{
    has_keys(call, false);
}

/* --- IS JSON --------------------------------------------------------------------------------- */

/* (value, kind): kind is one of value, object, array, scalar. */
enum weir_status weir_bind_is_json(struct weir_function_bind *bind, struct weir_error *error)
{
    enum weir_type_kind kind = bind->arg_types[0]->kind;
    if (kind == WEIR_TYPE_TEXT || kind == WEIR_TYPE_BYTEA || kind == WEIR_TYPE_JSON ||
        kind == WEIR_TYPE_JSONB)
        return WEIR_OK;
    return weir_error_set(error, WEIR_E_TYPE_MISMATCH, "IS JSON asks about text, this is %s",
                          weir_type_name(bind->arg_types[0]).text);
}

static bool is_kind(struct weir_slice document, struct weir_slice wanted)
{
    enum weir_json_kind kind = weir_json_scan_kind(document);
    if (weir_slice_equals_string(wanted, "object"))
        return kind == WEIR_JSON_OBJECT_BEGIN;
    if (weir_slice_equals_string(wanted, "array"))
        return kind == WEIR_JSON_ARRAY_BEGIN;
    return !weir_slice_equals_string(wanted, "scalar") ||
           (kind != WEIR_JSON_OBJECT_BEGIN && kind != WEIR_JSON_ARRAY_BEGIN);
}

void weir_fn_is_json(struct weir_kernel_call *call)
{
    bool checked =
        call->args[0].type->kind == WEIR_TYPE_JSON || call->args[0].type->kind == WEIR_TYPE_JSONB;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice text = weir_arg_text(call, 0, lane);
        bool valid = checked || weir_json_validate(text, NULL, NULL);
        weir_string_set_boolean(
            call, lane, valid && is_kind(weir_json_scan_value(text), weir_arg_text(call, 1, lane)));
    }
}

void weir_fn_json_valid(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice document;
        weir_string_set_boolean(call, lane, weir_json_document(call, 0, lane, &document));
    }
}
