/* The numeric inner loops: comparison, arithmetic, and byte lanes to selections.
 *
 * One source, loops.inc.h, is compiled once per instruction set (loops_baseline.c, loops_v3.c,
 * loops_v4.c) into a table of pointers; the compiler does the vectorising. All tables give the same
 * bits. The caller takes weir_loops_best() or, in tests and under WEIR_CPU, the session's.
 *
 * Loops know nothing of nulls or selections: they compute every lane of contiguous arrays.
 * Arithmetic answers whether some lane may have failed (overflow, division by zero); the caller
 * then looks at the lanes that count, one by one. */
#ifndef WEIR_KERNEL_LOOPS_H
#define WEIR_KERNEL_LOOPS_H

#include "column/type.h"
#include "value/isa.h"

enum { WEIR_LOOP_KINDS = WEIR_TYPE_FLOAT64 - WEIR_TYPE_INT8 + 1 };

enum weir_loop_form {
    WEIR_LOOP_VECTORS,        /* a[i] op b[i] */
    WEIR_LOOP_RIGHT_CONSTANT, /* a[i] op b[0] */
    WEIR_LOOP_LEFT_CONSTANT,  /* a[0] op b[i] */
    WEIR_LOOP_FORMS
};

enum weir_loop_arithmetic {
    WEIR_LOOP_ADD,
    WEIR_LOOP_SUB,
    WEIR_LOOP_MUL,
    WEIR_LOOP_DIV, /* floats only */
    WEIR_LOOP_ARITHMETICS
};

/* out[i] = (a[i] op b[i]) ^ invert; 0 or 1. NaN is equal to NaN and greater than all else. */
typedef void (*weir_loop_compare)(const void *a, const void *b, uint8_t invert, uint8_t *out,
                                  uint32_t count);
/* True when some lane may have failed. Integers wrap, floats follow IEEE 754. */
typedef bool (*weir_loop_compute)(const void *a, const void *b, void *out, uint32_t count);

struct weir_loops {
    const char *name;
    weir_loop_compare equal[WEIR_LOOP_KINDS][WEIR_LOOP_FORMS];
    weir_loop_compare less[WEIR_LOOP_KINDS][WEIR_LOOP_FORMS];
    weir_loop_compute compute[WEIR_LOOP_ARITHMETICS][WEIR_LOOP_KINDS][WEIR_LOOP_FORMS];
    /* The lanes < count whose byte is not 0 (and whose validity bit is 1, when validity is given),
     * ascending, into out, which has room for count; their number. */
    uint32_t (*select)(const uint8_t *lanes, const uint64_t *validity, uint32_t count,
                       uint16_t *out);
    void (*and_bytes)(uint8_t *a, const uint8_t *b, uint32_t count); /* a &= b */
};

extern const struct weir_loops weir_loops_baseline, weir_loops_v3, weir_loops_v4;
/* Lanes of a byte's set bits, in order, and how many there are; for select. */
extern const uint8_t weir_loops_set_bits[256][8];
extern const uint8_t weir_loops_bit_counts[256];

/* The table for an instruction set. */
const struct weir_loops *weir_loops_get(enum weir_isa isa);
/* The best this processor has; a few loads, no CPUID. */
const struct weir_loops *weir_loops_best(void);

/* Index of the loops that compare lanes of a kind (dates and times as their integers, BOOLEAN as
 * UINT8); -1 when there are none. */
static inline int weir_loop_kind(enum weir_type_kind kind)
{
    if (kind >= WEIR_TYPE_INT8 && kind <= WEIR_TYPE_FLOAT64)
        return (int)kind - WEIR_TYPE_INT8;
    if (kind == WEIR_TYPE_BOOLEAN)
        return WEIR_TYPE_UINT8 - WEIR_TYPE_INT8;
    if (kind == WEIR_TYPE_DATE)
        return WEIR_TYPE_INT32 - WEIR_TYPE_INT8;
    if (kind >= WEIR_TYPE_TIME && kind <= WEIR_TYPE_TIMESTAMPTZ_NS)
        return WEIR_TYPE_INT64 - WEIR_TYPE_INT8;
    return -1;
}

#endif
