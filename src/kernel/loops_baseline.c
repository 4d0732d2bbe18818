/* The numeric loops for what every processor of the architecture has. The build gives the flags. */
#define LOOPS_TABLE weir_loops_baseline
#define LOOPS_NAME "baseline"
#include "kernel/loops.inc.h"
