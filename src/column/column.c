/* Columns: checking, flattening, picking lanes, slicing.
 *
 * Picking lanes is one routine over a `struct lane_list`, which is 16-bit lanes (a batch's
 * selection) or 32-bit lanes (sorted runs, dictionary codes):
 *
 *     column FLAT        values  a b c d     lanes 3 1   ->   values d b
 *     column DICTIONARY  codes   0 1 0 1     lanes 3 1   ->   codes  1 1     (values shared)
 *     column CONSTANT    values  a           lanes 3 1   ->   values a       (rows_count 2)
 *
 * Lists pick their 8-byte entries and share the child; structs pick in every child. Only lane
 * arrays are copied, never text bytes or list elements.
 *
 * A CONSTANT null column made by weir_column_nulls has no children even when its type is nested:
 * who meets a null lane must not look further. Flattening gives it children again.
 *
 * Memory: results point into the arena given and into what the input points to.
 * Tested in tests/unit/column/test_column.c. */
#include "column/column_internal.h"
#include "value/utf8.h"

#include <assert.h>

static const _Alignas(64) char zeros[64];

const void *weir_column_zeros(void)
{
    return zeros;
}

void *weir_column_lanes_alloc(struct weir_arena *arena, size_t count, size_t width,
                              struct weir_error *error)
{
    size_t size;
    void *memory = NULL;
    if (__builtin_mul_overflow(count, width, &size))
        size = SIZE_MAX;
    else
        memory = weir_arena_alloc(arena, size ? size : 1, WEIR_COLUMN_ALIGNMENT);
    if (!memory)
        (void)weir_budget_error(arena->budget, error);
    return memory;
}

static enum weir_status memory_status(struct weir_arena *arena)
{
    return weir_budget_error(arena->budget, NULL);
}

struct weir_column weir_column_nulls(const struct weir_type *type, uint32_t rows_count)
{
    return (struct weir_column){.type = type,
                                .encoding = WEIR_CONSTANT,
                                .rows_count = rows_count,
                                .validity = (const uint64_t *)(const void *)zeros,
                                .values = zeros};
}

bool weir_type_same_lanes(const struct weir_type *a, const struct weir_type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->scale != b->scale || a->children_count != b->children_count)
        return false;
    for (uint32_t i = 0; i < a->children_count; i++) {
        if (!weir_type_same_lanes(a->children[i], b->children[i]))
            return false;
    }
    return true;
}

/* Bits */

/* The 64 bits from bit `first` on; reads the following word only when bits of it are wanted. */
static uint64_t bits_word(const uint64_t *source, uint32_t first, uint32_t wanted)
{
    uint32_t shift = first & 63;
    uint64_t word = source[first >> 6] >> shift;
    if (shift && wanted > 64 - shift)
        word |= source[(first >> 6) + 1] << (64 - shift);
    return word;
}

uint64_t *weir_column_bits_copy(const uint64_t *source, uint32_t first, uint32_t count,
                                struct weir_arena *arena, struct weir_error *error)
{
    size_t words = weir_validity_words(count);
    uint64_t *bits = weir_column_lanes_alloc(arena, words, sizeof *bits, error);
    if (!bits)
        return NULL;
    for (size_t i = 0; i < words; i++) {
        uint32_t done = (uint32_t)i * 64;
        bits[i] = bits_word(source, first + done, count - done);
    }
    return bits;
}

/* Checking */

static enum weir_status broken(struct weir_error *error, const struct weir_column *column,
                               const char *what)
{
    return weir_error_set(error, WEIR_E_INTERNAL, "column of type %s: %s",
                          weir_type_name(column->type).text, what);
}

static bool view_is_sound(const struct weir_view *view, bool is_text)
{
    if (view->size <= WEIR_VIEW_INLINE_MAX) {
        for (uint32_t i = view->size; i < WEIR_VIEW_INLINE_MAX; i++) {
            if (view->body.inlined[i])
                return false;
        }
    } else if (!view->body.far.data || memcmp(view->body.far.prefix, view->body.far.data, 4) != 0) {
        return false;
    }
    struct weir_slice text = weir_view_slice(view);
    return !is_text || weir_utf8_is_valid(WEIR_ISA_SCALAR, text.data, text.size);
}

/* The lanes that `values` has. */
static uint32_t values_count(const struct weir_column *column)
{
    return column->encoding == WEIR_DICTIONARY ? column->values_count
           : column->encoding == WEIR_CONSTANT ? 1
                                               : column->rows_count;
}

/* Whether entry `index` of values may be looked at as a value that is not null. */
static bool value_is_null(const struct weir_column *column, uint32_t index)
{
    return column->encoding != WEIR_DICTIONARY && weir_column_is_null(column, index);
}

static enum weir_status verify_views(const struct weir_column *column, struct weir_error *error)
{
    const struct weir_view *views = column->values;
    bool is_text = column->type->kind != WEIR_TYPE_BYTEA;
    for (uint32_t i = 0; i < values_count(column); i++) {
        if (value_is_null(column, i)) {
            if (views[i].size != 0)
                return broken(error, column, "a null lane has text");
        } else if (!view_is_sound(&views[i], is_text)) {
            return broken(error, column, "a view is damaged, not padded or not UTF-8");
        }
    }
    return WEIR_OK;
}

/* I6; the child has been verified. */
static enum weir_status verify_pairs(const struct weir_column *column, struct weir_error *error)
{
    const struct weir_list_entry *entries = column->values;
    const struct weir_column *keys = &column->children[0].children[0];
    for (uint32_t i = 0; i < values_count(column); i++) {
        if (value_is_null(column, i))
            continue;
        if (!weir_map_keys_ascend(keys, entries[i]))
            return broken(error, column, "the keys of a map do not ascend");
        if (entries[i].count && weir_column_is_null(keys, entries[i].offset + entries[i].count - 1))
            return broken(error, column, "a key of a map is null");
    }
    return WEIR_OK;
}

static enum weir_status verify_list(const struct weir_column *column, struct weir_error *error)
{
    const struct weir_list_entry *entries = column->values;
    if (column->children_count != 1) {
        if (column->encoding == WEIR_CONSTANT && weir_column_is_null(column, 0))
            return WEIR_OK;
        return broken(error, column, "a list without its child");
    }
    const struct weir_column *child = &column->children[0];
    if (child->encoding != WEIR_FLAT)
        return broken(error, column, "the child of a list is not flat");
    for (uint32_t i = 0; i < values_count(column); i++) {
        if (!value_is_null(column, i) &&
            (uint64_t)entries[i].offset + entries[i].count > child->rows_count)
            return broken(error, column, "a list entry reaches beyond the child");
    }
    enum weir_type_kind child_kind = child->type->kind;
    if (column->type->kind == WEIR_TYPE_LIST
            ? !weir_type_same_lanes(child->type, column->type->children[0])
            : child_kind != WEIR_TYPE_STRUCT || child->children_count != 2)
        return broken(error, column, "the child of a list has another type");
    WEIR_TRY(weir_column_verify(child, error));
    return column->type->kind == WEIR_TYPE_MAP ? verify_pairs(column, error) : WEIR_OK;
}

static enum weir_status verify_struct(const struct weir_column *column, struct weir_error *error)
{
    if (column->encoding == WEIR_DICTIONARY)
        return broken(error, column, "a struct with a dictionary");
    if (column->children_count != column->type->children_count) {
        if (column->encoding == WEIR_CONSTANT && weir_column_is_null(column, 0))
            return WEIR_OK;
        return broken(error, column, "a struct without its children");
    }
    for (uint32_t i = 0; i < column->children_count; i++) {
        const struct weir_column *child = &column->children[i];
        if (child->rows_count != column->rows_count || child->encoding == WEIR_DICTIONARY)
            return broken(error, column, "a field of a struct has other lanes or a dictionary");
        if (!weir_type_same_lanes(child->type, column->type->children[i]))
            return broken(error, column, "a field of a struct has another type");
        WEIR_TRY(weir_column_verify(child, error));
    }
    return WEIR_OK;
}

static enum weir_status verify_booleans(const struct weir_column *column, struct weir_error *error)
{
    const uint8_t *values = column->values;
    for (uint32_t i = 0; i < values_count(column); i++) {
        if (values[i] > 1 && !value_is_null(column, i))
            return broken(error, column, "a boolean is neither 0 nor 1");
    }
    return WEIR_OK;
}

enum weir_status weir_column_verify(const struct weir_column *column, struct weir_error *error)
{
    if (!column->type)
        return weir_error_set(error, WEIR_E_INTERNAL, "a column has no type");
    size_t width = weir_type_width(column->type);
    if (column->rows_count && width) {
        if (!column->values)
            return broken(error, column, "no values");
        if ((uintptr_t)column->values % width != 0)
            return broken(error, column, "values are not aligned");
    }
    if (column->encoding == WEIR_DICTIONARY) {
        if (column->rows_count && !column->codes)
            return broken(error, column, "a dictionary without codes");
        for (uint32_t i = 0; i < column->rows_count; i++) {
            if (column->codes[i] >= column->values_count &&
                !(column->values_count == 0 && weir_column_is_null(column, i)))
                return broken(error, column, "a code is beyond the dictionary");
        }
    }
    if (column->rows_count == 0)
        return WEIR_OK;
    if (weir_type_is_view(column->type))
        return verify_views(column, error);
    if (column->type->kind == WEIR_TYPE_LIST || column->type->kind == WEIR_TYPE_MAP)
        return verify_list(column, error);
    if (column->type->kind == WEIR_TYPE_STRUCT)
        return verify_struct(column, error);
    if (column->type->kind == WEIR_TYPE_BOOLEAN)
        return verify_booleans(column, error);
    return WEIR_OK;
}

/* Picking lanes */

struct lane_list {
    const uint16_t *narrow; /* one of the two */
    const uint32_t *wide;
    uint32_t count;
};

struct lane16 {
    uint64_t words[2];
};

/* One loop per width of lane and width of index. */
#define COPY_LOOP(type, index_type, suffix)                                     \
    static void copy_##suffix(type *restrict out, const type *restrict in,      \
                              const index_type *restrict lanes, uint32_t count) \
    {                                                                           \
        for (uint32_t i = 0; i < count; i++)                                    \
            out[i] = in[lanes[i]];                                              \
    }
COPY_LOOP(uint8_t, uint16_t, 1_narrow)
COPY_LOOP(uint16_t, uint16_t, 2_narrow)
COPY_LOOP(uint32_t, uint16_t, 4_narrow)
COPY_LOOP(uint64_t, uint16_t, 8_narrow)
COPY_LOOP(struct lane16, uint16_t, 16_narrow)
COPY_LOOP(uint8_t, uint32_t, 1_wide)
COPY_LOOP(uint16_t, uint32_t, 2_wide)
COPY_LOOP(uint32_t, uint32_t, 4_wide)
COPY_LOOP(uint64_t, uint32_t, 8_wide)
COPY_LOOP(struct lane16, uint32_t, 16_wide)

static void copy_narrow(void *out, const void *in, size_t width, const uint16_t *lanes,
                        uint32_t count)
{
    switch (width) {
    case 1:
        copy_1_narrow(out, in, lanes, count);
        return;
    case 2:
        copy_2_narrow(out, in, lanes, count);
        return;
    case 4:
        copy_4_narrow(out, in, lanes, count);
        return;
    case 8:
        copy_8_narrow(out, in, lanes, count);
        return;
    default:
        copy_16_narrow(out, in, lanes, count);
        return;
    }
}

static void copy_wide(void *out, const void *in, size_t width, const uint32_t *lanes,
                      uint32_t count)
{
    switch (width) {
    case 1:
        copy_1_wide(out, in, lanes, count);
        return;
    case 2:
        copy_2_wide(out, in, lanes, count);
        return;
    case 4:
        copy_4_wide(out, in, lanes, count);
        return;
    case 8:
        copy_8_wide(out, in, lanes, count);
        return;
    default:
        copy_16_wide(out, in, lanes, count);
        return;
    }
}

/* A new array with the lanes of in that list names. */
static void *pick_values(const void *in, size_t width, const struct lane_list *list,
                         struct weir_arena *arena, struct weir_error *error)
{
    void *out = weir_column_lanes_alloc(arena, list->count, width, error);
    if (!out || list->count == 0)
        return out;
    if (list->narrow)
        copy_narrow(out, in, width, list->narrow, list->count);
    else
        copy_wide(out, in, width, list->wide, list->count);
    return out;
}

static uint64_t *pick_bits(const uint64_t *in, const struct lane_list *list,
                           struct weir_arena *arena, struct weir_error *error)
{
    size_t words = weir_validity_words(list->count);
    uint64_t *out = weir_column_lanes_alloc(arena, words, sizeof *out, error);
    if (!out)
        return NULL;
    for (size_t w = 0; w < words; w++) {
        uint32_t begin = (uint32_t)w * 64;
        uint32_t bits = list->count - begin < 64 ? list->count - begin : 64;
        uint64_t word = 0;
        if (list->narrow) {
            for (uint32_t i = 0; i < bits; i++)
                word |= (uint64_t)weir_bit_get(in, list->narrow[begin + i]) << i;
        } else {
            for (uint32_t i = 0; i < bits; i++)
                word |= (uint64_t)weir_bit_get(in, list->wide[begin + i]) << i;
        }
        out[w] = word;
    }
    return out;
}

static enum weir_status pick(const struct weir_column *column, const struct lane_list *list,
                             struct weir_arena *arena, struct weir_column *out,
                             struct weir_error *error);

static enum weir_status pick_children(const struct weir_column *column,
                                      const struct lane_list *list, struct weir_arena *arena,
                                      struct weir_column *out, struct weir_error *error)
{
    struct weir_column *children =
        weir_column_lanes_alloc(arena, column->children_count, sizeof *children, error);
    if (!children)
        return memory_status(arena);
    for (uint32_t i = 0; i < column->children_count; i++)
        WEIR_TRY(pick(&column->children[i], list, arena, &children[i], error));
    out->children = children;
    return WEIR_OK;
}

static enum weir_status pick(const struct weir_column *column, const struct lane_list *list,
                             struct weir_arena *arena, struct weir_column *out,
                             struct weir_error *error)
{
    struct weir_column result = *column;
    result.rows_count = list->count;
    if (column->type->kind == WEIR_TYPE_STRUCT)
        WEIR_TRY(pick_children(column, list, arena, &result, error));
    if (column->encoding != WEIR_CONSTANT) {
        size_t width = weir_type_width(column->type);
        if (column->validity &&
            !(result.validity = pick_bits(column->validity, list, arena, error)))
            return memory_status(arena);
        if (column->encoding == WEIR_DICTIONARY) {
            result.codes = pick_values(column->codes, sizeof *column->codes, list, arena, error);
            if (!result.codes)
                return memory_status(arena);
        } else if (width &&
                   !(result.values = pick_values(column->values, width, list, arena, error))) {
            return memory_status(arena);
        }
    }
    *out = result;
    return WEIR_OK;
}

enum weir_status weir_column_take(const struct weir_column *column, const uint16_t *selection,
                                  uint32_t count, struct weir_arena *arena, struct weir_column *out,
                                  struct weir_error *error)
{
    if (!selection)
        return weir_column_slice(column, 0, count, arena, out, error);
    const struct lane_list list = {.narrow = selection, .count = count};
    return pick(column, &list, arena, out, error);
}

enum weir_status weir_column_gather(const struct weir_column *column, const uint32_t *lanes,
                                    uint32_t count, struct weir_arena *arena,
                                    struct weir_column *out, struct weir_error *error)
{
    if (!lanes)
        return weir_column_slice(column, 0, count, arena, out, error);
    const struct lane_list list = {.wide = lanes, .count = count};
    return pick(column, &list, arena, out, error);
}

enum weir_status weir_column_slice(const struct weir_column *column, uint32_t first, uint32_t count,
                                   struct weir_arena *arena, struct weir_column *out,
                                   struct weir_error *error)
{
    assert((uint64_t)first + count <= column->rows_count);
    struct weir_column result = *column;
    result.rows_count = count;
    if (column->encoding != WEIR_CONSTANT && first) {
        if (column->validity && first % WEIR_VALIDITY_WORD_BITS == 0)
            result.validity = column->validity + first / WEIR_VALIDITY_WORD_BITS;
        else if (column->validity && !(result.validity = weir_column_bits_copy(
                                           column->validity, first, count, arena, error)))
            return memory_status(arena);
        if (column->encoding == WEIR_DICTIONARY)
            result.codes = column->codes + first;
        else if (column->values)
            result.values = (const char *)column->values + first * weir_type_width(column->type);
    }
    if (column->type->kind == WEIR_TYPE_STRUCT && column->children_count) {
        struct weir_column *children =
            weir_column_lanes_alloc(arena, column->children_count, sizeof *children, error);
        if (!children)
            return memory_status(arena);
        for (uint32_t i = 0; i < column->children_count; i++)
            WEIR_TRY(
                weir_column_slice(&column->children[i], first, count, arena, &children[i], error));
        result.children = children;
    }
    *out = result;
    return WEIR_OK;
}

/* Flattening */

/* A FLAT column of rows_count lanes that are all null, with children where the type has them. */
static enum weir_status flat_nulls(const struct weir_type *type, uint32_t rows_count,
                                   struct weir_arena *arena, struct weir_column *out,
                                   struct weir_error *error)
{
    struct weir_column result = {.type = type, .encoding = WEIR_FLAT, .rows_count = rows_count};
    size_t width = weir_type_width(type), words = weir_validity_words(rows_count);
    void *values = weir_column_lanes_alloc(arena, rows_count, width, error);
    uint64_t *validity =
        values ? weir_column_lanes_alloc(arena, words, sizeof *validity, error) : NULL;
    if (!validity)
        return memory_status(arena);
    memset(values, 0, rows_count * width);
    memset(validity, 0, words * sizeof *validity);
    result.values = values;
    result.validity = validity;
    if (weir_type_is_nested(type)) {
        bool is_struct = type->kind == WEIR_TYPE_STRUCT;
        result.children_count = is_struct ? type->children_count : 1;
        struct weir_column *children =
            weir_column_lanes_alloc(arena, result.children_count, sizeof *children, error);
        if (!children)
            return memory_status(arena);
        for (uint32_t i = 0; i < result.children_count; i++) {
            const struct weir_type *child = type->children[i];
            if (type->kind == WEIR_TYPE_MAP && !(child = weir_type_map_entry(arena, type)))
                return weir_budget_error(arena->budget, error);
            WEIR_TRY(flat_nulls(child, is_struct ? rows_count : 0, arena, &children[i], error));
        }
        result.children = children;
    }
    *out = result;
    return WEIR_OK;
}

static void fill(char *out, const char *value, size_t width, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        memcpy(out + i * width, value, width);
}

static enum weir_status flatten_constant(const struct weir_column *column, struct weir_arena *arena,
                                         struct weir_column *out, struct weir_error *error)
{
    if (weir_column_is_null(column, 0))
        return flat_nulls(column->type, column->rows_count, arena, out, error);
    struct weir_column result = *column;
    result.encoding = WEIR_FLAT;
    result.validity = NULL;
    size_t width = weir_type_width(column->type);
    if (width) {
        char *values = weir_column_lanes_alloc(arena, column->rows_count, width, error);
        if (!values)
            return memory_status(arena);
        if (width == 1 && column->rows_count)
            memset(values, *(const unsigned char *)column->values, column->rows_count);
        else
            fill(values, column->values, width, column->rows_count);
        result.values = values;
    }
    *out = result;
    return WEIR_OK;
}

/* A null view lane has size 0, whatever its code said. */
static void clear_null_views(struct weir_view *views, const uint64_t *validity, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!weir_bit_get(validity, i))
            views[i] = (struct weir_view){0};
    }
}

static enum weir_status flatten_dictionary(const struct weir_column *column,
                                           struct weir_arena *arena, struct weir_column *out,
                                           struct weir_error *error)
{
    if (column->values_count == 0)
        return flat_nulls(column->type, column->rows_count, arena, out, error);
    const struct lane_list list = {.wide = column->codes, .count = column->rows_count};
    struct weir_column result = *column;
    result.encoding = WEIR_FLAT;
    result.codes = NULL;
    result.values_count = 0;
    void *values = pick_values(column->values, weir_type_width(column->type), &list, arena, error);
    if (!values)
        return memory_status(arena);
    if (column->validity && weir_type_is_view(column->type))
        clear_null_views(values, column->validity, column->rows_count);
    result.values = values;
    *out = result;
    return WEIR_OK;
}

enum weir_status weir_column_flatten(const struct weir_column *column, struct weir_arena *arena,
                                     struct weir_column *out, struct weir_error *error)
{
    switch (column->encoding) {
    case WEIR_CONSTANT:
        return flatten_constant(column, arena, out, error);
    case WEIR_DICTIONARY:
        return flatten_dictionary(column, arena, out, error);
    case WEIR_FLAT:
        break;
    }
    *out = *column;
    return WEIR_OK;
}
