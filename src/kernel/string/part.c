/* Parts of texts and of bytes: substring, left, right, split_part, overlay.
 *
 * A part borrows the bytes of its argument; nothing is copied. Positions count from 1 and may lie
 * outside: substring('hello', -1, 4) covers positions -1, 0, 1, 2, of which 1 and 2 exist. */
#include "kernel/string/string_internal.h"

/* The range [begin, end) of positions from 0 that substring(…, start, count) means; count NULL:
 * all. False when count is negative. */
static bool substring_range(int32_t start, const int32_t *count, size_t *begin, size_t *end)
{
    int64_t from = (int64_t)start - 1, to = INT64_MAX;
    if (count) {
        if (*count < 0)
            return false;
        to = from + *count;
    }
    *begin = from < 0 ? 0 : (size_t)from;
    *end = to < 0 ? 0 : (size_t)to;
    if (*end < *begin)
        *end = *begin;
    return true;
}

static struct weir_slice slice_characters(struct weir_slice text, size_t begin, size_t end)
{
    if (begin >= text.size)
        return weir_slice_make(NULL, 0);
    struct weir_slice rest = weir_slice_from(text, weir_utf8_offset(text, begin));
    return end - begin >= rest.size ? rest : weir_utf8_prefix(rest, end - begin);
}
static struct weir_slice slice_bytes(struct weir_slice bytes, size_t begin, size_t end)
{
    if (begin >= bytes.size)
        return weir_slice_make(NULL, 0);
    return weir_slice_make(bytes.data + begin, (end < bytes.size ? end : bytes.size) - begin);
}

typedef struct weir_slice (*slicer)(struct weir_slice text, size_t begin, size_t end);

static bool fail_negative(struct weir_kernel_call *call, uint32_t lane)
{
    return weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                            "negative substring length not allowed");
}

static void run_substring(struct weir_kernel_call *call, slicer slice)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int32_t count = call->args_count > 2 ? weir_arg_int32(call, 2, lane) : 0;
        size_t begin, end;
        if (!substring_range(weir_arg_int32(call, 1, lane), call->args_count > 2 ? &count : NULL,
                             &begin, &end)) {
            if (!fail_negative(call, lane))
                return;
            continue;
        }
        struct weir_slice part = slice(weir_arg_text(call, 0, lane), begin, end);
        weir_kernel_set_text(call, lane, part.data, part.size);
    }
}
void weir_fn_substring(struct weir_kernel_call *call)
{
    run_substring(call, slice_characters);
}
void weir_fn_substring_bytea(struct weir_kernel_call *call)
{
    run_substring(call, slice_bytes);
}

/* --- left, right ----------------------------------------------------------------------------- */

/* The first n characters; n < 0: all but the last -n. */
static struct weir_slice left(struct weir_slice text, int32_t n)
{
    if (n >= 0)
        return weir_utf8_prefix(text, (size_t)n);
    text.size -= weir_utf8_suffix_size(text, (size_t) - (int64_t)n);
    return text;
}
/* The last n characters; n < 0: all but the first -n. */
static struct weir_slice right(struct weir_slice text, int32_t n)
{
    size_t cut = n >= 0 ? text.size - weir_utf8_suffix_size(text, (size_t)n)
                        : weir_utf8_offset(text, (size_t) - (int64_t)n);
    return weir_slice_from(text, cut);
}

void weir_fn_left(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice part = left(weir_arg_text(call, 0, lane), weir_arg_int32(call, 1, lane));
        weir_kernel_set_text(call, lane, part.data, part.size);
    }
}
void weir_fn_right(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice part = right(weir_arg_text(call, 0, lane), weir_arg_int32(call, 1, lane));
        weir_kernel_set_text(call, lane, part.data, part.size);
    }
}

/* --- split_part ------------------------------------------------------------------------------ */

/* Offset of the last occurrence that ends at or before `end`; SIZE_MAX when there is none. */
static size_t find_last(struct weir_slice text, struct weir_slice sought, size_t end)
{
    if (end < sought.size)
        return SIZE_MAX;
    for (size_t at = end - sought.size + 1; at-- > 0;)
        if (text.data[at] == sought.data[0] &&
            memcmp(text.data + at, sought.data, sought.size) == 0)
            return at;
    return SIZE_MAX;
}

/* The top bit of each of eight bytes that is c; nothing carries from one into the next. */
static uint64_t bytes_equal(uint64_t bytes, unsigned char c)
{
    const uint64_t low = UINT64_C(0x7F7F7F7F7F7F7F7F);
    uint64_t differ = bytes ^ (UINT64_C(0x0101010101010101) * c);
    return ~(((differ & low) + low) | differ | low);
}

/* field_from_left by a delimiter of one byte, eight bytes at a time: texts are short, and what is
 * sought comes soon. */
static struct weir_slice field_by_byte(struct weir_slice text, unsigned char delimiter, int64_t n)
{
    size_t begin = 0;
    int64_t seen = 0;
    for (size_t at = 0; at < text.size; at += 8) {
        uint64_t bytes = 0, there = UINT64_MAX;
        if (WEIR_LIKELY(text.size - at >= sizeof bytes)) {
            memcpy(&bytes, text.data + at, sizeof bytes);
        } else {
            memcpy(&bytes, text.data + at, text.size - at);
            there = (UINT64_C(1) << (8 * (text.size - at))) - 1;
        }
        uint64_t ends = bytes_equal(bytes, delimiter) & there;
        for (; ends; ends &= ends - 1) {
            size_t end = at + (size_t)__builtin_ctzll(ends) / 8;
            if (++seen == n)
                return weir_slice_make(text.data + begin, end - begin);
            begin = end + 1;
        }
    }
    return seen == n - 1 ? weir_slice_from(text, begin) : weir_slice_make(NULL, 0);
}

/* Field n > 0 from the left; an empty slice when there are fewer. */
static struct weir_slice field_from_left(struct weir_slice text, struct weir_slice delimiter,
                                         int64_t n)
{
    size_t begin = 0;
    if (delimiter.size == 1)
        return field_by_byte(text, (unsigned char)delimiter.data[0], n);
    for (;; n--) {
        size_t end = weir_slice_find(text, delimiter, begin);
        if (n == 1)
            return weir_slice_make(text.data + begin, (end == SIZE_MAX ? text.size : end) - begin);
        if (end == SIZE_MAX)
            return weir_slice_make(NULL, 0);
        begin = end + delimiter.size;
    }
}

/* How often the delimiter occurs, from the left and without overlaps: that is how fields are cut,
 * whichever end they are counted from. */
static int64_t count_occurrences(struct weir_slice text, struct weir_slice delimiter)
{
    int64_t count = 0;
    for (size_t at = 0; (at = weir_slice_find(text, delimiter, at)) != SIZE_MAX;
         at += delimiter.size)
        count++;
    return count;
}

static struct weir_slice split_part(struct weir_slice text, struct weir_slice delimiter, int64_t n)
{
    struct weir_slice none = {0};
    if (!text.size)
        return none;
    if (!delimiter.size)
        return n == 1 || n == -1 ? text : none;
    if (n == -1 && delimiter.size == 1) {
        size_t at = find_last(text, delimiter, text.size);
        return at == SIZE_MAX ? text : weir_slice_from(text, at + 1);
    }
    if (n < 0)
        n += count_occurrences(text, delimiter) + 2;
    return n > 0 ? field_from_left(text, delimiter, n) : none;
}

void weir_fn_split_part(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int32_t n = weir_arg_int32(call, 2, lane);
        if (n == 0) {
            if (!weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                  "field position must not be zero"))
                return;
            continue;
        }
        struct weir_slice part =
            split_part(weir_arg_text(call, 0, lane), weir_arg_text(call, 1, lane), n);
        weir_kernel_set_text(call, lane, part.data, part.size);
    }
}

/* substring_index('a.b.c', '.', 2) = 'a.b'; a negative count keeps what follows the delimiter
 * counted from the right. */
static struct weir_slice substring_index(struct weir_slice text, struct weir_slice delimiter,
                                         int64_t count)
{
    if (!delimiter.size || !count)
        return weir_slice_make(NULL, 0);
    size_t at = count > 0 ? 0 : text.size;
    for (; count > 0; count--) {
        size_t found = weir_slice_find(text, delimiter, at);
        if (found == SIZE_MAX)
            return text;
        if (count == 1)
            return weir_slice_make(text.data, found);
        at = found + delimiter.size;
    }
    for (; count < 0; count++) {
        size_t found = find_last(text, delimiter, at);
        if (found == SIZE_MAX)
            return text;
        if (count == -1)
            return weir_slice_from(text, found + delimiter.size);
        at = found;
    }
    return text;
}
void weir_fn_substring_index(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice part =
            substring_index(weir_arg_text(call, 0, lane), weir_arg_text(call, 1, lane),
                            *WEIR_ARG(call, 2, int64_t, lane));
        weir_kernel_set_text(call, lane, part.data, part.size);
    }
}

/* --- overlay --------------------------------------------------------------------------------- */

/* overlay(text, placed, start [, count]): what precedes start, placed, what follows start + count.
 */
static bool overlay(struct weir_kernel_call *call, uint32_t lane, bool is_bytea)
{
    struct weir_slice text = weir_arg_text(call, 0, lane), placed = weir_arg_text(call, 1, lane);
    int64_t start = weir_arg_int32(call, 2, lane);
    int64_t count = call->args_count > 3 ? weir_arg_int32(call, 3, lane)
                    : is_bytea           ? (int64_t)placed.size
                                         : (int64_t)weir_utf8_count(placed);
    if (start <= 0)
        return fail_negative(call, lane);
    int64_t after = start - 1 + count;
    if (after > INT32_MAX)
        return weir_kernel_fail(call, lane, WEIR_E_OVERFLOW, "integer out of range");
    slicer slice = is_bytea ? slice_bytes : slice_characters;
    struct weir_slice head = slice(text, 0, (size_t)start - 1);
    struct weir_slice tail = slice(text, after < 0 ? 0 : (size_t)after, SIZE_MAX);
    size_t size = head.size + placed.size + tail.size;
    bool stop;
    if (weir_string_is_too_large(call, lane, size, &stop))
        return !stop;
    char *out = weir_string_reserve(call, size), *next = out;
    if (!out)
        return false;
    const struct weir_slice parts[3] = {head, placed, tail};
    for (size_t i = 0; i < 3; i++) {
        if (parts[i].size)
            memcpy(next, parts[i].data, parts[i].size);
        next += parts[i].size;
    }
    weir_string_commit(call, lane, out, size, size);
    return true;
}

void weir_fn_overlay(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!overlay(call, lane, false))
        return;
}
void weir_fn_overlay_bytea(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!overlay(call, lane, true))
        return;
}
