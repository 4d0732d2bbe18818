/* The vector instructions that may be used: what the processor has (sys/ finds out), less what
 * WEIR_CPU takes away. Kernels choose their variant by it, once. */
#ifndef WEIR_BASE_CPU_H
#define WEIR_BASE_CPU_H

#include <stdbool.h>

struct weir_cpu {
    bool avx2;   /* x86-64: AVX2, BMI1, BMI2, POPCNT, LZCNT, PCLMUL */
    bool avx512; /* x86-64: F, BW, DQ, VL, VBMI and VBMI2, all of them; implies avx2 */
    bool neon;   /* arm64 */
};

#endif
