/* Paths into documents: the arguments of -> and #>, of json_extract_path, json_get and others.
 *
 * A step is prepared once when it is constant:
 *
 *     j -> 'a'                key a                 j -> 2              position 2
 *     j #> '{a,2}'            key a; key 2 or position 2, as the value at hand is */
#include "kernel/json/json_internal.h"
#include "value/number.h"

/* A position as Postgres reads the elements of text[]: white space in front, a sign, digits. */
static bool parse_position(struct weir_slice text, int64_t *out)
{
    while (text.size && (text.data[0] == ' ' || (text.data[0] >= '\t' && text.data[0] <= '\r')))
        text = weir_slice_from(text, 1);
    return weir_number_parse_i64(text, out) == WEIR_PARSE_OK && *out >= INT32_MIN &&
           *out <= INT32_MAX;
}

static struct weir_json_step step_of_text(struct weir_slice text, bool typed)
{
    struct weir_json_step step = {.key = text, .has_key = true};
    if (!typed)
        step.has_index = parse_position(text, &step.index);
    return step;
}

/* An integer: a position; where anything fits, the key that its digits spell too. */
static bool step_of_integer(int64_t value, bool typed, struct weir_arena *arena,
                            struct weir_json_step *out)
{
    *out = (struct weir_json_step){.index = value, .has_index = true};
    if (typed)
        return true;
    char *digits = weir_arena_alloc(arena, WEIR_NUMBER_I64_SIZE, 1);
    if (!digits)
        return false;
    out->key = weir_slice_make(digits, weir_number_print_i64(digits, value));
    out->has_key = true;
    return true;
}

static bool reserve(struct weir_json_steps *steps, uint32_t count, struct weir_arena *arena)
{
    steps->count = count;
    steps->is_null = false;
    if (count <= steps->capacity)
        return true;
    steps->steps = WEIR_ARENA_ARRAY(arena, struct weir_json_step, count);
    steps->capacity = steps->steps ? count : 0;
    return steps->steps != NULL;
}

static bool steps_of_list(const struct weir_column *column, uint32_t lane, struct weir_arena *arena,
                          struct weir_json_steps *out)
{
    out->is_null = weir_column_is_null(column, lane);
    if (out->is_null)
        return true;
    struct weir_list_entry entry =
        ((const struct weir_list_entry *)column->values)[weir_column_index(column, lane)];
    const struct weir_column *elements = &column->children[0];
    if (!reserve(out, entry.count, arena))
        return false;
    for (uint32_t i = 0; i < entry.count; i++) {
        uint32_t element = entry.offset + i;
        if (weir_column_is_null(elements, element))
            out->is_null = true;
        else
            out->steps[i] = step_of_text(
                weir_view_slice((const struct weir_view *)elements->values + element), false);
    }
    return true;
}

/* Argument k makes step k - 1. */
static bool step_of_argument(const struct weir_column *column, uint32_t lane, bool typed,
                             struct weir_arena *arena, struct weir_json_steps *out, uint32_t k)
{
    uint32_t index = weir_column_index(column, lane);
    struct weir_json_step *step = &out->steps[k - 1];
    if (weir_column_is_null(column, lane)) {
        out->is_null = true;
        return true;
    }
    if (column->type->kind == WEIR_TYPE_INT32)
        return step_of_integer(((const int32_t *)column->values)[index], typed, arena, step);
    if (column->type->kind == WEIR_TYPE_INT64)
        return step_of_integer(((const int64_t *)column->values)[index], typed, arena, step);
    *step = step_of_text(weir_view_slice((const struct weir_view *)column->values + index), typed);
    return true;
}

static bool is_step(const struct weir_column *column)
{
    return column &&
           (column->type->kind == WEIR_TYPE_TEXT || column->type->kind == WEIR_TYPE_INT32 ||
            column->type->kind == WEIR_TYPE_INT64 || column->type->kind == WEIR_TYPE_LIST);
}

enum weir_status weir_json_bind_steps(struct weir_function_bind *bind,
                                      enum weir_json_steps_source source, struct weir_error *error)
{
    for (uint32_t k = 1; k < bind->args_count; k++)
        if (!is_step(bind->constants[k]))
            return WEIR_OK;
    struct weir_json_steps *steps = WEIR_ARENA_NEW(bind->arena, struct weir_json_steps);
    bool ok = steps != NULL;
    if (ok && source == WEIR_JSON_STEPS_TEXT_LIST) {
        ok = steps_of_list(bind->constants[1], 0, bind->arena, steps);
    } else if (ok) {
        ok = reserve(steps, bind->args_count - 1, bind->arena);
        for (uint32_t k = 1; ok && k < bind->args_count; k++)
            ok = step_of_argument(bind->constants[k], 0, source != WEIR_JSON_STEPS_ANY, bind->arena,
                                  steps, k);
    }
    bind->instance = steps;
    return ok ? WEIR_OK : weir_error_set_out_of_memory(error);
}

const struct weir_json_steps *weir_json_steps_of_lane(struct weir_kernel_call *call, uint32_t lane,
                                                      enum weir_json_steps_source source,
                                                      struct weir_json_steps *own)
{
    if (call->instance)
        return call->instance;
    bool ok;
    if (source == WEIR_JSON_STEPS_TEXT_LIST) {
        ok = steps_of_list(&call->args[1], lane, call->arena, own);
    } else {
        ok = reserve(own, call->args_count - 1, call->arena);
        for (uint32_t k = 1; ok && k < call->args_count; k++)
            ok = step_of_argument(&call->args[k], lane, source != WEIR_JSON_STEPS_ANY, call->arena,
                                  own, k);
    }
    if (ok)
        return own;
    weir_kernel_out_of_memory(call);
    return NULL;
}

bool weir_json_step_into(struct weir_slice *value, const struct weir_json_step *step, bool unique)
{
    enum weir_json_kind kind = weir_json_scan_kind(*value);
    if (kind == WEIR_JSON_OBJECT_BEGIN)
        return step->has_key && weir_json_scan_key(*value, step->key, unique, value);
    return kind == WEIR_JSON_ARRAY_BEGIN && step->has_index &&
           weir_json_scan_index(*value, step->index, value);
}
