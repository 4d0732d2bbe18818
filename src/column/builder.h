/* Growing columns: append lanes of other columns (deep copies), or single values.
 * Used where rows outlive their batch: sorting, list building, row-wise sources, tests. */
#ifndef WEIR_COLUMN_BUILDER_H
#define WEIR_COLUMN_BUILDER_H

#include "column/batch.h"

struct weir_builder {
    const struct weir_type *type;
    struct weir_arena *heap; /* borrowed; text bytes and grown arrays come from here */
    void *values;
    uint64_t *validity; /* NULL until the first null */
    struct weir_builder *children;
    uint32_t rows_count;
    uint32_t capacity;
};

/* heap may be shared by the builders of a batch. Arrays are doubled inside heap. */
WEIR_CHECKED enum weir_status weir_builder_init(struct weir_builder *builder,
                                                const struct weir_type *type,
                                                struct weir_arena *heap, struct weir_error *error);
WEIR_CHECKED enum weir_status weir_builder_append_null(struct weir_builder *builder,
                                                       struct weir_error *error);
/* value points to one lane (weir_type_width bytes); view bytes are copied into the heap.
 * Not for nested types. */
WEIR_CHECKED enum weir_status weir_builder_append_value(struct weir_builder *builder,
                                                        const void *value,
                                                        struct weir_error *error);
WEIR_CHECKED enum weir_status weir_builder_append_text(struct weir_builder *builder,
                                                       struct weir_slice bytes,
                                                       struct weir_error *error);
/* Lists and maps: begin, append to children[0] (MAP: its STRUCT's children), end. Structs: append
 * to each child, then end. Maps end with weir_builder_end_map. */
WEIR_CHECKED enum weir_status weir_builder_end_list(struct weir_builder *builder,
                                                    uint32_t first_child_lane,
                                                    struct weir_error *error);
/* The same for a map: puts the pairs in the order that maps have (column.h, I6); of equal keys the
 * last counts. *replaced_count: how many pairs gave way. Keys must not be null. */
WEIR_CHECKED enum weir_status weir_builder_end_map(struct weir_builder *builder,
                                                   uint32_t first_child_lane,
                                                   uint32_t *replaced_count,
                                                   struct weir_error *error);
WEIR_CHECKED enum weir_status weir_builder_end_struct(struct weir_builder *builder,
                                                      struct weir_error *error);
/* Deep copies of lanes selection[0 … count) of column (selection NULL: lanes 0 … count). */
WEIR_CHECKED enum weir_status weir_builder_append_lanes(struct weir_builder *builder,
                                                        const struct weir_column *column,
                                                        const uint16_t *selection, uint32_t count,
                                                        struct weir_error *error);
/* The same for lanes first … first + count. */
WEIR_CHECKED enum weir_status weir_builder_append_range(struct weir_builder *builder,
                                                        const struct weir_column *column,
                                                        uint32_t first, uint32_t count,
                                                        struct weir_error *error);
/* A FLAT view of what was built so far; valid until the next append or the heap's reset. */
struct weir_column weir_builder_column(const struct weir_builder *builder);
/* Takes the last rows back, in the children too; also mends a row that failed half-way. */
void weir_builder_truncate(struct weir_builder *builder, uint32_t rows_count);
void weir_builder_clear(struct weir_builder *builder); /* rows to 0; memory stays in the heap */

#endif
