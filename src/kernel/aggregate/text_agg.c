/* string_agg, json_agg, jsonb_agg, json_object_agg, jsonb_object_agg: text built row by row.
 *
 * Each item is appended with its separator in front; how many bytes of separator the first item
 * has is kept too, and finish leaves them out. So partial results join by concatenation:
 *
 *     string_agg(x, '; ')   "; ab" "; cd"           first 2   ->  ab; cd
 *     json_agg(x)           ", 1" ", null"          first 2   ->  [1, null]
 *     json_object_agg(k,v)  ", \"a\" : 1"           first 2   ->  { "a" : 1 }
 *
 * The jsonb forms are canonicalised at the end (keys sorted, the last of duplicates kept). */
#include "column/text.h"
#include "kernel/aggregate/aggregate_internal.h"
#include "value/json_token.h"

struct joined {
    struct weir_grown text;
    uint32_t first_separator; /* bytes */
    uint32_t seen;
};
AGGREGATE_SIZE(joined_size, struct joined)

/* Appends separator and item. */
static bool joined_append(struct joined *joined, struct weir_slice separator,
                          struct weir_slice item, struct weir_aggregate_heap *heap)
{
    size_t size;
    if (!weir_add_size(separator.size, item.size, &size))
        return false;
    uint8_t *room = size ? weir_grown_append(&joined->text, size, heap) : NULL;
    if (size && !room)
        return false;
    if (separator.size)
        memcpy(room, separator.data, separator.size);
    if (item.size)
        memcpy(room + separator.size, item.data, item.size);
    if (!joined->seen)
        joined->first_separator = (uint32_t)separator.size;
    joined->seen = 1;
    return true;
}

static struct weir_slice joined_body(const struct joined *joined)
{
    if (!joined->text.bytes)
        return weir_slice_make(NULL, 0);
    return weir_slice_make((const char *)joined->text.bytes + joined->first_separator,
                           joined->text.size - joined->first_separator);
}

static void joined_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct joined *target = (struct joined *)(void *)(into + call->state_offset);
    struct joined *source = (struct joined *)(void *)(from + call->state_offset);
    if (!source->seen)
        return;
    if (!weir_grown_merge(&target->text, &source->text, call->heap)) {
        weir_aggregate_out_of_memory(call);
        return;
    }
    if (!target->seen)
        target->first_separator = source->first_separator;
    target->seen = 1;
    memset(source, 0, sizeof *source);
}

static void joined_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    struct joined *joined = (struct joined *)(void *)state;
    weir_grown_drop(&joined->text, heap);
    joined->seen = joined->first_separator = 0;
}

/* --- string_agg ------------------------------------------------------------------------------ */

static void string_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                        uint32_t index, int64_t weight)
{
    const struct weir_column *separators = &call->args[1];
    struct weir_slice separator = {0};
    struct weir_slice item = weir_view_slice(&AGGREGATE_VALUE(call, 0, struct weir_view, index));
    if (!weir_column_is_null(separators, lane))
        separator = weir_view_slice(
            &AGGREGATE_VALUE(call, 1, struct weir_view, weir_column_index(separators, lane)));
    for (; weight > 0; weight--) {
        if (!joined_append((struct joined *)(void *)state, separator, item, call->heap)) {
            weir_aggregate_out_of_memory(call);
            return;
        }
    }
}

static void string_update(struct weir_aggregate_call *call)
{
    aggregate_rows(call, string_step);
}

static void string_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct joined *joined = AGGREGATE_FINISH_STATE(struct joined, states, i, offset);
        if (!joined->seen)
            weir_aggregate_put_null(out, i);
        else if (!weir_aggregate_put_text(out, i, joined_body(joined)))
            return;
    }
}

const struct weir_aggregate_ops weir_aggregate_string_agg = {
    joined_size, string_update, joined_merge, string_finish, joined_drop, NULL};

/* --- JSON ------------------------------------------------------------------------------------ */

static void print_value(const struct weir_aggregate_call *call, uint32_t k, uint32_t lane,
                        struct weir_buffer *out)
{
    const struct weir_text_options options = {
        .style = WEIR_TEXT_JSON, .timezone = call->session ? call->session->timezone : NULL};
    if (weir_column_is_null(&call->args[k], lane))
        weir_buffer_append_string(out, "null");
    else
        weir_column_print(&call->args[k], lane, &options, out);
}

/* The key as a JSON string, whatever its type; key is scratch. */
static void print_key(const struct weir_aggregate_call *call, uint32_t lane,
                      struct weir_buffer *key, struct weir_buffer *out)
{
    const struct weir_text_options options = {
        .style = WEIR_TEXT_POSTGRES, .timezone = call->session ? call->session->timezone : NULL};
    weir_buffer_clear(key);
    weir_column_print(&call->args[0], lane, &options, key);
    out->failed |= key->failed;
    weir_json_write_string(out, weir_buffer_slice(key));
}

/* As Postgres, what is nested begins on a line of its own. */
static struct weir_slice array_separator(const struct weir_column *column, uint32_t lane)
{
    bool on_new_line = weir_type_is_nested(column->type) && !weir_column_is_null(column, lane);
    return weir_slice_from_string(on_new_line ? ", \n " : ", ");
}

static bool append_times(struct weir_aggregate_call *call, uint32_t i, struct weir_slice separator,
                         const struct weir_buffer *item)
{
    struct joined *joined = (struct joined *)(void *)aggregate_state(call, i);
    int64_t times = aggregate_weight(call, aggregate_lane(call, i));
    bool ok = !item->failed;
    for (; ok && times > 0; times--)
        ok = joined_append(joined, separator, weir_buffer_slice(item), call->heap);
    if (!ok)
        weir_aggregate_out_of_memory(call);
    return ok;
}

static void json_array_update(struct weir_aggregate_call *call)
{
    struct weir_buffer item;
    weir_buffer_init(&item, call->heap->arena.budget);
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = aggregate_lane(call, i);
        weir_buffer_clear(&item);
        print_value(call, 0, lane, &item);
        if (!append_times(call, i, array_separator(&call->args[0], lane), &item))
            break;
    }
    weir_buffer_deinit(&item);
}

static void json_object_update(struct weir_aggregate_call *call)
{
    struct weir_buffer item, key;
    weir_buffer_init(&item, call->heap->arena.budget);
    weir_buffer_init(&key, call->heap->arena.budget);
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = aggregate_lane(call, i);
        if (weir_column_is_null(&call->args[0], lane)) {
            if (!weir_aggregate_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                     "field name must not be null"))
                break;
            continue;
        }
        weir_buffer_clear(&item);
        print_key(call, lane, &key, &item);
        weir_buffer_append_string(&item, " : ");
        print_value(call, 1, lane, &item);
        if (!append_times(call, i, weir_slice_from_string(", "), &item))
            break;
    }
    weir_buffer_deinit(&key);
    weir_buffer_deinit(&item);
}

struct json_form {
    const char *open;
    const char *close;
    bool canonical;
};

static bool json_put(struct weir_kernel_call *out, uint32_t lane, const struct joined *joined,
                     const struct json_form *form, struct weir_buffer *buffers)
{
    struct weir_buffer *text = &buffers[0], *result = text;
    weir_buffer_clear(text);
    weir_buffer_append_string(text, form->open);
    weir_buffer_append_slice(text, joined_body(joined));
    weir_buffer_append_string(text, form->close);
    enum weir_json_reason reason = WEIR_JSON_NO_ERROR;
    if (form->canonical && !text->failed) {
        result = &buffers[1];
        weir_buffer_clear(result);
        if (!weir_json_canonicalize(weir_buffer_slice(text), result, NULL, &reason) &&
            reason != WEIR_JSON_OUT_OF_MEMORY) {
            weir_aggregate_put_null(out, lane);
            return weir_kernel_fail(out, lane, WEIR_E_BAD_ARGUMENT, "not JSONB: %s",
                                    weir_json_reason_text(reason));
        }
    }
    if (result->failed || reason == WEIR_JSON_OUT_OF_MEMORY) {
        weir_kernel_out_of_memory(out);
        return false;
    }
    return weir_aggregate_put_text(out, lane, weir_buffer_slice(result));
}

static void json_finish_as(struct weir_kernel_call *out, uint8_t *const *states, size_t offset,
                           const struct json_form *form)
{
    struct weir_buffer buffers[2];
    weir_buffer_init(&buffers[0], out->arena->budget);
    weir_buffer_init(&buffers[1], out->arena->budget);
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct joined *joined = AGGREGATE_FINISH_STATE(struct joined, states, i, offset);
        if (!joined->seen)
            weir_aggregate_put_null(out, i);
        else if (!json_put(out, i, joined, form, buffers))
            break;
    }
    weir_buffer_deinit(&buffers[1]);
    weir_buffer_deinit(&buffers[0]);
}

#define JSON_OPS(name, update, ...)                                                                \
    static void name##_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset) \
    {                                                                                              \
        static const struct json_form form = {__VA_ARGS__};                                        \
        json_finish_as(out, states, offset, &form);                                                \
    }                                                                                              \
    const struct weir_aggregate_ops weir_aggregate_##name = {                                      \
        joined_size, update, joined_merge, name##_finish, joined_drop, NULL};
JSON_OPS(json_agg, json_array_update, "[", "]", false)
JSON_OPS(jsonb_agg, json_array_update, "[", "]", true)
JSON_OPS(json_object_agg, json_object_update, "{ ", " }", false)
JSON_OPS(jsonb_object_agg, json_object_update, "{", "}", true)
