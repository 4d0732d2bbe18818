/* The numeric loops for x86-64-v3 (AVX2). The build gives the flags. */
#define LOOPS_TABLE weir_loops_v3
#define LOOPS_NAME "v3"
#include "kernel/loops.inc.h"
