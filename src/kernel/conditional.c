/* Functions that choose among their arguments: Postgres 15 chapter 9.18 and 9.2, less COALESCE and
 * CASE, which are expressions of their own (expr/). None is strict. */
#include "kernel/kernel_internal.h"

/* One source per lane, NULL result to begin with. NULL when memory has run out. */
static uint8_t *sources(struct weir_kernel_call *call)
{
    uint8_t *source = weir_arena_alloc(call->arena, (size_t)call->rows_count + 1, 1);
    if (source)
        memset(source, WEIR_CHOOSE_NULL, call->rows_count);
    else
        weir_kernel_out_of_memory(call);
    return source;
}

static int compare_args(const struct weir_kernel_call *call, uint32_t a, uint32_t b, uint32_t lane)
{
    const struct weir_column *x = &call->args[a], *y = &call->args[b];
    return weir_column_compare(x, x->encoding == WEIR_CONSTANT ? 0 : lane, y,
                               y->encoding == WEIR_CONSTANT ? 0 : lane);
}

/* The first argument that no later one beats; nulls do not take part. */
static void extreme(struct weir_kernel_call *call, int sign)
{
    uint8_t *source = sources(call);
    if (!source)
        return;
    WEIR_FOR_LANES(call, lane)
    for (uint32_t i = 0; i < call->args_count; i++) {
        if (weir_arg_is_null(call, i, lane))
            continue;
        if (source[lane] == WEIR_CHOOSE_NULL ||
            compare_args(call, i, source[lane], lane) * sign > 0)
            source[lane] = (uint8_t)i;
    }
    weir_kernel_choose(call, source);
}

void weir_fn_greatest(struct weir_kernel_call *call)
{
    extreme(call, 1);
}
void weir_fn_least(struct weir_kernel_call *call)
{
    extreme(call, -1);
}

void weir_fn_nullif(struct weir_kernel_call *call)
{
    uint8_t *source = sources(call);
    if (!source)
        return;
    WEIR_FOR_LANES(call, lane)
    {
        bool null_a = weir_arg_is_null(call, 0, lane), null_b = weir_arg_is_null(call, 1, lane);
        if (!null_a && (null_b || compare_args(call, 0, 1, lane) != 0))
            source[lane] = 0;
    }
    weir_kernel_choose(call, source);
}

void weir_fn_if(struct weir_kernel_call *call)
{
    uint8_t *source = sources(call);
    if (!source)
        return;
    WEIR_FOR_LANES(call, lane)
    source[lane] = !weir_arg_is_null(call, 0, lane) && *WEIR_ARG(call, 0, uint8_t, lane) ? 1 : 2;
    weir_kernel_choose(call, source);
}

void weir_fn_ifnull(struct weir_kernel_call *call)
{
    uint8_t *source = sources(call);
    if (!source)
        return;
    WEIR_FOR_LANES(call, lane)
    source[lane] = weir_arg_is_null(call, 0, lane) ? 1 : 0;
    weir_kernel_choose(call, source);
}

void weir_fn_nvl2(struct weir_kernel_call *call)
{
    uint8_t *source = sources(call);
    if (!source)
        return;
    WEIR_FOR_LANES(call, lane)
    source[lane] = weir_arg_is_null(call, 0, lane) ? 2 : 1;
    weir_kernel_choose(call, source);
}

void weir_fn_not_null(struct weir_kernel_call *call)
{
    uint8_t *source = sources(call);
    if (!source)
        return;
    WEIR_FOR_LANES(call, lane)
    if (!weir_arg_is_null(call, 0, lane)) {
        source[lane] = 0;
    } else {
        struct weir_slice name = weir_arg_is_null(call, 1, lane) ? weir_slice_make(NULL, 0)
                                                                 : weir_arg_text(call, 1, lane);
        if (!weir_kernel_fail(call, lane, WEIR_E_NULL_VALUE, "\"%.*s\" is NULL and must not be",
                              WEIR_SLICE_ARGS(name)))
            return;
    }
    weir_kernel_choose(call, source);
}

static void count_args(struct weir_kernel_call *call, bool nulls)
{
    int32_t *out = call->out_values;
    WEIR_FOR_LANES(call, lane)
    {
        int32_t count = 0;
        for (uint32_t i = 0; i < call->args_count; i++)
            count += weir_arg_is_null(call, i, lane) == nulls;
        out[lane] = count;
    }
}

void weir_fn_num_nulls(struct weir_kernel_call *call)
{
    count_args(call, true);
}
void weir_fn_num_nonnulls(struct weir_kernel_call *call)
{
    count_args(call, false);
}

/* Sources are numbered in bytes. */
enum weir_status weir_bind_choice(struct weir_function_bind *bind, struct weir_error *error)
{
    if (bind->args_count >= WEIR_CHOOSE_NULL)
        return weir_error_set(error, WEIR_E_LIMIT, "more than %d arguments", WEIR_CHOOSE_NULL - 1);
    return WEIR_OK;
}
