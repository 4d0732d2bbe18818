/* How types relate: casts that exist and in which context, categories, common types.
 * Postgres 15's pg_cast and chapter 10, plus the types Postgres has not (unsigned, TINYINT,
 * nanoseconds, structs, maps). Private to kernel/. */
#ifndef WEIR_KERNEL_TYPE_RULES_H
#define WEIR_KERNEL_TYPE_RULES_H

#include "kernel/registry.h"

enum { WEIR_CAST_NONE = WEIR_CAST_EXPLICIT + 1 };

/* The least context in which from becomes to; WEIR_CAST_NONE when it never does. */
unsigned weir_cast_level(const struct weir_type *from, const struct weir_type *to);

/* Same type, parameters (precision, scale, length) ignored. */
bool weir_type_same(const struct weir_type *a, const struct weir_type *b);
/* Postgres' type category letter: B, N, S, D, T, U, A, C, M; X for NULL. */
char weir_type_category(const struct weir_type *type);
/* The preferred type of its category. */
bool weir_type_is_preferred(const struct weir_type *type);

/* TINYINT and the unsigned types, which Postgres has not. */
static inline bool weir_type_is_foreign_integer(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_INT8 ||
           (type->kind >= WEIR_TYPE_UINT8 && type->kind <= WEIR_TYPE_UINT64);
}
/* The Postgres type that holds every value: TINYINT SMALLINT, UINT32 BIGINT, UINT64 DECIMAL(20,0).
 */
const struct weir_type *weir_type_native(const struct weir_type *type, struct weir_arena *arena);

/* DECIMAL(p, s) with room for every value of a numeric type; NULL for floats. */
const struct weir_type *weir_type_as_decimal(const struct weir_type *type,
                                             struct weir_arena *arena);
/* precision is capped at 38, scale at precision. NULL when memory has run out. */
const struct weir_type *weir_type_decimal_capped(struct weir_arena *arena, unsigned precision,
                                                 unsigned scale);
/* Two types meet, unknown literals apart; NULL when they do not. */
const struct weir_type *weir_type_meet(const struct weir_type *a, const struct weir_type *b,
                                       struct weir_arena *arena);

#endif
