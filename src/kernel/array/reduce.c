/* One value out of an array: its greatest, least, sum, average. NULL elements do not count; nothing
 * over no elements is NULL. */
#include "kernel/array/array_internal.h"
#include "value/decimal.h"

/* --- greatest and least ---------------------------------------------------------------------- */

static void pick_extreme(struct weir_kernel_call *call, int wanted)
{
    uint32_t *elements = weir_array_elements(call);
    const struct weir_column *child = weir_arg_elements(call, 0);
    if (!elements)
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_list_entry entry = weir_arg_list(call, 0, lane);
        for (uint32_t i = entry.offset; i < entry.offset + entry.count; i++) {
            if (weir_column_is_null(child, i))
                continue;
            if (elements[lane] == WEIR_ARRAY_NONE ||
                weir_column_compare(child, i, child, elements[lane]) == wanted)
                elements[lane] = i;
        }
    }
    weir_array_take(call, child, elements);
}

void weir_fn_array_max(struct weir_kernel_call *call)
{
    pick_extreme(call, 1);
}
void weir_fn_array_min(struct weir_kernel_call *call)
{
    pick_extreme(call, -1);
}

/* --- sums ------------------------------------------------------------------------------------ */

/* Sums have the types of the aggregate: BIGINT of integers up to 32 bits, DECIMAL(38, s) of BIGINT
 * and DECIMAL, else that of the elements. */
static const struct weir_type *sum_type(struct weir_arena *arena, const struct weir_type *element)
{
    if (element->kind == WEIR_TYPE_INT64 || element->kind == WEIR_TYPE_UINT64)
        return weir_type_decimal(arena, WEIR_DECIMAL_PRECISION_MAX, 0);
    if (element->kind == WEIR_TYPE_DECIMAL)
        return weir_type_decimal(arena, WEIR_DECIMAL_PRECISION_MAX, element->scale);
    return weir_type_is_integer(element) ? weir_type_of(WEIR_TYPE_INT64) : element;
}

static enum weir_status check_numbers(const struct weir_function_bind *bind, const char *name,
                                      struct weir_error *error)
{
    const struct weir_type *type = bind->arg_types[0];
    if (weir_type_is_number(type->children[0]))
        return WEIR_OK;
    return weir_error_set(error, WEIR_E_TYPE_MISMATCH, "%s needs an array of numbers, not %s", name,
                          weir_type_name(type).text);
}

enum weir_status weir_bind_array_sum(struct weir_function_bind *bind, struct weir_error *error)
{
    WEIR_TRY(check_numbers(bind, "array_sum", error));
    bind->result_type = sum_type(bind->arena, bind->arg_types[0]->children[0]);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

enum weir_status weir_bind_array_avg(struct weir_function_bind *bind, struct weir_error *error)
{
    WEIR_TRY(check_numbers(bind, "array_avg", error));
    bind->result_type = weir_type_of(WEIR_TYPE_FLOAT64);
    return WEIR_OK;
}

static weir_i128 integer_at(const struct weir_column *child, uint32_t i)
{
    switch (child->type->kind) {
    case WEIR_TYPE_INT8:
        return ((const int8_t *)child->values)[i];
    case WEIR_TYPE_INT16:
        return ((const int16_t *)child->values)[i];
    case WEIR_TYPE_INT32:
        return ((const int32_t *)child->values)[i];
    case WEIR_TYPE_INT64:
        return ((const int64_t *)child->values)[i];
    case WEIR_TYPE_UINT8:
        return ((const uint8_t *)child->values)[i];
    case WEIR_TYPE_UINT16:
        return ((const uint16_t *)child->values)[i];
    case WEIR_TYPE_UINT32:
        return ((const uint32_t *)child->values)[i];
    case WEIR_TYPE_UINT64:
        return ((const uint64_t *)child->values)[i];
    default:
        return ((const weir_i128 *)child->values)[i];
    }
}

static bool is_float(const struct weir_column *child)
{
    return child->type->kind == WEIR_TYPE_FLOAT32 || child->type->kind == WEIR_TYPE_FLOAT64;
}

struct total {
    double real; /* of floats */
    weir_i128 exact;
    uint32_t count;
    bool overflow;
};

static struct total add_up(const struct weir_column *child, struct weir_list_entry entry)
{
    struct total total = {0};
    bool real = is_float(child);
    for (uint32_t i = entry.offset; i < entry.offset + entry.count; i++) {
        if (weir_column_is_null(child, i))
            continue;
        total.count++;
        if (!real)
            total.overflow |=
                __builtin_add_overflow(total.exact, integer_at(child, i), &total.exact);
        else if (child->type->kind == WEIR_TYPE_FLOAT32)
            total.real += (double)((const float *)child->values)[i];
        else
            total.real += ((const double *)child->values)[i];
    }
    return total;
}

static bool store_sum(struct weir_kernel_call *call, uint32_t lane, const struct total *total)
{
    switch (call->out->type->kind) {
    case WEIR_TYPE_FLOAT32:
        ((float *)call->out_values)[lane] = (float)total->real;
        return true;
    case WEIR_TYPE_FLOAT64:
        ((double *)call->out_values)[lane] = total->real;
        return true;
    case WEIR_TYPE_INT64:
        ((int64_t *)call->out_values)[lane] = (int64_t)total->exact;
        return true;
    default:
        ((weir_i128 *)call->out_values)[lane] = total->exact;
        return !total->overflow && weir_decimal_digits(total->exact) <= WEIR_DECIMAL_PRECISION_MAX;
    }
}

void weir_fn_array_sum(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct total total = add_up(weir_arg_elements(call, 0), weir_arg_list(call, 0, lane));
        if (!store_sum(call, lane, &total) && !weir_kernel_fail_range(call, lane))
            return;
        if (total.count == 0)
            weir_kernel_set_null(call, lane);
    }
}

void weir_fn_array_avg(struct weir_kernel_call *call)
{
    double *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        const struct weir_column *child = weir_arg_elements(call, 0);
        struct total total = add_up(child, weir_arg_list(call, 0, lane));
        if (total.overflow && !weir_kernel_fail_range(call, lane))
            return;
        uint32_t scale = child->type->kind == WEIR_TYPE_DECIMAL ? child->type->scale : 0;
        if (!is_float(child))
            total.real = weir_decimal_to_f64(weir_decimal_make(total.exact, scale));
        out[lane] = total.count ? total.real / (double)total.count : 0;
        if (total.count == 0)
            weir_kernel_set_null(call, lane);
    }
}
