/* Lengths, code points, and where one text is in another. Positions count characters from 1. */
#include "kernel/string/string_internal.h"

/* --- lengths --------------------------------------------------------------------------------- */

/* bit_length and octet_length look at the view only. */
static void run_sizes(struct weir_kernel_call *call, int32_t factor)
{
    int32_t *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    out[lane] = (int32_t)(WEIR_ARG(call, 0, struct weir_view, lane)->size * (uint32_t)factor);
}
void weir_fn_octet_length(struct weir_kernel_call *call)
{
    run_sizes(call, 1);
}
void weir_fn_bit_length(struct weir_kernel_call *call)
{
    run_sizes(call, 8);
}

void weir_fn_char_length(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    weir_string_set_int32(call, lane, (int32_t)weir_utf8_count(weir_arg_text(call, 0, lane)));
}

/* --- code points ----------------------------------------------------------------------------- */

void weir_fn_ascii(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice text = weir_arg_text(call, 0, lane);
        size_t used;
        uint32_t c = text.size ? weir_utf8_decode(text.data, text.size, &used) : 0;
        weir_string_set_int32(call, lane, (int32_t)c);
    }
}

void weir_fn_chr(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int32_t c = weir_arg_int32(call, 0, lane);
        char bytes[WEIR_UTF8_SIZE];
        size_t size = c > 0 ? weir_utf8_encode((uint32_t)c, bytes) : 0;
        if (size)
            weir_kernel_set_text(call, lane, bytes, size);
        else if (!weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "%d is not a character: %s", c,
                                   c < 0    ? "it is negative"
                                   : c == 0 ? "NUL is not permitted"
                                            : "it is no Unicode code point"))
            return;
    }
}

/* Digits of the value in base 16, without leading zeros. False: the kernel returns. */
static bool store_hex(struct weir_kernel_call *call, uint32_t lane, uint64_t value)
{
    char digits[16];
    size_t at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (value);
    return weir_string_store(call, lane, weir_slice_make(digits + at, sizeof digits - at));
}
void weir_fn_to_hex_integer(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!store_hex(call, lane, (uint32_t)weir_arg_int32(call, 0, lane)))
        return;
}
void weir_fn_to_hex_bigint(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!store_hex(call, lane, (uint64_t)*WEIR_ARG(call, 0, int64_t, lane)))
        return;
}

/* --- search ---------------------------------------------------------------------------------- */

static int32_t position_of(struct weir_slice text, struct weir_slice sought)
{
    if (!sought.size)
        return 1;
    size_t at = weir_slice_find(text, sought, 0);
    return at == SIZE_MAX ? 0 : (int32_t)weir_utf8_count(weir_slice_make(text.data, at)) + 1;
}

/* strpos(text, sought) */
void weir_fn_strpos(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    weir_string_set_int32(call, lane,
                          position_of(weir_arg_text(call, 0, lane), weir_arg_text(call, 1, lane)));
}
/* position(sought IN text) */
void weir_fn_position(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    weir_string_set_int32(call, lane,
                          position_of(weir_arg_text(call, 1, lane), weir_arg_text(call, 0, lane)));
}
/* The same of bytes. */
void weir_fn_position_bytea(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice sought = weir_arg_text(call, 0, lane);
        size_t at = sought.size ? weir_slice_find(weir_arg_text(call, 1, lane), sought, 0) : 0;
        weir_string_set_int32(call, lane, at == SIZE_MAX ? 0 : (int32_t)at + 1);
    }
}

static bool starts_with(struct weir_slice text, struct weir_slice prefix)
{
    return text.size >= prefix.size &&
           (prefix.size == 0 || memcmp(text.data, prefix.data, prefix.size) == 0);
}
static bool ends_with(struct weir_slice text, struct weir_slice suffix)
{
    return text.size >= suffix.size &&
           starts_with(weir_slice_from(text, text.size - suffix.size), suffix);
}

void weir_fn_starts_with(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    weir_string_set_boolean(
        call, lane, starts_with(weir_arg_text(call, 0, lane), weir_arg_text(call, 1, lane)));
}
void weir_fn_ends_with(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    weir_string_set_boolean(call, lane,
                            ends_with(weir_arg_text(call, 0, lane), weir_arg_text(call, 1, lane)));
}
void weir_fn_contains_text(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice sought = weir_arg_text(call, 1, lane);
        weir_string_set_boolean(call, lane,
                                sought.size == 0 || weir_slice_find(weir_arg_text(call, 0, lane),
                                                                    sought, 0) != SIZE_MAX);
    }
}

/* find_in_set('b', 'a,b,c') = 2: the element of a comma-separated list; 0 when it is none. */
static int32_t find_in_set(struct weir_slice sought, struct weir_slice list)
{
    int32_t number = 1;
    for (size_t begin = 0; begin <= list.size; number++) {
        size_t end =
            begin < list.size ? weir_slice_find(list, weir_slice_make(",", 1), begin) : SIZE_MAX;
        if (end == SIZE_MAX)
            end = list.size;
        if (weir_slice_equals(sought, weir_slice_make(list.data + begin, end - begin)))
            return list.size || sought.size ? number : 0;
        begin = end + 1;
    }
    return 0;
}
void weir_fn_find_in_set(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    weir_string_set_int32(call, lane,
                          find_in_set(weir_arg_text(call, 0, lane), weir_arg_text(call, 1, lane)));
}

void weir_fn_client_encoding(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    weir_kernel_set_text(call, lane, "UTF8", 4);
}
