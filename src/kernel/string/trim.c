/* ltrim, rtrim, btrim: without the characters (bytes) of a set at the ends.
 *
 * A set of ASCII characters is a table of bytes; other sets are searched character by character.
 * The result borrows the argument's bytes. */
#include "kernel/string/string_internal.h"

enum trim_side { TRIM_LEFT = 1, TRIM_RIGHT = 2, TRIM_BOTH = 3 };

struct trim_set {
    bool bytes[256];
    struct weir_slice characters; /* when it holds more than ASCII; else empty */
};

static void trim_set_init(struct trim_set *set, struct weir_slice members, bool is_bytea)
{
    memset(set->bytes, 0, sizeof set->bytes);
    set->characters = weir_slice_make(NULL, 0);
    if (!is_bytea && !weir_utf8_is_ascii(members.data, members.size))
        set->characters = members;
    for (size_t i = 0; i < members.size; i++)
        set->bytes[(unsigned char)members.data[i]] = true;
}

static bool has_character(const struct trim_set *set, struct weir_slice character)
{
    size_t used;
    for (size_t at = 0; at < set->characters.size; at += used) {
        const char *member = set->characters.data + at;
        (void)weir_utf8_decode(member, set->characters.size - at, &used);
        if (used == character.size && memcmp(member, character.data, used) == 0)
            return true;
    }
    return false;
}

static struct weir_slice trim_characters(const struct trim_set *set, struct weir_slice text,
                                         enum trim_side side)
{
    while (side & TRIM_LEFT && text.size) {
        struct weir_slice first = weir_utf8_prefix(text, 1);
        if (!has_character(set, first))
            break;
        text = weir_slice_from(text, first.size);
    }
    while (side & TRIM_RIGHT && text.size) {
        size_t size = weir_utf8_suffix_size(text, 1);
        if (!has_character(set, weir_slice_from(text, text.size - size)))
            break;
        text.size -= size;
    }
    return text;
}

static struct weir_slice trim(const struct trim_set *set, struct weir_slice text,
                              enum trim_side side)
{
    if (set->characters.size)
        return trim_characters(set, text, side);
    while (side & TRIM_LEFT && text.size && set->bytes[(unsigned char)*text.data])
        text = weir_slice_from(text, 1);
    while (side & TRIM_RIGHT && text.size && set->bytes[(unsigned char)text.data[text.size - 1]])
        text.size--;
    return text;
}

static void run_trim(struct weir_kernel_call *call, enum trim_side side)
{
    bool is_bytea = call->out->type->kind == WEIR_TYPE_BYTEA;
    bool is_fixed = call->args_count < 2 || call->args[1].encoding == WEIR_CONSTANT;
    bool is_made = false;
    struct trim_set set;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        if (!is_made || !is_fixed)
            trim_set_init(
                &set, call->args_count < 2 ? weir_slice_make(" ", 1) : weir_arg_text(call, 1, lane),
                is_bytea);
        is_made = true;
        struct weir_slice part = trim(&set, weir_arg_text(call, 0, lane), side);
        weir_kernel_set_text(call, lane, part.data, part.size);
    }
}
void weir_fn_ltrim(struct weir_kernel_call *call)
{
    run_trim(call, TRIM_LEFT);
}
void weir_fn_rtrim(struct weir_kernel_call *call)
{
    run_trim(call, TRIM_RIGHT);
}
void weir_fn_btrim(struct weir_kernel_call *call)
{
    run_trim(call, TRIM_BOTH);
}
