/* array_to_string: the elements' texts with a delimiter between them. Those of lists of lists are
 * taken from the bottom, row after row; NULLs are left out, or stand as a text of their own. */
#include "column/text.h"
#include "kernel/array/array_internal.h"

/* Texts are no longer than those of the string functions. */
enum { TEXT_SIZE_MAX = 256 * 1024 * 1024 };

struct joiner {
    struct weir_text_options options;
    struct weir_slice delimiter;
    struct weir_slice null_text;
    bool shows_nulls, has_any;
    struct weir_buffer out;
};

/* Within arrays Postgres prints booleans as t and f. */
static void print_element(struct joiner *joiner, const struct weir_column *elements, uint32_t i)
{
    if (elements->type->kind == WEIR_TYPE_BOOLEAN)
        weir_buffer_append_char(&joiner->out, ((const uint8_t *)elements->values)[i] ? 't' : 'f');
    else
        weir_column_print(elements, i, &joiner->options, &joiner->out);
}

static void join(struct joiner *joiner, const struct weir_column *elements,
                 struct weir_list_entry entry)
{
    for (uint32_t i = entry.offset; i < entry.offset + entry.count; i++) {
        bool is_null = weir_column_is_null(elements, i);
        if (joiner->out.size > TEXT_SIZE_MAX)
            return;
        if (elements->type->kind == WEIR_TYPE_LIST) {
            if (!is_null)
                join(joiner, &elements->children[0],
                     ((const struct weir_list_entry *)elements->values)[i]);
            continue;
        }
        if (is_null && !joiner->shows_nulls)
            continue;
        if (joiner->has_any)
            weir_buffer_append_slice(&joiner->out, joiner->delimiter);
        joiner->has_any = true;
        if (is_null)
            weir_buffer_append_slice(&joiner->out, joiner->null_text);
        else
            print_element(joiner, elements, i);
    }
}

/* False: the kernel returns. */
static bool join_lane(struct weir_kernel_call *call, uint32_t lane, struct joiner *joiner)
{
    weir_buffer_clear(&joiner->out);
    joiner->has_any = false;
    joiner->delimiter = weir_arg_text(call, 1, lane);
    joiner->shows_nulls = call->args_count > 2 && !weir_arg_is_null(call, 2, lane);
    if (joiner->shows_nulls)
        joiner->null_text = weir_arg_text(call, 2, lane);
    join(joiner, weir_arg_elements(call, 0), weir_arg_list(call, 0, lane));
    struct weir_slice text = weir_buffer_slice(&joiner->out);
    if (joiner->out.size > TEXT_SIZE_MAX)
        return weir_kernel_fail(call, lane, WEIR_E_LIMIT, "a result would have more than %d bytes",
                                TEXT_SIZE_MAX);
    const char *kept = joiner->out.failed ? NULL : text.data;
    if (kept && text.size > WEIR_VIEW_INLINE_MAX)
        kept = weir_arena_copy(call->arena, text);
    else if (!joiner->out.failed && text.size == 0)
        kept = "";
    if (!kept) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    weir_kernel_set_text(call, lane, kept, text.size);
    return true;
}

void weir_fn_array_to_string(struct weir_kernel_call *call)
{
    struct joiner joiner = {
        .options = {.style = WEIR_TEXT_POSTGRES,
                    .timezone = call->session ? call->session->timezone : NULL}};
    weir_buffer_init(&joiner.out, NULL);
    WEIR_FOR_LANES(call, lane)
    {
        if (weir_arg_is_null(call, 0, lane) || weir_arg_is_null(call, 1, lane)) {
            weir_kernel_set_null(call, lane);
            ((struct weir_view *)call->out_values)[lane] = (struct weir_view){0};
        } else if (!join_lane(call, lane, &joiner)) {
            break;
        }
    }
    weir_buffer_deinit(&joiner.out);
}
