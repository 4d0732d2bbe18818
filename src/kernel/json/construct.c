/* Documents from values: to_json, row_to_json, json_build_array, json_build_object, json_object. */
#include "kernel/json/json_internal.h"

/* Writes the lane's document; false: the lane is not to be stored, *stop says whether to return. */
typedef bool (*construct_fn)(struct weir_kernel_call *call, uint32_t lane,
                             struct weir_json_writer *writer, bool *stop);

static void construct(struct weir_kernel_call *call, construct_fn write)
{
    struct weir_json_writer writer;
    bool stop = false;
    weir_json_writer_init(&writer, call);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_buffer_clear(&writer.out);
        weir_buffer_clear(&writer.scratch);
        bool ok = write(call, lane, &writer, &stop);
        writer.out.failed |= writer.scratch.failed;
        if (stop || (ok && !weir_json_store(call, lane, &writer.out)))
            break;
    }
    weir_json_writer_deinit(&writer);
}

static bool write_value(struct weir_kernel_call *call, uint32_t lane,
                        struct weir_json_writer *writer, bool *stop)
{
    (void)stop;
    bool line_feeds = call->args_count > 1 && *WEIR_ARG(call, 1, uint8_t, lane);
    weir_json_write_lane(writer, &call->args[0], lane, line_feeds);
    return true;
}
void weir_fn_to_json(struct weir_kernel_call *call)
{
    construct(call, write_value);
}

/* --- json_build_* ---------------------------------------------------------------------------- */

static bool write_array(struct weir_kernel_call *call, uint32_t lane,
                        struct weir_json_writer *writer, bool *stop)
{
    (void)stop;
    weir_buffer_append_char(&writer->out, '[');
    for (uint32_t k = 0; k < call->args_count; k++) {
        if (k)
            weir_buffer_append_string(&writer->out, ", ");
        weir_json_write_lane(writer, &call->args[k], lane, false);
    }
    weir_buffer_append_char(&writer->out, ']');
    return true;
}
void weir_fn_json_build_array(struct weir_kernel_call *call)
{
    construct(call, write_array);
}

/* Arguments are keys and values in turn; a key is scalar. */
enum weir_status weir_bind_json_build_object(struct weir_function_bind *bind,
                                             struct weir_error *error)
{
    if (bind->args_count % 2)
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT,
                              "keys and values come in pairs, these are %u arguments",
                              bind->args_count);
    for (uint32_t k = 0; k < bind->args_count; k += 2) {
        const struct weir_type *type = bind->arg_types[k];
        if (weir_type_is_nested(type) || type->kind == WEIR_TYPE_JSON ||
            type->kind == WEIR_TYPE_JSONB)
            return weir_error_set(error, WEIR_E_TYPE_MISMATCH,
                                  "argument %u is a key and must be scalar, not %s", k + 1,
                                  weir_type_name(type).text);
    }
    return WEIR_OK;
}

/* The lane as a key: what it looks like as a value, in quotes. */
static void write_key(struct weir_json_writer *writer, const struct weir_column *column,
                      uint32_t lane)
{
    size_t begin = writer->out.size;
    weir_json_write_lane(writer, column, lane, false);
    if (writer->out.failed || writer->out.data[begin] == '"')
        return;
    struct weir_slice bare = weir_slice_make(writer->out.data + begin, writer->out.size - begin);
    weir_buffer_clear(&writer->scratch);
    weir_json_write_string(&writer->scratch, bare);
    writer->out.size = begin;
    weir_buffer_append_slice(&writer->out, weir_buffer_slice(&writer->scratch));
}

static bool write_object(struct weir_kernel_call *call, uint32_t lane,
                         struct weir_json_writer *writer, bool *stop)
{
    weir_buffer_append_char(&writer->out, '{');
    for (uint32_t k = 0; k + 1 < call->args_count; k += 2) {
        if (weir_arg_is_null(call, k, lane)) {
            *stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                      "argument %u is a key and must not be null", k + 1);
            return false;
        }
        if (k)
            weir_buffer_append_string(&writer->out, ", ");
        write_key(writer, &call->args[k], lane);
        weir_buffer_append_string(&writer->out, " : ");
        weir_json_write_lane(writer, &call->args[k + 1], lane, false);
    }
    weir_buffer_append_char(&writer->out, '}');
    return true;
}
void weir_fn_json_build_object(struct weir_kernel_call *call)
{
    construct(call, write_object);
}

/* --- json_object ----------------------------------------------------------------------------- */

struct text_list {
    const struct weir_column *elements;
    struct weir_list_entry entry;
};
static struct text_list list_of(const struct weir_column *column, uint32_t lane)
{
    return (struct text_list){
        &column->children[0],
        ((const struct weir_list_entry *)column->values)[weir_column_index(column, lane)]};
}

/* "key" : "value" from elements of two lists. */
static bool write_member(struct weir_kernel_call *call, uint32_t lane,
                         struct weir_json_writer *writer, const struct text_list *keys, uint32_t i,
                         const struct text_list *values, uint32_t j)
{
    if (weir_column_is_null(keys->elements, keys->entry.offset + i))
        return weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "a key must not be null");
    if (writer->out.size > 1)
        weir_buffer_append_string(&writer->out, ", ");
    weir_json_write_lane(writer, keys->elements, keys->entry.offset + i, false);
    weir_buffer_append_string(&writer->out, " : ");
    weir_json_write_lane(writer, values->elements, values->entry.offset + j, false);
    return true;
}

static bool fail_list(struct weir_kernel_call *call, uint32_t lane, const char *message, bool *stop)
{
    *stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "%s", message);
    return false;
}

/* {k1, v1, k2, v2} */
static bool write_flat(struct weir_kernel_call *call, uint32_t lane,
                       struct weir_json_writer *writer, bool *stop)
{
    struct text_list list = list_of(&call->args[0], lane);
    if (list.entry.count % 2)
        return fail_list(call, lane, "an array of keys and values needs an even number of elements",
                         stop);
    weir_buffer_append_char(&writer->out, '{');
    for (uint32_t i = 0; i < list.entry.count; i += 2) {
        *stop = !write_member(call, lane, writer, &list, i, &list, i + 1);
        if (*stop || !weir_bit_get(call->validity, lane))
            return false;
    }
    weir_buffer_append_char(&writer->out, '}');
    return true;
}

/* {{k1, v1}, {k2, v2}} */
static bool write_pairs(struct weir_kernel_call *call, uint32_t lane,
                        struct weir_json_writer *writer, bool *stop)
{
    struct text_list rows = list_of(&call->args[0], lane);
    weir_buffer_append_char(&writer->out, '{');
    for (uint32_t i = 0; i < rows.entry.count; i++) {
        uint32_t row = rows.entry.offset + i;
        struct text_list pair = {0};
        if (!weir_column_is_null(rows.elements, row))
            pair = list_of(rows.elements, row);
        if (pair.entry.count != 2)
            return fail_list(call, lane, "an array of arrays must have two columns", stop);
        *stop = !write_member(call, lane, writer, &pair, 0, &pair, 1);
        if (*stop || !weir_bit_get(call->validity, lane))
            return false;
    }
    weir_buffer_append_char(&writer->out, '}');
    return true;
}

/* {k1, k2}, {v1, v2} */
static bool write_lists(struct weir_kernel_call *call, uint32_t lane,
                        struct weir_json_writer *writer, bool *stop)
{
    struct text_list keys = list_of(&call->args[0], lane), values = list_of(&call->args[1], lane);
    if (keys.entry.count != values.entry.count)
        return fail_list(call, lane, "there must be as many keys as values", stop);
    weir_buffer_append_char(&writer->out, '{');
    for (uint32_t i = 0; i < keys.entry.count; i++) {
        *stop = !write_member(call, lane, writer, &keys, i, &values, i);
        if (*stop || !weir_bit_get(call->validity, lane))
            return false;
    }
    weir_buffer_append_char(&writer->out, '}');
    return true;
}

/* One array: of texts, or of arrays of texts. */
enum weir_status weir_bind_json_object(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_type *element = bind->arg_types[0]->children[0];
    if (element->kind == WEIR_TYPE_LIST)
        element = element->children[0];
    if (element->kind == WEIR_TYPE_TEXT)
        return WEIR_OK;
    return weir_error_set(error, WEIR_E_TYPE_MISMATCH, "an array of texts is needed, this is %s",
                          weir_type_name(bind->arg_types[0]).text);
}
void weir_fn_json_object(struct weir_kernel_call *call)
{
    bool is_pairs = call->args[0].type->children[0]->kind == WEIR_TYPE_LIST;
    construct(call, call->args_count == 2 ? write_lists : is_pairs ? write_pairs : write_flat);
}
