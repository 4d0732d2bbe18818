/* Equality, order and hash of lanes, and keys whose bytes sort as the lanes do.
 *
 * One meaning, four forms (docs: "Equality and order"): NaN equals NaN and is greatest, -0 equals
 * 0, text goes by bytes, INTERVAL by its length with 30-day months, JSONB by value, nulls are
 * equal and greatest. Lists compare element by element, then by length; structs field by field.
 *
 * Hash: every kind is turned into one or two 64-bit words which are folded into a running hash,
 *
 *     hash = mum(word ^ K0, hash ^ K1)          with hash = seed before the first column
 *
 * so that combining columns costs nothing extra: the loop over the next column starts from what
 * the loop before left in hashes[]. Text up to 12 bytes is its 16-byte view, two words.
 *
 * Sort key of a lane: a marker byte (0 null first, 1 value, 2 null last), then
 *
 *     integers, times   big-endian, sign bit flipped            -1   01 7F FF FF FF
 *     floats            bits flipped so that they sort          1.0  01 BF F0 00 …
 *     text              bytes, 00 as 00 FF, closed by 00 00     "a"  01 61 00 00
 *     lists             01 element … 00;   structs: the fields' keys one after the other
 *     jsonb             rank byte and content, see below
 *
 * For descending order all bytes after the marker are inverted. No key is a prefix of another, so
 * keys of several columns may be joined.
 *
 * Kernels here take no memory; only the sort key grows its buffer.
 * Tested in tests/unit/column/test_order.c. */
#include "base/hash.h"
#include "column/column_internal.h"
#include "value/interval.h"
#include "value/json_token.h"

#include <assert.h>

/* Words of values */

struct words {
    uint64_t low, high;
};

WEIR_INLINE struct words words_load(const void *value)
{
    struct words words;
    memcpy(&words, value, sizeof words);
    return words;
}

/* Bits of a double such that equal values (NaN, zeros) have equal bits. */
WEIR_INLINE uint64_t double_word(double value)
{
    uint64_t bits;
    value += 0.0; /* -0 + 0 is +0 */
    memcpy(&bits, &value, sizeof bits);
    return value == value ? bits : UINT64_C(0x7FF8000000000000);
}

WEIR_INLINE uint64_t hash_pair(struct words words, uint64_t seed)
{
    return weir_hash_mum(words.low ^ WEIR_HASH_K0, words.high ^ seed ^ WEIR_HASH_K1);
}

static uint64_t hash_interval(const struct weir_interval *value, uint64_t seed)
{
    weir_i128 span = weir_interval_span(*value);
    return hash_pair(words_load(&span), seed);
}

WEIR_INLINE uint64_t hash_view(const struct weir_view *view, uint64_t seed)
{
    if (WEIR_LIKELY(view->size <= WEIR_VIEW_INLINE_MAX))
        return hash_pair(words_load(view), seed);
    return weir_hash_bytes(view->body.far.data, view->size, seed);
}

#define HASH_INTEGER(value, seed) weir_hash_u64((uint64_t)(int64_t) * (value), seed)
#define HASH_UNSIGNED(value, seed) weir_hash_u64((uint64_t) * (value), seed)
#define HASH_DOUBLE(value, seed) weir_hash_u64(double_word((double)*(value)), seed)
#define HASH_PAIR(value, seed) hash_pair(words_load(value), seed)
#define HASH_JSONB(value, seed) weir_json_hash(weir_view_slice(value), seed)

/* KIND(symbol, C type, hash): how the scalar kinds hash. */
#define SCALAR_KINDS(KIND)                              \
    KIND(BOOLEAN, uint8_t, HASH_UNSIGNED)               \
    KIND(INT8, int8_t, HASH_INTEGER)                    \
    KIND(INT16, int16_t, HASH_INTEGER)                  \
    KIND(INT32, int32_t, HASH_INTEGER)                  \
    KIND(INT64, int64_t, HASH_INTEGER)                  \
    KIND(UINT8, uint8_t, HASH_UNSIGNED)                 \
    KIND(UINT16, uint16_t, HASH_UNSIGNED)               \
    KIND(UINT32, uint32_t, HASH_UNSIGNED)               \
    KIND(UINT64, uint64_t, HASH_UNSIGNED)               \
    KIND(FLOAT32, float, HASH_DOUBLE)                   \
    KIND(FLOAT64, double, HASH_DOUBLE)                  \
    KIND(DECIMAL, struct words, HASH_PAIR)              \
    KIND(TEXT, struct weir_view, hash_view)             \
    KIND(BYTEA, struct weir_view, hash_view)            \
    KIND(DATE, int32_t, HASH_INTEGER)                   \
    KIND(TIME, int64_t, HASH_INTEGER)                   \
    KIND(TIMESTAMP, int64_t, HASH_INTEGER)              \
    KIND(TIMESTAMPTZ, int64_t, HASH_INTEGER)            \
    KIND(TIMESTAMP_NS, int64_t, HASH_INTEGER)           \
    KIND(TIMESTAMPTZ_NS, int64_t, HASH_INTEGER)         \
    KIND(INTERVAL, struct weir_interval, hash_interval) \
    KIND(UUID, struct words, HASH_PAIR)                 \
    KIND(JSON, struct weir_view, hash_view)             \
    KIND(JSONB, struct weir_view, HASH_JSONB)

/* Hash */

/* The lanes of one call; hashes[] holds the seeds when a loop begins. */
struct hash_job {
    const struct weir_column *column;
    const void *values;
    const uint16_t *selection;
    uint32_t count;
    uint64_t *hashes;
};

/* Four loops per kind: all lanes of a FLAT column without nulls, selected ones of such, FLAT with
 * nulls, and the other encodings. */
#define HASH_LOOPS(symbol, type, hash)                                                 \
    static void hash_##symbol(const struct hash_job *job)                              \
    {                                                                                  \
        const type *values = job->values;                                              \
        const struct weir_column *column = job->column;                                \
        const uint16_t *selection = job->selection;                                    \
        uint64_t *hashes = job->hashes;                                                \
        if (column->encoding == WEIR_FLAT && !column->validity) {                      \
            if (selection) {                                                           \
                for (uint32_t i = 0; i < job->count; i++)                              \
                    hashes[i] = hash(&values[selection[i]], hashes[i]);                \
            } else {                                                                   \
                for (uint32_t i = 0; i < job->count; i++)                              \
                    hashes[i] = hash(&values[i], hashes[i]);                           \
            }                                                                          \
            return;                                                                    \
        }                                                                              \
        if (column->encoding == WEIR_FLAT) {                                           \
            const uint64_t *validity = column->validity;                               \
            for (uint32_t i = 0; i < job->count; i++) {                                \
                uint32_t lane = selection ? selection[i] : i;                          \
                if (WEIR_LIKELY(weir_bit_get(validity, lane)))                         \
                    hashes[i] = hash(&values[lane], hashes[i]);                        \
                else                                                                   \
                    hashes[i] = weir_hash_u64(WEIR_HASH_NULL, hashes[i]);              \
            }                                                                          \
            return;                                                                    \
        }                                                                              \
        for (uint32_t i = 0; i < job->count; i++) {                                    \
            uint32_t lane = selection ? selection[i] : i;                              \
            if (weir_column_is_null(column, lane))                                     \
                hashes[i] = weir_hash_u64(WEIR_HASH_NULL, hashes[i]);                  \
            else                                                                       \
                hashes[i] = hash(&values[weir_column_index(column, lane)], hashes[i]); \
        }                                                                              \
    }
SCALAR_KINDS(HASH_LOOPS)

static uint64_t hash_lane(const struct weir_column *column, uint32_t lane, uint64_t seed)
{
    if (weir_column_is_null(column, lane))
        return weir_hash_u64(WEIR_HASH_NULL, seed);
    uint32_t index = weir_column_index(column, lane);
    switch (column->type->kind) {
#define HASH_CASE(symbol, type, hash) \
    case WEIR_TYPE_##symbol:          \
        return hash(&((const type *)column->values)[index], seed);
        SCALAR_KINDS(HASH_CASE)
#undef HASH_CASE
    case WEIR_TYPE_LIST:
    case WEIR_TYPE_MAP: {
        struct weir_list_entry entry = ((const struct weir_list_entry *)column->values)[index];
        uint64_t hash = weir_hash_u64(entry.count, seed);
        for (uint32_t i = 0; i < entry.count; i++)
            hash = hash_lane(&column->children[0], entry.offset + i, hash);
        return hash;
    }
    case WEIR_TYPE_STRUCT: {
        uint64_t hash = weir_hash_u64(column->children_count, seed);
        for (uint32_t i = 0; i < column->children_count; i++)
            hash = hash_lane(&column->children[i], lane, hash);
        return hash;
    }
    case WEIR_TYPE_NULL:
    case WEIR_TYPE_KINDS_COUNT:
        break;
    }
    return weir_hash_u64(WEIR_HASH_NULL, seed);
}

static void hash_lanes(const struct hash_job *job)
{
    for (uint32_t i = 0; i < job->count; i++) {
        uint32_t lane = job->selection ? job->selection[i] : i;
        job->hashes[i] = hash_lane(job->column, lane, job->hashes[i]);
    }
}

void weir_column_hash(const struct weir_column *column, const uint16_t *selection, uint32_t count,
                      uint64_t seed, bool combine, uint64_t *hashes)
{
    static void (*const loops[WEIR_TYPE_KINDS_COUNT])(const struct hash_job *) = {
#define HASH_ENTRY(symbol, type, hash) [WEIR_TYPE_##symbol] = hash_##symbol,
        SCALAR_KINDS(HASH_ENTRY)
#undef HASH_ENTRY
    };
    const struct hash_job job = {column, column->values, selection, count, hashes};
    if (!combine && column->encoding == WEIR_CONSTANT && count &&
        !weir_type_is_nested(column->type)) {
        uint64_t hash = hash_lane(column, 0, seed);
        for (uint32_t i = 0; i < count; i++)
            hashes[i] = hash;
        return;
    }
    if (!combine) {
        for (uint32_t i = 0; i < count; i++)
            hashes[i] = seed;
    }
    void (*loop)(const struct hash_job *) = loops[column->type->kind];
    if (loop)
        loop(&job);
    else
        hash_lanes(&job);
}

/* Order */

#define THREE_WAY(x, y) (((x) > (y)) - ((x) < (y)))

static int compare_double(double a, double b)
{
    bool a_nan = a != a, b_nan = b != b;
    if (a_nan || b_nan)
        return (int)a_nan - (int)b_nan;
    return THREE_WAY(a, b);
}

static uint32_t view_prefix(const struct weir_view *view)
{
    uint32_t prefix;
    memcpy(&prefix, view->body.inlined, sizeof prefix);
    return __builtin_bswap32(prefix); /* first byte most significant, short ones zero padded */
}

static int compare_views(const struct weir_view *a, const struct weir_view *b)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t prefix_a = view_prefix(a), prefix_b = view_prefix(b);
    if (prefix_a != prefix_b)
        return prefix_a < prefix_b ? -1 : 1;
#endif
    return weir_slice_compare(weir_view_slice(a), weir_view_slice(b));
}

static int compare_decimals(const void *a, const void *b)
{
    weir_i128 x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return THREE_WAY(x, y);
}

static int compare_lists(const struct weir_column *a, uint32_t index_a, const struct weir_column *b,
                         uint32_t index_b)
{
    struct weir_list_entry x = ((const struct weir_list_entry *)a->values)[index_a];
    struct weir_list_entry y = ((const struct weir_list_entry *)b->values)[index_b];
    for (uint32_t i = 0; i < x.count && i < y.count; i++) {
        int order =
            weir_column_compare(&a->children[0], x.offset + i, &b->children[0], y.offset + i);
        if (order)
            return order;
    }
    return THREE_WAY(x.count, y.count);
}

static int compare_structs(const struct weir_column *a, uint32_t lane_a,
                           const struct weir_column *b, uint32_t lane_b)
{
    for (uint32_t i = 0; i < a->children_count; i++) {
        int order = weir_column_compare(&a->children[i], lane_a, &b->children[i], lane_b);
        if (order)
            return order;
    }
    return 0;
}

#define VALUE(type, column, index) (((const type *)(column)->values)[index])

/* Of values that are not null; the nested kinds but STRUCT included. */
static int compare_values(const struct weir_column *a, uint32_t x, const struct weir_column *b,
                          uint32_t y)
{
    switch (a->type->kind) {
#define COMPARE_CASE(symbol, type) \
    case WEIR_TYPE_##symbol:       \
        return THREE_WAY(VALUE(type, a, x), VALUE(type, b, y));
        COMPARE_CASE(BOOLEAN, uint8_t)
        COMPARE_CASE(INT8, int8_t)
        COMPARE_CASE(INT16, int16_t)
        COMPARE_CASE(INT32, int32_t)
        COMPARE_CASE(INT64, int64_t)
        COMPARE_CASE(UINT8, uint8_t)
        COMPARE_CASE(UINT16, uint16_t)
        COMPARE_CASE(UINT32, uint32_t)
        COMPARE_CASE(UINT64, uint64_t)
        COMPARE_CASE(DATE, int32_t)
        COMPARE_CASE(TIME, int64_t)
        COMPARE_CASE(TIMESTAMP, int64_t)
        COMPARE_CASE(TIMESTAMPTZ, int64_t)
        COMPARE_CASE(TIMESTAMP_NS, int64_t)
        COMPARE_CASE(TIMESTAMPTZ_NS, int64_t)
#undef COMPARE_CASE
    case WEIR_TYPE_FLOAT32:
        return compare_double((double)VALUE(float, a, x), (double)VALUE(float, b, y));
    case WEIR_TYPE_FLOAT64:
        return compare_double(VALUE(double, a, x), VALUE(double, b, y));
    case WEIR_TYPE_DECIMAL:
        return compare_decimals(&VALUE(struct words, a, x), &VALUE(struct words, b, y));
    case WEIR_TYPE_TEXT:
    case WEIR_TYPE_BYTEA:
    case WEIR_TYPE_JSON:
        return compare_views(&VALUE(struct weir_view, a, x), &VALUE(struct weir_view, b, y));
    case WEIR_TYPE_JSONB:
        return weir_json_compare(weir_view_slice(&VALUE(struct weir_view, a, x)),
                                 weir_view_slice(&VALUE(struct weir_view, b, y)));
    case WEIR_TYPE_INTERVAL:
        return weir_interval_compare(VALUE(struct weir_interval, a, x),
                                     VALUE(struct weir_interval, b, y));
    case WEIR_TYPE_UUID: {
        int order = memcmp(&VALUE(struct words, a, x), &VALUE(struct words, b, y), 16);
        return THREE_WAY(order, 0);
    }
    case WEIR_TYPE_LIST:
    case WEIR_TYPE_MAP:
        return compare_lists(a, x, b, y);
    case WEIR_TYPE_STRUCT:
    case WEIR_TYPE_NULL:
    case WEIR_TYPE_KINDS_COUNT:
        break;
    }
    return 0;
}

int weir_column_compare(const struct weir_column *a, uint32_t lane_a, const struct weir_column *b,
                        uint32_t lane_b)
{
    assert(a->type->kind == b->type->kind);
    bool null_a = weir_column_is_null(a, lane_a), null_b = weir_column_is_null(b, lane_b);
    if (null_a || null_b)
        return (int)null_a - (int)null_b;
    if (a->type->kind == WEIR_TYPE_STRUCT)
        return compare_structs(a, lane_a, b, lane_b);
    return compare_values(a, weir_column_index(a, lane_a), b, weir_column_index(b, lane_b));
}

bool weir_column_equals(const struct weir_column *a, uint32_t lane_a, const struct weir_column *b,
                        uint32_t lane_b)
{
    assert(a->type->kind == b->type->kind);
    bool null_a = weir_column_is_null(a, lane_a), null_b = weir_column_is_null(b, lane_b);
    if (null_a || null_b)
        return null_a == null_b;
    enum weir_type_kind kind = a->type->kind;
    if (kind == WEIR_TYPE_STRUCT)
        return compare_structs(a, lane_a, b, lane_b) == 0;
    uint32_t x = weir_column_index(a, lane_a), y = weir_column_index(b, lane_b);
    if (kind == WEIR_TYPE_TEXT || kind == WEIR_TYPE_BYTEA || kind == WEIR_TYPE_JSON)
        return weir_view_equals(&VALUE(struct weir_view, a, x), &VALUE(struct weir_view, b, y));
    if (kind == WEIR_TYPE_LIST || kind == WEIR_TYPE_MAP) {
        if (VALUE(struct weir_list_entry, a, x).count != VALUE(struct weir_list_entry, b, y).count)
            return false;
    }
    return compare_values(a, x, b, y) == 0;
}

/* Sort keys */

enum { KEY_NULL_FIRST = 0, KEY_VALUE = 1, KEY_NULL_LAST = 2 };

/* The low `size` bytes of value, most significant first. */
static void put_big_endian(struct weir_buffer *out, uint64_t value, size_t size)
{
    char bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(value >> (8 * (size - 1 - i)));
    weir_buffer_append(out, bytes, size);
}

/* Writes four bytes over those at begin. */
static void patch_big_endian(struct weir_buffer *out, size_t begin, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        out->data[begin + i] = (char)(value >> (24 - 8 * i));
}

static void put_signed(struct weir_buffer *out, int64_t value, size_t size)
{
    put_big_endian(out, (uint64_t)value ^ UINT64_C(1) << (8 * size - 1), size);
}

static void put_i128(struct weir_buffer *out, weir_i128 value)
{
    put_signed(out, (int64_t)(value >> 64), 8);
    put_big_endian(out, (uint64_t)value, 8);
}

static void put_double(struct weir_buffer *out, double value)
{
    uint64_t bits = double_word(value);
    put_big_endian(out, bits >> 63 ? ~bits : bits | UINT64_C(1) << 63, 8);
}

static void put_escaped(struct weir_buffer *out, struct weir_slice text)
{
    size_t begin = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\0') {
            weir_buffer_append(out, text.data + begin, i + 1 - begin);
            weir_buffer_append_char(out, (char)0xFF);
            begin = i + 1;
        }
    }
    weir_buffer_append(out, text.data + begin, text.size - begin);
    weir_buffer_append(out, "\0\0", 2);
}

/* JSONB: Object > Array > Boolean > Number > String > Null, and an empty array at the top below
 * everything. Containers give their count first, so that longer ones sort after shorter. */
enum {
    JSON_RANK_EMPTY_TOP = 0,
    JSON_RANK_NULL,
    JSON_RANK_STRING,
    JSON_RANK_NUMBER,
    JSON_RANK_BOOLEAN,
    JSON_RANK_ARRAY,
    JSON_RANK_OBJECT
};

/* Canonical texts hold no NUL, so one closes the string. */
static void put_json_string(struct weir_buffer *out, struct weir_slice text)
{
    if (!weir_buffer_reserve(out, text.size + 1))
        return;
    out->size += weir_json_unescape(text, out->data + out->size);
    weir_buffer_append_char(out, '\0');
}

static void invert_from(struct weir_buffer *out, size_t begin)
{
    for (size_t i = begin; i < out->size; i++)
        out->data[i] = (char)~out->data[i];
}

/* Sign (0 negative, 1 zero, 2 positive), how many digits stand before the point, the digits
 * without zeros at either end; a negative number's rest is inverted.
 *     120 -> 2 | 80000003 | "12" 00        -0.05 -> 0 | ~(7FFFFFFF "5" 00) */
static void put_json_number(struct weir_buffer *out, struct weir_slice text)
{
    bool negative = text.data[0] == '-';
    const char *digit = text.data + negative, *end = text.data + text.size;
    int64_t magnitude = 0, zeros_count = 0;
    bool before_point = true, leading = true;
    weir_buffer_append_char(out, negative ? 0 : 2);
    size_t begin = out->size;
    put_big_endian(out, 0, 4);
    for (; digit < end; digit++) {
        if (*digit == '.') {
            before_point = false;
            continue;
        }
        if (leading && *digit == '0') {
            magnitude -= !before_point;
            continue;
        }
        leading = false;
        magnitude += before_point;
        if (*digit == '0') {
            zeros_count++;
            continue;
        }
        for (; zeros_count; zeros_count--)
            weir_buffer_append_char(out, '0');
        weir_buffer_append_char(out, *digit);
    }
    if (out->failed)
        return;
    if (leading) {
        out->size = begin;
        out->data[begin - 1] = 1;
        return;
    }
    weir_buffer_append_char(out, '\0');
    if (out->failed)
        return;
    patch_big_endian(out, begin, (uint32_t)(magnitude + INT64_C(0x80000000)));
    if (negative)
        invert_from(out, begin);
}

static void put_json_value(struct weir_json *json, struct weir_json_token token,
                           struct weir_buffer *out);

/* Content of a container: its count, then (key and) value one after the other. */
static void put_json_container(struct weir_json *json, char rank, struct weir_buffer *out)
{
    weir_buffer_append_char(out, rank);
    size_t begin = out->size;
    put_big_endian(out, 0, 4);
    uint32_t count = 0;
    for (;;) {
        struct weir_json_token token = weir_json_next(json);
        if (token.kind == WEIR_JSON_KEY) {
            put_json_string(out, token.text);
            token = weir_json_next(json);
        }
        if (token.kind <= WEIR_JSON_END || token.kind == WEIR_JSON_ARRAY_END ||
            token.kind == WEIR_JSON_OBJECT_END)
            break;
        put_json_value(json, token, out);
        count++;
    }
    if (out->failed)
        return;
    patch_big_endian(out, begin, count);
}

static void put_json_value(struct weir_json *json, struct weir_json_token token,
                           struct weir_buffer *out)
{
    switch (token.kind) {
    case WEIR_JSON_OBJECT_BEGIN:
        put_json_container(json, JSON_RANK_OBJECT, out);
        return;
    case WEIR_JSON_ARRAY_BEGIN:
        put_json_container(json, JSON_RANK_ARRAY, out);
        return;
    case WEIR_JSON_STRING:
        weir_buffer_append_char(out, JSON_RANK_STRING);
        put_json_string(out, token.text);
        return;
    case WEIR_JSON_NUMBER:
        weir_buffer_append_char(out, JSON_RANK_NUMBER);
        put_json_number(out, token.text);
        return;
    case WEIR_JSON_TRUE:
    case WEIR_JSON_FALSE:
        weir_buffer_append_char(out, JSON_RANK_BOOLEAN);
        weir_buffer_append_char(out, token.kind == WEIR_JSON_TRUE);
        return;
    default:
        weir_buffer_append_char(out, JSON_RANK_NULL);
        return;
    }
}

static void put_jsonb(struct weir_buffer *out, struct weir_slice canonical)
{
    struct weir_json json;
    if (weir_slice_equals_string(canonical, "[]")) {
        weir_buffer_append_char(out, JSON_RANK_EMPTY_TOP);
        return;
    }
    weir_json_begin(&json, canonical);
    put_json_value(&json, weir_json_next(&json), out);
}

static void put_key(const struct weir_column *column, uint32_t lane, bool nulls_first,
                    struct weir_buffer *out);

static void put_list(const struct weir_column *column, uint32_t index, struct weir_buffer *out)
{
    struct weir_list_entry entry = VALUE(struct weir_list_entry, column, index);
    for (uint32_t i = 0; i < entry.count; i++) {
        weir_buffer_append_char(out, 1);
        put_key(&column->children[0], entry.offset + i, false, out);
    }
    weir_buffer_append_char(out, 0);
}

static void put_integer(const struct weir_column *column, uint32_t index, struct weir_buffer *out)
{
    switch (column->type->kind) {
    case WEIR_TYPE_BOOLEAN:
    case WEIR_TYPE_UINT8:
        put_big_endian(out, VALUE(uint8_t, column, index), 1);
        return;
    case WEIR_TYPE_UINT16:
        put_big_endian(out, VALUE(uint16_t, column, index), 2);
        return;
    case WEIR_TYPE_UINT32:
        put_big_endian(out, VALUE(uint32_t, column, index), 4);
        return;
    case WEIR_TYPE_UINT64:
        put_big_endian(out, VALUE(uint64_t, column, index), 8);
        return;
    case WEIR_TYPE_INT8:
        put_signed(out, VALUE(int8_t, column, index), 1);
        return;
    case WEIR_TYPE_INT16:
        put_signed(out, VALUE(int16_t, column, index), 2);
        return;
    case WEIR_TYPE_INT32:
    case WEIR_TYPE_DATE:
        put_signed(out, VALUE(int32_t, column, index), 4);
        return;
    default: /* INT64 and the times */
        put_signed(out, VALUE(int64_t, column, index), 8);
        return;
    }
}

static void put_value(const struct weir_column *column, uint32_t index, struct weir_buffer *out)
{
    weir_i128 wide;
    switch (column->type->kind) {
    case WEIR_TYPE_FLOAT32:
        put_double(out, (double)VALUE(float, column, index));
        return;
    case WEIR_TYPE_FLOAT64:
        put_double(out, VALUE(double, column, index));
        return;
    case WEIR_TYPE_DECIMAL:
        memcpy(&wide, &VALUE(struct words, column, index), sizeof wide);
        put_i128(out, wide);
        return;
    case WEIR_TYPE_INTERVAL:
        put_i128(out, weir_interval_span(VALUE(struct weir_interval, column, index)));
        return;
    case WEIR_TYPE_UUID:
        weir_buffer_append(out, &VALUE(struct words, column, index), 16);
        return;
    case WEIR_TYPE_TEXT:
    case WEIR_TYPE_BYTEA:
    case WEIR_TYPE_JSON:
        put_escaped(out, weir_view_slice(&VALUE(struct weir_view, column, index)));
        return;
    case WEIR_TYPE_JSONB:
        put_jsonb(out, weir_view_slice(&VALUE(struct weir_view, column, index)));
        return;
    case WEIR_TYPE_LIST:
    case WEIR_TYPE_MAP:
        put_list(column, index, out);
        return;
    default:
        put_integer(column, index, out);
        return;
    }
}

static void put_key(const struct weir_column *column, uint32_t lane, bool nulls_first,
                    struct weir_buffer *out)
{
    if (weir_column_is_null(column, lane)) {
        weir_buffer_append_char(out, nulls_first ? KEY_NULL_FIRST : KEY_NULL_LAST);
        return;
    }
    weir_buffer_append_char(out, KEY_VALUE);
    if (column->type->kind == WEIR_TYPE_STRUCT) {
        for (uint32_t i = 0; i < column->children_count; i++)
            put_key(&column->children[i], lane, false, out);
        return;
    }
    put_value(column, weir_column_index(column, lane), out);
}

void weir_column_sort_key(const struct weir_column *column, uint32_t lane,
                          struct weir_sort_order order, struct weir_buffer *out)
{
    size_t begin = out->size;
    put_key(column, lane, order.nulls_first, out);
    if (order.descending && !out->failed)
        invert_from(out, begin + 1);
}
