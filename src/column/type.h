/* SQL types and schemas.
 *
 * A type is immutable and compared by structure. Types without parameters are static constants;
 * the others live in the arena they were made in (usually the plan's).
 *
 *   kind            lane in memory (column values)        Arrow
 *   BOOLEAN         uint8_t 0 or 1                         bool, packed at the edge (docs/adr/0001)
 *   INT8 … UINT64   the C integer                          same
 *   FLOAT32/64      float, double                          same
 *   DECIMAL(p,s)    __int128 unscaled                      decimal128(p, s)
 *   TEXT JSON JSONB BYTEA   struct weir_view               utf8_view / binary_view (docs/adr/0001)
 *   DATE            int32_t days since 1970-01-01          date32
 *   TIME            int64_t us since midnight              time64[us]
 *   TIMESTAMP[TZ]   int64_t us since the epoch             timestamp[us(, UTC)]
 *   TIMESTAMP[TZ]_NS int64_t ns since the epoch            timestamp[ns(, UTC)]
 *   INTERVAL        struct weir_interval (value/interval.h) month_day_nano
 *   UUID            16 bytes, network order                fixed_size_binary(16)
 *   LIST<T>         struct weir_list_entry, 1 child        list_view
 *   STRUCT<…>       no values, a child per field           struct
 *   MAP<K,V>        struct weir_list_entry, 1 child: STRUCT<key K, value V>   map */
#ifndef WEIR_COLUMN_TYPE_H
#define WEIR_COLUMN_TYPE_H

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "value/decimal.h" /* WEIR_DECIMAL_PRECISION_MAX */

enum weir_type_kind {
    WEIR_TYPE_NULL, /* the type of a bare NULL; coerces to any */
    WEIR_TYPE_BOOLEAN,
    WEIR_TYPE_INT8,
    WEIR_TYPE_INT16,
    WEIR_TYPE_INT32,
    WEIR_TYPE_INT64,
    WEIR_TYPE_UINT8,
    WEIR_TYPE_UINT16,
    WEIR_TYPE_UINT32,
    WEIR_TYPE_UINT64,
    WEIR_TYPE_FLOAT32,
    WEIR_TYPE_FLOAT64,
    WEIR_TYPE_DECIMAL,
    WEIR_TYPE_TEXT,
    WEIR_TYPE_BYTEA,
    WEIR_TYPE_DATE,
    WEIR_TYPE_TIME,
    WEIR_TYPE_TIMESTAMP,
    WEIR_TYPE_TIMESTAMPTZ,
    WEIR_TYPE_TIMESTAMP_NS,
    WEIR_TYPE_TIMESTAMPTZ_NS,
    WEIR_TYPE_INTERVAL,
    WEIR_TYPE_UUID,
    WEIR_TYPE_JSON,
    WEIR_TYPE_JSONB,
    WEIR_TYPE_LIST,
    WEIR_TYPE_STRUCT,
    WEIR_TYPE_MAP,
    WEIR_TYPE_KINDS_COUNT
};

enum { WEIR_COLUMNS_MAX = 10000 };

struct weir_type {
    enum weir_type_kind kind;
    uint8_t precision; /* DECIMAL: 1..38; TIMESTAMP: fraction digits declared (0, 3, 6, 9) */
    uint8_t scale;     /* DECIMAL: 0..precision */
    uint32_t length;   /* TEXT declared as CHAR(n)/VARCHAR(n): n characters; 0: unlimited */
    uint32_t children_count;
    const struct weir_type *const *children; /* LIST: element; STRUCT: fields; MAP: key, value */
    const struct weir_slice *names;          /* STRUCT: field names */
};

/* The constant of a kind without parameters (TIMESTAMP: precision 6; DECIMAL: (38,10)). */
const struct weir_type *weir_type_of(enum weir_type_kind kind);
/* Constructors; NULL when memory has run out. The types of children and the bytes
 * of names are borrowed, not copied; the arrays are copied. */
const struct weir_type *weir_type_decimal(struct weir_arena *arena, unsigned precision,
                                          unsigned scale);
const struct weir_type *weir_type_list(struct weir_arena *arena, const struct weir_type *element);
const struct weir_type *weir_type_map(struct weir_arena *arena, const struct weir_type *key,
                                      const struct weir_type *value);
const struct weir_type *weir_type_struct(struct weir_arena *arena, uint32_t count,
                                         const struct weir_type *const *types,
                                         const struct weir_slice *names);
/* STRUCT<key K, value V>: the type of a MAP column's child. NULL when memory has run out. */
const struct weir_type *weir_type_map_entry(struct weir_arena *arena, const struct weir_type *map);

bool weir_type_equals(const struct weir_type *a, const struct weir_type *b);
/* SQL name in the canonical spelling, such as "DECIMAL(12,2)" or "STRUCT<a BIGINT>". */
void weir_type_print(const struct weir_type *type, struct weir_buffer *out);
/* The same into a fixed text for messages; cut at its end. */
struct weir_type_name {
    char text[128];
};
struct weir_type_name weir_type_name(const struct weir_type *type);
/* Bytes of one lane in `values`; 0 for NULL and STRUCT. */
size_t weir_type_width(const struct weir_type *type);

static inline bool weir_type_is_view(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_TEXT || type->kind == WEIR_TYPE_BYTEA ||
           type->kind == WEIR_TYPE_JSON || type->kind == WEIR_TYPE_JSONB;
}
static inline bool weir_type_is_integer(const struct weir_type *type)
{
    return type->kind >= WEIR_TYPE_INT8 && type->kind <= WEIR_TYPE_UINT64;
}
static inline bool weir_type_is_number(const struct weir_type *type)
{
    return type->kind >= WEIR_TYPE_INT8 && type->kind <= WEIR_TYPE_DECIMAL;
}
static inline bool weir_type_is_timestamp(const struct weir_type *type)
{
    return type->kind >= WEIR_TYPE_TIMESTAMP && type->kind <= WEIR_TYPE_TIMESTAMPTZ_NS;
}
static inline bool weir_type_is_nested(const struct weir_type *type)
{
    return type->kind >= WEIR_TYPE_LIST;
}

struct weir_field {
    struct weir_slice name;
    const struct weir_type *type;
    bool nullable;
};

/* Columns of a relation. Lives in the plan's arena (or the embedder's); batches borrow it. */
struct weir_schema {
    const struct weir_field *fields;
    uint32_t fields_count;
};

/* Index of the field, UINT32_MAX when absent. Names are compared exactly. */
uint32_t weir_schema_find(const struct weir_schema *schema, struct weir_slice name);
bool weir_schema_equals(const struct weir_schema *a, const struct weir_schema *b);

#endif
