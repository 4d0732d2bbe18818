/* How a kernel fails, and what kernels share. */
#include "kernel/kernel_internal.h"

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

/* --- calls made by kernels themselves -------------------------------------------------------- */

bool weir_kernel_call_prepare(struct weir_kernel_call *call, struct weir_column *out,
                              const struct weir_kernel_setup *setup)
{
    const struct weir_type *type = setup->match->result_type;
    size_t rows = setup->rows_count ? setup->rows_count : 1, width = weir_type_width(type);
    uint64_t *validity =
        WEIR_ARENA_ARRAY(call->arena, uint64_t, weir_validity_words((uint32_t)rows));
    void *values = NULL;
    if (width)
        values = weir_arena_alloc(call->arena, rows * width, 16);
    if (!validity || (width && !values))
        return false;
    memset(validity, 0xFF, weir_validity_words((uint32_t)rows) * 8);
    if (width)
        memset(values, 0, rows * width);
    *out = (struct weir_column){.type = type,
                                .encoding = WEIR_FLAT,
                                .rows_count = setup->rows_count,
                                .validity = validity,
                                .values = values};
    call->rows_count = setup->rows_count;
    call->selection = setup->selection;
    call->selected_count = setup->selection ? setup->selected_count : setup->rows_count;
    call->args = setup->args;
    call->args_count = setup->args_count;
    call->out = out;
    call->out_values = values;
    call->validity = validity;
    call->instance = setup->match->instance;
    if (setup->match->function->flags & WEIR_FUNCTION_STRICT)
        for (uint32_t i = 0; i < setup->args_count; i++)
            weir_validity_and(validity, &setup->args[i], setup->rows_count);
    return true;
}

void weir_validity_and(uint64_t *validity, const struct weir_column *column, uint32_t rows_count)
{
    size_t words = weir_validity_words(rows_count);
    if (column->type->kind == WEIR_TYPE_NULL ||
        (column->encoding == WEIR_CONSTANT && weir_column_is_null(column, 0))) {
        memset(validity, 0, words * 8);
    } else if (column->validity && column->encoding != WEIR_CONSTANT) {
        for (size_t i = 0; i < words; i++)
            validity[i] &= column->validity[i];
    }
}

/* --- results that are one of the arguments --------------------------------------------------- */

static void choose_nested(struct weir_kernel_call *call, const uint8_t *source)
{
    struct weir_builder builder;
    enum weir_status status = weir_builder_init(&builder, call->out->type, call->arena, NULL);
    for (uint32_t lane = 0; status == WEIR_OK && lane < call->rows_count; lane++) {
        if (source[lane] == WEIR_CHOOSE_NULL) {
            status = weir_builder_append_null(&builder, NULL);
            continue;
        }
        const struct weir_column *arg = &call->args[source[lane]];
        uint16_t from = arg->encoding == WEIR_CONSTANT ? 0 : (uint16_t)lane;
        status = weir_builder_append_lanes(&builder, arg, &from, 1, NULL);
    }
    if (status != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    struct weir_column built = weir_builder_column(&builder);
    weir_kernel_set_nested(call, &built);
}

void weir_kernel_set_nested(struct weir_kernel_call *call, const struct weir_column *built)
{
    call->out->children = built->children;
    call->out->children_count = built->children_count;
    if (call->out_values && built->values)
        memcpy(call->out_values, built->values, call->rows_count * weir_type_width(built->type));
    else
        call->out->values = built->values;
    if (built->validity)
        for (size_t i = 0; i < weir_validity_words(call->rows_count); i++)
            call->validity[i] &= built->validity[i];
}

void weir_kernel_choose(struct weir_kernel_call *call, const uint8_t *source)
{
    WEIR_FOR_LANES(call, lane)
    {
        if (source[lane] != WEIR_CHOOSE_NULL && weir_arg_is_null(call, source[lane], lane))
            weir_kernel_set_null(call, lane);
        else if (source[lane] == WEIR_CHOOSE_NULL)
            weir_kernel_set_null(call, lane);
    }
    if (weir_type_is_nested(call->out->type)) {
        choose_nested(call, source);
        return;
    }
    size_t width = weir_type_width(call->out->type);
    char *out = call->out_values;
    WEIR_FOR_LANES(call, lane)
    {
        if (!weir_bit_get(call->validity, lane)) {
            memset(out + lane * width, 0, width);
            continue;
        }
        const struct weir_column *arg = &call->args[source[lane]];
        size_t from = arg->encoding == WEIR_CONSTANT ? 0 : lane;
        memcpy(out + lane * width, (const char *)arg->values + from * width, width);
    }
}

void weir_kernel_repeat_lane(struct weir_kernel_call *call)
{
    size_t width = weir_type_width(call->out->type);
    char *out = call->out_values;
    for (uint32_t lane = 1; lane < call->rows_count; lane++)
        memcpy(out + lane * width, out, width);
}

bool weir_kernel_fail_range(struct weir_kernel_call *call, uint32_t lane)
{
    return weir_kernel_fail(call, lane, WEIR_E_OVERFLOW, "%s out of range",
                            weir_type_name(call->out->type).text);
}

bool weir_kernel_fail_arith(struct weir_kernel_call *call, uint32_t lane, enum weir_arith result,
                            const char *domain)
{
    if (result == WEIR_ARITH_DIVISION_BY_ZERO)
        return weir_kernel_fail(call, lane, WEIR_E_DIVISION_BY_ZERO, "division by zero");
    if (result == WEIR_ARITH_DOMAIN)
        return weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "%s", domain);
    return weir_kernel_fail_range(call, lane);
}
