/* Entry point. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return weir_cli_main(weir_sys_real(), argc, argv);
}
