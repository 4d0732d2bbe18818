/* SQL types and schemas: constants, constructors, equality and names.
 *
 * A type without parameters is one of the entries of `constants`, so that two of them are usually
 * the same pointer; equality is nevertheless by structure, because plans build types of their own.
 *
 * Names are printed into one of two places, a growable buffer or the fixed text of a message, by
 * the same code: `struct name_sink` hides which. The spelling is the one the parser reads back:
 *
 *     DECIMAL(12,2)   VARCHAR(5)   TIMESTAMP(3) WITH TIME ZONE   BIGINT UNSIGNED
 *     BIGINT[]        STRUCT<a BIGINT, "b c" TEXT>               MAP<TEXT, BIGINT>
 *
 * Tested in tests/unit/column/test_type.c. */
#include "column/type.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const struct weir_type constants[WEIR_TYPE_LIST] = {
#define PLAIN(symbol) [WEIR_TYPE_##symbol] = {.kind = WEIR_TYPE_##symbol}
    PLAIN(NULL),
    PLAIN(BOOLEAN),
    PLAIN(INT8),
    PLAIN(INT16),
    PLAIN(INT32),
    PLAIN(INT64),
    PLAIN(UINT8),
    PLAIN(UINT16),
    PLAIN(UINT32),
    PLAIN(UINT64),
    PLAIN(FLOAT32),
    PLAIN(FLOAT64),
    [WEIR_TYPE_DECIMAL] = {.kind = WEIR_TYPE_DECIMAL, .precision = 38, .scale = 10},
    PLAIN(TEXT),
    PLAIN(BYTEA),
    PLAIN(DATE),
    PLAIN(TIME),
    [WEIR_TYPE_TIMESTAMP] = {.kind = WEIR_TYPE_TIMESTAMP, .precision = 6},
    [WEIR_TYPE_TIMESTAMPTZ] = {.kind = WEIR_TYPE_TIMESTAMPTZ, .precision = 6},
    [WEIR_TYPE_TIMESTAMP_NS] = {.kind = WEIR_TYPE_TIMESTAMP_NS, .precision = 9},
    [WEIR_TYPE_TIMESTAMPTZ_NS] = {.kind = WEIR_TYPE_TIMESTAMPTZ_NS, .precision = 9},
    PLAIN(INTERVAL),
    PLAIN(UUID),
    PLAIN(JSON),
    PLAIN(JSONB),
#undef PLAIN
};

const struct weir_type *weir_type_of(enum weir_type_kind kind)
{
    assert(kind < WEIR_TYPE_LIST && "nested types have constructors");
    return &constants[kind];
}

/* Constructors */

const struct weir_type *weir_type_decimal(struct weir_arena *arena, unsigned precision,
                                          unsigned scale)
{
    assert(precision >= 1 && precision <= WEIR_DECIMAL_PRECISION_MAX && scale <= precision);
    struct weir_type *type = WEIR_ARENA_NEW(arena, struct weir_type);
    if (!type)
        return NULL;
    type->kind = WEIR_TYPE_DECIMAL;
    type->precision = (uint8_t)precision;
    type->scale = (uint8_t)scale;
    return type;
}

/* A type with an array of its own for count children. */
static struct weir_type *nested(struct weir_arena *arena, enum weir_type_kind kind, uint32_t count,
                                const struct weir_type *const *children)
{
    struct weir_type *type = WEIR_ARENA_NEW(arena, struct weir_type);
    const struct weir_type **copy = WEIR_ARENA_ARRAY(arena, const struct weir_type *, count);
    if (!type || !copy)
        return NULL;
    if (count)
        memcpy(copy, children, count * sizeof *copy);
    type->kind = kind;
    type->children_count = count;
    type->children = copy;
    return type;
}

const struct weir_type *weir_type_list(struct weir_arena *arena, const struct weir_type *element)
{
    return nested(arena, WEIR_TYPE_LIST, 1, &element);
}

const struct weir_type *weir_type_map(struct weir_arena *arena, const struct weir_type *key,
                                      const struct weir_type *value)
{
    const struct weir_type *children[] = {key, value};
    return nested(arena, WEIR_TYPE_MAP, 2, children);
}

const struct weir_type *weir_type_struct(struct weir_arena *arena, uint32_t count,
                                         const struct weir_type *const *types,
                                         const struct weir_slice *names)
{
    struct weir_type *type = nested(arena, WEIR_TYPE_STRUCT, count, types);
    struct weir_slice *copy = WEIR_ARENA_ARRAY(arena, struct weir_slice, count);
    if (!type || !copy)
        return NULL;
    if (count)
        memcpy(copy, names, count * sizeof *copy);
    type->names = copy;
    return type;
}

const struct weir_type *weir_type_map_entry(struct weir_arena *arena, const struct weir_type *map)
{
    static const struct weir_slice names[] = {{"key", 3}, {"value", 5}};
    assert(map->kind == WEIR_TYPE_MAP);
    return weir_type_struct(arena, 2, map->children, names);
}

/* Equality and width */

bool weir_type_equals(const struct weir_type *a, const struct weir_type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->precision != b->precision || a->scale != b->scale ||
        a->length != b->length || a->children_count != b->children_count)
        return false;
    for (uint32_t i = 0; i < a->children_count; i++) {
        if (!weir_type_equals(a->children[i], b->children[i]))
            return false;
        if (a->kind == WEIR_TYPE_STRUCT && !weir_slice_equals(a->names[i], b->names[i]))
            return false;
    }
    return true;
}

size_t weir_type_width(const struct weir_type *type)
{
    static const uint8_t widths[WEIR_TYPE_KINDS_COUNT] = {
        [WEIR_TYPE_BOOLEAN] = 1,      [WEIR_TYPE_INT8] = 1,
        [WEIR_TYPE_INT16] = 2,        [WEIR_TYPE_INT32] = 4,
        [WEIR_TYPE_INT64] = 8,        [WEIR_TYPE_UINT8] = 1,
        [WEIR_TYPE_UINT16] = 2,       [WEIR_TYPE_UINT32] = 4,
        [WEIR_TYPE_UINT64] = 8,       [WEIR_TYPE_FLOAT32] = 4,
        [WEIR_TYPE_FLOAT64] = 8,      [WEIR_TYPE_DECIMAL] = 16,
        [WEIR_TYPE_TEXT] = 16,        [WEIR_TYPE_BYTEA] = 16,
        [WEIR_TYPE_DATE] = 4,         [WEIR_TYPE_TIME] = 8,
        [WEIR_TYPE_TIMESTAMP] = 8,    [WEIR_TYPE_TIMESTAMPTZ] = 8,
        [WEIR_TYPE_TIMESTAMP_NS] = 8, [WEIR_TYPE_TIMESTAMPTZ_NS] = 8,
        [WEIR_TYPE_INTERVAL] = 16,    [WEIR_TYPE_UUID] = 16,
        [WEIR_TYPE_JSON] = 16,        [WEIR_TYPE_JSONB] = 16,
        [WEIR_TYPE_LIST] = 8,         [WEIR_TYPE_MAP] = 8};
    return widths[type->kind];
}

/* Names */

struct name_sink {
    struct weir_buffer *buffer; /* NULL: the fixed text */
    char *fixed;
    size_t size, capacity; /* of fixed */
};

static void put(struct name_sink *sink, const char *bytes, size_t size)
{
    if (sink->buffer) {
        weir_buffer_append(sink->buffer, bytes, size);
        return;
    }
    size_t room = sink->capacity - sink->size;
    if (size > room)
        size = room;
    if (size)
        memcpy(sink->fixed + sink->size, bytes, size);
    sink->size += size;
}

static void put_string(struct name_sink *sink, const char *string)
{
    put(sink, string, strlen(string));
}

WEIR_PRINTF(2, 3) static void put_format(struct name_sink *sink, const char *format, ...)
{
    char text[64];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert(size >= 0 && (size_t)size < sizeof text);
    put(sink, text, (size_t)size);
}

static bool is_plain_identifier(struct weir_slice name)
{
    if (name.size == 0)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return true;
}

static void put_identifier(struct name_sink *sink, struct weir_slice name)
{
    if (is_plain_identifier(name)) {
        put(sink, name.data, name.size);
        return;
    }
    put(sink, "\"", 1);
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == '"')
            put(sink, "\"", 1);
        put(sink, &name.data[i], 1);
    }
    put(sink, "\"", 1);
}

static const char *plain_name(enum weir_type_kind kind)
{
    static const char *const names[WEIR_TYPE_KINDS_COUNT] = {
        [WEIR_TYPE_NULL] = "NULL",
        [WEIR_TYPE_BOOLEAN] = "BOOLEAN",
        [WEIR_TYPE_INT8] = "TINYINT",
        [WEIR_TYPE_INT16] = "SMALLINT",
        [WEIR_TYPE_INT32] = "INTEGER",
        [WEIR_TYPE_INT64] = "BIGINT",
        [WEIR_TYPE_UINT8] = "TINYINT UNSIGNED",
        [WEIR_TYPE_UINT16] = "SMALLINT UNSIGNED",
        [WEIR_TYPE_UINT32] = "INTEGER UNSIGNED",
        [WEIR_TYPE_UINT64] = "BIGINT UNSIGNED",
        [WEIR_TYPE_FLOAT32] = "REAL",
        [WEIR_TYPE_FLOAT64] = "DOUBLE",
        [WEIR_TYPE_DECIMAL] = "DECIMAL",
        [WEIR_TYPE_TEXT] = "TEXT",
        [WEIR_TYPE_BYTEA] = "BYTEA",
        [WEIR_TYPE_DATE] = "DATE",
        [WEIR_TYPE_TIME] = "TIME",
        [WEIR_TYPE_TIMESTAMP] = "TIMESTAMP",
        [WEIR_TYPE_TIMESTAMPTZ] = "TIMESTAMP",
        [WEIR_TYPE_TIMESTAMP_NS] = "TIMESTAMP",
        [WEIR_TYPE_TIMESTAMPTZ_NS] = "TIMESTAMP",
        [WEIR_TYPE_INTERVAL] = "INTERVAL",
        [WEIR_TYPE_UUID] = "UUID",
        [WEIR_TYPE_JSON] = "JSON",
        [WEIR_TYPE_JSONB] = "JSONB",
        [WEIR_TYPE_STRUCT] = "STRUCT",
        [WEIR_TYPE_MAP] = "MAP"};
    return names[kind];
}

static void put_type(struct name_sink *sink, const struct weir_type *type);

static void put_children(struct name_sink *sink, const struct weir_type *type)
{
    put(sink, "<", 1);
    for (uint32_t i = 0; i < type->children_count; i++) {
        if (i)
            put(sink, ", ", 2);
        if (type->kind == WEIR_TYPE_STRUCT) {
            put_identifier(sink, type->names[i]);
            put(sink, " ", 1);
        }
        put_type(sink, type->children[i]);
    }
    put(sink, ">", 1);
}

static void put_timestamp(struct name_sink *sink, const struct weir_type *type)
{
    put_string(sink, plain_name(type->kind));
    if (type->precision != 6)
        put_format(sink, "(%u)", type->precision);
    if (type->kind == WEIR_TYPE_TIMESTAMPTZ || type->kind == WEIR_TYPE_TIMESTAMPTZ_NS)
        put_string(sink, " WITH TIME ZONE");
}

static void put_type(struct name_sink *sink, const struct weir_type *type)
{
    if (type->kind == WEIR_TYPE_LIST) {
        put_type(sink, type->children[0]);
        put(sink, "[]", 2);
    } else if (weir_type_is_timestamp(type)) {
        put_timestamp(sink, type);
    } else if (type->kind == WEIR_TYPE_DECIMAL) {
        put_format(sink, "DECIMAL(%u,%u)", type->precision, type->scale);
    } else if (type->kind == WEIR_TYPE_TEXT && type->length) {
        put_format(sink, "VARCHAR(%u)", type->length);
    } else {
        put_string(sink, plain_name(type->kind));
        if (type->kind == WEIR_TYPE_STRUCT || type->kind == WEIR_TYPE_MAP)
            put_children(sink, type);
    }
}

void weir_type_print(const struct weir_type *type, struct weir_buffer *out)
{
    struct name_sink sink = {.buffer = out};
    put_type(&sink, type);
}

struct weir_type_name weir_type_name(const struct weir_type *type)
{
    struct weir_type_name name;
    struct name_sink sink = {.fixed = name.text, .capacity = sizeof name.text - 1};
    put_type(&sink, type);
    name.text[sink.size] = '\0';
    return name;
}

/* Schemas */

uint32_t weir_schema_find(const struct weir_schema *schema, struct weir_slice name)
{
    for (uint32_t i = 0; i < schema->fields_count; i++) {
        if (weir_slice_equals(schema->fields[i].name, name))
            return i;
    }
    return UINT32_MAX;
}

bool weir_schema_equals(const struct weir_schema *a, const struct weir_schema *b)
{
    if (a->fields_count != b->fields_count)
        return false;
    for (uint32_t i = 0; i < a->fields_count; i++) {
        const struct weir_field *x = &a->fields[i], *y = &b->fields[i];
        if (!weir_slice_equals(x->name, y->name) || x->nullable != y->nullable ||
            !weir_type_equals(x->type, y->type))
            return false;
    }
    return true;
}
