/* Windows out of slices, shared by aggregate_slices.c, aggregate_running.c and aggregate_sums.c. */
#ifndef WEIR_EXEC_AGGREGATE_SLICES_INTERNAL_H
#define WEIR_EXEC_AGGREGATE_SLICES_INTERNAL_H

#include "exec/aggregate_internal.h"

struct aggregate_slices {
    struct pane **items; /* ascending */
    uint32_t count, capacity;
    struct pane *last;         /* found last */
    int64_t last_first_end_us; /* of its windows */
    int64_t released_us;       /* windows that end by then are out */
    struct pane *shown;        /* groups of the window that is being emitted: running or filled */

    /* aggregate_running.c: the sum of the slices that are marked so; NULL: there is none */
    bool runs;
    struct pane *running;
    uint32_t count_offset; /* in its payload: 0 when no slice has the group */

    /* aggregate_sums.c */
    struct pane *filled; /* a window's groups, made for it */
    /* From each slice before the turn up to it; NULL: for windows that are out. */
    struct pane **sums;
    uint32_t sums_count, sums_capacity;
    struct pane *rest; /* from the turn to rest_end_us; NULL: there are no sums */
    int64_t turn_us, rest_end_us;
};

/* The slices items[first … last) of a window. */
struct slice_range {
    uint32_t first, last;
};

/* Every call's states can be taken away from each other. */
bool aggregate_running_is_possible(const struct aggregate *aggregate);
/* Where a group of the running window has a number that is 0 once no slice has the group: a state
 * of count(*), or behind the states. */
uint32_t aggregate_running_count_offset(const struct aggregate *aggregate);
/* Makes the running window the sum of the range. *ok false: a sum left its range, and there is no
 * running window any more. */
WEIR_CHECKED enum weir_status aggregate_running_move(struct aggregate *aggregate,
                                                     struct slice_range range, bool *ok,
                                                     struct weir_error *error);
/* Takes a slice out of the running window, when it is in. */
WEIR_CHECKED enum weir_status aggregate_running_leave(struct aggregate *aggregate,
                                                      struct pane *slice, struct weir_error *error);
/* Forgets the running window; its slices are in none. */
void aggregate_running_clear(struct aggregate *aggregate);

/* The groups of the range by merging, in slices->filled. */
WEIR_CHECKED enum weir_status aggregate_sums_fill(struct aggregate *aggregate,
                                                  const struct pane *window,
                                                  struct slice_range range,
                                                  struct weir_error *error);
/* The same slice by slice, in a pane of its own, which the caller frees. */
WEIR_CHECKED enum weir_status aggregate_sums_make(struct aggregate *aggregate,
                                                  const struct pane *window,
                                                  struct slice_range range, struct pane **out,
                                                  struct weir_error *error);
void aggregate_sums_drop(struct aggregate *aggregate);

#endif
