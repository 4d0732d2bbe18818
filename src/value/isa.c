/* Which instruction sets this processor has. */
#include "value/isa.h"

enum weir_isa weir_isa_detect(enum weir_isa limit)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (limit >= WEIR_ISA_AVX512 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2"))
        return WEIR_ISA_AVX512;
    if (limit >= WEIR_ISA_AVX2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
        __builtin_cpu_supports("pclmul"))
        return WEIR_ISA_AVX2;
#endif
    (void)limit;
    return WEIR_ISA_SCALAR;
}

const char *weir_isa_name(enum weir_isa isa)
{
    switch (isa) {
    case WEIR_ISA_AVX512:
        return "avx512";
    case WEIR_ISA_AVX2:
        return "avx2";
    default:
        return "scalar";
    }
}
