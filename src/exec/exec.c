/* The list of operators, and what they share. */
#include "exec/exec_internal.h"

#include "base/checked.h"
#include "column/builder.h"

#include <assert.h>

static const struct weir_operator_type *aggregate_of(const struct weir_plan_node *node)
{
    const struct weir_plan_aggregate *plan = &node->of.aggregate;
    bool is_distinct = plan->calls_count == 0 && plan->window.kind == WEIR_WINDOW_NONE &&
                       plan->keys_count > 0 && plan->emit == WEIR_EMIT_CHANGES &&
                       !node->inputs[0]->changelog;
    return is_distinct ? &exec_distinct : &exec_aggregate;
}

const struct weir_operator_type *weir_exec_operator(const struct weir_plan_node *node)
{
    switch (node->kind) {
    case WEIR_PLAN_COMPUTE:
        return &exec_compute;
    case WEIR_PLAN_AGGREGATE:
        return aggregate_of(node);
    case WEIR_PLAN_SORT:
        return &exec_sort;
    case WEIR_PLAN_LIMIT:
        return &exec_limit;
    case WEIR_PLAN_UNION:
        return &exec_union;
    case WEIR_PLAN_JOIN:
        return node->of.join.lookup ? &exec_lookup : node->of.join.asof ? &exec_asof : &exec_join;
    case WEIR_PLAN_OVER:
        return &exec_over;
    case WEIR_PLAN_LATE:
        return &exec_late;
    case WEIR_PLAN_PROCTIME:
        return &exec_proctime;
    case WEIR_PLAN_UNNEST:
        return &exec_unnest;
    case WEIR_PLAN_VALUES:
        return &exec_values;
    case WEIR_PLAN_SERIES:
        return &exec_series;
    case WEIR_PLAN_NORMALIZE:
        return &exec_normalize;
    case WEIR_PLAN_NET:
        return &exec_net;
    case WEIR_PLAN_SCAN:
    case WEIR_PLAN_SINK:
        break;
    }
    return NULL;
}

enum weir_status exec_out_of_memory(const struct weir_operator_env *env, struct weir_error *error)
{
    return weir_budget_error(env->budget, error);
}

enum weir_status exec_state_create(const struct weir_operator_env *env, size_t size, void **out,
                                   struct weir_error *error)
{
    *out = NULL;
    if (!weir_budget_charge(env->budget, size))
        return exec_open_failed(env, exec_out_of_memory(env, error), error);
    *out = weir_calloc(1, size);
    if (*out)
        return WEIR_OK;
    weir_budget_release(env->budget, size);
    return exec_open_failed(env, weir_error_set_out_of_memory(error), error);
}

void exec_state_destroy(const struct weir_operator_env *env, void *state, size_t size)
{
    struct weir_budget *budget = env->budget; /* env may be in the state */
    weir_free(state);
    weir_budget_release(budget, size);
}

enum weir_flow exec_failed(const struct weir_operator_env *env, struct weir_error *error)
{
    weir_error_frame(error, "%s", env->operator_name ? env->operator_name : "operator");
    return WEIR_FLOW_FAILED;
}

enum weir_status exec_open_failed(const struct weir_operator_env *env, enum weir_status status,
                                  struct weir_error *error)
{
    (void)exec_failed(env, error);
    return status;
}

/* The lane that a record of the batch at hand was decoded to; UINT32_MAX: it is of another one. */
static uint32_t lane_of_record(const struct weir_split_marks *marks, uint64_t record)
{
    if (!marks->watermarks || record < marks->record)
        return UINT32_MAX;
    uint64_t number = record - marks->record;
    if (!marks->records)
        return number < marks->count ? (uint32_t)number : UINT32_MAX;
    uint32_t low = 0, high = marks->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (marks->records[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < marks->count && marks->records[low] == number ? low : UINT32_MAX;
}

/* The watermark of the lane's split before the lane; INT64_MIN: not known. */
static int64_t split_watermark(const struct weir_batch *batch, uint32_t lane)
{
    struct weir_split_marks *marks = batch->origin.marks;
    if (!marks)
        return INT64_MIN;
    uint32_t at = lane_of_record(marks, exec_origin(batch, lane).record);
    if (at == UINT32_MAX)
        return INT64_MIN;
    for (uint32_t i = 1; !marks->is_running && i < marks->count; i++)
        if (marks->watermarks[i] < marks->watermarks[i - 1])
            marks->watermarks[i] = marks->watermarks[i - 1];
    marks->is_running = true;
    int64_t before = at ? marks->watermarks[at - 1] : INT64_MIN;
    return before > marks->before_us ? before : marks->before_us;
}

static void count_into(struct weir_late_rows *late, const struct exec_late_row *row, bool is_new)
{
    int64_t delay;
    if (weir_sub_i64(row->watermark_us, row->kept_us, &delay) && delay > late->delay_us)
        late->delay_us = delay;
    if (late->count == 0 || row->last_us < late->first_us)
        late->first_us = row->last_us;
    if (late->count == 0 || row->last_us > late->last_us)
        late->last_us = row->last_us;
    late->count += is_new;
}

/* Whether the row is of the record counted last; else it is the one from now on. */
static bool is_of_last_record(struct weir_late_counts *late, const struct weir_batch *batch,
                              uint32_t lane)
{
    const struct weir_origin origin = exec_origin(batch, lane);
    bool is_same = late->last_split == origin.source && late->last_record == origin.record + 1;
    late->last_split = origin.source;
    late->last_record = origin.record + 1;
    return is_same;
}

void exec_count_late(const struct weir_operator_env *env, const struct weir_batch *batch,
                     uint32_t lane, const struct exec_late_row *row)
{
    struct weir_late_counts *late = env->late;
    const struct weir_split_marks *marks = batch->origin.marks;
    if (!late)
        return;
    struct exec_late_row exact = *row;
    int64_t split;
    if (late->is_near && weir_sub_i64(split_watermark(batch, lane), row->behind_us, &split) &&
        split > row->watermark_us)
        exact.watermark_us = split;
    bool of_source = late->is_near && marks && marks->source < late->sources_count;
    bool is_new = !of_source || !late->is_spread || !is_of_last_record(late, batch, lane);
    count_into(&late->all, &exact, is_new);
    if (of_source)
        count_into(&late->of_sources[marks->source], &exact, is_new);
}

int64_t exec_round_down(int64_t time_us, int64_t granularity_us)
{
    if (time_us == INT64_MAX || time_us < INT64_MIN + granularity_us)
        return time_us;
    return weir_floor_div_i64(time_us, granularity_us) * granularity_us;
}

void exec_ttl_init(const struct weir_operator_env *env, struct weir_ttl *ttl)
{
    struct weir_processing_time now = {0};
    if (env->ttl_us > 0)
        now = env->session->now;
    weir_ttl_init(ttl, env->ttl_us, now, env->budget);
}

void exec_count_expired(const struct weir_operator_env *env, uint64_t rows)
{
    if (env->expired_count)
        *env->expired_count += rows;
}

uint32_t exec_batch_rows(const struct weir_operator_env *env)
{
    uint32_t rows = env->batch_rows;
    return rows == 0 || rows > WEIR_BATCH_ROWS_MAX ? WEIR_BATCH_ROWS_MAX : rows;
}

struct weir_origin exec_origin(const struct weir_batch *batch, uint32_t lane)
{
    struct weir_origin origin = batch->origin;
    origin.record += batch->origin_records ? batch->origin_records[lane] : lane;
    return origin;
}

/* Texts that were copied lately, by address: rows of one key often show the same ones. */
enum { COPIED_COUNT = 256 };
struct copied {
    const char *from, *to;
    uint32_t size;
};

/* FLAT texts. */
static enum weir_status own_texts(const struct weir_column *column, uint32_t count,
                                  struct weir_arena *arena, struct weir_column *out,
                                  struct weir_error *error)
{
    struct copied copied[COPIED_COUNT] = {{NULL, NULL, 0}};
    const struct weir_view *from = column->values;
    struct weir_view *views = weir_arena_alloc(arena, (size_t)count * sizeof *views + 1, 64);
    if (!views)
        return weir_budget_error(arena->budget, error);
    for (uint32_t i = 0; i < count; i++) {
        views[i] = from[i];
        if (from[i].size <= WEIR_VIEW_INLINE_MAX)
            continue;
        const char *text = from[i].body.far.data;
        struct copied *slot = &copied[((uintptr_t)text >> 4) % COPIED_COUNT];
        if (slot->from != text || slot->size != from[i].size) {
            char *to = weir_arena_alloc(arena, from[i].size, 1);
            if (!to)
                return weir_budget_error(arena->budget, error);
            memcpy(to, text, from[i].size);
            *slot = (struct copied){text, to, from[i].size};
        }
        views[i].body.far.data = slot->to;
    }
    out->values = views;
    return WEIR_OK;
}

enum weir_status exec_own_column(const struct weir_column *column, uint32_t count,
                                 struct weir_arena *arena, struct weir_column *out,
                                 struct weir_error *error)
{
    struct weir_builder builder;
    *out = *column;
    if (!weir_type_is_view(column->type) && !weir_type_is_nested(column->type))
        return WEIR_OK;
    if (weir_type_is_view(column->type) && column->encoding == WEIR_FLAT) {
        const struct weir_view *views = column->values;
        uint32_t i = 0;
        while (i < count && views[i].size <= WEIR_VIEW_INLINE_MAX)
            i++;
        return i == count ? WEIR_OK : own_texts(column, count, arena, out, error);
    }
    WEIR_TRY(weir_builder_init(&builder, column->type, arena, error));
    WEIR_TRY(weir_builder_append_lanes(&builder, column, NULL, count, error));
    *out = weir_builder_column(&builder);
    return WEIR_OK;
}

enum weir_status exec_blank_column(const struct weir_type *type, uint32_t count,
                                   struct weir_arena *arena, struct weir_column *out, void **values,
                                   uint64_t **validity, struct weir_error *error)
{
    size_t width = weir_type_is_nested(type) ? 0 : weir_type_width(type);
    size_t words = weir_validity_words(count);
    size_t bytes;
    *values = NULL;
    *validity = weir_arena_alloc(arena, (words + 1) * sizeof **validity, 64);
    if (!*validity)
        return weir_budget_error(arena->budget, error);
    memset(*validity, 0xFF, words * sizeof **validity);
    if (width) {
        if (!weir_mul_size(count, width, &bytes))
            return weir_error_set_out_of_memory(error);
        *values = weir_arena_alloc(arena, bytes + 1, 64);
        if (!*values)
            return weir_budget_error(arena->budget, error);
        memset(*values, 0, bytes);
    }
    *out = (struct weir_column){.type = type,
                                .encoding = WEIR_FLAT,
                                .rows_count = count,
                                .validity = *validity,
                                .values = *values};
    return WEIR_OK;
}

enum weir_status exec_let_go(struct weir_batch *batch, struct weir_error *error)
{
    if (!batch || !weir_batch_is_exclusive(batch))
        return WEIR_OK;
    return weir_batch_reset(batch, NULL, error);
}

static enum weir_status take_i64(const int64_t *from, const uint16_t *lanes, uint32_t count,
                                 struct weir_arena *arena, const int64_t **out,
                                 struct weir_error *error)
{
    int64_t *to = weir_arena_alloc(arena, count * sizeof *to + 1, 64);
    if (!to)
        return weir_budget_error(arena->budget, error);
    for (uint32_t i = 0; i < count; i++)
        to[i] = from[lanes[i]];
    *out = to;
    return WEIR_OK;
}

enum weir_status exec_pass_lanes(const struct weir_batch *input, const uint16_t *lanes,
                                 bool with_event_time, struct weir_batch *out,
                                 struct weir_error *error)
{
    uint32_t count = out->rows_count;
    out->origin = input->origin;
    if (!lanes) {
        out->weights = input->weights;
        out->event_times = with_event_time ? input->event_times : NULL;
        out->origin_records = input->origin_records;
        return WEIR_OK;
    }
    if (input->weights)
        WEIR_TRY(take_i64(input->weights, lanes, count, &out->arena, &out->weights, error));
    if (input->event_times && with_event_time)
        WEIR_TRY(take_i64(input->event_times, lanes, count, &out->arena, &out->event_times, error));
    uint32_t *records = weir_arena_alloc(&out->arena, count * sizeof *records + 1, 64);
    if (!records)
        return weir_budget_error(out->arena.budget, error);
    for (uint32_t i = 0; i < count; i++)
        records[i] = input->origin_records ? input->origin_records[lanes[i]] : lanes[i];
    out->origin_records = records;
    return WEIR_OK;
}
