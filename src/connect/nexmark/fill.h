/* Batches of events; see fill.c. */
#ifndef WEIR_CONNECT_NEXMARK_FILL_H
#define WEIR_CONNECT_NEXMARK_FILL_H

#include "column/batch.h"
#include "connect/nexmark/model.h"

struct nexmark_field {
    const char *name;
    enum weir_type_kind kind;
};
/* Name and fields of a kind, in the order of the enums of model.h. */
struct nexmark_kind_description {
    const char *name;
    const struct nexmark_field *fields;
    uint32_t fields_count;
};
extern const struct nexmark_kind_description nexmark_kinds[NEXMARK_KINDS_COUNT];

/* What the projected columns of a table are. */
struct nexmark_columns {
    const struct weir_schema *schema;
    uint8_t *roles;   /* per column: enum nexmark_column_role */
    uint8_t **fields; /* per column that is a struct: field of each child */
    bool wants_channel;
};

/* Finds out what the columns are, in arena. BAD_OPTION for a column, or a field of one, that
 * Nexmark does not have. */
WEIR_CHECKED enum weir_status nexmark_columns_bind(const struct weir_schema *schema,
                                                   struct weir_arena *arena,
                                                   struct nexmark_columns *out,
                                                   struct weir_error *error);
/* Makes events first … first + count - 1 in a batch that was reset. */
WEIR_CHECKED enum weir_status
nexmark_batch_fill(const struct nexmark_model *model, const struct nexmark_columns *columns,
                   int64_t first, uint32_t count, struct weir_batch *batch,
                   struct weir_budget *budget, struct weir_error *error);

#endif
