/* Integer mathematics: gcd, lcm, factorial; and width_bucket over an array of thresholds. */
#include "base/checked.h"
#include "kernel/kernel_internal.h"
#include "value/decimal.h"

static uint64_t magnitude(int64_t x)
{
    return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

/* False when the answer does not fit a signed type with this greatest value. */
static bool divisor(int64_t a, int64_t b, bool multiple, uint64_t greatest, uint64_t *out)
{
    uint64_t x = magnitude(a), y = magnitude(b);
    *out = 0;
    if (!multiple)
        *out = weir_gcd_u64(x, y);
    else if (x && y && __builtin_mul_overflow(x / weir_gcd_u64(x, y), y, out))
        return false;
    return *out <= greatest;
}

static void run_divisor(struct weir_kernel_call *call, bool multiple)
{
    bool is_wide = call->out->type->kind == WEIR_TYPE_INT64;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t a = is_wide ? *WEIR_ARG(call, 0, int64_t, lane) : *WEIR_ARG(call, 0, int32_t, lane);
        int64_t b = is_wide ? *WEIR_ARG(call, 1, int64_t, lane) : *WEIR_ARG(call, 1, int32_t, lane);
        uint64_t answer;
        if (!divisor(a, b, multiple, is_wide ? INT64_MAX : INT32_MAX, &answer)) {
            if (!weir_kernel_fail_range(call, lane))
                return;
            continue;
        }
        if (is_wide)
            ((int64_t *)call->out_values)[lane] = (int64_t)answer;
        else
            ((int32_t *)call->out_values)[lane] = (int32_t)answer;
    }
}
void weir_fn_gcd_integer(struct weir_kernel_call *call)
{
    run_divisor(call, false);
}
void weir_fn_lcm_integer(struct weir_kernel_call *call)
{
    run_divisor(call, true);
}

enum { FACTORIAL_MAX = 33 }; /* 34! has 39 digits */

void weir_fn_factorial(struct weir_kernel_call *call)
{
    weir_i128 *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        int64_t n = *WEIR_ARG(call, 0, int64_t, lane);
        enum weir_arith result = n < 0               ? WEIR_ARITH_DOMAIN
                                 : n > FACTORIAL_MAX ? WEIR_ARITH_OVERFLOW
                                                     : WEIR_ARITH_OK;
        if (result != WEIR_ARITH_OK) {
            if (!weir_kernel_fail_arith(call, lane, result,
                                        "factorial of a negative number is undefined"))
                return;
            continue;
        }
        out[lane] = 1;
        for (int64_t i = 2; i <= n; i++)
            out[lane] *= i;
    }
}

enum weir_status weir_bind_factorial(struct weir_function_bind *bind, struct weir_error *error)
{
    bind->result_type = weir_type_decimal(bind->arena, WEIR_DECIMAL_PRECISION_MAX, 0);
    return bind->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

/* How many thresholds, which are sorted, are not above the operand; -1 when one is null. */
static int64_t count_thresholds(const struct weir_column *operand, uint32_t lane,
                                const struct weir_column *thresholds, struct weir_list_entry list)
{
    for (uint32_t i = 0; i < list.count; i++)
        if (weir_column_is_null(thresholds, list.offset + i))
            return -1;
    uint32_t low = 0, high = list.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (weir_column_compare(operand, lane, thresholds, list.offset + middle) < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void weir_fn_width_bucket_array(struct weir_kernel_call *call)
{
    int32_t *out = call->out_values;
    const struct weir_column *operand = &call->args[0];
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_list_entry list = *WEIR_ARG(call, 1, struct weir_list_entry, lane);
        int64_t count = count_thresholds(operand, operand->encoding == WEIR_CONSTANT ? 0 : lane,
                                         &call->args[1].children[0], list);
        if (count < 0) {
            if (!weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                  "thresholds array must not contain NULLs"))
                return;
            continue;
        }
        out[lane] = (int32_t)count;
    }
}
