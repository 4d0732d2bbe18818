/* The fast path in plain C, for processors without AVX2: eight bytes at a time. */
#include "format/json_internal.h"
#include "format/json_time.h"

#define JSON_FN
#define JSON_KERNELS weir_json_kernels_scalar

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

/* The top bit of each byte of word that is zero; exact, without borrows between bytes. */
WEIR_INLINE uint64_t zero_bytes(uint64_t word)
{
    return ~(((word & ~TOPS) + ~TOPS) | word | ~TOPS);
}

/* The special bytes of a word, by their top bits; returns marks without the quotes behind
 * backslashes. */
static uint64_t add_doubts(struct json_doubts *doubts, uint32_t offset, uint64_t special,
                           uint64_t marks)
{
    if (doubts->escaped == offset && doubts->text[offset] == '"')
        marks &= ~UINT64_C(0x80);
    for (; special; special &= special - 1) {
        uint32_t byte = (uint32_t)__builtin_ctzll(special) / 8;
        if (json_doubts_add(doubts, offset + byte) && byte < 7 &&
            doubts->text[offset + byte + 1] == '"')
            marks &= ~(UINT64_C(0x8000) << (8 * byte));
    }
    return marks;
}

static void index_chunk(struct json_chunk *chunk)
{
    uint16_t *out = chunk->index;
    struct json_doubts doubts = {chunk->text, chunk->doubts, UINT32_MAX};
    uint64_t non_ascii = 0;
    for (uint32_t i = 0; i < chunk->size; i += 8) {
        uint64_t word = json_load_u64(chunk->text + i);
        uint64_t valid =
            chunk->size - i >= 8 ? UINT64_MAX : UINT64_MAX >> (64 - 8 * (chunk->size - i));
        uint64_t newlines = zero_bytes(word ^ (ONES * '\n'));
        uint64_t marks = (zero_bytes(word ^ (ONES * '"')) | newlines) & valid;
        uint64_t low = zero_bytes(word & (ONES * 0xE0)) & ~newlines;
        uint64_t special = (low | zero_bytes(word ^ (ONES * '\\'))) & valid;
        non_ascii |= word & valid;
        if (WEIR_UNLIKELY(special != 0 || doubts.escaped == i))
            marks = add_doubts(&doubts, i, special, marks);
        for (; marks; marks &= marks - 1)
            *out++ = (uint16_t)(i + (uint32_t)__builtin_ctzll(marks) / 8);
    }
    for (uint32_t k = 0; k < 8; k++)
        out[k] = (uint16_t)chunk->size;
    chunk->index_count = (uint32_t)(out - chunk->index);
    chunk->doubts_count = (uint32_t)(doubts.out - chunk->doubts);
    *doubts.out = UINT32_MAX;
    chunk->has_non_ascii = (non_ascii & TOPS) != 0;
}

/* A line against the pieces of a shape. */
WEIR_INLINE bool pieces_match(const char *text, const uint16_t *quotes,
                              const struct json_piece *piece, const struct json_piece *end)
{
    for (; piece < end; piece++)
        if (memcmp(text + quotes[piece->ordinal] + piece->delta, piece->bytes, piece->size) != 0)
            return false;
    return true;
}

static bool lines_match(const char *text, const struct json_shape *shape)
{
    for (uint32_t i = 0; i < shape->lines_count; i++)
        if (!pieces_match(text, shape->lines[i].quotes, shape->pieces,
                          shape->pieces + shape->pieces_count))
            return false;
    return true;
}

WEIR_INLINE bool read_decimal(const char *p, uint32_t size, uint64_t *digits, uint32_t *fraction)
{
    uint64_t value = 0;
    uint32_t after = 0, point = 0;
    bool ok =
        size - 1 < 16 && p[size - 1] != '.' && *p != '.' && (size == 1 || *p != '0' || p[1] == '.');
    for (uint32_t i = 0; ok && i < size; i++) {
        unsigned digit = (unsigned char)(p[i] - '0');
        if (digit <= 9) {
            value = value * 10 + digit;
            after += point;
        } else {
            ok = p[i] == '.' && !point;
            point = 1;
        }
    }
    *digits = value;
    *fraction = after;
    return ok;
}

WEIR_INLINE bool check_decimal(const char *p, uint32_t size)
{
    uint64_t digits;
    uint32_t fraction;
    return read_decimal(p, size, &digits, &fraction);
}

WEIR_INLINE bool read_digits(const char *p, uint32_t size, uint64_t *digits)
{
    uint32_t fraction;
    return read_decimal(p, size, digits, &fraction) && fraction == 0;
}

WEIR_INLINE bool check_digits(const char *p, uint32_t size)
{
    uint64_t digits;
    return read_digits(p, size, &digits);
}

/* A view without a branch on the size. */
WEIR_INLINE void store_view(struct weir_view *lane, const char *p, uint32_t size)
{
    uint32_t prefix;
    memcpy(&prefix, p, 4);
    uint64_t head = size >= 4 ? prefix : prefix & ((UINT32_C(1) << (8 * (size & 3))) - 1);
    uint64_t rest = json_load_u64(p + 4);
    rest = size >= 12 ? rest : size > 4 ? rest & (UINT64_MAX >> (8 * (12 - size))) : 0;
    uint64_t words[2] = {size | head << 32,
                         size <= WEIR_VIEW_INLINE_MAX ? rest : (uint64_t)(uintptr_t)p};
    memcpy(lane, words, sizeof words);
}

WEIR_INLINE uint32_t heads_equal(const struct json_decoder *decoder, uint64_t word)
{
    uint32_t equal = 0;
    for (uint32_t i = 0; i < JSON_SHAPES_MAX; i++)
        equal |= (uint32_t)((word & decoder->head_masks[i]) == decoder->heads[i]) << i;
    return equal;
}

struct key {
    uint64_t head, tail;
};

WEIR_INLINE struct key load_key(const char *p, uint32_t size)
{
    return (struct key){json_load_head(p, size), size > 8 ? json_load_u64(p + size - 8) : 0};
}

WEIR_INLINE bool check_scalar(const char *p, uint32_t size)
{
    if ((size == 4 && (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)) ||
        (size == 5 && memcmp(p, "false", 5) == 0))
        return true;
    return check_decimal(p + (*p == '-'), size - (*p == '-'));
}

#include "format/json_kernels_template.h"
