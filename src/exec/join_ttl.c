/* updating_ttl in joins: keys that had no row on either side for so long are forgotten, where time
 * does not free their rows. What came out of them stays; rows of the other side that they matched
 * stay matched (J1). A row that is taken back after it was forgotten is left out and counted, for
 * nobody knows what came out of it. */
#include "exec/join_internal.h"

#include <string.h>

/* Rows that would come out alone at the end. */
static bool waits_for_the_end(const struct join *join, uint32_t port)
{
    bool is_anti = join->plan->kind == WEIR_JOIN_ANTI && port == 0;
    return join->plan->defer_unmatched && (is_anti || join->sides[port].plan->keep_unmatched);
}

void join_ttl_open(struct join *join)
{
    for (uint32_t port = 0; port < 2; port++)
        if (!join->sides[port].plan->expires && !waits_for_the_end(join, port))
            exec_ttl_init(&join->env, &join->sides[port].ttl);
}

void join_ttl_close(struct join *join)
{
    for (uint32_t port = 0; port < 2; port++) {
        weir_ttl_deinit(&join->sides[port].ttl);
        known_rows_deinit(&join->sides[port].known, &join->env);
    }
}

enum weir_status join_ttl_touch(struct join *join, uint32_t port, const uint32_t *rows,
                                uint32_t count, struct weir_error *error)
{
    struct join_side *side = &join->sides[port];
    if (!weir_ttl_is_on(&side->ttl))
        return WEIR_OK;
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i] == JOIN_NONE)
            continue;
        uint32_t key = weir_multimap_key(side->rows, rows[i]);
        WEIR_TRY(weir_ttl_touch(&side->ttl, &key, 1, error));
    }
    return WEIR_OK;
}

enum weir_status join_ttl_leave_out(struct join *join, const struct weir_column *columns,
                                    struct weir_error *error)
{
    struct join_batch *at = join->at;
    struct join_side *side = &join->sides[at->port];
    if (!weir_ttl_is_on(&side->ttl) || !at->batch->weights)
        return WEIR_OK;
    memcpy(at->chosen, at->matching, at->matching_count * sizeof *at->chosen);
    struct known_lanes lanes = {columns,
                                side->schema->fields_count + (join->node->has_event_time ? 1u : 0u),
                                at->batch->weights, at->chosen, at->matching_count};
    WEIR_TRY(known_rows_filter(&side->known, &join->env, side->rows, &lanes, error));
    uint32_t kept = 0, matching = 0, known = 0;
    for (uint32_t i = 0; i < at->live_count; i++) {
        uint16_t lane = at->live[i];
        bool may_match = matching < at->matching_count && at->matching[matching] == lane;
        bool is_known = known < lanes.count && at->chosen[known] == lane;
        matching += may_match;
        known += is_known;
        at->live[kept] = lane;
        kept += is_known || !may_match;
    }
    at->live_count = kept;
    return WEIR_OK;
}

static uint64_t forget_key(struct join_side *side, uint32_t key)
{
    uint64_t rows = 0;
    for (uint32_t row = weir_multimap_first(side->rows, key), next; row != JOIN_NONE; row = next) {
        next = weir_multimap_next(side->rows, row);
        weir_multimap_remove(side->rows, row);
        rows++;
    }
    return rows;
}

enum weir_flow join_timer(void *state, struct weir_processing_time now, struct weir_output *output,
                          struct weir_error *error)
{
    struct join *join = state;
    (void)output, (void)error;
    for (uint32_t port = 0; port < 2; port++) {
        struct join_side *side = &join->sides[port];
        uint32_t cursor = 0, key;
        if (!weir_ttl_advance(&side->ttl, now))
            continue;
        while (weir_multimap_scan_keys(side->rows, &cursor, &key, 1) != 0)
            if (weir_ttl_is_over(&side->ttl, key))
                exec_count_expired(&join->env, forget_key(side, key));
    }
    return WEIR_FLOW_OK;
}
