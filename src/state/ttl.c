/* Ticks of rows: see ttl.h. */
#include "state/ttl.h"

#include "base/checked.h"

enum { TICKS = 8, TICK_US_MIN = 1000, ROWS_MIN = 64 };

void weir_ttl_init(struct weir_ttl *ttl, int64_t ttl_us, struct weir_processing_time now,
                   struct weir_budget *budget)
{
    *ttl = (struct weir_ttl){.begin_us = now.us, .budget = budget};
    if (ttl_us <= 0)
        return;
    ttl->tick_us = ttl_us / TICKS + (ttl_us % TICKS != 0);
    if (ttl->tick_us < TICK_US_MIN)
        ttl->tick_us = TICK_US_MIN;
}

void weir_ttl_deinit(struct weir_ttl *ttl)
{
    weir_free(ttl->ticks);
    if (ttl->ticks)
        weir_budget_release(ttl->budget, ttl->capacity * sizeof *ttl->ticks);
    ttl->ticks = NULL;
    ttl->capacity = 0;
}

static enum weir_status reserve(struct weir_ttl *ttl, uint32_t row, struct weir_error *error)
{
    uint64_t capacity = ttl->capacity ? ttl->capacity : ROWS_MIN;
    while (capacity <= row)
        capacity *= 2;
    uint64_t more = (capacity - ttl->capacity) * sizeof *ttl->ticks;
    if (capacity > UINT32_MAX || !weir_budget_charge(ttl->budget, more))
        return weir_budget_error(ttl->budget, error);
    uint32_t *ticks = weir_realloc(ttl->ticks, capacity * sizeof *ticks);
    if (!ticks) {
        weir_budget_release(ttl->budget, more);
        return weir_error_set_out_of_memory(error);
    }
    ttl->ticks = ticks;
    ttl->capacity = (uint32_t)capacity;
    return WEIR_OK;
}

enum weir_status weir_ttl_touch(struct weir_ttl *ttl, const uint32_t *rows, uint32_t count,
                                struct weir_error *error)
{
    uint32_t greatest = 0;
    for (uint32_t i = 0; i < count; i++)
        greatest = rows[i] > greatest ? rows[i] : greatest;
    if (count && greatest >= ttl->capacity)
        WEIR_TRY(reserve(ttl, greatest, error));
    for (uint32_t i = 0; i < count; i++)
        ttl->ticks[rows[i]] = ttl->now;
    return WEIR_OK;
}

bool weir_ttl_advance(struct weir_ttl *ttl, struct weir_processing_time now)
{
    if (!weir_ttl_is_on(ttl) || now.us < ttl->begin_us)
        return false;
    uint64_t tick = ((uint64_t)now.us - (uint64_t)ttl->begin_us) / (uint64_t)ttl->tick_us;
    bool is_due = tick > ttl->now;
    if (is_due)
        ttl->now = tick > UINT32_MAX ? UINT32_MAX : (uint32_t)tick;
    return is_due;
}
