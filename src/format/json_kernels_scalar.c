/* The fast path in plain C, for processors without AVX2: 64 bytes at a time, word by word. */
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

/* The top bits of the bytes, the first byte's lowest. */
WEIR_INLINE uint64_t top_bits(uint64_t word)
{
    return (word & TOPS) * UINT64_C(0x0002040810204081) >> 56;
}

/* A bit per byte of a block of 64. */
struct block_bits {
    uint64_t quotes, newlines, slashes, low, non_ascii;
};

static struct block_bits block_bits(const char *text)
{
    struct block_bits bits = {0};
    for (uint32_t k = 0; k < 64; k += 8) {
        uint64_t word = json_load_u64(text + k);
        bits.quotes |= top_bits(zero_bytes(word ^ (ONES * '"'))) << k;
        bits.newlines |= top_bits(zero_bytes(word ^ (ONES * '\n'))) << k;
        bits.slashes |= top_bits(zero_bytes(word ^ (ONES * '\\'))) << k;
        bits.low |= top_bits(zero_bytes(word & (ONES * 0xE0))) << k;
        bits.non_ascii |= top_bits(word) << k;
    }
    return bits;
}

static void index_chunk(struct json_chunk *chunk)
{
    uint16_t *out = chunk->index;
    struct json_doubts doubts = {
        .text = chunk->text, .bits = chunk->doubt_bits, .first = UINT32_MAX};
    uint64_t non_ascii = 0;
    for (uint32_t i = 0; i < chunk->size; i += 64) {
        struct block_bits bits = block_bits(chunk->text + i);
        uint64_t valid =
            chunk->size - i >= 64 ? UINT64_MAX : UINT64_MAX >> (64 - (chunk->size - i));
        uint64_t marks = (bits.quotes | bits.newlines) & valid;
        uint64_t controls = bits.low & ~bits.newlines & valid, slashes = bits.slashes & valid;
        non_ascii |= bits.non_ascii & valid;
        doubts.bits[i / 64] = 0;
        if (WEIR_UNLIKELY((controls | slashes | doubts.carry) != 0))
            marks = weir_json_add_doubts(&doubts, i, slashes, controls, marks);
        for (; marks; marks &= marks - 1)
            *out++ = (uint16_t)(i + (uint32_t)__builtin_ctzll(marks));
    }
    weir_json_end_index(chunk, &doubts, out);
    chunk->has_non_ascii = non_ascii != 0;
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

static bool lines_match(struct json_chunk *chunk, const struct json_shape *shape)
{
    for (uint32_t i = 0; i < shape->lines_count; i++)
        if (!pieces_match(chunk->text, shape->lines[i].quotes, shape->pieces,
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

static bool plain_views(const struct weir_view *views, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (views[i].size > WEIR_VIEW_INLINE_MAX)
            return false;
        for (uint32_t k = 0; k < views[i].size; k++) {
            unsigned char byte = (unsigned char)views[i].body.inlined[k];
            if (byte == '"' || byte == '\\' || byte < 0x20)
                return false;
        }
    }
    return true;
}

JSON_FN WEIR_INLINE void zero_words(uint64_t *words, uint32_t count)
{
    memset(words, 0, count * sizeof *words);
}

#include "format/json_kernels_template.h"
