/* lower, upper, initcap by Unicode simple case mapping; normalize.
 *
 * ASCII texts, which is most of them, take a loop over bytes that the compiler vectorizes. */
#include "kernel/string/string_internal.h"
#include "kernel/string/unicode.h"

/* Each mapped character takes at most 3 bytes where it took 2; none grows more. */
static size_t mapped_room(size_t size)
{
    return size + size / 2 + WEIR_UTF8_SIZE;
}

/* Toggles bit 5 of the letters that begin at first: 'A' lowers, 'a' uppers. */
static void map_ascii(char *restrict out, const char *restrict in, size_t size, char first)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char is_letter = (unsigned char)(in[i] - first) < 26;
        out[i] = (char)(in[i] ^ (is_letter << 5));
    }
}

typedef uint32_t (*case_mapping)(uint32_t code_point);

static size_t map_text(char *out, struct weir_slice text, case_mapping map)
{
    size_t used = 0, size;
    for (size_t at = 0; at < text.size; at += size) {
        uint32_t c = weir_utf8_decode(text.data + at, text.size - at, &size);
        used += weir_utf8_encode(map(c), out + used);
    }
    return used;
}

static void run_case(struct weir_kernel_call *call, case_mapping map, char first)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice text = weir_arg_text(call, 0, lane);
        bool is_ascii = weir_utf8_is_ascii(text.data, text.size);
        size_t room = is_ascii ? text.size : mapped_room(text.size), used = text.size;
        char *out = weir_string_reserve(call, room);
        if (!out)
            return;
        if (is_ascii)
            map_ascii(out, text.data, text.size, first);
        else
            used = map_text(out, text, map);
        weir_string_commit(call, lane, out, room, used);
    }
}
void weir_fn_lower(struct weir_kernel_call *call)
{
    run_case(call, weir_unicode_lower, 'A');
}
void weir_fn_upper(struct weir_kernel_call *call)
{
    run_case(call, weir_unicode_upper, 'a');
}

/* A word is a run of letters and digits; its first character is upper, the others lower. */
static size_t map_words(char *out, struct weir_slice text)
{
    size_t used = 0, size;
    bool inside = false;
    for (size_t at = 0; at < text.size; at += size) {
        uint32_t c = weir_utf8_decode(text.data + at, text.size - at, &size);
        used +=
            weir_utf8_encode(inside ? weir_unicode_lower(c) : weir_unicode_upper(c), out + used);
        inside = weir_unicode_is_word(c);
    }
    return used;
}
void weir_fn_initcap(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice text = weir_arg_text(call, 0, lane);
        size_t room = mapped_room(text.size);
        char *out = weir_string_reserve(call, room);
        if (!out)
            return;
        weir_string_commit(call, lane, out, room, map_words(out, text));
    }
}

/* --- normal forms ---------------------------------------------------------------------------- */

/* The form of the lane's call; false when it fails, *stop says whether to return. */
static bool read_form(struct weir_kernel_call *call, uint32_t lane, enum weir_normal_form *form,
                      bool *stop)
{
    *form = WEIR_NFC;
    *stop = false;
    if (call->args_count < 2)
        return true;
    struct weir_slice name = weir_arg_text(call, 1, lane);
    if (weir_normal_form_parse(name, form))
        return true;
    *stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "invalid normalization form: %.*s",
                              WEIR_SLICE_ARGS(name));
    return false;
}

/* The lane's text in its form; false when the lane is done with, *stop: when the kernel is. */
static bool normalize_lane(struct weir_kernel_call *call, uint32_t lane,
                           struct weir_normalizer *normalizer, struct weir_slice *out, bool *stop)
{
    enum weir_normal_form form;
    if (!read_form(call, lane, &form, stop))
        return false;
    if (weir_unicode_normalize(normalizer, weir_arg_text(call, 0, lane), form, out))
        return true;
    weir_kernel_out_of_memory(call);
    *stop = true;
    return false;
}

static bool is_borrowed(const struct weir_normalizer *normalizer, struct weir_slice text)
{
    return text.data == normalizer->text.data;
}

void weir_fn_normalize(struct weir_kernel_call *call)
{
    struct weir_normalizer normalizer;
    weir_normalizer_init(&normalizer);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice text;
        bool stop;
        if (normalize_lane(call, lane, &normalizer, &text, &stop)) {
            if (!is_borrowed(&normalizer, text))
                weir_kernel_set_text(call, lane, text.data, text.size);
            else
                stop = !weir_string_store(call, lane, text);
        }
        if (stop)
            break;
    }
    weir_normalizer_deinit(&normalizer);
}

void weir_fn_is_normalized(struct weir_kernel_call *call)
{
    struct weir_normalizer normalizer;
    weir_normalizer_init(&normalizer);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice text;
        bool stop;
        if (normalize_lane(call, lane, &normalizer, &text, &stop))
            weir_string_set_boolean(call, lane,
                                    weir_slice_equals(text, weir_arg_text(call, 0, lane)));
        if (stop)
            break;
    }
    weir_normalizer_deinit(&normalizer);
}
