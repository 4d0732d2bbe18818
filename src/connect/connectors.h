/* The connectors built into the program. */
#ifndef WEIR_CONNECT_CONNECTORS_H
#define WEIR_CONNECT_CONNECTORS_H

#include "flow/connector.h"

/* All of them, in the order of the reference page. */
const struct weir_connectors *weir_connectors_builtin(void);

#endif
