/* Texts put together: ||, concat, concat_ws, repeat, lpad, rpad, reverse, replace, translate. */
#include "kernel/string/string_internal.h"

/* --- concatenation --------------------------------------------------------------------------- */

/* text || text, bytea || bytea */
void weir_fn_concat_two(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice a = weir_arg_text(call, 0, lane), b = weir_arg_text(call, 1, lane);
        size_t size = a.size + b.size;
        bool stop;
        if (weir_string_is_too_large(call, lane, size, &stop)) {
            if (stop)
                return;
            continue;
        }
        char *out = weir_string_reserve(call, size);
        if (!out)
            return;
        if (a.size)
            memcpy(out, a.data, a.size);
        if (b.size)
            memcpy(out + a.size, b.data, b.size);
        weir_string_commit(call, lane, out, size, size);
    }
}

/* Joins arguments first … that are not NULL. */
static bool join_lane(struct weir_kernel_call *call, uint32_t lane, uint32_t first,
                      struct weir_slice separator)
{
    uint64_t size = 0;
    uint32_t count = 0;
    for (uint32_t k = first; k < call->args_count; k++)
        if (!weir_arg_is_null(call, k, lane))
            size += weir_arg_output(call, k, lane).size + (count++ ? separator.size : 0);
    bool stop;
    if (weir_string_is_too_large(call, lane, size, &stop))
        return !stop;
    char *out = weir_string_reserve(call, size), *next = out;
    if (!out)
        return false;
    count = 0;
    for (uint32_t k = first; k < call->args_count; k++) {
        if (weir_arg_is_null(call, k, lane))
            continue;
        struct weir_slice part = weir_arg_output(call, k, lane);
        if (count++ && separator.size) {
            memcpy(next, separator.data, separator.size);
            next += separator.size;
        }
        if (part.size)
            memcpy(next, part.data, part.size);
        next += part.size;
    }
    weir_string_commit(call, lane, out, size, size);
    return true;
}

void weir_fn_concat(struct weir_kernel_call *call)
{
    WEIR_FOR_LANES(call, lane)
    if (!join_lane(call, lane, 0, weir_slice_make(NULL, 0)))
        return;
}
void weir_fn_concat_ws(struct weir_kernel_call *call)
{
    WEIR_FOR_LANES(call, lane)
    {
        if (weir_arg_is_null(call, 0, lane)) {
            ((struct weir_view *)call->out_values)[lane] = (struct weir_view){0};
            weir_kernel_set_null(call, lane);
        } else if (!join_lane(call, lane, 1, weir_arg_text(call, 0, lane))) {
            return;
        }
    }
}

/* --- repeat, padding ------------------------------------------------------------------------- */

/* Fills size bytes with the unit over and over; size need not be a multiple. */
static void fill_with(char *out, size_t size, struct weir_slice unit)
{
    size_t done = unit.size < size ? unit.size : size;
    if (!done)
        return;
    memcpy(out, unit.data, done);
    while (done < size) {
        size_t more = done < size - done ? done : size - done;
        memcpy(out + done, out, more);
        done += more;
    }
}

void weir_fn_repeat(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice unit = weir_arg_text(call, 0, lane);
        int32_t count = weir_arg_int32(call, 1, lane);
        uint64_t size = count > 0 ? (uint64_t)count * unit.size : 0;
        bool stop;
        if (weir_string_is_too_large(call, lane, size, &stop)) {
            if (stop)
                return;
            continue;
        }
        char *out = weir_string_reserve(call, size);
        if (!out)
            return;
        fill_with(out, size, unit);
        weir_string_commit(call, lane, out, size, size);
    }
}

/* Bytes of the padding: `missing` characters of the fill over and over. */
static uint64_t padding_size(struct weir_slice fill, uint64_t missing)
{
    uint64_t characters = weir_utf8_count(fill);
    return missing / characters * fill.size + weir_utf8_offset(fill, missing % characters);
}

static bool pad_lane(struct weir_kernel_call *call, uint32_t lane, bool at_left)
{
    struct weir_slice text = weir_arg_text(call, 0, lane);
    struct weir_slice fill =
        call->args_count > 2 ? weir_arg_text(call, 2, lane) : weir_slice_make(" ", 1);
    int32_t wanted = weir_arg_int32(call, 1, lane);
    size_t target = wanted > 0 ? (size_t)wanted : 0, has = weir_utf8_count(text);
    if (has >= target || !fill.size) {
        struct weir_slice part = weir_utf8_prefix(text, target);
        weir_kernel_set_text(call, lane, part.data, part.size);
        return true;
    }
    uint64_t padding = padding_size(fill, target - has);
    bool stop;
    if (weir_string_is_too_large(call, lane, padding + text.size, &stop))
        return !stop;
    size_t size = padding + text.size;
    char *out = weir_string_reserve(call, size);
    if (!out)
        return false;
    fill_with(at_left ? out : out + text.size, padding, fill);
    if (text.size)
        memcpy(at_left ? out + padding : out, text.data, text.size);
    weir_string_commit(call, lane, out, size, size);
    return true;
}
void weir_fn_lpad(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!pad_lane(call, lane, true))
        return;
}
void weir_fn_rpad(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!pad_lane(call, lane, false))
        return;
}

/* --- reverse --------------------------------------------------------------------------------- */

void weir_fn_reverse(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice text = weir_arg_text(call, 0, lane);
        char *out = weir_string_reserve(call, text.size);
        if (!out)
            return;
        char *next = out + text.size;
        for (size_t at = 0, size; at < text.size; at += size) {
            size = 1;
            while (at + size < text.size && weir_utf8_is_continuation(text.data[at + size]))
                size++;
            next -= size;
            memcpy(next, text.data + at, size);
        }
        weir_string_commit(call, lane, out, text.size, text.size);
    }
}

/* --- replace --------------------------------------------------------------------------------- */

static uint64_t count_of(struct weir_slice text, struct weir_slice sought)
{
    uint64_t count = 0;
    for (size_t at = 0; (at = weir_slice_find(text, sought, at)) != SIZE_MAX; at += sought.size)
        count++;
    return count;
}

static void copy_replaced(char *out, struct weir_slice text, struct weir_slice sought,
                          struct weir_slice by)
{
    size_t from = 0, at;
    while ((at = weir_slice_find(text, sought, from)) != SIZE_MAX) {
        memcpy(out, text.data + from, at - from);
        out += at - from;
        if (by.size)
            memcpy(out, by.data, by.size);
        out += by.size;
        from = at + sought.size;
    }
    memcpy(out, text.data + from, text.size - from);
}

static bool replace_lane(struct weir_kernel_call *call, uint32_t lane)
{
    struct weir_slice text = weir_arg_text(call, 0, lane), sought = weir_arg_text(call, 1, lane);
    struct weir_slice by = weir_arg_text(call, 2, lane);
    uint64_t count = sought.size ? count_of(text, sought) : 0;
    if (!count) {
        weir_kernel_set_text(call, lane, text.data, text.size);
        return true;
    }
    uint64_t size = text.size - count * sought.size + count * by.size;
    bool stop;
    if (weir_string_is_too_large(call, lane, size, &stop))
        return !stop;
    char *out = weir_string_reserve(call, size);
    if (!out)
        return false;
    copy_replaced(out, text, sought, by);
    weir_string_commit(call, lane, out, size, size);
    return true;
}
void weir_fn_replace(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!replace_lane(call, lane))
        return;
}

/* --- translate ------------------------------------------------------------------------------- */

/* translate(text, from, to): each character of `from` becomes the one at its place in `to`, or
 * nothing when `to` is shorter. Of a character that `from` has twice the first place counts. */
struct translation {
    struct weir_slice from, to;
    int16_t ascii[128]; /* the byte it becomes; -1: nothing */
    bool is_ascii;      /* from and to are */
};

static void translation_init(struct translation *t, struct weir_slice from, struct weir_slice to)
{
    t->from = from;
    t->to = to;
    t->is_ascii = weir_utf8_is_ascii(from.data, from.size) && weir_utf8_is_ascii(to.data, to.size);
    for (int16_t i = 0; i < 128; i++)
        t->ascii[i] = i;
    for (size_t i = t->is_ascii ? from.size : 0; i-- > 0;)
        t->ascii[(unsigned char)from.data[i]] = i < to.size ? to.data[i] : -1;
}

static size_t translate_ascii(const struct translation *t, struct weir_slice text, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        int16_t by = c < 128 ? t->ascii[c] : c;
        out[used] = (char)by;
        used += by >= 0;
    }
    return used;
}

/* What the character becomes. */
static struct weir_slice translate_character(const struct translation *t, struct weir_slice c)
{
    size_t used;
    for (size_t at = 0, index = 0; at < t->from.size; at += used, index++) {
        (void)weir_utf8_decode(t->from.data + at, t->from.size - at, &used);
        if (used != c.size || memcmp(t->from.data + at, c.data, used) != 0)
            continue;
        size_t place = weir_utf8_offset(t->to, index);
        return place >= t->to.size ? weir_slice_make(NULL, 0)
                                   : weir_utf8_prefix(weir_slice_from(t->to, place), 1);
    }
    return c;
}

static size_t translate_text(const struct translation *t, struct weir_slice text, char *out)
{
    size_t used = 0, size;
    for (size_t at = 0; at < text.size; at += size) {
        (void)weir_utf8_decode(text.data + at, text.size - at, &size);
        struct weir_slice by = translate_character(t, weir_slice_make(text.data + at, size));
        if (by.size)
            memcpy(out + used, by.data, by.size);
        used += by.size;
    }
    return used;
}

void weir_fn_translate(struct weir_kernel_call *call)
{
    struct translation t = {0};
    bool is_made = false, is_fixed = call->args[1].encoding == WEIR_CONSTANT &&
                                     call->args[2].encoding == WEIR_CONSTANT;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        if (!is_made || !is_fixed)
            translation_init(&t, weir_arg_text(call, 1, lane), weir_arg_text(call, 2, lane));
        is_made = true;
        struct weir_slice text = weir_arg_text(call, 0, lane);
        size_t room = t.is_ascii ? text.size : text.size * WEIR_UTF8_SIZE;
        char *out = weir_string_reserve(call, room);
        if (!out)
            return;
        size_t used = t.is_ascii ? translate_ascii(&t, text, out) : translate_text(&t, text, out);
        weir_string_commit(call, lane, out, room, used);
    }
}
