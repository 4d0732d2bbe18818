/* Number to number, a column at a time: the inner loops of cast_number.c, compiled at -O3. */
#ifndef WEIR_KERNEL_CAST_LOOPS_H
#define WEIR_KERNEL_CAST_LOOPS_H

#include "column/type.h"

/* out[i] = in[i] converted. True when some value is out of the target's range (its out is then
 * unspecified). Floats become integers by rounding half to even, as Postgres does. */
typedef bool (*weir_cast_loop)(const void *in, void *out, uint32_t count);

/* Both INT8 … FLOAT64. */
weir_cast_loop weir_cast_loop_get(enum weir_type_kind from, enum weir_type_kind to);

#endif
