/* Lists and maps, and structs within them: JSON text into builders.
 *
 * A value is gone through twice: with the record, to judge it (builder NULL), and once the batch's
 * rows are known, to build the column in their order. The text is valid JSON both times.
 * Of duplicate keys the last counts: the values of a struct's fields, or of a map's keys, are
 * gathered first and converted afterwards.
 *
 * Recursion is bounded by the depth limit of the record and by the type.
 * Tested in tests/unit/format/test_json_decode.c. */
#include "format/json_internal.h"

#include "base/hash.h"

static enum json_result append_value(struct json_context *context, const struct weir_type *type,
                                     struct weir_json_token token, struct weir_builder *builder);

static enum json_result memory_unless(enum weir_status status)
{
    return status == WEIR_OK ? JSON_OK : JSON_MEMORY;
}

/* Replaces a container's first token by the whole of it. The text was validated before. */
static bool take_whole(struct weir_json *json, struct weir_json_token *token)
{
    struct weir_slice whole;
    if (token->kind != WEIR_JSON_ARRAY_BEGIN && token->kind != WEIR_JSON_OBJECT_BEGIN)
        return true;
    if (!weir_json_skip(json, *token, &whole))
        return false;
    token->text = whole;
    return true;
}

static enum json_result append_list(struct json_context *context, const struct weir_type *type,
                                    struct weir_slice text, struct weir_builder *builder)
{
    struct weir_builder *child = builder ? &builder->children[0] : NULL;
    uint32_t first = child ? child->rows_count : 0;
    struct weir_json json;
    weir_json_begin(&json, text);
    (void)weir_json_next(&json);
    for (;;) {
        struct weir_json_token token = weir_json_next(&json);
        if (token.kind == WEIR_JSON_ARRAY_END)
            break;
        if (token.kind == WEIR_JSON_ERROR || !take_whole(&json, &token))
            return JSON_MISMATCH;
        enum json_result result = append_value(context, type->children[0], token, child);
        if (result != JSON_OK)
            return result;
    }
    return builder ? memory_unless(weir_builder_end_list(builder, first, NULL)) : JSON_OK;
}

/* Key and value of an object, the key unescaped. False at its end. */
static bool next_member(struct json_context *context, struct weir_json *json,
                        struct weir_slice *key, struct weir_json_token *value,
                        enum json_result *result)
{
    struct weir_json_token token = weir_json_next(json);
    if (token.kind != WEIR_JSON_KEY)
        return false;
    if (!weir_json_unescape_into(token, context->arena, key)) {
        *result = JSON_MEMORY;
        return false;
    }
    if (token.flags & WEIR_JSON_HAS_NUL)
        *result = JSON_NUL;
    *value = weir_json_next(json);
    return take_whole(json, value);
}

static enum json_result append_struct(struct json_context *context, const struct weir_type *type,
                                      struct weir_slice text, struct weir_builder *builder)
{
    struct weir_json_token *values =
        WEIR_ARENA_ARRAY(context->arena, struct weir_json_token, type->children_count + 1);
    if (!values)
        return JSON_MEMORY;
    struct weir_json json;
    struct weir_slice key;
    struct weir_json_token value;
    enum json_result result = JSON_OK;
    weir_json_begin(&json, text);
    (void)weir_json_next(&json);
    while (next_member(context, &json, &key, &value, &result)) {
        result = JSON_OK;
        for (uint32_t i = 0; i < type->children_count; i++)
            if (weir_slice_equals(type->names[i], key))
                values[i] = value;
    }
    for (uint32_t i = 0; i < type->children_count && result == JSON_OK; i++) {
        if (!values[i].text.data)
            values[i].kind = WEIR_JSON_NULL;
        result = append_value(context, type->children[i], values[i],
                              builder ? &builder->children[i] : NULL);
    }
    if (result != JSON_OK)
        return result;
    return builder ? memory_unless(weir_builder_end_struct(builder, NULL)) : JSON_OK;
}

/* The members of a map, in the order of their keys' first appearance, with their last values. */
struct members {
    struct weir_slice *keys;
    struct weir_json_token *values;
    uint32_t *table; /* open: member + 1 */
    uint32_t table_mask;
    uint32_t count;
};

static uint32_t count_members(struct weir_slice text)
{
    struct weir_json json;
    uint32_t count = 0;
    weir_json_begin(&json, text);
    for (struct weir_json_token token = weir_json_next(&json);
         token.kind != WEIR_JSON_END && token.kind != WEIR_JSON_ERROR;
         token = weir_json_next(&json))
        count += token.kind == WEIR_JSON_KEY;
    return count;
}

static void put_member(struct members *members, struct weir_slice key, struct weir_json_token value)
{
    uint32_t at = (uint32_t)weir_hash_bytes(key.data, key.size, 0) & members->table_mask;
    for (; members->table[at]; at = (at + 1) & members->table_mask)
        if (weir_slice_equals(members->keys[members->table[at] - 1], key))
            break;
    if (!members->table[at]) {
        members->keys[members->count] = key;
        members->table[at] = ++members->count;
    }
    members->values[members->table[at] - 1] = value;
}

static enum json_result gather_members(struct json_context *context, struct weir_slice text,
                                       struct members *members)
{
    uint32_t capacity = count_members(text) + 1, table = 4;
    while (table < capacity * 2)
        table *= 2;
    *members = (struct members){
        .keys = WEIR_ARENA_ARRAY(context->arena, struct weir_slice, capacity),
        .values = WEIR_ARENA_ARRAY(context->arena, struct weir_json_token, capacity),
        .table = WEIR_ARENA_ARRAY(context->arena, uint32_t, table),
        .table_mask = table - 1};
    if (!members->keys || !members->values || !members->table)
        return JSON_MEMORY;
    struct weir_json json;
    struct weir_slice key;
    struct weir_json_token value;
    enum json_result result = JSON_OK;
    weir_json_begin(&json, text);
    (void)weir_json_next(&json);
    while (next_member(context, &json, &key, &value, &result)) {
        if (result != JSON_OK)
            return result;
        put_member(members, key, value);
    }
    return result;
}

static enum json_result append_map(struct json_context *context, const struct weir_type *type,
                                   struct weir_slice text, struct weir_builder *builder)
{
    struct members members;
    if (type->children[0]->kind == WEIR_TYPE_JSON || type->children[0]->kind == WEIR_TYPE_JSONB)
        return JSON_MISMATCH; /* keys are bare names: there is no JSON text to keep */
    enum json_result result = gather_members(context, text, &members);
    struct weir_builder *entries = builder ? &builder->children[0] : NULL;
    uint32_t first = entries ? entries->rows_count : 0;
    for (uint32_t i = 0; i < members.count && result == JSON_OK; i++) {
        /* Keys of other types are read as a quoted value would be. */
        struct weir_json_token key = {.kind = WEIR_JSON_STRING, .text = members.keys[i]};
        result =
            append_value(context, type->children[0], key, entries ? &entries->children[0] : NULL);
        if (result == JSON_OK)
            result = append_value(context, type->children[1], members.values[i],
                                  entries ? &entries->children[1] : NULL);
        if (result == JSON_OK && entries)
            result = memory_unless(weir_builder_end_struct(entries, NULL));
    }
    if (result != JSON_OK)
        return result;
    uint32_t replaced; /* keys that are equal as values: 1 and 01 */
    return builder ? memory_unless(weir_builder_end_map(builder, first, &replaced, NULL)) : JSON_OK;
}

static enum json_result append_value(struct json_context *context, const struct weir_type *type,
                                     struct weir_json_token token, struct weir_builder *builder)
{
    if (token.kind == WEIR_JSON_NULL)
        return builder ? memory_unless(weir_builder_append_null(builder, NULL)) : JSON_OK;
    if (type->kind == WEIR_TYPE_LIST)
        return token.kind == WEIR_JSON_ARRAY_BEGIN ? append_list(context, type, token.text, builder)
                                                   : JSON_MISMATCH;
    if (type->kind == WEIR_TYPE_STRUCT || type->kind == WEIR_TYPE_MAP) {
        if (token.kind != WEIR_JSON_OBJECT_BEGIN)
            return JSON_MISMATCH;
        return type->kind == WEIR_TYPE_MAP ? append_map(context, type, token.text, builder)
                                           : append_struct(context, type, token.text, builder);
    }
    char lane[16] __attribute__((aligned(16))) = {0};
    enum json_result result = weir_json_convert(context, type, &token, lane);
    if (result == JSON_OK && builder)
        result = memory_unless(weir_builder_append_value(builder, lane, NULL));
    return result;
}

enum json_result weir_json_nested(struct json_context *context, const struct weir_type *type,
                                  struct weir_slice value, struct weir_builder *builder)
{
    enum weir_json_kind kind =
        type->kind == WEIR_TYPE_LIST ? WEIR_JSON_ARRAY_BEGIN : WEIR_JSON_OBJECT_BEGIN;
    return append_value(context, type, (struct weir_json_token){.kind = kind, .text = value},
                        builder);
}
