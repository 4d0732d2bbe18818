/* Instruction sets that hand-written kernels choose between.
 *
 * There is no global switch: a caller asks once (weir_isa_detect), keeps the answer, and passes it
 * to the kernels that take one. Tests pass every lower set too; all give the same answers. */
#ifndef WEIR_VALUE_ISA_H
#define WEIR_VALUE_ISA_H

#include "base/cpu.h"

enum weir_isa {
    WEIR_ISA_SCALAR = 0, /* plain C */
    WEIR_ISA_AVX2 = 1,   /* AVX2, BMI1/2, LZCNT, POPCNT, PCLMULQDQ */
    WEIR_ISA_AVX512 = 2  /* AVX-512 F, BW, VL, DQ, VBMI */
};

/* The best set this processor has, but no better than limit. Reads CPUID only. */
enum weir_isa weir_isa_detect(enum weir_isa limit);

/* The set a caller's struct weir_cpu allows. */
static inline enum weir_isa weir_isa_from_cpu(struct weir_cpu cpu)
{
    return cpu.avx512 ? WEIR_ISA_AVX512 : cpu.avx2 ? WEIR_ISA_AVX2 : WEIR_ISA_SCALAR;
}

/* "scalar", "avx2", "avx512". */
const char *weir_isa_name(enum weir_isa isa);

#endif
