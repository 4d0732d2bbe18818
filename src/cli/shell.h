/* The interactive shell of `weir sql`. */
#ifndef WEIR_CLI_SHELL_H
#define WEIR_CLI_SHELL_H

#include "cli/progress.h"
#include "cli/results.h"
#include "embed/engine.h"

/* Reads statements from the terminal until .quit or the end of input; returns the exit code. */
int weir_shell(struct weir_engine *engine, struct weir_results *results,
               struct weir_progress *progress);

#endif
