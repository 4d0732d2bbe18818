/* Arrays made from values: ARRAY[…], array_fill, series of numbers and times. */
#include "kernel/array/array_internal.h"
#include "kernel/time/time_internal.h"
#include "value/decimal.h"

/* --- ARRAY[a, b] ----------------------------------------------------------------------------- */

/* The arguments' lanes one after the other: a0 a1 a2 b0 b1 b2. */
static enum weir_status pool_arguments(struct weir_kernel_call *call, struct weir_builder *pool)
{
    const struct weir_type *element = call->out->type->children[0];
    WEIR_TRY(weir_builder_init(pool, element, call->arena, NULL));
    for (uint32_t k = 0; k < call->args_count; k++)
        WEIR_TRY(weir_builder_append_lanes(pool, &call->args[k], NULL, call->rows_count, NULL));
    return WEIR_OK;
}

void weir_fn_array(struct weir_kernel_call *call)
{
    struct weir_picks picks;
    struct weir_builder pool;
    if (!weir_picks_begin(&picks, call))
        return;
    if (call->rows_count == 0) {
        weir_picks_finish(&picks, NULL);
        return;
    }
    if (!weir_picks_reserve(&picks, 0, (uint64_t)call->rows_count * call->args_count))
        return;
    if (pool_arguments(call, &pool) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    for (uint32_t lane = 0; lane < call->rows_count; lane++) {
        for (uint32_t k = 0; k < call->args_count; k++)
            weir_picks_add(&picks, k * call->rows_count + lane);
        weir_picks_end(&picks, lane);
    }
    struct weir_column elements = weir_builder_column(&pool);
    weir_picks_finish(&picks, &elements);
}

/* --- array_fill ------------------------------------------------------------------------------ */

/* As many dimensions as the constant dims have; 1 when they are not constant. */
enum weir_status weir_bind_array_fill(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_column *dims = bind->constants[1];
    uint32_t depth = 1;
    if (dims && !weir_column_is_null(dims, 0))
        depth = ((const struct weir_list_entry *)dims->values)->count;
    if (depth > 6)
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT,
                              "array_fill makes 6 dimensions at most, not %u", depth);
    bind->result_type = bind->arg_types[0];
    for (uint32_t i = 0; i < (depth ? depth : 1); i++) {
        bind->result_type = weir_type_list(bind->arena, bind->result_type);
        if (!bind->result_type)
            return weir_error_set_out_of_memory(error);
    }
    return WEIR_OK;
}

struct fill {
    const struct weir_column *value;
    uint32_t value_lane;
    const int32_t *sizes;
    uint32_t depth;
};

/* The value `count` times. A constant column of one lane repeats it. */
static enum weir_status fill_elements(struct weir_builder *child, const struct fill *fill,
                                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        WEIR_TRY(weir_builder_append_range(child, fill->value, fill->value_lane, 1, NULL));
    return WEIR_OK;
}

/* sizes[level] lists or values into child. */
static enum weir_status fill_level(struct weir_builder *child, const struct fill *fill,
                                   uint32_t level)
{
    uint32_t count = (uint32_t)fill->sizes[level];
    if (level + 1 == fill->depth)
        return fill_elements(child, fill, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t first = child->children[0].rows_count;
        WEIR_TRY(fill_level(&child->children[0], fill, level + 1));
        WEIR_TRY(weir_builder_end_list(child, first, NULL));
    }
    return WEIR_OK;
}

/* The elements that sizes ask for, in all; 0 when one of them is 0. */
static enum weir_array_result count_elements(struct weir_kernel_call *call, uint32_t lane,
                                             const struct weir_column *column,
                                             struct weir_list_entry entry, uint64_t *total)
{
    *total = 1;
    for (uint32_t i = 0; i < entry.count; i++) {
        if (weir_column_is_null(column, entry.offset + i))
            return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                   "dimension values cannot be null");
        int32_t size = ((const int32_t *)column->values)[entry.offset + i];
        if (size < 0)
            return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT, "a dimension is negative");
        if (__builtin_mul_overflow(*total, (uint64_t)size, total) ||
            *total > WEIR_ARRAY_ELEMENTS_MAX)
            *total = *total ? UINT32_MAX : 0;
    }
    *total = entry.count ? *total : 0;
    return weir_array_check_count(call, lane, *total);
}

/* Lower bounds are those that arrays have here: 1. */
static enum weir_array_result check_bounds(struct weir_kernel_call *call, uint32_t lane,
                                           uint32_t dims_count)
{
    if (call->args_count < 3)
        return WEIR_ARRAY_OK;
    struct weir_list_entry entry = weir_arg_list(call, 2, lane);
    const struct weir_column *bounds = weir_arg_elements(call, 2);
    if (entry.count != dims_count)
        return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                               "array_fill needs as many lower bounds as dimensions");
    for (uint32_t i = 0; i < entry.count; i++)
        if (weir_column_is_null(bounds, entry.offset + i) ||
            ((const int32_t *)bounds->values)[entry.offset + i] != 1)
            return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                   "arrays begin at 1: another lower bound cannot be kept");
    return WEIR_ARRAY_OK;
}

static bool has_null_dims(const struct weir_kernel_call *call, uint32_t lane)
{
    for (uint32_t k = 1; k < call->args_count; k++)
        if (weir_arg_is_null(call, k, lane))
            return true;
    return false;
}

static enum weir_array_result fill_lane(struct weir_kernel_call *call, uint32_t lane,
                                        struct weir_builder *child)
{
    uint32_t depth, value_depth;
    uint64_t total;
    (void)weir_array_leaf(call->out->type, &depth);
    (void)weir_array_leaf(call->args[0].type, &value_depth);
    depth -= value_depth;
    if (has_null_dims(call, lane))
        return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                               "dimension array or low bound array cannot be null");
    struct weir_list_entry dims = weir_arg_list(call, 1, lane);
    const struct weir_column *sizes = weir_arg_elements(call, 1);
    enum weir_array_result result = check_bounds(call, lane, dims.count);
    if (result == WEIR_ARRAY_OK)
        result = count_elements(call, lane, sizes, dims, &total);
    if (result != WEIR_ARRAY_OK || total == 0)
        return result;
    if (dims.count != depth)
        return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                               "more than one dimension must be a constant of the query");
    const struct fill fill = {.value = &call->args[0],
                              .value_lane = weir_arg_lane(call, 0, lane),
                              .sizes = (const int32_t *)sizes->values + dims.offset,
                              .depth = depth};
    return weir_array_status(call, fill_level(child, &fill, 0));
}

void weir_fn_array_fill(struct weir_kernel_call *call)
{
    weir_array_build(call, fill_lane);
}

/* --- series ---------------------------------------------------------------------------------- */

/* The numbers from start to stop; is_open: stop is not one of them. */
static enum weir_array_result append_numbers(struct weir_kernel_call *call, uint32_t lane,
                                             struct weir_builder *child, const int64_t bounds[3],
                                             bool is_open)
{
    int64_t step = bounds[2];
    if (step == 0)
        return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT, "step size cannot equal zero");
    weir_i128 distance = (weir_i128)bounds[1] - bounds[0];
    if (is_open)
        distance -= step > 0 ? 1 : -1;
    weir_i128 steps = (step > 0) == (distance >= 0) || distance == 0 ? distance / step : -1;
    weir_i128 count = steps < 0 ? 0 : steps + 1;
    enum weir_array_result result =
        weir_array_check_count(call, lane, count > UINT32_MAX ? UINT32_MAX : (uint64_t)count);
    if (result != WEIR_ARRAY_OK)
        return result;
    bool is_narrow = child->type->kind == WEIR_TYPE_INT32;
    for (int64_t i = 0, value = bounds[0]; i < (int64_t)count; i++) {
        int32_t narrow = (int32_t)value;
        const void *lane_value = is_narrow ? (const void *)&narrow : (const void *)&value;
        enum weir_status status = weir_builder_append_value(child, lane_value, NULL);
        if (status != WEIR_OK)
            return weir_array_status(call, status);
        if (__builtin_add_overflow(value, step, &value))
            break;
    }
    return WEIR_ARRAY_OK;
}

static int64_t number_argument(const struct weir_kernel_call *call, uint32_t k, uint32_t lane)
{
    return call->args[k].type->kind == WEIR_TYPE_INT32 ? *WEIR_ARG(call, k, int32_t, lane)
                                                       : *WEIR_ARG(call, k, int64_t, lane);
}

static enum weir_array_result series_lane(struct weir_kernel_call *call, uint32_t lane,
                                          struct weir_builder *child)
{
    const int64_t bounds[3] = {number_argument(call, 0, lane), number_argument(call, 1, lane),
                               call->args_count > 2 ? number_argument(call, 2, lane) : 1};
    return append_numbers(call, lane, child, bounds, false);
}

static enum weir_array_result range_lane(struct weir_kernel_call *call, uint32_t lane,
                                         struct weir_builder *child)
{
    int64_t bounds[3] = {0, number_argument(call, 0, lane), 1};
    for (uint32_t k = 0; call->args_count > 1 && k < call->args_count; k++)
        bounds[k] = number_argument(call, k, lane);
    return append_numbers(call, lane, child, bounds, true);
}

void weir_fn_generate_series(struct weir_kernel_call *call)
{
    weir_array_build(call, series_lane);
}
void weir_fn_range(struct weir_kernel_call *call)
{
    weir_array_build(call, range_lane);
}

/* Every decimal argument with the greatest scale. */
enum weir_status weir_bind_decimal_series(struct weir_function_bind *bind, struct weir_error *error)
{
    uint32_t scale = 0;
    for (uint32_t i = 0; i < bind->args_count; i++)
        if (bind->arg_types[i]->scale > scale)
            scale = bind->arg_types[i]->scale;
    const struct weir_type *type =
        weir_type_decimal(bind->arena, WEIR_DECIMAL_PRECISION_MAX, scale);
    bind->result_type = type ? weir_type_list(bind->arena, type) : NULL;
    for (uint32_t i = 0; i < bind->args_count; i++)
        bind->arg_types[i] = type;
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

static weir_i128 power_of_ten(uint32_t exponent)
{
    weir_i128 power = 1;
    while (exponent--)
        power *= 10;
    return power;
}

static enum weir_array_result decimal_series_lane(struct weir_kernel_call *call, uint32_t lane,
                                                  struct weir_builder *child)
{
    weir_i128 value = *WEIR_ARG(call, 0, weir_i128, lane);
    weir_i128 stop = *WEIR_ARG(call, 1, weir_i128, lane);
    weir_i128 step = call->args_count > 2 ? *WEIR_ARG(call, 2, weir_i128, lane)
                                          : power_of_ten(child->type->scale);
    if (step == 0)
        return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT, "step size cannot equal zero");
    for (uint32_t count = 1; step > 0 ? value <= stop : value >= stop; count++) {
        enum weir_array_result result = weir_array_check_count(call, lane, count);
        if (result == WEIR_ARRAY_OK)
            result = weir_array_status(call, weir_builder_append_value(child, &value, NULL));
        if (result != WEIR_ARRAY_OK)
            return result;
        if (__builtin_add_overflow(value, step, &value))
            break;
    }
    return WEIR_ARRAY_OK;
}

void weir_fn_generate_series_decimal(struct weir_kernel_call *call)
{
    weir_array_build(call, decimal_series_lane);
}

static enum weir_array_result time_series_lane(struct weir_kernel_call *call, uint32_t lane,
                                               struct weir_builder *child)
{
    int64_t us = *WEIR_ARG(call, 0, int64_t, lane), stop = *WEIR_ARG(call, 1, int64_t, lane);
    struct weir_interval step = *WEIR_ARG(call, 2, struct weir_interval, lane);
    int sign = weir_interval_compare(step, (struct weir_interval){0});
    if (sign == 0)
        return weir_array_fail(call, lane, WEIR_E_BAD_ARGUMENT, "step size cannot equal zero");
    struct weir_time_zone zone = weir_time_session_zone(call);
    if (call->args[0].type->kind != WEIR_TYPE_TIMESTAMPTZ)
        zone.zone = NULL;
    for (uint32_t count = 1; sign > 0 ? us <= stop : us >= stop; count++) {
        enum weir_array_result result = weir_array_check_count(call, lane, count);
        if (result == WEIR_ARRAY_OK)
            result = weir_array_status(call, weir_builder_append_value(child, &us, NULL));
        if (result != WEIR_ARRAY_OK)
            return result;
        if (!weir_time_add(&zone, us, step, &us))
            return weir_array_fail(call, lane, WEIR_E_OVERFLOW, "timestamp out of range");
    }
    return WEIR_ARRAY_OK;
}

void weir_fn_generate_series_time(struct weir_kernel_call *call)
{
    weir_array_build(call, time_series_lane);
}
