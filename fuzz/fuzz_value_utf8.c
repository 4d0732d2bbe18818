/* UTF-8: every instruction set agrees with the table of RFC 3629 wherever the bytes lie in a
 * block, and counting, cutting, decoding and encoding agree with each other.
 *
 * Input: byte 0 says how many ASCII bytes come before the text. */
#include "value/utf8.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition)
        abort();
}

/* Size of the well-formed sequence at text[at]; 0 when there is none. */
static size_t sequence(const uint8_t *text, size_t size, size_t at)
{
    static const struct {
        uint8_t first, last, low, high, more; /* lead bytes, range of the second byte */
    } rows[] = {
        {0x00, 0x7F, 0, 0, 0},       {0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2},
        {0xE1, 0xEC, 0x80, 0xBF, 2}, {0xED, 0xED, 0x80, 0x9F, 2}, {0xEE, 0xEF, 0x80, 0xBF, 2},
        {0xF0, 0xF0, 0x90, 0xBF, 3}, {0xF1, 0xF3, 0x80, 0xBF, 3}, {0xF4, 0xF4, 0x80, 0x8F, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (text[at] < rows[i].first || text[at] > rows[i].last)
            continue;
        if (at + rows[i].more >= size ||
            (rows[i].more && (text[at + 1] < rows[i].low || text[at + 1] > rows[i].high)))
            return 0;
        for (size_t k = 2; k <= rows[i].more; k++)
            if (text[at + k] < 0x80 || text[at + k] > 0xBF)
                return 0;
        return 1u + rows[i].more;
    }
    return 0;
}

/* Character by character through valid text. */
static void check_characters(struct weir_slice text)
{
    size_t count = weir_utf8_count(text), at = 0;
    check(weir_utf8_offset(text, count) == text.size);
    for (size_t n = 0; n < count; n++) {
        char again[WEIR_UTF8_SIZE];
        uint32_t strict = 0;
        size_t used = 0, used_strict = 0;
        if (n < 80) { /* these two scan from one end */
            check(weir_utf8_offset(text, n) == at);
            check(weir_utf8_suffix_size(text, count - n) == text.size - at);
        }
        uint32_t point = weir_utf8_decode(text.data + at, text.size - at, &used);
        check(weir_utf8_decode_strict(text.data + at, text.size - at, &strict, &used_strict));
        check(point == strict && used == used_strict && used > 0);
        check(weir_utf8_encode(point, again) == used && !memcmp(again, text.data + at, used));
        for (size_t k = 1; k < used; k++)
            check(weir_utf8_is_continuation(text.data[at + k]));
        at += used;
    }
    check(at == text.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    size_t before = data[0] % 140, all = before + size - 1, valid = 0;
    char *text = malloc(all ? all : 1); /* its own block, so that its end is watched */
    check(text != NULL);
    memset(text, 'a', before);
    if (size > 1)
        memcpy(text + before, data + 1, size - 1);
    for (size_t step; valid < all; valid += step)
        if ((step = sequence((const uint8_t *)text, all, valid)) == 0)
            break;
    bool ascii = true;
    for (size_t i = 0; i < all; i++)
        ascii &= (uint8_t)text[i] < 0x80;
    check(weir_utf8_is_ascii(text, all) == ascii);
    for (int isa = 0; isa <= WEIR_ISA_AVX512; isa++) {
        enum weir_isa best = weir_isa_detect((enum weir_isa)isa);
        check(weir_utf8_is_valid(best, text, all) == (valid == all));
        check(weir_utf8_first_invalid(best, text, all) == valid);
    }
    check_characters(weir_slice_make(text, valid));
    if (valid < all) {
        size_t used;
        uint32_t point;
        check(weir_utf8_decode(text + valid, all - valid, &used) == 0xFFFD && used == 1);
        check(!weir_utf8_decode_strict(text + valid, all - valid, &point, &used));
    }
    (void)weir_utf8_count(weir_slice_make(text, all)); /* any answer, inside the text */
    check(weir_utf8_offset(weir_slice_make(text, all), before + 1) <= all);
    check(weir_utf8_suffix_size(weir_slice_make(text, all), 3) <= all);
    free(text);
    return 0;
}
