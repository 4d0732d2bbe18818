/* SERIES: generate_series(start, stop, step), emitted by `end`, a batch at a time.
 *
 * As Postgres: null in any argument gives no rows, a step of zero is an error, the sign of the step
 * says in which direction stop lies; a value that no longer fits its type ends the series. Steps of
 * timestamps are intervals added one after the other to the last value: 31 January, 28 February,
 * 28 March. TIMESTAMPTZ steps by the wall clock of the session's zone. */
#include "exec/exec_internal.h"

#include "base/checked.h"
#include "value/interval.h"
#include "value/timezone.h"

struct series {
    const struct weir_plan_node *node;
    struct weir_operator_env env;
    struct weir_batch *out;
    enum weir_type_kind kind;
    int direction;  /* sign of the step; 0: nothing is left */
    weir_i128 next; /* of every kind: all are integers inside */
    weir_i128 stop, step;
    struct weir_interval interval;
    int64_t ordinal; /* of the last row that was taken downstream */
    bool done;
};

static weir_i128 integer_of(const struct weir_column *column)
{
    int32_t narrow;
    int64_t value;
    weir_i128 wide;
    switch (weir_type_width(column->type)) {
    case 4:
        memcpy(&narrow, column->values, sizeof narrow);
        return narrow;
    case 8:
        memcpy(&value, column->values, sizeof value);
        return value;
    default:
        memcpy(&wide, column->values, sizeof wide);
        return wide;
    }
}

static int sign(weir_i128 value)
{
    return (value > 0) - (value < 0);
}

static enum weir_status series_init(struct series *series, struct weir_error *error)
{
    const struct weir_plan_series *plan = &series->node->of.series;
    series->kind = plan->type->kind;
    if (weir_column_is_null(&plan->start, 0) || weir_column_is_null(&plan->stop, 0) ||
        weir_column_is_null(&plan->step, 0))
        return WEIR_OK; /* direction 0 */
    series->next = integer_of(&plan->start);
    series->stop = integer_of(&plan->stop);
    if (plan->step.type->kind == WEIR_TYPE_INTERVAL) {
        memcpy(&series->interval, plan->step.values, sizeof series->interval);
        series->direction =
            weir_interval_compare(series->interval, (struct weir_interval){0, 0, 0});
    } else {
        series->step = integer_of(&plan->step);
        series->direction = sign(series->step);
    }
    if (series->direction == 0)
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT, "the step of generate_series is zero");
    return WEIR_OK;
}

static void series_close(void *state)
{
    struct series *series = state;
    weir_batch_release(series->out);
    exec_state_destroy(&series->env, series, sizeof *series);
}

static enum weir_status series_open(const void *description, const struct weir_operator_env *env,
                                    void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct series), state, error));
    struct series *series = *state;
    series->node = description;
    series->env = *env;
    enum weir_status status = series_init(series, error);
    if (status != WEIR_OK) {
        (void)exec_open_failed(env, status, error);
        series_close(series);
        *state = NULL;
    }
    return status;
}

static enum weir_flow series_push(void *state, uint32_t port, struct weir_batch *batch,
                                  struct weir_output *output, struct weir_error *error)
{
    struct series *series = state;
    (void)port, (void)batch, (void)output;
    (void)weir_error_set(error, WEIR_E_INTERNAL, "generate_series has no input");
    return exec_failed(&series->env, error);
}

static enum weir_flow series_watermark(void *state, struct weir_event_time watermark,
                                       struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->watermark(output, watermark, error);
}

/* Timestamp plus interval, by the wall clock of the zone when it is a TIMESTAMPTZ. */
static bool add_interval(const struct series *series, int64_t us, int64_t *out)
{
    const struct weir_session *session = series->env.session;
    const struct weir_timezone *zone = session ? session->timezone : NULL;
    if (series->kind != WEIR_TYPE_TIMESTAMPTZ || !zone)
        return weir_interval_add_to_timestamp(us, series->interval, out);
    struct weir_interval dates = {series->interval.months, series->interval.days, 0};
    if (dates.months || dates.days) {
        if (!weir_timezone_to_local(zone, NULL, us, &us) ||
            !weir_interval_add_to_timestamp(us, dates, &us) ||
            !weir_timezone_to_utc(zone, NULL, us, &us))
            return false;
    }
    return weir_add_i64(us, series->interval.us, out);
}

static bool in_range(const struct series *series)
{
    return series->direction > 0 ? series->next <= series->stop : series->next >= series->stop;
}

/* To the next value; false when it leaves the type. */
static bool step_on(struct series *series)
{
    if (series->kind == WEIR_TYPE_TIMESTAMP || series->kind == WEIR_TYPE_TIMESTAMPTZ) {
        int64_t us;
        if (!add_interval(series, (int64_t)series->next, &us))
            return false;
        series->next = us;
        return true;
    }
    if (!weir_add_i128(series->next, series->step, &series->next))
        return false;
    if (weir_type_width(series->node->of.series.type) == 8)
        return series->next >= INT64_MIN && series->next <= INT64_MAX;
    if (weir_type_width(series->node->of.series.type) == 4)
        return series->next >= INT32_MIN && series->next <= INT32_MAX;
    return true; /* a DECIMAL beyond stop is beyond its precision, or not needed */
}

static void store(void *values, size_t width, uint32_t lane, weir_i128 value)
{
    int64_t word = (int64_t)value;
    int32_t narrow = (int32_t)word;
    if (width == 16)
        memcpy((weir_i128 *)values + lane, &value, sizeof value);
    else if (width == 8)
        memcpy((int64_t *)values + lane, &word, sizeof word);
    else
        memcpy((int32_t *)values + lane, &narrow, sizeof narrow);
}

static enum weir_status fill(struct series *series, struct weir_error *error)
{
    const struct weir_plan_series *plan = &series->node->of.series;
    uint32_t limit = exec_batch_rows(&series->env), count = 0;
    size_t width = weir_type_width(plan->type);
    void *values, *ordinals = NULL;
    uint64_t *validity;
    WEIR_TRY(weir_batch_renew(&series->out, &series->node->schema, series->env.budget, error));
    struct weir_batch *out = series->out;
    WEIR_TRY(exec_blank_column(plan->type, limit, &out->arena, &out->columns[0], &values, &validity,
                               error));
    if (plan->with_ordinality)
        WEIR_TRY(exec_blank_column(weir_type_of(WEIR_TYPE_INT64), limit, &out->arena,
                                   &out->columns[1], &ordinals, &validity, error));
    while (count < limit && series->direction && in_range(series)) {
        store(values, width, count, series->next);
        if (ordinals)
            ((int64_t *)ordinals)[count] = series->ordinal + count + 1;
        count++;
        if (!step_on(series))
            series->direction = 0;
    }
    out->rows_count = out->selected_count = count;
    for (uint32_t i = 0; i < series->node->schema.fields_count; i++) {
        out->columns[i].rows_count = count;
        out->columns[i].validity = NULL;
    }
    return WEIR_OK;
}

static enum weir_flow series_end(void *state, struct weir_output *output, struct weir_error *error)
{
    struct series *series = state;
    while (!series->done && series->direction && in_range(series)) {
        weir_i128 first = series->next;
        int direction = series->direction;
        if (fill(series, error) != WEIR_OK)
            return exec_failed(&series->env, error);
        enum weir_flow flow = output->push(output, series->out, error);
        if (flow == WEIR_FLOW_FAILED)
            return flow;
        if (flow == WEIR_FLOW_YIELD) { /* the same batch again */
            series->next = first;
            series->direction = direction;
            return flow;
        }
        series->ordinal += series->out->rows_count;
        series->done = flow == WEIR_FLOW_DONE;
        if (flow == WEIR_FLOW_FULL && series->direction && in_range(series))
            return WEIR_FLOW_YIELD;
    }
    return output->end(output, error);
}

const struct weir_operator_type exec_series = {.name = "series",
                                               .open = series_open,
                                               .push = series_push,
                                               .watermark = series_watermark,
                                               .end = series_end,
                                               .close = series_close};
