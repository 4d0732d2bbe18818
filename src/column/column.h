/* A column: lanes of one type in memory somebody else owns.
 *
 * Encodings:
 *   FLAT        lane i is values[i]
 *   CONSTANT    every lane is values[0]; validity bit 0 speaks for all
 *   DICTIONARY  lane i is values[codes[i]]; validity is per lane, values are never null
 * validity: bit i (least significant first, 64 lanes a word) is 1 when lane i is not null; NULL
 * pointer: no lane is null. Bits past the last lane are undefined. The value of a null lane is
 * undefined but readable (initialised memory); a null view lane has size 0.
 *
 * Invariants (weir_column_verify checks them in tests and debug builds):
 *   I1 values is aligned to the lane width (16 for 16-byte lanes)
 *   I2 views of size <= 12 are inlined and zero padded
 *   I3 text lanes that are not null are valid UTF-8
 *   I4 list entries lie within the child; struct children have rows_count lanes and are FLAT or
 *      CONSTANT; children of lists are FLAT
 *   I5 codes[i] < values_count
 *   I6 the pairs of a map ascend by key, each key once and never null (map.c) */
#ifndef WEIR_COLUMN_COLUMN_H
#define WEIR_COLUMN_COLUMN_H

#include "column/type.h"

enum weir_encoding { WEIR_FLAT, WEIR_CONSTANT, WEIR_DICTIONARY };

/* 16 bytes of text: the bytes themselves up to 12, else a prefix and a pointer. Arrow's Utf8View
 * with a pointer in place of (buffer, offset); translated at the Arrow edge (docs/adr/0001). */
struct weir_view {
    uint32_t size;
    union {
        char inlined[12];
        struct {
            char prefix[4];
            const char *data;
        } __attribute__((packed)) far;
    } body;
} __attribute__((aligned(8)));

enum { WEIR_VIEW_INLINE_MAX = 12 };

static inline struct weir_slice weir_view_slice(const struct weir_view *view)
{
    return weir_slice_make(
        view->size <= WEIR_VIEW_INLINE_MAX ? view->body.inlined : view->body.far.data, view->size);
}
/* Borrows bytes when they are longer than 12. size < 4 GiB. */
static inline struct weir_view weir_view_make(const char *bytes, size_t size)
{
    struct weir_view view = {.size = (uint32_t)size};
    if (size <= WEIR_VIEW_INLINE_MAX) {
        if (size)
            memcpy(view.body.inlined, bytes, size);
    } else {
        memcpy(view.body.far.prefix, bytes, 4);
        view.body.far.data = bytes;
    }
    return view;
}
static inline struct weir_view weir_view_from_slice(struct weir_slice slice)
{
    return weir_view_make(slice.data, slice.size);
}
static inline bool weir_view_equals(const struct weir_view *a, const struct weir_view *b)
{
    uint64_t head_a, head_b;
    memcpy(&head_a, a, 8);
    memcpy(&head_b, b, 8);
    if (head_a != head_b)
        return false;
    if (a->size <= WEIR_VIEW_INLINE_MAX)
        return memcmp((const char *)a + 8, (const char *)b + 8, 8) == 0;
    return memcmp(a->body.far.data, b->body.far.data, a->size) == 0;
}

struct weir_list_entry {
    uint32_t offset; /* first lane in the child */
    uint32_t count;
};

struct weir_column {
    const struct weir_type *type;
    enum weir_encoding encoding;
    uint32_t rows_count;   /* lanes */
    uint32_t values_count; /* DICTIONARY: entries in values; else unused */
    uint32_t children_count;
    const uint64_t *validity;
    const void *values;
    const uint32_t *codes;              /* DICTIONARY only */
    const struct weir_column *children; /* LIST/MAP: 1; STRUCT: one per field */
};

enum { WEIR_VALIDITY_WORD_BITS = 64 };
static inline size_t weir_validity_words(uint32_t rows_count)
{
    return ((size_t)rows_count + 63) / 64;
}
/* Whether a bit of the first rows_count is not set. */
static inline bool weir_validity_any_null(const uint64_t *validity, uint32_t rows_count)
{
    uint32_t whole = rows_count / WEIR_VALIDITY_WORD_BITS;
    uint32_t rest = rows_count % WEIR_VALIDITY_WORD_BITS;
    uint64_t nulls = 0;
    for (uint32_t i = 0; i < whole; i++)
        nulls |= ~validity[i];
    if (rest)
        nulls |= ~validity[whole] << (WEIR_VALIDITY_WORD_BITS - rest);
    return nulls != 0;
}
static inline bool weir_bit_get(const uint64_t *bits, uint32_t index)
{
    return bits[index >> 6] >> (index & 63) & 1;
}
static inline void weir_bit_set(uint64_t *bits, uint32_t index)
{
    bits[index >> 6] |= UINT64_C(1) << (index & 63);
}
/* Bits [index, index + count). */
static inline void weir_bits_clear(uint64_t *bits, uint32_t index, uint32_t count)
{
    while (count > 0) {
        uint32_t shift = index % 64, most = 64 - shift, size = count < most ? count : most;
        bits[index / 64] &= ~(UINT64_MAX >> (64 - size) << shift);
        index += size;
        count -= size;
    }
}
static inline void weir_bit_clear(uint64_t *bits, uint32_t index)
{
    bits[index >> 6] &= ~(UINT64_C(1) << (index & 63));
}

/* Index into values of a lane. */
static inline uint32_t weir_column_index(const struct weir_column *column, uint32_t lane)
{
    return column->encoding == WEIR_FLAT       ? lane
           : column->encoding == WEIR_CONSTANT ? 0
                                               : column->codes[lane];
}
static inline bool weir_column_is_null(const struct weir_column *column, uint32_t lane)
{
    return column->type->kind == WEIR_TYPE_NULL ||
           (column->validity &&
            !weir_bit_get(column->validity, column->encoding == WEIR_CONSTANT ? 0 : lane));
}

/* A CONSTANT column of rows_count nulls. Never allocates; so a nested one has no children
 * (children_count 0), until it is flattened. */
struct weir_column weir_column_nulls(const struct weir_type *type, uint32_t rows_count);

/* Checks the invariants; INTERNAL with what is broken. */
enum weir_status weir_column_verify(const struct weir_column *column, struct weir_error *error);

/* The column with FLAT encoding (itself when it is flat). New memory comes from arena; text bytes
 * stay shared with the input. */
WEIR_CHECKED enum weir_status weir_column_flatten(const struct weir_column *column,
                                                  struct weir_arena *arena, struct weir_column *out,
                                                  struct weir_error *error);
/* out lane i = column lane selection[i], i < count. Keeps CONSTANT and DICTIONARY. Text shared. */
WEIR_CHECKED enum weir_status weir_column_take(const struct weir_column *column,
                                               const uint16_t *selection, uint32_t count,
                                               struct weir_arena *arena, struct weir_column *out,
                                               struct weir_error *error);
/* The same with 32-bit lanes, for columns larger than a batch (sorted runs, list children). */
WEIR_CHECKED enum weir_status weir_column_gather(const struct weir_column *column,
                                                 const uint32_t *lanes, uint32_t count,
                                                 struct weir_arena *arena, struct weir_column *out,
                                                 struct weir_error *error);
/* Lanes [first, first + count) without copying (FLAT and DICTIONARY shift pointers; first must be
 * a multiple of 64 when validity is set, else bits are copied into arena). */
WEIR_CHECKED enum weir_status weir_column_slice(const struct weir_column *column, uint32_t first,
                                                uint32_t count, struct weir_arena *arena,
                                                struct weir_column *out, struct weir_error *error);

/* Table hash of selected lanes: hashes[i] for lane selection[i] (selection NULL: lane i), i <
 * count. Equal lanes (IS NOT DISTINCT FROM) hash equal: -0 = 0, all NaN equal, nulls equal,
 * INTERVAL by its normalised length, JSONB by value. combine: joins with hashes[i] as it stands,
 * else seed begins. Integer kinds hash by value, so INT32 5 and INT64 5 agree. */
void weir_column_hash(const struct weir_column *column, const uint16_t *selection, uint32_t count,
                      uint64_t seed, bool combine, uint64_t *hashes);
/* IS NOT DISTINCT FROM; types must be equal. */
bool weir_column_equals(const struct weir_column *a, uint32_t lane_a, const struct weir_column *b,
                        uint32_t lane_b);
/* Total order of SEMANTICS "Equality and order", nulls greatest: -1, 0, 1. Types must be equal. */
int weir_column_compare(const struct weir_column *a, uint32_t lane_a, const struct weir_column *b,
                        uint32_t lane_b);

/* Sorts lanes of column ascending by weir_column_compare, equal ones by lane. Takes no memory. */
void weir_column_sort_lanes(const struct weir_column *column, uint32_t *lanes, uint32_t count);
/* Whether the entry's pairs are in the order that maps have (I6). */
bool weir_map_keys_ascend(const struct weir_column *keys, struct weir_list_entry entry);
/* Puts the pairs of each lane of a FLAT map column in that order; of equal keys the last counts.
 * replaced, unless NULL: gets the bits of lanes that had a key twice. A column in order stays as it
 * is; otherwise new entries and pairs come from arena. Keys must not be null. */
WEIR_CHECKED enum weir_status weir_column_sort_maps(struct weir_column *maps, uint64_t *replaced,
                                                    struct weir_arena *arena,
                                                    struct weir_error *error);

struct weir_sort_order {
    bool descending;
    bool nulls_first;
};
/* Appends a key whose memcmp order is the column's order (self-delimiting, so that keys join). */
void weir_column_sort_key(const struct weir_column *column, uint32_t lane,
                          struct weir_sort_order order, struct weir_buffer *out);

#endif
