/* median, percentile_cont, percentile_disc, mode: aggregates over the sorted values of a group.
 *
 * The value is the last argument (WITHIN GROUP passes it there); nulls are left out. Fractions are
 * constants, one or an array of them; the answer then is an array. With N values in order,
 *
 *     percentile_cont(f)   row f (N - 1), interpolated between its neighbours   {1, 2, 4}  .75 -> 3
 *     percentile_disc(f)   row ceil(f N)                                        {1, 2, 4}  .75 -> 4
 *     mode                 the most frequent value, the first of several
 *
 * as in Postgres. In descending order (WITHIN GROUP (ORDER BY x DESC)) rows are counted from the
 * greatest value. Values are kept with counts (multiset.h), so they can be taken back. */
#include "kernel/aggregate/multiset.h"
#include "kernel/aggregate/percentiles.h"
#include "value/interval.h"

#include <math.h>

AGGREGATE_SIZE(ordered_size, struct weir_multiset)

static void ordered_update(struct weir_aggregate_call *call)
{
    const struct weir_column *column = &call->args[call->args_count - 1];
    struct weir_buffer scratch;
    weir_buffer_init(&scratch, call->heap->arena.budget);
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = aggregate_lane(call, i);
        if (weir_column_is_null(column, lane))
            continue;
        struct weir_multiset *set = (struct weir_multiset *)(void *)aggregate_state(call, i);
        if (!weir_multiset_add(set, column, lane, aggregate_weight(call, lane), &scratch,
                               call->heap)) {
            weir_aggregate_out_of_memory(call);
            break;
        }
    }
    weir_buffer_deinit(&scratch);
}

static void ordered_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct weir_multiset *target = (struct weir_multiset *)(void *)(into + call->state_offset);
    struct weir_multiset *source = (struct weir_multiset *)(void *)(from + call->state_offset);
    if (!weir_multiset_merge(target, source, call->heap))
        weir_aggregate_out_of_memory(call);
}

static void ordered_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    weir_multiset_drop((struct weir_multiset *)(void *)state, heap);
}

/* --- fractions ------------------------------------------------------------------------------- */

static enum weir_status read_fraction(double value, struct weir_error *error)
{
    if (value >= 0 && value <= 1)
        return WEIR_OK;
    return weir_error_set(error, WEIR_E_BAD_ARGUMENT, "percentile value %g is not between 0 and 1",
                          value);
}

static enum weir_status read_fractions(const struct weir_column *constant,
                                       struct weir_percentiles *out, struct weir_arena *arena,
                                       struct weir_error *error)
{
    bool is_list = constant->type->kind == WEIR_TYPE_LIST;
    const struct weir_column *values = constant;
    struct weir_list_entry entry = {0, 1};
    if (is_list) {
        entry = *(const struct weir_list_entry *)constant->values;
        values = &constant->children[0];
    }
    out->is_list = is_list;
    out->count = entry.count;
    out->fractions = WEIR_ARENA_ARRAY(arena, struct weir_percentile, (size_t)entry.count + 1);
    if (!out->fractions)
        return weir_error_set_out_of_memory(error);
    for (uint32_t i = 0; i < entry.count; i++) {
        uint32_t lane = entry.offset + i;
        out->fractions[i].is_null = weir_column_is_null(values, lane);
        if (out->fractions[i].is_null)
            continue;
        out->fractions[i].fraction =
            ((const double *)values->values)[weir_column_index(values, lane)];
        WEIR_TRY(read_fraction(out->fractions[i].fraction, error));
    }
    return WEIR_OK;
}

enum weir_status weir_percentiles_bind(struct weir_function_bind *bind, uint32_t fraction_arg,
                                       uint32_t value_arg, struct weir_error *error)
{
    struct weir_percentiles *out = WEIR_ARENA_NEW(bind->arena, struct weir_percentiles);
    if (!out)
        return weir_error_set_out_of_memory(error);
    const struct weir_column *constant = bind->constants[fraction_arg];
    bind->instance = out;
    out->type = bind->arg_types[value_arg];
    out->descending = bind->descending;
    if (!constant)
        return weir_error_set(error, WEIR_E_NOT_CONSTANT, "the fraction must be a constant number");
    out->is_list = constant->type->kind == WEIR_TYPE_LIST;
    out->is_null = weir_column_is_null(constant, 0);
    return out->is_null ? WEIR_OK : read_fractions(constant, out, bind->arena, error);
}

enum weir_status weir_bind_aggregate_percentile(struct weir_function_bind *bind,
                                                struct weir_error *error)
{
    return weir_percentiles_bind(bind, 0, 1, error);
}

/* The median: one fraction of a half. */
enum weir_status weir_bind_aggregate_median(struct weir_function_bind *bind,
                                            struct weir_error *error)
{
    struct weir_percentiles *out = WEIR_ARENA_NEW(bind->arena, struct weir_percentiles);
    struct weir_percentile *half = WEIR_ARENA_NEW(bind->arena, struct weir_percentile);
    if (!out || !half)
        return weir_error_set_out_of_memory(error);
    half->fraction = 0.5;
    *out = (struct weir_percentiles){
        .type = bind->arg_types[bind->args_count - 1], .count = 1, .fractions = half};
    bind->instance = out;
    return WEIR_OK;
}

enum weir_status weir_bind_aggregate_mode(struct weir_function_bind *bind, struct weir_error *error)
{
    struct weir_percentiles *out = WEIR_ARENA_NEW(bind->arena, struct weir_percentiles);
    if (!out)
        return weir_error_set_out_of_memory(error);
    out->type = bind->arg_types[0];
    out->descending = bind->descending;
    bind->instance = out;
    return WEIR_OK;
}

void weir_percentiles_write(struct weir_percentile_writer *writer, uint32_t lane,
                            weir_percentile_of value_of, const void *context)
{
    const struct weir_percentiles *percentiles = writer->percentiles;
    struct weir_lane value;
    if (!percentiles->is_list) {
        if (percentiles->is_null)
            weir_value_writer_put_null(&writer->values, lane);
        else
            weir_value_writer_put(&writer->values, lane,
                                  value_of(context, percentiles->fractions[0].fraction, &value));
        return;
    }
    struct weir_value_writer *values = &writer->values;
    if (percentiles->is_null || values->failed) {
        weir_value_writer_put_null(values, lane);
        return;
    }
    struct weir_builder *elements = &values->builder.children[0];
    uint32_t first = elements->rows_count;
    for (uint32_t i = 0; i < percentiles->count && !values->failed; i++) {
        const struct weir_percentile *percentile = &percentiles->fractions[i];
        values->failed =
            (percentile->is_null
                 ? weir_builder_append_null(elements, NULL)
                 : weir_decode(elements, value_of(context, percentile->fraction, &value))) !=
            WEIR_OK;
    }
    if (!values->failed)
        values->failed = weir_builder_end_list(&values->builder, first, NULL) != WEIR_OK;
}

/* --- the values ------------------------------------------------------------------------------ */

struct sorted {
    const struct weir_multiset *set;
    int64_t count;
    const struct weir_type *type;
    bool descending;
};

static struct weir_slice value_at(const struct sorted *sorted, int64_t rank, struct weir_lane *lane)
{
    if (sorted->descending)
        rank = sorted->count - 1 - rank;
    return weir_multiset_value(sorted->set, weir_multiset_find(sorted->set, rank), sorted->type,
                               lane);
}

static struct weir_slice discrete(const void *context, double fraction, struct weir_lane *lane)
{
    const struct sorted *sorted = context;
    int64_t rank = (int64_t)ceil(fraction * (double)sorted->count) - 1;
    if (rank < 0)
        rank = 0;
    if (rank >= sorted->count)
        rank = sorted->count - 1;
    return value_at(sorted, rank, lane);
}

static bool interpolate_interval(struct weir_interval low, struct weir_interval high, double part,
                                 struct weir_interval *out)
{
    struct weir_interval difference;
    return weir_interval_sub(high, low, &difference) &&
           weir_interval_mul(difference, part, &difference) == WEIR_ARITH_OK &&
           weir_interval_add(low, difference, out);
}

static struct weir_slice continuous(const void *context, double fraction, struct weir_lane *lane)
{
    const struct sorted *sorted = context;
    double place = fraction * (double)(sorted->count - 1);
    int64_t first = (int64_t)floor(place), second = (int64_t)ceil(place);
    double part = place - (double)first;
    struct weir_lane held;
    struct weir_slice low = value_at(sorted, first, lane);
    if (first == second)
        return low;
    struct weir_slice high = value_at(sorted, second, &held);
    if (sorted->type->kind == WEIR_TYPE_FLOAT64) {
        double a, b;
        memcpy(&a, low.data, sizeof a);
        memcpy(&b, high.data, sizeof b);
        a += part * (b - a);
        memcpy(lane->bytes, &a, sizeof a);
    } else {
        struct weir_interval a, b, result;
        memcpy(&a, low.data, sizeof a);
        memcpy(&b, high.data, sizeof b);
        if (!interpolate_interval(a, b, part, &result))
            result = a;
        memcpy(lane->bytes, &result, sizeof result);
    }
    return weir_slice_make((const char *)lane->bytes, low.size);
}

static void percentile_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset,
                              weir_percentile_of value_of)
{
    struct weir_percentile_writer writer = {.percentiles = out->instance};
    weir_value_writer_begin(&writer.values, out);
    for (uint32_t i = 0; i < out->rows_count; i++) {
        struct weir_multiset *set = AGGREGATE_FINISH_STATE(struct weir_multiset, states, i, offset);
        struct sorted sorted = {set, weir_multiset_sort(set, NULL), writer.percentiles->type,
                                writer.percentiles->descending};
        if (sorted.count <= 0)
            weir_value_writer_put_null(&writer.values, i);
        else
            weir_percentiles_write(&writer, i, value_of, &sorted);
    }
    weir_value_writer_end(&writer.values);
}

static void continuous_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    percentile_finish(out, states, offset, continuous);
}

static void discrete_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    percentile_finish(out, states, offset, discrete);
}

static void mode_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    const bool descending = ((const struct weir_percentiles *)out->instance)->descending;
    struct weir_value_writer writer;
    weir_value_writer_begin(&writer, out);
    for (uint32_t i = 0; i < out->rows_count; i++) {
        struct weir_multiset *set = AGGREGATE_FINISH_STATE(struct weir_multiset, states, i, offset);
        size_t best = 0;
        if (weir_multiset_sort(set, NULL) <= 0) {
            weir_value_writer_put_null(&writer, i);
            continue;
        }
        for (size_t k = 1; k < weir_multiset_size(set); k++)
            if (weir_multiset_weight(set, k) >= weir_multiset_weight(set, best) + !descending)
                best = k;
        struct weir_lane lane;
        weir_value_writer_put(&writer, i, weir_multiset_value(set, best, out->out->type, &lane));
    }
    weir_value_writer_end(&writer);
}

const struct weir_aggregate_ops weir_aggregate_percentile_cont = {
    ordered_size, ordered_update, ordered_merge, continuous_finish, ordered_drop, NULL};
const struct weir_aggregate_ops weir_aggregate_percentile_disc = {
    ordered_size, ordered_update, ordered_merge, discrete_finish, ordered_drop, NULL};
const struct weir_aggregate_ops weir_aggregate_mode = {ordered_size, ordered_update, ordered_merge,
                                                       mode_finish,  ordered_drop,   NULL};
