/* What import and export over the Arrow C Data Interface share: how a type lies in Arrow memory.
 *
 * A node describes one array: the SQL type its lanes become, and the storage they are found in.
 * Several storages make one type (TEXT comes from "u", "U" and "vu"). */
#ifndef WEIR_COLUMN_ARROW_INTERNAL_H
#define WEIR_COLUMN_ARROW_INTERNAL_H

#include "column/arrow.h"
#include "column/column_internal.h"

enum weir_arrow_storage {
    WEIR_ARROW_NULL,           /* no buffers */
    WEIR_ARROW_BITS,           /* booleans, eight a byte */
    WEIR_ARROW_FIXED,          /* lanes as weir has them */
    WEIR_ARROW_HALF,           /* 16-bit floats */
    WEIR_ARROW_DECIMAL,        /* integers of `width` 4, 8 or 16 bytes */
    WEIR_ARROW_SCALED,         /* times: integers of `width` bytes, times multiplier / divisor */
    WEIR_ARROW_DURATION,       /* int64, times multiplier / divisor: us of an INTERVAL */
    WEIR_ARROW_MONTHS,         /* int32 */
    WEIR_ARROW_DAYS_MS,        /* int32 days, int32 ms */
    WEIR_ARROW_MONTHS_DAYS_NS, /* int32, int32, int64 */
    WEIR_ARROW_BYTES,          /* offsets of `width` 4 or 8 bytes, bytes */
    WEIR_ARROW_BYTES_VIEW,     /* 16-byte views, any number of byte buffers, their sizes */
    WEIR_ARROW_BYTES_FIXED,    /* `width` bytes a lane */
    WEIR_ARROW_LIST,           /* offsets of `width` bytes; maps too */
    WEIR_ARROW_LIST_VIEW,      /* offsets and sizes of `width` bytes */
    WEIR_ARROW_LIST_FIXED,     /* `width` elements a lane */
    WEIR_ARROW_STRUCT,
    WEIR_ARROW_DICTIONARY /* indices of `width` bytes into `values` */
};

struct weir_arrow_node {
    const struct weir_type *type;
    enum weir_arrow_storage storage;
    uint32_t width;
    bool is_signed; /* DICTIONARY: the indices */
    int64_t multiplier, divisor;
    uint32_t children_count;
    struct weir_arrow_node *children; /* DICTIONARY: one, the values' node */
    struct weir_column values;        /* DICTIONARY: FLAT, imported once */
};

/* Reads the schema into *out; memory from arena. */
WEIR_CHECKED enum weir_status weir_arrow_node_read(const struct ArrowSchema *schema,
                                                   struct weir_arena *arena,
                                                   struct weir_arrow_node *out,
                                                   struct weir_error *error);
#endif
