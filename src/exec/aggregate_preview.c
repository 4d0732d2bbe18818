/* A look at an aggregation before its input has ended: all panes are emitted as at the end, but
 * nothing is let go of; windows made of slices get groups for it alone. Functions
 * finish their states without changing them (EMIT CHANGES needs that too), so what is put back is
 * only where the emission stands. Failures that became NULL are not counted: the end will count
 * them. */
#include "exec/aggregate_internal.h"

/* A window whose groups are in slices: they are made for this look only. */
static enum weir_flow preview_window(struct aggregate *aggregate, struct pane *pane,
                                     struct weir_output *output, struct weir_error *error)
{
    struct pane *groups = NULL;
    enum weir_flow flow = aggregate_slices_make(aggregate, pane, &groups, error) == WEIR_OK
                              ? aggregate_emit_groups(aggregate, pane, groups, output, error)
                              : exec_failed(&aggregate->env, error);
    if (groups)
        aggregate_pane_free(aggregate, groups);
    return flow;
}

static enum weir_flow preview_panes(struct aggregate *aggregate, struct weir_output *output,
                                    struct weir_error *error)
{
    for (uint32_t i = 0; i <= aggregate->panes_count && !aggregate->done; i++) {
        struct pane *pane = i < aggregate->panes_count ? aggregate->panes[i] : aggregate->null_pane;
        if (!pane)
            continue;
        uint32_t cursor = pane->cursor;
        pane->cursor = 0;
        enum weir_flow flow = pane->kind == PANE_OF_WINDOW
                                  ? preview_window(aggregate, pane, output, error)
                                  : aggregate_emit_pane(aggregate, pane, output, error);
        pane->cursor = cursor;
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
