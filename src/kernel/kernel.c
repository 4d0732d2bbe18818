/* How a kernel fails, and what kernels share. */
#include "kernel/kernel.h"

#include <stdarg.h>
#include <stdio.h>

/* Keeps the failure of the lowest lane; the record is written once per improvement. */
static void errors_keep(struct weir_kernel_errors *errors, uint32_t lane, enum weir_status code,
                        const char *message)
{
    if (errors->status != WEIR_OK && errors->lane <= lane)
        return;
    errors->status = code;
    errors->lane = lane;
    weir_error_set(errors->error, code, "%s", message);
}

bool weir_kernel_fail(struct weir_kernel_call *call, uint32_t lane, enum weir_status code,
                      const char *format, ...)
{
    struct weir_kernel_errors *errors = call->errors;
    if (errors->null_on_error) {
        errors->nulled_count++;
        weir_kernel_set_null(call, lane);
        if (call->out_values && weir_type_is_view(call->out->type))
            ((struct weir_view *)call->out_values)[lane] = (struct weir_view){0};
        return true;
    }
    char message[sizeof errors->error->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    errors_keep(errors, lane, code, message);
    return false;
}

void weir_kernel_out_of_memory(struct weir_kernel_call *call)
{
    struct weir_kernel_errors *errors = call->errors;
    if (errors->status != WEIR_OK)
        return;
    errors->status = weir_budget_error(call->arena->budget, errors->error);
    errors->lane = 0;
}
