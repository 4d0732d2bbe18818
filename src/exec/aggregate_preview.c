/* A look at an aggregation before its input has ended: all panes are emitted as at the end, but
 * nothing is let go of; windows made of slices are filled for it and emptied again. Functions
 * finish their states without changing them (EMIT CHANGES needs that too), so what is put back is
 * only where the emission stands. Failures that became NULL are not counted: the end will count
 * them. */
#include "exec/aggregate_internal.h"

static enum weir_flow preview_panes(struct aggregate *aggregate, struct weir_output *output,
                                    struct weir_error *error)
{
    for (uint32_t i = 0; i <= aggregate->panes_count && !aggregate->done; i++) {
        struct pane *pane = i < aggregate->panes_count ? aggregate->panes[i] : aggregate->null_pane;
        if (!pane)
            continue;
        uint32_t cursor = pane->cursor;
        bool fills = aggregate->slices && !pane->is_filled && !pane->of_null;
        pane->cursor = 0;
        enum weir_flow flow = aggregate_emit_pane(aggregate, pane, output, error);
        pane->cursor = cursor;
        if (fills)
            aggregate_pane_clear(aggregate, pane);
        pane->is_filled &= !fills;
        if (flow != WEIR_FLOW_OK)
            return flow;
    }
    return WEIR_FLOW_OK;
}

enum weir_flow aggregate_preview(void *state, struct weir_output *output, struct weir_error *error)
{
    struct aggregate *aggregate = state;
    uint64_t ignored = 0, *counted = aggregate->env.nulled_count;
    bool done = aggregate->done;
    aggregate->env.nulled_count = &ignored;
    enum weir_flow flow = aggregate->sessions ? aggregate_sessions_preview(aggregate, output, error)
                                              : preview_panes(aggregate, output, error);
    aggregate->env.nulled_count = counted;
    aggregate->done = done;
    return flow;
}
