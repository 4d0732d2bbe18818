/* memory: tables whose rows the embedding program holds, as Arrow arrays. */
#ifndef WEIR_CONNECT_MEMORY_H
#define WEIR_CONNECT_MEMORY_H

#include "column/arrow.h"
#include "flow/connector.h"

struct weir_memory_table {
    struct weir_memory_table *next;
    struct weir_slice name;
    struct weir_schema schema;
    struct weir_arrow_import **parts; /* retained arrays */
    uint32_t parts_count;
};

/* What struct weir_connector_env's embedder points to. */
struct weir_memory_tables {
    struct weir_memory_table *first;
};

#endif
