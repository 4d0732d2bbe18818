/* string_to_array and string_to_table: a text cut at a delimiter.
 *
 *     delimiter NULL: every character apart      delimiter '': the whole text
 *     the empty text: no elements                pieces equal to the third argument: NULL */
#include "kernel/string/string_internal.h"

struct splitter {
    struct weir_builder *child;
    const struct weir_slice *null_text; /* NULL: there is none */
};

static enum weir_status append_piece(const struct splitter *s, struct weir_slice piece)
{
    if (s->null_text && weir_slice_equals(piece, *s->null_text))
        return weir_builder_append_null(s->child, NULL);
    return weir_builder_append_text(s->child, piece, NULL);
}

static enum weir_status split_characters(const struct splitter *s, struct weir_slice text)
{
    size_t size;
    for (size_t at = 0; at < text.size; at += size) {
        (void)weir_utf8_decode(text.data + at, text.size - at, &size);
        WEIR_TRY(append_piece(s, weir_slice_make(text.data + at, size)));
    }
    return WEIR_OK;
}

static enum weir_status split_at(const struct splitter *s, struct weir_slice text,
                                 struct weir_slice delimiter)
{
    size_t begin = 0, end;
    while (delimiter.size && (end = weir_slice_find(text, delimiter, begin)) != SIZE_MAX) {
        WEIR_TRY(append_piece(s, weir_slice_make(text.data + begin, end - begin)));
        begin = end + delimiter.size;
    }
    return append_piece(s, weir_slice_from(text, begin));
}

static enum weir_string_list_result split_lane(struct weir_kernel_call *call, uint32_t lane,
                                               struct weir_builder *child, void *context)
{
    (void)context;
    if (weir_arg_is_null(call, 0, lane))
        return WEIR_STRING_LIST_NULL;
    struct weir_slice text = weir_arg_text(call, 0, lane), null_text;
    struct splitter s = {.child = child};
    if (call->args_count > 2 && !weir_arg_is_null(call, 2, lane)) {
        null_text = weir_arg_text(call, 2, lane);
        s.null_text = &null_text;
    }
    if (!text.size)
        return WEIR_STRING_LIST_OK;
    return weir_string_list_status(call, weir_arg_is_null(call, 1, lane)
                                             ? split_characters(&s, text)
                                             : split_at(&s, text, weir_arg_text(call, 1, lane)));
}

void weir_fn_string_to_array(struct weir_kernel_call *call)
{
    weir_string_build_lists(call, split_lane, NULL);
}
