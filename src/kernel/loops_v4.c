/* The numeric loops for x86-64-v4 (AVX-512). The build gives the flags. */
#define LOOPS_TABLE weir_loops_v4
#define LOOPS_NAME "v4"
#include "kernel/loops.inc.h"
