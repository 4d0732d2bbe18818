/* updating_ttl: which of a batch's rows are taken back from a state that has forgotten them.
 *
 *     state: +A     batch: -A  +B  -B  -C        left out: -C, which nobody knows any more
 *
 * A lane is left out when the sum of its row, in the state and in the lanes before it, would fall
 * below zero. Tested in tests/suites/ttl.py. */
#ifndef WEIR_EXEC_KNOWN_ROWS_H
#define WEIR_EXEC_KNOWN_ROWS_H

#include "exec/exec_internal.h"
#include "state/multimap.h"

/* Zeroed at first. */
struct known_rows {
    struct weir_state_table *sums; /* int64_t by all columns; NULL: not needed yet */
    struct known_room *room;
};

/* A batch: columns are those of the map; lanes are ascending. */
struct known_lanes {
    const struct weir_column *columns;
    uint32_t columns_count;
    const int64_t *weights; /* by lane */
    uint16_t *lanes;
    uint32_t count;
};

void known_rows_deinit(struct known_rows *known, const struct weir_operator_env *env);
/* Leaves lanes out of batch->lanes and counts them as unmatched. */
WEIR_CHECKED enum weir_status
known_rows_filter(struct known_rows *known, const struct weir_operator_env *env,
                  struct weir_multimap *map, struct known_lanes *batch, struct weir_error *error);

#endif
