/* What the JSON kernels share. Contracts: json_internal.h. */
#include "kernel/json/json_internal.h"

static bool read_document(const struct weir_kernel_call *call, uint32_t k, uint32_t lane,
                          struct weir_slice *document, size_t *offset,
                          enum weir_json_reason *reason)
{
    struct weir_slice text = weir_arg_text(call, k, lane);
    enum weir_type_kind kind = call->args[k].type->kind;
    if (kind == WEIR_TYPE_TEXT && !weir_json_validate(text, offset, reason))
        return false;
    *document = kind == WEIR_TYPE_JSONB ? text : weir_json_scan_value(text);
    return true;
}

bool weir_json_document(const struct weir_kernel_call *call, uint32_t k, uint32_t lane,
                        struct weir_slice *document)
{
    return read_document(call, k, lane, document, NULL, NULL);
}

bool weir_json_document_or_fail(struct weir_kernel_call *call, uint32_t k, uint32_t lane,
                                struct weir_slice *document, bool *stop)
{
    enum weir_json_reason reason;
    size_t offset;
    *stop = false;
    if (read_document(call, k, lane, document, &offset, &reason))
        return true;
    *stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_CAST, "not JSON: %s at byte %zu",
                              weir_json_reason_text(reason), offset + 1);
    return false;
}

/* --- results --------------------------------------------------------------------------------- */

void weir_json_set_null(struct weir_kernel_call *call, uint32_t lane)
{
    weir_kernel_set_null(call, lane);
    if (call->out_values && weir_type_is_view(call->out->type))
        ((struct weir_view *)call->out_values)[lane] = (struct weir_view){0};
}

enum weir_json_text weir_json_string_text(struct weir_slice string, struct weir_arena *arena,
                                          struct weir_slice *out)
{
    struct weir_slice inside = weir_json_inside(string);
    if (!weir_json_has_escape(inside)) {
        *out = inside;
        return WEIR_JSON_TEXT_OK;
    }
    char *bytes = weir_arena_alloc(arena, inside.size, 1);
    if (!bytes)
        return WEIR_JSON_TEXT_MEMORY;
    size_t size = weir_json_unescape(inside, bytes);
    if (arena->next == bytes + inside.size)
        arena->next = bytes + size;
    *out = weir_slice_make(bytes, size);
    return memchr(bytes, 0, size) ? WEIR_JSON_TEXT_NUL : WEIR_JSON_TEXT_OK;
}

bool weir_json_fail_text(struct weir_kernel_call *call, uint32_t lane, enum weir_json_text result)
{
    if (result == WEIR_JSON_TEXT_NUL)
        return weir_kernel_fail(call, lane, WEIR_E_BAD_CAST, "\\u0000 cannot be converted to text");
    weir_kernel_out_of_memory(call);
    return false;
}

bool weir_json_set_as_text(struct weir_kernel_call *call, uint32_t lane, struct weir_slice value)
{
    enum weir_json_kind kind = weir_json_scan_kind(value);
    if (kind == WEIR_JSON_NULL) {
        weir_json_set_null(call, lane);
        return true;
    }
    if (kind == WEIR_JSON_STRING) {
        enum weir_json_text result = weir_json_string_text(value, call->arena, &value);
        if (result != WEIR_JSON_TEXT_OK)
            return weir_json_fail_text(call, lane, result);
    }
    weir_json_set_part(call, lane, value);
    return true;
}

static bool fail_reason(struct weir_kernel_call *call, uint32_t lane, enum weir_json_reason reason)
{
    if (reason == WEIR_JSON_OUT_OF_MEMORY) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    return weir_kernel_fail(call, lane,
                            reason == WEIR_JSON_TOO_DEEP ? WEIR_E_LIMIT : WEIR_E_BAD_CAST,
                            "a JSON value that cannot be held: %s", weir_json_reason_text(reason));
}

bool weir_json_store_canonical(struct weir_kernel_call *call, uint32_t lane,
                               const struct weir_buffer *buffer)
{
    bool stop;
    if (!buffer->failed && weir_json_scan_depth(weir_buffer_slice(buffer)) > WEIR_JSON_DEPTH_MAX)
        return fail_reason(call, lane, WEIR_JSON_TOO_DEEP);
    if (weir_string_is_too_large(call, lane, buffer->size, &stop))
        return !stop;
    return weir_string_store_buffer(call, lane, buffer);
}

bool weir_json_store(struct weir_kernel_call *call, uint32_t lane, const struct weir_buffer *buffer)
{
    if (buffer->failed || call->out->type->kind != WEIR_TYPE_JSONB)
        return weir_json_store_canonical(call, lane, buffer);
    struct weir_buffer canonical;
    enum weir_json_reason reason;
    weir_buffer_init(&canonical, NULL);
    bool go_on = weir_json_canonicalize(weir_buffer_slice(buffer), &canonical, NULL, &reason)
                     ? weir_json_store_canonical(call, lane, &canonical)
                     : fail_reason(call, lane, reason);
    weir_buffer_deinit(&canonical);
    return go_on;
}

const char *weir_json_noun(struct weir_slice value)
{
    switch (weir_json_scan_kind(value)) {
    case WEIR_JSON_OBJECT_BEGIN:
        return "an object";
    case WEIR_JSON_ARRAY_BEGIN:
        return "an array";
    case WEIR_JSON_STRING:
        return "a string";
    case WEIR_JSON_NUMBER:
        return "a number";
    case WEIR_JSON_NULL:
        return "null";
    default:
        return "a boolean";
    }
}
