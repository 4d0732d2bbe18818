/* What the files of column/ share and others need not see. */
#ifndef WEIR_COLUMN_COLUMN_INTERNAL_H
#define WEIR_COLUMN_COLUMN_INTERNAL_H

#include "column/column.h"

enum { WEIR_COLUMN_ALIGNMENT = 64, WEIR_COLUMN_WIDTH_MAX = 16 };

/* 64 zero bytes, 64-byte aligned: the values of columns that have none, and a null lane. */
const void *weir_column_zeros(void);

/* An array of count lanes of width bytes, 64-byte aligned; never NULL for count 0. NULL, and
 * error set, when memory has run out. */
WEIR_CHECKED void *weir_column_lanes_alloc(struct weir_arena *arena, size_t count, size_t width,
                                           struct weir_error *error);
/* Copies count bits of source from bit `first` on to the bits 0 … count of a new array. */
WEIR_CHECKED uint64_t *weir_column_bits_copy(const uint64_t *source, uint32_t first, uint32_t count,
                                             struct weir_arena *arena, struct weir_error *error);
/* True when lanes of a and b look alike in memory (a VARCHAR(3) and a TEXT do). */
bool weir_type_same_lanes(const struct weir_type *a, const struct weir_type *b);

#endif
