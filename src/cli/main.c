/* Entry point. */
#include "base/memory.h"
#include "cli/cli.h"

int main(int argc, char **argv)
{
    weir_memory_retain();
    weir_sys_hold_streams();
    return weir_cli_main(weir_sys_real(), argc, argv);
}
