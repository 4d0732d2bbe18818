/* Questions about doubles, and logarithms to base 2, under the names that DataFusion has. */
#include "kernel/kernel_internal.h"

#include <math.h>

void weir_fn_isnan(struct weir_kernel_call *call)
{
    uint8_t *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    out[lane] = (uint8_t)(isnan(*WEIR_ARG(call, 0, double, lane)) != 0);
}

void weir_fn_iszero(struct weir_kernel_call *call)
{
    uint8_t *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    out[lane] = *WEIR_ARG(call, 0, double, lane) == 0;
}

void weir_fn_nanvl(struct weir_kernel_call *call)
{
    double *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        double x = *WEIR_ARG(call, 0, double, lane);
        out[lane] = isnan(x) ? *WEIR_ARG(call, 1, double, lane) : x;
    }
}

void weir_fn_log2(struct weir_kernel_call *call)
{
    double *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        double x = *WEIR_ARG(call, 0, double, lane);
        out[lane] = x <= 0 ? 0 : log2(x);
        if (WEIR_UNLIKELY(x <= 0) &&
            !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                              x == 0 ? "cannot take logarithm of zero"
                                     : "cannot take logarithm of a negative number"))
            return;
    }
}
