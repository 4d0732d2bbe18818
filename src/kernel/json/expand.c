/* Documents as lists: json_array_elements, json_each, json_object_keys. In FROM and in the select
 * list they give a row per element. */
#include "kernel/json/json_internal.h"

struct expansion {
    const char *what; /* "json_each" of an object */
    bool of_object;
    bool as_text;
};

static enum weir_string_list_result fail_lane(struct weir_kernel_call *call, uint32_t lane,
                                              const struct expansion *expansion,
                                              struct weir_slice value)
{
    bool go_on = weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "cannot take the %s of %s",
                                  expansion->what, weir_json_noun(value));
    return go_on ? WEIR_STRING_LIST_NULL : WEIR_STRING_LIST_STOP;
}

/* The text between quotes, unescaped. */
static enum weir_json_text append_spelled(struct weir_kernel_call *call, struct weir_builder *to,
                                          struct weir_slice quoted)
{
    struct weir_slice text;
    enum weir_json_text result = weir_json_string_text(quoted, call->arena, &text);
    if (result == WEIR_JSON_TEXT_OK && weir_builder_append_text(to, text, NULL) != WEIR_OK)
        result = WEIR_JSON_TEXT_MEMORY;
    return result;
}

static enum weir_json_text append_value(struct weir_kernel_call *call, struct weir_builder *to,
                                        struct weir_slice value, bool as_text)
{
    enum weir_json_kind kind = weir_json_scan_kind(value);
    if (as_text && kind == WEIR_JSON_STRING)
        return append_spelled(call, to, value);
    enum weir_status status = as_text && kind == WEIR_JSON_NULL
                                  ? weir_builder_append_null(to, NULL)
                                  : weir_builder_append_text(to, value, NULL);
    return status == WEIR_OK ? WEIR_JSON_TEXT_OK : WEIR_JSON_TEXT_MEMORY;
}

static struct weir_slice quoted_key(struct weir_slice key)
{
    return weir_slice_make(key.data - 1, key.size + 2);
}

static enum weir_json_text append_item(struct weir_kernel_call *call, struct weir_builder *child,
                                       const struct weir_json_item *item,
                                       const struct expansion *expansion)
{
    if (!expansion->of_object)
        return append_value(call, child, item->value, expansion->as_text);
    if (child->type->kind != WEIR_TYPE_STRUCT)
        return append_spelled(call, child, quoted_key(item->key));
    enum weir_json_text result = append_spelled(call, &child->children[0], quoted_key(item->key));
    if (result == WEIR_JSON_TEXT_OK)
        result = append_value(call, &child->children[1], item->value, expansion->as_text);
    if (result == WEIR_JSON_TEXT_OK && weir_builder_end_struct(child, NULL) != WEIR_OK)
        result = WEIR_JSON_TEXT_MEMORY;
    return result;
}

static enum weir_string_list_result fill(struct weir_kernel_call *call, uint32_t lane,
                                         struct weir_builder *child, void *context)
{
    const struct expansion *expansion = context;
    struct weir_slice value;
    bool stop;
    if (!weir_json_document_or_fail(call, 0, lane, &value, &stop))
        return stop ? WEIR_STRING_LIST_STOP : WEIR_STRING_LIST_NULL;
    enum weir_json_kind wanted =
        expansion->of_object ? WEIR_JSON_OBJECT_BEGIN : WEIR_JSON_ARRAY_BEGIN;
    if (weir_json_scan_kind(value) != wanted)
        return fail_lane(call, lane, expansion, value);
    struct weir_json_items items;
    struct weir_json_item item;
    weir_json_items_begin(&items, value);
    while (weir_json_items_next(&items, &item)) {
        enum weir_json_text result = append_item(call, child, &item, expansion);
        if (result != WEIR_JSON_TEXT_OK)
            return weir_json_fail_text(call, lane, result) ? WEIR_STRING_LIST_NULL
                                                           : WEIR_STRING_LIST_STOP;
    }
    return WEIR_STRING_LIST_OK;
}

static void expand(struct weir_kernel_call *call, const char *what, bool of_object, bool as_text)
{
    struct expansion expansion = {what, of_object, as_text};
    weir_string_build_lists(call, fill, &expansion);
}

void weir_fn_json_array_elements(struct weir_kernel_call *call)
{
    expand(call, "elements", false, false);
}
void weir_fn_json_array_elements_text(struct weir_kernel_call *call)
{
    expand(call, "elements", false, true);
}
void weir_fn_json_each(struct weir_kernel_call *call)
{
    expand(call, "members", true, false);
}
void weir_fn_json_each_text(struct weir_kernel_call *call)
{
    expand(call, "members", true, true);
}
void weir_fn_json_object_keys(struct weir_kernel_call *call)
{
    expand(call, "keys", true, false);
}
